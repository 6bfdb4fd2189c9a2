"""Does `cinderlint effective` resolve a deployment's options as a Cinder release does?

Generated deployments (several --config-file and --config-dir, [backend_defaults], section names in other cases, options
repeated across files, deprecated names, substitution) are resolved by Cinder's own backend configuration class on
oslo.config (inside/deployment.py). Which file and line a value comes from is worked out there from the precedence that
oslo.config documents, and is checked against the value that it gives.

With --corpus, every file below a folder is a deployment too, and is laid over another one: each option of the release is asked for,
in every section that could be a backend, and what its type says of each value is compared with what `check` says.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import random
import shutil
import sys
from collections.abc import Iterator
from typing import Any

import common
import reading

TEXTS = [
    "plain",
    "a b",
    "",
    '"quoted"',
    "'q",
    "10.0.0.5",
    "/srv/$nas_host/x",
    "$volume_backend_name-1",
    "${nas_host}:x",
    "$state_path/mnt",
    "${state_path}mnt",
    "$my_ip",
    "$$",
    "\\$",
    "a$$b\\$c",
    "$",
    "$ x",
    "$5",
    "${",
    "${}",
    "${nas_host",
    "$backend_defaults.nas_host",
    "${backend_defaults.nfs_mount_options}",
    "$nfs1.nas_host",
    "${nfs2.nas_login}",
    "$DEFAULT.my_ip",
    "$nope",
    "$nope.x",
    "$nas_host.x",
    "$nas_host.",
    "$NAS_HOST",
    "$nfs_mount_attempts",
    "$nfs_sparsed_volumes",
    "$nfs_mount_options",
    "$target_secondary_ip_addresses",
    "$enabled_backends",
    "$host",
    "é",
    "a\n    b",
    "\n    a",
    "a # b",
    "$_",
    "$volume_backend_name",
    "$storage_availability_zone",
    "\\$state_path",
    "$$state_path",
    "$$$state_path",
    "$nas_login$nas_host",
    "$state_path$",
    "-$reserved_percentage-",
    "$target_port",
    "$driver_use_ssl",
    "$\u017ftate_path",
    "$nas_password",
    "\\\\$my_ip",
    "${state_path}${my_ip}",
    "$iser_ip_address",
]
TYPED = {
    "Boolean": ["true", "False", "1", "0", "yes", "no", "on", "off", "YES", "$nfs_qcow2_volumes", '"true"'],
    "Integer": ["1", "7", "07", "", "$nfs_mount_attempts", " 3", "'4'", "${target_port}"],
    "Port": ["1", "65535", "", "$nas_ssh_port"],
    "List": ["a,b", "a, b", "", "a", "$my_ip,b", "a,,b"],
    "Float": ["1.5", "2", ""],
}
CHOSEN = [
    "volume_backend_name",
    "nas_host",
    "nas_share_path",
    "nas_mount_options",
    "nas_login",
    "nas_password",
    "nas_ssh_port",
    "nas_secure_file_operations",
    "nas_secure_file_permissions",
    "nfs_shares_config",
    "nfs_sparsed_volumes",
    "nfs_qcow2_volumes",
    "nfs_mount_point_base",
    "nfs_mount_options",
    "nfs_mount_attempts",
    "nfs_snapshot_support",
    "reserved_percentage",
    "target_ip_address",
    "target_secondary_ip_addresses",
    "iscsi_secondary_ip_addresses",
    "target_port",
    "driver_use_ssl",
    "filter_function",
    "backend_availability_zone",
    "storage_protocol",
    "iser_ip_address",
    "lenovo_pool_name",
    "lenovo_backend_name",
    "volumes_dir",
    "trace_flags",
    "image_volume_cache_max_size_gb",
]
SECTIONS = {"nfs1": ["nfs1", "nfs1", "NFS1", "Nfs1"], "nfs2": ["nfs2", "nfs2", "NFS2"], "b-3": ["b-3", "B-3", "b_3"]}


class Cinder:
    """The release's own configuration classes."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.inside = common.Inside(args, "deployment.py")
        hello = self.inside.ask(hello=True)
        self.python, self.drivers, self.kinds = hello["python"], hello["drivers"], dict(hello["options"])
        self.chosen = [name for name in CHOSEN if name in self.kinds]
        # Python 2 reads bytes, in which there is no long s.
        self.texts = [text for text in TEXTS if self.python == 3 or "\u017f" not in text]


