//! `cinderlint option`: what the catalogue knows of options.

use std::io::{self, Write};

use super::{Form, Outcome, complain, complete};
use crate::{
    catalog::{self, Release},
    lint,
    message::Message,
    report::{self, AskedOption, ToolError},
    style::{ColorChoice, Style},
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Names of options; older names are accepted
    #[arg(required = true, value_name = "NAME", add = complete::options())]
    names: Vec<String>,
    /// The Cinder release [default: the newest known]
    #[arg(long, value_name = "NAME", add = complete::releases(), value_parser = |text: &str| text.parse::<Release>())]
    release: Option<Release>,
    /// Output format
    #[arg(long, value_enum, default_value_t = Form::Full)]
    pub(super) format: Form,
    /// When to use colors
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> io::Result<Outcome> {
    let release = args.release.unwrap_or(Release::NEWEST);
    let asked: Vec<AskedOption<'_>> = args.names.iter().map(|name| ask(name)).collect();
    match args.format {
        Form::Json => report::write_option_json(&asked, release, out)?,
        Form::Full => {
            let style = Style::for_stdout(args.color);
            let known = asked.iter().filter(|asked| !asked.found.is_empty());
            for (at, asked) in known.enumerate() {
                if at > 0 {
                    writeln!(out)?;
                }
                report::write_option(asked, release, args.release.is_some(), &style, out)?;
            }
        }
    }
    out.flush()?;
    let unknown: Vec<ToolError> =
        asked.iter().filter(|asked| asked.found.is_empty()).map(|asked| unknown_option(asked.name)).collect();
    complain(&unknown);
    Ok(if unknown.is_empty() { Outcome::Clean } else { Outcome::Failed })
}

/// What the catalogue has of a name, however it is written: `[section] name`, with `-` for `_`, in capitals.
pub(super) fn ask(name: &str) -> AskedOption<'_> {
    let (section, key) = match name.trim().strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((section, key)) => (Some(section), key.trim()),
        None => (None, name.trim()),
    };
    let mut found = catalog::About::find(key);
    if found.is_empty() {
        found = catalog::About::find(&key.to_ascii_lowercase().replace('-', "_"));
    }
    if let Some(section) = section
        && found.iter().any(|about| about.section().eq_ignore_ascii_case(section))
    {
        found.retain(|about| about.section().eq_ignore_ascii_case(section));
    }
    AskedOption { name, found }
}

fn unknown_option(name: &str) -> ToolError {
    let near = lint::nearest_options(name);
    let hint = match near.as_slice() {
        [] => "cinderlint does not know the options of drivers outside Cinder".to_string(),
        near => format!("did you mean {}?", near.join(" or ")),
    };
    ToolError::new(name, Message::from("no release of Cinder has an option of this name").help(hint))
}
