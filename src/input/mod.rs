//! Where text comes from: files, folders, standard input, and the host's file system below a root.

mod discover;
mod file;
mod root;

pub(crate) use discover::conf_files;
pub use discover::{Found, discover, found};
pub use file::{File, FileId, Files, InputError, MAX_BYTES, Origin, read_path, read_stdin};
pub(crate) use file::{absolute, plain, relative, relative_to};
pub use root::{Root, Seen};
