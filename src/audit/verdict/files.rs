//! What is wrong with the files of a share, and who cannot open them.

use std::collections::BTreeMap;

use super::{
    super::{
        judge::must_open,
        kind::Kind,
        model::{Answer, Class, Identity, Role, Share},
    },
    Verdict, facts, quoted,
};

impl Verdict<'_> {
    pub(super) fn files(&mut self, at: usize, share: &Share) {
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
        if nobody > 0 && self.host.owners_kept {
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
        if has_both && self.host.owners_kept && !others.is_empty() {
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

    pub(super) fn closed(&mut self, at: usize, share: &Share) {
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
        let mode = u32::from_str_radix(&class.owned.mode, 8).unwrap_or_default();
        let backend = share.backends.first().cloned().unwrap_or_default();
        let auto = self.host.backends.iter().find(|b| b.name == backend);
        let stated = auto.is_some_and(|b| {
            b.permissions.configured.as_deref().is_some_and(|value| !value.eq_ignore_ascii_case("auto"))
        });
        said.extend(facts([
            ("who", named.join("; ")),
            ("count", class.files.to_string()),
            ("mode", class.owned.mode.clone()),
            ("owned", format!("{}:{}:{mode:o}", class.owned.uid, class.owned.gid)),
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
        let ids = crate::audit::access::Ids { uid: identity.uid, gids: identity.gids.clone() };
        let file = crate::audit::access::Attributes { mode, uid: class.owned.uid, gid: class.owned.gid, acl: None };
        class.acl.is_none()
            && crate::audit::access::may(&ids, &file, crate::audit::access::READ | crate::audit::access::WRITE)
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
