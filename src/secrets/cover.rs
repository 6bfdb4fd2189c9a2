//! Values, keys and names of sections as they may be shown.

use std::{borrow::Cow, ops::Range};

use super::{
    credentials::{credentials, credentials_and_prose, with_key},
    names::is_secret,
};

/// What stands for a secret in messages.
pub const COVER: &str = "***";

/// A value as it may be shown: a secret becomes [`COVER`], credentials in URLs become [`COVER`].
pub fn cover_value<'v>(key: &str, value: &'v str) -> Cow<'v, str> {
    if !value.is_empty() && is_secret(key) {
        return Cow::Borrowed(COVER);
    }
    covered(value, with_key(key, value, credentials_and_prose))
}

/// A text as it may be shown: credentials in URLs and mount options become [`COVER`].
pub fn cover_urls(text: &str) -> Cow<'_, str> {
    covered(text, credentials(text.as_bytes()))
}

fn covered(text: &str, spans: Vec<Range<usize>>) -> Cow<'_, str> {
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
pub(super) fn secret_in_section(name: &str) -> Option<usize> {
    let at = name.find(|c: char| matches!(c, '=' | ':') || c.is_ascii_whitespace())?;
    is_secret(&name[..at]).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        assert_eq!(cover_urls("rabbit://u:p@ss@h:5672/"), "rabbit://u:***@h:5672/");
        assert_eq!(cover_urls("http://h/a b@c"), "http://h/a b@c");
        assert_eq!(cover_urls("x://tok@h y://u:p@h"), "x://***@h y://u:***@h");
    }
}
