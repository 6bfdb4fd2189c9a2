//! GitHub Actions: workflow commands that become annotations, and a job summary.

use std::io::{self, Write};

use super::{
    blocks::{Block, said_once},
    content::Report,
    markdown::markdown,
    repository::Repository,
    view::Views,
};
use crate::{
    lint::{Finding, Severity},
    text::is_unprintable,
};

/// How many annotations of a kind GitHub keeps of a step.
const SHOWN: usize = 10;
/// How many other places an annotation names.
const PLACES: usize = 20;
/// How many findings the summary lists; a step may write 1 MiB.
const LISTED: usize = 500;

const BY_SEVERITY: [(Severity, &str, &str); 3] = [
    (Severity::Error, "error", "errors"),
    (Severity::Warning, "warning", "warnings"),
    (Severity::Info, "notice", "notices"),
];

fn of_severity<'r>(report: &Report<'r>, severity: Severity) -> impl Iterator<Item = &'r Finding> {
    report.findings.iter().filter(move |f| f.severity == severity && f.suppressed.is_none())
}

/// One command a block, the most severe first; what GitHub would drop is counted in a last one.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let views = Views::new(report.files);
    let repository = Repository::around_here();
    for error in report.errors.iter().take(SHOWN) {
        let message = escaped(&format!("{}: {}", error.file, error.message));
        writeln!(out, "::error title=cinderlint could not do its work::{message}")?;
    }
    let room = |severity| match severity {
        Severity::Error => SHOWN.saturating_sub(report.errors.len()),
        _ => SHOWN,
    };
    let blocks = BY_SEVERITY.map(|(severity, ..)| Block::all(of_severity(report, severity)));
    let overflows = blocks.iter().zip(BY_SEVERITY).any(|(blocks, (severity, ..))| blocks.len() > room(severity));
    let mut left = Vec::new();
    for (blocks, (severity, command, plural)) in blocks.iter().zip(BY_SEVERITY) {
        // The last annotation is a notice itself.
        let room = room(severity) - usize::from(overflows && severity == Severity::Info);
        for block in blocks.iter().take(room) {
            annotation(&views, &repository, block, command, out)?;
        }
        match blocks.iter().skip(room).map(|block| block.findings.len()).sum::<usize>() {
            0 => {}
            1 => left.push(format!("1 {command}")),
            more => left.push(format!("{more} {plural}")),
        }
    }
    if overflows {
        let left = left.join(", ");
        writeln!(out, "::notice title=cinderlint::{left} more: GitHub shows {SHOWN} of a kind for a step")?;
    }
    Ok(())
}

fn annotation(
    views: &Views<'_>,
    repository: &Repository,
    block: &Block<'_>,
    command: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let finding = block.first();
    let (start, end) = views.range(finding.place);
    let path = property(&repository.path(views.get(finding.place.file).relative()));
    write!(out, "::{command} file={path},line={},endLine={}", start.line, end.line)?;
    // Columns of two lines make no range.
    if start.line == end.line {
        write!(out, ",col={},endColumn={}", start.column, end.column)?;
    }
    let title = property(&format!("{} {}", finding.rule.id, finding.rule.name));
    let (mut text, _) = said_once(block.places().next().unwrap_or_default());
    if let Some(help) = &finding.help {
        text.push_str(&format!("\nhelp: {help}"));
    }
    let mut others = block.others(views);
    for (at, (place, what)) in others.by_ref().take(PLACES).enumerate() {
        let head = if at == 0 { "\nalso: " } else { "; " };
        text.push_str(&format!("{head}{place} {what}"));
    }
    match others.count() {
        0 => {}
        more => text.push_str(&format!(" and {more} more places")),
    }
    writeln!(out, ",title={title}::{}", escaped(&text))
}

/// The data of a workflow command: nothing in it may end the line, nor steer who reads the log.
fn escaped(text: &str) -> String {
    let mut data = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '%' => data.push_str("%25"),
            '\r' => data.push_str("%0D"),
            '\n' => data.push_str("%0A"),
            // Azure Pipelines and TeamCity, and GitHub's own old form, look for `##[` in the midst of lines.
            '[' if data.trim_end_matches(|c: char| c.is_ascii_alphanumeric()).ends_with("##") => {
                data.push_str("\u{200b}[")
            }
            _ if is_unprintable(c) => data.push('\u{fffd}'),
            _ => data.push(c),
        }
    }
    data
}

/// A property of a workflow command.
fn property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}

/// Writes the run as Markdown, for the page of the job.
///
/// # Errors
/// Those of the writer.
pub fn write_summary(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let views = Views::new(report.files);
    let files = if report.linted == 1 { "file" } else { "files" };
    writeln!(out, "### cinderlint\n")?;
    let counts: Vec<String> = BY_SEVERITY
        .iter()
        .filter_map(|&(severity, one, more)| match report.count(severity) {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {more}")),
        })
        .collect();
    let found = if counts.is_empty() { "No findings".to_string() } else { counts.join(", ") };
    writeln!(out, "{found} in {} {files}, read {}.", report.linted, report.read_as())?;
    for error in report.errors {
        writeln!(out, "\n**Not read:** {}: {}", markdown(&error.file), markdown(&error.message.to_string()))?;
    }
    if counts.is_empty() {
        return writeln!(out);
    }
    writeln!(out, "\n| Severity | Rule | Where | What |\n| --- | --- | --- | --- |")?;
    let mut rows =
        BY_SEVERITY.iter().flat_map(|&(severity, name, _)| of_severity(report, severity).map(move |f| (f, name)));
    for (finding, severity) in rows.by_ref().take(LISTED) {
        let (start, _) = views.range(finding.place);
        writeln!(
            out,
            "| {severity} | {} {} | {}:{} | {} |",
            finding.rule.id,
            markdown(&finding.rule.name),
            markdown(views.get(finding.place.file).relative()),
            start.line,
            markdown(&super::told(finding)),
        )?;
    }
    match rows.count() {
        0 => writeln!(out),
        more => writeln!(out, "\nand {more} more.\n"),
    }
}
