//! Which names are a secret's.

use std::sync::OnceLock;

use crate::catalog;

/// Whether the value of an option of this name is a secret: Cinder marks it so in some release, or it is unknown and
/// its name says so.
pub fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase().replace('-', "_");
    if catalog::is_secret_name(&key) {
        return true;
    }
    if catalog::options_named(&key).next().is_some() {
        // `ssh_hosts_key_file` and `allow_expired_token` speak of a secret and hold none.
        return false;
    }
    let first = key.split_whitespace().next().unwrap_or_default();
    says_secret(&key) || first.len() < key.len() && is_secret(first) || resembles_secret(&key)
}

/// Whether a name speaks of a secret.
pub(super) fn says_secret(key: &str) -> bool {
    const SAYS: [&str; 7] = ["password", "passwd", "passphrase", "secret", "token", "pwd", "credential"];
    if SAYS.iter().any(|says| key.contains(says)) {
        return true;
    }
    let mut words = key.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).peekable();
    let mut first = true;
    while let Some(word) = words.next() {
        let key_of_something =
            matches!(word, "key" | "apikey" | "keys") && (!first || words.peek().is_some() || word == "apikey");
        if key_of_something || word == "pass" {
            return true;
        }
        first = false;
    }
    false
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
        for name in catalog::secret_names().map(letters).filter(|name| name.len() >= SHORTEST) {
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
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["key", "keys", "volume_driver", "nas_host", "monkey", "k"] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
