"""Make `code.jsonl`: the modules, classes, filters and weighers that options of a release may name.

    python3 code.py --cinder-git DIR --environments DIR

`--environments` holds the folders that environments.py made: the Cinder of a release whose `ref` is `pypi` is read there. Nothing is run:
modules are read as syntax trees, entry points as text."""

from __future__ import annotations

import argparse
import ast
import configparser
import glob
import json
import os
import subprocess
import sys
from collections.abc import Iterator

import tomllib

import sources
import tables

HERE = os.path.dirname(os.path.abspath(__file__))

# The packages whose classes options name. Of drivers of volumes drivers.jsonl knows more.
NAMED = ('backup', 'compute', 'consistencygroup', 'group', 'keymgr', 'quota', 'scheduler', 'transfer', 'volume', 'zonemanager')
# The entry points whose class names are filters or weighers.
HANDLED = {'cinder.scheduler.filters': 'filter', 'cinder.scheduler.weights': 'weigher'}


def bindings(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The names that a module has: classes as (name, 'class'), everything else that is written like a class as (name, 'name')."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield node.name, 'class'
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, 'name'
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, 'name'
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                name = alias.asname or alias.name.split('.')[0]
                if name[:1].isupper():
                    yield name, 'name'


def entry_points(text: str) -> Iterator[tuple[str, str, str]]:
    """The filters and weighers in the text of an entry_points.txt, or of a setup.cfg: (kind, entry, class)."""
    parser = configparser.ConfigParser(interpolation=None, strict=False, delimiters=('=', ':'))
    parser.optionxform = str  # type: ignore[method-assign,assignment]  # as its documentation has it
    parser.read_string(text)
    sections = {name: '\n'.join('%s = %s' % pair for pair in parser[name].items()) for name in parser.sections()}
    sections.update(parser['entry_points'] if 'entry_points' in parser else {})
    for section, kind in HANDLED.items():
        for line in sections.get(section, '').splitlines():
            entry, _, target = line.partition('=')
            if target:
                yield kind, entry.strip(), target.strip().split(':')[-1]


def project_entry_points(text: str) -> Iterator[tuple[str, str, str]]:
    """The same of a pyproject.toml."""
    points = tomllib.loads(text).get('project', {}).get('entry-points', {})
    for section, kind in HANDLED.items():
        for entry, target in points.get(section, {}).items():
            yield kind, entry, target.split(':')[-1]


def read(tree: sources.Sources, entries: list[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    """All facts of one release: {(kind, path, entry)}."""
    found = set()
    for module in tree.modules('cinder'):
        if '.db.' in module or '.tests' in module:
            continue
        found.add(('module', module, ''))
        parts = module.split('.')
        is_driver = module.startswith('cinder.volume.drivers.')
        if len(parts) < 2 or parts[1] not in NAMED or is_driver:
            continue
        for name, kind in bindings(tree.parse(module)):
            if not name.startswith('_') and (kind == 'class' or name[:1].isupper() and not name.isupper() or name == 'API'):
                found.add((kind, '%s.%s' % (module, name), ''))
    for kind, entry, name in entries:
        found.add((kind, name, '' if entry == name else entry))
    # What is both is a class.
    return {fact for fact in found if fact[0] != 'name' or ('class',) + fact[1:] not in found}


def main() -> None:
    sys.setrecursionlimit(10000)
    parser = argparse.ArgumentParser()
    parser.add_argument('--cinder-git', required=True)
    parser.add_argument('--environments', required=True)
    parser.add_argument('--into', default=HERE)
    args = parser.parse_args()
    releases = tables.load(os.path.join(HERE, 'releases.jsonl'))
    seen: dict[tuple[str, str, str], list[int]] = {}
    for at, release in enumerate(releases):
        if release['ref'] == 'pypi':
            folder = os.path.join(args.environments, release['name'])
            tree = sources.Sources.from_site_packages(folder)
            [path] = glob.glob(os.path.join(folder, 'cinder-*.dist-info', 'entry_points.txt'))
            with open(path) as file:
                entries = list(entry_points(file.read()))
        else:
            tree = sources.Sources.from_git(args.cinder_git, release['ref'])
            entries = []
            for name, parse in (('setup.cfg', entry_points), ('pyproject.toml', project_entry_points)):
                shown = subprocess.run(
                    ['git', '--git-dir', args.cinder_git, 'show', '%s:%s' % (release['ref'], name)],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                )
                entries += parse(shown.stdout) if shown.returncode == 0 else []
        for fact in read(tree, entries):
            seen.setdefault(fact, []).append(at)
        print(release['name'], sum(at in ats for ats in seen.values()))
    with open(os.path.join(args.into, 'code.jsonl'), 'w') as file:
        for (kind, path, entry), ats in sorted(seen.items()):
            first = 0
            for i in range(len(ats)):
                if i + 1 < len(ats) and ats[i + 1] == ats[i] + 1:
                    continue
                line = {'path': path, 'kind': kind, 'first': releases[ats[first]]['name'], 'last': releases[ats[i]]['name']}
                if entry:
                    line['entry'] = entry
                file.write(json.dumps(line) + '\n')
                first = i + 1


if __name__ == '__main__':
    main()
