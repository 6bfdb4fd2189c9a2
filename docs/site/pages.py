"""Makes the Markdown of the site: the pages of the repository in their places, and those of the rules, the options and the formats.

docs/site/pages.py PROGRAM FOLDER
"""

from __future__ import annotations

import html
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from typing import Any

import tomli

HERE = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM, OUT = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2])
WRITTEN = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "rules/README.md",
    "benches/README.md",
    "catalog/README.md",
    "tests/oracle/README.md",
    "examples/incident/README.md",
    "examples/fleet/README.md",
    # What the pages link to, as it is.
    "zuul.d/jobs.yaml",
    "Containerfile",
    "action.yml",
    "templates/cinderlint.yml",
]


def ask(*arguments: str, folder: pathlib.Path = HERE, may_find: bool = False) -> str:
    done = subprocess.run([PROGRAM, *arguments], cwd=folder, capture_output=True, text=True, errors="replace", timeout=60)
    if done.returncode not in ((0, 1) if may_find else (0,)):
        raise SystemExit(f"{arguments}: {done.stderr}")
    return done.stdout


def write(name: str, text: str) -> None:
    path = OUT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def plain(text: str) -> str:
    """A sentence as Markdown that shows it as it is; back quotes stay marks."""
    parts = re.split(r"(`[^`\n]+`)", text)
    return "".join(part if n % 2 else re.sub(r"([\\*_\[\]<>#|])", r"\\\1", part) for n, part in enumerate(parts))


def prose(text: str) -> str:
    """Paragraphs; what is indented is text to copy."""
    blocks = re.split(r"\n\s*\n", text.strip("\n"))
    return "\n\n".join(block if block.startswith("    ") else plain(block) for block in blocks)


def box(text: str) -> str:
    """What a program printed, without the end of what is very long."""
    lines = text.rstrip().split("\n")
    text = "\n".join(line if len(line) < 2000 else line[:2000] + " …" for line in lines[:80] + ["…"] * (len(lines) > 80))
    return f'<pre class="report" data-search-exclude><code>{html.escape(text.rstrip())}</code></pre>'


