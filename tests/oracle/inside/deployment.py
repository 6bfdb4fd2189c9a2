"""What Cinder's own backend configuration class makes of files.

Request: {"folder": working directory, "args": [flag, value, ...]}. Answer: {"refused": text} where no service could read
them, or {"names": the backends in order, "backends": {backend: {"driver": path, "options": {option: [names, kind, value,
origin]}}}}. `value` is {"error": text} where reading the option raises, `origin` [file, line] or null.

With {"sections": [more backends]} it is asked of every option that the release and its libraries have, and the answer also has
{"judged": [[file, line], ...], "wrong": [[file, line, text], ...]}: the values that a type saw, and those that it refuses.
"""

import glob
import importlib
import json
import logging
import os
import warnings

from oslo_config import cfg, generator
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

        # The lines of each (section, option) of a file.
        self.lines = []
        for path, placed in self.files:
            lines = {}
            for section, key, line, text in placed:
                lines.setdefault((normal(section), key), []).append((line, text))
            self.lines.append((path, lines))

    def origin(self, opt, group):
        """((file, line), text), or (None, None)."""
        for path, lines in self.lines:
            for place in places_of(opt, group):
                if place in lines:
                    return (path, lines[place][-1][0]), lines[place][-1][1]
        return None, None


def normal(group):
    return group if group == "DEFAULT" else group.lower()


def names_of(opt):
    """An option's names, the current one first."""
    return [opt.name] + [old.name or opt.name for old in opt.deprecated_opts]


def places_of(opt, group):
    """Where an option of a section may be written, the current place first."""
    places = [(group, opt.dest), (group, opt.name)]
    places += [(old.group or group, old.name or opt.name) for old in opt.deprecated_opts]
    return [(normal(section), name) for section, name in places]


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


def every_option():
    """[(section, options)] of Cinder and its libraries, as oslo-config-generator sees them."""
    answers.imported("cinder.opts")
    found = []
    for namespace in NAMESPACES:
        try:
            listed = generator._list_opts([namespace])
        except Exception:  # a library that this release does not have, or that wants another of another age
            continue
        found += [(getattr(group, "name", group) or "DEFAULT", opts) for _, groups in listed for group, opts in groups]
    return found


NAMESPACES = ["cinder", "keystonemiddleware.auth_token", "oslo.concurrency", "oslo.db", "oslo.log", "oslo.messaging", "oslo.middleware",
              "oslo.policy", "oslo.reports", "oslo.service.periodic_task", "oslo.service.service", "oslo.service.sslutils",
              "oslo.service.wsgi", "oslo.versionedobjects", "osprofiler", "castellan.config", "oslo.cache"]
EVERY = []


def everything(conf):
    """Registers them all; gives the options of the sections that are no backend's, and those of backends."""
    EVERY.extend([] if EVERY else every_option())
    services, backends = [], []
    for group, opts in EVERY:
        for opt in opts:
            if group == "backend_defaults":
                backends.append(opt)
                continue
            try:
                conf.register_opt(opt, None if group == "DEFAULT" else group)
                services.append((group, opt))
            except cfg.DuplicateOptError:  # keystoneauth's plugins have options of one name each
                pass
    return services, backends


def judged(conf, layers, services, backends):
    """([[file, line], ...] of the values that a type saw, [[file, line, text], ...] of those that it refuses)."""
    seen, wrong = set(), {}
    for group, opt in services + [(name, opt) for name in backends for opt in backends[name]]:
        origin, text = layers.origin(opt, group)
        if origin is None or "$" in text and opt.secret:
            continue
        seen.add(origin)
        try:
            getattr(conf if group == "DEFAULT" else getattr(conf, group), opt.dest)
        except cfg.ConfigFileValueError as error:
            wrong[origin] = answers.raised(error)
        except Exception:  # a reference to what is not there
            seen.discard(origin)
    return sorted(seen), [[path, line, text] for (path, line), text in sorted(wrong.items())]


def resolved(args, sections=None):
    conf = cfg.ConfigOpts()
    log.register_options(conf)
    conf.register_cli_opts(config.core_opts)
    for opts in ("api_opts", "auth_opts", "backup_opts", "image_opts", "global_opts", "compression_opts"):
        conf.register_opts(lists(config, opts))
    answers.load(conf, args)
    # Only now: some of them must be set, which the service asks of no file here.
    services, backend_opts = everything(conf) if sections is not None else ([], [])
    for name, text in MACHINE.items():
        conf.set_default(name, text)
    layers = Layers(args)
    configuration.CONF = conf
    backends = {}
    names = [name for name in conf.enabled_backends or [] if name]
    shared = hasattr(configuration, "SHARED_CONF_GROUP")  # Pike and later
    for name in names + [name for name in sections or [] if name not in names]:
        conf.register_opt(cfg.StrOpt("backend_host"), group=name)
        settings = configuration.Configuration(OWN, config_group=name)
        path = settings.volume_driver
        known = backend_opts or DRIVERS.get(path, BASE)
        settings.append_config_values(known)
        options = {}
        for opt in known:
            # As BackendGroupConfiguration does: a backend's own value counts unless it is None, which '' is for a number.
            own, text = layers.origin(opt, name)
            origin = own
            if shared and got(lambda: getattr(conf[name], opt.dest)) is None:
                origin, text = layers.origin(opt, "backend_defaults")
            value = got(lambda: getattr(settings, opt.dest))
            bad = isinstance(value, dict) and "error" in value
            if origin:
                if not ("$" in text or opt.multi or bad or sections is not None):
                    assert opt.type(text) == value, (opt.name, text, value)
                options[opt.name] = [names_of(opt), "secret" if opt.secret else type(opt.type).__name__, plain(value), origin]
            elif own:  # an empty number, which counts for nothing: what is said of its line is free
                options[opt.name] = [names_of(opt), "free", None, None]
        backends[name] = {"driver": path, "options": options, "known": [opt.name for opt in known]}
    found = {"names": names, "backends": backends}
    if sections is not None:
        found["judged"], found["wrong"] = judged(conf, layers, services, dict.fromkeys(backends, backend_opts))
    return found


def answer(request):
    if "hello" in request:
        names = sorted({(opt.name, type(opt.type).__name__) for opts in DRIVERS.values() for opt in opts}
                       | {(old.name, type(opt.type).__name__) for opts in DRIVERS.values() for opt in opts
                          for old in opt.deprecated_opts if old.name})
        return {"python": answers.python(), "options": names, "drivers": sorted(DRIVERS)}
    os.chdir(request["folder"])
    try:
        sections = request.get("sections")
        return resolved([answers.native(item) for item in request["args"]],
                        None if sections is None else [answers.native(name) for name in sections])
    except (cfg.Error, SystemExit) as error:  # argparse exits at a wrong value of what is an argument as well
        return {"refused": answers.raised(error)}
    finally:
        os.chdir("/")


if __name__ == "__main__":
    answers.serve(answer)
