"""Does `check --fix --unsafe-fixes` change what it says, and nothing else?

Generated files (what has a fix, between hostile lines of the reading oracle) and every file below --corpus folders are copied and
fixed. oslo.config has to read every option as before but for those named in the difference that `--diff` showed; comments (but
for suppressions), line ends and a missing last newline stay; and a second run changes nothing.
Files of a corpus that are YAML are fixed a second time, as what they are: every value of the map that the difference does not name
stays, and so does the map.
"""

from __future__ import annotations

import collections
import pathlib
import random
import re
import subprocess
import sys
from typing import Any, Optional

import yaml

import common
import reading

sys.path.insert(0, str(common.HERE / "inside"))
import reader

RELEASES = ["mitaka", "newton", "pike", "queens", "train", "wallaby", "yoga", "2025.1", "2026.2"]
DRIVERS = [
    "cinder.volume.drivers.nfs.NfsDriver",
    "cinder.volume.drivers.quobyte.QuobyteDriver",
    "\"cinder.volume.drivers.nfs.NfsDriver\"",
    "cinder.volume.drivers.nimble.NimbleISCSIDriver",
    "cinder.volume.drivers.netapp.common.NetAppDriver",
    "cinder.volume.drivers.ibm.gpfs.GPFSNFSDriver",
    "cinder.volume.drivers.windows.smbfs.WindowsSmbfsDriver",
    "cinder.volume.drivers.lvm.LVMISCSIDriver",
    "cinder.volume.drivers.huawei.huawei_driver.HuaweiISCSIDriver",
]
VALUES = {
    "volume_driver": DRIVERS,
    "nas_secure_file_operations": ["auto", "yes", "no", "True", "FALSE", "\"on\"", "'0'", "", "1", "t", "none"],
    "nas_secure_file_permissions": ["auto", "yes", "no", "True", "FALSE", "\"on\"", "'0'", "", "1", "t", "none"],
    "nfs_mount_attempts": ["0", "-3", "", "\"0\"", "3", "0\n  1"],
    "nas_ip": ["10.0.0.5"],
    "nas_host": ["10.0.0.6"],
    "nas_share_path": ["/a", "/b"],
    "host": ["h1"],
    "backend_host": ["h2"],
    "backup_driver": [
        "cinder.backup.drivers." + name
        for name in ["nfs", "ceph", "swift", "posix", "google", "nfs.NFSBackupDriver", "google.GoogleBackupDriver", "glusterfs"]
    ]
    + ["cinder.backup.services.swift", "'cinder.backup.drivers.nfs'"],
    "backup_share": ["h:/b"],
    "quobyte_volume_url": ["quobyte://h/v"],
    "san_password": ["hunter2"],
    "volume_backend_name": ["x"],
    "iscsi_ip_address": ["192.0.2.1"],
    "iscsi_port": ["3260"],
    "iscsi_helper": ["tgtadm"],
    "iscsi_protocol": ["iscsi"],
    "osapi_max_request_body_size": ["114688"],
    "db_backend": ["sqlalchemy"],
    "rpc_thread_pool_size": ["64"],
    "eqlx_use_chap": ["false"],
    "san_ssh_port": ["22"],
    "iscsi_secondary_ip_addresses": ["a,b"],
    "glance_ca_certificates_file": ["/x"],
    "nova_endpoint_template": ["http://x"],
    "os_region_name": ["r"],
    "volume_clear": ["zero"],
    "netapp_login": ["l"],
    "api_paste_config": ["{{ x }}"],
    "storage_availability_zone": ["{% if a %}a"],
}
# The way to a scalar: the number of each step, and its key.
Place = tuple[tuple[int, Optional[str]], ...]
CODES = ["CND111", "CND112", "CND403", "CND450", "CND601", "CND504", "nas-security-auto", "CND999"]
NOISE = ["# a note", "; another", "", "  ", "# \u00e9 \u540d", "k = v", "\t# indented", "  indented", "auth_strategy = keystone"]


def document(rng: random.Random) -> bytes:
    """One file with something to fix, as bytes."""
    names = rng.sample(["nfs1", "NFS2", "b-3", "{{ x }}"], rng.randrange(1, 4))
    lines = [rng.choice(["[DEFAULT]", "[DEFAULT] ", "# head\n[DEFAULT]"]), "enabled_backends = " + ",".join(names)]
    for section in [None, *names, rng.choice(["backend_defaults", "DEFAULT", "keystone_authtoken"])]:
        if section:
            lines.append(f"[{section}]" + rng.choice(["", "", " ", "\u00a0"]))
        for _ in range(rng.randrange(0, 9)):
            kind = rng.random()
            if kind < 0.6:
                key = rng.choice(list(VALUES))
                lines.append(
                    key
                    + rng.choice([" = ", "=", ": ", "   =   ", "\t=\t"])
                    + rng.choice(VALUES[key])
                    + rng.choice(["", "", "", "  ", "\u3000"])
                )
            elif kind < 0.75:
                chosen = rng.choice([", ", ",", " , "]).join(rng.sample(CODES, rng.randrange(1, 4)))
                lines.append(rng.choice(["# ", "#", "; "]) + f"cinderlint: ignore[{chosen}]" + rng.choice(["", " -- why"]))
            else:
                lines.append(rng.choice(NOISE) if kind < 0.97 else reading.line(rng, lines[-1].strip(), True))
    end = rng.choice(["\n", "\n", "\r\n", "\r"])
    text = end.join("\n".join(lines).split("\n")) + rng.choice([end, end, ""])
    data = text.encode()
    if rng.random() < 0.02:
        at = rng.randrange(len(data))
        data = data[:at] + rng.choice(reading.BAD) + data[at:]
    return data


