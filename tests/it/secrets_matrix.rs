//! Every kind of secret that no name of an option tells, in every place of a file, in every output.

use std::collections::BTreeSet;

use crate::command::TestDir;

/// Values that hold a secret, `M`.
pub(crate) const KINDS: [&str; 22] = [
    "rabbit://u:M@h:5672/v",
    "rabbit:/u:M@h:5672/v",
    "rabbit:\\\\u:M@h:5672/v",
    "rabbit:u:M@h:5672",
    "u:M@h",
    "rabbit://u:two M@h:5672/v",
    "rabbit://u:M words@h:5672/v",
    "https://M@h/x",
    "username=u%M",
    "-o username=u%M,vers=3",
    "-o username=u,password=M,vers=3",
    "username=u,password=a,M,vers=3",
    "10.0.0.1,10.0.0.2:/cluster:M",
    "{'user': 'u', 'password': 'M'}",
    "x password= M",
    "x password = a,M",
    "http://h/?token=M&x=y",
    "pw=M",
    "x auth_header=M",
    "x rootpw=M",
    "x psk=M",
    "x passkey=M,y=z",
];
/// What sentences and blocks say.
pub(crate) const TEXTS: [&str; 8] = [
    "the admin password is M",
    "The password of the array was M",
    "root pw is M",
    "-----BEGIN RSA PRIVATE KEY-----\n# M\n# M==\n# -----END RSA PRIVATE KEY-----",
    "-----BEGIN OPENSSH PRIVATE KEY-----\n#M\n#",
    "token -> M",
    "password: M",
    "san_password = M",
];

/// Options of which something is said with their value, wherever it can be.
const OPTIONS: [&str; 8] = [
    "debug",
    "volume_backend_name",
    "nas_host",
    "nas_share_path",
    "nfs_mount_options",
    "nas_secure_file_permissions",
    "my_option",
    "transport_url",
];

pub(crate) struct Marks(pub(crate) Vec<String>);

impl Marks {
    /// What of the marks a text shows.
    pub(crate) fn shown<'m>(&'m self, text: &str) -> BTreeSet<&'m str> {
        let number = |at: usize| text.get(at + 2..at + 7)?.parse::<usize>().ok();
        text.match_indices("Mk").filter_map(|(at, _)| self.0.get(number(at)?)).map(String::as_str).collect()
    }

    pub(crate) fn put(&mut self, place: &str, kind: &str) -> String {
        self.0.push(format!("{place}: {kind}"));
        kind.replace('M', &format!("Mk{:05}Q", self.0.len() - 1))
    }
}

const BACKEND: &str = "[DEFAULT]\nenabled_backends = a\n[a]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n";

/// A file for each kind and place.
fn files(marks: &mut Marks) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for (nth, kind) in KINDS.iter().enumerate() {
        for (at, option) in OPTIONS.iter().enumerate().skip(nth % OPTIONS.len()).step_by(OPTIONS.len()) {
            let mut text = BACKEND.to_string();
            for way in ["K = V", "K = V # x", "K = \"V\"", "K = x\n  V", "#K = V", "# see V", "K V", "  K = V", "[V"] {
                let value = marks.put(way, kind);
                text.push_str(&format!(
                    "[a]\nnas_hots = x\n{}\n[a]\nnas_hots = y\n",
                    way.replace('K', option).replace('V', &value)
                ));
            }
            files.push((format!("ini{nth}-{at}/cinder.conf"), text));
        }
        // Alone, so that it is the value that takes effect.
        for (at, option) in OPTIONS.iter().enumerate().skip(nth % 2).step_by(2) {
            let value = marks.put(option, kind);
            files.push((format!("one{nth}-{at}/cinder.conf"), format!("{BACKEND}{option} = {value}\n")));
        }
        let mut yaml = |style: &str, value: &str| {
            let text = format!(
                "conf:\n  cinder:\n    DEFAULT:\n      enabled_backends: a\n  backends:\n    a:\n      volume_driver: cinder.volume.drivers.nfs.NfsDriver\n      \
                 nas_hots: x\n      nas_secure_file_permissions: {value}\n      nas_host: {value}\n      nas_hots2: y # {value}\n"
            );
            files.push((format!("yaml{nth}-{style}/values.yaml"), text));
        };
        let value = marks.put("YAML plain", kind);
        if !value.starts_with('{') && !value.contains(" #") {
            yaml("plain", &value);
        }
        yaml("double", &format!("\"{}\"", marks.put("YAML double", kind).replace('\\', "\\\\")));
        if !kind.contains('\'') {
            yaml("single", &format!("'{}'", marks.put("YAML single", kind)));
        }
        yaml("block", &format!("|\n          {}", marks.put("YAML block", kind)));
        yaml("folded", &format!(">-\n          {}", marks.put("YAML folded", kind)));
        let value = marks.put("YAML flow", kind);
        if !value.contains(['"', '\'']) {
            let flow =
                format!("{{nas_hots: x, nas_host: '{value}', my_option: [\"{}\"]}}", value.replace('\\', "\\\\"));
            files.push((format!("yaml{nth}-flow/values.yaml"), format!("conf:\n  cinder:\n    DEFAULT: {flow}\n")));
        }
        let inner = marks.put("Secret", kind);
        let secret = format!(
            "kind: Secret\nmetadata:\n  name: x\nstringData:\n  x.conf: |\n    [a]\n    nas_hots = x\n    nas_host = {inner}\n    # {inner}\n    volume_driver = cinder.volume.drivers.nfs.NfsDriver\n"
        );
        files.push((format!("secret{nth}/secret.yaml"), secret));
    }
    for (nth, kind) in TEXTS.iter().enumerate() {
        let text = marks.put("comment", kind);
        files.push((format!("text{nth}/cinder.conf"), format!("{BACKEND}nas_hots = x\n# {text}\nnas_hots = y\n")));
        let text = marks.put("comment of YAML", kind).replace('\n', "\n      ");
        files.push((
            format!("ytext{nth}/values.yaml"),
            format!("conf:\n  cinder:\n    DEFAULT:\n      verbose: 1\n      # {text}\n      verbos: 1\n"),
        ));
    }
    files.push((
        "anchor/values.yaml".into(),
        format!(
            "x: &pw {}\ny: &list\n  - {}\nconf:\n  cinder:\n    DEFAULT:\n      verbose: 1\n      san_password: *pw\n      nas_password: *list\n",
            marks.put("anchor", "M"),
            marks.put("anchor of a list", "M")
        ),
    ));
    files
}

