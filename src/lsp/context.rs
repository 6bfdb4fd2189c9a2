//! What somebody is about to write: read off the line up to the cursor, since half a line is nothing to the reader.

use super::cursor::Cursor;
use crate::ini::Span;

/// What is being written, with the bytes that it replaces.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Writing {
    /// The name of a section, behind `[`.
    Section(Span),
    /// The name of an option.
    Key(Span),
    /// A value of this option.
    Value(String, Span),
    /// A reference behind `$`.
    Reference(Span),
    /// A rule in `# cinderlint: ignore[`.
    Rule(Span),
    /// The directive itself, in a comment.
    Directive(Span),
}

/// What is written at the cursor.
pub(super) fn of(cursor: &Cursor<'_>) -> Option<Writing> {
    let text = cursor.text().get(..cursor.offset as usize)?;
    let start = memchr::memrchr2(b'\n', b'\r', text).map_or(0, |at| at + 1);
    let line = std::str::from_utf8(&text[start..]).ok()?;
    let at = |offset: usize| Span::new((start + offset) as u32, cursor.offset);
    if let Some(comment) = line.strip_prefix(['#', ';']) {
        return of_comment(comment, at(1));
    }
    if line.starts_with('[') {
        return (!line.contains(']')).then(|| Writing::Section(at(1)));
    }
    let (key, value_from) = match line.find(['=', ':']) {
        // An indented line goes on with the value above it.
        _ if line.starts_with([' ', '\t']) => (last_key(cursor)?, 0),
        Some(sign) => (line[..sign].trim().to_string(), sign + 1),
        None => return Some(Writing::Key(at(0))),
    };
    let value = &line[value_from..];
    // Only the item of a list that is being written.
    let item = value.rfind([',', ' ', '\t']).map_or(0, |before| before + 1);
    let dollar = value[item..].rfind('$').map(|dollar| item + dollar + 1);
    if let Some(dollar) = dollar {
        let brace = usize::from(value[dollar..].starts_with('{'));
        return Some(Writing::Reference(at(value_from + dollar + brace)));
    }
    Some(Writing::Value(key, at(value_from + item)))
}

fn last_key(cursor: &Cursor<'_>) -> Option<String> {
    let options = &cursor.analysis.workspace.files.get(cursor.file).document.options;
    let behind = options.partition_point(|option| option.key.start < cursor.offset);
    Some(cursor.word(options.get(behind.checked_sub(1)?)?.key))
}

fn of_comment(comment: &str, behind_mark: Span) -> Option<Writing> {
    let blanks = (comment.len() - comment.trim_start().len()) as u32;
    let word = comment.trim_start();
    if let Some(list) = word.rfind("ignore").and_then(|at| word[at..].find('[').map(|bracket| at + bracket + 1)) {
        if word[list..].contains(']') {
            return None;
        }
        let item = word[list..].rfind([',', ' ']).map_or(list, |before| list + before + 1) as u32;
        return Some(Writing::Rule(Span::new(behind_mark.start + blanks + item, behind_mark.end)));
    }
    "cinderlint: ignore["
        .starts_with(word)
        .then(|| Writing::Directive(Span::new(behind_mark.start + blanks, behind_mark.end)))
}
