//! Sections and options that stand in YAML as maps in maps: what the forms of such files have in common.

use super::{
    super::yaml::{self, Document, Entry, Kind, Node, Style, Text},
    Builder, Run,
};
use crate::{
    ini::Span,
    input::forms::Remark,
    source::{
        FileId, Place,
        map::{Map, Segment, Writing},
    },
};

/// How a tool prints what YAML holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Printing {
    /// What false and true become.
    truth: [&'static str; 2],
    /// What nothing becomes; none: the option is left out.
    null: Option<&'static str>,
    /// Whether a list is joined by commas; otherwise it is printed as Python writes one.
    commas: bool,
}

/// Go templates of Helm (`helm-toolkit.utils.to_oslo_conf`, `to_ini`).
pub(super) const GO: Printing = Printing { truth: ["false", "true"], null: None, commas: true };
/// Jinja's `{{ value }}`.
pub(super) const JINJA: Printing = Printing { truth: ["False", "True"], null: Some("None"), commas: false };
/// Values that a program writes into an INI file by itself: config_template of OpenStack-Ansible.
pub(super) const PYTHON: Printing = Printing { truth: ["False", "True"], null: Some("None"), commas: true };
/// Puppet: `to_s`.
pub(super) const PUPPET: Printing = Printing { truth: ["false", "true"], null: None, commas: true };

/// What a template engine would write: a value that nobody knows.
pub(super) const OPAQUE: &str = "{{ unknown }}";

/// The entries of a mapping that count: of several with one key the last, in the order of the file.
pub(super) fn entries(node: &Node) -> Vec<&Entry> {
    let mut seen = std::collections::HashSet::new();
    let mut kept: Vec<&Entry> =
        node.entries().iter().rev().filter(|e| e.key.text() != "<<" && seen.insert(e.key.text())).collect();
    kept.reverse();
    kept
}

