//! What kustomizations make of specs: overlays that patch a base they share with others are deployments of their own.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
};

use super::{
    super::kustomization::{DEPTH, Kustomization},
    Source,
    resources::{Service, Spec},
};
use crate::{
    catalog::Release,
    input::yaml::Text,
    message::Message,
    source::{FileSystem, absolute, from_here},
};

/// One control plane, as the cluster gets it.
#[derive(Clone)]
pub(super) struct Plane<'s> {
    /// The overlay, where several share what is below it.
    pub label: Option<String>,
    /// Where to look for Secrets first.
    pub from: &'s Path,
    pub global: Option<Config<'s>>,
    pub services: Vec<Part<'s>>,
}

/// A text, and which file holds it.
#[derive(Clone, Copy)]
pub(super) struct Config<'s> {
    pub at: usize,
    pub text: &'s Text,
}

/// A service of a plane.
#[derive(Clone)]
pub(super) struct Part<'s> {
    pub service: Service,
    pub name: &'s str,
    pub config: Option<Config<'s>>,
    pub secrets: &'s [String],
    pub release: Option<Release>,
    /// Which file and which document of it speak of it last.
    pub at: usize,
    pub document: usize,
}

impl<'s> Plane<'s> {
    fn of(sources: &'s [Source], at: usize, spec: &'s Spec) -> Self {
        let config = |text: &'s Option<Text>| text.as_ref().map(|text| Config { at, text });
        let part = |custom: &'s super::Custom| Part {
            service: custom.service,
            name: &custom.name,
            config: config(&custom.config),
            secrets: &custom.secrets,
            release: custom.release,
            at,
            document: spec.document,
        };
        let services = spec.services.iter().map(part).collect();
        Self { label: None, from: &sources[at].path, global: config(&spec.global), services }
    }

    /// Lays a patch over it.
    fn patch(&mut self, with: Self) {
        (self.from, self.global) = (with.from, with.global.or(self.global));
        let mut known: HashMap<&str, usize> = HashMap::new();
        for (at, part) in self.services.iter().enumerate() {
            known.entry(part.name).or_insert(at);
        }
        for new in with.services {
            match known.get(new.name).and_then(|at| self.services.get_mut(*at)) {
                Some(known) => {
                    let secrets = if new.secrets.is_empty() { known.secrets } else { new.secrets };
                    let (config, release) = (new.config.or(known.config), new.release.or(known.release));
                    *known = Part { config, secrets, release, ..new };
                }
                None => {
                    known.insert(new.name, self.services.len());
                    self.services.push(new);
                }
            }
        }
    }
}

/// How many services they may make in all, as each overlay has all of its base once more; how many resources may be followed for that, and
/// how many services be looked at for patches.
const PARTS: usize = 5000;
const STEPS: usize = 100_000;
const WORK: usize = 4_000_000;

struct Tree<'s> {
    sources: &'s [Source],
    by_path: HashMap<PathBuf, usize>,
    folders: BTreeMap<PathBuf, Kustomization>,
    /// How many services may yet be made.
    left: usize,
    /// How many resources may yet be followed.
    steps: usize,
    /// How many services may yet be looked at for patches.
    work: usize,
    /// One of these was not enough.
    is_over: bool,
}

/// What kustomizations make.
pub(super) struct Planes<'s> {
    /// Every plane.
    pub(super) all: Vec<Plane<'s>>,
    /// The first kustomization that is not put together, because all of them are too much.
    pub(super) left: Option<PathBuf>,
}

/// Every plane.
pub(super) fn planes<'s>(sources: &'s [Source], fs: &dyn FileSystem) -> Planes<'s> {
    let by_path = sources.iter().enumerate().map(|(at, source)| (absolute(&source.path), at)).collect();
    let with_specs = sources.iter().filter(|source| !source.resources.specs.is_empty());
    let folders = Kustomization::around(with_specs.map(|source| source.path.as_path()), fs);
    let mut tree = Tree { sources, by_path, folders, left: PARTS, steps: STEPS, work: WORK, is_over: false };
    let mut used = BTreeSet::new();
    let (mut found, left) = tree.overlays(&mut used);
    for (at, source) in sources.iter().enumerate().filter(|(at, _)| !used.contains(at)) {
        found.extend(source.resources.specs.iter().map(|spec| Plane::of(sources, at, spec)));
    }
    Planes { all: found, left }
}

