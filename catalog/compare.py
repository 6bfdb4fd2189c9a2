"""Compare the catalogue with what oslo-config-generator prints in the releases that can be imported.

    python3 compare.py --dumps DIR [--verbose] [RELEASE ...]

Prints, for each RELEASE.json of dump.py: options that the catalogue misses, describes otherwise, or has beyond (with the reason);
drivers whose options are short; and what the libraries' sources define, but nothing tells."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any

import tables
from collect import section
from records import written

# What an option is in one release; the rest says which option, and in which releases.
COMPARED = [key for key in tables.KEYS if key not in ('group', 'name', 'first', 'last', 'origin', 'sets')]
# Bounds that are the machine's, not the release's.
OF_THE_MACHINE = {('DEFAULT', 'backup_workers'): 'max'}
# The published package of Ocata is older than its branch, which the catalogue has.
OLDER_PACKAGE = {('ocata', 'unity_io_ports'), ('ocata', 'unity_storage_pool_names')}
# What the generator's machine-readable form calls the types.
TYPES = {
    'string': 'string value',
    'boolean': 'boolean value',
    'integer': 'integer value',
    'port': 'port value',
    'float': 'floating point value',
    'list': 'list value',
    'dict': 'dict value',
    'uri': 'uri value',
    'range': 'range value',
    'ip': 'IP address value',
    'hostname': 'hostname value',
    'hostaddress': 'host address value',
    'hostdomain': 'host domain value',
    'custom': 'unknown value',
}
# Files of libraries whose options no Cinder service reads.
NOT_OURS = {
    'a command': (
        'oslo_config/generator.py',
        'oslo_config/validator.py',
        'oslo_policy/generator.py',
        'oslo_policy/shell.py',
        'oslo_privsep/daemon.py',
    ),
    'the command line': ('oslo_config/cfg.py',),
    "another service's filter": ('oslo_middleware/basic_auth.py',),
    "a proxy's": ('oslo_messaging/_drivers/zmq_driver/proxy/',),
    "another service's": ('keystonemiddleware/ec2_token.py', 'keystoneauth1/loading/adapter.py'),
}


def attributes(record: dict[str, Any], key: tuple[str, str] | None = None) -> dict[str, Any]:
    out = {k: record[k] for k in COMPARED if k in record and k != 'removal'}
    if key in OF_THE_MACHINE:
        out['type'] = {k: v for k, v in out['type'].items() if k != OF_THE_MACHINE[key]}
    out['removal'] = 'removal' in record
    if out['type']['kind'] == 'dict' and out.get('default'):
        out['default'] = ','.join(sorted(out['default'].split(',')))  # Python 2's dicts have no order
    return out


def as_printed(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the catalogue as the generator's machine-readable form has it."""
    kind = row['type']
    port = kind['kind'] == 'port'
    own = row['group']
    return {
        'type': 'multi valued' if row.get('multi') else TYPES[kind['kind']],
        'min': kind.get('min', 0 if port else None),
        'max': kind.get('max', 65535 if port else None),
        'choices': kind.get('choices', []) if kind['kind'] != 'list' else [],
        'secret': row.get('secret', False),
        'required': row.get('required', False),
        'mutable': row.get('mutable', False),
        'default': row.get('default') if not row.get('dynamic_default') else '?',
        'deprecated_opts': sorted([section(group or own), name] for group, name in row.get('deprecated', [])),
        'deprecated_for_removal': 'removal' in row,
    }


