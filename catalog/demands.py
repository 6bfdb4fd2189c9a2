"""What each driver of each release demands: runs probe.py under the Python of a release, and turns the answers into ranges of releases.

    python3 demands.py probe --answers DIR --release NAME --python PYTHON [--path FOLDER] [--jobs N]
    python3 demands.py write --answers DIR

`--path` is a folder with another Cinder than the one that PYTHON has installed. DIR holds a file of answers a release; `write`
makes demands.jsonl of them.
"""

import argparse
import concurrent.futures
import json
import os
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BATCH = 12


def lines(name):
    with open(os.path.join(HERE, name)) as f:
        return [json.loads(line) for line in f]


def drivers_of(release):
    """The driver classes of a release, by their own paths."""
    names = [line["name"] for line in lines("releases.jsonl")]
    at = names.index(release)
    return [
        line["path"]
        for line in lines("drivers.jsonl")
        if names.index(line["first"]) <= at <= names.index(line["last"]) and release not in line.get("gaps", ())
    ]


def pem(folder):
    """A private key and its certificate in one file."""
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            folder + "/key",
            "-out",
            folder + "/cert",
            "-days",
            "3650",
            "-subj",
            "/CN=x",
        ],
        check=True,
        capture_output=True,
    )
    subprocess.run(["openssl", "rsa", "-in", folder + "/key", "-traditional", "-out", folder + "/rsa"], check=True, capture_output=True)
    with open(folder + "/pem", "w") as out:
        for name in ("rsa", "cert"):
            with open(folder + "/" + name) as f:
                out.write(f.read())
    return folder + "/pem"


def ask(python, path, kind, classes, key, hints, only_hints):
    """The answers for some classes; one that ends the process is left out, and the rest is asked again."""
    env = dict(os.environ, PROBE_PEM=key, PYTHONPATH=path or "", PYTHONDONTWRITEBYTECODE="1", PROBE_HINTS=hints or "")
    if only_hints:
        env["PROBE_ONLY_HINTS"] = "1"
    answers, left = [], list(classes)
    while left:
        timed_out = False
        try:
            done = subprocess.run(
                [python, os.path.join(HERE, "probe.py"), kind] + left,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=env,
                timeout=300 + 200 * len(left),
            )
            out, err = done.stdout, done.stderr
        except subprocess.TimeoutExpired as e:
            out, err, timed_out = e.stdout or b"", b"", True
        got = [json.loads(line) for line in out.decode().splitlines() if line.startswith("{")]
        answers += got
        left = left[len(got) :]
        # Two modules that register one name cannot be imported together.
        again = [a["path"] for a in answers if "DuplicateOptError" in a.get("empty", ["", ""])[1]]
        if again and len(classes) > 1:
            answers = [a for a in answers if a["path"] not in again]
            for one in again:
                answers += ask(python, path, kind, [one], key, hints, only_hints)
        if left:
            answers.append({"path": left[0], "failed": "timeout" if timed_out else err.decode()[-400:]})
            left = left[1:]
    for answer in answers:
        answer["kind"] = kind
    return answers


def backups(python, path):
    """The backup drivers that are installed."""
    code = "import cinder.backup.drivers as d, os; print(os.path.dirname(d.__file__))"
    env = dict(os.environ, PYTHONPATH=path or "")
    folder = subprocess.run([python, "-W", "ignore", "-c", code], stdout=subprocess.PIPE, env=env, check=True).stdout.decode().strip()
    classes = {
        "swift": "SwiftBackupDriver",
        "ceph": "CephBackupDriver",
        "nfs": "NFSBackupDriver",
        "posix": "PosixBackupDriver",
        "glusterfs": "GlusterfsBackupDriver",
        "gcs": "GoogleBackupDriver",
        "google": "GoogleBackupDriver",
        "tsm": "TSMBackupDriver",
        "s3": "S3BackupDriver",
    }
    return [
        "cinder.backup.drivers.%s.%s" % (name, classes[name]) for name in sorted(classes) if os.path.exists("%s/%s.py" % (folder, name))
    ]


