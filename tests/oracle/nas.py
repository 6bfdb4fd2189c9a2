"""Does `cinderlint effective` say what each NAS driver of a Cinder release decides?

Every combination of driver, values of the two options, snapshot support, shares, indicator and state of the database is
written as a cinder.conf and a tree of share directories. The real driver class, fed by Cinder's own backend
configuration, runs its constructor and do_setup on them (inside/nas.py); only commands, mounts and the vendors' clients are
replaced. What it does with a new file's mode, and what it answers to secure_file_operations_enabled, is the effective value.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import itertools
import multiprocessing
import os
import pathlib
import random
import re
import shutil
import sys
from collections.abc import Iterator
from typing import Any

import common
import reading

DRIVERS = "cinder.volume.drivers."
OPTIONS = ("nas_secure_file_operations", "nas_secure_file_permissions")
INDICATOR = ".cinderSecureEnvIndicator"
SHARES = ("10.0.0.5:/srv/a", "10.0.0.6:/srv/b")

NETAPP = "netapp.common.NetAppDriver"
# The class that NetApp's proxy makes.
NETAPP_NFS = "netapp.dataontap.nfs_cmode.NetAppCmodeNfsDriver"
# volume_driver, cinderlint's name of the family (by release), prefix of the shares file option, what else the backend needs.
FAMILIES = {
    "nfs": ("nfs.NfsDriver", "indicator", "nfs", ""),
    "netapp": (
        NETAPP,
        "indicator",
        "nfs",
        "netapp_storage_protocol = nfs\nnetapp_login = admin\nnetapp_password = p\nnetapp_server_hostname = 10.0.0.9\nnetapp_vserver = v\n",
    ),
    "powerstore": ("dell_emc.powerstore.nfs.PowerStoreNFSDriver", "indicator", "nfs", ""),
    "ns4": ("nexenta.nfs.NexentaNfsDriver", "indicator", "nexenta", "nexenta_mount_point_base = {base}\n"),
    "veritas": ("veritas_cnfs.VeritasCNFSDriver", "indicator", "nfs", "nfs_mount_options = nfsvers=3\n"),
    "tintri": (
        "tintri.TintriDriver",
        "indicator",
        "nfs",
        "tintri_server_hostname = h\ntintri_server_username = u\ntintri_server_password = p\n",
    ),
    "coho": ("coho.CohoDriver", "indicator-as-root", "nfs", ""),
    "quobyte": (
        "quobyte.QuobyteDriver",
        {"kilo": "forced-true", "mitaka": "auto-is-true", "stein": "auto-is-false"},
        "nfs",
        "quobyte_volume_url = quobyte://h/v\nquobyte_mount_point_base = {base}\n",
    ),
    "vzstorage": ("vzstorage.VZStorageDriver", "forced-true", "vzstorage", "vzstorage_mount_point_base = {base}\n"),
    "vmstore": (
        "vmstore.nfs.VmstoreNfsDriver",
        "unvalidated",
        "nfs",
        "nfs_mount_options = vers=3\nvmstore_password = p\nvmstore_rest_address = h\nvmstore_mount_point_base = {base}\n",
    ),
    "ns5": (
        "nexenta.ns5.nfs.NexentaNfsDriver",
        "unvalidated",
        "nfs",
        "nexenta_mount_point_base = {base}\nnexenta_user = u\nnexenta_password = p\nnexenta_rest_address = h\n",
    ),
    "zfssa": (
        "zfssa.zfssanfs.ZFSSANFSDriver",
        "unvalidated",
        "nfs",
        "san_ip = h\nsan_login = u\nsan_password = p\nzfssa_data_ip = h\nzfssa_nfs_pool = p\n",
    ),
    "gpfs": ("ibm.gpfs.GPFSNFSDriver", "gpfs", "nfs", "gpfs_mount_point_base = {base}\nnas_login = u\nnas_password = p\n"),
    "lvm": ("lvm.LVMVolumeDriver", "not-nas", "nfs", ""),
    "rbd": ("rbd.RBDDriver", "not-nas", "nfs", ""),
}
VALUES = (None, "auto", "true", "True", "false", "yes", "", '"true"', "'false'", "AUTO")
# What stands at the indicator's place in the first share's directory; "hidden": that directory cannot be seen.
STATES = ("absent", "file", "empty", "folder", "link", "dangling", "hidden")
SHAPES = ("none", "missing", "one", "two", "host")
DATABASE_FLAGS = {"empty": ["--new-install", "yes"], "used": ["--new-install", "no"], "unknown": []}
DATABASES = tuple(DATABASE_FLAGS)
DIMENSIONS = {
    "driver": tuple(FAMILIES),
    "operations": VALUES,
    "permissions": VALUES,
    "snapshots": (None, "true", "false"),
    "shape": SHAPES,
    "state": STATES,
}


def combinations() -> Iterator[dict[str, Any]]:
    """Every deployment, as a dict; a state of the indicator only matters where a share is named."""
    for values in itertools.product(*DIMENSIONS.values()):
        case = dict(zip(DIMENSIONS, values))
        if case["shape"] in ("none", "missing") and case["state"] != "absent":
            continue
        if case["driver"] in ("lvm", "rbd") and (case["shape"], case["state"]) != ("one", "absent"):
            continue
        yield case


class Trees:
    """The share directories, one tree for each shape and state, rebuilt after a driver has written in them."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        (folder / "empty").write_text("")
        for number, text in (("one", SHARES[:1]), ("two", SHARES)):
            (folder / number).write_text("".join(f"{share}\n" for share in text))
            # NexentaStor4 wants its appliance's URL beside each share.
            (folder / f"{number}.ns4").write_text("".join(f"{share} http://u:p@h:8457\n" for share in text))
        for shape, state in itertools.product(SHAPES, STATES):
            base = self.base(shape, state)
            base.mkdir(parents=True)
            if shape in ("none", "missing"):
                continue
            if state != "hidden":
                self.point(base, 0).mkdir()
                self.restore(shape, state)
            if shape == "two":
                # The opposite of what the first says: the second is never consulted.
                self.point(base, 1).mkdir()
                if state in ("absent", "folder", "dangling", "hidden"):
                    (self.point(base, 1) / INDICATOR).write_text("second")

    def base(self, shape: str, state: str) -> pathlib.Path:
        return self.folder / "mnt" / f"{shape}-{state}"

    @staticmethod
    def point(base: pathlib.Path, number: int) -> pathlib.Path:
        return base / hashlib.md5(SHARES[number].encode()).hexdigest()

    def restore(self, shape: str, state: str) -> None:
        if shape in ("none", "missing"):
            return
        place = self.point(self.base(shape, state), 0)
        indicator = place / INDICATOR
        if state in ("absent", "dangling"):
            indicator.unlink(missing_ok=True)
        (place / "target").unlink(missing_ok=True)
        if state == "file":
            indicator.write_text("Detector file\n")
        elif state == "empty":
            indicator.write_text("")
        elif state == "folder":
            indicator.mkdir(exist_ok=True)
        elif state in ("link", "dangling"):
            if state == "link":
                (place / "target").write_text("")
            if not indicator.is_symlink():
                indicator.symlink_to("target")

    def show(self, case: dict[str, Any]) -> str:
        base = self.base(case["shape"], case["state"])
        lines = []
        for path in sorted(base.rglob("*")):
            kind = f"-> {os.readlink(path)}" if path.is_symlink() else "/" if path.is_dir() else ""
            lines.append(f"    {path.relative_to(base)} {kind}")
        return "\n".join(lines) or "    (empty)"

    def conf(self, case: dict[str, Any]) -> str:
        """The text of the deployment's cinder.conf."""
        driver, _, prefix, more = FAMILIES[case["driver"]]
        base = self.base(case["shape"], case["state"])
        text = f"[DEFAULT]\nenabled_backends = b\n\n[b]\nvolume_driver = {DRIVERS}{driver}\nnfs_mount_point_base = {base}\n"
        text += "enable_unsupported_driver = true\n"
        text += more.format(base=base)
        name = {"none": "empty", "missing": "no-such-file", "host": "no-such-file"}.get(case["shape"], case["shape"])
        if case["driver"] == "ns4" and name in ("one", "two"):
            name += ".ns4"
        text += f"{prefix}_shares_config = {self.folder / name}\n"
        if case["shape"] == "host":
            host, path = SHARES[0].split(":")
            text += f"nas_host = {host}\nnas_share_path = {path}\n"
        for option, value in zip(OPTIONS, (case["operations"], case["permissions"])):
            if value is not None:
                text += f"{option} = {value}\n"
        if case["snapshots"] is not None:
            text += f"nfs_snapshot_support = {case['snapshots']}\n"
        return text


