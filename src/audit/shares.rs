//! What was seen of shares and guests, as the document says it.

use rustix::fs::FileType;

use super::{
    access::{Attributes, Ids, READ, WRITE, may},
    domains::Domain,
    gather::{Assessed, Deployed, Gathered, Place, View},
    here::Here,
    identity::Accounts,
    logs::Counts,
    look::{self, Looked},
    model::{Access, Answer, Class, Disk, Event, Host, Indicator, Log, Machine, Mount, Owned, Role, Share, Unreadable},
    process::{Process, Program},
    scan::{End, Seen},
    walk,
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
}

/// Whether everybody may read and write a file of this mode.
pub fn is_open(mode: &str) -> bool {
    u32::from_str_radix(mode, 8).is_ok_and(|mode| mode & 0o666 == 0o666)
}

fn owned(mode: u32, uid: u32, gid: u32, accounts: &Accounts) -> Owned {
    Owned { mode: format!("{:04o}", mode & 0o7777), owner: accounts.user(uid), uid, group: accounts.group(gid), gid }
}

/// A name on a share as it may be printed: one line, and no byte that is not UTF-8.
fn printable(name: &[u8]) -> String {
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
    let attributes =
        |looked: &Looked| owned(looked.stat.st_mode, looked.stat.st_uid, looked.stat.st_gid, context.accounts);
    share.folder = seen.folder.as_ref().map(attributes);
    if let Some(indicator) = &seen.indicator {
        let kind = match FileType::from_raw_mode(indicator.looked.stat.st_mode) {
            FileType::RegularFile => "file",
            FileType::Directory => "folder",
            FileType::Symlink => "link",
            _ => "special",
        };
        share.indicator = Indicator {
            state: if indicator.is_file { "present" } else { "odd" }.into(),
            kind: Some(kind.into()),
            owned: Some(attributes(&indicator.looked)),
            modified: Some(indicator.looked.stat.st_mtime),
        };
    } else if seen.indicator_known {
        share.indicator.state = "absent".into();
    }
    classes(&mut share, seen, context);
    share
}

