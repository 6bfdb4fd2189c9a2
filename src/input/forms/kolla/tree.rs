//! What is deployed of one cloud: the layers of each service, and what is missing.

use std::{
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
};

use super::{
    super::{Assembled, Run, Taken},
    files,
    globals::{self, Globals, State},
    paths::{self, Known, Role, SERVICES},
    role::{self, copies_shares},
};
use crate::{
    catalog::Release,
    ini::Span,
    input::forms::Remark,
    source::{FileId, Place, Services, Unseen, absolute, from_here},
    text::one_line,
};

/// Where Cinder finds the list of shares.
const SHARES: &str = "/etc/cinder/nfs_shares";

/// The overrides of one cloud.
pub(super) struct Tree<'t, 'r> {
    /// With an environment of kayobe two: the one that takes effect comes last.
    pub(super) roots: Vec<PathBuf>,
    pub(super) variables: &'t [files::Variables],
    pub(super) globals: Globals,
    pub(super) release: Option<Release>,
    /// Of kolla-ansible: it counts OpenStack's releases from Ocata (4) on.
    pub(super) major: u8,
    /// What the role is called.
    pub(super) version: String,
    pub(super) role: role::Role,
    /// What the role writes for cinder-volume.
    pub(super) layers: Vec<FileId>,
    /// `global.conf`, once it is read: every service and every host has it.
    pub(super) common: Option<Vec<FileId>>,
    /// Environments of kayobe may add to these.
    pub(super) is_base: bool,
    /// Those that read what cinder-volume reads.
    pub(super) services: Services,
    /// The folder of overrides is there.
    pub(super) visible: bool,
    /// The absolute paths of the files that were asked for, and how.
    pub(super) given: &'t HashMap<PathBuf, PathBuf>,
    pub(super) run: &'t mut Run<'r>,
}

impl Tree<'_, '_> {
    /// A file below the folders, as it is to be asked for.
    pub(super) fn found(&self, below: &str) -> Vec<PathBuf> {
        let whole = self.roots.iter().map(|root| root.join(below));
        let named = whole.filter_map(|path| match self.given.get(&path) {
            Some(given) => Some(given.clone()),
            None => self.run.fs().is_file(&path).then(|| PathBuf::from(from_here(&path))),
        });
        named.collect()
    }

    fn overrides(&mut self, below: &str) -> Vec<FileId> {
        self.found(below).iter().filter_map(|path| self.run.whole(path)).collect()
    }

    /// What all services read: `global.conf` has options of other programs as well, so nothing in it is unknown.
    fn common(&mut self, role: &[FileId]) -> Vec<FileId> {
        if self.common.is_none() {
            let mut read = Vec::new();
            for path in self.found("global.conf") {
                let Some(id) = self.run.container(&path) else { continue };
                let text = self.run.text(id).to_vec();
                read.push(self.run.synthetic(&from_here(&path), text));
            }
            self.common = Some(read);
        }
        role.iter().chain(self.common.iter().flatten()).copied().collect()
    }

