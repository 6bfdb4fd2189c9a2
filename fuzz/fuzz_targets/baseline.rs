//! Baselines: an error that says something, or one that is written and read again as it was.
#![no_main]

use cinderlint::lint::baseline::Baseline;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Baseline::read(text) {
        Err(error) => assert!(!error.message().is_empty()),
        Ok(baseline) => {
            let Ok(written) = baseline.write() else { return };
            let again = Baseline::read(&written);
            assert!(again.is_ok_and(|again| again.entries == baseline.entries));
        }
    }
});
