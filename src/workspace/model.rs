//! What a workspace holds.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::script::Script;
use crate::{
    catalog::Release,
    lint::Deployment,
    nas::Host,
    report::ToolError,
    settings::Loaded,
    source::{Borders, FileSystem, Files},
};

/// Everything that was read: the files, and the deployments that they make.
pub struct Workspace {
    /// Where files come from.
    pub(super) fs: Arc<dyn FileSystem>,
    /// What lies inside the paths that were given: nothing else is written.
    pub borders: Arc<Borders>,
    /// The texts, pieces included.
    pub files: Files,
    /// The deployments, by what holds for them.
    pub groups: Vec<Group>,
    /// The release that reports name: the one of the first deployment.
    pub release: Release,
    /// What the files of the tree say about linting is ignored.
    pub isolated: bool,
    /// What could not be done.
    pub errors: Vec<ToolError>,
    /// What was taken and what was left out, and why: for `--show-files`.
    pub decisions: Vec<FileDecision>,
    /// The text on standard input, where the settings leave it out.
    pub unlinted: Option<Vec<u8>>,
    /// The files that were found below the given paths: one that is named twice is one file.
    pub(super) found: HashSet<PathBuf>,
    /// What stays open in templates.
    pub notes: Vec<ToolError>,
    /// What was read, in order.
    pub(super) script: Script,
}

impl Workspace {
    /// The number of files that are linted. To be asked before that is done: then lists of shares that the configuration names join them.
    pub fn count(&self) -> usize {
        let left: HashSet<&str> =
            self.decisions.iter().filter(|told| told.form.is_none()).map(|told| told.path.as_str()).collect();
        self.files.on_disk_only().filter(|(_, file)| !left.contains(file.relative.as_str())).count()
    }
}

/// What became of one file.
#[derive(Debug)]
pub struct FileDecision {
    /// The path, seen from the working directory.
    pub path: String,
    /// The form; none: it is left out.
    pub form: Option<&'static str>,
    /// The deployments that it is a part of.
    pub deployments: Vec<String>,
    /// Why.
    pub why: String,
}

/// Deployments of one host, under the same settings.
pub struct Group {
    /// The settings.
    pub settings: Arc<Loaded>,
    /// The host.
    pub host: Host,
    /// The deployments.
    pub deployments: Vec<Deployment>,
    pub(super) root: Option<PathBuf>,
}

impl Group {
    /// Where absolute paths are looked up, where that was said.
    pub fn root(&self) -> Option<&Path> {
        self.root.as_deref()
    }
}
