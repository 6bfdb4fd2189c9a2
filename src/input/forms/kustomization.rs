//! What kustomizations name: the files that they start with, and the patches that they lay over these.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use crate::{
    input::yaml::{self, Node},
    source::{FileSystem, Kind, absolute, from_here},
};

/// What a `kustomization.yaml` names; paths without `.` and `..`.
#[derive(Default)]
pub(super) struct Kustomization {
    /// Files and folders that it starts with.
    pub(super) resources: Vec<PathBuf>,
    pub(super) components: Vec<PathBuf>,
    pub(super) patches: Vec<PathBuf>,
    /// Itself, which may hold patches.
    pub(super) path: PathBuf,
}

/// How deep kustomizations may lie in kustomizations.
pub(super) const DEPTH: usize = 12;

impl Kustomization {
    /// The kustomizations around files, by folder: in their folders and the two above, in what these name, and beside them.
    pub(super) fn around<'p>(files: impl Iterator<Item = &'p Path>, fs: &dyn FileSystem) -> BTreeMap<PathBuf, Self> {
        let mut found = BTreeMap::new();
        let mut known: BTreeSet<PathBuf> = BTreeSet::new();
        let mut open: Vec<(PathBuf, usize)> = Vec::new();
        for file in files {
            let whole = absolute(file);
            open.extend(whole.ancestors().skip(1).take(3).map(|folder| (folder.to_path_buf(), 0)));
        }
        while let Some((folder, depth)) = open.pop() {
            if !known.insert(folder.clone()) || depth > DEPTH {
                continue;
            }
            let names = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
            let mut paths = names.iter().map(|name| folder.join(name));
            let Some(one) = paths.find_map(|path| Self::read(&folder, &path, fs)) else { continue };
            let named = one.resources.iter().chain(&one.components).filter(|path| path.extension().is_none());
            open.extend(named.map(|path| (path.clone(), depth + 1)));
            // Other overlays of the same base.
            if let Some(above) = folder.parent().filter(|above| !known.contains(&above.join("*"))) {
                known.insert(above.join("*"));
                let beside = fs.list(Path::new(&from_here(above))).unwrap_or_default().into_iter();
                let folders = beside.filter(|entry| entry.kind == Kind::Folder);
                open.extend(folders.map(|entry| (above.join(entry.name), depth + 1)));
            }
            found.insert(folder, one);
        }
        found
    }

    fn read(folder: &Path, path: &Path, fs: &dyn FileSystem) -> Option<Self> {
        let text = fs.is_file(path).then(|| fs.read(path).ok())??;
        let root = yaml::read(&text).into_iter().next()?.root?;
        let items = |key: &str| root.get(key).map_or(&[][..], Node::items).iter();
        let inside = |node: &Node| absolute(&folder.join(node.text()));
        let in_patches = |node: &Node| node.get("path").map(inside);
        let files = items("patchesStrategicMerge").filter(|node| !node.text().contains('\n')).map(inside);
        Some(Self {
            resources: items("resources").chain(items("bases")).map(inside).collect(),
            components: items("components").map(inside).collect(),
            patches: files.chain(items("patchesJson6902").chain(items("patches")).filter_map(in_patches)).collect(),
            path: path.to_path_buf(),
        })
    }

    /// The folders that no other kustomization names.
    pub(super) fn leaves(all: &BTreeMap<PathBuf, Self>) -> Vec<PathBuf> {
        let named: BTreeSet<&PathBuf> =
            all.values().flat_map(|one| one.resources.iter().chain(&one.components)).collect();
        all.keys().filter(|folder| !named.contains(folder)).cloned().collect()
    }

    /// The files with patches, in their order; its own may hold some as well.
    pub(super) fn with_patches(&self) -> Vec<PathBuf> {
        self.patches.iter().chain([&self.path]).cloned().collect()
    }
}
