//! YAML as a tree of nodes with the bytes that each stands at.
//!
//! A document that cannot be read does not keep the others from being read, duplicate keys are kept and told, and what
//! Jinja or Go templates have yet to write is masked first.

pub mod entries;
mod mask;
mod scalar;

use std::rc::Rc;

use granit_parser::{Event, Options, Parser, ScalarStyle};

use self::mask::mask;
use crate::{ini::Span, source::map::Map};

/// One node.
#[derive(Clone, Debug)]
pub struct Node {
    /// The bytes it stands at: of a scalar with its quotes, of a block scalar from its first
    /// line that is not blank. Of an alias, the alias.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A text, a number, nothing: see [`Text::style`].
    Scalar(Text),
    /// `key: value` in order, duplicates too.
    Mapping(Rc<Vec<Entry>>),
    /// `- item`.
    Sequence(Rc<Vec<Node>>),
}

/// One key of a mapping with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key. What is no scalar has an empty text.
    pub key: Node,
    /// The value.
    pub value: Node,
}

/// A scalar.
#[derive(Clone, Debug)]
pub struct Text {
    /// What the engine of a template or YAML makes of it; what is masked for the reader stands here as written.
    pub text: Rc<str>,
    /// How it is written.
    pub style: Style,
    /// Leads offsets of the text back to the file.
    pub map: Rc<Map>,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'…'`.
    Single,
    /// `"…"`.
    Double,
    /// `|`.
    Literal,
    /// `>`.
    Folded,
}

/// One document of a file.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its root; none: it could not be read.
    pub root: Option<Node>,
    /// Why, and where.
    pub error: Option<(String, u32)>,
}

/// How deep nodes may nest, and how many aliases may stand for over all of a file; a text counts as one for each so many bytes.
const DEPTH: usize = 100;
const EXPANDED: usize = 100_000;
const WEIGHED: usize = 8;

impl Node {
    /// The mapping's entries; none for what is no mapping.
    pub fn entries(&self) -> &[Entry] {
        match &self.kind {
            Kind::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The sequence's items; none for what is no sequence.
    pub fn items(&self) -> &[Node] {
        match &self.kind {
            Kind::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The scalar.
    pub fn scalar(&self) -> Option<&Text> {
        match &self.kind {
            Kind::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a scalar; empty for what is none.
    pub fn text(&self) -> &str {
        self.scalar().map_or("", |scalar| &scalar.text)
    }

    /// Whether it is `null`, `~`, or nothing.
    pub fn is_null(&self) -> bool {
        self.scalar()
            .is_some_and(|s| s.style == Style::Plain && matches!(&*s.text, "" | "~" | "null" | "Null" | "NULL"))
    }

    /// The value of a key of a mapping: the last, as every reader of YAML takes it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().rev().find(|entry| entry.key.text() == key).map(|entry| &entry.value)
    }

    /// The value behind several keys.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// Every key that a later one of the same mapping overrides, with the later one, in all of the tree; merge keys (`<<`)
    /// may be repeated.
    pub fn duplicates(&self) -> Vec<(&Entry, &Entry)> {
        let mut found = Vec::new();
        let mut open = vec![self];
        // Aliases lead to the same nodes again.
        let mut seen = std::collections::HashSet::new();
        while let Some(node) = open.pop() {
            match &node.kind {
                Kind::Mapping(entries) if seen.insert(Rc::as_ptr(entries).cast::<u8>()) => {
                    let mut last: std::collections::HashMap<&str, &Entry> = std::collections::HashMap::new();
                    for entry in entries.iter() {
                        open.push(&entry.value);
                        let key = entry.key.text();
                        if !key.is_empty()
                            && key != "<<"
                            && let Some(earlier) = last.insert(key, entry)
                        {
                            found.push((earlier, entry));
                        }
                    }
                }
                Kind::Sequence(items) if seen.insert(Rc::as_ptr(items).cast::<u8>()) => open.extend(items.iter()),
                _ => {}
            }
        }
        found.sort_by_key(|(earlier, _)| earlier.key.span.start);
        found
    }
}

/// Reads all documents of a file.
pub fn read(text: &[u8]) -> Vec<Document> {
    let masked = mask(text);
    let Ok(readable) = std::str::from_utf8(&masked) else {
        let error = std::str::from_utf8(&masked).err().map_or(0, |error| error.valid_up_to());
        return vec![Document { root: None, error: Some(("the file is not UTF-8".into(), error as u32)) }];
    };
    let mut reader =
        Reader { text, masked: &masked, documents: Vec::new(), anchors: Vec::new(), open: Vec::new(), left: EXPANDED };
    let mut options = Options::default();
    options.emit_comments = false;
    options.flow_nesting_limit = DEPTH;
    options.block_nesting_limit = DEPTH;
    options.emit_unresolved_aliases = true;
    options.bom_inside_document_as_content = true;
    let mut parser = Parser::new_from_str_with_options(readable, options);
    loop {
        match parser.next_event() {
            None => break,
            Some(Ok((event, span))) => {
                let at = |mark: &granit_parser::Marker| mark.byte_offset().unwrap_or(0) as u32;
                reader.event(&event, Span::new(at(&span.start), at(&span.end)));
            }
            Some(Err(error)) => {
                let at = error.marker().byte_offset().unwrap_or(0) as u32;
                reader.fail(error.info().to_string(), at);
                if !matches!(parser.proceed_next_document(), Ok(true)) {
                    break;
                }
            }
        }
    }
    reader.documents
}

/// Reads all documents of a text that stands in a file as a scalar: their places are those of the file.
pub fn read_within(outer: &Text) -> Vec<Document> {
    let mut documents = read(outer.text.as_bytes());
    for document in &mut documents {
        document.root = document.root.take().map(|root| moved_out(&root, &outer.map));
        document.error = document.error.take().map(|(why, at)| {
            let place = outer.map.source(Span::new(at, at));
            (why, place.map_or(0, |(span, _)| span.start))
        });
    }
    documents
}

/// A node of a text, at its place around it.
fn moved_out(node: &Node, outer: &Map) -> Node {
    let span = outer.source(node.span).map_or_else(Span::default, |(span, _)| span);
    let kind = match &node.kind {
        Kind::Scalar(text) => Kind::Scalar(Text { map: Rc::new(text.map.within(outer)), ..text.clone() }),
        Kind::Sequence(items) => Kind::Sequence(Rc::new(items.iter().map(|item| moved_out(item, outer)).collect())),
        Kind::Mapping(entries) => {
            let moved =
                |entry: &Entry| Entry { key: moved_out(&entry.key, outer), value: moved_out(&entry.value, outer) };
            Kind::Mapping(Rc::new(entries.iter().map(moved).collect()))
        }
    };
    Node { span, kind }
}

struct Reader<'t> {
    text: &'t [u8],
    masked: &'t [u8],
    documents: Vec<Document>,
    /// By id.
    anchors: Vec<Option<Node>>,
    open: Vec<Open>,
    left: usize,
}

/// A node whose end is yet to come.
struct Open {
    span: Span,
    anchor: usize,
    children: Vec<Node>,
    is_mapping: bool,
}

impl Reader<'_> {
    fn event(&mut self, event: &Event<'_>, span: Span) {
        match event {
            Event::DocumentStart(..) => {
                self.open.clear();
                self.documents.push(Document { root: None, error: None });
            }
            Event::MappingStart(_, anchor, _) => self.start(span, *anchor, true),
            Event::SequenceStart(_, anchor, _) => self.start(span, *anchor, false),
            Event::MappingEnd | Event::SequenceEnd => {
                let Some(done) = self.open.pop() else { return };
                let end = done.children.last().map_or(done.span.end, |last| last.span.end).max(done.span.end);
                // The end of flow collections is a bracket, that of block collections what comes next.
                let end = if self.text.get(done.span.start as usize).is_some_and(|b| matches!(b, b'{' | b'[')) {
                    span.end.max(end)
                } else {
                    end
                };
                let kind =
                    if done.is_mapping { mapping(done.children) } else { Kind::Sequence(Rc::new(done.children)) };
                self.add(Node { span: Span::new(done.span.start, end), kind }, done.anchor);
            }
            Event::Scalar(value, style, anchor, _) => {
                let (text, span) = scalar::read(self.text, self.masked, value, *style, span);
                self.add(Node { span, kind: Kind::Scalar(text) }, *anchor);
            }
            Event::Alias(id) => {
                let target = self.anchors.get(*id).and_then(Clone::clone);
                let size = target.as_ref().map_or(1, |node| weight(node, self.left));
                self.left = self.left.saturating_sub(size);
                let node = target.filter(|_| self.left > 0).unwrap_or_else(|| null(span));
                self.add(Node { span, ..node }, 0);
            }
            Event::UnresolvedAlias(_) => self.add(null(span), 0),
            _ => {}
        }
    }

    fn start(&mut self, span: Span, anchor: usize, is_mapping: bool) {
        self.open.push(Open { span, anchor, children: Vec::new(), is_mapping });
    }

    fn add(&mut self, node: Node, anchor: usize) {
        if anchor > 0 && anchor <= EXPANDED {
            if self.anchors.len() <= anchor {
                self.anchors.resize(anchor + 1, None);
            }
            self.anchors[anchor] = Some(node.clone());
        }
        match self.open.last_mut() {
            Some(open) => open.children.push(node),
            None => {
                if let Some(document) = self.documents.last_mut() {
                    document.root.get_or_insert(node);
                }
            }
        }
    }

    fn fail(&mut self, why: String, at: u32) {
        self.open.clear();
        match self.documents.last_mut() {
            Some(document) if document.root.is_none() && document.error.is_none() => document.error = Some((why, at)),
            _ => self.documents.push(Document { root: None, error: Some((why, at)) }),
        }
    }
}

/// Keys and values come one after the other. `<<: *alias` brings in what the mapping itself does not say.
fn mapping(children: Vec<Node>) -> Kind {
    let mut entries: Vec<Entry> = Vec::with_capacity(children.len() / 2);
    let mut children = children.into_iter();
    let mut merged: Vec<Entry> = Vec::new();
    while let (Some(key), Some(value)) = (children.next(), children.next()) {
        if key.text() == "<<" {
            let sources = if value.items().is_empty() { std::slice::from_ref(&value) } else { value.items() };
            merged.extend(sources.iter().flat_map(|source| source.entries().iter().cloned()));
        }
        entries.push(Entry { key, value });
    }
    if !merged.is_empty() {
        let own: std::collections::HashSet<String> = entries.iter().map(|e| e.key.text().to_string()).collect();
        merged.retain(|entry| !own.contains(entry.key.text()));
        merged.append(&mut entries);
        entries = merged;
    }
    Kind::Mapping(Rc::new(entries))
}

/// Number of nodes, counted up to a limit.
fn weight(node: &Node, limit: usize) -> usize {
    let mut count = 0;
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        count += 1 + node.scalar().map_or(0, |scalar| scalar.text.len() / WEIGHED);
        if count > limit {
            break;
        }
        open.extend(node.items());
        open.extend(node.entries().iter().flat_map(|entry| [&entry.key, &entry.value]));
    }
    count
}

fn null(span: Span) -> Node {
    let text = Text { text: "".into(), style: Style::Plain, map: Rc::default() };
    Node { span, kind: Kind::Scalar(text) }
}

impl From<ScalarStyle> for Style {
    fn from(style: ScalarStyle) -> Self {
        match style {
            ScalarStyle::SingleQuoted => Self::Single,
            ScalarStyle::DoubleQuoted => Self::Double,
            ScalarStyle::Literal => Self::Literal,
            ScalarStyle::Folded => Self::Folded,
            _ => Self::Plain,
        }
    }
}

#[cfg(test)]
mod tests;
