# SPDX-License-Identifier: Apache-2.0
"""Many values of one kind as a few large ones, which are pickled and read at once: tuples as their columns, numbers and small arrays as the rows of one array, the
same object as one."""

from __future__ import annotations

import operator
from functools import partial
from typing import Any

import numpy as np

from omega._workers.shared_memory import segments

#: Arrays up to this size [bytes] are copied into one sooner than pickled each for itself.
ROW = 1 << 12
#: Fewer values are as well off by themselves.
_FEW = 8
_SAME, _TUPLES, _ROWS = range(3)

#: The values themselves in a list, or a tuple that says how they were put together.
Packed = list[Any] | tuple[Any, ...]


def pack(values: list[Any]) -> Packed:
    """Values for `unpack`, which gives such values: numbers of NumPy's and arrays with their types, what was the same object as one object."""
    if len(values) < _FEW:
        return values
    first = values[0]
    if values[1] is first and all(map(partial(operator.is_, first), values)):
        return same(first, len(values))
    kinds = set(map(type, values))
    if len(kinds) > 1:
        return values
    kind = type(first)
    if kind is tuple:
        return table(*(pack(list(column)) for column in zip(*values))) if first and len(set(map(len, values))) == 1 else values
    if kind is np.ndarray:
        return (_ROWS, _rows(values)) if _are_rows(values) else values
    if issubclass(kind, (np.number, np.bool_)) and first.dtype.type is kind:
        return _ROWS, np.array(values, first.dtype)
    return values


def table(*packed: Packed) -> Packed:
    """Tuples, one for each row of these columns, which are as long."""
    return _TUPLES, list(packed)


def same(value: Any, count: int) -> Packed:
    """The same object so many times."""
    return _SAME, value, count


def _are_rows(arrays: list[np.ndarray[Any, Any]]) -> bool:
    """Whether small arrays are of one shape and type, lie as those that are made of one array would, and nowhere that is shared."""
    shape, dtype = arrays[0].shape, arrays[0].dtype
    if arrays[0].nbytes > ROW or not shape or dtype.kind not in "biufc":
        return False
    for array in arrays:
        if array.shape != shape or array.dtype != dtype or not array.flags.carray:
            return False
    return segments.count() == 0 or all(segments.holding(array) is None for array in arrays)


def _rows(arrays: list[np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    shape = arrays[0].shape
    rows = np.empty((len(arrays), *shape), arrays[0].dtype)
    np.concatenate(arrays, out=rows.reshape(len(arrays) * shape[0], *shape[1:]))
    return rows


def unpack(packed: Packed) -> list[Any]:
    """The values that `pack` was given, or such ones."""
    if isinstance(packed, list):
        return packed
    if packed[0] == _SAME:
        return [packed[1]] * int(packed[2])
    if packed[0] == _TUPLES:
        return list(zip(*map(unpack, packed[1])))
    return list(packed[1])
