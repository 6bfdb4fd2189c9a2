//! Paths as they are compared, and as they are shown.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use crate::text::one_line;

pub(super) fn shown(path: &Path) -> String {
    one_line(&path.strip_prefix("./").unwrap_or(path).to_string_lossy()).into_owned()
}

/// The working directory, which stays what it was at the start.
fn here() -> &'static Path {
    static HERE: OnceLock<PathBuf> = OnceLock::new();
    // In a browser there is none: relative paths start at a folder that is nowhere but in memory.
    let nowhere = || if cfg!(target_family = "wasm") { PathBuf::from("/files") } else { PathBuf::new() };
    HERE.get_or_init(|| std::env::current_dir().unwrap_or_else(|_| nowhere()))
}

/// Whether a path starts at the root. In a browser the standard library says that none does.
pub(crate) fn is_absolute(path: &Path) -> bool {
    path.is_absolute() || cfg!(target_family = "wasm") && path.has_root()
}

/// `path` from the root, without `.` and `..`. Links are not followed.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for part in here().join(path).components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                whole.pop();
            }
            part => whole.push(part),
        }
    }
    whole
}

/// `path` as reports name it: seen from the working directory where it lies below it, else as it was given.
pub(crate) fn relative(path: &Path) -> String {
    match absolute(path).starts_with(here()) {
        true => relative_to(here(), path),
        false => path.to_string_lossy().replace('\\', "/"),
    }
}

/// `path` seen from the working directory, without `.` and with `..` where it lies above: of what nobody gave, no absolute path is shown.
pub(crate) fn from_here(path: &Path) -> String {
    relative_to(here(), path)
}

/// `path` seen from another folder (an absolute path).
pub(crate) fn relative_to(here: &Path, path: &Path) -> String {
    let text = |p: &Path| p.to_string_lossy().replace('\\', "/");
    let whole = absolute(path);
    let common = here.components().zip(whole.components()).take_while(|(a, b)| a == b).count();
    let mut from_here: PathBuf = here.components().skip(common).map(|_| "..").collect();
    from_here.extend(whole.components().skip(common));
    if from_here.as_os_str().is_empty() { ".".into() } else { text(&from_here) }
}
