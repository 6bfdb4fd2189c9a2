//! Where secrets stand in a file that holds configuration inside of something else.

use std::ops::Range;

use foldhash::{HashMap, HashSet};

use super::{
    credentials::joined,
    lists::{in_prose, in_shares, named_in_lists},
    names::{is_secret, snake, word_says_secret},
    urls::url_credentials,
};
use crate::ini::Span;

/// Every stretch that may not be shown of a file that holds configuration as YAML, JSON, or `key=value` inside of something else: what stands behind
/// a secret's name, in its line and in the deeper ones below it, and credentials in URLs.
pub fn secret_spans_of_yaml(text: &[u8]) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut memo: HashMap<&[u8], bool> = HashMap::default();
    // The indentation of the key whose value goes on.
    let mut open: Option<usize> = None;
    let mut start = 0;
    while start < text.len() {
        let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |at| start + at + 1);
        let line = &text[start..end];
        let indent = line.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        let body = line[indent..].trim_ascii_end();
        if open.is_some_and(|open| indent > open || body.is_empty()) {
            spans.push(Span::new((start + indent) as u32, (start + indent + body.len()) as u32));
        } else {
            open = None;
            let mut loose = url_credentials(line);
            loose.extend(in_shares(line));
            named_in_lists(line, &mut |_| false, &mut loose);
            // `# the password is …`; what stands before it is a value.
            let from = memchr::memchr(b'#', line).unwrap_or(line.len());
            loose.extend(
                in_prose(&line[from..], &mut word_says_secret)
                    .into_iter()
                    .map(|range| range.start + from..range.end + from),
            );
            for found in joined(loose) {
                spans.push(Span::new((start + found.start) as u32, (start + found.end) as u32));
            }
            for (value, whole) in assigned_in_yaml(line, &mut memo) {
                spans.push(Span::new((start + value.start) as u32, (start + value.end) as u32));
                if whole {
                    // `- key: |` is as deep as its key.
                    let dashes = body.iter().take_while(|b| matches!(b, b'-' | b' ')).count();
                    open = Some(indent + dashes);
                }
            }
        }
        start = end;
    }
    let of_anchors = behind_anchors(text, &spans);
    spans.extend(of_anchors);
    spans
}

/// What stands behind an anchor that is used where a secret stands: `x: &pw hunter2`, `password: *pw`.
fn behind_anchors(text: &[u8], spans: &[Span]) -> Vec<Span> {
    let mut found = Vec::new();
    if memchr::memchr(b'&', text).is_none() {
        return found;
    }
    let is_letter = |b: &u8| !b.is_ascii_whitespace() && !matches!(b, b',' | b'[' | b']' | b'{' | b'}');
    let name = |from: &[u8]| from.iter().take_while(|b| is_letter(b)).count();
    let mut names: HashSet<&[u8]> = HashSet::default();
    for span in spans {
        let value = span.of(text);
        for star in memchr::memchr_iter(b'*', value) {
            let rest = &value[star + 1..];
            names.insert(&rest[..name(rest)]);
        }
    }
    names.remove(&b""[..]);
    if names.is_empty() {
        return found;
    }
    // The indentation of the line whose value goes on.
    let mut open: Option<usize> = None;
    let mut start = 0;
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let indent = line.iter().take_while(|b| **b == b' ').count();
        let end = start + line.trim_ascii_end().len();
        if open.is_some_and(|open| indent > open || start >= end) {
            found.push(Span::new((start + indent).min(end) as u32, end as u32));
        } else {
            open = None;
            for sign in memchr::memchr_iter(b'&', line) {
                let rest = &line[sign + 1..];
                let length = name(rest);
                if names.contains(&rest[..length]) {
                    found.push(Span::new((start + sign + 1 + length).min(end) as u32, end as u32));
                    open = Some(indent);
                    break;
                }
            }
        }
        start += line.len();
    }
    found
}

/// Where secrets stand in a line: behind `name:` or `name=`, up to the end of the line or of the quotes; and whether the
/// value may go on in the next lines.
fn assigned_in_yaml<'t>(line: &'t [u8], memo: &mut HashMap<&'t [u8], bool>) -> Vec<(Range<usize>, bool)> {
    let mut found: Vec<(Range<usize>, bool)> = Vec::new();
    let quote = |b: &u8| matches!(b, b'"' | b'\'' | b'\\');
    let letter = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/');
    for sign in memchr::memchr2_iter(b':', b'=', line) {
        if found.last().is_some_and(|(last, _)| sign < last.end) {
            continue;
        }
        let before = line[..sign].trim_ascii_end();
        let quotes = before.iter().rev().take_while(|b| quote(b)).count();
        let before = &before[..before.len() - quotes];
        let from = before.iter().rposition(|b| !letter(b)).map_or(0, |at| at + 1);
        // `[section]/option`, `section.option`, and the words of a JSON text whose line breaks are written `\n`.
        let word = &before[from..];
        let word = if from > 0 && line[from - 1] == b'\\' { word.get(1..).unwrap_or_default() } else { word };
        let word = word.rsplit(|b| matches!(b, b'/' | b'.')).next().unwrap_or_default();
        if word.is_empty() || word.len() > 100 {
            continue;
        }
        if !*memo.entry(word).or_insert_with(|| is_secret(&snake(&String::from_utf8_lossy(word)))) {
            continue;
        }
        let value = sign + 1 + line[sign + 1..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        let rest = line[value..].trim_ascii_end();
        let escaped = memchr::memmem::find(rest, b"\\n").filter(|_| quotes == 0 || rest.starts_with(b"\\"));
        let closing = rest.iter().copied().next().filter(|b| matches!(b, b'"' | b'\''));
        let quoted = closing.and_then(|q| memchr::memchr(q, &rest[1..]).map(|at| at + 2));
        // Behind the closing quote of `{"password": "x", "user": "y"}` there may be more.
        let length = match (escaped, quoted) {
            (Some(length), _) => length,
            (None, Some(length))
                if rest[length..].iter().all(|b| matches!(b, b',' | b'}' | b']' | b' ')) || quotes > 0 =>
            {
                length
            }
            _ => rest.len(),
        };
        found.push((value..value + length, length == rest.len()));
    }
    found
}
