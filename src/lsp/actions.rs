//! Code actions: the rules' fixes, their alternatives, and letting a finding pass.

use gen_lsp_types::{CodeAction, CodeActionKind, Diagnostic, Range, TextDocumentIdentifier};
use serde::Deserialize;

use super::{
    analysis::{AllLines, Analysis},
    diagnostics,
    edits::{Fitting, workspace_edit},
    texts::Snapshot,
};
use crate::{
    lint::{Edit, Finding, Fix, edits as text_edits},
    source::{FileId, Part},
};

/// All safe fixes of a file at once.
const FIX_ALL: &str = "source.fixAll.cinderlint";

/// What is asked: of `CodeActionParams` what is needed, since the findings that a client sends along are known here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Asked {
    pub text_document: TextDocumentIdentifier,
    range: Range,
    context: Context,
}

#[derive(Deserialize)]
struct Context {
    only: Option<Vec<String>>,
}

/// What can be done about the findings of a range.
pub(super) fn of(
    analysis: &Analysis,
    snapshot: &Snapshot,
    params: &Asked,
    settings_are_broken: bool,
) -> Vec<CodeAction> {
    let Some(path) = super::uri::path_of(&params.text_document.uri) else { return Vec::new() };
    // What the settings say of the rules is not known.
    if settings_are_broken {
        return Vec::new();
    }
    let wanted = |kind: &str| {
        let only = params.context.only.as_ref();
        only.is_none_or(|only| only.iter().any(|one| is_within(kind, one)))
    };
    let mut lines = AllLines::new(&analysis.workspace.files, snapshot.encoding);
    let open = analysis.linted.lint.findings.iter().filter(|finding| finding.suppressed.is_none());
    let own: Vec<&Finding> = open.filter(|finding| analysis.path(finding.place.file) == path).collect();
    let mut actions = Vec::new();
    if wanted("quickfix") {
        for finding in &own {
            let range = lines.of(finding.place.file).range(finding.place.span);
            if range.end < params.range.start || params.range.end < range.start {
                continue;
            }
            let diagnostic = diagnostics::one(analysis, snapshot, &mut lines, finding);
            let fixes =
                finding.fix.as_deref().into_iter().chain(&finding.alternatives).filter(|fix| !fix.edits.is_empty());
            actions.extend(fixes.map(|fix| fixing(analysis, snapshot, &mut lines, fix, &diagnostic)));
            actions.extend(letting_pass(analysis, snapshot, &mut lines, finding, &diagnostic));
        }
    }
    if wanted(FIX_ALL) {
        let mut fitting = Fitting::default();
        let safe = own.iter().filter_map(|finding| finding.fix.as_deref()).filter(|fix| fix.safe);
        safe.for_each(|fix| fitting.take(&fix.edits));
        if !fitting.all().is_empty() {
            actions.push(CodeAction {
                title: "Apply all safe fixes of cinderlint in this file".into(),
                kind: Some(CodeActionKind::Custom(FIX_ALL.into())),
                edit: Some(workspace_edit(analysis, snapshot, &mut lines, fitting.all())),
                ..CodeAction::default()
            });
        }
    }
    actions
}

/// Whether a kind of action is the wanted one, or below it: `source` wants `source.fixAll`.
fn is_within(kind: &str, wanted: &str) -> bool {
    wanted.is_empty() || kind == wanted || kind.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('.'))
}

fn fixing(
    analysis: &Analysis,
    snapshot: &Snapshot,
    lines: &mut AllLines<'_>,
    fix: &Fix,
    diagnostic: &Diagnostic,
) -> CodeAction {
    let title = if fix.safe { fix.title.to_string() } else { format!("{} (changes what Cinder does)", fix.title) };
    CodeAction {
        title,
        kind: Some(CodeActionKind::QuickFix),
        diagnostics: Some(vec![diagnostic.clone()]),
        is_preferred: fix.safe.then_some(true),
        edit: Some(workspace_edit(analysis, snapshot, lines, &fix.edits)),
        ..CodeAction::default()
    }
}

/// A directive above the line, with room for the reason.
fn letting_pass(
    analysis: &Analysis,
    snapshot: &Snapshot,
    lines: &mut AllLines<'_>,
    finding: &Finding,
    diagnostic: &Diagnostic,
) -> Option<CodeAction> {
    let id: FileId = finding.place.file;
    let file = analysis.workspace.files.get(id);
    if !matches!(file.part, Part::Whole) || finding.rule.id.starts_with("CND9") {
        return None;
    }
    let directive = format!("# cinderlint: ignore[{}] -- reason", finding.rule.id);
    let edit: Edit = text_edits::line_above(file, finding.place, &directive)?;
    Some(CodeAction {
        title: format!("Let {} pass here (write the reason)", finding.rule.id),
        kind: Some(CodeActionKind::QuickFix),
        diagnostics: Some(vec![diagnostic.clone()]),
        edit: Some(workspace_edit(analysis, snapshot, lines, [&edit])),
        ..CodeAction::default()
    })
}
