use super::{Attached, Candidate, Candidates, Context};
use crate::{
    catalog::Release,
    nas::{
        family::ShareLines,
        shares::{BadLine, LineProblem, SharesFile},
    },
    source::{FileId, Place},
    vocabulary::{Fact, Finds, Kind, PlaceName},
};

/// What [`lines`] hands to rules.
pub(super) static SHARES_LINES: Finds = Finds {
    check: super::SHARES_LINES_CHECK,
    meaning: "The odd lines of the shares files",
    kinds: &[
        odd_kind(LineProblem::LeadingBlank, "a line that starts with a blank, which Cinder ignores"),
        odd_kind(LineProblem::IndentedComment, "a blank and a `#`, which Cinder ignores as well"),
        odd_kind(LineProblem::Tab, "a tab where a space should stand"),
        odd_kind(LineProblem::Options, "mount options that do not start with `-`"),
        odd_kind(LineProblem::ByteOrderMark, "a byte order mark before the first address"),
        odd_kind(LineProblem::Format, "no `address:/export`"),
        odd_kind(LineProblem::NotUtf8, "a byte that is not UTF-8"),
        odd_kind(LineProblem::NoUrl, "a line of NexentaStor4 without the URL of the appliance"),
        Kind::new("read-only", "a share that is mounted with `ro`").facts(&[SHARE]).places(&[PLACES]),
        Kind::new("no-json", "options that Virtuozzo's driver cannot read").facts(&[SHARE]).places(&[PLACES]),
    ],
};
const SHARE: &[Fact] = &[BACKEND, Fact::one_of("error", &["TypeError", "JSONDecodeError"], "what the driver raises")];
const BACKEND: Fact = Fact::text("backend", "the name of the backend that reads the file");
const PLACES: &[PlaceName] = &[PlaceName::new("option", "the line that names the shares file")];

const fn odd_kind(problem: LineProblem, meaning: &'static str) -> Kind {
    const FACTS: &[&[Fact]] = &[ODD_LINE];
    const ALL_PLACES: &[&[PlaceName]] = &[PLACES];
    Kind::new(problem.name(), meaning).facts(FACTS).places(ALL_PLACES)
}

const ODD_LINE: &[Fact] = &[
    BACKEND,
    Fact::text("line", "the line, cut after 120 characters"),
    Fact::text("address", "what Cinder takes for the address, cut after 120 characters"),
    Fact::text("mistake", "what Cinder makes of it, in words"),
];

/// The odd lines of the shares files; the kinds are those of [`crate::nas::shares::LineProblem`], `read-only` for a
/// share that is mounted with `ro`, and `no-json` for one that Virtuozzo's driver cannot read the options of.
pub(super) fn lines(context: &Context<'_, '_>, attached: &mut Attached, found: &mut Candidates<'_>) {
    alone(context, found);
    for (backend, nas) in context.backends.iter().zip(context.nas) {
        let Some(listing) = &nas.listing else { continue };
        let Some(path) = &listing.here else { continue };
        for bad in &listing.bad {
            let file = listing.source.unwrap_or_else(|| attached.id(path.clone(), &listing.text));
            let mut candidate = odd(bad, file, &listing.text);
            candidate.section = Some(backend.name.to_string());
            candidate.facts.insert("backend", backend.name.to_string());
            if let Some(setting) = context.config.backend_setting(backend, "nfs_shares_config") {
                candidate.places.insert("option", setting.place());
            }
            found.push(candidate);
        }
        let mut ends = crate::ini::lines(&listing.text);
        for share in &nas.shares {
            let Some(line) = share.share.line else { continue };
            let options = share.share.options.as_deref().unwrap_or_default();
            let virtuozzo = nas.lines == Some(ShareLines::Virtuozzo);
            let kind = if virtuozzo && context.config.release >= Release::QUEENS {
                match serde_json::from_str::<serde::de::IgnoredAny>(options) {
                    Err(_) => "no-json",
                    Ok(_) => continue,
                }
            } else if !virtuozzo && options.split([',', ' ', '\t']).any(|option| option == "ro") {
                "read-only"
            } else {
                continue;
            };
            let Some(at) = ends.find(|at| at.number == line) else { continue };
            let file = listing.source.unwrap_or_else(|| attached.id(path.clone(), &listing.text));
            let place = Place { file, span: crate::ini::Span::new(at.span.start, at.text_end) };
            let mut candidate =
                Candidate { kind, place, section: Some(backend.name.to_string()), ..Candidate::default() };
            candidate.facts.insert("backend", backend.name.to_string());
            candidate.facts.insert("error", if options.is_empty() { "TypeError" } else { "JSONDecodeError" }.into());
            if let Some(setting) = context.config.backend_setting(backend, "nfs_shares_config") {
                candidate.places.insert("option", setting.place());
            }
            found.push(candidate);
        }
    }
}

/// The lines of shares files that no backend names.
fn alone(context: &Context<'_, '_>, found: &mut Candidates<'_>) {
    for (_, file) in context.deployment.shares.iter().filter(|(path, _)| path.is_none()) {
        let text = &context.config.files().get(*file).text;
        let (shares, _) = SharesFile::read_template(text, ShareLines::Plain, context.config.release);
        for bad in &shares.bad {
            // The second column of Nexenta's files is the URL of the appliance.
            let line = bad.span.of(text);
            if bad.problem == LineProblem::Options && memchr::memmem::find(line, b"://").is_some() {
                continue;
            }
            found.push(odd(bad, *file, text));
        }
    }
}

/// One odd line.
fn odd(bad: &BadLine, file: FileId, text: &[u8]) -> Candidate {
    let line = String::from_utf8_lossy(bad.span.of(text)).into_owned();
    let mut candidate =
        Candidate { kind: bad.problem.name(), place: Place { file, span: bad.span }, ..Candidate::default() };
    let trimmed = line.trim_start_matches(crate::ini::python::is_space);
    candidate.facts.insert("line", line.trim().chars().take(120).collect());
    candidate.facts.insert("address", trimmed.split(' ').next().unwrap_or_default().chars().take(120).collect());
    let mistake = match bad.problem {
        LineProblem::Tab => {
            "a tab does not separate address and options: the address is everything up to the first space, including the tab"
        }
        LineProblem::Options => {
            "`-o` is missing: mount gets these options as a stray argument and refuses them (\"mount: bad usage\")"
        }
        LineProblem::ByteOrderMark => {
            "the line starts with a byte order mark (U+FEFF), which becomes part of the address"
        }
        _ => "",
    };
    candidate.facts.insert("mistake", mistake.to_string());
    candidate
}
