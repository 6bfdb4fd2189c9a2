"""What Cinder's own backend configuration class makes of files.

Request: {"folder": working directory, "args": [flag, value, ...]}. Answer: {"refused": text} where no service could read
them, or {"names": the backends in order, "backends": {backend: {"driver": path, "options": {option: [names, kind, value,
origin]}}}}. `value` is {"error": text} where reading the option raises, `origin` [file, line] or null.
"""

import glob
import importlib
import json
import logging
import os
import warnings

from oslo_config import cfg
from oslo_log import log

import answers
import reader

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
from cinder import objects

objects.register_all()  # as every Cinder service does first; the imports below need it

from cinder.common import config
from cinder.volume import configuration
from cinder.volume import driver
from cinder.volume import manager
from cinder.volume.drivers import nfs
from cinder.volume.drivers import remotefs

# Defaults that differ from host to host; a value that contains one cannot be compared.
MACHINE = {"my_ip": "the-address-of-this-machine", "host": "the-name-of-this-machine"}
NFS = "cinder.volume.drivers.nfs.NfsDriver"
LENOVO = "cinder.volume.drivers.lenovo.lenovo_iscsi.LenovoISCSIDriver"


def lists(module, *names):
    """The option lists of these names that a module has in this release."""
    return [opt for name in names for opt in getattr(module, name, [])]


OWN = getattr(manager, "volume_backend_opts", manager.volume_manager_opts)  # Ocata has one list only
BASE = OWN + lists(driver, "volume_opts", "iser_opts", "nvmeof_opts", "nvmet_opts", "scst_opts", "backup_opts", "image_opts",
                   "fqdn_opts")
DRIVERS = {NFS: BASE + remotefs.nas_opts + remotefs.volume_opts + nfs.nfs_opts}  # what each registers in its constructor
try:
    san = importlib.import_module("cinder.volume.drivers.san.san")
    lenovo = importlib.import_module("cinder.volume.drivers.lenovo.lenovo_common")
    DRIVERS[LENOVO] = BASE + san.san_opts + lists(lenovo, "common_opts", "iscsi_opts")
except ImportError:
    pass


class Layers(object):
    """Where a value comes from: the last file that has the option, in any of its names, and the last line there."""

    def __init__(self, args):
        self.files = []
        for flag, value in zip(args[::2], args[1::2]):
            for path in [value] if flag == "--config-file" else sorted(glob.glob(os.path.join(value, "*.conf"))):
                found, error = reader.read(path)
                assert error is None, (path, error)
                self.files.insert(0, (path, found.placed))

    def origin(self, opt, group):
        """((file, line), text), or (None, None)."""
        group = normal(group)
        for path, placed in self.files:
            for name in names_of(opt):
                values = [(line, text) for section, key, line, text in placed if key == name and normal(section) == group]
                if values:
                    return (path, values[-1][0]), values[-1][1]
        return None, None


def normal(group):
    return group if group == "DEFAULT" else group.lower()


def names_of(opt):
    """An option's names, the current one first."""
    return [opt.name] + [old.name or opt.name for old in opt.deprecated_opts]


def got(ask):
    """What an option is, or {"error"} where reading it raises."""
    try:
        value = ask()
    except Exception as error:
        return {"error": answers.raised(error)[:200]}
    if any(name in repr(value) for name in MACHINE.values()):
        return {"error": "depends on the machine"}
    return value


def plain(value):
    """What JSON can hold of it."""
    return json.loads(json.dumps(value, default=str)) if not isinstance(value, bytes) else answers.text_of(value)


def resolved(args):
    conf = cfg.ConfigOpts()
    log.register_options(conf)
    conf.register_cli_opts(config.core_opts)
    for opts in ("api_opts", "auth_opts", "backup_opts", "image_opts", "global_opts", "compression_opts"):
        conf.register_opts(lists(config, opts))
    answers.load(conf, args)
    for name, text in MACHINE.items():
        conf.set_default(name, text)
    layers = Layers(args)
    configuration.CONF = conf
    backends = {}
    names = [name for name in conf.enabled_backends or [] if name]
    shared = hasattr(configuration, "SHARED_CONF_GROUP")  # Pike and later
    for name in names:
        conf.register_opt(cfg.StrOpt("backend_host"), group=name)
        settings = configuration.Configuration(OWN, config_group=name)
        path = settings.volume_driver
        settings.append_config_values(DRIVERS.get(path, BASE))
        options = {}
        for opt in DRIVERS.get(path, BASE):
            # As BackendGroupConfiguration does: a backend's own value counts unless it is None, which '' is for a number.
            own, text = layers.origin(opt, name)
            origin = own
            if shared and got(lambda: getattr(conf[name], opt.dest)) is None:
                origin, text = layers.origin(opt, "backend_defaults")
            value = got(lambda: getattr(settings, opt.dest))
            bad = isinstance(value, dict) and "error" in value
            if origin:
                if not ("$" in text or opt.multi or bad):
                    assert opt.type(text) == value, (opt.name, text, value)
                options[opt.name] = [names_of(opt), "secret" if opt.secret else type(opt.type).__name__, plain(value), origin]
            elif own:  # an empty number, which counts for nothing: what is said of its line is free
                options[opt.name] = [names_of(opt), "free", None, None]
        backends[name] = {"driver": path, "options": options, "known": [opt.name for opt in DRIVERS.get(path, BASE)]}
    return {"names": names, "backends": backends}


def answer(request):
    if "hello" in request:
        names = sorted({(opt.name, type(opt.type).__name__) for opts in DRIVERS.values() for opt in opts}
                       | {(old.name, type(opt.type).__name__) for opts in DRIVERS.values() for opt in opts
                          for old in opt.deprecated_opts if old.name})
        return {"python": answers.python(), "options": names, "drivers": sorted(DRIVERS)}
    os.chdir(request["folder"])
    try:
        return resolved([answers.native(item) for item in request["args"]])
    except cfg.Error as error:
        return {"refused": answers.raised(error)}
    finally:
        os.chdir("/")


if __name__ == "__main__":
    answers.serve(answer)
