"""What a release's installed libraries (and Cinder itself, where it can be imported) list for the sample file, as
catalogue records. Runs under the Python of that release, 2.7 included:

    PYTHONPATH=FOLDER python dump.py > RELEASE.json
"""

from __future__ import print_function

import importlib
import io
import json
import os
import re
import site
import socket
import sys
import tempfile
import warnings

MYPY = False  # Python 2 has no typing; mypy takes it for true
if MYPY:
    from typing import Any, Dict, List, Optional, Tuple

HERE = os.path.dirname(os.path.abspath(__file__))
# Programs of this folder are called like modules of Python (code), which Cinder's libraries import: they come last.
sys.path = [folder for folder in sys.path if os.path.abspath(folder or '.') != HERE] + [HERE]
warnings.simplefilter('ignore')
for _folder in os.environ.get('PYTHONPATH', '').split(os.pathsep):
    if _folder:
        site.addsitedir(_folder)  # namespace packages need their .pth files


class AnyAttribute(type):
    def __getattr__(cls, name):
        # type: (str) -> Any
        if name.startswith('__'):
            raise AttributeError(name)
        return stand_in(name)


def stand_in(name):
    # type: (str) -> Any
    return AnyAttribute(name, (Exception,), {'__call__': lambda self, *a, **k: a[0] if a else self})


class Absent(object):
    """Stands in for a vendor's client library that is not installed; no option depends on it."""

    def __init__(self, name='absent'):
        # type: (str) -> None
        self.__name__ = name
        self.__path__ = []  # type: List[str]
        self.__file__ = name
        self.__spec__ = None

    def __getattr__(self, name):
        # type: (str) -> Any
        if name.startswith('__'):
            raise AttributeError(name)
        return stand_in(name)


class AbsentLoader(object):
    VENDORS = (
        'googleapiclient',
        'oauth2client',
        'google',
        'google_auth_httplib2',
        'boto3',
        'botocore',
        'swiftclient',
        'zstd',
        'rtslib_fb',
        'tabulate',
        'sqlalchemy_utils',
        'pywbem',
        'purestorage',
        'storops',
        'win32com',
        'mock',
        'kafka',
        'oslo_metrics',
        'barbicanclient',
    )
    IN_PYTHON_2 = ('mock', 'kafka', 'barbicanclient')

    def find_module(self, name, path=None):
        # type: (str, Any) -> Any
        """Python 2 asks here."""
        return self if name.split('.')[0] in self.IN_PYTHON_2 else None

    def load_module(self, name):
        # type: (str) -> Any
        return sys.modules.setdefault(name, Absent(name))  # type: ignore[arg-type]  # it stands in for one

    def find_spec(self, name, path=None, target=None):
        # type: (str, Any, Any) -> Any
        if name.split('.')[0] in self.VENDORS:
            import importlib.machinery

            return importlib.machinery.ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]  # Python 2 has no class for loaders
        return None

    def create_module(self, spec):
        # type: (Any) -> Any
        return Absent(spec.name)

    def exec_module(self, module):
        # type: (Any) -> None
        pass


sys.meta_path.append(AbsentLoader())

import known  # noqa: E402
import records  # noqa: E402

