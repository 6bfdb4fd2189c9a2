//! What is said, one file a format. All of them see the linted files through [`Views`].

#[cfg(target_os = "linux")]
pub mod audit;
mod checkstyle;
mod concise;
mod effective;
mod full;
mod github;
mod gitlab;
mod json;
mod jsonl;
mod junit;
mod rdjson;
mod repository;
mod sarif;
mod tool_error;
mod view;
mod xml;
mod zuul;

use std::{
    borrow::Cow,
    io::{self, Write},
    sync::Arc,
};

pub(crate) use effective::Each;
pub use effective::{Assessed, write_human as write_effective, write_json as write_effective_json};
pub use github::write_summary as write_github_summary;
pub use tool_error::ToolError;
pub use view::{Position, Views};

use crate::{
    catalog::Release,
    lint::{Finding, Rule, Severity},
    source::Files,
    style::Style,
};

/// A format of `check`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people: the source line, why it matters, what to write instead.
    Full,
    /// `path:line:col: SEVERITY[CODE]: message`, one line a finding.
    Concise,
    /// One JSON document.
    Json,
    /// The same, one JSON object a line.
    Jsonl,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions, and a job summary.
    Github,
    /// A Code Quality report of GitLab.
    Gitlab,
    /// JUnit's XML.
    Junit,
    /// Checkstyle's XML.
    Checkstyle,
    /// Reviewdog's JSON.
    Rdjson,
    /// File comments of Zuul, for `zuul_return`.
    Zuul,
}

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
    fn read_as(&self) -> String {
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

/// Writes a report.
///
/// # Errors
/// Those of the writer.
pub fn write(report: &Report<'_>, format: Format, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Full => full::write(report, style, out),
        Format::Concise => concise::write(report, out),
        Format::Json => json::write(report, out),
        Format::Jsonl => jsonl::write(report, out),
        Format::Sarif => sarif::write(report, out),
        Format::Github => github::write(report, out),
        Format::Gitlab => gitlab::write(report, out),
        Format::Junit => junit::write(report, out),
        Format::Checkstyle => checkstyle::write(report, out),
        Format::Rdjson => rdjson::write(report, out),
        Format::Zuul => zuul::write(report, out),
    }
}

/// The message, and what to write instead on a line of its own.
fn told(finding: &Finding) -> Cow<'_, str> {
    match &finding.help {
        Some(help) => Cow::Owned(format!("{}\nhelp: {help}", finding.message)),
        None => Cow::Borrowed(&finding.message),
    }
}
