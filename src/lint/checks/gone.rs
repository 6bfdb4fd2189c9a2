//! Options that a release does not read and another one does: until when, and what takes their place.

use super::{
    Candidate, Context, NasDigest,
    did_you_mean::section_name,
    reader::{BACKENDS, Reader, Scope, Verdict, homes, old_names},
    yes,
};
use crate::{
    catalog::{self, Instead, OptionRow, Release},
    config::GroupId,
    nas::Family,
    vocabulary::Fact,
};

/// What is said of each of them.
pub(super) const FACTS: &[Fact] = &[
    Fact::text("was", "where it was read, in words; empty: where it is"),
    Fact::text("instead", "what to write instead; empty: nothing"),
    Fact::flag("replaced", "something takes its place"),
];
/// What is said of those that were read before.
pub(super) const INSTEAD: &[Fact] = &[
    Fact::text("reason", "why nothing takes its place, in words; empty: not known"),
    Fact::flag(
        "told-of-nfs",
        "it is one of the two ratios of NFS in the section of such a backend: CND417 speaks of it",
    ),
    Fact::flag("was-read", "the release before the upgrade reads the line"),
    Fact::text("new", "the name of the option that takes its value; empty: none"),
    Fact::flag("same-section", "the new name can be written in the place of the old one"),
    Fact::text("new-section", "the section that the line can be moved into; empty: none"),
];

/// `removed`, or `too-new`.
pub(super) fn other_release(
    context: &Context<'_, '_>,
    group: GroupId,
    scope: Scope,
    (row, here): (OptionRow, bool),
    candidate: &mut Candidate,
) {
    let release = context.config.release;
    let key = candidate.option.clone().unwrap_or_default();
    let rows = || catalog::options_named(&key).chain(old_names().get(key.as_str()).into_iter().flatten().copied());
    let in_default = scope == Scope::Named("DEFAULT");
    let is_here = |row: &OptionRow| {
        !here || homes(scope).chain(in_default.then_some(BACKENDS)).any(|home| is_at(row, home, &key))
    };
    let range = |row: OptionRow| (row.first(), row.last());
    let earlier = rows().filter(is_here).map(range).filter(|(_, last)| *last < release).map(|(_, last)| last).max();
    let later = rows().filter(is_here).map(range).filter(|(first, _)| *first > release).map(|(first, _)| first).min();
    let was = if here { String::new() } else { format!(", and then only in {}", section_name(row.group())) };
    candidate.facts.insert("was", was);
    let next = successor(release, scope, &key);
    match (earlier, later) {
        (Some(last), _) => {
            let gone = Release::from_index(last.index() + 1).unwrap_or(last);
            candidate.facts.insert("last", last.title());
            candidate.facts.insert("gone", gone.title());
            takes_its_value(context, group, scope, next.as_ref(), candidate);
        }
        (None, later) => {
            candidate.kind = "too-new";
            candidate.facts.insert("first", later.unwrap_or(row.first()).title());
        }
    }
    let (instead, reason) = match next {
        Some(Successor::Option(name, None)) => (format!("`{name}`"), ""),
        Some(Successor::Option(name, Some(group))) => (format!("`{name}` in {}", section_name(group)), ""),
        Some(Successor::Text(text)) => (text.to_string(), ""),
        Some(Successor::Nothing(reason)) => (String::new(), reason),
        None => (String::new(), ""),
    };
    candidate.facts.insert("replaced", yes(!instead.is_empty()));
    candidate.facts.insert("instead", instead);
    if candidate.kind == "removed" {
        let is_ratio = matches!(key.as_str(), "nfs_used_ratio" | "nfs_oversub_ratio");
        let of_nfs = |nas: &NasDigest| matches!(nas.family, Family::Indicator | Family::IndicatorAsRoot);
        let nas = context.by_group.get(group.index()).copied().flatten().and_then(|at| context.nas.get(at as usize));
        candidate.facts.insert("told-of-nfs", yes(is_ratio && release >= Release::MITAKA && nas.is_some_and(of_nfs)));
        candidate.facts.insert("reason", if reason.is_empty() { String::new() } else { format!(": {reason}") });
    }
}

