# SPDX-License-Identifier: Apache-2.0
"""What code of libraries does to objects: which methods change the object that they are called on, as their code and that of methods tells that they call on it;
and what functions do with the objects that they are given."""

from __future__ import annotations

import functools
import inspect
import sys
import types
from collections.abc import Iterator

from omega._bytecode import Step
from omega._libraries import LIBRARIES
from omega._native import globals_of
from omega.xcs.effects import EffectScan, Finding, has_method_in_c, untraced
from omega.xcs.origins import CHANGING_METHODS, Root, Value

#: Methods that a method calls on its object are looked into so deep. What lies deeper is there for itself: connections, pools, caches.
_DEEPEST = 1
#: Code of more bytes is not looked at: such methods leave to others what they do.
_MOST_BYTES = 8_000


class _LibraryScan(EffectScan):
    """Finds what code of a library changes. What is kept for speed, and a state that is the same after every call, are no change."""

    def __init__(self, function: types.FunctionType, owner: object, depth: int) -> None:
        super().__init__(function.__code__, function, owner, depth)
        self.is_changed = False
        self.filled_once = _filled_once(self.read.steps)

    def _is_change(self, root: Root, assigned: str) -> bool:
        """Whether it is one to assign this attribute of a value, or to change what is in the value."""
        raise NotImplementedError

    def _change(self, root: Root, what: str, assigned: str = "") -> Iterator[Finding]:
        attribute = assigned or root.attribute
        is_for_speed = attribute in self.filled_once or "cache" in attribute.lower()
        self.is_changed |= not is_for_speed and self._is_change(root, assigned)
        return iter(())

    def _change_in_place(self, root: Root) -> Iterator[Finding]:
        return iter(())  # who has an attribute changed so assigns it too

    def _called(self, function: Root) -> Iterator[Finding]:
        return iter(())

    def _called_for_nothing(self, function: Root, given: list[Value]) -> Iterator[Finding]:
        return iter(())

    def _look(self, step: Step) -> Iterator[Finding]:
        if step.name == "STORE_ATTR" and self._is_constant():
            return iter(())
        return super()._look(step)

    def _is_constant(self) -> bool:
        """Whether the attribute gets what the code says, whenever it runs."""
        return self.read.steps[self.index - 2].name == "LOAD_CONST" or all(root.kind == "outer" for root in self._top(2))


class _OwnScan(_LibraryScan):
    """Finds whether a method changes its object: an attribute, or what is in a container that is one."""

    def __init__(self, function: types.FunctionType, cls: type, place: int, depth: int) -> None:
        super().__init__(function, cls, depth)
        self.cls = cls
        self.place = place  # of the class that has the method, among those that `cls` is made from

    def _is_change(self, root: Root, assigned: str) -> bool:
        return root.kind == "self" and root.depth <= 1

    def _change_by_base(self, name: str) -> Iterator[Finding]:
        self.is_changed |= has_method_in_c(self.cls, name)
        return iter(())

    def _called(self, function: Root) -> Iterator[Finding]:
        is_own = function.kind == "self" and self.depth < _DEEPEST
        if function.depth == 1 and not self.is_changed and (is_own or function.kind == "super"):
            self.is_changed = _is_changing(self.cls, function.attribute, *((0, self.depth + 1) if is_own else (self.place + 1, self.depth)))
        return iter(())


def _filled_once(steps: tuple[Step, ...]) -> frozenset[str]:
    """Attributes that the code compares with None: such are made when they are first asked for."""
    names = set()
    for step, behind, next_ in zip(steps, steps[1:], (*steps[2:], None)):
        is_asked = behind.name.endswith("NONE") or (behind.name == "LOAD_CONST" and behind.argument is None and next_ is not None and next_.name == "IS_OP")
        if step.name == "LOAD_ATTR" and is_asked:
            names.add(step.argument)
    return frozenset(names)


@functools.lru_cache(4096)
def _is_changing(cls: type, name: str, first: int, depth: int) -> bool:
    """Of the method that the first class has, from the one of this number on, of those that `cls` is made from."""
    place = next((at for at, each in enumerate(cls.__mro__) if at >= first and name in vars(each)), None)
    method = None if place is None else untraced(vars(cls.__mro__[place])[name])
    if isinstance(method, types.FunctionType):
        method = inspect.unwrap(method)
    if not isinstance(method, types.FunctionType) or not method.__code__.co_filename.startswith(LIBRARIES) or len(method.__code__.co_code) > _MOST_BYTES:
        return False
    assert place is not None
    scan = _OwnScan(method, cls, place, depth)
    for _ in scan.findings():
        if scan.is_changed:
            break
    return scan.is_changed


def changes_own_object(cls: type, name: str) -> bool:
    """Whether a method of a library's class changes the object that it is called on."""
    return _is_changing(cls, name, 0, 0)


class _GivenScan(_LibraryScan):
    """Finds the methods that a function names of what it is given, or of items of that, and whether it changes these itself: an attribute, or what is in a container
    that is one.
    """

    def __init__(self, function: types.FunctionType) -> None:
        super().__init__(function, None, 0)
        self.names: set[str] = set()

    def _is_change(self, root: Root, assigned: str) -> bool:
        return root.kind == "argument" and root.depth <= 1 and bool(assigned or root.attribute)

    def _look(self, step: Step) -> Iterator[Finding]:
        if step.name == "LOAD_METHOD":
            self.names.update(step.argument for root in self._top() if root.kind == "argument" and not root.attribute)
        return super()._look(step)


def uses_of_given(function: types.FunctionType) -> tuple[tuple[str, ...], bool]:
    """What a function of a library does with the objects that it is given, or that are in lists that it is given: the methods that it names of them, and whether
    it sets their attributes or what is in these. Of a method, its own object is left out.
    """
    inner = inspect.unwrap(function)
    code = getattr(inner, "__code__", None)
    if not isinstance(inner, types.FunctionType) or code is None or not code.co_filename.startswith(LIBRARIES) or len(code.co_code) > _MOST_BYTES:
        return (), False
    if (globals_of(inner).get("__name__") or "").partition(".")[0] in sys.stdlib_module_names | {"numpy", "scipy", "omega"}:
        return (), False
    scan = _GivenScan(inner)
    for _ in scan.findings():
        pass
    return tuple(sorted(scan.names)), scan.is_changed
