//! What is kept of a text: the part that the audit reads where that is a small one, and all but the secrets else.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use super::Rows;
use crate::{
    audit::{domains, identity, model::Host, process, services},
    ini::{self, Piece},
    secrets,
};

/// The largest text that is kept, in bytes.
const LARGEST: usize = 8 << 20;
/// Users and groups of the system, which every host has, and those of kolla's images.
const OF_SYSTEM: u32 = 1000;
const OF_KOLLA: std::ops::Range<u32> = 42400..42500;

/// The users and groups that are named: those of the system, and those that something belongs to.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    uids: BTreeSet<u32>,
    gids: BTreeSet<u32>,
    users: BTreeSet<String>,
}

impl Accounts {
    pub(super) fn of<'r>(
        texts: &BTreeMap<PathBuf, Vec<u8>>,
        host: &Host,
        shares: impl Iterator<Item = &'r Rows>,
    ) -> Self {
        let mut accounts = Self::default();
        for (uids, gids) in shares.map(Rows::owners) {
            accounts.uids.extend(uids);
            accounts.gids.extend(gids);
        }
        for identity in &host.identities {
            accounts.uids.insert(identity.uid);
            accounts.gids.extend(&identity.gids);
        }
        let passwd = texts.iter().filter(|(path, _)| of_container(path) == Path::new("/etc/passwd"));
        for line in
            passwd.flat_map(|(_, text)| String::from_utf8_lossy(text).lines().map(str::to_string).collect::<Vec<_>>())
        {
            if let [name, _, uid, ..] = line.split(':').collect::<Vec<_>>()[..]
                && let Ok(uid) = uid.parse()
                && accounts.has(&accounts.uids, uid)
            {
                accounts.users.insert(name.to_string());
            }
        }
        accounts
    }

    fn has(&self, known: &BTreeSet<u32>, id: u32) -> bool {
        id < OF_SYSTEM || OF_KOLLA.contains(&id) || id >= 65534 || known.contains(&id)
    }

    fn passwd(&self, text: &str) -> String {
        let line = |line: &str| match line.split(':').collect::<Vec<_>>()[..] {
            [name, _, uid, gid, ..] if uid.parse().is_ok_and(|uid| self.has(&self.uids, uid)) => {
                Some(format!("{name}:x:{uid}:{gid}:::\n"))
            }
            _ => None,
        };
        text.lines().filter_map(line).collect()
    }

    fn group(&self, text: &str) -> String {
        let line = |line: &str| match line.split(':').collect::<Vec<_>>()[..] {
            [name, _, gid, members, ..] => {
                let members: Vec<&str> = members.split(',').filter(|member| self.users.contains(*member)).collect();
                let named = gid.parse().is_ok_and(|gid| self.has(&self.gids, gid));
                (named || !members.is_empty()).then(|| format!("{name}:x:{gid}:{}\n", members.join(",")))
            }
            _ => None,
        };
        text.lines().filter_map(line).collect()
    }
}

/// A path as the container sees it, whose file system `/proc/PID/root` is.
fn of_container(path: &Path) -> &Path {
    let mut parts = path.components().skip(1);
    let first = parts.next().map(|part| part.as_os_str());
    let pid = parts.next().map(|part| part.as_os_str());
    let root = parts.next().map(|part| part.as_os_str());
    match (first, pid, root) {
        (Some(first), Some(pid), Some(root)) if first == "proc" && root == "root" => {
            let above = Path::new("/proc").join(pid).join("root");
            let length = above.as_os_str().len();
            let whole = path.as_os_str().to_str().and_then(|text| text.get(length..));
            whole.filter(|text| !text.is_empty()).map_or(path, Path::new)
        }
        _ => path,
    }
}

/// Whether a path is no other process's than one of a service that was looked at.
pub(super) fn is_of_service(path: &Path, services: &BTreeSet<u32>) -> bool {
    let Ok(below) = path.strip_prefix("/proc") else { return true };
    let mut parts = below.iter().filter_map(|part| part.to_str());
    let Some(pid) = parts.next().and_then(|part| part.parse::<u32>().ok()) else { return true };
    services.contains(&pid) || matches!(parts.next(), None | Some("mountinfo"))
}

