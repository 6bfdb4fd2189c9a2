//! The built-in rules, as `build.rs` makes them of `rules/*.toml`: constants of the very types that a rule file is read into.

use super::{
    condition::Condition,
    rule::{About, Rule, RuleDefinition, RuleError},
    rule_parts::{FixTemplate, HelpWhen, RelatedPlace, StepTemplate, Unsure},
    severity::Severity,
    stored::{Later, List, Stored, Text},
};
use crate::catalog::{Release, Releases};

// `RULES`, and a table for each kind of list in them.
include!(concat!(env!("OUT_DIR"), "/rules.rs"));

macro_rules! tables {
    ($($kind:ty => $table:ident,)*) => {
        $(impl Stored for $kind {
            fn table() -> &'static [Self] {
                &$table
            }
        })*
    };
}

tables! {
    Text => WORDS,
    Condition => CONDITIONS,
    FixTemplate => FIXES,
    StepTemplate => STEPS,
    RelatedPlace => RELATED,
    HelpWhen => HELPS,
    Unsure => UNSURE,
}

/// The rules that the binary carries, by id.
///
/// # Errors
/// None in a binary that passed its tests: they load every rule.
pub fn built_in() -> Result<Vec<Rule>, RuleError> {
    Ok(RULES.iter().map(Rule::built_in).collect())
}
