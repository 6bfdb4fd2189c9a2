"""The real NAS drivers of the Cinder that is installed here, with everything outside the host's files replaced.

Requests: {"drivers": [path, ...]}: which of them this Cinder has; {"conf": file, "database": "empty" or "used"}: what the
backend [b] does, also with "denied": what the share says when the indicator is written; {"conf": file, "shares": true}: its shares.
With "over", another file is read over the first one; with "backend", it is that section instead of [b].
"""

import errno
import importlib
import logging
import os
import warnings

try:
    import builtins
    from unittest import mock
except ImportError:  # Python 2
    import __builtin__ as builtins
    import mock

from oslo_config import cfg
from oslo_utils import importutils

import answers

warnings.simplefilter("ignore")
from cinder import objects

objects.register_all()  # as every Cinder service does first; the imports below need it

import cinder
from cinder.volume import configuration
from cinder.volume import manager
from cinder.volume.drivers import remotefs

DRIVERS = "cinder.volume.drivers."
INDICATOR = ".cinderSecureEnvIndicator"
OPEN = builtins.open
OPTIONS = getattr(manager, "volume_backend_opts", manager.volume_manager_opts)  # Ocata has one list only

anything = mock.MagicMock()
nothing = mock.Mock()
# Module, attribute, and what stands in for it: vendors' clients, mounts, the database.
REPLACED = [
    ("cinder.compute", "API", nothing),
    ("os_brick.remotefs.remotefs", "RemoteFsClient.mount", lambda *args, **kwargs: None),
    ("os_brick.remotefs.remotefs", "VZStorageRemoteFSClient.mount", lambda *args, **kwargs: None),
    (DRIVERS + "nexenta.nfs", "NexentaNfsDriver._get_nms_for_url", nothing),
    (DRIVERS + "nexenta.nfs", "NexentaNfsDriver._mount_subfolders", nothing),
    (DRIVERS + "nexenta.ns5.jsonrpc", "NefProxy", nothing),
    (DRIVERS + "nexenta.ns5.jsonrpc", "NexentaJSONProxy", nothing),
    (DRIVERS + "vmstore.api", "VmstoreProxy", nothing),
    (DRIVERS + "netapp.common", "na_utils.OpenStackInfo", nothing),
    (DRIVERS + "netapp.dataontap.nfs_cmode", "dot_utils.get_client_for_backend", nothing),
    (DRIVERS + "netapp.dataontap.nfs_cmode", "capabilities.CapabilitiesLibrary", nothing),
    (DRIVERS + "netapp.dataontap.nfs_cmode", "perf_cmode.PerformanceCmodeLibrary", nothing),
    (DRIVERS + "netapp.dataontap.nfs_7mode", "client_7mode.Client", nothing),
    (DRIVERS + "netapp.dataontap.nfs_7mode", "perf_7mode.Performance7modeLibrary", nothing),
    (DRIVERS + "ibm.gpfs", "GPFSDriver._get_gpfs_cluster_id", nothing),
    (DRIVERS + "ibm.gpfs", "GPFSDriver._get_filesystem_from_path", nothing),
    (DRIVERS + "ibm.gpfs", "GPFSDriver._verify_gpfs_pool", lambda *args: True),
    (DRIVERS + "ibm.gpfs", "GPFSDriver._get_gpfs_cluster_release_level", lambda *args: 0),
    (DRIVERS + "zfssa.zfssanfs", "factory_zfssa", anything),
    (DRIVERS + "zfssa.zfssanfs", "ZFSSANFSDriver._ensure_share_mounted", nothing),
    (DRIVERS + "smbfs", "image_utils.check_qemu_img_version", nothing),
    (DRIVERS + "hitachi.hnas_nfs", "hnas_backend.HNASSSHBackend", anything),
    (DRIVERS + "tintri", "TClient", anything),
]