/// What is kept of a text.
///
/// # Errors
/// Why nothing is.
pub(super) fn kept(path: &Path, text: &[u8], accounts: &Accounts) -> Result<Vec<u8>, String> {
    if text.len() > LARGEST {
        return Err(format!("is larger than {} MiB, the most that is collected of a file", LARGEST >> 20));
    }
    let path = of_container(path).to_str().unwrap_or_default();
    let string = || String::from_utf8_lossy(text).into_owned();
    let in_proc = path.strip_prefix("/proc/");
    let kept = match path {
        "/etc/passwd" => accounts.passwd(&string()),
        "/etc/group" => accounts.group(&string()),
        "/etc/hostname" | "/proc/sys/kernel/hostname" => string().lines().next().unwrap_or_default().to_string(),
        "/etc/libvirt/qemu.conf" => identity::kept_of_qemu_conf(&string()),
        "/proc/stat" => {
            string().lines().filter(|line| line.starts_with("btime ")).map(|line| format!("{line}\n")).collect()
        }
        _ if path.ends_with("/mountinfo") => return Ok(by_line(text, secrets::cover_urls)),
        _ if in_proc.is_some_and(|name| name.ends_with("/cmdline")) => return Ok(process::kept_of_command(text)),
        _ if in_proc.is_some_and(|name| name.ends_with("/status")) => process::kept_of_status(&string()),
        _ if in_proc.is_some() => string().lines().take(1).collect(),
        _ if path.starts_with("/sys/") => string().lines().next().unwrap_or_default().chars().take(64).collect(),
        _ if path.contains("/libvirt/qemu/") && path.ends_with(".xml") => match domains::read(&string()) {
            Ok(Some(domain)) => domains::write(&domain),
            Ok(None) => "<network/>".into(),
            Err(why) => return Err(why),
        },
        _ if path.contains("/systemd/system/") => identity::kept_of_unit(&string()),
        _ if services::is_read(path) => services::kept(path, &string()),
        _ => return Ok(configuration(text)),
    };
    Ok(kept.into_bytes())
}

/// Covers each line that is text.
fn by_line(text: &[u8], cover: impl Fn(&str) -> std::borrow::Cow<'_, str>) -> Vec<u8> {
    let mut kept = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        match std::str::from_utf8(line) {
            Ok(line) => kept.extend_from_slice(cover(line).as_bytes()),
            Err(_) => kept.extend_from_slice(cover(&String::from_utf8_lossy(line)).as_bytes()),
        }
    }
    kept
}

/// A configuration without its secrets; a list of shares, which has no section, keeps its addresses.
fn configuration(text: &[u8]) -> Vec<u8> {
    let has_sections = ini::lines(text).any(|line| matches!(line.piece, Piece::Section { .. }));
    if has_sections {
        return covered(text);
    }
    let mut kept = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        if is_share(line) {
            kept.extend(by_line(line, secrets::cover_urls));
        } else {
            kept.extend(covered(line));
        }
    }
    kept
}

/// `host:/path`, `//host/path`, `/path`, perhaps with options behind a blank.
fn is_share(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let address = line.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    let is_path = address.starts_with(b"/") || memchr::memmem::find(address, b":/").is_some();
    is_path && !address.contains(&b'=')
}

fn covered(text: &[u8]) -> Vec<u8> {
    let mut spans = secrets::secret_spans(text);
    spans.sort_unstable_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    let mut kept = Vec::with_capacity(text.len());
    let mut at = 0;
    for span in spans {
        let (start, end) = ((span.start as usize).max(at), span.end as usize);
        if end <= start {
            continue;
        }
        kept.extend_from_slice(text.get(at..start).unwrap_or_default());
        kept.extend_from_slice(secrets::COVER.as_bytes());
        // The lines stay the lines that they are.
        let ends = text.get(start..end).unwrap_or_default().iter().filter(|byte| matches!(byte, b'\n' | b'\r'));
        kept.extend(ends.copied());
        at = end;
    }
    kept.extend_from_slice(text.get(at..).unwrap_or_default());
    kept
}
