//! Completion: what this section, driver and release read.

use std::collections::BTreeSet;

use gen_lsp_types::{
    CompletionItem, CompletionItemKind, CompletionItemTag, CompletionItemTextEdit, CompletionList, InsertTextFormat,
    Range, TextEdit,
};

use super::{
    analysis::AllLines,
    context::{self, Writing},
    cursor::Cursor,
    hover::required,
    texts::Snapshot,
};
use crate::{
    catalog::{self, BACKENDS, Default, OptionRow, Release},
    ini::Span,
};

/// The number of the kind of item that options have.
pub(super) const PROPERTY: u32 = 10;

/// One thing to offer.
struct Offer {
    label: String,
    kind: CompletionItemKind,
    detail: String,
    is_deprecated: bool,
    /// What comes first is offered first.
    rank: u8,
    /// What is written, with places to fill; none: the label.
    snippet: Option<String>,
}

impl Offer {
    fn new(label: impl Into<String>, kind: CompletionItemKind) -> Self {
        Self { label: label.into(), kind, detail: String::new(), is_deprecated: false, rank: 1, snippet: None }
    }

    fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }
}

/// The answer for a cursor.
pub(super) fn of(cursor: &Cursor<'_>, snapshot: &Snapshot) -> Option<CompletionList> {
    let writing = context::of(cursor)?;
    let (span, offers) = match writing {
        Writing::Section(span) => {
            let mut offers = sections(cursor);
            if snapshot.client.snippets && !cursor.is_in_map() {
                offers.extend(new_backends(cursor.config.release));
            }
            (span, offers)
        }
        Writing::Key(span) => (span, keys(cursor)),
        Writing::Value(key, span) => (span, values(cursor, &key)),
        Writing::Reference(span) => (span, references(cursor)),
        Writing::Rule(span) => (span, rules(cursor)),
        Writing::Directive(span) => {
            (span, vec![Offer::new("cinderlint: ignore[", CompletionItemKind::Keyword).detail("let a finding pass")])
        }
    };
    // What is being written ends at the cursor, and is the same on disk, byte for byte.
    let (file, end) = cursor.disk;
    let typed = Span::new(end.saturating_sub(span.len()), end);
    let range = AllLines::new(&cursor.analysis.workspace.files, snapshot.encoding).of(file).range(typed);
    let typed = String::from_utf8_lossy(span.of(cursor.text())).to_lowercase();
    let mut offers: Vec<Offer> =
        offers.into_iter().filter(|offer| offer.label.to_lowercase().contains(&typed)).collect();
    offers.sort_by(|a, b| (a.rank, &a.label).cmp(&(b.rank, &b.label)));
    let items = offers.into_iter().map(|offer| item(offer, range)).collect();
    Some(CompletionList { items, ..CompletionList::default() })
}

fn item(offer: Offer, range: Range) -> CompletionItem {
    let insert_text_format = offer.snippet.as_ref().map(|_| InsertTextFormat::Snippet);
    let text_edit = TextEdit { range, new_text: offer.snippet.unwrap_or_else(|| offer.label.clone()) };
    CompletionItem {
        sort_text: Some(format!("{}{}", offer.rank, offer.label)),
        label: offer.label,
        kind: Some(offer.kind),
        detail: (!offer.detail.is_empty()).then_some(offer.detail),
        tags: offer.is_deprecated.then(|| vec![CompletionItemTag::Deprecated]),
        insert_text_format,
        text_edit: Some(CompletionItemTextEdit::TextEdit(text_edit)),
        ..CompletionItem::default()
    }
}

fn sections(cursor: &Cursor<'_>) -> Vec<Offer> {
    let release = cursor.config.release;
    let there: BTreeSet<String> = cursor.config.groups().map(|(_, group)| group.name.to_string()).collect();
    let backends = cursor.config.listed_backends().into_iter().map(|one| one.name);
    let backends = backends.filter(|name| !name.is_empty() && cursor.config.group(name).is_none());
    let backends = backends.map(|name| Offer {
        rank: 0,
        ..Offer::new(name, CompletionItemKind::Module)
            .detail("a backend that enabled_backends names and that has no section")
    });
    let known = catalog::group_names(release).filter(|name| !there.contains(&name.to_lowercase()));
    backends.chain(known.map(|name| Offer::new(name, CompletionItemKind::Module))).collect()
}

