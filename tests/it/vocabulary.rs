//! A site's rule can name only what exists, and the page and the schema say what that is.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path};

use cinderlint::{
    lint::{starts, words},
    nas::Family,
    vocabulary::{Fact, PlaceName, Values},
};
use serde_json::{Value, json};

use crate::command::TestDir;

fn is_blessed() -> bool {
    std::env::var_os("BLESS").is_some()
}

/// Compares a file of the repository with what it has to be, or writes it.
fn current(path: &str, wanted: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if is_blessed() {
        fs::write(&file, wanted).unwrap();
    }
    let is = fs::read_to_string(&file).unwrap_or_default();
    assert!(is == wanted, "{path} is out of date: `BLESS=1 cargo test --test it vocabulary::` writes it");
}

fn facts<'f>(page: &mut String, facts: impl IntoIterator<Item = &'f Fact>) {
    for fact in facts {
        let values = match fact.values {
            Values::Flag => "`true` or `false`".to_string(),
            Values::Number => "a number".to_string(),
            Values::Text => "text".to_string(),
            Values::OneOf(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        };
        writeln!(page, "- `{}` ({values}): {}", fact.name, fact.meaning).unwrap();
    }
}

fn places<'p>(page: &mut String, places: impl IntoIterator<Item = &'p PlaceName>) {
    for place in places {
        writeln!(page, "- at `{}`: {}", place.name, place.meaning).unwrap();
    }
}

#[test]
fn the_page_lists_what_rules_may_name() {
    let mut page = String::from(
        "# What rules may name\n\nThe program's declarations, written out by `BLESS=1 cargo test --test it vocabulary::`. Texts name a fact as \
         `{fact}`, and an option as `{option:NAME}`.\n\n## Rules about a backend\n\n",
    );
    facts(&mut page, words::BACKEND);
    places(&mut page, words::BACKEND_PLACES);
    page += "\n## Rules about the services (`about = \"service\"`)\n\n";
    facts(&mut page, words::SERVICE);
    places(&mut page, words::SERVICE_PLACES);
    page += "\n## Rules with a native check\n\nEvery kind has the place `this`, where it was found, and\n\n";
    facts(&mut page, words::OF_ALL);
    for check in words::checks() {
        write!(page, "\n### `check = \"{}\"`\n\n{}.\n", check.check, check.meaning).unwrap();
        for kind in check.kinds {
            write!(page, "\n`kind = \"{}\"`: {}\n\n", kind.name, kind.meaning).unwrap();
            facts(&mut page, kind.all_facts());
            places(&mut page, kind.all_places());
        }
    }
    while page.contains("\n\n\n") {
        page = page.replace("\n\n\n", "\n\n");
    }
    current("docs/rules-vocabulary.md", &format!("{}\n", page.trim_end()));
}

#[test]
fn the_table_of_rules_has_every_rule() {
    let mut page = String::from(
        "# The rules\n\n`cinderlint explain CND401` prints all that is said about a rule, and `cinderlint explain CND4` lists a group. The table \
         is written by `BLESS=1 cargo test --test it vocabulary::`.\n\nIds are grouped: CND1xx reading the file, 2xx options and values, 3xx \
         backends and wiring, 4xx NAS security and shares, 5xx releases and upgrades, 6xx backups, 7xx a host, 9xx cinderlint itself. \
         [`rules/README.md`](../rules/README.md) lists what Cinder does, and which rule reports it.\n\n| Rule | Name | Severity | What it reports \
         |\n|---|---|---|---|\n",
    );
    for rule in cinderlint::lint::built_in().unwrap() {
        let summary = rule.summary.replace('|', "\\|");
        writeln!(page, "| {} | `{}` | {} | {summary} |", rule.id, rule.name, rule.severity.name()).unwrap();
    }
    current("docs/rules.md", &page);
}

#[test]
fn the_readme_is_short() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let words = text.split_whitespace().count();
    assert!(words <= 900, "README.md has {words} words: 900 are what a newcomer reads");
}

