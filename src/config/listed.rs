//! What `enabled_backends` lists: names, and the backends that they stand for.

use std::sync::Arc;

use super::GroupId;
use crate::source::Place;

/// One backend that cinder-volume starts.
#[derive(Clone, Debug)]
pub struct Backend {
    /// Its name in `enabled_backends`; `DEFAULT` for the single backend that releases up to Newton make of `[DEFAULT]`.
    pub name: Arc<str>,
    /// Its section, where there is one.
    pub group: Option<GroupId>,
    /// Whether cinder-volume starts it; otherwise it is a section that looks like a backend.
    pub enabled: bool,
    /// Where `enabled_backends` names it.
    pub listed: Option<Place>,
    /// The class that `volume_driver` names, or the release's default; empty: it cannot be seen.
    pub driver: Arc<str>,
}

impl Backend {
    /// One that is nothing but what `[backend_defaults]` and the defaults make of it.
    pub fn without_section() -> Self {
        Self { name: "".into(), group: None, enabled: false, listed: None, driver: "".into() }
    }
}

/// One name in `enabled_backends`.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The name, after substitution.
    pub name: String,
    /// Where it stands.
    pub place: Place,
}
