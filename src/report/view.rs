//! One view of each linted file: where lines start, and its text with secrets and control characters covered.

use std::{
    collections::HashMap,
    ops::Range,
    sync::{Mutex, OnceLock, PoisonError},
};

use crate::{
    ini::{self, Span},
    parallel, secrets,
    source::{File, FileId, Files, Part, Place},
};

/// A line and a column, both from 1; columns count Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// The views of all files of a run, made when first asked for.
#[derive(Debug)]
pub struct Views<'f> {
    views: Vec<View<'f>>,
}

impl<'f> Views<'f> {
    /// Views of these files.
    pub fn new(files: &'f Files) -> Self {
        Self { views: files.iter().map(|(id, file)| View::new(files, id, file)).collect() }
    }

    /// The view of a file.
    pub fn get(&self, id: FileId) -> &View<'f> {
        &self.views[id.0 as usize]
    }

    /// The file on disk and the line that a place is in, where it is in one.
    pub fn line(&self, place: Place) -> Option<(FileId, u32)> {
        let files = self.views.first()?.files;
        let place = files.on_disk(place)?;
        Some((place.file, self.get(place.file).position(place.span.start).line))
    }

    /// Says around which places lines are shown, before any is: what is further away may be covered as a whole.
    pub(super) fn show_near(&self, places: impl Iterator<Item = Place>) {
        let mut offsets: HashMap<FileId, Vec<u32>> = HashMap::new();
        places.for_each(|place| offsets.entry(place.file).or_default().push(place.span.start));
        for (file, offsets) in offsets {
            let _ = self.get(file).shown_near.set(offsets);
        }
    }

    /// Where a place starts and where it ends (the column behind its last character).
    pub fn range(&self, place: Place) -> (Position, Position) {
        let view = self.get(place.file);
        (view.position(place.span.start), view.position(place.span.end))
    }
}

/// One file, as reports see it.
#[derive(Debug)]
pub struct View<'f> {
    files: &'f Files,
    id: FileId,
    file: &'f File,
    starts: OnceLock<Vec<u32>>,
    covered: OnceLock<Vec<u8>>,
    /// The offsets near which lines are shown; not said: all are.
    shown_near: OnceLock<Vec<u32>>,
    /// For lines longer than [`STRIDE`], by their start: the number of characters up to each multiple of it.
    long_lines: Mutex<HashMap<u32, Vec<u32>>>,
}

/// In bytes.
const STRIDE: u32 = 4096;

impl<'f> View<'f> {
    fn new(files: &'f Files, id: FileId, file: &'f File) -> Self {
        Self {
            files,
            id,
            file,
            starts: OnceLock::new(),
            covered: OnceLock::new(),
            shown_near: OnceLock::new(),
            long_lines: Mutex::default(),
        }
    }

    /// The file's path as people read it.
    pub fn shown(&self) -> &'f str {
        &self.file.shown
    }

    /// The file's path relative to the working directory.
    pub fn relative(&self) -> &'f str {
        &self.file.relative
    }

    fn starts(&self) -> &[u32] {
        self.starts.get_or_init(|| {
            let starts: Vec<u32> = ini::lines(&self.file.text).map(|line| line.span.start).collect();
            if starts.is_empty() { vec![0] } else { starts }
        })
    }

    /// The line and column of an offset in bytes.
    pub fn position(&self, offset: u32) -> Position {
        let starts = self.starts();
        let line = starts.partition_point(|&start| start <= offset).max(1);
        Position { line: line as u32, column: self.characters(starts[line - 1], offset) + 1 }
    }

    /// As [`View::position`], but the column counts bytes.
    pub(super) fn byte_position(&self, offset: u32) -> Position {
        let starts = self.starts();
        let line = starts.partition_point(|&start| start <= offset).max(1);
        Position { line: line as u32, column: offset.saturating_sub(starts[line - 1]) + 1 }
    }

    /// Number of characters from the start of a line to an offset in it.
    fn characters(&self, start: u32, offset: u32) -> u32 {
        let count = |from: u32, to: u32| {
            let bytes = Span::new(from, to).of(&self.file.text);
            bytes.iter().filter(|&&byte| byte & 0xc0 != 0x80).count() as u32
        };
        if offset.saturating_sub(start) <= STRIDE {
            return count(start, offset);
        }
        // Many findings on one very long line would count it again and again.
        let mut long = self.long_lines.lock().unwrap_or_else(PoisonError::into_inner);
        let marks = long.entry(start).or_default();
        let wanted = ((offset - start) / STRIDE) as usize;
        while marks.len() < wanted {
            let at = start + marks.len() as u32 * STRIDE;
            marks.push(marks.last().copied().unwrap_or(0) + count(at, at + STRIDE));
        }
        marks[wanted - 1] + count(start + wanted as u32 * STRIDE, offset)
    }

    /// The bytes of a line, from 1, with its line end.
    pub(super) fn line(&self, number: usize) -> Span {
        let starts = self.starts();
        let whole = self.file.text.len() as u32;
        let from = number.checked_sub(1).and_then(|at| starts.get(at)).copied().unwrap_or(whole);
        Span::new(from, starts.get(number).copied().unwrap_or(whole))
    }

    /// Number of lines.
    pub(super) fn lines(&self) -> usize {
        self.starts().len()
    }

    /// The text, as long as the original, that may be shown: secrets are `*`, control characters `?`, characters that
    /// turn the direction of writing U+FFFD, a lone `\r` a line feed. Always UTF-8.
    pub fn covered(&self) -> &[u8] {
        self.covered.get_or_init(|| cover(self.file, &self.secrets()))
    }

    /// Where secrets stand: in lines, and in a file that holds its configuration in pieces wherever a piece has one.
    fn secrets(&self) -> Vec<Span> {
        let mut spans = self.file.hidden.clone();
        spans.extend(secrets::key_blocks(&self.file.text));
        let Part::Container = self.file.part else {
            match self.shown_near.get() {
                Some(offsets) => spans.extend(self.secrets_near(offsets)),
                None => spans.extend(secret_spans(self.file)),
            }
            return spans;
        };
        let mut of_yaml = secrets::secret_spans_of_yaml(&self.file.text);
        let mut blocks = Vec::new();
        for (_, piece) in self.files.iter() {
            if let Part::Piece(container, map) = &piece.part
                && *container == self.id
            {
                let of_piece = secrets::secret_spans(&piece.text).into_iter();
                spans.extend(of_piece.filter_map(|span| Some(map.source(span)?.0)));
                if map.is_block() {
                    blocks.extend(map.segments().iter().filter(|segment| segment.exact).map(|segment| segment.source));
                }
            }
        }
        // What stands below `secrets: |` is not all secret where it is configuration, which says itself what is.
        blocks.sort_unstable();
        of_yaml.retain(|span| {
            let behind = blocks.partition_point(|block| block.start <= span.start);
            behind.checked_sub(1).is_none_or(|at| span.end > blocks[at].end)
        });
        spans.extend(of_yaml);
        spans
    }
}

