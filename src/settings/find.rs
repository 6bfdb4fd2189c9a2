use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Loaded, SettingsError};
use crate::{
    lint::Rule,
    source::{self, FileSystem},
};

/// Finds the settings that hold for a folder; each file is read once.
#[derive(Debug)]
pub struct Finder<'r> {
    fs: &'r dyn FileSystem,
    built_in: &'r [Arc<Rule>],
    fixed: Option<Arc<Loaded>>,
    by_folder: HashMap<PathBuf, Arc<Loaded>>,
    none: Arc<Loaded>,
}

impl<'r> Finder<'r> {
    /// Settings that are looked for upward.
    pub fn new(fs: &'r dyn FileSystem, built_in: &'r [Arc<Rule>]) -> Self {
        let none = Arc::new(Loaded::none(built_in));
        Self { fs, built_in, fixed: None, by_folder: HashMap::new(), none }
    }

    /// No settings for any folder.
    pub fn nothing(fs: &'r dyn FileSystem, built_in: &'r [Arc<Rule>]) -> Self {
        let mut finder = Self::new(fs, built_in);
        finder.fixed = Some(Arc::clone(&finder.none));
        finder
    }

    /// This file for every folder.
    ///
    /// # Errors
    /// A file that cannot be read, or not be used.
    pub fn file(fs: &'r dyn FileSystem, built_in: &'r [Arc<Rule>], path: &Path) -> Result<Self, SettingsError> {
        let mut finder = Self::new(fs, built_in);
        let loaded = finder.read(&source::absolute(path))?;
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
            if let Some(loaded) = self.in_folder(here)? {
                found = loaded;
                break;
            }
            if self.fs.exists(&here.join(".git")) {
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
            if self.fs.is_file(&path)
                && let Some(loaded) = self.read(&path)?
            {
                return Ok(Some(loaded));
            }
        }
        Ok(None)
    }

    fn read(&self, path: &Path) -> Result<Option<Arc<Loaded>>, SettingsError> {
        let text = self.fs.read_text(path).map_err(|error| SettingsError::new(path, "", None, error.to_string()))?;
        Ok(Loaded::read(self.fs, path, &text, self.built_in)?.map(Arc::new))
    }
}
