//! No secret of a linted file reaches any output, however it is written and wherever it stands.
//!
//! Every secret is a marker of its own, so that a leak names the line that leaked.

#![cfg(unix)]

use std::{collections::BTreeSet, fs};

use crate::command::run;
use cinderlint::catalog::{self, Release};

/// Every command that prints something of a file.
const READERS: [&[&str]; 9] = [
    &["check", "--pedantic", "--format", "full"],
    &["check", "--pedantic", "--format", "concise"],
    &["check", "--pedantic", "--format", "json"],
    &["effective"],
    &["effective", "--all"],
    &["effective", "--format", "json"],
    &["effective", "--format", "json", "--all"],
    &["parse"],
    &["parse", "--format", "json"],
];

/// Makes markers, and remembers what each stands for.
#[derive(Default)]
struct Markers(Vec<String>);

impl Markers {
    /// A new marker for a line that `what` describes.
    fn mark(&mut self, what: impl Into<String>) -> String {
        self.0.push(what.into());
        format!("Mk{:05}Q", self.0.len() - 1)
    }

    /// What leaked into a text.
    fn in_text(&self, text: &str) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        for (at, _) in text.match_indices("Mk") {
            let number = text.get(at + 2..at + 7).and_then(|digits| digits.parse::<usize>().ok());
            if let Some(what) = number.and_then(|number| self.0.get(number)) {
                found.insert(what.as_str());
            }
        }
        found
    }

    /// Runs every command on the text and fails where one prints a marker.
    fn check(&self, text: &str, more: &[(&str, &str)]) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("root")).unwrap();
        for (name, text) in more {
            fs::write(folder.path().join("root").join(name), text).unwrap();
        }
        fs::write(folder.path().join("x.conf"), text).unwrap();
        let mut leaks = BTreeSet::new();
        for args in READERS {
            for release in ["2026.2", "queens"] {
                if release != "2026.2" && !(args.contains(&"json") && args[0] == "check") {
                    continue;
                }
                let mut args = [args, &["x.conf"]].concat();
                if args[0] != "parse" {
                    args.extend(["--root", "root", "--release", release]);
                }
                let ran = run(folder.path(), &args);
                assert_ne!(ran.code, 2, "{args:?}: {}", ran.err());
                for text in [ran.out(), ran.err()] {
                    leaks.extend(
                        self.in_text(&text)
                            .into_iter()
                            .map(|what| format!("{}: {what}", args[..4.min(args.len())].join(" "))),
                    );
                }
            }
        }
        assert!(
            leaks.is_empty(),
            "{} leaks:\n{}",
            leaks.len(),
            leaks.into_iter().take(60).collect::<Vec<_>>().join("\n")
        );
    }
}

/// The sections and names of every option that Cinder marks secret in some release, older names too.
fn secret_options() -> BTreeSet<(&'static str, &'static str)> {
    let mut names = BTreeSet::new();
    for row in catalog::all_options().filter(catalog::OptionRow::is_secret) {
        names.insert((row.group(), row.name()));
        names.extend(row.deprecated().map(|(group, name)| {
            (if group.is_empty() { row.group() } else { group }, if name.is_empty() { row.name() } else { name })
        }));
    }
    names
}

/// A file in which one option is written in one way, with `M` for the marker, in its own section and elsewhere.
fn everywhere(way: &str, markers: &mut Markers) -> String {
    let mut text = String::from("[DEFAULT]\nenabled_backends = a,b\n");
    let mut of = |group: &str, name: &str| {
        let marker = markers.mark(format!("[{group}] {}", way.replace("KEY", name)));
        way.replace("KEY", name).replace('M', &marker)
    };
    let places = ["DEFAULT", "a", "backend_defaults", "stray"];
    for (nth, (group, name)) in secret_options().into_iter().enumerate() {
        for group in [if group == "backend_defaults" { places[nth % places.len()] } else { group }, "a"] {
            // A finding above and below, so that the secret is in its context.
            text.push_str(&format!("[{group}]\ndebug = 1 # x\n{}\ndebug = 2 # x\n", of(group, name)));
        }
    }
    text.push_str("[a]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n[b]\nvolume_driver = cinder.volume.drivers.solidfire.SolidFireDriver\n");
    text
}

