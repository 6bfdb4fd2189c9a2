//! One pass over a share: counts by class, a few names of each, and nothing opened but folders.
//!
//! Memory does not grow with the number of files: names are read in batches, and only classes are kept.

use std::{
    ffi::CStr,
    io,
    os::fd::{AsFd, OwnedFd},
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
};

use rustix::{
    fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, fstat, lgetxattr, openat, statat},
    io::Errno,
};

use super::{
    access::{Acl, Attributes, Held},
    kind::{Kind, Names},
    tally::{Class, Gates, Tally},
};

/// Folders inside each other that are followed.
const DEEPEST: usize = 128;
/// Names that are looked at together.
const BATCH: usize = 256;
/// Unreadable folders that are named.
const NAMED: usize = 100;

/// What is to be walked, and how.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The share's folder on this machine; no link.
    pub folder: PathBuf,
    /// How volumes are called.
    pub names: Names,
    /// How many names are kept of a class.
    pub limit: usize,
    /// Threads that ask for attributes; 0: the walking thread does.
    pub workers: usize,
}

/// A walk as seen from outside.
#[derive(Debug, Default)]
pub struct Progress {
    /// Grows with every answer.
    pub ticks: AtomicU64,
    /// Set from outside: enough.
    pub stop: AtomicBool,
    /// What is known so far.
    pub tally: Mutex<Tally>,
    gates: Mutex<Gates>,
    no_acl: AtomicBool,
}

struct Folder {
    fd: OwnedFd,
    /// Its path on this machine, with a `/` behind.
    path: Vec<u8>,
    /// How much of the path is the share's.
    share: usize,
    /// Which folders of the share have to be searched on the way into it.
    gate: Option<u32>,
}

struct Batch {
    folder: Arc<Folder>,
    /// Each with a zero byte behind.
    names: Vec<u8>,
    count: usize,
}

impl Progress {
    /// What is known so far, and keeps growing perhaps.
    pub fn so_far(&self) -> Tally {
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner).clone();
        tally.no_acl = self.no_acl.load(Ordering::Relaxed);
        tally.gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner).all.clone();
        tally
    }

    pub(super) fn tick(&self) {
        self.ticks.fetch_add(1, Ordering::Relaxed);
    }

    /// The gate behind a folder that lies behind another one.
    fn gate(&self, around: Option<u32>, stat: &Stat, acl: Option<&Acl>) -> Option<u32> {
        let file = Attributes { mode: stat.st_mode, uid: stat.st_uid, gid: stat.st_gid, acl };
        self.gates.lock().unwrap_or_else(PoisonError::into_inner).behind(around?, &Held::of(&file))
    }

    fn with(&self, change: impl FnOnce(&mut Tally)) {
        change(&mut self.tally.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Reads the ACL of a file or folder, where there is one beyond its bits and the kernel would ask it.
    pub fn acl(&self, path: &CStr, mode: u32) -> Option<Acl> {
        if mode & 0o070 == 0 || self.no_acl.load(Ordering::Relaxed) {
            return None;
        }
        let mut bytes = [0_u8; 4096];
        match lgetxattr(path, c"system.posix_acl_access", &mut bytes[..]) {
            Ok(length) => Acl::read(&bytes[..length]),
            Err(Errno::NOTSUP) => {
                self.no_acl.store(true, Ordering::Relaxed);
                None
            }
            Err(_) => None,
        }
    }
}

/// Walks the share.
///
/// # Errors
/// The share's folder cannot be opened.
pub fn walk(plan: &Plan, progress: &Arc<Progress>) -> io::Result<()> {
    let fd = open(rustix::fs::CWD, &plan.folder)?;
    let stat = fstat(&fd)?;
    progress.tick();
    let mut path = std::os::unix::ffi::OsStrExt::as_bytes(plan.folder.as_os_str()).to_vec();
    if path.last() != Some(&b'/') {
        path.push(b'/');
    }
    let share = path.len();
    let mut whole = path.clone();
    whole.push(0);
    let acl = CStr::from_bytes_with_nul(&whole).ok().and_then(|path| progress.acl(path, stat.st_mode));
    let gate = progress.gate(Some(0), &stat, acl.as_ref());
    let root = Arc::new(Folder { fd, path, share, gate });
    if plan.workers == 0 {
        let names = &plan.names;
        return descend(plan, progress, root, stat.st_dev, &mut |batch| look(&batch, names, plan.limit, progress));
    }
    let (sender, receiver) = sync_channel::<Batch>(plan.workers * 4);
    let receiver = Arc::new(Mutex::new(receiver));
    std::thread::scope(|scope| {
        let worker = || std::thread::Builder::new().spawn_scoped(scope, || work(&receiver, plan, progress)).is_ok();
        let workers = (0..plan.workers).take_while(|_| worker()).count();
        if workers == 0 {
            return descend(plan, progress, root, stat.st_dev, &mut |batch| {
                look(&batch, &plan.names, plan.limit, progress)
            });
        }
        // The sender must be dropped when the walk ends, so that the workers end.
        let sender: SyncSender<Batch> = sender;
        descend(plan, progress, root, stat.st_dev, &mut |batch| {
            let _ = sender.send(batch);
        })
    })
}

fn work(receiver: &Mutex<Receiver<Batch>>, plan: &Plan, progress: &Progress) {
    loop {
        let batch = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match batch {
            Ok(batch) => look(&batch, &plan.names, plan.limit, progress),
            Err(_) => return,
        }
    }
}

/// Opens a folder so that nothing is followed, and its time of access stays as it is where that may be asked for.
fn open(at: impl AsFd, name: impl rustix::path::Arg + Copy) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match openat(&at, name, flags | OFlags::NOATIME, Mode::empty()) {
        Err(Errno::PERM) => openat(&at, name, flags, Mode::empty()),
        other => other,
    }
}

