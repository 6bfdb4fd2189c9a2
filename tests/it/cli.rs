//! What the command does, seen from outside.

use std::{
    io::Write,
    path::Path,
    process::{Output, Stdio},
};

use crate::command::TestDir;

use serde_json::Value;

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Rule and line of every finding.
fn findings(document: &Value) -> Vec<(String, u64)> {
    let entries = document["findings"].as_array().unwrap();
    entries.iter().map(|f| (f["rule"].as_str().unwrap().to_string(), f["line"].as_u64().unwrap())).collect()
}

const AUTO: &str = "\
[DEFAULT]
enabled_backends = nfs1
[nfs1]
volume_driver = cinder.volume.drivers.nfs.NfsDriver
nas_secure_file_permissions = auto
nas_secure_file_operations = false
nas_host = 192.0.2.1
nas_share_path = /a
";
const STATED: &str = "\
[DEFAULT]
enabled_backends = nfs1
[nfs1]
volume_driver = cinder.volume.drivers.nfs.NfsDriver
nas_secure_file_permissions = false
nas_secure_file_operations = false
nas_host = 192.0.2.1
nas_share_path = /a
";

#[test]
fn exit_codes() {
    let place = TestDir::new(&[("bad.conf", AUTO), ("good.conf", STATED), ("warn.conf", "[default]\na = 1\n")]);
    for (arguments, expected) in [
        (&["check", "good.conf"][..], 0),
        (&["check", "bad.conf"], 1),
        (&["bad.conf"], 1),
        (&["check", "bad.conf", "--exit-zero"], 0),
        (&["check", "bad.conf", "--fail-on", "never"], 0),
        (&["check", "warn.conf"], 0),
        (&["check", "warn.conf", "--fail-on", "warning"], 1),
        (&["check", "bad.conf", "missing.conf"], 2),
        (&["check", "bad.conf", "missing.conf", "--exit-zero"], 2),
        (&["check", "--no-such-flag"], 2),
        (&["check", "--release", "trian", "good.conf"], 2),
        (&["check", "--select", "CND999", "good.conf"], 2),
        (&["effective", "bad.conf"], 0),
        (&["effective", "missing.conf"], 2),
        (&["parse", "missing.conf"], 2),
        (&["parse", "bad.conf"], 0),
        (&["explain", "CND401", "nas-security-auto"], 0),
        (&["explain", "CND998"], 2),
        (&["rules"], 0),
        (&["--help"], 0),
        (&["--version"], 0),
    ] {
        let output = place.run(arguments);
        assert_eq!(code(&output), expected, "{arguments:?}: {}", text(&output.stderr));
    }
    for format in ["full", "concise", "json"] {
        assert_eq!(code(&place.run(&["check", "--format", format, "bad.conf"])), 1, "{format}");
    }
}

#[test]
fn what_can_be_read_is_linted_all_the_same() {
    let place = TestDir::new(&[("bad.conf", AUTO)]);
    let document = place.json(&["check", "--format", "json", "missing.conf", "bad.conf"]);
    assert_eq!(findings(&document), [("CND401".to_string(), 5)]);
    assert_eq!(document["errors"][0]["file"], "missing.conf");
    assert_eq!(document["errors"][0]["message"], "No such file or directory");
}

#[test]
fn json_is_the_contract() {
    let place = TestDir::new(&[("etc/cinder.conf", AUTO)]);
    let first = place.run(&["check", "--format", "json", "etc"]);
    let second = place.run(&["check", "--format", "json", "etc/../etc/cinder.conf"]);
    assert_eq!(text(&first.stdout), text(&second.stdout));
    let document: Value = serde_json::from_slice(&first.stdout).unwrap();
    assert_eq!(document["schema_version"], 1);
    assert_eq!(document["tool"]["name"], "cinderlint");
    assert_eq!(document["release"], "2026.2");
    let finding = &document["findings"][0];
    for (key, value) in [
        ("rule", "CND401".into()),
        ("name", "nas-security-auto".into()),
        ("severity", "error".into()),
        ("file", "etc/cinder.conf".into()),
        ("line", 5.into()),
        ("column", 31.into()),
        ("end_line", 5.into()),
        ("end_column", 35.into()),
        ("section", "nfs1".into()),
        ("option", "nas_secure_file_permissions".into()),
        ("suppressed", Value::Null),
    ] {
        assert_eq!(finding[key], value, "{key}");
    }
    let (start, end) = (finding["byte_start"].as_u64().unwrap(), finding["byte_end"].as_u64().unwrap());
    assert_eq!(&AUTO[start as usize..end as usize], "auto");
    assert_eq!(document["summary"]["files"], 1);
    assert_eq!(document["summary"]["backends"], 1);
    assert_eq!(document["summary"]["error"], 1);
    let clean = place.json(&["check", "--format", "json", "--ignore", "CND4", "etc"]);
    assert_eq!(clean["findings"], Value::Array(Vec::new()));
}

