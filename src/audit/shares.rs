//! What was seen of shares and guests, as the document says it.

use std::collections::{BTreeMap, BTreeSet};

use rustix::fs::FileType;

use super::{
    access::{Attributes, Held, Ids, READ, SEARCH, WRITE, may, reaches},
    gather::{Assessed, Deployed, Gathered, Place, View},
    here::Here,
    identity::Accounts,
    kind::Kind,
    look::{self, Looked},
    model::{Access, Answer, Class, Host, Indicator, Mount, Owned, Role, Share, Unreadable},
    scan::{End, Seen},
    sight::Sight,
    tally::Count,
};
use crate::{catalog::Release, secrets, text::one_line};

/// What all shares need.
pub struct Context<'c> {
    /// The identities.
    pub ids: &'c [Ids],
    /// The host's users and groups.
    pub accounts: &'c Accounts,
    /// The file systems as processes see them.
    pub views: &'c [View],
    /// Whether files here belong to whom they belong on the host; not so in a copy that somebody else than root extracted.
    pub owners_kept: bool,
    /// How many names are told of a class.
    pub limit: usize,
}

/// Whether everybody may read and write a file of this mode.
pub fn is_open(mode: &str) -> bool {
    u32::from_str_radix(mode, 8).is_ok_and(|mode| mode & 0o666 == 0o666)
}

pub(super) fn owned(held: &Held, accounts: &Accounts) -> Owned {
    let Held { mode, uid, gid, .. } = *held;
    Owned { mode: format!("{:04o}", mode & 0o7777), owner: accounts.user(uid), uid, group: accounts.group(gid), gid }
}

/// A name on a share as it may be printed: one line, and no byte that is not UTF-8.
pub(super) fn printable(name: &[u8]) -> String {
    one_line(&String::from_utf8_lossy(name)).into_owned()
}

/// A share, from what was seen of it.
pub fn share(place: &Place, seen: &Seen, context: &Context<'_>) -> Share {
    let mounts = context.views[place.view].mounts.as_deref();
    let on = mounts.map(|mounts| mounts.iter().filter(|mount| mount.point == place.point).collect::<Vec<_>>());
    let mounted = match &on {
        None => "unknown",
        Some(on) if on.is_empty() => "no",
        Some(_) => "yes",
    };
    let top = on.as_ref().and_then(|on| on.last().copied());
    let mount = top.map(|mount| Mount {
        source: secrets::cover_urls(&mount.source).into_owned(),
        fs_type: mount.fs_type.clone(),
        version: mount.option("vers").map(str::to_string),
        sec: mount.option("sec").map(str::to_string),
        read_only: mount.is_read_only(),
        soft: mount.option("soft").is_some() || mount.option("softerr").is_some(),
        network: mount.is_network(),
        layers: on.as_ref().map_or(0, |on| on.len() as u64),
    });
    let mut share = Share {
        address: secrets::cover_urls(&place.address).into_owned(),
        mount_point: place.point.to_string_lossy().into_owned(),
        also_at: place.also_at.iter().map(|at| at.to_string_lossy().into_owned()).collect(),
        mounted: mounted.into(),
        mount,
        consulted: place.consulted,
        explained: place.explained,
        answered: "no".into(),
        indicator: Indicator { state: "unknown".into(), ..Indicator::default() },
        ..Share::default()
    };
    share.answered = match &seen.end {
        End::Done => "yes",
        End::Silent => "no",
        End::Stopped => "partly",
        End::Absent => "absent",
        End::Refused(_) => "refused",
    }
    .into();
    if let End::Refused(why) = &seen.end {
        share.unreadable.push(Unreadable { path: ".".into(), why: why.clone() });
        share.unreadable_count = 1;
    }
    let attributes = |looked: &Looked| owned(&looked.held, context.accounts);
    share.folder = seen.folder.as_ref().map(attributes);
    if let Some(folder) = &seen.folder {
        let file = folder.attributes();
        let writes =
            |ids: &Ids| context.answer(ids, &file, reaches(ids, &seen.above), share.mount.as_ref(), WRITE | SEARCH);
        share.makes_files = context.ids.iter().map(writes).collect();
    }
    if let Some(indicator) = &seen.indicator {
        let kind = match indicator.looked.file_type() {
            FileType::RegularFile => "file",
            FileType::Directory => "folder",
            FileType::Symlink => "link",
            _ => "special",
        };
        share.indicator = Indicator {
            state: if indicator.is_file { "present" } else { "odd" }.into(),
            kind: Some(kind.into()),
            owned: Some(attributes(&indicator.looked)),
            modified: Some(indicator.looked.modified),
        };
    } else if seen.indicator_known {
        share.indicator.state = "absent".into();
    }
    classes(&mut share, seen, context);
    share
}

