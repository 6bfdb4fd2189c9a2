use std::io::{self, Write};

use super::{Form, Outcome, complain};
#[cfg(target_os = "linux")]
use crate::{
    audit::logs::Logs,
    config::Backend,
    nas::Nas,
    source::{FileId, Files, Origin},
};
use crate::{
    cli::input_args::{InputArgs, Layer},
    report::{self, Assessed},
    style::{ColorChoice, Style},
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    input: InputArgs,
    /// Output format
    #[arg(long, value_enum, default_value_t = Form::Full)]
    pub(super) format: Form,
    /// Also print every option of the backend's driver that is not set, with its default
    #[arg(long)]
    all: bool,
    /// A log of cinder-volume, which may show what the files leave open (repeatable)
    #[cfg(target_os = "linux")]
    #[arg(long, value_name = "FILE")]
    log: Vec<std::path::PathBuf>,
    /// When to use colors
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
}

pub(super) fn run(args: &Args, order: &[Layer], out: &mut dyn Write) -> io::Result<Outcome> {
    let rules = match super::known_rules::load() {
        Ok(rules) => rules,
        Err(error) => {
            complain(&[error]);
            return Ok(Outcome::Failed);
        }
    };
    let input = match args.input.read(order, &rules) {
        Ok(input) => input,
        Err(error) => return Ok(super::refuse(&error)),
    };
    #[cfg(target_os = "linux")]
    let logs = match Logs::read(&args.log) {
        Ok(logs) => logs,
        Err(error) => {
            complain(&[report::ToolError::new(error.file, error.message)]);
            return Ok(Outcome::Failed);
        }
    };
    #[cfg(target_os = "linux")]
    let told = |backend: &Backend, alone: bool, layers: &[FileId], nas: &mut Nas<'_>| {
        logs.tell(&backend.name, alone, changed(&input.files, layers), nas);
    };
    #[cfg(target_os = "linux")]
    let told: Option<&report::Told<'_>> = if args.log.is_empty() { None } else { Some(&told) };
    #[cfg(not(target_os = "linux"))]
    let told: Option<&report::Told<'_>> = None;
    let assessed: Vec<Assessed<'_>> = input
        .groups
        .iter()
        .flat_map(|group| group.deployments.iter().map(|deployment| (&group.host, deployment)))
        .filter(|(_, deployment)| !deployment.layers.is_empty())
        .map(|(host, deployment)| Assessed::new(&input.files, deployment, host, &rules).with(told))
        .collect();
    match args.format {
        Form::Full => report::write_effective(&input.files, &assessed, args.all, &Style::for_stdout(args.color), out)?,
        Form::Json => {
            report::write_effective_json(&input.files, &assessed, &input.errors, input.release, args.all, out)?;
        }
    }
    out.flush()?;
    complain(&input.notes);
    complain(&input.errors);
    Ok(if input.errors.is_empty() { Outcome::Clean } else { Outcome::Failed })
}

/// Seconds since 1970 at which the last of these files was changed.
#[cfg(target_os = "linux")]
fn changed(files: &Files, layers: &[FileId]) -> Option<i64> {
    let modified = |id: &FileId| match &files.get(*id).origin {
        Origin::Disk(path) => Some(std::os::unix::fs::MetadataExt::mtime(&std::fs::metadata(path).ok()?)),
        _ => None,
    };
    layers.iter().filter_map(modified).max()
}
