//! Where values of Cinder's chart stand: in a file of values, in Airship's documents, in a HelmRelease, in an Application of Argo CD, in a
//! state of Helmfile, in variables of atmosphere and of playbooks, and in texts inside of any of these.

use std::rc::Rc;

use super::super::{
    super::yaml::{self, Document, Entry, Kind, Node, Style, Text},
    images,
};
use crate::{
    catalog::{self, Release},
    ini::Span,
    source::map::{Map, Segment},
    text::one_line,
};

/// A map `conf` with Cinder's configuration.
pub(super) struct Conf {
    /// The document, or the item of a list, that it stands in.
    pub(super) base: Node,
    /// The keys that lead to it from there, its own the last.
    pub(super) path: Vec<String>,
    /// Itself.
    pub(super) conf: Node,
    /// The values that it is a part of.
    pub(super) around: Node,
    /// The resource of Kubernetes that holds it.
    pub(super) resource: Option<Resource>,
    /// It stands in a text, which is replaced as a whole.
    pub(super) in_text: bool,
}

/// A resource of Kubernetes, as patches name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resource {
    pub(super) kind: String,
    /// Empty: patches with a target of their own need none.
    pub(super) name: String,
}

/// Every map `conf` of the documents of a file.
pub(super) fn all(documents: &[Document]) -> Vec<Conf> {
    let mut found = Vec::new();
    for root in documents.iter().filter_map(|document| document.root.as_ref()) {
        let (mut texts, mut patches) = (Vec::new(), Vec::new());
        let of = resource(root);
        let mut look = Look { resource: of, found: &mut found, texts: &mut texts, patches: &mut patches };
        look.at(root, root, &mut Vec::new());
        patched(root, &mut found);
        // Values as a text: `values: |` of Argo CD, a ConfigMap for Flux, a task that writes a file. What is no YAML is none.
        for text in texts {
            for inner in yaml::read_within(&text).iter().filter_map(|document| document.root.as_ref()) {
                let from = found.len();
                let of = resource(inner).or_else(|| resource(root));
                let mut look =
                    Look { resource: of, found: &mut found, texts: &mut Vec::new(), patches: &mut Vec::new() };
                look.at(inner, inner, &mut Vec::new());
                let is_value = resource(inner).is_none();
                found[from..].iter_mut().for_each(|conf| conf.in_text = is_value);
            }
        }
        // Patches of a kustomization as texts.
        for text in patches {
            for inner in yaml::read_within(&text).iter().filter_map(|document| document.root.as_ref()) {
                patched(inner, &mut found);
            }
        }
    }
    found
}

/// The resource that a document is.
fn resource(root: &Node) -> Option<Resource> {
    let kind = root.get("kind")?.text();
    let name = root.at(&["metadata", "name"]).map_or("", Node::text);
    Some(Resource { kind: kind.to_string(), name: name.to_string() })
}

/// What installs a chart.
const RELEASES: [&str; 5] = ["HelmRelease", "Application", "ApplicationSet", "HelmChart", "HelmChartConfig"];

/// What is looked for in a document.
struct Look<'f> {
    resource: Option<Resource>,
    found: &'f mut Vec<Conf>,
    texts: &'f mut Vec<Text>,
    patches: &'f mut Vec<Text>,
}

impl Look<'_> {
    fn at(&mut self, node: &Node, base: &Node, path: &mut Vec<String>) {
        match &node.kind {
            Kind::Scalar(text) => {
                if text.text.contains("conf:") && ["cinder:", "backends:"].iter().any(|key| text.text.contains(key)) {
                    self.texts.push(text.clone());
                } else if text.text.contains("/conf/") && text.text.contains('\n') {
                    self.patches.push(text.clone());
                }
            }
            Kind::Sequence(items) => items.iter().for_each(|item| self.at(item, item, &mut Vec::new())),
            Kind::Mapping(entries) => {
                for entry in entries.iter() {
                    path.push(entry.key.text().to_string());
                    if entry.key.text() == "conf" && self.is_cinders(&entry.value) {
                        // Of several with one key the last counts.
                        let is_last = node.get("conf").is_some_and(|last| last.span == entry.value.span);
                        if is_last {
                            self.found.push(Conf {
                                base: base.clone(),
                                path: path.clone(),
                                conf: entry.value.clone(),
                                around: node.clone(),
                                resource: self.resource.clone(),
                                in_text: false,
                            });
                        }
                    } else {
                        self.at(&entry.value, base, path);
                    }
                    path.pop();
                }
            }
        }
    }

    /// Whether a map `conf` is that of Cinder's chart: other charts have one as well.
    fn is_cinders(&self, conf: &Node) -> bool {
        let is_backend =
            |node: &Node| ["volume_driver", "volume_backend_name"].iter().any(|key| node.get(key).is_some());
        // A patch of a release may set anything that a driver reads.
        let is_release = self.resource.as_ref().is_some_and(|one| RELEASES.contains(&one.kind.as_str()));
        let of_driver = |key: &str| catalog::options_named(key).any(|row| row.is_of_drivers());
        let is_patch = |node: &Node| is_release && node.entries().iter().any(|option| of_driver(option.key.text()));
        conf.get("cinder").is_some_and(|map| matches!(map.kind, Kind::Mapping(_)))
            || conf
                .get("backends")
                .is_some_and(|map| map.entries().iter().any(|entry| is_backend(&entry.value) || is_patch(&entry.value)))
    }
}

