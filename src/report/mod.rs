//! What is said, one file a format. All of them see the linted files through [`Views`].

#[cfg(target_os = "linux")]
pub mod audit;
mod blocks;
mod checkstyle;
mod concise;
mod content;
mod diff;
mod effective;
mod effective_full;
mod full;
mod github;
mod gitlab;
mod json;
mod jsonl;
mod junit;
mod markdown;
mod option;
mod rdjson;
mod repository;
mod sarif;
mod statistics;
mod summary;
mod tool_error;
mod view;
mod xml;
mod zuul;

use std::io::{self, Write};

use content::{told, told_with_page, unlinked};

pub use content::Report;
pub use diff::{Diff, Side as DiffSide};
pub use effective::{Assessed, Told, write_json as write_effective_json};
pub use effective_full::{backend_text, write_human as write_effective};
pub use github::write_summary as write_github_summary;
pub(crate) use json::Each;
pub use option::{Asked as AskedOption, READ_BY, option_facts, option_section, write_option, write_option_json};
pub use statistics::{write_statistics, write_statistics_json};
pub use tool_error::ToolError;
pub use view::{Position, Views};

use crate::style::Style;

/// A format of `check`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people: what is wrong, the source line, what to write instead.
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
    /// Markdown, for a ticket or a review.
    Markdown,
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
        Format::Markdown => markdown::write(report, out),
    }
}
