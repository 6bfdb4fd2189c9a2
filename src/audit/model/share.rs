//! A share as it was found: its mount, its indicator, its files, and who can open them.

use serde::{Deserialize, Serialize};

use crate::audit::kind::Kind;

/// How a share is mounted.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Mount {
    /// From where.
    pub source: String,
    /// The type of the file system.
    pub fs_type: String,
    /// The NFS version.
    pub version: Option<String>,
    /// `sys`, `krb5`, …
    pub sec: Option<String>,
    /// Nothing can be written.
    pub read_only: bool,
    /// Requests fail when the server is away for long.
    pub soft: bool,
    /// Another machine holds the files.
    pub network: bool,
    /// How many mounts lie on the point.
    pub layers: u64,
}

/// A file as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owned {
    /// `0640`.
    pub mode: String,
    /// The owner's name.
    pub owner: String,
    /// The owner's number.
    pub uid: u32,
    /// The group's name.
    pub group: String,
    /// The group's number.
    pub gid: u32,
}

/// The indicator of a share.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Indicator {
    /// `present`, `absent`, `odd` (something that is ignored) or `unknown`.
    pub state: String,
    /// What is there: `file`, `folder`, `link`, `special`.
    pub kind: Option<String>,
    /// Whose it is.
    pub owned: Option<Owned>,
    /// Seconds since 1970 of its last change.
    pub modified: Option<i64>,
}

/// One share.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Share {
    /// The address that is configured, else the source of the mount.
    pub address: String,
    /// The backends that use it.
    pub backends: Vec<String>,
    /// Where it is, or should be.
    pub mount_point: String,
    /// Where the same files are seen as well.
    pub also_at: Vec<String>,
    /// `yes`, `no` or `unknown`.
    pub mounted: String,
    /// How.
    pub mount: Option<Mount>,
    /// Whether the decision over `auto` looks at it.
    pub consulted: bool,
    /// Whether a backend, or a guest's disk, explains it.
    pub explained: bool,
    /// `yes`; `no`: it stopped answering; `partly`: the audit was stopped; `absent`: there is nothing to look at.
    pub answered: String,
    /// The indicator.
    pub indicator: Indicator,
    /// The folder itself.
    pub folder: Option<Owned>,
    /// Whether each identity can make files in it.
    #[serde(default)]
    pub makes_files: Vec<Answer>,
    /// The mode that the value in force gives new volumes; none: not known.
    pub expected_mode: Option<String>,
    /// Everything on it that is no folder.
    pub files: u64,
    /// Volumes and what belongs to their snapshots that somebody who needs them cannot open for reading and writing.
    pub closed: u64,
    /// What it occupies, in bytes.
    pub bytes: u64,
    /// The classes, the largest first.
    pub classes: Vec<Class>,
    /// Files of classes beyond those that are told apart.
    pub unclassed: u64,
    /// Names that vanished during the walk.
    pub vanished: u64,
    /// Folders that could not be read; the first of them.
    pub unreadable: Vec<Unreadable>,
    /// How many there are.
    pub unreadable_count: u64,
    /// Folders of other file systems, which were not entered.
    pub other_file_systems: u64,
}

/// A folder that could not be read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unreadable {
    /// Its path, seen from the share.
    pub path: String,
    /// Why.
    pub why: String,
}

/// Files that are alike.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Class {
    /// What they are.
    pub kind: Kind,
    /// `0660`, and whose they are.
    #[serde(flatten)]
    pub owned: Owned,
    /// The ACL beyond the bits.
    pub acl: Option<String>,
    /// How many.
    pub files: u64,
    /// What they occupy, in bytes.
    pub bytes: u64,
    /// Whether the value in force makes such files: `yes`; `clone`: Cinder makes them so from snapshots, clones and the
    /// image cache whatever the option says; `no`; `unknown`.
    pub as_made: String,
    /// What each identity can do.
    pub access: Vec<Access>,
    /// The first names.
    pub examples: Vec<String>,
    /// How many more there are.
    pub more: u64,
}

/// What an identity can do with a file. `unknown` where the server decides.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Access {
    /// Open it for reading.
    pub read: Answer,
    /// Open it for writing.
    pub write: Answer,
    /// Open it for both, as qemu does.
    pub open: Answer,
}

/// Yes, no, or not to be told from here.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// It is so, or it can.
    Yes,
    /// It is not so, or it cannot.
    No,
    /// It depends on what cannot be seen.
    #[default]
    Unknown,
}

impl Answer {
    /// Its name in all formats.
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}
