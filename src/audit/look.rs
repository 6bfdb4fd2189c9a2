//! Questions about single files and folders.

use std::{io, path::Path};

use rustix::fs::{AtFlags, FileType, statat};
use serde::{Deserialize, Serialize};

use super::{
    access::{Attributes, Held},
    walk::Progress,
};

/// Attributes of one path, its last link not followed: what a single question about a file needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// What of it decides on access.
    #[serde(flatten)]
    pub held: Held,
    /// Seconds since 1970 of its last change.
    pub modified: i64,
}

/// Asks for one file or folder.
///
/// # Errors
/// Those of `lstat`.
pub fn look_at(path: &Path, progress: &Progress) -> io::Result<Looked> {
    let stat = statat(rustix::fs::CWD, path, AtFlags::SYMLINK_NOFOLLOW)?;
    progress.tick();
    let whole = std::ffi::CString::new(std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()));
    let acl = whole.ok().and_then(|path| progress.acl(&path, stat.st_mode)).filter(|acl| acl.0.len() > 3);
    let held = Held { mode: stat.st_mode, uid: stat.st_uid, gid: stat.st_gid, acl };
    Ok(Looked { held, modified: stat.st_mtime })
}

impl Looked {
    /// What of it decides on access.
    pub fn attributes(&self) -> Attributes<'_> {
        self.held.attributes()
    }

    /// What it is.
    pub fn file_type(&self) -> FileType {
        FileType::from_raw_mode(self.held.mode)
    }
}

/// The folders above a path, as far as they can be looked at: the first `skip` of them are not.
pub fn above(path: &Path, skip: usize, look: &dyn Fn(&Path) -> io::Result<Looked>) -> Vec<Held> {
    let above: Vec<&Path> = path.ancestors().skip(1).collect();
    above.into_iter().rev().skip(skip).filter_map(|folder| Some(look(folder).ok()?.held)).collect()
}
