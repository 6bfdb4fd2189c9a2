//! `oslo_messaging.transport.TransportURL.parse` and the names of the drivers, by the release of oslo.messaging that a Cinder has.

use super::{Reason, Refusal, has_lone_bracket, is_int, netloc, scheme};
use crate::catalog::{self, Release};

/// The schemes that oslo.messaging has drivers for, with their first and last release.
const SCHEMES: [(&str, Release, Release); 8] = [
    ("rabbit", Release::KILO, Release::NEWEST),
    ("kombu", Release::KILO, Release::NEWEST),
    ("kafka", Release::MITAKA, Release::NEWEST),
    ("fake", Release::KILO, Release::NEWEST),
    // oslo.messaging 15.0.0
    ("amqp", Release::KILO, Release::R2024_2),
    // oslo.messaging 9.0.0
    ("zmq", Release::KILO, Release::ROCKY),
    // oslo.messaging 4.1.0 to 5.36.0
    ("pika", Release::MITAKA, Release::QUEENS),
    // oslo.messaging 3.1.0
    ("qpid", Release::KILO, Release::LIBERTY),
];

/// Those of a release.
pub(super) fn schemes(release: Release) -> Vec<&'static str> {
    SCHEMES.iter().filter(|(_, first, last)| *first <= release && release <= *last).map(|(name, ..)| *name).collect()
}

/// What `get_rpc_transport` and `get_notification_transport` raise.
pub(super) fn read(url: &str, release: Release) -> Option<Refusal<'_>> {
    if url.is_empty() {
        // Up to Rocky rpc_backend decides then.
        return (release >= Release::STEIN)
            .then(|| Refusal::new(Reason::Empty, "InvalidTransportURL: No scheme specified"));
    }
    let Some((name, rest)) = scheme(url) else {
        let exception = if release >= Release::NEWTON {
            "InvalidTransportURL: No scheme specified"
        } else {
            "DriverLoadFailure: Failed to load transport driver"
        };
        return Some(Refusal::new(Reason::NoScheme, exception));
    };
    let (hosts, rest) = netloc(rest).unwrap_or(("", rest));
    if has_lone_bracket(hosts) {
        return Some(Refusal::new(Reason::Bracket, "ValueError: Invalid IPv6 URL"));
    }
    if release <= Release::MITAKA && rest.split('#').next().is_some_and(|rest| rest.contains('?')) {
        return Some(Refusal::new(
            Reason::Query,
            "InvalidTransportURL: Cannot comply with query string in transport URL",
        ));
    }
    for host in hosts.split(',').filter(|host| !host.is_empty()) {
        if let Some(refusal) = port(host, release) {
            // The login ends at the first sign that ends a host; what follows has the `@`.
            let sign = rest.chars().next().filter(|_| rest.contains('@') && !hosts.contains('@'));
            let comma = hosts.contains(',') && !host.contains('@') && hosts.contains('@');
            let reason = match sign {
                Some(sign) => Reason::SignInLogin(sign),
                None if comma => Reason::SignInLogin(','),
                None => refusal,
            };
            let exception = match reason {
                Reason::PortRange => "ValueError: Port out of range 0-65535",
                _ => "ValueError: invalid literal for int() with base 10",
            };
            return Some(Refusal::new(reason, exception));
        }
    }
    // A driver may be named with a transport of its own: `kombu+memory`.
    let driver = name.split('+').next().unwrap_or(name).to_ascii_lowercase();
    if !schemes(release).contains(&driver.as_str()) {
        let exception = format!(
            "DriverLoadFailure: Failed to load transport driver \"{name}\": No 'oslo.messaging.drivers' driver found, looking for '{driver}'"
        );
        return Some(Refusal::new(Reason::UnknownScheme(name), exception));
    }
    if name.eq_ignore_ascii_case("kombu") && !hosts.is_empty() {
        return Some(Refusal::new(Reason::NoTransport, "KeyError: 'No such transport: kombu'"));
    }
    if let Some(refusal) = (release > Release::R2026_1 && driver == "rabbit").then(|| query(rest, release)).flatten() {
        return Some(refusal);
    }
    let sign = rest.chars().next().filter(|_| rest.contains('@') && !hosts.contains('@') && hosts.contains(':'));
    if let Some(sign) = sign {
        return Some(Refusal::misread(sign));
    }
    // Up to Ocata (oslo.messaging 5.21.0) the first `@` ends the login.
    let several = |host: &str| host.matches('@').count() > 1;
    (release <= Release::OCATA && hosts.split(',').any(several)).then(|| Refusal::misread('@'))
}

/// What is wrong with the query: each of its parts is an option of RabbitMQ, with a value of its type.
fn query(rest: &str, release: Release) -> Option<Refusal<'_>> {
    let (_, query) = rest.split('#').next()?.split_once('?')?;
    let pairs = query.split('&').filter_map(|pair| pair.split_once('=')).filter(|(_, value)| !value.is_empty());
    pairs.filter(|(name, value)| !name.contains(['%', '+']) && !value.contains(['%', '+', '$'])).find_map(
        |(name, value)| {
            let known = catalog::option(release, "oslo_messaging_rabbit", name).filter(|known| known.name() == name);
            match known {
                None => {
                    let exception = format!("NoSuchOptError: no such option {name} in group [oslo_messaging_rabbit]");
                    Some(Refusal::new(Reason::UnknownOption(name), exception))
                }
                Some(known) if known.value_type().check(value).is_err() => {
                    Some(Refusal::new(Reason::OptionValue(name), "ValueError"))
                }
                Some(_) => None,
            }
        },
    )
}

