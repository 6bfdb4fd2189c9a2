//! The built-in rules, as `build.rs` makes them of `rules/*.toml`: constants of the very types that a rule file is read into.

use super::{
    condition::Condition,
    rule::{About, FixTemplate, HelpWhen, RelatedPlace, Said, Severity, StepTemplate, Unsure},
    stored::{Later, List, Stored, Text},
};
use crate::catalog::{Release, Releases};

/// All texts of the rules.
pub(super) static POOL: &str = include_str!(concat!(env!("OUT_DIR"), "/rules.txt"));

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
