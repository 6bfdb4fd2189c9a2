//! `cinderlint upgrade`: what changes for these files between two releases, and the edits that keep what they mean.

use std::io::{self, Write};

use super::{
    Outcome,
    check::{self, Step},
    complain, complete,
    console::Dialect,
    input_args::Layer,
};
use crate::{catalog::Release, lint, message::Message, report::ToolError, text::counted};

#[derive(Debug, clap::Args)]
// Those of `check`, which are flattened in, are a group of this name already.
#[group(skip)]
pub(crate) struct Args {
    /// The Cinder release after the upgrade [default: the newest known]
    #[arg(long, value_name = "NAME", conflicts_with = "release")]
    #[arg(add = complete::releases(), value_parser = |text: &str| text.parse::<Release>())]
    to: Option<Release>,
    #[command(flatten)]
    check: check::Args,
}

impl Args {
    /// What standard output is.
    pub(super) fn dialect(&self) -> Dialect {
        self.check.dialect()
    }
}

pub(super) fn run(args: Args, order: &[Layer], out: &mut dyn Write) -> io::Result<Outcome> {
    let to = args.to.or(args.check.input.release).unwrap_or(Release::NEWEST);
    let mut check = args.check;
    let from = match check.from.map_or_else(|| guessed(&check, order, to), Ok) {
        Ok(from) => from,
        Err(outcome) => return Ok(outcome),
    };
    if from >= to {
        let message = format!("{} is not older than {}", from.title(), to.title());
        let message =
            Message::from(message).help("`--from` is the release in use now, `--to` the release after the upgrade");
        complain(&[ToolError::new("upgrade", message)]);
        return Ok(Outcome::Failed);
    }
    // Which release is meant is certain, and a change of a default is no matter of style here.
    check.input.release = Some(to);
    check.choices.pedantic = true;
    check::lint(&check, Some(Step { from, to }), order, out)
}

/// The release that the files were written for, as far as their lines tell; the user is told of it.
fn guessed(check: &check::Args, order: &[Layer], to: Release) -> Result<Release, Outcome> {
    let fail = |error| {
        complain(&[error]);
        Outcome::Failed
    };
    let rules = super::known_rules::load().map_err(fail)?;
    let input = check.input.read(order, &rules).map_err(|error| super::refuse(&error))?;
    let deployments: Vec<_> = input.groups.iter().flat_map(|group| group.deployments.iter().cloned()).collect();
    match lint::written_for(&input.files, &deployments).filter(|(from, _)| *from < to) {
        Some((from, dead)) => {
            let what = counted(dead as u64, "line");
            let message =
                format!("{} was the last release to read {what} here: it is taken as the release in use", from.title());
            complain(&[ToolError::new(
                "upgrade",
                Message::from(message).help("name another one with `--from RELEASE`"),
            )]);
            Ok(from)
        }
        None => {
            let message = Message::from("the files do not show which release reads them now");
            Err(fail(ToolError::new("upgrade", message.help("name it: `--from RELEASE`"))))
        }
    }
}
