//! The language server, over a connection in memory. A client fails where a message is left unread.

use std::{
    collections::VecDeque,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use cinderlint::lsp::{Given, LspError, serve};
use lsp_server::{Connection, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};

use crate::command::{self, TestDir};

const NFS: &str = "[DEFAULT]
enabled_backends = nfs1
[nfs1]
volume_driver = cinder.volume.drivers.nfs.NfsDriver
volume_backend_name = nfs1
nas_secure_file_operations = false
";

struct Client {
    connection: Connection,
    server: JoinHandle<Result<(), LspError>>,
    folder: TestDir,
    asked: i32,
    unread: VecDeque<Message>,
    capabilities: Value,
}

/// What a client says that can do nothing but the least.
fn plain() -> Value {
    json!({"workspace": {"workspaceEdit": {"documentChanges": true}}})
}

/// What a client says that asks for findings.
fn pulling() -> Value {
    json!({
        "general": {"positionEncodings": ["utf-8", "utf-16"]},
        "textDocument": {"diagnostic": {"relatedDocumentSupport": true}},
    })
}

impl Client {
    fn start(files: &[(&str, &str)], capabilities: &Value, options: Value) -> Self {
        Self::in_folder(TestDir::new(files), capabilities, options)
    }

    fn in_folder(folder: TestDir, capabilities: &Value, options: Value) -> Self {
        Self::with_flags(folder, capabilities, options, Given::default())
    }

    fn with_flags(folder: TestDir, capabilities: &Value, options: Value, flags: Given) -> Self {
        let (server, connection) = Connection::memory();
        let rules = cinderlint::lint::built_in().unwrap().into_iter().map(Arc::new).collect();
        let server = thread::spawn(move || serve(&server, &flags, rules));
        let mut client =
            Self { connection, server, folder, asked: 0, unread: VecDeque::new(), capabilities: Value::Null };
        let folders = json!([{"uri": client.uri(""), "name": "folder"}]);
        let params = json!({
            "processId": null, "rootUri": null, "workspaceFolders": folders, "capabilities": capabilities,
            "initializationOptions": options,
        });
        client.capabilities = client.ask("initialize", params)["capabilities"].clone();
        client.tell("initialized", json!({}));
        client
    }

    fn uri(&self, path: &str) -> String {
        format!("file://{}", self.folder.path(path).to_str().unwrap().trim_end_matches('/'))
    }

    fn send(&self, message: impl Into<Message>) {
        self.connection.sender.send(message.into()).unwrap();
    }

    fn tell(&self, method: &str, params: Value) {
        self.send(Notification { method: method.into(), params });
    }

    fn receive(&self) -> Message {
        self.connection.receiver.recv_timeout(Duration::from_secs(60)).unwrap()
    }

    fn answer(&mut self, method: &str, params: Value) -> Response {
        self.asked += 1;
        let id = RequestId::from(self.asked);
        self.send(Request { id: id.clone(), method: method.into(), params });
        loop {
            match self.receive() {
                Message::Response(response) if response.id == id => return response,
                other => self.unread.push_back(other),
            }
        }
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.answer(method, params).response_result.unwrap()
    }

    fn at(&mut self, method: &str, path: &str, line: u32, character: u32) -> Value {
        let params =
            json!({"textDocument": {"uri": self.uri(path)}, "position": {"line": line, "character": character}});
        self.ask(method, params)
    }

    fn open(&self, path: &str, text: &str) {
        let it = json!({"uri": self.uri(path), "languageId": "ini", "version": 1, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": it}));
    }

    fn change(&self, path: &str, version: i32, changes: Value) {
        let it = json!({"uri": self.uri(path), "version": version});
        self.tell("textDocument/didChange", json!({"textDocument": it, "contentChanges": changes}));
    }

    /// The findings that were sent of a file, for a version; waits until they come. Those of other files stay unread.
    fn sent(&mut self, path: &str, version: Option<i32>) -> Vec<Value> {
        let uri = self.uri(path);
        let is_it = |message: &Message| match message {
            Message::Notification(told) => {
                told.method == "textDocument/publishDiagnostics"
                    && told.params["uri"] == uri
                    && version.is_none_or(|version| told.params["version"] == version)
            }
            Message::Request(_) | Message::Response(_) => false,
        };
        loop {
            if let Some(at) = self.unread.iter().position(is_it) {
                let Some(Message::Notification(told)) = self.unread.remove(at) else { unreachable!() };
                return told.params["diagnostics"].as_array().unwrap().clone();
            }
            let message = self.receive();
            self.unread.push_back(message);
        }
    }

    /// Ends the server; nothing may be left unread.
    fn finish(mut self) {
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        self.server.join().unwrap().unwrap();
        let rest: Vec<Message> = self.unread.drain(..).chain(self.connection.receiver.try_iter()).collect();
        assert!(rest.is_empty(), "{rest:?}");
    }
}

fn codes(diagnostics: &[Value]) -> Vec<&str> {
    diagnostics.iter().map(|one| one["code"].as_str().unwrap_or("-")).collect()
}

/// A text after the edits of an action.
fn edited(text: &str, edits: &Value) -> String {
    let starts: Vec<usize> =
        std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).chain([text.len()]).collect();
    let offset =
        |at: &Value| starts[at["line"].as_u64().unwrap() as usize] + at["character"].as_u64().unwrap() as usize;
    let mut edits: Vec<_> = edits.as_array().unwrap().iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(offset(&edit["range"]["start"])));
    let mut text = text.to_string();
    for edit in edits {
        let range = offset(&edit["range"]["start"])..offset(&edit["range"]["end"]);
        text.replace_range(range, edit["newText"].as_str().unwrap());
    }
    text
}

#[test]
fn findings_come_while_somebody_types_and_go_when_it_is_mended() {
    let mut client = Client::start(&[("cinder.conf", NFS)], &plain(), Value::Null);
    client.open("cinder.conf", NFS);
    let found = client.sent("cinder.conf", Some(1));
    assert_eq!(codes(&found), ["CND401"]);
    assert_eq!(found[0]["range"]["start"], json!({"line": 2, "character": 0}));
    assert_eq!((&found[0]["severity"], &found[0]["source"]), (&json!(1), &json!("cinderlint")));
    let end = json!({"line": 6, "character": 0});
    let line = "nas_secure_file_permissions = false\n";
    client.change("cinder.conf", 2, json!([{"range": {"start": end, "end": end}, "text": line}]));
    assert!(client.sent("cinder.conf", Some(2)).is_empty());
    client.finish();
}

#[test]
fn a_fix_carries_the_version_that_it_is_made_for() {
    let text = NFS.replace("= false", "= flase");
    let mut client = Client::start(&[("cinder.conf", &text)], &plain(), Value::Null);
    client.open("cinder.conf", &text);
    let found = client.sent("cinder.conf", Some(1));
    assert!(codes(&found).contains(&"CND401"), "{found:?}");
    let whole = json!({"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}});
    let params = |only: Value| json!({"textDocument": {"uri": "URI"}, "range": whole, "context": {"diagnostics": [], "only": only}});
    let mut ask = |only: Value| {
        let mut params = params(only);
        params["textDocument"]["uri"] = client.uri("cinder.conf").into();
        client.ask("textDocument/codeAction", params)
    };
    let fixes = ask(json!(["quickfix"]));
    let fixes = fixes.as_array().unwrap();
    let changing = fixes.iter().filter(|one| one["title"].as_str().unwrap().contains("pass here")).collect::<Vec<_>>();
    let edit = &changing[0]["edit"]["documentChanges"][0];
    assert_eq!(edit["textDocument"]["version"], 1);
    let directive = edited(&text, &edit["edits"]);
    assert!(directive.contains("# cinderlint: ignore[CND"), "{directive}");
    assert!(ask(json!(["refactor"])).as_array().unwrap().is_empty());
    client.finish();
}

#[test]
fn all_safe_fixes_are_one_action() {
    let text = "[DEFAULT]\nenabled_backends = a\n[a]\nvolume_driver = cinder.volume.drivers.lvm.LVMISCSIDriver\nvolume_backend_name = a\n";
    let mut client = Client::start(&[("cinder.conf", text)], &plain(), Value::Null);
    client.open("cinder.conf", text);
    client.sent("cinder.conf", Some(1));
    let whole = json!({"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}});
    let params = json!({
        "textDocument": {"uri": client.uri("cinder.conf")}, "range": whole,
        "context": {"diagnostics": [], "only": ["source.fixAll.cinderlint"]},
    });
    let actions = client.ask("textDocument/codeAction", params);
    client.folder.write("cinder.conf", text);
    client.folder.run(&["check", "--fix", "cinder.conf"]);
    let fixed = client.folder.read("cinder.conf");
    match actions.as_array().unwrap().first() {
        Some(action) => assert_eq!(edited(text, &action["edit"]["documentChanges"][0]["edits"]), fixed),
        None => assert_eq!(fixed, text),
    }
    client.finish();
}

#[test]
fn files_that_are_read_together_are_told_together() {
    let main = "[DEFAULT]\nenabled_backends = nfs1\n[nfs1]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n";
    let pair = "[nfs1]\nnas_secure_file_operations = false\nnas_secure_file_permissions = false\n";
    let settings = "[[deployment]]\nname = \"one\"\nconfig-files = [\"cinder.conf\", \"pair.conf\"]\n";
    let files = [("cinder.conf", main), ("pair.conf", pair), ("cinderlint.toml", settings)];
    let mut client = Client::start(&files, &plain(), Value::Null);
    client.open("pair.conf", pair);
    assert!(client.sent("pair.conf", Some(1)).is_empty());
    client.change("pair.conf", 2, json!([{"text": "[nfs1]\n"}]));
    assert!(client.sent("pair.conf", Some(2)).is_empty());
    // The file that the editor does not hold.
    assert_eq!(codes(&client.sent("cinder.conf", None)), ["CND401", "CND401"]);
    client.change("pair.conf", 3, json!([{"text": pair}]));
    assert!(client.sent("cinder.conf", None).is_empty());
    assert!(client.sent("pair.conf", Some(3)).is_empty());
    client.finish();
}

#[test]
fn a_client_that_asks_is_not_sent_anything() {
    let mut client = Client::start(&[("cinder.conf", NFS)], &pulling(), Value::Null);
    assert_eq!(client.capabilities["positionEncoding"], "utf-8");
    assert!(client.capabilities["diagnosticProvider"].is_object());
    client.open("cinder.conf", NFS);
    let uri = client.uri("cinder.conf");
    let report = client.ask("textDocument/diagnostic", json!({"textDocument": {"uri": uri}}));
    assert_eq!(report["kind"], "full");
    assert_eq!(codes(report["items"].as_array().unwrap()), ["CND401"]);
    client.finish();
}

/// Findings of files that are not open would be lost for it.
#[test]
fn a_client_that_asks_for_single_files_only_is_sent_findings() {
    let asks = json!({"textDocument": {"diagnostic": {"relatedDocumentSupport": false}}});
    let mut client = Client::start(&[("cinder.conf", NFS)], &asks, Value::Null);
    assert!(client.capabilities["diagnosticProvider"].is_null());
    client.open("cinder.conf", NFS);
    assert_eq!(codes(&client.sent("cinder.conf", Some(1))), ["CND401"]);
    client.finish();
}

#[test]
fn one_setting_that_cannot_be_read_leaves_the_others_and_the_flags() {
    let old = "[DEFAULT]\nverbose = true\n";
    let release = "liberty".parse().ok();
    for (options, flags) in [
        (json!({"release": "liberty", "host": null}), Given::default()),
        (Value::Null, Given { release, ..Given::default() }),
    ] {
        let folder = TestDir::new(&[("cinder.conf", old)]);
        let mut client = Client::with_flags(folder, &plain(), options.clone(), flags);
        client.open("cinder.conf", old);
        assert!(!codes(&client.sent("cinder.conf", Some(1))).contains(&"CND501"));
        client.tell("workspace/didChangeConfiguration", json!({"settings": {"cinderlint": options}}));
        client.change("cinder.conf", 2, json!([{"text": format!("{old}# more\n")}]));
        assert!(!codes(&client.sent("cinder.conf", Some(2))).contains(&"CND501"));
        client.finish();
    }
}

#[test]
fn columns_count_what_the_client_counts() {
    let text = "# \u{1f600} é\r\n[DEFAULT]\renabled_backends = b\n[b]\nvolume_backend_name = \u{1f600}\nno_such_option_here = 1\n";
    for (encodings, name) in [(json!(["utf-8"]), "utf-8"), (json!(["utf-16"]), "utf-16"), (Value::Null, "utf-16")] {
        let mut client =
            Client::start(&[("cinder.conf", text)], &json!({"general": {"positionEncodings": encodings}}), Value::Null);
        assert_eq!(client.capabilities["positionEncoding"], name);
        client.open("cinder.conf", text);
        client.sent("cinder.conf", Some(1));
        // Behind the emoji, which is one character, two units of UTF-16, four bytes.
        let end = 22 + if name == "utf-8" { 4 } else { 2 };
        let place = json!({"start": {"line": 4, "character": end}, "end": {"line": 4, "character": end}});
        client.change("cinder.conf", 2, json!([{"range": place, "text": "\nvolume_drvier = x"}]));
        let found = client.sent("cinder.conf", Some(2));
        let of_line = |line: u64| found.iter().find(|one| one["range"]["start"]["line"] == line);
        assert_eq!(of_line(5).unwrap()["range"]["start"]["character"], 0, "{found:?}");
        client.finish();
    }
}

#[test]
fn a_hover_tells_what_the_backend_runs_with_and_no_secret() {
    let text = format!("{NFS}nas_password = hunter2hunter2\n[backend_defaults]\nnfs_mount_attempts = 7\n");
    let mut client = Client::start(&[("cinder.conf", &text)], &plain(), Value::Null);
    client.open("cinder.conf", &text);
    client.sent("cinder.conf", Some(1));
    let said = |client: &mut Client, line: u32, character: u32| {
        let hover = client.at("textDocument/hover", "cinder.conf", line, character);
        hover["contents"]["value"].as_str().unwrap_or_default().to_string()
    };
    let option = said(&mut client, 5, 3);
    assert!(option.contains("nas_secure_file_operations") && option.contains("`false`"), "{option}");
    assert!(option.contains("cinder.conf:6"), "{option}");
    let backend = said(&mut client, 2, 1);
    assert!(backend.contains("NfsDriver") && backend.contains("undetermined"), "{backend}");
    assert_eq!(said(&mut client, 1, 20), backend);
    let driver = said(&mut client, 3, 30);
    assert!(driver.contains("Releases"), "{driver}");
    let secret = said(&mut client, 6, 2);
    assert!(secret.contains("nas_password") && !secret.contains("hunter2"), "{secret}");
    client.finish();
}

#[test]
fn completion_offers_what_is_read_here() {
    let text = format!("{NFS}nfs_sh\nenab = \n# cinderlint: ignore[\n[\n");
    let mut client = Client::start(&[("cinder.conf", &text)], &plain(), Value::Null);
    client.open("cinder.conf", &text);
    client.sent("cinder.conf", Some(1));
    let mut labels = |line: u32, character: u32| -> Vec<String> {
        let list = client.at("textDocument/completion", "cinder.conf", line, character);
        let items = list["items"].as_array().cloned().unwrap_or_default();
        items.iter().map(|item| item["label"].as_str().unwrap().to_string()).collect()
    };
    let keys = labels(6, 6);
    assert!(keys.contains(&"nfs_shares_config".to_string()), "{keys:?}");
    let all = labels(6, 0);
    // What is set is not offered again, and what other drivers read not at all.
    assert!(!all.contains(&"volume_driver".to_string()) && !all.contains(&"rbd_pool".to_string()), "{all:?}");
    assert_eq!(all.first().map(String::as_str), Some("nas_secure_file_permissions"));
    assert_eq!(labels(5, 29), ["false", "true"]);
    assert!(labels(3, 16).contains(&"cinder.volume.drivers.nfs.NfsDriver".to_string()));
    // What is found below the comment comes first.
    assert_eq!(labels(8, 22).first().map(String::as_str), Some("CND103"));
    assert!(labels(9, 1).contains(&"database".to_string()));
    let list = client.at("textDocument/completion", "cinder.conf", 6, 6);
    let item =
        list["items"].as_array().unwrap().iter().find(|item| item["label"] == "nfs_shares_config").unwrap().clone();
    let told = client.ask("completionItem/resolve", item);
    assert!(told["documentation"]["value"].as_str().unwrap().contains("Releases"), "{told}");
    client.finish();
}

#[test]
fn completion_works_in_yaml_maps_while_a_line_is_no_yaml_yet() {
    let head = "conf:\n  cinder:\n    DEFAULT:\n      enabled_backends: nfs1\n";
    let backend = "  backends:\n    nfs1:\n      volume_driver: cinder.volume.drivers.nfs.NfsDriver\n";
    for (line, offered, not) in [
        ("      nfs_sh", Some("nfs_shares_config"), "rbd_pool"),
        ("      ", Some("nfs_shares_config"), "volume_driver"),
        ("      nas_secure_file_operations: ", Some("false"), "nfs_shares_config"),
        ("      nas_secure_file_operations: f", Some("false"), "nfs_shares_config"),
        ("      # nfs_sh", None, "nfs_shares_config"),
    ] {
        let text = format!("{head}{backend}{line}\npod:\n  replicas:\n    volume: 1\n");
        let mut client = Client::start(&[("values.yaml", &text)], &plain(), Value::Null);
        client.open("values.yaml", &text);
        client.sent("values.yaml", Some(1));
        let list = client.at("textDocument/completion", "values.yaml", 7, line.len() as u32);
        let items = list["items"].as_array().cloned().unwrap_or_default();
        let labels: Vec<&str> = items.iter().map(|item| item["label"].as_str().unwrap()).collect();
        assert_eq!(offered.is_some(), !labels.is_empty(), "{line}: {labels:?}");
        assert!(
            offered.is_none_or(|offered| labels.contains(&offered)) && !labels.contains(&not),
            "{line}: {labels:?}"
        );
        // What is written takes the place of what was typed, and of nothing else.
        let typed = line.rsplit(' ').next().unwrap().len() as u64;
        for item in items {
            let range = &item["textEdit"]["range"];
            assert_eq!(range["start"], json!({"line": 7, "character": line.len() as u64 - typed}), "{item}");
            assert_eq!(range["end"], json!({"line": 7, "character": line.len()}), "{item}");
        }
        client.finish();
    }
    // A section, where the form has sections.
    let text = format!("{head}    barb\n{backend}");
    let mut client = Client::start(&[("values.yaml", &text)], &plain(), Value::Null);
    client.open("values.yaml", &text);
    client.sent("values.yaml", Some(1));
    let list = client.at("textDocument/completion", "values.yaml", 4, 8);
    let labels: Vec<&str> =
        list["items"].as_array().unwrap().iter().map(|one| one["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["barbican", "barbican_service_user"]);
    client.finish();
}

#[test]
fn completion_knows_what_a_driver_requires() {
    let text = "[DEFAULT]\nenabled_backends = p\n[p]\nvolume_driver = cinder.volume.drivers.dell_emc.powermax.iscsi.PowerMaxISCSIDriver\n\n[\n";
    let capabilities = json!({"textDocument": {"completion": {"completionItem": {"snippetSupport": true}}}});
    for (capabilities, snippets) in [(plain(), false), (capabilities, true)] {
        let mut client = Client::start(&[("cinder.conf", text)], &capabilities, Value::Null);
        client.open("cinder.conf", text);
        client.sent("cinder.conf", Some(1));
        let keys = client.at("textDocument/completion", "cinder.conf", 4, 0);
        let array = keys["items"].as_array().unwrap().iter().find(|item| item["label"] == "powermax_array").unwrap();
        assert_eq!(
            (&array["detail"], &array["sortText"]),
            (&"required by the driver".into(), &"0powermax_array".into())
        );
        let sections = client.at("textDocument/completion", "cinder.conf", 5, 1);
        let label = "new backend: nfs.NfsDriver";
        let nfs = sections["items"].as_array().unwrap().iter().find(|item| item["label"] == label);
        assert_eq!(nfs.is_some(), snippets);
        if let Some(nfs) = nfs {
            assert_eq!(nfs["insertTextFormat"], 2);
            let text = "${1:name}]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\nvolume_backend_name = $1\nnas_secure_file_operations = ${2|false,true|}\nnas_secure_file_permissions = ${3|false,true|}\n$0";
            assert_eq!(nfs["textEdit"]["newText"], text);
        }
        let hover = client.at("textDocument/hover", "cinder.conf", 3, 40);
        let told = hover["contents"]["value"].as_str().unwrap();
        assert!(told.contains("Requires:\n\n- `powermax_array`"), "{told}");
        client.finish();
    }
}

#[test]
fn sections_of_all_files_are_found_and_a_list_of_shares_is_linked() {
    let text = "[DEFAULT]\nenabled_backends = nfs1\n[nfs1]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\nnfs_shares_config = /etc/cinder/nfs_shares\nsan_password = hunter2\n";
    let files = [
        ("a/cinder.conf", text),
        ("a/nfs_shares", "192.0.2.1:/x\n"),
        ("b/cinder.conf", "[DEFAULT]\n[nfs2]\nverbose=1\n"),
    ];
    let mut client = Client::start(&files, &plain(), Value::Null);
    client.open("a/cinder.conf", text);
    client.sent("a/cinder.conf", Some(1));
    let mut found = |query: &str| -> Vec<(String, String)> {
        let symbols = client.ask("workspace/symbol", json!({"query": query}));
        let symbols = symbols.as_array().unwrap().iter();
        let mut all: Vec<_> = symbols
            .map(|one| {
                (
                    one["name"].as_str().unwrap().into(),
                    one["location"]["uri"]
                        .as_str()
                        .unwrap()
                        .rsplit_once('/')
                        .unwrap()
                        .0
                        .rsplit('/')
                        .next()
                        .unwrap()
                        .into(),
                )
            })
            .collect();
        all.sort();
        all
    };
    let pair = |name: &str, folder: &str| (name.to_string(), folder.to_string());
    assert_eq!(found("Ns"), [pair("nfs1", "a"), pair("nfs2", "b")]);
    assert_eq!(found("nfs2"), [pair("nfs2", "b")]);
    let links = client.ask("textDocument/documentLink", json!({"textDocument": {"uri": client.uri("a/cinder.conf")}}));
    assert_eq!(links[0]["target"], client.uri("a/nfs_shares"));
    assert_eq!(links[0]["range"]["start"], json!({"line": 4, "character": 20}));
    assert_eq!(links.as_array().unwrap().len(), 1);
    client.finish();
}

#[test]
fn names_lead_to_what_they_stand_for() {
    let text = "[DEFAULT]\nenabled_backends = nfs1\nmy_ip = 192.0.2.1\n[nfs1]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\ntarget_ip_address = $my_ip\nnas_secure_file_operations = true\nnas_secure_file_operations = false\n";
    let mut client = Client::start(&[("cinder.conf", text)], &plain(), Value::Null);
    client.open("cinder.conf", text);
    client.sent("cinder.conf", Some(1));
    let mut lines = |method: &str, line: u32, character: u32| -> Vec<u64> {
        let found = match method {
            "references" => {
                let params = json!({
                    "textDocument": {"uri": client.uri("cinder.conf")}, "context": {"includeDeclaration": true},
                    "position": {"line": line, "character": character},
                });
                client.ask("textDocument/references", params)
            }
            method => client.at(&format!("textDocument/{method}"), "cinder.conf", line, character),
        };
        found.as_array().unwrap().iter().map(|one| one["range"]["start"]["line"].as_u64().unwrap()).collect()
    };
    assert_eq!(lines("definition", 1, 20), [3]);
    assert_eq!(lines("definition", 3, 2), [1]);
    assert_eq!(lines("definition", 5, 23), [2]);
    assert_eq!(lines("definition", 6, 3), [7]);
    assert_eq!(lines("references", 3, 2), [1, 3]);
    let symbols = client.at("textDocument/documentSymbol", "cinder.conf", 0, 0);
    let names: Vec<_> = symbols.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["DEFAULT", "nfs1"]);
    let refused = client.answer(
        "textDocument/prepareRename",
        json!({"textDocument": {"uri": client.uri("cinder.conf")}, "position": {"line": 3, "character": 2}}),
    );
    let error = refused.response_result.unwrap_err();
    assert!(error.message.contains("HOST@BACKEND"), "{}", error.message);
    client.finish();
}

#[test]
fn hints_say_what_is_in_force_where_the_line_does_not() {
    let text = format!("{NFS}nas_secure_file_permissions = auto\n");
    let mut client = Client::start(&[("cinder.conf", &text)], &plain(), Value::Null);
    client.open("cinder.conf", &text);
    client.sent("cinder.conf", Some(1));
    let params = json!({
        "textDocument": {"uri": client.uri("cinder.conf")},
        "range": {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}},
    });
    let hints = client.ask("textDocument/inlayHint", params);
    let hints: Vec<_> =
        hints.as_array().unwrap().iter().map(|hint| (&hint["position"]["line"], &hint["label"])).collect();
    assert_eq!(hints, [(&json!(6), &json!(" in force: undetermined"))]);
    client.finish();
}

#[test]
fn settings_that_cannot_be_read_are_one_finding_and_change_nothing_else() {
    let files = [("cinder.conf", NFS), ("cinderlint.toml", "ignore = [\"CND401\"]\n")];
    let mut client = Client::start(&files, &plain(), Value::Null);
    client.open("cinder.conf", NFS);
    assert!(client.sent("cinder.conf", Some(1)).is_empty());
    client.open("cinderlint.toml", "ignore = [\"CND401\"]\n");
    client.sent("cinder.conf", Some(1));
    client.change("cinderlint.toml", 2, json!([{"text": "ignore = [\"CND401\"\nnonsense"}]));
    assert!(client.sent("cinder.conf", Some(1)).is_empty());
    assert_eq!(client.sent("cinderlint.toml", Some(2)).len(), 1);
    client.change("cinderlint.toml", 3, json!([{"text": "ignore = []\n"}]));
    assert_eq!(codes(&client.sent("cinder.conf", Some(1))), ["CND401"]);
    assert!(client.sent("cinderlint.toml", Some(3)).is_empty());
    client.finish();
}

#[test]
fn files_of_others_are_met_with_silence() {
    let mut client = Client::start(&[("cinder.conf", NFS)], &plain(), Value::Null);
    client.open("values.yaml", "a: 1\nb: [\n");
    client.open("notes.ini", "[DEFAULT]\nx = 1\n");
    assert_eq!(client.at("textDocument/hover", "notes.ini", 1, 0), Value::Null);
    client.finish();
}

#[test]
fn a_question_that_is_not_known_or_withdrawn_is_answered() {
    let mut client = Client::start(&[("cinder.conf", NFS)], &pulling(), Value::Null);
    let unknown = client.answer("textDocument/formatting", json!({}));
    assert_eq!(unknown.response_result.unwrap_err().code, -32601);
    let wrong = client.answer("textDocument/hover", json!({"position": 1}));
    assert_eq!(wrong.response_result.unwrap_err().code, -32602);
    client.asked += 1;
    let id = RequestId::from(client.asked);
    let params = json!({"textDocument": {"uri": client.uri("cinder.conf")}});
    client.send(Request { id: id.clone(), method: "textDocument/diagnostic".into(), params });
    client.tell("$/cancelRequest", json!({"id": client.asked}));
    // Whichever was the faster one: there is one answer.
    let Message::Response(response) = client.receive() else { panic!("no answer") };
    assert_eq!(response.id, id);
    client.finish();
}

/// Whatever is edited, the server finds what `check` finds in the same text. `LSP_EDITS` asks for more edits.
#[test]
fn after_any_edits_the_findings_are_those_of_check() {
    let edits: u64 = std::env::var("LSP_EDITS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let mut client = Client::start(&[("cinder.conf", NFS)], &pulling(), Value::Null);
    client.open("cinder.conf", NFS);
    let mut text = NFS.to_string();
    let pieces = [
        "\n",
        "[nfs2]\n",
        "nas_secure_file_operations = auto\n",
        "é\u{1f600}",
        "\r",
        " = ",
        "$my_ip",
        "\t",
        "[",
        "#",
        "enabled_backends = nfs1,nfs2\n",
        "volume_driver = cinder.volume.drivers.rbd.RBDDriver\n",
        "",
        "",
    ];
    let mut state = 42_u64;
    let mut random = |most: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % most.max(1)
    };
    for edit in 0..edits {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        // Inside of a line end there is no position.
        let mut pick = || loop {
            let at = places[random(places.len())];
            if !(text[..at].ends_with('\r') && text[at..].starts_with('\n')) {
                return at;
            }
        };
        let (one, other) = (pick(), pick());
        let (from, to) = (one.min(other), one.max(other).min(one.min(other) + 12));
        let to = (to..=text.len())
            .find(|&at| text.is_char_boundary(at) && !(text[..at].ends_with('\r') && text[at..].starts_with('\n')))
            .unwrap();
        let position = |at: usize| {
            let before = &text[..at];
            let line = before.replace("\r\n", "\n").matches(['\n', '\r']).count();
            let start = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
            json!({"line": line, "character": at - start})
        };
        let piece = pieces[random(pieces.len())];
        let change = json!([{"range": {"start": position(from), "end": position(to)}, "text": piece}]);
        client.change("cinder.conf", edit as i32 + 2, change);
        text.replace_range(from..to, piece);
        client.folder.write("cinder.conf", &text);
        let uri = client.uri("cinder.conf");
        let report = client.ask("textDocument/diagnostic", json!({"textDocument": {"uri": uri}}));
        let told: Vec<(String, u64)> = report["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["code"].is_string())
            .map(|one| (one["code"].as_str().unwrap().to_string(), one["range"]["start"]["line"].as_u64().unwrap() + 1))
            .collect();
        let checked = command::json(&client.folder.path(""), &["check", "--format", "json", "cinder.conf"]);
        let mut expected: Vec<(String, u64)> = checked["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["suppressed"].is_null())
            .map(|one| (one["rule"].as_str().unwrap().to_string(), one["line"].as_u64().unwrap()))
            .collect();
        let mut told = told;
        told.sort();
        expected.sort();
        assert_eq!(told, expected, "after edit {edit}: {text:?}");
    }
    client.finish();
}
