//! Edits to files: which of them fit together ([`Texts`]), what they change ([`diff`]), and how a file is replaced
//! ([`replace()`]). [`suppressions`] writes directives.

pub mod diff;
mod replace;
pub mod suppressions;
mod texts;

pub use replace::{ReplaceError, create, replace};
pub use texts::{Made, Target, Texts};
