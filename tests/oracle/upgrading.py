"""Does `upgrade --fix --unsafe-fixes` keep what the files mean?

For each pair of neighbouring releases from Ocata on, and for ten long jumps, a file that uses every option of the old release: its services'
sections, a backend of each of its drivers, and every option under its own name or, in a second file, under an old one where it has one.
After the upgrade is written,

- `check` as the new release finds no CND5xx that the old one does not find in the old file, but for those in left.jsonl: each has the rule,
  the option, section or driver that it is about, and why no edit can take its place. What is found and not listed is a difference, and,
  where all upgrades are compared, so is what is listed and not found; `--record-left` writes the list, with the reasons that are there;
- `upgrade` finds nothing that it can still write;
- with `--maps`, where the options are entries of YAML maps, they still are, and every comment is there;
- every option that both releases know has, under its new name, the value that it had before. A release that setup.sh installed is asked
  what its own options make of the file; of the others, and of what a release does not list (the options of some drivers), oslo.config reads
  the file with the options that the catalogue has.
"""

from __future__ import annotations

import argparse
import collections
import itertools
import json
import logging
import os
import pathlib
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import yaml
from oslo_config import cfg

import common

OLDEST = "ocata"
JUMPS = [
    ("ocata", "2026.2"),
    ("pike", "train"),
    ("queens", "2026.2"),
    ("queens", "wallaby"),
    ("rocky", "2023.1"),
    ("stein", "yoga"),
    ("train", "2024.1"),
    ("ussuri", "2025.1"),
    ("wallaby", "2026.2"),
    ("2023.1", "2026.2"),
]
# Of what no edit can be made: by rule and the option, section or driver, why.
LISTED = pathlib.Path(__file__).with_name("left.jsonl")
# What another option takes in another form, or only where it is decided what is meant: said by CND502, and written by a person.
OTHER_FORM = {
    "query_volume_filters": "a list; resource_query_filters_file is a path, whatever the old name was for",
    "fss_pool": "a number; fss_pools are pairs, and Pike reads the number as pairs too, and refuses it",
}
BACKENDS = "backend_defaults"
OVERRIDES = "cinder_cinder_conf_overrides"
FABRICS = {"brcd_fabric_example": "fabric_b", "cisco_fabric_example": "fabric_c"}
# They say what else is read, or where.
STRUCTURE = {
    "enabled_backends",
    "volume_driver",
    "config_file",
    "config_dir",
    "config_source",
    "auth_section",
    "fc_fabric_names",
    "zone_driver",
    "backend_host",
}
FIXED = {
    "auth_type": "password",
    "auth_plugin": "password",
    "transport_url": "rabbit://u:p@192.0.2.9:5672/",
    "enable_unsupported_driver": "true",
    "connection": "mysql+pymysql://u:p@192.0.2.9/cinder",
    # A text up to Stein, and a port since.
    "sio_rest_server_port": "7443",
}
# What a type refuses.
REFUSED = "<refused>"
# How often an option of backends is written: its drivers share the code that reads it.
ENOUGH = 2


class Catalogue:
    """What the releases know."""

    def __init__(self) -> None:
        def rows(name: str) -> list[dict[str, Any]]:
            with open(common.ROOT / "catalog" / name, encoding="utf-8") as lines:
                return [json.loads(line) for line in lines]

        self.options, self.driver_rows = rows("options.jsonl"), rows("drivers.jsonl")
        # The options whose place another one takes, which is there already.
        self.likes = collections.defaultdict(set)
        for row in self.options:
            reason = (row.get("removal") or {}).get("reason", "")
            self.likes[reason.removeprefix("use ")].add(row["name"])

    def of(self, release: str) -> dict[tuple[str, str], dict[str, Any]]:
        """{(group, name): row} of a release."""
        return {(row["group"], row["name"]): row for row in self.options if common.between(release, row["first"], row["last"])}

    def drivers(self, release: str) -> dict[str, set[str]]:
        """{path: {set, …}} of a release, old paths included."""
        found = {}
        for row in self.driver_rows:
            if common.between(release, row["first"], row["last"]) and release not in row.get("gaps", []):
                sets = {one["set"] for one in row["sets"] if common.between(release, one["first"], one["last"])}
                found[row["path"]] = sets
                for alias in row.get("aliases", []):
                    if common.between(release, alias["first"], alias["last"]):
                        found[alias["path"]] = sets
        return found

    def old_names(self, release: str, last: str) -> dict[tuple[str, str], set[tuple[str, str]]]:
        """{(group, name): {(group, name), …}}: what an option was called in any of these releases."""
        names = collections.defaultdict(set)
        for row in self.options:
            if any(common.between(one, row["first"], row["last"]) for one in span(release, last)):
                for group, name in row.get("deprecated") or []:
                    names[row["group"], row["name"]].add((group or row["group"], name or row["name"]))
        return names


