//! Standard output and standard error, whose readers may be machines that take lines for commands.
//!
//! CI systems read what a step prints: GitHub's runner obeys a line that starts with `::name` (blanks before it do not matter), and
//! `##[name]` anywhere in a line; Azure Pipelines `##vso[…]`, TeamCity `##teamcity[…]`. Names of files and lines of linted
//! files come from strangers. What is written here keeps its looks and is no such command any more.

use std::io::{self, StderrLock, Write};

/// How a character is written so that it means the same and starts no command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Text for people: a character without width stands between.
    Text,
    /// JSON: the character is written as an escape, which every reader turns back.
    Json,
    /// XML and HTML: the same with a character reference.
    Xml,
    /// Nothing is changed: text that is a file itself, and workflow commands that are meant.
    Exact,
}

impl Dialect {
    /// What stands for the second colon of a line's start, or for the bracket after `##`.
    fn instead(self, byte: u8) -> &'static [u8] {
        match (self, byte) {
            (Self::Json, b':') => b"\\u003a",
            (Self::Json, _) => b"\\u005b",
            (Self::Xml, b':') => b"&#58;",
            (Self::Xml, _) => b"&#91;",
            (_, b':') => "\u{200b}:".as_bytes(),
            (_, _) => "\u{200b}[".as_bytes(),
        }
    }
}

/// Where in a line the writer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    /// Nothing but blanks stands before.
    #[default]
    Start,
    /// Nothing but blanks and one colon.
    Colon,
    /// Something else.
    Within,
}

/// The most letters between `##` and `[` that are looked at.
const LONGEST: u8 = 32;

/// A writer that lets no command through.
#[derive(Debug)]
pub(crate) struct Neutral<W: Write> {
    out: W,
    dialect: Dialect,
    at: At,
    /// Number of `#` in a row, and of the letters after two of them.
    signs: u8,
    letters: u8,
}

impl<W: Write> Neutral<W> {
    /// A writer in front of `out`.
    pub(crate) fn new(out: W, dialect: Dialect) -> Self {
        Self { out, dialect, at: At::Start, signs: 0, letters: 0 }
    }

    /// Looks at one byte; true: it would make a command.
    fn completes(&mut self, byte: u8) -> bool {
        let mut completes = false;
        match byte {
            b'#' => {
                self.signs = if self.letters > 0 { 1 } else { self.signs.saturating_add(1) };
                self.letters = 0;
            }
            b'[' => {
                completes = self.signs >= 2;
                (self.signs, self.letters) = (0, 0);
            }
            byte if self.signs >= 2 && byte.is_ascii_alphanumeric() && self.letters < LONGEST => self.letters += 1,
            _ => (self.signs, self.letters) = (0, 0),
        }
        self.at = match (self.at, byte) {
            (_, b'\n' | b'\r') => At::Start,
            (At::Start, b':') => At::Colon,
            (At::Colon, b':') => {
                completes = true;
                At::Within
            }
            // Every blank of Unicode counts as one: whatever is not ASCII may be a part of it.
            (At::Start, byte) if byte.is_ascii_whitespace() || byte < b' ' || !byte.is_ascii() => At::Start,
            _ => At::Within,
        };
        completes
    }

    /// Number of bytes at the start of `bytes` that need no look, because nothing of a command is under way.
    fn harmless(&self, bytes: &[u8]) -> usize {
        let next = match self.at {
            _ if self.signs > 0 => Some(0),
            At::Within => memchr::memchr3(b'\n', b'\r', b'#', bytes),
            At::Start => bytes.iter().position(|&byte| byte != b' '),
            At::Colon => Some(0),
        };
        next.unwrap_or(bytes.len())
    }
}

impl<W: Write> Write for Neutral<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.dialect == Dialect::Exact {
            return self.out.write(bytes);
        }
        let (mut from, mut at) = (0, 0);
        while at < bytes.len() {
            at += self.harmless(&bytes[at..]);
            let Some(&byte) = bytes.get(at) else { break };
            if self.completes(byte) {
                self.out.write_all(&bytes[from..at])?;
                self.out.write_all(self.dialect.instead(byte))?;
                from = at + 1;
            }
            at += 1;
        }
        self.out.write_all(&bytes[from..])?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Standard error, for people.
pub(crate) fn stderr() -> Neutral<StderrLock<'static>> {
    Neutral::new(io::stderr().lock(), Dialect::Text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn written(dialect: Dialect, parts: &[&str]) -> String {
        let mut out = Neutral::new(Vec::new(), dialect);
        for part in parts {
            out.write_all(part.as_bytes()).unwrap();
        }
        String::from_utf8(out.out).unwrap()
    }

    #[test]
    fn no_line_is_a_command() {
        for (text, becomes) in [
            ("::error::x", ":\u{200b}:error::x"),
            ("a\n \t::x", "a\n \t:\u{200b}:x"),
            ("a\r::x", "a\r:\u{200b}:x"),
            ("\u{a0}::x", "\u{a0}:\u{200b}:x"),
            ("a ##[group]b", "a ##\u{200b}[group]b"),
            ("####[x]", "####\u{200b}[x]"),
            ("##vso[x] ##teamcity[y]", "##vso\u{200b}[x] ##teamcity\u{200b}[y]"),
            ("##a##[x]", "##a##\u{200b}[x]"),
        ] {
            assert_eq!(written(Dialect::Text, &[text]), becomes);
            let bytes: Vec<String> = text.chars().map(String::from).collect();
            let bytes: Vec<&str> = bytes.iter().map(String::as_str).collect();
            assert_eq!(written(Dialect::Text, &bytes), becomes, "in any pieces");
        }
        assert_eq!(written(Dialect::Json, &["\"##[x]\""]), "\"##\\u005bx]\"");
        assert_eq!(written(Dialect::Xml, &["::x ##[y]"]), ":&#58;x ##&#91;y]");
        assert_eq!(written(Dialect::Exact, &["::x"]), "::x");
    }

    #[test]
    fn all_else_stays() {
        for text in ["# [a]\n## b [c]\na::b\n#[x] ## [y]\n", "", "x:y\n:\n: :\n"] {
            assert_eq!(written(Dialect::Text, &[text]), text);
        }
    }
}