/// Why a kustomization is left.
pub(super) fn left() -> Message {
    let why = format!(
        "is not put together with the files that it names: all overlays have more than {PARTS} services or {STEPS} resources"
    );
    Message::from(why).help("its files are read by themselves; check parts of the tree in runs of their own")
}

impl<'s> Tree<'s> {
    /// The planes of kustomizations that no other one names, where patches meet a base; notes the files that are in them. Those that are
    /// too much are left, and the first of them is named.
    fn overlays(&mut self, used: &mut BTreeSet<usize>) -> (Vec<Plane<'s>>, Option<PathBuf>) {
        let leaves = Kustomization::leaves(&self.folders);
        let mut all: Vec<(PathBuf, Vec<Plane<'s>>, BTreeSet<usize>)> = Vec::new();
        let mut left = None;
        for leaf in leaves {
            let mut within = BTreeSet::new();
            self.is_over = false;
            let planes = self.planes(&leaf, &mut within, DEPTH);
            if self.is_over {
                left = left.or_else(|| self.folders.get(&leaf).map(|one| one.path.clone()));
            } else if !within.is_empty() {
                all.push((leaf, planes, within));
            }
        }
        let mut count: HashMap<usize, usize> = HashMap::new();
        all.iter().flat_map(|(_, _, within)| within).for_each(|at| *count.entry(*at).or_default() += 1);
        let mut found = Vec::new();
        for (leaf, planes, within) in all {
            let shares = within.iter().any(|at| count.get(at).is_some_and(|count| *count > 1));
            // A kustomization of resources alone says nothing that these do not.
            if within.len() < 2 && !shares || planes.is_empty() {
                continue;
            }
            let label = shares.then(|| from_here(&leaf)).map(|label| if label.is_empty() { ".".into() } else { label });
            found.extend(planes.into_iter().map(|plane| Plane { label: label.clone(), ..plane }));
            used.extend(within);
        }
        (found, left)
    }

    /// What a kustomization makes.
    fn planes(&mut self, folder: &Path, within: &mut BTreeSet<usize>, depth: usize) -> Vec<Plane<'s>> {
        let Some(one) = self.folders.get(folder).filter(|_| depth > 0) else { return Vec::new() };
        // Whoever names himself, or the same again and again, has no end.
        let Some(left) = self.steps.checked_sub(1 + one.resources.len() + one.components.len() + one.patches.len())
        else {
            self.is_over = true;
            return Vec::new();
        };
        self.steps = left;
        let (resources, components) = (one.resources.clone(), one.components.clone());
        let patches = one.with_patches();
        let mut planes = Vec::new();
        for path in resources {
            if let Some(&at) = self.by_path.get(&path) {
                planes.extend(self.specs(at, within));
            } else if self.folders.contains_key(&path) {
                planes.extend(self.planes(&path, within, depth - 1));
            }
        }
        for component in components {
            let Some(inner) = self.folders.get(&component) else { continue };
            let patches = inner.with_patches();
            planes.extend(self.planes(&component, within, depth - 1));
            self.patch(&mut planes, &patches, within);
        }
        self.patch(&mut planes, &patches, within);
        planes
    }

    fn patch(&mut self, planes: &mut Vec<Plane<'s>>, patches: &[PathBuf], within: &mut BTreeSet<usize>) {
        for at in patches.iter().filter_map(|path| self.by_path.get(path).copied()).collect::<Vec<_>>() {
            for patch in self.specs(at, within) {
                // What it patches is not seen.
                if planes.is_empty() {
                    planes.push(patch);
                    continue;
                }
                let parts = planes.iter().map(|plane| plane.services.len() + patch.services.len()).sum::<usize>();
                let Some(left) = self.work.checked_sub(parts) else {
                    self.is_over = true;
                    return;
                };
                self.work = left;
                planes.iter_mut().for_each(|plane| plane.patch(patch.clone()));
            }
        }
    }

    fn specs(&mut self, at: usize, within: &mut BTreeSet<usize>) -> Vec<Plane<'s>> {
        let sources = self.sources;
        let specs = &sources[at].resources.specs;
        let parts: usize = specs.iter().map(|spec| spec.services.len().max(1)).sum();
        if specs.is_empty() {
            return Vec::new();
        }
        if parts > self.left {
            self.is_over = true;
            return Vec::new();
        }
        self.left -= parts;
        within.insert(at);
        specs.iter().map(|spec| Plane::of(sources, at, spec)).collect()
    }
}
