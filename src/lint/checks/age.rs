//! Which release files were written for, as far as their lines tell.

use std::collections::BTreeMap;

use super::{
    Candidate,
    options::OPTIONS,
    reader::{Reader, homes, old_names},
};
use crate::{
    catalog::{self, Release},
    lint::{Deployment, Finding, finding::Related},
    source::{FileId, Files},
    text::counted,
    vocabulary::{Fact, Finds, Kind},
};

/// The native check of the rule about such files.
pub(in crate::lint) const AGE_CHECK: &str = "age";
/// What is handed to it.
pub(in crate::lint) static AGE: Finds = Finds {
    check: AGE_CHECK,
    meaning: "Files of an older release, where none is named",
    kinds: &[Kind::new("older", "a file with many options that were removed").facts(&[&[
        Fact::number("count", "how many they are"),
        Fact::text("names", "the first of them, in words"),
        Fact::text("release", "the release that reads the files: the newest"),
        Fact::text("newest", "its name, as `--release` takes it"),
        Fact::text("guess", "the release that reads the most lines"),
        Fact::text("guessed", "its name, as `--release` takes it"),
    ]])],
};
/// The fewest options of a file that are said in one finding.
const MANY: usize = 5;
/// As many of them as are named in its message.
const NAMED: usize = 3;

/// Takes the findings of options that were removed out of files that have many of them, where nobody named the release: one
/// candidate for each such file, and what belongs to it.
pub(in crate::lint) fn grouped(
    files: &Files,
    deployments: &[Deployment],
    findings: &mut Vec<Finding>,
) -> Vec<(Candidate, Vec<Related>)> {
    let is_removed = |finding: &Finding| {
        let rule = &finding.rule;
        rule.check.as_deref() == Some(OPTIONS.check)
            && rule.kind.as_deref() == Some("removed")
            && finding.suppressed.is_none()
    };
    let mut counts: BTreeMap<FileId, usize> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| is_removed(finding)) {
        *counts.entry(finding.place.file).or_default() += 1;
    }
    let mut found = Vec::new();
    for (file, _) in counts.into_iter().filter(|(_, count)| *count >= MANY) {
        let of_file = deployments.iter().filter(|deployment| deployment.layers.contains(&file));
        let of_file: Vec<Deployment> = of_file.cloned().collect();
        if of_file.iter().any(|deployment| deployment.release_given) {
            continue;
        }
        let Some((guess, _)) = written_for(files, &of_file) else { continue };
        let mut taken: Vec<Finding> =
            findings.extract_if(.., |finding| finding.place.file == file && is_removed(finding)).collect();
        taken.sort_by_key(|finding| finding.place.span.start);
        let Some(first) = taken.first() else { continue };
        let names: Vec<String> =
            taken.iter().filter_map(|finding| Some(format!("`{}`", finding.option.as_ref()?))).collect();
        let named = names.len().min(NAMED);
        let others = counted((names.len() - named) as u64, "other");
        let mut candidate = Candidate { kind: "older", place: first.place, ..Candidate::default() };
        candidate.facts.insert("count", taken.len().to_string());
        candidate.facts.insert("names", format!("{} and {others}", names[..named].join(", ")));
        candidate.facts.insert("release", Release::NEWEST.title());
        candidate.facts.insert("newest", Release::NEWEST.to_string());
        candidate.facts.insert("guess", guess.title());
        candidate.facts.insert("guessed", guess.to_string());
        let related = taken.iter().map(|finding| Related { place: finding.place, message: (*finding.message).into() });
        found.push((candidate, related.collect()));
    }
    found
}

/// The release that reads the most lines of some deployments, the newest of several, and how many of these the newest release of all
/// does not read; none: that one reads as many as any.
pub fn written_for(files: &Files, deployments: &[Deployment]) -> Option<(Release, usize)> {
    // For each line and each driver the releases that know it.
    let mut lines: Vec<Vec<bool>> = Vec::new();
    let count = Release::all().count();
    for deployment in deployments {
        let config = deployment.config(files, Release::NEWEST);
        let backends = config.all_backends();
        let reader = Reader::new(&config, &backends);
        for (group, _) in config.groups() {
            let scope = reader.scope(group);
            for setting in config.settings(group).filter(|setting| !setting.is_doubtful) {
                let key = setting.key();
                let mut known = vec![false; count];
                let old = old_names().get(&*key).into_iter().flatten().copied();
                let rows = catalog::options_named(&key).chain(old);
                for row in rows.filter(|row| homes(scope).any(|home| row.is_at(home, &key))) {
                    mark(&mut known, row.first(), row.last());
                }
                lines.push(known);
            }
        }
        for backend in &backends {
            let mut known = vec![false; count];
            for row in catalog::driver_anywhere(&backend.driver) {
                mark(&mut known, row.first(), row.last());
            }
            lines.push(known);
        }
    }
    let score = |release: Release| lines.iter().filter(|known| known[usize::from(release.index())]).count();
    let best = Release::all().max_by_key(|release| (score(*release), *release))?;
    let newest = usize::from(Release::NEWEST.index());
    let dead = lines.iter().filter(|known| known[usize::from(best.index())] && !known[newest]).count();
    (best < Release::NEWEST && dead > 0).then_some((best, dead))
}

fn mark(known: &mut [bool], first: Release, last: Release) {
    let range = usize::from(first.index())..=usize::from(last.index());
    for one in known.get_mut(range).unwrap_or_default() {
        *one = true;
    }
}
