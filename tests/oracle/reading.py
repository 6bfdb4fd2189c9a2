"""Does `cinderlint parse` read a file as oslo.config's own ConfigParser does?

Generated hostile documents (and, with --corpus, real files) are read by both. Sections, options, every value and every
line have to be equal; where oslo.config stops, the first error has to stand at the same line.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import random
import re
import sys
from collections.abc import Iterable
from typing import Any

import common

BLANKS = [
    "",
    " ",
    "  ",
    "\t",
    " \t ",
    "\u00a0",
    "\u3000",
    "\u0085",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x1d",
    "\x1e",
    "\x1f",
    "\u2028",
    "\u2029",
    "\u200b",
    "\u1680",
    "\u180e",
    "\u2003",
    "\u202f",
    "\u205f",
    "\ufeff",
]
ENDS = ["\n", "\n", "\n", "\n", "\r\n", "\r", "\n\n", "\n\r", "\r\r\n"]
NAMES = [
    "DEFAULT",
    "nfs1",
    "NFS1",
    "nfs-1",
    "backend_defaults",
    "a b",
    " ",
    "x:y",
    "x=y",
    "é",
    "名",
    "a]",
    "[a",
    "#",
    ";",
    "\"q\"",
    "\u00a0",
    "\x1b[31m",
    "\0",
    "\t",
    "]",
    "a\u0085b",
    "𝒳",
    "database",
]
KEYS = [
    "volume_driver",
    "enabled_backends",
    "nas_secure_file_operations",
    "nas-secure-file-operations",
    "NAS_HOST",
    "k",
    "a b",
    "a[0]",
    "é",
    "名前",
    "\u00a0k",
    "k\u00a0",
    "k\u3000",
    "\"k\"",
    "'",
    "$k",
    "\ufeffk",
    "\0",
    "\x1b]0;x",
    "#k",
    ";k",
    "]",
    "k\u2028k",
    "transport_url",
    "\x1fk\x1f",
    "\x0bk",
    "k\x85",
]
WORDS = [
    "true",
    "auto",
    "false",
    "1",
    "nfs1,nfs2",
    "$state_path/mnt",
    "${a.b}",
    "$$",
    "\\$",
    "rabbit://u:p@h:5672/v",
    "# note",
    "; note",
    "é",
    "名",
    "\u00a0",
    "\u3000x",
    "\x1c",
    "\x1f",
    "\0",
    "\x1b[0m",
    "[x]",
    "a=b",
    "a:b",
    "\\",
    "\ufeff",
    "\u202e",
    "10.0.0.5:/srv/a",
    "{'a': \"b\"}",
    "%(x)s",
    "\u2028",
    "x\u0085y",
    "\x0c",
]
HEADS = [
    "[x",
    "[]",
    "[ ]",
    "[",
    "]",
    "[a]]",
    "[[a]",
    "[a] ",
    "[a]\u00a0",
    "[a] # c",
    "[a]b",
    "[a]\x1f",
    " [a]",
    "\t[a]",
    "\u00a0[a]",
    "[\u00a0]",
    "\ufeff[a]",
    "[a];",
    "[a\u2028]",
    "[\"\"]",
    "[=]",
    "[:]",
]
LINES = [
    "=",
    ":",
    "= x",
    ": x",
    "k",
    "k k",
    "=:",
    ":=",
    "k=",
    "k:",
    "k==",
    "k:=",
    "k=:",
    "k = :",
    "k : =",
    "\u00a0=x",
    "\x1f = x",
    "#",
    ";",
    "# c",
    "; c",
    "#k=v",
    " # c",
    "\t;c",
    " ",
    "\t",
    "  cont",
    "\tcont",
    "\u00a0cont",
    "\u3000cont = x",
    "\x0bcont",
    "\x0c",
    "\x1c",
    "\u2028",
    "\ufeff",
    "\ufeff# c",
    "\u200b",
    " =",
    "\t[a]",
    "\x85",
    "\x85k=v",
    "import os",
    "include other.conf",
    "---",
    "{}",
    "<<<<<<< HEAD",
]
BAD = [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80", b"\xc0\xaf", b"\xe2\x82", b"\xff\xfe", b"\xe9"]
REAL = """\
# A file as people write them
[DEFAULT]
enabled_backends = nfs1, nfs2
transport_url = rabbit://openstack:secret@10.0.0.11:5672/
my_ip = 10.0.0.11
log_dir = /var/log/cinder

