//! `cinderlint upgrade`: what changes for these files between two releases, and the edits that keep what they mean.

use std::io::{self, Write};

use super::{
    Outcome,
    check::{self, Step},
    complain, complete,
    console::Dialect,
    input_args::Layer,
};
use crate::{catalog::Release, message::Message, report::ToolError};

#[derive(Debug, clap::Args)]
// Those of `check`, which are flattened in, are a group of this name already.
#[group(skip)]
pub(crate) struct Args {
    /// The release that is to read the files [default: the newest known]
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
    let Some(from) = check.from else {
        let message = Message::from("the release that read the files until now is not known");
        complain(&[ToolError::new("upgrade", message.help("name it: `--from RELEASE`"))]);
        return Ok(Outcome::Failed);
    };
    if from >= to {
        let message = format!("{} is not older than {}", from.title(), to.title());
        let message = Message::from(message).help("`--from` is the release in use, `--to` the one after the upgrade");
        complain(&[ToolError::new("upgrade", message)]);
        return Ok(Outcome::Failed);
    }
    // Which release is meant is certain, and a change of a default is no matter of style here.
    check.input.release = Some(to);
    check.choices.pedantic = true;
    check::lint(&check, Some(Step { from, to }), order, out)
}
