//! Reading loses nothing, and every span lies in the text.
#![no_main]

use cinderlint::{
    ini::{self, Document},
    secrets,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let mut at = 0;
    for line in ini::lines(text) {
        assert_eq!(line.span.start, at);
        assert!(line.span.end > at && line.text_end <= line.span.end);
        at = line.span.end;
    }
    assert_eq!(at as usize, text.len());
    let document = Document::read(text);
    for option in &document.options {
        assert!(option.key.end <= option.separator && (option.raw.end as usize) <= text.len());
        let _ = document.value(text, option);
    }
    for span in secrets::secret_spans(text) {
        assert!(span.start <= span.end && (span.end as usize) <= text.len());
    }
});
