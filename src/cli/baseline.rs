use std::{
    io::{self, Write},
    path::PathBuf,
};

use super::{
    Outcome,
    baseline_file::{Kept, folder_of},
    choices::Choices,
    complain,
};
use crate::{
    cli::input_args::{InputArgs, Layer},
    fix,
    lint::baseline::Baseline,
    report::ToolError,
    source::{self, Disk},
    workspace::Linted,
};

/// Where it is kept, unless something else is said.
const FILE: &str = "cinderlint-baseline.toml";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Record all present findings; reasons and expiry dates of existing entries are kept
    Write(Lints),
    /// Remove entries that match nothing or have expired
    Prune(Lints),
    /// List the entries
    Show {
        /// The baseline file
        #[arg(long, value_name = "FILE", default_value = FILE)]
        baseline: PathBuf,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Lints {
    /// The baseline file
    #[arg(long, value_name = "FILE", default_value = FILE)]
    baseline: PathBuf,
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    choices: Choices,
}

pub(super) fn run(args: &Args, order: &[Layer], out: &mut dyn Write) -> io::Result<Outcome> {
    match &args.command {
        Command::Show { baseline } => match Kept::read(baseline) {
            Ok(kept) => show(&kept, out),
            Err(error) => Ok(super::refuse(&error)),
        },
        Command::Write(lints) => rewrite(lints, order, out, false),
        Command::Prune(lints) => rewrite(lints, order, out, true),
    }
}

fn show(kept: &Kept, out: &mut dyn Write) -> io::Result<Outcome> {
    let mut count = 0;
    for entry in &kept.baseline.entries {
        count += entry.count;
        let key = &entry.key;
        let place = format!(
            "{} [{}] {}",
            key.path,
            key.section.as_deref().unwrap_or_default(),
            key.option.as_deref().unwrap_or_default()
        );
        let until = match &entry.expires {
            Some(day) if entry.has_expired() => format!("  expired on {day}"),
            Some(day) => format!("  until {day}"),
            None => String::new(),
        };
        let reason = entry.reason.as_deref().map(|reason| format!("  -- {reason}")).unwrap_or_default();
        let line = format!("{:>5}  {}  {}{until}{reason}", entry.count, key.rule, place.trim_end());
        writeln!(out, "{}", line.replace(crate::text::is_unprintable, "\u{fffd}"))?;
    }
    writeln!(out, "{} in {} entries", count, kept.baseline.entries.len())?;
    Ok(Outcome::Clean)
}

fn rewrite(lints: &Lints, order: &[Layer], out: &mut dyn Write, prune: bool) -> io::Result<Outcome> {
    let path = &lints.baseline;
    let kept = match Kept::read(path) {
        Ok(kept) => Some(kept),
        Err(_) if !prune && !path.exists() => None,
        Err(error) => return Ok(super::refuse(&error)),
    };
    let fail = |error: ToolError| {
        complain(&[error]);
        Ok(Outcome::Failed)
    };
    let rules = match super::known_rules::load() {
        Ok(rules) => rules,
        Err(error) => return fail(error),
    };
    let mut input = match lints.input.read(order, &rules) {
        Ok(input) => input,
        Err(error) => return Ok(super::refuse(&error)),
    };
    if !input.errors.is_empty() {
        complain(&input.errors);
        return fail(ToolError::new(source::relative(path), "is not changed"));
    }
    let Linted { lint, .. } = match lints.choices.with_each(true).lint(&mut input, rules, None, None) {
        Ok(linted) => linted,
        Err(error) => return fail(error),
    };
    let before = kept.map(|kept| kept.baseline).unwrap_or_default();
    let folder = folder_of(path);
    let mut baseline = Baseline::of(&input.files, &folder, &lint.findings, &before);
    if prune {
        baseline = before.pruned(&baseline, &Disk, &input.files, &folder);
    }
    let text = baseline.write().map_err(io::Error::other)?;
    let inside = super::reports::inside(path).map_err(fix::ReplaceError::Io);
    if let Err(error) = inside.and_then(|()| fix::replace(path, None, text.as_bytes(), &|_| Ok(()))) {
        return fail(ToolError::new(source::relative(path), &error));
    }
    let count: u32 = baseline.entries.iter().map(|entry| entry.count).sum();
    writeln!(out, "{}: {count} findings in {} entries", source::relative(path), baseline.entries.len())?;
    Ok(Outcome::Clean)
}
