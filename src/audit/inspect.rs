//! The audit of one host, from its files to the document.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use super::{
    access::Ids,
    domains, find,
    gather::{Assessed, Deployed, Gathered, Place, View, gather},
    guests,
    here::Here,
    identity::{self, Accounts},
    in_force::{self, Basis, Evidence},
    judge,
    logs::{
        self, Counts,
        story::{Story, Teller, tell},
    },
    model::{Backend, Deployment, Host, Identity, ToolError},
    mountinfo,
    process::{self, Process, Program},
    scan::{Limits, Seen, Target},
    services, shares,
    sight::{self, Sight},
    sos, verdict,
    walk::Plan,
};
use crate::{
    catalog::Release,
    lint::Rule,
    message::Message,
    nas::Python,
    secrets,
    source::{FileId, Files},
};

/// What is to be audited, and how.
pub struct Request<'r> {
    /// Who answers: this host, a copy of its files, what was collected of one.
    pub sight: &'r dyn Sight,
    /// The deployments that were named; empty: they are looked for.
    pub named: Vec<Named>,
    /// The release; none: the newest.
    pub release: Option<Release>,
    /// Whether the volume database is empty.
    pub new_install: Option<bool>,
    /// The interpreter; none: by release.
    pub python: Option<Python>,
    /// Identities that were asked for.
    pub wanted: Vec<String>,
    /// The owners of files in a copy are judged, though all of them may be whoever extracted it.
    pub owners_as_they_are: bool,
    /// Logs to read.
    pub logs: Vec<PathBuf>,
    /// Shares looked at, at a time, and threads for each.
    pub jobs: usize,
    /// How many names are kept of a kind.
    pub limit: usize,
    /// The longest silence of a share.
    pub timeout: Duration,
    /// Set when the user has seen enough.
    pub stop: &'r AtomicBool,
    /// Told from time to time how many answers came.
    pub beat: &'r dyn Fn(u64),
    /// The rules.
    pub rules: &'r [Arc<Rule>],
}

/// A deployment that was named.
#[derive(Clone, Debug)]
pub struct Named {
    /// Its files.
    pub layers: Vec<FileId>,
    /// The release that reads them.
    pub release: Release,
    /// Whether the volume database is empty.
    pub new_install: Option<bool>,
    /// The interpreter.
    pub python: Python,
}

/// Why there is no audit.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct AuditError(pub Message);

/// Audits the host.
///
/// # Errors
/// An identity that was asked for and does not exist.
pub fn run(files: &mut Files, request: &Request<'_>) -> Result<Host, AuditError> {
    let sight = request.sight;
    let dir = sight.folder().map(Path::to_path_buf);
    let root = sight::root(sight, dir.as_deref());
    let here = Here::new(&root, sight);
    let processes = process::find(&here);
    let mut accounts = Accounts::read(&here);
    let mut views = vec![View { inside: None, dir, mounts: None, silent: Vec::new() }];
    let deployed = deployments(files, request, &here, &processes, &mut views);
    for view in &views[1..] {
        accounts.merge(Accounts::read(&Here::new(&view.root(sight), sight)));
    }
    let qemu = identity::qemu_conf(&here);
    let domains = domains::find(&here);
    let found =
        identity::find(&here, &accounts, qemu.as_ref(), &processes, &domains, &request.wanted).map_err(AuditError)?;
    let (identities, ids): (Vec<Identity>, Vec<Ids>) = found.into_iter().unzip();
    look_at_mounts(&here, &mut views, &processes, request);
    let nova = find::nova_base(&here);
    let mut gathered = gather(files, &deployed, &views, nova.as_deref(), &domains, &here);
    let mut wanted: Vec<Vec<(usize, usize)>> = gathered.places.iter().map(|_| Vec::new()).collect();
    for (domain, one) in domains.iter().enumerate() {
        for (disk, file) in one.disks.iter().enumerate() {
            if let Some(at) = gathered.place_of(Path::new(&file.path)) {
                wanted[at].push((domain, disk));
            }
        }
    }
    let by_digest = views[0].mounts.is_none();
    let path_of = |(domain, disk): &(usize, usize)| {
        let path = Path::new(&domains[*domain].disks[*disk].path);
        // Where nothing says what is mounted where, a share lies where its backend has it.
        let there = gathered.on_share(path).filter(|_| by_digest).map(|(_, there)| there);
        views[0].root(sight).below(there.as_deref().unwrap_or(path))
    };
    let target = |(at, place): (usize, &Place)| {
        let view = &views[place.view];
        let plan = Plan {
            folder: PathBuf::new(),
            names: place.names.clone(),
            limit: request.limit,
            workers: request.jobs.saturating_sub(1),
        };
        let wanted = wanted[at].iter().map(path_of).collect();
        Target { root: view.root(sight), point: place.point.clone(), plan, wanted, skip: view.skip() }
    };
    let targets: Vec<Target> = gathered.places.iter().enumerate().map(target).collect();
    let limits = Limits { jobs: request.jobs, timeout: request.timeout, stop: request.stop, beat: request.beat };
    let seen = sight.scan(targets, &limits);
    let mut host = Host {
        name: name(&here),
        owners_kept: request.owners_as_they_are || sight.owners_kept(),
        release: deployed.first().map_or(Release::NEWEST, |one| one.release).name().into(),
        identities,
        qemu,
        nfs: services::find(&here),
        ..Host::default()
    };
    host.deployments = deployed
        .iter()
        .map(|one| Deployment { files: one.shown.clone(), found: one.how.clone(), started: one.started })
        .collect();
    let context = shares::Context {
        ids: &ids,
        accounts: &accounts,
        views: &views,
        owners_kept: host.owners_kept,
        limit: request.limit,
    };
    host.shares = gathered.places.iter().zip(&seen).map(|(place, seen)| shares::share(place, seen, &context)).collect();
    shares::lists(&mut gathered, &host, &deployed, &context, sight);
    let logs = read_logs(request, &mut host.errors);
    let bases = backends(&mut host, &gathered, &deployed, &seen, files, &here, &logs);
    shares::expect(&mut host, &gathered.backends, &deployed);
    host.machines = guests::machines(&domains, &wanted, &seen, &context, &processes, &host);
    let tied = logs.into_iter().map(|(path, counts)| guests::log(&path, counts, &host));
    host.logs = tied.collect();
    host.complete = !request.stop.load(std::sync::atomic::Ordering::Relaxed);
    shares::unseen(&here, &host, sight.is_collected());
    judge::count(&mut host);
    host.findings = verdict::find(&host, &gathered, &bases, request.rules, request.limit);
    judge::judge(&mut host);
    host.unseen = here.take_unseen();
    Ok(host)
}

