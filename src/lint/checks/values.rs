use super::{
    Attached, Candidate, Candidates, Context, SETTING, SETTING_PLACES,
    options::is_template,
    reader::{Scope, Verdict, also_read_by, homes},
    syntax::comment_start,
    yes,
};
use crate::{
    catalog::{self, BACKENDS, Default, OptionRow, Release, types},
    config::{GroupId, Setting, references},
    secrets,
    vocabulary::{Fact, Finds, Kind},
};

/// What [`types()`] hands to rules.
pub(super) static VALUES: Finds = Finds {
    check: "values",
    meaning: "Values that the option's type refuses",
    kinds: &[Kind::new("type", "a value at which oslo.config stops when the option is read")
        .facts(&[
            SETTING,
            &[
                Fact::text("says", "what oslo.config says of the value"),
                Fact::text("expected", "what the type takes, in words"),
                Fact::flag("certain", "the release was named, or no release accepts the value"),
                Fact::text("takes", "the releases that take the value; empty: none"),
            ],
            super::start::FACTS,
        ])
        .places(&[SETTING_PLACES])],
};

/// What [`defaults`] hands to rules.
pub(super) static DEFAULTS: Finds = Finds {
    check: "defaults",
    meaning: "Options that are set to what they are anyway",
    kinds: &[Kind::new("default", "the value is the default").facts(&[SETTING]).places(&[SETTING_PLACES])],
};

/// `type`: a value at which oslo.config stops when the option is read.
pub(super) fn types(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    each_read(context, |group, name, scope, setting, row| {
        // What is an option, and an old name of another, is read by both: Pike's `fss_pool`.
        let key = setting.key();
        let others = homes(scope).flat_map(|home| also_read_by(home, &key, context.config.release));
        let others = others.filter(|other| row.name() == key && other.group().eq_ignore_ascii_case(row.group()));
        let refused = |row| refused(context, (group, name, scope), setting, row);
        let of_another = |other: OptionRow| {
            let mut candidate = refused(other)?;
            let says = candidate.facts.get("says").cloned().unwrap_or_default();
            candidate.facts.insert("says", format!("{says} (it is an old name of `{}`, too)", other.name()));
            Some(candidate)
        };
        found.extend(refused(row).or_else(|| { others }.find_map(of_another)));
    });
    of_site_drivers(context, found);
}

/// What is said of a value, where an option refuses it.
fn refused(
    context: &Context<'_, '_>,
    (group, name, scope): (GroupId, &str, Scope),
    setting: &Setting<'_>,
    row: OptionRow,
) -> Option<Candidate> {
    let raw = setting.option.value.of(&setting.source().text);
    let value = setting.value();
    // A value without references is checked as it stands: the common case makes no copy.
    let is_plain = memchr::memchr(b'$', value.as_bytes()).is_none();
    if is_plain && row.value_type().check(&value).is_ok() || is_template(value.as_bytes()) {
        return None;
    }
    if !counts(context, group, scope, setting, row) {
        return None;
    }
    // What stands for a secret is not its value.
    if references(&value).iter().any(|reference| secrets::is_secret(last_part(reference.name))) {
        return None;
    }
    let text = context.config.text_in(setting, name, context.backend_of(group)).ok()?;
    let rejected = row.value_type().check(&text).err()?;
    // The check of comments speaks of these.
    let kept = comment_start(raw).map(|at| String::from_utf8_lossy(&raw[..at]).trim_end().to_string());
    if kept.is_some_and(|kept| row.value_type().check(&kept).is_ok()) {
        return None;
    }
    let mut candidate = context.at_setting("type", setting);
    let says = rejected.to_string();
    let is_short = says.len() <= 400 && !is_hidden(&setting.key(), row, &text);
    let says = if is_short { says } else { rejected.without_value().to_string() };
    candidate.facts.insert("says", says);
    candidate.facts.insert("expected", row.value_type().to_string());
    let takes = taking(scope, row, &text);
    candidate.facts.insert("certain", yes(context.release_given || takes.is_empty()));
    candidate.facts.insert("takes", takes);
    super::start::tell(context, group, row.name(), &mut candidate);
    Some(candidate)
}

/// `type`, of the options that a site's driver has.
fn of_site_drivers(context: &Context<'_, '_>, found: &mut Candidates<'_>) {
    for (group, info) in context.config.groups() {
        let Some(site) = context.site_driver(group) else { continue };
        for setting in context.config.settings(group).filter(|setting| !setting.is_doubtful) {
            let Some(option) = site.option(&setting.key()) else { continue };
            if is_template(setting.value().as_bytes()) {
                continue;
            }
            let Ok(text) = context.config.text_in(&setting, &info.name, context.backend_of(group)) else { continue };
            let is_hidden =
                option.is_secret || secrets::is_secret(&setting.key()) || secrets::cover_urls(&text) != text;
            let Some((says, expected)) = option.refusal(&text, is_hidden) else { continue };
            let mut candidate = context.at_setting("type", &setting);
            candidate.facts.insert("says", says);
            candidate.facts.insert("expected", expected);
            candidate.facts.insert("certain", yes(true));
            candidate.facts.insert("takes", String::new());
            super::start::tell(context, group, &setting.key(), &mut candidate);
            found.push(candidate);
        }
    }
}

