//! The borders of reading: of a file system, only what lies inside the paths that were given.

use std::{
    collections::HashMap,
    io,
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    file_system::{Enter, Entry, FileSystem, Kind, Meet, ReadError},
    path::{absolute, is_absolute},
};

/// Where files are made by the kernel when they are read: the environment of processes, logs that never end, devices.
const OF_THE_KERNEL: [&str; 3] = ["/proc", "/sys", "/dev"];
/// Where a host itself keeps its configuration of Cinder.
const OWN_PLACES: [&str; 5] =
    ["/etc/cinder", "/etc/kolla", "/var/lib/kolla", "/var/lib/config-data", "/var/lib/openstack"];

/// Whether the kernel makes what is at a path (without links).
pub(crate) fn is_of_the_kernel(path: &Path) -> bool {
    OF_THE_KERNEL.iter().any(|folder| path.starts_with(folder)) && !path.starts_with("/dev/shm")
}

/// Whether a path is one of the places in which a host keeps its configuration of Cinder.
fn is_own_place(path: &Path) -> bool {
    OWN_PLACES.iter().any(|own| path.starts_with(own))
}

/// `/dev/stdin` and the `/dev/fd/63` of a shell's `<(command)`: pipes that are open already, so that reading them
/// cannot wait for a writer that never comes.
pub(super) fn is_own_descriptor(path: &Path) -> bool {
    path == Path::new("/dev/stdin") || path.starts_with("/dev/fd") || path.starts_with("/proc/self/fd")
}

/// Whether what a configuration names by an absolute path is looked up on this machine, outside of what was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HostFiles {
    /// Where one of the given paths is a place in which a host keeps its own configuration.
    #[default]
    Own,
    /// Always: the configuration is this host's.
    Always,
    /// Never, and nothing outside is so much as touched: a file system that hangs must not hang an editor.
    Never,
}

/// Why something is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Outside {
    /// It lies elsewhere, or a link leads there.
    #[error("is outside the given folders, or is a symbolic link that leads there: it is not read")]
    Elsewhere,
    /// In `/proc`, `/sys` or `/dev`.
    #[error("is a file of the kernel (/proc, /sys, /dev): it is not read")]
    Kernel,
}

impl From<Outside> for io::Error {
    fn from(outside: Outside) -> Self {
        Self::new(io::ErrorKind::PermissionDenied, outside)
    }
}

/// A file system of which only what lies inside the given paths is read, links followed first.
#[derive(Debug)]
pub struct Borders {
    below: Arc<dyn FileSystem>,
    /// What is inside; all without links.
    inside: Inside,
    /// Where folders are without links: many files share one.
    folders: Mutex<HashMap<PathBuf, Option<PathBuf>>>,
}

#[derive(Clone, Debug, Default)]
struct Inside {
    /// Everything but the files of the kernel: the files are those of this host.
    everywhere: bool,
    /// What lies outside by its name is not asked where it is.
    only_named: bool,
    folders: Vec<PathBuf>,
    /// The same folders as they were named.
    named: Vec<PathBuf>,
    files: Vec<PathBuf>,
    /// The folder that standard input is said to lie in: nothing in it is read but settings.
    pretended: Option<PathBuf>,
    /// Open pipes, by the name that was given.
    descriptors: Vec<PathBuf>,
}

