"""Install each release with the library versions that OpenStack tested it with, one folder a release.

    python3 environments.py --requirements-git DIR --cinder-git DIR --into DIR [--python 3.11=PATH ...] [RELEASE ...]

Cinder comes from the package index where it is published (10.0.8 on), and before that from git: Mitaka and Newton find in Ocata's
folder what neither they nor their libraries bring along."""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import subprocess
import sys
import tarfile

HERE = os.path.dirname(os.path.abspath(__file__))
LIBRARIES = [
    'castellan',
    'keystonemiddleware',
    'osprofiler',
    'oslo.config',
    'oslo.concurrency',
    'oslo.db',
    'oslo.log',
    'oslo.messaging',
    'oslo.middleware',
    'oslo.policy',
    'oslo.privsep',
    'oslo.reports',
    'oslo.service',
    'oslo.versionedobjects',
    'os-brick',
    'keystoneauth1',
]
# Their old versions cannot be had any more, or have to be compiled against libraries that no longer exist.
UNOBTAINABLE = (
    r'(?i)(cryptography|pyopenssl|cffi|lxml|netifaces|greenlet|markupsafe|pyyaml|psutil|simplejson|wrapt|'
    r'trollius|aioeventlet|contextlib2)==='
)
# The newest Python that a release's constraints still have wheels for.
PYTHONS = [('kilo', '2.7'), ('stein', '3.6'), ('ussuri', '3.8'), ('zed', '3.10'), ('2023.2', '3.11')]
# Kilo's libraries were capped by Cinder itself; the list of what was tested is newer than that.
CAPPED = {'kilo': 'requirements.txt'}
LATER = ['castellan', 'oslo.policy', 'oslo.privsep', 'oslo.reports', 'oslo.service', 'oslo.versionedobjects', 'os-brick', 'keystoneauth1']
# The last versions that these libraries can be imported with.
MENDED = {'kilo': ['contextlib2==0.6.0.post1', 'vine==1.3.0', 'dnspython==1.15.0', 'kombu==3.0.37', 'amqp==1.4.9', 'anyjson']}


def python_of(index: int, names: list[str]) -> str:
    found = '2.7'
    for first, version in PYTHONS:
        if index >= names.index(first):
            found = version
    return found


def constraints(git_dir: str, cinder_git: str, release: dict[str, str]) -> str:
    """The upper-constraints of a release, without Cinder itself and pip's own tools."""
    name = release['name']
    capped = ''
    if name in CAPPED:
        capped = subprocess.run(
            ['git', '--git-dir', cinder_git, 'show', release['ref'] + ':' + CAPPED[name]], stdout=subprocess.PIPE, check=True
        ).stdout.decode()
    named = {re.split(r'[^\w.-]', line)[0].lower() for line in capped.splitlines()}
    for ref in (name + '-eol', 'unmaintained/' + name, 'stable/' + name, 'master'):
        done = subprocess.run(
            ['git', '--git-dir', git_dir, 'show', ref + ':upper-constraints.txt'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        if done.returncode == 0:
            lines = done.stdout.decode().splitlines()
            left_out = named | {'cinder', 'setuptools', 'pip'}
            kept = [line for line in lines if line.split('===')[0].lower() not in left_out]
            return capped + '\n'.join(kept) + '\n'
    raise SystemExit('no constraints for ' + name)


def unpack(cinder_git: str, release: dict[str, str], folder: str) -> None:
    """Put an unpublished Cinder into `folder`, with what makes it known to oslo.config."""

    def run(*command: str) -> bytes:
        return subprocess.run(('git', '--git-dir', cinder_git) + command, stdout=subprocess.PIPE, check=True).stdout

    with tarfile.open(fileobj=io.BytesIO(run('archive', release['ref'], 'cinder'))) as tar:
        tar.extractall(folder)
    facts = os.path.join(folder, 'cinder.egg-info')
    os.makedirs(facts, exist_ok=True)
    with open(os.path.join(facts, 'PKG-INFO'), 'w') as f:
        f.write('Metadata-Version: 1.1\nName: cinder\nVersion: %s\n' % release['package'])
    with open(os.path.join(facts, 'entry_points.txt'), 'w') as f:
        f.write('[oslo.config.opts]\ncinder = cinder.opts:list_opts\n')


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument('--requirements-git', required=True)
    parser.add_argument('--cinder-git', required=True)
    parser.add_argument('--into', required=True)
    parser.add_argument('--python', action='append', default=[], help='VERSION=PATH')
    parser.add_argument('release', nargs='*')
    args = parser.parse_args()
    pythons = dict(p.split('=', 1) for p in args.python)
    with open(os.path.join(HERE, 'releases.jsonl')) as f:
        releases = [json.loads(line) for line in f]
    names = [r['name'] for r in releases]
    for name in args.release or names:
        release = releases[names.index(name)]
        version = python_of(names.index(name), names)
        python = pythons.get(version, 'python' + version)
        folder = os.path.join(args.into, name)
        os.makedirs(folder, exist_ok=True)
        limits = os.path.join(folder, 'constraints.txt')
        with open(limits, 'w') as f:
            f.write(constraints(args.requirements_git, args.cinder_git, release))
        base = [python, '-m', 'pip', 'install', '-q', '--target', folder, '--upgrade', '--prefer-binary']
        wanted = [['cinder==' + release['package']]] if names.index(name) >= names.index('ocata') else []
        libraries = LIBRARIES
        if name in CAPPED:
            libraries = [one for one in LIBRARIES if one not in LATER]
        loose = os.path.join(folder, 'openstack.txt')
        with open(limits) as f, open(loose, 'w') as g:
            g.writelines(line for line in f if not re.match(UNOBTAINABLE, line))
        attempts = [a for p in wanted + [libraries] for a in ((p, limits), (p, loose))]
        for packages, constraint in attempts:
            done = subprocess.run(base + ['-c', constraint] + packages, stderr=subprocess.PIPE)
            print(name, version, packages[0], 'ok' if done.returncode == 0 else done.stderr.decode()[-400:], flush=True)
            if done.returncode == 0:
                if name in MENDED:
                    subprocess.run(base + ['--no-deps'] + MENDED[name], check=True, stderr=subprocess.DEVNULL)
                break
        # Kilo and Liberty have no list of their options.
        if not wanted and names.index(name) >= names.index('mitaka'):
            unpack(args.cinder_git, release, folder)
            subprocess.run(base + ['--no-deps', '-c', loose, 'python-novaclient'], check=True, stderr=subprocess.DEVNULL)
            with open(os.path.join(folder, 'later.pth'), 'w') as f:
                f.write(os.path.abspath(os.path.join(args.into, 'ocata')) + '\n')
    return 0


if __name__ == '__main__':
    sys.exit(main())
