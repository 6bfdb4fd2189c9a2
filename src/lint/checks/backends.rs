use std::cell::LazyCell;

use foldhash::HashSet;

use super::{Attached, Candidate, Candidates, Context, SETTING, SETTING_PLACES, reader::replication_targets};
use crate::{
    catalog::{self, Release},
    config::Backend,
    ini::python,
    source::Place,
    vocabulary::{Fact, Finds, Kind, PlaceName},
};

/// What [`listed`] hands to rules.
pub(super) static ENABLED_BACKENDS: Finds = Finds {
    check: "enabled-backends",
    meaning: "The list of backends",
    kinds: &[
        Kind::new("missing", "a section configures a backend, and enabled_backends is not set").facts(&[&[
            Fact::text("backend", "the name of the first such section"),
            Fact::flag("certain", "no other file completes these"),
            super::start::STOPS,
        ]]),
        Kind::new("nothing", "[DEFAULT] names a driver, and enabled_backends is not set")
            .facts(&[SETTING])
            .places(&[SETTING_PLACES]),
        Kind::new("empty", "enabled_backends names no backend")
            .facts(&[SETTING, &[Fact::flag("drivers", "sections configure backends")]])
            .places(&[SETTING_PLACES]),
        Kind::new("separator", "a name with blanks, brackets or quotes, which only commas separate").facts(&[LISTED]),
        Kind::new("repeated", "a name that stands in the list before").facts(&[LISTED]),
        Kind::new("no-section", "a name without a section").facts(&[LISTED]),
    ],
};
const LISTED: &[Fact] = &[
    Fact::text("backend", "the name in the list"),
    Fact::text("meant", "the names that it was probably meant to be, with commas between"),
    COMPLETE,
    Fact::flag("others", "another backend of the list has a section"),
    Fact::flag("shared-driver", "[backend_defaults] sets volume_driver"),
];
const COMPLETE: Fact = Fact::flag("complete", "the files look like everything that the service reads");

/// What [`not_enabled`] hands to rules.
pub(super) static NOT_ENABLED: Finds = Finds {
    check: "not-enabled",
    meaning: "Sections that look like backends and are in no enabled_backends",
    kinds: &[Kind::new("section", "a section that configures a backend and is not in enabled_backends")
        .facts(&[&[Fact::text("mark", "the option that only a backend has")]])
        .places(&[&[PlaceName::new("listed", "the value of enabled_backends")]])],
};

/// What [`replication`] hands to rules.
pub(super) static REPLICATION: Finds = Finds {
    check: "replication",
    meaning: "replication_device of NetApp's backends",
    kinds: &[Kind::new("no-stanza", "a backend_id that no section has as its name")
        .facts(&[SETTING, &[Fact::text("name", "the backend_id"), COMPLETE]])
        .places(&[SETTING_PLACES])],
};

