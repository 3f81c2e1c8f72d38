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


def state_of(function: Any) -> tuple[Any, ...] | None:
    """All that a function reads but its arguments, to be compared by identity; None when that can change unseen: an object's attributes, a list, an array.

    The objects in the tuple are kept alive by it, so that nothing else can have their identity.
    """
    seen: set[int] = set()
    state: list[Any] = []
    return tuple(state) if _collect(function, state, seen, 0) else None


def same_state(a: tuple[Any, ...], b: tuple[Any, ...]) -> bool:
    """Whether two states are of the same objects."""
    return len(a) == len(b) and all(x is y for x, y in zip(a, b))


class KnownFunctions:
    """Functions by number, each with what it read when it got its number: a process forked since then does what it would do now."""

    def __init__(self) -> None:
        self.functions: list[Callable[..., Any]] = []
        self._states: list[tuple[Any, ...]] = []

    @property
    def is_full(self) -> bool:
        """Whether it is time to forget those of long ago, with the processes that know them."""
        return len(self.functions) >= _MOST_FUNCTIONS

    def number_of(self, function: Callable[..., Any]) -> int | None:
        """The number of a function, a new one where it or what it reads is new; None where what it reads can change unseen."""
        state = state_of(function)
        if state is None:
            return None
        for number, known in enumerate(self.functions):
            if known is function and same_state(self._states[number], state):
                return number
        self.functions.append(function)
        self._states.append(state)
        return len(self.functions) - 1


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


def _collect(value: Any, state: list[Any], seen: set[int], depth: int) -> bool:
    if depth > _DEPTH:
        return False
    if id(value) in seen:
        return True
    seen.add(id(value))
    state.append(value)
    if isinstance(value, _SIMPLE) or isinstance(value, (types.BuiltinFunctionType, np.ufunc)) and not _bound(value):
        return True
    if isinstance(value, (tuple, frozenset)):
        return all(_collect(each, state, seen, depth + 1) for each in value)
    if isinstance(value, types.ModuleType):
        return _of_a_library(value.__name__)
    if isinstance(value, type):
        return value.__module__ == "builtins" or _of_a_library(value.__module__)
    if isinstance(value, types.FunctionType):
        return _of_a_library(value.__module__) or _collect_function(value, state, seen, depth)
    if isinstance(value, functools.partial):
        return all(_collect(each, state, seen, depth + 1) for each in (value.func, value.args, *value.keywords.values()))
    # Functions of libraries that are objects: NumPy's dispatchers.
    return callable(value) and not hasattr(value, "__dict__") and _of_a_library(type(value).__module__)


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


def _collect_function(function: types.FunctionType, state: list[Any], seen: set[int], depth: int) -> bool:
    names = _names(function.__code__, 0)
    if names is None or function.__dict__:
        return False
    state.append(function.__code__)
    read: list[Any] = [function.__defaults__, *(function.__kwdefaults__ or {}).values()]
    for name in sorted(names):
        if name in function.__globals__:
            read.append(function.__globals__[name])
        elif hasattr(builtins, name):
            state.append(getattr(builtins, name))
    for cell in function.__closure__ or ():
        try:
            read.append(cell.cell_contents)
        except ValueError:  # not assigned yet
            return False
    return all(_collect(each, state, seen, depth + 1) for each in read)
