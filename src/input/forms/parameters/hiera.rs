//! Hiera's data for puppet-cinder: `cinder::config::cinder_config`, `cinder::backends::enabled_backends`, and hashes of
//! `cinder::backend::…` for create_resources.

use std::collections::HashMap;

use super::{
    super::{
        super::yaml::{self, Kind, Node},
        Assembled, Builder, Candidate, Form, Run, Taken,
        maps::{self, Lines, OPAQUE, PUPPET, Part},
    },
    TABLE, unseen,
};
use crate::source::FileId;

/// See the module.
#[derive(Debug)]
pub(in super::super) struct Hiera;

const CONFIG: &str = "cinder::config::cinder_config";
const ENABLED: &str = "cinder::backends::enabled_backends";

impl Form for Hiera {
    fn name(&self) -> &'static str {
        "hiera"
    }

    fn title(&self) -> &'static str {
        "Hiera's data for puppet-cinder"
    }

    fn recognises(&self, candidate: &Candidate<'_>) -> Option<String> {
        if !candidate.is_yaml() || !candidate.mentions(&["cinder::", "::backend::"]) {
            return None;
        }
        let is_ours = |line: &[u8]| {
            let line = std::str::from_utf8(line).unwrap_or_default().trim_end();
            let key =
                line.split_once(": ").map_or(line, |(key, _)| key).trim_end_matches(':').trim_matches(['"', '\'']);
            key == CONFIG || key == ENABLED || backend_kind(key).is_some()
        };
        let found = candidate.head().split(|byte| *byte == b'\n').any(is_ours);
        found.then(|| "it has keys of puppet-cinder".to_string())
    }

    fn read(&self, taken: &[Taken], run: &mut Run<'_>) {
        for one in taken {
            let Some(id) = run.container(&one.path) else { continue };
            let text = run.text(id).to_vec();
            let documents = yaml::read(&text);
            let name = run.files().get(id).relative.clone();
            let mut assembled = Assembled::new(&one.path, &name, Vec::new());
            assembled.remarks = maps::unreadable(id, &documents).collect();
            if let Some(root) = documents.first().and_then(|document| document.root.as_ref()) {
                layers(&[root], &text, id, &mut assembled, run);
                assembled.remarks.extend(maps::lost(id, root, &[]).into_iter().filter(is_cinders));
            }
            let parts: Vec<&[u8]> = assembled.layers.iter().map(|layer| run.text(*layer)).collect();
            assembled.unseen = unseen(&parts);
            run.found.push(assembled);
        }
    }
}

/// Whether a remark is about Cinder's keys, and not about another service's in the same file.
pub(super) fn is_cinders(remark: &crate::input::forms::Remark) -> bool {
    let key = remark.facts.first().map(|(_, key)| key.to_lowercase()).unwrap_or_default();
    key.starts_with("cinder") || key.contains("extraconfig") || key == "parameter_defaults" || key.contains('/')
}

/// Of `cinder::backend::nfs`, `profile::openstack::volume::backend::nfs`: the kind of backend that a hash makes.
fn backend_kind(key: &str) -> Option<&'static str> {
    let (_, kind) = key.rsplit_once("::backend::")?;
    TABLE.as_ref()?.hiera.drivers.keys().find(|known| *known == kind).map(String::as_str)
}

/// Adds the layers of maps of Hiera's keys: what backends are made of, and what `cinder_config` says over it.
pub(super) fn layers(roots: &[&Node], text: &[u8], id: FileId, assembled: &mut Assembled, run: &mut Run<'_>) {
    let mut made = Builder::new(text);
    let mut over: Vec<(&str, Vec<(&Node, &Node)>)> = Vec::new();
    let mut at: HashMap<&str, usize> = HashMap::new();
    for entry in roots.iter().flat_map(|root| maps::entries(root)) {
        let key = entry.key.text();
        if key == ENABLED {
            made.section_called("DEFAULT", entry.key.span);
            maps::option_called(&mut made, "enabled_backends", entry.key.span, &entry.value, PUPPET);
        } else if key == CONFIG {
            for one in maps::entries(&entry.value) {
                let Some((section, _)) = one.key.text().split_once('/') else { continue };
                let lacks = one.value.get("ensure").is_some_and(|ensure| ensure.text() == "absent");
                let Some(value) = one.value.get("value").filter(|_| !lacks) else { continue };
                let at = *at.entry(section).or_insert(over.len());
                if at == over.len() {
                    over.push((section, Vec::new()));
                }
                over[at].1.push((&one.key, value));
            }
        } else if let Some(kind) = backend_kind(key) {
            backends(kind, &entry.value, &mut made, id, assembled, run);
        }
    }
    let mut config = Builder::new(text);
    for (section, options) in over {
        let Some((first, _)) = options.first() else { continue };
        config.section_called(section, first.span);
        for (key, value) in options {
            let Some((_, name)) = key.text().split_once('/') else { continue };
            option(&mut config, name, key, value);
        }
    }
    for builder in [made, config] {
        let (text, map) = builder.finish();
        if !text.is_empty() {
            assembled.layers.push(run.piece(id, text, map));
        }
    }
}

/// The sections of a hash: name, parameters.
fn backends(kind: &str, map: &Node, made: &mut Builder<'_>, id: FileId, assembled: &mut Assembled, run: &mut Run<'_>) {
    let Some(table) = TABLE.as_ref().map(|table| &table.hiera) else { return };
    for backend in maps::entries(map).into_iter().filter(|one| matches!(one.value.kind, Kind::Mapping(_))) {
        let (name, at) = (backend.key.text(), backend.key.span);
        made.section(&backend.key);
        if let Some(driver) = table.drivers.get(kind) {
            made.option_as("volume_driver", at, driver, at);
        }
        let given = |key: &str| backend.value.get(key).is_some();
        if !given("volume_backend_name") {
            made.option_as("volume_backend_name", at, name, at);
        }
        let shares = table.shares.iter().find_map(|key| backend.value.get(key));
        if shares.is_some() && !given("nfs_shares_config") {
            made.option_as("nfs_shares_config", at, &table.shares_file, at);
        }
        for one in maps::entries(&backend.value) {
            if !table.not_options.iter().any(|known| known == one.key.text()) {
                option(made, one.key.text(), &one.key, &one.value);
            }
        }
        for one in backend.value.get("extra_options").map(maps::entries).unwrap_or_default() {
            if let (Some((section, key)), Some(value)) = (one.key.text().split_once('/'), one.value.get("value"))
                && section == name
            {
                option(made, key, &one.key, value);
            }
        }
        let Some(shares) = shares else { continue };
        let mut lines = Lines::default();
        let items = if shares.items().is_empty() { std::slice::from_ref(shares) } else { shares.items() };
        for text in items.iter().filter_map(Node::scalar).filter(|text| !text.text.is_empty()) {
            lines.line([Part::Of(text)]);
        }
        let path = backend.value.get("nfs_shares_config").map_or(table.shares_file.as_str(), Node::text);
        assembled.shares.extend(lines.finish(run, id).map(|list| (Some(path.to_string()), list)));
    }
}

/// An option whose value may be Hiera's to look up.
fn option(builder: &mut Builder<'_>, name: &str, key: &Node, value: &Node) {
    if value.text().contains("%{") {
        builder.option_as(name, key.span, OPAQUE, value.span);
    } else {
        maps::option_called(builder, name, key.span, value, PUPPET);
    }
}
