//! The host's own files: `/etc`, `/proc`, `/run`, below a root.

use std::{cell::RefCell, collections::BTreeSet, io::ErrorKind, path::Path};

use super::{model::Unseen, sight::Sight};
use crate::{input::Root, source::ReadError, text::plain};

/// Reads files of the host, and keeps what could not be seen.
pub struct Here<'r> {
    /// Where the host's paths lie.
    pub root: &'r Root,
    /// Who answers.
    pub sight: &'r dyn Sight,
    unseen: RefCell<BTreeSet<Unseen>>,
}

impl<'r> Here<'r> {
    /// The host below this root.
    pub fn new(root: &'r Root, sight: &'r dyn Sight) -> Self {
        Self { root, sight, unseen: RefCell::default() }
    }

    /// Keeps what could not be seen, and what that leaves open.
    pub fn not_seen(&self, what: impl Into<String>, why: impl Into<String>, leaves_open: impl Into<String>) {
        let unseen = Unseen { what: what.into(), why: why.into(), leaves_open: leaves_open.into() };
        self.unseen.borrow_mut().insert(unseen);
    }

    /// What could not be seen, in order.
    pub fn take_unseen(&self) -> Vec<Unseen> {
        std::mem::take(&mut *self.unseen.borrow_mut()).into_iter().collect()
    }

    /// The bytes of a file; none where it is not there. `leaves_open` says what stays unknown where it cannot be read.
    pub fn bytes(&self, path: &str, leaves_open: &str) -> Option<Vec<u8>> {
        let read = self.root.read(Path::new(path));
        match read {
            Ok(bytes) => Some(bytes),
            Err(ReadError::Io(error)) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => None,
            Err(error) => {
                self.not_seen(path, error.to_string(), leaves_open);
                None
            }
        }
    }

    /// The text of a file; bytes that are not UTF-8 become U+FFFD.
    pub fn text(&self, path: &str, leaves_open: &str) -> Option<String> {
        self.bytes(path, leaves_open).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The names in a folder, sorted; empty where it is not there.
    pub fn list(&self, path: &str, leaves_open: &str) -> Vec<String> {
        let folder = self.root.real(Path::new(path)).and_then(|(here, _)| self.root.fs().list(&here));
        match folder {
            Ok(entries) => {
                let mut names: Vec<String> =
                    entries.into_iter().filter_map(|entry| entry.name.into_string().ok()).collect();
                names.sort_unstable();
                names
            }
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Vec::new(),
            Err(error) => {
                self.not_seen(path, plain(&error), leaves_open);
                Vec::new()
            }
        }
    }

    /// Seconds since 1970 at which a file was last changed.
    pub fn modified(&self, path: &str) -> Option<i64> {
        let (here, _) = self.root.real(Path::new(path)).ok()?;
        self.sight.modified(&here)
    }
}