/// Whether a scalar is a boolean for readers of YAML 1.1: without quotes.
pub(super) fn boolean(text: &Text) -> Option<bool> {
    if text.style != Style::Plain {
        return None;
    }
    match &*text.text {
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

/// `key = value`, as the tool prints it.
pub(super) fn option(builder: &mut Builder<'_>, key: &Node, value: &Node, printing: Printing) {
    option_called(builder, key.text(), key.span, value, printing);
}

/// `name = value`, of a key that is called otherwise in the file.
pub(super) fn option_called(builder: &mut Builder<'_>, name: &str, at: Span, value: &Node, printing: Printing) {
    let mut say = |text: &str| builder.option_as(name, at, text, value.span);
    match &value.kind {
        Kind::Scalar(text) => match (boolean(text), value.is_null(), printing.null) {
            (Some(truth), ..) => say(printing.truth[usize::from(truth)]),
            (None, true, Some(null)) => say(null),
            (None, true, None) => {}
            (None, false, _) => builder.option_named(name, at, text),
        },
        Kind::Sequence(items) if printing.commas && items.iter().all(|item| item.scalar().is_some()) => {
            say(&items.iter().map(Node::text).collect::<Vec<_>>().join(","));
        }
        _ if !printing.commas => say(&python(value).unwrap_or_else(|| OPAQUE.into())),
        Kind::Sequence(_) => say(OPAQUE),
        Kind::Mapping(_) => {
            let values = value.get("values").map(Node::items).unwrap_or_default();
            match value.get("type").map(Node::text) {
                Some("multistring") => values.iter().for_each(|item| say(item.text())),
                Some("csv") => say(&values.iter().map(Node::text).collect::<Vec<_>>().join(",")),
                _ => say(OPAQUE),
            }
        }
    }
}

/// What Python prints of a list or a map: `['192.0.2.7']`. None: a template has yet to write a part of it.
pub(super) fn python(value: &Node) -> Option<String> {
    let several = |parts: Option<Vec<String>>| parts.map(|parts| parts.join(", "));
    Some(match &value.kind {
        Kind::Scalar(text) if text.text.contains("{{") || text.text.contains(char::is_control) => return None,
        Kind::Scalar(text) => match (boolean(text), value.is_null()) {
            (Some(truth), _) => if truth { "True" } else { "False" }.into(),
            (None, true) => "None".into(),
            (None, false) if text.style == Style::Plain && text.text.parse::<f64>().is_ok() => text.text.to_string(),
            (None, false) if text.text.contains('\'') => format!("\"{}\"", text.text),
            (None, false) => format!("'{}'", text.text),
        },
        Kind::Sequence(items) => format!("[{}]", several(items.iter().map(python).collect())?),
        Kind::Mapping(_) => {
            let pair = |entry: &&Entry| Some(format!("{}: {}", python(&entry.key)?, python(&entry.value)?));
            format!("{{{}}}", several(entries(value).iter().map(pair).collect())?)
        }
    })
}

/// `[key]` with its options, but for those that `skip` names. What is no map is no section.
pub(super) fn section(
    builder: &mut Builder<'_>,
    entry: &Entry,
    printing: Printing,
    skip: &dyn Fn(&mut Builder<'_>, &Entry) -> bool,
) {
    if !matches!(entry.value.kind, Kind::Mapping(_)) {
        return;
    }
    builder.section(&entry.key);
    for one in entries(&entry.value) {
        if !skip(builder, one) {
            option(builder, &one.key, &one.value, printing);
        }
    }
}

/// A list of shares of lines that stand somewhere in the file: the text, with where it stands.
#[derive(Debug, Default)]
pub(super) struct Lines {
    text: String,
    map: Option<Map>,
}

impl Lines {
    /// Adds a line of which each part stands at its place.
    pub(super) fn line<'n>(&mut self, parts: impl IntoIterator<Item = Part<'n>>) {
        let map = self.map.get_or_insert_with(|| Map::new(Writing::Never));
        for part in parts {
            let at = self.text.len() as u32;
            match part {
                Part::Of(text) => {
                    self.text.push_str(&text.text);
                    map.append(&text.map, at);
                }
                Part::Sign(text, source) => {
                    self.text.push_str(text);
                    let piece = Span::new(at, self.text.len() as u32);
                    map.push(Segment { piece, source, exact: false });
                }
            }
        }
        self.text.push('\n');
    }

    /// The list as a file of the run; none: there is no line.
    pub(super) fn finish(self, run: &mut Run<'_>, container: FileId) -> Option<FileId> {
        Some(run.piece(container, self.text, self.map?))
    }
}

/// A part of a line.
pub(super) enum Part<'n> {
    /// A scalar.
    Of(&'n Text),
    /// What a template writes, which belongs to a place.
    Sign(&'n str, Span),
}

/// The remarks on documents that cannot be read.
pub(super) fn unreadable(file: FileId, documents: &[Document]) -> impl Iterator<Item = Remark> {
    documents.iter().filter_map(move |document| {
        let (why, at) = document.error.as_ref()?;
        Some(Remark {
            kind: "yaml-unreadable",
            place: Place { file, span: Span::new(*at, *at) },
            facts: vec![("error", why.clone())],
            ..Remark::default()
        })
    })
}

/// The remarks on keys along a path, and below it, that a later one of the same map overrides.
pub(super) fn lost(file: FileId, root: &Node, path: &[&str]) -> Vec<Remark> {
    let mut found = Vec::new();
    along(root, path, &mut found);
    remarks(file, found)
}

/// The same of the keys of a map alone, and not of the maps in it.
pub(super) fn lost_here(file: FileId, map: &Node) -> Vec<Remark> {
    let mut last: std::collections::HashMap<&str, &Entry> = std::collections::HashMap::new();
    let mut found = Vec::new();
    for entry in map.entries().iter().filter(|entry| entry.key.text() != "<<") {
        found.extend(last.insert(entry.key.text(), entry).map(|earlier| (earlier, entry)));
    }
    remarks(file, found)
}

fn remarks(file: FileId, found: Vec<(&Entry, &Entry)>) -> Vec<Remark> {
    let remark = |(earlier, later): &(&Entry, &Entry)| Remark {
        kind: "yaml-duplicate-key",
        place: Place { file, span: earlier.key.span },
        facts: vec![("key", crate::text::one_line(earlier.key.text()).into_owned())],
        places: vec![("later", Place { file, span: later.key.span })],
        ..Remark::default()
    };
    found.iter().filter(|(earlier, later)| !is_same(&earlier.value, &later.value)).map(remark).collect()
}

fn along<'n>(node: &'n Node, path: &[&str], found: &mut Vec<(&'n Entry, &'n Entry)>) {
    let Some((first, rest)) = path.split_first() else {
        found.extend(node.duplicates());
        return;
    };
    let same: Vec<&Entry> = node.entries().iter().filter(|entry| entry.key.text() == *first).collect();
    found.extend(same.windows(2).map(|pair| (pair[0], pair[1])));
    for entry in same {
        along(&entry.value, rest, found);
    }
}

/// Whether two scalars say the same.
fn is_same(one: &Node, other: &Node) -> bool {
    matches!((one.scalar(), other.scalar()), (Some(one), Some(other)) if one.text == other.text)
}

/// Whether a key has one of these as a child, told by the indentation alone.
pub(super) fn has_child(text: &[u8], parent: &str, wanted: impl Fn(&str) -> bool) -> bool {
    let mut around: Option<usize> = None;
    let mut children: Option<usize> = None;
    for line in text.split(|byte| *byte == b'\n') {
        let body = line.trim_ascii();
        let Some(end) = memchr::memchr(b':', body).filter(|_| !body.starts_with(b"#")) else {
            continue;
        };
        let indent = line.len() - line.trim_ascii_start().len();
        let key = std::str::from_utf8(&body[..end]).unwrap_or_default().trim_matches(['"', '\'']);
        if let Some(outer) = around {
            if indent > outer {
                if indent == *children.get_or_insert(indent) && wanted(key) {
                    return true;
                }
            } else {
                (around, children) = (None, None);
            }
        }
        // What stands behind the colon on the same line is the value; an anchor or a comment is not.
        let rest = body[end + 1..].trim_ascii();
        let opens = rest.is_empty() || rest.starts_with(b"#") || rest.starts_with(b"&") || rest == b"{";
        // The first key of a map in a list stands behind a dash.
        let first = key.strip_prefix("- ").map(str::trim_start);
        let is_parent = || first.unwrap_or(key).trim_matches(['"', '\'']) == parent;
        if rest.starts_with(b"{") && rest.len() > 1 && !rest.starts_with(b"{{") && is_parent() {
            let at = rest.as_ptr() as usize - text.as_ptr() as usize;
            let mut flow = yaml::read(braces(&text[at..])).into_iter().filter_map(|document| document.root);
            if flow.any(|root| root.entries().iter().any(|entry| wanted(entry.key.text()))) {
                return true;
            }
        } else if opens && is_parent() {
            let dash = first.map_or(0, |first| key.len() - first.len());
            (around, children) = (Some(indent + dash), None);
        }
    }
    false
}

/// A text up to the brace that closes its first one.
fn braces(text: &[u8]) -> &[u8] {
    let mut depth = 0_usize;
    let end = text.iter().position(|byte| {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    });
    &text[..end.map_or(text.len(), |end| end + 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_in_braces() {
        let text = b"x: 1\nconf: {a: {b: 1},\n  backends: {c: {}}}\n";
        assert!(has_child(text, "conf", |key| key == "backends"));
        assert!(!has_child(text, "conf", |key| key == "b" || key == "c"));
        assert!(!has_child(b"conf: {{ backends }}\n", "conf", |_| true));
    }

    #[test]
    fn children_by_indentation() {
        let text = b"x:\n  conf:\n    # cinder: no\n    a:\n      cinder: no\n    backends:\n      b: 1\n  other: 1\n";
        assert!(has_child(text, "conf", |key| key == "backends"));
        assert!(!has_child(text, "conf", |key| key == "cinder"));
        let list = b"- values:\n    - conf:\n        cinder:\n          a: 1\n    - cinder: 1\n";
        assert!(has_child(list, "conf", |key| key == "cinder") && !has_child(list, "conf", |key| key == "a"));
        assert!(
            !has_child(b"cinder_backends:\n  - name: x\n    enabled: y\n", "cinder_backends", |key| key == "enabled")
        );
    }

    #[test]
    fn booleans_are_those_without_quotes() {
        let read = |text: &str| {
            let root = crate::input::yaml::read(text.as_bytes()).remove(0).root.unwrap();
            boolean(root.get("a").unwrap().scalar().unwrap())
        };
        assert_eq!(read("a: yes"), Some(true));
        assert_eq!(read("a: Off"), Some(false));
        assert_eq!(read("a: 'yes'"), None);
        assert_eq!(read("a: auto"), None);
    }
}
