//! What kustomizations make of values: overlays that patch a HelmRelease or an Application that they share are deployments of their own.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::{Path, PathBuf},
    rc::Rc,
};

use super::{
    super::{
        super::yaml::{Entry, Kind, Node},
        kustomization::{DEPTH, Kustomization},
        maps,
    },
    Values,
    places::{Conf, Resource},
};
use crate::source::{FileSystem, absolute, from_here};

/// Values of one release, as the cluster gets them: the base first.
pub(super) struct Stack<'v> {
    /// The overlay, where several share what is below it.
    pub(super) label: Option<String>,
    pub(super) parts: Vec<(&'v Values, &'v Conf)>,
}

/// One map `conf`: of which file, and which.
type At = (usize, usize);

/// How many resources may be followed: whoever names himself has no end.
const STEPS: usize = 20_000;

/// What kustomizations put together, and which maps are in that.
pub(super) fn stacks<'v>(all: &'v [Values], fs: &dyn FileSystem) -> (Vec<Stack<'v>>, HashSet<At>) {
    let of_cluster = |values: &&Values| values.confs.iter().any(|conf| conf.resource.is_some());
    let files = all.iter().filter(of_cluster).map(|values| values.path.as_path());
    let folders = Kustomization::around(files, fs);
    let by_path = all.iter().enumerate().map(|(at, values)| (absolute(&values.path), at)).collect();
    let mut tree = Tree { all, by_path, folders, steps: STEPS };
    let leaves = Kustomization::leaves(&tree.folders);
    let made: Vec<(PathBuf, Vec<Plane>)> = leaves
        .into_iter()
        .map(|leaf| {
            let planes = tree.planes(&leaf, DEPTH);
            (leaf, planes)
        })
        .collect();
    let mut count: HashMap<At, usize> = HashMap::new();
    let planes = made.iter().flat_map(|(_, planes)| planes);
    let parts = planes.flat_map(|plane| plane.parts.iter().chain(&plane.replaced));
    parts.for_each(|at| *count.entry(*at).or_default() += 1);
    let (mut found, mut used) = (Vec::new(), HashSet::new());
    for (leaf, planes) in made {
        for plane in planes {
            let mut parts = plane.parts.iter().chain(&plane.replaced);
            let shares = parts.any(|at| count.get(at).is_some_and(|count| *count > 1));
            // A kustomization of resources alone says nothing that these do not.
            if plane.parts.len() < 2 && !shares {
                continue;
            }
            let name = from_here(&leaf);
            let label = shares.then(|| if name.is_empty() { ".".into() } else { name });
            used.extend(&plane.parts);
            used.extend(&plane.replaced);
            let parts = plane.parts.iter().map(|(file, nth)| (&all[*file], &all[*file].confs[*nth])).collect();
            found.push(Stack { label, parts });
        }
    }
    (found, used)
}

/// The values of one resource.
struct Plane {
    resource: Resource,
    parts: Vec<At>,
    /// Texts in the place of which others stand.
    replaced: Vec<At>,
}

struct Tree<'v> {
    all: &'v [Values],
    by_path: HashMap<PathBuf, usize>,
    folders: BTreeMap<PathBuf, Kustomization>,
    steps: usize,
}

impl Tree<'_> {
    /// What a kustomization makes.
    fn planes(&mut self, folder: &Path, depth: usize) -> Vec<Plane> {
        let Some(one) = self.folders.get(folder).filter(|_| depth > 0) else { return Vec::new() };
        let steps = 1 + one.resources.len() + one.components.len() + one.patches.len();
        let Some(left) = self.steps.checked_sub(steps) else { return Vec::new() };
        self.steps = left;
        let (resources, components, patches) = (one.resources.clone(), one.components.clone(), one.with_patches());
        let mut planes = Vec::new();
        for path in resources {
            if let Some(&at) = self.by_path.get(&path) {
                let confs = self.all[at].confs.iter().enumerate();
                let of = |(nth, conf): (usize, &Conf)| {
                    let resource = conf.resource.clone().filter(|one| !one.kind.is_empty())?;
                    Some(Plane { resource, parts: vec![(at, nth)], replaced: Vec::new() })
                };
                planes.extend(confs.filter_map(of));
            } else if self.folders.contains_key(&path) {
                planes.extend(self.planes(&path, depth - 1));
            }
        }
        for component in components {
            let Some(inner) = self.folders.get(&component).map(Kustomization::with_patches) else { continue };
            planes.extend(self.planes(&component, depth - 1));
            self.patch(&mut planes, &inner);
        }
        self.patch(&mut planes, &patches);
        planes
    }

    fn patch(&self, planes: &mut [Plane], patches: &[PathBuf]) {
        for at in patches.iter().filter_map(|path| self.by_path.get(path).copied()) {
            for (nth, conf) in self.all[at].confs.iter().enumerate() {
                let Some(target) = &conf.resource else { continue };
                // What has a target of its own may be called anything.
                let has_name = planes.iter().any(|plane| plane.resource == *target);
                for plane in planes.iter_mut() {
                    let is_it = plane.resource.kind == target.kind && (!has_name || plane.resource.name == target.name);
                    if !is_it && !target.kind.is_empty() || plane.parts.contains(&(at, nth)) {
                        continue;
                    }
                    if conf.in_text {
                        let (gone, kept): (Vec<At>, Vec<At>) =
                            plane.parts.iter().copied().partition(|(file, nth)| self.all[*file].confs[*nth].in_text);
                        plane.replaced.extend(gone);
                        plane.parts = kept;
                    }
                    plane.parts.push((at, nth));
                }
            }
        }
    }
}

/// A map with another one laid over it, as Helm and kustomize do.
pub(super) fn merged(below: &Node, over: &Node) -> Node {
    let (Kind::Mapping(_), Kind::Mapping(_)) = (&below.kind, &over.kind) else { return over.clone() };
    let mut entries: Vec<Entry> = maps::entries(below).into_iter().cloned().collect();
    for entry in maps::entries(over) {
        match entries.iter_mut().find(|known| known.key.text() == entry.key.text()) {
            Some(known) => known.value = merged(&known.value, &entry.value),
            None => entries.push(entry.clone()),
        }
    }
    Node { span: over.span, kind: Kind::Mapping(Rc::new(entries)) }
}
