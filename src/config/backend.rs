//! Where the options of a backend come from, by release (`cinder.cmd.volume`, `cinder.volume.configuration`).

use std::{
    borrow::Cow,
    sync::{Arc, PoisonError},
};

use super::{
    Config, GroupId, Setting,
    listed::{Backend, Listed},
    substitute::{Problem, Scope, Trail},
};
use crate::{
    catalog::{self, Default, OptionRow, Release},
    ini::Span,
    source::Place,
};

/// What an option of a backend is.
#[derive(Clone, Debug)]
pub struct Text<'f> {
    /// The line that says so; none: the default.
    pub setting: Option<Setting<'f>>,
    /// The text after substitution; none: the option has no value.
    pub text: Result<Option<Cow<'f, str>>, Problem>,
}

impl Text<'_> {
    /// The text, where there is one that is known.
    pub fn known(&self) -> Option<&str> {
        self.text.as_ref().ok().and_then(Option::as_deref)
    }

    /// The text, where it is known and not empty.
    pub fn non_empty(&self) -> Option<&str> {
        self.known().filter(|text| !text.is_empty())
    }
}

/// Read from the backend's section and nowhere else (`cinder.cmd.volume._launch_service`).
const OWN_SECTION_ONLY: [&str; 2] = ["backend_host", "host"];

