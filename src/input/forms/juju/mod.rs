//! Juju: bundles, overlays and files for `--config` with options of the charms of Cinder.
//!
//! The principal charm writes `config-flags` into `[DEFAULT]`; each subordinate charm that is related to it writes a section that is called
//! after its application (charm-cinder: `templates/*/cinder.conf`, `hooks/cinder_contexts.py`; charm-cinder-netapp, -ceph, -lvm,
//! -purestorage: `cinder_configuration`).

mod files;
mod flags;
mod text;

use std::collections::{BTreeSet, HashMap, HashSet};

use self::{
    files::{BundleFile, applications, base_of},
    text::{DRIVERS, write},
};
use super::{
    super::yaml::{Entry, Node},
    Assembled, Builder, Candidate, Form, Label, Remark, Run, Taken, maps,
};
use crate::{
    catalog::Release,
    source::{FileId, Unseen, map::Map},
    text::one_line,
};

/// See the module.
#[derive(Debug)]
pub(super) struct Juju;

/// What the principal charm's templates write whatever its options are.
const ADDED: &str = "[DEFAULT]\ntransport_url = {{ url }}\nauth_strategy = keystone\nglance_api_servers = {{ glance }}\n\
    state_path = /var/lib/cinder\nosapi_volume_workers = {{ workers }}\n[database]\nconnection = {{ connection }}\n\
    [oslo_concurrency]\nlock_path = /var/lock/cinder\n";

/// Options that only charms of Cinder have, by which a file for `--config` is known.
const SIGNS: [&str; 6] = [
    "config-flags",
    "volume-backend-name",
    "block-device",
    "glance-api-version",
    "netapp-server-hostname",
    "rbd-pool-name",
];

impl Form for Juju {
    fn name(&self) -> &'static str {
        "juju"
    }

    fn title(&self) -> &'static str {
        "options of Juju's charms"
    }

    fn recognises(&self, candidate: &Candidate<'_>) -> Option<String> {
        if !candidate.is_yaml() || !candidate.mentions(&["cinder"]) {
            return None;
        }
        let is_bundle =
            candidate.mentions(&["applications:", "services:"]) && candidate.mentions(&["charm:", "options:"]);
        let head = candidate.head();
        let is_ours = |name: &str| name == "cinder" || name.starts_with("cinder-");
        // Applications may be called otherwise than their charms.
        let has_charm = || {
            let mut lines = head.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok());
            lines.any(|line| {
                let charm = line.trim().strip_prefix("charm:").map(|value| value.trim().trim_matches(['"', '\'']));
                charm.is_some_and(|charm| is_ours(name_of(charm)))
            })
        };
        let of_bundle =
            || ["applications", "services"].iter().any(|key| maps::has_child(head, key, is_ours)) || has_charm();
        if is_bundle && of_bundle() {
            return Some("it has applications of Juju, among them Cinder".into());
        }
        let of_charm = |name: &&str| maps::has_child(head, name, |key| SIGNS.contains(&key));
        let charm = ["cinder", "cinder-netapp", "cinder-ceph", "cinder-lvm", "cinder-purestorage"]
            .into_iter()
            .filter(|_| candidate.mentions(&SIGNS))
            .find(of_charm)?;
        Some(format!("it has options of the charm {charm}"))
    }

    fn read(&self, taken: &[Taken], run: &mut Run<'_>) {
        let mut files: Vec<BundleFile> = taken.iter().filter_map(|one| BundleFile::read(&one.path, run)).collect();
        files.sort_by(|one, other| one.path.cmp(&other.path));
        let overlays: Vec<(&BundleFile, &BundleFile)> =
            files.iter().filter_map(|one| Some((base_of(one, &files)?, one))).collect();
        let laid: HashSet<FileId> = overlays.iter().map(|(_, one)| one.id).collect();
        let bases: HashSet<FileId> = overlays.iter().map(|(base, _)| base.id).collect();
        // A bundle may be deployed without its overlays.
        let mut deployments: Vec<Vec<&BundleFile>> =
            files.iter().filter(|file| !laid.contains(&file.id)).map(|file| vec![file]).collect();
        deployments.extend(overlays.iter().map(|(base, one)| vec![*base, *one]));
        let mut held: HashSet<FileId> = HashSet::new();
        for of in deployments {
            let Some((base, last)) = of.first().zip(of.last()) else { continue };
            let before = run.found.len();
            for model in Model::all(&of) {
                let made: Vec<Made<'_>> = model.made(&of.iter().map(|file| &file.text[..]).collect::<Vec<_>>());
                for (at, made) in made.into_iter().enumerate() {
                    let mut layers = vec![run.synthetic("charm-cinder: the charm's templates", ADDED)];
                    layers.extend(of.iter().zip(made.texts).map(|(file, text)| run.piece(file.id, text.0, text.1)));
                    let name = made
                        .name
                        .map_or_else(|| last.name.clone(), |name| format!("{}: {}", last.name, one_line(name)));
                    let mut whole = Assembled::new(&base.path, &name, layers);
                    whole.unseen = if model.is_bundle { Unseen::Sections } else { Unseen::Everything };
                    whole.release = model.release;
                    let alone = || bases.contains(&base.id).then(|| format!("{} without overlays", base.name));
                    whole.label = if of.len() > 1 { Some(last.name.clone()) } else { alone() }.map(Label::OneOf);
                    if at == 0 {
                        let lost = of.iter().flat_map(|file| file.roots().map(|root| maps::lost(file.id, root, &[])));
                        whole.remarks = lost.flatten().filter(|_| model.is_small).collect();
                    }
                    run.found.push(whole);
                }
            }
            if run.found.len() > before {
                held.extend(of.iter().map(|file| file.id));
            }
        }
        for file in &files {
            let remarks: Vec<Remark> = maps::unreadable(file.id, &file.documents).collect();
            if !remarks.is_empty() {
                let mut alone = Assembled::new(&file.path, &file.name, Vec::new());
                (alone.unseen, alone.remarks) = (Unseen::Everything, remarks);
                run.found.push(alone);
            } else if !held.contains(&file.id) {
                run.left.push((file.path.clone(), "it sets no option of Cinder's charms".into()));
            }
        }
    }
}

