//! Turns `catalog/*.jsonl` and `rules/*.toml` into tables that the binary holds ready for use.
//!
//! Both become arrays of numbers and a pool of text: nothing is decoded, allocated or relocated at start-up.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

#[path = "build/rows.rs"]
mod rows;

use rows::Column;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=catalog");
    println!("cargo::rerun-if-changed=rules");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo sets CARGO_MANIFEST_DIR")?);
    let releases = catalogue(&root.join("catalog"), &out)?;
    rows::embed(&root.join("catalog"), &out, "demands", DEMANDS, &releases)?;
    rows::embed(&root.join("catalog"), &out, "code", CODE, &releases)?;
    rows::embed(&root.join("catalog"), &out, "service_wide", SERVICE_WIDE, &releases)?;
    rules(&root.join("rules"), &releases, &out)
}

/// The columns that `src/catalog/demands.rs` reads.
const DEMANDS: &[Column] = &[
    Column::Text("path"),
    Column::Release("first"),
    Column::Release("last"),
    Column::Text("option"),
    Column::Text("refused"),
    Column::Text("raises"),
    Column::Text("stage"),
    Column::Text("given"),
    Column::List("allowed"),
    Column::List("instead"),
];

/// The columns that `src/catalog/code.rs` reads.
const CODE: &[Column] = &[
    Column::Text("path"),
    Column::Release("first"),
    Column::Release("last"),
    Column::Text("kind"),
    Column::Text("entry"),
];

/// The columns that `src/catalog/service_wide.rs` reads.
const SERVICE_WIDE: &[Column] = &[Column::Text("option"), Column::Release("first"), Column::Release("last")];

/// How a key of a rule file is written as a field.
#[derive(Clone, Copy)]
enum Field {
    Text,
    MaybeText,
    Texts,
    Flag,
    MaybeFlag,
    MaybeFloat,
    Number,
    Severity,
    About,
    Releases,
    Condition,
    /// A single condition that is kept as a list.
    Negated,
    /// A list of tables, or a single one.
    Rows(&'static Shape),
    /// JSON until somebody looks at it.
    Later,
}

/// A type of `src/lint/rule.rs` or `src/lint/condition.rs`, the table that lists of it are parts of, and its keys. The compiler
/// refuses one that lacks a field, and the tests compare the result with the rule files.
struct Shape {
    name: &'static str,
    table: &'static str,
    keys: &'static [(&'static str, Field)],
}

static RULE: Shape = Shape {
    name: "RuleDefinition",
    table: "RULES",
    keys: &[
        ("id", Field::Text),
        ("name", Field::Text),
        ("severity", Field::Severity),
        ("security-severity", Field::MaybeFloat),
        ("preview", Field::Flag),
        ("summary", Field::Text),
        ("releases", Field::Releases),
        ("families", Field::Texts),
        ("check", Field::MaybeText),
        ("kind", Field::MaybeText),
        ("about", Field::About),
        ("options", Field::Texts),
        ("when", Field::Condition),
        ("at", Field::Texts),
        ("message", Field::Text),
        ("group-by", Field::Texts),
        ("help", Field::MaybeText),
        ("help-when", Field::Rows(&HELP)),
        ("related", Field::Rows(&RELATED)),
        ("fix", Field::Rows(&FIX)),
        ("steps", Field::Rows(&STEP)),
        ("alternative", Field::Rows(&FIX)),
        ("unsure", Field::Rows(&UNSURE)),
        ("stops", Field::Texts),
        ("raises", Field::MaybeText),
        ("why", Field::Text),
        ("instead", Field::Text),
        ("evidence", Field::Texts),
        ("references", Field::Texts),
        ("bad", Field::Later),
        ("good", Field::Later),
    ],
};
static HELP: Shape =
    Shape { name: "HelpWhen", table: "HELPS", keys: &[("when", Field::Condition), ("help", Field::Text)] };
static RELATED: Shape =
    Shape { name: "RelatedPlace", table: "RELATED", keys: &[("at", Field::Texts), ("message", Field::Text)] };
