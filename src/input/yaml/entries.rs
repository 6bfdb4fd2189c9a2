//! Entries of block maps that come and go: edits of the lines of a file, which leave everything else of it as it is.
//!
//! Only what is certain by the lines alone is edited: maps in braces, what an anchor marks or an alias repeats, and what a template
//! writes stay as they are.

use super::{Document, Entry, Kind, Node, Style, read_within};
use crate::ini::Span;

/// A stretch of the file, and what comes in its place.
pub type Change = (Span, String);

/// What opens something in Jinja, ERB and their like.
const TEMPLATES: [&[u8]; 4] = [b"{{", b"{%", b"{#", b"<%"];

/// An entry, with the maps that it stands in.
#[derive(Clone, Debug)]
struct Found {
    /// The entry of the section, and the map of all sections.
    section: Entry,
    sections: Node,
    entry: Entry,
}

/// The edits that take an option's entry out of its section. Its key is the name of the option, or ends with it (`DEFAULT/verbose`): what is
/// called otherwise may stand for more.
pub fn removed(text: &[u8], documents: &[Document], (key, option): (Span, &str)) -> Option<Vec<Change>> {
    let found = find(documents, key)?;
    let name = found.entry.key.text();
    if name != option && name.rsplit_once('/').is_none_or(|(_, last)| last != option) {
        return None;
    }
    let lines = lines_of(text, &found.entry)?;
    leave(text, &found, lines)
}

/// The edits that move an option's entry into another section, under another name. With `opens`, a section that is not there is
/// made, behind the last one.
pub fn moved(
    text: &[u8],
    documents: &[Document],
    (key, option): (Span, &str),
    (name, into): (&str, &str),
    opens: bool,
) -> Option<Vec<Change>> {
    let found = find(documents, key).filter(|found| found.entry.key.text() == option)?;
    let lines = lines_of(text, &found.entry)?;
    let mut changes = leave(text, &found, lines)?;
    let indent = indent_of(text, key.start)?;
    let value = Span::new(key.end, content_end(text, lines)).of(text);
    let value = std::str::from_utf8(value).ok()?;
    let written =
        |indent: usize, old: usize| Some(format!("{}{name}{}", " ".repeat(indent), shifted(value, old, indent)?));
    let target = found.sections.entries().iter().rfind(|one| one.key.text() == into);
    let line_end = if value.contains('\r') || text.windows(2).any(|two| two == b"\r\n") { "\r\n" } else { "\n" };
    let added = match target {
        Some(target) if target.value.entries().is_empty() => {
            // `{}`, and nothing else: what is null may stand for something that is to be taken away.
            let empty = target.value.span;
            let is_braces = empty.of(text).strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}"));
            if !matches!(target.value.kind, Kind::Mapping(_)) || !is_braces?.trim_ascii().is_empty() {
                return None;
            }
            let own = indent_of(text, target.key.span.start)?;
            let step = indent.checked_sub(indent_of(text, found.section.key.span.start)?)?;
            let blanks = text[..empty.start as usize].iter().rev().take_while(|byte| **byte == b' ').count() as u32;
            let line = lines_of(text, target)?;
            changes.push((Span::new(empty.start - blanks, empty.end), String::new()));
            let at = content_end(text, line);
            (Span::new(at, at), format!("{line_end}{}", written(own + step, indent)?))
        }
        Some(target) => {
            let around = target.value.span;
            let own: Vec<&Entry> = target.value.entries().iter().filter(|one| within(around, one.key.span)).collect();
            if opens_flow(text, &target.value) || target.value.get(name).is_some() || repeats(documents, target) {
                return None;
            }
            let last = own.iter().max_by_key(|one| one.key.span.start)?;
            header(text, target)?;
            let at = content_end(text, lines_of(text, last)?);
            (Span::new(at, at), format!("{line_end}{}", written(indent_of(text, last.key.span.start)?, indent)?))
        }
        None if opens => {
            let last = found.sections.entries().iter().max_by_key(|one| one.key.span.start)?;
            let at = content_end(text, lines_of(text, last)?);
            let outer = indent_of(text, found.section.key.span.start)?;
            let line = written(indent, indent)?;
            (Span::new(at, at), format!("{line_end}{}{into}:{line_end}{line}", " ".repeat(outer)))
        }
        None => return None,
    };
    // What is behind must not become a part of a text that comes to stand above it.
    let ends_in_text = ends_in_block(&found.entry.value);
    if ends_in_text
        && (keeps_line_ends(value.as_bytes()) || !ends_block(text, behind_line(text, added.0.start), key.start))
    {
        return None;
    }
    // Where the last line of all goes, the new one comes in its place.
    match changes.iter_mut().find(|(span, _)| span.start < added.0.start && added.0.start < span.end) {
        Some((_, kept)) => {
            kept.push_str(added.1.strip_prefix(line_end).unwrap_or(&added.1));
            kept.push_str(if lines.of(text).ends_with(b"\n") { line_end } else { "" });
        }
        None => changes.push(added),
    }
    Some(changes)
}

