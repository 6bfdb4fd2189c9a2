//! The texts of a run: files, pieces of files, and what programs add.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use super::{
    map::Map,
    path::{relative, shown},
    place::{FileId, Place},
};
use crate::{
    ini::{Document, Span},
    template::Template,
};

/// Where the bytes of a text are kept, so that they can be replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere: it is made of something else, or is not the run's to change.
    #[default]
    None,
    /// Standard input; its new text goes to standard output.
    Stdin,
    /// A file, under the name by which it was asked for.
    Disk(PathBuf),
}

/// One text that was read: a file on disk, or a piece of one.
#[derive(Debug)]
pub struct File {
    /// The path relative to the working directory, with `/`: what machine formats print.
    pub relative: String,
    /// The path as the user wrote it, printable: what people read.
    pub shown: String,
    /// Its bytes.
    pub text: Vec<u8>,
    /// Where those bytes are kept.
    pub origin: Origin,
    /// What stands in it; empty for a file that is read by its pieces.
    pub document: Document,
    /// What of a file on disk it is.
    pub part: Part,
    /// What an engine has yet to write in it.
    pub template: Option<Box<Template>>,
    /// What may not be shown of it, beside what its pieces and its own lines say.
    pub hidden: Vec<Span>,
    /// Where its lines end, as YAML counts them; made when first asked for.
    ends: OnceLock<Vec<u32>>,
}

/// What of a file on disk a text is.
#[derive(Debug, Default)]
pub enum Part {
    /// A file on disk, in the dialect of oslo.config.
    #[default]
    Whole,
    /// A file on disk that holds its configuration in pieces.
    Container,
    /// Configuration inside a file on disk.
    Piece(FileId, Map),
    /// What some program adds; there is no file of it. Findings are never placed in it.
    Synthetic,
}

impl Part {
    /// Whether it is a file on disk, or a part of one.
    pub fn is_of_a_file(&self) -> bool {
        !matches!(self, Self::Synthetic)
    }

    /// Whether a person wrote it: no program made it, of whatever somebody wrote elsewhere.
    pub fn is_written(&self) -> bool {
        match self {
            Self::Whole | Self::Container => true,
            Self::Piece(_, map) => !map.is_caused(),
            Self::Synthetic => false,
        }
    }
}

impl File {
    /// Whether there is a file of it on disk.
    pub fn is_on_disk(&self) -> bool {
        matches!(self.part, Part::Whole | Part::Container)
    }

    /// Whether its lines are lines of a file: it is one on disk, or a text that stands as it is in a block of its own.
    pub fn has_lines(&self) -> bool {
        match &self.part {
            Part::Piece(_, map) => map.is_block(),
            _ => self.is_on_disk(),
        }
    }

    /// The text as the reader of the dialect sees it, of the same length.
    pub fn masked(&self) -> &[u8] {
        self.template.as_ref().map_or(&self.text, |template| template.masked())
    }
}

/// All files of a run.
#[derive(Debug, Default)]
pub struct Files {
    files: Vec<File>,
}

impl Files {
    /// Reads the text and keeps it, under a name. It cannot be fixed.
    pub fn add(&mut self, path: &Path, text: Vec<u8>) -> FileId {
        self.add_from(path, text, Origin::None)
    }

    /// Reads the text and keeps it; the bytes are those that are kept at its origin.
    pub fn add_from(&mut self, path: &Path, text: Vec<u8>, origin: Origin) -> FileId {
        self.push(relative(path), shown(path), text, origin, Part::Whole)
    }

    /// Keeps a file that is read by its pieces; the bytes are those that are kept at its origin.
    pub fn add_container(&mut self, path: &Path, text: Vec<u8>, origin: Origin) -> FileId {
        self.push(relative(path), shown(path), text, origin, Part::Container)
    }

    /// Reads configuration that stands inside a file.
    pub fn add_piece(&mut self, container: FileId, text: Vec<u8>, map: Map) -> FileId {
        let File { relative, shown, .. } = self.get(container);
        let (relative, shown) = (relative.clone(), shown.clone());
        self.push(relative, shown, text, Origin::None, Part::Piece(container, map))
    }

    /// Reads configuration that a program adds; `name` says which: "kolla-ansible 21: role template".
    pub fn add_synthetic(&mut self, name: &str, text: Vec<u8>) -> FileId {
        self.push(name.to_string(), name.to_string(), text, Origin::None, Part::Synthetic)
    }

    /// Reads a file as oslo.config does, whatever a template engine might make of it.
    pub fn add_as_it_is(&mut self, path: &Path, text: Vec<u8>) -> FileId {
        let id = self.add(path, Vec::new());
        let file = &mut self.files[id.0 as usize];
        file.document = Document::read(&text);
        file.text = text;
        id
    }

    fn push(&mut self, relative: String, shown: String, text: Vec<u8>, origin: Origin, part: Part) -> FileId {
        let document = Document::default();
        let empty = Vec::new();
        self.files.push(File {
            relative,
            shown,
            text: empty,
            origin,
            document,
            part,
            template: None,
            hidden: Vec::new(),
            ends: OnceLock::new(),
        });
        let id = FileId(self.files.len() as u32 - 1);
        self.set_text(id, text);
        id
    }