def assignment(rng: random.Random, cinder: Cinder, name: str) -> str:
    """One line (or more) that gives an option a value."""
    if name == "volume_driver":
        value = rng.choice(cinder.drivers)
    elif name == "lenovo_pool_type":
        value = rng.choice(["linear", "virtual"])
    elif name == "storage_protocol":
        value = rng.choice(["iSCSI", "FC"])
    else:
        value = rng.choice(TYPED.get(cinder.kinds[name], cinder.texts))
    return name + rng.choice([" = ", "=", ": ", " ="]) + str(value) + "\n"


def text(rng: random.Random, cinder: Cinder, main: bool) -> str:
    """One file; the main one says which backends are enabled."""
    names = ["DEFAULT", "DEFAULT", "backend_defaults", "backend_defaults", "Backend_Defaults", "default", "nova"]
    names += [rng.choice(cases) for cases in SECTIONS.values() for _ in range(3)]
    out = [rng.choice(["", "# a file\n", "\n\n"])]
    sections = [rng.choice(names) for _ in range(rng.randrange(1, 6))]
    if main:
        sections.insert(rng.randrange(len(sections) + 1), "DEFAULT")
    enabled = [rng.choice(cases) for cases in rng.sample(list(SECTIONS.values()), rng.randrange(1, 4))]
    for section in sections:
        out.append(f"[{section}]\n")
        if section == "DEFAULT":
            if main or rng.random() < 0.2:
                main = False
                out.append("enabled_backends = " + rng.choice([",", ", ", " , ", ",,"]).join(enabled) + "\n")
            if rng.random() < 0.5:
                out.append("state_path = " + rng.choice(["/srv/state", "/x$my_ip", "$$x"]) + "\n")
            if rng.random() < 0.8:
                out.append(f"my_ip = 192.0.2.{rng.randrange(9)}\nhost = h{rng.randrange(9)}\n")
        elif section not in ("nova", "default") and rng.random() < 0.6:
            out.append(assignment(rng, cinder, "volume_driver"))
        for _ in range(rng.randrange(0, 7)):
            out.append(assignment(rng, cinder, rng.choice(cinder.chosen)))
            out.append(rng.choice(["", "", "", "\n", "# c\n"]))
    return "".join(out)


def deployment(rng: random.Random, cinder: Cinder) -> dict[str, Any]:
    """{"files": {relative name: text}, "args": [flag, value, …]}"""
    files, flags = {}, []
    for number in range(rng.randrange(1, 5)):
        files[f"{number}.conf"] = text(rng, cinder, number == 0)
        flags.append(["--config-file", f"{number}.conf"])
    for number in range(rng.choice([0, 0, 1, 2])):
        for name in rng.sample(
            ["10-a.conf", "2.conf", "B.conf", "a.conf", "é.conf", ".hidden.conf", "a.conf~", "a.CONF", "README", "a.conf.bak", "conf"],
            rng.randrange(0, 6),
        ):
            files[f"d{number}/{name}"] = text(rng, cinder, False)
        files[f"d{number}/note.txt"] = "no configuration\n"
        flags.append(["--config-dir", f"d{number}"])
    if rng.random() < 0.7:
        rng.shuffle(flags)
    return {"files": files, "args": [item for flag in flags for item in flag]}


def write(folder: pathlib.Path, case: dict[str, Any]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in case["files"].items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)


def same(kind: Any, text: Any, value: Any) -> bool:
    """Whether cinderlint's text stands for Cinder's value."""
    if kind == "secret" or isinstance(value, dict) and "error" in value:
        return True
    if kind == "MultiString":  # of such an option the last of its lines is shown
        value = value[-1] if value else None
    if not isinstance(text, str):
        return bool(text == value)
    if "***" in text:  # a part of it comes from a secret
        return True
    try:
        if kind == "Boolean":
            text = {"true": True, "1": True, "on": True, "yes": True}.get(text.lower(), False)
        elif kind in ("Integer", "Port"):
            text = int(text)
        elif kind == "Float":
            text = float(text)
        elif kind == "List":
            text = [item.strip() for item in text.split(",")] if text.strip() else []
        return bool(text == value)
    except ValueError:
        return False


