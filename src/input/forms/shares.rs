//! A list of shares, for `nfs_shares_config`: wherever it lies, tied to the backend that names it, or looked at alone.

use super::{Assembled, Candidate, Form, Run, Taken};
use crate::source::Unseen;

/// See the module.
#[derive(Debug)]
pub(super) struct Shares;

impl Form for Shares {
    fn name(&self) -> &'static str {
        "shares"
    }

    fn title(&self) -> &'static str {
        "a list of shares"
    }

    fn recognises(&self, candidate: &Candidate<'_>) -> Option<String> {
        const NAMES: [&str; 12] = [
            "nfs_shares",
            "nfs_shares.conf",
            "nfsshares",
            "nfs.shares",
            "nfs_shares.txt",
            "shares.conf",
            "nfs_exports",
            "nfs_shares_config",
            "nfs.conf",
            "netapp_nfs_shares",
            "smbfs_shares",
            "quobyte_shares",
        ];
        let base = candidate.base_name();
        let named = NAMES.contains(&base) || base.starts_with("nfs_shares") && !base.contains(".y");
        (named && looks_like_shares(candidate.head()))
            .then(|| format!("its name is {base}, and it contains addresses of shares"))
    }

    fn read(&self, taken: &[Taken], run: &mut Run<'_>) {
        for one in taken {
            let Some(id) = run.container(&one.path) else { continue };
            let name = run.files().get(id).relative.clone();
            let mut alone = Assembled::new(&one.path, &name, Vec::new());
            alone.unseen = Unseen::Everything;
            alone.shares.push((None, id));
            run.found.push(alone);
        }
    }
}

/// Whether most lines are `host:/export`, comments, or what a template writes.
pub(super) fn looks_like_shares(text: &[u8]) -> bool {
    let mut fits = 0;
    let mut others = 0;
    for line in text.split(|b| *b == b'\n').take(100) {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") || line.starts_with(b"{%") || line.starts_with(b"<%") {
            continue;
        }
        let address = line.windows(2).any(|pair| pair == b":/") || line.starts_with(b"//") || line.starts_with(b"{{");
        let assigns = line.starts_with(b"[") && line.ends_with(b"]") || line.windows(3).any(|three| three == b" = ");
        if address && !assigns { fits += 1 } else { others += 1 }
    }
    fits > 0 && fits >= others
}
