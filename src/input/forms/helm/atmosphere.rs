//! `atmosphere_storage`: what atmosphere's filter writes into the values of the chart for it.
//!
//! Source: vexxhost/atmosphere, `plugins/filter/storage.py` (`storage_to_cinder_helm_values`) and `roles/defaults/vars/main.yml`.

use super::super::{
    super::yaml::{Document, Entry, Node},
    Builder, maps,
};
use crate::source::map::Map;

/// The variable.
pub(super) const STORAGE: &str = "atmosphere_storage";

/// An option of a backend: the key of the variable that it comes from, and what it is called.
type Given = (&'static str, &'static str);

/// A type of backends: its name and protocol, its driver, what is written of the keys, and what always.
type Made = (&'static str, &'static str, &'static str, &'static [Given], &'static [(&'static str, &'static str)]);

const RBD: &[Given] = &[("pool", "rbd_pool"), ("user", "rbd_user"), ("secret_uuid", "rbd_secret_uuid")];
const RBD_TOO: &[(&str, &str)] = &[("rbd_ceph_conf", "/etc/ceph/ceph.conf"), ("image_volume_cache_enabled", "True")];
const LOGIN: &[Given] = &[("address", "san_ip"), ("username", "san_login"), ("password", "san_password")];
const PURE: &[Given] = &[("address", "san_ip"), ("api_token", "pure_api_token"), ("transport", "pure_nvme_transport")];
const MULTIPATH: &[(&str, &str)] = &[("use_multipath_for_image_xfer", "True")];

const TYPES: [Made; 10] = [
    ("rbd", "", "rbd.RBDDriver", RBD, RBD_TOO),
    ("rbd-ec", "", "rbd.RBDDriver", RBD, RBD_TOO),
    ("powerstore", "iscsi", POWERSTORE, LOGIN, &[("storage_protocol", "iSCSI")]),
    ("powerstore", "fc", POWERSTORE, LOGIN, &[("storage_protocol", "FC")]),
    ("pure", "iscsi", "pure.PureISCSIDriver", PURE, MULTIPATH),
    ("pure", "fc", "pure.PureFCDriver", PURE, MULTIPATH),
    ("pure", "nvme", "pure.PureNVMEDriver", PURE, MULTIPATH),
    ("nimble", "iscsi", "hpe.nimble.NimbleISCSIDriver", LOGIN, MULTIPATH),
    ("nimble", "fc", "hpe.nimble.NimbleFCDriver", LOGIN, MULTIPATH),
    ("storpool", "", "storpool.StorPoolDriver", &[("template", "storpool_template")], &[]),
];
const POWERSTORE: &str = "dell_emc.powerstore.driver.PowerStoreDriver";

/// The name of the backend that there is unless it is set to nothing.
const DEFAULT_BACKEND: &str = "rbd1";

/// The variable of a file, with its key.
pub(super) fn storage(documents: &[Document]) -> Option<&Entry> {
    let roots = documents.iter().filter_map(|document| document.root.as_ref());
    roots.flat_map(Node::entries).find(|entry| {
        entry.key.text() == STORAGE && ["volumes", "backup"].iter().any(|part| entry.value.get(part).is_some())
    })
}

/// What the filter writes; whether every section of it is known.
pub(super) fn sections(text: &[u8], storage: &Entry) -> (Vec<u8>, Map, bool) {
    let volumes = storage.value.get("volumes");
    let backends = volumes.and_then(|volumes| volumes.get("backends")).map(maps::entries).unwrap_or_default();
    let mut builder = Builder::generated(text);
    let mut names: Vec<&str> = Vec::new();
    if !backends.iter().any(|entry| entry.key.text() == DEFAULT_BACKEND) {
        names.push(DEFAULT_BACKEND);
    }
    names.extend(backends.iter().filter(|entry| !entry.value.is_null()).map(|entry| entry.key.text()));
    let names = names.join(",");
    let cause = storage.key.span;
    builder.section_caused("DEFAULT", cause);
    builder.option_caused("enabled_backends", cause, &names, cause);
    match volumes.and_then(|volumes| volumes.get("default")) {
        Some(default) => builder.option_caused("default_volume_type", default.span, default.text(), default.span),
        None => builder.option_caused("default_volume_type", cause, DEFAULT_BACKEND, cause),
    }
    let backup = storage.value.get("backup");
    if backup.and_then(|backup| backup.get("type")).is_none_or(|kind| kind.text() == "rbd") {
        let at = backup.map_or(cause, |backup| backup.span);
        builder.option_caused("backup_driver", at, "cinder.backup.drivers.ceph.CephBackupDriver", at);
        builder.option_caused("backup_ceph_conf", at, "/etc/ceph/ceph.conf", at);
    }
    let mut is_known = true;
    for entry in backends.iter().filter(|entry| !entry.value.is_null()) {
        is_known &= backend(&mut builder, entry);
    }
    if !backends.iter().any(|entry| entry.key.text() == DEFAULT_BACKEND) {
        builder.section_caused(DEFAULT_BACKEND, cause);
        builder.option_caused("volume_driver", cause, "cinder.volume.drivers.rbd.RBDDriver", cause);
        builder.option_caused("volume_backend_name", cause, DEFAULT_BACKEND, cause);
        builder.option_caused("rbd_ceph_conf", cause, "/etc/ceph/ceph.conf", cause);
        builder.option_caused("rbd_pool", cause, "cinder.volumes", cause);
    }
    let (text, map) = builder.finish();
    (text, map, is_known)
}

/// A section; whether its type is known.
fn backend(builder: &mut Builder<'_>, entry: &Entry) -> bool {
    let own = &entry.value;
    let value = |key: &str| own.get(key).map_or("", Node::text);
    let (kind, protocol) = (value("type"), value("protocol"));
    // What is given here is merged over the default backend.
    let kind = if kind.is_empty() && entry.key.text() == DEFAULT_BACKEND { "rbd" } else { kind };
    let Some((.., driver, given, too)) = TYPES.iter().find(|made| made.0 == kind && ["", protocol].contains(&made.1))
    else {
        return false;
    };
    let name = crate::text::one_line(entry.key.text());
    let at = own.get("type").map_or(entry.key.span, |kind| kind.span);
    builder.section_caused(&name, entry.key.span);
    builder.option_caused("volume_driver", at, &format!("cinder.volume.drivers.{driver}"), at);
    builder.option_caused("volume_backend_name", entry.key.span, &name, entry.key.span);
    for (option, value) in *too {
        builder.option_caused(option, at, value, at);
    }
    for (key, option) in *given {
        if let Some(value) = own.get(key) {
            let text = crate::text::one_line(value.text());
            builder.option_caused(option, value.span, &text, value.span);
        }
    }
    if kind == "rbd" && entry.key.text() == DEFAULT_BACKEND && own.get("pool").is_none() {
        builder.option_caused("rbd_pool", at, "cinder.volumes", at);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::yaml;

    #[test]
    fn backends_of_the_variable() {
        let text = b"atmosphere_storage:\n  volumes:\n    default: a\n    backends:\n      rbd1: null\n      a: {type: powerstore, protocol: fc, address: 192.0.2.1}\n      b: {type: other}\n";
        let documents = yaml::read(text);
        let (made, _, is_known) = sections(text, storage(&documents).unwrap());
        let made = String::from_utf8(made).unwrap();
        assert!(!is_known && made.contains("enabled_backends = a,b\n") && made.contains("[a]\n"), "{made}");
        assert!(made.contains("storage_protocol = FC\nsan_ip = 192.0.2.1\n") && !made.contains("[rbd1]"), "{made}");
    }
}
