"""What a driver of the Cinder that is installed here demands before its first contact with anything outside the process.

    python probe.py volume|backup PATH ...      one line of JSON a class

Runs under the Python of a release (2.7 on). The real class is made and set up as the service does it, from a real file. A
connection, a command, a call into a vendor's library, a query of the database or the reading of a file is a contact: there a
run ends. A library that is not installed is replaced by one whose calls are contacts, so a missing one is never the answer.

The search starts with an empty section. Of the options that the class read before it failed, those that it read last (and
those that the exception names) are given a value, until the class comes to a contact. What is not needed for that is taken away
again; what is left is demanded. For each of these, other options are looked for that do instead, and options with a default are emptied.
"""

from __future__ import print_function

import json
import os
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
import types
import warnings

# This folder has modules with the names of others.
sys.path.pop(0)
warnings.simplefilter("ignore")
os.environ["PYTHONWARNINGS"] = "ignore"
TMP = tempfile.mkdtemp(prefix="probe")
clock = getattr(time, "process_time", None) or time.clock


class Reached(BaseException):
    """The class has come to a contact."""


STATE = {"stage": "import", "reached": [], "reads": [], "paths": set(), "options": None, "attempts": 0}


def frames():
    return [f[0] for f in traceback.extract_stack()[:-2]]


def reach(what):
    def contact(*args, **kwargs):
        if STATE["stage"] == "import":
            # A library's decorator.
            return args[0] if len(args) == 1 and callable(args[0]) else lambda f: f
        if what == "command" and any(str(a) in ("mount.nfs", "mount.nfs4", "mount.cifs") for a in args) and len(args) < 4:
            # Whether the program is there.
            return "", ""
        STATE["reached"].append(what)
        raise Reached(what)

    return contact


# -- libraries that are not here


class FakeMeta(type):
    def __call__(cls, *args, **kwargs):
        if re.search(r"(Error|Exception|Exc|Failure|NotFound)$", cls.__name__):
            return type.__call__(cls, *args)
        return reach("library")(*args, **kwargs)

    def __getattr__(cls, name):
        return attribute(name)


Fake = FakeMeta("Fake", (Exception,), {})


def attribute(name):
    if name.startswith("__"):
        raise AttributeError(name)
    if "version" in name.lower():
        return "99.99.99"
    return FakeMeta(str(name), (Fake,), {})


class FakeModule(types.ModuleType):
    __path__ = []
    __version__ = "99.99.99"

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        full = self.__name__ + "." + name
        return sys.modules[full] if full in sys.modules else attribute(name)


class Finder(object):
    """Comes last, and finds whatever a driver's module asks for."""

    def wanted(self, name):
        parent = name.rpartition(".")[0]
        if isinstance(sys.modules.get(parent), FakeModule):
            return True
        top = name.split(".")[0]
        if top in ("cinder", "cinder_tests") or STATE["stage"] != "import" and False:
            return False
        for path in reversed(frames()):
            if "importlib" in path or path.endswith(("importutils.py", "probe.py")) or path.startswith("<frozen"):
                continue
            return "/cinder/volume/drivers/" in path or "/cinder/backup/drivers/" in path
        return False

    def find_module(self, name, path=None):
        return self if self.wanted(name) else None

    def load_module(self, name):
        if name not in sys.modules:
            sys.modules[name] = FakeModule(str(name))
        return sys.modules[name]

    def find_spec(self, name, path=None, target=None):
        if not self.wanted(name):
            return None
        from importlib.machinery import ModuleSpec

        return ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return FakeModule(spec.name)

    def exec_module(self, module):
        pass


try:
    import oslo_service.backend  # noqa: a release with two backends has to be told which

    oslo_service.backend.init_backend(oslo_service.backend.BackendType.EVENTLET)
except Exception:
    pass
from cinder import objects