    pub(super) fn deployments(&mut self, files: &[(Known, &Taken)]) {
        let hosts = self.hosts(files);
        let unseen = match self.role.is_certain {
            _ if self.is_base => Unseen::Everything,
            true if self.visible => Unseen::Nothing,
            // Overrides may lie in another repository, or on the host that deploys.
            _ => Unseen::Sections,
        };
        let is_deployed = self.globals.deploys_cinder();
        let of_backup = self.found("cinder/cinder-backup.conf");
        let says = ["cinder_backup_driver", "cinder_backup_share"].iter().any(|name| self.globals.is_given(name));
        let is_off =
            self.globals.is_given("enable_cinder_backup") && self.globals.state("enable_cinder_backup") == State::Off;
        let has_backup = !of_backup.is_empty() || is_deployed && says && !is_off;
        // What all services read is cinder-backup's too, and nothing else shows that there is one.
        self.services = match has_backup || is_off {
            true => Services::VOLUME,
            false => Services::VOLUME.and(Services::BACKUP),
        };
        let list = self.shares(None);
        let mut own = self.overrides("cinder.conf");
        own.extend(self.loose(files));
        let shared = own.len();
        own.extend(self.overrides("cinder/cinder-volume.conf"));
        self.ask_the_role(&own, &hosts);
        if !own.is_empty() || list.is_some() || is_deployed {
            // Where hosts have files of their own, one of them may complete what all have.
            let unseen = if hosts.is_empty() { unseen } else { Unseen::Everything };
            self.add(None, &own, unseen, list);
        }
        let mut lists = usize::from(list.is_some());
        for host in hosts.iter().map(String::as_str) {
            let mut layers = own.clone();
            layers.extend(self.overrides(&format!("cinder/{host}/cinder.conf")));
            let list = self.shares(Some(host));
            lists += usize::from(list.is_some());
            self.add(Some(host), &layers, unseen, list);
        }
        if lists == 0 && is_deployed && !self.is_base {
            self.no_list();
        }
        if is_deployed && !self.is_base && self.role.has_backends == Some(false) {
            self.no_backend(&own, !hosts.is_empty());
        }
        own.truncate(shared);
        for service in &SERVICES[1..] {
            let file = self.overrides(&format!("cinder/{service}.conf"));
            let is_backup = *service == "cinder-backup";
            if file.is_empty() && !(is_backup && has_backup) {
                continue;
            }
            let role = if is_backup {
                self.backup()
            } else {
                vec![self.run.synthetic(&format!("{}: role template", self.version), "")]
            };
            let mut layers = self.common(&role);
            layers.extend(own.iter().chain(&file));
            let path = file.first().or(self.globals.files.last()).map(|id| self.run.files().get(*id).relative.clone());
            let mut one = Assembled::new(Path::new(&path.unwrap_or_default()), &self.name(service), layers);
            // What backends say stands in the files of cinder-volume.
            one.unseen = Unseen::Everything;
            one.services = Services::named(service).unwrap_or_default();
            one.release = self.release;
            self.run.found.push(one);
        }
    }

    /// What the role writes for cinder-volume, with these overrides.
    fn ask_the_role(&mut self, own: &[FileId], hosts: &BTreeSet<String>) {
        let mut all = own.to_vec();
        for host in hosts {
            all.extend(self.overrides(&format!("cinder/{host}/cinder.conf")));
        }
        let texts: Vec<Vec<u8>> = all.iter().map(|id| self.run.text(*id).to_vec()).collect();
        let speaks = |name: &str| texts.iter().any(|text| memchr::memmem::find(text, name.as_bytes()).is_some());
        self.layers = self.role.layers(&self.version, &self.globals, self.run, &speaks);
    }

    /// What the role writes for cinder-backup; a driver that it does not know is said.
    fn backup(&mut self) -> Vec<FileId> {
        let variable = "cinder_backup_driver";
        if let (Some(driver), Some(cause)) = (self.globals.text(variable), self.globals.cause(variable))
            && role::backup_class(self.major, &driver).is_none()
            && !driver.is_empty()
        {
            let facts = vec![("driver", one_line(&driver).into_owned()), ("version", self.version.clone())];
            self.say("kolla-backup-driver", cause, facts);
        }
        role::Role::backup(self.major, &self.globals).layers(&self.version, &self.globals, self.run, &|_| true)
    }

    /// The role's NFS backend is on, and there is no list for it.
    fn no_list(&mut self) {
        if self.globals.state(role::NFS) == State::On
            && let Some(cause) = self.globals.cause(role::NFS)
        {
            self.say("kolla-shares-missing", cause, vec![("visible", self.visible.to_string())]);
        }
    }

    /// Cinder is deployed, and neither the role nor an override enables a backend.
    fn no_backend(&mut self, own: &[FileId], has_hosts: bool) {
        let enables = own.iter().any(|id| {
            let file = self.run.files().get(*id);
            file.document.options.iter().any(|option| option.key.of(&file.text) == b"enabled_backends")
        });
        // Other files of kayobe's environments turn services on of which images are built, too.
        let is_of_images = |cause: &globals::Cause| {
            let path = absolute(Path::new(&self.run.files().get(cause.file).relative));
            path.parent().is_some_and(files::is_kayobes) && !files::is_main(&path)
        };
        let cause = self.globals.cause("enable_cinder").filter(|cause| !is_of_images(cause));
        if let Some(cause) = cause.filter(|_| !enables && !has_hosts) {
            self.say("kolla-no-backend", cause, vec![("visible", self.visible.to_string())]);
        }
    }

