"""Asks the types of oslo.config what they make of a text, for tests/it/types.rs.

Run it where oslo.config is installed; with Cinder there too (29.0.0 for the recorded set), the types and defaults of
Cinder's own options join the pool.

    python tests/oracle/check_types.py --record                      # writes tests/data/types.jsonl
    python tests/oracle/check_types.py --check FILE [--count 20000] [--seed 1]

Each line holds a type in the catalogue's form, a text, whether oslo.config takes it, and if not, the message.
"""

from __future__ import annotations

import os
import sys

# This file has the name of a module of Python's own, which the imports below need.
sys.path = [path for path in sys.path if os.path.abspath(path) != os.path.dirname(os.path.abspath(__file__))]

import argparse
import importlib.abc
import importlib.machinery
import importlib.util
import json
import pathlib
import random
import re
import unittest.mock
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from oslo_config import types

RECORDED = pathlib.Path(__file__).parent.parent / 'data' / 'types.jsonl'

MADE = {
    'string': types.String,
    'boolean': types.Boolean,
    'integer': types.Integer,
    'float': types.Float,
    'port': types.Port,
    'list': types.List,
    'dict': types.Dict,
    'range': types.Range,
    'hostaddress': types.HostAddress,
    'hostdomain': types.HostDomain,
    'hostname': types.Hostname,
    'ip': types.IPAddress,
    'uri': types.URI,
}

RATIO = r'^(auto|\d*\.\d+|\d+)$'

STRING, BOOLEAN, INTEGER, FLOAT, PORT, IP = ({'kind': k} for k in ('string', 'boolean', 'integer', 'float', 'port', 'ip'))
WORDS = {'kind': 'string', 'choices': ['none', 'zero', 'Case', "it's", '']}
FREE = {'kind': 'string', 'choices': ['iSCSI', 'FC', 'Straße', 'ΣΑΣ'], 'ignore_case': True}
QUOTED = {'kind': 'string', 'quotes': True}

TYPES: list[dict[str, Any]] = [
    STRING,
    WORDS,
    FREE,
    QUOTED,
    dict(QUOTED, choices=['a,b', 'c', '"']),
    dict(QUOTED, max_length=4),
    {'kind': 'string', 'max_length': 5},
    {'kind': 'string', 'max_length': 0},
    {'kind': 'string', 'regex': RATIO},
    BOOLEAN,
    BOOLEAN,
    INTEGER,
    {'kind': 'integer', 'min': 1},
    {'kind': 'integer', 'min': 0, 'max': 100},
    {'kind': 'integer', 'max': -1},
    {'kind': 'integer', 'min': -5, 'max': 1234567},
    {'kind': 'integer', 'max': 2**63 - 1},
    {'kind': 'integer', 'min': -(2**63)},
    {'kind': 'integer', 'choices': [0, 1, 512, 4096]},
    FLOAT,
    {'kind': 'float', 'min': 0.0},
    {'kind': 'float', 'min': 0.1, 'max': 1.5},
    {'kind': 'float', 'max': 1e-5},
    {'kind': 'float', 'min': 1000000.0},
    PORT,
    PORT,
    {'kind': 'port', 'min': 1024},
    {'kind': 'port', 'min': 1, 'max': 80},
    {'kind': 'port', 'choices': [80, 443]},
    {'kind': 'list'},
    {'kind': 'list', 'bounds': True},
    {'kind': 'list', 'item': INTEGER},
    {'kind': 'list', 'item': {'kind': 'integer', 'min': 0, 'max': 2047}},
    {'kind': 'list', 'item': QUOTED},
    {'kind': 'list', 'item': QUOTED, 'bounds': True},
    {'kind': 'list', 'item': IP},
    {'kind': 'list', 'item': WORDS},
    {'kind': 'list', 'item': {'kind': 'string', 'choices': ['a,b', 'c', 'b,c,d']}},
    {'kind': 'list', 'item': FREE},
    {'kind': 'list', 'item': {'kind': 'list', 'bounds': True}},
    {'kind': 'list', 'item': {'kind': 'list', 'bounds': True, 'item': INTEGER}},
    {'kind': 'list', 'item': {'kind': 'dict'}},
    {'kind': 'list', 'item': {'kind': 'dict', 'bounds': True}},
    {'kind': 'list', 'item': {'kind': 'uri'}},
    {'kind': 'list', 'item': {'kind': 'hostaddress'}},
    {'kind': 'list', 'item': BOOLEAN},
    {'kind': 'list', 'item': PORT},
    {'kind': 'list', 'item': {'kind': 'float'}},
    {'kind': 'list', 'item': {'kind': 'range'}},
    {'kind': 'list', 'item': {'kind': 'string', 'max_length': 3}},
    {'kind': 'list', 'item': dict(QUOTED, max_length=3)},
    {'kind': 'list', 'item': {'kind': 'string', 'regex': RATIO}},
    {'kind': 'dict'},
    {'kind': 'dict', 'bounds': True},
    {'kind': 'dict', 'item': INTEGER},
    {'kind': 'dict', 'item': QUOTED},
    {'kind': 'dict', 'item': {'kind': 'list', 'bounds': True}},
    {'kind': 'dict', 'item': {'kind': 'dict'}},
    {'kind': 'dict', 'item': {'kind': 'dict', 'bounds': True}},
    {'kind': 'dict', 'item': WORDS},
    {'kind': 'dict', 'item': BOOLEAN, 'bounds': True},
    {'kind': 'dict', 'item': {'kind': 'list', 'item': INTEGER}},
    {'kind': 'range'},
    {'kind': 'range', 'min': 1, 'max': 100},
    {'kind': 'range', 'min': -3},
    {'kind': 'range', 'max': 9},
    {'kind': 'hostaddress'},
    {'kind': 'hostaddress', 'version': 4},
    {'kind': 'hostaddress', 'version': 6},
    {'kind': 'hostdomain'},
    {'kind': 'hostdomain', 'version': 4},
    {'kind': 'hostdomain', 'version': 6},
    {'kind': 'hostname'},
    {'kind': 'hostname'},
    IP,
    {'kind': 'ip', 'version': 4},
    {'kind': 'ip', 'version': 6},
    {'kind': 'uri'},
    {'kind': 'uri'},
    {'kind': 'uri', 'max_length': 20},
    {'kind': 'uri', 'schemes': ['http', 'HTTPS']},
    {'kind': 'uri', 'schemes': ['http'], 'max_length': 12},
]

