//! The files of a folder that is given as `--config-dir`.

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use crate::source::{FileSystem, Kind};

/// The `*.conf` of a folder in the order of oslo.config: `sorted(glob.glob(DIR/*.conf))`.
pub(crate) fn conf_files(fs: &dyn FileSystem, folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !matches!(fs.look(folder)?, Kind::Folder) {
        return Err(ErrorKind::NotADirectory.into());
    }
    let entries = fs.list(folder)?.into_iter().filter(|entry| {
        let name = entry.name.to_string_lossy();
        name.ends_with(".conf") && !name.starts_with('.')
    });
    Ok(entries.map(|entry| folder.join(entry.name)).collect())
}