/// The list of backends: `empty`, `missing`, `separator` (blanks, brackets, quotes), `repeated`, `no-section`.
pub(super) fn listed(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    let config = context.config;
    let drivers: Vec<_> = context.backends.iter().filter(|backend| backend.group.is_some()).collect();
    let yes = |yes: bool| if yes { "true" } else { "false" }.to_string();
    let Some(setting) = config.enabled_backends() else {
        if config.is_uncertain("DEFAULT", "enabled_backends") {
            return;
        }
        // From Ocata on [DEFAULT] makes no backend: a driver there is started by nobody.
        let driver = config.group("DEFAULT").and_then(|group| config.setting(group, "volume_driver"));
        if let Some(driver) = driver.filter(|driver| !driver.is_doubtful && config.release >= Release::OCATA) {
            let mut candidate = context.at_setting("nothing", &driver);
            candidate.place = driver.place();
            found.push(candidate);
            return;
        }
        let backend = context.backends.iter().find(|backend| !backend.enabled);
        let place = backend.and_then(|backend| backend.group).and_then(|group| config.header_place(group));
        if let (Some(backend), Some(place)) = (backend, place) {
            let mut candidate =
                Candidate { kind: "missing", place, section: Some(backend.name.to_string()), ..Candidate::default() };
            let certain = config.release >= Release::OCATA && crate::lint::facts::is_complete(config);
            candidate.facts.extend([("backend", backend.name.to_string()), ("certain", yes(certain))]);
            candidate.facts.insert("stops", "service".into());
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
    let complete = yes(crate::lint::facts::is_complete(config));
    let others = yes(context.backends.iter().any(|backend| backend.enabled && backend.group.is_some()));
    let shared = config.backend_defaults().and_then(|group| config.setting(group, "volume_driver"));
    let mut seen = HashSet::default();
    for item in listed.iter().filter(|item| !item.name.is_empty()) {
        let exists = config.group(&item.name).is_some();
        let odd = |c: char| python::is_space(c) || matches!(c, '[' | ']' | '\'' | '"' | ';' | '(' | ')');
        let kind = if !seen.insert(&item.name) {
            "repeated"
        } else if exists {
            continue;
        } else if item.name.contains(odd) {
            "separator"
        } else if config.hides_sections() {
            continue;
        } else {
            "no-section"
        };
        let option = Some("enabled_backends".to_string());
        let mut candidate =
            Candidate { kind, place: item.place, section: Some("DEFAULT".into()), option, ..Candidate::default() };
        let meant: Vec<&str> = item.name.split(odd).filter(|name| !name.is_empty()).collect();
        candidate.facts.extend([
            ("backend", item.name.clone()),
            ("meant", meant.join(",")),
            ("complete", complete.clone()),
            ("others", others.clone()),
            ("shared-driver", yes(shared.is_some())),
        ]);
        found.push(candidate);
    }
}

/// `section`: a section that configures a backend and is in no `enabled_backends`.
pub(super) fn not_enabled(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    let config = context.config;
    if context.listed().next().is_none() {
        return;
    }
    let targets = replication_targets(config);
    let fold = |backend: &Backend| super::names::fold(&backend.name);
    let folded = LazyCell::new(|| context.listed().map(fold).collect::<HashSet<String>>());
    for (group, info) in config.groups() {
        let is_backend = context.backend_of(group).is_some_and(|backend| backend.enabled);
        if is_backend || catalog::group_exists(config.release, &info.name) || &*info.name == "backend_defaults" {
            continue;
        }
        let marks = ["volume_driver", "volume_backend_name", "nas_host", "nas_share_path", "nfs_shares_config"];
        // What only a program adds is nobody's mistake: variables of a deployment tool make a section, an override leaves it out.
        let is_written = |file| config.files().get(file).part.is_written();
        let sets = |mark: &&&str| config.setting(group, mark).is_some_and(|setting| is_written(setting.file));
        let Some(mark) = marks.iter().find(sets) else { continue };
        let name = config.spelled(group).into_owned();
        if folded.contains(&super::names::fold(&name)) || targets.contains(&*info.name) || targets.contains(&name) {
            continue;
        }
        let Some((file, section)) = config.headers(group).find(|(file, _)| is_written(*file)) else { continue };
        let place = Place { file, span: section.header };
        if context.has_remark(place) {
            continue;
        }
        let mut candidate = Candidate { kind: "section", place, section: Some(name), ..Candidate::default() };
        candidate.facts.insert("mark", mark.to_string());
        if let Some(setting) = config.enabled_backends() {
            candidate.places.insert("listed", setting.value_place());
        }
        found.push(candidate);
    }
}

/// `no-stanza`: a `backend_id` of a NetApp backend's replication_device that no section has as its name.
pub(super) fn replication(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    let config = context.config;
    // NetApp's code looks for the name as it is written, not as oslo.config compares groups.
    let written = LazyCell::new(|| {
        let headers = config.groups().flat_map(|(id, _)| config.headers(id));
        headers.map(|(file, section)| section.name.of(&config.files().get(file).text)).collect::<HashSet<&[u8]>>()
    });
    for backend in context.backends.iter().filter(|backend| backend.enabled) {
        let Some(group) = backend.group.filter(|_| backend.driver.starts_with("cinder.volume.drivers.netapp.")) else {
            continue;
        };
        for setting in config.occurrences(group, "replication_device") {
            let value = setting.value();
            for pair in value.split([',', '\n']) {
                let Some(("backend_id", name)) = pair.split_once(':').map(|(key, name)| (key.trim(), name.trim()))
                else {
                    continue;
                };
                let exists = written.contains(name.as_bytes());
                if !exists
                    && !setting.is_doubtful
                    && !config.hides_sections()
                    && !name.is_empty()
                    && !name.contains('$')
                {
                    let mut candidate = context.at_setting("no-stanza", &setting);
                    candidate.facts.insert("name", name.to_string());
                    let complete = crate::lint::facts::is_complete(config);
                    candidate.facts.insert("complete", if complete { "true" } else { "false" }.into());
                    found.push(candidate);
                }
            }
        }
    }
}
