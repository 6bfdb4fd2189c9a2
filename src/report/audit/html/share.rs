//! The section of a share: its mount, its files and who can open them, the guests on it.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{
    super::{date, owned, size},
    GUESTS, Page, escape, number,
};
use crate::audit::model::{Answer, Class, Host, Machine, Share};

impl Page {
    pub(super) fn share(&mut self, share: &Share, host: &Host, nth: usize, at: &str) {
        self.put(&format!("<section><h3>{}</h3>", escape(&share.address)));
        let mount = match (&share.mount, share.mounted.as_str()) {
            (Some(mount), _) => {
                let version = mount.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
                let flags = [(mount.read_only, ", read-only"), (mount.soft, ", soft")];
                let flags: String = flags.iter().filter(|(on, _)| *on).map(|(_, word)| *word).collect();
                format!("{}{version} from {}{flags}", mount.fs_type, mount.source)
            }
            (None, "no") => "not mounted".into(),
            (None, _) => "what is mounted is not known".into(),
        };
        let used = if share.backends.is_empty() { "no backend".into() } else { share.backends.join(", ") };
        self.put(&format!(
            "<p><code>{}</code><br />{}; used by {}</p>",
            escape(&share.mount_point),
            escape(&mount),
            escape(&used)
        ));
        let indicator = match (&share.indicator.owned, share.indicator.modified) {
            (Some(owned), Some(time)) => {
                format!("{} ({} {}:{}, of {})", share.indicator.state, owned.mode, owned.owner, owned.group, date(time))
            }
            _ => share.indicator.state.clone(),
        };
        let decides = if share.consulted { "; it decides <code>auto</code>" } else { "" };
        let expected = share.expected_mode.as_ref().map(|mode| format!("; new files get {}", escape(mode)));
        let answered = if share.answered == "yes" {
            String::new()
        } else {
            format!("; <b class=\"bad\">checked: {}</b>", escape(&share.answered))
        };
        self.put(&format!(
            "<p>Indicator: {}{decides}. {} files, {}{}{answered}.</p>",
            escape(&indicator),
            number(share.files, &format!("{at}/files")),
            size(share.bytes),
            expected.unwrap_or_default()
        ));
        let disks: Vec<&Class> = share.classes.iter().filter(|class| class.kind.is_disk()).collect();
        if !disks.is_empty() {
            self.picture("Volume files by mode", &disks, mode, &all(host, mode));
            self.picture("by owner", &disks, owner, &all(host, owner));
        }
        self.classes(share, host, at);
        self.machines(host, nth);
        self.put("</section>");
    }

    /// A bar in which each part is as long as its share of the files.
    fn picture(&mut self, title: &str, classes: &[&Class], part: fn(&Class) -> String, all: &[String]) {
        let mut parts: BTreeMap<String, u64> = BTreeMap::new();
        for class in classes {
            let files = parts.entry(part(class)).or_default();
            *files = files.saturating_add(class.files);
        }
        let whole = parts.values().copied().fold(0, u64::saturating_add).max(1) as f64;
        let spoken: Vec<String> = parts.iter().map(|(name, files)| format!("{files} × {name}")).collect();
        let spoken = escape(&spoken.join(", "));
        let mut bar = format!(
            "<figure><figcaption>{title}</figcaption><svg viewBox=\"0 0 1000 24\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{spoken}\">"
        );
        let mut legend = String::from("<ul class=\"legend\">");
        let mut x = 0.0;
        for (name, files) in &parts {
            let width = (*files as f64 / whole * 1000.0).max(4.0).min(1000.0 - x);
            let color = color(name, all);
            let _ = write!(
                bar,
                "<rect x=\"{x:.1}\" y=\"0\" width=\"{width:.1}\" height=\"24\" class=\"{color}\"><title>{files} × {}</title></rect>",
                escape(name)
            );
            let _ = write!(legend, "<li><i class=\"{color}\"></i>{} × <code>{}</code></li>", files, escape(name));
            x = (x + width).min(1000.0);
        }
        self.put(&format!("{bar}</svg>{legend}</ul></figure>"));
    }

