//! Python's idea of white space, on UTF-8 bytes.

/// Whether `str.strip()` removes this character.
///
/// Python counts the separators U+001C to U+001F as blank; Rust does not.
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// What a byte of ASCII says of it; none for a part of another character.
#[inline]
fn is_ascii_space(byte: u8) -> Option<bool> {
    match byte {
        b'\t'..=b'\r' | 0x1c..=b' ' => Some(true),
        0x80.. => None,
        _ => Some(false),
    }
}

/// Length in bytes of `text` without the blanks at its end (`str.rstrip()`).
#[inline]
pub fn rstrip(text: &[u8]) -> usize {
    let mut end = text.len();
    while let Some(&last) = text[..end].last() {
        let width = match is_ascii_space(last) {
            Some(blank) => usize::from(blank),
            None => last_char(&text[..end]).filter(|c| is_space(*c)).map_or(0, char::len_utf8),
        };
        if width == 0 {
            break;
        }
        end -= width;
    }
    end
}

/// Number of bytes of blanks at the start of `text` (`str.lstrip()`).
#[inline]
pub fn lstrip(text: &[u8]) -> usize {
    let mut start = 0;
    while let Some(&first) = text.get(start) {
        let width = match is_ascii_space(first) {
            Some(blank) => usize::from(blank),
            None => first_char(&text[start..]).filter(|c| is_space(*c)).map_or(0, char::len_utf8),
        };
        if width == 0 {
            break;
        }
        start += width;
    }
    start
}

/// The first character, where it may be a blank: none of those takes four bytes.
fn first_char(text: &[u8]) -> Option<char> {
    let width = match text.first()? {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => return None,
    };
    std::str::from_utf8(text.get(..width)?).ok()?.chars().next()
}

fn last_char(text: &[u8]) -> Option<char> {
    let start = (1..=4).find_map(|back| {
        let at = text.len().checked_sub(back)?;
        (text[at] & 0xc0 != 0x80).then_some(at)
    })?;
    std::str::from_utf8(&text[start..]).ok()?.chars().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_what_python_strips() {
        for blank in ["\t", "\u{b}", "\u{c}", "\u{1c}", "\u{1f}", " ", "\u{85}", "\u{a0}", "\u{3000}", "\u{2028}"] {
            let text = format!("{blank}x{blank}");
            assert_eq!(lstrip(text.as_bytes()), blank.len(), "{blank:?}");
            assert_eq!(rstrip(text.as_bytes()), text.len() - blank.len(), "{blank:?}");
        }
        for not_blank in ["\u{feff}", "\u{200b}", "\u{0}", "\u{1b}"] {
            assert_eq!(lstrip(not_blank.as_bytes()), 0, "{not_blank:?}");
            assert_eq!(rstrip(not_blank.as_bytes()), not_blank.len(), "{not_blank:?}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_not_blank() {
        assert_eq!(rstrip(b"a\x85"), 2);
        assert_eq!(lstrip(b"\xa0a"), 0);
        assert_eq!(rstrip(b"\x80\x80\x80\x80\x80"), 5);
    }
}
