//! Settings and schemas, at the command line.

use std::collections::BTreeSet;

use crate::command::TestDir;
use serde_json::Value;

const AUTO: &str = "[DEFAULT]\nenabled_backends = n\n[n]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n\
    nas_host = 192.0.2.1\nnas_share_path = /a\nnas_secure_file_operations = false\nnas_secure_file_permissions = auto\n";

/// A settings file with every key.
const FULL: &str = r#"
required-version = ">=0.1, <2"
release = "train"
root = "root"
new-install = false
python = 3
preview = true
select = ["CND", "SITE"]
ignore = ["CND3"]
severities = { CND402 = "error", repeated-line = "warning" }
pedantic = true
fail-on = "warning"
exclude = ["vendor/"]
require-suppression-reason = true
not-suppressible = ["CND403"]
rules-dir = "rules"

[nas-policy]
default = "explicit"
backends = { nfs9 = "open" }

[[per-path]]
paths = ["lab/*.conf"]
nas-policy = { default = "secure" }
ignore = ["CND401"]
select = ["CND4"]

[[deployment]]
name = "volume"
config-files = ["cinder.conf"]
config-dirs = ["volume.d"]
release = "2025.1"
root = "root"
nas-policy = { backends = { nfs1 = "open" } }

[[driver]]
class = "acme.Driver"
options = ["acme_pool"]
"#;

const SITE: &str = r#"id = "SITE001"
name = "site-says-false"
severity = "error"
summary = "The site wants false"
options = ["nas_secure_file_permissions"]
when = { option = "this", bool = true }
at = ["value:this"]
message = "the site wants `{option}` to be false"
why = "It is so."
instead = "`false`."
"#;

#[test]
fn the_nearest_file_counts_and_flags_win() {
    let place = TestDir::new(&[
        ("a/cinder.conf", AUTO),
        ("a/b/cinder.conf", AUTO),
        ("a/cinderlint.toml", "ignore = ['CND401']\n"),
        ("a/b/pyproject.toml", "[tool.cinderlint]\nfail-on = 'never'\n[tool.other]\nx = 1\n"),
        ("a/b/c/cinder.conf", AUTO),
        ("a/b/c/pyproject.toml", "[project]\nname = 'cinderlint-like'\n"),
        ("other.toml", "select = ['CND1']\n"),
    ]);
    let found = ["a/b/c/cinder.conf:8 CND401", "a/b/cinder.conf:8 CND401"];
    assert_eq!(place.findings(&["a"]), found);
    assert_eq!(place.findings(&["a/cinder.conf", "a/b"]), found);
    assert_eq!(place.said(&["check", "a"]).0, 0);
    assert_eq!(place.said(&["check", "a", "--fail-on", "error"]).0, 1);
    assert_eq!(place.findings(&["--select", "CND401", "a/cinder.conf"]), ["a/cinder.conf:8 CND401"]);
    assert_eq!(place.findings(&["--no-settings", "a/cinder.conf"]), ["a/cinder.conf:8 CND401"]);
    assert_eq!(place.findings(&["--settings", "other.toml", "a"]), [""; 0]);
    assert_eq!(place.said(&["check", "--settings", "missing.toml", "a"]).0, 2);
    // A repository ends the search.
    let place = TestDir::new(&[("cinderlint.toml", "ignore = ['CND4']"), ("r/.git/HEAD", ""), ("r/cinder.conf", AUTO)]);
    assert_eq!(place.findings(&["r"]), ["r/cinder.conf:8 CND401"]);
}

