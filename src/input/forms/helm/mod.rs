//! Values of Helm charts: `conf.cinder` and `conf.backends`, maps of sections as openstack-helm and its users write them.
//!
//! The chart prints `conf.cinder` as cinder.conf and `conf.backends` as backends.conf, which cinder-volume reads behind it
//! (openstack-helm: `cinder/templates/configmap-etc.yaml`, `bin/_cinder-volume.sh.tpl`).

mod atmosphere;
mod overlays;
mod places;

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

use self::{
    overlays::{Stack, merged},
    places::{Conf, is_taken_away},
};
use super::{
    super::yaml::{self, Document, Entry, Kind, Node},
    Assembled, Builder, Candidate, Form, Label, Run, Taken, images,
    maps::{self, GO, Lines, Part},
};
use crate::{
    input::forms::Remark,
    source::{FileId, Place, Unseen},
};

/// See the module.
#[derive(Debug)]
pub(super) struct Helm;

/// What the templates of the chart add, whatever the values are.
const ADDED: &str = "[DEFAULT]\ntransport_url = {{ rabbit }}\nglance_api_servers = {{ glance }}\n\
    cinder_internal_tenant_project_id = {{ project }}\ncinder_internal_tenant_user_id = {{ user }}\n\
    backup_swift_auth_url = {{ url }}\nbackup_swift_auth_version = {{ version }}\nbackup_swift_user = {{ user }}\n\
    backup_swift_user_domain = {{ domain }}\nbackup_swift_key = {{ key }}\nbackup_swift_project = {{ project }}\n\
    backup_swift_project_domain = {{ domain }}\nswift_catalog_info = {{ info }}\nhost = {{ host }}\n\
    [database]\nconnection = {{ connection }}\n[keystone_authtoken]\nauth_uri = {{ url }}\nauth_url = {{ url }}\n\
    memcached_servers = {{ servers }}\nmemcache_secret_key = {{ key }}\n[nova]\nauth_url = {{ url }}\n\
    [service_user]\nauth_url = {{ url }}\n";

/// Options that the chart fills in where the values leave them empty.
const FILLED_IN: [(&str, &str); 10] = [
    ("DEFAULT", "transport_url"),
    ("DEFAULT", "glance_api_servers"),
    ("DEFAULT", "osapi_volume_listen_port"),
    ("database", "connection"),
    ("keystone_authtoken", "auth_uri"),
    ("keystone_authtoken", "auth_url"),
    ("keystone_authtoken", "memcached_servers"),
    ("keystone_authtoken", "memcache_secret_key"),
    ("nova", "auth_url"),
    ("service_user", "auth_url"),
];

/// Keys of `conf.cinder.DEFAULT` that the chart reads for itself (`templates/bin/_create-internal-tenant.sh.tpl`).
const OF_THE_CHART: [&str; 3] = ["internal_project_name", "internal_user_name", "internal_project_domain_name"];

