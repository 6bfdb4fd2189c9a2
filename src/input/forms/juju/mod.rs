//! Juju: bundles, overlays and files for `--config` with options of the charms of Cinder.
//!
//! The principal charm writes `config-flags` into `[DEFAULT]`; each subordinate charm that is related to it writes a section that is called
//! after its application (charm-cinder: `templates/*/cinder.conf`, `hooks/cinder_contexts.py`; charm-cinder-netapp, -ceph, -lvm,
//! -purestorage: `cinder_configuration`).

mod flags;

use self::flags::{flags, print};
use super::{
    super::yaml::{self, Document, Entry, Node},
    Assembled, Builder, Candidate, Form, Run, Taken, maps,
};
use crate::{
    catalog::{self, Release},
    ini::Span,
    source::{Unseen, map::Map},
    text::one_line,
};

/// See the module.
#[derive(Debug)]
pub(super) struct Juju;

/// What the principal charm's templates write whatever its options are.
const ADDED: &str = "[DEFAULT]\ntransport_url = {{ url }}\nauth_strategy = keystone\nglance_api_servers = {{ glance }}\n\
    state_path = /var/lib/cinder\nosapi_volume_workers = {{ workers }}\n[database]\nconnection = {{ connection }}\n\
    [oslo_concurrency]\nlock_path = /var/lock/cinder\n";

/// The drivers of subordinate charms; the value of `protocol` chooses where there are several.
const DRIVERS: [(&str, &str, &str); 7] = [
    ("cinder-netapp", "", "netapp.common.NetAppDriver"),
    ("cinder-ceph", "", "rbd.RBDDriver"),
    ("cinder-lvm", "", "lvm.LVMVolumeDriver"),
    ("cinder-purestorage", "iscsi", "pure.PureISCSIDriver"),
    ("cinder-purestorage", "fc", "pure.PureFCDriver"),
    ("cinder-purestorage", "nvme-roce", "pure.PureNVMEDriver"),
    ("cinder-purestorage", "nvme-tcp", "pure.PureNVMEDriver"),
];

/// Options of charms that Cinder calls otherwise.
const CALLED: [(&str, &str); 7] = [
    ("netapp-nfs-shares-config", "nfs_shares_config"),
    ("use-multipath", "use_multipath_for_image_xfer"),
    ("netapp-array-password", "netapp_sa_password"),
    ("rbd-pool-name", "rbd_pool"),
    ("use-image-cache", "image_volume_cache_enabled"),
    ("eradicate-on-delete", "pure_eradicate_on_delete"),
    ("allocation-type", "lvm_type"),
];

/// Options of the principal charm that become one of Cinder's in `[DEFAULT]`.
const IN_DEFAULT: [(&str, &str); 3] = [
    ("default-volume-type", "default_volume_type"),
    ("scheduler-default-filters", "scheduler_default_filters"),
    ("volume-usage-audit-period", "volume_usage_audit_period"),
];

/// The same in `[backend_defaults]`.
const FOR_BACKENDS: [(&str, &str); 3] = [
    ("image-volume-cache-enabled", "image_volume_cache_enabled"),
    ("image-volume-cache-max-size-gb", "image_volume_cache_max_size_gb"),
    ("image-volume-cache-max-count", "image_volume_cache_max_count"),
];

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
        let is_bundle = candidate.mentions(&["applications:", "services:"])
            && candidate.mentions(&["charm:", "options:"])
            && candidate.mentions(&["cinder:", "cinder-"]);
        let head = candidate.head();
        let of_bundle = || {
            let is_ours = |key: &str| key == "cinder" || key.starts_with("cinder-");
            ["applications", "services"].iter().any(|key| maps::has_child(head, key, is_ours))
        };
        if is_bundle && of_bundle() {
            return Some("it has applications of Juju, and Cinder's".into());
        }
        let of_charm = |name: &&str| maps::has_child(head, name, |key| SIGNS.contains(&key));
        let charm = ["cinder", "cinder-netapp", "cinder-ceph", "cinder-lvm", "cinder-purestorage"]
            .into_iter()
            .filter(|_| candidate.mentions(&SIGNS))
            .find(of_charm)?;
        Some(format!("it has options of the charm {charm}"))
    }

    fn read(&self, taken: &[Taken], run: &mut Run<'_>) {
        for one in taken {
            let Some(id) = run.container(&one.path) else { continue };
            let text = run.text(id).to_vec();
            let documents = yaml::read(&text);
            let file = run.files().get(id).relative.clone();
            let mut remarks: Vec<_> = maps::unreadable(id, &documents).collect();
            let before = run.found.len();
            for root in documents.iter().filter_map(|Document { root, .. }| root.as_ref()) {
                let model = Model::of(root);
                for (at, made) in model.made(&text).into_iter().enumerate() {
                    let added = run.synthetic("charm-cinder: the charm's templates", ADDED);
                    let layer = run.piece(id, made.text.0, made.text.1);
                    let name = made.name.map_or_else(|| file.clone(), |name| format!("{file}: {}", one_line(name)));
                    let mut whole = Assembled::new(&one.path, &name, vec![added, layer]);
                    whole.unseen = if model.is_bundle { Unseen::Sections } else { Unseen::Everything };
                    whole.release = model.release;
                    if at == 0 {
                        whole.remarks =
                            maps::lost(id, root, &[]).into_iter().filter(|_| model.is_small(root)).collect();
                    }
                    run.found.push(whole);
                }
            }
            if !remarks.is_empty() {
                let mut alone = Assembled::new(&one.path, &file, Vec::new());
                (alone.unseen, alone.remarks) = (Unseen::Everything, std::mem::take(&mut remarks));
                run.found.push(alone);
            } else if run.found.len() == before {
                run.left.push((one.path.clone(), "no option of Cinder's charms is set in it".into()));
            }
        }
    }
}