def split(data: bytes) -> list[bytes]:
    """The lines with their ends."""
    return re.findall(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", data)


def named(shown: str) -> dict[str, set[str]]:
    """The options that the difference of each file names."""
    files: dict[str, set[str]] = {}
    keys: set[str] = set()
    for line in re.split(r"\r\n|\r|\n", shown):
        if line.startswith("--- "):
            keys = files.setdefault(line[4:], set())
        elif line[:1] in ("-", "+") and not line.startswith("+++ "):
            keys.add(re.split("[=:]", line[1:])[0].strip())
    return files


def kept(data: bytes) -> tuple[list[bytes], set[bytes]]:
    """Comments that are no suppressions, as bytes, and the ends of the lines that there are."""
    lines = split(data)
    comments = [line.rstrip(b"\r\n") for line in lines if line[:1] in (b"#", b";") and not re.match(rb"[#;][ \t]*cinderlint:", line)]
    ends = {line[len(line.rstrip(b"\r\n")) :] for line in lines[:-1]}
    return comments, ends


def wrong(path: pathlib.Path, old: bytes, new: bytes, keys: set[str]) -> str | None:
    """What a fix did to a file that it should not have done, or nothing."""
    if not keys:
        return "changed without a word" if old != new else None
    (comments, ends), (new_comments, new_ends) = kept(old), kept(new)
    if comments != new_comments:
        return f"comments: {set(comments) ^ set(new_comments)}"
    if not new_ends <= (ends or {b"\n"}):
        return f"line ends {ends} became {new_ends}"
    last = split(old)[-1].decode("utf-8", "replace")
    is_gone = re.split("[=:]", last)[0].strip() in keys or re.match(r"[ \t]", last)
    if old.endswith((b"\n", b"\r")) != new.endswith((b"\n", b"\r")) and "cinderlint:" not in last and not is_gone:
        return "the end of the last line"
    path.write_bytes(old)
    before, error = reader.read(path)
    path.write_bytes(new)
    after, new_error = reader.read(path)
    if (error is None) != (new_error is None):
        return f"{error!r} became {new_error!r}"
    sections = [[name for name, _ in found.headers] for found in (before, after)]
    # What moves into a section that there was not makes it, behind all others. The difference may show the lines around it instead.
    made = sections[1][len(sections[0]) :]
    moved = {key for section, key, _, _ in after.placed if section in made}
    values = [sorted(value for _, key, _, value in found.placed if key in moved - keys) for found in (before, after)]
    if values[0] != values[1]:
        return f"moved: {values}"
    named_or_moved = keys | moved
    others = [[(section, key, value) for section, key, _, value in found.placed if key not in named_or_moved] for found in (before, after)]
    if others[0] != others[1]:
        return f"{set(others[0]) ^ set(others[1])}"
    is_same = sections[1][: len(sections[0])] == sections[0] and not set(made) & set(sections[0]) and len(set(made)) == len(made)
    return None if is_same else f"sections {sections}"


def flags_of(release: str) -> list[str]:
    """Every fix, of a host of which nothing is seen."""
    return ["--no-settings", "--release", release, "--pedantic", "--unsafe-fixes", "--root", "nothing"]


def fixed(binary: str, folder: pathlib.Path, documents: list[bytes], release: str) -> tuple[list[tuple[bytes, str]], int]:
    """[(document, what is wrong)], and how many were changed."""
    names = [f"{number}.conf" for number in range(len(documents))]
    for name, data in zip(names, documents):
        (folder / name).write_bytes(data)
    flags = [*flags_of(release), "--form", "ini", "--new-install", "no"]
    (folder / "nothing").mkdir(exist_ok=True)

    def run(*more: str) -> subprocess.CompletedProcess[bytes]:
        command: list[str | pathlib.Path] = [pathlib.Path(binary).resolve(), "check", *flags, *more, *names]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        if done.returncode not in (0, 1):
            raise common.Broken(f"exit code {done.returncode}: {done.stderr[-1500:]!r}")
        return done

    shown = run("--diff").stdout.decode("utf-8", "replace")
    keys = named(shown)
    if any((folder / name).read_bytes() != data for name, data in zip(names, documents)):
        raise common.Broken("--diff wrote")
    run("--fix", "-q")
    found: list[tuple[bytes, str]] = []
    changed = 0
    texts = [(folder / name).read_bytes() for name in names]
    for name, old, new in zip(names, documents, texts):
        changed += old != new
        problem = wrong(folder / name, old, new, keys.get(name, set()))
        if problem:
            found.append((old, problem))
    again = run("--fix")
    for name, old, new in zip(names, documents, texts):
        if (folder / name).read_bytes() != new:
            found.append((old, "a second run changed it again"))
    if b"Fixed" in again.stderr and not found:
        found.append((b"", again.stderr.decode()))
    if left := [path.name for path in folder.iterdir() if path.name.endswith(".tmp")]:
        found.append((b"", f"left over: {left}"))
    return found, changed


def leaves(data: bytes) -> dict[Place, str] | None:
    """{place: text} of every scalar of a YAML file; None where it is none."""
    found: dict[Place, str] = {}

    def walk(node: Any, place: Place) -> None:
        if isinstance(node, yaml.MappingNode):
            # What stands twice in a map is told apart; an entry that goes does not number the others anew.
            seen: collections.Counter[str] = collections.Counter()
            for key, value in node.value:
                name = str(key.value)
                walk(value, (*place, (seen[name], name)))
                seen[name] += 1
        elif isinstance(node, yaml.SequenceNode):
            for number, value in enumerate(node.value):
                walk(value, (*place, (number, None)))
        elif node is not None:
            found[place] = node.value

    try:
        for number, root in enumerate(yaml.compose_all(data)):
            walk(root, ((number, None),))
    except yaml.YAMLError:
        return None
    return found


def inside_yaml(binary: str, path: pathlib.Path, release: str) -> tuple[list[tuple[bytes, str]], int]:
    """([(text, what is wrong)], number of files that changed) of the YAML in a corpus, one by one, under the name that it has in its repository."""
    old = path.read_bytes()
    before = leaves(old)
    if before is None or path.suffix not in (".yaml", ".yml"):
        return [], 0
    with common.scratch() as folder:
        copy = folder.joinpath(*path.name.split("__")[2:])
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(old)
        (folder / ".git").mkdir()

        def run(*more: str) -> subprocess.CompletedProcess[bytes]:
            command: list[str | pathlib.Path] = [
                pathlib.Path(binary).resolve(),
                "check",
                *flags_of(release),
                *more,
                copy.relative_to(folder),
            ]
            (folder / "nothing").mkdir(exist_ok=True)
            done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
            if done.returncode not in (0, 1, 2) or b"panicked" in done.stderr:
                raise common.Broken(f"{path}: exit code {done.returncode}: {done.stderr[-1500:]!r}")
            return done

        keys = {key.strip(" -'\"") for key in set().union(*named(run("--diff").stdout.decode("utf-8", "replace")).values())}
        run("--fix", "-q")
        new = copy.read_bytes()
        if new == old:
            return [], 0
        run("--fix", "-q")
        after = leaves(new)
        problems = ["a second run changed it again"] if copy.read_bytes() != new else []
        # Entries that go and come are those that the difference names, or covers as a whole: below a name that speaks of a secret.
        covers = any(set(key) == {"*"} for key in keys)

        def told(place: Place) -> bool:
            name = next((name for _, name in reversed(place) if name), "")
            return covers or name in keys

        if after is None or not all(told(place) for place in before.keys() ^ after.keys()):
            problems.append("the map is another one")
        else:
            for place in before.keys() & after.keys():
                if before[place] != after[place] and place[-1][1] not in keys:
                    text = before[place].encode()
                    problem = wrong(folder / "piece.conf", text, after[place].encode(), keys)
                    problems += [f"{place}: {problem}"] if problem or b"=" not in text else []
        return [(old, problem) for problem in problems], 1


def main() -> int:
    parser = common.arguments(__doc__)
    parser.add_argument("--cases", type=int, default=2000, help="files to generate (default 2000)")
    common.corpus(parser, "also fix a copy of every file below DIR")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    found: list[tuple[str, bytes, str]] = []
    changed = cases = 0
    generated = [[document(rng) for _ in range(100)] for _ in range((args.cases + 99) // 100)]
    batches = [(batch, rng.choice(RELEASES)) for batch in generated]
    corpus = common.texts_below(*args.corpus)
    batches += [(corpus, release) for release in RELEASES if corpus]
    for batch, release in batches:
        with common.scratch() as folder:
            more, count = fixed(args.bin, folder, batch, release)
        found += [(release, data, problem) for data, problem in more]
        changed += count
        cases += len(batch)
    for path in common.files_below(*args.corpus):
        for release in RELEASES[::4]:
            more, count = inside_yaml(args.bin, path, release)
            found += [(release, data, problem) for data, problem in more]
            changed, cases = changed + count, cases + 1
    for release, data, problem in found[: args.show]:
        print(f"{release}: {data[:3000]!r}\n  {problem}")
    print(f"fixing: {changed} files changed")
    return common.verdict("fixing", cases, len(found))


if __name__ == "__main__":
    sys.exit(main())
