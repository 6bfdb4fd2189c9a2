//! What kolla-ansible's cinder role writes by itself, as far as backends go.
//!
//! Measured on `ansible/roles/cinder/templates/cinder.conf.j2`, `ansible/roles/cinder/defaults/main.yml` and
//! `ansible/group_vars/all` at the tags 4.0.5 (Ocata) to 22.1.0 (2026.1) of kolla-ansible, and on its main branch of August 2026.

mod sections;

use self::sections::{
    Made, SECTIONS,
    Value::{Is, Name, Of, Site},
};
use super::{
    super::{Builder, Run},
    globals::{Cause, Globals, State, unwritten},
};
use crate::source::FileId;

/// From this version on sections can be named.
const NAMED: u8 = 15;
/// From this version on there is a list of Ceph backends.
const CEPH_LIST: u8 = 17;
/// Until this version Ceph was kolla-ansible's own.
const OWN_CEPH: u8 = 9;

const COORDINATION: &str = "coordination";

/// What the template says whatever the variables are, and what rules would miss.
const ADDED: &str = "[DEFAULT]\nlog_dir = /var/log/kolla/cinder\nmy_ip = {{ ip }}\nglance_api_servers = {{ glance }}\n\
    api_paste_config = /etc/cinder/api-paste.ini\nauth_strategy = keystone\ntransport_url = {{ rabbit }}\n\
    [database]\nconnection = {{ connection }}\n[keystone_authtoken]\nauth_url = {{ keystone }}\nauth_type = password\n\
    username = {{ user }}\npassword = {{ password }}\n[oslo_concurrency]\nlock_path = /var/lib/cinder/tmp\n";

/// An option that the role writes, and what causes it to be this: none, as the section's.
struct Written {
    key: &'static str,
    value: String,
    cause: Option<Cause>,
}

/// A section that the role writes.
struct Section {
    name: String,
    /// The variable that turns it on.
    cause: Option<Cause>,
    /// Whether it is written cannot be told.
    is_open: bool,
    options: Vec<Written>,
}

/// What the role writes.
pub(super) struct Role {
    sections: Vec<Section>,
    /// Whether these are all, and all that they are called is known.
    pub(super) is_certain: bool,
    /// Whether it enables a backend; not given: it is not known.
    pub(super) has_backends: Option<bool>,
    major: u8,
}

impl Role {
    /// What the role of a major version makes of the variables for cinder-volume.
    pub(super) fn new(major: u8, globals: &Globals) -> Self {
        let mut role = Self { sections: Vec::new(), is_certain: true, has_backends: None, major };
        let mut default = Section { name: "DEFAULT".into(), cause: None, is_open: false, options: Vec::new() };
        let mut names: Vec<String> = Vec::new();
        for made in SECTIONS.iter().filter(|made| made.is_in(major)) {
            let state = state(made, major, globals);
            role.is_certain &= state != State::Unknown;
            if state == State::Off {
                continue;
            }
            let sections = match globals.list("cinder_ceph_backends") {
                Some(list) if made.flag == "cinder_backend_ceph" && major >= CEPH_LIST => list.enabled(globals),
                _ => name(made, major, globals).map(|name| vec![name]),
            };
            let Some(sections) = sections else {
                role.is_certain = false;
                continue;
            };
            for name in sections {
                role.section(made, &name, state, globals);
                default.cause = default.cause.or_else(|| switch(made, globals));
                names.push(name);
            }
        }
        let given = ["cinder_enabled_backends", "cinder_backends"].into_iter().find(|name| globals.is_given(name));
        let list = match globals.list("cinder_enabled_backends") {
            Some(list) => list.enabled(globals),
            None if given.is_some() => None,
            None => role.is_certain.then_some(names),
        };
        let cause = given.map_or(default.cause, |name| globals.cause(name));
        role.has_backends = list.as_ref().map(|names| !names.is_empty());
        match list {
            Some(names) if names.is_empty() => {}
            Some(names) => default.options.push(Written { key: "enabled_backends", value: names.join(","), cause }),
            None => {
                role.is_certain = false;
                let value = unwritten("cinder_enabled_backends");
                default.options.push(Written { key: "enabled_backends", value, cause: None });
            }
        }
        if let Some(cluster) = globals.text("cinder_cluster_name").filter(|name| major >= 19 && !name.is_empty()) {
            default.options.push(Written {
                key: "cluster",
                value: cluster,
                cause: globals.cause("cinder_cluster_name"),
            });
        }
        default.cause = None;
        role.sections.insert(0, default);
        role.sections.extend(coordination(globals));
        role
    }

