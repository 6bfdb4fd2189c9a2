//! URLs of the message queue, the database and the coordination backend, read as oslo.messaging, SQLAlchemy and tooz read them when a
//! service starts.

mod coordination;
mod database;
mod transport;

use super::{Attached, Candidates, Context, SETTING, SETTING_PLACES, nearest, options::is_template, yes};
use crate::{
    catalog::{self, Release},
    config::{Setting, references},
    secrets,
    vocabulary::{Fact, Finds, Kind},
};

/// What [`find`] hands to rules.
pub(super) static URLS: Finds = Finds {
    check: "urls",
    meaning: "URLs of the message queue, the database and the coordination backend",
    kinds: &[
        Kind::new("transport", "a URL that oslo.messaging refuses").facts(&[SETTING, FACTS]).places(&[SETTING_PLACES]),
        Kind::new("database", "a URL that SQLAlchemy refuses").facts(&[SETTING, FACTS]).places(&[SETTING_PLACES]),
        Kind::new("coordination", "a URL that tooz refuses").facts(&[SETTING, FACTS]).places(&[SETTING_PLACES]),
        Kind::new("misread", "a URL that means another host than it seems to")
            .facts(&[SETTING, FACTS])
            .places(&[SETTING_PLACES]),
    ],
};
const FACTS: &[Fact] = &[
    Fact::text("problem", "what is wrong with the URL"),
    Fact::text("advice", "what to write"),
    Fact::text("exception", "the exception that it raises; empty: none"),
    Fact::flag("complete", "nothing is left open in the files"),
];

