use std::{fmt, sync::Arc};

use data_encoding::HEXLOWER;
use md5::{Digest, Md5};

use super::{rule::Rule, severity::Severity};
use crate::{catalog::Release, config::Exception, source::Place};

/// One place where a rule speaks. There may be very many: texts that several have in common are kept once, and what few have is in boxes.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: Arc<Rule>,
    /// How bad it is here.
    pub severity: Severity,
    /// What is wrong, and what Cinder does. Holds no secret.
    pub message: Box<str>,
    /// What to write instead. Holds no secret.
    pub help: Option<Arc<str>>,
    /// The bytes that the finding is about.
    pub place: Place,
    /// The section it is about, as written.
    pub section: Option<Arc<str>>,
    /// The option it is about.
    pub option: Option<Arc<str>>,
    /// Places that belong to it.
    pub related: Box<[Related]>,
    /// Whether something does not run because of it.
    pub stops: bool,
    /// What that is, where it was asked for.
    pub stop: Option<Box<Stop>>,
    /// Edits that remove it: those to apply.
    pub fix: Option<Box<Fix>>,
    /// Other edits that remove it in their own ways, for somebody to choose from.
    pub alternatives: Box<[Fix]>,
    /// The same for the same mistake wherever its line moves; made of rule, path, section, option and count.
    pub fingerprint: Fingerprint,
    /// Why it passes, where a directive in the file or the baseline says so; empty: no reason is given.
    pub suppressed: Option<Arc<str>>,
    /// It is the baseline that says so.
    pub baselined: bool,
    /// What it has to do with an upgrade, where one is looked at.
    pub change: Option<Change>,
    /// Equal for findings that say the same of several backends, options or files; see [`super::number_groups`].
    pub group: u64,
}

/// What names a finding from run to run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub(super) [u8; 16]);

impl Fingerprint {
    /// Of something that is no finding.
    pub fn of(text: &[u8]) -> Self {
        Self(Md5::digest(text).into())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// What a finding has to do with an upgrade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Change {
    /// The first release after the old one that has the finding, and has it up to the new one.
    pub release: Release,
    /// What changes.
    pub kind: ChangeKind,
}

impl Change {
    /// The address of Cinder's notes on the release that brings it.
    pub fn reference(self) -> String {
        format!("https://docs.openstack.org/releasenotes/cinder/{}.html", self.release.name())
    }
}

/// What changes, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// A process ends, or a backend does not start.
    Stops,
    /// The same text, or no text, means something else.
    Meaning,
    /// A line is read no longer.
    Ignored,
    /// Something has a new name or place; the old one still works.
    Renamed,
    /// Something still works, and will go.
    Deprecated,
}

impl ChangeKind {
    /// The word of the JSON report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stops => "stops",
            Self::Meaning => "meaning",
            Self::Ignored => "ignored",
            Self::Renamed => "renamed",
            Self::Deprecated => "deprecated",
        }
    }

    /// What it is, for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Stops => "stops a service or a backend",
            Self::Meaning => "changes its meaning",
            Self::Ignored => "is ignored",
            Self::Renamed => "has a new name",
            Self::Deprecated => "is deprecated",
        }
    }
}

/// What does not run because of a finding. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The backend that cannot be used; none: the finding is about no single one.
    pub backend: Option<String>,
    /// What it ends with.
    pub exception: Exception,
}

/// A place that belongs to a finding.
#[derive(Clone, Debug)]
pub struct Related {
    /// The bytes that belong to the finding.
    pub place: Place,
    /// What is there.
    pub message: Arc<str>,
}

/// Edits that remove a finding.
#[derive(Clone, Debug)]
pub struct Fix {
    /// Whether Cinder reads everything else as before, and this one as it was meant.
    pub safe: bool,
    /// What it does, in a few words.
    pub title: Arc<str>,
    /// The edits.
    pub edits: Box<[Edit]>,
    /// Whether the new text holds a secret of the file: it may be written there, and stands in no report.
    pub is_secret: bool,
}

impl Fix {
    /// The edits, where they may be shown.
    pub fn shown(&self) -> Option<&[Edit]> {
        (!self.is_secret).then_some(&*self.edits)
    }
}

/// One replacement of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub place: Place,
    /// By what.
    pub text: String,
}
