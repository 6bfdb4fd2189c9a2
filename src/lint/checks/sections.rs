use std::cell::LazyCell;

use foldhash::HashSet;

use super::{
    Attached, Candidate, Candidates, Context,
    nearest::{Name, most_slips, nearest},
    reader::Scope,
    yes,
};
use crate::{
    catalog::{self, Release},
    vocabulary::{Fact, Finds, Kind},
};

/// What [`find`] hands to rules.
pub(super) static SECTIONS: Finds = Finds {
    check: "sections",
    meaning: "Sections that nothing reads",
    kinds: &[
        Kind::new("unknown", "no release knows the section").facts(&[FACTS]),
        Kind::new("removed", "an earlier release reads the section")
            .facts(&[FACTS, &[Fact::text("last", "the last release that reads it")]]),
        Kind::new("too-new", "only a later release reads the section")
            .facts(&[FACTS, &[Fact::text("first", "the first release that reads it")]]),
    ],
};
const FACTS: &[Fact] = &[
    Fact::text("release", "the release that reads the files"),
    Fact::flag("ours", "half of its options or more are Cinder's"),
    Fact::flag("near", "a known section has nearly this name"),
    Fact::text("advice", "what to do, in words"),
];

/// Sections that nothing reads: `unknown`; `removed` and `too-new`, which other releases know.
pub(super) fn find(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    let config = context.config;
    let release = config.release;
    // Most files have no section that is not known as it is written.
    let known = LazyCell::new(|| {
        let backends = context.backends.iter().filter(|backend| backend.enabled);
        let backends = backends.map(|backend| super::names::fold(&backend.name));
        let sections = catalog::group_names(release).chain(["DEFAULT"]).map(super::names::fold);
        sections.chain(backends).collect::<HashSet<String>>()
    });
    // A search among very many names would cost more than it is worth.
    let few = if context.backends.len() <= 1000 { context.backends } else { &[] };
    let mut names: Vec<Name<'_>> = catalog::group_names(release).map(Name::from).collect();
    names.extend(few.iter().filter(|backend| backend.enabled).map(|backend| Name::from(&*backend.name)));
    for (group, info) in config.groups() {
        let name = &*info.name;
        // The checks of names and of backends speak of these.
        let is_backend = ["volume_driver", "volume_backend_name", "nas_host", "nas_share_path", "nfs_shares_config"]
            .iter()
            .any(|mark| config.setting(group, mark).is_some());
        if context.reader.scope(group) != Scope::Unknown
            || known.contains(&super::names::fold(name))
            || is_backend
            || context.has_dynamic_name(group)
        {
            continue;
        }
        let Some(place) = config.header_place(group).filter(|place| !context.has_remark(*place)) else { continue };
        let mut candidate = Candidate {
            kind: "unknown",
            place,
            section: Some(config.spelled(group).into_owned()),
            ..Candidate::default()
        };
        let ranges: Vec<_> = catalog::group_releases(name).collect();
        let last = ranges.iter().map(|range| range.last).filter(|last| *last < release).max();
        let first = ranges.iter().map(|range| range.first).filter(|first| *first > release).min();
        let title = |release: Release| release.title();
        if let Some(last) = last {
            candidate.kind = "removed";
            candidate.facts.insert("last", title(last));
        } else if let Some(first) = first {
            candidate.kind = "too-new";
            candidate.facts.insert("first", title(first));
        }
        let keys: Vec<String> = config.settings(group).map(|setting| setting.key().into_owned()).collect();
        let ours = keys.iter().filter(|key| catalog::options_named(key).next().is_some()).count();
        let of_backends = keys.iter().any(|key| catalog::backend_option(release, key).is_some());
        // An empty section says nothing.
        if keys.is_empty() {
            continue;
        }
        candidate.facts.insert("release", release.title());
        candidate.facts.insert("ours", yes(2 * ours >= keys.len()));
        let elsewhere = only_home(release, &keys);
        let limit = if found.len() < 1000 { most_slips(name) } else { 0 };
        let near = nearest(name, limit, names.iter().copied()).into_iter().min();
        candidate.facts.insert("near", yes(near.is_some()));
        candidate.facts.insert(
            "advice",
            match near {
                Some((_, near)) => format!("did you mean [{near}]?"),
                None if elsewhere.is_some() => {
                    format!("move its lines to [{}]", elsewhere.unwrap_or_default())
                }
                None if of_backends => "add the name to `enabled_backends`, or remove the section".to_string(),
                None => "remove the section".to_string(),
            },
        );
        found.push(candidate);
    }
}

/// The section of a release that reads most of these options, and all of them that are read at all, where no other one does.
fn only_home(release: Release, keys: &[String]) -> Option<&'static str> {
    let homes = |key: &String| catalog::options_named(key).filter(|row| row.is_in(release)).map(|row| row.group());
    let known: Vec<&String> = keys.iter().filter(|key| homes(key).next().is_some()).collect();
    if 2 * known.len() < keys.len() {
        return None;
    }
    let reads_all = |group: &&str| known.iter().all(|key| homes(key).any(|home| home == *group));
    let mut all = homes(known.first()?).filter(|group| *group != "backend_defaults").filter(reads_all);
    let only = all.next()?;
    all.all(|other| other == only).then_some(only)
}