#[test]
fn mistakes_are_drawn_with_their_place_and_the_nearest_word() {
    for (text, parts) in [
        ("releas = 'train'\n", &["unknown key `releas`", "did you mean `release`?", "cinderlint.toml:1:1"][..]),
        ("x = 1\ny\n", &["cinderlint.toml:2:2"]),
        ("release = 'trian'\n", &["cinderlint.toml:1:11", "train"]),
        ("fail-on = 'eror'\n", &["unknown value `eror`", "did you mean `error`?"]),
        ("ignore = ['CND401', 'nas-securty-auto']\n", &["did you mean `nas-security-auto`?", "cinderlint.toml:1:21"]),
        ("[severities]\nCND99 = 'error'\n", &["unknown rule `CND99`", "cinderlint.toml:2:1"]),
        ("python = 4\n", &["2 or 3"]),
        ("[[per-path]]\npath = ['x']\n", &["unknown key `path`", "did you mean `paths`?"]),
        ("exclude = ['a{b']\n", &["is not a valid pattern", "cinderlint.toml:1:12"]),
        ("required-version = '>=7'\nnew-key = 1\n", &["this is cinderlint", ">=7 is required"]),
        ("required-version = 'soon'\n", &["is not a version"]),
        ("rules-dir = 'nowhere'\n", &["cannot be read", "cinderlint.toml:1:13"]),
        ("release = '\u{1b}[31m'\n", &["settings"]),
    ] {
        let place = TestDir::new(&[("cinder.conf", AUTO), ("cinderlint.toml", text)]);
        for command in ["check", "effective"] {
            let (code, out, err) = place.said(&[command, "."]);
            assert_eq!((code, out.as_str()), (2, ""), "{text}");
            for part in parts {
                assert!(err.contains(part), "{part} is missing in {err}");
            }
            assert!(!err.contains('\u{1b}'), "{err}");
        }
    }
}

#[test]
fn severities_paths_and_excludes() {
    let settings = "exclude = ['vendor/']\nseverities = { CND401 = 'warning', nas-options-in-default = 'error' }\n\
        [[per-path]]\npaths = ['lab/']\nignore = ['nas-security-auto']\n[[per-path]]\npaths = ['*.tmp']\nselect = ['CND1']\n";
    let place = TestDir::new(&[
        ("cinderlint.toml", settings),
        ("cinder.conf", AUTO),
        ("lab/cinder.conf", AUTO),
        ("vendor/x/cinder.conf", AUTO),
        ("a.tmp", AUTO),
    ]);
    assert_eq!(place.findings(&[".", "a.tmp"]), ["cinder.conf:8 CND401"]);
    assert_eq!(place.said(&["check", "."]).0, 0);
    let named = ["vendor/x/cinder.conf"];
    assert_eq!(place.findings(&named), ["vendor/x/cinder.conf:8 CND401"]);
    assert_eq!(place.findings(&["--force-exclude", named[0]]), [""; 0]);
    assert_eq!(place.said(&["check", "--force-exclude", named[0]]).0, 0);
    let shown = "cinder.conf: ini: its name is cinder.conf\nlab/cinder.conf: ini: its name is cinder.conf\n\
                 vendor: left out: the settings exclude it\n";
    assert_eq!(place.said(&["check", "--show-files", "."]).1, shown);
}

#[test]
fn declared_deployments_are_read_together() {
    let place = TestDir::new(&[
        (
            "cinderlint.toml",
            "[[deployment]]\nname = 'v'\nconfig-files = ['etc/a.conf', 'etc/b.conf']\nconfig-dirs = ['d']\nrelease = 'train'\n",
        ),
        ("etc/a.conf", AUTO),
        ("etc/b.conf", "[n]\nnas_secure_file_permissions = false\n"),
        ("d/1.conf", "[n]\nvolume_backend_name = x\n"),
    ]);
    for paths in [&[][..], &["."], &["etc"], &["etc/b.conf"], &["etc/b.conf", "d/1.conf", "etc/a.conf"]] {
        let document = place.json(&[&["check", "--format", "json"], paths].concat());
        assert_eq!(document["findings"], Value::Array(Vec::new()), "{paths:?}");
        assert_eq!(document["summary"]["files"], 3, "{paths:?}");
        assert_eq!(document["release"], "train");
        let effective = place.json(&[&["effective", "--format", "json"], paths].concat());
        assert_eq!(effective["deployments"].as_array().unwrap().len(), 1);
        assert_eq!(effective["deployments"][0]["files"][2], "d/1.conf");
    }
    assert_eq!(place.json(&["check", "--format", "json", "--release", "zed"])["release"], "zed");
}