class Cinder:
    """The release's own driver classes, and the share directories that they work on."""

    def __init__(self, args: argparse.Namespace, trees: Trees) -> None:
        self.trees = trees
        self.release = args.release
        self.conf = trees.folder / "real.conf"
        self.inside = common.Inside(args, "nas.py")
        hello = self.inside.ask(drivers=[DRIVERS + driver for driver, *_ in FAMILIES.values()])
        self.python = hello["python"]
        self.drivers = hello["drivers"]

    def family(self, name: str) -> str:
        """cinderlint's name of a driver's family, and whether this release has the driver."""
        path, family, *_ = FAMILIES[name]
        remote = self.drivers[DRIVERS + path]
        if remote is None:
            return "unknown"
        if isinstance(family, dict):
            family = [family[first] for first in family if common.between(self.release, first)][-1]
        # A proxy derives from nothing: it makes another class.
        assert remote == (family != "not-nas") or path == NETAPP, (path, family)
        return str(family)

    @functools.cache  # noqa: B019 - there is one of them
    def answer(self, key: Any) -> Any:
        """(operations, permissions, starts, exception's class and text) of one case under one certain state."""
        case = dict(key)
        database = case.pop("database")
        self.conf.write_text(self.trees.conf(case))
        try:
            return self.inside.ask(conf=os.fspath(self.conf), database=database)
        finally:
            self.trees.restore(case["shape"], case["state"])


