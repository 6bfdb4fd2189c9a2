use foldhash::HashMap;

use super::{Release, Releases, types::Type};

include!(concat!(env!("OUT_DIR"), "/catalog.rs"));
static POOL: &str = include_str!(concat!(env!("OUT_DIR"), "/catalog.txt"));

/// What the catalogue calls the section of any backend.
pub const BACKENDS: &str = "backend_defaults";

fn string(id: u32) -> &'static str {
    let at = |id: u32| OFFSETS.get(id as usize).map_or(POOL.len(), |&offset| offset as usize);
    POOL.get(at(id)..at(id + 1)).unwrap_or_default()
}

fn list(at: u32) -> &'static [u32] {
    let at = at as usize;
    let length = LISTS.get(at).map_or(0, |&length| length as usize);
    LISTS.get(at + 1..at + 1 + length).unwrap_or_default()
}

fn release(index: u32) -> Release {
    u8::try_from(index).ok().and_then(Release::from_index).unwrap_or(Release::NEWEST)
}

fn within(first: u32, last: u32, release: Release) -> bool {
    (first..=last).contains(&u32::from(release.index()))
}

/// The value of an option that nobody sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Default {
    /// There is none.
    None,
    /// This text, as it would stand in a file.
    Text(&'static str),
    /// It depends on the machine.
    Dynamic,
}

/// One option in one section, over releases in which nothing about it changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionRow(&'static [u32; 12]);

impl OptionRow {
    /// The section in which it is read; `backend_defaults` stands for every backend's section.
    pub fn group(&self) -> &'static str {
        string(self.0[0])
    }

    /// The key.
    pub fn name(&self) -> &'static str {
        string(self.0[1])
    }

    /// What its text must be.
    pub fn value_type(&self) -> &'static Type {
        &TYPES[self.0[2] as usize]
    }

    /// Its default.
    pub fn default(&self) -> Default {
        match (self.flag(4), self.flag(5)) {
            (true, _) => Default::Dynamic,
            (_, true) => Default::Text(string(self.0[3])),
            _ => Default::None,
        }
    }

    fn flag(&self, bit: u32) -> bool {
        self.0[4] >> bit & 1 == 1
    }

    /// Whether Cinder marks it secret.
    pub fn is_secret(&self) -> bool {
        self.flag(0)
    }

    /// Whether Cinder takes a new value of it on SIGHUP, without a restart.
    pub fn is_mutable(&self) -> bool {
        self.flag(2)
    }

    /// Whether all assignments to it count, not only the last.
    pub fn is_multi(&self) -> bool {
        self.flag(3)
    }

    /// Whether it is deprecated for removal.
    pub fn is_deprecated_for_removal(&self) -> bool {
        self.flag(6)
    }

    /// Since when, and why, as far as is known.
    pub fn removal(&self) -> (&'static str, &'static str) {
        (string(self.0[10]), string(self.0[11]))
    }

    /// The first release of this row.
    pub fn first(&self) -> Release {
        release(self.0[5])
    }

    /// The last release of this row.
    pub fn last(&self) -> Release {
        release(self.0[6])
    }

    /// Whether a release has this row.
    pub fn is_in(&self, wanted: Release) -> bool {
        within(self.0[5], self.0[6], wanted)
    }

    /// Its older names: section (empty: the same) and key (empty: the same).
    pub fn deprecated(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        list(self.0[7]).chunks_exact(2).map(|pair| (string(pair[0]), string(pair[1])))
    }

    /// Whether it is read in a section under this older name.
    pub fn was_at(&self, section: &str, key: &str) -> bool {
        self.deprecated().any(|(group, name)| {
            let group = if group.is_empty() { self.group() } else { group };
            let name = if name.is_empty() { self.name() } else { name };
            name == key && group.eq_ignore_ascii_case(section)
        })
    }

    /// Whether it is read in a section under this name, be it an older one.
    pub fn is_at(&self, section: &str, key: &str) -> bool {
        self.name() == key && self.group().eq_ignore_ascii_case(section) || self.was_at(section, key)
    }

    /// Whether it has older names.
    pub fn has_deprecated(&self) -> bool {
        self.0[7] != 0
    }

    /// The project that defines it: `cinder`, `oslo.log`, ….
    pub fn origin(&self) -> &'static str {
        string(self.0[9])
    }

    /// Whether nothing but drivers' modules define it.
    pub fn is_of_drivers(&self) -> bool {
        !self.sets().is_empty() && self.sets().iter().all(|set| string(*set).starts_with("cinder.volume.drivers."))
    }

    /// The lists of options in Cinder's sources that have it: `cinder.volume.driver:volume_opts`.
    pub fn defined_in(self) -> impl Iterator<Item = &'static str> {
        self.sets().iter().map(|set| string(*set))
    }

    fn sets(self) -> &'static [u32] {
        list(self.0[8])
    }
}