/// Whether a text that an option holds is not to be shown.
fn is_hidden(key: &str, row: OptionRow, text: &str) -> bool {
    secrets::is_secret(key) || row.is_secret() || secrets::cover_urls(text) != text
}

fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// The releases that take a text for an option of this section.
fn taking(scope: Scope, row: OptionRow, text: &str) -> String {
    let here = |other: &OptionRow| homes(scope).any(|home| other.group().eq_ignore_ascii_case(home));
    let rows: Vec<OptionRow> = catalog::options_named(row.name()).filter(here).collect();
    let takes = |release: Release| rows.iter().any(|row| row.is_in(release) && row.value_type().check(text).is_ok());
    let first = Release::all().find(|release| takes(*release));
    let last = Release::all().rev().find(|release| takes(*release));
    match (first, last) {
        (Some(first), Some(last)) => catalog::Releases { first, last }.to_string(),
        _ => String::new(),
    }
}

/// `default`: an option that is set to what it is anyway.
pub(super) fn defaults(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    each_read(context, |group, name, _, setting, row| {
        if !is_default(&row, &setting.value()) {
            return;
        }
        // In a backend's section it may be there to override [backend_defaults].
        let shared = context.config.backend_defaults();
        let overrides = row.group() == BACKENDS
            && name != BACKENDS
            && shared.is_some_and(|shared| context.config.setting(shared, row.name()).is_some());
        // In a later file it may be there to override an earlier one.
        let layers = context.config.occurrences(group, &setting.key()).count();
        if !overrides && layers == 1 {
            found.push(context.at_setting("default", setting));
        }
    });
}

/// Whether a text means the same as an option's default.
pub(super) fn is_default(row: &OptionRow, value: &str) -> bool {
    let Default::Text(default) = row.default() else { return false };
    !row.is_multi() && same_value(row, default, value)
}

/// Whether two texts mean the same to an option's type.
pub(super) fn same_value(row: &OptionRow, one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let number = |text: &str| text.trim().parse::<f64>().ok();
    match row.value_type() {
        types::Type::Boolean => types::as_bool(one).is_some() && types::as_bool(one) == types::as_bool(other),
        types::Type::Integer { .. } | types::Type::Port { .. } | types::Type::Float { .. } => {
            number(one).is_some() && number(one) == number(other)
        }
        types::Type::List { .. } => types::list_items(one) == types::list_items(other),
        _ => false,
    }
}

/// Calls `visit` for every assignment whose option is read where it stands.
fn each_read<'f>(context: &Context<'_, 'f>, mut visit: impl FnMut(GroupId, &str, Scope, &Setting<'f>, OptionRow)) {
    let config = context.config;
    for (group, info) in config.groups() {
        let scope = context.reader.scope(group);
        if matches!(scope, Scope::Foreign | Scope::Unknown) {
            continue;
        }
        for setting in config.settings(group) {
            if setting.is_doubtful {
                continue;
            }
            let key = setting.option.key.of(&setting.source().text);
            if let Verdict::Known(row) | Verdict::OldName(row, _) = context.reader.verdict_of(scope, key) {
                visit(group, &info.name, scope, &setting, row);
            }
        }
    }
}

/// Whether an assignment is the one that oslo.config takes.
fn counts(context: &Context<'_, '_>, group: GroupId, scope: Scope, setting: &Setting<'_>, row: OptionRow) -> bool {
    if row.is_multi() {
        return true;
    }
    let config = context.config;
    // An old name in a later file wins, also one in another section.
    let is_it = config.known_setting(group, &row).is_some_and(|counting| std::ptr::eq(counting.option, setting.option));
    // A default for all backends that each of them overrides, or whose driver does not ask for it, is never read.
    let without_list = config.enabled_backends().is_none();
    let read = scope != Scope::Shared
        || context.backends.iter().filter(|backend| backend.enabled || without_list).any(|backend| {
            let own = backend.group.and_then(|group| config.known_setting(group, &row));
            own.is_none() && config.is_registered(backend, row.name())
        });
    is_it && read
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_mean_the_same_by_type() {
        let same = |name: &str, one: &str, other: &str| {
            let row = catalog::all_options().find(|row| row.name() == name && row.is_in(Release::NEWEST)).unwrap();
            same_value(&row, one, other)
        };
        assert!(same("debug", "yes", "True") && !same("debug", "yes", "no") && !same("debug", "maybe", "perhaps"));
        assert!(same("nfs_mount_attempts", "3", " 03") && !same("nfs_mount_attempts", "3", "4"));
        assert!(!same("nfs_mount_attempts", "three", "four"));
        assert!(same("enabled_backends", "a,b", "a, b") && !same("enabled_backends", "a,b", "b,a"));
        assert!(same("state_path", "/x", "/x") && !same("state_path", "1", "1.0"));
    }

    #[test]
    fn the_last_part_of_a_reference_is_the_option() {
        assert_eq!(last_part("database.connection"), "connection");
        assert_eq!(last_part("my_ip"), "my_ip");
    }
}
