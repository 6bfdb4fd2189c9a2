//! Values, keys and names of sections with their shapes kept: every character of a secret becomes `x`.

use std::borrow::Cow;

use super::{
    cover::secret_in_section,
    credentials::{certain_credentials, with_key},
    names::is_secret,
};

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
    let spans = with_key(key, value, certain_credentials);
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