impl<'f> Config<'f> {
    /// The line that sets `enabled_backends`, where it is known what it says.
    pub fn enabled_backends(&self) -> Option<Setting<'f>> {
        let setting = self.group("DEFAULT").and_then(|group| self.setting(group, "enabled_backends"));
        setting.filter(|setting| !setting.is_doubtful)
    }

    /// The names in `enabled_backends`, with empty ones and repeated ones, as `ListOpt` cuts them.
    pub fn listed_backends(&self) -> Vec<Listed> {
        self.listed_with(|name| self.substitute(name, Scope::Group("DEFAULT"), &mut Trail::default()))
    }

    fn listed_with(&self, mut fill_in: impl FnMut(&str) -> Result<String, Problem>) -> Vec<Listed> {
        let Some(setting) = self.enabled_backends() else { return Vec::new() };
        let text = &setting.source().text;
        let lines =
            std::iter::once(&setting.option.value).chain(setting.source().document.continuations(setting.option));
        let mut listed: Vec<Listed> = Vec::new();
        let mut open = false;
        for line in lines {
            let mut start = line.start;
            for item in line.of(text).split(|&byte| byte == b',') {
                let end = start + item.len() as u32;
                let head = crate::ini::python::lstrip(item).min(crate::ini::python::rstrip(item)) as u32;
                let tail = crate::ini::python::rstrip(item) as u32;
                let span = Span::new(start + head, start + tail.max(head));
                let name = String::from_utf8_lossy(span.of(text)).into_owned();
                match listed.last_mut() {
                    // A line break is no comma: the name goes on.
                    Some(last) if open => {
                        if !name.is_empty() {
                            if !last.name.is_empty() {
                                last.name.push('\n');
                            } else {
                                last.place.span.start = span.start;
                            }
                            last.name.push_str(&name);
                            last.place.span.end = span.end;
                        }
                    }
                    _ => listed.push(Listed { name, place: Place { file: setting.file, span } }),
                }
                open = false;
                start = end + 1;
            }
            open = true;
        }
        if listed.iter().all(|item| item.name.is_empty()) && listed.len() == 1 {
            listed.clear();
        }
        for item in &mut listed {
            if item.name.contains('$')
                && let Ok(name) = fill_in(&item.name)
            {
                item.name = name;
            }
        }
        listed
    }

    /// The backends that cinder-volume starts, in order. A name that is listed twice is given once.
    pub fn backends(&self) -> Vec<Backend> {
        let mut backends: Vec<Backend> = Vec::new();
        let mut last: Arc<str> = "".into();
        let mut seen = std::collections::HashSet::new();
        for listed in self.listed_backends() {
            if listed.name.is_empty() || !seen.insert(listed.name.clone()) {
                continue;
            }
            let group = self.group(&listed.name);
            backends.push(self.with_driver(
                Backend {
                    name: self.shared_name(group, &listed.name),
                    group,
                    enabled: true,
                    listed: Some(listed.place),
                    driver: Arc::clone(&last),
                },
                &mut last,
            ));
        }
        if backends.is_empty() && self.release <= Release::NEWTON {
            let group = self.group("DEFAULT");
            if let Some(group) = group
                && self.setting(group, "volume_driver").is_some()
            {
                backends.push(self.with_driver(
                    Backend {
                        name: "DEFAULT".into(),
                        group: Some(group),
                        enabled: true,
                        listed: None,
                        driver: Arc::clone(&last),
                    },
                    &mut last,
                ));
            }
        }
        backends
    }

    /// The backends, and behind them the sections that look like backends.
    pub fn all_backends(&self) -> Vec<Backend> {
        let mut backends = self.backends();
        let others = self.other_backends(&backends);
        backends.extend(others);
        backends
    }

    /// The sections that look like backends and are not enabled: they name a driver.
    pub fn other_backends(&self, enabled: &[Backend]) -> Vec<Backend> {
        let mut last: Arc<str> = "".into();
        let taken: std::collections::HashSet<GroupId> = enabled.iter().filter_map(|backend| backend.group).collect();
        self.groups()
            .filter(|(id, group)| {
                !taken.contains(id)
                    && !matches!(&*group.name, "DEFAULT" | "backend_defaults")
                    && self.setting(*id, "volume_driver").is_some()
            })
            .map(|(id, _)| {
                let name = self.shared_name(Some(id), &self.spelled(id));
                let driver = Arc::clone(&last);
                self.with_driver(Backend { name, group: Some(id), enabled: false, listed: None, driver }, &mut last)
            })
            .collect()
    }

    /// The backend of this name, where `enabled_backends` has it; where, nobody asks. The list and the driver may be made of
    /// references, too: the trail ends those that lead back here.
    pub(super) fn listed_backend(&self, name: &str, trail: &mut Trail) -> Option<Backend> {
        let all = self.listed_with(|name| self.substitute(name, Scope::Group("DEFAULT"), trail));
        all.into_iter().find(|listed| listed.name == name)?;
        let mut backend = Backend { name: name.into(), group: self.group(name), ..Backend::without_section() };
        backend.driver = self.driver_of(&backend, trail).as_ref().into();
        Some(backend)
    }

    /// A name of a backend; that of its section is kept once.
    fn shared_name(&self, group: Option<GroupId>, name: &str) -> Arc<str> {
        let own = group.map(|group| &self.group_info(group).name).filter(|own| ***own == *name);
        own.map_or_else(|| name.into(), Arc::clone)
    }

    /// `last` is the driver of the backend before: most share one.
    fn with_driver(&self, mut backend: Backend, last: &mut Arc<str>) -> Backend {
        let driver = self.driver_of(&backend, &mut Trail::default());
        if **last != *driver {
            *last = driver.as_ref().into();
        }
        backend.driver = Arc::clone(last);
        backend
    }

    fn driver_of(&self, backend: &Backend, trail: &mut Trail) -> Cow<'f, str> {
        match self.text_on(backend, "volume_driver", trail).text {
            Ok(Some(driver)) => driver,
            Err(Problem::Unseen) => "".into(),
            _ if self.release == Release::KILO => "cinder.volume.drivers.lvm.LVMISCSIDriver".into(),
            _ => "cinder.volume.drivers.lvm.LVMVolumeDriver".into(),
        }
    }

    /// The section that fills in what backend sections leave out; there is one from Pike on.
    pub fn backend_defaults(&self) -> Option<GroupId> {
        if self.release >= Release::PIKE { self.group("backend_defaults") } else { None }
    }

    /// The sections where a backend's option may stand, the one that counts first.
    fn sections_for(&self, backend: &Backend, name: &str) -> impl Iterator<Item = GroupId> + use<'f> {
        let shared = if OWN_SECTION_ONLY.contains(&name) { None } else { self.backend_defaults() };
        [backend.group, shared].into_iter().flatten()
    }

    /// The line that sets an option of a backend, under any name that the release knows for it.
    pub fn backend_setting(&self, backend: &Backend, name: &str) -> Option<Setting<'f>> {
        self.sections_for(backend, name).find_map(|group| self.backend_names(group, name))
    }

    /// The line that Cinder looks at last for an option that no line gives a value: in `[backend_defaults]`, else in the
    /// backend's section.
    pub fn last_asked(&self, backend: &Backend, name: &str) -> Option<Setting<'f>> {
        [self.backend_defaults(), backend.group].into_iter().flatten().find_map(|group| self.backend_names(group, name))
    }

    /// Every assignment that may configure a backend: those of its section, then those of `[backend_defaults]`.
    pub fn backend_settings(&self, backend: &Backend) -> impl Iterator<Item = Setting<'f>> {
        // Where [DEFAULT] is the backend, most of what stands in it is not about it.
        let is_default = &*backend.name == "DEFAULT";
        let own = backend
            .group
            .into_iter()
            .flat_map(|group| self.settings(group))
            .filter(move |setting| !is_default || catalog::backend_option(self.release, &setting.key()).is_some());
        let shared = self.backend_defaults().into_iter().flat_map(|group| self.settings(group));
        own.chain(shared.filter(|setting| !OWN_SECTION_ONLY.contains(&setting.key().as_ref())))
    }

    /// What stands for a key that Cinder does not know: nothing reads it, so nothing is replaced in it.
    pub fn unknown_text(&self, backend: &Backend, setting: &Setting<'f>) -> Text<'f> {
        let key = setting.key();
        let counts = self.sections_for(backend, &key).find_map(|group| self.setting(group, &key)).unwrap_or(*setting);
        Text { setting: Some(counts), text: Ok(Some(counts.value())) }
    }

    pub(super) fn backend_names(&self, group: GroupId, name: &str) -> Option<Setting<'f>> {
        self.names_in(group, name, catalog::backend_option(self.release, name))
    }

    fn names_in(&self, group: GroupId, name: &str, known: Option<OptionRow>) -> Option<Setting<'f>> {
        match known {
            Some(known) if known.has_deprecated() => {
                let names =
                    std::iter::once((group, known.name())).chain(known.deprecated().filter_map(|(other, old)| {
                        let group = if other.is_empty() { group } else { self.group(other)? };
                        Some((group, if old.is_empty() { known.name() } else { old }))
                    }));
                self.first_of(names)
            }
            _ => self.setting(group, name),
        }
    }

    /// What an option of a backend is: from its section, else from `[backend_defaults]`, else its default.
    pub fn backend_text(&self, backend: &Backend, name: &str) -> Text<'f> {
        self.text_on(backend, name, &mut Trail::default())
    }

    fn text_on(&self, backend: &Backend, name: &str, trail: &mut Trail) -> Text<'f> {
        let known = catalog::backend_option(self.release, name);
        for group in self.sections_for(backend, name) {
            let scope =
                if Some(group) == backend.group { Scope::Backend(backend) } else { Scope::Group("backend_defaults") };
            let Some(setting) = self.names_in(group, name, known) else {
                if !self.is_certain() && self.hides(&self.group_info(group).name) {
                    return Text { setting: None, text: Err(Problem::Unseen) };
                }
                continue;
            };
            if setting.is_doubtful {
                return Text { setting: Some(setting), text: Err(Problem::Unseen) };
            }
            let text = self.substituted(setting.value(), scope, trail);
            // A number without digits is `None`, which for Cinder is an option that is not set.
            let is_none = text.as_ref().is_ok_and(|text| known.is_some_and(|known| known.value_type().is_none(text)));
            if !is_none {
                return Text { setting: Some(setting), text: text.map(Some) };
            }
        }
        let unseen =
            backend.group.is_none() && !self.is_certain() && self.hides(&super::normalize_group(&backend.name));
        let text = match known.map(|known| known.default()) {
            _ if unseen => Err(Problem::Unseen),
            None | Some(Default::None) => Ok(None),
            Some(Default::Dynamic) => Err(Problem::Unknown(name.to_string())),
            Some(Default::Text(text)) => self.default_text(text).map(Some),
        };
        Text { setting: None, text }
    }

    /// The driver alone is asked for on the way somewhere else, and its default refers to nothing: no circle leads here.
    fn default_text(&self, default: &'static str) -> Result<Cow<'f, str>, Problem> {
        if !default.contains('$') {
            return Ok(Cow::Borrowed(default));
        }
        let known = self.defaults.lock().unwrap_or_else(PoisonError::into_inner).get(default).cloned();
        let text = known.unwrap_or_else(|| {
            let text = self.substitute(default, Scope::Group("backend_defaults"), &mut Trail::default());
            self.defaults.lock().unwrap_or_else(PoisonError::into_inner).insert(default, text.clone());
            text
        });
        text.map(Cow::Owned)
    }

    /// Whether the backend's section is a place where oslo.config knows this option.
    pub fn is_registered(&self, backend: &Backend, name: &str) -> bool {
        catalog::backend_option(self.release, name).is_some()
            && catalog::driver(self.release, &backend.driver)
                .is_none_or(|driver| driver.reads(self.release, name).unwrap_or(true))
    }
}
