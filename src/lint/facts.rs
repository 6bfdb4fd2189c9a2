//! What conditions and messages can ask about.

use std::borrow::Cow;

use super::policy::Demand;
use crate::{
    catalog,
    config::{Backend, Config, Problem, Setting, Texts},
    input::Seen,
    nas::{Effective, Host, Nas, OPERATIONS, PERMISSIONS, SharesFileState},
    source::Place,
};

/// Something that a rule looks at.
pub trait Subject {
    /// The text of an option, its default included; `this` is the option that the rule looks at.
    fn option(&self, name: &str) -> Option<Cow<'_, str>>;
    /// Whether a file sets the option.
    fn is_set(&self, name: &str) -> bool;
    /// Whether it cannot be seen what the option is: a template has yet to write it, or another file may.
    fn is_option_unknown(&self, _name: &str) -> bool {
        false
    }
    /// The same for a fact.
    fn is_fact_unknown(&self, _name: &str) -> bool {
        false
    }
    /// The name behind `this`.
    fn name_of(&self, name: &str) -> String;
    /// A fact by its name.
    fn fact(&self, name: &str) -> Option<Cow<'_, str>>;
    /// A place by its name: `header`, `driver`, `listed`, `value:OPTION`, `own:OPTION` (only where the backend's own
    /// section sets it), `key:OPTION`, `default:OPTION`.
    fn place(&self, name: &str) -> Option<Place>;
}

/// All that is known of one backend.
pub(super) struct BackendFacts<'c, 'f, 'r> {
    pub config: &'c Config<'f>,
    pub backend: &'c Backend,
    pub texts: &'c Texts<'c, 'f>,
    pub nas: &'c Nas<'f>,
    pub host: &'c Host,
    /// What the site demands of the pair.
    pub demand: Demand,
    /// Whether somebody named the release.
    pub release_given: bool,
    /// The option that the rule looks at.
    pub this: Option<&'r str>,
}

/// The line that sets `group/option`, or an option of `[DEFAULT]`.
fn service_setting<'f>(config: &'f Config<'_>, path: &str) -> Option<Setting<'f>> {
    let (group, name) = path.split_once('/').unwrap_or(("DEFAULT", path));
    let id = config.group(group)?;
    match catalog::option(config.release, group, name) {
        Some(known) => config.known_setting(id, &known),
        None => config.setting(id, name),
    }
}

/// The text of `group/option`, or of an option of `[DEFAULT]`, its default included.
fn service_text(config: &Config<'_>, path: &str) -> Option<String> {
    let (group, name) = path.split_once('/').unwrap_or(("DEFAULT", path));
    match catalog::option(config.release, group, name) {
        Some(known) => config.service_text(group, &known),
        None => service_setting(config, path).map(|setting| setting.value().into_owned()),
    }
}

/// Whether it cannot be seen what `group/option`, or an option of `[DEFAULT]`, is.
fn is_service_unknown(config: &Config<'_>, path: &str) -> bool {
    if config.is_certain() {
        return false;
    }
    let (group, _) = path.split_once('/').unwrap_or(("DEFAULT", path));
    match service_setting(config, path) {
        Some(setting) => setting.is_doubtful,
        None => config.hides(group),
    }
}

/// All that is known of what the services share.
pub(super) struct ServiceFacts<'c, 'f, 'r> {
    pub config: &'c Config<'f>,
    /// Whether somebody named the release.
    pub release_given: bool,
    /// The option that the rule looks at.
    pub this: Option<&'r str>,
}

impl ServiceFacts<'_, '_, '_> {
    fn real<'n>(&'n self, name: &'n str) -> &'n str {
        if name == "this" { self.this.unwrap_or(name) } else { name }
    }
}

fn yes(is: bool) -> Cow<'static, str> {
    if is { "true" } else { "false" }.into()
}

