//! The forms in which people keep configuration: for each an example repository under `tests/forms/`, with what is found in
//! it. A finding is shown with the exact text of the file at its place.
//!
//! `EXPECTED` in a folder is what `cinderlint check` says of it: a line a finding, `PATH:LINE: RULE severity «text»`, and
//! below `---` what `--show-files` says.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use crate::{
    command::{TestDir, json},
    snapshot::Snapshots,
};

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files_below(&path, found) } else { found.push(path) }
    }
}

/// What is said of an example repository.
fn said(example: &Path) -> String {
    let mut paths = Vec::new();
    files_below(example, &mut paths);
    let place = TestDir::new(&[]);
    for path in paths.iter().filter(|path| !path.ends_with("EXPECTED")) {
        let relative = path.strip_prefix(example).unwrap().to_str().unwrap();
        place.write(relative, &fs::read_to_string(path).unwrap());
    }
    let document = place.json(&["check", "--format", "json"]);
    let mut shown = String::new();
    for finding in document["findings"].as_array().unwrap() {
        let file = finding["file"].as_str().unwrap();
        let text = place.read(file);
        let at = |key: &str| usize::try_from(finding[key].as_u64().unwrap()).unwrap();
        let span = &text[at("byte_start")..at("byte_end")];
        let suppressed = if finding["suppressed"].is_null() { "" } else { " (suppressed)" };
        let (rule, severity) = (finding["rule"].as_str().unwrap(), finding["severity"].as_str().unwrap());
        writeln!(shown, "{file}:{}: {rule} {severity}{suppressed} «{span}»", finding["line"]).unwrap();
        let fixes = finding["fix"]["edits"].as_array().into_iter().flatten();
        for edit in fixes {
            let at = |key: &str| usize::try_from(edit[key].as_u64().unwrap()).unwrap();
            let old = &place.read(edit["file"].as_str().unwrap())[at("byte_start")..at("byte_end")];
            writeln!(shown, "    fix: «{old}» becomes «{}»", edit["text"].as_str().unwrap()).unwrap();
        }
        assert_eq!(text[..at("byte_start")].matches('\n').count() + 1, at("line"), "{finding}");
    }
    let errors = document["errors"].as_array().unwrap();
    assert!(errors.is_empty(), "{errors:?}");
    format!("{shown}---\n{}", place.said(&["check", "--show-files"]).1)
}

#[test]
fn every_example_is_read_as_expected() {
    let mut snapshots = Snapshots::new();
    let mut examples = 0;
    for entry in fs::read_dir("tests/forms").unwrap() {
        let example = entry.unwrap().path();
        snapshots.compare(&example.join("EXPECTED"), &said(&example));
        examples += 1;
    }
    assert!(examples > 1);
    snapshots.finish();
}

/// What `check` finds of a tree from a folder: file, line, column, rule, severity, section and option, in no order.
fn found(tree: &Path, folder: &Path, args: &[&str]) -> Vec<String> {
    let args: Vec<&str> = ["check", "--format", "json", "--pedantic"].iter().chain(args).copied().collect();
    let document = json(folder, &args);
    let text = |finding: &serde_json::Value| {
        // How paths are shown depends on where one stands.
        let file = fs::canonicalize(folder.join(finding["file"].as_str().unwrap())).unwrap();
        let file = file.strip_prefix(fs::canonicalize(tree).unwrap()).unwrap().display().to_string();
        let said = ["line", "column", "rule", "severity", "section", "option"].map(|key| finding[key].to_string());
        format!("{file}: {}", said.join(" "))
    };
    let mut all: Vec<String> = document["findings"].as_array().unwrap().iter().map(text).collect();
    all.sort();
    all
}

/// The answer is one of the tree: the order in which files are named, where one stands, and whether files are named or found make no
/// difference.
#[test]
fn the_answer_does_not_depend_on_how_one_asks() {
    for entry in fs::read_dir("tests/forms").unwrap() {
        let example = entry.unwrap().path();
        let mut paths = Vec::new();
        files_below(&example, &mut paths);
        let place = TestDir::new(&[]);
        for path in paths.iter().filter(|path| !path.ends_with("EXPECTED")) {
            let relative = path.strip_prefix(&example).unwrap().to_str().unwrap();
            place.write(&format!("tree/{relative}"), &fs::read_to_string(path).unwrap());
        }
        let tree = place.path("tree");
        let whole = found(&tree, &tree, &["."]);
        let shown = place.said(&["check", "--show-files", "tree"]).1;
        let taken = shown.lines().filter(|line| !line.contains(": left out: "));
        let mut named: Vec<&str> = taken.filter_map(|line| line.split_once(": ")?.0.strip_prefix("tree/")).collect();
        assert_eq!(found(&tree, &tree, &named), whole, "{}: named", example.display());
        named.reverse();
        assert_eq!(found(&tree, &tree, &named), whole, "{}: named the other way round", example.display());
        assert_eq!(found(&tree, &place.path(""), &["tree"]), whole, "{}: from above", example.display());
        let inner = fs::read_dir(&tree).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.is_dir());
        if let Some(inner) = inner {
            assert_eq!(found(&tree, &inner, &[".."]), whole, "{}: from below", example.display());
        }
    }
}

