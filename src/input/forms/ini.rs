//! A file of oslo.config, or a template of one: `cinder.conf`, `cinder-volume.conf.j2`, `cinder/backends.conf`.

use std::path::{Path, PathBuf};

use super::{
    Assembled, Candidate, Form, Run, Taken,
    ours::{self, Verdict},
};
use crate::{
    catalog::Release,
    ini::Span,
    input::forms::Remark,
    source::{FileId, Place, Services, Unseen},
};

/// See the module.
#[derive(Debug)]
pub(super) struct Ini;

impl Form for Ini {
    fn name(&self) -> &'static str {
        "ini"
    }

    fn title(&self) -> &'static str {
        "a file of oslo.config"
    }

    fn recognises(&self, candidate: &Candidate<'_>) -> Option<String> {
        match ours::judge(candidate)? {
            Verdict::Ours(why) => Some(why),
            Verdict::Other(_) | Verdict::Doubtful(_) => None,
        }
    }

    fn read(&self, taken: &[Taken], run: &mut Run<'_>) {
        // What lies in `NAME.conf.d` is a layer of `NAME.conf`, not a deployment of its own.
        let folders: std::collections::HashSet<PathBuf> =
            taken.iter().map(|one| with_d(&one.path)).filter(|folder| run.fs().is_folder(folder)).collect();
        for one in taken {
            if one.path.parent().is_some_and(|folder| folders.contains(folder)) {
                continue;
            }
            let Some(file) = run.whole(&one.path) else { continue };
            let mut layers = vec![file];
            layers.extend(run.folder(&with_d(&one.path)));
            let name = run.files().get(file).relative.clone();
            if let Some(remark) = saved_as_yaml(run, file) {
                let mut alone = Assembled::new(&one.path, &name, Vec::new());
                (alone.unseen, alone.remarks) = (Unseen::Everything, vec![remark]);
                run.found.push(alone);
                continue;
            }
            let mut whole = Assembled::new(&one.path, &name, layers);
            whole.services = services(&one.path);
            whole.release = release(&one.path);
            run.found.push(whole);
        }
    }
}

/// The services that read a file: `cinder-volume.conf` is one's own, and so is what kolla-ansible renders into a folder
/// that is called after it.
fn services(file: &Path) -> Services {
    let name = |path: Option<&std::ffi::OsStr>| path.and_then(|name| name.to_str()).and_then(Services::named);
    name(file.file_stem()).or_else(|| name(file.parent().and_then(Path::file_name))).unwrap_or_default()
}

/// The release after which the folder of a file is called: `templates/queens/cinder.conf`.
fn release(file: &Path) -> Option<Release> {
    let folder = file.parent()?.file_name()?;
    Release::all().find(|release| folder == release.name())
}

/// The folder that oslo.config reads beside a file.
fn with_d(file: &Path) -> PathBuf {
    let mut folder = file.as_os_str().to_os_string();
    folder.push(".d");
    folder.into()
}

/// What is said of YAML that is called like a file of oslo.config, instead of what oslo.config says of each of its lines.
fn saved_as_yaml(run: &Run<'_>, file: FileId) -> Option<Remark> {
    let text = run.text(file);
    if !ours::is_yaml(text) {
        return None;
    }
    let mut start = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let body = line.trim_ascii();
        if !body.is_empty() && !body.starts_with(b"#") {
            break;
        }
        start += line.len() as u32;
    }
    let rest = &text[start as usize..];
    let end = start + memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len()) as u32;
    let place = Place { file, span: Span::new(start, end) };
    Some(Remark { kind: "conf-is-yaml", place, ..Remark::default() })
}