[backend_defaults]
nfs_mount_point_base = $state_path/mnt

[nfs1]
volume_driver = cinder.volume.drivers.nfs.NfsDriver
volume_backend_name = nfs1
nas_secure_file_operations = "auto"
nas_secure_file_permissions: 'true'
nfs_mount_options = vers=4.1,
    hard,
\tnoatime

replication_device = backend_id:b,
    key:value

# [nfs2]
[nfs2]
nas_host=10.0.0.5
nas_share_path=/srv/b
; end
[database]
connection = mysql+pymysql://cinder:pw@db/cinder?charset=utf8
[keystone_authtoken]
password = 'it''s'
"""


def value(rng: random.Random) -> str:
    """The right-hand side of an assignment."""
    text = rng.choice(["", " "]).join(rng.choice(WORDS) for _ in range(rng.choice([0, 1, 1, 1, 2, 3])))
    kind = rng.random()
    if kind < 0.12:
        quote = rng.choice("'\"")
        text = quote + text + quote
    elif kind < 0.2:
        text = rng.choice(
            [
                "'",
                "\"",
                "''",
                "\"\"",
                "'\"",
                "\"x'",
                "'x",
                "x\"",
                "\"x\" # c",
                "'a' 'b'",
                "\"'x'\"",
                "''''",
                "\u00a0'x'\u00a0",
                "\"x",
                "'\u00a0'",
                "\" x \"",
                "'''",
                "\"\"\"x\"\"\"",
            ]
        )
    elif kind < 0.203:
        text *= rng.choice([100, 3000])
    return rng.choice(BLANKS[:6] + BLANKS) + text + rng.choice(["", "", rng.choice(BLANKS)])


def line(rng: random.Random, after: Any, calm: bool) -> str:
    """One line of a hostile document, without its end; a calm one does not stop oslo.config by itself."""
    kind = rng.random()
    if calm and not 0.58 <= kind < 0.7:
        kind *= 0.86
    if calm and 0.58 <= kind < 0.7 and after[:1] in ("", "[", "#", ";"):
        kind = 0
    if kind < 0.42:
        return rng.choice(KEYS) + rng.choice(["", " ", rng.choice(BLANKS)]) + rng.choice("===:") + value(rng)
    if kind < 0.58:
        return "[" + rng.choice(NAMES) + "]" + rng.choice(["", "", "", rng.choice(BLANKS)])
    if kind < 0.7:
        return rng.choice([" ", "\t", "    ", " \u00a0", "\t\x1f"]) + value(rng)
    if kind < 0.78:
        return rng.choice(BLANKS) + rng.choice(["", "", rng.choice(BLANKS)])
    if kind < 0.86:
        return rng.choice(["#", ";", "# ", "# [x", "; =", "#\t"]) + value(rng)
    # The rest mostly stops oslo.config: rare, so that most documents are read to their end.
    if kind < 0.89:
        return rng.choice(HEADS)
    if kind < 0.92:
        return rng.choice(LINES)
    return rng.choice(KEYS[:6]) + " = " + rng.choice(WORDS)


def document(rng: random.Random) -> bytes:
    """One hostile document, as bytes."""
    kind = rng.random()
    if kind < 0.15:
        return mutated(rng, REAL.encode())
    if kind < 0.18:  # any characters at all
        letters = "[]=:#; \t\n\r'\"ak" + "".join(BLANKS) + "\0\x1b\\$"
        return "".join(rng.choice(letters) for _ in range(rng.randrange(0, 40))).encode()
    ends = ENDS if rng.random() < 0.3 else [rng.choice(["\n", "\n", "\r\n", "\r"])]
    calm, lines = rng.random() < 0.6, [""]
    for _ in range(int(rng.expovariate(0.15))):
        lines.append(line(rng, lines[-1].strip(), calm))
    del lines[0]
    if rng.random() < 0.85:
        lines.insert(0, "[" + rng.choice(NAMES) + "]")
    text = "".join(item + rng.choice(ends) for item in lines)
    if rng.random() < 0.3:
        text = text.rstrip("\r\n")
    data = text.encode()
    if rng.random() < 0.02:
        data = b"\xef\xbb\xbf" + data
    if rng.random() < 0.03:
        at = rng.randrange(len(data) + 1)
        data = data[:at] + rng.choice(BAD) + data[at:]
    return data


def plain(data: bytes) -> bytes:
    """The same without what Python 2, which reads bytes, takes otherwise: other line ends, other blanks, what is no UTF-8."""
    text = re.sub("\r\n?", "\n", data.decode("utf-8", "ignore"))
    return re.sub(r"[^\S\n\t ]|\ufeff|[\x1c-\x1f]", " ", text).encode()


def mutated(rng: random.Random, data: bytes) -> bytes:
    """A real-looking file with a few things changed."""
    for _ in range(rng.randrange(0, 4)):
        start = rng.randrange(len(data) + 1)
        end = min(len(data), start + rng.choice([0, 0, 1, 1, 5, 40]))
        piece = rng.choice(
            [
                b"",
                b"",
                b"\n",
                b"\r",
                b" ",
                b"\t",
                b"=",
                b":",
                b"[",
                b"]",
                b"'",
                b"\"",
                b"#",
                b"\0",
                data[start:end] * 2,
                rng.choice(BLANKS).encode(),
                rng.choice(LINES).encode(),
            ]
        )
        if rng.random() < 0.5:  # at the start of a line
            start = end = data.rfind(b"\n", 0, start) + 1
        data = data[:start] + piece + data[end:]
    return data.replace(b"\n", b"\r\n") if rng.random() < 0.1 else data


def answered(entry: Any, wanted: Any) -> Any:
    """The same shape, from cinderlint's JSON."""
    errors = [item["line"] for item in entry["errors"]]
    if errors and "error" in wanted:
        same = wanted["line"] in errors if wanted.get("any") else errors[0] == wanted["line"]
        return wanted if same else {"error": entry["errors"], "line": errors[0]}
    if errors:
        return {"error": entry["errors"]}
    options = [
        [section["name"], option["name"], option["line"], option["value"]] for section in entry["sections"] for option in section["options"]
    ]
    for mine, theirs in zip(options, wanted.get("options", [])):
        for at in (1, 3):
            if covered(mine[at], theirs[at]):
                mine[at] = theirs[at]
    return {"sections": [[item["name"], item["line"]] for item in entry["sections"]], "options": options}


