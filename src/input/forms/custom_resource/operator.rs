//! What cinder-operator itself does. Source: openstack-k8s-operators/cinder-operator at 4a60ed83 (2026-08),
//! `templates/` and `internal/controller/cindervolume_controller.go`.

/// The release of the images that the operator deploys (`config/default/manager_default_images.yaml`: podified-antelope).
pub(super) const RELEASE: &str = "2023.1";

/// `00-global-defaults.conf`, for every service; what depends on the cloud is left open.
pub(super) const GLOBAL_DEFAULTS: (&str, &str) = (
    "cinder-operator: 00-global-defaults.conf",
    "[DEFAULT]
transport_url = {{ .TransportURL }}
auth_strategy = keystone
glance_catalog_info = image:glance:internalURL
allowed_direct_url_schemes = cinder
storage_availability_zone = nova
scheduler_driver = cinder.scheduler.filter_scheduler.FilterScheduler
scheduler_driver_init_wait_time = 30
service_down_time = 180
osapi_volume_workers = 4
control_exchange = openstack
api_paste_config = /etc/cinder/api-paste.ini
rpc_response_timeout = {{ .TimeOut }}
[database]
connection = {{ .DatabaseConnection }}
max_retries = -1
db_max_retries = -1
[os_brick]
lock_path = /var/locks/openstack/os-brick
[oslo_concurrency]
lock_path = /var/locks/openstack/cinder
[oslo_messaging_rabbit]
heartbeat_timeout_threshold = 60
[oslo_middleware]
enable_proxy_headers_parsing = True
[oslo_reports]
file_event_handler = /var/lib/cinder
[service_user]
send_service_user_token = True
",
);

/// `01-service-defaults.conf` of cinder-volume.
pub(super) const VOLUME_DEFAULTS: (&str, &str) =
    ("cinder-operator: 01-service-defaults.conf", "[backend_defaults]\nuse_multipath_for_image_xfer = true\n");

/// `01-service-defaults.conf` of cinder-backup.
pub(super) const BACKUP_DEFAULTS: (&str, &str) =
    ("cinder-operator: 01-service-defaults.conf", "[DEFAULT]\nuse_multipath_for_image_xfer = true\n");

/// The layer that stands for the line that the operator writes into `03-service-custom.conf`.
pub(super) const ENABLED_BACKENDS: &str = "cinder-operator: 03-service-custom.conf";

/// What the operator makes of a volume's `customServiceConfig` (`processCustomServiceConfig`).
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Backends {
    /// The text has an `enabled_backends`, in whatever section: it stays as it is.
    Written,
    /// `[DEFAULT] enabled_backends` gets these: the sections above each line `volume_backend_name = …`. None: no line is added.
    Added(Vec<String>),
}

/// Reads the text as the operator does: line by line, each without the blanks around it. Only `=` assigns.
pub(super) fn backends(text: &str) -> Backends {
    let mut section = "";
    let mut found = Vec::new();
    for line in text.split('\n') {
        match line.split('=').next().unwrap_or_default().trim() {
            "enabled_backends" => return Backends::Written,
            // The operator looks for it to write below it, and does not take it for the section that follows.
            "[DEFAULT]" => {}
            token if token.starts_with('[') && token.ends_with(']') => section = token.trim_matches(['[', ']']),
            "volume_backend_name" => found.push(section.to_string()),
            _ => {}
        }
    }
    Backends::Added(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_with_a_name_are_enabled() {
        let added = |names: &[&str]| Backends::Added(names.iter().map(|name| name.to_string()).collect());
        assert_eq!(backends("[a]\n  volume_backend_name=x\n[b]\nvolume_driver = y\n"), added(&["a"]));
        assert_eq!(backends("[a]\nvolume_backend_name: x\n# volume_backend_name = y\n"), added(&[]));
        assert_eq!(backends("[a]\n[DEFAULT]\nvolume_backend_name = x\n"), added(&["a"]));
        assert_eq!(backends("[a]\nvolume_backend_name = x\nenabled_backends = a\n"), Backends::Written);
    }
}