static FIX: Shape = Shape {
    name: "FixTemplate",
    table: "FIXES",
    keys: &[
        ("when", Field::Condition),
        ("safe", Field::Flag),
        ("needs-release", Field::Flag),
        ("title", Field::Text),
        ("at", Field::MaybeText),
        ("below", Field::MaybeText),
        ("into", Field::MaybeText),
        ("text", Field::Text),
    ],
};
static STEP: Shape = Shape {
    name: "StepTemplate",
    table: "STEPS",
    keys: &[("when", Field::Condition), ("title", Field::Text), ("run", Field::Text), ("phase", Field::Number)],
};
static UNSURE: Shape = Shape {
    name: "Unsure",
    table: "UNSURE",
    keys: &[("when", Field::Condition), ("severity", Field::Severity), ("because", Field::MaybeText)],
};
static CONDITION: Shape = Shape {
    name: "Condition",
    table: "CONDITIONS",
    keys: &[
        ("all", Field::Rows(&CONDITION)),
        ("any", Field::Rows(&CONDITION)),
        ("not", Field::Negated),
        ("option", Field::MaybeText),
        ("fact", Field::MaybeText),
        ("set", Field::MaybeFlag),
        ("is", Field::MaybeText),
        ("in", Field::Texts),
        ("in-any-case", Field::Texts),
        ("contains", Field::Texts),
        ("starts-with", Field::Texts),
        ("ends-with", Field::Texts),
        ("items", Field::Texts),
        ("json", Field::MaybeFlag),
        ("bool", Field::MaybeFlag),
        ("empty", Field::MaybeFlag),
        ("above", Field::MaybeFloat),
        ("below", Field::MaybeFloat),
        ("no-multiple-of", Field::MaybeText),
    ],
};

/// All rules as constants: numbers, and one pool of text.
fn rules(folder: &Path, releases: &HashMap<String, u32>, out: &Path) -> Result<()> {
    let mut rules = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "toml") {
            let rule: toml::Value =
                toml::from_str(&fs::read_to_string(&path)?).map_err(|e| format!("{}: {e}", path.display()))?;
            let id =
                rule.get("id").and_then(toml::Value::as_str).ok_or_else(|| format!("{}: no id", path.display()))?;
            rules.insert(id.to_string(), (serde_json::to_value(&rule)?, path));
        }
    }
    let mut constants = Constants { releases: releases.clone(), ..Constants::default() };
    for shape in [&HELP, &RELATED, &FIX, &STEP, &UNSURE, &CONDITION] {
        constants.rows.insert(shape.table, (shape.name, Vec::new()));
    }
    let mut rows = Vec::new();
    for (rule, path) in rules.values() {
        rows.push(constants.row(&RULE, rule).map_err(|error| format!("{}: {error}", path.display()))?);
    }
    constants.rows.insert(RULE.table, (RULE.name, rows));
    let words = std::mem::take(&mut constants.words);
    constants.rows.insert("WORDS", ("Text", words));
    let mut code = String::new();
    for (table, (name, rows)) in &constants.rows {
        let visible = if *table == RULE.table { "pub(super) " } else { "" };
        writeln!(code, "{visible}static {table}: [{name}; {}] = [\n{}];", rows.len(), rows.join(",\n"))?;
    }
    fs::write(out.join("rules.rs"), code)?;
    fs::write(out.join("rules.txt"), &constants.pool)?;
    Ok(())
}

#[derive(Default)]
struct Constants {
    pool: String,
    texts: HashMap<String, String>,
    words: Vec<String>,
    lists: HashMap<Vec<String>, usize>,
    rows: BTreeMap<&'static str, (&'static str, Vec<String>)>,
    releases: HashMap<String, u32>,
}

impl Constants {
    /// The expression for a table of a rule file.
    fn row(&mut self, shape: &Shape, value: &Value) -> Result<String> {
        let table = value.as_object().ok_or_else(|| format!("{value} is no {}", shape.name))?;
        if let Some(key) = table.keys().find(|key| shape.keys.iter().all(|(known, _)| known != key)) {
            return Err(format!("no key `{key}` is known here").into());
        }
        let mut row = format!("{} {{ ", shape.name);
        for (key, field) in shape.keys {
            let expression = self.field(*field, table.get(*key)).map_err(|error| format!("{key}: {error}"))?;
            let name = match *key {
                "in" => "one_of".to_string(),
                "bool" => "boolean".to_string(),
                key => key.replace('-', "_"),
            };
            write!(row, "{name}: {expression}, ")?;
        }
        Ok(row + "}")
    }

