"""Make the catalogue, or replace some releases of it.

    python3 update.py --cinder-git DIR [--site-packages DIR] [--dumps DIR] [RELEASE ...]

`--site-packages` holds the installed Cinder of the release whose `ref` is `pypi`; `--dumps` holds RELEASE.json files
that dump.py printed. Without release names every release is made anew; with them, the others stay as they are."""

import argparse
import json
import os
import sys

import collect
import sources
import tables

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    sys.setrecursionlimit(10000)
    parser = argparse.ArgumentParser()
    parser.add_argument('--cinder-git', required=True)
    parser.add_argument('--site-packages')
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
            tree = sources.Sources.from_site_packages(args.site_packages)
        else:
            tree = sources.Sources.from_git(args.cinder_git, release['ref'])
        dump = None
        if args.dumps and os.path.exists(os.path.join(args.dumps, name + '.json')):
            with open(os.path.join(args.dumps, name + '.json')) as f:
                dump = json.load(f)
        read = collect.Release(tree, dump, table.drivers)
        table.add(name, read)
        for where in sorted(read.drivers.unresolved):
            print('%s: cannot tell what is appended: %s' % (name, ' '.join(where)))
        print('%s: %d options, %d drivers%s' % (name, len(read.options), len(read.classes),
                                                '' if dump else ', no library data'))
    table.write(args.into)


if __name__ == '__main__':
    main()
