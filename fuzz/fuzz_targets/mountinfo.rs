//! Mount tables, ACLs and documents of other hosts.
#![no_main]

use cinderlint::audit::{access::Acl, merge, mountinfo};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    for mount in mountinfo::read(text) {
        assert!(mount.options.iter().all(|option| !option.contains(',')));
        let _ = (mount.is_network(), mount.may_hang(), mount.is_read_only());
    }
    if let Some(acl) = Acl::read(text) {
        let _ = acl.text();
    }
    let _ = merge::read(text);
});
