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
        self, Named, Request,
        collection::{self, Recorded},
        merge,
        model::{Document, Host, ToolError as HostError},
        sight::{Live, Sight},
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
    /// Text: the verdict on each backend first.
    Full,
    /// One JSON document.
    Json,
    /// One HTML page without external files.
    Html,
    /// Metrics for node_exporter's textfile collector.
    Prometheus,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Without PATH and --config-file, cinderlint finds the deployment through the running cinder-volume, otherwise in the usual places. \
                        It never writes below a share, and it prints commands but does not run them."
)]
pub(crate) struct Args {
    #[command(flatten)]
    input: InputArgs,
    /// Also check what this user can open: USER[:GROUP[,GROUP…]], names or numbers (repeatable)
    #[arg(long = "as", value_name = "IDENTITY")]
    identities: Vec<String>,
    /// Judge the owners of files in a copy even if all files belong to you
    #[arg(long)]
    owners: bool,
    /// Number of threads that read files [default: one for each processor, at most 8]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
    /// Number of names to show for each kind of file or guest
    #[arg(long, value_name = "NUMBER", default_value_t = 5, value_parser = clap::value_parser!(u16).range(0..=1000))]
    limit: u16,
    /// A log of qemu or cinder-volume to read (repeatable)
    #[arg(long, value_name = "FILE")]
    log: Vec<PathBuf>,
    /// Seconds to wait for an answer before a share is skipped
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
    /// Merge documents of `--format json` instead of auditing a host
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["paths", "config_file", "config_dir", "root", "identities", "log"])]
    merge: Vec<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value_t = Form::Full)]
    format: Form,
    /// Exit with 1 if there is a finding of this severity or a higher one
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = FailOn::Error)]
    fail_on: FailOn,
    /// When to use colors
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
        message: Message::from("the audit was stopped early").help("the report shows what it had seen by then"),
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
        let collected = match &self.input.root {
            Some(root) if !root.is_dir() => {
                let about = |message: Message| fail(ToolError::new(root.to_string_lossy(), message));
                if !self.input.paths.is_empty() || !order.is_empty() {
                    let message = Message::from("is no folder in which files could be named");
                    return Err(about(message.help("leave out PATH, --config-file and --config-dir")));
                }
                if !root.is_file() {
                    return Err(about("is not a folder, and no archive of `cinderlint collect`".into()));
                }
                let archive = std::fs::File::open(root).map_err(|error| about(Message::from(&error)))?;
                let archive = collection::read(io::BufReader::new(archive));
                Some(Recorded::new(archive.map_err(|error| about(Message::from(&error)))?))
            }
            _ => None,
        };
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
        stop_on_signal(&stop);
        let live = Live::new(root.as_deref());
        let host = audit::run(
            &mut files,
            &Request {
                sight: collected.as_ref().map_or(&live as &dyn Sight, |collected| collected),
                named,
                release: self.input.release,
                new_install: self.input.new_install.map(|answer| answer == YesNo::Yes),
                python: self.input.python.map(|version| match version {
                    PythonVersion::Two => Python::Two,
                    PythonVersion::Three => Python::Three,
                }),
                wanted: self.identities.clone(),
                owners_as_they_are: self.owners,
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

/// Lets Ctrl-C stop a walk. A second signal ends the program at once, should the first one not be heeded.
pub(super) fn stop_on_signal(stop: &Arc<AtomicBool>) {
    let asked = Arc::clone(stop);
    let _ = ctrlc::set_handler(move || {
        if asked.swap(true, Ordering::Relaxed) {
            std::process::exit(2);
        }
    });
}

/// A line on standard error while a walk takes long, where that is a terminal.
pub(super) struct Progress {
    since: Instant,
    shown: AtomicU64,
    terminal: bool,
}

/// Milliseconds before the first line, and between lines.
const PATIENCE: u64 = 300;

impl Progress {
    pub(super) fn new() -> Self {
        Self { since: Instant::now(), shown: AtomicU64::new(0), terminal: io::stderr().is_terminal() }
    }

    pub(super) fn show(&self, answers: u64) {
        let now = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        if self.terminal && now >= self.shown.load(Ordering::Relaxed) + PATIENCE {
            self.shown.store(now, Ordering::Relaxed);
            let mut err = console::stderr();
            let _ = write!(err, "\r{answers} files looked at; Ctrl-C shows what is known so far\u{1b}[K");
            let _ = err.flush();
        }
    }

    pub(super) fn clear(&self) {
        if self.shown.load(Ordering::Relaxed) > 0 {
            let mut err = console::stderr();
            let _ = write!(err, "\r\u{1b}[K");
            let _ = err.flush();
        }
    }
}
