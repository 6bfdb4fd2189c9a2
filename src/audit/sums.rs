//! Sums over a document, and small questions to its parts.

use super::model::{Answer, Class, Document, Host, Machine, SCHEMA_VERSION, Share, Summary, Tool};

impl Class {
    /// Whether an identity certainly cannot open the files for reading and writing.
    pub fn is_closed_to(&self, identity: usize) -> bool {
        self.access.get(identity).is_some_and(|access| access.open == Answer::No)
    }
}

impl Share {
    /// Number of volumes and what belongs to their snapshots.
    pub fn disks(&self) -> u64 {
        self.classes.iter().filter(|class| class.kind.is_disk()).map(|class| class.files).fold(0, u64::saturating_add)
    }
}

impl Machine {
    /// Whether its qemu cannot open a disk.
    pub fn is_denied(&self) -> bool {
        self.disks.iter().any(|disk| disk.open == Answer::No)
    }
}

impl Host {
    /// Drops what points nowhere, in a document that another program may have written.
    pub fn tidy(&mut self) {
        let shares = self.shares.len();
        for backend in &mut self.backends {
            backend.shares.retain(|share| *share < shares);
        }
        for disk in self.machines.iter_mut().flat_map(|machine| &mut machine.disks) {
            disk.share = disk.share.filter(|share| *share < shares);
        }
        for finding in &mut self.findings {
            finding.share = finding.share.filter(|share| *share < shares);
        }
    }
}

impl Document {
    /// Of these hosts.
    pub fn new(hosts: Vec<Host>) -> Self {
        let tool = Tool { name: "cinderlint".into(), version: env!("CARGO_PKG_VERSION").into() };
        let summary = Summary::of(&hosts);
        Self { schema_version: SCHEMA_VERSION, tool, hosts, summary }
    }
}

impl Summary {
    fn of(hosts: &[Host]) -> Self {
        let mut sum = Self { hosts: hosts.len() as u64, ..Self::default() };
        for host in hosts {
            sum.shares += host.shares.len() as u64;
            for share in &host.shares {
                sum.files = sum.files.saturating_add(share.files);
                sum.disks = sum.disks.saturating_add(share.disks());
                sum.closed = sum.closed.saturating_add(share.closed);
            }
            sum.machines += host.machines.len() as u64;
            sum.machines_denied += host.machines.iter().filter(|machine| machine.is_denied()).count() as u64;
            for finding in &host.findings {
                match finding.severity.as_str() {
                    "error" => sum.error += 1,
                    "warning" => sum.warning += 1,
                    _ => sum.info += 1,
                }
            }
        }
        sum
    }
}
