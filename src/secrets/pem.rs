//! Private keys as PEM writes them, wherever they were pasted.

use crate::ini::Span;

/// What stands between `-----BEGIN … PRIVATE KEY-----` and `-----END`, whatever it is indented by or commented out with.
pub fn key_blocks(text: &[u8]) -> Vec<Span> {
    const BEGIN: &[u8] = b"-----BEGIN ";
    const END: &[u8] = b"-----END ";
    let mut found = Vec::new();
    let mut at = 0;
    // There is no end from here on.
    let mut endless = false;
    while let Some(begin) = memchr::memmem::find(&text[at..], BEGIN) {
        let title = at + begin + BEGIN.len();
        at = title;
        let Some(length) = memchr::memmem::find(&text[title..text.len().min(title + 100)], b"-----") else { continue };
        if memchr::memmem::find(&text[title..title + length], b"PRIVATE KEY").is_none() {
            continue;
        }
        let start = title + length + 5;
        let end = match endless {
            true => None,
            false => memchr::memmem::find(&text[start..], END),
        };
        endless |= end.is_none();
        let end = end.map_or_else(|| without_end(text, start), |length| start + length);
        found.push(Span::new(start as u32, end as u32));
        at = end;
    }
    found
}

/// A block that is cut off ends with a line that is empty or begins a section, or with the text.
fn without_end(text: &[u8], start: usize) -> usize {
    let mut at = start;
    for (nth, line) in text[start..].split_inclusive(|&byte| byte == b'\n').enumerate() {
        if nth > 0 && (line.trim_ascii().is_empty() || line.starts_with(b"[")) {
            break;
        }
        at += line.len();
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks() {
        let covered = |text: &str| -> Vec<String> {
            key_blocks(text.as_bytes())
                .into_iter()
                .map(|span| String::from_utf8_lossy(span.of(text.as_bytes())).into())
                .collect()
        };
        assert_eq!(
            covered("k = -----BEGIN RSA PRIVATE KEY-----\nA\nB==\n-----END RSA PRIVATE KEY-----\nx"),
            ["\nA\nB==\n"]
        );
        assert_eq!(covered("# -----BEGIN PRIVATE KEY-----\n# A\n\n[x]\ny"), ["\n# A\n"]);
        assert_eq!(covered("-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----"), [""; 0]);
        assert_eq!(covered("-----BEGIN PRIVATE KEY-----\\nA\\n-----END PRIVATE KEY-----"), ["\\nA\\n"]);
    }
}
