//! Bundles and overlays: which file is one, and which bundle an overlay is laid over.

use std::{
    cmp::Reverse,
    path::{Path, PathBuf},
};

use super::{
    super::super::yaml::{self, Document, Node},
    Model, Run,
};
use crate::source::FileId;

/// A file.
pub(super) struct BundleFile {
    pub path: PathBuf,
    /// As it is shown.
    pub name: String,
    pub id: FileId,
    pub text: Vec<u8>,
    pub documents: Vec<Document>,
    /// It has applications, not options for `--config`; and it says what charms they are.
    is_overlay: bool,
    pub is_bundle: bool,
}

impl BundleFile {
    pub(super) fn read(path: &Path, run: &mut Run<'_>) -> Option<Self> {
        let id = run.container(path)?;
        let text = run.text(id).to_vec();
        let documents = yaml::read(&text);
        let name = run.files().get(id).relative.clone();
        let roots = || documents.iter().filter_map(|document| document.root.as_ref());
        let is_bundle = roots().any(|root| Model::of(root, 0, &[]).is_bundle);
        let is_overlay = roots().any(|root| applications(root).is_some()) && (!is_bundle || name.contains("overlay"));
        Some(Self { path: path.to_path_buf(), name, id, text, documents, is_overlay, is_bundle })
    }

    pub(super) fn roots(&self) -> impl Iterator<Item = &Node> {
        self.documents.iter().filter_map(|document| document.root.as_ref())
    }
}

/// The bundle that an overlay is laid over: the only one that is nearest to it, by the folders that they share, and then by those that lead on.
pub(super) fn base_of<'f>(overlay: &BundleFile, all: &'f [BundleFile]) -> Option<&'f BundleFile> {
    if !overlay.is_overlay {
        return None;
    }
    let distance = |one: &BundleFile| {
        let here = overlay.path.parent().into_iter().flat_map(Path::components);
        let there = || one.path.parent().into_iter().flat_map(Path::components);
        let shared = here.zip(there()).take_while(|(a, b)| a == b).count();
        (Reverse(shared), there().count())
    };
    let bases = || all.iter().filter(|one| one.is_bundle && !one.is_overlay);
    let least = bases().map(distance).min()?;
    let mut nearest = bases().filter(|one| distance(one) == least);
    nearest.next().filter(|_| nearest.next().is_none())
}

pub(super) fn applications(root: &Node) -> Option<&Node> {
    root.get("applications").or_else(|| root.get("services"))
}
