//! Where a piece of configuration stands in the file that a person edits.

use crate::ini::Span;

/// One stretch of a piece, and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The bytes of the piece.
    pub piece: Span,
    /// The bytes of the file on disk.
    pub source: Span,
    /// The same bytes, one for one; otherwise the whole stretch comes from the whole source.
    pub exact: bool,
}

/// How new text is written where a stretch of the source is replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Writing {
    /// Never: nothing is written back.
    #[default]
    Never,
    /// Never: what the source says causes the text, which a program writes.
    Caused,
    /// As it is, each further line behind these bytes: a block scalar.
    Indented(Vec<u8>),
    /// As it is where it is one plain word (letters, digits and `_ - . / , : +`, without `: `): other YAML scalars.
    Word,
}

/// Leads offsets of a piece back to the bytes of the file on disk.
#[derive(Clone, Debug, Default)]
pub struct Map {
    /// In the order of the piece, without overlaps. What no segment covers belongs to the ones beside it.
    segments: Vec<Segment>,
    writing: Writing,
    /// Sections may be added beside those that are there.
    takes_sections: bool,
}

impl Map {
    /// An empty map of a piece to which edits are written back as told.
    pub fn new(writing: Writing) -> Self {
        Self { segments: Vec::new(), writing, takes_sections: false }
    }

    /// The map of a piece whose keys are sections, whichever they are: one may be added.
    #[must_use]
    pub fn with_any_section(mut self) -> Self {
        self.takes_sections = true;
        self
    }

    /// Whether a section may be added beside those that are there.
    pub fn takes_sections(&self) -> bool {
        self.takes_sections
    }

    /// Adds a stretch behind the last one.
    pub fn push(&mut self, segment: Segment) {
        if let Some(last) = self.segments.last_mut()
            && last.exact
            && segment.exact
            && last.piece.end == segment.piece.start
            && last.source.end == segment.source.start
        {
            last.piece.end = segment.piece.end;
            last.source.end = segment.source.end;
            return;
        }
        self.segments.push(segment);
    }

    /// Adds all of another map, whose piece starts at `at` of this one.
    pub fn append(&mut self, other: &Self, at: u32) {
        for segment in &other.segments {
            let piece = Span::new(segment.piece.start + at, segment.piece.end + at);
            self.push(Segment { piece, ..*segment });
        }
    }

    /// The map of a piece of a piece: `outer` leads on from where this one leads to.
    pub fn within(&self, outer: &Self) -> Self {
        let writing = match (&self.writing, &outer.writing) {
            (Writing::Indented(own), Writing::Indented(around)) => Writing::Indented([&around[..], own].concat()),
            (Writing::Word, Writing::Indented(_)) => Writing::Word,
            _ => Writing::Never,
        };
        let mut map = Self::new(writing);
        for segment in &self.segments {
            // A stretch of several lines is one of each line further out.
            let mut piece = segment.piece.start;
            let first = outer.segments.partition_point(|o| o.piece.end <= segment.source.start);
            let within = outer.segments.iter().skip(first).take_while(|o| o.piece.start < segment.source.end);
            for part in within.filter(|part| segment.exact && part.exact) {
                let from = part.piece.start.max(segment.source.start);
                let to = part.piece.end.min(segment.source.end);
                piece = segment.piece.start + (from - segment.source.start);
                let source = part.source.start + (from - part.piece.start);
                map.push(Segment {
                    piece: Span::new(piece, piece + (to - from)),
                    source: Span::new(source, source + (to - from)),
                    exact: true,
                });
                piece += to - from;
            }
            if piece < segment.piece.end
                && let Some((source, _)) = outer.source(segment.source)
            {
                map.push(Segment { piece: Span::new(piece, segment.piece.end), source, exact: false });
            }
        }
        map
    }

    /// Whether a program writes the piece, and what the file says is no more than the cause.
    pub fn is_caused(&self) -> bool {
        self.writing == Writing::Caused
    }

    /// Whether the piece is made of YAML maps, whose keys and values became options.
    pub fn is_of_words(&self) -> bool {
        self.writing == Writing::Word
    }

    /// Whether the piece is a text that stands as it is, line by line, in a block of its own.
    pub fn is_block(&self) -> bool {
        matches!(self.writing, Writing::Indented(_))
    }

    /// The map of a text that was made of this one's piece, which `inner` leads back to that piece.
    pub fn behind(&self, inner: &Self) -> Self {
        let mut map = Self { segments: Vec::new(), ..self.clone() };
        for segment in &inner.segments {
            if !segment.exact {
                if let Some((source, _)) = self.source(segment.source) {
                    map.push(Segment { source, ..*segment });
                }
                continue;
            }
            let first = self.segments.partition_point(|own| own.piece.end <= segment.source.start);
            let own = self.segments.iter().skip(first).take_while(|own| own.piece.start < segment.source.end);
            for own in own {
                let (from, to) = (own.piece.start.max(segment.source.start), own.piece.end.min(segment.source.end));
                let at = segment.piece.start + (from - segment.source.start);
                let piece = Span::new(at, at + (to - from));
                let start = own.source.start + (from - own.piece.start);
                let source = if own.exact { Span::new(start, start + (to - from)) } else { own.source };
                map.push(Segment { piece, source, exact: own.exact });
            }
        }
        map
    }

