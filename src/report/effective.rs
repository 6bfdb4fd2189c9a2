//! What `effective` says, as the JSON of the contract.

use std::{
    io::{self, Write},
    sync::Arc,
};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{json::Each, tool_error::ToolError, view::Views};
use crate::{
    catalog::{self, Default},
    config::{Backend, Config, Exception, Setting},
    lint::{Deployment, Rule, starts::Ends},
    nas::{self, Family, Host, Nas, NasOption, Python, Starts},
    secrets,
    source::{FileId, Files},
};

/// One deployment, worked out; what its backends do is worked out when it is asked for, since there may be very many.
pub struct Assessed<'f> {
    pub(super) deployment: &'f Deployment,
    host: &'f Host,
    pub(super) config: Config<'f>,
    /// First the enabled ones, then sections that look like backends.
    pub(super) backends: Vec<Backend>,
    /// At what Cinder stops when it reads the files.
    broken: Option<Exception>,
    /// What the rules say of its start.
    ends: Ends,
    /// What is told of a backend by something else than files.
    told: Option<&'f Told<'f>>,
}

/// Tells what is in force for a backend, where the files leave it open. `alone`: the service has no other backend.
pub type Told<'t> = dyn Fn(&Backend, bool, &[FileId], &mut Nas<'_>) + 't;

impl<'f> Assessed<'f> {
    /// A deployment as its own release reads it on a host.
    pub fn new(files: &'f Files, deployment: &'f Deployment, host: &'f Host, rules: &[Arc<Rule>]) -> Self {
        let config = deployment.config(files, deployment.release);
        let backends = config.all_backends();
        let broken = config.read_error(host.python == Python::Three);
        let ends = Ends::of(files, deployment, host, rules);
        Self { deployment, host, config, backends, broken, ends, told: None }
    }

    /// The same, with something else than files that tells of backends.
    #[must_use]
    pub fn with(self, told: Option<&'f Told<'f>>) -> Self {
        Self { told, ..self }
    }

    /// Each backend, with what its NAS pair comes to.
    pub fn each(&self) -> impl Iterator<Item = (&Backend, Nas<'f>)> {
        self.backends.iter().map(|backend| (backend, self.nas(backend)))
    }

    pub(super) fn nas(&self, backend: &Backend) -> Nas<'f> {
        let mut nas = nas::assess(&self.config, backend, self.host);
        // A class that cannot be loaded comes before what a rule says.
        let by_rule = || if nas.starts == Starts::No { None } else { self.ends.of_backend(backend) };
        if let Some(error) = self.broken.as_ref().or_else(by_rule) {
            nas.never_reached(error);
        }
        if let Some(told) = self.told {
            told(
                backend,
                self.backends.iter().filter(|one| one.enabled).count() == 1,
                &self.deployment.layers,
                &mut nas,
            );
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

/// The names of a deployment's layers; pieces of one file are that file.
pub(super) fn names<'v>(one: &Assessed<'_>, name: impl Fn(FileId) -> &'v str) -> Vec<&'v str> {
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

pub(super) fn backend_json(
    views: &Views<'_>,
    config: &Config<'_>,
    backend: &Backend,
    nas: &Nas<'_>,
    all: bool,
) -> Value {
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
pub(super) fn options(views: &Views<'_>, config: &Config<'_>, backend: &Backend, nas: &Nas<'_>, all: bool) -> Value {
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