#[test]
fn the_schema_lists_families_checks_kinds_and_facts() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/rule.json");
    let mut schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let kinds: BTreeSet<&str> = words::checks().flat_map(|check| check.kinds).map(|kind| kind.name).collect();
    let declared = words::checks().flat_map(|check| check.kinds).flat_map(|kind| kind.all_facts());
    let facts: BTreeSet<&str> = words::BACKEND
        .iter()
        .chain(words::SERVICE)
        .chain(words::OF_ALL)
        .chain(declared)
        .map(|fact| fact.name)
        .collect();
    let facts: Vec<&str> = facts.into_iter().filter(|name| !name.contains(':')).collect();
    schema["properties"]["families"]["items"] = json!({ "enum": Family::NAMES });
    schema["properties"]["stops"]["items"] = json!({ "enum": starts::STOPS });
    schema["properties"]["check"] = json!({ "enum": words::checks().map(|check| check.check).collect::<Vec<_>>() });
    schema["properties"]["kind"] = json!({ "enum": kinds });
    schema["$defs"]["condition"]["properties"]["fact"] =
        json!({ "anyOf": [{ "enum": facts }, { "type": "string", "pattern": "^exists:." }] });
    current("schemas/rule.json", &format!("{}\n", serde_json::to_string_pretty(&schema).unwrap()));
}

const HEAD: &str =
    "id = \"SITE001\"\nname = \"site\"\nseverity = \"warning\"\nsummary = \"S\"\nwhy = \"W\"\ninstead = \"I\"\n";

/// What `check` says of a rule of a site: its code, and what it complains about.
fn of_rule(rule: &str) -> (i32, String) {
    let place = TestDir::new(&[
        ("cinderlint.toml", "rules-dir = 'site'\n"),
        ("site/SITE001.toml", &format!("{HEAD}{rule}")),
        ("cinder.conf", "[DEFAULT]\n"),
    ]);
    let (code, _, err) = place.said(&["check", "cinder.conf"]);
    (code, err)
}

#[test]
fn a_misspelt_word_is_refused_with_its_place_and_a_suggestion() {
    let values = "check = \"values\"\nkind = \"type\"\nmessage = \"M\"\n";
    for (rule, message, meant) in [
        ("check = \"valeus\"\nmessage = \"M\"\n", "unknown check `valeus`", "values"),
        ("check = 'values'\nkind = 'tipe'\nmessage = \"M\"\n", "unknown kind `tipe`", "type"),
        ("kind = \"type\"\nmessage = \"M\"\n", "unknown check for kind `type`", "known are"),
        ("check = \"values\"\nkind = \"type\"\nmessage = \"{valeu}\"\n", "unknown placeholder `valeu`", "value"),
        ("check = \"values\"\nkind = \"type\"\nmessage = \"{option:debug}\"\n", "unknown option `debug`", "this"),
        (&format!("{values}at = [\"keey\"]\n"), "unknown place `keey`", "key"),
        (&format!("{values}when = {{ fact = \"valeu\", is = \"x\" }}\n"), "unknown fact `valeu`", "value"),
        (
            &format!("{values}when = {{ fact = \"release-given\", is = \"ture\" }}\n"),
            "unknown fact value `ture`",
            "true",
        ),
        (&format!("{values}when = {{ fact = \"kind\", is = \"tipe\" }}\n"), "unknown fact value `tipe`", "type"),
        (&format!("{values}help = \"{{valeu}}\"\n"), "unknown placeholder `valeu`", "value"),
        (&format!("{values}[[steps]]\ntitle = \"{{valeu}}\"\nrun = \"R\"\n"), "unknown placeholder `valeu`", "value"),
        (&format!("{values}[[steps]]\ntitle = \"T\"\nrun = \"{{valeu}}\"\n"), "unknown placeholder `valeu`", "value"),
        (
            &format!("{values}[[alternative]]\nat = \"keey\"\ntext = \"x\"\ntitle = \"T\"\n"),
            "unknown place `keey`",
            "key",
        ),
        ("families = [\"indicater\"]\nmessage = \"M\"\n", "unknown family `indicater`", "indicator"),
        ("message = \"M\"\nwhen = { fact = \"family\", in = [\"gpsf\"] }\n", "unknown fact value `gpsf`", "gpfs"),
        ("message = \"M\"\nwhen = { fact = \"starts\", in-any-case = [\"Yse\"] }\n", "unknown fact value `yse`", "yes"),
        (
            "message = \"M\"\nwhen = { option = \"nfs_mount_optons\", set = true }\n",
            "unknown option `nfs_mount_optons`",
            "nfs_mount_options",
        ),
        (
            "message = \"M\"\noptions = [\"nfs_mount_optons\"]\n",
            "unknown option `nfs_mount_optons`",
            "nfs_mount_options",
        ),
        ("message = \"{option:nfs_mount_optons}\"\n", "unknown option `nfs_mount_optons`", "nfs_mount_options"),
        (
            "message = \"M\"\nat = [\"value:nfs_mount_optons\"]\n",
            "unknown option `nfs_mount_optons`",
            "nfs_mount_options",
        ),
        ("message = \"{option:this}\"\n", "unknown option in `options` for `this`", "this"),
        ("message = \"M\"\nat = [\"value:this\"]\n", "unknown option in `options` for `this`", "this"),
        ("message = \"M\"\nabout = \"servise\"\n", "unknown value `servise`", "service"),
        ("message = \"M\"\nstops = [\"backed\"]\n", "unknown end `backed`", "backend"),
        (
            "message = \"M\"\nstops = [\"backend\"]\nraises = \"{start-eror}\"\n",
            "unknown placeholder `start-eror`",
            "start-error",
        ),
        ("mesage = \"M\"\n", "unknown key `mesage`", "message"),
        ("message = \"M\"\nwhen = { optoin = \"debug\" }\n", "unknown key `optoin`", "option"),
        ("message = \"M\"\n[[fix]]\ntitel = \"T\"\ntext = \"x\"\n", "unknown key `titel`", "title"),
        ("message = \"M\"\n[fix]\ntitel = \"T\"\ntext = \"x\"\n", "unknown key `titel`", "title"),
        ("message = \"M\"\n[[related]]\nta = [\"header\"]\nmessage = \"M\"\n", "unknown key `ta`", "at"),
        ("message = \"M\"\n[[unsure]]\nwhem = {}\nseverity = \"info\"\n", "unknown key `whem`", "when"),
        ("message = \"M\"\n[[unsure]]\nwhen = {}\nseverity = \"inof\"\n", "unknown value `inof`", "info"),
    ] {
        let (code, err) = of_rule(rule);
        assert_eq!(code, 2, "{rule}{err}");
        assert!(err.contains(message) && err.contains(meant), "{rule}{err}");
        assert!(err.contains("SITE001.toml:"), "no place: {rule}{err}");
    }
}

