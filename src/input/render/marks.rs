use crate::{
    ini::Span,
    source::map::{Map, Segment},
};

/// What opens a stretch, ends its number, and closes it; digits of base 16 between.
const OPENS: char = '\u{f0000}';
const BEGINS: char = '\u{f0001}';
const CLOSES: char = '\u{f0002}';
const DIGITS: u32 = 0xf0010;

pub(super) fn is_mark(c: char) -> bool {
    ('\u{f0000}'..='\u{f001f}').contains(&c)
}

/// A template for the engine.
#[derive(Default)]
pub(super) struct Marked {
    pub(super) text: String,
    /// Where each stretch of it starts, there and in the template.
    starts: Vec<(usize, usize)>,
}

impl Marked {
    /// Where an offset stands in the template.
    pub(super) fn source(&self, at: usize) -> Option<usize> {
        let behind = self.starts.partition_point(|(start, _)| *start <= at);
        let (start, source) = *self.starts.get(behind.checked_sub(1)?)?;
        Some(source + (at - start))
    }

    fn add(&mut self, text: &str, source: usize) {
        self.starts.push((self.text.len(), source));
        self.text.push_str(text);
    }

    /// A stretch of the template that comes out as it is.
    fn literal(&mut self, text: &str, source: usize, marks: bool) {
        if marks {
            self.text.push(OPENS);
            self.text
                .extend(format!("{source:x}").chars().filter_map(|digit| char::from_u32(DIGITS + digit.to_digit(16)?)));
            self.text.push(BEGINS);
        }
        self.add(text, source);
        if marks {
            self.text.push(CLOSES);
        }
    }
}

/// Marks what is literal, and makes what is opaque literal. Blanks stay outside of marks: tags may swallow them.
pub(super) fn mark(text: &str, tags: &[(Span, bool)], opaque: &[bool], marks: bool) -> Marked {
    let mut marked = Marked::default();
    let mut at = 0;
    let end = (Span::new(text.len() as u32, text.len() as u32), false);
    for (nth, (tag, _)) in tags.iter().chain([&end]).enumerate() {
        let (from, to) = (tag.start as usize, tag.end as usize);
        for line in text.get(at..from).unwrap_or_default().split_inclusive('\n') {
            let body = line.trim();
            let blanks = line.len() - line.trim_start().len();
            if body.is_empty() {
                marked.add(line, at);
            } else {
                marked.add(&line[..blanks], at);
                marked.literal(body, at + blanks, marks);
                marked.add(&line[blanks + body.len()..], at + blanks + body.len());
            }
            at += line.len();
        }
        let tag = text.get(from..to).unwrap_or_default();
        if opaque.get(nth) == Some(&true) {
            let mut inner = Marked::default();
            inner.literal(tag, from, marks);
            let sign = |at: Option<u8>| if at == Some(b'-') { "-" } else { "" };
            let (opens, closes) =
                (tag.as_bytes().get(2), tag.len().checked_sub(3).and_then(|at| tag.as_bytes().get(at)));
            marked.add("{{", from);
            let inner = serde_json::Value::String(inner.text);
            marked.text.push_str(&format!("{} {inner} {}}}}}", sign(opens.copied()), sign(closes.copied())));
        } else {
            marked.add(tag, from);
        }
        at = to;
    }
    marked
}

/// Takes the marks out of a result, and makes them a map.
pub(super) fn read(result: &str, source: &str, tags: &[(Span, bool)], mut map: Map) -> (Vec<u8>, Map) {
    let mut text = String::with_capacity(result.len());
    let mut rest = result;
    // Behind the last stretch of the template that came out.
    let mut behind = 0;
    let between = |text: &mut String, map: &mut Map, written: &str, behind: usize, next: Option<usize>| {
        if written.is_empty() {
            return;
        }
        let at = text.len() as u32;
        text.push_str(written);
        let piece = Span::new(at, text.len() as u32);
        let as_it_is = next.and_then(|next| source.get(behind..next)) == Some(written);
        let source = if as_it_is {
            Span::new(behind as u32, (behind + written.len()) as u32)
        } else {
            origin(tags, behind, next, source.len())
        };
        map.push(Segment { piece, source, exact: as_it_is });
    };
    while let Some(open) = rest.find(OPENS) {
        let inner = &rest[open + OPENS.len_utf8()..];
        let number = inner.chars().take_while(|c| *c != BEGINS);
        let at =
            number.fold(0usize, |sum, c| sum.wrapping_mul(16).wrapping_add((c as u32).wrapping_sub(DIGITS) as usize));
        let body = inner.find(BEGINS).map_or("", |begins| &inner[begins + BEGINS.len_utf8()..]);
        let end = body.find(CLOSES).unwrap_or(body.len());
        let stretch: String = body[..end].chars().filter(|c| !is_mark(*c)).collect();
        let written: String = rest[..open].chars().filter(|c| !is_mark(*c)).collect();
        between(&mut text, &mut map, &written, behind, Some(at));
        let exact = source.get(at..).is_some_and(|source| source.starts_with(&stretch));
        let piece = Span::new(text.len() as u32, (text.len() + stretch.len()) as u32);
        let from = at.min(source.len());
        let to = (from + stretch.len()).min(source.len());
        map.push(Segment { piece, source: Span::new(from as u32, to as u32), exact });
        text.push_str(&stretch);
        behind = to;
        rest = body.get(end + CLOSES.len_utf8()..).unwrap_or_default();
    }
    let written: String = rest.chars().filter(|c| !is_mark(*c)).collect();
    between(&mut text, &mut map, &written, behind, Some(source.len()).filter(|_| !written.trim().is_empty()));
    (text.into_bytes(), map)
}

/// Where text comes from that is no stretch of the template: the tags between two that are.
fn origin(tags: &[(Span, bool)], behind: usize, next: Option<usize>, end: usize) -> Span {
    let first = tags.partition_point(|(tag, _)| (tag.start as usize) < behind);
    let here = tags.get(first..).unwrap_or_default();
    // Back to the start of a loop: the last tag in front of it, but for one that comes first.
    if let Some(next) = next.filter(|next| *next < behind) {
        let before = tags.partition_point(|(tag, _)| tag.end as usize <= next);
        let near = here.first().filter(|(_, writes)| *writes);
        let near = near.or_else(|| tags.get(before.checked_sub(1)?)).or(here.first());
        return near.map_or(Span::new(next as u32, next as u32), |(tag, _)| *tag);
    }
    let last = next.unwrap_or(end);
    let writes = here.iter().take_while(|(tag, _)| tag.end as usize <= last).filter(|(_, writes)| *writes);
    let mut writes = writes.map(|(tag, _)| *tag);
    match (writes.next(), here.first()) {
        (Some(one), _) => one,
        (None, Some((tag, _))) => *tag,
        (None, None) => Span::new(behind.min(end) as u32, behind.min(end) as u32),
    }
}
