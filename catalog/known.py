"""What the evaluator knows of the world outside the tree: oslo.config's options and types, and a few helpers."""

import copy
import itertools
import os.path
import re
import textwrap

MYPY = False  # Python 2 has no typing; mypy takes it for true
if MYPY:
    from typing import Any, Callable, Dict, List, Optional, Union

try:
    TEXT = (str, unicode)  # type: ignore[name-defined]  # Python 2 alone has it
except NameError:
    TEXT = (str,)  # type: ignore[assignment]  # Python 3 has one kind


class Dynamic:
    """A value that depends on the machine (its host name, its address, a folder of the installation)."""


class Deprecated:
    def __init__(self, name=None, group=None):
        # type: (Any, Any) -> None
        self.name, self.group = name, group


class Type:
    """An oslo.config type: its class name and the arguments that it was made with."""

    def __init__(self, kind, arguments):
        # type: (str, Dict[str, Any]) -> None
        self.kind, self.arguments = kind, arguments


class Opt:
    """An option definition: the class name of oslo.config's option and the arguments that it was made with."""

    def __init__(self, cls, arguments):
        # type: (str, Dict[str, Any]) -> None
        self.cls, self.arguments = cls, arguments
        self.set = None  # type: Optional[str]
        self.origin = None  # type: Optional[str]

    @property
    def name(self):
        # type: () -> Any
        return self.arguments.get('name')

    @property
    def dest(self):
        # type: () -> Optional[str]
        dest = self.arguments.get('dest') or self.name
        return dest.replace('-', '_') if isinstance(dest, TEXT) else None

    def attribute(self, attr):
        # type: (str) -> Any
        if attr in ('dest', 'name'):
            return getattr(self, attr)
        return self.arguments.get(attr)

    def set_attribute(self, attr, value):
        # type: (str, Any) -> None
        self.arguments[attr] = value

    def __deepcopy__(self, memo):
        # type: (Any) -> Opt
        other = Opt(self.cls, dict(self.arguments))
        other.set = self.set
        return other

    __copy__ = lambda self: self.__deepcopy__(None)


# Positional parameters after `name`, by class, as oslo.config has them.
POSITIONAL = {
    'Opt': [
        'type',
        'dest',
        'short',
        'default',
        'positional',
        'metavar',
        'help',
        'secret',
        'required',
        'deprecated_name',
        'deprecated_group',
        'deprecated_opts',
    ],
    'StrOpt': ['choices', 'quotes', 'regex', 'ignore_case', 'max_length'],
    'IntOpt': ['min', 'max'],
    'FloatOpt': ['min', 'max'],
    'PortOpt': ['min', 'max', 'choices'],
    'ListOpt': ['item_type', 'bounds'],
    'IPOpt': ['version'],
    'HostAddressOpt': ['version'],
    'HostDomainOpt': ['version'],
    'URIOpt': ['max_length', 'schemes'],
    'MultiOpt': ['item_type'],
    'BoolOpt': [],
    'DictOpt': [],
    'HostnameOpt': [],
    'MultiStrOpt': [],
    'SubCommandOpt': [],
}
TYPES = {
    'String': ['choices', 'quotes', 'regex', 'ignore_case', 'max_length'],
    'MultiString': ['choices', 'quotes'],
    'Boolean': [],
    'Integer': ['min', 'max'],
    'Float': ['min', 'max'],
    'Port': ['min', 'max'],
    'List': ['item_type', 'bounds'],
    'Dict': ['value_type', 'bounds'],
    'Range': ['min', 'max', 'inclusive'],
    'IPAddress': ['version'],
    'Hostname': [],
    'HostAddress': ['version'],
    'HostDomain': ['version'],
    'URI': ['max_length', 'schemes'],
}


def make_option(cls):
    # type: (str) -> Callable[..., Opt]
    def make(name=None, *args, **keywords):
        # type: (Any, *Any, **Any) -> Opt
        keywords = dict(keywords)
        keywords.update(zip(POSITIONAL[cls], args))
        keywords.setdefault('name', name)
        return Opt(cls, keywords)

    return make


