//! Findings as snapshots show them.

use std::{fmt::Write as _, fs, path::Path};

use serde_json::Value;

/// All that is said of one finding.
pub(crate) fn shown(folder: &Path, finding: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap().to_string();
    let number = |of: &Value, key: &str| usize::try_from(of[key].as_u64().unwrap()).unwrap();
    let mut shown = format!(
        "{}:{}:{}: {} {}{}: {}\n",
        text(&finding["file"]),
        finding["line"],
        finding["column"],
        text(&finding["rule"]),
        text(&finding["severity"]),
        if finding["suppressed"].is_null() { "" } else { " (suppressed)" },
        text(&finding["message"])
    );
    let at = [&finding["section"], &finding["option"]].map(|name| name.as_str().unwrap_or("-"));
    let file = fs::read(folder.join(text(&finding["file"]))).unwrap();
    let span = String::from_utf8_lossy(&file[number(finding, "byte_start")..number(finding, "byte_end")]).into_owned();
    writeln!(shown, "    at: [{}] {}: {span:?}", at[0], at[1]).unwrap();
    for line in finding["help"].as_str().unwrap_or_default().lines() {
        writeln!(shown, "    help: {line}").unwrap();
    }
    for related in finding["related"].as_array().unwrap() {
        let file = text(&related["file"]);
        writeln!(shown, "    also: {file}:{}:{}: {}", related["line"], related["column"], text(&related["message"]))
            .unwrap();
    }
    let others = finding["alternatives"].as_array().into_iter().flatten().map(|fix| ("or", fix));
    for (word, fix) in finding.get("fix").filter(|fix| !fix.is_null()).map(|fix| ("fix", fix)).into_iter().chain(others)
    {
        writeln!(shown, "    {word} ({}): {}", text(&fix["applicability"]), text(&fix["title"])).unwrap();
        for edit in fix["edits"].as_array().unwrap() {
            let file = text(&edit["file"]);
            let bytes = fs::read(folder.join(&file)).unwrap();
            let old =
                String::from_utf8_lossy(&bytes[number(edit, "byte_start")..number(edit, "byte_end")]).into_owned();
            writeln!(shown, "      {file}: {old:?} becomes {:?}", text(&edit["text"])).unwrap();
        }
    }
    shown
}
