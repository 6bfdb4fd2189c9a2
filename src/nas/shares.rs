//! The list of shares: from `nas_host` and `nas_share_path`, or from the lines of a shares file.
//!
//! Source: `RemoteFSDriver._load_shares_config` (the same from Liberty to 2026.2; Kilo decodes escapes), and the
//! classes that have one of their own.

use std::collections::HashMap;

use super::family::ShareLines;
use crate::{
    catalog::Release,
    ini::{Span, python},
    template::Template,
};

/// What is odd about one line of a shares file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineProblem {
    /// It starts with a blank: the address is empty, and the line is ignored with an ERROR in the log.
    LeadingBlank,
    /// It starts with a blank and a `#`: no comment for Cinder, but ignored all the same.
    IndentedComment,
    /// A tab stands where a space should: it becomes part of the address.
    Tab,
    /// Options that do not start with `-` reach `mount` as a stray word.
    Options,
    /// A byte order mark becomes part of the first address.
    ByteOrderMark,
    /// It is not `address:/export`: ignored with an ERROR in the log.
    Format,
    /// The file is not UTF-8 here: `UnicodeDecodeError`, and no share at all.
    NotUtf8,
    /// The second column that NexentaStor4 needs, the URL of the appliance, is missing.
    NoUrl,
}

impl LineProblem {
    /// The word that rules use for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LeadingBlank => "leading-blank",
            Self::IndentedComment => "indented-comment",
            Self::Tab => "tab",
            Self::Options => "options",
            Self::ByteOrderMark => "byte-order-mark",
            Self::Format => "format",
            Self::NotUtf8 => "not-utf8",
            Self::NoUrl => "no-url",
        }
    }
}

/// One share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The text that Cinder hashes and mounts.
    pub address: String,
    /// What it hands to `mount` beside the address.
    pub options: Option<String>,
    /// Its line in the shares file, from 1; none for `nas_host` and `nas_share_path`.
    pub line: Option<u32>,
}

/// One line of a shares file that does not do what it seems to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// What is odd.
    pub problem: LineProblem,
    /// Its number, from 1.
    pub line: u32,
    /// Its text, without the line end.
    pub span: Span,
}

/// What a shares file holds.
#[derive(Clone, Debug, Default)]
pub struct SharesFile {
    /// The shares, each once, in file order.
    pub shares: Vec<Share>,
    /// The odd lines, in file order.
    pub bad: Vec<BadLine>,
}

/// Whether `.+:/.+` matches at the start of a text, as Python's `re.match` has it.
pub fn is_address(text: &str) -> bool {
    matches_at_start(text, ":/", 1)
}

/// `.+SEPARATOR.{min,}`: `.` stands for anything but `\n`.
fn matches_at_start(text: &str, separator: &str, min: usize) -> bool {
    let first_line = text.split('\n').next().unwrap_or_default();
    let Some(from) = first_line.chars().next().map(char::len_utf8) else { return false };
    first_line[from..]
        .match_indices(separator)
        .any(|(at, _)| first_line[from + at + separator.len()..].chars().count() >= min)
}

impl SharesFile {
    /// The same for what may be a template: what an engine has yet to write is neither a share nor odd, and then it is
    /// false that these are all the shares there are.
    pub fn read_template(text: &[u8], lines: ShareLines, release: Release) -> (Self, bool) {
        let Some(template) = Template::read(text) else { return (Self::read(text, lines, release), true) };
        let mut file = Self::read(template.masked(), lines, release);
        let mut certain: std::collections::HashSet<u32> = std::collections::HashSet::new();
        for line in crate::ini::lines(text) {
            if !template.is_dynamic(Span::new(line.span.start, line.text_end)) {
                certain.insert(line.number);
            }
        }
        file.bad.retain(|bad| certain.contains(&bad.line));
        file.shares.retain(|share| share.line.is_some_and(|line| certain.contains(&line)));
        (file, false)
    }

