"""What must hold in the tables whatever the releases: no option has two lines in a release, drivers' lists exist, and
no option list is left that no driver reads (those printed are to be looked at)."""

from __future__ import annotations

import os
import sys

import tables


def main() -> int:
    names = [r['name'] for r in tables.load(os.path.join(tables.HERE, 'releases.jsonl'))]
    table = tables.Table(names)
    options = tables.load(os.path.join(tables.HERE, 'options.jsonl'))
    drivers = tables.load(os.path.join(tables.HERE, 'drivers.jsonl'))
    wrong = 0
    seen: set[tuple[str, str, str]] = set()
    read: set[tuple[str, str]] = set()
    lists: dict[tuple[str, str], list[str]] = {}
    for row in options:
        for name in table.between(row['first'], row['last']):
            key = (row['group'], row['name'], name)
            if key in seen:
                wrong += 1
                print('two lines: [%s] %s in %s' % key)
            seen.add(key)
            if row['group'] == 'backend_defaults':
                for one in row.get('sets', []):
                    lists.setdefault((one, name), []).append(row['name'])
    for row in drivers:
        for one in row['sets']:
            for name in table.between(one['first'], one['last']):
                read.add((one['set'], name))
                if (one['set'], name) not in lists:
                    wrong += 1
                    print('no such list: %s of %s in %s' % (one['set'], row['path'], name))
    unread: dict[str, list[str]] = {}
    for one, name in set(lists) - read:
        unread.setdefault(one, []).append(name)
    for one, releases in sorted(unread.items()):
        print('read by no driver: %s in %s' % (one, ' '.join(sorted(releases, key=table.index.__getitem__))))
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
