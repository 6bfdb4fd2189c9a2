//! The arguments that `check` and `effective` share: which files, and what is known of the host.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{ArgAction, ArgMatches, ValueEnum, ValueHint};

use super::complete;
use crate::{
    catalog::Release,
    input::{
        self, Root,
        forms::{self, Assembled, Candidate, Form, Run, Taken},
        render::{self, Vars},
    },
    lint::{Deployment, Rule},
    nas::{Host, Python},
    report::ToolError,
    settings::{Declared, Finder, Loaded, SettingsError},
    source::{self, FileId, Files, Origin, Part},
    text,
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
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, action = ArgAction::Append)]
    pub config_dir: Vec<PathBuf>,
    /// The Cinder release that reads the files: train, 2025.1, 15.0.0, … [default: the newest known]
    #[arg(long, value_name = "NAME", add = complete::releases(), value_parser = |text: &str| text.parse::<Release>())]
    pub release: Option<Release>,
    /// Look up absolute paths that the configuration names below this folder, a copy of the host's files
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub root: Option<PathBuf>,
    /// Whether the volume database is empty when cinder-volume starts [default: not known]
    #[arg(long, value_name = "ANSWER")]
    pub new_install: Option<YesNo>,
    /// The Python that runs cinder-volume; it decides which share is the first [default: by release]
    #[arg(long, value_name = "VERSION")]
    pub python: Option<PythonVersion>,
    /// Fill Jinja templates in with the variables of this YAML file, to judge what comes of them
    #[arg(long, value_name = "FILE")]
    pub vars: Option<PathBuf>,
    /// The settings, instead of the nearest cinderlint.toml or pyproject.toml above each file
    #[arg(long, value_name = "FILE", conflicts_with = "no_settings")]
    pub settings: Option<PathBuf>,
    /// Look for no settings
    #[arg(long)]
    pub no_settings: bool,
    /// What the paths are, whatever they look like: see `check --show-files`
    #[arg(long, value_name = "NAME", value_parser = form_named, conflicts_with_all = ["config_file", "config_dir"])]
    pub form: Option<FormName>,
    /// Leave out what the settings exclude even where it is named outright
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

/// What was read.
pub(crate) struct Input {
    pub files: Files,
    pub groups: Vec<Group>,
    pub release: Release,
    pub errors: Vec<ToolError>,
    /// What was taken and what was left out, and why: for `--show-files`.
    pub story: Vec<Told>,
    /// The text on standard input, where the settings leave it out.
    pub unlinted: Option<Vec<u8>>,
    /// The files that were found below the given paths: one that is named twice is one file.
    found: HashSet<PathBuf>,
    /// What stays open in templates.
    pub notes: Vec<ToolError>,
    /// What was read, in order.
    script: Script,
}

/// What became of one file.
#[derive(Debug)]
pub(crate) struct Told {
    /// The path, seen from the working directory.
    pub path: String,
    /// The form; none: it is left out.
    pub form: Option<&'static str>,
    /// The deployments that it is a part of.
    pub deployments: Vec<String>,
    /// Why.
    pub why: String,
}

/// What was read, in order, so that it can be read again of other texts.
#[derive(Default)]
struct Script {
    /// The name of standard input.
    stdin: PathBuf,
    /// The release that the flags name.
    release: Option<Release>,
    /// The files that were named as layers; they are read first.
    layers: Vec<PathBuf>,
    /// What templates are filled in with.
    vars: Option<Arc<Vars>>,
    /// All others, by settings and form.
    forms: Vec<(Arc<Loaded>, &'static dyn Form, Vec<Taken>)>,
}

impl Script {
    /// Has the forms read; what each found.
    fn forms(&self, run: &mut Run<'_>) -> Vec<Vec<Assembled>> {
        let read = |(settings, form, taken): &(Arc<Loaded>, &'static dyn Form, Vec<Taken>)| {
            run.release = self.release.or(settings.settings.release);
            form.read(taken, run);
            std::mem::take(&mut run.found)
        };
        self.forms.iter().map(read).collect()
    }
}

/// Deployments of one host, under the same settings.
pub(crate) struct Group {
    pub settings: Arc<Loaded>,
    pub host: Host,
    pub deployments: Vec<Deployment>,
    root: Option<PathBuf>,
}

impl Group {
    /// Where absolute paths are looked up, where that was said.
    pub(crate) fn root(&self) -> Option<&Path> {
        self.root.as_deref()
    }
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
    pub(crate) fn read(&self, order: &[Layer], rules: &[Arc<Rule>]) -> Result<Input, SettingsError> {
        let finder = match &self.settings {
            _ if self.no_settings => Finder::nothing(rules),
            Some(path) => Finder::file(rules, path)?,
            None => Finder::new(rules),
        };
        let release = self.release.unwrap_or(Release::NEWEST);
        let input = Input {
            files: Files::default(),
            groups: Vec::new(),
            release,
            errors: Vec::new(),
            story: Vec::new(),
            unlinted: None,
            found: HashSet::new(),
            notes: Vec::new(),
            script: Script { stdin: self.stdin_filename.clone(), release: self.release, ..Script::default() },
        };
        let mut reading = Reading { args: self, input, finder, declared: Vec::new(), given: Vec::new() };
        if let Some(path) = &self.vars {
            match render::read_vars(path) {
                Ok(vars) => reading.input.script.vars = Some(Arc::new(vars)),
                Err(error) => reading.input.fail(path, error.to_string()),
            }
        }
        if let Some(root) = &self.root
            && !root.is_dir()
        {
            reading.input.fail(root, "is not a folder".into());
        }
        if order.is_empty() {
            let here = [PathBuf::from(".")];
            for path in if self.paths.is_empty() { &here[..] } else { &self.paths } {
                reading.path(path)?;
            }
        } else {
            reading.layers(order)?;
        }
        reading.assemble();
        let mut input = reading.input;
        super::tie::shares(&mut input);
        if let Some(first) = input.groups.first().and_then(|group| group.deployments.first()) {
            input.release = first.release;
        }
        Ok(input)
    }
}

/// The reading of what the arguments name.
struct Reading<'r> {
    args: &'r InputArgs,
    input: Input,
    finder: Finder<'r>,
    /// The declared deployments that are read already: settings and index.
    declared: Vec<(Option<PathBuf>, usize)>,
    /// Texts that were read already, and where they are kept.
    given: Vec<(PathBuf, Vec<u8>, Origin)>,
}

