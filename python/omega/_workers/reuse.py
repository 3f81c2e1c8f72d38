# SPDX-License-Identifier: Apache-2.0
"""Whether a process forked earlier would do with a function and its arguments what one forked now would do."""

from __future__ import annotations

import builtins
import functools
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from omega._libraries import LIBRARIES
from omega._workers.shared_memory import segments

#: Arguments up to this size [bytes] are sent to processes that are there; beyond it forking is cheaper.
SENT = 1 << 20
_MOST_FUNCTIONS = 64
_DEPTH = 8
_SIMPLE = (int, float, complex, str, bytes, bool, type(None), np.generic, np.dtype)


def _of_a_library(module_name: str | None) -> bool:
    """Whether a module is Python's own or installed: code whose state a user does not change in passing."""
    if module_name is None or module_name == "__main__":
        return False
    if module_name in sys.builtin_module_names:
        return True
    file = getattr(sys.modules.get(module_name), "__file__", None)
    return file is None or file.startswith(LIBRARIES)


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
        if isinstance(value, _SIMPLE) or isinstance(value, (types.BuiltinFunctionType, np.ufunc)) and not _bound(value):
            return True
        if isinstance(value, (tuple, frozenset)):
            return all(self.collect(each, function, depth + 1) for each in value)
        if isinstance(value, types.ModuleType):
            return _of_a_library(value.__name__)
        if isinstance(value, type):
            return value.__module__ == "builtins" or _of_a_library(value.__module__)
        if isinstance(value, types.FunctionType):
            return _of_a_library(value.__module__) or self._collect_function(value, function, depth)
        if isinstance(value, functools.partial):
            self._keywords.append((value.keywords, dict(value.keywords)))
            return all(self.collect(each, function, depth + 1) for each in (value.func, value.args, *value.keywords.values()))
        # Functions of libraries that are objects: NumPy's dispatchers.
        return callable(value) and not hasattr(value, "__dict__") and _of_a_library(type(value).__module__)

    def _collect_function(self, value: types.FunctionType, function: Any, depth: int) -> bool:
        names = _names(value.__code__, 0)
        if names is None or value.__dict__:
            return False
        keyword_defaults = dict(value.__kwdefaults__) if value.__kwdefaults__ else None
        owner = _ITSELF if value is function else value
        self._functions.append((owner, value.__code__, value.__defaults__, keyword_defaults))
        read: list[Any] = [value.__defaults__, *(keyword_defaults or {}).values()]
        for name in sorted(names):
            found = value.__globals__.get(name, _MISSING)
            if found is not _MISSING:
                read.append(found)
            else:
                self._names.append((vars(builtins), name, getattr(builtins, name, _MISSING)))
            self._names.append((value.__globals__, name, _ITSELF if found is function else found))
        for at, cell in enumerate(value.__closure__ or ()):
            found = _contents(cell)
            if found is _MISSING:
                return False
            read.append(found)
            self._cells.append((owner, at, _ITSELF if found is function else found))
        return all(self.collect(each, function, depth + 1) for each in read)


def reading_of(function: Any) -> Reading | None:
    """What a function reads but its arguments; None when that can change unseen: an object's attributes, a list, an array."""
    reading = Reading()
    return reading if reading.collect(function, function) else None


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


class KnownFunctions:
    """Functions by number, each with what it read when it got its number. A process does what the function would do now where that is what it reads now, and what
    it read when the process was forked."""

    def __init__(self) -> None:
        self.functions: list[Callable[..., Any]] = []
        self._readings: list[Reading] = []

    @property
    def is_full(self) -> bool:
        """Whether it is time to forget those of long ago, with the processes that know them."""
        return len(self.functions) >= _MOST_FUNCTIONS

    def number_of(self, function: Callable[..., Any]) -> int | None:
        """The number of a function, a new one where it or what it reads is new; None where what it reads can change unseen."""
        for number, known in enumerate(self.functions):
            if known is function and self._readings[number].holds(function):
                return number
        reading = reading_of(function)
        if reading is None:
            return None
        self.functions.append(function)
        self._readings.append(reading)
        return len(self.functions) - 1

    def held(self) -> frozenset[int]:
        """The functions, by number, that a process forked now can run for as long as `number_of` gives these numbers."""
        return frozenset(number for number, reading in enumerate(self._readings) if reading.holds(self.functions[number]))


def can_be_sent(arguments: Any) -> bool:
    """Whether arguments arrive in another process as what they are, numbers, texts and arrays of them, and are not too large to be sent."""
    return _sendable(arguments) and _sent_bytes(arguments) <= SENT


def _sendable(value: Any) -> bool:
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        return True
    if type(value) in (list, tuple):
        return all(_sendable(each) for each in value)
    if type(value) is dict:
        return all(_sendable(each) for pair in value.items() for each in pair)
    dtype = getattr(value, "dtype", None)
    return type(value).__module__ == "numpy" and dtype is not None and not dtype.hasobject


def _sent_bytes(value: Any) -> int:
    if isinstance(value, (list, tuple)):
        return sum(map(_sent_bytes, value))
    if isinstance(value, dict):
        return _sent_bytes(list(value.keys())) + _sent_bytes(list(value.values()))
    if isinstance(value, (str, bytes)):
        return len(value)
    if isinstance(value, np.ndarray) and segments.holding(value) is not None:
        return 0
    return int(getattr(value, "nbytes", 0))


def _bound(value: Any) -> bool:
    owner = getattr(value, "__self__", None)
    return owner is not None and not isinstance(owner, types.ModuleType)


def _names(code: types.CodeType, depth: int) -> set[str] | None:
    """Names of globals and attributes in a function and those inside it."""
    if depth > _DEPTH:
        return None
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            inner = _names(constant, depth + 1)
            if inner is None:
                return None
            names |= inner
    return names
