use super::{Attached, Candidate, Context};
use crate::{config::Place, ini::Span};

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
            candidate.facts.insert("backend", backend.name.clone());
            if let Some(setting) = context.config.backend_setting(backend, "nfs_shares_config") {
                candidate.places.insert("option", setting.place());
            }
            if bad.problem == crate::nas::shares::LineProblem::NotUtf8 {
                candidate.place.span = Span::new(bad.span.start, bad.span.end);
            }
            found.push(candidate);
        }
    }
}
