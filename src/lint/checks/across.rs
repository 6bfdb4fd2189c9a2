//! What only shows when several backends are seen together.

use std::{
    borrow::Cow,
    hash::{BuildHasher as _, Hash},
};

use foldhash::{HashMap, HashSet, fast::FixedState};

use super::{Attached, Candidate, Candidates, Context, NasDigest, SETTING, SETTING_PLACES, context::OnBase};
use crate::{
    config::{Backend, Problem},
    nas::Family,
    source::Place,
    vocabulary::{Fact, Finds, Kind, PlaceName},
};

/// Options of which two backends on one share, or of one name, had better say the same.
const TOGETHER: [&str; 4] =
    ["nas_secure_file_operations", "nas_secure_file_permissions", "nfs_qcow2_volumes", "nfs_snapshot_support"];

/// What [`find`] hands to rules.
pub(super) static ACROSS: Finds = Finds {
    check: "across",
    meaning: "What only shows when several backends are seen together",
    kinds: &[
        Kind::new("same-share", "two backends on one mount point that mount or treat it differently")
            .facts(&[PAIR, &[Fact::text("share", "the address of the share that both use")]])
            .places(&[OTHER]),
        Kind::new("same-name", "two backends of one volume_backend_name that make different files")
            .facts(&[PAIR, &[Fact::text("name", "the volume_backend_name of both")]])
            .places(&[OTHER]),
        Kind::new("several-auto", "the second backend whose NAS pair is left to `auto`")
            .facts(&[PAIR])
            .places(&[OTHER]),
    ],
};
const PAIR: &[Fact] = &[
    Fact::text("backend", "the name of the backend"),
    Fact::text("other", "the name of the other backend"),
    Fact::text("differences", "the options that the two set differently, with commas between"),
];
const OTHER: &[PlaceName] =
    &[PlaceName::new("other", "the section of the other backend, or its name in enabled_backends")];

/// What [`backup`] hands to rules.
pub(super) static BACKUP_SHARE: Finds = Finds {
    check: "backup-share",
    meaning: "The share of cinder-backup beside those of the backends",
    kinds: &[Kind::new("share", "cinder-backup mounts a share that a backend keeps its volumes on")
        .facts(&[
            SETTING,
            &[
                Fact::flag("same-base", "both services mount it below the same folder"),
                Fact::text("backend", "the name of the backend"),
            ],
        ])
        .places(&[
            SETTING_PLACES,
            &[PlaceName::new("backend", "the section of the backend, or its name in enabled_backends")],
        ])],
};

/// `same-share`: two backends on one mount point that mount or treat it differently; `same-name`: two backends of one
/// name that make different files; `several-auto`: more than one backend whose pair is left to `auto`.
pub(super) fn find(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    type Mounting = (Option<String>, Option<String>);
    // Nearly all stand alone: those are told by their hashes, and nothing more is kept of them.
    let shares = || enabled(context).flat_map(|(_, nas)| &nas.shares);
    let shared = repeated(shares().filter_map(place_of).map(hash));
    let name_of = |backend: &Backend| context.config.backend_text(backend, "volume_backend_name");
    let names = enabled(context).filter_map(|(backend, _)| name_of(backend).non_empty().map(hash));
    let named_alike = repeated(names);
    let mut by_share: HashMap<(&str, &str), (&Backend, Mounting)> = HashMap::default();
    let mut by_name: HashMap<Cow<'_, str>, (&Backend, &NasDigest)> = HashMap::default();
    let mut auto: Option<&Backend> = None;
    let mut several_auto = false;
    for (backend, nas) in enabled(context) {
        let text = |name: &str| context.config.backend_text(backend, name).known().map(str::to_string);
        let common = text("nas_mount_options").or_else(|| text("nfs_mount_options"));
        let mut said = false;
        for share in &nas.shares {
            let Some(key) = place_of(share).filter(|key| shared.contains(&hash(key))) else { continue };
            // What nas_host and nas_share_path make has no options but the backend's.
            let own = share.share.line.and(share.share.options.clone());
            let Some((other, theirs)) = by_share.get(&key) else {
                by_share.insert(key, (backend, (common.clone(), own)));
                continue;
            };
            let mut differences = differences(context, backend, other, &TOGETHER[..2]);
            if (&common, &own) != (&theirs.0, &theirs.1) {
                differences.insert(0, "mount options");
            }
            if !differences.is_empty() && !said {
                said = true;
                let mut candidate = pair(context, "same-share", backend, other, &differences);
                candidate.facts.insert("share", share.share.address.clone());
                found.push(candidate);
            }
        }
        if let Ok(Some(name)) = name_of(backend).text
            && named_alike.contains(&hash(&*name))
        {
            match by_name.get(&name).copied() {
                None => {
                    by_name.insert(name, (backend, nas));
                }
                Some((other, theirs)) if theirs.family == nas.family => {
                    let differences = differences(context, backend, other, &TOGETHER);
                    if !differences.is_empty() {
                        let mut candidate = pair(context, "same-name", backend, other, &differences);
                        candidate.facts.insert("name", name.to_string());
                        found.push(candidate);
                    }
                }
                Some(_) => {}
            }
        }
        if nas.family.is_nfs_chain() && nas.is_auto {
            match auto {
                None => auto = Some(backend),
                Some(first) if !several_auto => {
                    several_auto = true;
                    found.push(pair(context, "several-auto", backend, first, &[]));
                }
                Some(_) => {}
            }
        }
    }
}

