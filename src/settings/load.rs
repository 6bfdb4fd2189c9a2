use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use serde::Deserialize;
use toml::Spanned;

use super::{Settings, SettingsError};
use crate::{
    catalog::Release,
    lint::{self, NasPolicy, Rule, SiteDriver, rule},
    source::{self, FileId, FileSystem, Files},
};

/// Settings that were read and found good, with all that they name.
#[derive(Debug)]
pub struct Loaded {
    /// The file; not given: the defaults.
    pub path: Option<PathBuf>,
    /// What stands in it.
    pub settings: Settings,
    /// The rules that there are, with the severities of the settings, and the site's own.
    pub rules: Vec<Arc<Rule>>,
    /// The declared deployments, with absolute paths.
    pub deployments: Vec<Declared>,
    /// Ids of rules that no suppression lets pass.
    pub forbidden: HashSet<String>,
    /// The site's drivers.
    pub drivers: Arc<[SiteDriver]>,
    folder: PathBuf,
    exclude: Gitignore,
    per_path: Vec<Gitignore>,
}

/// A declared deployment.
#[derive(Clone, Debug)]
pub struct Declared {
    /// What people call it.
    pub name: String,
    /// The files.
    pub files: Vec<PathBuf>,
    /// The folders.
    pub dirs: Vec<PathBuf>,
    /// The release that reads it.
    pub release: Option<Release>,
    /// Where the absolute paths in it are looked up.
    pub root: Option<PathBuf>,
    /// What is demanded of the NAS security pair in it, where it says so itself.
    pub nas_policy: Option<NasPolicy>,
}

impl Declared {
    /// Whether a file (an absolute path) is one of it.
    pub fn holds(&self, file: &Path) -> bool {
        self.files.iter().any(|own| own == file)
            || file.extension().is_some_and(|e| e == "conf")
                && self.dirs.iter().any(|dir| file.parent() == Some(dir.as_path()))
    }

    /// Whether a file of it lies below a folder (an absolute path).
    pub fn is_below(&self, folder: &Path) -> bool {
        self.files.iter().chain(&self.dirs).any(|path| path.starts_with(folder))
    }
}

#[derive(Deserialize)]
struct PyProject {
    tool: Option<Tool>,
}

#[derive(Deserialize)]
struct Tool {
    cinderlint: Option<Settings>,
}

/// `CND401`, `nas-security-auto`, or `CND4` and `CND` for all that start so.
pub fn is_meant(rule: &Rule, wanted: &str) -> bool {
    let wanted = wanted.trim();
    let upper = wanted.to_ascii_uppercase();
    rule.name == wanted || upper.len() >= 3 && rule.id.to_ascii_uppercase().starts_with(&upper)
}

impl Loaded {
    /// The defaults.
    pub(super) fn none(built_in: &[Arc<Rule>]) -> Self {
        Self {
            path: None,
            settings: Settings::default(),
            rules: built_in.to_vec(),
            deployments: Vec::new(),
            forbidden: HashSet::new(),
            drivers: Arc::default(),
            folder: PathBuf::new(),
            exclude: Gitignore::empty(),
            per_path: Vec::new(),
        }
    }