def compare(args: argparse.Namespace, cinder: Cinder, folder: pathlib.Path, case: dict[str, Any]) -> list[str] | None:
    """A list of differences, as text; None where no service could read the deployment."""
    write(folder, case)
    answer = cinder.inside.ask(folder=os.fspath(folder), args=case["args"])
    if "refused" in answer:  # the generator made something that no service can read
        return [f"oracle: {answer['refused']}"] if args.strict else None
    try:
        output = common.ask(args.bin, "effective", "--host", "--format", "json", "--release", args.release, *case["args"], cwd=folder)
    except common.Broken as broken:
        return [f"cinderlint: {broken}"]
    if len(output["deployments"]) != 1:
        return [f"{len(output['deployments'])} deployments"]
    got = {item["name"]: item for item in output["deployments"][0]["backends"] if item["enabled"]}
    if sorted(got) != sorted(set(answer["names"])):
        return [f"enabled backends: cinder {answer['names']}, cinderlint {list(got)}"]
    return differences(answer["backends"], got)


def differences(backends: Any, got: Any) -> list[str]:
    """What Cinder and cinderlint say otherwise of the backends, as text."""
    found = []
    for name, backend in backends.items():
        settings, options = got[name]["options"], backend["options"]
        if got[name]["driver"] != backend["driver"]:
            found.append(f"[{name}] driver: cinder {backend['driver']}, cinderlint {got[name]['driver']}")
        for option, (spellings, kind, value, origin) in options.items():
            if origin is None or option == "volume_driver" and option not in settings:
                continue
            mine = next((settings[old] for old in spellings if old in settings), None)
            if mine is None:
                found.append(f"[{name}] {option}: cinder {value!r} from {origin}, cinderlint has nothing")
                continue
            place = [os.path.normpath(mine["origin"].get("file", "")), mine["origin"].get("line")]
            if place != [os.path.normpath(origin[0]), origin[1]]:
                found.append(f"[{name}] {option}: cinder's from {origin}, cinderlint's from {mine['origin']}")
            elif not same(kind, mine["value"], value):
                found.append(f"[{name}] {option}: cinder {value!r}, cinderlint {mine['value']!r} from {origin}")
        found += [
            f"[{name}] {option}: cinder has nothing, cinderlint {settings[option]}"
            for option in settings
            if option in backend["known"] and option not in options and "file" in settings[option]["origin"]
        ]
    return found


def shrink(args: argparse.Namespace, cinder: Cinder, folder: pathlib.Path, case: dict[str, Any]) -> dict[str, Any]:
    """The same with as few flags, files and lines as still differ."""

    def shorter(case: dict[str, Any]) -> Iterator[dict[str, Any]]:
        pairs = list(zip(case["args"][::2], case["args"][1::2]))
        for at in range(len(pairs)):
            fewer = pairs[:at] + pairs[at + 1 :]
            if any(flag == "--config-file" for flag, _ in fewer):
                yield case | {"args": [item for pair in fewer for item in pair]}
        for name, content in case["files"].items():
            lines = content.splitlines(True)
            for at in range(len(lines)):
                yield case | {"files": case["files"] | {name: "".join(lines[:at] + lines[at + 1 :])}}

    smaller: dict[str, Any] | None = case
    while smaller:
        smaller = next((other for other in shorter(case) if compare(args, cinder, folder, other)), None)
        case = smaller or case
    used = {name: content for name, content in case["files"].items() if content.strip()}
    return case | {"files": used} if compare(args, cinder, folder, case | {"files": used}) else case


def record(args: argparse.Namespace, rng: random.Random, cinder: Cinder) -> None:
    """Writes what Cinder makes of deployments that are small enough to be kept."""
    lines: list[Any] = []
    with common.scratch() as folder:
        while len(lines) < args.cases:
            case = deployment(rng, cinder)
            if sum(map(len, case["files"].values())) > 900:
                continue
            write(folder / "case", case)
            answer = cinder.inside.ask(folder=os.fspath(folder / "case"), args=case["args"])
            if "refused" in answer:
                continue
            backends = {
                name: [
                    backend["driver"],
                    {
                        option: [spellings[1:], kind, value, origin]
                        for option, (spellings, kind, value, origin) in sorted(backend["options"].items())
                        if origin
                    },
                ]
                for name, backend in answer["backends"].items()
            }
            lines.append(case | {"names": answer["names"], "backends": backends})
    common.record(args.record, lines)


# Rules that speak of a wrong value in other words: a comment in it, a reference, the NAS pair, a placeholder.
OF_VALUES = {"CND206", "CND110", "CND130", "CND131", "CND132", "CND403"}


