use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::super::{
    conf_files,
    render::{Left, Rendered, Vars},
};
use crate::{
    catalog::Release,
    ini::Span,
    input::forms::Remark,
    message::Message,
    secrets::secret_spans,
    source::{FileId, FileSystem, Files, Origin, Place, Services, Unseen, map::Map},
};

/// A file that a form is to read.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Where it lies.
    pub path: PathBuf,
    /// Why it is one.
    pub why: String,
    /// It was named outright: it is read whatever it looks like.
    pub named: bool,
}

/// One deployment, as a form puts it together.
#[derive(Clone, Debug)]
pub struct Assembled {
    /// What people call it; for `--show-files`.
    pub name: String,
    /// To what its findings belong, where that is not all that a file is for.
    pub label: Option<Label>,
    /// The file whose settings hold for it.
    pub path: PathBuf,
    /// The layers, the one that takes effect last.
    pub layers: Vec<FileId>,
    /// What may be in force although no layer shows it.
    pub unseen: Unseen,
    /// The services that read it.
    pub services: Services,
    /// The release, where the form knows it.
    pub release: Option<Release>,
    /// The last release that can be meant: taken where nobody says which it is.
    pub until: Release,
    /// Shares files: the path at which Cinder finds each, and which it is.
    pub shares: Vec<(Option<String>, FileId)>,
    /// What the form has to say.
    pub remarks: Vec<Remark>,
}

/// To what findings belong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Label {
    /// One of several deployments that share files: said of what the others have not.
    OneOf(String),
    /// Several equal ones, of which the first is read: always said.
    Equal(String),
}

impl Assembled {
    /// These layers, and nothing else is known.
    pub fn new(path: &Path, name: &str, layers: Vec<FileId>) -> Self {
        Self {
            name: name.to_string(),
            label: None,
            path: path.to_path_buf(),
            layers,
            unseen: Unseen::Nothing,
            services: Services::ALL,
            release: None,
            until: Release::NEWEST,
            shares: Vec::new(),
            remarks: Vec::new(),
        }
    }
}

/// What a form reads with, and where it puts what it made.
#[derive(Debug)]
pub struct Run<'r> {
    files: &'r mut Files,
    fs: &'r dyn FileSystem,
    /// The release that is asked for, where one is.
    pub release: Option<Release>,
    /// The deployments so far.
    pub found: Vec<Assembled>,
    /// What cannot be read: the file, and why.
    pub errors: Vec<(PathBuf, Message)>,
    /// What was left out after all, and why.
    pub left: Vec<(PathBuf, String)>,
    /// Texts that were read already, and where they are kept.
    given: HashMap<PathBuf, (Vec<u8>, Origin)>,
    read: HashMap<(PathBuf, bool), FileId>,
    /// What templates are filled in with.
    vars: Option<Arc<Vars>>,
    /// What stays open in templates that were filled in: the file, and what.
    pub notes: Vec<(PathBuf, String)>,
}

impl<'r> Run<'r> {
    /// Reads into these files what this file system keeps.
    pub fn new(files: &'r mut Files, fs: &'r dyn FileSystem) -> Self {
        Self {
            files,
            fs,
            release: None,
            found: Vec::new(),
            errors: Vec::new(),
            left: Vec::new(),
            given: HashMap::new(),
            read: HashMap::new(),
            vars: None,
            notes: Vec::new(),
        }
    }

    /// Fills templates in with these variables.
    pub fn fill(&mut self, vars: Option<Arc<Vars>>) {
        self.vars = vars;
    }

    /// A text that was filled in, if it is a template and there is something to fill it in with.
    fn filled(&mut self, path: &Path, text: &[u8], from: u32) -> Option<Rendered> {
        match self.vars.as_ref()?.render(text)? {
            Ok(rendered) => {
                let stays = |left: &Left| format!("line {}: not filled in ({})", left.line + from, left.why);
                self.notes.extend(rendered.left.iter().map(|left| (path.to_path_buf(), stays(left))));
                Some(rendered)
            }
            Err(Left { line, why }) => {
                let said = Message::from(format!("line {}: {why}", line + from));
                self.errors.push((path.to_path_buf(), said.help("it is read unchanged, without --vars")));
                None
            }
        }
    }

    /// Has this text stand for what is at a path, however often it is read.
    pub fn give(&mut self, path: &Path, text: Vec<u8>, origin: Origin) {
        self.given.insert(path.to_path_buf(), (text, origin));
    }

