use foldhash::HashMap;

use super::{
    Attached, Candidate, Candidates, Context, SETTING, SETTING_PLACES, notes,
    reader::{Scope, Verdict},
    values::same_value,
    yes,
};
use crate::{
    catalog::{self, BACKENDS, Default, OptionRow, types},
    config::{Backend, Config, GroupId, Problem},
    nas,
    vocabulary::{Fact, Finds, Kind, PlaceName},
};

/// What [`find`] hands to rules.
pub(super) static UPGRADE: Finds = Finds {
    check: "upgrade",
    meaning: "What an upgrade changes for a configuration that stays as it is (`--from`)",
    kinds: &[
        Kind::new("backend-default", "the default of an option that the backend does not set")
            .facts(&[RELEASES, OF_BACKEND, DEFAULTS])
            .places(&[HEADER]),
        Kind::new("default", "the default of an option of a section that does not set it")
            .facts(&[RELEASES, DEFAULTS])
            .places(&[HEADER]),
        Kind::new("now-read", "a line that the old release ignores and the new one reads")
            .facts(&[SETTING, &[FROM]])
            .places(&[SETTING_PLACES]),
        Kind::new("note", "what a release note says of the files").facts(&[
            RELEASES,
            &[
                Fact::text("says", "what changes, in words"),
                Fact::text("advice", "what to do, in words"),
                Fact::text("brings", "the release that brings it"),
                Fact::text(
                    "as-well",
                    "that the last point releases of an earlier release have it, in words; empty: none has",
                ),
                Fact::text("note", "the name of the note"),
            ],
        ]),
        Kind::new("nas", "the result of one option of the NAS pair")
            .facts(&[
                RELEASES,
                OF_BACKEND,
                &[
                    Fact::one_of("then", nas::Effective::NAMES, "the result in the old release"),
                    Fact::one_of("now", nas::Effective::NAMES, "the result in the new release"),
                ],
            ])
            .places(&[HEADER]),
    ],
};
const HEADER: &[PlaceName] = &[PlaceName::new("header", "the header of the section that can set it")];
const FROM: Fact = Fact::text("from", "the old release");
const RELEASES: &[Fact] = &[FROM, Fact::text("release", "the new release")];
const OF_BACKEND: &[Fact] =
    &[Fact::text("backend", "the name of the backend"), Fact::text("driver", "the driver of the backend")];
const DEFAULTS: &[Fact] = &[
    Fact::text("then", "the default of the old release, as a message shows it"),
    Fact::text("now", "the default of the new release, as a message shows it"),
    Fact::text("old-text", "the default of the old release, as a file has it"),
    Fact::flag("can-be-kept", "that is one line of text, which the new release takes and which refers to nothing else"),
];

/// What an upgrade changes for a configuration that stays as it is: `backend-default` and `default` (options that are not set),
/// `now-read`, `nas`. What is gone in the new release other checks say.
pub(super) fn find(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    let Some(before) = context.before else { return };
    let old_backends = before.all_backends();
    now_read(context, before, found);
    let without_list = context.config.enabled_backends().is_none();
    let by_name: HashMap<&str, &Backend> = old_backends.iter().rev().map(|old| (&*old.name, old)).collect();
    let changes: Vec<Change> = catalog::backend_options(context.config.release)
        .filter_map(|row| {
            let (then, now) = changed(&catalog::backend_option(before.release, row.name())?, &row)?;
            Some(Change { name: row.name(), then, now })
        })
        .collect();
    for (backend, nas) in context.backends.iter().zip(context.nas).filter(|(b, _)| b.enabled || without_list) {
        let Some(old) = by_name.get(&*backend.name) else { continue };
        changed_defaults(context, before, &changes, backend, old, found);
        changed_nas(context, before, backend, nas, old, found);
    }
    service_defaults(context, before, found);
    notes::find(context, before.release, found);
}

