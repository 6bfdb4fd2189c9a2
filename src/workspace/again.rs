//! Reading again after texts were changed.

use super::model::Workspace;
use crate::{
    input::forms::{Assembled, Run},
    source::{Files, Origin, Part},
};

impl Workspace {
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
