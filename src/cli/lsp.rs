//! `cinderlint lsp`: the language server, on standard input and output.

use lsp_server::Connection;

use super::{Outcome, complain, complete};
use crate::{
    catalog::Release,
    lsp::{self, Given},
    message::Message,
    report::ToolError,
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The Cinder release that reads the files, where neither the editor nor the settings of the tree say it
    #[arg(long, value_name = "NAME", add = complete::releases(), value_parser = |text: &str| text.parse::<Release>())]
    release: Option<Release>,
    /// Look up absolute paths that a configuration names on this machine: shares, mount points, the indicator
    #[arg(long)]
    host: bool,
    /// For clients that name the way on which they speak: it is always standard input and output
    #[arg(long, hide = true)]
    stdio: bool,
}

pub(super) fn run(args: &Args) -> Outcome {
    let rules = match super::known_rules::load() {
        Ok(rules) => rules,
        Err(error) => {
            complain(&[error]);
            return Outcome::Failed;
        }
    };
    // A panic ends in an answer that says so; what it says may hold text of a file.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        complain(&[ToolError::new("cinderlint lsp", Message::from(format!("internal error at {place}")))]);
    }));
    let given = Given { release: args.release, host: args.host, ..Given::default() };
    let (connection, threads) = Connection::stdio();
    let served = lsp::serve(&connection, &given, rules);
    drop(connection);
    match served {
        Ok(()) => {
            // What it could say is that the client is gone, which is what it was asked for.
            let _ = threads.join();
            Outcome::Clean
        }
        Err(error) => {
            complain(&[ToolError::new("cinderlint lsp", Message::from(error.to_string()))]);
            Outcome::Failed
        }
    }
}
