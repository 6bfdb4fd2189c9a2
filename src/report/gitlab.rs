use std::{
    collections::HashMap,
    io::{self, Write},
};

use serde::{Serialize, Serializer, ser::SerializeSeq};
use serde_json::{Value, json};

use super::{content::Report, repository::Repository, view::Views};
use crate::lint::{Fingerprint, Severity, rule::DOCUMENTATION};

/// A Code Quality report: the part of Code Climate's format that GitLab reads.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Issues(report))?;
    writeln!(out)
}

/// The issues, made one by one while they are written.
struct Issues<'r>(&'r Report<'r>);

impl Serialize for Issues<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(report) = self;
        let views = Views::new(report.files);
        let repository = Repository::around_here();
        let mut unique = Unique::default();
        let mut issues = to.serialize_seq(None)?;
        for finding in report.findings.iter().filter(|finding| finding.suppressed.is_none()) {
            let (start, end) = views.range(finding.place);
            let severity = match finding.severity {
                Severity::Error => "critical",
                Severity::Warning => "major",
                Severity::Info => "info",
            };
            let mut issue = issue(
                &finding.rule.id,
                // GitLab does not show the name of the check.
                &format!("{}: {}", finding.rule.id, finding.message),
                severity,
                &unique.fingerprint(finding.fingerprint),
                &repository.path(views.get(finding.place.file).relative()),
                (start.line, end.line),
            );
            let page = finding.rule.page(DOCUMENTATION);
            let body: Vec<&str> = finding.help.as_deref().into_iter().chain(page.as_deref()).collect();
            if !body.is_empty() {
                issue["content"] = json!({"body": body.join("\n\n")});
            }
            issues.serialize_element(&issue)?;
        }
        for error in report.errors {
            let digest = Fingerprint::of(format!("{}\0{}", error.file, error.message).as_bytes());
            let description = format!("cinderlint could not do its work: {}", error.message);
            let path = repository.path(&error.file);
            let fingerprint = unique.fingerprint(digest);
            issues.serialize_element(&issue("unreadable", &description, "blocker", &fingerprint, &path, (1, 1)))?;
        }
        issues.end()
    }
}

fn issue(check: &str, description: &str, severity: &str, fingerprint: &str, path: &str, lines: (u32, u32)) -> Value {
    json!({
        "type": "issue",
        "check_name": check,
        "description": description,
        "categories": ["Bug Risk"],
        "severity": severity,
        "fingerprint": fingerprint,
        "location": {"path": path, "lines": {"begin": lines.0, "end": lines.1}},
    })
}

/// GitLab keeps only the first of the issues of one fingerprint.
#[derive(Default)]
struct Unique(HashMap<Fingerprint, u32>);

impl Unique {
    fn fingerprint(&mut self, fingerprint: Fingerprint) -> String {
        let count = self.0.entry(fingerprint).or_default();
        *count += 1;
        if *count == 1 { fingerprint.to_string() } else { format!("{fingerprint}-{count}") }
    }
}
