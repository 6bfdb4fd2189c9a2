//! Where secrets stand in a text that is none itself: in URLs, in lists of assignments, in lines that were indented by mistake.

use std::ops::Range;

use super::names::{is_secret, says_secret};
use crate::catalog;

/// Where secrets stand in a text that is none itself, in order: see [`url_credentials`] and [`assigned`].
pub(super) fn credentials(text: &[u8]) -> Vec<Range<usize>> {
    credentials_of_line(text, 0, &mut |key| is_secret(&String::from_utf8_lossy(key)))
}

/// Only those that are no guess: what stands in URLs, behind `password=`, and in lines that were indented by mistake.
pub(super) fn certain_credentials(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = url_credentials(text);
    let mut at = 0;
    for (nth, line) in text.split(|&byte| byte == b'\n').enumerate() {
        if let Some(sign) = memchr::memchr2(b'=', b':', line).filter(|_| nth > 0) {
            let key = String::from_utf8_lossy(&line[..sign]).trim().to_ascii_lowercase().replace('-', "_");
            if catalog::is_secret_name(&key) {
                found.push(at + sign + 1..at + line.len());
            }
        }
        at += line.len() + 1;
    }
    // Searching for words costs more than seeing that there are none.
    let words: &[&[u8]] =
        if memchr::memchr(b'=', text).is_some() { &[b"password=", b"passwd=", b"pass="] } else { &[] };
    for word in words {
        for start in memchr::memmem::find_iter(text, word).map(|at| at + word.len()) {
            let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b',' | b'&');
            let end = text[start..].iter().position(ends).map_or(text.len(), |length| start + length);
            found.push(start..end);
        }
    }
    joined(found)
}

/// Where secrets stand in a line whose value starts at `from`.
pub(super) fn credentials_of_line<'t>(
    line: &'t [u8],
    from: usize,
    is_secret: &mut dyn FnMut(&'t [u8]) -> bool,
) -> Vec<Range<usize>> {
    let mut found = url_credentials(line);
    let value = line.get(from..).unwrap_or_default();
    if memchr::memchr2(b'=', b':', value).is_none() {
        return found;
    }
    let of_value = assigned(value, is_secret);
    found.extend(of_value.into_iter().map(|range| range.start + from..range.end + from));
    joined(found)
}

/// Ranges in order, those that overlap as one.
fn joined(mut found: Vec<Range<usize>>) -> Vec<Range<usize>> {
    found.retain(|range| !range.is_empty());
    found.sort_unstable_by_key(|range| range.start);
    found.dedup_by(|later, earlier| {
        let overlaps = later.start <= earlier.end;
        if overlaps {
            earlier.end = earlier.end.max(later.end);
        }
        overlaps
    });
    found
}

/// Where passwords stand in the URLs of a text: behind `//user:` and in front of the last `@`. Without a user, all
/// that stands in front of the `@`.
pub(super) fn url_credentials(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if memchr::memchr(b'/', text).is_none() {
        return found;
    }
    let mut at = 0;
    while let Some(slashes) = memchr::memmem::find(&text[at..], b"//") {
        let from = at + slashes + 2;
        let end = text[from..].iter().position(u8::is_ascii_whitespace).map_or(text.len(), |length| from + length);
        at = end;
        let Some(sign) = memchr::memrchr(b'@', &text[from..end]) else { continue };
        let sign = from + sign;
        let start = match memchr::memchr2(b':', b'@', &text[from..sign]) {
            Some(colon) if text[from + colon] == b':' => from + colon + 1,
            _ => from,
        };
        if start < sign {
            found.push(start..sign);
        }
    }
    found
}

/// Where secrets stand in lists such as `username=u,password=…`: mount options, parameters of URLs.
fn assigned<'t>(text: &'t [u8], is_secret: &mut dyn FnMut(&'t [u8]) -> bool) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split(|&byte| byte == b'\n') {
        // An option that was indented by mistake is a line of the value before it.
        if let Some(value) = secret_in_line(line, is_secret) {
            found.push(at + value..at + line.len());
        }
        at += line.len() + 1;
    }
    at = 0;
    for sign in memchr::memchr_iter(b'=', text) {
        let word = text[at..sign].iter().rposition(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')));
        let word = &text[word.map_or(at, |before| at + before + 1)..sign];
        at = sign + 1;
        if word.len() <= 64 && says_secret(&String::from_utf8_lossy(word).to_ascii_lowercase()) {
            let value = &text[at..];
            let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b',' | b'&');
            let end = value.iter().position(ends).map_or(text.len(), |length| at + length);
            if at < end {
                found.push(at..end);
            }
        }
    }
    found
}

/// Where the value starts in a line that assigns a secret: indented, or commented out.
fn secret_in_line<'t>(line: &'t [u8], is_secret: &mut dyn FnMut(&'t [u8]) -> bool) -> Option<usize> {
    let sign = memchr::memchr2(b'=', b':', line)?;
    let from = line.iter().position(|b| !matches!(b, b'#' | b';') && !b.is_ascii_whitespace())?;
    let key = line.get(from..sign).filter(|key| key.len() <= 100)?;
    let words = key.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count();
    (words <= 5 && is_secret(key.trim_ascii())).then_some(sign + 1)
}
