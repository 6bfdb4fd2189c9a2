//! Where secrets stand in a text that is none itself: in URLs, in lists of assignments, in lines that were indented by mistake.

use std::ops::Range;

use super::{
    lists::{assigned, in_prose, in_shares, named_in_lists},
    names::{is_secret, word_says_secret},
    urls::url_credentials,
};
use crate::catalog;

/// Where secrets stand in a text that is none itself, in order: see [`url_credentials`] and [`assigned`].
pub(super) fn credentials(text: &[u8]) -> Vec<Range<usize>> {
    credentials_of_line(text, 0, &mut |key| is_secret(&String::from_utf8_lossy(key)))
}

/// What `find` finds in a value, seen with the end of its key where that is a part of a line whose `=` was forgotten: of
/// `nas_host u:password@h` the key is `nas_host u`.
pub(super) fn with_key(key: &str, value: &str, find: fn(&[u8]) -> Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut found = find(value.as_bytes());
    if let Some((_, word)) = key.rsplit_once(char::is_whitespace).filter(|(_, word)| word.len() <= 1000) {
        let behind = word.len() + 1;
        for sign in ["=", ":"] {
            let joint = [word, sign, value].concat();
            let inside = find(joint.as_bytes()).into_iter().filter(|range| range.end > behind);
            found.extend(inside.map(|range| range.start.max(behind) - behind..range.end - behind));
        }
        found = joined(found);
    }
    found
}

/// The same, and what a sentence says of a secret: in texts of a file, not in our own.
pub(super) fn credentials_and_prose(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = credentials(text);
    found.extend(in_prose(text, &mut word_says_secret));
    joined(found)
}

/// Those of a text whose shape is kept: what stands in URLs, behind names in lists, and in lines of known options that were indented by mistake.
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
    found.extend(in_shares(text));
    named_in_lists(text, &mut word_says_secret, &mut found);
    joined(found)
}

/// Where secrets stand in a line whose value starts at `from`.
pub(super) fn credentials_of_line<'t>(
    line: &'t [u8],
    from: usize,
    is_secret: &mut dyn FnMut(&'t [u8]) -> bool,
) -> Vec<Range<usize>> {
    let value = line.get(from..).unwrap_or_default();
    // Most lines have none of the signs that stand beside a name, a port or a password.
    if memchr::memchr(b'@', line).is_none() && memchr::memchr3(b'=', b':', b'%', value).is_none() {
        return Vec::new();
    }
    let mut found = url_credentials(line);
    let of_value = assigned(value, is_secret).into_iter().chain(in_shares(value));
    found.extend(of_value.map(|range| range.start + from..range.end + from));
    joined(found)
}

/// Ranges in order, those that overlap as one.
pub(super) fn joined(mut found: Vec<Range<usize>>) -> Vec<Range<usize>> {
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
