//! Variables of OpenStack-Ansible: `cinder_backends`, for all hosts or for each, and `cinder_cinder_conf_overrides`.
//!
//! The role prints each map of `cinder_backends` as a section and names them all in `enabled_backends`; what the overrides
//! say comes last (openstack-ansible-os_cinder: `templates/cinder.conf.j2`, `tasks/cinder_post_install.yml`).

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

use super::{
    super::yaml::{self, Entry, Kind, Node},
    Assembled, Builder, Candidate, Form, Label, Run, Taken,
    maps::{self, JINJA, Lines, PYTHON, Part},
};
use crate::{
    catalog::Release,
    ini::Span,
    input::forms::Remark,
    source::{FileId, Place, Unseen},
    text::one_line,
};

/// See the module.
#[derive(Debug)]
pub(super) struct OpenStackAnsible;

const BACKENDS: &str = "cinder_backends";
const OVERRIDES: &str = "cinder_cinder_conf_overrides";
/// What is installed: `stable/2024.1`, or a commit.
const BRANCH: &str = "cinder_git_install_branch";
/// What the inventory reads below a host.
const CONTAINER_VARS: &str = "container_vars";
/// A variable of old releases (until Liberty), which nothing reads any more.
const CLIENT: &str = "cinder_nfs_client";
/// Keys of a backend that the template leaves out.
const NOT_PRINTED: [&str; 2] = ["extra_volume_types", "shares"];
/// How many hosts are named.
const SHOWN: usize = 5;
const INVENTORY: &str = "openstack_inventory.json";

/// What the role's template says whatever the variables are, and rules would miss.
const ADDED: &str = "transport_url = {{ rabbit }}\nmy_ip = {{ ip }}\ntarget_helper = {{ helper }}\n\
    target_ip_address = {{ ip }}\nstorage_availability_zone = {{ zone }}\n\
    [backend_defaults]\ntarget_helper = {{ helper }}\n[database]\nconnection = {{ connection }}\n";

impl Form for OpenStackAnsible {
    fn name(&self) -> &'static str {
        "openstack-ansible"
    }

    fn title(&self) -> &'static str {
        "variables of OpenStack-Ansible"
    }

    fn recognises(&self, candidate: &Candidate<'_>) -> Option<String> {
        let name = candidate.name();
        let variables = candidate.is_yaml() || name.contains(".yml.") || name.contains(".yaml.") || name == INVENTORY;
        if !variables || !candidate.mentions(&[BACKENDS, OVERRIDES]) {
            return None;
        }
        // kolla's `cinder_backends` is a list.
        let is_map = |key: &&&str| maps::has_child(candidate.head(), key, |child| !child.starts_with('-'));
        let key = [BACKENDS, OVERRIDES].iter().find(is_map)?;
        Some(format!("it has the map {key}, a variable of OpenStack-Ansible"))
    }

    fn read(&self, taken: &[Taken], run: &mut Run<'_>) {
        let all: Vec<Variables> = taken.iter().filter_map(|one| Variables::read(&one.path, run)).collect();
        // The names of all backends of a cloud.
        let mut clouds: HashMap<&Path, HashSet<&str>> = HashMap::new();
        for variables in &all {
            for (_, backends) in variables.backends() {
                let names = maps::entries(backends).into_iter().map(|one| one.key.text());
                clouds.entry(&variables.root).or_default().extend(names);
            }
        }
        // Of the same cloud, whatever file says it.
        let release = |root: &Path| all.iter().filter(|one| one.root == root).find_map(Variables::release);
        for variables in &all {
            let near = || all.iter().filter(|other| other.root == variables.root);
            if variables.is_inventory() && near().any(|other| !other.is_inventory()) {
                let why = "the inventory is made from the files in the same folder, which are read instead";
                run.left.push((variables.path.clone(), why.into()));
                continue;
            }
            let of_any = clouds.get(variables.root.as_path());
            let mut remarks = variables.remarks();
            // The hosts that have the same: it is read once, and said of all.
            let mut seen: HashMap<String, Vec<&str>> = HashMap::new();
            let maps = variables.backends();
            for (host, backends) in &maps {
                seen.entry(variables.as_text(backends)).or_default().extend(host);
            }
            let mut known: HashSet<String> = HashSet::new();
            for (host, backends) in maps {
                let text = variables.as_text(backends);
                let Some(hosts) = seen.get(&text).filter(|_| known.insert(text.clone())) else { continue };
                let mut one = variables.assemble(host, backends, run);
                if hosts.len() > 1 {
                    let words = several(hosts);
                    one.name = format!("{}: {words}", run.files().get(variables.id).relative);
                    one.label = Some(Label::Equal(words));
                }
                // What is said of another host's backend is not for this one.
                let wanted =
                    |name: &str| backends.get(name).is_some() || !of_any.is_some_and(|names| names.contains(name));
                one.layers.extend(near().filter_map(|other| other.overrides(&wanted, run)).collect::<Vec<_>>());
                one.remarks.append(&mut remarks);
                one.release = release(&variables.root);
                run.found.push(one);
            }
            let mut rest = Assembled::new(&variables.path, &run.files().get(variables.id).relative.clone(), Vec::new());
            rest.unseen = Unseen::Everything;
            rest.remarks = remarks;
            rest.release = release(&variables.root);
            if variables.overrides_map().is_some() && of_any.is_none() {
                rest.layers = near().filter_map(|other| other.overrides(&|_| true, run)).collect();
            }
            if !rest.layers.is_empty() || !rest.remarks.is_empty() {
                run.found.push(rest);
            } else if seen.is_empty() && variables.overrides_map().is_none() {
                run.left.push((variables.path.clone(), "none of its cinder_backends has a section".into()));
            }
        }
    }
}

