//! For people: miette draws the source line; what it draws comes from [`super::view`].

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fmt,
    io::{self, Write},
};

use miette::{Diagnostic, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::{
    blocks::{self, Block, said_once},
    content::Report,
    summary,
    view::{View, Views},
};
use crate::{
    ini::{Span, python},
    lint::{Finding, Fix, Severity},
    parallel,
    source::Place,
    style::Style,
};

/// What is left of the width for a source line after its number, at least.
const MARGIN: usize = 12;
/// Longest stretch that is underlined, in bytes.
const UNDERLINED: u32 = 160;
/// The fewest diagnostics that are worth a thread.
const WORTH_A_THREAD: usize = 64;
/// How many are drawn of one rule.
const DRAWN: usize = 1000;
/// How many other places of a block are listed.
const LISTED: usize = 200;
/// The longest place after which what stands there is put in a column, in characters.
const WIDEST: usize = 60;
/// How many are drawn before they are written: a kilobyte each.
const AT_ONCE: usize = 512;

pub(super) fn write(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let views = Views::new(report.files);
    let mut blocks = Block::all(report.findings.iter());
    let all = blocks.len();
    // Nobody reads a thousand drawings of one rule.
    let mut drawn: BTreeMap<&str, usize> = BTreeMap::new();
    blocks.retain(|block| {
        let count = drawn.entry(&block.first().rule.id).or_default();
        *count += 1;
        *count <= DRAWN
    });
    let begins = |block: &Block<'_>| block.first().change.map(|change| change.release);
    let first: Vec<bool> = (0..blocks.len())
        .map(|at| begins(&blocks[at]).is_some() && (at == 0 || begins(&blocks[at - 1]) != begins(&blocks[at])))
        .collect();
    let blocks: Vec<(Block<'_>, bool)> = blocks.into_iter().zip(first).collect();
    views.show_near(blocks.iter().flat_map(|(block, _)| {
        std::iter::once(block.first().place).chain(block.drawn(&views).map(|related| related.place))
    }));
    let draw = |some: &[(Block<'_>, bool)]| {
        let handler = style.handler();
        let filled = style.handler().with_wrap_lines(false);
        let mut text = String::new();
        for (block, begins) in some {
            if let (true, Some(change)) = (begins, block.first().change) {
                text.push_str(&style.paint("1;4", &format!("With {}", change.release.title())));
                text.push_str(&format!("  {}\n\n", change.reference()));
            }
            let mut drawn = Drawn::new(block, &views, style);
            let handler = if drawn.fill(style.width) { &filled } else { &handler };
            let start = text.len();
            handler.render_report(&mut text, &drawn)?;
            // The line between the name of the rule and its message says nothing.
            if let Some(at) = text[start..].find("\n\n") {
                text.remove(start + at);
            }
            also(block, &views, style, &mut text);
            text.push('\n');
        }
        Ok::<String, fmt::Error>(text)
    };
    for some in blocks.chunks(AT_ONCE) {
        for text in parallel::pieces(some, WORTH_A_THREAD, draw) {
            out.write_all(text.map_err(io::Error::other)?.as_bytes())?;
        }
    }
    for (rule, count) in drawn.into_iter().filter(|(_, count)| *count > DRAWN) {
        writeln!(out, "{} more of {rule} are not drawn: --format concise and json have all of them\n", count - DRAWN)?;
    }
    summary::write(report, &views, all, style, out)
}

/// The other places of a block, one a line.
fn also(block: &Block<'_>, views: &Views<'_>, style: &Style, text: &mut String) {
    let related = block.related(views).count();
    let mut all = block.related(views).chain(block.others(views));
    let others: Vec<(String, String)> = all.by_ref().take(LISTED).collect();
    let widest = others.iter().map(|(place, _)| place.chars().count()).max().unwrap_or_default().min(WIDEST);
    for (at, (place, what)) in others.iter().enumerate() {
        let head = if at == 0 { "  also: " } else { "        " };
        let line = format!("{head}{place:widest$}  {what}");
        // What belongs to the finding explains it, unless it is a long list.
        if at < related && related <= blocks::DRAWN {
            let indent = " ".repeat(head.len() + widest + 2);
            text.push_str(&textwrap::fill(&line, textwrap::Options::new(style.width).subsequent_indent(&indent)));
        } else {
            text.push_str(&cut(line.trim_end(), style.width));
        }
        text.push('\n');
    }
    let left = all.count();
    if left > 0 {
        text.push_str(&format!("        and {left} more places: --format concise lists them\n"));
    }
}

/// A line that fits: what is cut off leaves a mark.
fn cut(line: &str, width: usize) -> Cow<'_, str> {
    match line.char_indices().nth(width) {
        None => Cow::Borrowed(line),
        Some(_) => Cow::Owned(line.chars().take(width.saturating_sub(1)).chain(['…']).collect()),
    }
}

/// One diagnostic for one or several findings at one place.
struct Drawn<'r> {
    first: &'r Finding,
    message: String,
    help: String,
    code: String,
    view: Window<'r>,
    labels: Vec<(Place, String)>,
}

impl<'r> Drawn<'r> {
    fn new(block: &Block<'r>, views: &'r Views<'r>, style: &Style) -> Self {
        let group = block.places().next().unwrap_or_default();
        let first = group[0];
        let (message, merged) = said_once(group);
        let mut help = if merged {
            let others: Vec<String> =
                group[1..].iter().filter_map(|f| Some(format!("`{}`", f.option.as_deref()?))).collect();
            // The texts to choose from name each option.
            let are_offered = group.iter().all(|finding| finding.fix.is_some() || !finding.alternatives.is_empty());
            let same = if are_offered { String::new() } else { format!("; the same for {}", others.join(", ")) };
            first.help.as_ref().map(|help| format!("{help}{same}")).unwrap_or_default()
        } else {
            let mut helps: Vec<&str> = group.iter().filter_map(|finding| finding.help.as_deref()).collect();
            helps.dedup();
            helps.join("\n")
        };
        for finding in group {
            let unsafe_fix = |fix: &Fix| if fix.safe { "" } else { " (unsafe)" };
            let fix = finding.fix.iter().map(|fix| format!("fix: {}{}", fix.title, unsafe_fix(fix)));
            let word = if finding.fix.is_some() { "or" } else { "choice" };
            for line in fix.chain(finding.alternatives.iter().map(|other| format!("{word}: {}", other.title))) {
                if help.lines().any(|known| known == line) {
                    continue;
                }
                if !help.is_empty() {
                    help.push('\n');
                }
                help.push_str(&line);
            }
        }
        let mut labels = vec![(first.place, String::new())];
        labels.extend(block.drawn(views).map(|related| (related.place, related.message.to_string())));
        let code = format!("{}[{}] {}", first.severity.name(), first.rule.id, first.rule.name);
        let address = style.links.then(|| first.rule.address()).flatten();
        let code = address.map_or_else(|| code.clone(), |address| style.link(&address, &code));
        Self {
            first,
            message,
            help,
            code,
            view: Window::new(views.get(first.place.file), first.place, style.width),
            labels,
        }
    }
}

impl Drawn<'_> {
    /// Breaks lines at blanks, which costs a third of what miette's way does, and whether that is enough: where a word is
    /// longer than a line, miette has to break it.
    fn fill(&mut self, width: usize) -> bool {
        // What stands in front of each line.
        let texts = [(&mut self.message, "  × ".chars().count()), (&mut self.help, "  help: ".len())];
        let right = 2;
        let enough = texts.iter().all(|(text, indent)| {
            text.split_ascii_whitespace().all(|word| word.len() + indent + right <= width) && !text.contains("  ")
        });
        if enough {
            for (text, indent) in texts.into_iter().filter(|(text, indent)| text.len() + indent + right > width) {
                textwrap::fill_inplace(text, width - indent - right);
            }
        }
        enough
    }
}

