"""What a release's installed libraries (and Cinder itself, where it can be imported) list for the sample file, as
catalogue records. Runs under the Python of that release, 2.7 included:

    PYTHONPATH=FOLDER python dump.py > RELEASE.json
"""

from __future__ import print_function

import json
import os
import site
import socket
import sys
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(HERE)
warnings.simplefilter('ignore')
for _folder in os.environ.get('PYTHONPATH', '').split(os.pathsep):
    if _folder:
        site.addsitedir(_folder)  # namespace packages need their .pth files


class AnyAttribute(type):
    def __getattr__(cls, name):
        if name.startswith('__'):
            raise AttributeError(name)
        return stand_in(name)


def stand_in(name):
    return AnyAttribute(name, (Exception,), {'__call__': lambda self, *a, **k: a[0] if a else self})


class Absent(object):
    """Stands in for a vendor's client library that is not installed; no option depends on it."""

    def __init__(self, name='absent'):
        self.__name__ = name
        self.__path__ = []
        self.__file__ = name
        self.__spec__ = None

    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        return stand_in(name)


class AbsentLoader(object):
    VENDORS = ('googleapiclient', 'oauth2client', 'google', 'google_auth_httplib2', 'boto3', 'botocore', 'swiftclient',
               'zstd', 'rtslib_fb', 'tabulate', 'sqlalchemy_utils', 'pywbem', 'purestorage', 'storops', 'win32com', 'mock')

    def find_module(self, name, path=None):
        """Python 2 asks here first, before it looks for the real thing."""
        return self if name.split('.')[0] == 'mock' else None

    def load_module(self, name):
        return sys.modules.setdefault(name, Absent(name))

    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in self.VENDORS:
            import importlib.machinery
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        return Absent(spec.name)

    def exec_module(self, module):
        pass


sys.meta_path.append(AbsentLoader())

import known  # noqa: E402
import records  # noqa: E402

NAMESPACES = [
    'castellan.config', 'cinder', 'keystonemiddleware.auth_token', 'osprofiler', 'oslo.config', 'oslo.concurrency',
    'oslo.db', 'oslo.db.concurrency', 'oslo.log', 'oslo.messaging', 'oslo.middleware', 'oslo.policy', 'oslo.privsep',
    'oslo.reports', 'oslo.service.periodic_task', 'oslo.service.service', 'oslo.service.sslutils',
    'oslo.service.wsgi', 'oslo.versionedobjects', 'os_brick']
BY_CLASS = ('PortOpt', 'IPOpt', 'URIOpt', 'HostnameOpt', 'HostAddressOpt', 'HostDomainOpt')


def live_type(value):
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
    if checker.endswith('ipv4') or checker.endswith('ipv6'):
        arguments['version'] = int(checker[-1])
    return known.Type(name, arguments)


def live(opt):
    """An oslo.config option as a `known.Opt`."""
    made = live_type(opt.type)
    arguments = {'name': opt.name, 'dest': opt.dest, 'type': made, 'multi': bool(opt.multi)}
    for base in type(opt).__mro__:
        if base.__name__ in BY_CLASS and isinstance(made, known.Type):
            made.kind = {v: k for k, v in records.KINDS.items() if k in known.TYPES}[records.KINDS[base.__name__]]
    for key in ('default', 'sample_default', 'secret', 'required', 'mutable', 'advanced', 'deprecated_for_removal',
                'deprecated_since', 'deprecated_reason'):
        arguments[key] = getattr(opt, key, None)
    if depends_on_machine(arguments['default']):
        arguments['default'] = known.Dynamic()
    arguments['deprecated_opts'] = [known.Deprecated(d.name, d.group)
                                    for d in getattr(opt, 'deprecated_opts', None) or [] if d.name or d.group]
    return known.Opt('Opt', arguments)


def machine_words():
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
    if isinstance(value, (list, tuple)):
        return any(depends_on_machine(v) for v in value)
    return isinstance(value, known.TEXT) and (
        value == socket.gethostname() or any(w in value for w in WORDS))


def listed():
    """(namespace, group, record) of everything that the generator would print; errors by namespace."""
    from oslo_config import generator
    out, errors = [], {}
    try:
        # All at once, as the sample is made: Cinder changes some of its libraries' defaults.
        found = generator._list_opts(NAMESPACES)
    except Exception as e:
        errors['all'] = repr(e)[:300]
        found = []
        for namespace in NAMESPACES:
            try:
                found += generator._list_opts([namespace])
            except Exception as e:
                errors[namespace] = repr(e)[:300]
    for namespace, groups in found:
        for group, options in groups:
            group = getattr(group, 'name', group) or 'DEFAULT'
            for opt in options:
                out.append([namespace, group, records.option_record(live(opt))])
    return out, errors


def plugin_options():
    """Options of keystoneauth's own loaders, which sections with credentials may hold: session, plugin choice, and
    whatever any installed plugin takes."""
    out = []
    try:
        from keystoneauth1 import loading
    except Exception:
        return out
    options = []
    for function in ('get_auth_common_conf_options', 'get_session_conf_options'):
        if hasattr(loading, function):
            options += [('common', o) for o in getattr(loading, function)()]
    for name in sorted(loading.get_available_plugin_names()):
        try:
            options += [(name, o) for o in loading.get_auth_plugin_conf_options(name)]
        except Exception:
            continue
    for plugin, opt in options:
        out.append([plugin, records.option_record(live(opt))])
    return out


def drivers():
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
        out[info.class_fqn] = {'options': options, 'supported': bool(getattr(info, 'supported', True)),
                               'active_active': bool(getattr(info.cls, 'SUPPORTS_ACTIVE_ACTIVE', False))}
    return out, None


def main():
    options, errors = listed()
    classes, error = drivers()
    if error:
        errors['drivers'] = error
    print(json.dumps({'options': options, 'keystoneauth': plugin_options(), 'drivers': classes, 'errors': errors},
                     indent=None, sort_keys=True))


main()
