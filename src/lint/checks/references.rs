use super::{Attached, Candidates, Context, SETTING, SETTING_PLACES};
use crate::{
    catalog,
    config::{Exception, Problem, Setting, references},
    ini::Span,
    source::Place,
    vocabulary::{Fact, Finds, Kind},
};

/// What [`find`] hands to rules.
pub(super) static REFERENCES: Finds = Finds {
    check: "references",
    meaning: "`$name` in values",
    kinds: &[
        Kind::new("option", "no option has the name")
            .facts(&[SETTING, FACTS, super::start::FACTS])
            .places(&[SETTING_PLACES]),
        Kind::new("group", "no section has the name")
            .facts(&[SETTING, FACTS, super::start::FACTS])
            .places(&[SETTING_PLACES]),
        Kind::new("cycle", "the value is made of itself")
            .facts(&[SETTING, FACTS, super::start::FACTS])
            .places(&[SETTING_PLACES]),
    ],
};
const FACTS: &[Fact] = &[
    Fact::text("name", "what stands after the `$`"),
    Fact::text("problem", "the exception that oslo.config raises"),
    Fact::flag("secret", "the option is a secret"),
    Fact::text("exception", "the same, without what would show a secret"),
];

/// How many different names of one value are looked up.
const MOST: usize = 50;

/// `option`, `group`, `cycle`: a `$name` at which Cinder stops when it reads the option.
pub(super) fn find(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    let config = context.config;
    for (group, info) in config.groups() {
        let backend = context.backend_of(group);
        for setting in config.settings(group) {
            let raw = setting.option.raw.of(&setting.source().text);
            if setting.is_doubtful || memchr::memchr(b'$', raw).is_none() {
                continue;
            }
            let key = setting.key();
            let reads = match backend {
                Some(backend) => config.is_registered(backend, &key),
                None => catalog::option(config.release, &info.name, &key).is_some(),
            };
            if !reads {
                continue;
            }
            let value = setting.value();
            // Cinder stops at the first. Each is told once, and no more of them than anybody reads: each costs a copy of the value.
            let mut told: Vec<&str> = Vec::new();
            for reference in references(&value).iter().filter(|reference| !reference.name.is_empty()) {
                if told.contains(&reference.name) {
                    continue;
                }
                if told.len() >= MOST {
                    break;
                }
                told.push(reference.name);
                let Err(problem) = config.look_up(reference.name, &info.name, backend) else { continue };
                let Some(exception) = problem.exception() else { continue };
                let kind = match problem {
                    Problem::NoSuchOption { .. } => "option",
                    Problem::NoSuchGroup(_) => "group",
                    Problem::Cycle(_) => "cycle",
                    Problem::Unknown(_) | Problem::Unseen => continue,
                };
                let mut candidate = context.at_setting(kind, &setting);
                candidate.place = place_in(&setting, reference.range.clone());
                let secret = crate::secrets::is_secret(&key);
                let name = if secret { "…".to_string() } else { reference.name.to_string() };
                candidate.facts.insert("name", name);
                candidate.facts.insert("problem", if secret { String::new() } else { exception.to_string() });
                candidate.facts.insert("secret", if secret { "true" } else { "false" }.into());
                // What an exception says quotes the value.
                let exception = if secret { Exception::new(exception.class, "") } else { exception };
                candidate.facts.insert("exception", exception.to_string());
                super::start::tell(context, group, &key, &mut candidate);
                found.push(candidate);
            }
        }
    }
}

/// Where a part of a value stands; of a value with several lines, all of it.
fn place_in(setting: &Setting<'_>, range: std::ops::Range<usize>) -> Place {
    let value = setting.option.value;
    let one_line = setting.source().document.continuations(setting.option).is_empty();
    let covered = crate::secrets::is_secret(&setting.key());
    if !one_line || covered || std::str::from_utf8(value.of(&setting.source().text)).is_err() {
        return setting.value_place();
    }
    let at = |offset: usize| value.start + offset as u32;
    Place { file: setting.file, span: Span::new(at(range.start), at(range.end)) }
}