impl fmt::Debug for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)
    }
}

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Drawn<'_> {}

impl Diagnostic for Drawn<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.first.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        (!self.help.is_empty()).then(|| Box::new(&self.help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.view)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().enumerate().map(|(at, (place, message))| {
            let span = self.view.drawn(place.span);
            let text = (!message.is_empty()).then(|| message.clone());
            let span = SourceSpan::from((span.start as usize, span.len() as usize));
            if at == 0 {
                LabeledSpan::new_primary_with_span(text, span)
            } else {
                LabeledSpan::new_with_span(text, span)
            }
        })))
    }
}

/// A file's covered text, cut so that a long line does not wrap.
struct Window<'v> {
    view: &'v View<'v>,
    /// How much of a source line is drawn, in bytes.
    room: usize,
    /// The line of the finding, where it is cut: with a mark on each side that is cut off.
    marked: Option<(Span, Vec<u8>)>,
}

/// What stands for the rest of a line.
const MARK: &str = "…";

impl<'v> Window<'v> {
    fn new(view: &'v View<'v>, place: Place, width: usize) -> Self {
        let mut window = Self { view, room: width.saturating_sub(MARGIN).max(MARGIN), marked: None };
        let span = window.drawn(place.span);
        let line = view.line(view.position(span.start).line as usize);
        if window.is_long(line) {
            let cut = window.cut(line, span);
            let mut text = Vec::with_capacity(cut.len() as usize + 2 * MARK.len());
            text.extend_from_slice(if cut.start > line.start { MARK.as_bytes() } else { b"" });
            text.extend_from_slice(cut.of(view.covered()));
            text.extend_from_slice(if cut.end < line.end { MARK.as_bytes() } else { b"" });
            window.marked = Some((cut, text));
        }
        window
    }

