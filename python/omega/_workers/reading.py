# SPDX-License-Identifier: Apache-2.0
"""What a function reads but its arguments, and whether it reads the same at another time."""

from __future__ import annotations

import builtins
import functools
import re
import sys
import types
from typing import Any

import numpy as np

from omega import _bytecode
from omega._libraries import is_library_function
from omega._native import globals_of
from omega._workers.stateless import is_stateless

_DEPTH = 8
_SIMPLE = (int, float, complex, str, bytes, bool, type(None), range, re.Pattern, np.generic, np.dtype)
_GLOBAL = frozenset({"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"})
#: Instructions that read or write what is nobody's argument and outlives the call.
_BEYOND = frozenset({"IMPORT_NAME", "STORE_GLOBAL", "DELETE_GLOBAL", "STORE_ATTR", "DELETE_ATTR"})


class _Marker:
    """What stands for something that is not an object of the program."""


_MISSING = _Marker()
_ITSELF = _Marker()


class Reading:
    """All that a function reads but its arguments, as it was when this was made (`reading_of`).

    Keeps alive what was read, so that nothing else can have its identity, but not the function itself.
    """

    __slots__ = ("_names", "_functions", "_cells", "_keywords", "_seen")

    def __init__(self) -> None:
        self._names: list[tuple[dict[str, Any], str, Any]] = []  # what a name has in a mapping
        self._functions: list[tuple[Any, types.CodeType, Any, Any]] = []  # with code and defaults
        self._cells: list[tuple[Any, int, Any]] = []  # what a function's cell has
        self._keywords: list[tuple[dict[str, Any], dict[str, Any]]] = []  # a partial's, and as they were
        self._seen: dict[int, Any] = {}

    def holds(self, function: Any) -> bool:
        """Whether the function of which this was made would read the same objects now."""
        for mapping, name, value in self._names:
            now = mapping.get(name, _MISSING)
            if now is not value and (value is not _ITSELF or now is not function):
                return False
        for each, code, defaults, keyword_defaults in self._functions:
            each = function if each is _ITSELF else each
            if each.__code__ is not code or each.__defaults__ is not defaults or not _same(each.__kwdefaults__, keyword_defaults) or each.__dict__:
                return False
        for each, at, value in self._cells:
            now = _contents((function if each is _ITSELF else each).__closure__[at])
            if now is not value and (value is not _ITSELF or now is not function):
                return False
        return all(_same(now, then) for now, then in self._keywords)

    def collect(self, value: Any, function: Any, depth: int = 0) -> bool:
        """Adds what `value` is, or what it reads where it is a function. False where that can change unseen."""
        if depth > _DEPTH:
            return False
        if id(value) in self._seen:
            return True
        self._seen[id(value)] = None if value is function else value
        if isinstance(value, _SIMPLE):
            return True
        if isinstance(value, (tuple, frozenset)):
            return all(self.collect(each, function, depth + 1) for each in value)
        if isinstance(value, np.ufunc):
            return any(getattr(sys.modules.get(name), value.__name__, None) is value for name in ("numpy", "scipy.special"))
        if isinstance(value, types.BuiltinFunctionType):
            owner = value.__self__
            if owner is None or isinstance(owner, types.ModuleType):
                return is_stateless(value.__module__, value.__name__)
            return self.collect(owner, function, depth + 1)
        if isinstance(value, type):
            return is_stateless(value.__module__, value.__name__)
        if isinstance(value, types.FunctionType):
            return is_stateless(value.__module__, value.__name__) or self._collect_function(value, function, depth)
        if isinstance(value, functools.partial):
            self._keywords.append((value.keywords, dict(value.keywords)))
            return all(self.collect(each, function, depth + 1) for each in (value.func, value.args, *value.keywords.values()))
        if is_library_function(value):
            return is_stateless(value.__module__, value.__name__)
        # Objects of C that are called, `operator.itemgetter(1)`.
        return callable(value) and not hasattr(value, "__dict__") and not hasattr(value, "__self__") and is_stateless(type(value).__module__, type(value).__name__)

    def _collect_function(self, value: types.FunctionType, function: Any, depth: int) -> bool:
        if value.__dict__ or _acts_beyond(value.__code__, value.__code__.co_freevars):
            return False
        keyword_defaults = dict(value.__kwdefaults__) if value.__kwdefaults__ else None
        owner = _ITSELF if value is function else value
        self._functions.append((owner, value.__code__, value.__defaults__, keyword_defaults))
        read: list[Any] = [value.__defaults__, *(keyword_defaults or {}).values()]
        for name in sorted(_globals_of(value.__code__)):
            found = globals_of(value).get(name, _MISSING)
            self._names.append((globals_of(value), name, _ITSELF if found is function else found))
            if found is not _MISSING:
                read.append(found)
                continue
            builtin = getattr(builtins, name, _MISSING)
            self._names.append((vars(builtins), name, builtin))
            if builtin is not _MISSING and not is_stateless("builtins", name):
                return False
        for at, cell in enumerate(value.__closure__ or ()):
            found = _contents(cell)
            if found is _MISSING:
                return False
            read.append(found)
            self._cells.append((owner, at, _ITSELF if found is function else found))
        if any(isinstance(each, types.ModuleType) for each in read):
            taken = self._taken_from_modules(value)
            if taken is None:
                return False
            read = [each for each in read if not isinstance(each, types.ModuleType)] + taken
        return all(self.collect(each, function, depth + 1) for each in read)

    def _taken_from_modules(self, value: types.FunctionType) -> list[Any] | None:
        """What a function takes from the modules that it reads, `np.linalg.norm`; None where it does something else with one."""
        cells = dict(zip(value.__code__.co_freevars, value.__closure__ or ()))
        taken = []
        for code in _bytecode.codes(value.__code__):
            module: Any = None
            for step in _bytecode.read(code).steps:
                if isinstance(module, types.ModuleType):
                    if step.name not in ("LOAD_ATTR", "LOAD_METHOD"):
                        return None
                    found = _kept_value(module, step.argument)
                    self._names.append((vars(module), step.argument, found))
                    if found is _MISSING:
                        return None
                    taken.append(found)
                    module = found
                elif step.name in _GLOBAL:
                    module = globals_of(value).get(step.argument)
                elif step.name == "LOAD_DEREF" and step.argument in cells:
                    module = _contents(cells[step.argument])
                else:
                    module = None
        return [each for each in taken if not isinstance(each, types.ModuleType)]


