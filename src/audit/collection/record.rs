//! Keeps what an audit asks of a host, with the answers.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    Answers, Bytes, Collection, Entry, FORMAT, Failure, Manifest, Rows, What,
    cover::{self, Accounts},
};
use crate::{
    audit::{
        look::Looked,
        model::{Host, Tool},
        program::{Program, Seen as SeenProcess},
        scan::{Limits, Seen, Target},
        sight::{Live, Sight},
    },
    source::{Enter, Entry as Named, FileSystem, Kind, Meet, ReadError},
};

/// A host whose answers are kept.
#[derive(Debug)]
pub struct Recorder {
    inner: Live,
    files: Arc<Recording>,
}

#[derive(Debug)]
struct Recording {
    inner: Arc<dyn FileSystem>,
    /// The folder of a copy: what lies in it is the host's.
    folder: PathBuf,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    answers: BTreeMap<PathBuf, Answers>,
    texts: BTreeMap<PathBuf, Vec<u8>>,
    shares: Vec<(PathBuf, Rows)>,
    silent: BTreeSet<PathBuf>,
    services: BTreeSet<u32>,
    contained: BTreeSet<u32>,
}

impl Failure {
    fn of(error: &io::Error) -> Self {
        Self { number: error.raw_os_error(), why: crate::text::plain(error) }
    }
}

impl From<Kind> for What {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::File(_) => Self::File,
            Kind::Folder => Self::Folder,
            Kind::Link => Self::Link,
            Kind::Other("a FIFO") => Self::Fifo,
            Kind::Other("a socket") => Self::Socket,
            Kind::Other(_) => Self::Other,
        }
    }
}

pub(super) fn bytes(path: &Path) -> Bytes {
    Bytes(std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()).to_vec())
}

impl Recording {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A path as the host sees it.
    fn inside(&self, path: &Path) -> PathBuf {
        Path::new("/").join(path.strip_prefix(&self.folder).unwrap_or(path))
    }

    fn note(&self, path: &Path, note: impl FnOnce(&mut Answers)) {
        let path = self.inside(path);
        note(self.kept().answers.entry(path).or_default());
    }
}

impl FileSystem for Recording {
    fn look(&self, path: &Path) -> io::Result<Kind> {
        let answer = self.inner.look(path);
        let kept = answer.as_ref().map(|kind| What::from(*kind)).map_err(Failure::of);
        self.note(path, |answers| answers.behind = Some(kept));
        answer
    }

    fn look_at_link(&self, path: &Path) -> io::Result<Kind> {
        let answer = self.inner.look_at_link(path);
        let kept = answer.as_ref().map(|kind| What::from(*kind)).map_err(Failure::of);
        self.note(path, |answers| answers.kind = Some(kept));
        answer
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        let answer = self.inner.read_link(path);
        let kept = answer.as_ref().map(|target| bytes(target)).map_err(Failure::of);
        self.note(path, |answers| answers.link = Some(kept));
        answer
    }

    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        self.inner.real(path)
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        let answer = self.inner.read(path);
        let failed = match &answer {
            Ok(text) => {
                let inside = self.inside(path);
                self.kept().texts.insert(inside, text.clone());
                None
            }
            Err(ReadError::Io(error)) => Some(Failure::of(error)),
            Err(error) => Some(Failure { number: None, why: error.to_string() }),
        };
        self.note(path, |answers| answers.unread = failed);
        answer
    }

    fn read_head(&self, path: &Path, most: usize, listed: bool) -> Vec<u8> {
        self.inner.read_head(path, most, listed)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Named>> {
        let answer = self.inner.list(folder);
        let name = |entry: &Named| (bytes(Path::new(&entry.name)), What::from(entry.kind));
        let kept = answer.as_ref().map(|entries| entries.iter().map(name).collect()).map_err(Failure::of);
        self.note(folder, |answers| answers.names = Some(kept));
        answer
    }

    fn walk(&self, folder: &Path, enter: Arc<Enter<'static>>, meet: &Meet<'_>) {
        self.inner.walk(folder, enter, meet);
    }
}

impl Sight for Recorder {
    fn files(&self) -> Arc<dyn FileSystem> {
        Arc::clone(&self.files) as Arc<dyn FileSystem>
    }

    fn folder(&self) -> Option<&Path> {
        self.inner.folder()
    }

    fn modified(&self, path: &Path) -> Option<i64> {
        let answer = self.inner.modified(path);
        self.files.note(path, |answers| answers.modified = answer);
        answer
    }

    fn look(&self, path: &Path) -> io::Result<Looked> {
        let answer = self.inner.look(path);
        let kept = answer.as_ref().map(Looked::clone).map_err(Failure::of);
        self.files.note(path, |answers| answers.looked = Some(kept));
        answer
    }

    fn silent(&self, folders: Vec<PathBuf>, limits: &Limits<'_>) -> Vec<PathBuf> {
        let silent = self.inner.silent(folders, limits);
        let inside: Vec<PathBuf> = silent.iter().map(|folder| self.files.inside(folder)).collect();
        self.files.kept().silent.extend(inside);
        silent
    }

    fn scan(&self, targets: Vec<Target>, limits: &Limits<'_>) -> Vec<Seen> {
        let named = targets.iter().map(|target| {
            let wanted = target.wanted.iter().map(|path| bytes(&self.files.inside(path))).collect::<Vec<_>>();
            (self.files.inside(&target.root.below(&target.point)), wanted)
        });
        let named: Vec<_> = named.collect();
        let seen = self.inner.scan(targets, limits);
        let shares = named.into_iter().zip(&seen).map(|((point, wanted), seen)| (point, Rows::of(seen, wanted)));
        self.files.kept().shares = shares.collect();
        seen
    }

