//! Lines in the logs of qemu and cinder-volume that say why disks were lost. Only the matched parts are kept.
//!
//! Sources: `hw/block/block.c` of qemu 8 (`block I/O error in device '%s': %s (%d)`), and the LOG calls of
//! `cinder/volume/drivers/remotefs.py` and `nfs.py`, 29.0.0.

pub mod line;
pub mod signs;
pub mod story;

use std::{
    collections::{BTreeMap, HashMap},
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use signs::{Sign, Tells};

use super::model::ToolError;
use crate::{
    message::Message,
    nas::{Effective, Nas},
};

/// The longest part of a line that is looked at, in bytes.
const LONGEST: usize = 1 << 16;
/// Devices and files that are told apart in one log.
const ABOUT: usize = 10_000;

/// Lines that tell what was in force, of which each is kept; of more, the first and the last of those that tell the same.
const SIGNS: usize = 20_000;

/// What a log held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Number of lines.
    pub lines: u64,
    /// By kind, and by what the lines are about.
    pub events: BTreeMap<(&'static str, String), u64>,
    /// Lines of cinder-volume that tell what was in force.
    pub signs: Vec<Sign>,
    /// The time of the last line that has one.
    pub end: Option<String>,
}

/// Logs of a service, for `effective`.
#[derive(Debug, Default)]
pub struct Logs {
    signs: Vec<(String, Vec<Sign>)>,
    end: Option<String>,
}

impl Logs {
    /// Reads them, in any order.
    ///
    /// # Errors
    /// The first that cannot be read.
    pub fn read(paths: &[std::path::PathBuf]) -> Result<Self, ToolError> {
        let mut logs = Self::default();
        for path in paths {
            let shown = path.to_string_lossy().into_owned();
            let counts = match std::fs::metadata(path) {
                Ok(meta) if !meta.is_file() => Err(Message::from("is no regular file")),
                Ok(_) => open(path).map_err(|error| Message::from(&error)),
                Err(error) => Err(Message::from(&error)),
            };
            let counts = counts.map_err(|message| ToolError { file: shown.clone(), message })?;
            logs.end = logs.end.take().max(counts.end);
            logs.signs.push((shown, counts.signs));
        }
        Ok(logs)
    }

    /// Says what they prove of a backend where the files leave it open. `alone`: the service has no other one; `changed`: when
    /// its files were last changed.
    pub fn tell(&self, name: &str, alone: bool, changed: Option<i64>, nas: &mut Nas<'_>) {
        let points = nas.listing.shares.iter().filter_map(|share| share.mount_point.as_deref());
        let digests: Vec<String> = points.filter_map(|point| Some(point.rsplit('/').next()?.to_string())).collect();
        let digests = digests.iter().map(String::as_str).collect();
        let story = story::tell(&self.signs, &story::Teller { name, digests, alone });
        let end = self.end.as_deref().and_then(line::seconds);
        let ends_before = changed.zip(end).is_some_and(|(changed, end)| end < changed);
        let proofs = [story.operations, story.permissions];
        for (option, proof) in [&mut nas.operations, &mut nas.permissions].into_iter().zip(proofs) {
            let Some(proof) = proof.filter(|_| option.effective == Effective::Undetermined) else { continue };
            option.told = Some(if ends_before {
                format!(
                    "the files were changed after the log ends, so that it proves nothing; it said {}",
                    proof.line()
                )
            } else {
                option.effective = Effective::of(proof.value);
                format!("the log proves it: {}", proof.line())
            });
        }
    }
}

/// Opens a log, compressed or not, and reads it.
///
/// # Errors
/// Those of the operating system; and what is no file.
pub fn open(path: &Path) -> io::Result<Counts> {
    let mut file = BufReader::with_capacity(1 << 16, std::fs::File::open(path)?);
    if file.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        return read(BufReader::with_capacity(1 << 16, flate2::bufread::MultiGzDecoder::new(file)));
    }
    read(file)
}

