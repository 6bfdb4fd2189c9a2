use super::{Attached, Candidate, Candidates, Context, SETTING, SETTING_PLACES};
use crate::{
    catalog,
    config::Setting,
    ini::{ErrorKind, Span},
    nas::Python,
    source::Place,
    vocabulary::{Fact, Finds, Kind, PlaceName},
};

/// The native check of rules about lines at which oslo.config stops reading.
pub(in crate::lint) const SYNTAX_CHECK: &str = "syntax";
/// What [`errors`] hands to rules.
pub(super) static SYNTAX: Finds = Finds {
    check: SYNTAX_CHECK,
    meaning: "Everything at which oslo.config stops",
    kinds: &[
        error_kind(ErrorKind::ByteOrderMark, "the file starts with a byte order mark", &[STOPS]),
        error_kind(
            ErrorKind::NotUtf8,
            "the file is not UTF-8",
            &[
                STOPS,
                &[
                    Fact::text("byte", "the first byte that is not UTF-8, in hexadecimal"),
                    Fact::number("offset", "where it stands, in bytes from the start of the file"),
                ],
            ],
        ),
        error_kind(
            ErrorKind::SectionEnd,
            "a section header that does not end with `]`",
            &[STOPS, &[Fact::text("meant", "the name that was probably meant")]],
        ),
        error_kind(ErrorKind::SectionName, "a section header without a name", &[STOPS]),
        error_kind(ErrorKind::Assignment, "a line without `=` or `:`", &[STOPS]),
        error_kind(ErrorKind::EmptyKey, "an assignment without a name", &[STOPS]),
        error_kind(ErrorKind::Continuation, "a line that continues nothing", &[STOPS]),
        error_kind(
            ErrorKind::NoSection,
            "an assignment before the first section",
            &[STOPS, &[Fact::text("option", "the name of the option")]],
        ),
    ],
};

const fn error_kind(kind: ErrorKind, meaning: &'static str, facts: &'static [&'static [Fact]]) -> Kind {
    Kind::new(kind.name(), meaning).facts(facts)
}
const STOPS: &[Fact] = &[Fact::text("says", "what oslo.config says"), Fact::number("line", "the line, from 1")];

/// What [`inline_comments`] hands to rules.
pub(super) static INLINE_COMMENT: Finds = Finds {
    check: "inline-comment",
    meaning: "Values with ` # …` or ` ; …` at their end",
    kinds: &[
        Kind::new("text", "the option's type takes it").facts(&[SETTING, KEPT]).places(&[SETTING_PLACES, COMMENT]),
        Kind::new("typed", "the option's type takes the value without it only")
            .facts(&[SETTING, KEPT, super::start::FACTS])
            .places(&[SETTING_PLACES, COMMENT]),
    ],
};
const KEPT: &[Fact] = &[Fact::text("kept", "the value without it")];
const COMMENT: &[PlaceName] = &[PlaceName::new("comment", "the comment in the value")];

/// Everything at which oslo.config stops; the kinds are those of [`ErrorKind`].
pub(super) fn errors(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    for &id in context.config.layers() {
        let file = context.config.files().get(id);
        // On Python 2 oslo.config reads bytes.
        let decodes = context.host.python == Python::Three;
        for error in file.document.errors.iter().filter(|error| decodes || error.kind != ErrorKind::NotUtf8) {
            let mut candidate = Candidate {
                kind: error.kind.name(),
                place: Place { file: id, span: error.span },
                ..Candidate::default()
            };
            let place = Place { file: id, span: error.span };
            let text = String::from_utf8_lossy(error.span.of(&file.text));
            candidate.facts.insert("says", error.kind.message().into());
            candidate.facts.insert("line", context.config.files().line(place, error.line).to_string());
            match error.kind {
                ErrorKind::SectionEnd => {
                    let meant =
                        text.trim_start_matches('[').split([']', '#', ';', '=']).next().unwrap_or_default().trim();
                    let meant: String = meant.chars().take(80).collect();
                    candidate.facts.insert("meant", crate::secrets::cover_section(&meant).into_owned());
                }
                ErrorKind::NoSection => {
                    let key = text.split(['=', ':']).next().unwrap_or_default().trim();
                    // The finding is about the file: another first option is no other mistake.
                    candidate.facts.insert("option", crate::secrets::cover_key(key).into_owned());
                }
                ErrorKind::ByteOrderMark => {
                    candidate.place.span = Span::new(place.span.start, place.span.start + 3);
                }
                ErrorKind::NotUtf8 => {
                    let byte = error.span.of(&file.text).first().copied().unwrap_or_default();
                    candidate.facts.insert("byte", format!("0x{byte:02x}"));
                    candidate.facts.insert("offset", error.span.start.to_string());
                }
                _ => {}
            }
            found.push(candidate);
        }
    }
}

/// A value with ` # …` or ` ; …` at its end; `typed` where the option's type does not take it.
pub(super) fn inline_comments(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    let config = context.config;
    for (group, info) in config.groups() {
        for setting in config.settings(group) {
            let value = setting.option.value.of(&setting.source().text);
            let Some(at) = comment_start(setting.option.value.of(setting.source().masked())) else { continue };
            let mut candidate = context.at_setting("text", &setting);
            let known = known(context, &info.name, &setting);
            if let Some(known) = known.filter(|_| !setting.is_doubtful) {
                let whole = setting.value();
                let kept = String::from_utf8_lossy(&value[..at]).trim_end().to_string();
                if known.value_type().check(&whole).is_err() && known.value_type().check(&kept).is_ok() {
                    candidate.kind = "typed";
                    super::start::tell(context, group, known.name(), &mut candidate);
                }
                candidate.facts.insert("kept", crate::secrets::cover_value(known.name(), &kept).into_owned());
            } else {
                let kept = String::from_utf8_lossy(&value[..at]).trim_end().to_string();
                let key = setting.key();
                candidate.facts.insert("kept", crate::secrets::cover_value(&key, &kept).into_owned());
            }
            let start = setting.option.value.start + at as u32;
            candidate
                .places
                .insert("comment", Place { file: setting.file, span: Span::new(start, setting.option.value.end) });
            found.push(candidate);
        }
    }
}

fn known(context: &Context<'_, '_>, group: &str, setting: &Setting<'_>) -> Option<catalog::OptionRow> {
    let key = setting.key();
    let release = context.config.release;
    catalog::option(release, group, &key).or_else(|| catalog::backend_option(release, &key))
}

/// Where a comment seems to start: a blank, `#` or `;`, and a blank, a letter or the end behind it.
pub(super) fn comment_start(value: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = memchr::memchr2(b'#', b';', &value[from..]).map(|at| at + from) {
        let before = at.checked_sub(1).and_then(|i| value.get(i));
        let behind = value.get(at + 1);
        if before.is_some_and(|b| matches!(b, b' ' | b'\t'))
            && behind.is_none_or(|b| matches!(b, b' ' | b'\t' | b'#') || b.is_ascii_alphabetic())
        {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_starts_behind_a_blank_and_before_a_word() {
        for (value, at) in [
            ("a # b", Some(2)),
            ("a ; b", Some(2)),
            ("a #b", Some(2)),
            ("a #", Some(2)),
            ("a\t## b", Some(2)),
            ("a #1", None),
            ("a# b", None),
            ("# a", None),
            ("a#b #1 # c", Some(7)),
            ("", None),
        ] {
            assert_eq!(comment_start(value.as_bytes()), at, "{value:?}");
        }
    }
}
