use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde::Serialize;

use super::{content::Report, json::Each, repository::Repository, view::Views};
use crate::lint::Finding;

#[derive(Serialize)]
struct Document<'d, C: Serialize> {
    zuul: Data<'d, C>,
}

#[derive(Serialize)]
struct Data<'d, C: Serialize> {
    /// By path.
    file_comments: BTreeMap<&'d str, C>,
}

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
    let mut by_path: BTreeMap<String, Vec<&Finding>> = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| finding.suppressed.is_none()) {
        by_path.entry(repository.path(views.get(finding.place.file).relative())).or_default().push(finding);
    }
    let comment = |finding: &&Finding| Comment {
        line: views.range(finding.place).0.line,
        level: finding.severity.name(),
        message: format!("{} {}", finding.rule.id, super::unlinked(super::told(finding))),
    };
    let each = by_path.iter().map(|(path, findings)| (path.as_str(), Each(move || findings.iter().map(comment))));
    let document = Document { zuul: Data { file_comments: each.collect() } };
    serde_json::to_writer(&mut *out, &document)?;
    writeln!(out)
}
