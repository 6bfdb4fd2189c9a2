//! For people: miette draws the source line; what it draws comes from [`super::view`].

use std::{
    collections::BTreeMap,
    fmt,
    io::{self, Write},
};

use miette::{Diagnostic, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::{
    content::Report,
    view::{View, Views},
};
use crate::{
    ini::{Span, python},
    lint::{Finding, Fix, Severity},
    parallel,
    source::{Origin, Place},
    style::Style,
};

/// Longest stretch of one source line that is drawn, in bytes on each side of what it is about.
const AROUND: usize = 120;
/// Longest stretch that is underlined, in bytes.
const UNDERLINED: u32 = 160;
/// The fewest diagnostics that are worth a thread.
const WORTH_A_THREAD: usize = 64;
/// How many are drawn of one rule.
const DRAWN: usize = 1000;
/// How many are drawn before they are written: a kilobyte each.
const AT_ONCE: usize = 512;

pub(super) fn write(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let views = Views::new(report.files);
    let shown: Vec<&Finding> = report.findings.iter().filter(|finding| finding.suppressed.is_none()).collect();
    // Two options that are missing at the same place are one thing to read.
    let mut groups: Vec<&[&Finding]> = shown.chunk_by(|a, b| a.rule.id == b.rule.id && a.place == b.place).collect();
    // Nobody reads a thousand drawings of one rule.
    let mut drawn: BTreeMap<&str, usize> = BTreeMap::new();
    groups.retain(|group| {
        let count = drawn.entry(&group[0].rule.id).or_default();
        *count += 1;
        *count <= DRAWN
    });
    let begins = |group: &[&Finding]| group[0].change.map(|change| change.release);
    let first: Vec<bool> = (0..groups.len())
        .map(|at| begins(groups[at]).is_some() && (at == 0 || begins(groups[at - 1]) != begins(groups[at])))
        .collect();
    let groups: Vec<(&[&Finding], bool)> = groups.into_iter().zip(first).collect();
    let draw = |some: &[(&[&Finding], bool)]| {
        let handler = style.handler();
        let filled = style.handler().with_wrap_lines(false);
        let mut text = String::new();
        for (group, begins) in some {
            if let (true, Some(change)) = (begins, group[0].change) {
                text.push_str(&style.paint("1;4", &format!("With {}", change.release.title())));
                text.push_str("\n\n");
            }
            let mut drawn = Drawn::new(group, &views, style);
            let handler = if drawn.fill(style.width) { &filled } else { &handler };
            handler.render_report(&mut text, &drawn)?;
            text.push('\n');
        }
        Ok::<String, fmt::Error>(text)
    };
    for some in groups.chunks(AT_ONCE) {
        for text in parallel::pieces(some, WORTH_A_THREAD, draw) {
            out.write_all(text.map_err(io::Error::other)?.as_bytes())?;
        }
    }
    for (rule, count) in drawn.into_iter().filter(|(_, count)| *count > DRAWN) {
        writeln!(out, "{} more of {rule} are not drawn: --format concise and json have all of them\n", count - DRAWN)?;
    }
    summary(report, style, out)
}

/// What was read, so that "no findings" means something.
fn summary(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    if report.linted == 0 && !report.errors.is_empty() {
        // "No findings" would be true, and misleading.
        return Ok(());
    }
    if report.linted == 0 && report.findings.is_empty() {
        return writeln!(out, "nothing to lint: every file is left out, and --show-files says why");
    }
    let count = |n: usize, one: &str, more: &str| format!("{n} {}", if n == 1 { one } else { more });
    let parts: Vec<String> = [
        (report.count(Severity::Error), "error", "errors", "1;31"),
        (report.count(Severity::Warning), "warning", "warnings", "1;33"),
        (report.count(Severity::Info), "note", "notes", "1;36"),
    ]
    .into_iter()
    .filter(|(n, ..)| *n > 0)
    .map(|(n, one, more, color)| style.paint(color, &count(n, one, more)))
    .collect();
    let nothing = if report.upgrade.is_some() { "nothing changes" } else { "no findings" };
    let mut found = if parts.is_empty() { style.paint("1;32", nothing) } else { parts.join(", ") };
    let suppressed = report.findings.iter().filter(|finding| finding.suppressed.is_some()).count();
    if suppressed > 0 {
        found.push_str(&format!(" ({suppressed} suppressed)"));
    }
    writeln!(
        out,
        "{found} in {} with {}, {}",
        count(report.linted, "file", "files"),
        count(report.backends, "backend", "backends"),
        report.read_as(),
    )?;
    // What stands inside another file is not written back.
    let writable = |fix: &&Fix| fix.edits.iter().all(|edit| report.files.get(edit.place.file).origin != Origin::None);
    let fixes = report.findings.iter().filter(|finding| finding.suppressed.is_none());
    let fixes: Vec<bool> =
        fixes.filter_map(|finding| finding.fix.as_ref().filter(writable)).map(|fix| fix.safe).collect();
    let safe = fixes.iter().filter(|safe| **safe).count();
    match (safe, fixes.len() - safe) {
        (0, 0) => Ok(()),
        (0, more) => writeln!(out, "{more} can be fixed with --fix --unsafe-fixes; --diff --unsafe-fixes shows how"),
        (some, 0) => writeln!(out, "{some} can be fixed with --fix; --diff shows how"),
        (some, more) => {
            writeln!(out, "{some} can be fixed with --fix, {more} more with --unsafe-fixes; --diff shows how")
        }
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
    fn new(group: &[&'r Finding], views: &'r Views<'r>, style: &Style) -> Self {
        let first = group[0];
        let (message, merged) = said_once(group);
        let mut help = if merged {
            let others: Vec<String> =
                group[1..].iter().filter_map(|f| Some(format!("`{}`", f.option.as_deref()?))).collect();
            first.help.as_ref().map(|help| format!("{help}; likewise {}", others.join(", "))).unwrap_or_default()
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
        for related in &first.related {
            if related.place.file == first.place.file {
                labels.push((related.place, related.message.clone()));
            } else {
                let (start, _) = views.range(related.place);
                let path = views.get(related.place.file).shown();
                if !help.is_empty() {
                    help.push('\n');
                }
                help.push_str(&format!("{path}:{}: {}", start.line, related.message));
            }
        }
        let code = format!("{}[{}] {}", first.severity.name(), first.rule.id, first.rule.name);
        let address = style.links.then(|| first.rule.address()).flatten();
        let code = address.map_or_else(|| code.clone(), |address| style.link(&address, &code));
        Self { first, message, help, code, view: Window(views.get(first.place.file)), labels }
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

/// The messages of a group. Where they differ in nothing but the option, one message that names all options, and true.
fn said_once(group: &[&Finding]) -> (String, bool) {
    let first = group[0];
    let quoted = |finding: &Finding| finding.option.as_ref().map(|option| format!("`{option}`"));
    if let Some(name) = quoted(first)
        && group.len() > 1
        && group.iter().all(|other| quoted(other).is_some_and(|o| other.message == first.message.replace(&name, &o)))
    {
        let names: Vec<String> = group.iter().filter_map(|finding| quoted(finding)).collect();
        return (first.message.replacen(&name, &names.join(", "), 1), true);
    }
    (group.iter().map(|finding| finding.message.as_str()).collect::<Vec<_>>().join("\n"), false)
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

/// A file's covered text, cut so that a very long line does not fill the screen.
struct Window<'v>(&'v View<'v>);

impl Window<'_> {
    /// The part of a span that is underlined: on its first line, and not too much of it.
    fn drawn(&self, span: Span) -> Span {
        let line = self.0.line(self.0.position(span.start).line as usize);
        let text_end = line.start + python::rstrip(line.of(self.0.covered())) as u32;
        let end = span.end.min(text_end).min(span.start + UNDERLINED).max(span.start);
        Span::new(span.start, self.boundary(end).max(span.start))
    }

    /// The nearest character boundary at or before an offset.
    fn boundary(&self, at: u32) -> u32 {
        let text = self.0.covered();
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
        let view = self.0;
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
        let first_line = first.saturating_sub(before).max(1);
        let last_line = (last + after).min(view.lines());
        let (mut start, mut end) = (view.line(first_line).start, view.line(last_line).end);
        let (mut line, mut column) = (first_line - 1, 0);
        if (end - start) as usize > (to - from) as usize + 8 * AROUND {
            (start, end) = (view.line(first).start, view.line(last).end);
            line = first - 1;
            if (from - start) as usize > AROUND {
                start = self.boundary(from - AROUND as u32);
                column = view.position(start).column as usize - 1;
            }
            if (end - to) as usize > AROUND {
                end = self.boundary(to + AROUND as u32);
            }
        }
        let slice = Span::new(start, end);
        Ok(Box::new(MietteSpanContents::new_named(
            view.shown().to_string(),
            slice.of(text),
            SourceSpan::from((start as usize, slice.len() as usize)),
            line,
            column,
            last_line - first_line + 1,
        )))
    }
}
