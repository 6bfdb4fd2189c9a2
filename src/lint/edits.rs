//! Single edits that keep all else as it is. Where a template language has a hand in the line, none is offered.

use super::finding::Edit;
use crate::{config::Place, ini::Span, input::File};

/// What opens something in Jinja, ERB and their like.
const TEMPLATES: [&str; 4] = ["{{", "{%", "{#", "<%"];

/// A text in the place of another. The value of an option that has none is written behind its `=`.
pub(super) fn replacement(file: &File, place: Place, text: String) -> Option<Edit> {
    let options = &file.document.options;
    let at = options.partition_point(|option| option.key.start < place.span.start);
    let empty = options.get(at).filter(|option| {
        option.raw.is_empty() && (option.key.start, option.separator + 1) == (place.span.start, place.span.end)
    });
    match empty {
        Some(option) => {
            let span = Span::new(option.separator + 1, option.separator + 1);
            edit(file, Place { span, ..place }, format!(" {text}"))
        }
        None => edit(file, place, text),
    }
}

/// A new line behind the one that a place ends in, which ends like it.
pub(super) fn line_below(file: &File, place: Place, text: &str) -> Option<Edit> {
    let (_, end) = line_around(file, place.span.end);
    let behind = &file.text[end..];
    let line_end = line_end(behind).or_else(|| line_end(&file.text[first_line_end(&file.text)..]));
    let line_end = line_end.unwrap_or("\n");
    // An indented line would go on with the new one's value.
    if matches!(behind.get(line_end.len()), Some(b' ' | b'\t')) {
        return None;
    }
    let span = Span::new(end as u32, end as u32);
    edit(file, Place { span, ..place }, format!("{line_end}{text}"))
}

/// A new line above the one that a place starts in, which ends like it.
pub(crate) fn line_above(file: &File, place: Place, text: &str) -> Option<Edit> {
    let (start, end) = line_around(file, place.span.start);
    // A byte order mark is one only where the file starts.
    if start == 0 && file.text.starts_with(b"\xef\xbb\xbf") {
        return None;
    }
    // A tag that swallows the line end behind it would draw the new line up.
    let above = &file.text[line_around(file, start.saturating_sub(1) as u32).0..start];
    if ["-%}", "-}}", "-%>"].iter().any(|end| memchr::memmem::find(above, end.as_bytes()).is_some()) {
        return None;
    }
    let line_end = line_end(&file.text[end..]).or_else(|| line_end(&file.text[first_line_end(&file.text)..]));
    let text = format!("{text}{}", line_end.unwrap_or("\n"));
    edit(file, place, text.clone())?;
    let span = Span::new(start as u32, start as u32);
    Some(Edit { place: Place { span, ..place }, text })
}

/// The edit, unless a template language has a hand in its lines.
pub(crate) fn edit(file: &File, place: Place, text: String) -> Option<Edit> {
    let (start, _) = line_around(file, place.span.start);
    let (_, end) = line_around(file, place.span.end.max(place.span.start));
    let lines = &file.text[start..end];
    let templated = |sign: &str| memchr::memmem::find(lines, sign.as_bytes()).is_some() || text.contains(sign);
    // An indented line would go on with the value of the line that it comes to stand below.
    let joins = text.is_empty()
        && place.span.of(&file.text).last().is_some_and(|last| matches!(last, b'\n' | b'\r'))
        && matches!(file.text.get(place.span.end as usize), Some(b' ' | b'\t'));
    if joins || TEMPLATES.into_iter().any(templated) {
        return None;
    }
    Some(Edit { place, text })
}

/// Where the line around an offset starts, and where its text ends.
fn line_around(file: &File, at: u32) -> (usize, usize) {
    let text = &file.text;
    let at = (at as usize).min(text.len());
    let start = memchr::memrchr2(b'\n', b'\r', &text[..at]).map_or(0, |before| before + 1);
    (start, at + first_line_end(&text[at..]))
}

fn first_line_end(text: &[u8]) -> usize {
    memchr::memchr2(b'\n', b'\r', text).unwrap_or(text.len())
}

/// The line end that a text starts with.
fn line_end(text: &[u8]) -> Option<&'static str> {
    ["\r\n", "\n", "\r"].into_iter().find(|end| text.starts_with(end.as_bytes()))
}
