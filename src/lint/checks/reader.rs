//! Who reads an option where it stands: for each section and key one verdict, found once.

use std::sync::{OnceLock, PoisonError, RwLock};

use foldhash::{HashMap, HashSet};

use crate::{
    catalog::{self, BACKENDS, DriverRow, OptionRow, Release},
    config::{Backend, Config, GroupId, normalize_group},
};

/// What oslo.config knows in a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Scope {
    /// The options of a section that the catalogue has.
    Named(&'static str),
    /// A backend called `DEFAULT`, listed as that or the one that releases up to Newton make of `[DEFAULT]`, and all that is service-wide.
    Single,
    /// `[backend_defaults]`.
    Shared,
    /// A backend.
    Backend(Driver),
    /// A fabric of the zone manager.
    Fabric,
    /// A place of further configuration, named by `config_source`.
    Source,
    /// Read by something that the catalogue does not have, or by nobody.
    Foreign,
    /// Nothing reads it.
    Unknown,
}

/// The driver of a backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Driver {
    /// A driver of the release, by the path that was asked for.
    Known(&'static str),
    /// One that the release does not have: any option may be its own.
    Foreign,
    /// The files do not say.
    Unstated,
}

/// Who reads an option where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Verdict {
    /// It is read.
    Known(OptionRow),
    /// It is read as the old name of another; `true`: both names belong in the same section.
    OldName(OptionRow, bool),
    /// Backends read it, each from its own section.
    Misplaced,
    /// Another section's option, or an old name of one.
    Elsewhere(OptionRow),
    /// An option of `[DEFAULT]`, in the section of a backend.
    ServiceWide(OptionRow),
    /// An option of backends, but the driver at hand does not read it.
    NotRead(OptionRow),
    /// Other releases read it; `true`: here, under this name or as an old one.
    OtherRelease(OptionRow, bool),
    /// No release knows the name.
    Unknown,
}

/// Sections that something else reads, or that were written once for something that read them.
const NOT_OURS: [&str; 3] = [
    // Written by kolla and puppet for os-brick of old; the name is the default of no context any more.
    "privsep_entrypoint",
    "oslo_limit",
    // Neutron's, in files that several services share.
    "quotas",
];

/// Knows the sections of one deployment.
pub(super) struct Reader<'f> {
    release: Release,
    /// For each section what it is.
    scopes: Vec<Option<Scope>>,
    /// The drivers that read `[backend_defaults]`; none: not all are known.
    shared: Option<Vec<DriverRow>>,
    memo: RwLock<HashMap<(Scope, &'f [u8]), Verdict>>,
}

impl<'f> Reader<'f> {
    pub(super) fn new(config: &Config<'f>, backends: &[Backend]) -> Self {
        let release = config.release;
        let named_by = |key: &str| -> HashSet<String> {
            let lists = ["DEFAULT", "fc-zone-manager", "keystone_authtoken", "nova", "glance", "service_user"];
            let groups = lists.iter().filter_map(|name| config.group(name));
            let settings = groups.filter_map(|group| config.setting(group, key));
            let items = settings.flat_map(|s| s.value().split(',').map(|n| n.trim().to_string()).collect::<Vec<_>>());
            items.map(|name| normalize_group(&name).into_owned()).filter(|name| !name.is_empty()).collect()
        };
        let fabrics = named_by("fc_fabric_names");
        let credentials = named_by("auth_section");
        let sources = named_by("config_source");
        let targets: HashSet<String> =
            replication_targets(config).iter().map(|name| normalize_group(name).into_owned()).collect();
        let has_list = config.enabled_backends().is_some();
        let mut scopes = vec![None; config.groups().count()];
        let mut of_path: HashMap<&str, Driver> = HashMap::default();
        let mut shared = Some(Vec::new());
        for backend in backends {
            // One that is started without a driver has the default one; of others it is not known what they are for.
            let stated = config.backend_setting(backend, "volume_driver").is_some();
            let driver = if (stated || backend.enabled && backend.group.is_some()) && !backend.driver.is_empty() {
                let look_up =
                    || catalog::driver(release, &backend.driver).map_or(Driver::Foreign, |d| Driver::Known(d.asked()));
                *of_path.entry(&backend.driver).or_insert_with(look_up)
            } else {
                Driver::Unstated
            };
            if let Some(group) = backend.group {
                let single = &*backend.name == "DEFAULT";
                scopes[group.index()] = Some(if single { Scope::Single } else { Scope::Backend(driver) });
            }
            if backend.enabled && !matches!(driver, Driver::Known(_)) {
                shared = None;
            }
        }
        if let Some(rows) = &mut shared {
            rows.extend(of_path.keys().filter_map(|path| catalog::driver(release, path)));
        }
        let shared = shared.filter(|rows: &Vec<DriverRow>| !rows.is_empty());
        for (group, info) in config.groups() {
            let name = &*info.name;
            if scopes[group.index()].is_some() {
                continue;
            }
            let scope = if name == "DEFAULT" {
                Scope::Named("DEFAULT")
            } else if name == "backend_defaults" {
                if release >= Release::PIKE { Scope::Shared } else { Scope::Foreign }
            } else if let Some(known) = catalog::group_names(release).find(|known| known.eq_ignore_ascii_case(name)) {
                Scope::Named(known)
            } else if fabrics.contains(name) {
                Scope::Fabric
            } else if credentials.contains(name) {
                Scope::Named("keystone_authtoken")
            } else if sources.contains(name) {
                Scope::Source
            } else if NOT_OURS.contains(&name) {
                Scope::Foreign
            } else if let Some(old) = former_section(name)
                && config.settings(group).any(|setting| old_name(old, &setting.key(), None).is_some())
            {
                // One that is gone, but for lines that are, or were, read as older names.
                Scope::Named(old)
            } else if targets.contains(name)
                || !has_list && catalog::group_releases(name).next().is_none() && looks_like_backend(config, group)
            {
                Scope::Backend(Driver::Unstated)
            } else {
                Scope::Unknown
            };
            scopes[group.index()] = Some(scope);
        }
        Self { release, scopes, shared, memo: RwLock::default() }
    }

