use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use ignore::WalkBuilder;
use walkdir::WalkDir;

/// One deployment that a search found: a file, and what its `.conf.d` folder adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The `cinder*.conf`.
    pub file: PathBuf,
    /// The `*.conf` of the `NAME.conf.d` beside it, in the order in which oslo.config reads them.
    pub more: Vec<PathBuf>,
    /// That folder, and why it cannot be read, where it is there.
    pub unreadable: Option<(PathBuf, String)>,
}

/// Finds the `cinder*.conf` files below a folder, sorted; what git ignores and hidden folders are left out.
///
/// What is `excluded` is not looked into. The second list names what could not be looked into, with the reason.
pub fn discover(
    folder: &Path,
    excluded: impl Fn(&Path) -> bool + Send + Sync + 'static,
) -> (Vec<Found>, Vec<(PathBuf, String)>) {
    let mut found = Vec::new();
    let odd: Arc<Mutex<Vec<(PathBuf, String)>>> = Arc::default();
    let mut errors: Vec<(PathBuf, String)> = folder.ancestors().filter_map(odd_ignore_file).collect();
    if !errors.is_empty() {
        return (found, errors);
    }
    let seen = Arc::clone(&odd);
    let walk = WalkBuilder::new(folder)
        .hidden(false)
        .ignore(false)
        .filter_entry(move |entry| {
            is_worth_entering(entry)
                && !(entry.depth() > 0 && entry.file_type().is_some_and(|kind| kind.is_dir()) && excluded(entry.path()))
                && odd_ignore_file(entry.path()).is_none_or(|error| {
                    seen.lock().unwrap_or_else(PoisonError::into_inner).push(error);
                    false
                })
        })
        .sort_by_file_path(Ord::cmp)
        .build();
    for entry in walk {
        match entry {
            Ok(entry) => {
                let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
                if !is_folder && entry.file_name().to_str().is_some_and(is_cinder_conf) {
                    found.push(self::found(entry.into_path()));
                }
            }
            Err(error) => {
                let path = path_of(&error).unwrap_or_else(|| folder.to_path_buf());
                let why = error.io_error().map_or_else(|| "cannot be searched".to_string(), |io| io.kind().to_string());
                errors.push((path, why));
            }
        }
    }
    let with_folder: std::collections::HashSet<PathBuf> =
        found.iter().flat_map(|f: &Found| f.more.iter().cloned()).collect();
    found.retain(|f| !with_folder.contains(&f.file));
    errors.append(&mut odd.lock().unwrap_or_else(PoisonError::into_inner));
    (found, errors)
}

/// Opening a `.gitignore` that is no regular file could wait for ever.
fn odd_ignore_file(folder: &Path) -> Option<(PathBuf, String)> {
    [".gitignore", ".git/info/exclude"].into_iter().map(|name| folder.join(name)).find_map(|path| {
        let meta = std::fs::metadata(&path).ok()?;
        (!meta.is_file()).then(|| (path, "is not a regular file, so this folder is not searched".to_string()))
    })
}

/// The deployment of a file named outright.
pub fn found(file: PathBuf) -> Found {
    let mut folder = file.clone().into_os_string();
    folder.push(".d");
    let (more, unreadable) = match conf_files(Path::new(&folder)) {
        Ok(more) => (more, None),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => (Vec::new(), None),
        Err(error) => (Vec::new(), Some((PathBuf::from(folder), super::plain(&error)))),
    };
    Found { file, more, unreadable }
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

/// `cinder*.conf`, without the other programs' files that are called so.
fn is_cinder_conf(name: &str) -> bool {
    const OTHERS: [&str; 3] = ["cinder-wsgi", "cinder_wsgi", "cinder_tgt"];
    name.strip_suffix(".conf").is_some_and(|stem| {
        stem.starts_with("cinder")
            && !stem.ends_with("_audit_map")
            && !OTHERS.iter().any(|other| stem.starts_with(other))
    })
}

fn path_of(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        ignore::Error::Loop { child, .. } => Some(child.clone()),
        _ => None,
    }
}
