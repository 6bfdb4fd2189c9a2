//! The names that people give to releases: OpenStack's, versions of the `cinder` package, and those of distributions and tools.

use std::str::FromStr;

use super::release::{RELEASES, Release, Releases};

/// A text that names no release, or two.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum UnknownRelease {
    /// No release has this name.
    #[error("unknown release '{text}'{}", suggestion.as_ref().map(|s| format!("; did you mean '{s}'?")).unwrap_or_default())]
    Unknown {
        /// The text.
        text: String,
        /// The nearest name.
        suggestion: Option<&'static str>,
    },
    /// A number that Cinder and Red Hat give to different releases.
    #[error("'{text}' is Cinder {} and Red Hat OpenStack {}: write '{cinder}' or '{red_hat}'", cinder.title(), red_hat.title())]
    Ambiguous {
        /// The text.
        text: String,
        /// What it is as a version of the package.
        cinder: Release,
        /// What it is as a version of Red Hat OpenStack Platform, or of its successor.
        red_hat: Release,
    },
}

/// Red Hat OpenStack Platform, and Services on OpenShift (18): the number, and the release in it.
const RED_HAT: [(&str, Release); 12] = [
    ("7", Release::KILO),
    ("8", Release::LIBERTY),
    ("9", Release::MITAKA),
    ("10", Release::NEWTON),
    ("11", Release::OCATA),
    ("12", Release::PIKE),
    ("13", Release::QUEENS),
    ("14", Release::ROCKY),
    ("15", Release::STEIN),
    ("16", Release::TRAIN),
    ("17", Release::WALLABY),
    ("18", Release::R2023_1),
];

/// Ubuntu: the series, and the release in it without a cloud archive.
const UBUNTU: [(&str, Release); 9] = [
    ("xenial", Release::MITAKA),
    ("bionic", Release::QUEENS),
    ("focal", Release::USSURI),
    ("jammy", Release::YOGA),
    ("noble", Release::R2024_1),
    ("oracular", Release::R2024_2),
    ("plucky", Release::R2025_1),
    ("questing", Release::R2025_2),
    ("resolute", Release::R2026_1),
];

impl FromStr for Release {
    type Err = UnknownRelease;

    /// Reads `train`, `2025.1`, `epoxy`; a version of the `cinder` package such as `15.0.0`; `rhosp17.1`, `rhoso18`; a series of Ubuntu,
    /// alone or with a pocket of its cloud archive (`jammy`, `jammy-caracal`, `cloud-archive:zed`); a branch or a tag of an image
    /// (`stable/2025.1`, `2024.1-rocky-9`).
    ///
    /// # Errors
    /// A name that no release has; a number such as `17.1` that means one release to Cinder and another one to Red Hat.
    fn from_str(text: &str) -> Result<Self, UnknownRelease> {
        let wanted = text.trim().to_ascii_lowercase();
        match (of_openstack(&wanted), red_hat(&wanted)) {
            (Some(cinder), Some(red_hat)) => Err(UnknownRelease::Ambiguous { text: text.to_string(), cinder, red_hat }),
            (Some(release), None) => Ok(release),
            (None, _) => of_distribution(&wanted)
                .ok_or_else(|| UnknownRelease::Unknown { text: text.to_string(), suggestion: nearest(&wanted) }),
        }
    }
}

impl FromStr for Releases {
    type Err = UnknownRelease;

    /// Reads `pike..stein`, `queens..`, `..mitaka`, `kilo`.
    fn from_str(text: &str) -> Result<Self, UnknownRelease> {
        let end = |text: &str, default| if text.is_empty() { Ok(default) } else { text.parse() };
        match text.split_once("..") {
            Some((first, last)) => Ok(Self { first: end(first, Release::OLDEST)?, last: end(last, Release::NEWEST)? }),
            None => text.parse().map(|only| Self { first: only, last: only }),
        }
    }
}