#[test]
fn a_site_has_its_own_rules() {
    let text = AUTO.replace("= auto", "= true").replace("= false", "= true");
    let place = TestDir::new(&[
        ("cinderlint.toml", "rules-dir = 'site'\n"),
        ("site/SITE001.toml", SITE),
        ("cinder.conf", &text),
    ]);
    assert_eq!(place.findings(&["cinder.conf"]), ["cinder.conf:8 SITE001"]);
    assert_eq!(place.said(&["check"]).0, 1);
    assert_eq!(place.findings(&["--ignore", "site-says-false", "cinder.conf"]), [""; 0]);
    place.write(
        "cinder.conf",
        &text.replace("nas_secure_file_p", "# cinderlint: ignore[SITE001] -- x\nnas_secure_file_p"),
    );
    assert_eq!(place.findings(&["cinder.conf"]), [""; 0]);
    for (wrong, part) in [
        (SITE.replace("SITE001", "CND401"), "is already the id of nas-security-auto"),
        (SITE.replace("site-says-false", "nas-security-auto"), "is already the name of CND401"),
        (SITE.replace("SITE001", "CND999"), "do not start with CND"),
        (SITE.replace("summary", "sumary"), "did you mean `summary`?"),
        (SITE.replace("options =", "check = \"sintax\"\noptions ="), "unknown check `sintax`"),
        (SITE.replace("options =", "families = [\"indicater\"]\noptions ="), "did you mean `indicator`?"),
        (SITE.replace("option = \"this\"", "fact = \"famly\""), "unknown fact `famly`"),
        (SITE.replace("value:this", "valeu:this"), "unknown place `valeu:this`"),
        (SITE.replace("{option}", "{opton}"), "unknown placeholder `opton`"),
        (SITE.replace("bool = true", "bol = true"), "did you mean `bool`?"),
        (SITE.replace("options =", "releases = \"pikee..\"\noptions ="), "SITE001.toml:5:12"),
        (SITE.replace("why =", "wy ="), "did you mean `why`?"),
    ] {
        place.write("site/SITE001.toml", &wrong);
        let (code, _, err) = place.said(&["check"]);
        assert_eq!(code, 2);
        assert!(err.contains(part) && err.contains("site/SITE001.toml:"), "{err}");
    }
}

#[test]
fn the_guides_rule_of_a_site_works() {
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/CONTRIBUTING.md")).unwrap();
    let rule = guide.split("<!-- site-rule -->\n```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    valid("rule", &of_toml(rule));
    let text = AUTO.replace("= auto", "= false\nnfs_mount_options = vers=4.1,soft");
    let place = TestDir::new(&[
        ("cinderlint.toml", "rules-dir = 'cinderlint-rules'\n"),
        ("cinderlint-rules/SITE001-hard-mounts.toml", rule),
        ("cinder.conf", &text),
    ]);
    assert_eq!(place.findings(&["cinder.conf"]), ["cinder.conf:9 SITE001"]);
    place.write("cinder.conf", &text.replace("soft", "hard"));
    assert_eq!(place.findings(&["cinder.conf"]), [""; 0]);
    let (code, explained, _) = place.said(&["explain", "hard-mounts"]);
    assert!(code == 0 && explained.contains("fail over within two minutes"), "{explained}");
    assert!(place.said(&["rules"]).1.contains("SITE001"));
    // What is wrong in it stands in nobody's way who asks for another.
    place.write("cinderlint-rules/SITE001-hard-mounts.toml", &rule.replace("message", "mesage"));
    assert_eq!(place.said(&["explain", "CND401"]).0, 0);
    let (code, _, said) = place.said(&["explain", "SITE001"]);
    assert!(code == 2 && said.contains("did you mean `message`?"), "{said}");
}

#[test]
fn reasons_and_rules_that_count_whatever_is_said() {
    let text = AUTO.replace("nas_secure_file_p", "# cinderlint: ignore[CND401]\nnas_secure_file_p");
    let place = TestDir::new(&[("cinderlint.toml", "require-suppression-reason = true\n"), ("c.conf", &text)]);
    assert_eq!(place.findings(&["c.conf"]), ["c.conf:8 CND904", "c.conf:9 CND401"]);
    place.write("cinderlint.toml", "not-suppressible = ['CND4']\n");
    assert_eq!(place.findings(&["c.conf"]), ["c.conf:8 CND906", "c.conf:9 CND401"]);
    place.write("cinderlint.toml", "");
    assert_eq!(place.findings(&["c.conf"]), [""; 0]);
}

fn valid(what: &str, document: &Value) {
    let schema = TestDir::new(&[]).json(&["schema", what]);
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{what}.json"));
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(schema, kept);
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}");
}

