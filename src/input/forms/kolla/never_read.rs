//! Files below the overrides that kolla-ansible does not read, and why.

use super::{
    super::{Assembled, Taken},
    paths::{self, Known, Role},
    role::copies_shares,
    tree::Tree,
};
use crate::{
    ini::Span,
    input::forms::Remark,
    source::{FileId, Place},
};

impl Tree<'_, '_> {
    /// Says of files that kolla-ansible does not read them.
    pub(super) fn never_read(&mut self, files: &[(Known, &Taken)]) {
        for (known, one) in files {
            let mut facts = vec![("path", known.below.clone())];
            let kind = match &known.role {
                Role::Dead(read) => {
                    let mut folders = known.below.split('/').rev().skip(1);
                    let host =
                        folders.find(|folder| paths::inventory_has(self.run.fs(), &known.root, folder) == Some(true));
                    facts.push(("read", host.map_or(read.clone(), |host| format!("cinder/{host}/cinder.conf"))));
                    "kolla-path"
                }
                Role::Host(host) if paths::inventory_has(self.run.fs(), &known.root, host) == Some(false) => {
                    facts.push(("host", host.clone()));
                    "kolla-host"
                }
                Role::Shares => {
                    let Some((kind, read)) = self.shares_problem(&known.below) else { continue };
                    facts.push(("read", read));
                    kind
                }
                _ => continue,
            };
            let is_list = known.role == Role::Shares;
            let id = if is_list { self.run.container(&one.path) } else { self.run.whole(&one.path) };
            let Some(id) = id else { continue };
            if let Role::Dead(_) = known.role {
                facts.push(("pair", (paths::is_taken_for_live(&known.below) && self.sets_pair(id)).to_string()));
            }
            let remark = Remark { kind, place: self.start(id), facts, ..Remark::default() };
            let name = self.run.files().get(id).relative.clone();
            let mut alone = Assembled::new(&one.path, &name, Vec::new());
            alone.remarks.push(remark);
            self.run.found.push(alone);
        }
    }

    /// Whether a file sets the NAS pair.
    fn sets_pair(&self, id: FileId) -> bool {
        let file = self.run.files().get(id);
        file.document.options.iter().any(|option| option.key.of(&file.text).starts_with(b"nas_secure_file_"))
    }

    /// Why a list of shares is not copied, and the path that is.
    fn shares_problem(&self, below: &str) -> Option<(&'static str, String)> {
        let order = paths::shares_paths(paths::host_of(below));
        if !order.iter().any(|path| path == below) {
            return Some(("kolla-shares-path", "cinder/nfs_shares".into()));
        }
        if copies_shares(self.major, &self.globals) == Some(false) {
            return Some(("kolla-shares-off", String::new()));
        }
        let first = order.iter().find(|path| !self.found(path).is_empty())?;
        (first != below).then(|| ("kolla-shares-order", first.clone()))
    }

    /// The first header of a file, or its first line that says something.
    fn start(&self, id: FileId) -> Place {
        let file = self.run.files().get(id);
        let header = file.document.sections.iter().find(|section| section.line > 0).map(|section| section.header);
        let first_line = || {
            let mut start = 0;
            for line in file.text.split_inclusive(|b| *b == b'\n') {
                let text = line.trim_ascii_end();
                if !text.is_empty() && !text.starts_with(b"#") {
                    return Span::new(start, start + text.len() as u32);
                }
                start += line.len() as u32;
            }
            Span::new(0, 0)
        };
        self.run.place(id, header.unwrap_or_else(first_line))
    }
}