impl Subject for ServiceFacts<'_, '_, '_> {
    fn option(&self, name: &str) -> Option<Cow<'_, str>> {
        service_text(self.config, self.real(name)).map(Cow::Owned)
    }

    fn is_set(&self, name: &str) -> bool {
        service_setting(self.config, self.real(name)).is_some()
    }

    fn is_option_unknown(&self, name: &str) -> bool {
        is_service_unknown(self.config, self.real(name))
    }

    fn is_fact_unknown(&self, name: &str) -> bool {
        matches!(name, "value" | "key") && self.is_option_unknown("this")
    }

    fn name_of(&self, name: &str) -> String {
        let name = self.real(name);
        name.split_once('/').map_or(name, |(_, name)| name).to_string()
    }

    fn fact(&self, name: &str) -> Option<Cow<'_, str>> {
        let this = self.this.unwrap_or_default();
        match name {
            "release" => Some(self.config.release.title().into()),
            "option" => self.this.map(|_| self.name_of("this").into()),
            // An option may stand there under an older name.
            "key" => service_setting(self.config, this).map(|setting| setting.key()),
            "section" => Some(this.split_once('/').map_or("DEFAULT", |(group, _)| group).into()),
            "value" => {
                let value = self.option("this")?;
                Some(crate::secrets::cover_value(&self.name_of("this"), &value).into_owned().into())
            }
            "complete" => Some(yes(is_complete(self.config))),
            "release-given" => Some(yes(self.release_given)),
            _ => None,
        }
    }

    fn place(&self, name: &str) -> Option<Place> {
        let (what, option) = name.split_once(':')?;
        let setting = service_setting(self.config, self.real(option))?;
        match what {
            "value" => Some(setting.value_place()),
            "key" => Some(setting.key_place()),
            "setting" => Some(setting.place()),
            _ => None,
        }
    }
}

/// Whether the files look like all that a service reads, not like a part that something else completes.
pub(super) fn is_complete(config: &Config<'_>) -> bool {
    let set = |group: &str, key: &str| config.group(group).is_some_and(|group| config.setting(group, key).is_some());
    !config.hides_sections()
        && (config.is_whole
            || set("database", "connection") && (set("DEFAULT", "transport_url") || set("DEFAULT", "rpc_backend")))
}

impl BackendFacts<'_, '_, '_> {
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
            SharesFileState::Absent { certain: false } | SharesFileState::Outside => "absent-here",
            SharesFileState::Folder | SharesFileState::Unreadable(_) => "unreadable",
            SharesFileState::NoName => "no-name",
            SharesFileState::Unknown => "unknown",
        })
    }
}

fn state(effective: Effective) -> Option<Cow<'static, str>> {
    Some(effective.name().into())
}

