"""Where a release's Python sources come from: a git tree, or an installed package."""

from __future__ import annotations

import ast
import io
import os
import re
import subprocess
import tarfile


class Sources:
    """The modules of one release, by dotted name."""

    def __init__(self, files: dict[str, bytes]) -> None:
        """`files` maps paths such as `cinder/volume/manager.py` to bytes."""
        self.files = files

    @classmethod
    def from_git(cls, git_dir: str, ref: str, folder: str = 'cinder') -> Sources:
        """Read `folder` of `ref`, without its tests, from a git directory."""
        data = subprocess.run(
            ['git', '--git-dir', git_dir, 'archive', ref, folder, ':(exclude)%s/tests' % folder], check=True, stdout=subprocess.PIPE
        ).stdout
        files = {}
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            for member in tar:
                if member.isfile() and member.name.endswith('.py'):
                    file = tar.extractfile(member)
                    assert file is not None
                    files[member.name] = file.read()
        return cls(files)

    @classmethod
    def from_site_packages(cls, folder: str, package: str = 'cinder') -> Sources:
        """Read an installed package, without its tests."""
        files = {}
        for where, dirs, names in os.walk(os.path.join(folder, package)):
            dirs[:] = [d for d in dirs if d not in ('tests', '__pycache__')]
            for name in names:
                if name.endswith('.py'):
                    path = os.path.join(where, name)
                    with open(path, 'rb') as f:
                        files[os.path.relpath(path, folder)] = f.read()
        return cls(files)

    def path(self, module: str) -> str | None:
        """The path of a module, or None when this tree has no such module."""
        base = module.replace('.', '/')
        for path in (base + '.py', base + '/__init__.py'):
            if path in self.files:
                return path
        return None

    def is_package(self, module: str) -> bool:
        path = self.path(module)
        return path is not None and path.endswith('/__init__.py')

    def modules(self, prefix: str = '') -> list[str]:
        """Dotted names of the modules under `prefix`, sorted."""
        out = []
        for path in self.files:
            name = path[:-3].replace('/', '.')
            if name.endswith('.__init__'):
                name = name[:-9]
            if name.startswith(prefix):
                out.append(name)
        return sorted(out)

    def parse(self, module: str) -> ast.Module:
        """The syntax tree of a module; Python 2's spelling is understood as far as Cinder used it."""
        path = self.path(module)
        assert path is not None, module
        text = self.files[path].decode('utf-8-sig')
        try:
            return ast.parse(text)
        except SyntaxError:
            return ast.parse(python3_spelling(text))


def python3_spelling(text: str) -> str:
    """Rewrite the few Python 2 forms of the old releases: long integers, octals, `raise A, b, c`, `except A, e`, and
    `async` as a name."""
    text = text.replace('\ufeff', '')
    text = re.sub(r'\b(\d+)L\b', r'\1', text)
    text = re.sub(r'(?<![\w.])0(\d+)\b', r'0o\1', text)
    text = re.sub(r'^(\s*raise\s+[\w.\[\]]+),\s*([^,\n]+),\s*([^,\n]+)$', r'\1', text, flags=re.M)
    text = re.sub(r'^(\s*except\s+[\w.]+),\s*(\w+):', r'\1 as \2:', text, flags=re.M)
    text = re.sub(r'\basync\b', 'async_', text)
    return text
