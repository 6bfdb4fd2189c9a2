//! What must never leave a linted file, and how it is covered.
//!
//! Whatever is printed of a file goes through here: values by [`cover_value`], lines of source by [`secret_spans`].

use std::{borrow::Cow, ops::Range, sync::OnceLock};

use foldhash::HashMap;

use crate::{
    catalog,
    ini::{self, Piece, Span},
};

/// What stands for a secret in messages.
pub const COVER: &str = "***";

/// Whether the value of an option of this name is a secret: Cinder marks it so in some release, or it is unknown and
/// its name says so.
pub fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase().replace('-', "_");
    if catalog::is_secret_name(&key) {
        return true;
    }
    if catalog::options_named(&key).next().is_some() {
        // `ssh_hosts_key_file` and `allow_expired_token` speak of a secret and hold none.
        return false;
    }
    let first = key.split_whitespace().next().unwrap_or_default();
    says_secret(&key) || first.len() < key.len() && is_secret(first) || resembles_secret(&key)
}

/// Whether a name speaks of a secret.
fn says_secret(key: &str) -> bool {
    const SAYS: [&str; 7] = ["password", "passwd", "passphrase", "secret", "token", "pwd", "credential"];
    if SAYS.iter().any(|says| key.contains(says)) {
        return true;
    }
    let mut words = key.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).peekable();
    let mut first = true;
    while let Some(word) = words.next() {
        let key_of_something =
            matches!(word, "key" | "apikey" | "keys") && (!first || words.peek().is_some() || word == "apikey");
        if key_of_something || word == "pass" {
            return true;
        }
        first = false;
    }
    false
}

/// Whether an unknown name is a slip of the pen away from a secret option's.
fn resembles_secret(key: &str) -> bool {
    // Shorter names are a letter away from too many words.
    const SHORTEST: usize = 8;
    // By their lengths.
    static LETTERS: OnceLock<Vec<Vec<String>>> = OnceLock::new();
    let letters = |name: &str| name.replace(|c: char| c == '_' || c.is_whitespace(), "");
    let names = LETTERS.get_or_init(|| {
        let mut names = Vec::new();
        for name in catalog::secret_names().map(letters).filter(|name| name.len() >= SHORTEST) {
            if names.len() <= name.len() {
                names.resize(name.len() + 1, Vec::new());
            }
            names[name.len()].push(name);
        }
        names
    });
    let key = letters(key);
    let near = key.len().saturating_sub(1)..key.len().saturating_add(2).min(names.len());
    names.get(near).into_iter().flatten().flatten().any(|name| is_one_slip(name.as_bytes(), key.as_bytes()))
}

/// Whether at most one letter is missing, too many, wrong, or swapped with the next.
fn is_one_slip(a: &[u8], b: &[u8]) -> bool {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    match (&a[same..], &b[same..]) {
        ([], rest) | (rest, []) => rest.len() <= 1,
        ([x, y, a @ ..], [v, w, b @ ..]) if (x, y) == (w, v) && a == b => true,
        (a, b) => a[1..] == b[1..] || a[1..] == *b || *a == b[1..],
    }
}

/// A value as it may be shown: a secret becomes [`COVER`], credentials in URLs become [`COVER`].
pub fn cover_value<'v>(key: &str, value: &'v str) -> Cow<'v, str> {
    if !value.is_empty() && is_secret(key) {
        return Cow::Borrowed(COVER);
    }
    cover_urls(value)
}

/// A text as it may be shown: credentials in URLs and mount options become [`COVER`].
pub fn cover_urls(text: &str) -> Cow<'_, str> {
    let spans = credentials(text.as_bytes());
    if spans.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut covered = String::with_capacity(text.len());
    let mut at = 0;
    for span in spans {
        covered.push_str(&text[at..span.start]);
        covered.push_str(COVER);
        at = span.end;
    }
    covered.push_str(&text[at..]);
    Cow::Owned(covered)
}

/// A key as it may be shown. A key with a blank in it may hold a value whose `=` was forgotten.
pub fn cover_key(key: &str) -> Cow<'_, str> {
    match key.split_once(char::is_whitespace) {
        Some((first, _)) if is_secret(key) => Cow::Owned(format!("{first} {COVER}")),
        _ => cover_urls(key),
    }
}

/// The name of a section as it may be shown. `[password = …` with its bracket forgotten may hold a value.
pub fn cover_section(name: &str) -> Cow<'_, str> {
    match secret_in_section(name) {
        Some(at) => Cow::Owned(format!("{} {COVER}", &name[..at])),
        None => cover_urls(name),
    }
}

/// Where a section's name stops being one.
fn secret_in_section(name: &str) -> Option<usize> {
    let at = name.find(|c: char| matches!(c, '=' | ':') || c.is_ascii_whitespace())?;
    is_secret(&name[..at]).then_some(at)
}

/// The name of a section with its shape kept.
pub fn shape_of_section(name: &str) -> Cow<'_, str> {
    match secret_in_section(name) {
        Some(at) => Cow::Owned(format!("{}{}", &name[..at], "x".repeat(name[at..].chars().count()))),
        None => shape_of_value("", name),
    }
}

/// The key with its shape kept: behind the first word of a key that may hold a secret every character becomes `x`.
pub fn shape_of_key(key: &str) -> Cow<'_, str> {
    match key.find(char::is_whitespace) {
        Some(at) if is_secret(key) => Cow::Owned(format!("{}{}", &key[..at], "x".repeat(key[at..].chars().count()))),
        _ => shape_of_value("", key),
    }
}