    fn classes(&mut self, share: &Share, host: &Host, at: &str) {
        if share.classes.is_empty() {
            return;
        }
        self.put("<details open=\"open\"><summary>All files, and who can open the volumes</summary><div class=\"wide\"><table><thead><tr><th>files</th><th>kind</th><th>mode and owner</th><th>size</th>");
        for identity in &host.identities {
            self.put(&format!(
                "<th>{} <span class=\"dim\">{}</span></th>",
                escape(&identity.label),
                identity.role.name()
            ));
        }
        self.put("</tr></thead><tbody>");
        for (nth, class) in share.classes.iter().enumerate() {
            let made = match class.as_made.as_str() {
                "no" => " <span class=\"odd\">not the mode of the value in force</span>",
                "clone" => " <span class=\"dim\">the mode of volumes from snapshots and clones</span>",
                _ => "",
            };
            self.put(&format!(
                "<tr><td>{}</td><td>{}</td><td><code>{}</code>{made}<details><summary class=\"dim\">names</summary>{}{}</details></td><td>{}</td>",
                number(class.files, &format!("{at}/classes/{nth}/files")),
                class.kind.name(),
                escape(&owned(class)),
                escape(&class.examples.join(", ")),
                if class.more > 0 { format!(" and {} more", class.more) } else { String::new() },
                size(class.bytes)
            ));
            for access in class.access.iter().take(host.identities.len()) {
                let (style, word) = match (class.kind.is_disk(), access.open) {
                    (false, _) => ("dim", "–"),
                    (_, Answer::Yes) => ("good", "opens"),
                    (_, Answer::No) => ("bad", "cannot"),
                    (_, Answer::Unknown) => ("odd", "unknown"),
                };
                self.put(&format!("<td class=\"{style}\">{word}</td>"));
            }
            self.put("</tr>");
        }
        self.put("</tbody></table></div></details>");
        let odd = [
            (share.unclassed, "unclassed", "files of other kinds"),
            (share.vanished, "vanished", "names disappeared during the walk"),
            (share.unreadable_count, "unreadable_count", "folders cannot be read"),
            (share.other_file_systems, "other_file_systems", "folders are other file systems and were not searched"),
        ];
        for (count, name, what) in odd.into_iter().filter(|(count, ..)| *count > 0) {
            self.put(&format!("<p class=\"odd\">{} {what}</p>", number(count, &format!("{at}/{name}"))));
        }
    }

    fn machines(&mut self, host: &Host, share: usize) {
        let on = |machine: &&Machine| machine.disks.iter().any(|disk| disk.share == Some(share));
        let mut machines: Vec<&Machine> = host.machines.iter().filter(on).collect();
        if machines.is_empty() {
            return;
        }
        let worst = |machine: &Machine| {
            let mut here = machine.disks.iter().filter(|disk| disk.share == Some(share));
            if here.clone().any(|disk| disk.open == Answer::No || disk.there == Answer::No) {
                "bad"
            } else if here.all(|disk| disk.open == Answer::Yes) {
                "good"
            } else {
                "odd"
            }
        };
        machines.sort_by_key(|machine| match worst(machine) {
            "bad" => 0,
            "odd" => 1,
            _ => 2,
        });
        let denied = machines.iter().filter(|machine| worst(machine) == "bad").count();
        let squares: String = machines
            .iter()
            .map(|machine| format!("<i class=\"{}\" title=\"{}\"></i>", worst(machine), escape(&machine.domain)))
            .collect();
        self.put(&format!("<figure><figcaption>{} guests have disks here, {denied} of them cannot open one</figcaption><div class=\"squares\">{squares}</div></figure>", machines.len()));
        self.put("<details><summary>The guests</summary><ul>");
        for machine in machines.iter().take(GUESTS) {
            let instance = machine.instance.as_deref().map(|name| format!(" ({})", escape(name))).unwrap_or_default();
            let disks = machine.disks.iter().filter(|disk| disk.share == Some(share)).map(|disk| {
                let owned = disk.owned.as_ref().map(|owned| format!(" {} {}:{}", owned.mode, owned.owner, owned.group));
                format!(
                    "<br /><code>{} {}</code>{}: {} to open it: {}",
                    escape(&disk.target),
                    escape(&disk.file),
                    escape(&owned.unwrap_or_default()),
                    escape(disk.qemu.as_deref().unwrap_or("an unknown user")),
                    disk.open.name()
                )
            });
            let running = if machine.running { "runs" } else { "does not run" };
            let disks: String = disks.collect();
            self.put(&format!(
                "<li class=\"{}\">{}{instance} <span class=\"dim\">{} {running}</span>{disks}</li>",
                worst(machine),
                escape(&machine.domain),
                escape(&machine.uuid)
            ));
        }
        if machines.len() > GUESTS {
            self.put(&format!("<li>and {} more; the JSON has them</li>", machines.len() - GUESTS));
        }
        self.put("</ul></details>");
    }
}

/// Colours: what is open to everybody, what is not, and the rest in the order in which it stands in `all`.
fn color(name: &str, all: &[String]) -> &'static str {
    match name {
        "0666" => "c-open",
        "0660" => "c-closed",
        _ => ["c-a", "c-b", "c-c", "c-d", "c-e", "c-f"][all.iter().position(|one| one == name).unwrap_or(0) % 6],
    }
}

fn owner(class: &Class) -> String {
    format!("{}:{}", class.owned.owner, class.owned.group)
}

fn mode(class: &Class) -> String {
    class.owned.mode.clone()
}

/// All of a host's modes or owners, so that each has its colour on every share.
fn all(host: &Host, part: fn(&Class) -> String) -> Vec<String> {
    let classes = host.shares.iter().flat_map(|share| &share.classes).filter(|class| class.kind.is_disk());
    let mut all: Vec<String> = classes.map(part).collect();
    all.sort_unstable();
    all.dedup();
    all
}
