//! The file system of this machine.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::borders::is_own_descriptor;
use super::file_system::{Enter, Entry, FileSystem, Kind, MAX_BYTES, Meet, Met, ReadError};

/// The file system of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Disk {
    /// It, to be shared.
    pub fn shared() -> Arc<dyn FileSystem> {
        Arc::new(Self)
    }
}

/// How many threads search at most: more of them wait for each other.
const THREADS: usize = 4;

impl FileSystem for Disk {
    fn look(&self, path: &Path) -> io::Result<Kind> {
        fs::metadata(path).map(|meta| kind(&meta))
    }

    fn look_at_link(&self, path: &Path) -> io::Result<Kind> {
        fs::symlink_metadata(path).map(|meta| kind(&meta))
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        fs::read_link(path)
    }

    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        fs::canonicalize(if path.as_os_str().is_empty() { Path::new(".") } else { path })
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        let meta = fs::metadata(path)?;
        if is_own_descriptor(path) {
            return read_limited(fs::File::open(path)?, 0);
        }
        if !meta.is_file() {
            return Err(ReadError::of(kind(&meta)));
        }
        // Should it have become something else since then, opening it does not wait, and it is not read.
        let file = open(path, false)?;
        let meta = file.metadata()?;
        match meta.is_file() {
            _ if meta.len() > MAX_BYTES => Err(ReadError::TooLarge),
            true => read_limited(file, meta.len()),
            false => Err(ReadError::of(kind(&meta))),
        }
    }

    fn read_head(&self, path: &Path, most: usize, listed: bool) -> Vec<u8> {
        let mut head = Vec::new();
        if let Ok(file) = open_regular(path, listed) {
            read_head(file, most, &mut head);
        }
        head
    }

    fn read_stdin(&self) -> Result<Vec<u8>, ReadError> {
        if is_stdin_closed() {
            return Err(io::Error::other("is closed").into());
        }
        read_limited(io::stdin().lock(), 0)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let kind = kind_of(entry.file_type()?);
            entries.push(Entry { name: entry.file_name(), kind });
        }
        entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn walk(&self, folder: &Path, enter: Arc<Enter<'static>>, meet: &Meet<'_>) {
        let odd: Vec<_> = folder.ancestors().filter_map(odd_ignore_file).collect();
        if !odd.is_empty() {
            odd.into_iter().for_each(|(path, why)| meet(Met::Error(&path, why)));
            return;
        }
        // What a filter finds is told at the end: it outlives this call as far as the compiler knows.
        let odd: Arc<Mutex<Vec<(PathBuf, String)>>> = Arc::default();
        let met_odd = Arc::clone(&odd);
        let is_entered = move |entry: &DirEntry| {
            if !entry.file_type().is_some_and(|kind| kind.is_dir()) {
                return true;
            }
            if entry.depth() > 0 && !enter(entry.path()) {
                return false;
            }
            odd_ignore_file(entry.path()).is_none_or(|found| {
                met_odd.lock().unwrap_or_else(PoisonError::into_inner).push(found);
                false
            })
        };
        let threads = crate::parallel::processors().min(THREADS);
        let mut walk = WalkBuilder::new(folder);
        walk.hidden(false).ignore(false).filter_entry(is_entered).threads(threads);
        walk.build_parallel().run(|| {
            Box::new(|entry| {
                match entry {
                    Ok(entry) => match entry.file_type() {
                        Some(kind) if kind.is_dir() => {}
                        kind => {
                            meet(Met::File { path: entry.path(), regular: kind.is_some_and(|kind| kind.is_file()) })
                        }
                    },
                    Err(error) => {
                        let path = path_of(&error).unwrap_or_else(|| folder.to_path_buf());
                        let io = error.io_error();
                        let why = io.map_or_else(|| "cannot be searched".into(), |io| io.kind().to_string());
                        meet(Met::Error(&path, why));
                    }
                }
                WalkState::Continue
            })
        });
        let odd = std::mem::take(&mut *odd.lock().unwrap_or_else(PoisonError::into_inner));
        odd.into_iter().for_each(|(path, why)| meet(Met::Odd(&path, why)));
    }
}

/// Opens a file that is a regular one. Nothing else is opened: a FIFO could wait for ever. One that a listing of its folder
/// has just called regular is not asked for first, and a link that took its place since then is not followed.
fn open_regular(path: &Path, listed: bool) -> io::Result<fs::File> {
    if !listed && !fs::metadata(path)?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    open(path, listed)
}

/// Opens a file; neither that nor reading it waits should it be a FIFO.
#[cfg(target_os = "linux")]
fn open(path: &Path, no_link: bool) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;
    let flags = if no_link { OFlags::NONBLOCK | OFlags::NOFOLLOW } else { OFlags::NONBLOCK };
    fs::OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path)
}

