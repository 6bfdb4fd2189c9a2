//! Logs of qemu and cinder-volume.
#![no_main]

use cinderlint::audit::logs;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let counts = logs::read(text).expect("a slice can be read");
    assert!(counts.events.values().sum::<u64>() <= text.len() as u64);
});
