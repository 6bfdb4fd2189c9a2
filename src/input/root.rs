use std::{
    collections::HashMap,
    io,
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use crate::source::{self, Disk, FileSystem, Kind, ReadError, is_of_the_kernel};

/// The file system that absolute paths of a configuration mean: this host's, or a copy of another host's.
#[derive(Debug)]
pub struct Root {
    fs: Arc<dyn FileSystem>,
    dir: PathBuf,
    given: bool,
    bounds: Bounds,
    /// What was found at folders, and where they lie: many backends share them.
    folders: Mutex<HashMap<PathBuf, Folder>>,
    /// Folders on this machine that do not answer: asking would wait for ever.
    silent: Vec<PathBuf>,
}

/// What may be looked at.
#[derive(Debug)]
enum Bounds {
    /// Everything: a person or an audit asks.
    All,
    /// What a configuration may name on its own host: all but the files of the kernel.
    Host,
    /// Of that, what lies in these folders.
    Below(Vec<PathBuf>),
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A regular file, perhaps behind links.
    File,
    /// A folder, perhaps behind links.
    Folder,
    /// A FIFO, device or socket.
    Other,
    /// Nothing, or a link that leads nowhere or to itself.
    Absent,
    /// It cannot be told (a folder on the way may not be searched, an input/output error).
    Unknown,
}

/// What is at the path of a folder: where it lies here, and where the host sees it; none for a path that cannot be followed.
#[derive(Clone, Debug)]
struct Folder {
    seen: Seen,
    place: Option<(PathBuf, PathBuf)>,
}

/// Links that lead to each other.
#[derive(Debug, thiserror::Error)]
#[error("too many levels of symbolic links")]
struct Loop;

const MAX_LINKS: u32 = 40;

impl Root {
    /// `dir` is what the user gave as `--root`; without it, paths are looked up on this host.
    pub fn new(dir: Option<&Path>) -> Self {
        Self::on(Disk::shared(), dir)
    }

    /// The same on any file system.
    pub fn on(fs: Arc<dyn FileSystem>, dir: Option<&Path>) -> Self {
        Self {
            fs,
            dir: dir.unwrap_or(Path::new("/")).to_path_buf(),
            given: dir.is_some(),
            bounds: Bounds::All,
            folders: Mutex::default(),
            silent: Vec::new(),
        }
    }

    /// The same root for paths that a configuration of strangers names: never the files of the kernel; and where the user gave no
    /// root, only what lies in these folders (without links), if there are such borders.
    #[must_use]
    pub fn for_configuration(mut self, inside: Option<&[PathBuf]>) -> Self {
        self.bounds = match inside {
            Some(folders) if !self.given => Bounds::Below(folders.to_vec()),
            _ => Bounds::Host,
        };
        self
    }

    /// Whether nothing is to be read or asked at a path of the host, whose links were followed.
    pub(crate) fn is_out_of_bounds(&self, inside: &Path) -> bool {
        let of_the_kernel = || is_of_the_kernel(inside);
        match &self.bounds {
            Bounds::All => false,
            Bounds::Host => of_the_kernel(),
            Bounds::Below(folders) => of_the_kernel() || !folders.iter().any(|folder| inside.starts_with(folder)),
        }
    }

    /// The same root, with folders on this machine that do not answer: nothing in them is asked for.
    #[must_use]
    pub fn without(mut self, silent: Vec<PathBuf>) -> Self {
        self.silent = silent;
        self
    }

    /// Where a path of the host lies here; no link is followed.
    pub(crate) fn below(&self, path: &Path) -> PathBuf {
        self.outside(path)
    }

    /// Whether the user said that this is the host's file system, so that what is absent here is absent there.
    pub fn is_given(&self) -> bool {
        self.given
    }

    /// Where a path of the host lies here, with every link followed inside the root, and the same path as the host
    /// sees it (`os.path.realpath`; what does not exist is kept as written).
    ///
    /// # Errors
    /// A loop of links, or a folder that may not be searched.
    pub fn real(&self, path: &Path) -> io::Result<(PathBuf, PathBuf)> {
        let (inside, _) = self.follow(path)?;
        Ok((self.outside(&inside), inside))
    }

    /// The bytes of a file of the host.
    ///
    /// # Errors
    /// As [`Root::real`] and [`FileSystem::read`].
    pub fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        let (here, _) = self.real(path)?;
        self.fs.read(&here)
    }

    /// Where its files are kept.
    pub fn fs(&self) -> &dyn FileSystem {
        &*self.fs
    }

    /// The path as the host sees it, with every link followed, and what is there, as far as that was asked on the way.
    fn follow(&self, path: &Path) -> io::Result<(PathBuf, Option<Seen>)> {
        let mut inside = PathBuf::from("/");
        let mut links = 0;
        let mut todo: Vec<std::ffi::OsString> = Vec::new();
        push_components(&mut todo, path);
        // How many of the last components lie below one that is not there, that one among them: they are not there either.
        let mut missing = 0_usize;
        let mut last = None;
        while let Some(part) = todo.pop() {
            if part == ".." {
                inside.pop();
                missing = missing.saturating_sub(1);
                last = None;
                continue;
            }
            let here = self.outside(&inside.join(&part));
            if self.silent.contains(&here) {
                return Err(io::Error::from(io::ErrorKind::TimedOut));
            }
            if missing > 0 {
                inside.push(&part);
                missing += 1;
                continue;
            }
            match self.fs.look_at_link(&here) {
                Ok(Kind::Link) => {
                    last = None;
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(io::Error::other(Loop));
                    }
                    let target = self.fs.read_link(&here)?;
                    if source::is_absolute(&target) {
                        inside = PathBuf::from("/");
                    }
                    push_components(&mut todo, &target);
                }
                Ok(kind) => {
                    inside.push(&part);
                    last = Some(seen(kind));
                }
                Err(error) if is_absence(&error) => {
                    inside.push(&part);
                    missing = 1;
                }
                Err(error) => return Err(error),
            }
        }
        if self.is_out_of_bounds(&inside) {
            return Err(io::Error::from(io::ErrorKind::PermissionDenied));
        }
        Ok((inside, if missing > 0 { Some(Seen::Absent) } else { last }))
    }

    /// What is at a path of the host, links followed (`os.path.isfile`, `isdir`, `exists`).
    pub fn look(&self, path: &Path) -> Seen {
        match (path.parent(), path.file_name().and_then(|name| name.to_str())) {
            (Some(folder), Some(name)) => match self.look_in(folder, name) {
                // The folder that holds one of those that were given lies outside them.
                Seen::Unknown => self.look_anew(path).seen,
                seen => seen,
            },
            _ => self.look_anew(path).seen,
        }
    }

    fn look_anew(&self, path: &Path) -> Folder {
        match self.follow(path) {
            Ok((inside, seen)) => {
                let here = self.outside(&inside);
                let seen = seen.unwrap_or_else(|| found(self.fs.look_at_link(&here)));
                Folder { seen, place: Some((here, inside)) }
            }
            // `os.stat` fails with ELOOP, and `isfile`, `isdir` and `exists` are false.
            Err(error) if error.get_ref().is_some_and(|inner| inner.is::<Loop>()) => {
                Folder { seen: Seen::Absent, place: None }
            }
            Err(_) => Folder { seen: Seen::Unknown, place: None },
        }
    }

    /// The same for a folder, of which nothing is asked twice.
    fn folder(&self, path: &Path) -> Folder {
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = folders.get(path) {
            return known.clone();
        }
        let folder = self.look_anew(path);
        folders.insert(path.to_path_buf(), folder.clone());
        folder
    }

    /// `os.path.realpath` of a folder; as it is written where it cannot be followed.
    pub fn real_folder(&self, path: &Path) -> PathBuf {
        self.folder(path).place.map_or_else(|| path.to_path_buf(), |(_, inside)| inside)
    }

    /// What is in a folder under a name.
    pub fn look_in(&self, folder: &Path, name: &str) -> Seen {
        let (seen_there, place) = match self.folder(folder) {
            Folder { seen, place: Some((here, _)) } => (seen, here.join(name)),
            Folder { seen, place: None } => (seen, PathBuf::new()),
        };
        match seen_there {
            Seen::Folder => {}
            Seen::Unknown => return Seen::Unknown,
            Seen::File | Seen::Other | Seen::Absent => return Seen::Absent,
        }
        if self.silent.contains(&place) {
            return Seen::Unknown;
        }
        match self.fs.look_at_link(&place) {
            Ok(Kind::Link) => self.look_anew(&folder.join(name)).seen,
            kind => found(kind),
        }
    }

    fn outside(&self, inside: &Path) -> PathBuf {
        self.dir.join(inside.strip_prefix("/").unwrap_or(inside))
    }
}

fn found(kind: io::Result<Kind>) -> Seen {
    match kind {
        Ok(kind) => seen(kind),
        Err(error) if is_absence(&error) => Seen::Absent,
        Err(_) => Seen::Unknown,
    }
}

fn seen(kind: Kind) -> Seen {
    match kind {
        Kind::File(_) => Seen::File,
        Kind::Folder => Seen::Folder,
        Kind::Link | Kind::Other(_) => Seen::Other,
    }
}

fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Pushes the components so that the first is on top; `.` and the root itself are nothing.
fn push_components(todo: &mut Vec<std::ffi::OsString>, path: &Path) {
    let at = todo.len();
    for part in path.components() {
        match part {
            Component::Normal(name) => todo.insert(at, name.to_os_string()),
            Component::ParentDir => todo.insert(at, "..".into()),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
}
