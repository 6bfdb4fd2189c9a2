//! What is known of the thing under the cursor.

use std::collections::BTreeMap;

use gen_lsp_types::{Contents, Hover, MarkupContent, MarkupKind, Position};

use super::{
    analysis::AllLines,
    cursor::{Cursor, Side},
    texts::Snapshot,
};
use crate::{
    catalog::{self, About, BACKENDS, Refused, Release, Releases},
    config::Backend,
    ini::{Piece, Span, lines},
    lint::Rule,
    report::{self, Assessed},
    secrets,
    style::Style,
};

/// What stands at a place, in words, and the bytes that it is about.
struct Said {
    text: String,
    span: Span,
}

/// The answer for a cursor.
pub(super) fn of(cursor: &Cursor<'_>, snapshot: &Snapshot) -> Option<Hover> {
    let said = said(cursor)?;
    let place = cursor.on_disk(said.span)?;
    let range = AllLines::new(&cursor.analysis.workspace.files, snapshot.encoding).of(place.file).range(place.span);
    // What is only caused by the text under the cursor has its place elsewhere.
    let range = (range.start != range.end || range.start != Position::default()).then_some(range);
    let contents = Contents::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value: said.text });
    Some(Hover { contents, range })
}

fn said(cursor: &Cursor<'_>) -> Option<Said> {
    if let Some((rule, span)) = rule_in_comment(cursor) {
        return Some(Said { text: of_rule(rule), span });
    }
    let (section, header) = cursor.section()?;
    if header.start <= cursor.offset && cursor.offset <= header.end {
        let text = match cursor.backend(&section) {
            Some(backend) => of_backend(cursor, &backend)?,
            None => of_section(cursor, &section)?,
        };
        return Some(Said { text, span: header });
    }
    let (option, side) = cursor.option()?;
    let key = cursor.word(option.key);
    if side == Side::Value {
        if let Some((name, span)) = cursor.listed()
            && let Some(backend) = cursor.backend(&name)
        {
            return Some(Said { text: of_backend(cursor, &backend)?, span });
        }
        if key == "volume_driver" {
            return Some(Said { text: of_driver(cursor, &cursor.word(option.value))?, span: option.value });
        }
    }
    let span = if side == Side::Key { option.key } else { option.raw };
    Some(Said { text: of_option(cursor, &section, &key)?, span })
}

/// The rule that a comment names at the cursor.
fn rule_in_comment<'a>(cursor: &Cursor<'a>) -> Option<(&'a Rule, Span)> {
    let text = cursor.text();
    let line = lines(text).find(|line| line.span.start <= cursor.offset && cursor.offset <= line.text_end)?;
    if line.piece != Piece::Comment {
        return None;
    }
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let (before, behind) = text.split_at(cursor.offset as usize);
    let start = before.iter().rposition(|byte| !is_word(byte)).map_or(0, |at| at + 1);
    let end = behind.iter().position(|byte| !is_word(byte)).unwrap_or(behind.len()) + before.len();
    let word = std::str::from_utf8(&text[start..end]).ok()?;
    let rule = cursor.rules.iter().find(|rule| rule.is_called(word))?;
    Some((rule, Span::new(start as u32, end as u32)))
}

fn of_rule(rule: &Rule) -> String {
    format!("**{} {}** ({})\n\n{}\n\n{}", rule.id, rule.name, rule.severity.name(), rule.summary, rule.why)
}

fn of_backend(cursor: &Cursor<'_>, backend: &Backend) -> Option<String> {
    let files = &cursor.analysis.workspace.files;
    let assessed = Assessed::new(files, cursor.deployment, cursor.host, cursor.rules);
    let text = report::backend_text(files, &assessed, &backend.name, &Style::FILE)?;
    Some(format!("```text\n{}\n```", text.trim_end()))
}

