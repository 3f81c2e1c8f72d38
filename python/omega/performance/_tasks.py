# SPDX-License-Identifier: Apache-2.0
"""The tasks of one call: what they are, what became of them."""

from __future__ import annotations

import functools
import threading
import zlib
from typing import Any, Callable, NamedTuple, Sequence

import numpy as np

from omega import _native

TaskHandout = _native.TaskHandout


def function_key(function: Callable[..., Any]) -> str:
    """Names a function in the history: its module, name and line, of a lambda the column as well; what it computes where its code has no column
    (lambdas of a constant in CPython 3.12, all of them under `-X no_debug_ranges`)."""
    while isinstance(function, functools.partial):
        function = function.func
    try:
        code, name, module = function.__code__, function.__qualname__, function.__module__
    except AttributeError:
        return f"{getattr(function, '__module__', None) or type(function).__module__}.{getattr(function, '__qualname__', None) or type(function).__qualname__}"
    if name.endswith("<lambda>"):
        column = max((position[2] or 0 for position in code.co_positions()), default=0)
        place = column or f"{zlib.crc32(repr((code.co_code, code.co_names, code.co_consts)).encode()):08x}"
        return f"{module}.{name}:{code.co_firstlineno}:{place}"
    return f"{module}.{name}:{code.co_firstlineno}"


def elements_of(argument: Any) -> int:
    """`np.prod(argument.shape)`, for anything."""
    size = getattr(argument, "size", None)
    if isinstance(size, int):
        return size
    try:
        return len(argument)
    except TypeError:
        return 1


def sizes_of(arguments: list[Any]) -> list[int]:
    """`elements_of` each."""
    kinds = set(map(type, arguments))
    if kinds == {np.ndarray}:
        return [argument.size for argument in arguments]
    return [1] * len(arguments) if kinds <= _NUMBERS else list(map(elements_of, arguments))


_NUMBERS = frozenset((int, float, complex, bool, type(None)))


def bytes_of(value: Any) -> int:
    """Bytes of arrays in a value: itself, or those in a tuple, list or dict."""
    size = getattr(value, "nbytes", None)
    if isinstance(size, int):
        return size
    if isinstance(value, (tuple, list)):
        return sum(bytes_of(each) for each in value)
    if isinstance(value, dict):
        return sum(bytes_of(each) for each in value.values())
    return 0


class Ran(NamedTuple):
    """Where a call's tasks ran."""

    where: str  #: in words
    moves: int = 0  #: tasks that changed worker while they waited
    lanes: int = 1  #: workers


class Call:
    """Tasks that run together, their results by position, and their failures.

    Tasks above the lowest that has failed are not begun any more, as in a loop, once more than `max_errors` have failed. Any thread.
    """

    def __init__(self, title: str, noun: str, functions: Sequence[Callable[..., Any]], arguments: Sequence[Any], kwargs: dict[str, Any], max_errors: int) -> None:
        self.title = title
        self.noun = noun
        self.functions = functions
        self.arguments = arguments
        self.kwargs = kwargs
        self.count = len(arguments)
        self.results: list[Any] = [None] * self.count
        self.finished = [False] * self.count
        self.seconds = [0.0] * self.count
        self.worker_of = [-1] * self.count
        self.errors: list[tuple[int, BaseException]] = []
        self.max_errors = max_errors
        self._lock = threading.Lock()

    def name(self, index: int) -> str:
        """ "batch 3 of 8 of parallel_spike_processing (sum_spikes)" """
        function = self.functions[index]
        return f"{self.noun} {index} of {self.count} in {self.title} ({getattr(function, '__qualname__', None) or type(function).__qualname__})"

    def wanted(self, index: int) -> bool:
        """Whether the task should still begin."""
        errors = self.errors
        return len(errors) <= self.max_errors or index < min(at for at, _ in errors)

    def fail(self, index: int, error: BaseException) -> None:
        with self._lock:
            self.errors.append((index, error))

    def finish(self) -> list[Any]:
        """The results; raises the failure of the lowest index when there are more than `max_errors`."""
        if self.errors:
            self.errors.sort(key=lambda failure: failure[0])
            if len(self.errors) > self.max_errors:
                index, error = self.errors[0]
                _add_note(error, f"in {self.name(index)}")
                try:
                    raise error
                finally:
                    del error
        return self.results


def _add_note(error: BaseException, note: str) -> None:
    if note not in getattr(error, "__notes__", ()):
        error.add_note(note)
