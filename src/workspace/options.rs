//! Which files are read, and what is known of the host that reads them.

use std::path::{Path, PathBuf};

use crate::{catalog::Release, input::forms::Form, nas::Python, source::FileSystem};

/// What is to be read.
#[derive(Clone)]
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
    /// Absolute paths that the configuration names are looked up on this machine, wherever they lie: it is this host's configuration.
    pub is_hosts: bool,
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
    /// The folders that were given, and those of the files that were.
    pub(super) fn folders(&self, fs: &dyn FileSystem) -> Vec<PathBuf> {
        let layers = self.layers.iter().map(|layer| match layer {
            Layer::File(path) | Layer::Dir(path) => path,
        });
        let paths = self.paths.iter().chain(layers).filter(|path| path.as_os_str() != "-");
        let folder = |path: &PathBuf| {
            let around = path.parent().filter(|around| !around.as_os_str().is_empty()).unwrap_or(Path::new("."));
            if fs.is_folder(path) { path.clone() } else { around.to_path_buf() }
        };
        let folders: Vec<PathBuf> = paths.map(folder).collect();
        let nothing = self.paths.is_empty() && self.layers.is_empty();
        if nothing { vec![PathBuf::from(".")] } else { folders }
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
