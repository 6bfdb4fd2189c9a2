use std::fmt;

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
