//! The order of findings, and what names each of them from run to run.

use data_encoding::HEXLOWER;
use foldhash::HashMap;
use md5::{Digest, Md5};

use super::finding::Finding;
use crate::{parallel, source::Files};

/// The fewest fingerprints.
const FINGERPRINTS: usize = 1000;

/// Sorts the findings and gives each its fingerprint.
pub fn finish(files: &Files, findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |f: &Finding| (f.place.span.start, f.place.span.end);
        (files.get(a.place.file).relative.as_str(), key(a), a.rule.id.as_str(), a.option.as_deref(), a.message.as_str())
            .cmp(&(
                files.get(b.place.file).relative.as_str(),
                key(b),
                b.rule.id.as_str(),
                b.option.as_deref(),
                b.message.as_str(),
            ))
    });
    // The same mistake at several lines is told by its count.
    let mut counts: HashMap<[&str; 4], u32> = HashMap::default();
    let mut counted: Vec<([&str; 4], u32)> = Vec::with_capacity(findings.len());
    for finding in findings.iter() {
        let parts = [
            finding.rule.id.as_str(),
            files.get(finding.place.file).relative.as_str(),
            finding.section.as_deref().unwrap_or_default(),
            finding.option.as_deref().unwrap_or_default(),
        ];
        let count = counts.entry(parts).or_default();
        *count += 1;
        counted.push((parts, *count));
    }
    let fingerprint = |(parts, count): &([&str; 4], u32)| {
        let mut hash = Md5::new();
        for part in parts {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        hash.update(count.to_le_bytes());
        HEXLOWER.encode(&hash.finalize())
    };
    let fingerprints =
        parallel::pieces(&counted, FINGERPRINTS, |some| some.iter().map(fingerprint).collect::<Vec<_>>());
    for (finding, fingerprint) in findings.iter_mut().zip(fingerprints.into_iter().flatten()) {
        finding.fingerprint = fingerprint;
    }
}