NAMESPACES = [
    'castellan.config',
    'cinder',
    'keystonemiddleware.auth_token',
    'osprofiler',
    'oslo.config',
    'oslo.concurrency',
    'oslo.db',
    'oslo.db.concurrency',
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
# What libraries register without listing it for the sample file: origin, module, variable, section.
UNLISTED = [
    ('castellan', 'castellan.key_manager.barbican_key_manager', 'barbican_opts', 'barbican'),
    ('keystonemiddleware', 'keystonemiddleware.auth_token._auth', 'OPTS', 'keystone_authtoken'),
    ('keystonemiddleware', 'keystonemiddleware.audit', '_AUDIT_OPTS', 'audit_middleware_notifications'),
    ('keystonemiddleware', 'keystonemiddleware.external_oauth2_token', '_EXTERNAL_AUTH2_OPTS', 'ext_oauth2_auth'),
    ('keystonemiddleware', 'keystonemiddleware.openstack.common.memorycache', 'memcache_opts', 'DEFAULT'),
    ('os-brick', 'os_brick.initiator.connectors.lightos', '_opts', 'os_brick'),
    ('oslo.messaging', 'oslo_messaging._drivers.impl_kafka', 'kafka_opts', 'oslo_messaging_kafka'),
    ('oslo.messaging', 'oslo_messaging._drivers.zmq_driver.zmq_options', 'zmq_ack_retry_opts', 'oslo_messaging_zmq'),
    ('oslo.messaging', 'oslo_messaging._metrics.client', 'oslo_messaging_metrics', 'oslo_messaging_metrics'),
    ('oslo.messaging', 'oslo_messaging._tracing.client', 'oslo_messaging_tracing', 'oslo_messaging_tracing'),
    ('oslo.messaging', 'oslo_messaging.notify._impl_routing', 'router_config', 'oslo_messaging_notifications'),
]
# Modules that hold privsep contexts, each with a section of its own.
CONTEXTS = ['cinder.privsep', 'os_brick.privileged']
PACKAGES = [
    'castellan',
    'keystonemiddleware',
    'osprofiler',
    'oslo_cache',
    'oslo_config',
    'oslo_concurrency',
    'oslo_db',
    'oslo_log',
    'oslo_messaging',
    'oslo_middleware',
    'oslo_policy',
    'oslo_privsep',
    'oslo_reports',
    'oslo_service',
    'oslo_versionedobjects',
    'os_brick',
    'keystoneauth1',
]
# What the generator's machine-readable form says of an option, help and the like aside.
PRINTED = [
    'dest',
    'type',
    'min',
    'max',
    'choices',
    'default',
    'sample_default',
    'secret',
    'required',
    'mutable',
    'advanced',
    'deprecated_opts',
    'deprecated_for_removal',
]
BY_CLASS = ('PortOpt', 'IPOpt', 'URIOpt', 'HostnameOpt', 'HostAddressOpt', 'HostDomainOpt')


def live_type(value):
    # type: (Any) -> Any
    name = type(value).__name__
    if isinstance(value, type):
        return known.Type(value.__name__, {}) if value.__name__ in known.TYPES else value
    if name not in known.TYPES:
        for base in type(value).__mro__:
            if base.__name__ in known.TYPES and name in ('Port',):
                break
        return value
    arguments = {}
    for key in ('choices', 'quotes', 'ignore_case', 'max_length', 'min', 'max', 'bounds', 'schemes', 'regex'):
        found = getattr(value, key, None)
        if found:
            arguments[key] = found
        elif found == 0 and not isinstance(found, bool) and key in ('min', 'max'):
            arguments[key] = found
    for key in ('item_type', 'value_type'):
        if getattr(value, key, None) is not None:
            arguments[key] = live_type(getattr(value, key))
    address = getattr(value, 'ip_address', value)
    checker = getattr(getattr(address, 'version_checker', None), '__name__', '')
    if checker.endswith(('ipv4', 'ipv6')):
        arguments['version'] = int(checker[-1])
    return known.Type(name, arguments)


def live(opt):
    # type: (Any) -> known.Opt
    """An oslo.config option as a `known.Opt`."""
    made = live_type(opt.type)
    arguments = {'name': opt.name, 'dest': opt.dest, 'type': made, 'multi': bool(opt.multi)}
    for base in type(opt).__mro__:
        if base.__name__ in BY_CLASS and isinstance(made, known.Type):
            made.kind = {v: k for k, v in records.KINDS.items() if k in known.TYPES}[records.KINDS[base.__name__]]
    for key in (
        'default',
        'sample_default',
        'secret',
        'required',
        'mutable',
        'advanced',
        'deprecated_for_removal',
        'deprecated_since',
        'deprecated_reason',
    ):
        arguments[key] = getattr(opt, key, None)
    if depends_on_machine(arguments['default']):
        arguments['default'] = known.Dynamic()
    arguments['deprecated_opts'] = [
        known.Deprecated(d.name, d.group) for d in getattr(opt, 'deprecated_opts', None) or [] if d.name or d.group
    ]
    return known.Opt('Opt', arguments)


def namespaces():
    # type: () -> List[str]
    """What the sample file of the installed Cinder is made of. It uses castellan since Newton."""
    for base in getattr(imported('cinder'), '__path__', []):
        for where, _folders, files in os.walk(base):
            for one in files:
                if one.endswith('.py'):
                    with io.open(os.path.join(where, one), encoding='utf-8') as f:
                        if 'castellan' in f.read():
                            return NAMESPACES
        return [n for n in NAMESPACES if n != 'castellan.config']
    return NAMESPACES


def machine_words():
    # type: () -> List[str]
    words = {socket.gethostname(), socket.getfqdn(), sys.prefix, os.path.dirname(os.__file__)}
    words.update(p for p in sys.path if len(p) > 4)
    try:
        probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        probe.connect(('192.0.2.1', 9))
        words.add(probe.getsockname()[0])
        probe.close()
    except (OSError, socket.error):
        pass
    return [w for w in words if len(w) > 3 and w != 'localhost']


WORDS = machine_words()


def depends_on_machine(value):
    # type: (Any) -> bool
    if isinstance(value, (list, tuple)):
        return any(depends_on_machine(v) for v in value)
    return isinstance(value, known.TEXT) and (value == socket.gethostname() or any(w in value for w in WORDS))


def listed():
    # type: () -> Tuple[List[Any], List[Any], Dict[str, str]]
    """(namespace, group, record) of everything that the generator would print; (group, name) of options whose own type
    refuses what the sample file says; errors by namespace."""
    from oslo_config import generator

    out, refused, errors = [], [], {}
    # What Mitaka's and Newton's services do at their start, and the sample's generator only since Ocata.
    change = getattr(imported('cinder.common.config'), 'set_middleware_defaults', None)
    if change is not None:
        change()
    try:
        # All at once, as the sample is made: Cinder changes some of its libraries' defaults.
        found = generator._list_opts(namespaces())
    except Exception as e:
        errors['all'] = repr(e)[:300]
        found = []
        for namespace in namespaces():
            try:
                found += generator._list_opts([namespace])
            except Exception as e:
                errors[namespace] = repr(e)[:300]
    for namespace, groups in found:
        for group, options in groups:
            group = getattr(group, 'name', group) or 'DEFAULT'
            for opt in options:
                record = records.option_record(live(opt))
                out.append([namespace, group, record])
                if refuses_sample(opt, record):
                    refused.append([group, record['name']])
    return out, refused, errors


def refuses_sample(opt, record):
    # type: (Any, Dict[str, Any]) -> bool
    """Whether the sample file's value cannot be read back: oslo.config checks no default."""
    value = opt.sample_default if opt.sample_default is not None else opt.default
    for one in value if record.get('multi') and isinstance(value, (list, tuple)) else [value]:
        try:
            if one is not None:
                opt.type(records.written(one))
        except (ValueError, TypeError):
            return True
    return False


def imported(name):
    # type: (str) -> Any
    try:
        return importlib.import_module(name)
    except Exception:
        return None


def unlisted():
    # type: () -> List[Any]
    """(origin, group, record) of options that a library registers, but does not list."""
    out = []

    def add(origin, group, options):
        # type: (str, str, Any) -> None
        for opt in options if isinstance(options, (list, tuple)) else [options]:
            out.append([origin, group, records.option_record(live(opt))])

    for origin, name, variable, group in UNLISTED:
        module = imported(name)
        if hasattr(module, variable):
            options = getattr(module, variable)
            # The older routing notifier has its file's name in [DEFAULT].
            add(origin, 'DEFAULT' if getattr(options, 'dest', '').startswith('routing_notifier') else group, options)
    priv_context = imported('oslo_privsep.priv_context')
    for name in CONTEXTS if priv_context else ():
        contexts = [c for c in vars(imported(name) or object).values() if isinstance(c, priv_context.PrivContext)]
        for group in sorted({c.cfg_section for c in contexts}):
            add('oslo.privsep', group, priv_context.OPTS)
    # keystonemiddleware's cache is oslo.cache's, since it has one.
    if hasattr(imported('keystonemiddleware.auth_token'), 'oslo_cache'):
        for group, options in importlib.import_module('oslo_cache._opts').list_opts():
            add('oslo.cache', group, options)
    return out


def defined():
    # type: () -> Dict[str, List[str]]
    """Option names that the libraries' sources define, by file: what nothing else tells is to be looked at."""
    out = {}
    for name in PACKAGES:
        for base in getattr(imported(name), '__path__', []):
            for where, folders, files in os.walk(base):
                folders[:] = [f for f in folders if f not in ('tests', '__pycache__')]
                for one in sorted(f for f in files if f.endswith('.py') and not f.startswith('test_')):
                    path = os.path.join(where, one)
                    with io.open(path, encoding='utf-8') as f:
                        found = re.findall(r'\bcfg\.\w*Opt\(\s*[\'"]([\w-]+)[\'"]', f.read())
                    if found:
                        key = '/'.join([name] + os.path.relpath(path, base).split(os.sep))
                        out[key] = sorted({o.replace('-', '_') for o in found})
    return out


def generated(form):
    # type: (str) -> Optional[str]
    """The text that oslo-config-generator makes of what is installed, or None where it does not know the form."""
    from oslo_config import generator
    from stevedore import ExtensionManager

    present = {e.name for e in ExtensionManager('oslo.config.opts')}
    arguments = [a for n in namespaces() if n in present for a in ('--namespace', n)]
    handle, path = tempfile.mkstemp()
    os.close(handle)
    try:
        generator.main(arguments + ['--output-file', path] + (['--format', form] if form != 'ini' else []))
        with io.open(path, encoding='utf-8') as f:
            return f.read()
    except (Exception, SystemExit):
        return None
    finally:
        os.remove(path)


def printed():
    # type: () -> Optional[List[Any]]
    """(group, entry) of everything in the generator's machine-readable form."""
    text = generated('json')
    if not text:
        return None
    out = []
    for group, facts in json.loads(text)['options'].items():
        for entry in facts['opts']:
            out.append([group, {k: entry.get(k) for k in PRINTED}])
    return out


def plugin_options():
    # type: () -> List[Any]
    """Options of keystoneauth's own loaders, which sections with credentials may hold: session, plugin choice, and
    whatever any plugin takes, also one that needs a package which is not installed here."""
    out = []  # type: List[Any]
    try:
        from keystoneauth1 import loading
        from stevedore import ExtensionManager
    except Exception:
        return out
    for function in ('get_auth_common_conf_options', 'get_session_conf_options'):
        if hasattr(loading, function):
            out += [['common', records.option_record(live(o))] for o in getattr(loading, function)()]
    for extension in sorted(ExtensionManager('keystoneauth1.plugin', invoke_on_load=True), key=lambda e: e.name):
        out += [[extension.name, records.option_record(live(o._to_oslo_opt()))] for o in extension.obj.get_options()]
    return out


def drivers():
    # type: () -> Tuple[Dict[str, Any], Optional[str]]
    """Class by class, what Cinder's drivers say that they read."""
    try:
        import cinder
        from cinder import objects

        # Cinder looks for its drivers below the working directory.
        os.chdir(os.path.dirname(os.path.dirname(cinder.__file__)))
        objects.register_all()
        from cinder.interface import util
    except Exception as e:
        return {}, repr(e)[:300]
    out = {}
    try:
        found = util.get_volume_drivers()
    except Exception as e:
        return {}, repr(e)[:300]
    for info in found:
        try:
            options = [o.dest for o in info.cls.get_driver_options() or []]
        except Exception:
            options = None
        out[info.class_fqn] = {
            'options': options,
            'supported': getattr(info, 'supported', None),
            'active_active': bool(getattr(info.cls, 'SUPPORTS_ACTIVE_ACTIVE', False)),
        }
    return out, None


def main():
    # type: () -> None
    options, refused, errors = listed()
    classes, error = drivers()
    if error:
        errors['drivers'] = error
    print(
        json.dumps(
            {
                'options': options,
                'refused': refused,
                'unlisted': unlisted(),
                'keystoneauth': plugin_options(),
                'drivers': classes,
                'defined': defined(),
                'printed': printed(),
                'sample': generated('ini'),
                'errors': errors,
            },
            indent=None,
            sort_keys=True,
        )
    )


main()
