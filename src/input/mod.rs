//! Where text comes from: files, folders, standard input, the forms in which people keep their configuration, and the
//! host's file system below a root.

mod conf_files;
mod discover;
pub mod forms;
pub mod render;
mod root;
pub mod yaml;

pub(crate) use conf_files::conf_files;
pub use discover::{Search, discover};
pub use root::{Root, Seen};
