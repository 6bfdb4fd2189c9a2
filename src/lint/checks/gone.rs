//! Options that a release does not read and another one does: until when, and what takes their place.

use super::{
    Candidate, Context, NasDigest,
    did_you_mean::section_name,
    reader::{Reader, Scope, Verdict, homes, old_names},
    yes,
};
use crate::{
    catalog::{self, BACKENDS, Instead, OptionRow, Release, types::Type},
    config::GroupId,
    nas::Family,
    source::{File, Place},
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
    Fact::flag("was-read", "the release before the upgrade reads the line, and the new option is the same one"),
    Fact::flag("is-set", "the new option is set already"),
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
    let is_here =
        |row: &OptionRow| !here || homes(scope).chain(in_default.then_some(BACKENDS)).any(|home| row.is_at(home, &key));
    let range = |row: OptionRow| (row.first(), row.last());
    let earlier = rows().filter(is_here).map(range).filter(|(_, last)| *last < release).map(|(_, last)| last).max();
    let later = rows().filter(is_here).map(range).filter(|(first, _)| *first > release).map(|(first, _)| first).min();
    let was = if here { String::new() } else { format!(", in {} only", section_name(row.group())) };
    candidate.facts.insert("was", was);
    let next = successor(release, scope, &key, here);
    match (earlier, later) {
        (Some(last), _) => {
            let gone = Release::from_index(last.index() + 1).unwrap_or(last);
            candidate.facts.insert("last", last.title());
            candidate.facts.insert("gone", gone.title());
            takes_its_value(context, group, (scope, row), next.as_ref(), candidate);
        }
        (None, later) => {
            candidate.kind = "too-new";
            candidate.facts.insert("first", later.unwrap_or(row.first()).title());
        }
    }
    let (instead, reason) = match next {
        Some(Successor::Option(name, None) | Successor::Like(name)) => (format!("`{name}`"), ""),
        Some(Successor::Option(name, Some(group))) => (format!("`{name}` in {}", section_name(group)), ""),
        Some(Successor::Text(text)) => (text.to_string(), ""),
        Some(Successor::Nothing(reason)) => (String::new(), reason),
        None => (String::new(), ""),
    };
    candidate.facts.insert("replaced", yes(!instead.is_empty()));
    candidate.facts.insert("instead", instead);
    if candidate.kind == "removed" {
        let is_ratio = matches!(key.as_str(), "nfs_used_ratio" | "nfs_oversub_ratio");
        let of_nfs = |nas: &NasDigest| {
            let nfs = matches!(nas.family, Family::Indicator | Family::IndicatorAsRoot);
            let of_pair = nfs || matches!(nas.family, Family::Unvalidated | Family::Gpfs);
            is_ratio && nfs && release >= Release::MITAKA || key == "nas_ip" && of_pair && release >= Release::QUEENS
        };
        let nas = context.by_group.get(group.index()).copied().flatten().and_then(|at| context.nas.get(at as usize));
        candidate.facts.insert("told-of-nfs", yes(nas.is_some_and(of_nfs)));
        candidate.facts.insert("reason", if reason.is_empty() { String::new() } else { format!(": {reason}") });
    }
}

/// Whether the line can be written under the new name, so that the value stays in force.
fn takes_its_value(
    context: &Context<'_, '_>,
    group: GroupId,
    (scope, old): (Scope, OptionRow),
    next: Option<&Successor>,
    candidate: &mut Candidate,
) {
    let key = candidate.option.clone().unwrap_or_default();
    let (new, same, section, is_set) = match next {
        Some(Successor::Option(name, None) | Successor::Like(name)) => {
            let is_set = context.config.setting(group, name).is_some();
            (name.as_str(), !is_set && *name != key, "", is_set)
        }
        Some(Successor::Option(name, Some(group))) => {
            let free = is_free(context, group, name);
            (name.as_str(), false, own_section(group).filter(|_| free).unwrap_or_default(), !free)
        }
        _ => ("", false, "", false),
    };
    let moved = match next {
        Some(Successor::Option(_, Some(group))) => Some(*group),
        _ => None,
    };
    let row = moved.into_iter().chain(homes(scope)).find_map(|home| catalog::option(context.config.release, home, new));
    // What several lines give, another option may take only once; and what is no text of its kind, it cannot take.
    let value = context.config.setting(group, &key).map(|setting| setting.value().into_owned()).unwrap_or_default();
    let is_single = |row: &OptionRow| !row.is_multi() || is_only_line(context, group, &key);
    let fits = row.is_some_and(|row| is_single(&row) && takes(row.value_type(), &value, old.value_type()));
    // A driver that does not read it has no use for it.
    let is_read = moved.is_some() || matches!(context.reader.verdict(scope, new), Verdict::Known(_));
    let is_own = || is_of_one_section(context, group, &key, candidate.place);
    let is_same = !matches!(next, Some(Successor::Like(_)));
    candidate.facts.insert("was-read", yes(is_same && context.is_read_before(group, &key)));
    candidate.facts.insert("is-set", yes(is_set));
    candidate.facts.insert("same-section", yes(same && fits && is_read && is_own()));
    candidate.facts.insert("new-section", if fits { section } else { "" }.to_string());
    candidate.facts.insert("new", new.to_string());
}

