"""What benches/compare.sh runs when everything is built: measures, and prints the table."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time
from typing import Any, Union

import inputs

HERE = pathlib.Path(__file__).resolve().parent
BENCH = HERE.parent / 'target/bench'
# A copy: whatever builds benches or tests puts a larger program, with what these ask of libraries, into target/release.
BIN = BENCH / 'cinderlint'
FORMATS = ['full', 'concise', 'json', 'jsonl', 'sarif', 'github', 'gitlab', 'junit', 'checkstyle', 'rdjson', 'zuul']

# As lenient as it gets: oslo.config knows neither interpolation nor an error for what stands twice.
CONFIGPARSER = '''
import configparser, sys, time
text = open(sys.argv[1], encoding='utf-8').read()
parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
start = time.perf_counter()
parser.read_string(text)
print(time.perf_counter() - start)
'''

# A process of its own, and a small one: what a parent holds counts as the child's until it is another program.
PEAK = '''
import os, resource, sys
null = os.open(os.devnull, os.O_RDWR)
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, null, n) for n in (1, 2)])
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code not in (0, 1))
'''


# One word of a command.
Part = Union[str, pathlib.Path]


class Bench:
    def __init__(self, reader: str, quick: bool) -> None:
        self.reader, self.quick = reader, quick
        self.rows: list[tuple[str, str, str, str, str, str]] = []
        self.seen: dict[tuple[str, ...], dict[str, Any]] = {}

    def say(self, what: str) -> None:
        print('…', what, file=sys.stderr, flush=True)

    def row(self, what: str, ours: str, other: str = '', ratio: str = '', target: str = '', met: bool | None = None) -> None:
        self.rows.append((what, ours, other, ratio, target, {None: '', True: 'yes', False: '**no**'}[met]))

    def time(self, *command: Part) -> float:
        """The median of hyperfine, in seconds."""
        return float(self.measure(command)['median'])

    def work(self, *command: Part) -> float:
        """The time that processors were busy with it, in seconds: all threads together."""
        found = self.measure(command)
        return float(found['user'] + found['system'])

    def measure(self, parts: tuple[Part, ...]) -> dict[str, Any]:
        command = [str(part) for part in parts]
        key = tuple(command)
        if key in self.seen:
            return self.seen[key]
        self.say(' '.join(part if len(part) < 80 else '(…)' for part in command).replace(str(BENCH), 'target/bench'))
        start = time.monotonic()
        done = subprocess.run(command, cwd=BENCH, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        once = time.monotonic() - start
        # 1 is "there are findings", of oslo-config-validator too; of Python it may be a crash.
        if done.returncode not in (0, 1) or 'Traceback' in done.stderr:
            sys.exit('%s failed:\n%s' % (' '.join(command), done.stderr[-2000:]))
        seconds = 1 if self.quick else 4
        runs = 1 if once > 2 * seconds else max(2 if self.quick else 5, min(200, int(seconds / once)))
        with tempfile.NamedTemporaryFile(suffix='.json') as export:
            quoted = ' '.join("'" + part.replace("'", "'\\''") + "'" for part in command)
            subprocess.run(
                [
                    'hyperfine',
                    '--shell=none',
                    '--ignore-failure',
                    '--style=none',
                    '--warmup',
                    str(min(3, runs - 1)),
                    '--runs',
                    str(max(runs, 2)) if runs > 1 else '1',
                    '--export-json',
                    export.name,
                    quoted,
                ],
                cwd=BENCH,
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            self.seen[key] = json.load(export)['results'][0]
        return self.seen[key]

    def peak(self, *command: Part) -> float:
        """The most memory that a run held, in MB."""
        done = subprocess.run(
            [sys.executable, '-I', '-S', '-c', PEAK, *map(str, command)], cwd=BENCH, check=True, stdout=subprocess.PIPE, text=True
        )
        return int(done.stdout) * 1024 / 1e6

    def best(self, *command: str) -> float:
        """What a program that times itself says: the best of three runs."""
        self.say('reading with ' + os.path.basename(command[0]) + ' ' + ' '.join(part for part in command[1:] if len(part) < 80))
        said = [
            float(subprocess.run(command, cwd=BENCH, check=True, stdout=subprocess.PIPE, text=True).stdout)
            for _ in range(1 if self.quick else 3)
        ]
        return min(said)

    # The rows.

    def check_sample(self) -> None:
        tools = BENCH / 'venv/2026.2/bin'
        validator: list[Part] = [tools / 'oslo-config-validator', '--input-file', 'sample-set.conf']
        ours = self.time(BIN, 'check', 'sample-set.conf')
        other = self.time(*validator, '--opt-data', 'options.json')
        self.row(
            '`check` of the 2026.2 sample, every option set',
            ms(ours),
            'oslo-config-validator, prepared data: ' + ms(other),
            times(other / ours),
            '≥ 300x',
            other / ours >= 300,
        )
        other = self.time(*validator, *(flag for name in inputs.NAMESPACES for flag in ('--namespace', name)))
        self.row('the same', ms(ours), 'oslo-config-validator, namespaces: ' + ms(other), times(other / ours))

    def reading(self) -> None:
        seconds = '0.5' if self.quick else '4'
        for name, what in [('sample-set.conf', 'the sample'), (self.big(), 'the large file')]:
            size = (BENCH / name).stat().st_size / 1e6
            ours = self.best(self.reader, 'cinderlint', name, seconds)
            ini = self.best(self.reader, 'rust-ini', name, seconds)
            ends = self.best(self.reader, 'line-ends', name, seconds)
            python = self.best(sys.executable, '-c', CONFIGPARSER, name)
            self.row(
                'reading %s (%s)' % (what, mb(size)),
                speed(size, ours),
                'rust-ini: ' + speed(size, ini),
                times(ini / ours),
                '≥ 20x, > 500 MB/s',
                ini / ours >= 20 and size / ours > 500,
            )
            self.row('the same', speed(size, ours), 'configparser: ' + speed(size, python), times(python / ours))
            self.row(
                'the same',
                speed(size, ours),
                'finding the ends of its lines, and nothing more: ' + speed(size, ends),
                '%.2f times as fast' % (ends / ours),
            )
            ours = self.time(BIN, 'parse', name)
            ini = self.time(self.reader, 'rust-ini', name)
            python = self.time(sys.executable, '-c', CONFIGPARSER, name)
            self.row(
                '`parse` of %s, the whole program with its output' % what,
                '%s (%s)' % (ms(ours), speed(size, ours)),
                'a program with rust-ini: %s; with configparser: %s' % (ms(ini), ms(python)),
                '%s; %s' % (times(ini / ours), times(python / ours)),
            )

    def tree(self) -> None:
        ours, other = self.time(BIN, 'check', 'tree'), self.time('rg', '-c', 'nas_secure', 'tree')
        self.row(
            '`check` of a tree: 100,000 files, 2,000 configurations',
            ms(ours),
            '`rg -c nas_secure`: ' + ms(other),
            '%.2f times as long' % (ours / other),
            '≤ 1.5 times',
            ours / other <= 1.5,
        )

    def small(self) -> None:
        ours, other = self.time(BIN, 'check', 'small.conf'), self.time(BENCH / 'empty')
        self.row(
            '`check` of a small file',
            '%.2f ms' % (1e3 * ours),
            'an empty Rust program: %.2f ms' % (1e3 * other),
            '%.2f ms more' % (1e3 * (ours - other)),
            '≤ 2 ms more',
            ours - other <= 0.002,
        )

    def formats(self) -> None:
        said = {form: self.time(BIN, 'check', '--format', form, 'findings.conf') for form in FORMATS}
        slow = sorted(said, key=said.__getitem__, reverse=True)
        self.row(
            '10,000 findings in one file, the slowest format',
            '%s: %s' % (slow[0], ms(said[slow[0]])),
            'the others: ' + ', '.join('%s %s' % (form, ms(said[form])) for form in slow[1:]),
            '',
            '< 150 ms each',
            said[slow[0]] < 0.150,
        )

    def curves(self) -> None:
        start = self.work(BIN, 'check', 'small.conf')
        last = 4 if self.quick else 6
        for kind, unit in [('lines', 'line'), ('backends', 'backend'), ('findings', 'finding')]:
            each = {
                n: (self.work(BIN, 'check', '--format', 'concise', '%s-1e%d.conf' % (kind, n)) - start) / 10**n for n in range(3, last + 1)
            }
            # What costs less than starting the program varies by says nothing.
            steady = [n for n in each if each[n] * 10**n > 0.004]
            growth = each[last] / each[steady[0]] if len(steady) > 1 else None
            self.row(
                '`check` of 10^3 to 10^%d %s: processor time for each %s' % (last, kind, unit),
                ', '.join('%.3g µs' % (1e6 * each[n]) if n in steady else '–' for n in each),
                '',
                'the last %.2f times the first' % growth if growth else 'too short',
                'linear: ≤ 1.5 times',
                growth <= 1.5 if growth else None,
            )

    def memory(self) -> None:
        big, last = self.big(), 4 if self.quick else 6
        runs = [
            ('check', 'small.conf'),
            ('check', 'sample-set.conf'),
            ('check', 'tree'),
            ('check', big),
            ('parse', big),
            ('effective', big),
            *(('check', '--format', form, 'findings.conf') for form in FORMATS),
            *(('check', '--format', 'concise', '%s-1e%d.conf' % (kind, last)) for kind in ('lines', 'backends', 'findings')),
        ]
        found = []
        for run in runs:
            self.say('peak memory: ' + ' '.join(run))
            path = BENCH / run[-1]
            largest = (path if path.is_file() else path / 'site00/role00/cinder.conf').stat().st_size / 1e6
            peak = self.peak(BIN, *run)
            found.append((peak / (20 + 3 * largest), peak, 20 + 3 * largest, ' '.join(run)))
        by_format = [one for one in found if one[3].endswith('findings.conf')]
        shown = [one for one in found if one not in by_format] + [max(by_format)]
        for _ratio, peak, allowed, name in shown:
            self.row('peak memory: `%s`' % name, mb(peak), '', '', '< ' + mb(allowed), peak < allowed)

    def size(self) -> None:
        size = BIN.stat().st_size / 1e6
        self.row('the binary', mb(size), '', '', '< 10 MB', size < 10)

    def audit(self) -> None:
        files = '20000' if self.quick else '200000'
        self.say('audit of a share of %s files' % files)
        with tempfile.NamedTemporaryFile(suffix='.json') as export:
            subprocess.run(
                [HERE / 'audit.sh'],
                check=True,
                stdout=sys.stderr,
                env={**os.environ, 'FILES': files, 'EXPORT': export.name, 'RUNS': '2' if self.quick else '8'},
            )
            found = {one['command']: one['median'] for one in json.load(export)['results']}
        self.row(
            '`audit` of a share of %s files' % format(int(files), ','),
            ms(found['audit']),
            '`find -printf`: ' + ms(found['find']),
            '%.2f times as long' % (found['audit'] / found['find']),
        )

    def big(self) -> str:
        return 'backends-1e4.conf' if self.quick else 'big.conf'

    def table(self) -> None:
        print('| What | cinderlint | Other | Ratio | Target | Met |\n|---|---|---|---|---|---|')
        for row in self.rows:
            print('| ' + ' | '.join(row) + ' |')


def ms(seconds: float) -> str:
    return '%.1f ms' % (1e3 * seconds) if seconds < 0.1 else '%.0f ms' % (1e3 * seconds) if seconds < 10 else '%.1f s' % seconds


def mb(size: float) -> str:
    return '%.1f MB' % size if size < 100 else '%.0f MB' % size


def speed(size: float, seconds: float) -> str:
    return '%.0f MB/s' % (size / seconds) if size > seconds else '%.2f MB/s' % (size / seconds)


def times(ratio: float) -> str:
    return '%.0fx' % ratio if ratio >= 10 else '%.1fx' % ratio


def machine() -> str:
    cpu = platform.processor() or platform.machine()
    if os.path.exists('/proc/cpuinfo'):
        names = [line.split(':', 1)[1].strip() for line in open('/proc/cpuinfo') if line.startswith('model name')]
        cpu = names[0] if names else cpu
    rustc = subprocess.run(['rustc', '--version'], stdout=subprocess.PIPE, text=True).stdout.split()[1]
    return '%s, %d of its cores, %s, Rust %s, Python %s' % (
        cpu,
        len(os.sched_getaffinity(0)),
        ' '.join(platform.libc_ver()),
        rustc,
        platform.python_version(),
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument('--reader', required=True)
    parser.add_argument('--quick', action='store_true')
    args = parser.parse_args()
    # The targets are for two cores; all that is started inherits them.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    bench = Bench(args.reader, args.quick)
    load = os.getloadavg()[0]
    for part in (
        bench.check_sample,
        bench.small,
        bench.reading,
        bench.tree,
        bench.formats,
        bench.audit,
        bench.curves,
        bench.memory,
        bench.size,
    ):
        part()
    print('%s; %s%s\n' % (datetime.date.today(), machine(), '; --quick: these figures mean little' if args.quick else ''))
    bench.table()
    if load > 0.7:
        print('\nThe machine was busy with other things (load %.1f at the start): measure again.' % load)


if __name__ == '__main__':
    main()
