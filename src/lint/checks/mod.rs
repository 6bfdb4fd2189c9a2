//! What conditions cannot say well: small searches that hand their candidates to the rules that name them.

mod across;
mod age;
mod auth;
mod backends;
mod classes;
mod context;
mod demands;
mod did_you_mean;
mod drivers;
mod forms;
mod gone;
mod misplaced;
mod names;
mod nearest;
mod notes;
mod nova;
mod options;
mod placeholders;
mod portability;
mod process;
mod rabbit;
mod reader;
mod references;
mod repeats;
mod sections;
mod shares;
mod start;
mod syntax;
mod upgrade;
mod urls;
mod values;

pub use age::written_for;
pub(super) use age::{AGE, AGE_CHECK, grouped};
use context::yes;
pub(super) use context::{Context, NasDigest};
pub use nearest::nearest_options;
pub(super) use nearest::option_meant;
pub(super) use syntax::SYNTAX_CHECK;

use super::{
    attached::Attached,
    candidate::{Candidate, Candidates},
};
use crate::{
    secrets::cover_value,
    vocabulary::{Fact, Finds, PlaceName},
};

/// The value of an option in a message; a secret is covered.
fn shown_value(option: &str, value: &str) -> String {
    match value {
        "" => "an empty value".to_string(),
        value => format!("`{}`", cover_value(option, value)),
    }
}

pub(super) type Check = fn(&Context<'_, '_>, &mut Attached, &mut Candidates<'_>);

/// The check of what stands in the shares files, which are files of the host.
pub(super) const SHARES_LINES_CHECK: &str = "shares-lines";

/// The checks that say that Cinder ignores a line, for whatever reason.
pub(super) const SAY_IGNORED: [&str; 3] =
    [options::OPTIONS.check, sections::SECTIONS.check, misplaced::MISPLACED.check];

/// Every check, and what it finds.
pub(super) static ALL: [(&Finds, Check); 28] = [
    (&forms::FINDS, forms::find),
    (&placeholders::PLACEHOLDERS, placeholders::find),
    (&syntax::SYNTAX, syntax::errors),
    (&syntax::INLINE_COMMENT, syntax::inline_comments),
    (&repeats::REPEATS, repeats::find),
    (&names::NAMES, names::find),
    (&references::REFERENCES, references::find),
    (&options::OPTIONS, options::find),
    (&sections::SECTIONS, sections::find),
    (&values::VALUES, values::types),
    (&values::DEFAULTS, values::defaults),
    (&backends::ENABLED_BACKENDS, backends::listed),
    (&backends::NOT_ENABLED, backends::not_enabled),
    (&drivers::DRIVERS, drivers::find),
    (&backends::REPLICATION, backends::replication),
    (&across::ACROSS, across::find),
    (&across::BACKUP_SHARE, across::backup),
    (&nova::NOVA, nova::find),
    (&misplaced::MISPLACED, misplaced::find),
    (&upgrade::UPGRADE, upgrade::find),
    (&shares::SHARES_LINES, shares::lines),
    (&portability::PORTABILITY, portability::find),
    (&urls::URLS, urls::find),
    (&rabbit::RABBIT, rabbit::find),
    (&process::PROCESS, process::find),
    (&classes::CLASSES, classes::find),
    (&auth::AUTH, auth::find),
    (&demands::DEMANDS, demands::find),
];

/// What is known of every candidate at an assignment.
const SETTING: &[Fact] = &[
    Fact::text("value", "the value of the option; a secret is covered"),
    Fact::text("release", "the release that reads the files"),
    Fact::flag("release-given", "that release was named; otherwise it is the newest"),
];
const SETTING_PLACES: &[PlaceName] = &[
    PlaceName::new("key", "the name of the option"),
    PlaceName::new("setting", "the assignment, with its name"),
    PlaceName::new("lines", "the whole lines of the assignment"),
];
