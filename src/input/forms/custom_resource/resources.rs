//! What stands in the documents: specs of Cinder, and the Secrets and ConfigMaps that belong to them.

use std::rc::Rc;

use super::super::{
    super::yaml::{self, Node, Style, Text},
    images,
};
use crate::{
    catalog::Release,
    ini::Span,
    source::map::{Map, Segment, Writing},
};

/// One service of a spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    Api,
    Scheduler,
    Backup,
    Volume,
}

/// The keys of a spec below which services are; `true`: several, by name.
const SERVICES: [(&str, Service, bool); 5] = [
    ("cinderAPI", Service::Api, false),
    ("cinderScheduler", Service::Scheduler, false),
    ("cinderBackup", Service::Backup, false),
    ("cinderBackups", Service::Backup, true),
    ("cinderVolumes", Service::Volume, true),
];

/// Resources of one service each; cinder-operator makes them, and people dump them.
const KINDS: [(&str, Service); 4] = [
    ("CinderAPI", Service::Api),
    ("CinderScheduler", Service::Scheduler),
    ("CinderBackup", Service::Backup),
    ("CinderVolume", Service::Volume),
];

/// What one service is given.
#[derive(Debug)]
pub(super) struct Custom {
    pub service: Service,
    /// `cinderVolumes.nfs`.
    pub name: String,
    /// `customServiceConfig`.
    pub config: Option<Text>,
    /// `customServiceConfigSecrets`.
    pub secrets: Vec<String>,
    /// The release that `containerImage` says.
    pub release: Option<Release>,
}

/// A spec of Cinder: the map that has `cinderVolumes` and the like, wherever it stands.
#[derive(Debug, Default)]
pub(super) struct Spec {
    /// Which document of the file it is in.
    pub document: usize,
    /// `customServiceConfig` of all services.
    pub global: Option<Text>,
    pub services: Vec<Custom>,
}

/// A Secret, or a ConfigMap whose texts become Secrets.
#[derive(Debug)]
pub(super) struct Store {
    pub document: usize,
    pub name: String,
    pub is_secret: bool,
    /// Key and value, in the order of the keys, as the operator reads them.
    pub entries: Vec<(String, Text)>,
}

/// What a file holds.
#[derive(Debug, Default)]
pub(super) struct Resources {
    pub specs: Vec<Spec>,
    pub stores: Vec<Store>,
    /// What may not be shown: values of Secrets that are no configuration, and the copy of the resource in its annotation.
    pub hidden: Vec<Span>,
    /// Why a document cannot be read.
    pub error: Option<String>,
    /// In how many texts these stand.
    depth: usize,
}

/// How deep texts with resources may lie in texts.
const DEPTH: usize = 3;

/// Reads a file.
pub(super) fn read(text: &[u8]) -> Resources {
    read_within(text, 0)
}

fn read_within(text: &[u8], depth: usize) -> Resources {
    let mut found = Resources { depth, ..Resources::default() };
    for (at, document) in yaml::read(text).into_iter().enumerate() {
        match document {
            yaml::Document { root: Some(root), .. } => found.document(&root, at),
            yaml::Document { error: Some((why, at)), .. } => {
                let before = text.get(..at as usize).unwrap_or(text);
                let line = memchr::memchr_iter(b'\n', before).count() + 1;
                found.error.get_or_insert(format!("line {line}: {why}"));
            }
            _ => {}
        }
    }
    found
}

impl Resources {
    fn document(&mut self, root: &Node, document: usize) {
        let kind = root.get("kind").map_or("", Node::text);
        if let Some(annotations) = root.at(&["metadata", "annotations"]) {
            let copies = annotations.entries().iter().filter(|e| e.key.text().ends_with("last-applied-configuration"));
            self.hidden.extend(copies.map(|entry| entry.value.span));
        }
        match kind {
            "CustomResourceDefinition" => {}
            "List" => {
                for item in root.get("items").map_or(&[][..], Node::items) {
                    self.document(item, document);
                }
            }
            "Secret" => self.secret(root, document),
            _ => {
                if kind == "ConfigMap" {
                    let entries = root.get("data").map_or(&[][..], Node::entries).iter();
                    let scalars = entries.filter_map(|e| Some((e.key.text().to_string(), e.value.scalar()?.clone())));
                    self.store(root, document, false, scalars.collect());
                }
                if let Some((_, service)) = KINDS.iter().find(|(known, _)| *known == kind) {
                    let custom = root.get("spec").map(|spec| custom(*service, name_of(root), spec));
                    self.specs.push(Spec { document, global: None, services: custom.into_iter().collect() });
                } else {
                    self.specs(root, kind, document);
                }
            }
        }
    }

