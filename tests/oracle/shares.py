"""Does cinderlint see the shares that a Cinder release sees, and consult the one that it mounts first?

Generated shares files, and nas_host with nas_share_path, are read by the real NfsDriver (inside/nas.py); every mount succeeds.
On Python 2 the first share is the first of a dict. Compared: every address with its options, and the share that is consulted.
With --corpus, every file below a folder is read as a list of shares, whatever it is.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import random
import re
import sys
from typing import Any

import common

ADDRESSES = [
    "10.0.0.{}:/srv/a",
    "10.0.0.5:/srv/{}",
    "nfs{}.example.com:/export/cinder",
    "[fd00::{}]:/v6",
    "h:/my\\040dir{}",
    "h{}:/",
    "h{}:rel",
    "host{}",
    "//smb{}/x",
    "http://h/{}",
    "h:/a/{}/",
    "h:/é{}",
    "a{}:/a:/b",
    ":/x{}",
    "h:/\\x41{}",
]
OPTIONS = ["", "", "", " -o ro,hard", " -o vers=4.1", "  -o  ro ", "\t-o ro", " vers=3", " # c", "\\040x"]
LINES = ["", "   ", "# a comment", " # c", " 10.0.0.9:/late", "\t10.0.0.9:/tab", "#10.0.0.1:/off"]


def line(rng: random.Random, span: int) -> str:
    if rng.random() < 0.15:
        return rng.choice(LINES)
    kind = rng.choice(ADDRESSES if rng.random() < 0.4 else ADDRESSES[:4])
    return kind.format(rng.randrange(span)) + rng.choice(OPTIONS)


def case(rng: random.Random) -> tuple[str, str]:
    """(text of the shares file, lines of the backend)."""
    lines = [line(rng, rng.choice([3, 10, 300])) for _ in range(rng.choice([0, 1, 2, 2, 3, 5, 6, 8, 20, 40]))]
    end = rng.choice(["\n", "\n", "\n", "\r\n"])
    text = end.join(lines) + (end if rng.random() < 0.8 else "")
    more = ""
    if rng.random() < 0.15:
        host, path = rng.choice(["h", "10.0.0.5", "", "[fd00::1]"]), rng.choice(["/a", "/", "a", "", "/a b", "/a\\040b"])
        more = f"nas_host = {host}\nnas_share_path = {path}\n" + rng.choice(["", "nas_mount_options = ro\n"])
    return text, more


def shown(mine: str | None, theirs: str | None) -> str | None:
    """cinderlint's text, or the whole one where a secret in it is covered."""
    if mine and theirs and "***" in mine and re.fullmatch(".*".join(map(re.escape, mine.split("***"))), theirs):
        return theirs
    return mine


def compare(
    args: argparse.Namespace, inside: common.Inside, python: int, folder: pathlib.Path, cases: list[tuple[str | bytes, str]]
) -> list[tuple[str | bytes, str, Any, Any]]:
    """[(text, lines of the backend, expected, got)] of those that differ."""
    names, wanted = [], []
    for number, (text, more) in enumerate(cases):
        (folder / f"shares{number}").write_bytes(text if isinstance(text, bytes) else text.encode())
        conf = folder / f"{number}.conf"
        conf.write_text(
            "[DEFAULT]\nenabled_backends = b\n[b]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n"
            f"nfs_shares_config = {folder}/shares{number}\nnfs_mount_point_base = {folder}/mnt\n{more}"
        )
        names.append(conf.name)
        wanted.append(inside.ask(conf=os.fspath(conf), shares=True))
    output = common.ask(
        args.bin, "effective", "--host", "--format", "json", "--release", args.release, "--python", str(python), *names, cwd=folder
    )
    deployments = {item["files"][0]: item["backends"][0] for item in output["deployments"]}
    found = []
    for name, (text, more), want in zip(names, cases, wanted):
        backend = deployments[name]
        if isinstance(want, str):
            want = want.partition(":")[0]
            got = (backend["start_error"] or "").partition(":")[0]
        else:
            shares, first = want
            want = [sorted([address, options or None] for address, options in shares), first]
            got = [
                sorted([share["address"], share["options"] or None] for share in backend["shares"]),
                next((share["address"] for share in backend["shares"] if share["consulted"]), None),
            ]
            got = [[list(map(shown, *pair)) for pair in zip(got[0], want[0])] + got[0][len(want[0]) :], shown(got[1], want[1])]
        if got != want:
            found.append((text, more, want, got))
    return found


def main() -> int:
    parser = common.arguments(__doc__)
    parser.add_argument("--cases", type=int, default=1000, help="lists of shares to generate (default 1000)")
    common.corpus(parser, "also read every file below DIR")
    args = parser.parse_args()
    rng, inside = random.Random(args.seed), common.Inside(args, "nas.py")
    python = inside.ask(drivers=[])["python"]
    with common.scratch() as folder:
        real = [(path.read_bytes(), "") for path in common.files_below(*args.corpus)]
        found = compare(args, inside, python, folder, real + [case(rng) for _ in range(args.cases)])
    for text, more, want, got in found[: args.show]:
        print(f"{more}{text[:2000]!r}\n  cinder:     {want}\n  cinderlint: {got}\n")
    return common.verdict(f"shares {args.release}", args.cases + len(real), len(found))


if __name__ == "__main__":
    sys.exit(main())
