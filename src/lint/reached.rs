//! How far oslo.config reads: up to the first line that it refuses.

use std::collections::BTreeMap;

use super::{checks::SYNTAX_CHECK, finding::Finding};
use crate::{
    ini::Span,
    source::{FileId, Files, Part},
};

fn is_refusal(finding: &Finding) -> bool {
    finding.rule.check.as_deref() == Some(SYNTAX_CHECK)
}

/// The first place of each file that oslo.config refuses. Who lets it pass by a directive knows better; a baseline changes nothing.
pub fn refused<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> BTreeMap<FileId, Span> {
    let mut firsts: BTreeMap<FileId, Span> = BTreeMap::new();
    let refusals = findings
        .into_iter()
        .filter(|finding| is_refusal(finding) && (finding.suppressed.is_none() || finding.baselined));
    for place in refusals.map(|finding| finding.place) {
        let first = firsts.entry(place.file).or_insert(place.span);
        *first = place.span.min(*first);
    }
    firsts
}

/// Whether a finding is about a line after the one that is refused, which nothing reads.
pub fn is_unread(finding: &Finding, refused: &BTreeMap<FileId, Span>) -> bool {
    let first = refused.get(&finding.place.file);
    !is_refusal(finding) && first.is_some_and(|first| finding.place.span.start > first.start)
}

/// Takes out what is said of lines that nothing reads. Of a file that holds several pieces the others are read all the same.
pub fn keep_read(files: &Files, findings: &mut Vec<Finding>) {
    let mut refused = refused(&*findings);
    refused.retain(|file, _| matches!(files.get(*file).part, Part::Whole));
    findings.retain(|finding| !is_unread(finding, &refused));
}
