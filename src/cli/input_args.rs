//! The arguments that `check` and `effective` share: which files, and what is known of the host.

use std::{path::PathBuf, sync::Arc};

use clap::{ArgAction, ArgMatches, ValueEnum, ValueHint};

use super::complete;
use crate::{
    catalog::Release,
    input::forms::{self, Form},
    lint::Rule,
    nas::Python,
    settings::SettingsError,
    source::{Disk, FileSystem, HostFiles},
    workspace::{self, Options, Workspace},
};

/// An answer to a question about the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum YesNo {
    /// Yes.
    Yes,
    /// No.
    No,
}

/// The major version of the interpreter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PythonVersion {
    /// CPython 2.7.
    #[value(name = "2")]
    Two,
    /// CPython 3.
    #[value(name = "3")]
    Three,
}

impl From<PythonVersion> for Python {
    fn from(version: PythonVersion) -> Self {
        match version {
            PythonVersion::Two => Self::Two,
            PythonVersion::Three => Self::Three,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct InputArgs {
    /// Files, folders to search for cinder*.conf, or - for standard input [default: .]
    #[arg(value_name = "PATH", conflicts_with_all = ["config_file", "config_dir"])]
    pub paths: Vec<PathBuf>,
    /// The file name to report for standard input
    #[arg(long, value_name = "NAME", default_value = "<stdin>", hide_default_value = true)]
    pub stdin_filename: PathBuf,
    /// One file of a deployment, read as cinder-volume reads it with the same flag (repeatable)
    #[arg(long, value_name = "FILE", action = ArgAction::Append)]
    pub config_file: Vec<PathBuf>,
    /// A folder of *.conf files of that deployment (repeatable)
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, action = ArgAction::Append)]
    pub config_dir: Vec<PathBuf>,
    /// The Cinder release that reads the files: train, 2025.1, 15.0.0, … [default: the release that the files name, or the newest known]
    #[arg(long, value_name = "NAME", add = complete::releases(), value_parser = |text: &str| text.parse::<Release>())]
    pub release: Option<Release>,
    /// Read the absolute paths in the configuration below this folder, a copy of the host's files
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub root: Option<PathBuf>,
    /// The configuration belongs to this host: read the absolute paths in it, wherever they are [default: only inside the given
    /// folders, or for files in /etc/cinder and similar folders]
    #[arg(long, conflicts_with = "root")]
    pub host: bool,
    /// Whether the volume database is empty when cinder-volume starts [default: not known]
    #[arg(long, value_name = "ANSWER")]
    pub new_install: Option<YesNo>,
    /// The Python version that runs cinder-volume; it decides which share is the first [default: by release]
    #[arg(long, value_name = "VERSION")]
    pub python: Option<PythonVersion>,
    /// Fill in Jinja templates with the variables of this YAML file, and check the result
    #[arg(long, value_name = "FILE")]
    pub vars: Option<PathBuf>,
    /// The settings file, instead of the nearest cinderlint.toml or pyproject.toml above each file
    #[arg(long, value_name = "FILE", conflicts_with = "no_settings")]
    pub settings: Option<PathBuf>,
    /// Do not read settings files
    #[arg(long)]
    pub no_settings: bool,
    /// Ignore settings, suppressions and .gitignore files in the tree
    #[arg(long)]
    pub isolated: bool,
    /// Read all paths as this form: see `check --show-files`
    #[arg(long, value_name = "NAME", value_parser = form_named, conflicts_with_all = ["config_file", "config_dir"])]
    pub form: Option<FormName>,
    /// Leave out files that the settings exclude, even if they are named on the command line
    #[arg(long)]
    pub force_exclude: bool,
}

/// A form, by its name.
#[derive(Clone, Copy)]
pub(crate) struct FormName(pub &'static dyn Form);

impl std::fmt::Debug for FormName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name())
    }
}

fn form_named(name: &str) -> Result<FormName, String> {
    let known = || forms::ALL.iter().rev().map(|form| form.name()).collect::<Vec<_>>().join(", ");
    forms::named(name).map(FormName).ok_or_else(|| format!("the forms are {}", known()))
}

/// One of the two layer flags, in the order of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    /// The nth `--config-file`.
    File(usize),
    /// The nth `--config-dir`.
    Dir(usize),
}

/// The order in which `--config-file` and `--config-dir` were given: it decides which value counts.
pub(crate) fn layer_order(matches: &ArgMatches) -> Vec<Layer> {
    let indices = |id: &str| -> Vec<usize> {
        matches.try_contains_id(id).ok().and_then(|_| matches.indices_of(id)).into_iter().flatten().collect()
    };
    let files = indices("config_file").into_iter().enumerate().map(|(nth, at)| (at, Layer::File(nth)));
    let dirs = indices("config_dir").into_iter().enumerate().map(|(nth, at)| (at, Layer::Dir(nth)));
    let mut layers: Vec<(usize, Layer)> = files.chain(dirs).collect();
    layers.sort_by_key(|(at, _)| *at);
    layers.into_iter().map(|(_, layer)| layer).collect()
}

impl InputArgs {
    /// Reads everything that the arguments name.
    ///
    /// # Errors
    /// Settings that cannot be used.
    pub(crate) fn read(&self, order: &[Layer], rules: &[Arc<Rule>]) -> Result<Workspace, SettingsError> {
        self.read_from(&Disk::shared(), order, rules)
    }

    /// Reads everything that the arguments name from somewhere.
    ///
    /// # Errors
    /// Settings that cannot be used.
    pub(crate) fn read_from(
        &self,
        fs: &Arc<dyn FileSystem>,
        order: &[Layer],
        rules: &[Arc<Rule>],
    ) -> Result<Workspace, SettingsError> {
        let layer = |layer: &Layer| match *layer {
            Layer::File(nth) => workspace::Layer::File(self.config_file[nth].clone()),
            Layer::Dir(nth) => workspace::Layer::Dir(self.config_dir[nth].clone()),
        };
        let options = Options {
            paths: self.paths.clone(),
            layers: order.iter().map(layer).collect(),
            stdin_filename: self.stdin_filename.clone(),
            release: self.release,
            root: self.root.clone(),
            host: if self.host { HostFiles::Always } else { HostFiles::Own },
            new_install: self.new_install.map(|answer| answer == YesNo::Yes),
            python: self.python.map(Python::from),
            vars: self.vars.clone(),
            settings: self.settings.clone(),
            no_settings: self.no_settings,
            isolated: self.isolated,
            form: self.form.map(|form| form.0),
            force_exclude: self.force_exclude,
        };
        workspace::read(fs, &options, rules)
    }
}
