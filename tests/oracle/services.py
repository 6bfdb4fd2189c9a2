#!/usr/bin/env python3
"""Starts whole services of the real Cinder on configurations that this makes (services and drivers × mistakes), and compares: where a
service ends or a backend cannot be used, `check` has an error, and nowhere else. Needs root, for Cinder mounts: `mount` and `sudo` are
replaced by programs that do nothing and just run. What a server or a library that is not there decides is not among the mistakes."""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from typing import Any

import common

# Takes what mount takes: options, then a share and a point.
MOUNT = """n=0
while [ $# -gt 0 ]; do case "$1" in -o|-t) shift;; -*) ;; *) n=$((n + 1));; esac; shift; done
[ $n -eq 2 ] || [ $n -eq 0 ]"""
POLICY = {"CND401", "CND402", "CND456"}
COMMON = """[DEFAULT]
state_path = {d}/state
transport_url = fake://
rootwrap_config = {d}/rootwrap.conf
scheduler_driver_init_wait_time = 1
host = one
auth_strategy = noauth
osapi_volume_workers = 1
osapi_volume_listen = 127.0.0.1
osapi_volume_listen_port = 0
reinit_driver_count = 0
backup_driver = cinder.backup.drivers.posix.PosixBackupDriver
enabled_backends = b
[database]
connection = sqlite:///{d}/cinder.sqlite
[coordination]
backend_url = file://{d}/state
[oslo_concurrency]
lock_path = {d}/lock
"""
NFS = """volume_driver = cinder.volume.drivers.nfs.NfsDriver
nas_host = 192.0.2.10
nas_share_path = /export
nas_secure_file_operations = true
nas_secure_file_permissions = true
"""
EVERY = ("scheduler", "volume", "backup", "api")
TWO = ("scheduler", "volume")
RABBIT = "rabbit://u:p@127.0.0.1:5672/"
# What services are tried with, in [DEFAULT] or in the section that is named; and each backend, in its own.
# Tables: an item a line would make a thousand of them.
# fmt: off
MISTAKES: list[tuple[tuple[str, ...], str, str]] = [(EVERY, "DEFAULT", line) for line in (
    "debug = maybe", "report_interval = x", "fatal_deprecations = true", "host =", "transport_url =", "transport_url = rabbt://h",
    "default_volume_type =", "quota_driver = cinder.quota.NoDriver", "executor_thread_pool_size = 1", "unknown = 1", "my_ip = localhost",
    "state_path =", "rpc_response_timeout = 0", "service_down_time = 5", "storage_availability_zone =", "log_rotation_type = weekly",
    "volume_usage_audit_period = fortnight", "allow_availability_zone_fallback = perhaps", "control_exchange =", "osapi_max_limit = 0",
    "resource_query_filters_file =", "no_snapshot_gb_quota = 2", "quota_volumes = -2", "quota_volumes = many", "until_refresh = -1",
    "max_age = x", "enabled_backends = b,b", "enabled_backends = b,", "snapshot_name_template =", "glance_api_servers = h:x",
    "glance_num_retries = -1", "glance_catalog_info = image", "cinder_internal_tenant_project_id = x", "image_conversion_dir =",
    "transfer_api_class = cinder.transfer.api.Nope", "rootwrap_config =", "zoning_mode = fabric", "zoning_mode =", "log_options = maybe")]
MISTAKES += [(TWO, "DEFAULT", line) for line in (
    "default_log_levels = a=WARN,b=DEBG", "default_log_levels = a=20", "default_log_levels =", "default_log_levels = a", "default_log_levels = =INFO",
    "default_log_levels = a=b=INFO", "default_log_levels = a=info", "use_syslog = true\nsyslog_log_facility = LOG_LOCAL9", "syslog_log_facility = LOG_LOCAL9",
    "use_syslog = true\nsyslog_log_facility = local3", "use_syslog = true\nsyslog_log_facility =", "use_json = maybe",
    "log_config_append =", "log_date_format = %Q",
    "logging_context_format_string = %(nothing)s", "logging_context_format_string = %(message", "log_rotation_type = size\nmax_logfile_size_mb = 0",
    "log_rotation_type = interval\nlog_rotate_interval_type = Weekday", "log_rotation_type = interval\nlog_rotate_interval_type = weekday\nlog_rotate_interval = 9",
    "rate_limit_burst = x", "rate_limit_interval = 1\nrate_limit_except_level = LOUD", "publish_errors = yes please", "instance_format =",
    "rpc_conn_pool_size = 0", "rpc_conn_pool_size = 1\nconn_pool_min_size = 2", "executor_thread_pool_size = 0", "periodic_fuzzy_delay = -1",
    "periodic_interval = 0", "periodic_interval = -1", "service_down_time = 0", "report_interval = 0", "report_interval = -1", "graceful_shutdown_timeout = -1",
    "graceful_shutdown_timeout = soon", "rpc_ping_enabled = maybe", "control_exchange = a b", "host = a@b", "host = a#b", "host = a b", "host = a:b",
    "volume_manager =", "scheduler_manager =", "db_driver =", "backend_host = x")]
MISTAKES += [(TWO, "DEFAULT", "transport_url = " + url) for url in (
    "rabbit://", "rabbit:", "rabbit", "rabbit://h:x/", "rabbit://u:p/q@h/", "rabbit://u:p#q@127.0.0.1:5672/", "rabbit://u:p?q@127.0.0.1:5672/", "rabbit://u:p@q@127.0.0.1:5672/",
    "rabbit://[::1]:5672/", "rabbit://::1:5672/", "rabbit://u:p@127.0.0.1:5672,u:p@127.0.0.2:5672/", "rabbit://u:p@127.0.0.1:99999/",
    "rabbit://u@127.0.0.1/", "rabbit://u:p@127.0.0.1:5672,127.0.0.2:x/", "amqps://h", "qpid://h", "zmq://h", "http://h", "kombu://127.0.0.1", "fake:", "fake:///",
    "fake", "://h", "RABBIT://127.0.0.1", " rabbit://127.0.0.1", "rabbit+tls://127.0.0.1", "rabbit://u:%zz@127.0.0.1:5672/", "rabbit://127.0.0.1:5672/a/b?x=1",
    "rabbit://127.0.0.1:5672/?ssl=maybe", "rabbit://127.0.0.1:5672/?rpc_conn_pool_size=x", "rabbit://127.0.0.1 :5672/", "\"rabbit://127.0.0.1/\"", "rabbit://[::1/")]
MISTAKES += [(TWO, "oslo_messaging_rabbit", lines.replace("@", "\n") + "\n[DEFAULT]\ntransport_url = " + RABBIT) for lines in (
    "", "ssl = maybe", "ssl = true@ssl_version = SSLv9", "ssl = true@ssl_version = TLSv1_2", "ssl = true@ssl_ca_file = /none",
    "ssl_version = SSLv9", "rabbit_stream_fanout = true", "rabbit_stream_fanout = true@rabbit_qos_prefetch_count = 10",
    "rabbit_stream_fanout = true@rabbit_qos_prefetch_count = 10@rabbit_quorum_queue = true", "rabbit_quorum_queue = true@rabbit_ha_queues = true",
    "rabbit_quorum_queue = true@amqp_durable_queues = false", "rabbit_quorum_queue = true@amqp_auto_delete = true", "heartbeat_rate = 0", "heartbeat_rate = 0@heartbeat_timeout_threshold = 0", "heartbeat_rate = 1", "heartbeat_timeout_threshold = -1", "heartbeat_in_pthread = true",
    "kombu_compression = lz9", "kombu_compression = gzip", "kombu_failover_strategy = random", "rabbit_retry_interval = 0", "rabbit_retry_interval = x",
    "rabbit_interval_max = 0", "rabbit_retry_backoff = -1", "rabbit_login_method = NOPE", "rabbit_login_method = EXTERNAL", "rpc_conn_pool_size = 1@conn_pool_min_size = 5", "rpc_conn_pool_size = 0", "conn_pool_min_size = 40", "conn_pool_ttl = x", "rabbit_transient_queues_ttl = 0", "rabbit_transient_queues_ttl = -5",
    "rabbit_transient_quorum_queue = true", "use_queue_manager = true", "use_queue_manager = true@hostname =", "direct_mandatory_flag = maybe",
    "enable_cancel_on_failover = x", "kombu_reconnect_delay = -1", "kombu_missing_consumer_retry_timeout = 0", "rabbit_quorum_delivery_limit = x", "processname =",
    "rabbit_qos_prefetch_count = -1", "heartbeat_timeout_threshold = x", "rabbit_host = 127.0.0.1")]
