//! Metrics in the text format of Prometheus, for node_exporter's textfile collector.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, Write},
};

use crate::audit::model::{Answer, Document, Host};

/// Name, help, and what it is for each set of labels.
struct Metric {
    name: &'static str,
    help: &'static str,
    values: BTreeMap<Vec<(&'static str, String)>, u64>,
}

/// A label and its text.
type Label<'t> = (&'static str, &'t str);

/// Writes the metrics.
///
/// # Errors
/// Those of the writer.
pub fn write(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let mut metrics: Vec<Metric> = [
        ("complete", "Whether the audit finished."),
        ("backend_state", "The verdict on a backend: 1 for its state."),
        ("restart_changes", "Whether a restart of cinder-volume changes the values in force: 1 for the answer."),
        ("share_mounted", "Whether a share is mounted."),
        ("share_answered", "Whether a share answered until the end."),
        ("indicator_present", "Whether a share has .cinderSecureEnvIndicator."),
        ("files", "Files on a share by kind, mode and owner."),
        ("closed_files", "Volumes and snapshots that an identity cannot open for reading and writing."),
        ("guests", "Guests with a disk on a share of this host."),
        ("guests_denied", "Guests whose qemu cannot open a disk."),
        ("log_lines", "Log lines by their meaning."),
        ("findings", "Findings by rule and severity."),
    ]
    .into_iter()
    .map(|(name, help)| Metric { name, help, values: BTreeMap::new() })
    .collect();
    // A merged document names its hosts; a single host is named by who scrapes it.
    let named = document.hosts.len() > 1;
    for host in &document.hosts {
        let base = if named { vec![("host", host.name.clone())] } else { Vec::new() };
        measure(host, &mut |name: &str, labels: &[(&'static str, &str)], value: u64| {
            let mut key = base.clone();
            key.extend(labels.iter().map(|(label, text)| (*label, (*text).to_string())));
            if let Some(metric) = metrics.iter_mut().find(|metric| metric.name == name) {
                let sum = metric.values.entry(key).or_default();
                *sum = sum.saturating_add(value);
            }
        });
    }
    for metric in metrics.iter().filter(|metric| !metric.values.is_empty()) {
        let name = metric.name;
        writeln!(out, "# HELP cinderlint_audit_{name} {}\n# TYPE cinderlint_audit_{name} gauge", metric.help)?;
        for (labels, value) in &metric.values {
            writeln!(out, "cinderlint_audit_{name}{} {value}", shown(labels))?;
        }
    }
    Ok(())
}

fn measure(host: &Host, add: &mut dyn FnMut(&'static str, &[Label<'_>], u64)) {
    add("complete", &[], host.complete.into());
    for backend in &host.backends {
        add("backend_state", &[("backend", &backend.name), ("state", &backend.state)], 1);
        add("restart_changes", &[("backend", &backend.name), ("answer", backend.restart_changes.name())], 1);
    }
    for share in &host.shares {
        let at = [("share", share.address.as_str()), ("mount_point", share.mount_point.as_str())];
        let with = |more: &[(&'static str, &str)]| -> Vec<(&'static str, String)> {
            at.iter().chain(more).map(|(label, text)| (*label, (*text).to_string())).collect()
        };
        let mut put = |name, more: &[(&'static str, &str)], value| {
            let labels = with(more);
            let labels: Vec<(&'static str, &str)> =
                labels.iter().map(|(label, text)| (*label, text.as_str())).collect();
            add(name, &labels, value);
        };
        if share.mounted != "unknown" {
            put("share_mounted", &[], u64::from(share.mounted == "yes"));
        }
        put("share_answered", &[], u64::from(share.answered == "yes"));
        if share.indicator.state != "unknown" {
            put("indicator_present", &[], u64::from(share.indicator.state == "present"));
        }
        for class in &share.classes {
            let labels = [
                ("kind", class.kind.name()),
                ("mode", class.owned.mode.as_str()),
                ("owner", class.owned.owner.as_str()),
                ("group", class.owned.group.as_str()),
            ];
            put("files", &labels, class.files);
        }
        for (at, identity) in host.identities.iter().enumerate() {
            let disks = share.classes.iter().filter(|class| class.kind.is_disk());
            let closed = disks.filter(|class| class.access.get(at).is_some_and(|access| access.open == Answer::No));
            let closed = closed.map(|class| class.files).fold(0, u64::saturating_add);
            put("closed_files", &[("identity", &identity.label), ("role", identity.role.name())], closed);
        }
    }
    add("guests", &[], host.machines.len() as u64);
    add("guests_denied", &[], host.machines.iter().filter(|machine| machine.is_denied()).count() as u64);
    for log in &host.logs {
        for event in &log.events {
            add("log_lines", &[("file", &log.file), ("kind", &event.kind)], event.count);
        }
    }
    for finding in &host.findings {
        add("findings", &[("rule", &finding.rule), ("severity", &finding.severity)], 1);
    }
}

fn shown(labels: &[(&'static str, String)]) -> String {
    if labels.is_empty() {
        return String::new();
    }
    let mut text = String::from("{");
    for (at, (label, value)) in labels.iter().enumerate() {
        let value: String = value
            .chars()
            .map(|c| match c {
                '\\' => "\\\\".to_string(),
                '"' => "\\\"".to_string(),
                '\n' => "\\n".to_string(),
                c if crate::text::is_unprintable(c) => "\u{fffd}".to_string(),
                c => c.to_string(),
            })
            .collect();
        let _ = write!(text, "{}{label}=\"{value}\"", if at > 0 { "," } else { "" });
    }
    text.push('}');
    text
}
