//! What the variables of kolla-ansible say: `globals.yml`, kayobe's `kolla.yml`, OSISM's `configuration.yml`.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use super::{
    super::{Run, maps},
    files::{Variables, is_main},
};
use crate::{
    catalog::Release,
    ini::Span,
    input::forms::Remark,
    input::yaml::{self, Node},
    source::{FileId, Place},
    text::one_line,
};

/// Whether something is turned on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    On,
    Off,
    Unknown,
}

/// A variable, and where it is set.
#[derive(Clone, Debug)]
struct Value {
    node: Node,
    cause: Cause,
}

/// The line that sets a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cause {
    pub(super) file: FileId,
    pub(super) key: Span,
    pub(super) value: Span,
}

/// The variables that are known.
#[derive(Debug, Default)]
pub(super) struct Globals {
    values: HashMap<String, Value>,
    /// What is not given has the role's default: the files that usually say so were found.
    defaults_hold: bool,
    /// The files that were read, in order.
    pub(super) files: Vec<FileId>,
    /// What is to be said of the files themselves.
    pub(super) remarks: Vec<Remark>,
}

/// A list of mappings with `name` and `enabled`.
pub(super) struct List<'g>(&'g Node);

impl Globals {
    /// Reads files of variables, the one that takes effect last; `asked` says by which path a file is asked for.
    pub(super) fn read(variables: &[Variables], asked: &dyn Fn(&Path) -> PathBuf, run: &mut Run<'_>) -> Self {
        let mut globals = Self::default();
        let mut is_whole = true;
        for one in variables {
            let Some(id) = run.container(&asked(&one.path)) else {
                is_whole = false;
                continue;
            };
            globals.files.push(id);
            is_whole &= globals.add(run.text(id), id, !one.is_osism && is_main(&one.path));
        }
        // What cannot be read may say anything.
        globals.defaults_hold &= is_whole;
        globals.say_what_is_no_boolean();
        globals
    }

    /// Switches with a text that Ansible's `bool` does not know, and takes as false.
    fn say_what_is_no_boolean(&mut self) {
        const FALSE: [&str; 8] = ["no", "false", "off", "0", "", "none", "null", "~"];
        let is_switch = |name: &str| name.starts_with("enable_cinder") || name == "cinder_backend_ceph";
        let is_odd = |value: &Value| {
            let text = value.node.text().trim().to_ascii_lowercase();
            value.node.scalar().is_some() && !is_template(&text) && !FALSE.contains(&&*text)
        };
        let switches = self.values.iter().filter(|(name, value)| is_switch(name) && is_odd(value));
        let mut odd: Vec<Remark> = switches
            .filter(|(_, value)| self.state_of(&value.node, 0) == State::Off)
            .map(|(name, value)| {
                let place = Place { file: value.cause.file, span: value.cause.value };
                let facts = vec![("switch", name.clone()), ("value", one_line(value.node.text().trim()).into_owned())];
                Remark { kind: "kolla-bool", place, facts, ..Remark::default() }
            })
            .collect();
        odd.sort_by_key(|remark| (remark.place.file, remark.place.span));
        self.remarks.append(&mut odd);
    }

    /// Adds what a file says; whether it can be read. `defaults_hold`: what it does not say has the role's default.
    fn add(&mut self, text: &[u8], file: FileId, defaults_hold: bool) -> bool {
        let documents = yaml::read(text);
        self.remarks.extend(maps::unreadable(file, &documents));
        self.defaults_hold |= defaults_hold;
        let is_whole = documents.iter().all(|document| document.error.is_none());
        let Some(root) = documents.into_iter().next().and_then(|document| document.root) else { return is_whole };
        let lost = maps::lost_here(file, &root);
        self.remarks.extend(lost.into_iter().filter(|remark| remark.facts.iter().any(|(_, key)| is_ours(key))));
        for entry in root.entries() {
            let key = entry.key.text();
            let own = key.strip_prefix("kolla_").filter(|rest| {
                rest.starts_with("enable_") || rest.starts_with("cinder_") || *rest == "openstack_release"
            });
            let cause = Cause { file, key: entry.key.span, value: entry.value.span };
            self.values.insert(own.unwrap_or(key).to_string(), Value { node: entry.value.clone(), cause });
        }
        is_whole
    }

    /// Whether a variable is set.
    pub(super) fn is_given(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Where a variable is set.
    pub(super) fn cause(&self, name: &str) -> Option<Cause> {
        self.values.get(name).map(|value| value.cause)
    }

    /// What a variable says, where that is a text of one line that nobody has yet to write.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let text = self.values.get(name)?.node.scalar()?.text.trim();
        (!is_template(text) && !text.contains(char::is_control)).then(|| text.to_string())
    }