/// Fails where a marker gets out of a file in which every secret option is written that way.
fn hides(ways: &[&str]) {
    let mut markers = Markers::default();
    let text: String = ways.iter().map(|way| everywhere(way, &mut markers)).collect();
    markers.check(&text, &[]);
}

#[test]
fn there_are_secrets() {
    assert!(secret_options().len() > 100, "{}", secret_options().len());
}

#[test]
fn plain_values() {
    hides(&[
        "KEY = M",
        "KEY=M",
        "KEY:M",
        "KEY = \"M\"",
        "KEY = 'M",
        "KEY = x # M",
        "KEY = x ; M",
        "KEY = M # x",
        "KEY =",
    ]);
}

#[test]
fn values_over_several_lines() {
    hides(&[
        "KEY = x\n M",
        "KEY =\n\tM\n M",
        "KEY = M\n M # x\n M",
        "KEY = x\n\n M",
        "KEY = x\n# x\n M",
        "KEY = x\r M\r",
    ]);
}

#[test]
fn repeated_options() {
    hides(&["KEY = M\nKEY = M2", "KEY = M\nKEY = x\nKEY = M", "KEY = M # x\nKEY: \"M\""]);
}

#[test]
fn broken_lines() {
    hides(&[
        "KEY M",
        "KEY\n M",
        "KEY\tM",
        "= KEY M",
        "= M",
        ": M",
        "[KEY = M",
        "[KEY: M]",
        "[KEY M",
        "KEY \"M\"",
        " KEY = M",
        "[]\n M",
        "KEY",
        "KEY M = x",
    ]);
}

#[test]
fn comments() {
    hides(&["#KEY = M", "# KEY = M", ";KEY: M", "## KEY=M", "# KEY = \"M\" # x"]);
}

#[test]
fn references() {
    hides(&[
        "KEY = $M",
        "KEY = ${M}",
        "KEY = $M.M",
        "KEY = $$M",
        "KEY = x$debug$M",
        "KEY = M\nvolume_backend_name = $KEY",
        "KEY = M\nvolume_driver = ${KEY}.x",
        "KEY = M\nnas_host = $KEY\nnas_share_path = /$KEY\nnas_secure_file_operations = $KEY",
    ]);
}

#[test]
fn bytes_that_are_no_text() {
    hides(&["KEY = \u{1b}M\0", "KEY = é\u{202e}M", "KEY = \u{feff}M\u{85}M"]);
}

/// Other spellings of a key: wrong case, dashes, and one letter missing, doubled, swapped or wrong.
fn misspelt(key: &str) -> Vec<String> {
    let mut all = vec![key.to_uppercase(), key.replace('_', "-"), key.replace('_', ""), key.replace('_', " ")];
    let mut title = key.to_string();
    title[..1].make_ascii_uppercase();
    all.push(title);
    // Shorter names are a letter away from too many words.
    if key.len() >= 8 {
        let letters: Vec<char> = key.chars().collect();
        for at in [0, letters.len() / 2, letters.len() - 2, letters.len() - 1] {
            let mut one = |change: &dyn Fn(&mut Vec<char>)| {
                let mut letters = letters.clone();
                change(&mut letters);
                all.push(letters.into_iter().collect());
            };
            one(&|letters| {
                letters.remove(at);
            });
            one(&|letters| letters.insert(at, letters[at]));
            one(&|letters| letters[at] = 'q');
            if at + 1 < letters.len() {
                one(&|letters| letters.swap(at, at + 1));
            }
        }
    }
    all
}

#[test]
fn misspelt_names() {
    let mut markers = Markers::default();
    let mut text =
        String::from("[DEFAULT]\nenabled_backends = a\n[a]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n");
    for (group, name) in secret_options() {
        let group = if group == "backend_defaults" { "a" } else { group };
        for key in misspelt(name) {
            // A slip that makes the name of another option is no slip.
            let known = catalog::options_named(&key).any(|row| !row.is_secret());
            if !known {
                let marker = markers.mark(format!("[{group}] {key}"));
                text.push_str(&format!("[{group}]\n{key} = {marker} # x\n{key} = x\n#{key} = {marker}\n"));
            }
        }
    }
    markers.check(&text, &[]);
}

