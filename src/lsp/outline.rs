//! The sections of a file, as an outline, to fold and to find, and what its values lead to.

use std::{collections::HashMap, path::Path};

use gen_lsp_types::{
    BaseSymbolInformation, DocumentLink, DocumentSymbol, FoldingRange, Location, Range, SymbolKind, WorkspaceSymbol,
};

use super::{
    analysis::{AllLines, Analysis, path_of},
    texts::Snapshot,
};
use crate::{
    ini::Span,
    secrets,
    source::{File, FileId, Files, Part, Place},
};

/// A section of a file on disk: its name, its header, all of it, and its options.
struct Section {
    name: String,
    header: Span,
    whole: Span,
    options: Vec<(String, Span)>,
}

/// The texts of configuration in a file.
fn texts<'a>(files: &'a Files, path: &Path) -> Vec<(FileId, &'a File)> {
    let is_it = |id: FileId| path_of(files, id) == path;
    let mut found: Vec<(FileId, &File)> = Vec::new();
    for (id, file) in files.iter() {
        let own = match &file.part {
            // A file that is read twice has one outline.
            Part::Whole => is_it(id) && found.is_empty(),
            Part::Piece(container, map) => is_it(*container) && map.is_block(),
            Part::Container | Part::Synthetic => false,
        };
        if own {
            found.push((id, file));
        }
    }
    found
}

fn sections(files: &Files, path: &Path) -> Vec<(FileId, Section)> {
    let mut all = Vec::new();
    for (id, file) in texts(files, path) {
        let on_disk = |span: Span| files.on_disk(Place { file: id, span }).map(|place| (place.file, place.span));
        let document = &file.document;
        for (at, section) in document.sections.iter().enumerate().filter(|(_, section)| section.line > 0) {
            let options = document.options_of(at);
            let end = options.last().map_or(section.header.end, |last| last.raw.end.max(last.separator + 1));
            let Some((disk, whole)) = on_disk(Span::new(section.header.start, end)) else { continue };
            let Some((_, header)) = on_disk(section.header) else { continue };
            let text = |span: Span| String::from_utf8_lossy(span.of(&file.text)).into_owned();
            let options = options.iter().filter_map(|option| {
                let (_, span) = on_disk(Span::new(option.key.start, option.raw.end.max(option.separator + 1)))?;
                Some((secrets::cover_key(&text(option.key)).into_owned(), span))
            });
            let name = secrets::cover_section(&text(section.name)).into_owned();
            all.push((disk, Section { name, header, whole, options: options.collect() }));
        }
    }
    all.sort_by_key(|(_, section)| section.whole.start);
    all
}

/// The outline.
#[expect(deprecated, reason = "the type has no other way to be made than with its deprecated field")]
pub(super) fn symbols(analysis: &Analysis, snapshot: &Snapshot, path: &Path) -> Vec<DocumentSymbol> {
    let mut lines = AllLines::new(&analysis.workspace.files, snapshot.encoding);
    let symbol = |name: &str, kind: SymbolKind, range: Range, selection_range: Range, children| DocumentSymbol {
        // An empty name is refused by clients.
        name: if name.is_empty() { "[]".to_string() } else { name.to_string() },
        detail: None,
        kind,
        tags: None,
        deprecated: None,
        range,
        selection_range,
        children,
    };
    let sections = sections(&analysis.workspace.files, path);
    let all = sections.iter().map(|(id, section)| {
        let lines = lines.of(*id);
        let children = section.options.iter().map(|(name, span)| {
            let range = lines.range(*span);
            symbol(name, SymbolKind::Property, range, range, None)
        });
        let children = children.collect();
        let (whole, header) = (lines.range(section.whole), lines.range(section.header));
        symbol(&section.name, SymbolKind::Namespace, whole, header, Some(children))
    });
    all.collect()
}

/// What can be folded.
pub(super) fn folding(analysis: &Analysis, snapshot: &Snapshot, path: &Path) -> Vec<FoldingRange> {
    let mut lines = AllLines::new(&analysis.workspace.files, snapshot.encoding);
    let ranges =
        sections(&analysis.workspace.files, path).into_iter().map(|(id, section)| lines.of(id).range(section.whole));
    let ranges = ranges.filter(|range| range.end.line > range.start.line);
    ranges
        .map(|range| FoldingRange { start_line: range.start.line, end_line: range.end.line, ..FoldingRange::default() })
        .collect()
}

/// The most symbols of folders that are told at once.
const TOLD: usize = 1000;

/// The sections of all files whose name has the letters that are asked for, in their order.
pub(super) fn everywhere(files: &Files, snapshot: &Snapshot, query: &str) -> Vec<WorkspaceSymbol> {
    let mut lines = AllLines::new(files, snapshot.encoding);
    let mut found = Vec::new();
    for (id, file) in files.iter() {
        let is_text = match &file.part {
            Part::Whole => true,
            Part::Piece(_, map) => map.is_block(),
            Part::Container | Part::Synthetic => false,
        };
        for section in file.document.sections.iter().filter(|section| is_text && section.line > 0) {
            let name = String::from_utf8_lossy(section.name.of(&file.text)).into_owned();
            let place = files.on_disk(Place { file: id, span: section.header });
            let Some(place) = place.filter(|_| found.len() < TOLD && has_letters(&name, query)) else { continue };
            let uri = snapshot.uri(&path_of(files, place.file));
            let location = Location { uri, range: lines.of(place.file).range(place.span) };
            found.push(WorkspaceSymbol {
                location: location.into(),
                data: None,
                base_symbol_information: BaseSymbolInformation {
                    name: secrets::cover_section(&name).into_owned(),
                    kind: SymbolKind::Namespace,
                    tags: None,
                    container_name: Some(file.relative.clone()),
                },
            });
        }
    }
    found
}

/// Whether a name has some letters in their order.
fn has_letters(name: &str, letters: &str) -> bool {
    let mut name = name.chars().flat_map(char::to_lowercase);
    letters.chars().flat_map(char::to_lowercase).all(|letter| name.any(|c| c == letter))
}

/// What leads to a file: the values that name a list of shares that was read.
pub(super) fn links(analysis: &Analysis, snapshot: &Snapshot, path: &Path) -> Vec<DocumentLink> {
    let files = &analysis.workspace.files;
    let shares: HashMap<&str, FileId> = analysis
        .deployments()
        .flat_map(|(_, deployment, _)| deployment.shares.iter())
        .filter_map(|(path, file)| Some((path.as_deref()?, *file)))
        .collect();
    let mut lines = AllLines::new(files, snapshot.encoding);
    let mut found = Vec::new();
    for (id, file) in texts(files, path) {
        for option in &file.document.options {
            let value = String::from_utf8_lossy(option.value.of(&file.text));
            let Some(target) = shares.get(&*value) else { continue };
            let Some(place) = files.on_disk(Place { file: id, span: option.value }) else { continue };
            let target = files.on_disk(Place { file: *target, span: Span::new(0, 0) }).map_or(*target, |at| at.file);
            found.push(DocumentLink {
                range: lines.of(place.file).range(place.span),
                target: Some(snapshot.uri(&path_of(files, target))),
                tooltip: None,
                data: None,
            });
        }
    }
    found
}