/// Reads a log to its end.
///
/// # Errors
/// Those of the reader.
pub fn read(mut from: impl BufRead) -> io::Result<Counts> {
    let mut counts = Counts::default();
    let mut line = Vec::new();
    let mut places = HashMap::new();
    loop {
        line.clear();
        let read = Read::take(&mut from, LONGEST as u64).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(counts);
        }
        if line.last() == Some(&b'\n') || read < LONGEST {
            counts.lines += 1;
        }
        let text = String::from_utf8_lossy(&line);
        let whole = line::read(&text);
        if whole.time.is_some() {
            counts.end = counts.end.take().max(whole.time.clone());
        }
        if let Some(sign) = signs::read(&whole, counts.lines) {
            keep(sign, &mut counts.signs, &mut places);
        }
        if let Some((kind, about)) = event(&whole.text) {
            let full = counts.events.len() >= ABOUT;
            let key = (kind, about);
            match counts.events.get_mut(&key) {
                Some(count) => *count += 1,
                None if full => *counts.events.entry((kind, String::new())).or_default() += 1,
                None => {
                    counts.events.insert(key, 1);
                }
            }
        }
    }
}

/// What tells signs apart that tell the same.
type Same = (Tells, String, Option<String>, Option<String>);

/// Keeps a sign. Where a process goes on telling the same, nothing is lost but its number.
fn keep(sign: Sign, signs: &mut Vec<Sign>, known: &mut HashMap<Same, ()>) {
    let same = (sign.tells, sign.process.clone(), sign.digest.clone(), sign.backend.clone());
    let is_new = known.len() < SIGNS && known.insert(same, ()).is_none();
    if signs.len() < SIGNS && (is_new || sign.tells != Tells::Place) {
        signs.push(sign);
    }
}

/// What a line says, and about which device or file.
fn event(line: &str) -> Option<(&'static str, String)> {
    if let Some((_, rest)) = line.split_once("block I/O error in device '") {
        let (device, error) = rest.split_once("':")?;
        let kind = if error.contains("Permission denied (13)") { "permission-denied" } else { "io-error" };
        return Some((kind, short(device)));
    }
    if let Some((before, _)) = line.split_once(" is being set with open permissions") {
        return Some(("open-permissions", short(path_at_end(before))));
    }
    if line.contains("Could not open '")
        && let Some((_, rest)) = line.split_once("Could not open '")
        && let Some((path, error)) = rest.split_once('\'')
    {
        return error.contains("Permission denied").then(|| ("permission-denied", short(path)));
    }
    for (words, kind) in [
        ("Cinder secure environment indicator file exists.", "indicator-found"),
        ("New Cinder secure environment indicator file created at path ", "indicator-created"),
        ("Failed to created Cinder secure environment indicator file", "indicator-failed"),
        ("Snapshots are not supported with nas_secure_file_operations enabled", "snapshots-refused"),
        ("No mounted NFS shares found", "no-shares"),
    ] {
        if let Some((_, rest)) = line.split_once(words) {
            let path =
                if kind == "indicator-created" { rest.split_whitespace().next().unwrap_or_default() } else { "" };
            return Some((kind, short(path.trim_end_matches('.'))));
        }
    }
    None
}

/// The absolute path with which a text ends; empty where it ends with something else.
fn path_at_end(text: &str) -> &str {
    match text.rfind(" /") {
        Some(at) => text[at + 1..].trim(),
        None if text.starts_with('/') => text.trim(),
        None => "",
    }
}

pub(super) fn short(text: &str) -> String {
    text.chars().take(1024).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_count() {
        let log = "2024-05-03T18:02:11Z qemu-kvm: block I/O error in device 'drive-virtio-disk0': Permission denied (13)\n\
            x: block I/O error in device 'd': No space left on device (28)\n\
            2024 WARNING cinder.volume.drivers.remotefs [req-1 secret] /m/ab/volume-1 is being set with open permissions: ugo+rw\n\
            2024 INFO x [-] New Cinder secure environment indicator file created at path /m/.cinderSecureEnvIndicator.\nrest";
        let counts = read(log.repeat(2).as_bytes()).unwrap();
        let events: Vec<_> =
            counts.events.iter().map(|((kind, about), count)| (*kind, about.as_str(), *count)).collect();
        let expected = [
            ("indicator-created", "/m/.cinderSecureEnvIndicator", 2),
            ("io-error", "d", 2),
            ("open-permissions", "/m/ab/volume-1", 2),
            ("permission-denied", "drive-virtio-disk0", 2),
        ];
        assert_eq!(events, expected);
        assert_eq!(counts.lines, 9);
    }

    #[test]
    fn endless_lines_are_cut() {
        let counts = read("a".repeat(10 * LONGEST).as_bytes()).unwrap();
        assert!(counts.events.is_empty());
    }
}
