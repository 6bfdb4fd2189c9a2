//! `cinderlint upgrade`: what changes between two releases, and the edits that keep what the files mean.

use serde_json::Value;

use crate::command::TestDir;

const OLD: &str = "\
[DEFAULT]
enabled_backends = lvm
verbose = true
rpc_thread_pool_size = 64
[lvm]
# tgt is what we have
iscsi_helper = tgtadm
volume_driver = cinder.volume.drivers.lvm.LVMVolumeDriver
[sql]
connection = mysql+pymysql://cinder:hunter2@db/cinder
";

fn changes(document: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let findings = document["findings"].as_array().unwrap();
    findings.iter().map(|f| (text(&f["change"]["release"]), text(&f["change"]["kind"]), text(&f["option"]))).collect()
}

#[test]
fn each_change_is_told_once_with_the_release_that_brings_it() {
    let place = TestDir::new(&[("cinder.conf", OLD)]);
    let document = place.json(&["upgrade", "--from", "newton", "--format", "json", "cinder.conf"]);
    assert_eq!(document["upgrade"]["from"], "newton");
    assert_eq!(document["upgrade"]["to"], "2026.2");
    let found = changes(&document);
    let has = |release: &str, kind: &str, option: &str| {
        found.contains(&(release.to_string(), kind.to_string(), option.to_string()))
    };
    assert!(has("pike", "ignored", "verbose"), "{found:?}");
    assert!(has("stein", "ignored", "iscsi_helper"), "{found:?}");
    assert!(has("pike", "meaning", "lvm_type"), "{found:?}");
    let releases: Vec<&String> = found.iter().map(|(release, ..)| release).collect();
    let mut sorted = releases.clone();
    sorted.sort_by_key(|release| release.parse::<cinderlint::catalog::Release>().unwrap());
    assert_eq!(releases, sorted, "release by release");
}

#[test]
fn what_was_dead_before_is_no_change() {
    let place = TestDir::new(&[("cinder.conf", OLD)]);
    let document = place.json(&["upgrade", "--from", "queens", "--format", "json", "cinder.conf"]);
    assert!(changes(&document).iter().all(|(_, _, option)| option != "verbose"));
    let document = place.json(&["upgrade", "--from", "stein", "--to", "train", "--format", "json", "cinder.conf"]);
    assert!(changes(&document).iter().all(|(_, _, option)| option != "iscsi_helper"));
}

#[test]
fn what_stops_a_backend_is_an_error() {
    let text = "\
[DEFAULT]
enabled_backends = x
[x]
volume_driver = cinder.volume.drivers.sheepdog.SheepdogDriver
enable_unsupported_driver = true
";
    let place = TestDir::new(&[("cinder.conf", text)]);
    let (code, said, _) = place.said(&["upgrade", "--from", "train", "--to", "ussuri", "--format", "concise", "."]);
    assert_eq!(code, 1, "{said}");
    assert!(said.starts_with("cinder.conf:4:17: error[CND512]"), "{said}");
    let (code, said, _) = place.said(&["upgrade", "--from", "ussuri", "--format", "concise", "."]);
    assert!(code == 0 && !said.contains("CND512"), "{said}");
}

#[test]
fn safe_fixes_rename_and_move_what_the_old_release_reads() {
    let place = TestDir::new(&[("cinder.conf", OLD)]);
    place.run(&["upgrade", "--from", "newton", "--fix", "cinder.conf"]);
    let text = place.read("cinder.conf");
    assert!(text.contains("# tgt is what we have\ntarget_helper = tgtadm\n"), "{text}");
    assert!(text.ends_with("[sql]\n\n[database]\nconnection = mysql+pymysql://cinder:hunter2@db/cinder\n"), "{text}");
    assert!(text.contains("verbose = true\n"), "only --unsafe-fixes removes a line: {text}");
}

#[test]
fn unsafe_fixes_remove_dead_lines_and_keep_old_defaults() {
    let place = TestDir::new(&[("cinder.conf", OLD)]);
    place.run(&["upgrade", "--from", "newton", "--fix", "--unsafe-fixes", "cinder.conf"]);
    let text = place.read("cinder.conf");
    assert!(!text.contains("verbose"), "{text}");
    assert!(text.contains("[lvm]\nlvm_type = default\n"), "{text}");
    // A second time there is nothing left to write.
    place.run(&["upgrade", "--from", "newton", "--fix", "--unsafe-fixes", "cinder.conf"]);
    assert_eq!(place.read("cinder.conf"), text);
}

#[test]
fn a_secret_that_is_moved_stands_in_no_report() {
    let place = TestDir::new(&[("cinder.conf", OLD)]);
    for arguments in [
        &["upgrade", "--from", "newton", "--format", "json"][..],
        &["upgrade", "--from", "newton", "--format", "sarif"],
        &["upgrade", "--from", "newton", "--format", "rdjson"],
        &["upgrade", "--from", "newton", "--format", "markdown"],
        &["upgrade", "--from", "newton", "--unsafe-fixes", "--diff"],
    ] {
        let (_, said, errors) = place.said(&[arguments, &["cinder.conf"]].concat());
        assert!(!said.contains("hunter2") && !errors.contains("hunter2"), "{said}{errors}");
    }
}

#[test]
fn a_step_back_and_a_missing_start_are_refused() {
    let place = TestDir::new(&[("cinder.conf", "[DEFAULT]\ndebug = true\n")]);
    assert_eq!(place.said(&["upgrade", "--from", "train", "--to", "stein", "."]).0, 2);
    let (code, _, errors) = place.said(&["upgrade", "."]);
    assert!(code == 2 && errors.contains("--from"), "{errors}");
}

#[test]
fn without_a_start_the_files_may_tell_it() {
    let place = TestDir::new(&[("cinder.conf", OLD)]);
    let (code, said, errors) = place.said(&["upgrade", "--format", "json", "."]);
    assert!(code < 2 && errors.contains("last read in Ocata"), "{errors}");
    assert!(said.contains("\"from\": \"ocata\""), "{said}");
}

#[test]
fn a_ticket_in_markdown_has_a_heading_for_each_release() {
    let place = TestDir::new(&[("cinder.conf", OLD)]);
    let (_, said, _) = place.said(&["upgrade", "--from", "newton", "--format", "markdown", "."]);
    assert!(said.starts_with("# Upgrade of Cinder from Newton to 2026.2\n"), "{said}");
    assert!(said.contains("## Stein: is ignored\n"), "{said}");
}
