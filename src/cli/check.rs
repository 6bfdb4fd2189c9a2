use std::{
    collections::BTreeMap,
    io::{self, Write},
    sync::Arc,
};

use clap::ValueEnum;

use super::{
    Outcome, complain,
    input::{InputArgs, Layer},
    reports::{self, Reports, Wanted, WantedParser},
};
use crate::{
    lint::{self, Choice, Finding, Rule, Severity},
    report::{self, ColorChoice, Format, Report, Style, ToolError},
};

/// The lowest severity that makes the exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Errors.
    Error,
    /// Warnings and errors.
    Warning,
    /// Everything that is shown.
    Info,
    /// Nothing.
    Never,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    input: InputArgs,
    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Full)]
    format: Format,
    /// Write a report to a file beside the one on screen: sarif=cinder.sarif (repeatable)
    #[arg(long, value_name = "FORMAT=PATH", value_parser = WantedParser)]
    report: Vec<Wanted>,
    /// Only these rules, by id, name, or the start of ids: CND4 (comma separated)
    #[arg(long, value_name = "RULE,…", value_delimiter = ',')]
    select: Vec<String>,
    /// All rules but these
    #[arg(long, value_name = "RULE,…", value_delimiter = ',')]
    ignore: Vec<String>,
    /// Also show findings of severity info: style and hygiene
    #[arg(long)]
    pedantic: bool,
    /// Exit with 1 when there is a finding of this severity or a worse one
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = FailOn::Error)]
    fail_on: FailOn,
    /// Exit with 0 even when there are findings
    #[arg(long)]
    exit_zero: bool,
    /// Show what comments in the files let pass: `# cinderlint: ignore[RULE] -- reason`
    #[arg(long)]
    no_suppressions: bool,
    /// Count the findings of each rule instead of showing them
    #[arg(long)]
    statistics: bool,
    /// Write nothing but errors of the tool itself
    #[arg(short, long)]
    quiet: bool,
    /// When to use colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
}

pub(super) fn run(args: &Args, order: &[Layer], out: &mut dyn Write) -> io::Result<Outcome> {
    let Prepared { all, rules, reports } = match prepare(args) {
        Ok(prepared) => prepared,
        Err(error) => {
            complain(&[error]);
            return Ok(Outcome::Failed);
        }
    };
    let mut input = args.input.read(order);
    let linted = input.files.len();
    let mut choice = Choice::of(&rules, args.pedantic);
    choice.known = &all;
    choice.directives.obeyed = !args.no_suppressions;
    let lint = lint::run_as(&mut input.files, &input.deployments, &input.host, choice);
    let report = Report {
        files: &input.files,
        linted,
        release: input.release,
        rules: &all,
        findings: &lint.findings,
        backends: lint.backends,
        errors: &input.errors,
    };
    let unwritten = reports.write(&report);
    let github = |format| format == Format::Github;
    if args.report.iter().any(|wanted| github(wanted.format)) || github(args.format) && !args.quiet {
        // The page of the job is a courtesy: the run is as good without it.
        if let Err(error) = reports::summarize(&report) {
            complain(&[error]);
        }
    }
    if !args.quiet {
        if args.statistics {
            statistics(&lint.findings, out)?;
        } else {
            report::write(&report, args.format, &Style::for_stdout(args.color), out)?;
        }
    }
    out.flush()?;
    complain(&input.errors);
    complain(&unwritten);
    Ok(if !input.errors.is_empty() || !unwritten.is_empty() {
        Outcome::Failed
    } else if !args.exit_zero && fails(args.fail_on, &lint.findings) {
        Outcome::Findings
    } else {
        Outcome::Clean
    })
}

fn fails(threshold: FailOn, findings: &[Finding]) -> bool {
    let lowest = match threshold {
        FailOn::Error => Severity::Error,
        FailOn::Warning => Severity::Warning,
        FailOn::Info => Severity::Info,
        FailOn::Never => return false,
    };
    findings.iter().any(|finding| finding.suppressed.is_none() && finding.severity >= lowest)
}

/// Everything that can fail before a file is read.
struct Prepared {
    all: Vec<Arc<Rule>>,
    rules: Vec<Arc<Rule>>,
    reports: Reports,
}

fn prepare(args: &Args) -> Result<Prepared, ToolError> {
    let all = super::explain::load()?;
    for wanted in args.select.iter().chain(&args.ignore) {
        if !all.iter().any(|rule| is_meant(rule, wanted)) {
            return Err(super::explain::unknown_rule(&all, wanted));
        }
    }
    let reports = Reports::open(&args.report)?;
    Ok(Prepared { rules: chosen(args, all.clone()), all, reports })
}

/// The rules that `--select` and `--ignore` leave.
fn chosen(args: &Args, rules: Vec<Arc<Rule>>) -> Vec<Arc<Rule>> {
    rules
        .into_iter()
        .filter(|rule| args.select.is_empty() || args.select.iter().any(|wanted| is_meant(rule, wanted)))
        .filter(|rule| !args.ignore.iter().any(|wanted| is_meant(rule, wanted)))
        .collect()
}

/// `CND401`, `nas-security-auto`, or `CND4` and `CND` for all that start so.
fn is_meant(rule: &Rule, wanted: &str) -> bool {
    let upper = wanted.trim().to_ascii_uppercase();
    rule.name == wanted.trim() || upper.starts_with("CND") && rule.id.starts_with(&upper)
}

fn statistics(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    let mut counts: BTreeMap<&str, (usize, &Rule)> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.suppressed.is_none()) {
        counts.entry(&finding.rule.id).or_insert((0, &finding.rule)).0 += 1;
    }
    let mut rows: Vec<_> = counts.into_values().collect();
    rows.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.id.cmp(&b.1.id)));
    for (count, rule) in rows {
        writeln!(out, "{count:>7}  {}  {}", rule.id, rule.name)?;
    }
    Ok(())
}
