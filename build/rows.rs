//! Tables that are read by their first column: a sorted text with tabs, and where each line begins.

use std::{collections::HashMap, error::Error, fmt::Write as _, fs, path::Path};

use serde_json::Value;

/// How a key of a line of JSON is written as a column.
pub(crate) enum Column {
    /// A string, empty where there is none; a number or a Boolean as JSON writes it.
    Text(&'static str),
    /// A release, as its number.
    Release(&'static str),
    /// Strings with [`SEPARATOR`] between them.
    List(&'static str),
}

/// Between the items of a list; `src/catalog/rows.rs` has it as well.
const SEPARATOR: &str = "\u{1f}";

/// Writes `NAME.tsv` and the static `NAME_LINES` for `catalog/NAME.jsonl`.
pub(crate) fn embed(
    folder: &Path,
    out: &Path,
    name: &str,
    columns: &[Column],
    releases: &HashMap<String, u32>,
) -> Result<(), Box<dyn Error>> {
    let mut rows = Vec::new();
    for line in fs::read_to_string(folder.join(format!("{name}.jsonl")))?.lines() {
        let line: Value = serde_json::from_str(line)?;
        let mut row = Vec::new();
        for column in columns {
            row.push(match column {
                Column::Text(key) => match &line[key] {
                    Value::Null => String::new(),
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                },
                Column::Release(key) => {
                    let release = line[key].as_str().unwrap_or_default();
                    releases.get(release).ok_or_else(|| format!("{name}.jsonl: no release `{release}`"))?.to_string()
                }
                Column::List(key) => {
                    let items: Vec<&str> =
                        line[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                    items.join(SEPARATOR)
                }
            });
        }
        if row.iter().any(|cell| cell.contains(['\t', '\n'])) {
            return Err(format!("{name}.jsonl: a tab or a line break in {row:?}").into());
        }
        rows.push(row);
    }
    // By the first column; the order of the file is kept within it.
    rows.sort_by(|a, b| a.first().cmp(&b.first()));
    let mut text = String::new();
    let mut starts = Vec::new();
    for row in rows {
        starts.push(text.len());
        text += &row.join("\t");
        text.push('\n');
    }
    let mut code = String::new();
    writeln!(code, "static {}_LINES: [u32; {}] = {starts:?};", name.to_uppercase(), starts.len())?;
    fs::write(out.join(format!("{name}.rs")), code)?;
    fs::write(out.join(format!("{name}.tsv")), text)?;
    Ok(())
}
