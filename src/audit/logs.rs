//! Lines in the logs of qemu and cinder-volume that say why disks were lost. Only the matched parts are kept.
//!
//! Sources: `hw/block/block.c` of qemu 8 (`block I/O error in device '%s': %s (%d)`), and the LOG calls of
//! `cinder/volume/drivers/remotefs.py` and `nfs.py`, 29.0.0.

use std::{
    collections::BTreeMap,
    io::{self, BufRead},
};

/// The longest part of a line that is looked at, in bytes.
const LONGEST: usize = 1 << 16;
/// Devices and files that are told apart in one log.
const ABOUT: usize = 10_000;

/// What a log held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Number of lines.
    pub lines: u64,
    /// By kind, and by what the lines are about.
    pub events: BTreeMap<(&'static str, String), u64>,
}

/// Reads a log to its end.
///
/// # Errors
/// Those of the reader.
pub fn read(mut from: impl BufRead) -> io::Result<Counts> {
    let mut counts = Counts::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = io::Read::take(&mut from, LONGEST as u64).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(counts);
        }
        if line.last() == Some(&b'\n') || read < LONGEST {
            counts.lines += 1;
        }
        if let Some((kind, about)) = event(&String::from_utf8_lossy(&line)) {
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

fn short(text: &str) -> String {
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
