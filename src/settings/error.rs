use std::{
    fmt,
    ops::Range,
    path::{Path, PathBuf},
};

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

use crate::{source, style::Style, text::is_unprintable};

/// A settings file, or a rule file of the site, that cannot be used.
#[derive(Debug)]
pub struct SettingsError {
    path: PathBuf,
    /// The line and the column, both from 1, where they are known.
    at: Option<(u32, u32)>,
    message: String,
    help: Option<String>,
    source: Box<NamedSource<String>>,
    span: Option<Range<usize>>,
}

impl SettingsError {
    /// What is wrong in a file, and where (in bytes).
    pub(crate) fn new(path: &Path, text: &str, span: Option<Range<usize>>, message: impl Into<String>) -> Self {
        // Nothing in the file is to steer the terminal; the places stay.
        let clean = text.chars().map(|c| match c {
            '\n' | '\t' => c.to_string(),
            c if is_unprintable(c) => "?".repeat(c.len_utf8()),
            c => c.to_string(),
        });
        let message = message.into().replace(is_unprintable, "\u{fffd}");
        let source = Box::new(NamedSource::new(source::relative(path), clean.collect::<String>()));
        let span = span.filter(|span| span.end <= text.len());
        let at = span.as_ref().and_then(|span| text.get(..span.start)).map(line_and_column);
        Self { path: path.to_path_buf(), at, message, help: None, source, span }
    }

    /// What the TOML reader says, with the nearest known word.
    pub(crate) fn toml(path: &Path, text: &str, error: &toml::de::Error) -> Self {
        Self::of_message(path, text, error.span(), error.message())
    }

    /// As [`SettingsError::toml`], of a message that was taken apart already.
    ///
    /// What cannot be read may be any file at all, a `cinder.conf` or somebody's credentials, so nothing of its text is shown but
    /// a word that is nearly a known one.
    pub(crate) fn of_message(path: &Path, text: &str, span: Option<Range<usize>>, message: &str) -> Self {
        let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
        let unknown = ["unknown field", "unknown variant"].iter().any(|start| message.starts_with(start));
        match words.split_first() {
            Some((wrong, known)) if unknown => {
                let what = if message.starts_with("unknown field") { "key" } else { "value" };
                let word = nearest(known, wrong).map_or_else(String::new, |_| format!(" `{wrong}`"));
                Self::undrawn(path, text, span, format!("unknown {what}{word}")).suggest(known, wrong)
            }
            _ => Self::undrawn(path, text, span, without_quotes(message.trim(), text)),
        }
    }

    /// As [`SettingsError::new`], with the place in words instead of its line.
    fn undrawn(path: &Path, text: &str, span: Option<Range<usize>>, message: String) -> Self {
        let mut error = Self::new(path, "", None, message);
        error.at = span.and_then(|span| text.get(..span.start)).map(line_and_column);
        if let Some((line, column)) = error.at {
            error.source =
                Box::new(NamedSource::new(format!("{}:{line}:{column}", error.source.name()), String::new()));
        }
        error
    }

    /// The file, and the line and the column, both from 1.
    pub fn place(&self) -> (&Path, u32, u32) {
        let (line, column) = self.at.unwrap_or((1, 1));
        (&self.path, line, column)
    }

    /// What is wrong, without the place.
    pub fn what(&self) -> &str {
        &self.message
    }

    /// Says what to write instead.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says which known word may have been meant, or what is known.
    pub(crate) fn suggest(self, known: &[&str], wrong: &str) -> Self {
        self.help(
            nearest(known, wrong)
                .map_or_else(|| format!("known are: {}", known.join(", ")), |near| format!("did you mean `{near}`?")),
        )
    }

    /// The error as people read it, drawn like a finding.
    pub fn render(&self, style: &Style) -> String {
        let mut text = String::new();
        match style.handler().render_report(&mut text, self) {
            Ok(()) => text,
            Err(_) => format!("cinderlint: {self}\n"),
        }
    }
}

/// Where a text that ends here ends, both from 1; columns count characters.
fn line_and_column(before: &str) -> (u32, u32) {
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line as u32, column as u32)
}

/// A message of a reader without what it quotes of the text: `invalid type: string "…", expected a boolean`.
fn without_quotes(message: &str, text: &str) -> String {
    if let (Some(kind), Some(expected)) = (message.find(": "), message.rfind(", expected"))
        && message.starts_with("invalid ")
        && kind < expected
    {
        return format!("{}{}", &message[..kind], &message[expected..]);
    }
    if message.contains("did you mean") {
        return message.to_string();
    }
    let mut clean = message.to_string();
    for quote in ['"', '\'', '`'] {
        let parts = clean.split(quote).enumerate();
        let shown = parts.map(|(nth, part)| if nth % 2 == 1 && text.contains(part) { "…" } else { part });
        clean = shown.collect::<Vec<_>>().join(&quote.to_string());
    }
    clean
}

fn nearest<'n>(known: &[&'n str], wrong: &str) -> Option<&'n str> {
    let scored = known.iter().map(|name| (strsim::normalized_damerau_levenshtein(name, wrong), *name));
    scored.filter(|(score, _)| *score >= 0.5).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.span.is_none() {
            write!(f, "{}: ", self.source.name())?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for SettingsError {}

impl Diagnostic for SettingsError {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new("settings"))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.span.is_some().then_some(self.source.as_ref() as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.span.clone()?;
        Some(Box::new(std::iter::once(LabeledSpan::new_primary_with_span(None, span))))
    }
}
