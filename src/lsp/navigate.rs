//! From a name to what it stands for, and back.

use gen_lsp_types::Location;

use super::{
    analysis::AllLines,
    cursor::{Cursor, Side},
    texts::Snapshot,
};
use crate::{config::references, ini::Span, source::Place};

/// Where the thing at the cursor is defined: the section of a listed backend, the line that a reference names, the line that takes effect in
/// the place of this one, the list that names this backend, the file of shares.
pub(super) fn definition(cursor: &Cursor<'_>, snapshot: &Snapshot) -> Vec<Location> {
    locations(cursor, snapshot, defined(cursor).unwrap_or_default())
}

fn defined(cursor: &Cursor<'_>) -> Option<Vec<Place>> {
    let config = &cursor.config;
    let (section, header) = cursor.section()?;
    if header.start <= cursor.offset && cursor.offset <= header.end {
        return Some(listings(cursor, &section));
    }
    if let Some((name, _)) = cursor.listed() {
        return Some(headers(cursor, &name));
    }
    let (option, side) = cursor.option()?;
    let key = cursor.word(option.key);
    if side == Side::Value {
        let value = cursor.word(option.value);
        if let Some(name) = reference_at(&value, cursor.offset.saturating_sub(option.value.start) as usize) {
            let (group, key) = name.split_once('.').unwrap_or((&section, &name));
            let own = config.group(group).and_then(|group| config.setting(group, key));
            let setting = own.or_else(|| config.setting(config.group("DEFAULT")?, key))?;
            return Some(vec![setting.place()]);
        }
        let shares = cursor.deployment.shares.iter().filter(|(path, _)| path.as_deref() == Some(value.as_str()));
        let shares: Vec<Place> = shares.map(|(_, file)| Place { file: *file, span: Span::new(0, 0) }).collect();
        if !shares.is_empty() {
            return Some(shares);
        }
    }
    let wins = match cursor.backend(&section) {
        Some(backend) => config.backend_setting(&backend, &key),
        None => None,
    };
    let wins = wins.or_else(|| config.setting(config.group(&section)?, &key))?;
    Some(vec![wins.place()])
}

/// Everything that names the thing at the cursor: the list, the headers and the references of a backend; all lines of an option.
pub(super) fn find(cursor: &Cursor<'_>, snapshot: &Snapshot) -> Vec<Location> {
    locations(cursor, snapshot, named(cursor).unwrap_or_default())
}

fn named(cursor: &Cursor<'_>) -> Option<Vec<Place>> {
    let config = &cursor.config;
    let (section, header) = cursor.section()?;
    let on_header = header.start <= cursor.offset && cursor.offset <= header.end;
    let name = if on_header { Some(section.clone()) } else { cursor.listed().map(|(name, _)| name) };
    if let Some(name) = name {
        let mut places = listings(cursor, &name);
        places.extend(headers(cursor, &name));
        return Some(places);
    }
    let (option, _) = cursor.option()?;
    let key = cursor.word(option.key);
    let places = config
        .groups()
        .flat_map(|(group, _)| config.occurrences(group, &key).map(|one| one.key_place()).collect::<Vec<_>>());
    Some(places.collect())
}

fn listings(cursor: &Cursor<'_>, name: &str) -> Vec<Place> {
    let listed = cursor.config.listed_backends().into_iter();
    listed.filter(|one| one.name.eq_ignore_ascii_case(name)).map(|one| one.place).collect()
}

fn headers(cursor: &Cursor<'_>, name: &str) -> Vec<Place> {
    let group = cursor.config.group(name);
    let headers = group.into_iter().flat_map(|group| cursor.config.headers(group));
    headers.map(|(file, section)| Place { file, span: section.header }).collect()
}

/// The name of the reference that stands at an offset of a value.
fn reference_at(value: &str, offset: usize) -> Option<String> {
    let found = references(value).into_iter().find(|one| one.range.start <= offset && offset <= one.range.end)?;
    (!found.name.is_empty()).then(|| found.name.to_string())
}

fn locations(cursor: &Cursor<'_>, snapshot: &Snapshot, places: Vec<Place>) -> Vec<Location> {
    let mut lines = AllLines::new(&cursor.analysis.workspace.files, snapshot.encoding);
    let on_disk = places.into_iter().filter_map(|place| cursor.analysis.workspace.files.on_disk(place));
    let mut found: Vec<Location> = Vec::new();
    for place in on_disk {
        let uri = snapshot.uri(&cursor.analysis.path(place.file));
        let one = Location { uri, range: lines.of(place.file).range(place.span) };
        if !found.contains(&one) {
            found.push(one);
        }
    }
    found
}
