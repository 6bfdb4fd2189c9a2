//! Adding files to a workspace, and what is said of those that cannot be added.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::model::Workspace;
use crate::{
    input::{
        self,
        forms::{self, Candidate, Run},
    },
    message::Message,
    report::ToolError,
    source::{self, FileId},
};

impl Workspace {
    pub(super) fn note(&mut self, notes: Vec<(PathBuf, String)>) {
        self.notes.extend(notes.into_iter().map(|(path, why)| ToolError::new(source::relative(&path), why)));
    }

    pub(super) fn fail(&mut self, path: &Path, message: impl Into<Message>) {
        self.errors.push(ToolError::new(source::relative(path), message));
    }

    pub(super) fn add_file(&mut self, path: &Path) -> Option<FileId> {
        let fs = Arc::clone(&self.fs);
        let candidate = Candidate::new(&*fs, path);
        if candidate.is_yaml()
            && let Some((form, _)) = forms::of(&candidate)
        {
            let what = format!("contains {}, which oslo.config does not read: name it without the flag", form.title());
            self.fail(path, what);
            return None;
        }
        let mut run = Run::new(&mut self.files, &*fs);
        run.fill(self.script.vars.clone());
        let id = run.layer(path);
        let (errors, notes) = (std::mem::take(&mut run.errors), std::mem::take(&mut run.notes));
        for (path, why) in errors {
            self.fail(&path, why);
        }
        self.note(notes);
        self.script.layers.extend(id.map(|_| path.to_path_buf()));
        id
    }

    pub(super) fn add_dir(&mut self, folder: &Path, layers: &mut Vec<FileId>) {
        match input::conf_files(&*self.fs, folder) {
            Ok(paths) => layers.extend(paths.iter().filter_map(|path| self.add_file(path)).collect::<Vec<_>>()),
            Err(error) => self.fail(folder, &error),
        }
    }
}
