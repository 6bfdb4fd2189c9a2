//! Lists and dicts.
//!
//! oslo.config cuts at every comma, and where an item does not pass, joins the next one to it and tries again, up to the
//! end. The message is that of the last try.

use std::collections::HashSet;

use super::python::strip;
use super::{Rejected, Type, knows_regex};

/// How many bytes of pieces are tried again before the rest of the text passes unchecked.
pub(super) const FUEL: usize = 1 << 22;

/// The items of a list.
pub(super) fn list<'t>(item: &Type, bounds: bool, text: &'t str, fuel: &mut usize) -> Result<Vec<&'t str>, Rejected> {
    let mut text = strip(text).trim_end_matches(',');
    if bounds {
        text = within(text, '[', ']')?;
    }
    let mut items = Vec::new();
    if text.is_empty() {
        return Ok(items);
    }
    let mut pieces = Pieces::new(text);
    while let Some(mut piece) = pieces.next() {
        while let Err(error) = item.check_within(strip(piece), fuel) {
            piece = pieces.join(piece, item).ok_or(error)?;
            *fuel = fuel.saturating_sub(piece.len());
        }
        let value = strip(piece);
        items.push(match item {
            Type::String { quotes: true, .. } => super::unquote(value).unwrap_or(value),
            _ => value,
        });
    }
    Ok(items)
}

/// Checks a dict.
pub(super) fn dict(item: &Type, bounds: bool, text: &str, fuel: &mut usize) -> Result<(), Rejected> {
    let mut text = strip(text);
    if bounds {
        text = within(text, '{', '}')?;
    }
    if text.is_empty() {
        return Ok(());
    }
    let mut keys = HashSet::new();
    let mut pieces = Pieces::new(text);
    while let Some(mut piece) = pieces.next() {
        let key = loop {
            if *fuel == 0 {
                return Ok(());
            }
            let Some((key, value)) = piece.split_once(':') else {
                let error = || Rejected::plain("Value should be NAME:VALUE pairs separated by \",\"");
                piece = pieces.join_to_colon(piece).ok_or_else(error)?;
                continue;
            };
            match item.check_within(strip(value), fuel) {
                Ok(()) => break strip(key),
                Err(error) => {
                    piece = pieces.join(piece, item).ok_or(error)?;
                    *fuel = fuel.saturating_sub(piece.len());
                }
            }
        };
        if key.is_empty() {
            return Err(Rejected::plain("Key name should not be empty"));
        }
        if !keys.insert(key) {
            return Err(Rejected::around("Duplicate key", format_args!(" {key}")));
        }
    }
    Ok(())
}

fn within(text: &str, open: char, close: char) -> Result<&str, Rejected> {
    let text = text.strip_prefix(open).ok_or_else(|| Rejected::plain(format!("Value should start with \"{open}\"")))?;
    text.strip_suffix(close).ok_or_else(|| Rejected::plain(format!("Value should end with \"{close}\"")))
}

/// The pieces of a text between its commas; two or more can be put together again.
struct Pieces<'t> {
    text: &'t str,
    /// Where the next piece starts; `None` at the end.
    next: Option<usize>,
}

impl<'t> Pieces<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, next: Some(0) }
    }

    /// The text from `start` to the first comma at or behind `from`.
    fn take(&mut self, start: usize, from: usize) -> &'t str {
        let end = self.text[from..].find(',').map(|at| from + at);
        self.next = end.map(|end| end + 1);
        &self.text[start..end.unwrap_or(self.text.len())]
    }

    /// Where a piece that has just been taken starts.
    fn start(&self, piece: &str) -> usize {
        self.next.map_or(self.text.len(), |next| next - 1) - piece.len()
    }

    /// The piece with the next one joined to it; `None` at the end. Goes right to the end where joining cannot help.
    fn join(&mut self, piece: &'t str, item: &Type) -> Option<&'t str> {
        let from = self.next?;
        let start = self.start(piece);
        Some(if has_no_comma(item) { self.take(start, self.text.len()) } else { self.take(start, from) })
    }

    /// The piece with as many of the next ones joined to it as it takes to have a colon; `None` where no more follow.
    fn join_to_colon(&mut self, piece: &'t str) -> Option<&'t str> {
        let from = self.next?;
        let start = self.start(piece);
        let colon = self.text[from..].find(':').map_or(self.text.len(), |at| from + at);
        Some(self.take(start, colon))
    }
}

impl<'t> Iterator for Pieces<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let start = self.next?;
        Some(self.take(start, start))
    }
}

/// Whether no value of the type that starts with a refused text and a comma can pass.
fn has_no_comma(item: &Type) -> bool {
    match item {
        Type::String { quotes, choices, regex, max_length, .. } => {
            let by_choice = !choices.is_empty() && choices.iter().all(|choice| !choice.contains(','));
            let by_length = choices.is_empty() && regex.is_none() && max_length.is_some();
            !quotes && (by_choice || by_length || regex.is_some_and(knows_regex))
        }
        Type::List { .. } | Type::Dict { .. } | Type::Uri { .. } | Type::Unknown => false,
        _ => true,
    }
}