#[test]
fn unknown_names_that_say_so() {
    let mut markers = Markers::default();
    let mut text = String::from("[DEFAULT]\nenabled_backends = a\n[a]\nvolume_driver = x\n");
    for name in [
        "my_password",
        "password",
        "passwd",
        "my_passphrase",
        "x_secret",
        "secret",
        "SECRET_ID",
        "token",
        "my_token_value",
        "api_key",
        "x_key",
        "access_key_id",
        "my.password",
        "my-password",
        "user_pass",
        "pwd",
        "credentials",
        "private_key",
        "apikey",
        "thePassword",
        "password1",
        "rbd_secret_x",
        "my password",
    ] {
        for way in [
            "KEY = M",
            "KEY: \"M",
            "KEY = x\n M",
            "KEY M",
            "#KEY = M",
            "KEY = x # M",
            "KEY = M\nvolume_backend_name = $KEY",
        ] {
            for section in ["DEFAULT", "a", "x", "database"] {
                let way = way.replace("KEY", name);
                let marker = markers.mark(format!("[{section}] {way}"));
                let way = way.replace('M', &marker);
                text.push_str(&format!("[{section}]\n{way}\n{way}\ndebug = 1 # x\n"));
            }
        }
    }
    markers.check(&text, &[]);
}

#[test]
fn credentials_in_urls() {
    for url in [
        "rabbit://u:M@h:5672/v",
        "http://u:M@h",
        "mysql+pymysql://u:a@M@h/db?x=y",
        "x://M@h",
        "rabbit://u:M@h,u:M@i/",
        "rabbit://u:M@h:1,u2:M@i:2//",
        "http://u:M@h # x",
        "HTTP://u:x/M@h",
    ] {
        let mut markers = Markers::default();
        let mut text = String::from(
            "[DEFAULT]\nenabled_backends = a,b\n[a]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n",
        );
        let names = [
            ("DEFAULT", "transport_url"),
            ("DEFAULT", "my_url"),
            ("database", "connection"),
            ("database", "slave_connection"),
            ("a", "san_api_url"),
            ("a", "nas_host"),
            ("a", "nas_share_path"),
            ("a", "nfs_mount_options"),
            ("a", "nfs_mount_point_base"),
            ("a", "nfs_shares_config"),
            ("a", "nas_secure_file_operations"),
            ("a", "nas_secure_file_permissions"),
            ("a", "volume_backend_name"),
            ("a", "nfs_snapshot_support"),
            ("b", "volume_driver"),
            ("DEFAULT", "enabled_backends"),
            ("coordination", "backend_url"),
            ("keystone_authtoken", "memcached_servers"),
            ("DEFAULT", "glance_api_servers"),
            ("key_manager", "x"),
            ("stray", "volume_driver"),
            ("a", "replication_device"),
        ];
        for (section, name) in names {
            let mut of = |way: &str| {
                let way = way.replace("KEY", name).replace("URL", url);
                let marker = markers.mark(format!("[{section}] {way}"));
                way.replace('M', &marker)
            };
            let lines = [
                of("KEY = URL"),
                of("KEY = \"URL\""),
                of("KEY = x\n URL"),
                of("#KEY = URL"),
                of("# see URL"),
                of("KEY URL"),
                of("[URL"),
                of("[URL]\nx = 1\nx = 2"),
                of("URL"),
                of("URL = 1\nURL = 2"),
            ];
            for line in lines {
                text.push_str(&format!("[{section}]\ndebug = 1 # x\n{line}\n[{section}]\n{name} = 1 # x\n"));
            }
        }
        markers.check(&text, &[]);
        // One at a time, so that it is the value that counts.
        for (section, name) in names.into_iter().filter(|_| url == "rabbit://u:M@h:5672/v") {
            let mut markers = Markers::default();
            let marker = markers.mark(format!("[{section}] {name} = {url}"));
            let url = url.replace('M', &marker);
            let list = if name == "enabled_backends" { String::new() } else { "enabled_backends = a,b\n".into() };
            let text = format!(
                "[DEFAULT]\n{list}[a]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n[b]\n[{section}]\n{name} = {url}\n\
                 [b]\nvolume_backend_name = ${name}$DEFAULT.{name}\n"
            );
            markers.check(&text, &[]);
        }
    }
}

