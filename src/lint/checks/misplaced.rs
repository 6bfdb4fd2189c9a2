use foldhash::HashMap;

use super::{
    Attached, Candidates, Context, SETTING, SETTING_PLACES,
    values::{is_default, same_value},
    yes,
};
use crate::{
    catalog::{self, Release},
    config::{Backend, Problem},
    nas::Family,
    vocabulary::{Fact, Finds, Kind},
};

/// What [`find`] hands to rules.
pub(super) static MISPLACED: Finds = Finds {
    check: "misplaced",
    meaning: "Options of backends where no backend reads them",
    kinds: &[
        Kind::new("default", "an option of backends in [DEFAULT]").facts(&[SETTING, FACTS]).places(&[SETTING_PLACES]),
        Kind::new("backend-defaults", "an option of backends in [backend_defaults] before Pike")
            .facts(&[SETTING, FACTS])
            .places(&[SETTING_PLACES]),
    ],
};
const FACTS: &[Fact] = &[
    Fact::text("reason", "why it is not read, in words"),
    Fact::flag("service-wide", "a service reads it there as well"),
    Fact::flag("waits", "a backend reads the option, does not set it, and runs with another value"),
    Fact::text("backend", "the name of that backend"),
    Fact::number("nas-backends", "how many NAS backends there are"),
];

/// Options of backends where no backend reads them: `default` in `DEFAULT`, `backend-defaults` in `backend_defaults`
/// before Pike.
pub(super) fn find(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    let config = context.config;
    let release = config.release;
    let has_list = context.listed().next().is_some();
    // A backend may be called DEFAULT.
    let is_backend = config.group("DEFAULT").and_then(|group| context.backend_of(group)).is_some_and(|one| one.enabled);
    let default_is_dead = !is_backend && (has_list || release >= Release::OCATA);
    let of_nas = |family: Family| !matches!(family, Family::NotNas | Family::Unknown);
    let nas_backends = context
        .backends
        .iter()
        .zip(context.nas)
        .filter(|(backend, nas)| (backend.enabled || !has_list) && of_nas(nas.family))
        .count();
    let places =
        [("DEFAULT", "default", default_is_dead), ("backend_defaults", "backend-defaults", release < Release::PIKE)];
    for (name, kind, dead) in places {
        let Some(group) = config.group(name).filter(|_| dead) else { continue };
        let mut waiting: HashMap<String, Option<usize>> = HashMap::default();
        for setting in config.settings(group) {
            let key = setting.key();
            if catalog::backend_option(release, &key).is_none() {
                continue;
            }
            let service_wide = name == "DEFAULT" && is_service_wide(release, &key);
            let reason = match (kind, release >= Release::PIKE) {
                ("default", true) => "backends read their own section and [backend_defaults]".to_string(),
                ("default", false) => "backends read only their own section".to_string(),
                _ => format!("Cinder {} does not read [backend_defaults]", release.title()),
            };
            let mut candidate = context.at_setting(kind, &setting);
            candidate.facts.insert("reason", reason);
            candidate.facts.insert("service-wide", yes(service_wide));
            let default = catalog::backend_option(release, &key).is_some_and(|row| is_default(&row, &setting.value()));
            let waiting = waiting.entry(key.into_owned()).or_insert_with_key(|key| {
                let mut reads: HashMap<&str, bool> = HashMap::default();
                context.backends.iter().position(|backend| {
                    let driver = || catalog::driver(release, &backend.driver).and_then(|row| row.reads(release, key));
                    (backend.enabled || !has_list)
                        && *reads.entry(&backend.driver).or_insert_with(|| driver() == Some(true))
                        && config.backend_setting(backend, key).is_none()
                        && config.backend_text(backend, key).text != Err(Problem::Unseen)
                })
            });
            let waiting = waiting.filter(|_| !default).and_then(|at| context.backends.get(at));
            // Written out, it may be what the backend has anyway: the `volumes_dir` of every install guide.
            let same = |backend: &&Backend| {
                let here = config.text_in(&setting, name, None);
                let there = config.backend_text(backend, &setting.key());
                let row = catalog::backend_option(release, &setting.key());
                matches!((here, there.known(), row), (Ok(here), Some(there), Some(row)) if same_value(&row, &here, there))
            };
            let waiting = waiting.filter(|backend| !same(backend));
            candidate.facts.insert("waits", yes(waiting.is_some()));
            candidate.facts.insert("backend", waiting.map(|backend| backend.name.to_string()).unwrap_or_default());
            candidate.facts.insert("nas-backends", nas_backends.to_string());
            found.push(candidate);
        }
    }
}

/// Whether something else than a backend reads an option in `[DEFAULT]`.
fn is_service_wide(release: Release, key: &str) -> bool {
    // Up to Ocata it is on a list of the service's; whoever asks for it asks on behalf of a backend.
    if key == "volume_driver" {
        return false;
    }
    let Some(row) = catalog::option(release, "DEFAULT", key).filter(|row| !row.is_of_drivers()) else { return false };
    // What the sources of Cinder say holds for options that Cinder's own lists of backends' options have.
    let of_backends =
        |set: &str| set.starts_with("cinder.volume.driver:") || set.starts_with("cinder.volume.manager:volume_backend");
    !row.defined_in().all(of_backends) || catalog::is_service_wide(release, key)
}