objects.register_all()
from oslo_config import cfg
from oslo_utils import importutils
from cinder import context
from cinder.common import config as _  # noqa: registers the options of the services
from cinder.volume import configuration
from cinder.volume import manager
import logging
import socket
import subprocess

logging.disable(logging.CRITICAL)
sys.meta_path.append(Finder())

CONF = cfg.CONF
OPTIONS = getattr(manager, "volume_backend_opts", None) or manager.volume_manager_opts


class Anything(object):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()

    def __call__(self, *args, **kwargs):
        return Anything()

    def __iter__(self):
        return iter(())

    def __len__(self):
        return 0


# -- contacts


def patch(path, value):
    module, _, name = path.rpartition(".")
    try:
        owner = importutils.import_module(module)
    except ImportError:
        try:
            owner = importutils.import_class(module)
        except ImportError:
            return
    if hasattr(owner, name):
        setattr(owner, name, value)


for target in (
    "socket.socket.connect",
    "socket.socket.connect_ex",
    "socket.create_connection",
    "eventlet.green.socket.create_connection",
    "eventlet.greenio.GreenSocket.connect",
    "eventlet.green.socket.connect",
    "paramiko.SSHClient.connect",
    "eventlet.support.greendns.getaddrinfo",
):
    patch(target, reach("connect"))
for target in ("socket.getaddrinfo", "socket.gethostbyname", "eventlet.green.socket.getaddrinfo"):
    patch(target, reach("resolve"))
for target in (
    "oslo_concurrency.processutils.execute",
    "oslo_concurrency.processutils.ssh_execute",
    "cinder.utils.execute",
    "os_brick.executor.Executor._execute",
    "os_brick.privileged.rootwrap.execute",
    "os_brick.privileged.rootwrap.execute_root",
    "subprocess.Popen.__init__",
    "eventlet.green.subprocess.Popen.__init__",
    "oslo_privsep.priv_context.PrivContext.start",
    "os_brick.initiator.connector.get_connector_properties",
):
    patch(target, reach("command"))
from cinder import db

for owner in (db, importutils.import_module("cinder.db.api")):
    for name, value in list(vars(owner).items()):
        if isinstance(value, types.FunctionType):
            setattr(owner, name, lambda *args, **kwargs: Anything())
for target in ("time.sleep", "eventlet.sleep", "eventlet.greenthread.sleep"):
    patch(target, lambda *args, **kwargs: None)
for target in (
    "oslo_service.loopingcall.FixedIntervalLoopingCall.start",
    "oslo_service.loopingcall.DynamicLoopingCall.start",
    "eventlet.spawn",
    "eventlet.spawn_n",
    "eventlet.greenthread.spawn",
    "threading.Thread.start",
):
    patch(target, lambda *args, **kwargs: Anything())


def locked(*names, **kwargs):
    return lambda function: function


patch("cinder.coordination.synchronized", locked)
EXISTS = {}


def named(path):
    """Whether a file's name comes from an option: it is the host's matter whether it is there."""
    if STATE["stage"] == "write" or not isinstance(path, str) or path == TMP + "/file":
        return False
    options = registered() if STATE["attempts"] else {}
    if options and len(options) != STATE["options"]:
        # Classes register more on their way.
        STATE["options"] = len(options)
        for opt in options.values():
            if isinstance(opt.default, str) and re.match(r"(\$state_path)?/\w", opt.default):
                STATE["paths"].add(opt.default.replace("$state_path", TMP))
    return path in STATE["paths"]


for name in ("exists", "isfile", "isdir", "lexists"):
    EXISTS[name] = getattr(os.path, name)
    setattr(os.path, name, lambda path, real=EXISTS[name]: True if named(path) else real(path))
real_access = os.access
real_mkdir = os.mkdir
os.access = lambda path, *args, **kwargs: True if named(path) else real_access(path, *args, **kwargs)
try:
    import builtins
except ImportError:
    import __builtin__ as builtins
real_open = builtins.open