/// Whether the line can be written under the new name, so that the value stays in force.
fn takes_its_value(
    context: &Context<'_, '_>,
    group: GroupId,
    scope: Scope,
    next: Option<&Successor>,
    candidate: &mut Candidate,
) {
    let key = candidate.option.clone().unwrap_or_default();
    candidate.facts.insert("was-read", yes(context.is_read_before(group, &key)));
    let (new, same, section) = match next {
        Some(Successor::Option(name, None)) => {
            let is_set = context.config.setting(group, name).is_some();
            (name.as_str(), !is_set && *name != key, "")
        }
        Some(Successor::Option(name, Some(group))) => {
            let free = is_free(context, group, name);
            (name.as_str(), false, own_section(group).filter(|_| free).unwrap_or_default())
        }
        _ => ("", false, ""),
    };
    // What several lines give, another option may take only once.
    let rows = || homes(scope).find_map(|home| catalog::options_named(new).find(|row| row.group() == home));
    let multi = rows().is_some_and(|row| row.is_multi());
    // Inside of YAML the same key may stand for several backends.
    let is_own = context.config.files().find(candidate.place.file).is_some_and(|file| file.is_on_disk());
    candidate.facts.insert("same-section", yes(same && !multi && is_own));
    candidate.facts.insert("new-section", section.to_string());
    candidate.facts.insert("new", new.to_string());
}

/// Whether no file sets an option in a section.
pub(super) fn is_free(context: &Context<'_, '_>, group: &str, name: &str) -> bool {
    context.config.group(group).is_none_or(|group| context.config.setting(group, name).is_none())
}

/// A section that has this very name in a file: not a backend's, nor one that another option names.
pub(super) fn own_section(group: &'static str) -> Option<&'static str> {
    (section_name(group).starts_with('[') && group != "backend").then_some(group)
}

/// What takes the place of an option.
enum Successor {
    /// An option of a release, in another section where one is given.
    Option(String, Option<&'static str>),
    /// Something else, in words.
    Text(&'static str),
    /// Nothing, for this reason.
    Nothing(&'static str),
}

/// Whether a row has an option of this name in a section, or one that is read there under this name as an old one.
fn is_at(row: &OptionRow, home: &str, key: &str) -> bool {
    row.name() == key && row.group().eq_ignore_ascii_case(home)
        || row.deprecated().any(|(group, name)| {
            let group = if group.is_empty() { row.group() } else { group };
            let name = if name.is_empty() { row.name() } else { name };
            name == key && group.eq_ignore_ascii_case(home)
        })
}

/// What a release has instead of an option that is gone.
fn successor(release: Release, scope: Scope, key: &str) -> Option<Successor> {
    match catalog::replacement(key) {
        Some(Instead::Write(text)) => return Some(Successor::Text(text)),
        Some(Instead::Nothing(reason)) => return Some(Successor::Nothing(reason)),
        None => {}
    }
    // It was an old name of an option that is still there, or the old name of an old name.
    let is_home = |group: &str| homes(scope).any(|home| home == group);
    let mut name = key.to_string();
    for _ in 0..4 {
        let rows = old_names().get(name.as_str()).into_iter().flatten();
        let Some(next) = rows.max_by_key(|row| (is_home(row.group()), row.last())) else { break };
        name = next.name().to_string();
        let still = catalog::options_named(&name).filter(|row| row.is_in(release));
        if let Some(row) = still.max_by_key(|row| (is_home(row.group()), row.group() == next.group())) {
            let group = (!is_home(row.group())).then_some(row.group());
            return (name != key || group.is_some()).then_some(Successor::Option(name, group));
        }
    }
    let elsewhere = catalog::options_named(key).find(|row| row.is_in(release));
    if let Some(row) = elsewhere {
        return Some(Successor::Option(key.to_string(), Some(row.group())));
    }
    let last =
        catalog::options_named(key).filter(|row| row.is_deprecated_for_removal()).max_by_key(|row| row.last())?;
    let (_, reason) = last.removal();
    reason.strip_prefix("use ").map(Successor::Text)
}

impl Context<'_, '_> {
    /// Whether there is an upgrade, and the release before it reads this key.
    fn is_read_before(&self, group: GroupId, key: &str) -> bool {
        let verdict = |reader: &Reader<'_>| reader.verdict(reader.scope(group), key);
        matches!(self.reader_before.as_ref().map(verdict), Some(Verdict::Known(_) | Verdict::OldName(..)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_at_its_section_under_each_of_its_names() {
        let row = catalog::option(Release::NEWEST, "profiler", "enabled").unwrap();
        assert!(is_at(&row, "profiler", "enabled"));
        assert!(is_at(&row, "PROFILER", "profiler_enabled"));
        assert!(!is_at(&row, "DEFAULT", "enabled"));
        assert!(!is_at(&row, "DEFAULT", "profiler_enabled"));
        assert!(!is_at(&row, "profiler", "hmac_keys"));
    }
}
