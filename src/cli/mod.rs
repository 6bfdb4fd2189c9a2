//! What each subcommand accepts, and its short story.

#[cfg(target_os = "linux")]
mod audit;
mod baseline;
mod check;
mod choices;
mod complete;
mod effective;
mod explain;
mod fix;
mod init;
mod input;
mod parse;
mod progress;
mod reports;
mod schema;
mod settings;
mod tie;

use std::{
    ffi::OsString,
    io::{self, IsTerminal, Write},
    mem::ManuallyDrop,
    path::PathBuf,
    process::ExitCode,
};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::{
    report::ToolError,
    source::relative,
    style::{ColorChoice, Style},
    text::{one_line, plain},
};

/// How a run ended; the same for every format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing at or above the threshold.
    Clean,
    /// Findings.
    Findings,
    /// The tool could not do its work.
    Failed,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Clean => 0,
            Outcome::Findings => 1,
            Outcome::Failed => 2,
        })
    }
}

/// How an answer is written where it is no report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Form {
    /// For people.
    Full,
    /// One JSON document.
    Json,
}

/// Finds what is wrong in OpenStack Cinder's configuration, before the deploy.
#[derive(Debug, Parser)]
#[command(name = "cinderlint", version, max_term_width = 100, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Find problems (also without the word `check`)
    Check(Deferred<check::Args>),
    /// Each backend: options, effective values, where they come from, and why
    Effective(Deferred<effective::Args>),
    /// This host: mounts, indicators, volume files, and who can open them
    #[cfg(target_os = "linux")]
    Audit(Deferred<audit::Args>),
    /// What a rule means
    Explain(Deferred<explain::Args>),
    /// List the rules
    Rules(Deferred<explain::RulesArgs>),
    /// What oslo.config reads in a file
    Parse(Deferred<parse::Args>),
    /// Findings of the past that pass: write, prune or show them
    Baseline(Deferred<baseline::Args>),
    /// Write a commented cinderlint.toml to start from
    Init,
    /// Print the JSON Schema of something that is read or written
    Schema {
        /// What it describes
        what: schema::What,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man {
        /// Write it into this folder instead, with a page for each subcommand
        #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
        all: Option<PathBuf>,
    },
}

/// The arguments of a subcommand, which are described to the parser only when that subcommand is asked for.
#[derive(Debug)]
struct Deferred<T>(T);

impl<T: FromArgMatches> FromArgMatches for Deferred<T> {
    fn from_arg_matches(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
        T::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &clap::ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

impl<T: clap::Args> clap::Args for Deferred<T> {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.defer(T::augment_args)
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        command.defer(T::augment_args_for_update)
    }
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    complete::answer();
    // It lives as long as the process: taking it apart would be work for nothing.
    let mut command = ManuallyDrop::new(Cli::command());
    let arguments = with_command(&command, std::env::args_os().collect());
    let matches = match command.try_get_matches_from_mut(arguments) {
        Ok(matches) => matches,
        Err(error) => {
            let code = if error.use_stderr() { 2 } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(2);
        }
    };
    let innermost = matches.subcommand().map(|(_, inner)| inner.subcommand().map_or(inner, |(_, inner)| inner));
    let order = innermost.map(input::layer_order).unwrap_or_default();
    let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let result = match cli.command {
        Command::Check(Deferred(args)) => check::run(&args, &order, &mut out),
        Command::Effective(Deferred(args)) => effective::run(&args, &order, &mut out),
        #[cfg(target_os = "linux")]
        Command::Audit(Deferred(args)) => audit::run(&args, &order, &mut out),
        Command::Baseline(Deferred(args)) => baseline::run(&args, &order, &mut out),
        Command::Explain(Deferred(args)) => explain::run(&args, &mut out),
        Command::Rules(Deferred(args)) => explain::rules(&args, &mut out),
        Command::Parse(Deferred(args)) => parse::run(&args, &mut out),
        Command::Init => init::run(&mut out),
        Command::Schema { what } => out.write_all(what.text().as_bytes()).map(|()| Outcome::Clean),
        Command::Completions { shell } => complete::script(shell, &mut out).map(|()| Outcome::Clean),
        Command::Man { all: None } => clap_mangen::Man::new(Cli::command()).render(&mut out).map(|()| Outcome::Clean),
        Command::Man { all: Some(folder) } => match clap_mangen::generate_to(Cli::command(), &folder) {
            Ok(()) => Ok(Outcome::Clean),
            Err(error) => {
                complain(&[ToolError { file: relative(&folder), message: plain(&error) }]);
                Ok(Outcome::Failed)
            }
        },
    };
    match result.and_then(|outcome| out.flush().map(|()| outcome)) {
        Ok(outcome) => outcome.into(),
        // Whoever read the report has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            // The buffer still holds what nobody wants; dropping it would try to write once more.
            let _ = out.into_parts();
            ExitCode::SUCCESS
        }
        Err(error) => {
            complain(&[ToolError { file: "standard output".into(), message: error.to_string() }]);
            let _ = out.into_parts();
            ExitCode::from(2)
        }
    }
}

/// `cinderlint PATH…` means `cinderlint check PATH…`.
fn with_command(command: &clap::Command, mut arguments: Vec<OsString>) -> Vec<OsString> {
    let first = arguments.get(1).and_then(|first| first.to_str());
    let named = first.is_some_and(|first| {
        command.get_subcommands().any(|sub| sub.get_name() == first)
            || matches!(first, "-h" | "--help" | "-V" | "--version" | "help")
    });
    if !named {
        arguments.insert(1.min(arguments.len()), "check".into());
    }
    arguments
}

/// Settings that cannot be used end the run.
fn refuse(error: &crate::settings::SettingsError) -> Outcome {
    let _ = write!(io::stderr().lock(), "{}", error.render(&Style::for_stderr(ColorChoice::Auto)));
    Outcome::Failed
}

/// Errors of the tool itself go to standard error: drawn like findings on a terminal, else one line each.
pub(crate) fn complain(errors: &[ToolError]) {
    if errors.is_empty() {
        return;
    }
    let terminal = io::stderr().is_terminal();
    let style = Style::for_stderr(ColorChoice::Auto);
    let mut err = io::stderr().lock();
    for error in errors {
        let _ = match terminal {
            true => write!(err, "{}", error.render(&style)),
            false => writeln!(err, "cinderlint: {}: {}", one_line(&error.file), one_line(&error.message)),
        };
    }
}
