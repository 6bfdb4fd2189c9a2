//! What conditions cannot say well: small searches that hand their candidates to the rules that name them.

mod across;
mod backends;
mod misplaced;
mod names;
mod portability;
mod references;
mod repeats;
mod shares;
mod syntax;

use super::{engine::Attached, facts::Candidate};
use std::collections::HashMap;

use crate::{
    config::{Backend, Config, GroupId, Setting},
    nas::Nas,
};

/// What a check looks at: one deployment.
pub(super) struct Context<'c, 'f> {
    pub config: &'c Config<'f>,
    pub backends: &'c [Backend],
    pub nas: &'c [Nas<'f>],
    by_group: HashMap<GroupId, usize>,
}

type Check = fn(&Context<'_, '_>, &mut Attached, &mut Vec<Candidate>);

/// The check that costs more than all others together and makes only `info`.
pub(super) const PORTABILITY: &str = "portability";

/// Every check, by the name that rules give.
pub(super) const ALL: [(&str, Check); 13] = [
    ("syntax", syntax::errors),
    ("inline-comment", syntax::inline_comments),
    ("repeats", repeats::find),
    ("names", names::find),
    ("references", references::find),
    ("enabled-backends", backends::listed),
    ("not-enabled", backends::not_enabled),
    ("replication", backends::replication),
    ("across", across::find),
    ("backup-share", across::backup),
    ("misplaced", misplaced::find),
    ("shares-lines", shares::lines),
    (PORTABILITY, portability::find),
];

impl<'c, 'f> Context<'c, 'f> {
    pub(super) fn new(config: &'c Config<'f>, backends: &'c [Backend], nas: &'c [Nas<'f>]) -> Self {
        // The first of two backends with one section, as cinder-volume meets them.
        let groups = backends.iter().enumerate().rev();
        let by_group = groups.filter_map(|(at, backend)| Some((backend.group?, at))).collect();
        Self { config, backends, nas, by_group }
    }

    /// The backend that a section configures.
    fn backend_of(&self, group: GroupId) -> Option<&'c Backend> {
        self.by_group.get(&group).map(|&at| &self.backends[at])
    }

    /// A candidate at an assignment.
    fn at_setting(&self, kind: &'static str, setting: &Setting<'_>) -> Candidate {
        let source = setting.source();
        let section = source.document.sections.get(setting.option.section as usize);
        let section = section.map(|section| String::from_utf8_lossy(section.name.of(&source.text)).into_owned());
        let mut candidate = Candidate {
            kind,
            place: setting.value_place(),
            section,
            option: Some(setting.key().into_owned()),
            ..Candidate::default()
        };
        candidate.facts.insert("value", setting.value().into_owned());
        candidate.facts.insert("release", self.config.release.title());
        candidate.places.insert("key", setting.key_place());
        candidate.places.insert("setting", setting.place());
        candidate
    }
}
