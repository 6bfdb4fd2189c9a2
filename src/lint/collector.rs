//! What rules that matched say: each finding once, with its fix.

use std::{cell::RefCell, path::PathBuf, sync::Arc};

use foldhash::{HashMap, HashSet};

use super::{
    attached::Attached,
    condition::Condition,
    edits,
    facts::Subject,
    finding::{Edit, Finding, Fingerprint, Fix, Related},
    group,
    pool::Pool,
    rule::Rule,
    rule_parts::FixTemplate,
    severity::Severity,
    spelling,
    stop::stop,
    template::{fill, fill_exactly},
};
use crate::{
    ini::Span,
    input::yaml::{self, Document, entries},
    secrets,
    source::{FileId, Files, Part, Place},
    text::short_name,
};

/// What one deployment has, or one part of the work on it.
#[derive(Default)]
pub(super) struct Found {
    pub(super) backends: usize,
    pub(super) findings: Vec<Finding>,
    /// Findings point into these by numbers behind those of the files of the run.
    pub(super) attached: Vec<(PathBuf, Vec<u8>)>,
}

/// What several have, in order.
pub(super) struct Gathered<'s> {
    pub(super) sink: Sink<'s>,
    pub(super) attached: Attached,
    pub(super) backends: usize,
}

impl<'s> Gathered<'s> {
    pub(super) fn new(sink: Sink<'s>) -> Self {
        let attached = Attached::after(sink.files);
        Self { sink, attached, backends: 0 }
    }

    pub(super) fn add(&mut self, mut found: Found) {
        self.backends += found.backends;
        let ids: Vec<FileId> = found.attached.into_iter().map(|(path, text)| self.attached.take(path, text)).collect();
        let first = self.attached.first;
        let moved = |id: FileId| id.0.checked_sub(first).and_then(|at| ids.get(at as usize).copied()).unwrap_or(id);
        for finding in &mut found.findings {
            finding.place.file = moved(finding.place.file);
            for related in &mut finding.related {
                related.place.file = moved(related.place.file);
            }
        }
        self.sink.absorb(found.findings);
    }
}

/// What makes two findings one: rule, place, and option, each kept once.
type Key = (usize, Place, usize);

fn key(rule: &Arc<Rule>, place: Place, option: Option<&Arc<str>>) -> Key {
    let option = option.map_or(0, |option| Arc::as_ptr(option).cast::<u8>() as usize);
    (Arc::as_ptr(rule) as usize, place, option)
}

pub(super) struct Sink<'s> {
    pub(super) findings: Vec<Finding>,
    seen: HashSet<Key>,
    pool: Pool,
    /// The files of the run; places in others are not edited.
    pub(super) files: &'s Files,
    release_given: bool,
    pub(super) pedantic: bool,
    /// It is asked what stops: what is said of one place is kept for each backend that it is said of, with what ends.
    pub(super) asks_stops: bool,
    /// What stands in files of YAML, read where entries of their maps are to be edited.
    documents: RefCell<HashMap<FileId, Vec<Document>>>,
}

impl<'s> Sink<'s> {
    pub(super) fn new(files: &'s Files, release_given: bool, pedantic: bool) -> Self {
        Self {
            findings: Vec::new(),
            seen: HashSet::default(),
            pool: Pool::default(),
            files,
            release_given,
            pedantic,
            asks_stops: false,
            documents: RefCell::default(),
        }
    }

    /// Takes what another one has found; of what both have, the first counts.
    pub(super) fn absorb(&mut self, mut findings: Vec<Finding>) {
        findings.retain_mut(|finding| {
            finding.option = finding.option.as_deref().map(|option| self.pool.keep(option));
            self.seen.insert(key(&finding.rule, finding.place, finding.option.as_ref())) || self.asks_stops
        });
        if self.findings.is_empty() {
            self.findings = findings;
        } else {
            self.findings.append(&mut findings);
        }
    }

    /// The first of some places that a file on disk holds; where none does, the first, for a related place may.
    pub(super) fn best(&self, mut places: impl Iterator<Item = Place>) -> Option<Place> {
        let first = places.next()?;
        // A shares file that was just read is not among the files yet.
        let known = |place: &Place| self.files.find(place.file).is_none() || self.files.on_disk(*place).is_some();
        Some(std::iter::once(first).chain(places).find(known).unwrap_or(first))
    }

