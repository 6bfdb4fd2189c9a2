//! What `effective` says of older releases, where the real Cinder of the release was found to do otherwise than the newest.

use crate::command::TestDir;
use serde_json::Value;

/// The backend `b` of a text, with the shares file in `shares`, as `effective` shows it at a release.
fn backend(text: &str, arguments: &[&str]) -> Value {
    let place = TestDir::new(&[("cinder.conf", &format!("[DEFAULT]\nenabled_backends = b\n[b]\n{text}"))]);
    std::fs::create_dir_all(place.path("root/shares.d/folder")).unwrap();
    let document =
        place.json(&[&["effective", "--format", "json", "--root", "root", "cinder.conf"], arguments].concat());
    document["deployments"][0]["backends"][0].clone()
}

#[test]
fn before_pike_a_reference_to_an_unset_option_of_the_backend_is_its_default() {
    let text =
        "volume_driver = cinder.volume.drivers.nfs.NfsDriver\nvolume_backend_name = $nfs_mount_attempts-$nas_host\n";
    let name =
        |release: &str| backend(text, &["--release", release])["options"]["volume_backend_name"]["value"].clone();
    assert_eq!(name("ocata"), "3-");
    assert_eq!(name("pike"), "-");
    assert_eq!(name("2026.2"), "-");
}

#[test]
fn exceptions_have_the_names_of_the_python() {
    let nexenta =
        "volume_driver = cinder.volume.drivers.nexenta.nfs.NexentaNfsDriver\nnas_host = h\nnas_share_path = /a\n";
    let missing = format!("{nexenta}nexenta_shares_config = /shares.d/none\n");
    let folder = format!("{nexenta}nexenta_shares_config = /shares.d/folder\n");
    let gone = "volume_driver = cinder.volume.drivers.nothing.Driver\n";
    for (text, python, error) in [
        (missing.as_str(), "2", "IOError: [Errno 2]"),
        (&missing, "3", "FileNotFoundError: [Errno 2]"),
        (&folder, "2", "IOError: "),
        (&folder, "3", "IsADirectoryError: "),
        (gone, "2", "ImportError: No module named nothing"),
        (gone, "3", "ModuleNotFoundError: No module named 'cinder.volume.drivers.nothing'"),
    ] {
        let backend = backend(text, &["--release", "stein", "--python", python]);
        let said = backend["start_error"].as_str().unwrap();
        assert!(said.starts_with(error), "{said}");
    }
}

/// In Newton nas_ip became nas_host.
#[test]
fn the_newest_file_that_has_an_option_counts_and_in_it_the_newest_name() {
    let nfs = "[b]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\nnas_share_path = /a\n";
    for (first, second, share) in [
        ("nas_host = one", "nas_ip = two", "two:/a"),
        ("nas_ip = one", "nas_host = two", "two:/a"),
        ("nas_host = one", "nas_ip = two\nnas_host = three", "three:/a"),
        ("nas_host = one", "nas_host = two\nnas_ip = three", "two:/a"),
        ("nas_ip = one\nnas_host = two", "", "two:/a"),
        ("nas_host = one\nnas_ip = two", "", "one:/a"),
    ] {
        let place = TestDir::new(&[
            ("a.conf", &format!("[DEFAULT]\nenabled_backends = b\n{nfs}{first}\n")),
            ("b.conf", &format!("[b]\n{second}\n")),
        ]);
        let document = place.json(&[
            "effective",
            "--format",
            "json",
            "--release",
            "newton",
            "--config-file",
            "a.conf",
            "--config-file",
            "b.conf",
        ]);
        let shares = &document["deployments"][0]["backends"][0]["shares"];
        assert_eq!(shares[0]["address"], share, "{first}, {second}: {document}");
    }
}

/// Python 2 reads bytes; whatever else is wrong stops both.
#[test]
fn bytes_that_are_no_text_stop_python_3_only() {
    let place = TestDir::new(&[]);
    let starts = |more: &[u8], python: &str| {
        let head =
            b"[DEFAULT]\nenabled_backends = b\n[b]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n".to_vec();
        std::fs::write(place.path("cinder.conf"), [head, more.to_vec()].concat()).unwrap();
        let document = place.json(&["effective", "--format", "json", "--python", python, "cinder.conf"]);
        document["deployments"][0]["backends"][0]["start_error"].as_str().unwrap_or_default().to_string()
    };
    assert_eq!(starts(b"# \xff\n", "2"), "");
    assert!(starts(b"# \xff\n", "3").starts_with("UnicodeDecodeError"));
    for python in ["2", "3"] {
        let error = starts(b"oops\n", python);
        assert!(error.starts_with("ConfigFileParseError") && error.contains("at line 5"), "{error}");
    }
    assert!(starts(b"# \xff\noops\n", "2").contains("at line 6"));
}

