//! The decision: what `do_setup` makes of the pair.
//!
//! Source: `RemoteFSDriver.do_setup` and `_determine_nas_security_option_setting`, `NfsDriver.do_setup`,
//! `set_nas_security_options` and `_check_snapshot_support`, Kilo to 29.0.0.

use super::{
    Host, INDICATOR, OPERATIONS, PERMISSIONS, Python, driver,
    driver::Driver,
    family::{Family, NETAPP_PROXY},
    mounts::{self, Indicator, Listing, SharesFileState},
};
use crate::{
    catalog::{Release, types},
    config::{Backend, Config, Problem, Text, Texts},
};

/// What one of the two options is in force as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effective {
    /// The driver behaves as for `true`.
    True,
    /// The driver behaves as for `false`.
    False,
    /// The backend does not start.
    Error,
    /// It depends on what cannot be seen.
    Undetermined,
}

impl Effective {
    /// Its name in the JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::True => "true",
            Self::False => "false",
            Self::Error => "error",
            Self::Undetermined => "undetermined",
        }
    }

    fn of(yes: bool) -> Self {
        if yes { Self::True } else { Self::False }
    }
}

/// Whether cinder-volume initialises the backend, as far as the files tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Starts {
    /// Nothing in the files keeps it from starting.
    Yes,
    /// It raises an exception.
    No,
    /// It depends on what cannot be seen.
    Undetermined,
}

impl Starts {
    /// Its name in the JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Undetermined => "undetermined",
        }
    }
}

/// One of the two options of a backend.
#[derive(Clone, Debug)]
pub struct NasOption<'f> {
    /// Its name.
    pub name: &'static str,
    /// What the files say.
    pub text: Text<'f>,
    /// What is in force.
    pub effective: Effective,
    /// What is in force if the volume database is empty.
    pub if_new_install: Effective,
    /// What is in force if the volume database is not empty.
    pub if_existing: Effective,
}

impl NasOption<'_> {
    /// Whether the driver is left to decide.
    pub fn is_auto(&self) -> bool {
        is_auto(&self.text)
    }
}

/// All that is known of a backend's NAS settings.
#[derive(Clone, Debug)]
pub struct Nas<'f> {
    /// The class behind the backend.
    pub driver: Driver,
    /// Its shares.
    pub listing: Listing,
    /// `nas_secure_file_operations`.
    pub operations: NasOption<'f>,
    /// `nas_secure_file_permissions`.
    pub permissions: NasOption<'f>,
    /// Whether it starts.
    pub starts: Starts,
    /// The exception, where it does not.
    pub start_error: Option<String>,
    /// Whether the volume database is empty, where the user said so.
    new_install: Option<bool>,
}

impl Nas<'_> {
    /// What is configured for one of the two options, and what that comes to, as if the backend started.
    pub fn reason(&self, option: &NasOption<'_>) -> String {
        reason(&self.driver, &self.listing, self.new_install, &option.text)
    }

    /// Why one of the two options is in force as it is, in one sentence.
    pub fn because(&self, option: &NasOption<'_>) -> String {
        match &self.start_error {
            Some(error) => format!("the backend does not start: {error}"),
            None => self.reason(option),
        }
    }

    /// The same backend of a service that stops before it comes to any backend.
    pub fn never_reached(&mut self, error: &str) {
        self.starts = Starts::No;
        self.start_error = Some(error.to_string());
        for option in [&mut self.operations, &mut self.permissions] {
            option.effective = Effective::Error;
            option.if_new_install = Effective::Error;
            option.if_existing = Effective::Error;
        }
    }
}

/// How one possible start ends: the pair (operations, permissions), or the exception.
type Outcome = Result<(bool, bool), String>;

/// Everything that does not depend on the indicator or the database.
struct Fixed<'a, 'f> {
    texts: &'a Texts<'a, 'f>,
    release: Release,
    driver: &'a Driver,
    listing: &'a Listing,
    operations: &'a Text<'f>,
    permissions: &'a Text<'f>,
    python: Python,
}

/// Works out what a backend does.
pub fn assess<'f>(config: &Config<'f>, backend: &Backend, host: &Host) -> Nas<'f> {
    assess_with(&Texts::new(config, backend), host)
}

