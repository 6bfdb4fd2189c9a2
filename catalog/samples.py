"""Hold cinderlint against the sample file that oslo-config-generator makes of a release.

    python3 samples.py --dumps DIR --bin CINDERLINT [--verbose] [RELEASE ...]

For each RELEASE.json of dump.py with a whole sample: every option at its default must be no finding of CND2xx or CND5xx but a
deprecation, where the sample has it and also in the section of a backend whose driver reads it; and every option with one
letter changed must be found, with the right name as the first that is suggested in 97 of 100. What other rules say of the
defaults is listed: it holds of the defaults."""

from __future__ import annotations

import argparse
import collections
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any, Optional

import tables

OPTION = re.compile(r'^#([A-Za-z_][\w-]*) ?=(.*)$')
# The option will go away, or has another name.
DEPRECATIONS = {'CND504', 'CND506'}
SLIPS = 4
# The sections of a file, each with its options and their defaults.
File = list[tuple[str, list[tuple[str, Optional[str]]]]]


def sections(sample: str) -> File:
    """[section, [(option, default or None)]] of a sample file; a multi-valued option is there once for each value."""
    out: File = []
    for line in sample.splitlines():
        if line.startswith('['):
            out.append((line.strip('[]'), []))
        found = OPTION.match(line)
        if found and out:
            value = found.group(2).strip()
            out[-1][1].append((found.group(1).replace('-', '_'), None if value == '<None>' else value))
    return out


def moved(sample: File, readers: dict[str, str | None], drivers: dict[str, bool], backend_options: set[str]) -> tuple[File, set[str]]:
    """The same options, those of backends in the section of a backend whose driver reads them; and which no driver reads.
    `readers` names the driver of an option, `drivers` says whether a driver is unsupported."""
    backends: dict[str, list[tuple[str, str | None]]] = {}
    kept: File = []
    unread: set[str] = set()
    for section, options in sample:
        left = []
        for name, default in options:
            if name in backend_options and section in ('DEFAULT', 'backend_defaults', 'backend'):
                reader = readers.get(name)
                if reader:
                    one = backends.setdefault(reader, [])
                    if name != 'volume_driver' and (name, default) not in one:
                        one.append((name, default))
                else:
                    unread.add(name)
                continue
            left.append((name, default))
        kept.append((section, left))
    names = {path: 'b%d' % at for at, path in enumerate(backends)}
    kept = [(section, [o for o in options if o[0] != 'enabled_backends']) for section, options in kept]
    kept[0][1].append(('enabled_backends', ','.join(names.values())))
    for path, options in backends.items():
        own = [o for o in options if o[0] != 'enable_unsupported_driver' or not drivers[path]]
        own += [('enable_unsupported_driver', 'true')] if drivers[path] else []
        kept.append((names[path], [('volume_driver', path)] + own))
    return kept, unread


def text_of(file: File, value_of: Callable[[str, str | None], str | None]) -> tuple[str, dict[int, tuple[str, str]]]:
    """The file's text, and the option of each of its lines."""
    lines, at = [], {}
    for section, options in file:
        lines.append('[%s]' % section)
        for name, default in options:
            text = value_of(name, default)
            if text is not None:
                lines.append(text)
                at[len(lines)] = (section, name)
    return '\n'.join(lines) + '\n', at


def check(binary: str, release: str, text: str) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, 'cinder.conf'), 'w') as f:
            f.write(text)
        done = subprocess.run(
            [
                os.path.abspath(binary),
                'check',
                '--no-settings',
                '--exit-zero',
                '--format',
                'json',
                '--root',
                folder,
                '--release',
                release,
                'cinder.conf',
            ],
            cwd=folder,
            stdout=subprocess.PIPE,
            check=True,
        )
    found: list[dict[str, Any]] = json.loads(done.stdout)['findings']
    return found


