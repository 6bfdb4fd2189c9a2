//! The answers to questions.

use std::path::Path;

use gen_lsp_types::{
    CompletionList, CompletionParams, DefinitionParams, DocumentDiagnosticParams, DocumentLinkParams,
    DocumentSymbolParams, FoldingRangeParams, FullDocumentDiagnosticReport, HoverParams, InlayHintParams, Position,
    PrepareRenameParams, ReferenceParams, RelatedDocument, RelatedFullDocumentDiagnosticReport, RenameParams,
    TextDocumentPositionParams, Uri, WorkspaceSymbolParams,
};
use lsp_server::{ErrorCode, Request, RequestId, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    actions, analysis::Analysis, complete, cursor::Cursor, diagnostics, hints, hover, lines::Lines, navigate, outline,
    texts::Snapshot, unfinished, uri::path_of, worker::Worker,
};

/// The parameters of a message, where they are as the protocol has them.
pub(super) fn parsed<P: DeserializeOwned>(params: Value) -> Option<P> {
    serde_json::from_value(params).ok()
}

/// Answers one question.
pub(super) fn answer(worker: &mut Worker, snapshot: &Snapshot, request: Request) -> Response {
    let Request { id, method, params } = request;
    let result = match method.as_str() {
        "textDocument/hover" => with(params, |it: HoverParams| {
            at(worker, snapshot, &it.text_document_position_params, |cursor| value(hover::of(cursor, snapshot)))
        }),
        "textDocument/completion" => {
            with(params, |it: CompletionParams| value(completed(worker, snapshot, &it.text_document_position_params)))
        }
        "completionItem/resolve" => Some(resolved(worker, snapshot, params)),
        "textDocument/definition" => with(params, |it: DefinitionParams| {
            at(worker, snapshot, &it.text_document_position_params, |cursor| {
                value(navigate::definition(cursor, snapshot))
            })
        }),
        "textDocument/references" => with(params, |it: ReferenceParams| {
            at(worker, snapshot, &it.text_document_position_params, |cursor| value(navigate::find(cursor, snapshot)))
        }),
        "textDocument/documentSymbol" => with(params, |it: DocumentSymbolParams| {
            of_file(worker, snapshot, &it.text_document.uri, |analysis, path| {
                value(outline::symbols(analysis, snapshot, path))
            })
        }),
        "textDocument/foldingRange" => with(params, |it: FoldingRangeParams| {
            of_file(worker, snapshot, &it.text_document.uri, |analysis, path| {
                value(outline::folding(analysis, snapshot, path))
            })
        }),
        "textDocument/documentLink" => with(params, |it: DocumentLinkParams| {
            of_file(worker, snapshot, &it.text_document.uri, |analysis, path| {
                value(outline::links(analysis, snapshot, path))
            })
        }),
        "workspace/symbol" => with(params, |it: WorkspaceSymbolParams| {
            let folders = snapshot.folders.iter().filter_map(|folder| worker.base(snapshot, folder, folder));
            let found = folders.flat_map(|base| outline::everywhere(&base.files, snapshot, &it.query));
            value(found.collect::<Vec<_>>())
        }),
        "textDocument/inlayHint" => with(params, |it: InlayHintParams| {
            of_file(worker, snapshot, &it.text_document.uri, |analysis, path| {
                value(hints::of(analysis, snapshot, path, it.range))
            })
        }),
        "textDocument/codeAction" => with(params, |it: actions::Asked| {
            let is_broken = worker.broken.is_some();
            of_file(worker, snapshot, &it.text_document.uri, |analysis, _| {
                value(actions::of(analysis, snapshot, &it, is_broken))
            })
        }),
        "textDocument/diagnostic" => {
            with(params, |it: DocumentDiagnosticParams| value(pulled(worker, snapshot, &it.text_document.uri)))
        }
        "textDocument/prepareRename" => match parsed::<PrepareRenameParams>(params) {
            Some(it) => return refused(worker, snapshot, id, &it.text_document_position_params),
            None => None,
        },
        "textDocument/rename" => match parsed::<RenameParams>(params) {
            Some(it) => return refused(worker, snapshot, id, &it.text_document_position_params),
            None => None,
        },
        _ => return Response::new_err(id, ErrorCode::MethodNotFound as i32, "not known here".into()),
    };
    match result {
        Some(result) => Response::new_ok(id, result),
        None => Response::new_err(id, ErrorCode::InvalidParams as i32, "the parameters are not as expected".into()),
    }
}

fn with<P: DeserializeOwned>(params: Value, answer: impl FnOnce(P) -> Value) -> Option<Value> {
    parsed(params).map(answer)
}

fn value(answer: impl serde::Serialize) -> Value {
    serde_json::to_value(answer).unwrap_or_default()
}

fn of_file(
    worker: &mut Worker,
    snapshot: &Snapshot,
    uri: &Uri,
    answer: impl FnOnce(&Analysis, &Path) -> Value,
) -> Value {
    let Some(path) = path_of(uri) else { return Value::Null };
    worker.analysis(snapshot, &path).map_or(Value::Null, |analysis| answer(&analysis, &path))
}

