//! Why one of the pair is in force as it is: a value, and the one place that words it.

use std::{borrow::Cow, fmt};

use super::{
    driver::Driver,
    family::{Family, NETAPP_PROXY},
    host::INDICATOR,
    mounts::{Indicator, Listing, SharesFileState},
};
use crate::config::{Exception, Problem, Text};

/// Why one of the two options is in force as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The backend does not start.
    NoStart(Exception),
    /// The files do not show the value.
    ValueUnseen,
    /// The value refers to an option whose value the files do not show.
    ReferenceUnknown,
    /// The driver is not part of Cinder.
    ForeignDriver,
    /// The driver is NetApp's, over another protocol than NFS.
    OtherProtocol,
    /// The driver is not a NAS driver.
    NotNas,
    /// The driver replaces the value by `true`.
    Forced,
    /// The driver takes `auto` for a fixed value.
    AutoIs(Configured, bool),
    /// Nothing in the driver resolves `auto`.
    AutoStays(Configured),
    /// The driver knows only the exact text `true`.
    OnlyTrueCounts(Configured),
    /// The indicator and the volume database decide.
    Decided(Configured, Decision),
    /// Something else than the files tells it, in these words.
    Told(String),
    /// The value is stated.
    Stated,
}

/// What the files say of the option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Configured {
    /// This text.
    Text(String),
    /// Nothing, which is `auto`.
    Unset,
}

/// What decides over `auto`, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The first share, and whether the indicator is on it; none: the shares are not known.
    pub first_share: Option<(String, Indicator)>,
    /// The shares file that cannot be read here, where the shares are not known for that, and why in words.
    pub absent_file: Option<(String, &'static str)>,
    /// Whether the volume database is empty, where somebody said so.
    pub new_install: Option<bool>,
}

impl Reason {
    /// The reason for a text of one of the two options, as if the backend started.
    pub(super) fn of(driver: &Driver, listing: &Listing, new_install: Option<bool>, text: &Text<'_>) -> Self {
        match text.text {
            Err(Problem::Unseen) => return Self::ValueUnseen,
            Err(Problem::Unknown(_)) => return Self::ReferenceUnknown,
            _ => {}
        }
        let value = text.known().unwrap_or("auto");
        let auto = value.eq_ignore_ascii_case("auto");
        let configured = || match text.setting {
            Some(_) => Configured::Text(value.to_string()),
            None => Configured::Unset,
        };
        match driver.family {
            Family::Unknown => Self::ForeignDriver,
            Family::NotNas if driver.class == NETAPP_PROXY => Self::OtherProtocol,
            Family::NotNas => Self::NotNas,
            Family::ForcedTrue => Self::Forced,
            Family::AutoIsFalse if auto => Self::AutoIs(configured(), false),
            Family::AutoIsTrue if auto => Self::AutoIs(configured(), true),
            Family::Unresolved if auto => Self::AutoStays(configured()),
            Family::Unvalidated | Family::Gpfs if value != "true" => Self::OnlyTrueCounts(configured()),
            Family::Indicator | Family::IndicatorAsRoot if auto => {
                Self::Decided(configured(), Decision::of(listing, new_install))
            }
            _ => Self::Stated,
        }
    }

    /// What is configured, where the reason starts with it.
    fn premise(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::NoStart(_) => "the backend does not start".into(),
            Self::ValueUnseen | Self::ReferenceUnknown | Self::Forced | Self::Told(_) => return None,
            Self::ForeignDriver => "the driver is not part of Cinder".into(),
            Self::OtherProtocol => "this NetApp protocol is not NFS".into(),
            Self::NotNas => "not a NAS driver".into(),
            Self::AutoIs(configured, _)
            | Self::AutoStays(configured)
            | Self::OnlyTrueCounts(configured)
            | Self::Decided(configured, _) => match configured {
                Configured::Text(text) => format!("`{text}`").into(),
                Configured::Unset => "not set (`auto`)".into(),
            },
            Self::Stated => "stated".into(),
        })
    }

    /// What that comes to, without what is configured.
    pub fn consequence(&self) -> String {
        match self {
            Self::NoStart(exception) => exception.to_string(),
            Self::ValueUnseen => "the files do not show its value".into(),
            Self::ReferenceUnknown => "it refers to an option whose value the files do not show".into(),
            Self::ForeignDriver => "the driver itself decides".into(),
            Self::OtherProtocol | Self::NotNas => "the driver does not read the option".into(),
            Self::Forced => "this driver always sets it to true".into(),
            Self::AutoIs(_, value) => format!("this driver treats `auto` as {value}"),
            Self::AutoStays(_) => "this driver treats `auto` as false".into(),
            Self::OnlyTrueCounts(_) => "this driver treats everything except the exact text `true` as false".into(),
            Self::Decided(_, decision) => decision.to_string(),
            Self::Told(told) => told.clone(),
            Self::Stated => "it does not depend on the indicator or the database".into(),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.premise().iter().try_for_each(|premise| write!(f, "{premise}: "))?;
        f.write_str(&self.consequence())
    }
}

impl Decision {
    fn of(listing: &Listing, new_install: Option<bool>) -> Self {
        let first_share = listing.consulted().map(|share| (share.share.address.clone(), share.indicator));
        let absent_file = match &listing.file {
            Some((path, SharesFileState::Absent { .. })) => Some((path.clone(), "not on this machine")),
            Some((path, SharesFileState::Outside)) => Some((path.clone(), "not read here: see --host")),
            _ => None,
        };
        Self { first_share, absent_file, new_install }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((address, indicator)) = &self.first_share else {
            let rest = match self.new_install {
                Some(true) => {
                    return f
                        .write_str("Cinder uses true from the first start on, because the volume database is empty");
                }
                Some(false) => ", otherwise false",
                None => " or if the volume database is empty, otherwise false",
            };
            return match &self.absent_file {
                Some((path, why)) => {
                    write!(f, "Cinder uses true if the first share of {path} ({why}) has {INDICATOR}{rest}")
                }
                None => write!(f, "Cinder uses true if the first share has {INDICATOR}{rest}"),
            };
        };
        match (indicator, self.new_install) {
            (Indicator::Present, _) => {
                write!(f, "Cinder uses true, because the first share, {address}, has {INDICATOR}")
            }
            (Indicator::Absent, Some(false)) => write!(
                f,
                "Cinder uses false, because the first share, {address}, has no {INDICATOR} and the volume database is not empty"
            ),
            (Indicator::Absent | Indicator::Unknown, Some(true)) => write!(
                f,
                "Cinder uses true, because the volume database is empty; it then writes {INDICATOR} to the first share, {address}"
            ),
            (Indicator::Absent, None) => write!(
                f,
                "the first share, {address}, has no {INDICATOR}, so Cinder uses true if the volume database is empty when cinder-volume starts, otherwise false"
            ),
            (Indicator::Unknown, Some(false)) => write!(
                f,
                "Cinder uses true if the first share, {address} (not visible here), has {INDICATOR}, otherwise false"
            ),
            (Indicator::Unknown, None) => write!(
                f,
                "Cinder uses true if the first share, {address} (not visible here), has {INDICATOR} or if the volume database is empty, otherwise false"
            ),
        }
    }
}
