use foldhash::HashMap;

use ini::{Ini, ParseOption};

use super::{Attached, Candidate, Candidates, Context, shown_value};
use crate::{
    source::Place,
    vocabulary::{Fact, Finds, Kind},
};

/// What [`find`] hands to rules.
pub(super) static PORTABILITY: Finds = Finds {
    check: "portability",
    meaning: "Lines that a common INI library (rust-ini) reads as something else than oslo.config does",
    kinds: &[
        Kind::new("value", "it reads another value").facts(&[&[
            Fact::text("value", "what oslo.config reads"),
            Fact::text(
                "other",
                "what the library does, as a message shows it: it reads a value for the option, or does not find it",
            ),
        ]]),
        Kind::new("stops", "it refuses the file"),
    ],
};

/// Lines that a common INI library (rust-ini) reads as something else than oslo.config does: `value`, or `stops` where it
/// gives up.
pub(super) fn find(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    for &id in context.config.layers() {
        let file = context.config.files().get(id);
        let Ok(text) = std::str::from_utf8(&file.text) else { continue };
        if !file.document.errors.is_empty() || file.template.is_some() || !file.is_on_disk() {
            continue;
        }
        let other = match Ini::load_from_str_opt(text, ParseOption::default()) {
            Ok(other) => other,
            Err(error) => {
                let line = error.line.max(1) as u32;
                let at = crate::ini::lines(&file.text).find(|l| l.number == line);
                let span = at.map(|l| crate::ini::Span::new(l.span.start, l.text_end)).unwrap_or_default();
                found.push(Candidate { kind: "stops", place: Place { file: id, span }, ..Candidate::default() });
                continue;
            }
        };
        let mut theirs: HashMap<(&str, &str), Vec<&str>> = HashMap::default();
        for (section, properties) in other.iter() {
            for (key, value) in properties.iter() {
                theirs.entry((section.unwrap_or_default(), key)).or_default().push(value);
            }
        }
        let mut next: HashMap<(&str, &str), usize> = HashMap::default();
        for (at, section) in file.document.sections.iter().enumerate() {
            let name = std::str::from_utf8(section.name.of(&file.text)).unwrap_or_default();
            for option in file.document.options_of(at) {
                let key = std::str::from_utf8(option.key.of(&file.text)).unwrap_or_default();
                let nth = next.entry((name, key)).or_default();
                let their = theirs.get(&(name, key)).and_then(|values| values.get(*nth)).copied();
                *nth += 1;
                let ours = file.document.value(&file.text, option);
                if their == Some(ours.as_ref()) {
                    continue;
                }
                let span = crate::ini::Span::new(option.key.start, option.raw.end);
                let mut candidate = Candidate {
                    kind: "value",
                    place: Place { file: id, span },
                    section: Some(name.to_string()),
                    option: Some(key.to_string()),
                    ..Candidate::default()
                };
                candidate.facts.insert("value", ours.into_owned());
                let shown = their
                    .map_or_else(|| "do not find".to_string(), |text| format!("read {} for", shown_value(key, text)));
                candidate.facts.insert("other", shown);
                found.push(candidate);
            }
        }
    }
}