/// The same, where more is asked of the backend.
pub fn assess_with<'f>(texts: &Texts<'_, 'f>, host: &Host) -> Nas<'f> {
    let driver = driver::resolve(texts, host.python);
    let mut listing = mounts::list(texts, &driver, host);
    let operations = texts.get(OPERATIONS);
    let permissions = texts.get(PERMISSIONS);
    let looks = driver.family.is_nfs_chain() && (is_auto(&operations) || is_auto(&permissions));
    for share in &mut listing.shares {
        share.consulted &= looks;
    }
    let fixed = Fixed {
        texts,
        release: texts.config.release,
        driver: &driver,
        listing: &listing,
        operations: &operations,
        permissions: &permissions,
        python: host.python,
    };
    let indicator = listing.consulted().map_or(Indicator::Unknown, |share| share.indicator);
    let seen: &[bool] = match indicator {
        Indicator::Present => &[true],
        Indicator::Absent => &[false],
        Indicator::Unknown => &[true, false],
    };
    // Where nothing is left to be found out, it ends in the same way whatever there is.
    let ends = (!unknowable(&driver, &operations, &permissions)).then(|| {
        let secure = fixed.start(true);
        let open = if looks { fixed.start(false) } else { secure.clone() };
        (secure, open)
    });
    let branch = |is_new: bool| -> Option<Vec<Outcome>> {
        let (secure, open) = ends.as_ref()?;
        Some(seen.iter().map(|&indicator| if indicator || is_new { secure.clone() } else { open.clone() }).collect())
    };
    let (new, existing) = (branch(true), branch(false));
    let in_force: Option<Vec<Outcome>> = match host.new_install {
        Some(true) => new.clone(),
        Some(false) => existing.clone(),
        None => new.clone().zip(existing.clone()).map(|(a, b)| [a, b].concat()),
    };
    let start_error = in_force.as_ref().and_then(|outcomes| match outcomes.as_slice() {
        [Err(first), rest @ ..] if rest.iter().all(Result::is_err) => Some(first.clone()),
        _ => None,
    });
    let starts = match &in_force {
        _ if start_error.is_some() => Starts::No,
        Some(outcomes) if outcomes.iter().all(Result::is_ok) => Starts::Yes,
        Some(_) | None => Starts::Undetermined,
    };
    let option = |name: &'static str, text: &Text<'f>, pick: fn(&(bool, bool)) -> bool| NasOption {
        name,
        text: text.clone(),
        effective: merge(in_force.as_deref(), pick),
        if_new_install: merge(new.as_deref(), pick),
        if_existing: merge(existing.as_deref(), pick),
    };
    let operations = option(OPERATIONS, &operations, |pair| pair.0);
    let permissions = option(PERMISSIONS, &permissions, |pair| pair.1);
    Nas { driver, listing, operations, permissions, starts, start_error, new_install: host.new_install }
}

fn is_auto(text: &Text<'_>) -> bool {
    match &text.text {
        Err(Problem::Unseen) => false,
        _ => text.known().unwrap_or("auto").eq_ignore_ascii_case("auto"),
    }
}

/// Whether not even the branches can be told.
fn unknowable(driver: &Driver, operations: &Text<'_>, permissions: &Text<'_>) -> bool {
    driver.family == Family::Unknown && driver.error.is_none()
        || [operations, permissions].iter().any(|text| matches!(text.text, Err(Problem::Unknown(_) | Problem::Unseen)))
}

fn merge(outcomes: Option<&[Outcome]>, pick: fn(&(bool, bool)) -> bool) -> Effective {
    let mut all = outcomes.unwrap_or_default().iter().map(|outcome| match outcome {
        Ok(pair) => Effective::of(pick(pair)),
        Err(_) => Effective::Error,
    });
    match all.next() {
        Some(first) if all.all(|other| other == first) => first,
        _ => Effective::Undetermined,
    }
}

impl Fixed<'_, '_> {
    /// One start, with everything known; `auto` is what `auto` comes to on the first share.
    fn start(&self, auto: bool) -> Outcome {
        if let Some(error) = &self.driver.error {
            return Err(error.clone());
        }
        self.constructor()?;
        let Some(nas) = self.driver.nas else { return Ok((false, false)) };
        let exactly_true = |text: &Text<'_>| text.known() == Some("true");
        let pair = (exactly_true(self.operations), exactly_true(self.permissions));
        if !nas.validates {
            return Ok(if nas.family == Family::ForcedTrue { (true, true) } else { pair });
        }
        let (operations, permissions) = self.validate()?;
        let resolve = |value: &str, auto: bool| value == "true" || value == "auto" && auto;
        match nas.family {
            Family::Indicator | Family::IndicatorAsRoot => {
                self.shares()?;
                let pair = (resolve(&operations, auto), resolve(&permissions, auto));
                self.snapshots(pair.0)?;
                self.after()?;
                Ok(pair)
            }
            Family::AutoIsTrue => Ok((resolve(&operations, true), resolve(&permissions, true))),
            Family::ForcedTrue => {
                self.virtuozzo()?;
                Ok((true, true))
            }
            _ => Ok((resolve(&operations, false), resolve(&permissions, false))),
        }
    }

