use miette::MietteDiagnostic;

use crate::{style::Style, text::one_line};

/// A file that could not be read, or another thing that went wrong.
#[derive(Clone, Debug)]
pub struct ToolError {
    /// What it is about.
    pub file: String,
    /// What went wrong; what stands behind the first `; ` says what to do.
    pub message: String,
}

/// What to do where the operating system says only what is wrong.
const NEXT: [(&str, &str); 4] = [
    ("No such file or directory", "paths are seen from the working directory"),
    ("Permission denied", "run as somebody who may, or name other files"),
    ("No space left on device", "make room, and run again"),
    ("is a folder, not a regular file", "name the files in it"),
];

impl ToolError {
    /// The error as people read it on a terminal, drawn like a finding.
    pub fn render(&self, style: &Style) -> String {
        let (what, next) = match self.message.split_once("; ") {
            Some((what, next)) => (what, Some(next)),
            None => {
                let known = NEXT.iter().find(|(says, _)| self.message.contains(says));
                (self.message.as_str(), known.map(|(_, next)| *next))
            }
        };
        let mut drawn = MietteDiagnostic::new(format!("{}: {}", one_line(&self.file), one_line(what)));
        drawn = drawn.with_code("cinderlint");
        if let Some(next) = next {
            drawn = drawn.with_help(one_line(next).into_owned());
        }
        let mut text = String::new();
        match style.handler().render_report(&mut text, &drawn) {
            Ok(()) => text,
            Err(_) => format!("cinderlint: {}: {}\n", one_line(&self.file), one_line(&self.message)),
        }
    }
}
