//! Which names are a secret's.

use std::sync::OnceLock;

use crate::catalog::{self, OptionRow, types::Type};

/// Words that make a secret of any name that holds them, also as a part of a longer word.
const WITHIN: [&str; 16] = [
    "passw",
    "passphrase",
    "passcode",
    "passkey",
    "pasword",
    "secret",
    "token",
    "pwd",
    "pswd",
    "paswd",
    "credential",
    "apikey",
    "accesskey",
    "authkey",
    "privatekey",
    "privkey",
];
/// Words that do so on their own.
const ALONE: [&str; 9] = ["pw", "pass", "psk", "cred", "creds", "jwt", "otp", "bearer", "keytab"];
/// Words that end in `pass` and mean something else.
const OTHER_PASS: [&str; 8] =
    ["bypass", "compass", "surpass", "trespass", "encompass", "underpass", "overpass", "multipass"];
/// A name whose last word is one of these speaks of a secret and holds none: its age, its length, where it is kept, whose it is.
const ABOUT: [&str; 59] = [
    "algorithm",
    "algorithms",
    "available",
    "backend",
    "bind",
    "bits",
    "cache",
    "class",
    "count",
    "dir",
    "directory",
    "domain",
    "driver",
    "duration",
    "enabled",
    "endpoint",
    "expiration",
    "expires",
    "expiry",
    "file",
    "filename",
    "format",
    "host",
    "interval",
    "len",
    "length",
    "lifetime",
    "limit",
    "manager",
    "max",
    "method",
    "methods",
    "min",
    "mode",
    "name",
    "namespace",
    "passwordless",
    "path",
    "paths",
    "policy",
    "port",
    "provider",
    "realm",
    "ref",
    "region",
    "required",
    "retries",
    "role",
    "roles",
    "rotation",
    "scheme",
    "size",
    "strategy",
    "time",
    "timeout",
    "ttl",
    "type",
    "user",
    "username",
];
/// `key` after one of these is none that opens anything.
const OTHER_KEYS: [&str; 10] =
    ["public", "pub", "primary", "foreign", "sort", "partition", "routing", "cache", "simple", "index"];
/// What may stand after `key` without making something else of it.
const OF_KEY: [&str; 6] = ["data", "material", "value", "pem", "content", "base64"];
/// Options that Cinder reads and does not mark, and whose names say nothing that [`is_left_open`] knows.
const OPEN: [&str; 3] = ["access_key", "consumer_key", "synology_device_id"];

/// Whether the value of an option of this name is a secret: Cinder marks it so in some release, or leaves it open although it is one, or
/// it is unknown and its name says so.
pub fn is_secret(key: &str) -> bool {
    let name = key.to_ascii_lowercase().replace('-', "_");
    if catalog::is_secret_name(&name) || OPEN.contains(&name.as_str()) {
        return true;
    }
    let mut rows = catalog::options_named(&name).peekable();
    if rows.peek().is_some() {
        // `ssh_hosts_key_file` and `allow_expired_token` speak of a secret and hold none.
        return rows.any(is_left_open);
    }
    let first = name.split_whitespace().next().unwrap_or_default();
    says_secret(key) || first.len() < name.len() && is_secret(first) || resembles_secret(&name)
}

/// Whether Cinder does not mark an option that is a secret all the same: `pure_api_token`, `ssl_client_key_password`.
fn is_left_open(row: OptionRow) -> bool {
    let last = row.name().rsplit('_').next().unwrap_or_default();
    matches!(last, "password" | "passwd" | "passphrase" | "secret" | "token" | "apikey")
        && matches!(row.value_type(), Type::String { choices: [], .. })
}

/// Whether a name, or a few words, speak of a secret.
pub(super) fn says_secret(name: &str) -> bool {
    let says_two = |name: &str| {
        let lower = name.to_ascii_lowercase();
        ["api key", "access key", "private key"].iter().any(|both| lower.contains(both))
    };
    name.split_whitespace().any(|word| word.len() <= 200 && name_says_secret(&snake(word)))
        || name.contains(' ') && says_two(name)
}

/// The same of one word, in whatever case.
pub(super) fn word_says_secret(word: &[u8]) -> bool {
    says_secret(&String::from_utf8_lossy(word).to_ascii_lowercase())
}

