//! Conditions of rules: trees of tests on facts and options.

use serde::Deserialize;

use super::{
    facts::Subject,
    stored::{List, Text},
};
use crate::catalog::types;

/// When a rule speaks. An empty condition always holds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Condition {
    /// All of these hold.
    #[serde(default)]
    pub all: List<Condition>,
    /// One of these holds.
    #[serde(default)]
    pub any: List<Condition>,
    /// This does not hold.
    #[serde(default, deserialize_with = "one")]
    pub not: List<Condition>,
    /// The option whose text is tested: what the backend runs with, the default included. `this` is the option that the
    /// rule is looking at.
    #[serde(default)]
    pub option: Option<Text>,
    /// The fact that is tested.
    #[serde(default)]
    pub fact: Option<Text>,
    /// The option is set in a file (the fact has a value).
    #[serde(default)]
    pub set: Option<bool>,
    /// Its text is this.
    #[serde(default)]
    pub is: Option<Text>,
    /// Its text is one of these.
    #[serde(default, rename = "in")]
    pub one_of: List<Text>,
    /// Its text is one of these, in either case.
    #[serde(default)]
    pub in_any_case: List<Text>,
    /// Its text holds one of these.
    #[serde(default)]
    pub contains: List<Text>,
    /// Its text starts with one of these.
    #[serde(default)]
    pub starts_with: List<Text>,
    /// Its text ends with one of these.
    #[serde(default)]
    pub ends_with: List<Text>,
    /// One of these stands in it between commas or blanks.
    #[serde(default)]
    pub items: List<Text>,
    /// It is JSON (or not).
    #[serde(default)]
    pub json: Option<bool>,
    /// It is a Boolean of this value.
    #[serde(default, rename = "bool")]
    pub boolean: Option<bool>,
    /// It has no text.
    #[serde(default)]
    pub empty: Option<bool>,
    /// It is a number above this.
    #[serde(default)]
    pub above: Option<f64>,
    /// It is a number below this.
    #[serde(default)]
    pub below: Option<f64>,
    /// It is a whole number that is no multiple of this option's.
    #[serde(default)]
    pub no_multiple_of: Option<Text>,
}

/// Whether a condition holds, as far as that can be seen (Kleene's three values).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// It does not.
    False,
    /// It depends on what cannot be seen.
    Unknown,
    /// It does.
    True,
}

impl Truth {
    fn of(yes: bool) -> Self {
        if yes { Self::True } else { Self::False }
    }

    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::Unknown => Self::Unknown,
            Self::False => Self::True,
        }
    }

    /// Both hold.
    fn and(self, other: impl FnOnce() -> Self) -> Self {
        if self == Self::False { self } else { self.min(other()) }
    }

    /// All of them hold.
    fn all(mut items: impl Iterator<Item = Self>) -> Self {
        let mut least = Self::True;
        while least != Self::False
            && let Some(item) = items.next()
        {
            least = least.min(item);
        }
        least
    }
}

fn one<'de, D: serde::Deserializer<'de>>(from: D) -> Result<List<Condition>, D::Error> {
    Condition::deserialize(from).map(|condition| vec![condition].into())
}

impl Condition {
    /// Whether it holds for a subject.
    pub fn truth(&self, subject: &dyn Subject) -> Truth {
        let each = |conditions: &List<Self>| match conditions.is_empty() {
            true => Truth::True,
            false => Truth::all(conditions.iter().map(|condition| condition.truth(subject))),
        };
        let any = || Truth::all(self.any.iter().map(|condition| condition.truth(subject).not())).not();
        each(&self.all)
            .and(|| if self.any.is_empty() { Truth::True } else { any() })
            .and(|| self.not.first().map_or(Truth::True, |condition| condition.truth(subject).not()))
            .and(|| self.tested(subject))
    }

    /// Whether it certainly holds.
    pub fn holds(&self, subject: &dyn Subject) -> bool {
        self.truth(subject) == Truth::True
    }

    /// Whether it may hold.
    pub fn may_hold(&self, subject: &dyn Subject) -> bool {
        self.truth(subject) != Truth::False
    }

    /// Whether its own test holds, whatever stands in `all`, `any` and `not`.
    pub(super) fn tested(&self, subject: &dyn Subject) -> Truth {
        let unknown = |option: &str| subject.is_option_unknown(option);
        let is_unknown = match (&self.option, &self.fact) {
            (Some(option), _) => unknown(option) || self.no_multiple_of.as_deref().is_some_and(unknown),
            (None, Some(fact)) => subject.is_fact_unknown(fact),
            (None, None) => false,
        };
        if is_unknown { Truth::Unknown } else { Truth::of(self.test(subject)) }
    }

    fn test(&self, subject: &dyn Subject) -> bool {
        let text = match (&self.option, &self.fact) {
            (Some(option), _) => {
                if self.set.is_some_and(|wanted| wanted != subject.is_set(option)) {
                    return false;
                }
                if self.empty.is_none() && !self.asks_for_text() {
                    return true;
                }
                subject.option(option)
            }
            (None, Some(fact)) => {
                let text = subject.fact(fact);
                if self.set.is_some_and(|wanted| wanted != text.is_some()) {
                    return false;
                }
                text
            }
            (None, None) => return true,
        };
        if self.empty.is_some_and(|wanted| wanted != text.as_deref().unwrap_or_default().is_empty()) {
            return false;
        }
        if !self.asks_for_text() {
            return true;
        }
        let Some(text) = text else { return false };
        let number = || text.trim().parse::<f64>().ok();
        let among =
            |list: &List<Text>, test: &dyn Fn(&str) -> bool| list.is_empty() || list.iter().any(|item| test(item));
        self.is.as_ref().is_none_or(|wanted| **wanted == *text)
            && among(&self.one_of, &|item| item == text)
            && among(&self.in_any_case, &|item| item.eq_ignore_ascii_case(&text))
            && among(&self.contains, &|item| text.contains(item))
            && among(&self.starts_with, &|item| text.starts_with(item))
            && self.boolean.is_none_or(|wanted| types::as_bool(&text) == Some(wanted))
            && self.above.is_none_or(|limit| number().is_some_and(|n| n > limit))
            && self.below.is_none_or(|limit| number().is_some_and(|n| n < limit))
            && among(&self.ends_with, &|item| text.ends_with(item))
            && among(&self.items, &|item| text.split([',', ' ', '\t']).any(|part| part == item))
            && self.json.is_none_or(|wanted| serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok() == wanted)
            && self.no_multiple_of.as_ref().is_none_or(|of| {
                let whole = |text: &str| text.trim().parse::<u64>().ok();
                let of = subject.option(of).as_deref().and_then(whole);
                whole(&text).zip(of).is_some_and(|(n, of)| of > 0 && n % of != 0)
            })
    }

    /// Whether one of its tests is on such a fact.
    pub(super) fn asks(&self, fact: &dyn Fn(&str) -> bool) -> bool {
        self.fact.as_deref().is_some_and(fact)
            || self.all.iter().chain(&self.any).chain(&self.not).any(|condition| condition.asks(fact))
    }

    fn asks_for_text(&self) -> bool {
        self.is.is_some()
            || self.boolean.is_some()
            || self.above.is_some()
            || self.below.is_some()
            || self.no_multiple_of.is_some()
            || self.json.is_some()
            || [&self.one_of, &self.in_any_case, &self.contains, &self.starts_with, &self.ends_with, &self.items]
                .iter()
                .any(|list| !list.is_empty())
    }
}
