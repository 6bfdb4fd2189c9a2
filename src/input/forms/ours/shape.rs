//! What a text shows of itself: sections, options, and what other programs alone write.

use super::words::{GENERIC, MARKS, SECTIONS, SIGNS, SURE_MARKS, THEIR_OPTIONS, THEIR_SECTIONS};
use crate::catalog;

/// How many bytes of a text are looked at: shape and vocabulary show early.
const LOOKED_AT: usize = 64 << 10;

/// What a text shows of itself.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// Headers of sections.
    pub(super) sections: usize,
    /// Those of them that Cinder has, or that a template writes.
    pub(super) own_sections: usize,
    /// Assignments of options that some release of Cinder has, or that look like them.
    pub(super) known: usize,
    /// Those of them that are volume drivers' or Cinder's own.
    pub(super) ours: usize,
    /// Assignments of anything else.
    pub(super) unknown: usize,
    /// Lines that oslo.config does not read.
    pub(super) others: usize,
    /// What another program alone writes.
    pub(super) foreign: Option<&'static str>,
    /// A section or an option that another service has, as a message shows it.
    pub(super) of_others: Option<String>,
}

impl Shape {
    pub(super) fn of(text: &[u8]) -> Self {
        let mut shape = Self::default();
        let text = &text[..text.len().min(LOOKED_AT)];
        let mut keys = [false; 2];
        let mut after_option = false;
        for line in text.split(is_end_of_line) {
            let body = line.trim_ascii();
            if body.is_empty() || matches!(body[0], b'#' | b';') || is_of_a_template(body) {
                after_option &= !body.is_empty();
                continue;
            }
            if matches!(line[0], b' ' | b'\t') && after_option {
                continue;
            }
            let body = String::from_utf8_lossy(body);
            after_option = shape.line(&body, &mut keys);
        }
        // What generates samples of options and policies.
        if keys[0] && keys[1] {
            shape.foreign.get_or_insert("output_file");
        }
        shape
    }

    /// Whether the line assigns something.
    fn line(&mut self, body: &str, keys: &mut [bool; 2]) -> bool {
        if let Some(name) = body.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            self.sections += 1;
            let is_own = name == "DEFAULT" || name.contains(['{', '<', '@', '$', '%']);
            self.own_sections += usize::from(is_own || catalog::group_releases(name).next().is_some());
            if let Some(known) = SECTIONS.iter().find(|known| name.starts_with(**known)) {
                self.foreign.get_or_insert(known);
            }
            if let Some(known) = THEIR_SECTIONS.iter().find(|known| **known == name) {
                self.of_others.get_or_insert_with(|| format!("[{known}]"));
            }
            return false;
        }
        if let Some(sign) = SIGNS.iter().find(|sign| body.starts_with(**sign)) {
            self.foreign.get_or_insert(sign.trim_end());
        }
        // Blocks of nginx, logrotate, LVM, rsyslog, …
        if body == "}" || body.ends_with(" {") {
            self.foreign.get_or_insert("{");
        }
        let Some((key, _)) = body.split_once(['=', ':']) else {
            self.others += 1;
            return false;
        };
        let key = key.trim_end();
        // RainerScript: `module(load="imfile")`.
        if key.contains('(') {
            self.foreign.get_or_insert("(");
        }
        if key.is_empty()
            || key.contains(char::is_whitespace)
            || !key.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        {
            self.others += 1;
            return false;
        }
        keys[0] |= key == "output_file";
        keys[1] |= key == "namespace";
        if key == "filters_path" || key == "exec_dirs" {
            self.foreign.get_or_insert("filters_path");
        }
        let name = key.to_lowercase().replace('-', "_");
        if let Some(known) = THEIR_OPTIONS.iter().find(|known| **known == name) {
            self.of_others.get_or_insert_with(|| format!("`{known}`"));
        }
        let is_mark = |marks: &[&str]| marks.iter().any(|mark| name.starts_with(mark.trim_start()));
        if is_mark(&MARKS) || is_mark(&SURE_MARKS) {
            (self.known, self.ours) = (self.known + 1, self.ours + 1);
        } else {
            let mut rows = catalog::options_named(&name).peekable();
            let is_known = rows.peek().is_some() && !GENERIC.contains(&&*name);
            self.ours += usize::from(rows.any(|row| row.is_of_drivers()));
            if is_known { self.known += 1 } else { self.unknown += 1 }
        }
        true
    }
}

/// As oslo.config reads lines: a lone carriage return ends one.
fn is_end_of_line(byte: &u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Lines that a template engine reads, and says nothing of by themselves.
fn is_of_a_template(line: &[u8]) -> bool {
    [&b"{%"[..], b"{{", b"{#", b"<%", b"%}", b"-%}", b"%>"].iter().any(|sign| line.starts_with(sign))
}

/// What a file that is no text is, by its first bytes.
pub(in super::super) fn binary(head: &[u8]) -> Option<&'static str> {
    const STARTS: [(&[u8], &str); 8] = [
        (b"PK\x03\x04", "an archive or an office document"),
        (b"%PDF-", "a PDF document"),
        (b"\xd0\xcf\x11\xe0", "an office document"),
        (b"{\\rtf", "an office document"),
        (b"\x7fELF", "a program"),
        (b"\x1f\x8b", "a compressed file"),
        (b"\x89PNG", "an image"),
        (b"SQLite format 3", "a database"),
    ];
    let known = STARTS.iter().find(|(start, _)| head.starts_with(start)).map(|(_, what)| *what);
    // Windows writes text with bytes of zero, and says so at its start.
    let is_wide = [&b"\xff\xfe"[..], b"\xfe\xff"].iter().any(|start| head.starts_with(start));
    let is_broken = || std::str::from_utf8(head).is_err_and(|error| error.error_len().is_some());
    // A line with a stray byte is a mistake in a text, and is told as one.
    let is_control = |byte: &&u8| matches!(byte, 0..=8 | 14..=31 | 127);
    let is_dense = || head.iter().filter(is_control).count() * 20 > head.len();
    known.or_else(|| {
        (!is_wide && memchr::memchr(0, head).is_some() && is_broken() && is_dense()).then_some("data, not text")
    })
}

/// Whether a text is YAML instead of a file of oslo.config: no header of a section, no `=`, and mostly keys and items.
pub(in super::super) fn is_yaml(text: &[u8]) -> bool {
    let (mut keys, mut items, mut others) = (0, 0, 0);
    for line in text.split(is_end_of_line).map(<[u8]>::trim_ascii) {
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        let assigns = memchr::memchr2(b'=', b':', line).is_some_and(|at| line[at] == b'=');
        if assigns || line.starts_with(b"[") && line.ends_with(b"]") {
            return false;
        }
        let is_item = line.starts_with(b"- ") || line == b"---";
        match line.ends_with(b":") || memchr::memmem::find(line, b": ").is_some() {
            true => keys += 1,
            false if is_item => items += 1,
            false => others += 1,
        }
    }
    keys > 0 && keys + items >= others
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_is_told_from_ini() {
        assert!(is_yaml(b"---\ncinder:\n  debug: true\n"));
        assert!(is_yaml(b"a: b\n"));
        for text in ["", "# x\n", "[DEFAULT]\na: b\n", "a = b\n", "a = b: c\n", "prose\n"] {
            assert!(!is_yaml(text.as_bytes()), "{text}");
        }
    }
}