fn of_toml(text: &str) -> Value {
    serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap()
}

/// The keys of a table as its reader lists them when it meets one that it does not know.
fn keys<T: serde::de::DeserializeOwned>(text: &str) -> BTreeSet<String> {
    let error = toml::from_str::<T>(text).err().expect("an unknown key").to_string();
    let listed = error.split("expected one of").nth(1).expect("a list");
    listed.split('`').skip(1).step_by(2).map(str::to_string).collect()
}

fn properties(schema: &Value) -> BTreeSet<String> {
    schema["properties"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn schemas_are_true_to_what_is_read() {
    let schema = |what: &str| TestDir::new(&[]).json(&["schema", what]);
    let settings = schema("settings");
    assert_eq!(properties(&settings), keys::<cinderlint::settings::Settings>("nothing = 1"));
    let items = |key: &str| properties(&settings["properties"][key]["items"]);
    assert_eq!(items("per-path"), keys::<cinderlint::settings::Settings>("[[per-path]]\nnothing = 1"));
    assert_eq!(items("deployment"), keys::<cinderlint::settings::Settings>("[[deployment]]\nnothing = 1"));
    assert_eq!(items("driver"), keys::<cinderlint::settings::Settings>("[[driver]]\nnothing = 1"));
    valid("settings", &of_toml(FULL));
    assert_eq!(of_toml(FULL).as_object().unwrap().len(), properties(&settings).len());
    let rule = schema("rule");
    assert_eq!(properties(&rule), keys::<cinderlint::lint::Rule>("nothing = 1"));
    for (table, defined) in [("when", "condition"), ("[bad]", "example")] {
        let text = if table == "when" { "when = { nothing = 1 }" } else { "[[bad]]\nnothing = 1" };
        assert_eq!(properties(&rule["$defs"][defined]), keys::<cinderlint::lint::Rule>(text));
    }
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/rules")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            valid("rule", &of_toml(&std::fs::read_to_string(path).unwrap()));
        }
    }
    valid("rule", &of_toml(SITE));
}

#[test]
fn schemas_are_true_to_what_is_written() {
    let place = TestDir::new(&[
        ("cinderlint.toml", FULL),
        ("rules/SITE001.toml", SITE),
        ("cinder.conf", &format!("# cinderlint: ignore-file[CND402] -- x\n{AUTO}nas_host = 2\n[default]\n")),
        ("volume.d/1.conf", "[n]\nx\n"),
        ("root/etc/x", ""),
    ]);
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/incident");
    for paths in [&["."][..], &["--no-settings", "--root", example, example, "missing.conf"]] {
        valid("report", &place.json(&[&["check", "--pedantic", "--format", "json"], paths].concat()));
        valid("effective", &place.json(&[&["effective", "--all", "--format", "json"], paths].concat()));
    }
    let (code, shown, _) = place.said(&["check", "--show-settings", "."]);
    assert_eq!(code, 0);
    let shown = of_toml(&shown);
    assert_eq!(
        (&shown["release"], &shown["fail-on"], &shown["pedantic"]),
        (&"2025.1".into(), &"warning".into(), &true.into())
    );
    assert!(shown["rules"].as_array().unwrap().contains(&"SITE001".into()));
}