    fn secret(&mut self, root: &Node, document: usize) {
        let mut entries: Vec<(String, Text)> = Vec::new();
        for (key, encoded) in [("data", true), ("stringData", false)] {
            for entry in root.get(key).map_or(&[][..], Node::entries) {
                let Some(text) = entry.value.scalar() else { continue };
                let readable = if encoded { decoded(text, entry.value.span) } else { Some(text.clone()) };
                let readable = readable.filter(|text| is_configuration(&text.text));
                if encoded || readable.is_none() {
                    self.hidden.push(entry.value.span);
                }
                let key = entry.key.text().to_string();
                // What stringData says replaces what data says.
                entries.retain(|(known, _)| *known != key);
                entries.push((key, readable.unwrap_or_else(|| nothing(text))));
            }
        }
        self.store(root, document, true, entries);
    }

    fn store(&mut self, root: &Node, document: usize, is_secret: bool, mut entries: Vec<(String, Text)>) {
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        self.stores.push(Store { document, name: name_of(root), is_secret, entries });
    }

    /// Looks for specs in all of a document, without the copies that the cluster keeps.
    fn specs(&mut self, root: &Node, kind: &str, document: usize) {
        let mut open: Vec<(&Node, [&str; 2])> = vec![(root, ["", ""])];
        while let Some((node, path)) = open.pop() {
            if let Some(text) = node.scalar() {
                self.within(text, document);
                continue;
            }
            if let Some(spec) = patch(node).or_else(|| spec(node, kind, path)) {
                self.specs.push(Spec { document, ..spec });
                continue;
            }
            let copies = ["annotations", "managedFields", "status"];
            let entries = node.entries().iter().rev().filter(|entry| !copies.contains(&entry.key.text()));
            open.extend(entries.map(|entry| (&entry.value, [path[1], entry.key.text()])));
            open.extend(node.items().iter().rev().map(|item| (item, [path[1], ""])));
        }
    }
}

impl Resources {
    /// Resources and patches in a text: `patch: |` of a kustomization, a task's `content: |`.
    fn within(&mut self, outer: &Text, document: usize) {
        if outer.style != Style::Literal || self.depth >= DEPTH || !outer.text.contains("customServiceConfig") {
            return;
        }
        let mut inner = read_within(outer.text.as_bytes(), self.depth + 1);
        let lead_back = |text: &mut Text| text.map = Rc::new(text.map.within(&outer.map));
        for spec in &mut inner.specs {
            spec.document = document;
            let services = spec.services.iter_mut().filter_map(|custom| custom.config.as_mut());
            services.chain(spec.global.as_mut()).for_each(lead_back);
        }
        for store in &mut inner.stores {
            store.document = document;
            store.entries.iter_mut().for_each(|(_, text)| lead_back(text));
        }
        self.hidden.extend(inner.hidden.into_iter().filter_map(|span| Some(outer.map.source(span)?.0)));
        self.specs.append(&mut inner.specs);
        self.stores.append(&mut inner.stores);
    }
}

fn name_of(root: &Node) -> String {
    root.at(&["metadata", "name"]).map(Node::text).unwrap_or_default().to_string()
}

/// The spec that a mapping is; `path` are the two keys that lead to it.
fn spec(node: &Node, kind: &str, path: [&str; 2]) -> Option<Spec> {
    let has_services = SERVICES.iter().any(|(key, ..)| node.get(key).is_some_and(|value| !value.entries().is_empty()));
    let of_values = if path == ["", "data"] { node.at(&["cinder", "customServiceConfig"]) } else { None };
    let is_spec = path == ["cinder", "template"] || kind == "Cinder" && path == ["", "spec"];
    if !has_services && !is_spec && of_values.is_none() {
        return None;
    }
    let global = node.get("customServiceConfig").or(of_values).and_then(Node::scalar).cloned();
    let mut services = Vec::new();
    for (key, service, several) in SERVICES {
        let Some(value) = node.get(key) else { continue };
        if several {
            let entries = value.entries().iter();
            services.extend(entries.map(|e| custom(service, format!("{key}.{}", e.key.text()), &e.value)));
        } else {
            services.push(custom(service, key.to_string(), value));
        }
    }
    Some(Spec { document: 0, global, services })
}

