#!/usr/bin/env python3
"""The software bill of materials of the binary, CycloneDX 1.5: what `cargo metadata` and Cargo.lock say, the same bytes everywhere.

packaging/sbom.py TARGET [BINARY] > cinderlint.cdx.json
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import uuid
from typing import Any, Optional

HERE = pathlib.Path(__file__).resolve().parent.parent


# Checksums by name and version of a package.
Sums = dict[tuple[Optional[str], Optional[str]], str]


def checksums() -> Sums:
    """Cargo.lock's, by name and version."""
    found: Sums = {}
    name = version = None
    for line in (HERE / "Cargo.lock").read_text().splitlines():
        key, _, value = line.partition(" = ")
        if key == "name":
            name = value.strip('"')
        elif key == "version":
            version = value.strip('"')
        elif key == "checksum":
            found[name, version] = value.strip('"')
    return found


def linked(metadata: dict[str, Any]) -> dict[str, list[str]]:
    """What goes into the binary: by name of package what it depends on, without what only builds and tests use."""
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    found: dict[str, list[str]] = {}
    todo: list[str] = [metadata["resolve"]["root"]]
    while todo:
        this = todo.pop()
        if this not in found:
            found[this] = [dep["pkg"] for dep in nodes[this]["deps"] if any(kind["kind"] is None for kind in dep["dep_kinds"])]
            todo += found[this]
    return found


def component(package: dict[str, Any], sums: Sums) -> dict[str, Any]:
    name, version = package["name"], package["version"]
    purl = f"pkg:cargo/{name}@{version}"
    this: dict[str, Any] = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    if package["license"]:
        this["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    if (name, version) in sums:
        this["hashes"] = [{"alg": "SHA-256", "content": sums[name, version]}]
    if package["repository"]:
        this["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
    return this


def main(target: str, binary: str | None = None) -> None:
    metadata = json.loads(
        subprocess.check_output(["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target], cwd=HERE)
    )
    packages, sums = {package["id"]: package for package in metadata["packages"]}, checksums()
    graph = linked(metadata)
    parts = {this: component(packages[this], sums) for this in graph}
    root = parts.pop(metadata["resolve"]["root"])
    root["type"] = "application"
    if binary:
        root["hashes"] = [{"alg": "SHA-256", "content": hashlib.sha256(pathlib.Path(binary).read_bytes()).hexdigest()}]
    ref = {this: f"pkg:cargo/{packages[this]['name']}@{packages[this]['version']}" for this in graph}
    depends: list[dict[str, Any]] = [
        {"ref": ref[this], "dependsOn": sorted({ref[other] for other in others})} for this, others in graph.items()
    ]
    epoch = int(os.environ["SOURCE_DATE_EPOCH"])
    date = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    rustc = subprocess.check_output(["rustc", "--version"], text=True).split()[1]
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": date,
            "tools": {"components": [{"type": "application", "name": "rustc", "version": rustc}]},
            "component": root,
            "properties": [{"name": "cinderlint:target", "value": target}],
        },
        "components": sorted(parts.values(), key=lambda part: part["bom-ref"]),
        "dependencies": sorted(depends, key=lambda one: one["ref"]),
    }
    document["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(document, sort_keys=True))}"
    json.dump(document, sys.stdout, indent=1, sort_keys=True)
    print()


main(*sys.argv[1:])