/// Opens a file.
#[cfg(not(target_os = "linux"))]
fn open(path: &Path, no_link: bool) -> io::Result<fs::File> {
    if no_link && !fs::metadata(path)?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    fs::File::open(path)
}

/// Reads to the end, at most [`MAX_BYTES`].
fn read_limited(from: impl Read, expected: u64) -> Result<Vec<u8>, ReadError> {
    let mut text = Vec::with_capacity(expected as usize + 1);
    from.take(MAX_BYTES + 1).read_to_end(&mut text)?;
    if text.len() as u64 > MAX_BYTES { Err(ReadError::TooLarge) } else { Ok(text) }
}

/// Whether there was no standard input when the program began: Rust's runtime then puts `/dev/null` there, for reading and
/// writing, where a shell's `< /dev/null` is for reading alone.
#[cfg(target_os = "linux")]
fn is_stdin_closed() -> bool {
    use rustix::fs::{OFlags, fcntl_getfl, fstat, stat};
    let stdin = io::stdin();
    let writes = fcntl_getfl(&stdin).is_ok_and(|flags| flags.contains(OFlags::RDWR));
    let same =
        |null: rustix::fs::Stat| fstat(&stdin).is_ok_and(|stdin| stdin.st_rdev == null.st_rdev && null.st_rdev != 0);
    writes && stat("/dev/null").is_ok_and(same)
}

/// Whether there was no standard input when the program began; not told here.
#[cfg(not(target_os = "linux"))]
fn is_stdin_closed() -> bool {
    false
}

fn kind(meta: &fs::Metadata) -> Kind {
    if meta.is_file() { Kind::File(meta.len()) } else { kind_of(meta.file_type()) }
}

#[cfg(unix)]
fn kind_of(kind: fs::FileType) -> Kind {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_file() {
        Kind::File(0)
    } else if kind.is_dir() {
        Kind::Folder
    } else if kind.is_symlink() {
        Kind::Link
    } else if kind.is_fifo() {
        Kind::Other("a FIFO")
    } else if kind.is_socket() {
        Kind::Other("a socket")
    } else if kind.is_char_device() || kind.is_block_device() {
        Kind::Other("a device")
    } else {
        Kind::Other("something else")
    }
}

#[cfg(not(unix))]
fn kind_of(kind: fs::FileType) -> Kind {
    if kind.is_file() {
        Kind::File(0)
    } else if kind.is_dir() {
        Kind::Folder
    } else if kind.is_symlink() {
        Kind::Link
    } else {
        Kind::Other("something else")
    }
}

/// Reads the start of a file. What was read until something went wrong still tells.
fn read_head(mut file: fs::File, most: usize, head: &mut Vec<u8>) {
    // Most files are small: one call reads them, and what it leaves of its room says that there is no more.
    let mut first = [0; 8 << 10];
    let Ok(length) = file.read(&mut first) else { return };
    head.extend_from_slice(&first[..length]);
    if length == first.len() {
        let _ = file.take(most.saturating_sub(length) as u64).read_to_end(head);
    }
}

/// The largest file of patterns that is read: each costs time for every file that is met.
const MAX_PATTERNS: u64 = 1 << 18;

/// A `.gitignore` whose opening could wait for ever, that leads out of the tree, as Git follows none, or that is no list of a person.
fn odd_ignore_file(folder: &Path) -> Option<(PathBuf, String)> {
    [".gitignore", ".git/info/exclude"].into_iter().map(|name| folder.join(name)).find_map(|path| {
        let own = fs::symlink_metadata(&path).ok()?;
        let meta = fs::metadata(&path).ok()?;
        let why = match () {
            () if !meta.is_file() => "is not a regular file",
            () if own.is_symlink() && leads_out(&path, folder) => "is a symbolic link to another folder",
            () if meta.len() > MAX_PATTERNS => "is larger than 256 KiB",
            () => return None,
        };
        Some((path, format!("{why}, so this folder is not searched")))
    })
}

/// Whether a link leads out of a folder and of the repository that it is in.
fn leads_out(link: &Path, folder: &Path) -> bool {
    let Ok((real, folder)) = fs::canonicalize(link).and_then(|real| Ok((real, fs::canonicalize(folder)?))) else {
        return true;
    };
    let top = folder.ancestors().find(|above| above.join(".git").exists()).unwrap_or(&folder);
    !real.starts_with(top)
}

fn path_of(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        ignore::Error::Loop { child, .. } => Some(child.clone()),
        _ => None,
    }
}