    /// A text that was read already and that nobody asked for yet.
    pub fn given_text(&self, path: &Path) -> Option<&[u8]> {
        self.given.get(path).map(|(text, _)| text.as_slice())
    }

    /// Reads a file of oslo.config; none: it cannot be read, which is said. A file is read once.
    pub fn whole(&mut self, path: &Path) -> Option<FileId> {
        self.file(path, false)
    }

    /// Reads a file that holds configuration in pieces.
    pub fn container(&mut self, path: &Path) -> Option<FileId> {
        self.file(path, true)
    }

    fn file(&mut self, path: &Path, container: bool) -> Option<FileId> {
        let key = (path.to_path_buf(), container);
        if let Some(id) = self.read.get(&key) {
            return Some(*id);
        }
        let id = self.once_more(path, container)?;
        self.read.insert(key, id);
        Some(id)
    }

    /// Reads a file as another layer, though it may have been read before.
    pub fn layer(&mut self, path: &Path) -> Option<FileId> {
        self.once_more(path, false)
    }

    fn once_more(&mut self, path: &Path, container: bool) -> Option<FileId> {
        let (text, origin) = match self.given.get(path) {
            Some(given) => given.clone(),
            None => match self.fs.read(path) {
                Ok(text) => (text, Origin::Disk(path.to_path_buf())),
                Err(error) => {
                    self.errors.push((path.to_path_buf(), (&error).into()));
                    return None;
                }
            },
        };
        if !container && let Some(rendered) = self.filled(path, &text, 0) {
            // Branches that are not taken have secrets too.
            let hidden = secret_spans(&text);
            let template = self.files.add_container(path, text, origin);
            self.files.hide(template, hidden);
            return Some(self.files.add_piece(template, rendered.text, rendered.map));
        }
        Some(match container {
            true => self.files.add_container(path, text, origin),
            false => self.files.add_from(path, text, origin),
        })
    }

    /// Reads the `*.conf` of a folder, in the order of oslo.config. A folder that is not there has none.
    pub fn folder(&mut self, folder: &Path) -> Vec<FileId> {
        use std::io::ErrorKind::{NotADirectory, NotFound};
        match conf_files(self.fs, folder) {
            Ok(paths) => paths.iter().filter_map(|path| self.whole(path)).collect(),
            Err(error) if matches!(error.kind(), NotFound | NotADirectory) => Vec::new(),
            Err(error) => {
                self.errors.push((folder.to_path_buf(), (&error).into()));
                Vec::new()
            }
        }
    }

    /// The bytes of a file.
    pub fn text(&self, id: FileId) -> &[u8] {
        &self.files.get(id).text
    }

    /// Where files are kept.
    pub fn fs(&self) -> &'r dyn FileSystem {
        self.fs
    }

    /// All that was read so far.
    pub fn files(&self) -> &Files {
        self.files
    }

    /// Adds a layer that stands inside a file.
    pub fn piece(&mut self, container: FileId, text: impl Into<Vec<u8>>, map: Map) -> FileId {
        let text = text.into();
        let file = self.files.get(container);
        let path = PathBuf::from(&file.relative);
        let start = map.segments().first().map_or(0, |segment| segment.source.start);
        let before = self.files.yaml_line(container, start) - 1;
        match self.filled(&path, &text, before) {
            Some(Rendered { text: new, map: inner, .. }) => {
                let hidden = secret_spans(&text).into_iter();
                let hidden: Vec<Span> = hidden.filter_map(|span| Some(map.source(span)?.0)).collect();
                self.files.hide(container, hidden);
                self.files.add_piece(container, new, map.behind(&inner))
            }
            None => self.files.add_piece(container, text, map),
        }
    }

    /// Adds a layer that some program makes: "kolla-ansible 21: role template".
    pub fn synthetic(&mut self, name: &str, text: impl Into<Vec<u8>>) -> FileId {
        self.files.add_synthetic(name, text.into())
    }

    /// Says what may not be shown of a file.
    pub fn hide(&mut self, id: FileId, spans: impl IntoIterator<Item = Span>) {
        self.files.hide(id, spans);
    }

    /// A place in a file.
    pub fn place(&self, file: FileId, span: Span) -> Place {
        Place { file, span }
    }
}
