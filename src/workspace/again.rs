//! Reading again after texts were changed.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::model::Workspace;
use crate::{
    input::forms::{Assembled, Run},
    source::{self, Files, Origin, Part},
};

impl Workspace {
    /// The files of the deployments that a file is a part of, itself among them, as paths for [`super::Options::paths`]: reading
    /// these again after it changed is all that has to be read again. A file that belongs to none is alone.
    pub fn beside(&self, changed: &Path) -> Vec<PathBuf> {
        let whole = source::absolute(changed);
        let is_changed = |name: &str| source::absolute(Path::new(name)) == whole;
        let known = self.files.on_disk_only().map(|(_, file)| file.relative.as_str());
        let known = known.chain(self.decisions.iter().map(|one| one.path.as_str())).find(|name| is_changed(name));
        let changed = known.map_or_else(|| source::relative(changed), str::to_string);
        let mut together: BTreeSet<&str> = BTreeSet::from([changed.as_str()]);
        for deployment in self.groups.iter().flat_map(|group| &group.deployments) {
            let files = deployment.layers.iter().chain(deployment.shares.iter().map(|(_, id)| id));
            let files: Vec<&str> = files.map(|id| self.files.get(*id).relative.as_str()).collect();
            if files.contains(&changed.as_str()) {
                together.extend(files);
            }
        }
        // A file may say something of deployments without being a layer of them.
        let told = self.decisions.iter().filter(|one| one.form.is_some());
        let names: BTreeSet<&String> =
            told.clone().filter(|one| together.contains(one.path.as_str())).flat_map(|one| &one.deployments).collect();
        let is_part = |one: &&super::FileDecision| {
            together.contains(one.path.as_str()) || one.deployments.iter().any(|name| names.contains(name))
        };
        let mut paths: BTreeSet<&str> = told.filter(is_part).map(|one| one.path.as_str()).collect();
        if paths.is_empty() {
            paths.insert(&changed);
        }
        paths.into_iter().map(PathBuf::from).collect()
    }

    /// Makes the pieces of the texts that hold configuration in pieces anew, after the texts were changed. False: they are
    /// read otherwise than before, and nothing is as it should be.
    pub fn read_again(&mut self) -> bool {
        if self.files.iter().all(|(_, file)| !matches!(file.part, Part::Container)) {
            return true;
        }
        let mut files = Files::default();
        let mut run = Run::new(&mut files, &*self.fs);
        run.fill(self.script.vars.clone());
        for (_, file) in self.files.on_disk_only() {
            let path = match &file.origin {
                Origin::Disk(path) => path,
                Origin::Stdin => &self.script.stdin,
                Origin::None => continue,
            };
            run.give(path, file.text.clone(), file.origin.clone());
        }
        for path in &self.script.layers {
            run.layer(path);
        }
        let found = self.script.forms(&mut run);
        if !self.files.renew(files) {
            return false;
        }
        // Places in the texts moved.
        let mut waiting: Vec<Assembled> = found.into_iter().flatten().collect();
        for deployment in self.groups.iter_mut().flat_map(|group| &mut group.deployments) {
            let same = |one: &Assembled| one.layers == deployment.layers && !one.layers.is_empty();
            if let Some(at) = waiting.iter().position(same) {
                deployment.remarks = waiting.remove(at).remarks;
            }
        }
        true
    }
}
