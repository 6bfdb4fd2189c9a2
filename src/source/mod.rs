//! What a file is, and where a place in it is: texts with ids, pieces of files with maps back to their bytes, paths.

mod files;
pub mod map;
mod path;
mod place;
mod services;

pub use files::{File, Files, Origin, Part};
pub(crate) use path::{absolute, relative, relative_to};
pub use place::{FileId, Place, Unseen};
pub use services::Services;
