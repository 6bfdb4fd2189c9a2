//! `cinderlint diff`: what a change does to each backend, and which findings come and go.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Outcome, choices::Choices, complain, complete, console::Dialect, revision};
use crate::{
    catalog::Release,
    lint::Rule,
    message::Message,
    report::{Assessed, Diff, DiffSide, ToolError},
    source::{Disk, FileSystem},
    style::{ColorChoice, Style},
    workspace::{self, Linted, Options, Workspace},
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The state before the change: a file, a folder, or a Git revision
    base: String,
    /// The state after the change [default: the working directory, if BASE is a revision]
    head: Option<String>,
    /// The Cinder release that reads both: train, 2025.1, 15.0.0, … [default: the release that the files name, or the newest known]
    #[arg(long, value_name = "NAME", add = complete::releases(), value_parser = |text: &str| text.parse::<Release>())]
    release: Option<Release>,
    /// Read the absolute paths in the configuration below this folder, a copy of the host's files
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    root: Option<PathBuf>,
    #[command(flatten)]
    choices: Choices,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Full)]
    format: Format,
    /// Do not read settings files
    #[arg(long)]
    no_settings: bool,
    /// Ignore settings and suppressions in the trees
    #[arg(long)]
    isolated: bool,
    /// Exit with 0 even if the change adds an error
    #[arg(long)]
    exit_zero: bool,
    /// When to use colors
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
}

/// A format of `diff`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Text.
    Full,
    /// One JSON document.
    Json,
    /// Markdown, for a code review.
    Markdown,
}

impl Args {
    /// What standard output is.
    pub(super) fn dialect(&self) -> Dialect {
        if self.format == Format::Json { Dialect::Json } else { Dialect::Text }
    }

    /// Reads one state. Of a revision, those paths that the other state names, or the working directory.
    fn read(&self, name: &str, other: Option<&str>, rules: &[Arc<Rule>]) -> Result<Workspace, Outcome> {
        let (fs, path): (Arc<dyn FileSystem>, &str) = match is_path(name) {
            true => (Disk::shared(), name),
            false => match revision::read(name) {
                Ok(memory) => (Arc::new(memory), other.filter(|other| is_path(other)).unwrap_or(".")),
                Err(error) => {
                    complain(&[error]);
                    return Err(Outcome::Failed);
                }
            },
        };
        let options = Options {
            paths: vec![PathBuf::from(path)],
            release: self.release,
            root: self.root.clone(),
            no_settings: self.no_settings,
            isolated: self.isolated,
            ..Options::default()
        };
        workspace::read(&fs, &options, rules).map_err(|error| super::refuse(&error))
    }
}

/// What is there is a path; anything else is meant to be a revision.
fn is_path(name: &str) -> bool {
    Path::new(name).symlink_metadata().is_ok()
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> io::Result<Outcome> {
    let rules = match super::known_rules::load() {
        Ok(rules) => rules,
        Err(error) => {
            complain(&[error]);
            return Ok(Outcome::Failed);
        }
    };
    if args.head.is_none() && is_path(&args.base) {
        let message = Message::from("is a path: name the state after the change too");
        complain(&[ToolError::new(
            &args.base,
            message.help("write `cinderlint diff OLD NEW`, or only a Git revision"),
        )]);
        return Ok(Outcome::Failed);
    }
    let head_name = args.head.as_deref().unwrap_or(".");
    let sides = args
        .read(&args.base, Some(head_name), &rules)
        .and_then(|base| Ok((base, args.read(head_name, Some(&args.base), &rules)?)));
    let (mut base, mut head) = match sides {
        Ok(sides) => sides,
        Err(outcome) => return Ok(outcome),
    };
    let both = args
        .choices
        .lint(&mut base, rules.clone(), None, None)
        .and_then(|old| Ok((old, args.choices.with_each(true).lint(&mut head, rules.clone(), None, None)?)));
    let (old, new) = match both {
        Ok(both) => both,
        Err(error) => {
            complain(&[error]);
            return Ok(Outcome::Failed);
        }
    };
    // Two paths have other names for the same files; a revision has the names of the working directory.
    let both = is_path(&args.base) && is_path(head_name);
    let base_side = side(&args.base, both, &base, &old, &rules);
    let head_side = side(head_name, both, &head, &new, &rules);
    let diff = Diff::of(&base_side, &head_side);
    match args.format {
        Format::Full => diff.write(&Style::for_stdout(args.color), out)?,
        Format::Json => diff.write_json(out)?,
        Format::Markdown => diff.write_markdown(out)?,
    }
    out.flush()?;
    complain(&base.errors);
    complain(&head.errors);
    let failed = !base.errors.is_empty() || !head.errors.is_empty();
    Ok(match failed {
        true => Outcome::Failed,
        false if diff.is_worse() && !args.exit_zero => Outcome::Findings,
        false => Outcome::Clean,
    })
}

fn side<'s>(
    name: &'s str,
    is_below: bool,
    input: &'s Workspace,
    linted: &'s Linted,
    rules: &[Arc<Rule>],
) -> DiffSide<'s> {
    let deployments = input.groups.iter().flat_map(|group| group.deployments.iter().map(move |one| (&group.host, one)));
    let assessed = deployments
        .filter(|(_, deployment)| !deployment.layers.is_empty())
        .map(|(host, deployment)| Assessed::new(&input.files, deployment, host, rules))
        .collect();
    DiffSide {
        name,
        below: if is_below { name.trim_start_matches("./").trim_end_matches('/') } else { "" },
        release: input.release,
        files: &input.files,
        assessed,
        findings: &linted.lint.findings,
        errors: &input.errors,
    }
}
