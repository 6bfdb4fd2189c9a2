//! Rule files: what is said about a rule, and the condition under which it speaks.

use std::{
    fmt,
    ops::{Deref, DerefMut},
};

use serde::{Deserialize, de};

use super::{
    condition::Condition,
    rule_parts::{Example, FixTemplate, HelpWhen, RelatedPlace, StepTemplate, Unsure},
    severity::Severity,
    stored::{Later, List, Text},
    template,
};
use crate::{
    catalog::{Release, Releases},
    source::Services,
};

/// The address of the documentation, without which no output names one: `CINDERLINT_DOCUMENTATION` when the program was built.
pub const DOCUMENTATION: &str = match option_env!("CINDERLINT_DOCUMENTATION") {
    Some(address) => address,
    None => "",
};

/// One rule: everything that is said about it, and when it speaks.
#[derive(Clone)]
pub struct Rule(Held);

#[derive(Clone)]
enum Held {
    BuiltIn(&'static RuleDefinition),
    Own(Box<RuleDefinition>),
}

impl Rule {
    /// One that the binary carries.
    pub(super) fn built_in(definition: &'static RuleDefinition) -> Self {
        Self(Held::BuiltIn(definition))
    }
}

impl Deref for Rule {
    type Target = RuleDefinition;

    fn deref(&self) -> &RuleDefinition {
        match &self.0 {
            Held::BuiltIn(definition) => definition,
            Held::Own(definition) => definition,
        }
    }
}

impl DerefMut for Rule {
    /// A built-in rule that is to be changed is copied.
    fn deref_mut(&mut self) -> &mut RuleDefinition {
        if let Held::BuiltIn(definition) = self.0 {
            self.0 = Held::Own(Box::new(definition.clone()));
        }
        match &mut self.0 {
            Held::Own(definition) => definition,
            Held::BuiltIn(_) => unreachable!("it was copied"),
        }
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        RuleDefinition::deserialize(from).map(|definition| Self(Held::Own(Box::new(definition))))
    }
}

/// The definition of a rule: the keys of a rule file.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Rule", rename_all = "kebab-case", deny_unknown_fields)]
pub struct RuleDefinition {
    /// `CND401`.
    pub id: Text,
    /// `nas-security-auto`.
    pub name: Text,
    /// How bad it is, unless one of `unsure` applies.
    pub severity: Severity,
    /// How dangerous it is, from 0.1 to 10.0, where it is about security: the scale of code scanning.
    #[serde(default)]
    pub security_severity: Option<f64>,
    /// It is new and may change: it speaks with `--preview`, or where it is named.
    #[serde(default)]
    pub preview: bool,
    /// One line, for lists.
    pub summary: Text,
    /// The releases that it holds for: `pike..stein`, `queens..`.
    #[serde(default, deserialize_with = "releases")]
    pub releases: Option<Releases>,
    /// The NAS families that it holds for; empty: any.
    #[serde(default)]
    pub families: List<Text>,
    /// A native check that finds the candidates.
    #[serde(default)]
    pub check: Option<Text>,
    /// What kind of candidate of the native check it is about.
    #[serde(default)]
    pub kind: Option<Text>,
    /// What it looks at, where no check finds the candidates.
    #[serde(default)]
    pub about: About,
    /// Looks at every backend (or the service), once for each of these options (as `this`); empty: once.
    #[serde(default)]
    pub options: List<Text>,
    /// When it speaks.
    #[serde(default)]
    pub when: Condition,
    /// Where it points: the first of these that there is.
    #[serde(default)]
    pub at: List<Text>,
    /// What it says, with `{placeholders}`.
    pub message: Text,
    /// Facts; findings for which they are equal are said once, with all their places. Empty: those of the message, apart from the
    /// names of backends and sections.
    #[serde(default)]
    pub group_by: List<Text>,
    /// The text to write instead, with `{placeholders}`.
    #[serde(default)]
    pub help: Option<Text>,
    /// What it says instead of `help`: the first that applies.
    #[serde(default)]
    pub help_when: List<HelpWhen>,
    /// Other places that belong to it.
    #[serde(default)]
    pub related: List<RelatedPlace>,
    /// Edits that remove the finding, one or several: the first one that applies is offered.
    #[serde(default, deserialize_with = "one_or_many")]
    pub fix: List<FixTemplate>,
    /// What an operator may do, in the order in which it is safe: for rules about a host.
    #[serde(default)]
    pub steps: List<StepTemplate>,
    /// Edits beside `fix` that somebody has to choose between; all that apply are offered, none is applied.
    #[serde(default)]
    pub alternative: List<FixTemplate>,
    /// When the finding may be wrong or is milder.
    #[serde(default)]
    pub unsure: List<Unsure>,
    /// What does not run because of it, where it is an error: `backend`, or services (`volume`, `scheduler`, `backup`, `api`).
    #[serde(default)]
    pub stops: List<Text>,
    /// The exception that ends it, its class first, with `{placeholders}`.
    #[serde(default)]
    pub raises: Option<Text>,
    /// Why it matters: the mechanism, in a paragraph or two.
    pub why: Text,
    /// What to write instead, in general.
    pub instead: Text,
    /// Where Cinder does what the rule says: file and function at a release.
    #[serde(default)]
    pub evidence: List<Text>,
    /// Further reading.
    #[serde(default)]
    pub references: List<Text>,
    /// Files on which it speaks.
    #[serde(default)]
    pub bad: Later<Vec<Example>>,
    /// Files on which it does not.
    #[serde(default)]
    pub good: Later<Vec<Example>>,
}

/// What a rule without a native check looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum About {
    /// Each backend, with its options.
    #[default]
    Backend,
    /// The deployment once, with the options of `[DEFAULT]` and, as `group/option`, of other sections.
    Service,
}

