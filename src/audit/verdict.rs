//! What is wrong with a host, for the rules with `check = "audit"` to say, and the verdict over each backend.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    gather::Gathered,
    in_force::Basis,
    judge::must_open,
    kind::Kind,
    model::{Answer, Class, Finding, Host, Identity, Role, Share, Step},
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
            ("which", if known { "in force" } else { "that a restart comes to" }.into()),
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

    fn files(&mut self, at: usize, share: &Share) {
        let disks: Vec<&Class> = share.classes.iter().filter(|class| class.kind.is_disk()).collect();
        let count = |wanted: &dyn Fn(&Class) -> bool| disks.iter().filter(|c| wanted(c)).map(|c| c.files).sum::<u64>();
        let mut modes: BTreeMap<&str, u64> = BTreeMap::new();
        for class in &disks {
            *modes.entry(class.owned.mode.as_str()).or_default() += class.files;
        }
        let mut said = self.about(share);
        let listed: Vec<String> = modes.iter().map(|(mode, files)| format!("{files} × {mode}")).collect();
        said.insert("modes", listed.join(", "));
        let clones = count(&|class| class.as_made == "clone");
        said.insert("clones", clones.to_string());
        if modes.len() > 1 {
            let others = modes.len() > 2 || clones == 0;
            said.insert("only-clones", (!others).to_string());
            self.say("mixed", &share.backends, Some(at), said.clone());
        } else if clones > 0 {
            self.say("clones", &share.backends, Some(at), said.clone());
        }
        let otherwise = count(&|class| class.as_made == "no");
        if otherwise > 0 {
            said.insert("otherwise", otherwise.to_string());
            self.say("otherwise", &share.backends, Some(at), said.clone());
        }
        let nobody = count(&|class| matches!(class.owned.uid, 65534 | 4_294_967_294));
        if nobody > 0 {
            said.insert("nobody", nobody.to_string());
            let setting =
                |name: &str| self.host.nfs.iter().find(|setting| setting.name == name).map(|s| s.value.clone());
            said.insert("domain", setting("Domain").unwrap_or_else(|| "not set".into()));
            said.insert("version", share.mount.as_ref().map(|mount| mount.fs_type.clone()).unwrap_or_default());
            self.say("nobody", &share.backends, Some(at), said.clone());
        }
        let known: Vec<u32> = self.host.identities.iter().map(|identity| identity.uid).collect();
        let has_both =
            [Role::Cinder, Role::Qemu].iter().all(|role| self.host.identities.iter().any(|i| i.role == *role));
        let others: Vec<&&Class> = disks
            .iter()
            .filter(|class| class.owned.uid != 0 && class.owned.uid < 65534 && !known.contains(&class.owned.uid))
            .collect();
        if has_both && !others.is_empty() {
            let mut owners: Vec<String> =
                others.iter().map(|class| format!("{}:{}", class.owned.owner, class.owned.group)).collect();
            owners.sort_unstable();
            owners.dedup();
            said.insert("foreign", others.iter().map(|class| class.files).sum::<u64>().to_string());
            said.insert("owners", owners.join(", "));
            let mut ids: Vec<u32> = others.iter().map(|class| class.owned.uid).collect();
            ids.sort_unstable();
            ids.dedup();
            let ids: Vec<String> = ids.iter().map(|uid| format!("-uid {uid}")).collect();
            let pattern = quoted(&self.gathered.places[at].names.pattern());
            said.insert(
                "select",
                format!(
                    "find {} -xdev -type f -name {pattern} '(' {} ')'",
                    quoted(&share.mount_point),
                    ids.join(" -o ")
                ),
            );
            let as_cinder = self.host.backends.iter().filter(|backend| share.backends.contains(&backend.name));
            let as_cinder = as_cinder
                .map(|b| if b.operations.now == "undetermined" { &b.operations.restart } else { &b.operations.now });
            let cinder = self.host.identities.iter().find(|identity| identity.role == Role::Cinder);
            let cinder = cinder.filter(|_| as_cinder.clone().any(|value| value == "true"));
            said.insert(
                "owner",
                cinder.map_or_else(
                    || "0:0".into(),
                    |one| format!("{}:{}", one.uid, one.gids.first().copied().unwrap_or_default()),
                ),
            );
            self.say("foreign", &share.backends, Some(at), said.clone());
        }
        let left =
            share.classes.iter().filter(|class| class.kind == Kind::Temporary).map(|class| class.files).sum::<u64>();
        if left > 0 {
            said.insert("left", left.to_string());
            self.say("left-over", &share.backends, Some(at), said);
        }
    }

    fn closed(&mut self, at: usize, share: &Share) {
        if share.mount.as_ref().is_some_and(|mount| mount.read_only) {
            return;
        }
        let identities: Vec<&Identity> =
            self.host.identities.iter().filter(|identity| must_open(&self.host.backends, identity, share)).collect();
        let position =
            |wanted: &Identity| self.host.identities.iter().position(|i| std::ptr::eq(i, wanted)).unwrap_or(0);
        let mut by_folder: Vec<String> = Vec::new();
        let mut closed_by_folder = 0;
        for class in share.classes.iter().filter(|class| class.kind.is_disk()) {
            let denied: Vec<&&Identity> = identities.iter().filter(|one| class.is_closed_to(position(one))).collect();
            let (by_bits, by_folders): (Vec<&&Identity>, Vec<&&Identity>) =
                denied.into_iter().partition(|one| !self.bits_allow(class, one));
            if !by_folders.is_empty() {
                closed_by_folder += class.files;
                by_folder.extend(by_folders.iter().map(|one| one.label.clone()));
            }
            let (cinder, others): (Vec<&&Identity>, Vec<&&Identity>) =
                by_bits.into_iter().partition(|one| one.role == Role::Cinder);
            for who in [cinder, others].into_iter().filter(|who| !who.is_empty()) {
                self.closed_class(at, share, class, &who);
            }
        }
        by_folder.sort_unstable();
        by_folder.dedup();
        if closed_by_folder > 0 {
            let mut said = self.about(share);
            let folder = share.folder.clone().unwrap_or_default();
            said.extend(facts([
                ("who", by_folder.join("; ")),
                ("count", closed_by_folder.to_string()),
                ("mode", folder.mode),
                ("owner", folder.owner),
                ("group", folder.group),
            ]));
            self.say("folder-closed", &share.backends, Some(at), said);
        }
    }

    /// A class of files that is closed to some who need it, all for the same purpose.
    fn closed_class(&mut self, at: usize, share: &Share, class: &Class, who: &[&&Identity]) {
        let mut said = self.about(share);
        let named: Vec<String> = who.iter().map(|one| format!("{} ({})", one.label, one.role.name())).collect();
        let first = who[0];
        let remedy = remedy(share, class, first);
        let pattern = self.gathered.places[at].names.pattern();
        let dynamic = self.host.qemu.as_ref().is_none_or(|qemu| qemu.dynamic_ownership);
        let in_use = self.host.machines.iter().filter(|machine| machine.running).flat_map(|machine| &machine.disks);
        let in_use = in_use.filter(|disk| disk.share == Some(at) && disk.open == Answer::No);
        let certain = remedy == "own"
            || !dynamic
            || in_use.filter_map(|disk| disk.owned.as_ref()).any(|owned| *owned == class.owned);
        let select = format!(
            "find {} -xdev -type f -name {} ! -name {} -perm {} -uid {} -gid {}",
            quoted(&share.mount_point),
            quoted(&pattern),
            quoted("*.info"),
            class.owned.mode,
            class.owned.uid,
            class.owned.gid
        );
        let backend = share.backends.first().cloned().unwrap_or_default();
        let auto = self.host.backends.iter().find(|b| b.name == backend);
        let stated = auto.is_some_and(|b| {
            b.permissions.configured.as_deref().is_some_and(|value| !value.eq_ignore_ascii_case("auto"))
        });
        said.extend(facts([
            ("who", named.join("; ")),
            ("count", class.files.to_string()),
            ("mode", class.owned.mode.clone()),
            ("owner", class.owned.owner.clone()),
            ("group", class.owned.group.clone()),
            ("gid-name", quoted(&class.owned.group)),
            ("user", quoted(first.label.split(':').next().unwrap_or_default())),
            ("user-gid", first.gids.first().copied().unwrap_or_default().to_string()),
            ("remedy", remedy.into()),
            ("select", select),
            ("backend", backend),
            ("certain", certain.to_string()),
            ("to-state", (auto.is_some() && !stated && remedy != "unknown").to_string()),
            ("value", if remedy == "open" { "false" } else { "true" }.into()),
        ]));
        self.say("closed", &share.backends, Some(at), said);
    }

    /// Whether it is a folder above that keeps an identity out, not the file.
    fn bits_allow(&self, class: &Class, identity: &Identity) -> bool {
        let Some(mode) = u32::from_str_radix(&class.owned.mode, 8).ok() else { return false };
        let ids = super::access::Ids { uid: identity.uid, gids: identity.gids.clone() };
        let file = super::access::Attributes { mode, uid: class.owned.uid, gid: class.owned.gid, acl: None };
        class.acl.is_none() && super::access::may(&ids, &file, super::access::READ | super::access::WRITE)
    }

    fn guests(&mut self, at: usize, share: &Share) {
        let on = |open: &dyn Fn(&super::model::Disk) -> bool| -> Vec<&super::model::Machine> {
            let has = |machine: &&super::model::Machine| {
                machine.disks.iter().any(|disk| disk.share == Some(at) && open(disk))
            };
            self.host.machines.iter().filter(has).collect()
        };
        for (kind, machines) in
            [("guest-denied", on(&|disk| disk.open == Answer::No)), ("guest-missing", on(&|disk| disk.there == "no"))]
        {
            if machines.is_empty() {
                continue;
            }
            let mut said = self.about(share);
            let named = |machine: &&super::model::Machine| match &machine.instance {
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
            if backend.restart_changes == "yes" {
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

/// Which way out is the narrow one: `open` the files where that is what is in force; else let the identity into their
/// group (`group`), or where that group is root's, give them another one (`regroup`). Cinder owns what it works on (`own`).
fn remedy(share: &Share, class: &Class, identity: &Identity) -> &'static str {
    match share.expected_mode.as_deref() {
        _ if identity.role == Role::Cinder => "own",
        Some("0660") if class.owned.gid == 0 => "regroup",
        Some("0660") if identity.gids.contains(&class.owned.gid) => "mode",
        Some("0660") => "group",
        Some(_) => "open",
        None => "unknown",
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
