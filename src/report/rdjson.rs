use std::io::{self, Write};

use serde::{Serialize, Serializer, ser::SerializeSeq};
use serde_json::{Value, json};

use super::{content::Report, view::Views};
use crate::{
    lint::{Finding, Severity},
    source::Place,
};

#[derive(Serialize)]
struct Document<'r> {
    source: Value,
    diagnostics: Diagnostics<'r>,
}

/// The diagnostics, made one by one while they are written.
struct Diagnostics<'r>(&'r Report<'r>);

/// The Reviewdog Diagnostic Format (`DiagnosticResult`). Its reader refuses what it does not know, and it learnt of related
/// places late: they are left out.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let document = Document { source: json!({"name": "cinderlint"}), diagnostics: Diagnostics(report) };
    serde_json::to_writer(&mut *out, &document)?;
    writeln!(out)
}

impl Serialize for Diagnostics<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(report) = self;
        let views = Views::new(report.files);
        let mut diagnostics = to.serialize_seq(None)?;
        for finding in report.findings.iter().filter(|finding| finding.suppressed.is_none()) {
            diagnostics.serialize_element(&diagnostic(&views, finding))?;
        }
        for error in report.errors {
            let message = format!("cinderlint could not do its work: {}", error.message);
            let location = json!({"path": error.file});
            diagnostics.serialize_element(&json!({"message": message, "location": location, "severity": "ERROR"}))?;
        }
        diagnostics.end()
    }
}

fn diagnostic(views: &Views<'_>, finding: &Finding) -> Value {
    let severity = match finding.severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::Info => "INFO",
    };
    let mut code = json!({"value": finding.rule.id});
    if let Some(page) = finding.rule.address() {
        code["url"] = page.into();
    }
    let mut diagnostic = json!({
        "message": super::unlinked(super::told(finding)),
        "location": location(views, finding.place),
        "severity": severity,
        "code": code,
    });
    // Each suggestion stands for itself: one half of a fix would be none.
    if let Some([edit]) = finding.fix.as_ref().and_then(|fix| fix.shown())
        && edit.place.file == finding.place.file
    {
        diagnostic["suggestions"] = json!([{"range": range(views, edit.place), "text": edit.text}]);
    }
    diagnostic
}

fn location(views: &Views<'_>, place: Place) -> Value {
    json!({"path": views.get(place.file).relative(), "range": range(views, place)})
}

/// Columns count bytes here.
fn range(views: &Views<'_>, place: Place) -> Value {
    let view = views.get(place.file);
    let position = |offset| {
        let at = view.byte_position(offset);
        json!({"line": at.line, "column": at.column})
    };
    json!({"start": position(place.span.start), "end": position(place.span.end)})
}
