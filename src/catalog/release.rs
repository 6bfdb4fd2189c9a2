use std::{fmt, str::FromStr};

/// A Cinder release that the catalogue has; ordered by age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release(u8);

// RELEASES: names, in order, each with the number that starts a version of the `cinder` package, and the name by which OpenStack
// calls a numbered release as well (or nothing). Made of `catalog/releases.jsonl`.
include!(concat!(env!("OUT_DIR"), "/releases.rs"));

#[allow(missing_docs)]
impl Release {
    pub const KILO: Self = Self(0);
    pub const LIBERTY: Self = Self(1);
    pub const MITAKA: Self = Self(2);
    pub const NEWTON: Self = Self(3);
    pub const OCATA: Self = Self(4);
    pub const PIKE: Self = Self(5);
    pub const QUEENS: Self = Self(6);
    pub const ROCKY: Self = Self(7);
    pub const STEIN: Self = Self(8);
    pub const TRAIN: Self = Self(9);
    pub const USSURI: Self = Self(10);
    pub const WALLABY: Self = Self(12);
    pub const XENA: Self = Self(13);
    pub const YOGA: Self = Self(14);
    pub const ZED: Self = Self(15);
    pub const R2023_1: Self = Self(16);
    pub const R2023_2: Self = Self(17);
    pub const R2024_1: Self = Self(18);
    pub const R2024_2: Self = Self(19);
    pub const R2025_1: Self = Self(20);
    pub const R2025_2: Self = Self(21);
    pub const R2026_1: Self = Self(22);
    pub const OLDEST: Self = Self(0);
    pub const NEWEST: Self = Self(RELEASES.len() as u8 - 1);
}

impl Release {
    /// All releases, oldest first.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> {
        (0..RELEASES.len() as u8).map(Self)
    }

    /// Its name, as in `--release`: `kilo` … `zed`, `2023.1` ….
    pub fn name(self) -> &'static str {
        RELEASES[self.0 as usize].0
    }

    /// Its place in the order of releases, from 0 (Kilo).
    pub fn index(self) -> u8 {
        self.0
    }

    /// The release at a place that is known to be one, for constants.
    pub(crate) const fn at(index: u8) -> Self {
        Self(index)
    }

    /// The release at a place in the order of releases.
    pub fn from_index(index: u8) -> Option<Self> {
        ((index as usize) < RELEASES.len()).then_some(Self(index))
    }

    /// Its name as people write it: `Kilo`, `2025.1`.
    pub fn title(self) -> String {
        let mut name = self.name().to_string();
        if let Some(first) = name.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        name
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that names no release.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("unknown release '{0}'{1}", text, suggestion.as_ref().map(|s| format!("; did you mean '{s}'?")).unwrap_or_default())]
pub struct UnknownRelease {
    text: String,
    suggestion: Option<&'static str>,
}

impl FromStr for Release {
    type Err = UnknownRelease;

    /// Reads `train`, `2025.1`, `epoxy`, or a version of the `cinder` package such as `15.0.0`.
    fn from_str(text: &str) -> Result<Self, UnknownRelease> {
        let wanted = text.trim().to_ascii_lowercase();
        let known = |(name, version, code_name): &(&str, &str, &str)| {
            wanted == *name
                || wanted == *version
                || wanted.strip_prefix(version).is_some_and(|rest| rest.starts_with('.'))
                || !code_name.is_empty() && wanted == *code_name
        };
        if let Some(at) = RELEASES.iter().position(known) {
            return Ok(Self(at as u8));
        }
        let suggestion = RELEASES
            .iter()
            .map(|(name, ..)| (strsim::normalized_damerau_levenshtein(&wanted, name), *name))
            .filter(|(score, _)| *score >= 0.6)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, name)| name);
        Err(UnknownRelease { text: text.to_string(), suggestion })
    }
}

/// A range of releases, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Releases {
    /// The oldest.
    pub first: Release,
    /// The newest.
    pub last: Release,
}

impl Releases {
    /// Every release.
    pub const ALL: Self = Self { first: Release::OLDEST, last: Release::NEWEST };

    /// Whether the range holds a release.
    pub fn contains(self, release: Release) -> bool {
        self.first <= release && release <= self.last
    }
}

impl FromStr for Releases {
    type Err = UnknownRelease;

    /// Reads `pike..stein`, `queens..`, `..mitaka`, `kilo`.
    fn from_str(text: &str) -> Result<Self, UnknownRelease> {
        let end = |text: &str, default| if text.is_empty() { Ok(default) } else { text.parse() };
        match text.split_once("..") {
            Some((first, last)) => Ok(Self { first: end(first, Release::OLDEST)?, last: end(last, Release::NEWEST)? }),
            None => text.parse().map(|only| Self { first: only, last: only }),
        }
    }
}

impl fmt::Display for Releases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.first, self.last) {
            (Release::OLDEST, Release::NEWEST) => f.write_str("every release"),
            (first, Release::NEWEST) => write!(f, "{} and later", first.title()),
            (Release::OLDEST, last) => write!(f, "{} and earlier", last.title()),
            (first, last) if first == last => f.write_str(&first.title()),
            (first, last) => write!(f, "{} to {}", first.title(), last.title()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_numbers_and_versions() {
        for (text, name) in [
            ("train", "train"),
            ("Train", "train"),
            ("15.0.0", "train"),
            ("15", "train"),
            ("2015.1.4", "kilo"),
            ("2025.1", "2025.1"),
            ("epoxy", "2025.1"),
            ("29.0.0", "2026.2"),
        ] {
            assert_eq!(text.parse::<Release>().map(Release::name), Ok(name), "{text}");
        }
        assert_eq!(
            "trian".parse::<Release>().unwrap_err().to_string(),
            "unknown release 'trian'; did you mean 'train'?"
        );
        assert!("2014.2".parse::<Release>().is_err());
        assert!("150.0.0".parse::<Release>().is_err());
    }
}
