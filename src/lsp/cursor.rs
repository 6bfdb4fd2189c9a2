//! What stands at a place of a text: which configuration, which section, which assignment.

use std::path::Path;

use super::analysis::Analysis;
use crate::{
    config::{Backend, Config, normalize_group},
    ini::{Opt, Span},
    lint::{Deployment, Rule},
    nas::Host,
    source::{FileId, Part, Place},
};

/// A place in a configuration, and the deployment that reads it.
pub(super) struct Cursor<'a> {
    pub analysis: &'a Analysis,
    pub host: &'a Host,
    pub deployment: &'a Deployment,
    pub rules: &'a [std::sync::Arc<Rule>],
    pub config: Config<'a>,
    /// The text that holds the configuration: a file, or a piece of one.
    pub file: FileId,
    /// In bytes of that text.
    pub offset: u32,
    /// The file that somebody edits, and the bytes before the place in it.
    pub disk: (FileId, u32),
}

/// The part of an assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Key,
    Value,
}

impl<'a> Cursor<'a> {
    /// At an offset of a file; none: no deployment reads a text there.
    pub(super) fn at(analysis: &'a Analysis, path: &Path, offset: u32) -> Option<Self> {
        let files = &analysis.workspace.files;
        let is_it = |id: FileId| analysis.path(id) == path;
        analysis.deployments().find_map(|(host, deployment, rules)| {
            let (file, at, held) = deployment.layers.iter().rev().find_map(|&layer| match &files.get(layer).part {
                Part::Whole => is_it(layer).then_some((layer, offset, layer)),
                Part::Piece(container, map) if is_it(*container) => Some((layer, map.piece(offset)?, *container)),
                Part::Container | Part::Piece(..) | Part::Synthetic => None,
            })?;
            let config = deployment.config(files, deployment.release);
            Some(Self { analysis, host, deployment, rules, config, file, offset: at, disk: (held, offset) })
        })
    }

    /// Whether the text is made of YAML maps.
    pub(super) fn is_in_map(&self) -> bool {
        matches!(&self.analysis.workspace.files.get(self.file).part, Part::Piece(_, map) if map.is_of_words())
    }

    pub(super) fn text(&self) -> &'a [u8] {
        self.analysis.workspace.files.get(self.file).masked()
    }

    /// The name of the section, and the bytes of its header.
    pub(super) fn section(&self) -> Option<(String, Span)> {
        let file = self.analysis.workspace.files.get(self.file);
        let sections = file.document.sections.iter().filter(|section| section.line > 0);
        let section = sections.take_while(|section| section.header.start <= self.offset).last()?;
        Some((String::from_utf8_lossy(section.name.of(&file.text)).into_owned(), section.header))
    }

    /// The assignment, and on which side of it the place is.
    pub(super) fn option(&self) -> Option<(&'a Opt, Side)> {
        let options = &self.analysis.workspace.files.get(self.file).document.options;
        let behind = options.partition_point(|option| option.key.start <= self.offset);
        let option = options.get(behind.checked_sub(1)?)?;
        if self.offset > option.raw.end.max(option.separator + 1) {
            return None;
        }
        let side = if self.offset <= option.key.end { Side::Key } else { Side::Value };
        Some((option, side))
    }

    /// The text of a span.
    pub(super) fn word(&self, span: Span) -> String {
        String::from_utf8_lossy(span.of(&self.analysis.workspace.files.get(self.file).text)).into_owned()
    }

    /// The backend of a section.
    pub(super) fn backend(&self, section: &str) -> Option<Backend> {
        let wanted = normalize_group(section);
        self.config.all_backends().into_iter().find(|backend| normalize_group(&backend.name) == wanted)
    }

    /// The place on disk of a span of the text.
    pub(super) fn on_disk(&self, span: Span) -> Option<Place> {
        self.analysis.workspace.files.on_disk(Place { file: self.file, span })
    }

    /// The name in `enabled_backends` at the place.
    pub(super) fn listed(&self) -> Option<(String, Span)> {
        let listed = self.config.listed_backends();
        let here =
            |place: &Place| place.file == self.file && place.span.start <= self.offset && self.offset <= place.span.end;
        listed.into_iter().find(|one| here(&one.place)).map(|one| (one.name, one.place.span))
    }
}
