//! Every rule speaks on some file of the example repository.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use serde_json::Value;

/// Rules that no file by itself can produce, and why. They have examples in their own files.
const ELSEWHERE: [(&str, &str); 7] = [
    ("CND456", "the settings have to demand a value"),
    ("CND457", "the settings have to demand snapshots"),
    ("CND521", "both releases of an upgrade have to be named"),
    ("CND522", "both releases of an upgrade have to be named"),
    ("CND523", "both releases of an upgrade have to be named"),
    ("CND524", "both releases of an upgrade have to be named"),
    ("CND904", "the settings have to ask for reasons"),
];

fn sorted(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn every_rule_is_produced_by_the_example_repository() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples/everything");
    let mut produced = BTreeSet::new();
    for folder in sorted(&repository) {
        let release = folder.file_name().unwrap().to_str().unwrap();
        let files = sorted(&folder).into_iter().filter(|path| path.extension().is_some_and(|end| end == "conf"));
        let done = Command::new(env!("CARGO_BIN_EXE_cinderlint"))
            .current_dir(&folder)
            .args(["check", "--no-settings", "--pedantic", "--format", "json", "--release", release])
            .args(["--root", if folder.join("host").is_dir() { "host" } else { "." }])
            .args(files)
            .output()
            .unwrap();
        let document: Value = serde_json::from_slice(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}"));
        assert_eq!(document["errors"], Value::Array(Vec::new()), "{release}");
        produced
            .extend(document["findings"].as_array().unwrap().iter().map(|f| f["rule"].as_str().unwrap().to_string()));
    }
    // What only a form can say, its own example repository shows.
    let rules = cinderlint::lint::built_in().unwrap();
    let of_forms: Vec<String> = sorted(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/forms"))
        .iter()
        .filter_map(|example| fs::read_to_string(example.join("EXPECTED")).ok())
        .collect();
    let of_forms = |id: &str| of_forms.iter().any(|expected| expected.contains(&format!(": {id} ")));
    let forms = rules.iter().filter(|rule| rule.check.as_deref() == Some("forms") && of_forms(&rule.id));
    produced.extend(forms.map(|rule| rule.id.clone()));
    let all: BTreeSet<String> = rules
        .into_iter()
        // Rules about a host are produced by tests/audit.rs, and by their own examples, which are hosts.
        .filter(|rule| rule.check.as_deref() != Some(cinderlint::lint::host::CHECK))
        .map(|rule| rule.id)
        .collect();
    let elsewhere: BTreeSet<String> = ELSEWHERE.iter().map(|(id, _)| id.to_string()).collect();
    let silent: Vec<_> = all.difference(&produced).filter(|id| !elsewhere.contains(*id)).collect();
    assert!(silent.is_empty(), "no file in {} or tests/forms produces {silent:?}", repository.display());
    assert!(elsewhere.is_subset(&all) && elsewhere.is_disjoint(&produced), "{elsewhere:?}");
}
