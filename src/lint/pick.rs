//! Which rules can speak of a backend: many ask for an option that few backends set, and are not looked at for the others.

use std::sync::Arc;

use foldhash::HashMap;

use super::{
    condition::{Condition, Truth},
    facts::BackendFacts,
    rule::Rule,
};
use crate::catalog::{self, Release};

/// A rule, and the option that it looks at (its `this`).
pub(super) type Unit<'r> = (&'r Arc<Rule>, Option<&'r str>);

/// Rules about backends, and by which lines of a backend's own section they come into question.
pub(super) struct Pick<'r> {
    units: Vec<Unit<'r>>,
    /// Those that any backend may be about.
    always: Vec<u32>,
    /// The others, by the keys of which one must be there.
    by_key: HashMap<&'r str, Vec<u32>>,
}

impl<'r> Pick<'r> {
    /// `plain` tells of a backend without a section; none: not all lines can be seen, so that every rule is looked at.
    pub(super) fn new(rules: &[&'r Arc<Rule>], release: Release, mut plain: Option<BackendFacts<'_, '_, 'r>>) -> Self {
        let mut pick = Self { units: Vec::new(), always: Vec::new(), by_key: HashMap::default() };
        for rule in rules {
            let options = rule.options.iter().map(|option| Some(option.as_str()));
            let nothing = rule.options.is_empty().then_some(None);
            for this in options.chain(nothing) {
                let at = pick.units.len() as u32;
                pick.units.push((rule, this));
                let wanted = plain.as_mut().and_then(|plain| {
                    plain.this = this;
                    needs(&rule.when, plain)
                });
                match wanted.and_then(|option| names(release, option)) {
                    Some(names) => names.into_iter().for_each(|name| pick.by_key.entry(name).or_default().push(at)),
                    None => pick.always.push(at),
                }
            }
        }
        pick
    }

    /// What may speak of a backend with these keys in its section, in order.
    pub(super) fn of<'k>(&self, keys: impl Iterator<Item = &'k [u8]>) -> impl Iterator<Item = Unit<'r>> {
        let mut chosen = self.always.clone();
        let keys = keys.filter_map(|key| std::str::from_utf8(key).ok());
        chosen.extend(keys.filter_map(|key| self.by_key.get(key)).flatten());
        chosen.sort_unstable();
        chosen.dedup();
        chosen.into_iter().map(|at| self.units[at as usize])
    }
}

/// An option without which a condition cannot hold for a backend, because it does not hold for its default.
fn needs<'r>(condition: &'r Condition, plain: &BackendFacts<'_, '_, 'r>) -> Option<&'r str> {
    let own = condition.option.as_deref().and_then(|name| if name == "this" { plain.this } else { Some(name) });
    // What depends on two options, or on another section, one line does not tell.
    let own = own.filter(|name| !name.contains('/') && condition.no_multiple_of.is_none());
    own.filter(|_| condition.tested(plain) == Truth::False)
        .or_else(|| condition.all.iter().find_map(|one| needs(one, plain)))
}

/// The keys under which an option is read from a section; none where it may stand in another one.
fn names(release: Release, option: &str) -> Option<Vec<&'static str>> {
    let row = catalog::backend_option(release, option)?;
    let mut names = vec![row.name()];
    for (group, name) in row.deprecated() {
        if !group.is_empty() {
            return None;
        }
        names.extend((!name.is_empty()).then_some(name));
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_may_stand_under_each_of_its_names_and_in_its_section_only() {
        let named = |release: Release, option: &str| names(release, option);
        assert_eq!(named(Release::NEWEST, "nas_host"), Some(vec!["nas_host"]));
        assert_eq!(
            named(Release::NEWEST, "powerflex_rest_server_port"),
            Some(vec!["powerflex_rest_server_port", "vxflexos_rest_server_port"])
        );
        assert_eq!(named(Release::NEWEST, "nothing_like_it"), None);
        // Of an option that stood in another section once, its own one does not tell.
        let elsewhere = Release::all().find_map(|release| {
            let moved = |row: &catalog::OptionRow| row.deprecated().any(|(group, _)| !group.is_empty());
            Some((release, catalog::backend_options(release).find(moved)?.name()))
        });
        let (release, option) = elsewhere.unwrap();
        assert_eq!(named(release, option), None);
    }
}
