//! Who has to open the volumes, how many of them cannot, and the state of each backend.

use super::{
    model::{Backend, Host, Identity, Role, Share},
    shares::is_open,
};
use crate::text::counted;

/// Whether an identity has to open the volumes of a share itself.
pub(super) fn must_open(backends: &[Backend], identity: &Identity, share: &Share) -> bool {
    match identity.role {
        Role::Qemu | Role::Asked => true,
        // Commands run as root otherwise.
        Role::Cinder => {
            backends.iter().any(|backend| share.backends.contains(&backend.name) && backend.operations.now == "true")
        }
    }
}

/// Counts the volumes of each share that somebody who needs them cannot open.
pub fn count(host: &mut Host) {
    let Host { backends, shares, identities, .. } = host;
    for share in shares {
        let needs: Vec<usize> =
            (0..identities.len()).filter(|&at| must_open(backends, &identities[at], share)).collect();
        let closed =
            |class: &&super::model::Class| class.kind.is_disk() && needs.iter().any(|&at| class.is_closed_to(at));
        share.closed = share.classes.iter().filter(closed).map(|class| class.files).sum();
    }
}

/// The verdict over each backend, from what was found.
pub fn judge(host: &mut Host) {
    let Host { backends, shares, findings, owners_kept, .. } = host;
    for backend in backends {
        let mine = findings.iter().filter(|finding| finding.backends.contains(&backend.name));
        let worst = |severity: &str| mine.clone().filter(|finding| finding.severity == severity).count();
        let (errors, warnings) = (worst("error"), worst("warning"));
        let on = backend.shares.iter().map(|&at| &shares[at]);
        let seen = on.clone().all(|share| matches!(share.answered.as_str(), "yes"))
            && !backend.shares.is_empty()
            && *owners_kept;
        let disks: u64 = on.clone().map(Share::disks).sum();
        let closed: u64 = on.clone().map(|share| share.closed).sum();
        backend.state = match (errors, warnings) {
            (0, 0) if seen => "clean",
            (0, 0) => "unknown",
            (0, _) => "risky",
            _ => "broken",
        }
        .into();
        let open =
            on.flat_map(|share| &share.classes).filter(|class| class.kind.is_disk() && is_open(&class.owned.mode));
        let open: u64 = open.map(|class| class.files).sum();
        let mut verdict = format!("{}, {open} of them open to everybody", counted(disks, "volume file"));
        if closed > 0 {
            verdict.push_str(&format!(", {closed} of them closed to a user who needs them"));
        }
        verdict.push_str(&format!(
            "; permissions {} now, {} after a restart",
            backend.permissions.now, backend.permissions.restart
        ));
        backend.verdict = verdict;
    }
}
