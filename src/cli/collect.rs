//! `collect`: what `audit --root` needs of a host, in one archive.

use std::{
    io::{self, Write},
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use super::{
    Outcome,
    audit::{Progress, stop_on_signal},
    complain,
};
use crate::{
    audit::{
        self, Request,
        collection::{self, Collection, Recorder},
    },
    catalog::Release,
    message::Message,
    nas::Python,
    report::ToolError,
    source::Files,
    text::one_line,
};

/// Names that are kept of a class without `--names`.
const NAMES: usize = 5;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "cinderlint hides secrets before it writes anything. Of volumes it keeps only names, owners, modes, ACLs and sizes, by kind, \
                        with the first names of each. `cinderlint audit --root FILE` reads the archive."
)]
pub(crate) struct Args {
    /// The archive to write; an existing file is not replaced [default: cinderlint-HOST.tar.gz]
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    output: Option<PathBuf>,
    /// List what would be collected, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Keep the names of all files on the shares
    #[arg(long)]
    names: bool,
    /// Collect from a copy of a host's files in this folder
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    root: Option<PathBuf>,
    /// The release whose configuration it is [default: the newest]
    #[arg(long, value_name = "RELEASE")]
    release: Option<Release>,
    /// Threads that look at files [default: one for each processor, at most 8]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
    /// Seconds to wait for an answer before a share is skipped
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> io::Result<Outcome> {
    match args.collect(out)? {
        Ok(outcome) => Ok(outcome),
        Err(error) => {
            complain(&[error]);
            Ok(Outcome::Failed)
        }
    }
}

impl Args {
    fn collect(&self, out: &mut dyn Write) -> io::Result<Result<Outcome, ToolError>> {
        if let Some(root) = self.root.as_ref().filter(|root| !root.is_dir()) {
            return Ok(Err(ToolError::new(root.to_string_lossy(), "is not a folder")));
        }
        let recorder = Recorder::new(self.root.as_deref());
        let progress = Progress::new();
        let stop = Arc::new(AtomicBool::new(false));
        stop_on_signal(&stop);
        let host = audit::run(
            &mut Files::default(),
            &Request {
                sight: &recorder,
                named: Vec::new(),
                release: self.release,
                new_install: None,
                python: self.release.filter(|release| *release <= Release::QUEENS).map(|_| Python::Two),
                wanted: Vec::new(),
                owners_as_they_are: false,
                logs: Vec::new(),
                jobs: self.jobs.map_or(crate::parallel::processors().min(8), usize::from),
                limit: if self.names { usize::MAX } else { NAMES },
                timeout: Duration::from_secs(self.timeout),
                stop: &stop,
                beat: &|answers| progress.show(answers),
                rules: &[],
            },
        );
        progress.clear();
        let host = match host {
            Ok(host) => host,
            Err(error) => return Ok(Err(ToolError::new("collect", error.0))),
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let collection = recorder.finish(&host, i64::try_from(now).unwrap_or_default());
        if self.dry_run {
            listed(&collection, out)?;
        } else if let Err(error) = self.write(&host.name, &collection, out)? {
            return Ok(Err(error));
        }
        if !host.complete {
            let message =
                Message::from("the collection was stopped before its end").help("what was seen until then is in it");
            return Ok(Err(ToolError::new(host.name, message)));
        }
        Ok(Ok(Outcome::Clean))
    }

    fn write(&self, host: &str, collection: &Collection, out: &mut dyn Write) -> io::Result<Result<(), ToolError>> {
        let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
        let name: String = host.chars().map(safe).take(100).collect();
        let path = self.output.clone().unwrap_or_else(|| PathBuf::from(format!("cinderlint-{name}.tar.gz")));
        let about = |message: Message| ToolError::new(path.to_string_lossy(), message);
        let mut bytes = Vec::new();
        if let Err(error) = collection::write(collection, &mut bytes) {
            return Ok(Err(about(Message::from(&error))));
        }
        // Nothing that is there is replaced, and no link is followed.
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&path).and_then(|mut file| file.write_all(&bytes));
        if let Err(error) = written {
            let message = match error.kind() {
                io::ErrorKind::AlreadyExists => Message::from("is there already").help("name another file with -o"),
                _ => Message::from(&error),
            };
            return Ok(Err(about(message)));
        }
        writeln!(
            out,
            "{}: {} bytes; {} paths, {} texts, {} shares. Look into it before you hand it on.",
            one_line(&path.to_string_lossy()),
            bytes.len(),
            collection.manifest.paths.len(),
            collection.texts.len(),
            collection.shares.len()
        )?;
        Ok(Ok(()))
    }
}

/// What would be written.
fn listed(collection: &Collection, out: &mut dyn Write) -> io::Result<()> {
    let text = |bytes: &[u8]| one_line(&String::from_utf8_lossy(bytes)).into_owned();
    for entry in &collection.manifest.paths {
        let size = entry.member.as_ref().and_then(|member| collection.texts.get(member)).map(Vec::len);
        let size = size.map_or_else(|| "-".to_string(), |size| size.to_string());
        writeln!(out, "{:8} {size:>9} {}", entry.state, text(&entry.path.0))?;
    }
    for ((point, _), rows) in collection.manifest.shares.iter().zip(&collection.shares) {
        writeln!(out, "share: {} files and folders by kind at {}", rows.files(), text(&point.0))?;
    }
    Ok(())
}