def opened(path, *args, **kwargs):
    if isinstance(path, str) and path.endswith("known_hosts"):
        return real_open(os.devnull, *args, **kwargs)
    if named(path):
        if path.endswith("shares"):
            return real_open(TMP + "/shares", *args, **kwargs)
        return reach("file")()
    return real_open(path, *args, **kwargs)


builtins.open = opened
for name in ("makedirs", "mkdir", "listdir", "stat", "chmod"):

    def touching(path, *args, **kwargs):
        real = kwargs.pop("real_function")
        if named(path):
            return reach("file")()
        return real(path, *args, **kwargs)

    setattr(
        os, name, (lambda real: lambda path, *args, **kwargs: touching(path, *args, **dict(kwargs, real_function=real)))(getattr(os, name))
    )

with real_open(TMP + "/shares", "w") as f:
    f.write("127.0.0.1:/srv\n")


def made(folder):
    if not EXISTS["isdir"](folder):
        made(os.path.dirname(folder))
        real_mkdir(folder)


def mounted(self, share, *args, **kwargs):
    """A mount that succeeds."""
    point = self.get_mount_point(share)
    stage, STATE["stage"] = STATE["stage"], "write"
    made(point if point.startswith(TMP) else TMP + "/" + os.path.basename(point))
    STATE["stage"] = stage


patch("os_brick.remotefs.remotefs.RemoteFsClient.mount", mounted)
patch("cinder.volume.drivers.netapp.utils.OpenStackInfo.info", lambda self: "")
for target in ("os.fork", "os.forkpty"):
    patch(target, reach("command"))


def xml(real):
    return lambda source, *args, **kwargs: reach("file")() if named(source) else real(source, *args, **kwargs)


try:
    import lxml.etree

    lxml.etree.parse = xml(lxml.etree.parse)
except ImportError:
    pass

# -- which options are read
real_get = cfg.ConfigOpts._get


def recorded(self, name, group=None, *args, **kwargs):
    where = getattr(group, "name", group)
    if self is CONF and where == SECTION[0] and STATE["stage"] != "write" and name not in STATE["reads"]:
        STATE["reads"].append(name)
    elif self is CONF and where == SECTION[0] and STATE["stage"] != "write":
        STATE["reads"].remove(name)
        STATE["reads"].append(name)
    return real_get(self, name, group, *args, **kwargs)


cfg.ConfigOpts._get = recorded
SECTION = ["b"]


def alarm(*_):
    STATE["reached"].append("timeout")
    raise Reached("timeout")


signal.signal(signal.SIGALRM, alarm)
# A key with its certificate: what a class may be given as a file.
if os.environ.get("PROBE_PEM"):
    shutil.copy(os.environ["PROBE_PEM"], TMP + "/file")
else:
    with real_open(TMP + "/file", "w") as f:
        f.write("x\n")
KIND = sys.argv[1]
PID = os.getpid()
# Answers of another release: what they say is tried first.
HINTS = {}
if os.environ.get("PROBE_HINTS"):
    with real_open(os.environ["PROBE_HINTS"]) as f:
        HINTS = {one["path"]: one for one in map(json.loads, f)}


def registered():
    """Name -> option, of the section."""
    group = CONF._groups.get(SECTION[0]) if SECTION[0] else None
    opts = group._opts if group else CONF._opts
    return {info["opt"].dest: info["opt"] for info in opts.values()}


def start(path, opts):
    """Make the class and set it up, as its service does."""
    if KIND == "backup":
        cls = importutils.import_class(path)
        STATE["stage"] = "constructor"
        if cls.__class__ is types.FunctionType or not isinstance(cls, type):
            driver = cls(context.get_admin_context())
        else:
            driver = cls(context.get_admin_context())
        if hasattr(driver, "check_for_setup_error"):
            STATE["stage"] = "check_for_setup_error"
            driver.check_for_setup_error()
        return
    module = path.rpartition(".")[0]
    importutils.import_module(module)
    STATE["stage"] = "constructor"
    conf = configuration.Configuration(OPTIONS, config_group="b")
    driver = importutils.import_object(
        path, configuration=conf, host="h@b", cluster_name=None, is_vol_db_empty=True, active_backend_id=None, db=Anything()
    )
    try:
        driver.set_execute(reach("command"))
    except Exception:
        pass
    STATE["stage"] = "do_setup"
    driver.do_setup(context.get_admin_context())
    STATE["stage"] = "check_for_setup_error"
    driver.check_for_setup_error()


