//! Shares, where they are mounted, and whether the indicator is on them.

use std::path::{Path, PathBuf};

use md5::{Digest, Md5};

use super::{
    driver::Driver,
    family::ShareSource,
    host::{Host, INDICATOR, Python},
    python2,
    shares::{BadLine, Share, SharesFile, is_address},
};
use crate::{
    catalog::Release,
    config::{Exception, Text, Texts},
    input::{Root, Seen},
    source::{self, FileId},
};

/// Whether the indicator is on a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indicator {
    /// `os.path.isfile` is true for it.
    Present,
    /// The share's directory is there, and `os.path.isfile` is false.
    Absent,
    /// The share's directory cannot be seen.
    Unknown,
}

impl Indicator {
    /// Its name in the JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Absent => "absent",
            Self::Unknown => "unknown",
        }
    }
}

/// One share, and what is on it.
#[derive(Clone, Debug)]
pub struct MountedShare {
    /// The share.
    pub share: Share,
    /// Where it is mounted, as the host sees it; none where the base is not known.
    pub mount_point: Option<String>,
    /// Whether the decision looks at it.
    pub consulted: bool,
    /// What was found on it.
    pub indicator: Indicator,
}

/// What became of the shares file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SharesFileState {
    /// It was read.
    Read,
    /// It is not there. `certain` is false where only this machine lacks it, which need not be the one that Cinder runs on.
    Absent {
        /// Whether it is known that Cinder's host lacks it as well.
        certain: bool,
    },
    /// It lies outside of what was given, where nothing is looked at: this machine need not be the one that Cinder runs on.
    Outside,
    /// It is a folder.
    Folder,
    /// It is there but cannot be read, for this reason.
    Unreadable(String),
    /// The option has an empty value.
    NoName,
    /// The option's value is not known.
    Unknown,
}

/// Where the shares come from, and which there are.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The shares in file order.
    pub shares: Vec<MountedShare>,
    /// Whether the list is known.
    pub known: bool,
    /// The path in the shares option, and what became of it; none where the pair of options makes the share.
    pub file: Option<(String, SharesFileState)>,
    /// The same where the pair of options makes the share, for the classes that want the file all the same.
    pub beside: Option<(String, SharesFileState)>,
    /// Where the shares file lies on this machine, where it was read.
    pub here: Option<PathBuf>,
    /// The same where it is a file of the run.
    pub source: Option<FileId>,
    /// The bytes of the shares file.
    pub text: Vec<u8>,
    /// The odd lines of the shares file.
    pub bad: Vec<BadLine>,
    /// The exception that `_load_shares_config` raises, if it does.
    pub error: Option<Exception>,
}

impl Listing {
    /// The share that the decision looks at: the first that Cinder meets.
    pub fn consulted(&self) -> Option<&MountedShare> {
        self.shares.iter().find(|share| share.consulted)
    }
}