MISTAKES += [(TWO, "oslo_messaging_notifications", line) for line in (
    "driver = messagingv2", "driver = bogus", "driver = noop,log", "driver = noop\ndriver = log", "transport_url = rabbt://h", "transport_url =", "topics =", "retry = x", "retry = -2",
    "driver = messagingv2\ntransport_url = rabbt://h", "driver = messagingv2\ntransport_url = rabbit://u:p/q@h:1/", "driver =")]
MISTAKES += [(TWO, "database", line) for line in (
    "connection =", "connection = nonsense", "max_pool_size = many", "max_pool_size = 0", "max_pool_size = -1", "max_overflow = -1", "max_overflow = x", "max_retries = x",
    "connection = sqlite:/{d}/x", "connection = sqlite://", "connection = sqllite:///x", "connection = mysql:u:p@h/c", "connection = mysqll://u:p@127.0.0.1/c", "connection = mysql+nope://u:p@127.0.0.1/c",
    "connection = postgres://u:p@127.0.0.1/c", "connection = sqlite:///{d}/cinder.sqlite?x=y", "backend = nope", "backend =",
    "connection_debug = 101", "connection_debug = x", "connection_trace = maybe", "slave_connection = nonsense", "slave_connection =", "mysql_sql_mode = NOPE", "sqlite_synchronous = maybe",
    "connection_recycle_time = x", "db_retry_interval = -1", "db_max_retries = x", "connection_parameters = a", "idle_timeout = x", "db_inc_retry_interval = 7", "synchronous_reader = maybe")]
MISTAKES += [(TWO, "coordination", "backend_url = " + url) for url in (
    "", "file://", "file:///none/there", "{d}/state", "nonsense://h", "http://127.0.0.1", "file:{d}/state", "file", "memcached", "://", "zake://", "file://{d}/state?timeout=x", "FILE://{d}/state")]
MISTAKES += [(("volume",), "oslo_concurrency", line) for line in (
    "lock_path =", "lock_path = relative", "disable_process_locking = maybe", "disable_process_locking = true", "lock_path = /proc/none")]
MISTAKES += [(("volume", "api"), section, line) for section, line in (
    ("nova", "region_name = x"), ("nova", "interface = pubic"), ("nova", "interface = public"), ("nova", "auth_type = passwrd"), ("nova", "auth_type = password"), ("nova", "insecure = maybe"), ("nova", "timeout = x"),
    ("nova", "auth_section = nowhere"), ("nova", "token_auth_url = x"), ("glance", "auth_type = nope"), ("glance", "insecure = maybe"), ("service_user", "send_service_user_token = true"), ("service_user", "send_service_user_token = maybe"),
    ("service_user", "auth_type = password"), ("service_user", "send_service_user_token = true\nauth_type = nope"), ("cors", "allow_credentials = maybe"), ("cors", "max_age = x"), ("cors", "allowed_origin = *"), ("fc-zone-manager", "enable_unsupported_driver = maybe"),
    ("key_manager", "backend = barbican"), ("key_manager", "backend = vault"), ("key_manager", "backend ="), ("key_manager", "backend = nope"), ("key_manager", "backend = cinder.keymgr.conf_key_mgr.Nope"), ("key_manager", "backend = cinder.keymgr"),
    ("key_manager", "backend = cinder.keymgr.conf_key_mgr.ConfKeyManager"), ("key_manager", "backend = castellan.key_manager.barbican_key_manager.BarbicanKeyManager"), ("key_manager", "backend = castellan.key_manager.vault_key_manager.VaultKeyManager"), ("key_manager", "backend = cinder.volume.api.API"), ("key_manager", "auth_type = nope"), ("key_manager", "fixed_key = zz"),
    ("key_manager", "backend = Barbican"), ("key_manager", "api_class = nope"), ("barbican", "number_of_retries = x"), ("barbican", "barbican_endpoint_type = outer"), ("barbican", "verify_ssl = maybe"), ("vault", "use_ssl = maybe"), ("vault", "kv_version = 3"),
    ("oslo_policy", "policy_file = none.yaml"), ("oslo_policy", "policy_file ="), ("oslo_policy", "enforce_scope = maybe"), ("oslo_policy", "enforce_new_defaults = x"), ("oslo_policy", "policy_default_rule ="), ("oslo_policy", "policy_dirs = /none"), ("oslo_policy", "remote_content_type = x"), ("oslo_policy", "remote_timeout = x"),
    ("oslo_policy", "remote_ssl_verify_server_crt = maybe"), ("oslo_middleware", "max_request_body_size = x"), ("oslo_middleware", "enable_proxy_headers_parsing = maybe"), ("oslo_middleware", "http_basic_auth_user_file ="), ("healthcheck", "backends = nope"), ("healthcheck", "detailed = maybe"), ("oslo_versionedobjects", "fatal_exception_format_errors = maybe"),
    ("privsep", "thread_pool_size = 0"), ("privsep", "user = x"), ("oslo_reports", "file_event_handler_interval = x"), ("profiler", "enabled = maybe"), ("profiler", "enabled = true"), ("profiler", "connection_string = nope://"), ("profiler", "enabled = true\nconnection_string = nope://"), ("profiler", "enabled = true\nhmac_keys ="), ("os_brick", "wait_mpath_device_attempts = 0"),
    ("os_brick", "lock_path = /none"), ("cinder_sys_admin", "thread_pool_size = x"), ("image_signature", "x = 1"), ("sample_remote_file_source", "driver = nope"), ("ssl", "ca_file = /none"), ("ssl", "version = SSLv9"), ("backend", "backend_host = x"), ("quota", "driver = nope"))]
MISTAKES += [(("scheduler",), "DEFAULT", line) for line in (
    "scheduler_max_attempts = 0", "scheduler_max_attempts = -1", "scheduler_max_attempts = x", "scheduler_driver = cinder.scheduler.Nope", "scheduler_driver =", "scheduler_driver = cinder.scheduler.filter_scheduler",
    "scheduler_driver = cinder.scheduler.driver.Scheduler", "scheduler_driver = cinder.scheduler.filter_scheduler.FilterScheduler # x", "scheduler_driver = cinder.scheduler.simple.SimpleScheduler", "scheduler_driver = cinder.scheduler.host_manager.HostManager",
    "scheduler_default_filters = CapacityFilter DriverFilter", "scheduler_default_filters =", "scheduler_default_filters = cinder.scheduler.filters.capacity_filter.CapacityFilter", "scheduler_default_filters = CapacityFilter,,DriverFilter", "scheduler_default_filters = capacity_filter", "scheduler_default_filters = [CapacityFilter]",
    "scheduler_default_filters = \"CapacityFilter\"", "scheduler_default_filters = InstanceLocalityFilter,DifferentBackendFilter,SameBackendFilter,JsonFilter,CapabilitiesFilter", "scheduler_default_filters = CapacityFilter;DriverFilter", "scheduler_default_filters = RetryFilter,IgnoreAttemptedHostsFilter",
    "scheduler_default_weighers = Nope", "scheduler_default_weighers =", "scheduler_default_weighers = CapacityWeigher AllocatedCapacityWeigher", "scheduler_default_weighers = ChanceWeigher,GoodnessWeigher,VolumeNumberWeigher", "scheduler_default_weighers = cinder.scheduler.weights.capacity.CapacityWeigher", "scheduler_default_weighers = CapacityFilter",
    "scheduler_host_manager = cinder.scheduler.host_manager", "scheduler_host_manager =", "scheduler_host_manager = HostManager", "scheduler_host_manager = cinder.scheduler.host_manager.HostState", "scheduler_manager = cinder.scheduler.manager.Nope", "scheduler_manager = cinder.scheduler.manager", "scheduler_manager = cinder.volume.manager.VolumeManager",
    "capacity_weight_multiplier = x", "capacity_weight_multiplier = nan", "volume_number_multiplier =", "allocated_capacity_weight_multiplier = -1.5", "scheduler_weight_handler =", "scheduler_weight_handler = cinder.scheduler.weights.OrderedHostWeightHandler", "scheduler_weight_handler = cinder.scheduler.weights.stochastic.StochasticHostWeightHandler", "scheduler_weight_handler = stochastic",
    "scheduler_json_config_location = /none", "scheduler_driver_init_wait_time = 0", "scheduler_driver_init_wait_time = x", "max_over_subscription_ratio = 0.5", "max_over_subscription_ratio = x", "scheduler_default_filters = $nothing", "scheduler_topic = x", "scheduler_max_attempts = 2147483648", "filter_function = x <")]
