"""The loop of a program that runs beside the Cinder of one release: a line of JSON in, a line of JSON out.

These programs run under every Python that a release of Cinder runs under, from 2.7 on.
"""

import importlib
import io
import json
import os
import sys

try:
    import importlib.util
    from unittest import mock
except ImportError:  # Python 2
    import mock


def serve(answer):
    """Answers every request on standard input; whatever libraries print goes to standard error."""
    out = os.fdopen(os.dup(1), "wb", 0)
    os.dup2(2, 1)
    for line in io.open(0, "r", encoding="utf-8", newline="\n"):
        out.write(json.dumps(answer(json.loads(line))).encode("ascii") + b"\n")
        out.flush()


def load(conf, args, **more):
    """Reads files into a ConfigOpts as a service does, without what the machine itself has in /etc."""
    try:
        conf(args, project="cinder", default_config_files=[], default_config_dirs=[], **more)
    except TypeError:  # up to Pike there is no such argument
        conf(args, project="cinder", default_config_files=[], **more)


def text_of(value):
    """A text in Unicode, on Python 2 too."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def native(text):
    """A text as file names and arguments are on this Python."""
    return text.encode("utf-8") if bytes is str else text


def raised(error):
    """The class and the words of an exception."""
    return u"%s: %s" % (type(error).__name__, text_of(getattr(error, "msg", None) or str(error)))


def python():
    return sys.version_info[0]


class Absent(object):
    """Stands in for the storage vendors' libraries that drivers import."""

    def __init__(self):
        self.names = set()

    def find_spec(self, name, path=None, target=None):
        return importlib.util.spec_from_loader(name, self, is_package=True) if name.split(".")[0] in self.names else None

    def find_module(self, name, path=None):
        return self if name.split(".")[0] in self.names else None

    def create_module(self, spec):
        return anything(spec.name)

    def exec_module(self, module):
        pass

    def load_module(self, name):
        return sys.modules.setdefault(name, anything(name))


def anything(name):
    """A module that has whatever is asked of it."""
    module = mock.MagicMock()
    module.__name__, module.__path__, module.__spec__ = name, [], None
    return module


ABSENT = Absent()


def imported(name):
    """A module, with stand-ins for the libraries that it imports and that are not here."""
    if ABSENT not in sys.meta_path:
        sys.meta_path.append(ABSENT)
    while True:
        try:
            return importlib.import_module(name)
        except ImportError as error:
            missing = (getattr(error, "name", None) or str(error).split()[-1]).split(".")[0]
            if missing in ABSENT.names or missing == "cinder":
                raise
            ABSENT.names.add(missing)