impl View<'_> {
    /// The secrets in the lines near some offsets, and everything else as a whole.
    fn secrets_near(&self, offsets: &[u32]) -> Vec<Span> {
        let text = &self.file.text;
        let options = &self.file.document.options;
        let around = |&offset: &u32| {
            let line = self.position(offset).line as usize;
            let (first, last) = (line.saturating_sub(REACH).max(1), (line + REACH).min(self.lines()));
            let (start, end) = (self.line(first).start, self.line(last).end);
            // What stands above an option has no say in what is secret from there on.
            let before = options.partition_point(|option| option.key.start <= start);
            // What a template's reader takes for an option may be no line of the text itself.
            let is_line = |&at: &u32| {
                let first = ini::lines(&text[at as usize..]).next();
                let follows_line = at > 0 && matches!(text[at as usize - 1], b'\n' | b'\r');
                follows_line && first.is_some_and(|line| matches!(line.piece, ini::Piece::Option { .. }))
            };
            let mut above = options[..before].iter().rev().take(SEARCHED).map(|option| option.key.start);
            Span::new(above.find(is_line).unwrap_or(0), end)
        };
        let mut near: Vec<Span> = offsets.iter().map(around).collect();
        near.sort_unstable();
        near.dedup_by(|later, earlier| {
            let touches = later.start <= earlier.end;
            if touches {
                earlier.end = earlier.end.max(later.end);
            }
            touches
        });
        let mut spans = Vec::new();
        let mut end = 0;
        for part in near {
            spans.push(Span::new(end, part.start));
            let found = secrets::secret_spans(part.of(text));
            spans.extend(found.into_iter().map(|span| Span::new(span.start + part.start, span.end + part.start)));
            end = part.end;
        }
        spans.push(Span::new(end, text.len() as u32));
        spans
    }
}

/// Among how many options above a place a line is searched from which on secrets can be told.
const SEARCHED: usize = 64;
/// How many lines before and after a place may be shown.
const REACH: usize = 6;
/// How many options are looked through at once.
const OPTIONS: usize = 2048;

/// [`secrets::secret_spans`], by several threads where there are many options: what stands above an option has no say in
/// what is secret from there on.
fn secret_spans(file: &File) -> Vec<Span> {
    let text = &file.text;
    // What a template's reader takes for an option may be no line of the text itself.
    let options = if file.template.is_some() { &[] } else { file.document.options.as_slice() };
    let starts_line = |&at: &usize| at > 0 && matches!(text[at - 1], b'\n' | b'\r') && text[at].is_ascii();
    let starts = options.iter().step_by(OPTIONS).map(|option| option.key.start as usize).filter(starts_line);
    let cuts: Vec<usize> = std::iter::once(0).chain(starts).chain([text.len()]).collect();
    let parts: Vec<Range<usize>> = cuts.windows(2).map(|cut| cut[0]..cut[1]).collect();
    let look = |some: &[Range<usize>]| -> Vec<Span> {
        let found = some.iter().flat_map(|part| {
            let moved = |span: Span| Span::new(span.start + part.start as u32, span.end + part.start as u32);
            secrets::secret_spans(&text[part.clone()]).into_iter().map(moved)
        });
        found.collect()
    };
    parallel::pieces(&parts, 1, look).concat()
}

