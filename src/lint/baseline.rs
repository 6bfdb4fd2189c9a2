//! The baseline: findings of the past that pass until somebody mends them.
//!
//! An entry names rule, path, section and option and how many findings there are; never a line or a value. Lines may move, and
//! of one more mistake of the same kind exactly one finding is shown.

use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Deserializer, Serialize};

use super::finding::Finding;
use crate::{
    secrets,
    source::{self, FileSystem, Files},
};

/// Version of the file format.
const VERSION: u32 = 1;

/// Findings that pass.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    version: u32,
    /// The entries, by path and rule.
    #[serde(default, rename = "finding")]
    pub entries: Vec<Entry>,
}

/// Findings of one rule at one option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What is found, and where.
    #[serde(flatten)]
    pub key: Key,
    /// How many of them.
    pub count: u32,
    /// Why they pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The last day on which they pass: `2027-01-31`, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "date")]
    pub expires: Option<String>,
}

/// What is found, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// The file, seen from the baseline's folder.
    pub path: String,
    /// The id of the rule.
    pub rule: String,
    /// The section, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// The option.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub option: Option<String>,
}

fn date<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(from)?;
    let digits = |range: std::ops::Range<usize>| text.get(range).is_some_and(|d| d.bytes().all(|b| b.is_ascii_digit()));
    let (year, month, day) = (digits(0..4), digits(5..7), digits(8..10));
    if text.len() == 10 && year && month && day && &text[4..5] == "-" && &text[7..8] == "-" {
        return Ok(Some(text));
    }
    Err(serde::de::Error::custom("a date is written \"2027-01-31\""))
}

impl Key {
    fn of(files: &Files, folder: &Path, finding: &Finding) -> Self {
        Self {
            path: source::relative_to(folder, Path::new(&files.get(finding.place.file).relative)),
            rule: finding.rule.id.to_string(),
            section: finding.section.as_deref().map(|text| secrets::cover_urls(text).into_owned()),
            option: finding.option.as_deref().map(|option| secrets::cover_key(option).into_owned()),
        }
    }
}

impl Baseline {
    /// Reads one.
    ///
    /// # Errors
    /// Text that is no baseline, or one of a later version.
    pub fn read(text: &str) -> Result<Self, toml::de::Error> {
        let baseline: Self = toml::from_str(text)?;
        if baseline.version != VERSION {
            return Err(serde::de::Error::custom("this version of cinderlint reads baselines of version 1"));
        }
        Ok(baseline)
    }

    /// The text of the file.
    ///
    /// # Errors
    /// None that is known.
    pub fn write(&self) -> Result<String, toml::ser::Error> {
        let head = "# Findings that `cinderlint check --baseline FILE` does not report. An entry may have a reason, and expires = \"2027-01-31\".\n";
        Ok(format!("{head}{}", toml::to_string(self)?))
    }

    /// The findings that count, as entries; reasons and days are kept from the baseline before. `folder` is that of the
    /// file, an absolute path.
    pub fn of(files: &Files, folder: &Path, findings: &[Finding], before: &Self) -> Self {
        let mut counts: BTreeMap<Key, u32> = BTreeMap::new();
        for finding in findings.iter().filter(|finding| finding.suppressed.is_none() || finding.baselined) {
            *counts.entry(Key::of(files, folder, finding)).or_default() += 1;
        }
        let known: BTreeMap<&Key, &Entry> = before.entries.iter().map(|entry| (&entry.key, entry)).collect();
        let entries = counts.into_iter().map(|(key, count)| {
            let old = known.get(&key);
            let reason = old.and_then(|entry| entry.reason.clone());
            let expires = old.and_then(|entry| entry.expires.clone());
            Entry { key, count, reason, expires }
        });
        Self { version: VERSION, entries: entries.collect() }
    }

    /// Lets findings pass, and lowers the counts by them. What has expired lets nothing pass.
    pub fn apply(&mut self, files: &Files, folder: &Path, findings: &mut [Finding]) {
        let today = today();
        let mut by_key: BTreeMap<&Key, (&mut u32, Arc<str>)> = BTreeMap::new();
        let plain: Arc<str> = "in the baseline".into();
        for entry in self.entries.iter_mut().filter(|entry| entry.expires.as_ref().is_none_or(|day| *day >= today)) {
            let reason = entry.reason.as_deref().map(|reason| secrets::cover_urls(reason).into());
            by_key.insert(&entry.key, (&mut entry.count, reason.unwrap_or_else(|| Arc::clone(&plain))));
        }
        for finding in findings.iter_mut().filter(|finding| finding.suppressed.is_none()) {
            if let Some((count, reason)) = by_key.get_mut(&Key::of(files, folder, finding))
                && **count > 0
            {
                **count -= 1;
                finding.suppressed = Some(Arc::clone(reason));
                finding.baselined = true;
            }
        }
    }