fn of_section(cursor: &Cursor<'_>, section: &str) -> Option<String> {
    let release = cursor.config.release;
    let group = if section == "backend_defaults" { BACKENDS } else { section };
    let is_own = |row: &catalog::OptionRow| row.is_in(release) && row.group().eq_ignore_ascii_case(group);
    let count = catalog::all_options().filter(is_own).count();
    let what = match section {
        "backend_defaults" => "what backends' sections leave out is taken from here (from Pike on)",
        "DEFAULT" => "options of the services; backends take nothing from here",
        _ => "a section of the services",
    };
    let name = secrets::cover_section(section);
    (count > 0).then(|| format!("**[{name}]**: {what}. Cinder {} knows {count} options of it.", release.title()))
}

fn of_driver(cursor: &Cursor<'_>, class: &str) -> Option<String> {
    let rows: Vec<_> = catalog::driver_anywhere(class).collect();
    let (first, last) = (rows.iter().map(|row| row.first()).min()?, rows.iter().map(|row| row.last()).max()?);
    let release = cursor.config.release;
    let mut text = format!("**{class}**\n\nReleases: {}", Releases { first, last });
    match catalog::driver(release, class) {
        Some(row) if row.path() != class => text.push_str(&format!("\n\nAn older path of `{}`.", row.path())),
        Some(row) if row.is_unsupported(release) => {
            text.push_str("\n\nUnsupported: starts only with `enable_unsupported_driver = true`.");
        }
        Some(_) => {}
        None => text.push_str(&format!("\n\nCinder {} does not have it.", release.title())),
    }
    let required = required(release, catalog::driver(release, class).map_or(class, |row| row.path()));
    if !required.is_empty() {
        text.push_str("\n\nRequires:\n");
        required.iter().for_each(|(option, instead)| text.push_str(&format!("\n- `{option}`{instead}")));
    }
    Some(text)
}

/// The options that a driver requires whatever else is set, each with what may be set in its place, in words.
pub(super) fn required(release: Release, path: &str) -> BTreeMap<&'static str, String> {
    let demands = catalog::demands(release, path);
    let demands = demands.filter(|demand| demand.refused() == Refused::Missing && demand.given().is_none());
    demands.map(|demand| (demand.option(), demand.instead_in_words())).collect()
}

/// The facts of an option, and what this backend runs with.
pub(super) fn of_option(cursor: &Cursor<'_>, section: &str, key: &str) -> Option<String> {
    let release = cursor.config.release;
    let backend = cursor.backend(section);
    let of_backends = backend.is_some() || section == "backend_defaults";
    let all = About::find(key);
    let fits = |about: &&About| {
        if of_backends { about.is_of_backends() } else { about.section().eq_ignore_ascii_case(section) }
    };
    let about = all.iter().find(fits).or_else(|| all.iter().find(|about| about.is_old_name)).or(all.first())?;
    let mut text = format!("**{}** in {}\n", about.name(), report::option_section(about));
    // Of a backend the driver is known.
    let facts = report::option_facts(about, key, release, true).into_iter();
    for (title, fact) in facts.filter(|(title, _)| backend.is_none() || *title != report::READ_BY) {
        text.push_str(&format!("\n- {title}: {}", fact.replace('\n', " ")));
    }
    if let Some(backend) = backend.filter(|_| about.is_of_backends()) {
        let now = cursor.config.backend_text(&backend, about.name());
        let value = match &now.text {
            Ok(Some(value)) => format!("`{}`", secrets::cover_value(about.name(), value)),
            Ok(None) => "not set".to_string(),
            Err(_) => "not known: it refers to what is not seen here".to_string(),
        };
        let origin = now.setting.and_then(|setting| {
            let files = &cursor.analysis.workspace.files;
            let (file, line) = report::Views::new(files).line(setting.key_place())?;
            Some(format!("{}:{line}", files.get(file).shown))
        });
        let origin = origin.unwrap_or_else(|| "the default".to_string());
        text.push_str(&format!("\n\nBackend {} runs with {value} ({origin}).", secrets::cover_section(&backend.name)));
    }
    Some(text)
}