#[test]
fn shares_files() {
    let mut markers = Markers::default();
    let mut of = |way: &str| {
        let marker = markers.mark(way);
        way.replace('M', &marker)
    };
    let shares = [
        "h:/x http://admin:M@h:8457",
        "h:/x http://admin:M@h:8457 -o vers=4",
        " h:/x http://admin:M@h",
        "h:/x\thttp://admin:M@h",
        "x http://u:M@h",
        "//h/s -o username=u,password=M",
        "//h/s -o username=u,pass=M,vers=3",
        "//h/s password=M",
        "//h/s -o password2=M",
        "//u:M@h/s",
        "# http://u:M@h",
        "h:/y http://u:x/M@h",
    ]
    .map(&mut of)
    .join("\n");
    let options = ["-o username=u,password=M", "username=u,pass=M", "vers=3,password=M,x"].map(&mut of);
    for driver in [
        "nfs.NfsDriver",
        "nexenta.nfs.NexentaNfsDriver",
        "windows.smbfs.WindowsSmbfsDriver",
        "smbfs.SmbfsDriver",
        "vzstorage.VZStorageDriver",
        "quobyte.QuobyteDriver",
    ] {
        let mut text = format!(
            "[DEFAULT]\nenabled_backends = a\n[a]\nvolume_driver = cinder.volume.drivers.{driver}\nnfs_shares_config = /shares\nsmbfs_shares_config = /shares\n\
             vzstorage_shares_config = /shares\nnexenta_shares_config = /shares\n"
        );
        for name in ["nas_mount_options", "nfs_mount_options", "smbfs_mount_options", "vzstorage_mount_options"] {
            for value in &options {
                text.push_str(&format!("{name} = {value} # x\n"));
            }
        }
        markers.check(&text, &[("shares", &shares)]);
    }
}

/// Whatever stands in a Secret, or in the texts of other services, around configuration of which something is said.
#[test]
fn custom_resources() {
    let mut markers = Markers::default();
    let base64 = |text: &str| data_encoding::BASE64.encode(text.as_bytes());
    let mut encoded = Vec::new();
    let mut text = String::from("kind: OpenStackControlPlane\nmetadata:\n  annotations:\n");
    let copy = markers.mark("copy in an annotation");
    text.push_str(&format!(
        "    kubectl.kubernetes.io/last-applied-configuration: |\n      {{\"customServiceConfig\": \"[a]\\nsan_login = {copy}\\n\"}}\nspec:\n  cinder:\n    template:\n      cinderVolumes:\n        a:\n          customServiceConfig: |\n            [a]\n            volume_backend_name = a\n            volume_drivr = x\n"
    ));
    for (way, line) in [
        ("password", "san_password = M"),
        ("its second line", "san_password =\n  M"),
        ("unknown option", "my_token = M"),
        ("misspelt", "san_pasword = M"),
        ("URL", "iscsi_x = http://u:M@h/"),
        ("in a comment", "#san_password = M"),
    ] {
        let line = line.replace('M', &markers.mark(way)).replace('\n', "\n            ");
        text.push_str(&format!("            {line}\n            nfs_mount_optons = x\n"));
    }
    let double = markers.mark("double quotes");
    text.push_str(&format!(
        "          customServiceConfigSecrets: [cinder-a]\n        b:\n          customServiceConfig: \"[b]\\nvolume_backend_name = b\\nsan_password = {double}\\nnas_hots = x\\n\"\n"
    ));
    text.push_str("---\nkind: Secret\nmetadata:\n  name: cinder-a\nstringData:\n");
    let (plain, key, login) =
        (markers.mark("value of a Secret"), markers.mark("key of a Secret's text"), markers.mark("in the Secret"));
    text.push_str(&format!(
        "  license: {plain}\n  key: |\n    {key}\n    {key}\n  a.conf: |\n    [c]\n    nas_hots = x\n    nas_password = {login}\n    nas_share_pth = x\n"
    ));
    let inner = markers.mark("encoded");
    let lone = markers.mark("encoded value");
    encoded.push(base64(&format!("[d]\nnas_hots = x\nnas_password = {inner}\nsan_pasword = {inner}\n")));
    encoded.push(base64(&format!("xx{lone}xx")));
    text.push_str(&format!("data:\n  b.conf: {}\n  c: {}\n", encoded[0], encoded[1]));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("plane.yaml"), &text).unwrap();
    for args in READERS.iter().filter(|args| args[0] != "parse") {
        for format in ["full", "concise", "json", "sarif", "gitlab", "rdjson"] {
            let mut args = [*args, &["plane.yaml"][..]].concat();
            if args[0] == "check" {
                args.truncate(2);
                args.extend(["--fail-on", "warning", "--format", format, "plane.yaml"]);
            }
            let ran = run(folder.path(), &args);
            assert_eq!(ran.code, i32::from(args[0] == "check"), "{args:?}: {}", ran.err());
            for text in [ran.out(), ran.err()] {
                assert_eq!(markers.in_text(&text), BTreeSet::new(), "{args:?}");
                assert!(encoded.iter().all(|value| !text.contains(&value[..16])), "{args:?}");
            }
        }
    }
}