/// The section of a new backend of each driver, with what the driver requires.
fn new_backends(release: Release) -> impl Iterator<Item = Offer> {
    let drivers = catalog::all_drivers().filter(move |row| row.is_in(release) && row.asked() == row.path());
    drivers.filter(move |row| !row.is_unsupported(release)).map(move |row| {
        let path = row.path();
        let mut lines = vec!["${1:name}]".to_string(), format!("volume_driver = {path}")];
        lines.push("volume_backend_name = $1".into());
        let required = required(release, path).into_keys().map(|option| (option, None));
        let pair =
            ["nas_secure_file_operations", "nas_secure_file_permissions"].map(|option| (option, Some("false,true")));
        let pair = pair.into_iter().filter(|(option, _)| row.reads(release, option) == Some(true));
        for (at, (option, choices)) in required.chain(pair).enumerate() {
            let at = at + 2;
            lines.push(match choices {
                Some(choices) => format!("{option} = ${{{at}|{choices}|}}"),
                None => format!("{option} = ${at}"),
            });
        }
        lines.push("$0".into());
        let label = format!("new backend: {}", path.trim_start_matches("cinder.volume.drivers."));
        Offer { rank: 2, snippet: Some(lines.join("\n")), ..Offer::new(label, CompletionItemKind::Snippet) }
    })
}

fn keys(cursor: &Cursor<'_>) -> Vec<Offer> {
    let Some((section, _)) = cursor.section() else { return Vec::new() };
    let release = cursor.config.release;
    let set: BTreeSet<String> = match cursor.config.group(&section) {
        Some(group) => cursor.config.settings(group).map(|setting| setting.key().into_owned()).collect(),
        None => BTreeSet::new(),
    };
    let backend = cursor.backend(&section);
    let driver = backend.as_ref().and_then(|backend| catalog::driver(release, &backend.driver));
    let is_listed = cursor.config.listed_backends().iter().any(|one| one.name == section);
    let of_backends = backend.is_some() || is_listed || section == "backend_defaults";
    let rows: Vec<OptionRow> = match of_backends {
        true => {
            let reads = |row: &OptionRow| driver.is_none_or(|driver| driver.reads(release, row.name()) != Some(false));
            catalog::backend_options(release).filter(reads).collect()
        }
        false => {
            let group = if section.eq_ignore_ascii_case("DEFAULT") { "DEFAULT" } else { &section };
            let is_own = |row: &OptionRow| row.is_in(release) && row.group().eq_ignore_ascii_case(group);
            catalog::all_options().filter(is_own).collect()
        }
    };
    let required = driver.map(|driver| required(release, driver.path())).unwrap_or_default();
    let pair = ["nas_secure_file_operations", "nas_secure_file_permissions", "volume_driver", "volume_backend_name"];
    let offers = rows.into_iter().filter(|row| !set.contains(row.name()) && row.group() != "backend").map(|row| {
        let default = match row.default() {
            _ if row.is_secret() => String::new(),
            Default::Text("") => "default: empty".to_string(),
            Default::Text(text) => format!("default: {}", text.lines().next().unwrap_or_default()),
            Default::None => "not set by default".to_string(),
            Default::Dynamic => "the default depends on the machine".to_string(),
        };
        let is_deprecated = row.is_deprecated_for_removal();
        let rank = match () {
            () if required.contains_key(row.name()) => 0,
            () if is_deprecated => 3,
            () if of_backends && pair.contains(&row.name()) => 0,
            () if of_backends && !row.is_of_drivers() => 2,
            () => 1,
        };
        let detail = match required.get(row.name()) {
            Some(instead) => format!("required by the driver{instead}"),
            None => default,
        };
        Offer { is_deprecated, rank, ..Offer::new(row.name(), CompletionItemKind::Property).detail(detail) }
    });
    let mut offers: Vec<Offer> = offers.collect();
    offers.dedup_by(|a, b| a.label == b.label);
    offers
}