    fn is_long(&self, line: Span) -> bool {
        python::rstrip(line.of(self.view.covered())) > self.room
    }

    /// The part of a long line that is drawn, around a span of it.
    fn cut(&self, line: Span, span: Span) -> Span {
        let left = (self.room / 3) as u32;
        let last = line.end.saturating_sub(self.room as u32);
        let start = self.boundary(span.start.saturating_sub(left).min(last).max(line.start)).max(line.start);
        // A mark needs as many bytes as it takes the place of, since miette counts bytes.
        let start = if start - line.start < MARK.len() as u32 { line.start } else { start };
        let end = (start + self.room as u32).max(span.end).min(line.end);
        Span::new(start, self.boundary(end).max(start))
    }

    /// The part of a span that is underlined: on its first line, and not too much of it.
    fn drawn(&self, span: Span) -> Span {
        let line = self.view.line(self.view.position(span.start).line as usize);
        let text_end = line.start + python::rstrip(line.of(self.view.covered())) as u32;
        let end = span.end.min(text_end).min(span.start + UNDERLINED).max(span.start);
        Span::new(span.start, self.boundary(end).max(span.start))
    }

    /// The nearest character boundary at or before an offset.
    fn boundary(&self, at: u32) -> u32 {
        let text = self.view.covered();
        let starts_character = |i: &u32| text.get(*i as usize).is_none_or(|b| b & 0xc0 != 0x80);
        (0..4).map(|back| at.saturating_sub(back)).find(starts_character).unwrap_or(at)
    }
}

impl SourceCode for Window<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let view = self.view;
        let text = view.covered();
        let from = span.offset().min(text.len()) as u32;
        let to = (span.offset() + span.len()).min(text.len()) as u32;
        let (first, last) = (view.position(from).line as usize, view.position(to).line as usize);
        if (before, after) == (0, 0) {
            // miette asks so for the place that it names above the source.
            let at = SourceSpan::from((from as usize, (to - from) as usize));
            let column = view.position(from).column as usize - 1;
            let name = view.shown().to_string();
            let contents = MietteSpanContents::new_named(name, Span::new(from, to).of(text), at, first - 1, column, 1);
            return Ok(Box::new(contents));
        }
        let is_drawn = |line: usize| !self.is_long(view.line(line));
        let mut first_line = first.saturating_sub(before).max(1);
        while first_line < first && (view.line(first_line).of(text).trim_ascii().is_empty() || !is_drawn(first_line)) {
            first_line += 1;
        }
        let mut last_line = (last + after).min(view.lines());
        while last_line > last && !is_drawn(last_line) {
            last_line -= 1;
        }
        let mut slice = Span::new(view.line(first_line).start, view.line(last_line).end);
        let (mut line, mut column) = (first_line - 1, 0);
        if (first..=last).any(|line| !is_drawn(line)) {
            slice = self.cut(view.line(first), Span::new(from, to));
            line = first - 1;
            column = view.position(slice.start).column as usize - 1;
        }
        let (data, start) = match &self.marked {
            Some((cut, marked)) if *cut == slice => {
                let is_cut = slice.start > view.line(first).start;
                (marked.as_slice(), slice.start as usize - if is_cut { MARK.len() } else { 0 })
            }
            _ => (slice.of(text), slice.start as usize),
        };
        Ok(Box::new(MietteSpanContents::new_named(
            view.shown().to_string(),
            data,
            SourceSpan::from((start, data.len())),
            line,
            column,
            last_line - first_line + 1,
        )))
    }
}
