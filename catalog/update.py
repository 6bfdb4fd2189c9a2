"""Make the catalogue, or replace some releases of it.

    python3 update.py --cinder-git DIR [--environments DIR] [--dumps DIR] [RELEASE ...]

`--environments` holds the folders that environments.py made: the Cinder of a release whose `ref` is `pypi` is read there;
`--dumps` holds RELEASE.json files that dump.py printed. Without release names every release is made anew; with them, the others stay as they are."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any

import collect
import sources
import tables

HERE = os.path.dirname(os.path.abspath(__file__))


def library_data(folder: str | None, names: list[str], name: str) -> dict[str, Any] | None:
    """The dump of a release, or None. Kilo's Keystone plugins came from another library than the later ones, which
    kept their options' names: the nearest later release that lists plugins stands in."""
    if folder is None:
        return None
    dump = None
    for later in names[names.index(name) :]:
        path = os.path.join(folder, later + '.json')
        if not os.path.exists(path):
            continue
        with open(path) as f:
            found = json.load(f)
        if later == name:
            dump = found
        if dump is None or dump['keystoneauth']:
            return dump
        dump['keystoneauth'] = found['keystoneauth']
    return dump


def main() -> None:
    sys.setrecursionlimit(10000)
    parser = argparse.ArgumentParser()
    parser.add_argument('--cinder-git', required=True)
    parser.add_argument('--environments')
    parser.add_argument('--dumps')
    parser.add_argument('--into', default=HERE)
    parser.add_argument('release', nargs='*')
    args = parser.parse_args()
    releases = tables.load(os.path.join(HERE, 'releases.jsonl'))
    names = [r['name'] for r in releases]
    wanted = args.release or names
    table = tables.Table(names)
    table.read(args.into, [n for n in names if n not in wanted])
    # Newest first: older releases do not declare their drivers, later ones tell which classes are meant.
    for release in reversed(releases):
        name = release['name']
        if name not in wanted:
            continue
        if release['ref'] == 'pypi':
            tree = sources.Sources.from_site_packages(os.path.join(args.environments, name))
        else:
            tree = sources.Sources.from_git(args.cinder_git, release['ref'])
        dump = library_data(args.dumps, names, name)
        read = collect.Release(tree, dump, table.drivers)
        table.add(name, read)
        for where in sorted(read.drivers.unresolved):
            print('%s: cannot tell what is appended: %s' % (name, ' '.join(where)))
        print('%s: %d options, %d drivers%s' % (name, len(read.options), len(read.classes), '' if dump else ', no library data'))
    table.write(args.into)


if __name__ == '__main__':
    main()
