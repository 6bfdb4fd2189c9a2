use std::{
    fmt::Write as _,
    io::{self, Write},
    path::Path,
};

use serde_json::{Map, Value};

use super::{Outcome, complain, schema::What};
use crate::{fix, message::Message, report::ToolError};

const FILE: &str = "cinderlint.toml";

const HEAD: &str = "\
# Settings of cinderlint for the files in this folder and below. Flags of the command line win.
# A line that starts with # and a letter or a bracket is a setting: remove the # and write your value.
# `cinderlint check --show-settings` says what holds; `cinderlint rules` lists the rules.
";

/// Writes the settings that there are, each as a comment.
pub(super) fn run(out: &mut dyn Write) -> io::Result<Outcome> {
    let text = text().map_err(io::Error::other)?;
    let path = Path::new(FILE);
    // Even a link that leads nowhere is somebody's.
    let there = path.symlink_metadata().is_ok();
    let error = match there {
        true => "already exists and is not changed".into(),
        false => match fix::create(path, text.as_bytes()) {
            Ok(()) => {
                writeln!(out, "{FILE} written: it contains every setting as a comment")?;
                return Ok(Outcome::Clean);
            }
            Err(error) => Message::from(&error),
        },
    };
    complain(&[ToolError::new(FILE, error)]);
    Ok(Outcome::Failed)
}

/// The file, made of the JSON Schema that tests hold against the types that are read.
fn text() -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let schema: Value = serde_json::from_str(What::Settings.text())?;
    let mut text = HEAD.to_string();
    let mut tables = String::new();
    for (key, property) in properties(&schema) {
        let property = defined(&schema, property);
        let inner = properties(&property["items"]);
        if inner.is_empty() {
            setting(&mut text, &key, &property)?;
            continue;
        }
        write!(tables, "\n# {}.\n#[[{key}]]\n", property["description"].as_str().unwrap_or_default())?;
        for (key, property) in inner {
            setting(&mut tables, &key, &defined(&schema, property))?;
        }
    }
    Ok(text + &tables)
}

/// What stands in `$defs` under the name that a property refers to.
fn defined(schema: &Value, property: Value) -> Value {
    let named = property["$ref"].as_str().and_then(|path| schema.pointer(path.strip_prefix('#')?));
    named.cloned().unwrap_or(property)
}

fn properties(schema: &Value) -> Map<String, Value> {
    schema["properties"].as_object().cloned().unwrap_or_default()
}

fn setting(text: &mut String, key: &str, property: &Value) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    write!(text, "\n# {}", property["description"].as_str().unwrap_or_default())?;
    let one_of: Vec<String> = property["enum"].as_array().into_iter().flatten().map(Value::to_string).collect();
    if !one_of.is_empty() {
        write!(text, ": {}", one_of.join(", "))?;
    }
    if let Some(default) = property.get("default") {
        write!(text, " (default: {default})")?;
    }
    let example = toml::Value::try_from(&property["examples"][0])?;
    writeln!(text, ".\n#{key} = {example}")?;
    Ok(())
}
