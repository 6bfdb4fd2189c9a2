//! Running processes that matter: cinder-volume and qemu (`/proc/PID`, proc(5)).

pub use super::program::{Program, Seen};
use super::{access::Ids, here::Here, sos};

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
    let accounts = sos::accounts(here, "passwd", "who runs services");
    let pids = here.list("/proc", "which services run").into_iter().filter_map(|name| name.parse::<u32>().ok());
    let of_files = pids.filter_map(|pid| {
        let line = here.bytes(&format!("/proc/{pid}/cmdline"), "what this process is")?;
        let words = line.split(|&byte| byte == 0).filter(|word| !word.is_empty());
        Some((pid, words.map(|word| String::from_utf8_lossy(word).into_owned()).collect::<Vec<String>>()))
    });
    let mut lines: Vec<(u32, Vec<String>)> = of_files.collect();
    if lines.is_empty() {
        lines = sos::command_lines(here);
    }
    let found = lines.into_iter().filter_map(|(pid, arguments)| {
        let program = program(&arguments)?;
        let status = here.text(&format!("/proc/{pid}/status"), "whose rights this process has");
        let ids = status.as_deref().and_then(ids);
        let seen = Seen::new(pid, &arguments, ids.as_ref(), &accounts);
        if !here.sight.is_program(&seen, program) {
            return None;
        }
        let stat = here.text(&format!("/proc/{pid}/stat"), "when this process started");
        let started =
            stat.as_deref().and_then(started).zip(boot).map(|(ticks, boot)| boot.saturating_add(ticks / TICKS));
        let contained = here.sight.is_contained(pid);
        Some(Process { pid, program, arguments, ids, started, contained })
    });
    found.collect()
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

/// What is kept of a command line when a host is collected: the program, and for cinder-volume the files that it reads.
pub(super) fn kept_of_command(line: &[u8]) -> Vec<u8> {
    let words = line.split(|&byte| byte == 0).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(|word| String::from_utf8_lossy(word).into_owned()).collect();
    let mut kept: Vec<String> = match program(&words) {
        Some(Program::CinderVolume) => words.iter().take(3).filter(|word| !word.starts_with('-')).cloned().collect(),
        Some(Program::Qemu) => words.iter().take(1).cloned().collect(),
        None => Vec::new(),
    };
    if program(&words) == Some(Program::CinderVolume) {
        // A third word that is the value of a flag is said with its flag.
        kept.retain(|word| !layers(&words).iter().any(|(_, path)| path == word));
        for (is_folder, path) in layers(&words) {
            let flag = if is_folder { "--config-dir" } else { "--config-file" };
            kept.push(format!("{flag}={path}"));
        }
    }
    kept.iter().flat_map(|word| crate::secrets::cover_urls(word).bytes().chain([0]).collect::<Vec<u8>>()).collect()
}

/// What is kept of `/proc/PID/status` when a host is collected.
pub(super) fn kept_of_status(text: &str) -> String {
    let wanted = |line: &&str| ["Uid:", "Gid:", "Groups:"].iter().any(|name| line.starts_with(name));
    text.lines().filter(wanted).map(|line| format!("{line}\n")).collect()
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
    use super::{super::program::Truth, *};

    #[test]
    fn command_lines_and_fields() {
        let words = |line: &str| line.split(' ').map(str::to_string).collect::<Vec<_>>();
        let line = words("/usr/bin/python3 /usr/bin/cinder-volume --config-file /a --config-dir=/b --config-file=/c");
        assert_eq!(program(&line), Some(Program::CinderVolume));
        let expected = [(false, "/a".to_string()), (true, "/b".into()), (false, "/c".into())];
        assert_eq!(layers(&line), expected);
        assert_eq!(program(&words("/usr/libexec/qemu-kvm -name guest=a")), Some(Program::Qemu));
        assert_eq!(program(&words("vim /etc/cinder/cinder-volume")), None);
        let seen = |executable: &str, by_root, uid, user: &str| Truth {
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
