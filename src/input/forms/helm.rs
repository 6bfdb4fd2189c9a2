//! Values of Helm charts: `conf.cinder` and `conf.backends`, maps of sections as openstack-helm and its users write them.
//!
//! The chart prints `conf.cinder` as cinder.conf and `conf.backends` as backends.conf, which cinder-volume reads behind it
//! (openstack-helm: `cinder/templates/configmap-etc.yaml`, `bin/_cinder-volume.sh.tpl`).

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

use super::{
    super::yaml::{self, Document, Entry, Kind, Node},
    Assembled, Builder, Candidate, Form, Run, Taken,
    maps::{self, GO, Lines, Part},
};
use crate::{
    input::forms::Remark,
    source::{FileId, Unseen},
};

/// See the module.
#[derive(Debug)]
pub(super) struct Helm;

/// Where values stand: in a file of values, in Airship's documents, in a HelmRelease.
const PLACES: [&[&str]; 3] = [&["conf"], &["data", "values", "conf"], &["spec", "values", "conf"]];

/// What the templates of the chart add, whatever the values are.
const ADDED: &str = "[DEFAULT]\ntransport_url = {{ rabbit }}\nglance_api_servers = {{ glance }}\n\
    cinder_internal_tenant_project_id = {{ project }}\ncinder_internal_tenant_user_id = {{ user }}\n\
    backup_swift_auth_url = {{ url }}\nbackup_swift_auth_version = {{ version }}\nbackup_swift_user = {{ user }}\n\
    backup_swift_user_domain = {{ domain }}\nbackup_swift_key = {{ key }}\nbackup_swift_project = {{ project }}\n\
    backup_swift_project_domain = {{ domain }}\nswift_catalog_info = {{ info }}\nhost = {{ host }}\n\
    [database]\nconnection = {{ connection }}\n";

/// Keys of `conf.cinder.DEFAULT` that the chart reads for itself (`templates/bin/_create-internal-tenant.sh.tpl`).
const OF_THE_CHART: [&str; 2] = ["internal_project_name", "internal_user_name"];

impl Form for Helm {
    fn name(&self) -> &'static str {
        "helm"
    }

    fn title(&self) -> &'static str {
        "values of a Helm chart"
    }

    fn recognises(&self, candidate: &Candidate<'_>) -> Option<String> {
        if !candidate.is_yaml() || !candidate.mentions(&["conf:"]) {
            return None;
        }
        let head = candidate.head();
        let which = if maps::has_child(head, "conf", |key| key == "cinder") {
            "conf.cinder"
        } else if candidate.mentions(&["volume_driver:", "volume_backend_name:"])
            && maps::has_child(head, "conf", |key| key == "backends")
        {
            "conf.backends"
        } else {
            return None;
        };
        Some(format!("it has {which}, values of a Helm chart"))
    }

    fn read(&self, taken: &[Taken], run: &mut Run<'_>) {
        let all: Vec<Values> = taken.iter().filter_map(|one| Values::read(&one.path, run)).collect();
        for values in &all {
            let before = run.found.len();
            for document in &values.documents {
                let Some((path, conf)) = document.root.as_ref().and_then(conf_of) else { continue };
                values.assemble(conf, path, document, &all, run);
            }
            let unreadable: Vec<Remark> = maps::unreadable(values.id, &values.documents).collect();
            if run.found.len() == before && unreadable.is_empty() {
                run.left.push((values.path.clone(), "neither conf.cinder nor conf.backends is a map in it".into()));
            } else if !unreadable.is_empty() {
                let mut rest = Assembled::new(&values.path, &run.files().get(values.id).relative.clone(), Vec::new());
                (rest.unseen, rest.remarks) = (Unseen::Everything, unreadable);
                run.found.push(rest);
            }
        }
    }
}

/// One file of values.
struct Values {
    path: PathBuf,
    id: FileId,
    text: Vec<u8>,
    documents: Vec<Document>,
    /// These are the defaults of the chart that they lie in.
    is_chart: bool,
}

