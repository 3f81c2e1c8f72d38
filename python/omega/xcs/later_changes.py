# SPDX-License-Identifier: Apache-2.0
"""Whether code goes on to change lists, dicts and sets that objects have too: calls of these objects that are under way would see it too early."""

from __future__ import annotations

import builtins
import functools
import sys
import types
from collections.abc import Iterator
from typing import Any, NamedTuple

from omega import _bytecode
from omega._bytecode import Step
from omega.xcs.code_scan import Scan, is_in_place
from omega.xcs.effects import nested
from omega.xcs.origins import CHANGING_METHODS, Root, Value, changed_argument, union

#: So many frames are looked at, and so many items of containers in one value.
_MOST_FRAMES = 50
_MOST_ITEMS = 1000

#: Where a container comes from, however deep below it: the kind of root, its name, the step that made it.
_Source = tuple[str, str, int]


class _Changes(NamedTuple):
    """What a code object changes by itself, not by calls that are traced."""

    steps: dict[int, frozenset[_Source]]  #: by the step that does
    by_methods: frozenset[_Source]  #: of which it takes a method like `append` without calling it there: anybody may at any time
    variables: dict[str, frozenset[_Source]]  #: what they may hold, directly or in containers
    inner: frozenset[str]  #: variables whose containers functions that it defines may change at any time; "": all of them


class _SourceScan(Scan):
    """Knows no names but Python's builtins: whatever else a call gives may be, or hold, what it was given."""

    def __init__(self, code: types.CodeType) -> None:
        cells = tuple(types.CellType() for _ in code.co_freevars)
        super().__init__(code, types.FunctionType(code, {}, closure=cells), None, 0)
        self.look_up = lambda name: getattr(builtins, name, None)

    def _result_of(self, function: Value, given: list[Value], keywords: tuple[str, ...]) -> Value:
        made = super()._result_of(function, given, keywords)
        is_builtin = all(root.kind == "outer" and root.value is not None for root in function)
        return made if is_builtin else union(made, *given, *map(self._derived, given))

    def changes(self) -> _Changes:
        steps: dict[int, frozenset[_Source]] = {}
        variables: dict[str, set[_Source]] = {name: self._sources(value) for name, value in self.variables.items()}
        stored: list[tuple[str, Value]] = []
        by_methods: set[_Source] = set()
        for step in self.scan():
            if step.name == "LOAD_ATTR" and step.argument in CHANGING_METHODS:
                by_methods |= self._sources(self._top(), inside=False)
            if step.name in ("STORE_FAST", "STORE_DEREF"):
                stored.append((step.argument, self._top()))
            if changed := self._changed(step):
                steps[self.index] = frozenset(self._sources(changed, inside=False))
        for name, value in stored:
            variables.setdefault(name, set()).update(self._sources(value))
        return _Changes(steps, frozenset(by_methods), {name: frozenset(each) for name, each in variables.items()}, frozenset(_changed_inside(self.code)))

    def _changed(self, step: Step) -> Value:
        if step.name in ("STORE_SUBSCR", "DELETE_SUBSCR") or is_in_place(step):
            return self._top(2)
        if step.name != "CALL":
            return ()
        function, given = self.call_parts(step)
        changed: Value = ()
        for root in function:
            number = changed_argument(root.value)
            if number is not None and number < len(given):
                changed = union(changed, given[number])
            if root.is_method and root.attribute in CHANGING_METHODS:
                changed = union(changed, self._top(step.number + 1))  # the object that the method is called on
        return changed

    def _sources(self, value: Value, inside: bool = True) -> set[_Source]:
        found: set[_Source] = set()
        pending = list(value)
        while pending:
            root = pending.pop()
            source = _source_of(root)
            if source is not None and source not in found:
                found.add(source)
                if inside and root.made_at >= 0:
                    pending += self._inside.get(root.made_at, ())
        return found


def _source_of(root: Root) -> _Source | None:
    """None of what is no container, or is seen through a tracer, as results of calls are: changes of that have their order."""
    if root.made_at >= 0:
        return "fresh", "", root.made_at
    return None if root.kind in ("fresh", "defined", "null", "result") else (root.kind, root.name, -1)


@functools.lru_cache(4096)
def _changes_of(code: types.CodeType) -> _Changes:
    return _SourceScan(code).changes()


def _changed_inside(code: types.CodeType) -> Iterator[str]:
    """Variables of the code whose containers functions inside of it change."""
    for inner in nested(code):
        changes = _changes_of(inner)
        for sources in (*changes.steps.values(), changes.by_methods, *[changes.variables[name] for name in changes.inner if name in changes.variables]):
            for kind, name, _ in sources:
                if kind != "fresh":
                    yield name if kind == "outer" else ""
        yield from changes.inner & set(inner.co_freevars)


@functools.lru_cache(4096)
def _sources_from(code: types.CodeType, at: int) -> frozenset[_Source]:
    """What the code changes behind the instruction at `at`, on any way."""
    read = _bytecode.read(code)
    changes = _changes_of(code)
    if not changes.steps:
        return changes.by_methods
    found = set(changes.by_methods)
    pending, seen = [read.at_offset.get(at, -1) + 1], set()
    while pending:
        index = pending.pop()
        if index in seen or index >= len(read.steps):
            continue
        seen.add(index)
        found |= changes.steps.get(index, frozenset())
        step = read.steps[index]
        if step.target >= 0:
            pending.append(step.target)
        if step.goes_on:
            pending.append(index + 1)
        pending += [each.target for each in read.handlers if each.first <= index < each.end]
    return frozenset(found)


def changes_later(containers: list[Any]) -> bool:
    """Whether the calling function, or another one that is traced and waits for it, may change one of these lists, dicts and sets before it ends, by itself: with
    methods, items and operators of the containers that it has in variables."""
    frame: types.FrameType | None = sys._getframe(1)
    for _ in range(_MOST_FRAMES):
        if frame is None:
            break
        if type(frame.f_globals) is not dict and any(_may_change(frame, each) for each in containers):  # traced code's globals are seen through tracers
            return True
        frame = frame.f_back
    return False


def _may_change(frame: types.FrameType, container: object) -> bool:
    """Whether the frame's code may change the container or one that this holds."""
    changes = _changes_of(frame.f_code)
    sources = _sources_from(frame.f_code, frame.f_lasti)
    if not sources and not changes.inner:
        return False
    variables = dict(frame.f_locals)
    if sys.version_info < (3, 13):
        frame.f_locals.clear()  # a snapshot, which would hold the values
    nothing: frozenset[_Source] = frozenset()
    changed = sources.union(*[changes.variables.get(name, nothing) for name in changes.inner])
    names = {name for name in variables if "" in changes.inner or name in changes.inner or not changed.isdisjoint(changes.variables.get(name, nothing))}
    if any(value is container for value in variables.values()):  # what that may hold is known by where it comes from
        return any(variables[name] is container for name in names)
    held = _containers_in(container)
    for name in names:
        reached = _containers_in(variables[name])
        if held is None or reached is None or not held.isdisjoint(reached):
            return True
    return False


def _containers_in(value: object) -> set[int] | None:
    """The addresses of the value, if it is one, and of those that it holds; None where that is too much to look at."""
    pending: list[object] = [value]
    met: set[int] = set()
    left = _MOST_ITEMS
    while pending:
        each = pending.pop()
        if type(each) not in (list, tuple, dict, set) or id(each) in met:
            continue
        met.add(id(each))
        items: Any = each
        left -= len(items)
        if left < 0:
            return None
        pending += [*items, *items.values()] if isinstance(each, dict) else items
    return met