/// One driver class under one path: its own, or one that Cinder still takes for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DriverRow(&'static [u32; 9]);

impl DriverRow {
    /// The path by which it was asked for.
    pub fn asked(&self) -> &'static str {
        string(self.0[0])
    }

    /// Its own path.
    pub fn path(&self) -> &'static str {
        string(self.0[1])
    }

    /// The first release with this path.
    pub fn first(&self) -> Release {
        release(self.0[2])
    }

    /// The last release with this path.
    pub fn last(&self) -> Release {
        release(self.0[3])
    }

    /// Whether a release has this path.
    pub fn is_in(&self, wanted: Release) -> bool {
        within(self.0[2], self.0[3], wanted) && !list(self.0[4]).contains(&u32::from(wanted.index()))
    }

    /// Whether it needs `enable_unsupported_driver` in a release.
    pub fn is_unsupported(&self, wanted: Release) -> bool {
        list(self.0[5]).contains(&u32::from(wanted.index()))
    }

    /// Whether it may run active-active (`SUPPORTS_ACTIVE_ACTIVE`) in a release.
    pub fn is_active_active(&self, wanted: Release) -> bool {
        list(self.0[6]).chunks_exact(2).any(|range| within(range[0], range[1], wanted))
    }

    /// Its storage protocol, where the class states it.
    pub fn protocol(&self) -> &'static str {
        string(self.0[7])
    }

    /// Whether it reads an option of backends; none where the release does not know the option, or the driver's
    /// options are not known.
    pub fn reads(&self, wanted: Release, name: &str) -> Option<bool> {
        let sets = list(self.0[8]);
        if sets.is_empty() {
            return None;
        }
        let option = backend_option(wanted, name)?;
        if option.sets().is_empty() {
            return None;
        }
        let own =
            |set: &u32| sets.chunks_exact(3).any(|triple| triple[0] == *set && within(triple[1], triple[2], wanted));
        Some(option.sets().iter().any(own))
    }
}

/// Which drivers of a release read which options.
#[derive(Debug)]
pub struct Readers {
    release: Release,
    /// By set of options: the drivers that have it, under their own paths only, as numbers of their rows.
    drivers: HashMap<u32, Vec<u32>>,
}

impl Readers {
    /// Those of a release.
    pub fn of(release: Release) -> Self {
        let mut drivers: HashMap<u32, Vec<u32>> = HashMap::default();
        for (at, row) in (0..).zip(all_drivers()) {
            if row.asked() != row.path() || !row.is_in(release) {
                continue;
            }
            for set in list(row.0[8]).chunks_exact(3).filter(|set| within(set[1], set[2], release)) {
                drivers.entry(set[0]).or_default().push(at);
            }
        }
        Self { release, drivers }
    }

    /// The drivers that read an option of backends, sorted by path; see [`DriverRow::reads`].
    pub fn readers(&self, option: &str) -> Vec<DriverRow> {
        let sets = backend_option(self.release, option).map(|row| row.sets()).unwrap_or_default();
        let mut found: Vec<u32> = sets.iter().flat_map(|set| self.drivers.get(set)).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|at| DriverRow(&DRIVERS[at as usize])).collect()
    }
}

/// Every row of every option called `name`, oldest first within a section.
pub fn options_named(name: &str) -> impl Iterator<Item = OptionRow> + use<> {
    let from = first_row(name).unwrap_or(OPTIONS.len());
    let id = OPTIONS.get(from).map(|row| row[1]);
    OPTIONS[from..].iter().take_while(move |row| Some(row[1]) == id).map(OptionRow)
}

/// The names of all options that Cinder marks secret in some release, older names too, in lower case and with `_`; sorted.
pub fn secret_names() -> impl Iterator<Item = &'static str> {
    SECRETS.iter().map(|name| string(*name))
}

/// Whether this is one of [`secret_names`].
pub fn is_secret_name(name: &str) -> bool {
    SECRETS.binary_search_by(|own| string(*own).cmp(name)).is_ok()
}

