//! To which of several deployments that share files a finding belongs.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use super::{collector::Found, deployment::Deployment, finding::Finding};
use crate::{
    input::forms::Label,
    source::{FileId, Files, Part, Place},
    text::one_line,
};

/// What makes a finding one: rule, place in a file on disk, message.
type Key<T> = (usize, Place, T);

fn key(files: &Files, finding: &Finding) -> Key<String> {
    let place = files.find(finding.place.file).and_then(|_| files.on_disk(finding.place));
    (Arc::as_ptr(&finding.rule) as usize, place.unwrap_or(finding.place), finding.message.clone())
}

/// What findings are to say of their deployments.
#[derive(Default)]
pub(super) struct Belongs(HashMap<Key<String>, String>);

/// How many deployments a message names.
const NAMED: usize = 3;

impl Belongs {
    /// Of the findings of each deployment, those that others with the same file have not.
    pub(super) fn of(files: &Files, deployments: &[Deployment], found: &[Found]) -> Self {
        if deployments.iter().all(|one| one.label.is_none()) {
            return Self::default();
        }
        let container = |id: FileId| match files.find(id).map(|file| &file.part) {
            Some(Part::Piece(container, _)) => *container,
            _ => id,
        };
        // Who reads something of a file, and who has a finding.
        let mut readers: HashMap<FileId, BTreeSet<&str>> = HashMap::new();
        let mut owners: HashMap<Key<String>, BTreeSet<(&str, bool)>> = HashMap::new();
        for (deployment, found) in deployments.iter().zip(found) {
            let (label, is_one) = match &deployment.label {
                Some(Label::Equal(words)) => (words.as_str(), false),
                Some(Label::OneOf(name)) => (name.as_str(), true),
                None => ("", true),
            };
            for layer in deployment.layers.iter().filter(|_| is_one && !label.is_empty()) {
                readers.entry(container(*layer)).or_default().insert(label);
            }
            for finding in &found.findings {
                owners.entry(key(files, finding)).or_default().insert((label, is_one));
            }
        }
        let words = |(key, labels): (Key<String>, BTreeSet<(&str, bool)>)| {
            let all = readers.get(&container(key.1.file)).map_or(0, BTreeSet::len);
            let is_equal = labels.len() == 1 && labels.iter().all(|(_, is_one)| !is_one);
            if !is_equal && (labels.len() >= all || labels.contains(&("", true))) {
                return None;
            }
            let names: Vec<_> = labels.iter().take(NAMED).map(|(label, _)| one_line(label)).collect();
            let more = if labels.len() > NAMED { ", …" } else { "" };
            Some((key, format!(" (in {}{more})", names.join(", "))))
        };
        Self(owners.into_iter().filter_map(words).collect())
    }

    /// Has the findings say it, when they have their places on disk.
    pub(super) fn tell(self, files: &Files, findings: &mut [Finding]) {
        for finding in findings.iter_mut().filter(|_| !self.0.is_empty()) {
            if let Some(words) = self.0.get(&key(files, finding)) {
                finding.message.push_str(words);
            }
        }
    }
}
