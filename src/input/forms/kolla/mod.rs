//! Overrides of kolla-ansible's configuration, also those of kayobe and OSISM: parts of `cinder.conf` that the cinder role
//! merges over what it writes itself.

mod globals;
mod paths;
mod role;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
};

use self::{
    globals::Globals,
    paths::{Known, Role, SERVICES},
    role::copies_shares,
};
use super::{Assembled, Candidate, Form, Run, Taken};
use crate::{
    catalog::Release,
    ini::Span,
    input::forms::Remark,
    source::{FileId, Place, Unseen, absolute, relative},
};

/// See the module.
#[derive(Debug)]
pub(super) struct Kolla;

/// Where Cinder finds the list of shares.
const SHARES: &str = "/etc/cinder/nfs_shares";

impl Form for Kolla {
    fn name(&self) -> &'static str {
        "kolla"
    }

    fn title(&self) -> &'static str {
        "kolla-ansible's overrides and variables"
    }

    fn recognises(&self, candidate: &Candidate<'_>) -> Option<String> {
        if paths::is_globals(candidate) {
            return Some("it has variables of kolla-ansible".into());
        }
        let known = paths::known(candidate)?;
        let root = relative(&known.root);
        Some(match known.role {
            Role::Host(host) => format!("kolla-ansible merges it for the host {host}, below {root}"),
            Role::Dead(_) => format!("it lies below {root}, where kolla-ansible does not read it"),
            Role::Shares => format!("a list of shares of kolla-ansible, below {root}"),
            _ => format!("kolla-ansible merges it, below {root}"),
        })
    }

    fn read(&self, taken: &[Taken], run: &mut Run<'_>) {
        let mut overrides: BTreeMap<PathBuf, Vec<(Known, &Taken)>> = BTreeMap::new();
        let given = taken.iter().map(|one| (absolute(&one.path), one.path.clone())).collect();
        for one in taken {
            let candidate = match run.given_text(&one.path) {
                Some(text) => Candidate::with_text(&one.path, text),
                None => Candidate::new(&one.path),
            };
            if let Some(known) = paths::known(&candidate) {
                overrides.entry(known.root.clone()).or_default().push((known, one));
            } else if candidate.is_yaml() {
                // Context for what lies around it; there is nothing in it that Cinder reads.
                run.container(&one.path);
            } else {
                let root = absolute(&one.path).parent().map(Path::to_path_buf).unwrap_or_default();
                let below = one.path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_string();
                let known = Known { root: root.clone(), below, role: Role::Live };
                overrides.entry(root).or_default().push((known, one));
            }
        }
        let bases: BTreeSet<PathBuf> = overrides.keys().filter_map(|root| base_of(root)).collect();
        for (root, files) in &overrides {
            let mut roots: Vec<PathBuf> = base_of(root).into_iter().collect();
            roots.push(root.clone());
            let globals = Globals::read(&roots, run);
            let release = globals.release();
            let major = release.unwrap_or(Release::NEWEST).index().max(4);
            let is_base = bases.contains(root);
            let mut tree = Tree { roots, globals, release, major, is_base, given: &given, run };
            tree.deployments(files);
            tree.never_read(files);
        }
    }
}

/// The overrides that those of an environment of kayobe are merged over.
fn base_of(root: &Path) -> Option<PathBuf> {
    // `etc/kayobe/environments/NAME/kolla/config`
    let environments = root.ancestors().nth(3)?;
    let base = environments.parent()?.join("kolla/config");
    (environments.ends_with("environments") && base.is_dir()).then_some(base)
}

/// The overrides of one folder.
struct Tree<'t, 'r> {
    /// With an environment of kayobe two: that counts last which counts most.
    roots: Vec<PathBuf>,
    globals: Globals,
    release: Option<Release>,
    /// Of kolla-ansible: it counts OpenStack's releases from Ocata (4) on.
    major: u8,
    /// Environments of kayobe may add to these.
    is_base: bool,
    /// The absolute paths of the files that were asked for, and how.
    given: &'t HashMap<PathBuf, PathBuf>,
    run: &'t mut Run<'r>,
}

impl Tree<'_, '_> {
    /// A file below the folders, as it is to be asked for.
    fn found(&self, below: &str) -> Vec<PathBuf> {
        let whole = self.roots.iter().map(|root| root.join(below));
        let named = whole.filter_map(|path| match self.given.get(&path) {
            Some(given) => Some(given.clone()),
            None => path.is_file().then(|| PathBuf::from(relative(&path))),
        });
        named.collect()
    }

    fn layers(&mut self, below: &str) -> Vec<FileId> {
        self.found(below).iter().filter_map(|path| self.run.whole(path)).collect()
    }

    /// What all services read: `global.conf` has options of other programs as well, so nothing in it is unknown.
    fn common(&mut self, role: &str) -> Vec<FileId> {
        let version = self.release.map_or("kolla-ansible".into(), |_| format!("kolla-ansible {}", self.major));
        let mut layers = vec![self.run.synthetic(&format!("{version}: role template"), role)];
        for path in self.found("global.conf") {
            let Some(id) = self.run.container(&path) else { continue };
            let text = self.run.text(id).to_vec();
            layers.push(self.run.synthetic(&relative(&path), text));
        }
        layers
    }

