//! What `crudini` and `openstack-config` write, in a shell.

use std::collections::BTreeMap;

use super::{
    super::{
        super::yaml::{Kind, Node, Style, Text},
        maps::OPAQUE,
    },
    Found, Written, is_cinders,
};
use crate::{
    ini::Span,
    secrets::is_secret,
    source::map::{Map, Segment},
};

/// Programs that write one option: `crudini --set FILE SECTION OPTION VALUE`.
pub(super) const PROGRAMS: [&str; 2] = ["crudini", "openstack-config"];

/// The options that commands write.
pub(super) fn shell(text: &Text, found: &mut Found) {
    // What is assigned to names, which paths are written with.
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for command in commands(&text.text) {
        for (word, _) in command.iter().take_while(|(word, _)| word.contains('=') || word == "export") {
            let name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if let Some((name, value)) = word.split_once('=').filter(|(key, value)| name(key) && is_literal(value)) {
                names.insert(name.to_string(), value.to_string());
            }
        }
        let Some(program) =
            command.iter().position(|(word, _)| PROGRAMS.contains(&word.rsplit('/').next().unwrap_or_default()))
        else {
            continue;
        };
        let (flags, words): (Vec<&Word>, Vec<&Word>) =
            command[program + 1..].iter().partition(|(word, _)| word.starts_with("--"));
        let [path, section, option, value, ..] = &words[..] else { continue };
        let place = |span: Span| text.map.source(span).map_or(Span::default(), |(span, _)| span);
        found.secrets.extend(Some(place(value.1)).filter(|_| is_secret(&option.0)));
        let is_set = flags.iter().any(|(word, _)| word == "--set");
        let path = path.0.strip_prefix('$').map_or(path.0.as_str(), |name| {
            let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
            names.get(name).map_or("", String::as_str)
        });
        // What the shell has yet to fill in.
        let is_whole = [section, option].iter().all(|(word, _)| is_literal(word) && !word.contains(['{', '\n']));
        if !is_set || !is_whole || !is_cinders(path) || option.0.is_empty() {
            continue;
        }
        let shown = if is_literal(&value.0) { value.0.as_str() } else { OPAQUE };
        let mut map = Map::default();
        let (piece, source) = (Span::new(0, shown.len() as u32), place(value.1));
        map.push(Segment { piece, source, exact: false });
        let scalar = Text { text: shown.into(), style: Style::Double, map: std::rc::Rc::new(map) };
        let one = Written {
            section: place(section.1),
            name: option.0.clone(),
            at: place(option.1),
            value: Node { span: source, kind: Kind::Scalar(scalar) },
        };
        found.files.entry(path.to_string()).or_default().add(&section.0, one);
    }
}

/// Whether the shell takes a word as it is.
fn is_literal(word: &str) -> bool {
    !word.contains(['$', '`'])
}

/// A word, with the quotes taken off, and where it stands.
pub(super) type Word = (String, Span);

/// The commands of a text for a shell, each with its words.
pub(super) fn commands(text: &str) -> Vec<Vec<Word>> {
    let mut found = vec![Vec::new()];
    let mut word: Option<(usize, String)> = None;
    let mut quote: Option<char> = None;
    let mut is_comment = false;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if is_comment && c != '\n' {
            continue;
        }
        let is_end = quote.is_none() && (c.is_whitespace() || matches!(c, ';' | '&' | '|' | '(' | ')'));
        if is_end
            && let Some((start, text)) = word.take()
            && let Some(last) = found.last_mut()
        {
            last.push((text, Span::new(start as u32, at as u32)));
        }
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            // A quote that is left open ends with its line: what follows is still read.
            (Some(_), '\n') => (quote, word) = (None, None),
            (Some(_), _) => word.get_or_insert_with(|| (at, String::new())).1.push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_with(|| (at, String::new()));
            }
            // A line goes on.
            (None, '\\') if matches!(chars.peek(), Some((_, '\n'))) => {
                chars.next();
            }
            (None, '#') if word.is_none() => is_comment = true,
            (None, '\n' | ';' | '&' | '|' | '(' | ')') => {
                is_comment = false;
                found.push(Vec::new());
            }
            (None, _) if is_end => {}
            (None, _) => word.get_or_insert_with(|| (at, String::new())).1.push(c),
        }
    }
    if let (Some((start, rest)), Some(last)) = (word, found.last_mut()) {
        last.push((rest, Span::new(start as u32, text.len() as u32)));
    }
    found.retain(|command| !command.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_shell() {
        let said = |text: &str| {
            let words = |command: Vec<Word>| command.into_iter().map(|(word, _)| word).collect::<Vec<_>>();
            commands(text).into_iter().map(words).collect::<Vec<_>>()
        };
        assert_eq!(said("crudini --set a 'b c' d \"\"\n"), [["crudini", "--set", "a", "b c", "d", ""]]);
        assert_eq!(said("a b; c d\n"), [["a", "b"], ["c", "d"]]);
        assert_eq!(said("a b && c d # e f\ng h"), [["a", "b"], ["c", "d"], ["g", "h"]]);
        assert_eq!(said("a \\\n  b"), [["a", "b"]]);
    }
}
