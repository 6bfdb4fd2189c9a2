use super::{Attached, Candidate, Candidates, Context};
pub(super) use crate::input::forms::FINDS;

/// What the forms of the files have to say: the kinds are theirs.
pub(super) fn find(context: &Context<'_, '_>, _: &mut Attached, found: &mut Candidates<'_>) {
    found.extend(context.deployment.remarks.iter().map(|remark| Candidate {
        kind: remark.kind,
        place: remark.place,
        section: remark.section.clone(),
        option: remark.option.clone(),
        facts: remark.facts.iter().cloned().collect(),
        places: remark.places.iter().copied().collect(),
    }));
}