    /// Makes a finding of a rule that matched.
    pub(super) fn add(
        &mut self,
        rule: &Arc<Rule>,
        subject: &dyn Subject,
        place: Place,
        section: Option<&str>,
        option: Option<&str>,
    ) {
        let unsure = rule.unsure.iter().find(|unsure| unsure.when.may_hold(subject));
        let severity = unsure.map_or(rule.severity, |unsure| unsure.severity);
        if severity == Severity::Info && !self.pedantic {
            return;
        }
        let section = section.map(short_name);
        let option = option.map(|key| self.pool.keep(&secrets::cover_key(&short_name(key))));
        if !self.seen.insert(key(rule, place, option.as_ref())) && !self.asks_stops {
            return;
        }
        let mut message = fill(&rule.message, subject);
        if let Some(because) = unsure.and_then(|unsure| unsure.because.as_ref()) {
            message.push_str(&fill(because, subject));
        }
        let related = rule.related.iter().filter_map(|related| {
            let place = related.at.iter().find_map(|at| subject.place(at))?;
            Some(Related { place, message: self.pool.keep(&fill(&related.message, subject)) })
        });
        let related = related.filter(|related| related.place != place).collect();
        let fix = rule.fix.iter().find_map(|fix| self.fix(rule, fix, place, subject));
        // The same thing may be offered at several places, as a fix may: the first counts.
        let mut offered: Vec<Fix> = Vec::with_capacity(rule.alternative.len());
        for other in &rule.alternative {
            let Some(other) = self.fix(rule, other, place, subject) else { continue };
            if offered.iter().all(|known| known.title != other.title) {
                offered.push(other);
            }
        }
        offered.retain(|other| fix.as_ref().is_none_or(|fix| fix.edits != other.edits));
        let help = rule.help_when.iter().find(|one| one.when.holds(subject)).map(|one| one.help.as_str());
        let help = help.or(rule.help.as_deref()).map(|help| fill(help, subject));
        let is_mapping = self.files.find(place.file).is_some_and(|file| spelling::is_mapping(file, place));
        let help = if is_mapping { help.map(|help| spelling::as_mapping(&help)) } else { help };
        let stop = stop(rule, severity, subject, section.as_deref());
        let section = section.map(|name| (self.pool.keep(&secrets::cover_section(&name)), name));
        let group = group::key(rule, severity, subject, section.as_ref().map(|(_, name)| &**name));
        self.findings.push(Finding {
            rule: Arc::clone(rule),
            severity,
            message: message.into_boxed_str(),
            help: help.map(|help| self.pool.keep(&help)),
            place,
            section: section.map(|(shown, _)| shown),
            option,
            related,
            stops: stop.is_some(),
            stop: stop.filter(|_| self.asks_stops).map(Box::new),
            fix: fix.map(Box::new),
            alternatives: offered.into_boxed_slice(),
            fingerprint: Fingerprint::default(),
            suppressed: None,
            baselined: false,
            change: None,
            group,
        });
    }

    /// The edit of a rule, where it applies.
    fn fix(&mut self, rule: &Rule, fix: &FixTemplate, place: Place, subject: &dyn Subject) -> Option<Fix> {
        if !fix.when.holds(subject) {
            return None;
        }
        // What another release would take is no certain text to replace where nobody said which release reads the file.
        let release_is_open = |condition: &Condition| condition.asks(&|fact| fact == "release-given");
        let certain = !rule.unsure.iter().any(|unsure| release_is_open(&unsure.when) && unsure.when.holds(subject));
        let text = fill_exactly(&fix.text, subject)?;
        let (place, is_below) = match (&fix.at, &fix.below) {
            (Some(at), _) if at == "this" => (place, false),
            (Some(at), _) => (subject.place(at)?, false),
            (None, Some(below)) => (subject.place(below)?, true),
            (None, None) => (place, false),
        };
        let files = self.files;
        let file = files.find(place.file)?;
        // Whole lines are those of a file of its own, or of a block: elsewhere in YAML they may be keys and items.
        let moves_lines = fix.into.is_some() || fix.at.as_ref().is_some_and(|at| at == "lines");
        let is_map = moves_lines && !file.has_lines();
        let safe = fix.safe && certain && (self.release_given || !fix.needs_release);
        let title = self.pool.keep(&fill(&fix.title, subject));
        if is_map && fix.into.is_none() {
            let edits = self.entry(subject.place("key")?, entries::removed)?;
            return Some(Fix { safe, title, edits: edits.into_boxed_slice(), is_secret: false });
        }
        if let Some(into) = &fix.into {
            let section = fill_exactly(into, subject)?;
            let assignment = edits::Assignment {
                name: subject.place("key")?.span,
                whole: subject.place("setting")?.span,
                lines: subject.place("lines")?.span,
            };
            let edits = match &file.part {
                Part::Piece(_, map) if is_map => {
                    let target = (text.as_str(), section.as_str());
                    self.entry(subject.place("key")?, |text, documents, key| {
                        entries::moved(text, documents, key, target, map.takes_sections())
                    })?
                }
                _ => edits::moved(file, place, &assignment, &text, &section)?,
            };
            let value = String::from_utf8_lossy(assignment.whole.of(&file.text)).into_owned();
            let value = value.split_once(['=', ':']).map_or("", |(_, value)| value);
            let old = String::from_utf8_lossy(assignment.name.of(&file.text));
            let covers = |name: &str| secrets::cover_value(name, value) != value;
            return Some(Fix {
                safe,
                title,
                is_secret: covers(&old) || covers(&text),
                edits: edits.into_boxed_slice(),
            });
        }
        let edit =
            if is_below { edits::line_below(file, place, &text)? } else { edits::replacement(file, place, text)? };
        Some(Fix { safe, title, edits: Box::new([edit]), is_secret: false })
    }

    /// The edits of an option that is a key of a YAML map, under its own name or in quotes, in the file that holds the map.
    fn entry(
        &self,
        place: Place,
        change: impl FnOnce(&[u8], &[Document], (Span, &str)) -> Option<Vec<entries::Change>>,
    ) -> Option<Vec<Edit>> {
        let piece = self.files.find(place.file)?;
        let Part::Piece(container, map) = &piece.part else { return None };
        let option = std::str::from_utf8(place.span.of(&piece.text)).ok()?;
        let (key, _) = map.source(place.span).filter(|_| map.is_of_words())?;
        let text = &self.files.find(*container)?.text;
        let mut read = self.documents.borrow_mut();
        let documents = read.entry(*container).or_insert_with(|| yaml::read(text));
        let changes = change(text, documents, (key, option))?;
        let edit = |(span, text)| Edit { place: Place { file: *container, span }, text };
        Some(changes.into_iter().map(edit).collect())
    }
}
