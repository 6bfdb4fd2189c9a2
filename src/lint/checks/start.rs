//! What an option ends that cannot be read.
//!
//! At its start each service writes every option that is registered in its process to the log, whatever the level of the log:
//! `ConfigOpts.log_opt_values`, which `oslo_service.service` calls unless `log_options` is off (cinder-scheduler calls it by itself,
//! `cinder.service.wait`). The first option that cannot be read ends the process. Kilo has the same in `cinder.openstack.common.service`.

use super::{Candidate, Context};
use crate::{
    catalog::{self, OptionRow, types},
    config::GroupId,
    vocabulary::Fact,
};

/// What ends because of a candidate.
pub(super) const STOPS: Fact =
    Fact::one_of("stops", &["service", "backend", "false"], "what ends; `false`: nothing for certain");
/// What [`tell`] says.
pub(super) const FACTS: &[Fact] = &[
    STOPS,
    Fact::text("consequence", "what ends, in words"),
    Fact::flag("later", "no service has the option registered when it starts"),
];

/// Sections that Cinder 29.0.0 registers when something needs them, not when it starts.
const LATER: [&str; 11] = [
    "audit_middleware_notifications",
    "backend",
    "brcd_fabric_example",
    "cisco_fabric_example",
    "cors",
    "ext_oauth2_auth",
    "fc-zone-manager",
    "oslo_messaging_amqp",
    "oslo_messaging_kafka",
    "privsep",
    "ssl",
];
/// Backup drivers that build upon the first, and so have its options.
const ON_FILES: [&str; 3] = ["posix", "nfs", "glusterfs"];

/// Modules of Cinder that cinder-volume imports in every release.
const OF_VOLUME: [&str; 8] = [
    "cinder.common.config:",
    "cinder.context:",
    "cinder.coordination:",
    "cinder.db.",
    "cinder.image.",
    "cinder.quota:",
    "cinder.service:",
    "cinder.volume.manager:",
];
/// Libraries that register their options of `[DEFAULT]` in every service.
const LIBRARIES: [&str; 3] = ["oslo.log", "oslo.messaging", "oslo.service"];

/// Says in the facts of a candidate what ends: `stops` (`service`, `backend`, or `false` where nothing is certain), `backend`, and
/// `consequence`, in words.
pub(super) fn tell(context: &Context<'_, '_>, group: GroupId, name: &str, candidate: &mut Candidate) {
    let config = context.config;
    let backend = context.backend_of(group);
    let shared = config.backend_defaults() == Some(group);
    let of_backends = shared || backend.is_some_and(|backend| backend.enabled);
    let known = catalog::option(config.release, &config.spelled(group), name);
    let in_process =
        if of_backends { true } else { backend.is_none() && known.is_some_and(|known| is_of_volume(context, &known)) };
    let (stops, consequence) = match (in_process && logs_options(context), of_backends) {
        (true, true) => {
            ("service", "cinder-volume refuses to start, because it reads all options of its backends at its start")
        }
        (true, false) => {
            ("service", "every Cinder service refuses to start, because it reads all its options at its start")
        }
        (false, _) => ("false", "each operation that reads the option fails"),
    };
    let later = stops == "false" && known.is_some_and(|known| !of_backends && is_later(context, &known));
    candidate.facts.insert("later", super::yes(later));
    candidate.facts.insert("stops", stops.into());
    candidate.facts.insert("consequence", consequence.into());
}

/// Whether no service of 2026.2 has the option registered when it starts: what reads it does so at a request, or never.
fn is_later(context: &Context<'_, '_>, known: &OptionRow) -> bool {
    let text = |option: &str| {
        let known = catalog::option(context.config.release, "DEFAULT", option);
        known.and_then(|known| context.config.service_text("DEFAULT", &known)).unwrap_or_default()
    };
    let speaks = |scheme: &str| text("transport_url").starts_with(scheme);
    match known.group() {
        "DEFAULT" => {
            // The server of this module serves nothing any more.
            if known.defined_in().all(|set| set.starts_with("cinder.wsgi.eventlet_server:"))
                && known.origin() == "cinder"
            {
                return true;
            }
            // The options of backup drivers other than the one that runs.
            let modules = || known.defined_in().filter_map(|set| set.strip_prefix("cinder.backup.drivers."));
            let driver = text("backup_driver");
            let is_run = |set: &str| {
                let name = set.split(':').next().unwrap_or_default();
                let is_it = |name: &str| driver.contains(&format!(".{name}"));
                is_it(name) || name == "posix" && ON_FILES.iter().any(|name| is_it(name))
            };
            modules().next().is_some() && !modules().any(is_run)
        }
        "key_manager" => !matches!(known.name(), "backend" | "fixed_key"),
        // Registered where a backend talks to Nova, which is not the process that reads them all.
        "nova" => true,
        "glance" | "service_user" | "barbican_service_user" => {
            known.origin() == "keystoneauth1"
                && !matches!(known.name(), "insecure" | "timeout" | "split_loggers" | "collect_timing")
        }
        "oslo_messaging_rabbit" => !text("transport_url").is_empty() && !speaks("rabbit") && !speaks("kombu"),
        "oslo_messaging_kafka" => !speaks("kafka"),
        "ssl" => types::as_bool(&text("osapi_volume_use_ssl")) != Some(true),
        group => LATER.contains(&group),
    }
}

/// Whether the services write their options to the log when they start.
fn logs_options(context: &Context<'_, '_>) -> bool {
    let config = context.config;
    let Some(known) = catalog::option(config.release, "DEFAULT", "log_options") else { return true };
    if config.is_uncertain("DEFAULT", "log_options") {
        return false;
    }
    config.service_text("DEFAULT", &known).and_then(|text| types::as_bool(&text)) != Some(false)
}

/// Whether cinder-volume has the option registered, in each release that has it.
fn is_of_volume(context: &Context<'_, '_>, known: &OptionRow) -> bool {
    let ours = || known.defined_in().any(|set| OF_VOLUME.iter().any(|module| set.starts_with(module)));
    match (known.group(), known.origin()) {
        ("DEFAULT", "cinder") => ours(),
        ("DEFAULT", origin) => LIBRARIES.contains(&origin),
        ("database", _) => true,
        ("oslo_messaging_rabbit", _) => {
            let url = catalog::option(context.config.release, "DEFAULT", "transport_url");
            let url = url.and_then(|known| context.config.service_text("DEFAULT", &known)).unwrap_or_default();
            ["", "rabbit:", "kombu"]
                .iter()
                .any(|scheme| if scheme.is_empty() { url.is_empty() } else { url.starts_with(scheme) })
        }
        _ => false,
    }
}