    /// What the role makes of the variables for cinder-backup.
    pub(super) fn backup(major: u8, globals: &Globals) -> Self {
        let variable = "cinder_backup_driver";
        let driver = globals.text(variable);
        let is_known = driver.is_some() || !globals.is_given(variable);
        let driver = driver.unwrap_or_else(|| "ceph".into());
        let cause = globals.cause(variable);
        let mut options = Vec::new();
        let mut say = |key, value: &str, cause| options.push(Written { key, value: value.to_string(), cause });
        match backup_class(major, &driver) {
            _ if !is_known => say("backup_driver", &unwritten(variable), None),
            Some(class) => say("backup_driver", class, cause),
            None => {}
        }
        if driver == "nfs" {
            let share = match globals.is_given("cinder_backup_share") {
                true => globals.text("cinder_backup_share").unwrap_or_else(|| unwritten("cinder_backup_share")),
                false => String::new(),
            };
            say("backup_mount_point_base", "/var/lib/cinder/backup", cause);
            say("backup_share", &share, globals.cause("cinder_backup_share").or(cause));
            say("backup_file_size", "327680000", cause);
        }
        let default = Section { name: "DEFAULT".into(), cause: None, is_open: false, options };
        let sections = vec![default].into_iter().chain(coordination(globals)).collect();
        Self { sections, is_certain: is_known, has_backends: None, major }
    }

    fn section(&mut self, made: &Made, name: &str, state: State, globals: &Globals) {
        let mut options = Vec::new();
        for (key, value, first, last) in made.lines {
            if !(*first..=*last).contains(&self.major) {
                continue;
            }
            let (value, cause) = match value {
                Is(text) => ((*text).to_string(), None),
                Name => (name.to_string(), None),
                Of(variable, default) if !globals.is_given(variable) => ((*default).to_string(), None),
                Of(variable, _) => {
                    (globals.text(variable).unwrap_or_else(|| unwritten(variable)), globals.cause(variable))
                }
                Site => (unwritten("site"), None),
            };
            options.push(Written { key, value, cause });
        }
        let is_open = state == State::Unknown;
        let cause = switch(made, globals).filter(|_| !is_open);
        self.sections.push(Section { name: name.to_string(), cause, is_open, options });
    }

    /// The layers: one of what no variable causes, and one of each file of variables that causes something. A section of which
    /// nobody knows whether it is written is left out, unless an override speaks of it.
    pub(super) fn layers(
        &self,
        version: &str,
        globals: &Globals,
        run: &mut Run<'_>,
        is_spoken_of: &dyn Fn(&str) -> bool,
    ) -> Vec<FileId> {
        let mut fixed = String::new();
        for section in &self.sections {
            let mut own = String::new();
            for option in section.options.iter().filter(|option| option.cause.or(section.cause).is_none()) {
                own += &format!("{} = {}\n", option.key, option.value);
            }
            if section.name == "DEFAULT" && fixed.is_empty() {
                fixed = ADDED.replacen("[DEFAULT]\n", &format!("[DEFAULT]\n{own}"), 1);
            } else if section.is_open && (section.name == COORDINATION || is_spoken_of(&section.name)) {
                fixed += &format!("{{% if enabled %}}\n[{}]\n{own}{{% endif %}}\n", section.name);
            } else if !section.is_open && !own.is_empty() {
                fixed += &format!("[{}]\n{own}", section.name);
            }
        }
        let mut layers = vec![run.synthetic(&format!("{version}: role template"), fixed)];
        for file in &globals.files {
            let text = run.text(*file).to_vec();
            let mut builder = Builder::generated(&text);
            let mut any = false;
            for section in &self.sections {
                let of_file = |cause: &Cause| cause.file == *file;
                let mut is_started = false;
                let own = section.cause.filter(of_file);
                if let Some(cause) = own {
                    builder.section_caused(&section.name, cause.key);
                    is_started = true;
                }
                for option in &section.options {
                    let Some(cause) = option.cause.or(section.cause).filter(of_file) else { continue };
                    if !is_started {
                        builder.section_caused(&section.name, cause.key);
                        is_started = true;
                    }
                    builder.option_caused(option.key, cause.key, &option.value, cause.value);
                }
                any |= is_started;
            }
            if any {
                let (text, map) = builder.finish();
                layers.push(run.piece(*file, text, map));
            }
        }
        layers
    }
}

/// The section with the address of the coordination: without a service for it nothing is written.
fn coordination(globals: &Globals) -> Option<Section> {
    const SERVICES: [(&str, &str); 3] =
        [("enable_valkey", "valkey"), ("enable_redis", "redis"), ("enable_etcd", "etcd")];
    let variable = "cinder_coordination_backend";
    let (state, cause) = match globals.text(variable) {
        Some(text) if SERVICES.iter().any(|(_, name)| *name == text) => (State::On, globals.cause(variable)),
        Some(_) => (State::Off, None),
        None if globals.is_given(variable) => (State::Unknown, None),
        None => {
            let on = SERVICES.iter().find(|(flag, _)| globals.state(flag) == State::On);
            let open = || SERVICES.iter().any(|(flag, _)| globals.state(flag) == State::Unknown);
            match on {
                Some((flag, _)) => (State::On, globals.cause(flag)),
                None => (if open() { State::Unknown } else { State::Off }, None),
            }
        }
    };
    let is_open = state == State::Unknown;
    let options = vec![Written { key: "backend_url", value: unwritten("coordination"), cause: None }];
    (state != State::Off).then(|| Section { name: COORDINATION.into(), cause, is_open, options })
}

