"""Which driver classes a release has, and which option lists each of them puts into its backend's section.

A driver reads what its code, and the code that this code names, hands to `append_config_values`. Code that is only
reachable through a name (a helper class, a function of another driver module, a dotted path in a string) counts as
reached: a set too many is a miss, a set too few a false alarm."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection
from typing import Any, Optional, Union

from evaluate import Evaluator
from known import Opt
from values import Bound, Class, Function, Instance, Lazy, Module, Scope, Unknown

DRIVERS = 'cinder.volume.drivers.'
BASE = 'cinder.volume.driver'
TARGETS = 'cinder.volume.targets.'
# What is found in a function: what it names, dotted paths, sets, options, whether it asks for the targets.
Unit = tuple[list[Union[Class, Function]], set[str], set[Optional[str]], set[str], bool]


def followed(module_name: str) -> bool:
    return module_name.startswith(('cinder.volume.driver', TARGETS))


class Drivers:
    def __init__(self, evaluator: Evaluator, declared_later: Collection[str] = ()) -> None:
        self.evaluator = evaluator
        self.declared_later = declared_later
        self.units: dict[int, Unit] = {}
        self.importers: dict[int, bool] = {}
        self.unresolved: set[tuple[str, str, str]] = set()

    # -- which classes are drivers

    def classes(self) -> dict[str, Class]:
        """Path -> (class, registered): every class below the base driver, and whether it is declared as one that
        a configuration may name."""
        out: dict[str, Class] = {}
        for name in self.evaluator.sources.modules(DRIVERS):
            module = self.evaluator.existing(name)
            for value in list(module.namespace.values()):
                if isinstance(value, Class) and value.module is module and self.is_volume_driver(value):
                    out[value.path] = value
        built_upon = {b.path for c in out.values() for b in c.lineage()[1:]}
        declared = {p for p, c in out.items() if any('volumedriver' in d for d in c.decorators)}
        if len(declared) > 20:
            # Declaring is a convention: Cinder starts any class that a configuration names (NetApp's common driver).
            return {p: c for p, c in out.items() if p in declared or (p not in built_upon and 'Driver' in c.name and not abstract(c))}
        # Before drivers were declared: what a later release declares, and what no other class builds upon; of the
        # classes in between those that can start by themselves.
        return {
            p: c
            for p, c in out.items()
            if p in self.declared_later
            or ('Driver' in c.name and not abstract(c) and (p not in built_upon or ('do_setup' in c.namespace and not shared_module(c))))
        }

    def is_volume_driver(self, cls: Class) -> bool:
        # Some releases' driver interfaces are mixins beside the base class.
        return (
            any(c.path.startswith(BASE + '.') for c in cls.lineage()[1:])
            or any('volumedriver' in d for d in cls.decorators)
            or self.stands_in(cls)
        )

    def stands_in(self, cls: Class) -> bool:
        """Whether the class hands everything on to a driver that it chooses when it starts (Huawei's in Kilo)."""
        return (
            'Driver' in cls.name
            and '__getattr__' in cls.namespace
            and any(self.unit(f)[2] for f in cls.namespace.values() if isinstance(f, Function))
        )

    # -- what a class reads

    def sets(self, cls: Class) -> tuple[set[str | None], set[str]]:
        """(option lists that reach the backend's section, option names that the code reads)."""
        seen: set[int] = set()
        todo: list[Class | Function] = [cls]
        sets: set[str | None] = set()
        reads: set[str] = set()
        follow_targets = False
        while todo:
            item = todo.pop()
            key = id(item)
            if key in seen:
                continue
            seen.add(key)
            if isinstance(item, Class):
                for part in item.lineage():
                    if not followed(part.module.name):
                        continue
                    for value in part.namespace.values():
                        if isinstance(value, Function):
                            todo.append(value)
                        else:
                            todo.extend(self.inside(value))
                    todo.extend(p for p in part.lineage()[1:])
                if self.stands_in(item):
                    todo.extend(self.package(item.module))
                continue
            names, texts, found, read, mapping = self.unit(item)
            if self.imports_by_value(item):
                todo.extend(c for c in self.package(item.module) if not self.is_volume_driver(c))
                sets |= self.offered(item.module)
            sets |= found
            reads |= read
            todo.extend(names)
            for text in texts:
                if text.startswith(TARGETS):
                    continue
                value = self.evaluator.lookup(text)
                todo.extend(self.inside(value))
            if mapping and item.module.name != BASE:
                follow_targets = True
        if follow_targets:
            for name in self.evaluator.sources.modules(TARGETS):
                for value in self.evaluator.existing(name).namespace.values():
                    if isinstance(value, Class):
                        for function in value.namespace.values():
                            if isinstance(function, Function):
                                sets |= self.unit(function)[2]
                                reads |= self.unit(function)[3]
        return sets, reads

    def imports_by_value(self, function: Function) -> bool:
        """Whether the function imports what a variable or an option names."""
        if id(function) not in self.importers:
            self.importers[id(function)] = any(
                isinstance(n, ast.Call)
                and isinstance(n.func, ast.Attribute)
                and n.args
                and n.func.attr in ('import_object', 'import_class', 'import_module', 'import_object_ns')
                and not isinstance(n.args[0], ast.Constant)
                for n in ast.walk(function.node)
            )
        return self.importers[id(function)]

    def package(self, module: Module) -> list[Class]:
        """The classes of a vendor's package."""
        package = module.name if self.evaluator.sources.is_package(module.name) else module.name.rpartition('.')[0]
        if not package.startswith(DRIVERS):
            return []
        return [
            value
            for name in self.evaluator.sources.modules(package + '.')
            for value in self.evaluator.existing(name).namespace.values()
            if isinstance(value, Class) and value.module.name == name
        ]

    def offered(self, module: Module) -> set[str | None]:
        """The option lists of the modules of options that a module imports: what it imports by value may be a
        vendor's own code, which is not in the tree (HPE XP's)."""
        modules = [self.evaluator.resolve(value) for value in module.namespace.values() if isinstance(value, Lazy)]
        return {
            opt.set
            for one in modules
            if isinstance(one, Module) and re.search(r'opt\w*$', one.name) and one.name.startswith(DRIVERS)
            for value in one.namespace.values()
            if isinstance(value, (list, tuple))
            for opt in value
            if isinstance(opt, Opt)
        }

    def inside(self, value: Any) -> list[Class | Function]:
        """Classes and functions in a value, as far as they are followed."""
        value = self.evaluator.resolve(value)
        if isinstance(value, Bound):
            value = value.function
        if isinstance(value, Instance):
            value = value.cls
        if isinstance(value, (Class, Function)):
            return [value] if followed(value.module.name) else []
        if isinstance(value, str) and value.startswith(DRIVERS):
            value = self.evaluator.lookup(value)
            return [value] if isinstance(value, (Class, Function)) else []
        if isinstance(value, dict):
            return [x for v in value.values() for x in self.inside(v)]
        if isinstance(value, (list, tuple)) and len(value) < 100:
            return [x for v in value for x in self.inside(v) if not isinstance(v, Opt)]
        return []

    def unit(self, function: Function) -> Unit:
        """One function, looked at once: what it names, dotted paths in it, sets that it appends, options it reads."""
        if id(function) in self.units:
            return self.units[id(function)]
        names: list[Class | Function] = []
        texts: set[str] = set()
        sets: set[str | None] = set()
        reads: set[str] = set()
        mapping = False
        scope = self.scope(function)
        parts = list(function.node.body) + list(function.node.decorator_list)
        for node in (n for part in parts for n in ast.walk(part)):
            if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
                if isinstance(node, ast.Attribute) and node.attr == 'target_mapping':
                    mapping = True
                if root(node) not in ('self', None):
                    names.extend(self.inside(self.evaluator.eval(node, scope)))
                if isinstance(node, ast.Attribute):
                    if 'conf' in ast.unparse(node.value).lower():
                        reads.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(DRIVERS):
                texts.add(node.value)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                if (
                    node.func.attr in ('safe_get', 'get')
                    and node.args
                    and isinstance(node.args[0], ast.Constant)
                    and isinstance(node.args[0].value, str)
                    and 'conf' in ast.unparse(node.func.value).lower()
                ):
                    reads.add(node.args[0].value)
                if node.func.attr == 'append_config_values' and node.args:
                    sets |= self.appended(node.args[0], function, scope)
            if (
                isinstance(node, ast.Call)
                and node.args
                and (
                    (isinstance(node.func, ast.Attribute) and node.func.attr == 'Configuration')
                    or (isinstance(node.func, ast.Name) and node.func.id == 'Configuration')
                )
            ):
                sets |= self.appended(node.args[0], function, scope)
        self.units[id(function)] = names, texts, sets, reads, mapping
        return self.units[id(function)]

    def scope(self, function: Function) -> Scope:
        """The names that a function binds itself: imports, plain assignments and loops."""
        names: dict[str, Any] = {}
        scope = Scope(function.module, names, function.owner)
        parameters = [a.arg for a in function.node.args.args]
        for name in parameters:
            names[name] = Unknown(name)
        if parameters and parameters[0] in ('self', 'cls') and function.owner is not None:
            names[parameters[0]] = Instance(function.owner)
        for node in ast.walk(function.node):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self.evaluator.statement(node, scope)
            elif (
                isinstance(node, ast.Assign)
                and isinstance(node.value, (ast.List, ast.BinOp, ast.Attribute))
                and '_opts' in ast.unparse(node).lower()
            ):
                self.evaluator.statement(node, scope)
            elif isinstance(node, ast.For) and 'append_config_values' in ast.unparse(node):
                values = self.evaluator.eval(node.iter, scope)
                if isinstance(values, (list, tuple)) and isinstance(node.target, ast.Name):
                    flat = [o for v in values for o in (v if isinstance(v, (list, tuple)) else [v])]
                    names[node.target.id] = flat
        return scope

    def appended(self, node: ast.expr, function: Function, scope: Scope) -> set[str | None]:
        value = self.evaluator.eval(node, scope)
        options = value if isinstance(value, (list, tuple)) else [value]
        found: set[str | None] = {o.set for o in options if isinstance(o, Opt) and o.set}
        if not found and not isinstance(value, (list, tuple)):
            self.unresolved.add((function.module.name, function.node.name, ast.unparse(node)))
        return found

    def service_sets(self) -> set[str | None]:
        """Sets that the volume manager reads for every backend."""
        out: set[str | None] = set()
        manager = self.evaluator.existing('cinder.volume.manager')
        for cls in manager.namespace.values():
            if isinstance(cls, Class) and cls.module is manager:
                for function in cls.namespace.values():
                    if isinstance(function, Function):
                        out |= self.unit(function)[2]
        for opt in manager.namespace.get('volume_backend_opts', []):
            out.add(opt.set)
        return out

    # -- facts about a class

    def facts(self, cls: Class) -> dict[str, Any]:
        out: dict[str, Any] = {}
        supported = cls.find('SUPPORTED')
        starts = [c.namespace.get('__init__') for c in cls.lineage()]
        out['unsupported'] = supported is False or any(
            isinstance(f, Function) and 'self._supported = False' in ast.unparse(f.node) for f in starts
        )
        out['active_active'] = cls.find('SUPPORTS_ACTIVE_ACTIVE') is True
        out['remotefs'] = any(c.path.startswith('cinder.volume.drivers.remotefs.RemoteFS') for c in cls.lineage())
        out['protocol'] = self.protocol(cls)
        return out

    def protocol(self, cls: Class) -> str | None:
        """The storage protocol, where the class states one."""
        for part in cls.lineage():
            for name in ('storage_protocol', 'STORAGE_PROTOCOL', 'driver_volume_type', 'VOLUME_PROTOCOL'):
                value = self.evaluator.resolve(part.namespace.get(name))
                text = self.protocol_text(value)
                if text:
                    return text
            for function in part.namespace.values():
                if not isinstance(function, Function):
                    continue
                for node in ast.walk(function.node):
                    value = None
                    if (
                        isinstance(node, ast.Assign)
                        and len(node.targets) == 1
                        and ast.unparse(node.targets[0])
                        in ('self.storage_protocol', 'self.protocol', "data['storage_protocol']", 'self._storage_protocol')
                    ):
                        value = node.value
                    elif isinstance(node, ast.Dict):
                        for key, item in zip(node.keys, node.values):
                            if isinstance(key, ast.Constant) and key.value == 'storage_protocol':
                                value = item
                    elif isinstance(node, ast.keyword) and node.arg in ('storage_protocol', 'protocol'):
                        value = node.value
                    if value is not None:
                        scope = Scope(function.module, {'self': Instance(cls)})
                        text = self.protocol_text(self.evaluator.eval(value, scope))
                        if text:
                            return text
        return None

    def protocol_text(self, value: Any) -> str | None:
        if isinstance(value, (list, tuple)) and value and isinstance(value[0], str):
            value = value[0]
        return value if isinstance(value, str) and value else None

    def aliases(self) -> dict[str, str]:
        """Old path -> present path, as the volume manager maps them."""
        value = self.evaluator.existing('cinder.volume.manager').namespace.get('MAPPING')
        value = self.evaluator.resolve(value)
        return {k: v for k, v in value.items() if isinstance(v, str)} if isinstance(value, dict) else {}


def root(node: ast.expr) -> str | None:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def shared_module(cls: Class) -> bool:
    return cls.module.name.endswith(('common', 'base', 'remotefs', 'san'))


def abstract(cls: Class) -> bool:
    return 'base' in cls.name.lower() or re.search(r'\bABCMeta\b', ast.unparse(cls.node).split('def ')[0]) is not None
