//! What each subcommand accepts, and its short story.

#[cfg(target_os = "linux")]
mod audit;
mod baseline;
mod baseline_file;
mod check;
mod choices;
#[cfg(target_os = "linux")]
mod collect;
mod complain;
mod complete;
mod console;
mod diff;
mod effective;
mod explain;
mod fix;
mod init;
mod input_args;
mod known_rules;
mod lsp;
mod option;
mod outcome;
mod parse;
mod progress;
mod reports;
mod revision;
mod schema;
mod settings;
mod upgrade;

use std::{
    ffi::OsString,
    io::{self, IsTerminal, Write},
    mem::ManuallyDrop,
    path::PathBuf,
    process::ExitCode,
};

use complain::{complain, refuse};
use outcome::{Form, Outcome};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::{
    message::{Message, hint_for},
    report::ToolError,
    source::relative,
};
use console::{Dialect, Neutral};

/// Finds what is wrong in the configuration of OpenStack Cinder, before it is deployed.
#[derive(Debug, Parser)]
#[command(name = "cinderlint", version, max_term_width = 100, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check configuration files (the default: `cinderlint FILE`)
    Check(Deferred<check::Args>),
    /// Show what an upgrade to another release changes for these files
    Upgrade(Deferred<upgrade::Args>),
    /// Show the options of each backend, their effective values, where they come from, and why
    Effective(Deferred<effective::Args>),
    /// Audit this host: mounts, indicators, volume files, and who can open them
    #[cfg(target_os = "linux")]
    Audit(Deferred<audit::Args>),
    /// Collect what `audit --root` needs of this host in one archive, without secrets
    #[cfg(target_os = "linux")]
    Collect(Deferred<collect::Args>),
    /// Explain a rule
    Explain(Deferred<explain::Args>),
    /// Show what a change does: backends that differ, findings that are new or resolved
    Diff(Deferred<diff::Args>),
    /// Describe an option: sections, type, defaults, releases, drivers
    Option(Deferred<option::Args>),
    /// List the rules
    Rules(Deferred<explain::RulesArgs>),
    /// Show what oslo.config reads in a file
    Parse(Deferred<parse::Args>),
    /// Run the language server for editors, on standard input and output
    Lsp(Deferred<lsp::Args>),
    /// Write, prune or show a baseline of findings that are not reported
    Baseline(Deferred<baseline::Args>),
    /// Write a commented cinderlint.toml to start from
    Init,
    /// Print the JSON Schema of an input or output format
    Schema {
        /// The format
        what: schema::What,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man {
        /// Write a page for each subcommand into this folder instead
        #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
        all: Option<PathBuf>,
    },
}