/// The option that a key is in the section at the cursor.
fn row_of(cursor: &Cursor<'_>, key: &str) -> Option<OptionRow> {
    let (section, _) = cursor.section()?;
    let release = cursor.config.release;
    let own = catalog::option(release, &section, key);
    own.or_else(|| catalog::backend_option(release, key)).filter(|row| row.group() == BACKENDS || own.is_some())
}

fn values(cursor: &Cursor<'_>, key: &str) -> Vec<Offer> {
    let release = cursor.config.release;
    if key == "enabled_backends" {
        let listed: BTreeSet<String> = cursor.config.listed_backends().into_iter().map(|one| one.name).collect();
        let others = cursor.config.all_backends().into_iter().filter(|backend| !listed.contains(&*backend.name));
        return others
            .map(|one| Offer::new(one.name.to_string(), CompletionItemKind::Module).detail(one.driver.to_string()))
            .collect();
    }
    if key == "volume_driver" {
        let drivers = catalog::all_drivers().filter(|row| row.is_in(release) && row.asked() == row.path());
        return drivers
            .map(|row| {
                let unsupported = row.is_unsupported(release);
                let detail = if unsupported { "unsupported" } else { row.protocol() };
                Offer {
                    rank: 1 + u8::from(unsupported),
                    ..Offer::new(row.path(), CompletionItemKind::Class).detail(detail)
                }
            })
            .collect();
    }
    if let Some(kind) = named_code(key) {
        return catalog::all_code(release, kind)
            .map(|code| Offer::new(code.path(), CompletionItemKind::Class))
            .collect();
    }
    let Some(row) = row_of(cursor, key) else { return Vec::new() };
    if row.is_secret() {
        return Vec::new();
    }
    let default = match row.default() {
        Default::Text(text) => Some(text),
        Default::None | Default::Dynamic => None,
    };
    let mut texts = row.value_type().choices();
    if key == "nas_secure_file_operations" || key == "nas_secure_file_permissions" {
        // `auto` is what this program is there to prevent.
        texts = vec!["true".into(), "false".into()];
    }
    if let Some(default) = default.filter(|text| !text.is_empty() && !text.contains(['\n', ',']))
        && texts.is_empty()
    {
        texts.push(default.to_string());
    }
    let detail = |text: &str| if Some(text) == default { "the default" } else { "" };
    texts.into_iter().map(|text| Offer::new(text.clone(), CompletionItemKind::Value).detail(detail(&text))).collect()
}

/// The options that list what the catalogue knows by name.
fn named_code(key: &str) -> Option<catalog::CodeKind> {
    match key {
        "scheduler_default_filters" => Some(catalog::CodeKind::Filter),
        "scheduler_default_weighers" => Some(catalog::CodeKind::Weigher),
        _ => None,
    }
}

fn references(cursor: &Cursor<'_>) -> Vec<Offer> {
    let mut names = BTreeSet::new();
    let here = cursor.section().map(|(section, _)| section);
    for section in here.as_deref().into_iter().chain(["DEFAULT"]) {
        let group = cursor.config.group(section);
        let settings = group.into_iter().flat_map(|group| cursor.config.settings(group).collect::<Vec<_>>());
        names.extend(settings.map(|setting| setting.key().into_owned()));
    }
    names.into_iter().map(|name| Offer::new(name, CompletionItemKind::Reference)).collect()
}

fn rules(cursor: &Cursor<'_>) -> Vec<Offer> {
    let line = |offset: u32| cursor.text()[..offset as usize].iter().filter(|byte| **byte == b'\n').count();
    let here = line(cursor.offset);
    // What is found below comes first.
    let files = &cursor.analysis.workspace.files;
    let near: BTreeSet<String> = cursor
        .analysis
        .linted
        .lint
        .findings
        .iter()
        .filter(|finding| {
            let own = files.on_disk(crate::source::Place { file: cursor.file, span: Span::new(0, 0) });
            own.is_some_and(|own| own.file == finding.place.file)
                && line(finding.place.span.start.min(cursor.text().len() as u32)).abs_diff(here) <= 3
        })
        .map(|finding| finding.rule.id.to_string())
        .collect();
    let offers = cursor.rules.iter().map(|rule| Offer {
        rank: u8::from(!near.contains(&*rule.id)),
        ..Offer::new(rule.id.to_string(), CompletionItemKind::Constant).detail(rule.name.to_string())
    });
    offers.collect()
}