/// The deployments that were named, else those that are found.
fn deployments(
    files: &mut Files,
    request: &Request<'_>,
    here: &Here<'_>,
    processes: &[process::Process],
    views: &mut Vec<View>,
) -> Vec<Deployed> {
    if !request.named.is_empty() {
        let named = request.named.iter().map(|one| Deployed {
            layers: one.layers.clone(),
            shown: one.layers.iter().map(|&id| files.get(id).relative.clone()).collect(),
            how: "named on the command line".into(),
            started: None,
            release: one.release,
            new_install: one.new_install,
            python: one.python,
            view: 0,
        });
        return named.collect();
    }
    let release = request.release.unwrap_or(Release::NEWEST);
    let python = request.python.unwrap_or(if release <= Release::QUEENS { Python::Two } else { Python::Three });
    let mut deployed = Vec::new();
    for found in find::find(here, processes) {
        let mut layers = Vec::new();
        for (file, shown) in found.files.iter().zip(&found.shown) {
            match here.root.fs().read(file) {
                Ok(text) => layers.push(files.add(Path::new(shown), text)),
                Err(error) => here.not_seen(shown.clone(), error.to_string(), "what the service reads in it"),
            }
        }
        let view = match found.inside {
            None => 0,
            Some(pid) => views.iter().position(|view| view.inside == Some(pid)).unwrap_or_else(|| {
                let dir = Some(PathBuf::from(format!("/proc/{pid}/root")));
                views.push(View { inside: Some(pid), dir, mounts: None, silent: Vec::new() });
                views.len() - 1
            }),
        };
        if !layers.is_empty() {
            let (shown, how, started) = (found.shown, found.how, found.started);
            deployed.push(Deployed {
                layers,
                shown,
                how,
                started,
                release,
                new_install: request.new_install,
                python,
                view,
            });
        }
    }
    deployed
}

/// Reads what is mounted, and asks the mounts of other machines whether they answer.
fn look_at_mounts(here: &Here<'_>, views: &mut [View], processes: &[Process], request: &Request<'_>) {
    // The table of `self` is that of the program that made a sosreport: what is mounted in a container is in the service's own.
    let service = || processes.iter().find(|process| process.program == Program::CinderVolume).map(|one| one.pid);
    let service = if sos::is_one(here) { service() } else { None };
    if sos::is_one(here) {
        here.not_seen(
            "what a sosreport leaves out",
            "it lists no files of shares, no /etc/kolla, and no owners for a user who is not root",
            "which volumes are open to whom",
        );
    }
    for view in views.iter_mut() {
        let pid = view.inside.or(service);
        let table = pid.and_then(|pid| here.bytes(&format!("/proc/{pid}/mountinfo"), "what is mounted where"));
        let table = match view.inside {
            Some(_) => table,
            None => table.or_else(|| here.bytes("/proc/self/mountinfo", "what is mounted where")),
        };
        let table = table.or_else(|| here.bytes("/proc/1/mountinfo", "what is mounted where"));
        if table.is_none() {
            here.not_seen("mountinfo", "it does not exist here", "what is mounted where, from where, and how");
        }
        view.mounts = table.as_deref().map(mountinfo::read);
        let root = view.root(here.sight);
        let others = view.mounts.iter().flatten().filter(|mount| mount.may_hang());
        // In a copy nothing of it is mounted, and folders answer.
        let folders: Vec<PathBuf> = others.map(|mount| root.below(&mount.point)).collect();
        let limits = Limits { jobs: request.jobs, timeout: request.timeout, stop: request.stop, beat: request.beat };
        view.silent = here.sight.silent(folders, &limits);
    }
}