impl Values {
    fn read(path: &Path, run: &mut Run<'_>) -> Option<Self> {
        let id = run.container(path)?;
        let text = run.text(id).to_vec();
        let documents = yaml::read(&text);
        let is_chart = path.file_name().is_some_and(|name| name == "values.yaml")
            && run.fs().is_file(&path.with_file_name("Chart.yaml"));
        Some(Self { path: path.to_path_buf(), id, text, documents, is_chart })
    }

    /// The backends of the first document that has some, of a site's values.
    fn backends(&self) -> Option<&Node> {
        let roots = self.documents.iter().filter_map(|document| document.root.as_ref());
        roots.filter_map(conf_of).find_map(|(_, conf)| conf.get("backends")).filter(|_| !self.is_chart)
    }

    fn assemble(&self, conf: &Node, path: &[&str], document: &Document, all: &[Self], run: &mut Run<'_>) {
        let chart = if self.is_chart { None } else { chart_of(self, all) };
        let defaults = chart.and_then(|chart| {
            let root = chart.documents.first()?.root.as_ref()?;
            Some((chart, conf_of(root)?.1))
        });
        let name = run.files().get(self.id).relative.clone();
        let mut assembled = Assembled::new(&self.path, &name, Vec::new());
        assembled.layers.push(run.synthetic("openstack-helm: the chart's templates", ADDED));
        let enabled = conf.at(&["cinder", "DEFAULT", "enabled_backends"]).filter(|list| !list.text().is_empty());
        let names: HashSet<&str> = enabled.into_iter().flat_map(|list| list.text().split(',')).map(str::trim).collect();
        let is_enabled = |name: &str| names.is_empty() || names.contains(name);
        let has_backends = conf.get("backends").is_some_and(|own| !own.entries().is_empty());
        for part in ["cinder", "backends"] {
            let own = conf.get(part);
            // Who brings backends enables them, here or in another file.
            let wanted = |name: &str, option: Option<&str>| match option {
                Some("enabled_backends") => !has_backends,
                Some(_) => true,
                None => part == "cinder" || is_enabled(name),
            };
            if let Some((chart, defaults)) = defaults
                && let Some(below) = defaults.get(part)
                && own.is_none_or(|own| matches!(own.kind, Kind::Mapping(_)))
            {
                let layer = chart.layer(below, own, &wanted, &mut assembled, run);
                assembled.layers.push(layer);
            }
            if let Some(own) = own.filter(|own| matches!(own.kind, Kind::Mapping(_))) {
                let layer = self.layer(own, None, &|_, _| true, &mut assembled, run);
                assembled.layers.push(layer);
            }
        }
        let own = conf.get("backends").map(maps::entries).unwrap_or_default();
        let is_elsewhere = |name: &&str| {
            let names = |map: &Node| map.get(name).is_some_and(|own| !own.is_null());
            !own.iter().any(|entry| entry.key.text() == *name) && all.iter().filter_map(Self::backends).any(names)
        };
        // Values may be spread over files: only where both halves are in one is it all there is.
        let is_whole = defaults.is_some() && !own.is_empty() && !names.is_empty() && !names.iter().any(is_elsewhere);
        assembled.unseen = if is_whole || self.is_chart && conf.get("cinder").is_some() && !own.is_empty() {
            Unseen::Nothing
        } else if conf.at(&["backends", "rbd1"]).is_some_and(|own| own.get("volume_driver").is_none() && !own.is_null())
        {
            // The chart has a backend of this name, whose options are not seen.
            Unseen::Everything
        } else {
            Unseen::Sections
        };
        if let Some(root) = &document.root {
            for part in ["cinder", "backends"] {
                let path: Vec<&str> = path.iter().copied().chain([part]).collect();
                let known = std::mem::take(&mut assembled.remarks);
                let found = maps::lost(self.id, root, &path);
                assembled.remarks.extend(found.into_iter().filter(|one| !known.contains(one)));
                assembled.remarks.extend(known);
            }
        }
        run.found.push(assembled);
    }

