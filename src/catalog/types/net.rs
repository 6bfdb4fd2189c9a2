//! Addresses and host names.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::Rejected;

/// `IPAddress`: netaddr's `valid_ipv4` and `valid_ipv6` with `INET_PTON`, that is `inet_pton()`, which takes what Rust takes.
pub(super) fn ip_address(text: &str, version: Option<u8>) -> Result<(), Rejected> {
    if text.is_empty() {
        return Err(Rejected::plain("IP address cannot be an empty string"));
    }
    let (v4, v6) = (version != Some(6), version != Some(4));
    // netaddr asks `inet_pton` for IPv4 only where there is no colon and no superfluous zero.
    let asks_v4 = v4 && !text.contains(':') && !text.split('.').any(|part| part.len() > 1 && part.starts_with('0'));
    if text.contains('\0') && (asks_v4 || v6) {
        return Err(Rejected::plain("embedded null character"));
    }
    if (asks_v4 && text.parse::<Ipv4Addr>().is_ok()) || (v6 && text.parse::<Ipv6Addr>().is_ok()) {
        return Ok(());
    }
    let rest = match version {
        Some(4) => "is not an IPv4 address",
        Some(6) => "is not an IPv6 address",
        _ => "is not IPv4 or IPv6 address",
    };
    Err(Rejected::new(format!("{text} {rest}"), rest.to_owned()))
}

/// `HostAddress`, and `HostDomain` where `underscore` is set.
pub(super) fn host_address(text: &str, version: Option<u8>, underscore: bool) -> Result<(), Rejected> {
    if ip_address(text, version).is_ok() || hostname(text, underscore).is_ok() {
        return Ok(());
    }
    let rest = "is not a valid host address";
    Err(Rejected::new(format!("{text} {rest}"), rest.to_owned()))
}

/// `Hostname`.
pub(super) fn hostname(text: &str, underscore: bool) -> Result<(), Rejected> {
    if text.is_empty() {
        return Err(Rejected::plain("Cannot have an empty hostname"));
    }
    if text.chars().count() > 253 {
        return Err(Rejected::around("hostname is greater than 253 characters", format_args!(": {text}")));
    }
    let name = text.strip_suffix('.').unwrap_or(text);
    let top = name.rsplit('.').next().unwrap_or_default();
    if !top.contains(|c: char| c.is_ascii_alphabetic() || c == '-') {
        let rest = "contains no non-numeric characters in the top-level domain part of the host name and is invalid";
        return Err(Rejected::new(format!("{name} {rest}"), rest.to_owned()));
    }
    if name.split('.').all(|label| is_label(label, underscore)) {
        return Ok(());
    }
    let rest = "is an invalid hostname";
    Err(Rejected::new(format!("{name} {rest}"), rest.to_owned()))
}

fn is_label(label: &str, underscore: bool) -> bool {
    // Python's `$` also matches before a line feed at the end, and its `[A-Z]` without case has four letters beyond ASCII.
    let label = label.strip_suffix('\n').unwrap_or(label);
    let is_allowed = |c: char| {
        c.is_ascii_alphanumeric()
            || c == '-'
            || (c == '_' && underscore)
            || matches!(c, '\u{130}' | '\u{131}' | '\u{17f}' | '\u{212a}')
    };
    (1..=63).contains(&label.chars().count())
        && label.chars().all(is_allowed)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// What to call an address of the version.
pub(super) fn family(version: Option<u8>) -> &'static str {
    match version {
        Some(4) => "IPv4 address",
        Some(6) => "IPv6 address",
        _ => "IP address",
    }
}
