//! What must never leave a linted file, and how it is covered.
//!
//! Whatever is printed of a file goes through here: values by [`cover_value`], lines of source by [`secret_spans`].

use std::{borrow::Cow, ops::Range};

use crate::{
    catalog,
    ini::{self, Document, Opt, Piece, Span},
};

/// What stands for a secret in messages.
pub const COVER: &str = "***";

/// Whether the value of an option of this name is a secret: Cinder marks it so in some release, or it is unknown and
/// its name says so.
pub fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase().replace('-', "_");
    let mut known = catalog::options_named(&key).peekable();
    if known.peek().is_some() {
        // `ssh_hosts_key_file` and `allow_expired_token` speak of a secret and hold none.
        return known.any(|row| row.is_secret());
    }
    let first = key.split_whitespace().next().unwrap_or_default();
    says_secret(&key)
        || first.len() < key.len() && catalog::options_named(first).any(|row| row.is_secret())
        || resembles_secret(&key)
}

/// Whether a name speaks of a secret.
fn says_secret(key: &str) -> bool {
    const SAYS: [&str; 7] = ["password", "passwd", "passphrase", "secret", "token", "pwd", "credential"];
    let mut words = key.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).peekable();
    let mut first = true;
    while let Some(word) = words.next() {
        let key_of_something =
            matches!(word, "key" | "apikey" | "keys") && (!first || words.peek().is_some() || word == "apikey");
        if key_of_something || SAYS.iter().any(|says| word.contains(says)) || word == "pass" {
            return true;
        }
        first = false;
    }
    false
}

/// Whether an unknown name is a slip of the pen away from a secret option's.
fn resembles_secret(key: &str) -> bool {
    thread_local! {
        static SECRET_NAMES: Vec<String> = {
            let secrets = catalog::all_options().filter(|row| row.is_secret());
            // Of shorter names too much is one slip away.
            let mut names: Vec<_> = secrets.map(|row| row.name().to_lowercase()).filter(|name| name.len() >= 5).collect();
            names.dedup();
            names
        };
    }
    key.len() >= 4
        && SECRET_NAMES.with(|names| {
            names.iter().any(|name| name.len().abs_diff(key.len()) <= 1 && strsim::osa_distance(name, key) <= 1)
        })
}

/// A value as it may be shown: a secret becomes [`COVER`], credentials in URLs become [`COVER`].
pub fn cover_value<'v>(key: &str, value: &'v str) -> Cow<'v, str> {
    if !value.is_empty() && is_secret(key) {
        return Cow::Borrowed(COVER);
    }
    cover_urls(value)
}

/// A text as it may be shown: credentials in URLs become [`COVER`].
pub fn cover_urls(text: &str) -> Cow<'_, str> {
    let spans = url_credentials(text.as_bytes());
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

/// The key with its shape kept: behind the first word of a key that may hold a secret every character becomes `x`.
pub fn shape_of_key(key: &str) -> Cow<'_, str> {
    match key.find(char::is_whitespace) {
        Some(at) if is_secret(key) => Cow::Owned(format!("{}{}", &key[..at], "x".repeat(key[at..].chars().count()))),
        _ => Cow::Borrowed(key),
    }
}

/// The value with its shape kept: every character of a secret becomes `x`, line breaks stay.
pub fn shape_of_value<'v>(key: &str, value: &'v str) -> Cow<'v, str> {
    let hide = |text: &str| text.chars().map(|c| if c == '\n' { c } else { 'x' }).collect::<String>();
    if is_secret(key) {
        return Cow::Owned(hide(value));
    }
    let spans = url_credentials(value.as_bytes());
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

/// Where passwords stand in the URLs of a text: behind `//user:` and in front of the last `@`. Without a user, all
/// that stands in front of the `@`.
fn url_credentials(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    for slashes in memchr::memmem::find_iter(text, b"//") {
        let from = slashes + 2;
        if from < at {
            continue;
        }
        let end = text[from..].iter().position(u8::is_ascii_whitespace).map_or(text.len(), |length| from + length);
        let Some(sign) = memchr::memrchr(b'@', &text[from..end]) else { continue };
        let sign = from + sign;
        let start = memchr::memchr(b':', &text[from..sign]).map_or(from, |colon| from + colon + 1);
        if start < sign {
            found.push(start..sign);
        }
        at = end;
    }
    found
}

/// Every stretch of a file that may not be shown, in order: values of secrets (all their lines), credentials in URLs,
/// the same in comments, and the text of broken lines that may hold a secret.
pub fn secret_spans(text: &[u8], document: &Document) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut memo: std::collections::HashMap<&[u8], bool> = std::collections::HashMap::new();
    let mut secret_key = |key: Span| -> bool {
        let bytes = key.of(text);
        *memo.entry(bytes).or_insert_with(|| is_secret(&String::from_utf8_lossy(bytes)))
    };
    let mut options = document.options.iter();
    let mut open_secret = false;
    for line in ini::lines(text) {
        let whole = Span::new(line.span.start, line.text_end);
        let mut hidden = None;
        match line.piece {
            Piece::Option { key, raw, .. } => {
                open_secret = secret_key(key);
                let _: Option<&Opt> = options.next();
                if open_secret {
                    let blank = key.of(text).iter().position(u8::is_ascii_whitespace);
                    hidden = Some(blank.map_or(raw, |at| Span::new(key.start + at as u32, raw.end)));
                }
            }
            Piece::Continuation { value } if open_secret => hidden = Some(value),
            Piece::Comment => hidden = secret_in_comment(text, whole, &mut secret_key),
            // `password MARKER`, or the value of a password on a line of its own.
            Piece::Invalid => {
                let says = says_secret(&String::from_utf8_lossy(whole.of(text)).to_ascii_lowercase());
                let keyless = line.error == Some(ini::ErrorKind::EmptyKey);
                if says || open_secret || keyless || line.error == Some(ini::ErrorKind::Continuation) {
                    let word =
                        whole.of(text).iter().position(|b| matches!(b, b' ' | b'\t')).filter(|&at| says && at > 0);
                    hidden = Some(word.map_or(whole, |at| Span::new(whole.start + at as u32, whole.end)));
                }
            }
            Piece::Section { .. } if line.error.is_some() => {
                let says = says_secret(&String::from_utf8_lossy(whole.of(text)).to_ascii_lowercase());
                if says && memchr::memchr2(b'=', b':', whole.of(text)).is_some() {
                    hidden = Some(whole);
                }
            }
            _ => {}
        }
        match hidden {
            Some(span) if !span.is_empty() => spans.push(span),
            _ => spans.extend(
                url_credentials(whole.of(text))
                    .into_iter()
                    .map(|range| Span::new(whole.start + range.start as u32, whole.start + range.end as u32)),
            ),
        }
    }
    spans
}

/// `# password = …`: an assignment that was commented out.
fn secret_in_comment(text: &[u8], line: Span, secret_key: &mut impl FnMut(Span) -> bool) -> Option<Span> {
    let bytes = line.of(text);
    let from = bytes.iter().position(|b| !matches!(b, b'#' | b';' | b' ' | b'\t'))?;
    let sign = memchr::memchr2(b'=', b':', &bytes[from..])? + from;
    let key_end = from + ini::python::rstrip(&bytes[from..sign]);
    let key = Span::new(line.start + from as u32, line.start + key_end as u32);
    let words = key.of(text).split(u8::is_ascii_whitespace).count();
    (words <= 3 && secret_key(key)).then(|| Span::new(line.start + sign as u32 + 1, line.end))
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
            "tokn",
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
