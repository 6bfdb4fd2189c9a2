use foldhash::HashSet;

use super::finding::{Edit, Finding, Fix, Related};
use crate::source::Files;

/// Leads every place back to a file on disk. What has none is not said, and what would be said twice is said once.
pub(super) fn lead_back(files: &Files, findings: &mut Vec<Finding>) {
    if files.iter().all(|(_, file)| file.is_on_disk() && file.template.is_none()) {
        return;
    }
    let mut seen = HashSet::default();
    findings.retain_mut(|finding| {
        let related: Vec<Related> = std::mem::take(&mut finding.related);
        let related = related.into_iter().filter_map(|r| Some(Related { place: files.on_disk(r.place)?, ..r }));
        finding.related = related.collect();
        finding.fix = finding.fix.take().and_then(|fix| fix_on_disk(files, fix));
        finding.alternatives = std::mem::take(&mut finding.alternatives)
            .into_iter()
            .filter_map(|other| fix_on_disk(files, other))
            .collect();
        let place = files.on_disk(finding.place).or_else(|| finding.related.first().map(|related| related.place));
        let Some(place) = place else { return false };
        finding.place = place;
        finding.related.retain(|related| related.place != place);
        seen.insert((finding.rule.id.clone(), place, finding.option.clone(), finding.message.clone()))
    });
}

/// The same edits in the files on disk; none where one of them has no place there.
fn fix_on_disk(files: &Files, fix: Fix) -> Option<Fix> {
    let on_disk = |edit: Edit| files.edit_on_disk(edit.place, edit.text).map(|(place, text)| Edit { place, text });
    let edits = fix.edits.into_iter().map(on_disk).collect::<Option<Vec<Edit>>>()?;
    Some(Fix { edits, ..fix })
}
