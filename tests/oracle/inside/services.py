"""Runs services of the installed Cinder as their commands do: a line of JSON with a folder makes a line of JSON with what became of it.

    services.py volume|scheduler|backup|api

Each line `{"run": FOLDER, "backends": COUNT, "seconds": S}` starts the service in a fork of this process, in FOLDER and with its
cinder.conf. The answer is `{"refuses", "error", "contact"}`, or null where nothing was known in time. Methods of Cinder are wrapped and
called. A library that is not installed, a connection to another host and a program that looks at a device are a contact: there the
start ends, for what comes next is in no file."""

import ctypes
import json
import os
import resource
import subprocess
import sys
import traceback
import types

service = sys.argv[1]
command = __import__("cinder.cmd." + service, fromlist=["main"])
import eventlet  # noqa: E402  (after the command, which brings it)
from cinder import objects  # noqa: E402

objects.register_all()
from cinder import service as services  # noqa: E402
from cinder import privsep  # noqa: E402
from cinder.volume import manager  # noqa: E402
import eventlet.green.socket  # noqa: E402
import os_brick.executor  # noqa: E402
import os_brick.privileged  # noqa: E402
from oslo_concurrency import processutils  # noqa: E402
from oslo_config import cfg  # noqa: E402

select, time = eventlet.patcher.original("select"), eventlet.patcher.original("time")
# Programs that this machine has, or that are replaced: they look at files.
PROGRAMS = {
    "sudo",
    "mount",
    "mount.nfs",
    "umount",
    "stat",
    "ls",
    "chmod",
    "chown",
    "df",
    "du",
    "touch",
    "rm",
    "mkdir",
    "cat",
    "id",
    "rpm",
    "dpkg",
    "dpkg-query",
}


def tell(**what):
    os.write(3, json.dumps(what).encode() + b"\n")


def contact(what):
    """Here it ends; the process that waits for a backend's goes on."""
    tell(contact=what)
    time.sleep(3600)


# What needs privileges runs in this process.
privsep.sys_admin_pctxt.set_client_mode(False)
os_brick.privileged.default.set_client_mode(False)


# -- libraries that are not here


class Called(type):
    """Classes of a library: to make one is a contact, unless it is an exception."""

    def __call__(cls, *args, **kwargs):
        if cls.__name__.endswith(("Error", "Exception", "NotFound", "Failure")):
            return type.__call__(cls, *args)
        if importing():
            # A decorator.
            return args[0] if args and callable(args[0]) else lambda function: function
        return contact("library " + cls.__name__)

    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return "99.99.99" if "version" in name.lower() else Called(name, (Exception,), {})


class Library(types.ModuleType):
    __path__ = []
    __version__ = "99.99.99"

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return sys.modules.get(self.__name__ + "." + name) or Called.__getattr__(Called, name)


class Finder:
    """Comes last, and finds what a driver's module asks for."""

    def find_spec(self, name, path=None, target=None):
        frame = sys._getframe(1)
        while frame and ("importlib" in frame.f_code.co_filename or frame.f_code.co_filename == __file__):
            frame = frame.f_back
        ours = frame and any(part in frame.f_code.co_filename for part in ("/volume/drivers/", "/volume/targets/", "/backup/drivers/"))
        if name.split(".")[0] == "cinder" or not (ours or isinstance(sys.modules.get(name.rpartition(".")[0]), Library)):
            return None
        from importlib.machinery import ModuleSpec

        return ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return Library(spec.name)

    def exec_module(self, module):
        pass


def importing():
    frame = sys._getframe(1)
    while frame:
        if frame.f_code.co_name == "<module>" and "/drivers/" in frame.f_code.co_filename:
            return True
        frame = frame.f_back
    return False


# -- contacts


def before(owner, name, is_contact):
    real = getattr(owner, name)

    def wrapped(*args, **kwargs):
        what = is_contact(args)
        if what:
            contact(what)
        return real(*args, **kwargs)

    setattr(owner, name, wrapped)


def program(args):
    words = [os.path.basename(word) for word in args if isinstance(word, str) and word != "env" and "=" not in word]
    return None if not words or words[0] in PROGRAMS else "program " + words[0]


before(eventlet.greenio.GreenSocket, "connect", lambda args: isinstance(args[1], tuple) and "connection")
for owner in (eventlet.green.socket, sys.modules["socket"]):
    before(owner, "create_connection", lambda args: "connection")
    before(owner, "getaddrinfo", lambda args: args[0] not in (None, "", "127.0.0.1", "0.0.0.0", "::") and "name of a host")
before(os, "forkpty", lambda args: "program")
before(processutils, "execute", program)
before(os_brick.executor.Executor, "_execute", lambda args: program(args[1:]))


# -- ends


