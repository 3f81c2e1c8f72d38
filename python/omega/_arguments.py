# SPDX-License-Identifier: Apache-2.0
"""What callers give: the value, or an exception that names the argument, what was seen and what would do. TypeError for what is of another kind, ValueError for what is out of bounds."""

from __future__ import annotations

import numbers
import os
from collections.abc import Iterable
from typing import Any

import numpy as np


def whole(value: Any, argument: str, low: int | None = None, high: int = 2**63 - 1) -> int:
    """An int, `low` or more, that 64 bits hold."""
    what = "an int" if low is None else f"an int, at least {low}"
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{argument} = {value!r}: it must be {what}")
    if low is not None and value < low:
        raise ValueError(f"{argument} = {value!r}: it must be {what}")
    if not -(2**63) <= int(value) <= high:
        raise ValueError(f"{argument} = {value!r}: it must be {what}, within {low if low is not None else '-2**63'} to {high}")
    return int(value)


def seed_of(value: Any) -> int:
    """A seed of random numbers: an int of 64 bits without a sign."""
    return whole(value, "seed", 0, 2**64 - 1)


def real(value: Any, argument: str, low: float | None = None) -> float:
    """A number, `low` or more; not NaN then."""
    what = "a number" if low is None else f"a number, at least {low}"
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{argument} = {value!r}: it must be {what}")
    if low is not None and not float(value) >= low:
        raise ValueError(f"{argument} = {value!r}: it must be {what}")
    return float(value)


def flag(value: Any, argument: str) -> bool:
    """True or False; NumPy's are."""
    if not isinstance(value, bool) and not isinstance(value, np.bool_):
        raise TypeError(f"{argument} = {value!r}: it must be True or False")
    return bool(value)


def several(value: Any, argument: str, what: str) -> list[Any]:
    """The elements of a list, a tuple or whatever can be gone over, but a text. `what`: the elements, as in "names"."""
    is_list = isinstance(value, (list, tuple))
    if not is_list and (isinstance(value, (str, bytes)) or not isinstance(value, Iterable) or getattr(value, "ndim", None) == 0):
        raise TypeError(f"{argument} = {value!r}: it must be a list of {what}")
    return list(value)


def function(value: Any, argument: str) -> Any:
    """What can be called."""
    if not callable(value):
        raise TypeError(f"{argument} = {value!r}: it must be a function")
    return value


def path(value: Any, argument: str) -> str:
    """A path as a text."""
    if not isinstance(value, (str, bytes, os.PathLike)):
        raise TypeError(f"{argument} = {value!r}: it must be a path")
    return os.fsdecode(value)
