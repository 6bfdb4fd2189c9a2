//! Every format at the command line, on content that is awkward for it.

use crate::command::{TestDir, command, repository_files};
use std::{collections::HashSet, fs, path::Path, process::Output, sync::Arc};

use cinderlint::{
    catalog::Release,
    ini::Span,
    lint::{self, Edit, Finding, Fingerprint, Fix, Related, Rule, Severity},
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
    // Without the mark oslo.config reads the rest.
    let awkward = AWKWARD.trim_start_matches('\u{feff}');
    fs::write(folder.path().join(PATH), awkward).unwrap();
    let document = json(text(&run(folder.path(), &["check", "--format", "json", PATH]).stdout));
    let findings = document["findings"].as_array().unwrap();
    let auto = findings.iter().find(|finding| finding["byte_end"] == awkward.len()).expect("the last line");
    let before = &awkward[..auto["byte_start"].as_u64().unwrap() as usize];
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
    let missing = (0..8).map(|n| format!("missing{n}")).collect::<Vec<_>>().join(", ");
    let wrong = "debug use_syslog use_stderr use_json use_journal fatal_deprecations publish_errors \
                 backup_use_same_host enable_new_services no_snapshot_gb_quota use_default_quota_class enable_force_upload \
                 glance_api_insecure rpc_ping_enabled";
    let wrong: String = wrong.split_whitespace().map(|option| format!("{option} = maybe\n")).collect();
    let config = format!("[DEFAULT]\nenabled_backends = {missing}\n{wrong}");
    fs::write(folder.path().join("cinder.conf"), config).unwrap();
    fs::write(folder.path().join("summary.md"), "before\n").unwrap();
    let mut command = command(folder.path(), &["check", "--format", "github", "--ignore", "CND454"]);
    let output = command.env("GITHUB_STEP_SUMMARY", "summary.md").output().unwrap();
    let lines: Vec<&str> = text(&output.stdout).lines().collect();
    let start = |line: &&str| line.split(' ').next().unwrap_or_default().to_string();
    let starts: Vec<String> = lines.iter().map(start).collect();
    assert_eq!(starts, [vec!["::error"; 10], vec!["::warning"], vec!["::notice"]].concat(), "{lines:#?}");
    assert!(lines[0].starts_with("::error file=cinder.conf,line=3,endLine=3,col="), "{}", lines[0]);
    assert!(lines[11].starts_with("::notice title=cinderlint::4 errors more"), "{}", lines[11]);
    let summary = fs::read_to_string(folder.path().join("summary.md")).unwrap();
    assert!(summary.starts_with("before\n### cinderlint\n\n14 errors, 8 warnings in 1 file"), "{summary}");
    assert_eq!(summary.matches("\n| error | CND206").count(), 14, "{summary}");
}

/// Forty backends that leave the pair to `auto`.
const FORTY: usize = 40;

fn forty_backends() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..FORTY).map(|n| format!("nfs{n}")).collect();
    let mut config = format!("[DEFAULT]\nenabled_backends = {}\n", names.join(","));
    for (n, name) in names.iter().enumerate() {
        config.push_str(&format!(
            "[{name}]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\nnas_host = 192.0.2.{n}\n"
        ));
        config.push_str(&format!("volume_backend_name = {name}\nnas_share_path = /export\n"));
    }
    fs::write(folder.path().join("cinder.conf"), config).unwrap();
    folder
}

#[test]
fn what_is_said_of_forty_backends_is_one_block_with_forty_places() {
    let folder = forty_backends();
    let said = |format: &[&str]| {
        let arguments = [&["check", "--ignore", "CND454", "cinder.conf", "--format"], format].concat();
        text(&run(folder.path(), &arguments).stdout).to_string()
    };
    let full = said(&["full"]);
    assert!(full.lines().count() <= 160, "{full}");
    assert_eq!(full.matches("error[CND401]").count(), 1);
    for n in 1..FORTY {
        let place = format!("cinder.conf:{}", 3 + 5 * n);
        let line = full.lines().find(|line| line.contains(&place)).unwrap_or_else(|| panic!("no {place} in {full}"));
        assert!(line.ends_with(&format!(" [nfs{n}]")), "{line}");
    }
    assert!(full.contains("80 errors in 1 block in 1 file with 40 backends"), "{full}");
    let github = said(&["github"]);
    assert_eq!(github.matches("::error ").count(), 1, "{github}");
    assert!(github.contains("`nas_secure_file_operations`, `nas_secure_file_permissions`"), "{github}");
    assert!(github.contains("%0Aalso: cinder.conf:8 [nfs1]; cinder.conf:13 [nfs2]"), "{github}");
    let findings = json(&said(&["json"]));
    let findings = findings["findings"].as_array().unwrap();
    assert_eq!((findings.len(), findings.iter().filter(|finding| finding["group"] == 1).count()), (80, 80));
    let sarif = json(&said(&["sarif"]));
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.iter().filter(|result| result["properties"]["group"] == 1).count(), 80);
}

