#!/usr/bin/env python3
"""Asks each driver class of a release what it refuses before its first contact (`catalog/probe.py`), and compares `check`: of an empty
section an error names every option that the class demands; with all of them, or what does instead, there is none; without one of them
exactly that one is named. What a class looks at only after a contact, or what a library that is not installed decides, cannot be asked: these are listed."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

import common

POLICY = {"CND401", "CND402", "CND456"}
FILE = "/etc/cinder/file"
VOLUME = "cinder.volume.drivers."
# Classes that look at options after a contact, whatever its answer is (so the sources say): none of them can be asked …
LATER = {VOLUME + name for name in ("ceph.rbd_iscsi.RBDISCSIDriver", "rsd.RSDDriver", "toyou.tyds.tyds.TYDSDriver")}
# (SPDK's helper registers options that stay for those that are tried after it.)
LATER.add(VOLUME + "spdk.SPDKDriver")
# … or these are set in each case.
BESIDE = {
    "dell_emc.powerflex.driver.PowerFlexBaseDriver": {"powerflex_storage_pools": "d:p"},
    "dell_emc.powerflex.driver.PowerFlexDriver": {"powerflex_storage_pools": "d:p"},
    "dell_emc.powerflex.driver.PowerFlexNVMeDriver": {"powerflex_storage_pools": "d:p"},
    "ibm.gpfs.GPFSDriver": {"gpfs_mount_point_base": "/gpfs"},
    "ibm.gpfs.GPFSNFSDriver": {"gpfs_mount_point_base": "/gpfs"},
    "ibm.gpfs.GPFSRemoteDriver": {"gpfs_mount_point_base": "/gpfs"},
    "inspur.as13000.as13000_driver.AS13000Driver": {"san_password": "secret"},
    "nec.volume.MStorageFCDriver": dict.fromkeys(("nec_ismcli_fip", "nec_ismcli_user", "nec_ismcli_password", "nec_pools"), "127.0.0.1"),
    "nec.volume.MStorageISCSIDriver": dict.fromkeys(("nec_ismcli_fip", "nec_ismcli_user", "nec_ismcli_password", "nec_pools"), "127.0.0.1"),
    "veritas_cnfs.VeritasCNFSDriver": {"nfs_mount_options": "nfsvers=3"},
}


def answers(args: Any, folder: pathlib.Path) -> list[dict[str, Any]]:
    """What probe.py says of each class."""
    path = args.answers
    if path is None:
        python = pathlib.Path(args.environments).resolve() / args.release / "bin/python"
        program = common.ROOT / "catalog/demands.py"
        hints = common.ROOT / "catalog/demand_hints.jsonl"
        command = [sys.executable, program, "probe", "--answers", folder, "--release", args.release, "--python", python, "--hints", hints]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"})
        path = folder / f"{args.release}.jsonl"
    with open(path, encoding="utf-8") as file:
        return [answer for answer in map(json.loads, file) if answer["kind"] == "volume"]


def written(path: str, options: dict[str, str]) -> str:
    """A cinder.conf with one backend."""
    lines = "".join(f"{name} = {value}\n" for name, value in sorted(options.items())).replace("@FILE@", FILE)
    return f"[DEFAULT]\nenabled_backends = b\n[b]\nvolume_driver = {path}\nenable_unsupported_driver = true\n{lines}"


def cases(answer: dict[str, Any]) -> Iterator[tuple[dict[str, str], set[str], set[str]]]:
    """(options, what must be named, what may be named) of one class, as the class itself said."""
    given = answer["set"]
    # Whether a folder can be made is the host's matter.
    demands = [demand for demand in answer["demands"] if not demand["option"].endswith("_mount_point_base")]
    needed = {demand["option"] for demand in demands if not demand.get("emptied")}
    yield given, set(), set()
    if answer["empty"][0] == "error":
        # What stands in for a default that is refused may be demanded only then.
        must = {demand["option"] for demand in demands if demand["option"] in needed and not demand.get("refuses_default")}
        yield {name: given[name] for name in given if name not in needed}, must, needed
    for demand in demands:
        name = demand["option"]
        without = {other: value for other, value in given.items() if other != name}
        without |= {name: ""} if demand.get("emptied") else {}
        yield without, {name}, {name}
        for other in demand.get("instead", []):
            yield without | other, set(), set()


def main() -> int:
    parser = common.arguments(__doc__)
    parser.add_argument("--answers", metavar="FILE", help="answers of catalog/demands.py, instead of asking")
    args = parser.parse_args()
    lines, left, count, different = [], [], 0, 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for answer in answers(args, folder):
            path = answer["path"]
            if answer.get("always") or "set" not in answer or path in LATER:
                left.append(f"{path}: {answer.get('failed') or answer.get('final') or answer['empty']}")
                continue
            for options, must, may in cases(answer):
                text = written(path, BESIDE.get(path.removeprefix(VOLUME), {}) | options)
                (folder / "cinder.conf").write_text(text)
                common_args = ("--no-settings", "--release", args.release, "--new-install", "yes", "--format", "json")
                document = common.ask(args.bin, "check", *common_args, "--config-file", "cinder.conf", cwd=folder)
                errors = [one for one in document["findings"] if one["severity"] == "error" and one["rule"] not in POLICY]
                named = {option for one in errors for option in named_by(one, may)}
                count += 1
                if not must <= named <= may or not named and may:
                    different += 1
                    if different <= args.show:
                        print(f"{text}  the class demands {sorted(may)}\n  check names {sorted(named)}\n", flush=True)
                else:
                    lines.append({"release": args.release, "conf": text, "demands": sorted(named)})
    if args.record:
        common.record(args.record, lines)
    for one in left:
        print("not asked:", one[:200])
    return common.verdict(f"demands {args.release}", count, different)


def named_by(finding: dict[str, Any], options: set[str]) -> set[str]:
    """The options that a finding is about: its own, and those that its message names; its rule where there is none."""
    named = {option for option in options if f"`{option}`" in finding["message"]}
    return named | ({finding["option"]} if finding["option"] else set()) or {finding["rule"]}


if __name__ == "__main__":
    sys.exit(main())
