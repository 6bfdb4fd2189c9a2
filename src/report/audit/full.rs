//! For people at a terminal: a verdict over each backend first, then what it rests on.

use std::io::{self, Write};

use super::{date, days_ago, owned, size, steps};
use crate::{
    audit::model::{Answer, Backend, Document, Host, Machine, Share},
    style::Style,
    text::{counted, one_line},
};

/// Guests that are listed; the JSON has all.
const GUESTS: usize = 10;
/// Classes of a share that are listed.
const CLASSES: usize = 12;

/// Writes the report.
///
/// # Errors
/// Those of the writer.
pub fn write(document: &Document, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut text = Vec::new();
    for (at, host) in document.hosts.iter().enumerate() {
        if at > 0 {
            writeln!(text)?;
        }
        Page { style, out: &mut text }.host(host)?;
    }
    let sum = &document.summary;
    writeln!(
        text,
        "\n{}, {}, {}, {} of them volumes and snapshots ({} closed to a user who needs them); {}, {} denied; {}, {}, {}",
        counted(sum.hosts, "host"),
        counted(sum.shares, "share"),
        counted(sum.files, "file"),
        sum.disks,
        sum.closed,
        counted(sum.machines, "guest"),
        sum.machines_denied,
        counted(sum.error, "error"),
        counted(sum.warning, "warning"),
        counted(sum.info, "info")
    )?;
    out.write_all(&text)
}

struct Page<'p> {
    style: &'p Style,
    out: &'p mut dyn Write,
}

