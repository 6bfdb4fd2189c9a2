use std::io::{self, BufWriter, Write};

use serde::Serialize;

use super::{content::Report, tool_error::ToolError, view::Views};
use crate::{
    lint::{self, Finding, Severity},
    message::Message,
};

/// Version of what `json` and `jsonl` say; changes within a version only add.
pub(super) const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'r, F: Serialize> {
    schema_version: u32,
    tool: Tool,
    release: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    upgrade: Option<Upgrade>,
    findings: F,
    summary: Summary,
    errors: Vec<Error<'r>>,
}

#[derive(Serialize)]
struct Upgrade {
    from: &'static str,
    to: &'static str,
}

#[derive(Serialize)]
pub(super) struct Tool {
    name: &'static str,
    version: &'static str,
}

impl Tool {
    pub(super) const THIS: Self = Self { name: "cinderlint", version: env!("CARGO_PKG_VERSION") };
}

#[derive(Serialize)]
pub(super) struct Entry<'r> {
    rule: &'r str,
    name: &'r str,
    severity: &'static str,
    message: &'r str,
    file: &'r str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    byte_start: u32,
    byte_end: u32,
    section: Option<&'r str>,
    option: Option<&'r str>,
    fingerprint: String,
    help: Option<&'r str>,
    related: Vec<Related<'r>>,
    fix: Option<Fix<'r>>,
    alternatives: Vec<Fix<'r>>,
    suppressed: Option<Suppressed<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<Change>,
    group: u64,
}

/// What an upgrade has to do with it.
#[derive(Serialize)]
struct Change {
    release: &'static str,
    kind: &'static str,
    reference: String,
}

#[derive(Serialize)]
struct Related<'r> {
    file: &'r str,
    line: u32,
    column: u32,
    message: &'r str,
}

#[derive(Serialize)]
struct Fix<'r> {
    applicability: &'static str,
    title: &'r str,
    edits: Vec<Edit<'r>>,
}

#[derive(Serialize)]
struct Edit<'r> {
    file: &'r str,
    byte_start: u32,
    byte_end: u32,
    text: &'r str,
}

#[derive(Serialize)]
struct Suppressed<'r> {
    reason: &'r str,
}

#[derive(Serialize)]
pub(super) struct Summary {
    files: usize,
    backends: usize,
    error: usize,
    warning: usize,
    info: usize,
    suppressed: usize,
}

#[derive(Serialize)]
pub(super) struct Error<'r> {
    file: &'r str,
    message: &'r Message,
}

impl Summary {
    pub(super) fn of(report: &Report<'_>) -> Self {
        Self {
            files: report.linted,
            backends: report.backends,
            error: report.count(Severity::Error),
            warning: report.count(Severity::Warning),
            info: report.count(Severity::Info),
            suppressed: report.findings.iter().filter(|f| f.suppressed.is_some()).count(),
        }
    }
}

impl<'r> Error<'r> {
    pub(super) fn of(error: &'r ToolError) -> Self {
        Self { file: &error.file, message: &error.message }
    }
}

/// A list whose items are made one by one, as they are written: there may be very many.
pub(crate) struct Each<F>(pub(crate) F);

impl<F: Fn() -> I, I: Iterator<Item: Serialize>> Serialize for Each<F> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// The document of the contract: versioned, without times or absolute paths.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let views = Views::new(report.files);
    let document = Document {
        schema_version: SCHEMA_VERSION,
        tool: Tool::THIS,
        release: report.release.name(),
        upgrade: report.upgrade.map(|(from, to)| Upgrade { from: from.name(), to: to.name() }),
        findings: Each(|| report.findings.iter().map(|finding| entry(&views, finding))),
        summary: Summary::of(report),
        errors: report.errors.iter().map(Error::of).collect(),
    };
    // The serializer writes a few bytes at a time: through the trait object each of them would be a call.
    let mut out = BufWriter::new(out);
    serde_json::to_writer_pretty(&mut out, &document)?;
    writeln!(out)?;
    out.flush()
}

pub(super) fn entry<'r>(views: &Views<'r>, finding: &'r Finding) -> Entry<'r> {
    let path = |place: crate::source::Place| views.get(place.file).relative();
    let (start, end) = views.range(finding.place);
    let edit = |edit: &'r lint::Edit| Edit {
        file: path(edit.place),
        byte_start: edit.place.span.start,
        byte_end: edit.place.span.end,
        text: &edit.text,
    };
    let fix = |fix: &'r lint::Fix| Fix {
        applicability: if fix.safe { "safe" } else { "unsafe" },
        title: &fix.title,
        edits: fix.shown().unwrap_or_default().iter().map(edit).collect(),
    };
    Entry {
        rule: &finding.rule.id,
        name: &finding.rule.name,
        severity: finding.severity.name(),
        message: &finding.message,
        file: path(finding.place),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        byte_start: finding.place.span.start,
        byte_end: finding.place.span.end,
        section: finding.section.as_deref(),
        option: finding.option.as_deref(),
        fingerprint: finding.fingerprint.to_string(),
        help: finding.help.as_deref(),
        related: finding
            .related
            .iter()
            .map(|related| {
                let (start, _) = views.range(related.place);
                Related { file: path(related.place), line: start.line, column: start.column, message: &related.message }
            })
            .collect(),
        fix: finding.fix.as_deref().filter(|fix| fix.shown().is_some()).map(fix),
        alternatives: finding.alternatives.iter().map(fix).collect(),
        suppressed: finding.suppressed.as_deref().map(|reason| Suppressed { reason }),
        change: finding.change.map(|change| Change {
            release: change.release.name(),
            kind: change.kind.name(),
            reference: change.reference(),
        }),
        group: finding.group,
    }
}
