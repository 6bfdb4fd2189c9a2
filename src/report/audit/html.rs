//! One self-contained page: no script, nothing from elsewhere, readable on a phone, in light and in dark.
//!
//! It is well-formed XML as well. Every number carries the place in the JSON document that it comes from, in `data-n`.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, Write},
};

use super::{date, owned, size, steps};
use crate::{
    audit::model::{Answer, Backend, Class, Document, Finding, Host, InForce, Machine, Share},
    text::one_line,
};

/// Guests that are listed; a picture shows all.
const GUESTS: usize = 200;

/// Writes the page.
///
/// # Errors
/// Those of the writer.
pub fn write(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { text: String::new() };
    page.text.push_str("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n");
    page.text.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n");
    page.text.push_str(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\" />\n",
    );
    page.text
        .push_str("<meta name=\"color-scheme\" content=\"light dark\" />\n<link rel=\"icon\" href=\"data:,\" />\n");
    let names: Vec<&str> = document.hosts.iter().map(|host| host.name.as_str()).take(3).collect();
    let _ = write!(
        page.text,
        "<title>cinderlint audit: {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        escape(&names.join(", "))
    );
    page.document(document);
    page.text.push_str("</body>\n</html>\n");
    out.write_all(page.text.as_bytes())
}

const STYLE: &str = include_str!("page.css");

/// A text as it may stand in the page, between tags and in attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

struct Page {
    text: String,
}

/// A number, and where it stands in the JSON.
fn number(value: u64, pointer: &str) -> String {
    format!("<b data-n=\"{pointer}\">{value}</b>")
}

