//! A search over any file system: what [`Disk`](super::Disk) leaves to a faster one.

use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::{
    file_system::{Enter, FileSystem, Kind, Meet, Met},
    path::absolute,
};
use crate::text::plain;

/// Meets all files below a folder as [`FileSystem::walk`] says, by listing one folder after the other.
pub fn walk_folders(fs: &dyn FileSystem, folder: &Path, enter: &Enter<'_>, meet: &Meet<'_>) {
    let whole = absolute(folder);
    // Git reads no `.gitignore` where there is no repository.
    let top = whole.ancestors().find(|above| fs.exists(&above.join(".git")));
    let mut ignored = Vec::new();
    if let Some(top) = top {
        ignored.extend(read_ignored(fs, top, ".git/info/exclude"));
        let mut between: Vec<&Path> = whole.ancestors().skip(1).take_while(|above| above.starts_with(top)).collect();
        between.reverse();
        ignored.extend(between.into_iter().filter_map(|above| read_ignored(fs, above, ".gitignore")));
    }
    let mut search = Search { fs, enter, meet, in_repository: top.is_some(), ignored };
    search.folder(folder);
}

struct Search<'w> {
    fs: &'w dyn FileSystem,
    enter: &'w Enter<'w>,
    meet: &'w Meet<'w>,
    in_repository: bool,
    /// What Git ignores, the files that decide last at the end.
    ignored: Vec<Gitignore>,
}

impl Search<'_> {
    fn folder(&mut self, folder: &Path) {
        let entries = match self.fs.list(folder) {
            Ok(entries) => entries,
            Err(error) => return (self.meet)(Met::Error(folder, plain(&error))),
        };
        let own = self.in_repository.then(|| read_ignored(self.fs, &absolute(folder), ".gitignore")).flatten();
        let known = self.ignored.len();
        self.ignored.extend(own);
        for entry in entries {
            let path = folder.join(&entry.name);
            let is_folder = entry.kind == Kind::Folder;
            if self.is_ignored(&path, is_folder) {
                continue;
            }
            if !is_folder {
                (self.meet)(Met::File { path: &path, regular: matches!(entry.kind, Kind::File(_)) });
            } else if (self.enter)(&path) {
                self.folder(&path);
            }
        }
        self.ignored.truncate(known);
    }

    fn is_ignored(&self, path: &Path, is_folder: bool) -> bool {
        let whole: PathBuf = absolute(path);
        let decided =
            self.ignored.iter().rev().map(|globs| globs.matched(&whole, is_folder)).find(|found| !found.is_none());
        decided.is_some_and(|found| found.is_ignore())
    }
}

fn read_ignored(fs: &dyn FileSystem, folder: &Path, name: &str) -> Option<Gitignore> {
    let path = folder.join(name);
    if !fs.is_file(&path) {
        return None;
    }
    let text = fs.read(&path).ok()?;
    let mut globs = GitignoreBuilder::new(folder);
    for line in String::from_utf8_lossy(&text).lines() {
        // A line that is no pattern ignores nothing.
        let _ = globs.add_line(None, line);
    }
    globs.build().ok()
}
