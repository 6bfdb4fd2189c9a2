//! What was collected of a host, so that `audit` says elsewhere what it says there.
//!
//! An audit is run, and what it asks is kept with the answers: whatever it needs is there, and nothing else. Before anything is written,
//! secrets are covered, and of files that hold more than the audit reads only that part is kept.

mod archive;
mod cover;
mod record;
mod replay;
mod rows;

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{SeqAccess, Visitor},
};

use archive::MEMBERS;
pub use archive::{CollectionError, read, write};
pub use record::Recorder;
pub use replay::Recorded;
pub use rows::{Bytes, Rows};

use super::{look::Looked, model::Tool};

/// The version of the form; another one is not read.
pub const FORMAT: u32 = 1;

/// What was collected, but for texts and shares.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: u32,
    /// What wrote it.
    pub tool: Tool,
    /// Seconds since 1970 at which it was collected.
    pub collected: i64,
    /// The user who collected.
    pub uid: u32,
    /// A copy of a host's files was looked at, not the host.
    pub copy: bool,
    /// Files belonged to whom they belong on the host.
    pub owners_kept: bool,
    /// It came to its end.
    pub complete: bool,
    /// The release that was assumed.
    pub release: String,
    /// Processes that see other mounts than the host.
    pub contained: Vec<u32>,
    /// Folders that did not answer.
    pub silent: Vec<Bytes>,
    /// Every path that was asked for; what is not here was not tried.
    #[serde(deserialize_with = "few")]
    pub paths: Vec<Entry>,
    /// The shares: where each is, and the file that holds its rows.
    pub shares: Vec<(Bytes, String)>,
}

/// As many as a collection may tell of.
fn few<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Entry>, D::Error> {
    struct Few;
    impl<'de> Visitor<'de> for Few {
        type Value = Vec<Entry>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of paths")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<Entry>, A::Error> {
            let mut paths = Vec::new();
            while let Some(entry) = list.next_element()? {
                if paths.len() >= MEMBERS {
                    return Err(serde::de::Error::custom("too many paths"));
                }
                paths.push(entry);
            }
            Ok(paths)
        }
    }
    from.deserialize_seq(Few)
}

/// A path that was asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// The path, as the host sees it.
    pub path: Bytes,
    /// `present`, `absent`, `denied`, or `failed` for another reason.
    pub state: String,
    /// The file that holds its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The answers.
    #[serde(flatten)]
    pub answers: Answers,
}

/// What was answered about a path; none: not asked.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Answers {
    /// What is there; a link is a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Result<What, Failure>>,
    /// What is there, links followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind: Option<Result<What, Failure>>,
    /// Where a link leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Result<Bytes, Failure>>,
    /// What is in a folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<Result<Vec<(Bytes, What)>, Failure>>,
    /// When it was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<i64>,
    /// Its attributes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked: Option<Result<Looked, Failure>>,
    /// Why its text could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<Failure>,
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A FIFO.
    Fifo,
    /// A socket.
    Socket,
    /// A device, or something else.
    Other,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The number of the operating system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<i32>,
    /// The reason in words.
    pub why: String,
}

/// All of it, in memory.
#[derive(Clone, Debug)]
pub struct Collection {
    /// What was collected.
    pub manifest: Manifest,
    /// The texts, by member.
    pub texts: BTreeMap<String, Vec<u8>>,
    /// The shares, in the order of the manifest.
    pub shares: Vec<Rows>,
}