impl Page {
    fn put(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn document(&mut self, document: &Document) {
        let sum = &document.summary;
        self.put("<header><h1>cinderlint audit</h1>");
        let tiles = [
            (sum.hosts, "hosts", "hosts", ""),
            (sum.shares, "shares", "shares", ""),
            (sum.files, "files", "files", ""),
            (sum.disks, "disks", "volume files", ""),
            (sum.closed, "closed", "closed to somebody who needs them", if sum.closed > 0 { "bad" } else { "good" }),
            (sum.machines, "machines", "guests", ""),
            (
                sum.machines_denied,
                "machines_denied",
                "guests denied",
                if sum.machines_denied > 0 { "bad" } else { "good" },
            ),
            (sum.error, "error", "errors", if sum.error > 0 { "bad" } else { "good" }),
            (sum.warning, "warning", "warnings", if sum.warning > 0 { "odd" } else { "good" }),
            (sum.info, "info", "infos", ""),
        ];
        let tiles = tiles.map(|(value, name, label, class)| {
            format!(
                "<div class=\"tile {class}\">{}<span>{label}</span></div>",
                number(value, &format!("/summary/{name}"))
            )
        });
        self.put(&format!("<div class=\"tiles\">{}</div></header>", tiles.concat()));
        for (at, host) in document.hosts.iter().enumerate() {
            self.host(host, &format!("/hosts/{at}"));
        }
        let version = escape(&document.tool.version);
        self.put(&format!(
            "<footer>cinderlint {version}. Nothing was changed; the commands are there to be read first.</footer>"
        ));
    }

    fn host(&mut self, host: &Host, at: &str) {
        self.put(&format!("<main><h2>{}</h2>", escape(&host.name)));
        for one in &host.deployments {
            self.put(&format!(
                "<p class=\"dim\">{} ({}), as Cinder {} reads it</p>",
                escape(&one.files.join(" + ")),
                escape(&one.found),
                escape(&host.release)
            ));
        }
        if !host.complete {
            self.put("<p class=\"bad\">Stopped before its end: this is what was seen until then.</p>");
        }
        self.put("<section><h3>Verdict</h3>");
        for backend in &host.backends {
            self.backend(backend);
        }
        if host.backends.is_empty() {
            self.put("<p>No NAS backend is configured here; the shares that are mounted are below.</p>");
        }
        self.put("</section>");
        for (nth, share) in host.shares.iter().enumerate() {
            self.share(share, host, nth, &format!("{at}/shares/{nth}"));
        }
        if !host.findings.is_empty() {
            self.put("<section><h3>Findings</h3>");
            for finding in &host.findings {
                self.finding(finding);
            }
            self.put("</section>");
        }
        let steps = steps(host);
        if !steps.is_empty() {
            self.put(
                "<section><h3>What to do, in this order</h3><p class=\"dim\">Nothing of it has been done.</p><ol>",
            );
            for (step, rule) in steps {
                self.put(&format!(
                    "<li>{} <span class=\"dim\">{}</span><pre>{}</pre></li>",
                    escape(&step.title),
                    escape(rule),
                    escape(&step.run)
                ));
            }
            self.put("<li>look again with <code>cinderlint audit</code></li></ol></section>");
        }
        self.logs(host, at);
        if !host.unseen.is_empty() {
            self.put("<section><h3>Not seen, and what that leaves open</h3><ul>");
            for one in &host.unseen {
                self.put(&format!(
                    "<li>{}: {}. <span class=\"dim\">Open: {}</span></li>",
                    escape(&one.what),
                    escape(&one.why),
                    escape(&one.leaves_open)
                ));
            }
            self.put("</ul></section>");
        }
        self.put("</main>");
    }

    fn backend(&mut self, backend: &Backend) {
        let class = match backend.state.as_str() {
            "clean" => "good",
            "broken" => "bad",
            _ => "odd",
        };
        self.put(&format!(
            "<article class=\"card {class}\"><h4>{} <span class=\"state\">{}</span></h4><p>{}</p><dl>",
            escape(&backend.name),
            escape(&backend.state),
            escape(&backend.verdict)
        ));
        let (operations, permissions) = (&backend.operations, &backend.permissions);
        let both = [("nas_secure_file_operations, nas_secure_file_permissions", operations)];
        let each = [("nas_secure_file_operations", operations), ("nas_secure_file_permissions", permissions)];
        let rows: &[(&str, &InForce)] = if operations == permissions { &both } else { &each };
        for (name, force) in rows {
            self.put(&format!(
                "<dt><code>{name}</code></dt><dd>{}; now <b>{}</b>, after a restart <b>{}</b> <span class=\"dim\">{}</span></dd>",
                escape(force.configured.as_deref().unwrap_or("unset")),
                escape(&force.now),
                escape(&force.restart),
                escape(&force.because)
            ));
        }
        self.put("</dl></article>");
    }

    fn finding(&mut self, finding: &Finding) {
        let class = match finding.severity.as_str() {
            "error" => "bad",
            "warning" => "odd",
            _ => "",
        };
        let help =
            finding.help.as_ref().map(|help| format!("<p class=\"dim\">{}</p>", escape(help))).unwrap_or_default();
        self.put(&format!(
            "<article class=\"card {class}\"><h4>{} <span class=\"dim\">{}</span> <span class=\"state\">{}</span></h4><p>{}</p>{help}</article>",
            escape(&finding.rule),
            escape(&finding.name),
            escape(&finding.severity),
            escape(&finding.message)
        ));
    }

    fn share(&mut self, share: &Share, host: &Host, nth: usize, at: &str) {
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
        let decides = if share.consulted { "; the decision over <code>auto</code> looks here" } else { "" };
        let expected = share.expected_mode.as_ref().map(|mode| format!("; the value in force makes {}", escape(mode)));
        let answered = if share.answered == "yes" {
            String::new()
        } else {
            format!("; <b class=\"bad\">looked at: {}</b>", escape(&share.answered))
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
                "no" => " <span class=\"odd\">not as the value in force makes them</span>",
                "clone" => " <span class=\"dim\">as Cinder makes them from snapshots and clones</span>",
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
            (share.unclassed, "unclassed", "files of still more kinds"),
            (share.vanished, "vanished", "names vanished during the walk"),
            (share.unreadable_count, "unreadable_count", "folders cannot be read"),
            (share.other_file_systems, "other_file_systems", "folders are other file systems and were not entered"),
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
            if here.clone().any(|disk| disk.open == Answer::No || disk.there == "no") {
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

    fn logs(&mut self, host: &Host, at: &str) {
        if host.logs.is_empty() {
            return;
        }
        self.put("<section><h3>Logs</h3><ul>");
        for (nth, log) in host.logs.iter().enumerate() {
            self.put(&format!(
                "<li><code>{}</code>, {} lines<ul>",
                escape(&log.file),
                number(log.lines, &format!("{at}/logs/{nth}/lines"))
            ));
            for (event, one) in log.events.iter().enumerate().take(GUESTS) {
                let count = number(one.count, &format!("{at}/logs/{nth}/events/{event}/count"));
                self.put(&format!(
                    "<li>{count} × {} <code>{}</code> {}</li>",
                    escape(&one.kind),
                    escape(&one.about),
                    escape(&one.backends.join(", "))
                ));
            }
            self.put("</ul></li>");
        }
        self.put("</ul></section>");
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
