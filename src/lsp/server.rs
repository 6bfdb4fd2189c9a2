//! The loop that owns the texts: takes what the client says, hands snapshots to the worker, and sends what it has to say.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    path::PathBuf,
    sync::Arc,
    thread,
};

use crossbeam_channel::{Receiver, Sender, select, unbounded};
use gen_lsp_types::{
    Diagnostic, DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    PublishDiagnosticsParams, Uri,
};
use lsp_server::{Connection, ErrorCode, Message, Notification, ProtocolError, Request, RequestId, Response};
use serde_json::{Value, json};

use super::{
    answers::{answer, parsed},
    lines::Encoding,
    settings::Given,
    texts::{Client, Open, Snapshot},
    uri::path_of,
    worker::{Event, Job, Worker},
};
use crate::{lint::Rule, source::Silent};

/// Why the server ended before it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum LspError {
    /// The client did not keep to the protocol.
    #[error("the editor does not speak the Language Server Protocol as expected")]
    Protocol,
    /// The client is gone.
    #[error("the editor closed the connection")]
    Gone,
}

impl From<ProtocolError> for LspError {
    // What it says may hold text of a file.
    fn from(_: ProtocolError) -> Self {
        Self::Protocol
    }
}

/// Serves one client until it says that it is done. `given` holds what the command line says; what the client says wins.
///
/// # Errors
/// The client does not keep to the protocol, or is gone.
pub fn serve(connection: &Connection, given: &Given, rules: Vec<Arc<Rule>>) -> Result<(), LspError> {
    let (id, params) = connection.initialize_start()?;
    let client = Client::of(&params);
    let snapshot = Snapshot {
        revision: 0,
        disk: 0,
        open: BTreeMap::new(),
        folders: folders(&params),
        given: params.get("initializationOptions").map_or_else(|| given.clone(), |told| Given::of(told).over(given)),
        encoding: client.encoding,
        client,
        silent: Silent::default(),
    };
    connection.initialize_finish(
        id,
        json!({
            "capabilities": capabilities(&client),
            "serverInfo": {"name": "cinderlint", "version": env!("CARGO_PKG_VERSION")},
        }),
    )?;
    let (jobs, asked) = unbounded();
    let (said, events) = unbounded();
    let worker = Worker::new(rules, answer);
    // It ends when nobody asks any more.
    thread::spawn(move || worker.work(&asked, &said));
    let mut server = Server {
        sender: &connection.sender,
        jobs,
        snapshot: Arc::new(snapshot),
        flags: given.clone(),
        pending: HashSet::new(),
        published: BTreeSet::new(),
        own_requests: 0,
    };
    server.watch();
    server.run(connection, &events)
}

/// The folders that a client works in.
fn folders(params: &Value) -> Vec<PathBuf> {
    let path = |uri: &Value| path_of(&Uri(uri.as_str()?.to_string()));
    let listed = params.get("workspaceFolders").and_then(Value::as_array);
    let mut folders: Vec<PathBuf> =
        listed.into_iter().flatten().filter_map(|folder| path(folder.get("uri")?)).collect();
    if listed.is_none() {
        folders.extend(params.get("rootUri").and_then(path));
    }
    folders
}

fn capabilities(client: &Client) -> Value {
    let encoding = match client.encoding {
        Encoding::Utf8 => "utf-8",
        Encoding::Utf16 => "utf-16",
        Encoding::Utf32 => "utf-32",
    };
    let mut capabilities = json!({
        "positionEncoding": encoding,
        "textDocumentSync": {"openClose": true, "change": 2, "save": {"includeText": false}},
        "hoverProvider": true,
        "completionProvider": {"triggerCharacters": ["[", "=", " ", ",", "$"], "resolveProvider": true},
        "definitionProvider": true,
        "referencesProvider": true,
        "documentSymbolProvider": true,
        "documentLinkProvider": {},
        "workspaceSymbolProvider": true,
        "foldingRangeProvider": true,
        "inlayHintProvider": true,
        "renameProvider": {"prepareProvider": true},
        "codeActionProvider": {"codeActionKinds": ["quickfix", "source.fixAll.cinderlint"]},
        "workspace": {"workspaceFolders": {"supported": true, "changeNotifications": true}},
    });
    if client.pulls {
        capabilities["diagnosticProvider"] =
            json!({"identifier": "cinderlint", "interFileDependencies": true, "workspaceDiagnostics": false});
    }
    capabilities
}

struct Server<'c> {
    sender: &'c Sender<Message>,
    jobs: Sender<Job>,
    snapshot: Arc<Snapshot>,
    /// What the command line says.
    flags: Given,
    /// Questions that wait for their answer.
    pending: HashSet<RequestId>,
    /// Files whose findings the client shows.
    published: BTreeSet<PathBuf>,
    own_requests: i32,
}

