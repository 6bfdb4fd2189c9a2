//! Options that name code of Cinder: classes of services, and the scheduler's filters and weighers. Drivers of volumes are looked at
//! elsewhere.

mod path;

pub(super) use path::{is_no_name, is_placeholder};

use super::{Attached, Candidates, Context, SETTING, SETTING_PLACES, nearest, options::is_template, yes};
use crate::{
    catalog::{self, CodeKind, Release},
    config::Setting,
    vocabulary::{Fact, Finds, Kind},
};

/// What [`find`] hands to rules.
pub(super) static CLASSES: Finds = Finds {
    check: "classes",
    meaning: "Classes, filters and weighers that options name",
    kinds: &[
        class("scheduler", "a class without which cinder-scheduler ends"),
        class("volume", "a class without which no backend starts"),
        class("backup", "a class without which cinder-backup ends"),
        class("api", "a class without which cinder-api ends"),
        class("request", "a class that is looked for at a request"),
        class("compute", "a class for Nova without which backends on shares do not start"),
        name("filter", "a filter that the scheduler does not have, looked for at its start"),
        name("filter-later", "the same, looked for at a request"),
        name("weigher", "a weigher that the scheduler does not have, looked for at a request"),
    ],
};
const FACTS: &[Fact] = &[
    Fact::text("name", "what is named"),
    Fact::text("raises", "the exception that it raises, with its text"),
    Fact::text("consequence", "what fails, in words"),
    Fact::text("advice", "what to do, in words"),
    Fact::flag("near", "the release has something that may be meant"),
    Fact::text("nearest", "that, as the option would name it"),
    Fact::flag("certain", "it cannot be somebody's own"),
    Fact::flag("elsewhere", "another release has it"),
    Fact::text("backend", "the backend that needs it; empty: none alone"),
];

const fn class(name: &'static str, meaning: &'static str) -> Kind {
    Kind::new(name, meaning).facts(&[SETTING, FACTS]).places(&[SETTING_PLACES])
}

const fn name(name: &'static str, meaning: &'static str) -> Kind {
    class(name, meaning)
}

/// An option that names a class.
struct Place {
    kind: &'static str,
    group: &'static str,
    option: &'static str,
    /// The releases that import it there.
    first: Release,
    last: Release,
    consequence: &'static str,
}

const fn place(kind: &'static str, option: &'static str, consequence: &'static str) -> Place {
    Place { kind, group: "DEFAULT", option, first: Release::OLDEST, last: Release::NEWEST, consequence }
}

const ENDS_SCHEDULER: &str = "cinder-scheduler does not start";
const ENDS_API: &str = "cinder-api does not start";
const ENDS_BACKUP: &str = "cinder-backup does not start";
const ENDS_BACKENDS: &str = "no backend starts";
const PLACES: [Place; 18] = [
    place("scheduler", "scheduler_driver", ENDS_SCHEDULER),
    place("scheduler", "scheduler_manager", ENDS_SCHEDULER),
    place("scheduler", "scheduler_host_manager", ENDS_SCHEDULER),
    place("scheduler", "scheduler_weight_handler", ENDS_SCHEDULER),
    place("volume", "volume_manager", ENDS_BACKENDS),
    place("backup", "backup_manager", ENDS_BACKUP),
    place("backup", "backup_driver", ENDS_BACKUP),
    place("api", "volume_api_class", ENDS_API),
    place("api", "backup_api_class", ENDS_API),
    place("api", "transfer_api_class", ENDS_API),
    Place { last: Release::OCATA, ..place("api", "consistencygroup_api_class", ENDS_API) },
    place("api", "group_api_class", ENDS_API),
    place("request", "quota_driver", "each request that checks quotas fails"),
    place("request", "compute_api_class", "each request that talks to Nova fails"),
    place("request", "osapi_volume_extension", "cinder-api does not load the extensions"),
    Place {
        group: "fc-zone-manager",
        ..place("request", "zone_driver", "each attachment to a backend with `zoning_mode` fails")
    },
    Place { group: "key_manager", ..place("volume", "backend", ENDS_BACKENDS) },
    Place { group: "key_manager", ..place("volume", "api_class", ENDS_BACKENDS) },
];

/// A class that an option names and the release does not have, by what ends for want of it; `filter`, `filter-later`, `weigher`: a name that
/// no entry point of the scheduler's has.
pub(super) fn find(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    let release = context.config.release;
    for place in PLACES.iter().filter(|place| (place.first..=place.last).contains(&release)) {
        let Some((setting, text)) = written(context, place.group, place.option) else { continue };
        let Some(missing) = path::missing(release, context.host.python, place.group, place.option, &text) else {
            continue;
        };
        let backend = (place.option == "compute_api_class").then(|| on_shares(context)).flatten();
        let mut candidate = context.at_setting(if backend.is_some() { "compute" } else { place.kind }, &setting);
        candidate.facts.insert("backend", backend.unwrap_or_default());
        let advice = match &missing.near {
            Some(near) => format!("write `{near}`"),
            None => "remove the line: the default is a class of Cinder".to_string(),
        };
        candidate.facts.extend([
            ("name", text),
            ("raises", missing.raises),
            ("consequence", place.consequence.to_string()),
            ("advice", advice),
            ("near", yes(missing.near.is_some())),
            ("nearest", missing.near.unwrap_or_default()),
            ("certain", yes(missing.is_certain)),
            ("elsewhere", yes(missing.is_elsewhere)),
        ]);
        found.push(candidate);
    }
    names(context, "scheduler_default_filters", CodeKind::Filter, found);
    names(context, "scheduler_default_weighers", CodeKind::Weigher, found);
}

