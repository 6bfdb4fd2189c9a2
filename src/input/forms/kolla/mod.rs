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
    globals::{Globals, State},
    paths::{Known, Role, SERVICES},
    role::copies_shares,
};
use super::{Assembled, Candidate, Form, Run, Taken};
use crate::{
    catalog::Release,
    ini::Span,
    input::forms::Remark,
    source::{FileId, Place, Unseen, absolute, relative},
    text::one_line,
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
        if paths::is_variables(candidate) {
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
        let given: HashMap<PathBuf, PathBuf> =
            taken.iter().map(|one| (absolute(&one.path), one.path.clone())).collect();
        let mut variables: BTreeMap<PathBuf, &Taken> = BTreeMap::new();
        for one in taken {
            let candidate = match run.given_text(&one.path) {
                Some(text) => Candidate::with_text(&one.path, text),
                None => Candidate::new(&one.path),
            };
            if let Some(known) = paths::known(&candidate) {
                overrides.entry(known.root.clone()).or_default().push((known, one));
            } else if paths::is_variables(&candidate) {
                variables.insert(absolute(&one.path), one);
            } else {
                let root = absolute(&one.path).parent().map(Path::to_path_buf).unwrap_or_default();
                let below = one.path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_string();
                let known = Known { root: root.clone(), below, role: Role::Live };
                overrides.entry(root).or_default().push((known, one));
            }
        }
        let is_file = |path: &Path| given.contains_key(path) || path.is_file();
        let mut sites: Vec<Site> = Vec::new();
        for (root, files) in overrides {
            let roots = roots(&root);
            sites.extend(globals::sets(&roots, &is_file).into_iter().map(|set| Site::new(&roots, set, &files)));
        }
        for path in variables.keys() {
            let is_read = |sites: &[Site]| sites.iter().any(|site| site.variables.iter().any(|one| one.path == *path));
            if is_read(&sites) {
                continue;
            }
            let roots = roots(&paths::root_of_variables(path));
            let sets = globals::sets(&roots, &is_file);
            let with_it = sets.into_iter().filter(|set| set.iter().any(|one| one.path == *path));
            sites.extend(with_it.map(|set| Site::new(&roots, set, &[])));
            if !is_read(&sites) {
                let alone = globals::Variables { path: path.clone(), is_osism: false };
                sites.push(Site::new(&roots, vec![alone], &[]));
            }
        }
        let bases: BTreeSet<PathBuf> =
            sites.iter().filter(|site| site.roots.len() > 1).map(|site| site.roots[0].clone()).collect();
        let mut silent: BTreeMap<PathBuf, bool> = BTreeMap::new();
        for site in sites {
            let before = run.found.len();
            let asked = |path: &Path| given.get(path).cloned().unwrap_or_else(|| PathBuf::from(relative(path)));
            let globals = Globals::read(&site.variables, &asked, run);
            let release = globals.release();
            let major = release.unwrap_or(Release::NEWEST).index().max(4);
            let is_base = site.roots.last().is_some_and(|root| bases.contains(root)) && site.roots.len() == 1;
            let version = release.map_or("kolla-ansible".into(), |_| format!("kolla-ansible {major}"));
            let role = role::Role::new(major, &globals);
            let layers = role.layers(&version, &globals, run);
            let visible = site.roots.iter().any(|root| root.is_dir()) || !site.overrides.is_empty();
            let Site { roots, variables, overrides } = site;
            let mut tree = Tree {
                roots,
                variables: &variables,
                globals,
                release,
                major,
                version,
                role,
                layers,
                is_base,
                visible,
                given: &given,
                run,
            };
            tree.deployments(&overrides);
            tree.never_read(&overrides);
            tree.remarks(before);
            let any = tree.run.found.len() > before;
            for one in &variables {
                *silent.entry(one.path.clone()).or_default() |= any;
            }
        }
        for (path, one) in variables {
            // Whoever names a file has had it read: that nothing is to be said of it is the answer.
            if silent.get(&path) == Some(&false) && !one.named {
                run.left.push((one.path.clone(), "Cinder is not enabled in it".into()));
            }
        }
    }
}

