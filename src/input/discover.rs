use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ignore::{DirEntry, WalkBuilder, WalkState};
use walkdir::WalkDir;

use super::forms::{self, Candidate, Form, LeftOut};

/// What a search met.
#[derive(Default)]
pub struct Search {
    /// The files that are of a form, and why, sorted by path.
    pub taken: Vec<(PathBuf, &'static dyn Form, String)>,
    /// Those that are not read, and why.
    pub left: Vec<(PathBuf, String)>,
    /// How many of those are no backups: files of other programs, and folders that are not looked into.
    pub others: usize,
    /// Folders that are excluded.
    pub excluded: Vec<PathBuf>,
    /// What could not be looked into, and why.
    pub errors: Vec<(PathBuf, String)>,
    /// Those of them that are told last.
    odd: Vec<(PathBuf, String)>,
}

/// How many threads search at most: more of them wait for each other.
const THREADS: usize = 4;

/// Folders in which tools keep their own data.
const OF_TOOLS: [&str; 20] = [
    ".git",
    ".svn",
    ".hg",
    ".bzr",
    ".github",
    ".gitlab",
    ".idea",
    ".vscode",
    ".cache",
    ".terraform",
    ".stestr",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".eggs",
    ".npm",
    ".cargo",
    ".vagrant",
    "node_modules",
    "__pycache__",
];

/// Folders of installed Python packages: what lies there is theirs, and belongs to no deployment.
const OF_ENVIRONMENTS: [&str; 6] = ["site-packages", "dist-packages", "venv", ".venv", ".tox", ".nox"];

/// Finds the files below a folder that hold Cinder's configuration; what git ignores, what tools keep for themselves and virtual
/// environments are left out, and what is `excluded` is not looked into.
pub fn discover(folder: &Path, excluded: impl Fn(&Path) -> bool + Send + Sync + 'static) -> Search {
    let errors: Vec<_> = folder.ancestors().filter_map(odd_ignore_file).collect();
    if !errors.is_empty() {
        return Search { errors, ..Search::default() };
    }
    let search: Arc<Mutex<Search>> = Arc::default();
    let pruned = Arc::clone(&search);
    let is_entered = move |entry: &DirEntry| {
        if !entry.file_type().is_some_and(|kind| kind.is_dir()) {
            return true;
        }
        let name = entry.file_name().to_string_lossy();
        if entry.depth() > 0 && (OF_TOOLS.contains(&&*name) || OF_ENVIRONMENTS.contains(&&*name)) {
            return false;
        }
        if excluded(entry.path()) {
            locked(&pruned).excluded.push(entry.path().to_path_buf());
            return false;
        }
        odd_ignore_file(entry.path()).is_none_or(|error| {
            locked(&pruned).odd.push(error);
            false
        })
    };
    let threads = crate::parallel::processors().min(THREADS);
    let mut walk = WalkBuilder::new(folder);
    walk.hidden(false).ignore(false).filter_entry(is_entered).threads(threads);
    walk.build_parallel().run(|| {
        Box::new(|entry| {
            match entry {
                Ok(entry) => match entry.file_type() {
                    Some(kind) if kind.is_dir() => {}
                    kind => meet(entry.path(), kind.is_some_and(|kind| kind.is_file()), &search),
                },
                Err(error) => {
                    let path = path_of(&error).unwrap_or_else(|| folder.to_path_buf());
                    let why = error.io_error().map_or_else(|| "cannot be searched".into(), |io| io.kind().to_string());
                    locked(&search).errors.push((path, why));
                }
            }
            WalkState::Continue
        })
    });
    let mut search = std::mem::take(&mut *locked(&search));
    search.sort();
    search
}

fn locked(search: &Mutex<Search>) -> MutexGuard<'_, Search> {
    search.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Looks at one file, and notes what it is if it is anything.
fn meet(path: &Path, is_regular: bool, search: &Mutex<Search>) {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if let Some(original) = forms::backup_of(name) {
        let original = path.with_file_name(original);
        // What a backup holds is not looked at: its name tells what it is a backup of.
        if forms::of(&Candidate::with_text(&original, b"")).is_some() {
            let why = "a backup copy: name it outright to have it read".to_string();
            locked(search).left.push((path.to_path_buf(), why));
        }
        return;
    }
    let candidate = if is_regular { Candidate::regular(path) } else { Candidate::new(path) };
    if let Some((form, why)) = forms::of(&candidate) {
        locked(search).taken.push((path.to_path_buf(), form, why));
    } else if let Some(left) = forms::left_out(&candidate) {
        let why = match left {
            LeftOut::Is(what) => format!("it is {what}"),
            LeftOut::Doubtful(why) => format!("{why}; name it to have it read"),
        };
        let mut search = locked(search);
        search.others += 1;
        search.left.push((path.to_path_buf(), why));
    }
}

impl Search {
    /// Several threads searched; what they found stands as if one had.
    fn sort(&mut self) {
        self.taken.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        for list in [&mut self.left, &mut self.errors, &mut self.odd] {
            list.sort_unstable();
        }
        self.excluded.sort_unstable();
        self.errors.append(&mut self.odd);
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

fn path_of(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        ignore::Error::Loop { child, .. } => Some(child.clone()),
        _ => None,
    }
}
