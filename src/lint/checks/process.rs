//! What every service looks at before anything else: its log, and its backdoor.

use super::{Attached, Candidate, Candidates, Context, SETTING, SETTING_PLACES, options::is_template};
use crate::{
    catalog::{self, types},
    config::Setting,
    vocabulary::{Fact, Finds, Kind},
};

/// What [`find`] hands to rules.
pub(super) static PROCESS: Finds = Finds {
    check: "process",
    meaning: "Options that each service looks at before anything else",
    kinds: &[
        kind("level", "a level of logging that there is not"),
        kind("facility", "a facility of syslog that there is not"),
        kind("backdoor", "a backdoor that is neither a port nor a range"),
    ],
};
const fn kind(name: &'static str, meaning: &'static str) -> Kind {
    const FACTS: &[&[Fact]] =
        &[SETTING, &[Fact::text("name", "what there is not"), Fact::text("item", "the item of the list that has it")]];
    Kind::new(name, meaning).facts(FACTS).places(&[SETTING_PLACES])
}

/// What `logging` has, and `oslo_log.log` adds.
const LEVELS: [&str; 9] = ["CRITICAL", "DEBUG", "ERROR", "FATAL", "INFO", "NOTSET", "TRACE", "WARN", "WARNING"];
/// `oslo_log.log._find_facility`, without `LOG_`.
const FACILITIES: [&str; 20] = [
    "KERN", "USER", "MAIL", "DAEMON", "AUTH", "SYSLOG", "LPR", "NEWS", "UUCP", "CRON", "AUTHPRIV", "FTP", "LOCAL0",
    "LOCAL1", "LOCAL2", "LOCAL3", "LOCAL4", "LOCAL5", "LOCAL6", "LOCAL7",
];

/// `level`: an item of `default_log_levels` with a level that there is not; `facility`: one of syslog's, where it is used; `backdoor`: a
/// port that is none.
pub(super) fn find(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    // A file of its own tells what is logged, and how.
    let is_told_elsewhere = text(context, "log_config_append").is_some_and(|path| !path.is_empty());
    if let Some((setting, levels)) = written(context, "default_log_levels").filter(|_| !is_told_elsewhere) {
        let items = levels.split(',').map(str::trim).filter(|item| !item.is_empty());
        let bad = items.map(|item| (item, item.split_once('=').map_or("", |(_, level)| level)));
        found.extend(bad.filter(|(_, level)| !is_level(level)).take(1).map(|(item, level)| {
            let mut candidate = candidate(context, "level", &setting, level);
            candidate.facts.insert("item", item.to_string());
            candidate
        }));
    }
    let uses_syslog = text(context, "use_syslog").and_then(|text| types::as_bool(&text)) == Some(true);
    if let Some((setting, name)) = written(context, "syslog_log_facility").filter(|_| uses_syslog && !is_told_elsewhere)
    {
        let upper = name.to_uppercase();
        if !FACILITIES.contains(&upper.strip_prefix("LOG_").unwrap_or(&upper)) {
            found.push(candidate(context, "facility", &setting, &name));
        }
    }
    let by_socket = text(context, "backdoor_socket").is_some_and(|path| !path.is_empty());
    if let Some((setting, port)) = written(context, "backdoor_port").filter(|(_, port)| !by_socket && !port.is_empty())
        && !is_port_or_range(&port)
    {
        found.push(candidate(context, "backdoor", &setting, &port));
    }
}

/// Whether `Logger.setLevel` takes it.
fn is_level(level: &str) -> bool {
    LEVELS.contains(&level) || level.trim().parse::<i64>().is_ok()
}

/// Whether `oslo_service`'s backdoor can listen there.
fn is_port_or_range(text: &str) -> bool {
    let port = |text: &str| text.trim().parse::<u16>().ok();
    match text.split_once(':') {
        Some((first, last)) => port(first).zip(port(last)).is_some_and(|(first, last)| first <= last),
        None => port(text).is_some(),
    }
}

fn candidate(context: &Context<'_, '_>, kind: &'static str, setting: &Setting<'_>, name: &str) -> Candidate {
    let mut candidate = context.at_setting(kind, setting);
    candidate.facts.insert("name", name.to_string());
    candidate.facts.insert("item", String::new());
    candidate
}

/// What an option of `[DEFAULT]` is, its default included.
fn text(context: &Context<'_, '_>, option: &str) -> Option<String> {
    let known = catalog::option(context.config.release, "DEFAULT", option)?;
    context.config.service_text("DEFAULT", &known)
}

/// The line that sets it, and its text; none where something has yet to fill it in.
fn written<'c>(context: &'c Context<'_, '_>, option: &str) -> Option<(Setting<'c>, String)> {
    let config = context.config;
    let known = catalog::option(config.release, "DEFAULT", option)?;
    let setting = config.known_setting(config.group("DEFAULT")?, &known).filter(|setting| !setting.is_doubtful)?;
    let text = (!is_template(setting.value().as_bytes())).then(|| config.service_text("DEFAULT", &known))??;
    Some((setting, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_ports_are_taken_as_the_libraries_take_them() {
        for level in ["DEBUG", "TRACE", "20", " 5", "-1"] {
            assert!(is_level(level), "{level}");
        }
        for level in ["", "debug", "DEBG", "DEBUG;x=INFO", "b=INFO", "AUDIT"] {
            assert!(!is_level(level), "{level}");
        }
        assert!(["0", "4000", "4000:4010", "5:5"].iter().all(|port| is_port_or_range(port)));
        assert!(!["x", "9:5", "99999", "1:x", "-1"].iter().any(|port| is_port_or_range(port)));
    }
}