def merge(answers: Any) -> list[Any]:
    """What can be said when any of these may come true."""
    return [values[0] if len(set(values)) == 1 else "undetermined" for values in zip(*(a[:3] for a in answers))]


def expected(cinder: Cinder, case: dict[str, Any], database: str) -> dict[str, Any]:
    """The answer of the contract."""
    driver, family = FAMILIES[case["driver"]][0], cinder.family(case["driver"])
    if family == "not-nas":
        return {"driver": DRIVERS + driver, "family": family}

    def ask(databases: Any) -> Any:
        states = ("absent", "file") if case["state"] == "hidden" else (case["state"],)
        return [cinder.answer(tuple((case | {"state": state, "database": name}).items())) for state in states for name in databases]

    answers = ask(("empty", "used") if database == "unknown" else (database,))
    operations, permissions, starts = merge(answers)
    wanted = {"driver": DRIVERS + driver, "family": family, "starts": starts, OPTIONS[0]: operations, OPTIONS[1]: permissions}
    if starts == "no":
        wanted["error"] = answers[0][3]
    if database == "unknown":
        for name, which in (("if_new_install", "empty"), ("if_existing", "used")):
            branch = merge(ask((which,)))
            wanted |= {f"{option} {name}": branch[at] for at, option in enumerate(OPTIONS) if wanted[option] == "undetermined"}
    return wanted


def answered(deployment: Any, wanted: Any) -> dict[str, Any]:
    """The same shape from cinderlint's JSON."""
    backends = deployment["backends"]
    if [item["name"] for item in backends] != ["b"]:
        return {"backends": backends}
    backend = backends[0]
    # NetApp's proxy may be named, or the class that it makes.
    got = {"driver": backend["driver"].replace(NETAPP_NFS, NETAPP), "family": backend["family"]}
    if wanted["family"] == "not-nas":  # nothing to ask such a driver
        return got
    got["starts"] = backend["starts"]
    for option in OPTIONS:
        nas = backend["nas"][option]
        got[option] = nas["effective"]
        for branch in ("if_new_install", "if_existing"):
            if f"{option} {branch}" in wanted:
                got[f"{option} {branch}"] = nas.get(branch)
    if "error" in wanted:
        text = backend["start_error"]
        name = wanted["error"].partition(":")[0]
        got["error"] = wanted["error"] if text and text.startswith(name) else text
    elif backend["starts"] == "yes" and backend["start_error"]:
        got["error"] = backend["start_error"]
    return got


def effective(args: argparse.Namespace, python: Any, folder: pathlib.Path, *more: str | pathlib.Path) -> Any:
    """What `effective` says of files, on this host, of the release and its Python."""
    flags = ["--host", "--format", "json", "--release", args.release, "--python", str(python)]
    return common.ask(args.bin, "effective", *flags, *more, cwd=folder)


def compare(args: argparse.Namespace, cinder: Cinder, cases: Any, databases: Any = DATABASES) -> list[Any]:
    """[(case, database, expected, got)] of those that differ; cinderlint is asked once for each state of the database."""
    folder = cinder.trees.folder / "conf"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    names = [f"cinder-{number}.conf" for number in range(len(cases))]
    wanted = []
    for name, case in zip(names, cases):
        (folder / name).write_text(cinder.trees.conf(case))
        wanted.append({database: expected(cinder, case, database) for database in databases})
    found = []
    for database in databases:
        flags = DATABASE_FLAGS[database]
        output = effective(args, cinder.python, folder, *flags, *names)
        deployments = {os.path.basename(item["files"][0]): item for item in output["deployments"]}
        for name, case, want in zip(names, cases, wanted):
            got = answered(deployments[name], want[database]) if name in deployments else {"deployment": None}
            if got != want[database]:
                found.append((case, database, want[database], got))
    return found


