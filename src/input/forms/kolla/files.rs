//! Which files have variables of a cloud, and which of them takes effect last.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use crate::source::FileSystem;

/// A file of variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Variables {
    /// Absolute.
    pub(super) path: PathBuf,
    /// OSISM's, where defaults are others.
    pub(super) is_osism: bool,
}

/// Whether a file is the one in which people say what they want: what it does not say has its default.
pub(super) fn is_main(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    MAIN.contains(&name) || is_variant(name) || matches!(name, "kolla.yml" | "kolla.yaml")
}

/// The names of the file of variables itself.
const MAIN: [&str; 3] = ["globals.yml", "globals.yaml", "globals.yml.j2"];

/// The sets of files of variables for folders of overrides, each with the one that takes effect last. Several files such as
/// `globals-lab.yml` are several clouds. `is_file` says what there is.
pub(super) fn sets(fs: &dyn FileSystem, roots: &[PathBuf], is_file: &dyn Fn(&Path) -> bool) -> Vec<Vec<Variables>> {
    let mut base: Vec<Variables> = Vec::new();
    for one in roots.iter().flat_map(|root| files(fs, root, is_file)) {
        if !base.contains(&one) {
            base.push(one);
        }
    }
    let is_named =
        |path: &Path| path.file_name().and_then(|name| name.to_str()).is_some_and(|name| MAIN.contains(&name));
    let variants: Vec<PathBuf> = match roots.last() {
        Some(root) if !base.iter().any(|one| is_named(&one.path)) => {
            folders(root).iter().flat_map(|folder| variants(fs, folder)).collect()
        }
        _ => Vec::new(),
    };
    if variants.is_empty() {
        return vec![base];
    }
    let with = |path| base.iter().cloned().chain([Variables { path, is_osism: false }]).collect();
    variants.into_iter().map(with).collect()
}

/// The folders in which variables for a folder of overrides may lie, the nearest first.
fn folders(root: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    let mut above = root.parent();
    while let Some(folder) = above {
        found.push(folder.to_path_buf());
        // `etc/kolla/config`: the repository is two folders up.
        above = match folder.file_name().and_then(|name| name.to_str()) {
            Some("kolla" | "etc") => folder.parent(),
            _ => None,
        };
    }
    found
}

/// The files that may have variables for a folder of overrides, the one that takes effect last.
fn files(fs: &dyn FileSystem, root: &Path, is_file: &dyn Fn(&Path) -> bool) -> Vec<Variables> {
    if root.ends_with("files/overlays") {
        let Some(environments) = root.ancestors().nth(3) else { return Vec::new() };
        let names = ["manager/configuration.yml", "configuration.yml", "kolla/configuration.yml"];
        let paths = names.iter().map(|name| environments.join(name)).filter(|path| is_file(path));
        return paths.map(|path| Variables { path, is_osism: true }).collect();
    }
    let mut found: Vec<PathBuf> = Vec::new();
    for folder in folders(root).iter().rev() {
        let names = [
            "inventory/group_vars/all.yml",
            "inventory/group_vars/all/globals.yml",
            "group_vars/all/globals.yml",
            "etc/kolla/globals.yml",
            "etc/kolla/globals.yaml",
            "kolla/globals.yml",
            "kolla/globals.yaml",
            "openstack.yml",
            "kolla.yml",
            "kolla.yaml",
        ];
        if is_kayobes(folder) {
            // Kayobe gives Ansible every file there, in this order.
            let speaks = |path: &PathBuf| fs.read_text(path).is_ok_and(|text| text.contains("\nkolla_enable_cinder"));
            found.extend(yaml_files(fs, folder).into_iter().filter(speaks));
        }
        found.extend(names.iter().chain(&MAIN).map(|name| folder.join(name)));
        found.extend(yaml_files(fs, &folder.join("globals.d")));
    }
    let mut seen = HashSet::new();
    found.retain(|path| is_file(path) && seen.insert(path.clone()));
    found.into_iter().map(|path| Variables { path, is_osism: false }).collect()
}

/// `globals-lab.yml`, `globals_prod.yml`, …
fn variants(fs: &dyn FileSystem, folder: &Path) -> Vec<PathBuf> {
    let mut paths = yaml_files(fs, folder);
    paths.retain(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_variant));
    // Other tools have files with such names.
    let speaks =
        |path: &PathBuf| fs.read_text(path).is_ok_and(|text| text.contains("kolla_") || text.contains("cinder"));
    paths.retain(speaks);
    paths
}

/// Whether a folder has variables of several clouds.
pub(super) fn has_variants(fs: &dyn FileSystem, folder: &Path) -> bool {
    !variants(fs, folder).is_empty()
}

/// Whether a file is called `globals-NAME.yml` or `NAME-globals.yml`.
pub(super) fn is_variant(name: &str) -> bool {
    name.split(['-', '_', '.']).any(|part| part == "globals") && !MAIN.contains(&name)
}

/// Whether a folder is one of which kayobe reads every YAML file: its own, and those of environments.
pub(super) fn is_kayobes(folder: &Path) -> bool {
    let is_environment = folder.parent().is_some_and(|above| above.ends_with("kayobe/environments"));
    is_environment || folder.ends_with("etc/kayobe")
}

fn yaml_files(fs: &dyn FileSystem, folder: &Path) -> Vec<PathBuf> {
    let entries = fs.list(folder).unwrap_or_default();
    let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| folder.join(entry.name)).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml"));
    paths.sort();
    paths
}
