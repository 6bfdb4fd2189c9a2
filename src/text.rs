//! Small helpers for texts that a person reads.

use std::{borrow::Cow, io};

/// `1 file`, `2 files`.
pub(crate) fn counted(count: u64, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

/// A name of a section or an option, which is short; what is longer than any name is told by its start. None of that is a value: it ends in
/// front of all that could be one.
pub(crate) fn short_name(name: &str) -> Cow<'_, str> {
    const LONGEST: usize = 255;
    const KEPT: usize = 40;
    if name.len() <= LONGEST {
        return Cow::Borrowed(name);
    }
    let letters = name.bytes().take(KEPT).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    let kept = letters.count();
    Cow::Owned(format!("{}… ({} bytes)", &name[..kept], name.len()))
}

/// What is printed is a single line: a value that goes on over several lines shows its breaks as `⏎`, and nothing in it
/// can steer a terminal.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    // Nearly all texts are of plain characters, which are told faster as bytes, and many at once.
    let are_plain = |bytes: &[u8]| bytes.iter().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'));
    let is_plain = text.as_bytes().chunks(32).all(are_plain);
    if !is_plain && text.chars().any(is_unprintable) {
        text.chars()
            .map(|c| {
                if c == '\n' {
                    '⏎'
                } else if is_unprintable(c) {
                    '\u{fffd}'
                } else {
                    c
                }
            })
            .collect()
    } else {
        Cow::Borrowed(text)
    }
}

/// Control characters, those that end a line, and those that turn the direction of writing.
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}')
}

/// Without Rust's ` (os error 2)`.
pub(crate) fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(at) => text[..at].to_string(),
        None => text,
    }
}

/// `2024-05-03`, of seconds since 1970 (proleptic Gregorian calendar; days since 0000-03-01 by eras of 400 years).
pub(crate) fn date(seconds: i64) -> String {
    let days = seconds.div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}