impl Reading<'_> {
    fn path(&mut self, path: &Path) -> Result<(), SettingsError> {
        if path == Path::new("-") {
            let settings = self.finder.of(folder_of(&self.args.stdin_filename))?;
            match input::read_stdin() {
                Ok(text) if self.args.force_exclude && settings.excludes(&self.args.stdin_filename) => {
                    self.input.unlinted = Some(text);
                }
                Ok(text) => {
                    let path = self.args.stdin_filename.clone();
                    self.named(&Candidate::with_text(&path, &text), &settings);
                    self.given.push((path, text, Origin::Stdin));
                }
                Err(error) => self.input.fail(Path::new("standard input"), error.to_string()),
            }
        } else if path.is_dir() {
            self.folder(path)?;
        } else {
            let settings = self.finder.of(folder_of(path))?;
            let excluded = self.args.force_exclude && settings.excludes(path);
            if !excluded && !self.declared_with(&settings, path) {
                match input::read_path(path) {
                    Ok(text) => {
                        self.named(&Candidate::with_text(path, &text), &settings);
                        self.given.push((path.to_path_buf(), text, Origin::Disk(path.to_path_buf())));
                    }
                    Err(error) => self.input.fail(path, error.to_string()),
                }
            }
        }
        Ok(())
    }

    /// A file that is named outright is taken, whatever it looks like.
    fn named(&mut self, candidate: &Candidate<'_>, settings: &Arc<Loaded>) {
        let recognised = forms::of(candidate);
        let (form, why) = match (self.args.form, recognised) {
            (Some(form), _) => (form.0, "--form says so".to_string()),
            (None, Some(recognised)) => recognised,
            (None, None) => match forms::unsupported(candidate) {
                Some(what) => {
                    return self.input.fail(
                        candidate.path,
                        format!("is {what}, which is not read; --form ini reads it all the same"),
                    );
                }
                None => (forms::PLAIN, "it was named".to_string()),
            },
        };
        self.take(Taken { path: candidate.path.to_path_buf(), why, named: true }, form, settings);
    }

    fn take(&mut self, taken: Taken, form: &'static dyn Form, settings: &Arc<Loaded>) {
        if !self.input.found.insert(source::absolute(&taken.path)) {
            return;
        }
        let same = |(known, other, _): &&mut (Arc<Loaded>, &'static dyn Form, Vec<Taken>)| {
            Arc::ptr_eq(known, settings) && other.name() == form.name()
        };
        let forms = &mut self.input.script.forms;
        match forms.iter_mut().find(same) {
            Some((_, _, files)) => files.push(taken),
            None => forms.push((Arc::clone(settings), form, vec![taken])),
        }
    }

    /// Has the forms read what waits.
    fn assemble(&mut self) {
        let mut run = Run::new(&mut self.input.files);
        run.fill(self.input.script.vars.clone());
        for (path, text, origin) in std::mem::take(&mut self.given) {
            run.give(&path, text, origin);
        }
        let found = self.input.script.forms(&mut run);
        let (errors, left) = (std::mem::take(&mut run.errors), std::mem::take(&mut run.left));
        let notes = std::mem::take(&mut run.notes);
        self.input.note(notes);
        for (path, why) in errors {
            self.input.fail(&path, why);
        }
        for (at, found) in found.into_iter().enumerate() {
            let (settings, form, taken) = &self.input.script.forms[at];
            let (settings, form) = (Arc::clone(settings), *form);
            // What each file is a part of, by its path as it was asked for and as it is shown.
            let mut parts: HashMap<&Path, Vec<usize>> = HashMap::new();
            for (at, assembled) in found.iter().enumerate() {
                let files = assembled.layers.iter().chain(assembled.shares.iter().map(|(_, id)| id));
                let files = files.map(|id| Path::new(&self.input.files.get(*id).relative));
                for path in files.chain([assembled.path.as_path()]) {
                    let of = parts.entry(path).or_default();
                    if of.last() != Some(&at) {
                        of.push(at);
                    }
                }
            }
            for one in taken {
                let path = source::relative(&one.path);
                let left = left.iter().find(|(other, _)| *other == one.path);
                let both = [Path::new(&path), one.path.as_path()];
                let of: BTreeSet<usize> =
                    both.into_iter().filter_map(|path| parts.get(path)).flatten().copied().collect();
                let deployments = of.into_iter().map(|at| found[at].name.clone()).collect();
                self.input.story.push(match left {
                    Some((_, why)) => Told { path, form: None, deployments, why: why.clone() },
                    None => Told { path, form: Some(form.name()), deployments, why: one.why.clone() },
                });
            }
            for assembled in found {
                self.add_assembled(assembled, &settings);
            }
        }
    }

    fn folder(&mut self, folder: &Path) -> Result<(), SettingsError> {
        let settings = self.finder.of(folder)?;
        let whole = source::absolute(folder);
        let mut any = false;
        for at in 0..settings.deployments.len() {
            if settings.deployments[at].is_below(&whole) {
                self.declare(&settings, at);
                any = true;
            }
        }
        let outer = Arc::clone(&settings);
        let search = input::discover(folder, move |folder| outer.excludes_folder(folder));
        if search.taken.is_empty() && search.excluded.is_empty() && search.errors.is_empty() && !any {
            let left = if search.left.is_empty() { "" } else { " but backups" };
            let message = format!("no cinder*.conf found here{left}; name a file to read it whatever it is called");
            self.input.fail(folder, message);
        }
        for (path, message) in search.errors {
            self.input.fail(&path, message);
        }
        let excluded = search.excluded.into_iter().map(|folder| (folder, "the settings exclude it".to_string()));
        for (path, why) in search.left.into_iter().chain(excluded) {
            let told = Told { path: source::relative(&path), form: None, deployments: Vec::new(), why };
            self.input.story.push(told);
        }
        for (path, form, why) in search.taken {
            let settings = self.finder.of(folder_of(&path))?;
            if settings.excludes(&path) {
                let why = "the settings exclude it".to_string();
                let told = Told { path: source::relative(&path), form: None, deployments: Vec::new(), why };
                self.input.story.push(told);
            } else if !self.declared_with(&settings, &path) {
                self.take(Taken { path, why, named: false }, form, &settings);
            }
        }
        Ok(())
    }

    fn layers(&mut self, order: &[Layer]) -> Result<(), SettingsError> {
        let first = match order.first() {
            Some(Layer::File(nth)) => folder_of(&self.args.config_file[*nth]).to_path_buf(),
            Some(Layer::Dir(nth)) => self.args.config_dir[*nth].clone(),
            None => PathBuf::from("."),
        };
        let settings = self.finder.of(&first)?;
        let mut layers = Vec::new();
        for layer in order {
            match *layer {
                Layer::File(nth) => layers.extend(self.input.add_file(&self.args.config_file[nth])),
                Layer::Dir(nth) => self.input.add_dir(&self.args.config_dir[nth], &mut layers),
            }
        }
        self.add(layers, &settings, None);
        Ok(())
    }

    /// Reads the declared deployments that a file is part of; whether there are any.
    fn declared_with(&mut self, settings: &Arc<Loaded>, file: &Path) -> bool {
        let whole = source::absolute(file);
        let with: Vec<usize> =
            (0..settings.deployments.len()).filter(|&at| settings.deployments[at].holds(&whole)).collect();
        for &at in &with {
            self.declare(settings, at);
        }
        !with.is_empty()
    }

    fn declare(&mut self, settings: &Arc<Loaded>, at: usize) {
        let key = (settings.path.clone(), at);
        if self.declared.contains(&key) {
            return;
        }
        self.declared.push(key);
        let declared = &settings.deployments[at];
        let mut layers = Vec::new();
        for path in &declared.files {
            layers.extend(self.input.add_file(Path::new(&source::relative(path))));
        }
        for dir in &declared.dirs {
            self.input.add_dir(Path::new(&source::relative(dir)), &mut layers);
        }
        self.add(layers, settings, Some(declared));
    }

    fn add(&mut self, layers: Vec<FileId>, settings: &Arc<Loaded>, declared: Option<&Declared>) {
        if layers.is_empty() {
            return;
        }
        let name = declared.map(|one| one.name.clone());
        for &id in &layers {
            let path = self.input.files.get(id).relative.clone();
            let why = if declared.is_some() { "the settings declare it" } else { "it was named" };
            let deployments = name.iter().cloned().collect();
            self.input.story.push(Told { path, form: Some(forms::PLAIN.name()), deployments, why: why.into() });
        }
        self.add_deployment(Deployment::new(layers, Release::NEWEST), None, settings, declared);
    }

    fn add_assembled(&mut self, assembled: Assembled, settings: &Arc<Loaded>) {
        let Assembled { layers, unseen, release, until, shares, remarks, .. } = assembled;
        let deployment = Deployment { unseen, shares, remarks, ..Deployment::new(layers, until) };
        self.add_deployment(deployment, release, settings, None);
    }

    /// Flags win over the deployment, the deployment over the rest of the settings, and that over what the form knows.
    fn add_deployment(
        &mut self,
        deployment: Deployment,
        of_form: Option<Release>,
        settings: &Arc<Loaded>,
        declared: Option<&Declared>,
    ) {
        let release = self.args.release.or(declared.and_then(|one| one.release)).or(settings.settings.release);
        let release = release.or(of_form);
        let release_given = release.is_some();
        let release = release.unwrap_or(deployment.release);
        let root = self.args.root.clone().or_else(|| declared.and_then(|one| one.root.clone()));
        let root = root.or_else(|| settings.root());
        let python = match (self.args.python, settings.settings.python) {
            (Some(PythonVersion::Two), _) | (None, Some(2)) => Python::Two,
            (Some(PythonVersion::Three), _) | (None, Some(_)) => Python::Three,
            // From Rocky on Cinder runs on Python 3 as well, and distributions moved there.
            (None, None) if release <= Release::QUEENS => Python::Two,
            (None, None) => Python::Three,
        };
        let files = &self.input.files;
        let first = deployment.layers.iter().find_map(|&id| {
            let file = files.get(id);
            file.part.is_of_a_file().then(|| PathBuf::from(&file.relative))
        });
        let nas_policy = settings.nas_policy(declared, &first.unwrap_or_default());
        let deployment = Deployment { release, release_given, nas_policy, ..deployment };
        let like = |group: &&mut Group| {
            Arc::ptr_eq(&group.settings, settings) && group.root == root && group.host.python == python
        };
        if let Some(group) = self.input.groups.iter_mut().find(like) {
            group.deployments.push(deployment);
            return;
        }
        if let Some(root) = root.as_ref().filter(|root| self.args.root.is_none() && !root.is_dir()) {
            self.input.fail(root, "is not a folder (the root of the settings)".into());
        }
        let new_install = self.args.new_install.map(|a| a == YesNo::Yes).or(settings.settings.new_install);
        let host = Host { root: Root::new(root.as_deref()), new_install, python };
        self.input.groups.push(Group { settings: Arc::clone(settings), host, deployments: vec![deployment], root });
    }
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

