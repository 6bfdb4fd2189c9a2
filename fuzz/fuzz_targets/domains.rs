//! libvirt's XML.
#![no_main]

use cinderlint::audit::domains;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(message) = domains::read(text) {
        assert!(message.len() < 200);
    }
});