SEEN = {}


def attempt(path, opts):
    """(kind, text, reads): kind is `reached`, `ok` or `error`."""
    key = (path, tuple(sorted(opts.items())))
    if key not in SEEN:
        SEEN[key] = attempt_afresh(path, opts)
    return SEEN[key]


def attempt_afresh(path, opts):
    STATE["stage"] = "write"
    shutil.rmtree(TMP + "/mnt", True)
    CONF.clear()
    try:
        CONF.reset()
    except Exception:
        pass
    lines = ["%s = %s\n" % item for item in sorted(opts.items())]
    with real_open(TMP + "/c.conf", "w") as out:
        if KIND == "volume":
            out.write(
                "[DEFAULT]\nenabled_backends = b\nstate_path = %s\n[b]\nvolume_driver = %s\nvolume_backend_name = b\n%s"
                % (TMP, path, "".join(lines))
            )
        else:
            out.write("[DEFAULT]\nstate_path = %s\nbackup_driver = %s\n%s" % (TMP, path, "".join(lines)))
        out.write("[oslo_concurrency]\nlock_path = %s\n[database]\nconnection = sqlite:///%s/db\n" % (TMP, TMP))
    CONF(["--config-file", TMP + "/c.conf"], project="cinder", default_config_files=[])
    del STATE["reached"][:], STATE["reads"][:]
    STATE["paths"] = {v for v in opts.values() if v.startswith("/")}
    STATE["options"], STATE["attempts"] = None, STATE["attempts"] + 1
    STATE["stage"] = "import"
    signal.alarm(10)
    try:
        start(path, opts)
        found = ("ok", "")
    except Reached:
        found = ("reached", STATE["stage"] + " " + STATE["reached"][0])
    except SystemExit as e:
        found = ("error", "%s: SystemExit: %s" % (STATE["stage"], e))
    except KeyboardInterrupt:
        raise
    except BaseException as e:
        at = [f for f in traceback.extract_tb(sys.exc_info()[2]) if "/cinder/" in f[0]]
        at = "%s:%s" % (at[-1][0].split("/cinder/", 1)[-1], at[-1][1]) if at else "?"
        try:
            said = " ".join(str(e).split())
        except Exception:
            said = ""
        text = "%s: %s: %s @%s" % (STATE["stage"], type(e).__name__, said[:400], at)
        found = ("error", text)
        if STATE["reached"]:
            found = ("reached", STATE["stage"] + " " + STATE["reached"][0])
    finally:
        signal.alarm(0)
    STATE["stage"] = "write"
    return found + (list(STATE["reads"]),)


# -- the search

SECRET = r"(pass|secret|token|_pwd|_key$|apikey)"
IBM = "cinder.volume.drivers.ibm.ibm_storage."
PROXIES = [IBM + "ds8k_proxy.DS8KProxy", IBM + "xiv_proxy.XIVProxy"]
GUESS = [
    ("^proxy$", PROXIES),
    (r"private_key", [TMP + "/file", "secret"]),
    (SECRET, ["secret"]),
    (r"(login|user)", ["admin"]),
    (r"(file|_path$|_path_|conf$|cert|_dir$|_base$)", [TMP + "/file"]),
    (r"ur[li]", ["https://127.0.0.1/x", "http://127.0.0.1/x", "quobyte://h/v"]),
    (r"(_ips?$|host|addr|server|portal|endpoint|mds|controller)", ["127.0.0.1", "1", "127.0.0.1,127.0.0.2"]),
    (r"pool|cpg", ["pool1", "1", "a:b"]),
    (r"port|timeout|size", ["1", "CL1-A"]),
]
SKIP = {"volume_driver", "volume_backend_name", "backend_host", "replication_device", "backup_driver"}