    fn deployments(&mut self, files: &[(Known, &Taken)]) {
        let hosts = self.hosts(files);
        let role = role::Role::new(self.major, &self.globals);
        let unseen = match role.is_certain {
            _ if self.is_base => Unseen::Everything,
            true => Unseen::Nothing,
            false => Unseen::Sections,
        };
        let list = self.shares(None);
        let mut own = self.layers("cinder.conf");
        own.extend(self.loose(files));
        let shared = own.len();
        own.extend(self.layers("cinder/cinder-volume.conf"));
        if !own.is_empty() || list.is_some() {
            // Where hosts have files of their own, one of them may complete what all have.
            let unseen = if hosts.is_empty() { unseen } else { Unseen::Everything };
            self.add(None, &role.text, &own, unseen, list);
        }
        for host in hosts.iter().map(String::as_str) {
            let mut layers = own.clone();
            layers.extend(self.layers(&format!("cinder/{host}/cinder.conf")));
            let list = self.shares(Some(host));
            self.add(Some(host), &role.text, &layers, unseen, list);
        }
        own.truncate(shared);
        for service in &SERVICES[1..] {
            let file = self.layers(&format!("cinder/{service}.conf"));
            if file.is_empty() {
                continue;
            }
            let role = if *service == "cinder-backup" { role::backup(&self.globals) } else { String::new() };
            let mut layers = self.common(&role);
            layers.extend(own.iter().chain(&file));
            let path = self.run.files().get(file[0]).relative.clone();
            let mut one = Assembled::new(Path::new(&path), &self.name(service), layers);
            // What backends say stands in the files of cinder-volume.
            one.unseen = Unseen::Everything;
            one.release = self.release;
            self.run.found.push(one);
        }
    }

    /// The hosts that have files of their own.
    fn hosts(&self, files: &[(Known, &Taken)]) -> BTreeSet<String> {
        let mut hosts: BTreeSet<String> =
            files.iter().filter_map(|(known, _)| paths::host_of(&known.below)).map(str::to_string).collect();
        for root in &self.roots {
            for folder in std::fs::read_dir(root.join("cinder")).into_iter().flatten().flatten() {
                let name = folder.file_name().to_string_lossy().into_owned();
                let has = |file: &str| folder.path().join(file).is_file();
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
        let root = self.roots.last().map(|root| relative(root)).unwrap_or_default();
        format!("{service} of {root}")
    }

    fn add(&mut self, host: Option<&str>, role: &str, own: &[FileId], unseen: Unseen, list: Option<FileId>) {
        let mut layers = self.common(role);
        layers.extend(own);
        let Some(last) = own.last().copied().or(list) else { return };
        let path = self.run.files().get(last).relative.clone();
        let on = host.map(|host| format!(" on {host}")).unwrap_or_default();
        let mut one = Assembled::new(Path::new(&path), &(self.name(SERVICES[0]) + &on), layers);
        one.unseen = unseen;
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

    /// Says of files that kolla-ansible does not read them.
    fn never_read(&mut self, files: &[(Known, &Taken)]) {
        for (known, one) in files {
            let mut facts = vec![("path", known.below.clone())];
            let kind = match &known.role {
                Role::Dead(read) => {
                    let mut folders = known.below.split('/').rev().skip(1);
                    let host = folders.find(|folder| paths::inventory_has(&known.root, folder) == Some(true));
                    facts.push(("read", host.map_or(read.clone(), |host| format!("cinder/{host}/cinder.conf"))));
                    "kolla-path"
                }
                Role::Host(host) if paths::inventory_has(&known.root, host) == Some(false) => {
                    facts.push(("host", host.clone()));
                    "kolla-host"
                }
                Role::Shares => {
                    let Some((kind, read)) = self.shares_problem(&known.below) else { continue };
                    facts.push(("read", read));
                    kind
                }
                _ => continue,
            };
            let is_list = known.role == Role::Shares;
            let id = if is_list { self.run.container(&one.path) } else { self.run.whole(&one.path) };
            let Some(id) = id else { continue };
            if let Role::Dead(_) = known.role {
                facts.push(("pair", (paths::is_taken_for_live(&known.below) && self.sets_pair(id)).to_string()));
            }
            let remark = Remark { kind, place: self.start(id), facts, ..Remark::default() };
            let name = self.run.files().get(id).relative.clone();
            let mut alone = Assembled::new(&one.path, &name, Vec::new());
            alone.remarks.push(remark);
            self.run.found.push(alone);
        }
    }

    /// Whether a file sets the NAS pair.
    fn sets_pair(&self, id: FileId) -> bool {
        let file = self.run.files().get(id);
        file.document.options.iter().any(|option| option.key.of(&file.text).starts_with(b"nas_secure_file_"))
    }

    /// Why a list of shares is not copied, and the path that is.
    fn shares_problem(&self, below: &str) -> Option<(&'static str, String)> {
        let order = paths::shares_paths(paths::host_of(below));
        if !order.iter().any(|path| path == below) {
            return Some(("kolla-shares-path", "cinder/nfs_shares".into()));
        }
        if copies_shares(self.major, &self.globals) == Some(false) {
            return Some(("kolla-shares-off", String::new()));
        }
        let first = order.iter().find(|path| !self.found(path).is_empty())?;
        (first != below).then(|| ("kolla-shares-order", first.clone()))
    }

    /// The first header of a file, or its first line that says something.
    fn start(&self, id: FileId) -> Place {
        let file = self.run.files().get(id);
        let header = file.document.sections.iter().find(|section| section.line > 0).map(|section| section.header);
        let first_line = || {
            let mut start = 0;
            for line in file.text.split_inclusive(|b| *b == b'\n') {
                let text = line.trim_ascii_end();
                if !text.is_empty() && !text.starts_with(b"#") {
                    return Span::new(start, start + text.len() as u32);
                }
                start += line.len() as u32;
            }
            Span::new(0, 0)
        };
        self.run.place(id, header.unwrap_or_else(first_line))
    }
}
