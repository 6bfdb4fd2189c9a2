//! Where secrets stand in URLs, written as they should be or not.

use std::ops::Range;

/// What may stand before `:x@y` without being a user.
const NO_USERS: [&[u8]; 5] = [b"mailto", b"sip", b"acct", b"xmpp", b"sha256"];

/// Where passwords stand in the URLs of a text: behind `//user:` and in front of the last `@`. Without a user, all that stands in front of the
/// `@`. Slashes may be backslashes, or fewer than two; a password may hold blanks.
pub(super) fn url_credentials(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if memchr::memchr(b'@', text).is_none() {
        return found;
    }
    let mut at = 0;
    for line in text.split(|byte| matches!(byte, b'\n' | b'\r')) {
        if memchr::memchr(b'@', line).is_some() {
            of_line(line, at, &mut found);
        }
        at += line.len() + 1;
    }
    found
}

fn of_line(line: &[u8], offset: usize, found: &mut Vec<Range<usize>>) {
    let mut at = 0;
    // The start of what is a password if an `@` follows, blanks between.
    let mut open: Option<usize> = None;
    while at < line.len() {
        let end = line[at..].iter().position(u8::is_ascii_whitespace).map_or(line.len(), |length| at + length);
        let token = &line[at..end];
        let sign = memchr::memrchr(b'@', token);
        let starts_one = has_slashes(token);
        if starts_one {
            open = None;
        }
        match (sign, open) {
            (Some(sign), Some(from)) => {
                if !is_port(&line[from..at]) || memchr::memchr(b':', &token[sign..]).is_some() {
                    found.push(offset + from..offset + at + sign);
                }
                open = None;
            }
            (Some(sign), None) => {
                let start = start_of_secret(&token[..sign]).filter(|_| !token[sign + 1..].starts_with(b"sha256:"));
                if let Some(start) = start.filter(|start| *start < sign) {
                    found.push(offset + at + start..offset + at + sign);
                }
            }
            (None, _) if starts_one => open = unfinished(token).map(|start| at + start),
            (None, _) => {}
        }
        at = end + 1;
    }
}

/// Whether `scheme:/` or `//` stands in it, slashes of either kind.
fn has_slashes(token: &[u8]) -> bool {
    authority(token).is_some()
}

/// Where the host and what stands before it begin: behind `scheme:/`, `scheme://`, `scheme:\\` or `//`; and whether there are two slashes.
fn authority(token: &[u8]) -> Option<(usize, bool)> {
    let slash = |byte: &u8| matches!(byte, b'/' | b'\\');
    let at = token.windows(2).position(|two| slash(&two[1]) && (two[0] == b':' || slash(&two[0])))?;
    let from = if token[at] == b':' { at + 1 } else { at };
    let slashes = token[from..].iter().take_while(|byte| slash(byte)).count();
    Some((from + slashes, slashes > 1))
}

/// Where a secret starts that ends with the text.
fn start_of_secret(before: &[u8]) -> Option<usize> {
    let colon = |from: usize| memchr::memchr2(b':', b'@', &before[from..]).map(|at| from + at);
    match authority(before) {
        Some((from, true)) => match colon(from) {
            Some(at) if before[at] == b':' => Some(at + 1),
            _ => Some(from),
        },
        // `host:/path@snapshot` is none.
        Some((from, false)) => colon(from).filter(|&at| before[at] == b':').map(|at| at + 1),
        None => {
            let first = memchr::memchr(b':', before)?;
            let user = before[..first].iter().rposition(|byte| !byte.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
            let (user, rest) = (&before[user..first], &before[first + 1..]);
            let second = memchr::memchr(b':', rest).map(|at| first + 1 + at + 1);
            let is_image = memchr::memchr(b'/', rest).is_some_and(|slash| is_port(&rest[..slash]));
            let is_none = user.is_empty() || NO_USERS.contains(&user) || is_image;
            // `rabbit:user:password@host`
            (!is_none).then_some(second.unwrap_or(first + 1))
        }
    }
}

/// Where a password starts that goes on behind a blank: `rabbit://user:two words@host`.
fn unfinished(token: &[u8]) -> Option<usize> {
    let (from, _) = authority(token)?;
    let colon = from + memchr::memchr3(b':', b'/', b'"', &token[from..])?;
    (token[colon] == b':' && colon > from && colon + 1 < token.len()).then_some(colon + 1)
}

/// `8080`, `8080/path`, `8080,`.
fn is_port(text: &[u8]) -> bool {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (1..=5).contains(&digits) && text.get(digits).is_none_or(|next| !next.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::super::cover_urls;

    #[test]
    fn however_they_are_written() {
        for (text, covered) in [
            ("rabbit://u:p@ss@h:5672/", "rabbit://u:***@h:5672/"),
            ("x://tok@h y://u:p@h", "x://***@h y://u:***@h"),
            ("rabbit:/u:p@h:1/", "rabbit:/u:***@h:1/"),
            ("rabbit:\\\\u:p@h", "rabbit:\\\\u:***@h"),
            ("http:\\\\tok@h", "http:\\\\***@h"),
            ("rabbit:u:p@h", "rabbit:u:***@h"),
            ("u:p@h", "u:***@h"),
            ("rabbit://u:two words@h:1/v more", "rabbit://u:***@h:1/v more"),
            ("rabbit://u:12 34@h:1/", "rabbit://u:***@h:1/"),
            ("//u:p@h/s", "//u:***@h/s"),
        ] {
            assert_eq!(cover_urls(text), covered);
        }
    }

    #[test]
    fn others_stay() {
        for text in [
            "http://h/a b@c",
            "see http://h:8080/x or ask me@h",
            "mailto:me@h",
            "h:/vol@snap",
            "me@h",
            "git@github.com:org/x",
            "registry:5000/img@sha256:abc",
            "quay.io/x:tag@sha256:abc",
            "nfs/host@REALM",
            "[fe80::1]:/x",
        ] {
            assert_eq!(cover_urls(text), text);
        }
    }
}