fn candidate_of(
    context: &Context<'_, '_>,
    before: &Config<'_>,
    kind: &'static str,
    backend: &Backend,
) -> Option<Candidate> {
    let config = context.config;
    let driver = config.backend_setting(backend, "volume_driver").map(|setting| setting.place());
    let header = backend.group.and_then(|group| config.header_place(group));
    let mut candidate = Candidate {
        kind,
        place: header.or(driver).or(backend.listed)?,
        section: Some(backend.name.to_string()),
        ..Candidate::default()
    };
    candidate.places.extend(header.map(|header| ("header", header)));
    candidate.facts.insert("backend", backend.name.to_string());
    candidate.facts.insert("driver", backend.driver.to_string());
    notes::facts(&mut candidate, before.release, config.release);
    Some(candidate)
}

/// Defaults of options that a backend's driver reads and the files leave unset.
fn changed_defaults(
    context: &Context<'_, '_>,
    before: &Config<'_>,
    changes: &[Change],
    backend: &Backend,
    old: &Backend,
    found: &mut Candidates<'_>,
) {
    let config = context.config;
    let (from, to) = (before.release, config.release);
    let (Some(driver), Some(old_driver)) = (catalog::driver(to, &backend.driver), catalog::driver(from, &old.driver))
    else {
        return;
    };
    for &Change { name, ref then, ref now } in changes {
        let reads = driver.reads(to, name) == Some(true) && old_driver.reads(from, name) == Some(true);
        let set = || config.backend_setting(backend, name).is_some();
        if !reads || set() || config.backend_text(backend, name).text == Err(Problem::Unseen) {
            continue;
        }
        let Some(mut candidate) = candidate_of(context, before, "backend-default", backend) else { continue };
        candidate.option = Some(name.to_string());
        keep(&mut candidate, catalog::backend_option(from, name), catalog::backend_option(to, name));
        candidate.facts.insert("then", then.clone());
        candidate.facts.insert("now", now.clone());
        found.push(candidate);
    }
}

/// The old default as a line of a file has it, where the new release takes it.
fn keep(candidate: &mut Candidate, row: Option<OptionRow>, now: Option<OptionRow>) {
    let takes = |text: &str| now.is_some_and(|now| now.value_type().check(text).is_ok());
    let text = match row.map(|row| row.default()) {
        Some(Default::Text(text)) => Some(text),
        _ => None,
    };
    // Classes and modules have other paths by now, and what a text refers to may be gone.
    let stands_alone = |text: &&str| !text.contains(['\n', '\r', '$', '%']) && !text.starts_with("cinder.");
    let text = text.filter(stands_alone).filter(|text| !text.is_empty() && takes(text));
    candidate.facts.insert("can-be-kept", yes(text.is_some()));
    candidate.facts.insert("old-text", text.unwrap_or_default().to_string());
}

/// An option of backends with another default.
struct Change {
    name: &'static str,
    then: String,
    now: String,
}

/// The two defaults of an option, where they differ in meaning.
fn changed(then: &OptionRow, now: &OptionRow) -> Option<(String, String)> {
    let text = |row: &OptionRow| match row.default() {
        Default::None => Some(None),
        Default::Text(text) => Some(Some(text)),
        Default::Dynamic => None,
    };
    let (old, new) = (text(then)?, text(now)?);
    let same = match (old, new) {
        (Some(old), Some(new)) => same_value(now, old, new) || old.eq_ignore_ascii_case(new),
        (None, Some(text)) => is_nothing(text) || types::as_bool(text) == Some(false),
        // Where nothing is said any more, something else may decide: Infinidat's pool over its compression.
        (Some(text), None) => is_nothing(text),
        (None, None) => true,
    };
    (!same && !now.is_multi()).then(|| (shown(now, old, new), shown(now, new, old)))
}

/// Whether a default says nothing: `zoning_mode` was `none` up to Liberty, and `memcache_security_strategy` is `None` since Mitaka.
fn is_nothing(text: &str) -> bool {
    text.is_empty() || text.eq_ignore_ascii_case("none")
}

/// The most characters of a default that are shown whole.
const WHOLE: usize = 60;

