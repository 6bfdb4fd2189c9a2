//! A file system that is nowhere but in memory.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    io::{self, ErrorKind},
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use super::{
    file_system::{Enter, Entry, FileSystem, Kind, Meet, ReadError},
    path::{absolute, is_absolute},
    walk::walk_folders,
};

/// The most links that are followed on the way to one file, as Linux counts them.
const MAX_LINKS: u32 = 40;

/// A file system that is nowhere but in memory: for tests, for a page in a browser, for examples.
///
/// ```
/// use cinderlint::source::{FileSystem, Memory};
///
/// let fs = Memory::new().with("etc/cinder.conf", "[DEFAULT]\n");
/// assert!(fs.is_folder("etc".as_ref()));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// By absolute path. Folders stand here only where they are empty; others follow from what is in them.
    nodes: BTreeMap<PathBuf, Node>,
}

#[derive(Clone, Debug)]
enum Node {
    File(Vec<u8>),
    Folder,
    Link(PathBuf),
}

impl Memory {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with a file. A relative path starts at the working directory.
    #[must_use]
    pub fn with(mut self, path: impl AsRef<Path>, text: impl Into<Vec<u8>>) -> Self {
        self.set(path, text);
        self
    }

    /// The same with a folder, which may be empty.
    #[must_use]
    pub fn with_folder(mut self, path: impl AsRef<Path>) -> Self {
        self.nodes.insert(absolute(path.as_ref()), Node::Folder);
        self
    }

    /// The same with a symbolic link.
    #[must_use]
    pub fn with_link(mut self, path: impl AsRef<Path>, target: impl Into<PathBuf>) -> Self {
        self.nodes.insert(absolute(path.as_ref()), Node::Link(target.into()));
        self
    }

    /// Writes a file.
    pub fn set(&mut self, path: impl AsRef<Path>, text: impl Into<Vec<u8>>) {
        self.nodes.insert(absolute(path.as_ref()), Node::File(text.into()));
    }

    /// Removes a file.
    pub fn remove(&mut self, path: impl AsRef<Path>) {
        self.nodes.remove(&absolute(path.as_ref()));
    }

    /// The node at a path of which every part is there and none is a link.
    fn node(&self, path: &Path) -> Option<&Node> {
        const FOLDER: &Node = &Node::Folder;
        let of_children = || self.children(path).next().map(|_| FOLDER);
        self.nodes.get(path).or_else(of_children).or_else(|| (path == Path::new("/")).then_some(FOLDER))
    }

    /// What lies below a path, at any depth.
    fn children<'m>(&'m self, path: &'m Path) -> impl Iterator<Item = (&'m Path, &'m Node)> {
        let after = self.nodes.range::<Path, _>((std::ops::Bound::Excluded(path), std::ops::Bound::Unbounded));
        after.take_while(move |(below, _)| below.starts_with(path)).map(|(below, node)| (below.as_path(), node))
    }

    /// A path without links on the way; `last`: nor at its end.
    fn resolve(&self, path: &Path, last: bool) -> io::Result<PathBuf> {
        let mut todo: Vec<std::ffi::OsString> = parts(&absolute(path));
        let mut real = PathBuf::from("/");
        let mut links = 0;
        while let Some(part) = todo.pop() {
            if part == ".." {
                real.pop();
                continue;
            }
            let here = real.join(&part);
            match self.node(&here) {
                Some(Node::Link(target)) if last || !todo.is_empty() => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(io::Error::other("too many levels of symbolic links"));
                    }
                    if is_absolute(target) {
                        real = PathBuf::from("/");
                    }
                    todo.extend(parts(target));
                }
                Some(Node::File(_)) if !todo.is_empty() => return Err(ErrorKind::NotADirectory.into()),
                Some(_) => real = here,
                None => return Err(ErrorKind::NotFound.into()),
            }
        }
        Ok(real)
    }

    fn kind(&self, path: &Path) -> io::Result<Kind> {
        match self.node(path) {
            Some(Node::File(text)) => Ok(Kind::File(text.len() as u64)),
            Some(Node::Folder) => Ok(Kind::Folder),
            Some(Node::Link(_)) => Ok(Kind::Link),
            None => Err(ErrorKind::NotFound.into()),
        }
    }

    fn text(&self, path: &Path) -> Result<&Vec<u8>, ReadError> {
        let path = self.resolve(path, true)?;
        match self.node(&path) {
            Some(Node::File(text)) => Ok(text),
            _ => Err(ReadError::of(self.kind(&path)?)),
        }
    }
}