def span(first: str, last: str) -> list[str]:
    return common.RELEASES[common.RELEASES.index(first) : common.RELEASES.index(last) + 1]


def value_of(row: dict[str, Any]) -> str | None:
    """A value other than the default, which the type takes; None where there is none."""
    default, name = row.get("default"), row["name"]
    if name in FIXED:
        return FIXED[name]
    text = next(iter(default), "") if isinstance(default, list) else default or ""
    # The classes that are there.
    if text.startswith("cinder.") or (row["group"], name) in (("key_manager", "backend"), ("key_manager", "api_class")):
        return text or None
    value: str | None = value_for(row["type"], text, name)
    return value


def value_for(kind: dict[str, Any], default: str, name: str) -> Any:
    match kind["kind"]:
        case "boolean":
            return "false" if default.lower() == "true" else "true"
        case "integer" | "float" | "port" if not kind.get("choices"):
            low, high = kind.get("min", -sys.maxsize), kind.get("max", sys.maxsize)
            default = default if default.replace(".", "").removeprefix("-").isdigit() else "0"
            number = float(default) if kind["kind"] == "float" else int(float(default))
            wanted = next((one for one in (number + 1, number - 1, low, high) if low <= one <= high and one != number), number)
            return str(max(wanted, 1) if kind["kind"] == "port" else wanted)
        case "ip":
            return "2001:db8::7" if kind.get("version") == 6 else "192.0.2.7"
        case "hostaddress":
            return "192.0.2.7"
        case "uri":
            return (kind.get("schemes") or ["http"])[0] + "://192.0.2.7/x"
        case "dict":
            return "a:" + (value_for(kind["item"], "", name) if "item" in kind else "b")
        case "list":
            item = value_for(kind["item"], "", name) if "item" in kind else f"x-{name}"
            return f"[{item}]" if kind.get("bounds") else item
        case "custom":
            return default or None
    if kind.get("choices"):
        return next((one for one in map(str, kind["choices"]) if one and one != default), default or None)
    if kind.get("regex"):
        return default or None
    return f"x-{name}"


def written(row: dict[str, Any], old: bool) -> tuple[str, str]:
    """The section and the name under which an option stands in a file."""
    names = [(group, name) for group, name in row.get("deprecated") or [] if name and name != row["name"]] if old else []
    group, name = names[0] if names else ("", row["name"])
    return group or row["group"], name


def is_of_drivers(row: dict[str, Any]) -> bool:
    return bool(row.get("sets")) and all(one.startswith("cinder.volume.drivers.") for one in row["sets"])


def reads(row: dict[str, Any], sets: set[str]) -> bool:
    return not row.get("sets") or bool(set(row["sets"]) & sets)


class Old:
    """A file that uses all of a release."""

    def __init__(self, catalogue: Catalogue, release: str, old: bool) -> None:
        self.sections: dict[str, dict[str, str]] = collections.defaultdict(dict)
        rows, drivers = catalogue.of(release), catalogue.drivers(release)
        names = {path: f"b{number}" for number, path in enumerate(sorted(drivers))}
        self.backends = {name: path for path, name in names.items()}
        self.put("DEFAULT", "enabled_backends", ",".join(names.values()))
        self.put("fc-zone-manager", "fc_fabric_names", ",".join(FABRICS.values()))
        for row in rows.values():
            group = row["group"]
            own = (BACKENDS, row["name"]) in rows and group == "DEFAULT" or group == BACKENDS
            if (
                own
                or group == "DEFAULT"
                and is_of_drivers(row)
                or row["name"] in STRUCTURE
                or group in ("backend", "sample_castellan_source", "sample_remote_file_source")
            ):
                continue
            place, name = written(row, old)
            self.put(FABRICS.get(place, place), name, value_of(row))
        seen: collections.Counter[str] = collections.Counter()
        for path, name in names.items():
            self.put(name, "volume_driver", path)
            self.put(name, "enable_unsupported_driver", "true")
            for (group, option), row in rows.items():
                if group == BACKENDS and option not in STRUCTURE and seen[option] < ENOUGH and reads(row, drivers[path]):
                    seen[option] += 1
                    place, key = written(row, old)
                    self.put(name if place in (BACKENDS, "DEFAULT") else place, key, value_of(row))

    def put(self, section: str, name: str, value: str | None) -> None:
        if value is not None:
            self.sections[section].setdefault(name, value)

    def overrides(self) -> str:
        """The same as maps of YAML: what OpenStack-Ansible merges into the file."""

        def word(text: str) -> str:
            return text if re.fullmatch(r"[a-zA-Z][\w-]*", text) else "'" + text.replace("'", "''") + "'"

        lines = [f"{OVERRIDES}:"]
        for section, options in self.sections.items():
            lines.append(f"  {word(section)}:" + ("" if options else " {}"))
            for name, value in options.items():
                lines += [f"    # of {section}", f"    {name}: '" + value.replace("'", "''") + "'"]
        return "\n".join([*lines, "debug: false", ""])

    def text(self) -> str:
        return "\n".join(
            f"[{section}]\n" + "".join(f"{name} = {value}\n" for name, value in options.items())
            for section, options in self.sections.items()
        )


