use std::cell::LazyCell;

use foldhash::HashMap;

use super::{Attached, Candidate, Candidates, Context, SETTING, SETTING_PLACES};
use crate::{
    catalog,
    source::Place,
    vocabulary::{Fact, Finds, Kind},
};

/// What [`find`] hands to rules.
pub(super) static NAMES: Finds = Finds {
    check: "names",
    meaning: "Names that differ from a known one in nothing but case, or `-` and `_`",
    kinds: &[
        Kind::new("section", "the name of a section").facts(&[&[MEANT]]),
        Kind::new("option", "the name of an option").facts(&[SETTING, &[MEANT]]).places(&[SETTING_PLACES]),
    ],
};
const MEANT: Fact = Fact::text("meant", "the name that is known");

/// `section` and `option`: names that differ from a known one in nothing but case or `-` and `_`.
pub(super) fn find(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    let config = context.config;
    // Most files have no section that is not known as it is written.
    let known = LazyCell::new(|| {
        let mut known: HashMap<String, &str> = HashMap::default();
        known.extend(catalog::group_names(config.release).chain(["DEFAULT"]).map(|name| (fold(name), name)));
        let backends = context.backends.iter().filter(|backend| backend.enabled);
        known.extend(backends.map(|backend| (fold(&backend.name), &*backend.name)));
        known
    });
    for (group, info) in config.groups() {
        let backend = context.backend_of(group);
        if context.has_dynamic_name(group) {
            continue;
        }
        let is_known = catalog::group_exists(config.release, &info.name) || &*info.name == "backend_defaults";
        if is_known || backend.is_some() {
            options(context, group, &info.name, found);
        }
        if is_known || backend.is_some_and(|backend| backend.enabled) {
            continue;
        }
        let Some(&meant) = known.get(&fold(&info.name)) else { continue };
        for (file, section) in config.headers(group) {
            let name = String::from_utf8_lossy(section.name.of(&config.files().get(file).text)).into_owned();
            let mut candidate = Candidate {
                kind: "section",
                place: Place { file, span: section.header },
                section: Some(name),
                ..Candidate::default()
            };
            candidate.facts.insert("meant", meant.to_string());
            found.push(candidate);
        }
    }
}

fn options(context: &Context<'_, '_>, group: crate::config::GroupId, name: &str, found: &mut Candidates<'_>) {
    let config = context.config;
    for setting in config.settings(group) {
        let key = setting.option.key.of(&setting.source().text);
        if !key.iter().any(|b| matches!(b, b'A'..=b'Z' | b'-')) {
            continue;
        }
        let key = setting.key();
        if catalog::options_named(&key).next().is_some() {
            continue;
        }
        let meant = fold(&key);
        let is_backend = context.backend_of(group).is_some() || name == "backend_defaults";
        let known = if is_backend {
            catalog::backend_option(config.release, &meant)
        } else {
            catalog::option(config.release, name, &meant)
        };
        if known.is_some() {
            let mut candidate = context.at_setting("option", &setting);
            candidate.place = setting.key_place();
            candidate.facts.insert("meant", meant);
            found.push(candidate);
        }
    }
}

pub(super) fn fold(name: &str) -> String {
    name.to_lowercase().replace('-', "_")
}