#[test]
fn fingerprints_survive_moved_lines_and_hold_no_value() {
    let place = TestDir::new(&[("a.conf", AUTO)]);
    let before = place.json(&["check", "--format", "json", "a.conf"]);
    place.write("a.conf", &AUTO.replace("[nfs1]\n", "# a note\n\n[nfs1]\n").replace("= auto", "= AUTO"));
    let after = place.json(&["check", "--format", "json", "a.conf"]);
    assert_eq!(before["findings"][0]["fingerprint"], after["findings"][0]["fingerprint"]);
    assert_ne!(before["findings"][0]["line"], after["findings"][0]["line"]);
}

#[test]
fn concise_is_one_line_a_finding() {
    let place = TestDir::new(&[("bad.conf", AUTO)]);
    let output = place.run(&["check", "--format", "concise", &place.path("bad.conf").to_string_lossy()]);
    let line = text(&output.stdout);
    assert!(
        line.starts_with("bad.conf:5:31: error[CND401]: backend nfs1 leaves `nas_secure_file_permissions` to `auto`: "),
        "{line}"
    );
    assert_eq!(line.lines().count(), 1);
}

#[test]
fn full_shows_the_line_and_what_to_write() {
    let place = TestDir::new(&[("bad.conf", AUTO)]);
    let output = place.run(&["check", "bad.conf"]);
    let shown = text(&output.stdout);
    for part in [
        "error[CND401] nas-security-auto",
        "[bad.conf:5:31]",
        "nas_secure_file_permissions = auto",
        // All of the value is underlined, and nothing else.
        " \u{2500}\u{2500}\u{2500}\u{2500}\n",
        "write `nas_secure_file_permissions = false`",
        "1 error in 1 file with 1 backend, as Cinder 2026.2 reads it",
    ] {
        assert!(shown.contains(part), "{part} is missing in {shown}");
    }
    assert!(!shown.contains('\u{1b}'));
    let colored = place.command(&["check", "bad.conf"]).env("FORCE_COLOR", "1").output().unwrap();
    assert!(text(&colored.stdout).contains('\u{1b}'));
    let plain = place.command(&["check", "bad.conf"]).env("FORCE_COLOR", "1").env("NO_COLOR", "1").output().unwrap();
    assert!(!text(&plain.stdout).contains('\u{1b}'));
}

