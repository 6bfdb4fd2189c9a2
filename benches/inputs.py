#!/usr/bin/env python3
"""Makes what the benchmarks read. What is there already is kept; nothing is left half-written.

usage: inputs.py [FOLDER] [--largest EXPONENT] [--no-cinder]

FOLDER (default: target/bench) gets
  venv/2026.2/                Cinder 29.0.0 with all that its namespace of options imports
  sample.conf, sample-set.conf, options.json
                              what its generator writes, the same with every option set, and what oslo-config-validator reads
  small.conf, big.conf        2 backends; 200,000 backends in 100 MB
  findings.conf               10,000 findings
  lines-, backends-, findings-1e3.conf to 1e6
                              so many lines without a finding, backends, findings; --largest 4 ends at 1e4
  tree/                       100,000 files, 2,000 of them configurations
--no-cinder leaves out what takes Python packages and minutes: the first two lines.
"""

from __future__ import annotations

import argparse
import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable

HERE = pathlib.Path(__file__).resolve().parent
PINS = HERE / 'requirements.txt'
NAMESPACES = [
    'castellan.config',
    'cinder',
    'keystonemiddleware.auth_token',
    'osprofiler',
    'oslo.concurrency',
    'oslo.db',
    'oslo.log',
    'oslo.messaging',
    'oslo.middleware',
    'oslo.policy',
    'oslo.privsep',
    'oslo.reports',
    'oslo.service.periodic_task',
    'oslo.service.service',
    'oslo.service.sslutils',
    'oslo.service.wsgi',
    'oslo.versionedobjects',
    'os_brick',
]

BACKEND = '''
[nfs{n}]
# The filer of row {n}, bought with the first racks; the wiki says who is to be called at night.
volume_driver = cinder.volume.drivers.nfs.NfsDriver
volume_backend_name = nfs{n}
nfs_shares_config = /etc/cinder/nfs_shares_{n}
nfs_mount_point_base = $state_path/mnt
nfs_mount_options = vers=4.1,noatime,lookupcache=pos
nfs_sparsed_volumes = true
max_over_subscription_ratio = 1.0
reserved_percentage = 10
nas_secure_file_operations = false
nas_secure_file_permissions = false
'''


# Short, so that a million of them stay below the 256 MiB that cinderlint reads of one file.
SHORT = '''
[n{n}]
volume_driver = cinder.volume.drivers.nfs.NfsDriver
volume_backend_name = n{n}
nas_host = 192.0.2.1
nas_share_path = /n{n}
nas_secure_file_operations = false
nas_secure_file_permissions = false
'''

# Ten lines as in a sample file: mostly comments.
LINES = '''
# The maximum number of times that thing {n} is tried again before
# it is given up and an operator is told. A value of zero means that
# it is tried for ever. (integer value)
# Minimum value: 0
#thing_{n}_retries = 3

# Which of the things is asked first. (string value)
# Note: This option can be changed without restarting.
#thing_{n}_first = <None>
'''


