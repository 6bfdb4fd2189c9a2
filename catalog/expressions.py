"""The values of expressions in Python syntax trees, and of calls to functions of the tree."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from known import CALLS, Dynamic, Opt
from sources import Sources
from values import Bound, Class, Function, Instance, Module, Return, Scope, Stop, Super, Unknown

BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
}
COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
BUILTINS: dict[str, Any] = {
    'list': list,
    'tuple': tuple,
    'set': set,
    'dict': dict,
    'sorted': sorted,
    'str': str,
    'int': int,
    'range': range,
    'len': len,
    'min': min,
    'max': max,
    'sum': sum,
    'float': float,
    'bool': bool,
    'unicode': str,
    'zip': zip,
    'enumerate': enumerate,
    'map': map,
    'filter': filter,
    'reversed': reversed,
    'object': Unknown('object'),
    'True': True,
    'False': False,
    'None': None,
}
DEPTH = 40


class Expressions:
    """The half of `Evaluator` that knows expressions."""

    # What the other half has.
    sources: Sources
    registrations: list[tuple[Any, Any, str]]
    depth: int
    calls: int

    def module(self, name: str) -> Module | None:
        raise NotImplementedError

    def resolve(self, value: Any) -> Any:
        raise NotImplementedError

    def constant(self, dotted: str) -> Any:
        raise NotImplementedError

    def block(self, body: list[ast.stmt], scope: Scope) -> None:
        raise NotImplementedError

    def bind(self, target: ast.expr, value: Any, scope: Scope) -> None:
        raise NotImplementedError

    def eval(self, node: ast.AST, scope: Scope) -> Any:
        method = getattr(self, 'on_' + type(node).__name__, None)
        if method is None or self.depth > DEPTH * 20:
            return Unknown(type(node).__name__)
        self.depth += 1
        try:
            return self.resolve(method(node, scope))
        finally:
            self.depth -= 1

    def on_Constant(self, node: ast.Constant, scope: Scope) -> Any:
        return node.value

    def on_Name(self, node: ast.Name, scope: Scope) -> Any:
        if scope.names is not None and node.id in scope.names:
            return scope.names[node.id]
        if node.id in scope.module.namespace:
            return scope.module.namespace[node.id]
        return BUILTINS.get(node.id, Unknown(node.id))

    def on_Attribute(self, node: ast.Attribute, scope: Scope) -> Any:
        return self.attribute(self.eval(node.value, scope), node.attr)

    def attribute(self, owner: Any, attr: str) -> Any:
        if isinstance(owner, Unknown):
            return self.constant(owner.name + '.' + attr)
        if isinstance(owner, Module):
            if attr in owner.namespace:
                return self.resolve(owner.namespace[attr])
            if self.sources.path(owner.name + '.' + attr):
                return self.module(owner.name + '.' + attr)
            return Unknown(owner.name + '.' + attr)
        if isinstance(owner, Class):
            value = self.resolve(owner.find(attr))
            if isinstance(value, Function) and 'classmethod' in value.decorators:
                return Bound(value, owner)
            return value
        if isinstance(owner, Instance):
            value = self.resolve(owner.cls.find(attr))
            if isinstance(value, Function) and 'staticmethod' not in value.decorators:
                return Bound(value, owner)
            return value
        if isinstance(owner, Super):
            for cls in owner.cls.lineage()[1:]:
                if attr in cls.namespace:
                    value = self.resolve(cls.namespace[attr])
                    if isinstance(value, Function) and 'staticmethod' not in value.decorators:
                        return Bound(value, owner.self_value)
                    return value
            return Unknown('super().' + attr)
        if isinstance(owner, Opt):
            return owner.attribute(attr)
        if isinstance(owner, (list, dict, str, set, tuple)) and hasattr(owner, attr):
            return getattr(owner, attr)
        return Unknown('?.' + attr)

    def on_List(self, node: ast.List | ast.Tuple | ast.Set, scope: Scope) -> list[Any]:
        out: list[Any] = []
        for element in node.elts:
            if isinstance(element, ast.Starred):
                value = self.eval(element.value, scope)
                out.extend(value if isinstance(value, (list, tuple)) else [])
            else:
                out.append(self.eval(element, scope))
        return out

    def on_Tuple(self, node: ast.Tuple, scope: Scope) -> tuple[Any, ...]:
        return tuple(self.on_List(node, scope))

    def on_Set(self, node: ast.Set, scope: Scope) -> list[Any]:
        return self.on_List(node, scope)

    def on_Dict(self, node: ast.Dict, scope: Scope) -> dict[Any, Any]:
        out: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values):
            evaluated = self.eval(value, scope)
            if key is None:
                out.update(evaluated if isinstance(evaluated, dict) else {})
                continue
            name = self.eval(key, scope)
            try:
                out[name] = evaluated
            except TypeError:
                pass
        return out

    def on_JoinedStr(self, node: ast.JoinedStr, scope: Scope) -> Any:
        out = []
        for part in node.values:
            value = self.eval(part.value if isinstance(part, ast.FormattedValue) else part, scope)
            if isinstance(value, (Unknown, Dynamic)):
                return value
            out.append(str(value))
        return ''.join(out)

    def on_BinOp(self, node: ast.BinOp, scope: Scope) -> Any:
        return self.binary(node.op, self.eval(node.left, scope), self.eval(node.right, scope))

    def binary(self, op: ast.operator, left: Any, right: Any) -> Any:
        if isinstance(op, ast.Add):
            # A list with a part from elsewhere is still worth its known part.
            if isinstance(left, list) and isinstance(right, Unknown):
                return left
            if isinstance(right, list) and isinstance(left, Unknown):
                return right
            if isinstance(left, list) and isinstance(right, tuple):
                right = list(right)
        if isinstance(left, Dynamic) or isinstance(right, Dynamic):
            return Dynamic()
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return Unknown()
        try:
            if isinstance(op, ast.Mult) and isinstance(left, int) and isinstance(right, int):
                return left * right
            if isinstance(op, ast.Div) and isinstance(left, int) and isinstance(right, int) and left % right == 0:
                return left // right
            return BINARY[type(op)](left, right)
        except (TypeError, ValueError, KeyError, ZeroDivisionError):
            return Unknown()

    def on_UnaryOp(self, node: ast.UnaryOp, scope: Scope) -> Any:
        value = self.eval(node.operand, scope)
        if isinstance(value, (Unknown, Dynamic)):
            return value
        if isinstance(node.op, ast.Not):
            return not value
        if isinstance(node.op, ast.USub) and isinstance(value, (int, float)):
            return -value
        return value

    def on_BoolOp(self, node: ast.BoolOp, scope: Scope) -> Any:
        value = Unknown()
        for part in node.values:
            value = self.eval(part, scope)
            if isinstance(value, (Unknown, Dynamic)):
                return value
            if bool(value) == isinstance(node.op, ast.Or):
                return value
        return value

    def on_Compare(self, node: ast.Compare, scope: Scope) -> Any:
        left = self.eval(node.left, scope)
        for op, right_node in zip(node.ops, node.comparators):
            right = self.eval(right_node, scope)
            if isinstance(left, (Unknown, Dynamic)) or isinstance(right, (Unknown, Dynamic)):
                return Unknown('comparison')
            try:
                if not COMPARE[type(op)](left, right):
                    return False
            except TypeError:
                return Unknown('comparison')
            left = right
        return True

    def on_IfExp(self, node: ast.IfExp, scope: Scope) -> Any:
        test = self.eval(node.test, scope)
        if isinstance(test, (Unknown, Dynamic)):
            return test
        return self.eval(node.body if test else node.orelse, scope)

    def on_Subscript(self, node: ast.Subscript, scope: Scope) -> Any:
        owner = self.eval(node.value, scope)
        key = self.eval(node.slice, scope)
        if isinstance(owner, Unknown) or isinstance(key, Unknown):
            return Unknown('subscript')
        try:
            return owner[key]
        except (KeyError, IndexError, TypeError):
            return Unknown('subscript')

    def on_Slice(self, node: ast.Slice, scope: Scope) -> Any:
        parts = [self.eval(p, scope) if p else None for p in (node.lower, node.upper, node.step)]
        return slice(*parts) if not any(isinstance(p, Unknown) for p in parts) else Unknown('slice')

    def on_Lambda(self, node: ast.Lambda, scope: Scope) -> Unknown:
        return Unknown('lambda')

    def comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, scope: Scope, emit: Callable[[Scope], None]
    ) -> None:
        def nest(generators: list[ast.comprehension], names: dict[str, Any]) -> None:
            if not generators:
                emit(Scope(scope.module, names, scope.owner))
                return
            first = generators[0]
            values = self.eval(first.iter, Scope(scope.module, names, scope.owner))
            if isinstance(values, (Unknown, Dynamic)) or not hasattr(values, '__iter__'):
                return
            for value in list(values):
                inner = dict(names)
                self.bind(first.target, value, Scope(scope.module, inner))
                kept = True
                for test in first.ifs:
                    result = self.eval(test, Scope(scope.module, inner, scope.owner))
                    kept = kept and (isinstance(result, Unknown) or bool(result))
                if kept:
                    nest(generators[1:], inner)

        nest(node.generators, dict(scope.names or {}))

    def on_ListComp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, scope: Scope) -> list[Any]:
        out = []
        self.comprehension(node, scope, lambda s: out.append(self.eval(node.elt, s)))
        return out

    on_GeneratorExp = on_SetComp = on_ListComp

    def on_DictComp(self, node: ast.DictComp, scope: Scope) -> dict[Any, Any]:
        out = {}

        def emit(s: Scope) -> None:
            key = self.eval(node.key, s)
            if isinstance(key, (str, int)):
                out[key] = self.eval(node.value, s)

        self.comprehension(node, scope, emit)
        return out

    def on_Call(self, node: ast.Call, scope: Scope) -> Any:
        if isinstance(node.func, ast.Name) and node.func.id == 'super' and scope.owner is not None:
            return Super(scope.owner, Instance(scope.owner))
        function = self.eval(node.func, scope)
        args = self.on_List(ast.List(elts=node.args), scope)
        keywords = {}
        for keyword in node.keywords:
            value = self.eval(keyword.value, scope)
            if keyword.arg is None:
                keywords.update(value if isinstance(value, dict) else {})
            else:
                keywords[keyword.arg] = value
        if isinstance(node.func, ast.Attribute) and node.func.attr in (
            'register_opts',
            'register_opt',
            'register_cli_opts',
            'register_cli_opt',
        ):
            options = args[0] if args else keywords.get('opts', keywords.get('opt'))
            group = args[1] if len(args) > 1 else keywords.get('group')
            self.registrations.append((options, group, scope.module.name))
            return None
        if isinstance(function, Unknown) and function.name.startswith('keystoneauth1.loading.register_'):
            self.registrations.append((function, args[1] if len(args) > 1 else keywords.get('group'), scope.module.name))
        return self.call(function, args, keywords)

    def call(self, function: Any, args: list[Any], keywords: dict[str, Any]) -> Any:
        if isinstance(function, Unknown):
            if function.name in CALLS:
                return CALLS[function.name](*args, **keywords)
            tail = function.name.rsplit('.', 1)[-1]
            if tail in CALLS:
                return CALLS[tail](*args, **keywords)
            return Unknown(function.name + '()')
        if isinstance(function, Class):
            if function.find('opt_class') and any(
                isinstance(b, Unknown) and b.name.startswith('oslo_config.cfg.') and b.name.endswith('Opt')
                for c in function.lineage()
                for b in c.bases()
            ):
                return self.subclassed_option(function, args, keywords)
            return Instance(function)
        if isinstance(function, Bound):
            return self.apply(function.function, [function.self_value] + args, keywords)
        if isinstance(function, Function):
            return self.apply(function, args, keywords)
        if callable(function):
            if any(isinstance(a, (Unknown, Dynamic)) for a in args) and function not in (list, tuple, dict):
                owner = getattr(function, '__self__', None)
                if not isinstance(owner, list):
                    return Unknown('call')
            try:
                return function(*args, **keywords)
            except Exception:  # the arguments are not what the function takes: the value is not known
                return Unknown('call')
        return Unknown('call')

    def subclassed_option(self, cls: Class, args: list[Any], keywords: dict[str, Any]) -> Any:
        for owner in cls.lineage():
            for base in owner.bases():
                if isinstance(base, Unknown) and base.name in CALLS:
                    return CALLS[base.name](*args, **keywords)
        return Unknown(cls.path)

    def apply(self, function: Function, args: list[Any], keywords: dict[str, Any]) -> Any:
        """The result of calling a function of the tree; Unknown when it goes too deep."""
        if self.calls > DEPTH:
            return Unknown('depth')
        names = self.arguments(function, args, keywords)
        self.calls += 1
        try:
            self.block(function.node.body, Scope(function.module, names, function.owner))
        except Return as result:
            return self.resolve(result.value)
        except Stop:
            return Unknown('raised')
        finally:
            self.calls -= 1
        return None

    def arguments(self, function: Function, args: list[Any], keywords: dict[str, Any]) -> dict[str, Any]:
        spec = function.node.args
        names = {}
        parameters = [a.arg for a in spec.args]
        for name, default in zip(parameters[len(parameters) - len(spec.defaults) :], spec.defaults):
            names[name] = self.eval(default, Scope(function.module))
        for arg, given in zip(spec.kwonlyargs, spec.kw_defaults):
            if given is not None:
                names[arg.arg] = self.eval(given, Scope(function.module))
        names.update(zip(parameters, args))
        if spec.vararg:
            names[spec.vararg.arg] = list(args[len(parameters) :])
        names.update(keywords)
        for name in parameters:
            names.setdefault(name, Unknown(name))
        return names
