//! To which of several deployments that share files a finding belongs.

use std::{collections::BTreeSet, sync::Arc};

use foldhash::HashMap;

use super::{collector::Found, deployment::Deployment, finding::Finding};
use crate::{
    input::forms::Label,
    source::{FileId, Files, Part, Place},
    text::one_line,
};

/// What makes a finding one: rule, place in a file on disk, message.
type Key = (usize, Place, Box<str>);

fn container(files: &Files, id: FileId) -> FileId {
    match files.find(id).map(|file| &file.part) {
        Some(Part::Piece(container, _)) => *container,
        _ => id,
    }
}

fn key(files: &Files, finding: &Finding) -> Key {
    let place = files.find(finding.place.file).and_then(|_| files.on_disk(finding.place));
    (Arc::as_ptr(&finding.rule) as usize, place.unwrap_or(finding.place), finding.message.clone())
}

/// Who has which finding, and what that finding is to say of it.
pub(super) struct Belongs<'d> {
    /// Some deployment has a name of its own.
    any: bool,
    /// Who reads something of a file.
    readers: HashMap<FileId, BTreeSet<&'d str>>,
    /// Who has a finding.
    owners: HashMap<Key, BTreeSet<(&'d str, bool)>>,
}

/// How many deployments a message names.
const NAMED: usize = 3;

impl<'d> Belongs<'d> {
    /// Nobody has a finding yet.
    pub(super) fn new(deployments: &[Deployment]) -> Self {
        let any = deployments.iter().any(|one| one.label.is_some());
        Self { any, readers: HashMap::default(), owners: HashMap::default() }
    }

    /// Notes what is found in a deployment.
    pub(super) fn note(&mut self, files: &Files, deployment: &'d Deployment, found: &Found) {
        if !self.any {
            return;
        }
        let (label, is_one) = match &deployment.label {
            Some(Label::Equal(words)) => (words.as_str(), false),
            Some(Label::OneOf(name)) => (name.as_str(), true),
            None => ("", true),
        };
        for layer in deployment.layers.iter().filter(|_| is_one && !label.is_empty()) {
            self.readers.entry(container(files, *layer)).or_default().insert(label);
        }
        for finding in &found.findings {
            self.owners.entry(key(files, finding)).or_default().insert((label, is_one));
        }
    }

    /// Has the findings that others with the same file have not say whose they are, when they have their places on disk.
    pub(super) fn tell(self, files: &Files, findings: &mut [Finding]) {
        for finding in findings.iter_mut().filter(|_| self.any) {
            if let Some(words) = self.words(files, &key(files, finding)) {
                finding.message = format!("{}{words}", finding.message).into();
            }
        }
    }

    fn words(&self, files: &Files, key: &Key) -> Option<String> {
        let labels = self.owners.get(key)?;
        let all = self.readers.get(&container(files, key.1.file)).map_or(0, BTreeSet::len);
        let is_equal = labels.len() == 1 && labels.iter().all(|(_, is_one)| !is_one);
        if !is_equal && (labels.len() >= all || labels.contains(&("", true))) {
            return None;
        }
        let names: Vec<_> = labels.iter().take(NAMED).map(|(label, _)| one_line(label)).collect();
        let more = if labels.len() > NAMED { ", …" } else { "" };
        Some(format!(" (in {}{more})", names.join(", ")))
    }
}
