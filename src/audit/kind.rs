//! What a file on a share is, by its name.
//!
//! Source: `volume_name_template`, `_get_new_snap_path` and `_local_path_volume_info` of
//! `cinder/volume/drivers/remotefs.py`, and `copy_img_cache` of NetApp's driver, 29.0.0.

use serde::{Deserialize, Serialize};

/// What a file is to Cinder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A volume.
    Volume,
    /// What is written after a snapshot (`volume-ID.SNAPSHOT`); a guest has it open.
    Snapshot,
    /// The list of a volume's snapshots (`volume-ID.info`).
    Info,
    /// Something that Cinder, or the NFS client, removes by itself (`volume-ID.tmp-snap-…`, `.nfs…`).
    Temporary,
    /// NetApp's image cache (`img-cache-ID`).
    ImageCache,
    /// The indicator.
    Indicator,
    /// Another file.
    Other,
    /// A folder.
    Folder,
    /// A symbolic link; it is not followed.
    Link,
    /// A FIFO, socket or device; it is not opened.
    Special,
}

impl Kind {
    /// Its name in all formats.
    pub fn name(self) -> &'static str {
        match self {
            Self::Volume => "volume",
            Self::Snapshot => "snapshot",
            Self::Info => "info",
            Self::Temporary => "temporary",
            Self::ImageCache => "image-cache",
            Self::Indicator => "indicator",
            Self::Other => "other",
            Self::Folder => "folder",
            Self::Link => "link",
            Self::Special => "special",
        }
    }

    /// Whether qemu opens it for a guest.
    pub fn is_disk(self) -> bool {
        matches!(self, Self::Volume | Self::Snapshot)
    }
}

/// How volumes are called: the two sides of the `%s` in `volume_name_template`.
#[derive(Clone, Debug)]
pub struct Names {
    before: String,
    after: String,
}

impl Default for Names {
    fn default() -> Self {
        Self { before: "volume-".into(), after: String::new() }
    }
}

impl Names {
    /// Of the option's text; what has no `%s` is taken for the default.
    pub fn new(template: &str) -> Self {
        match template.split_once("%s") {
            Some((before, after)) => Self { before: before.into(), after: after.into() },
            None => Self::default(),
        }
    }

    /// A pattern for `find -name` that matches the volumes and what belongs to them.
    pub fn pattern(&self) -> String {
        format!("{}*", self.before)
    }

    /// The kind of a regular file.
    pub fn kind(&self, name: &[u8]) -> Kind {
        if name == crate::nas::INDICATOR.as_bytes() {
            return Kind::Indicator;
        }
        if name.starts_with(b"img-cache-") {
            return Kind::ImageCache;
        }
        if name.starts_with(b".nfs") {
            return Kind::Temporary;
        }
        let Some(id) = name.strip_prefix(self.before.as_bytes()) else { return Kind::Other };
        let Some((_, rest)) = id.split_at_checked(36).filter(|(id, _)| is_uuid(id)) else { return Kind::Other };
        let Some(rest) = rest.strip_prefix(self.after.as_bytes()) else { return Kind::Other };
        match rest {
            b"" => Kind::Volume,
            b".info" => Kind::Info,
            [b'.', snapshot @ ..] if is_uuid(snapshot) => Kind::Snapshot,
            [b'.', b't', b'm', b'p', ..] | [b'.', b't', b'e', b'm', b'p', ..] => Kind::Temporary,
            _ => Kind::Other,
        }
    }
}

fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text
            .iter()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 8 | 13 | 18 | 23) { *byte == b'-' } else { byte.is_ascii_hexdigit() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_kind() {
        let names = Names::default();
        let id = "77c1a1e2-52a9-4f58-8f0e-0b6f2f7f1a52";
        for (name, kind) in [
            (format!("volume-{id}"), Kind::Volume),
            (format!("volume-{id}.{id}"), Kind::Snapshot),
            (format!("volume-{id}.info"), Kind::Info),
            (format!("volume-{id}.tmp-snap-{id}"), Kind::Temporary),
            (format!("img-cache-{id}"), Kind::ImageCache),
            (".nfs000000000000000100000001".into(), Kind::Temporary),
            (".cinderSecureEnvIndicator".into(), Kind::Indicator),
            ("volume-1".into(), Kind::Other),
            (format!("volume-{id}x"), Kind::Other),
        ] {
            assert_eq!(names.kind(name.as_bytes()), kind, "{name}");
        }
        assert_eq!(Names::new("vol_%s.raw").kind(format!("vol_{id}.raw").as_bytes()), Kind::Volume);
    }
}
