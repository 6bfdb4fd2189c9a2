//! Another file system with texts that an editor holds.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use super::{
    file_system::{Enter, Entry, FileSystem, Kind, Meet, Met, ReadError},
    path::absolute,
};

/// Another file system with texts that an editor holds: they are read instead of what is kept.
#[derive(Debug)]
pub struct Overlay {
    below: Arc<dyn FileSystem>,
    /// By absolute path.
    texts: RwLock<BTreeMap<PathBuf, Arc<[u8]>>>,
}

impl Overlay {
    /// Over this file system, without texts.
    pub fn new(below: Arc<dyn FileSystem>) -> Self {
        Self { below, texts: RwLock::default() }
    }

    /// Has this text stand for what is at a path.
    pub fn set(&self, path: &Path, text: impl Into<Arc<[u8]>>) {
        let mut texts = self.texts.write().unwrap_or_else(PoisonError::into_inner);
        texts.insert(absolute(path), text.into());
    }

    /// What is kept at a path is read again.
    pub fn remove(&self, path: &Path) {
        self.texts.write().unwrap_or_else(PoisonError::into_inner).remove(&absolute(path));
    }

    fn text(&self, path: &Path) -> Option<Arc<[u8]>> {
        self.texts.read().unwrap_or_else(PoisonError::into_inner).get(&absolute(path)).cloned()
    }

    /// Whether a text lies below a folder.
    fn is_above_a_text(&self, folder: &Path) -> bool {
        let folder = absolute(folder);
        let texts = self.texts.read().unwrap_or_else(PoisonError::into_inner);
        let mut after = texts.range::<PathBuf, _>(&folder..);
        after.next().is_some_and(|(path, _)| path.starts_with(&folder) && *path != folder)
    }

    fn kind(&self, path: &Path, below: io::Result<Kind>) -> io::Result<Kind> {
        match self.text(path) {
            Some(text) => Ok(Kind::File(text.len() as u64)),
            None if below.is_err() && self.is_above_a_text(path) => Ok(Kind::Folder),
            None => below,
        }
    }
}

impl FileSystem for Overlay {
    fn look(&self, path: &Path) -> io::Result<Kind> {
        self.kind(path, self.below.look(path))
    }

    fn look_at_link(&self, path: &Path) -> io::Result<Kind> {
        self.kind(path, self.below.look_at_link(path))
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        self.below.read_link(path)
    }

    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        match self.below.real(path) {
            Err(_) if self.text(path).is_some() || self.is_above_a_text(path) => Ok(absolute(path)),
            real => real,
        }
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        match self.text(path) {
            Some(text) => Ok(text.to_vec()),
            None => self.below.read(path),
        }
    }

    fn read_head(&self, path: &Path, most: usize, listed: bool) -> Vec<u8> {
        match self.text(path) {
            Some(text) => text[..text.len().min(most)].to_vec(),
            None => self.below.read_head(path, most, listed),
        }
    }

    fn read_stdin(&self) -> Result<Vec<u8>, ReadError> {
        self.below.read_stdin()
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        let whole = absolute(folder);
        let mut entries = match self.below.list(folder) {
            Err(_) if self.is_above_a_text(folder) => Vec::new(),
            listed => listed?,
        };
        let texts = self.texts.read().unwrap_or_else(PoisonError::into_inner);
        for (path, text) in texts.range::<PathBuf, _>(&whole..).take_while(|(path, _)| path.starts_with(&whole)) {
            let Some(rest) = path.strip_prefix(&whole).ok().filter(|rest| rest.iter().next().is_some()) else {
                continue;
            };
            let name = rest.iter().next().unwrap_or_default().to_os_string();
            let is_file = rest.iter().nth(1).is_none();
            let kind = if is_file { Kind::File(text.len() as u64) } else { Kind::Folder };
            match entries.iter_mut().find(|entry| entry.name == name) {
                Some(entry) if is_file => entry.kind = kind,
                Some(_) => {}
                None => entries.push(Entry { name, kind }),
            }
        }
        entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn walk(&self, folder: &Path, enter: Arc<Enter<'static>>, meet: &Meet<'_>) {
        self.below.walk(folder, Arc::clone(&enter), meet);
        let whole = absolute(folder);
        let new: Vec<PathBuf> = {
            let texts = self.texts.read().unwrap_or_else(PoisonError::into_inner);
            let inside = texts.range::<PathBuf, _>(&whole..).take_while(|(path, _)| path.starts_with(&whole));
            // What is kept was met; whether Git will ignore a file that is not yet kept is not asked.
            inside.map(|(path, _)| path.clone()).filter(|path| self.below.look(path).is_err()).collect()
        };
        for path in new {
            let Ok(rest) = path.strip_prefix(&whole) else { continue };
            let mut at = folder.to_path_buf();
            let folders: Vec<_> = rest.parent().into_iter().flat_map(Path::iter).collect();
            let entered = folders.into_iter().all(|name| {
                at.push(name);
                enter(&at)
            });
            if entered {
                meet(Met::File { path: &folder.join(rest), regular: true });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Memory;

    #[test]
    fn texts_stand_for_what_is_kept() {
        let below = Memory::new().with("/r/a", "kept").with("/r/b", "kept");
        let overlay = Overlay::new(Arc::new(below));
        overlay.set(Path::new("/r/a"), *b"held");
        overlay.set(Path::new("/r/new/c"), *b"held");
        let read = |path: &str| overlay.read(Path::new(path)).map(|text| String::from_utf8(text).unwrap()).ok();
        assert_eq!(read("/r/a").as_deref(), Some("held"));
        assert_eq!(read("/r/b").as_deref(), Some("kept"));
        assert_eq!(overlay.look(Path::new("/r/new")).unwrap(), Kind::Folder);
        let names: Vec<_> = overlay.list(Path::new("/r")).unwrap().into_iter().map(|entry| entry.name).collect();
        assert_eq!(names, ["a", "b", "new"]);
        let met = std::sync::Mutex::new(Vec::new());
        overlay.walk(Path::new("/r"), Arc::new(|_: &Path| true), &|one| {
            if let Met::File { path, .. } = one {
                met.lock().unwrap().push(path.to_path_buf());
            }
        });
        assert_eq!(met.into_inner().unwrap(), ["/r/a", "/r/b", "/r/new/c"].map(PathBuf::from));
        overlay.remove(Path::new("/r/a"));
        assert_eq!(read("/r/a").as_deref(), Some("kept"));
    }
}