fn cover(file: &File, secrets: &[Span]) -> Vec<u8> {
    let mut text = file.text.clone();
    let mut at = 0;
    // Bytes that are not UTF-8 become `?`, one for one.
    while let Err(error) = std::str::from_utf8(&text[at..]) {
        let from = at + error.valid_up_to();
        let to = from + error.error_len().unwrap_or(text.len() - from);
        text[from..to].fill(b'?');
        at = to;
    }
    let is_special =
        |byte: &u8| *byte < 0x20 && !matches!(*byte, b'\n' | b'\t') || matches!(*byte, 0x7f | 0xc2 | 0xd8 | 0xe2);
    let mut at = 0;
    while let Some(next) = text[at..].iter().position(is_special) {
        at += next;
        match text[at] {
            b'\r' if text.get(at + 1) == Some(&b'\n') => {}
            b'\r' => text[at] = b'\n',
            0xc2 | 0xd8 | 0xe2 => cover_wide(&mut text[at..]),
            _ => text[at] = b'?',
        }
        at += 1;
    }
    for span in secrets {
        let end = (span.end as usize).min(text.len());
        for byte in text.get_mut(span.start as usize..end).unwrap_or_default() {
            if !matches!(*byte, b'\n' | b'\r') {
                *byte = b'*';
            }
        }
    }
    text
}

/// Covers one control or direction character of several bytes at the start of `text`.
fn cover_wide(text: &mut [u8]) {
    match text {
        // U+0080 to U+009F; U+061C.
        [0xc2, 0x80..=0x9f, ..] | [0xd8, 0x9c, ..] => text[..2].fill(b'?'),
        // U+200E, U+200F, U+202A to U+202E; U+2066 to U+2069.
        [0xe2, 0x80, 0x8e | 0x8f | 0xaa..=0xae, ..] | [0xe2, 0x81, 0xa6..=0xa9, ..] => {
            text[..3].copy_from_slice("\u{fffd}".as_bytes());
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &[u8]) -> Files {
        let mut files = Files::default();
        files.add(std::path::Path::new("x.conf"), text.to_vec());
        files
    }

    #[test]
    fn what_is_not_near_a_place_that_is_shown_is_covered_as_a_whole() {
        let option = "# one\n# two\n# three\nname = value\nnas_password = hunter2\n";
        let files = file(option.repeat(20).as_bytes());
        let place = |at: usize| Place { file: FileId(0), span: Span::new(at as u32, at as u32 + 4) };
        let views = Views::new(&files);
        views.show_near([place(option.len() * 10 + 18), place(option.len() * 10 + 31)].into_iter());
        let all = Views::new(&files);
        let lines = |views: &Views<'_>| -> Vec<String> {
            String::from_utf8(views.get(FileId(0)).covered().to_vec()).unwrap().lines().map(str::to_string).collect()
        };
        let (near, all) = (lines(&views), lines(&all));
        assert_eq!(near.len(), all.len());
        assert!(all.iter().all(|line| !line.contains("hunter2")));
        let at = 10 * 5 + 3;
        assert_eq!(near[at - 6..at + 7], all[at - 6..at + 7]);
        assert!(near.iter().take(at - 20).all(|line| line.bytes().all(|byte| byte == b'*')), "{near:?}");
    }

    #[test]
    fn columns_count_characters() {
        let files = file("é=1\r\n\u{1f600}x = 2\rz".as_bytes());
        let views = Views::new(&files);
        let view = views.get(FileId(0));
        for (offset, line, column) in [(0, 1, 1), (2, 1, 2), (6, 2, 1), (10, 2, 2), (16, 3, 1)] {
            assert_eq!(view.position(offset), Position { line, column }, "{offset}");
        }
    }

    #[test]
    fn covers_secrets_and_controls_in_place() {
        let text = "[a]\nsan_password = \"hunter2\n  more\"\n#nas_password=x\nurl = http://u:pw@h/\nk = \u{1b}[31m\u{202e}\u{9b}\n";
        let files = file(text.as_bytes());
        let views = Views::new(&files);
        let covered = std::str::from_utf8(views.get(FileId(0)).covered()).unwrap().to_string();
        assert_eq!(covered.len(), text.len());
        assert!(!covered.contains("hunter2") && !covered.contains("more") && !covered.contains("pw"), "{covered}");
        assert!(covered.contains("san_password = ********\n  *****\n"), "{covered}");
        assert!(!covered.contains('\u{1b}') && !covered.contains('\u{202e}') && !covered.contains('\u{9b}'));
    }
}
