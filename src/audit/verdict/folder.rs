//! Who makes files in the folder of a share, and whether it lets them.

use super::{
    super::model::{Answer, Owned, Role, Share},
    Verdict, facts, quoted,
};

/// Who makes the files.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Writer {
    Cinder,
    Root,
    Either,
}

impl Writer {
    fn name(self) -> &'static str {
        match self {
            Self::Cinder => "cinder",
            Self::Root => "root",
            Self::Either => "either",
        }
    }
}

impl Verdict<'_> {
    /// Whether those who make files on a share can make them in its folder.
    pub(super) fn folder(&mut self, at: usize, share: &Share) {
        let read_only = share.mount.as_ref().is_some_and(|mount| mount.read_only);
        if share.mounted == "no" || read_only || !self.host.owners_kept {
            return;
        }
        let Some(folder) = &share.folder else { return };
        let cinders = self.host.identities.iter().zip(&share.makes_files);
        let closed = cinders.filter(|(one, makes)| one.role == Role::Cinder && **makes == Answer::No);
        let closed = closed.map(|(one, _)| one).next();
        let root_makes = self.root_makes(share, folder);
        let backends = self.host.backends.iter().filter(|backend| share.backends.contains(&backend.name));
        let writer = |backend: &super::super::model::Backend| {
            let (now, restart) = (backend.operations.now.as_str(), backend.operations.restart.as_str());
            let auto = backend.operations.configured.as_deref().is_none_or(|text| text.eq_ignore_ascii_case("auto"));
            match (if now == "undetermined" { restart } else { now }, auto) {
                ("true", _) => Some(Writer::Cinder),
                ("false", false) => Some(Writer::Root),
                ("false" | "undetermined", _) => Some(Writer::Either),
                _ => None,
            }
        };
        let fails = |writer: &Writer| match writer {
            Writer::Cinder => closed.is_some(),
            Writer::Either => closed.is_some() && !root_makes,
            Writer::Root => !root_makes,
        };
        for wanted in [Writer::Cinder, Writer::Either, Writer::Root] {
            let mine: Vec<String> = backends
                .clone()
                .filter(|backend| writer(backend) == Some(wanted))
                .map(|backend| backend.name.clone())
                .collect();
            if mine.is_empty() || !fails(&wanted) {
                continue;
            }
            let cinder = self.host.identities.iter().find(|one| one.role == Role::Cinder && one.uid != 0);
            let who = closed.or(cinder);
            let change = who.map(|who| {
                let point = quoted(&share.mount_point);
                let change = match &folder {
                    folder if folder.uid == who.uid => "chmod u+rwx .".to_string(),
                    folder if who.gids.contains(&folder.gid) => "chmod g+rwx .".to_string(),
                    _ => {
                        let gid = who.gids.first().copied().unwrap_or_default();
                        format!("chgrp {gid} . && chmod g+rwx .")
                    }
                };
                // Whoever may write beside it could put a link to another folder in its place: what was entered is looked at again.
                format!("(cd {point} && [ \"$(pwd -P)\" = {point} ] && {change})")
            });
            let mut said = self.about(share);
            said.extend(facts([
                ("writing", mine.join(", ")),
                ("writer", wanted.name().to_string()),
                ("who", who.map(|one| one.label.clone()).unwrap_or_default()),
                ("mode", folder.mode.clone()),
                ("owner", folder.owner.clone()),
                ("group", folder.group.clone()),
                ("change", change.unwrap_or_default()),
            ]));
            self.say("folder-unwritable", &mine, Some(at), said);
        }
    }

    /// Whether root can make files there for certain: a server may take root for nobody.
    fn root_makes(&self, share: &Share, folder: &Owned) -> bool {
        let here = share.mount.as_ref().is_some_and(|mount| !mount.network);
        let everybody = u32::from_str_radix(&folder.mode, 8).is_ok_and(|mode| mode & 0o003 == 0o003);
        let by_root = |uid: u32| matches!(uid, 0 | 65534 | 4_294_967_294);
        let made = share.classes.iter().any(|class| class.kind.is_disk() && by_root(class.owned.uid));
        here || everybody || made
    }
}
