//! Custom resources of the OpenStack operators (openstack-k8s-operators): a spec of Cinder in an OpenStackControlPlane, a Cinder, a
//! patch, or the values of a kustomization, with the Secrets that its services read beside it.
//!
//! Each service reads `/etc/cinder/cinder.conf.d`: `00` and `01` are the operator's own, `02` is `customServiceConfig` of all services, `03`
//! that of the service, `04` its Secrets. Whatever is read may be a patch, so further sections are possible everywhere.

mod operator;
mod resources;

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

use self::{
    operator::Backends,
    resources::{Custom, Resources, Service, Store},
};
use super::{Assembled, Candidate, Form, Run, Taken};
use crate::{
    catalog::{self, Release},
    config::{Place, Unseen},
    input::{FileId, yaml::Text},
    lint::Remark,
};

/// See the module.
#[derive(Debug)]
pub(super) struct CustomResource;

/// What marks a section as a backend's.
const MARKS: [&str; 4] = ["volume_driver", "nas_host", "nas_share_path", "nfs_shares_config"];

impl Form for CustomResource {
    fn name(&self) -> &'static str {
        "custom-resource"
    }

    fn title(&self) -> &'static str {
        "custom resources of the OpenStack operators"
    }

    fn recognises(&self, candidate: &Candidate<'_>) -> Option<String> {
        let base = candidate.base_name();
        // Dumps of the cluster have names of all kinds.
        if !candidate.is_yaml() && base.contains('.') || candidate.mentions(&["kind: CustomResourceDefinition"]) {
            return None;
        }
        let services = ["cinderVolumes", "cinderBackup", "cinderAPI", "cinderScheduler", "kind: Cinder", "cinder:", "/cinder/"];
        if candidate.mentions(&["customServiceConfig"]) && candidate.mentions(&services) {
            return Some("it has customServiceConfig, and services of Cinder".into());
        }
        let is_secret = candidate.mentions(&["kind: Secret", "\"kind\": \"Secret\""]);
        (is_secret && candidate.mentions(&["cinder"])).then(|| "it is a Secret, and speaks of cinder".into())
    }

    fn read(&self, taken: &[Taken], run: &mut Run<'_>) {
        let mut sources = Vec::new();
        for one in taken {
            let Some(file) = run.container(&one.path) else { continue };
            let resources = resources::read(run.text(file));
            run.hide(file, resources.hidden.iter().copied());
            sources.push(Source { path: one.path.clone(), file, resources });
        }
        let mut assembly = Assembly { sources: &sources, pieces: HashMap::new(), users: HashMap::new(), run };
        let mut held = vec![false; sources.len()];
        for (at, source) in sources.iter().enumerate() {
            for nth in 0..source.resources.specs.len() {
                held[at] |= assembly.spec(at, nth);
            }
        }
        let found = assembly.sections_of_secrets();
        let used: HashSet<Entry> = assembly.users.keys().copied().collect();
        for (at, source) in sources.iter().enumerate() {
            for (nth, store) in source.resources.stores.iter().enumerate() {
                for (key, (name, text)) in store.entries.iter().enumerate() {
                    let entry = (at, nth, key);
                    let ours = store.name.contains("cinder") || name.contains("cinder");
                    if used.contains(&entry) || ours && resources::is_configuration(&text.text) {
                        held[at] = true;
                    }
                    if ours && !used.contains(&entry) && resources::is_configuration(&text.text) {
                        let piece = assembly.piece(entry);
                        // Which service reads it is not known, nor what else that reads.
                        let mut alone = Assembled::new(&source.path, &format!("{} {name}", store.name), vec![piece]);
                        alone.unseen = Unseen::Everything;
                        alone.release = release();
                        assembly.run.found.push(alone);
                    }
                }
            }
        }
        for (index, remarks) in found {
            if let Some(assembled) = assembly.run.found.get_mut(index) {
                assembled.remarks.extend(remarks);
            }
        }
        for (source, held) in sources.iter().zip(held) {
            if !held {
                let why = match &source.resources.error {
                    Some(why) => format!("its YAML cannot be read: {why}"),
                    None => "no configuration of Cinder stands in it".to_string(),
                };
                run.left.push((source.path.clone(), why));
            }
        }
    }
}

fn release() -> Option<Release> {
    operator::RELEASE.parse().ok()
}

/// A file.
struct Source {
    path: PathBuf,
    file: FileId,
    resources: Resources,
}

/// One value of a Secret or ConfigMap: which file, which of its stores, which value.
type Entry = (usize, usize, usize);

/// A service that reads a value: its deployment in `run.found`, the layer with its own text, and its name.
struct User {
    found: usize,
    own: Option<FileId>,
    name: String,
}

