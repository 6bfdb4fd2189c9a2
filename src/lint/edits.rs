//! Single edits that keep all else as it is. Where a template language has a hand in the line, none is offered.

use super::finding::Edit;
use crate::{
    ini::Span,
    source::{File, Place},
};

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

/// The parts of an assignment that is moved.
pub(super) struct Assignment {
    /// The name.
    pub name: Span,
    /// From the name to the end of the value.
    pub whole: Span,
    /// Its lines, the last line end included.
    pub lines: Span,
}

/// The edits that move an assignment into another section of its file, under another name: to the end of that section, or of the
/// file, where there is no such section.
pub(super) fn moved(
    file: &File,
    place: Place,
    assignment: &Assignment,
    name: &str,
    section: &str,
) -> Option<Vec<Edit>> {
    let value = Span::new(assignment.name.end, assignment.whole.end).of(&file.text);
    let line = format!("{name}{}", std::str::from_utf8(value).ok()?);
    let removed = edit(file, Place { span: assignment.lines, ..place }, String::new())?;
    let document = &file.document;
    let at = document.sections.iter().rposition(|one| one.name.of(&file.text) == section.as_bytes());
    let added = match at {
        Some(at) => {
            let end = document.sections.get(at + 1).map_or(document.options.len(), |next| next.first_option as usize);
            let own = document.options.get(document.sections[at].first_option as usize..end)?;
            let last = own.last().map(|last| last.raw.end.max(last.separator + 1));
            let end = last.unwrap_or(document.sections[at].header.end);
            line_below(file, Place { span: Span::new(end, end), ..place }, &line)?
        }
        // A block ends with its last line, whatever the YAML around it says of line ends.
        None if !file.is_on_disk() => {
            let end = file.text.trim_ascii_end().len() as u32;
            let line_end = line_end(&file.text[first_line_end(&file.text)..]).unwrap_or("\n");
            let text = format!("[{section}]{line_end}{line}");
            if assignment.whole.end >= end {
                return Some(vec![edit(file, Place { span: assignment.whole, ..place }, text)?]);
            }
            line_below(file, Place { span: Span::new(end, end), ..place }, &format!("{line_end}{text}"))?
        }
        None => {
            let end = file.text.len() as u32;
            let line_end = line_end(&file.text[first_line_end(&file.text)..]).unwrap_or("\n");
            // The last line ends as it did.
            let (open, close) = match file.text.last() {
                Some(b'\n' | b'\r') => ("", line_end),
                _ => (line_end, ""),
            };
            let text = format!("{open}{line_end}[{section}]{line_end}{line}{close}");
            edit(file, Place { span: Span::new(end, end), ..place }, text)?
        }
    };
    Some(vec![removed, added])
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::source::Files;

    /// A text with the edit that is made at the stretch between the two bars; none where none is offered.
    fn edited(marked: &str, edit: impl FnOnce(&File, Place) -> Option<Edit>) -> Option<String> {
        let [before, within, behind] = *marked.split('|').collect::<Vec<_>>() else { panic!("{marked}") };
        let mut files = Files::default();
        let file = files.add(Path::new("cinder.conf"), marked.replace('|', "").into_bytes());
        let span = Span::new(before.len() as u32, (before.len() + within.len()) as u32);
        let Edit { place, text } = edit(files.get(file), Place { file, span })?;
        assert_eq!(place.file, file);
        let mut all = [before, within, behind].concat();
        all.replace_range(place.span.start as usize..place.span.end as usize, &text);
        Some(all)
    }

    #[test]
    fn a_line_comes_above_another() {
        let above = |marked: &str| edited(marked, |file, place| line_above(file, place, "new"));
        assert_eq!(above("a\nb |=| c\n").as_deref(), Some("a\nnew\nb = c\n"));
        assert_eq!(above("|a|\r\nb\r\n").as_deref(), Some("new\r\na\r\nb\r\n"));
        assert_eq!(above("|a|").as_deref(), Some("new\na"));
        // The mark stays the first of the file; below its line there is room.
        assert_eq!(above("\u{feff}|a|\nb\n"), None);
        assert_eq!(above("\u{feff}a\n|b|\n").as_deref(), Some("\u{feff}a\nnew\nb\n"));
        assert_eq!(above("{% if x -%}\n|b|\n"), None);
    }

    #[test]
    fn no_edit_has_a_hand_in_what_a_template_writes() {
        let replaced = |marked: &str, text: &str| edited(marked, |file, place| replacement(file, place, text.into()));
        assert_eq!(replaced("a = |b|\n", "c").as_deref(), Some("a = c\n"));
        assert_eq!(replaced("a = |b| {{ c }}\n", "d"), None);
        assert_eq!(replaced("a = |b|\n", "{{ c }}"), None);
        assert_eq!(replaced("{{ a }}\na = |b|\n", "c").as_deref(), Some("{{ a }}\na = c\n"));
    }

    #[test]
    fn a_line_goes_where_the_next_one_does_not_join_the_one_before() {
        let removed = |marked: &str| edited(marked, |file, place| edit(file, place, String::new()));
        assert_eq!(removed("a = b\n|c = d\n|e = f\n").as_deref(), Some("a = b\ne = f\n"));
        assert_eq!(removed("a = b\n|c = d\n| e\n"), None);
        assert_eq!(removed("a =|b| c\n").as_deref(), Some("a = c\n"));
        assert_eq!(removed("a = b\n|c = d|\n").as_deref(), Some("a = b\n\n"));
    }
}
