//! Layers of files become one configuration: which text each option has, and from which line.
//!
//! Sources: `oslo_config.cfg._Namespace` (order, precedence, group names), `ConfigOpts._substitute` (`$name`), and
//! `cinder.volume.configuration` (where a backend's options come from, by release).

mod backend;
mod exception;
mod listed;
mod setting;
mod substitute;
mod texts;

use std::{
    borrow::Cow,
    hash::BuildHasher,
    ops::Range,
    sync::{Arc, Mutex},
};

pub use backend::Text;
pub use exception::Exception;
pub use listed::{Backend, Listed};
pub use setting::Setting;
pub use substitute::{Problem, Reference, references};
pub use texts::Texts;

use foldhash::{HashMap, fast::FixedState};

use crate::{
    catalog::Release,
    ini::{Opt, Section},
    source::{File, FileId, Files, Place, Unseen},
};

/// Names one section of the merged configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupId(u32);

impl GroupId {
    /// Its place among [`Config::groups`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One section of the merged configuration: all headers that oslo.config takes for the same group.
#[derive(Debug)]
pub struct Group {
    /// Its name as oslo.config compares it: lower case, but for `DEFAULT`.
    pub name: Arc<str>,
    /// Where its headers are in [`Config::headers`].
    headers: Range<u32>,
    /// Where its assignments are in [`Config::entries`].
    entries: Range<u32>,
}

/// One assignment, in the order in which it is looked for.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    hash: u32,
    /// Its number among those of all layers.
    at: u32,
}

/// By which the assignments of a section are sorted.
fn hash(key: &[u8]) -> u32 {
    FixedState::default().hash_one(key) as u32
}