/// Files that hold configuration inside something else: their findings stand beside secrets of the configuration and of the rest.
#[test]
fn maps_and_parameters() {
    let mut markers = Markers::default();
    let mut mark = |what: &str| markers.mark(what);
    let files = [
        (
            "values.yaml",
            format!(
                "endpoints:\n  auth:\n    password: {}\nconf:\n  cinder:\n    DEFAULT:\n      transport_url: rabbit://u:{}@h\n      \
                 verbose: true\n      enabled_backends: a\n    database: {{connection: 'mysql://u:{}@h/c', use_tpol: 1}}\n  backends:\n    a:\n      \
                 volume_driver: cinder.volume.drivers.nfs.NfsDriver\n      san_password: {}\n      nas_secure_file_permissions: nope\n      \
                 my_token:\n        - {}\n      nfs_mount_optons: x\n      netapp_password: |\n        {}\n      nfs_mount_optns: x\n",
                mark("helm: endpoints"),
                mark("helm: transport_url"),
                mark("helm: connection"),
                mark("helm: san_password"),
                mark("helm: list"),
                mark("helm: block"),
            ),
        ),
        (
            "user_variables.yml",
            format!(
                "cinder_service_password: {}\ncinder_backends:\n  a:\n    volume_driver: cinder.volume.drivers.nfs.NfsDriver\n    \
                 san_password: \"{}\"\n    nfs_mount_optons: x\n    netapp_password: {}\n    netapp_password: {}\n\
                 cinder_cinder_conf_overrides:\n  keystone_authtoken:\n    password: {}\n    pasword: {}\n",
                mark("osa: beside"),
                mark("osa: san_password"),
                mark("osa: first of two"),
                mark("osa: second of two"),
                mark("osa: overrides"),
                mark("osa: misspelt"),
            ),
        ),
        (
            "environment.yaml",
            format!(
                "parameter_defaults:\n  CinderNetappPassword: {}\n  CinderNetappNasSecureFilePermissions: nope\n  AdminPassword: {}\n  \
                 ControllerExtraConfig:\n    cinder::config::cinder_config:\n      DEFAULT/verbose:\n        value: true\n      \
                 DEFAULT/transport_url:\n        value: rabbit://u:{}@h\n      tripleo_netapp/san_password:\n        value: {}\n",
                mark("tripleo: netapp"),
                mark("tripleo: beside"),
                mark("tripleo: url"),
                mark("tripleo: cinder_config"),
            ),
        ),
        (
            "hiera.yaml",
            format!(
                "cinder::db::mysql::password: {}\ncinder::config::cinder_config:\n  a/netapp_password:\n    value: {}\n  a/nas_secure_file_permissions:\n    \
                 value: nope\nx::backend::nfs:\n  a:\n    san_password: '{}'\n    nfs_mount_optons: x\n",
                mark("hiera: beside"),
                mark("hiera: cinder_config"),
                mark("hiera: hash"),
            ),
        ),
        (
            "answers.txt",
            format!(
                "[general]\nCONFIG_CINDER_DB_PW={}\nCONFIG_CINDER_BACKEND=nfs,netapp\nCONFIG_CINDER_KS_PW={}\nCONFIG_CINDER_NETAPP_STORAGE_PROTOCOL=x\n\
                 CONFIG_CINDER_NETAPP_PASSWORD={}\n",
                mark("packstack: db"),
                mark("packstack: ks"),
                mark("packstack: netapp"),
            ),
        ),
        (
            "local.conf",
            format!(
                "[[local|localrc]]\nADMIN_PASSWORD={}\nCINDER_ENABLED_BACKENDS=nfs:a\nSERVICE_TOKEN={}\nNFS_SECURE_FILE_PERMISSIONS=nope\n\
                 [[post-config|$CINDER_CONF]]\n[a]\nsan_password = {}\nnfs_mount_optons = x\n",
                mark("devstack: admin"),
                mark("devstack: token"),
                mark("devstack: post-config"),
            ),
        ),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in &files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    for args in READERS.iter().filter(|args| args[0] != "parse") {
        let ran = run(folder.path(), &[*args, &["."]].concat());
        assert_ne!(ran.code, 2, "{args:?}: {}", ran.err());
        for (name, _) in &files {
            assert!(ran.out().contains(name), "{args:?}: {name}");
        }
        for text in [ran.out(), ran.err()] {
            assert!(markers.in_text(&text).is_empty(), "{args:?}: {:?}", markers.in_text(&text));
        }
    }
}

#[test]
fn secrets_that_name_backends_and_sections() {
    let mut markers = Markers::default();
    let m = markers.mark("password in a list of backends");
    let text = format!(
        "[DEFAULT]\nenabled_backends = a, password={m}, $san_password, $DEFAULT.transport_url, $transport_url, http://u:{m}@h\n\
         transport_url = rabbit://u:{m}@h/\nsan_password = {m}\n[http://u:{m}@h]\nvolume_driver = x\n[a]\nvolume_driver = $san_password\nsan_password = {m}\n"
    );
    markers.check(&text, &[]);
}

/// Overrides of kolla-ansible, files that it never reads, and variables.
#[test]
fn overrides_of_kolla() {
    let mut markers = Markers::default();
    let mut of = |what: &str| markers.mark(format!("{what} of a repository for kolla-ansible"));
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: String| {
        let path = folder.path().join("etc/kolla").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let secret =
        |m: String| format!("[nfs]\nsan_password = {m}\nnas_password={m} # x\n[x]\nconnection = mysql://u:{m}@h/\n");
    write(
        "globals.yml",
        format!(
            "enable_cinder_backend_nfs: no\ncinder_cluster_name: http://u:{m}@h\ndatabase_password: {m}\ncinder_backup_driver: nfs\ncinder_backup_share: http://u:{m}@h\n",
            m = of("variables")
        ),
    );
    write("config/global.conf", secret(of("global.conf")));
    write("config/cinder.conf", secret(of("cinder.conf")));
    write("config/cinder/cinder.conf", secret(of("a path that is never read")));
    write("config/cinder/cinder-backup.conf", secret(of("cinder-backup.conf")));
    write("config/cinder/host/cinder.conf", secret(of("a host's file")));
    write("config/nfs_shares", format!("h:/a -o username=u,password={m}\nh:/b\tpassword={m}\n", m = of("a list")));
    write("config/cinder/nfs_shares", format!("h:/a -o username=u,password={}\n", of("a second list")));
    for args in READERS.iter().filter(|args| args[0] != "parse") {
        let ran = run(folder.path(), args);
        assert_ne!(ran.code, 2, "{args:?}: {}", ran.err());
        let leaks: Vec<String> = [ran.out(), ran.err()]
            .iter()
            .flat_map(|text| markers.in_text(text).into_iter().map(str::to_string).collect::<Vec<_>>())
            .collect();
        assert!(leaks.is_empty(), "{args:?}: {leaks:?}");
    }
}

/// What is no secret stays readable: a mask over everything would pass all the tests above.
#[test]
fn the_rest_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[DEFAULT]\nssh_hosts_key_file = /shown1 # x\n[a]\nvolume_driver = shown2.Driver\nnas_host = shown3\ncrypt_keys = x\nnfs_mount_options = vers=shown4 # x\n";
    fs::write(folder.path().join("x.conf"), text).unwrap();
    let parsed = run(folder.path(), &["parse", "x.conf"]).out();
    for shown in ["/shown1", "shown2.Driver", "shown3", "vers=shown4"] {
        assert!(parsed.contains(shown), "{parsed}");
    }
    assert!(catalog::options_named("ssh_hosts_key_file").any(|row| row.last() == Release::NEWEST && !row.is_secret()));
}
