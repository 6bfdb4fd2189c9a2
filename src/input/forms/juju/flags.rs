//! Options of a charm as the charm writes them, and `config-flags`.

use super::super::{
    super::yaml::{self, Entry, Kind, Text},
    Builder, maps,
};
use crate::{ini::Span, text::one_line};

/// An option of a charm, as its template prints it.
pub(super) fn print(builder: &mut Builder<'_>, option: &str, entry: &Entry) {
    let Kind::Scalar(text) = &entry.value.kind else { return };
    let value = match maps::boolean(text) {
        Some(truth) => if truth { "True" } else { "False" }.to_string(),
        None => one_line(&text.text).into_owned(),
    };
    builder.option_caused(option, entry.key.span, &value, entry.value.span);
}

/// `key=value,other=value`, or YAML where a colon comes before the first `=` (charmhelpers: `config_flags_parser`).
pub(super) fn flags(builder: &mut Builder<'_>, flags: &Text) {
    let text = &*flags.text;
    let (colon, equals) = (text.find(':'), text.find('='));
    if colon.is_some_and(|colon| colon > 0 && equals.is_none_or(|equals| colon < equals)) {
        for root in yaml::read_within(flags).into_iter().filter_map(|document| document.root) {
            maps::entries(&root).into_iter().for_each(|entry| print(builder, entry.key.text(), entry));
        }
        return;
    }
    // The charm refuses it.
    if text.contains("==") {
        return;
    }
    // A value goes on until the last comma before the next `=`: lists have commas, too.
    let mut key = 0..equals.unwrap_or(0);
    while key.end > key.start && key.end < text.len() {
        let start = key.end + 1;
        let next = text[start..].find('=').map(|at| start + at);
        let comma = next.and_then(|next| text[start..next].rfind(',').map(|at| start + at));
        let end = match (next, comma) {
            (Some(_), Some(comma)) => comma,
            (Some(_), None) => break,
            (None, _) => text.len(),
        };
        let part = |range: std::ops::Range<usize>| {
            let trimmed = text[range.clone()].trim_matches([' ', ',', '\n']);
            let from = range.start + text[range].find(trimmed).unwrap_or(0);
            let span = Span::new(from as u32, (from + trimmed.len()) as u32);
            (trimmed, flags.map.source(span).map_or(Span::default(), |(span, _)| span))
        };
        let ((name, at), (value, of)) = (part(key.clone()), part(start..end));
        if !name.is_empty() {
            builder.option_caused(&one_line(name), at, &one_line(value), of);
        }
        key = end + 1..next.unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flagged(value: &str) -> String {
        let source = format!("a: {value}\n");
        let root = yaml::read(source.as_bytes()).remove(0).root.unwrap();
        let mut builder = Builder::generated(source.as_bytes());
        flags(&mut builder, root.get("a").unwrap().scalar().unwrap());
        String::from_utf8(builder.finish().0).unwrap()
    }

    #[test]
    fn flags_are_read_as_the_charm_reads_them() {
        assert_eq!(flagged("'a=1, b=2'"), "a = 1\nb = 2\n");
        assert_eq!(flagged("a=1,2,3,b=x"), "a = 1,2,3\nb = x\n");
        assert_eq!(flagged("'{a: 1, b: \"x=1,y=2\"}'"), "a = 1\nb = x=1,y=2\n");
        assert_eq!(flagged("'a==1'"), "");
        assert_eq!(flagged("just words"), "");
        assert_eq!(flagged("''"), "");
    }
}
