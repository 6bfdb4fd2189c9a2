"""A small evaluator of Python syntax trees: enough of the language to know, without importing anything, which
options a module defines, where it registers them, and what its classes are.

Nothing that is read is ever executed. What cannot be known becomes `Unknown`, which swallows every operation. Here are modules and
statements; `expressions.py` has the rest."""

from __future__ import annotations

import ast
import itertools
from typing import Any

from expressions import Expressions
from known import CONSTANTS, Dynamic, Opt
from sources import Sources
from values import Class, Function, Lazy, Module, Return, Scope, Stop, Unknown


class Evaluator(Expressions):
    """Modules of one release, evaluated on demand. `registrations` collects (options, group, module) of every
    `CONF.register_opt(s)` that is evaluated."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.loaded: dict[str, Module | None] = {}
        self.registrations: list[tuple[Any, Any, str]] = []
        self.depth = 0
        self.calls = 0

    # -- modules

    def module(self, name: str) -> Module | None:
        """The evaluated module, or None when the tree has none of that name."""
        if name in self.loaded:
            return self.loaded[name]
        if self.sources.path(name) is None:
            return None
        module = self.loaded[name] = Module(self, name)
        module.namespace['__name__'] = name
        tree = module.tree = self.sources.parse(name)
        self.block(tree.body, Scope(module), tolerant=True)
        return module

    def existing(self, name: str) -> Module:
        """A module that the tree has."""
        module = self.module(name)
        assert module is not None, name
        return module

    def resolve(self, value: Any) -> Any:
        for _ in range(10):
            if not isinstance(value, Lazy):
                return value
            if value.attr is None:
                return self.module(value.module) or Unknown(value.module)
            submodule = value.module + '.' + value.attr
            owner = self.module(value.module)
            if owner is not None and value.attr in owner.namespace and owner.namespace[value.attr] is not value:
                value = owner.namespace[value.attr]
            elif self.sources.path(submodule):
                return self.module(submodule)
            else:
                return self.constant(submodule)
        return Unknown('import cycle')

    def constant(self, dotted: str) -> Any:
        return CONSTANTS[dotted] if dotted in CONSTANTS else Unknown(dotted)

    def lookup(self, dotted: str) -> Any:
        """The value of a dotted path such as `cinder.volume.drivers.nfs.NfsDriver`, or None."""
        module, _, name = dotted.rpartition('.')
        if self.sources.path(module):
            found = self.existing(module).namespace.get(name)
            if found is not None:
                return self.resolve(found)
        if self.sources.path(dotted):
            return self.module(dotted)
        return None

    # -- statements

    def block(self, body: list[ast.stmt], scope: Scope, tolerant: bool = False) -> None:
        for node in body:
            try:
                self.statement(node, scope)
            except (Return, Stop):
                if not tolerant:
                    raise
            except RecursionError:
                if not tolerant:
                    raise

    def statement(self, node: ast.AST, scope: Scope) -> None:
        kind = type(node).__name__
        method = getattr(self, 'do_' + kind, None)
        if method:
            method(node, scope)

    def bind(self, target: ast.expr, value: Any, scope: Scope) -> None:
        if isinstance(target, ast.Name):
            names = scope.names if scope.names is not None else scope.module.namespace
            names[target.id] = value
            if scope.names is None:
                self.name_options(value, '%s:%s' % (scope.module.name, target.id))
        elif isinstance(target, (ast.Tuple, ast.List)):
            values = list(value) if isinstance(value, (list, tuple)) else []
            for i, element in enumerate(target.elts):
                self.bind(element, values[i] if i < len(values) else Unknown(), scope)
        elif isinstance(target, ast.Attribute):
            owner = self.eval(target.value, scope)
            if isinstance(owner, Opt):
                owner.set_attribute(target.attr, value)
        elif isinstance(target, ast.Subscript):
            owner = self.eval(target.value, scope)
            key = self.eval(target.slice, scope)
            if isinstance(owner, dict) and isinstance(key, (str, int)):
                owner[key] = value
            elif isinstance(owner, list) and isinstance(key, int) and -len(owner) <= key < len(owner):
                owner[key] = value

    def name_options(self, value: Any, name: str) -> None:
        """Options remember the first module-level variable that holds them."""
        for opt in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(opt, Opt) and opt.set is None:
                opt.set = name

    def do_Assign(self, node: ast.Assign, scope: Scope) -> None:
        value = self.eval(node.value, scope)
        for target in node.targets:
            self.bind(target, value, scope)

    def do_AnnAssign(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            self.bind(node.target, self.eval(node.value, scope), scope)

    def do_AugAssign(self, node: ast.AugAssign, scope: Scope) -> None:
        old = self.eval(ast.copy_location(ast.parse(ast.unparse(node.target), mode='eval').body, node), scope)
        new = self.eval(node.value, scope)
        if isinstance(old, list) and isinstance(node.op, ast.Add) and isinstance(new, (list, tuple)):
            old.extend(new)
            self.bind(node.target, old, scope)
        else:
            self.bind(node.target, self.binary(node.op, old, new), scope)

    def do_Import(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            names = scope.names if scope.names is not None else scope.module.namespace
            if alias.asname:
                names[alias.asname] = Lazy(alias.name)
            else:
                top = alias.name.split('.')[0]
                names[top] = Lazy(top)

    def do_ImportFrom(self, node: ast.ImportFrom, scope: Scope) -> None:
        base = node.module or ''
        if node.level:
            parts = scope.module.name.split('.')
            if not self.sources.is_package(scope.module.name):
                parts = parts[:-1]
            parts = parts[: len(parts) - node.level + 1]
            base = '.'.join(parts + ([base] if base else []))
        names = scope.names if scope.names is not None else scope.module.namespace
        for alias in node.names:
            if alias.name == '*':
                module = self.module(base)
                if module:
                    for key, value in module.namespace.items():
                        if not key.startswith('_'):
                            names[key] = value
            else:
                names[alias.asname or alias.name] = Lazy(base, alias.name)

    def do_FunctionDef(self, node: ast.FunctionDef, scope: Scope) -> None:
        names = scope.names if scope.names is not None else scope.module.namespace
        names[node.name] = Function(node, scope.module, scope.owner)

    def do_ClassDef(self, node: ast.ClassDef, scope: Scope) -> None:
        cls = Class(node, scope.module)
        names = scope.names if scope.names is not None else scope.module.namespace
        names[node.name] = cls
        self.block(node.body, Scope(scope.module, cls.namespace, cls), tolerant=True)
        for name, value in cls.namespace.items():
            self.name_options(value, '%s:%s.%s' % (scope.module.name, node.name, name))

    def do_Expr(self, node: ast.Expr, scope: Scope) -> None:
        if not isinstance(node.value, ast.Constant):
            self.eval(node.value, scope)

    def do_Return(self, node: ast.Return, scope: Scope) -> None:
        raise Return(self.eval(node.value, scope) if node.value else None)

    def do_Raise(self, node: ast.stmt, scope: Scope) -> None:
        raise Stop()

    do_Break = do_Continue = do_Raise

    def do_If(self, node: ast.If, scope: Scope) -> None:
        test = self.eval(node.test, scope)
        if isinstance(test, (Unknown, Dynamic)):
            # Both ways are possible: what either binds is of interest.
            for body in (node.orelse, node.body):
                try:
                    self.block(body, scope)
                except Stop:
                    pass
        else:
            self.block(node.body if test else node.orelse, scope)

    def do_For(self, node: ast.For, scope: Scope) -> None:
        values = self.eval(node.iter, scope)
        if isinstance(values, (Unknown, Dynamic)) or not hasattr(values, '__iter__'):
            return
        for value in itertools.islice(values, 2000):
            self.bind(node.target, value, scope)
            try:
                self.block(node.body, scope)
            except Stop:
                pass

    def do_With(self, node: ast.With, scope: Scope) -> None:
        self.block(node.body, scope)

    def do_Try(self, node: ast.Try, scope: Scope) -> None:
        try:
            self.block(node.body, scope)
        except Stop:
            pass
        # An import that the tree cannot satisfy leaves an Unknown behind, which is what a handler would bind.