/// The parts of a path, the first at the end.
fn parts(path: &Path) -> Vec<std::ffi::OsString> {
    let part = |part: Component<'_>| match part {
        Component::Normal(name) => Some(name.to_os_string()),
        Component::ParentDir => Some("..".into()),
        Component::CurDir | Component::RootDir | Component::Prefix(_) => None,
    };
    let mut parts: Vec<_> = path.components().filter_map(part).collect();
    parts.reverse();
    parts
}

impl FileSystem for Memory {
    fn look(&self, path: &Path) -> io::Result<Kind> {
        self.kind(&self.resolve(path, true)?)
    }

    fn look_at_link(&self, path: &Path) -> io::Result<Kind> {
        self.kind(&self.resolve(path, false)?)
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        match self.node(&self.resolve(path, false)?) {
            Some(Node::Link(target)) => Ok(target.clone()),
            _ => Err(ErrorKind::InvalidInput.into()),
        }
    }

    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        self.resolve(path, true)
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        self.text(path).cloned()
    }

    fn read_head(&self, path: &Path, most: usize, _: bool) -> Vec<u8> {
        self.text(path).map(|text| text[..text.len().min(most)].to_vec()).unwrap_or_default()
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        let folder = self.resolve(folder, true)?;
        if self.kind(&folder)? != Kind::Folder {
            return Err(ErrorKind::NotADirectory.into());
        }
        let mut names: Vec<&OsStr> = Vec::new();
        for (below, _) in self.children(&folder) {
            let name = below.strip_prefix(&folder).ok().and_then(|rest| rest.iter().next());
            names.extend(name);
        }
        names.sort_unstable();
        names.dedup();
        names
            .into_iter()
            .map(|name| Ok(Entry { name: name.to_os_string(), kind: self.kind(&folder.join(name))? }))
            .collect()
    }

    fn walk(&self, folder: &Path, enter: Arc<Enter<'static>>, meet: &Meet<'_>) {
        walk_folders(self, folder, &*enter, meet);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Met;

    #[test]
    fn links_are_followed_on_the_way_and_at_the_end() {
        let fs =
            Memory::new().with("/a/b/c", "text").with_link("/a/l", "b").with_link("/l", "/a/l/c").with_link("/x", "x");
        assert_eq!(fs.read(Path::new("/l")).unwrap(), b"text");
        assert_eq!(fs.look(Path::new("/a/l")).unwrap(), Kind::Folder);
        assert_eq!(fs.look_at_link(Path::new("/a/l")).unwrap(), Kind::Link);
        assert!(fs.look(Path::new("/x")).is_err());
        assert!(fs.read(Path::new("/a")).unwrap_err().to_string().contains("is a folder"));
        let names: Vec<_> = fs.list(Path::new("/a")).unwrap().into_iter().map(|entry| entry.name).collect();
        assert_eq!(names, ["b", "l"]);
    }

    #[test]
    fn a_search_leaves_out_what_git_ignores() {
        let fs = Memory::new()
            .with_folder("/r/.git")
            .with("/r/.gitignore", "*.log\n!keep.log\nbuild/\n")
            .with("/r/etc/.gitignore", "/other.conf\n")
            .with("/r/.hidden/a.conf", "")
            .with("/r/build/a.conf", "")
            .with("/r/etc/a.conf", "")
            .with("/r/etc/other.conf", "")
            .with("/r/etc/sub/other.conf", "")
            .with("/r/x.log", "")
            .with("/r/keep.log", "");
        let met = std::sync::Mutex::new(Vec::new());
        fs.walk(Path::new("/r/etc"), Arc::new(|_: &Path| true), &|one| {
            if let Met::File { path, .. } = one {
                met.lock().unwrap().push(path.to_path_buf());
            }
        });
        fs.walk(Path::new("/r"), Arc::new(|path: &Path| !path.ends_with("etc")), &|one| {
            if let Met::File { path, .. } = one {
                met.lock().unwrap().push(path.to_path_buf());
            }
        });
        let met = met.into_inner().unwrap();
        let wanted = [
            "/r/etc/.gitignore",
            "/r/etc/a.conf",
            "/r/etc/sub/other.conf",
            "/r/.gitignore",
            "/r/.hidden/a.conf",
            "/r/keep.log",
        ];
        assert_eq!(met, wanted.map(PathBuf::from));
    }
}
