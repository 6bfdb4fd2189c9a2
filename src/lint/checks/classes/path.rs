//! What `oslo_utils.importutils.import_class` makes of a path.

use super::nearest;
use crate::{
    catalog::{self, Code, CodeKind, Default, Release},
    nas::{
        Python,
        driver::{absent_module, no_module},
    },
};

/// Why a class cannot be loaded.
pub(super) struct Missing {
    /// The exception, with its text.
    pub raises: String,
    /// The path to write.
    pub near: Option<String>,
    /// It cannot be somebody's own.
    pub is_certain: bool,
    /// Another release has it.
    pub is_elsewhere: bool,
}

/// Packages of Cinder whose classes the catalogue has.
const NAMED: [&str; 10] = [
    "backup",
    "compute",
    "consistencygroup",
    "group",
    "keymgr",
    "quota",
    "scheduler",
    "transfer",
    "volume",
    "zonemanager",
];
/// Names of key managers, as entry points and as classes.
const CASTELLAN: [(&str, &str); 2] = [
    ("barbican", "castellan.key_manager.barbican_key_manager.BarbicanKeyManager"),
    ("vault", "castellan.key_manager.vault_key_manager.VaultKeyManager"),
];
/// The classes of all its releases that are key managers.
const CASTELLAN_CLASSES: [&str; 6] = [
    "castellan.key_manager.barbican_key_manager.BarbicanKeyManager",
    "castellan.key_manager.vault_key_manager.VaultKeyManager",
    "castellan.key_manager.not_implemented_key_manager.NotImplementedKeyManager",
    "castellan.key_manager.kmip_key_manager.KMIPKeyManager",
    "castellan.key_manager.migration.MigrationKeyManager",
    "castellan.tests.unit.key_manager.mock_key_manager.MockKeyManager",
];
/// Modules of these.
const CASTELLAN_MODULES: [&str; 3] = [
    "castellan.key_manager.barbican_key_manager",
    "castellan.key_manager.vault_key_manager",
    "castellan.key_manager.not_implemented_key_manager",
];
/// Classes of Cinder before Kilo.
const BEFORE_KILO: [&str; 2] = ["cinder.scheduler.chance.ChanceScheduler", "cinder.scheduler.simple.SimpleScheduler"];

/// Why the class that an option names cannot be loaded; none: it can, or it may be somebody's own, or another rule tells of it.
pub(super) fn missing(release: Release, python: Python, group: &str, option: &str, text: &str) -> Option<Missing> {
    let is_key_manager = group == "key_manager";
    if is_taken(release, option, text) || is_key_manager && is_of_castellan(release, text) {
        return None;
    }
    let known = catalog::code(release, text);
    let is_class = known.is_some_and(|code| matches!(code.kind(), CodeKind::Class | CodeKind::Other));
    if is_class && is_of_its_kind(option, text) {
        return None;
    }
    let near = near(release, option, text);
    let no_name = is_no_name(text);
    let is_elsewhere =
        catalog::code_anywhere(text).any(|code| code.kind() == CodeKind::Class) || BEFORE_KILO.contains(&text);
    let marked = text.split('.').any(is_placeholder);
    let (raises, is_certain) = match text.rsplit_once('.') {
        _ if is_class => ("the class is made for something else".to_string(), true),
        _ if CASTELLAN_MODULES.contains(&text) || is_key_manager && is_module(release, text) => {
            ("TypeError: 'module' object is not callable".to_string(), true)
        }
        Some((module, class)) if module.starts_with("castellan.") => {
            let is_there = CASTELLAN_MODULES.contains(&module);
            let raises = if is_there {
                format!("ImportError: Class {class} cannot be found")
            } else {
                no_module(python, module, "").to_string()
            };
            (raises, is_there || near.is_some() || no_name || marked)
        }
        // Castellan takes the entry points of others, too.
        None => ("ValueError: Empty module name".to_string(), !is_key_manager || near.is_some() || no_name || marked),
        Some((module, class)) if module == "cinder" || module.starts_with("cinder.") => {
            // Up to Pike the driver of backups is a module.
            let wants_module = option == "backup_driver" && release <= Release::PIKE;
            let wanted = if wants_module { text } else { module };
            match absent_module(release, python, wanted) {
                Some(raises) => {
                    let is_slip = near.as_deref().is_some_and(|near| is_misspelt(text, near));
                    (raises.to_string(), is_slip || no_name || is_elsewhere || marked)
                }
                None if wants_module || !has_classes(module) => return None,
                None => (format!("ImportError: Class {class} cannot be found"), true),
            }
        }
        Some((module, _)) => {
            let root = module.split('.').next().unwrap_or_default();
            if !no_name && !is_placeholder(root) {
                return None;
            }
            (no_module(python, if no_name { module } else { root }, "").to_string(), true)
        }
    };
    Some(Missing { raises, near: near.or_else(|| default(release, group, option)), is_certain, is_elsewhere })
}

/// What Cinder replaces by a path of its own, and what rules of their own tell of.
fn is_taken(release: Release, option: &str, text: &str) -> bool {
    let is_module = || catalog::code_anywhere(text).any(|code| code.kind() == CodeKind::Module);
    match option {
        "backup_driver" => {
            let old = text.starts_with("cinder.backup.services.");
            let class = text.starts_with("cinder.backup.drivers.") && text.ends_with("BackupDriver");
            let google = text == "cinder.backup.drivers.google.GoogleBackupDriver";
            let tsm = text == "cinder.backup.drivers.tsm.TSMBackupDriver";
            let module = text.starts_with("cinder.backup.drivers.") && is_module();
            old || release <= Release::PIKE && class || release >= Release::QUEENS && (module || google || tsm)
        }
        "scheduler_driver" => release <= Release::KILO && BEFORE_KILO.contains(&text),
        // An engine of Cinder's own replaces these up to Pike.
        "api_class" => text == "cinder.keymgr.barbican.BarbicanKeyManager" || text.starts_with("cinder.tests."),
        _ => false,
    }
}