NUMBERS = '''0 1 -1 +1 5 007 1_000 1__0 _1 1_ 0x10 0o7 1e3 1E3 1.5 .5 5. . -.5 +.5e-3 1e 1e+ e5 1e999 -1e999 1e-999 1_0.0_1
1_.0 1._0 1e1_0 1e_1 nan NaN -nan inf -inf +Infinity infinit in_f 1,5 1.5.2 0x1p3 1j ١٢ ５ ٣_٤ ٣.٥ ² ½ 十 𝟗 𝟗.𝟏 1٠ 100 101 65535 65536 1024 1023
80 443 512 4096 2047 2048 -5 -6 1234567 1234568 9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809
99999999999999999999999999999999999999999999 -99999999999999999999999999999999999999999999 1e-5 1.1e-5 0.00001 0.1 0.09 1.50001 0.1e1
1e6 999999.9999 true_1 1- 1-5 5-1 5-5 -5--1 -1--5 0-0 00-1 -0 1--5 1-05 1-5-9 - -- 1-100 1-101 0-9 -3-9 -4-9'''.split()
BOOLEANS = 'true True TRUE tRuE false 1 0 on off yes no y n t f enable none auto maybe oN ﬀ tru trueé 2 true,false'.split()
HOSTS = '''localhost a a-b -a a- a_b _a a.b a.b. a..b . .. .a a.1 1.a 1.2.3 1 host.example.org my_host.example.org EXAMPLE.Com ex ample
xn--nxasmq6b münchen.de Kelvin.com ſ.com İ.com ı.com x.ſ host:80 [::1] host/ a.b-c -.a - a.- 10.0.0.5/24 10.0.0.5:3260 a,b'''.split()
ADDRESSES = '''10.0.0.5 10.0.0.05 010.0.0.5 0.0.0.0 00.0.0.0 255.255.255.255 256.0.0.1 1.2.3 1.2.3.4.5 1.2.3.4. .1.2.3.4 1..2.3 1.2.3.0x4 ١.2.3.4
+1.2.3.4 1.2.3.-4 1.2.3.4%eth0 167772165 :: ::1 1:: fe80::1 fe80::1%eth0 1:2:3:4:5:6:7:8 1:2:3:4:5:6:7:: ::2:3:4:5:6:7:8 1::3:4:5:6:7:8
1:2:3:4:5:6:7::8 1:2:3:4:5:6:7 1:2:3:4:5:6:7:8:9 1::2::3 ::: :::1 1: :1 ::ffff:1.2.3.4 ::1.2.3.4 ::1.2.3 ::01.2.3.4 1:2:3:4:5:6:1.2.3.4
1:2:3:4:5:1.2.3.4 ::1.2.3.4:5 1.2.3.4:: ::256.1.1.1 12345::1 00001::1 ::G ABCD:EF01::2345 FE80::0001 [::1] ::1/128 1:2:3:4:5:6:7:1.2.3.4
::1:2:3:4:5:6:1.2.3.4 ::1:2:3:4:5:1.2.3.4 1::2:'''.split()
URIS = '''http://h https://h/ HTTP://h hTTps://H ftp://h http: http:/ http:// //h h a:b 1http://h ht+tp.x-1://h h_t://h http://h:80 http://h:
http://:80 http://:  http://h:99999 http://h:123456 http://h:8a http://h:80:80 http://u@h http://u:p@h http://@h http://:@h http://u@p@h
http://u%40:p@h http://u%4@h http://u/p@h http://1.2.3.4 http://1.2.3.256 http://1.2.3 http://1.2.3.4.5 http://001.2.3.4 http://999.1.1.1:1
http://[::1] http://[::1]:80 http://[::1]80 http://[::1]x http://[::1 http://::1 http://[] http://[::1%25] http://[::1%25e] http://[::1%e]
http://[::1%2541] http://[::1%25%41] http://[::1%4] http://[::1%] http://[::1.2.3.999] http://[1.2.3.4] http://[1:2:3:4:5:6:7:8]
http://[1:2:3:4:5:6:7] http://[1:2:3:4:5:6:7::] http://[1:2:3:4:5:6:7::8] http://[::2:3:4:5:6:7:8] http://[1:2:3:4:5:6:1.2.3.4]
http://[v1.x:y] http://[V1.x] http://[v1.] http://[v.x] http://[vG.x] http://[v1.%41] http://[::G] http://u@[::1%25x]:1/p http://h/a/b?c=d#e
http://h?x http://h#x http://h?x?y#z#w http://h\\x http://h/[x] http://[h]/[x] http://h/%zz http://h/%41 http://h/a|b http://h/a"b'c http://h/é
http://hé http://h{x} http://h,i http://h;x=1,http://i http://%41%42 http://%4 http://h%zz http:h http:///p file:///etc mailto:a@b
http://h/?q=[%]&r=^ http://h/[%41%4 http://h/[`^ http://h/[?q#f?[] [?q=%41#%4é x:[ rabbit://u:p@h:5672,u:p@i:5672/v http://h:80,1 tcp://10.0.0.5:80'''.split()
LISTS = '''a,b a,,b ,a a, a,,, , ,, [a,b] [a] [] [ ] [a,b [a],[b] [[a],[b]] [1,2],[3] [1],2 "a,b",c 'a','b' "a 'a" "" '' " "a"b a:1,b:2 a:1,b
a:1,b:x a:b:c :a a: : a:1,a:2 {a:1} {a:1,b:2} {} {a} {a:1 a:{b:1},c:{} a:{b:1,c:2},d:{e:1} {a:{b:1}} a:[1,2],b:[] a:[x,b:[y] a:1,2,3 a:"x,y",b:"z"
a:"x,b:y none,zero none,bad case,CASE fc,iscsi,FC x,none a,b,c b,c,d a,b,c,d abc,d abcd,e 1,2,3 1,x,3 1,,2 1,2,x 10.0.0.1,10.0.0.2
10.0.0.1,x h,10.0.0.1,::1 true,false,x 1-5,6 1-5,x .5,auto auto,x http://a,http://b http://a,b b,http://a {a:1},{b:2} {a:1,b:2},{c:3
backend_id:x,san_ip:1.2.3.4 san_ip:10.0.0.1,san_login:u,x'''.split()
TEXTS = [
    '',
    ' ',
    'none',
    'NONE',
    'Zero',
    'case',
    'Case',
    'iscsi',
    'ISCSI',
    'fc',
    'STRASSE',
    'straße',
    'STRAẞE',
    'σας',
    'ΣΑς',
    'σασ',
    "it's",
    'auto',
    'auto\n',
    'Auto',
    '20.0',
    '٢.٥',
    '.',
    '1.',
    '.1',
    '1.2.3',
    '12\n',
    'abcde',
    'abcdef',
    'éééééé',
    '\x1b[31m',
    '\u202eabc',
    '$x',
    '\\',
    '"',
    "'",
    '"abc"',
    '"abcde"',
    '\'"',
    '"\'',
    '<None>',
    'None',
    '\u3000x\u3000',
    'a\nb',
    '1\n',
    '1\n2',
    '\x1c',
    '\x1c1',
    '1\x1f',
    '1\u2028',
    '\xa01',
    '\u180e1',
    '\ufeff1',
    '1\0',
    '\0',
    'h\0',
    '::\0',
    '01\0',
    'h\n',
    'h\n.x',
    'a-\n',
    '-\n',
    'x' * 63,
    'x' * 64,
    '.'.join(['x' * 60] * 4),
    '.'.join(['x' * 62] * 4),
    '.'.join(['x' * 62] * 4) + '.c',
    '.'.join(['x' * 63] * 4),
    'http://h\n',
    'http://h\n/x',
    'http://h/\n#a\nb',
    'http://h\n\n',
    'http://h/[\n?\n#\n',
    'http://h x',
    'http://h/x y',
    '1-5\n',
    '10.0.0.5\n',
    ' true',
    'true ',
    '\ttrue',
    'a\xadb',
    '\U000e0001',
    '\ud7ff\ue000',
    '\u0378',
    'e\u0301',
    '\u0301',
    '\U0001f600',
    '{a : 1 , b : 2 }',
    ' [ a , b ] , ',
    ' a , b ,',
    ' , ',
    'a : b',
    ' : b',
    '1 , 2',
    '"a , b" , c',
    'a: "x, y" , b:1',
    '\xa0[1]\xa0',
    'x' * 210 + "'",
]
LONG = [
    '9' * 4300,
    '9' * 4301,
    '-' + '0' * 4301,
    '1_' * 4300 + '1',
    '9' * 4301 + 'x',
    '9' * 4301 + '_',
    '9' * 4301 + ' ',
    '9' * 309,
    '1' * 308,
    '17976931348623158' + '0' * 292,
    '17976931348623159' + '0' * 292,
    '٣' * 4301,
    '1,' * 500 + 'x',
    'a:1,' * 300 + 'b',
    '"a,' * 300,
    '9' * 400 + '.5',
    '0.' + '0' * 400 + '1',
    '1-' + '9' * 4301,
]
VALUES = {
    'integer': NUMBERS,
    'float': NUMBERS,
    'port': NUMBERS,
    'range': NUMBERS,
    'boolean': BOOLEANS,
    'list': LISTS,
    'dict': LISTS,
    'ip': ADDRESSES,
    'hostaddress': ADDRESSES + HOSTS,
    'hostdomain': ADDRESSES + HOSTS,
    'hostname': HOSTS + ADDRESSES,
    'uri': URIS,
    'string': TEXTS + LISTS,
}
ALL = NUMBERS + BOOLEANS + HOSTS + ADDRESSES + URIS + LISTS + TEXTS
ODD = list('''0123456789abcfxAZ_+-.,:;/?#[]{}@%"'\\ \t\n$=&!''') + [
    '٣',
    '５',
    '\xa0',
    '\u2028',
    '\x1c',
    '\x00',
    '\x7f',
    'é',
    'ſ',
    'İ',
    '\u202e',
    '𝟗',
    '::',
    '%25',
    'e',
    '1e',
    '0x',
]


