//! How bad a finding is.

use serde::{Deserialize, Serialize};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Style and hygiene; shown with `--pedantic`.
    Info,
    /// It starts, but something written is ignored or means something else, or it is dangerous.
    Warning,
    /// Cinder refuses to start or to use the backend, or the NAS pair depends on what is in no file.
    Error,
}

impl Severity {
    /// Its name in every format.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}
