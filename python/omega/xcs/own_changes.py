# SPDX-License-Identifier: Apache-2.0
"""Which methods of a library's classes change the object that they are called on, as their code and that of methods tells that they call on it."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Iterator

from omega._bytecode import Step
from omega._libraries import LIBRARIES
from omega.xcs.effects import EffectScan, Finding, has_method_in_c, untraced
from omega.xcs.origins import CHANGING_METHODS, Root, Value

#: Methods that a method calls on its object are looked into so deep. What lies deeper is there for itself: connections, pools, caches.
_DEEPEST = 1
#: Code of more bytes is not looked at: such methods leave to others what they do.
_MOST_BYTES = 8_000


class _OwnScan(EffectScan):
    """Finds whether a method changes its object: an attribute, or what is in a container that is one. What is kept for speed, and a state that is the same
    after every call, are no change.
    """

    def __init__(self, function: types.FunctionType, cls: type, place: int, depth: int) -> None:
        super().__init__(function.__code__, function, cls, depth)
        self.cls = cls
        self.place = place  # of the class that has the method, among those that `cls` is made from
        self.is_changed = False
        self.filled_once = _filled_once(self.read.steps)

    def _change(self, root: Root, what: str, assigned: str = "") -> Iterator[Finding]:
        attribute = assigned or root.attribute
        is_for_speed = attribute in self.filled_once or "cache" in attribute.lower()
        self.is_changed |= root.kind == "self" and root.depth <= 1 and not is_for_speed
        return iter(())

    def _change_in_place(self, root: Root) -> Iterator[Finding]:
        return iter(())  # who has an attribute changed so assigns it too

    def _change_by_base(self, name: str) -> Iterator[Finding]:
        self.is_changed |= has_method_in_c(self.cls, name)
        return iter(())

    def _called(self, function: Root) -> Iterator[Finding]:
        is_own = function.kind == "self" and self.depth < _DEEPEST
        if function.depth == 1 and not self.is_changed and (is_own or function.kind == "super"):
            self.is_changed = _is_changing(self.cls, function.attribute, *((0, self.depth + 1) if is_own else (self.place + 1, self.depth)))
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
