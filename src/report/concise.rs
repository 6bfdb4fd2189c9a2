use std::io::{self, Write};

use super::{Report, Views};
use crate::lint::is_unprintable;

/// `path:line:col: CODE message`, with paths relative to the working directory.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let views = Views::new(report.files);
    for finding in report.findings.iter().filter(|finding| finding.suppressed.is_none()) {
        let (start, _) = views.range(finding.place);
        // A line feed in the name of a file is to make no second line.
        let path = views.get(finding.place.file).relative().replace(is_unprintable, "\u{fffd}");
        writeln!(out, "{path}:{}:{}: {} {}", start.line, start.column, finding.rule.id, finding.message)?;
    }
    Ok(())
}
