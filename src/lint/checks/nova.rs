//! What nova-compute does with the same shares, where its `nova.conf` is at hand.
//!
//! Source: `nova.virt.libvirt.volume.nfs.LibvirtNFSVolumeDriver` and `_HostMountState` of `nova.virt.libvirt.volume.mount`
//! (Nova 33.0.0; the same options since Kilo, and up to Ocata the same `umount` in the driver itself).

use std::collections::BTreeSet;

use super::{Attached, Candidate, Candidates, Context, SETTING, SETTING_PLACES, across};
use crate::{
    config::{Config, Setting},
    nas,
    source::{Files, Place},
    vocabulary::{Fact, Finds, Kind, PlaceName},
};

/// What [`find`] hands to rules.
pub(super) static NOVA: Finds = Finds {
    check: "nova",
    meaning: "What nova-compute does with the same shares, where its nova.conf is at hand",
    kinds: &[
        Kind::new("options", "nova-compute mounts with other options than cinder-volume")
            .facts(&[SETTING, FACTS])
            .places(&[SETTING_PLACES, PLACES]),
        Kind::new("base", "nova-compute mounts at the same place, and unmounts there")
            .facts(&[SETTING, FACTS])
            .places(&[SETTING_PLACES, PLACES]),
    ],
};
const FACTS: &[Fact] = &[
    Fact::text("backend", "the name of the backend"),
    Fact::text("ours", "the mount options of cinder-volume, as a message shows them"),
    Fact::text("theirs", "the mount options of nova-compute, as a message shows them"),
    Fact::text("base", "nfs_mount_point_base of nova-compute; empty: not known"),
];
const PLACES: &[PlaceName] = &[PlaceName::new("nova", "the line in nova.conf, or the header of its section")];

/// `options`: nova-compute mounts with other options than cinder-volume; `base`: it mounts at the same place, and would
/// unmount there as well.
pub(super) fn find(context: &Context<'_, '_>, attached: &mut Attached, found: &mut Candidates<'_>) {
    let mut backends = across::enabled(context).filter(|(_, nas)| nas.family.is_nfs_chain()).peekable();
    if backends.peek().is_none() {
        return;
    }
    let Some((path, text)) = nas::nova_conf(&context.host.root, context.config) else { return };
    let mut files = Files::default();
    let id = files.add(&path, text);
    let nova = Config::new(&files, vec![id], context.config.release);
    let Some(libvirt) =
        nova.group("libvirt").filter(|_| nova.read_error(context.host.python == crate::nas::Python::Three).is_none())
    else {
        return;
    };
    let file = attached.id(path, &files.get(id).text);
    let there = |setting: Option<Setting<'_>>| {
        let place = setting.map(|setting| setting.place()).or(nova.header_place(libvirt));
        Place { file, ..place.unwrap_or_default() }
    };
    let theirs = nova.setting(libvirt, "nfs_mount_options");
    let base = nova.setting(libvirt, "nfs_mount_point_base");
    let their_options = theirs.map(|setting| setting.value().into_owned()).unwrap_or_default();
    let their_base = base.and_then(|setting| literal(&nova, &setting.value()));
    for (backend, _) in backends {
        let text = |name: &str| context.config.backend_text(backend, name);
        let (name, ours) = match text("nas_mount_options") {
            own if own.text.as_ref().is_ok_and(Option::is_some) => ("nas_mount_options", own),
            _ => ("nfs_mount_options", text("nfs_mount_options")),
        };
        let mut offer = |kind: &'static str, option: &str, setting: Option<Setting<'_>>, nova: Place| {
            let mut candidate = match setting {
                Some(setting) => context.at_setting(kind, &setting),
                None => Candidate {
                    kind,
                    place: across::place(context, backend).unwrap_or_default(),
                    ..Candidate::default()
                },
            };
            candidate.section = Some(backend.name.to_string());
            candidate.option = Some(option.to_string());
            candidate.facts.insert("backend", backend.name.to_string());
            candidate.facts.insert("ours", quoted(ours.known().unwrap_or_default()));
            candidate.facts.insert("theirs", quoted(&their_options));
            candidate.facts.insert("base", their_base.clone().unwrap_or_default());
            candidate.places.insert("nova", nova);
            found.push(candidate);
        };
        if ours.text.is_ok() && effect(ours.known().unwrap_or_default()) != effect(&their_options) {
            offer("options", name, ours.setting, there(theirs));
        }
        let our_base = text("nfs_mount_point_base");
        let trimmed = |path: &str| path.trim_end_matches('/').to_string();
        if their_base.is_some() && our_base.known().map(trimmed) == their_base {
            offer("base", "nfs_mount_point_base", our_base.setting, there(base));
        }
    }
}

/// A path of `nova.conf`, where nothing but its own `state_path` has to be filled in, without a slash at the end.
fn literal(nova: &Config<'_>, text: &str) -> Option<String> {
    let state_path = nova.group("DEFAULT").and_then(|group| nova.setting(group, "state_path"));
    let mut text = text.to_string();
    if let Some(state_path) = state_path {
        for reference in ["${state_path}", "$state_path"] {
            text = text.replace(reference, &state_path.value());
        }
    }
    (text.starts_with('/') && !text.contains('$')).then(|| text.trim_end_matches('/').to_string())
}

/// What options of `mount` come to: their order, an older spelling and what holds anyway make no difference.
fn effect(options: &str) -> BTreeSet<String> {
    let items =
        options.split(',').map(str::trim).filter(|item| !matches!(*item, "" | "defaults" | "rw" | "hard" | "_netdev"));
    items.map(|item| item.strip_prefix("vers=").map_or_else(|| item.to_string(), |v| format!("nfsvers={v}"))).collect()
}

fn quoted(options: &str) -> String {
    if options.is_empty() { "no options".into() } else { format!("`{options}`") }
}
