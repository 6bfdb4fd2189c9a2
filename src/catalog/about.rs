//! What the catalogue knows of one option, over all releases.

use super::{BACKENDS, OptionRow, Readers, Release, all_options, backend_option, options_named};

/// One option of one section.
#[derive(Debug)]
pub struct About {
    /// The rows of the option in this section, oldest first; never empty.
    pub rows: Vec<OptionRow>,
    /// The name that was asked for is an older one of it.
    pub is_old_name: bool,
}

impl About {
    /// What the catalogue has of a name, by section: options of this name, and then those of which it is an older name.
    pub fn find(name: &str) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        let own = options_named(name).map(|row| (row, false));
        let has_name = |row: &OptionRow| row.name() != name && row.deprecated().any(|(_, old)| old == name);
        let old = all_options().filter(|row| row.has_deprecated() && has_name(row)).map(|row| (row, true));
        for (row, is_old_name) in own.chain(old).filter(|(row, _)| !is_dead(row)) {
            let same = |other: &OptionRow| (other.group(), other.name()) == (row.group(), row.name());
            if !found.iter().any(|one| one.rows.iter().any(same)) {
                found.push(Self { rows: options_named(row.name()).filter(same).collect(), is_old_name });
            }
        }
        found
    }

    fn of(&self, row: &OptionRow) -> bool {
        self.rows.contains(row)
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.newest().name()
    }

    /// The section in which it is read; `backend_defaults` stands for every backend's section.
    pub fn section(&self) -> &'static str {
        self.newest().group()
    }

    /// Whether it is read from the sections of backends.
    pub fn is_of_backends(&self) -> bool {
        self.section() == BACKENDS
    }

    /// The row of a release; none: the release has no such option.
    pub fn row_in(&self, release: Release) -> Option<OptionRow> {
        self.rows.iter().copied().find(|row| row.is_in(release))
    }

    /// The newest row.
    pub fn newest(&self) -> OptionRow {
        self.rows.iter().copied().max_by_key(OptionRow::last).unwrap_or(self.rows[0])
    }

    /// The row that a release has, or the newest.
    pub fn row_for(&self, release: Release) -> OptionRow {
        self.row_in(release).unwrap_or_else(|| self.newest())
    }

    /// The first and the last release that have the option.
    pub fn releases(&self) -> (Release, Release) {
        let first = self.rows.iter().map(OptionRow::first).min();
        (first.unwrap_or(Release::OLDEST), self.newest().last())
    }

    /// The paths of the drivers of a release that read it from their sections; of a release that has it not, none.
    pub fn readers(&self, release: Release) -> Vec<&'static str> {
        match backend_option(release, self.name()) {
            Some(row) if self.of(&row) => {
                Readers::of(release).readers(self.name()).iter().map(|driver| driver.path()).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// A row that stands for nothing that Cinder reads: the sample file's placeholder, and what drivers register in `[DEFAULT]` and read
/// from their own sections (from Ocata on, and before that both).
fn is_dead(row: &OptionRow) -> bool {
    let of_backends = || options_named(row.name()).any(|other| other.group() == BACKENDS);
    row.group() == "backend" || row.group() == "DEFAULT" && row.is_of_drivers() && of_backends()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_of_drivers_is_one_of_their_sections() {
        let found = About::find("nas_host");
        assert_eq!(found.iter().map(About::section).collect::<Vec<_>>(), ["backend_defaults"]);
        assert!(found[0].readers(Release::NEWEST).contains(&"cinder.volume.drivers.nfs.NfsDriver"));
    }

    #[test]
    fn an_old_name_leads_to_the_option() {
        let found = About::find("nas_ip");
        assert!(found.iter().any(|one| one.is_old_name && one.name() == "nas_host"), "{found:?}");
        assert!(About::find("no_such_option").is_empty());
    }

    #[test]
    fn a_row_is_at_its_section_under_each_of_its_names() {
        let row = crate::catalog::option(Release::NEWEST, "profiler", "enabled").unwrap();
        assert!(row.is_at("profiler", "enabled"));
        assert!(row.is_at("PROFILER", "profiler_enabled"));
        assert!(!row.is_at("DEFAULT", "enabled"));
        assert!(!row.is_at("DEFAULT", "profiler_enabled"));
        assert!(!row.is_at("profiler", "hmac_keys"));
    }
}