#[test]
fn names_without_a_section_are_one_block_that_names_each() {
    let place = TestDir::new(&[("cinder.conf", "[DEFAULT]\nenabled_backends = a,b,c\n")]);
    let (_, full, _) = place.said(&["check", "cinder.conf"]);
    assert_eq!(full.matches("[CND303]").count(), 1, "{full}");
    for name in ["b", "c"] {
        assert!(
            full.contains(&format!("cinder.conf:2  [DEFAULT]: add the section [{name}], or remove the name\n")),
            "{full}"
        );
    }
}

#[test]
fn different_mistakes_are_different_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let config = "[DEFAULT]\nenabled_backends = gone, lost\ndebug = maybe\nuse_syslog = maybe\n";
    fs::write(folder.path().join("cinder.conf"), config).unwrap();
    let report = json(text(&run(folder.path(), &["check", "--format", "json", "cinder.conf"]).stdout));
    let groups: Vec<u64> =
        report["findings"].as_array().unwrap().iter().map(|finding| finding["group"].as_u64().unwrap()).collect();
    assert_eq!(groups, [1, 1, 2, 3]);
}

#[test]
fn options_that_only_the_same_other_drivers_read_are_one_block() {
    let config = "[DEFAULT]\nenabled_backends = nfs1\n[nfs1]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\nvolume_backend_name = nfs1\nnas_secure_file_operations = false\nnas_secure_file_permissions = false\ndatacore_disk_type = single\ndatacore_api_timeout = 300\nrbd_flatten_volume_from_snapshot = true\n";
    let place = TestDir::new(&[("cinder.conf", config)]);
    let report = place.json(&["check", "--format", "json", "cinder.conf"]);
    let said: Vec<(&str, u64)> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| (finding["option"].as_str().unwrap(), finding["group"].as_u64().unwrap()))
        .collect();
    assert_eq!(said, [("datacore_disk_type", 1), ("datacore_api_timeout", 1), ("rbd_flatten_volume_from_snapshot", 2)]);
}

#[test]
fn dead_options_of_one_release_are_one_block_that_says_what_to_write_for_each() {
    let folder = tempfile::tempdir().unwrap();
    let config =
        "[DEFAULT]\nverbose = true\nrpc_backend = rabbit\niscsi_helper = tgtadm\niscsi_ip_address = 192.0.2.1\n";
    fs::write(folder.path().join("cinder.conf"), config).unwrap();
    let full = text(&run(folder.path(), &["check", "--release", "2026.2", "cinder.conf"]).stdout).to_string();
    assert_eq!(full.matches("warning[CND502]").count(), 1, "{full}");
    assert!(full.contains(" cinder.conf:5  [DEFAULT] `iscsi_ip_address`: write `target_ip_address`\n"), "{full}");
}

#[test]
fn many_places_that_belong_to_a_finding_are_listed_below_it() {
    let folder = tempfile::tempdir().unwrap();
    let old = "verbose = true\nrpc_backend = rabbit\nglance_host = 192.0.2.1\nvolume_topic = v\nscheduler_topic = s\n";
    fs::write(folder.path().join("cinder.conf"), format!("[DEFAULT]\n{old}")).unwrap();
    let full = text(&run(folder.path(), &["check", "cinder.conf"]).stdout).to_string();
    assert!(full.contains("warning[CND527]") && !full.contains("╰── "), "{full}");
    assert!(full.contains("\n        cinder.conf:4  `glance_host` was removed in Newton"), "{full}");
}