/// A name, a number, a code name, or a version of the package.
fn of_openstack(wanted: &str) -> Option<Release> {
    let known = |(name, version, code_name): &(&str, &str, &str)| {
        wanted == *name
            || wanted == *version
            || wanted.strip_prefix(version).is_some_and(|rest| rest.starts_with('.'))
            || !code_name.is_empty() && wanted == *code_name
    };
    RELEASES.iter().position(known).and_then(|at| Release::from_index(u8::try_from(at).ok()?))
}

/// A number of one or two parts: `17`, `17.1`.
fn red_hat(number: &str) -> Option<Release> {
    let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
    let is_number = !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit());
    RED_HAT.iter().find(|(known, _)| is_number && *known == major).map(|(_, release)| *release)
}

fn of_distribution(wanted: &str) -> Option<Release> {
    let number = ["rhosp", "rhoso", "rhos", "osp"].iter().find_map(|name| wanted.strip_prefix(name));
    if let Some(number) = number {
        return red_hat(number.trim_start_matches(['-', ' ']));
    }
    let wanted = ["cloud-archive:", "cloud:", "uca-", "uca:", "stable/", "stable-", "unmaintained/", "openstack-"]
        .iter()
        .fold(wanted, |wanted, prefix| wanted.strip_prefix(prefix).unwrap_or(wanted));
    let series = |name: &str| UBUNTU.iter().find(|(known, _)| *known == name).map(|(_, release)| *release);
    let Some((first, rest)) = wanted.split_once(['-', '/']) else {
        return of_openstack(wanted).or_else(|| series(wanted));
    };
    match series(first) {
        // A pocket of the cloud archive for this series.
        Some(_) => of_openstack(rest.split(['-', '/']).next().unwrap_or_default()),
        None => of_openstack(first).filter(|_| !first.bytes().all(|byte| byte.is_ascii_digit())),
    }
}

fn nearest(wanted: &str) -> Option<&'static str> {
    RELEASES
        .iter()
        .map(|&(name, ..)| (strsim::normalized_damerau_levenshtein(wanted, name), name))
        .filter(|(score, _)| *score >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_numbers_and_versions() {
        for (text, name) in [
            ("train", "train"),
            ("Train", "train"),
            ("15.0.0", "train"),
            ("22", "2023.1"),
            ("2015.1.4", "kilo"),
            ("2025.1", "2025.1"),
            ("epoxy", "2025.1"),
            ("29.0.0", "2026.2"),
        ] {
            assert_eq!(text.parse::<Release>().map(Release::name), Ok(name), "{text}");
        }
        assert_eq!(
            "trian".parse::<Release>().unwrap_err().to_string(),
            "unknown release 'trian'; did you mean 'train'?"
        );
        for text in ["2014.2", "150.0.0", "rhosp", "rhosp6", "jammy-", "3-4", ""] {
            assert!(text.parse::<Release>().is_err(), "{text}");
        }
    }

    #[test]
    fn names_of_distributions_and_tools() {
        for (text, name) in [
            ("rhosp17.1", "wallaby"),
            ("RHOSP16.2", "train"),
            ("osp-13", "queens"),
            ("rhoso18", "2023.1"),
            ("rhoso18.0", "2023.1"),
            ("jammy", "yoga"),
            ("jammy-caracal", "2024.1"),
            ("cloud-archive:zed", "zed"),
            ("cloud:jammy-antelope/proposed", "2023.1"),
            ("stable/2025.1", "2025.1"),
            ("2024.1-rocky-9", "2024.1"),
            ("zed-rocky-9", "zed"),
            ("train-centos8", "train"),
        ] {
            assert_eq!(text.parse::<Release>().map(Release::name), Ok(name), "{text}");
        }
    }

    #[test]
    fn a_number_that_means_two_releases_is_asked_about() {
        assert_eq!(
            "17.1".parse::<Release>().unwrap_err().to_string(),
            "'17.1' is Cinder Victoria and Red Hat OpenStack Wallaby: write 'victoria' or 'wallaby'"
        );
        for text in ["7", "15", "16.2", "18", "18.0"] {
            assert!(matches!(text.parse::<Release>(), Err(UnknownRelease::Ambiguous { .. })), "{text}");
        }
    }
}
