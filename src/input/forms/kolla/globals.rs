//! What the variables of kolla-ansible say: `globals.yml`, kayobe's `kolla.yml`, OSISM's `configuration.yml`.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use super::super::Run;
use crate::{
    catalog::Release,
    input::yaml::{self, Node},
};

/// Whether something is turned on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    On,
    Off,
    Unknown,
}

/// The variables that are known.
#[derive(Debug, Default)]
pub(super) struct Globals {
    values: HashMap<String, Node>,
    /// What is not given has the role's default: the files that usually say so were found.
    defaults_hold: bool,
}

/// A list of mappings with `name` and `enabled`.
pub(super) struct List<'g>(&'g Node);

impl Globals {
    /// Reads the files around a folder of overrides (several with kayobe's environments, the one that counts last).
    pub(super) fn read(roots: &[PathBuf], run: &mut Run<'_>) -> Self {
        let mut globals = Self::default();
        for root in roots {
            for (path, is_osism) in files(root) {
                let Some(id) = run.container(&path) else { continue };
                let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                globals.add(run.text(id), !is_osism && matches!(name, "globals.yml" | "kolla.yml"));
            }
        }
        globals
    }

    /// Adds what a file says. `defaults_hold`: what it does not say has the role's default.
    fn add(&mut self, text: &[u8], defaults_hold: bool) {
        let Some(root) = yaml::read(text).into_iter().next().and_then(|document| document.root) else { return };
        self.defaults_hold |= defaults_hold;
        for entry in root.entries() {
            let key = entry.key.text();
            let own = key.strip_prefix("kolla_").filter(|rest| {
                rest.starts_with("enable_") || rest.starts_with("cinder_") || *rest == "openstack_release"
            });
            self.values.insert(own.unwrap_or(key).to_string(), entry.value.clone());
        }
    }

    /// Whether a variable is set.
    pub(super) fn is_given(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// What a variable says, where that is a text of one line that nobody has yet to write.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let text = self.values.get(name)?.scalar()?.text.trim();
        (!is_template(text) && !text.contains(char::is_control)).then(|| text.to_string())
    }

    /// Whether a variable is true, as Ansible's `bool` reads it; kolla-ansible's default for all that is asked here is false.
    pub(super) fn state(&self, name: &str) -> State {
        let Some(value) = self.values.get(name) else {
            return if self.defaults_hold { State::Off } else { State::Unknown };
        };
        self.state_of(value, 0)
    }

    fn state_of(&self, value: &Node, depth: u8) -> State {
        let text = value.text().trim();
        if let Some(other) = variable(text).filter(|_| depth < 8) {
            return self.values.get(other).map_or(State::Unknown, |value| self.state_of(value, depth + 1));
        }
        match text.to_ascii_lowercase().as_str() {
            "yes" | "true" | "on" | "1" | "y" | "t" => State::On,
            "no" | "false" | "off" | "0" | "n" | "f" | "" => State::Off,
            _ => State::Unknown,
        }
    }

    /// A variable that is a list.
    pub(super) fn list(&self, name: &str) -> Option<List<'_>> {
        self.values.get(name).filter(|node| !node.items().is_empty()).map(List)
    }

    /// The release of OpenStack that is deployed.
    pub(super) fn release(&self) -> Option<Release> {
        let text = self.text("openstack_release").or_else(|| self.text("openstack_version"))?;
        let text = text.split('-').next()?.to_ascii_lowercase();
        let major = text.split('.').next()?.parse::<u8>();
        match major {
            // A tag of kolla's images: their major versions count the releases from Ocata (4) on.
            Ok(major) if text.contains('.') => Release::from_index(major).filter(|_| major >= 4),
            Ok(_) => None,
            Err(_) => text.parse().ok(),
        }
    }
}

