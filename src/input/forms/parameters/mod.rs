//! Parameters of deployment tools that become options of backends. What becomes of which stands in `table.toml`.

mod devstack;
mod hiera;
mod packstack;
mod tripleo;

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use super::{Builder, Run, maps::OPAQUE};
use crate::{
    catalog::Release,
    ini::Span,
    source::{FileId, Unseen},
};

pub(super) use devstack::Devstack;
pub(super) use hiera::Hiera;
pub(super) use packstack::Packstack;
pub(super) use tripleo::Tripleo;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    backend: Vec<Backend>,
    hiera: HieraTable,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct HieraTable {
    not_options: Vec<String>,
    shares: Vec<String>,
    shares_file: String,
    drivers: BTreeMap<String, String>,
}

/// A backend that a tool makes. See the table.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Backend {
    tool: String,
    switch: Option<String>,
    #[serde(default)]
    on: bool,
    listed: Option<Listed>,
    section: Option<String>,
    called: Option<String>,
    shares: Option<String>,
    shares_file: Option<String>,
    set: BTreeMap<String, String>,
    #[serde(default)]
    option: Vec<OptionRow>,
}

#[derive(Debug, Deserialize)]
struct Listed {
    parameter: String,
    name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OptionRow {
    parameter: String,
    option: String,
    default: Option<String>,
    since: Option<String>,
}

// The text is the program's own, and a test reads it.
static TABLE: LazyLock<Option<Table>> = LazyLock::new(|| toml::from_str(include_str!("table.toml")).ok());

/// A parameter as a file gives it.
#[derive(Clone, Debug, Default)]
struct Parameter {
    key: Span,
    /// As the tool writes it.
    value: String,
    at: Span,
    /// Of a list, or a text with commas, each.
    items: Vec<(String, Span)>,
}

/// Sections that a tool makes of parameters.
struct Made<'t> {
    builder: Builder<'t>,
    /// Their names.
    names: Vec<String>,
    /// Lists of shares: the path, and the lines.
    shares: Vec<(String, Vec<(String, Span)>)>,
}

impl<'t> Made<'t> {
    fn new(text: &'t [u8]) -> Self {
        Self { builder: Builder::new(text), names: Vec::new(), shares: Vec::new() }
    }

    /// Every backend that the tool makes where these are its parameters.
    fn backends(&mut self, tool: &str, release: Option<Release>, given: &dyn Fn(&str) -> Option<Parameter>) {
        for backend in TABLE.iter().flat_map(|table| &table.backend).filter(|backend| backend.tool == tool) {
            if let Some(listed) = &backend.listed {
                for (item, at) in given(&listed.parameter).map(|list| list.items).unwrap_or_default() {
                    let (kind, name) = item.split_once(':').unwrap_or((&item, &item));
                    if kind == listed.name {
                        self.backend(backend, backend.section.as_deref().unwrap_or(name), at, release, given);
                    }
                }
                continue;
            }
            let switch = backend.switch.as_ref().and_then(|name| given(name));
            let is_on = switch.as_ref().map_or(backend.on, |switch| switch.value.eq_ignore_ascii_case("true"));
            let first =
                backend.option.iter().map(|row| &row.parameter).chain(&backend.shares).find_map(|name| given(name));
            let Some(place) = switch.filter(|_| is_on).or(first.filter(|_| is_on)) else { continue };
            let called = backend.called.as_ref().and_then(|name| given(name));
            let names = called.map(|list| list.items).unwrap_or_default();
            if names.is_empty() {
                let name = backend.section.clone().unwrap_or_default();
                self.backend(backend, &name, place.key, release, given);
            }
            for (name, at) in names {
                self.backend(backend, &name, at, release, given);
            }
        }
    }

    fn backend(
        &mut self,
        backend: &Backend,
        name: &str,
        at: Span,
        release: Option<Release>,
        given: &dyn Fn(&str) -> Option<Parameter>,
    ) {
        self.names.push(name.to_string());
        self.builder.section_called(name, at);
        for (option, value) in &backend.set {
            let value = if option == "volume_backend_name" { name } else { value };
            self.builder.option_as(option, at, value, at);
        }
        if !backend.set.contains_key("volume_backend_name") {
            self.builder.option_as("volume_backend_name", at, name, at);
        }
        for row in &backend.option {
            match given(&row.parameter) {
                // An empty one is left for somebody to fill in.
                Some(found) if found.value.is_empty() => {
                    self.builder.option_as(&row.option, found.key, OPAQUE, found.at)
                }
                Some(found) => self.builder.option_as(&row.option, found.key, &found.value, found.at),
                None => {
                    let since = row.since.as_ref().and_then(|since| since.parse::<Release>().ok());
                    let holds = release.is_none_or(|release| since.is_none_or(|since| release >= since));
                    if let Some(default) = row.default.as_ref().filter(|_| holds) {
                        self.builder.option_as(&row.option, at, default, at);
                    }
                }
            }
        }
        let list = backend.shares.as_ref().and_then(|name| given(name));
        if let (Some(list), Some(path)) = (list, &backend.shares_file)
            && !list.items.is_empty()
        {
            self.shares.push((path.clone(), list.items));
        }
    }

