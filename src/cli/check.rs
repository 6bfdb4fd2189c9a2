use std::{
    collections::BTreeSet,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Outcome,
    choices::Choices,
    complain, complete,
    console::{self, Dialect},
    fix::{Fixed, Flags, Run},
    progress::Progress,
    reports::{self, Reports, Wanted, WantedParser},
};
use crate::{
    catalog::Release,
    cli::{
        baseline_file::Kept,
        input_args::{InputArgs, Layer},
    },
    lint::{Rule, baseline::Baseline},
    report::{self, Format, Report},
    source::{self, FileSystem},
    style::{ColorChoice, Style},
    workspace::{Linted, Workspace},
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Full)]
    format: Format,
    /// Also write a report to a file: sarif=cinder.sarif (repeatable)
    #[arg(long, value_name = "FORMAT=PATH", value_parser = WantedParser)]
    report: Vec<Wanted>,
    #[command(flatten)]
    pub(super) choices: Choices,
    #[command(flatten)]
    fix: Flags,
    /// The release in use now: report what the upgrade to --release changes for these files
    #[arg(long, value_name = "NAME", add = complete::releases(), value_parser = |text: &str| text.parse::<Release>())]
    pub(super) from: Option<Release>,
    /// Exit with 0 even if there are findings
    #[arg(long)]
    exit_zero: bool,
    /// Do not report the findings that this file lists: see `cinderlint baseline`
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Do not report the findings that the files already have in this Git revision
    #[arg(long, value_name = "REVISION", conflicts_with = "baseline")]
    since: Option<String>,
    /// Print the settings in use, without linting
    #[arg(long)]
    show_settings: bool,
    /// Print which files are linted, as which form and why, and which are left out, without linting
    #[arg(long, conflicts_with = "show_settings")]
    show_files: bool,
    /// Count the findings of each rule and file instead of listing them: tables, or JSON with `--format json`
    #[arg(long)]
    statistics: bool,
    /// Print only errors of cinderlint itself
    #[arg(short, long)]
    quiet: bool,
    /// Print on standard error which files were read as one deployment, and how long it took
    #[arg(short, long, conflicts_with = "quiet")]
    verbose: bool,
    /// When to use colors
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
}

impl Args {
    /// What standard output is.
    pub(super) fn dialect(&self) -> Dialect {
        let stdin = self.input.paths.iter().any(|path| path == std::path::Path::new("-"));
        if self.fix.writes_text(stdin) {
            return Dialect::Exact;
        }
        let counted = self.statistics && self.format != Format::Json;
        let said = self.show_settings || self.show_files || counted || self.fix.only_diff();
        match self.format {
            _ if said => Dialect::Text,
            Format::Full | Format::Concise | Format::Markdown => Dialect::Text,
            Format::Json | Format::Jsonl | Format::Sarif | Format::Gitlab | Format::Rdjson | Format::Zuul => {
                Dialect::Json
            }
            Format::Junit | Format::Checkstyle => Dialect::Xml,
            Format::Github => Dialect::Exact,
        }
    }
}

/// An upgrade that is looked at: nothing else is said.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub from: Release,
    pub to: Release,
}

pub(super) fn run(args: &Args, order: &[Layer], out: &mut dyn Write) -> io::Result<Outcome> {
    lint(args, None, order, out)
}

