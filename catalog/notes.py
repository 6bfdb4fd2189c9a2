"""Lists the release notes of Cinder that speak of configuration and have no line in notes.jsonl.

    python3 notes.py --cinder-git CINDER [--ref REF]

CINDER is a clone of openstack/cinder, with or without a work tree; REF is what to read there (default: HEAD). A note speaks of
configuration if one of SECTIONS names an option of options.jsonl, in a spelling of its own (`volume_clear`, `[coordination] heartbeat`), or a
dotted class of Cinder. Prints each note and what it names, and ends with 1 if there are any.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDER = "releasenotes/notes/"
SECTIONS = frozenset(["upgrade", "upgrades", "deprecations", "other", "features", "fixes", "security", "critical"])
"""`upgrades` is not one of reno's, but a few notes have it. What is left out tells of no change: `prelude`, `issues`."""

KEY = re.compile(r"^ ?(\w+):")
CLASS = re.compile(r"\bcinder(?:\.\s?\w+)+\.\s?[A-Z]\w+")
WORD = re.compile(r"\w+")
IN_SECTION = re.compile(r"\[\w[\w-]*\][ /]`{0,2}(\w+)")


def git(repository: str, *arguments: str) -> bytes:
    """What a git command prints."""
    return subprocess.run(["git", "-C", repository, *arguments], check=True, stdout=subprocess.PIPE).stdout


def notes(repository: str, ref: str) -> Iterator[tuple[str, str]]:
    """The name and the text of each release note of a commit."""
    with tarfile.open(fileobj=io.BytesIO(git(repository, "archive", ref, FOLDER))) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.name.endswith(".yaml") else None
            if content is not None:
                name = Path(member.name).name.removesuffix(".yaml")
                yield name, content.read().decode("utf-8", "replace")


def option_names(path: Path) -> frozenset[str]:
    """The names of all options, old ones too, in lower case."""
    names: set[str] = set()
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            names.add(row["name"].lower())
            names.update(name.lower() for _, name in row.get("deprecated") or [] if name)
    return frozenset(names)


def known_notes(path: Path) -> frozenset[str]:
    """The notes that have a line."""
    with path.open(encoding="utf-8") as lines:
        return frozenset(json.loads(line)["note"] for line in lines)


def told(text: str) -> str:
    """The part of a note that stands in one of SECTIONS."""
    kept: list[str] = []
    inside = False
    for line in text.splitlines():
        if key := KEY.match(line):
            inside = key[1].lower() in SECTIONS
        if inside:
            kept.append(line)
    return "\n".join(kept)


def named(text: str, options: frozenset[str]) -> list[str]:
    """The options and classes that a text names."""
    names = {word for word in WORD.findall(text) if "_" in word and word.lower() in options}
    names.update(word for word in IN_SECTION.findall(text) if word.lower() in options)
    names.update(re.sub(r"\s", "", path) for path in CLASS.findall(text))
    return sorted(names)


def main() -> int:
    """Prints the notes without a line, and says whether there are any."""
    parser = argparse.ArgumentParser(description="lists release notes without a line in notes.jsonl")
    parser.add_argument("--cinder-git", required=True, metavar="CINDER", help="a clone of openstack/cinder")
    parser.add_argument("--ref", default="HEAD", help="what to read in it (default: HEAD)")
    arguments = parser.parse_args()

    repository: str = arguments.cinder_git
    ref: str = arguments.ref
    options = option_names(HERE / "options.jsonl")
    known = known_notes(HERE / "notes.jsonl")
    missing = 0
    for name, text in sorted(notes(repository, ref)):
        names = named(told(text), options) if name not in known else []
        if names:
            missing += 1
            print(f"{name}: {', '.join(names)}")
    if missing:
        print(f"release notes of {ref} without a line in notes.jsonl: {missing}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
