//! Where files come from. Everything that is read of a linted tree, of its settings and of a host's files goes through here.

use std::{
    ffi::OsString,
    fmt,
    io::{self, ErrorKind},
    path::Path,
};

use crate::{message::Message, text::plain};

/// The largest file that is read, in bytes. A `cinder.conf` with every option of every driver has 0.3 MB.
pub const MAX_BYTES: u64 = 256 << 20;

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The operating system said no.
    #[error("{}", plain(.0))]
    Io(#[from] io::Error),
    /// A folder where a file is wanted.
    #[error("is a folder, not a regular file")]
    Folder,
    /// Neither a file nor something that ends.
    #[error("is {0}, not a regular file")]
    Kind(&'static str),
    /// Larger than [`MAX_BYTES`].
    #[error("is larger than {} MiB, the most that is read as a configuration file", MAX_BYTES >> 20)]
    TooLarge,
    /// Bytes where only text is read.
    #[error("is not UTF-8")]
    NotText,
}

impl ReadError {
    /// Of what is at a path instead of a file.
    pub fn of(kind: Kind) -> Self {
        match kind {
            Kind::Folder => Self::Folder,
            Kind::File(_) => Self::Kind("something else"),
            Kind::Link => Self::Kind("a link"),
            Kind::Other(name) => Self::Kind(name),
        }
    }
}

impl From<&ReadError> for Message {
    fn from(error: &ReadError) -> Self {
        if let ReadError::Io(error) = error {
            return Self::from(error);
        }
        let hint = match error {
            ReadError::Folder => Some("name the files inside"),
            ReadError::Io(_) | ReadError::Kind(_) | ReadError::TooLarge | ReadError::NotText => None,
        };
        Self::from(error.to_string()).hint(hint)
    }
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file, with its length in bytes.
    File(u64),
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A FIFO, a socket, a device: with its article, for messages.
    Other(&'static str),
}

/// A name in a folder. What is behind a link is not asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name.
    pub name: OsString,
    /// What it is; a file's length may be 0 here whatever it is.
    pub kind: Kind,
}

/// What a search met.
#[derive(Debug)]
pub enum Met<'m> {
    /// Something that is no folder.
    File {
        /// The folder that is searched, and the path below it.
        path: &'m Path,
        /// The listing of its folder said that it is a regular file.
        regular: bool,
    },
    /// What could not be looked into, and why.
    Error(&'m Path, String),
    /// A file that decides what is searched and is no regular one: its folder is not searched.
    Odd(&'m Path, String),
}

/// Asked of each folder (but the first) before it is searched.
pub type Enter<'w> = dyn Fn(&Path) -> bool + Send + Sync + 'w;
/// Told what was met, by several threads at once.
pub type Meet<'w> = dyn Fn(Met<'_>) + Sync + 'w;

/// A file system: the machine's ([`Disk`](super::Disk)), one in memory ([`Memory`](super::Memory)), or another one with texts
/// that an editor holds ([`Overlay`](super::Overlay)).
///
/// Paths are as people give them: relative ones start at the working directory.
pub trait FileSystem: fmt::Debug + Send + Sync {
    /// What is at a path, links followed.
    ///
    /// # Errors
    /// Nothing is there, or it cannot be told.
    fn look(&self, path: &Path) -> io::Result<Kind>;

    /// What is at a path; a link is a link.
    ///
    /// # Errors
    /// Nothing is there, or it cannot be told.
    fn look_at_link(&self, path: &Path) -> io::Result<Kind>;

    /// Where a link leads.
    ///
    /// # Errors
    /// It is none, or cannot be read.
    fn read_link(&self, path: &Path) -> io::Result<std::path::PathBuf>;

    /// Where a path is, every link followed.
    ///
    /// # Errors
    /// Nothing is there, or it cannot be told.
    fn real(&self, path: &Path) -> io::Result<std::path::PathBuf>;

    /// The bytes of a file.
    ///
    /// # Errors
    /// What could block, never end, or not fit is refused.
    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError>;

    /// The first bytes of a regular file, at most `most`; none of what cannot be read. `listed`: a listing of its folder has
    /// just called it regular.
    fn read_head(&self, path: &Path, most: usize, listed: bool) -> Vec<u8>;

    /// Standard input, to its end.
    ///
    /// # Errors
    /// As [`FileSystem::read`]; and there is none.
    fn read_stdin(&self) -> Result<Vec<u8>, ReadError> {
        Err(io::Error::from(ErrorKind::NotFound).into())
    }

    /// What is in a folder, by name.
    ///
    /// # Errors
    /// It is none, or may not be read.
    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>>;

    /// Meets all files below a folder, in no order, without what Git ignores and folders that are not entered.
    /// No link is followed.
    fn walk(&self, folder: &Path, enter: std::sync::Arc<Enter<'static>>, meet: &Meet<'_>);

    /// Whether there is a regular file, perhaps behind links.
    fn is_file(&self, path: &Path) -> bool {
        matches!(self.look(path), Ok(Kind::File(_)))
    }

    /// Whether there is a folder, perhaps behind links.
    fn is_folder(&self, path: &Path) -> bool {
        matches!(self.look(path), Ok(Kind::Folder))
    }

    /// Whether there is something, perhaps behind links.
    fn exists(&self, path: &Path) -> bool {
        self.look(path).is_ok()
    }

    /// The text of a file of the tool itself.
    ///
    /// # Errors
    /// As [`FileSystem::read`]; and bytes that are not UTF-8.
    fn read_text(&self, path: &Path) -> Result<String, ReadError> {
        String::from_utf8(self.read(path)?).map_err(|_| ReadError::NotText)
    }
}
