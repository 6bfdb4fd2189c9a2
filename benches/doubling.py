#!/usr/bin/env python3
"""Doubles one dimension of the input at a time, and fails where the instructions of a run, or the bytes that it writes, more than double.

usage: doubling.py [--bin PROGRAM] [SHAPE...]

Each shape is a small tree in which one thing grows: references in a value, the length of a name, aliases, branches of a template, … The count of
instructions (valgrind --tool=callgrind) of a run without it is taken off first. Where a product is inherent (deployments x layers), it is
one dimension that grows.
"""

from __future__ import annotations

import argparse
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable

import instructions

HERE = pathlib.Path(__file__).resolve().parent
NFS = 'volume_driver = cinder.volume.drivers.nfs.NfsDriver\n'
A = '[DEFAULT]\nenabled_backends = a\n[a]\n' + NFS
# A run may cost this many times what half of it costs: sorting, and tables that grow.
FACTOR = 2.4
SIZES = (400, 800, 1600)
# The text of each file.
Files = dict[str, str]


def listed(names: Iterable[str]) -> str:
    return '[DEFAULT]\nenabled_backends = %s\n' % ','.join(names)


def each(n: int, text: str) -> str:
    return ''.join(text.replace('#N', str(i)) for i in range(n))


def plane(text: str, volumes: int) -> str:
    return 'x: &a |\n  [a]\n%skind: OpenStackControlPlane\nspec:\n  cinder:\n    template:\n      cinderVolumes:\n%s' % (
        text,
        each(volumes, '        v#N:\n          customServiceConfig: *a\n'),
    )


def volumes(n: int) -> str:
    return each(n, '        v#N:\n          customServiceConfig: |\n            [a#N]\n            %s            nas_hots = x\n' % NFS)


def custom(text: str) -> str:
    return 'kind: OpenStackControlPlane\nspec:\n  cinder:\n    template:\n      cinderVolumes:\n' + text


def overlays(n: int, size: int) -> Files:
    """So many overlays that patch a base of this size."""
    files = {'base/plane.yaml': custom(volumes(size)), 'base/kustomization.yaml': 'resources: [plane.yaml]\n'}
    for i in range(n):
        files['o%d/kustomization.yaml' % i] = 'resources: [../base]\npatches: [{path: p.yaml}]\n'
        files['o%d/p.yaml' % i] = custom(volumes(1))
    return files


def bundle(n: int) -> str:
    """So many services of Cinder with a backend each, and a relation for each pair."""
    charms = (
        '  cinder#N:\n    charm: cinder\n    options: {verbose: true}\n'
        '  cinder-netapp#N:\n    charm: cinder-netapp\n    options: {volume-backend-name: b#N}\n'
    )
    return 'applications:\n%srelations:\n%s' % (each(n, charms), each(n, '- [cinder#N, cinder-netapp#N]\n'))


def asked(n: int) -> str:
    """Secrets that a service reads, where the values of a kustomization do not say which is which."""
    text = '        v:\n          customServiceConfig: |\n%s          customServiceConfigSecrets:\n%s' % (
        each(n, '            [a#N]\n            x = 1\n'),
        each(n, '          - s#N\n'),
    )
    return custom(text) + '---\nkind: ConfigMap\nmetadata: {name: v}\ndata:\n' + each(n, '  k#N: |\n    [a#N]\n    x = 1\n')