/// A cloud: its folders of overrides, its variables, and the overrides that were asked for.
struct Site<'t> {
    roots: Vec<PathBuf>,
    variables: Vec<globals::Variables>,
    overrides: Vec<(Known, &'t Taken)>,
}

impl<'t> Site<'t> {
    fn new(roots: &[PathBuf], variables: Vec<globals::Variables>, overrides: &[(Known, &'t Taken)]) -> Self {
        Self { roots: roots.to_vec(), variables, overrides: overrides.to_vec() }
    }
}

/// A folder of overrides, after the one that it is merged over.
fn roots(root: &Path) -> Vec<PathBuf> {
    base_of(root).into_iter().chain([root.to_path_buf()]).collect()
}

/// The overrides that those of an environment of kayobe are merged over.
fn base_of(root: &Path) -> Option<PathBuf> {
    // `etc/kayobe/environments/NAME/kolla/config`
    let environments = root.ancestors().nth(3)?;
    let kayobe = environments.parent()?;
    let base = kayobe.join("kolla/config");
    (environments.ends_with("environments") && (base.is_dir() || kayobe.join("kolla.yml").is_file())).then_some(base)
}

/// The overrides of one cloud.
struct Tree<'t, 'r> {
    /// With an environment of kayobe two: that counts last which counts most.
    roots: Vec<PathBuf>,
    variables: &'t [globals::Variables],
    globals: Globals,
    release: Option<Release>,
    /// Of kolla-ansible: it counts OpenStack's releases from Ocata (4) on.
    major: u8,
    /// What the role is called.
    version: String,
    role: role::Role,
    /// What the role writes for cinder-volume.
    layers: Vec<FileId>,
    /// Environments of kayobe may add to these.
    is_base: bool,
    /// The folder of overrides is there.
    visible: bool,
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

    fn overrides(&mut self, below: &str) -> Vec<FileId> {
        self.found(below).iter().filter_map(|path| self.run.whole(path)).collect()
    }

    /// What all services read: `global.conf` has options of other programs as well, so nothing in it is unknown.
    fn common(&mut self, role: &[FileId]) -> Vec<FileId> {
        let mut layers = role.to_vec();
        for path in self.found("global.conf") {
            let Some(id) = self.run.container(&path) else { continue };
            let text = self.run.text(id).to_vec();
            layers.push(self.run.synthetic(&relative(&path), text));
        }
        layers
    }

    fn deployments(&mut self, files: &[(Known, &Taken)]) {
        let hosts = self.hosts(files);
        let unseen = match self.role.is_certain {
            _ if self.is_base => Unseen::Everything,
            true if self.visible => Unseen::Nothing,
            // Overrides may lie in another repository, or on the host that deploys.
            _ => Unseen::Sections,
        };
        let is_deployed = self.globals.deploys_cinder();
        let list = self.shares(None);
        let mut own = self.overrides("cinder.conf");
        own.extend(self.loose(files));
        let shared = own.len();
        own.extend(self.overrides("cinder/cinder-volume.conf"));
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
            let says = ["cinder_backup_driver", "cinder_backup_share"].iter().any(|name| self.globals.is_given(name));
            let is_off = self.globals.is_given("enable_cinder_backup")
                && self.globals.state("enable_cinder_backup") == State::Off;
            if file.is_empty() && !(is_backup && is_deployed && says && !is_off) {
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
            one.release = self.release;
            self.run.found.push(one);
        }
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
        role::Role::backup(self.major, &self.globals).layers(&self.version, &self.globals, self.run)
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
        if let Some(cause) = self.globals.cause("enable_cinder").filter(|_| !enables && !has_hosts) {
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
    fn remarks(&mut self, since: usize) {
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
        let root = self.roots.last().filter(|_| self.visible).map(|root| relative(root));
        let variables = || self.variables.last().map(|one| relative(&one.path));
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
