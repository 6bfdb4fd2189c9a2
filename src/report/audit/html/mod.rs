//! One self-contained page: no script, nothing from elsewhere, readable on a phone, in light and in dark.
//!
//! It is well-formed XML as well. Every number carries the place in the JSON document that it comes from, in `data-n`.

mod share;

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use super::steps;
use crate::{
    audit::model::{Backend, Document, Finding, Host, InForce},
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
            (sum.closed, "closed", "closed to a user who needs them", if sum.closed > 0 { "bad" } else { "good" }),
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
            "<footer>cinderlint {version}. cinderlint changed nothing; read the commands before you run them.</footer>"
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
            self.put("<p class=\"bad\">Stopped early: this page shows what was seen by then.</p>");
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
                "<section><h3>What to do, in this order</h3><p class=\"dim\">cinderlint has done none of it.</p><ol>",
            );
            for (step, rule) in steps {
                self.put(&format!(
                    "<li>{} <span class=\"dim\">{}</span><pre>{}</pre></li>",
                    escape(&step.title),
                    escape(rule),
                    escape(&step.run)
                ));
            }
            self.put("<li>run <code>cinderlint audit</code> again</li></ol></section>");
        }
        self.logs(host, at);
        if !host.unseen.is_empty() {
            self.put("<section><h3>Not seen, and what is therefore unknown</h3><ul>");
            for one in &host.unseen {
                self.put(&format!(
                    "<li>{}: {}. <span class=\"dim\">Unknown: {}</span></li>",
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
                escape(force.configured.as_deref().unwrap_or("not set")),
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
