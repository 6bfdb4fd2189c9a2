//! Every format at the command line, on content that is awkward for it.

use crate::command::{command, repository_files};
use std::{collections::HashSet, fs, path::Path, process::Output, sync::Arc};

use cinderlint::{
    catalog::Release,
    ini::Span,
    lint::{self, Edit, Finding, Fix, Related, Rule, Severity},
    report::{self, Format, Report, ToolError},
    source::{FileId, Files, Place},
    style::Style,
};
use serde_json::Value;

const FORMATS: [&str; 11] =
    ["full", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "checkstyle", "rdjson", "zuul"];

/// A byte order mark on line 1, tabs, wide characters, `\r\n`, a lone `\r`, control characters, secrets.
const AWKWARD: &str = "\u{feff}[DEFAULT]\r\nenabled_backends = nfs\u{e9}, b\u{1f600}d\r\n\tmore\rsan_password = hunter2\n\
    transport_url = rabbit://u:s3cr3t@h/\n[nfs\u{e9}]\r\n\u{1f600}\u{4e16}\tx \u{1b}[31m<&\"'>%0A::error::|x|\n\
    volume_driver = cinder.volume.drivers.nfs.NfsDriver\nnas_secure_file_permissions = auto";
/// Blanks, and what URIs, workflow commands and XML hold dear.
const PATH: &str = "a b/ci%n,de:r \u{e9}&'.conf";

fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().expect("it runs")
}

