//! What conditions and messages can ask about.

use std::collections::BTreeMap;

use crate::{
    catalog,
    config::{Backend, Config, Place},
    nas::{Effective, Nas, OPERATIONS, PERMISSIONS, SharesFileState},
};

/// Something that a rule looks at.
pub trait Subject {
    /// The text of an option, its default included; `this` is the option that the rule looks at.
    fn option(&self, name: &str) -> Option<String>;
    /// Whether a file sets the option.
    fn is_set(&self, name: &str) -> bool;
    /// The name behind `this`.
    fn name_of(&self, name: &str) -> String;
    /// A fact by its name.
    fn fact(&self, name: &str) -> Option<String>;
    /// A place by its name: `header`, `driver`, `listed`, `value:OPTION`, `key:OPTION`, `default:OPTION`.
    fn place(&self, name: &str) -> Option<Place>;
}

/// All that is known of one backend.
pub(super) struct BackendFacts<'c, 'f> {
    pub config: &'c Config<'f>,
    pub backend: &'c Backend,
    pub nas: &'c Nas<'f>,
    /// The option that the rule looks at.
    pub this: Option<&'c str>,
}

impl BackendFacts<'_, '_> {
    fn real<'n>(&'n self, name: &'n str) -> &'n str {
        if name == "this" { self.this.unwrap_or(name) } else { name }
    }

    fn nas_option(&self, name: &str) -> Option<&crate::nas::NasOption<'_>> {
        match self.real(name) {
            OPERATIONS => Some(&self.nas.operations),
            PERMISSIONS => Some(&self.nas.permissions),
            _ => None,
        }
    }

    fn shares_file(&self) -> Option<&'static str> {
        let (_, state) = self.nas.listing.file.as_ref()?;
        Some(match state {
            SharesFileState::Read if self.nas.listing.shares.is_empty() => "empty",
            SharesFileState::Read => "read",
            SharesFileState::Absent { certain: true } => "absent",
            SharesFileState::Absent { certain: false } => "absent-here",
            SharesFileState::Unreadable(_) => "unreadable",
            SharesFileState::NoName => "no-name",
            SharesFileState::Unknown => "unknown",
        })
    }
}

fn state(effective: Effective) -> Option<String> {
    Some(effective.name().to_string())
}

impl Subject for BackendFacts<'_, '_> {
    fn option(&self, name: &str) -> Option<String> {
        if let Some(name) = name.strip_prefix("DEFAULT/") {
            let group = self.config.group("DEFAULT")?;
            return self.config.setting(group, name).map(|setting| setting.value().into_owned());
        }
        self.config.backend_text(self.backend, self.real(name)).text.ok().flatten()
    }

    fn is_set(&self, name: &str) -> bool {
        if let Some(name) = name.strip_prefix("DEFAULT/") {
            return self.config.group("DEFAULT").is_some_and(|group| self.config.setting(group, name).is_some());
        }
        self.config.backend_setting(self.backend, self.real(name)).is_some()
    }

    fn name_of(&self, name: &str) -> String {
        self.real(name).to_string()
    }

