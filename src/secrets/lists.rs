//! Where secrets stand behind a name in a text: mount options, parameters of URLs, JSON, shares, sentences.

use std::ops::Range;

use super::names::word_says_secret;

/// Where secrets stand in lists such as `username=u,password=…`: mount options, parameters of URLs, JSON.
pub(super) fn assigned<'t>(text: &'t [u8], is_secret: &mut dyn FnMut(&'t [u8]) -> bool) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if memchr::memchr3(b'=', b':', b'%', text).is_none() {
        return found;
    }
    let mut at = 0;
    for line in text.split(|&byte| byte == b'\n') {
        // An option that was indented by mistake is a line of the value before it.
        if let Some(value) = secret_in_line(line, is_secret) {
            found.push(at + value..at + line.len());
        }
        at += line.len() + 1;
    }
    named_in_lists(text, &mut word_says_secret, &mut found);
    found
}

/// Where the value starts in a line that assigns a secret: indented, or commented out.
fn secret_in_line<'t>(line: &'t [u8], is_secret: &mut dyn FnMut(&'t [u8]) -> bool) -> Option<usize> {
    let sign = memchr::memchr2(b'=', b':', line)?;
    let from = line.iter().position(|b| !matches!(b, b'#' | b';') && !b.is_ascii_whitespace())?;
    // What is quoted is told by itself, and ends.
    let key = line.get(from..sign).filter(|key| key.len() <= 100 && memchr::memchr2(b'"', b'\'', key).is_none())?;
    let words = key.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count();
    (words <= 5 && is_secret(key.trim_ascii())).then_some(sign + 1)
}

/// The longest name that is asked about.
const LONGEST: usize = 64;

/// What stands behind names that `says`: `name=value` up to a comma, a blank or `&`; `name = value` up to a blank; `"name": "value"`; and
/// `username=u%secret`.
pub(super) fn named_in_lists(text: &[u8], says: &mut dyn FnMut(&[u8]) -> bool, found: &mut Vec<Range<usize>>) {
    let mut done = 0;
    for sign in memchr::memchr2_iter(b'=', b':', text) {
        if sign < done {
            continue;
        }
        let is_colon = text[sign] == b':';
        let (word, quoted, spaced) = word_before(text, sign);
        // `name: value` is no list but where the name is quoted, as in JSON.
        if word.is_empty() || word.len() > LONGEST || is_colon && !quoted {
            continue;
        }
        let range = if says(word) {
            value_at(text, sign + 1, spaced, is_colon)
        } else if matches!(word, b"username" | b"user" | b"USER" | b"U") {
            let value = value_at(text, sign + 1, spaced, is_colon);
            let percent = memchr::memchr(b'%', &text[value.clone()]);
            percent.map_or(0..0, |at| value.start + at + 1..value.end)
        } else {
            continue;
        };
        if !range.is_empty() {
            done = range.end;
            found.push(range);
        }
    }
}

/// The name in front of a sign, whether it is quoted, and whether blanks stand between.
fn word_before(text: &[u8], sign: usize) -> (&[u8], bool, bool) {
    let line = text[..sign].trim_ascii_end();
    let spaced = line.len() < sign;
    let quotes = line.iter().rev().take_while(|b| matches!(b, b'"' | b'\'' | b'\\')).count();
    let line = &line[..line.len() - quotes];
    let letter = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let length = line.iter().rev().take(LONGEST + 1).take_while(|b| letter(b)).count();
    (&line[line.len() - length..], quotes > 0, spaced)
}

