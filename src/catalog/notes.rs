//! What the release notes of Cinder say of configuration, where neither an option's row nor a driver's can say it.

use std::sync::OnceLock;

use serde::Deserialize;

use super::Release;

/// One note that speaks of files: for whom it holds, and what it says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// The release that brings the change.
    #[serde(deserialize_with = "release")]
    pub release: Release,
    /// The name of the note in `releasenotes/notes`, without its end.
    pub note: String,
    /// The section that it is about; none: the sections of backends.
    #[serde(default)]
    pub section: Option<String>,
    /// The drivers whose backends it is about, by path or the start of it; none: of any driver.
    #[serde(default)]
    pub drivers: Vec<String>,
    /// Options of which one is set.
    #[serde(default)]
    pub set: Vec<String>,
    /// Options none of which is set.
    #[serde(default)]
    pub unset: Vec<String>,
    /// What the value of one of `set` contains; none: anything.
    #[serde(default)]
    pub contains: Option<String>,
    /// What changes: a sentence without a full stop, with `{backend}` for the name of the backend.
    pub says: String,
    /// What to do.
    pub advice: String,
}

fn release<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Release, D::Error> {
    String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
}

/// A line of the table: a note that is told here has all that tells it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Here(Note),
    /// Something else tells it, or nothing can: `told` says what, or why not.
    Elsewhere {
        #[expect(dead_code, reason = "for people, and for the program that keeps the table")]
        told: String,
    },
}

/// The notes of `catalog/notes.jsonl` that are told here.
pub fn notes() -> &'static [Note] {
    static NOTES: OnceLock<Vec<Note>> = OnceLock::new();
    NOTES.get_or_init(|| {
        let lines = include_str!("../../catalog/notes.jsonl").lines();
        let read = lines.filter_map(|line| serde_json::from_str(line).ok());
        let here = read.filter_map(|line| if let Line::Here(note) = line { Some(note) } else { None });
        here.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_can_be_read() {
        for line in include_str!("../../catalog/notes.jsonl").lines() {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            let told = value.get("told").is_some();
            let note = serde_json::from_str::<Note>(line);
            assert!(told || note.is_ok(), "{line}: {note:?}");
            for key in ["release", "note"] {
                assert!(value[key].is_string(), "{line}: no {key}");
            }
        }
        assert!(!notes().is_empty());
    }
}
