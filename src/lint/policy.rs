//! What a site demands of the NAS security pair.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::normalize_group;

/// What is demanded of one backend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Demand {
    /// Both options are stated, with whatever value.
    #[default]
    Explicit,
    /// Both are true.
    Secure,
    /// Both are false, so that there can be snapshots.
    Open,
}

impl Demand {
    /// Its name in settings and rules.
    pub fn name(self) -> &'static str {
        match self {
            Self::Explicit => "explicit",
            Self::Secure => "secure",
            Self::Open => "open",
        }
    }

    /// The value that both options are to have, where one is demanded.
    pub fn value(self) -> Option<&'static str> {
        match self {
            Self::Explicit => None,
            Self::Secure => Some("true"),
            Self::Open => Some("false"),
        }
    }
}

/// What is demanded of the backends of a deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default, expecting = "a table with `default` and `backends`")]
pub struct NasPolicy {
    /// Of those that are not named.
    pub default: Demand,
    /// Of those with these names, which are compared as the names of sections are.
    pub backends: BTreeMap<String, Demand>,
}

impl NasPolicy {
    /// What is demanded of a backend.
    pub fn of(&self, backend: &str) -> Demand {
        let name = normalize_group(backend);
        let named = self.backends.iter().find(|(own, _)| normalize_group(own) == name);
        named.map_or(self.default, |(_, demand)| *demand)
    }
}
