use std::collections::HashMap;

use gen_lsp_types::{Position, Range};

use crate::ini::Span;

/// What the character of a position counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of UTF-16: what every client knows.
    Utf16,
    /// Characters.
    Utf32,
}

impl Encoding {
    /// How many units a byte of UTF-8 begins.
    fn units(self, byte: u8) -> u32 {
        let begins = u32::from(byte & 0xc0 != 0x80);
        match self {
            Self::Utf8 => 1,
            Self::Utf16 => begins + u32::from(byte >= 0xf0),
            Self::Utf32 => begins,
        }
    }
}

/// Where lines start in a text; `\n`, `\r\n` and a lone `\r` end one, as in the protocol and in oslo.config.
pub(super) struct Lines<'t> {
    text: &'t [u8],
    starts: Vec<u32>,
    encoding: Encoding,
    /// For lines longer than [`STRIDE`]: the number of units up to each multiple of it. Many findings in one line would count them
    /// again and again.
    long: HashMap<usize, Vec<u32>>,
}

/// In bytes.
const STRIDE: usize = 4096;

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t [u8], encoding: Encoding) -> Self {
        let ends = memchr::memchr2_iter(b'\n', b'\r', text)
            .filter(|&at| !(text[at] == b'\r' && text.get(at + 1) == Some(&b'\n')));
        let starts: Vec<u32> = std::iter::once(0).chain(ends.map(|at| at as u32 + 1)).collect();
        let mut long = HashMap::new();
        for (line, start) in starts.iter().enumerate() {
            let end = starts.get(line + 1).map_or(text.len(), |next| *next as usize);
            let bytes = text.get(*start as usize..end).unwrap_or_default();
            if bytes.len() > STRIDE {
                let mut marks = vec![0];
                for some in bytes.chunks(STRIDE) {
                    let units: u32 = some.iter().map(|&byte| encoding.units(byte)).sum();
                    marks.push(marks.last().copied().unwrap_or_default() + units);
                }
                long.insert(line, marks);
            }
        }
        Self { text, starts, encoding, long }
    }

    /// A line without its end.
    fn line(&self, at: usize) -> Option<(u32, &'t [u8])> {
        let start = *self.starts.get(at)?;
        let end = self.starts.get(at + 1).map_or(self.text.len(), |next| *next as usize);
        let line = self.text.get(start as usize..end)?;
        let text = line.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
        Some((start, &line[..text]))
    }

    /// The position of an offset in bytes; an offset inside of a line end is at the end of its line.
    pub(super) fn position(&self, offset: u32) -> Position {
        let line = self.starts.partition_point(|&start| start <= offset).saturating_sub(1);
        let (start, text) = self.line(line).unwrap_or_default();
        let within = text.get(..offset.saturating_sub(start) as usize).unwrap_or(text);
        let (counted, known) = match self.long.get(&line) {
            Some(marks) => (within.len() / STRIDE, marks.get(within.len() / STRIDE).copied().unwrap_or_default()),
            None => (0, 0),
        };
        let rest = within.get(counted * STRIDE..).unwrap_or_default();
        Position::new(line as u32, known + rest.iter().map(|&byte| self.encoding.units(byte)).sum::<u32>())
    }

    /// The range of a span.
    pub(super) fn range(&self, span: Span) -> Range {
        Range::new(self.position(span.start), self.position(span.end.max(span.start)))
    }

    /// The offset in bytes of a position; beyond the end of a line it is the end of the line, beyond the last line that of the text.
    pub(super) fn offset(&self, position: Position) -> u32 {
        let Some((start, text)) = self.line(position.line as usize) else { return self.text.len() as u32 };
        let mut units = 0;
        let behind = text.iter().position(|&byte| {
            let begins = byte & 0xc0 != 0x80;
            let reached = begins && units >= position.character;
            units += self.encoding.units(byte);
            reached
        });
        start + behind.unwrap_or(text.len()) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_lead_back_to_their_offsets() {
        let text = "\u{feff}é = \u{1f600}x\r\na\rb\t= 1\n";
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            let lines = Lines::new(text.as_bytes(), encoding);
            for (offset, _) in
                text.char_indices().filter(|(at, _)| !text[*at..].starts_with('\n') || !text[..*at].ends_with('\r'))
            {
                assert_eq!(lines.offset(lines.position(offset as u32)), offset as u32, "{encoding:?} {offset}");
            }
        }
        let long = "é\u{1f600}x".repeat(3000);
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            let lines = Lines::new(long.as_bytes(), encoding);
            for at in [0, 7, 4095, 4096, 4097, 8192, 12_285, long.len()] {
                let units: u32 = long.as_bytes()[..at].iter().map(|&byte| encoding.units(byte)).sum();
                assert_eq!(lines.position(at as u32), Position::new(0, units), "{encoding:?} {at}");
            }
        }
        let lines = Lines::new(text.as_bytes(), Encoding::Utf16);
        let x = text.find('x').unwrap_or_default() as u32;
        assert_eq!(lines.position(x), Position::new(0, 7));
        assert_eq!(lines.position(text.find('b').unwrap_or_default() as u32), Position::new(2, 0));
        assert_eq!(lines.offset(Position::new(9, 0)), text.len() as u32);
        assert_eq!(lines.offset(Position::new(1, 99)), lines.offset(Position::new(1, 1)));
    }
}