/// An application of a charm of Cinder.
struct Application<'n> {
    name: &'n Node,
    /// Of the charm; as the application, where nobody says.
    charm: String,
    options: Vec<&'n Entry>,
}

/// What a document says of Cinder.
struct Model<'n> {
    applications: Vec<Application<'n>>,
    /// The names of applications that are related, each list one relation.
    relations: Vec<Vec<&'n str>>,
    /// It says which charms there are.
    is_bundle: bool,
    release: Option<Release>,
}

/// What a principal charm writes.
struct Made<'n> {
    name: Option<&'n str>,
    text: (Vec<u8>, Map),
}

impl<'n> Model<'n> {
    fn of(root: &'n Node) -> Self {
        let bundle = root.get("applications").or_else(|| root.get("services"));
        let mut applications = Vec::new();
        let mut is_bundle = false;
        for entry in maps::entries(bundle.unwrap_or(root)) {
            let charm = entry.value.get("charm").map(Node::text);
            let charm = charm.map_or_else(|| entry.key.text().to_string(), |charm| name_of(charm).to_string());
            if charm != "cinder" && !charm.starts_with("cinder-") {
                continue;
            }
            is_bundle |= entry.value.get("charm").is_some();
            let options = if bundle.is_some() { entry.value.get("options") } else { Some(&entry.value) };
            let options = options.map(maps::entries).unwrap_or_default();
            applications.push(Application { name: &entry.key, charm, options });
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
        let release = release(root, &applications);
        Self { applications, relations, is_bundle, release }
    }

    /// Whether all of a document is about few applications: what stands twice in it is Cinder's.
    fn is_small(&self, root: &Node) -> bool {
        let all = root.get("applications").or_else(|| root.get("services")).unwrap_or(root);
        all.entries().len() <= self.applications.len()
    }

    /// What each principal charm writes, with the sections of the subordinate ones that are related to it.
    fn made(&self, source: &[u8]) -> Vec<Made<'n>> {
        let principals: Vec<&Application<'_>> = self.applications.iter().filter(|one| one.charm == "cinder").collect();
        let others = || self.applications.iter().filter(|one| one.charm != "cinder" && one.is_backend());
        let mut found = Vec::new();
        for principal in &principals {
            let related = others().filter(|one| self.is_related(principal, one)).collect::<Vec<_>>();
            if related.is_empty() && principal.options.is_empty() {
                continue;
            }
            let name = (principals.len() > 1).then(|| principal.name.text());
            found.push(Made { name, text: write(source, Some(principal), &related) });
        }
        let alone: Vec<&Application<'_>> = others().collect();
        if principals.is_empty() && !alone.is_empty() {
            found.push(Made { name: None, text: write(source, None, &alone) });
        }
        found
    }

    fn is_related(&self, one: &Application<'_>, other: &Application<'_>) -> bool {
        let has = |names: &&Vec<&str>| names.contains(&one.name.text()) && names.contains(&other.name.text());
        self.relations.is_empty() || self.relations.iter().any(|names| has(&names))
    }
}

