use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde::Serialize;
use serde_json::json;

use super::{content::Report, repository::Repository, view::Views};

#[derive(Serialize)]
struct Comment {
    line: u32,
    level: &'static str,
    message: String,
}

/// What `zuul_return` takes as data: comments on the lines of a change, by path.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let views = Views::new(report.files);
    let repository = Repository::around_here();
    let mut comments: BTreeMap<String, Vec<Comment>> = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| finding.suppressed.is_none()) {
        let (start, _) = views.range(finding.place);
        comments.entry(repository.path(views.get(finding.place.file).relative())).or_default().push(Comment {
            line: start.line,
            level: finding.severity.name(),
            message: format!("{} {}", finding.rule.id, super::unlinked(super::told(finding))),
        });
    }
    serde_json::to_writer(&mut *out, &json!({"zuul": {"file_comments": comments}}))?;
    writeln!(out)
}
