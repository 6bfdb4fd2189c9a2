use super::super::yaml::{Node, Text};
use crate::{
    ini::Span,
    source::map::{Map, Segment, Writing},
};

/// Puts a piece together of what the file says in other words: keys of YAML as sections and options.
///
/// Comments above a key that are directives (`# cinderlint: ignore[…]`) come along.
#[derive(Debug)]
pub struct Builder<'t> {
    source: &'t [u8],
    text: Vec<u8>,
    map: Map,
}

impl<'t> Builder<'t> {
    /// Of a file's bytes.
    pub fn new(source: &'t [u8]) -> Self {
        Self { source, text: Vec::new(), map: Map::new(Writing::Word) }
    }

    /// Of a file's bytes, which cause a text that nobody writes back.
    pub fn generated(source: &'t [u8]) -> Self {
        Self { source, text: Vec::new(), map: Map::new(Writing::Caused) }
    }

    /// Of a file's bytes, of a map in which each key is a section: one may be added.
    pub fn of_any_section(source: &'t [u8]) -> Self {
        Self { map: Map::new(Writing::Word).with_any_section(), ..Self::new(source) }
    }

    /// `[name]`, which a place causes, and which has nothing of its text. Directives above the place come along.
    pub fn section_caused(&mut self, name: &str, source: Span) {
        self.directives(source);
        let start = self.text.len() as u32;
        self.text.extend_from_slice(format!("[{name}]").as_bytes());
        self.map.push(Segment { piece: Span::new(start, self.text.len() as u32), source, exact: false });
        self.text.push(b'\n');
    }

    /// `key = value`, which two places cause, and which has nothing of their text.
    pub fn option_caused(&mut self, key: &str, key_source: Span, value: &str, source: Span) {
        let mut part = |text: &str, source| {
            let start = self.text.len() as u32;
            self.text.extend_from_slice(text.as_bytes());
            if !text.is_empty() {
                self.map.push(Segment { piece: Span::new(start, self.text.len() as u32), source, exact: false });
            }
        };
        part(key, key_source);
        part(" = ", key_source);
        part(value, source);
        self.text.push(b'\n');
    }

    /// `[name]`, of a key.
    pub fn section(&mut self, name: &Node) {
        self.section_called(name.text(), name.span);
    }

    /// `[name]`, which comes from this place.
    pub fn section_called(&mut self, name: &str, source: Span) {
        self.directives(source);
        self.text.extend_from_slice(b"[");
        self.part(name, source);
        self.text.extend_from_slice(b"]\n");
    }

    /// `key = value`, of a scalar below a key. Further lines of the value become continuation lines.
    pub fn option(&mut self, key: &Node, value: &Text) {
        self.option_named(key.text(), key.span, value);
    }

    /// The same, of a key that is called otherwise in the file.
    pub fn option_named(&mut self, key: &str, key_source: Span, value: &Text) {
        self.key(key, key_source);
        for (nth, line) in value.text.split('\n').filter(|line| !line.trim().is_empty()).enumerate() {
            // Where the line stands in the value: lines are parts of it.
            let offset = line.as_ptr() as usize - value.text.as_ptr() as usize;
            if nth > 0 {
                self.text.extend_from_slice(b"\n    ");
            }
            for segment in value.map.segments() {
                let (from, to) =
                    (segment.piece.start.max(offset as u32), segment.piece.end.min((offset + line.len()) as u32));
                if from >= to {
                    continue;
                }
                let here = self.text.len() as u32 + (from - offset as u32);
                let source = if segment.exact {
                    let start = segment.source.start + (from - segment.piece.start);
                    Span::new(start, start + (to - from))
                } else {
                    segment.source
                };
                self.map.push(Segment { piece: Span::new(here, here + (to - from)), source, exact: segment.exact });
            }
            self.text.extend_from_slice(line.as_bytes());
        }
        self.text.extend_from_slice(b"\n");
    }

    /// `key = value`, where the value is written otherwise than it stands in the file (`True` for `yes`).
    pub fn option_as(&mut self, key: &str, key_source: Span, value: &str, source: Span) {
        self.key(key, key_source);
        self.part(value, source);
        self.text.extend_from_slice(b"\n");
    }

    fn key(&mut self, key: &str, source: Span) {
        self.directives(source);
        self.part(key, source);
        self.text.extend_from_slice(b" = ");
    }

    /// Text that comes from a place: exact where it is the same.
    fn part(&mut self, text: &str, source: Span) {
        let text = text.lines().next().unwrap_or_default();
        if text.is_empty() {
            return;
        }
        let start = self.text.len() as u32;
        self.text.extend_from_slice(text.as_bytes());
        let exact = source.of(self.source) == text.as_bytes();
        self.map.push(Segment { piece: Span::new(start, self.text.len() as u32), source, exact });
    }

    /// The directives in the comments right above a place.
    fn directives(&mut self, below: Span) {
        let line_of =
            |at: usize| memchr::memrchr(b'\n', self.source.get(..at).unwrap_or_default()).map_or(0, |end| end + 1);
        let mut start = line_of(below.start as usize);
        let mut found: Vec<Span> = Vec::new();
        while start > 0 {
            let above = line_of(start - 1);
            let line = &self.source[above..start - 1];
            let indent = line.len() - line.trim_ascii_start().len();
            let comment = line.trim_ascii();
            if !comment.starts_with(b"#") {
                break;
            }
            if memchr::memmem::find(comment, b"cinderlint:").is_some() {
                let from = (above + indent) as u32;
                found.push(Span::new(from, from + comment.len() as u32));
            }
            start = above;
        }
        for span in found.into_iter().rev() {
            let at = self.text.len() as u32;
            self.text.extend_from_slice(span.of(self.source));
            self.map.push(Segment { piece: Span::new(at, self.text.len() as u32), source: span, exact: true });
            self.text.push(b'\n');
        }
    }

    /// The text, and its map.
    pub fn finish(self) -> (Vec<u8>, Map) {
        (self.text, self.map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::yaml;

    #[test]
    fn maps_become_sections() {
        let source = b"nfs:\n  # cinderlint: ignore[CND401] -- why\n  nas_host: 'h'\n  opts: |\n    a\n    b\n";
        let root = yaml::read(source).remove(0).root.unwrap();
        let mut builder = Builder::new(source);
        for section in root.entries() {
            builder.section(&section.key);
            for option in section.value.entries() {
                builder.option(&option.key, option.value.scalar().unwrap());
            }
        }
        let (text, map) = builder.finish();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text, "[nfs]\n# cinderlint: ignore[CND401] -- why\nnas_host = h\nopts = a\n    b\n");
        let back = |part: &str| {
            let at = text.find(part).unwrap() as u32;
            let (span, exact) = map.source(Span::new(at, at + part.len() as u32)).unwrap();
            (String::from_utf8_lossy(span.of(source)).into_owned(), exact)
        };
        assert_eq!(back("[nfs]"), ("nfs".into(), false));
        assert_eq!(back("nas_host"), ("nas_host".into(), true));
        assert_eq!(back("nas_host = h"), ("nas_host: 'h".into(), true));
        assert_eq!(back("a\n    b"), ("a\n    b".into(), true));
        assert_eq!(back("# cinderlint: ignore[CND401] -- why").0, "# cinderlint: ignore[CND401] -- why");
    }
}
