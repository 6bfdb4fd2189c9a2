//! Inlay hints: what Cinder will run with, where the line does not say it.

use std::path::Path;

use gen_lsp_types::{InlayHint, Label, Range, Tooltip};

use super::{
    analysis::{AllLines, Analysis},
    texts::Snapshot,
};
use crate::{
    config::{Backend, Config},
    nas::{Family, Nas, NasOption},
    report::Assessed,
    secrets,
    source::Place,
};

/// The most characters of a hint.
const MOST: usize = 60;

/// The hints of a range of a file.
pub(super) fn of(analysis: &Analysis, snapshot: &Snapshot, path: &Path, range: Range) -> Vec<InlayHint> {
    let mut lines = AllLines::new(&analysis.workspace.files, snapshot.encoding);
    let files = &analysis.workspace.files;
    let mut hints: Vec<InlayHint> = Vec::new();
    for (host, deployment, rules) in analysis.deployments().filter(|(_, one, _)| !one.layers.is_empty()) {
        let config = deployment.config(files, deployment.release);
        let assessed = Assessed::new(files, deployment, host, rules);
        let mut said: Vec<(Place, String, String)> = Vec::new();
        for (backend, nas) in assessed.each() {
            of_pair(&config, backend, &nas, &mut said);
        }
        of_overridden(analysis, &config, &mut said);
        for (place, label, tooltip) in said {
            let Some(place) = files.on_disk(place).filter(|place| analysis.path(place.file) == path) else { continue };
            let position = lines.of(place.file).range(place.span).end;
            let same_line = |hint: &InlayHint| hint.position.line == position.line;
            if position < range.start || position > range.end || hints.iter().any(same_line) {
                continue;
            }
            let mut label: String = label.chars().take(MOST).collect();
            label.insert(0, ' ');
            hints.push(InlayHint {
                position,
                label: Label::String(label),
                kind: None,
                text_edits: None,
                tooltip: Some(Tooltip::String(tooltip)),
                padding_left: Some(true),
                padding_right: None,
                data: None,
            });
        }
    }
    hints.sort_by_key(|hint| hint.position);
    hints
}

/// The pair of a NAS backend: beside `auto`, and in the header where nothing is written.
fn of_pair(config: &Config<'_>, backend: &Backend, nas: &Nas<'_>, said: &mut Vec<(Place, String, String)>) {
    if matches!(nas.driver.family, Family::NotNas | Family::Unknown) {
        return;
    }
    let because = |option: &NasOption<'_>| secrets::cover_urls(&nas.because(option).to_string()).into_owned();
    let mut unset: Vec<(&NasOption<'_>, &str)> = Vec::new();
    for (option, short) in [(&nas.operations, "operations"), (&nas.permissions, "permissions")] {
        match &option.text.setting {
            Some(setting) if setting.value().trim().eq_ignore_ascii_case(option.effective.name()) => {}
            Some(setting) => {
                said.push((setting.place(), format!("in force: {}", option.effective.name()), because(option)));
            }
            None => unset.push((option, short)),
        }
    }
    let Some(place) = backend.group.and_then(|group| config.header_place(group)) else { return };
    if let Some((first, _)) = unset.first() {
        let values = unset.iter().map(|(option, short)| format!("{short} {}", option.effective.name()));
        let label = format!("NAS security not set: {}", values.collect::<Vec<_>>().join(", "));
        said.push((place, label, because(first)));
    }
}

/// Lines that a later one replaces.
fn of_overridden(analysis: &Analysis, config: &Config<'_>, said: &mut Vec<(Place, String, String)>) {
    let files = &analysis.workspace.files;
    let views = crate::report::Views::new(files);
    for (group, _) in config.groups() {
        for setting in config.settings(group) {
            let key = setting.key();
            let Some(wins) = config.setting(group, &key) else { continue };
            let is_multi = crate::catalog::options_named(&key).any(|row| row.is_multi());
            if wins.key_place() == setting.key_place() || wins.is_doubtful || setting.is_doubtful || is_multi {
                continue;
            }
            let place = match views.line(wins.key_place()) {
                Some((file, line)) => format!("{}:{line}", files.get(file).shown),
                None => files.get(wins.file).shown.clone(),
            };
            let name = place.rsplit('/').next().unwrap_or(&place).to_string();
            said.push((setting.place(), format!("overridden by {name}"), format!("the line at {place} takes effect")));
        }
    }
}