def covered(shown: str, text: str) -> bool:
    """Whether a text is shown with secrets in it covered: in the same shape, with x for what they are made of."""
    return len(shown) == len(text) and all(a == b or a == "x" != b and b != "\n" for a, b in zip(shown, text))


def columns(entry: Any, data: bytes) -> list[Any]:
    """The options and errors whose column is not that of a key, or of a place in the line."""
    try:
        lines = re.split(r"\r\n|\r|\n", data.decode("utf-8"))
    except UnicodeDecodeError:
        return []
    return [
        option
        for section in entry["sections"]
        for option in section["options"]
        if not at_column(lines[option["line"] - 1][option["column"] - 1 :], option["name"])
    ] + [
        error
        for error in entry["errors"]
        if not 1 <= error["line"] <= len(lines) or not 1 <= error["column"] <= len(lines[error["line"] - 1]) + 1
    ]


def at_column(text: str, name: str) -> bool:
    """Whether a line's text from the column on starts with the key."""
    return text.startswith(name) or covered(name, text[: len(name)])


def compare(args: argparse.Namespace, inside: common.Inside, folder: pathlib.Path, documents: list[bytes]) -> list[Any]:
    """[(document, expected, got)] of those that differ."""
    paths = []
    for number, data in enumerate(documents):
        path = folder / f"{number}.conf"
        path.write_bytes(data)
        paths.append(path)
    try:
        entries = common.ask(args.bin, "parse", "--format", "json", *paths)
        if len(entries) != len(paths):
            raise common.Broken(f"{len(paths)} files, {len(entries)} entries")
    except common.Broken as broken:
        if len(documents) == 1:
            return [(documents[0], inside.ask(path=os.fspath(paths[0])), {"broken": str(broken)})]
        half = len(documents) // 2
        return compare(args, inside, folder, documents[:half]) + compare(args, inside, folder, documents[half:])
    found = []
    for path, data, entry in zip(paths, documents, entries):
        wanted = inside.ask(path=os.fspath(path))
        got = answered(entry, wanted)
        if got == wanted and (off := columns(entry, data)):
            got = {"columns": off}
        if got != wanted:
            found.append((data, wanted, got))
    return found


