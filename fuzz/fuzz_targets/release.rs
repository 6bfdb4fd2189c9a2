//! Names of releases and ranges of them.
#![no_main]

use cinderlint::catalog::{Release, Releases};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match text.parse::<Release>() {
        Ok(release) => assert_eq!(release.name().parse(), Ok(release)),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    if let Ok(releases) = text.parse::<Releases>() {
        let _ = releases.to_string();
    }
});
