//! What is wrong with a host, for the rules with `check = "audit"` to say, and the verdict over each backend.

mod files;
mod folder;

use std::{collections::BTreeMap, sync::Arc};

use super::{
    gather::Gathered,
    in_force::Basis,
    model::{Answer, Disk, Finding, Host, Machine, Share, Step},
};
use crate::{
    lint::{Rule, host::speak},
    nas::INDICATOR,
};

type Facts = BTreeMap<&'static str, String>;

struct Verdict<'v> {
    host: &'v Host,
    gathered: &'v Gathered<'v>,
    bases: &'v [[Basis; 2]],
    rules: &'v [Arc<Rule>],
    limit: usize,
    findings: Vec<Finding>,
}

/// What is wrong, the worst first.
///
/// `bases`: what the judgements over each backend's operations and permissions rest on.
pub fn find(
    host: &Host,
    gathered: &Gathered<'_>,
    bases: &[[Basis; 2]],
    rules: &[Arc<Rule>],
    limit: usize,
) -> Vec<Finding> {
    let mut verdict = Verdict { host, gathered, bases, rules, limit: limit.max(1), findings: Vec::new() };
    for (at, share) in host.shares.iter().enumerate() {
        verdict.mount(at, share);
        verdict.files(at, share);
        verdict.closed(at, share);
        verdict.folder(at, share);
        verdict.guests(at, share);
    }
    verdict.backends();
    verdict.logs();
    let rank = |finding: &Finding| match finding.severity.as_str() {
        "error" => 0,
        "warning" => 1,
        _ => 2,
    };
    verdict.findings.sort_by(|a, b| (rank(a), &a.rule, a.share).cmp(&(rank(b), &b.rule, b.share)));
    verdict.findings
}

