//! Where something stands.

use crate::ini::Span;

/// Names one file of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A place in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// The bytes.
    pub span: Span,
}

/// What may be in force although no file shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unseen {
    /// Nothing: the files are all there is, as far as anybody can tell.
    #[default]
    Nothing,
    /// Further sections, and further options of sections that are no backend's.
    Sections,
    /// Any option anywhere.
    Everything,
}