    fn field(&mut self, field: Field, value: Option<&Value>) -> Result<String> {
        let variant = |value: &Value| -> Result<String> {
            let name = value.as_str().unwrap_or_default();
            Ok(name.get(..1).ok_or("is no word")?.to_uppercase() + &name[1..])
        };
        let flag = |value: &Value| value.as_bool().ok_or_else(|| format!("{value} is neither true nor false"));
        let items = |value: Option<&Value>| match value {
            None => Vec::new(),
            Some(Value::Array(items)) => items.clone(),
            Some(one) => vec![one.clone()],
        };
        Ok(match (field, value) {
            (Field::Text, Some(value)) => self.text(value)?,
            (Field::Severity, Some(value)) => format!("Severity::{}", variant(value)?),
            (Field::Text | Field::Severity, None) => return Err("is missing".into()),
            (Field::MaybeText, Some(value)) => format!("Some({})", self.text(value)?),
            (Field::MaybeFlag, Some(value)) => format!("Some({})", flag(value)?),
            (Field::MaybeFloat, Some(value)) => format!("Some({:?})", value.as_f64().ok_or("is no number")?),
            (Field::Releases, Some(value)) => format!("Some({})", self.range(value.as_str().unwrap_or_default())?),
            (Field::MaybeText | Field::MaybeFlag | Field::MaybeFloat | Field::Releases, None) => "None".into(),
            (Field::Flag, value) => value.map_or(Ok(false), flag)?.to_string(),
            (Field::Number, value) => value.map_or(Some(0), Value::as_u64).ok_or("is no number")?.to_string(),
            (Field::About, value) => format!("About::{}", value.map_or(Ok("Backend".into()), variant)?),
            (Field::Condition, value) => self.row(&CONDITION, value.unwrap_or(&Value::Object(Default::default())))?,
            (Field::Negated, value) => self.rows(&CONDITION, &items(value))?,
            (Field::Rows(shape), value) => self.rows(shape, &items(value))?,
            (Field::Texts, value) => {
                let texts: Result<Vec<String>> = items(value).iter().map(|text| self.text(text)).collect();
                let texts = texts?;
                let (length, words) = (texts.len(), &mut self.words);
                let at = *self.lists.entry(texts).or_insert_with_key(|texts| {
                    words.extend_from_slice(texts);
                    words.len() - texts.len()
                });
                format!("List::stored({at}, {length})")
            }
            (Field::Later, value) => {
                let json = serde_json::to_string(&items(value))?;
                self.text(&Value::String(json))?.replacen("Text", "Later", 1)
            }
        })
    }

    /// The expression for a list of tables, which become neighbours in the table of all of their kind.
    fn rows(&mut self, shape: &Shape, values: &[Value]) -> Result<String> {
        let rows: Result<Vec<String>> = values.iter().map(|value| self.row(shape, value)).collect();
        let rows = rows?;
        let (_, all) = self.rows.get_mut(shape.table).ok_or("the table is missing")?;
        let same = all.windows(rows.len().max(1)).position(|window| window == rows);
        let at = if rows.is_empty() { 0 } else { same.unwrap_or(all.len()) };
        if same.is_none() {
            all.extend_from_slice(&rows);
        }
        Ok(format!("List::stored({at}, {})", rows.len()))
    }

    fn text(&mut self, value: &Value) -> Result<String> {
        let text = value.as_str().ok_or_else(|| format!("{value} is no text"))?;
        let pool = &mut self.pool;
        let known = self.texts.entry(text.to_string()).or_insert_with(|| {
            pool.push_str(text);
            format!("Text::stored({}, {})", pool.len() - text.len(), text.len())
        });
        Ok(known.clone())
    }

    /// `pike..stein`, `queens..`, `..mitaka`, `kilo`.
    fn range(&self, text: &str) -> Result<String> {
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let end = |name: &str, open: &str| {
            if name.is_empty() {
                return Ok(format!("Release::{open}"));
            }
            let index = self.releases.get(name).ok_or_else(|| format!("unknown release {name}"))?;
            Ok::<_, Box<dyn Error>>(format!("Release::at({index})"))
        };
        Ok(format!("Releases {{ first: {}, last: {} }}", end(first, "OLDEST")?, end(last, "NEWEST")?))
    }
}

#[derive(Default)]
struct Tables {
    pool: String,
    offsets: Vec<u32>,
    strings: HashMap<String, u32>,
    lists: Vec<u32>,
    types: Vec<String>,
    type_ids: HashMap<String, u32>,
    releases: HashMap<String, u32>,
}