/// One table or several. No untagged enum, whose errors have neither the wrong key nor its place.
fn one_or_many<'de, D: serde::Deserializer<'de>>(from: D) -> Result<List<FixTemplate>, D::Error> {
    struct Either;
    impl<'de> de::Visitor<'de> for Either {
        type Value = List<FixTemplate>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a table, or an array of tables")
        }

        fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            FixTemplate::deserialize(de::value::MapAccessDeserializer::new(map)).map(|fix| vec![fix].into())
        }

        fn visit_seq<A: de::SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
            Vec::deserialize(de::value::SeqAccessDeserializer::new(items)).map(List::from)
        }
    }
    from.deserialize_any(Either)
}

fn releases<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Releases>, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map(Some).map_err(serde::de::Error::custom)
}

impl RuleDefinition {
    /// Whether it holds for a release.
    pub fn holds_for(&self, release: Release) -> bool {
        self.releases.is_none_or(|releases| releases.contains(release))
    }

    /// Whether one of these services does what it speaks of, which its hundred says: backends and shares are cinder-volume's, backups
    /// cinder-backup's. What a form says of its files holds for all.
    pub fn is_about(&self, services: Services) -> bool {
        match self.id.as_bytes() {
            _ if self.check.as_deref() == Some("forms") => true,
            [b'C', b'N', b'D', b'3' | b'4', ..] => services.has(Services::VOLUME),
            [b'C', b'N', b'D', b'6', ..] => services.has(Services::BACKUP),
            _ => true,
        }
    }

    /// Whether the help of each finding of a group says more than that of the first: it names something of its own.
    pub fn helps_each(&self) -> bool {
        let is_same = |name: &str| {
            ["option", "backend", "section"].contains(&name) || self.group_by.iter().any(|by| by.as_str() == name)
        };
        self.help.as_deref().is_some_and(|help| !template::placeholders(help).all(is_same))
    }

    /// Whether another release may read the same text without it: it holds for some only, or is about upgrades.
    pub fn depends_on_release(&self) -> bool {
        self.releases.is_some() || self.id.starts_with("CND5")
    }

    /// Whether this is its id, in either case, or its name.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.id.eq_ignore_ascii_case(name)
    }

    /// Where more of it can be read: its page, else its first reference.
    pub fn address(&self) -> Option<String> {
        self.page(DOCUMENTATION).or_else(|| self.references.iter().find_map(|line| address(line)))
    }

    /// Its page below the address of the documentation; none: it has no address.
    pub fn page(&self, documentation: &str) -> Option<String> {
        let base = documentation.trim_end_matches('/');
        (!base.is_empty()).then(|| format!("{base}/rules/{}", self.id))
    }

    /// The mildest severity that a finding of it may have.
    pub fn lowest(&self) -> Severity {
        self.unsure.iter().map(|unsure| unsure.severity).fold(self.severity, Severity::min)
    }
}

