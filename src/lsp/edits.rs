//! Edits, as the protocol has them.

use std::collections::{BTreeMap, HashMap};

use gen_lsp_types::{
    DocumentChange, Edit as LspEdit, OptionalVersionedTextDocumentIdentifier, TextDocumentEdit, TextDocumentIdentifier,
    TextEdit, Uri, WorkspaceEdit,
};

use super::{
    analysis::{AllLines, Analysis},
    texts::Snapshot,
};
use crate::{lint::Edit, source::FileId};

/// Edits of texts that belong together. They carry the versions that they are made for, so that a text that moved on is not changed.
pub(super) fn workspace_edit<'e>(
    analysis: &Analysis,
    snapshot: &Snapshot,
    lines: &mut AllLines<'_>,
    edits: impl IntoIterator<Item = &'e Edit>,
) -> WorkspaceEdit {
    let mut by_file: BTreeMap<FileId, Vec<TextEdit>> = BTreeMap::new();
    for edit in edits {
        let range = lines.of(edit.place.file).range(edit.place.span);
        by_file.entry(edit.place.file).or_default().push(TextEdit { range, new_text: edit.text.clone() });
    }
    let changes = by_file.into_iter().map(|(id, edits)| {
        let path = analysis.path(id);
        (snapshot.uri(&path), snapshot.open.get(&path).map(|open| open.version), edits)
    });
    if !snapshot.client.document_changes {
        let changes: HashMap<Uri, Vec<TextEdit>> = changes.map(|(uri, _, edits)| (uri, edits)).collect();
        return WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() };
    }
    let changes = changes.map(|(uri, version, edits)| {
        let text_document = OptionalVersionedTextDocumentIdentifier {
            version,
            text_document_identifier: TextDocumentIdentifier { uri },
        };
        let edits = edits.into_iter().map(LspEdit::TextEdit).collect();
        DocumentChange::TextDocumentEdit(TextDocumentEdit { text_document, edits })
    });
    WorkspaceEdit { document_changes: Some(changes.collect()), ..WorkspaceEdit::default() }
}

/// Edits that were taken so far, of which none overlaps another one.
#[derive(Default)]
pub(super) struct Fitting {
    taken: Vec<Edit>,
    /// By where they start: where each ends, and which it is.
    spans: BTreeMap<(FileId, u32), (u32, usize)>,
}

impl Fitting {
    /// Takes all of these, or none where one overlaps what was taken. An edit that was taken already is taken once.
    pub(super) fn take(&mut self, edits: &[Edit]) {
        let new: Vec<&Edit> = edits.iter().filter(|edit| !self.has(edit)).collect();
        if new.iter().any(|edit| self.overlaps(edit)) {
            return;
        }
        for edit in new {
            let span = edit.place.span;
            let (end, _) = *self.spans.entry((edit.place.file, span.start)).or_insert((span.end, self.taken.len()));
            if span.end > end {
                self.spans.insert((edit.place.file, span.start), (span.end, self.taken.len()));
            }
            self.taken.push(edit.clone());
        }
    }

    fn has(&self, edit: &Edit) -> bool {
        let known = self.spans.get(&(edit.place.file, edit.place.span.start));
        known.is_some_and(|(_, at)| self.taken.get(*at) == Some(edit))
    }

    /// None of what was taken overlaps another one, so only the last that starts before it can reach into it.
    fn overlaps(&self, edit: &Edit) -> bool {
        let (file, span) = (edit.place.file, edit.place.span);
        let before = self.spans.range((file, 0)..(file, span.start)).next_back();
        before.is_some_and(|(_, (end, _))| *end > span.start)
            || self.spans.range((file, span.start)..(file, span.end.max(span.start + 1))).next().is_some()
    }

    pub(super) fn all(&self) -> &[Edit] {
        &self.taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ini::Span, source::Place};

    #[test]
    fn none_overlaps_another_one() {
        let edit = |start, end, text: &str| {
            let place = Place { file: FileId(0), span: Span::new(start, end) };
            Edit { place, text: text.into() }
        };
        let mut fitting = Fitting::default();
        for (edits, count) in [
            (vec![edit(5, 10, "a"), edit(20, 20, "b")], 2),
            (vec![edit(5, 10, "a")], 2),
            (vec![edit(5, 10, "c")], 2),
            (vec![edit(9, 12, "c"), edit(30, 31, "c")], 2),
            (vec![edit(0, 6, "c")], 2),
            (vec![edit(19, 21, "c")], 2),
            (vec![edit(20, 20, "c")], 2),
            (vec![edit(10, 20, "c"), edit(20, 20, "b")], 3),
            (vec![edit(0, 5, "d"), edit(21, 30, "d")], 5),
        ] {
            fitting.take(&edits);
            assert_eq!(fitting.all().len(), count, "{edits:?}");
        }
    }
}
