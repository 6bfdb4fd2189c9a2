//! Which shares file in a repository the backends mean by the path that it will have on a host.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use super::model::Workspace;
use crate::{
    config::Texts,
    lint::Deployment,
    nas::{self, Python, ShareSource},
    source::{self, FileId, Files},
};

/// Gives each deployment the shares files that its backends name, if there is one file of that name nearest to it; what
/// nobody names stays alone.
pub(super) fn link_shares(input: &mut Workspace) {
    let files = &input.files;
    let alone = |deployment: &Deployment| deployment.layers.is_empty() && !deployment.shares.is_empty();
    let all: Vec<FileId> = input
        .groups
        .iter()
        .flat_map(|group| &group.deployments)
        .filter(|deployment| alone(deployment))
        .flat_map(|deployment| deployment.shares.iter().map(|(_, id)| *id))
        .collect();
    if all.is_empty() {
        return;
    }
    let mut tied: Vec<FileId> = Vec::new();
    for group in &mut input.groups {
        for deployment in group.deployments.iter_mut().filter(|deployment| !deployment.layers.is_empty()) {
            let mut found: Vec<(Option<String>, FileId)> = Vec::new();
            for path in wanted(files, deployment, group.host.python) {
                let known = deployment.shares.iter().chain(&found).any(|(own, _)| own.as_ref() == Some(&path));
                if known {
                    continue;
                }
                if group.host.root.is_given() {
                    // Read below the root, where the search may have met the very same file.
                    let here = group.host.root.real(Path::new(&path)).map(|(here, _)| source::absolute(&here));
                    let same = |id: &&FileId| here.as_ref().is_ok_and(|here| *here == absolute(files, **id));
                    tied.extend(all.iter().find(same));
                    continue;
                }
                if let Some(id) = on_disk(files, deployment).and_then(|layer| nearest(files, layer, &path, &all)) {
                    found.push((Some(path), id));
                }
            }
            tied.extend(found.iter().chain(&deployment.shares).map(|(_, id)| *id));
            let by = on_disk(files, deployment).map(|layer| files.get(layer).relative.clone());
            for (_, id) in &found {
                let decision = input.decisions.iter_mut().find(|decision| decision.path == files.get(*id).relative);
                if let (Some(decision), Some(by)) = (decision, &by) {
                    decision.deployments.retain(|name| *name != decision.path);
                    decision.deployments.push(by.clone());
                }
            }
            deployment.shares.append(&mut found);
        }
    }
    for group in &mut input.groups {
        group.deployments.retain(|one| !alone(one) || !one.shares.iter().all(|(_, id)| tied.contains(id)));
    }
    input.groups.retain(|group| !group.deployments.is_empty());
}

/// The first file of a deployment that lies somewhere.
fn on_disk(files: &Files, deployment: &Deployment) -> Option<FileId> {
    deployment.layers.iter().copied().find(|&layer| files.get(layer).part.is_of_a_file())
}

/// The paths of shares files that the backends of a deployment name, defaults too.
fn wanted(files: &Files, deployment: &Deployment, python: Python) -> Vec<String> {
    let config = deployment.config(files, deployment.release);
    let (mut paths, mut known) = (Vec::new(), HashSet::<String>::new());
    for backend in config.all_backends() {
        let source = nas::resolve_driver(&Texts::new(&config, &backend), python).nas.map(|nas| nas.shares);
        let (Some(ShareSource::PairOrFile(option)) | Some(ShareSource::File(option))) = source else { continue };
        if let Some(path) = config.backend_text(&backend, option).non_empty()
            && known.insert(path.to_string())
        {
            paths.push(path.to_string());
        }
    }
    paths
}

fn absolute(files: &Files, id: FileId) -> PathBuf {
    source::absolute(Path::new(&files.get(id).relative))
}

/// The one file of a path's name that shares most folders with a file of the configuration.
fn nearest(files: &Files, layer: FileId, path: &str, all: &[FileId]) -> Option<FileId> {
    let name = Path::new(path).file_name()?.to_str()?;
    // From the root: what lies beside the working directory and what lies in it have no part of their relative paths in common.
    let here = absolute(files, layer);
    let common =
        |id: &FileId| absolute(files, *id).components().zip(here.components()).take_while(|(a, b)| a == b).count();
    let named = |id: &&FileId| {
        let own = Path::new(&files.get(**id).relative).file_name().and_then(|own| own.to_str()).unwrap_or_default();
        own == name || own.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))
    };
    let most = all.iter().filter(named).map(common).max()?;
    let mut best = all.iter().filter(named).filter(|id| common(id) == most);
    let first = best.next()?;
    best.next().is_none().then_some(*first)
}
