//! What strangers choose (names of files, lines, values) reaches readers that obey commands, draw Markdown, or parse flags.

use crate::command::TestDir;

/// Values, keys, sections, comments and names of files that are commands to somebody.
const CONF: &str = "[DEFAULT]\nenabled_backends = a, ##[add-mask]b, ::error::c\n##[group]x\n::set-output name=x::y\n  ::notice::z\nnfs_mount_attempts = ##[error]x\n\
                    ##vso[task.setvariable variable=x]y\n[a]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n##teamcity[x]\nnas_hots = ##[section]q\n\
                    nfs_mount_attempts = `<img src=x>`\nnfs_sparsed_volumes = [a](http://b.example/c)\n[::debug::c]\nverbose = ``<b>x</b>\n[](x)\nnas_secure_file_permissions = [a](http://b.example/c)\n";

/// The same without the lines at which oslo.config stops.
fn sound() -> String {
    let stops = |line: &&str| line.starts_with("::") || line.starts_with("  ::") || *line == "[](x)";
    CONF.lines().filter(|line| !stops(line)).map(|line| format!("{line}\n")).collect()
}

fn place() -> TestDir {
    TestDir::new(&[
        ("sound/cinder.conf", &sound()),
        ("::add-mask::x/cinder.conf", CONF),
        ("##[group]y/cinder.conf", CONF),
        ("w/ ::error::z/cinder.conf", CONF),
    ])
}

/// Whether GitHub's runner, Azure's agent or TeamCity would obey a line.
fn is_command(line: &str) -> bool {
    let bracket = line
        .match_indices('[')
        .any(|(at, _)| line[..at].trim_end_matches(|c: char| c.is_ascii_alphanumeric()).ends_with("##"));
    line.trim_start().starts_with("::") || bracket
}

#[test]
fn no_line_of_any_output_is_a_command_of_ci() {
    let place = place();
    let mut runs: Vec<Vec<&str>> =
        ["full", "concise", "json", "jsonl", "sarif", "gitlab", "junit", "checkstyle", "rdjson", "zuul"]
            .iter()
            .map(|format| vec!["check", "--pedantic", "--format", format, "."])
            .collect();
    let names = ["::add-mask::x/cinder.conf", "##[group]y/cinder.conf"];
    runs.push(vec!["check", "--diff", "--unsafe-fixes", "."]);
    runs.push(vec!["check", "--show-files", "."]);
    runs.push(vec!["check", "--show-settings", "."]);
    runs.push(vec!["check", "--verbose", "."]);
    runs.push(vec!["effective", "."]);
    runs.push(vec!["effective", "--all", "--format", "json", "."]);
    runs.push([&["parse"][..], &names].concat());
    runs.push([&["parse", "--format", "json"][..], &names].concat());
    runs.push(vec!["check", "::nothing::here"]);
    runs.push(vec!["check", "##[nothing]"]);
    runs.push(vec!["check", "--##[nothing]"]);
    for run in runs {
        let (_, out, err) = place.said(&run);
        for line in out.lines().chain(err.lines()) {
            assert!(!is_command(line), "{run:?}: {line}");
        }
        if run.contains(&"json") {
            serde_json::from_str::<serde_json::Value>(&out).unwrap();
        }
    }
    // Meant commands stay, and nothing but them.
    let (_, out, _) = place.said(&["check", "--format", "github", "."]);
    for line in out.lines() {
        let ours = ["::error file=", "::warning file=", "::notice file=", "::notice title=cinderlint::"];
        assert!(ours.iter().any(|start| line.starts_with(start)), "{line}");
        assert!(!line.contains("##["), "{line}");
    }
}

/// What is written in JSON and XML still means the same.
#[test]
fn neutral_json_means_the_same() {
    let place = place();
    let parsed = place.json(&["parse", "--format", "json", "##[group]y/cinder.conf"]);
    assert_eq!(parsed[0]["file"], "##[group]y/cinder.conf");
    let findings = place.json(&["check", "--format", "json", "##[group]y"]);
    assert!(findings["findings"].as_array().unwrap().iter().any(|f| f["file"] == "##[group]y/cinder.conf"));
}

#[test]
fn a_summary_and_messages_hold_no_markup_of_strangers() {
    let place = place();
    let summary = place.path("summary");
    let ran = place
        .command(&["check", "--pedantic", "--format", "github", "."])
        .env("GITHUB_STEP_SUMMARY", &summary)
        .output();
    assert!(ran.unwrap().status.code().unwrap() < 2);
    let text = place.read("summary");
    let known = ["<code>", "</code>", "<br>"].iter().fold(text.clone(), |text, tag| text.replace(tag, ""));
    assert!(text.contains("CND") && !known.contains('<') && !known.contains('`') && !known.contains("]("), "{text}");
    for format in ["sarif", "rdjson", "zuul"] {
        let (_, out, _) = place.said(&["check", "--pedantic", "--format", format, "."]);
        let value: serde_json::Value = serde_json::from_str(&out).unwrap();
        let mut messages = Vec::new();
        texts(&value, "", &mut messages);
        assert!(messages.iter().any(|text| text.contains("b.example")), "{format}: it is about a link");
        assert!(messages.iter().all(|text| !text.contains("](")), "{format}: {messages:?}");
    }
}

