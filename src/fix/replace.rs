use std::{
    fs::{self, Metadata},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use crate::{
    message::{Message, hint_for},
    source,
    text::plain,
};

/// Why a file was not replaced. It is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    /// The operating system said no.
    #[error("cannot be written and is not changed: {}", plain(.0))]
    Io(#[from] io::Error),
    /// A device, a FIFO, a folder.
    #[error("is not a regular file and is not written")]
    Kind,
    /// Replacing it would part it from its other names.
    #[error("has {0} names (hard links), which a replacement would separate: it is not changed")]
    Names(u64),
    /// Somebody else wrote it since it was read.
    #[error("changed during the run and is not written: run again")]
    Changed,
    /// Owner, group or an attribute would be lost.
    #[error("is not changed, because its {what} cannot be kept ({}): run as its owner", plain(.error))]
    Attribute {
        /// What would be lost.
        what: String,
        /// What the operating system said.
        error: io::Error,
    },
}

impl From<&ReplaceError> for Message {
    fn from(error: &ReplaceError) -> Self {
        let hint = match error {
            ReplaceError::Io(error) | ReplaceError::Attribute { error, .. } => hint_for(error),
            ReplaceError::Kind | ReplaceError::Names(_) | ReplaceError::Changed => None,
        };
        Self::from(error.to_string()).hint(hint)
    }
}

/// Replaces a file as a whole: whoever reads it, and whatever stops this, finds the old text or the new one. Mode, owner,
/// group and extended attributes are kept; of a symbolic link, the file that it leads to is replaced. The new text is on
/// disk before its name is. A run that is killed may leave a `.cinderlint-*.tmp` beside the file.
///
/// With `old`, a file that holds anything else is left alone. A file that is not there is made, unless `old` is given. `may` is asked about
/// the path behind all links, and nothing is written elsewhere, whatever becomes of them meanwhile.
///
/// # Errors
/// See [`ReplaceError`]; the file is as it was.
pub fn replace(
    path: &Path,
    old: Option<&[u8]>,
    new: &[u8],
    may: &dyn Fn(&Path) -> io::Result<()>,
) -> Result<(), ReplaceError> {
    let real = match path.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::NotFound && old.is_none() && !path.is_symlink() => {
            return create(path, new);
        }
        other => other?,
    };
    may(&real)?;
    let meta = fs::metadata(&real)?;
    if !meta.is_file() {
        return Err(ReplaceError::Kind);
    }
    if let names @ 2.. = names(&meta) {
        return Err(ReplaceError::Names(names));
    }
    // A file that may not be written is not replaced either, though its folder would allow it.
    drop(open(&real, true)?);
    let folder = Held::open(&folder_of(&real))?;
    if !folder.is_at(&folder_of(&real)) {
        return Err(ReplaceError::Changed);
    }
    let real = folder.path.join(real.file_name().unwrap_or_default());
    let mut file = builder().tempfile_in(&folder.path)?;
    file.write_all(new)?;
    keep(&meta, &real, &file)?;
    file.as_file().sync_all()?;
    if let Some(old) = old {
        let mut now = Vec::new();
        open(&real, false)?.read_to_end(&mut now)?;
        if now == new {
            // Another run of the same kind was faster.
            return Ok(());
        }
        if now != old {
            return Err(ReplaceError::Changed);
        }
    }
    file.persist(&real).map_err(|error| error.error)?;
    folder.sync();
    Ok(())
}

/// Makes a file that is not there, as a whole.
///
/// # Errors
/// The file is there, or cannot be made.
pub fn create(path: &Path, text: &[u8]) -> Result<(), ReplaceError> {
    let mut builder = builder();
    #[cfg(unix)]
    builder.permissions(<fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
    let folder = Held::open(&folder_of(path))?;
    let mut file = builder.tempfile_in(&folder.path)?;
    file.write_all(text)?;
    file.as_file().sync_all()?;
    let path = folder.path.join(path.file_name().unwrap_or_default());
    file.persist_noclobber(path).map_err(|error| error.error)?;
    folder.sync();
    Ok(())
}

/// Of files that are removed unless they take another one's place. No reader of configuration takes one for its own.
fn builder<'a, 'b>() -> tempfile::Builder<'a, 'b> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".cinderlint-").suffix(".tmp");
    builder
}