def probe(args):
    with tempfile.TemporaryDirectory() as folder:
        key = pem(folder)
        drivers = args.drivers or drivers_of(args.release)
        if args.only_hints:
            with open(args.hints) as f:
                hinted = {json.loads(line)["path"] for line in f}
            drivers = [one for one in drivers if one in hinted]
        work = [("volume", drivers[at : at + BATCH]) for at in range(0, len(drivers), BATCH)]
        if not args.drivers and not args.only_hints:
            work.append(("backup", backups(args.python, args.path)))
        with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
            parts = pool.map(lambda item: ask(args.python, args.path, item[0], item[1], key, args.hints, args.only_hints), work)
            answers = [answer for part in parts for answer in part]
    os.makedirs(args.answers, exist_ok=True)
    where = os.path.join(args.answers, args.release + ".jsonl")
    if args.drivers:
        with open(where) as f:
            old = [json.loads(line) for line in f]
        answers += [a for a in old if a["path"] not in args.drivers]
    with open(where, "w") as out:
        for answer in sorted(answers, key=lambda a: (a["kind"], a["path"])):
            out.write(json.dumps(answer, sort_keys=True) + "\n")
    print(args.release, len(answers), "classes,", sum("final" in a for a in answers), "came to a contact")


# Rules of their own speak of these.
SPOKEN_OF = {
    "nas_secure_file_operations",
    "nas_secure_file_permissions",
    "nfs_shares_config",
    "nas_host",
    "nas_share_path",
    "quobyte_volume_url",
    "nexenta_shares_config",
    "gpfs_mount_point_base",
    "gpfs_images_dir",
    "backup_share",
}
# Of no share: the address of the array.
NOT_SPOKEN_OF = {("cinder.volume.drivers.nexenta.ns5.nfs.NexentaNfsDriver", "nas_host")}
SPOKEN_OF_FOR = {
    ("cinder.volume.drivers.vmstore.nfs.VmstoreNfsDriver", "nfs_mount_options"),
    ("cinder.volume.drivers.veritas_cnfs.VeritasCNFSDriver", "nfs_mount_options"),
}


def said(raises):
    """(stage, class and text) of an exception; what the probe made up is taken out."""
    stage, _, rest = raises.partition(": ")
    text = rest.rpartition(" @")[0]
    for made_up, shown in (("@FILE@", "..."), ("@TMP@", "..."), ("'b'", "'{backend}'"), ('"b.', '"{backend}.'), (" b ", " {backend} ")):
        text = text.replace(made_up, shown)
    text = text.strip().rstrip(":").strip()
    if len(text) > 180:
        text = text[:177].rstrip() + "..."
    return stage, text


def worded(options, other):
    """An alternative: names of options that must be set, or name=value where only that value does."""
    out = []
    for name, value in sorted(other.items()):
        out.append(name if options.get(name) == "text" else "%s=%s" % (name, value))
    return ",".join(out)


def kinds(release):
    """Name -> `text` where any text will do; other types have values."""
    names = [line["name"] for line in lines("releases.jsonl")]
    at = names.index(release)
    out = {}
    for line in lines("options.jsonl"):
        if line["group"] in ("backend_defaults", "DEFAULT") and names.index(line["first"]) <= at <= names.index(line["last"]):
            one = line["type"]
            flag = one["kind"] == "boolean" or one.get("choices")
            out[line["name"]] = "flag" if flag else "text"
    return out


def rows(answer, options):
    """What is written of one class."""
    path = answer["path"]

    def row(demand, **more):
        stage, text = said(demand["raises"])
        out = {"path": path, "option": demand["option"], "refused": "missing", "raises": text, "stage": stage, "how": "run"}
        other = [worded(options, one) for one in demand.get("instead", [])]
        if other:
            out["instead"] = sorted(set(other))
        out.update(more)
        return out

    if answer.get("always"):
        stage, text = said(answer["empty"][1])
        yield {"path": path, "option": "volume_driver", "refused": "always", "raises": text, "stage": stage, "how": "run"}
        return
    refused = {}
    for entry in answer.get("given", []):
        if not entry.get("demands"):
            refused.setdefault(entry["option"], []).append(entry)
    for demand in answer.get("demands", []):
        where = (path, demand["option"])
        if demand["option"] in SPOKEN_OF and where not in NOT_SPOKEN_OF or where in SPOKEN_OF_FOR:
            continue
        if demand.get("refuses_default"):
            if options.get(demand["option"]) == "flag" and demand.get("values"):
                yield row(demand, refused="others", allowed=demand["values"])
            elif options.get(demand["option"]) == "flag":
                yield row(demand, refused="default-flag", bad=[e["value"] for e in refused.get(demand["option"], [])])
            else:
                yield row(demand, refused="default")
        else:
            yield row(demand)
    for entry in answer.get("given", []):
        given = "%s=%s" % (entry["option"], entry["value"])
        for demand in entry.get("demands", []):
            if "values" in demand:
                yield row(demand, refused="others", given=given, allowed=demand["values"])
            else:
                yield row(demand, given=given)
    without = answer.get("replication", {}).get("a:b", "").replace("[{'a': 'b'}]", "...")
    if without and answer.get("parts"):
        yield row({"option": "replication_device", "raises": without}, refused="key", allowed=answer["parts"])