/// The value with its shape kept: every character of a secret becomes `x`, line breaks stay.
pub fn shape_of_value<'v>(key: &str, value: &'v str) -> Cow<'v, str> {
    let hide = |text: &str| text.chars().map(|c| if c == '\n' { c } else { 'x' }).collect::<String>();
    if is_secret(key) {
        return Cow::Owned(hide(value));
    }
    let spans = certain_credentials(value.as_bytes());
    if spans.is_empty() {
        return Cow::Borrowed(value);
    }
    let mut shape = String::with_capacity(value.len());
    let mut at = 0;
    for span in spans {
        shape.push_str(&value[at..span.start]);
        shape.push_str(&hide(&value[span.clone()]));
        at = span.end;
    }
    shape.push_str(&value[at..]);
    Cow::Owned(shape)
}

/// Where secrets stand in a text that is none itself, in order: see [`url_credentials`] and [`assigned`].
fn credentials(text: &[u8]) -> Vec<Range<usize>> {
    credentials_of_line(text, 0, &mut |key| is_secret(&String::from_utf8_lossy(key)))
}

/// Only those that are no guess: what stands in URLs, behind `password=`, and in lines that were indented by mistake.
fn certain_credentials(text: &[u8]) -> Vec<Range<usize>> {
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

/// The same for a line whose value starts at `from`.
fn credentials_of_line<'t>(
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
fn url_credentials(text: &[u8]) -> Vec<Range<usize>> {
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

/// Every stretch of a file that may not be shown, in order: values of secrets (all their lines), credentials in URLs,
/// the same in comments, and the text of broken lines that may hold a secret.
pub fn secret_spans(text: &[u8]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut memo: HashMap<&[u8], bool> = HashMap::default();
    let mut is_secret_key =
        |key| -> bool { *memo.entry(key).or_insert_with(|| is_secret(&String::from_utf8_lossy(key))) };
    let mut open_secret = false;
    for line in ini::lines(text) {
        let whole = Span::new(line.span.start, line.text_end);
        let mut hidden = None;
        match line.piece {
            Piece::Option { key, raw, .. } => {
                open_secret = is_secret_key(key.of(text));
                if open_secret {
                    let blank = key.of(text).iter().position(u8::is_ascii_whitespace);
                    hidden = Some(blank.map_or(raw, |at| Span::new(key.start + at as u32, raw.end)));
                }
            }
            Piece::Continuation { value } if open_secret => hidden = Some(value),
            // `password hunter2`, or the value of a password on a line of its own.
            Piece::Invalid => {
                let line_text = String::from_utf8_lossy(whole.of(text));
                let word = line_text.trim_start_matches(|c: char| !c.is_alphanumeric()).split_whitespace().next();
                let says = word.is_some_and(is_secret) || says_secret(&line_text.to_ascii_lowercase());
                let keyless = matches!(line.error, Some(ini::ErrorKind::EmptyKey | ini::ErrorKind::Continuation));
                if says || open_secret || keyless {
                    let word =
                        whole.of(text).iter().position(|b| matches!(b, b' ' | b'\t')).filter(|&at| says && at > 0);
                    hidden = Some(word.map_or(whole, |at| Span::new(whole.start + at as u32, whole.end)));
                }
            }
            Piece::Section { name } => {
                let key = name.of(text).iter().position(|b| matches!(b, b'=' | b':') || b.is_ascii_whitespace());
                if let Some(key) = key
                    && is_secret_key(&name.of(text)[..key])
                {
                    hidden = Some(Span::new(name.start + key as u32, whole.end));
                }
            }
            _ => {}
        }
        match hidden {
            Some(span) if !span.is_empty() => spans.push(span),
            _ => {
                let from = match line.piece {
                    // Known names such as `ssh_hosts_key_file` speak of secrets and hold none.
                    Piece::Option { separator, .. } => separator + 1 - whole.start,
                    _ => 0,
                };
                spans.extend(
                    credentials_of_line(whole.of(text), from as usize, &mut is_secret_key)
                        .into_iter()
                        .map(|range| Span::new(whole.start + range.start as u32, whole.start + range.end as u32)),
                );
            }
        }
    }
    spans
}

/// The same for a file that holds configuration as YAML, JSON, or `key=value` inside of something else: what stands behind
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
            for found in url_credentials(line) {
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
    spans
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

/// `CinderNetappPassword` is spelled `cinder_netapp_password` elsewhere.
fn snake(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    let mut lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && lower {
            text.push('_');
        }
        lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        text.push(c.to_ascii_lowercase());
    }
    text
}

/// Where the value starts in a line that assigns a secret: indented, or commented out.
fn secret_in_line<'t>(line: &'t [u8], is_secret: &mut dyn FnMut(&'t [u8]) -> bool) -> Option<usize> {
    let sign = memchr::memchr2(b'=', b':', line)?;
    let from = line.iter().position(|b| !matches!(b, b'#' | b';') && !b.is_ascii_whitespace())?;
    let key = line.get(from..sign).filter(|key| key.len() <= 100)?;
    let words = key.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count();
    (words <= 5 && is_secret(key.trim_ascii())).then_some(sign + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for name in [
            "san_password",
            "SAN_PASSWORD",
            "nas-password",
            "my_token",
            "x_api_key",
            "san_pasword",
            "pasword",
            "zteUserPasword",
            "apikey",
            "Secret",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["key", "keys", "volume_driver", "nas_host", "monkey", "k"] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn urls() {
        assert_eq!(cover_urls("rabbit://u:p@ss@h:5672/"), "rabbit://u:***@h:5672/");
        assert_eq!(cover_urls("http://h/a b@c"), "http://h/a b@c");
        assert_eq!(cover_urls("x://tok@h y://u:p@h"), "x://***@h y://u:***@h");
    }
}
