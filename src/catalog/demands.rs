//! What a driver demands before it talks to anything: options that must be set, and values that it refuses beside others.
//!
//! `catalog/demands.py` finds them by running the real classes of each release.

use super::{
    Release,
    rows::{Row, Table},
};

include!(concat!(env!("OUT_DIR"), "/demands.rs"));
static TABLE: Table = Table { text: include_str!(concat!(env!("OUT_DIR"), "/demands.tsv")), lines: &DEMANDS_LINES };

/// What is wrong with an option where a driver refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It has no value, or an empty one.
    Missing,
    /// It has none of [`Demand::allowed`].
    Others,
    /// It has a value without one of the parts `key:…` that [`Demand::allowed`] names.
    Key,
    /// Of its values, with commas between, one is no pair as [`Demand::allowed`] has it: two names and a colon.
    Pairs,
}

/// One option that one driver demands.
#[derive(Clone, Copy, Debug)]
pub struct Demand(Row);

/// What an option must be: set (`None`), or exactly this.
pub type Wanted = (&'static str, Option<&'static str>);

impl Demand {
    /// The option.
    pub fn option(self) -> &'static str {
        self.0.cell(3)
    }

    /// What is wrong with it.
    pub fn refused(self) -> Refused {
        match self.0.cell(4) {
            "others" => Refused::Others,
            "key" => Refused::Key,
            "pairs" => Refused::Pairs,
            _ => Refused::Missing,
        }
    }

    /// The exception that comes otherwise: class and text, as Cinder words them.
    pub fn raises(self) -> &'static str {
        self.0.cell(5)
    }

    /// The method in which it comes: `constructor`, `do_setup` or `check_for_setup_error`.
    pub fn stage(self) -> &'static str {
        self.0.cell(6)
    }

    /// The option and value with which alone it is demanded.
    pub fn given(self) -> Option<Wanted> {
        Some(wanted(self.0.cell(7))).filter(|(option, _)| !option.is_empty())
    }

    /// For [`Refused::Others`]: the values that do; for [`Refused::Key`]: the keys that must be there.
    pub fn allowed(self) -> impl Iterator<Item = &'static str> {
        self.0.list(8)
    }

    /// What does as well: each is a set of options that must all be so.
    pub fn instead(self) -> impl Iterator<Item = impl Iterator<Item = Wanted>> {
        self.0.list(9).map(|all| all.split(',').map(wanted))
    }

    /// `, or A and B, or C`: what may be set instead, as far as any value does.
    pub fn instead_in_words(self) -> String {
        let all = self.instead().map(Iterator::collect::<Vec<_>>);
        let of_any_value = all.filter(|all| all.iter().all(|(_, value)| value.is_none()));
        let in_words = |all: Vec<Wanted>| {
            let names: Vec<String> = all.iter().map(|(option, _)| format!("`{option}`")).collect();
            format!(", or {}", names.join(" and "))
        };
        of_any_value.map(in_words).collect()
    }
}

fn wanted(text: &'static str) -> Wanted {
    match text.split_once('=') {
        Some((option, value)) => (option, Some(value)),
        None => (text, None),
    }
}

/// What a class demands in a release, by its own path.
pub fn demands(release: Release, path: &str) -> impl Iterator<Item = Demand> {
    TABLE.rows(path).filter(move |row| row.holds_for(1, 2, release)).map(Demand)
}
