# SPDX-License-Identifier: Apache-2.0
"""Whether code goes on to change lists, dicts and sets that objects have too, or to look at them: calls of these objects that are under way would see it too
early, or change them too late."""

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
from omega.xcs.origins import CHANGING_METHODS, FRESH, Root, Value, changed_argument, union

#: So many frames are looked at, and so many items of containers in one value.
_MOST_FRAMES = 50
_MOST_ITEMS = 1000

#: Where a container comes from, however deep below it: the kind of root, its name, the step that made it.
_Source = tuple[str, str, int]


class _Uses(NamedTuple):
    """What a code object changes by itself, not by calls that are traced; or what it looks at."""

    steps: dict[int, frozenset[_Source]]  #: by the step that does
    by_methods: frozenset[_Source]  #: of which it takes a method like `append` without calling it there: anybody may at any time
    variables: dict[str, frozenset[_Source]]  #: what they may hold, directly or in containers
    inner: frozenset[str]  #: variables whose containers functions that it defines may use so at any time; "": all of them


#: Instructions that put a value somewhere else and do not look at it.
_MOVING = frozenset("RETURN_VALUE STORE_FAST STORE_DEREF POP_TOP POP_ITER END_FOR COPY SWAP LIST_APPEND SET_ADD MAP_ADD STORE_ATTR PUSH_NULL".split())


#: Instructions that look at a container, but not at what it holds.
_LOOKING_AT_ITSELF = frozenset("GET_ITER FOR_ITER BINARY_SUBSCR UNPACK_SEQUENCE UNPACK_EX LOAD_ATTR LOAD_METHOD STORE_SUBSCR DELETE_SUBSCR GET_LEN".split())
#: What lists, dicts and sets have.
_OF_CONTAINERS = frozenset(name for each in (list, tuple, dict, set) for name in dir(each))


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

    def uses(self, looks: bool) -> _Uses:
        steps: dict[int, frozenset[_Source]] = {}
        variables: dict[str, set[_Source]] = {name: self._sources(value) for name, value in self.variables.items()}
        stored: list[tuple[str, Value]] = []
        by_methods: set[_Source] = set()
        for step in self.scan():
            if step.name == "LOAD_ATTR" and step.argument in CHANGING_METHODS and not looks:
                by_methods |= self._sources(self._top(), inside=False)
            if step.name in ("STORE_FAST", "STORE_DEREF"):
                stored.append((step.argument, self._top()))
            if used := self._looked_at(step) if looks else self._changed(step):
                steps[self.index] = frozenset(self._sources(used, inside=looks and step.name not in _LOOKING_AT_ITSELF))
        for name, value in stored:
            variables.setdefault(name, set()).update(self._sources(value))
        return _Uses(steps, frozenset(by_methods), {name: frozenset(each) for name, each in variables.items()}, frozenset(_used_inside(self.code, looks)))

    def _looked_at(self, step: Step) -> Value:
        """Also what a call is given, which has copies of it."""
        if step.name in ("LOAD_ATTR", "LOAD_METHOD"):
            return self._top() if step.argument in _OF_CONTAINERS else ()  # else of an object
        if step.name in _MOVING or step.name.startswith(("LOAD_", "BUILD_", "JUMP_")):
            return ()
        if step.name == "STORE_SUBSCR":
            return self._top(2)
        if step.name in ("CALL", "CALL_FUNCTION_EX"):
            return union(FRESH, *self.call_parts(step)[1])
        return union(*[self._top(depth) for depth in range(1, max(1, 1 - step.change) + 1)])

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
    """None of what is no container. Results of calls are seen through tracers, but for such of functions whose bodies are traced too."""
    if root.made_at >= 0:
        return "fresh", "", root.made_at
    is_known = root.kind not in ("fresh", "defined", "null") and (root.kind != "result" or root.name)
    return (root.kind, root.name, -1) if is_known else None


@functools.lru_cache(4096)
def _uses_of(code: types.CodeType, looks: bool) -> _Uses:
    return _SourceScan(code).uses(looks)


def _used_inside(code: types.CodeType, looks: bool) -> Iterator[str]:
    """Variables of the code whose containers functions inside of it use."""
    for inner in nested(code):
        uses = _uses_of(inner, looks)
        for sources in (*uses.steps.values(), uses.by_methods, *[uses.variables[name] for name in uses.inner if name in uses.variables]):
            for kind, name, _ in sources:
                if kind != "fresh" and not (looks and kind == "argument"):  # what a function is given is looked at where it is called
                    yield name if kind == "outer" else ""
        yield from uses.inner & set(inner.co_freevars)


@functools.lru_cache(4096)
def _sources_from(code: types.CodeType, at: int, looks: bool) -> frozenset[_Source]:
    """What the code uses behind the instruction at `at`, on any way."""
    read = _bytecode.read(code)
    uses = _uses_of(code, looks)
    if not uses.steps:
        return uses.by_methods
    found = set(uses.by_methods)
    pending, seen = [read.step_behind(at)], set()
    while pending:
        index = pending.pop()
        if index in seen or index >= len(read.steps):
            continue
        seen.add(index)
        found |= uses.steps.get(index, frozenset())
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
    return _is_used_later(containers, sys._getframe(1), looks=False)


def looks_later(containers: list[Any]) -> bool:
    """Whether such a function may look at one of them before it ends: do anything with it but to put it somewhere or give it back."""
    return _is_used_later(containers, sys._getframe(1), looks=True)


def _is_used_later(containers: list[Any], frame: types.FrameType | None, looks: bool) -> bool:
    for _ in range(_MOST_FRAMES):
        if frame is None:
            break
        if type(frame.f_globals) is not dict and any(_may_use(frame, each, looks) for each in containers):  # traced code's globals are seen through tracers
            return True
        frame = frame.f_back
    return False


def _may_use(frame: types.FrameType, container: object, looks: bool) -> bool:
    """Whether the frame's code may change the container or one that this holds, or look at it."""
    uses = _uses_of(frame.f_code, looks)
    sources = _sources_from(frame.f_code, frame.f_lasti, looks)
    if not sources and not uses.inner:
        return False
    variables = dict(frame.f_locals)
    if sys.version_info < (3, 13):
        frame.f_locals.clear()  # a snapshot, which would hold the values
    nothing: frozenset[_Source] = frozenset()
    used = sources.union(*[uses.variables.get(name, nothing) for name in uses.inner])
    names = {name for name in variables if "" in uses.inner or name in uses.inner or not used.isdisjoint(uses.variables.get(name, nothing))}
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
