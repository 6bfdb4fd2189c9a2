use std::path::{Path, PathBuf};

use crate::source::{Disk, FileSystem};

/// Turns paths relative to the working directory into paths relative to the repository around it, as code hosts ask.
#[derive(Debug, Default)]
pub(super) struct Repository {
    /// Its top, as an absolute path; none: the working directory lies in no repository.
    top: Option<PathBuf>,
    /// The folders from its top to the working directory.
    folders: Vec<String>,
}

impl Repository {
    /// The repository that the working directory lies in: the nearest folder upward that holds `.git`.
    pub(super) fn around_here() -> Self {
        std::env::current_dir().map(|here| Self::around(&here)).unwrap_or_default()
    }

    fn around(here: &Path) -> Self {
        let Some(top) = here.ancestors().find(|folder| Disk.exists(&folder.join(".git"))) else {
            return Self::default();
        };
        let below = here.strip_prefix(top).unwrap_or(Path::new(""));
        Self {
            top: Some(top.to_path_buf()),
            folders: below.iter().map(|folder| folder.to_string_lossy().into_owned()).collect(),
        }
    }

    /// `relative` seen from the repository's top; as it is where it lies outside.
    pub(super) fn path(&self, relative: &str) -> String {
        if let Some(inside) = self.top.as_ref().and_then(|top| Path::new(relative).strip_prefix(top).ok()) {
            return inside.to_string_lossy().into_owned();
        }
        let mut rest = relative;
        let mut kept = self.folders.as_slice();
        while let Some(more) = rest.strip_prefix("../") {
            let Some((_, fewer)) = kept.split_last() else { return relative.to_string() };
            (rest, kept) = (more, fewer);
        }
        if rest.starts_with('/') {
            return rest.to_string();
        }
        kept.iter().map(String::as_str).chain([rest]).collect::<Vec<_>>().join("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_start_at_the_top() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path().join("deploy/a b");
        std::fs::create_dir_all(&here).unwrap();
        assert_eq!(Repository::default().path("x.conf"), "x.conf");
        std::fs::create_dir(folder.path().join(".git")).unwrap();
        let repository = Repository::around(&here);
        for (relative, wanted) in [
            ("cinder.conf", "deploy/a b/cinder.conf"),
            ("../cinder.conf", "deploy/cinder.conf"),
            ("../../x/y", "x/y"),
            ("../../../etc/x", "../../../etc/x"),
            ("/etc/x", "/etc/x"),
        ] {
            assert_eq!(repository.path(relative), wanted);
        }
        assert_eq!(repository.path(folder.path().join("x.conf").to_str().unwrap()), "x.conf");
    }
}