#[test]
fn standard_input_has_the_name_it_is_given() {
    let place = TestDir::new(&[]);
    let arguments = ["check", "--format", "concise", "-", "--stdin-filename", "etc/cinder.conf"];
    let mut child = place.command(&arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(AUTO.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(text(&output.stdout).starts_with("etc/cinder.conf:5:31: error[CND401]: "), "{output:?}");
}

#[test]
fn a_folder_is_searched_for_deployments() {
    let place = TestDir::new(&[
        ("a/cinder.conf", "[DEFAULT]\nenabled_backends = nfs1\n"),
        ("a/cinder.conf.d/10.conf", "[nfs1]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n"),
        ("a/cinder.conf.d/20.conf", "[nfs1]\nnas_secure_file_operations = true\nnas_secure_file_permissions = true\n"),
        ("a/cinder.conf.d/.hidden.conf", "nonsense\n"),
        ("a/cinder.conf.d/note.txt", "nonsense\n"),
        ("b/cinder-volume.conf", AUTO),
        ("b/cinder.conf.bak", "nonsense\n"),
        ("b/cinder-wsgi.conf", "nonsense\n"),
        (".git/cinder.conf", "nonsense\n"),
    ]);
    let document = place.json(&["check", "--format", "json", "."]);
    assert_eq!(findings(&document), [("CND401".to_string(), 5)]);
    assert_eq!(document["findings"][0]["file"], "b/cinder-volume.conf");
    assert_eq!(document["summary"]["files"], 4);
    let effective = place.json(&["effective", "--format", "json", "a"]);
    let backend = &effective["deployments"][0]["backends"][0];
    assert_eq!(backend["nas"]["nas_secure_file_operations"]["effective"], "true");
    assert_eq!(backend["nas"]["nas_secure_file_operations"]["origin"]["file"], "a/cinder.conf.d/20.conf");
    let empty = TestDir::new(&[("x.txt", "")]);
    assert_eq!(code(&empty.run(&["check"])), 2);
}

#[test]
fn layers_count_in_the_order_of_the_command_line() {
    let place = TestDir::new(&[
        ("a.conf", "[DEFAULT]\nenabled_backends = b\n[b]\nvolume_group = a\n"),
        ("d/1.conf", "[b]\nvolume_group = d1\n"),
        ("d/2.conf", "[B]\nvolume_group = d2\n"),
    ]);
    let group = |arguments: &[&str]| {
        let document = place.json(&[&["effective", "--format", "json"], arguments].concat());
        document["deployments"][0]["backends"][0]["options"]["volume_group"]["value"].as_str().unwrap().to_string()
    };
    assert_eq!(group(&["--config-file", "a.conf", "--config-dir", "d"]), "d2");
    assert_eq!(group(&["--config-dir", "d", "--config-file", "a.conf"]), "a");
    assert_eq!(group(&["--config-file", "d/2.conf", "--config-file", "a.conf", "--config-file", "d/1.conf"]), "d1");
}

#[test]
fn effective_follows_the_indicator_and_the_database() {
    let place = TestDir::new(&[("cinder.conf", AUTO), ("root/etc/cinder/cinder.conf", "")]);
    let point = format!("root/var/lib/cinder/mnt/{}", md5_of("192.0.2.1:/a"));
    let ask = |more: &[&str]| {
        let document =
            place.json(&[&["effective", "--format", "json", "--root", "root", "cinder.conf"], more].concat());
        let option = document["deployments"][0]["backends"][0]["nas"]["nas_secure_file_permissions"].clone();
        ["effective", "if_new_install", "if_existing"].map(|key| option[key].as_str().unwrap().to_string())
    };
    assert_eq!(ask(&[]), ["undetermined", "true", "undetermined"]);
    assert_eq!(ask(&["--new-install", "yes"]), ["true", "true", "undetermined"]);
    std::fs::create_dir_all(place.path(&point)).unwrap();
    assert_eq!(ask(&[]), ["undetermined", "true", "false"]);
    assert_eq!(ask(&["--new-install", "no"]), ["false", "true", "false"]);
    place.write(&format!("{point}/.cinderSecureEnvIndicator"), "");
    assert_eq!(ask(&["--new-install", "no"]), ["true", "true", "true"]);
}

fn md5_of(text: &str) -> String {
    use md5::{Digest, Md5};
    Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn effective_all_lists_what_the_driver_reads() {
    let place = TestDir::new(&[("cinder.conf", AUTO)]);
    let options = |more: &[&str]| {
        let document = place.json(&[&["effective", "--format", "json", "cinder.conf"], more].concat());
        document["deployments"][0]["backends"][0]["options"].clone()
    };
    assert_eq!(options(&[]).as_object().unwrap().len(), 5);
    let all = options(&["--all"]);
    assert_eq!(all["nfs_shares_config"]["value"], "/etc/cinder/nfs_shares");
    assert_eq!(all["nfs_shares_config"]["origin"]["default"], "cinder");
    assert_eq!(all["nfs_mount_point_base"]["value"], "/var/lib/cinder/mnt");
    assert!(all.get("rbd_pool").is_none());
}

#[test]
fn no_backend_starts_where_oslo_config_stops() {
    let place = TestDir::new(&[("cinder.conf", &format!("{STATED}\n  indented\n"))]);
    let document = place.json(&["effective", "--format", "json", "cinder.conf"]);
    let backend = &document["deployments"][0]["backends"][0];
    assert_eq!(backend["starts"], "no");
    let error = "ConfigFileParseError: Failed to parse cinder.conf: at line 10, Unexpected continuation line";
    assert_eq!(backend["start_error"], error);
    assert_eq!(backend["nas"]["nas_secure_file_operations"]["effective"], "error");
    assert_eq!(backend["nas"]["nas_secure_file_operations"]["configured"], "false");
}

#[test]
fn what_is_not_utf8_is_said_with_its_line() {
    let place = TestDir::new(&[]);
    std::fs::write(place.path("cinder.conf"), b"[DEFAULT]\n# Gr\xfc\xdfe\n").unwrap();
    let document = place.json(&["check", "--format", "json", "cinder.conf"]);
    assert_eq!(findings(&document), [("CND102".to_string(), 2)]);
    let parsed = place.json(&["parse", "--format", "json", "cinder.conf"]);
    assert_eq!(parsed[0]["errors"][0]["line"], 2);
}

#[test]
fn help_describes_a_subcommand_and_explain_lists_a_group_of_rules() {
    let place = TestDir::new(&[]);
    for (asked, meant) in [(vec!["help", "check"], vec!["check", "--help"]), (vec!["help"], vec!["--help"])] {
        let (asked, meant) = (place.run(&asked), place.run(&meant));
        assert_eq!((asked.status.code(), text(&asked.stdout)), (Some(0), text(&meant.stdout)));
    }
    assert_eq!(place.run(&["help", "nonsense"]).status.code(), Some(2));
    let listed = place.run(&["explain", "cnd12"]);
    let ids: Vec<String> = text(&listed.stdout).lines().map(|line| line[..6].to_string()).collect();
    assert_eq!(ids, ["CND120", "CND121", "CND122"]);
    let output = place.run(&["explain", "CND999"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("unknown rule `CND999`; did you mean CND"), "{output:?}");
}

#[test]
fn a_wrong_word_is_answered_with_the_nearest_right_one() {
    let place = TestDir::new(&[("a.conf", "")]);
    let output = place.run(&["check", "--select", "nas-securty-auto", "a.conf"]);
    assert!(text(&output.stderr).contains("did you mean nas-security-auto?"), "{output:?}");
    let output = place.run(&["check", "--release", "trian", "a.conf"]);
    assert!(text(&output.stderr).contains("did you mean 'train'?"), "{output:?}");
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_quiet() {
    let mut big = String::from("[DEFAULT]\nenabled_backends = ");
    big.push_str(&(0..2000).map(|n| format!("b{n}")).collect::<Vec<_>>().join(","));
    let place = TestDir::new(&[("cinder.conf", &big)]);
    let mut child =
        place.command(&["check", "cinder.conf"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((code(&output), text(&output.stderr)), (0, ""));
}

#[test]
fn the_example_tells_the_story() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/incident");
    let root = root.to_string_lossy();
    let place = TestDir::new(&[]);
    let document = place.json(&["check", "--format", "json", "--root", &root, &root]);
    let rules: std::collections::BTreeSet<String> = findings(&document).into_iter().map(|(rule, _)| rule).collect();
    for rule in ["CND401", "CND402", "CND406", "CND414", "CND416"] {
        assert!(rules.contains(rule), "{rule}: {rules:?}");
    }
    // The list of shares lies in the folder that is searched and below the root: it is read once.
    assert_eq!(findings(&document).iter().filter(|(rule, _)| rule == "CND414").count(), 1);
    let effective = place.json(&["effective", "--format", "json", "--root", &root, "--new-install", "no", &root]);
    let backends = effective["deployments"][0]["backends"].as_array().unwrap();
    let permissions = |at: usize| backends[at]["nas"]["nas_secure_file_permissions"]["effective"].clone();
    assert_eq!((permissions(0), permissions(1)), ("true".into(), "false".into()));
}

#[test]
fn explain_has_colour_and_links_where_they_are_wanted() {
    let place = TestDir::new(&[]);
    let plain = place.run(&["explain", "CND514"]);
    let shown = text(&plain.stdout);
    assert!(!shown.contains('\u{1b}') && shown.contains("  > volume_driver = "), "{shown}");
    assert!(shown.contains("Fixed with: --fix, if --release is given"), "{shown}");
    let colored = place.run(&["explain", "--color", "always", "CND514"]);
    let colored = text(&colored.stdout);
    assert!(colored.contains("\u{1b}[1;33mwarning\u{1b}[0m") && !colored.contains("]8;;"), "{colored}");
    let linked = place.command(&["explain", "CND514"]).env("FORCE_HYPERLINK", "1").output().unwrap();
    let link = "\u{1b}]8;;https://opendev.org/openstack/cinder/src/tag/29.0.0/cinder/volume/manager.py\u{1b}\\";
    assert!(text(&linked.stdout).contains(link), "{}", text(&linked.stdout));
    place
        .write("x.conf", "[DEFAULT]\nenabled_backends = n\n[n]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n");
    let linked = place.command(&["check", "x.conf"]).env("FORCE_HYPERLINK", "1").output().unwrap();
    let link = "\u{1b}]8;;https://docs.openstack.org/security-guide/block-storage/checklist.html\u{1b}\\";
    assert!(
        text(&linked.stdout).contains(&format!("{link}error[CND401] nas-security-auto\u{1b}]8;;")),
        "{}",
        text(&linked.stdout)
    );
}

#[test]
fn what_is_misspelt_is_answered_with_the_nearest() {
    let place = TestDir::new(&[]);
    for (arguments, near) in [
        (&["check", "--ignor", "CND4"][..], "--ignore"),
        (&["check", "--format", "sarfi"], "sarif"),
        (&["check", "--report", "gitlb=x", "."], "gitlab"),
        (&["check", "--release", "quens", "."], "queens"),
        (&["check", "--select", "nas-securty-auto", "."], "nas-security-auto"),
        (&["explain", "nas-security-aut0"], "nas-security-auto"),
        (&["completions", "bsh"], "bash"),
    ] {
        let output = place.run(arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(text(&output.stderr).contains(near), "{arguments:?}: {}", text(&output.stderr));
    }
}

#[test]
fn a_nova_conf_beside_the_files_is_looked_at() {
    let cinder = "[DEFAULT]\nenabled_backends = n\n[n]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n\
        nas_host = 192.0.2.1\nnas_share_path = /a\nnfs_mount_options = vers=4.1\n\
        nas_secure_file_operations = false\nnas_secure_file_permissions = false\n";
    let nova = "[DEFAULT]\ntransport_url = rabbit://u:hunter2@h\n[libvirt]\nnfs_mount_options = vers=3,soft\n\
        nfs_mount_point_base = /var/lib/cinder/mnt\n";
    let place = TestDir::new(&[("c/cinder.conf", cinder), ("c/nova.conf", nova), ("alone/cinder.conf", cinder)]);
    let found = |arguments: &[&str]| -> Vec<String> {
        let select = ["check", "--format", "json", "--select", "CND458,CND459"];
        let report = place.json(&[&select, arguments].concat());
        assert!(!report.to_string().contains("hunter2"));
        let findings = report["findings"].as_array().unwrap();
        findings
            .iter()
            .map(|finding| {
                let nova = &finding["related"][0];
                format!("{}:{} {}:{}", finding["rule"], finding["line"], nova["file"], nova["line"]).replace('"', "")
            })
            .collect()
    };
    assert_eq!(found(&["c"]), ["CND459:3 c/nova.conf:5", "CND458:7 c/nova.conf:4"]);
    assert_eq!(found(&["alone"]), [""; 0]);
    // The host's own counts before one that stands beside.
    place.write("root/etc/nova/nova.conf", "[libvirt]\nnfs_mount_options = nfsvers=4.1\n");
    assert_eq!(found(&["--root", "root", "c"]), [""; 0]);
    place.write("root/etc/nova/nova.conf", "[libvirt]\nnfs_mount_options = proto=udp\n");
    assert_eq!(found(&["--root", "root", "alone"]), ["CND458:7 root/etc/nova/nova.conf:2"]);
    // What Nova would not read says nothing.
    place.write("c/nova.conf", "[libvirt\nnfs_mount_options = vers=3\n");
    assert_eq!(found(&["c"]), [""; 0]);
}
