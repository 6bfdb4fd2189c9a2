use std::io::{self, Write};

use super::{Form, Outcome, complain};
use crate::{
    cli::input_args::{InputArgs, Layer},
    report::{self, Assessed},
    style::{ColorChoice, Style},
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    input: InputArgs,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t = Form::Full)]
    pub(super) format: Form,
    /// Also every option of the backend's driver that no file sets, with its default
    #[arg(long)]
    all: bool,
    /// When to use colours
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
    let assessed: Vec<Assessed<'_>> = input
        .groups
        .iter()
        .flat_map(|group| group.deployments.iter().map(|deployment| (&group.host, deployment)))
        .filter(|(_, deployment)| !deployment.layers.is_empty())
        .map(|(host, deployment)| Assessed::new(&input.files, deployment, host, &rules))
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
