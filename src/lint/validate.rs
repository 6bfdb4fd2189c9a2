//! Holds a rule file against the vocabulary: a word that nothing answers to never holds, and would keep a rule silent.

use super::{
    checks::option_meant,
    condition::Condition,
    finds,
    rule::{About, Rule},
    starts::STOPS,
    template, words,
};
use crate::{
    nas::Family,
    vocabulary::{Fact, Finds, PlaceName, Values},
};

/// A word of a rule file that nothing answers to.
#[derive(Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What it should be: a fact, a family, a place.
    pub what: &'static str,
    /// The word.
    pub word: String,
    /// Those that there are.
    pub known: Vec<&'static str>,
}

impl Unknown {
    fn new(what: &'static str, word: &str, known: impl IntoIterator<Item = &'static str>) -> Self {
        Self { what, word: word.to_string(), known: known.into_iter().collect() }
    }
}

/// What one rule may name.
struct Known {
    facts: Vec<&'static Fact>,
    places: Vec<&'static PlaceName>,
    /// The values of the fact `kind`.
    kinds: Vec<&'static str>,
    /// Options are those of a backend or a service; else `this` is the only one.
    has_options: bool,
    /// There is an option or a place for `this` to mean: the rule looks at options, or a check found it.
    has_this: bool,
}

const THIS: PlaceName = PlaceName::new("this", "the place of what was found");

/// The first word of a rule that nothing answers to.
pub fn unknown(rule: &Rule) -> Option<Unknown> {
    first_unknown(rule).err()
}

fn first_unknown(rule: &Rule) -> Result<(), Unknown> {
    let family = rule.families.iter().find(|name| !Family::NAMES.contains(&name.as_str()));
    if let Some(word) = family {
        return Err(Unknown::new("family", word, Family::NAMES));
    }
    if let Some(word) = rule.stops.iter().find(|word| !STOPS.contains(&word.as_str())) {
        return Err(Unknown::new("end", word, STOPS));
    }
    let known = match rule.check.as_deref() {
        Some(check) => Known::of_check(check, rule.kind.as_deref())?,
        None => {
            if let Some(kind) = &rule.kind {
                return Err(Unknown::new("check for kind", kind, finds::all().map(|finds| finds.check)));
            }
            Known::of_subject(rule.about, !rule.options.is_empty())
        }
    };
    rule.options.iter().try_for_each(|option| known.option_name(option))?;
    rule.group_by.iter().try_for_each(|word| known.fact("fact", word).map(|_| ()))?;
    let fixes = || rule.fix.iter().chain(&rule.alternative);
    std::iter::once(&rule.when)
        .chain(fixes().map(|fix| &fix.when))
        .chain(rule.unsure.iter().map(|unsure| &unsure.when))
        .chain(rule.help_when.iter().map(|help| &help.when))
        .chain(rule.steps.iter().map(|step| &step.when))
        .try_for_each(|condition| known.condition(condition))?;
    rule.at
        .iter()
        .chain(rule.related.iter().flat_map(|related| &related.at))
        .chain(fixes().flat_map(|fix| fix.at.iter().filter(|at| *at != "this").chain(&fix.below)))
        .try_for_each(|word| known.place(word))?;
    std::iter::once(rule.message.as_str())
        .chain(rule.help.as_deref())
        .chain(rule.raises.as_deref())
        .chain(rule.help_when.iter().map(|help| help.help.as_str()))
        .chain(rule.related.iter().map(|related| related.message.as_str()))
        .chain(rule.unsure.iter().filter_map(|unsure| unsure.because.as_deref()))
        .chain(fixes().flat_map(|fix| [fix.title.as_str(), fix.text.as_str()].into_iter().chain(fix.into.as_deref())))
        .chain(rule.steps.iter().flat_map(|step| [step.title.as_str(), step.run.as_str()]))
        .flat_map(template::placeholders)
        .try_for_each(|word| known.placeholder(word))
}

impl Known {
    fn of_subject(about: About, has_this: bool) -> Self {
        let (facts, places) = match about {
            About::Backend => (words::BACKEND, words::BACKEND_PLACES),
            About::Service => (words::SERVICE, words::SERVICE_PLACES),
        };
        Self {
            facts: facts.iter().collect(),
            places: places.iter().collect(),
            kinds: Vec::new(),
            has_options: true,
            has_this,
        }
    }

