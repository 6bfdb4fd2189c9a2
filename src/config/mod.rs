//! Layers of files become one configuration: which text each option has, and from which line.
//!
//! Sources: `oslo_config.cfg._Namespace` (order, precedence, group names), `ConfigOpts._substitute` (`$name`), and
//! `cinder.volume.configuration` (where a backend's options come from, by release).

mod backend;
mod substitute;

use std::borrow::Cow;

pub use backend::{Backend, Text};
pub use substitute::{Problem, Reference, references};

use foldhash::HashMap;

use crate::{
    catalog::Release,
    ini::{Opt, Section, Span},
    input::{File, FileId, Files},
};

/// A place in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// The bytes.
    pub span: Span,
}

/// Names one section of the merged configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupId(u32);

/// One section of the merged configuration: all headers that oslo.config takes for the same group.
#[derive(Debug)]
pub struct Group {
    /// Its name as oslo.config compares it: lower case, but for `DEFAULT`.
    pub name: String,
    /// Where its headers stand: layer and index in [`crate::ini::Document::sections`], in reading order.
    pub headers: Vec<(u32, u32)>,
}

/// One assignment, seen from the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'f> {
    /// The file it stands in.
    pub file: FileId,
    /// Its spans.
    pub option: &'f Opt,
    /// Whether it may lack, or its value is not known: a template has yet to write it.
    pub is_doubtful: bool,
    source: &'f File,
}

/// What may be in force although no file shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unseen {
    /// Nothing: the files are all there is, as far as anybody can tell.
    #[default]
    Nothing,
    /// Further sections, and further options of sections that are no backend's.
    Sections,
    /// Any option anywhere.
    Everything,
}

impl<'f> Setting<'f> {
    /// The key as written.
    pub fn key(&self) -> Cow<'f, str> {
        String::from_utf8_lossy(self.option.key.of(&self.source.text))
    }

    /// The value that oslo.config reads, before substitution.
    pub fn value(&self) -> Cow<'f, str> {
        self.source.document.value(&self.source.text, self.option)
    }

    /// Where the value stands; where it is empty, the whole assignment.
    pub fn value_place(&self) -> Place {
        if self.option.raw.is_empty() {
            return self.place();
        }
        Place { file: self.file, span: self.option.raw }
    }

    /// Where the key stands.
    pub fn key_place(&self) -> Place {
        Place { file: self.file, span: self.option.key }
    }

    /// The whole assignment.
    pub fn place(&self) -> Place {
        let end = if self.option.raw.is_empty() { self.option.separator + 1 } else { self.option.raw.end };
        Place { file: self.file, span: Span::new(self.option.key.start, end) }
    }

    /// The file it stands in.
    pub fn source(&self) -> &'f File {
        self.source
    }
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    layer: u32,
    option: u32,
    previous: Option<u32>,
}

/// What one service reads: some files in order, later ones winning.
#[derive(Debug)]
pub struct Config<'f> {
    /// The release whose rules hold.
    pub release: Release,
    /// What may be in force although no file shows it.
    pub unseen: Unseen,
    /// Shares files of which it is known where Cinder finds them: the path, and the file.
    pub shares: Vec<(String, FileId)>,
    files: &'f Files,
    layers: Vec<FileId>,
    groups: Vec<Group>,
    by_name: HashMap<String, GroupId>,
    default: Option<GroupId>,
    backend_defaults: Option<GroupId>,
    last: HashMap<(GroupId, &'f [u8]), u32>,
    entries: Vec<Entry>,
    /// A template is among the files.
    templated: bool,
}

/// How oslo.config compares the names of sections (`_normalize_group_name`).
pub fn normalize_group(name: &str) -> Cow<'_, str> {
    if name == "DEFAULT" || !name.chars().any(char::is_uppercase) {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(name.to_lowercase())
    }
}

impl<'f> Config<'f> {
    /// Merges files; of two assignments to one option, the one in the later file, or further down, counts.
    pub fn new(files: &'f Files, layers: Vec<FileId>, release: Release) -> Self {
        let mut config = Self {
            release,
            unseen: Unseen::Nothing,
            shares: Vec::new(),
            templated: layers.iter().any(|&layer| files.get(layer).template.is_some()),
            files,
            layers: Vec::new(),
            groups: Vec::new(),
            by_name: HashMap::default(),
            default: None,
            backend_defaults: None,
            last: HashMap::default(),
            entries: Vec::new(),
        };
        for &layer in &layers {
            config.add(layer);
        }
        config.default = config.by_name.get("DEFAULT").copied();
        config.backend_defaults = config.by_name.get("backend_defaults").copied();
        config
    }