    fn is_program(&self, process: &SeenProcess<'_>, program: Program) -> bool {
        let is = self.inner.is_program(process, program);
        if is {
            self.files.kept().services.insert(process.pid());
        }
        is
    }

    fn is_contained(&self, pid: u32) -> bool {
        let is = self.inner.is_contained(pid);
        if is {
            self.files.kept().contained.insert(pid);
        }
        is
    }

    fn owners_kept(&self) -> bool {
        self.inner.owners_kept()
    }
}

impl Recorder {
    /// A copy in a folder; none: this host.
    pub fn new(folder: Option<&Path>) -> Self {
        let inner = Live::new(folder);
        let folder = inner.folder().unwrap_or(Path::new("/")).to_path_buf();
        let files = Recording { inner: inner.files(), folder, kept: Mutex::default() };
        Self { inner, files: Arc::new(files) }
    }

    /// What was kept, covered; `host`: what the audit said.
    pub fn finish(&self, host: &Host, collected: i64) -> Collection {
        let kept = std::mem::take(&mut *self.files.kept());
        let accounts = Accounts::of(&kept.texts, host, kept.shares.iter().map(|(_, rows)| rows));
        let names = names(&kept.answers);
        let mut texts = BTreeMap::new();
        let mut paths = Vec::new();
        let paths_of = kept.answers.into_iter().filter(|(path, _)| cover::is_of_service(path, &kept.services));
        for (path, mut answers) in paths_of {
            if path == Path::new("/proc")
                && let Some(Ok(names)) = &mut answers.names
            {
                let pid = |name: &Bytes| std::str::from_utf8(&name.0).ok()?.parse::<u32>().ok();
                names.retain(|(name, _)| pid(name).is_some_and(|pid| kept.services.contains(&pid)));
            }
            let mut member = None;
            if let Some(text) = kept.texts.get(&path) {
                match cover::kept(names.get(&path).unwrap_or(&path), text, &accounts) {
                    Ok(text) => {
                        let name = path.file_name().unwrap_or_default().to_string_lossy();
                        let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
                        let name: String = name.chars().map(safe).take(60).collect();
                        let name = format!("texts/{:05}-{name}", texts.len());
                        texts.insert(name.clone(), text);
                        member = Some(name);
                    }
                    Err(why) => answers.unread = Some(Failure { number: None, why }),
                }
            }
            paths.push(Entry { path: bytes(&path), state: state(&answers).into(), member, answers });
        }
        let (points, shares): (Vec<PathBuf>, Vec<Rows>) = kept.shares.into_iter().unzip();
        let manifest = Manifest {
            format: FORMAT,
            tool: Tool { name: "cinderlint".into(), version: env!("CARGO_PKG_VERSION").into() },
            collected,
            uid: rustix::process::geteuid().as_raw(),
            copy: self.inner.folder().is_some(),
            owners_kept: self.inner.owners_kept(),
            complete: host.complete,
            release: host.release.clone(),
            contained: kept.contained.into_iter().collect(),
            silent: kept.silent.iter().map(|folder| bytes(folder)).collect(),
            paths,
            shares: points
                .iter()
                .enumerate()
                .map(|(at, point)| (bytes(point), format!("shares/{at:05}.json")))
                .collect(),
        };
        Collection { manifest, texts, shares }
    }
}

/// The names under which files behind links were asked for: what is kept of a file depends on its name.
fn names(answers: &BTreeMap<PathBuf, Answers>) -> BTreeMap<PathBuf, PathBuf> {
    let target = |path: &Path| {
        let link = answers.get(path)?.link.as_ref()?.as_ref().ok()?;
        let target = Path::new(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(&link.0)).to_path_buf();
        let mut there = if target.is_absolute() { PathBuf::from("/") } else { path.parent()?.to_path_buf() };
        for part in target.components() {
            match part {
                std::path::Component::Normal(name) => there.push(name),
                std::path::Component::ParentDir => _ = there.pop(),
                _ => {}
            }
        }
        Some(there)
    };
    let mut names = BTreeMap::new();
    for path in answers.keys() {
        let mut last = path.clone();
        for _ in 0..40 {
            match target(&last) {
                Some(next) => last = next,
                None => break,
            }
        }
        if last != *path {
            names.entry(last).or_insert_with(|| path.clone());
        }
    }
    names
}

/// How a path is, for people.
fn state(answers: &Answers) -> &'static str {
    let failures = [
        answers.kind.as_ref().and_then(|answer| answer.as_ref().err()),
        answers.behind.as_ref().and_then(|answer| answer.as_ref().err()),
        answers.link.as_ref().and_then(|answer| answer.as_ref().err()),
        answers.names.as_ref().and_then(|answer| answer.as_ref().err()),
        answers.looked.as_ref().and_then(|answer| answer.as_ref().err()),
        answers.unread.as_ref(),
    ];
    let number = |failure: &Failure| failure.number.map(rustix::io::Errno::from_raw_os_error);
    match failures.into_iter().flatten().map(number).next() {
        None => "present",
        Some(Some(rustix::io::Errno::NOENT | rustix::io::Errno::NOTDIR)) => "absent",
        Some(Some(rustix::io::Errno::ACCESS | rustix::io::Errno::PERM)) => "denied",
        Some(_) => "failed",
    }
}
