//! `audit`: what is asked of a host, or of documents of many hosts.

use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::{
    Outcome, complain,
    console::{self, Dialect},
};
use crate::{
    audit::{
        self, Named, Request, merge,
        model::{Document, Host, ToolError as HostError},
    },
    cli::input_args::{InputArgs, Layer, PythonVersion, YesNo},
    lint::Rule,
    message::Message,
    nas::Python,
    report::{self, ToolError},
    settings::FailOn,
    source::{FileSystem, Files},
    style::{ColorChoice, Style},
};

/// A format of `audit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// For people: a verdict over each backend first.
    Full,
    /// One JSON document.
    Json,
    /// One page that needs nothing else.
    Html,
    /// Metrics for node_exporter's textfile collector.
    Prometheus,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Without PATH and --config-file, the deployment is found by itself: by the running cinder-volume, else in the usual places. \
                        Nothing is ever written below a share; commands are printed, never run."
)]
pub(crate) struct Args {
    #[command(flatten)]
    input: InputArgs,
    /// Also look at what this user can open: USER[:GROUP[,GROUP…]], names or numbers (repeatable)
    #[arg(long = "as", value_name = "IDENTITY")]
    identities: Vec<String>,
    /// Threads that look at files [default: one for each processor, at most 8]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
    /// Names to show of each kind of file or guest
    #[arg(long, value_name = "NUMBER", default_value_t = 5, value_parser = clap::value_parser!(u16).range(0..=1000))]
    limit: u16,
    /// A log of qemu or cinder-volume to look into (repeatable)
    #[arg(long, value_name = "FILE")]
    log: Vec<PathBuf>,
    /// Seconds without an answer after which a share is given up
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
    /// Put documents of `--format json` together instead of looking at a host
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["paths", "config_file", "config_dir", "root", "identities", "log"])]
    merge: Vec<PathBuf>,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t = Form::Full)]
    format: Form,
    /// Exit with 1 when there is a finding of this severity or a worse one
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = FailOn::Error)]
    fail_on: FailOn,
    /// When to use colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
}

pub(super) fn run(args: &Args, order: &[Layer], out: &mut dyn Write) -> io::Result<Outcome> {
    let mut errors: Vec<ToolError> = Vec::new();
    let document = if args.merge.is_empty() {
        match args.look(order, &mut errors) {
            Ok(host) => Document::new(vec![host]),
            Err(outcome) => return Ok(outcome),
        }
    } else {
        merge::merge(args.documents(&mut errors))
    };
    match args.format {
        Form::Full => report::audit::write_full(&document, &Style::for_stdout(args.color), out)?,
        Form::Json => {
            serde_json::to_writer_pretty(&mut *out, &document)?;
            writeln!(out)?;
        }
        Form::Html => report::audit::write_html(&document, out)?,
        Form::Prometheus => report::audit::write_prometheus(&document, out)?,
    }
    out.flush()?;
    let stopped = document.hosts.iter().filter(|host| !host.complete).map(|host| ToolError {
        file: host.name.clone(),
        message: Message::from("the audit was stopped before its end").help("what it saw until then is shown"),
    });
    let of_host = |error: &HostError| ToolError::new(error.file.clone(), error.message.clone());
    errors.extend(stopped);
    errors.extend(document.hosts.iter().flat_map(|host| &host.errors).map(of_host));
    complain(&errors);
    let sum = document.summary;
    let found = match args.fail_on {
        FailOn::Error => sum.error,
        FailOn::Warning => sum.error + sum.warning,
        FailOn::Info => sum.error + sum.warning + sum.info,
        FailOn::Never => 0,
    };
    Ok(match found {
        _ if !errors.is_empty() => Outcome::Failed,
        0 => Outcome::Clean,
        _ => Outcome::Findings,
    })
}

impl Args {
    /// What standard output is.
    pub(super) fn dialect(&self) -> Dialect {
        match self.format {
            Form::Full | Form::Prometheus => Dialect::Text,
            Form::Json => Dialect::Json,
            Form::Html => Dialect::Xml,
        }
    }