fn awkward() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("a b")).expect("a folder");
    fs::write(folder.path().join(PATH), AWKWARD).expect("a file");
    fs::write(folder.path().join("clean.conf"), "[DEFAULT]\n").expect("a file");
    folder
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("reports are UTF-8")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn valid(schema: &str, document: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas").join(schema);
    // SARIF's pattern of a language lacks a bracket.
    let schema = json(&fs::read_to_string(path).expect("a schema").replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$"));
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).expect("a good schema");
    let errors: Vec<String> =
        validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

/// Checks a report of any format against its schema or structure.
fn well_formed(format: &str, report: &str) {
    match format {
        "json" => assert_eq!(json(report)["schema_version"], 1),
        "jsonl" => assert_eq!(report.lines().map(json).next_back().expect("a line")["kind"], "summary"),
        "sarif" => valid("sarif-2.1.0.json", &json(report)),
        "gitlab" => {
            let issues = json(report);
            valid("gitlab.json", &issues);
            let mut seen = HashSet::new();
            assert!(issues.as_array().unwrap().iter().all(|issue| seen.insert(issue["fingerprint"].to_string())));
        }
        "rdjson" => valid("rdjson.json", &json(report)),
        "zuul" => valid("zuul.json", &json(report)),
        "junit" => junit(report),
        "checkstyle" => checkstyle(report),
        "github" => {
            for line in report.lines() {
                assert!(["::error ", "::warning ", "::notice "].iter().any(|start| line.starts_with(start)), "{line}");
            }
        }
        _ => {}
    }
    if format != "full" {
        assert!(!report.contains(|c: char| c.is_control() && c != '\n'), "{report:?}");
    }
}

fn names(node: roxmltree::Node<'_, '_>) -> Vec<String> {
    node.attributes().map(|attribute| attribute.name().to_string()).collect()
}

/// `junit-10.xsd`: elements, their attributes, and the counts that must agree with them.
fn junit(report: &str) {
    let document = roxmltree::Document::parse(report).unwrap_or_else(|error| panic!("{error}: {report}"));
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    let sum = |name: &str| root.children().filter_map(|suite| suite.attribute(name)?.parse::<usize>().ok()).sum();
    for name in ["tests", "failures", "errors"] {
        let said: usize = root.attribute(name).unwrap().parse().unwrap();
        let sum: usize = sum(name);
        assert_eq!(said, sum, "{name}");
    }
    for suite in root.children().filter(roxmltree::Node::is_element) {
        assert_eq!(suite.tag_name().name(), "testsuite");
        assert_eq!(names(suite), ["name", "file", "tests", "failures", "errors", "skipped"]);
        let cases: Vec<_> = suite.children().filter(roxmltree::Node::is_element).collect();
        let count = |name: &str| cases.iter().filter(|case| case.children().any(|n| n.has_tag_name(name))).count();
        for (attribute, found) in [
            ("tests", cases.len()),
            ("failures", count("failure")),
            ("errors", count("error")),
            ("skipped", count("skipped")),
        ] {
            assert_eq!(suite.attribute(attribute), Some(found.to_string().as_str()), "{attribute}");
        }
        for case in cases {
            assert_eq!(case.tag_name().name(), "testcase");
            assert_eq!(names(case), ["name", "classname"]);
        }
    }
}

fn checkstyle(report: &str) {
    let document = roxmltree::Document::parse(report).unwrap_or_else(|error| panic!("{error}: {report}"));
    let root = document.root_element();
    assert_eq!((root.tag_name().name(), names(root)), ("checkstyle", vec!["version".to_string()]));
    for file in root.children().filter(roxmltree::Node::is_element) {
        assert_eq!((file.tag_name().name(), names(file)), ("file", vec!["name".to_string()]));
        for error in file.children().filter(roxmltree::Node::is_element) {
            assert!(["error", "warning", "info"].contains(&error.attribute("severity").unwrap()));
            assert!(error.attribute("line").unwrap().parse::<u32>().unwrap() >= 1);
            assert!(error.attribute("column").is_none_or(|column| column.parse::<u32>().unwrap() >= 1));
            assert!(!error.attribute("message").unwrap().is_empty());
            assert!(error.attribute("source").unwrap().starts_with("cinderlint."));
        }
    }
}

#[test]
fn awkward_content_in_every_format() {
    let folder = awkward();
    for format in FORMATS {
        let output = run(folder.path(), &["check", "--pedantic", "--format", format, PATH, "clean.conf"]);
        let report = text(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{format}: {}", text(&output.stderr));
        for secret in ["hunter2", "s3cr3t"] {
            assert!(!report.contains(secret), "{format}: {report}");
        }
        assert!(!report.contains('\u{1b}'), "{format}");
        well_formed(format, report);
        let again = run(folder.path(), &["check", "--pedantic", "--format", format, PATH, "clean.conf"]);
        assert_eq!(output.stdout, again.stdout, "{format}: two runs differ");
    }
}

#[test]
fn clean_files_make_whole_reports() {
    let folder = awkward();
    for format in FORMATS {
        let output = run(folder.path(), &["check", "--format", format, "clean.conf"]);
        assert_eq!(output.status.code(), Some(0), "{format}");
        well_formed(format, text(&output.stdout));
    }
    let report = |format| run(folder.path(), &["check", "--format", format, "clean.conf"]).stdout;
    let sarif = json(text(&report("sarif")));
    assert_eq!(sarif["runs"][0]["results"], Value::Array(Vec::new()));
    assert_eq!(sarif["runs"][0]["invocations"][0]["executionSuccessful"], true);
    assert_eq!(text(&report("gitlab")), "[]\n");
    assert_eq!(text(&report("github")), "");
}

#[test]
fn unreadable_files_are_said_and_the_others_linted() {
    let folder = awkward();
    for format in FORMATS {
        let output = run(folder.path(), &["check", "--format", format, "not here.conf", PATH]);
        assert_eq!(output.status.code(), Some(2), "{format}");
        assert!(text(&output.stderr).contains("not here.conf"), "{format}");
        let report = text(&output.stdout);
        well_formed(format, report);
        if !matches!(format, "full" | "concise" | "zuul") {
            assert!(report.contains("not here.conf"), "{format}: {report}");
        }
        assert!(report.contains("CND101"), "{format}: {report}");
    }
    let output = run(folder.path(), &["check", "--format", "sarif", "not here.conf", PATH]);
    let invocation = &json(text(&output.stdout))["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let notification = &invocation["toolExecutionNotifications"][0];
    assert_eq!(notification["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "not%20here.conf");
}

#[test]
fn lines_and_columns_start_at_one() {
    let folder = awkward();
    let document = json(text(&run(folder.path(), &["check", "--format", "json", PATH]).stdout));
    let findings = document["findings"].as_array().unwrap();
    assert_eq!((&findings[0]["line"], &findings[0]["rule"]), (&1.into(), &"CND101".into()));
    let auto = findings.iter().find(|finding| finding["byte_end"] == AWKWARD.len()).expect("the last line");
    let before = &AWKWARD[..auto["byte_start"].as_u64().unwrap() as usize];
    let line = before.replace("\r\n", "\n").replace('\r', "\n").matches('\n').count() + 1;
    assert_eq!(auto["line"], line);
    let within = before.rsplit(['\r', '\n']).next().unwrap();
    assert_eq!(auto["column"], within.chars().count() + 1);
    let sarif = json(text(&run(folder.path(), &["check", "--format", "sarif", PATH]).stdout));
    assert_eq!(sarif["runs"][0]["columnKind"], "unicodeCodePoints");
    for (finding, result) in findings.iter().zip(sarif["runs"][0]["results"].as_array().unwrap()) {
        let region = &result["locations"][0]["physicalLocation"]["region"];
        for (ours, theirs) in
            [("line", "startLine"), ("column", "startColumn"), ("end_line", "endLine"), ("end_column", "endColumn")]
        {
            assert_eq!(finding[ours], region[theirs], "{finding}");
        }
        assert_eq!(
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            "a%20b/ci%25n%2Cde%3Ar%20%C3%A9%26%27.conf"
        );
        assert_eq!(result["partialFingerprints"]["cinderlint/v1"], finding["fingerprint"]);
        let rules = &sarif["runs"][0]["tool"]["driver"]["rules"];
        assert_eq!(rules[result["ruleIndex"].as_u64().unwrap() as usize]["id"], finding["rule"]);
    }
}

#[test]
fn sarif_holds_every_rule_with_its_help() {
    let folder = awkward();
    let sarif = json(text(&run(folder.path(), &["check", "--format", "sarif", "--select", "CND401", PATH]).stdout));
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().clone();
    let known = lint::built_in().unwrap();
    assert_eq!(rules.len(), known.len());
    for (said, rule) in rules.iter().zip(&known) {
        assert_eq!(said["id"], rule.id.as_str());
        assert!(said["help"]["markdown"].as_str().unwrap().contains(rule.why.trim()), "{said}");
        assert!(!said["properties"]["tags"].as_array().unwrap().is_empty());
        assert_eq!(said["properties"]["security-severity"].is_string(), rule.security_severity.is_some());
        assert!(rule.security_severity.is_none_or(|score| (0.1..=10.0).contains(&score)), "{}", rule.id);
    }
    let result = &sarif["runs"][0]["results"][0];
    let logical = &result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"];
    assert!(logical.as_str().unwrap().starts_with("nfs\u{e9}/nas_secure_file_"), "{result}");
}

#[test]
fn fingerprints_survive_moved_lines() {
    let folder = awkward();
    let fingerprints = || -> Vec<Value> {
        let report = json(text(&run(folder.path(), &["check", "--format", "gitlab", PATH]).stdout));
        report.as_array().unwrap().iter().map(|issue| issue["fingerprint"].clone()).collect()
    };
    let before = fingerprints();
    fs::write(folder.path().join(PATH), AWKWARD.replace("volume_driver", "# a line\n\n# more\nvolume_driver")).unwrap();
    assert_eq!(before, fingerprints());
}

#[test]
fn github_shows_ten_of_a_kind_and_counts_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = "[DEFAULT]\nenabled_backends = ".to_string();
    config.push_str(&(0..8).map(|n| format!("nfs{n}, missing{n}")).collect::<Vec<_>>().join(", "));
    for n in 0..8 {
        config.push_str(&format!("\n[nfs{n}]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver"));
        config.push_str("\nnas_secure_file_operations = auto\nnas_secure_file_permissions = auto");
    }
    fs::write(folder.path().join("cinder.conf"), config).unwrap();
    fs::write(folder.path().join("summary.md"), "before\n").unwrap();
    let mut command = command(folder.path(), &["check", "--format", "github", "--ignore", "CND454"]);
    let output = command.env("GITHUB_STEP_SUMMARY", "summary.md").output().unwrap();
    let lines: Vec<&str> = text(&output.stdout).lines().collect();
    let start = |line: &&str| line.split(' ').next().unwrap_or_default().to_string();
    let starts: Vec<String> = lines.iter().map(start).collect();
    assert_eq!(starts, [vec!["::error"; 10], vec!["::warning"; 8], vec!["::notice"]].concat(), "{lines:#?}");
    assert!(lines[0].starts_with("::error file=cinder.conf,line=5,endLine=5,col="), "{}", lines[0]);
    assert!(lines[18].starts_with("::notice title=cinderlint::6 errors more"), "{}", lines[18]);
    let summary = fs::read_to_string(folder.path().join("summary.md")).unwrap();
    assert!(summary.starts_with("before\n### cinderlint\n\n16 errors, 8 warnings in 1 file"), "{summary}");
    assert_eq!(summary.matches("\n| error | CND401").count(), 16, "{summary}");
}

#[test]
fn paths_of_code_hosts_start_at_the_top_of_the_repository() {
    let folder = awkward();
    fs::create_dir(folder.path().join(".git")).unwrap();
    let below = folder.path().join("a b");
    let name = PATH.strip_prefix("a b/").unwrap();
    let report = |format| text(&run(&below, &["check", "--format", format, name]).stdout).to_string();
    assert_eq!(json(&report("gitlab"))[0]["location"]["path"], PATH);
    assert!(json(&report("zuul"))["zuul"]["file_comments"][PATH].is_array());
    assert!(
        report("github").starts_with("::error file=a b/ci%25n%2Cde%3Ar \u{e9}&'.conf,line=1"),
        "{}",
        report("github")
    );
    assert!(report("sarif").contains("\"uri\":\"a%20b/ci"));
    assert!(report("concise").starts_with(name));
}

#[test]
fn several_reports_in_one_run() {
    let folder = awkward();
    let mut arguments = vec!["check".to_string(), PATH.to_string()];
    for format in FORMATS {
        arguments.extend(["--report".to_string(), format!("{format}=out {format}=1")]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    fs::write(folder.path().join("out sarif=1"), "x".repeat(1 << 20)).unwrap();
    let output = run(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("CND101"));
    for format in FORMATS {
        let written = fs::read(folder.path().join(format!("out {format}=1"))).unwrap();
        let shown = run(folder.path(), &["check", "--format", format, PATH]).stdout;
        assert_eq!(text(&written), text(&shown), "{format}");
    }
    let quiet = run(folder.path(), &["check", "-q", "--report", "json=q.json", PATH]);
    assert!(quiet.stdout.is_empty());
    assert_eq!(json(&fs::read_to_string(folder.path().join("q.json")).unwrap())["schema_version"], 1);
}

#[test]
fn a_bad_report_fails_before_the_work() {
    let folder = awkward();
    for (report, said) in [
        ("sarif=no/such/folder/x", "no/such/folder/x: the report cannot be written"),
        ("serif=x", "'sarif'"),
        ("sarif", "names no file"),
        ("sarif=", "names no file"),
        ("sarif=-", "names no file"),
    ] {
        let output = run(folder.path(), &["check", "--report", report, PATH]);
        assert_eq!(output.status.code(), Some(2), "{report}");
        assert!(output.stdout.is_empty(), "{report}");
        assert!(text(&output.stderr).contains(said), "{report}: {}", text(&output.stderr));
    }
    let twice = run(folder.path(), &["check", "--report", "sarif=x", "--report", "json=./x", PATH]);
    assert_eq!(twice.status.code(), Some(2));
    assert!(twice.stdout.is_empty());
    let same = format!("json={PATH}");
    let output = run(folder.path(), &["check", "--report", &same, PATH]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fs::read_to_string(folder.path().join(PATH)).unwrap(), AWKWARD, "a report destroyed what is linted");
}

/// A finding with everything that a finding can have.
fn made(rule: &Arc<Rule>, severity: Severity, from: u32, to: u32) -> Finding {
    let place = Place { file: FileId(0), span: Span::new(from, to) };
    Finding {
        rule: Arc::clone(rule),
        severity,
        message: "`a` <b> & \"c\" |d| %0A\r\n::stop \u{1b}\u{0}\u{fffe}\u{1f600}".into(),
        help: Some("write `x = 1`\n]]>".into()),
        place,
        section: Some("a b/c".into()),
        option: Some("x".into()),
        related: vec![Related { place, message: "here <too>".into() }],
        fix: Some(Fix {
            safe: false,
            title: "Say it".into(),
            edits: vec![Edit { place, text: "x = 1\r\n".into() }],
            is_secret: false,
        }),
        alternatives: vec![Fix {
            safe: false,
            title: "Or not".into(),
            edits: vec![Edit { place, text: "x = 2".into() }],
            is_secret: false,
        }],
        stop: None,
        fingerprint: "0123".into(),
        suppressed: None,
        baselined: false,
        change: None,
    }
}

fn written(findings: &[Finding], rules: &[Arc<Rule>], text: &[u8], format: Format) -> String {
    let mut files = Files::default();
    files.add(Path::new("x y.conf"), text.to_vec());
    let errors = [ToolError { file: "gone & away".into(), message: "is not\u{1}there".into() }];
    let report = Report {
        upgrade: None,
        files: &files,
        linted: 1,
        release: Release::NEWEST,
        releases: Vec::new(),
        assumed: false,
        rules,
        findings,
        backends: 0,
        errors: &errors,
    };
    let mut out = Vec::new();
    report::write(&report, format, &Style::FILE, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn fixes_suppressions_and_related_places() {
    let rules: Vec<Arc<Rule>> = lint::built_in().unwrap().into_iter().map(Arc::new).collect();
    let text = "\u{e9}\u{1f600}x = 2\r\ny = 3\n";
    let mut suppressed = made(&rules[0], Severity::Warning, 6, 9);
    suppressed.suppressed = Some("known <since> \"2020\"".into());
    let findings = [
        made(&rules[0], Severity::Error, 6, 11),
        made(&rules[0], Severity::Error, 6, 15),
        suppressed,
        made(&rules[1], Severity::Info, 13, 13),
    ];
    let of = |format| written(&findings, &rules, text.as_bytes(), format);
    for (name, format) in [
        ("sarif", Format::Sarif),
        ("gitlab", Format::Gitlab),
        ("junit", Format::Junit),
        ("checkstyle", Format::Checkstyle),
        ("rdjson", Format::Rdjson),
        ("zuul", Format::Zuul),
        ("github", Format::Github),
    ] {
        well_formed(name, &of(format));
    }
    let results = json(&of(Format::Sarif))["runs"][0]["results"].clone();
    assert_eq!(results[2]["suppressions"][0]["justification"], "known <since> \"2020\"");
    assert_eq!(results[0]["suppressions"], Value::Array(Vec::new()));
    let change = &results[0]["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], "x%20y.conf");
    assert_eq!(change["replacements"][0]["insertedContent"]["text"], "x = 1\r\n");
    assert_eq!(results[0]["locations"][0]["physicalLocation"]["region"]["startColumn"], 3);
    assert_eq!(results[0]["relatedLocations"][0]["message"]["text"], "here <too>");
    // Reviewdog counts bytes.
    let diagnostics = json(&of(Format::Rdjson))["diagnostics"].clone();
    assert_eq!(diagnostics.as_array().unwrap().len(), 4, "three that count and one error");
    assert_eq!(diagnostics[0]["location"]["range"]["start"]["column"], 7);
    assert_eq!(diagnostics[0]["suggestions"][0]["text"], "x = 1\r\n");
    let github = of(Format::Github);
    let lines: Vec<&str> = github.lines().collect();
    assert!(lines[1].contains("line=1,endLine=1,col=3,endColumn=8,title="), "{}", lines[1]);
    assert!(lines[2].contains("line=1,endLine=2,title="), "no columns over two lines: {}", lines[2]);
    assert!(lines[1].contains("%250A%0D%0A::stop"), "{}", lines[1]);
    assert_eq!(of(Format::Junit).matches("<skipped").count(), 1);
}

/// Other people's files, where they are at hand.
#[test]
fn every_file_of_the_repository_makes_valid_reports() {
    let paths: Vec<String> = repository_files().iter().map(|path| path.to_string_lossy().into_owned()).collect();
    assert!(paths.len() > 50, "{paths:?}");
    let out = tempfile::tempdir().expect("a folder");
    for some in paths.chunks(50) {
        let machine: Vec<&str> = FORMATS.into_iter().filter(|format| !["full", "concise"].contains(format)).collect();
        let mut arguments = vec!["check".to_string(), "-q".to_string(), "--pedantic".to_string()];
        for format in &machine {
            arguments.extend(["--report".to_string(), format!("{format}={format}")]);
        }
        arguments.extend_from_slice(some);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = run(out.path(), &arguments);
        assert!(output.status.code().is_some_and(|code| code < 3), "{}", text(&output.stderr));
        for format in machine {
            well_formed(format, &fs::read_to_string(out.path().join(format)).expect("a report"));
        }
    }
}
