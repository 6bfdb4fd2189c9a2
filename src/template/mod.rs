//! Text that a template engine has yet to write: what is literal in it, what is not, and what is there on a condition only.
//!
//! Jinja2, ERB and Go templates are told by their delimiters; besides `@VAR@`, `%VAR%` and `${VAR}` in capitals are
//! somebody's to fill in, and so are values that are `_replaced_`, `CHANGEME` or `<HOST>`. The text is masked to the same length, so that the reader of the dialect sees lines as they
//! will be, and every offset stays what it is: tags on a line of their own become blanks, what stands for text becomes a
//! word.

mod tags;

use crate::ini::{Document, ErrorKind, Opt, Span};

/// The tags of Jinja in a text, in order, and whether each is an expression.
pub fn jinja_tags(text: &[u8]) -> Vec<(Span, bool)> {
    let found = tags::find(text).into_iter().map(|tag| tag.span);
    let jinja = found.filter(|span| matches!(span.of(text), [b'{', b'{' | b'%' | b'#', ..]));
    jinja.map(|span| (span, span.of(text).starts_with(b"{{"))).collect()
}

/// What is not literal in a text.
#[derive(Clone, Debug, Default)]
pub struct Template {
    /// What an engine will replace, in order.
    dynamic: Vec<Span>,
    /// From each offset on, the branch that the text is in; 0 is none.
    branches: Vec<(u32, u32)>,
    /// For each branch the one around it; the first is no branch.
    parents: Vec<u32>,
    /// Where text comes that may be any lines, sections too.
    open: Vec<u32>,
    /// Nothing but words for values that are to come: no engine writes other parts of the file.
    is_whole: bool,
    masked: Vec<u8>,
}

impl Template {
    /// Reads a text; none where there is nothing of a template in it.
    pub fn read(text: &[u8]) -> Option<Self> {
        if !tags::may_be_template(text) {
            return None;
        }
        let found = tags::find(text);
        if found.is_empty() {
            return None;
        }
        let is_word = |text: &[u8]| tags::word_to_fill(text).or_else(|| tags::covered(text)).is_some();
        let is_whole = found.iter().all(|tag| is_word(&text[tag.span.start as usize..]));
        let mut template = Self { masked: text.to_vec(), parents: vec![0], is_whole, ..Self::default() };
        template.nest(text, &found);
        template.mask(text, &found);
        Some(template)
    }

    /// The text as the reader of the dialect sees it: as long as the text itself.
    pub fn masked(&self) -> &[u8] {
        &self.masked
    }

    /// The same, for keeps.
    pub fn into_masked(self) -> Vec<u8> {
        self.masked
    }

    /// Whether a stretch is, or touches, what an engine writes.
    pub fn is_dynamic(&self, span: Span) -> bool {
        let first = self.dynamic.partition_point(|found| found.end < span.start);
        self.dynamic.get(first).is_some_and(|found| found.start <= span.end)
    }

    /// Whether a place is there on a condition only, or again and again.
    pub fn is_conditional(&self, offset: u32) -> bool {
        self.branch(offset) != 0
    }

    /// Whether `inner` may lack where `outer` is there.
    pub fn may_lack(&self, inner: u32, outer: u32) -> bool {
        let wanted = self.branch(inner);
        let mut around = self.branch(outer);
        while around != wanted {
            if around == 0 {
                return true;
            }
            around = self.parents[around as usize];
        }
        false
    }

    /// Whether any lines may come somewhere.
    pub fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    fn branch(&self, offset: u32) -> u32 {
        let behind = self.branches.partition_point(|(from, _)| *from <= offset);
        behind.checked_sub(1).map_or(0, |at| self.branches[at].1)
    }

    /// Finds the branches.
    fn nest(&mut self, text: &[u8], found: &[tags::Found]) {
        let mut open: Vec<(&[u8], u32)> = Vec::new();
        for tag in found {
            let current = open.last().map_or(0, |(_, branch)| *branch);
            let now = match tag.kind {
                // Deeper than anything real; the branch around stands for it.
                tags::Kind::Opens if open.len() >= 64 => {
                    open.push((tag.word.of(text), current));
                    current
                }
                tags::Kind::Opens => {
                    self.parents.push(current);
                    let branch = self.parents.len() as u32 - 1;
                    open.push((tag.word.of(text), branch));
                    branch
                }
                tags::Kind::Switches => {
                    let deep = open.len() > 64;
                    let Some((_, branch)) = open.last_mut().filter(|_| !deep) else { continue };
                    self.parents.push(self.parents[*branch as usize]);
                    *branch = self.parents.len() as u32 - 1;
                    *branch
                }
                tags::Kind::Closes => {
                    let word = tag.word.of(text).strip_prefix(b"end").unwrap_or_default();
                    let meant = open.iter().rposition(|(opened, _)| word.is_empty() || *opened == word);
                    let Some(meant) = meant else { continue };
                    open.truncate(meant);
                    open.last().map_or(0, |(_, branch)| *branch)
                }
                _ => continue,
            };
            self.branches.push((tag.span.end, now));
        }
    }