fn name_says_secret(name: &str) -> bool {
    let words: Vec<&str> = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let Some((last, before)) = words.split_last() else { return false };
    if !before.is_empty() && ABOUT.contains(last) {
        return false;
    }
    let key_at = |at: usize| {
        let of_another = at.checked_sub(1).is_some_and(|before| OTHER_KEYS.contains(&words[before]));
        let goes_on = words.get(at + 1);
        !of_another && goes_on.map_or(at > 0, |next| OF_KEY.contains(next))
    };
    words.iter().any(|word| speaks(word))
        || words.iter().enumerate().any(|(at, word)| matches!(*word, "key" | "keys") && key_at(at))
        || words.windows(2).any(|two| {
            matches!(two, ["auth" | "authorization", "header"] | ["access" | "api" | "private", "key" | "keys"])
        })
        || name == "authorization"
}

/// Whether a word, in lower case, speaks of a secret, written right or nearly.
fn speaks(word: &str) -> bool {
    WITHIN.iter().any(|says| word.contains(says))
        || ALONE.contains(&word)
        || word.ends_with("pass") && !OTHER_PASS.contains(&word)
        || (3..=12).contains(&word.len()) && word.ends_with("pw")
        || is_misspelt(word)
}

/// Whether a word is a slip of the pen or two away from one that speaks of a secret.
fn is_misspelt(word: &str) -> bool {
    // A wrong letter in a short word makes another one: `taken`, `passed`.
    const SHORT: [&str; 5] = ["token", "secret", "passwd", "apikey", "passkey"];
    let short = |right: &&str| {
        right.len() != word.len() && is_one_slip(right.as_bytes(), word.as_bytes()) || is_swapped(right, word)
    };
    if SHORT.iter().any(short)
        || ["credential", "credentials"].iter().any(|right| is_one_slip(right.as_bytes(), word.as_bytes()))
    {
        return true;
    }
    if !(6..=40).contains(&word.len())
        || !word.is_ascii()
        || ['p', 's', 'd'].iter().any(|letter| !word.contains(*letter))
    {
        return false;
    }
    // `adminpasswrod`: what is misspelt may be the end of a word.
    (6..=10)
        .filter_map(|length| word.get(word.len().checked_sub(length)?..))
        .any(|end| end.starts_with(['p', 'a', 's']) && strsim::osa_distance(end, "password") <= 2)
}

/// Whether two neighbouring letters changed places.
fn is_swapped(right: &str, word: &str) -> bool {
    let (right, word) = (right.as_bytes(), word.as_bytes());
    let same = right.iter().zip(word).take_while(|(a, b)| a == b).count();
    matches!((right.get(same..), word.get(same..)), (Some([x, y, a @ ..]), Some([v, w, b @ ..])) if (x, y) == (w, v) && a == b)
}

/// Whether an unknown name is a slip of the pen away from a secret option's.
fn resembles_secret(key: &str) -> bool {
    // Shorter names are a letter away from too many words.
    const SHORTEST: usize = 8;
    // By their lengths.
    static LETTERS: OnceLock<Vec<Vec<String>>> = OnceLock::new();
    let letters = |name: &str| name.replace(|c: char| c == '_' || c.is_whitespace(), "");
    let names = LETTERS.get_or_init(|| {
        let mut names = Vec::new();
        for name in catalog::secret_names().chain(OPEN).map(letters).filter(|name| name.len() >= SHORTEST) {
            if names.len() <= name.len() {
                names.resize(name.len() + 1, Vec::new());
            }
            names[name.len()].push(name);
        }
        names
    });
    let key = letters(key);
    let near = key.len().saturating_sub(1)..key.len().saturating_add(2).min(names.len());
    names.get(near).into_iter().flatten().flatten().any(|name| is_one_slip(name.as_bytes(), key.as_bytes()))
}

/// Whether at most one letter is missing, too many, wrong, or swapped with the next.
fn is_one_slip(a: &[u8], b: &[u8]) -> bool {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    match (&a[same..], &b[same..]) {
        ([], rest) | (rest, []) => rest.len() <= 1,
        ([x, y, a @ ..], [v, w, b @ ..]) if (x, y) == (w, v) && a == b => true,
        (a, b) => a[1..] == b[1..] || a[1..] == *b || *a == b[1..],
    }
}

