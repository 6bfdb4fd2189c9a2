//! What became of configurations that were given to whole services of cinder 29.0.0: where one of them refuses, `check` has an error, and
//! nowhere else. `tests/data/services.jsonl` holds cases on which both agreed when they were written down, so it notices what gets lost;
//! `tests/oracle/services.py` starts the services anew, on configurations of its own.

use std::{fs, path::Path};

use serde_json::Value;

use crate::command::json;

/// Rules about what is decided by no file: Cinder starts.
const POLICY: [&str; 3] = ["CND401", "CND402", "CND456"];

#[test]
fn what_the_services_refuse_is_an_error_and_nothing_else_is() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/services.jsonl");
    let folder = std::env::temp_dir().join(format!("cinderlint-services-{}", std::process::id()));
    let text = fs::read_to_string(data).unwrap();
    let mut different = Vec::new();
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        fs::create_dir_all(folder.join("state/mnt")).unwrap();
        let conf = case["conf"].as_str().unwrap().replace("@DIR@", folder.to_str().unwrap());
        fs::write(folder.join("cinder.conf"), conf).unwrap();
        let release = case["release"].as_str().unwrap();
        let args = ["check", "--no-settings", "--release", release, "--new-install", "yes", "--format", "json"];
        let document = json(&folder, &[&args[..], &["--config-file", "cinder.conf"]].concat());
        let findings = document["findings"].as_array().unwrap();
        let is_error =
            |finding: &&Value| finding["severity"] == "error" && !POLICY.contains(&finding["rule"].as_str().unwrap());
        let errors: Vec<&Value> = findings.iter().filter(is_error).map(|finding| &finding["rule"]).collect();
        if case["refuses"].as_bool().unwrap() == errors.is_empty() {
            different.push(format!("{}: refuses {}, errors {errors:?}", case["name"], case["refuses"]));
        }
    }
    fs::remove_dir_all(&folder).unwrap();
    assert!(different.is_empty(), "{}", different.join("\n"));
    assert!(text.lines().count() >= 370);
}
