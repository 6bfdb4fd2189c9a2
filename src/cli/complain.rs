//! What is said on standard error.

use std::io::{self, IsTerminal, Write};

use super::{Outcome, console};
use crate::{
    report::ToolError,
    settings::SettingsError,
    style::{ColorChoice, Style},
    text::one_line,
};

/// Settings that cannot be used end the run.
pub(super) fn refuse(error: &SettingsError) -> Outcome {
    let _ = write!(console::stderr(), "{}", error.render(&Style::for_stderr(ColorChoice::Auto)));
    Outcome::Failed
}

/// Errors of the tool itself go to standard error: drawn like findings on a terminal, else one line each.
pub(crate) fn complain(errors: &[ToolError]) {
    if errors.is_empty() {
        return;
    }
    let terminal = io::stderr().is_terminal();
    let style = Style::for_stderr(ColorChoice::Auto);
    let mut err = console::stderr();
    for error in errors {
        let _ = match terminal {
            true => write!(err, "{}", error.render(&style)),
            false => writeln!(err, "cinderlint: {}: {}", one_line(&error.file), one_line(&error.message.to_string())),
        };
    }
}
