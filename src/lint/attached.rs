//! Files that findings point into although they are no configuration: shares files.

use std::path::PathBuf;

use foldhash::HashMap;

use crate::source::{FileId, Files};

/// Files that a check read beside those of the run; their numbers follow those.
#[derive(Debug, Default)]
pub(super) struct Attached {
    pub(super) first: u32,
    by_path: HashMap<PathBuf, u32>,
    pub(super) files: Vec<(PathBuf, Vec<u8>)>,
}

impl Attached {
    /// None yet, where the run has this many files.
    pub(super) fn after(files: &Files) -> Self {
        Self { first: files.len() as u32, ..Self::default() }
    }

    pub(super) fn id(&mut self, path: PathBuf, text: &[u8]) -> FileId {
        match self.by_path.get(&path) {
            Some(at) => FileId(self.first + at),
            None => self.take(path, text.to_vec()),
        }
    }

    pub(super) fn take(&mut self, path: PathBuf, text: Vec<u8>) -> FileId {
        let next = self.files.len() as u32;
        let at = *self.by_path.entry(path.clone()).or_insert(next);
        if at == next {
            self.files.push((path, text));
        }
        FileId(self.first + at)
    }
}
