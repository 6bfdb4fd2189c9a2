//! `--add-suppressions`: directives above what findings are about.

use std::collections::{BTreeMap, BTreeSet};

use super::Texts;
use crate::{
    ini::{self, Piece, Span},
    lint::{Edit, Finding, edits, suppress},
    source::{File, FileId, Files, Part, Place},
};

/// What a directive may stand above: an assignment with all its lines, a header, a line that means nothing.
struct Anchor {
    span: Span,
    /// Where the list of a directive with the same reason ends, which covers it already.
    list: Option<u32>,
}

/// Writes a directive above the assignment or header of each finding, or names its rule in one that gives the same reason.
/// Returns how many findings of which text it covers.
pub fn add(
    texts: &Texts,
    files: &mut Files,
    findings: &[Finding],
    may: &dyn Fn(&Finding) -> bool,
    reason: &str,
) -> BTreeMap<usize, usize> {
    let mut by_target: BTreeMap<usize, Vec<(u32, &str)>> = BTreeMap::new();
    let whole = |finding: &&Finding| matches!(files.get(finding.place.file).part, Part::Whole);
    for finding in findings.iter().filter(|finding| finding.suppressed.is_none() && may(finding)).filter(whole) {
        if let Some((target, span)) = texts.locate(finding.place) {
            by_target.entry(target).or_default().push((span.start, &finding.rule.id));
        }
    }
    let mut covered = BTreeMap::new();
    for (target, found) in by_target {
        let id = texts.targets[target].ids[0];
        let file = files.get(id);
        let anchors = anchors(file, reason);
        let mut wanted: BTreeMap<usize, (BTreeSet<&str>, usize)> = BTreeMap::new();
        for &(offset, rule) in &found {
            let at = anchors.partition_point(|anchor| anchor.span.start <= offset);
            if let Some(at) = at.checked_sub(1).filter(|&at| offset <= anchors[at].span.end) {
                let (rules, count) = wanted.entry(at).or_default();
                rules.insert(rule);
                *count += 1;
            }
        }
        let new: Vec<(usize, Edit)> = wanted
            .into_iter()
            .filter_map(|(at, (rules, count))| Some((count, directive(file, id, &anchors[at], &rules, reason)?)))
            .collect();
        covered.insert(target, new.iter().map(|(count, _)| count).sum());
        texts.apply(files, target, new.iter().map(|(_, edit)| (edit.place.span, edit.text.as_str())));
    }
    covered
}

fn directive(file: &File, id: FileId, anchor: &Anchor, rules: &BTreeSet<&str>, reason: &str) -> Option<Edit> {
    let names: Vec<&str> = rules.iter().copied().collect();
    let names = names.join(", ");
    let at = |at: u32| Place { file: id, span: Span::new(at, at) };
    if let Some(list) = anchor.list {
        return edits::edit(file, at(list), format!(", {names}"));
    }
    let reason = if reason.is_empty() { String::new() } else { format!(" -- {reason}") };
    edits::line_above(file, at(anchor.span.start), &format!("# cinderlint: ignore[{names}]{reason}"))
}

fn anchors(file: &File, reason: &str) -> Vec<Anchor> {
    let mut anchors: Vec<Anchor> = Vec::new();
    let mut waiting = None;
    for line in ini::lines(file.masked()) {
        let span = Span::new(line.span.start, line.text_end);
        match line.piece {
            Piece::Blank => {}
            Piece::Comment => {
                let list = suppress::list_and_reason(span.of(&file.text));
                let same = list.filter(|(_, given)| !reason.is_empty() && *given == reason.as_bytes());
                waiting = same.map(|(end, _)| span.start + end as u32).or(waiting);
            }
            Piece::Continuation { .. } => {
                if let Some(anchor) = anchors.last_mut() {
                    anchor.span.end = span.end;
                }
            }
            Piece::Section { .. } | Piece::Option { .. } | Piece::Invalid => {
                anchors.push(Anchor { span, list: waiting.take() });
            }
        }
    }
    anchors
}
