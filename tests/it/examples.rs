//! Every rule speaks on some file of the example repository, and says what its file in `expected` there has: a line a finding,
//! with help, fix and related places below.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::Path,
};

use crate::{command::json, findings::shown, snapshot::Snapshots};
use serde_json::Value;

/// Rules that no file by itself can produce, and why. They have examples in their own files.
const ELSEWHERE: [(&str, &str); 9] = [
    ("CND456", "the settings have to demand a value"),
    ("CND457", "the settings have to demand snapshots"),
    ("CND521", "both releases of an upgrade have to be named"),
    ("CND522", "both releases of an upgrade have to be named"),
    ("CND523", "both releases of an upgrade have to be named"),
    ("CND524", "both releases of an upgrade have to be named"),
    ("CND525", "both releases of an upgrade have to be named"),
    ("CND527", "no release may be named"),
    ("CND904", "the settings have to ask for reasons"),
];

/// How many messages of a rule stand on the page of all messages.
const SHOWN: usize = 4;

fn sorted(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn every_rule_is_produced_by_the_example_repository() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples/everything");
    let mut produced = BTreeSet::new();
    let mut said: BTreeMap<String, String> = BTreeMap::new();
    // One page with all messages, to be read in one go; of those that differ in names only, the first few.
    let mut messages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for folder in sorted(&repository).into_iter().filter(|path| path.is_dir() && !path.ends_with("expected")) {
        let release = folder.file_name().unwrap().to_str().unwrap();
        let files = sorted(&folder).into_iter().filter(|path| path.extension().is_some_and(|end| end == "conf"));
        let files: Vec<_> = files.map(|path| path.into_os_string().into_string().unwrap()).collect();
        let mut args = vec!["check", "--no-settings", "--pedantic", "--format", "json", "--release", release];
        args.extend(["--root", if folder.join("host").is_dir() { "host" } else { "." }]);
        args.extend(files.iter().map(String::as_str));
        let document = json(&folder, &args);
        assert_eq!(document["errors"], Value::Array(Vec::new()), "{release}");
        let mut fingerprints = BTreeSet::new();
        let mut produced_here = BTreeSet::new();
        for finding in document["findings"].as_array().unwrap() {
            assert!(fingerprints.insert(finding["fingerprint"].as_str().unwrap()), "two findings in one: {finding}");
            let rule = finding["rule"].as_str().unwrap().to_string();
            let of_rule = said.entry(rule.clone()).or_default();
            if produced_here.insert(rule) {
                let between = if of_rule.is_empty() { "" } else { "\n" };
                write!(of_rule, "{between}{release}\n\n").unwrap();
            }
            of_rule.push_str(&shown(&folder, finding));
            let text = |key: &str| finding[key].as_str().unwrap_or_default();
            let help = finding["help"].as_str().map(|help| format!("    help: {help}\n")).unwrap_or_default();
            let said = format!("{}[{}] {}: {}\n{help}", text("severity"), text("rule"), text("name"), text("message"));
            messages.entry(text("rule").to_string()).or_default().insert(said);
        }
        produced.extend(produced_here);
    }
    let page: String = messages.values().flat_map(|said| said.iter().take(SHOWN)).map(String::as_str).collect();
    let mut one_page = Snapshots::new();
    one_page.compare(&repository.with_file_name("messages.txt"), &page);
    one_page.finish();
    let expected = repository.join("expected");
    let mut snapshots = Snapshots::of_folder(&expected);
    for (rule, said) in &said {
        snapshots.compare(&expected.join(format!("{rule}.txt")), said);
    }
    snapshots.finish();
    // What only a form can say, its own example repository shows.
    let rules = cinderlint::lint::built_in().unwrap();
    let of_forms: Vec<String> = sorted(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/forms"))
        .iter()
        .filter_map(|example| fs::read_to_string(example.join("EXPECTED")).ok())
        .collect();
    let of_forms = |id: &str| of_forms.iter().any(|expected| expected.contains(&format!(": {id} ")));
    let forms = rules.iter().filter(|rule| rule.check.as_deref() == Some("forms") && of_forms(&rule.id));
    produced.extend(forms.map(|rule| rule.id.to_string()));
    let all: BTreeSet<String> = rules
        .into_iter()
        // Rules about a host are produced by tests/it/audit.rs, and by their own examples, which are hosts.
        .filter(|rule| rule.check.as_deref() != Some(cinderlint::lint::host::CHECK))
        .map(|rule| rule.id.to_string())
        .collect();
    let elsewhere: BTreeSet<String> = ELSEWHERE.iter().map(|(id, _)| id.to_string()).collect();
    let silent: Vec<_> = all.difference(&produced).filter(|id| !elsewhere.contains(*id)).collect();
    assert!(silent.is_empty(), "no file in {} or tests/forms produces {silent:?}", repository.display());
    assert!(elsewhere.is_subset(&all) && elsewhere.is_disjoint(&produced), "{elsewhere:?}");
}

/// The findings in some files of a folder, each without its place among the others.
fn found(folder: &Path, root: &Path, files: &[&Path]) -> BTreeSet<String> {
    let always = ["check", "--no-settings", "--pedantic", "--format", "json", "--release", "2026.2", "--root"];
    let args: Vec<&Path> = always.map(Path::new).into_iter().chain([root]).chain(files.iter().copied()).collect();
    let document = json(folder, &args);
    let findings = document["findings"].as_array().unwrap();
    findings.iter().map(|finding| shown(folder, finding)).collect()
}

#[test]
fn several_files_say_what_each_says_alone() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples/everything/2026.2");
    let files: Vec<_> =
        ["backends.conf", "shares.conf", "wiring.conf", "netapp.conf", "options.conf", "more-options.conf"]
            .map(Path::new)
            .into();
    // Of a line in a shares file that several deployments read, one finding says it, in the name of the first.
    let place = |text: String| match text.split_once("\n") {
        Some((first, _)) if text.starts_with("host/") => first.to_string(),
        _ => text,
    };
    let found = |files: &[&Path]| found(&folder, Path::new("host"), files).into_iter().map(place);
    let alone: BTreeSet<String> = files.iter().flat_map(|file| found(&[file])).collect();
    let together: BTreeSet<String> = found(&files).collect();
    assert!(together.iter().filter(|text| text.starts_with("host/")).count() > 3, "{together:?}");
    assert_eq!(alone.symmetric_difference(&together).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn very_many_backends_are_judged_as_few_are() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples/everything/2026.2");
    let few = fs::read_to_string(folder.join("backends.conf")).unwrap();
    let place = std::env::temp_dir().join(format!("cinderlint-many-{}", std::process::id()));
    fs::create_dir_all(&place).unwrap();
    let root = folder.join("host");
    let many: String = (0..100)
        .map(|at| {
            format!("[l{at}]\nvolume_driver = cinder.volume.drivers.lvm.LVMVolumeDriver\nvolume_backend_name = l{at}\n")
        })
        .collect();
    let names: String = (0..100).map(|at| format!(", l{at}")).collect();
    let found = |text: &str| -> BTreeSet<String> {
        fs::write(place.join("cinder.conf"), text).unwrap();
        let of_backend = |text: &String| text.contains("\n    at: [b");
        let findings = found(&place, &root, &[Path::new("cinder.conf")]);
        findings.into_iter().filter(of_backend).collect()
    };
    let some = found(&few);
    let more = few.replacen(", b49\n", &format!(", b49{names}\n"), 1) + &many;
    assert!(some.len() > 100, "{some:?}");
    assert_eq!(some.symmetric_difference(&found(&more)).collect::<Vec<_>>(), Vec::<&String>::new());
    fs::remove_dir_all(place).unwrap();
}