    /// Covers what is not literal.
    fn mask(&mut self, text: &[u8], found: &[tags::Found]) {
        let mut next = 0;
        let mut empty_value: Option<u32> = None;
        let mut start = 0;
        while start < text.len() {
            let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |at| start + at + 1);
            while found.get(next).is_some_and(|tag| tag.span.end as usize <= start) {
                next += 1;
            }
            let here = || found[next..].iter().take_while(|tag| (tag.span.start as usize) < end);
            let line = &text[start..end];
            if here().next().is_none() {
                let body = line.trim_ascii();
                if !body.is_empty() {
                    // The value of `key =` may come from the tags below it.
                    empty_value = body.ends_with(b"=").then_some((start + line.trim_ascii_end().len()) as u32);
                }
                start = end;
                continue;
            }
            let mut literal = false;
            let mut at = start;
            for tag in here() {
                literal |= text.get(at..tag.span.start as usize).is_some_and(|gap| !gap.trim_ascii().is_empty());
                at = at.max(tag.span.end as usize);
            }
            literal |= text.get(at..end).is_some_and(|gap| !gap.trim_ascii().is_empty());
            let writes = here().any(|tag| tag.kind.writes());
            for tag in here() {
                let to = (tag.span.end as usize).min(end);
                // A line inside a tag goes on as deep as it is: YAML around it lives by that.
                let blanks = line.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
                let from = (tag.span.start as usize).max((start + blanks).min(to));
                let cover = if literal { b'x' } else { b' ' };
                for (byte, original) in self.masked[from..to].iter_mut().zip(&text[from..to]) {
                    if !matches!(original, b'\n' | b'\r') {
                        *byte = cover;
                    }
                }
                if literal || tag.kind.writes() {
                    self.dynamic.push(Span::new(from as u32, to as u32));
                }
            }
            if !literal && writes {
                let indented = line.first().is_some_and(|byte| matches!(byte, b' ' | b'\t'));
                match empty_value {
                    Some(value) => self.dynamic.push(Span::new(value, value)),
                    None if indented && self.continues(start) => {}
                    None => self.open.push(start as u32),
                }
            } else if !literal {
                if let Some(value) = empty_value {
                    self.dynamic.push(Span::new(value, value));
                }
                self.open.extend(here().filter(|tag| tag.kind == tags::Kind::Includes).map(|_| start as u32));
            } else {
                empty_value = None;
            }
            start = end;
        }
        self.dynamic.sort_unstable();
    }

    /// Marks the value above an indented line as one that goes on in it; whether there is one.
    fn continues(&mut self, start: usize) -> bool {
        let above = self.masked[..start].trim_ascii_end();
        let line = memchr::memrchr(b'\n', above).map_or(0, |at| at + 1);
        let literal = &above[line..];
        let assigns = memchr::memchr2(b'=', b':', literal).is_some() || literal.starts_with(b" ");
        if assigns && !literal.starts_with(b"[") && !literal.starts_with(b"#") {
            let end = above.len() as u32;
            self.dynamic.push(Span::new(end, end));
            return true;
        }
        false
    }

    /// The document behind the mask, without the errors that only the mask makes.
    pub fn document(&self) -> Document {
        let mut document = Document::read(&self.masked);
        document.errors.retain(|error| {
            // A template may be a part of a file, which another part starts.
            (error.kind != ErrorKind::NoSection || self.is_whole)
                && (error.kind == ErrorKind::NotUtf8 || self.is_whole || !self.is_dynamic(error.span))
                && !(error.kind == ErrorKind::Continuation && self.is_conditional(error.span.start))
        });
        document
    }

    /// Whether the value of an assignment is, in part, what an engine writes.
    pub fn is_opaque(&self, option: &Opt) -> bool {
        let from = option.separator + 1;
        self.is_dynamic(Span::new(from, option.raw.end.max(from)))
    }
}

/// The word at the start of a value that stands for one that is to come.
pub fn placeholder_word(value: &[u8]) -> Option<&[u8]> {
    tags::word_to_fill(value).map(|length| &value[..length])
}

#[cfg(test)]
mod tests;