    /// Of a baseline that was applied, the entries that found less than they say, or have expired. Files that this run
    /// did not read are asked nothing, unless they are gone.
    pub fn stale(&self, fs: &dyn FileSystem, files: &Files, folder: &Path) -> Vec<&Entry> {
        let read: HashSet<String> =
            files.iter().map(|(_, file)| source::relative_to(folder, Path::new(&file.relative))).collect();
        let asked = |entry: &&Entry| read.contains(&entry.key.path) || !fs.exists(&folder.join(&entry.key.path));
        self.entries.iter().filter(|entry| entry.count > 0).filter(asked).collect()
    }

    /// Without what `now` (the findings of a run) holds no more, and without what has expired. Entries of files that the
    /// run did not read stay, unless the files are gone.
    pub fn pruned(&self, now: &Self, fs: &dyn FileSystem, files: &Files, folder: &Path) -> Self {
        let counts: BTreeMap<&Key, u32> = now.entries.iter().map(|entry| (&entry.key, entry.count)).collect();
        let read: HashSet<String> =
            files.iter().map(|(_, file)| source::relative_to(folder, Path::new(&file.relative))).collect();
        let entries = self.entries.iter().filter(|entry| !entry.has_expired()).filter_map(|entry| {
            if !read.contains(&entry.key.path) && fs.exists(&folder.join(&entry.key.path)) {
                return Some(entry.clone());
            }
            let count = counts.get(&entry.key).copied().unwrap_or(0).min(entry.count);
            (count > 0).then(|| Entry { count, ..entry.clone() })
        });
        Self { version: VERSION, entries: entries.collect() }
    }
}

impl Entry {
    /// Whether its day has passed.
    pub fn has_expired(&self) -> bool {
        self.expires.as_ref().is_some_and(|day| *day < today())
    }
}

/// The day, in UTC, as `2027-01-31`; where there is no clock, the first of all.
fn today() -> String {
    if cfg!(target_family = "wasm") {
        return calendar(0);
    }
    calendar(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs()))
}

/// The date so many seconds after the start of the first of January 1970.
fn calendar(seconds: u64) -> String {
    let days = seconds / 86_400;
    // Years start in March, so that a leap day is the last of its year; 400 years have 146,097 days.
    let day = days + 719_468;
    let (era, of_era) = (day / 146_097, day % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    format!("{:04}-{month:02}-{day:02}", year + era * 400 + u64::from(month <= 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_in_one_way() {
        let read = |date: &str| {
            let entry = "version = 1\n[[finding]]\npath = \"a\"\nrule = \"CND401\"\ncount = 1\nexpires = ";
            Baseline::read(&format!("{entry}\"{date}\"\n")).map(|baseline| baseline.entries[0].expires.clone())
        };
        assert_eq!(read("2027-01-31").unwrap().as_deref(), Some("2027-01-31"));
        for wrong in
            ["2027-1-31", "2027/01-31", "2027-01/31", "2027-01-3x", "x027-01-31", "2027-0x-31", "2027-01-311", ""]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_day_itself_still_counts() {
        let expires = |day: &str| {
            let key = Key { path: "a".into(), rule: "CND401".into(), section: None, option: None };
            Entry { key, count: 1, reason: None, expires: Some(day.to_string()) }.has_expired()
        };
        assert!(expires("2026-01-01") && !expires(&today()) && !expires("9999-12-31"));
    }

    #[test]
    fn days_have_the_dates_of_the_calendar() {
        for (days, wanted) in [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (59, "1970-03-01"),
            (364, "1970-12-31"),
            (11_016, "2000-02-29"),
            (11_017, "2000-03-01"),
            (11_322, "2000-12-31"),
            (11_323, "2001-01-01"),
            (20_512, "2026-02-28"),
            (20_513, "2026-03-01"),
            (20_782, "2026-11-25"),
            (47_540, "2100-02-28"),
            (47_541, "2100-03-01"),
            (157_113, "2400-02-29"),
            (157_114, "2400-03-01"),
        ] {
            assert_eq!([calendar(days * 86_400), calendar(days * 86_400 + 86_399)], [wanted, wanted]);
        }
    }
}
