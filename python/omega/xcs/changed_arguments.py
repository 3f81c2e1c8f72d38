# SPDX-License-Identifier: Apache-2.0
"""Which arguments a function of a library changes or keeps, as its code and that of functions of the same library tell which it hands them to."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from omega._bytecode import Step
from omega._native import globals_of
from omega.xcs.effects import EffectScan, Finding, nested, untraced
from omega.xcs.origins import CHANGING_METHODS, Root, Value

#: Calls within each other are looked into so deep, and so many functions for one.
_DEEPEST = 4
_MOST_FUNCTIONS = 60
#: Code of more bytes is not looked at: such functions leave to others what they do.
_MOST_BYTES = 4_000
_OF_ARRAYS = ("numpy", "scipy")


class _Found(NamedTuple):
    """Parameters by name."""

    changed: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()


_NONE = _Found()
_Changes = dict[types.CodeType, _Found]


class _ChangeScan(EffectScan):
    """Finds the parameters that code changes as lists, dicts and sets are: what they hold, not their attributes, and not what these hold themselves. And those
    that it puts where they stay: into the object that it is called on, or what there was before."""

    LOOKED_AT = EffectScan.LOOKED_AT | {"RETURN_VALUE"}

    def __init__(self, function: types.FunctionType, owner: object, depth: int, known: _Changes) -> None:
        code = function.__code__
        super().__init__(code, function, owner, depth)
        self.known = known
        self.names = frozenset(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])  # others hold what calls make for them
        self.changed: set[str] = set()
        self.kept: set[str] = set()

    def _change(self, root: Root, what: str, assigned: str = "") -> Iterator[Finding]:
        if root.kind == "argument" and root.name in self.names and root.depth == 0 and not assigned:
            self.changed.add(root.name)
        return iter(())

    def _change_in_place(self, root: Root) -> Iterator[Finding]:
        return iter(())  # numbers and texts, which become others

    def _changed_by_call(self, function: Root, given: list[Value], keywords: tuple[str, ...]) -> Iterator[Finding]:
        is_of_iterators = function.value is next
        return iter(()) if is_of_iterators or isinstance(function.value, np.ufunc) or "out" in keywords else super()._changed_by_call(function, given, keywords)

    def _called(self, function: Root) -> Iterator[Finding]:
        return iter(())

    def _called_for_nothing(self, function: Root, given: list[Value]) -> Iterator[Finding]:
        return iter(())

    def _look(self, step: Step) -> Iterator[Finding]:
        if step.name == "STORE_GLOBAL":
            self._keep(self._top())
        elif step.name == "STORE_ATTR" and any(map(_is_old, self._top())):
            self._keep(self._top(2))
        elif step.name == "STORE_SUBSCR" and any(map(_is_old, self._top(2))):
            self._keep(self._top(3))
        elif step.name == "RETURN_VALUE" and any(root.kind == "defined" for root in self._top()):
            self._keep(self._top())
        return super()._look(step)

    def _keep(self, value: Value) -> None:
        for root in value:
            if root.kind == "argument" and root.name in self.names:
                self.kept.add(root.name)
            elif root.kind == "defined":  # with the parameters that it sees
                self.kept.update(name for inner in nested(self.code) for name in inner.co_freevars if name in self.names)

    def _look_at_call(self, step: Step) -> Iterator[Finding]:
        if step.name == "CALL":
            function, given = self.call_parts(step)
            for root in function:
                self._hand_over(root, given, step.keywords)
                if root.attribute in CHANGING_METHODS and _is_old(root):
                    self._keep(tuple(each for value in given for each in value))
        return super()._look_at_call(step)

    def _change_by_base(self, name: str) -> Iterator[Finding]:
        return iter(())

    def _hand_over(self, function: Root, given: list[Value], keywords: tuple[str, ...]) -> None:
        """Arguments that the code gives to a function which changes them."""
        if self.depth >= _DEEPEST or not any(root.kind == "argument" for value in given for root in value):
            return
        called, owner = untraced(function.value), None
        if function.kind == "self" and function.depth == 1 and self.owner is not None:
            cls = self.owner if isinstance(self.owner, type) else type(self.owner)
            called, owner = untraced(inspect.getattr_static(cls, function.name, None)), self.owner
        if not isinstance(called, types.FunctionType) or _package(called) != _package(self.function):
            return
        parameters = called.__code__.co_varnames[: called.__code__.co_argcount][1 if owner is not None else 0 :]
        found = _found_in(called, owner, self.depth + 1, self.known)
        by_position = len(given) - len(keywords)
        for name, value in [*zip(parameters, given[:by_position]), *zip(keywords, given[by_position:], strict=True)]:
            if name in found.kept:
                self._keep(value)
            if name in found.changed:
                for root in value:
                    for _ in self._change(root, "is given to a function that changes it"):
                        pass


def _is_old(root: Root) -> bool:
    """Whether it was there before the call, and is none of its arguments."""
    return root.kind in ("self", "super", "outer")


def _package(function: types.FunctionType) -> str:
    name = globals_of(function).get("__name__")
    return name.partition(".")[0] if isinstance(name, str) else ""


def _found_in(function: types.FunctionType, owner: object, depth: int, known: _Changes) -> _Found:
    code = function.__code__
    if code not in known:
        if len(known) >= _MOST_FUNCTIONS or len(code.co_code) > _MOST_BYTES:
            return _NONE
        known[code] = _NONE  # of who calls itself
        scan = _ChangeScan(function, owner, depth, known)
        for _ in scan.findings():
            pass
        if code.co_flags & (inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR):  # which has them until it ends
            scan.kept.update(scan.names)
        known[code] = _Found(frozenset(scan.changed), frozenset(scan.kept))
    return known[code]


def changed_arguments(function: types.FunctionType, owner: Any = None) -> tuple[frozenset[int | str], frozenset[int | str]]:
    """The lists, dicts and sets that a function of a library, or a method of `owner`, changes or keeps of those that it is given: their positions and names.
    And those of them that it changes.

    NumPy's and SciPy's change arrays, which they are given as they are.
    """
    if _package(function) in _OF_ARRAYS:
        return frozenset(), frozenset()
    unwrapped = inspect.unwrap(function)
    inner = unwrapped if isinstance(unwrapped, types.FunctionType) else function
    found = _found_in(inner, owner, 0, {})
    code = inner.__code__
    positions = {name: at for at, name in enumerate(code.co_varnames[1 if owner is not None else 0 : code.co_argcount])}

    def places(names: frozenset[str]) -> frozenset[int | str]:
        return frozenset([*names, *(positions[name] for name in names if name in positions)])

    return places(found.changed | found.kept), places(found.changed)