def is_text(opt):
    return (
        type(opt.type).__name__ in ("String", "List", "HostAddress", "HostDomain", "Hostname", "IPAddress", "URI", "Dict")
        or callable(opt.type)
        and not hasattr(opt.type, "choices")
        and type(opt).__name__ in ("StrOpt", "ListOpt", "DictOpt", "MultiStrOpt")
    )


def values(opt):
    kind = type(opt.type).__name__
    choices = getattr(opt.type, "choices", None)
    if choices:
        return [str(c) for c in list(choices) if c not in (None, "", opt.default)][:6]
    if kind == "Boolean":
        return ["false" if opt.default else "true"]
    if kind in ("Integer", "Port", "Float"):
        return [str(max(1, getattr(opt.type, "min", None) or 1))]
    if kind == "Dict" or type(opt).__name__ == "DictOpt":
        return ["a:b", "a:1"]
    if isinstance(opt, cfg.MultiOpt):
        return ["a", "backend_id:a"]
    if kind in ("HostAddress", "IPAddress", "HostDomain"):
        return ["127.0.0.1"]
    for pattern, guesses in GUESS:
        if re.search(pattern, opt.dest):
            return guesses
    return ["1", "a", "a:b"]


def names_in(text, options):
    text = text.split(" @")[0]
    return [n for n in options if re.search(r"(?<![\w])%s(?![\w])" % re.escape(n), text)]


def invalid(name, result):
    """Whether a guess was a bad one: the class, or its type, complains of it."""
    return result[0] == "error" and ("ConfigFileValueError" in result[1] or bool(names_in(result[1], [name])))


def done(result):
    return result[0] != "error"


def fatal(result):
    return bool(re.match(r"import: |constructor: (ImportError|ModuleNotFoundError)", result[1]))


def candidates(path, result, current, banned):
    options = registered()
    named_ones = names_in(result[1], options)
    read = [n for n in reversed(result[2]) if n in options]
    out = []
    # Flags and choices may only lead elsewhere: they come last.
    read.sort(key=lambda n: not is_text(options[n]) or bool(getattr(options[n].type, "choices", None)))
    for name in named_ones + read:
        if name not in out and name not in current and name not in banned and name not in SKIP:
            out.append(name)
    return out, options


def solve(path, current, banned, limit=16, until=None, partial=None):
    """Add options until the class comes to a contact; None where the search does not get there."""
    current = dict(current)
    result = attempt(path, current)
    for _ in range(limit):
        if done(result):
            return current, result
        if fatal(result) or until and clock() > until:
            return None
        found = None
        names, options = candidates(path, result, current, banned)
        for name in names:
            opt = options[name]
            for value in values(opt):
                then = attempt(path, dict(current, **{name: value}))
                if done(then):
                    found = (name, value, then)
                    break
                if then[:2] != result[:2] and not invalid(name, then) and len(then[2]) >= len(result[2]) - 1 and not found:
                    found = (name, value, then)
            if found and (done(found[2]) or name in names_in(result[1], [name])):
                break
        if not found and partial is not None:
            partial.clear()
            partial.update(current)
            names_here = names_in(result[1], options)
            if len(names_here) == 1 and names_here[0] not in current:
                partial["?"] = names_here[0]
        if not found:
            # Several at once, those whose value is nothing.
            blank = {n: values(options[n])[0] for n in names if options[n].default in (None, "", [], {}) and is_text(options[n])}
            then = attempt(path, dict(current, **blank))
            if blank and then[:2] != result[:2] and "ConfigFileValueError" not in then[1]:
                current.update(blank)
                result = then
                continue
            return None
        current[found[0]] = found[1]
        result = found[2]
    return (current, result) if done(result) else None


