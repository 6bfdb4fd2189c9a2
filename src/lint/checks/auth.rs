//! Logins to other services: the plugin of keystoneauth that a section names, and what it requires.

use super::{
    Attached, Candidate, Candidates, Context, SETTING, SETTING_PLACES, classes::is_placeholder, nearest,
    options::is_template, yes,
};
use crate::{
    catalog::{self, Release, types},
    config::{GroupId, Setting},
    vocabulary::{Fact, Finds, Kind},
};

/// What [`find`] hands to rules.
pub(super) static AUTH: Finds = Finds {
    check: "auth",
    meaning: "Logins to other services (keystoneauth's plugins)",
    kinds: &[
        kind("plugin", "cinder-api needs a plugin that there is not"),
        kind("option", "cinder-api's plugin lacks an option"),
        kind("plugin-later", "a request needs a plugin that there is not"),
        kind("option-later", "a plugin that a request needs lacks an option"),
        kind("no-plugin", "the token of the service is wanted, and no plugin is named"),
    ],
};
const FACTS: &[Fact] = &[
    Fact::text("plugin", "the name of the plugin"),
    Fact::text("missing", "the options that it lacks, with commas"),
    Fact::text("group", "the section with the login"),
    Fact::text("nearest", "the plugin that may be meant; empty: none"),
    Fact::flag("certain", "no other package may bring the plugin"),
    Fact::flag("complete", "the files look like everything that the service reads"),
];

const fn kind(name: &'static str, meaning: &'static str) -> Kind {
    Kind::new(name, meaning).facts(&[SETTING, FACTS]).places(&[SETTING_PLACES])
}

/// The plugins of keystoneauth1, and the options that each requires.
const PLUGINS: [(&str, &[&str]); 27] = [
    ("admin_token", &[]),
    ("gss", &[]),
    ("http_basic", &[]),
    ("none", &[]),
    ("noauth", &[]),
    ("password", &["auth_url"]),
    ("token", &["auth_url"]),
    ("v2password", &["auth_url"]),
    ("v2token", &["auth_url"]),
    ("v3adfspassword", &["auth_url"]),
    ("v3applicationcredential", &["auth_url", "application_credential_secret"]),
    ("v3fedkerb", &["auth_url"]),
    ("v3kerberos", &["auth_url"]),
    ("v3multifactor", &["auth_url", "auth_methods"]),
    ("v3oauth1", &["auth_url"]),
    ("v3oauth2clientcredential", &["auth_url", "oauth2_endpoint", "oauth2_client_id", "oauth2_client_secret"]),
    ("v3oauth2mtlsclientcredential", &["auth_url", "oauth2_endpoint", "oauth2_client_id"]),
    ("v3oidcaccesstoken", &["auth_url", "identity_provider", "protocol", "access_token"]),
    ("v3oidcauthcode", &["auth_url", "identity_provider", "protocol", "code"]),
    ("v3oidcclientcredentials", &["auth_url", "identity_provider", "protocol"]),
    ("v3oidcdeviceauthz", &["auth_url", "identity_provider", "protocol"]),
    ("v3oidcpassword", &["auth_url", "identity_provider", "protocol", "username", "password"]),
    ("v3password", &["auth_url"]),
    ("v3samlpassword", &["auth_url"]),
    ("v3token", &["auth_url"]),
    ("v3tokenlessauth", &["auth_url"]),
    ("v3totp", &["auth_url"]),
];
const MIDDLEWARE: &str = "keystone_authtoken";

/// `plugin`, `option`: what keeps cinder-api from starting; `plugin-later`, `option-later`: what lets a request fail; `no-plugin`: a
/// token is wanted without a login.
pub(super) fn find(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    // keystonemiddleware loads the plugin in its constructor; before Ocata in ways of its own.
    if context.config.release < Release::OCATA {
        return;
    }
    for group in [MIDDLEWARE, "nova", "glance", "service_user"] {
        found.extend(login(context, group));
    }
}

fn login(context: &Context<'_, '_>, group: &'static str) -> Option<Candidate> {
    let config = context.config;
    let id = config.group(group)?;
    let is_of_api = group == MIDDLEWARE;
    if config.is_uncertain(group, "auth_section") || config.is_uncertain(group, "auth_type") {
        return None;
    }
    let is_on = |section: &str, option: &str| {
        let known = catalog::option(config.release, section, option)?;
        types::as_bool(&config.service_text(section, &known)?)
    };
    if group == "service_user" && is_on(group, "send_service_user_token") != Some(true) {
        return None;
    }
    if is_of_api && service_text(context, "auth_strategy").as_deref() != Some("keystone") {
        return None;
    }
    // The section with the login.
    let (login, id): (GroupId, String) = match text(context, id, "auth_section") {
        Some((_, other)) if !other.is_empty() => (config.group(&other)?, other),
        _ => (id, group.to_string()),
    };
    let Some((setting, plugin)) = text(context, login, "auth_type").filter(|(_, plugin)| !plugin.is_empty()) else {
        let wanted = text(context, login, "send_service_user_token").filter(|_| group == "service_user")?.0;
        return Some(candidate(context, "no-plugin", &wanted, &id, String::new(), String::new()));
    };
    if setting.is_doubtful || is_template(plugin.as_bytes()) {
        return None;
    }
    let Some((_, required)) = PLUGINS.iter().find(|(name, _)| *name == plugin) else {
        let names = PLUGINS.iter().map(|(name, _)| nearest::Name::from(*name));
        let near =
            nearest::nearest(&plugin, nearest::most_slips(&plugin), names).into_iter().min().map(|(_, name)| name);
        let certain = near.is_some() || is_placeholder(&plugin) || plugin.contains([' ', '#', ';', '/']);
        let kind = if is_of_api { "plugin" } else { "plugin-later" };
        let mut unknown = candidate(context, kind, &setting, &id, plugin, String::new());
        unknown.facts.insert("nearest", near.unwrap_or_default().to_string());
        unknown.facts.insert("certain", yes(certain));
        return Some(unknown);
    };
    let lacks = |option: &&&str| !config.is_uncertain(&id, option) && text(context, login, option).is_none();
    let missing: Vec<&str> = required.iter().filter(lacks).copied().collect();
    if missing.is_empty() {
        return None;
    }
    let kind = if is_of_api { "option" } else { "option-later" };
    Some(candidate(context, kind, &setting, &id, plugin, missing.join(", ")))
}

fn candidate(
    context: &Context<'_, '_>,
    kind: &'static str,
    setting: &Setting<'_>,
    group: &str,
    plugin: String,
    missing: String,
) -> Candidate {
    let mut candidate = context.at_setting(kind, setting);
    candidate.facts.extend([
        ("plugin", plugin),
        ("missing", missing),
        ("group", group.to_string()),
        ("nearest", String::new()),
        ("certain", yes(true)),
        ("complete", yes(crate::lint::facts::is_complete(context.config))),
    ]);
    candidate
}

/// The line that sets an option of a login, under any of its names, and what is written there.
fn text<'c>(context: &'c Context<'_, '_>, login: GroupId, option: &str) -> Option<(Setting<'c>, String)> {
    let config = context.config;
    let known = catalog::option(config.release, MIDDLEWARE, option)
        .or_else(|| catalog::option(config.release, "service_user", option))?;
    let setting = config.known_setting(login, &known)?;
    let value = setting.value().into_owned();
    Some((setting, value))
}

fn service_text(context: &Context<'_, '_>, option: &str) -> Option<String> {
    let known = catalog::option(context.config.release, "DEFAULT", option)?;
    context.config.service_text("DEFAULT", &known)
}