#[test]
fn statistics_count_rules_and_files_by_severity() {
    let folder = forty_backends();
    let counted = |arguments: &[&str]| {
        text(&run(folder.path(), &[&["check", "--statistics"], arguments].concat()).stdout).to_string()
    };
    let report = json(&counted(&["--format", "json"]));
    let rule = &report["rules"][0];
    assert_eq!((&rule["rule"], &rule["error"], &rule["fixable"]), (&"CND401".into(), &80.into(), &0.into()));
    assert_eq!(rule["blocks"], 1);
    let full = text(&run(folder.path(), &["check", "cinder.conf"]).stdout).to_string();
    assert!(full.contains("\nCND401 nas-security-auto  1 block, 80 errors\n"), "{full}");
    assert_eq!(report["files"][0]["file"], "cinder.conf");
    assert_eq!((&report["total"]["error"], &report["total"]["warning"]), (&80.into(), &1.into()));
    let table = counted(&[]);
    assert!(table.contains("     80         0        0        0  CND401 nas-security-auto\n"), "{table}");
    assert!(table.ends_with("     80         1        0        0  total\n"), "{table}");
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
        ("sarif=no/such/folder/x", "no/such/folder/x: cannot write the report"),
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
        related: [Related { place, message: "here <too>".into() }].into(),
        fix: Some(Box::new(Fix {
            safe: false,
            title: "Say it".into(),
            edits: [Edit { place, text: "x = 1\r\n".into() }].into(),
            is_secret: false,
        })),
        alternatives: [Fix {
            safe: false,
            title: "Or not".into(),
            edits: [Edit { place, text: "x = 2".into() }].into(),
            is_secret: false,
        }]
        .into(),
        stops: false,
        stop: None,
        fingerprint: Fingerprint::of(b"0123"),
        suppressed: None,
        baselined: false,
        change: None,
        group: u64::from(from * 1000 + to),
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

#[test]
fn lines_with_nothing_of_their_own_are_listed_together() {
    let lines: String = (3..40).map(|n| if n % 10 == 0 { "[a]\n" } else { "  indented\n" }).collect();
    let place = TestDir::new(&[("cinder.conf", &format!("[DEFAULT]\n\n{lines}"))]);
    let (_, full, _) = place.said(&["check", "cinder.conf"]);
    assert!(full.contains("also: cinder.conf:4 to 9, 11 to 19, 21 to 29, 31 to 39\n"), "{full}");
}

#[test]
fn nothing_is_said_of_lines_that_oslo_config_does_not_reach() {
    let stop = "oslo.config stops at cinder.conf:3: the lines after it are checked once line 3 is mended";
    for (after, rules, said) in [
        ("frobnicate = 1\n", vec!["CND501", "CND105"], true),
        ("broken too\ndebug = x\n", vec!["CND501", "CND105", "CND105"], true),
        ("", vec!["CND501", "CND105"], false),
        ("# cinderlint: ignore[CND201] -- why\nx = 1\n", vec!["CND501", "CND105"], true),
    ] {
        let place = TestDir::new(&[("cinder.conf", &format!("[DEFAULT]\nverbose = true\nbroken\n{after}"))]);
        let document = place.json(&["check", "--format", "json", "cinder.conf"]);
        let found: Vec<&str> =
            document["findings"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap()).collect();
        assert_eq!(found, rules, "{after}");
        let (_, full, _) = place.said(&["check", "cinder.conf"]);
        assert_eq!(full.contains(stop), said, "{after}: {full}");
    }
    // Another file is read all the same, and what somebody lets pass stops nothing.
    let place = TestDir::new(&[("cinder.conf", "[DEFAULT]\nbroken\nfrobnicate = 1\n")]);
    let (_, concise, _) = place.said(&["check", "--format", "concise", "--ignore", "CND105", "cinder.conf"]);
    assert!(concise.contains("frobnicate"), "{concise}");
}

#[test]
fn of_a_file_with_several_pieces_the_others_are_read() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  cinder.conf: |\n    [DEFAULT]\n    broken\n    frobnicate = 1\n";
    let place = TestDir::new(&[("map.yaml", map)]);
    let (_, full, _) = place.said(&["check", "map.yaml"]);
    assert!(full.contains("frobnicate"), "{full}");
    assert!(
        full.contains("oslo.config stops at map.yaml:8: what is said of the lines after it holds once line 8"),
        "{full}"
    );
}

#[test]
fn the_flagship_takes_fifteen_lines_and_one_for_each_other_place() {
    let config = "[DEFAULT]\nenabled_backends = nfs1, nfs2\nnas_secure_file_operations = true\n\n\n\n[nfs1]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\nnas_host = 192.0.2.1\nnas_share_path = /a\n[nfs2]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\nnas_host = 192.0.2.1\nnas_share_path = /a\n";
    let place = TestDir::new(&[("etc/cinder/cinder.conf", config)]);
    let (_, full, _) = place.said(&["check", "."]);
    let block: Vec<&str> = full
        .lines()
        .skip_while(|line| !line.starts_with("error[CND401]"))
        .take_while(|line| !line.is_empty())
        .collect();
    let places =
        ["etc/cinder/cinder.conf:3   ignored: backends do not read [DEFAULT]", "etc/cinder/cinder.conf:11  [nfs2]"];
    assert!(places.iter().all(|place| block.iter().any(|line| line.ends_with(place))), "{full}");
    assert_eq!(block.iter().filter(|line| line.contains("╭─[")).count(), 1, "{full}");
    assert!(block.len() <= 15 + 1, "{full}");
}
