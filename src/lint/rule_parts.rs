//! The parts of a rule file that are tables of their own: fixes, steps, further places, lower severities, examples.

use serde::Deserialize;

use super::{
    condition::Condition,
    policy::Demand,
    severity::Severity,
    stored::{List, Text},
};

/// One edit that removes a finding.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FixTemplate {
    /// When it applies.
    #[serde(default)]
    pub when: Condition,
    /// Whether Cinder reads everything else as before, and this one as it was meant.
    #[serde(default)]
    pub safe: bool,
    /// Safe only where somebody named the release that reads the files: another one knows not what it writes, or means
    /// something else by it.
    #[serde(default)]
    pub needs_release: bool,
    /// What it does, in a few words, with `{placeholders}`.
    pub title: Text,
    /// The place that `text` replaces; `this` is the finding's. Either this or `below` is given.
    #[serde(default)]
    pub at: Option<Text>,
    /// The place after whose line `text` becomes a new line.
    #[serde(default)]
    pub below: Option<Text>,
    /// The section that the assignment is moved into, under the name `text`, with `{placeholders}`; it is made where the file has none.
    #[serde(default)]
    pub into: Option<Text>,
    /// The new text, with `{placeholders}`.
    pub text: Text,
}

/// Something that an operator may do. Nothing runs it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StepTemplate {
    /// When it applies.
    #[serde(default)]
    pub when: Condition,
    /// What it does, with `{placeholders}`.
    pub title: Text,
    /// What to type, or to write into a file, with `{placeholders}`.
    pub run: Text,
    /// 0: decides over the future only; 1: changes files or accounts; 2: guests take it up.
    #[serde(default)]
    pub phase: u8,
}

/// A place that belongs to a finding.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RelatedPlace {
    /// The first of these that there is.
    pub at: List<Text>,
    /// What is there, with `{placeholders}`.
    pub message: Text,
}

/// A text to write instead in some cases.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HelpWhen {
    /// When it applies.
    pub when: Condition,
    /// The text, with `{placeholders}`.
    pub help: Text,
}

/// A lower severity, and the reason for it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Unsure {
    /// When it applies.
    pub when: Condition,
    /// The severity then.
    pub severity: Severity,
    /// Why, added to the message, with `{placeholders}`.
    #[serde(default)]
    pub because: Option<Text>,
}

/// A file that shows the rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Example {
    /// The release it is read for, one or several, each an example of its own; not given: the newest.
    #[serde(default, deserialize_with = "names")]
    pub release: Vec<String>,
    /// The release that read it until now; given: an upgrade is looked at.
    #[serde(default)]
    pub from: Option<String>,
    /// The text of `cinder.conf`.
    pub file: String,
    /// The file is written in Latin-1, not in UTF-8.
    #[serde(default)]
    pub latin1: bool,
    /// The path of that file, where it is of another form than `cinder.conf`.
    #[serde(default)]
    pub path: Option<String>,
    /// Further files: absolute paths of the host, with their texts. A path that ends in `/` is a folder.
    #[serde(default)]
    pub host: std::collections::BTreeMap<String, String>,
    /// The modes of files and folders of the host, in octal; a path that ends in `/` is a folder.
    #[serde(default)]
    pub modes: std::collections::BTreeMap<String, String>,
    /// The owners of files of the host, `UID:GID`. Only root can give files away.
    #[serde(default)]
    pub owners: std::collections::BTreeMap<String, String>,
    /// The seconds that a share has to answer in an audit; 0: none of another machine does.
    #[serde(default)]
    pub timeout: Option<u64>,
    /// Logs that the audit of a host is given: paths of the host.
    #[serde(default)]
    pub logs: Vec<String>,
    /// Whether the volume database is empty.
    #[serde(default)]
    pub new_install: Option<bool>,
    /// What the settings demand of the NAS pair.
    #[serde(default)]
    pub nas_policy: Demand,
    /// The settings ask for a reason in every suppression.
    #[serde(default)]
    pub require_suppression_reason: bool,
    /// The lines, from 1, at which a bad example has findings of this rule; empty: anywhere.
    #[serde(default)]
    pub lines: Vec<u32>,
}

fn names<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Either::deserialize(from)? {
        Either::One(name) => vec![name],
        Either::Many(names) => names,
    })
}
