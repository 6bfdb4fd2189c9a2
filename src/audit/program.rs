//! Whether a process is what it calls itself.

use super::access::Ids;

/// What a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// cinder-volume.
    CinderVolume,
    /// A guest's qemu.
    Qemu,
}

/// A process as it calls itself.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'p> {
    pid: u32,
    arguments: &'p [String],
    ids: Option<&'p Ids>,
    accounts: &'p str,
}

impl<'p> Seen<'p> {
    /// One of this id, with its command line and its rights; `accounts`: the host's users.
    pub fn new(pid: u32, arguments: &'p [String], ids: Option<&'p Ids>, accounts: &'p str) -> Self {
        Self { pid, arguments, ids, accounts }
    }

    /// Its id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Whether it is what it calls itself.
    pub fn is(&self, program: Program) -> bool {
        Truth::of(self.pid, self.arguments, self.ids, self.accounts).is(program)
    }
}

/// What a process is seen to be, whatever it calls itself: anybody may start anything under any name.
#[derive(Debug, Default)]
pub(super) struct Truth {
    /// The name of its executable; none: it may not be asked for.
    pub(super) executable: Option<String>,
    /// Nobody but root can have written that, and the script that it runs.
    pub(super) by_root: bool,
    /// Whose it is.
    pub(super) uid: Option<u32>,
    /// The name of that user on this host.
    pub(super) user: Option<String>,
}

/// Users that run the services where packages and deployment tools set them up: kolla's and TripleO's numbers have no names on the host.
const USERS: [&str; 6] = ["root", "cinder", "nova", "qemu", "kvm", "libvirt-qemu"];
const NUMBERS: [u32; 4] = [107, 162, 165, 64055];
const OF_KOLLA: std::ops::Range<u32> = 42400..42500;

impl Truth {
    fn of(pid: u32, arguments: &[String], ids: Option<&Ids>, accounts: &str) -> Self {
        use std::os::unix::fs::MetadataExt;
        let of_root = |path: &str| match std::fs::metadata(path) {
            Ok(meta) => Some(meta.uid() == 0 && meta.mode() & 0o002 == 0),
            Err(_) => None,
        };
        let executable = std::fs::read_link(format!("/proc/{pid}/exe")).ok();
        let executable = executable.and_then(|path| Some(path.file_name()?.to_str()?.to_string()));
        let script = arguments.iter().skip(1).take(2).find(|word| word.ends_with("/cinder-volume"));
        let script = script.map(|script| of_root(&format!("/proc/{pid}/root{script}")) == Some(true));
        let uid = ids.map(|ids| ids.uid);
        let of_user = |line: &&str| line.split(':').nth(2).and_then(|number| number.parse().ok()) == uid;
        let user = accounts.lines().find(of_user).and_then(|line| line.split(':').next()).map(str::to_string);
        let by_root = of_root(&format!("/proc/{pid}/exe")) == Some(true) && script.unwrap_or(true);
        Self { executable, by_root, uid, user }
    }

    pub(super) fn is(&self, program: Program) -> bool {
        let by_name = self.user.as_deref().is_some_and(|user| USERS.contains(&user));
        let by_number = |uid: u32| uid == 0 || NUMBERS.contains(&uid) || OF_KOLLA.contains(&uid);
        if !by_name && !self.uid.is_some_and(by_number) {
            return false;
        }
        // Only root may ask for the executable of others.
        let Some(executable) = &self.executable else { return true };
        let name = executable.strip_suffix(" (deleted)").unwrap_or(executable);
        let is_its_own = match program {
            Program::Qemu => name.starts_with("qemu-system-") || matches!(name, "qemu-kvm" | "kvm"),
            Program::CinderVolume => name.starts_with("python") || name == "cinder-volume",
        };
        is_its_own && self.by_root
    }
}