    /// Reads the text of a shares file.
    pub fn read(text: &[u8], lines: ShareLines, release: Release) -> Self {
        let mut file = Self::default();
        if let Err(error) = std::str::from_utf8(text) {
            let at = error.valid_up_to() as u32;
            let line = crate::ini::lines(text).find(|line| line.span.end > at).map_or(1, |line| line.number);
            file.bad.push(BadLine { problem: LineProblem::NotUtf8, line, span: Span::new(at, at + 1) });
            return file;
        }
        let mut known: HashMap<String, usize> = HashMap::new();
        for line in crate::ini::lines(text) {
            let span = Span::new(line.span.start, line.text_end);
            let whole = String::from_utf8_lossy(line.span.of(text));
            if line.span.start == line.text_end || whole.starts_with('#') {
                continue;
            }
            let mut bad = |problem| file.bad.push(BadLine { problem, line: line.number, span });
            if line.number == 1 && whole.starts_with('\u{feff}') {
                bad(LineProblem::ByteOrderMark);
            }
            match cut(&whole, lines, release) {
                Ok((address, options)) => {
                    if lines == ShareLines::Plain || lines == ShareLines::Coho {
                        if address.contains('\t')
                            || whole.split(' ').next().is_some_and(|first| first.trim_end().contains('\t'))
                        {
                            bad(LineProblem::Tab);
                        } else if options.as_deref().is_some_and(|o| !o.is_empty() && !o.starts_with('-')) {
                            bad(LineProblem::Options);
                        }
                    }
                    match known.get(&address) {
                        Some(&at) => file.shares[at].options = options,
                        None => {
                            known.insert(address.clone(), file.shares.len());
                            file.shares.push(Share { address, options, line: Some(line.number) });
                        }
                    }
                }
                Err(problem) => bad(problem),
            }
        }
        file
    }
}

/// Cuts one line into address and options.
fn cut(line: &str, lines: ShareLines, release: Release) -> Result<(String, Option<String>), LineProblem> {
    let strip = |text: &str| text.trim_matches(python::is_space).to_string();
    if lines == ShareLines::Nexenta {
        let mut parts = line.splitn(2, python::is_space);
        let address = strip(parts.next().unwrap_or_default());
        let rest = parts.next().unwrap_or_default().trim_start_matches(python::is_space);
        let mut rest = rest.splitn(2, python::is_space);
        let url = rest.next().unwrap_or_default();
        if !is_address(&address) {
            return Err(format_problem(line));
        }
        if url.is_empty() {
            return Err(LineProblem::NoUrl);
        }
        return Ok((address, rest.next().map(strip).filter(|options| !options.is_empty())));
    }
    let (address, options) = match line.split_once(' ') {
        Some((address, options)) => (address, Some(strip(options))),
        None => (line, None),
    };
    let mut address = strip(address);
    if release == Release::KILO {
        address = unicode_escape(&address);
    }
    let address = address.replace("\\040", " ");
    let fits = match lines {
        ShareLines::Plain | ShareLines::Nexenta => is_address(&address),
        ShareLines::Coho => matches_at_start(&address, ":/", 0),
        ShareLines::Smb => address.strip_prefix("//").is_some_and(|rest| matches_at_start(rest, "/", 1)),
        ShareLines::Virtuozzo => !address.is_empty(),
    };
    if fits { Ok((address, options)) } else { Err(format_problem(line)) }
}

fn format_problem(line: &str) -> LineProblem {
    let text = line.trim_start_matches(python::is_space);
    match (text.len() < line.len(), text.starts_with('#')) {
        (true, true) => LineProblem::IndentedComment,
        (true, false) => LineProblem::LeadingBlank,
        _ => LineProblem::Format,
    }
}

