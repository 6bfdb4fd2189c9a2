"""Does Cinder 29.0.0 fail as the rules say, and in the words that they quote?

Every case is a configuration on which a rule speaks. It is handed to the real class of Cinder, and to `cinderlint check`.
The rule must have a finding, and every "quoted" part of its message must be in the exception's text or in what Cinder logs
meanwhile (`...` stands for anything). Only commands, mounts and vendors' clients are replaced.
"""

from __future__ import annotations

import logging
import os
import pathlib
import re
import subprocess
import sys
import types
from collections.abc import Callable
from typing import Any
from unittest import mock

import common

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "inside"))
import nas  # the one that replaces commands, mounts and vendors' clients

# isort: split
from cinder import context, coordination, exception, rpc
from cinder.backup import manager as backup_manager
from cinder.backup.drivers import posix
from cinder.cmd import volume as cmd_volume
from cinder.volume import configuration, manager
from cinder.volume.drivers.netapp.dataontap.utils import utils as netapp_utils
from os_brick.remotefs import remotefs as brick
from oslo_concurrency import processutils
from oslo_config import cfg
from oslo_utils import importutils

DRIVERS = nas.DRIVERS
MOUNT = brick.RemoteFsClient.mount  # before it is replaced
PAIR = "nas_secure_file_operations = false\nnas_secure_file_permissions = false\n"
SHARES = "nfs_shares_config = {folder}/shares\nnfs_mount_point_base = {folder}/mnt\n"
NFS = f"volume_driver = {DRIVERS}nfs.NfsDriver\n"
UNSUPPORTED = "enable_unsupported_driver = true\n"
VZ = f"volume_driver = {DRIVERS}vzstorage.VZStorageDriver\n{UNSUPPORTED}vzstorage_mount_point_base = {{folder}}/mnt\n"
GPFS = f"volume_driver = {DRIVERS}ibm.gpfs.GPFSDriver\n"
QUOBYTE = f"volume_driver = {DRIVERS}quobyte.QuobyteDriver\n"
NETAPP = (
    f"volume_driver = {DRIVERS}netapp.common.NetAppDriver\nnetapp_storage_protocol = nfs\nnetapp_login = a\n"
    "netapp_password = p\nnetapp_server_hostname = h\nnetapp_vserver = v\n"
)


def settings() -> Any:
    return configuration.Configuration(manager.volume_backend_opts, config_group="b")


def construct() -> Any:
    """The backend's driver, made as VolumeManager.__init__ makes it."""
    options = settings()
    driver = importutils.import_object(
        options.volume_driver, configuration=options, host="host@b", cluster_name=None, is_vol_db_empty=False, active_backend_id=None
    )
    driver._execute = lambda *command, **kwargs: ("", "")
    return driver


def set_up() -> Any:
    driver = construct()
    driver.do_setup(None)
    return driver


def check() -> None:
    driver = set_up()
    with (
        mock.patch.object(type(driver), "_check_gpfs_state", lambda self: None, create=True),
        mock.patch.object(type(driver), "_get_gpfs_cluster_release_level", lambda self: 9999, create=True),
    ):
        driver.check_for_setup_error()


def snapshot() -> None:
    set_up()._check_snapshot_support()


def mount() -> None:
    driver = set_up()
    driver._load_shares_config(driver.configuration.vzstorage_shares_config)
    driver._ensure_share_mounted(next(iter(driver.shares)))


def manage() -> None:
    with (
        mock.patch.object(manager.VolumeManager, "_get_service", side_effect=exception.ServiceNotFound(service_id="b")),
        mock.patch.object(manager.VolumeManager, "_set_voldb_empty_at_startup_indicator", return_value=False),
        mock.patch.object(manager.key_manager, "API"),
    ):
        cluster = cfg.CONF.cluster and f"{cfg.CONF.cluster}@b"
        manager.VolumeManager(service_name="b", host="host@b", cluster=cluster)


def unsupported() -> None:
    with mock.patch.object(manager.VolumeManager, "__init__", lambda self: None):
        service = manager.VolumeManager()
    service.driver, service.configuration = construct(), settings()
    service.init_host()
    assert not service.driver.initialized


def read() -> None:
    """The file is read before anything is asked."""