    /// Whether a variable is true, as Ansible's `bool` reads it; kolla-ansible's default for all that is asked here is false.
    pub(super) fn state(&self, name: &str) -> State {
        let Some(value) = self.values.get(name) else {
            return if self.defaults_hold { State::Off } else { State::Unknown };
        };
        self.state_of(&value.node, 0)
    }

    fn state_of(&self, value: &Node, depth: u8) -> State {
        if value.scalar().is_none() {
            return State::Unknown;
        }
        let text = value.text().trim();
        if let Some(other) = variable(text).filter(|_| depth < 8) {
            return self.values.get(other).map_or(State::Unknown, |value| self.state_of(&value.node, depth + 1));
        }
        if is_template(text) {
            return State::Unknown;
        }
        // Ansible's filter: what is not one of these is false.
        match text.to_ascii_lowercase().as_str() {
            "yes" | "true" | "on" | "1" | "1.0" => State::On,
            _ => State::Off,
        }
    }

    /// A variable that is a list.
    pub(super) fn list(&self, name: &str) -> Option<List<'_>> {
        self.values.get(name).map(|value| &value.node).filter(|node| !node.items().is_empty()).map(List)
    }

    /// Whether Cinder is deployed: where nobody says, backends that are turned on tell.
    pub(super) fn deploys_cinder(&self) -> bool {
        match self.state("enable_cinder") {
            State::On => true,
            _ if self.is_given("enable_cinder") => false,
            _ => {
                let is_switch =
                    |name: &str| name.starts_with("enable_cinder_backend_") || name == "cinder_backend_ceph";
                let mut switches = self.values.iter().filter(|(name, _)| is_switch(name));
                switches.any(|(_, value)| self.state_of(&value.node, 0) == State::On)
            }
        }
    }

    /// The release of OpenStack that is deployed: of the tag of Cinder's images, or of all.
    pub(super) fn release(&self) -> Option<Release> {
        let names = ["cinder_volume_tag", "cinder_tag", "openstack_tag", "openstack_release", "openstack_version"];
        names.iter().find_map(|name| Self::release_of(&self.text(name)?))
    }

    fn release_of(text: &str) -> Option<Release> {
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

/// Whether a variable is one that this form reads.
fn is_ours(key: &str) -> bool {
    const OTHERS: [&str; 6] =
        ["enable_redis", "enable_etcd", "enable_valkey", "enable_ceph", "node_custom_config", "openstack_release"];
    key.contains("cinder") || OTHERS.contains(&key.strip_prefix("kolla_").unwrap_or(key))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn of(text: &str) -> Globals {
        let mut globals = Globals::default();
        globals.add(text.as_bytes(), FileId(0), true);
        globals
    }

    #[test]
    fn states() {
        let text = "a: yes\nb: 'no'\nc: '{{ a | bool }}'\nd: '{{ a and b }}'\ne: '{{ e }}'\nkolla_enable_f: True\ng: ceph\nh: \n";
        let globals = of(text);
        let states = ["a", "b", "c", "d", "e", "enable_f", "absent", "g", "h"].map(|name| globals.state(name));
        use State::{Off, On, Unknown};
        assert_eq!(states, [On, Off, On, Unknown, Unknown, On, Off, Off, Off]);
        assert_eq!(Globals::default().state("absent"), Unknown);
    }

    #[test]
    fn releases() {
        let release = |text: &str| of(text).release().map(Release::name);
        assert_eq!(release("openstack_release: train"), Some("train"));
        assert_eq!(release("openstack_release: '2024.1'"), Some("2024.1"));
        assert_eq!(release("kolla_openstack_release: 9.2.0.2-1"), Some("train"));
        assert_eq!(release("openstack_version: 2025.1"), Some("2025.1"));
        assert_eq!(release("openstack_release: zed\nopenstack_tag: 2023.1-rocky-9"), Some("2023.1"));
        assert_eq!(release("openstack_release: zed\nopenstack_tag: 20240101"), Some("zed"));
        assert_eq!(release("openstack_release: zed\ncinder_tag: yoga-20230101"), Some("yoga"));
        assert_eq!(release("openstack_release: '{{ it }}'"), None);
        assert_eq!(release("openstack_release: master"), None);
        assert_eq!(release("openstack_release: 99.1.0"), None);
    }
}