/// Reads folders, the one inside before the rest of the one around it; hands names on in batches.
fn descend(
    plan: &Plan,
    progress: &Progress,
    root: Arc<Folder>,
    device: u64,
    hand_on: &mut dyn FnMut(Batch),
) -> io::Result<()> {
    let mut open_folders = vec![(Dir::read_from(&root.fd)?, empty(root))];
    while let Some((dir, batch)) = open_folders.last_mut() {
        if progress.stop.load(Ordering::Relaxed) {
            return Ok(());
        }
        let entry = match dir.next() {
            None => {
                hand_on(std::mem::replace(batch, empty(Arc::clone(&batch.folder))));
                open_folders.pop();
                continue;
            }
            Some(Err(error)) => {
                let path = batch.folder.path[batch.folder.share..].to_vec();
                unreadable(progress, path, error);
                hand_on(std::mem::replace(batch, empty(Arc::clone(&batch.folder))));
                open_folders.pop();
                continue;
            }
            Some(Ok(entry)) => entry,
        };
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        let mut kind = entry.file_type();
        if kind == FileType::Unknown {
            match statat(&batch.folder.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => kind = FileType::from_raw_mode(stat.st_mode),
                Err(_) => {
                    progress.with(|tally| tally.vanished += 1);
                    continue;
                }
            }
        }
        if kind != FileType::Directory {
            batch.names.extend_from_slice(name.to_bytes_with_nul());
            batch.count += 1;
            if batch.count == BATCH {
                hand_on(std::mem::replace(batch, empty(Arc::clone(&batch.folder))));
            }
            continue;
        }
        progress.tick();
        let around = Arc::clone(&batch.folder);
        let deep = open_folders.len() >= DEEPEST;
        if let Some(next) = enter(plan, progress, &around, name, device, deep) {
            open_folders.push(next);
        }
    }
    Ok(())
}

fn empty(folder: Arc<Folder>) -> Batch {
    Batch { folder, names: Vec::new(), count: 0 }
}

