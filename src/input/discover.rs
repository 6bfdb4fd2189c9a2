use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use ignore::WalkBuilder;
use walkdir::WalkDir;

use super::forms::{self, Candidate, Form};

/// What a search met.
#[derive(Default)]
pub struct Search {
    /// The files that are of a form, and why, sorted by path.
    pub taken: Vec<(PathBuf, &'static dyn Form, String)>,
    /// Those that are not read, and why.
    pub left: Vec<(PathBuf, String)>,
    /// Folders that are excluded.
    pub excluded: Vec<PathBuf>,
    /// What could not be looked into, and why.
    pub errors: Vec<(PathBuf, String)>,
}

/// Finds the files below a folder that hold Cinder's configuration; what git ignores and hidden folders are left out, and
/// what is `excluded` is not looked into.
pub fn discover(folder: &Path, excluded: impl Fn(&Path) -> bool + Send + Sync + 'static) -> Search {
    let mut search = Search::default();
    let odd: Arc<Mutex<Vec<(PathBuf, String)>>> = Arc::default();
    search.errors = folder.ancestors().filter_map(odd_ignore_file).collect();
    if !search.errors.is_empty() {
        return search;
    }
    let seen = Arc::clone(&odd);
    let pruned: Arc<Mutex<Vec<PathBuf>>> = Arc::default();
    let prunes = Arc::clone(&pruned);
    let excluded = move |entry: &ignore::DirEntry| {
        let is_folder = entry.depth() > 0 && entry.file_type().is_some_and(|kind| kind.is_dir());
        let out = is_folder && excluded(entry.path());
        if out {
            prunes.lock().unwrap_or_else(PoisonError::into_inner).push(entry.path().to_path_buf());
        }
        out
    };
    let walk = WalkBuilder::new(folder)
        .hidden(false)
        .ignore(false)
        .filter_entry(move |entry| {
            is_worth_entering(entry)
                && !excluded(entry)
                && odd_ignore_file(entry.path()).is_none_or(|error| {
                    seen.lock().unwrap_or_else(PoisonError::into_inner).push(error);
                    false
                })
        })
        .sort_by_file_path(Ord::cmp)
        .build();
    for entry in walk {
        match entry {
            Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_dir()) => {}
            Ok(entry) => search.meet(entry.into_path()),
            Err(error) => {
                let path = path_of(&error).unwrap_or_else(|| folder.to_path_buf());
                let why = error.io_error().map_or_else(|| "cannot be searched".to_string(), |io| io.kind().to_string());
                search.errors.push((path, why));
            }
        }
    }
    search.excluded.append(&mut pruned.lock().unwrap_or_else(PoisonError::into_inner));
    search.errors.append(&mut odd.lock().unwrap_or_else(PoisonError::into_inner));
    search
}

impl Search {
    fn meet(&mut self, path: PathBuf) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some(original) = forms::backup_of(name) {
            let original = path.with_file_name(original);
            // What a backup holds is not looked at: its name tells what it is a backup of.
            if forms::of(&Candidate::with_text(&original, b"")).is_some() {
                self.left.push((path, "a backup copy: name it outright to have it read".to_string()));
            }
            return;
        }
        if let Some((form, why)) = forms::of(&Candidate::new(&path)) {
            self.taken.push((path, form, why));
        }
    }
}

/// Opening a `.gitignore` that is no regular file could wait for ever.
fn odd_ignore_file(folder: &Path) -> Option<(PathBuf, String)> {
    [".gitignore", ".git/info/exclude"].into_iter().map(|name| folder.join(name)).find_map(|path| {
        let meta = std::fs::metadata(&path).ok()?;
        (!meta.is_file()).then(|| (path, "is not a regular file, so this folder is not searched".to_string()))
    })
}

/// The `*.conf` of a folder in the order of oslo.config: `sorted(glob.glob(DIR/*.conf))`.
pub(crate) fn conf_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !std::fs::metadata(folder)?.is_dir() {
        return Err(ErrorKind::NotADirectory.into());
    }
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).min_depth(1).max_depth(1).sort_by_file_name() {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy();
        if name.ends_with(".conf") && !name.starts_with('.') {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

fn is_worth_entering(entry: &ignore::DirEntry) -> bool {
    entry.depth() == 0
        || !entry.file_type().is_some_and(|kind| kind.is_dir())
        || !entry.file_name().to_string_lossy().starts_with('.')
}

fn path_of(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        ignore::Error::Loop { child, .. } => Some(child.clone()),
        _ => None,
    }
}
