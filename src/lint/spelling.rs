//! Assignments in helps, as the file writes them: `option = value`, in YAML maps `option: value`.

use std::borrow::Cow;

use crate::source::{File, Part, Place};

/// Whether an option is a key of a YAML map, under its own name, where a place is.
pub(super) fn is_mapping(file: &File, place: Place) -> bool {
    let Part::Piece(_, map) = &file.part else { return false };
    let before = file.text.get(..place.span.start as usize).unwrap_or_default();
    let line = memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
    let name = line + usize::from(file.text.get(line) == Some(&b'['));
    let at = map.segments().partition_point(|segment| (segment.piece.start as usize) < name);
    map.is_of_words() && map.segments().get(at).is_some_and(|one| one.exact && one.piece.start as usize == name)
}

/// A help with each quoted `option = value` as `option: value`.
pub(super) fn as_mapping(help: &str) -> String {
    let mut quoted = true;
    let parts = help.split('`').map(|part| {
        quoted = !quoted;
        match part.split_once(" = ") {
            Some((option, value)) if quoted && is_name(option) => Cow::Owned(format!("{option}: {}", scalar(value))),
            _ => Cow::Borrowed(part),
        }
    });
    parts.collect::<Vec<_>>().join("`")
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A value as YAML takes it: in quotes where it would be something else than text, or end early.
fn scalar(value: &str) -> Cow<'_, str> {
    let is_special = value.starts_with(['{', '[', '*', '&', '!', '%', '@', '"', '\'', '|', '>', '#', '?', '-', ':'])
        || [": ", " #"].iter().any(|sign| value.contains(sign))
        || value.ends_with(':');
    if is_special { Cow::Owned(format!("'{}'", value.replace('\'', "''"))) } else { Cow::Borrowed(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_assignments_become_entries() {
        for (help, said) in [
            ("write `a = 1` or `b`", "write `a: 1` or `b`"),
            ("`a = 1`; `x y = z`; c = 2", "`a: 1`; `x y = z`; c = 2"),
            ("`a = {b: c}`, `d = it's: x`", "`a: '{b: c}'`, `d: 'it''s: x'`"),
        ] {
            assert_eq!(as_mapping(help), said);
        }
    }
}
