//! What a native check or a form found, as a rule looks at it.

use std::{borrow::Cow, collections::BTreeMap};

use super::facts::Subject;
use crate::source::Place;

/// What a native check found.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidate {
    /// Which of the check's kinds it is.
    pub kind: &'static str,
    pub place: Place,
    pub section: Option<String>,
    pub option: Option<String>,
    pub facts: BTreeMap<&'static str, String>,
    pub places: BTreeMap<&'static str, Place>,
}

/// Takes what checks find, one by one: there may be very many.
pub(super) struct Candidates<'t> {
    take: &'t mut dyn FnMut(Candidate),
    count: usize,
}

impl<'t> Candidates<'t> {
    pub(super) fn new(take: &'t mut dyn FnMut(Candidate)) -> Self {
        Self { take, count: 0 }
    }

    pub(super) fn push(&mut self, candidate: Candidate) {
        self.count += 1;
        (self.take)(candidate);
    }

    pub(super) fn extend(&mut self, candidates: impl IntoIterator<Item = Candidate>) {
        candidates.into_iter().for_each(|candidate| self.push(candidate));
    }

    /// How many there were until now.
    pub(super) fn len(&self) -> usize {
        self.count
    }
}

impl Subject for Candidate {
    fn option(&self, name: &str) -> Option<Cow<'_, str>> {
        if name == "this" { self.facts.get("value").map(|text| text.as_str().into()) } else { None }
    }

    fn is_set(&self, name: &str) -> bool {
        self.option(name).is_some()
    }

    fn name_of(&self, _: &str) -> String {
        self.option.clone().unwrap_or_default()
    }

    fn fact(&self, name: &str) -> Option<Cow<'_, str>> {
        match name {
            "kind" => Some(self.kind.into()),
            "section" => self.section.as_deref().map(|name| crate::secrets::cover_section(name).into_owned().into()),
            "option" if self.option.is_some() => {
                self.option.as_deref().map(|key| crate::secrets::cover_key(key).into_owned().into())
            }
            "value" => {
                let value = self.facts.get("value")?;
                Some(crate::secrets::cover_value(self.option.as_deref().unwrap_or_default(), value).into_owned().into())
            }
            name => self.facts.get(name).map(|text| text.as_str().into()),
        }
    }

    fn place(&self, name: &str) -> Option<Place> {
        if name == "this" { Some(self.place) } else { self.places.get(name).copied() }
    }
}