/// The edits that take lines of a section away. What is left of it is a map.
fn leave(text: &[u8], found: &Found, lines: Span) -> Option<Vec<Change>> {
    let around = found.section.value.span;
    let own = |one: &&Entry| around.start <= one.key.span.start && one.key.span.start < around.end;
    let entries: Vec<&Entry> = found.section.value.entries().iter().filter(own).collect();
    let colon = header(text, &found.section)?;
    let before = entries.iter().filter(|one| one.key.span.start < found.entry.key.span.start);
    let before = before.max_by_key(|one| one.key.span.start);
    if let Some(before) = before.filter(|before| ends_in_block(&before.value)) {
        let own = Span::new(before.key.span.end, lines.start).of(text);
        if keeps_line_ends(own) || !ends_block(text, lines.end, found.entry.key.span.start) {
            return None;
        }
    }
    let is_last = entries.iter().all(|one| one.key.span.start <= found.entry.key.span.start);
    // Where the last one goes, no other may go at the same time: somebody has to see that nothing is left. So all of them have a hand in the
    // colon of the section, and the last one takes more of it.
    let (start, empty) = match is_last {
        _ if entries.len() == 1 => (colon - 1, " {}"),
        true => (found.section.key.span.end - 1, ""),
        false => (colon - 1, ""),
    };
    let sign = std::str::from_utf8(Span::new(start, colon).of(text)).ok()?;
    Some(vec![(Span::new(start, colon), format!("{sign}{empty}")), (lines, String::new())])
}

/// Behind the colon of an entry whose value starts on the next line; an anchor or a tag between makes it none.
fn header(text: &[u8], entry: &Entry) -> Option<u32> {
    let at = entry.key.span.end;
    let rest = Span::new(at, line_at(text, at).end).of(text);
    let blanks = rest.iter().take_while(|byte| **byte == b' ').count();
    let behind = rest[blanks..].strip_prefix(b":")?;
    let said = behind.trim_ascii();
    let is_comment = said.starts_with(b"#") && behind.first().is_some_and(u8::is_ascii_whitespace);
    (said.is_empty() || is_comment).then_some(at + blanks as u32 + 1)
}

/// The one option with this key: a key of a map that is the value of a key of a map.
fn find(documents: &[Document], key: Span) -> Option<Found> {
    let mut seen = 0;
    let mut found = None;
    for root in documents.iter().filter_map(|document| document.root.as_ref()) {
        look(root, key, &mut seen, &mut found);
    }
    found.filter(|_| seen == 1)
}

/// Goes through all maps, those inside of texts too.
fn look(node: &Node, key: Span, seen: &mut usize, found: &mut Option<Found>) {
    let mut open = vec![(node.clone(), None::<(Entry, Node)>)];
    while let Some((node, section)) = open.pop() {
        match &node.kind {
            Kind::Scalar(text) if text.style == Style::Literal && within(node.span, key) => {
                for root in read_within(text).into_iter().filter_map(|document| document.root) {
                    open.push((root, None));
                }
            }
            Kind::Scalar(_) => {}
            Kind::Sequence(items) => open.extend(items.iter().map(|item| (item.clone(), None))),
            Kind::Mapping(entries) => {
                for entry in entries.iter() {
                    if entry.key.span == key {
                        *seen += 1;
                        if let Some((section, sections)) = section.clone() {
                            *found = Some(Found { section, sections, entry: entry.clone() });
                        }
                    }
                    open.push((entry.value.clone(), Some((entry.clone(), node.clone()))));
                }
            }
        }
    }
}

