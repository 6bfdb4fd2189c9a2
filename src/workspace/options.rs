//! Which files are read, and what is known of the host that reads them.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    catalog::Release,
    input::forms::Form,
    nas::Python,
    source::{Borders, FileSystem, HostFiles},
};

/// What is to be read.
#[derive(Clone, Default)]
pub struct Options {
    /// Files, folders that are searched, or `-` for standard input; nothing: the working directory. Not with `layers`.
    pub paths: Vec<PathBuf>,
    /// The files of one deployment, the one that takes effect last.
    pub layers: Vec<Layer>,
    /// The name under which standard input is reported.
    pub stdin_filename: PathBuf,
    /// The release that reads the files; it wins over settings and forms.
    pub release: Option<Release>,
    /// Where absolute paths that the configuration names are looked up.
    pub root: Option<PathBuf>,
    /// Whether absolute paths that the configuration names are looked up on this machine, wherever they lie.
    pub host: HostFiles,
    /// Whether the volume database is empty when cinder-volume starts.
    pub new_install: Option<bool>,
    /// The Python that runs cinder-volume; not given: by release.
    pub python: Option<Python>,
    /// A YAML file of variables with which templates are filled in.
    pub vars: Option<PathBuf>,
    /// The settings for every file, instead of the nearest ones upward.
    pub settings: Option<PathBuf>,
    /// No settings are looked for.
    pub no_settings: bool,
    /// What the files of the tree say about linting is ignored: settings, suppressions, and which files git ignores.
    pub isolated: bool,
    /// What the paths are, whatever they look like.
    pub form: Option<&'static dyn Form>,
    /// What the settings exclude is left out even where it is named outright.
    pub force_exclude: bool,
}

impl Options {
    /// The borders of what is read: around the paths that were given, and the file of variables.
    pub(super) fn borders(&self, fs: &Arc<dyn FileSystem>) -> Arc<Borders> {
        let layers = self.layers.iter().map(|layer| match layer {
            Layer::File(path) | Layer::Dir(path) => path,
        });
        let paths = self.paths.iter().chain(layers).map(PathBuf::as_path).filter(|path| *path != Path::new("-"));
        let nothing = self.paths.is_empty() && self.layers.is_empty();
        let here = nothing.then_some(Path::new("."));
        let mut borders = Borders::around(fs, paths.chain(here), self.host);
        if self.paths.iter().any(|path| path == Path::new("-")) {
            let folder = self.stdin_filename.parent().filter(|folder| !folder.as_os_str().is_empty());
            borders = borders.with_pretended(folder.unwrap_or(Path::new(".")));
        }
        self.vars.as_ref().map_or_else(|| Arc::clone(&borders), |vars| borders.with_file(vars))
    }
}

/// A part of a deployment that is named outright.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layer {
    /// `--config-file`.
    File(PathBuf),
    /// The `*.conf` of a folder: `--config-dir`.
    Dir(PathBuf),
}