/// `CinderNetappPassword` is spelled `cinder_netapp_password` elsewhere.
pub(super) fn snake(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    let mut lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && lower {
            text.push('_');
        }
        lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        text.push(c.to_ascii_lowercase());
    }
    text
}

/// Whether what stands where a name is expected is a line of a key instead, as PEM and Base64 write one: no option has such a name.
pub(super) fn is_key_material(name: &[u8]) -> bool {
    const SHORTEST: usize = 16;
    let is = |kind: fn(&u8) -> bool| name.iter().any(kind);
    name.len() >= SHORTEST
        && name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
        && is(u8::is_ascii_uppercase)
        && is(u8::is_ascii_lowercase)
        && (is(u8::is_ascii_digit) || is(|b| matches!(b, b'+' | b'/')) || name.len() >= 40)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for name in [
            "san_password",
            "SAN_PASSWORD",
            "nas-password",
            "my_token",
            "x_api_key",
            "san_pasword",
            "pasword",
            "zteUserPasword",
            "apikey",
            "Secret",
            "pw",
            "db_pw",
            "rootpw",
            "CONFIG_CINDER_DB_PW",
            "dbpass",
            "rabbit_pass",
            "psk",
            "wifi_psk",
            "passkey",
            "auth_header",
            "pure_api_token",
            "kioxia_token",
            "cb_apikey",
            "datera_api_token",
            "ssl_client_key_password",
            "consumer_key",
            "access_key",
            "pure_api_tokn",
            "pure_api_toekn",
            "datera_apitoken",
            "consumer_kye",
            "san_passwrod",
            "nas_paswrd",
            "adminpasswrod",
            "x_secrte",
            "client_secert",
            "my_credentails",
            "privateKey",
            "private_key",
            "encryption_keys",
            "key_data",
            "AdminPassword",
            "userPw",
            "token_id",
            "secret_id",
            "password2",
            "root_password_hash",
            "api key",
            "the admin password",
            "jwt",
            "bearer",
            "access_key_id",
            "synology_device_id",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "key",
            "keys",
            "volume_driver",
            "nas_host",
            "monkey",
            "k",
            "auth_strategy",
            "token_expiration",
            "key_manager",
            "key_manager_backend",
            "password_length",
            "fujitsu_passwordless",
            "chap_password_len",
            "volume_transfer_key_length",
            "token_cache_time",
            "as13000_token_available_time",
            "bypass",
            "public_key",
            "ssh_hosts_key_file",
            "san_private_key",
            "send_service_user_token",
            "service_token_roles",
            "rbd_secret_uuid",
            "auth_type",
            "password_policy",
            "secret_name",
            "token_ttl",
            "taken",
            "passed",
            "compass",
            "forward",
            "standard",
            "simple key expected",
            "hash_algorithms",
            "keyfile",
            "login",
            "san_login",
            "username",
            "tokens_count",
            "secure",
            "backup_swift_auth",
            "wipe_pass_file",
            "select",
        ] {
            assert!(!is_secret(name), "{name}");
        }
        for line in ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIB", "b3BlbnNzaC1rZXktdjE"] {
            assert!(is_key_material(line.as_bytes()), "{line}");
        }
        for name in ["zteUserPassword", "enabled_backends", "volume_clear_size", "osapi_volume_base_URL", "QNAP"] {
            assert!(!is_key_material(name.as_bytes()), "{name}");
        }
    }

    /// Of all options that Cinder has ever had, these are covered, and no others.
    #[test]
    fn known_options_that_are_covered_and_not_marked() {
        let names = catalog::all_options().map(|row| row.name());
        let open = names.filter(|name| is_secret(name) && !catalog::is_secret_name(&name.to_ascii_lowercase()));
        let open: std::collections::BTreeSet<&str> = open.collect();
        let expected = [
            "access_key",
            "cb_apikey",
            "consumer_key",
            "datera_api_token",
            "kioxia_token",
            "pure_api_token",
            "ssl_client_key_password",
            "synology_device_id",
        ];
        assert_eq!(Vec::from_iter(open), expected);
    }
}
