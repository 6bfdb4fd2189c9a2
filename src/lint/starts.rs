//! Whether a backend starts: the one answer of `check` and `effective`.
//!
//! A backend starts where neither the NAS decision ([`crate::nas`]) nor a rule says otherwise. A rule that tells of an end
//! names in `stops` what ends, and in `raises` with which exception; [`Ends`] holds what the rules say of one deployment.

use std::sync::Arc;

use foldhash::HashMap;

use super::{deployment::Deployment, engine, finding::Stop, rule::Rule};
use crate::{
    config::{Backend, Exception, normalize_group},
    nas::Host,
    source::Files,
};

/// What a rule may stop: the backend that it speaks of, or whole services.
pub const STOPS: [&str; 5] = ["backend", "volume", "scheduler", "backup", "api"];

/// What ends in one deployment, by the rules.
#[derive(Debug, Default)]
pub struct Ends {
    /// All backends, for cinder-volume itself ends.
    volume: Option<Exception>,
    /// By the names of backends, as the names of sections are compared.
    backends: HashMap<String, Exception>,
}

impl Ends {
    /// What the rules say of a deployment. Directives and settings do not matter: whether a finding is shown changes nothing
    /// of what Cinder does.
    pub fn of(files: &Files, deployment: &Deployment, host: &Host, rules: &[Arc<Rule>]) -> Self {
        let mut ends = Self::default();
        for finding in engine::stops(files, deployment, host, rules) {
            let Some(stop) = finding.stop else { continue };
            let Stop { backend, exception } = *stop;
            if let Some(backend) = backend {
                ends.backends.entry(normalize_group(&backend).into_owned()).or_insert(exception);
            } else if finding.rule.stops.contains("volume") {
                ends.volume.get_or_insert(exception);
            }
        }
        ends
    }

    /// The exception that keeps a backend from starting.
    pub fn of_backend(&self, backend: &Backend) -> Option<&Exception> {
        let own = self.backends.get(&*normalize_group(&backend.name));
        own.or_else(|| self.backends.get("backend_defaults")).or(self.volume.as_ref())
    }
}