def as_ini(text: str) -> str:
    """What OpenStack-Ansible makes of overrides."""
    document = yaml.safe_load(text)
    if set(document) != {OVERRIDES, "debug"} or not all(isinstance(options, dict) for options in document[OVERRIDES].values()):
        raise common.Broken("the maps are no maps of sections any more")
    return "\n".join(
        f"[{section}]\n" + "".join(f"{name} = {value}\n" for name, value in options.items())
        for section, options in document[OVERRIDES].items()
    )


class Read:
    """A file as a release reads it: {(section, option): text} of what is set."""

    def __init__(self, path: pathlib.Path, catalogue: Catalogue, release: str) -> None:
        rows, drivers = catalogue.of(release), catalogue.drivers(release)
        conf = cfg.ConfigOpts()
        conf([], default_config_files=[str(path)], default_config_dirs=[])
        conf.register_opt(cfg.ListOpt("enabled_backends"))
        self.values: dict[tuple[str, str], Any] = {}
        self.drivers: dict[str, Any] = {}
        self.known: dict[tuple[str, str], dict[str, Any]] = {}
        wanted = []
        for (group, name), row in rows.items():
            if group != BACKENDS and name not in STRUCTURE and not (group == "DEFAULT" and is_of_drivers(row)):
                wanted.append((FABRICS.get(group, group), row))
        for backend in conf.enabled_backends or []:
            conf.register_opt(cfg.StrOpt("volume_driver"), group=backend)
            driver = self.drivers[backend] = conf[backend].volume_driver
            if driver in drivers:
                wanted += [
                    (backend, row)
                    for (group, name), row in rows.items()
                    if group == BACKENDS and name not in STRUCTURE and reads(row, drivers[driver])
                ]
        for group, row in wanted:
            old = [
                cfg.DeprecatedOpt(name or row["name"], group=(group if place in ("", row["group"]) else place))
                for place, name in row.get("deprecated") or []
            ]
            kind = cfg.MultiStrOpt if row.get("multi") else cfg.StrOpt
            self.known[group, row["name"]] = row
            try:
                found = kind(row["name"], deprecated_opts=old)._get_from_namespace(conf._namespace, None if group == "DEFAULT" else group)
                self.values[group, row["name"]] = found[0]
            except KeyError:
                continue


