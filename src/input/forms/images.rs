//! The release that the name of a container image says.

use std::path::Path;

use crate::catalog::Release;

/// The release of an image with Cinder: of where it lies (`podified-antelope-centos9`, `tripleowallaby`, `rhosp13`), or of its tag.
pub(super) fn release_of(image: &str) -> Option<Release> {
    let image = image.trim().split('@').next()?;
    let (folder, name) = image.rsplit_once('/').unwrap_or(("", image));
    let tag = name.split_once(':').map_or("", |(_, tag)| tag);
    folder.split('/').find_map(|part| of_folder(part, tag)).or_else(|| of_tag(tag))
}

/// The release after which a file of values is called: `2024.1-ubuntu_jammy.yaml`, `ocata.yaml`.
pub(super) fn release_of_file(path: &Path) -> Option<Release> {
    let name = path.file_name()?.to_str()?;
    let stem = [".yaml", ".yml"].iter().find_map(|end| Some(&name[..name.find(end)?])).unwrap_or(name);
    let of = |part: &str| Release::all().find(|release| release.name() == part).or_else(|| part.parse().ok());
    let is_year = |part: &&str| part.len() == 6 && part.starts_with("20");
    let mut parts = stem.split(['-', '_']);
    let year = parts.clone().find(is_year).and_then(of);
    // Rocky is a distribution as well.
    let is_word = |part: &&str| part.bytes().all(|b| b.is_ascii_lowercase()) && *part != "rocky";
    let in_overrides = path.ancestors().skip(1).take(3).any(|folder| folder.ends_with("values_overrides"));
    year.or_else(|| parts.next().filter(|part| is_word(part) || in_overrides && *part == "rocky").and_then(of))
}

/// The release whose images lie in a folder: those of RDO and of Red Hat.
fn of_folder(folder: &str, tag: &str) -> Option<Release> {
    if let Some(rest) = folder.strip_prefix("podified-") {
        return rest.split('-').next()?.parse().ok();
    }
    if let Some(rest) = folder.strip_prefix("tripleo") {
        return Release::all().find(|release| rest.starts_with(release.name()));
    }
    match folder.strip_prefix("rhosp")? {
        // `rhosp-rhel8/openstack-cinder-volume:16.2`
        rest if rest.starts_with('-') => {
            let number: String = tag.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
            let mut parts = number.split('.');
            format!("rhosp{}.{}", parts.next()?, parts.next()?).parse().ok()
        }
        number => format!("rhosp{number}").parse().ok(),
    }
}

/// The release that a tag begins with.
fn of_tag(tag: &str) -> Option<Release> {
    let first = tag.trim_start_matches("stable-").split(['-', '_']).next()?;
    // Other versions are the image's own.
    let is_release = first.starts_with("20") && first.len() == 6 || first.bytes().all(|b| b.is_ascii_lowercase());
    is_release.then(|| first.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_values_that_are_called_after_a_release() {
        let name = |path: &str| release_of_file(Path::new(path)).map(Release::name);
        for (path, release) in [
            ("values_overrides/2024.1-ubuntu_jammy.yaml", Some("2024.1")),
            ("cinder/uv-2025.2-ubuntu_noble.yaml", Some("2025.2")),
            ("cinder/values_overrides/rocky-ubuntu_xenial.yaml", Some("rocky")),
            ("ocata.yaml", Some("ocata")),
            ("yoga_ceph.yaml.j2", Some("yoga")),
            ("rocky-9.yaml", None),
            ("values.yaml", None),
        ] {
            assert_eq!(name(path), release, "{path}");
        }
    }

    #[test]
    fn images_of_all_tools() {
        let name = |image: &str| release_of(image).map(Release::name);
        for (image, release) in [
            ("docker.io/openstackhelm/cinder:2024.1-ubuntu_jammy", "2024.1"),
            ("quay.io:5000/airshipit/cinder:stein-ubuntu_bionic@sha256:00", "stein"),
            ("quay.io/podified-antelope-centos9/openstack-cinder-api:current-podified", "2023.1"),
            ("docker.io/tripleotrain/centos-binary-cinder-volume:current-tripleo", "train"),
            ("quay.io/tripleowallabycentos9/openstack-cinder-api:current-tripleo", "wallaby"),
            ("registry.redhat.io/rhosp-rhel8/openstack-cinder-volume:16.2.3-5", "train"),
            ("undercloud.ctlplane:8787/rhosp-rhel9/openstack-cinder-volume:17.1_20231214.1", "wallaby"),
            ("registry.access.redhat.com/rhosp13/openstack-cinder-volume:latest", "queens"),
        ] {
            assert_eq!(name(image), Some(release), "{image}");
        }
        for image in [
            "docker.io/openstackhelm/cinder:latest",
            "registry/cinder:15.0.2",
            "registry:5000/cinder",
            "{{ image }}",
            "quay.io/podified-master-centos9/openstack-cinder-api:current-podified",
            "docker.io/tripleomaster/centos-binary-cinder-volume:current-tripleo",
            "registry.redhat.io/rhosp-rhel8/openstack-cinder-volume@sha256:00",
            "",
        ] {
            assert_eq!(name(image), None, "{image}");
        }
    }
}
