use std::{cell::LazyCell, fmt::Write as _};

use foldhash::HashMap;

use super::{
    Attached, Candidate, Context, SETTING, SETTING_PLACES,
    did_you_mean::{did_you_mean, section_name},
    gone::{self, other_release},
    reader::{Driver, Scope, Verdict},
    yes,
};
use crate::{
    catalog::{self, OptionRow, Readers, Release},
    config::{GroupId, Setting},
    vocabulary::{Fact, Finds, Kind, PlaceName},
};

const NO_ADVICE: &str = "remove the line, or look for the name in the documentation of what should read it";

/// What [`find`] hands to rules.
pub(super) static OPTIONS: Finds = Finds {
    check: "options",
    meaning: "Options that nobody reads as they stand, and those that will not be read for ever",
    kinds: &[
        Kind::new("unknown", "no release knows the option")
            .facts(&[
                SETTING,
                READ_BY,
                &[
                    Fact::flag("near", "a known option has nearly this name"),
                    Fact::text("advice", "what to do, in words"),
                    Fact::text("where", "the section, with the driver of its backend"),
                ],
            ])
            .places(&[SETTING_PLACES]),
        Kind::new("elsewhere", "the option is read in another section")
            .facts(&[SETTING, READ_BY, &[Fact::text("belongs", "the sections in which it is read, in words")]])
            .places(&[SETTING_PLACES]),
        Kind::new("service-wide", "an option of the service in a section of a backend")
            .facts(&[SETTING, READ_BY])
            .places(&[SETTING_PLACES]),
        Kind::new("not-read", "the driver of the backend does not read the option")
            .facts(&[
                SETTING,
                READ_BY,
                &[
                    Fact::text("readers", "who reads it, in words"),
                    Fact::text("nobody", "who does not read it, in words"),
                    Fact::flag("once", "another release of the driver reads it"),
                    Fact::text("once-in", "that release"),
                ],
            ])
            .places(&[SETTING_PLACES]),
        Kind::new("removed", "an earlier release reads the option")
            .facts(&[
                SETTING,
                READ_BY,
                gone::FACTS,
                &[Fact::text("last", "the last release that reads it"), Fact::text("gone", "the release after it")],
                gone::INSTEAD,
            ])
            .places(&[SETTING_PLACES]),
        Kind::new("too-new", "only a later release reads the option")
            .facts(&[SETTING, READ_BY, gone::FACTS, &[Fact::text("first", "the first release that reads it")]])
            .places(&[SETTING_PLACES]),
        Kind::new("old-name", "an older name of the option")
            .facts(&[
                SETTING,
                READ_BY,
                &[
                    Fact::text("new", "the name of the option"),
                    Fact::text("new-place", "where it is to stand now, in words; empty: where it is"),
                    Fact::flag("loses", "the same file sets the option under its new name, which wins"),
                    Fact::flag("same-section", "the new name can be written in the place of the old one"),
                    Fact::text("new-section", "the section that the line can be moved into; empty: none"),
                ],
            ])
            .places(&[SETTING_PLACES, &[PlaceName::new("new", "the line with the new name")]]),
        Kind::new("for-removal", "the option is deprecated, and nothing takes its place")
            .facts(&[SETTING, READ_BY, &[Fact::text("reason", "since when and why, in words")]])
            .places(&[SETTING_PLACES]),
    ],
};
const READ_BY: &[Fact] = &[
    Fact::flag("foreign", "the driver of the backend is not part of Cinder"),
    Fact::flag("foreign-anywhere", "the driver of some backend is not part of Cinder"),
    Fact::text("driver", "the driver of the backend"),
];

