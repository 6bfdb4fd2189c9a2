use granit_parser::ScalarStyle;

use super::{Style, Text};
use crate::{
    ini::Span,
    source::map::{Map, Segment, Writing},
};

/// What a scalar's text is, with each stretch's place; `value` is what the parser made of the masked text. The span is
/// without the blanks behind it.
pub(super) fn read(text: &[u8], masked: &[u8], value: &str, style: ScalarStyle, span: Span) -> (Text, Span) {
    let style = Style::from(style);
    let (start, end) = (span.start as usize, (span.end as usize).min(text.len()).max(span.start as usize));
    let (text, map) = match style {
        Style::Literal => literal(text, masked, value, start),
        Style::Plain if start == end => (Vec::new(), Map::new(Writing::Never)),
        Style::Folded | Style::Plain => aligned(text, masked, value, start, end, style),
        Style::Single | Style::Double => aligned(text, masked, value, start + 1, end.saturating_sub(1), style),
    };
    let end = match style {
        Style::Literal | Style::Folded => {
            map.segments().iter().map(|segment| segment.source.end).max().unwrap_or(span.end)
        }
        _ => span.end,
    };
    let text = String::from_utf8_lossy(&text).into();
    (Text { text, style, map: map.into() }, Span::new(span.start, end))
}

/// The offset of the line behind the one that holds `at`.
fn behind_line(text: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', text.get(at..).unwrap_or_default()).map_or(text.len(), |end| at + end + 1)
}

/// `|`: each line of the value is the end of a line of the file. `start` is the first that is not blank.
fn literal(text: &[u8], masked: &[u8], value: &str, start: usize) -> (Vec<u8>, Map) {
    let line_of = |at: usize| memchr::memrchr(b'\n', &masked[..at]).map_or(0, |end| end + 1);
    let mut at = line_of(start);
    for _ in value.bytes().take_while(|byte| *byte == b'\n') {
        at = line_of(at.saturating_sub(1));
    }
    let mut lines = Vec::new();
    let count = value.split_inclusive('\n').count();
    for _ in 0..count {
        let next = behind_line(masked, at);
        let end = masked.get(at..next).unwrap_or_default().trim_ascii_end_of_line();
        lines.push((at, at + end, next));
        at = next;
    }
    let first = value.split('\n').zip(&lines).find(|(line, _)| !line.is_empty());
    let indent = first.map_or(0, |(line, (at, end, _))| (end - at).saturating_sub(line.len()));
    let mut map = Map::new(Writing::Indented(vec![b' '; indent]));
    let mut piece: Vec<u8> = Vec::with_capacity(value.len());
    let mut exact = |piece: &mut Vec<u8>, from: usize, to: usize, bytes: &[u8]| {
        let at = piece.len() as u32;
        piece.extend_from_slice(bytes);
        let same = bytes.len() == to - from;
        let segment = Segment {
            piece: Span::new(at, piece.len() as u32),
            source: Span::new(from as u32, to as u32),
            exact: same,
        };
        if !bytes.is_empty() {
            map.push(segment);
        }
    };
    for (nth, &(at, end, next)) in lines.iter().enumerate() {
        let blanks = text[at..end].iter().take(indent).take_while(|b| **b == b' ').count();
        exact(&mut piece, at + blanks, end, &text[at + blanks..end]);
        if nth + 1 < count || value.ends_with('\n') {
            exact(&mut piece, end, next, b"\n");
        }
    }
    (piece, map)
}

trait EndOfLine {
    fn trim_ascii_end_of_line(&self) -> usize;
}

impl EndOfLine for [u8] {
    /// The length without the line end.
    fn trim_ascii_end_of_line(&self) -> usize {
        let line = self.strip_suffix(b"\n").unwrap_or(self);
        line.strip_suffix(b"\r").unwrap_or(line).len()
    }
}

/// The other styles: follows the value through the file, over line breaks and escapes.
fn aligned(text: &[u8], masked: &[u8], value: &str, start: usize, end: usize, style: Style) -> (Vec<u8>, Map) {
    let mut map = Map::new(Writing::Word);
    let mut piece: Vec<u8> = Vec::with_capacity(value.len());
    let source = masked.get(..end).unwrap_or(masked);
    let mut at = start;
    let mut run = (at, at);
    let mut buffer = [0; 4];
    for c in value.chars() {
        let bytes = c.encode_utf8(&mut buffer).as_bytes();
        let mut width = 0;
        if style == Style::Double && source.get(at) == Some(&b'\\') {
            // A line break behind a backslash is nothing.
            while source.get(at) == Some(&b'\\') && matches!(source.get(at + 1), Some(b'\n' | b'\r')) {
                at += 1;
                at += source[at..].iter().take_while(|b| b.is_ascii_whitespace()).count();
            }
            if source.get(at) == Some(&b'\\') {
                width = match source.get(at + 1) {
                    Some(b'x') => 4,
                    Some(b'u') => 6,
                    Some(b'U') => 10,
                    _ => 2,
                };
            }
        } else if style == Style::Single && c == '\'' {
            width = 2;
        }
        let (from, to, exact);
        if width > 0 {
            (from, to, exact) = (at, (at + width).min(end), false);
        } else {
            let same = |at: usize| source.get(at..at + bytes.len()) == Some(bytes);
            let breaks = matches!(source.get(at), Some(b'\n' | b'\r'));
            if !same(at) || breaks {
                let blanks =
                    source.get(at..).unwrap_or_default().iter().take_while(|b| b.is_ascii_whitespace()).count();
                if blanks > 0 {
                    run = (at, at + blanks);
                    at += blanks;
                }
            }
            if same(at) && !(breaks && c.is_whitespace()) {
                (from, to, exact) = (at, at + bytes.len(), true);
            } else if c.is_whitespace() {
                (from, to, exact) = (run.0, run.1, false);
            } else {
                (from, to, exact) = (at, end.max(at), false);
            }
        }
        let before = piece.len() as u32;
        piece.extend_from_slice(if exact { &text[from..to] } else { bytes });
        map.push(Segment {
            piece: Span::new(before, piece.len() as u32),
            source: Span::new(from as u32, to as u32),
            exact,
        });
        at = at.max(to.min(end));
        if !exact && width == 0 && !c.is_whitespace() {
            // It cannot be followed: the rest comes from the rest.
            let rest = value.get(piece.len()..).unwrap_or_default();
            let before = piece.len() as u32;
            piece.extend_from_slice(rest.as_bytes());
            let piece_span = Span::new(before, piece.len() as u32);
            map.push(Segment { piece: piece_span, source: Span::new(from as u32, to as u32), exact: false });
            break;
        }
    }
    (piece, map)
}
