//! What is said, one file a format. All of them see the linted files through [`Views`].

mod concise;
mod effective;
mod full;
mod json;
mod style;
mod view;

use std::io::{self, Write};

pub use effective::{Assessed, write_human as write_effective, write_json as write_effective_json};
pub use style::{ColorChoice, Style};
pub use view::{Position, Views};

use crate::{
    catalog::Release,
    input::Files,
    lint::{Finding, Severity},
};

/// A format of `check`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people: the source line, why it matters, what to write instead.
    Full,
    /// `path:line:col: CODE message`, one line a finding.
    Concise,
    /// One JSON document.
    Json,
}

/// A file that could not be read, or another thing that went wrong.
#[derive(Clone, Debug)]
pub struct ToolError {
    /// What it is about.
    pub file: String,
    /// What went wrong.
    pub message: String,
}

/// Everything that a report can say of a run.
#[derive(Debug)]
pub struct Report<'r> {
    /// The linted files.
    pub files: &'r Files,
    /// Number of configuration files among them.
    pub linted: usize,
    /// The release that was assumed.
    pub release: Release,
    /// The findings, sorted.
    pub findings: &'r [Finding],
    /// Number of backends.
    pub backends: usize,
    /// What could not be read.
    pub errors: &'r [ToolError],
}

impl Report<'_> {
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
    }
}
