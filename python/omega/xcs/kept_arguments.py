# SPDX-License-Identifier: Apache-2.0
"""Whether a call needs the very objects that it is given: it keeps an argument, gives it back or changes it, so that a copy of a list or dict would not do."""

from __future__ import annotations

import inspect
import operator
import types
from collections.abc import Iterator
from typing import Any

from omega._bytecode import Step
from omega._libraries import LIBRARIES
from omega._native import TracedFunction
from omega.xcs.changed_arguments import changed_arguments
from omega.xcs.declarations import Declared
from omega.xcs.effects import DEPTH, EffectScan, Finding, nested, untraced
from omega.xcs.origins import CHANGING_METHODS, COMPREHENSIONS, Root, Value, changed_argument


class _KeepScan(EffectScan):
    """Finds where a function puts its arguments, as far as its own code and that of functions that it names tell."""

    LOOKED_AT = EffectScan.LOOKED_AT | frozenset("RETURN_VALUE YIELD_VALUE LIST_APPEND SET_ADD MAP_ADD BUILD_LIST BUILD_TUPLE BUILD_SET BUILD_MAP BUILD_CONST_KEY_MAP".split())
    keeps = False

    def _change(self, root: Root, what: str, assigned: str = "") -> Iterator[Finding]:
        self.keeps |= root.kind == "argument"
        return iter(())

    def _change_by_base(self, name: str) -> Iterator[Finding]:
        return iter(())

    def _change_in_place(self, root: Root) -> Iterator[Finding]:
        self.keeps |= root.kind == "argument"
        return iter(())

    def _called(self, function: Root) -> Iterator[Finding]:
        return iter(())

    def _look(self, step: Step) -> Iterator[Finding]:
        name, count = step.name, step.number
        if name in ("RETURN_VALUE", "YIELD_VALUE", "STORE_GLOBAL", "LIST_APPEND", "SET_ADD", "MAP_ADD"):
            self._keep(self.stack[-1:])
        elif name == "STORE_ATTR":
            self._keep(self.stack[-2:-1])
        elif name == "STORE_SUBSCR":
            self._keep(self.stack[-3:-2])
        elif name in ("BUILD_LIST", "BUILD_TUPLE", "BUILD_SET") and count:
            self._keep(self.stack[-count:])
        elif name == "BUILD_MAP" and count:
            self._keep(self.stack[-2 * count :])
        elif name == "BUILD_CONST_KEY_MAP":
            self._keep(self.stack[-count - 1 : -1])
        return super()._look(step)

    def _call_with(self, function: Root, given: list[Value]) -> None:
        if not any(map(_may_be_argument, given)) or self.depth >= DEPTH:
            return
        value = function.value
        if function.kind == "self" and function.depth == 1 and self.owner is not None:
            method = untraced(inspect.getattr_static(type(self.owner), function.name, None))
            value = types.MethodType(method, self.owner) if isinstance(method, types.FunctionType) else None
        needed = function.attribute in CHANGING_METHODS if value is None else needs_originals(value, self.depth + 1)
        self.keeps |= bool(needed[0]) if isinstance(needed, tuple) else needed

    def _keep(self, values: list[Value]) -> None:
        self.keeps |= any(map(_may_be_argument, values))


def _may_be_argument(value: Value) -> bool:
    return any(root.kind == "argument" and root.depth == 0 for root in value)


def _is_captured(code: types.CodeType) -> bool:
    """Whether a function that is defined in the code, and may live on, has arguments of it."""
    arguments = set(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
    return any(arguments & set(inner.co_freevars) for inner in nested(code) if inner.co_name not in COMPREHENSIONS)


def needs_originals(callable_: Any, depth: int = 0) -> bool | tuple[frozenset[int | str], frozenset[int | str]]:
    """Whether calls of the function keep an argument, give it back or change it; where it is known which, their positions and names, and
    those of these that it changes.

    What code does that only the call knows is not seen, and of libraries only what they change or put where it stays.
    """
    if isinstance(callable_, Declared):
        return needs_originals(callable_.function, depth)
    if isinstance(callable_, TracedFunction):
        return needs_originals(callable_.function, depth)
    if isinstance(callable_, operator.methodcaller):
        return True
    if isinstance(callable_, type):
        return not callable_.__module__ == "builtins"
    if isinstance(callable_, types.BuiltinFunctionType):
        return callable_.__name__ in CHANGING_METHODS or changed_argument(callable_) is not None
    if not isinstance(callable_, (types.FunctionType, types.MethodType)):
        callable_ = getattr(callable_, "__call__", None)  # noqa: B004  (the method)
    function, owner = (callable_.__func__, callable_.__self__) if isinstance(callable_, types.MethodType) else (callable_, None)
    if not isinstance(function, types.FunctionType):
        return False
    if function.__code__.co_filename.startswith(LIBRARIES):
        return changed_arguments(function, owner)
    scan = _KeepScan(function.__code__, function, owner, depth)
    for _ in scan.findings():
        pass
    return scan.keeps or _is_captured(function.__code__)