/// The values that a list of JSON patches sets: `path: /spec/values/conf/backends/nfs1/nas_host`.
fn patched(list: &Node, found: &mut Vec<Conf>) {
    for item in list.items() {
        let (Some(path), op) = (item.get("path"), item.get("op").map_or("", Node::text)) else { continue };
        let steps: Vec<String> =
            path.text().split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
        let Some(at) = steps.iter().position(|step| step == "conf") else { continue };
        let below = &steps[at + 1..];
        let is_ours = below.first().is_some_and(|step| step == "cinder" || step == "backends");
        let value = match (op, item.get("value")) {
            ("add" | "replace", Some(value)) => value.clone(),
            ("remove", _) => word("null", path.span),
            _ => continue,
        };
        if !is_ours {
            continue;
        }
        let within = |value, step: &String| Node {
            span: path.span,
            kind: Kind::Mapping(Rc::new(vec![Entry { key: word(step, path.span), value }])),
        };
        let conf = below.iter().rev().fold(value, within);
        found.push(Conf {
            base: conf.clone(),
            path: Vec::new(),
            around: conf.clone(),
            conf,
            resource: Some(Resource { kind: String::new(), name: String::new() }),
            in_text: false,
        });
    }
}

/// A word that a place stands for.
fn word(text: &str, source: Span) -> Node {
    let mut map = Map::default();
    map.push(Segment { piece: Span::new(0, text.len() as u32), source, exact: false });
    let text = Text { text: text.into(), style: Style::Plain, map: Rc::new(map) };
    Node { span: source, kind: Kind::Scalar(text) }
}

/// Whether a value takes an option away: `null` of Helm, and `<None>` of the toolkit in Mirantis's charts. Nobody means that word.
pub(super) fn is_taken_away(value: &Node) -> bool {
    value.is_null() || value.text() == "<None>"
}

impl Conf {
    /// Whether it is what a file of values has: not a chart's that this one is a part of, and in no other document.
    pub(super) fn is_outermost(&self) -> bool {
        self.path.len() == 1
    }

    /// Several pods of cinder-volume under one name: how many, where that is said, and the name. `conf`: with all that is laid over it;
    /// `below`: the chart's own.
    pub(super) fn same_hosts(&self, conf: &Node, below: Option<&Node>) -> Option<(u32, Span, String)> {
        let replicas = self.around.at(&["pod", "replicas", "volume"])?;
        let number = replicas.text().trim().parse().ok().filter(|number| *number > 1)?;
        let of_default = |option: &str| {
            let path = ["cinder", "DEFAULT", option];
            conf.at(&path)
                .or_else(|| below?.at(&path))
                .filter(|value| !is_taken_away(value) && !value.text().is_empty())
        };
        let host = of_default("host").filter(|_| of_default("cluster").is_none())?.text();
        (!host.contains("{{")).then(|| (number, replicas.span, one_line(host).into_owned()))
    }

    /// The release that the tag of Cinder's image names: `docker.io/openstackhelm/cinder:2024.1-ubuntu_jammy`.
    pub(super) fn release(&self) -> Option<Release> {
        let tags = self.around.at(&["images", "tags"])?;
        let services = ["cinder_volume", "cinder_api", "cinder_scheduler", "cinder_backup"];
        services.into_iter().find_map(|service| images::release_of(tags.get(service)?.text()))
    }
}