MISTAKES += [(("api",), "DEFAULT", line) for line in (
    "osapi_volume_workers = -1", "osapi_volume_workers = 0", "osapi_volume_workers = x", "osapi_volume_workers =", "api_paste_config =", "osapi_volume_use_ssl = true", "osapi_volume_use_ssl = maybe", "auth_strategy = keystne", "auth_strategy =", "auth_strategy = noauth_include_project_id",
    "volume_api_class = cinder.volume.api.Nope", "osapi_volume_extension = cinder.api.contrib.nothing", "osapi_volume_extension = cinder.api.contrib.standard_extensions", "osapi_volume_extension =", "group_api_class = API", "group_api_class =", "backup_api_class = cinder.backup.api", "volume_api_class =",
    "osapi_volume_listen = localhost", "osapi_volume_listen =", "osapi_volume_listen_port = -1", "osapi_volume_listen_port =", "osapi_volume_listen_port = 8776.0", "osapi_max_limit = x", "osapi_max_limit = -1", "public_endpoint =", "public_endpoint = not a url", "enable_force_upload = maybe", "max_header_line = x", "max_header_line = 0",
    "wsgi_keep_alive = maybe", "wsgi_default_pool_size = 0", "wsgi_default_pool_size = x", "wsgi_log_format = %(nothing)s", "client_socket_timeout = -1", "client_socket_timeout = x", "tcp_keepidle = 0", "tcp_keepidle = x", "tcp_keepalive = maybe", "api_rate_limit = maybe", "use_forwarded_for = maybe", "enable_v2_api = maybe", "enable_v3_api = true",
    "default_group_type =", "default_volume_type = nope", "query_volume_filters = a b", "allow_inuse_volume_type_modification = maybe", "cloned_volume_same_az = maybe", "osapi_volume_base_URL = x", "enable_new_services = maybe", "sqlite_clean_db =")]
MISTAKES += [(("api",), section, line) for section, line in (
    ("keystone_authtoken", "memcache_security_strategy = ENCRYPT"), ("keystone_authtoken", "auth_type = nope"), ("keystone_authtoken", "auth_type = password"), ("keystone_authtoken", "auth_section = x"), ("keystone_authtoken", "service_token_roles_required = perhaps"), ("keystone_authtoken", "token_cache_time = x"))]
MISTAKES += [(("api",), "DEFAULT", "auth_strategy = keystone\n[keystone_authtoken]\n" + lines) for lines in (
    "", "auth_type = password", "auth_type = passwrd", "auth_type = v3password", "auth_type = password\nauth_url = http://127.0.0.1/", "auth_type = password\nauth_url = http://127.0.0.1/\nusername = a\npassword = b", "auth_type = none", "auth_type =", "auth_type = v3token", "auth_type = v3applicationcredential", "auth_type = admin_token", "auth_type = http_basic",
    "auth_url = http://127.0.0.1/", "auth_section = nowhere", "memcached_servers = h:x", "memcache_security_strategy = MAC", "memcache_security_strategy = MAC\nmemcache_secret_key = x", "memcache_security_strategy = FOO", "memcache_security_strategy =", "token_cache_time = -1", "hash_algorithms = nope", "www_authenticate_uri =", "enforce_token_bind = nope",
    "http_connect_timeout = x", "insecure = maybe", "cafile = /none", "interface = nope", "delay_auth_decision = maybe", "include_service_catalog = x", "service_type = x", "memcache_use_advanced_pool = maybe", "certfile = /none", "auth_version = v9")]
MISTAKES += [(("backup",), "DEFAULT", "backup_driver = cinder.backup." + line) for line in (
    "drivers.posix", "drivers.posix.Nope", "chunkeddriver.ChunkedBackupDriver", "drivers.posix.PosixBackupDriver\nbackup_posix_path =", "drivers.posix.PosixBackupDriver\nbackup_file_size = x", "drivers.nfs.NFSBackupDriver", "drivers.nfs.NFSBackupDriver\nbackup_share = /export",
    "drivers.nfs.NFSBackupDriver\nbackup_share = 192.0.2.1:/a\nbackup_mount_point_base =", "drivers.posix.PosixBackupDriver\nbackup_file_size = 1000", "drivers.posix.PosixBackupDriver\nbackup_file_size = 0", "drivers.posix.PosixBackupDriver\nbackup_sha_block_size_bytes = 0", "drivers.posix.PosixBackupDriver\nbackup_compression_algorithm = zip",
    "drivers.posix.PosixBackupDriver\nbackup_compression_algorithm = bz2", "drivers.posix.PosixBackupDriver\nbackup_compression_algorithm =", "drivers.posix.PosixBackupDriver\nbackup_compression_algorithm = zstd", "drivers.posix.PosixBackupDriver\nbackup_enable_progress_timer = maybe", "drivers.swift.SwiftBackupDriver", "drivers.swift.SwiftBackupDriver\nbackup_swift_url = http://127.0.0.1/",
    "drivers.swift.SwiftBackupDriver\nbackup_swift_auth = single_user", "drivers.swift.SwiftBackupDriver\nbackup_swift_auth = single_user\nbackup_swift_user = u", "drivers.swift.SwiftBackupDriver\nbackup_swift_auth = single_user\nbackup_swift_user = u\nbackup_swift_key = k\nbackup_swift_auth_url = http://127.0.0.1/", "drivers.swift.SwiftBackupDriver\nbackup_swift_auth = kerberos", "drivers.swift.SwiftBackupDriver\nswift_catalog_info = x", "drivers.swift.SwiftBackupDriver\nbackup_swift_object_size = x", "drivers.swift.SwiftBackupDriver\nbackup_swift_auth_version = 7",
    "drivers.swift.SwiftBackupDriver\nbackup_swift_url = http://127.0.0.1/\nbackup_swift_auth = per_user\nbackup_swift_object_size = 1000", "drivers.swift.SwiftBackupDriver\nbackup_swift_auth_insecure = maybe", "drivers.ceph.CephBackupDriver\nbackup_ceph_pool =", "drivers.ceph.CephBackupDriver", "drivers.ceph.CephBackupDriver\nbackup_ceph_chunk_size = x", "drivers.ceph.CephBackupDriver\nbackup_ceph_user =", "drivers.ceph.CephBackupDriver\nbackup_ceph_conf =", "drivers.ceph.CephBackupDriver\nbackup_ceph_image_journals = maybe",
    "drivers.gcs.GoogleBackupDriver", "drivers.gcs.GoogleBackupDriver\nbackup_gcs_bucket = b", "drivers.gcs.GoogleBackupDriver\nbackup_gcs_bucket = b\nbackup_gcs_project_id = p\nbackup_gcs_credential_file = /none", "drivers.gcs.GoogleBackupDriver\nbackup_gcs_block_size = 1000\nbackup_gcs_object_size = 1500", "drivers.s3.S3BackupDriver", "drivers.s3.S3BackupDriver\nbackup_s3_endpoint_url = http://127.0.0.1", "drivers.s3.S3BackupDriver\nbackup_s3_endpoint_url = http://127.0.0.1\nbackup_s3_store_access_key = a\nbackup_s3_store_secret_key = b",
    "drivers.s3.S3BackupDriver\nbackup_s3_sse_customer_algorithm = AES256", "drivers.s3.S3BackupDriver\nbackup_s3_block_size = 1000", "drivers.glusterfs.GlusterfsBackupDriver", "drivers.swift", "drivers.tsm.TSMBackupDriver", "drivers.lvm", "driver.BackupDriver", "drivers.posix.PosixBackupDriver # x", "drivers/posix.PosixBackupDriver")]
