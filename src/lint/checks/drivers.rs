use foldhash::HashSet;

use super::{
    Attached, Candidate, Candidates, Context, SETTING, SETTING_PLACES,
    classes::is_no_name,
    nearest::{self, Name},
    yes,
};
use crate::{
    catalog::{self, DriverRow, Release, types},
    config::Backend,
    nas,
    vocabulary::{Fact, Finds, Kind},
};

const OURS: &str = "cinder.volume.driver";
/// A package that has the class under a name of its own: no path that is replaced, and nothing is logged.
const SAME_CLASS: &str = "cinder.volume.drivers.dell_emc.unity.Driver";
/// What a driver became, where Cinder itself never replaced the path.
const BECAME: [(&str, &str); 6] = [
    ("cinder.volume.drivers.emc.emc_cli_fc.EMCCLIFCDriver", "cinder.volume.drivers.dell_emc.vnx.driver.VNXDriver"),
    (
        "cinder.volume.drivers.emc.emc_cli_iscsi.EMCCLIISCSIDriver",
        "cinder.volume.drivers.dell_emc.vnx.driver.VNXDriver",
    ),
    ("cinder.volume.drivers.emc.scaleio.ScaleIODriver", "cinder.volume.drivers.dell_emc.scaleio.driver.ScaleIODriver"),
    (
        "cinder.volume.drivers.ibm.xiv_ds8k.XIVDS8KDriver",
        "cinder.volume.drivers.ibm.ibm_storage.ibm_storage.IBMStorageDriver",
    ),
    ("cinder.volume.drivers.lvm.LVMISCSIDriver", "cinder.volume.drivers.lvm.LVMVolumeDriver"),
    ("cinder.volume.drivers.lvm.LVMISERDriver", "cinder.volume.drivers.lvm.LVMVolumeDriver"),
];

/// What [`find`] hands to rules.
pub(super) static DRIVERS: Finds = Finds {
    check: "drivers",
    meaning: "The class that volume_driver names",
    kinds: &[
        Kind::new("unknown", "no release has the class, and it looks like one of Cinder's")
            .facts(&[SETTING, DRIVER, ABSENT, &[ADVICE, Fact::flag("certain", "the class cannot be somebody's own")]])
            .places(&[SETTING_PLACES]),
        Kind::new("removed", "an earlier release has the class")
            .facts(&[
                SETTING,
                DRIVER,
                ABSENT,
                &[
                    ADVICE,
                    LAST,
                    Fact::text("gone", "the release after it"),
                    Fact::flag("lives-on", "the class is there under another path: `nearest`"),
                    Fact::text("again", "what to say of a later release that has it again; empty: none has"),
                ],
            ])
            .places(&[SETTING_PLACES]),
        Kind::new("too-new", "only a later release has the class")
            .facts(&[SETTING, DRIVER, ABSENT, &[Fact::text("first", "the first release that has the class")]])
            .places(&[SETTING_PLACES]),
        Kind::new("alias", "an older path of the class")
            .facts(&[SETTING, DRIVER, &[Fact::text("new", "the path of the class"), LAST]])
            .places(&[SETTING_PLACES]),
        Kind::new("unsupported", "the driver is marked as unsupported, and enable_unsupported_driver is not set")
            .facts(&[SETTING, DRIVER, &[Fact::flag("once-supported", "another release supports it")]])
            .places(&[SETTING_PLACES]),
    ],
};
const DRIVER: &[Fact] =
    &[Fact::text("backend", "the name of the backend"), Fact::text("driver", "the class as it is written")];
const ABSENT: &[Fact] = &[
    Fact::flag("near", "the release has a class that may be meant"),
    Fact::text("nearest", "that class"),
    Fact::text("raises", "the exception that cinder-volume logs"),
];
const ADVICE: Fact = Fact::text("advice", "what to do, in words");
const LAST: Fact = Fact::text("last", "the last release that has it");

