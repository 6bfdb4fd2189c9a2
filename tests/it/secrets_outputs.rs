//! Every kind of secret in the outputs that are no report: the language server, statistics, baselines, the job summary, what is written,
//! and errors about settings, rules, baselines and variables.

#![cfg(unix)]

use std::collections::BTreeSet;

use lsp_server::Message;
use serde_json::{Value, json};

use crate::{
    command::TestDir,
    lsp::{Client, plain},
    secrets_matrix::{KINDS, Marks, TEXTS, files},
};

const SETTINGS: (&str, &str) = ("cinderlint.toml", "release = '2026.2'\n");

fn assert_none(leaks: &BTreeSet<String>) {
    assert!(
        leaks.is_empty(),
        "{} leaks:\n{}",
        leaks.len(),
        leaks.iter().take(60).cloned().collect::<Vec<_>>().join("\n")
    );
}

#[test]
fn no_answer_of_the_language_server_shows_one() {
    let mut marks = Marks(Vec::new());
    let mut all = files(&mut marks);
    // Each kind in each place, and one of the options that are the same otherwise.
    all.retain(|(path, _)| !path.starts_with("one") || path.contains("-0/") || path.contains("-5/"));
    let place = TestDir::new(&[SETTINGS]);
    all.iter().for_each(|(path, text)| place.write(path, text));
    let mut leaks = BTreeSet::new();
    let options = json!({"pedantic": true, "preview": true});
    let mut client = Client::in_folder(place, &plain(), options);
    let mut hovers = 0;
    for (path, text) in &all {
        client.open(path, text);
        let mut said: Vec<(String, Value)> = vec![("diagnostics".into(), json!(client.sent(path, Some(1))))];
        let uri = json!({"uri": client.uri(path)});
        let lines: Vec<&str> = text.lines().collect();
        let range = json!({"start": {"line": 0, "character": 0}, "end": {"line": lines.len(), "character": 0}});
        for (method, params) in [
            ("textDocument/documentSymbol", json!({"textDocument": uri})),
            ("textDocument/foldingRange", json!({"textDocument": uri})),
            ("textDocument/documentLink", json!({"textDocument": uri})),
            ("textDocument/inlayHint", json!({"textDocument": uri, "range": range})),
            ("textDocument/diagnostic", json!({"textDocument": uri})),
            ("textDocument/codeAction", json!({"textDocument": uri, "range": range, "context": {"diagnostics": []}})),
            ("workspace/symbol", json!({"query": "a"})),
            ("no/such", json!({"textDocument": uri, "text": text})),
            ("textDocument/hover", json!({"textDocument": uri, "position": text})),
        ] {
            let mut answer = json!(client.answer(method, params));
            // What is to be written into the file that the editor holds is no output.
            for action in answer["result"].as_array_mut().into_iter().flatten() {
                action.as_object_mut().map(|action| action.remove("edit"));
            }
            said.push((method.into(), answer));
        }
        for (line, text) in lines.iter().enumerate() {
            // In the name, behind the separator, and at the end.
            let value = text.find(['=', ':']).map_or(0, |at| at + 2);
            for character in BTreeSet::from([1, value, text.chars().count()]) {
                let at = json!({"textDocument": uri, "position": {"line": line, "character": character}});
                for method in [
                    "textDocument/hover",
                    "textDocument/completion",
                    "textDocument/definition",
                    "textDocument/references",
                    "textDocument/prepareRename",
                ] {
                    let mut params = at.clone();
                    params["context"] = json!({"includeDeclaration": true});
                    said.push((method.into(), json!(client.answer(method, params))));
                }
            }
        }
        for (method, answer) in said {
            hovers += usize::from(method == "textDocument/hover" && answer["result"]["contents"].is_object());
            leaks.extend(marks.shown(&answer.to_string()).into_iter().map(|what| format!("{method}: {what}")));
        }
    }
    for message in client.unread.drain(..).collect::<Vec<_>>() {
        let text = match &message {
            Message::Notification(told) => told.params.to_string(),
            Message::Request(asked) => asked.params.to_string(),
            Message::Response(answer) => json!(answer).to_string(),
        };
        leaks.extend(marks.shown(&text).into_iter().map(|what| format!("sent: {what}")));
    }
    assert!(hovers > 500, "{hovers}");
    assert_none(&leaks);
}