MISTAKES += [(("backup",), "DEFAULT", line) for line in (
    "backup_driver =", "backup_driver = PosixBackupDriver", "backup_workers = 0", "backup_workers = x", "backup_native_threads_pool_size = 19", "backup_native_threads_pool_size = x", "backup_manager = cinder.backup.manager.Nope", "backup_manager =", "backup_max_operations = -1", "backup_max_operations = x", "backup_metadata_version = 9", "backup_object_number_per_notification = x",
    "backup_timer_interval = x", "backup_use_same_host = maybe", "backup_driver_init_check_interval = 1", "backup_driver_init_check_interval = 5", "backup_driver_stats_polling_interval = 5", "backup_driver_stats_polling_interval = 10", "backup_posix_path = /proc/none", "backup_container = a b", "backup_name_template =", "backup_mount_options = x", "backup_mount_attempts = 0", "backup_service_inithost_offload = maybe", "backup_use_temp_snapshot = maybe")]
MISTAKES += [(("volume",), "DEFAULT", line) for line in (
    "enabled_backends =", "enabled_backends = ,", "enabled_backends = b;c", "enabled_backends = B", "enabled_backends = 'b'", "enabled_backends = b,none", "enabled_backends = \"b\"", "enabled_backends = b # x", "enabled_backends = DEFAULT", "enabled_backends = $nothing", "enabled_backends = b@c\n[b@c]\n" + NFS,
    "cluster = c", "cluster =", "volume_manager = cinder.volume.manager.Manager", "compute_api_class = cinder.compute.nova.Nope", "compute_api_class = x", "compute_api_class =", "volume_name_template = x", "volume_name_template = volume-%d", "migration_create_volume_timeout_secs = x", "init_host_max_objects_retrieval = -1", "backend_stats_polling_interval = 2", "backend_stats_polling_interval = 3", "reinit_driver_count = -1", "reinit_driver_count = x", "volume_service_inithost_offload = maybe", "suppress_requests_ssl_warnings = maybe",
    "periodic_interval = x", "allowed_direct_url_schemes = cinder, file", "verify_glance_signatures = maybe", "verify_glance_signatures = nope", "image_compress_on_upload = maybe", "nas_secure_file_operations = true", "volumes_dir =", "per_volume_size_limit = x", "volume_copy_bps_limit = x", "volume_copy_blkio_cgroup_name =", "volume_driver = cinder.volume.drivers.nope.X", "extra_capabilities = x", "max_over_subscription_ratio = 0.5", "use_chap_auth = maybe",
    "zoning_mode = fabric\n[fc-zone-manager]\nzone_driver = cinder.Nope", "zoning_mode = fabric\n[fc-zone-manager]\nfc_san_lookup_service = nope", "trace_flags = x", "backup_use_same_host = maybe", "storage_availability_zone =\ndefault_availability_zone =", "volume_usage_audit_period = week", "volume_usage_audit_period = month@9", "volume_usage_audit_period = month@x", "glance_core_properties =", "target_helper = nope")]
OPTIONS = (
    "", "use_chap_auth = maybe", "use_chap_auth =", "max_over_subscription_ratio = 0.5", "max_over_subscription_ratio = auto", "max_over_subscription_ratio = 1", "max_over_subscription_ratio = -1", "max_over_subscription_ratio =", "max_over_subscription_ratio = Auto", "max_over_subscription_ratio = nan", "reserved_percentage = 150", "reserved_percentage = 10.5", "reserved_percentage = -1", "reserved_percentage = 10%",
    "chap_password = pa$word", "chap_password = pa$$word", "chap_password = $nothing.x", "extra_capabilities = {{a: b}}", "extra_capabilities = [\"a\"]", "extra_capabilities = {{\"a\": 1}}", "extra_capabilities =", "extra_capabilities = null", "extra_capabilities = 1", "nas_secure_file_operations = yes", "nas_secure_file_operations = True", "nas_secure_file_operations =", "nas_secure_file_operations = 'true'", "nas_secure_file_permissions = on", "nas_secure_file_permissions = TRUE # x",
    "nfs_snapshot_support = true", "nfs_snapshot_support = true\nnas_secure_file_operations = false", "nfs_snapshot_support = maybe", "nfs_mount_attempts = 0", "nfs_mount_attempts = x", "nfs_mount_attempts = -1", "nfs_mount_options =", "nfs_mount_options = -o vers=3", "nas_mount_options = vers=4", "nas_mount_options =", "nas_share_path = 192.0.2.10:/export", "nas_share_path = export", "nas_host = 192.0.2.10:/export", "nas_host = fd00::1", "nas_host = [fd00::1]",
    "nfs_shares_config =", "nas_host =\nnfs_shares_config =", "nfs_mount_point_base =", "nfs_mount_point_base = mnt", "nfs_mount_point_base = $nothing/mnt", "nfs_mount_point_base = {d}/state/mnt/", "nfs_sparsed_volumes = maybe", "nfs_qcow2_volumes = maybe", "nas_volume_prov_type = thick", "nas_volume_prov_type = fat", "nas_volume_prov_type =", "nas_login =", "nas_ssh_port = 99999", "volume_backend_name =", "volume_backend_name = a b", "backend_host =", "backend_host = a@b", "backend_host = a#b", "backend_availability_zone =",
    "volume_driver = cinder.volume.drivers.nfs", "volume_driver = cinder.volume.driver.VolumeDriver", "volume_driver = cinder.volume.drivers.nfs.NFSDriver", "volume_driver = NfsDriver", "volume_driver = cinder.volume.drivers.nfs.NfsDriver # x", "volume_driver = cinder.volume.drivers.nfs/NfsDriver", "volume_driver = \"cinder.volume.drivers.nfs.NfsDriver\"", "volume_driver = cinder.volume.drivers.nfs.NfsDriver,", "volume_driver = cinder.volume.drivers.nfs.RemoteFsDriver", "volume_driver = cinder.volume.drivers.remotefs.RemoteFSDriver",
    "volume_driver = cinder.volume.drivers.glusterfs.GlusterfsDriver", "volume_driver = cinder.volume.drivers.smbfs.SmbfsDriver", "volume_driver = cinder.backup.drivers.posix.PosixBackupDriver", "volume_driver = cinder.volume.drivers.nfs.NfsDriver cinder.volume.drivers.nfs.NfsDriver", "filter_function = volume.size <", "goodness_function = (", "unknown = 1", "backend_native_threads_pool_size = 1", "backend_native_threads_pool_size = 19", "backend_native_threads_pool_size = x", "enable_unsupported_driver = maybe", "suppress_requests_ssl_warnings = maybe", "image_volume_cache_enabled = maybe", "image_volume_cache_enabled = true", "image_volume_cache_max_size_gb = x",
    "image_upload_use_cinder_backend = maybe", "volume_clear = nothing", "volume_clear_size = 5000", "volume_clear_ionice = x", "volume_copy_bps_limit = x", "volume_dd_blocksize = x", "num_shell_tries = x", "num_volume_device_scan_tries = x", "target_helper = nope", "target_protocol = fc", "target_port = 99999", "target_ip_address =", "iscsi_iotype = x", "replication_device = x", "replication_device = backend_id:a", "replication_device =", "trace_flags = nope", "trace_flags = method,api", "managed_replication_target = maybe", "driver_ssl_cert_verify = maybe", "max_luns_per_storage_group = x", "sf_api_port = 99999",
    "report_discard_supported = maybe", "storage_protocol = x", "unique_fqdn_network = maybe", "use_multipath_for_image_xfer = maybe", "enforce_multipath_for_image_xfer = maybe", "migration_create_volume_timeout_secs = x", "volumes_dir =", "driver_use_ssl = maybe", "san_thin_provision = maybe", "san_ssh_port = 0", "ssh_conn_timeout = x", "san_api_port =", "san_ip = a b", "host = x", "debug = maybe", "enabled_backends = c", "periodic_interval = x")