/// A default as a message shows it; of a long one what the other does not have.
fn shown(row: &OptionRow, text: Option<&str>, other: Option<&str>) -> String {
    let Some(text) = text else { return "no value".to_string() };
    if text.is_empty() {
        return "empty".to_string();
    }
    if text.chars().count() <= WHOLE {
        return format!("`{text}`");
    }
    let other = other.unwrap_or_default();
    let cut = |text: &str| match text.chars().count() > WHOLE {
        true => format!("{}…", text.chars().take(WHOLE).collect::<String>()),
        false => text.to_string(),
    };
    if matches!(row.value_type(), types::Type::List { .. }) {
        let others = row.value_type().items(other);
        let own: Vec<&str> = row.value_type().items(text).into_iter().filter(|item| !others.contains(item)).collect();
        return match own.len() {
            0 => "a shorter list".to_string(),
            1..=3 => format!("a list with `{}`", cut(&own.join(","))),
            more => format!("a list with `{}` and {} others", cut(&own[..2].join(",")), more - 2),
        };
    }
    let common = text.char_indices().zip(other.chars()).take_while(|((_, a), b)| a == b).count();
    let common = common.saturating_sub(10);
    let rest: String = text.chars().skip(common).collect();
    format!("`{}{}`", if common > 0 { "…" } else { "" }, cut(&rest))
}

/// The NAS pair, where the same text has another effect.
fn changed_nas(
    context: &Context<'_, '_>,
    before: &Config<'_>,
    backend: &Backend,
    nas: &super::NasDigest,
    old: &Backend,
    found: &mut Candidates<'_>,
) {
    // Of a driver that one of the releases does not have, other rules speak.
    let has = |release, path: &str| catalog::driver(release, path).is_some();
    if !has(before.release, &old.driver) || !has(context.config.release, &backend.driver) {
        return;
    }
    let then = nas::assess(before, old, context.host);
    for (name, then, now) in [
        (nas::OPERATIONS, then.operations.effective, nas.operations),
        (nas::PERMISSIONS, then.permissions.effective, nas.permissions),
    ] {
        if then.name() == now.name() || [then, now].contains(&nas::Effective::Error) {
            continue;
        }
        let Some(mut candidate) = candidate_of(context, before, "nas", backend) else { continue };
        candidate.option = Some(name.to_string());
        candidate.facts.insert("then", then.name().to_string());
        candidate.facts.insert("now", now.name().to_string());
        if let Some(setting) = context.config.backend_setting(backend, name) {
            candidate.place = setting.place();
        }
        found.push(candidate);
    }
}

/// Lines that the old release ignored and the new one reads.
fn now_read(context: &Context<'_, '_>, before: &Config<'_>, found: &mut Candidates<'_>) {
    let config = context.config;
    let Some(reader) = &context.reader_before else { return };
    for (group, _) in config.groups() {
        let (then, now) = (reader.scope(group), context.reader.scope(group));
        if matches!(now, Scope::Foreign | Scope::Unknown) {
            continue;
        }
        for setting in config.settings(group).filter(|setting| !setting.is_doubtful) {
            let key = setting.key();
            let is_read = |verdict| matches!(verdict, Verdict::Known(_) | Verdict::OldName(..));
            let Verdict::Known(row) = context.reader.verdict(now, &key) else { continue };
            if is_read(reader.verdict(then, &key)) {
                continue;
            }
            // A driver that the old release does not have reads all its options from now on.
            let new_driver =
                context.backend_of(group).is_some_and(|b| catalog::driver(before.release, &b.driver).is_none());
            if new_driver || super::values::is_default(&row, &setting.value()) {
                continue;
            }
            let mut candidate = context.at_setting("now-read", &setting);
            candidate.place = setting.place();
            notes::facts(&mut candidate, before.release, config.release);
            found.push(candidate);
        }
    }
}