#[test]
fn backends_are_those_that_the_service_makes() {
    let names = |text: &str, release: &str| -> Vec<(String, String)> {
        let place = TestDir::new(&[("cinder.conf", text)]);
        let document = place.json(&["effective", "--format", "json", "--release", release, "cinder.conf"]);
        let backends = document["deployments"][0]["backends"].as_array().unwrap();
        let text = |backend: &Value, key: &str| backend[key].as_str().unwrap().to_string();
        backends.iter().filter(|b| b["enabled"] == true).map(|b| (text(b, "name"), text(b, "driver"))).collect()
    };
    let class = |name: &str| format!("cinder.volume.drivers.{name}");
    let lvm = class("lvm.LVMVolumeDriver");
    // Without a driver it is LVM, which had another name in Kilo.
    let text = "[DEFAULT]\nvolume_driver = acme.D\nenabled_backends = b,,a, b\n[a]\n[b]\n";
    let both = |class: &str| vec![("b".to_string(), class.to_string()), ("a".to_string(), class.to_string())];
    assert_eq!(names(text, "kilo"), both(&class("lvm.LVMISCSIDriver")));
    assert_eq!(names(text, "liberty"), both(&lvm));
    assert_eq!(names(text, "newton"), both(&lvm));
    // A line break is no comma.
    let text = "[DEFAULT]\nenabled_backends = a\n b, c\n\n[a]\n";
    assert_eq!(names(text, "2026.2"), [("a\nb".to_string(), lvm.clone()), ("c".to_string(), lvm)]);
    // Up to Newton [DEFAULT] is a backend where no list names one.
    for list in ["", "enabled_backends =\n", "enabled_backends = ,\n"] {
        let text = format!("[DEFAULT]\nvolume_driver = acme.D\n{list}[a]\nvolume_driver = acme.E\n");
        assert_eq!(names(&text, "newton"), [("DEFAULT".to_string(), "acme.D".to_string())], "{list}");
        assert_eq!(names(&text, "ocata"), [], "{list}");
    }
}

#[test]
fn references_go_from_backend_to_backend() {
    let text = "volume_driver = cinder.volume.drivers.nfs.NfsDriver\nvolume_backend_name = $nas_host\nnas_host = $c.nas_host\n\
        [c]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\nnas_host = h\n";
    let place = TestDir::new(&[("cinder.conf", &format!("[DEFAULT]\nenabled_backends = b,c\n[b]\n{text}"))]);
    let name = |text: &str| {
        place.write("cinder.conf", &format!("[DEFAULT]\nenabled_backends = b,c\n[b]\n{text}"));
        let document = place.json(&["effective", "--format", "json", "cinder.conf"]);
        document["deployments"][0]["backends"][0]["options"]["volume_backend_name"]["value"].clone()
    };
    // The same name in another section is no circle.
    assert_eq!(name(text), "h");
    // What an option is for Python: a list, a Boolean, a number, nothing.
    for (option, value) in [
        ("$DEFAULT.enabled_backends", "['b', 'c']"),
        ("$nfs_sparsed_volumes", "True"),
        ("$nfs_mount_attempts", "7"),
        ("$DEFAULT.osapi_max_limit", "1000"),
        ("$backend_defaults.nfs_mount_options", "hard"),
    ] {
        let text = text.replace("$nas_host\n", &format!("{option}\n"));
        let text = format!("{text}[backend_defaults]\nnfs_mount_options = hard\n")
            .replace("[c]", "nfs_sparsed_volumes = yes\nnfs_mount_attempts = 007\n[c]");
        assert_eq!(name(&text), value, "{option}");
    }
}

/// Options that only some releases know, in the forms of tools whose images or branches name the release.
#[test]
fn images_and_branches_name_the_release() {
    let osa = "cinder_backends:\n  lvm:\n    volume_driver: cinder.volume.drivers.lvm.LVMVolumeDriver\n    iscsi_helper: tgtadm\n";
    let tripleo = "parameter_defaults:\n  CinderEnableIscsiBackend: true\n  ExtraConfig:\n    cinder::config::cinder_config:\n      tripleo_iscsi/iscsi_helper:\n        value: tgtadm\n";
    let resource = "apiVersion: cinder.openstack.org/v1beta1\nkind: Cinder\nmetadata:\n  name: cinder\nspec:\n  cinderVolumes:\n    n:\n      customServiceConfig: |\n        [DEFAULT]\n        enabled_backends = n\n        [n]\n        volume_driver = cinder.volume.drivers.lightos.LightOSVolumeDriver\n        lightos_use_ipacl = false\n";
    let image = "      containerImage: quay.io/podified-epoxy-centos9/openstack-cinder-volume:current-podified\n";
    for (name, text, sign, rule) in [
        ("user_variables.yml", osa, "cinder_git_install_branch: stable/rocky\n", "CND502"),
        (
            "environment.yaml",
            tripleo,
            "  DockerCinderVolumeImage: registry/rhosp13/openstack-cinder-volume:13.0-2\n",
            "CND502",
        ),
        ("cinder.yaml", resource, image, "CND503"),
    ] {
        let has = |text: &str| {
            let place = TestDir::new(&[(name, text)]);
            let (_, said, _) = place.said(&["check", "--no-settings", "--format", "concise", name]);
            said.contains(rule)
        };
        assert!(has(text), "{name}: without a release");
        assert!(!has(&format!("{text}{sign}")), "{name}: {sign}");
    }
}