def slip(name: str, kind: int, seed: int) -> str:
    """One letter changed, left out, doubled, or swapped with the next."""
    letters = [i for i, c in enumerate(name) if c.isalpha()]
    at = letters[seed % len(letters)]
    if kind == 0:
        other = 'a' if name[at] in 'zZ' else chr(ord(name[at]) + 1)
        return name[:at] + other + name[at + 1 :]
    if kind == 1:
        return name[:at] + name[at + 1 :]
    if kind == 2:
        return name[:at] + name[at] + name[at:]
    at = min(at, len(name) - 2)
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def misspelt(binary: str, release: str, file: File, known: set[str], verbose: bool) -> tuple[int, int, int]:
    """(options changed, found, with the right name first)."""
    changed = found = right = 0
    for kind in range(SLIPS):
        written = {}
        for section, options in file:
            for name, _default in options:
                seed = sum(map(ord, name)) * 31 + len(name)
                text = slip(name, kind, seed)
                if text not in known and name not in ('enabled_backends', 'volume_driver'):
                    written[(section, name)] = text
        lines, where, done = [], {}, set()
        for section, options in file:
            lines.append('[%s]' % section)
            for name, default in options:
                if name in ('enabled_backends', 'volume_driver') and default is not None:
                    lines.append('%s = %s' % (name, default))
                if (section, name) in written and (section, name) not in done:
                    done.add((section, name))
                    lines.append('%s = x' % written[(section, name)])
                    where[len(lines)] = name
        helps = {
            f['line']: f.get('help') or ''
            for f in check(binary, release, '\n'.join(lines) + '\n')
            if f['rule'] in ('CND201', 'CND202', 'CND203', 'CND204', 'CND501', 'CND502', 'CND503', 'CND504')
        }
        changed += len(where)
        found += sum(line in helps for line in where)
        first = {line: (helps.get(line, '').split('`') + ['', ''])[1] for line in where}
        right += sum(first[line] == name for line, name in where.items())
        if verbose:
            for line, name in where.items():
                if first[line] != name:
                    print(
                        '   %-10s %s for %s: %s'
                        % ('unseen' if line not in helps else 'otherwise', lines[line - 1][:-4], name, helps.get(line, ''))
                    )
    return changed, found, right


def findings(binary: str, release: str, label: str, file: File, refused: set[str], verbose: bool) -> int:
    text, at = text_of(file, lambda name, default: None if default is None else '%s = %s' % (name, default))
    wrong: list[dict[str, Any]] = []
    others: collections.Counter[str] = collections.Counter()
    for one in check(binary, release, text):
        if one['severity'] not in ('error', 'warning') or one['rule'] in DEPRECATIONS:
            continue
        if one['rule'] == 'CND206' and at.get(one['line'], ('', ''))[1] in refused:
            others['refused by oslo.config'] += 1
        elif one['rule'][:4] in ('CND2', 'CND5'):
            wrong.append(one)
        else:
            others[one['rule']] += 1
    print(
        '%-9s %-8s %4d options at their defaults, %d errors or warnings; of the defaults themselves: %s'
        % (release, label, len(at), len(wrong), ', '.join('%s %d' % i for i in sorted(others.items())) or 'none')
    )
    for one in wrong[: 1000 if verbose else 5]:
        print('   %s [%s] %s: %s' % (one['rule'], one.get('section'), one.get('option'), one['message']))
    return len(wrong)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument('--dumps', required=True)
    parser.add_argument('--bin', required=True)
    parser.add_argument('--verbose', action='store_true')
    parser.add_argument('release', nargs='*')
    args = parser.parse_args()
    names = [r['name'] for r in tables.load(os.path.join(tables.HERE, 'releases.jsonl'))]
    table = tables.Table(names)
    options = tables.load(os.path.join(tables.HERE, 'options.jsonl'))
    drivers = tables.load(os.path.join(tables.HERE, 'drivers.jsonl'))
    known = {row['name'] for row in options} | {old for row in options for _group, old in row.get('deprecated', [])}
    wrong = 0
    for name in args.release or names:
        path = os.path.join(args.dumps, name + '.json')
        if not os.path.exists(path):
            continue
        with open(path) as f:
            dump = json.load(f)
        if not any(one[0] == 'cinder' for one in dump['options']):
            continue
        here = [d for d in drivers if name in table.between(d['first'], d['last']) and name not in d.get('gaps', [])]
        unsupported = {d['path']: name in d.get('unsupported', []) for d in here}
        here.sort(key=lambda d: unsupported[d['path']])
        sets_of = {d['path']: {s['set'] for s in d['sets'] if name in table.between(s['first'], s['last'])} for d in here}
        readers, backend_options = {}, set()
        for row in options:
            if row['group'] != 'backend_defaults' or name not in table.between(row['first'], row['last']):
                continue
            backend_options.add(row['name'])
            readers[row['name']] = next((p for p, sets in sets_of.items() if not sets.isdisjoint(row.get('sets', []))), None)
        sample = sections(dump['sample'])
        refused = {option for _group, option in dump['refused']}
        wrong += findings(args.bin, name, 'sample', sample, refused, args.verbose)
        other, unread = moved(sample, readers, unsupported, backend_options)
        wrong += findings(args.bin, name, 'moved', other, refused, args.verbose)
        print('%-9s no driver reads %d: %s' % (name, len(unread), ' '.join(sorted(unread))))
        for label, file in (('sample', sample), ('moved', other)):
            changed, found, right = misspelt(args.bin, name, file, known, args.verbose)
            print(
                '%-9s %-8s %4d options with one letter changed, %d found, right name first in %d (%.2f %%)'
                % (name, label, changed, found, right, 100 * right / changed)
            )
            wrong += found < changed or right * 100 < changed * 97
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