#[test]
fn a_file_named_outright_is_taken_whatever_it_looks_like() {
    let place = TestDir::new(&[
        ("notes", "[nfs]\nnas_hots = x\n"),
        ("cinder.conf.bak", "[DEFAULT]\n"),
        ("x.sh", "#!/bin/sh\n"),
    ]);
    assert!(place.said(&["check", "--show-files", "notes"]).1.contains("notes: ini: it was named"));
    assert!(place.said(&["check", "--show-files", "cinder.conf.bak"]).1.contains("cinder.conf.bak: ini"));
    let (code, _, err) = place.said(&["check", "x.sh"]);
    assert_eq!((code, err.contains("is a script")), (2, true), "{err}");
    assert_eq!(place.said(&["check", "--form", "ini", "x.sh"]).0, 0);
    assert_eq!(place.said(&["check", "--form", "nonsense", "x.sh"]).0, 2);
    let (_, out, _) = place.said(&["check", "--show-files", "--form", "shares", "notes"]);
    assert_eq!(out, "notes: shares: --form says so\n");
}

/// What is refused is called what it is.
#[test]
fn a_config_map_is_no_template() {
    let map = "apiVersion: v1\nkind: ConfigMap\ndata:\n  nova.conf: |\n    [DEFAULT]\n    san_password = hunter2\n";
    let place = TestDir::new(&[("map.yaml", map), ("values.yaml", "a: 1\n{{- range .Values.x }}\nb: 2\n{{- end }}\n")]);
    for (file, words) in [("map.yaml", "is a ConfigMap without a file of Cinder"), ("values.yaml", "is a template")] {
        let (code, _, err) = place.said(&["check", file]);
        assert!(code == 2 && err.contains(words) && !err.contains("hunter2"), "{err}");
    }
}

#[test]
fn what_only_oslo_config_reads_is_said() {
    let secret = "kind: Secret\nmetadata:\n  name: cinder\nstringData:\n  x.conf: |\n    [nfs]\n    san_password = hunter2\n    nas_hots = x\n";
    let place = TestDir::new(&[("s.yaml", secret), ("cinder.conf.j2", "[DEFAULT]\ndebug = {{ x }}\n")]);
    let (code, out, err) = place.said(&["check", "--config-file", "s.yaml"]);
    assert_eq!((code, out.contains("CND")), (2, false), "{out}");
    assert!(
        err.contains("s.yaml: contains custom resources of the OpenStack operators, which oslo.config does not read")
    );
    let (_, out, err) = place.said(&["parse", "s.yaml"]);
    assert!(err.contains("s.yaml: contains custom resources") && !out.contains("hunter2"), "{out}{err}");
    let (code, out, err) = place.said(&["parse", "cinder.conf.j2"]);
    assert!(code == 0 && out.contains("debug = {{ x }}") && err.contains("is a template; this is how"), "{out}{err}");
}

#[test]
fn a_help_speaks_yaml_where_options_are_keys_of_yaml() {
    let values = "conf:\n  cinder:\n    DEFAULT:\n      enabled_backends: nfs1\n  backends:\n    nfs1:\n      volume_driver: cinder.volume.drivers.nfs.NfsDriver\n";
    let place = TestDir::new(&[
        ("values.yaml", values),
        (
            "plain/cinder.conf",
            "[DEFAULT]\nenabled_backends = nfs1\n[nfs1]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n",
        ),
    ]);
    let document = place.json(&["check", "--pedantic", "--format", "json", "."]);
    let helps: Vec<(&str, &str)> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["rule"] == "CND437")
        .map(|finding| (finding["file"].as_str().unwrap(), finding["help"].as_str().unwrap()))
        .collect();
    let said = |assignment| format!("keep some space free: `{assignment}`");
    let (ini, yaml) = (said("reserved_percentage = 5"), said("reserved_percentage: 5"));
    assert_eq!(helps, [("plain/cinder.conf", &*ini), ("values.yaml", &*yaml)]);
}