fn within(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// Whether an entry stands in several maps, by an alias.
fn repeats(documents: &[Document], entry: &Entry) -> bool {
    let Some(first) = entry.value.entries().first() else { return false };
    let (mut seen, mut found) = (0, None);
    for root in documents.iter().filter_map(|document| document.root.as_ref()) {
        look(root, first.key.span, &mut seen, &mut found);
    }
    seen != 1
}

/// Whether a map is written in braces.
fn opens_flow(text: &[u8], node: &Node) -> bool {
    text.get(node.span.start as usize).is_some_and(|byte| matches!(byte, b'{' | b'*'))
}

/// The whole lines of an entry of a block map, with their ends; none where there is something else in them.
fn lines_of(text: &[u8], entry: &Entry) -> Option<Span> {
    indent_of(text, entry.key.span.start)?;
    let start = line_at(text, entry.key.span.start).start;
    let rest = Span::new(entry.key.span.end, line_at(text, entry.key.span.end).end).of(text);
    if rest.trim_ascii_start().first() != Some(&b':') {
        return None;
    }
    let value = entry.value.span;
    let end = (value.end.max(entry.key.span.end)).min(text.len() as u32);
    let ends_line = end > start && text.get(end as usize - 1) == Some(&b'\n');
    let end = if ends_line {
        end
    } else {
        let line = line_at(text, end);
        let behind = Span::new(end.max(start), line.end).of(text);
        // Of a value that is not there, the colon.
        let behind = behind.trim_ascii().strip_prefix(b":").unwrap_or(behind).trim_ascii();
        if !behind.is_empty() && !behind.starts_with(b"#") {
            return None;
        }
        (line.end + 1).min(text.len() as u32)
    };
    let lines = Span::new(start, end);
    let written = |sign: &&[u8]| memchr::memmem::find(lines.of(text), sign).is_some();
    (!TEMPLATES.iter().any(written)).then_some(lines)
}

/// How many blanks stand before a key that is the first of its line.
fn indent_of(text: &[u8], key: u32) -> Option<usize> {
    let start = line_at(text, key).start;
    let before = Span::new(start, key).of(text);
    before.iter().all(|byte| *byte == b' ').then_some(before.len())
}

/// The line around an offset, without its end.
fn line_at(text: &[u8], at: u32) -> Span {
    let at = (at as usize).min(text.len());
    let start = memchr::memrchr(b'\n', &text[..at]).map_or(0, |end| end + 1);
    let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |end| at + end);
    Span::new(start as u32, end as u32)
}

/// Where the line behind the one around an offset starts.
fn behind_line(text: &[u8], at: u32) -> u32 {
    (line_at(text, at).end + 1).min(text.len() as u32)
}

/// Where the text of lines ends: before the end of the last one.
fn content_end(text: &[u8], lines: Span) -> u32 {
    let own = lines.of(text);
    let own = own.strip_suffix(b"\n").unwrap_or(own);
    lines.start + own.strip_suffix(b"\r").unwrap_or(own).len() as u32
}

/// Whether a value ends with a text that goes on for as long as lines are indented.
fn ends_in_block(node: &Node) -> bool {
    match &node.kind {
        Kind::Scalar(text) => matches!(text.style, Style::Literal | Style::Folded),
        Kind::Sequence(items) => items.last().is_some_and(ends_in_block),
        Kind::Mapping(entries) => entries.last().is_some_and(|last| ends_in_block(&last.value)),
    }
}

/// Whether a text in a block has all the line ends behind it: `|+`.
fn keeps_line_ends(written: &[u8]) -> bool {
    let signs = memchr::memchr2_iter(b'|', b'>', written);
    signs.into_iter().any(|at| written[at + 1..].iter().find(|byte| !byte.is_ascii_digit()) == Some(&b'+'))
}

/// Whether the lines that follow are no part of a text that ends before: the first is not indented further than the keys around it.
fn ends_block(text: &[u8], at: u32, key: u32) -> bool {
    let lines = text[at as usize..].split(|byte| *byte == b'\n');
    let next = lines.into_iter().find(|line| !line.trim_ascii().is_empty());
    next.is_none_or(|next| Some(next.iter().take_while(|byte| **byte == b' ').count()) <= indent_of(text, key))
}

/// The further lines of a value behind another indentation; none where one of them has less than the old one.
fn shifted(value: &str, old: usize, new: usize) -> Option<String> {
    let mut lines = value.split('\n');
    let mut all = lines.next().unwrap_or_default().to_string();
    for line in lines {
        all.push('\n');
        let rest = match line.trim().is_empty() {
            true => line,
            false => line.get(old..).filter(|_| line.bytes().take(old).all(|byte| byte == b' '))?,
        };
        if !line.trim().is_empty() {
            all.push_str(&" ".repeat(new));
        }
        all.push_str(rest);
    }
    Some(all)
}