def smallest(path, current, keep=()):
    """Take away what is not needed."""
    current = dict(current)
    for name in sorted(current, key=lambda n: (bool(re.search(SECRET, n)), n)):
        if name in keep:
            continue
        less = dict(current)
        del less[name]
        if done(attempt(path, less)):
            current = less
    return current


def instead(path, current, name, until, emptied=None):
    """Sets of {option: value} that do instead of one option."""
    base = dict(current)
    del base[name]
    if emptied is not None:
        base[name] = emptied
    failing = attempt(path, base)
    options = registered()
    named_ones = names_in(failing[1], options)
    reads = [n for n in failing[2] if n in options]
    reads += [n for n in attempt(path, current)[2] if n in options and n not in reads]
    out = []

    def note(extra):
        extra = {n: v for n, v in extra.items() if base.get(n) != v}
        for n in sorted(extra):
            less = {k: v for k, v in extra.items() if k != n}
            if done(attempt(path, dict(base, **less))):
                extra = less
        if extra and extra not in out and name not in extra:
            out.append(extra)

    tried = set()
    for other in named_ones + reads:
        if other == name or other in SKIP or other in tried:
            continue
        tried.add(other)
        opt = options[other]
        if other in current and (is_text(opt) or opt.default is None):
            continue
        for value in values(opt):
            then = attempt(path, dict(base, **{other: value}))
            if done(then):
                note({other: value})
                if is_text(opt) and not getattr(opt.type, "choices", None):
                    break
            elif then[:2] != failing[:2] and not invalid(other, then) and clock() < until and is_text(opt):
                more = solve(path, dict(base, **{other: value}), {name}, 4, until)
                if more:
                    note({n: v for n, v in more[0].items() if n not in base})
                    break
    # Everything that the class may be given: what then does instead, however it is called.
    every = {
        n: values(o)[0]
        for n, o in options.items()
        if n not in SKIP and n != name and n not in base and is_text(o) and values(o) and o.default in (None, "", [], {})
    }
    then = attempt(path, dict(base, **every))
    if done(then):
        left = smallest(path, dict(base, **every), base)
        note({n: v for n, v in left.items() if n not in base})
    return out


def needed(path, current, demands, options):
    """What holds here of the demands that somebody read out of the sources of some release, and what is to be set for them."""
    out = []
    for demand in demands:
        name = demand["option"]
        less = {n: v for n, v in current.items() if n != name}
        demand = {"option": name}
        if name not in options:
            continue
        has_default = options[name].default not in (None, "", [], {})
        if done(attempt(path, less)):
            current = less
            then = attempt(path, dict(less, **{name: ""}))
            if not has_default or done(then) or "ConfigFileValueError" in then[1]:
                continue
            less, demand["emptied"] = dict(less, **{name: ""}), True
        elif has_default:
            demand["refuses_default"] = True
        out.append((demand, less))
    for (demand, less), told in zip(out, [d for d in demands if d["option"] in [o["option"] for o, _ in out]]):
        base = {n: v for n, v in less.items() if n in current or n == demand["option"]}
        demand["instead"] = [other for other in told.get("instead", []) if done(attempt(path, dict(base, **other)))]
    return current, [demand for demand, _ in out]