/// What one service reads: some files in order, later ones winning.
#[derive(Debug)]
pub struct Config<'f> {
    /// The release whose rules hold.
    pub release: Release,
    /// What may be in force although no file shows it.
    pub unseen: Unseen,
    /// Whether somebody named all files that there are.
    pub is_whole: bool,
    /// Shares files of which it is known where Cinder finds them: the path, and the file.
    pub shares: Vec<(String, FileId)>,
    files: &'f Files,
    layers: Vec<FileId>,
    groups: Vec<Group>,
    by_name: HashMap<Arc<str>, GroupId>,
    default: Option<GroupId>,
    backend_defaults: Option<GroupId>,
    /// Layer and index in [`crate::ini::Document::sections`] of each header, by section, in reading order.
    headers: Vec<(u32, u32)>,
    /// By section and hash of the key, in reading order.
    entries: Vec<Entry>,
    /// For each layer, the number of its first assignment.
    firsts: Vec<u32>,
    /// What defaults stand for that refer to other options; the same for every backend.
    defaults: Mutex<HashMap<&'static str, Result<String, Problem>>>,
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
            is_whole: false,
            shares: Vec::new(),
            templated: layers.iter().any(|&layer| files.get(layer).template.is_some()),
            files,
            layers: Vec::new(),
            groups: Vec::new(),
            by_name: HashMap::default(),
            default: None,
            backend_defaults: None,
            headers: Vec::new(),
            entries: Vec::new(),
            firsts: Vec::new(),
            defaults: Mutex::default(),
        };
        config.add(layers);
        config.default = config.by_name.get("DEFAULT").copied();
        config.backend_defaults = config.by_name.get("backend_defaults").copied();
        config
    }

    /// Sorts sections and assignments by what they are looked for: in two steps, so that each is kept once.
    fn add(&mut self, layers: Vec<FileId>) {
        self.layers = layers;
        let mut found: Vec<(GroupId, u32, u32)> = Vec::new();
        let mut options = Vec::new();
        let mut count = 0;
        for layer in 0..self.layers.len() {
            let file = self.files.get(self.layers[layer]);
            self.firsts.push(count);
            count += file.document.options.len() as u32;
            for (at, section) in file.document.sections.iter().enumerate().filter(|(_, section)| section.line > 0) {
                let name = String::from_utf8_lossy(section.name.of(&file.text));
                let group = self.group_or_new(&normalize_group(&name));
                options.resize(self.groups.len(), 0);
                self.groups[group.0 as usize].headers.end += 1;
                options[group.0 as usize] += file.document.options_of(at).len() as u32;
                found.push((group, layer as u32, at as u32));
            }
        }
        let (mut header, mut entry) = (0, 0);
        for (group, options) in self.groups.iter_mut().zip(options) {
            let headers = group.headers.end;
            (group.headers, group.entries) = (header..header, entry..entry);
            header += headers;
            entry += options;
        }
        self.headers = vec![(0, 0); header as usize];
        self.entries = vec![Entry::default(); entry as usize];
        for (group, layer, at) in found {
            let file = self.files.get(self.layers[layer as usize]);
            let group = &mut self.groups[group.0 as usize];
            self.headers[group.headers.end as usize] = (layer, at);
            group.headers.end += 1;
            let first = self.firsts[layer as usize] + file.document.sections[at as usize].first_option;
            for (offset, option) in file.document.options_of(at as usize).iter().enumerate() {
                let hash = hash(option.key.of(&file.text));
                self.entries[group.entries.end as usize] = Entry { hash, at: first + offset as u32 };
                group.entries.end += 1;
            }
        }
        for group in &self.groups {
            self.entries[group.entries.start as usize..group.entries.end as usize].sort_by_key(|entry| entry.hash);
        }
    }

    fn group_or_new(&mut self, name: &str) -> GroupId {
        if let Some(&known) = self.by_name.get(name) {
            return known;
        }
        let id = GroupId(self.groups.len() as u32);
        let name: Arc<str> = name.into();
        self.groups.push(Group { name: Arc::clone(&name), headers: 0..0, entries: 0..0 });
        self.by_name.insert(name, id);
        id
    }

    /// The files, the one that takes effect last.
    pub fn layers(&self) -> &[FileId] {
        &self.layers
    }

    /// All files of the run.
    pub fn files(&self) -> &'f Files {
        self.files
    }

    /// What oslo.config raises when it reads the files, if it does; no service starts then. `decodes`: it runs on Python 3;
    /// on Python 2 it reads bytes.
    pub fn read_error(&self, decodes: bool) -> Option<Exception> {
        self.layers.iter().find_map(|&layer| {
            let file = self.files.get(layer);
            let stops = |error: &&crate::ini::Error| decodes || error.kind != crate::ini::ErrorKind::NotUtf8;
            let error = file.document.errors.iter().find(stops)?;
            Some(match error.kind {
                crate::ini::ErrorKind::NotUtf8 => Exception::new("UnicodeDecodeError", "the file is not UTF-8"),
                kind => {
                    let what = kind.message();
                    let detail = format!("Failed to parse {}: at line {}, {what}", file.relative, error.line);
                    Exception::new("ConfigFileParseError", detail)
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

    fn headers_of(&self, id: GroupId) -> &[(u32, u32)] {
        let Range { start, end } = self.group_info(id).headers;
        &self.headers[start as usize..end as usize]
    }

    /// The headers of a section: file and header.
    pub fn headers(&self, id: GroupId) -> impl Iterator<Item = (FileId, &'f Section)> {
        self.headers_of(id).iter().map(|&(layer, at)| {
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
        self.headers_of(id).iter().flat_map(move |&(layer, at)| {
            let file = self.layers[layer as usize];
            let source = self.files.get(file);
            let is_doubtful = move |option| self.templated && self.is_doubtful(source, option);
            let options = source.document.options_of(at as usize).iter();
            options.map(move |option| Setting { file, option, source, is_doubtful: is_doubtful(option) })
        })
    }

    /// Number of assignments, in all sections.
    pub fn assignments(&self) -> usize {
        self.entries.len()
    }

    /// The assignment that takes effect for a key of a section, whatever the key.
    pub fn setting(&self, group: GroupId, key: &str) -> Option<Setting<'f>> {
        self.entries_of(group, key).next().map(|entry| self.at(entry))
    }

    /// Every assignment to a key of a section, the one that counts first.
    pub fn occurrences<'k>(&self, group: GroupId, key: &'k str) -> impl Iterator<Item = Setting<'f>> + use<'_, 'f, 'k> {
        self.entries_of(group, key).map(|entry| self.at(entry))
    }

    /// The entries of `key` in a section, in the order of the files.
    fn entries_of<'k>(&self, group: GroupId, key: &'k str) -> impl Iterator<Item = Entry> + use<'_, 'f, 'k> {
        let Range { start, end } = self.group_info(group).entries;
        let entries = &self.entries[start as usize..end as usize];
        let hash = hash(key.as_bytes());
        let behind = entries.partition_point(|entry| entry.hash <= hash);
        let same = move |entry: &&Entry| {
            let (_, source, option) = self.assignment(**entry);
            option.key.of(&source.text) == key.as_bytes()
        };
        entries[..behind].iter().rev().take_while(move |entry| entry.hash == hash).filter(same).copied()
    }

    /// The assignment that takes effect for an option with several names, as `_Namespace._get_file_value` finds it: the
    /// newest file that has any of them, and in it the first name that it has.
    pub fn first_of<'n>(&self, names: impl Iterator<Item = (GroupId, &'n str)>) -> Option<Setting<'f>> {
        let mut best: Option<Entry> = None;
        for (group, name) in names {
            if let Some(found) = self.entries_of(group, name).next()
                && best.is_none_or(|best| self.layer_of(found) > self.layer_of(best))
            {
                best = Some(found);
            }
        }
        best.map(|entry| self.at(entry))
    }

    fn layer_of(&self, entry: Entry) -> usize {
        self.firsts.partition_point(|first| *first <= entry.at) - 1
    }

    fn assignment(&self, entry: Entry) -> (FileId, &'f File, &'f Opt) {
        let layer = self.layer_of(entry);
        let source = self.files.get(self.layers[layer]);
        (self.layers[layer], source, &source.document.options[(entry.at - self.firsts[layer]) as usize])
    }

    fn at(&self, entry: Entry) -> Setting<'f> {
        let (file, source, option) = self.assignment(entry);
        Setting { file, option, source, is_doubtful: self.templated && self.is_doubtful(source, option) }
    }

    /// Whether an assignment may lack where its section is there, or has a value that a template writes.
    fn is_doubtful(&self, source: &File, option: &Opt) -> bool {
        let Some(template) = &source.template else { return false };
        let Some(section) = source.document.section_of(option) else { return true };
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
                .is_some_and(|group| self.headers_of(group).len() > 1)
    }

    /// Whether a section (by its normalized name) may hold options that are not seen.
    pub fn hides(&self, section: &str) -> bool {
        match self.unseen {
            Unseen::Everything => return true,
            Unseen::Sections => {
                let of_services = crate::catalog::group_exists(self.release, section);
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
