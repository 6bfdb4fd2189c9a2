//! Options of oslo.messaging's driver for RabbitMQ that exclude each other (`oslo_messaging._drivers.impl_rabbit`).

use super::{Attached, Candidate, Candidates, Context, SETTING, SETTING_PLACES};
use crate::{
    catalog::{self, OptionRow, Release, types},
    config::Setting,
    vocabulary::{Fact, Finds, Kind, PlaceName},
};

/// What [`find`] hands to rules.
pub(super) static RABBIT: Finds = Finds {
    check: "rabbit",
    meaning: "Options of RabbitMQ that exclude each other",
    kinds: &[
        pair("pool", "more connections are kept than there may be"),
        pair("stream-without-limit", "a stream without a limit of messages"),
        pair("stream-without-quorum", "a stream beside transient queues that are no quorum queues"),
        pair("quorum-and-mirrored", "queues of both kinds"),
        pair("ssl-version", "a protocol that there is not"),
        pair("heartbeat", "a heartbeat rate of 0"),
    ],
};
const fn pair(name: &'static str, meaning: &'static str) -> Kind {
    const FACTS: &[&[Fact]] = &[
        SETTING,
        &[Fact::text("first", "the first option's value"), Fact::text("second", "the second option's value")],
    ];
    const PLACES: &[&[PlaceName]] = &[SETTING_PLACES, &[PlaceName::new("other", "the second option")]];
    Kind::new(name, meaning).facts(FACTS).places(PLACES)
}

const GROUP: &str = "oslo_messaging_rabbit";
/// The names in `Connection._SSL_PROTOCOLS`, of which a machine may lack some.
const PROTOCOLS: [&str; 6] = ["tlsv1", "sslv23", "sslv2", "sslv3", "tlsv1_1", "tlsv1_2"];

/// What the driver is told.
struct Told<'c, 'f> {
    context: &'c Context<'c, 'f>,
}

impl Told<'_, '_> {
    /// An option of the driver; up to 2024.2 that of the pool stands in `[DEFAULT]`.
    fn known(&self, name: &str) -> Option<OptionRow> {
        let release = self.context.config.release;
        catalog::option(release, GROUP, name).or_else(|| catalog::option(release, "DEFAULT", name))
    }

    /// The line that sets an option.
    fn setting(&self, name: &str) -> Option<Setting<'_>> {
        let config = self.context.config;
        let known = self.known(name)?;
        config.known_setting(config.group(known.group())?, &known).filter(|setting| !setting.is_doubtful)
    }

    /// What an option is, its default included; none where the release does not know it, or it cannot be seen.
    fn text(&self, name: &str) -> Option<String> {
        let known = self.known(name)?;
        self.context.config.service_text(known.group(), &known)
    }

    fn is_on(&self, name: &str) -> bool {
        self.text(name).and_then(|text| types::as_bool(&text)) == Some(true)
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.text(name)?.trim().parse().ok()
    }

    /// A candidate at the first of some options that a line sets.
    fn at(&self, kind: &'static str, names: [&'static str; 2]) -> Option<Candidate> {
        let mut lines = names.iter().filter_map(|name| Some((*name, self.setting(name)?)));
        let (_, setting) = lines.next()?;
        let mut candidate = self.context.at_setting(kind, &setting);
        if let Some((_, other)) = lines.next() {
            candidate.places.insert("other", other.place());
        }
        for (fact, name) in ["first", "second"].into_iter().zip(names) {
            candidate.facts.insert(fact, self.text(name).unwrap_or_default());
        }
        Some(candidate)
    }
}

/// `pool`: more connections are kept than there may be; `stream-without-limit`, `stream-without-quorum`: streams lack what they need;
/// `quorum-and-mirrored`: queues of both kinds; `ssl-version`: a protocol that there is not; `heartbeat`: a rate of 0.
pub(super) fn find(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    let release = context.config.release;
    if !talks_to_rabbit(context) {
        return;
    }
    let told = Told { context };
    // oslo.messaging 12.6.0
    if release >= Release::WALLABY
        && let Some((most, least)) = told.number("rpc_conn_pool_size").zip(told.number("conn_pool_min_size"))
        && most < least
    {
        found.extend(told.at("pool", ["rpc_conn_pool_size", "conn_pool_min_size"]));
    }
    if told.is_on("rabbit_stream_fanout") {
        if told.number("rabbit_qos_prefetch_count").is_some_and(|count| count <= 0) {
            found.extend(told.at("stream-without-limit", ["rabbit_stream_fanout", "rabbit_qos_prefetch_count"]));
        } else if told.text("rabbit_transient_quorum_queue").is_some() && !told.is_on("rabbit_transient_quorum_queue") {
            found.extend(told.at("stream-without-quorum", ["rabbit_stream_fanout", "rabbit_transient_quorum_queue"]));
        }
    }
    if told.is_on("rabbit_quorum_queue") && told.is_on("rabbit_ha_queues") {
        found.extend(told.at("quorum-and-mirrored", ["rabbit_quorum_queue", "rabbit_ha_queues"]));
    }
    let secured = ["ssl", "rabbit_use_ssl"].iter().any(|name| told.is_on(name));
    for name in ["ssl_version", "kombu_ssl_version"].into_iter().filter(|_| secured) {
        let unknown = |version: &String| !version.is_empty() && !PROTOCOLS.contains(&version.to_lowercase().as_str());
        if told.text(name).filter(unknown).is_some() {
            found.extend(told.at("ssl-version", [name, "ssl"]));
        }
    }
    if told.number("heartbeat_rate") == Some(0) {
        found.extend(told.at("heartbeat", ["heartbeat_rate", "heartbeat_timeout_threshold"]));
    }
}

/// Whether RabbitMQ is what the services talk to, by options that no query of the URL overrides.
fn talks_to_rabbit(context: &Context<'_, '_>) -> bool {
    let config = context.config;
    let text = |name: &str| {
        let known = catalog::option(config.release, "DEFAULT", name);
        known.and_then(|known| config.service_text("DEFAULT", &known)).unwrap_or_default()
    };
    let url = text("transport_url");
    match url.split_once(':') {
        Some((scheme, rest)) => matches!(scheme.split('+').next(), Some("rabbit" | "kombu")) && !rest.contains('?'),
        None => url.is_empty() && matches!(text("rpc_backend").as_str(), "" | "rabbit"),
    }
}