fn at(
    worker: &mut Worker,
    snapshot: &Snapshot,
    place: &TextDocumentPositionParams,
    answer: impl FnOnce(&Cursor<'_>) -> Value,
) -> Value {
    let Some(path) = path_of(&place.text_document.uri) else { return Value::Null };
    let Some(open) = snapshot.open.get(&path) else { return Value::Null };
    let offset = Lines::new(open.text.as_bytes(), snapshot.encoding).offset(place.position);
    let Some(analysis) = worker.analysis(snapshot, &path) else { return Value::Null };
    Cursor::at(&analysis, &path, offset).map_or(Value::Null, |cursor| answer(&cursor))
}

/// What may come at a place. A line of a YAML map that is only begun is finished first.
fn completed(worker: &mut Worker, snapshot: &Snapshot, place: &TextDocumentPositionParams) -> Option<CompletionList> {
    let path = path_of(&place.text_document.uri)?;
    let open = snapshot.open.get(&path)?;
    let offset = Lines::new(open.text.as_bytes(), snapshot.encoding).offset(place.position);
    let analysis = worker.analysis(snapshot, &path);
    let cursor = analysis.as_ref().and_then(|analysis| Cursor::at(analysis, &path, offset));
    if let Some(cursor) = cursor.as_ref().filter(|cursor| !cursor.is_in_map()) {
        return complete::of(cursor, snapshot);
    }
    let finished = unfinished::texts(&open.text, offset as usize).into_iter().find_map(|text| {
        let snapshot = snapshot.with(&path, text);
        let analysis = worker.analysis(&snapshot, &path)?;
        let cursor = Cursor::at(&analysis, &path, offset).filter(Cursor::is_in_map)?;
        complete::of(&cursor, &snapshot).filter(|list| !list.items.is_empty())
    });
    finished.or_else(|| complete::of(&cursor?, snapshot))
}

/// The item with the facts of its option. It carries no address: the text is the one that it fits.
fn resolved(worker: &mut Worker, snapshot: &Snapshot, mut item: Value) -> Value {
    let range = ["/textEdit/range/start", "/textEdit/insert/start"].iter().find_map(|at| item.pointer(at)).cloned();
    let fits = range.and_then(parsed::<Position>).and_then(|start| {
        snapshot.open.iter().find_map(|(path, open)| {
            let offset = Lines::new(open.text.as_bytes(), snapshot.encoding).offset(start);
            Some((path.clone(), offset)).filter(|_| (offset as usize) < open.text.len())
        })
    });
    let analysis = fits.as_ref().and_then(|(path, _)| worker.analysis(snapshot, path));
    let cursor = fits.zip(analysis.as_ref()).and_then(|((path, offset), analysis)| Cursor::at(analysis, &path, offset));
    let label = item.get("label").and_then(Value::as_str).unwrap_or_default();
    let told = cursor.and_then(|cursor| {
        let (section, _) = cursor.section()?;
        hover::of_option(&cursor, &section, label)
    });
    if let Some(told) = told.filter(|_| item.get("kind") == Some(&complete::PROPERTY.into())) {
        item["documentation"] = serde_json::json!({"kind": "markdown", "value": told});
    }
    item
}

/// The findings of a file, and of those that are read together with it.
fn pulled(worker: &mut Worker, snapshot: &Snapshot, uri: &Uri) -> RelatedFullDocumentDiagnosticReport {
    let full = |items| FullDocumentDiagnosticReport { result_id: None, items };
    let path = path_of(uri).unwrap_or_default();
    let analysis = worker.analysis(snapshot, &path);
    let mut all = analysis.map(|analysis| diagnostics::of(&analysis, snapshot)).unwrap_or_default();
    if let Some((settings, diagnostic)) = &worker.broken {
        all.entry(settings.clone()).or_default().push(diagnostic.clone());
    }
    let own = all.remove(&path).unwrap_or_default();
    let related = all
        .into_iter()
        .map(|(path, items)| (snapshot.uri(&path), RelatedDocument::FullDocumentDiagnosticReport(full(items))));
    RelatedFullDocumentDiagnosticReport {
        related_documents: Some(related.collect()),
        full_document_diagnostic_report: full(own),
    }
}

/// A backend has its name in the database: nothing is renamed here, and the reason is said.
fn refused(worker: &mut Worker, snapshot: &Snapshot, id: RequestId, place: &TextDocumentPositionParams) -> Response {
    let mut backend = None;
    at(worker, snapshot, place, |cursor| {
        let section = cursor.section().filter(|(_, header)| header.end >= cursor.offset).map(|(name, _)| name);
        backend = cursor.listed().map(|(name, _)| name).or(section).filter(|name| cursor.backend(name).is_some());
        Value::Null
    });
    let text = match backend {
        Some(name) => format!(
            "cinderlint does not rename backend {}: Cinder files its volumes under HOST@BACKEND, and under a new name it manages none of \
             them. To change what users see, set volume_backend_name; to rename it all the same, move its volumes afterwards with \
             `cinder-manage volume update_host`",
            crate::secrets::cover_section(&name)
        ),
        None => "nothing here can be renamed: the names of options are Cinder's".into(),
    };
    Response::new_err(id, ErrorCode::RequestFailed as i32, text)
}