#[test]
fn a_site_demands_values_of_the_nas_pair() {
    let both = |value: &str| AUTO.replace("= auto", &format!("= {value}"));
    let place = TestDir::new(&[("c.conf", &both("true")), ("lab/c.conf", &both("true")), ("x/auto.conf", AUTO)]);
    let found = |place: &TestDir, paths: &[&str]| place.findings(&[&["--select", "CND401,CND456"], paths].concat());
    // Without a policy any decision is respected.
    assert_eq!(found(&place, &["c.conf"]), [""; 0]);
    place.write("cinderlint.toml", "nas-policy.default = 'secure'\n");
    assert_eq!(found(&place, &["c.conf"]), ["c.conf:7 CND456"]);
    assert_eq!(place.said(&["check", "c.conf"]).0, 1);
    place.write("cinderlint.toml", "nas-policy.default = 'open'\n");
    assert_eq!(found(&place, &["c.conf"]), ["c.conf:8 CND456"]);
    place.write("cinderlint.toml", "nas-policy = { default = 'secure', backends = { N = 'explicit' } }\n");
    assert_eq!(found(&place, &["c.conf"]), [""; 0]);
    let per_path = "nas-policy.default = 'secure'\n[[per-path]]\npaths = ['lab/']\nnas-policy.default = 'open'\n";
    place.write("cinderlint.toml", per_path);
    assert_eq!(found(&place, &["c.conf", "lab/c.conf"]), ["c.conf:7 CND456", "lab/c.conf:8 CND456"]);
    let deployment = "[[deployment]]\nname = 'x'\nconfig-files = ['lab/c.conf']\nnas-policy.backends.n = 'explicit'\n";
    place.write("cinderlint.toml", &format!("{per_path}{deployment}"));
    assert_eq!(found(&place, &["lab/c.conf"]), [""; 0]);
    // What is left open is not guessed, but what is demanded is no guess.
    let fix = |place: &TestDir| {
        let report = place.json(&["check", "--format", "json", "--select", "CND401", "x/auto.conf"]);
        let finding = &report["findings"][0];
        let text = |fix: &Value| fix["edits"][0]["text"].as_str().unwrap().to_string();
        let others: Vec<String> = finding["alternatives"].as_array().unwrap().iter().map(text).collect();
        let fix = &finding["fix"];
        let first = (!fix.is_null()).then(|| format!("{} {}", fix["applicability"].as_str().unwrap(), text(fix)));
        (first, others, finding["help"].as_str().unwrap().contains("policy"))
    };
    let (no, yes) = ("false".to_string(), "true".to_string());
    place.write("cinderlint.toml", "");
    assert_eq!(fix(&place), (None, vec![no.clone(), yes.clone()], false));
    // What is in force is the one to write, and the other the choice beside it.
    place.write("cinderlint.toml", "root = 'host'\nnew-install = false\n");
    // md5 of 192.0.2.1:/a: the share is mounted, and nothing is on it.
    place.write("host/var/lib/cinder/mnt/b5e1a536736cdf3b16d496f999c84213/volume-1", "");
    assert_eq!(fix(&place), (Some("unsafe false".into()), vec![yes], false));
    place.write("cinderlint.toml", "nas-policy.default = 'secure'\n");
    assert_eq!(fix(&place), (Some("unsafe true".into()), Vec::new(), true));
    for (text, parts) in [
        (
            "nas-policy.defalt = 'open'\n",
            &["unknown key `defalt`", "did you mean `default`?", "cinderlint.toml:1:12"][..],
        ),
        ("nas-policy.default = 'opne'\n", &["unknown value `opne`", "did you mean `open`?", "cinderlint.toml:1:22"]),
        ("[nas-policy.backends]\nn = 'secur'\n", &["did you mean `secure`?", "cinderlint.toml:2:5"]),
        ("nas-policy = 'secure'\n", &["expected a table with `default` and `backends`", "cinderlint.toml:1:14"]),
    ] {
        place.write("cinderlint.toml", text);
        let (code, _, said) = place.said(&["check", "c.conf"]);
        assert_eq!(code, 2, "{text}");
        for part in parts {
            assert!(said.contains(part), "{part} is not in {said}");
        }
    }
}

