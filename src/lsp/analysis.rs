//! One deployment, or several that belong together, as an editor's texts have them.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use super::{
    lines::{Encoding, Lines},
    texts::Snapshot,
};
use crate::{
    lint::{Deployment, Rule},
    nas::Host,
    settings::SettingsError,
    source::{self, Disk, FileId, FileSystem, Files, HostFiles, Limited, Overlay},
    workspace::{self, Choices, Linted, Options, Workspace},
};

/// What was read and found.
pub(super) struct Analysis {
    pub workspace: Workspace,
    pub linted: Linted,
}

/// How long an answer about the host may take: a share whose server hangs must not hang the editor.
const LIMIT: Duration = Duration::from_millis(500);

/// Disk, with the texts that the editor holds in the place of what is kept.
pub(super) fn file_system(snapshot: &Snapshot) -> Arc<dyn FileSystem> {
    let disk = match snapshot.given.host {
        true => Arc::new(Limited::new(Disk::shared(), snapshot.folders.clone(), LIMIT, Arc::clone(&snapshot.silent))),
        false => Disk::shared(),
    };
    let overlay = Overlay::new(disk);
    for (path, open) in &snapshot.open {
        overlay.set(path, open.text.as_bytes());
    }
    Arc::new(overlay)
}

/// Reads paths as the editor's texts have them.
pub(super) fn read(
    snapshot: &Snapshot,
    paths: Vec<PathBuf>,
    no_settings: bool,
    rules: &[Arc<Rule>],
) -> Result<Workspace, SettingsError> {
    let given = &snapshot.given;
    let options = Options {
        paths,
        release: given.release,
        host: if given.host { HostFiles::Always } else { HostFiles::Never },
        new_install: given.new_install,
        isolated: given.isolated,
        no_settings,
        ..Options::default()
    };
    workspace::read(&file_system(snapshot), &options, rules)
}

impl Analysis {
    pub(super) fn of(
        snapshot: &Snapshot,
        paths: Vec<PathBuf>,
        no_settings: bool,
        rules: &[Arc<Rule>],
    ) -> Result<Self, SettingsError> {
        let mut workspace = read(snapshot, paths, no_settings, rules)?;
        let given = &snapshot.given;
        let choices = Choices { pedantic: given.pedantic, preview: given.preview, each: true, ..Choices::default() };
        let linted = choices.lint(&mut workspace, rules.to_vec(), None, None);
        Ok(Self { workspace, linted })
    }

    /// The absolute path of a file.
    pub(super) fn path(&self, id: FileId) -> PathBuf {
        path_of(&self.workspace.files, id)
    }

    /// Each deployment with its host.
    pub(super) fn deployments(&self) -> impl Iterator<Item = (&Host, &Deployment, &[Arc<Rule>])> {
        let groups = self.workspace.groups.iter();
        groups.flat_map(|group| {
            group.deployments.iter().map(move |one| (&group.host, one, group.settings.rules.as_slice()))
        })
    }
}

/// The absolute path of a file.
pub(super) fn path_of(files: &Files, id: FileId) -> PathBuf {
    source::absolute(Path::new(&files.get(id).relative))
}

/// The lines of files, made when first asked for.
pub(super) struct AllLines<'a> {
    files: &'a Files,
    encoding: Encoding,
    known: HashMap<FileId, Lines<'a>>,
}

impl<'a> AllLines<'a> {
    pub(super) fn new(files: &'a Files, encoding: Encoding) -> Self {
        Self { files, encoding, known: HashMap::new() }
    }

    pub(super) fn of(&mut self, id: FileId) -> &Lines<'a> {
        let text = &self.files.get(id).text;
        self.known.entry(id).or_insert_with(|| Lines::new(text, self.encoding))
    }
}
