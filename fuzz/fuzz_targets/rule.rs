//! Rule files: a rule or an error, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(error) = cinderlint::lint::rule::read(text) {
        assert!(!error.message.is_empty());
        assert!(error.span.is_none_or(|span| span.start <= span.end && span.end <= text.len()));
    }
});
