//! What `effective` says: a table a backend for people, and the JSON of the contract.

use std::{
    io::{self, Write},
    sync::Arc,
};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{tool_error::ToolError, view::Views};
use crate::{
    catalog::{self, Default},
    config::{Backend, Config, Exception, Setting},
    lint::{Deployment, Rule, starts::Ends},
    nas::{self, Family, Host, Nas, NasOption, Python, Starts},
    secrets,
    source::{FileId, Files},
    style::Style,
    text::one_line,
};

/// One deployment, worked out; what its backends do is worked out when it is asked for, since there may be very many.
pub struct Assessed<'f> {
    deployment: &'f Deployment,
    host: &'f Host,
    config: Config<'f>,
    /// First the enabled ones, then sections that look like backends.
    backends: Vec<Backend>,
    /// At what Cinder stops when it reads the files.
    broken: Option<Exception>,
    /// What the rules say of its start.
    ends: Ends,
}

impl<'f> Assessed<'f> {
    /// A deployment as its own release reads it on a host.
    pub fn new(files: &'f Files, deployment: &'f Deployment, host: &'f Host, rules: &[Arc<Rule>]) -> Self {
        let config = deployment.config(files, deployment.release);
        let backends = config.all_backends();
        let broken = config.read_error(host.python == Python::Three);
        let ends = Ends::of(files, deployment, host, rules);
        Self { deployment, host, config, backends, broken, ends }
    }

    fn nas(&self, backend: &Backend) -> Nas<'f> {
        let mut nas = nas::assess(&self.config, backend, self.host);
        // A class that cannot be loaded comes before what a rule says.
        let by_rule = || if nas.starts == Starts::No { None } else { self.ends.of_backend(backend) };
        if let Some(error) = self.broken.as_ref().or_else(by_rule) {
            nas.never_reached(error);
        }
        nas
    }
}