/// What programs make configuration of.
fn made(marks: &mut Marks) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for (nth, kind) in KINDS.iter().enumerate() {
        let quoted = |value: String| format!("'{}'", value.replace('\'', "''"));
        let charms = format!(
            "applications:\n  cinder:\n    charm: cinder\n    options:\n      verbose: true\n      config-flags: {}\n  cinder-netapp:\n    charm: \
             cinder-netapp\n    options:\n      volume-backend-name: a\n      driver-source: {}\n      nas-host: {}\n      \
             config-flags: {}\nrelations:\n- [cinder, cinder-netapp]\n",
            quoted(format!("nas_hots=x,my_option={}", marks.put("config-flags", kind))),
            quoted(marks.put("option of no charm", kind)),
            quoted(marks.put("option of a charm", kind)),
            quoted(format!("nfs_mount_options={},nas_hots=y", marks.put("config-flags of a backend", kind))),
        );
        files.push((format!("juju{nth}/bundle.yaml"), charms));
        let value = marks.put("value of a kustomization", kind);
        let values = format!(
            "kind: ConfigMap\nmetadata:\n  name: values\ndata:\n  cinder: |\n    [a]\n    nas_hots = x\n    volume_driver = \
             cinder.volume.drivers.nfs.NfsDriver\n    my_option = {value}\n    nas_secure_file_permissions = {value}\n"
        );
        files.push((format!("values{nth}/values.yaml"), values));
    }
    files
}

#[test]
fn no_kind_in_no_place_reaches_an_output() {
    let mut marks = Marks(Vec::new());
    let (plain, made) = (files(&mut marks), made(&mut marks));
    let mut leaks = leaks(&plain, &marks, true);
    leaks.extend(self::leaks(&made, &marks, false));
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.into_iter().take(60).collect::<Vec<_>>().join("\n"));
}

/// What the outputs about these files show of the marks.
fn leaks(files: &[(String, String)], marks: &Marks, all_are_drawn: bool) -> BTreeSet<String> {
    let place = TestDir::new(&[("cinderlint.toml", "release = '2026.2'\n")]);
    for (path, text) in files {
        place.write(path, text);
    }
    let formats = [
        "full",
        "concise",
        "json",
        "jsonl",
        "sarif",
        "github",
        "gitlab",
        "junit",
        "checkstyle",
        "rdjson",
        "zuul",
        "markdown",
    ];
    let mut runs: Vec<Vec<&str>> =
        formats.iter().map(|format| vec!["check", "--pedantic", "--format", format, "."]).collect();
    runs.push(vec!["effective", "--all", "."]);
    runs.push(vec!["effective", "--all", "--format", "json", "."]);
    runs.push(vec!["check", "--diff", "--unsafe-fixes", "."]);
    // Each release between the two is one more run.
    let from = if all_are_drawn { "2026.1" } else { "train" };
    runs.push(vec!["upgrade", "--from", from, "--to", "2026.2", "."]);
    runs.push(vec!["upgrade", "--from", from, "--to", "2026.2", "--format", "json", "."]);
    // Another tree, in which every value is a different one.
    let other = TestDir::new(&[("cinderlint.toml", "release = '2026.2'\n")]);
    for (path, text) in files {
        other.write(path, &text.replace("nas_hots = x", "nas_hots = z").replace("Q", "Qy"));
    }
    let other = other.path("").display().to_string();
    // What is shown is the same of each form.
    let formats: &[&str] = if all_are_drawn { &["json"] } else { &["full", "json", "markdown"] };
    for format in formats {
        runs.push(vec!["diff", ".", &other, "--format", format]);
    }
    let paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).filter(|path| path.ends_with(".conf")).collect();
    if !paths.is_empty() {
        runs.push([&["parse"][..], &paths].concat());
        runs.push([&["parse", "--format", "json"][..], &paths].concat());
    }
    let mut leaks = BTreeSet::new();
    for run in runs {
        let (code, out, err) = place.said(&run);
        assert!(code < 3, "{run:?}: {err}");
        for text in [&out, &err] {
            let leaked = marks.shown(text).into_iter();
            leaks.extend(leaked.map(|what| format!("{}: {what}", run[..4.min(run.len())].join(" "))));
        }
        if all_are_drawn && run == ["check", "--pedantic", "--format", "full", "."] {
            assert!(out.matches("nas_hots").count() > 100 && out.contains("cluster:**"), "{}", out.len());
        }
    }
    leaks
}