def shrink(args: argparse.Namespace, inside: common.Inside, folder: pathlib.Path, case: Any) -> Any:
    """The smallest document that still differs: whole lines first, then single characters."""
    for pattern in (rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", rb"[\x00-\x7f]|[\xc0-\xff][\x80-\xbf]*|[\x80-\xbf]"):
        size = max(1, len(re.findall(pattern, case[0])) // 2)
        while size:
            pieces = re.findall(pattern, case[0])
            starts = range(0, len(pieces), size)
            shorter = [b"".join(pieces[:at] + pieces[at + size :]) for at in starts][:600]
            better = compare(args, inside, folder, shorter) if shorter else []
            if better:
                case = min(better, key=lambda item: len(item[0]))
            elif size == 1:
                break
            else:
                size //= 2
    return case


def record(args: argparse.Namespace, inside: common.Inside, documents: Iterable[bytes]) -> None:
    """Writes what oslo.config makes of documents that are small enough to be kept."""
    lines = []
    with common.scratch() as folder:
        for data in documents:
            if len(data) > 1500:
                continue
            (folder / "x.conf").write_bytes(data)
            try:
                text = {"text": data.decode()}
            except UnicodeDecodeError:
                text = {"hex": data.hex()}
            lines.append(text | inside.ask(path=os.fspath(folder / "x.conf")))
    common.record(args.record, lines)


def main() -> int:
    parser = common.arguments(__doc__)
    parser.add_argument("--cases", type=int, default=10000, help="documents to generate (default 10000)")
    common.corpus(parser, "also compare every file below DIR")
    parser.add_argument("--batch", type=int, default=400)
    args = parser.parse_args()
    rng, inside = random.Random(args.seed), common.Inside(args, "reading.py")
    found, cases = [], 0
    fitting = plain if inside.ask(hello=True)["python"] == 2 else bytes
    if args.record:
        record(args, inside, (fitting(document(rng)) for _ in range(args.cases)))
        return 0
    with common.scratch() as folder:
        corpus = [fitting(text) for text in common.texts_below(*args.corpus)]
        while cases < args.cases + len(corpus):
            if cases < len(corpus):
                batch = corpus[cases : cases + args.batch]
            else:
                batch = [fitting(document(rng)) for _ in range(min(args.batch, args.cases + len(corpus) - cases))]
            found += compare(args, inside, folder, batch)
            cases += len(batch)
        for case in found[: args.show]:
            data, wanted, got = shrink(args, inside, folder, case)
            print(f"{data!r}\n  oslo.config: {wanted}\n  cinderlint:  {got}")
    return common.verdict(f"reading {args.release}", cases, len(found))


if __name__ == "__main__":
    sys.exit(main())
