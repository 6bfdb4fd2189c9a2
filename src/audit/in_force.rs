//! What the running service acts on, what a restart would come to, and whether the two differ.
//!
//! Source: `_determine_nas_security_option_setting` of `cinder/volume/drivers/remotefs.py`: explicit values are taken as
//! they are; `auto` is decided once, at the start, by the indicator on the first share and the volume database.

use super::model::InForce;
use crate::nas::{Effective, Nas, NasOption};

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

/// Works out one of the two options.
pub fn judge(option: &NasOption<'_>, nas: &Nas<'_>, seen: &Evidence) -> InForce {
    let volumes = seen.open + seen.closed + seen.other > 0;
    // Volumes on the shares are volumes in the database.
    let restart = if volumes { option.if_existing } else { option.effective };
    let configured = option.text.setting.map(|setting| crate::secrets::cover_urls(&setting.value()).into_owned());
    let (now, because) = now(option, nas, seen, restart);
    InForce {
        configured,
        now: now.name().into(),
        restart: restart.name().into(),
        because: crate::secrets::cover_urls(&because).into_owned(),
    }
}

fn now(option: &NasOption<'_>, nas: &Nas<'_>, seen: &Evidence, restart: Effective) -> (Effective, String) {
    let after_start = |time: Option<i64>| seen.started.zip(time).is_some_and(|(started, time)| time > started);
    if after_start(seen.configured) {
        return (Effective::Undetermined, "the configuration was changed after the service started".into());
    }
    let decides = nas.driver.family.is_nfs_chain() && option.is_auto() && nas.start_error.is_none();
    if !decides {
        return (restart, nas.because(option));
    }
    if after_start(seen.listed) {
        return (Effective::Undetermined, "`auto`, and the shares file was changed after the service started".into());
    }
    let by_files = match (seen.open, seen.closed) {
        _ if seen.other > 0 => None,
        (0, 1..) => Some((Effective::True, "all of its volumes are 0660")),
        (1.., 0) => Some((Effective::False, "all of its volumes are open to everybody")),
        _ => None,
    };
    match (seen.indicator, seen.started) {
        (Some(made), Some(started)) if made > started.saturating_add(WHILE_STARTING) => {
            (Effective::False, "`auto`: the indicator is younger than the running service, which started without it".into())
        }
        (Some(_), Some(_)) => (Effective::True, "`auto`: the running service found the indicator on the first share".into()),
        (Some(_), None) => match by_files {
            Some((Effective::False, _)) => (
                Effective::Undetermined,
                "`auto`: the indicator is there, but all volumes are open to everybody; when the service started is not known".into(),
            ),
            _ => (Effective::True, "`auto`: the indicator is on the first share".into()),
        },
        (None, _) if seen.no_indicator => match by_files {
            Some((Effective::True, why)) => {
                (Effective::True, format!("`auto` without an indicator, but {why}: the service decided for true"))
            }
            Some((now, why)) => (now, format!("`auto`: no indicator, and {why}")),
            None if seen.open + seen.closed + seen.other == 0 => (restart, nas.because(option)),
            None => (
                Effective::Undetermined,
                "`auto`: no indicator, and its volumes are of several modes: what decided when they were made is not known".into(),
            ),
        },
        (None, _) => (Effective::Undetermined, "`auto`: the first share cannot be seen".into()),
    }
}

/// Whether a restart changes one of the two: `yes`, `no` or `unknown`.
pub fn changes(pair: [&InForce; 2]) -> &'static str {
    let open = |one: &InForce| [&one.now, &one.restart].into_iter().any(|value| value == "undetermined");
    if pair.iter().any(|one| !open(one) && one.now != one.restart) {
        "yes"
    } else if pair.iter().any(|one| open(one)) {
        "unknown"
    } else {
        "no"
    }
}
