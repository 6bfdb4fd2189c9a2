//! Where the `nova.conf` lies that goes with a configuration.

use std::path::{Path, PathBuf};

use crate::{
    config::Config,
    input::Root,
    source::{Kind, Origin, Part},
};

/// The path and the text of the `nova.conf` of the host, where its files are given; else of one beside the files that are linted.
pub fn nova_conf(root: &Root, config: &Config<'_>) -> Option<(PathBuf, Vec<u8>)> {
    let of_host =
        root.is_given().then(|| root.real(Path::new("/etc/nova/nova.conf")).ok()).flatten().map(|(here, _)| here);
    let files = config.layers().iter().map(|&id| config.files().get(id));
    let beside = files.filter_map(|file| match (&file.origin, &file.part) {
        (Origin::Disk(path), Part::Whole) => {
            let path = path.with_file_name("nova.conf");
            // Nobody named it: a link may lead anywhere.
            matches!(root.fs().look_at_link(&path), Ok(Kind::File(_))).then_some(path)
        }
        _ => None,
    });
    of_host.into_iter().chain(beside).find_map(|path| root.fs().read(&path).ok().map(|text| (path, text)))
}
