//! The examples in the rule files are the rules' tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
    sync::Arc,
};

use cinderlint::{
    catalog::Release,
    input::{Files, Root},
    lint::{self, Choice, Deployment, Rule, rule::Example},
    nas::{Host, Python},
};

fn rules() -> Vec<Rule> {
    lint::built_in().expect("every rule loads")
}

/// The lines at which a rule speaks on an example, and the message at each.
fn lines(rule: &Rule, all: &[Arc<Rule>], example: &Example) -> Vec<(u32, String)> {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in &example.host {
        let place = folder.path().join(path.trim_start_matches('/'));
        if path.ends_with('/') {
            std::fs::create_dir_all(place).expect("a folder");
        } else {
            std::fs::create_dir_all(place.parent().expect("a parent")).expect("a folder");
            std::fs::write(place, text).expect("a file");
        }
    }
    let release: Release = example.release.as_deref().map_or(Release::NEWEST, |name| name.parse().expect("a release"));
    let mut files = Files::default();
    let id = files.add(Path::new("cinder.conf"), example.file.clone().into_bytes());
    let deployment = Deployment {
        release_given: example.release.is_some(),
        from: example.from.as_deref().map(|name| name.parse().expect("a release")),
        ..Deployment::new(vec![id], release)
    };
    let python = if release <= Release::QUEENS { Python::Two } else { Python::Three };
    let host = Host { root: Root::new(Some(folder.path())), new_install: example.new_install, python };
    let mut choice = Choice::of(all, true);
    choice.directives.need_reason = example.require_suppression_reason;
    let found = lint::run_as(&mut files, &[deployment], &host, choice);
    let views = cinderlint::report::Views::new(&files);
    found
        .findings
        .iter()
        .filter(|finding| finding.rule.id == rule.id)
        .map(|finding| (views.range(finding.place).0.line, finding.message.clone()))
        .collect()
}

#[test]
fn examples_hold() {
    let rules = rules();
    let all: Vec<Arc<Rule>> = rules.iter().cloned().map(Arc::new).collect();
    let mut failures = Vec::new();
    for rule in &rules {
        for (nth, example) in rule.bad.iter().enumerate() {
            let found = lines(rule, &all, example);
            let at: BTreeSet<u32> = found.iter().map(|(line, _)| *line).collect();
            let wanted: BTreeSet<u32> = example.lines.iter().copied().collect();
            if found.is_empty() || !wanted.is_empty() && wanted != at {
                failures.push(format!("{} bad {nth}: expected lines {wanted:?}, found {found:?}", rule.id));
            }
            for (_, message) in found {
                if message.contains('?') && message.contains("`?`") || message.contains("{") {
                    failures.push(format!("{} bad {nth}: a placeholder without a value: {message}", rule.id));
                }
            }
        }
        for (nth, example) in rule.good.iter().enumerate() {
            let found = lines(rule, &all, example);
            if !found.is_empty() {
                failures.push(format!("{} good {nth}: {found:?}", rule.id));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_rule_is_complete() {
    let mut names = HashMap::new();
    for rule in rules() {
        let id = &rule.id;
        assert!(id.len() == 6 && id.starts_with("CND") && id[3..].bytes().all(|b| b.is_ascii_digit()), "{id}");
        assert!(rule.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{id}");
        // What is not UTF-8 cannot stand in a rule file; the command line's tests have it.
        assert!(!rule.bad.is_empty() || rule.name == "not-utf8", "{id} has no bad example");
        assert!(!rule.good.is_empty(), "{id} has no good example");
        assert!(!rule.why.trim().is_empty() && !rule.instead.trim().is_empty(), "{id}");
        assert!(!rule.summary.ends_with('.') && !rule.message.ends_with('.'), "{id}");
        assert_eq!(names.insert(rule.name.clone(), id.clone()), None, "{id}");
        let release = |example: &Example| -> Release {
            example.release.as_deref().map_or(Release::NEWEST, |name| name.parse().expect("a release"))
        };
        if let Some(releases) = rule.releases {
            let bad: Vec<Release> = rule.bad.iter().map(release).collect();
            assert!(bad.contains(&releases.first), "{id} has no bad example at {}", releases.first);
            assert!(bad.contains(&releases.last), "{id} has no bad example at {}", releases.last);
            let outside = rule.good.iter().map(release).any(|release| !releases.contains(release));
            assert!(outside, "{id} has no good example outside {releases}");
        }
    }
}

#[test]
fn file_names_say_id_and_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let names: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("the rules")
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().strip_suffix(".toml")?.to_string()))
        .collect();
    let expected: BTreeSet<String> = rules().iter().map(|rule| format!("{}-{}", rule.id, rule.name)).collect();
    assert_eq!(names, expected);
}
