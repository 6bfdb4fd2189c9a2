//! What a walk over a share has counted: files by class, with a few names of each.

use std::collections::{BTreeSet, HashMap};

use rustix::fs::Stat;

use super::{access::Acl, kind::Kind};

/// Classes that are told apart; on shares there are a few.
const CLASSES: usize = 2048;

/// What tells files apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Class {
    /// What it is to Cinder.
    pub kind: Kind,
    /// The permission bits, with set-id bits.
    pub mode: u32,
    /// The owner.
    pub uid: u32,
    /// The owning group.
    pub gid: u32,
    /// Bit by bit which of the identities can search all folders down to it.
    pub reach: u64,
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
    pub(super) fn add(&mut self, class: Class, stat: &Stat, name: &[u8], limit: usize) {
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
