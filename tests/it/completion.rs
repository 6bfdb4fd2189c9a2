//! What a shell is offered, and the pages of the manual.

use std::{path::Path, process::Output};

use crate::command::command;

fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = command(Path::new(env!("CARGO_MANIFEST_DIR")), arguments);
    command.envs(variables.iter().copied()).output().unwrap()
}

/// What fish is offered for the last word.
fn offered(words: &[&str]) -> Vec<String> {
    let arguments: Vec<&str> = ["--", "cinderlint"].iter().chain(words).copied().collect();
    let output = run(&arguments, &[("CINDERLINT_COMPLETE", "fish")]);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.split('\t').next().unwrap_or_default().to_string()).collect()
}

#[test]
fn rules_are_offered_by_id_and_by_name() {
    assert!(offered(&["check", "--select", "CND40"]).contains(&"CND401".into()));
    assert!(offered(&["check", "--ignore", "CND401,nas-security-a"]).contains(&"CND401,nas-security-auto".into()));
    assert!(offered(&["baseline", "write", "--select", "CND1"]).contains(&"CND101".into()));
    let rules = offered(&["explain", ""]);
    assert!(rules.iter().all(|rule| !rule.starts_with("nas-")) && rules.contains(&"CND901".into()), "{rules:?}");
}

#[test]
fn releases_are_offered_newest_first() {
    let releases = offered(&["check", "--release", ""]);
    assert_eq!(releases.first().map(String::as_str), Some("2026.2"));
    assert_eq!(releases.last().map(String::as_str), Some("kilo"));
    assert_eq!(offered(&["check", "--from", "tr"]), ["train"]);
}

#[test]
fn the_word_check_is_not_needed() {
    assert_eq!(offered(&["--fail-on", "w"]), ["warning"]);
    assert!(offered(&["Cargo.t"]).contains(&"Cargo.toml".into()));
    assert!(offered(&["exp"]).contains(&"explain".into()));
}

#[test]
fn every_shell_has_a_script_that_asks_the_binary() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = run(&["completions", shell], &[]);
        assert!(output.status.success());
        assert!(String::from_utf8(output.stdout).unwrap().contains("CINDERLINT_COMPLETE"), "{shell}");
    }
    let odd = run(&["check"], &[("CINDERLINT_COMPLETE", "nonsense")]);
    assert_eq!(odd.status.code(), Some(2));
}

#[test]
fn the_manual_has_a_page_for_each_subcommand() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    assert!(run(&["man", "--all", path], &[]).status.success());
    for page in ["cinderlint.1", "cinderlint-check.1", "cinderlint-baseline-write.1"] {
        assert!(folder.path().join(page).is_file(), "{page}");
    }
    let missing = run(&["man", "--all", "no/such/folder"], &[]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(String::from_utf8(missing.stderr).unwrap().starts_with("cinderlint: no/such/folder: "));
}
