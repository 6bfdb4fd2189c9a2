//! `cinderlint diff` and `check --since`: what a change does.

#![cfg(unix)]

use std::process::Command;

use crate::command::TestDir;

const BEFORE: &str = "\
[DEFAULT]
enabled_backends = nfs1, gone
[nfs1]
volume_driver = cinder.volume.drivers.nfs.NfsDriver
nas_host = 192.0.2.1
nas_share_path = /a
nas_secure_file_permissions = false
nas_secure_file_operations = false
verbose = true
[gone]
volume_driver = cinder.volume.drivers.rbd.RBDDriver
rbd_pool = volumes
";
const AFTER: &str = "\
[DEFAULT]
enabled_backends = nfs1, new
[nfs1]
volume_driver = cinder.volume.drivers.nfs.NfsDriver
nas_host = 192.0.2.1
nas_share_path = /a
nas_secure_file_permissions = true
nas_secure_file_operations = false
volume_backend_name = fast
verbose = true
[new]
volume_driver = cinder.volume.drivers.nfs.NfsDrive
";

fn git(place: &TestDir, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.current_dir(place.path(".")).args(["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]);
    let output = git.args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// A repository that has `BEFORE`, and `AFTER` in the working directory.
fn changed() -> TestDir {
    let place = TestDir::new(&[("etc/cinder.conf", BEFORE)]);
    std::fs::remove_dir(place.path(".git")).unwrap();
    git(&place, &["init", "-q", "-b", "main"]);
    git(&place, &["add", "."]);
    git(&place, &["commit", "-q", "-m", "before"]);
    place.write("etc/cinder.conf", AFTER);
    place
}

#[test]
fn a_change_is_told_by_backend_and_by_finding() {
    let place = changed();
    let (code, said, errors) = place.said(&["diff", "HEAD"]);
    assert_eq!((code, errors.as_str()), (1, ""), "{said}");
    for part in [
        "[nfs1] in etc/cinder.conf differs",
        "nas_secure_file_permissions: false → true, because",
        "volume_backend_name: not set → fast",
        "[gone] in etc/cinder.conf goes",
        "[new] in etc/cinder.conf appears",
        "error[CND511]",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("CND501"), "what both have is no change: {said}");
}

#[test]
fn folders_are_compared_by_the_names_below_them() {
    let place = TestDir::new(&[("old/cinder.conf", BEFORE), ("new/cinder.conf", AFTER)]);
    let document = place.json(&["diff", "old", "new", "--format", "json"]);
    let backends = document["backends"].as_array().unwrap();
    let changes: Vec<_> =
        backends.iter().map(|one| (one["name"].as_str().unwrap(), one["change"].as_str().unwrap())).collect();
    assert_eq!(changes, [("gone", "goes"), ("new", "appears"), ("nfs1", "differs")]);
    let come = document["findings"]["come"].as_array().unwrap();
    assert!(come.iter().any(|finding| finding["rule"] == "CND511"), "{come:?}");
    let document = place.json(&["diff", "old", "old", "--format", "json"]);
    assert_eq!(document["backends"].as_array().unwrap().len(), 0);
}

#[test]
fn no_secret_of_either_side_is_shown() {
    let secret = |name: &str| {
        BEFORE
            .replace("verbose = true", &format!("san_password = {name}\nnas_mount_options = a={name},password={name}"))
    };
    let place = TestDir::new(&[("old/cinder.conf", &secret("hunter1")), ("new/cinder.conf", &secret("hunter2"))]);
    for format in ["full", "json", "markdown"] {
        let (_, said, errors) = place.said(&["diff", "old", "new", "--format", format]);
        assert!(!said.contains("password=hunter") && !said.contains("san_password = hunter"), "{said}{errors}");
    }
}

#[test]
fn a_revision_that_is_not_there_is_an_error() {
    let place = changed();
    for revision in ["nothing", "--output=x", "HEAD~7"] {
        let (code, _, errors) = place.said(&["diff", "--", revision]);
        assert!(code == 2 && errors.contains("nor a Git revision"), "{revision}: {errors}");
    }
    let (code, _, errors) = place.said(&["diff", "etc"]);
    assert!(code == 2 && errors.contains("state after the change"), "{errors}");
}

#[test]
fn since_a_revision_only_what_the_change_brought_fails() {
    let place = changed();
    let rules = |arguments: &[&str]| -> Vec<String> {
        let found = place.findings(arguments);
        found.iter().map(|line| line.rsplit(' ').next().unwrap().to_string()).collect()
    };
    assert!(rules(&["--release", "2026.2", "."]).contains(&"CND501".to_string()));
    let since = rules(&["--release", "2026.2", "--since", "HEAD", "."]);
    assert!(since.contains(&"CND511".to_string()) && !since.contains(&"CND501".to_string()), "{since:?}");
    place.write("etc/cinder.conf", BEFORE);
    assert_eq!(place.run(&["check", "--since", "HEAD", "--fail-on", "warning", "."]).status.code(), Some(0));
    assert_eq!(place.run(&["check", "--since", "nothing", "."]).status.code(), Some(2));
}

#[test]
fn nothing_that_a_repository_configures_runs() {
    let place = changed();
    place.write("ran.sh", "#!/bin/sh\ntouch \"$(dirname \"$0\")/RAN\"\ncat\n");
    let script = place.path("ran.sh");
    let set = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&script, set).unwrap();
    let script = script.display().to_string();
    place.write(".gitattributes", "* filter=x diff=x\n");
    for key in [
        "core.fsmonitor",
        "core.pager",
        "pager.ls-tree",
        "pager.rev-parse",
        "core.sshCommand",
        "core.askPass",
        "core.editor",
        "diff.external",
        "diff.x.textconv",
        "diff.x.command",
        "filter.x.smudge",
        "filter.x.clean",
        "filter.x.process",
        "credential.helper",
        "gpg.program",
        "remote.origin.uploadpack",
    ] {
        git(&place, &["config", key, &script]);
    }
    for (key, value) in [
        ("core.hooksPath", "."),
        ("alias.rev-parse", "!touch RAN"),
        ("alias.ls-tree", "!touch RAN"),
        ("protocol.ext.allow", "always"),
        ("remote.origin.url", &format!("ext::{script}")),
        ("remote.origin.promisor", "true"),
        ("extensions.partialClone", "origin"),
        ("core.repositoryFormatVersion", "1"),
    ] {
        git(&place, &["config", key, value]);
    }
    let none = "1234567890123456789012345678901234567890";
    for arguments in [&["diff", "HEAD"][..], &["check", "--since", "HEAD", "."], &["diff", none]] {
        place.said(arguments);
        assert!(!place.path("RAN").exists(), "{arguments:?}");
    }
}

#[test]
fn a_repository_without_a_working_directory_inside_of_a_tree_is_not_asked() {
    let place = TestDir::new(&[("cinder.conf", BEFORE)]);
    git(&place, &["init", "-q", "--bare", "-b", "main", "inner"]);
    let output = place.command(&["diff", "main"]).current_dir(place.path("inner")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && said.contains("safe.bareRepository"), "{said}");
}

#[test]
fn a_tree_of_endless_files_is_an_error() {
    let place = changed();
    let write = |arguments: &[&str], text: &str| -> String {
        let mut git = Command::new("git");
        git.current_dir(place.path(".")).args(arguments);
        place.write("INPUT", text);
        let input = std::fs::File::open(place.path("INPUT")).unwrap();
        let output = git.stdin(input).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_string()
    };
    let blob = write(&["hash-object", "-w", "--stdin"], "x");
    let mut tree = write(&["mktree"], &format!("100644 blob {blob}\ta\n"));
    for _ in 0..32 {
        tree = write(&["mktree"], &format!("040000 tree {tree}\ta\n040000 tree {tree}\tb\n"));
    }
    let ran = crate::command::run(&place.path("."), &["diff", &tree]);
    assert!(ran.code == 2 && ran.err().contains("too many files"), "{}", ran.err());
}