def printed_differences(key: tuple[str, str], entry: dict[str, Any], row: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The attributes in which an entry of the generator's machine-readable form differs from the catalogue's row."""
    have = as_printed(row)
    # A multi-valued option goes by its item's type since it has one; some types had no name of their own.
    if row.get('multi') and entry['type'] == TYPES[row['type']['kind']] or entry['type'] == 'unknown value':
        have['type'] = entry['type']
    choices = [c[0] if isinstance(c, list) else c for c in entry['choices']]
    told = dict(entry, choices=[written(c) for c in choices if c is not None])
    told['default'] = entry['default']
    if row.get('dynamic_default'):
        told['default'] = '?'
    elif row.get('multi'):
        value = entry['default']
        told['default'] = value if value is None else [written(v) for v in value] if isinstance(value, list) else [value]
    else:
        told['default'] = written(entry['default'])
    if isinstance(told['default'], str) and row['type']['kind'] == 'dict':
        told['default'], have['default'] = (','.join(sorted(d.split(','))) for d in (told['default'], have['default']))
    told['deprecated_opts'] = sorted([section(d['group']), d['name'].replace('-', '_')] for d in entry['deprecated_opts'])
    # The generator leaves old names with a dash out: no file can hold them.
    have['deprecated_opts'] = [d for d in have['deprecated_opts'] if d in told['deprecated_opts'] or '_' not in d[1]]
    left_out = {OF_THE_MACHINE.get(key)}
    return {k: (told[k], have[k]) for k in have if k not in left_out and (told[k] or None) != (have[k] or None)}


def reason_for_extra(row: dict[str, Any], dump: dict[str, Any]) -> str | None:
    """Why the catalogue has an option that the generator does not print under this section."""
    key = (row['group'], row['name'])
    if row['origin'] == 'keystoneauth1':
        return 'keystoneauth plugins read it'
    if any(key == (section(group), record['name']) for _origin, group, record in dump['unlisted']):
        return 'a library registers it, and does not list it'
    if row['group'] == 'backend_defaults':
        return 'a driver puts it into its backend, and Cinder does not print it there'
    return 'Cinder registers it, and does not print it' if row['origin'] == 'cinder' else None


def compare(name: str, rows: list[dict[str, Any]], dump: dict[str, Any], verbose: bool) -> int:
    names: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        names.setdefault((row['group'], row['name']), []).append(row)
    expected: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for _namespace, group, record in dump['options']:
        expected.setdefault((section(group), record['name']), []).append(record)
    missing: list[tuple[str, str]] = []
    different: list[tuple[tuple[str, str], dict[str, tuple[Any, Any]]]] = []
    extra: dict[str | None, list[tuple[str, str]]] = {}
    for key, records in sorted(expected.items()):
        if key not in names:
            missing.append(key)
            continue
        have = [attributes(r, key) for r in names[key]]
        for record in records:
            want = attributes(record, key)
            if want not in have and (name, key[1]) in OLDER_PACKAGE:
                extra.setdefault("differs: the package is older than the release's branch", []).append(key)
            elif want not in have:
                different.append((key, {k: (want.get(k), h.get(k)) for h in have for k in COMPARED if want.get(k) != h.get(k)}))
    printed = dump['printed'] or []
    for group, entry in printed:
        key = (section(group), entry['dest'].replace('-', '_'))
        found = [printed_differences(key, entry, row) for row in names.get(key, [])]
        if not found:
            missing.append(key)
        elif all(found):
            different.append((key, found[0]))
    for key in sorted(set(names) - set(expected)):
        extra.setdefault(reason_for_extra(names[key][0], dump), []).append(key)
    unexplained = extra.pop(None, [])
    print(
        '%-9s listed %4d, printed %4d: missing %d, extra %d, different %d; beyond what is printed: %s'
        % (
            name,
            len(expected),
            len(printed),
            len(missing),
            len(unexplained),
            len(different),
            '; '.join('%d %s' % (len(v), k) for k, v in sorted(extra.items())) or 'none',
        )
    )
    if verbose:
        for key in missing:
            print('   missing [%s] %s' % key)
        for key in unexplained:
            print('   extra [%s] %s' % key)
        for key, how in different:
            print('   different [%s] %s:' % key, ', '.join('%s %r, catalogue %r' % ((k,) + v) for k, v in how.items()))
        for why, keys in sorted(extra.items()):
            print('   beyond (%s): %s' % (why, ' '.join('%s/%s' % k for k in keys)))
    return len(missing) + len(unexplained) + len(different)


def compare_sources(name: str, rows: list[dict[str, Any]], dump: dict[str, Any], verbose: bool) -> int:
    """What the libraries' sources define must be somewhere in the catalogue, as a name or an old name."""
    known = {row['name'] for row in rows} | {old for row in rows for _group, old in row.get('deprecated', [])}
    left_out = tuple(path for paths in NOT_OURS.values() for path in paths)
    untold = {
        path: sorted(set(options) - known)
        for path, options in dump['defined'].items()
        if not path.startswith(left_out) and set(options) - known
    }
    for package in ('castellan', 'oslo_privsep'):  # installed with the libraries of old, and not yet used
        if not any(row['origin'] == package.replace('_', '.') for row in rows):
            untold = {path: options for path, options in untold.items() if not path.startswith(package + '/')}
    print('%-9s defined in %d files of libraries, untold in %d' % (name, len(dump['defined']), len(untold)))
    if verbose:
        for path, options in sorted(untold.items()):
            print('   untold', path, *options)
    return len(untold)


def compare_drivers(
    name: str, drivers: list[dict[str, Any]], sets_of: dict[str, set[str]], dump: dict[str, Any], index: dict[str, int], verbose: bool
) -> int:
    """Each class's own `get_driver_options` must be among the options of the sets that the catalogue gives it."""
    short = 0
    by_path = {d['path']: d for d in drivers}
    for path, facts in sorted(dump['drivers'].items()):
        row = by_path.get(path)
        if row is None:
            print('   driver missing', path)
            short += 1
            continue
        sets = {s['set'] for s in row['sets'] if index[s['first']] <= index[name] <= index[s['last']]}
        have = {o for s in sets for o in sets_of.get(s, ())}
        lacking = sorted(set(facts['options'] or []) - have)
        wrong = [k for k, v in (('unsupported', name in row.get('unsupported', [])),) if v is facts['supported']]
        if lacking or wrong:
            short += 1
            if verbose:
                print('   driver', path, 'lacks', lacking, *wrong)
    print('%-9s drivers asked %d, short %d' % (name, len(dump['drivers']), short))
    return short


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument('--dumps', required=True)
    parser.add_argument('--catalog', default=tables.HERE)
    parser.add_argument('--verbose', action='store_true')
    parser.add_argument('release', nargs='*')
    args = parser.parse_args()
    names = [r['name'] for r in tables.load(os.path.join(tables.HERE, 'releases.jsonl'))]
    index = {n: i for i, n in enumerate(names)}
    options = tables.load(os.path.join(args.catalog, 'options.jsonl'))
    drivers = tables.load(os.path.join(args.catalog, 'drivers.jsonl'))
    wrong = 0
    for name in names:
        path = os.path.join(args.dumps, name + '.json')
        if not os.path.exists(path) or (args.release and name not in args.release):
            continue
        with open(path) as f:
            dump = json.load(f)
        rows = [r for r in options if index[r['first']] <= index[name] <= index[r['last']]]
        if any(o[0] == 'cinder' for o in dump['options']):
            wrong += compare(name, rows, dump, args.verbose)
        else:
            print('%-9s Cinder itself has no list of its options' % name)
        wrong += compare_sources(name, rows, dump, args.verbose)
        if not dump['drivers']:
            continue
        sets_of: dict[str, set[str]] = {}
        for row in rows:
            for one in row.get('sets', []):
                sets_of.setdefault(one, set()).add(row['name'])
        wrong += compare_drivers(name, drivers, sets_of, dump, index, args.verbose)
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