struct Assembly<'s, 'r, 'f> {
    sources: &'s [Source],
    pieces: HashMap<Entry, FileId>,
    users: HashMap<Entry, Vec<User>>,
    run: &'r mut Run<'f>,
}

impl Assembly<'_, '_, '_> {
    /// Puts the services of a spec together; whether there is anything of them.
    fn spec(&mut self, at: usize, nth: usize) -> bool {
        let source = &self.sources[at];
        let spec = &source.resources.specs[nth];
        let global = spec.global.as_ref().filter(|text| is_text(text));
        let global = global.map(|text| self.run.piece(source.file, text.text.as_bytes(), (*text.map).clone()));
        let before = self.run.found.len();
        for custom in &spec.services {
            self.service(at, nth, custom, global);
        }
        if let Some(global) = global.filter(|_| before == self.run.found.len()) {
            let mut all = Assembled::new(&source.path, "all services", Vec::new());
            all.layers = vec![self.synthetic(operator::GLOBAL_DEFAULTS), global];
            all.unseen = Unseen::Sections;
            all.release = release();
            self.run.found.push(all);
        }
        before < self.run.found.len()
    }

    fn service(&mut self, at: usize, nth: usize, custom: &Custom, global: Option<FileId>) {
        let source = &self.sources[at];
        let own = custom.config.as_ref().filter(|text| is_text(text));
        let (entries, complete) = self.secrets(at, nth, custom);
        if own.is_none() && entries.is_empty() && (global.is_none() || custom.service != Service::Volume) {
            return;
        }
        let mut layers = vec![self.synthetic(operator::GLOBAL_DEFAULTS)];
        match custom.service {
            Service::Volume => layers.push(self.synthetic(operator::VOLUME_DEFAULTS)),
            Service::Backup => layers.push(self.synthetic(operator::BACKUP_DEFAULTS)),
            Service::Api | Service::Scheduler => {}
        }
        layers.extend(global);
        let backends = match own {
            Some(text) if custom.service == Service::Volume => operator::backends(&text.text),
            _ => Backends::Written,
        };
        if let Backends::Added(names) = &backends
            && !names.is_empty()
        {
            let text = format!("[DEFAULT]\nenabled_backends = {}\n", names.join(","));
            layers.push(self.run.synthetic(operator::ENABLED_BACKENDS, text));
        }
        let own = own.map(|text| self.run.piece(source.file, text.text.as_bytes(), (*text.map).clone()));
        layers.extend(own);
        let found = self.run.found.len();
        let secrets: Vec<FileId> = entries.iter().map(|entry| self.piece(*entry)).collect();
        layers.extend(&secrets);
        for entry in entries {
            let user = User { found, own, name: custom.name.clone() };
            self.users.entry(entry).or_default().push(user);
        }
        let mut assembled = Assembled::new(&source.path, &custom.name, layers);
        // A text that something else fills in may say anything.
        let whole = custom.config.as_ref().is_none_or(|text| is_text(text) || is_nothing(text));
        assembled.unseen = if complete && whole { Unseen::Sections } else { Unseen::Everything };
        assembled.release = release();
        if let Backends::Added(names) = backends {
            assembled.remarks = self.never_enabled(custom, &names, global, own, &secrets, complete);
        }
        self.run.found.push(assembled);
    }

    fn synthetic(&mut self, (name, text): (&str, &str)) -> FileId {
        self.run.synthetic(name, text)
    }

    /// The layer of a value.
    fn piece(&mut self, entry: Entry) -> FileId {
        if let Some(piece) = self.pieces.get(&entry) {
            return *piece;
        }
        let source = &self.sources[entry.0];
        let text = &source.resources.stores[entry.1].entries[entry.2].1;
        let piece = self.run.piece(source.file, text.text.as_bytes(), (*text.map).clone());
        self.pieces.insert(entry, piece);
        piece
    }

    /// The values of a service's Secrets, in order, and whether these are all.
    fn secrets(&self, at: usize, nth: usize, custom: &Custom) -> (Vec<Entry>, bool) {
        let sources = self.sources;
        let spec = &sources[at].resources.specs[nth];
        let mut found = Vec::new();
        let mut complete = true;
        for wanted in &custom.secrets {
            let secret = self.nearest(at, wanted);
            let mut empty: Vec<&str> = vec![wanted];
            if let Some((file, store)) = secret {
                let entries = sources[file].resources.stores[store].entries.iter().enumerate();
                for (key, (name, text)) in entries {
                    if text.text.is_empty() { empty.push(name) } else { found.push((file, store, key)) }
                }
                if empty.len() == 1 {
                    continue;
                }
            }
            // Kustomize writes what the values say into the Secret.
            let values = || {
                let stores = sources[at].resources.stores.iter().enumerate();
                let here = stores.filter(|(_, store)| !store.is_secret && store.document == spec.document);
                here.flat_map(|(nth, store)| store.entries.iter().enumerate().map(move |(key, one)| ((at, nth, key), one)))
                    .filter(|(_, (_, text))| resources::is_configuration(&text.text))
            };
            let by_key: Vec<Entry> =
                values().filter(|(_, (key, _))| empty.contains(&key.as_str())).map(|(entry, _)| entry).collect();
            let own: HashSet<&str> = custom.config.iter().flat_map(|text| headers(&text.text)).collect();
            let by_section = || -> Vec<Entry> {
                values().filter(|(_, (_, text))| headers(&text.text).any(|n| own.contains(n))).map(|(e, _)| e).collect()
            };
            let others = spec.services.iter().filter(|other| !other.secrets.is_empty()).count();
            let only = || -> Vec<Entry> {
                let all: Vec<Entry> = values().filter(|(_, (key, _))| key.contains("cinder")).map(|(e, _)| e).collect();
                if others == 1 && all.len() == 1 { all } else { Vec::new() }
            };
            let ways: [&dyn Fn() -> Vec<Entry>; 3] = [&|| by_key.clone(), &by_section, &only];
            match ways.iter().map(|way| way()).find(|entries| !entries.is_empty()) {
                Some(entries) => found.extend(entries),
                None => complete = false,
            }
        }
        let mut seen = HashSet::new();
        found.retain(|entry| seen.insert(*entry));
        (found, complete)
    }

    /// The Secret of this name that lies nearest to a file, at most two folders up from it; none where several do.
    fn nearest(&self, at: usize, wanted: &str) -> Option<(usize, usize)> {
        let here = &self.sources[at].path;
        let mut best: Option<(usize, (usize, usize), bool)> = None;
        for (file, source) in self.sources.iter().enumerate() {
            let stores = source.resources.stores.iter().enumerate();
            for (nth, _) in stores.filter(|(_, store)| store.is_secret && store.name == wanted) {
                let Some(steps) = distance(here, &source.path) else { continue };
                match &mut best {
                    Some((known, ..)) if *known < steps => {}
                    Some((known, _, several)) if *known == steps => *several = true,
                    _ => best = Some((steps, (file, nth), false)),
                }
            }
        }
        best.filter(|(.., several)| !several).map(|(_, found, _)| found)
    }

    /// Sections of backends that the operator does not enable.
    fn never_enabled(
        &self,
        custom: &Custom,
        names: &[String],
        global: Option<FileId>,
        own: Option<FileId>,
        secrets: &[FileId],
        complete: bool,
    ) -> Vec<Remark> {
        let files = self.run.files();
        let others = global.filter(|_| names.is_empty()).into_iter().chain(secrets.iter().copied());
        let listed = others.into_iter().any(|id| self.sets(id, "enabled_backends"));
        if listed || names.is_empty() && !complete {
            return Vec::new();
        }
        let mut found = Vec::new();
        for id in own.into_iter().chain(global) {
            let file = files.get(id);
            for (at, section) in file.document.sections.iter().enumerate().filter(|(_, section)| section.line > 0) {
                let name = String::from_utf8_lossy(section.name.of(&file.text)).into_owned();
                let dynamic = file.template.as_ref().is_some_and(|template| template.is_dynamic(section.header));
                let of_backend = |option: &crate::ini::Opt| MARKS.contains(&&*String::from_utf8_lossy(option.key.of(&file.text)));
                let mark = file.document.options_of(at).iter().find(|option| of_backend(option));
                let Some(mark) = mark.filter(|_| !dynamic && !is_service(&name) && !names.contains(&name)) else { continue };
                if self.is_named(own.into_iter().chain(global), &name) {
                    continue;
                }
                let advice = if Some(id) == own {
                    format!("write `volume_backend_name = {name}` below the header")
                } else {
                    format!("move it to customServiceConfig of {}, with `volume_backend_name = {name}`", custom.name)
                };
                let mark = String::from_utf8_lossy(mark.key.of(&file.text)).into_owned();
                found.push(Remark {
                    kind: "never-enabled",
                    place: Place { file: id, span: section.header },
                    section: Some(name),
                    facts: vec![("mark", mark), ("service", custom.name.clone()), ("advice", advice)],
                    ..Remark::default()
                });
            }
        }
        found
    }

    fn sets(&self, id: FileId, key: &str) -> bool {
        let file = self.run.files().get(id);
        file.document.options.iter().any(|option| option.key.of(&file.text) == key.as_bytes())
    }

    /// Whether another option than the name of a backend names this section: `replication_device`, `fc_fabric_names`.
    fn is_named(&self, layers: impl Iterator<Item = FileId>, section: &str) -> bool {
        layers.into_iter().any(|id| {
            let file = self.run.files().get(id);
            file.document.options.iter().any(|option| {
                option.key.of(&file.text) != b"volume_backend_name"
                    && file.document.value(&file.text, option).split([',', ':', ' ', '\n']).any(|word| word == section)
            })
        })
    }

    /// Sections of Secrets that are no section of the services that read them, by deployment.
    fn sections_of_secrets(&self) -> Vec<(usize, Vec<Remark>)> {
        let files = self.run.files();
        let mut found = Vec::new();
        let mut entries: Vec<_> = self.users.iter().collect();
        entries.sort_by_key(|(entry, _)| **entry);
        for (entry, users) in entries {
            let Some(&piece) = self.pieces.get(entry) else { continue };
            let own: Vec<FileId> = users.iter().filter_map(|user| user.own).collect();
            let open = |id: &FileId| {
                let file = files.get(*id);
                file.template.as_ref().is_some_and(|template| {
                    template.is_open() || file.document.sections.iter().any(|s| s.line > 0 && template.is_dynamic(s.header))
                })
            };
            let wanted: Vec<String> = own.iter().flat_map(|id| sections(files.get(*id))).map(|(name, _)| name).collect();
            let backends: Vec<&String> = wanted.iter().filter(|name| !is_service(name)).collect();
            if own.len() < users.len() || own.iter().chain([&piece]).any(open) || backends.is_empty() {
                continue;
            }
            let file = files.get(piece);
            let mut remarks = Vec::new();
            for (name, section) in sections(file) {
                let sets_driver = file.document.sections.iter().position(|other| other.header == section.header).is_some_and(
                    |at| file.document.options_of(at).iter().any(|option| option.key.of(&file.text) == b"volume_driver"),
                );
                if is_service(&name) || sets_driver || self.is_named(own.iter().copied(), &name) {
                    continue;
                }
                let place = Place { file: piece, span: section.header };
                if wanted.contains(&name) {
                    if users.len() > 1 {
                        // One of the services has it, which the others need not.
                        remarks.push(Remark { kind: "of-another-service", place, ..Remark::default() });
                    }
                    continue;
                }
                let store: &Store = &self.sources[entry.0].resources.stores[entry.1];
                let mut services: Vec<&str> = users.iter().map(|user| user.name.as_str()).collect();
                services.dedup();
                let related = own.first().and_then(|id| {
                    let target = sections(files.get(*id)).find(|(name, _)| !is_service(name))?;
                    Some(Place { file: *id, span: target.1.header })
                });
                let mut names: Vec<String> = backends.iter().map(|name| format!("[{name}]")).collect();
                names.dedup();
                remarks.push(Remark {
                    kind: "secret-section",
                    place,
                    section: Some(name),
                    facts: vec![
                        ("services", services.join(", ")),
                        ("wanted", names.join(" or ")),
                        ("store", store.name.clone()),
                    ],
                    places: related.map(|place| ("service", place)).into_iter().collect(),
                    ..Remark::default()
                });
            }
            found.extend(users.iter().map(|user| (user.found, remarks.clone())));
        }
        found
    }
}