    /// One map of sections; without what another map above it deletes, and what nobody wants.
    fn layer(
        &self,
        sections: &Node,
        above: Option<&Node>,
        wanted: &dyn Fn(&str, Option<&str>) -> bool,
        assembled: &mut Assembled,
        run: &mut Run<'_>,
    ) -> FileId {
        let mut builder = Builder::new(&self.text);
        let mut lists: Vec<(String, Lines)> = Vec::new();
        let above: HashMap<&str, &Node> = above
            .into_iter()
            .flat_map(|above| maps::entries(above))
            .map(|entry| (entry.key.text(), &entry.value))
            .collect();
        for entry in maps::entries(sections) {
            let name = entry.key.text();
            let over = above.get(name).copied();
            // What the chart brings is of no account where the values enable others.
            if over.is_some_and(|over| !matches!(over.kind, Kind::Mapping(_))) || !wanted(name, None) {
                continue;
            }
            let reads_itself = |option: &Entry| name == "DEFAULT" && OF_THE_CHART.contains(&option.key.text());
            let found = std::cell::RefCell::new(&mut lists);
            maps::section(&mut builder, entry, GO, &|builder, option| {
                if over.and_then(|over| over.get(option.key.text())).is_some_and(Node::is_null)
                    || reads_itself(option)
                    || leaves_open(option)
                    || !wanted(name, Some(option.key.text()))
                {
                    return true;
                }
                let Some(lines) = content_of_shares(option) else { return false };
                let path = format!("/etc/cinder/nfs/{name}");
                builder.option_as(option.key.text(), option.key.span, &path, option.value.span);
                found.borrow_mut().push((path, lines));
                true
            });
        }
        for (path, lines) in lists {
            assembled.shares.extend(lines.finish(run, self.id).map(|id| (Some(path), id)));
        }
        let (text, map) = builder.finish();
        run.piece(self.id, text, map)
    }
}

/// Backends that a base leaves to the values of a site.
fn leaves_open(option: &Entry) -> bool {
    option.key.text() == "enabled_backends" && option.value.scalar().is_some_and(|text| text.text.is_empty())
}

/// Atmosphere's charts take the list of shares itself as `nfs_shares_config`, and write it to a file of their own.
fn content_of_shares(option: &Entry) -> Option<Lines> {
    if option.key.text() != "nfs_shares_config" {
        return None;
    }
    let mut lines = Lines::default();
    match &option.value.kind {
        Kind::Scalar(text) if text.text.contains(":/") => lines.line([Part::Of(text)]),
        Kind::Sequence(items) => items.iter().filter_map(Node::scalar).for_each(|text| lines.line([Part::Of(text)])),
        _ => return None,
    }
    Some(lines)
}

/// The map `conf` of a document that has Cinder's configuration, and where it stands.
fn conf_of(root: &Node) -> Option<(&'static [&'static str], &Node)> {
    PLACES.into_iter().find_map(|path| {
        let conf = root.at(path)?;
        let is_map = |part: &str| conf.get(part).is_some_and(|map| matches!(map.kind, Kind::Mapping(_)));
        (is_map("cinder") || is_map("backends")).then_some((path, conf))
    })
}

/// The chart that the values are for: the one that shares most folders with them.
fn chart_of<'v>(values: &Values, all: &'v [Values]) -> Option<&'v Values> {
    let common = |chart: &&Values| {
        let here = values.path.parent().unwrap_or(Path::new("")).components();
        chart.path.parent().unwrap_or(Path::new("")).components().zip(here).take_while(|(a, b)| a == b).count()
    };
    let charts = || all.iter().filter(|one| one.is_chart);
    let most = charts().map(|chart| common(&chart)).max()?;
    let mut nearest = charts().filter(|chart| common(chart) == most);
    let first = nearest.next()?;
    nearest.next().is_none().then_some(first)
}
