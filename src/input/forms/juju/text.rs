//! What the charms write of their options.

use super::{
    Application, Builder,
    flags::{flags, print},
};
use crate::{catalog, source::map::Map, text::one_line};

/// The drivers of subordinate charms; the value of `protocol` chooses where there are several.
pub(super) const DRIVERS: [(&str, &str, &str); 7] = [
    ("cinder-netapp", "", "netapp.common.NetAppDriver"),
    ("cinder-ceph", "", "rbd.RBDDriver"),
    ("cinder-lvm", "", "lvm.LVMVolumeDriver"),
    ("cinder-purestorage", "iscsi", "pure.PureISCSIDriver"),
    ("cinder-purestorage", "fc", "pure.PureFCDriver"),
    ("cinder-purestorage", "nvme-roce", "pure.PureNVMEDriver"),
    ("cinder-purestorage", "nvme-tcp", "pure.PureNVMEDriver"),
];

/// Options of charms that Cinder calls otherwise.
const CALLED: [(&str, &str); 7] = [
    ("netapp-nfs-shares-config", "nfs_shares_config"),
    ("use-multipath", "use_multipath_for_image_xfer"),
    ("netapp-array-password", "netapp_sa_password"),
    ("rbd-pool-name", "rbd_pool"),
    ("use-image-cache", "image_volume_cache_enabled"),
    ("eradicate-on-delete", "pure_eradicate_on_delete"),
    ("allocation-type", "lvm_type"),
];

/// Options that charms keep for themselves, though drivers that are not theirs have some of these names (`config.yaml` of the charms).
const KEPT: [(&str, &str); 3] =
    [("cinder-ceph", "pool-type"), ("cinder-ceph", "use-syslog"), ("cinder-ceph", "rbd-mirroring-mode")];

/// Options of the principal charm that become one of Cinder's in `[DEFAULT]`.
const IN_DEFAULT: [(&str, &str); 3] = [
    ("default-volume-type", "default_volume_type"),
    ("scheduler-default-filters", "scheduler_default_filters"),
    ("volume-usage-audit-period", "volume_usage_audit_period"),
];

/// The same in `[backend_defaults]`.
const FOR_BACKENDS: [(&str, &str); 3] = [
    ("image-volume-cache-enabled", "image_volume_cache_enabled"),
    ("image-volume-cache-max-size-gb", "image_volume_cache_max_size_gb"),
    ("image-volume-cache-max-count", "image_volume_cache_max_count"),
];

impl Application<'_> {
    /// The section that it writes.
    pub(super) fn section(&self) -> String {
        let value = |name: &str| self.option(name).map(|entry| one_line(entry.value.text()).into_owned());
        if self.charm != "cinder-lvm" {
            return one_line(self.name.text()).into_owned();
        }
        value("volume-backend-name").unwrap_or_else(|| format!("LVM-{}", value("alias").unwrap_or_default()))
    }

    /// Writes what a file says of its section.
    fn write(&self, builder: &mut Builder<'_>, file: usize) {
        let at = self.name.span;
        let set = || self.options.iter().filter(|(of, entry)| *of == file && !entry.value.is_null());
        if self.file == file {
            builder.section_caused(&self.section(), at);
            let chosen = self.option("protocol").map_or("", |entry| entry.value.text());
            let driver = DRIVERS.iter().find(|(charm, of, _)| *charm == self.charm && (of.is_empty() || *of == chosen));
            let class = driver.map_or("{{ driver }}".into(), |(.., class)| format!("cinder.volume.drivers.{class}"));
            builder.option_caused("volume_driver", at, &class, at);
            if self.option("volume-backend-name").is_none() {
                builder.option_caused("volume_backend_name", at, &self.section(), at);
            }
        } else if let Some((_, first)) = set().next() {
            builder.section_caused(&self.section(), first.key.span);
        }
        for (_, entry) in set() {
            let name = entry.key.text();
            let called = CALLED.iter().find(|(known, _)| *known == name).map(|(_, option)| (*option).to_string());
            let option = called.unwrap_or_else(|| name.replace('-', "_"));
            let is_kept = KEPT.contains(&(self.charm.as_str(), name));
            let is_option = !is_kept
                && (catalog::options_named(&option).any(|row| row.is_of_drivers()) || option == "volume_backend_name");
            if is_option {
                print(builder, &option, entry);
            }
        }
        if let Some(text) = self.option_in("config-flags", Some(file)).and_then(|entry| entry.value.scalar()) {
            flags(builder, text);
        }
    }
}

/// What a principal charm writes for these subordinate ones, as far as a file says it.
pub(super) fn write(
    source: &[u8],
    file: usize,
    principal: Option<&Application<'_>>,
    others: &[&Application<'_>],
) -> (Vec<u8>, Map) {
    let mut builder = Builder::generated(source);
    let mut names: Vec<String> = others.iter().map(|one| one.section()).collect();
    let first = principal.or(others.first().copied());
    let at = first.filter(|one| one.file == file).map(|one| one.name.span);
    let device = principal.and_then(|one| one.option("block-device"));
    let has_lvm = device.is_some_and(|entry| !entry.value.text().eq_ignore_ascii_case("none"));
    names.extend(has_lvm.then(|| "LVM".to_string()));
    builder.section_caused("DEFAULT", at.unwrap_or_default());
    let own = |name: &str| principal.and_then(|one| one.option_in(name, Some(file)));
    if let Some(text) = own("config-flags").and_then(|entry| entry.value.scalar()) {
        flags(&mut builder, text);
    }
    let of = |table: &'static [(&str, &'static str)]| {
        table.iter().filter_map(|(name, option)| Some((*option, own(name)?))).collect::<Vec<_>>()
    };
    of(&IN_DEFAULT).into_iter().for_each(|(option, entry)| print(&mut builder, option, entry));
    if let Some(at) = at {
        let list = if names.is_empty() { "{{ backends }}".to_string() } else { names.join(",") };
        builder.option_caused("enabled_backends", at, &list, at);
    }
    let for_backends = of(&FOR_BACKENDS);
    if let Some((_, first)) = for_backends.first() {
        builder.section_caused("backend_defaults", at.unwrap_or(first.key.span));
        for_backends.into_iter().for_each(|(option, entry)| print(&mut builder, option, entry));
    }
    if let Some(device) = own("block-device").filter(|_| has_lvm) {
        let at = device.key.span;
        builder.section_caused("LVM", at);
        builder.option_caused("volume_driver", at, "cinder.volume.drivers.lvm.LVMVolumeDriver", at);
        builder.option_caused("volume_backend_name", at, "LVM", at);
        builder.option_caused("volume_group", at, "{{ group }}", at);
    }
    others.iter().for_each(|one| one.write(&mut builder, file));
    builder.finish()
}
