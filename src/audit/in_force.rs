//! What the running service acts on, what a restart would come to, and whether the two differ.
//!
//! Source: `_determine_nas_security_option_setting` of `cinder/volume/drivers/remotefs.py`: explicit values are taken as
//! they are; `auto` is decided once, at the start, by the indicator on the first share and the volume database.

use std::fmt;

use super::{
    logs::story::Proof,
    model::{Answer, InForce},
};
use crate::nas::{Effective, Nas, NasOption, Reason};

/// What the host tells beside the configuration. Times are seconds since 1970.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence {
    /// When the service started.
    pub started: Option<i64>,
    /// When its files were last changed.
    pub configured: Option<i64>,
    /// When the shares file was last changed.
    pub listed: Option<i64>,
    /// When the indicator on the first share was last changed, where it counts.
    pub indicator: Option<i64>,
    /// Whether the first share was seen, without an indicator.
    pub no_indicator: bool,
    /// Volumes on the shares that are open to everybody.
    pub open: u64,
    /// Volumes on the shares that are 0660.
    pub closed: u64,
    /// Volumes on the shares that are neither.
    pub other: u64,
}

/// A service that makes the indicator does so while it starts.
const WHILE_STARTING: i64 = 300;

/// What a judgement over one of the two options rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The configuration alone.
    Configuration(Reason),
    /// The configuration was changed after the service started.
    ConfigurationNewer,
    /// The shares file was changed after the service started.
    SharesFileNewer,
    /// The indicator is younger than the service.
    IndicatorNewer,
    /// The service found the indicator.
    IndicatorFound,
    /// The indicator is there; when the service started is not known.
    IndicatorPresent,
    /// The indicator is there, but the volumes are open; when the service started is not known.
    IndicatorDoubted,
    /// There is no indicator, and all volumes are of one mode: those of a service that decided so.
    Volumes(bool),
    /// There is no indicator, and the volumes are of several modes.
    VolumesDiffer,
    /// The first share cannot be seen.
    FirstShareUnseen,
    /// A line of a log proves it.
    Log(String),
}

impl Basis {
    /// Whether something was changed that the running service has not read.
    pub fn is_newer_than_service(&self) -> bool {
        matches!(self, Self::ConfigurationNewer | Self::SharesFileNewer)
    }

    /// Whether the volumes told what the service decided.
    pub fn is_volumes(&self) -> bool {
        matches!(self, Self::Volumes(_))
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Configuration(reason) => return reason.fmt(f),
            Self::ConfigurationNewer => "the configuration was changed after the service started",
            Self::SharesFileNewer => "`auto`, and the shares file was changed after the service started",
            Self::IndicatorNewer => {
                "`auto`: the indicator is younger than the running service, which started without it"
            }
            Self::IndicatorFound => "`auto`: the running service found the indicator on the first share",
            Self::IndicatorPresent => "`auto`: the first share has the indicator",
            Self::IndicatorDoubted => {
                "`auto`: the first share has the indicator, but all volumes are open to everybody; it is not known when the service started"
            }
            Self::Volumes(true) => {
                "`auto`: no indicator, but all volumes are 0660, so the result was true"
            }
            Self::Volumes(false) => "`auto`: no indicator, and all volumes are open to everybody",
            Self::VolumesDiffer => {
                "`auto`: no indicator, and the volumes have several modes; it is not known why"
            }
            Self::FirstShareUnseen => "`auto`: the first share cannot be seen",
            Self::Log(line) => return write!(f, "the log proves it: {line}"),
        })
    }
}

/// Works out one of the two options, and says what that rests on.
pub fn judge(option: &NasOption<'_>, nas: &Nas<'_>, seen: &Evidence) -> (InForce, Basis) {
    let volumes = seen.open + seen.closed + seen.other > 0;
    // Volumes on the shares are volumes in the database.
    let restart = if volumes { option.if_existing } else { option.effective };
    let configured = option.text.setting.map(|setting| crate::secrets::cover_urls(&setting.value()).into_owned());
    let (now, basis) = now(option, nas, seen, restart);
    let in_force = InForce {
        configured,
        now: now.name().into(),
        restart: restart.name().into(),
        because: crate::secrets::cover_urls(&basis.to_string()).into_owned(),
    };
    (in_force, basis)
}

fn now(option: &NasOption<'_>, nas: &Nas<'_>, seen: &Evidence, restart: Effective) -> (Effective, Basis) {
    let after_start = |time: Option<i64>| seen.started.zip(time).is_some_and(|(started, time)| time > started);
    if after_start(seen.configured) {
        return (Effective::Undetermined, Basis::ConfigurationNewer);
    }
    let decides = nas.driver.family.is_nfs_chain() && option.is_auto() && nas.start_error.is_none();
    if !decides {
        return (restart, Basis::Configuration(nas.because(option)));
    }
    if after_start(seen.listed) {
        return (Effective::Undetermined, Basis::SharesFileNewer);
    }
    let by_files = match (seen.open, seen.closed) {
        _ if seen.other > 0 => None,
        (0, 1..) => Some(true),
        (1.., 0) => Some(false),
        _ => None,
    };
    match (seen.indicator, seen.started) {
        (Some(made), Some(started)) if made > started.saturating_add(WHILE_STARTING) => {
            (Effective::False, Basis::IndicatorNewer)
        }
        (Some(_), Some(_)) => (Effective::True, Basis::IndicatorFound),
        (Some(_), None) => match by_files {
            Some(false) => (Effective::Undetermined, Basis::IndicatorDoubted),
            _ => (Effective::True, Basis::IndicatorPresent),
        },
        (None, _) if seen.no_indicator => match by_files {
            Some(value) => (if value { Effective::True } else { Effective::False }, Basis::Volumes(value)),
            None if seen.open + seen.closed + seen.other == 0 => (restart, Basis::Configuration(nas.because(option))),
            None => (Effective::Undetermined, Basis::VolumesDiffer),
        },
        (None, _) => (Effective::Undetermined, Basis::FirstShareUnseen),
    }
}

/// What a log proves, where nothing else tells what is in force.
pub fn prove(in_force: &mut InForce, basis: &mut Basis, proof: Option<&Proof>) {
    let Some(proof) = proof.filter(|_| in_force.now == Effective::Undetermined.name()) else { return };
    *basis = Basis::Log(proof.line());
    in_force.now = Effective::of(proof.value).name().into();
    in_force.because = crate::secrets::cover_urls(&basis.to_string()).into_owned();
}

/// Whether a restart changes one of the two: `yes`, `no` or `unknown`.
pub fn changes(pair: [&InForce; 2]) -> Answer {
    let open = |one: &InForce| [&one.now, &one.restart].into_iter().any(|value| value == "undetermined");
    if pair.iter().any(|one| !open(one) && one.now != one.restart) {
        Answer::Yes
    } else if pair.iter().any(|one| open(one)) {
        Answer::Unknown
    } else {
        Answer::No
    }
}
