//! What Jinja or Go templates have yet to write, masked so that a reader of YAML passes over it.

use std::borrow::Cow;

use crate::template::Template;

/// The text with tags on lines of their own as blanks, and expressions as words of the same length. Blank lines in front of
/// the first line of a block scalar must not be longer than its indentation: there, such lines are words as deep as it.
pub(super) fn mask(original: &[u8]) -> Cow<'_, [u8]> {
    let text = &*without_open_tags_in_comments(original);
    // What only comments had is of no account.
    let Some(template) = Template::read(text) else { return Cow::Borrowed(original) };
    let mut masked = template.into_masked();
    let mut block_starts = false;
    // How deep the line is that such a block starts with.
    let mut depth: Option<usize> = None;
    let mut start = 0;
    while start < text.len() {
        let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |at| start + at + 1);
        let line = masked[start..end].trim_ascii_end();
        if !line.trim_ascii().is_empty() {
            let indicators = |b: &&u8| matches!(b, b'+' | b'-') || b.is_ascii_digit();
            let signs = line.iter().rev().take_while(indicators).count();
            let mark = &line[..line.len() - signs.min(line.len())];
            block_starts = mark.ends_with(b" |") || mark.ends_with(b" >");
            depth = None;
        } else if block_starts && text[start..end].iter().any(|b| !b.is_ascii_whitespace()) {
            let depth = *depth.get_or_insert_with(|| depth_of_next(&masked[end..]));
            if let Some(byte) = masked[start..end].get_mut(depth).filter(|byte| **byte == b' ') {
                *byte = b'#';
            }
        }
        start = end;
    }
    Cow::Owned(masked)
}

/// The text of which comments open no tag that they do not close: a reader of YAML drops them first, so that nothing of what
/// follows is a part of the tag.
fn without_open_tags_in_comments(text: &[u8]) -> Cow<'_, [u8]> {
    const OPENERS: [(&[u8], &[u8]); 4] = [(b"{{", b"}}"), (b"{%", b"%}"), (b"{#", b"#}"), (b"<%", b"%>")];
    let mut changed = Cow::Borrowed(text);
    let mut start = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let from = start;
        start += line.len();
        let Some(comment) = comment_of(line) else { continue };
        for (opens, closes) in OPENERS {
            let Some(last) = memchr::memmem::rfind(&line[comment..], opens) else { continue };
            if memchr::memmem::find(&line[comment + last..], closes).is_none() {
                let changed = changed.to_mut();
                changed[from + comment..start]
                    .iter_mut()
                    .filter(|byte| **byte == opens[0])
                    .for_each(|byte| *byte = b'x');
            }
        }
    }
    changed
}

/// Where the comment of a line begins: a `#` at its start or after a blank, outside quotes and tags.
fn comment_of(line: &[u8]) -> Option<usize> {
    if !memchr::memchr2_iter(b'{', b'<', line).any(|at| matches!(line.get(at + 1), Some(b'{' | b'%' | b'#'))) {
        return None;
    }
    let mut quote: Option<u8> = None;
    let mut before = b' ';
    for (at, &byte) in line.iter().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') if !before.is_ascii_alphanumeric() => quote = Some(byte),
            (None, b'#') if before.is_ascii_whitespace() => return Some(at),
            (None, b'{') if matches!(line.get(at + 1), Some(b'{' | b'%' | b'#')) => return None,
            _ => {}
        }
        before = byte;
    }
    None
}

/// How deep the first line is that is not blank.
fn depth_of_next(text: &[u8]) -> usize {
    let first = text.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(text.len());
    first - memchr::memrchr(b'\n', &text[..first]).map_or(0, |end| end + 1)
}