/// The share and where it is mounted.
fn place_of(share: &OnBase) -> Option<(&str, &str)> {
    Some((&share.share.address, share.base.as_deref()?))
}

fn hash(of: impl Hash) -> u64 {
    FixedState::default().hash_one(of)
}

/// Those that come more than once.
fn repeated(hashes: impl Iterator<Item = u64>) -> HashSet<u64> {
    let mut hashes: Vec<u64> = hashes.collect();
    hashes.sort_unstable();
    hashes.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect()
}

/// `share`: cinder-backup mounts a share that volumes lie on.
pub(super) fn backup(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    let config = context.config;
    let Some(group) = config.group("DEFAULT") else { return };
    let setting = config.setting(group, "backup_share").filter(|setting| !setting.is_doubtful);
    let Some(setting) = setting else { return };
    let share = setting.value();
    for (backend, nas) in enabled(context) {
        if share.is_empty() || !nas.shares.iter().any(|s| s.share.address == share) {
            continue;
        }
        let mut candidate = context.at_setting("share", &setting);
        let base = |path: &str| path.trim_end_matches('/').to_string();
        let theirs = config.look_up("backup_mount_point_base", "DEFAULT", None).ok().map(|text| base(&text));
        let ours = config.backend_text(backend, "nfs_mount_point_base");
        let same = theirs.is_some() && ours.known().map(base) == theirs;
        candidate.facts.insert("same-base", if same { "true" } else { "false" }.into());
        candidate.facts.insert("backend", backend.name.to_string());
        if let Some(place) = place(context, backend) {
            candidate.places.insert("backend", place);
        }
        found.push(candidate);
        return;
    }
}

/// The NAS backends that cinder-volume starts; all of them where no file says which.
pub(super) fn enabled<'c, 'f>(context: &Context<'c, 'f>) -> impl Iterator<Item = (&'c Backend, &'c NasDigest)> {
    let no_list = context.config.enabled_backends().is_none();
    context.backends.iter().zip(context.nas).filter(move |(backend, nas)| {
        (backend.enabled || no_list) && !matches!(nas.family, Family::NotNas | Family::Unknown)
    })
}

/// The options that two backends set differently, in lower case and with their defaults.
fn differences(context: &Context<'_, '_>, a: &Backend, b: &Backend, names: &[&'static str]) -> Vec<&'static str> {
    let text = |backend: &Backend, name: &str| {
        context.config.backend_text(backend, name).known().unwrap_or_default().to_lowercase()
    };
    let seen = |backend: &Backend, name: &str| context.config.backend_text(backend, name).text != Err(Problem::Unseen);
    let differs = |name: &&str| seen(a, name) && seen(b, name) && text(a, name) != text(b, name);
    names.iter().copied().filter(differs).collect()
}

pub(super) fn place(context: &Context<'_, '_>, backend: &Backend) -> Option<Place> {
    backend.group.and_then(|group| context.config.header_place(group)).or(backend.listed)
}

fn pair(
    context: &Context<'_, '_>,
    kind: &'static str,
    backend: &Backend,
    other: &Backend,
    differences: &[&str],
) -> Candidate {
    let mut candidate = Candidate {
        kind,
        place: place(context, backend).unwrap_or_default(),
        section: Some(backend.name.to_string()),
        ..Candidate::default()
    };
    candidate.facts.insert("backend", backend.name.to_string());
    candidate.facts.insert("other", other.name.to_string());
    candidate.facts.insert("differences", differences.join(", "));
    if let Some(place) = place(context, other) {
        candidate.places.insert("other", place);
    }
    candidate
}