def visible(text: str) -> str:
    return "".join(c if c in "\n\t" or c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def fence(text: str, lines: Iterable[int] = ()) -> str:
    marks = f' hl_lines="{" ".join(map(str, sorted(set(lines))))}"' if lines else ""
    return f'~~~~{{ .ini linenums="1"{marks} }}\n{visible(text.rstrip())}\n~~~~'


def several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def source(line: str) -> str:
    """An evidence, with the address of what it names."""
    found = re.match(r"(cinder|oslo\.config|oslo\.utils|os-brick|nova) ([\d.]+), ([\w./-]+/[\w./-]+)", line)
    if not found:
        return plain(line)
    project, version, path = found.groups()
    return f"{plain(line)} ([source](https://opendev.org/openstack/{project}/src/tag/{version}/{path}))"


def report(rule: dict[str, Any], example: dict[str, Any], folder: pathlib.Path) -> tuple[str, str]:
    """What the program prints of an example, and what it would write."""
    audit = rule.get("check") == "audit"
    path = folder / ("etc/cinder/cinder.conf" if audit else example.get("path", "cinder.conf"))
    for name, text in example.get("host", {}).items():
        place = folder / name.lstrip("/")
        (place if name.endswith("/") else place.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            place.write_text(text)
    for name, mode in example.get("modes", {}).items():
        (folder / name.strip("/")).chmod(int(mode, 8))
    for name, owner in example.get("owners", {}).items():
        os.chown(folder / name.strip("/"), *map(int, owner.split(":")))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(example["file"].encode("latin-1" if example.get("latin1") else "utf-8"))
    settings = ""
    if "require-suppression-reason" in example:
        settings += f"require-suppression-reason = {json.dumps(example['require-suppression-reason'])}\n"
    if "nas-policy" in example:
        settings += f"[nas-policy]\ndefault = {json.dumps(example['nas-policy'])}\n"
    if settings:
        (folder / "cinderlint.toml").write_text(settings)
    given = ["--root", "."]
    for flag in ("release", "from", "new-install"):
        value = example.get(flag, [])
        value = ("yes" if value else "no") if isinstance(value, bool) else several(value)[:1]
        given += ["--" + flag, value if isinstance(value, str) else value[0]] if value else []
    if audit:
        for log in example.get("logs", []):
            given += ["--log", log.lstrip("/")]
        return ask("audit", *given, "--owners", "--jobs", "1", str(path.relative_to(folder)), folder=folder, may_find=True), ""
    given += ["--pedantic", "--preview"]
    name = str(path.relative_to(folder))
    # By itself where that shows it; some need the rest of the tree, or the other rules.
    for chosen, where in (["--select", rule["id"]], name), (["--select", rule["id"]], "."), ([], name):
        shown = ask("check", *given, *chosen, where, folder=folder, may_find=True)
        if rule["id"] in shown:
            break
    given += chosen
    changes = ask("check", *given, "--diff", "--unsafe-fixes", name, folder=folder, may_find=True) if "fix" in rule else ""
    return shown, changes if "@@" in changes else ""


SUPPRESS = """A comment on its own line, above the option or above the header of the section:

```ini
# cinderlint: ignore[{id}] -- the reason
```

For a whole tree, in `cinderlint.toml`: `ignore = ["{id}"]`. [Suppressions](../../docs/suppressions.md) says more."""


def rule_page(rule: dict[str, Any]) -> None:
    this, audit = rule["id"], rule.get("check") == "audit"
    releases = rule.get("releases")
    families = ", ".join(f"`{one}`" for one in rule.get("families", [])) or "all"
    fixes = several(rule.get("fix", []))
    safe = "`--fix`" if any(one.get("safe") for one in fixes) else "`--fix --unsafe-fixes`" if fixes else "by hand"
    explained = ask("explain", this, "--color", "never")
    held = re.search(r"^Releases: (.*)$", explained, re.M)
    fixed = re.search(r"^Fixed with: (.*)$", explained, re.M)
    rows = [
        ("Name", f"`{rule['name']}`"),
        ("Severity", rule["severity"] + (", preview" if rule.get("preview") else "")),
        ("Releases", plain(held[1]) if held else str(releases or "every release")),
        ("Driver families", families),
        ("Fixed with", f"`cinderlint check {fixed[1]}`" if fixed else safe),
    ]
    page = [f"# {this} {rule['name']}", f"{plain(rule['summary'])}.", "[All rules](../../docs/rules.md)"]
    page.append("| | |\n|---|---|\n" + "\n".join(f"| {key} | {value} |" for key, value in rows))
    page += ["## Why", prose(rule["why"])]
    if rule.get("instead"):
        page += ["## Write instead", prose(rule["instead"])]
    examples = [one for one in rule["bad"] if os.getuid() == 0 or "owners" not in one]
    page.append("## An example that is reported")
    example = (examples or rule["bad"])[0]
    page.append(fence(example["file"], example.get("lines", [])))
    for name, text in example.get("host", {}).items():
        if text and not name.endswith("/"):
            page += [f"`{name}` on the host:", fence(text)]
    if examples:
        with tempfile.TemporaryDirectory() as folder:
            shown, changes = report(rule, example, pathlib.Path(folder))
        if this in shown:
            page += [f"`cinderlint {'audit' if audit else 'check'}` says:", box(shown)]
        else:
            print(f"{this}: its page has no report, for the example takes more than files", file=sys.stderr)
            page.append("Its report takes more than files: a share that does not answer, or a service that runs.")
        if changes:
            page += ["## What the fix writes", box(changes)]
    else:
        page.append("Its report needs files of several owners, which only root can make.")
    page += ["## An example that is not reported", fence(rule["good"][0]["file"])]
    page += ["## Evidence", "\n".join(f"- {source(line)}" for line in rule.get("evidence", [])) or "cinderlint itself."]
    if rule.get("references"):
        links = (re.sub(r"(https://\S+)", r"<\1>", line) for line in rule["references"])
        page += ["## References", "\n".join(f"- {line}" for line in links)]
    if not audit:
        page += ["## Suppress it", SUPPRESS.format(id=this)]
    write(f"rules/{this}/index.md", "\n\n".join(page) + "\n")


def option(one: dict[str, Any]) -> str:
    """An option: an entry a section."""
    lines = [f"## {one['name']}"]
    for entry in one["entries"]:
        place = "a backend's section" if entry["of_backends"] else f"[{entry['section']}]"
        parts = [entry["accepts"]]
        if entry["name"] != one["name"]:
            parts.insert(0, f"called `{entry['name']}`")
        if entry["default"] not in (None, "") and not entry["secret"]:
            parts.append(f"default {json.dumps(entry['default'], ensure_ascii=False)}")
        parts.append(entry["first"] if entry["first"] == entry["last"] else f"{entry['first']} to {entry['last']}")
        if entry["read_by"]:
            names = [name.rpartition(".")[2] for name in entry["read_by"]]
            parts.append("read by " + ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else ""))
        lines.append(f"- {plain(place)}: {plain('; '.join(parts))}")
    return lines[0] + "\n\n" + "\n".join(lines[1:])


def options() -> None:
    names = sorted({json.loads(line)["name"] for line in open(HERE / "catalog/options.jsonl")})
    known = []
    for start in range(0, len(names), 500):
        known += json.loads(ask("option", "--format", "json", *names[start : start + 500]))["options"]
    letters: dict[str, list[dict[str, Any]]] = {}
    for one in known:
        letters.setdefault(one["name"][0].lower(), []).append(one)
    for letter, some in letters.items():
        write(f"options/{letter}.md", f"# Options: {letter}\n\n" + "\n\n".join(map(option, some)) + "\n")
    links = "\n".join(
        f"- [{letter}]({letter}.md): {len(some)} options, {some[0]['name']} to {some[-1]['name']}" for letter, some in letters.items()
    )
    write(
        "options/index.md",
        f"# Options\n\n{len(known)} options from Kilo to 2026.2. The search of this page knows each. "
        f"`cinderlint option NAME` says more.\n\n{links}\n",
    )


def formats() -> None:
    page = ["# Formats", "What each `--format` of `cinderlint check` writes of one file:"]
    text = "[DEFAULT]\nenabled_backends = nfs1\n[nfs1]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\nnfs_mount_attempts = three\n"
    page.append(fence(text))
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        (folder / "cinder.conf").write_text(text)
        described = ask("check", "--help").partition("--format <FORMAT>")[2].partition("[default")[0]
        for name, said in re.findall(r"^ +- (\w+): +(.+)$", described, re.M):
            shown = ask("check", "--select", "CND206", "--format", name, "cinder.conf", folder=folder, may_find=True)
            page += [f"## {name}", f"{plain(said)}.", box(shown)]
    page += ["## JSON Schemas", "`cinderlint schema NAME` prints the same."]
    for schema in sorted((HERE / "schemas").glob("*.json")):
        write(f"schemas/{schema.name}", ask("schema", schema.stem))
        page.append(f"- [{schema.stem}](../schemas/{schema.name}): {plain(json.loads(schema.read_text())['title'])}")
    write("docs/formats.md", "\n\n".join(page) + "\n")


def main() -> None:
    shutil.rmtree(OUT, ignore_errors=True)
    for page in WRITTEN + [str(path.relative_to(HERE)) for path in (HERE / "docs").glob("*.md")]:
        write(page, (HERE / page).read_text())
    for name in ("style.css", "shim.js"):
        write(name, (HERE / "docs/site" / name).read_text())
    for path in sorted((HERE / "rules").glob("*.toml")):
        with open(path, "rb") as file:
            rule_page(tomli.load(file))
    options()
    formats()
    playground = HERE / "target/playground/cinderlint.html"
    if playground.exists():
        shutil.copy(playground, OUT / "playground.html")


main()
