use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

/// One deployment that a search found: a file, and what its `.conf.d` folder adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The `cinder*.conf`.
    pub file: PathBuf,
    /// The `*.conf` of the `NAME.conf.d` beside it, in the order in which oslo.config reads them.
    pub more: Vec<PathBuf>,
}

/// Finds the `cinder*.conf` files below a folder, sorted; what git ignores and hidden folders are left out.
///
/// The second list names what could not be looked into, with the reason.
pub fn discover(folder: &Path) -> (Vec<Found>, Vec<(PathBuf, String)>) {
    let mut found = Vec::new();
    let mut errors = Vec::new();
    let walk =
        WalkBuilder::new(folder).hidden(false).filter_entry(is_worth_entering).sort_by_file_path(Ord::cmp).build();
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
    (found, errors)
}

/// The deployment of a file named outright.
pub fn found(file: PathBuf) -> Found {
    let mut folder = file.clone().into_os_string();
    folder.push(".d");
    let more = conf_files(Path::new(&folder)).unwrap_or_default();
    Found { file, more }
}

/// The `*.conf` of a folder in the order of oslo.config: `sorted(glob.glob(DIR/*.conf))`.
pub(crate) fn conf_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        let text = name.to_string_lossy();
        if text.ends_with(".conf") && !text.starts_with('.') {
            files.push(name);
        }
    }
    files.sort_by(|a, b| a.as_encoded_bytes().cmp(b.as_encoded_bytes()));
    Ok(files.into_iter().map(|name| folder.join(name)).collect())
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
