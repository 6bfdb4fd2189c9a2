//! What native checks say of configurations that `tests/examples/everything` has no place for: templates, several files,
//! files of other services, upgrades.
//!
//! Each folder in `tests/checks/` is a run: `ARGS` has its arguments, and `EXPECTED` what is said, as in
//! `tests/examples/everything`.

use std::{fs, path::Path};

use crate::{command::json, findings::shown, snapshot::Snapshots};

use serde_json::Value;

#[test]
fn each_run_says_what_is_expected() {
    let mut folders: Vec<_> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checks"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    let mut snapshots = Snapshots::new();
    for folder in folders {
        let args = fs::read_to_string(folder.join("ARGS")).unwrap();
        let always = ["check", "--no-settings", "--pedantic", "--format", "json"];
        let args: Vec<&str> = always.into_iter().chain(args.split_whitespace()).collect();
        let document = json(&folder, &args);
        assert_eq!(document["errors"], Value::Array(Vec::new()), "{}", folder.display());
        let findings = document["findings"].as_array().unwrap();
        let said: String = findings.iter().map(|finding| shown(&folder, finding)).collect();
        snapshots.compare(&folder.join("EXPECTED"), &said);
    }
    snapshots.finish();
}