    /// The stretches.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Where a span of the piece stands in the file, and whether both its ends are exact. None: the map is empty.
    pub fn source(&self, span: Span) -> Option<(Span, bool)> {
        let (start, first) = self.end(span.start, span.is_empty())?;
        if span.is_empty() {
            return Some((Span::new(start.start, start.start), first));
        }
        let (end, last) = self.end(span.end, true)?;
        Some((Span::new(start.start, end.end.max(start.start)), first && last))
    }

    /// Where an offset stands: as the end of what is before it, or as the start of what is behind it.
    fn end(&self, at: u32, as_end: bool) -> Option<(Span, bool)> {
        let behind = self.segments.partition_point(|s| if as_end { s.piece.start < at } else { s.piece.start <= at });
        let before = behind.checked_sub(1).map(|before| self.segments[before]);
        if let Some(segment) = before.filter(|s| at < s.piece.end || as_end && at == s.piece.end) {
            if !segment.exact {
                return Some((segment.source, false));
            }
            let offset = segment.source.start + (at - segment.piece.start);
            return Some((Span::new(offset, offset), true));
        }
        let near = if as_end { before.or(self.segments.get(behind).copied()) } else { None };
        if let Some(segment) = near {
            let offset = if at >= segment.piece.end { segment.source.end } else { segment.source.start };
            return Some((Span::new(offset, offset), at == segment.piece.start && segment.exact));
        }
        let segment = self.segments.get(behind).copied().or(before)?;
        let offset = if at <= segment.piece.start { segment.source.start } else { segment.source.end };
        Some((Span::new(offset, offset), at == segment.piece.start && segment.exact))
    }

    /// Where a byte of the file on disk stands in the piece: in what is the same byte for byte, or, in a block of lines, at the end of
    /// what stands before it. None: it is no part of it.
    pub fn piece(&self, source: u32) -> Option<u32> {
        let exact = || self.segments.iter().filter(|segment| segment.exact);
        let within = exact().find(|segment| segment.source.start <= source && source <= segment.source.end);
        if let Some(segment) = within {
            return Some(segment.piece.start + (source - segment.source.start));
        }
        let last = exact().map(|segment| segment.source.end).max()?;
        let before = exact().filter(|segment| segment.source.end < source).max_by_key(|segment| segment.source.end)?;
        (self.is_block() && source < last).then_some(before.piece.end)
    }

    /// The place and the text of an edit of the piece, where it can be written back exactly.
    pub fn edit(&self, span: Span, text: &str) -> Option<(Span, String)> {
        let (source, exact) = self.source(span)?;
        let touched = |s: &&Segment| s.piece.start < span.end && span.start < s.piece.end;
        if !exact || self.segments.iter().filter(touched).any(|s| !s.exact) {
            return None;
        }
        match &self.writing {
            Writing::Never | Writing::Caused => None,
            Writing::Indented(indent) => {
                let indent = format!("\n{}", String::from_utf8_lossy(indent));
                // An empty line has none.
                let text = text.replace('\n', &indent).replace(&format!("{indent}\n"), "\n\n");
                Some((source, text))
            }
            Writing::Word => {
                let within = |s: &Segment| s.exact && s.piece.start <= span.start && span.end <= s.piece.end;
                let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ',' | '+' | ':');
                let word = !text.is_empty() && !text.starts_with(['-', ',', ':']) && !text.ends_with(':');
                // YAML would make a number or nothing of it that is written otherwise.
                let digits = text.bytes().all(|b| b.is_ascii_digit());
                let number = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '.'))
                    && !text.contains(['/', '_'])
                    && !(digits && (text == "0" || !text.starts_with('0')));
                let word = word && !number && !text.eq_ignore_ascii_case("null");
                (word && text.chars().all(plain) && self.segments.iter().any(within)).then(|| (source, text.into()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `  |\n    a=1\n    b=2`, read as `a=1\nb=2\n`.
    fn block() -> Map {
        let mut map = Map::new(Writing::Indented(b"    ".to_vec()));
        let segment = |from, to, source| Segment {
            piece: Span::new(from, to),
            source: Span::new(source, source + to - from),
            exact: true,
        };
        map.push(segment(0, 4, 8));
        map.push(segment(4, 7, 16));
        map
    }

    #[test]
    fn spans_of_lines() {
        let map = block();
        for (from, to, source) in [(0, 3, (8, 11)), (4, 7, (16, 19)), (2, 6, (10, 18)), (3, 3, (11, 11))] {
            assert_eq!(map.source(Span::new(from, to)), Some((Span::new(source.0, source.1), true)), "{from}..{to}");
        }
        assert_eq!(map.edit(Span::new(3, 3), "\nc=3"), Some((Span::new(11, 11), "\n    c=3".to_string())));
    }

    #[test]
    fn a_stretch_that_is_not_one_for_one_is_taken_whole() {
        let mut map = Map::new(Writing::Word);
        map.push(Segment { piece: Span::new(0, 9), source: Span::new(5, 30), exact: false });
        assert_eq!(map.source(Span::new(2, 4)), Some((Span::new(5, 30), false)));
        assert_eq!(map.edit(Span::new(2, 4), "x"), None);
        assert_eq!(Map::default().source(Span::new(0, 1)), None);
    }
}