#[test]
fn no_output_beside_the_reports_shows_one() {
    let mut marks = Marks(Vec::new());
    let all = files(&mut marks);
    let place = TestDir::new(&[SETTINGS]);
    all.iter().for_each(|(path, text)| place.write(path, text));
    let mut leaks = BTreeSet::new();
    let runs: [&[&str]; 12] = [
        &["check", "--statistics", "."],
        &["check", "--statistics", "--format", "json", "."],
        &["check", "--show-files", "."],
        &["check", "--show-settings", "."],
        &[
            "check",
            "--verbose",
            "--format",
            "concise",
            "--report",
            "markdown=report.md",
            "--report",
            "sarif=report.sarif",
            ".",
        ],
        &["baseline", "write", "baseline.toml", "."],
        &["baseline", "show", "baseline.toml"],
        &["check", "--baseline", "baseline.toml", "--format", "json", "."],
        &["effective", "--format", "json", "--all", "--release", "queens", "."],
        &["upgrade", "--from", "train", "--to", "ussuri", "--format", "markdown", "."],
        &["check", "--add-suppressions", "for now", "--diff", "."],
        // Last: it changes the files.
        &["check", "--fix", "--unsafe-fixes", "."],
    ];
    for run in runs {
        let mut command = place.command(run);
        command.env("GITHUB_STEP_SUMMARY", place.path("summary.md"));
        let output = command.output().unwrap();
        let code = output.status.code().unwrap();
        let mut texts = vec![String::from_utf8_lossy(&output.stdout).into_owned()];
        texts.push(String::from_utf8_lossy(&output.stderr).into_owned());
        assert!(code < 3, "{run:?}: {}", texts[1]);
        for text in texts {
            leaks.extend(marks.shown(&text).into_iter().map(|what| format!("{}: {what}", run.join(" "))));
        }
    }
    place.said(&["check", "--format", "github", "."]);
    for written in ["report.md", "report.sarif", "baseline.toml"] {
        let text = place.read(written);
        assert!(text.contains("CND"), "{written}");
        leaks.extend(marks.shown(&text).into_iter().map(|what| format!("{written}: {what}")));
    }
    assert_none(&leaks);
}

/// A file that cinderlint itself reads is wrong in every place, with a secret there.
#[test]
fn no_error_about_our_own_files_shows_one() {
    const WRONG: [&str; 18] = [
        "V",
        "V = 1",
        "\"V\" = 1",
        "release = \"V\"",
        "release = V",
        "python = \"V\"",
        "ignore = [\"V\"]",
        "ignore = \"V\"",
        "select = [1, \"V\"]",
        "fail-on = \"V\"",
        "[severities]\n\"V\" = \"error\"",
        "[severities]\nCND401 = \"V\"",
        "[[deployment]]\nname = \"V\"\nconfig-files = [\"V\"]",
        "[[per-path]]\npaths = [\"V\"]\nignore = [\"V\"]",
        "rules-dir = \"V\"",
        "version = 1\n[[finding]]\npath = \"a\"\nrule = \"V\"\nsection = \"V\"\ncount = 1\nexpires = \"V\"",
        "version = 1\n[[finding]]\npath = \"V\"\nrule = \"CND401\"\noption = \"V\"\ncount = \"V\"",
        "id = \"SITE001\"\nname = \"V\"\nseverity = \"V\"\nsummary = \"V\"\nwhen = { option = \"V\", V = 1 }",
    ];
    let mut leaks = BTreeSet::new();
    for kind in KINDS.iter().chain(&TEXTS[..3]) {
        let mut marks = Marks(Vec::new());
        let place = TestDir::new(&[("cinder.conf", "[DEFAULT]\nenabled_backends = a\nverbose = 1\n")]);
        for (nth, wrong) in WRONG.iter().enumerate() {
            let value = marks.put(wrong, kind).replace('\\', "\\\\");
            place.write(&format!("{nth}/x.toml"), &wrong.replace('V', &value));
            place.write(&format!("{nth}/rules.toml"), "rules-dir = \".\"\n");
        }
        let vars = [
            format!("the_password: {}\nx: [\n", marks.put("vars", "M")),
            format!("a: {}\na: {}\n", marks.put("vars twice", kind), marks.put("vars twice", kind)),
            format!("pw: \"{}", marks.put("vars open", "M")),
        ];
        vars.iter().enumerate().for_each(|(nth, text)| place.write(&format!("v{nth}.yml"), text));
        place.write("cinder.conf.j2", "[DEFAULT]\nverbose = {{ pw }}\nx = {{ a }}\n{{ the_password }}\n");
        let mut runs: Vec<Vec<String>> = Vec::new();
        for nth in 0..WRONG.len() {
            for more in [["--settings", "x.toml"], ["--baseline", "x.toml"], ["--settings", "rules.toml"]] {
                runs.push(vec!["check".into(), "cinder.conf".into(), more[0].into(), format!("{nth}/{}", more[1])]);
            }
            runs.push(vec!["baseline".into(), "show".into(), format!("{nth}/x.toml")]);
        }
        for nth in 0..vars.len() {
            runs.push(["check", "cinder.conf.j2", "--vars", &format!("v{nth}.yml")].map(String::from).to_vec());
        }
        for run in runs {
            let run: Vec<&str> = run.iter().map(String::as_str).collect();
            let (code, out, err) = place.said(&run);
            assert!(code < 3 && !err.contains("panicked"), "{run:?}: {err}");
            // Of a baseline that is one, the entries are what was asked for.
            if run[0] == "baseline" && code == 0 {
                continue;
            }
            for text in [&out, &err] {
                leaks.extend(marks.shown(text).into_iter().map(|what| format!("{}: {what}: {kind}", run.join(" "))));
            }
        }
    }
    assert_none(&leaks);
}