/// How many sections are looked through for another one with the same key; with more, none is sure to be its own.
const SECTIONS: usize = 1000;

/// Whether a key stands for one section alone: in YAML, what an anchor marks may be the maps of several backends.
fn is_of_one_section(context: &Context<'_, '_>, group: GroupId, key: &str, place: Place) -> bool {
    let files = context.config.files();
    if files.find(place.file).is_some_and(File::has_lines) {
        return true;
    }
    let Some(at) = files.on_disk(place).filter(|_| context.config.groups().nth(SECTIONS).is_none()) else {
        return false;
    };
    let others = context.config.groups().filter(|(other, _)| *other != group);
    let mut lines = others.flat_map(|(other, _)| context.config.occurrences(other, key));
    !lines.any(|line| files.on_disk(line.key_place()) == Some(at))
}

/// Whether a single line sets an option in a section: what several lines give goes together.
pub(super) fn is_only_line(context: &Context<'_, '_>, group: GroupId, key: &str) -> bool {
    context.config.occurrences(group, key).count() == 1
}

/// Whether a type takes what is a text of another one, and reads it alike.
fn takes(new: &Type, text: &str, old: &Type) -> bool {
    let kind = |of: &Type| match of {
        Type::Boolean => 0,
        Type::Integer { .. } | Type::Float { .. } | Type::Port { .. } => 1,
        Type::List { .. } => 2,
        Type::Dict { .. } => 3,
        _ => 4,
    };
    let fits = match (kind(old), kind(new)) {
        (1, 4) => true,
        // A list of this one.
        (4, 2) => !text.contains([',', '[', '"', '\'', '$']),
        (old, new) => old == new,
    };
    fits && (text.contains('$') || new.check(text).is_ok())
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
    /// Another option of the same section, which does the same.
    Like(String),
    /// Something else, in words.
    Text(&'static str),
    /// Nothing, for this reason.
    Nothing(&'static str),
}

/// Options that moved without an old name: their section, their name, the section now, and the name now.
const MOVED: [(&str, &str, &str, &str); 3] = [
    ("keymgr", "api_class", "key_manager", "api_class"),
    (BACKENDS, "xiv_chap", BACKENDS, "chap"),
    (BACKENDS, "xiv_ds8k_connection_type", BACKENDS, "connection_type"),
];

/// What a release has instead of an option that is gone; `here`: it was read in this section.
fn successor(release: Release, scope: Scope, key: &str, here: bool) -> Option<Successor> {
    match catalog::replacement(key) {
        Some(Instead::Write(text)) => return Some(Successor::Text(text)),
        Some(Instead::Nothing(reason)) => return Some(Successor::Nothing(reason)),
        None => {}
    }
    let is_home = |group: &str| homes(scope).any(|home| home.eq_ignore_ascii_case(group));
    let of_backends = (scope == Scope::Named("DEFAULT")).then_some(BACKENDS);
    let moved = MOVED.iter().find(|(from, name, ..)| is_home(from) && *name == key).map(|(.., to, new)| (*to, *new));
    if let Some((group, new)) = moved
        && catalog::option(release, group, new).is_some()
    {
        return Some(Successor::Option(new.to_string(), (!is_home(group)).then_some(group)));
    }
    // It was an old name of an option that is still there, or the old name of an old name.
    let mut name = moved.map_or(key, |(_, new)| new).to_string();
    let mut place = moved.map(|(group, _)| group);
    for _ in 0..4 {
        let rows = old_names().get(name.as_str()).into_iter().flatten();
        let is_here = |row: &OptionRow| match place {
            Some(group) => row.was_at(group, &name),
            None => homes(scope).chain(of_backends).any(|home| row.was_at(home, &name)),
        };
        let rows = rows.filter(|row| !here || is_here(row));
        let Some(next) = rows.max_by_key(|row| (is_home(row.group()), row.last())) else { break };
        name = next.name().to_string();
        place = Some(next.group());
        let still = catalog::options_named(&name).filter(|row| row.is_in(release));
        let still = still.filter(|row| is_home(row.group()) || row.group() == next.group());
        // The section of the new name is what counts: its own may have another option of that name.
        if let Some(row) = still.max_by_key(|row| (row.group() == next.group(), is_home(row.group()))) {
            let group = (!is_home(row.group())).then_some(row.group());
            return (name != key || group.is_some()).then_some(Successor::Option(name, group));
        }
    }
    let rows = catalog::options_named(key).filter(|row| row.is_deprecated_for_removal());
    let last = rows.filter(|row| !here || is_home(row.group())).max_by_key(|row| row.last())?;
    let (_, reason) = last.removal();
    let text = reason.strip_prefix("use ")?;
    let is_option = homes(scope).any(|home| catalog::option(release, home, text).is_some());
    Some(if is_option { Successor::Like(text.to_string()) } else { Successor::Text(text) })
}

impl Context<'_, '_> {
    /// Whether there is an upgrade, and the release before it reads this key.
    fn is_read_before(&self, group: GroupId, key: &str) -> bool {
        let verdict = |reader: &Reader<'_>| reader.verdict(reader.scope(group), key);
        matches!(self.reader_before.as_ref().map(verdict), Some(Verdict::Known(_) | Verdict::OldName(..)))
    }
}