    /// What a section is.
    pub(super) fn scope(&self, group: GroupId) -> Scope {
        self.scopes.get(group.index()).copied().flatten().unwrap_or(Scope::Unknown)
    }

    /// The row of a backend's driver.
    pub(super) fn driver(&self, scope: Scope) -> Option<DriverRow> {
        match scope {
            Scope::Backend(Driver::Known(path)) => catalog::driver(self.release, path),
            _ => None,
        }
    }

    /// Who reads a key as it is written in a file.
    pub(super) fn verdict_of(&self, scope: Scope, key: &'f [u8]) -> Verdict {
        if let Some(&known) = self.memo.read().unwrap_or_else(PoisonError::into_inner).get(&(scope, key)) {
            return known;
        }
        let verdict = std::str::from_utf8(key).map_or(Verdict::Unknown, |key| self.verdict(scope, key));
        self.memo.write().unwrap_or_else(PoisonError::into_inner).insert((scope, key), verdict);
        verdict
    }

    /// Who reads a key.
    pub(super) fn verdict(&self, scope: Scope, key: &str) -> Verdict {
        let release = self.release;
        let homes = homes(scope);
        if let Some(row) = homes.clone().find_map(|home| catalog::option(release, home, key)) {
            return if self.reads(scope, row.name()) { Verdict::Known(row) } else { Verdict::NotRead(row) };
        }
        let in_default = scope == Scope::Named("DEFAULT");
        if in_default && catalog::backend_option(release, key).is_some() {
            return Verdict::Misplaced;
        }
        if let Some((row, same)) = homes.clone().find_map(|home| old_name(home, key, Some(release))) {
            return if self.reads(scope, row.name()) { Verdict::OldName(row, same) } else { Verdict::NotRead(row) };
        }
        let of_backend = matches!(scope, Scope::Backend(_) | Scope::Shared);
        if of_backend && let Some(row) = catalog::option(release, "DEFAULT", key) {
            return Verdict::ServiceWide(row);
        }
        let rows = || catalog::options_named(key);
        let at_home = |row: &OptionRow| homes.clone().any(|home| row.group().eq_ignore_ascii_case(home));
        if let Some(row) = rows().filter(at_home).max_by_key(OptionRow::last) {
            return Verdict::OtherRelease(row, true);
        }
        let dead = homes.clone().filter_map(|home| old_name(home, key, None)).max_by_key(|(row, _)| row.last());
        if let Some((row, _)) = dead {
            return Verdict::OtherRelease(row, true);
        }
        if let Some(row) = rows().find(|row| row.is_in(release)) {
            return Verdict::Elsewhere(row);
        }
        let old = || old_names().get(key).into_iter().flatten();
        if in_default && let Some((row, _)) = old_name(BACKENDS, key, Some(release)) {
            return Verdict::Elsewhere(row);
        }
        // An old name is read in its own section only.
        if let Some(row) = old().find(|row| row.is_in(release)) {
            return Verdict::Elsewhere(*row);
        }
        match rows().chain(old().copied()).max_by_key(OptionRow::last) {
            Some(row) => Verdict::OtherRelease(row, in_default && row.group() == BACKENDS),
            None => Verdict::Unknown,
        }
    }

