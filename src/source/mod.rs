//! What a file is, where it comes from, and where a place in it is: file systems, texts with ids, pieces of files with maps
//! back to their bytes, paths.

mod borders;
mod disk;
mod file_system;
mod files;
mod limited;
pub mod map;
mod memory;
mod overlay;
mod path;
mod place;
mod services;
mod walk;

pub(crate) use borders::is_of_the_kernel;
pub use borders::{Borders, HostFiles, Outside};
pub use disk::Disk;
pub use file_system::{Enter, Entry, FileSystem, Kind, MAX_BYTES, Meet, Met, ReadError};
pub use files::{File, Files, Origin, Part};
pub use limited::{Limited, Silent};
pub use memory::Memory;
pub use overlay::Overlay;
pub(crate) use path::{absolute, from_here, is_absolute, relative, relative_to};
pub use place::{FileId, Place, Unseen};
pub use services::Services;
pub use walk::walk_folders;