def make(spec: dict[str, Any]) -> Any:
    """The oslo.config type of a catalogue type."""
    spec = dict(spec)
    cls = MADE[spec.pop('kind')]
    if 'item' in spec:
        spec['item_type' if cls is types.List else 'value_type'] = make(spec.pop('item'))
    return cls(**spec)


def ask(oslo: Any, text: str) -> tuple[bool, str | None]:
    """Whether the type takes the text, and the message if not."""
    try:
        oslo(text)
    except Exception as error:  # oslo.config lets an OverflowError through; the service stops all the same
        # rfc3986 shows a set, whose order changes from run to run.
        return False, re.sub(
            r"\{('[^{}']*'(?:, '[^{}']*')*)\}\)$", lambda m: '{%s})' % ', '.join(sorted(m.group(1).split(', '))), str(error)
        )
    return True, None


def spec_of(oslo: Any) -> dict[str, Any] | None:
    """The catalogue type of an oslo.config type; None for a class from elsewhere."""
    kind = {cls: kind for kind, cls in MADE.items()}.get(type(oslo), None)
    if isinstance(oslo, types.MultiString):
        kind = 'string'
    if kind is None:
        return None
    spec: dict[str, Any] = {'kind': kind}
    for name in ('quotes', 'ignore_case', 'bounds', 'min', 'max', 'max_length', 'schemes'):
        value = getattr(oslo, name, None)
        if value is not None and value is not False and not (name == 'max_length' and value == 0):
            spec[name] = value
    if getattr(oslo, 'choices', None):
        if not all(isinstance(choice, (str, int)) for choice in oslo.choices):
            return None
        spec['choices'] = list(oslo.choices)
    if getattr(oslo, 'regex', None):
        spec['regex'] = oslo.regex.pattern
    for name in ('item_type', 'value_type'):
        if hasattr(oslo, name):
            item = spec_of(getattr(oslo, name))
            if item is None:
                return None
            if item != STRING:
                spec['item'] = item
    return spec


