use super::{Attached, Candidate, Context};
use crate::{config::Place, nas::shares::LineProblem};

/// The odd lines of the shares files; the kinds are those of [`crate::nas::shares::LineProblem`].
pub(super) fn lines(context: &Context<'_, '_>, attached: &mut Attached, found: &mut Vec<Candidate>) {
    for (backend, nas) in context.backends.iter().zip(context.nas) {
        let Some(path) = &nas.listing.here else { continue };
        for bad in &nas.listing.bad {
            let file = attached.id(path.clone(), &nas.listing.text);
            let text = String::from_utf8_lossy(bad.span.of(&nas.listing.text)).into_owned();
            let mut candidate = Candidate {
                kind: bad.problem.name(),
                place: Place { file, span: bad.span },
                section: Some(backend.name.clone()),
                ..Candidate::default()
            };
            let trimmed = text.trim_start_matches(crate::ini::python::is_space);
            candidate.facts.insert("line", text.trim().chars().take(120).collect());
            candidate
                .facts
                .insert("address", trimmed.split(' ').next().unwrap_or_default().chars().take(120).collect());
            let mistake = match bad.problem {
                LineProblem::Tab => {
                    "a tab does not separate: the address is everything up to the first space, tab included"
                }
                LineProblem::Options => {
                    "mount gets these options as a stray word, for want of a `-o`: \"mount: bad usage\""
                }
                LineProblem::ByteOrderMark => "the byte order mark (U+FEFF) at the start becomes part of the address",
                _ => "",
            };
            candidate.facts.insert("mistake", mistake.to_string());
            candidate.facts.insert("backend", backend.name.clone());
            if let Some(setting) = context.config.backend_setting(backend, "nfs_shares_config") {
                candidate.places.insert("option", setting.place());
            }
            found.push(candidate);
        }
    }
}
