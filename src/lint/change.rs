//! What an upgrade changes: the findings of the new release that the old one does not have, each with the release that brings it.

use std::{collections::HashMap, sync::Arc};

use super::{
    checks,
    deployment::Deployment,
    engine,
    finding::{Change, ChangeKind, Finding},
    rule::Rule,
};
use crate::{
    catalog::Release,
    nas::Host,
    source::{Files, Place},
};

/// What changes with a finding.
pub fn kind_of(finding: &Finding) -> ChangeKind {
    let (check, kind) = (finding.rule.check.as_deref(), finding.rule.kind.as_deref());
    match (check, kind) {
        _ if finding.stops => ChangeKind::Stops,
        (Some("options"), Some("old-name")) | (Some("drivers"), Some("alias")) => ChangeKind::Renamed,
        (Some("options"), Some("for-removal")) => ChangeKind::Deprecated,
        (Some(check), _) if checks::SAY_IGNORED.contains(&check) => ChangeKind::Ignored,
        _ => ChangeKind::Meaning,
    }
}

/// What makes a finding of one release that of another one. It has no place: edits move lines.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    /// The rule; none: one of those that say that a line is ignored, which is one thing, whatever the reason.
    rule: Option<String>,
    file: String,
    section: Option<Arc<str>>,
    option: Option<Arc<str>>,
}

impl Key {
    fn of(files: &Files, finding: &Finding) -> Self {
        let is_ignored = kind_of(finding) == ChangeKind::Ignored;
        Self {
            rule: (!is_ignored).then(|| finding.rule.id.to_string()),
            file: files.get(finding.place.file).shown.clone(),
            section: finding.section.clone(),
            option: finding.option.clone(),
        }
    }
}

/// An upgrade of some deployments, from the release that reads them until now.
#[derive(Clone, Debug, Default)]
pub struct Upgrade {
    brought: HashMap<Key, Change>,
}

impl Upgrade {
    /// Lints the deployments as each release from the old to the new one reads them. Nothing is left in `files` that was not there.
    pub fn of(
        files: &mut Files,
        deployments: &[Deployment],
        host: &Host,
        rules: &[Arc<Rule>],
        (from, to): (Release, Release),
    ) -> Self {
        let known = files.len();
        let mut found = |release: Release| {
            let read = |deployment: &Deployment| Deployment {
                release,
                release_given: true,
                from: (release > from).then_some(from),
                ..deployment.clone()
            };
            let read: Vec<Deployment> = deployments.iter().map(read).collect();
            let findings = engine::run(files, &read, host, rules, true).findings;
            let keys: HashMap<Key, ChangeKind> =
                findings.iter().map(|finding| (Key::of(files, finding), kind_of(finding))).collect();
            files.truncate(known);
            keys
        };
        let before = found(from);
        let mut brought: HashMap<Key, Change> = HashMap::new();
        for release in Release::all().filter(|release| from < *release && *release <= to) {
            let now = found(release);
            brought.retain(|key, _| now.contains_key(key));
            for (key, kind) in now.into_iter().filter(|(key, _)| !before.contains_key(key)) {
                brought.entry(key).or_insert(Change { release, kind }).kind = kind;
            }
        }
        Self { brought }
    }

    /// Keeps what the upgrade brings, worst first within each release.
    pub fn keep(&self, files: &Files, findings: &mut Vec<Finding>) {
        findings.retain_mut(|finding| {
            let is_own = finding.rule.id.starts_with("CND9");
            finding.change = self.brought.get(&Key::of(files, finding)).copied().filter(|_| !is_own);
            finding.change.is_some()
        });
    }
}

/// The order of a report about an upgrade: release by release, worst first, then as the files have it.
pub fn order(files: &Files, findings: &mut [Finding]) {
    let rank = |finding: &Finding| {
        let Place { file, span } = finding.place;
        let severity = std::cmp::Reverse(finding.severity as u8);
        (finding.change, severity, files.get(file).shown.clone(), span.start, finding.rule.id.to_string())
    };
    findings.sort_by_cached_key(rank);
}