/// Why a URL is refused, or means another place than it seems to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason<'u> {
    /// There is no text.
    Empty,
    /// Nothing before `://` that could be a scheme.
    NoScheme,
    /// A scheme that no driver of the release has; the scheme.
    UnknownScheme(&'u str),
    /// A dialect of SQLAlchemy with a driver that it does not have; the driver.
    UnknownDriver(&'u str),
    /// This character in the user or the password ends the host.
    SignInLogin(char),
    /// A bracket outside of an IPv6 address.
    Bracket,
    /// What stands behind the last `:` of a host is no number; whether it is empty.
    Port(bool),
    /// A port above 65535.
    PortRange,
    /// Up to Mitaka no query can be given.
    Query,
    /// A part of the query that the driver does not know; its name.
    UnknownOption(&'u str),
    /// A part of the query whose value the option does not take; its name.
    OptionValue(&'u str),
    /// `kombu` without the transport that it is to use.
    NoTransport,
    /// A host for SQLite, which has files.
    SqliteHost,
    /// SQLite's database in memory, which begins without tables.
    InMemory,
    /// A path on which no folder can be made.
    Folder,
    /// A time out that is no number.
    Timeout,
    /// This character in the password ends it: the host is another one.
    OtherHost(char),
}

/// What a library makes of a URL that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Refusal<'u> {
    reason: Reason<'u>,
    /// The exception: its class, and as much of its text as holds nothing of the URL. None: the URL is taken.
    exception: Option<String>,
}

impl<'u> Refusal<'u> {
    fn new(reason: Reason<'u>, exception: impl Into<String>) -> Self {
        Self { reason, exception: Some(exception.into()) }
    }

    /// The URL is taken, but for another host.
    fn misread(sign: char) -> Self {
        Self { reason: Reason::OtherHost(sign), exception: None }
    }
}

impl Reason<'_> {
    /// What is wrong.
    fn says(self) -> String {
        match self {
            Self::Empty => "is empty".into(),
            Self::NoScheme => "has no scheme (the part before `://`)".into(),
            Self::UnknownScheme(scheme) => format!("has the unknown scheme `{scheme}`"),
            Self::UnknownDriver(driver) => format!("has the unknown driver `{driver}`"),
            Self::SignInLogin(sign) => format!(
                "has `{sign}` in the user or the password: the library reads the text before it as the host and the port"
            ),
            Self::Bracket => "has a bracket that is not part of an IPv6 address".into(),
            Self::Port(true) => "has a `:` without a port".into(),
            Self::Port(false) => "has a port that is not a number".into(),
            Self::PortRange => "has a port above 65535".into(),
            Self::Query => "has a query (`?`)".into(),
            Self::UnknownOption(name) => {
                format!("has `{name}` in its query, which is not an option of [oslo_messaging_rabbit]")
            }
            Self::OptionValue(name) => format!("has a value for `{name}` in its query that the option does not accept"),
            Self::NoTransport => "has the scheme `kombu` without a transport".into(),
            Self::SqliteHost => "names a host, but SQLite reads a file".into(),
            Self::InMemory => "names a database in memory, which has none of Cinder's tables".into(),
            Self::Folder => "names a folder that cannot be created".into(),
            Self::Timeout => "has a timeout that is not a number".into(),
            Self::OtherHost(sign) => {
                format!("has `{sign}` in the password: the library reads another host than the one that is meant")
            }
        }
    }

    /// What to write instead. `form` is a whole URL of the kind, `schemes` those that there are.
    fn advice(self, form: &str, schemes: &[&str]) -> String {
        match self {
            Self::Empty | Self::NoScheme => format!("write `{form}`"),
            Self::UnknownScheme(scheme) => {
                let near = schemes.iter().min_by_key(|known| strsim::osa_distance(known, scheme));
                match near.filter(|known| strsim::osa_distance(known, scheme) <= nearest::most_slips(scheme).max(1)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("write one of {}", schemes.join(", ")),
                }
            }
            Self::UnknownDriver(_) => format!("write `{form}`"),
            Self::SignInLogin(sign) | Self::OtherHost(sign) => {
                format!("write `%{:02X}` for `{sign}` in the user or the password", u32::from(sign))
            }
            Self::Bracket => "write `%5B` and `%5D` for brackets in the user or the password".into(),
            Self::Port(true) => "write the port, or remove the `:`".into(),
            Self::Port(false) => {
                "write a number; if the `:` is part of the password, write `%3A` for it, and `%2F` for `/`, `%40` for `@`".into()
            }
            Self::PortRange => "write a port up to 65535".into(),
            Self::Query => "remove the `?` and what follows".into(),
            Self::UnknownOption(name) => format!("remove `{name}` from the query"),
            Self::OptionValue(name) => format!("write a value that `{name}` in [oslo_messaging_rabbit] accepts"),
            Self::NoTransport => "write `rabbit` for `kombu`".into(),
            Self::SqliteHost => "write three slashes and the path: `sqlite:////var/lib/cinder/cinder.sqlite`".into(),
            Self::InMemory => format!("write `{form}`"),
            Self::Folder => "write a folder that the user of Cinder can create or write to: `file:///var/lib/cinder/coordination`".into(),
            Self::Timeout => "write a number of seconds".into(),
        }
    }
}

/// One option that holds a URL.
struct Place {
    kind: &'static str,
    group: &'static str,
    option: &'static str,
    form: &'static str,
    read: for<'u> fn(&'u str, Release) -> Option<Refusal<'u>>,
    schemes: fn(Release) -> Vec<&'static str>,
}

const PLACES: [Place; 5] = [
    Place {
        kind: "transport",
        group: "DEFAULT",
        option: "transport_url",
        form: "rabbit://USER:PASSWORD@HOST:5672/",
        read: transport::read,
        schemes: transport::schemes,
    },
    Place {
        kind: "transport",
        group: "oslo_messaging_notifications",
        option: "transport_url",
        form: "rabbit://USER:PASSWORD@HOST:5672/",
        read: transport::read,
        schemes: transport::schemes,
    },
    Place {
        kind: "database",
        group: "database",
        option: "connection",
        form: "mysql+pymysql://USER:PASSWORD@HOST/cinder",
        read: database::read,
        schemes: database::schemes,
    },
    Place {
        kind: "database",
        group: "database",
        option: "slave_connection",
        form: "mysql+pymysql://USER:PASSWORD@HOST/cinder",
        read: database::read,
        schemes: database::schemes,
    },
    Place {
        kind: "coordination",
        group: "coordination",
        option: "backend_url",
        form: "etcd3+http://HOST:2379",
        read: coordination::read,
        schemes: coordination::schemes,
    },
];