    /// Reads another text in the place of a file's.
    pub fn set_text(&mut self, id: FileId, text: Vec<u8>) {
        let file = &mut self.files[id.0 as usize];
        if !matches!(file.part, Part::Container) {
            file.template = Template::read(&text).map(Box::new);
            file.document = file.template.as_ref().map_or_else(|| Document::read(&text), |t| t.document());
        }
        file.text = text;
        file.ends = OnceLock::new();
    }

    /// Forgets the files that were added behind the first `count`.
    pub fn truncate(&mut self, count: usize) {
        self.files.truncate(count);
    }

    /// Takes the texts of the same files as they are now; whether they are the same files, part for part.
    pub fn renew(&mut self, now: Self) -> bool {
        let kind = |part: &Part| match part {
            Part::Whole => (0, FileId(0)),
            Part::Container => (1, FileId(0)),
            Part::Piece(container, _) => (2, *container),
            Part::Synthetic => (3, FileId(0)),
        };
        let same = |(old, new): (&File, &File)| old.relative == new.relative && kind(&old.part) == kind(&new.part);
        let alike = self.files.len() == now.files.len() && self.files.iter().zip(&now.files).all(same);
        if alike {
            self.files = now.files;
        }
        alike
    }

    /// Says what may not be shown of a file.
    pub fn hide(&mut self, id: FileId, spans: impl IntoIterator<Item = Span>) {
        self.files[id.0 as usize].hidden.extend(spans);
    }

    /// Where a place stands on disk; none for what no file on disk holds.
    pub fn on_disk(&self, place: Place) -> Option<Place> {
        match &self.get(place.file).part {
            Part::Whole | Part::Container => Some(place),
            Part::Piece(container, map) => {
                let (span, _) = map.source(place.span)?;
                Some(Place { file: *container, span })
            }
            Part::Synthetic => None,
        }
    }

    /// An edit where it can be written to a file on disk: never over what an engine writes.
    pub fn edit_on_disk(&self, place: Place, text: String) -> Option<(Place, String)> {
        let file = self.get(place.file);
        if !place.span.is_empty() && file.template.as_ref().is_some_and(|template| template.is_dynamic(place.span)) {
            return None;
        }
        match &file.part {
            Part::Whole => Some((place, text)),
            Part::Piece(container, map) => {
                let (mut span, text) = map.edit(place.span, &text)?;
                let around = &self.get(*container).text;
                let covered = span.of(around);
                // The indentation belongs to the container: a line goes with it, and never comes without.
                let opens = span.start == 0 || around.get(span.start as usize - 1) == Some(&b'\n');
                if text.ends_with('\n') || opens && span.is_empty() {
                    return None;
                }
                if covered.ends_with(b"\n") {
                    let before = &around[..span.start as usize];
                    let blanks = before.iter().rev().take_while(|byte| **byte == b' ').count();
                    let whole = before[..before.len() - blanks].last().is_none_or(|byte| *byte == b'\n');
                    if !text.is_empty() || !whole {
                        return None;
                    }
                    span.start -= blanks as u32;
                }
                let writes = ["{{", "{%", "{#", "<%"].iter();
                let mut writes = writes.map(|sign| memchr::memmem::find(span.of(around), sign.as_bytes()));
                if writes.any(|found| found.is_some()) {
                    return None;
                }
                Some((Place { file: *container, span }, text))
            }
            // Lines of a map, which were looked up there.
            Part::Container => Some((place, text)),
            Part::Synthetic => None,
        }
    }

    /// The line, from 1, on disk of a place that is on this line of its own text.
    pub fn line(&self, place: Place, own: u32) -> u32 {
        if matches!(self.get(place.file).part, Part::Whole) {
            return own;
        }
        let Some(place) = self.on_disk(place) else { return own };
        self.yaml_line(place.file, place.span.start)
    }

    /// The line, from 1, of an offset in a file that holds configuration in pieces. YAML knows no other line ends that would matter.
    pub fn yaml_line(&self, id: FileId, offset: u32) -> u32 {
        let file = self.get(id);
        let ends = file.ends.get_or_init(|| memchr::memchr_iter(b'\n', &file.text).map(|at| at as u32).collect());
        ends.partition_point(|&end| end < offset) as u32 + 1
    }

    /// The file of this id.
    pub fn get(&self, id: FileId) -> &File {
        &self.files[id.0 as usize]
    }

    /// The file of this id, if there is one already.
    pub fn find(&self, id: FileId) -> Option<&File> {
        self.files.get(id.0 as usize)
    }

    /// All texts, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &File)> {
        self.files.iter().enumerate().map(|(at, file)| (FileId(at as u32), file))
    }

    /// The files on disk, in the order in which they were added.
    pub fn on_disk_only(&self) -> impl Iterator<Item = (FileId, &File)> {
        self.iter().filter(|(_, file)| file.is_on_disk())
    }

    /// Number of texts.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}
