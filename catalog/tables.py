"""The catalogue's tables: what is known by release, written as ranges of releases, one JSON object a line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collect import Release

HERE = os.path.dirname(os.path.abspath(__file__))
TYPE_KEYS = ['kind', 'choices', 'ignore_case', 'min', 'max', 'regex', 'max_length', 'quotes', 'item', 'bounds', 'key', 'version', 'schemes']
KEYS = [
    'group',
    'name',
    'type',
    'multi',
    'default',
    'sample_default',
    'dynamic_default',
    'secret',
    'required',
    'mutable',
    'advanced',
    'deprecated',
    'removal',
    'first',
    'last',
    'origin',
    'sets',
]


def load(path: str) -> list[dict[str, Any]]:
    if not os.path.exists(path):
        return []
    with open(path) as f:
        return [json.loads(line) for line in f if line.strip()]


def save(path: str, rows: list[dict[str, Any]]) -> None:
    with open(path, 'w') as f:
        for row in rows:
            f.write(json.dumps(row, ensure_ascii=False) + '\n')


def frozen(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def ordered(kind: dict[str, Any]) -> dict[str, Any]:
    """A type with its keys in the order that a person expects."""
    if 'item' in kind:
        kind = dict(kind, item=ordered(kind['item']))
    return {k: kind[k] for k in TYPE_KEYS if k in kind}


class Table:
    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.index = {n: i for i, n in enumerate(names)}
        self.options: dict[str, set[str]] = {}  # frozen record -> releases
        self.drivers: dict[str, dict[str, dict[str, Any]]] = {}  # path -> release -> facts
        self.groups: dict[str, set[str]] = {}  # group -> releases
        self.aliases: dict[tuple[str, str], set[str]] = {}  # (old path, present path) -> releases
        with open(os.path.join(HERE, 'removals.json')) as f:
            self.removals = json.load(f)

    # -- from the sources

    def add(self, name: str, release: Release) -> None:
        for record in release.options.values():
            record = dict(record)
            if 'removal' in record:
                record['removal'] = self.removal(record)
            if not record.get('sets'):
                record.pop('sets', None)
            self.options.setdefault(frozen(record), set()).add(name)
        for group in release.sections():
            self.groups.setdefault(group, set()).add(name)
        for path, facts in release.classes.items():
            self.drivers.setdefault(path, {})[name] = facts
        for old, new in release.aliases.items():
            self.aliases.setdefault((old, new), set()).add(name)

    def removal(self, record: dict[str, Any]) -> dict[str, str]:
        out = {k: v for k, v in record['removal'].items() if k == 'since'}
        reason = self.removals.get(record['group'] + '/' + record['name']) or self.removals.get(record['name'])
        if reason:
            out['reason'] = reason
        return out

    # -- from the catalogue itself

    def read(self, folder: str, names: list[str]) -> None:
        """Take over `names` from the tables in `folder`."""
        wanted = set(names)
        if not wanted:
            return
        for row in load(os.path.join(folder, 'options.jsonl')):
            covered = wanted & set(self.between(row.pop('first'), row.pop('last')))
            if covered:
                row.setdefault('default', None)
                self.options.setdefault(frozen(row), set()).update(covered)
        for row in load(os.path.join(folder, 'groups.jsonl')):
            covered = wanted & set(self.between(row['first'], row['last'])) if 'group' in row else set()
            if covered:
                self.groups.setdefault(row['group'], set()).update(covered)
        for row in load(os.path.join(folder, 'drivers.jsonl')):
            for alias in row.get('aliases', []):
                covered = wanted & set(self.between(alias['first'], alias['last']))
                if covered:
                    self.aliases.setdefault((alias['path'], row['path']), set()).update(covered)
            for name in set(self.between(row['first'], row['last'])) - set(row.get('gaps', [])):
                if name not in wanted:
                    continue
                active = {n for r in row.get('active_active', []) for n in self.between(*r.split('..'))}
                self.drivers.setdefault(row['path'], {})[name] = {
                    'unsupported': name in row.get('unsupported', []),
                    'active_active': name in active,
                    'remotefs': row.get('remotefs', False),
                    'protocol': row.get('protocol'),
                    'sets': sorted(s['set'] for s in row['sets'] if name in self.between(s['first'], s['last'])),
                }

    def between(self, first: str, last: str) -> list[str]:
        return self.names[self.index[first] : self.index[last] + 1]

    def ranges(self, releases: Iterable[str]) -> list[tuple[str, str]]:
        """Contiguous (first, last) pairs."""
        out: list[list[int]] = []
        for i in sorted(self.index[n] for n in releases):
            if out and out[-1][1] == i - 1:
                out[-1][1] = i
            else:
                out.append([i, i])
        return [(self.names[a], self.names[b]) for a, b in out]

    # -- to the files

    def write(self, folder: str) -> None:
        rows = []
        for text, releases in self.options.items():
            record = json.loads(text)
            for first, last in self.ranges(releases):
                row = dict(record, first=first, last=last, type=ordered(record['type']))
                rows.append({k: row[k] for k in KEYS if k in row})
        rows.sort(key=lambda r: (r['group'], r['name'], self.index[r['first']], r.get('sets', []), frozen(r)))
        save(os.path.join(folder, 'options.jsonl'), rows)
        save(os.path.join(folder, 'drivers.jsonl'), [self.driver(p) for p in sorted(self.drivers)])
        self.write_groups(folder)

    def driver(self, path: str) -> dict[str, Any]:
        by_release = self.drivers[path]
        ranges = self.ranges(by_release)
        first, last = ranges[0][0], ranges[-1][1]
        row: dict[str, Any] = {'path': path, 'first': first, 'last': last}
        gaps = [n for n in self.between(first, last) if n not in by_release]
        if gaps:
            row['gaps'] = gaps
        unsupported = [n for n in self.names if by_release.get(n, {}).get('unsupported')]
        if unsupported:
            row['unsupported'] = unsupported
        aliases = []
        for (old, new), releases in sorted(self.aliases.items()):
            if new == path:
                aliases += [{'path': old, 'first': a, 'last': b} for a, b in self.ranges(releases)]
        if aliases:
            row['aliases'] = aliases
        active = [n for n in by_release if by_release[n]['active_active']]
        if active:
            row['active_active'] = ['%s..%s' % r for r in self.ranges(active)]
        newest = by_release[last]
        protocol = next((by_release[n]['protocol'] for n in reversed(self.names) if n in by_release and by_release[n]['protocol']), None)
        if protocol:
            row['protocol'] = protocol
        if newest['remotefs']:
            row['remotefs'] = True
        sets: dict[str, set[str]] = {}
        for name, facts in by_release.items():
            for one in facts['sets']:
                sets.setdefault(one, set()).add(name)
        row['sets'] = [{'set': s, 'first': a, 'last': b} for s in sorted(sets) for a, b in self.ranges(sets[s])]
        return row

    def write_groups(self, folder: str) -> None:
        with open(os.path.join(HERE, 'sections.json')) as f:
            known = json.load(f)
        rows = []
        for group in sorted(self.groups):
            for first, last in self.ranges(self.groups[group]):
                row = {'group': group, 'first': first, 'last': last, 'dynamic': False}
                if group in known['placeholders']:
                    row['placeholder'] = known['placeholders'][group]
                rows.append(row)
        # A pattern without a last release still holds.
        for one in known['patterns']:
            rows.append(
                {
                    'pattern': one['pattern'],
                    'named_by': one['named_by'],
                    'options_of': one['options_of'],
                    'first': one['first'],
                    'last': one.get('last', self.names[-1]),
                    'dynamic': True,
                    'why': one['why'],
                }
            )
        save(os.path.join(folder, 'groups.jsonl'), rows)
