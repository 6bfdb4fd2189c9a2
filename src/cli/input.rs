//! The arguments that `check` and `effective` share: which files, and what is known of the host.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use clap::{ArgAction, ArgMatches, ValueEnum};

use crate::{
    catalog::Release,
    input::{self, FileId, Files, Root},
    lint::Deployment,
    nas::{Host, Python},
    report::ToolError,
};

/// An answer to a question about the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum YesNo {
    /// It is so.
    Yes,
    /// It is not so.
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

#[derive(Debug, clap::Args)]
pub(crate) struct InputArgs {
    /// Files, folders to search for cinder*.conf, or - for standard input [default: .]
    #[arg(value_name = "PATH", conflicts_with_all = ["config_file", "config_dir"])]
    pub paths: Vec<PathBuf>,
    /// The name under which standard input is reported
    #[arg(long, value_name = "NAME", default_value = "<stdin>", hide_default_value = true)]
    pub stdin_filename: PathBuf,
    /// One file of a deployment, layered as cinder-volume does with the same flag (repeatable)
    #[arg(long, value_name = "FILE", action = ArgAction::Append)]
    pub config_file: Vec<PathBuf>,
    /// A folder of *.conf files of that deployment (repeatable)
    #[arg(long, value_name = "DIR", action = ArgAction::Append)]
    pub config_dir: Vec<PathBuf>,
    /// The Cinder release that reads the files: train, 2025.1, 15.0.0, … [default: the newest known]
    #[arg(long, value_name = "NAME", value_parser = |text: &str| text.parse::<Release>())]
    pub release: Option<Release>,
    /// Look up absolute paths that the configuration names below this folder, a copy of the host's files
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Whether the volume database is empty when cinder-volume starts [default: not known]
    #[arg(long, value_name = "ANSWER")]
    pub new_install: Option<YesNo>,
    /// The Python that runs cinder-volume; it decides which share is the first [default: by release]
    #[arg(long, value_name = "VERSION")]
    pub python: Option<PythonVersion>,
}

/// What was read.
pub(crate) struct Input {
    pub files: Files,
    pub deployments: Vec<Deployment>,
    pub host: Host,
    pub release: Release,
    pub release_given: bool,
    pub errors: Vec<ToolError>,
    /// The files that were found below the given paths: one that is named twice is one file.
    found: HashSet<PathBuf>,
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
    pub(crate) fn read(&self, order: &[Layer]) -> Input {
        let release = self.release.unwrap_or(Release::NEWEST);
        let python = match self.python {
            Some(PythonVersion::Two) => Python::Two,
            Some(PythonVersion::Three) => Python::Three,
            // From Rocky on Cinder runs on Python 3 as well, and distributions moved there.
            None if release <= Release::QUEENS => Python::Two,
            None => Python::Three,
        };
        let host = Host {
            root: Root::new(self.root.as_deref()),
            new_install: self.new_install.map(|a| a == YesNo::Yes),
            python,
        };
        let mut input = Input {
            files: Files::default(),
            deployments: Vec::new(),
            host,
            release,
            release_given: self.release.is_some(),
            errors: Vec::new(),
            found: HashSet::new(),
        };
        if let Some(root) = &self.root
            && !root.is_dir()
        {
            input.fail(root, "is not a folder".into());
        }
        if order.is_empty() {
            let here = [PathBuf::from(".")];
            for path in if self.paths.is_empty() { &here[..] } else { &self.paths } {
                self.read_path(path, &mut input);
            }
        } else {
            self.read_layers(order, &mut input);
        }
        input
    }

    fn read_path(&self, path: &Path, input: &mut Input) {
        if path == Path::new("-") {
            match input::read_stdin() {
                Ok(text) => {
                    let id = input.files.add(&self.stdin_filename, text);
                    input.add_deployment(vec![id]);
                }
                Err(error) => input.fail(Path::new("standard input"), error.to_string()),
            }
        } else if path.is_dir() {
            let (found, errors) = input::discover(path);
            if found.is_empty() && errors.is_empty() {
                input.fail(path, "no cinder*.conf found here; name a file to read it whatever it is called".into());
            }
            for (path, message) in errors {
                input.fail(&path, message);
            }
            for one in found {
                input.add_found(&one);
            }
        } else {
            input.add_found(&input::found(path.to_path_buf()));
        }
    }

    fn read_layers(&self, order: &[Layer], input: &mut Input) {
        let mut layers = Vec::new();
        for layer in order {
            match *layer {
                Layer::File(nth) => layers.extend(input.add_file(&self.config_file[nth])),
                Layer::Dir(nth) => {
                    let folder = &self.config_dir[nth];
                    match input::conf_files(folder) {
                        Ok(paths) => {
                            for path in paths {
                                layers.extend(input.add_file(&path));
                            }
                        }
                        Err(error) => input.fail(folder, input::plain(&error)),
                    }
                }
            }
        }
        input.add_deployment(layers);
    }
}

impl Input {
    fn fail(&mut self, path: &Path, message: String) {
        self.errors.push(ToolError { file: input::relative(path), message });
    }

    fn add_file(&mut self, path: &Path) -> Option<FileId> {
        match input::read_path(path) {
            Ok(text) => Some(self.files.add(path, text)),
            Err(error) => {
                self.fail(path, error.to_string());
                None
            }
        }
    }

    fn add_found(&mut self, found: &input::Found) {
        if !self.found.insert(input::absolute(&found.file)) {
            return;
        }
        let file = self.add_file(&found.file);
        if let (Some(_), Some((folder, why))) = (file, &found.unreadable) {
            self.fail(folder, why.clone());
        }
        let more = found.more.iter().filter_map(|path| self.add_file(path));
        let layers = file.into_iter().chain(more).collect();
        self.add_deployment(layers);
    }

    fn add_deployment(&mut self, layers: Vec<FileId>) {
        if !layers.is_empty() {
            let (release, release_given) = (self.release, self.release_given);
            self.deployments.push(Deployment { layers, release, release_given, from: None });
        }
    }
}
