//! Running processes that matter: cinder-volume and qemu (`/proc/PID`, proc(5)).

use super::{access::Ids, here::Here};

/// What a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// cinder-volume.
    CinderVolume,
    /// A guest's qemu.
    Qemu,
}

/// One process.
#[derive(Clone, Debug)]
pub struct Process {
    /// Its id.
    pub pid: u32,
    /// What it is.
    pub program: Program,
    /// Its command line.
    pub arguments: Vec<String>,
    /// Whose rights it has on files.
    pub ids: Option<Ids>,
    /// Seconds since 1970 at which it started.
    pub started: Option<i64>,
    /// It sees other mounts than this process does, as in a container.
    pub contained: bool,
}

/// Clock ticks a second in `/proc/PID/stat`, on every Linux that there is.
const TICKS: i64 = 100;

/// Finds them.
pub fn find(here: &Here<'_>) -> Vec<Process> {
    let boot = here
        .text("/proc/stat", "when services started")
        .and_then(|text| text.lines().find_map(|line| line.strip_prefix("btime ")?.trim().parse::<i64>().ok()));
    let own = namespace(here, "self");
    let accounts = here.text("/etc/passwd", "who runs services").unwrap_or_default();
    let pids = here.list("/proc", "which services run").into_iter().filter_map(|name| name.parse::<u32>().ok());
    pids.filter_map(|pid| {
        let line = here.bytes(&format!("/proc/{pid}/cmdline"), "what this process is")?;
        let arguments: Vec<String> = line
            .split(|&byte| byte == 0)
            .filter(|word| !word.is_empty())
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect();
        let program = program(&arguments)?;
        let status = here.text(&format!("/proc/{pid}/status"), "whose rights this process has");
        let ids = status.as_deref().and_then(ids);
        // In a copy of a host's files there is nothing to ask.
        if !here.root.is_given() && !Seen::of(pid, &arguments, ids.as_ref(), &accounts).is(program) {
            return None;
        }
        let stat = here.text(&format!("/proc/{pid}/stat"), "when this process started");
        let started =
            stat.as_deref().and_then(started).zip(boot).map(|(ticks, boot)| boot.saturating_add(ticks / TICKS));
        let theirs = namespace(here, &pid.to_string());
        let contained = own.is_some() && theirs.is_some() && own != theirs;
        Some(Process { pid, program, arguments, ids, started, contained })
    })
    .collect()
}

/// What a process is seen to be, whatever it calls itself: anybody may start anything under any name.
#[derive(Debug, Default)]
struct Seen {
    /// The name of its executable; none: it may not be asked for.
    executable: Option<String>,
    /// Nobody but root can have written that, and the script that it runs.
    by_root: bool,
    /// Whose it is.
    uid: Option<u32>,
    /// The name of that user on this host.
    user: Option<String>,
}

/// Users that run the services where packages and deployment tools set them up: kolla's and TripleO's numbers have no names on the host.
const USERS: [&str; 6] = ["root", "cinder", "nova", "qemu", "kvm", "libvirt-qemu"];
const NUMBERS: [u32; 4] = [107, 162, 165, 64055];
const OF_KOLLA: std::ops::Range<u32> = 42400..42500;

impl Seen {
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

