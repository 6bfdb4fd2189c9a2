//! What edits change, as a unified diff. Secrets are covered, in lines of context too.

use std::{
    io::{self, Write},
    time::{Duration, Instant},
};

use similar::{Algorithm, ChangeTag, DiffOp, capture_diff_slices_deadline, group_diff_ops};

use crate::{
    ini::{self, Span},
    style::Style,
    text::one_line,
};

/// Lines of context around a change.
const CONTEXT: usize = 3;
/// After this time a difference need not be the smallest.
const LONGEST: Duration = Duration::from_secs(2);

/// A text, and the same with its secrets covered, byte for byte.
#[derive(Clone, Copy, Debug)]
pub struct Side<'t> {
    /// What is compared.
    pub text: &'t [u8],
    /// What is shown.
    pub covered: &'t [u8],
}

/// Writes the difference of two texts of a file; nothing where there is none.
///
/// # Errors
/// Those of the writer.
pub fn write(path: &str, old: Side<'_>, new: Side<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let lines = |text| -> Vec<Span> { ini::lines(text).map(|line| line.span).collect() };
    let (before, after) = (lines(old.text), lines(new.text));
    let texts = |spans: &[Span], text| -> Vec<&[u8]> { spans.iter().map(|span| span.of(text)).collect() };
    let ops = capture_diff_slices_deadline(
        Algorithm::Patience,
        &texts(&before, old.text),
        &texts(&after, new.text),
        // In a browser there is no clock.
        (!cfg!(target_family = "wasm")).then(|| Instant::now() + LONGEST),
    );
    let (old, new) = (old.covered, new.covered);
    // A tab ends a name in which blanks would end it otherwise, as diff(1) and git write it.
    let tab = if path.contains(' ') { "\t" } else { "" };
    let path = one_line(path);
    let mut head = true;
    for hunk in group_diff_ops(ops, CONTEXT) {
        if std::mem::take(&mut head) {
            writeln!(out, "{}", style.paint("1", &format!("--- {path}{tab}")))?;
            writeln!(out, "{}", style.paint("1", &format!("+++ {path}{tab}")))?;
        }
        let header = format!("@@ -{} +{} @@", range(&hunk, DiffOp::old_range), range(&hunk, DiffOp::new_range));
        writeln!(out, "{}", style.paint("36", &header))?;
        for change in hunk.iter().flat_map(|op| op.iter_changes(&before, &after)) {
            let (sign, text, color) = match change.tag() {
                ChangeTag::Equal => (' ', old, ""),
                ChangeTag::Delete => ('-', old, "31"),
                ChangeTag::Insert => ('+', new, "32"),
            };
            // A lone carriage return is a line feed here.
            let line = String::from_utf8_lossy(change.value().of(text));
            let bare = line.strip_suffix('\n');
            let (bare, end) =
                (bare.unwrap_or(&line), if bare.is_some() { "\n" } else { "\n\\ No newline at end of file\n" });
            let shown = format!("{sign}{bare}");
            write!(out, "{}{end}", if color.is_empty() { shown } else { style.paint(color, &shown) })?;
        }
    }
    Ok(())
}

/// First line and number of lines of a hunk; one line is just its number, and none stand behind the line before.
fn range(hunk: &[DiffOp], side: fn(&DiffOp) -> std::ops::Range<usize>) -> String {
    let start = hunk.first().map_or(0, |op| side(op).start);
    let end = hunk.last().map_or(0, |op| side(op).end);
    match end - start {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        length => format!("{},{length}", start + 1),
    }
}
