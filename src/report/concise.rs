use std::io::{self, Write};

use super::{content::Report, view::Views};
use crate::text::one_line;

/// `path:line:col: SEVERITY[CODE]: message`, with paths relative to the working directory.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let views = Views::new(report.files);
    for finding in report.findings.iter().filter(|finding| finding.suppressed.is_none()) {
        let (start, _) = views.range(finding.place);
        let path = one_line(views.get(finding.place.file).relative());
        let (line, column, severity) = (start.line, start.column, finding.severity.name());
        writeln!(out, "{path}:{line}:{column}: {severity}[{}]: {}", finding.rule.id, finding.message)?;
    }
    Ok(())
}