def reading_of(function: Any) -> Reading | None:
    """What a function reads but its arguments; None when that can change unseen: an object's attributes, a list, an array."""
    reading = Reading()
    return reading if reading.collect(function, function) else None


def _kept_value(module: types.ModuleType, name: str) -> Any:
    """What a module has by this name, where it keeps it. Libraries import parts of theirs when they are first named."""
    if name not in vars(module) and is_stateless(module.__name__, name):
        getattr(module, name, None)
    return vars(module).get(name, _MISSING)


def _contents(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return _MISSING


def _same(now: dict[str, Any] | None, then: dict[str, Any] | None) -> bool:
    """Whether two mappings have the same objects at the same names."""
    if not now or not then:
        return not now and not then
    return now.keys() == then.keys() and all(value is then[name] for name, value in now.items())


def _globals_of(code: types.CodeType) -> set[str]:
    """Names of globals and builtins that it reads."""
    return {each.argument for inner in _bytecode.codes(code) for each in _bytecode.read(inner).steps if each.name in _GLOBAL}


def _acts_beyond(code: types.CodeType, free: tuple[str, ...]) -> bool:
    """Whether it imports, or assigns to what outlives its call: globals, attributes, the function's `free` variables."""
    for each in _bytecode.codes(code):
        for step in _bytecode.read(each).steps:
            if step.name in _BEYOND or step.name in ("STORE_DEREF", "DELETE_DEREF") and step.argument in free:
                return True
    return False