fn classes(share: &mut Share, seen: &Seen, context: &Context<'_>) {
    let mut classes: Vec<_> = seen.tally.classes.iter().collect();
    classes.sort_by(|a, b| b.1.files.cmp(&a.1.files).then_with(|| a.0.cmp(b.0)));
    for (class, count) in classes {
        let is_folder = class.kind == super::kind::Kind::Folder;
        share.files += if is_folder { 0 } else { count.files };
        share.bytes += count.bytes;
        let file = Attributes { mode: class.mode, uid: class.uid, gid: class.gid, acl: class.acl.as_ref() };
        let access = context.ids.iter().enumerate();
        share.classes.push(Class {
            kind: class.kind,
            owned: owned(class.mode, class.uid, class.gid, context.accounts),
            acl: class.acl.as_ref().map(super::access::Acl::text),
            files: count.files,
            bytes: count.bytes,
            as_made: "unknown".into(),
            access: access
                .map(|(at, ids)| access_of(ids, &file, class.reach & (1 << at) != 0, share.mount.as_ref()))
                .collect(),
            examples: count.names.iter().map(|name| printable(name)).collect(),
            more: count.files - count.names.len() as u64,
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

/// What an identity can do with a file.
fn access_of(ids: &Ids, file: &Attributes<'_>, reached: bool, mount: Option<&Mount>) -> Access {
    let network = mount.is_some_and(|mount| mount.network);
    let read_only = mount.is_some_and(|mount| mount.read_only);
    let by_ticket = mount.is_some_and(|mount| mount.sec.as_deref().is_some_and(|sec| sec.starts_with("krb5")));
    // An NFSv4 client that cannot map a name shows nobody; the server knows the true owner.
    let nobody = |id: u32| matches!(id, 65534 | 4_294_967_294);
    let owner_hidden = mount.is_some_and(|mount| mount.fs_type == "nfs4") && (nobody(file.uid) || nobody(file.gid));
    let answer = |want: u8| {
        if want & WRITE != 0 && read_only {
            return Answer::No;
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
    };
    Access { read: answer(READ), write: answer(WRITE), open: answer(READ | WRITE) }
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
pub fn lists(gathered: &mut Gathered<'_>, host: &Host, deployed: &[Deployed], context: &Context<'_>) {
    for backend in &mut gathered.backends {
        let Some(path) = &backend.nas.listing.here else { continue };
        let Ok(looked) = look::look_at(path, &walk::Progress::default()) else { continue };
        let reach = look::reach(path, context.views[deployed[backend.deployment].view].skip(), context.ids);
        let mut cinders =
            host.identities.iter().enumerate().filter(|(_, one)| one.role == Role::Cinder && one.uid != 0);
        let closed =
            cinders.find(|(at, _)| reach & (1 << at) == 0 || !may(&context.ids[*at], &looked.attributes(), READ));
        backend.list_closed = closed.map(|(_, one)| one.label.clone());
    }
}

/// The guests that have a disk on a share.
pub fn machines(
    domains: &[Domain],
    wanted: &[Vec<(usize, usize)>],
    seen: &[Seen],
    context: &Context<'_>,
    processes: &[Process],
    host: &Host,
) -> Vec<Machine> {
    let dynamic = host.qemu.as_ref().is_none_or(|qemu| qemu.dynamic_ownership);
    let mut machines = Vec::new();
    for (at, domain) in domains.iter().enumerate() {
        let process = domain.pid.and_then(|pid| processes.iter().find(|p| p.pid == pid && p.program == Program::Qemu));
        let labelled = domain.label.as_deref().and_then(|label| context.accounts.labelled(label));
        let configured = || {
            let identity = host.identities.iter().position(|identity| identity.role == Role::Qemu)?;
            context.ids.get(identity).cloned()
        };
        let qemu = process.and_then(|process| process.ids.clone()).or(labelled).or_else(configured);
        let running = domain.running || process.is_some();
        let mut disks = Vec::new();
        for (share, (files, seen)) in wanted.iter().zip(seen).enumerate() {
            for (nth, (_, disk)) in files.iter().enumerate().filter(|(_, (domain, _))| *domain == at) {
                let file = &domain.disks[*disk];
                let looked = seen.wanted.get(nth);
                let mount = host.shares[share].mount.as_ref();
                let open = match (looked, &qemu) {
                    (Some(Some((looked, reach))), Some(ids)) => {
                        let reached = context.ids.iter().position(|known| known == ids);
                        let reached = reached.is_none_or(|at| reach & (1 << at) != 0);
                        access_of(ids, &looked.attributes(), reached, mount).open
                    }
                    _ => Answer::Unknown,
                };
                // libvirt gives the file to qemu when the guest starts, where the server lets root do that.
                let open = if open == Answer::No && !running && dynamic { Answer::Unknown } else { open };
                disks.push(Disk {
                    target: printable(file.target.as_bytes()),
                    volume: file.serial.as_deref().map(|serial| printable(serial.as_bytes())),
                    file: printable(file.path.as_bytes()),
                    share: Some(share),
                    there: match looked {
                        None => Answer::Unknown,
                        Some(None) => Answer::No,
                        Some(Some(_)) => Answer::Yes,
                    },
                    owned: looked.and_then(Option::as_ref).map(|(looked, _)| {
                        owned(looked.stat.st_mode, looked.stat.st_uid, looked.stat.st_gid, context.accounts)
                    }),
                    qemu: qemu.as_ref().map(|ids| label(ids, context.accounts)),
                    open,
                });
            }
        }
        if !disks.is_empty() {
            machines.push(Machine {
                domain: printable(domain.name.as_bytes()),
                instance: domain.instance.as_deref().map(|name| printable(name.as_bytes())),
                uuid: printable(domain.uuid.as_bytes()),
                running,
                disks,
            });
        }
    }
    machines
}

fn label(ids: &Ids, accounts: &Accounts) -> String {
    let groups: Vec<String> = ids.gids.iter().map(|gid| accounts.group(*gid)).collect();
    format!("{}:{}", accounts.user(ids.uid), groups.join(","))
}

/// A log, its events tied to backends.
pub fn log(file: String, stem: &str, counts: Counts, host: &Host) -> Log {
    let machine = host.machines.iter().find(|machine| machine.domain == stem);
    let events = counts.events.into_iter().map(|((kind, about), count)| {
        let by_path = host.shares.iter().filter(|share| {
            let below = |point: &String| about.strip_prefix(point.as_str()).is_some_and(|rest| rest.starts_with('/'));
            below(&share.mount_point) || share.also_at.iter().any(below)
        });
        let by_guest = machine.into_iter().flat_map(|machine| &machine.disks).filter_map(|disk| disk.share);
        let shares = by_path.chain(by_guest.map(|at| &host.shares[at]));
        let mut backends: Vec<String> = shares.flat_map(|share| share.backends.iter().cloned()).collect();
        backends.sort_unstable();
        backends.dedup();
        Event { kind: kind.into(), about: printable(about.as_bytes()), backends, count }
    });
    Log { file, lines: counts.lines, events: events.collect() }
}

/// Says what no bits can tell.
pub fn unseen(here: &Here<'_>, host: &Host, copy: bool) {
    let network = host.shares.iter().filter(|share| share.mount.as_ref().is_some_and(|mount| mount.network));
    if network.clone().next().is_some() {
        here.not_seen(
            "the servers' exports",
            "root_squash, all_squash and the like are not visible on a client",
            "what root can do on a share, and whether the server takes users for who they are",
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
                "what lies in them",
            );
        }
        match share.answered.as_str() {
            "no" => here.not_seen(what, "it stopped answering", "what lies on it"),
            "partly" => here.not_seen(what, "the audit was stopped", "the rest of what lies on it"),
            "absent" => here.not_seen(what, "there is no such folder here", "what lies on it"),
            _ => {}
        }
    }
    if host.deployments.is_empty() {
        here.not_seen(
            "cinder.conf",
            "none was found, and no cinder-volume runs here",
            "which backends there are, and what is in force",
        );
    }
    if copy {
        here.not_seen("the time of the copy", "what is read is a copy", "what has changed on the host since");
    }
}
