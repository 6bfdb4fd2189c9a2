//! What the editor's own settings say: `initializationOptions`, and the section `cinderlint` of its configuration.

use serde_json::Value;

use crate::catalog::Release;

/// The settings of the editor. Those of the tree (`cinderlint.toml`) hold beside them, as for `check`.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The release that reads the files; it wins over the settings of the tree.
    pub release: Option<Release>,
    /// Absolute paths that a configuration names are looked up on this machine: shares, mount points, the indicator.
    pub host: bool,
    /// Whether the volume database is empty when cinder-volume starts.
    pub new_install: Option<bool>,
    /// Findings of severity info are shown too.
    pub pedantic: bool,
    /// New rules that may change speak too.
    pub preview: bool,
    /// What the tree says about linting is ignored: settings and suppressions.
    pub isolated: bool,
}

impl Given {
    /// What stands in a value. A setting that cannot be read, such as a release that nobody knows, says nothing: an editor starts
    /// with what it has.
    pub(super) fn of(value: &Value) -> Self {
        let own = value.get("cinderlint").unwrap_or(value);
        let answer = |name: &str| own.get(name).and_then(Value::as_bool);
        let is_on = |name: &str| answer(name).unwrap_or_default();
        Self {
            release: own.get("release").and_then(Value::as_str).and_then(|text| text.parse().ok()),
            host: is_on("host"),
            new_install: answer("newInstall"),
            pedantic: is_on("pedantic"),
            preview: is_on("preview"),
            isolated: is_on("isolated"),
        }
    }
}

impl Given {
    /// These settings, and where they say nothing, others.
    pub(super) fn over(self, other: &Self) -> Self {
        Self {
            release: self.release.or(other.release),
            new_install: self.new_install.or(other.new_install),
            host: self.host || other.host,
            pedantic: self.pedantic || other.pedantic,
            preview: self.preview || other.preview,
            isolated: self.isolated || other.isolated,
        }
    }
}
