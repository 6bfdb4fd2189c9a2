use foldhash::HashSet;

use super::finding::{Edit, Finding, Fix, Related};
use crate::source::{Files, Place};

/// Leads every place back to a file on disk. What has none is not said, and what would be said twice is said once.
pub(super) fn lead_back(files: &Files, findings: &mut Vec<Finding>) {
    if files.iter().all(|(_, file)| file.is_on_disk() && file.template.is_none()) {
        return;
    }
    findings.retain_mut(|finding| {
        let related = std::mem::take(&mut finding.related).into_iter();
        let mut related: Vec<Related> =
            related.filter_map(|r| Some(Related { place: files.on_disk(r.place)?, ..r })).collect();
        finding.fix = finding.fix.take().and_then(|fix| fix_on_disk(files, *fix)).map(Box::new);
        finding.alternatives = std::mem::take(&mut finding.alternatives)
            .into_iter()
            .filter_map(|other| fix_on_disk(files, other))
            .collect();
        let place = files.on_disk(finding.place).or_else(|| related.first().map(|related| related.place));
        let Some(place) = place else { return false };
        finding.place = place;
        related.retain(|related| related.place != place);
        finding.related = related.into_boxed_slice();
        true
    });
    let mut said = HashSet::default();
    let mut is_new = findings.iter().map(|finding| said.insert(said_by(finding))).collect::<Vec<bool>>().into_iter();
    findings.retain(|_| is_new.next().unwrap_or(true));
}

/// What a finding says, and where.
fn said_by(finding: &Finding) -> (&str, Place, Option<&str>, &str) {
    (&finding.rule.id, finding.place, finding.option.as_deref(), &finding.message)
}

/// The same edits in the files on disk; none where one of them has no place there.
fn fix_on_disk(files: &Files, fix: Fix) -> Option<Fix> {
    let on_disk = |edit: Edit| files.edit_on_disk(edit.place, edit.text).map(|(place, text)| Edit { place, text });
    let edits = fix.edits.into_iter().map(on_disk).collect::<Option<Box<[Edit]>>>()?;
    Some(Fix { edits, ..fix })
}