/// What is wrong with the class that `volume_driver` names: `unknown`, `removed`, `too-new`, `alias`, `unsupported`.
pub(super) fn find(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    let config = context.config;
    let release = config.release;
    let without_list = config.enabled_backends().is_none();
    let mut seen = HashSet::default();
    for backend in context.backends.iter().filter(|backend| backend.enabled || without_list) {
        let setting = config.backend_setting(backend, "volume_driver");
        let Some(setting) = setting.filter(|setting| !setting.is_doubtful) else { continue };
        let path = &*backend.driver;
        let at = setting.place();
        if !seen.insert((at, path)) && catalog::driver(release, path).is_some_and(|row| !row.is_unsupported(release)) {
            continue;
        }
        let mut candidate = context.at_setting("unknown", &setting);
        candidate.facts.insert("backend", backend.name.to_string());
        candidate.facts.insert("driver", path.to_string());
        match catalog::driver(release, path) {
            Some(row) => {
                if row.asked() != row.path() && row.asked() != SAME_CLASS {
                    let mut alias = candidate.clone();
                    alias.kind = "alias";
                    alias.facts.insert("new", row.path().to_string());
                    alias.facts.insert("last", row.last().title());
                    found.push(alias);
                }
                if row.is_unsupported(release) && !allows_unsupported(context, backend) {
                    candidate.kind = "unsupported";
                    candidate.facts.insert("once-supported", yes(once_supported(row)));
                    found.push(candidate);
                }
            }
            None => {
                if absent(release, context.host.python, path, &mut candidate) {
                    found.push(candidate);
                }
            }
        }
    }
}

/// Whether some release has a driver that is not on its way out there.
fn once_supported(row: DriverRow) -> bool {
    Release::all().any(|release| row.is_in(release) && !row.is_unsupported(release))
}

/// Fills in what is known of a class that a release does not have; false where it may well be somebody's own.
fn absent(release: Release, python: nas::Python, path: &str, candidate: &mut Candidate) -> bool {
    let rows = || catalog::driver_anywhere(path);
    // A driver may come back: Infortrend's was gone in Pike and Queens.
    let has = |release: &Release| rows().any(|row| row.is_in(*release));
    let last = Release::all().rev().filter(|other| *other < release).find(has);
    let first = Release::all().filter(|other| *other > release).find(has);
    let class = path.rsplit('.').next().unwrap_or_default();
    let here = || catalog::all_drivers().filter(|row| row.is_in(release) && row.asked() == row.path());
    // A comment behind the class is a part of it.
    let word = path.split([' ', '\t', '#', ';']).next().unwrap_or_default();
    let commented = if word == path { None } else { catalog::driver(release, word) };
    let own = present_path(release, path);
    let near = if commented.is_some() {
        commented
    } else if rows().next().is_some() {
        own.or_else(|| here().find(|now| now.path().rsplit('.').next() == Some(class)))
    } else {
        nearest_driver(path, &here().collect::<Vec<_>>())
    };
    candidate.facts.insert("near", yes(near.is_some()));
    candidate.facts.insert("nearest", near.map(|row| row.path().to_string()).unwrap_or_default());
    let advice = near.map(|row| format!("write `{}`", row.path()));
    let raises = nas::driver::import_error(path, release, python);
    let raises = raises.map_or_else(|| "ImportError".to_string(), |exception| exception.to_string());
    candidate.facts.insert("raises", raises);
    match (last, first) {
        (Some(last), _) => {
            candidate.kind = "removed";
            candidate.facts.insert("last", last.title());
            let next = Release::from_index(last.index() + 1).unwrap_or(last);
            candidate.facts.insert("gone", next.title());
            let again = first.map(|first| format!("; {} has it again", first.title())).unwrap_or_default();
            candidate.facts.insert("again", again);
            candidate.facts.insert("lives-on", yes(own.is_some()));
            let advice = advice.unwrap_or_else(|| "move the volumes to another driver before the upgrade".into());
            candidate.facts.insert("advice", advice);
        }
        (None, Some(first)) => {
            candidate.kind = "too-new";
            candidate.facts.insert("first", first.title());
        }
        (None, None) => {
            // `None` and an empty value are no path at all.
            let is_path = path.contains('.') && !is_no_name(path);
            // What every driver builds upon, and classes for something else.
            let is_base = path.starts_with("cinder.volume.driver.") && catalog::code(release, path).is_some();
            let is_other = !path.starts_with(OURS)
                && catalog::code(release, path).is_some_and(|code| code.kind() == catalog::CodeKind::Class);
            let is_shares = path == "cinder.volume.drivers.remotefs.RemoteFSDriver" && release == Release::NEWEST;
            if is_base || is_other || is_shares {
                let raises = match (is_base, is_shares) {
                    (true, _) => "NotImplementedError",
                    (_, true) => "NoSuchOptError: no such option remotefs_shares_config",
                    _ => "AttributeError: it is no driver of volumes",
                };
                candidate.facts.insert("raises", raises.to_string());
                candidate.facts.insert("certain", yes(true));
                candidate.facts.insert("advice", "name a driver of volumes: `cinder.volume.drivers.…`".to_string());
                return true;
            }
            if is_path && !path.starts_with(OURS) || super::options::is_template(path.as_bytes()) {
                return false;
            }
            let is_module = catalog::module_exists(release, path);
            let advice = match near {
                Some(row) if commented.is_some() => {
                    format!("write only `{}`: a comment needs its own line", row.path())
                }
                _ if is_module => {
                    let classes =
                        here().filter(|row| row.path().strip_prefix(path).is_some_and(|r| r.starts_with('.')));
                    let paths: Vec<String> = classes.take(3).map(|row| format!("`{}`", row.path())).collect();
                    format!("this is a module; write a class: {}", paths.join(", "))
                }
                Some(row) => format!("did you mean `{}`?", row.path()),
                None => "look for the class in Cinder's list of drivers".to_string(),
            };
            let is_certain = is_module || near.is_some() || !is_path || is_absent_class(release, path);
            candidate.facts.insert("certain", yes(is_certain));
            candidate.facts.insert("advice", advice);
        }
    }
    true
}

