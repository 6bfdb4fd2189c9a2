use memchr::{memchr2, memchr2_iter};

use super::{Span, python};

/// Why oslo.config stops. The texts are those of its `ConfigFileParseError`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// A byte order mark in front of the first line.
    ByteOrderMark,
    /// Bytes that are not UTF-8 (`UnicodeDecodeError`).
    NotUtf8,
    /// `[name` without the closing bracket at the end of the line.
    SectionEnd,
    /// `[]`.
    SectionName,
    /// A line with neither `=` nor `:`.
    Assignment,
    /// `= value`.
    EmptyKey,
    /// An indented line that continues nothing.
    Continuation,
    /// An assignment before the first section header.
    NoSection,
}

impl ErrorKind {
    /// What oslo.config says.
    pub fn message(self) -> &'static str {
        match self {
            Self::ByteOrderMark => {
                "the file starts with a byte order mark (U+FEFF), which is read as part of its first line"
            }
            Self::NotUtf8 => "UnicodeDecodeError: the file is not UTF-8",
            Self::SectionEnd => "Invalid section (must end with ])",
            Self::SectionName => "Empty section name",
            Self::Assignment => "No ':' or '=' found in assignment",
            Self::EmptyKey => "Key cannot be empty",
            Self::Continuation => "Unexpected continuation line",
            Self::NoSection => "Section must be started before assignment",
        }
    }

    /// The word that rules use for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ByteOrderMark => "byte-order-mark",
            Self::NotUtf8 => "not-utf8",
            Self::SectionEnd => "section-end",
            Self::SectionName => "section-name",
            Self::Assignment => "assignment",
            Self::EmptyKey => "empty-key",
            Self::Continuation => "continuation",
            Self::NoSection => "no-section",
        }
    }
}

/// What stands on a physical line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Nothing but blanks: ends the value before it.
    Blank,
    /// `#` or `;` in column 0.
    Comment,
    /// A section header; `name` is what stands between the brackets (with [`ErrorKind::SectionEnd`], what was meant).
    Section {
        /// The name, verbatim.
        name: Span,
    },
    /// `key = value` or `key: value`.
    Option {
        /// The key without the blanks around it.
        key: Span,
        /// Offset of the `=` or `:`.
        separator: u32,
        /// The value without the blanks and the one pair of quotes around it.
        value: Span,
        /// The value with its quotes.
        raw: Span,
    },
    /// A further line of the value before it.
    Continuation {
        /// Its text without the blanks around it.
        value: Span,
    },
    /// A line that means nothing; see [`Line::error`].
    Invalid,
}

/// One physical line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1.
    pub number: u32,
    /// All of it, with its line end: the spans of all lines together are the text.
    pub span: Span,
    /// Where its text ends, without blanks and line end.
    pub text_end: u32,
    /// What it says.
    pub piece: Piece,
    /// Why oslo.config would stop here.
    pub error: Option<ErrorKind>,
}

/// Cuts `text` into physical lines: `\n`, `\r\n` and a lone `\r` end one, as in Python's text mode.
///
/// Texts of 4 GiB and more are cut off at that length; [`crate::input`] refuses far smaller ones.
pub fn lines(text: &[u8]) -> Lines<'_> {
    let text = &text[..text.len().min(u32::MAX as usize)];
    Lines { text, ends: memchr2_iter(b'\n', b'\r', text), at: 0, number: 0, value_open: false, section_seen: false }
}

/// See [`lines`].
pub struct Lines<'t> {
    text: &'t [u8],
    ends: memchr::Memchr2<'t>,
    at: usize,
    number: u32,
    value_open: bool,
    section_seen: bool,
}

impl Iterator for Lines<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        let start = self.at;
        if start >= self.text.len() {
            return None;
        }
        let (text_end, end) = loop {
            match self.ends.next() {
                // The `\n` of a `\r\n` that the line before has taken.
                Some(found) if found < start => {}
                Some(found) => {
                    let crlf = self.text[found] == b'\r' && self.text.get(found + 1) == Some(&b'\n');
                    break (found, found + 1 + usize::from(crlf));
                }
                None => break (self.text.len(), self.text.len()),
            }
        };
        self.at = end;
        self.number += 1;
        let line = &self.text[start..text_end];
        let line = &line[..python::rstrip(line)];
        let (piece, error) = self.piece(line, start);
        Some(Line {
            number: self.number,
            span: Span::new(start as u32, end as u32),
            text_end: (start + line.len()) as u32,
            piece,
            error,
        })
    }
}

impl Lines<'_> {
    /// `line` has no blanks at its end and starts at offset `start`.
    fn piece(&mut self, line: &[u8], start: usize) -> (Piece, Option<ErrorKind>) {
        let span = |from: usize, to: usize| Span::new((start + from) as u32, (start + to) as u32);
        let Some(&first) = line.first() else {
            self.value_open = false;
            return (Piece::Blank, None);
        };
        if matches!(first, b' ' | b'\t') {
            return if self.value_open {
                (Piece::Continuation { value: span(python::lstrip(line), line.len()) }, None)
            } else {
                (Piece::Invalid, Some(ErrorKind::Continuation))
            };
        }
        self.value_open = false;
        match first {
            b'[' => {
                self.section_seen = true;
                if line.ends_with(b"]") {
                    let error = (line.len() == 2).then_some(ErrorKind::SectionName);
                    (Piece::Section { name: span(1, line.len() - 1) }, error)
                } else {
                    let meant = memchr::memchr(b']', line).unwrap_or(line.len());
                    (Piece::Section { name: span(1, meant) }, Some(ErrorKind::SectionEnd))
                }
            }
            b'#' | b';' => (Piece::Comment, None),
            _ => {
                let bom = (start == 0 && line.starts_with(b"\xef\xbb\xbf")).then_some(ErrorKind::ByteOrderMark);
                let Some(separator) = memchr2(b'=', b':', line) else {
                    return (Piece::Invalid, bom.or(Some(ErrorKind::Assignment)));
                };
                let key_end = python::rstrip(&line[..separator]);
                let key = span(python::lstrip(&line[..key_end]), key_end);
                if key.is_empty() {
                    return (Piece::Invalid, Some(ErrorKind::EmptyKey));
                }
                self.value_open = true;
                let from = separator + 1 + python::lstrip(&line[separator + 1..]);
                let raw = span(from, line.len());
                let value = match &line[from..] {
                    [quote @ (b'"' | b'\''), .., last] if quote == last => span(from + 1, line.len() - 1),
                    [b'"' | b'\''] => span(from, from),
                    _ => raw,
                };
                let no_section = (!self.section_seen).then_some(ErrorKind::NoSection);
                (Piece::Option { key, separator: (start + separator) as u32, value, raw }, bom.or(no_section))
            }
        }
    }
}
