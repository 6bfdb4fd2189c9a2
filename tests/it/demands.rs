//! What each driver class of 2026.2 demands before its first contact: an error names every option of it, and no other.
//! `tests/data/demands.jsonl` has what the classes themselves said; `tests/oracle/demands.py` asks them anew.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use crate::command::json;

/// Rules about what is decided by no file: Cinder starts.
const POLICY: [&str; 3] = ["CND401", "CND402", "CND456"];

#[test]
fn what_a_driver_demands_is_named_and_nothing_else() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/demands.jsonl");
    let folder = std::env::temp_dir().join(format!("cinderlint-demands-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let mut different = Vec::new();
    let text = fs::read_to_string(data).unwrap();
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        fs::write(folder.join("cinder.conf"), case["conf"].as_str().unwrap()).unwrap();
        let release = case["release"].as_str().unwrap();
        let args = ["check", "--no-settings", "--release", release, "--new-install", "yes", "--format", "json"];
        let document = json(&folder, &[&args[..], &["--config-file", "cinder.conf"]].concat());
        let wanted: BTreeSet<&str> =
            case["demands"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
        let named: BTreeSet<&str> = document["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["severity"] == "error" && !POLICY.contains(&one["rule"].as_str().unwrap()))
            .flat_map(|one| {
                let message = one["message"].as_str().unwrap();
                let said = wanted.iter().copied().filter(|option| message.contains(&format!("`{option}`")));
                let mut named: Vec<&str> = said.chain(one["option"].as_str()).collect();
                if named.is_empty() {
                    named.push(one["rule"].as_str().unwrap());
                }
                named
            })
            .collect();
        if named != wanted {
            different.push(format!("{}: {wanted:?}, but errors name {named:?}", case["conf"]));
        }
    }
    fs::remove_dir_all(&folder).unwrap();
    assert!(different.is_empty(), "{}", different.join("\n"));
    assert!(text.lines().count() >= 400);
}
