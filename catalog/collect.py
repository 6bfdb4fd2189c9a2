"""One release: its options by section, its drivers, its sections."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from drivers import Drivers
from evaluate import Evaluator
from known import Opt
from records import KINDS, option_record
from sources import Sources
from values import Class, Function, Unknown

BACKEND = 'backend_defaults'
ORIGINS = {
    'castellan.config': 'castellan',
    'keystonemiddleware.auth_token': 'keystonemiddleware',
    'oslo.db.concurrency': 'oslo.db',
    'oslo.service.periodic_task': 'oslo.service',
    'oslo.service.service': 'oslo.service',
    'oslo.service.sslutils': 'oslo.service',
    'oslo.service.wsgi': 'oslo.service',
    'os_brick': 'os-brick',
}


def section(name: str) -> str:
    """A section's name as oslo.config compares it: without regard to case, except for DEFAULT."""
    return name if name == 'DEFAULT' else name.lower()


class Release:
    """What the sources of one release (`sources`) and the dump of its libraries (`dump`, or None) tell."""

    def __init__(self, sources: Sources, dump: dict[str, Any] | None = None, declared_later: Collection[str] = ()) -> None:
        self.evaluator = Evaluator(sources)
        for name in sources.modules('cinder'):
            self.evaluator.module(name)
        self.drivers = Drivers(self.evaluator, declared_later)
        self.dump = dump or {'options': [], 'unlisted': [], 'keystoneauth': [], 'drivers': {}}
        self.options: dict[str, dict[str, Any]] = {}  # (group, canonical attributes) -> record
        self.listed: set[tuple[str, str | None]] = set()  # (group, name) that Cinder lists for the sample file
        self.credentials = {'keystone_authtoken'}
        self.classes: dict[str, dict[str, Any]] = {}
        self.read_drivers()
        self.read_listed()
        self.read_registered()
        self.read_libraries()
        self.read_policy_file()

    def add(self, group: str, record: dict[str, Any], origin: str, sets: Iterable[str | None] = ()) -> None:
        record = dict(record, group=section(group), origin=origin)
        key = repr(sorted(record.items(), key=lambda kv: kv[0]))
        kept = self.options.setdefault(key, record)
        kept['sets'] = sorted(set(kept.get('sets', [])) | set(sets))

    def add_option(self, group: str, opt: Any) -> None:
        if isinstance(opt, Opt) and opt.cls in KINDS and isinstance(opt.dest, str):
            self.add(group, option_record(opt), 'cinder', [opt.set] if opt.set else [])

    def read_listed(self) -> None:
        """cinder/opts.py, where a release has it."""
        module = self.evaluator.module('cinder.opts')
        function = module.namespace.get('list_opts') if module else None
        if not isinstance(function, Function):
            return
        for group, options in self.evaluator.call(function, [], {}):
            for opt in options:
                if isinstance(opt, Opt):
                    self.add_option(group, opt)
                    self.listed.add((group, opt.dest))
                    if section(group) == 'backend':
                        self.add_option(BACKEND, opt)

    def read_registered(self) -> None:
        """`CONF.register_opts` of every module; what a driver puts into its backend's section."""
        for options, group, _module in self.evaluator.registrations:
            if isinstance(group, Unknown):
                continue
            group = group or 'DEFAULT'
            if isinstance(options, Unknown):
                if options.name.startswith('keystoneauth1.loading'):
                    self.credentials.add(group)
                continue
            for opt in options if isinstance(options, (list, tuple)) else [options]:
                self.add_option(group, opt)
        host = self.evaluator.existing('cinder.cmd.volume').namespace.get('host_opt')
        if isinstance(host, Opt):
            self.add_option('backend', host)
            self.add_option(BACKEND, host)
        wanted = set(self.backend_sets)
        for opt in self.all_options():
            if opt.set in wanted:
                self.add_option(BACKEND, opt)

    def sections(self) -> set[str]:
        """The sections that are read by name. Before Pike no `[backend_defaults]` was: the word only marks options."""
        shared = 'SHARED_CONF_GROUP' in self.evaluator.existing('cinder.volume.configuration').namespace
        return {r['group'] for r in self.options.values() if shared or r['group'] != BACKEND}

    def all_options(self) -> Iterator[Opt]:
        seen = set()
        for module in list(self.evaluator.loaded.values()):
            for value in module.namespace.values() if module else ():
                for opt in value if isinstance(value, (list, tuple)) else [value]:
                    if isinstance(opt, Opt) and id(opt) not in seen:
                        seen.add(id(opt))
                        yield opt

    def read_drivers(self) -> None:
        service = self.drivers.service_sets()
        host = self.evaluator.existing('cinder.cmd.volume').namespace.get('host_opt')
        if isinstance(host, Opt):
            service.add(host.set)
        self.backend_sets: set[str | None] = set(service)
        for path, cls in self.drivers.classes().items():
            sets = self.drivers.sets(cls)[0] | self.declared(cls) | service
            self.backend_sets |= sets
            self.classes[path] = dict(self.drivers.facts(cls), sets=sorted(s for s in sets if s))
        for name in self.evaluator.sources.modules('cinder.volume.targets'):
            for cls in self.evaluator.existing(name).namespace.values():
                for function in getattr(cls, 'namespace', {}).values():
                    if isinstance(function, Function):
                        self.backend_sets |= self.drivers.unit(function)[2]
        self.aliases = self.drivers.aliases()

    def declared(self, cls: Class) -> set[str | None]:
        """The option lists that the class's own `get_driver_options` names."""
        method = cls.find('get_driver_options')
        if not isinstance(method, Function):
            return set()
        value = self.evaluator.call(self.evaluator.attribute(cls, 'get_driver_options'), [], {})
        return {o.set for o in value if isinstance(o, Opt)} if isinstance(value, (list, tuple)) else set()

    def read_policy_file(self) -> None:
        """What `cinder.policy` makes the default of oslo.policy's `policy_file` (`policy_opts.set_defaults(CONF, name)`)."""
        text = self.evaluator.sources.files.get('cinder/policy.py', b'')
        for call in ast.walk(ast.parse(text)):
            if isinstance(call, ast.Call) and getattr(call.func, 'attr', '') == 'set_defaults' and len(call.args) > 1:
                name = call.args[1]
                value = (
                    name.value
                    if isinstance(name, ast.Constant)
                    else self.evaluator.existing('cinder.policy').namespace.get(ast.unparse(name))
                )
                for record in self.options.values():
                    if (record['group'], record['name']) == ('oslo_policy', 'policy_file') and isinstance(value, str):
                        record['default'] = value

    def read_libraries(self) -> None:
        if not any(b'castellan' in text for text in self.evaluator.sources.files.values()):
            # Installed with the libraries of old, and used since Newton.
            for kind, column in (('options', 'castellan.config'), ('unlisted', 'castellan')):
                self.dump[kind] = [one for one in self.dump[kind] if one[0] != column]
        own = {(r['group'], r['name']) for r in self.options.values()}
        taken: set[tuple[str, str, str]] = set()
        for namespace, group, record in self.dump['options']:
            # Of two drivers of a library that list an option of one name in one section, the first is the one that people use:
            # oslo.messaging's `ssl` of RabbitMQ, and of pika (Pike and Queens).
            key = (namespace, section(group), record['name'])
            # Liberty's Cinder still registered some of what oslo.service had taken over.
            if namespace != 'cinder' and key[1:] not in own and key not in taken:
                taken.add(key)
                self.add(group, record, ORIGINS.get(namespace, namespace))
                if record['name'] == 'auth_type':
                    self.credentials.add(group)
        own = {(r['group'], r['name']) for r in self.options.values()}
        for origin, group, record in self.dump['unlisted']:
            if (section(group), record['name']) not in own:
                self.add(group, record, origin)
        ours = {(r['group'], r['name']) for r in self.options.values()}
        plugins = merged(self.dump['keystoneauth'])
        for namespace, group, record in self.dump['options']:
            # Cinder lists some of keystoneauth's options as its own; the sources alone do not tell them.
            # What is listed is one plugin's: another one may read older names.
            if namespace == 'cinder' and group in self.credentials and (group, record['name']) not in ours:
                names = {key: plugins[record['name']][key] for key in ['deprecated'] if key in plugins.get(record['name'], {})}
                self.add(group, {**record, **names}, 'keystoneauth1')
        for group in sorted(self.credentials):
            present = {r['name'] for r in self.options.values() if r['group'] == group}
            for name, record in plugins.items():
                if name not in present:
                    self.add(group, record, 'keystoneauth1')


def merged(plugins: list[tuple[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Options of all plugins by name. Where plugins differ, the loosest reading stands."""
    out: dict[str, dict[str, Any]] = {}
    for _plugin, record in plugins:
        name = record['name']
        record = {k: v for k, v in record.items() if k != 'required'}
        if name not in out:
            out[name] = record
            continue
        kept = out[name]
        names = {tuple(d) for r in (kept, record) for d in r.get('deprecated', [])}
        if names:
            kept['deprecated'] = [list(d) for d in sorted(names)]
        if kept['type'] != record['type']:
            kept['type'] = {'kind': 'string'}
        if kept['default'] != record['default']:
            kept['default'] = None
        if record.get('secret'):
            kept['secret'] = True
    return out