/// An application of a charm of Cinder.
struct Application<'n> {
    name: &'n Node,
    /// Which file it is in first.
    file: usize,
    /// Of the charm; as the application, where nobody says.
    charm: String,
    /// With the file of each.
    options: Vec<(usize, &'n Entry)>,
}

/// What a document says of Cinder.
struct Model<'n> {
    applications: Vec<Application<'n>>,
    /// The names of applications that are related, each list one relation.
    relations: Vec<Vec<&'n str>>,
    /// It says which charms there are.
    is_bundle: bool,
    /// It is about few applications: what stands twice in it is Cinder's.
    is_small: bool,
    release: Option<Release>,
}

/// What a principal charm writes.
struct Made<'n> {
    name: Option<&'n str>,
    /// From each file.
    texts: Vec<(Vec<u8>, Map)>,
}

impl<'n> Model<'n> {
    /// What the documents of these files say: overlays are laid over the bundle, options for `--config` stand for themselves.
    fn all(files: &[&'n BundleFile]) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        for (at, file) in files.iter().enumerate() {
            for root in file.roots() {
                match found.first_mut().filter(|base| base.is_bundle && applications(root).is_some()) {
                    Some(base) => base.lay(Self::of(root, at, &base.applications)),
                    None => found.push(Self::of(root, at, &[])),
                }
            }
        }
        found
    }

