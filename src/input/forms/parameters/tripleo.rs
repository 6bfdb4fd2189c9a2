//! Environment files of TripleO: parameters that Heat's templates turn into options, and Hiera's keys below `*ExtraConfig`.

use super::{
    super::{
        super::yaml::{self, Entry, Kind, Node},
        Assembled, Candidate, Form, Run, Taken, images, maps,
    },
    Made, Parameter,
    hiera::{self, is_cinders},
    split, unseen,
};
use crate::{catalog::Release, ini::Span};

/// See the module.
#[derive(Debug)]
pub(in super::super) struct Tripleo;

/// The further backends that TripleO enables.
const ENABLED: &str = "cinder_user_enabled_backends";

/// Where parameters stand in an environment.
const PLACES: [&str; 2] = ["parameters", "parameter_defaults"];

impl Form for Tripleo {
    fn name(&self) -> &'static str {
        "tripleo"
    }

    fn title(&self) -> &'static str {
        "an environment of TripleO"
    }

    fn recognises(&self, candidate: &Candidate<'_>) -> Option<String> {
        // A template declares parameters, an environment gives them.
        if !candidate.is_yaml() || !candidate.mentions(&PLACES) || candidate.mentions(&["heat_template_version"]) {
            return None;
        }
        let head = candidate.head();
        let gives = |key: &str| key.starts_with("Cinder") && !key.starts_with("CinderBackup");
        let found = PLACES.iter().any(|place| maps::has_child(head, place, gives));
        let extra = candidate.mentions(&["cinder::config::cinder_config"])
            && PLACES.iter().any(|place| maps::has_child(head, place, |key| key.ends_with("ExtraConfig")));
        (found || extra).then(|| "it sets parameters of Cinder for TripleO".to_string())
    }

    fn read(&self, taken: &[Taken], run: &mut Run<'_>) {
        for one in taken {
            let Some(id) = run.container(&one.path) else { continue };
            let text = run.text(id).to_vec();
            let documents = yaml::read(&text);
            let name = run.files().get(id).relative.clone();
            let mut assembled = Assembled::new(&one.path, &name, Vec::new());
            assembled.remarks = maps::unreadable(id, &documents).collect();
            // The last release that TripleO deployed.
            assembled.until = "wallaby".parse().unwrap_or(Release::NEWEST);
            if let Some(root) = documents.first().and_then(|document| document.root.as_ref()) {
                assembled.release = release(root);
                let given = |name: &str| PLACES.iter().rev().find_map(|place| parameter(root.get(place)?, name));
                let mut made = Made::new("tripleo", &text, run.release.or(assembled.release));
                made.backends(&given);
                let extra: Vec<&Node> = PLACES
                    .iter()
                    .filter_map(|place| root.get(place))
                    .flat_map(maps::entries)
                    .filter(|entry| entry.key.text().ends_with("ExtraConfig"))
                    .map(|entry| &entry.value)
                    .collect();
                // Hiera's key: below the extra configuration of all roles or of one.
                let more = extra.iter().rev().chain([&root]).find_map(|map| parameter(map, ENABLED));
                made.enable(&more.map(|list| list.items).unwrap_or_default());
                (assembled.layers, assembled.shares) = made.finish(id, run);
                hiera::layers(&extra, &text, id, &mut assembled, run);
                assembled.remarks.extend(maps::lost(id, root, &[]).into_iter().filter(is_cinders));
            }
            let parts: Vec<&[u8]> = assembled.layers.iter().map(|layer| run.text(*layer)).collect();
            assembled.unseen = unseen(&parts);
            run.found.push(assembled);
        }
    }
}

/// The release of the images of Cinder (`ContainerCinderVolumeImage`; `Docker…` until Stein).
fn release(root: &Node) -> Option<Release> {
    let is_image = |key: &str| {
        let key = key.strip_prefix("Container").or_else(|| key.strip_prefix("Docker"));
        key.is_some_and(|key| key.starts_with("Cinder") && key.ends_with("Image"))
    };
    let parameters = PLACES.iter().filter_map(|place| root.get(place)).flat_map(maps::entries);
    parameters.filter(|entry| is_image(entry.key.text())).find_map(|entry| images::release_of(entry.value.text()))
}

/// A parameter as Puppet gets it: booleans in lower case, texts as they are.
fn parameter(map: &Node, name: &str) -> Option<Parameter> {
    maps::entries(map).into_iter().find(|entry| entry.key.text() == name).map(of_entry)
}

fn of_entry(entry: &Entry) -> Parameter {
    let (key, at) = (entry.key.span, entry.value.span);
    match &entry.value.kind {
        Kind::Scalar(text) => {
            let value = maps::boolean(text).map_or_else(|| text.text.to_string(), |truth| truth.to_string());
            // Without the quotes.
            let segments = text.map.segments();
            let at = match (segments.first(), segments.last()) {
                (Some(first), Some(last)) => Span::new(first.source.start, last.source.end),
                _ => at,
            };
            Parameter { key, at, items: split(&value, at.start), value, entries: Vec::new() }
        }
        _ => {
            let items: Vec<_> = entry.value.items().iter().map(|item| (item.text().to_string(), item.span)).collect();
            let value = items.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(",");
            let entries = maps::entries(&entry.value);
            let each = |one: &&Entry| (one.key.text().to_string(), of_entry(one));
            Parameter { key, at, value, items, entries: entries.iter().map(each).collect() }
        }
    }
}
