"""An option as a catalogue record: the same form whether it was read from a syntax tree or from a live object."""

from known import TEXT, Deprecated, Dynamic, Type

MYPY = False  # Python 2 has no typing; mypy takes it for true
if MYPY:
    from typing import Any, Dict, Optional

    from known import Opt

KINDS = {
    'StrOpt': 'string',
    'MultiStrOpt': 'string',
    'BoolOpt': 'boolean',
    'IntOpt': 'integer',
    'FloatOpt': 'float',
    'PortOpt': 'port',
    'ListOpt': 'list',
    'DictOpt': 'dict',
    'IPOpt': 'ip',
    'HostAddressOpt': 'hostaddress',
    'HostDomainOpt': 'hostdomain',
    'HostnameOpt': 'hostname',
    'URIOpt': 'uri',
    'MultiOpt': 'string',
    'Opt': 'string',
    'String': 'string',
    'MultiString': 'string',
    'Boolean': 'boolean',
    'Integer': 'integer',
    'Float': 'float',
    'Port': 'port',
    'List': 'list',
    'Dict': 'dict',
    'Range': 'range',
    'IPAddress': 'ip',
    'Hostname': 'hostname',
    'HostAddress': 'hostaddress',
    'HostDomain': 'hostdomain',
    'URI': 'uri',
}

PLAIN = (int, float, bool, list, tuple, dict)


def written(value):
    # type: (Any) -> Optional[str]
    """A default the way that a file would say it."""
    if value is None or isinstance(value, bool):
        return None if value is None else str(value).lower()
    if isinstance(value, (list, tuple)):
        return ','.join(written(v) or '' for v in value)
    if isinstance(value, dict):
        return ','.join('%s:%s' % (k, written(v)) for k, v in value.items())
    return value if isinstance(value, TEXT) else str(value)


def type_record(cls, arguments):
    # type: (str, Dict[str, Any]) -> Dict[str, Any]
    inner = arguments.get('type') if cls == 'Opt' else arguments.get('item_type') if cls == 'MultiOpt' else None
    if inner is not None:
        return value_type(inner)
    out = {'kind': KINDS[cls]}  # type: Dict[str, Any]
    choices = arguments.get('choices')
    if isinstance(choices, dict):
        choices = list(choices)
    if choices:
        choices = [c[0] if isinstance(c, (list, tuple)) else c for c in choices]
        out['choices'] = [written(c) for c in choices if c is not None]
    for key, name in (('ignore_case', 'ignore_case'), ('quotes', 'quotes'), ('bounds', 'bounds')):
        if arguments.get(key):
            out[name] = True
    for key in ('min', 'max', 'max_length', 'version', 'schemes'):
        if isinstance(arguments.get(key), TEXT + PLAIN):
            out[key] = arguments[key]
    regex = getattr(arguments.get('regex'), 'pattern', arguments.get('regex'))
    if isinstance(regex, TEXT):
        out['regex'] = regex
    if out['kind'] == 'port':
        if out.get('min') == 0:
            del out['min']
        if out.get('max') == 65535:
            del out['max']
    if out['kind'] in ('list', 'dict'):
        item = arguments.get('item_type') if out['kind'] == 'list' else arguments.get('value_type')
        item = value_type(item) if item is not None else {'kind': 'string'}
        if item != {'kind': 'string'}:
            out['item'] = item
    return out


def value_type(value):
    # type: (Any) -> Dict[str, Any]
    if isinstance(value, Type):
        return type_record(value.kind, value.arguments)
    name = getattr(value, 'name', None) or getattr(value, '__name__', None)
    tail = str(name).rsplit('.', 1)[-1]
    if tail in KINDS:  # the class itself was given
        return {'kind': KINDS[tail]}
    if tail in ('str', 'int', 'float', 'bool'):
        return {'kind': {'str': 'string', 'int': 'integer', 'bool': 'boolean'}.get(tail, tail)}
    return {'kind': 'custom'}


def option_record(opt):
    # type: (Opt) -> Dict[str, Any]
    """The attributes of an `Opt`, without group and releases."""
    a = opt.arguments
    multi = opt.cls in ('MultiOpt', 'MultiStrOpt') or bool(a.get('multi'))
    out = {'name': opt.dest, 'type': type_record(opt.cls, a)}  # type: Dict[str, Any]
    if multi:
        out['multi'] = True
    out.update(defaults(a.get('default'), a.get('sample_default'), multi))
    for key in ('secret', 'required', 'mutable', 'advanced'):
        if a.get(key) is True:
            out[key] = True
    deprecated = []
    if a.get('deprecated_name') or a.get('deprecated_group'):
        deprecated.append(Deprecated(a.get('deprecated_name'), a.get('deprecated_group')))
    for other in a.get('deprecated_opts') or []:
        if isinstance(other, Deprecated):
            deprecated.append(other)
    pairs = sorted({(d.group if isinstance(d.group, TEXT) else '', str(d.name or opt.dest).replace('-', '_')) for d in deprecated})
    if pairs:
        out['deprecated'] = [list(p) for p in pairs]
    if a.get('deprecated_for_removal'):
        out['removal'] = {}
        if isinstance(a.get('deprecated_since'), TEXT):
            out['removal']['since'] = a['deprecated_since']
        if isinstance(a.get('deprecated_reason'), TEXT):
            out['removal']['text'] = a['deprecated_reason']
    return out


def defaults(default, sample, multi):
    # type: (Any, Any, bool) -> Dict[str, Any]
    def one(value):
        # type: (Any) -> Any
        if multi:
            return None if value is None else [written(v) for v in value] if isinstance(value, (list, tuple)) else [written(value)]
        return written(value)

    unknown = isinstance(default, Dynamic) or not isinstance(default, TEXT + PLAIN + (type(None),))
    if isinstance(default, (list, tuple)) and any(isinstance(v, Dynamic) for v in default):
        unknown = True
    out = {'default': None if unknown else one(default)}
    if unknown:
        out['dynamic_default'] = True
    if isinstance(sample, TEXT + PLAIN) and one(sample) != out['default']:
        out['sample_default'] = one(sample)
    return out