#[test]
fn previews_speak_when_asked() {
    let text = AUTO.replace("= auto", "= true");
    let rule = SITE.replacen("severity", "preview = true\nseverity", 1);
    let place = TestDir::new(&[("rules/SITE001.toml", &rule), ("c.conf", &text)]);
    let settings = |more: &str| place.write("cinderlint.toml", &format!("rules-dir = 'rules'\n{more}"));
    let found = |flags: &[&str]| {
        place.findings(&[flags, &["c.conf"]].concat()).iter().filter(|found| found.contains("SITE001")).count()
    };
    for (more, flags, wanted) in [
        ("", &[][..], 0),
        ("", &["--select", "SITE"], 0),
        ("", &["--preview"], 1),
        ("", &["--select", "site-says-false"], 1),
        ("", &["--preview", "--ignore", "SITE001"], 0),
        ("preview = true", &[], 1),
        ("select = ['SITE001']", &[], 1),
        ("select = ['SITE']", &[], 0),
    ] {
        settings(more);
        assert_eq!(found(flags), wanted, "{more} {flags:?}");
    }
}

#[test]
fn init_writes_what_can_be_read() {
    let place = TestDir::new(&[("cinder.conf", AUTO)]);
    let (code, _, err) = place.said(&["init"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let written = place.read("cinderlint.toml");
    assert!(of_toml(&written).as_object().unwrap().is_empty(), "{written}");
    assert_eq!(
        place.said(&["check", "--show-files"]),
        (0, "cinder.conf: ini: its name is cinder.conf\n".into(), "".into())
    );
    // Every setting is there, and is one when its sign is taken away.
    let bare = |line: &str| match line.strip_prefix('#') {
        Some(setting) if !setting.starts_with(' ') => setting.to_string(),
        _ => line.to_string(),
    };
    let all = written.lines().map(bare).collect::<Vec<_>>().join("\n");
    valid("settings", &of_toml(&all));
    let schema = place.json(&["schema", "settings"]);
    let keys: BTreeSet<String> = of_toml(&all).as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, properties(&schema));
    let (alone, _) = all.split_once("[[deployment]]").unwrap();
    place.write("cinderlint.toml", &alone.replace("rules-dir", "#rules-dir").replace("copy-of-the-host", "."));
    let (code, _, err) = place.said(&["check", "--show-settings"]);
    assert_eq!(code, 0, "{err}");
    // What is there stays.
    place.write("cinderlint.toml", "# mine\n");
    let (code, _, err) = place.said(&["init"]);
    assert_eq!((code, place.read("cinderlint.toml").as_str()), (2, "# mine\n"));
    assert!(err.contains("cinderlint.toml") && err.contains("already exists"), "{err}");
}

#[test]
fn what_is_excluded_is_not_looked_into() {
    let place =
        TestDir::new(&[("a/cinder.conf", AUTO), ("vendor/x/cinder.conf", AUTO), ("vendor/y/.gitignore/odd", "")]);
    let (code, _, err) = place.said(&["check", "--show-files"]);
    assert!(code == 2 && err.contains("vendor/y/.gitignore"), "{err}");
    for exclude in ["vendor/", "/vendor", "vendor/*", "**/vendor/**"] {
        place.write("cinderlint.toml", &format!("exclude = ['{exclude}']\n"));
        let (code, shown, err) = place.said(&["check", "--show-files"]);
        assert_eq!((code, err.as_str()), (0, ""), "{exclude}");
        let lines: Vec<&str> = shown.lines().collect();
        assert!(
            lines[0].starts_with("a/cinder.conf: ini") && !shown.contains("/cinder.conf: left out"),
            "{exclude}: {shown}"
        );
    }
    // A folder of which nothing is left is no mistake.
    assert_eq!(place.said(&["check", "-q", "vendor"]), (0, "".into(), "".into()));
    // What is taken back counts, as in a .gitignore.
    place.write("cinderlint.toml", "exclude = ['vendor/*', '!vendor/x']\n");
    let shown = place.said(&["check", "--show-files"]).1;
    assert!(shown.contains("\nvendor/x/cinder.conf: ini") && shown.contains("vendor/y: left out"), "{shown}");
}

#[test]
fn the_summary_names_every_release_and_says_which_is_assumed() {
    let two = "[[deployment]]\nname = 'a'\nconfig-files = ['a.conf']\nrelease = 'train'\n[[deployment]]\nname = 'b'\nconfig-files = ['b.conf']\n";
    let place = TestDir::new(&[("cinderlint.toml", two), ("a.conf", "[DEFAULT]\n"), ("b.conf", "[DEFAULT]\n")]);
    let last = |flags: &[&str]| place.said(&[&["check", "."], flags].concat()).1.lines().last().unwrap().to_string();
    assert!(last(&[]).ends_with("as Cinder Train and 2026.2 read them (the newest: none was named)"), "{}", last(&[]));
    assert!(last(&["--release", "yoga"]).ends_with("as Cinder Yoga reads them"), "{}", last(&["--release", "yoga"]));
    place.write("cinderlint.toml", &format!("release = '2025.1'\n{two}"));
    assert!(last(&[]).ends_with("as Cinder Train and 2025.1 read them"), "{}", last(&[]));
}

/// Of oslo-config-generator 10.7.0, with what it prints of options of one driver.
const GENERATED: &str = r#"{"deprecated_options": {}, "generator_options": {"format_": "json"}, "options": {"backend_defaults": {"help": "", "opts": [
    {"choices": [], "default": null, "dest": "acme_token", "max": null, "min": null, "name": "acme-token", "secret": true, "type": "string value"},
    {"choices": [], "default": 3, "dest": "acme_retries", "max": 9, "min": 1, "name": "acme_retries", "secret": false, "type": "integer value"},
    {"choices": [["thin", "Thin."], ["thick", null]], "default": "thin", "dest": "acme_kind", "name": "acme_kind", "secret": false, "type": "string value"},
    {"choices": [], "default": null, "dest": "acme_tls", "name": "acme_tls", "secret": false, "type": "boolean value"}]}}}"#;