    /// Reads settings; nothing where a `pyproject.toml` holds none.
    pub(super) fn read(
        fs: &dyn FileSystem,
        path: &Path,
        text: &str,
        built_in: &[Arc<Rule>],
    ) -> Result<Option<Self>, SettingsError> {
        let in_project = path.file_name().is_some_and(|name| name == "pyproject.toml");
        let parsed = if !in_project {
            toml::from_str::<Settings>(text).map(Some)
        } else if text.contains("cinderlint") {
            toml::from_str::<PyProject>(text).map(|project| project.tool.and_then(|tool| tool.cinderlint))
        } else {
            Ok(None)
        };
        let fail = |span, message: String| SettingsError::new(path, text, Some(span), message);
        let settings = match parsed {
            Ok(Some(settings)) => settings,
            Ok(None) => return Ok(None),
            Err(error) => {
                // What a newer version knows is no mistake for one that says so.
                wanted_version(text, in_project).map_or(Ok(()), |wanted| version(&wanted, &fail))?;
                return Err(SettingsError::toml(path, text, &error));
            }
        };
        if let Some(wanted) = &settings.required_version {
            version(wanted, &fail)?;
        }
        let folder = path.parent().unwrap_or(Path::new("/")).to_path_buf();
        let mut rules = built_in.to_vec();
        if let Some(dir) = &settings.rules_dir {
            site_rules(fs, &folder.join(dir.get_ref()), &mut rules)
                .map_err(|error| error.unwrap_or_else(|| fail(dir.span(), "this folder cannot be read".into())))?;
        }
        let known = |name: &Spanned<String>, test: &dyn Fn(&Rule, &str) -> bool| {
            if rules.iter().any(|rule| test(rule, name.get_ref())) {
                return Ok(());
            }
            let error = fail(name.span(), format!("unknown rule `{}`", name.get_ref()));
            Err(match rule::nearest(&rules, name.get_ref()) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help("`cinderlint rules` lists them"),
            })
        };
        let per_path = settings.per_path.iter().flat_map(|one| one.select.iter().chain(&one.ignore));
        let named = settings.select.iter().chain(&settings.ignore).chain(&settings.not_suppressible).chain(per_path);
        for name in named {
            known(name, &is_meant)?;
        }
        for name in settings.severities.keys() {
            known(name, &|rule: &Rule, name: &str| rule.is_called(name))?;
        }
        let globs = |patterns: &[Spanned<String>]| -> Result<Gitignore, SettingsError> {
            let mut builder = GitignoreBuilder::new(&folder);
            for pattern in patterns {
                builder
                    .add_line(None, pattern.get_ref())
                    .map_err(|error| fail(pattern.span(), format!("is not a valid pattern: {error}")))?;
            }
            builder.build().map_err(|error| SettingsError::new(path, text, None, error.to_string()))
        };
        let exclude = globs(&settings.exclude)?;
        let drivers = settings.driver.iter().map(|one| {
            let mut driver = SiteDriver::new(&one.class, &one.options);
            if let Some(file) = &one.options_file {
                let document = fs.read_text(&folder.join(file.get_ref()));
                let document = document.map_err(|_| fail(file.span(), "this file cannot be read".into()))?;
                driver.add_generated(&document).map_err(|error| {
                    let at = format!("line {}, column {}", error.line(), error.column());
                    fail(file.span(), format!("this file is not valid at {at}"))
                        .help("write it with `oslo-config-generator --namespace NAMESPACE --format json`")
                })?;
            }
            Ok(driver)
        });
        let drivers: Vec<SiteDriver> = drivers.collect::<Result<_, SettingsError>>()?;
        let per_path: Result<Vec<_>, _> = settings.per_path.iter().map(|one| globs(&one.paths)).collect();
        let at = |path: &PathBuf| source::absolute(&folder.join(path));
        let deployments = settings.deployment.iter().map(|one| Declared {
            name: one.name.clone(),
            files: one.config_files.iter().map(at).collect(),
            dirs: one.config_dirs.iter().map(at).collect(),
            release: one.release,
            root: one.root.as_ref().map(at),
            nas_policy: one.nas_policy.clone(),
        });
        let meant = |rule: &Rule| settings.not_suppressible.iter().any(|name| is_meant(rule, name.get_ref()));
        let forbidden = rules.iter().filter(|rule| meant(rule)).map(|rule| rule.id.to_string()).collect();
        for (name, &severity) in &settings.severities {
            for rule in rules.iter_mut().filter(|rule| rule.is_called(name.get_ref())) {
                let rule = Arc::make_mut(rule);
                rule.severity = severity;
                // What may be wrong stays as mild as it is.
                rule.unsure.to_mut().iter_mut().for_each(|unsure| unsure.severity = unsure.severity.min(severity));
            }
        }
        Ok(Some(Self {
            path: Some(path.to_path_buf()),
            deployments: deployments.collect(),
            forbidden,
            drivers: drivers.into(),
            exclude,
            per_path: per_path?,
            rules,
            folder,
            settings,
        }))
    }

    /// Says which values of files may not be shown, because a driver of the site has a secret option of that name.
    pub fn hide_secrets(&self, files: &mut Files, layers: &[FileId]) {
        for &layer in layers.iter().filter(|_| !self.drivers.is_empty()) {
            let secrets = SiteDriver::secrets(&self.drivers, files.get(layer));
            files.hide(layer, secrets);
        }
    }

    /// Where the settings say that absolute paths are looked up.
    pub fn root(&self) -> Option<PathBuf> {
        self.settings.root.as_ref().map(|root| self.folder.join(root))
    }

    /// What is demanded of the NAS security pair in a deployment with this first file: by the deployment itself, else by
    /// the last choice for some paths that fits, else by the rest of the settings.
    pub fn nas_policy(&self, declared: Option<&Declared>, file: &Path) -> NasPolicy {
        let by_path = || {
            let choices = self.settings.per_path.iter().zip(&self.per_path).rev();
            let mut fitting = choices.filter(|(_, globs)| self.matches(globs, file));
            fitting.find_map(|(choice, _)| choice.nas_policy.as_ref())
        };
        let own = declared.and_then(|one| one.nas_policy.as_ref());
        own.or_else(by_path).unwrap_or(&self.settings.nas_policy).clone()
    }

    /// Whether a file is left out.
    pub fn excludes(&self, file: &Path) -> bool {
        !self.exclude.is_empty() && self.matches(&self.exclude, file)
    }

    /// Whether a folder is left out with all that is in it.
    pub fn excludes_folder(&self, folder: &Path) -> bool {
        let folder = source::absolute(folder);
        let inside = folder.strip_prefix(&self.folder).ok().filter(|_| !self.exclude.is_empty());
        inside.is_some_and(|inside| self.exclude.matched_path_or_any_parents(inside, true).is_ignore())
    }

    /// Whether a rule speaks of a file.
    pub fn speaks(&self, file: &Path, rule: &Rule) -> bool {
        let any = |names: &[Spanned<String>]| names.iter().any(|name| is_meant(rule, name.get_ref()));
        self.settings.per_path.iter().zip(&self.per_path).all(|(choice, globs)| {
            let fits = (choice.select.is_empty() || any(&choice.select)) && !any(&choice.ignore);
            fits || !self.matches(globs, file)
        })
    }

    fn matches(&self, globs: &Gitignore, file: &Path) -> bool {
        let file = source::absolute(file);
        file.strip_prefix(&self.folder).is_ok_and(|file| globs.matched_path_or_any_parents(file, false).is_ignore())
    }
}