impl List<'_> {
    /// The names of what is enabled; none: that cannot be told.
    pub(super) fn enabled(&self, globals: &Globals) -> Option<Vec<String>> {
        let mut names = Vec::new();
        for item in self.0.items() {
            // `cinder_enabled_backends` needs no `enabled`.
            let state = item.get("enabled").map_or(State::On, |value| globals.state_of(value, 0));
            match state {
                State::Off => continue,
                State::Unknown => return None,
                State::On => {}
            }
            let name = item.get("name")?.text().trim();
            let name = match variable(name) {
                Some(other) => globals.text(other)?,
                None => name.to_string(),
            };
            if is_template(&name) || name.is_empty() || name.contains(char::is_control) {
                return None;
            }
            names.push(name);
        }
        Some(names)
    }
}

/// A value that nobody has written yet.
pub(super) fn unwritten(name: &str) -> String {
    format!("{{{{ {name} }}}}")
}

fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

/// The variable in `{{ variable | bool }}`.
fn variable(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("{{")?.strip_suffix("}}")?.trim();
    let name = inner.strip_suffix("bool").map_or(inner, |rest| rest.trim_end().trim_end_matches('|').trim_end());
    name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_').then_some(name)
}

/// The files that may have variables for a folder of overrides, the one that counts most last; and whether they are OSISM's,
/// where defaults are others.
fn files(root: &Path) -> Vec<(PathBuf, bool)> {
    let mut found: Vec<PathBuf> = Vec::new();
    let Some(parent) = root.parent() else { return Vec::new() };
    if root.ends_with("files/overlays") {
        let environments = root.ancestors().nth(3).unwrap_or(parent);
        let names = ["manager/configuration.yml", "configuration.yml", "kolla/configuration.yml"];
        return names.iter().map(|name| (environments.join(name), true)).filter(|(path, _)| path.is_file()).collect();
    }
    let mut folders: Vec<PathBuf> = Vec::new();
    let mut above = Some(parent);
    while let Some(folder) = above {
        folders.push(folder.to_path_buf());
        // `etc/kolla/config`: the repository is two folders up.
        above = match folder.file_name().and_then(|name| name.to_str()) {
            Some("kolla" | "etc") => folder.parent(),
            _ => None,
        };
    }
    for folder in folders.iter().rev() {
        let names = [
            "inventory/group_vars/all.yml",
            "inventory/group_vars/all/globals.yml",
            "group_vars/all/globals.yml",
            "etc/kolla/globals.yml",
            "kolla.yml",
            "globals.yml",
        ];
        found.extend(names.iter().map(|name| folder.join(name)));
        found.extend(yaml_files(&folder.join("globals.d")));
    }
    found.retain(|path| path.is_file());
    found.dedup();
    found.into_iter().map(|path| (path, false)).collect()
}

fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml"));
    paths.sort();
    paths
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn of(text: &str) -> Globals {
        let mut globals = Globals::default();
        globals.add(text.as_bytes(), true);
        globals
    }

    #[test]
    fn states() {
        let text = "a: yes\nb: 'no'\nc: '{{ a | bool }}'\nd: '{{ a and b }}'\ne: '{{ e }}'\nkolla_enable_f: True\n";
        let globals = of(text);
        let states = ["a", "b", "c", "d", "e", "enable_f", "absent"].map(|name| globals.state(name));
        use State::{Off, On, Unknown};
        assert_eq!(states, [On, Off, On, Unknown, Unknown, On, Off]);
        assert_eq!(Globals::default().state("absent"), Unknown);
    }

    #[test]
    fn releases() {
        let release = |text: &str| of(text).release().map(Release::name);
        assert_eq!(release("openstack_release: train"), Some("train"));
        assert_eq!(release("openstack_release: '2024.1'"), Some("2024.1"));
        assert_eq!(release("kolla_openstack_release: 9.2.0.2-1"), Some("train"));
        assert_eq!(release("openstack_version: 2025.1"), Some("2025.1"));
        assert_eq!(release("openstack_release: '{{ it }}'"), None);
        assert_eq!(release("openstack_release: master"), None);
        assert_eq!(release("openstack_release: 99.1.0"), None);
    }
}
