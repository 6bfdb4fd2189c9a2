//! What the catalogue knows of options: for people, and as JSON.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::json::{SCHEMA_VERSION, Tool};
use crate::{
    catalog::{self, About, Default, Instead, OptionRow, Release},
    style::Style,
};

/// The most drivers that are shown to people.
const DRIVERS: usize = 8;

/// An option that was asked for, and what the catalogue has of it.
pub struct Asked<'n> {
    /// The name.
    pub name: &'n str,
    /// One entry a section.
    pub found: Vec<About>,
}

/// Writes it for people; `given` is whether somebody named the release.
///
/// # Errors
/// Those of the writer.
pub fn write_option(
    asked: &Asked<'_>,
    release: Release,
    given: bool,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    // Where a release is named, an option that it has comes before one that it has not.
    let mut found: Vec<&About> = asked.found.iter().collect();
    found.sort_by_key(|about| (about.is_old_name, about.row_in(release).is_none()));
    for (at, about) in found.into_iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        one(about, asked.name, release, given, style, out)?;
    }
    Ok(())
}

fn one(
    about: &About,
    asked: &str,
    release: Release,
    given: bool,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "{} in {}", style.paint("1;36", about.name()), option_section(about))?;
    for (title, text) in option_facts(about, asked, release, given) {
        // A title and two blanks.
        let width = style.width.saturating_sub(14).max(30);
        let wrapped = textwrap::wrap(&text, textwrap::Options::new(width).break_words(false));
        for (at, part) in wrapped.iter().enumerate() {
            let title = if at == 0 { title } else { "" };
            writeln!(out, "  {}  {part}", style.paint("1", &format!("{title:<10}")))?;
        }
    }
    Ok(())
}

/// The title of the fact that names drivers.
pub const READ_BY: &str = "Read by";

/// What the catalogue has of an option, each fact with its title.
pub fn option_facts(about: &About, asked: &str, release: Release, given: bool) -> Vec<(&'static str, String)> {
    let row = about.row_for(release);
    let mut facts = Vec::new();
    let mut line = |title: &'static str, text: &str| facts.push((title, text.to_string()));
    if about.is_old_name {
        line("Asked", &format!("`{asked}` is an older name of this option"));
    }
    line("Type", &row.value_type().to_string());
    line("Default", &defaults(about, release, given));
    let (first, last) = about.releases();
    line("Releases", &catalog::Releases { first, last }.to_string());
    if about.row_in(release).is_none() {
        let text = match catalog::replacement(about.name()) {
            Some(Instead::Write(text)) => format!("{} does not read it; write {text}", release.title()),
            Some(Instead::Nothing(reason)) => format!("{} does not read it: {reason}", release.title()),
            None => format!("{} does not read it", release.title()),
        };
        line("Now", &text);
    } else if row.is_deprecated_for_removal() {
        let (since, reason) = row.removal();
        let since = if since.is_empty() { String::new() } else { format!(" since {since}") };
        let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
        line("Now", &format!("deprecated for removal{since}{reason}"));
    }
    let old = old_names(&row);
    if !old.is_empty() {
        line("Old names", &old.join(", "));
    }
    let readers = about.readers(release);
    let all = catalog::all_drivers().filter(|row| row.is_in(release) && row.asked() == row.path()).count();
    if !readers.is_empty() && readers.len() == all {
        line(READ_BY, "all drivers");
    } else if !readers.is_empty() {
        let more = readers.len().saturating_sub(DRIVERS);
        let mut text = readers.iter().take(DRIVERS).copied().collect::<Vec<_>>().join(", ");
        if more > 0 {
            text.push_str(&format!(" and {more} others (`--format json` lists all)"));
        }
        line(READ_BY, &text);
    }
    if !about.is_of_backends() || row.origin() != "cinder" {
        line("Defined by", row.origin());
    }
    let mut marks = Vec::new();
    if row.is_secret() {
        marks.push("secret: Cinder hides it in its log");
    }
    if row.is_mutable() {
        marks.push("mutable: SIGHUP is enough, no restart needed");
    }
    if row.is_multi() {
        marks.push("multiple: every line takes effect, not only the last one");
    }
    if !marks.is_empty() {
        line("Marks", &marks.join("; "));
    }
    facts
}