    fn documents(&self, errors: &mut Vec<ToolError>) -> Vec<Document> {
        let mut documents = Vec::new();
        for path in &self.merge {
            let read = super::baseline_file::given(path).read(path).map_err(|error| Message::from(&error));
            match read.and_then(|text| merge::read(&text).map_err(|error| Message::from(&error))) {
                Ok(document) => documents.push(document),
                Err(message) => errors.push(ToolError::new(path.to_string_lossy(), message)),
            }
        }
        documents
    }

    fn look(&self, order: &[Layer], errors: &mut Vec<ToolError>) -> Result<Host, Outcome> {
        let fail = |error: ToolError| {
            complain(&[error]);
            Outcome::Failed
        };
        let rules: Vec<Arc<Rule>> = super::known_rules::load().map_err(fail)?;
        if let Some(root) = self.input.root.as_ref().filter(|root| !root.is_dir()) {
            return Err(fail(ToolError::new(root.to_string_lossy(), "is not a folder")));
        }
        let mut files = Files::default();
        let mut named = Vec::new();
        let mut root = self.input.root.clone();
        if !self.input.paths.is_empty() || !order.is_empty() {
            let input = self.input.read(order, &rules).map_err(|error| super::refuse(&error))?;
            for group in &input.groups {
                root = root.or_else(|| group.root().map(std::path::Path::to_path_buf));
                named.extend(group.deployments.iter().map(|one| Named {
                    layers: one.layers.clone(),
                    release: one.release,
                    new_install: group.host.new_install,
                    python: group.host.python,
                }));
            }
            errors.extend(input.errors);
            files = input.files;
            if named.is_empty() {
                complain(errors);
                return Err(Outcome::Failed);
            }
        }
        let processors = crate::parallel::processors().min(8);
        let progress = Progress::new();
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stop);
        // A second signal ends the program at once, should the first one not be heeded.
        let _ = ctrlc::set_handler(move || {
            if asked.swap(true, Ordering::Relaxed) {
                std::process::exit(2);
            }
        });
        let host = audit::run(
            &mut files,
            &Request {
                root,
                named,
                release: self.input.release,
                new_install: self.input.new_install.map(|answer| answer == YesNo::Yes),
                python: self.input.python.map(|version| match version {
                    PythonVersion::Two => Python::Two,
                    PythonVersion::Three => Python::Three,
                }),
                wanted: self.identities.clone(),
                logs: self.log.clone(),
                jobs: self.jobs.map_or(processors, usize::from),
                limit: usize::from(self.limit),
                timeout: Duration::from_secs(self.timeout),
                stop: &stop,
                beat: &|answers| progress.show(answers),
                rules: &rules,
            },
        );
        progress.clear();
        host.map_err(|error| fail(ToolError::new("--as", error.0)))
    }
}

/// A line on standard error while a walk takes long, where that is a terminal.
struct Progress {
    since: Instant,
    shown: AtomicU64,
    terminal: bool,
}

/// Milliseconds before the first line, and between lines.
const PATIENCE: u64 = 300;

impl Progress {
    fn new() -> Self {
        Self { since: Instant::now(), shown: AtomicU64::new(0), terminal: io::stderr().is_terminal() }
    }

    fn show(&self, answers: u64) {
        let now = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        if self.terminal && now >= self.shown.load(Ordering::Relaxed) + PATIENCE {
            self.shown.store(now, Ordering::Relaxed);
            let mut err = console::stderr();
            let _ = write!(err, "\r{answers} files looked at; Ctrl-C shows what is known so far\u{1b}[K");
            let _ = err.flush();
        }
    }

    fn clear(&self) {
        if self.shown.load(Ordering::Relaxed) > 0 {
            let mut err = console::stderr();
            let _ = write!(err, "\r\u{1b}[K");
            let _ = err.flush();
        }
    }
}