impl Command {
    /// What standard output is to be: nothing of it may be taken for a command by CI.
    fn dialect(&self) -> Dialect {
        let form = |form: Form| if form == Form::Json { Dialect::Json } else { Dialect::Text };
        match self {
            Self::Check(Deferred(args)) => args.dialect(),
            Self::Upgrade(Deferred(args)) => args.dialect(),
            Self::Diff(Deferred(args)) => args.dialect(),
            Self::Effective(Deferred(args)) => form(args.format),
            #[cfg(target_os = "linux")]
            Self::Audit(Deferred(args)) => args.dialect(),
            #[cfg(target_os = "linux")]
            Self::Collect(_) => Dialect::Text,
            Self::Rules(Deferred(args)) => form(args.format),
            Self::Parse(Deferred(args)) => form(args.format),
            Self::Option(Deferred(args)) => form(args.format),
            Self::Explain(_) | Self::Baseline(_) => Dialect::Text,
            Self::Lsp(_) | Self::Init | Self::Schema { .. } | Self::Completions { .. } | Self::Man { .. } => {
                Dialect::Exact
            }
        }
    }
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
    complete::answer(with_check);
    // It lives as long as the process: taking it apart would be work for nothing.
    let mut command = ManuallyDrop::new(Cli::command());
    let arguments = with_command(&command, std::env::args_os().collect());
    if let Some(error) = ambiguous(&arguments) {
        complain(&[error]);
        return ExitCode::from(2);
    }
    let matches = match command.try_get_matches_from_mut(arguments) {
        Ok(matches) => matches,
        Err(error) => return say(&error),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return say(&error),
    };
    let innermost = matches.subcommand().map(|(_, inner)| inner.subcommand().map_or(inner, |(_, inner)| inner));
    let order = innermost.map(input_args::layer_order).unwrap_or_default();
    if let Command::Lsp(Deferred(args)) = &cli.command {
        // It has standard output for itself.
        return lsp::run(args).into();
    }
    let stdout = Neutral::new(io::stdout().lock(), cli.command.dialect());
    let mut out = io::BufWriter::with_capacity(1 << 16, stdout);
    let result = match cli.command {
        Command::Check(Deferred(args)) => check::run(&args, &order, &mut out),
        Command::Upgrade(Deferred(args)) => upgrade::run(args, &order, &mut out),
        Command::Effective(Deferred(args)) => effective::run(&args, &order, &mut out),
        #[cfg(target_os = "linux")]
        Command::Audit(Deferred(args)) => audit::run(&args, &order, &mut out),
        #[cfg(target_os = "linux")]
        Command::Collect(Deferred(args)) => collect::run(&args, &mut out),
        Command::Baseline(Deferred(args)) => baseline::run(&args, &order, &mut out),
        Command::Explain(Deferred(args)) => explain::run(&args, &mut out),
        Command::Diff(Deferred(args)) => diff::run(&args, &mut out),
        Command::Option(Deferred(args)) => option::run(&args, &mut out),
        Command::Rules(Deferred(args)) => explain::rules(&args, &mut out),
        Command::Parse(Deferred(args)) => parse::run(&args, &mut out),
        Command::Lsp(_) => Ok(Outcome::Clean),
        Command::Init => init::run(&mut out),
        Command::Schema { what } => out.write_all(what.text().as_bytes()).map(|()| Outcome::Clean),
        Command::Completions { shell } => complete::script(shell, &mut out).map(|()| Outcome::Clean),
        Command::Man { all: None } => clap_mangen::Man::new(Cli::command()).render(&mut out).map(|()| Outcome::Clean),
        Command::Man { all: Some(folder) } => match clap_mangen::generate_to(Cli::command(), &folder) {
            Ok(()) => Ok(Outcome::Clean),
            Err(error) => {
                complain(&[ToolError::new(relative(&folder), &error)]);
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
            complain(&[ToolError::new("standard output", Message::from(error.to_string()).hint(hint_for(&error)))]);
            let _ = out.into_parts();
            ExitCode::from(2)
        }
    }
}

/// The command line with what stands without the word `check`.
fn with_check() -> clap::Command {
    let check = <check::Args as clap::Args>::augment_args(clap::Command::new("check"));
    Cli::command().subcommand_required(false).args(check.get_arguments())
}

/// What the command line's parser says: errors, help, the version. It may name arguments, and those may be names of files.
fn say(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let text = error.render();
    let _ = match io::stderr().is_terminal() {
        true => write!(console::stderr(), "{}", text.ansi()),
        false => write!(console::stderr(), "{text}"),
    };
    ExitCode::from(2)
}

/// A flag that is also the name of a file: whoever chose that name must not choose what is done. A list of files without `--` before it,
/// as hooks and `xargs` make it, cannot be told from flags.
fn ambiguous(arguments: &[OsString]) -> Option<ToolError> {
    let flags = arguments.iter().skip(1).take_while(|argument| *argument != "--");
    let mut flags = flags.filter(|argument| argument.len() > 1 && argument.as_encoded_bytes().starts_with(b"-"));
    let flag = flags.find(|flag| std::path::Path::new(flag).symlink_metadata().is_ok())?;
    let message =
        Message::from("is a flag and also the name of a file here").help("write `--` before the names of files");
    Some(ToolError::new(flag.to_string_lossy(), message))
}

/// `cinderlint PATH…` means `cinderlint check PATH…`, and `cinderlint help COMMAND` means `cinderlint COMMAND --help`.
fn with_command(command: &clap::Command, mut arguments: Vec<OsString>) -> Vec<OsString> {
    let first = arguments.get(1).and_then(|first| first.to_str());
    let named = first.is_some_and(|first| {
        command.get_subcommands().any(|sub| sub.get_name() == first)
            || matches!(first, "-h" | "--help" | "-V" | "--version" | "help")
    });
    if !named {
        arguments.insert(1.min(arguments.len()), "check".into());
    } else if first == Some("help") {
        arguments.remove(1);
        arguments.push("--help".into());
    }
    arguments
}
