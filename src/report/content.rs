//! What a report says, in whatever format.

use std::{borrow::Cow, sync::Arc};

use super::tool_error::ToolError;
use crate::{
    catalog::Release,
    lint::{Finding, Rule, Severity, rule},
    source::Files,
};

/// Everything that a report can say of a run.
#[derive(Debug)]
pub struct Report<'r> {
    /// The linted files.
    pub files: &'r Files,
    /// Number of configuration files among them.
    pub linted: usize,
    /// The release that reads the first deployment.
    pub release: Release,
    /// The releases that read the files, the oldest first; where there are several, all are named.
    pub releases: Vec<Release>,
    /// The release that read the files until now, and the one that is to read them, where an upgrade is looked at.
    pub upgrade: Option<(Release, Release)>,
    /// Nobody said which release reads some of them, so that the newest was assumed.
    pub assumed: bool,
    /// The rules that there are.
    pub rules: &'r [Arc<Rule>],
    /// The findings, sorted.
    pub findings: &'r [Finding],
    /// Number of backends.
    pub backends: usize,
    /// What could not be read.
    pub errors: &'r [ToolError],
}

impl Report<'_> {
    /// `as Cinder Train and 2026.2 reads them`, and why 2026.2.
    pub(super) fn read_as(&self) -> String {
        if let Some((from, to)) = self.upgrade {
            return format!("by the upgrade from {} to {}", from.title(), to.title());
        }
        let mut titles: Vec<String> = self.releases.iter().map(|release| release.title()).collect();
        let last = titles.pop().unwrap_or_else(|| self.release.title());
        let all = if titles.is_empty() { last } else { format!("{} and {last}", titles.join(", ")) };
        let reads = if self.releases.len() > 1 { "read" } else { "reads" };
        let them = if self.linted == 1 { "it" } else { "them" };
        let why = if self.assumed { " (the newest: none was named)" } else { "" };
        format!("as Cinder {all} {reads} {them}{why}")
    }

    /// Number of findings of a severity that count.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|f| f.severity == severity && f.suppressed.is_none()).count()
    }
}

/// The message, and what to write instead on a line of its own.
pub(super) fn told(finding: &Finding) -> Cow<'_, str> {
    match &finding.help {
        Some(help) => Cow::Owned(format!("{}\nhelp: {help}", finding.message)),
        None => Cow::Borrowed(&finding.message),
    }
}

/// The same, and the address of the rule's page where the documentation has one.
pub(super) fn told_with_page(finding: &Finding) -> Cow<'_, str> {
    match finding.rule.page(rule::DOCUMENTATION) {
        Some(page) => Cow::Owned(format!("{}\nsee {page}", told(finding))),
        None => told(finding),
    }
}

/// A text for readers that make a link of `[words](address)`, as SARIF's messages and comments of reviews do: the words of a linted file
/// may lead nowhere.
pub(super) fn unlinked(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains("](") { Cow::Owned(text.replace("](", "]\u{200b}(")) } else { text }
}
