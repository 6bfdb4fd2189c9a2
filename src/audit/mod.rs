//! A host as it is: mounts, indicators, volume files, and who can open them. Nothing is ever written.

pub mod access;
pub mod collection;
pub mod domains;
pub mod find;
pub mod gather;
pub mod guests;
pub mod here;
pub mod identity;
pub mod in_force;
pub mod inspect;
pub mod judge;
pub mod kind;
pub mod logs;
pub mod look;
pub mod merge;
pub mod model;
pub mod mountinfo;
pub mod process;
pub mod program;
pub mod scan;
pub mod services;
pub mod shares;
pub mod sight;
mod sos;
mod sums;
pub mod tally;
pub mod verdict;
pub mod walk;

pub use inspect::{AuditError, Named, Request, run};