def shrink(args: argparse.Namespace, cinder: Cinder, found: Any) -> Any:
    """The same difference with every dimension as plain as it can be."""
    case, database, _, _ = found
    for name, values in DIMENSIONS.items():
        for value in values[: values.index(case[name])]:
            again = compare(args, cinder, [case | {name: value}], (database,))
            if again:
                found = again[0]
                case = found[0]
                break
    return found


def run(args: argparse.Namespace, cases: list[dict[str, Any]]) -> tuple[int, list[Any]]:
    """(number of comparisons, differences) over a list of deployments, in a tree of their own."""
    with common.scratch() as folder:
        cinder, found = Cinder(args, Trees(folder)), []
        for start in range(0, len(cases), args.batch):
            found += compare(args, cinder, cases[start : start + args.batch])
        return len(cases) * len(DATABASES), found


def refused(args: argparse.Namespace) -> tuple[int, list[Any]]:
    """(number of comparisons, differences) of what the rules say in words: what a share that refuses the indicator leads to."""
    case = {name: values[0] for name, values in DIMENSIONS.items()} | {"shape": "one", "state": "absent"}
    found = []
    with common.scratch() as folder:
        cinder = Cinder(args, Trees(folder))
        cinder.conf.write_text(cinder.trees.conf(case))
        for error in ("EACCES", "EROFS", "ENOSPC"):
            # Up to Pike the option stays true without an indicator; since Queens EACCES, and nothing else, makes it false.
            wanted = "false" if error == "EACCES" and common.between(args.release, "queens") else "true"
            got = cinder.inside.ask(conf=os.fspath(cinder.conf), database="empty", denied=error)
            if got != [wanted, wanted, "yes", None]:
                print(f"{error} at the indicator: wanted {wanted}, cinder: {got}")
                found.append(error)
    return 3, found


def corpus(args: argparse.Namespace) -> tuple[int, list[Any]]:
    """(number of comparisons, differences) over the backends of real files.

    Another file is laid over each: it leads shares and mount points to a scratch folder. The mount points that cinderlint names are
    made there, with the indicator in every second one.
    """
    count, nas, found = 0, 0, []
    with common.scratch() as folder:
        inside = common.Inside(args, "nas.py")
        python, known = inside.ask(drivers=[])["python"], {}
        (folder / "shares").write_text("".join(f"{share}\n" for share in SHARES))
        conf, over = folder / "real.conf", folder / "over.conf"

        def ask(*more: str) -> dict[str, Any]:
            answer = effective(args, python, folder, *more, "--config-file", conf, "--config-file", over)
            return {item["name"]: item for item in answer["deployments"][0]["backends"]}

        for text in common.texts_below(*args.corpus):
            conf.write_bytes(text if python == 3 else reading.plain(text))
            over.write_text("")
            backends = ask()
            names = [name for name, item in backends.items() if name.isprintable() and "{{" not in name + (item["driver"] or "")]
            lines = "enable_unsupported_driver = true\n"
            lines += "".join(f"{prefix}_shares_config = {folder}/shares\n" for prefix in ("nfs", "nexenta", "vzstorage"))
            lines += "".join(f"{prefix}_mount_point_base = {folder}/mnt\n" for prefix in ("nfs", "nexenta", "quobyte", "vzstorage", "gpfs"))
            texts = [f"[{name}]\n{lines}" for name in names]
            # One section is asked at a time: that nothing enables it, at which the service exits, is not the driver's answer.
            if not any(item["enabled"] for item in backends.values()):
                enabled = ",".join(name for name in names if re.fullmatch(r"[\w.-]+", name))
                texts.insert(0, f"[DEFAULT]\nenabled_backends = {enabled}\n" if enabled else "")
            over.write_text("".join(texts))
            points = [share["mount_point"] for item in ask().values() for share in item["shares"]]

            def mounted(points: list[str]) -> None:
                shutil.rmtree(folder / "mnt", ignore_errors=True)
                for number, point in enumerate(points):
                    if point.startswith(str(folder)):
                        os.makedirs(point, exist_ok=True)
                        if number % 2:
                            open(os.path.join(point, INDICATOR), "w", encoding="ascii").close()

            mounted(points)
            said = {database: ask(*flags) for database, flags in DATABASE_FLAGS.items()}
            for name in names:
                backend = said["unknown"][name]
                path = backend["driver"] or ""
                if not path.startswith(DRIVERS):
                    continue
                if path not in known:
                    known[path] = inside.ask(drivers=[path])["drivers"][path]
                count += 1
                kind = {None: "unknown", False: "not-nas"}.get(known[path])
                if kind and path != DRIVERS + NETAPP:
                    if backend["family"] != kind:
                        found.append((text, name, path, kind, backend["family"]))
                    continue
                if backend["family"] == "not-nas":  # NetApp's proxy, for another protocol
                    continue
                nas += 1
                for database in ("empty", "used"):
                    answer = inside.ask(conf=os.fspath(conf), over=os.fspath(over), backend=name, database=database)
                    mounted(points)
                    want = answer[:3] + [answer[3] and answer[3].partition(":")[0]]
                    mine = said[database][name]
                    got = [mine["nas"][option]["effective"] for option in OPTIONS] + [
                        mine["starts"],
                        mine["start_error"] and mine["start_error"].partition(":")[0],
                    ]
                    if got != want:
                        found.append((text, name, path, answer, got))
    print(f"real files: {count} backends of Cinder's drivers, {nas} of them NAS")
    return count, found


