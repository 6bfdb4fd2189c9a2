use std::{cell::LazyCell, fmt::Write as _};

use foldhash::HashMap;

use super::{
    Attached, Candidate, Candidates, Context, SETTING, SETTING_PLACES,
    did_you_mean::{did_you_mean, section_name},
    gone::{self, other_release},
    nearest::{Name, most_slips, nearest},
    reader::{Driver, Scope, Verdict},
    yes,
};
use crate::{
    catalog::{self, OptionRow, Readers, Release},
    config::{GroupId, Setting},
    lint::SiteDriver,
    text::counted,
    vocabulary::{Fact, Finds, Kind, PlaceName},
};

const NO_ADVICE: &str = "remove the line, or check the name in the documentation of the program that should read it";

/// What [`find`] hands to rules.
pub(super) static OPTIONS: Finds = Finds {
    check: "options",
    meaning: "Options that Cinder ignores where they are set, and options that a later release ignores",
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
            .facts(&[
                SETTING,
                READ_BY,
                &[
                    Fact::text("belongs", "the sections in which it is read, in words"),
                    Fact::text("target", "the one of them that it is meant for, as far as the files tell"),
                ],
            ])
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
                    Fact::flag("loses", "the same file sets the option under a name that wins"),
                    Fact::text("because", "under which, in words"),
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
pub(super) fn find(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    let config = context.config;
    let is_foreign = |group, scope| scope == Scope::Backend(Driver::Foreign) && context.site_driver(group).is_none();
    let foreign = config.groups().any(|(group, _)| is_foreign(group, context.reader.scope(group)));
    let readers = LazyCell::new(|| Readers::of(config.release));
    let mut advice: HashMap<(Scope, &[u8]), Option<String>> = HashMap::default();
    for (group, info) in config.groups() {
        let scope = context.reader.scope(group);
        if matches!(scope, Scope::Foreign | Scope::Unknown) {
            continue;
        }
        let site = context.site_driver(group);
        for setting in config.settings(group) {
            let key = setting.option.key.of(&setting.source().text);
            if site.is_some_and(|site| std::str::from_utf8(key).is_ok_and(|key| site.option(key).is_some())) {
                continue;
            }
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
            candidate.facts.insert("foreign", yes(is_foreign(group, scope)));
            candidate.facts.insert("foreign-anywhere", yes(foreign && site.is_none()));
            let driver = context.reader.driver(scope).map(|driver| driver.path());
            if let Some(driver) = driver.or_else(|| site.map(|site| site.class.as_str())) {
                candidate.facts.insert("driver", driver.to_string());
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
                    let places = places_of(&row, &setting.key(), config.release);
                    if let Some(target) = target(context, &places) {
                        candidate.facts.insert("target", target.to_string());
                    }
                    candidate.facts.insert("belongs", several(&places));
                }
                Verdict::NotRead(row) => not_read(config.release, row, &readers, &mut candidate),
                Verdict::OtherRelease(row, here) => other_release(context, group, scope, (row, here), &mut candidate),
                Verdict::Unknown => {
                    // Nobody reads thousands of suggestions.
                    let searched = advice.len() < 5000;
                    let near = advice
                        .entry((scope, key))
                        .or_insert_with(|| searched.then(|| did_you_mean(context, scope, &setting.key())).flatten());
                    let near = site.and_then(|site| near_of_site(site, &setting.key())).or_else(|| near.clone());
                    candidate.facts.insert("near", yes(near.is_some()));
                    candidate.facts.insert("advice", near.unwrap_or_else(|| NO_ADVICE.to_string()));
                    let place = match site {
                        Some(site) => format!("[{}] ({})", info.name, site.class),
                        None => scope_name(scope, &info.name),
                    };
                    candidate.facts.insert("where", place);
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
    let config = context.config;
    candidate.facts.insert("new", row.name().to_string());
    let place = if same { String::new() } else { format!(" in {}", section_name(row.group())) };
    candidate.facts.insert("new-place", place);
    let own = config.setting(group, row.name()).filter(|_| same);
    let rival = rival(context, group, &setting.key(), &row);
    // Within one file the new name wins, and then the first of the old ones, whatever stands first; among files the last.
    let in_file = |other: &Setting<'_>| other.file == setting.file;
    let (wins, because) = match (own.filter(in_file), rival.filter(in_file)) {
        (Some(own), _) => (Some(own), "which is set in the same section".to_string()),
        (None, Some(rival)) => {
            let because = format!("and `{}`, another old name, comes before it", rival.key());
            (Some(rival), because)
        }
        (None, None) => (None, String::new()),
    };
    candidate.facts.insert("loses", yes(wins.is_some()));
    candidate.facts.insert("because", because);
    let is_alone = rival.is_none() && (!row.is_multi() || gone::is_only_line(context, group, &setting.key()));
    let renamed = same && own.is_none() && is_alone && setting.key() != row.name();
    candidate.facts.insert("same-section", yes(renamed));
    let free = !same && is_alone && gone::is_free(context, row.group(), row.name());
    let section = gone::own_section(row.group()).filter(|_| free).unwrap_or_default();
    candidate.facts.insert("new-section", section.to_string());
    if let Some(wins) = wins.or(own) {
        candidate.places.insert("new", wins.place());
    }
}

/// The line that sets an option under an old name which comes before this one.
fn rival<'f>(context: &Context<'_, 'f>, group: GroupId, key: &str, row: &OptionRow) -> Option<Setting<'f>> {
    let config = context.config;
    let places = row.deprecated().map(|(section, name)| {
        let at = if section.is_empty() || section == row.group() { Some(group) } else { config.group(section) };
        (at, if name.is_empty() { row.name() } else { name })
    });
    let mut before = places.take_while(|(at, name)| (*at, *name) != (Some(group), key));
    before.find_map(|(at, name)| config.setting(at?, name))
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

/// A section in which an option is read.
struct ReadIn {
    group: &'static str,
    words: String,
}

/// The option of a site's driver that has nearly this name, in words.
fn near_of_site(site: &SiteDriver, key: &str) -> Option<String> {
    let (_, near) = nearest(key, most_slips(key), site.names().map(Name::from)).into_iter().min()?;
    Some(format!("did you mean `{near}`?"))
}

/// The sections in which an option is read in a release, each once.
fn places_of(row: &OptionRow, key: &str, release: Release) -> Vec<ReadIn> {
    let mut places: Vec<ReadIn> = Vec::new();
    let of_backends = catalog::backend_option(release, key).is_some();
    // Where drivers' options are registered, but no driver reads them; and a placeholder of the sample file.
    let dead = |row: &OptionRow| match row.group() {
        "DEFAULT" => row.is_of_drivers() && release >= Release::OCATA || key == "backend_host",
        group => group == "backend",
    };
    for row in catalog::options_named(key).filter(|row| row.is_in(release) && !(of_backends && dead(row))) {
        let words = section_name(row.group());
        if places.iter().all(|place| place.words != words) {
            places.push(ReadIn { group: row.group(), words });
        }
    }
    if places.is_empty() {
        let words = format!("{} (as `{}`)", section_name(row.group()), row.name());
        places.push(ReadIn { group: row.group(), words });
    }
    places
}

/// Some places in words.
fn several(places: &[ReadIn]) -> String {
    let words: Vec<&str> = places.iter().take(3).map(|place| &*place.words).collect();
    let text = words.join(" or ");
    match places.len() - words.len() {
        0 => text,
        more => format!("{text} or {}", counted(more as u64, "other")),
    }
}

/// The words for the place that a line is meant for: the only one there is, or the only one that the files have.
fn target<'p>(context: &Context<'_, '_>, places: &'p [ReadIn]) -> Option<&'p str> {
    let mut there = places.iter().filter(|place| context.config.group(place.group).is_some());
    match (places, there.next(), there.next()) {
        ([only], ..) | (_, Some(only), None) => Some(&only.words),
        _ => None,
    }
}

fn scope_name(scope: Scope, name: &str) -> String {
    match scope {
        Scope::Backend(Driver::Known(path)) => format!("[{name}] ({path})"),
        _ => format!("[{name}]"),
    }
}