impl Subject for BackendFacts<'_, '_, '_> {
    fn option(&self, name: &str) -> Option<Cow<'_, str>> {
        if self.real(name).contains('/') {
            return service_text(self.config, self.real(name)).map(Cow::Owned);
        }
        self.texts.get(self.real(name)).text.ok().flatten()
    }

    fn is_set(&self, name: &str) -> bool {
        if self.real(name).contains('/') {
            return service_setting(self.config, self.real(name)).is_some();
        }
        self.texts.setting(self.real(name)).is_some()
    }

    fn is_option_unknown(&self, name: &str) -> bool {
        if self.config.is_certain() {
            return false;
        }
        if self.real(name).contains('/') {
            return is_service_unknown(self.config, self.real(name));
        }
        matches!(self.texts.get(self.real(name)).text, Err(Problem::Unseen))
    }

    fn is_fact_unknown(&self, name: &str) -> bool {
        match name {
            "value" | "lower" | "reason" | "outcome" | "unresolved-this" => {
                self.this.is_some_and(|this| self.is_option_unknown(this))
            }
            "class" | "driver" | "family" => self.is_option_unknown("volume_driver"),
            "shares" | "shares-from" | "shares-file" => {
                self.nas.driver.nas.is_some()
                    && !self.nas.listing.known
                    && (self.is_option_unknown("nas_host") || self.is_option_unknown("nas_share_path"))
            }
            name => name.strip_prefix("exists:").is_some_and(|option| self.is_option_unknown(option)),
        }
    }

    fn name_of(&self, name: &str) -> String {
        self.real(name).to_string()
    }

    fn fact(&self, name: &str) -> Option<Cow<'_, str>> {
        let yes = |is: bool| Some(yes(is));
        let listing = &self.nas.listing;
        match name {
            "backend" => Some((&*self.backend.name).into()),
            "enabled" => yes(self.backend.enabled),
            "section" => yes(self.backend.group.is_some()),
            "driver" => Some((&*self.backend.driver).into()),
            "class" => Some(self.nas.driver.class.as_str().into()),
            "family" => Some(self.nas.driver.family.name().into()),
            "release" => Some(self.config.release.title().into()),
            "option" => self.this.map(Cow::Borrowed),
            "value" => self.this.and_then(|this| self.option(this)),
            "lower" => self.this.and_then(|this| self.option(this)).map(|text| text.to_lowercase().into()),
            "unresolved-this" => yes(self.texts.get(self.this?).text.is_err()),
            "reason" => self.nas_option("this").map(|option| self.nas.reason(option).to_string().into()),
            "outcome" => self.nas_option("this").map(|option| self.nas.reason(option).consequence().into()),
            "validates" => yes(self.nas.driver.nas.is_some_and(|nas| nas.validates)),
            "checks-snapshots" => yes(self.nas.driver.family.is_nfs_chain()),
            "bad-address" => {
                yes(self.nas.listing.error.as_ref().is_some_and(|error| error.option == Some("nas_share_path")))
            }
            "effective" => state(self.nas_option("this")?.effective),
            "if-new-install" => state(self.nas_option("this")?.if_new_install),
            "if-existing" => state(self.nas_option("this")?.if_existing),
            // What stating the option that the rule looks at comes to.
            "if-false" | "if-true" => {
                let texts = match self.real("this") {
                    OPERATIONS => {
                        ["commands run as root, snapshots are available", "commands run as cinder, no snapshots"]
                    }
                    PERMISSIONS => ["files get mode 0666", "files get mode 0660"],
                    _ => return None,
                };
                Some(texts[usize::from(name == "if-true")].into())
            }
            "policy" => Some(self.demand.name().into()),
            // What is stated, or what the driver makes of its absence; and what that comes to.
            "state" => match &*self.fact("lower")? {
                "true" => yes(true),
                "false" => yes(false),
                _ => self.fact("effective"),
            },
            "if-state" => self.fact(&format!("if-{}", self.fact("state")?)),
            "demanded" => self.demand.value().map(Cow::Borrowed),
            "if-effective" => match self.nas_option("this")?.effective.name() {
                value @ ("true" | "false") => self.fact(&format!("if-{value}")),
                _ => None,
            },
            "if-demanded" => self.fact(&format!("if-{}", self.demand.value()?)),
            "operations" => state(self.nas.operations.effective),
            "operations-if-new-install" => state(self.nas.operations.if_new_install),
            "operations-if-existing" => state(self.nas.operations.if_existing),
            "permissions" => state(self.nas.permissions.effective),
            "starts" => Some(self.nas.starts.name().into()),
            "start-error" => self.nas.start_error.as_ref().map(|error| error.to_string().into()),
            "start-error-class" => self.nas.start_error.as_ref().map(|error| error.class.clone()),
            "start-error-option" => self.nas.start_error.as_ref()?.option.map(Cow::Borrowed),
            "shares" => listing.known.then(|| listing.shares.len().to_string().into()),
            "shares-from" => match (&listing.file, listing.known) {
                (Some(_), _) => Some("file".into()),
                (None, true) => Some("pair".into()),
                (None, false) => None,
            },
            "shares-file" => self.shares_file().map(Cow::Borrowed),
            "shares-file-path" => listing.file.as_ref().map(|(path, _)| path.as_str().into()),
            "share" => listing.shares.first().map(|share| share.share.address.as_str().into()),
            "consulted-share" => listing.consulted().map(|share| share.share.address.as_str().into()),
            "indicator" => listing.consulted().map(|share| share.indicator.name().into()),
            "reads-pair" => yes(self.nas.driver.nas.is_some_and(|nas| {
                matches!(nas.shares, crate::nas::ShareSource::PairOrFile(_) | crate::nas::ShareSource::Pair)
            })),
            "active-active" => {
                let driver = catalog::driver(self.config.release, &self.nas.driver.class)?;
                yes(driver.is_active_active(self.config.release))
            }
            "complete" => yes(is_complete(self.config)),
            "release-given" => yes(self.release_given),
            "reads-this" => {
                let driver = catalog::driver(self.config.release, &self.nas.driver.class)?;
                yes(driver.reads(self.config.release, self.this?)?)
            }
            // `exists:OPTION`: whether the absolute path that an option holds is there; unknown on another machine.
            name => {
                let path = self.option(name.strip_prefix("exists:")?).filter(|path| path.starts_with('/'))?;
                let path = std::path::Path::new(&*path);
                let root = &self.host.root;
                let certain = root.is_given() || path.parent().is_some_and(|folder| root.look(folder) == Seen::Folder);
                match root.look(path) {
                    Seen::Absent if certain => yes(false),
                    Seen::Absent | Seen::Unknown => Some("unknown".into()),
                    Seen::File | Seen::Folder | Seen::Other => yes(true),
                }
            }
        }
    }

    fn place(&self, name: &str) -> Option<Place> {
        let setting = |option: &str| match self.real(option) {
            path if path.contains('/') => service_setting(self.config, path),
            option => self.texts.setting(option),
        };
        match name.split_once(':') {
            Some(("own", option)) => {
                let group = self.backend.group?;
                self.config.setting(group, self.real(option)).map(|found| found.value_place())
            }
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
