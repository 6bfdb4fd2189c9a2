//! How Python strips, shows and formats values in its messages.

use std::fmt::{self, Write};

use crate::ini::python::is_space;

/// `str.strip()`.
pub(super) fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// `repr()` of a string.
pub(super) struct Repr<'a>(pub(super) &'a str);

impl fmt::Display for Repr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quote = if self.0.contains('\'') && !self.0.contains('"') { '"' } else { '\'' };
        f.write_char(quote)?;
        for c in self.0.chars() {
            match c {
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                '\\' => f.write_str("\\\\")?,
                _ if c == quote => write!(f, "\\{c}")?,
                ' '..='~' => f.write_char(c)?,
                _ if is_printable(c) => f.write_char(c)?,
                _ => match u32::from(c) {
                    code @ ..=0xff => write!(f, "\\x{code:02x}")?,
                    code @ ..=0xffff => write!(f, "\\u{code:04x}")?,
                    code => write!(f, "\\U{code:08x}")?,
                },
            }
        }
        f.write_char(quote)
    }
}

/// `str.isprintable()`. `escape_debug` rests on the same Unicode categories, but also escapes a combining character where
/// it comes first.
fn is_printable(c: char) -> bool {
    let mut buffer = [b'a'; 5];
    c.encode_utf8(&mut buffer[1..]);
    let text = std::str::from_utf8(&buffer[..=c.len_utf8()]).unwrap_or_default();
    !text.escape_debug().any(|c| c == '\\')
}

/// `format(value, 'g')`.
pub(super) fn general(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "nan"
        } else if value > 0.0 {
            "inf"
        } else {
            "-inf"
        }
        .to_owned();
    }
    let scientific = format!("{value:.5e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let short = |digits: &str| match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => digits.to_owned(),
    };
    if (-4..6).contains(&exponent) {
        short(&format!("{value:.*}", usize::try_from(5 - exponent).unwrap_or_default()))
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}e{sign}{:02}", short(digits), exponent.abs())
    }
}

/// The zeros of Unicode 14's decimal digits beyond ASCII; each starts a run of ten.
const ZEROS: [u32; 65] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
    0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0,
    0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0,
    0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0,
    0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];

/// The value of a decimal digit of any script.
pub(super) fn digit(c: char) -> Option<u8> {
    if c.is_ascii() {
        return c.to_digit(10).and_then(|value| u8::try_from(value).ok());
    }
    let code = u32::from(c);
    let zero = ZEROS[..ZEROS.partition_point(|&zero| zero <= code)].last()?;
    u8::try_from(code - zero).ok().filter(|&value| value < 10)
}

/// What `int()` and `float()` see of a text: digits of other scripts become ASCII, blanks around it go.
/// `None` where no number can come of it.
pub(super) fn ascii_number(text: &str) -> Option<String> {
    // U+001C to U+001F are blank to `strip`, not to `int`.
    let is_blank = |c: char| matches!(c, ' ' | '\t'..='\r') || (!c.is_ascii() && is_space(c));
    let ascii = |c: char| if c.is_ascii() { Some(c) } else { digit(c).map(|value| char::from(b'0' + value)) };
    text.trim_matches(is_blank).chars().map(ascii).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_like_g() {
        for (value, shown) in [
            (0.0, "0"),
            (1.0, "1"),
            (65535.0, "65535"),
            (1e6, "1e+06"),
            (1_234_567.0, "1.23457e+06"),
            (0.0001, "0.0001"),
            (0.000_012_345_678, "1.23457e-05"),
            (999_999.5, "1e+06"),
            (100_000.0, "100000"),
            (-2.5, "-2.5"),
            (1e100, "1e+100"),
            (f64::INFINITY, "inf"),
            (f64::NAN, "nan"),
        ] {
            assert_eq!(general(value), shown);
        }
    }

    #[test]
    fn shows_like_repr() {
        for (text, shown) in [
            ("a", "'a'"),
            ("it's", "\"it's\""),
            ("it's \"x\"", "'it\\'s \"x\"'"),
            ("\t\u{1b}\\", "'\\t\\x1b\\\\'"),
            ("\u{a0}\u{ad}\u{e9}\u{301}", "'\\xa0\\xad\u{e9}\u{301}'"),
            ("\u{202e}\u{e0001}\u{1f600}", "'\\u202e\\U000e0001\u{1f600}'"),
        ] {
            assert_eq!(Repr(text).to_string(), shown);
        }
    }
}