def cached() -> None:
    assert context.get_internal_tenant_context() is None


def really_mount() -> None:
    """do_setup, with the real client of os-brick, and `mount` itself as far as it goes without mounting anything."""

    def execute(*command: Any, **kwargs: Any) -> tuple[str, str]:
        if command[0] == "mount" and len(command) > 1:
            run = subprocess.run(["mount", "-f", *command[1:]], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            if run.returncode:
                raise processutils.ProcessExecutionError(run.stdout, run.stderr, run.returncode, " ".join(command))
        return "", ""

    driver = construct()
    driver._remotefsclient.set_execute(execute)
    with mock.patch.object(brick.RemoteFsClient, "mount", MOUNT):
        driver.do_setup(None)


def info_file() -> None:
    """The snapshot's info file as cinder-volume writes it: commands as root, and Python as another user."""
    driver = set_up()
    folder = driver.configuration.nfs_mount_point_base
    os.makedirs(folder, exist_ok=True)
    os.chmod(folder, 0o777)
    os.chmod(os.path.dirname(folder), 0o755)
    groups = os.getgroups()

    def become(user: int) -> None:
        os.seteuid(0)
        os.setegid(user)
        os.seteuid(user)

    def execute(*command: Any, run_as_root: bool = False, **kwargs: Any) -> Any:
        user = os.geteuid()
        become(0 if run_as_root else user)
        try:
            return processutils.execute(*command)
        finally:
            become(user)

    driver._execute = execute
    os.setgroups([])
    become(65534)
    try:
        driver._write_info_file(f"{folder}/volume-1.info", {"active": "volume-1"})
    finally:
        become(0)
        os.setgroups(groups)


def start() -> None:
    """The service itself, up to the point where it would start a backend."""
    with (
        mock.patch.object(sys, "argv", ["cinder-volume", "--config-file", cfg.CONF.config_file[0]]),
        mock.patch.object(cmd_volume.gmr.TextGuruMeditation, "setup_autorun"),
        mock.patch.object(cmd_volume.logging, "setup"),
        mock.patch.object(cmd_volume.os_brick, "setup"),
    ):
        cmd_volume.main()


def stanza() -> None:
    netapp_utils.get_backend_configuration("other")


def backing_file() -> None:
    driver = set_up()
    base = driver.configuration.nfs_mount_point_base
    info = types.SimpleNamespace(image=None, backing_file=f"{driver.base}/0123456789abcdef/volume-1", file_format="qcow2")
    with mock.patch("cinder.volume.drivers.remotefs.image_utils.qemu_img_info", lambda *args, **kwargs: info):
        assert base != driver.base or "+" in base
        driver._qemu_img_info("volume-1", "volume-1")


def backup_service() -> None:
    with mock.patch.object(backup_manager.BackupManager, "_set_tpool_size"):
        service = backup_manager.BackupManager()
    # What setup_backup_backend runs in a loop of its own.
    service.service(context.get_admin_context()).check_for_setup_error()


def backup() -> None:
    posix.PosixBackupDriver(context.get_admin_context(), backup_path="/nowhere").backup({"id": "b"}, None)


def fresh() -> None:
    """do_setup on an empty database and an export with root_squash."""
    driver = construct()
    driver._is_voldb_empty_at_startup = True

    def execute(*command: Any, **kwargs: Any) -> tuple[str, str]:
        if command[0] == "chmod" and kwargs.get("run_as_root"):
            raise processutils.ProcessExecutionError(cmd=" ".join(command[:2]), stderr="Operation not permitted")
        return "", ""

    driver._execute = execute
    driver._ensure_share_mounted = lambda share: os.makedirs(driver._get_mount_point_for_share(share), exist_ok=True)
    driver.do_setup(None)


def backend(text: str, head: str = "") -> str:
    return f"[DEFAULT]\nenabled_backends = b\n{head}[b]\n{text}"


# Rule, what is asked of Cinder, the text of cinder.conf, and of the file of shares (none: there is no such file).
CASES = [
    ("CND301", start, "[DEFAULT]\nenabled_backends =\n[b]\n" + NFS, ""),
    ("CND403", set_up, backend(NFS + SHARES + "nas_secure_file_operations = yes\nnas_secure_file_permissions = true\n"), ""),
    ("CND403", set_up, backend(NFS + SHARES + "nas_secure_file_operations = true\nnas_secure_file_permissions =\n"), ""),
    (
        "CND406",
        set_up,
        backend(NFS + SHARES + "nfs_snapshot_support = true\nnas_secure_file_operations = true\nnas_secure_file_permissions = true\n"),
        "h:/a\n",
    ),
    ("CND411", set_up, backend(NFS + SHARES + PAIR + "nas_host = h\nnas_share_path = x\n"), ""),
    ("CND409", set_up, backend(NFS + SHARES + PAIR + "nas_host = h\n"), None),
    ("CND412", set_up, backend(NFS + SHARES + PAIR), None),
    ("CND412", set_up, backend(NFS + PAIR + "nfs_shares_config =\n"), None),
    ("CND415", set_up, backend(NFS + SHARES + PAIR), "# none\n"),
    (
        "CND429",
        set_up,
        backend(f"volume_driver = {DRIVERS}veritas_cnfs.VeritasCNFSDriver\nnfs_mount_options = vers=3\n" + UNSUPPORTED + SHARES + PAIR),
        "h:/a\n",
    ),
    (
        "CND430",
        construct,
        backend(
            f"volume_driver = {DRIVERS}vmstore.nfs.VmstoreNfsDriver\nnas_host = h\nvmstore_rest_address = h\n"
            "vmstore_password = p\nnas_share_path = /a\n"
        ),
        "",
    ),
    ("CND431", mount, backend(VZ + "vzstorage_shares_config = {folder}/shares\n"), "cluster\n"),
    ("CND431", mount, backend(VZ + "vzstorage_shares_config = {folder}/shares\n"), "cluster -o ro\n"),
    ("CND432", set_up, backend(VZ + "vzstorage_shares_config = {folder}/shares\n"), None),
    ("CND432", set_up, backend(VZ + "vzstorage_shares_config = {folder}/shares\nvzstorage_used_ratio = 1.5\n"), "c []\n"),
    ("CND432", set_up, backend(VZ.replace("{folder}/", "") + "vzstorage_shares_config = {folder}/shares\n"), "c []\n"),
    (
        "CND440",
        set_up,
        backend(f"volume_driver = {DRIVERS}dell_emc.powerstore.nfs.PowerStoreNFSDriver\nnfs_qcow2_volumes = true\n" + SHARES + PAIR),
        "h:/a\n",
    ),
    ("CND442", snapshot, backend(NFS + SHARES + PAIR + "backup_use_temp_snapshot = true\n"), "h:/a\n"),
    ("CND443", snapshot, backend(NFS + SHARES + PAIR), "h:/a\n"),
    ("CND446", backing_file, backend(NFS + "nfs_shares_config = {folder}/shares\nnfs_mount_point_base = {folder}/mnt/\n" + PAIR), "h:/a\n"),
    ("CND446", backing_file, backend(NFS + "nfs_shares_config = {folder}/shares\nnfs_mount_point_base = {folder}/c++\n" + PAIR), "h:/a\n"),
    ("CND447", check, backend(QUOBYTE + PAIR), ""),
    ("CND448", set_up, backend(QUOBYTE + PAIR + "quobyte_volume_url = quobyte://h/v\nquobyte_overlay_volumes = true\n"), ""),
    ("CND451", check, backend(GPFS), ""),
    ("CND451", check, backend(GPFS + "gpfs_mount_point_base = /x\ngpfs_images_share_mode = copy\n"), ""),
    ("CND455", check, backend(GPFS + "gpfs_mount_point_base = x\n"), ""),
    ("CND424", fresh, backend(NFS + SHARES, "reinit_driver_count = 0\n"), "h:/a\n"),
    ("CND313", manage, backend(NFS + SHARES + PAIR, "cluster = c\n"), "h:/a\n"),
    ("CND319", manage, backend(NFS + SHARES + PAIR + "extra_capabilities = {{'a': 1}}\n"), "h:/a\n"),
    ("CND319", manage, backend(NFS + SHARES + PAIR + "extra_capabilities =\n"), "h:/a\n"),
    ("CND320", stanza, backend(NETAPP + PAIR + "replication_device = backend_id:other\n"), "h:/a\n"),
    ("CND601", backup_service, "[DEFAULT]\nbackup_driver = cinder.backup.drivers.nfs\nbackup_share = h:/b\n", ""),
    ("CND603", backup_service, "[DEFAULT]\nbackup_driver = cinder.backup.drivers.nfs.NFSBackupDriver\n", ""),
    ("CND604", backup, "[DEFAULT]\nbackup_driver = cinder.backup.drivers.posix.PosixBackupDriver\nbackup_file_size = 100000\n", ""),
    ("CND606", backup_service, "[DEFAULT]\nbackup_driver = cinder.backup.drivers.tsm.TSMBackupDriver\n", ""),
    ("CND607", backup_service, "[DEFAULT]\nbackup_driver = cinder.backup.drivers.google.GoogleBackupDriver\n", ""),
]
CASES += [
    ("CND101", read, "\ufeff[DEFAULT]\ndebug = true\n", ""),
    ("CND103", read, "[DEFAULT\ndebug = true\n", ""),
    ("CND104", read, "[]\ndebug = true\n", ""),
    ("CND105", read, "[DEFAULT]\ndebug\n", ""),
    ("CND106", read, "[DEFAULT]\n= true\n", ""),
    ("CND107", read, "[DEFAULT]\n debug = true\n", ""),
    ("CND108", read, "debug = true\n", ""),
    ("CND110", set_up, backend(NFS + SHARES + "nas_secure_file_operations = true  # safe\nnas_secure_file_permissions = true\n"), "h:/a\n"),
    ("CND130", construct, backend(NFS + SHARES + PAIR + "nfs_mount_options = $nothing\n"), "h:/a\n"),
    ("CND131", construct, backend(NFS + SHARES + PAIR + "nfs_mount_options = ${{nothing.more}}\n"), "h:/a\n"),
    ("CND132", construct, backend(NFS + SHARES + PAIR + "nfs_mount_options = $nfs_mount_options\n"), "h:/a\n"),
    ("CND206", set_up, backend(NFS + SHARES + PAIR + "max_over_subscription_ratio = many\n"), "h:/a\n"),
    ("CND206", set_up, backend(NFS + SHARES + PAIR + "reserved_percentage = 101\n"), "h:/a\n"),
    ("CND206", set_up, backend(NETAPP + SHARES + PAIR + "netapp_storage_family = ontap_7mode\n"), "h:/a\n"),
    ("CND302", start, "[DEFAULT]\ndebug = true\n[b]\n" + NFS, ""),
    ("CND317", cached, backend(NFS + SHARES + PAIR + "image_volume_cache_enabled = true\n"), "h:/a\n"),
    (
        "CND407",
        really_mount,
        backend(NFS + SHARES + PAIR + "nfs_mount_attempts = 1\nnas_host = h\nnas_share_path = /a\nnas_mount_options = vers=4\n"),
        "",
    ),
    ("CND410", set_up, backend(NFS + SHARES + PAIR + "nas_ip = 10.0.0.5\nnas_share_path = /a\n"), None),
    ("CND413", set_up, backend(NFS + SHARES + PAIR), "h:/a\n h:/b\n"),
    ("CND511", construct, backend(f"volume_driver = {DRIVERS}nfs.NfsDrivers\n"), ""),
    ("CND511", construct, backend("volume_driver = NfsDriver\n"), ""),
    ("CND512", construct, backend(f"volume_driver = {DRIVERS}glusterfs.GlusterfsDriver\n"), ""),
    ("CND515", unsupported, backend(VZ.replace(UNSUPPORTED, "")), ""),
]
if os.geteuid() == 0:
    # Only root can be another user for a while.
    CASES.append(
        ("CND420", info_file, backend(NFS + SHARES + "nas_secure_file_operations = false\nnas_secure_file_permissions = true\n"), "h:/a\n")
    )
for driver, more in (
    ("nfs.NfsDriver", SHARES),
    ("dell_emc.powerstore.nfs.PowerStoreNFSDriver", SHARES),
    ("veritas_cnfs.VeritasCNFSDriver", SHARES + UNSUPPORTED),
    ("nexenta.nfs.NexentaNfsDriver", ""),
    ("nexenta.ns5.nfs.NexentaNfsDriver", ""),
    ("vmstore.nfs.VmstoreNfsDriver", "nfs_mount_options = vers=3\n"),
):
    CASES.append(
        ("CND435", construct, backend(f"volume_driver = {DRIVERS}{driver}\nmax_over_subscription_ratio = auto\n{more}{PAIR}"), "h:/a\n")
    )
    if driver.startswith(("nexenta", "vmstore")):
        CASES.append(
            ("CND436", construct, backend(f"volume_driver = {DRIVERS}{driver}\nmax_over_subscription_ratio = 0.5\n{more}{PAIR}"), "h:/a\n")
        )
for ratio in ("0.95", "0"):
    CASES.append(("CND436", construct, backend(NFS + SHARES + PAIR + f"max_over_subscription_ratio = {ratio}\n"), "h:/a\n"))
    CASES.append(("CND436", construct, backend(NETAPP + SHARES + PAIR + f"max_over_subscription_ratio = {ratio}\n"), "h:/a\n"))


class Log(logging.Handler):
    """What Cinder says meanwhile."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def provoke(ask: Callable[[], Any], conf: pathlib.Path) -> tuple[str, str]:
    """(text of the exception, everything that was said) of one case."""
    log = Log()
    logging.disable(logging.NOTSET)
    root = logging.getLogger()
    handlers, root.handlers = root.handlers, [log]
    logger = logging.getLogger("cinder")
    logger.setLevel(logging.INFO)
    raised = ""
    try:
        cfg.CONF(["--config-file", os.fspath(conf)], project="cinder", default_config_files=[], default_config_dirs=[])
        cfg.CONF.set_override("connection", "sqlite://", group="database")
        ask()
    except SystemExit as error:
        raised = f"exits with {error.code}"
    except Exception as error:  # whatever Cinder raises is the answer
        raised = f"{type(error).__name__}: {error}"
    finally:
        root.handlers = handlers
        logging.disable(logging.CRITICAL)
    return raised, "\n".join([raised, *log.lines])


def unquoted(message: str, said: str) -> list[str]:
    """The quoted parts of a message that Cinder did not say."""
    quotes = [quote for quote in re.findall(r'"((?:[^"]|"\w+")+)"', message) if not quote.startswith("Volume service")]
    # What stands before it is the exception's text as well.
    quotes += re.findall(r"^(.+?): oslo\.config stops", message)
    plain = said.replace("\n", " ")
    return [quote for quote in quotes if not re.search(".*".join(re.escape(part) for part in quote.split("...")), plain)]


def main() -> int:
    args = common.arguments(__doc__).parse_args()
    failures: list[tuple[str, str, Any, str]] = []
    with common.scratch() as folder:
        nas.Cinder()  # type: ignore[call-arg]  # that of `inside`; mypy takes nas.py beside this file for it
        coordination.COORDINATOR.started = True
        mock.patch.object(rpc.RPCAPI, "__init__", lambda self: None).start()
        for number, (rule, ask, text, shares) in enumerate(CASES):
            conf = folder / f"{number}.conf"
            conf.write_text(text.format(folder=folder))
            (folder / "shares").unlink(missing_ok=True)
            if shares is not None:
                (folder / "shares").write_text(shares)
            raised, said = provoke(ask, conf)
            found = common.ask(
                args.bin, "check", "--format", "json", "--pedantic", "--select", rule, "--release", "2026.2", "--root", "/", os.fspath(conf)
            )["findings"]
            message = found[0]["message"] if found else None
            if message is None:
                failures.append((rule, text, "no finding", said))
                continue
            missing = unquoted(message, said)
            if found[0]["severity"] == "error" and ask is not unsupported or ask is fresh:
                named = re.findall(r"\b[A-Z]\w*(?:Error|Exception|Value|Mounted|NotFound|Backup)\b", message)
                if not raised or named and not any(name in raised for name in named):
                    missing.append(" or ".join(named) or "(an exception)")
            if missing:
                failures.append((rule, message, missing, said))
    for rule, text, what, said in failures[: args.show]:
        print(f"{rule}: {text}\n  missing: {what}\n  cinder: {said[:1500]}\n")
    return common.verdict("provoke", len(CASES), len(failures))


if __name__ == "__main__":
    sys.exit(main())
