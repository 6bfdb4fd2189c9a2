use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::PathBuf,
};

use crate::{
    ini::Span,
    lint::{Edit, Finding},
    source::{FileId, Files, Origin, Place},
};

/// A text that edits may change. Several names (links, or deployments that share a file) may lead to it.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where it is kept.
    pub origin: Origin,
    /// Its names in this run.
    pub ids: Vec<FileId>,
    /// Its bytes before any edit.
    pub original: Vec<u8>,
}

/// All texts that edits may change.
#[derive(Debug, Default)]
pub struct Texts {
    /// The texts.
    pub targets: Vec<Target>,
    by_file: HashMap<FileId, usize>,
}

/// One fix that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The text that it changes; of several, the first.
    pub target: usize,
    /// The id of the rule.
    pub rule: String,
}

/// An edit where its bytes are kept.
type Located<'e> = (usize, Span, &'e str);

/// The same fix, asked for by one finding or, where deployments share a file, by one of each.
struct Offer<'f> {
    finding: &'f Finding,
    edits: Vec<Located<'f>>,
    asked_by: BTreeSet<FileId>,
}

impl Texts {
    /// The texts of these files that are kept somewhere.
    pub fn of(files: &Files) -> Self {
        let mut texts = Self::default();
        let mut by_path: HashMap<PathBuf, usize> = HashMap::new();
        for (id, file) in files.iter() {
            let next = texts.targets.len();
            let at = match &file.origin {
                Origin::None => continue,
                Origin::Stdin => next,
                Origin::Disk(path) => match path.canonicalize() {
                    Ok(real) => *by_path.entry(real).or_insert(next),
                    Err(_) => continue,
                },
            };
            if at == next {
                let (origin, original) = (file.origin.clone(), file.text.clone());
                texts.targets.push(Target { origin, ids: Vec::new(), original });
            }
            // What was read twice, and changed in between, is nothing to edit.
            if texts.targets[at].original == file.text {
                texts.by_file.insert(id, at);
            }
            texts.targets[at].ids.push(id);
        }
        texts
    }

    /// Where the bytes of a place are kept: the only step from a finding to a file.
    pub(super) fn locate(&self, place: Place) -> Option<(usize, Span)> {
        self.by_file.get(&place.file).map(|&target| (target, place.span))
    }

    /// Makes the fixes that fit together, in the order of the findings; what overlaps waits for another round. Findings that
    /// are suppressed stay. Of a text that several deployments read, only what all of them ask for is changed.
    pub fn round(&self, files: &mut Files, findings: &[Finding], unsafe_too: bool) -> Vec<Made> {
        let mut taken: BTreeMap<usize, Taken<'_>> = BTreeMap::new();
        let mut made = Vec::new();
        for offer in self.offers(findings, unsafe_too) {
            let unknown = |edit: &&Located<'_>| !taken.get(&edit.0).is_some_and(|all| all.holds(edit.1, edit.2));
            let new: Vec<&Located<'_>> = offer.edits.iter().filter(unknown).collect();
            let clashes =
                |edit: &&Located<'_>| taken.get(&edit.0).is_some_and(|all| all.overlaps(edit.1, edit.2, offer.finding));
            if new.iter().any(clashes) {
                continue;
            }
            for &&(target, span, text) in &new {
                taken.entry(target).or_default().add(span, text, offer.finding);
            }
            made.push(Made { target: offer.edits[0].0, rule: offer.finding.rule.id.to_string() });
        }
        for (target, edits) in taken {
            self.apply(
                files,
                target,
                edits.edits.iter().map(|(&(start, end, _), (text, _))| (Span::new(start, end), *text)),
            );
        }
        made
    }

