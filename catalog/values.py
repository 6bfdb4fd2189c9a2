"""What the evaluator's names can hold besides plain Python values."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evaluate import Evaluator


class Unknown:
    """A value that the sources alone do not tell; `name` is its dotted name when it comes from outside the tree."""

    def __init__(self, name: str = '?') -> None:
        self.name = name

    def __repr__(self) -> str:
        return 'Unknown(%s)' % self.name


class Lazy:
    """A name that an import binds; looked up when it is used, so that import cycles do no harm."""

    def __init__(self, module: str, attr: str | None = None) -> None:
        self.module, self.attr = module, attr


class Function:
    def __init__(self, node: ast.FunctionDef, module: Module, owner: Class | None = None) -> None:
        self.node, self.module, self.owner = node, module, owner
        self.decorators = [ast.unparse(d) for d in node.decorator_list]


class Class:
    def __init__(self, node: ast.ClassDef, module: Module) -> None:
        self.node, self.module = node, module
        self.name = node.name
        self.path = module.name + '.' + node.name
        self.namespace: dict[str, Any] = {}
        self.decorators = [ast.unparse(d) for d in node.decorator_list]

    def bases(self) -> list[Class | Unknown]:
        out = []
        for base in self.node.bases:
            value = self.module.evaluator.eval(base, Scope(self.module))
            if isinstance(value, (Class, Unknown)):
                out.append(value)
        return out

    def lineage(self) -> list[Class]:
        """This class and its base classes inside the tree, nearest first (an approximation of the MRO)."""
        seen: list[Class] = []
        todo: list[Class | Unknown] = [self]
        while todo:
            cls = todo.pop(0)
            if isinstance(cls, Class) and cls not in seen:
                seen.append(cls)
                todo.extend(cls.bases())
        return seen

    def find(self, name: str) -> Any:
        for cls in self.lineage():
            if name in cls.namespace:
                return cls.namespace[name]
        return Unknown(self.path + '.' + name)


class Instance:
    def __init__(self, cls: Class) -> None:
        self.cls = cls


class Bound:
    def __init__(self, function: Function, self_value: Any) -> None:
        self.function, self.self_value = function, self_value


class Super:
    """What `super()` gives inside a method of `cls`."""

    def __init__(self, cls: Class, self_value: Any) -> None:
        self.cls, self.self_value = cls, self_value


class Module:
    def __init__(self, evaluator: Evaluator, name: str) -> None:
        self.evaluator, self.name = evaluator, name
        self.namespace: dict[str, Any] = {}
        self.tree: ast.Module | None = None


class Scope:
    """Local names over a module's."""

    def __init__(self, module: Module, names: dict[str, Any] | None = None, owner: Class | None = None) -> None:
        self.module, self.names, self.owner = module, names, owner


class Return(Exception):
    def __init__(self, value: Any) -> None:
        self.value = value


class Stop(Exception):
    """`break`, `continue`, `raise`: the rest of the block is not reached."""
