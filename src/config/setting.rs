//! One assignment, seen from the configuration.

use std::borrow::Cow;

use crate::{
    ini::{Opt, Span},
    source::{File, FileId, Place},
};

/// One assignment, seen from the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'f> {
    /// The file it stands in.
    pub file: FileId,
    /// Its spans.
    pub option: &'f Opt,
    /// Whether it may lack, or its value is not known: a template has yet to write it.
    pub is_doubtful: bool,
    pub(super) source: &'f File,
}

impl<'f> Setting<'f> {
    /// The key as written.
    pub fn key(&self) -> Cow<'f, str> {
        String::from_utf8_lossy(self.option.key.of(&self.source.text))
    }

    /// The value that oslo.config reads, before substitution.
    pub fn value(&self) -> Cow<'f, str> {
        self.source.document.value(&self.source.text, self.option)
    }

    /// Where the value stands; where it is empty, the whole assignment.
    pub fn value_place(&self) -> Place {
        if self.option.raw.is_empty() {
            return self.place();
        }
        Place { file: self.file, span: self.option.raw }
    }

    /// Where the key stands.
    pub fn key_place(&self) -> Place {
        Place { file: self.file, span: self.option.key }
    }

    /// The whole assignment.
    pub fn place(&self) -> Place {
        let end = if self.option.raw.is_empty() { self.option.separator + 1 } else { self.option.raw.end };
        Place { file: self.file, span: Span::new(self.option.key.start, end) }
    }

    /// The file it stands in.
    pub fn source(&self) -> &'f File {
        self.source
    }
}
