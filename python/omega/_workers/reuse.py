# SPDX-License-Identifier: Apache-2.0
"""Whether a process forked earlier would do with a function and its arguments what one forked now would do."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from omega._workers.reading import Reading, reading_of
from omega._workers.shared_memory import segments

#: Arguments up to this size [bytes] are sent to processes that are there; beyond it forking is cheaper.
SENT = 1 << 20
_MOST_FUNCTIONS = 64


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
        """The functions, by number, that read now what they read when they got their numbers."""
        return frozenset(number for number, reading in enumerate(self._readings) if reading.holds(self.functions[number]))


class Forked:
    """What a process that is forked now can run later."""

    def __init__(self, known: KnownFunctions) -> None:
        self._numbers = known.held()
        self._surroundings = _surroundings()

    def can_run(self, numbers: Iterable[int]) -> bool:
        """Whether it would do with these functions, whose numbers `number_of` has just given, what a process forked now would do."""
        return self._numbers.issuperset(numbers) and self._surroundings == _surroundings()


def _surroundings() -> tuple[Any, ...]:
    """What functions of NumPy and Python's own look at beside their arguments: the folder, what NumPy and warnings do about errors, where prints go."""
    try:
        folder = os.getcwd()
    except OSError:
        folder = ""
    return folder, np.geterr(), np.geterrcall(), tuple(warnings.filters), id(sys.stdout), id(sys.stderr)


def can_be_sent(arguments: Sequence[Any] | Mapping[str, Any]) -> bool:
    """Whether arguments arrive in another process as what they are, numbers, texts and arrays of them, and are not too large to be sent."""
    return _sent_bytes([arguments], 0) <= SENT


#: Of values that cannot be sent.
_NEVER = SENT + 1
_NUMBERS = (type(None), bool, int, float, complex)
#: Lists in lists; what holds itself has no end.
_DEEPEST = 32


def _sent_bytes(values: list[Any], depth: int) -> int:
    """What sending these takes; more than SENT where one of them cannot be sent."""
    if depth > _DEEPEST or len(values) > SENT:
        return _NEVER
    total = 0
    kinds = set(map(type, values))
    for kind in kinds:
        total += _bytes_of_kind(kind, values if len(kinds) == 1 else [value for value in values if type(value) is kind], depth)
        if total > SENT:
            return _NEVER
    return total


def _bytes_of_kind(kind: type, values: list[Any], depth: int) -> int:
    """The same of values of one type; many are looked at in few steps."""
    if kind is list or kind is tuple:
        return _sent_bytes(list(chain.from_iterable(values)), depth + 1)
    if kind is dict:
        return _sent_bytes([each for value in values for pair in value.items() for each in pair], depth + 1)
    if issubclass(kind, (str, bytes)):
        return sum(map(len, values))
    if issubclass(kind, _NUMBERS):
        return 0
    if kind.__module__ != "numpy" or any(getattr(value, "dtype", _OBJECTS).hasobject for value in values):
        return _NEVER
    if issubclass(kind, np.ndarray) and segments.count():
        values = [value for value in values if segments.holding(value) is None]
    return sum(value.nbytes for value in values)


_OBJECTS = np.dtype(object)
