use std::borrow::Cow;

use super::{Error, ErrorKind, Piece, Span, lines};

/// One section header, as written; a section that is written twice is two of these.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// What stands between the brackets.
    pub name: Span,
    /// The whole header, without the blanks behind it.
    pub header: Span,
    /// Its line, from 1. 0 for what stands before the first header.
    pub line: u32,
    /// Index of its first option in [`Document::options`]; they run to the first of the next section.
    pub first_option: u32,
}

/// One assignment.
#[derive(Clone, Copy, Debug)]
pub struct Opt {
    /// The key.
    pub key: Span,
    /// The first line of the value, without quotes.
    pub value: Span,
    /// The value as written, with quotes and continuation lines.
    pub raw: Span,
    /// Offset of the `=` or `:`.
    pub separator: u32,
    /// Its line, from 1.
    pub line: u32,
}

/// What stands in one file.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// The section headers in file order. The first one may be nameless (line 0): what stands before any header.
    pub sections: Vec<Section>,
    /// The assignments in file order.
    pub options: Vec<Opt>,
    /// Each thing at which oslo.config would stop, in file order. It stops at the first, except that
    /// [`ErrorKind::NotUtf8`] precedes all others.
    pub errors: Vec<Error>,
    /// Number of lines.
    pub lines: u32,
    /// The continuation lines of all values, in file order.
    continuations: Vec<Span>,
}

impl Document {
    /// Reads a whole file in one pass.
    pub fn read(text: &[u8]) -> Self {
        let mut document = Self::default();
        let mut no_section_said = false;
        for line in lines(text) {
            document.lines = line.number;
            let whole = Span::new(line.span.start, line.text_end);
            let mut error_span = whole;
            match line.piece {
                Piece::Section { name } => document.sections.push(Section {
                    name,
                    header: whole,
                    line: line.number,
                    first_option: document.options.len() as u32,
                }),
                Piece::Option { key, separator, value, raw } => {
                    if document.sections.is_empty() {
                        document.sections.push(Section {
                            name: Span::default(),
                            header: Span::default(),
                            line: 0,
                            first_option: 0,
                        });
                    }
                    error_span = Span::new(key.start, line.text_end);
                    document.options.push(Opt { key, value, raw, separator, line: line.number });
                }
                Piece::Continuation { value } => {
                    document.continuations.push(value);
                    if let Some(option) = document.options.last_mut() {
                        option.raw.end = value.end;
                    }
                }
                Piece::Blank | Piece::Comment | Piece::Invalid => {}
            }
            match line.error {
                Some(ErrorKind::NoSection) if no_section_said => {}
                Some(kind) => {
                    no_section_said |= kind == ErrorKind::NoSection;
                    document.errors.push(Error { kind, line: line.number, span: error_span });
                }
                None => {}
            }
        }
        if let Err(error) = std::str::from_utf8(text) {
            document.add_decode_error(text, &error);
        }
        // There may be thousands of files.
        document.options.shrink_to_fit();
        document.sections.shrink_to_fit();
        document
    }

    fn add_decode_error(&mut self, text: &[u8], error: &std::str::Utf8Error) {
        let at = error.valid_up_to();
        let line = lines(&text[..at]).last().map_or(1, |line| {
            let ended = matches!(text[..at].last(), Some(b'\n' | b'\r'));
            line.number + u32::from(ended)
        });
        let end = at + error.error_len().unwrap_or(text.len() - at);
        self.errors.insert(0, Error { kind: ErrorKind::NotUtf8, line, span: Span::new(at as u32, end as u32) });
    }

    /// The value that oslo.config hands to the option's type: continuation lines joined by `\n`.
    pub fn value<'t>(&self, text: &'t [u8], option: &Opt) -> Cow<'t, str> {
        let first = String::from_utf8_lossy(option.value.of(text));
        let more = self.continuations(option);
        if more.is_empty() {
            return first;
        }
        let mut value = first.into_owned();
        for span in more {
            value.push('\n');
            value.push_str(&String::from_utf8_lossy(span.of(text)));
        }
        Cow::Owned(value)
    }

    /// The continuation lines of an option's value, without the blanks around them.
    pub fn continuations(&self, option: &Opt) -> &[Span] {
        // Behind the value stands a quote at most, but for further lines: nearly all values have none.
        if option.raw.end - option.value.end <= 1 {
            return &[];
        }
        let within = |end: u32| self.continuations.partition_point(|span| span.start < end);
        &self.continuations[within(option.value.end)..within(option.raw.end)]
    }

    /// The section that an option stands in.
    pub fn section_of(&self, option: &Opt) -> Option<&Section> {
        // The nameless section comes first, and has no header.
        let behind = self.sections.partition_point(|section| section.header.start < option.key.start.max(1));
        behind.checked_sub(1).and_then(|at| self.sections.get(at))
    }

    /// The assignments below one section header.
    pub fn options_of(&self, section: usize) -> &[Opt] {
        let from = self.sections.get(section).map_or(0, |s| s.first_option as usize);
        let to = self.sections.get(section + 1).map_or(self.options.len(), |s| s.first_option as usize);
        &self.options[from..to]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(text: &[u8]) -> Vec<(ErrorKind, u32, Span)> {
        Document::read(text).errors.iter().map(|error| (error.kind, error.line, error.span)).collect()
    }

    #[test]
    fn bytes_that_are_no_text_come_first_and_span_what_is_wrong() {
        assert_eq!(
            errors(b"[a]\nx\ny = \xff\xfe"),
            [(ErrorKind::NotUtf8, 3, Span::new(10, 11)), (ErrorKind::Assignment, 2, Span::new(4, 5))]
        );
        assert_eq!(errors(b"[a]\nx = 1\n\xff = 2\n"), [(ErrorKind::NotUtf8, 3, Span::new(10, 11))]);
        // A character that the end of the file cuts off.
        assert_eq!(errors(b"[a]\nx = \xe2\x82"), [(ErrorKind::NotUtf8, 2, Span::new(8, 10))]);
    }

    #[test]
    fn a_missing_header_is_said_once() {
        assert_eq!(errors(b"x = 1\ny = 2\n[a]\nz = 3\n"), [(ErrorKind::NoSection, 1, Span::new(0, 5))]);
    }
}
