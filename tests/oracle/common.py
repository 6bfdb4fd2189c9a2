"""What every oracle needs: the binary, its JSON, a reference reader that knows lines, and the verdict."""

import argparse
import contextlib
import json
import locale
import os
import pathlib
import subprocess
import sys
import tempfile

from oslo_config import cfg, iniparser

ROOT = pathlib.Path(__file__).resolve().parents[2]

# oslo.config opens files in the locale's encoding; cinderlint speaks for a service that runs under UTF-8.
if locale.getpreferredencoding(False).lower().replace("-", "") != "utf8":
    os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.argv])


def arguments(doc, **defaults):
    """The parser of the options that all oracles share."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--bin", default=os.environ.get("CINDERLINT", ROOT / "target/debug/cinderlint"),
                        help="cinderlint to ask (default: $CINDERLINT, else target/debug/cinderlint)")
    parser.add_argument("--seed", type=int, default=defaults.get("seed", 1))
    parser.add_argument("--show", type=int, default=5, help="differences to shrink and print (default 5)")
    return parser


class Broken(Exception):
    """cinderlint crashed, or wrote something that is not the JSON of the contract."""


def ask(binary, *args, cwd=None):
    """One run of cinderlint; its JSON. Raises Broken."""
    run = subprocess.run([os.path.abspath(binary), *map(os.fspath, args)], cwd=cwd,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    try:
        if run.returncode not in (0, 1, 2):
            raise ValueError(f"exit code {run.returncode}")
        return json.loads(run.stdout.decode("utf-8"))
    except ValueError as error:
        tail = run.stderr.decode("utf-8", "replace")[-1500:]
        raise Broken(f"{error}; exit code {run.returncode}; stdout {run.stdout[:300]!r}; stderr: {tail}") from None


class Reader(cfg.ConfigParser):
    """oslo.config's own parser, which also notes the line of each section header and of each key."""

    def __init__(self, filename):
        super().__init__(filename, {})
        self.headers = []  # (name, line), one per header
        self.placed = []  # (section, key, line, value), one per value
        self.key_line = 0

    def new_section(self, section):
        super().new_section(section)
        self.headers.append((section, self.lineno))

    def _split_key_value(self, line):
        answer = super()._split_key_value(line)
        # The previous assignment has been flushed by now, so this is the line of the next one.
        self.key_line = self.lineno
        return answer

    def assignment(self, key, value):
        super().assignment(key, value)
        self.placed.append((self.section, key, self.key_line, "\n".join(value)))


def read(path):
    """(Reader, None) after a full parse, else (Reader, the exception)."""
    reader = Reader(os.fspath(path))
    try:
        reader.parse()
    except (iniparser.ParseError, UnicodeDecodeError) as error:
        return reader, error
    return reader, None


@contextlib.contextmanager
def scratch():
    """A folder for generated files, in memory where the system has such a place, removed afterwards."""
    memory = "/dev/shm"
    with tempfile.TemporaryDirectory(prefix="cinderlint-oracle-", dir=memory if os.path.isdir(memory) else None) as folder:
        yield pathlib.Path(folder).resolve()


def verdict(name, cases, differences):
    """The last line of a run, and its exit code."""
    print(f"{name}: {cases} cases, {differences} differences")
    return 1 if differences else 0