/// `transport`, `database`, `coordination`: a URL that its library refuses; `misread`: one whose host is another one than it seems.
pub(super) fn find(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    for place in &PLACES {
        let Some((setting, text)) = written(context, place.group, place.option) else { continue };
        // What nothing stands in falls back to something else: the transport of notifications, and the second database.
        let falls_back = place.option == "slave_connection" || place.group == "oslo_messaging_notifications";
        if text.is_empty() && falls_back {
            continue;
        }
        let Some(refusal) = (place.read)(&text, context.config.release) else { continue };
        let kind = if refusal.exception.is_some() { place.kind } else { "misread" };
        let mut candidate = context.at_setting(kind, &setting);
        candidate.facts.insert("problem", refusal.reason.says());
        candidate.facts.insert("advice", refusal.reason.advice(place.form, &(place.schemes)(context.config.release)));
        candidate.facts.insert("exception", refusal.exception.unwrap_or_default());
        candidate.facts.insert("complete", yes(context.config.is_certain()));
        found.push(candidate);
    }
}

/// The line that sets an option that holds a URL, and its text; none where nobody sets it or something has yet to fill it in.
fn written<'c>(context: &'c Context<'_, '_>, group: &str, option: &str) -> Option<(Setting<'c>, String)> {
    let config = context.config;
    let known = catalog::option(config.release, group, option)?;
    let setting = config.known_setting(config.group(group)?, &known).filter(|setting| !setting.is_doubtful)?;
    let value = setting.value();
    if is_template(value.as_bytes()) {
        return None;
    }
    // What stands for a secret is not its value.
    if references(&value)
        .iter()
        .any(|reference| secrets::is_secret(reference.name.rsplit('.').next().unwrap_or_default()))
    {
        return None;
    }
    let text = config.service_text(group, &known)?;
    (!text.contains(secrets::COVER)).then_some((setting, text))
}

/// `scheme:` and what follows, as `urllib.parse.urlsplit` cuts it: a scheme starts with a letter. The scheme is in its own case.
fn scheme(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once(':')?;
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    (scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(good)).then_some((scheme, rest))
}

/// The host with its login, and what follows, as `urlsplit` cuts them.
fn netloc(rest: &str) -> Option<(&str, &str)> {
    let rest = rest.strip_prefix("//")?;
    Some(rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len())))
}

/// Whether `urlsplit` raises "Invalid IPv6 URL".
fn has_lone_bracket(netloc: &str) -> bool {
    netloc.contains('[') != netloc.contains(']')
}

/// Whether Python's `int` takes a text.
fn is_int(text: &str) -> bool {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && digits.split('_').all(|part| !part.is_empty() && part.chars().all(char::is_numeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_cut_as_urlsplit_does() {
        assert_eq!(scheme("rabbit://h"), Some(("rabbit", "//h")));
        assert_eq!(scheme("h:5672"), Some(("h", "5672")));
        for none in ["rabbit", "", "://h", "ra_bbit://h", "1rabbit://h", "\"rabbit://h", "rabbit ://h"] {
            assert_eq!(scheme(none), None, "{none}");
        }
        assert_eq!(netloc("//u:p@h/v"), Some(("u:p@h", "/v")));
        assert_eq!(netloc("//u:p#a@h/v"), Some(("u:p", "#a@h/v")));
        assert_eq!(netloc("/v"), None);
        assert!(is_int(" 5672 ") && is_int("-1") && is_int("5_6") && !is_int("") && !is_int("_5") && !is_int("33 06"));
    }
}
