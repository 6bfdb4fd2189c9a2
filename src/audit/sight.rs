//! What an audit asks of a host, and who answers: the host itself, a copy of its files, or what was collected of one.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    look::{self, Looked},
    program::{Program, Seen as SeenProcess},
    scan::{self, Limits, Seen, Target},
    walk::Progress,
};
use crate::{
    input::Root,
    source::{Disk, FileSystem},
};

/// Whoever answers. Paths are those of this machine; of what was collected, those of the host.
pub trait Sight: fmt::Debug {
    /// Its files.
    fn files(&self) -> Arc<dyn FileSystem>;

    /// Where the host's files lie; none: the host is this machine.
    fn folder(&self) -> Option<&Path>;

    /// Whether the answers are those of another day.
    fn is_collected(&self) -> bool {
        self.folder().is_some()
    }

    /// When a file was last changed, links followed; none: nobody knows.
    fn modified(&self, path: &Path) -> Option<i64>;

    /// The attributes of one file or folder, its last link not followed.
    ///
    /// # Errors
    /// It is not there, or nobody knows.
    fn look(&self, path: &Path) -> io::Result<Looked>;

    /// Which of these folders do not answer.
    fn silent(&self, folders: Vec<PathBuf>, limits: &Limits<'_>) -> Vec<PathBuf>;

    /// Looks at shares.
    fn scan(&self, targets: Vec<Target>, limits: &Limits<'_>) -> Vec<Seen>;

    /// Whether a process is what its command line says; where nobody can be asked it is.
    fn is_program(&self, process: &SeenProcess<'_>, program: Program) -> bool;

    /// Whether a process sees other mounts than the host.
    fn is_contained(&self, pid: u32) -> bool;

    /// Whether files belong to whom they belong on the host.
    fn owners_kept(&self) -> bool;
}

/// A root for the host's paths, or for those of one of its containers.
pub fn root(sight: &dyn Sight, folder: Option<&Path>) -> Root {
    Root::on(sight.files(), folder)
}

/// The host itself, or a copy of its files.
#[derive(Debug)]
pub struct Live {
    folder: Option<PathBuf>,
}

impl Live {
    /// A copy in a folder; none: this host.
    pub fn new(folder: Option<&Path>) -> Self {
        let folder = folder.map(|dir| std::fs::canonicalize(dir).unwrap_or_else(|_| dir.to_path_buf()));
        Self { folder }
    }
}

impl Sight for Live {
    fn files(&self) -> Arc<dyn FileSystem> {
        Disk::shared()
    }

    fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    fn modified(&self, path: &Path) -> Option<i64> {
        Some(std::os::unix::fs::MetadataExt::mtime(&std::fs::metadata(path).ok()?))
    }

    fn look(&self, path: &Path) -> io::Result<Looked> {
        look::look_at(path, &Progress::default())
    }

    fn silent(&self, folders: Vec<PathBuf>, limits: &Limits<'_>) -> Vec<PathBuf> {
        scan::silent(folders, limits.timeout, limits.stop)
    }

    fn scan(&self, targets: Vec<Target>, limits: &Limits<'_>) -> Vec<Seen> {
        scan::run(targets, limits)
    }

    fn is_program(&self, process: &SeenProcess<'_>, program: Program) -> bool {
        // In a copy of a host's files there is nothing to ask.
        self.folder.is_some() || process.is(program)
    }

    fn is_contained(&self, pid: u32) -> bool {
        let namespace = |pid: &str| match &self.folder {
            Some(_) => None,
            None => std::fs::read_link(format!("/proc/{pid}/ns/mnt")).ok(),
        };
        let (own, theirs) = (namespace("self"), namespace(&pid.to_string()));
        own.is_some() && theirs.is_some() && own != theirs
    }

    /// Who extracts an archive without being root owns all of it; then what every host has is that user's as well.
    fn owners_kept(&self) -> bool {
        let me = rustix::process::geteuid().as_raw();
        let Some(folder) = self.folder.as_ref().filter(|_| me != 0) else { return true };
        let places =
            ["etc", "etc/passwd", "etc/hostname", "etc/cinder", "etc/cinder/cinder.conf", "var", "proc", "run"];
        let owners = places.iter().filter_map(|place| std::fs::symlink_metadata(folder.join(place)).ok());
        owners.map(|found| std::os::unix::fs::MetadataExt::uid(&found)).any(|owner| owner != me)
    }
}