def after(cls, name, failed=lambda self: None):
    real = getattr(cls, name)

    def wrapped(self, *args, **kwargs):
        try:
            result = real(self, *args, **kwargs)
        except BaseException as error:
            tell(error="%s: %s" % (type(error).__name__, str(error)[:200]))
            raise
        tell(error=failed(self))
        return result

    setattr(cls, name, wrapped)


def of_volume(self):
    return None if self.manager.driver.initialized else said[-1] if said else "the driver is not initialized"


def of_backup(self):
    return None if self.manager.is_initialized else "the driver is not initialized"


def options_read(self, *args, **kwargs):
    """What a service does at its start: to read every option there is. It may be another process than the one that tells of a backend."""
    try:
        real_options(self, *args, **kwargs)
    except BaseException as error:
        tell(options="%s: %s" % (type(error).__name__, str(error)[:200]))
        raise
    tell(options=None)


real_options, cfg.ConfigOpts.log_opt_values = cfg.ConfigOpts.log_opt_values, options_read
said = []
real_exception = manager.LOG.exception


def logged(*args, **kwargs):
    said.append("%s: %s" % (type(sys.exc_info()[1]).__name__, str(sys.exc_info()[1])[:200]))
    real_exception(*args, **kwargs)


manager.LOG.exception = logged
if service == "api":
    after(services.WSGIService, "start")
else:
    after(services.Service, "start", {"volume": of_volume, "backup": of_backup}.get(service, lambda self: None))
    create = services.Service.create.__func__

    def created(cls, *args, **kwargs):
        try:
            return create(cls, *args, **kwargs)
        except BaseException as error:
            tell(error="%s: %s" % (type(error).__name__, str(error)[:200]))
            raise

    services.Service.create = classmethod(created)


# -- one start after another

# There are drivers that start programs in a loop. One start may start so many, and compute for so many seconds.
PROGRAMS_OF_A_START, SECONDS_OF_A_START = 100, 120


def limited(owner, name):
    real, left = getattr(owner, name), [PROGRAMS_OF_A_START]

    def wrapped(*args, **kwargs):
        left[0] -= 1
        if left[0] < 0:
            contact("programs without end")
        return real(*args, **kwargs)

    setattr(owner, name, wrapped)


def children():
    """The processes that have this one as their parent: what a start leaves behind comes here."""
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % name) as f:
                if int(f.read().rpartition(")")[2].split()[1]) == os.getpid():
                    yield int(name)
        except OSError:
            pass


def start(run, out):
    os.setsid()
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_OF_A_START, SECONDS_OF_A_START))
    limited(os, "fork")
    limited(subprocess.Popen, "_execute_child")
    log = os.open(run + "/log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    if out != 3:
        os.dup2(out, 3)
    os.set_inheritable(3, False)
    os.chdir(run)
    sys.argv = ["cinder-" + service, "--config-file", run + "/cinder.conf"]
    sys.meta_path.append(Finder())
    code = 1
    try:
        eventlet.hubs.use_hub()
        command.main()
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1 if error.code else 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def became(run, backends, seconds):
    back, out = os.pipe()
    child = os.fork()
    if not child:
        start(run, out)
    os.close(out)
    until, told, code, text = time.time() + seconds, [], None, b""
    wanted, enough = backends if service == "volume" else 1, None
    while time.time() < until:
        if select.select([back], [], [], 0.1)[0]:
            new = os.read(back, 65536)
            text += new
            *whole, text = text.split(b"\n")
            told += map(json.loads, whole)
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            break
        if any(one.get("error") for one in told) and (service != "volume" or backends < 2):
            break
        if sum("options" not in one for one in told) >= wanted:
            # What comes after the start may end it still; where options are not logged, nothing is told of them.
            enough = enough or time.time()
            if time.time() > enough + (1 if any("options" in one for one in told) else 8):
                break
    if code is None and sum("options" not in one for one in told) < wanted:
        told.append({"late": True})
    try:
        os.killpg(child, 9)
    except ProcessLookupError:
        pass
    if code is None:
        os.waitpid(child, 0)
    left = list(children())
    while left:
        # What has made a session of its own.
        for one in left:
            os.kill(one, 9)
            os.waitpid(one, 0)
        left = list(children())
    os.close(back)
    error = next((one["error"] for one in told if one.get("error")), None)
    error = next((one["options"] for one in told if one.get("options")), error)
    if code or any(one.get("options") for one in told):
        return {"refuses": True, "error": error or "exited %s" % code}
    if any("contact" in one for one in told):
        return {"refuses": False, "contact": next(one["contact"] for one in told if "contact" in one), "error": None}
    if any("late" in one for one in told) and not error:
        return None
    return {"refuses": bool(error), "error": error}


PR_SET_CHILD_SUBREAPER = 36
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
for line in iter(sys.stdin.buffer.raw.readline, b""):
    request = json.loads(line)
    answer = became(request["run"], request.get("backends", 1), request.get("seconds", 90))
    os.write(1, json.dumps(answer).encode() + b"\n")
