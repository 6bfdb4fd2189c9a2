//! What release notes say of the files that an upgrade is about.

use super::{Candidate, Candidates, Context};
use crate::{
    catalog::{self, Note, Release},
    config::{Backend, Setting},
    source::Place,
};

/// The notes of the releases after `from` that hold for the files.
pub(super) fn find(context: &Context<'_, '_>, from: Release, found: &mut Candidates<'_>) {
    let to = context.config.release;
    let without_list = context.config.enabled_backends().is_none();
    for note in catalog::notes().iter().filter(|note| from < note.release && note.release <= to) {
        if let Some(section) = &note.section {
            of_section(context, from, note, section, found);
            continue;
        }
        let has_driver = |backend: &&Backend| {
            let is = |driver: &String| {
                *backend.driver == **driver || driver.ends_with('.') && backend.driver.starts_with(driver.as_str())
            };
            note.drivers.is_empty() || note.drivers.iter().any(is)
        };
        for backend in context.backends.iter().filter(|b| b.enabled || without_list).filter(has_driver) {
            let config = context.config;
            let setting = |name: &String| config.backend_setting(backend, name);
            let Some(option) = holds(note, &setting) else { continue };
            let header = backend.group.and_then(|group| config.header_place(group));
            let driver = || config.backend_setting(backend, "volume_driver").map(|setting| setting.place());
            let place = option.as_ref().map(|(_, place)| *place).or(header).or_else(driver).or(backend.listed);
            let Some(place) = place else { continue };
            let name = option.map(|(name, _)| name).or_else(|| note.unset.first().cloned());
            found.push(candidate(from, to, note, (place, &backend.name), name, &backend.name));
        }
    }
}

fn of_section(context: &Context<'_, '_>, from: Release, note: &Note, section: &str, found: &mut Candidates<'_>) {
    let config = context.config;
    let Some(group) = config.group(section) else { return };
    let setting = |name: &String| config.setting(group, name);
    let Some(option) = holds(note, &setting) else { return };
    let Some(place) = option.as_ref().map(|(_, place)| *place).or_else(|| config.header_place(group)) else { return };
    let name = option.map(|(name, _)| name).or_else(|| note.unset.first().cloned());
    found.push(candidate(from, config.release, note, (place, section), name, ""));
}

/// Whether the note is about these settings; then the option that makes it so, with its place.
fn holds<'f>(note: &Note, setting: &dyn Fn(&String) -> Option<Setting<'f>>) -> Option<Option<(String, Place)>> {
    if note.unset.iter().any(|name| setting(name).is_some()) {
        return None;
    }
    if note.set.is_empty() {
        return Some(None);
    }
    let contains =
        |setting: &Setting<'f>| note.contains.as_ref().is_none_or(|part| setting.value().contains(part.as_str()));
    let set =
        note.set.iter().find_map(|name| Some((name, setting(name).filter(|one| !one.is_doubtful && contains(one))?)));
    set.map(|(name, setting)| Some((name.clone(), setting.place())))
}

fn candidate(
    from: Release,
    to: Release,
    note: &Note,
    (place, section): (Place, &str),
    option: Option<String>,
    backend: &str,
) -> Candidate {
    let mut candidate =
        Candidate { kind: "note", place, section: Some(section.to_string()), option, ..Candidate::default() };
    facts(&mut candidate, from, to);
    candidate.facts.insert("says", note.says.replace("{backend}", backend));
    candidate.facts.insert("advice", note.advice.replace("{backend}", backend));
    candidate.facts.insert("brings", note.release.title());
    candidate.facts.insert("note", note.note.clone());
    // What went into point releases has a line for their release as well.
    let earlier = |other: &&Note| other.note == note.note && other.release < note.release && other.release <= from;
    let as_well = catalog::notes().iter().find(earlier).map(|other| other.release.title());
    let as_well = as_well.map(|title| format!(", and in the last point releases of {title}")).unwrap_or_default();
    candidate.facts.insert("as-well", as_well);
    candidate
}

/// The two releases of an upgrade.
pub(super) fn facts(candidate: &mut Candidate, from: Release, to: Release) {
    candidate.facts.insert("from", from.title());
    candidate.facts.insert("release", to.title());
}
