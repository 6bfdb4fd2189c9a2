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
    multi: Option<String>,
    pools: Option<Pools>,
    driver: Option<Driver>,
    shares: Option<String>,
    shares_file: Option<String>,
    #[serde(default)]
    set: BTreeMap<String, String>,
    #[serde(default)]
    option: Vec<OptionRow>,
}

/// A section more for each item of a list: it is the value of another parameter there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pools {
    parameter: String,
    each: String,
}

/// A class that a parameter chooses.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Driver {
    parameter: String,
    default: String,
    classes: BTreeMap<String, String>,
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
    /// Of a map, each.
    entries: Vec<(String, Self)>,
}

/// Looks parameters up.
type Given<'g> = &'g dyn Fn(&str) -> Option<Parameter>;

/// Sections that a tool makes of parameters.
struct Made<'t> {
    tool: &'static str,
    builder: Builder<'t>,
    /// What the tool writes by itself: a layer of its own, below what the parameters say.
    defaults: String,
    /// The names of the sections.
    names: Vec<String>,
    /// Lists of shares: the path, and the lines.
    shares: Vec<(String, Vec<(String, Span)>)>,
    release: Option<Release>,
}

impl<'t> Made<'t> {
    fn new(tool: &'static str, text: &'t [u8], release: Option<Release>) -> Self {
        let builder = Builder::new(text);
        Self { tool, builder, defaults: String::new(), names: Vec::new(), shares: Vec::new(), release }
    }

    /// Every backend that the tool makes where these are its parameters.
    fn backends(&mut self, given: Given<'_>) {
        let tool = self.tool;
        for backend in TABLE.iter().flat_map(|table| &table.backend).filter(|backend| backend.tool == tool) {
            if let Some(listed) = &backend.listed {
                for (item, at) in given(&listed.parameter).map(|list| list.items).unwrap_or_default() {
                    let (kind, name) = item.split_once(':').unwrap_or((&item, &item));
                    if kind == listed.name {
                        self.backend(backend, backend.section.as_deref().unwrap_or(name), at, given);
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
            let mut names = called.map(|list| list.items).unwrap_or_default();
            if names.is_empty() {
                names.push((backend.section.clone().unwrap_or_default(), place.key));
            }
            let several = backend.multi.as_ref().and_then(|name| given(name)).unwrap_or_default().entries;
            for (name, own) in &several {
                if !names.iter().any(|(known, _)| known == name) {
                    names.push((name.clone(), own.key));
                }
            }
            for (name, at) in names {
                let own = several.iter().find(|(known, _)| *known == name).map(|(_, own)| &own.entries);
                let of_own = |parameter: &str| {
                    let found = own?.iter().find(|(known, _)| known == parameter);
                    found.map(|(_, value)| value.clone())
                };
                self.backend(backend, &name, at, &|parameter| of_own(parameter).or_else(|| given(parameter)));
            }
        }
    }

    /// A section, and one more for each of its further pools.
    fn backend(&mut self, backend: &Backend, name: &str, at: Span, given: Given<'_>) {
        self.section(backend, name, at, given);
        let Some(pools) = &backend.pools else { return };
        for (pool, at) in given(&pools.parameter).map(|list| list.items).unwrap_or_default() {
            let this = Parameter { key: at, value: pool.clone(), at, ..Parameter::default() };
            let with = |parameter: &str| if parameter == pools.each { Some(this.clone()) } else { given(parameter) };
            self.section(backend, &format!("{name}_{pool}"), at, &with);
        }
    }

    fn section(&mut self, backend: &Backend, name: &str, at: Span, given: Given<'_>) {
        self.names.push(name.to_string());
        self.builder.section_called(name, at);
        let mut defaults = format!("[{name}]\nvolume_backend_name = {name}\n");
        let mut by_itself = |option: &str, value: &str| defaults += &format!("{option} = {value}\n");
        for (option, value) in &backend.set {
            match option.as_str() {
                // Who asks for the backend asks for this.
                "volume_driver" => self.builder.option_as(option, at, value, at),
                _ => by_itself(option, value),
            }
        }
        if let Some(driver) = &backend.driver {
            let chosen = given(&driver.parameter);
            let value = chosen.as_ref().map_or(driver.default.as_str(), |chosen| chosen.value.as_str());
            match (driver.classes.get(value), &chosen) {
                (Some(class), Some(chosen)) => self.builder.option_as("volume_driver", chosen.key, class, chosen.at),
                (Some(class), None) => by_itself("volume_driver", class),
                (None, _) => by_itself("volume_driver", OPAQUE),
            }
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
                    let holds = self.release.is_none_or(|release| since.is_none_or(|since| release >= since));
                    if let Some(default) = row.default.as_ref().filter(|_| holds) {
                        by_itself(&row.option, default);
                    }
                }
            }
        }
        self.defaults += &defaults;
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
        let value = names.join(",");
        match more.first() {
            _ if names.is_empty() => {}
            Some((_, at)) => {
                self.builder.section_called("DEFAULT", *at);
                self.builder.option_as("enabled_backends", *at, &value, *at);
            }
            None => self.defaults += &format!("[DEFAULT]\nenabled_backends = {value}\n"),
        }
    }

    /// The layers, and the lists of shares.
    fn finish(self, file: FileId, run: &mut Run<'_>) -> (Vec<FileId>, Vec<(Option<String>, FileId)>) {
        let mut shares = Vec::new();
        for (path, items) in self.shares {
            let mut lines = super::maps::Lines::default();
            items.iter().for_each(|(text, at)| lines.line([super::maps::Part::Sign(text, *at)]));
            shares.extend(lines.finish(run, file).map(|id| (Some(path), id)));
        }
        let (text, map) = self.builder.finish();
        let tool = if self.tool == "tripleo" { "TripleO" } else { self.tool };
        let defaults = run.synthetic(&format!("{tool}'s defaults"), self.defaults);
        (vec![defaults, run.piece(file, text, map)], shares)
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
            found.insert(name, Parameter { key, value: value.to_string(), at: span, items, entries: Vec::new() });
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
