//! Which deployments a host has, where nobody names one.

use std::path::{Path, PathBuf};

use super::{
    here::Here,
    process::{Process, Program, layers},
};
use crate::{input::conf_files, source::FileSystem};

/// One deployment that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its files on this machine, the one that takes effect last.
    pub files: Vec<PathBuf>,
    /// The paths of these files as the service sees them.
    pub shown: Vec<String>,
    /// How it was found.
    pub how: String,
    /// The process whose files these are, where it sees another file system than this one.
    pub inside: Option<u32>,
    /// Seconds since 1970 at which the service started.
    pub started: Option<i64>,
}

/// Where packages and deployment tools put the file, the most particular first.
const PLACES: [(&str, &str); 3] = [
    ("/var/lib/config-data/puppet-generated/cinder/etc/cinder/cinder.conf", "TripleO's folder"),
    ("/etc/kolla/cinder-volume/cinder.conf", "kolla's folder"),
    ("/etc/cinder/cinder.conf", "the usual place"),
];

/// Finds them: what running services were started with, else the first of the usual places.
pub fn find(here: &Here<'_>, processes: &[Process]) -> Vec<Found> {
    let mut all: Vec<Found> = Vec::new();
    for process in processes.iter().filter(|process| process.program == Program::CinderVolume) {
        let inner = process.contained.then(|| {
            let folder = format!("/proc/{}/root", process.pid);
            super::sight::root(here.sight, Some(Path::new(&folder)))
        });
        let root = inner.as_ref().unwrap_or(here.root);
        let named = layers(&process.arguments);
        let wanted =
            if named.is_empty() { vec![(false, "/etc/cinder/cinder.conf".to_string())] } else { named.clone() };
        let mut one = Found {
            files: Vec::new(),
            shown: Vec::new(),
            how: format!("the running cinder-volume, process {}", process.pid),
            inside: process.contained.then_some(process.pid),
            started: process.started,
        };
        for (is_folder, path) in &wanted {
            let Ok((at, _)) = root.real(Path::new(path)) else { continue };
            if *is_folder {
                let more = conf_files(here.root.fs(), &at).unwrap_or_default();
                one.shown.extend(more.iter().map(|file| shown(file, &at, path)));
                one.files.extend(more);
            } else if named.is_empty() {
                one.add(here.root.fs(), &at, path);
            } else {
                one.files.push(at);
                one.shown.push(path.clone());
            }
        }
        if one.files.iter().all(|file| !here.root.fs().is_file(file)) {
            let what = format!("the files of cinder-volume, process {}", process.pid);
            here.not_seen(what, "they do not exist here or cannot be read", "the configuration of the running service");
            continue;
        }
        match all.iter_mut().find(|known| known.files == one.files) {
            // A service and its children: the first start counts.
            Some(known) => known.started = known.started.min(one.started).or(known.started),
            None => all.push(one),
        }
    }
    if all.is_empty() {
        let there =
            |path: &str| here.root.real(Path::new(path)).ok().map(|(at, _)| at).filter(|at| here.root.fs().is_file(at));
        let mut places = PLACES.iter().filter_map(|(path, how)| Some((there(path)?, path, how)));
        if let Some((at, path, how)) = places.next() {
            let mut one =
                Found { files: Vec::new(), shown: Vec::new(), how: (*how).to_string(), inside: None, started: None };
            one.add(here.root.fs(), &at, path);
            all.push(one);
            for (_, path, how) in places {
                here.not_seen(
                    *path,
                    format!("{how}; another deployment was found first"),
                    "the result of this deployment; name it with --config-file",
                );
            }
        }
    }
    all
}

impl Found {
    /// A file, and the `.d` folder beside it.
    fn add(&mut self, fs: &dyn FileSystem, at: &Path, path: &str) {
        let mut folder = at.as_os_str().to_os_string();
        folder.push(".d");
        let more = conf_files(fs, Path::new(&folder)).unwrap_or_default();
        self.shown.push(path.to_string());
        self.shown.extend(more.iter().map(|file| shown(file, Path::new(&folder), &format!("{path}.d"))));
        self.files.push(at.to_path_buf());
        self.files.extend(more);
    }
}

fn shown(file: &Path, folder: &Path, shown: &str) -> String {
    let name = file.strip_prefix(folder).unwrap_or(file);
    format!("{}/{}", shown.trim_end_matches('/'), name.display())
}

/// Where nova mounts the shares of its guests: `[libvirt] nfs_mount_point_base`, else its default where nova is here.
pub fn nova_base(here: &Here<'_>) -> Option<String> {
    let places = [
        "/var/lib/config-data/puppet-generated/nova_libvirt/etc/nova/nova.conf",
        "/etc/kolla/nova-compute/nova.conf",
        "/etc/nova/nova.conf",
    ];
    let text = places.iter().find_map(|path| here.bytes(path, "where nova mounts shares"))?;
    let mut files = crate::source::Files::default();
    let id = files.add(Path::new("nova.conf"), text);
    let config = crate::config::Config::new(&files, vec![id], crate::catalog::Release::NEWEST);
    let value = |group: &str, key: &str| {
        config.group(group).and_then(|group| config.setting(group, key)).map(|setting| setting.value().into_owned())
    };
    let state = value("DEFAULT", "state_path").unwrap_or_else(|| "/var/lib/nova".into());
    let base = value("libvirt", "nfs_mount_point_base").unwrap_or_else(|| "$state_path/mnt".into());
    let base = base.replace("${state_path}", &state).replace("$state_path", &state);
    (base.starts_with('/') && !base.contains('$')).then_some(base)
}
