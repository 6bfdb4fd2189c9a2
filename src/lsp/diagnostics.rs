//! Findings, as the protocol has them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use gen_lsp_types::{
    Code, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location, Message, Position,
    Range,
};

use super::{
    analysis::{AllLines, Analysis},
    texts::Snapshot,
};
use crate::{
    lint::{ChangeKind, Finding, Severity, change::kind_of},
    message,
    settings::SettingsError,
    source::{self, Place},
};

/// The most findings of a file that are handed out: thousands freeze an editor.
const MOST: usize = 500;

/// The findings of each file of an analysis, also of those that have none.
pub(super) fn of(analysis: &Analysis, snapshot: &Snapshot) -> BTreeMap<PathBuf, Vec<Diagnostic>> {
    let mut lines = AllLines::new(&analysis.workspace.files, snapshot.encoding);
    let files = &analysis.workspace.files;
    let mut found: BTreeMap<PathBuf, Vec<Diagnostic>> =
        files.on_disk_only().map(|(id, _)| (analysis.path(id), Vec::new())).collect();
    let mut left: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for finding in analysis.linted.lint.findings.iter().filter(|finding| finding.suppressed.is_none()) {
        let path = analysis.path(finding.place.file);
        let own = found.entry(path.clone()).or_default();
        if own.len() < MOST {
            own.push(one(analysis, snapshot, &mut lines, finding));
        } else {
            *left.entry(path).or_default() += 1;
        }
    }
    for (path, count) in left {
        if let Some(last) = found.get_mut(&path).and_then(|own| own.last_mut())
            && let Message::String(text) = &mut last.message
        {
            text.push_str(&format!("\n({count} more findings in this file are not shown)"));
        }
    }
    for error in &analysis.workspace.errors {
        let path = source::absolute(Path::new(&error.file));
        if snapshot.open.contains_key(&path) {
            found.entry(path).or_default().push(unread(&error.message));
        }
    }
    found
}

/// The finding of settings that cannot be used.
pub(super) fn of_settings(error: &SettingsError) -> (PathBuf, Diagnostic) {
    let (path, line, column) = error.place();
    let at = Position::new(line.saturating_sub(1), column.saturating_sub(1));
    let text = format!("{}. Until it is mended, the last settings that could be used hold", error.what());
    (source::absolute(path), plain(Range::new(at, at), DiagnosticSeverity::Error, text))
}

fn unread(message: &message::Message) -> Diagnostic {
    plain(Range::default(), DiagnosticSeverity::Warning, message.to_string())
}

fn plain(range: Range, severity: DiagnosticSeverity, text: String) -> Diagnostic {
    Diagnostic {
        range,
        severity: Some(severity),
        source: Some("cinderlint".into()),
        message: Message::String(text),
        ..Diagnostic::default()
    }
}

/// One finding, with what belongs to it.
pub(super) fn one(analysis: &Analysis, snapshot: &Snapshot, lines: &mut AllLines<'_>, finding: &Finding) -> Diagnostic {
    let severity = match finding.severity {
        Severity::Error => DiagnosticSeverity::Error,
        Severity::Warning => DiagnosticSeverity::Warning,
        Severity::Info => DiagnosticSeverity::Information,
    };
    let text = match &finding.help {
        Some(help) => format!("{}\nhelp: {help}", finding.message),
        None => finding.message.to_string(),
    };
    let mut location = |place: Place| Location {
        uri: snapshot.uri(&analysis.path(place.file)),
        range: lines.of(place.file).range(place.span),
    };
    let related = finding.related.iter().map(|related| DiagnosticRelatedInformation {
        location: location(related.place),
        message: related.message.to_string(),
    });
    let related: Vec<DiagnosticRelatedInformation> = related.collect();
    let tag = match kind_of(finding) {
        ChangeKind::Ignored => Some(DiagnosticTag::Unnecessary),
        ChangeKind::Renamed | ChangeKind::Deprecated => Some(DiagnosticTag::Deprecated),
        ChangeKind::Stops | ChangeKind::Meaning => None,
    };
    Diagnostic {
        code: Some(Code::String(finding.rule.id.to_string())),
        tags: tag.map(|tag| vec![tag]),
        related_information: (!related.is_empty()).then_some(related),
        ..plain(lines.of(finding.place.file).range(finding.place.span), severity, text)
    }
}
