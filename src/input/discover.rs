use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::forms::{self, Candidate, Form, LeftOut};
use crate::source::{self, FileSystem, Met};

/// What a search met.
#[derive(Default)]
pub struct Search {
    /// The files that are of a form, and why, sorted by path.
    pub taken: Vec<(PathBuf, &'static dyn Form, String)>,
    /// Those that are not read, and why.
    pub left: Vec<(PathBuf, String)>,
    /// How many of those are no backups: files of other programs, and folders that are not looked into.
    pub others: usize,
    /// How many of those configure Cinder in a form that is not read.
    pub unread: usize,
    /// Folders that are excluded.
    pub excluded: Vec<PathBuf>,
    /// What could not be looked into, and why.
    pub errors: Vec<(PathBuf, String)>,
    /// Those of them that are told last.
    odd: Vec<(PathBuf, String)>,
}

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
pub fn discover(
    fs: &dyn FileSystem,
    folder: &Path,
    excluded: impl Fn(&Path) -> bool + Send + Sync + 'static,
) -> Search {
    let search: Arc<Mutex<Search>> = Arc::default();
    let pruned = Arc::clone(&search);
    let is_entered = move |folder: &Path| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        if OF_TOOLS.contains(&&*name) || OF_ENVIRONMENTS.contains(&&*name) {
            return false;
        }
        let excluded = excluded(folder);
        if excluded {
            locked(&pruned).excluded.push(folder.to_path_buf());
        }
        !excluded
    };
    fs.walk(folder, Arc::new(is_entered), &|met| match met {
        Met::File { path, regular } => meet(fs, folder, path, regular, &search),
        Met::Error(path, why) => locked(&search).errors.push((path.to_path_buf(), why)),
        Met::Odd(path, why) => locked(&search).odd.push((path.to_path_buf(), why)),
    });
    let mut search = std::mem::take(&mut *locked(&search));
    search.sort();
    search
}

fn locked(search: &Mutex<Search>) -> MutexGuard<'_, Search> {
    search.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Looks at one file below a folder, and notes what it is if it is anything.
fn meet(fs: &dyn FileSystem, folder: &Path, path: &Path, is_regular: bool, search: &Mutex<Search>) {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if let Some(original) = forms::backup_of(name) {
        let original = path.with_file_name(original);
        // What a backup holds is not looked at: its name tells what it is a backup of.
        if forms::of(&Candidate::with_text(fs, &original, b"")).is_some() {
            let why = "a backup copy: name the file itself to have it read".to_string();
            locked(search).left.push((path.to_path_buf(), why));
        }
        return;
    }
    let candidate = if is_regular { Candidate::regular(fs, path) } else { Candidate::new(fs, path) };
    if let Some((form, why)) = forms::of(&candidate) {
        match environment(fs, folder, path) {
            None => locked(search).taken.push((path.to_path_buf(), form, why)),
            Some(of) => {
                let why = format!("it is in a virtual environment, {}", source::from_here(of));
                let mut search = locked(search);
                search.others += 1;
                search.left.push((path.to_path_buf(), why));
            }
        }
    } else if let Some(original) = forms::copy_of(name) {
        let original = path.with_file_name(original);
        let copy = Candidate::with_text(fs, &original, candidate.head());
        if forms::of(&copy).is_some() {
            let why = "by its name it is a copy, which nothing reads".to_string();
            locked(search).left.push((path.to_path_buf(), why));
        }
    } else if let Some(left) = forms::left_out(&candidate) {
        let is_unread = matches!(left, LeftOut::Unread(_));
        let why = match left {
            LeftOut::Is(what) => format!("it is {what}"),
            LeftOut::Doubtful(why) => format!("{why}; name it to have it read"),
            LeftOut::Unread(what) => format!("it is {what}"),
        };
        let mut search = locked(search);
        // A folder that has nothing else was not checked.
        search.others += usize::from(!is_unread);
        search.unread += usize::from(is_unread);
        search.left.push((path.to_path_buf(), why));
    }
}

/// The virtual environment of Python that a file lies in, below a folder, whatever that is called.
fn environment<'p>(fs: &dyn FileSystem, folder: &Path, path: &'p Path) -> Option<&'p Path> {
    let mut around = path.ancestors().skip(1).take_while(|above| above.starts_with(folder) && *above != folder);
    around.find(|above| fs.is_file(&above.join("pyvenv.cfg")))
}

impl Search {
    /// What is said where nothing was met that is or may be read.
    pub fn nothing(&self) -> Option<&'static str> {
        let is_any = !self.taken.is_empty() || self.others > 0 || !self.excluded.is_empty() || !self.errors.is_empty();
        let said = match (self.unread, self.left.is_empty()) {
            (0, true) => "no cinder*.conf found here",
            (0, false) => "no cinder*.conf found here but backups",
            _ => "no cinder*.conf found here, but files that are not read (`--show-files` names them)",
        };
        (!is_any).then_some(said)
    }

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