    fn text(&self, name: &str) -> Text<'_> {
        self.texts.get(name)
    }

    /// What fails before `do_setup`.
    fn constructor(&self) -> Result<(), String> {
        let vmstore = "cinder.volume.drivers.vmstore.nfs.VmstoreNfsDriver";
        if self.driver.class == vmstore && matches!(self.text("nfs_mount_options").text, Ok(None)) {
            return Err("AttributeError: 'NoneType' object has no attribute 'split'".into());
        }
        if self.driver.family.is_nfs_chain()
            && let Err(problem) = self.text("nfs_mount_point_base").text
            && !matches!(problem, Problem::Unknown(_) | Problem::Unseen)
        {
            return Err(problem.to_string());
        }
        Ok(())
    }

    /// `RemoteFSDriver.do_setup`: both values in lower case, if they are among the three that there are.
    fn validate(&self) -> Result<(String, String), String> {
        let lower = |text: &Text<'_>| match &text.text {
            Ok(value) => Ok(value.as_deref().unwrap_or("auto").to_lowercase()),
            Err(problem) => Err(problem.to_string()),
        };
        let permissions = lower(self.permissions)?;
        let operations = lower(self.operations)?;
        for (name, value) in [(PERMISSIONS, &permissions), (OPERATIONS, &operations)] {
            if !matches!(value.as_str(), "auto" | "true" | "false") {
                return Err(format!(
                    "InvalidConfigurationValue: NAS config '{name}={value}' invalid. Must be 'auto', 'true', or 'false'"
                ));
            }
        }
        Ok((operations, permissions))
    }

    /// `NfsDriver.do_setup` up to the first mounted share.
    fn shares(&self) -> Result<(), String> {
        if let Some((path, state)) = &self.listing.file {
            match state {
                SharesFileState::NoName => {
                    return Err("NfsException: There's no NFS config file configured (nfs_shares_config)".into());
                }
                // With the pair of options set, nobody looks whether the file is there before it is opened.
                SharesFileState::Absent { certain: true } if self.pair_is_set() => {
                    let class = if self.python == Python::Two { "IOError" } else { "FileNotFoundError" };
                    return Err(format!("{class}: [Errno 2] No such file or directory: '{path}'"));
                }
                SharesFileState::Absent { certain: true } => {
                    return Err(format!("NfsException: NFS config file at {path} doesn't exist"));
                }
                SharesFileState::Unreadable(why) => {
                    let class = match self.python {
                        Python::Two => "IOError",
                        Python::Three if why == "is a folder" => "IsADirectoryError",
                        Python::Three => "PermissionError",
                    };
                    return Err(format!("{class}: the shares file {path} {why}"));
                }
                SharesFileState::Read | SharesFileState::Absent { certain: false } | SharesFileState::Unknown => {}
            }
        }
        // Up to Mitaka the file must be there although the pair of options makes it useless.
        if self.release < Release::NEWTON {
            match &self.listing.beside {
                Some((_, SharesFileState::NoName)) => {
                    return Err("NfsException: There's no NFS config file configured (nfs_shares_config)".into());
                }
                Some((path, SharesFileState::Absent { certain: true })) => {
                    return Err(format!("NfsException: NFS config file at {path} doesn't exist"));
                }
                _ => {}
            }
        }
        if let Some(error) = &self.listing.error {
            return Err(error.clone());
        }
        let attempts = self.text("nfs_mount_attempts");
        let unmountable = attempts
            .known()
            .is_some_and(|text| driver::value_error(self.release, "nfs_mount_attempts", text).is_some());
        if self.listing.known && (self.listing.shares.is_empty() || unmountable) {
            return Err("NfsNoSharesMounted: No mounted NFS shares found".into());
        }
        Ok(())
    }

    fn pair_is_set(&self) -> bool {
        ["nas_host", "nas_share_path"].iter().all(|name| self.text(name).non_empty().is_some())
    }

    /// `_check_snapshot_support(setup_checking=True)`, Ocata and later.
    fn snapshots(&self, operations: bool) -> Result<(), String> {
        if self.release < Release::OCATA {
            return Ok(());
        }
        let text = self.text("nfs_snapshot_support");
        let wanted = match (&text.text, text.known().map(types::as_bool)) {
            (Err(Problem::Unknown(_) | Problem::Unseen), _) => return Ok(()),
            (Err(problem), _) => return Err(problem.to_string()),
            (_, Some(None)) => {
                let value = text.known().unwrap_or_default();
                return driver::value_error(self.release, "nfs_snapshot_support", value).map_or(Ok(()), Err);
            }
            (_, wanted) => wanted.flatten().unwrap_or(false),
        };
        if wanted && operations {
            return Err("VolumeDriverException: Snapshots are not supported with nas_secure_file_operations enabled ('true' or \
                        'auto'). Please set it to 'false' if you intend to  have it enabled."
                .into());
        }
        Ok(())
    }

    /// What single drivers ask for behind `NfsDriver.do_setup`.
    fn after(&self) -> Result<(), String> {
        if self.driver.class == "cinder.volume.drivers.veritas_cnfs.VeritasCNFSDriver" {
            let options = self.text("nfs_mount_options");
            if !options.known().is_some_and(|options| options.contains("nfsvers=3")) {
                return Err("VolumeBackendAPIException: Bad or unexpected response from the storage volume backend API: NFS is \
                            not configured to use NFSv3"
                    .into());
            }
        }
        Ok(())
    }

    /// `VZStorageDriver.do_setup`.
    fn virtuozzo(&self) -> Result<(), String> {
        let base = self.text("vzstorage_mount_point_base");
        if let Some(base) = base.known()
            && !base.starts_with('/')
        {
            return Err(format!("VzStorageException: Invalid mount point base: {base}."));
        }
        let file = self.listing.file.as_ref().or(self.listing.beside.as_ref());
        if let Some((path, SharesFileState::Absent { certain: true })) = file {
            return Err(format!("VzStorageException: VzStorage config file at {path} doesn't exist."));
        }
        let ratio = self.text("vzstorage_used_ratio");
        if let Some(text) = ratio.known()
            && let Ok(value) = text.trim().parse::<f64>()
            && !(value > 0.0 && value <= 1.0)
        {
            return Err(format!(
                "VzStorageException: VzStorage config 'vzstorage_used_ratio' invalid. Must be > 0 and <= 1.0: {text}."
            ));
        }
        Ok(())
    }
}