/// One file of variables.
struct Variables {
    path: PathBuf,
    /// The folder of all variables of a cloud.
    root: PathBuf,
    id: FileId,
    text: Vec<u8>,
    documents: Vec<yaml::Document>,
}

impl Variables {
    fn read(path: &Path, run: &mut Run<'_>) -> Option<Self> {
        let id = run.container(path)?;
        let text = run.text(id).to_vec();
        let documents = yaml::read(&text);
        let mut root = path.parent().unwrap_or(Path::new(""));
        let within = |root: &Path| {
            let named =
                |path: &Path| path.file_name().is_some_and(|n| n == "group_vars" || n == "host_vars" || n == "conf.d");
            root.ancestors().take(2).find(|path| named(path)).and_then(Path::parent).map(Path::to_path_buf)
        };
        let outer = within(root);
        root = outer.as_deref().unwrap_or(root);
        Some(Self { path: path.to_path_buf(), root: root.to_path_buf(), id, text, documents })
    }

    fn root(&self) -> Option<&Node> {
        self.documents.first()?.root.as_ref()
    }

    /// The release of the branch from which Cinder is installed.
    fn release(&self) -> Option<Release> {
        self.root()?.get(BRANCH)?.text().trim().trim_end_matches("-eol").parse().ok()
    }

    /// Every map of backends, with the host that it is for.
    fn backends(&self) -> Vec<(Option<&str>, &Node)> {
        let mut found = Vec::new();
        let mut open: Vec<(Option<&str>, &Node)> = self.root().map(|root| (None, root)).into_iter().collect();
        while let Some((host, node)) = open.pop() {
            for entry in maps::entries(node).into_iter().rev() {
                let key = entry.key.text();
                if self.is_read_by_nobody(node, key) {
                    continue;
                }
                if key == BACKENDS && maps::entries(&entry.value).iter().any(|one| is_section(one)) {
                    found.push((host, &entry.value));
                } else {
                    // `storage_hosts: HOST: container_vars:`, `hostvars: HOST:`
                    let inner = matches!(key, "container_vars" | "hostvars" | "_meta" | "host_vars");
                    open.push((if inner { host } else { Some(key) }, &entry.value));
                }
            }
        }
        if found.len() == 1 && self.root().is_some_and(|root| root.get(BACKENDS).is_some()) {
            found.iter_mut().for_each(|(host, _)| *host = None);
        }
        found.sort_by_key(|(_, node)| node.span.start);
        found
    }

    /// `container_vars` is a word of the dynamic inventory: below a host of `openstack_user_config.yml` and `conf.d`. In a file of
    /// variables it is one more variable, which nothing reads.
    fn is_read_by_nobody(&self, around: &Node, key: &str) -> bool {
        let name = self.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_top = self.root().is_some_and(|root| root.span == around.span);
        key == CONTAINER_VARS && is_top && name.starts_with("user_") && !name.starts_with("user_config")
    }

    fn is_inventory(&self) -> bool {
        self.path.ends_with(INVENTORY)
    }

    fn overrides_map(&self) -> Option<&Node> {
        self.root()?.get(OVERRIDES).filter(|map| is_map(map))
    }

    /// The layer that comes last.
    fn overrides(&self, wanted: &dyn Fn(&str) -> bool, run: &mut Run<'_>) -> Option<FileId> {
        let sections = self.overrides_map()?;
        let mut builder = Builder::of_any_section(&self.text);
        for entry in maps::entries(sections).into_iter().filter(|entry| wanted(entry.key.text())) {
            maps::section(&mut builder, entry, PYTHON, &|_, _| false);
        }
        let (text, map) = builder.finish();
        Some(run.piece(self.id, text, map))
    }

    /// What a map of backends says, but for addresses.
    fn as_text(&self, backends: &Node) -> String {
        without_addresses(&String::from_utf8_lossy(&self.sections(backends).0.finish().0))
    }