impl Input {
    /// Makes the pieces of the texts that hold configuration in pieces anew, after the texts were changed. False: they are
    /// read otherwise than before, and nothing is as it should be.
    pub(crate) fn read_again(&mut self) -> bool {
        if self.files.iter().all(|(_, file)| !matches!(file.part, Part::Container)) {
            return true;
        }
        let mut files = Files::default();
        let mut run = Run::new(&mut files);
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

    fn note(&mut self, notes: Vec<(PathBuf, String)>) {
        self.notes
            .extend(notes.into_iter().map(|(path, message)| ToolError { file: source::relative(&path), message }));
    }

    fn fail(&mut self, path: &Path, message: String) {
        self.errors.push(ToolError { file: source::relative(path), message });
    }

    fn add_file(&mut self, path: &Path) -> Option<FileId> {
        let candidate = Candidate::new(path);
        if candidate.is_yaml()
            && let Some((form, _)) = forms::of(&candidate)
        {
            let what = format!("holds {}, which oslo.config does not read: name it without the flag", form.title());
            self.fail(path, what);
            return None;
        }
        let mut run = Run::new(&mut self.files);
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

    fn add_dir(&mut self, folder: &Path, layers: &mut Vec<FileId>) {
        match input::conf_files(folder) {
            Ok(paths) => layers.extend(paths.iter().filter_map(|path| self.add_file(path)).collect::<Vec<_>>()),
            Err(error) => self.fail(folder, text::plain(&error)),
        }
    }
}
