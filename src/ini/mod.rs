//! The oslo.config dialect of INI: lossless, with spans, never failing.
//!
//! [`lines`] cuts a text into physical lines whose spans, put together, are the text byte for byte. [`Document::read`] runs
//! over them once and keeps what the later stages ask for: sections, options, errors. Both hold offsets only, never copies.
//!
//! Source: `oslo_config.iniparser.BaseParser` and `oslo_config.cfg.ConfigParser` (oslo.config 10.7.0; the grammar has
//! been the same since Kilo).

mod document;
pub mod python;
mod scan;

pub use document::{Document, Opt, Section};
pub use scan::{ErrorKind, Line, Lines, Piece, lines};

/// A half-open range of byte offsets in one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// The span from `start` to `end`, in bytes.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The bytes of `text` that the span covers; empty where it lies outside.
    pub fn of(self, text: &[u8]) -> &[u8] {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// Number of bytes.
    pub const fn len(self) -> u32 {
        self.end - self.start
    }

    /// Whether the span covers nothing.
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// One thing at which oslo.config would stop reading the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// The line it is on, from 1.
    pub line: u32,
    /// The text that is wrong.
    pub span: Span,
}