    /// The sections of a map of backends, and their names.
    fn sections<'s>(&'s self, backends: &'s Node) -> (Builder<'s>, Vec<&'s str>) {
        let mut builder = Builder::new(&self.text);
        let mut names: Vec<&str> = Vec::new();
        for entry in maps::entries(backends).into_iter().filter(|entry| is_section(entry)) {
            names.push(entry.key.text());
            maps::section(&mut builder, entry, JINJA, &|_, option| NOT_PRINTED.contains(&option.key.text()));
        }
        (builder, names)
    }

    fn assemble(&self, host: Option<&str>, backends: &Node, run: &mut Run<'_>) -> Assembled {
        let file = run.files().get(self.id).relative.clone();
        let name = host.map_or_else(|| file.clone(), |host| format!("{file}: {}", one_line(host)));
        let mut assembled = Assembled::new(&self.path, &name, Vec::new());
        let (builder, mut names) = self.sections(backends);
        for entry in maps::entries(backends).into_iter().filter(|entry| is_section(entry)) {
            if let Some(path) = entry.value.get("nfs_shares_config")
                && let Some(list) = self.shares(&entry.value, run)
            {
                assembled.shares.push((Some(path.text().to_string()), list));
            }
        }
        names.sort_by_key(|name| name.to_lowercase());
        let added = format!("[DEFAULT]\nenabled_backends = {}\n{ADDED}", names.join(","));
        let (text, map) = builder.finish();
        assembled.layers.push(run.synthetic("openstack-ansible: the role's template", added));
        assembled.layers.push(run.piece(self.id, text, map));
        assembled.unseen = Unseen::Sections;
        assembled
    }

    /// The list of shares that the role writes.
    fn shares(&self, backend: &Node, run: &mut Run<'_>) -> Option<FileId> {
        let mut lines = Lines::default();
        for share in backend.get("shares")?.items() {
            if let (Some(ip), Some(path)) = (share.get("ip"), share.get("share"))
                && let (Some(host), Some(export)) = (ip.scalar(), path.scalar())
            {
                lines.line([
                    Part::Of(host),
                    Part::Sign(":", Span::new(ip.span.end, path.span.start)),
                    Part::Of(export),
                ]);
            }
        }
        lines.finish(run, self.id)
    }

    fn remarks(&self) -> Vec<Remark> {
        let mut found: Vec<Remark> = maps::unreadable(self.id, &self.documents).collect();
        if let Some(root) = self.root() {
            let mut open = vec![root];
            while let Some(node) = open.pop() {
                for entry in maps::entries(node) {
                    open.push(&entry.value);
                    let kind = match entry.key.text() {
                        key if self.is_read_by_nobody(node, key) && entry.value.get(BACKENDS).is_some() => {
                            "osa-container-vars"
                        }
                        CLIENT => "osa-dead-key",
                        _ => continue,
                    };
                    let place = Place { file: self.id, span: entry.key.span };
                    found.push(Remark { kind, place, ..Remark::default() });
                }
            }
            let maps = self.backends();
            for (section, option) in maps.iter().flat_map(|(_, map)| sections(map)) {
                if let (true, Some(printed)) = (option.value.scalar().is_none(), maps::python(&option.value)) {
                    found.push(Remark {
                        kind: "printed-as-python",
                        place: Place { file: self.id, span: option.key.span },
                        section: Some(section.key.text().to_string()),
                        option: Some(option.key.text().to_string()),
                        facts: vec![("printed", one_line(&printed).into_owned())],
                        ..Remark::default()
                    });
                }
            }
            found.extend(maps::lost(self.id, root, &[BACKENDS]));
            found.extend(maps::lost(self.id, root, &[OVERRIDES]));
            // For each host.
            let of_hosts = self.backends().into_iter().filter(|(host, _)| host.is_some());
            let of_hosts: Vec<Remark> = of_hosts.flat_map(|(_, node)| maps::lost(self.id, node, &[])).collect();
            found.extend(of_hosts);
        }
        found
    }
}

/// The options that the template prints, each with its section.
fn sections(backends: &Node) -> impl Iterator<Item = (&Entry, &Entry)> {
    let sections = maps::entries(backends).into_iter().filter(|entry| is_section(entry));
    let printed = |entry: &&Entry| !NOT_PRINTED.contains(&entry.key.text());
    sections.flat_map(move |section| {
        maps::entries(&section.value).into_iter().filter(printed).map(move |one| (section, one))
    })
}

/// Names of hosts: `a, b, c, … (7 hosts)`.
fn several(hosts: &[&str]) -> String {
    let names: Vec<_> = hosts.iter().take(SHOWN).map(|host| one_line(host)).collect();
    let more = if hosts.len() > SHOWN { format!(", … ({} hosts)", hosts.len()) } else { String::new() };
    format!("{}{more}", names.join(", "))
}

/// Old releases have the client of NFS among the backends.
fn is_section(entry: &Entry) -> bool {
    is_map(&entry.value) && entry.key.text() != CLIENT
}

fn is_map(node: &Node) -> bool {
    matches!(node.kind, Kind::Mapping(_))
}

/// A text with a sign for each IPv4 address, by which the hosts of a cloud differ.
fn without_addresses(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_digit() || c == '.';
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, number) = rest.split_at(start);
        let end = number.find(|c| !is_part(c)).unwrap_or(number.len());
        shown.push_str(before);
        shown.push_str(if number[..end].parse::<std::net::Ipv4Addr>().is_ok() { "<address>" } else { &number[..end] });
        rest = &number[end..];
    }
    shown + rest
}