    fn reads(&self, scope: Scope, name: &str) -> bool {
        let release = self.release;
        match scope {
            // Read before a backend's configuration is there.
            Scope::Shared if name == "backend_host" => false,
            Scope::Shared => {
                self.shared.as_ref().is_none_or(|rows| rows.iter().any(|row| row.reads(release, name) != Some(false)))
            }
            Scope::Backend(Driver::Known(path)) => {
                catalog::driver(release, path).is_none_or(|row| row.reads(release, name) != Some(false))
            }
            _ => true,
        }
    }
}

/// The catalogue's names for what a section holds.
pub(super) fn homes(scope: Scope) -> impl Iterator<Item = &'static str> + Clone {
    let names = match scope {
        Scope::Named("keystone_authtoken") => [Some("keystone_authtoken"), Some("service_user")],
        Scope::Named(name) => [Some(name), None],
        Scope::Single => [Some("DEFAULT"), Some(BACKENDS)],
        Scope::Shared | Scope::Backend(_) => [Some(BACKENDS), None],
        Scope::Fabric => [Some("brcd_fabric_example"), Some("cisco_fabric_example")],
        Scope::Source => [Some("sample_remote_file_source"), Some("sample_castellan_source")],
        Scope::Foreign | Scope::Unknown => [None, None],
    };
    names.into_iter().flatten()
}

/// The option of which `key` is an old name in a section, in one release or in any (then the newest), and whether the new name belongs in
/// the same section.
pub(super) fn old_name(home: &str, key: &str, release: Option<Release>) -> Option<(OptionRow, bool)> {
    let rows = old_names().get(key)?.iter();
    rows.filter(|row| release.is_none_or(|release| row.is_in(release)))
        .filter(|row| row.was_at(home, key))
        .max_by_key(|row| row.last())
        .map(|row| (*row, row.group().eq_ignore_ascii_case(home)))
}

/// The options that read a key which is an option of its own as an old name, too: oslo.config asks each for itself.
pub(super) fn also_read_by(home: &str, key: &str, release: Release) -> impl Iterator<Item = OptionRow> {
    let rows = old_names().get(key).into_iter().flatten().copied();
    rows.filter(move |row| row.is_in(release) && row.name() != key && row.was_at(home, key))
}

/// The section of this name that some option has as an older place.
fn former_section(name: &str) -> Option<&'static str> {
    static FORMER: OnceLock<HashMap<String, &'static str>> = OnceLock::new();
    let former = FORMER.get_or_init(|| {
        let moved = |row: &OptionRow| {
            let own = row.group();
            row.deprecated().map(|(group, _)| group).filter(move |group| !group.is_empty() && *group != own)
        };
        let rows = catalog::all_options().filter(OptionRow::has_deprecated);
        rows.flat_map(|row| moved(&row)).map(|group| (normalize_group(group).into_owned(), group)).collect()
    });
    former.get(name).copied()
}

/// Every old name of an option, and the rows that have it.
pub(super) fn old_names() -> &'static HashMap<&'static str, Vec<OptionRow>> {
    static NAMES: OnceLock<HashMap<&'static str, Vec<OptionRow>>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let mut names: HashMap<&'static str, Vec<OptionRow>> = HashMap::default();
        for row in catalog::all_options().filter(OptionRow::has_deprecated) {
            for (_, name) in row.deprecated() {
                names.entry(if name.is_empty() { row.name() } else { name }).or_default().push(row);
            }
        }
        names
    })
}

fn looks_like_backend(config: &Config<'_>, group: GroupId) -> bool {
    config.settings(group).any(|setting| catalog::options_named(&setting.key()).any(|row| row.group() == BACKENDS))
}

/// Sections that a `replication_device = backend_id:NAME,…` refers to: read by NetApp drivers without being enabled.
pub(super) fn replication_targets(config: &Config<'_>) -> HashSet<String> {
    let mut targets = HashSet::default();
    for (group, _) in config.groups() {
        for setting in config.occurrences(group, "replication_device") {
            for pair in setting.value().split([',', '\n']) {
                if let Some((key, name)) = pair.split_once(':')
                    && key.trim() == "backend_id"
                {
                    targets.insert(name.trim().to_string());
                }
            }
        }
    }
    targets
}