class Cinder(object):
    """The drivers, made as VolumeManager.__init__ makes them."""

    def __init__(self):
        self.text = None
        self.chmod = None
        self.database = None
        self.backend = "b"
        logging.disable(logging.CRITICAL)
        for module, path, stand_in in REPLACED:
            try:
                target = importlib.import_module(module)
            except Exception:  # a driver of other releases, or one whose libraries are missing here
                continue
            parts = path.split(".")
            for part in parts[:-1]:
                target = getattr(target, part, None)
            if target is not None and hasattr(target, parts[-1]):
                mock.patch.object(target, parts[-1], stand_in).start()
        if hasattr(remotefs.RemoteFSDriver, "_set_voldb_empty_at_startup_indicator"):  # Pike asks the database itself
            mock.patch.object(remotefs.RemoteFSDriver, "_set_voldb_empty_at_startup_indicator",
                              lambda driver, context: self.database == "empty").start()

    def execute(self, *command, **kwargs):
        if command[0] == "chmod":
            self.chmod = command[1]
        return "", ""

    def load(self, *files):
        """Reads files, if they are not those that were read last."""
        text = []
        for path in files:
            with OPEN(path, "rb") as file:
                text.append((path, file.read()))
        if text != self.text:
            self.text = text
            answers.load(cfg.CONF, [item for path in files for item in ("--config-file", path)])

    def make(self, database):
        """The driver of the backend."""
        self.database = database
        settings = configuration.Configuration(OPTIONS, config_group=self.backend)
        path = getattr(manager, "MAPPING", {}).get(settings.volume_driver, settings.volume_driver)
        if self.backend != "b":  # of a real file, whose driver may want what is not here
            answers.imported(path.rpartition(".")[0])
        driver = importutils.import_object(path, configuration=settings, host="host@" + self.backend, db=None, cluster_name=None,
                                           is_vol_db_empty=database == "empty", active_backend_id=None)
        driver._execute = self.execute
        if not (getattr(driver, "supported", True) or settings.enable_unsupported_driver):
            raise RuntimeError("the oracle's own configuration does not enable an unsupported driver")
        return driver

    def answer(self, files, database, denied=None):
        """[operations, permissions, starts, exception's class and text] of the backend."""
        self.load(*files)
        self.chmod = None
        try:
            driver = self.make(database)
            with mock.patch.object(builtins, "open", refusing(denied)) if denied else mock.MagicMock():
                driver.do_setup(None)
            driver._set_rw_permissions("volume")
            return ["true" if driver.secure_file_operations_enabled() else "false",
                    "true" if self.chmod == "660" else "false", "yes", None]
        except Exception as error:  # whatever the driver raises is the answer
            return ["error", "error", "no", answers.raised(error)]

    def shares(self, conf):
        """([[address, options], ...], the first share that is mounted) of the backend."""
        self.load(conf)
        driver = self.make("used")
        driver._ensure_shares_mounted()
        shares = [[answers.text_of(address), answers.text_of(driver.shares[address])] for address in driver.shares]
        return [shares, answers.text_of(driver._mounted_shares[0]) if driver._mounted_shares else None]


def refusing(name):
    """An open() that refuses to make the indicator."""
    def stand_in(path, mode="r", *args, **kwargs):
        if str(path).endswith(INDICATOR) and "w" in mode:
            raise IOError(getattr(errno, name), os.strerror(getattr(errno, name)), path)
        return OPEN(path, mode, *args, **kwargs)
    return stand_in


def present(path):
    """None for a class that this Cinder does not have, else whether it derives from RemoteFSDriver."""
    path = getattr(manager, "MAPPING", {}).get(path, path)
    base = os.path.join(os.path.dirname(cinder.__file__), *path.split(".")[1:-1])
    if not (os.path.exists(base + ".py") or os.path.isdir(base)):
        return None
    answers.imported(path.rpartition(".")[0])
    return issubclass(importutils.import_class(path), remotefs.RemoteFSDriver)


def main():
    real = Cinder()

    def answer(request):
        if "drivers" in request:
            return {"python": answers.python(), "drivers": {path: present(path) for path in request["drivers"]}}
        conf = answers.native(request["conf"])
        if request.get("shares"):
            try:
                return real.shares(conf)
            except Exception as error:
                return answers.raised(error)
        files = [conf] + ([answers.native(request["over"])] if "over" in request else [])
        real.backend = answers.native(request.get("backend", "b"))
        return real.answer(files, request["database"], request.get("denied"))

    answers.serve(answer)


if __name__ == "__main__":
    main()