impl Tables {
    fn string(&mut self, text: &str) -> u32 {
        if let Some(&known) = self.strings.get(text) {
            return known;
        }
        let id = self.strings.len() as u32;
        self.offsets.push(self.pool.len() as u32);
        self.pool.push_str(text);
        self.strings.insert(text.to_string(), id);
        id
    }

    /// The index of a list's length, which its numbers follow.
    fn list(&mut self, items: &[u32]) -> u32 {
        if items.is_empty() {
            return 0;
        }
        let at = self.lists.len() as u32;
        self.lists.push(items.len() as u32);
        self.lists.extend(items);
        at
    }

    fn release(&self, value: &Value) -> Result<u32> {
        let name = value.as_str().unwrap_or_default();
        self.releases.get(name).copied().ok_or_else(|| format!("unknown release {name}").into())
    }

    fn first_last(&self, line: &Value) -> Result<(u32, u32)> {
        Ok((self.release(&line["first"])?, self.release(&line["last"])?))
    }

    fn value_type(&mut self, line: &Value) -> Result<u32> {
        let text = type_literal(line)?;
        if let Some(&known) = self.type_ids.get(&text) {
            return Ok(known);
        }
        let id = self.types.len() as u32;
        self.types.push(text.clone());
        self.type_ids.insert(text, id);
        Ok(id)
    }
}

fn lines(path: &Path) -> Result<Vec<Value>> {
    let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    text.lines()
        .enumerate()
        .map(|(at, line)| serde_json::from_str(line).map_err(|e| format!("{}:{}: {e}", path.display(), at + 1).into()))
        .collect()
}