/// The first backend whose driver makes the class for Nova when it is set up: it keeps its volumes as files on shares.
fn on_shares(context: &Context<'_, '_>) -> Option<String> {
    const CLASSES: [&str; 2] = ["cinder.volume.drivers.nfs.NfsDriver", "cinder.volume.drivers.quobyte.QuobyteDriver"];
    // Before Ocata NfsDriver has no snapshots.
    let mut backends = context.backends.iter().filter(|backend| backend.enabled && backend.group.is_some());
    let is_one = |driver: &str| CLASSES.contains(&driver) && context.config.release >= Release::OCATA;
    backends.find(|backend| is_one(&backend.driver)).map(|backend| backend.name.to_string())
}

/// The line that sets an option, and its text; none where nobody sets it, or something has yet to fill it in.
fn written<'c>(context: &'c Context<'_, '_>, group: &str, option: &str) -> Option<(Setting<'c>, String)> {
    let config = context.config;
    let known = catalog::option(config.release, group, option)?;
    let setting = config.known_setting(config.group(group)?, &known).filter(|setting| !setting.is_doubtful)?;
    if is_template(setting.value().as_bytes()) {
        return None;
    }
    let text = config.service_text(group, &known)?;
    Some((setting, text))
}

/// What a list of the scheduler's names that it does not have.
fn names(context: &Context<'_, '_>, option: &str, kind: CodeKind, found: &mut Candidates<'_>) {
    let release = context.config.release;
    let Some((setting, text)) = written(context, "DEFAULT", option) else { return };
    let (word, id) = if kind == CodeKind::Filter { ("filter", "Host Filter") } else { ("weigher", "Host Weigher") };
    let is_known = |item: &str| catalog::code_anywhere(item).any(|code| code.is_in(release) && code.kind() == kind);
    // Between two commas is a name, too: an empty one. Behind the last is none.
    let text = text.trim();
    let text = text.strip_suffix(',').unwrap_or(text);
    let items = text.split(',').map(str::trim).filter(|_| !text.is_empty());
    let bad: Vec<&str> = items.filter(|item| !is_known(item)).collect();
    if bad.is_empty() {
        return;
    }
    let known: Vec<catalog::Code> = catalog::all_code(release, kind).collect();
    let near = |item: &str| -> Option<&'static str> {
        let by_entry = known.iter().find(|code| code.entry() == item || code.path().eq_ignore_ascii_case(item));
        let path = item.rsplit(['.', ':']).next().unwrap_or(item);
        let by_path = || known.iter().find(|code| code.path() == path);
        let close = || {
            let names = known.iter().map(|code| nearest::Name::from(code.path()));
            nearest::nearest(item, nearest::most_slips(item), names).into_iter().min().map(|(_, name)| name)
        };
        by_entry.or_else(by_path).map(|code| code.path()).or_else(close)
    };
    // What is no name at all is nobody's entry point.
    let certain =
        |item: &&str| item.is_empty() || near(item).is_some() || path::is_no_name(item) || path::is_placeholder(item);
    let first = bad.iter().find(|item| certain(item)).copied().unwrap_or(bad[0]);
    let kind = match kind {
        CodeKind::Filter if release >= Release::QUEENS => "filter",
        CodeKind::Filter => "filter-later",
        _ => "weigher",
    };
    let meant = near(first);
    let advice = match meant {
        _ if first.is_empty() => "write one comma between two names".to_string(),
        _ if first.contains(char::is_whitespace) => "write commas between the names".to_string(),
        Some(name) => format!("write `{name}`"),
        None => format!("write a {word} of {}: {}", release.title(), listed(&known)),
    };
    let mut candidate = context.at_setting(kind, &setting);
    candidate.facts.extend([
        ("name", bad.join(", ")),
        (
            "raises",
            format!("Scheduler{}NotFound: Scheduler {id} {} could not be found.", id.replace(' ', ""), bad.join(", ")),
        ),
        ("consequence", String::new()),
        ("backend", String::new()),
        ("advice", advice),
        ("near", yes(meant.is_some())),
        ("nearest", meant.unwrap_or_default().to_string()),
        ("certain", yes(certain(&first))),
        ("elsewhere", yes(catalog::code_anywhere(first).next().is_some())),
    ]);
    found.push(candidate);
}

fn listed(known: &[catalog::Code]) -> String {
    known.iter().map(|code| code.path()).collect::<Vec<_>>().join(", ")
}