    /// `enabled_backends` of the tool, and more names.
    fn enable(&mut self, more: &[(String, Span)]) {
        let names: Vec<&str> =
            self.names.iter().map(String::as_str).chain(more.iter().map(|(n, _)| n.as_str())).collect();
        if !names.is_empty() {
            let at = more.first().map_or(Span::new(0, 0), |(_, at)| *at);
            let value = names.join(",");
            self.builder.section_called("DEFAULT", at);
            self.builder.option_as("enabled_backends", at, &value, at);
        }
    }

    /// The layer, and the lists of shares.
    fn finish(self, file: FileId, run: &mut Run<'_>) -> (FileId, Vec<(Option<String>, FileId)>) {
        let mut shares = Vec::new();
        for (path, items) in self.shares {
            let mut lines = super::maps::Lines::default();
            items.iter().for_each(|(text, at)| lines.line([super::maps::Part::Sign(text, *at)]));
            shares.extend(lines.finish(run, file).map(|id| (Some(path), id)));
        }
        let (text, map) = self.builder.finish();
        (run.piece(file, text, map), shares)
    }
}

/// The parts of a text between commas.
fn split(text: &str, start: u32) -> Vec<(String, Span)> {
    let mut at = start;
    let mut found = Vec::new();
    for part in text.split(',') {
        let trimmed = part.trim();
        if !trimmed.is_empty() {
            let from = at + (part.len() - part.trim_start().len()) as u32;
            found.push((trimmed.to_string(), Span::new(from, from + trimmed.len() as u32)));
        }
        at += part.len() as u32 + 1;
    }
    found
}

/// `NAME=value` lines of a shell or an answer file; the last of a name counts.
fn assignments(text: &str, from: usize) -> BTreeMap<&str, Parameter> {
    let mut found: BTreeMap<&str, Parameter> = BTreeMap::new();
    let mut start = from;
    for line in text.split_inclusive('\n') {
        let body = line.trim();
        if let Some((name, value)) = body.split_once('=')
            && !body.starts_with('#')
        {
            let indent = line.len() - line.trim_start().len();
            let add = name.ends_with('+');
            let name = name.trim_end_matches('+').trim_end();
            let key = Span::new((start + indent) as u32, (start + indent + name.len()) as u32);
            let value = value.trim();
            let mut at = start + line.trim_end().len() - value.len();
            let quoted = value.len() > 1
                && (value.starts_with('"') && value.ends_with('"') || value.starts_with('\'') && value.ends_with('\''));
            let value = if quoted { &value[1..value.len() - 1] } else { value };
            at += usize::from(quoted);
            let mut items = split(value, at as u32);
            if add && let Some(before) = found.get(name) {
                items.splice(0..0, before.items.iter().cloned());
            }
            let span = Span::new(at as u32, (at + value.len()) as u32);
            found.insert(name, Parameter { key, value: value.to_string(), at: span, items });
        }
        start += line.len();
    }
    found
}

/// What is known beside: where a section says nothing of its driver, it is set where nobody sees it.
fn unseen(parts: &[&[u8]]) -> Unseen {
    let mut with: BTreeMap<String, bool> = BTreeMap::new();
    for text in parts {
        let mut section = String::new();
        for line in String::from_utf8_lossy(text).lines() {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                section = name.to_string();
                with.entry(section.clone()).or_default();
            } else if line.starts_with("volume_driver ") {
                with.insert(section.clone(), true);
            }
        }
    }
    let incomplete = |(name, driver): (&String, &bool)| {
        !driver && name != "backend_defaults" && !crate::catalog::group_exists(Release::NEWEST, name)
    };
    if with.iter().any(incomplete) { Unseen::Everything } else { Unseen::Sections }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_readable() {
        let table: Table = toml::from_str(include_str!("table.toml")).unwrap();
        for backend in &table.backend {
            assert!(backend.switch.is_some() != backend.listed.is_some(), "{backend:?}");
            assert!(backend.section.is_some() || backend.listed.is_some(), "{backend:?}");
            assert_eq!(backend.shares.is_some(), backend.shares_file.is_some(), "{backend:?}");
            for since in backend.option.iter().filter_map(|row| row.since.as_ref()) {
                since.parse::<Release>().unwrap();
            }
        }
    }

    #[test]
    fn assignments_have_places() {
        let text = "A=1\n# B=2\n B = 'x, y'\nB+=,z\n";
        let found = assignments(text, 0);
        let b = &found["B"];
        let names: Vec<(&str, &str)> =
            b.items.iter().map(|(item, at)| (item.as_str(), &text[at.start as usize..at.end as usize])).collect();
        assert_eq!(names, [("x", "x"), ("y", "y"), ("z", "z")]);
        assert_eq!(found["A"].value, "1");
    }
}
