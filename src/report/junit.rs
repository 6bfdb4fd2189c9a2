use std::io::{self, Write};

use super::{
    content::Report,
    view::{Position, Views},
    xml,
};
use crate::lint::Finding;

/// JUnit's XML as Jenkins and GitLab read it: a suite a file, a failed test a finding, one passed test where there is none.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let views = Views::new(report.files);
    let files = xml::by_file(report, &views);
    let failures = report.findings.iter().filter(|finding| finding.suppressed.is_none()).count();
    let tests: usize = files.values().map(|findings| findings.len().max(1)).sum::<usize>() + report.errors.len();
    let errors = report.errors.len();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"cinderlint\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">")?;
    for (path, findings) in files {
        let failures = findings.iter().filter(|finding| finding.suppressed.is_none()).count();
        let (tests, skipped) = (findings.len().max(1), findings.len() - failures);
        let path = xml::Escaped(path);
        writeln!(
            out,
            "  <testsuite name=\"{path}\" file=\"{path}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\">"
        )?;
        if findings.is_empty() {
            writeln!(out, "    <testcase name=\"no findings\" classname=\"{path}\"/>")?;
        }
        for finding in findings {
            case(finding, &path, views.range(finding.place).0, out)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    for error in report.errors {
        let (path, message) = (xml::Escaped(&error.file), error.message.to_string());
        let message = xml::Escaped(&message);
        writeln!(
            out,
            "  <testsuite name=\"{path}\" file=\"{path}\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\">"
        )?;
        writeln!(out, "    <testcase name=\"can be read\" classname=\"{path}\">")?;
        writeln!(out, "      <error type=\"unreadable\" message=\"{message}\"/>")?;
        writeln!(out, "    </testcase>\n  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn case(finding: &Finding, path: &xml::Escaped<'_>, at: Position, out: &mut dyn Write) -> io::Result<()> {
    let (id, name) = (xml::Escaped(&finding.rule.id), xml::Escaped(&finding.rule.name));
    let (line, column) = (at.line, at.column);
    writeln!(out, "    <testcase name=\"{id} {name} ({line}:{column})\" classname=\"{path}\">")?;
    if let Some(reason) = &finding.suppressed {
        writeln!(out, "      <skipped message=\"{}\"/>", xml::Escaped(reason))?;
    } else {
        let (severity, message) = (finding.severity.name(), xml::Escaped(&finding.message));
        write!(out, "      <failure type=\"{severity}\" message=\"{message}\">{path}:{line}:{column}: {id} {message}")?;
        if let Some(help) = &finding.help {
            write!(out, "\nhelp: {}", xml::Escaped(help))?;
        }
        writeln!(out, "</failure>")?;
    }
    writeln!(out, "    </testcase>")
}
