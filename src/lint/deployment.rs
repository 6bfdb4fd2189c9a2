use std::sync::Arc;

use super::{policy::NasPolicy, site_driver::SiteDriver};
use crate::{
    catalog::Release,
    config::Config,
    input::forms::{Label, Remark},
    source::{FileId, Files, Services, Unseen},
};

/// The files that one service reads together, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// To what its findings belong, where that is not all that a file is for.
    pub label: Option<Label>,
    /// The files, the one that takes effect last.
    pub layers: Vec<FileId>,
    /// The release that reads them.
    pub release: Release,
    /// Whether somebody said so; otherwise it is the newest, for want of better knowledge.
    pub release_given: bool,
    /// The release that read them until now, where an upgrade is looked at.
    pub from: Option<Release>,
    /// What the site demands of the NAS pair.
    pub nas_policy: NasPolicy,
    /// What may be in force although none of the files shows it.
    pub unseen: Unseen,
    /// Whether somebody named all files that the service reads, in order: no other one completes them.
    pub is_whole: bool,
    /// The services that read them.
    pub services: Services,
    /// Shares files among the files of the run: the path at which Cinder finds each, and which it is. Without a path
    /// nobody knows who reads it.
    pub shares: Vec<(Option<String>, FileId)>,
    /// What the form of the files has to say.
    pub remarks: Vec<Remark>,
    /// Drivers that are not part of Cinder, as the site declares them.
    pub drivers: Arc<[SiteDriver]>,
}

impl Deployment {
    /// These files, and nothing else is known.
    pub fn new(layers: Vec<FileId>, release: Release) -> Self {
        Self {
            label: None,
            layers,
            release,
            release_given: false,
            from: None,
            nas_policy: NasPolicy::default(),
            unseen: Unseen::Nothing,
            is_whole: false,
            services: Services::ALL,
            shares: Vec::new(),
            remarks: Vec::new(),
            drivers: Arc::default(),
        }
    }

    /// What Cinder makes of the files.
    pub fn config<'f>(&self, files: &'f Files, release: Release) -> Config<'f> {
        let mut config = Config::new(files, self.layers.clone(), release);
        config.unseen = self.unseen;
        config.is_whole = self.is_whole;
        config.shares = self.shares.iter().filter_map(|(path, file)| Some((path.clone()?, *file))).collect();
        config
    }
}