    fn add(&mut self, id: FileId) {
        let layer = self.layers.len() as u32;
        self.layers.push(id);
        let file = self.files.get(id);
        for (at, section) in file.document.sections.iter().enumerate() {
            if section.line == 0 {
                continue;
            }
            let name = String::from_utf8_lossy(section.name.of(&file.text));
            let group = self.group_or_new(&normalize_group(&name));
            self.groups[group.0 as usize].headers.push((layer, at as u32));
            for (offset, option) in file.document.options_of(at).iter().enumerate() {
                let entry = self.entries.len() as u32;
                let previous = self.last.insert((group, option.key.of(&file.text)), entry);
                self.entries.push(Entry { layer, option: section.first_option + offset as u32, previous });
            }
        }
    }

    fn group_or_new(&mut self, name: &str) -> GroupId {
        if let Some(&known) = self.by_name.get(name) {
            return known;
        }
        let id = GroupId(self.groups.len() as u32);
        self.groups.push(Group { name: name.to_string(), headers: Vec::new() });
        self.by_name.insert(name.to_string(), id);
        id
    }

    /// The files, the one that counts most last.
    pub fn layers(&self) -> &[FileId] {
        &self.layers
    }

    /// All files of the run.
    pub fn files(&self) -> &'f Files {
        self.files
    }

    /// What oslo.config raises when it reads the files, if it does; no service starts then. `decodes`: it runs on Python 3;
    /// on Python 2 it reads bytes.
    pub fn read_error(&self, decodes: bool) -> Option<String> {
        self.layers.iter().find_map(|&layer| {
            let file = self.files.get(layer);
            let stops = |error: &&crate::ini::Error| decodes || error.kind != crate::ini::ErrorKind::NotUtf8;
            let error = file.document.errors.iter().find(stops)?;
            Some(match error.kind {
                crate::ini::ErrorKind::NotUtf8 => error.kind.message().to_string(),
                kind => {
                    format!(
                        "ConfigFileParseError: Failed to parse {}: at line {}, {}",
                        file.relative,
                        error.line,
                        kind.message()
                    )
                }
            })
        })
    }

    /// The section of this name, compared as oslo.config does.
    pub fn group(&self, name: &str) -> Option<GroupId> {
        // Asked for many times over, for every backend.
        match name {
            "DEFAULT" => self.default,
            "backend_defaults" => self.backend_defaults,
            name => self.by_name.get(normalize_group(name).as_ref()).copied(),
        }
    }

    /// All sections, in the order of their first headers.
    pub fn groups(&self) -> impl Iterator<Item = (GroupId, &Group)> {
        self.groups.iter().enumerate().map(|(at, group)| (GroupId(at as u32), group))
    }

    /// A section by its id.
    pub fn group_info(&self, id: GroupId) -> &Group {
        &self.groups[id.0 as usize]
    }

    /// The headers of a section: file and header.
    pub fn headers(&self, id: GroupId) -> impl Iterator<Item = (FileId, &'f Section)> {
        self.group_info(id).headers.iter().map(|&(layer, at)| {
            let file = self.layers[layer as usize];
            (file, &self.files.get(file).document.sections[at as usize])
        })
    }

    /// Where the first header of a section stands.
    pub fn header_place(&self, id: GroupId) -> Option<Place> {
        self.headers(id).next().map(|(file, section)| Place { file, span: section.header })
    }

    /// A section's name as its first header spells it.
    pub fn spelled(&self, id: GroupId) -> Cow<'f, str> {
        self.headers(id).next().map_or(Cow::Borrowed(""), |(file, section)| {
            String::from_utf8_lossy(section.name.of(&self.files.get(file).text))
        })
    }

    /// Every assignment in a section, in reading order.
    pub fn settings(&self, id: GroupId) -> impl Iterator<Item = Setting<'f>> + use<'_, 'f> {
        self.group_info(id).headers.iter().flat_map(move |&(layer, at)| {
            let file = self.layers[layer as usize];
            let source = self.files.get(file);
            let is_doubtful = move |option| self.templated && self.is_doubtful(source, option);
            let options = source.document.options_of(at as usize).iter();
            options.map(move |option| Setting { file, option, source, is_doubtful: is_doubtful(option) })
        })
    }

    /// The assignment that counts for a key of a section, whatever the key.
    pub fn setting(&self, group: GroupId, key: &str) -> Option<Setting<'f>> {
        self.last.get(&(group, key.as_bytes())).map(|&entry| self.at(entry))
    }

    /// Every assignment to a key of a section, the one that counts first.
    pub fn occurrences(&self, group: GroupId, key: &str) -> impl Iterator<Item = Setting<'f>> {
        let mut next = self.last.get(&(group, key.as_bytes())).copied();
        std::iter::from_fn(move || {
            let entry = next?;
            next = self.entries[entry as usize].previous;
            Some(self.at(entry))
        })
    }

    /// The assignment that counts for an option with several names, as `_Namespace._get_file_value` finds it: the
    /// newest file that has any of them, and in it the first name that it has.
    pub fn first_of<'n>(&self, names: impl Iterator<Item = (GroupId, &'n str)>) -> Option<Setting<'f>> {
        let mut best: Option<u32> = None;
        for (group, name) in names {
            if let Some(&found) = self.last.get(&(group, name.as_bytes())) {
                let newer = best.is_none_or(|b| self.entries[found as usize].layer > self.entries[b as usize].layer);
                if newer {
                    best = Some(found);
                }
            }
        }
        best.map(|entry| self.at(entry))
    }

    fn at(&self, entry: u32) -> Setting<'f> {
        let entry = self.entries[entry as usize];
        let file = self.layers[entry.layer as usize];
        let source = self.files.get(file);
        let option = &source.document.options[entry.option as usize];
        Setting { file, option, source, is_doubtful: self.templated && self.is_doubtful(source, option) }
    }

    /// Whether an assignment may lack where its section is there, or has a value that a template writes.
    fn is_doubtful(&self, source: &File, option: &Opt) -> bool {
        let Some(template) = &source.template else { return false };
        let Some(section) = source.document.sections.get(option.section as usize) else { return true };
        if template.is_opaque(option)
            || template.is_dynamic(option.key)
            || template.may_lack(option.key.start, section.header.start)
        {
            return true;
        }
        // Of several headers one may lack, and its lines with it.
        template.is_conditional(section.header.start)
            && self
                .group(&String::from_utf8_lossy(section.name.of(&source.text)))
                .is_some_and(|group| self.group_info(group).headers.len() > 1)
    }

    /// Whether a section (by its normalized name) may hold options that are not seen.
    pub fn hides(&self, section: &str) -> bool {
        match self.unseen {
            Unseen::Everything => return true,
            Unseen::Sections => {
                let of_services = section == "DEFAULT" || crate::catalog::group_exists(self.release, section);
                if section != "backend_defaults" && (of_services || self.group(section).is_none()) {
                    return true;
                }
            }
            Unseen::Nothing => {}
        }
        if !self.templated {
            return false;
        }
        if self.layers.iter().any(|&layer| self.files.get(layer).template.as_ref().is_some_and(|t| t.is_open())) {
            return true;
        }
        let Some(group) = self.group(section) else { return section != "backend_defaults" && self.hides_sections() };
        self.settings(group).any(|setting| {
            setting.source.template.as_ref().is_some_and(|template| template.is_dynamic(setting.option.key))
        })
    }

    /// Whether there may be sections that are not seen.
    pub fn hides_sections(&self) -> bool {
        let in_template = |file: &File| {
            let Some(template) = &file.template else { return false };
            let of_sections = |section: &Section| section.line > 0 && template.is_dynamic(section.header);
            template.is_open() || file.document.sections.iter().any(of_sections)
        };
        self.unseen > Unseen::Nothing
            || self.templated && self.layers.iter().any(|&layer| in_template(self.files.get(layer)))
    }

    /// Whether all there is can be seen, and is as it stands.
    pub fn is_certain(&self) -> bool {
        !self.templated && self.unseen == Unseen::Nothing
    }

    /// Whether an option of a section (by its normalized name) may be set otherwise than is seen.
    pub fn is_uncertain(&self, section: &str, name: &str) -> bool {
        if self.is_certain() {
            return false;
        }
        match self.group(section).and_then(|group| self.setting(group, name)) {
            Some(setting) => setting.is_doubtful,
            None => self.hides(section),
        }
    }
}