impl Form for Helm {
    fn name(&self) -> &'static str {
        "helm"
    }

    fn title(&self) -> &'static str {
        "values of a Helm chart"
    }

    fn recognises(&self, candidate: &Candidate<'_>) -> Option<String> {
        if !candidate.is_yaml() {
            return None;
        }
        if candidate.mentions(&["/conf/cinder/", "/conf/backends/"]) && candidate.mentions(&["op:"]) {
            return Some("it patches values of a Helm chart".into());
        }
        if !candidate.mentions(&["conf:", "conf\":", atmosphere::STORAGE]) {
            return None;
        }
        let head = candidate.head();
        if maps::has_child(head, atmosphere::STORAGE, |key| matches!(key, "volumes" | "backup")) {
            return Some(format!("it has {}, a variable of atmosphere", atmosphere::STORAGE));
        }
        let which = if maps::has_child(head, "conf", |key| key == "cinder") {
            "conf.cinder"
        } else if (candidate.mentions(&["volume_driver:", "volume_backend_name:"])
            || candidate.mentions(&["kind: HelmRelease", "kind: Application", "kind: HelmChart"]))
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
        let (stacks, used) = overlays::stacks(&all, run.fs());
        for stack in &stacks {
            Values::assemble(stack, &all, run);
        }
        for (at, values) in all.iter().enumerate() {
            let before = run.found.len();
            let own = values.confs.iter().enumerate();
            for (_, conf) in own.clone().filter(|(nth, _)| !used.contains(&(at, *nth))) {
                // What a patch says of a resource that is nowhere is said of nothing.
                if conf.resource.as_ref().is_none_or(|one| !one.kind.is_empty()) {
                    Values::assemble(&Stack { label: None, parts: vec![(values, conf)] }, &all, run);
                }
            }
            values.storage_alone(run);
            let unreadable: Vec<Remark> = maps::unreadable(values.id, &values.documents).collect();
            let is_used = own.clone().any(|(nth, _)| used.contains(&(at, nth)));
            if run.found.len() == before && unreadable.is_empty() && !is_used {
                run.left.push((values.path.clone(), "it has no map conf.cinder or conf.backends".into()));
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
    /// In order.
    confs: Vec<Conf>,
    /// These are the defaults of the chart that they lie in.
    is_chart: bool,
}

impl Values {
    fn read(path: &Path, run: &mut Run<'_>) -> Option<Self> {
        let id = run.container(path)?;
        let text = run.text(id).to_vec();
        let documents = yaml::read(&text);
        let confs = places::all(&documents);
        let is_chart = path.file_name().is_some_and(|name| name == "values.yaml")
            && confs.first().is_some_and(Conf::is_outermost)
            && run.fs().is_file(&path.with_file_name("Chart.yaml"));
        Some(Self { path: path.to_path_buf(), id, text, documents, confs, is_chart })
    }

    /// The backends of the first document that has some, of a site's values.
    fn backends(&self) -> Option<&Node> {
        self.confs.iter().find_map(|one| one.conf.get("backends")).filter(|_| !self.is_chart)
    }

    /// What atmosphere writes of its variable; whether every section of it is known.
    fn storage(&self, run: &mut Run<'_>) -> Option<(FileId, bool)> {
        let (text, map, is_known) = atmosphere::sections(&self.text, atmosphere::storage(&self.documents)?);
        Some((run.piece(self.id, text, map), is_known))
    }

    /// The variable of atmosphere, where no values of the chart stand beside it.
    fn storage_alone(&self, run: &mut Run<'_>) {
        if self.confs.is_empty()
            && let Some((layer, is_known)) = self.storage(run)
        {
            let name = run.files().get(self.id).relative.clone();
            let mut alone = Assembled::new(&self.path, &name, Vec::new());
            alone.layers = vec![run.synthetic("openstack-helm: the chart's templates", ADDED), layer];
            alone.unseen = if is_known { Unseen::Sections } else { Unseen::Everything };
            run.found.push(alone);
        }
    }

    /// One deployment: values, with what is laid over them.
    fn assemble(stack: &Stack<'_>, all: &[Self], run: &mut Run<'_>) {
        let [(first, place), rest @ ..] = &stack.parts[..] else { return };
        let conf = rest.iter().fold(place.conf.clone(), |below, (_, over)| merged(&below, &over.conf));
        let chart = if first.is_chart { None } else { chart_of(first, all) };
        let defaults = chart.and_then(|chart| Some((chart, &chart.confs.first()?.conf)));
        let of_chart = chart.and_then(|chart| chart.confs.first()?.release());
        let own = stack.parts.iter().rev().find_map(|(_, place)| place.release());
        let release = own.or_else(|| images::release_of_file(&first.path)).or(of_chart);
        let file = run.files().get(first.id).relative.clone();
        let name = stack.label.as_ref().map_or_else(|| file.clone(), |label| format!("{label}: {file}"));
        let mut assembled = Assembled::new(&first.path, &name, Vec::new());
        assembled.label = stack.label.clone().map(Label::OneOf);
        assembled.release = release;
        assembled.layers.push(run.synthetic("openstack-helm: the chart's templates", ADDED));
        assembled.layers.extend(first.storage(run).map(|(layer, _)| layer));
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
                let mut layer = chart.layer((part, below), own, &wanted, &mut assembled, run);
                if release != of_chart {
                    // What the chart says is of its own release: of another one, it is for nobody to mend.
                    let text = run.text(layer).to_vec();
                    layer = run.synthetic("openstack-helm: the chart's values", text);
                }
                assembled.layers.push(layer);
            }
            for (at, (values, place)) in stack.parts.iter().enumerate() {
                let Some(own) = place.conf.get(part).filter(|own| matches!(own.kind, Kind::Mapping(_))) else {
                    continue;
                };
                let over = stack.parts[at + 1..].iter().filter_map(|(_, place)| place.conf.get(part).cloned());
                let over = over.reduce(|below, over| merged(&below, &over));
                let layer = values.layer((part, own), over.as_ref(), &|_, _| true, &mut assembled, run);
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
        assembled.unseen = if is_whole || first.is_chart && conf.get("cinder").is_some() && !own.is_empty() {
            Unseen::Nothing
        } else if conf.at(&["backends", "rbd1"]).is_some_and(|own| own.get("volume_driver").is_none() && !own.is_null())
        {
            // The chart has a backend of this name, whose options are not seen.
            Unseen::Everything
        } else {
            Unseen::Sections
        };
        for ((values, place), part) in stack.parts.iter().flat_map(|of| ["cinder", "backends"].map(|part| (of, part))) {
            let path: Vec<&str> = place.path.iter().map(String::as_str).chain([part]).collect();
            let known = std::mem::take(&mut assembled.remarks);
            let found = maps::lost(values.id, &place.base, &path);
            assembled.remarks.extend(found.into_iter().filter(|one| !known.contains(one)));
            assembled.remarks.extend(known);
        }
        // Where other values say what the host is called, the chart's own word for it may mean nothing.
        let says_host =
            |one: &Self| one.confs.iter().any(|place| place.conf.at(&["cinder", "DEFAULT", "host"]).is_some());
        let is_alone = !all.iter().any(|one| !one.is_chart && says_host(one));
        let below = defaults.map(|(_, conf)| conf).filter(|_| is_alone);
        if let Some((replicas, span, host)) = place.same_hosts(&conf, below) {
            let place = Place { file: first.id, span };
            let facts = vec![("replicas", replicas.to_string()), ("host", host)];
            assembled.remarks.push(Remark { kind: "helm-volume-replicas", place, facts, ..Remark::default() });
        }
        run.found.push(assembled);
    }

    /// One map of sections; without what another map above it deletes, and what nobody wants.
    fn layer(
        &self,
        (part, sections): (&str, &Node),
        above: Option<&Node>,
        wanted: &dyn Fn(&str, Option<&str>) -> bool,
        assembled: &mut Assembled,
        run: &mut Run<'_>,
    ) -> FileId {
        // Each key of `conf.backends` is a backend, of which the chart makes volume types.
        let mut builder = if part == "cinder" { Builder::of_any_section(&self.text) } else { Builder::new(&self.text) };
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
                if over.and_then(|over| over.get(option.key.text())).is_some_and(is_taken_away)
                    || is_taken_away(&option.value)
                    || reads_itself(option)
                    || leaves_open(name, option)
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

/// What stays to be filled in: backends by the values of a site, others by the chart's templates.
fn leaves_open(section: &str, option: &Entry) -> bool {
    let key = option.key.text();
    let is_open = key == "enabled_backends" || FILLED_IN.contains(&(section, key));
    is_open && option.value.scalar().is_some_and(|text| text.text.is_empty())
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