    fn fact(&self, name: &str) -> Option<String> {
        let yes = |yes: bool| Some(if yes { "true" } else { "false" }.to_string());
        let listing = &self.nas.listing;
        match name {
            "backend" => Some(self.backend.name.clone()),
            "enabled" => yes(self.backend.enabled),
            "section" => yes(self.backend.group.is_some()),
            "driver" => Some(self.backend.driver.clone()),
            "class" => Some(self.nas.driver.class.clone()),
            "family" => Some(self.nas.driver.family.name().into()),
            "release" => Some(self.config.release.title()),
            "option" => self.this.map(str::to_string),
            "value" => self.this.and_then(|this| self.option(this)),
            "lower" => self.this.and_then(|this| self.option(this)).map(|text| text.to_lowercase()),
            "unresolved-this" => yes(self.config.backend_text(self.backend, self.this?).text.is_err()),
            "reason" => self.nas_option("this").map(|option| option.reason.clone()),
            "validates" => yes(self.nas.driver.nas.is_some_and(|nas| nas.validates)),
            "checks-snapshots" => yes(self.nas.driver.nas.is_some_and(|nas| nas.checks_snapshots)),
            "bad-address" => yes(self.nas.listing.error.as_ref().is_some_and(|error| error.contains("invalid format"))),
            "effective" => state(self.nas_option("this")?.effective),
            "if-new-install" => state(self.nas_option("this")?.if_new_install),
            "if-existing" => state(self.nas_option("this")?.if_existing),
            "operations" => state(self.nas.operations.effective),
            "operations-if-new-install" => state(self.nas.operations.if_new_install),
            "operations-if-existing" => state(self.nas.operations.if_existing),
            "permissions" => state(self.nas.permissions.effective),
            "starts" => Some(self.nas.starts.name().into()),
            "start-error" => self.nas.start_error.clone(),
            "start-error-class" => {
                self.nas.start_error.as_ref().map(|error| error.split(':').next().unwrap_or_default().to_string())
            }
            "shares" => listing.known.then(|| listing.shares.len().to_string()),
            "shares-from" => match (&listing.file, listing.known) {
                (Some(_), _) => Some("file".into()),
                (None, true) => Some("pair".into()),
                (None, false) => None,
            },
            "shares-file" => self.shares_file().map(str::to_string),
            "shares-file-path" => listing.file.as_ref().map(|(path, _)| path.clone()),
            "share" => listing.shares.first().map(|share| share.share.address.clone()),
            "consulted-share" => listing.consulted().map(|share| share.share.address.clone()),
            "indicator" => listing.consulted().map(|share| share.indicator.name().into()),
            "reads-pair" => yes(self.nas.driver.nas.is_some_and(|nas| {
                matches!(nas.shares, crate::nas::ShareSource::PairOrFile(_) | crate::nas::ShareSource::Pair)
            })),
            "reads-this" => {
                let driver = catalog::driver(self.config.release, &self.nas.driver.class)?;
                yes(driver.reads(self.config.release, self.this?)?)
            }
            _ => None,
        }
    }

    fn place(&self, name: &str) -> Option<Place> {
        let setting = |option: &str| self.config.backend_setting(self.backend, self.real(option));
        match name.split_once(':') {
            Some(("value", option)) => setting(option).map(|found| found.value_place()),
            Some(("key", option)) => setting(option).map(|found| found.key_place()),
            Some(("default", option)) => {
                let group = self.config.group("DEFAULT")?;
                self.config.setting(group, self.real(option)).map(|found| found.place())
            }
            _ => match name {
                "header" => self.backend.group.and_then(|group| self.config.header_place(group)),
                "driver" => setting("volume_driver").map(|found| found.value_place()),
                "listed" => self.backend.listed,
                _ => None,
            },
        }
    }
}

/// What a native check found.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidate {
    /// Which of the check's kinds it is.
    pub kind: &'static str,
    pub place: Place,
    pub section: Option<String>,
    pub option: Option<String>,
    pub facts: BTreeMap<&'static str, String>,
    pub places: BTreeMap<&'static str, Place>,
}

impl Subject for Candidate {
    fn option(&self, name: &str) -> Option<String> {
        if name == "this" { self.facts.get("value").cloned() } else { None }
    }

    fn is_set(&self, name: &str) -> bool {
        self.option(name).is_some()
    }

    fn name_of(&self, _: &str) -> String {
        self.option.clone().unwrap_or_default()
    }

    fn fact(&self, name: &str) -> Option<String> {
        match name {
            "kind" => Some(self.kind.to_string()),
            "section" => self.section.as_deref().map(|name| crate::secrets::cover_section(name).into_owned()),
            "option" => self.option.as_deref().map(|key| crate::secrets::cover_key(key).into_owned()),
            "value" => {
                let value = self.facts.get("value")?;
                Some(crate::secrets::cover_value(self.option.as_deref().unwrap_or_default(), value).into_owned())
            }
            name => self.facts.get(name).cloned(),
        }
    }

    fn place(&self, name: &str) -> Option<Place> {
        if name == "this" { Some(self.place) } else { self.places.get(name).copied() }
    }
}
