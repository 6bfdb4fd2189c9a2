//! The end of the report for people: what was read, and what to do next.

use std::io::{self, Write};

use super::{
    content::Report,
    statistics::{self, Counts, Statistics},
    view::Views,
};
use crate::{
    ini::Span,
    lint::{Finding, Fix, reached},
    source::{FileId, Origin, Place},
    style::Style,
    text::one_line,
};

/// From how many findings on their files and rules are counted.
const MANY: usize = 10;
/// How many files and rules are named.
const NAMED: usize = 10;

/// `1 error, 2 warnings`; empty: nothing was counted.
fn said(counts: Counts, style: &Style) -> String {
    let words = [(counts.error, "error", "1;31"), (counts.warning, "warning", "1;33"), (counts.info, "info", "1;36")];
    let parts = words.into_iter().filter(|(n, ..)| *n > 0);
    parts.map(|(n, word, color)| style.paint(color, &count(n, word))).collect::<Vec<_>>().join(", ")
}

/// `1 file`, `2 files`; `info` is the name of a severity, and has no plural.
fn count(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 || word == "info" { "" } else { "s" })
}

/// Says what was read, so that "no findings" means something; of many findings, where they are, the worst first.
pub(super) fn write(
    report: &Report<'_>,
    views: &Views<'_>,
    blocks: usize,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    if report.linted == 0 && !report.errors.is_empty() {
        // "No findings" would be true, and misleading.
        return Ok(());
    }
    if report.linted == 0 && report.findings.is_empty() {
        return writeln!(out, "nothing to lint: every file is left out; --show-files says why");
    }
    let shown: Vec<&Finding> = report.findings.iter().filter(|finding| finding.suppressed.is_none()).collect();
    let Statistics { mut rules, mut files, total, .. } = statistics::of(report);
    rules.sort_by(|a, b| a.counts.worst().cmp(&b.counts.worst()).then_with(|| a.rule.cmp(b.rule)));
    if shown.len() >= MANY {
        files.sort_by(|a, b| a.counts.worst().cmp(&b.counts.worst()).then_with(|| a.shown.cmp(b.shown)));
        if files.len() > 1 {
            let lines = files.iter().map(|file| (file.counts, 0, one_line(file.shown).into_owned()));
            table(lines, "file", style, out)?;
        }
        if rules.len() > 1 {
            let lines = rules.iter().map(|rule| (rule.counts, rule.blocks, format!("{} {}", rule.rule, rule.name)));
            table(lines, "rule", style, out)?;
        }
    }
    let nothing = if report.upgrade.is_some() { "nothing changes" } else { "no findings" };
    let mut found = if shown.is_empty() { style.paint("1;32", nothing) } else { said(total, style) };
    if blocks < shown.len() {
        found.push_str(&format!(" in {}", count(blocks, "block")));
    }
    let suppressed = report.findings.len() - shown.len();
    if suppressed > 0 {
        found.push_str(&format!(" ({suppressed} suppressed)"));
    }
    let read = [count(report.linted, "file"), count(report.backends, "backend")];
    writeln!(out, "{found} in {} with {}, {}", read[0], read[1], report.read_as())?;
    let by_release = shown.iter().filter(|finding| finding.rule.depends_on_release()).count();
    if report.assumed && report.upgrade.is_none() && by_release > 0 {
        let (some, depend) = if by_release == 1 { ("1 finding", "depends") } else { ("findings", "depend") };
        let some = if by_release == 1 { some.to_string() } else { format!("{by_release} {some}") };
        writeln!(out, "{some} {depend} on the release: --release names the one that reads the files")?;
    }
    if let Some(text) = stop(report, &shown, views) {
        writeln!(out, "{text}")?;
    }
    // What stands inside another file is not written back.
    let writable = |fix: &&Fix| fix.edits.iter().all(|edit| report.files.get(edit.place.file).origin != Origin::None);
    let fixes: Vec<bool> =
        shown.iter().filter_map(|finding| finding.fix.as_deref().filter(writable)).map(|fix| fix.safe).collect();
    let safe = fixes.iter().filter(|safe| **safe).count();
    match (safe, fixes.len() - safe) {
        (0, 0) => {}
        (0, more) => writeln!(out, "{more} can be fixed with --fix --unsafe-fixes; --diff --unsafe-fixes shows how")?,
        (some, 0) => writeln!(out, "{some} can be fixed with --fix; --diff shows how")?,
        (some, more) => {
            writeln!(out, "{some} can be fixed with --fix, {more} more with --unsafe-fixes; --diff shows how")?;
        }
    }
    match rules.first() {
        Some(rule) => writeln!(out, "cinderlint explain {} says more", rule.rule),
        None => Ok(()),
    }
}

/// Where oslo.config stops, and what that means for what is said.
fn stop(report: &Report<'_>, shown: &[&Finding], views: &Views<'_>) -> Option<String> {
    let refused = reached::refused(shown.iter().copied());
    let place = |file: FileId, span: Span| {
        let line = views.range(Place { file, span }).0.line;
        (format!("{}:{line}", one_line(views.get(file).shown())), line)
    };
    // In the order of the report, which does not depend on the order of the files.
    for finding in shown {
        let file = finding.place.file;
        let Some(&first) = refused.get(&file) else { continue };
        let document = &report.files.get(file).document;
        let last = document.options.last().map(|option| option.key.start);
        let last = last.max(document.sections.last().map(|section| section.header.start));
        if last.is_some_and(|last| last > first.start) {
            let (place, line) = place(file, first);
            return Some(format!(
                "oslo.config stops at {place}: the lines after it are checked once line {line} is mended"
            ));
        }
        if reached::is_unread(finding, &refused) {
            let (place, line) = place(file, first);
            return Some(format!(
                "oslo.config stops at {place}: what is said of the lines after it holds once line {line} is mended"
            ));
        }
    }
    None
}

/// What has which counts, in how many blocks (0: that is not told), and its name; the worst first.
fn table(
    lines: impl ExactSizeIterator<Item = (Counts, usize, String)>,
    what: &str,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let left = lines.len().saturating_sub(NAMED);
    let lines: Vec<(Counts, usize, String)> = lines.take(NAMED).collect();
    let widest = lines.iter().map(|(.., name)| name.chars().count()).max().unwrap_or_default();
    for (counts, blocks, name) in lines {
        let all = counts.error + counts.warning + counts.info;
        let blocks = if blocks == 0 || blocks == all { String::new() } else { format!("{}, ", count(blocks, "block")) };
        writeln!(out, "{name:widest$}  {blocks}{}", said(counts, style))?;
    }
    if left > 0 {
        writeln!(out, "and {} more", count(left, what))?;
    }
    writeln!(out)
}
