"""Compare the catalogue with what oslo-config-generator lists in the releases that can be imported.

    python3 compare.py --dumps DIR [--verbose] [RELEASE ...]

Prints, for each RELEASE.json of dump.py: options that the catalogue misses, has beyond, or describes otherwise."""

import argparse
import json
import os
import sys

import tables
from collect import section

COMPARED = ['type', 'multi', 'default', 'sample_default', 'dynamic_default', 'secret', 'required', 'mutable',
            'advanced', 'deprecated', 'removal']
# Bounds that are the machine's, not the release's.
OF_THE_MACHINE = {('DEFAULT', 'backup_workers'): 'max'}


def attributes(record, key=None):
    out = {k: record[k] for k in COMPARED if k in record and k != 'removal'}
    if key in OF_THE_MACHINE:
        out['type'] = {k: v for k, v in out['type'].items() if k != OF_THE_MACHINE[key]}
    out['removal'] = 'removal' in record
    if out['type']['kind'] == 'dict' and out.get('default'):
        out['default'] = ','.join(sorted(out['default'].split(',')))  # Python 2's dicts have no order
    return out


def reason_for_extra(row, listed):
    """Why the catalogue has an option that the generator does not print under this section, or None."""
    if row['origin'] == 'keystoneauth1':
        return 'read by a keystoneauth plugin'
    if row['group'] == 'backend_defaults':
        if ('DEFAULT', row['name']) in listed or ('backend', row['name']) in listed:
            return 'printed under another section, read from the backend'
        return 'put into the backend by a driver, not printed'
    return 'registered, not printed'


def compare(name, rows, dump, verbose):
    names = {}
    for row in rows:
        names.setdefault((row['group'], row['name']), []).append(row)
    expected = {}
    for _namespace, group, record in dump['options']:
        expected.setdefault((section(group), record['name']), []).append(record)
    missing, different, extra = [], [], {}
    for key, records in sorted(expected.items()):
        if key not in names:
            missing.append(key)
            continue
        have = [attributes(r, key) for r in names[key]]
        for record in records:
            if attributes(record, key) not in have:
                different.append((key, attributes(record), have))
    for key in sorted(set(names) - set(expected)):
        extra.setdefault(reason_for_extra(names[key][0], expected), []).append(key)
    print('%-9s printed %4d  missing %d  different %d  beyond: %s' % (
        name, len(expected), len(missing), len(different),
        ', '.join('%d %s' % (len(v), k) for k, v in sorted(extra.items())) or 'none'))
    if verbose:
        for key in missing:
            print('   missing [%s] %s' % key)
        for key, want, have in different:
            for h in have:
                print('   different [%s] %s:' % key, ', '.join(
                    '%s %r, catalogue %r' % (k, want.get(k), h.get(k))
                    for k in COMPARED if want.get(k) != h.get(k)))
        for why, keys in sorted(extra.items()):
            print('   beyond (%s): %s' % (why, ' '.join('%s/%s' % k for k in keys)))
    return len(missing) + len(different)


def compare_drivers(name, drivers, sets_of, dump, index, verbose):
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
        wrong = [k for k, v in (('unsupported', name in row.get('unsupported', [])),) if v == facts['supported']]
        if lacking or wrong:
            short += 1
            if verbose:
                print('   driver', path, 'lacks', lacking, *wrong)
    print('%-9s drivers asked %d, short %d' % (name, len(dump['drivers']), short))
    return short


def main():
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
        if not any(o[0] == 'cinder' for o in dump['options']):
            print('%-9s Cinder itself cannot be imported: %s' % (name, dump['errors'].get('cinder')))
            continue
        rows = [r for r in options if index[r['first']] <= index[name] <= index[r['last']]]
        wrong += compare(name, rows, dump, args.verbose)
        sets_of = {}
        for row in rows:
            for one in row.get('sets', []):
                sets_of.setdefault(one, set()).add(row['name'])
        wrong += compare_drivers(name, drivers, sets_of, dump, index, args.verbose)
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
