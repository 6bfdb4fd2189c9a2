//! How text looks on a terminal: colours, width, links.

use std::io::IsTerminal;

use clap::ValueEnum;
use miette::{GraphicalReportHandler, GraphicalTheme, ThemeCharacters, ThemeStyles};
#[cfg(any(unix, windows))]
use terminal_size::terminal_size_of as size;
use terminal_size::{Height, Width};
use textwrap::{WordSeparator, WordSplitter};

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// Where the output is a terminal.
    #[default]
    Auto,
    /// Even in a pipe.
    Always,
    /// Not even on a terminal.
    Never,
}

/// How the report looks; decided once, for standard output.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Whether to use colours.
    pub color: bool,
    /// Whether the output can show more than ASCII.
    pub unicode: bool,
    /// Whether the output can show links (OSC 8).
    pub links: bool,
    /// Width in columns.
    pub width: usize,
}

const PIPE_WIDTH: usize = 100;

/// A page in a browser has no terminal.
#[cfg(not(any(unix, windows)))]
fn size<T>(_: T) -> Option<(Width, Height)> {
    None
}

impl Style {
    /// Looks at the flag, then at `NO_COLOR`, `FORCE_COLOR` and `CLICOLOR_FORCE`, then at standard output.
    pub fn for_stdout(choice: ColorChoice) -> Self {
        let measured = || size(std::io::stdout());
        let links = supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout);
        Self::of(choice, std::io::stdout().is_terminal(), links, measured)
    }

    /// The same for standard error.
    pub fn for_stderr(choice: ColorChoice) -> Self {
        let measured = || size(std::io::stderr());
        let links = supports_hyperlinks::on(supports_hyperlinks::Stream::Stderr);
        Self::of(choice, std::io::stderr().is_terminal(), links, measured)
    }

    fn of(choice: ColorChoice, terminal: bool, links: bool, measured: impl Fn() -> Option<(Width, Height)>) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
        let color = match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) => false,
            ColorChoice::Auto if set("FORCE_COLOR") || set("CLICOLOR_FORCE") => true,
            ColorChoice::Auto => terminal && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
        };
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let measured = || measured().map(|(width, _)| usize::from(width.0));
        let width = columns.or_else(measured).unwrap_or(PIPE_WIDTH).clamp(40, 200);
        Self { color, unicode: locale_is_utf8(), links, width }
    }

    /// What draws diagnostics.
    pub(crate) fn handler(&self) -> GraphicalReportHandler {
        let theme = GraphicalTheme {
            characters: if self.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() },
            styles: if self.color { ThemeStyles::ansi() } else { ThemeStyles::none() },
        };
        let handler = GraphicalReportHandler::new_themed(theme).with_width(self.width);
        // Breaks at blanks alone leave names and paths whole, and cost a tenth of what Unicode's rules do.
        let handler =
            handler.with_word_separator(WordSeparator::AsciiSpace).with_word_splitter(WordSplitter::NoHyphenation);
        handler.with_links(false).with_context_lines(1)
    }

    /// How a report in a file looks.
    pub const FILE: Self = Self { color: false, unicode: true, links: false, width: PIPE_WIDTH };

    /// A text that leads to an address, where the terminal is known to show links.
    pub fn link(&self, address: &str, text: &str) -> String {
        match self.links {
            true => format!("\u{1b}]8;;{address}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\"),
            false => text.to_string(),
        }
    }

    /// Wraps a text in an SGR sequence such as `1;31`.
    pub fn paint(&self, sequence: &str, text: &str) -> String {
        if self.color && !text.is_empty() { format!("\u{1b}[{sequence}m{text}\u{1b}[0m") } else { text.to_string() }
    }
}

fn locale_is_utf8() -> bool {
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}
