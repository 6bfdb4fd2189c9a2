//! What native checks say of configurations that `tests/examples/everything` has no place for: templates, several files,
//! files of other services, upgrades.
//!
//! Each folder in `tests/checks/` is a run: `ARGS` has its arguments, and `EXPECTED` what is said, in the form of that of
//! `tests/examples/everything`. `BLESS=1 cargo test --test it checks::` writes it anew.

use std::{fs, path::Path, process::Command};

use serde_json::Value;

#[test]
fn each_run_says_what_is_expected() {
    let mut folders: Vec<_> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checks"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    for folder in folders {
        let args = fs::read_to_string(folder.join("ARGS")).unwrap();
        let done = Command::new(env!("CARGO_BIN_EXE_cinderlint"))
            .current_dir(&folder)
            .args(["check", "--no-settings", "--pedantic", "--format", "json"])
            .args(args.split_whitespace())
            .output()
            .unwrap();
        let document: Value = serde_json::from_slice(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}"));
        assert_eq!(document["errors"], Value::Array(Vec::new()), "{}", folder.display());
        let findings = document["findings"].as_array().unwrap();
        let said: String = findings.iter().map(|finding| crate::common::shown(&folder, finding)).collect();
        crate::common::expect(&folder, &said);
    }
}