/// `realpath(base)/md5(share)` (`RemoteFsClient.get_mount_point` of os-brick; in Cinder itself in Kilo).
pub(super) fn mount_point(base: &Path, address: &str) -> PathBuf {
    let digest = Md5::digest(address.as_bytes());
    base.join(digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// Lists a backend's shares as `_load_shares_config` does, and looks at each.
pub(super) fn list(texts: &Texts<'_, '_>, driver: &Driver, host: &Host) -> Listing {
    let config = texts.config;
    let mut listing = Listing {
        shares: Vec::new(),
        known: false,
        file: None,
        beside: None,
        here: None,
        source: None,
        text: Vec::new(),
        bad: Vec::new(),
        error: None,
    };
    let Some(nas) = driver.nas else { return listing };
    let nas_host = texts.get(if config.release < Release::NEWTON { "nas_ip" } else { "nas_host" });
    let path = texts.get("nas_share_path");
    let reads_pair = matches!(nas.shares, ShareSource::PairOrFile(_) | ShareSource::Pair);
    let option = match nas.shares {
        ShareSource::PairOrFile(option) | ShareSource::File(option) => Some(option),
        ShareSource::Pair | ShareSource::Elsewhere => None,
    };
    let found = match (nas_host.non_empty(), path.non_empty()) {
        (Some(nas_host), Some(path)) if reads_pair => {
            listing.known = true;
            let file = option.map(|option| texts.get(option));
            listing.beside = file.and_then(|file| Some((file.known()?.to_string(), state(&host.root, file.known()?))));
            let address = format!("{nas_host}:{path}");
            if is_address(&address) {
                let options = texts.get("nas_mount_options").known().map(str::to_string);
                vec![Share { address, options, line: None }]
            } else {
                let detail = format!(
                    "('Share %s ignored due to invalid format. Must be of form address:/export. Please check the nas_host and \
                     nas_share_path settings.', '{address}')"
                );
                listing.error = Some(Exception::new("InvalidConfigurationValue", detail).about("nas_share_path"));
                Vec::new()
            }
        }
        _ if reads_pair && (is_unknown(&nas_host) || is_unknown(&path)) => return listing,
        _ => match option {
            Some(option) => from_file(texts, option, nas.lines, host, &mut listing),
            None => Vec::new(),
        },
    };
    let first = match host.python {
        Python::Three => Some(0),
        Python::Two => {
            python2::dict_order(&found.iter().map(|share| share.address.as_str()).collect::<Vec<_>>()).first().copied()
        }
    };
    let base = texts.get(nas.base);
    let base = base.known().and_then(|base| real_base(&host.root, base));
    listing.shares.reserve_exact(found.len());
    for (at, share) in found.into_iter().enumerate() {
        let point = base.as_deref().map(|base| mount_point(base, &share.address));
        let indicator = point.as_deref().map_or(Indicator::Unknown, |point| look(&host.root, point));
        listing.shares.push(MountedShare {
            share,
            mount_point: point.map(|point| point.to_string_lossy().into_owned()),
            consulted: Some(at) == first,
            indicator,
        });
    }
    listing
}

fn is_unknown(text: &Text<'_>) -> bool {
    text.text.is_err()
}

fn from_file(
    texts: &Texts<'_, '_>,
    option: &str,
    lines: super::family::ShareLines,
    host: &Host,
    listing: &mut Listing,
) -> Vec<Share> {
    let config = texts.config;
    let text = texts.get(option);
    let Some(path) = text.known() else {
        listing.file = Some((String::new(), SharesFileState::Unknown));
        return Vec::new();
    };
    let source = config.shares.iter().find(|(known, _)| known == path).map(|(_, id)| *id);
    let (state, bytes) = match source {
        Some(id) => (SharesFileState::Read, config.files().get(id).text.clone()),
        None => read(&host.root, path),
    };
    let read = state == SharesFileState::Read;
    listing.known = !matches!(
        state,
        SharesFileState::Absent { certain: false } | SharesFileState::Outside | SharesFileState::Unknown
    );
    listing.file = Some((path.to_string(), state));
    listing.text = bytes;
    if !read {
        return Vec::new();
    }
    listing.source = source;
    listing.here = match source {
        Some(id) => Some(PathBuf::from(&config.files().get(id).relative)),
        None => host.root.real(Path::new(path)).ok().map(|(here, _)| here),
    };
    let (file, whole) = SharesFile::read_template(&listing.text, lines, config.release);
    listing.known &= whole;
    if file.bad.iter().any(|bad| bad.problem == super::shares::LineProblem::NotUtf8) {
        match host.python {
            Python::Three => listing.error = Some(Exception::new("UnicodeDecodeError", "the shares file is not UTF-8")),
            // It reads bytes: there are shares, but nothing here says which.
            Python::Two => listing.known = false,
        }
    }
    listing.bad = file.bad;
    file.shares
}

/// Whether the shares file is there.
fn state(root: &Root, path: &str) -> SharesFileState {
    if path.is_empty() {
        return SharesFileState::NoName;
    }
    let place = Path::new(path);
    if !source::is_absolute(place) {
        // Relative to a working directory that nothing here knows.
        return SharesFileState::Unknown;
    }
    match root.look(place) {
        Seen::Absent => {
            // Without --root this may be another machine than Cinder's, unless the folder is here and only the file lacks.
            let certain = root.is_given() || place.parent().is_some_and(|folder| root.look(folder) == Seen::Folder);
            SharesFileState::Absent { certain }
        }
        Seen::Unknown if root.is_out_of_bounds(place) => SharesFileState::Outside,
        Seen::Unknown => SharesFileState::Unknown,
        Seen::Folder => SharesFileState::Folder,
        Seen::File | Seen::Other => SharesFileState::Read,
    }
}

fn read(root: &Root, path: &str) -> (SharesFileState, Vec<u8>) {
    match state(root, path) {
        SharesFileState::Read => match root.read(Path::new(path)) {
            Ok(text) => (SharesFileState::Read, text),
            Err(error) => (SharesFileState::Unreadable(error.to_string()), Vec::new()),
        },
        state => (state, Vec::new()),
    }
}

/// `os.path.realpath(base)`; none for a base that depends on the working directory.
fn real_base(root: &Root, base: &str) -> Option<PathBuf> {
    let base = Path::new(base);
    if !source::is_absolute(base) {
        return None;
    }
    Some(root.real_folder(base))
}

/// Looks for the indicator in the directory of a share.
fn look(root: &Root, point: &Path) -> Indicator {
    let (Some(base), Some(name)) = (point.parent(), point.file_name().and_then(|name| name.to_str())) else {
        return Indicator::Unknown;
    };
    if root.look_in(base, name) != Seen::Folder {
        return Indicator::Unknown;
    }
    match root.look(&point.join(INDICATOR)) {
        Seen::File => Indicator::Present,
        Seen::Folder | Seen::Other | Seen::Absent => Indicator::Absent,
        Seen::Unknown => Indicator::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mount_point_of_os_brick() {
        let point = mount_point(Path::new("/var/lib/cinder/mnt"), "1.2.3.4:/exp");
        assert_eq!(point, Path::new("/var/lib/cinder/mnt/56c4a1ec779451241fdbd1bfb7f46ea9"));
    }
}