impl Page<'_> {
    fn head(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "\n{}", self.style.paint("1", text))
    }

    /// A text with its later lines indented, within the width.
    fn wrapped(&mut self, lead: &str, indent: usize, text: &str) -> io::Result<()> {
        let mut line = lead.to_string();
        let mut empty = true;
        for word in one_line(text).split(' ') {
            if !empty && line.chars().count() + 1 + word.chars().count() > self.style.width {
                writeln!(self.out, "{}", line.trim_end())?;
                line = " ".repeat(indent);
            } else if !empty {
                line.push(' ');
            }
            line.push_str(word);
            empty = false;
        }
        writeln!(self.out, "{}", line.trim_end())
    }

    fn host(&mut self, host: &Host) -> io::Result<()> {
        let from: Vec<String> =
            host.deployments.iter().map(|one| format!("{} ({})", one.files.join(" + "), one.found)).collect();
        let from = if from.is_empty() { "no cinder.conf".to_string() } else { from.join("; ") };
        self.wrapped("", 2, &format!("{}: {from}, as Cinder {} reads it", host.name, host.release))?;
        if !host.complete {
            writeln!(self.out, "{}", self.style.paint("33", "stopped early: the report shows what was seen by then"))?;
        }
        self.head("Verdict")?;
        for backend in &host.backends {
            self.backend(backend)?;
        }
        if host.backends.is_empty() {
            for share in &host.shares {
                let text = format!(
                    "{} at {}: {}, {} closed to a user who needs them",
                    share.address,
                    share.mount_point,
                    counted(share.disks(), "volume file"),
                    share.closed
                );
                self.wrapped("  ", 4, &text)?;
            }
        }
        if host.backends.is_empty() && host.shares.is_empty() {
            writeln!(self.out, "  nothing to check: no NAS backend is configured, and no share is mounted")?;
        }
        self.findings(host)?;
        self.steps(host)?;
        for share in &host.shares {
            self.share(share, host)?;
        }
        self.identities(host)?;
        self.machines(host)?;
        self.logs(host)?;
        if !host.unseen.is_empty() {
            self.head("Not seen, and what is therefore unknown")?;
            for one in &host.unseen {
                self.wrapped("  ", 4, &format!("{}: {}. Open: {}", one.what, one.why, one.leaves_open))?;
            }
        }
        Ok(())
    }

    fn backend(&mut self, backend: &Backend) -> io::Result<()> {
        let color = match backend.state.as_str() {
            "clean" => "32",
            "broken" => "1;31",
            _ => "33",
        };
        let name = one_line(&format!("[{}]", backend.name)).into_owned();
        writeln!(
            self.out,
            "  {} {}",
            self.style.paint("1;36", &name),
            self.style.paint(color, &backend.state.to_uppercase())
        )?;
        self.wrapped("    ", 4, &backend.verdict)?;
        let (operations, permissions) = (&backend.operations, &backend.permissions);
        let both = [("operations and _permissions", operations)];
        let each = [("operations", operations), ("permissions", permissions)];
        for (option, force) in if operations == permissions { &both[..] } else { &each } {
            let configured = force.configured.as_deref().unwrap_or("not set");
            let text = format!(
                "nas_secure_file_{option}: {configured}; now {}, after a restart {} ({})",
                force.now, force.restart, force.because
            );
            self.wrapped("    ", 6, &text)?;
        }
        for moment in &backend.told {
            let time = moment.time.as_deref().unwrap_or("at an unknown time");
            self.wrapped("    log: ", 6, &format!("{time} {} ({}:{})", moment.what, moment.file, moment.line))?;
        }
        Ok(())
    }

    fn findings(&mut self, host: &Host) -> io::Result<()> {
        if host.findings.is_empty() {
            return Ok(());
        }
        self.head("Findings")?;
        for finding in &host.findings {
            let color = match finding.severity.as_str() {
                "error" => "1;31",
                "warning" => "33",
                _ => "2",
            };
            let severity = self.style.paint(color, &one_line(&finding.severity));
            writeln!(
                self.out,
                "  {} {severity} {}",
                self.style.paint("1;36", &one_line(&finding.rule)),
                one_line(&finding.name)
            )?;
            self.wrapped("    ", 4, &finding.message)?;
            if let Some(help) = &finding.help {
                self.wrapped("    help: ", 10, help)?;
            }
        }
        Ok(())
    }

    fn steps(&mut self, host: &Host) -> io::Result<()> {
        let steps = steps(host);
        if steps.is_empty() {
            return Ok(());
        }
        self.head("What to do, in this order (cinderlint has done none of it)")?;
        for (at, (step, rule)) in steps.iter().enumerate() {
            self.wrapped(&format!("  {}. ", at + 1), 5, &format!("{} ({rule})", step.title))?;
            // Not wrapped: it is there to be copied.
            writeln!(self.out, "     {}", self.style.paint("36", &one_line(&step.run)))?;
        }
        writeln!(self.out, "  {}. run `cinderlint audit` again", steps.len() + 1)?;
        Ok(())
    }

    fn share(&mut self, share: &Share, host: &Host) -> io::Result<()> {
        self.head(&one_line(&format!("Share {}", share.address)))?;
        let mount = match (&share.mount, share.mounted.as_str()) {
            (Some(mount), _) => {
                let words = [
                    Some(mount.fs_type.clone()),
                    mount.version.as_ref().map(|version| format!("vers={version}")),
                    mount.sec.as_ref().map(|sec| format!("sec={sec}")),
                    mount.read_only.then(|| "READ-ONLY".to_string()),
                    mount.soft.then(|| "soft".to_string()),
                ];
                words.into_iter().flatten().collect::<Vec<_>>().join(" ")
            }
            (None, "no") => "NOT MOUNTED".into(),
            (None, _) => "what is mounted is not known".into(),
        };
        let used = if share.backends.is_empty() { "no backend".to_string() } else { share.backends.join(", ") };
        self.wrapped("  ", 4, &format!("at {} ({mount}), used by {used}", share.mount_point))?;
        if !share.also_at.is_empty() {
            self.wrapped("  ", 4, &format!("the same files are at {}", share.also_at.join(", ")))?;
        }
        let indicator = match (&share.indicator.owned, share.indicator.modified) {
            (Some(owned), Some(time)) => format!(
                "indicator: {} ({}), {} {}:{}, of {}, {} days ago",
                share.indicator.state,
                share.indicator.kind.as_deref().unwrap_or("?"),
                owned.mode,
                owned.owner,
                owned.group,
                date(time),
                days_ago(time)
            ),
            _ => format!("indicator: {}", share.indicator.state),
        };
        let consulted = if share.consulted { "; it decides `auto`" } else { "" };
        self.wrapped("  ", 4, &format!("{indicator}{consulted}"))?;
        let folder = share
            .folder
            .as_ref()
            .map(|folder| format!("; the folder itself: {} {}:{}", folder.mode, folder.owner, folder.group));
        let expected = share.expected_mode.as_ref().map(|mode| format!("; new files get {mode}"));
        let answered = match share.answered.as_str() {
            "yes" => String::new(),
            "no" => "; STOPPED ANSWERING".into(),
            other => format!("; checked: {other}"),
        };
        self.wrapped(
            "  ",
            4,
            &format!(
                "{}, {}{}{}{answered}",
                counted(share.files, "file"),
                size(share.bytes),
                expected.unwrap_or_default(),
                folder.unwrap_or_default()
            ),
        )?;
        for class in share.classes.iter().take(CLASSES) {
            let access: Vec<String> = host
                .identities
                .iter()
                .zip(&class.access)
                .filter(|_| class.kind.is_disk())
                .map(|(identity, access)| format!("{} {}", identity.label, can(access)))
                .collect();
            let made = match class.as_made.as_str() {
                "no" => " (not the mode of the value in force)",
                "clone" => " (the mode of volumes from snapshots, clones and the image cache)",
                _ => "",
            };
            let access = if access.is_empty() { String::new() } else { format!("; {}", access.join(", ")) };
            let text = format!("{:>9} {:11} {}{made}{access}", class.files, class.kind.name(), owned(class));
            self.wrapped("  ", 12, &text)?;
            let examples = class.examples.join(" ");
            if class.kind.is_disk() && !examples.is_empty() {
                let more = if class.more > 0 { format!(" and {} more", class.more) } else { String::new() };
                self.wrapped("            ", 12, &format!("{examples}{more}"))?;
            }
        }
        if share.classes.len() > CLASSES {
            writeln!(self.out, "  and {} more kinds; the JSON has them", share.classes.len() - CLASSES)?;
        }
        let odd = [
            (share.unclassed, "files of other kinds"),
            (share.vanished, "names disappeared during the walk"),
            (share.unreadable_count, "folders cannot be read"),
            (share.other_file_systems, "folders are other file systems and were not searched"),
        ];
        for (count, what) in odd.into_iter().filter(|(count, _)| *count > 0) {
            writeln!(self.out, "  {count} {what}")?;
        }
        Ok(())
    }

    fn identities(&mut self, host: &Host) -> io::Result<()> {
        if host.identities.is_empty() {
            return Ok(());
        }
        self.head("Identities")?;
        for one in &host.identities {
            let gids: Vec<String> = one.gids.iter().map(u32::to_string).collect();
            let text =
                format!("{} {} (uid {}, gids {}): {}", one.role.name(), one.label, one.uid, gids.join(","), one.from);
            self.wrapped("  ", 4, &text)?;
        }
        if let Some(qemu) = &host.qemu {
            let word = |on: bool| if on { "on" } else { "off" };
            let text = format!(
                "qemu.conf: dynamic_ownership {}, remember_owner {}; with the first, libvirt gives a file to qemu when its guest starts, if the server allows root to do that",
                word(qemu.dynamic_ownership),
                word(qemu.remember_owner)
            );
            self.wrapped("  ", 4, &text)?;
        }
        for one in &host.nfs {
            self.wrapped("  ", 4, &format!("{}: {} = {}", one.file, one.name, one.value))?;
        }
        Ok(())
    }

    fn machines(&mut self, host: &Host) -> io::Result<()> {
        if host.machines.is_empty() {
            return Ok(());
        }
        let mut machines: Vec<&Machine> = host.machines.iter().collect();
        machines.sort_by_key(|machine| !machine.is_denied());
        self.head(&format!(
            "Guests ({}, {} denied)",
            machines.len(),
            machines.iter().filter(|machine| machine.is_denied()).count()
        ))?;
        for machine in machines.iter().take(GUESTS) {
            let instance = machine.instance.as_deref().map(|name| format!(" {name}")).unwrap_or_default();
            let running = if machine.running { "runs" } else { "does not run" };
            self.wrapped("  ", 4, &format!("{}{instance} {} ({running})", machine.domain, machine.uuid))?;
            for disk in &machine.disks {
                let state = match (disk.there, disk.open) {
                    (Answer::No, _) => "IS NOT THERE",
                    (_, Answer::Yes) => "can be opened",
                    (_, Answer::No) => "CANNOT BE OPENED",
                    (_, Answer::Unknown) => "not known",
                };
                let owned = disk.owned.as_ref().map(|owned| format!(" {} {}:{}", owned.mode, owned.owner, owned.group));
                let by = disk.qemu.as_deref().unwrap_or("an unknown user");
                self.wrapped(
                    "    ",
                    6,
                    &format!("{} {}{}: {state} by {by}", disk.target, disk.file, owned.unwrap_or_default()),
                )?;
            }
        }
        if machines.len() > GUESTS {
            writeln!(self.out, "  and {} more; the JSON has them", machines.len() - GUESTS)?;
        }
        Ok(())
    }

    fn logs(&mut self, host: &Host) -> io::Result<()> {
        if host.logs.is_empty() {
            return Ok(());
        }
        self.head("Logs")?;
        for log in &host.logs {
            self.wrapped("  ", 4, &format!("{}: {} lines", log.file, log.lines))?;
            for event in log.events.iter().take(GUESTS) {
                let backends =
                    if event.backends.is_empty() { String::new() } else { format!(" ({})", event.backends.join(", ")) };
                self.wrapped("    ", 6, &format!("{} × {} {}{backends}", event.count, event.kind, event.about))?;
            }
            if log.events.len() > GUESTS {
                writeln!(self.out, "    and {} more; the JSON has them", log.events.len() - GUESTS)?;
            }
        }
        Ok(())
    }
}

fn can(access: &crate::audit::model::Access) -> &'static str {
    match (access.open, access.read, access.write) {
        (Answer::Yes, ..) => "can open",
        (Answer::Unknown, ..) => "unknown",
        (_, Answer::Yes, Answer::Yes) => "can read or write, but not both",
        (_, Answer::Yes, _) => "can only read",
        (_, _, Answer::Yes) => "can only write",
        _ => "CANNOT open",
    }
}