/// Whether a class of Cinder's stands where one like it is wanted: not one of another service, and no base of drivers.
fn is_of_its_kind(option: &str, text: &str) -> bool {
    const BASES: [&str; 2] = ["cinder.backup.chunkeddriver.ChunkedBackupDriver", "cinder.backup.driver.BackupDriver"];
    let home = match option {
        "backup_driver" if BASES.contains(&text) => return false,
        "backup_driver" | "backup_manager" | "backup_api_class" => "cinder.backup.",
        "scheduler_driver" | "scheduler_manager" | "scheduler_host_manager" | "scheduler_weight_handler" => {
            "cinder.scheduler."
        }
        "volume_manager" | "volume_api_class" => "cinder.volume.",
        "backend" | "api_class" => "cinder.keymgr.",
        _ => return true,
    };
    let is_host_manager = text.starts_with("cinder.scheduler.host_manager.");
    text.starts_with(home)
        && (!matches!(option, "scheduler_driver" | "scheduler_host_manager")
            || is_host_manager == (option == "scheduler_host_manager"))
}

fn is_module(release: Release, path: &str) -> bool {
    catalog::code(release, path).is_some_and(|code| code.kind() == CodeKind::Module)
}

fn is_of_castellan(release: Release, text: &str) -> bool {
    CASTELLAN_CLASSES.contains(&text) || release >= Release::QUEENS && CASTELLAN.iter().any(|(name, _)| *name == text)
}

/// Whether the catalogue has all classes of a module.
fn has_classes(module: &str) -> bool {
    let mut parts = module.split('.').skip(1);
    let package = parts.next();
    package.is_some_and(|package| NAMED.contains(&package))
        && !(package == Some("volume") && parts.next() == Some("drivers"))
}

/// The path of the release that is meant.
fn near(release: Release, option: &str, text: &str) -> Option<String> {
    let (module, class) = text.rsplit_once('.').unwrap_or(("", text));
    let wants_module = option == "backup_driver" && release <= Release::PIKE;
    let fits = |code: &Code| match option {
        "backup_driver" => {
            code.path().starts_with("cinder.backup.drivers.")
                && (wants_module || code.path().ends_with("BackupDriver") && !code.path().contains(".Chunked"))
        }
        "zone_driver" => code.path().starts_with("cinder.zonemanager.drivers."),
        "backend" | "api_class" => code.path().starts_with("cinder.keymgr."),
        _ => true,
    };
    let kind = if wants_module { CodeKind::Module } else { CodeKind::Class };
    let here = || catalog::all_code(release, kind).filter(fits);
    let found = if matches!(option, "backup_driver" | "zone_driver") {
        // Its class has this name, or is the one in this module.
        let named =
            here().find(|code| code.path().rsplit('.').next().is_some_and(|name| name.eq_ignore_ascii_case(class)));
        let beside = || {
            here().find(|code| !wants_module && code.path().rsplit_once('.').is_some_and(|(other, _)| other == module))
        };
        named.or_else(beside).map(|code| code.path())
    } else {
        None
    };
    let keys = CASTELLAN
        .iter()
        .flat_map(|(name, class)| [*name, *class])
        .filter(|_| matches!(option, "backend" | "api_class"));
    let close = || {
        let names = here().map(|code| code.path()).chain(keys);
        let names = names.map(nearest::Name::from);
        nearest::nearest(text, nearest::most_slips(text), names).into_iter().min().map(|(_, name)| name)
    };
    found.or_else(close).map(str::to_string)
}

/// The default of an option, which is a class of Cinder's.
fn default(release: Release, group: &str, option: &str) -> Option<String> {
    match catalog::option(release, group, option)?.default() {
        Default::Text(text) if !text.starts_with('[') && !matches!(option, "backup_driver" | "zone_driver") => {
            Some(text.to_string())
        }
        _ => None,
    }
}

/// Whether a path is another one with a slip in some of its parts. One of other parts may be a module of a vendor's Cinder.
fn is_misspelt(text: &str, near: &str) -> bool {
    let same = |(a, b): (&str, &str)| strsim::osa_distance(a, b) <= (a.len().min(b.len()) / 6).max(1);
    text.split('.').count() == near.split('.').count() && text.split('.').zip(near.split('.')).all(same)
}

/// Whether a text cannot be a dotted path of names: there is a comment, a blank or a slash in it, or nothing between two dots.
pub(in crate::lint::checks) fn is_no_name(text: &str) -> bool {
    text.split('.').any(|part| part.is_empty() || !part.chars().all(|c| c.is_alphanumeric() || c == '_'))
}

/// Whether a name stands for one that somebody has yet to write.
pub(in crate::lint::checks) fn is_placeholder(name: &str) -> bool {
    const WORDS: [&str; 16] = [
        "foo", "bar", "baz", "nope", "no", "none", "nothing", "missing", "example", "dummy", "xyz", "xxx", "bogus",
        "unknown", "your", "todo",
    ];
    let word: String =
        name.chars().enumerate().take_while(|(at, c)| *at == 0 || c.is_lowercase()).map(|(_, c)| c).collect();
    name.len() == 1 || WORDS.contains(&word.to_ascii_lowercase().as_str())
}