/// Lints; with a step, says what it changes instead of what is wrong.
pub(super) fn lint(args: &Args, step: Option<Step>, order: &[Layer], out: &mut dyn Write) -> io::Result<Outcome> {
    let prepared = super::known_rules::load().and_then(|rules| Ok((rules, Reports::open(&args.report)?)));
    let (rules, reports) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => {
            complain(&[error]);
            return Ok(Outcome::Failed);
        }
    };
    let kept = match args.baseline.as_deref().map(Kept::read).transpose() {
        Ok(kept) => kept,
        Err(error) => return Ok(super::refuse(&error)),
    };
    let kept = match args.since.as_deref().map(|revision| at_revision(args, order, &rules, revision)).transpose() {
        Ok(at_revision) => at_revision.or(kept),
        Err(outcome) => return Ok(outcome),
    };
    let start = std::time::Instant::now();
    let progress = Progress::start(args.quiet, "reading");
    let mut input = match args.input.read(order, &rules) {
        Ok(input) => input,
        Err(error) => {
            drop(progress);
            return Ok(super::refuse(&error));
        }
    };
    if args.show_settings || args.show_files {
        if args.show_files {
            super::settings::files(&mut input, out)?;
        } else {
            super::settings::show(&args.choices, &input, out)?;
        }
        complain(&input.errors);
        return Ok(if input.errors.is_empty() { Outcome::Clean } else { Outcome::Failed });
    }
    let from = step.map(|step| step.from).or(args.from);
    for deployment in input.groups.iter_mut().flat_map(|group| &mut group.deployments) {
        deployment.from = from.filter(|from| *from < deployment.release);
    }
    let upgrades = step.map(|step| args.choices.asked().upgrades(&mut input, (step.from, step.to)));
    let linted = input.count();
    progress.now(format!("looking at {linted} files"));
    let compared = args.baseline.is_some() || args.since.is_some();
    let choices = args.choices.with_each(args.fix.asked() || compared || from.is_some());
    let mut run = match Run::new(&mut input, &choices, &rules, kept, upgrades) {
        Ok(run) => run,
        Err(error) => {
            complain(&[error]);
            return Ok(Outcome::Failed);
        }
    };
    drop(progress);
    let mut fixed = Fixed::default();
    if args.fix.asked() {
        fixed = args.fix.run(&mut run, &Style::for_stdout(args.color), out)?;
    }
    let Run { linted: Linted { all, lint, fails }, left, .. } = run;
    input.errors.append(&mut fixed.errors);
    if args.verbose {
        say_what_was_read(&input, start.elapsed());
    }
    let deployments = || input.groups.iter().flat_map(|group| &group.deployments);
    let releases: BTreeSet<Release> = deployments().map(|deployment| deployment.release).collect();
    let report = Report {
        files: &input.files,
        linted,
        release: input.release,
        releases: releases.into_iter().collect(),
        upgrade: step.map(|step| (step.from, step.to)),
        assumed: deployments().any(|deployment| !deployment.release_given),
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
    if !args.quiet && !args.fix.only_diff() {
        let mut err = console::stderr();
        let (out, style): (&mut dyn Write, _) = match args.fix.takes_stdout(&input) {
            true => (&mut err, Style::for_stderr(args.color)),
            false => (out, Style::for_stdout(args.color)),
        };
        if args.statistics {
            match args.format {
                Format::Json => report::write_statistics_json(&report, out)?,
                _ => report::write_statistics(&report, out)?,
            }
        } else {
            report::write(&report, args.format, &style, out)?;
        }
        out.flush()?;
    }
    complain(&input.errors);
    complain(&unwritten);
    if !args.quiet {
        complain(&input.notes);
        complain(&left.filter(|_| args.since.is_none()).map(|kept| kept.stale(&input.files)).unwrap_or_default());
        for said in fixed.said.iter().map(String::as_str).chain(args.fix.hint()) {
            let _ = writeln!(console::stderr(), "cinderlint: {said}");
        }
    }
    let fails = match args.fix.only_diff() {
        true => fixed.any,
        false => fails || args.fix.fix_counts() && fixed.any,
    };
    let outcome = if !input.errors.is_empty() || !unwritten.is_empty() {
        Outcome::Failed
    } else if !args.exit_zero && fails {
        Outcome::Findings
    } else {
        Outcome::Clean
    };
    // The process ends with the run: taking all this apart would be work for nothing.
    std::mem::forget((input, all, lint));
    Ok(outcome)
}

/// The findings that the same arguments have at a revision, as a baseline that is in no file.
fn at_revision(args: &Args, order: &[Layer], rules: &[Arc<Rule>], revision: &str) -> Result<Kept, Outcome> {
    let fail = |error| {
        complain(&[error]);
        Outcome::Failed
    };
    let memory = super::revision::read(revision).map_err(fail)?;
    let input = args.input.read_from(&(Arc::new(memory) as Arc<dyn FileSystem>), order, rules);
    let mut input = input.map_err(|error| super::refuse(&error))?;
    let Linted { lint, .. } =
        args.choices.with_each(true).lint(&mut input, rules.to_vec(), None, None).map_err(fail)?;
    let folder = source::absolute(Path::new("."));
    let mut baseline = Baseline::of(&input.files, &folder, &lint.findings, &Baseline::default());
    for entry in &mut baseline.entries {
        entry.reason = Some(format!("it is in {revision} too"));
    }
    Ok(Kept { path: PathBuf::from(revision), folder, baseline })
}

/// For `--verbose`.
fn say_what_was_read(input: &Workspace, time: std::time::Duration) {
    let mut err = console::stderr();
    for deployment in input.groups.iter().flat_map(|group| &group.deployments) {
        let paths: Vec<&str> = deployment.layers.iter().map(|&id| input.files.get(id).shown.as_str()).collect();
        let _ = writeln!(err, "cinderlint: read {} as Cinder {} does", paths.join(" + "), deployment.release.title());
    }
    let _ = writeln!(err, "cinderlint: {} ms", time.as_millis());
}