/// The messages in a document.
fn texts<'v>(value: &'v serde_json::Value, key: &str, found: &mut Vec<&'v str>) {
    match value {
        serde_json::Value::String(text) if matches!(key, "text" | "message") => found.push(text),
        serde_json::Value::Array(items) => items.iter().for_each(|item| texts(item, key, found)),
        serde_json::Value::Object(map) => map
            .iter()
            .filter(|(key, _)| *key != "insertedContent" && *key != "rules")
            .for_each(|(key, item)| texts(item, key, found)),
        _ => {}
    }
}

/// `git diff --name-only | xargs cinderlint check`, and every hook that forgets `--`.
#[test]
fn a_name_of_a_file_is_never_a_flag() {
    let place =
        TestDir::new(&[("--report=sarif=out/cinder.conf", CONF), ("out/keep", ""), ("-q", ""), ("cinder.conf", CONF)]);
    for args in [
        &["check", "--report=sarif=out/cinder.conf"][..],
        &["--report=sarif=out/cinder.conf"],
        &["check", "-q", "cinder.conf"],
        &["effective", "-q"],
    ] {
        let (code, out, err) = place.said(args);
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}: {err}");
        assert!(err.contains("the name of a file"), "{args:?}: {err}");
    }
    assert!(!place.path("out/cinder.conf").exists());
    let findings = place.findings(&["--", "--report=sarif=out/cinder.conf"]);
    assert!(!findings.is_empty());
}

/// Settings and suppressions of a tree of strangers have no say.
#[test]
fn isolated_ignores_what_the_tree_says_about_linting() {
    let bad = "[DEFAULT]\nenabled_backends = a\n[a]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\nnas_host = h\nnas_share_path = /x\n\
               # cinderlint: ignore[CND401] -- because\nnas_secure_file_operations = auto\n";
    let place = TestDir::new(&[
        ("cinder.conf", bad),
        ("cinderlint.toml", "ignore = ['CND4']\nfail-on = 'never'\n"),
        ("pyproject.toml", "nonsense"),
    ]);
    assert_eq!(place.said(&["check"]).0, 0);
    let (code, out, err) = place.said(&["check", "--isolated", "--format", "concise"]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(out.contains("CND401"), "{out}");
    place.write("cinderlint.toml", "nonsense");
    assert_eq!(place.said(&["check", "--isolated"]).0, 1);
    place.write("own.toml", "fail-on = 'never'");
    assert_eq!(
        place.said(&["check", "--isolated", "--settings", "own.toml"]).0,
        0,
        "what is given on the command line has"
    );
}

/// A document of another host steers no terminal, wherever it holds an escape.
#[test]
#[cfg(target_os = "linux")]
fn a_merged_document_holds_no_escapes() {
    fn poison(value: &mut serde_json::Value) {
        match value {
            // One of these words and anything else make a document that is refused.
            serde_json::Value::String(text) if matches!(text.as_str(), "yes" | "no" | "unknown") => {}
            serde_json::Value::String(text) => text.push_str("\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}"),
            serde_json::Value::Array(items) => items.iter_mut().for_each(poison),
            serde_json::Value::Object(map) => map.values_mut().for_each(poison),
            _ => {}
        }
    }
    let place = TestDir::new(&[("etc/cinder/cinder.conf", CONF)]);
    let mut document = place.json(&["audit", "--root", ".", "--format", "json"]);
    poison(&mut document);
    place.write("document.json", &document.to_string());
    for format in ["full", "html", "prometheus", "json"] {
        let (_, out, err) = place.said(&["audit", "--merge", "document.json", "--format", format]);
        assert!(out.contains("owned"), "{format}: {out} {err}");
        for text in [&out, &err] {
            let bad = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
            assert!(!text.contains(bad), "{format}: {text}");
        }
    }
}

/// A long line is cut around the finding. The mark of the cut needs room before the text, which the first bytes of a file have not,
/// and a text that begins with the same character is not cut.
#[test]
fn a_long_first_line_is_drawn_wherever_the_finding_begins() {
    let drawn = |line: &str| {
        let dir = TestDir::new(&[("cinder.conf", line)]);
        let out = dir.command(&["check", "--color", "always", "cinder.conf"]).env("COLUMNS", "40").output().unwrap();
        assert_eq!(out.status.code(), Some(1), "{line}: {}", String::from_utf8_lossy(&out.stderr));
    };
    for before in 1..30 {
        drawn(&format!("{}verbose = {}\n", "\u{2026}".repeat(before), "x".repeat(200)));
        drawn(&format!("{}[x\n", "u".repeat(before)));
        drawn(&format!("{}[x = {}\n", "u".repeat(before), "y".repeat(200)));
    }
}