BACKENDS = [NFS + line for line in OPTIONS]
DRIVERS = {
    "": ("qnap.QnapISCSIDriver", "linstordrv.LinstorIscsiDriver", "linstordrv.LinstorDrbdDriver", "netapp.common.NetAppDriver", "dell_emc.powermax.iscsi.PowerMaxISCSIDriver", "synology.synology_iscsi.SynoISCSIDriver", "zadara.zadara.ZadaraVPSAISCSIDriver", "quobyte.QuobyteDriver", "vzstorage.VZStorageDriver", "ibm.gpfs.GPFSDriver",
         "ibm.gpfs.GPFSNFSDriver", "ibm.gpfs.GPFSRemoteDriver", "veritas_cnfs.VeritasCNFSDriver", "vmstore.nfs.VmstoreNfsDriver", "nexenta.ns5.nfs.NexentaNfsDriver", "tintri.TintriDriver", "zfssa.zfssanfs.ZFSSANFSDriver", "hpe.hpe_3par_iscsi.HPE3PARISCSIDriver", "pure.PureISCSIDriver", "infinidat.InfiniboxVolumeDriver",
         "solidfire.SolidFireDriver", "rbd.RBDDriver", "lvm.LVMVolumeDriver", "lightos.LightOSVolumeDriver", "vmware.vmdk.VMwareVcVmdkDriver", "dell_emc.unity.Driver", "dell_emc.vnx.driver.VNXDriver", "dell_emc.powerflex.driver.PowerFlexDriver", "dell_emc.powerstore.driver.PowerStoreDriver", "kioxia.kumoscale.KumoScaleBaseVolumeDriver", "nvmeof", "ibm.storwize_svc.storwize_svc_iscsi.StorwizeSVCISCSIDriver",
         "ibm.flashsystem_iscsi.FlashSystemISCSIDriver", "infortrend.infortrend_iscsi_cli.InfortrendCLIISCSIDriver", "inspur.instorage.instorage_iscsi.InStorageMCSISCSIDriver", "inspur.as13000.as13000_driver.AS13000Driver", "sandstone.sds_driver.SdsISCSIDriver", "toyou.tyds.tyds.TYDSDriver", "prophetstor.dpl_iscsi.DPLISCSIDriver",
         "stx.iscsi.STXISCSIDriver", "macrosan.driver.MacroSANISCSIDriver", "ibm.ibm_storage.ibm_storage.IBMStorageDriver", "datera.datera_iscsi.DateraDriver", "open_e.iscsi.JovianISCSIDriver", "nimble.NimbleISCSIDriver", "hpe.nimble.NimbleISCSIDriver", "dell_emc.xtremio.XtremIOISCSIDriver", "fusionstorage.dsware.DSWAREDriver", "hedvig.hedvig_cinder.HedvigISCSIDriver", "spdk.SPDKDriver", "yadro.tatlin_iscsi.TatlinISCSIVolumeDriver", "vastdata.driver.VASTVolumeDriver"),
    "macrosan.driver.MacroSANISCSIDriver": ("san_ip = 127.0.0.1",),
    "ibm.ibm_storage.ibm_storage.IBMStorageDriver": ("san_ip = 127.0.0.1", "proxy = cinder.volume.drivers.ibm.ibm_storage.ds8k_proxy.DS8KProxy", "proxy = nope"),
    "lvm.LVMVolumeDriver": ("lvm_share_target = true", "lvm_type = thick", "lvm_type =", "target_helper = tgtadm", "target_helper = lioadm", "target_helper = nvmet", "target_helper = iscsictl", "target_helper = iseradm", "target_protocol = iser", "target_protocol = nvmet_rdma", "target_helper = fake", "target_helper = spdk-nvmeof",
                            "target_helper = scstadmin", "volume_group =", "lvm_mirrors = x", "lvm_mirrors = 1", "lvm_max_over_subscription_ratio = 2", "lvm_conf_file =", "nvmeof_conn_info_version = 3", "target_secondary_ip_addresses = a b", "volume_clear = shred", "lvm_suppress_fd_warnings = maybe", "iscsi_helper = tgtadm", "target_helper = nvmet\ntarget_protocol = nvmet_tcp\nnvmet_ns_id = x", "target_helper = spdk-nvmeof\ntarget_protocol = nvmet_tcp",
                            "target_helper = lioadm\ntarget_protocol = nvmet_tcp", "target_secondary_ip_addresses = 127.0.0.2", "iscsi_write_cache = maybe"),
    "rbd.RBDDriver": ("rbd_pool =", "rbd_user =", "rbd_ceph_conf =", "rbd_pool = p\nrbd_user = c", "rbd_max_clone_depth = x", "rbd_secret_uuid =", "rbd_secret_uuid = x", "rbd_store_chunk_size = x", "rados_connect_timeout = x", "replication_device = conf:/x", "replication_device = backend_id:a", "rbd_cluster_name =", "rbd_flatten_volume_from_snapshot = maybe", "rbd_exclusive_cinder_pool = maybe", "rbd_iscsi_api_url = x", "enable_deferred_deletion = maybe", "report_dynamic_total_capacity = maybe", "rbd_concurrent_flatten_operations = -1"),
    "netapp.common.NetAppDriver": tuple("netapp_login = a\nnetapp_password = b\nnetapp_server_hostname = 127.0.0.1\n" + text for text in (
        "", "netapp_storage_family = ontap_cluster", "netapp_storage_protocol = nfs", "netapp_storage_protocol = iscsi", "netapp_storage_protocol = iscsi\nnetapp_vserver = v", "netapp_storage_protocol = ndmp", "netapp_storage_protocol = fc\nnetapp_vserver = v", "netapp_storage_protocol = nvme\nnetapp_vserver = v", "netapp_storage_protocol = ISCSI\nnetapp_vserver = v", "netapp_storage_family = ontap_7mode\nnetapp_storage_protocol = iscsi", "netapp_storage_family = eseries\nnetapp_storage_protocol = iscsi",
        "netapp_storage_protocol = iscsi\nnetapp_vserver = v\nnetapp_transport_type = ftp", "netapp_storage_protocol = iscsi\nnetapp_vserver = v\nnetapp_server_port = 0", "netapp_storage_protocol = iscsi\nnetapp_vserver = v\nnetapp_pool_name_search_pattern = (", "netapp_storage_protocol = iscsi\nnetapp_vserver = v\nnetapp_lun_ostype = x", "netapp_storage_protocol = iscsi\nnetapp_vserver = v\nnetapp_host_type = x", "netapp_storage_protocol = iscsi\nnetapp_vserver = v\nnetapp_lun_space_reservation = maybe",
        "netapp_storage_protocol = iscsi\nnetapp_vserver = v\nnetapp_size_multiplier = x", "netapp_storage_protocol = iscsi\nnetapp_vserver = v\nnetapp_use_legacy_client = maybe", "netapp_storage_protocol = iscsi\nnetapp_vserver = v\nnetapp_use_legacy_client = false", "netapp_storage_protocol = nfs\nnetapp_vserver = v\nnas_host = 127.0.0.1\nnas_share_path = /v", "netapp_storage_protocol = nfs\nnas_host = 127.0.0.1\nnas_share_path = /v", "netapp_storage_protocol = iscsi\nnetapp_vserver = v\nreplication_device = x:y",
        "netapp_storage_protocol = iscsi\nnetapp_vserver = v\nreplication_device = backend_id:b")) + ("netapp_storage_protocol = iscsi\nnetapp_vserver = v", "netapp_storage_protocol = iscsi\nnetapp_login = a"),
    "dell_emc.powerflex.driver.PowerFlexDriver": tuple("san_ip = 127.0.0.1\nsan_login = a\nsan_password = b\n" + text for text in ("", "powerflex_storage_pools = p", "powerflex_storage_pools = d:p", "powerflex_storage_pools = d:p:q", "powerflex_storage_pools = d:p,q", "powerflex_storage_pools = :", "powerflex_storage_pools = d:p\nreplication_device = x:y", "powerflex_storage_pools = d:p\nreplication_device = backend_id:a", "powerflex_storage_pools = d:p\nreplication_device = backend_id:a,san_ip:127.0.0.2,san_login:a,san_password:b",
        "powerflex_storage_pools = d:p\npowerflex_max_over_subscription_ratio = x", "powerflex_storage_pools = d:p\npowerflex_max_over_subscription_ratio = 0.5", "powerflex_storage_pools = d:p\npowerflex_rest_server_port = 0", "powerflex_storage_pools = d:p\nmax_over_subscription_ratio = auto", "powerflex_storage_pools = d:p\npowerflex_server_api_version = x", "powerflex_storage_pools = d:p\nsan_thin_provision = maybe", "powerflex_storage_pools = d:p\ndriver_ssl_cert_verify = true",
        "powerflex_storage_pools = d:p\nreplication_device = backend_id:a,san_ip:127.0.0.2\nreplication_device = backend_id:b,san_ip:127.0.0.3", "vxflexos_storage_pools = d:p")),
    "dell_emc.powermax.iscsi.PowerMaxISCSIDriver": tuple(text.replace("@", "\n") for text in (
        "san_ip = 127.0.0.1", "san_ip = 127.0.0.1@san_login = a@san_password = b", "san_ip = 127.0.0.1@san_login = a@san_password = b@powermax_array = 1@powermax_srp = S", "san_ip = 127.0.0.1@san_login = a@san_password = b@powermax_array = 1@powermax_srp = S@powermax_port_groups = P", "san_ip = 127.0.0.1@san_login = a@san_password = b@powermax_array = 1@powermax_port_groups = P", "san_ip = 127.0.0.1@san_login = a@san_password = b@powermax_srp = S@powermax_port_groups = P",
        "san_ip = 127.0.0.1@san_login = a@san_password = b@powermax_array = 1@powermax_srp = S@powermax_port_groups = P@replication_device = x:y", "san_ip = 127.0.0.1@san_login = a@san_password = b@powermax_array = 1@powermax_srp = S@powermax_port_groups = P@replication_device = target_device_id:1,remote_port_group:p,remote_pool:q,rdf_group_label:r", "san_ip = 127.0.0.1@san_login = a@san_password = b@powermax_array = 1@powermax_srp = S@powermax_port_groups = P@interval = x",
        "san_ip = 127.0.0.1@san_login = a@san_password = b@powermax_array = 1@powermax_srp = S@powermax_port_groups = P@powermax_service_level = Diamond@powermax_short_host_name_template = x", "san_ip = 127.0.0.1@san_login = a@san_password = b@powermax_array = 1@powermax_srp = S@powermax_port_groups = P@san_api_port = x", "san_ip = 127.0.0.1@san_login = a@san_password = b@powermax_array = 1@powermax_srp = S@powermax_port_groups = P@load_balance = true", "san_ip = 127.0.0.1@san_login = a@san_password = b@powermax_array = 1@powermax_srp = S@powermax_port_groups = P@load_balance = true@load_balance_real_time = true@load_data_format = x",
        "san_ip = 127.0.0.1@san_login = a@san_password = b@powermax_array = 1@powermax_srp = S@powermax_port_groups = P@u4p_failover_target = san_ip:127.0.0.2", "san_ip = 127.0.0.1@san_login = a@san_password = b@powermax_array = 1@powermax_srp = S@powermax_port_groups =")),
    "dell_emc.powerstore.driver.PowerStoreDriver": ("san_ip = 127.0.0.1", "san_ip = 127.0.0.1\nsan_login = a\nsan_password = b", "san_ip = 127.0.0.1\nsan_login = a\nsan_password = b\nstorage_protocol = NFS", "san_ip = 127.0.0.1\nsan_login = a\nsan_password = b\nreplication_device = x:y", "san_ip = 127.0.0.1\nsan_login = a\nsan_password = b\nstorage_protocol = FC\npowerstore_nvme = true", "san_ip = 127.0.0.1\nsan_login = a\nsan_password = b\npowerstore_ports = a,b"),
    "pure.PureISCSIDriver": ("san_ip = 127.0.0.1", "pure_api_token = x", "san_ip = 127.0.0.1\npure_api_token = x", "san_ip = 127.0.0.1\npure_api_token = x\nreplication_device = x:y", "san_ip = 127.0.0.1\npure_api_token = x\npure_iscsi_cidr = x", "san_ip = 127.0.0.1\npure_api_token = x\npure_eradicate_on_delete = maybe", "san_ip = 127.0.0.1\npure_api_token = x\npure_host_personality = x"),
    "solidfire.SolidFireDriver": ("san_ip = 127.0.0.1\nsan_login = a\nsan_password = b", "san_ip = 127.0.0.1\nsan_login = a\nsan_password = b\nsf_provisioning_calc = x", "san_ip = 127.0.0.1\nsan_login = a\nsan_password = b\nreplication_device = mvip:x"),
    "quobyte.QuobyteDriver": tuple(text.replace("@", "\n") for text in ("quobyte_volume_url = x", "quobyte_volume_url = quobyte://h/v", "quobyte_volume_url = h/v@quobyte_mount_point_base =", "quobyte_volume_url = h/v@nas_secure_file_operations = yes", "quobyte_volume_url = h/v@quobyte_client_cfg = /none", "quobyte_volume_url = h/v@quobyte_qcow2_volumes = maybe", "quobyte_volume_url = h/v@quobyte_overlay_volumes = true")),
    "vzstorage.VZStorageDriver": ("vzstorage_shares_config = /none", "vzstorage_used_ratio = 1.5", "vzstorage_used_ratio = 0", "vzstorage_mount_point_base = relative", "vzstorage_default_volume_format = raw2", "vzstorage_mount_options = a"),
    "ibm.gpfs.GPFSDriver": tuple(text.replace("@", "\n") for text in ("gpfs_mount_point_base = /gpfs", "gpfs_images_share_mode = copy", "gpfs_mount_point_base = /gpfs@gpfs_images_share_mode = copy", "gpfs_mount_point_base = /gpfs@gpfs_images_share_mode = copy@gpfs_images_dir = /gpfs/i", "gpfs_mount_point_base = /gpfs@gpfs_images_share_mode = nope", "gpfs_max_clone_depth = x", "gpfs_mount_point_base = gpfs", "gpfs_mount_point_base = /gpfs@gpfs_images_share_mode = copy_on_write@gpfs_images_dir = /gpfs/i")),
    "veritas_cnfs.VeritasCNFSDriver": tuple("nas_host = 192.0.2.1\nnas_share_path = /a\nnas_secure_file_operations = true\nnas_secure_file_permissions = true\n" + text for text in ("", "nfs_mount_options = nfsvers=3", "nfs_mount_options = nfsvers=4", "nfs_mount_options = vers=3")),
    "vmware.vmdk.VMwareVcVmdkDriver": tuple(text.replace("@", "\n") for text in ("vmware_host_ip = 127.0.0.1", "vmware_host_ip = 127.0.0.1@vmware_host_username = a", "vmware_host_ip = 127.0.0.1@vmware_host_username = a@vmware_host_password = b", "vmware_host_ip = 127.0.0.1@vmware_host_username = a@vmware_host_password = b@vmware_adapter_type = x", "vmware_host_ip = 127.0.0.1@vmware_host_username = a@vmware_host_password = b@vmware_host_port = x")),
    "hpe.hpe_3par_iscsi.HPE3PARISCSIDriver": tuple(text.replace("@", "\n") for text in ("hpe3par_api_url = http://127.0.0.1", "hpe3par_api_url = http://127.0.0.1@hpe3par_username = a@hpe3par_password = b", "hpe3par_api_url = http://127.0.0.1@hpe3par_username = a@hpe3par_password = b@san_ip = 127.0.0.1@san_login = a@san_password = b", "hpe3par_api_url = http://127.0.0.1@hpe3par_username = a@hpe3par_password = b@san_ip = 127.0.0.1@san_login = a@san_password = b@hpe3par_cpg =")),
    "ibm.storwize_svc.storwize_svc_iscsi.StorwizeSVCISCSIDriver": tuple(text.replace("@", "\n") for text in ("san_ip = 127.0.0.1", "san_ip = 127.0.0.1@san_login = a", "san_ip = 127.0.0.1@san_login = a@san_password = b", "san_ip = 127.0.0.1@san_login = a@san_password = b@storwize_svc_vol_rsize = 101", "san_ip = 127.0.0.1@san_login = a@san_password = b@storwize_svc_vol_grainsize = 3", "san_ip = 127.0.0.1@san_login = a@san_password = b@storwize_svc_vol_compression = true@storwize_svc_vol_rsize = -1",
        "san_ip = 127.0.0.1@san_login = a@san_password = b@storwize_svc_flashcopy_timeout = 9999", "san_ip = 127.0.0.1@san_login = a@san_password = b@storwize_svc_vol_warning = 101", "san_ip = 127.0.0.1@san_login = a@san_password = b@storwize_peer_pool = x", "san_ip = 127.0.0.1@san_login = a@san_password = b@storwize_san_secondary_ip = 127.0.0.1", "san_ip = 127.0.0.1@san_login = a@san_password = b@storwize_svc_volpool_name =")),
    "infortrend.infortrend_iscsi_cli.InfortrendCLIISCSIDriver": ("san_ip = 127.0.0.1", "infortrend_pools_name = P", "san_ip = 127.0.0.1\ninfortrend_pools_name = P", "san_ip = 127.0.0.1\ninfortrend_pools_name = P\ninfortrend_provisioning = x", "san_ip = 127.0.0.1\ninfortrend_pools_name = P\ninfortrend_tiering = x", "san_ip = 127.0.0.1\ninfortrend_pools_name = P\ninfortrend_slots_a_channels_id = x"),
    "huawei.huawei_driver.HuaweiISCSIDriver": ("cinder_huawei_conf_file =",),
    "synology.synology_iscsi.SynoISCSIDriver": ("synology_pool_name = p", "synology_pool_name = p\ntarget_ip_address = 127.0.0.1", "synology_pool_name = p\ntarget_ip_address = 127.0.0.1\nsynology_username = a\nsynology_password = b", "target_ip_address = 127.0.0.1"),
    "storpool.StorPoolDriver": ("storpool_replication = x",),
    "infinidat.InfiniboxVolumeDriver": ("san_ip = 127.0.0.1", "san_ip = 127.0.0.1\nsan_login = a\nsan_password = b", "san_ip = 127.0.0.1\nsan_login = a\nsan_password = b\ninfinidat_pool_name = p", "san_ip = 127.0.0.1\nsan_login = a\nsan_password = b\ninfinidat_pool_name = p\ninfinidat_storage_protocol = x", "san_ip = 127.0.0.1\nsan_login = a\nsan_password = b\ninfinidat_pool_name = p\ninfinidat_storage_protocol = iscsi", "san_ip = 127.0.0.1\nsan_login = a\nsan_password = b\ninfinidat_pool_name = p\ninfinidat_iscsi_netspaces = n\ninfinidat_storage_protocol = iscsi"),
    "stx.iscsi.STXISCSIDriver": ("san_ip = 127.0.0.1", "san_ip = 127.0.0.1\nsan_login = a\nsan_password = b", "san_ip = 127.0.0.1\nsan_login = a\nsan_password = b\nseagate_iscsi_ips = 127.0.0.1", "san_ip = 127.0.0.1\nsan_login = a\nsan_password = b\nseagate_iscsi_ips = 127.0.0.1\nseagate_pool_type = x"),
    "zadara.zadara.ZadaraVPSAISCSIDriver": ("zadara_vpsa_host = 127.0.0.1", "zadara_vpsa_host = 127.0.0.1\nzadara_vpsa_port = 80\nzadara_access_key = k", "zadara_vpsa_host = 127.0.0.1\nzadara_access_key = k\nzadara_vpsa_poolname = p"),
    "zfssa.zfssanfs.ZFSSANFSDriver": ("san_ip = 127.0.0.1", "san_ip = 127.0.0.1\nsan_login = a\nsan_password = b", "san_ip = 127.0.0.1\nsan_login = a\nsan_password = b\nzfssa_data_ip = 127.0.0.1"),
    "nexenta.ns5.nfs.NexentaNfsDriver": ("nas_host = 127.0.0.1", "nas_host = 127.0.0.1\nnas_share_path = a/b", "nas_share_path = a/b", "nas_host = 127.0.0.1\nnas_share_path = a/b\nnexenta_rest_user = a"),
    "ibm.flashsystem_iscsi.FlashSystemISCSIDriver": ("san_ip = 127.0.0.1\nsan_login = a\nsan_password = b", "san_ip = 127.0.0.1\nsan_login = a\nsan_password = b\nflashsystem_connection_protocol = iscsi", "san_ip = 127.0.0.1\nsan_login = a\nsan_password = b\niscsi_ip_address = 127.0.0.1"),
    "linstordrv.LinstorIscsiDriver": ("linstor_uris = x", "linstor_default_volume_group_name =", "target_helper = lioadm", "target_helper = tgtadm"),
}
BACKENDS += [f"volume_driver = cinder.volume.drivers.{text}" for text in DRIVERS[""]]
BACKENDS += [f"volume_driver = cinder.volume.drivers.{name}\n{text}" for name, texts in DRIVERS.items() if name for text in texts]
# What is refused after a first contact, whatever the answer is, or by a server: nothing here can show that, so that the sources were read.
LATER = (
    "gpfs.GPFSDriver",  # check_for_setup_error: gpfs_mount_point_base, gpfs_images_dir
    "tyds.TYDSDriver",  # check_for_setup_error: san_ip, san_login, san_password
    "infinidat.InfiniboxVolumeDriver",  # do_setup: infinidat_pool_name, after the library was asked
    "dell_emc.powerflex",  # check_for_setup_error: the pools; do_setup: the second array
    "nas_share_path = 192.0.2.10:/export",  # no server has such a path; here nothing is mounted
    "hpe_3par_iscsi.HPE3PARISCSIDriver",  # do_setup: hpe3par_api_url, which its library reads
    "sf_provisioning_calc = x",  # read with all options, once the constructor has asked the array
    "cinder.volume.manager.VolumeManager",  # makes a driver of volumes in cinder-scheduler
    "enabled_backends = b;c",  # as the last one
    "enabled_backends = b # x",
    "enabled_backends = b,none",  # cinder-volume runs LVM under a name that has no section
    "rabbit_quorum_queue = true\nrabbit_ha_queues = true",  # oslo.messaging: _get_queue_arguments
)
WHOLE: list[tuple[tuple[str, ...], str]] = [(EVERY, text) for text in (
    "[b]\n" + NFS + "[backend_defaults]\nvolume_driver = cinder.volume.drivers.nope.X\n", "[b]\nnas_host = h\n[backend_defaults]\n" + NFS, "[b]\n", "[c]\n" + NFS, "b = 1\n[b]\n" + NFS, "[B]\n" + NFS, "[ b ]\n" + NFS, "[b]]\n" + NFS, "[b\n" + NFS, "[b]\n" + NFS + "[b]\nuse_chap_auth = maybe\n", "[b]\nnonsense\n" + NFS, "[b]\n continued = 1\n" + NFS, "[b]\n" + NFS + "[]\n", "[b]\n" + NFS + "= 1\n", "[b]\n" + NFS + "  more\n",
    "[b]\n" + NFS + "[nova]\nx\n", "[b]\n" + NFS + "; comment\n# comment\n", "[b]\n" + NFS.replace(" = ", ": "), "[b]\n" + NFS.upper().replace("CINDER", "cinder"), "[b]\r\n" + NFS.replace("\n", "\r\n"), "[b]\n" + NFS + "<<<<<<< HEAD\n", "[b]\n" + NFS.replace("true", "\"true\""), "[b]\n" + NFS.replace("true", "True"), "[b]\n" + NFS.replace("true", "true,"))]
