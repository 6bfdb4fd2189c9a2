"""Add a release to the catalogue, or make one anew: everything but the review.

    python3 add.py NAME VERSION --cinder-git DIR --requirements-git DIR --work DIR [--python 3.11=PATH]

VERSION is that of the cinder package. Installs it and its libraries into WORK/environments, unless they are there already; asks
them (WORK/dumps); writes the tables; compares."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from typing import Any

import environments
import tables


def listed(name: str, version: str) -> list[str]:
    """Add the release to releases.jsonl, if it is not there; returns all names."""
    path = os.path.join(tables.HERE, 'releases.jsonl')
    rows = tables.load(path)
    if name not in [r['name'] for r in rows]:
        row = {'name': name, 'number': name, 'package': version, 'ref': 'pypi', 'version_major': version.split('.')[0] + '.0.0'}
        with open(path, 'a') as f:
            f.write(json.dumps(row, separators=(',', ':')) + '\n')
        rows.append(row)
    return [r['name'] for r in rows]


def run(program: str, *arguments: str, **more: Any) -> subprocess.CompletedProcess[bytes]:
    command = [more.pop('python', sys.executable), os.path.join(tables.HERE, program)] + list(arguments)
    print('$', *command, flush=True)
    return subprocess.run(command, **more)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument('name')
    parser.add_argument('version')
    parser.add_argument('--cinder-git', required=True)
    parser.add_argument('--requirements-git', required=True)
    parser.add_argument('--work', required=True)
    parser.add_argument('--python', action='append', default=[], help='VERSION=PATH')
    args = parser.parse_args()
    names = listed(args.name, args.version)
    installed, dumps = (os.path.abspath(os.path.join(args.work, one)) for one in ('environments', 'dumps'))
    os.makedirs(dumps, exist_ok=True)
    pythons = [a for one in args.python for a in ('--python', one)]
    if not os.path.isdir(os.path.join(installed, args.name)):
        run(
            'environments.py',
            '--cinder-git',
            args.cinder_git,
            '--requirements-git',
            args.requirements_git,
            '--into',
            installed,
            *pythons,
            args.name,
            check=True,
        )
    version = environments.python_of(names.index(args.name), names)
    python = dict(one.split('=', 1) for one in args.python).get(version, 'python' + version)
    with open(os.path.join(dumps, args.name + '.json'), 'w') as f:
        run('dump.py', python=python, stdout=f, check=True, env=dict(os.environ, PYTHONPATH=os.path.join(installed, args.name)))
    run('update.py', '--cinder-git', args.cinder_git, '--environments', installed, '--dumps', dumps, args.name, check=True)
    checks = [run('compare.py', '--dumps', dumps, '--verbose', args.name), run('check.py')]
    print('Now review the diff; give new removals a reason in removals.json.')
    return max(done.returncode for done in checks)


if __name__ == '__main__':
    sys.exit(main())
