//! Where text comes from: files, folders, standard input, the forms in which people keep their configuration, and the
//! host's file system below a root.

mod discover;
mod file;
pub mod forms;
pub mod render;
mod root;
pub mod yaml;

pub(crate) use discover::conf_files;
pub use discover::{Search, discover};
pub use file::{InputError, MAX_BYTES, read_path, read_stdin, read_text};
pub use root::{Root, Seen};
