//! Guests with disks on the shares, and logs tied to backends.

use super::{
    access::{Ids, reaches},
    domains::Domain,
    identity::Accounts,
    logs::Counts,
    model::{Answer, Disk, Event, Host, Log, Machine, Role},
    process::{Process, Program},
    scan::{Seen, Wanted},
    shares::{Context, owned, printable},
};

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
                    (Some(Wanted::There(looked, above)), Some(ids)) => {
                        context.access(ids, &looked.attributes(), reaches(ids, above), mount).open
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
                        None | Some(Wanted::Unknown) => Answer::Unknown,
                        Some(Wanted::Absent) => Answer::No,
                        Some(Wanted::There(..)) => Answer::Yes,
                    },
                    owned: match looked {
                        Some(Wanted::There(looked, _)) => Some(owned(&looked.held, context.accounts)),
                        _ => None,
                    },
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
pub fn log(path: &std::path::Path, counts: Counts, host: &Host) -> Log {
    let file = path.to_string_lossy().into_owned();
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let machine = host.machines.iter().find(|machine| machine.domain == *stem);
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
