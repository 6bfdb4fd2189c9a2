//! What an audit says: one document for one host or many, which every format is made of, and which can be read again.

mod share;

use serde::{Deserialize, Serialize};

pub use share::{Access, Answer, Class, Indicator, Mount, Owned, Share, Unreadable};

use crate::message::Message;

/// Version of the document; changes within a version only add.
pub const SCHEMA_VERSION: u32 = 1;

/// The document.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Document {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// What wrote it.
    pub tool: Tool,
    /// The hosts, one or many.
    pub hosts: Vec<Host>,
    /// Sums over the hosts.
    pub summary: Summary,
}

/// What wrote a document.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tool {
    /// `cinderlint`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Sums.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub struct Summary {
    /// Number of hosts.
    pub hosts: u64,
    /// Shares that were looked at.
    pub shares: u64,
    /// Files on them: all that is no folder.
    pub files: u64,
    /// Volumes and what belongs to their snapshots: what guests open.
    pub disks: u64,
    /// Of these, the ones that an identity cannot open for reading and writing.
    pub closed: u64,
    /// Guests with a disk on a share.
    pub machines: u64,
    /// Of these, the ones whose qemu cannot open a disk.
    pub machines_denied: u64,
    /// Findings of severity error.
    pub error: u64,
    /// Findings of severity warning.
    pub warning: u64,
    /// Findings of severity info.
    pub info: u64,
}

/// One host.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Host {
    /// Its name, where its files tell it.
    pub name: String,
    /// The Cinder release that was assumed.
    pub release: String,
    /// Whether the audit came to its end.
    pub complete: bool,
    /// Files here belong to whom they belong on the host; else no owner is judged.
    #[serde(default = "kept")]
    pub owners_kept: bool,
    /// Where the configuration was found, and by what.
    pub deployments: Vec<Deployment>,
    /// The NAS backends.
    pub backends: Vec<Backend>,
    /// The shares, configured or mounted.
    pub shares: Vec<Share>,
    /// Whose access was looked at; `access` of the classes is in this order.
    pub identities: Vec<Identity>,
    /// What qemu.conf says.
    pub qemu: Option<Qemu>,
    /// NFS settings of the host that change who owns what.
    pub nfs: Vec<Setting>,
    /// Guests with disks on the shares.
    pub machines: Vec<Machine>,
    /// The logs that were given.
    pub logs: Vec<Log>,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// What could not be seen, and what that leaves open.
    pub unseen: Vec<Unseen>,
    /// What the tool could not do.
    pub errors: Vec<ToolError>,
}

fn kept() -> bool {
    true
}

/// One service's files.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deployment {
    /// The files, as the host sees them.
    pub files: Vec<String>,
    /// How it was found.
    pub found: String,
    /// Seconds since 1970 at which the service started, where it runs.
    pub started: Option<i64>,
}

/// What is in force for one of the two options.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub struct InForce {
    /// What the files say; none: nothing.
    pub configured: Option<String>,
    /// What the running service acts on: `true`, `false`, `error` or `undetermined`.
    pub now: String,
    /// What a start would come to.
    pub restart: String,
    /// Why.
    pub because: String,
}

/// One NAS backend.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Backend {
    /// Its name.
    pub name: String,
    /// Whether enabled_backends names it.
    pub enabled: bool,
    /// The class of its driver.
    pub driver: String,
    /// The driver's family.
    pub family: String,
    /// `nas_secure_file_operations`.
    pub operations: InForce,
    /// `nas_secure_file_permissions`.
    pub permissions: InForce,
    /// Whether a restart changes something.
    pub restart_changes: Answer,
    /// Its shares, as indices into the host's.
    pub shares: Vec<usize>,
    /// `clean`, `risky`, `broken` or `unknown`.
    pub state: String,
    /// The verdict in a sentence.
    pub verdict: String,
    /// What the logs tell of it, in order.
    #[serde(default)]
    pub told: Vec<super::logs::story::Moment>,
}

/// Why an identity is looked at.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// cinder-volume's.
    Cinder,
    /// qemu's.
    Qemu,
    /// `--as`.
    Asked,
}

impl Role {
    /// Its name in all formats.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cinder => "cinder",
            Self::Qemu => "qemu",
            Self::Asked => "asked",
        }
    }
}

/// A user with groups.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Identity {
    /// `qemu:qemu,kvm`.
    pub label: String,
    /// Why it is looked at.
    pub role: Role,
    /// The user.
    pub uid: u32,
    /// The groups.
    pub gids: Vec<u32>,
    /// Where it comes from.
    pub from: String,
}

/// What qemu.conf says about files.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Qemu {
    /// `user`.
    pub user: Option<String>,
    /// `group`.
    pub group: Option<String>,
    /// `dynamic_ownership`: libvirt makes a guest's files qemu's when the guest starts.
    pub dynamic_ownership: bool,
    /// `remember_owner`: and gives them back when it stops.
    pub remember_owner: bool,
}

/// A setting of the host.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Setting {
    /// Where it stands.
    pub file: String,
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A guest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Machine {
    /// libvirt's name: `instance-0000002a`.
    pub domain: String,
    /// The name that its user gave it.
    pub instance: Option<String>,
    /// Its uuid.
    pub uuid: String,
    /// Whether it runs.
    pub running: bool,
    /// Its disks on the shares.
    pub disks: Vec<Disk>,
}

/// A disk of a guest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Disk {
    /// `vda`.
    pub target: String,
    /// The volume's id.
    pub volume: Option<String>,
    /// The file, as the host sees it.
    pub file: String,
    /// The share that it is on, as an index into the host's; none: on none of them.
    pub share: Option<usize>,
    /// Whether it is there.
    pub there: Answer,
    /// What it is.
    pub owned: Option<Owned>,
    /// As whom its qemu runs, as far as is known.
    pub qemu: Option<String>,
    /// Whether that qemu can open it.
    pub open: Answer,
}

/// A log.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Log {
    /// Its path as it was given.
    pub file: String,
    /// Number of lines.
    pub lines: u64,
    /// What was found in it.
    pub events: Vec<Event>,
}

/// Lines that say the same.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Event {
    /// `permission-denied`, `io-error`, `open-permissions`, `indicator-found`, `indicator-created`, `indicator-failed`,
    /// `snapshots-refused`, `no-shares`.
    pub kind: String,
    /// The device or the file that the lines are about.
    pub about: String,
    /// The backends that it belongs to.
    pub backends: Vec<String>,
    /// How many lines.
    pub count: u64,
}

/// A step that an operator may take. Nothing runs it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Step {
    /// 0: decides over the future only; 1: changes files or accounts; 2: guests take it up.
    pub phase: u8,
    /// What it does.
    pub title: String,
    /// What to type, or to write into a file.
    pub run: String,
}

/// Something that is wrong.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// The rule's name.
    pub name: String,
    /// `error`, `warning` or `info`.
    pub severity: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The backends that it is about.
    pub backends: Vec<String>,
    /// The share that it is about, as an index into the host's.
    pub share: Option<usize>,
    /// What to do, in the order in which it is safe.
    pub steps: Vec<Step>,
}

/// Something that could not be seen.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unseen {
    /// What.
    pub what: String,
    /// Why.
    pub why: String,
    /// What stays unknown.
    pub leaves_open: String,
}

/// Something that the tool could not do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ToolError {
    /// What it is about.
    pub file: String,
    /// What went wrong.
    pub message: Message,
}
