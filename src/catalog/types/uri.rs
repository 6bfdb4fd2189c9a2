//! URIs as rfc3986 2.0.0 reads them for `oslo_config.types.URI`: a scheme and a host must be there and be valid, and the path
//! must be valid. Query, fragment and the port's size are not checked.

use std::fmt::Write;

use super::Rejected;
use super::python::Repr;

/// Checks the text; an empty `schemes` allows all.
pub(super) fn check(text: &str, schemes: &[&str]) -> Result<(), Rejected> {
    let uri = Uri::read(text);
    let host = uri.authority.and_then(host);
    match (host, uri.scheme) {
        (None, None) => return Err(uri.reject(&["host", "scheme"], "required but missing")),
        (None, _) => return Err(uri.reject(&["host"], "required but missing")),
        (_, None) => return Err(uri.reject(&["scheme"], "required but missing")),
        _ => {}
    }
    let bad_host = !host.is_some_and(zone_is_escaped);
    // Everything else that a path may not hold has been escaped by then.
    let bad_path = uri.path.contains(['[', ']']);
    match (bad_host, bad_path) {
        (true, true) => return Err(uri.reject(&["host", "path"], "found to be invalid")),
        (true, false) => return Err(uri.reject(&["host"], "found to be invalid")),
        (false, true) => return Err(uri.reject(&["path"], "found to be invalid")),
        (false, false) => {}
    }
    match uri.scheme {
        Some(scheme) if !schemes.is_empty() => check_scheme(scheme, schemes),
        _ => Ok(()),
    }
}

fn check_scheme(scheme: &str, schemes: &[&str]) -> Result<(), Rejected> {
    let mut allowed: Vec<String> = schemes.iter().map(|scheme| scheme.to_lowercase()).collect();
    if allowed.iter().any(|allowed| allowed == scheme) {
        return Ok(());
    }
    allowed.sort_unstable();
    allowed.dedup();
    let allowed: Vec<_> = allowed.iter().map(|scheme| Repr(scheme).to_string()).collect();
    let allowed = allowed.join(", ");
    let start = format!("scheme was required to be one of [{allowed}]");
    let scheme = Repr(scheme);
    let message = format!("{start} but was {scheme}");
    Err(Rejected::new(format!("({}, 'scheme', {scheme}, {{{allowed}}})", Repr(&message)), start))
}

/// The parts of a URI reference (RFC 3986, appendix B).
struct Uri<'a> {
    scheme: Option<&'a str>,
    authority: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
    fragment: Option<&'a str>,
}

impl<'a> Uri<'a> {
    fn read(text: &'a str) -> Self {
        let (scheme, rest) = match text.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme), rest),
            _ => (None, text),
        };
        let (authority, rest) = match rest.strip_prefix("//") {
            Some(rest) => {
                let (authority, rest) = rest.split_at(rest.find(['\\', '/', '?', '#']).unwrap_or(rest.len()));
                (Some(authority).filter(|authority| !authority.is_empty()), rest)
            }
            None => (None, rest),
        };
        let (rest, fragment) = match rest.split_once('#') {
            Some((rest, fragment)) => (rest, fragment.split('\n').next()),
            None => (rest, None),
        };
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (rest, None),
        };
        Self { scheme, authority, path, query, fragment }
    }

    /// rfc3986's error, as its arguments are shown.
    fn reject(&self, components: &[&str], what: &str) -> Rejected {
        let verb = if components.len() > 1 { "were" } else { "was" };
        let start = format!("{} {verb} {what}", components.join(", "));
        let show = |part: Option<&str>| part.map_or_else(|| "None".to_owned(), |part| Repr(part).to_string());
        let path = Some(escape(self.path)).filter(|path| !path.is_empty());
        let shown: Vec<_> = components.iter().map(|component| Repr(component).to_string()).collect();
        let message = format!(
            "('{start}', URIReference(scheme={}, authority={}, path={}, query={}, fragment={}), [{}])",
            show(self.scheme),
            show(self.authority),
            show(path.as_deref()),
            show(self.query.map(escape).as_deref()),
            show(self.fragment.map(escape).as_deref()),
            shown.join(", "),
        );
        Rejected::new(message, start)
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-'))
}

