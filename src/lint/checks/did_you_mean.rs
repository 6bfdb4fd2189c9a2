//! The known names that are nearest to an unknown one, in words.

use std::{cmp::Reverse, fmt::Write as _};

use super::{
    Context,
    nearest::{common_ends, most_slips, nearest, option_names},
    reader::{Scope, Verdict},
};
use crate::catalog::BACKENDS;

/// The known names that are nearest to an unknown one, best first, if there are any; those that would be read here come before
/// others.
pub(super) fn did_you_mean(context: &Context<'_, '_>, scope: Scope, key: &str) -> Option<String> {
    let release = context.config.release;
    let mut ranked = Vec::new();
    for limit in 1..=most_slips(key) {
        ranked = nearest(key, limit, option_names().iter().copied())
            .into_iter()
            .map(|(distance, name)| {
                let verdict = context.reader.verdict(scope, name);
                let class = match verdict {
                    Verdict::Known(_) => 0,
                    Verdict::OldName(..) | Verdict::Misplaced | Verdict::NotRead(_) => 1,
                    _ => 2,
                };
                let unlike = key.len().abs_diff(name.len());
                ((distance + class, distance, class, unlike, Reverse(common_ends(key, name))), name, verdict)
            })
            .collect();
        ranked.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        // A name that is farther away comes after the best of these in any case.
        if ranked.first().is_some_and(|(rank, ..)| rank.0 <= limit + 1) {
            break;
        }
    }
    let best = ranked.first().map(|(rank, ..)| rank.0)?;
    ranked.retain(|(rank, ..)| rank.0 <= best + 1);
    ranked.truncate(3);
    let count = ranked.len();
    let mut text = "did you mean ".to_string();
    for (at, (_, name, verdict)) in ranked.iter().enumerate() {
        text.push_str(match at {
            0 => "",
            at if at + 1 == count => " or ",
            _ => ", ",
        });
        let _ = write!(text, "`{name}`");
        let _ = match verdict {
            Verdict::Misplaced => write!(text, " (in a backend's section)"),
            Verdict::NotRead(_) => write!(text, " (which this driver does not read)"),
            Verdict::Elsewhere(row) if row.name() != *name => {
                write!(text, " (now `{}` in {})", row.name(), section_name(row.group()))
            }
            Verdict::Elsewhere(row) | Verdict::ServiceWide(row) => write!(text, " (in {})", section_name(row.group())),
            Verdict::OldName(row, _) => write!(text, " (now `{}`)", row.name()),
            Verdict::OtherRelease(row, _) if row.last() < release => write!(text, " (up to {})", row.last().title()),
            Verdict::OtherRelease(row, _) => write!(text, " (from {})", row.first().title()),
            _ => Ok(()),
        };
    }
    let names: Vec<&str> = ranked.iter().map(|(_, name, _)| *name).collect();
    let them = if count == 1 { "it" } else { "them" };
    let _ = write!(text, "? `cinderlint option {}` describes {them}", names.join(" "));
    Some(text)
}

/// How a message names a section of the catalogue.
pub(super) fn section_name(group: &str) -> String {
    match group {
        BACKENDS => "a backend's section".to_string(),
        "brcd_fabric_example" | "cisco_fabric_example" => {
            "the section of a fabric (`fc_fabric_names` names it)".to_string()
        }
        "sample_remote_file_source" | "sample_castellan_source" => {
            "a section that `config_source` in [DEFAULT] names".to_string()
        }
        _ => format!("[{group}]"),
    }
}
