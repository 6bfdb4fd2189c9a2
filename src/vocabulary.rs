//! What rules may name: facts, places, kinds and checks, as those who answer to the names declare them. Nothing here looks at a
//! configuration; [`crate::lint`] holds rule files against these declarations, and the documentation is made of them.

/// What the values of a fact are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Number,
    /// Any text.
    Text,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

/// Something that a rule can ask about or print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Its name; `NAME:OPTION` has a name for each option.
    pub name: &'static str,
    /// What its values are.
    pub values: Values,
    /// What it means, in a sentence without a full stop.
    pub meaning: &'static str,
    /// It depends on what is found on the host, not on the files alone.
    pub of_host: bool,
}

impl Fact {
    /// A fact that is `true` or `false`.
    pub const fn flag(name: &'static str, meaning: &'static str) -> Self {
        Self { name, values: Values::Flag, meaning, of_host: false }
    }

    /// A fact that is a whole number.
    pub const fn number(name: &'static str, meaning: &'static str) -> Self {
        Self { name, values: Values::Number, meaning, of_host: false }
    }

    /// A fact that is a text.
    pub const fn text(name: &'static str, meaning: &'static str) -> Self {
        Self { name, values: Values::Text, meaning, of_host: false }
    }

    /// A fact that is one of some words.
    pub const fn one_of(name: &'static str, words: &'static [&'static str], meaning: &'static str) -> Self {
        Self { name, values: Values::OneOf(words), meaning, of_host: false }
    }

    /// The same, where it depends on what is found on the host.
    #[must_use]
    pub const fn from_host(mut self) -> Self {
        self.of_host = true;
        self
    }

    /// Whether it can have this value.
    pub fn takes(&self, value: &str) -> bool {
        match self.values {
            Values::Flag => matches!(value, "true" | "false"),
            Values::Number => value.parse::<u64>().is_ok(),
            Values::Text => true,
            Values::OneOf(words) => words.contains(&value),
        }
    }
}

/// A place that a rule can point at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceName {
    /// Its name; `NAME:OPTION` has a place for each option.
    pub name: &'static str,
    /// Where it is.
    pub meaning: &'static str,
}

impl PlaceName {
    /// A place with its meaning.
    pub const fn new(name: &'static str, meaning: &'static str) -> Self {
        Self { name, meaning }
    }
}

/// One kind of thing that a native check finds.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its name.
    pub name: &'static str,
    /// What is found.
    pub meaning: &'static str,
    /// What is known of it. Lists that several kinds share are written once.
    pub facts: &'static [&'static [Fact]],
    /// The places that belong to it, beside the finding's own, `this`.
    pub places: &'static [&'static [PlaceName]],
}

impl Kind {
    /// A kind of which nothing is known but its place.
    pub const fn new(name: &'static str, meaning: &'static str) -> Self {
        Self { name, meaning, facts: &[], places: &[] }
    }

    /// The same with facts.
    #[must_use]
    pub const fn facts(mut self, facts: &'static [&'static [Fact]]) -> Self {
        self.facts = facts;
        self
    }

    /// The same with places.
    #[must_use]
    pub const fn places(mut self, places: &'static [&'static [PlaceName]]) -> Self {
        self.places = places;
        self
    }

    /// All facts of it.
    pub fn all_facts(&self) -> impl Iterator<Item = &'static Fact> {
        self.facts.iter().copied().flatten()
    }

    /// All places of it.
    pub fn all_places(&self) -> impl Iterator<Item = &'static PlaceName> {
        self.places.iter().copied().flatten()
    }
}

/// What a native check finds.
#[derive(Clone, Copy, Debug)]
pub struct Finds {
    /// The name of the check.
    pub check: &'static str,
    /// What it looks for.
    pub meaning: &'static str,
    /// What it finds.
    pub kinds: &'static [Kind],
}

impl Finds {
    /// The kind of this name.
    pub fn kind(&self, name: &str) -> Option<&'static Kind> {
        self.kinds.iter().find(|kind| kind.name == name)
    }
}
