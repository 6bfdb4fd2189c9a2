#!/usr/bin/env python3
"""Makes what the benchmarks read: FOLDER/sample.conf, sample-set.conf, options.json, big.conf and tree/.

usage: inputs.py FOLDER [--python VENV/bin/python]

With the Python of a virtual environment that has Cinder (tests/oracle/setup.sh), its generator's sample is made as it is and
with every option set, and the option data that oslo-config-validator reads.
"""

import argparse
import os
import pathlib
import re
import subprocess

NAMESPACES = [
    'castellan.config', 'cinder', 'keystonemiddleware.auth_token', 'osprofiler', 'oslo.concurrency', 'oslo.db', 'oslo.log',
    'oslo.messaging', 'oslo.middleware', 'oslo.policy', 'oslo.privsep', 'oslo.reports', 'oslo.service.periodic_task',
    'oslo.service.service', 'oslo.service.sslutils', 'oslo.service.wsgi', 'oslo.versionedobjects', 'os_brick']

BACKEND = '''
[nfs{n}]
# The filer of row {n}, see the wiki.
volume_driver = cinder.volume.drivers.nfs.NfsDriver
volume_backend_name = nfs{n}
nfs_shares_config = /etc/cinder/nfs_shares_{n}
nfs_mount_point_base = $state_path/mnt
nfs_mount_options = vers=4.1,noatime,lookupcache=pos
image_volume_cache_enabled = true
max_over_subscription_ratio = 1.0
reserved_percentage = 10
nas_secure_file_operations = false
nas_secure_file_permissions = false
'''


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def backends(count):
    names = ','.join('nfs%d' % n for n in range(count))
    return '[DEFAULT]\nenabled_backends = %s\n' % names + ''.join(BACKEND.format(n=n) for n in range(count))


def findings(count):
    """A file with this many findings: every backend lacks one of the pair."""
    return backends(count).replace('nas_secure_file_permissions = false\n', '')


def sample(folder, python):
    tool = os.path.join(os.path.dirname(python), 'oslo-config-generator')
    flags = [flag for name in NAMESPACES for flag in ('--namespace', name)]
    run = lambda *more: subprocess.run([tool, *flags, *more], check=True, stderr=subprocess.DEVNULL)
    run('--output-file', str(folder / 'sample.conf'))
    run('--format', 'json', '--output-file', str(folder / 'options.json'))
    text = (folder / 'sample.conf').read_text()
    write(folder / 'sample-set.conf', re.sub(r'(?m)^#(?=[a-z0-9_]+ = )', '', text))


def tree(folder):
    """100,000 files, 2,000 of them configurations."""
    for top in range(100):
        for sub in range(20):
            here = folder / ('site%02d' % top) / ('role%02d' % sub)
            write(here / 'cinder.conf', backends(2))
            for n in range(49):
                write(here / ('task%02d.yml' % n), '- name: task %d\n  debug:\n    msg: nothing to see here\n' % n)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('folder', type=pathlib.Path)
    parser.add_argument('--python')
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    if args.python:
        sample(args.folder, args.python)
    for name, text in [('big.conf', lambda: backends(200000)), ('findings.conf', lambda: findings(10000))]:
        if not (args.folder / name).exists():
            write(args.folder / name, text())
    for exponent in range(3, 7):
        path = args.folder / ('backends-1e%d.conf' % exponent)
        if exponent < 6 and not path.exists():
            write(path, backends(10 ** exponent))
    if not (args.folder / 'tree').exists():
        tree(args.folder / 'tree')


if __name__ == '__main__':
    main()