# fmt: on


def cases() -> Iterator[tuple[tuple[str, ...], str]]:
    """(services, text) of each case."""
    for services, section, lines in MISTAKES:
        yield services, f"[b]\n{NFS}[{section}]\n{lines}\n"
    for text in BACKENDS:
        yield ("volume",), f"[b]\n{text}\n"
    yield from WHOLE


def filled(text: str, folder: str | pathlib.Path) -> str:
    """A cinder.conf, for a run in a folder."""
    return COMMON.format(d=folder) + text.replace("{d}", str(folder)).replace("{{", "{").replace("}}", "}")


def prepared(folder: pathlib.Path, python: str) -> dict[str, str]:
    """What all runs share: a database, and programs in the place of others."""
    bin_ = folder / "bin"
    bin_.mkdir()
    for name, text in (("mount", MOUNT), ("mount.nfs", "exit 1"), ("sudo", 'exec "$@"'), ("cinder-rootwrap", 'shift; exec "$@"')):
        (bin_ / name).write_text(f"#!/bin/sh\n{text}\n")
        (bin_ / name).chmod(0o755)
    prefix = pathlib.Path(python).parents[1]
    (folder / "rootwrap.conf").write_text("")
    conf = folder / "db.conf"
    conf.write_text(f"[DEFAULT]\ntransport_url = fake://\nstate_path = {folder}\n[database]\nconnection = sqlite:///{folder}/db\n")
    subprocess.run([prefix / "bin/cinder-manage", "--config-file", conf, "db", "sync"], check=True, capture_output=True)
    home = folder / ".cinder"
    home.mkdir()
    for name in ("api-paste.ini", "resource_filters.json"):
        shutil.copy(prefix / "etc/cinder" / name, home)
    return dict(os.environ, PATH=f"{bin_}:{prefix}/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOME=str(folder), PYTHONWARNINGS="ignore")


class Service:
    """One service, imported once, started for each case anew."""

    def __init__(self, name: str, python: str, env: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [python, common.HERE / "inside/services.py", name],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def became(self, run: pathlib.Path) -> Any:
        requests, answers = self.process.stdin, self.process.stdout
        assert requests and answers
        requests.write(json.dumps({"run": os.fspath(run)}).encode() + b"\n")
        requests.flush()
        return json.loads(answers.readline())


class Starts:
    """Services that are started by one thread."""

    def __init__(self, folder: pathlib.Path, python: str, env: dict[str, str]) -> None:
        self.folder, self.python, self.env = folder, python, env
        self.services: dict[str, Service] = {}

    def became(self, run: pathlib.Path, services: tuple[str, ...]) -> Any:
        """What became of the first that refuses, or of the last. None where nothing was known in time."""
        answer = None
        for name in services:
            shutil.copy(self.folder / "db", run / "cinder.sqlite")
            if name not in self.services:
                self.services[name] = Service(name, self.python, self.env)
            answer = self.services[name].became(run)
            if answer is None or answer["refuses"]:
                break
        return answer


def named(services: tuple[str, ...], text: str) -> str:
    """The name of a case."""
    return " ".join(services) + "\n" + text


class Answers:
    """What became of cases, kept in a file so that the next run starts only those that are new."""

    def __init__(self, path: str | None) -> None:
        self.path, self.known = path, dict[str, Any]()
        if path and os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                self.known = {line["case"]: line["answer"] for line in map(json.loads, file)}
        self.lock = threading.Lock()

    def keep(self, case: str, answer: Any) -> None:
        if self.path and answer is not None:
            with self.lock, open(self.path, "a", encoding="utf-8") as file:
                file.write(json.dumps({"case": case, "answer": answer}) + "\n")


def errors_of(args: argparse.Namespace, run: pathlib.Path) -> set[str]:
    """The rules of the errors that `check` has for the cinder.conf of a run."""
    common_args = ("--no-settings", "--release", args.release, "--new-install", "yes", "--format", "json")
    document = common.ask(args.bin, "check", *common_args, "--config-file", "cinder.conf", cwd=run)
    return {found["rule"] for found in document["findings"] if found["severity"] == "error"} - POLICY


def main() -> int:
    parser = common.arguments(__doc__)
    parser.add_argument("--sample", type=int, help="start only so many, at random")
    parser.add_argument("--like", default="", help="start only those whose text has this")
    parser.add_argument("--jobs", type=int, default=(os.cpu_count() or 1) + 1, help="so many services at a time")
    parser.add_argument("--answers", metavar="FILE", help="what became of cases: those that it has are not started again, others are added")
    parser.add_argument("--only-start", action="store_true", help="ask Cinder only; compare nothing")
    parser.add_argument("--only-known", action="store_true", help="start nothing: only cases of which --answers says what became")
    args = parser.parse_args()
    python = os.fspath(pathlib.Path(args.environments).resolve() / args.release / "bin/python")
    chosen = [case for case in cases() if args.like in case[1]]
    if args.sample:
        chosen = random.Random(args.seed).sample(chosen, min(args.sample, len(chosen)))
    lines: list[dict[str, Any]] = []
    different = left = 0
    answers = Answers(args.answers)
    if args.only_known:
        chosen = [case for case in chosen if named(*case) in answers.known]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        env = prepared(folder, python)
        local = threading.local()

        def one(at: int) -> tuple[tuple[str, ...], str, Any, list[str]]:
            services, text = chosen[at]
            run = folder / str(at)
            for sub in ("state/mnt", "lock"):
                (run / sub).mkdir(parents=True)
            shutil.copy(folder / "rootwrap.conf", run)
            (run / "cinder.conf").write_text(filled(text, run))
            case = named(services, text)
            errors = set() if args.only_start else errors_of(args, run)
            answer = answers.known.get(case)
            if answer is None:
                if not hasattr(local, "starts"):
                    local.starts = Starts(folder, python, env)
                answer = local.starts.became(run, services)
                answers.keep(case, answer)
            shutil.rmtree(run)
            return services, text, answer, sorted(errors)

        with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
            for services, text, answer, errors in pool.map(one, range(len(chosen))):
                later = answer is not None and not answer["refuses"] and any(part in text for part in LATER)
                left += later
                if later:
                    continue
                if answer is None or not args.only_start and answer["refuses"] != bool(errors):
                    different += 1
                    if different <= args.show:
                        answer = answer or "nothing was known in time"
                        print(f"{' '.join(services)}\n{text}  cinder: {answer}\n  check: {errors}\n", flush=True)
                else:
                    lines.append(
                        {
                            "name": f"{services[0]}-{len(lines)}",
                            "release": args.release,
                            "services": services,
                            "conf": filled(text, "@DIR@"),
                            "refuses": answer["refuses"],
                        }
                    )
    if args.record:
        common.record(args.record, lines)
    return common.verdict("services " + args.release, len(chosen) - left, different)


if __name__ == "__main__":
    sys.exit(main())
