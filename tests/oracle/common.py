"""What every oracle needs: the binary, its JSON, the programs that ask a release's own code, and the verdict."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pathlib
import re
import subprocess
import tempfile
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NEWEST = "2026.2"
RELEASES = (
    "kilo liberty mitaka newton ocata pike queens rocky stein train ussuri victoria wallaby xena yoga zed "
    "2023.1 2023.2 2024.1 2024.2 2025.1 2025.2 2026.1 2026.2"
).split()


def arguments(doc: str | None, **defaults: Any) -> argparse.ArgumentParser:
    """The parser of the options that all oracles share."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument(
        "--bin",
        default=os.environ.get("CINDERLINT", ROOT / "target/debug/cinderlint"),
        help="cinderlint to ask (default: $CINDERLINT, else target/debug/cinderlint)",
    )
    parser.add_argument("--seed", type=int, default=defaults.get("seed", 1))
    parser.add_argument("--show", type=int, default=5, help="differences to shrink and print (default 5)")
    parser.add_argument("--release", default=NEWEST, choices=RELEASES, help=f"the Cinder to ask (default {NEWEST})")
    parser.add_argument(
        "--environments",
        default=os.environ.get("CINDERLINT_ORACLES", ROOT / "target/oracle"),
        help="where setup.sh put the releases (default: $CINDERLINT_ORACLES, else target/oracle)",
    )
    parser.add_argument("--record", metavar="FILE", help="write the release's answers to FILE instead of comparing")
    return parser


def record(path: str | pathlib.Path, lines: Iterable[Any]) -> None:
    """Writes recorded answers, one a line."""
    pathlib.Path(path).parent.mkdir(exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        for line in lines:
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


def between(release: str, first: str, last: str = NEWEST) -> bool:
    """Whether a release is in a range, both ends included."""
    return RELEASES.index(first) <= RELEASES.index(release) <= RELEASES.index(last)


class Broken(Exception):
    """cinderlint crashed, or wrote something that is not the JSON of the contract."""


def ask(binary: str | pathlib.Path, *args: str | os.PathLike[str], cwd: pathlib.Path | None = None) -> Any:
    """One run of cinderlint; its JSON. Raises Broken."""
    run = subprocess.run(
        [os.path.abspath(binary), *(os.fspath(one) for one in args)], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False
    )
    try:
        if run.returncode not in (0, 1, 2):
            raise ValueError(f"exit code {run.returncode}")
        return json.loads(run.stdout.decode("utf-8"))
    except ValueError as error:
        tail = run.stderr.decode("utf-8", "replace")[-1500:]
        raise Broken(f"{error}; exit code {run.returncode}; stdout {run.stdout[:300]!r}; stderr: {tail}") from None


class Inside:
    """A program of the folder `inside`, running beside the Cinder of a release; answers one request at a time."""

    def __init__(self, args: argparse.Namespace, program: str) -> None:
        python = pathlib.Path(args.environments) / args.release / "bin/python"
        if not python.exists():
            raise SystemExit(f"{python} is missing: tests/oracle/setup.sh {args.release}")
        # oslo.config opens files in the locale's encoding; cinderlint speaks for a service that runs under UTF-8.
        environment = os.environ | {"LC_ALL": "C.UTF-8", "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        environment.pop("PYTHONHASHSEED", None)
        self.errors = tempfile.TemporaryFile()
        self.program = HERE / "inside" / program
        self.process = subprocess.Popen(
            [python, self.program], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors
        )

    def ask(self, **request: Any) -> Any:
        requests, answers = self.process.stdin, self.process.stdout
        assert requests and answers
        try:
            requests.write(json.dumps(request).encode() + b"\n")
            requests.flush()
            return json.loads(answers.readline())
        except (ValueError, OSError):
            self.process.wait()
            self.errors.seek(0)
            raise SystemExit(f"{self.program} failed: {self.errors.read().decode()[-2000:]}") from None


def corpus(parser: argparse.ArgumentParser, what: str) -> None:
    """The option that names folders of real files."""
    parser.add_argument("--corpus", action="append", default=[], metavar="DIR", help=what)


def files_below(*folders: str | pathlib.Path) -> list[pathlib.Path]:
    """Every regular file below folders, in a stable order."""
    found = {path for folder in folders for path in pathlib.Path(folder).rglob("*") if path.is_file() and not path.is_symlink()}
    return sorted(found)


def texts_below(*folders: str | pathlib.Path) -> list[bytes]:
    """Every file below folders, and the INI inside of those that are YAML, as bytes; each text once."""
    found: dict[bytes, None] = {}
    for path in files_below(*folders):
        data = path.read_bytes()
        found[data] = None
        for _, block in re.findall(rb"^( *)\S[^\n]*: \|[-+]?\n((?:\1 +[^\n]*\n|[ \t]*\n)+)", data, re.M):
            text = textwrap.dedent(block.decode("utf-8", "replace"))
            if re.search(r"^\[", text, re.M):
                found[text.encode()] = None
    return list(found)


@contextlib.contextmanager
def scratch() -> Iterator[pathlib.Path]:
    """A folder for generated files, removed afterwards. Not in /dev/shm: cinderlint follows no path of a configuration into /dev."""
    with tempfile.TemporaryDirectory(prefix="cinderlint-oracle-") as folder:
        yield pathlib.Path(folder).resolve()


def verdict(name: str, cases: int, differences: int) -> int:
    """The last line of a run, and its exit code."""
    print(f"{name}: {cases} cases, {differences} differences")
    return 1 if differences else 0