#[test]
fn a_driver_of_somebody_else_is_judged_by_the_options_that_the_settings_declare() {
    let config = "[DEFAULT]\nenabled_backends = a, o\n[a]\nvolume_driver = acme.Driver\nvolume_backend_name = a\nacme_pool = x\nacme_token = hunter2\n\
                  acme_retries = 12\nacme_kind = fat\nacme_tls = yess\nacme_retrys = 3\nacme_other = 1\n[o]\nvolume_driver = other.Driver\nvolume_backend_name = o\nacme_other = 1\n";
    let settings = "[[driver]]\nclass = \"acme.Driver\"\noptions = [\"acme-pool\"]\noptions-file = \"acme.json\"\n";
    let place = TestDir::new(&[("cinder.conf", config), ("cinderlint.toml", settings), ("acme.json", GENERATED)]);
    let (_, concise, _) = place.said(&["check", "--pedantic", "--format", "concise", "cinder.conf"]);
    let said: Vec<&str> = concise.lines().map(|line| line.split_once(": ").unwrap().1).collect();
    let expected = [
        "error[CND206]: `acme_retries`: Should be less than or equal to 9",
        "error[CND206]: `acme_kind`: Valid values are [thin, thick], but found 'fat'",
        "error[CND206]: `acme_tls`: Unexpected boolean value 'yess'",
        "warning[CND201]: unknown option `acme_retrys` in [a] (acme.Driver): Cinder ignores it",
        "warning[CND201]: unknown option `acme_other` in [a] (acme.Driver): Cinder ignores it",
        "info[CND201]: unknown option `acme_other` in [o]: Cinder ignores it, unless the driver",
    ];
    assert_eq!(said.len(), expected.len(), "{concise}");
    assert!(said.iter().zip(expected).all(|(said, expected)| said.starts_with(expected)), "{concise}");
    let (_, full, _) = place.said(&["check", "cinder.conf"]);
    assert!(full.contains("did you mean `acme_retries`?") && !full.contains("hunter2"), "{full}");
    // Without the document nobody knows what its options are.
    let place = TestDir::new(&[("cinder.conf", config), ("cinderlint.toml", settings), ("acme.json", "hunter2")]);
    let (status, out, err) = place.said(&["check", "cinder.conf"]);
    assert!(status == 2 && err.contains("line 1, column 1") && !(out + &err).contains("hunter2"), "{err}");
    let place = TestDir::new(&[("cinder.conf", config), ("cinderlint.toml", settings)]);
    let (status, _, err) = place.said(&["check", "cinder.conf"]);
    assert!(status == 2 && err.contains("this file cannot be read"), "{err}");
}