/// A word for a shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | ':' | '+' | ',' | '@' | '%');
    if !text.is_empty() && text.chars().all(plain) { text.into() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

fn facts(pairs: impl IntoIterator<Item = (&'static str, String)>) -> Facts {
    pairs.into_iter().collect()
}

impl Verdict<'_> {
    fn say(&mut self, kind: &'static str, backends: &[String], share: Option<usize>, facts: Facts) {
        for spoken in speak(self.rules, kind, facts) {
            self.findings.push(Finding {
                rule: spoken.rule.id.to_string(),
                name: spoken.rule.name.to_string(),
                severity: spoken.severity.name().into(),
                message: spoken.message,
                help: spoken.help,
                backends: backends.to_vec(),
                share,
                steps: spoken.steps.into_iter().map(|(phase, title, run)| Step { phase, title, run }).collect(),
            });
        }
    }

    fn about(&self, share: &Share) -> Facts {
        let list = |names: &[String]| names.join(", ");
        let mut mine = self.host.backends.iter().filter(|backend| share.backends.contains(&backend.name));
        let known = mine.all(|backend| backend.permissions.now != "undetermined");
        facts([
            ("address", share.address.clone()),
            ("point", share.mount_point.clone()),
            ("quoted-point", quoted(&share.mount_point)),
            ("backends", if share.backends.is_empty() { "no backend".into() } else { list(&share.backends) }),
            ("files", share.files.to_string()),
            ("disks", share.disks().to_string()),
            ("which", if known { "in force" } else { "after a restart" }.into()),
            ("expected", share.expected_mode.clone().unwrap_or_else(|| "unknown".into())),
        ])
    }

    fn mount(&mut self, at: usize, share: &Share) {
        let mut said = self.about(share);
        let say = |verdict: &mut Self, kind, said: Facts| verdict.say(kind, &share.backends, Some(at), said);
        if share.mounted == "no" && !share.backends.is_empty() {
            say(self, "not-mounted", said.clone());
        }
        if share.answered == "no" {
            say(self, "silent", said.clone());
        }
        let Some(mount) = &share.mount else { return };
        said.insert("source", mount.source.clone());
        said.insert("type", mount.fs_type.clone());
        said.insert("layers", mount.layers.to_string());
        // What is bound or made here has no address of its own.
        if mount.network
            && !share.backends.is_empty()
            && mount.source.trim_end_matches('/') != share.address.trim_end_matches('/')
        {
            say(self, "other-source", said.clone());
        }
        if mount.read_only {
            say(self, "read-only", said.clone());
        }
        if mount.soft {
            say(self, "soft", said.clone());
        }
        if mount.layers > 1 {
            say(self, "stacked", said.clone());
        }
        if !share.explained {
            say(self, "unexplained", said);
        }
    }

    fn guests(&mut self, at: usize, share: &Share) {
        let on = |open: &dyn Fn(&Disk) -> bool| -> Vec<&Machine> {
            let has = |machine: &&Machine| machine.disks.iter().any(|disk| disk.share == Some(at) && open(disk));
            self.host.machines.iter().filter(has).collect()
        };
        for (kind, machines) in [
            ("guest-denied", on(&|disk| disk.open == Answer::No)),
            ("guest-missing", on(&|disk| disk.there == Answer::No)),
        ] {
            if machines.is_empty() {
                continue;
            }
            let mut said = self.about(share);
            let named = |machine: &&Machine| match &machine.instance {
                Some(instance) => format!("{} ({instance})", machine.domain),
                None => machine.domain.clone(),
            };
            let running: Vec<&str> =
                machines.iter().filter(|machine| machine.running).map(|machine| machine.uuid.as_str()).collect();
            let uuids: Vec<String> = running.iter().take(self.limit).map(|uuid| quoted(uuid)).collect();
            said.extend(facts([
                ("count", machines.len().to_string()),
                ("machines", cut(machines.iter().map(named), machines.len(), self.limit)),
                ("running", running.len().to_string()),
                ("uuids", uuids.join(" ")),
                ("more", running.len().saturating_sub(uuids.len()).to_string()),
            ]));
            self.say(kind, &share.backends, Some(at), said);
        }
    }

    fn backends(&mut self) {
        let backends = &self.host.backends;
        for (at, backend) in backends.iter().enumerate() {
            let one = &self.gathered.backends[at];
            let [of_operations, of_permissions] = &self.bases[at];
            let names = std::slice::from_ref(&backend.name);
            let auto =
                one.nas.driver.family.is_nfs_chain() && (one.nas.operations.is_auto() || one.nas.permissions.is_auto());
            let mut said = facts([
                ("backend", backend.name.clone()),
                ("operations-now", backend.operations.now.clone()),
                ("operations-restart", backend.operations.restart.clone()),
                ("permissions-now", backend.permissions.now.clone()),
                ("permissions-restart", backend.permissions.restart.clone()),
                ("because", backend.permissions.because.clone()),
                ("basis", if of_permissions.is_volumes() { "files" } else { "service" }.into()),
                ("indicator", INDICATOR.to_string()),
            ]);
            if let Some(who) = &one.list_closed {
                said.insert("who", who.clone());
                let path = one.nas.listing.file.as_ref().map(|(path, _)| path.as_str()).unwrap_or_default();
                said.insert("quoted-path", quoted(path));
                said.insert("path", path.to_string());
                self.say("list-closed", names, None, said.clone());
            }
            if backend.restart_changes == Answer::Yes {
                self.say("restart-decides", names, None, said.clone());
            }
            if of_operations.is_newer_than_service() || of_permissions.is_newer_than_service() {
                self.say("newer", names, None, said.clone());
            }
            let first = backend.shares.iter().copied().find(|&share| self.host.shares[share].consulted);
            let Some(first) = first.filter(|_| auto) else { continue };
            let consulted = &self.host.shares[first];
            said.insert("first", consulted.address.clone());
            if consulted.indicator.state == "odd" {
                said.insert("kind-of-file", consulted.indicator.kind.clone().unwrap_or_default());
                said.insert("point", consulted.mount_point.clone());
                self.say("indicator-odd", names, Some(first), said.clone());
            }
            let elsewhere = backend.shares.iter().map(|&share| &self.host.shares[share]);
            let elsewhere: Vec<&str> = elsewhere
                .filter(|share| !share.consulted && share.indicator.state == "present")
                .map(|share| share.address.as_str())
                .collect();
            if matches!(consulted.indicator.state.as_str(), "absent" | "odd") && !elsewhere.is_empty() {
                said.insert("elsewhere", elsewhere.join(", "));
                self.say("indicator-elsewhere", names, Some(first), said);
            }
        }
    }

    fn logs(&mut self) {
        for log in &self.host.logs {
            for (kind, name) in [("permission-denied", "log-denied"), ("open-permissions", "log-open")] {
                let events: Vec<_> = log.events.iter().filter(|event| event.kind == kind).collect();
                if events.is_empty() {
                    continue;
                }
                let mut backends: Vec<String> =
                    events.iter().flat_map(|event| event.backends.iter().cloned()).collect();
                backends.sort_unstable();
                backends.dedup();
                let about = events.iter().map(|event| event.about.clone());
                let said = facts([
                    ("file", log.file.clone()),
                    ("count", events.iter().map(|event| event.count).sum::<u64>().to_string()),
                    ("about", cut(about, events.len(), self.limit)),
                    (
                        "backends",
                        if backends.is_empty() { "no backend known here".into() } else { backends.join(", ") },
                    ),
                ]);
                self.say(name, &backends, None, said);
            }
        }
    }
}

/// The first of a list, and how many more there are.
fn cut(list: impl Iterator<Item = String>, whole: usize, limit: usize) -> String {
    let mut shown: Vec<String> = list.take(limit).collect();
    if whole > shown.len() {
        shown.push(format!("and {} more", whole - shown.len()));
    }
    shown.join(", ")
}
