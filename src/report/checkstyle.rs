use std::io::{self, Write};

use super::{content::Report, view::Views, xml};

/// Checkstyle's XML: the linted files with their findings, the clean ones too.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let views = Views::new(report.files);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"4.3\">")?;
    for (path, findings) in xml::by_file(report, &views) {
        writeln!(out, "  <file name=\"{}\">", xml::Escaped(path))?;
        for finding in findings.iter().filter(|finding| finding.suppressed.is_none()) {
            let (start, _) = views.range(finding.place);
            writeln!(
                out,
                "    <error line=\"{}\" column=\"{}\" severity=\"{}\" message=\"{}\" source=\"cinderlint.{}\"/>",
                start.line,
                start.column,
                finding.severity.name(),
                xml::Escaped(&super::told_with_page(finding)),
                xml::Escaped(&finding.rule.id),
            )?;
        }
        writeln!(out, "  </file>")?;
    }
    for error in report.errors {
        let (path, message) = (xml::Escaped(&error.file), error.message.to_string());
        let message = xml::Escaped(&message);
        writeln!(out, "  <file name=\"{path}\">")?;
        writeln!(
            out,
            "    <error line=\"1\" severity=\"error\" message=\"{message}\" source=\"cinderlint.unreadable\"/>"
        )?;
        writeln!(out, "  </file>")?;
    }
    writeln!(out, "</checkstyle>")
}
