//! What `cinderlint effective` makes of one backend of each kind, release by release, and why.
//!
//! `tests/effective/cinder.conf` has the backends, `host` beside it their shares, and `expected` a file for each backend with
//! what is said of it; the arguments of the runs that say so stand above it.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use crate::{command::json, snapshot::Snapshots};

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
    // Of each backend: what is said, and the runs one after another that say it.
    let mut said: BTreeMap<String, Vec<(String, Vec<String>)>> = BTreeMap::new();
    for run in RUNS {
        let args = [&["effective", "--no-settings", "--format", "json"], run, &["cinder.conf"]].concat();
        let document = json(&folder, &args);
        for backend in document["deployments"][0]["backends"].as_array().unwrap() {
            let of_backend = said.entry(text(&backend["name"]).to_string()).or_default();
            let (shown, run) = (shown(backend), run.join(" "));
            match of_backend.last_mut() {
                Some((before, runs)) if *before == shown => runs.push(run),
                _ => of_backend.push((shown, vec![run])),
            }
        }
    }
    let expected = folder.join("expected");
    let mut snapshots = Snapshots::of_folder(&expected);
    for (backend, said) in said {
        let said: Vec<String> =
            said.into_iter().map(|(shown, runs)| format!("{}\n\n{shown}", runs.join("\n"))).collect();
        snapshots.compare(&expected.join(format!("{backend}.txt")), &said.join("\n"));
    }
    snapshots.finish();
}
