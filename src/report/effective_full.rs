//! What `effective` says, for people: a table a backend.

use std::io::{self, Write};

use serde_json::Value;

use super::{
    effective::{Assessed, names, options},
    view::Views,
};
use crate::{
    config::{Backend, Config},
    nas::{Family, Nas, Starts},
    secrets,
    source::Files,
    style::Style,
    text::one_line,
};

/// Writes a table a backend.
///
/// # Errors
/// Those of the writer.
pub fn write_human(
    files: &Files,
    assessed: &[Assessed<'_>],
    all: bool,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let views = Views::new(files);
    for (at, one) in assessed.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        let paths = names(one, |id| views.get(id).shown());
        writeln!(out, "{} as Cinder {} reads it", style.paint("1", &paths.join(" + ")), one.config.release.title())?;
        if one.backends.is_empty() {
            writeln!(
                out,
                "\n  no backend: `enabled_backends` is empty or not set, and no section sets `volume_driver`"
            )?;
        }
        for backend in &one.backends {
            let nas = one.nas(backend);
            writeln!(out)?;
            human_backend(&views, backend, &nas, style, out)?;
            if all {
                human_options(&views, &one.config, backend, &nas, out)?;
            }
        }
    }
    Ok(())
}

/// What is said of one backend.
pub fn backend_text(files: &Files, assessed: &Assessed<'_>, name: &str, style: &Style) -> Option<String> {
    let views = Views::new(files);
    let backend = assessed.backends.iter().find(|backend| *backend.name == *name)?;
    let mut text = Vec::new();
    human_backend(&views, backend, &assessed.nas(backend), style, &mut text).ok()?;
    String::from_utf8(text).ok()
}

fn human_backend(
    views: &Views<'_>,
    backend: &Backend,
    nas: &Nas<'_>,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let class = nas.driver.class.rsplit('.').next().unwrap_or_default();
    let starts = match nas.starts {
        Starts::Yes => String::new(),
        Starts::No => format!("  {}", style.paint("1;31", "does not start")),
        Starts::Undetermined => format!("  {}", style.paint("33", "may not start")),
    };
    let starts =
        if nas.driver.family == Family::Unknown && nas.starts == Starts::Undetermined { String::new() } else { starts };
    let disabled = if backend.enabled { "" } else { "  (not in enabled_backends)" };
    let name = clean(&format!("[{}]", secrets::cover_section(&backend.name)));
    writeln!(out, "{}  {}{disabled}{starts}", style.paint("1;36", &name), clean(&secrets::cover_urls(class)))?;
    if let Some(error) = &nas.start_error {
        wrapped(out, style, "  ", &clean(&secrets::cover_urls(&error.to_string())))?;
    }
    let rows: Vec<[String; 4]> = [&nas.operations, &nas.permissions]
        .into_iter()
        .map(|option| {
            let configured = match &option.text.setting {
                Some(setting) => clean(&secrets::cover_urls(&setting.value())),
                None => "not set (auto)".into(),
            };
            let from = match &option.text.setting {
                Some(setting) => match views.line(setting.key_place()) {
                    Some((file, line)) => format!("{}:{line}", views.get(file).shown()),
                    None => views.get(setting.file).shown().to_string(),
                },
                None => "Cinder's default".into(),
            };
            [option.name.to_string(), option.effective.name().to_string(), configured, from]
        })
        .collect();
    let head = ["option", "effective", "configured", "from"];
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).chain([head[at].len()]).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    let line = |cells: [&str; 4]| {
        let [a, b, c] = widths;
        format!("  {:a$}  {:b$}  {:c$}  {}", cells[0], cells[1], cells[2], cells[3])
    };
    writeln!(out, "{}", style.paint("2", &line(head)))?;
    for row in &rows {
        let text = line([&row[0], &row[1], &row[2], &row[3]]);
        let color = match row[1].as_str() {
            "true" => "32",
            "false" => "36",
            "error" => "1;31",
            _ => "33",
        };
        let padded = format!("{:width$}", row[1], width = widths[1]);
        writeln!(out, "{}", text.replacen(&padded, &style.paint(color, &padded), 1).trim_end())?;
    }
    if nas.start_error.is_none() {
        let (first, second) = (&nas.because(&nas.operations), &nas.because(&nas.permissions));
        // The table says what is configured; what follows is often the same for both.
        if first.consequence() == second.consequence() {
            wrapped(out, style, "  why: ", &clean(&secrets::cover_urls(&first.consequence())))?;
        } else {
            wrapped(out, style, "  operations: ", &clean(&secrets::cover_urls(&first.to_string())))?;
            wrapped(out, style, "  permissions: ", &clean(&secrets::cover_urls(&second.to_string())))?;
        }
    }
    for share in &nas.listing.shares {
        let point = share.mount_point.as_deref().unwrap_or("an unknown place");
        let looked = if share.consulted { ", consulted" } else { "" };
        let indicator = match share.indicator {
            crate::nas::Indicator::Present => "indicator present",
            crate::nas::Indicator::Absent => "no indicator",
            crate::nas::Indicator::Unknown => "not visible here",
        };
        let text = format!("{} at {point} ({indicator}{looked})", secrets::cover_urls(&share.share.address));
        wrapped(out, style, "  share: ", &clean(&text))?;
    }
    Ok(())
}

fn human_options(
    views: &Views<'_>,
    config: &Config<'_>,
    backend: &Backend,
    nas: &Nas<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Value::Object(options) = options(views, config, backend, nas, true) else { return Ok(()) };
    for (name, entry) in &options {
        let value = entry["value"].as_str().unwrap_or("not set");
        let from = match (entry["origin"]["file"].as_str(), entry["origin"]["line"].as_u64()) {
            (Some(file), Some(line)) => format!("{file}:{line}"),
            _ => entry["origin"]["layer"].as_str().unwrap_or("default").into(),
        };
        writeln!(out, "    {} = {}  ({from})", clean(name), clean(value))?;
    }
    Ok(())
}

/// Writes a text with its later lines indented, within the width.
fn wrapped(out: &mut dyn Write, style: &Style, lead: &str, text: &str) -> io::Result<()> {
    let indent = " ".repeat(lead.len().min(4));
    let mut line = lead.to_string();
    let mut empty = true;
    for word in text.split(' ') {
        if !empty && line.chars().count() + 1 + word.chars().count() > style.width {
            writeln!(out, "{}", line.trim_end())?;
            line.clone_from(&indent);
        } else if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    writeln!(out, "{}", line.trim_end())
}

/// Nothing in a value may steer the terminal.
fn clean(text: &str) -> String {
    one_line(text).into_owned()
}