/// What is configured, and what that comes to if the backend starts.
fn reason(driver: &Driver, listing: &Listing, new_install: Option<bool>, text: &Text<'_>) -> String {
    if matches!(text.text, Err(Problem::Unseen)) {
        return "its value is not known from the files".into();
    }
    if matches!(text.text, Err(Problem::Unknown(_))) {
        return "its text refers to an option whose value is not known from the files".into();
    }
    let configured = text.known().unwrap_or("auto");
    let auto = configured.eq_ignore_ascii_case("auto");
    let stated = if text.setting.is_some() { format!("`{configured}`") } else { "unset, which is `auto`".into() };
    match driver.family {
        Family::Unknown => "the driver is not part of Cinder: it decides itself".into(),
        Family::NotNas if driver.class == NETAPP_PROXY => {
            "this NetApp protocol is not NFS: the option is never read".into()
        }
        Family::NotNas => "not a NAS driver: the option is never read".into(),
        Family::ForcedTrue => "this driver sets it to true, whatever is configured".into(),
        Family::AutoIsFalse if auto => format!("{stated}: this driver takes `auto` for false"),
        Family::AutoIsTrue if auto => format!("{stated}: this driver takes `auto` for true"),
        Family::Unresolved if auto => format!("{stated}: nothing in this driver resolves `auto`, so it acts as false"),
        Family::Unvalidated | Family::Gpfs if configured != "true" => {
            format!("{stated}: for this driver only the exact text `true` counts")
        }
        Family::Indicator | Family::IndicatorAsRoot if auto => {
            format!("{stated}: {}", indicator_reason(listing, new_install))
        }
        _ => "stated: neither the indicator nor the database is asked".into(),
    }
}

fn indicator_reason(listing: &Listing, new_install: Option<bool>) -> String {
    let Some(share) = listing.consulted() else {
        if new_install == Some(true) {
            return "true at the first start, because the volume database is empty".into();
        }
        let rest = if new_install.is_none() { " or the volume database is empty, else false" } else { ", else false" };
        return match &listing.file {
            Some((path, SharesFileState::Absent { .. })) => {
                format!("true if the first share of {path} (not on this machine) holds {INDICATOR}{rest}")
            }
            _ => format!("true if the first share holds {INDICATOR}{rest}"),
        };
    };
    let address = &share.share.address;
    match (share.indicator, new_install) {
        (Indicator::Present, _) => format!("true, because {INDICATOR} is on the first share, {address}"),
        (Indicator::Absent, Some(false)) => {
            format!(
                "false, because there is no {INDICATOR} on the first share, {address}, and the volume database is not empty"
            )
        }
        (Indicator::Absent | Indicator::Unknown, Some(true)) => {
            format!(
                "true, because the volume database is empty; cinder-volume leaves {INDICATOR} on the first share, {address}"
            )
        }
        (Indicator::Absent, None) => format!(
            "there is no {INDICATOR} on the first share, {address}, so it is true if the volume database is empty at the start, else false"
        ),
        (Indicator::Unknown, Some(false)) => {
            format!("true if the first share, {address}, which cannot be seen here, holds {INDICATOR}, else false")
        }
        (Indicator::Unknown, None) => format!(
            "true if the first share, {address}, which cannot be seen here, holds {INDICATOR} or the volume database is empty, else false"
        ),
    }
}