#[test]
fn the_schema_has_the_keys_that_a_rule_may_have() {
    let schema: Value = serde_json::from_str(include_str!("../../schemas/rule.json")).unwrap();
    let keys =
        |table: &Value| -> BTreeSet<String> { table["properties"].as_object().unwrap().keys().cloned().collect() };
    for (rule, table) in [
        ("zzzzzzzzz = 1\n", &schema),
        ("[fix]\nzzzzzzzzz = 1\n", &schema["$defs"]["fix"]),
        ("[[alternative]]\nzzzzzzzzz = 1\n", &schema["$defs"]["fix"]),
        ("[[steps]]\nzzzzzzzzz = 1\n", &schema["$defs"]["step"]),
        ("[[bad]]\nzzzzzzzzz = 1\n", &schema["$defs"]["example"]),
        ("[[help-when]]\nzzzzzzzzz = 1\n", &schema["properties"]["help-when"]["items"]),
        ("[[related]]\nzzzzzzzzz = 1\n", &schema["properties"]["related"]["items"]),
        ("[[unsure]]\nzzzzzzzzz = 1\n", &schema["properties"]["unsure"]["items"]),
        ("when = { zzzzzzzzz = 1 }\n", &schema["$defs"]["condition"]),
    ] {
        let (code, err) = of_rule(rule);
        assert_eq!(code, 2, "{rule}{err}");
        let words = err.replace(['│', '\n'], " ");
        let (_, known) = words.split_once("known are:").unwrap_or_else(|| panic!("{rule}{err}"));
        let known: BTreeSet<String> =
            known.split([',', ' ']).filter(|word| !word.is_empty()).map(str::to_string).collect();
        assert_eq!(known, keys(table), "{rule}{err}");
    }
}

#[test]
fn options_of_drivers_from_elsewhere_are_not_refused() {
    for rule in [
        "message = \"{option:acme_filer_pool}\"\nwhen = { option = \"acme_filer_pool\", set = true }\nat = [\"value:acme_filer_pool\"]\n",
        "message = \"M\"\nwhen = { option = \"DEFAULT/transport_url\", set = true }\n",
    ] {
        assert_eq!(of_rule(rule).0, 0, "{rule}{}", of_rule(rule).1);
    }
}

#[test]
fn every_declared_fact_can_be_printed() {
    let all = |facts: &mut dyn Iterator<Item = &'static Fact>| {
        facts.map(|fact| format!("{{{}}}", fact.name.replace("OPTION", "nas_host"))).collect::<String>()
    };
    for (about, declared) in [("backend", words::BACKEND), ("service", words::SERVICE)] {
        let (code, err) = of_rule(&format!("about = \"{about}\"\nmessage = \"{}\"\n", all(&mut declared.iter())));
        assert_eq!(code, 0, "{err}");
    }
}
