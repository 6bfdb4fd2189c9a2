use std::collections::HashSet;

use super::finding::{Edit, Finding, Related};
use crate::input::Files;

/// Leads every place back to a file on disk. What has none is not said, and what would be said twice is said once.
pub(super) fn lead_back(files: &Files, findings: &mut Vec<Finding>) {
    if files.iter().all(|(_, file)| file.is_on_disk() && file.template.is_none()) {
        return;
    }
    let mut seen = HashSet::new();
    findings.retain_mut(|finding| {
        let related: Vec<Related> = std::mem::take(&mut finding.related);
        let related = related.into_iter().filter_map(|r| Some(Related { place: files.on_disk(r.place)?, ..r }));
        finding.related = related.collect();
        if let Some(fix) = &mut finding.fix {
            let edits = std::mem::take(&mut fix.edits).into_iter();
            let edits =
                edits.map(|edit| files.edit_on_disk(edit.place, edit.text).map(|(place, text)| Edit { place, text }));
            match edits.collect::<Option<Vec<Edit>>>() {
                Some(edits) => fix.edits = edits,
                None => finding.fix = None,
            }
        }
        let place = files.on_disk(finding.place).or_else(|| finding.related.first().map(|related| related.place));
        let Some(place) = place else { return false };
        finding.place = place;
        finding.related.retain(|related| related.place != place);
        seen.insert((finding.rule.id.clone(), place, finding.option.clone(), finding.message.clone()))
    });
}