def make_type(kind):
    # type: (str) -> Callable[..., Type]
    def make(*args, **keywords):
        # type: (*Any, **Any) -> Type
        keywords = dict(keywords)
        keywords.update(zip(TYPES[kind], args))
        return Type(kind, keywords)

    return make


def translated(text='', *args, **keywords):
    # type: (str, *Any, **Any) -> str
    return text


def shallow(value=None, *args):
    # type: (Any, *Any) -> Any
    return copy.copy(value)


def deep(value=None, *args):
    # type: (Any, *Any) -> Any
    return copy.deepcopy(value) if isinstance(value, (list, dict, tuple, str, int, Opt)) else value


def chain(*lists):
    # type: (*Any) -> List[Any]
    return list(itertools.chain(*[x for x in lists if isinstance(x, (list, tuple))]))


def dynamic(*args, **keywords):
    # type: (*Any, **Any) -> Dynamic
    return Dynamic()


def joined(*parts):
    # type: (*Any) -> Any
    if all(isinstance(p, str) for p in parts):
        return os.path.join(*parts)
    return Dynamic()


def environment(name=None, default=None):
    # type: (Any, Any) -> Any
    return default


def compiled(pattern='', flags=0):
    # type: (Any, Any) -> Any
    return pattern


def attribute_set(obj=None, name=None, value=None):
    # type: (Any, Any, Any) -> None
    if isinstance(obj, Opt):
        obj.set_attribute(name, value)


CALLS = {
    'oslo_config.cfg.DeprecatedOpt': lambda name=None, group=None, **k: Deprecated(name, group),
    'itertools.chain': chain,
    'itertools.chain.from_iterable': lambda x=(): chain(*x),
    'oslo_config.cfg.OptGroup': lambda name=None, *a, **k: name,
    'copy.copy': shallow,
    'copy.deepcopy': deep,
    'collections.OrderedDict': lambda x=(), **k: dict(x, **k),
    '_': translated,
    '_LW': translated,
    '_LE': translated,
    '_LI': translated,
    'textwrap.dedent': lambda text='': textwrap.dedent(text),
    'socket.gethostname': dynamic,
    'socket.getfqdn': dynamic,
    'netutils.get_my_ipv4': dynamic,
    'oslo_utils.netutils.get_my_ipv4': dynamic,
    'oslo_utils.netutils.get_my_ip': dynamic,
    'get_my_ip': dynamic,
    '_get_my_ip': dynamic,
    'multiprocessing.cpu_count': dynamic,
    'oslo_concurrency.processutils.get_worker_count': dynamic,
    'os.path.abspath': dynamic,
    'tempfile.gettempdir': dynamic,
    'os.path.join': joined,
    'os.environ.get': environment,
    'os.getenv': environment,
    're.compile': compiled,
    'setattr': attribute_set,
    'six.text_type': str,
}  # type: Dict[str, Any]
for _cls in POSITIONAL:
    for _module in ('oslo_config.cfg.', 'oslo.config.cfg.'):
        CALLS[_module + _cls] = make_option(_cls)
for _kind in TYPES:
    for _module in ('oslo_config.types.', 'oslo_config.cfg.types.', 'oslo.config.types.'):
        CALLS[_module + _kind] = make_type(_kind)

CONSTANTS = {
    'sys.maxsize': 2**63 - 1,
    'sys.maxint': 2**63 - 1,
    're.I': re.I,
    're.IGNORECASE': re.I,
    'sys.prefix': Dynamic(),
    'os.path.sep': '/',
}
for _i, _unit in enumerate('KMGTP', 1):
    CONSTANTS['oslo_utils.units.%si' % _unit] = 1024**_i
    CONSTANTS['oslo_utils.units.' + (_unit if _unit != 'K' else 'k')] = 1000**_i