def shapes() -> dict[str, Callable[[int], Files]]:
    """Name, and what makes the files of a size."""

    def conf(text: str) -> Files:
        return {'cinder.conf': text}

    def filled(text: str) -> Files:
        return {'cinder.conf': text, 'v.yml': 'c: 1\n'}

    return {
        'one name in a value, again and again': lambda n: conf(A + 'nfs_mount_options = %s\n' % ('$zz ' * n)),
        'names in a value': lambda n: conf(A + 'nfs_mount_options = %s\n' % each(n, '$z#N ')),
        'dollars': lambda n: conf(A + 'nfs_mount_options = %s\n' % ('$' * n)),
        'findings in a section with a long name': lambda n: conf('[%s]\n%s' % ('s' * 4000, 'debug = 1\n' * n)),
        'a long name of a section': lambda n: conf('[%s]\n%s' % ('s' * n, 'debug = 1\n' * 400)),
        'a long name of a backend': lambda n: conf(listed(['s' * n]) + '[%s]\n%s%s' % ('s' * n, NFS, each(200, 'o#N = 1\n'))),
        'a long key, again and again': lambda n: conf('[DEFAULT]\n' + ('k' * n + ' = 1\n') * 100),
        'a long value': lambda n: conf(A + 'nas_secure_file_operations = %s\n' % ('x' * n * 10)),
        'the same option': lambda n: conf('[DEFAULT]\n' + 'debug = x\n' * n),
        'options': lambda n: conf('[DEFAULT]\n' + each(n, 'o#N = x\n')),
        'broken lines': lambda n: conf('[DEFAULT]\n' + 'x\n' * n),
        'backends': lambda n: conf(listed('b%d' % i for i in range(n)) + each(n, '[b#N]\n' + NFS)),
        'shares of a backend': lambda n: dict(conf(A + 'nfs_shares_config = shares\n'), shares='bad line\n' * n),
        'backends with a list of shares': lambda n: dict(
            conf(listed('b%d' % i for i in range(n)) + each(n, '[b#N]\n' + NFS + 'nfs_shares_config = shares\n')), shares='bad line\n' * 20
        ),
        'ids of a directive': lambda n: conf('[DEFAULT]\n# cinderlint: ignore[%s] -- x\ndebug = x\n' % each(n, 'CND#N,')),
        'the same id in a directive': lambda n: conf('[DEFAULT]\n# cinderlint: ignore[%s] -- x\ndebug = x\n' % ('CND401,' * n)),
        'directives': lambda n: conf(A + '# cinderlint: ignore[CND401] -- x\nnas_secure_file_operations = auto\n' * n),
        'addresses in a value': lambda n: conf(A + 'nfs_mount_options = %s\n' % ('http://u:p@h ' * n)),
        'signs of addresses': lambda n: conf(A + 'nfs_mount_options = %s\n' % ('//a:b' * n)),
        'JSON in a value': lambda n: conf(A + 'nfs_mount_options = %s\n' % ("{'password': 'x', " * n)),
        'quotes in a value': lambda n: conf(A + 'nfs_mount_options = %s\n' % ('password="' * n)),
        'items of a password': lambda n: conf(A + 'nfs_mount_options = password=%s\n' % ('a,' * n)),
        'keys without an end': lambda n: conf(A + '# -----BEGIN RSA PRIVATE KEY-----\n# a\n\n' * n),
        'branches of a template': lambda n: filled('[DEFAULT]\n{% if a %}\n' + '{% elif b %}\nx = 1\n' * n + '{% endif %}\n'),
        'depth of a template': lambda n: filled('[DEFAULT]\n' + '{% if a %}\n' * n + 'x = 1\n' + '{% endif %}\n' * n),
        'length of an expression': lambda n: filled('[DEFAULT]\nx = {{ a%s }}\n' % ('.b' * n)),
        'expressions': lambda n: filled('[DEFAULT]\n' + each(n, 'x#N = {{ c }}\n')),
        'aliases of a text': lambda n: {'plane.yaml': plane('  nas_hots = x\n' * 20, n // 4)},
        'an aliased text': lambda n: {'plane.yaml': plane('  nas_hots = x\n' * n, 20)},
        'repeated keys of YAML': lambda n: {'values.yaml': 'conf:\n  cinder:\n    DEFAULT:\n' + '      debug: x\n' * n},
        'broken lines in YAML': lambda n: {'plane.yaml': plane('  x\n' * n, 1)},
        'documents of YAML': lambda n: {'plane.yaml': '---\nkind: Secret\nstringData:\n  a.conf: |\n    [a]\n    nas_hots = x\n' * n},
        'depth of YAML': lambda n: {'values.yaml': 'conf: {cinder: %s%s}\n' % ('[' * n, ']' * n)},
        'anchors': lambda n: {'values.yaml': each(n, 'a#N: &n#N x\n') + 'conf:\n  cinder:\n    DEFAULT:\n      password: *n0\n'},
        'overlays of a base': lambda n: overlays(n // 16, 4),
        'a base of overlays': lambda n: overlays(2, n // 4),
        'charms': lambda n: {'bundle.yaml': bundle(n // 4)},
        'flags of a charm': lambda n: {
            'bundle.yaml': 'applications:\n  cinder:\n    charm: cinder\n    options:\n      config-flags: "%s"\n' % each(n, 'o#N=1,')
        },
        'secrets that a service asks for': lambda n: {'plane.yaml': asked(n // 2)},
        'patterns of .gitignore': lambda n: dict(conf(A), **{'.gitignore': each(n, 'a#N*b\n'), '.git/HEAD': ''}),
        'choices for paths': lambda n: dict(
            conf(A), **{'cinderlint.toml': each(n // 4, "[[per-path]]\npaths = ['x#N']\nignore = ['CND401']\n")}
        ),
        'deployments': lambda n: dict(
            conf(A), **{'cinderlint.toml': each(n // 8, "[[deployment]]\nname = 'x#N'\nconfig-files = ['cinder.conf']\n")}
        ),
    }


def cost(binary: pathlib.Path, files: Files) -> tuple[int, int]:
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        arguments = ['check', '--pedantic', '--format', 'json', *(['--vars', 'v.yml'] if 'v.yml' in files else []), '.']
        done = subprocess.run([str(binary), *arguments], cwd=folder, capture_output=True, timeout=120, check=False)
        if done.returncode not in (0, 1, 2):
            raise RuntimeError('ends with %d: %r' % (done.returncode, done.stderr[-300:]))
        return instructions.count(binary, arguments, folder, codes=(0, 1, 2)), len(done.stdout)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--bin', default=HERE.parent / 'target/release/cinderlint')
    parser.add_argument('shapes', nargs='*')
    arguments = parser.parse_args()
    binary = pathlib.Path(arguments.bin).resolve()
    least = cost(binary, {'cinder.conf': A})
    failed = 0
    for name, make in shapes().items():
        if arguments.shapes and not any(word in name for word in arguments.shapes):
            continue
        try:
            costs = [cost(binary, make(size)) for size in SIZES]
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            print('%-45s %s' % (name, error))
            failed += 1
            continue
        # Steps between sizes: what is there once is in none of them.
        steps = [[later - earlier for earlier, later in zip(kind, kind[1:])] for kind in zip(*costs)]
        factors = [step[1] / step[0] if step[0] > least[at] / 50 else 0 for at, step in enumerate(steps)]
        bad = any(factor > FACTOR for factor in factors)
        failed += bad
        instructions, output = factors
        print('%-45s instructions x %.2f, output x %.2f%s' % (name, instructions, output, '  MORE THAN LINEAR' if bad else ''), flush=True)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
