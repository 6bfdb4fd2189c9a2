//! A file of oslo.config, or a template of one: `cinder.conf`, `cinder-volume.conf.j2`, `cinder/backends.conf`.

use std::path::{Path, PathBuf};

use super::{Assembled, Candidate, Form, Run, Taken};

/// See the module.
#[derive(Debug)]
pub(super) struct Ini;

/// Options that nobody but Cinder has; one of them in a `*.conf` of a folder `cinder` tells.
pub(super) const MARKS: [&str; 12] = [
    "volume_driver",
    "enabled_backends",
    "volume_backend_name",
    "backup_driver",
    "nas_secure_file_",
    "nfs_shares_config",
    "default_volume_type",
    "volume_group",
    "rbd_pool",
    "scheduler_default_filters",
    "image_volume_cache",
    "osapi_volume_",
];

impl Form for Ini {
    fn name(&self) -> &'static str {
        "ini"
    }

    fn title(&self) -> &'static str {
        "a file of oslo.config"
    }

    fn recognises(&self, candidate: &Candidate<'_>) -> Option<String> {
        let base = candidate.base_name();
        let stem = base.strip_suffix(".conf")?;
        let template = if base.len() < candidate.name().len() { ", a template" } else { "" };
        if is_cinder(stem.strip_prefix('_').unwrap_or(stem)) {
            let exact = stem == "cinder";
            return (exact || !candidate.is_for_another_program()).then(|| format!("it is called {base}{template}"));
        }
        let here = matches!(candidate.folder(), "cinder" | "cinder.conf.d" | "backends.conf.d");
        (here && candidate.mentions(&MARKS))
            .then(|| format!("a *.conf of Cinder's in {}/{template}", candidate.folder()))
    }

    fn read(&self, taken: &[Taken], run: &mut Run<'_>) {
        // What lies in `NAME.conf.d` is a layer of `NAME.conf`, not a deployment of its own.
        let folders: std::collections::HashSet<PathBuf> =
            taken.iter().map(|one| with_d(&one.path)).filter(|folder| folder.is_dir()).collect();
        for one in taken {
            if !one.named && one.path.parent().is_some_and(|folder| folders.contains(folder)) {
                continue;
            }
            let Some(file) = run.whole(&one.path) else { continue };
            let mut layers = vec![file];
            layers.extend(run.folder(&with_d(&one.path)));
            let name = run.files().get(file).relative.clone();
            run.found.push(Assembled::new(&one.path, &name, layers));
        }
    }
}

/// The folder that oslo.config reads beside a file.
fn with_d(file: &Path) -> PathBuf {
    let mut folder = file.as_os_str().to_os_string();
    folder.push(".d");
    folder.into()
}

/// `cinder*`, without the other programs' files that are called so.
pub(super) fn is_cinder(stem: &str) -> bool {
    const OTHERS: [&str; 3] = ["cinder-wsgi", "cinder_wsgi", "cinder_tgt"];
    stem.starts_with("cinder") && !stem.ends_with("_audit_map") && !OTHERS.iter().any(|other| stem.starts_with(other))
}
