//! What conditions cannot say well: small searches that hand their candidates to the rules that name them.

mod across;
mod backends;
mod context;
mod drivers;
mod forms;
mod misplaced;
mod names;
mod nearest;
mod nova;
mod options;
mod placeholders;
mod portability;
mod reader;
mod references;
mod repeats;
mod sections;
mod shares;
mod syntax;
mod upgrade;
mod values;

use context::yes;
pub(super) use context::{Context, NasDigest};

use super::{attached::Attached, candidate::Candidate};

pub(super) type Check = fn(&Context<'_, '_>, &mut Attached, &mut Vec<Candidate>);

/// Every check, by the name that rules give.
pub(super) const ALL: [(&str, Check); 22] = [
    ("forms", forms::find),
    ("placeholders", placeholders::find),
    ("syntax", syntax::errors),
    ("inline-comment", syntax::inline_comments),
    ("repeats", repeats::find),
    ("names", names::find),
    ("references", references::find),
    ("options", options::find),
    ("sections", sections::find),
    ("values", values::types),
    ("defaults", values::defaults),
    ("enabled-backends", backends::listed),
    ("not-enabled", backends::not_enabled),
    ("drivers", drivers::find),
    ("replication", backends::replication),
    ("across", across::find),
    ("backup-share", across::backup),
    ("nova", nova::find),
    ("misplaced", misplaced::find),
    ("upgrade", upgrade::find),
    ("shares-lines", shares::lines),
    ("portability", portability::find),
];