/// Writes the tables of the catalogue; gives the releases with their numbers.
fn catalogue(folder: &Path, out: &Path) -> Result<HashMap<String, u32>> {
    let mut tables = Tables { lists: vec![0], ..Tables::default() };
    tables.string("");
    let mut releases = Vec::new();
    for (index, release) in lines(&folder.join("releases.jsonl"))?.iter().enumerate() {
        let text = |key: &str| release[key].as_str().unwrap_or_default().to_string();
        tables.releases.insert(text("name"), index as u32);
        releases.push((text("name"), text("version_major").trim_end_matches(".0.0").to_string(), text("code_name")));
    }
    let code = format!("pub(super) const RELEASES: [(&str, &str, &str); {}] = {releases:?};\n", releases.len());
    fs::write(out.join("releases.rs"), code)?;
    let mut options = Vec::new();
    let mut secrets = BTreeSet::new();
    for line in lines(&folder.join("options.jsonl"))? {
        let text = |key: &str| line[key].as_str().unwrap_or_default();
        let (first, last) = tables.first_last(&line)?;
        let mut flags = 0;
        for (bit, key) in ["secret", "required", "mutable", "multi", "dynamic_default"].iter().enumerate() {
            flags |= u32::from(line[*key].as_bool().unwrap_or(false)) << bit;
        }
        let default = match &line["default"] {
            Value::Null => 0,
            Value::String(text) => {
                flags |= 1 << 5;
                tables.string(text)
            }
            other => {
                flags |= 1 << 5;
                tables.string(&other.to_string())
            }
        };
        if !line["removal"].is_null() {
            flags |= 1 << 6;
        }
        let mut deprecated = Vec::new();
        for pair in line["deprecated"].as_array().into_iter().flatten() {
            deprecated.push(tables.string(pair[0].as_str().unwrap_or_default()));
            deprecated.push(tables.string(pair[1].as_str().unwrap_or_default()));
        }
        if line["secret"].as_bool().unwrap_or(false) {
            let older = line["deprecated"].as_array().into_iter().flatten().filter_map(|pair| pair[1].as_str());
            let names = older.chain([text("name")]).filter(|name| !name.is_empty());
            secrets.extend(names.map(|name| name.to_ascii_lowercase().replace('-', "_")));
        }
        let mut sets: Vec<u32> = line["sets"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(|set| tables.string(set))
            .collect();
        sets.sort_unstable();
        let row = [
            tables.string(text("group")),
            tables.string(text("name")),
            tables.value_type(&line["type"])?,
            default,
            flags,
            first,
            last,
            tables.list(&deprecated),
            tables.list(&sets),
            tables.string(text("origin")),
            tables.string(line["removal"]["since"].as_str().unwrap_or_default()),
            tables.string(line["removal"]["reason"].as_str().unwrap_or_default()),
        ];
        options.push(((text("name").to_string(), text("group").to_string(), first), row));
    }
    options.sort();
    let mut drivers = Vec::new();
    for line in lines(&folder.join("drivers.jsonl"))? {
        let (first, last) = tables.first_last(&line)?;
        let releases = |tables: &mut Tables, key: &str| -> Result<u32> {
            let list: Result<Vec<u32>> =
                line[key].as_array().into_iter().flatten().map(|name| tables.release(name)).collect();
            Ok(tables.list(&list?))
        };
        let gaps = releases(&mut tables, "gaps")?;
        let unsupported = releases(&mut tables, "unsupported")?;
        let mut active_active = Vec::new();
        for range in line["active_active"].as_array().into_iter().flatten() {
            let (a, b) = range.as_str().and_then(|r| r.split_once("..")).ok_or("active_active holds ranges")?;
            active_active.push(tables.release(&a.into())?);
            active_active.push(tables.release(&b.into())?);
        }
        let mut sets = Vec::new();
        for set in line["sets"].as_array().into_iter().flatten() {
            let (first, last) = tables.first_last(set)?;
            sets.extend([tables.string(set["set"].as_str().unwrap_or_default()), first, last]);
        }
        let path = line["path"].as_str().unwrap_or_default().to_string();
        let target = tables.string(&path);
        let row = [
            target,
            target,
            first,
            last,
            gaps,
            unsupported,
            tables.list(&active_active),
            tables.string(line["protocol"].as_str().unwrap_or_default()),
            tables.list(&sets),
        ];
        for alias in line["aliases"].as_array().into_iter().flatten() {
            let (first, last) = tables.first_last(alias)?;
            let old = alias["path"].as_str().unwrap_or_default().to_string();
            let mut row = row;
            (row[0], row[2], row[3]) = (tables.string(&old), first, last);
            drivers.push((old, row));
        }
        drivers.push((path, row));
    }
    drivers.sort();
    let mut groups = Vec::new();
    for line in lines(&folder.join("groups.jsonl"))? {
        if line["dynamic"].as_bool().unwrap_or(false) {
            continue;
        }
        let (first, last) = tables.first_last(&line)?;
        groups.push((line["group"].as_str().unwrap_or_default().to_string(), first, last));
    }
    groups.sort();
    let replacements = fs::read_to_string(folder.join("replacements.json"))?;
    let replacements: BTreeMap<String, Value> = serde_json::from_str(&replacements)?;
    let replacements: Vec<[u32; 3]> = replacements
        .iter()
        .map(|(name, instead)| {
            let (is_nothing, text) = (instead.is_object(), instead.get("nothing").unwrap_or(instead));
            [tables.string(name), tables.string(text.as_str().unwrap_or_default()), u32::from(is_nothing)]
        })
        .collect();
    let groups: Vec<[u32; 3]> =
        groups.into_iter().map(|(name, first, last)| [tables.string(&name), first, last]).collect();
    let secrets: Vec<u32> = secrets.iter().map(|name| tables.string(name)).collect();
    tables.offsets.push(tables.pool.len() as u32);
    let option_rows: Vec<_> = options.into_iter().map(|(_, row)| row).collect();
    // Open addressing: the first row of each name, found by its hash; 0 is an empty slot.
    let mut index = vec![0u32; (option_rows.len() * 2).next_power_of_two()];
    for (at, row) in option_rows.iter().enumerate() {
        if at > 0 && option_rows[at - 1][1] == row[1] {
            continue;
        }
        let (from, to) = (tables.offsets[row[1] as usize] as usize, tables.offsets[row[1] as usize + 1] as usize);
        let mut slot = hash(&tables.pool.as_bytes()[from..to]) as usize & (index.len() - 1);
        while index[slot] != 0 {
            slot = (slot + 1) & (index.len() - 1);
        }
        index[slot] = at as u32 + 1;
    }
    let driver_rows: Vec<_> = drivers.into_iter().map(|(_, row)| row).collect();
    let mut code = String::new();
    writeln!(code, "static OFFSETS: [u32; {}] = {:?};", tables.offsets.len(), tables.offsets)?;
    writeln!(code, "static LISTS: [u32; {}] = {:?};", tables.lists.len(), tables.lists)?;
    let backend_group = tables.string("backend_defaults");
    writeln!(code, "const BACKEND_GROUP: u32 = {backend_group};")?;
    writeln!(code, "static OPTIONS: [[u32; 12]; {}] = {:?};", option_rows.len(), option_rows)?;
    writeln!(code, "static INDEX: [u32; {}] = {:?};", index.len(), index)?;
    writeln!(code, "static SECRETS: [u32; {}] = {:?};", secrets.len(), secrets)?;
    writeln!(code, "static DRIVERS: [[u32; 9]; {}] = {:?};", driver_rows.len(), driver_rows)?;
    writeln!(code, "static GROUPS: [[u32; 3]; {}] = {:?};", groups.len(), groups)?;
    writeln!(code, "static REPLACEMENTS: [[u32; 3]; {}] = {:?};", replacements.len(), replacements)?;
    writeln!(code, "static TYPES: [Type; {}] = [{}];", tables.types.len(), tables.types.join(", "))?;
    fs::write(out.join("catalog.rs"), code)?;
    fs::write(out.join("catalog.txt"), &tables.pool)?;
    Ok(tables.releases)
}

/// The same stands in `src/catalog/tables.rs`.
fn hash(text: &[u8]) -> u32 {
    let mix = |hash: u32, word: u32| (hash ^ word).wrapping_mul(0x9e37_79b1).rotate_left(15);
    let words = text.chunks_exact(4);
    let rest = words.remainder().iter().fold(0, |word, byte| word << 8 | u32::from(*byte));
    let whole = words.fold(0, |hash, word| mix(hash, word.iter().fold(0, |word, byte| word << 8 | u32::from(*byte))));
    mix(whole, rest)
}

/// A type of the catalogue as an expression of `crate::catalog::types::Type`.
fn type_literal(line: &Value) -> Result<String> {
    let texts = |key: &str| {
        let items: Vec<&str> = line[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        format!("&{items:?}")
    };
    let integers = || {
        let number = |item: &Value| item.as_i64().or_else(|| item.as_str()?.parse().ok());
        let items: Vec<i64> = line["choices"].as_array().into_iter().flatten().filter_map(number).collect();
        format!("&{items:?}")
    };
    let integer = |key: &str| format!("{:?}", line[key].as_i64().or_else(|| line[key].as_f64().map(|n| n as i64)));
    let float = |key: &str| format!("{:?}", line[key].as_f64());
    let flag = |key: &str| line[key].as_bool().unwrap_or(false);
    let item = || match &line["item"] {
        Value::Null => Ok("&Type::STRING".to_string()),
        item => type_literal(item).map(|literal| format!("&{literal}")),
    };
    let version = || format!("{:?}", line["version"].as_u64());
    Ok(match line["kind"].as_str().unwrap_or_default() {
        "string" => format!(
            "Type::String {{ choices: {}, quotes: {}, regex: {:?}, ignore_case: {}, max_length: {} }}",
            texts("choices"),
            flag("quotes"),
            line["regex"].as_str(),
            flag("ignore_case"),
            integer("max_length")
        ),
        "boolean" => "Type::Boolean".into(),
        "integer" => {
            format!("Type::Integer {{ min: {}, max: {}, choices: {} }}", integer("min"), integer("max"), integers())
        }
        "float" => format!("Type::Float {{ min: {}, max: {} }}", float("min"), float("max")),
        "port" => format!("Type::Port {{ min: {}, max: {}, choices: {} }}", integer("min"), integer("max"), integers()),
        "list" => format!("Type::List {{ item: {}, bounds: {} }}", item()?, flag("bounds")),
        "dict" => format!("Type::Dict {{ item: {}, bounds: {} }}", item()?, flag("bounds")),
        "range" => format!("Type::Range {{ min: {}, max: {} }}", integer("min"), integer("max")),
        "hostaddress" => format!("Type::HostAddress {{ version: {} }}", version()),
        "hostdomain" => format!("Type::HostDomain {{ version: {} }}", version()),
        "hostname" => "Type::Hostname".into(),
        "ip" => format!("Type::IpAddress {{ version: {} }}", version()),
        "uri" => {
            format!("Type::Uri {{ max_length: {}, schemes: {} }}", integer("max_length"), texts("schemes"))
        }
        _ => "Type::Unknown".into(),
    })
}