/// The section in which an option is read, in words.
pub fn option_section(about: &About) -> String {
    match about.section() {
        _ if about.is_of_backends() => "a backend's section, or in [backend_defaults] for all backends".to_string(),
        "brcd_fabric_example" | "cisco_fabric_example" => {
            "the section of a fabric that fc_fabric_names names".to_string()
        }
        "sample_remote_file_source" | "sample_castellan_source" => "a section that config_source names".to_string(),
        section => format!("[{section}]"),
    }
}

fn shown(row: &OptionRow) -> String {
    match row.default() {
        Default::None => "not set".to_string(),
        Default::Dynamic => "depends on the machine".to_string(),
        Default::Text("") => "empty".to_string(),
        Default::Text(text) => text.replace('\n', ", "),
    }
}

/// The default of the release that was asked for, or those of all releases, the newest first.
fn defaults(about: &About, release: Release, given: bool) -> String {
    if given && let Some(row) = about.row_in(release) {
        return shown(&row);
    }
    let mut spans: Vec<(String, Release, Release)> = Vec::new();
    for row in about.rows.iter().rev() {
        let text = shown(row);
        match spans.last_mut() {
            Some((same, first, _)) if *same == text => *first = row.first().min(*first),
            _ => spans.push((text, row.first(), row.last())),
        }
    }
    match spans.as_slice() {
        [(only, ..)] => only.clone(),
        spans => {
            let show = |(text, first, last): &(String, Release, Release)| {
                format!("{text} ({})", catalog::Releases { first: *first, last: *last })
            };
            spans.iter().map(show).collect::<Vec<_>>().join("; ")
        }
    }
}

/// `name` or `[section] name`.
fn old_names(row: &OptionRow) -> Vec<String> {
    let names = row.deprecated().map(|(group, name)| {
        let name = if name.is_empty() { row.name() } else { name };
        if group.is_empty() || group == row.group() { name.to_string() } else { format!("[{group}] {name}") }
    });
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Writes it as JSON.
///
/// # Errors
/// Those of the writer.
pub fn write_option_json(asked: &[Asked<'_>], release: Release, out: &mut dyn Write) -> io::Result<()> {
    let options: Vec<Value> = asked
        .iter()
        .map(|asked| {
            let entries: Vec<Value> = asked.found.iter().map(|about| entry(about, release)).collect();
            json!({"name": asked.name, "entries": entries})
        })
        .collect();
    let document = json!({
        "schema_version": SCHEMA_VERSION,
        "tool": Tool::THIS,
        "release": release.name(),
        "options": options,
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn entry(about: &About, release: Release) -> Value {
    let row = about.row_for(release);
    let (first, last) = about.releases();
    let value = |row: &OptionRow| match row.default() {
        Default::Text(text) => json!(text),
        Default::None | Default::Dynamic => Value::Null,
    };
    let defaults: Vec<Value> = about
        .rows
        .iter()
        .map(|row| {
            json!({
                "first": row.first().name(),
                "last": row.last().name(),
                "default": value(row),
                "depends_on_machine": row.default() == Default::Dynamic,
            })
        })
        .collect();
    let old: Vec<Value> = row
        .deprecated()
        .map(|(group, name)| {
            let group = if group.is_empty() { row.group() } else { group };
            json!({"section": group, "name": if name.is_empty() { row.name() } else { name }})
        })
        .collect();
    let (since, reason) = row.removal();
    json!({
        "name": about.name(),
        "section": about.section(),
        "of_backends": about.is_of_backends(),
        "is_old_name": about.is_old_name,
        "type": row.value_type().kind(),
        "accepts": row.value_type().to_string(),
        "default": value(&row),
        "defaults": defaults,
        "first": first.name(),
        "last": last.name(),
        "read": about.row_in(release).is_some(),
        "old_names": old,
        "deprecated": row.is_deprecated_for_removal().then(|| json!({"since": since, "reason": reason})),
        "replacement": match catalog::replacement(about.name()) {
            Some(Instead::Write(text)) => json!(text),
            Some(Instead::Nothing(_)) | None => Value::Null,
        },
        "read_by": about.readers(release),
        "secret": row.is_secret(),
        "mutable": row.is_mutable(),
        "multiple": row.is_multi(),
        "origin": row.origin(),
    })
}
