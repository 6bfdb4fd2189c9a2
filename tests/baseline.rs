//! The baseline, at the command line.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

mod common;

use common::Place;

const AUTO: &str = "[DEFAULT]\nenabled_backends = n\n[n]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n\
    nas_host = 192.0.2.1\nnas_share_path = /a\nsan_password = hunter2\nnas_secure_file_permissions = auto\n";

/// What further rules say of the files does not matter here.
const RULES: (&str, &str) = ("cinderlint.toml", "select = ['CND401', 'CND105']\n");

#[test]
fn the_past_passes_and_one_more_mistake_is_one_finding() {
    let place = Place::new(&[RULES, ("etc/cinder.conf", AUTO), ("b/cinder.conf", AUTO)]);
    assert_eq!(place.findings(&["etc"]).len(), 2);
    let (code, shown, err) = place.said(&["baseline", "write"]);
    assert_eq!((code, shown.as_str(), err.as_str()), (0, "cinderlint-baseline.toml: 4 findings in 4 entries\n", ""));
    let kept = place.read("cinderlint-baseline.toml");
    assert!(!kept.contains("hunter2") && !kept.contains("auto") && !kept.contains("line ="), "{kept}");
    let checked = ["check", "--baseline", "cinderlint-baseline.toml", "."];
    let (code, shown, err) = place.said(&checked);
    assert_eq!((code, err.as_str()), (0, ""), "{shown}");
    // Lines move, and values change.
    let moved = format!("# a note\n\n{}", AUTO.replace("[n]", "\n# n\n[n]").replace("= auto", "= AUTO"));
    place.write("etc/cinder.conf", &moved);
    assert_eq!(place.said(&checked).0, 0);
    place.write("etc/cinder.conf", &format!("{moved}oops\n"));
    assert_eq!(place.findings(&checked[1..]), ["etc/cinder.conf:13 CND105"]);
    let sarif = place.json(&["check", "--format", "sarif", "--baseline", "cinderlint-baseline.toml", "b"]);
    assert_eq!(sarif["runs"][0]["results"][0]["suppressions"][0]["kind"], "external");
    // The command line may stand elsewhere.
    let output = place.command(&["check", "--baseline", "../cinderlint-baseline.toml", "cinder.conf"]);
    let output = { output }.current_dir(place.path("b")).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn what_is_mended_is_said_and_pruned() {
    let place = Place::new(&[RULES, ("a.conf", AUTO), ("b.conf", AUTO)]);
    assert_eq!(place.said(&["baseline", "write", "a.conf", "b.conf"]).0, 0);
    let kept = place.read("cinderlint-baseline.toml");
    place.write(
        "cinderlint-baseline.toml",
        &kept.replacen("count = 1\n", "count = 1\nreason = \"OPS-1\"\nexpires = \"2999-01-31\"\n", 1),
    );
    place.write("b.conf", &AUTO.replace("= auto", "= false"));
    let (code, _, err) = place.said(&["check", "--baseline", "cinderlint-baseline.toml", "a.conf", "b.conf"]);
    assert_eq!(code, 0);
    assert!(
        err.contains("CND401 b.conf n nas_secure_file_permissions: 1 too many") && err.lines().count() == 1,
        "{err}"
    );
    // Of what this run does not read, nothing is said.
    assert_eq!(place.said(&["check", "--baseline", "cinderlint-baseline.toml", "a.conf"]).2, "");
    let (code, shown, _) = place.said(&["baseline", "prune", "a.conf", "b.conf"]);
    assert_eq!((code, shown.as_str()), (0, "cinderlint-baseline.toml: 3 findings in 3 entries\n"));
    let (_, shown, _) = place.said(&["baseline", "show"]);
    assert!(shown.contains("until 2999-01-31  -- OPS-1") && shown.ends_with("3 in 3 entries\n"), "{shown}");
    // Reasons stay when it is written anew.
    assert_eq!(place.said(&["baseline", "write", "a.conf", "b.conf"]).0, 0);
    assert!(place.read("cinderlint-baseline.toml").contains("OPS-1"));
    std::fs::remove_file(place.path("b.conf")).unwrap();
    let (_, shown, _) = place.said(&["baseline", "prune", "a.conf"]);
    assert_eq!(shown, "cinderlint-baseline.toml: 2 findings in 2 entries\n");
}

#[test]
fn days_pass() {
    let place = Place::new(&[RULES, ("a.conf", AUTO)]);
    assert_eq!(place.said(&["baseline", "write", "a.conf"]).0, 0);
    let kept = place.read("cinderlint-baseline.toml");
    let day = |day: &str| {
        place.write(
            "cinderlint-baseline.toml",
            &kept.replace("count = 1\n", &format!("count = 1\nexpires = \"{day}\"\n")),
        )
    };
    day("2020-02-29");
    let (code, _, err) = place.said(&["check", "--baseline", "cinderlint-baseline.toml", "a.conf"]);
    assert_eq!(code, 1);
    assert!(err.contains("expired on 2020-02-29"), "{err}");
    day("tomorrow");
    let (code, _, err) = place.said(&["check", "--baseline", "cinderlint-baseline.toml", "a.conf"]);
    assert_eq!(code, 2);
    assert!(err.contains("a date is written"), "{err}");
    assert_eq!(place.said(&["check", "--baseline", "missing.toml", "a.conf"]).0, 2);
}
