use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Loaded, SettingsError};
use crate::{
    lint::Rule,
    source::{self, Borders, FileSystem, Kind, ReadError},
};

/// Finds the settings that hold for a folder; each file is read once.
#[derive(Debug)]
pub struct Finder<'r> {
    borders: &'r Arc<Borders>,
    built_in: &'r [Arc<Rule>],
    fixed: Option<Arc<Loaded>>,
    by_folder: HashMap<PathBuf, Arc<Loaded>>,
    none: Arc<Loaded>,
}

impl<'r> Finder<'r> {
    /// Settings that are looked for upward.
    pub fn new(borders: &'r Arc<Borders>, built_in: &'r [Arc<Rule>]) -> Self {
        let none = Arc::new(Loaded::none(built_in));
        Self { borders, built_in, fixed: None, by_folder: HashMap::new(), none }
    }

    /// No settings for any folder.
    pub fn nothing(borders: &'r Arc<Borders>, built_in: &'r [Arc<Rule>]) -> Self {
        let mut finder = Self::new(borders, built_in);
        finder.fixed = Some(Arc::clone(&finder.none));
        finder
    }

    /// This file for every folder.
    ///
    /// # Errors
    /// A file that cannot be read, or not be used.
    pub fn file(borders: &'r Arc<Borders>, built_in: &'r [Arc<Rule>], path: &Path) -> Result<Self, SettingsError> {
        let mut finder = Self::new(borders, built_in);
        let text = borders.with_file(path).read_text(path);
        let loaded = finder.read(&source::absolute(path), text)?;
        let missing = || SettingsError::new(path, "", None, "holds no [tool.cinderlint]");
        finder.fixed = Some(loaded.ok_or_else(missing)?);
        Ok(finder)
    }

    /// The settings of the nearest file upward.
    ///
    /// # Errors
    /// A file that cannot be read, or not be used.
    pub fn of(&mut self, folder: &Path) -> Result<Arc<Loaded>, SettingsError> {
        if let Some(fixed) = &self.fixed {
            return Ok(Arc::clone(fixed));
        }
        let folder = source::absolute(folder);
        let mut passed: Vec<PathBuf> = Vec::new();
        let mut found = Arc::clone(&self.none);
        for here in folder.ancestors() {
            if let Some(known) = self.by_folder.get(here) {
                found = Arc::clone(known);
                break;
            }
            passed.push(here.to_path_buf());
            if self.borders.is_near(here)
                && let Some(loaded) = self.in_folder(here)?
            {
                found = loaded;
                break;
            }
            if self.borders.below().exists(&here.join(".git")) {
                break;
            }
        }
        for folder in passed {
            self.by_folder.insert(folder, Arc::clone(&found));
        }
        Ok(found)
    }

    fn in_folder(&self, folder: &Path) -> Result<Option<Arc<Loaded>>, SettingsError> {
        for name in ["cinderlint.toml", "pyproject.toml"] {
            let path = folder.join(name);
            let found = self.borders.below();
            let is_link = matches!(found.look_at_link(&path), Ok(Kind::Link));
            if !found.is_file(&path) {
                continue;
            }
            let inside =
                if is_link { self.borders.with_folder(folder) as Arc<dyn FileSystem> } else { Arc::clone(found) };
            if let Some(loaded) = self.read(&path, inside.read_text(&path))? {
                return Ok(Some(loaded));
            }
        }
        Ok(None)
    }

    /// Settings, of their text. What they name lies inside what was given, or beside them.
    fn read(&self, path: &Path, text: Result<String, ReadError>) -> Result<Option<Arc<Loaded>>, SettingsError> {
        let inside = self.borders.with_folder(path.parent().unwrap_or(Path::new("/")));
        let text = text.map_err(|error| SettingsError::new(path, "", None, error.to_string()))?;
        Ok(Loaded::read(&*inside, path, &text, self.built_in)?.map(Arc::new))
    }
}
