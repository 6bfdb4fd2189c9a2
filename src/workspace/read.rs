//! Paths, settings, discovery, forms, templates and lists of shares become deployments.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    link_shares::link_shares,
    model::{FileDecision, Group, Workspace},
    options::{Layer, Options},
    script::{FormFiles, Script},
};
use crate::{
    catalog::Release,
    input::{
        self, Root,
        forms::{self, Assembled, Candidate, Form, Run, Taken},
        render,
    },
    lint::{Deployment, Rule},
    message::Message,
    nas::{Host, Python},
    report::ToolError,
    settings::{Declared, Finder, Loaded, SettingsError},
    source::{self, Borders, FileId, FileSystem, Files, Kind, Origin},
};

/// Reads everything that the options name.
///
/// # Errors
/// Settings that cannot be used.
pub fn read(fs: &Arc<dyn FileSystem>, options: &Options, rules: &[Arc<Rule>]) -> Result<Workspace, SettingsError> {
    let borders = options.borders(fs);
    let finder = match &options.settings {
        _ if options.no_settings => Finder::nothing(&borders, rules),
        Some(path) => Finder::file(&borders, rules, path)?,
        None if options.isolated => Finder::nothing(&borders, rules),
        None => Finder::new(&borders, rules),
    };
    let release = options.release.unwrap_or(Release::NEWEST);
    let input = Workspace {
        fs: Arc::clone(&borders) as Arc<dyn FileSystem>,
        borders: Arc::clone(&borders),
        files: Files::default(),
        groups: Vec::new(),
        release,
        isolated: options.isolated,
        errors: Vec::new(),
        decisions: Vec::new(),
        unlinted: None,
        found: HashSet::new(),
        notes: Vec::new(),
        script: Script { stdin: options.stdin_filename.clone(), release: options.release, ..Script::default() },
    };
    let fs = Arc::clone(&input.fs);
    let mut reading =
        Reading { options, borders: Arc::clone(&borders), input, finder, declared: Vec::new(), given: Vec::new() };
    if let Some(path) = &options.vars {
        match render::read_vars(&*fs, path) {
            Ok(vars) => reading.input.script.vars = Some(Arc::new(vars)),
            Err(error) => reading.input.fail(path, &error),
        }
    }
    if let Some(root) = &options.root
        && !reading.borders.below().is_folder(root)
    {
        reading.input.fail(root, "is not a folder");
    }
    if options.layers.is_empty() {
        let here = [PathBuf::from(".")];
        for path in if options.paths.is_empty() { &here[..] } else { &options.paths } {
            reading.path(path)?;
        }
    } else {
        reading.layers()?;
    }
    reading.assemble();
    let mut input = reading.input;
    link_shares(&mut input);
    if let Some(first) = input.groups.first().and_then(|group| group.deployments.first()) {
        input.release = first.release;
    }
    Ok(input)
}

/// The reading of what the arguments name.
struct Reading<'r> {
    options: &'r Options,
    borders: Arc<Borders>,
    input: Workspace,
    finder: Finder<'r>,
    /// The declared deployments that are read already: settings and index.
    declared: Vec<(Option<PathBuf>, usize)>,
    /// Texts that were read already, and where they are kept.
    given: Vec<(PathBuf, Vec<u8>, Origin)>,
}