/// Escapes what may not stand in a URI. A `%` stays where every `%` of the text begins an escape.
fn escape(text: &str) -> String {
    let bytes = text.as_bytes();
    let is_escaped = text.match_indices('%').all(|(at, _)| is_escape(&bytes[at..]));
    let mut out = String::with_capacity(text.len());
    for &byte in bytes {
        let stays = byte.is_ascii_alphanumeric() || b":/?#[]@!$&'()*+,;=._-~".contains(&byte);
        if stays || (is_escaped && byte == b'%') {
            out.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn is_escape(bytes: &[u8]) -> bool {
    matches!(bytes, [b'%', a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._~-".contains(&byte)
}

fn is_sub_delimiter(byte: u8) -> bool {
    b"!$&'()*+,;=".contains(&byte)
}

/// Whether the text consists of escapes and of bytes that `allowed` takes.
fn consists_of(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    let mut bytes = text.as_bytes();
    while let Some(&first) = bytes.first() {
        if allowed(first) {
            bytes = &bytes[1..];
        } else if is_escape(bytes) {
            bytes = &bytes[3..];
        } else {
            return false;
        }
    }
    true
}

/// The host within an authority; `None` where the authority is not valid.
fn host(authority: &str) -> Option<&str> {
    // Python's `$` also matches before a line feed at the end.
    let authority = authority.strip_suffix('\n').unwrap_or(authority);
    let rest = match authority.split_once('@') {
        Some((user, rest)) => {
            let is_user =
                !user.is_empty() && consists_of(user, |b| is_unreserved(b) || is_sub_delimiter(b) || b == b':');
            is_user.then_some(rest)?
        }
        None => authority,
    };
    let end = match rest.strip_prefix('[') {
        Some(inner) => {
            let end = inner.find(']')?;
            is_ip_literal(&inner[..end]).then_some(end + 2)?
        }
        None => {
            let end = rest.find(':').unwrap_or(rest.len());
            consists_of(&rest[..end], |b| is_unreserved(b) || is_sub_delimiter(b)).then_some(end)?
        }
    };
    let (host, port) = rest.split_at(end);
    let port = port.strip_prefix(':').unwrap_or(port);
    let is_port = port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit());
    let octets_fit = !is_dotted_quad(host) || host.split('.').all(|octet| octet.parse::<u8>().is_ok());
    (is_port && octets_fit).then_some(host)
}

/// Four groups of one to three digits, whatever their size.
fn is_dotted_quad(text: &str) -> bool {
    text.split('.').count() == 4
        && text.split('.').all(|part| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))
}

/// What may stand between `[` and `]`.
fn is_ip_literal(text: &str) -> bool {
    if let Some((version, rest)) = text.strip_prefix('v').and_then(|rest| rest.split_once('.')) {
        let is_allowed = |b| is_unreserved(b) || is_sub_delimiter(b) || b == b':';
        return !version.is_empty()
            && version.bytes().all(|b| b.is_ascii_hexdigit())
            && !rest.is_empty()
            && rest.bytes().all(is_allowed);
    }
    let (address, zone) = text.split_at(text.find('%').unwrap_or(text.len()));
    is_ipv6(address) && (zone.is_empty() || is_zone(&zone[1..]) || zone.strip_prefix("%25").is_some_and(is_zone))
}

fn is_zone(text: &str) -> bool {
    !text.is_empty() && consists_of(text, is_unreserved)
}

/// The grammar of RFC 3986, which does not look at the size of the octets of an embedded IPv4 address.
fn is_ipv6(text: &str) -> bool {
    let groups = |text: &str, may_embed: bool| -> Option<usize> {
        if text.is_empty() {
            return Some(0);
        }
        let mut count = 0;
        let mut parts = text.split(':').peekable();
        while let Some(part) = parts.next() {
            if (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_hexdigit()) {
                count += 1;
            } else if may_embed && parts.peek().is_none() && is_dotted_quad(part) {
                count += 2;
            } else {
                return None;
            }
        }
        Some(count)
    };
    match text.split_once("::") {
        Some((left, right)) => matches!((groups(left, false), groups(right, true)), (Some(l), Some(r)) if l + r <= 7),
        None => groups(text, true) == Some(8),
    }
}

/// Whether the zone of an IPv6 host, where it has one, follows `%25` (RFC 6874) and not a bare `%`.
fn zone_is_escaped(host: &str) -> bool {
    let Some(inner) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) else { return true };
    match inner.find('%') {
        Some(at) => inner[at..].strip_prefix("%25").is_some_and(is_zone),
        None => true,
    }
}
