//! What a walk over a share has counted: files by class, with a few names of each.

use std::collections::{BTreeSet, HashMap};

use rustix::fs::Stat;
use serde::{Deserialize, Serialize};

use super::{
    access::{Acl, Held},
    kind::Kind,
};

/// Classes that are told apart; on shares there are a few.
const CLASSES: usize = 2048;
/// Gates that are told apart; where all files lie in the share's folder there is one.
const GATES: usize = 4096;

/// What tells files apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Class {
    /// What it is to Cinder.
    pub kind: Kind,
    /// The permission bits, with set-id bits.
    pub mode: u32,
    /// The owner.
    pub uid: u32,
    /// The owning group.
    pub gid: u32,
    /// The folders of the share on the way to it, as an index into [`Tally::gates`].
    pub gate: u32,
    /// The ACL beyond the bits.
    pub acl: Option<Acl>,
}

/// The files of a class.
#[derive(Clone, Debug, Default)]
pub struct Count {
    /// How many.
    pub files: u64,
    /// What they occupy, in bytes.
    pub bytes: u64,
    /// The first names of them, in byte order, seen from the share.
    pub names: BTreeSet<Vec<u8>>,
}

/// What a walk has counted.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// The classes.
    pub classes: HashMap<Class, Count>,
    /// Files of further classes.
    pub unclassed: u64,
    /// Names that were gone before they could be looked at.
    pub vanished: u64,
    /// Folders that could not be read, and why; the first of them.
    pub unreadable: BTreeSet<(Vec<u8>, String)>,
    /// How many there are.
    pub unreadable_count: u64,
    /// Folders on other file systems.
    pub elsewhere: u64,
    /// No ACL can be asked for here.
    pub no_acl: bool,
    /// Which folders have to be searched on the way to files, each kind once; the first is none at all.
    pub gates: Vec<Vec<Held>>,
}

/// The gates that a walk has met.
#[derive(Debug)]
pub(super) struct Gates {
    pub(super) all: Vec<Vec<Held>>,
    known: HashMap<Vec<Held>, u32>,
}

impl Default for Gates {
    fn default() -> Self {
        Self { all: vec![Vec::new()], known: HashMap::from([(Vec::new(), 0)]) }
    }
}

impl Gates {
    /// The gate of what lies in a folder that is behind another gate; none where there are too many.
    pub(super) fn behind(&mut self, around: u32, folder: &Held) -> Option<u32> {
        let mut folders = self.all.get(around as usize)?.clone();
        match folders.binary_search(folder) {
            Ok(_) => return Some(around),
            Err(at) => folders.insert(at, folder.clone()),
        }
        if let Some(known) = self.known.get(&folders) {
            return Some(*known);
        }
        if self.all.len() >= GATES {
            return None;
        }
        let at = self.all.len() as u32;
        self.known.insert(folders.clone(), at);
        self.all.push(folders);
        Some(at)
    }
}

impl Count {
    pub(super) fn keep(&mut self, name: &[u8], limit: usize) {
        let full = self.names.len() >= limit;
        if limit == 0 || full && self.names.last().is_some_and(|last| name >= last.as_slice()) {
            return;
        }
        self.names.insert(name.to_vec());
        if self.names.len() > limit {
            self.names.pop_last();
        }
    }
}

impl Tally {
    pub(super) fn add(&mut self, class: Option<Class>, stat: &Stat, name: &[u8], limit: usize) {
        let Some(class) = class else {
            self.unclassed += 1;
            return;
        };
        if self.classes.len() >= CLASSES && !self.classes.contains_key(&class) {
            self.unclassed += 1;
            return;
        }
        let count = self.classes.entry(class).or_default();
        count.files += 1;
        count.bytes += u64::try_from(stat.st_blocks).unwrap_or_default() * 512;
        count.keep(name, limit);
    }

    pub(super) fn merge(&mut self, other: Self, limit: usize) {
        self.vanished += other.vanished;
        self.unclassed += other.unclassed;
        for (class, count) in other.classes {
            if self.classes.len() >= CLASSES && !self.classes.contains_key(&class) {
                self.unclassed += count.files;
                continue;
            }
            let mine = self.classes.entry(class).or_default();
            mine.files += count.files;
            mine.bytes += count.bytes;
            for name in &count.names {
                mine.keep(name, limit);
            }
        }
    }
}