/// The sections of a text with their names.
fn sections(file: &crate::input::File) -> impl Iterator<Item = (String, &crate::ini::Section)> {
    let sections = file.document.sections.iter().filter(|section| section.line > 0);
    sections.map(|section| (String::from_utf8_lossy(section.name.of(&file.text)).into_owned(), section))
}

/// Whether a section is no backend's.
fn is_service(name: &str) -> bool {
    matches!(name, "DEFAULT" | "backend_defaults") || release().is_some_and(|release| catalog::group_exists(release, name))
}

/// The names in headers, as cinder-operator finds them.
fn headers(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().map(str::trim);
    lines.filter_map(|line| line.strip_prefix('[')?.strip_suffix(']')).filter(|name| !is_service(name))
}

/// Whether a text is more than comments.
fn is_nothing(text: &Text) -> bool {
    text.text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with(['#', ';']))
}

/// Whether a text is configuration, and not a word in the place of one that something else fills in.
fn is_text(text: &Text) -> bool {
    !is_nothing(text) && text.text.contains(['=', '['])
}

/// How many folders lie between two files: up to what they share (at most two), and down from it.
fn distance(from: &Path, to: &Path) -> Option<usize> {
    if from == to {
        return Some(0);
    }
    let (from, to) = (from.parent()?, to.parent()?);
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let (up, down) = (from.components().count() - shared, to.components().count() - shared);
    (up <= 2).then_some(1 + up + down)
}
