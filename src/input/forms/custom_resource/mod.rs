//! Custom resources of the OpenStack operators (openstack-k8s-operators): a spec of Cinder in an OpenStackControlPlane, a Cinder, a
//! patch, or the values of a kustomization, with the Secrets that its services read beside it.
//!
//! Each service reads `/etc/cinder/cinder.conf.d`: `00` and `01` are the operator's own, `02` is `customServiceConfig` of all services, `03`
//! that of the service, `04` its Secrets. Whatever is read may be a patch, so further sections are possible everywhere.

mod enabled;
mod join;
mod kustomize;
mod operator;
mod resources;

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

use self::{
    join::{Entry, Index},
    kustomize::{Config, Part, Plane},
    operator::Backends,
    resources::{Custom, Resources, Service},
};
use super::{
    Assembled, Candidate, Form, Label, Run, Taken,
    ours::{self, Verdict},
};
use crate::{
    catalog::{self, Release},
    ini::Section,
    input::yaml::Text,
    source::{File, FileId, FileSystem, Services, Unseen, from_here},
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
        let other = !candidate.is_yaml() && base.contains('.') && !base.ends_with(".json");
        if other || candidate.mentions(&["kind: CustomResourceDefinition"]) {
            return None;
        }
        let services =
            ["cinderVolumes", "cinderBackup", "cinderAPI", "cinderScheduler", "kind: Cinder", "cinder:", "/cinder/"];
        if candidate.mentions(&["customServiceConfig"]) && candidate.mentions(&services) {
            return Some("it has customServiceConfig and services of Cinder".into());
        }
        let is_secret = candidate.mentions(&["kind: Secret", "\"kind\": \"Secret\""]);
        if is_secret && candidate.mentions(&["cinder"]) {
            return Some("it is a Secret that mentions cinder".into());
        }
        let is_map = candidate.mentions(&["kind: ConfigMap", "\"kind\": \"ConfigMap\""]);
        let files = ["cinder.conf", "volume_driver", "enabled_backends"];
        (is_map && candidate.mentions(&["cinder"]) && candidate.mentions(&files))
            .then(|| "it is a ConfigMap that mentions cinder".into())
    }

    fn read(&self, taken: &[Taken], run: &mut Run<'_>) {
        let mut sources = Vec::new();
        for one in taken {
            let Some(file) = run.container(&one.path) else { continue };
            let resources = resources::read(run.text(file));
            run.hide(file, resources.hidden.iter().copied());
            sources.push(Source { path: one.path.clone(), named: one.named, file, resources });
        }
        let fs = run.fs();
        let mut assembly = Assembly::new(&sources, run);
        let mut held = vec![false; sources.len()];
        let planes = kustomize::planes(&sources, fs);
        if let Some(path) = planes.left {
            assembly.run.errors.push((PathBuf::from(from_here(&path)), kustomize::left()));
        }
        for plane in planes.all {
            if assembly.plane(&plane) {
                let of = plane.services.iter().flat_map(|part| [Some(part.at), part.config.map(|one| one.at)]);
                of.chain([plane.global.map(|one| one.at)]).flatten().for_each(|at| held[at] = true);
            }
        }
        let found = assembly.sections_of_secrets();
        let used: HashSet<Entry> = assembly.users.keys().copied().collect();
        for (at, source) in sources.iter().enumerate() {
            for (nth, store) in source.resources.stores.iter().enumerate() {
                let files = assembly.files(at, nth);
                held[at] |= !files.is_empty();
                for (key, (name, text)) in store.entries.iter().enumerate().filter(|(key, _)| !files.contains(key)) {
                    let entry = (at, nth, key);
                    let ours = (store.name.contains("cinder") || name.contains("cinder")) && !is_of_others(fs, text);
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
                    None => "it contains no configuration of Cinder".to_string(),
                };
                // Whoever names a file wants to know; a search meets much that is yet to be filled in.
                match source.named && source.resources.error.is_some() {
                    true => run.errors.push((source.path.clone(), why.into())),
                    false => run.left.push((source.path.clone(), why)),
                }
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
    named: bool,
    file: FileId,
    resources: Resources,
}

/// A service that reads a value: its deployment in `run.found`, the layer with its own text, and its name.
struct User {
    found: usize,
    own: Option<FileId>,
    name: String,
}

/// How many bytes may be read again for a further service, in all.
const SHARED: usize = 1 << 20;

struct Assembly<'s, 'r, 'f> {
    sources: &'s [Source],
    index: Index<'s>,
    /// By their texts.
    synthetic: HashMap<&'static str, FileId>,
    pieces: HashMap<Entry, FileId>,
    /// The layers of texts in specs.
    texts: HashMap<*const Text, FileId>,
    users: HashMap<Entry, Vec<User>>,
    shared: usize,
    run: &'r mut Run<'f>,
}

impl<'s, 'r, 'f> Assembly<'s, 'r, 'f> {
    fn new(sources: &'s [Source], run: &'r mut Run<'f>) -> Self {
        let index = Index::new(sources);
        Self {
            sources,
            index,
            synthetic: HashMap::new(),
            pieces: HashMap::new(),
            texts: HashMap::new(),
            users: HashMap::new(),
            shared: SHARED,
            run,
        }
    }

    /// Whether a layer that others have may be read once more.
    fn may_share(&mut self, layer: FileId) -> bool {
        let size = self.run.text(layer).len();
        let may = size <= self.shared;
        self.shared = self.shared.saturating_sub(size);
        may
    }

    /// Puts the services of a plane together; whether there is anything of them.
    fn plane(&mut self, plane: &Plane<'s>) -> bool {
        let global = plane.global.filter(|one| is_text(one.text));
        let global = global.map(|one| (one.at, self.text(one)));
        let before = self.run.found.len();
        for part in &plane.services {
            self.service(plane, part, global.map(|(_, id)| id));
        }
        if let Some((at, global)) = global.filter(|_| before == self.run.found.len()) {
            let mut all = Assembled::new(&self.sources[at].path, "all services", Vec::new());
            all.layers = vec![self.synthetic(operator::GLOBAL_DEFAULTS), global];
            all.unseen = Unseen::Sections;
            all.release = release();
            self.run.found.push(all);
        }
        for one in &mut self.run.found[before..] {
            if let Some(label) = &plane.label {
                one.name = format!("{label}: {}", one.name);
            }
            one.label = plane.label.clone().map(Label::OneOf);
        }
        before < self.run.found.len()
    }

    /// Puts a service together.
    fn service(&mut self, plane: &Plane<'s>, custom: &Part<'s>, global: Option<FileId>) {
        let own = custom.config.filter(|one| is_text(one.text));
        let customs = &plane.services;
        let has_backup = customs.iter().any(|other| other.service == Service::Backup && other.config.is_some());
        let (mut entries, mut complete) = self.index.secrets(plane, custom);
        if own.is_none() && entries.is_empty() && (global.is_none() || custom.service != Service::Volume) {
            return;
        }
        let mut layers = vec![self.synthetic(operator::GLOBAL_DEFAULTS)];
        match custom.service {
            Service::Volume => layers.push(self.synthetic(operator::VOLUME_DEFAULTS)),
            Service::Backup => layers.push(self.synthetic(operator::BACKUP_DEFAULTS)),
            Service::Api | Service::Scheduler => {}
        }
        let global = global.filter(|&global| {
            let may = self.may_share(global);
            complete &= may;
            may
        });
        layers.extend(global);
        let backends = match own {
            Some(one) if custom.service == Service::Volume => operator::backends(&one.text.text),
            _ => Backends::Written,
        };
        if let Backends::Added(names) = &backends
            && !names.is_empty()
        {
            let text = format!("[DEFAULT]\nenabled_backends = {}\n", names.join(","));
            layers.push(self.run.synthetic(operator::ENABLED_BACKENDS, text));
        }
        let own = own.and_then(|one| {
            let is_new = !self.texts.contains_key(&std::ptr::from_ref(one.text));
            let layer = self.text(one);
            let may = is_new || self.may_share(layer);
            complete &= may;
            may.then_some(layer)
        });
        layers.extend(own);
        let found = self.run.found.len();
        let mut secrets = Vec::new();
        entries.retain(|entry| {
            let first = !self.pieces.contains_key(entry);
            let piece = self.piece(*entry);
            let may = first || self.may_share(piece);
            secrets.extend(Some(piece).filter(|_| may));
            complete &= may;
            may
        });
        layers.extend(&secrets);
        for entry in entries {
            let user = User { found, own, name: custom.name.to_string() };
            self.users.entry(entry).or_default().push(user);
        }
        let at = custom.config.map_or(custom.at, |one| one.at);
        let mut assembled = Assembled::new(&self.sources[at].path, custom.name, layers);
        // A text that something else fills in may say anything.
        let whole = custom.config.is_none_or(|one| is_text(one.text) || is_nothing(one.text));
        assembled.unseen = if complete && whole { Unseen::Sections } else { Unseen::Everything };
        assembled.services = match custom.service {
            Service::Api => Services::API,
            Service::Scheduler => Services::SCHEDULER,
            Service::Backup => Services::BACKUP,
            // Where a patch shows no cinder-backup, nothing else says what that reads.
            Service::Volume if has_backup => Services::VOLUME,
            Service::Volume => Services::VOLUME.and(Services::BACKUP),
        };
        assembled.release = custom.release.or_else(release);
        if let Backends::Added(names) = backends {
            assembled.remarks = self.never_enabled(custom.name, &names, global, own, &secrets, complete);
        }
        self.run.found.push(assembled);
    }

    fn synthetic(&mut self, (name, text): (&str, &'static str)) -> FileId {
        *self.synthetic.entry(text).or_insert_with(|| self.run.synthetic(name, text))
    }

    /// The values that are the files of a `cinder.conf.d` or of a folder with a `cinder.conf`, as they are mounted into a container; they
    /// are put together, `cinder.conf` first.
    fn files(&mut self, at: usize, nth: usize) -> Vec<usize> {
        let source = &self.sources[at];
        let store = &source.resources.stores[nth];
        let is_read = |(_, (name, text)): &(usize, &(String, Text))| {
            let path = Path::new("cinder").join(name);
            let candidate = Candidate::with_text(self.run.fs(), &path, text.text.as_bytes());
            // What a chart has yet to write, `{{ include "…" . }}`, or what only the cluster can read.
            let said = text.text.trim();
            let is_open = said.is_empty() || said.starts_with("{{") && !resources::is_configuration(said);
            name.ends_with(".conf") && !is_open && matches!(ours::judge(&candidate), Some(Verdict::Ours(_)))
        };
        let mut files: Vec<(usize, &str)> =
            store.entries.iter().enumerate().filter(is_read).map(|(key, (name, _))| (key, name.as_str())).collect();
        let is_main = |name: &str| name == "cinder.conf" || files.len() == 1 && name.starts_with("cinder");
        let main = files.iter().position(|(_, name)| is_main(name));
        // The Secrets of an operator's service have files as well, each for itself.
        let Some(main) = main.filter(|_| !files.iter().any(|(key, _)| self.users.contains_key(&(at, nth, *key))))
        else {
            return Vec::new();
        };
        files[..=main].rotate_right(1);
        let stem = files[0].1.strip_suffix(".conf").unwrap_or_default();
        let of_service = Services::named(stem).unwrap_or_default();
        let layers = files.iter().map(|(key, _)| self.piece((at, nth, *key))).collect();
        let mut whole = Assembled::new(&source.path, &store.name, layers);
        whole.unseen = Unseen::Sections;
        whole.services = of_service;
        self.run.found.push(whole);
        files.into_iter().map(|(key, _)| key).collect()
    }

    /// The layer of a text in a spec.
    fn text(&mut self, one: Config<'s>) -> FileId {
        let (run, file) = (&mut *self.run, self.sources[one.at].file);
        let piece = || run.piece(file, one.text.text.as_bytes(), (*one.text.map).clone());
        *self.texts.entry(std::ptr::from_ref(one.text)).or_insert_with(piece)
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
}

/// The sections of a text: which, its name, itself.
fn sections(file: &File) -> impl Iterator<Item = (usize, String, &Section)> {
    let sections = file.document.sections.iter().enumerate().filter(|(_, section)| section.line > 0);
    sections.map(|(at, section)| (at, String::from_utf8_lossy(section.name.of(&file.text)).into_owned(), section))
}

/// Whether a section is no backend's.
fn is_service(name: &str) -> bool {
    matches!(name, "DEFAULT" | "backend_defaults")
        || release().is_some_and(|release| catalog::group_exists(release, name))
}

/// Whether a text is one of another program, such as a configuration of loggers.
fn is_of_others(fs: &dyn FileSystem, text: &Text) -> bool {
    let candidate = Candidate::with_text(fs, Path::new("cinder-value.conf"), text.text.as_bytes());
    matches!(ours::judge(&candidate), Some(Verdict::Other(_)))
}

/// Whether a text is more than comments.
fn is_nothing(text: &Text) -> bool {
    text.text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with(['#', ';']))
}

/// Whether a text is configuration, and not a word in the place of one that something else fills in.
fn is_text(text: &Text) -> bool {
    !is_nothing(text) && text.text.contains(['=', '['])
}
