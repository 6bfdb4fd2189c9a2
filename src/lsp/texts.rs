//! The texts that the editor holds.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use gen_lsp_types::{TextDocumentContentChangeEvent, Uri};
use serde_json::Value;

use super::{
    lines::{Encoding, Lines},
    settings::Given,
};
use crate::source::Silent;

/// The language id with which a client says that a file is Cinder's, whatever it is called.
const LANGUAGE: &str = "cinder";

/// One text that the editor holds.
#[derive(Clone, Debug)]
pub(super) struct Open {
    /// Its address, as the client spells it.
    pub uri: Uri,
    /// The client's number of this state.
    pub version: i32,
    /// The text.
    pub text: String,
    /// The client says that it is Cinder's.
    pub is_named: bool,
}

impl Open {
    pub(super) fn new(uri: Uri, language: &str, version: i32, text: String) -> Self {
        Self { uri, version, text, is_named: language == LANGUAGE }
    }

    /// The same after changes, in order.
    pub(super) fn changed(
        &self,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        encoding: Encoding,
    ) -> Self {
        let mut text = self.text.clone();
        for change in changes {
            match change {
                TextDocumentContentChangeEvent::TextDocumentContentChangePartial(part) => {
                    let lines = Lines::new(text.as_bytes(), encoding);
                    let (from, to) = (lines.offset(part.range.start) as usize, lines.offset(part.range.end) as usize);
                    text.replace_range(from..to.max(from), &part.text);
                }
                TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(whole) => text = whole.text,
            }
        }
        Self { version, text, ..self.clone() }
    }
}

/// What a client can do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Client {
    /// What positions count.
    pub encoding: Encoding,
    /// It asks for findings, and takes those of other files with those of the one that it asks for; otherwise they are sent. Who asks
    /// for single files only would never see those of files that are not open.
    pub pulls: bool,
    /// It can be told to ask for findings again.
    pub refreshes: bool,
    /// It tells of files that change beside it.
    pub watches: bool,
    /// What it is offered to write may have places to fill.
    pub snippets: bool,
    /// It takes edits with the versions that they are made for.
    pub document_changes: bool,
}

impl Client {
    /// As it says at the start.
    pub(super) fn of(params: &Value) -> Self {
        let has = |path: &str| params.pointer(&format!("/capabilities/{path}")).and_then(Value::as_bool) == Some(true);
        let encodings = params.pointer("/capabilities/general/positionEncodings").and_then(Value::as_array);
        let offers = |name: &str| encodings.is_some_and(|all| all.iter().any(|one| one.as_str() == Some(name)));
        let encoding = match () {
            () if offers("utf-8") => Encoding::Utf8,
            () if offers("utf-32") && !offers("utf-16") => Encoding::Utf32,
            () => Encoding::Utf16,
        };
        Self {
            encoding,
            pulls: has("textDocument/diagnostic/relatedDocumentSupport"),
            // The protocol's own word, and that of a library for clients.
            refreshes: has("workspace/diagnostics/refreshSupport") || has("workspace/diagnostic/refreshSupport"),
            watches: has("workspace/didChangeWatchedFiles/dynamicRegistration"),
            snippets: has("textDocument/completion/completionItem/snippetSupport"),
            document_changes: has("workspace/workspaceEdit/documentChanges"),
        }
    }
}

/// Everything that an answer depends on, at one moment.
#[derive(Clone, Debug)]
pub(super) struct Snapshot {
    /// Its number; higher is newer.
    pub revision: u64,
    /// Rises when files may have changed that the editor does not hold.
    pub disk: u64,
    /// The texts, by absolute path.
    pub open: BTreeMap<PathBuf, Arc<Open>>,
    /// The folders that the editor works in, absolute.
    pub folders: Vec<PathBuf>,
    /// What the editor was told.
    pub given: Given,
    /// What positions count.
    pub encoding: Encoding,
    /// What the client can do.
    pub client: Client,
    /// Paths of the host that did not answer in time.
    pub silent: Silent,
}

impl Snapshot {
    /// The same with another text in the place of one that the editor holds.
    pub(super) fn with(&self, path: &Path, text: String) -> Self {
        let mut open = self.open.clone();
        if let Some(held) = open.get_mut(path) {
            *held = Arc::new(Open { text, ..(**held).clone() });
        }
        Self { open, ..self.clone() }
    }

    /// The address of a path: as the client spells it, where it holds the text.
    pub(super) fn uri(&self, path: &Path) -> Uri {
        self.open.get(path).map_or_else(|| super::uri::uri_of(path), |open| open.uri.clone())
    }
}