impl Application<'_> {
    fn option(&self, name: &str) -> Option<&Entry> {
        self.options.iter().find(|entry| entry.key.text() == name).copied().filter(|entry| !entry.value.is_null())
    }

    /// Whether it brings a backend: charms for backups and databases are called after Cinder as well.
    fn is_backend(&self) -> bool {
        let is_known = DRIVERS.iter().any(|(charm, ..)| *charm == self.charm);
        is_known || !self.charm.contains("backup") && self.option("volume-backend-name").is_some()
    }

    /// The section that it writes.
    fn section(&self) -> String {
        let value = |name: &str| self.option(name).map(|entry| one_line(entry.value.text()).into_owned());
        if self.charm != "cinder-lvm" {
            return one_line(self.name.text()).into_owned();
        }
        value("volume-backend-name").unwrap_or_else(|| format!("LVM-{}", value("alias").unwrap_or_default()))
    }

    /// Writes its section.
    fn write(&self, builder: &mut Builder<'_>) {
        let at = self.name.span;
        builder.section_caused(&self.section(), at);
        let chosen = self.option("protocol").map_or("", |entry| entry.value.text());
        let driver = DRIVERS.iter().find(|(charm, of, _)| *charm == self.charm && (of.is_empty() || *of == chosen));
        let class = driver.map_or("{{ driver }}".into(), |(.., class)| format!("cinder.volume.drivers.{class}"));
        builder.option_caused("volume_driver", at, &class, at);
        if self.option("volume-backend-name").is_none() {
            builder.option_caused("volume_backend_name", at, &self.section(), at);
        }
        for entry in &self.options {
            let name = entry.key.text();
            let called = CALLED.iter().find(|(known, _)| *known == name).map(|(_, option)| (*option).to_string());
            let option = called.unwrap_or_else(|| name.replace('-', "_"));
            let is_option =
                catalog::options_named(&option).any(|row| row.is_of_drivers()) || option == "volume_backend_name";
            if is_option && !entry.value.is_null() {
                print(builder, &option, entry);
            }
        }
        if let Some(flags) = self.option("config-flags").and_then(|entry| entry.value.scalar()) {
            flags::flags(builder, flags);
        }
    }
}

/// What a principal charm writes for these subordinate ones.
fn write(source: &[u8], principal: Option<&Application<'_>>, others: &[&Application<'_>]) -> (Vec<u8>, Map) {
    let mut builder = Builder::generated(source);
    let mut names: Vec<String> = others.iter().map(|one| one.section()).collect();
    let at = principal.or(others.first().copied()).map_or(Span::default(), |one| one.name.span);
    let device = principal.and_then(|one| one.option("block-device"));
    let has_lvm = device.is_some_and(|entry| !entry.value.text().eq_ignore_ascii_case("none"));
    names.extend(has_lvm.then(|| "LVM".to_string()));
    builder.section_caused("DEFAULT", at);
    let text = principal.and_then(|one| one.option("config-flags")).and_then(|entry| entry.value.scalar());
    if let Some(text) = text {
        flags(&mut builder, text);
    }
    let own = |table: &'static [(&str, &'static str)]| {
        table.iter().filter_map(move |(name, option)| Some((*option, principal?.option(name)?)))
    };
    own(&IN_DEFAULT).for_each(|(option, entry)| print(&mut builder, option, entry));
    let list = if names.is_empty() { "{{ backends }}".to_string() } else { names.join(",") };
    builder.option_caused("enabled_backends", at, &list, at);
    let for_backends: Vec<(&str, &Entry)> = own(&FOR_BACKENDS).collect();
    if !for_backends.is_empty() {
        builder.section_caused("backend_defaults", at);
        for_backends.into_iter().for_each(|(option, entry)| print(&mut builder, option, entry));
    }
    if let Some(device) = device.filter(|_| has_lvm) {
        let at = device.key.span;
        builder.section_caused("LVM", at);
        builder.option_caused("volume_driver", at, "cinder.volume.drivers.lvm.LVMVolumeDriver", at);
        builder.option_caused("volume_backend_name", at, "LVM", at);
        builder.option_caused("volume_group", at, "{{ group }}", at);
    }
    others.iter().for_each(|one| one.write(&mut builder));
    builder.finish()
}

/// The name of a charm: `ch:cinder`, `cs:~openstack-charmers/bionic/cinder-319`, `../../cinder.charm`.
fn name_of(charm: &str) -> &str {
    let name = charm.trim().rsplit(['/', ':', ' ', '}']).next().unwrap_or_default();
    let name = name.strip_suffix(".charm").unwrap_or(name);
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
        for charm in ["ch:cinder", "cs:~openstack-charmers/bionic/cinder-319", "../../cinder.charm", "cinder"] {
            assert_eq!(name_of(charm), "cinder", "{charm}");
        }
        assert_eq!(name_of("ch:amd64/jammy/cinder-netapp-12"), "cinder-netapp");
    }
}
