//! What a run looks for.

use std::{collections::HashSet, sync::Arc};

use super::rule::Rule;
use crate::{catalog::Release, source::File};

/// Whether a rule speaks of a file.
pub type Speaks<'r> = dyn Fn(&File, &Rule) -> bool + 'r;

/// What a run looks for.
pub struct Choice<'r> {
    /// The rules that there are.
    pub known: &'r [Arc<Rule>],
    /// Those that speak.
    pub rules: &'r [Arc<Rule>],
    /// Findings of `info` are made as well.
    pub pedantic: bool,
    /// Whether a rule speaks of a file; not given: all of all.
    pub speaks: Option<&'r Speaks<'r>>,
    /// What directives in the files may do.
    pub directives: Directives,
    /// Each option that was removed is said, and not all of a file at once.
    pub each: bool,
    /// The releases that read the files.
    pub(super) releases: Vec<Release>,
}

impl<'r> Choice<'r> {
    /// These rules, everywhere.
    pub fn of(rules: &'r [Arc<Rule>], pedantic: bool) -> Self {
        let directives = Directives::default();
        Self { known: rules, rules, pedantic, speaks: None, directives, each: false, releases: Vec::new() }
    }

    /// Whether a rule holds for a release that reads the files.
    pub(super) fn applies(&self, rule: &Rule) -> bool {
        self.releases.iter().any(|&release| rule.holds_for(release))
    }
}

/// What directives may do.
#[derive(Clone, Debug)]
pub struct Directives {
    /// They are obeyed, and checked.
    pub obeyed: bool,
    /// One without a reason does nothing.
    pub need_reason: bool,
    /// The ids of rules whose findings no directive lets pass.
    pub forbidden: HashSet<String>,
}

impl Default for Directives {
    fn default() -> Self {
        Self { obeyed: true, need_reason: false, forbidden: Default::default() }
    }
}
