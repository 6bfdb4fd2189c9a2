//! Settings: `cinderlint.toml`, or `[tool.cinderlint]` in `pyproject.toml`.
//!
//! The nearest file upward from each linted file counts; a folder with `.git` ends the search. Paths in it are relative to its
//! folder. Flags of the command line win.

mod error;
mod find;
mod load;

use std::{collections::BTreeMap, path::PathBuf, str::FromStr};

use serde::{Deserialize, Deserializer};
use toml::Spanned;

pub use error::SettingsError;
pub use find::Finder;
pub use load::{Declared, Loaded, is_meant};

use crate::{
    catalog::Release,
    lint::{NasPolicy, Severity},
};

/// The lowest severity that makes the exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum FailOn {
    /// Errors.
    Error,
    /// Warnings and errors.
    Warning,
    /// Everything that is shown.
    Info,
    /// Nothing.
    Never,
}

/// What stands in a settings file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Settings {
    /// The versions of cinderlint that may read it: `>=0.1, <0.3`.
    pub required_version: Option<Spanned<String>>,
    /// The Cinder release that reads the files.
    #[serde(deserialize_with = "parsed")]
    pub release: Option<Release>,
    /// Where absolute paths are looked up.
    pub root: Option<PathBuf>,
    /// Whether the volume database is empty when cinder-volume starts.
    pub new_install: Option<bool>,
    /// The major version of the Python that runs cinder-volume: 2 or 3.
    #[serde(deserialize_with = "python")]
    pub python: Option<u8>,
    /// Only these rules.
    pub select: Vec<Spanned<String>>,
    /// Not these rules.
    pub ignore: Vec<Spanned<String>>,
    /// Other severities than the rules': a rule by id or name.
    pub severities: BTreeMap<Spanned<String>, Severity>,
    /// Findings of severity info are shown.
    pub pedantic: Option<bool>,
    /// Rules that are new and may change speak as well.
    pub preview: Option<bool>,
    /// The lowest severity that makes the exit code 1.
    pub fail_on: Option<FailOn>,
    /// Files and folders that are left out, as in a `.gitignore`.
    pub exclude: Vec<Spanned<String>>,
    /// Choices for some files.
    pub per_path: Vec<PerPath>,
    /// Suppressions without a reason do nothing.
    pub require_suppression_reason: bool,
    /// Rules that no suppression lets pass.
    pub not_suppressible: Vec<Spanned<String>>,
    /// What is demanded of the NAS security pair.
    pub nas_policy: NasPolicy,
    /// A folder of the site's own rules.
    pub rules_dir: Option<Spanned<PathBuf>>,
    /// Files that one service reads together.
    pub deployment: Vec<DeploymentSettings>,
    /// Drivers that are not part of Cinder.
    pub driver: Vec<DriverSettings>,
}

/// A driver that is not part of Cinder, and the options that it reads beside Cinder's own.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DriverSettings {
    /// The value of `volume_driver`.
    pub class: String,
    /// The names of its options.
    #[serde(default)]
    pub options: Vec<String>,
    /// A document of `oslo-config-generator --format json` with its options.
    #[serde(default)]
    pub options_file: Option<Spanned<PathBuf>>,
}

/// Which rules speak of some files.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PerPath {
    /// The files, as in a `.gitignore`.
    pub paths: Vec<Spanned<String>>,
    /// Not these rules.
    #[serde(default)]
    pub ignore: Vec<Spanned<String>>,
    /// Only these rules.
    #[serde(default)]
    pub select: Vec<Spanned<String>>,
    /// What is demanded of the NAS security pair in a deployment that starts with one of them.
    #[serde(default)]
    pub nas_policy: Option<NasPolicy>,
}

/// The files that one service reads together: first the files, then those in the folders, later ones winning.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DeploymentSettings {
    /// What people call it.
    pub name: String,
    /// As with `--config-file`.
    pub config_files: Vec<PathBuf>,
    /// As with `--config-dir`.
    #[serde(default)]
    pub config_dirs: Vec<PathBuf>,
    /// The release that reads it.
    #[serde(default, deserialize_with = "parsed")]
    pub release: Option<Release>,
    /// Where the absolute paths in it are looked up.
    #[serde(default)]
    pub root: Option<PathBuf>,
    /// What is demanded of the NAS security pair in it.
    #[serde(default)]
    pub nas_policy: Option<NasPolicy>,
}

fn parsed<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: std::fmt::Display>,
{
    String::deserialize(from)?.parse().map(Some).map_err(serde::de::Error::custom)
}

fn python<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u8>, D::Error> {
    match u8::deserialize(from)? {
        version @ (2 | 3) => Ok(Some(version)),
        _ => Err(serde::de::Error::custom("the major version of Python is 2 or 3")),
    }
}
