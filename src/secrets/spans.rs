//! Where secrets stand in a file of the dialect of oslo.config.

use foldhash::HashMap;

use super::{
    credentials::{credentials_of_line, joined},
    lists::in_prose,
    names::{is_key_material, is_secret, says_secret, word_says_secret},
    pem::key_blocks,
};
use crate::ini::{self, Piece, Span};

/// Every stretch of a file that may not be shown, in order: values of secrets (all their lines), credentials in URLs,
/// the same in comments, and the text of broken lines that may hold a secret.
pub fn secret_spans(text: &[u8]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut memo: HashMap<&[u8], bool> = HashMap::default();
    let mut is_secret_key =
        |key| -> bool { *memo.entry(key).or_insert_with(|| is_secret(&String::from_utf8_lossy(key))) };
    // A text repeats its words.
    let mut words: HashMap<&[u8], bool> = HashMap::default();
    let mut says_word = |word| -> bool { *words.entry(word).or_insert_with(|| word_says_secret(word)) };
    let mut open_secret = false;
    for line in ini::lines(text) {
        let whole = Span::new(line.span.start, line.text_end);
        let mut hidden = None;
        match line.piece {
            Piece::Option { key, raw, .. } => {
                open_secret = is_secret_key(key.of(text));
                if is_key_material(key.of(text)) {
                    hidden = Some(whole);
                } else if open_secret {
                    let blank = key.of(text).iter().position(u8::is_ascii_whitespace);
                    hidden = Some(blank.map_or(raw, |at| Span::new(key.start + at as u32, raw.end)));
                }
            }
            Piece::Continuation { value } if open_secret => hidden = Some(value),
            // `password hunter2`, or the value of a password on a line of its own.
            Piece::Invalid => {
                let line_text = String::from_utf8_lossy(whole.of(text));
                let word = line_text.trim_start_matches(|c: char| !c.is_alphanumeric()).split_whitespace().next();
                let says = word.is_some_and(is_secret) || says_secret(&line_text.to_ascii_lowercase());
                let keyless = matches!(line.error, Some(ini::ErrorKind::EmptyKey | ini::ErrorKind::Continuation));
                if says || open_secret || keyless {
                    let word =
                        whole.of(text).iter().position(|b| matches!(b, b' ' | b'\t')).filter(|&at| says && at > 0);
                    hidden = Some(word.map_or(whole, |at| Span::new(whole.start + at as u32, whole.end)));
                }
            }
            Piece::Section { name } => {
                let key = name.of(text).iter().position(|b| matches!(b, b'=' | b':') || b.is_ascii_whitespace());
                if let Some(key) = key
                    && is_secret_key(&name.of(text)[..key])
                {
                    hidden = Some(Span::new(name.start + key as u32, whole.end));
                }
            }
            _ => {}
        }
        match hidden {
            Some(span) if !span.is_empty() => spans.push(span),
            _ => {
                let from = match line.piece {
                    // Known names such as `ssh_hosts_key_file` speak of secrets and hold none.
                    Piece::Option { key, separator, .. } if !key.of(text).iter().any(u8::is_ascii_whitespace) => {
                        separator + 1 - whole.start
                    }
                    _ => 0,
                } as usize;
                let mut found = credentials_of_line(whole.of(text), from, &mut is_secret_key);
                let told = in_prose(whole.of(text).get(from..).unwrap_or_default(), &mut says_word);
                found.extend(told.into_iter().map(|range| range.start + from..range.end + from));
                spans.extend(
                    joined(found)
                        .into_iter()
                        .map(|range| Span::new(whole.start + range.start as u32, whole.start + range.end as u32)),
                );
            }
        }
    }
    spans.extend(key_blocks(text));
    spans
}
