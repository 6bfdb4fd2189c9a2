use foldhash::HashMap;

use super::{Attached, Candidate, Candidates, Context, SETTING, SETTING_PLACES, shown_value};
use crate::{
    catalog,
    source::Place,
    vocabulary::{Fact, Finds, Kind, PlaceName},
};

/// What [`find`] hands to rules.
pub(super) static REPEATS: Finds = Finds {
    check: "repeats",
    meaning: "What is written again in one file",
    kinds: &[
        Kind::new("option", "an assignment that a later one overrides")
            .facts(&[
                SETTING,
                &[
                    Fact::flag("same", "both have the same value"),
                    Fact::flag("known", "the release knows the option"),
                    Fact::number("line", "the line of the last assignment"),
                    Fact::text("counts", "the value of the last assignment, as a message shows it"),
                ],
            ])
            .places(&[SETTING_PLACES, &[PlaceName::new("counts", "the last assignment")]]),
        Kind::new("section", "a section that is written again")
            .facts(&[&[Fact::number("line", "the line of its first header")]])
            .places(&[&[PlaceName::new("first", "its first header")]]),
    ],
};

/// `option`: an assignment that a later one in the same file overrides; `section`: a section that is written again.
pub(super) fn find(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    let config = context.config;
    for (group, info) in config.groups() {
        let mut last: HashMap<_, _> = HashMap::default();
        for setting in config.settings(group) {
            let key = setting.option.key.of(&setting.source().text);
            let Some(earlier) = last.insert((setting.file, key), setting) else { continue };
            // Two branches of a template say it, of which one is taken; or nobody knows what they say.
            if earlier.is_doubtful || setting.is_doubtful {
                continue;
            }
            let name = setting.key();
            let row = catalog::option(config.release, &info.name, &name)
                .or_else(|| catalog::backend_option(config.release, &name));
            if row.is_some_and(|row| row.is_multi()) {
                continue;
            }
            // What counts is the last of them all, not the next.
            let counts = config.occurrences(group, &name).find(|other| other.file == setting.file).unwrap_or(setting);
            let mut candidate = context.at_setting("option", &earlier);
            candidate.place = earlier.place();
            let yes = |yes: bool| if yes { "true" } else { "false" }.to_string();
            candidate.facts.insert("same", yes(earlier.value() == counts.value()));
            candidate.facts.insert("known", yes(row.is_some()));
            let at = config.files().line(counts.key_place(), counts.option.line);
            candidate.facts.insert("line", at.to_string());
            candidate.facts.insert("counts", shown_value(&name, &counts.value()));
            candidate.places.insert("counts", counts.place());
            found.push(candidate);
        }
        let mut first: HashMap<_, _> = HashMap::default();
        for (file, section) in config.headers(group) {
            let source = config.files().get(file);
            let name = String::from_utf8_lossy(section.name.of(&source.text)).into_owned();
            let Some(&(line, place)) = first.get(&file) else {
                let place = Place { file, span: section.header };
                first.insert(file, (section.line, place));
                continue;
            };
            if source.template.as_ref().is_some_and(|template| {
                template.is_conditional(section.header.start) || template.is_dynamic(section.header)
            }) {
                continue;
            }
            let mut candidate = Candidate {
                kind: "section",
                place: Place { file, span: section.header },
                section: Some(name),
                ..Candidate::default()
            };
            candidate.facts.insert("line", config.files().line(place, line).to_string());
            candidate.places.insert("first", place);
            found.push(candidate);
        }
    }
}