fn folder_of(path: &Path) -> PathBuf {
    source::absolute(path).parent().unwrap_or(Path::new("/")).to_path_buf()
}

/// A folder that is held open: what is made in it is made there, whatever becomes of the path that led to it.
struct Held {
    path: PathBuf,
    handle: Option<fs::File>,
}

impl Held {
    #[cfg(target_os = "linux")]
    fn open(folder: &Path) -> io::Result<Self> {
        use std::os::fd::AsRawFd;
        let handle = fs::File::open(folder)?;
        let by_handle = PathBuf::from(format!("/proc/self/fd/{}", handle.as_raw_fd()));
        // Without /proc, the path has to do.
        let path = if by_handle.is_dir() { by_handle } else { folder.to_path_buf() };
        Ok(Self { path, handle: Some(handle) })
    }

    #[cfg(not(target_os = "linux"))]
    fn open(folder: &Path) -> io::Result<Self> {
        Ok(Self { path: folder.to_path_buf(), handle: fs::File::open(folder).ok() })
    }

    /// Whether the path still leads to it: a link may have been put in the place of a folder since the path was followed.
    fn is_at(&self, folder: &Path) -> bool {
        self.path == folder || fs::read_link(&self.path).is_ok_and(|path| path == folder)
    }

    /// A new name outlives a loss of power as well, where the file system can promise that.
    fn sync(&self) {
        let _ = self.handle.as_ref().map(fs::File::sync_all);
    }
}

/// Opens a file that was looked at: a link or a FIFO that somebody put in its place is not followed, and not waited for.
#[cfg(target_os = "linux")]
fn open(path: &Path, writes: bool) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32;
    fs::OpenOptions::new().read(!writes).write(writes).custom_flags(flags).open(path)
}

/// Opens a file.
#[cfg(not(target_os = "linux"))]
fn open(path: &Path, writes: bool) -> io::Result<fs::File> {
    fs::OpenOptions::new().read(!writes).write(writes).open(path)
}

#[cfg(unix)]
fn names(meta: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(meta)
}

#[cfg(not(unix))]
fn names(_: &Metadata) -> u64 {
    1
}

/// Gives the new file what the old one has.
#[cfg(unix)]
fn keep(meta: &Metadata, old: &Path, new: &NamedTempFile) -> Result<(), ReplaceError> {
    use std::os::unix::fs::{MetadataExt, fchown};

    use xattr::FileExt;

    let lost = |what: String| move |error: io::Error| ReplaceError::Attribute { what, error };
    let file = new.as_file();
    let made = file.metadata()?;
    if (made.uid(), made.gid()) != (meta.uid(), meta.gid()) {
        fchown(file, Some(meta.uid()), Some(meta.gid())).map_err(lost("owner and group".into()))?;
    }
    // A file system without extended attributes loses none.
    let listed: Vec<_> = xattr::list(old).into_iter().flatten().collect();
    for name in file.list_xattr().into_iter().flatten().filter(|name| !listed.contains(name)) {
        file.remove_xattr(&name).map_err(lost(format!("lack of {}", name.display())))?;
    }
    for name in &listed {
        let value = xattr::get(old, name)?.unwrap_or_default();
        if file.get_xattr(name)?.as_ref() != Some(&value) {
            file.set_xattr(name, &value).map_err(lost(format!("extended attribute {}", name.display())))?;
        }
    }
    // Last, because a new owner or access list takes bits away.
    Ok(file.set_permissions(meta.permissions())?)
}

#[cfg(not(unix))]
fn keep(meta: &Metadata, _: &Path, new: &NamedTempFile) -> Result<(), ReplaceError> {
    Ok(new.as_file().set_permissions(meta.permissions())?)
}