/// Files that are alike, and alike in who reaches them: what one class of the document has.
type Alike<'s> = (Kind, u32, u32, u32, Vec<bool>, Option<&'s super::access::Acl>);

fn classes(share: &mut Share, seen: &Seen, context: &Context<'_>) {
    let gates = seen.tally.gates.iter();
    let reach: Vec<Vec<bool>> = gates
        .map(|gate| context.ids.iter().map(|ids| reaches(ids, &seen.above) && reaches(ids, gate)).collect())
        .collect();
    let mut alike: BTreeMap<Alike<'_>, Count> = BTreeMap::new();
    for (class, count) in &seen.tally.classes {
        let reach = reach.get(class.gate as usize).cloned().unwrap_or_default();
        let key = (class.kind, class.mode, class.uid, class.gid, reach, class.acl.as_ref());
        let whole = alike.entry(key).or_default();
        whole.files += count.files;
        whole.bytes += count.bytes;
        whole.names.extend(count.names.iter().cloned());
    }
    let mut alike: Vec<_> = alike.into_iter().collect();
    alike.sort_by(|a, b| b.1.files.cmp(&a.1.files).then_with(|| a.0.cmp(&b.0)));
    for ((kind, mode, uid, gid, reach, acl), count) in alike {
        share.files += if kind == Kind::Folder { 0 } else { count.files };
        share.bytes += count.bytes;
        let names: BTreeSet<&Vec<u8>> = count.names.iter().take(context.limit).collect();
        let held = Held { mode, uid, gid, acl: acl.cloned() };
        let file = held.attributes();
        let access = context.ids.iter().zip(reach);
        share.classes.push(Class {
            kind,
            owned: owned(&held, context.accounts),
            acl: acl.map(super::access::Acl::text),
            files: count.files,
            bytes: count.bytes,
            as_made: "unknown".into(),
            access: access.map(|(ids, reached)| context.access(ids, &file, reached, share.mount.as_ref())).collect(),
            examples: names.iter().map(|name| printable(name)).collect(),
            more: count.files.saturating_sub(names.len() as u64),
        });
    }
    share.files += seen.tally.unclassed;
    share.unclassed = seen.tally.unclassed;
    share.vanished = seen.tally.vanished;
    share.unreadable_count += seen.tally.unreadable_count;
    let unreadable = seen.tally.unreadable.iter();
    share.unreadable.extend(unreadable.map(|(path, why)| Unreadable { path: printable(path), why: why.clone() }));
    share.other_file_systems = seen.tally.elsewhere;
}

impl Context<'_> {
    /// What an identity can do with a file.
    pub(super) fn access(&self, ids: &Ids, file: &Attributes<'_>, reached: bool, mount: Option<&Mount>) -> Access {
        let answer = |want| self.answer(ids, file, reached, mount, want);
        Access { read: answer(READ), write: answer(WRITE), open: answer(READ | WRITE) }
    }

    fn answer(&self, ids: &Ids, file: &Attributes<'_>, reached: bool, mount: Option<&Mount>, want: u8) -> Answer {
        let network = mount.is_some_and(|mount| mount.network);
        let by_ticket = mount.is_some_and(|mount| mount.sec.as_deref().is_some_and(|sec| sec.starts_with("krb5")));
        // An NFSv4 client that cannot map a name shows nobody; the server knows the true owner.
        let nobody = |id: u32| matches!(id, 65534 | 4_294_967_294);
        let owner_hidden = mount.is_some_and(|mount| mount.fs_type == "nfs4") && (nobody(file.uid) || nobody(file.gid));
        if want & WRITE != 0 && mount.is_some_and(|mount| mount.read_only) {
            return Answer::No;
        }
        if !self.owners_kept {
            return Answer::Unknown;
        }
        if ids.is_root() {
            return if network { Answer::Unknown } else { Answer::Yes };
        }
        if by_ticket {
            return Answer::Unknown;
        }
        match reached && may(ids, file, want) {
            true => Answer::Yes,
            false if owner_hidden => Answer::Unknown,
            false => Answer::No,
        }
    }
}