    /// What candidates of a native check know; a rule without a kind may name what any of them knows.
    fn of_check(check: &str, kind: Option<&str>) -> Result<Self, Unknown> {
        let all = || finds::all().map(|finds| finds.check);
        let finds: &'static Finds = finds::of(check).ok_or_else(|| Unknown::new("check", check, all()))?;
        let kinds: Vec<_> = finds.kinds.iter().filter(|one| kind.is_none_or(|kind| kind == one.name)).collect();
        if let (Some(kind), true) = (kind, kinds.is_empty()) {
            return Err(Unknown::new("kind", kind, finds.kinds.iter().map(|kind| kind.name)));
        }
        let facts = kinds.iter().flat_map(|kind| kind.all_facts()).chain(finds::OF_ALL).collect();
        let places = kinds.iter().flat_map(|kind| kind.all_places()).chain([&THIS]).collect();
        let kinds = finds.kinds.iter().map(|kind| kind.name).collect();
        Ok(Self { facts, places, kinds, has_options: false, has_this: true })
    }

    fn fact(&self, what: &'static str, word: &str) -> Result<Vec<&'static Fact>, Unknown> {
        let found: Vec<&Fact> = self.facts.iter().copied().filter(|fact| is_named(fact.name, word)).collect();
        match found.is_empty() {
            true => Err(Unknown::new(what, word, self.facts.iter().map(|fact| fact.name))),
            false => {
                if let Some((_, option)) = word.split_once(':') {
                    self.option(option)?;
                }
                Ok(found)
            }
        }
    }

    fn place(&self, word: &str) -> Result<(), Unknown> {
        if !self.places.iter().any(|place| is_named(place.name, word)) {
            return Err(Unknown::new("place", word, self.places.iter().map(|place| place.name)));
        }
        word.split_once(':').map_or(Ok(()), |(_, option)| self.option(option))
    }

    fn placeholder(&self, word: &str) -> Result<(), Unknown> {
        match word.strip_prefix("option:") {
            Some(option) => self.option(option),
            None => self.fact("placeholder", word).map(|_| ()),
        }
    }

    fn option(&self, word: &str) -> Result<(), Unknown> {
        match self.has_options {
            _ if word == "this" && self.has_this => Ok(()),
            _ if word == "this" => Err(Unknown::new("option in `options` for", word, [])),
            true => self.option_name(word),
            false => Err(Unknown::new("option", word, ["this"])),
        }
    }

    /// An option that no release has, and that is all but written as one of Cinder's. Drivers from elsewhere have options that
    /// nobody here knows.
    fn option_name(&self, word: &str) -> Result<(), Unknown> {
        let name = word.rsplit_once('/').map_or(word, |(_, name)| name);
        option_meant(name).map_or(Ok(()), |meant| Err(Unknown::new("option", word, [meant])))
    }

    fn condition(&self, condition: &Condition) -> Result<(), Unknown> {
        let parts = condition.all.iter().chain(&condition.any).chain(&condition.not);
        parts.into_iter().try_for_each(|part| self.condition(part))?;
        condition.option.iter().chain(&condition.no_multiple_of).try_for_each(|option| self.option(option))?;
        let Some(fact) = &condition.fact else { return Ok(()) };
        let facts = self.fact("fact", fact)?;
        let values = condition.is.iter().chain(&condition.one_of).map(|value| value.to_string());
        let in_any_case = condition.in_any_case.iter().map(|value| value.to_lowercase());
        let takes = |fact: &Fact, value: &str| match fact.name {
            "kind" => self.kinds.contains(&value),
            _ => fact.takes(value),
        };
        let impossible = values.chain(in_any_case).find(|value| !facts.iter().any(|fact| takes(fact, value)));
        let Some(value) = impossible else { return Ok(()) };
        let known = facts.iter().flat_map(|fact| match fact.values {
            Values::Flag => &["true", "false"][..],
            Values::OneOf(words) => words,
            Values::Text if fact.name == "kind" => &self.kinds[..],
            Values::Number | Values::Text => &[][..],
        });
        Err(Unknown::new("fact value", &value, known.copied()))
    }
}

/// Whether a word is this name; one that ends in `:OPTION` stands for a name for each option.
fn is_named(name: &str, word: &str) -> bool {
    match name.strip_suffix("OPTION") {
        Some(start) => word.strip_prefix(start).is_some_and(|option| !option.is_empty()),
        None => name == word,
    }
}
