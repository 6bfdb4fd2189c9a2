//! Another file system, whose answers are not waited for without end.

use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, mpsc},
    time::Duration,
};

use super::file_system::{Enter, Entry, FileSystem, Kind, Meet, ReadError};

/// Another file system, of which each answer about a path outside of some folders has to come within a time: a file server that
/// hangs is not waited for. A path that was waited for in vain is not asked for again, nor is anything below it.
#[derive(Debug)]
pub struct Limited {
    below: Arc<dyn FileSystem>,
    /// Absolute; what is in them is asked for as ever.
    folders: Vec<PathBuf>,
    limit: Duration,
    silent: Arc<Mutex<BTreeSet<PathBuf>>>,
}

/// Paths that did not answer in time.
pub type Silent = Arc<Mutex<BTreeSet<PathBuf>>>;

impl Limited {
    /// Over this file system. `silent` keeps what did not answer, also for others that are made with it.
    pub fn new(below: Arc<dyn FileSystem>, folders: Vec<PathBuf>, limit: Duration, silent: Silent) -> Self {
        Self { below, folders, limit, silent }
    }

    fn ask<T: Send + 'static>(
        &self,
        path: &Path,
        question: impl FnOnce(&dyn FileSystem, &Path) -> T + Send + 'static,
    ) -> Result<T, io::Error> {
        if self.folders.iter().any(|folder| path.starts_with(folder)) {
            return Ok(question(&*self.below, path));
        }
        let late = || io::Error::from(io::ErrorKind::TimedOut);
        {
            let silent = self.silent.lock().unwrap_or_else(PoisonError::into_inner);
            if path.ancestors().any(|folder| silent.contains(folder)) {
                return Err(late());
            }
        }
        let (sender, receiver) = mpsc::channel();
        let (below, own) = (Arc::clone(&self.below), path.to_path_buf());
        // The thread of a question that nobody answers is left behind: one for each path that is silent.
        std::thread::Builder::new().spawn(move || sender.send(question(&*below, &own)))?;
        receiver.recv_timeout(self.limit).map_err(|_| {
            self.silent.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_path_buf());
            late()
        })
    }
}

impl FileSystem for Limited {
    fn look(&self, path: &Path) -> io::Result<Kind> {
        self.ask(path, |below, path| below.look(path))?
    }

    fn look_at_link(&self, path: &Path) -> io::Result<Kind> {
        self.ask(path, |below, path| below.look_at_link(path))?
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        self.ask(path, |below, path| below.read_link(path))?
    }

    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        self.ask(path, |below, path| below.real(path))?
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        self.ask(path, |below, path| below.read(path))?
    }

    fn read_head(&self, path: &Path, most: usize, listed: bool) -> Vec<u8> {
        self.ask(path, move |below, path| below.read_head(path, most, listed)).unwrap_or_default()
    }

    fn read_stdin(&self) -> Result<Vec<u8>, ReadError> {
        self.below.read_stdin()
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        self.ask(folder, |below, folder| below.list(folder))?
    }

    fn walk(&self, folder: &Path, enter: Arc<Enter<'static>>, meet: &Meet<'_>) {
        self.below.walk(folder, enter, meet);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::source::Memory;

    /// Never answers what is asked below `/hung`.
    #[derive(Debug)]
    struct Hung(Memory, AtomicUsize);

    impl FileSystem for Hung {
        fn look(&self, path: &Path) -> io::Result<Kind> {
            self.0.look(path)
        }
        fn look_at_link(&self, path: &Path) -> io::Result<Kind> {
            self.0.look_at_link(path)
        }
        fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
            self.0.read_link(path)
        }
        fn real(&self, path: &Path) -> io::Result<PathBuf> {
            self.0.real(path)
        }
        fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
            if path.starts_with("/hung") {
                self.1.fetch_add(1, Ordering::SeqCst);
                loop {
                    std::thread::park();
                }
            }
            self.0.read(path)
        }
        fn read_head(&self, path: &Path, most: usize, listed: bool) -> Vec<u8> {
            self.0.read_head(path, most, listed)
        }
        fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
            self.0.list(folder)
        }
        fn walk(&self, folder: &Path, enter: Arc<Enter<'static>>, meet: &Meet<'_>) {
            self.0.walk(folder, enter, meet);
        }
    }

    #[test]
    fn what_hangs_is_asked_once_and_waited_for_no_longer_than_the_limit() {
        let hung = Arc::new(Hung(Memory::new().with("/r/a", "x").with("/etc/b", "y"), AtomicUsize::new(0)));
        let below = || Arc::clone(&hung) as Arc<dyn FileSystem>;
        let system = Limited::new(below(), vec!["/r".into()], Duration::from_millis(20), Silent::default());
        for _ in 0..2 {
            let error = system.read(Path::new("/hung/share")).unwrap_err();
            assert!(matches!(error, ReadError::Io(error) if error.kind() == io::ErrorKind::TimedOut));
        }
        assert!(system.read(Path::new("/hung/share/below")).is_err());
        assert_eq!(hung.1.load(Ordering::SeqCst), 1);
        // In the editor's own folders there is no limit; that of what answers is long enough.
        assert_eq!(system.read(Path::new("/r/a")).unwrap(), b"x");
        let patient = Limited::new(below(), Vec::new(), Duration::from_secs(60), Silent::default());
        assert_eq!(patient.read(Path::new("/etc/b")).unwrap(), b"y");
    }
}