class Real:
    """The releases that are installed, each beside its own Python, started when it is asked."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.running: dict[str, common.Inside] = {}

    def take(self, read: Read, path: pathlib.Path, release: str) -> int:
        """Puts what a release itself makes of a file in the place of what the catalogue has of it. The number of values."""
        if not os.path.exists(pathlib.Path(self.args.environments) / release / "requirements.txt"):
            return 0
        if release not in self.running:
            self.running[release] = common.Inside(argparse.Namespace(environments=self.args.environments, release=release), "upgrading.py")
        found = self.running[release].ask(path=os.fspath(path), backends=sorted(read.drivers))["values"]
        taken = 0
        for section, name, value in found:
            if (section, name) in read.known:
                read.values[section, name] = REFUSED if value is None else value
                taken += 1
        return taken


def folded(value: Any) -> str:
    """What a type makes no difference of."""
    text = (value or [None])[-1] if isinstance(value, list) else value
    # A list in brackets is read without them, and a whole number may be a float.
    text = re.sub(r"^\[(.*)\]$|^(-?\d+)\.0$", r"\1\2", str(text))
    return {"true": "1", "yes": "1", "on": "1", "false": "0", "no": "0", "off": "0"}.get(str(text).lower(), str(text))


def run(binary: str, folder: pathlib.Path, *arguments: str) -> str:
    # The file as INI stands beside that of maps, for who reads it.
    maps = folder / "user_variables.yml"
    done = subprocess.run(
        [pathlib.Path(binary).resolve(), *arguments, "--no-settings", "--root", folder, maps.name if maps.exists() else "cinder.conf"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1):
        raise common.Broken(f"{arguments}: exit code {done.returncode}: {done.stderr[-1500:]}")
    return done.stdout


def findings(binary: str, folder: pathlib.Path, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(binary, folder, *arguments, "--format", "json"))["findings"]
    return found


def key(finding: dict[str, Any]) -> tuple[str, str, str]:
    """What makes it the same finding in another release."""
    return finding["rule"], finding["section"], finding["option"]


def differences(catalogue: Catalogue, before: Read, after: Read, first: str, last: str, told: set[tuple[str, str]]) -> Iterator[str]:
    """The options that both releases know, and that have another value; of what the new type refuses those that are not told."""
    names = catalogue.old_names(first, last)

    def earlier(group: str, name: str) -> list[tuple[str, str]]:
        """The names of an option, the newest first, each with its section."""
        own = BACKENDS if group in after.drivers else next((key for key, one in FABRICS.items() if one == group), group)
        found, left = [], [(own, name)]
        while left:
            one = left.pop(0)
            if one not in found:
                found.append(one)
                left += sorted(names.get(one, ()))
        return [(group if place == own else FABRICS.get(place, place), key) for place, key in found]

    for (group, name), row in sorted(after.known.items()):
        if group in after.drivers and before.drivers.get(group) is None:
            continue
        known = next((one for one in earlier(group, name) if one in before.known), None)
        if known is None or any(old in OTHER_FORM for _, old in earlier(group, name)):
            continue
        old, new = before.values.get(known), after.values.get((group, name))
        if old is None:
            default = before.known[known].get("default")
            old = default if new is not None else None
            took_over = {before.values.get((group, like)) for like in catalogue.likes.get(name, ())}
            if (old or "") in ("", new) or new in took_over:
                continue
        if old == REFUSED or new == REFUSED and any(one in told for one in earlier(group, name)):
            continue
        if new is None and folded(old) == folded(row.get("default")):
            continue
        is_class = str(new).startswith(f"{old}.")
        if folded(old) != folded(new) and not is_class:
            yield f"[{group}] {name}: {old!r} as `{known[1]}` in [{known[0]}] became {new!r}"


def reason(finding: dict[str, Any]) -> str:
    """Why no edit takes a finding away, by what it says itself."""
    match finding["rule"]:
        case "CND502":
            return f"what takes its place is no option, or takes another form: {finding['help']}"
        case "CND506":
            why = re.search(r"deprecated for removal(?: since [^:]*)?: (.*)", finding["message"])
            return "still read: " + (why[1] if why else "nothing takes its place yet")
        case "CND507":
            return "nothing in the section is read, and it may hold more than options"
        case "CND512":
            return "gone, with no other path in the new release: its volumes have to move"
        case "CND515":
            return "the driver is off unless somebody decides to switch it on"
    return f"{finding['message']}: {finding['help']}"


class Left:
    """What no edit takes away: what is listed, and how often it was found."""

    def __init__(self) -> None:
        lines = LISTED.read_text(encoding="utf-8").splitlines() if LISTED.exists() else []
        rows = [json.loads(line) for line in lines]
        self.why: dict[tuple[str, str], str] = {(row["rule"], row["name"]): row["why"] for row in rows}
        self.found: collections.Counter[tuple[str, str]] = collections.Counter()

    def take(self, finding: dict[str, Any], record: bool) -> bool:
        """Counts a finding, if it is listed; with `record` it is then."""
        rule, message = finding["rule"], finding["message"]
        # Of a driver or a class its path, of a section its name.
        path = re.search(r"`(\w+(?:\.\w+)+)`", message)
        name = path[1] if path and rule in ("CND512", "CND515") else finding["section"] if rule == "CND507" else finding["option"]
        if finding["fix"]:
            return False
        if record:
            self.why.setdefault((rule, name), reason(finding))
        self.found[rule, name] += 1
        return (rule, name) in self.why

    def write(self) -> None:
        rows = [{"rule": rule, "name": name, "why": why} for (rule, name), why in sorted(self.why.items()) if self.found[rule, name]]
        LISTED.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def compare(
    args: argparse.Namespace, catalogue: Catalogue, real: Real, left: Left, first: str, last: str, old: bool
) -> tuple[int, int, list[str]]:
    """The number of options, of values that the releases themselves were asked for, and what is wrong after an upgrade, as text.
    Counts the findings that are listed in `left`."""
    with common.scratch() as folder:
        path = folder / "cinder.conf"
        whole = Old(catalogue, first, old)
        path.write_text(whole.text())
        maps = folder / "user_variables.yml"
        if args.maps:
            maps.write_text(whole.overrides())
        before = Read(path, catalogue, first)
        asked = real.take(before, path, first)
        if args.keep:
            pathlib.Path(args.keep, f"{first}-{last}-{old}.conf").write_bytes(path.read_bytes())
        known = {key(finding) for finding in findings(args.bin, folder, "check", "--release", first, "--pedantic")}
        step = ["upgrade", "--from", first, "--to", last]
        run(args.bin, folder, *step, "--fix", "--unsafe-fixes", "-q")
        if args.maps:
            if maps.read_text().count("    # of ") != whole.overrides().count("    # of "):
                raise common.Broken("a comment is lost")
            path.write_text(as_ini(maps.read_text()))
        if args.keep:
            pathlib.Path(args.keep, f"{first}-{last}-{old}-after.conf").write_bytes(path.read_bytes())
        after = Read(path, catalogue, last)
        asked += real.take(after, path, last)
        checked = findings(args.bin, folder, "check", "--release", last, "--pedantic")
        told = {(finding["section"], finding["option"]) for finding in checked if finding["rule"].startswith("CND2")}
        found = list(differences(catalogue, before, after, first, last, told))
        for finding in checked:
            if not finding["rule"].startswith("CND5") or key(finding) in known:
                continue
            if not left.take(finding, args.record_left):
                found.append(f"left: {finding['rule']} [{finding['section']}] {finding['message']}")
        for finding in findings(args.bin, folder, *step):
            if finding.get("fix"):
                found.append(f"still to write: {finding['rule']} [{finding['section']}] {finding['message']}")
        return len(before.values), asked, found


def main() -> int:
    parser = common.arguments(__doc__)
    parser.add_argument("--sample", type=int, help="compare so many of the upgrades only")
    parser.add_argument("--only", metavar="FROM:TO", help="compare this upgrade only")
    parser.add_argument("--keep", metavar="DIR", help="leave the files there, as they are before and after")
    parser.add_argument("--maps", action="store_true", help="have the options in maps of YAML")
    parser.add_argument("--record-left", action="store_true", help="write what no edit takes away to left.jsonl")
    args = parser.parse_args()
    logging.getLogger("oslo_config").setLevel(logging.ERROR)
    catalogue = Catalogue()
    pairs = list(itertools.pairwise(span(OLDEST, common.NEWEST))) + JUMPS
    cases = [(*pair, old) for pair in pairs for old in (False, True)]
    if args.only:
        cases = [case for case in cases if f"{case[0]}:{case[1]}" == args.only] or [(*args.only.split(":"), old) for old in (False, True)]
    if args.sample:
        cases = random.Random(args.seed).sample(cases, args.sample)
    real = Real(args)
    left = Left()
    options = asked = wrong = 0
    for first, last, old in cases:
        count, values, found = compare(args, catalogue, real, left, first, last, old)
        options, asked = options + count, asked + values
        wrong += len(found)
        for one in found[: args.show]:
            print(f"{first} to {last}{', old names' if old else ''}: {one}")
    print(f"upgrading: {len(cases)} upgrades, {asked} values of the releases themselves")
    if args.record_left:
        left.write()
    elif not (args.sample or args.only or args.maps):
        for rule, name in sorted(set(left.why) - set(left.found)):
            print(f"listed, and no longer left: {rule} {name}")
            wrong += 1
    names = collections.Counter(rule for rule, _ in left.found)
    times: collections.Counter[str] = collections.Counter()
    for (rule, _), count in left.found.items():
        times[rule] += count
    print("left: " + ", ".join(f"{times[rule]} {rule} ({count} listed)" for rule, count in sorted(names.items())))
    return common.verdict("upgrading", options, wrong)


if __name__ == "__main__":
    sys.exit(main())
