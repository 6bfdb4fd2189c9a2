use super::policy::NasPolicy;
use crate::{
    catalog::Release,
    config::Config,
    input::forms::Remark,
    source::{FileId, Files, Services, Unseen},
};

/// The files that one service reads together, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// The files, the one that counts most last.
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
}

impl Deployment {
    /// These files, and nothing else is known.
    pub fn new(layers: Vec<FileId>, release: Release) -> Self {
        Self {
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
