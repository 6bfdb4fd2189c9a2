//! Lines of YAML maps that somebody has begun: they are no YAML yet, or not yet an option. What may come there is asked of the text
//! as it would be with the line finished.

/// A name that nothing has.
const NAME: &str = "_";

/// The text with the line that ends at the cursor finished: as a value, as an option, as a section. It stays the same up to the cursor.
pub(super) fn texts(text: &str, cursor: usize) -> Vec<String> {
    let Some((before, after)) = text.split_at_checked(cursor) else { return Vec::new() };
    let rest = after.split(['\n', '\r']).next().unwrap_or_default();
    let line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
    let begun = line.trim_start_matches(' ');
    if !rest.trim().is_empty() || begun.len() == line.len() {
        return Vec::new();
    }
    let is_name = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    let ends: Vec<String> = match begun.split_once(": ") {
        Some((name, value)) if is_name(name) && !value.contains(['#', '"', '\'', '{', '[', '|', '>']) => {
            vec![NAME.into()]
        }
        None if is_name(begun) => vec![format!("{NAME}: {NAME}"), format!("{NAME}: {{{NAME}: {NAME}}}")],
        _ => Vec::new(),
    };
    ends.into_iter().map(|end| [before, &end, after].concat()).collect()
}

#[cfg(test)]
mod tests {
    use super::texts;

    #[test]
    fn only_a_name_or_a_plain_value_is_finished() {
        let at_end = |text: &str| texts(text, text.len());
        assert_eq!(at_end("a:\n  rbd"), ["a:\n  rbd_: _", "a:\n  rbd_: {_: _}"]);
        assert_eq!(at_end("a:\n  "), ["a:\n  _: _", "a:\n  _: {_: _}"]);
        assert_eq!(at_end("a:\n  b: c"), ["a:\n  b: c_"]);
        for text in ["a", "", "a:\n  - b c", "a:\n  b: {c", "a:\n  b: |", "a:\n  # b", "a:\n  b:"] {
            assert!(at_end(text).is_empty(), "{text}");
        }
        assert!(texts("a:\n  rbd pool", 8).is_empty());
        assert_eq!(texts("a:\n  rbd\nb: c\n", 8), ["a:\n  rbd_: _\nb: c\n", "a:\n  rbd_: {_: _}\nb: c\n"]);
    }
}
