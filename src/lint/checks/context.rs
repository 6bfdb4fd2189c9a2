//! What every check looks at, and how it says what it found.

use std::sync::Arc;

use foldhash::HashSet;

use super::{Candidate, reader::Reader};
use crate::{
    config::{Backend, Config, GroupId, Setting},
    ini::Span,
    lint::{Deployment, SiteDriver, pool::Pool},
    nas::{Effective, Family, Host, Listing, MountedShare, Nas, family::ShareLines, shares::Share},
    source::Place,
    text::short_name,
};

/// What a check looks at: one deployment.
pub(in crate::lint) struct Context<'c, 'f> {
    pub config: &'c Config<'f>,
    pub backends: &'c [Backend],
    pub nas: &'c [NasDigest],
    pub(super) deployment: &'c Deployment,
    /// Whether somebody named the release; otherwise a finding that holds in some releases only may be wrong.
    pub(super) release_given: bool,
    /// The same files as the release before an upgrade reads them.
    pub(super) before: Option<&'c Config<'f>>,
    /// Who reads what there.
    pub(super) reader_before: Option<Reader<'f>>,
    pub(super) host: &'c Host,
    /// For each section its backend.
    pub(super) by_group: Vec<Option<u32>>,
    pub(super) reader: Reader<'f>,
    /// Where the remarks of the deployment are.
    pub(super) remarked: HashSet<Place>,
}

/// What checks ask of a backend's NAS settings: there may be very many backends.
pub(in crate::lint) struct NasDigest {
    pub family: Family,
    /// What the lines of its shares file are.
    pub lines: Option<ShareLines>,
    /// Whether one of the pair is left to the driver.
    pub is_auto: bool,
    pub operations: Effective,
    pub permissions: Effective,
    /// Its shares.
    pub shares: Box<[OnBase]>,
    /// The rest of the list, where its file was read here.
    pub listing: Option<Box<Listing>>,
}

/// A share, and the folder that it is mounted in; below that, its address decides.
pub(in crate::lint) struct OnBase {
    pub share: Share,
    pub base: Option<Arc<str>>,
}

impl NasDigest {
    /// Of all that is known.
    pub(in crate::lint) fn of(mut nas: Nas<'_>, pool: &mut Pool) -> Self {
        let mut on_base = |mounted: MountedShare| {
            let base = mounted.mount_point.as_deref().and_then(|point| Some(point.rsplit_once('/')?.0));
            OnBase { share: mounted.share, base: base.map(|base| pool.keep(base)) }
        };
        Self {
            family: nas.driver.family,
            lines: nas.driver.nas.map(|nas| nas.lines),
            is_auto: nas.operations.is_auto() || nas.permissions.is_auto(),
            operations: nas.operations.effective,
            permissions: nas.permissions.effective,
            shares: std::mem::take(&mut nas.listing.shares).into_iter().map(&mut on_base).collect(),
            listing: nas.listing.here.is_some().then(|| Box::new(nas.listing)),
        }
    }
}

impl<'c, 'f> Context<'c, 'f> {
    pub(in crate::lint) fn new(
        config: &'c Config<'f>,
        backends: &'c [Backend],
        nas: &'c [NasDigest],
        deployment: &'c Deployment,
        before: Option<&'c Config<'f>>,
        host: &'c Host,
    ) -> Self {
        // The first of two backends with one section, as cinder-volume meets them.
        let mut by_group = vec![None; config.groups().count()];
        for (at, backend) in backends.iter().enumerate().rev() {
            if let Some(group) = backend.group {
                by_group[group.index()] = Some(at as u32);
            }
        }
        let reader = Reader::new(config, backends);
        let reader_before = before.map(|before| Reader::new(before, &before.all_backends()));
        let release_given = deployment.release_given;
        let remarked = deployment.remarks.iter().map(|remark| remark.place).collect();
        Self {
            config,
            backends,
            nas,
            deployment,
            release_given,
            before,
            reader_before,
            host,
            by_group,
            reader,
            remarked,
        }
    }

    /// The backends that `enabled_backends` names.
    pub(super) fn listed(&self) -> impl Iterator<Item = &'c Backend> {
        self.backends.iter().filter(|backend| backend.enabled && backend.listed.is_some())
    }

    /// Whether an engine has yet to write the name of a section.
    pub(super) fn has_dynamic_name(&self, group: GroupId) -> bool {
        self.config.headers(group).any(|(file, section)| {
            let template = &self.config.files().get(file).template;
            template.as_ref().is_some_and(|template| template.is_dynamic(section.header))
        })
    }

    /// Whether the form of the files has something to say of a place: it knows better than a search.
    pub(super) fn has_remark(&self, place: Place) -> bool {
        self.remarked.contains(&place)
    }

    /// The backend that a section configures.
    /// The driver of a section's backend, where the site declares it.
    pub(super) fn site_driver(&self, group: GroupId) -> Option<&'c SiteDriver> {
        let driver = &self.backend_of(group)?.driver;
        self.deployment.drivers.iter().find(|one| *one.class == **driver)
    }

    pub(super) fn backend_of(&self, group: GroupId) -> Option<&'c Backend> {
        self.by_group.get(group.index()).copied().flatten().map(|at| &self.backends[at as usize])
    }
}

impl Context<'_, '_> {
    /// A candidate at an assignment.
    pub(super) fn at_setting(&self, kind: &'static str, setting: &Setting<'_>) -> Candidate {
        let source = setting.source();
        let section = source.document.section_of(setting.option);
        let section =
            section.map(|section| short_name(&String::from_utf8_lossy(section.name.of(&source.text))).into_owned());
        let mut candidate = Candidate {
            kind,
            place: setting.value_place(),
            section,
            option: Some(short_name(&setting.key()).into_owned()),
            ..Candidate::default()
        };
        candidate.facts.insert("value", setting.value().into_owned());
        candidate.facts.insert("release", self.config.release.title());
        candidate.facts.insert("release-given", yes(self.release_given));
        candidate.places.insert("key", setting.key_place());
        candidate.places.insert("setting", setting.place());
        candidate.places.insert("lines", lines(setting));
        candidate
    }
}

/// The whole lines of an assignment, the last line end included.
fn lines(setting: &Setting<'_>) -> Place {
    let Place { file, span } = setting.place();
    let text = &setting.source().text;
    let rest = text.get(span.end as usize..).unwrap_or_default();
    let end = memchr::memchr2(b'\n', b'\r', rest)
        .map_or(rest.len(), |at| at + if rest[at..].starts_with(b"\r\n") { 2 } else { 1 });
    Place { file, span: Span::new(span.start, span.end + end as u32) }
}

/// A Boolean fact.
pub(super) fn yes(yes: bool) -> String {
    if yes { "true" } else { "false" }.to_string()
}