/// Options that nobody reads as they stand: `unknown`, `elsewhere`, `service-wide`, `not-read`, `removed`, `too-new`; and those that
/// will not be read for ever: `old-name`, `for-removal`.
pub(super) fn find(context: &Context<'_, '_>, _: &mut Attached, found: &mut Vec<Candidate>) {
    let config = context.config;
    let foreign = config.groups().any(|(group, _)| context.reader.scope(group) == Scope::Backend(Driver::Foreign));
    let readers = LazyCell::new(|| Readers::of(config.release));
    let mut advice: HashMap<(Scope, &[u8]), Option<String>> = HashMap::default();
    for (group, info) in config.groups() {
        let scope = context.reader.scope(group);
        if matches!(scope, Scope::Foreign | Scope::Unknown) {
            continue;
        }
        for setting in config.settings(group) {
            let key = setting.option.key.of(&setting.source().text);
            let verdict = context.reader.verdict_of(scope, key);
            let kind = match verdict {
                Verdict::Known(row) if row.is_deprecated_for_removal() => "for-removal",
                Verdict::Known(_) | Verdict::Misplaced => continue,
                Verdict::OldName(..) => "old-name",
                Verdict::Elsewhere(_) => "elsewhere",
                Verdict::ServiceWide(_) => "service-wide",
                Verdict::NotRead(_) => "not-read",
                Verdict::OtherRelease(..) => "removed",
                Verdict::Unknown => "unknown",
            };
            let dynamic = setting.source().template.as_ref().is_some_and(|t| t.is_dynamic(setting.option.key));
            if dynamic || is_template(key) || verdict == Verdict::Unknown && differs_in_case_only(context, scope, key) {
                continue;
            }
            let mut candidate = context.at_setting(kind, &setting);
            candidate.place = setting.key_place();
            candidate.facts.insert("foreign", yes(scope == Scope::Backend(Driver::Foreign)));
            candidate.facts.insert("foreign-anywhere", yes(foreign));
            if let Some(driver) = context.reader.driver(scope) {
                candidate.facts.insert("driver", driver.path().to_string());
            }
            match verdict {
                Verdict::Known(row) => {
                    let (since, reason) = row.removal();
                    let mut text = String::new();
                    if !since.is_empty() {
                        let _ = write!(text, " since {since}");
                    }
                    if !reason.is_empty() {
                        let _ = write!(text, ": {reason}");
                    }
                    candidate.facts.insert("reason", text);
                }
                Verdict::OldName(row, same) => old(context, group, &setting, row, same, &mut candidate),
                Verdict::Elsewhere(row) => {
                    candidate.facts.insert("belongs", place_of(&row, &setting.key(), config.release));
                }
                Verdict::NotRead(row) => not_read(config.release, row, &readers, &mut candidate),
                Verdict::OtherRelease(row, here) => other_release(context, group, scope, (row, here), &mut candidate),
                Verdict::Unknown => {
                    // Nobody reads thousands of suggestions.
                    let searched = advice.len() < 5000;
                    let near = advice
                        .entry((scope, key))
                        .or_insert_with(|| searched.then(|| did_you_mean(context, scope, &setting.key())).flatten());
                    candidate.facts.insert("near", yes(near.is_some()));
                    candidate.facts.insert("advice", near.clone().unwrap_or_else(|| NO_ADVICE.to_string()));
                    candidate.facts.insert("where", scope_name(scope, &info.name));
                }
                _ => {}
            }
            found.push(candidate);
        }
    }
}

/// Whether a template engine has yet to write this.
pub(super) fn is_template(text: &[u8]) -> bool {
    memchr::memchr2(b'{', b'<', text).is_some()
        && ["{{", "{%", "{#", "<%"].iter().any(|mark| memchr::memmem::find(text, mark.as_bytes()).is_some())
}

/// The check of names speaks of these.
fn differs_in_case_only(context: &Context<'_, '_>, scope: Scope, key: &[u8]) -> bool {
    if !key.iter().any(|b| matches!(b, b'A'..=b'Z' | b'-')) {
        return false;
    }
    let meant = super::names::fold(&String::from_utf8_lossy(key));
    matches!(context.reader.verdict(scope, &meant), Verdict::Known(_) | Verdict::NotRead(_))
}