/// Defaults of service-wide options that the files leave unset.
fn service_defaults(context: &Context<'_, '_>, before: &Config<'_>, found: &mut Candidates<'_>) {
    let config = context.config;
    let (from, to) = (before.release, config.release);
    for row in
        catalog::all_options().filter(|row| row.is_in(to) && row.group() != BACKENDS && row.origin() != "oslo.config")
    {
        let Some((then, now)) = catalog::option(from, row.group(), row.name()).and_then(|then| changed(&then, &row))
        else {
            continue;
        };
        // Backends' options stand in [DEFAULT] as well: there nobody reads them.
        if row.group() == "DEFAULT" && catalog::backend_option(to, row.name()).is_some() {
            continue;
        }
        for group in sections_of(context, row.group()) {
            let Some(place) = config.header_place(group).filter(|_| config.known_setting(group, &row).is_none()) else {
                continue;
            };
            let mut candidate = Candidate {
                kind: "default",
                place,
                section: Some(config.spelled(group).into_owned()),
                option: Some(row.name().to_string()),
                ..Candidate::default()
            };
            notes::facts(&mut candidate, from, to);
            candidate.places.insert("header", place);
            keep(&mut candidate, catalog::option(from, row.group(), row.name()), Some(row));
            candidate.facts.insert("then", then.clone());
            candidate.facts.insert("now", now.clone());
            found.push(candidate);
        }
    }
}

/// The sections of the files that are what the catalogue has under a name. Others may be of no interest to this service. What the sample file
/// has for any fabric, and for any source of configuration, is read under the names that they are given.
fn sections_of(context: &Context<'_, '_>, group: &str) -> Vec<GroupId> {
    let config = context.config;
    let fabrics = || {
        let zone = config.group("fc-zone-manager").and_then(|zone| config.setting(zone, "zone_driver"));
        let driver = zone.map(|driver| driver.value().to_lowercase()).unwrap_or_default();
        let is_brocade = driver.is_empty() || driver.contains("brocade");
        let groups = config.groups().map(|(group, _)| group);
        let is_fabric = |group: &GroupId| context.reader.scope(*group) == Scope::Fabric;
        groups.filter(is_fabric).filter(|_| is_brocade == (group == FABRICS[0])).collect()
    };
    match group {
        _ if FABRICS.contains(&group) => fabrics(),
        _ if PLACEHOLDERS.contains(&group) => Vec::new(),
        _ => config.group(group).into_iter().collect(),
    }
}

/// The sections of the sample file that stand for those of fabrics: Brocade's, whose driver is the default, and Cisco's.
const FABRICS: [&str; 2] = ["brcd_fabric_example", "cisco_fabric_example"];
/// The others that stand for sections with names of their own.
const PLACEHOLDERS: [&str; 3] = ["backend", "sample_castellan_source", "sample_remote_file_source"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Release;

    #[test]
    fn defaults_that_differ_in_meaning_are_shown() {
        let with = |wanted: &dyn Fn(&OptionRow) -> bool| {
            catalog::all_options().find(|row| !row.is_multi() && wanted(row)).unwrap()
        };
        let text = |row: &OptionRow| match row.default() {
            Default::Text(text) => Some(text),
            _ => None,
        };
        let plain = |row: &OptionRow| !row.is_secret();
        let none = with(&|row| plain(row) && row.default() == Default::None);
        let off = with(&|row| plain(row) && text(row) == Some("false"));
        let on = with(&|row| plain(row) && text(row) == Some("true"));
        let empty = with(&|row| plain(row) && text(row) == Some(""));
        let long = with(&|row| plain(row) && text(row).is_some_and(|text| text.chars().count() > 61));
        for (one, other) in [(&none, &none), (&none, &off), (&none, &empty), (&empty, &none), (&on, &on)] {
            assert_eq!(changed(one, other), None);
        }
        let shown = |one: &str, other: &str| Some((one.to_string(), other.to_string()));
        assert_eq!(changed(&off, &on), shown("`false`", "`true`"));
        assert_eq!(changed(&off, &none), shown("`false`", "no value"));
        assert_eq!(changed(&none, &on), shown("no value", "`true`"));
        assert_eq!(changed(&on, &none), shown("`true`", "no value"));
        let (_, now) = changed(&none, &long).unwrap();
        assert!(now.chars().count() < 100, "{now}");
        let levels = |release| catalog::option(release, "DEFAULT", "default_log_levels").unwrap();
        let (then, now) = changed(&levels(Release::QUEENS), &levels(Release::STEIN)).unwrap();
        assert_ne!(then, now);
    }
}