def record(args: argparse.Namespace, cases: Any) -> None:
    """Writes the trees of share directories, and what Cinder says of each deployment: the answers that differ by database."""
    with common.scratch() as folder:
        cinder, lines = Cinder(args, Trees(folder)), []
        tree: dict[str, Any] = {}
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_symlink():
                tree[name] = {"link": os.readlink(path)}
            elif path.is_dir():
                tree[name + "/"] = ""
            else:
                tree[name] = path.read_text()
        lines.append({"python": cinder.python, "tree": tree})
        for case in cases:
            if cinder.family(case["driver"]) == "unknown":
                continue
            answers = {database: expected(cinder, case, database) for database in DATABASES}
            for answer in answers.values():
                if "error" in answer:
                    answer["error"] = answer["error"].partition(":")[0]
            lines.append(
                {"conf": cinder.trees.conf(case).replace(str(folder), ""), "empty": answers["empty"]}
                | {database: answer for database, answer in answers.items() if answer != answers["empty"]}
            )
    common.record(args.record, lines)


def show(args: argparse.Namespace, found: Any) -> None:
    """Prints the differences, one of a kind, each as plain as it can be."""
    with common.scratch() as folder:
        cinder, kinds = Cinder(args, Trees(folder)), set()
        shown: list[Any] = []
        for item in found:
            kind = (item[0]["driver"], item[1], tuple(key for key in item[2] if item[2][key] != item[3].get(key)))
            if kind in kinds or len(shown) >= args.show:
                continue
            kinds.add(kind)
            item = shrink(args, cinder, item)
            if item in shown:
                continue
            shown.append(item)
            case, database, wanted, got = item
            print(
                f"database: {database}; shares: {case['shape']}; indicator: {case['state']}\n{cinder.trees.conf(case)}"
                f"  share directories:\n{cinder.trees.show(case)}\n  cinder:     {wanted}\n  cinderlint: {got}\n"
            )


def main() -> int:
    parser = common.arguments(__doc__)
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="a seeded sample of N deployments (default: all)")
    parser.add_argument("--batch", type=int, default=2000, help="deployments in one run of cinderlint")
    parser.add_argument("--driver", action="append", choices=FAMILIES, help="only this driver (repeatable)")
    parser.add_argument("--jobs", type=int, default=min(4, os.cpu_count() or 1))
    common.corpus(parser, "also ask about the backends of every file below DIR")
    args = parser.parse_args()
    everything = [case for case in combinations() if not args.driver or case["driver"] in args.driver]
    if args.sample and args.sample < len(everything):
        everything = random.Random(args.seed).sample(everything, args.sample)
    if args.record:
        record(args, everything)
        return 0
    size = -(-len(everything) // args.jobs)
    parts = [everything[start : start + size] for start in range(0, len(everything), size)]
    with multiprocessing.get_context("fork").Pool(len(parts)) as pool:
        results = pool.starmap(run, [(args, part) for part in parts])
    found = [item for _, part in results for item in part]
    show(args, found)
    count, words = refused(args)
    real, others = corpus(args) if args.corpus else (0, [])
    for text, name, path, want, got in others[: args.show]:
        print(f"{text[:60]!r} [{name}] {path}\n  cinder:     {want}\n  cinderlint: {got}\n")
    return common.verdict(f"nas {args.release}", sum(count for count, _ in results) + count + real, len(found) + len(words) + len(others))


if __name__ == "__main__":
    sys.exit(main())