fn name(here: &Here<'_>) -> String {
    let name = ["/etc/hostname", "/proc/sys/kernel/hostname"];
    let name = name.iter().find_map(|path| here.text(path, "the host's name")).unwrap_or_default();
    let name = name.lines().next().unwrap_or_default().trim();
    if name.is_empty() { "host unknown".into() } else { name.to_string() }
}

/// The backends with what is in force; gives what each judgement rests on: that over operations, that over permissions.
fn backends(
    host: &mut Host,
    gathered: &Gathered<'_>,
    deployed: &[Deployed],
    seen: &[Seen],
    files: &Files,
    here: &Here<'_>,
    logs: &[(PathBuf, Counts)],
) -> Vec<[Basis; 2]> {
    let shown = |(path, counts): &(PathBuf, Counts)| (path.to_string_lossy().into_owned(), counts.signs.clone());
    let signs: Vec<_> = logs.iter().map(shown).collect();
    let end = logs.iter().filter_map(|(_, counts)| counts.end.as_deref()).max().and_then(logs::line::seconds);
    let mut bases = Vec::with_capacity(gathered.backends.len());
    for one in &gathered.backends {
        let from = &deployed[one.deployment];
        let evidence = evidence(one, from, host, seen, files, here);
        let (mut operations, mut of_operations) = in_force::judge(&one.nas.operations, &one.nas, &evidence);
        let (mut permissions, mut of_permissions) = in_force::judge(&one.nas.permissions, &one.nas, &evidence);
        let teller = Teller {
            name: &one.backend.name,
            digests: one.shares.iter().filter_map(|&at| host.shares[at].mount_point.rsplit('/').next()).collect(),
            alone: gathered.backends.len() == 1,
        };
        let story = tell(&signs, &teller);
        let changed = evidence.configured.zip(end).is_some_and(|(changed, end)| end < changed);
        if changed && story != Story::default() {
            here.not_seen(
                format!("what the log tells of backend {}", secrets::cover_section(&one.backend.name)),
                "the log ends before the configuration was changed",
                "what came to be in force since",
            );
        } else {
            in_force::prove(&mut operations, &mut of_operations, story.operations.as_ref());
            in_force::prove(&mut permissions, &mut of_permissions, story.permissions.as_ref());
        }
        bases.push([of_operations, of_permissions]);
        let name = secrets::cover_section(&one.backend.name).into_owned();
        for &share in &one.shares {
            host.shares[share].backends.push(name.clone());
        }
        host.backends.push(Backend {
            name,
            enabled: one.backend.enabled,
            driver: secrets::cover_urls(&one.nas.driver.class).into_owned(),
            family: one.nas.driver.family.name().into(),
            restart_changes: in_force::changes([&operations, &permissions]),
            operations,
            permissions,
            shares: one.shares.clone(),
            state: String::new(),
            verdict: String::new(),
            told: story.moments,
        });
    }
    bases
}

fn evidence(
    one: &Assessed<'_>,
    from: &Deployed,
    host: &Host,
    seen: &[Seen],
    files: &Files,
    here: &Here<'_>,
) -> Evidence {
    let changed = from.layers.iter().filter_map(|&id| here.modified(&files.get(id).shown)).max();
    let listed = one.nas.listing.file.as_ref().and_then(|(path, _)| here.modified(path));
    let first = one.nas.listing.shares.iter().position(|share| share.consulted).and_then(|at| one.shares.get(at));
    let first_seen = first.map(|&at| &seen[at]);
    let indicator = first_seen.and_then(|seen| seen.indicator.as_ref());
    let disks = one.shares.iter().flat_map(|&at| &host.shares[at].classes).filter(|class| class.kind.is_disk());
    let counted = |wanted: &dyn Fn(&str) -> bool| {
        disks.clone().filter(|class| wanted(&class.owned.mode)).map(|class| class.files).sum::<u64>()
    };
    let (open, closed) = (counted(&shares::is_open), counted(&|mode| mode == "0660"));
    Evidence {
        started: from.started,
        configured: changed,
        listed,
        indicator: indicator.filter(|indicator| indicator.is_file).map(|indicator| indicator.looked.modified),
        no_indicator: first_seen
            .is_some_and(|seen| seen.indicator_known && seen.indicator.as_ref().is_none_or(|i| !i.is_file)),
        open,
        closed,
        other: counted(&|_| true) - open - closed,
    }
}

/// Reads the logs.
fn read_logs(request: &Request<'_>, errors: &mut Vec<ToolError>) -> Vec<(PathBuf, Counts)> {
    let mut found = Vec::new();
    for path in &request.logs {
        let counts = match std::fs::metadata(path) {
            Ok(meta) if !meta.is_file() => Err("is not a regular file".into()),
            Ok(_) => logs::open(path).map_err(|error| Message::from(&error)),
            Err(error) => Err(Message::from(&error)),
        };
        match counts {
            Ok(counts) => found.push((path.clone(), counts)),
            Err(message) => errors.push(ToolError { file: path.to_string_lossy().into_owned(), message }),
        }
    }
    found
}