/// The variable that turns a section on, where it is set.
pub(super) fn switch(made: &Made, globals: &Globals) -> Option<Cause> {
    globals.cause(made.flag).or_else(|| globals.cause("enable_ceph").filter(|_| made.flag == "cinder_backend_ceph"))
}

/// The class of a driver for backups, until Rocky (7) the module; none: the role writes none, and Cinder takes its default.
pub(super) fn backup_class(major: u8, driver: &str) -> Option<&'static str> {
    match driver {
        "ceph" if major < 8 => Some("cinder.backup.drivers.ceph"),
        "nfs" if major < 8 => Some("cinder.backup.drivers.nfs"),
        "swift" if major < 8 => Some("cinder.backup.drivers.swift"),
        "ceph" => Some("cinder.backup.drivers.ceph.CephBackupDriver"),
        "nfs" => Some("cinder.backup.drivers.nfs.NFSBackupDriver"),
        "s3" if major >= 17 => Some("cinder.backup.drivers.s3.S3BackupDriver"),
        "swift" if major < 20 => Some("cinder.backup.drivers.swift.SwiftBackupDriver"),
        _ => None,
    }
}

/// Whether a section is written.
fn state(made: &Made, major: u8, globals: &Globals) -> State {
    if made.flag == "cinder_backend_ceph" && major <= OWN_CEPH {
        return match globals.state("enable_ceph") {
            State::On if globals.is_given(made.flag) => globals.state(made.flag),
            state => state,
        };
    }
    globals.state(made.flag)
}

/// The name of a section, where it is known.
fn name(made: &Made, major: u8, globals: &Globals) -> Option<String> {
    let variable = format!("{}_name", made.prefix);
    if major < NAMED || !globals.is_given(&variable) {
        return Some(made.name.to_string());
    }
    globals.text(&variable)
}

/// Whether the role copies the list of shares; not given: it is not known.
pub(super) fn copies_shares(major: u8, globals: &Globals) -> Option<bool> {
    let lists = SECTIONS.iter().filter(|made| made.is_in(major) && made.prefix.ends_with("nfs"));
    let states: Vec<State> = lists.map(|made| globals.state(made.flag)).collect();
    if states.contains(&State::On) {
        return Some(true);
    }
    (!states.contains(&State::Unknown)).then_some(false)
}

/// The variable that turns the role's NFS backend on.
pub(super) const NFS: &str = "enable_cinder_backend_nfs";

#[cfg(test)]
mod tests {
    use super::{super::globals::tests::of, *};

    fn listed(major: u8, globals: &Globals) -> Option<String> {
        let role = Role::new(major, globals);
        let line = role.sections[0].options.iter().find(|option| option.key == "enabled_backends");
        line.map(|option| option.value.clone())
    }

    #[test]
    fn what_is_enabled() {
        let globals = of("enable_cinder_backend_nfs: yes\ncinder_backend_nfs_name: office\nenable_ceph: yes\n");
        assert_eq!(listed(9, &globals).as_deref(), Some("nfs-1,rbd-1"));
        assert_eq!(listed(14, &globals).as_deref(), Some("nfs-1"));
        assert_eq!(listed(15, &globals).as_deref(), Some("office"));
        let globals = of(
            "cinder_backend_ceph: yes\ncinder_ceph_backends:\n  - {name: fast, enabled: true}\n  - {name: slow, enabled: '{{ cinder_backend_ceph | bool }}'}\n",
        );
        assert_eq!(listed(17, &globals).as_deref(), Some("fast,slow"));
        assert_eq!(listed(16, &globals).as_deref(), Some("rbd-1"));
        let globals = of("cinder_enabled_backends:\n  - name: own\n  - name: '{{ cinder_backend_nfs_name }}'\n");
        assert_eq!(listed(20, &globals).as_deref(), Some("{{ cinder_enabled_backends }}"));
        assert_eq!(listed(20, &of("enable_cinder: yes")), None);
        assert!(!Role::new(20, &Globals::default()).is_certain);
    }

    #[test]
    fn drivers_for_backups_are_classes_since_stein() {
        assert_eq!(backup_class(7, "ceph"), Some("cinder.backup.drivers.ceph"));
        assert_eq!(backup_class(8, "ceph"), Some("cinder.backup.drivers.ceph.CephBackupDriver"));
        assert_eq!(backup_class(20, "swift"), None);
    }

    #[test]
    fn the_nas_pair_came_with_rocky() {
        let globals = of("enable_cinder_backend_nfs: yes");
        for (major, has) in [(4, false), (6, false), (7, true), (22, true)] {
            let role = Role::new(major, &globals);
            let mut options = role.sections.iter().flat_map(|section| &section.options);
            assert_eq!(options.any(|option| option.key == "nas_secure_file_operations"), has, "{major}");
        }
    }
}
