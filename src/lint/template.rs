//! `{placeholders}` in the texts of rules.

use super::facts::Subject;
use crate::{
    secrets,
    text::{is_unprintable, one_line},
};

/// Fills in the placeholders: `{fact}` and `{option:NAME}`; `{{` is a brace. What is not known becomes `?`.
///
/// Values of options are covered where they are secret.
pub(super) fn fill(template: &str, subject: &dyn Subject) -> String {
    let text = fill_with(template, &mut |name| Some(value(name, subject).map_or_else(|| "?".into(), short)));
    one_line(&text.unwrap_or_default()).into_owned()
}

/// What a message quotes of a long value.
fn short(text: String) -> String {
    const LONGEST: usize = 400;
    const KEPT: usize = 200;
    if text.len() <= LONGEST {
        return text;
    }
    let end = (0..=KEPT).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    format!("{}… ({} bytes)", &text[..end], text.len())
}

/// The same for a text that is written into a file: nothing where something in it is not known, is covered, or is no
/// single line.
pub(super) fn fill_exactly(template: &str, subject: &dyn Subject) -> Option<String> {
    let exact = |text: &String| !text.contains(secrets::COVER) && !text.contains(is_unprintable);
    fill_with(template, &mut |name| value(name, subject).filter(exact))
}

fn fill_with(template: &str, value: &mut dyn FnMut(&str) -> Option<String>) -> Option<String> {
    let mut result = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(at) = memchr::memchr2(b'{', b'}', rest.as_bytes()) {
        result.push_str(&rest[..at]);
        let brace = &rest[at..];
        if brace.starts_with("{{") || brace.starts_with("}}") {
            result.push_str(&brace[..1]);
            rest = &brace[2..];
        } else if let Some(end) = brace.find('}').filter(|_| brace.starts_with('{')) {
            result.push_str(&value(&brace[1..end])?);
            rest = &brace[end + 1..];
        } else {
            result.push_str(&brace[..1]);
            rest = &brace[1..];
        }
    }
    result.push_str(rest);
    Some(result)
}

/// What stands for a placeholder; covered where it is secret.
pub(super) fn value(name: &str, subject: &dyn Subject) -> Option<String> {
    match name.strip_prefix("option:") {
        Some(option) => {
            let text = subject.option(option).unwrap_or_default();
            Some(secrets::cover_value(&subject.name_of(option), &text).into_owned())
        }
        None => subject.fact(name).map(|text| secrets::cover_urls(&text).into_owned()),
    }
}

/// What stands in braces; two are a brace itself.
pub(super) fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            rest = &rest[rest.find('{')? + 1..];
            if let Some(more) = rest.strip_prefix('{') {
                rest = more;
            } else {
                let (name, more) = rest.split_once('}')?;
                rest = more;
                return Some(name);
            }
        }
    })
}