/// A host whose configuration has each kind: what the audit says, in each format, and what is collected.
#[test]
#[cfg(target_os = "linux")]
fn no_audit_and_no_collection_shows_one() {
    let mut marks = Marks(Vec::new());
    let mut text =
        String::from("[DEFAULT]\nenabled_backends = a\n[a]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n");
    for kind in KINDS {
        for way in
            ["nas_secure_file_permissions = V", "nfs_mount_options = V", "my_option = V", "# V", "nas_host = V", "K V"]
        {
            text.push_str(&format!("{}\n", way.replace('V', &marks.put(way, kind))));
        }
    }
    for said in TEXTS {
        text.push_str(&format!("# {}\n", marks.put("comment", said)));
    }
    text.push_str("nas_host = 192.0.2.1\nnas_share_path = /x\nnas_secure_file_permissions = auto\n");
    let mut shares = String::new();
    for kind in KINDS {
        shares.push_str(&format!("{}\n192.0.2.1:/s -o {}\n", marks.put("share", kind), marks.put("options", kind)));
    }
    let place = TestDir::new(&[
        ("etc/cinder/cinder.conf", text.as_str()),
        ("etc/cinder/nfs_shares", &shares),
        ("etc/passwd", "cinder:x:64061:64061::/:/bin/false\n"),
        ("etc/group", "cinder:x:64061:\n"),
        ("proc/self/mountinfo", ""),
    ]);
    let mut leaks = BTreeSet::new();
    for list in [false, true] {
        if list {
            let text = text
                .replace("nas_host = 192.0.2.1\nnas_share_path = /x\n", "nfs_shares_config = /etc/cinder/nfs_shares\n");
            let text: String =
                text.lines().filter(|line| !line.starts_with("nas_host")).map(|line| format!("{line}\n")).collect();
            place.write("etc/cinder/cinder.conf", &text);
        }
        for format in ["full", "json", "html", "prometheus"] {
            let (code, out, err) = place.said(&["audit", "--root", ".", "--format", format]);
            assert!(code < 3 && !out.is_empty(), "{err}");
            for text in [&out, &err] {
                leaks.extend(marks.shown(text).into_iter().map(|what| format!("audit {format}: {what}")));
            }
        }
        let archive = format!("{list}.tar.gz");
        let (code, out, err) = place.said(&["collect", "--root", ".", "-o", &archive]);
        assert_eq!(code, 0, "{out}{err}");
        let bytes = std::fs::read(place.path(&archive)).unwrap();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut text).unwrap();
        assert!(text.contains("enabled_backends"), "{}", text.len());
        leaks.extend(marks.shown(&text).into_iter().map(|what| format!("collect: {what}")));
    }
    assert_none(&leaks);
}