impl Borders {
    /// Around these paths, as they were given: a folder, or the folder that a file is in. A link at the end of one is followed inside
    /// the folder that it is in.
    pub fn around<'p>(
        below: &Arc<dyn FileSystem>,
        paths: impl IntoIterator<Item = &'p Path>,
        host: HostFiles,
    ) -> Arc<Self> {
        let mut borders = Self::none(below);
        borders.inside.everywhere = host == HostFiles::Always;
        for path in paths {
            borders.give(path);
        }
        if host == HostFiles::Never {
            borders.inside.everywhere = false;
            borders.inside.only_named = true;
        }
        Arc::new(borders)
    }

    fn none(below: &Arc<dyn FileSystem>) -> Self {
        Self { below: Arc::clone(below), inside: Inside::default(), folders: Mutex::default() }
    }

    fn give(&mut self, path: &Path) {
        if is_own_descriptor(path) {
            return self.inside.descriptors.push(path.to_path_buf());
        }
        let (real, around) = match (self.below.real(path), self.around_given(path)) {
            (real, Some(around)) => (real.ok(), around),
            (_, None) => return,
        };
        let folder = real.filter(|real| real.starts_with(&around) && self.below.is_folder(path)).unwrap_or(around);
        let is_hosts = is_own_place(&absolute(path)) || is_own_place(&folder);
        self.inside.everywhere |= is_hosts && !is_of_the_kernel(&folder);
        let named = absolute(path);
        let around = named.parent().unwrap_or(&named).to_path_buf();
        self.inside.named.push(if self.below.is_folder(path) { named } else { around });
        self.inside.folders.push(folder);
    }

    /// The real folder in which a given path is. Nothing: a relative path leads out of the working directory by links, and whoever made
    /// them is not whoever gave it.
    fn around_given(&self, path: &Path) -> Option<PathBuf> {
        let up = path.components().take_while(|part| matches!(part, Component::ParentDir | Component::CurDir));
        let up: PathBuf = Path::new(".").join(up.collect::<PathBuf>());
        let around = match (path.parent(), path.file_name()) {
            (Some(around), Some(_)) if !around.as_os_str().is_empty() => self.below.real(around).ok()?,
            (_, Some(_)) => self.below.real(Path::new(".")).ok()?,
            (_, None) => self.below.real(path).ok()?,
        };
        let starts = is_absolute(path) || around.starts_with(self.below.real(&up).ok()?);
        starts.then_some(around)
    }

    /// The same, and a file that was given beside the paths; a link is followed inside the folder that it is in.
    #[must_use]
    pub fn with_file(&self, path: &Path) -> Arc<Self> {
        let mut more = self.same();
        if is_own_descriptor(path) {
            more.inside.descriptors.push(path.to_path_buf());
        } else if let (Ok(real), Some(around)) = (self.below.real(path), self.around_given(path))
            && real.starts_with(around)
        {
            more.inside.files.push(real);
        }
        Arc::new(more)
    }

    /// The same, and a folder.
    #[must_use]
    pub fn with_folder(&self, folder: &Path) -> Arc<Self> {
        let mut more = self.same();
        more.inside.folders.extend(self.below.real(folder));
        Arc::new(more)
    }

    /// The same for a text on standard input that is said to lie in a folder.
    #[must_use]
    pub fn with_pretended(&self, folder: &Path) -> Arc<Self> {
        let mut more = self.same();
        more.inside.pretended = self.below.real(folder).ok();
        Arc::new(more)
    }

    /// Whether settings in a folder may speak: it lies inside, or above what does.
    pub fn is_near(&self, folder: &Path) -> bool {
        let Ok(real) = self.below.real(folder) else { return false };
        let mut inside = self.inside.folders.iter().chain(&self.inside.pretended);
        self.inside.everywhere || inside.any(|inside| real.starts_with(inside) || inside.starts_with(&real))
    }

    /// Fails for what is not so much as asked about: all that lies neither inside nor on the way there.
    fn may_touch(&self, path: &Path) -> io::Result<()> {
        let whole = absolute(path);
        let is_on_the_way = || self.inside.named.iter().chain(&self.inside.folders).any(|one| one.starts_with(&whole));
        let is_outside = self.inside.only_named && !self.is_named(&whole) && !is_on_the_way();
        if is_outside { Err(Outside::Elsewhere.into()) } else { Ok(()) }
    }

    /// The file system on which a host's paths are followed.
    pub fn to_follow(self: &Arc<Self>) -> Arc<dyn FileSystem> {
        if self.inside.only_named { Arc::clone(self) as Arc<dyn FileSystem> } else { Arc::clone(&self.below) }
    }

    /// Whether a path lies inside by its name alone.
    fn is_named(&self, path: &Path) -> bool {
        let inside = &self.inside;
        let mut folders = inside.named.iter().chain(&inside.folders);
        folders.any(|folder| path.starts_with(folder)) || inside.files.iter().any(|file| file == path)
    }

    fn same(&self) -> Self {
        Self { inside: self.inside.clone(), ..Self::none(&self.below) }
    }

    /// Without borders.
    pub fn below(&self) -> &Arc<dyn FileSystem> {
        &self.below
    }

    /// The folders inside, without links; nothing: everywhere.
    pub fn folders(&self) -> Option<&[PathBuf]> {
        (!self.inside.everywhere).then_some(&self.inside.folders)
    }

    /// Fails for what is not inside.
    ///
    /// # Errors
    /// It lies outside, or cannot be found.
    pub fn check(&self, path: &Path) -> io::Result<()> {
        if self.inside.descriptors.iter().any(|known| known == path) {
            return Ok(());
        }
        self.may_touch(path)?;
        let real = self.find(path)?;
        if is_of_the_kernel(&real) || is_own_descriptor(path) {
            return Err(Outside::Kernel.into());
        }
        let inside = &self.inside;
        let is_inside = inside.everywhere
            || inside.folders.iter().any(|folder| real.starts_with(folder))
            || inside.files.contains(&real);
        if is_inside { Ok(()) } else { Err(Outside::Elsewhere.into()) }
    }

    /// Where a path is, without links.
    fn find(&self, path: &Path) -> io::Result<PathBuf> {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return self.below.real(path) };
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let mut known = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let known = match known.get(folder) {
            Some(known) => known.clone(),
            None => known.entry(folder.to_path_buf()).or_insert(self.below.real(folder).ok()).clone(),
        };
        match known {
            Some(real) if self.below.look_at_link(path)? != Kind::Link => Ok(real.join(name)),
            _ => self.below.real(path),
        }
    }
}

impl FileSystem for Borders {
    fn look(&self, path: &Path) -> io::Result<Kind> {
        self.check(path)?;
        self.below.look(path)
    }

    fn look_at_link(&self, path: &Path) -> io::Result<Kind> {
        self.may_touch(path)?;
        self.below.look_at_link(path)
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        self.may_touch(path)?;
        self.below.read_link(path)
    }

    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        self.may_touch(path)?;
        self.below.real(path)
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        if let Err(error) = self.check(path) {
            // A device is one wherever it lies.
            return Err(match self.below.look(path) {
                Ok(kind @ Kind::Other(_)) => ReadError::of(kind),
                _ => error.into(),
            });
        }
        self.below.read(path)
    }

    fn read_head(&self, path: &Path, most: usize, listed: bool) -> Vec<u8> {
        // What a search lists lies in the folder that it searches, and is no link.
        if listed || self.check(path).is_ok() { self.below.read_head(path, most, listed) } else { Vec::new() }
    }

    fn read_stdin(&self) -> Result<Vec<u8>, ReadError> {
        self.below.read_stdin()
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        self.check(folder)?;
        self.below.list(folder)
    }

    fn walk(&self, folder: &Path, enter: Arc<Enter<'static>>, meet: &Meet<'_>) {
        match self.check(folder) {
            Ok(()) => self.below.walk(folder, enter, meet),
            Err(error) => meet(super::Met::Error(folder, crate::text::plain(&error))),
        }
    }
}
