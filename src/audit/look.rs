//! Questions about single files and folders.

use std::{io, path::Path};

use rustix::fs::{AtFlags, Stat, statat};

use super::{
    access::{Acl, Attributes, Ids, SEARCH, may},
    walk::Progress,
};

/// Attributes of one path, its last link not followed: what a single question about a file needs.
pub struct Looked {
    /// Of `lstat`.
    pub stat: Stat,
    /// The ACL beyond the bits.
    pub acl: Option<Acl>,
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
    Ok(Looked { stat, acl })
}

impl Looked {
    /// What of it decides on access.
    pub fn attributes(&self) -> Attributes<'_> {
        Attributes { mode: self.stat.st_mode, uid: self.stat.st_uid, gid: self.stat.st_gid, acl: self.acl.as_ref() }
    }
}

/// Which identities can search all folders above a path, the first `skip` of them not looked at; folders that cannot
/// be looked at hold nobody.
pub fn reach(folder: &Path, skip: usize, identities: &[Ids]) -> u64 {
    let all = if identities.len() >= 64 { u64::MAX } else { (1 << identities.len()) - 1 };
    let above: Vec<&Path> = folder.ancestors().skip(1).collect();
    let progress = Progress::default();
    above.into_iter().rev().skip(skip).fold(all, |mask, folder| match look_at(folder, &progress) {
        Ok(looked) => {
            let able = identities.iter().take(64).enumerate();
            able.filter(|(at, ids)| mask & (1 << at) != 0 && (ids.is_root() || may(ids, &looked.attributes(), SEARCH)))
                .fold(0, |mask, (at, _)| mask | 1 << at)
        }
        Err(_) => mask,
    })
}