    fn is(&self, program: Program) -> bool {
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

fn namespace(here: &Here<'_>, pid: &str) -> Option<std::path::PathBuf> {
    if here.root.is_given() {
        return None;
    }
    std::fs::read_link(format!("/proc/{pid}/ns/mnt")).ok()
}

fn program(arguments: &[String]) -> Option<Program> {
    let name = |at: usize| arguments.get(at).map(|word| word.rsplit('/').next().unwrap_or_default());
    let first = name(0)?;
    let is_qemu = first.starts_with("qemu-system-") || matches!(first, "qemu-kvm" | "kvm");
    if is_qemu {
        return Some(Program::Qemu);
    }
    let is_volume = |name: Option<&str>| name == Some("cinder-volume");
    let by_python = first.starts_with("python") && (is_volume(name(1)) || is_volume(name(2)));
    // Processes that name themselves: `cinder-volume: …`.
    (is_volume(Some(first)) || by_python).then_some(Program::CinderVolume)
}

/// User and groups that count for files: the last of the four of each.
fn ids(status: &str) -> Option<Ids> {
    let line = |name: &str| status.lines().find_map(|line| line.strip_prefix(name));
    let last = |name: &str| line(name)?.split_whitespace().nth(3)?.parse::<u32>().ok();
    let mut gids = vec![last("Gid:")?];
    gids.extend(line("Groups:").into_iter().flat_map(str::split_whitespace).filter_map(|gid| gid.parse::<u32>().ok()));
    let first = gids[0];
    let mut rest = gids.split_off(1);
    rest.retain(|gid| *gid != first);
    rest.sort_unstable();
    rest.dedup();
    gids.extend(rest);
    Some(Ids { uid: last("Uid:")?, gids })
}

/// The 22nd field: ticks since boot. The second, the name, may hold blanks and brackets.
fn started(stat: &str) -> Option<i64> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

/// What `--config-file` and `--config-dir` name on a command line, in order; whether each is a folder.
pub fn layers(arguments: &[String]) -> Vec<(bool, String)> {
    let mut layers = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        for (flag, is_folder) in [("--config-file", false), ("--config-dir", true)] {
            match word.strip_prefix(flag) {
                Some("") => layers.extend(words.next().map(|path| (is_folder, path.clone()))),
                Some(rest) => layers.extend(rest.strip_prefix('=').map(|path| (is_folder, path.to_string()))),
                None => {}
            }
        }
    }
    layers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_lines_and_fields() {
        let words = |line: &str| line.split(' ').map(str::to_string).collect::<Vec<_>>();
        let line = words("/usr/bin/python3 /usr/bin/cinder-volume --config-file /a --config-dir=/b --config-file=/c");
        assert_eq!(program(&line), Some(Program::CinderVolume));
        let expected = [(false, "/a".to_string()), (true, "/b".into()), (false, "/c".into())];
        assert_eq!(layers(&line), expected);
        assert_eq!(program(&words("/usr/libexec/qemu-kvm -name guest=a")), Some(Program::Qemu));
        assert_eq!(program(&words("vim /etc/cinder/cinder-volume")), None);
        let seen = |executable: &str, by_root, uid, user: &str| Seen {
            executable: (!executable.is_empty()).then(|| executable.to_string()),
            by_root,
            uid: Some(uid),
            user: (!user.is_empty()).then(|| user.to_string()),
        };
        for (seen, program) in [
            (seen("qemu-system-x86_64", true, 107, "qemu"), Program::Qemu),
            (seen("qemu-kvm (deleted)", true, 42436, ""), Program::Qemu),
            (seen("", false, 990, "cinder"), Program::CinderVolume),
            (seen("python3.12", true, 42407, ""), Program::CinderVolume),
        ] {
            assert!(seen.is(program), "{seen:?}");
        }
        for (seen, program) in [
            // `exec -a qemu-kvm sleep 20`
            (seen("sleep", true, 107, "qemu"), Program::Qemu),
            (seen("qemu-kvm", false, 107, "qemu"), Program::Qemu),
            (seen("qemu-system-x86_64", true, 65534, "nobody"), Program::Qemu),
            (seen("", false, 1000, "eve"), Program::Qemu),
            (seen("python3.12", true, 1000, "eve"), Program::CinderVolume),
            (seen("python3.12", false, 165, "cinder"), Program::CinderVolume),
        ] {
            assert!(!seen.is(program), "{seen:?}");
        }
        let found = ids("Name:\tx\nUid:\t0\t0\t0\t107\nGid:\t1\t1\t1\t36\nGroups:\t107 36 9 \n");
        assert_eq!(found, Some(Ids { uid: 107, gids: vec![36, 9, 107] }));
        assert_eq!(started("7 (a) b) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20"), Some(4711));
    }
}
