//! Edits to files: which of them fit together ([`Texts`]), what they change ([`diff`]), and how a file is replaced
//! ([`replace`]).

pub mod diff;
mod replace;
mod texts;

pub use replace::{ReplaceError, create, replace};
pub use texts::{Made, Target, Texts};
