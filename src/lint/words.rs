//! The words of conditions, places and placeholders: one that nobody knows never holds, and would keep a rule silent.

use std::cell::RefCell;

use super::{
    condition::Condition,
    rule::{About, Rule},
};

/// Facts about a backend; `exists:OPTION` beside them.
const BACKEND: &[&str] = &[
    "backend",
    "enabled",
    "section",
    "driver",
    "class",
    "family",
    "release",
    "release-given",
    "option",
    "value",
    "lower",
    "unresolved-this",
    "reason",
    "validates",
    "checks-snapshots",
    "bad-address",
    "effective",
    "if-new-install",
    "if-existing",
    "if-false",
    "if-true",
    "if-effective",
    "policy",
    "state",
    "if-state",
    "demanded",
    "if-demanded",
    "operations",
    "operations-if-new-install",
    "operations-if-existing",
    "permissions",
    "starts",
    "start-error",
    "start-error-class",
    "start-error-option",
    "shares",
    "shares-from",
    "shares-file",
    "shares-file-path",
    "share",
    "consulted-share",
    "indicator",
    "reads-pair",
    "active-active",
    "complete",
    "reads-this",
];
/// Facts about what the services share.
const SERVICE: &[&str] = &["release", "release-given", "option", "key", "section", "value", "complete"];
const FAMILIES: &[&str] = &[
    "indicator",
    "indicator-as-root",
    "auto-is-false",
    "auto-is-true",
    "forced-true",
    "unresolved",
    "unvalidated",
    "gpfs",
    "not-nas",
    "unknown",
];
const BACKEND_PLACES: &[&str] = &["header", "driver", "listed", "value:", "own:", "key:", "default:"];
const SERVICE_PLACES: &[&str] = &["value:", "key:", "setting:"];

/// A word of a rule file that nothing answers to.
#[derive(Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What it should be: a fact, a family, a place.
    pub what: &'static str,
    /// The word.
    pub word: String,
    /// Those that there are.
    pub known: &'static [&'static str],
}

/// The first word of a rule that nothing answers to. What native checks say of their candidates is not looked at.
pub fn unknown(rule: &Rule) -> Option<Unknown> {
    let family = rule.families.iter().find(|name| !FAMILIES.contains(&name.as_str()));
    if let Some(word) = family {
        return Some(Unknown { what: "family", word: word.to_string(), known: FAMILIES });
    }
    if rule.check.is_some() {
        return None;
    }
    let (facts, places) = match rule.about {
        About::Backend => (BACKEND, BACKEND_PLACES),
        About::Service => (SERVICE, SERVICE_PLACES),
    };
    let is_fact = |word: &str| facts.contains(&word) || rule.about == About::Backend && word.starts_with("exists:");
    let is_place = |word: &str| {
        places.iter().any(|place| if place.ends_with(':') { word.starts_with(place) } else { word == *place })
    };
    let fixes = || rule.fix.iter().chain(&rule.alternative);
    let wrong = RefCell::new(None);
    let conditions = std::iter::once(&rule.when)
        .chain(fixes().map(|fix| &fix.when))
        .chain(rule.unsure.iter().map(|unsure| &unsure.when))
        .chain(rule.help_when.iter().map(|help| &help.when));
    let asks = |condition: &Condition| {
        condition.asks(&|fact| {
            let unknown = !is_fact(fact);
            if unknown {
                wrong.replace(Some(fact.to_string()));
            }
            unknown
        })
    };
    let found = conditions.into_iter().any(asks);
    if let Some(word) = wrong.take().filter(|_| found) {
        return Some(Unknown { what: "fact", word, known: facts });
    }
    let at = rule.at.iter().chain(rule.related.iter().flat_map(|related| &related.at));
    let at = at.chain(fixes().flat_map(|fix| fix.at.iter().filter(|at| *at != "this").chain(&fix.below)));
    if let Some(word) = at.into_iter().find(|word| !is_place(word)) {
        return Some(Unknown { what: "place", word: word.to_string(), known: places });
    }
    let texts = std::iter::once(rule.message.as_str())
        .chain(rule.help.as_deref())
        .chain(rule.help_when.iter().map(|help| help.help.as_str()))
        .chain(rule.related.iter().map(|related| related.message.as_str()))
        .chain(rule.unsure.iter().filter_map(|unsure| unsure.because.as_deref()))
        .chain(fixes().flat_map(|fix| [fix.title.as_str(), fix.text.as_str()]));
    let word = texts.flat_map(placeholders).find(|word| !word.starts_with("option:") && !is_fact(word))?;
    Some(Unknown { what: "placeholder", word: word.to_string(), known: facts })
}

/// What stands in braces; two are a brace itself.
fn placeholders(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        rest = &rest[at + 1..];
        if let Some(more) = rest.strip_prefix('{') {
            rest = more;
        } else if let Some(end) = rest.find('}') {
            found.push(&rest[..end]);
            rest = &rest[end + 1..];
        }
    }
    found
}