def again(path, hint):
    """The answer of another release, or of one who read the sources (then without `reads`), where every step of it holds here
    as well; none where one does not."""
    filled = json.loads(json.dumps(hint).replace("@FILE@", TMP + "/file"))
    current = filled.get("set")
    if current is None or filled.get("empty", ["error"])[0] != attempt(path, {})[0]:
        return None
    options = registered()
    guessed = {name: values(options[name]) for name, value in current.items() if value is None and name in options}
    current = {name: guessed.get(name, [value])[0] for name, value in current.items()}
    if None in current.values():
        return None
    for name in sorted(guessed):
        for value in guessed[name]:
            if not done(attempt(path, current)):
                current = dict(current, **{name: value})
    reached = attempt(path, current)
    if not done(reached) or filled.get("reads", reached[2]) != reached[2]:
        return None
    if "reads" not in filled:
        current, filled["demands"] = needed(path, current, filled["demands"], options)
    answer = dict(filled, path=path, set=current, empty=list(attempt(path, {})[:2]), final=list(reached[:2]))

    def holds(demand, with_it):
        base = dict(with_it)
        base.pop(demand["option"], None)
        if demand.get("emptied"):
            base[demand["option"]] = ""
        then = attempt(path, base)
        if done(then) or "ConfigFileValueError" in then[1] or demand["option"] not in options:
            return None
        if bool(demand.get("refuses_default")) != (options[demand["option"]].default not in (None, "", [], {})) and not demand.get(
            "emptied"
        ):
            return None
        if not all(done(attempt(path, dict(base, **other))) for other in demand.get("instead", [])):
            return None
        return dict(demand, raises=then[1])

    answer["demands"] = [holds(demand, current) for demand in filled["demands"]]
    given = []
    for entry in filled.get("given", []):
        with_it = dict(current, **{entry["option"]: entry["value"]})
        then = attempt(path, with_it)
        if done(then) or "ConfigFileValueError" in then[1]:
            return None
        entry = dict(entry, raises=then[1])
        if "demands" in entry:
            if not done(attempt(path, entry["set"])):
                return None
            entry["demands"] = [holds(demand, entry["set"]) for demand in entry["demands"]]
            if None in entry["demands"]:
                return None
        given.append(entry)
    answer["given"] = given
    answer.pop("replication", None)
    replication(path, current, options, answer)
    return None if None in answer["demands"] else answer


# What parts of a replication_device may be called, and what does as one.
PARTS = [
    ("backend_id", "a"),
    ("san_ip", "127.0.0.2"),
    ("san_login", "a"),
    ("san_password", "b"),
    ("login", "a"),
    ("password", "b"),
    ("rpo", "60"),
    ("pool_name", "p"),
    ("mvip", "127.0.0.2"),
    ("target_device_id", "1"),
    ("remote_port_group", "p"),
    ("remote_pool", "q"),
    ("rdf_group_label", "r"),
    ("hpe3par_api_url", "https://127.0.0.2/x"),
    ("api_token", "t"),
    ("storage_id", "1"),
]


def replication(path, current, options, answer):
    if "replication_device" not in options:
        return

    def with_parts(parts):
        return attempt(path, dict(current, replication_device=",".join("%s:%s" % part for part in parts)))

    for given in ("a:b", "backend_id:a"):
        then = attempt(path, dict(current, replication_device=given))
        if then[0] == "error":
            answer.setdefault("replication", {})[given] = then[1]
    if "a:b" not in answer.get("replication", {}) or not done(with_parts(PARTS)):
        return
    left = PARTS
    for part in PARTS:
        less = [other for other in left if other != part]
        if done(with_parts(less)):
            left = less
    answer["parts"] = [name for name, _ in left]


