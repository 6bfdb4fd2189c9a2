//! Where text comes from: files, folders, standard input, the forms in which people keep their configuration, and the
//! host's file system below a root.

mod discover;
mod file;
pub mod forms;
pub mod map;
pub mod render;
mod root;
pub mod template;
pub mod yaml;

pub(crate) use discover::conf_files;
pub use discover::{Search, discover};
pub use file::{File, FileId, Files, InputError, MAX_BYTES, Origin, Part, read_path, read_stdin, read_text};
pub(crate) use file::{absolute, relative, relative_to};
pub use root::{Root, Seen};

pub(crate) use crate::message::plain;