fn old(
    context: &Context<'_, '_>,
    group: GroupId,
    setting: &Setting<'_>,
    row: OptionRow,
    same: bool,
    candidate: &mut Candidate,
) {
    candidate.facts.insert("new", row.name().to_string());
    let place = if same { String::new() } else { format!(" in {}", section_name(row.group())) };
    candidate.facts.insert("new-place", place);
    let own = context.config.setting(group, row.name()).filter(|_| same);
    // Within one file the new name wins, whatever stands first; among files the last.
    let loses = own.is_some_and(|own| own.file == setting.file);
    candidate.facts.insert("loses", yes(loses));
    let renamed = same && own.is_none() && !row.is_multi() && setting.key() != row.name();
    candidate.facts.insert("same-section", yes(renamed));
    let free = !same && !row.is_multi() && gone::is_free(context, row.group(), row.name());
    let section = gone::own_section(row.group()).filter(|_| free).unwrap_or_default();
    candidate.facts.insert("new-section", section.to_string());
    if let Some(own) = own {
        candidate.places.insert("new", own.place());
    }
}

fn not_read(release: Release, row: OptionRow, readers: &Readers, candidate: &mut Candidate) {
    let readers = readers.readers(row.name());
    let count = readers.len();
    let mut text = String::new();
    for (at, driver) in readers.iter().take(if count <= 3 { 3 } else { 2 }).enumerate() {
        text.push_str(if at > 0 { ", " } else { "" });
        text.push_str(driver.path().strip_prefix("cinder.volume.drivers.").unwrap_or(driver.path()));
    }
    let text = match count {
        0 => "no driver of this release reads it".to_string(),
        1..=3 => format!("read by {text} only"),
        _ => format!("read by {text} and {} others", count - 2),
    };
    candidate.facts.insert("readers", text);
    let nobody = match candidate.facts.get("driver") {
        Some(driver) => format!("{driver} does not read"),
        None => "no enabled backend reads".to_string(),
    };
    candidate.facts.insert("nobody", nobody);
    // The same driver may have read it once.
    let once = driver_once(release, candidate.facts.get("driver"), row.name());
    candidate.facts.insert("once", yes(once.is_some()));
    candidate.facts.insert("once-in", once.map(|release| release.title()).unwrap_or_default());
}

/// The last release in which a driver reads an option, if not in this one.
fn driver_once(release: Release, driver: Option<&String>, name: &str) -> Option<Release> {
    let path = driver?;
    Release::all()
        .rev()
        .filter(|other| *other != release)
        .find(|other| catalog::driver(*other, path).is_some_and(|row| row.reads(*other, name) == Some(true)))
}

fn place_of(row: &OptionRow, key: &str, release: Release) -> String {
    let mut places = Vec::new();
    let of_backends = catalog::backend_option(release, key).is_some();
    // Where drivers' options are registered, but no driver reads them; and a placeholder of the sample file.
    let dead = |row: &OptionRow| match row.group() {
        "DEFAULT" => row.is_of_drivers() && release >= Release::OCATA || key == "backend_host",
        group => group == "backend",
    };
    for row in catalog::options_named(key).filter(|row| row.is_in(release) && !(of_backends && dead(row))) {
        let place = section_name(row.group());
        if !places.contains(&place) {
            places.push(place);
        }
    }
    if places.is_empty() {
        return format!("{} (as `{}`)", section_name(row.group()), row.name());
    }
    let more = places.len().saturating_sub(3);
    places.truncate(3);
    let text = places.join(" or ");
    if more > 0 { format!("{text} or {more} others") } else { text }
}

fn scope_name(scope: Scope, name: &str) -> String {
    match scope {
        Scope::Backend(Driver::Known(path)) => format!("[{name}] ({path})"),
        _ => format!("[{name}]"),
    }
}