/// A value in a list: in quotes, or up to what ends it.
fn value_at(text: &[u8], from: usize, spaced: bool, is_json: bool) -> Range<usize> {
    let blanks = text[from..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let at = from + blanks;
    let rest = &text[at..];
    // `{\"password\": \"x\"}` is JSON in JSON.
    let escape = rest.iter().take_while(|b| **b == b'\\').count();
    if let Some(quote) = rest.get(escape).copied().filter(|b| matches!(b, b'"' | b'\'')) {
        let inner = &rest[escape + 1..];
        let mut end = 0;
        while let Some(next) = memchr::memchr(quote, &inner[end..]) {
            let backslashes = inner[..end + next].iter().rev().take_while(|b| **b == b'\\').count();
            end += next;
            if backslashes <= escape {
                return at + escape + 1..at + escape + 1 + end - backslashes.min(end);
            }
            end += 1;
        }
        return at..end_of_line(text, at);
    }
    if is_json {
        let end = rest.iter().position(|b| matches!(b, b',' | b'}' | b']') || b.is_ascii_whitespace());
        return at..end.map_or(text.len(), |length| at + length);
    }
    if blanks > 0 && rest.first().is_none_or(|b| matches!(b, b'\n' | b'\r')) {
        return at..at;
    }
    let is_prose = spaced || blanks > 0;
    let mut end = at;
    loop {
        let stop = text[end..].iter().position(|b| b.is_ascii_whitespace() || !is_prose && matches!(b, b',' | b'&'));
        end = stop.map_or(text.len(), |length| end + length);
        // `password=a,b`: a comma ends a password only where something that is known follows.
        if text.get(end) != Some(&b',') || is_item(&text[end + 1..]) {
            return at..end;
        }
        end += 1;
    }
}

fn end_of_line(text: &[u8], from: usize) -> usize {
    memchr::memchr2(b'\n', b'\r', &text[from..]).map_or(text.len(), |length| from + length)
}

/// Mount options that are one word.
const FLAGS: [&str; 61] = [
    "ro",
    "rw",
    "soft",
    "hard",
    "sync",
    "async",
    "atime",
    "noatime",
    "nodiratime",
    "relatime",
    "suid",
    "nosuid",
    "dev",
    "nodev",
    "exec",
    "noexec",
    "lock",
    "nolock",
    "intr",
    "nointr",
    "bg",
    "fg",
    "tcp",
    "udp",
    "_netdev",
    "defaults",
    "auto",
    "noauto",
    "user",
    "users",
    "nofail",
    "seal",
    "sign",
    "guest",
    "mfsymlinks",
    "nobrl",
    "noperm",
    "perm",
    "serverino",
    "noserverino",
    "unix",
    "nounix",
    "nocase",
    "forceuid",
    "forcegid",
    "dynperm",
    "sfu",
    "cifsacl",
    "multiuser",
    "acl",
    "noacl",
    "ac",
    "noac",
    "cto",
    "nocto",
    "sharecache",
    "nosharecache",
    "resvport",
    "noresvport",
    "noposix",
    "directio",
];

/// Whether an item of a list follows: `name=…`, a flag, or nothing.
fn is_item(rest: &[u8]) -> bool {
    let end = rest.iter().position(|b| matches!(b, b',' | b'=') || b.is_ascii_whitespace()).unwrap_or(rest.len());
    let word = &rest[..end];
    let is_name = !word.is_empty() && word.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    word.is_empty() || is_name && rest.get(end) == Some(&b'=') || FLAGS.iter().any(|flag| flag.as_bytes() == word)
}

/// The passwords of Virtuozzo's shares, `MDS[,MDS]:/cluster:PASSWORD`, and of `-U user%password`.
pub(super) fn in_shares(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = memchr::memchr(b':', &text[at..]) {
        at += next + 1;
        if text.get(at) != Some(&b'/') {
            continue;
        }
        let from = at + 1;
        at = from;
        let name = text[from..].iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count();
        let start = from + name + 1;
        if name > 0 && text.get(start - 1) == Some(&b':') {
            let length = text[start..].iter().position(u8::is_ascii_whitespace).unwrap_or(text.len() - start);
            // `rabbit:/user:password@host` ends with its `@`.
            if length > 0 && memchr::memchr(b'@', &text[start..start + length]).is_none() {
                found.push(start..start + length);
                at = start + length;
            }
        }
    }
    if memchr::memchr(b'%', text).is_none() {
        return found;
    }
    for flag in memchr::memmem::find_iter(text, b"-U ") {
        let from = flag + 3;
        let length = text[from..].iter().position(u8::is_ascii_whitespace).unwrap_or(text.len() - from);
        if let Some(percent) = memchr::memchr(b'%', &text[from..from + length]) {
            found.push(from + percent + 1..from + length);
        }
    }
    found
}

/// `the admin password is x`: what a sentence says of a secret. `says`: whether a word speaks of one.
pub(super) fn in_prose<'t>(text: &'t [u8], says: &mut dyn FnMut(&'t [u8]) -> bool) -> Vec<Range<usize>> {
    /// How many words may stand between the secret's name and the verb.
    const REACH: usize = 8;
    let mut found = Vec::new();
    // Most lines say nothing: they cost one look for a blank. What follows the last verb is not asked for secrets.
    let verbs = [&b"is"[..], b"was", b"are", b"->", b"=>"];
    let tells = |at: &usize| {
        let rest = &text[at + 1..];
        verbs.iter().any(|verb| rest.starts_with(verb) && rest.get(verb.len()).is_some_and(u8::is_ascii_whitespace))
    };
    let Some(last) = memchr::memchr2_iter(b' ', b'\t', text).rev().find(tells) else { return found };
    let mut left = 0_usize;
    let mut is_told = false;
    let mut at = 0;
    for word in text.split(u8::is_ascii_whitespace) {
        let range = at..at + word.len();
        at += word.len() + 1;
        if word.is_empty() {
            continue;
        }
        if !is_told && range.start > last + 1 {
            break;
        }
        if is_told {
            is_told = matches!(word, b"set" | b"to" | b"now" | b"still" | b"always" | b"called" | b"the" | b"a");
            if !is_told {
                found.push(range);
                left = 0;
            }
            continue;
        }
        if left > 0 && matches!(word, b"is" | b"was" | b"are" | b"->" | b"=>") {
            is_told = true;
        } else if word.len() <= LONGEST && says(word) {
            left = REACH;
        } else {
            left = left.saturating_sub(1);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::cover_value;

    #[test]
    fn behind_names() {
        for (text, covered) in [
            ("username=u,password=x,vers=3", "username=u,password=***,vers=3"),
            ("username=u,password=x,ro", "username=u,password=***,ro"),
            ("username=u,password=a,b,vers=3", "username=u,password=***,vers=3"),
            ("-o username=u%x,vers=3", "-o username=u%***,vers=3"),
            ("-U u%x //h/s", "-U u%*** //h/s"),
            (
                "{\"user\": \"u\", \"password\": \"a b,c\", \"x\": 1}",
                "{\"user\": \"u\", \"password\": \"***\", \"x\": 1}",
            ),
            ("{'password': 'x'}", "{'password': '***'}"),
            ("{\\\"password\\\": \\\"x\\\", \\\"y\\\": 1}", "{\\\"password\\\": \\\"***\\\", \\\"y\\\": 1}"),
            ("{\"password\": 12, \"x\": 1}", "{\"password\": ***, \"x\": 1}"),
            ("one two three four five six password = x,y z", "one two three four five six password = *** z"),
            ("one two three four five six password= x z", "one two three four five six password= *** z"),
            ("http://h/?token=x&y=z", "http://h/?token=***&y=z"),
            ("10.0.0.1,10.0.0.2:/cluster:x -o a", "10.0.0.1,10.0.0.2:/cluster:*** -o a"),
            ("the admin password is x on all arrays", "the admin password is *** on all arrays"),
            ("the password of the array was set to x.", "the password of the array was set to ***"),
        ] {
            assert_eq!(cover_value("", text), covered);
        }
    }

    #[test]
    fn others_stay() {
        for text in [
            "simple key expected ':'",
            "user=u,vers=3",
            "h:/srv/a",
            "[fe80::1]:/srv",
            "this is a text",
            "the driver is of no use",
            "a=b,c=d",
        ] {
            assert_eq!(cover_value("", text), text);
        }
    }
}