    /// Something about a variable.
    fn say(&mut self, kind: &'static str, cause: globals::Cause, facts: Vec<(&'static str, String)>) {
        let span = Span::new(cause.key.start, cause.value.end.max(cause.key.end));
        let place = Place { file: cause.file, span };
        self.globals.remarks.push(Remark { kind, place, facts, ..Remark::default() });
    }

    /// What is to be said of the variables goes with the first deployment that was added since then.
    pub(super) fn remarks(&mut self, since: usize) {
        let remarks = std::mem::take(&mut self.globals.remarks);
        if remarks.is_empty() {
            return;
        }
        if let Some(first) = self.run.found.get_mut(since) {
            first.remarks.extend(remarks);
            return;
        }
        let Some(file) = remarks.first().map(|remark| remark.place.file) else { return };
        let path = self.run.files().get(file).relative.clone();
        let mut alone = Assembled::new(Path::new(&path), &path, Vec::new());
        (alone.unseen, alone.remarks) = (Unseen::Everything, remarks);
        self.run.found.push(alone);
    }

    /// The hosts that have files of their own.
    fn hosts(&self, files: &[(Known, &Taken)]) -> BTreeSet<String> {
        let mut hosts: BTreeSet<String> =
            files.iter().filter_map(|(known, _)| paths::host_of(&known.below)).map(str::to_string).collect();
        for root in &self.roots {
            let fs = self.run.fs();
            let folder = root.join("cinder");
            for entry in fs.list(&folder).unwrap_or_default() {
                let name = entry.name.to_string_lossy().into_owned();
                let has = |file: &str| fs.is_file(&folder.join(&entry.name).join(file));
                let is_host = paths::host_of(&format!("cinder/{name}/cinder.conf")).is_some();
                if is_host && ["cinder.conf", "nfs_shares", "nfs_shares.j2"].iter().any(|file| has(file)) {
                    hosts.insert(name);
                }
            }
        }
        hosts
    }

    /// Files that somebody says are overrides, wherever they lie.
    fn loose(&mut self, files: &[(Known, &Taken)]) -> Vec<FileId> {
        let live = |below: &str| {
            matches!(below, "cinder.conf" | "global.conf")
                || SERVICES.iter().any(|service| below == format!("cinder/{service}.conf"))
        };
        let loose = files.iter().filter(|(known, _)| known.role == Role::Live && !live(&known.below));
        loose.filter_map(|(_, one)| self.run.whole(&one.path)).collect()
    }

    fn name(&self, service: &str) -> String {
        let root = self.roots.last().filter(|_| self.visible).map(|root| from_here(root));
        let variables = || self.variables.last().map(|one| from_here(&one.path));
        format!("{service} of {}", root.or_else(variables).unwrap_or_default())
    }

    fn add(&mut self, host: Option<&str>, own: &[FileId], unseen: Unseen, list: Option<FileId>) {
        let role = self.layers.clone();
        let mut layers = self.common(&role);
        layers.extend(own);
        let Some(last) = own.last().copied().or(list).or(self.globals.files.last().copied()) else { return };
        let path = self.run.files().get(last).relative.clone();
        let on = host.map(|host| format!(" on {host}")).unwrap_or_default();
        let mut one = Assembled::new(Path::new(&path), &(self.name(SERVICES[0]) + &on), layers);
        one.unseen = unseen;
        one.services = self.services;
        one.release = self.release;
        if copies_shares(self.major, &self.globals) != Some(false) {
            one.shares.extend(list.map(|list| (Some(SHARES.to_string()), list)));
        }
        self.run.found.push(one);
    }

    /// The list of shares that is copied.
    fn shares(&mut self, host: Option<&str>) -> Option<FileId> {
        let path = paths::shares_paths(host).iter().find_map(|below| self.found(below).pop())?;
        self.run.container(&path)
    }
}
