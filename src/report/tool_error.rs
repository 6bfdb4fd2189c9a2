use miette::MietteDiagnostic;

use crate::{message::Message, style::Style, text::one_line};

/// A file that could not be read, or another thing that went wrong.
#[derive(Clone, Debug)]
pub struct ToolError {
    /// What it is about.
    pub file: String,
    /// What went wrong, and what to do.
    pub message: Message,
}

impl ToolError {
    /// An error about a file, or about whatever else it names.
    pub fn new(file: impl Into<String>, message: impl Into<Message>) -> Self {
        Self { file: file.into(), message: message.into() }
    }

    /// The error as people read it on a terminal, drawn like a finding.
    pub fn render(&self, style: &Style) -> String {
        let what = self.message.what();
        let mut drawn = MietteDiagnostic::new(format!("{}: {}", one_line(&self.file), one_line(what)));
        drawn = drawn.with_code("cinderlint");
        if let Some(next) = self.message.next() {
            drawn = drawn.with_help(one_line(next).into_owned());
        }
        let mut text = String::new();
        match style.handler().render_report(&mut text, &drawn) {
            Ok(()) => text,
            Err(_) => format!("cinderlint: {}: {}\n", one_line(&self.file), one_line(&self.message.to_string())),
        }
    }
}