class Absent(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands in for the storage vendors' libraries that drivers import."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name.split('.')[0] in self.names:
            return importlib.util.spec_from_loader(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        module: Any = unittest.mock.MagicMock()
        module.__path__ = []
        found: ModuleType = module
        return found

    def exec_module(self, module: ModuleType) -> None:
        pass


def cinder_pool() -> list[tuple[dict[str, Any], list[str]]]:
    """(type, defaults and choices) of the options of an installed Cinder."""
    if importlib.util.find_spec('cinder') is None:
        return []
    absent = Absent()
    sys.meta_path.append(absent)
    while True:
        try:
            from cinder import opts

            break
        except ModuleNotFoundError as error:
            absent.names.add(str(error.name).split('.')[0])
    pool: dict[str, set[str]] = {}
    for _, options in opts.list_opts():
        for option in options:
            spec = spec_of(option.type)
            if spec is None or spec == STRING or ask(make(spec), '')[0] != ask(option.type, '')[0]:
                continue
            values = pool.setdefault(json.dumps(spec, sort_keys=True), set())
            for value in option.default if option.multi and option.default else [option.default]:
                if value is not None:
                    shown = option.type._formatter(value)
                    values.update(shown if isinstance(shown, list) else [shown])
            for choice in map(str, spec.get('choices', [])):
                values.update([choice, choice.upper(), choice.lower(), choice + 'x'])
    return [(json.loads(spec), sorted(values)) for spec, values in sorted(pool.items())]


def mutated(rng: random.Random, text: str) -> str:
    letters = list(text)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        at = rng.randrange(len(letters) + 1)
        how = rng.randrange(4)
        if how == 0:
            letters.insert(at, rng.choice(ODD))
        elif how == 1 and at < len(letters):
            del letters[at]
        elif how == 2 and at < len(letters):
            letters[at] = rng.choice(ODD)
        elif at < len(letters):
            letters[at] = letters[at].swapcase()
    return ''.join(letters)


def composed(rng: random.Random, spec: dict[str, Any]) -> str:
    """A text made to fit the type, more or less."""
    kind = spec['kind']
    item = spec.get('item', STRING)
    if kind == 'list':
        text = rng.choice([',', ', ', ' ,\n']).join(value_for(rng, item) for _ in range(rng.randrange(5)))
        return '[%s]' % text if spec.get('bounds') and rng.random() < 0.9 else text
    if kind == 'dict':
        text = ','.join(
            '%s%s%s' % (rng.choice(['a', 'b', 'c', ' d ', '', 'é']), rng.choice([':', ':', ': ', '']), value_for(rng, item))
            for _ in range(rng.randrange(4))
        )
        return '{%s}' % text if spec.get('bounds') and rng.random() < 0.9 else text
    if kind in ('integer', 'port', 'float'):
        near = rng.choice([spec.get('min', 0), spec.get('max', 65535)] + [int(c) for c in spec.get('choices', [])])
        number = near + rng.choice([-1, 0, 1]) * (1 if kind != 'float' else rng.choice([1, 1e-3, 1e-17]))
        text = str(number)
        if rng.random() < 0.3:
            text = ''.join(chr(0x660 + ord(c) - 48) if c.isdigit() and rng.random() < 0.5 else c for c in text)
        return rng.choice(['', '', ' ', '+', '0', '\n']) + text + rng.choice(['', '', ' ', '\xa0', '\t'])
    if kind in ('ip', 'hostaddress', 'hostdomain') or (kind == 'uri' and rng.random() < 0.3):
        if rng.random() < 0.4:
            text = '.'.join(rng.choice(['0', '1', '10', '255', '256', '01', '']) for _ in range(rng.choice([3, 4, 4, 4, 5])))
        else:
            groups = [
                rng.choice(['0', '1', 'ff', 'FFFF', '00001', 'g', '']) if rng.random() < 0.15 else '%x' % rng.randrange(65536)
                for _ in range(rng.randrange(1, 10))
            ]
            if rng.random() < 0.3:
                groups[-1] = '1.2.3.4'
            if rng.random() < 0.6:
                groups.insert(rng.randrange(len(groups) + 1), '')
            text = ':'.join(groups)
            if text.startswith(':') and rng.random() < 0.8:
                text = ':' + text
        return text if kind != 'uri' else 'http://[%s]' % text
    if spec.get('choices'):
        return str(rng.choice(spec['choices']))
    return rng.choice(TEXTS)


def value_for(rng: random.Random, spec: dict[str, Any]) -> str:
    kind = spec['kind']
    how = rng.random()
    if how < 0.35:
        text = rng.choice(VALUES[kind])
    elif how < 0.78:
        text = composed(rng, spec)
    elif how < 0.82:
        text = rng.choice(ALL)
    else:
        text = rng.choice(VALUES[kind])
        return mutated(rng, text)
    return mutated(rng, text) if rng.random() < 0.1 else text


def pairs(seed: int) -> Iterator[tuple[dict[str, Any], str]]:
    """(type, text) pairs without end: first each type with what it is made for, then at random."""
    rng = random.Random(seed)
    pool = cinder_pool()
    for spec, values in pool:
        for value in values:
            yield spec, value
    every = TYPES * 3 + [spec for spec, _ in pool]
    while True:
        spec = rng.choice(every)
        yield spec, rng.choice(LONG) if rng.random() < 0.003 else value_for(rng, spec)


def cases(seed: int, count: int, longest: int) -> Iterator[str]:
    seen, made, rng = set(), 0, random.Random(seed)
    for spec, text in pairs(seed):
        key = json.dumps([spec, text])
        if len(text) > longest or key in seen:
            continue
        seen.add(key)
        ok, message = ask(make(spec), text)
        # Most hostile texts are refused; what is taken matters more.
        if not ok and (longest < len(message or '') or rng.random() < 0.6):
            continue
        made += 1
        yield json.dumps({'type': spec, 'value': text, 'ok': ok, 'message': message}, separators=(',', ':'))
        if made == count:
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).split('\n', maxsplit=1)[0])
    parser.add_argument('--record', action='store_true', help='write tests/data/types.jsonl')
    parser.add_argument('--check', metavar='FILE', help='write cases to FILE')
    parser.add_argument('--count', type=int, default=20000)
    parser.add_argument('--seed', type=int, default=1)
    args = parser.parse_args()
    if args.record:
        lines = cases(0, 3000, 120)
    elif args.check:
        lines = cases(args.seed, args.count, 100000)
    else:
        parser.error('--record or --check FILE')
    with open(args.check or RECORDED, 'w', encoding='utf-8', newline='\n') as out:
        out.writelines(line + '\n' for line in lines)


if __name__ == '__main__':
    main()
