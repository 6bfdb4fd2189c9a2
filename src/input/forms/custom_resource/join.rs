//! Which texts of Secrets a service reads.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use super::{
    Source, is_service,
    kustomize::{Part, Plane},
    resources::is_configuration,
};

/// One value of a Secret or ConfigMap: which file, which of its stores, which value.
pub(super) type Entry = (usize, usize, usize);

/// All Secrets by name, and what the values of kustomizations say in their place: which file, which document.
pub(super) struct Index<'s> {
    sources: &'s [Source],
    secrets: HashMap<&'s str, Vec<(usize, usize)>>,
    by_key: HashMap<(usize, usize, &'s str), Entry>,
    by_section: HashMap<(usize, usize, &'s str), Vec<Entry>>,
    /// Those that speak of cinder.
    ours: HashMap<(usize, usize), Vec<Entry>>,
}

impl<'s> Index<'s> {
    pub(super) fn new(sources: &'s [Source]) -> Self {
        let mut index = Self {
            sources,
            secrets: HashMap::new(),
            by_key: HashMap::new(),
            by_section: HashMap::new(),
            ours: HashMap::new(),
        };
        for (file, source) in sources.iter().enumerate() {
            for (nth, store) in source.resources.stores.iter().enumerate() {
                if store.is_secret {
                    index.secrets.entry(&store.name).or_default().push((file, nth));
                    continue;
                }
                for (at, (key, text)) in store.entries.iter().enumerate() {
                    if !is_configuration(&text.text) {
                        continue;
                    }
                    let (place, entry) = ((file, store.document), (file, nth, at));
                    index.by_key.insert((place.0, place.1, key), entry);
                    if key.contains("cinder") {
                        index.ours.entry(place).or_default().push(entry);
                    }
                    for name in headers(&text.text).collect::<HashSet<_>>() {
                        index.by_section.entry((place.0, place.1, name)).or_default().push(entry);
                    }
                }
            }
        }
        index
    }

    /// The values of a service's Secrets, in order, and whether these are all.
    pub(super) fn secrets(&self, plane: &Plane<'_>, custom: &Part<'_>) -> (Vec<Entry>, bool) {
        // Whether no other service has any.
        let only = plane.services.iter().filter(|part| !part.secrets.is_empty()).count() == 1;
        let (at, document) = (custom.at, custom.document);
        let mut found = Vec::new();
        let mut complete = true;
        // The same for each Secret whose keys are not known: it is looked for once.
        let mut own: Option<Vec<Entry>> = None;
        let here = self.sources[at].path.as_path();
        let nearest = |wanted: &str| self.nearest(plane.from, wanted).or_else(|| self.nearest(here, wanted));
        for wanted in custom.secrets {
            let mut empty: Vec<&str> = vec![wanted];
            if let Some((file, store)) = nearest(wanted) {
                let entries = self.sources[file].resources.stores[store].entries.iter().enumerate();
                for (key, (name, text)) in entries {
                    if text.text.is_empty() { empty.push(name) } else { found.push((file, store, key)) }
                }
                if empty.len() == 1 {
                    continue;
                }
            }
            // Kustomize writes what the values say into the Secret.
            let by_key = empty.iter().filter_map(|key| self.by_key.get(&(at, document, *key))).copied();
            let mut values: Vec<Entry> = by_key.collect();
            if values.is_empty() {
                match &own {
                    Some(known) if !known.is_empty() => continue,
                    Some(_) => {}
                    None => {
                        let names = custom.config.iter().flat_map(|one| headers(&one.text.text));
                        let entries = names.filter_map(|name| self.by_section.get(&(at, document, name)));
                        let mut seen = HashSet::new();
                        values = entries.flatten().copied().filter(|entry| seen.insert(*entry)).collect();
                        own = Some(values.clone());
                    }
                }
            }
            if values.is_empty() && only {
                values = self.ours.get(&(at, document)).filter(|all| all.len() == 1).cloned().unwrap_or_default();
            }
            complete &= !values.is_empty();
            found.extend(values);
        }
        let mut seen = HashSet::new();
        found.retain(|entry| seen.insert(*entry));
        (found, complete)
    }

    /// The Secret of this name that lies nearest to a file, at most two folders up from it; none where several do.
    fn nearest(&self, here: &Path, wanted: &str) -> Option<(usize, usize)> {
        let mut best: Option<(usize, (usize, usize), bool)> = None;
        // Nobody has hundreds of the same name.
        for &(file, nth) in self.secrets.get(wanted)?.iter().take(500) {
            let Some(steps) = distance(here, &self.sources[file].path) else { continue };
            match &mut best {
                Some((known, ..)) if *known < steps => {}
                Some((known, _, several)) if *known == steps => *several = true,
                _ => best = Some((steps, (file, nth), false)),
            }
        }
        best.filter(|(.., several)| !several).map(|(_, found, _)| found)
    }
}

/// The names in headers, as cinder-operator finds them.
fn headers(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().map(str::trim);
    lines.filter_map(|line| line.strip_prefix('[')?.strip_suffix(']')).filter(|name| !is_service(name))
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