def search(path):
    until = clock() + 20
    SECTION[0] = "b" if KIND == "volume" else None
    attempt(path, {})
    # Now its options are registered, and the paths among their defaults known.
    SEEN.clear()
    if path in HINTS:
        answer = again(path, HINTS[path])
        if answer or os.environ.get("PROBE_ONLY_HINTS"):
            return answer or {"path": path, "empty": list(attempt(path, {})[:2]), "unheld": True}
    empty = attempt(path, {})
    answer = {"path": path, "empty": list(empty[:2]), "demands": [], "given": []}
    if fatal(empty):
        return answer
    partial = {}
    solved = solve(path, {}, set(), until=until, partial=partial)
    if not solved:
        answer["unsolved"] = True
        options = registered()
        every = {n: values(o)[0] for n, o in options.items() if n not in SKIP and values(o)}
        trials = [attempt(path, {n: v}) for n, v in every.items()]
        # Whatever is set, it ends in the same way: nothing can be written that helps.
        answer["always"] = empty[0] == "error" and all(t[1] == empty[1] or "ConfigFileValueError" in t[1] for t in trials)
        # What the class names on the way is demanded, whatever comes after.
        last = partial.pop("?", None)
        for name in sorted(partial):
            then = attempt(path, {n: v for n, v in partial.items() if n != name})
            if then[0] == "error" and names_in(then[1], options) == [name]:
                answer["demands"].append({"option": name, "raises": then[1], "instead": []})
        if last:
            answer["demands"].append({"option": last, "raises": attempt(path, partial)[1], "instead": []})
        names, _ = candidates(path, empty, {}, set())
        answer["last"] = names[:6]
        return answer
    current = smallest(path, solved[0])
    answer["final"] = list(attempt(path, current)[:2])
    answer["set"] = current
    for name in sorted(current):
        less = dict(current)
        del less[name]
        demand = {"option": name, "raises": attempt(path, less)[1], "instead": instead(path, current, name, until)}
        if registered()[name].default not in (None, "", [], {}):
            demand["refuses_default"] = True
        answer["demands"].append(demand)
    options = registered()
    reads = list(attempt(path, current)[2])
    answer["reads"] = reads
    for name in reads:
        opt = options.get(name)
        if (
            opt is None
            or name in current
            or name in SKIP
            or not is_text(opt)
            or opt.default in (None, "", [], {})
            or not isinstance(opt.default, (str, list))
            or getattr(opt.type, "choices", None)
        ):
            continue
        then = attempt(path, dict(current, **{name: ""}))
        if then[0] == "error" and "ConfigFileValueError" not in then[1]:
            answer["demands"].append(
                {"option": name, "raises": then[1], "emptied": True, "instead": instead(path, dict(current, **{name: ""}), name, until, "")}
            )
    replication(path, current, options, answer)
    # What other values of a choice demand.
    for name in reads:
        opt = options.get(name)
        if opt is None or name in SKIP or is_text(opt) and not getattr(opt.type, "choices", None) and name != "proxy":
            continue
        if type(opt.type).__name__ in ("Integer", "Port", "Float"):
            continue
        for value in values(opt):
            if name in current and current[name] == value:
                continue
            with_it = dict(current, **{name: value})
            then = attempt(path, with_it)
            if done(then) or "ConfigFileValueError" in then[1] or fatal(then):
                continue
            more = solve(path, with_it, set(current) | {name}, 6, until) if clock() < until else None
            entry = {"option": name, "value": value, "raises": then[1]}
            if more:
                small = smallest(path, more[0], set(with_it))
                entry["set"] = small
                entry["demands"] = []
                for extra in sorted(set(small) - set(with_it)):
                    less = dict(small)
                    del less[extra]
                    demand = {"option": extra, "raises": attempt(path, less)[1]}
                    choices = getattr(options[extra].type, "choices", None)
                    if choices or type(options[extra].type).__name__ == "Boolean":
                        choices = [str(c) for c in choices] if choices else ["true", "false"]
                        demand["values"] = [c for c in choices if done(attempt(path, dict(small, **{extra: c})))]
                    else:
                        demand["instead"] = instead(path, small, extra, until)
                    entry["demands"].append(demand)
            answer["given"].append(entry)
    return answer


def main():
    for path in sys.argv[2:]:
        try:
            answer = search(path)
        except KeyboardInterrupt:
            raise
        except BaseException as e:
            answer = {"path": path, "failed": "%s: %s" % (type(e).__name__, str(e)[:300]), "at": traceback.format_exc()[-600:]}
        print(json.dumps(answer, sort_keys=True).replace(TMP, "@TMP@").replace("@TMP@/file", "@FILE@"))
        sys.stdout.flush()
    if os.getpid() == PID:
        shutil.rmtree(TMP, True)
    os._exit(0)


main()
