//! The decision: what `do_setup` makes of the pair.
//!
//! Source: `_determine_nas_security_option_setting` of `RemoteFSDriver` and `NfsDriver.set_nas_security_options`, Kilo to 29.0.0.

use super::{
    driver::{self, Driver},
    family::Family,
    host::{Host, OPERATIONS, PERMISSIONS},
    mounts::{self, Indicator, Listing},
    reason::Reason,
    start::{Fixed, Outcome},
};
use crate::config::{Backend, Config, Exception, Problem, Text, Texts};

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
    /// The names of all of them.
    pub const NAMES: &'static [&'static str] = &["true", "false", "error", "undetermined"];

    /// Its name in the JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::True => "true",
            Self::False => "false",
            Self::Error => "error",
            Self::Undetermined => "undetermined",
        }
    }

    /// Of a value that is known.
    pub fn of(yes: bool) -> Self {
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
    /// What tells it, where the files do not: a line of a log, in words.
    pub told: Option<String>,
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
    pub start_error: Option<Exception>,
    /// Whether the volume database is empty, where the user said so.
    new_install: Option<bool>,
}

impl Nas<'_> {
    /// What is configured for one of the two options, and what that comes to, as if the backend started.
    pub fn reason(&self, option: &NasOption<'_>) -> Reason {
        Reason::of(&self.driver, &self.listing, self.new_install, &option.text)
    }

    /// Why one of the two options is in force as it is.
    pub fn because(&self, option: &NasOption<'_>) -> Reason {
        match (&self.start_error, &option.told) {
            (Some(error), _) => Reason::NoStart(error.clone()),
            (None, Some(told)) => Reason::Told(told.clone()),
            (None, None) => self.reason(option),
        }
    }

    /// The same backend of a service that stops before it comes to any backend.
    pub fn never_reached(&mut self, error: &Exception) {
        self.starts = Starts::No;
        self.start_error = Some(error.clone());
        for option in [&mut self.operations, &mut self.permissions] {
            option.effective = Effective::Error;
            option.if_new_install = Effective::Error;
            option.if_existing = Effective::Error;
        }
    }
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
        told: None,
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