fn custom(service: Service, name: String, node: &Node) -> Custom {
    let secrets = node.get("customServiceConfigSecrets").map_or(&[][..], Node::items);
    Custom {
        service,
        name,
        config: node.get("customServiceConfig").and_then(Node::scalar).cloned(),
        secrets: secrets.iter().map(|item| item.text().to_string()).collect(),
        release: node.get("containerImage").and_then(|image| images::release_of(image.text())),
    }
}

/// The spec that a list of JSON patches adds to: `- path: /spec/cinder/template/cinderVolumes/nfs/customServiceConfig`.
fn patch(list: &Node) -> Option<Spec> {
    let mut found = Spec::default();
    for item in list.items() {
        let (Some(path), Some(value)) = (item.get("path"), item.get("value")) else { continue };
        if !matches!(item.get("op").map(Node::text), Some("add" | "replace")) {
            continue;
        }
        let steps: Vec<&str> = path.text().split('/').collect();
        let of_cinder = steps.contains(&"cinder") || steps.iter().any(|step| step.starts_with("cinder"));
        let at = steps.iter().position(|step| SERVICES.iter().any(|(key, ..)| key == step));
        let Some(at) = at else {
            if of_cinder && steps.ends_with(&["template", "customServiceConfig"]) {
                found.global = value.scalar().cloned();
            }
            continue;
        };
        let Some((key, service, several)) = SERVICES.into_iter().find(|(key, ..)| *key == steps[at]) else { continue };
        let (name, rest) = match (several, &steps[at + 1..]) {
            (true, [name, rest @ ..]) => (format!("{key}.{name}"), rest),
            (true, []) => {
                let entries = value.entries().iter();
                found.services.extend(entries.map(|e| custom(service, format!("{key}.{}", e.key.text()), &e.value)));
                continue;
            }
            (false, rest) => (key.to_string(), rest),
        };
        let new = match rest {
            [] => custom(service, name, value),
            ["customServiceConfig"] => {
                let config = value.scalar().cloned();
                Custom { service, name, config, secrets: Vec::new(), release: None }
            }
            ["customServiceConfigSecrets", ..] => {
                let items = if value.items().is_empty() { std::slice::from_ref(value) } else { value.items() };
                let secrets = items.iter().map(|item| item.text().to_string()).collect();
                Custom { service, name, config: None, secrets, release: None }
            }
            _ => continue,
        };
        match found.services.iter_mut().find(|known| known.name == new.name) {
            Some(known) => {
                known.config = new.config.or(known.config.take());
                known.secrets.extend(new.secrets);
            }
            None => found.services.push(new),
        }
    }
    (found.global.is_some() || !found.services.is_empty()).then_some(found)
}

/// Whether a text is in the dialect of oslo.config: a header of a section, and something assigned. Programs write such texts, too.
pub(super) fn is_configuration(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim);
    !text.starts_with("#!")
        && lines.any(|line| line.starts_with('[') && line.ends_with(']'))
        && lines.any(|line| line.contains(['=', ':']))
}

/// What base64 says; all of it comes from all of the value.
fn decoded(text: &Text, source: Span) -> Option<Text> {
    let written: Vec<u8> = text.text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let plain = String::from_utf8(data_encoding::BASE64.decode(&written).ok()?).ok()?;
    let mut map = Map::new(Writing::Never);
    map.push(Segment { piece: Span::new(0, plain.len() as u32), source, exact: false });
    Some(Text { text: plain.into(), style: text.style, map: Rc::new(map) })
}

/// A value that is kept somewhere else, or no configuration.
fn nothing(text: &Text) -> Text {
    Text { text: "".into(), style: text.style, map: Rc::default() }
}