/// Writes the JSON of the contract; with `all`, every option of each backend's driver.
///
/// # Errors
/// Those of the writer.
pub fn write_json(
    files: &Files,
    assessed: &[Assessed<'_>],
    errors: &[ToolError],
    release: catalog::Release,
    all: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let views = Views::new(files);
    let errors: Vec<Value> = errors.iter().map(|e| json!({"file": e.file, "message": e.message})).collect();
    let document = Document {
        schema_version: 1,
        release: release.name(),
        deployments: Each(|| assessed.iter().map(|one| deployment(&views, one, all))),
        errors,
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

#[derive(Serialize)]
struct Document<'d, D: Serialize> {
    schema_version: u32,
    release: &'d str,
    deployments: D,
    errors: Vec<Value>,
}

#[derive(Serialize)]
struct OfDeployment<'d, B: Serialize> {
    files: Vec<&'d str>,
    backends: B,
}

fn deployment<'d>(views: &'d Views<'_>, one: &'d Assessed<'_>, all: bool) -> impl Serialize + use<'d> {
    OfDeployment {
        files: names(one, |id| views.get(id).relative()),
        backends: Each(move || {
            one.backends.iter().map(move |backend| backend_json(views, &one.config, backend, &one.nas(backend), all))
        }),
    }
}

/// A list whose items are made one by one, as they are written: ten thousand backends with a hundred shares each take a lot of room.
pub(crate) struct Each<F>(pub(crate) F);

impl<F: Fn() -> I, I: Iterator<Item: Serialize>> Serialize for Each<F> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// The names of a deployment's layers; pieces of one file are that file.
fn names<'v>(one: &Assessed<'_>, name: impl Fn(FileId) -> &'v str) -> Vec<&'v str> {
    let mut names: Vec<&str> = Vec::new();
    for &id in &one.deployment.layers {
        let name = name(id);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Where a line stands on disk; what a program adds has its name instead.
fn origin(views: &Views<'_>, setting: &Setting<'_>) -> Value {
    match views.line(setting.key_place()) {
        Some((file, line)) => json!({"file": views.get(file).relative(), "line": line}),
        None => json!({"layer": views.get(setting.file).relative()}),
    }
}

fn backend_json(views: &Views<'_>, config: &Config<'_>, backend: &Backend, nas: &Nas<'_>, all: bool) -> Value {
    let shares: Vec<Value> = nas
        .listing
        .shares
        .iter()
        .map(|share| {
            json!({
                "address": secrets::cover_urls(&share.share.address),
                "options": share.share.options.as_deref().map(secrets::cover_urls),
                "mount_point": share.mount_point,
                "consulted": share.consulted,
                "indicator": share.indicator.name(),
            })
        })
        .collect();
    let option = |option: &NasOption<'_>| {
        let origin = match (&option.text.setting, nas.driver.family) {
            (_, Family::ForcedTrue) if nas.starts != Starts::No => json!({"driver": "forced"}),
            (Some(setting), _) => origin(views, setting),
            (None, _) => json!({"default": "cinder"}),
        };
        json!({
            "configured": option.text.setting.map(|setting| secrets::cover_urls(&setting.value()).into_owned()),
            "origin": origin,
            "effective": option.effective.name(),
            "if_new_install": option.if_new_install.name(),
            "if_existing": option.if_existing.name(),
            "because": secrets::cover_urls(&nas.because(option).to_string()),
        })
    };
    json!({
        "name": secrets::cover_section(&backend.name),
        "enabled": backend.enabled,
        "driver": secrets::cover_urls(&backend.driver),
        "class": secrets::cover_urls(&nas.driver.class),
        "family": nas.driver.family.name(),
        "shares": shares,
        "nas": {
            "nas_secure_file_operations": option(&nas.operations),
            "nas_secure_file_permissions": option(&nas.permissions),
        },
        "starts": nas.starts.name(),
        "start_error": nas.start_error.as_ref().map(|error| secrets::cover_urls(&error.to_string()).into_owned()),
        "options": options(views, config, backend, nas, all),
    })
}

/// What the files set for a backend, and with `all` what its driver reads beside.
fn options(views: &Views<'_>, config: &Config<'_>, backend: &Backend, nas: &Nas<'_>, all: bool) -> Value {
    let mut options = Map::new();
    for setting in config.backend_settings(backend) {
        let written = setting.key();
        // An option may be set under an older name as well: what counts is said once, under its own name.
        let known = catalog::backend_option(config.release, &written)
            .or_else(|| catalog::backend_option_once_called(config.release, &written));
        let key = known.map_or(written.as_ref(), |known| known.name());
        let covered = secrets::cover_key(key).into_owned();
        if options.contains_key(&covered) {
            continue;
        }
        let counts = match known {
            Some(_) => config.backend_text(backend, key),
            None => config.unknown_text(backend, &setting),
        };
        // A number without digits is a line that sets nothing.
        let line = counts.setting.or_else(|| config.last_asked(backend, key)).unwrap_or(setting);
        let raw = line.value();
        let value = match counts.text {
            Ok(text) if counts.setting.is_some() => text,
            Ok(_) => None,
            Err(_) => Some(raw),
        };
        let value = value.map(|value| secrets::cover_value(key, &value).into_owned());
        options.insert(covered, json!({"value": value, "origin": origin(views, &line)}));
    }
    if all && let Some(driver) = catalog::driver(config.release, &nas.driver.class) {
        for row in catalog::backend_options(config.release) {
            if driver.reads(config.release, row.name()) != Some(true) || options.contains_key(row.name()) {
                continue;
            }
            let value = match row.default() {
                Default::None | Default::Dynamic => Value::Null,
                Default::Text(_) => {
                    let text = config.backend_text(backend, row.name());
                    text.known().map_or(Value::Null, |text| secrets::cover_value(row.name(), text).into())
                }
            };
            options.insert(row.name().to_string(), json!({"value": value, "origin": {"default": row.origin()}}));
        }
        options.sort_keys();
    }
    Value::Object(options)
}

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
            writeln!(out, "\n  no backend: nothing in enabled_backends, and no section names a volume_driver")?;
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
                None => "unset (auto)".into(),
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
        let value = entry["value"].as_str().unwrap_or("unset");
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