# Of no driver: whether a folder can be made is the host's matter.
FOLDERS = ("state_path", "_mount_point_base", "_mount_point")
# Which of IBM's proxies runs decides what it demands: rules of their own tell of that.
CHOOSES = "cinder.volume.drivers.ibm.ibm_storage.ibm_storage.IBMStorageDriver"


def write(args):
    """The answers as lines, each with its range of releases. A line that is there stays: somebody may have read it, or found it with libraries
    that are not installed here. An answer adds what no line says of that release; of parts that a value needs it says more than a line does."""
    names = [line["name"] for line in lines("releases.jsonl")]
    exists = {}
    for line in lines("drivers.jsonl"):
        exists.setdefault(line["path"], set()).update(range(names.index(line["first"]), names.index(line["last"]) + 1))
    asked = [name for name in names if os.path.exists(os.path.join(args.answers, name + ".jsonl"))]
    found, said_already, said_now = {}, set(), set()

    def key(one, at):
        return one["path"], one["option"], one["refused"], one.get("given"), at

    for one in lines("demands.jsonl"):
        said_already.update(key(one, at) for at in range(names.index(one["first"]), names.index(one["last"]) + 1))
    for release in asked:
        options = kinds(release)
        with open(os.path.join(args.answers, release + ".jsonl")) as f:
            for answer in map(json.loads, f):
                for one in rows(answer, options):
                    at = names.index(release)
                    # A default that is refused, and a class that never starts, take rules of their own.
                    if one["refused"] in ("default", "default-flag", "always") or one["path"] == CHOOSES:
                        continue
                    if one["option"].endswith(FOLDERS) or one["refused"] != "key" and key(one, at) in said_already:
                        continue
                    if "given" in one and any(told[:4] == key(one, at)[:4] for told in said_already):
                        continue
                    said_now.add(key(one, at))
                    found.setdefault(json.dumps(one, sort_keys=True), set()).add(at)
    for one in lines("demands.jsonl"):
        for at in range(names.index(one.pop("first")), names.index(one.pop("last")) + 1):
            if key(one, at) not in said_now:
                found.setdefault(json.dumps(one, sort_keys=True), set()).add(at)
    out = []
    for text, releases in found.items():
        one = json.loads(text)
        for first, last in ranges(releases, exists.get(one["path"], set())):
            out.append(dict({"path": one["path"], "first": names[first], "last": names[last]}, **one))
    out.sort(key=lambda o: (o["path"], o["option"], names.index(o["first"]), o.get("given", "")))
    with open(os.path.join(HERE, "demands.jsonl"), "w") as f:
        for one in out:
            f.write(json.dumps(one) + "\n")
    print(len(out), "lines,", len({o["path"] for o in out}), "classes,", len(asked), "releases")


def ranges(releases, exists):
    """(first, last) of each run of releases; where the class does not exist, nothing ends a run."""
    at = sorted(releases)
    while at:
        first = last = at.pop(0)
        while at and not exists.intersection(range(last + 1, at[0])):
            last = at.pop(0)
        yield first, last


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["probe", "write"])
    parser.add_argument("--answers", required=True)
    parser.add_argument("--release")
    parser.add_argument("--python")
    parser.add_argument("--path")
    parser.add_argument("--hints", help="answers of another release, or demand_hints.jsonl, which are tried first")
    parser.add_argument("--only-hints", action="store_true", help="no search where a hint does not hold")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--drivers", nargs="*", help="ask these again only")
    args = parser.parse_args()
    if args.command == "probe":
        probe(args)
    else:
        write(args)


main()
