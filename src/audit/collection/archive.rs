//! One archive, `.tar.gz`: the manifest, the texts and the shares. It is read in memory, and only what could have been written is read.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Read, Write},
};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use tar::{Archive, Builder, EntryType, Header};

use super::{Collection, FORMAT, Manifest, Rows};
use crate::message::Message;

const MANIFEST: &str = "manifest.json";
/// The most that is written and read, unpacked, in bytes.
const MOST: u64 = 256 << 20;
/// The most of one member.
const MOST_OF_ONE: u64 = 128 << 20;
/// The most of the manifest.
const MOST_OF_MANIFEST: u64 = 32 << 20;
/// Members of an archive, and paths that it tells of: what is read of a path takes more room than the path in the manifest.
pub(super) const MEMBERS: usize = 100_000;

/// Why an archive is not read or written.
#[derive(Debug, thiserror::Error)]
pub enum CollectionError {
    /// The operating system said no, or the archive ends too soon.
    #[error("{}", crate::text::plain(.0))]
    Io(#[from] io::Error),
    /// It holds what no collection holds.
    #[error("is no collection of `cinderlint collect`: {0}")]
    Odd(String),
    /// It was written by another version.
    #[error("is a collection of format {0}")]
    Format(u32),
    /// It is too large.
    #[error("is larger than {} MiB, the most that a collection may have", MOST >> 20)]
    TooLarge,
}

impl From<&CollectionError> for Message {
    fn from(error: &CollectionError) -> Self {
        let message = Self::from(error.to_string());
        match error {
            CollectionError::Io(error) => Self::from(error),
            CollectionError::Format(_) => message.help(format!("this cinderlint reads format {FORMAT}")),
            CollectionError::Odd(_) => message.help("extract other archives as root, and name the folder"),
            CollectionError::TooLarge => message,
        }
    }
}

fn odd(what: impl Into<String>) -> CollectionError {
    CollectionError::Odd(what.into())
}

/// Writes an archive; the same collection makes the same bytes.
///
/// # Errors
/// Those of the writer; and a collection that is too large.
pub fn write(collection: &Collection, out: impl Write) -> Result<(), CollectionError> {
    let mut members: Vec<(&str, Vec<u8>)> = vec![(MANIFEST, json(&collection.manifest)?)];
    for ((_, name), rows) in collection.manifest.shares.iter().zip(&collection.shares) {
        members.push((name, json(rows)?));
    }
    let texts = collection.texts.values().map(|text| text.len() as u64).sum::<u64>();
    let all = texts + members.iter().map(|(_, text)| text.len() as u64).sum::<u64>();
    let is_large = |(name, text): &(&str, Vec<u8>)| text.len() as u64 > most_of(name);
    if all > MOST || collection.manifest.paths.len() > MEMBERS || members.iter().any(is_large) {
        return Err(CollectionError::TooLarge);
    }
    let mut archive = Builder::new(GzEncoder::new(out, Compression::default()));
    let members = members.iter().map(|(name, text)| (*name, text.as_slice()));
    for (name, text) in members.chain(collection.texts.iter().map(|(name, text)| (name.as_str(), text.as_slice()))) {
        let mut header = Header::new_ustar();
        header.set_size(text.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(collection.manifest.collected).unwrap_or_default());
        archive.append_data(&mut header, name, text)?;
    }
    archive.into_inner()?.finish()?.flush()?;
    Ok(())
}

fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, CollectionError> {
    let mut text = serde_json::to_vec_pretty(value).map_err(io::Error::from)?;
    text.push(b'\n');
    Ok(text)
}

/// Reads an archive into memory; nothing is extracted.
///
/// # Errors
/// What no collection holds: links, devices, other names, names twice, too much, an end too soon.
pub fn read(from: impl Read) -> Result<Collection, CollectionError> {
    // One byte more tells that there is more.
    let mut archive = Archive::new(GzDecoder::new(from).take(MOST + (MEMBERS as u64) * 1024 + 1));
    let mut members: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut all = 0;
    // Raw: no header makes another one longer, or gives it another name.
    for entry in archive.entries()?.raw(true) {
        let mut entry = entry?;
        if entry.header().entry_type() != EntryType::Regular {
            return Err(odd("it holds something that is no regular file"));
        }
        let name = entry.path_bytes().into_owned();
        let name =
            String::from_utf8(name).ok().filter(|name| is_name(name)).ok_or_else(|| odd("a file has another name"))?;
        let size = entry.header().entry_size()?;
        all += size.min(MOST + 1);
        if size > most_of(&name) || all > MOST || members.len() >= MEMBERS {
            return Err(CollectionError::TooLarge);
        }
        let mut text = Vec::new();
        entry.read_to_end(&mut text)?;
        if text.len() as u64 != size {
            return Err(odd("a file ends too soon"));
        }
        if members.insert(name, text).is_some() {
            return Err(odd("a file is there twice"));
        }
    }
    let manifest = members.remove(MANIFEST).ok_or_else(|| odd("it has no manifest"))?;
    collection(&manifest, members)
}

fn collection(manifest: &[u8], mut members: BTreeMap<String, Vec<u8>>) -> Result<Collection, CollectionError> {
    #[derive(serde::Deserialize)]
    struct Version {
        format: u32,
    }
    let not_read = |error: serde_json::Error| {
        odd(format!("its JSON cannot be read (line {}, column {})", error.line(), error.column()))
    };
    let version: Version = serde_json::from_slice(manifest).map_err(not_read)?;
    if version.format != FORMAT {
        return Err(CollectionError::Format(version.format));
    }
    let manifest: Manifest = serde_json::from_slice(manifest).map_err(not_read)?;
    let mut shares = Vec::new();
    let mut points = BTreeSet::new();
    for (point, name) in &manifest.shares {
        let text = members.remove(name).ok_or_else(|| odd("a share is not there"))?;
        let rows: Rows = serde_json::from_slice(&text).map_err(not_read)?;
        if !rows.is_sane() || !points.insert(point) {
            return Err(odd("a share counts what cannot be"));
        }
        shares.push(rows);
    }
    let mut named = manifest.paths.iter().filter_map(|entry| entry.member.as_ref());
    if named.any(|name| !members.contains_key(name)) {
        return Err(odd("a text is not there"));
    }
    Ok(Collection { manifest, texts: members, shares })
}

/// The most that a member may have.
fn most_of(name: &str) -> u64 {
    if name == MANIFEST { MOST_OF_MANIFEST } else { MOST_OF_ONE }
}

/// Whether a member is called as [`write()`] calls them.
fn is_name(name: &str) -> bool {
    let plain = |name: &str| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
    };
    name == MANIFEST || name.strip_prefix("texts/").or_else(|| name.strip_prefix("shares/")).is_some_and(plain)
}
