//! Which release files were written for, as far as their lines tell.

use super::reader::{Reader, homes, old_names};
use crate::{
    catalog::{self, Release},
    lint::Deployment,
    source::Files,
};

/// The release that reads the most lines of some deployments, the newest of several, and how many of these the newest release of all
/// does not read; none: that one reads as many as any.
pub fn written_for(files: &Files, deployments: &[Deployment]) -> Option<(Release, usize)> {
    // For each line and each driver the releases that know it.
    let mut lines: Vec<Vec<bool>> = Vec::new();
    let count = Release::all().count();
    for deployment in deployments {
        let config = deployment.config(files, Release::NEWEST);
        let backends = config.all_backends();
        let reader = Reader::new(&config, &backends);
        for (group, _) in config.groups() {
            let scope = reader.scope(group);
            for setting in config.settings(group).filter(|setting| !setting.is_doubtful) {
                let key = setting.key();
                let mut known = vec![false; count];
                for home in homes(scope) {
                    let here = catalog::options_named(&key).filter(|row| row.group().eq_ignore_ascii_case(home));
                    let old = old_names().get(&*key).into_iter().flatten().copied();
                    let old = old.filter(|row| {
                        row.deprecated().any(|(group, name)| {
                            let group = if group.is_empty() { row.group() } else { group };
                            group.eq_ignore_ascii_case(home) && (name.is_empty() || name == key)
                        })
                    });
                    for row in here.chain(old) {
                        mark(&mut known, row.first(), row.last());
                    }
                }
                lines.push(known);
            }
        }
        for backend in &backends {
            let mut known = vec![false; count];
            for row in catalog::driver_anywhere(&backend.driver) {
                mark(&mut known, row.first(), row.last());
            }
            lines.push(known);
        }
    }
    let score = |release: Release| lines.iter().filter(|known| known[usize::from(release.index())]).count();
    let best = Release::all().max_by_key(|release| (score(*release), *release))?;
    let newest = usize::from(Release::NEWEST.index());
    let dead = lines.iter().filter(|known| known[usize::from(best.index())] && !known[newest]).count();
    (best < Release::NEWEST && dead > 0).then_some((best, dead))
}

fn mark(known: &mut [bool], first: Release, last: Release) {
    let range = usize::from(first.index())..=usize::from(last.index());
    for one in known.get_mut(range).unwrap_or_default() {
        *one = true;
    }
}
