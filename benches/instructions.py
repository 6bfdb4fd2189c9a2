#!/usr/bin/env python3
"""Counts the instructions of whole runs and compares them with benches/instructions.json.

usage: instructions.py [--bin target/release/cinderlint] [--record]

Counts (valgrind --tool=callgrind) do not depend on how busy the machine is, so that a run which costs 5 % more than was
written down is news. --record writes the figures down afresh: look at the difference before it is committed.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import inputs

HERE = pathlib.Path(__file__).parent
FIGURES = HERE / 'instructions.json'
LIMIT = 0.05


def runs(folder):
    """(name, arguments) of every run."""
    texts = {'small': inputs.backends(2), 'thousand': inputs.backends(1000), 'findings': inputs.findings(1000)}
    for name, text in texts.items():
        inputs.write(folder / (name + '.conf'), text)
    yield 'version', ['--version']
    yield 'check a small file', ['check', 'small.conf']
    yield 'check 1,000 backends', ['check', 'thousand.conf']
    yield 'parse 1,000 backends', ['parse', 'thousand.conf']
    yield 'effective, 1,000 backends', ['effective', 'thousand.conf']
    for form in ['full', 'concise', 'json', 'sarif', 'github', 'gitlab', 'junit', 'checkstyle', 'rdjson', 'zuul', 'jsonl']:
        yield '1,000 findings as ' + form, ['check', '--format', form, 'findings.conf']


def count(binary, arguments, folder):
    command = ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', str(binary), *arguments]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                          env={'PATH': '/usr/bin:/bin', 'HOME': str(folder), 'COLUMNS': '100'})
    found = re.search(r'refs:\s+([\d,]+)', done.stderr)
    if done.returncode not in (0, 1) or not found:
        sys.exit('%s: %s' % (' '.join(command), done.stderr[-500:]))
    return int(found.group(1).replace(',', ''))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--bin', type=pathlib.Path, default=HERE.parent / 'target/release/cinderlint')
    parser.add_argument('--record', action='store_true')
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = {name: count(args.bin.resolve(), arguments, folder) for name, arguments in runs(pathlib.Path(folder))}
    if args.record:
        FIGURES.write_text(json.dumps(found, indent=1) + '\n')
    known = json.loads(FIGURES.read_text())
    worse = 0
    for name in sorted(known.keys() | found.keys()):
        then, now = known.get(name, 0), found.get(name, 0)
        change = now / then - 1 if then else 1
        worse += abs(change) > LIMIT
        print('%-28s %14s -> %14s  %+6.1f %%%s' % (
            name, format(then, ','), format(now, ','), 100 * change, '  <<<' if abs(change) > LIMIT else ''))
    if worse:
        sys.exit('%d runs changed by more than %d %%: look why; benches/instructions.py --record writes the new figures down'
                 % (worse, 100 * LIMIT))


if __name__ == '__main__':
    main()