/// The same stands in `build.rs`.
fn hash(text: &[u8]) -> u32 {
    let mix = |hash: u32, word: u32| (hash ^ word).wrapping_mul(0x9e37_79b1).rotate_left(15);
    let words = text.chunks_exact(4);
    let rest = words.remainder().iter().fold(0, |word, byte| word << 8 | u32::from(*byte));
    let whole = words.fold(0, |hash, word| mix(hash, word.iter().fold(0, |word, byte| word << 8 | u32::from(*byte))));
    mix(whole, rest)
}

fn first_row(name: &str) -> Option<usize> {
    let mut slot = hash(name.as_bytes()) as usize;
    loop {
        slot &= INDEX.len() - 1;
        let at = INDEX[slot].checked_sub(1)? as usize;
        if string(OPTIONS[at][1]) == name {
            return Some(at);
        }
        slot += 1;
    }
}

/// An option of a section, compared as oslo.config compares section names.
pub fn option(wanted: Release, group: &str, name: &str) -> Option<OptionRow> {
    options_named(name).find(|row| {
        within(row.0[5], row.0[6], wanted)
            && (row.group() == group || group != "DEFAULT" && row.group().eq_ignore_ascii_case(group))
    })
}

/// An option that some driver reads from its backend's section.
pub fn backend_option(wanted: Release, name: &str) -> Option<OptionRow> {
    options_named(name).find(|row| row.0[0] == BACKEND_GROUP && within(row.0[5], row.0[6], wanted))
}

/// The option of backends that a release still takes under this older name.
pub fn backend_option_once_called(wanted: Release, old: &str) -> Option<OptionRow> {
    backend_options(wanted).find(|row| row.deprecated().any(|(_, name)| name == old))
}

/// Every option that some driver of a release reads from its backend's section, sorted by name.
pub fn backend_options(wanted: Release) -> impl Iterator<Item = OptionRow> {
    all_options().filter(move |row| row.0[0] == BACKEND_GROUP && within(row.0[5], row.0[6], wanted))
}

/// Every option, sorted by name, section and release.
pub fn all_options() -> impl Iterator<Item = OptionRow> {
    OPTIONS.iter().map(OptionRow)
}

/// A driver of a release, by its own path or one that the release takes for it.
pub fn driver(wanted: Release, path: &str) -> Option<DriverRow> {
    driver_anywhere(path).find(|row| row.is_in(wanted))
}

/// The rows of a driver path in any release.
pub fn driver_anywhere(path: &str) -> impl Iterator<Item = DriverRow> + use<> {
    let from = DRIVERS.partition_point(|row| string(row[0]) < path);
    let count = DRIVERS[from..].partition_point(|row| string(row[0]) == path);
    DRIVERS[from..from + count].iter().map(DriverRow)
}

/// Every driver, sorted by path.
pub fn all_drivers() -> impl Iterator<Item = DriverRow> {
    DRIVERS.iter().map(DriverRow)
}

/// Whether a release has a module or package of drivers with this path.
pub fn module_exists(wanted: Release, module: &str) -> bool {
    all_drivers()
        .any(|row| row.is_in(wanted) && row.path().strip_prefix(module).is_some_and(|rest| rest.starts_with('.')))
}

/// Whether a release knows a section of this name.
pub fn group_exists(wanted: Release, group: &str) -> bool {
    group == "DEFAULT" || group_names(wanted).any(|known| known != "DEFAULT" && known.eq_ignore_ascii_case(group))
}

/// The sections that a release knows by name.
pub fn group_names(wanted: Release) -> impl Iterator<Item = &'static str> {
    GROUPS.iter().filter(move |row| within(row[1], row[2], wanted)).map(|row| string(row[0]))
}

/// The first and last releases that know a section of this name.
pub fn group_releases(group: &str) -> impl Iterator<Item = Releases> {
    let same = move |row: &&[u32; 3]| string(row[0]).eq_ignore_ascii_case(group);
    GROUPS.iter().filter(same).map(|row| Releases { first: release(row[1]), last: release(row[2]) })
}

/// What to write instead of an option that is gone, where no old name of a later option says so (`catalog/replacements.json`).
pub fn replacement(name: &str) -> Option<Instead> {
    let at = REPLACEMENTS.binary_search_by(|row| string(row[0]).cmp(name)).ok()?;
    REPLACEMENTS
        .get(at)
        .map(|row| if row[2] == 1 { Instead::Nothing(string(row[1])) } else { Instead::Write(string(row[1])) })
}

/// What takes the place of an option that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instead {
    /// This is to be written, in words.
    Write(&'static str),
    /// Nothing, for this reason.
    Nothing(&'static str),
}