/// What the values in force make of files, and which files are so.
pub fn expect(host: &mut Host, backends: &[Assessed<'_>], deployed: &[Deployed]) {
    for (backend, one) in host.backends.iter().zip(backends) {
        let release = deployed[one.deployment].release;
        let permissions = &backend.permissions;
        let value = if permissions.now == "undetermined" { &permissions.restart } else { &permissions.now };
        let class = one.nas.driver.class.as_str();
        let always_open = ["quobyte.", "glusterfs.", "smbfs.", "nexenta."].iter().any(|part| class.contains(part));
        let expected = match value.as_str() {
            _ if class.contains("gpfs") => "0660",
            "true" if always_open => "0666",
            "true" => "0660",
            "false" => "0666",
            _ => continue,
        };
        // `_copy_volume_from_snapshot` opens its result to everybody, whatever the option says.
        let clones_are_open = one.nas.driver.family.is_nfs_chain() && release >= Release::OCATA;
        for &at in &one.shares {
            let share = &mut host.shares[at];
            if share.expected_mode.as_deref().is_some_and(|other| other != expected) {
                // Two backends that disagree.
                share.expected_mode = None;
                share.classes.iter_mut().for_each(|class| class.as_made = "unknown".into());
                continue;
            }
            share.expected_mode = Some(expected.into());
            for class in share.classes.iter_mut().filter(|class| class.kind.is_disk()) {
                let open = is_open(&class.owned.mode);
                class.as_made = match expected {
                    "0660" if class.owned.mode == "0660" => "yes",
                    "0660" if open && clones_are_open => "clone",
                    "0666" if open => "yes",
                    _ => "no",
                }
                .into();
            }
        }
    }
}

/// Finds the backends whose shares file cinder-volume cannot read.
pub fn lists(
    gathered: &mut Gathered<'_>,
    host: &Host,
    deployed: &[Deployed],
    context: &Context<'_>,
    sight: &dyn Sight,
) {
    for backend in gathered.backends.iter_mut().filter(|_| context.owners_kept) {
        let Some(path) = &backend.nas.listing.here else { continue };
        let Ok(looked) = sight.look(path) else { continue };
        let skip = context.views[deployed[backend.deployment].view].skip();
        let above = look::above(path, skip, &|folder| sight.look(folder));
        let mut cinders =
            host.identities.iter().enumerate().filter(|(_, one)| one.role == Role::Cinder && one.uid != 0);
        let closed = cinders
            .find(|(at, _)| !reaches(&context.ids[*at], &above) || !may(&context.ids[*at], &looked.attributes(), READ));
        backend.list_closed = closed.map(|(_, one)| one.label.clone());
    }
}

/// Says what no bits can tell.
pub fn unseen(here: &Here<'_>, host: &Host, copy: bool) {
    let network = host.shares.iter().filter(|share| share.mount.as_ref().is_some_and(|mount| mount.network));
    if network.clone().next().is_some() {
        here.not_seen(
            "the servers' exports",
            "a client does not see root_squash, all_squash and similar options",
            "what root can do on a share, and whether the server replaces users",
        );
    }
    if network.clone().any(|share| share.mount.as_ref().is_some_and(|mount| mount.fs_type == "nfs4")) {
        here.not_seen(
            "NFSv4 ACLs",
            "only permission bits and POSIX ACLs are read",
            "whether an ACL on the server allows less or more",
        );
    }
    let root = host.identities.iter().filter(|identity| identity.uid == 0);
    for identity in root.filter(|_| network.clone().next().is_some()) {
        here.not_seen(
            format!("what {} can open", identity.label),
            "the server decides what root may do",
            "whether its guests can open the files",
        );
    }
    for share in &host.shares {
        let what = format!("{} at {}", share.address, share.mount_point);
        if share.unreadable_count > 0 {
            here.not_seen(
                what.clone(),
                format!("{} folders cannot be read", share.unreadable_count),
                "what is in them",
            );
        }
        match share.answered.as_str() {
            "no" => here.not_seen(what, "it stopped answering", "what is on it"),
            "partly" => here.not_seen(what, "the audit was stopped", "the rest of what is on it"),
            "absent" => here.not_seen(what, "the folder does not exist here", "what is on it"),
            _ => {}
        }
    }
    if host.deployments.is_empty() {
        here.not_seen(
            "cinder.conf",
            "none was found, and no cinder-volume runs here",
            "the backends, and the values in force",
        );
    }
    if !host.owners_kept {
        here.not_seen(
            "the owners of files",
            "every file of this copy belongs to you: whoever extracts an archive without being root owns all of it",
            "whose the files are, and who can open them; extract the archive as root",
        );
    }
    if copy {
        here.not_seen("the time of the copy", "what is read is a copy", "what has changed on the host since");
    }
}