fn unreadable(progress: &Progress, path: Vec<u8>, error: Errno) {
    let why = crate::text::plain(&io::Error::from(error));
    progress.with(|tally| {
        tally.unreadable_count += 1;
        tally.unreadable.insert((path, why));
        if tally.unreadable.len() > NAMED {
            tally.unreadable.pop_last();
        }
    });
}

/// Counts a folder, and opens it where it is on the same file system.
fn enter(
    plan: &Plan,
    progress: &Progress,
    around: &Folder,
    name: &CStr,
    device: u64,
    deep: bool,
) -> Option<(Dir, Batch)> {
    let stat = match statat(&around.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Directory => stat,
        Ok(_) | Err(_) => {
            progress.with(|tally| tally.vanished += 1);
            return None;
        }
    };
    let mut path = around.path.clone();
    path.extend_from_slice(name.to_bytes_with_nul());
    let acl = CStr::from_bytes_with_nul(&path).ok().and_then(|path| progress.acl(path, stat.st_mode));
    path.pop();
    let shown = path[around.share..].to_vec();
    let gate = progress.gate(around.gate, &stat, acl.as_ref());
    let class = class(Kind::Folder, &stat, around.gate, acl);
    progress.with(|tally| tally.add(class, &stat, &shown, plan.limit));
    if stat.st_dev != device {
        progress.with(|tally| tally.elsewhere += 1);
        return None;
    }
    if deep {
        unreadable(progress, shown, Errno::NAMETOOLONG);
        return None;
    }
    path.push(b'/');
    // On NFS the file system of a folder may be another one only once it is entered.
    let opened = open(&around.fd, name).and_then(|fd| Ok((fstat(&fd)?.st_dev, Dir::read_from(&fd)?, fd)));
    match opened {
        Ok((on, _, _)) if on != device => {
            progress.with(|tally| tally.elsewhere += 1);
            None
        }
        Ok((_, dir, fd)) => Some((dir, empty(Arc::new(Folder { fd, path, share: around.share, gate })))),
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {
            progress.with(|tally| tally.vanished += 1);
            None
        }
        Err(error) => {
            unreadable(progress, shown, error);
            None
        }
    }
}

/// Asks for the attributes of a batch of names.
fn look(batch: &Batch, names: &Names, limit: usize, progress: &Progress) {
    let mut tally = Tally::default();
    let mut path = batch.folder.path.clone();
    let base = path.len();
    for name in batch.names.split_inclusive(|&byte| byte == 0) {
        if progress.stop.load(Ordering::Relaxed) {
            break;
        }
        let Ok(name) = CStr::from_bytes_with_nul(name) else { continue };
        let stat = statat(&batch.folder.fd, name, AtFlags::SYMLINK_NOFOLLOW);
        progress.tick();
        let Ok(stat) = stat else {
            tally.vanished += 1;
            continue;
        };
        let kind = match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => names.kind(name.to_bytes()),
            FileType::Symlink => Kind::Link,
            FileType::Directory => Kind::Folder,
            _ => Kind::Special,
        };
        path.truncate(base);
        path.extend_from_slice(name.to_bytes_with_nul());
        let has_none = matches!(kind, Kind::Link | Kind::Special);
        let acl = CStr::from_bytes_with_nul(&path).ok().filter(|_| !has_none);
        let acl = acl.and_then(|path| progress.acl(path, stat.st_mode));
        let class = class(kind, &stat, batch.folder.gate, acl);
        tally.add(class, &stat, &path[batch.folder.share..path.len() - 1], limit);
    }
    progress.with(|whole| whole.merge(tally, limit));
}

/// None: behind more kinds of folders than are told apart.
fn class(kind: Kind, stat: &Stat, gate: Option<u32>, acl: Option<Acl>) -> Option<Class> {
    // An ACL of three entries says what the bits say.
    let acl = acl.filter(|acl| acl.0.len() > 3);
    Some(Class { kind, mode: stat.st_mode & 0o7777, uid: stat.st_uid, gid: stat.st_gid, gate: gate?, acl })
}
