//! Completion: the shell asks the binary itself, so that what it offers is never older than the binary.

use std::{
    ffi::OsStr,
    io::{self, Write},
};

use clap::Command;
use clap_complete::{
    CompleteEnv, Shell,
    engine::{ArgValueCandidates, ArgValueCompleter, CompletionCandidate},
    env::Shells,
};

use crate::catalog::Release;

/// The environment variable with which a shell asks.
const VARIABLE: &str = "CINDERLINT_COMPLETE";

/// Answers a shell that asks, and ends the process; else does nothing.
pub(super) fn answer(command: impl Fn() -> Command) {
    if std::env::var_os(VARIABLE).is_none() {
        return;
    }
    CompleteEnv::with_factory(command).var(VARIABLE).complete();
}

/// Writes the script that a shell reads at its start.
pub(super) fn script(shell: Shell, out: &mut dyn Write) -> io::Result<()> {
    let shells = Shells::builtins();
    let adapter = shells.completer(&shell.to_string()).ok_or(io::ErrorKind::Unsupported)?;
    adapter.write_registration(VARIABLE, "cinderlint", "cinderlint", "cinderlint", out)?;
    if shell == Shell::Zsh {
        // Loaded from $fpath at the first key, the script is itself the function that has to answer.
        writeln!(out, "\n[[ $funcstack[1] == _cinderlint ]] && $_comps[cinderlint] \"$@\"")?;
    }
    Ok(())
}

/// Releases of Cinder, the newest first.
pub(super) fn releases() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let releases = Release::all().rev().enumerate();
        releases.map(|(at, release)| CompletionCandidate::new(release.name()).display_order(Some(at))).collect()
    })
}

/// Options, once a letter is there.
pub(super) fn options() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let typed = typed.to_string_lossy();
        let mut names: Vec<&str> = crate::catalog::all_options().map(|row| row.name()).collect();
        names.dedup();
        names.retain(|name| !typed.is_empty() && name.starts_with(&*typed));
        names.into_iter().map(CompletionCandidate::new).collect()
    })
}

/// Rules: by id, or by name once a letter of one is there.
pub(super) fn rules() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let typed = typed.to_string_lossy();
        let rules = super::known_rules::load().unwrap_or_default();
        let candidates = rules.iter().flat_map(|rule| {
            let help = |text: String| Some(text.into());
            let id = rule.id.starts_with(&typed.to_ascii_uppercase());
            let id = id.then(|| {
                CompletionCandidate::new(rule.id.as_str()).help(help(format!("{}: {}", rule.name, rule.summary)))
            });
            let name = !typed.is_empty() && rule.name.starts_with(&*typed);
            let name = name.then(|| CompletionCandidate::new(rule.name.as_str()).help(help(rule.summary.to_string())));
            id.into_iter().chain(name)
        });
        candidates.collect()
    })
}
