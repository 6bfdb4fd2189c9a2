#!/usr/bin/env python3
"""How long an editor waits: the language server on the sample with every option set, and in a workspace of 2,000 configurations.

    benches/editor.py target/release/cinderlint [KEYSTROKES]

Prints the median and the 95th percentile, in milliseconds, from a message to its answer: findings after a keystroke, hovers, completions,
and how much more memory (MB) the server has at the end than after a tenth of the keystrokes."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
import tempfile
import time
from typing import Any

from instructions import sample

SMALL = '''[DEFAULT]
enabled_backends = nfs1
[nfs1]
volume_driver = cinder.volume.drivers.nfs.NfsDriver
volume_backend_name = nfs1
nas_secure_file_operations = false
'''


class Client:
    def __init__(self, binary: pathlib.Path, folder: pathlib.Path) -> None:
        process = subprocess.Popen([binary, 'lsp'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
        assert process.stdin and process.stdout
        self.process, self.input, self.output = process, process.stdin, process.stdout
        self.folder, self.last = folder, 0
        capabilities = {'general': {'positionEncodings': ['utf-8']}, 'textDocument': {'diagnostic': {}}}
        uri = folder.as_uri()
        self.ask('initialize', {'processId': None, 'rootUri': uri, 'capabilities': capabilities})
        self.tell('initialized', {})

    def send(self, message: dict[str, Any]) -> None:
        text = json.dumps({'jsonrpc': '2.0', **message}).encode()
        self.input.write(b'Content-Length: %d\r\n\r\n' % len(text) + text)
        self.input.flush()

    def tell(self, method: str, params: Any) -> None:
        self.send({'method': method, 'params': params})

    def ask(self, method: str, params: Any) -> Any:
        self.last += 1
        self.send({'id': self.last, 'method': method, 'params': params})
        while True:
            length = 0
            while line := self.output.readline().strip():
                if line.lower().startswith(b'content-length:'):
                    length = int(line.split(b':')[1])
            message = json.loads(self.output.read(length))
            if message.get('id') == self.last and 'method' not in message:
                return message.get('result')

    def memory(self) -> float:
        status = pathlib.Path('/proc/%d/status' % self.process.pid).read_text()
        return int(status.split('VmRSS:')[1].split()[0]) / 1000


def edit(binary: pathlib.Path, title: str, folder: pathlib.Path, text: str, count: int) -> None:
    client = Client(binary, folder)
    path = folder / 'cinder.conf'
    it = {'uri': path.as_uri()}
    client.tell('textDocument/didOpen', {'textDocument': {**it, 'languageId': 'ini', 'version': 1, 'text': text}})
    client.ask('textDocument/diagnostic', {'textDocument': it})
    line = text.count('\n')
    times: dict[str, list[float]] = {'findings': [], 'hover': [], 'completion': []}
    early = 0.0
    for at in range(count):
        letter = 'nfs_shares'[at % 10]
        new = letter if at % 40 else '\n'
        end = {'line': line, 'character': 0}
        start = time.perf_counter()
        change = {'range': {'start': end, 'end': end}, 'text': new}
        client.tell('textDocument/didChange', {'textDocument': {**it, 'version': at + 2}, 'contentChanges': [change]})
        client.ask('textDocument/diagnostic', {'textDocument': it})
        times['findings'].append(time.perf_counter() - start)
        for name, place in (('hover', {'line': 3, 'character': 4}), ('completion', {'line': line, 'character': 1})):
            start = time.perf_counter()
            client.ask('textDocument/' + name, {'textDocument': it, 'position': place})
            times[name].append(time.perf_counter() - start)
        if at == count // 10:
            early = client.memory()
    for name, all_of in times.items():
        all_of.sort()
        print('%-34s %-11s median %6.1f, p95 %6.1f ms' % (title, name, all_of[count // 2] * 1e3, all_of[count * 95 // 100] * 1e3))
    print('%-34s %-11s %.1f MB, %+.1f MB since a tenth' % (title, 'memory', client.memory(), client.memory() - early))
    client.ask('shutdown', None)
    client.tell('exit', None)
    client.process.wait()


def main(program: str, count: str = '300') -> None:
    binary = pathlib.Path(program).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / '.git').mkdir()
        (folder / 'cinder.conf').write_text(sample())
        edit(binary, 'every option set', folder, sample(), int(count))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / '.git').mkdir()
        for at in range(2000):
            host = folder / ('host%04d' % at)
            host.mkdir()
            (host / 'cinder.conf').write_text(SMALL)
        (folder / 'cinder.conf').write_text(SMALL)
        edit(binary, 'a workspace of 2,000', folder, SMALL, int(count))


if __name__ == '__main__':
    main(*sys.argv[1:])
