//! Shares files of every dialect.
#![no_main]

use cinderlint::{
    catalog::Release,
    nas::{family::ShareLines, python2, shares::SharesFile},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    for lines in [ShareLines::Plain, ShareLines::Coho, ShareLines::Nexenta, ShareLines::Smb, ShareLines::Virtuozzo] {
        for release in [Release::OLDEST, Release::NEWEST] {
            let file = SharesFile::read(text, lines, release);
            let addresses: Vec<&str> = file.shares.iter().map(|share| share.address.as_str()).collect();
            let mut order = python2::dict_order(&addresses);
            order.sort_unstable();
            assert!(order.into_iter().eq(0..addresses.len()));
            assert!(file.bad.iter().all(|bad| bad.span.start <= bad.span.end));
        }
    }
});