def write(path: pathlib.Path, text: str) -> None:
    """The whole file or none: a run that is stopped leaves nothing that looks finished."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + '.part')
    part.write_text(text)
    part.replace(path)


def backends(count: int, template: str = BACKEND, prefix: str = 'nfs') -> str:
    names = ','.join(prefix + str(n) for n in range(count))
    tenant = 'cinder_internal_tenant_project_id = p\ncinder_internal_tenant_user_id = u\n'
    return '[DEFAULT]\nenabled_backends = %s\n%s' % (names, tenant) + ''.join(template.format(n=n) for n in range(count))


def lacking(text: str) -> str:
    """The same backends without one of the pair: a finding each."""
    return text.replace('nas_secure_file_permissions = false\n', '')


def findings(count: int) -> str:
    """So many findings: one a backend, and one that compares the backends."""
    return lacking(backends(count - 1))


def short_findings(count: int) -> str:
    """The same of short backends, without the one that compares them."""
    return lacking(backends(count - 1, SHORT, 'n'))


def lines(count: int) -> str:
    """One backend, and so many lines that set nothing."""
    return backends(1) + ''.join(LINES.format(n=n) for n in range(count // 10))


def environment(folder: pathlib.Path) -> pathlib.Path:
    """Cinder in a virtual environment of its own: the oracle's lacks what only the generator imports. Returns its programs."""
    venv = folder / 'venv' / '2026.2'
    subprocess.run(
        [str(HERE.parent / 'tests/oracle/setup.sh'), '2026.2'],
        check=True,
        env={**os.environ, 'CINDERLINT_ORACLES': str(folder.resolve() / 'venv')},
    )
    done = venv / 'benches-requirements.txt'
    if not done.exists() or done.read_text() != PINS.read_text():
        subprocess.run(
            [str(venv / 'bin/python'), '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '-r', str(PINS)],
            check=True,
        )
        write(done, PINS.read_text())
    return venv / 'bin'


def sample(folder: pathlib.Path) -> None:
    wanted = [folder / name for name in ('sample.conf', 'sample-set.conf', 'options.json')]
    tools = environment(folder)
    if all(path.exists() for path in wanted):
        return
    flags = [flag for name in NAMESPACES for flag in ('--namespace', name)]

    def generate(path: pathlib.Path, *more: str) -> None:
        # Namespaces say a lot on standard error; it counts when they fail.
        part = path.with_name(path.name + '.part')
        done = subprocess.run(
            [str(tools / 'oslo-config-generator'), *flags, *more, '--output-file', str(part)], stderr=subprocess.PIPE, text=True
        )
        if done.returncode:
            sys.exit('oslo-config-generator failed:\n' + done.stderr[-2000:])
        part.replace(path)

    generate(folder / 'options.json', '--format', 'json')
    generate(folder / 'sample.conf')
    text = (folder / 'sample.conf').read_text()
    write(folder / 'sample-set.conf', re.sub(r'(?m)^#(?=[a-z0-9_]+ = )', '', text))


def tree(folder: pathlib.Path, tops: int = 100, subs: int = 20) -> None:
    """100,000 files, 2,000 of them configurations; or fewer, with 50 in each folder."""
    part = folder.with_name(folder.name + '.part')
    shutil.rmtree(part, ignore_errors=True)
    for top in range(tops):
        for sub in range(subs):
            here = part / ('site%02d' % top) / ('role%02d' % sub)
            here.mkdir(parents=True)
            (here / 'cinder.conf').write_text(backends(2))
            for n in range(49):
                (here / ('task%02d.yml' % n)).write_text('- name: task %d\n  debug:\n    msg: nothing to see here\n' % n)
    part.replace(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('folder', type=pathlib.Path, nargs='?', default=HERE.parent / 'target/bench')
    parser.add_argument('--largest', type=int, default=6, choices=range(3, 7))
    parser.add_argument('--no-cinder', action='store_true')
    args = parser.parse_args()
    folder = args.folder
    folder.mkdir(parents=True, exist_ok=True)
    texts: dict[str, Callable[[], str]] = {
        'small.conf': lambda: backends(2),
        'big.conf': lambda: backends(200000),
        'findings.conf': lambda: findings(10000),
    }
    for exponent in range(3, args.largest + 1):
        count = 10**exponent
        texts['lines-1e%d.conf' % exponent] = functools.partial(lines, count)
        texts['backends-1e%d.conf' % exponent] = functools.partial(backends, count, SHORT, 'n')
        texts['findings-1e%d.conf' % exponent] = functools.partial(short_findings, count)
    for name, text in texts.items():
        if not (folder / name).exists():
            write(folder / name, text())
    if not (folder / 'tree').exists():
        tree(folder / 'tree')
    if not args.no_cinder:
        sample(folder)


if __name__ == '__main__':
    main()
