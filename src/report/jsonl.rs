use std::io::{self, Write};

use serde::Serialize;

use super::{
    content::Report,
    json::{Entry, Error, SCHEMA_VERSION, Summary, Tool, entry},
    view::Views,
};

/// One line of the stream.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Line<'r> {
    Finding(Box<Entry<'r>>),
    Error(Error<'r>),
    Summary {
        schema_version: u32,
        tool: Tool,
        release: &'static str,
        #[serde(flatten)]
        summary: Summary,
    },
}

/// One JSON object a line: each finding and each error as in the JSON document with its `kind`, then the summary.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let views = Views::new(report.files);
    let findings = report.findings.iter().map(|finding| Line::Finding(Box::new(entry(&views, finding))));
    let errors = report.errors.iter().map(|error| Line::Error(Error::of(error)));
    let summary = Line::Summary {
        schema_version: SCHEMA_VERSION,
        tool: Tool::THIS,
        release: report.release.name(),
        summary: Summary::of(report),
    };
    for line in findings.chain(errors).chain([summary]) {
        serde_json::to_writer(&mut *out, &line)?;
        writeln!(out)?;
    }
    Ok(())
}
