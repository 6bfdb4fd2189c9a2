#!/usr/bin/env python3
"""Counts the instructions of whole runs and compares them with benches/instructions.json.

usage: instructions.py [--bin PROGRAM] [--record]

Without --bin the release is built: what `cargo bench` leaves in target/release has more of its libraries, and other counts.

Counts (valgrind --tool=callgrind) do not depend on how busy the machine is, so that a run which costs 5 % more or less than was
written down is news. --record writes the figures down afresh: look at the difference before it is committed.

Another compiler, C library, valgrind or kind of processor makes other counts of the same sources: figures that were written down with
others are shown, and fail nothing.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import os
import pathlib
import platform
import queue
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

import inputs

HERE = pathlib.Path(__file__).resolve().parent
FIGURES = HERE / 'instructions.json'
LIMIT = 0.05
FORMATS = ['full', 'concise', 'json', 'sarif', 'github', 'gitlab', 'junit', 'checkstyle', 'rdjson', 'zuul', 'jsonl']


def sample() -> str:
    """Every option of the newest release, set to its default: like the generator's sample, without an environment that has Cinder."""
    groups: dict[str, list[str]] = {}
    for line in (HERE.parent / 'catalog/options.jsonl').read_text().splitlines():
        option = json.loads(line)
        if option['last'] == '2026.2':
            default = option.get('default')
            text = '# As the manual has it; see there.\n%s = %s\n' % (option['name'], default if isinstance(default, str) else '')
            groups.setdefault(option['group'], []).append(text)
    return '\n'.join('[%s]\n%s' % (group, '\n'.join(texts)) for group, texts in groups.items())


def runs(folder: pathlib.Path) -> Iterator[tuple[str, list[str]]]:
    """(name, arguments) of every run."""
    texts = {
        'small': inputs.backends(2),
        'thousand': inputs.backends(1000),
        'findings': inputs.findings(1000),
        'sample': sample(),
        'lines': inputs.lines(10000),
    }
    for name, text in texts.items():
        (folder / (name + '.conf')).write_text(text)
    inputs.tree(folder / 'tree', 8, 5)
    yield 'version', ['--version']
    yield 'check a small file', ['check', 'small.conf']
    yield 'check every option set', ['check', 'sample.conf']
    yield 'check 10,000 comments', ['check', 'lines.conf']
    yield 'check 1,000 backends', ['check', 'thousand.conf']
    yield 'parse 1,000 backends', ['parse', 'thousand.conf']
    yield 'effective, 1,000 backends', ['effective', 'thousand.conf']
    yield 'check a tree of 2,000 files', ['check', 'tree']
    for form in FORMATS:
        yield '1,000 findings as ' + form, ['check', '--format', form, 'findings.conf']


def count(binary: pathlib.Path, arguments: list[str], folder: pathlib.Path, codes: tuple[int, ...] = (0, 1)) -> int:
    """The instructions of a run that ends with one of these codes."""
    command = ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', str(binary), *arguments]
    # The environment lies on the stack, and some of it is read.
    done = subprocess.run(
        command,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={'PATH': '/usr/bin:/bin', 'HOME': '/nonexistent', 'COLUMNS': '100', 'LC_ALL': 'C.UTF-8'},
    )
    found = re.search(r'refs:\s+([\d,]+)', done.stderr)
    if done.returncode not in codes or not found:
        raise RuntimeError('%s: %s' % (' '.join(command), done.stderr[-500:]))
    return int(found.group(1).replace(',', ''))


def counts(binary: pathlib.Path) -> dict[str, int]:
    """All runs, as many at a time as there are cores; each sees one, so that it has the same threads everywhere."""
    cores: queue.Queue[int] = queue.Queue()
    for core in os.sched_getaffinity(0):
        cores.put(core)

    # Of Linux's threads each has its own affinity, and hands it to what it starts.
    def pin() -> None:
        os.sched_setaffinity(0, [cores.get()])

    # Always below /tmp: what is above the folder is looked through for settings.
    with tempfile.TemporaryDirectory(prefix='cinderlint-', dir='/tmp') as name:
        folder = pathlib.Path(name)
        # A copy: another build must not replace it halfway, and its path lies on the stack.
        copy = pathlib.Path(shutil.copy(binary, folder / 'cinderlint'))
        wanted = list(runs(folder))
        with concurrent.futures.ThreadPoolExecutor(cores.qsize(), initializer=pin) as pool:
            found = pool.map(lambda run: count(copy, run[1], folder), wanted)
            return dict(zip((name for name, _ in wanted), found))


def surroundings() -> dict[str, Any]:
    """What changes counts without a change of the sources."""

    def said(*command: str) -> str:
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    def value(key: str) -> str:
        return next(line.partition(': ')[2] for line in rustc.splitlines() if line.startswith(key + ': '))

    rustc = said('rustc', '-vV')
    cpu = pathlib.Path('/proc/cpuinfo').read_text()
    return {
        'rustc': value('release'),
        'host': value('host'),
        'libc': ' '.join(platform.libc_ver()),
        'valgrind': said('valgrind', '--version'),
        'avx2': ' avx2' in cpu,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--bin', type=pathlib.Path)
    parser.add_argument('--record', action='store_true')
    args = parser.parse_args()
    if not shutil.which('valgrind'):
        sys.exit('valgrind is lacking')
    if not args.bin:
        subprocess.run(['cargo', 'build', '--release', '--locked', '--quiet'], cwd=HERE.parent, check=True)
        args.bin = HERE.parent / 'target/release/cinderlint'
    found, here = counts(args.bin), surroundings()
    known = json.loads(FIGURES.read_text()) if FIGURES.exists() else {'with': None, 'counts': {}}
    worse = 0
    for name in [*found, *(known['counts'].keys() - found.keys())]:
        # A run that is new, or gone, is news as well.
        then, now = known['counts'].get(name, 0), found.get(name, 0)
        change = now / then - 1 if then else 1
        worse += abs(change) > LIMIT
        print(
            '%-28s %14s -> %14s  %+6.1f %%%s'
            % (name, format(then, ','), format(now, ','), 100 * change, '  <<<' if abs(change) > LIMIT else ''),
            flush=True,
        )
    if args.record:
        FIGURES.write_text(json.dumps({'with': here, 'counts': found}, indent=1) + '\n')
    elif known['with'] != here:
        print('not compared: written down with %s, counted with %s' % (known['with'], here))
    elif worse:
        sys.exit(
            '%d runs changed by more than %d %%: look why; benches/instructions.py --record writes the new figures down'
            % (worse, 100 * LIMIT)
        )


if __name__ == '__main__':
    main()