impl Server<'_> {
    fn run(&mut self, connection: &Connection, events: &Receiver<Event>) -> Result<(), LspError> {
        loop {
            select! {
                recv(connection.receiver) -> message => match message.map_err(|_| LspError::Gone)? {
                    Message::Request(request) => {
                        if connection.handle_shutdown(&request)? {
                            return Ok(());
                        }
                        self.ask(request)?;
                    }
                    Message::Notification(notification) if notification.method == "exit" => return Err(LspError::Gone),
                    Message::Notification(notification) => self.notice(notification)?,
                    Message::Response(_) => {}
                },
                recv(events) -> event => match event.map_err(|_| LspError::Gone)? {
                    Event::Linted(revision, found) => self.publish(revision, found)?,
                    Event::Answered(response) => {
                        if self.pending.remove(&response.id) {
                            self.send(response)?;
                        }
                    }
                },
            }
        }
    }

    fn send(&self, message: impl Into<Message>) -> Result<(), LspError> {
        self.sender.send(message.into()).map_err(|_| LspError::Gone)
    }

    fn request(&mut self, method: &str, params: Value) {
        self.own_requests += 1;
        let id = RequestId::from(format!("cinderlint-{}", self.own_requests));
        // A client that is gone is noticed by the next message that matters.
        let _ = self.send(Request::new(id, method.into(), params));
    }

    /// Asks the client to tell of files that change beside it.
    fn watch(&mut self) {
        if self.snapshot.client.watches {
            let globs = ["**/*.conf", "**/*.{yaml,yml}", "**/*shares*", "**/{cinderlint,pyproject}.toml"];
            let watchers: Vec<Value> = globs.iter().map(|glob| json!({"globPattern": glob})).collect();
            let options = json!({"watchers": watchers});
            let registration =
                json!({"id": "files", "method": "workspace/didChangeWatchedFiles", "registerOptions": options});
            self.request("client/registerCapability", json!({"registrations": [registration]}));
        }
    }

    fn ask(&mut self, request: Request) -> Result<(), LspError> {
        self.pending.insert(request.id.clone());
        self.jobs.send(Job::Answer(Arc::clone(&self.snapshot), request)).map_err(|_| LspError::Gone)
    }

    fn notice(&mut self, notification: Notification) -> Result<(), LspError> {
        let Notification { method, params } = notification;
        let mut next = Snapshot::clone(&self.snapshot);
        match method.as_str() {
            "textDocument/didOpen" => {
                let Some(DidOpenTextDocumentParams { text_document: it }) = parsed(params) else { return Ok(()) };
                let Some(path) = path_of(&it.uri) else { return Ok(()) };
                let language = String::from(it.language_id);
                next.open.insert(path, Arc::new(Open::new(it.uri, &language, it.version, it.text)));
            }
            "textDocument/didChange" => {
                let Some(DidChangeTextDocumentParams { text_document: it, content_changes }) = parsed(params) else {
                    return Ok(());
                };
                let Some(path) = path_of(&it.text_document_identifier.uri) else { return Ok(()) };
                let Some(open) = next.open.get(&path) else { return Ok(()) };
                let changed = open.changed(it.version, content_changes, next.encoding);
                next.open.insert(path, Arc::new(changed));
            }
            "textDocument/didClose" => {
                let Some(DidCloseTextDocumentParams { text_document: it }) = parsed(params) else { return Ok(()) };
                let Some(path) = path_of(&it.uri) else { return Ok(()) };
                next.open.remove(&path);
                next.disk += 1;
            }
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => next.disk += 1,
            "workspace/didChangeConfiguration" => {
                // A client that says nothing wants what it wanted.
                match params.get("settings").filter(|settings| settings.is_object()) {
                    Some(settings) => next.given = Given::of(settings).over(&self.flags),
                    None => return Ok(()),
                }
                next.silent = Silent::default();
                next.disk += 1;
            }
            "workspace/didChangeWorkspaceFolders" => {
                let paths = |name: &str| -> Vec<PathBuf> {
                    let listed = params.pointer(&format!("/event/{name}")).and_then(Value::as_array);
                    let uris = listed.into_iter().flatten().filter_map(|folder| folder.get("uri")?.as_str());
                    uris.filter_map(|uri| path_of(&Uri(uri.to_string()))).collect()
                };
                let gone = paths("removed");
                next.folders.retain(|folder| !gone.contains(folder));
                next.folders.extend(paths("added"));
                next.disk += 1;
            }
            "$/cancelRequest" => return self.cancel(&params),
            _ => return Ok(()),
        }
        next.revision += 1;
        self.snapshot = Arc::new(next);
        if self.snapshot.client.pulls {
            // Other files of the deployment may say something else now.
            if self.snapshot.client.refreshes && method != "textDocument/didChange" {
                self.request("workspace/diagnostic/refresh", Value::Null);
            }
            return Ok(());
        }
        self.jobs.send(Job::Lint(Arc::clone(&self.snapshot))).map_err(|_| LspError::Gone)
    }

    fn cancel(&mut self, params: &Value) -> Result<(), LspError> {
        let id = match params.get("id") {
            Some(Value::Number(number)) => number.as_i64().and_then(|id| i32::try_from(id).ok()).map(RequestId::from),
            Some(Value::String(text)) => Some(RequestId::from(text.clone())),
            _ => None,
        };
        match id.filter(|id| self.pending.remove(id)) {
            Some(id) => {
                self.send(Response::new_err(id, ErrorCode::RequestCanceled as i32, "canceled by the client".into()))
            }
            None => Ok(()),
        }
    }

    /// Shows the findings of the newest state, and clears those of files that have none any more.
    fn publish(&mut self, revision: u64, found: BTreeMap<PathBuf, Vec<Diagnostic>>) -> Result<(), LspError> {
        if revision != self.snapshot.revision {
            return Ok(());
        }
        let gone: Vec<PathBuf> = self.published.iter().filter(|path| !found.contains_key(*path)).cloned().collect();
        let all = found.into_iter().chain(gone.into_iter().map(|path| (path, Vec::new())));
        for (path, diagnostics) in all.collect::<Vec<_>>() {
            let open = self.snapshot.open.get(&path);
            // Of what the editor does not hold, only files with findings are named.
            if open.is_none() && diagnostics.is_empty() && !self.published.contains(&path) {
                continue;
            }
            match diagnostics.is_empty() {
                true => self.published.remove(&path),
                false => self.published.insert(path.clone()),
            };
            let params = PublishDiagnosticsParams {
                uri: self.snapshot.uri(&path),
                version: open.map(|open| open.version),
                diagnostics,
            };
            self.send(Notification::new("textDocument/publishDiagnostics".into(), params))?;
        }
        Ok(())
    }
}
