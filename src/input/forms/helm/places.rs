//! Where values of Cinder's chart stand: in a file of values, in Airship's documents, in a HelmRelease, in an Application of Argo CD, in a
//! state of Helmfile, in variables of atmosphere and of playbooks, and in texts inside of any of these.

use super::super::{
    super::yaml::{self, Document, Kind, Node, Text},
    images,
};
use crate::{catalog::Release, ini::Span, text::one_line};

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
}

/// Every map `conf` of the documents of a file.
pub(super) fn all(documents: &[Document]) -> Vec<Conf> {
    let mut found = Vec::new();
    let mut texts = Vec::new();
    for root in documents.iter().filter_map(|document| document.root.as_ref()) {
        look(root, root, &mut Vec::new(), &mut found, &mut texts);
    }
    // Values as a text: `values: |` of Argo CD, a ConfigMap for Flux, a task that writes a file. What is no YAML is none.
    for text in texts {
        for root in yaml::read_within(&text).iter().filter_map(|document| document.root.as_ref()) {
            look(root, root, &mut Vec::new(), &mut found, &mut Vec::new());
        }
    }
    found
}

fn look(node: &Node, base: &Node, path: &mut Vec<String>, found: &mut Vec<Conf>, texts: &mut Vec<Text>) {
    match &node.kind {
        Kind::Scalar(text) => {
            if text.text.contains("conf:") && ["cinder:", "backends:"].iter().any(|key| text.text.contains(key)) {
                texts.push(text.clone());
            }
        }
        Kind::Sequence(items) => items.iter().for_each(|item| look(item, item, &mut Vec::new(), found, texts)),
        Kind::Mapping(entries) => {
            for entry in entries.iter() {
                path.push(entry.key.text().to_string());
                if entry.key.text() == "conf" && is_cinders(&entry.value) {
                    // Of several with one key the last counts.
                    let is_last = node.get("conf").is_some_and(|last| last.span == entry.value.span);
                    if is_last {
                        found.push(Conf {
                            base: base.clone(),
                            path: path.clone(),
                            conf: entry.value.clone(),
                            around: node.clone(),
                        });
                    }
                } else {
                    look(&entry.value, base, path, found, texts);
                }
                path.pop();
            }
        }
    }
}

/// Whether a map `conf` is that of Cinder's chart: other charts have one as well.
fn is_cinders(conf: &Node) -> bool {
    let is_backend = |node: &Node| ["volume_driver", "volume_backend_name"].iter().any(|key| node.get(key).is_some());
    conf.get("cinder").is_some_and(|map| matches!(map.kind, Kind::Mapping(_)))
        || conf.get("backends").is_some_and(|map| map.entries().iter().any(|entry| is_backend(&entry.value)))
}

impl Conf {
    /// Whether it is what a file of values has: not a chart's that this one is a part of, and in no other document.
    pub(super) fn is_outermost(&self) -> bool {
        self.path.len() == 1
    }

    /// Several pods of cinder-volume under one name: how many, where that is said, and the name. `below`: the chart's own.
    pub(super) fn same_hosts(&self, below: Option<&Node>) -> Option<(u32, Span, String)> {
        let replicas = self.around.at(&["pod", "replicas", "volume"])?;
        let number = replicas.text().trim().parse().ok().filter(|number| *number > 1)?;
        let of_default = |option: &str| {
            let path = ["cinder", "DEFAULT", option];
            self.conf
                .at(&path)
                .or_else(|| below?.at(&path))
                .filter(|value| !value.is_null() && !value.text().is_empty())
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
