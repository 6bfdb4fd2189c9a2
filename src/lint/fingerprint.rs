//! The order of findings, and what names each of them from run to run.

use std::hash::BuildHasher;

use foldhash::{HashMap, fast::FixedState};
use md5::{Digest, Md5};

use super::finding::{Finding, Fingerprint};
use crate::{parallel, source::Files};

/// The fewest fingerprints.
const FINGERPRINTS: usize = 1000;

/// Sorts the findings and gives each its fingerprint.
pub fn finish(files: &Files, findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |f: &Finding| (f.place.span.start, f.place.span.end);
        (files.get(a.place.file).relative.as_str(), key(a), a.rule.id.as_str(), a.option.as_deref(), &*a.message).cmp(
            &(files.get(b.place.file).relative.as_str(), key(b), b.rule.id.as_str(), b.option.as_deref(), &*b.message),
        )
    });
    // The same mistake at several lines is told by its count. Where two mistakes had the same hash they would be counted together,
    // and told apart by what they are all the same.
    let mut counts: HashMap<u64, u32> = HashMap::default();
    let count = |finding: &Finding| {
        let count = counts.entry(FixedState::default().hash_one(parts(files, finding))).or_default();
        *count += 1;
        *count
    };
    let counted: Vec<u32> = findings.iter().map(count).collect();
    let fingerprint = |(finding, count): (&Finding, &u32)| {
        let mut hash = Md5::new();
        for part in parts(files, finding) {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        hash.update(count.to_le_bytes());
        Fingerprint(hash.finalize().into())
    };
    let at: Vec<u32> = (0..findings.len() as u32).collect();
    let made = parallel::pieces(&at, FINGERPRINTS, |some| {
        let range = some.first().map_or(0, |first| *first as usize)..some.last().map_or(0, |last| *last as usize + 1);
        findings[range.clone()].iter().zip(&counted[range]).map(fingerprint).collect::<Vec<_>>()
    });
    for (finding, fingerprint) in findings.iter_mut().zip(made.into_iter().flatten()) {
        finding.fingerprint = fingerprint;
    }
}

/// What makes a mistake this one, wherever its line moves.
fn parts<'f>(files: &'f Files, finding: &'f Finding) -> [&'f str; 4] {
    [
        &finding.rule.id,
        &files.get(finding.place.file).relative,
        finding.section.as_deref().unwrap_or_default(),
        finding.option.as_deref().unwrap_or_default(),
    ]
}