/// The address in a reference, or of the source that an evidence names: `cinder 29.0.0, cinder/volume/manager.py: MAPPING`.
pub fn address(line: &str) -> Option<String> {
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\' | b'^' | b'`'));
    if let Some(address) = line.split_whitespace().find(|word| word.starts_with("https://")) {
        return plain(address).then(|| address.to_string());
    }
    let (source, rest) = line.split_once(", ")?;
    let (project, version) = source.split_once(' ')?;
    let path = rest.split([':', ' ', ',']).next().filter(|path| path.contains('/') && plain(path))?;
    let known = matches!(project, "cinder" | "oslo.config" | "oslo.utils" | "os-brick" | "nova");
    let released = version.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    (known && released).then(|| format!("https://opendev.org/openstack/{project}/src/tag/{version}/{path}"))
}

/// The id or name that is most like what was written, if one is.
pub fn nearest<'r>(rules: impl IntoIterator<Item = &'r std::sync::Arc<Rule>>, wanted: &str) -> Option<&'r str> {
    let wanted = wanted.chars().take(100).collect::<String>().to_lowercase();
    let names = rules.into_iter().flat_map(|rule| [rule.id.as_str(), rule.name.as_str()]);
    names
        .map(|name| (strsim::normalized_damerau_levenshtein(&name.to_lowercase(), &wanted), name))
        .filter(|(score, _)| *score >= 0.5)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// Names that may have been meant, the nearest first: at most three, and none that is much farther than the nearest.
pub fn nearest_few<'r>(rules: impl IntoIterator<Item = &'r std::sync::Arc<Rule>>, wanted: &str) -> Vec<&'r str> {
    let wanted = wanted.chars().take(100).collect::<String>().to_lowercase();
    let names = rules.into_iter().flat_map(|rule| [rule.id.as_str(), rule.name.as_str()]);
    let score = |name: &str| strsim::normalized_damerau_levenshtein(&name.to_lowercase(), &wanted);
    let mut near: Vec<(f64, &str)> = names.map(|name| (score(name), name)).filter(|(score, _)| *score >= 0.5).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let best = near.first().map_or(0.0, |(score, _)| *score);
    near.into_iter().take_while(|(score, _)| *score > best - 0.1).take(3).map(|(_, name)| name).collect()
}

/// A rule file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct RuleError {
    /// What is wrong.
    pub message: String,
    /// Where in the file, in bytes.
    pub span: Option<std::ops::Range<usize>>,
}

/// Reads one rule file.
///
/// # Errors
/// Text that is not TOML, a key that no rule has, a value that does not fit.
pub fn read(text: &str) -> Result<Rule, RuleError> {
    toml::from_str(text).map_err(|error| RuleError { message: error.message().to_string(), span: error.span() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_a_rule_lies_below_the_documentation() {
        let rule = crate::lint::built_in().unwrap_or_default().into_iter().find(|rule| rule.id == "CND401");
        let page = |base| rule.as_ref().and_then(|rule| rule.page(base));
        assert_eq!(page("https://docs.example.org/"), Some("https://docs.example.org/rules/CND401".to_string()));
        assert_eq!(page(""), None);
    }

    #[test]
    fn addresses_are_those_of_released_sources() {
        let tree = "https://opendev.org/openstack";
        for (line, wanted) in [
            (
                "cinder 29.0.0, cinder/volume/manager.py: MAPPING",
                Some(format!("{tree}/cinder/src/tag/29.0.0/cinder/volume/manager.py")),
            ),
            (
                "os-brick 6.1.0, os_brick/remotefs.py, and more",
                Some(format!("{tree}/os-brick/src/tag/6.1.0/os_brick/remotefs.py")),
            ),
            ("see https://bugs.launchpad.net/x, cinder 1.0, a/b", Some("https://bugs.launchpad.net/x,".to_string())),
            ("https://h/\"x", None),
            ("https://h/`x", None),
            ("https://h/\u{e9}", None),
            ("acme 29.0.0, cinder/volume/manager.py", None),
            ("cinder master, cinder/volume/manager.py", None),
            ("cinder 29..0, cinder/volume/manager.py", None),
            ("cinder 29.0.0, manager.py", None),
            ("cinder 29.0.0, cinder/volume/man`ager.py", None),
            ("cinder 29.0.0", None),
        ] {
            assert_eq!(address(line), wanted, "{line}");
        }
    }
}
