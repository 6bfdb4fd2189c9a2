use std::collections::HashSet;

use super::{Attached, Candidate, Context};
use crate::{
    catalog,
    config::{Config, Place},
    ini::python,
};

/// The list of backends: `empty`, `missing`, `separator` (blanks, brackets, quotes), `repeated`, `no-section`.
pub(super) fn listed(context: &Context<'_, '_>, _: &mut Attached, found: &mut Vec<Candidate>) {
    let config = context.config;
    let drivers: Vec<_> = context.backends.iter().filter(|backend| backend.group.is_some()).collect();
    let yes = |yes: bool| if yes { "true" } else { "false" }.to_string();
    let Some(setting) = config.enabled_backends() else {
        let backend = context.backends.iter().find(|backend| !backend.enabled);
        let place = backend.and_then(|backend| backend.group).and_then(|group| config.header_place(group));
        if let (Some(backend), Some(place)) = (backend, place) {
            let mut candidate =
                Candidate { kind: "missing", place, section: Some(backend.name.clone()), ..Candidate::default() };
            candidate.facts.insert("backend", backend.name.clone());
            found.push(candidate);
        }
        return;
    };
    let listed = config.listed_backends();
    if listed.iter().all(|item| item.name.is_empty()) {
        let mut candidate = context.at_setting("empty", &setting);
        candidate.place = setting.place();
        candidate.facts.insert("drivers", yes(!drivers.is_empty()));
        found.push(candidate);
    }
    let complete = is_complete(context);
    let mut seen = HashSet::new();
    for item in listed.iter().filter(|item| !item.name.is_empty()) {
        let exists = config.group(&item.name).is_some();
        let odd = |c: char| python::is_space(c) || matches!(c, '[' | ']' | '\'' | '"' | ';' | '(' | ')');
        let kind = if !seen.insert(&item.name) {
            "repeated"
        } else if exists {
            continue;
        } else if item.name.contains(odd) {
            "separator"
        } else {
            "no-section"
        };
        let mut candidate = context.at_setting(kind, &setting);
        candidate.place = item.place;
        candidate.facts.insert("backend", item.name.clone());
        candidate.facts.insert("complete", yes(complete));
        candidate.facts.insert("others", yes(context.backends.iter().any(|b| b.enabled && b.group.is_some())));
        let shared = config.backend_defaults().and_then(|group| config.setting(group, "volume_driver"));
        candidate.facts.insert("shared-driver", yes(shared.is_some()));
        let names: Vec<&str> = item.name.split(odd).filter(|name| !name.is_empty()).collect();
        candidate.facts.insert("meant", names.join(","));
        if let Some(meant) = nearest(context, &item.name) {
            candidate.facts.insert("nearest", meant);
        }
        found.push(candidate);
    }
}

/// Whether the files look like all that cinder-volume reads, not like a part that something else completes.
fn is_complete(context: &Context<'_, '_>) -> bool {
    let set = |group: &str, key: &str| {
        context.config.group(group).is_some_and(|group| context.config.setting(group, key).is_some())
    };
    set("database", "connection") && (set("DEFAULT", "transport_url") || set("DEFAULT", "rpc_backend"))
}

/// A section that nobody enables and whose name is close.
fn nearest(context: &Context<'_, '_>, name: &str) -> Option<String> {
    context
        .backends
        .iter()
        .filter(|backend| !backend.enabled)
        .map(|backend| (strsim::normalized_damerau_levenshtein(&backend.name, name), &backend.name))
        .filter(|(score, _)| *score >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.clone())
}

/// `section`: a section that configures a backend and is in no `enabled_backends`.
pub(super) fn not_enabled(context: &Context<'_, '_>, _: &mut Attached, found: &mut Vec<Candidate>) {
    let config = context.config;
    let listed = config.listed_backends();
    if listed.iter().all(|item| item.name.is_empty()) {
        return;
    }
    let targets = replication_targets(config);
    for (group, info) in config.groups() {
        let is_backend = context.backend_of(group).is_some_and(|backend| backend.enabled);
        if is_backend || catalog::group_exists(config.release, &info.name) || info.name == "backend_defaults" {
            continue;
        }
        let marks = ["volume_driver", "volume_backend_name", "nas_host", "nas_share_path", "nfs_shares_config"];
        let Some(mark) = marks.iter().find(|mark| config.setting(group, mark).is_some()) else { continue };
        let name = config.spelled(group).into_owned();
        let misspelt = listed.iter().any(|item| super::names::fold(&item.name) == super::names::fold(&name));
        if misspelt || targets.contains(&info.name) || targets.contains(&name) {
            continue;
        }
        let Some((file, section)) = config.headers(group).next() else { continue };
        let mut candidate = Candidate {
            kind: "section",
            place: Place { file, span: section.header },
            section: Some(name),
            ..Candidate::default()
        };
        candidate.facts.insert("mark", mark.to_string());
        let names: Vec<&str> = listed.iter().map(|item| item.name.as_str()).filter(|name| !name.is_empty()).collect();
        candidate.facts.insert("listed", names.join(","));
        if let Some(setting) = config.enabled_backends() {
            candidate.places.insert("listed", setting.value_place());
        }
        found.push(candidate);
    }
}

/// Sections that a `replication_device = backend_id:NAME,…` refers to: read by NetApp drivers without being enabled.
pub(super) fn replication_targets(config: &Config<'_>) -> HashSet<String> {
    let mut targets = HashSet::new();
    for (group, _) in config.groups() {
        for setting in config.occurrences(group, "replication_device") {
            for pair in setting.value().split([',', '\n']) {
                if let Some((key, name)) = pair.split_once(':')
                    && key.trim() == "backend_id"
                {
                    targets.insert(name.trim().to_string());
                }
            }
        }
    }
    targets
}