    /// Makes edits of one text; they are in order and do not overlap.
    pub(super) fn apply<'e>(&self, files: &mut Files, target: usize, edits: impl Iterator<Item = (Span, &'e str)>) {
        let ids = &self.targets[target].ids;
        let text = applied(&files.get(ids[0]).text, edits);
        for &id in ids {
            files.set_text(id, text.clone());
        }
    }

    fn offers<'f>(&self, findings: &'f [Finding], unsafe_too: bool) -> Vec<Offer<'f>> {
        let mut offers: Vec<Offer<'f>> = Vec::new();
        let mut known: HashMap<(&str, Vec<Located<'f>>), usize> = HashMap::new();
        for finding in findings.iter().filter(|finding| finding.suppressed.is_none()) {
            let Some(fix) = finding.fix.as_ref().filter(|fix| fix.safe || unsafe_too) else { continue };
            let located = |edit: &'f Edit| self.locate(edit.place).map(|(at, span)| (at, span, edit.text.as_str()));
            let Some(edits) = fix.edits.iter().map(located).collect::<Option<Vec<_>>>() else { continue };
            if edits.is_empty() {
                continue;
            }
            let at = *known.entry((&finding.rule.id, edits.clone())).or_insert(offers.len());
            if at == offers.len() {
                offers.push(Offer { finding, edits, asked_by: BTreeSet::new() });
            }
            offers[at].asked_by.extend(fix.edits.iter().map(|edit| edit.place.file));
        }
        let agreed = |offer: &Offer<'_>| {
            offer.edits.iter().all(|edit| self.targets[edit.0].ids.iter().all(|id| offer.asked_by.contains(id)))
        };
        offers.retain(agreed);
        offers
    }
}

/// Edits of one text that fit together: by start, end, and the order in which they were added.
#[derive(Default)]
struct Taken<'f> {
    edits: BTreeMap<(u32, u32, usize), (&'f str, &'f Finding)>,
    /// Those that replace something: start and end.
    replaced: BTreeMap<u32, u32>,
}

impl<'f> Taken<'f> {
    fn add(&mut self, span: Span, text: &'f str, finding: &'f Finding) {
        self.edits.insert((span.start, span.end, self.edits.len()), (text, finding));
        if !span.is_empty() {
            self.replaced.insert(span.start, span.end);
        }
    }

    fn holds(&self, span: Span, text: &str) -> bool {
        let same = (span.start, span.end, 0)..=(span.start, span.end, usize::MAX);
        self.edits.range(same).any(|(_, (other, _))| *other == text)
    }

    /// Whether an edit cannot be made beside these. Two insertions at one place can where one rule asks for them, for two
    /// options.
    fn overlaps(&self, span: Span, text: &str, finding: &Finding) -> bool {
        // None of these overlaps another, so that of those in front only the last one that replaces something can reach in.
        let reaches_in = self.replaced.range(..span.start).next_back().is_some_and(|(_, end)| *end > span.start);
        let mut behind = self.edits.range((span.start, 0, 0)..).take_while(|((start, ..), _)| *start <= span.end);
        reaches_in
            || behind.any(|(&(start, end, _), (own, other))| match (start == end, span.is_empty()) {
                // What makes a section comes first: then there is one to add to.
                (true, true) => {
                    other.rule.id != finding.rule.id
                        || other.option == finding.option
                        || makes_section(text)
                        || makes_section(own)
                }
                (true, false) => span.start < start && start < span.end,
                (false, true) => false,
                (false, false) => start < span.end,
            })
    }
}

/// Whether a text has the header of a section: of a file, or of a map, which has more than one line.
fn makes_section(text: &str) -> bool {
    text.lines().any(|line| line.starts_with('[')) || text.trim_ascii().contains('\n')
}

/// A text with edits made.
fn applied<'e>(text: &[u8], edits: impl Iterator<Item = (Span, &'e str)>) -> Vec<u8> {
    let mut new = Vec::with_capacity(text.len() + 64);
    let mut at = 0;
    for (span, replacement) in edits {
        new.extend_from_slice(Span::new(at, span.start).of(text));
        new.extend_from_slice(replacement.as_bytes());
        at = span.end;
    }
    new.extend_from_slice(Span::new(at, text.len() as u32).of(text));
    new
}
