//! What `cinderlint effective` makes of one backend of each kind, release by release, and why.
//!
//! `tests/effective/cinder.conf` has the backends, `host` beside it their shares, and `EXPECTED` what is said of them.
//! `BLESS=1 cargo test --test it effective::` writes it anew.

use std::{fmt::Write as _, fs, path::Path, process::Command};

use serde_json::Value;

/// The arguments of each run.
const RUNS: [&[&str]; 10] = [
    &["--release", "kilo", "--root", "host"],
    &["--release", "mitaka", "--root", "host"],
    &["--release", "newton", "--root", "host"],
    &["--release", "ocata", "--root", "host"],
    &["--release", "pike", "--root", "host", "--new-install", "no"],
    &["--release", "stein", "--root", "host", "--python", "2"],
    &["--release", "2025.2", "--root", "host"],
    &["--release", "2026.2"],
    &["--release", "2026.2", "--root", "host", "--new-install", "yes"],
    &["--release", "2026.2", "--root", "host", "--new-install", "no"],
];

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

fn shown(backend: &Value) -> String {
    let mut shown = format!(
        "[{}] {} ({}), starts: {}, {}\n",
        text(&backend["name"]),
        text(&backend["driver"]).rsplit('.').next().unwrap(),
        text(&backend["family"]),
        text(&backend["starts"]),
        text(&backend["start_error"])
    );
    let said = ["nas_secure_file_operations", "nas_secure_file_permissions"].map(|name| {
        let option = &backend["nas"][name];
        let [effective, new, existing] = ["effective", "if_new_install", "if_existing"].map(|key| text(&option[key]));
        format!("{effective} (new: {new}, existing: {existing}): {}", text(&option["because"]))
    });
    if backend["starts"] == "no" {
        let error = format!(": the backend does not start: {}", text(&backend["start_error"]));
        assert!(said.iter().all(|said| said.starts_with("error ") && said.ends_with(&error)), "{backend}");
    } else if said[0] == said[1] {
        writeln!(shown, "    both: {}", said[0]).unwrap();
    } else {
        writeln!(shown, "    operations: {}\n    permissions: {}", said[0], said[1]).unwrap();
    }
    for share in backend["shares"].as_array().unwrap() {
        let [address, options, point, indicator] =
            ["address", "options", "mount_point", "indicator"].map(|key| text(&share[key]));
        let asked = if share["consulted"] == true { ", asked" } else { "" };
        writeln!(shown, "    share {address} ({options}) at {point}: indicator {indicator}{asked}").unwrap();
    }
    shown
}

#[test]
fn each_kind_of_backend_does_what_its_release_does() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/effective");
    let mut said = String::new();
    for run in RUNS {
        let done = Command::new(env!("CARGO_BIN_EXE_cinderlint"))
            .current_dir(&folder)
            .args(["effective", "--no-settings", "--format", "json"])
            .args(run)
            .arg("cinder.conf")
            .output()
            .unwrap();
        let document: Value = serde_json::from_slice(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}"));
        writeln!(said, "{}\n", run.join(" ")).unwrap();
        for backend in document["deployments"][0]["backends"].as_array().unwrap() {
            said.push_str(&shown(backend));
        }
        said.push('\n');
    }
    let expected = folder.join("EXPECTED");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&expected, &said).unwrap();
    }
    let expected = fs::read_to_string(&expected).unwrap_or_default();
    for (line, (said, expected)) in said.lines().zip(expected.lines()).enumerate() {
        assert_eq!(said, expected, "line {} of tests/effective/EXPECTED", line + 1);
    }
    assert_eq!(said.lines().count(), expected.lines().count());
}
