//! What is mounted where: `/proc/self/mountinfo` (proc_pid_mountinfo(5)).

use std::{
    ffi::OsStr,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Path, PathBuf},
};

/// One mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// The device, as `major:minor`.
    pub device: String,
    /// The folder of the file system that is mounted.
    pub root: PathBuf,
    /// Where it is mounted.
    pub point: PathBuf,
    /// `nfs4`, `ext4`, …
    pub fs_type: String,
    /// The source: `192.0.2.10:/export` for NFS.
    pub source: String,
    /// The options of the mount, then those of the file system.
    pub options: Vec<String>,
}

impl Mount {
    /// The value of an option, empty where it has none; none where it is not set.
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().find_map(|option| match option.split_once('=') {
            Some((key, value)) if key == name => Some(value),
            None if option == name => Some(""),
            _ => None,
        })
    }

    /// Whether nothing can be written through it.
    pub fn is_read_only(&self) -> bool {
        self.option("ro").is_some()
    }

    /// Whether another machine holds the files, and decides what root may do.
    pub fn is_network(&self) -> bool {
        const NETWORK: [&str; 9] = ["nfs", "nfs4", "cifs", "smb3", "glusterfs", "ceph", "gpfs", "lustre", "9p"];
        NETWORK.contains(&self.fs_type.as_str()) || self.fs_type.starts_with("fuse")
    }

    /// Whether asking it may wait for another machine or program. What mounts itself when asked is left alone.
    pub fn may_hang(&self) -> bool {
        const HERE: [&str; 26] = [
            "autofs",
            "binfmt_misc",
            "bpf",
            "btrfs",
            "cgroup",
            "cgroup2",
            "configfs",
            "debugfs",
            "devpts",
            "devtmpfs",
            "efivarfs",
            "ext2",
            "ext3",
            "ext4",
            "fusectl",
            "hugetlbfs",
            "mqueue",
            "nsfs",
            "overlay",
            "proc",
            "pstore",
            "ramfs",
            "securityfs",
            "sysfs",
            "tmpfs",
            "tracefs",
        ];
        !HERE.contains(&self.fs_type.as_str()) && self.fs_type != "xfs"
    }

    /// Whether the two show the same files.
    pub fn shows_the_same(&self, other: &Self) -> bool {
        (&self.device, &self.root, &self.source) == (&other.device, &other.root, &other.source)
    }
}

/// Reads the table; lines that are none are left out.
pub fn read(text: &[u8]) -> Vec<Mount> {
    text.split(|&byte| byte == b'\n').filter_map(line).collect()
}

/// The mount that a path's files are on: the longest point above it, of several the last.
pub fn of<'m>(mounts: &'m [Mount], path: &Path) -> Option<&'m Mount> {
    mounts.iter().filter(|mount| path.starts_with(&mount.point)).max_by_key(|mount| mount.point.components().count())
}

fn line(line: &[u8]) -> Option<Mount> {
    let mut fields = line.split(|&byte| byte == b' ').filter(|field| !field.is_empty());
    let device = fields.nth(2)?;
    let root = fields.next()?;
    let point = fields.next()?;
    let mut options = list(fields.next()?);
    fields.by_ref().find(|field| *field == b"-")?;
    let fs_type = fields.next()?;
    let source = fields.next().unwrap_or_default();
    options.extend(list(fields.next().unwrap_or_default()));
    let path = |field: &[u8]| PathBuf::from(std::ffi::OsString::from_vec(unescape(field)));
    Some(Mount {
        device: String::from_utf8_lossy(device).into_owned(),
        root: path(root),
        point: path(point),
        fs_type: String::from_utf8_lossy(fs_type).into_owned(),
        source: OsStr::from_bytes(&unescape(source)).to_string_lossy().into_owned(),
        options,
    })
}

fn list(field: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(&unescape(field)).split(',').map(str::to_string).collect()
}

/// `\040` is a blank; any three octal digits are a byte.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut at = 0;
    while let Some(&byte) = field.get(at) {
        let digits = field.get(at + 1..at + 4).unwrap_or_default();
        let value = digits
            .iter()
            .try_fold(0_u32, |value, digit| matches!(digit, b'0'..=b'7').then(|| value * 8 + u32::from(digit - b'0')));
        match value.and_then(|value| u8::try_from(value).ok()) {
            Some(value) if byte == b'\\' && digits.len() == 3 => {
                bytes.push(value);
                at += 4;
            }
            _ => {
                bytes.push(byte);
                at += 1;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_table() {
        let text = b"63 43 0:39 / /mnt/a\\040b\\134 rw,relatime shared:1 master:2 - nfs4 h:/x\\040y rw,vers=4.2,hard,sec=sys\nno line\n\n";
        let mounts = read(text);
        assert_eq!(mounts.len(), 1);
        let mount = &mounts[0];
        assert_eq!(mount.point, Path::new("/mnt/a b\\"));
        assert_eq!((mount.source.as_str(), mount.option("vers"), mount.option("soft")), ("h:/x y", Some("4.2"), None));
        assert!(!mount.is_read_only() && mount.is_network());
    }

    #[test]
    fn the_mount_on_top_counts() {
        let text = b"1 0 0:1 / / rw - ext4 a rw\n2 1 0:2 / /m rw - nfs h:/a rw\n3 1 0:3 / /m rw - nfs h:/b rw\n";
        let mounts = read(text);
        assert_eq!(of(&mounts, Path::new("/m/x")).map(|mount| mount.source.as_str()), Some("h:/b"));
        assert_eq!(of(&mounts, Path::new("/mm")).map(|mount| mount.source.as_str()), Some("a"));
    }
}