/// Adds the rules of a folder. The error is nothing where the folder itself cannot be read.
fn site_rules(fs: &dyn FileSystem, folder: &Path, rules: &mut Vec<Arc<Rule>>) -> Result<(), Option<SettingsError>> {
    let entries = fs.list(folder).map_err(|_| None)?;
    let mut paths: Vec<_> = entries.into_iter().map(|entry| folder.join(entry.name)).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    for path in paths {
        let text = fs.read_text(&path).map_err(|error| Some(SettingsError::new(&path, "", None, error.to_string())))?;
        let rule = rule::read(&text)
            .map_err(|error| Some(SettingsError::of_message(&path, &text, error.span, &error.message)))?;
        let fail = |word: &str, message: String| {
            let span = text.find(&format!("\"{word}\"")).map(|at| at..at + word.len() + 2);
            Err(Some(SettingsError::new(&path, &text, span, message)))
        };
        if let Some(other) = rules.iter().find(|other| other.is_called(&rule.id)) {
            return fail(&rule.id, format!("`{}` is already the id of {}", rule.id, other.name));
        }
        if let Some(other) = rules.iter().find(|other| other.is_called(&rule.name)) {
            return fail(&rule.name, format!("`{}` is already the name of {}", rule.name, other.id));
        }
        let letters = rule.id.bytes().take_while(u8::is_ascii_uppercase).count();
        let (_, digits) = rule.id.split_at(letters);
        if letters < 2 || digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) || rule.id.starts_with("CND")
        {
            let message =
                "an id has capital letters and digits only, and the ids of a site do not start with CND: `SITE001`";
            return fail(&rule.id, message.into());
        }
        if let Some(unknown) = lint::validate::unknown(&rule) {
            let word = &unknown.word;
            let quoted =
                [format!("\"{word}\""), format!("'{word}'"), format!("{{{word}}}"), format!(":{word}"), word.clone()];
            let span = quoted.iter().find_map(|text_of| text.find(text_of).map(|at| at..at + text_of.len()));
            let error = SettingsError::new(&path, &text, span, format!("unknown {} `{word}`", unknown.what));
            return Err(Some(error.suggest(&unknown.known, word)));
        }
        rules.push(Arc::new(rule));
    }
    Ok(())
}

/// `required-version`, of a file that holds keys of another version.
fn wanted_version(text: &str, in_project: bool) -> Option<Spanned<String>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    struct Wanted {
        required_version: Option<Spanned<String>>,
        tool: Option<InTool>,
    }
    #[derive(Deserialize)]
    struct InTool {
        cinderlint: Option<Box<Wanted>>,
    }
    let wanted: Wanted = toml::from_str(text).ok()?;
    if in_project { wanted.tool?.cinderlint?.required_version } else { wanted.required_version }
}

/// Compares the version of this program.
fn version(
    wanted: &Spanned<String>,
    fail: &dyn Fn(std::ops::Range<usize>, String) -> SettingsError,
) -> Result<(), SettingsError> {
    let this = env!("CARGO_PKG_VERSION");
    let numbers = |text: &str| -> Option<Vec<u64>> { text.split('.').map(|part| part.parse().ok()).collect() };
    let mine = numbers(this).unwrap_or_default();
    for one in wanted.get_ref().split(',').map(str::trim) {
        let at = one.find(|c: char| c.is_ascii_digit()).unwrap_or(one.len());
        let (sign, theirs) = (one[..at].trim(), numbers(&one[at..]).unwrap_or_default());
        let order = mine.iter().take(theirs.len()).cmp(&theirs);
        let fits = match sign {
            _ if theirs.is_empty() || theirs.len() > 3 => None,
            ">=" => Some(order.is_ge()),
            "<=" => Some(order.is_le()),
            ">" => Some(order.is_gt()),
            "<" => Some(order.is_lt()),
            "==" | "=" | "" => Some(order.is_eq()),
            _ => None,
        };
        match fits {
            Some(true) => {}
            Some(false) => {
                return Err(fail(wanted.span(), format!("this is cinderlint {this}, but {one} is required")));
            }
            None => return Err(fail(wanted.span(), "is not a version: write `>=0.1` or `>=0.1, <0.3`".into())),
        }
    }
    Ok(())
}
