//! `tooz.coordination.get_coordinator`, by the release of tooz that a Cinder has, and the start of its driver for files.

use super::{Reason, Refusal, has_lone_bracket, is_int, netloc, scheme};
use crate::catalog::Release;

/// The backends of tooz, with their first and last release.
const BACKENDS: [(&str, Release, Release); 15] = [
    ("etcd3+http", Release::PIKE, Release::NEWEST),
    ("etcd3+https", Release::USSURI, Release::NEWEST),
    ("file", Release::MITAKA, Release::NEWEST),
    ("redis", Release::MITAKA, Release::NEWEST),
    ("memcached", Release::MITAKA, Release::NEWEST),
    ("zookeeper", Release::MITAKA, Release::NEWEST),
    ("kazoo", Release::MITAKA, Release::NEWEST),
    ("mysql", Release::MITAKA, Release::NEWEST),
    ("postgresql", Release::MITAKA, Release::NEWEST),
    ("ipc", Release::MITAKA, Release::NEWEST),
    ("kubernetes", Release::R2025_2, Release::NEWEST),
    // tooz 1.56.0 to 4.3.0
    ("etcd3", Release::PIKE, Release::R2023_2),
    // up to tooz 7
    ("zake", Release::MITAKA, Release::R2025_2),
    // up to tooz 8
    ("consul", Release::NEWTON, Release::R2026_1),
    ("etcd", Release::MITAKA, Release::R2026_1),
];

/// Those of a release.
pub(super) fn schemes(release: Release) -> Vec<&'static str> {
    BACKENDS.iter().filter(|(_, first, last)| *first <= release && release <= *last).map(|(name, ..)| *name).collect()
}

/// What `get_coordinator`, or the start of the driver for files, raises.
pub(super) fn read(url: &str, release: Release) -> Option<Refusal<'_>> {
    let no_match = |name: &str| format!("NoMatches: No 'tooz.backends' driver found, looking for '{name}'");
    if url.is_empty() {
        return Some(Refusal::new(Reason::Empty, no_match("")));
    }
    let Some((name, rest)) = scheme(url) else { return Some(Refusal::new(Reason::NoScheme, no_match(""))) };
    if netloc(rest).is_some_and(|(host, _)| has_lone_bracket(host)) {
        return Some(Refusal::new(Reason::Bracket, "ValueError: Invalid IPv6 URL"));
    }
    let backend = name.to_ascii_lowercase();
    if !schemes(release).contains(&backend.as_str()) {
        return Some(Refusal::new(Reason::UnknownScheme(name), no_match(&backend)));
    }
    if backend != "file" {
        return None;
    }
    let path = netloc(rest).map_or(rest, |(_, path)| path);
    let path = path.split('#').next().unwrap_or_default();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let timeout = query.split('&').find_map(|pair| pair.strip_prefix("timeout="));
    if timeout.is_some_and(|timeout| !timeout.is_empty() && !is_int(timeout)) {
        return Some(Refusal::new(Reason::Timeout, "ValueError: invalid literal for int() with base 10"));
    }
    // The kernel makes the folders of these, and nobody else.
    let made_by_kernel = ["/proc/", "/sys/"].iter().any(|root| path.starts_with(root));
    (path.is_empty() || made_by_kernel).then(|| Refusal::new(Reason::Folder, "ToozConnectionError: error opening file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raises(url: &str, release: Release) -> Option<String> {
        read(url, release)?.exception.map(|text| text.split(':').next().unwrap_or_default().to_string())
    }

    /// What tooz 9.1.0 says of these.
    #[test]
    fn urls_are_refused_as_by_the_newest_release() {
        for (url, wanted) in [
            ("", "NoMatches"),
            ("/var/lib/x", "NoMatches"),
            ("file", "NoMatches"),
            ("files:///x", "NoMatches"),
            ("etcd://h", "NoMatches"),
            ("etcd3://h", "NoMatches"),
            ("zake://", "NoMatches"),
            ("consul://h", "NoMatches"),
            ("file:", "ToozConnectionError"),
            ("file://", "ToozConnectionError"),
            ("file:///proc/none", "ToozConnectionError"),
            ("file:///x?timeout=a", "ValueError"),
            ("redis://:p[x@h", "ValueError"),
        ] {
            assert_eq!(raises(url, Release::NEWEST).as_deref(), Some(wanted), "{url}");
        }
        for url in [
            "file:///x",
            "file://x/y",
            "file:/x",
            "File:///x",
            "etcd3+http://h:2379",
            "redis://:p/ss@h",
            "mysql://u:p@h/c",
        ] {
            assert_eq!(read(url, Release::NEWEST), None, "{url}");
        }
        assert_eq!(raises("etcd3://h", Release::R2023_2), None);
        assert_eq!(raises("consul://h", Release::R2026_1), None);
    }
}