def real(args: argparse.Namespace, cinder: Cinder, folder: pathlib.Path, layers: tuple[bytes, ...]) -> tuple[list[str], int, int] | None:
    """(differences, options, values that a type judged) of real files laid over each other; None where no service could read them."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    flags: list[str] = []
    for number, text in enumerate(layers):
        (folder / f"{number}.conf").write_bytes(text)
        flags += ["--config-file", f"{number}.conf"]
    shared = ["--host", "--format", "json", "--release", args.release, "--python", str(cinder.python), *flags]
    output = common.ask(args.bin, "effective", *shared, cwd=folder)
    got = {item["name"]: item for item in output["deployments"][0]["backends"]}
    names = [name for name in got if "{{" not in name]
    answer = cinder.inside.ask(folder=os.fspath(folder), args=flags, sections=names)
    if "refused" in answer:
        return None
    enabled = [name for name, item in got.items() if item["enabled"]]
    if sorted(enabled) != sorted(set(answer["names"])):
        return [f"enabled backends: cinder {answer['names']}, cinderlint {enabled}"], 0, 0
    found = differences({name: item for name, item in answer["backends"].items() if name in names}, got)
    said = common.ask(args.bin, "check", "--no-settings", "--pedantic", *shared, cwd=folder)["findings"]
    mine = {(item["file"], item["line"]): item for item in said if item["rule"] in OF_VALUES}
    # A template is filled in before a service reads it.
    wrong = {(path, line): text for path, line, text in answer["wrong"] if "{{" not in text}
    found += [f"{place}: cinder refuses it: {wrong[place]}" for place in sorted(wrong.keys() - mine.keys())]
    judged = set(map(tuple, answer["judged"]))
    # Ocata lists the options of drivers under [DEFAULT] only, so that those of backends are not all known here.
    found += [
        f"{place}: cinder takes what is said to be wrong: {item['message']}"
        for place, item in sorted(mine.items())
        if place not in wrong and item["rule"] == "CND206" and (place in judged or common.between(args.release, "pike"))
    ]
    return found, sum(len(item["options"]) for item in answer["backends"].values()), len(judged)


def corpus(args: argparse.Namespace, rng: random.Random, cinder: Cinder, folder: pathlib.Path) -> tuple[int, int]:
    """(number of deployments, of those that differ) over real files."""
    texts = common.texts_below(*args.corpus)
    if cinder.python == 2:
        texts = [reading.plain(text) for text in texts]
    readable = []
    cases = failed = options = judged = 0

    def one(layers: tuple[bytes, ...]) -> bool:
        nonlocal cases, failed, options, judged
        answer = real(args, cinder, folder, layers)
        if answer is None:
            return False
        cases, options, judged = cases + 1, options + answer[1], judged + answer[2]
        if answer[0]:
            failed += 1
            if failed <= args.show:
                print("\n".join(f"--- {number}.conf {text[:60]!r}" for number, text in enumerate(layers)))
                print("  " + "\n  ".join(answer[0][:10]) + "\n")
        return True

    for text in texts:
        if one((text,)):
            readable.append(text)
    for text in readable:
        one((rng.choice(readable), text))
    print(f"real files: {len(readable)} of {len(texts)} can be read, {cases} deployments, {options} options, {judged} values judged")
    return cases, failed


def main() -> int:
    parser = common.arguments(__doc__)
    common.corpus(parser, "also compare every file below DIR that a service can read")
    parser.add_argument("--cases", type=int, default=1000, help="deployments to generate (default 1000)")
    parser.add_argument("--strict", action="store_true", help="a deployment that Cinder itself cannot read is a difference")
    args = parser.parse_args()
    rng, cinder = random.Random(args.seed), Cinder(args)
    if args.record:
        record(args, rng, cinder)
        return 0
    failed, cases = [], 0
    with common.scratch() as top:
        folder = top / "case"
        while cases < args.cases:
            case = deployment(rng, cinder)
            found = compare(args, cinder, folder, case)
            if found is None:
                continue
            cases += 1
            if found:
                failed.append(case)
        count, differing = corpus(args, rng, cinder, folder) if args.corpus else (0, 0)
        for case in failed[: args.show]:
            case = shrink(args, cinder, folder, case)
            print("cinderlint effective " + " ".join(case["args"]))
            for name, content in case["files"].items():
                print(f"--- {name}\n{content}", end="")
            print("---\n  " + "\n  ".join(compare(args, cinder, folder, case) or []) + "\n")
    return common.verdict(f"deployment {args.release}", cases + count, len(failed) + differing)


if __name__ == "__main__":
    sys.exit(main())