/// What is wrong with the port of one host.
fn port(host: &str, release: Release) -> Option<Reason<'static>> {
    let host =
        if release <= Release::OCATA { host.split_once('@') } else { host.rsplit_once('@') }.map_or(host, |(_, h)| h);
    // From 2025.1 on `oslo_utils.netutils.parse_host_port`: several `:` are an address without a port.
    let parsed = release >= Release::R2025_1;
    let port = if let Some(address) = host.strip_prefix('[') {
        address.split_once(']')?.1.split_once(':')?.1
    } else if parsed && host.matches(':').count() != 1 {
        return None;
    } else {
        host.split_once(':')?.1
    };
    // Between, an empty one is none.
    let may_be_empty = !parsed && release >= Release::OCATA;
    match port {
        "" => (!may_be_empty).then_some(Reason::Port(true)),
        port if !is_int(port) => Some(Reason::Port(false)),
        // On Python 3 `urlsplit`, with which kombu reads it, looks at the number.
        port if release >= Release::USSURI && port.parse::<u32>().is_ok_and(|port| port > 65535) => {
            Some(Reason::PortRange)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_holds_options_of_rabbitmq() {
        for url in ["rabbit://h/?nonsense=1", "rabbit://h/v?ssl=maybe", "rabbit://h?ssl=1&heartbeat_rate=x#f"] {
            assert!(read(url, Release::NEWEST).is_some(), "{url}");
            assert_eq!(read(url, Release::R2026_1), None, "{url}");
        }
        for url in ["rabbit://h/?ssl=true", "rabbit://h/v?", "rabbit://h/?nonsense=", "kafka://h/?nonsense=1"] {
            assert_eq!(read(url, Release::NEWEST), None, "{url}");
        }
    }

    fn raises(url: &str, release: Release) -> Option<String> {
        read(url, release)?.exception.map(|text| text.split(':').next().unwrap_or_default().to_string())
    }

    /// What oslo.messaging 18.3.1 says of these.
    #[test]
    fn urls_are_refused_as_by_the_newest_release() {
        let now = |url: &str| raises(url, Release::NEWEST);
        for (url, wanted) in [
            ("", "InvalidTransportURL"),
            ("rabbit", "InvalidTransportURL"),
            ("rabbit//u:p@h", "InvalidTransportURL"),
            ("://u:p@h", "InvalidTransportURL"),
            ("ra_bbit://u:p@h", "InvalidTransportURL"),
            ("\"rabbit://u:p@h\"", "InvalidTransportURL"),
            ("h:5672", "DriverLoadFailure"),
            ("kombu://u:p@h", "KeyError"),
            ("rabit://u:p@h", "DriverLoadFailure"),
            ("amqp://u:p@h", "DriverLoadFailure"),
            ("rabbit://u:p@h:", "ValueError"),
            ("rabbit://u:p@h:x/", "ValueError"),
            ("rabbit://u:p@h:70000/", "ValueError"),
            ("rabbit://u:p/a@h/", "ValueError"),
            ("rabbit://u:p#a@h/", "ValueError"),
            ("rabbit://u:p?a@h/", "ValueError"),
            ("rabbit://u:p,a@h/", "ValueError"),
            ("rabbit://u:p[a@h/", "ValueError"),
            ("rabbit://u:p]a@h/", "ValueError"),
            ("rabbit://u:p@[::1/", "ValueError"),
        ] {
            assert_eq!(now(url).as_deref(), Some(wanted), "{url}");
        }
        for url in [
            "rabbit:",
            "rabbit:/h",
            "rabbit://",
            "Rabbit://u:p@h",
            "rabbit://h",
            "rabbit://u:p@",
            "rabbit://u:p@a@h/",
            "rabbit://u:p@[::1]:5672/",
            "rabbit://u:p@::1/",
            "rabbit://u:p@h:5672,u:p@h2:5672/v",
            "rabbit://u:p%zz@h",
            "rabbit://u:p:q@h:5/",
            "rabbit://u@h/",
            "rabbit://u:p@h:5672:5673/",
            "rabbit://u:p@h: 5672/",
            "rabbit:///",
            "fake://",
            "kombu+memory:///",
            "rabbit://u:p@h/?rpc_conn_pool_size=3",
        ] {
            assert_eq!(read(url, Release::NEWEST), None, "{url}");
        }
        assert_eq!(read("rabbit://u:1/a@h/", Release::NEWEST), Some(Refusal::misread('/')));
    }

    #[test]
    fn older_releases_read_otherwise() {
        assert_eq!(raises("", Release::ROCKY), None);
        assert_eq!(raises("amqp://h", Release::R2024_2), None);
        assert_eq!(raises("zmq://h", Release::STEIN).as_deref(), Some("DriverLoadFailure"));
        assert_eq!(raises("rabbit://u:p@h:", Release::R2024_2), None);
        assert_eq!(raises("rabbit://u:p@h:", Release::KILO).as_deref(), Some("ValueError"));
        assert_eq!(raises("rabbit://u:p@h/?a=b", Release::MITAKA).as_deref(), Some("InvalidTransportURL"));
        assert_eq!(read("rabbit://u:p@a@h/", Release::OCATA), Some(Refusal::misread('@')));
        assert_eq!(read("rabbit://u:p@a@h/", Release::PIKE), None);
    }
}
