//! A host as it is: mounts, indicators, volume files, and who can open them. Nothing is ever written.

pub mod access;
pub mod domains;
pub mod here;
pub mod identity;
pub mod kind;
pub mod logs;
pub mod model;
pub mod mountinfo;
pub mod process;
pub mod walk;
