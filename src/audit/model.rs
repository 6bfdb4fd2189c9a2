//! What an audit says: one document for one host or many, which every format is made of, and which can be read again.

use serde::{Deserialize, Serialize};

use super::kind::Kind;
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
    /// Whether a restart changes something: `yes`, `no` or `unknown`.
    pub restart_changes: String,
    /// Its shares, as indices into the host's.
    pub shares: Vec<usize>,
    /// `clean`, `risky`, `broken` or `unknown`.
    pub state: String,
    /// The verdict in a sentence.
    pub verdict: String,
}

/// How a share is mounted.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Mount {
    /// From where.
    pub source: String,
    /// The type of the file system.
    pub fs_type: String,
    /// The NFS version.
    pub version: Option<String>,
    /// `sys`, `krb5`, …
    pub sec: Option<String>,
    /// Nothing can be written.
    pub read_only: bool,
    /// Requests fail when the server is away for long.
    pub soft: bool,
    /// Another machine holds the files.
    pub network: bool,
    /// How many mounts lie on the point.
    pub layers: u64,
}

/// A file as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owned {
    /// `0640`.
    pub mode: String,
    /// The owner's name.
    pub owner: String,
    /// The owner's number.
    pub uid: u32,
    /// The group's name.
    pub group: String,
    /// The group's number.
    pub gid: u32,
}

/// The indicator of a share.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Indicator {
    /// `present`, `absent`, `odd` (something that does not count) or `unknown`.
    pub state: String,
    /// What is there: `file`, `folder`, `link`, `special`.
    pub kind: Option<String>,
    /// Whose it is.
    pub owned: Option<Owned>,
    /// Seconds since 1970 of its last change.
    pub modified: Option<i64>,
}

/// One share.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Share {
    /// The address that is configured, else the source of the mount.
    pub address: String,
    /// The backends that use it.
    pub backends: Vec<String>,
    /// Where it is, or should be.
    pub mount_point: String,
    /// Where the same files are seen as well.
    pub also_at: Vec<String>,
    /// `yes`, `no` or `unknown`.
    pub mounted: String,
    /// How.
    pub mount: Option<Mount>,
    /// Whether the decision over `auto` looks at it.
    pub consulted: bool,
    /// Whether a backend, or a guest's disk, explains it.
    pub explained: bool,
    /// `yes`; `no`: it stopped answering; `partly`: the audit was stopped; `absent`: there is nothing to look at.
    pub answered: String,
    /// The indicator.
    pub indicator: Indicator,
    /// The folder itself.
    pub folder: Option<Owned>,
    /// The mode that the value in force gives new volumes; none: not known.
    pub expected_mode: Option<String>,
    /// Everything on it that is no folder.
    pub files: u64,
    /// Volumes and what belongs to their snapshots that somebody who needs them cannot open for reading and writing.
    pub closed: u64,
    /// What it occupies, in bytes.
    pub bytes: u64,
    /// The classes, the largest first.
    pub classes: Vec<Class>,
    /// Files of classes beyond those that are told apart.
    pub unclassed: u64,
    /// Names that vanished during the walk.
    pub vanished: u64,
    /// Folders that could not be read; the first of them.
    pub unreadable: Vec<Unreadable>,
    /// How many there are.
    pub unreadable_count: u64,
    /// Folders of other file systems, which were not entered.
    pub other_file_systems: u64,
}

/// A folder that could not be read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unreadable {
    /// Its path, seen from the share.
    pub path: String,
    /// Why.
    pub why: String,
}

/// Files that are alike.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Class {
    /// What they are.
    pub kind: Kind,
    /// `0660`, and whose they are.
    #[serde(flatten)]
    pub owned: Owned,
    /// The ACL beyond the bits.
    pub acl: Option<String>,
    /// How many.
    pub files: u64,
    /// What they occupy, in bytes.
    pub bytes: u64,
    /// Whether the value in force makes such files: `yes`; `clone`: Cinder makes them so from snapshots, clones and the
    /// image cache whatever the option says; `no`; `unknown`.
    pub as_made: String,
    /// What each identity can do.
    pub access: Vec<Access>,
    /// The first names.
    pub examples: Vec<String>,
    /// How many more there are.
    pub more: u64,
}

/// What an identity can do with a file. `unknown` where the server decides.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Access {
    /// Open it for reading.
    pub read: Answer,
    /// Open it for writing.
    pub write: Answer,
    /// Open it for both, as qemu does.
    pub open: Answer,
}

/// Yes, no, or not to be told from here.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// It can.
    Yes,
    /// It cannot.
    No,
    /// It depends on what cannot be seen.
    Unknown,
}

impl Answer {
    /// Its name in all formats.
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
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
    /// Whether it is there: `yes`, `no` or `unknown`.
    pub there: String,
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
