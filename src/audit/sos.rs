//! A sosreport: a copy of a host that has the output of commands instead of some files.
//!
//! Sources: sos 4.12.0, `sos/report/plugins/process.py` (command lines are in the output of `ps`, not in `/proc`),
//! `plugins/system.py` and `filesys.py` (`getent`, `mountinfo` of each process). None of them lists the files of a share.

use std::path::Path;

use super::here::Here;

/// The folder that only a sosreport has.
const MANIFEST: &str = "/sos_reports";
/// The outputs of commands about processes.
const PROCESSES: &str = "/sos_commands/process";

/// Whether the copy is one.
pub(super) fn is_one(here: &Here<'_>) -> bool {
    // What is not there, or was not collected, leaves nothing open.
    let entries = || here.root.real(Path::new(MANIFEST)).and_then(|(folder, _)| here.root.fs().list(&folder));
    here.sight.folder().is_some() && entries().is_ok_and(|entries| !entries.is_empty())
}

/// The text of `/etc/passwd` or `/etc/group`, or what `getent` printed in its place. `leaves_open` says what is unknown without it.
pub(super) fn accounts(here: &Here<'_>, name: &str, leaves_open: &str) -> String {
    let of_host = here.text(&format!("/etc/{name}"), leaves_open);
    if of_host.is_none() && is_one(here) {
        return here.text(&format!("/sos_commands/getent/getent_{name}"), leaves_open).unwrap_or_default();
    }
    of_host.unwrap_or_default()
}

/// The command lines by process id that `ps axo …,pid,…,cmd` printed; empty where the copy is no sosreport.
pub(super) fn command_lines(here: &Here<'_>) -> Vec<(u32, Vec<String>)> {
    if !is_one(here) {
        return Vec::new();
    }
    let names = here.list(PROCESSES, "which services run");
    let Some(name) = names.iter().find(|name| name.starts_with("ps_axo_") && name.ends_with("_cmd")) else {
        return Vec::new();
    };
    let text = here.text(&format!("{PROCESSES}/{name}"), "which services run").unwrap_or_default();
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().unwrap_or_default().split_whitespace().collect();
    let at = |wanted: &str| head.iter().position(|column| *column == wanted);
    let (Some(pid), Some(command)) = (at("PID"), at("CMD")) else { return Vec::new() };
    // The start of a process is five words, and stands between the two.
    let command = command + if at("STARTED").is_some() { 4 } else { 0 };
    lines
        .filter_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let arguments = words.get(command..)?.iter().map(|word| word.to_string()).collect();
            Some((words.get(pid)?.parse().ok()?, arguments))
        })
        .collect()
}