/// Classes of the modules of drivers that are no drivers by themselves, or not declared as such.
const UNDECLARED: [&str; 21] = [
    "DataCoreVolumeDriver",
    "DPLCOMMONDriver",
    "DotHillFCDriver",
    "DotHillISCSIDriver",
    "DrbdManageDriver",
    "Driver",
    "FlashSystemDriver",
    "JovianDSSDriver",
    "KaminarioCinderDriver",
    "MStorageDSVDriver",
    "MStorageDriver",
    "NetAppNfsDriver",
    "NfsDriver",
    "RemoteFSDriver",
    "RemoteFSSnapDriver",
    "RemoteFSSnapDriverDistributed",
    "SanDriver",
    "SanISCSIDriver",
    "TegileIntelliFlashVolumeDriver",
    "XtremIOVolumeDriver",
    "ZTEVolumeDriver",
];

/// Whether a module that is Cinder's own has no such class: nobody else puts one there. Names of bases are left out.
fn is_absent_class(release: Release, path: &str) -> bool {
    let Some((module, class)) = path.rsplit_once('.') else { return false };
    let is_base = class.contains("Base") || class.contains("Common") || UNDECLARED.contains(&class);
    release >= Release::OCATA
        && !is_base
        && (module == "cinder.volume.drivers" || catalog::module_exists(release, module))
}

/// The driver of a release that an older path leads to, over all the paths that it had since.
fn present_path(release: Release, path: &str) -> Option<DriverRow> {
    let mut path = path;
    for _ in 0..Release::all().count() {
        let became = BECAME.iter().find(|(old, _)| *old == path).map(|(_, new)| *new);
        let replaced = || catalog::driver_anywhere(path).filter(|row| row.path() != path).max_by_key(DriverRow::last);
        let next = became.or_else(|| replaced().map(|row| row.path()))?;
        if let Some(now) = catalog::driver(release, next) {
            // Where this path is itself an older one, the class has one more.
            return catalog::driver(release, now.path()).or(Some(now));
        }
        path = next;
    }
    None
}

/// The driver whose path is a few letters away, or whose class has this name in another module.
fn nearest_driver(path: &str, drivers: &[DriverRow]) -> Option<DriverRow> {
    let class = path.rsplit('.').next().unwrap_or_default();
    let near = nearest::nearest(path, nearest::most_slips(path), drivers.iter().map(|row| Name::from(row.path())))
        .into_iter()
        .min();
    match near {
        Some((_, name)) => drivers.iter().find(|row| row.path() == name).copied(),
        None => drivers.iter().find(|row| row.path().rsplit('.').next() == Some(class)).copied(),
    }
}

pub(super) fn allows_unsupported(context: &Context<'_, '_>, backend: &Backend) -> bool {
    let text = context.config.backend_text(backend, "enable_unsupported_driver");
    // A value that cannot be known is somebody's decision.
    text.text.is_err() || text.known().and_then(types::as_bool) == Some(true)
}