impl Reading<'_> {
    fn path(&mut self, path: &Path) -> Result<(), SettingsError> {
        if path == Path::new("-") {
            let settings = self.finder.of(folder_of(&self.options.stdin_filename))?;
            match self.input.fs.read_stdin() {
                Ok(text) if self.options.force_exclude && settings.excludes(&self.options.stdin_filename) => {
                    self.input.unlinted = Some(text);
                }
                Ok(text) => {
                    let path = self.options.stdin_filename.clone();
                    let fs = Arc::clone(&self.input.fs);
                    self.named(&Candidate::with_text(&*fs, &path, &text), &settings);
                    self.given.push((path, text, Origin::Stdin));
                }
                Err(error) => self.input.fail(Path::new("standard input"), &error),
            }
        } else if self.input.fs.is_folder(path) {
            self.folder(path)?;
        } else {
            let settings = self.finder.of(folder_of(path))?;
            let excluded = self.options.force_exclude && settings.excludes(path);
            if !excluded && !self.declared_with(&settings, path) {
                match self.input.fs.read(path) {
                    Ok(text) => {
                        let fs = Arc::clone(&self.input.fs);
                        self.named(&Candidate::with_text(&*fs, path, &text), &settings);
                        self.given.push((path.to_path_buf(), text, Origin::Disk(path.to_path_buf())));
                    }
                    Err(error) => self.input.fail(path, &error),
                }
            }
        }
        Ok(())
    }

    /// A file that is named outright is taken, whatever it looks like.
    fn named(&mut self, candidate: &Candidate<'_>, settings: &Arc<Loaded>) {
        let recognised = forms::of(candidate);
        let (form, why) = match (self.options.form, recognised) {
            (Some(form), _) => (form, "--form says so".to_string()),
            (None, Some(recognised)) => recognised,
            (None, None) => {
                if let Some(what) = forms::not_read(candidate) {
                    let message = Message::from(what).help("--form ini reads it anyway");
                    return self.input.fail(candidate.path, message);
                }
                (forms::PLAIN, "it was named".to_string())
            }
        };
        self.take(Taken { path: candidate.path.to_path_buf(), why, named: true }, form, settings);
    }

    fn take(&mut self, taken: Taken, form: &'static dyn Form, settings: &Arc<Loaded>) {
        if !self.input.found.insert(source::absolute(&taken.path)) {
            return;
        }
        let same = |(known, other, _): &&mut FormFiles| Arc::ptr_eq(known, settings) && other.name() == form.name();
        let forms = &mut self.input.script.forms;
        match forms.iter_mut().find(same) {
            Some((_, _, files)) => files.push(taken),
            None => forms.push((Arc::clone(settings), form, vec![taken])),
        }
    }

    /// Has the forms read what waits.
    fn assemble(&mut self) {
        let mut run = Run::new(&mut self.input.files, &*self.input.fs);
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
                if let Some((_, why)) = left.filter(|_| one.named) {
                    self.input
                        .errors
                        .push(ToolError { file: path.clone(), message: format!("is not read: {why}").into() });
                }
                let both = [Path::new(&path), one.path.as_path()];
                let of: BTreeSet<usize> =
                    both.into_iter().filter_map(|path| parts.get(path)).flatten().copied().collect();
                let deployments = of.into_iter().map(|at| found[at].name.clone()).collect();
                self.input.decisions.push(match left {
                    Some((_, why)) => FileDecision { path, form: None, deployments, why: why.clone() },
                    None => FileDecision { path, form: Some(form.name()), deployments, why: one.why.clone() },
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
        let search = input::discover(&*self.input.fs, folder, move |folder| outer.excludes_folder(folder));
        if let Some(nothing) = search.nothing().filter(|_| !any) {
            let message = Message::from(nothing);
            self.input.fail(folder, message.help("name the file itself: it is then read under any name"));
        }
        for (path, message) in search.errors {
            self.input.fail(&path, message);
        }
        let excluded = search.excluded.into_iter().map(|folder| (folder, "the settings exclude it".to_string()));
        for (path, why) in search.left.into_iter().chain(excluded) {
            let told = FileDecision { path: source::relative(&path), form: None, deployments: Vec::new(), why };
            self.input.decisions.push(told);
        }
        for (path, form, why) in search.taken {
            let settings = self.finder.of(folder_of(&path))?;
            if settings.excludes(&path) {
                let why = "the settings exclude it".to_string();
                let told = FileDecision { path: source::relative(&path), form: None, deployments: Vec::new(), why };
                self.input.decisions.push(told);
            } else if !self.declared_with(&settings, &path) {
                self.take(Taken { path, why, named: false }, form, &settings);
            }
        }
        Ok(())
    }

    fn layers(&mut self) -> Result<(), SettingsError> {
        let first = match self.options.layers.first() {
            Some(Layer::File(path)) => folder_of(path),
            Some(Layer::Dir(path)) => path,
            None => Path::new("."),
        };
        let settings = self.finder.of(first)?;
        let mut layers = Vec::new();
        for layer in &self.options.layers {
            match layer {
                Layer::File(path) => layers.extend(self.input.add_file(path)),
                Layer::Dir(path) => self.input.add_dir(path, &mut layers),
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
        // Beside what was given, what lies where the settings do.
        let inside = settings.path.as_deref().map(|path| self.borders.with_folder(folder_of(path)));
        let outer = inside.map(|inside| std::mem::replace(&mut self.input.fs, inside));
        for path in &declared.files {
            layers.extend(self.input.add_file(Path::new(&source::from_here(path))));
        }
        for dir in &declared.dirs {
            self.input.add_dir(Path::new(&source::from_here(dir)), &mut layers);
        }
        if let Some(outer) = outer {
            self.input.fs = outer;
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
            self.input.decisions.push(FileDecision {
                path,
                form: Some(forms::PLAIN.name()),
                deployments,
                why: why.into(),
            });
        }
        let deployment = Deployment { is_whole: true, ..Deployment::new(layers, Release::NEWEST) };
        self.add_deployment(deployment, None, settings, declared);
    }

    fn add_assembled(&mut self, assembled: Assembled, settings: &Arc<Loaded>) {
        let Assembled { label, layers, unseen, services, release, until, shares, remarks, .. } = assembled;
        let deployment = Deployment { label, unseen, services, shares, remarks, ..Deployment::new(layers, until) };
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
        let release = self.options.release.or(declared.and_then(|one| one.release)).or(settings.settings.release);
        let release = release.or(of_form);
        let release_given = release.is_some();
        let release = release.unwrap_or(deployment.release);
        let root = self.options.root.clone().or_else(|| declared.and_then(|one| one.root.clone()));
        let root = root.or_else(|| settings.root());
        let python = match (self.options.python, settings.settings.python) {
            (Some(python), _) => python,
            (None, Some(2)) => Python::Two,
            (None, Some(_)) => Python::Three,
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
        let drivers = Arc::clone(&settings.drivers);
        settings.hide_secrets(&mut self.input.files, &deployment.layers);
        let deployment = Deployment { release, release_given, nas_policy, drivers, ..deployment };
        let like = |group: &&mut Group| {
            Arc::ptr_eq(&group.settings, settings) && group.root == root && group.host.python == python
        };
        if let Some(group) = self.input.groups.iter_mut().find(like) {
            group.deployments.push(deployment);
            return;
        }
        let root = root.filter(|root| self.options.root.is_some() || self.is_root(root, settings));
        let new_install = self.options.new_install.or(settings.settings.new_install);
        let looked_up = Root::on(self.borders.to_follow(), root.as_deref());
        let looked_up = looked_up.for_configuration(self.borders.folders());
        let host = Host { root: looked_up, new_install, python };
        self.input.groups.push(Group { settings: Arc::clone(settings), host, deployments: vec![deployment], root });
    }
}

impl Reading<'_> {
    /// Whether settings may name a folder as the root: one inside what was given, or where they lie.
    fn is_root(&mut self, root: &Path, settings: &Loaded) -> bool {
        let folder = settings.path.as_deref().map_or(Path::new("."), folder_of);
        match self.borders.with_folder(folder).look(root) {
            Ok(Kind::Folder) => return true,
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                let message = Message::from(crate::text::plain(&error)).help("--root names it");
                self.input.fail(root, message);
            }
            _ => self.input.fail(root, "is not a folder (the root of the settings)"),
        }
        false
    }
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
