//! A share as it is kept: counts by class, a few names of each, and the files that guests have as disks.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::audit::{
    access::Held,
    look::Looked,
    scan::{End, Seen, SeenIndicator, Wanted},
    tally::{Class, Count, Tally},
};

/// Bytes of a name or a path: a text, or where they are none, a list of numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => serializer.collect_seq(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Text(String),
            Bytes(Vec<u8>),
        }
        Ok(match Either::deserialize(deserializer)? {
            Either::Text(text) => Self(text.into_bytes()),
            Either::Bytes(bytes) => Self(bytes),
        })
    }
}

/// Files that are alike.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Row {
    /// What they are.
    #[serde(flatten)]
    class: Class,
    files: u64,
    bytes: u64,
    names: Vec<Bytes>,
}

/// One share.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rows {
    end: End,
    folder: Option<Looked>,
    above: Vec<Held>,
    indicator: Option<SeenIndicator>,
    indicator_known: bool,
    gates: Vec<Vec<Held>>,
    rows: Vec<Row>,
    unclassed: u64,
    vanished: u64,
    unreadable: Vec<(Bytes, String)>,
    unreadable_count: u64,
    other_file_systems: u64,
    no_acl: bool,
    /// Files that guests have as disks, by their paths.
    disks: Vec<(Bytes, Wanted)>,
}

/// The most that a number of files may be, and what they may occupy.
const MOST_FILES: u64 = 1 << 40;
const MOST_BYTES: u64 = 1 << 56;

impl Rows {
    /// What was seen of a share; `wanted`: the paths of the files that were wanted, as the host sees them.
    pub fn of(seen: &Seen, wanted: Vec<Bytes>) -> Self {
        let tally = &seen.tally;
        let mut classes: Vec<_> = tally.classes.iter().collect();
        classes.sort_by(|a, b| a.0.cmp(b.0));
        let row = |(class, count): (&Class, &Count)| Row {
            class: class.clone(),
            files: count.files,
            bytes: count.bytes,
            names: count.names.iter().cloned().map(Bytes).collect(),
        };
        Self {
            end: seen.end.clone(),
            folder: seen.folder.clone(),
            above: seen.above.clone(),
            indicator: seen.indicator.clone(),
            indicator_known: seen.indicator_known,
            gates: tally.gates.clone(),
            rows: classes.into_iter().map(row).collect(),
            unclassed: tally.unclassed,
            vanished: tally.vanished,
            unreadable: tally.unreadable.iter().map(|(path, why)| (Bytes(path.clone()), why.clone())).collect(),
            unreadable_count: tally.unreadable_count,
            other_file_systems: tally.elsewhere,
            no_acl: tally.no_acl,
            disks: wanted.into_iter().zip(seen.wanted.iter().cloned()).collect(),
        }
    }

    /// The same as it was seen; `wanted`: the files that are wanted now.
    pub fn seen(&self, wanted: &[Bytes]) -> Seen {
        let known: BTreeMap<&Bytes, &Wanted> = self.disks.iter().map(|(path, disk)| (path, disk)).collect();
        let classes = self.rows.iter().map(|row| {
            let names = row.names.iter().map(|name| name.0.clone()).collect();
            (row.class.clone(), Count { files: row.files, bytes: row.bytes, names })
        });
        let tally = Tally {
            classes: classes.collect(),
            unclassed: self.unclassed,
            vanished: self.vanished,
            unreadable: self.unreadable.iter().map(|(path, why)| (path.0.clone(), why.clone())).collect(),
            unreadable_count: self.unreadable_count,
            elsewhere: self.other_file_systems,
            no_acl: self.no_acl,
            gates: self.gates.clone(),
        };
        // A share that did not answer says nothing of single files.
        let wanted = wanted.iter().map(|path| known.get(path).map_or(Wanted::Unknown, |&disk| disk.clone()));
        Seen {
            folder: self.folder.clone(),
            above: self.above.clone(),
            indicator: self.indicator.clone(),
            indicator_known: self.indicator_known,
            wanted: wanted.collect(),
            ..Seen::unknown(self.end.clone(), tally)
        }
    }

    /// The users and groups that files on it belong to, and that ACLs name.
    pub fn owners(&self) -> (Vec<u32>, Vec<u32>) {
        let (mut uids, mut gids) = (Vec::new(), Vec::new());
        let mut add = |held: &Held| {
            uids.push(held.uid);
            gids.push(held.gid);
        };
        self.folder.iter().for_each(|folder| add(&folder.held));
        self.indicator.iter().for_each(|indicator| add(&indicator.looked.held));
        for (_, disk) in &self.disks {
            if let Wanted::There(looked, _) = disk {
                add(&looked.held);
            }
        }
        for row in &self.rows {
            uids.push(row.class.uid);
            gids.push(row.class.gid);
        }
        (uids, gids)
    }

    /// Whether a program that counts could have counted so: sums of such numbers stay numbers.
    pub fn is_sane(&self) -> bool {
        let few = |count: u64| count <= MOST_FILES;
        self.rows.len() <= 1 << 14
            && self.rows.iter().all(|row| few(row.files) && row.bytes <= MOST_BYTES >> 14)
            && [self.unclassed, self.vanished, self.unreadable_count, self.other_file_systems].into_iter().all(few)
    }

    /// How many files there are.
    pub fn files(&self) -> u64 {
        self.rows.iter().map(|row| row.files).sum()
    }
}