/// What Python's `unicode_escape` codec makes of a text; an escape that it does not know stays.
fn unicode_escape(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        result.push_str(&rest[..at]);
        let escape = &rest[at + 1..];
        let digits = |from: usize, max: usize, radix: u32| {
            let end = escape[from..].chars().take(max).take_while(|c| c.is_digit(radix)).count();
            u32::from_str_radix(&escape[from..from + end], radix).ok().and_then(char::from_u32).map(|c| (c, from + end))
        };
        let simple = |c| Some((c, 1));
        let known = match escape.as_bytes().first() {
            Some(b'n') => simple('\n'),
            Some(b't') => simple('\t'),
            Some(b'r') => simple('\r'),
            Some(b'\\') => simple('\\'),
            Some(b'\'') => simple('\''),
            Some(b'"') => simple('"'),
            Some(b'a') => simple('\u{7}'),
            Some(b'b') => simple('\u{8}'),
            Some(b'f') => simple('\u{c}'),
            Some(b'v') => simple('\u{b}'),
            Some(b'x') => digits(1, 2, 16),
            Some(b'u') => digits(1, 4, 16),
            Some(b'0'..=b'7') => digits(0, 3, 8),
            _ => None,
        };
        match known {
            Some((c, length)) => {
                result.push(c);
                rest = &escape[length..];
            }
            None => {
                result.push('\\');
                rest = escape;
            }
        }
    }
    result.push_str(rest);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> SharesFile {
        SharesFile::read(text.as_bytes(), ShareLines::Plain, Release::NEWEST)
    }

    fn addresses(text: &str) -> Vec<String> {
        read(text).shares.into_iter().map(|share| share.address).collect()
    }

    #[test]
    fn lines_are_cut_as_cinder_cuts_them() {
        let file = read(
            "# note\n\nh:/a -o ro,hard\r\nh:/b\th\nh:/my\\040dir\nh:/a vers=3\n h:/c\n # x\nh:/\nrel\n[fe80::1]:/v6",
        );
        let shares: Vec<_> = file.shares.iter().map(|s| (s.address.as_str(), s.options.as_deref(), s.line)).collect();
        assert_eq!(
            shares,
            [
                ("h:/a", Some("vers=3"), Some(3)),
                ("h:/b\th", None, Some(4)),
                ("h:/my dir", None, Some(5)),
                ("[fe80::1]:/v6", None, Some(11)),
            ]
        );
        let bad: Vec<_> = file.bad.iter().map(|b| (b.line, b.problem)).collect();
        assert_eq!(
            bad,
            [
                (4, LineProblem::Tab),
                (6, LineProblem::Options),
                (7, LineProblem::LeadingBlank),
                (8, LineProblem::IndentedComment),
                (9, LineProblem::Format),
                (10, LineProblem::Format),
            ]
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_said_where_they_stand() {
        for (text, line, at) in [(&b"\xff"[..], 1, 0), (b"h:/a\nh:/b\xffc\nh:/d", 2, 9), (b"h:/a\r\n\xff", 2, 6)] {
            let file = SharesFile::read(text, ShareLines::Plain, Release::NEWEST);
            let bad = file.bad[0];
            assert_eq!((bad.problem, bad.line, bad.span), (LineProblem::NotUtf8, line, Span::new(at, at + 1)));
            assert!(file.shares.is_empty() && file.bad.len() == 1);
        }
    }

    #[test]
    fn a_byte_order_mark_is_part_of_the_address() {
        assert_eq!(addresses("\u{feff}h:/a\n"), ["\u{feff}h:/a"]);
        let bad = |text: &str| read(text).bad.iter().map(|bad| (bad.line, bad.problem)).collect::<Vec<_>>();
        assert_eq!(bad("\u{feff}h:/a\n"), [(1, LineProblem::ByteOrderMark)]);
        assert_eq!(bad("h:/b\n\u{feff}h:/a\n"), []);
    }

    #[test]
    fn a_tab_is_no_separator_wherever_it_stands() {
        for line in ["h:/a\tb", "\th:/a", "h:/a\t-o ro", "h:/a\tb -o ro"] {
            assert_eq!(
                read(line).bad.iter().map(|bad| bad.problem).collect::<Vec<_>>(),
                [LineProblem::Tab],
                "{line:?}"
            );
        }
        assert_eq!(read("h:/a -o\tro\t").bad, []);
        let kilo = SharesFile::read(br"h:/a\tb", ShareLines::Plain, Release::KILO);
        assert_eq!(kilo.bad[0].problem, LineProblem::Tab);
    }

    #[test]
    fn kilo_decodes_escapes() {
        let file = SharesFile::read(b"h:/a\\x2fb\\040c\\q", ShareLines::Plain, Release::KILO);
        assert_eq!(file.shares[0].address, "h:/a/b c\\q");
        for (written, meant) in [
            (r"\n", "\n"),
            (r"\t", "\t"),
            (r"\r", "\r"),
            (r"\\n", r"\n"),
            (r"\'", "'"),
            (r#"\""#, "\""),
            (r"\a\b\f\v", "\u{7}\u{8}\u{c}\u{b}"),
            (r"\x41b", "Ab"),
            (r"\u00e9\u20acx", "é€x"),
            (r"\1012", "A2"),
            (r"\8", r"\8"),
        ] {
            let file = SharesFile::read(format!("h:/a{written}-").as_bytes(), ShareLines::Plain, Release::KILO);
            assert_eq!(file.shares[0].address, format!("h:/a{meant}-"), "{written}");
            let later = SharesFile::read(format!("h:/a{written}-").as_bytes(), ShareLines::Plain, Release::LIBERTY);
            assert_eq!(later.shares[0].address, format!("h:/a{written}-"), "{written}");
        }
    }
}