    fn of(root: &'n Node, file: usize, known: &[Application<'n>]) -> Self {
        let bundle = applications(root);
        let mut charms: HashMap<&str, &str> = HashMap::new();
        for one in known {
            charms.entry(one.name.text()).or_insert(&one.charm);
        }
        let mut found = Vec::new();
        let mut is_bundle = false;
        for entry in maps::entries(bundle.unwrap_or(root)) {
            let name = entry.key.text();
            let before = || charms.get(name).map(|charm| (*charm).to_string());
            let said = entry.value.get("charm").map(|charm| name_of(charm.text()).to_string());
            let charm = said.or_else(before).unwrap_or_else(|| name.to_string());
            if charm != "cinder" && !charm.starts_with("cinder-") {
                continue;
            }
            is_bundle |= entry.value.get("charm").is_some();
            let options = if bundle.is_some() { entry.value.get("options") } else { Some(&entry.value) };
            let options = options.map(maps::entries).unwrap_or_default().into_iter().map(|one| (file, one)).collect();
            found.push(Application { name: &entry.key, file, charm, options });
        }
        let lists = ["relations", "integrations"].iter().filter_map(|key| root.get(key));
        let relations = lists.flat_map(|list| list.items()).map(|relation| {
            let mut names = Vec::new();
            let mut open = vec![relation];
            while let Some(node) = open.pop() {
                open.extend(node.items());
                names.extend(node.scalar().map(|text| text.text.split(':').next().unwrap_or_default()));
            }
            names
        });
        let relations = relations.collect();
        let release = release(root, &found);
        let is_small = bundle.unwrap_or(root).entries().len() <= found.len();
        Self { applications: found, relations, is_bundle, is_small, release }
    }

    /// Lays an overlay over it.
    fn lay(&mut self, over: Self) {
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (at, one) in self.applications.iter().enumerate() {
            places.entry(one.name.text()).or_insert(at);
        }
        for new in over.applications {
            match places.get(new.name.text()).and_then(|at| self.applications.get_mut(*at)) {
                Some(known) => {
                    known.charm = new.charm;
                    let names: HashSet<&str> = new.options.iter().map(|(_, one)| one.key.text()).collect();
                    known.options.retain(|(_, one)| !names.contains(one.key.text()));
                    known.options.extend(new.options);
                }
                None => {
                    places.insert(new.name.text(), self.applications.len());
                    self.applications.push(new);
                }
            }
        }
        self.relations.extend(over.relations);
        self.release = over.release.or(self.release);
        self.is_small &= over.is_small;
    }

    /// What each principal charm writes, with the sections of the subordinate ones that are related to it.
    fn made(&self, sources: &[&[u8]]) -> Vec<Made<'n>> {
        let write = |principal: Option<&Application<'_>>, others: &[&Application<'_>]| {
            let of = sources.iter().enumerate();
            of.map(|(file, source)| write(source, file, principal, others)).collect()
        };
        let principals: Vec<&Application<'_>> = self.applications.iter().filter(|one| one.charm == "cinder").collect();
        let others = self.applications.iter().filter(|one| one.charm != "cinder" && one.is_backend());
        let others: Vec<&Application<'_>> = others.collect();
        let places: HashMap<&str, usize> = others.iter().enumerate().map(|(at, one)| (one.name.text(), at)).collect();
        let mut relations: HashMap<&str, Vec<&Vec<&str>>> = HashMap::new();
        for names in &self.relations {
            names.iter().for_each(|name| relations.entry(name).or_default().push(names));
        }
        let mut found = Vec::new();
        for principal in &principals {
            let with = relations.get(principal.name.text()).into_iter().flatten();
            let with: BTreeSet<usize> =
                with.flat_map(|names| names.iter().filter_map(|name| places.get(name))).copied().collect();
            let related: Vec<&Application<'_>> = match self.relations.is_empty() {
                true => others.clone(),
                false => with.into_iter().map(|at| others[at]).collect(),
            };
            if related.is_empty() && principal.options.is_empty() {
                continue;
            }
            let name = (principals.len() > 1).then(|| principal.name.text());
            found.push(Made { name, texts: write(Some(principal), &related) });
        }
        if principals.is_empty() && !others.is_empty() {
            found.push(Made { name: None, texts: write(None, &others) });
        }
        found
    }
}

impl Application<'_> {
    fn option(&self, name: &str) -> Option<&Entry> {
        self.option_in(name, None)
    }

    /// The same, where it is set in this file.
    fn option_in(&self, name: &str, file: Option<usize>) -> Option<&Entry> {
        let found = self.options.iter().find(|(_, entry)| entry.key.text() == name);
        let (at, entry) = found.filter(|(_, entry)| !entry.value.is_null())?;
        file.is_none_or(|file| file == *at).then_some(*entry)
    }

    /// Whether it brings a backend: charms for backups and databases are called after Cinder as well.
    fn is_backend(&self) -> bool {
        let is_known = DRIVERS.iter().any(|(charm, ..)| *charm == self.charm);
        is_known || !self.charm.contains("backup") && self.option("volume-backend-name").is_some()
    }
}

/// The name of a charm: `ch:cinder`, `cs:~openstack-charmers/bionic/cinder-319`, `../../cinder.charm`.
fn name_of(charm: &str) -> &str {
    let name = charm.trim().rsplit(['/', ':', ' ', '}']).next().unwrap_or_default();
    let name = name.strip_suffix(".charm").unwrap_or(name);
    // `__PREFIX__cinder` is yet to be filled in; `cinder_ubuntu-22.04-amd64.charm` is how charmcraft calls it.
    let name = name.rsplit("__").next().unwrap_or(name);
    let name = name.split('_').next().unwrap_or(name);
    match name.rsplit_once('-') {
        Some((stem, number)) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => stem,
        _ => name,
    }
}

/// The release that the principal charm installs: `openstack-origin`, or what the series has.
fn release(root: &Node, applications: &[Application<'_>]) -> Option<Release> {
    let principal = applications.iter().find(|one| one.charm == "cinder")?;
    let origin = principal.option("openstack-origin")?.value.text().trim();
    match origin {
        "distro" => root.get("series")?.text().trim().parse().ok(),
        // Others are addresses of archives, and names of proposals.
        _ if origin.starts_with("cloud:") => origin.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_charms() {
        for charm in [
            "ch:cinder",
            "cs:~openstack-charmers/bionic/cinder-319",
            "../../cinder.charm",
            "./cinder_ubuntu-22.04-amd64.charm",
            "__CHARM_STORE____PREFIX__cinder",
            "cinder",
        ] {
            assert_eq!(name_of(charm), "cinder", "{charm}");
        }
        assert_eq!(name_of("ch:amd64/jammy/cinder-netapp-12"), "cinder-netapp");
    }
}
