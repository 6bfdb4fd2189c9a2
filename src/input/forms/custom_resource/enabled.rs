//! Sections that the operator never enables, and sections of Secrets that meet none.

use std::collections::{BTreeSet, HashSet};

use super::{Assembly, MARKS, is_service, resources::Store, sections};
use crate::{
    input::forms::Remark,
    source::{FileId, Place},
};

impl Assembly<'_, '_, '_> {
    /// Sections of backends that the operator does not enable.
    pub(super) fn never_enabled(
        &self,
        service: &str,
        names: &[String],
        global: Option<FileId>,
        own: Option<FileId>,
        secrets: &[FileId],
        complete: bool,
    ) -> Vec<Remark> {
        let files = self.run.files();
        let others = global.filter(|_| names.is_empty()).into_iter().chain(secrets.iter().copied());
        let listed = others.into_iter().any(|id| self.sets(id, "enabled_backends"));
        if listed || names.is_empty() && !complete {
            return Vec::new();
        }
        let mut found = Vec::new();
        let names: HashSet<&str> = names.iter().map(String::as_str).collect();
        let named = self.named(own.into_iter().chain(global));
        for id in own.into_iter().chain(global) {
            let file = files.get(id);
            for (at, section) in file.document.sections.iter().enumerate().filter(|(_, section)| section.line > 0) {
                let name = String::from_utf8_lossy(section.name.of(&file.text)).into_owned();
                let dynamic = file.template.as_ref().is_some_and(|template| template.is_dynamic(section.header));
                let of_backend =
                    |option: &crate::ini::Opt| MARKS.contains(&&*String::from_utf8_lossy(option.key.of(&file.text)));
                let mark = file.document.options_of(at).iter().find(|option| of_backend(option));
                let Some(mark) = mark.filter(|_| !dynamic && !is_service(&name)) else { continue };
                if names.contains(name.as_str()) || named.contains(&name) {
                    continue;
                }
                let advice = if Some(id) == own {
                    format!("write `volume_backend_name = {name}` below the header")
                } else {
                    format!("move it to customServiceConfig of {service}, with `volume_backend_name = {name}`")
                };
                let mark = String::from_utf8_lossy(mark.key.of(&file.text)).into_owned();
                found.push(Remark {
                    kind: "never-enabled",
                    place: Place { file: id, span: section.header },
                    section: Some(name),
                    facts: vec![("mark", mark), ("service", service.to_string()), ("advice", advice)],
                    ..Remark::default()
                });
            }
        }
        found
    }

    fn sets(&self, id: FileId, key: &str) -> bool {
        let file = self.run.files().get(id);
        file.document.options.iter().any(|option| option.key.of(&file.text) == key.as_bytes())
    }

    /// Words that other options than the names of backends have in their values: `replication_device`, `fc_fabric_names`.
    fn named(&self, layers: impl Iterator<Item = FileId>) -> HashSet<String> {
        let mut found = HashSet::new();
        for id in layers {
            let file = self.run.files().get(id);
            let options = file.document.options.iter();
            for option in options.filter(|option| option.key.of(&file.text) != b"volume_backend_name") {
                let value = file.document.value(&file.text, option);
                found.extend(value.split([',', ':', ' ', '\n']).map(str::to_string));
            }
        }
        found
    }

    /// Sections of Secrets that are no section of the services that read them, by deployment.
    pub(super) fn sections_of_secrets(&self) -> Vec<(usize, Vec<Remark>)> {
        let files = self.run.files();
        let mut found = Vec::new();
        let mut entries: Vec<_> = self.users.iter().collect();
        entries.sort_by_key(|(entry, _)| **entry);
        for (entry, users) in entries {
            let Some(&piece) = self.pieces.get(entry) else { continue };
            let own: Vec<FileId> = users.iter().filter_map(|user| user.own).collect();
            let open = |id: &FileId| {
                let file = files.get(*id);
                file.template.as_ref().is_some_and(|template| {
                    template.is_open()
                        || file.document.sections.iter().any(|s| s.line > 0 && template.is_dynamic(s.header))
                })
            };
            let wanted: BTreeSet<String> =
                own.iter().flat_map(|id| sections(files.get(*id))).map(|(_, name, _)| name).collect();
            let backends: Vec<&String> = wanted.iter().filter(|name| !is_service(name)).collect();
            if own.len() < users.len() || own.iter().chain([&piece]).any(open) || backends.is_empty() {
                continue;
            }
            let file = files.get(piece);
            let mut remarks = Vec::new();
            let named = self.named(own.iter().copied());
            for (at, name, section) in sections(file) {
                let mut options = file.document.options_of(at).iter();
                let sets_driver = options.any(|option| option.key.of(&file.text) == b"volume_driver");
                if is_service(&name) || sets_driver || named.contains(&name) {
                    continue;
                }
                let place = Place { file: piece, span: section.header };
                if wanted.contains(&name) {
                    if users.len() > 1 {
                        // One of the services has it, which the others need not.
                        remarks.push(Remark { kind: "of-another-service", place, ..Remark::default() });
                    }
                    continue;
                }
                let store: &Store = &self.sources[entry.0].resources.stores[entry.1];
                let services: BTreeSet<&str> = users.iter().map(|user| user.name.as_str()).collect();
                let services: Vec<&str> = services.into_iter().take(3).collect();
                let related = own.first().and_then(|id| {
                    let (.., target) = sections(files.get(*id)).find(|(_, name, _)| !is_service(name))?;
                    Some(Place { file: *id, span: target.header })
                });
                let names: Vec<String> = backends.iter().take(5).map(|name| format!("[{name}]")).collect();
                remarks.push(Remark {
                    kind: "secret-section",
                    place,
                    section: Some(name),
                    facts: vec![
                        ("services", services.join(", ")),
                        ("wanted", names.join(" or ")),
                        ("store", store.name.clone()),
                    ],
                    places: related.map(|place| ("service", place)).into_iter().collect(),
                    ..Remark::default()
                });
            }
            found.extend(users.iter().map(|user| (user.found, remarks.clone())));
        }
        found
    }
}
