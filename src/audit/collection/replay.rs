//! Answers as a host did when it was collected.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Answers, Bytes, Collection, Failure, Rows, What, record::bytes};
use crate::{
    audit::{
        look::Looked,
        program::{Program, Seen as SeenProcess},
        scan::{End, Limits, Seen, Target, Wanted},
        sight::Sight,
        tally::Tally,
    },
    source::{Enter, Entry, FileSystem, Kind, Meet, ReadError},
    text::one_line,
};

/// A host that was collected.
#[derive(Debug)]
pub struct Recorded {
    files: Arc<Replay>,
    shares: BTreeMap<Bytes, Rows>,
    silent: BTreeSet<PathBuf>,
    contained: BTreeSet<u32>,
    copy: bool,
    owners_kept: bool,
}

#[derive(Debug)]
struct Replay {
    answers: BTreeMap<Bytes, Answers>,
    texts: BTreeMap<Bytes, Vec<u8>>,
}

impl Failure {
    fn error(&self) -> io::Error {
        match self.number {
            Some(number) if (1..4096).contains(&number) => io::Error::from_raw_os_error(number),
            _ => io::Error::other(one_line(&self.why).into_owned()),
        }
    }
}

impl From<What> for Kind {
    fn from(what: What) -> Self {
        match what {
            What::File => Self::File(0),
            What::Folder => Self::Folder,
            What::Link => Self::Link,
            What::Fifo => Self::Other("a FIFO"),
            What::Socket => Self::Other("a socket"),
            What::Other => Self::Other("a device"),
        }
    }
}

fn not_tried() -> io::Error {
    io::Error::other("was not collected")
}

/// The answer to a question; what was not asked has none.
fn answer<T: Clone, U>(
    answers: Option<&Answers>,
    of: impl Fn(&Answers) -> &Option<Result<T, Failure>>,
    to: impl Fn(T) -> U,
) -> io::Result<U> {
    match answers.and_then(|answers| of(answers).clone()) {
        Some(Ok(answer)) => Ok(to(answer)),
        Some(Err(failure)) => Err(failure.error()),
        None => Err(not_tried()),
    }
}

fn path(bytes: &Bytes) -> PathBuf {
    PathBuf::from(<std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes.0.clone()))
}

impl Replay {
    fn at(&self, path: &Path) -> Option<&Answers> {
        self.answers.get(&bytes(path))
    }
}

impl FileSystem for Replay {
    fn look(&self, path: &Path) -> io::Result<Kind> {
        answer(self.at(path), |answers| &answers.behind, Kind::from)
    }

    fn look_at_link(&self, path: &Path) -> io::Result<Kind> {
        answer(self.at(path), |answers| &answers.kind, Kind::from)
    }

    fn read_link(&self, at: &Path) -> io::Result<PathBuf> {
        answer(self.at(at), |answers| &answers.link, |target| path(&target))
    }

    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(path.to_path_buf())
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        let unread = self.at(path).and_then(|answers| answers.unread.as_ref());
        match (self.texts.get(&bytes(path)), unread) {
            (Some(text), _) => Ok(text.clone()),
            (None, Some(failure)) => Err(failure.error().into()),
            (None, None) => Err(not_tried().into()),
        }
    }

    fn read_head(&self, path: &Path, most: usize, _: bool) -> Vec<u8> {
        self.texts.get(&bytes(path)).map(|text| text[..text.len().min(most)].to_vec()).unwrap_or_default()
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        let entry = |(name, what): (Bytes, What)| Entry { name: path(&name).into_os_string(), kind: what.into() };
        answer(
            self.at(folder),
            |answers| &answers.names,
            |names: Vec<(Bytes, What)>| names.into_iter().map(entry).collect(),
        )
    }

    fn walk(&self, _: &Path, _: Arc<Enter<'static>>, _: &Meet<'_>) {}
}

impl Recorded {
    /// What was collected.
    pub fn new(collection: Collection) -> Self {
        let Collection { manifest, mut texts, shares } = collection;
        let mut answers = BTreeMap::new();
        let mut by_path = BTreeMap::new();
        for entry in manifest.paths {
            if let Some(text) = entry.member.and_then(|member| texts.remove(&member)) {
                by_path.insert(entry.path.clone(), text);
            }
            answers.insert(entry.path, entry.answers);
        }
        let points = manifest.shares.into_iter().map(|(point, _)| point);
        Self {
            files: Arc::new(Replay { answers, texts: by_path }),
            shares: points.zip(shares).collect(),
            silent: manifest.silent.iter().map(path).collect(),
            contained: manifest.contained.into_iter().collect(),
            copy: manifest.copy,
            owners_kept: manifest.owners_kept,
        }
    }
}

impl Sight for Recorded {
    fn files(&self) -> Arc<dyn FileSystem> {
        Arc::clone(&self.files) as Arc<dyn FileSystem>
    }

    fn folder(&self) -> Option<&Path> {
        self.copy.then_some(Path::new("/"))
    }

    fn is_collected(&self) -> bool {
        true
    }

    fn modified(&self, path: &Path) -> Option<i64> {
        self.files.at(path)?.modified
    }

    fn look(&self, path: &Path) -> io::Result<Looked> {
        answer(self.files.at(path), |answers| &answers.looked, |looked| looked)
    }

    fn silent(&self, folders: Vec<PathBuf>, _: &Limits<'_>) -> Vec<PathBuf> {
        folders.into_iter().filter(|folder| self.silent.contains(folder)).collect()
    }

    fn scan(&self, targets: Vec<Target>, _: &Limits<'_>) -> Vec<Seen> {
        let seen = |target: Target| {
            let wanted: Vec<Bytes> = target.wanted.iter().map(|path| bytes(path)).collect();
            match self.shares.get(&bytes(&target.root.below(&target.point))) {
                Some(rows) => rows.seen(&wanted),
                None => Seen {
                    wanted: wanted.iter().map(|_| Wanted::Unknown).collect(),
                    ..Seen::unknown(End::Refused("was not collected".into()), Tally::default())
                },
            }
        };
        targets.into_iter().map(seen).collect()
    }

    fn is_program(&self, _: &SeenProcess<'_>, _: Program) -> bool {
        true
    }

    fn is_contained(&self, pid: u32) -> bool {
        self.contained.contains(&pid)
    }

    fn owners_kept(&self) -> bool {
        self.owners_kept
    }
}
