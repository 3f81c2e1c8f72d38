# SPDX-License-Identifier: Apache-2.0
"""Sums, means and extremes over an axis, on all cores; NumPy's rules of shape, type, NaN and infinity."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from omega import _native

_Axis = int | Sequence[int] | None


def sum(array: ArrayLike, axis: _Axis = None, dtype: DTypeLike | None = None, out: NDArray[Any] | None = None, keepdims: bool = False) -> Any:
    """The sum over an axis, several, or all; as numpy.sum, with the same bits at every number of threads.

    Parameters
    ----------
    array : array_like or SpikeArray
        bool, uint8, int32, int64, float32 or float64 of up to 8 axes and any strides; other types, more axes and subclasses of NumPy's arrays are left to NumPy.
    axis : int, sequence of int or None
        Counted from the end if negative; None: all.

    Returns
    -------
    ndarray or scalar
        ``int64`` for bool and integers (``uint64`` for uint8), else the type itself.

    Examples
    --------
    >>> import numpy as np
    >>> from omega import arrays
    >>> arrays.sum(np.ones((3, 4), bool), axis=1)
    array([4, 4, 4])
    """
    return _fold(_native.Fold.sum, np.sum, array, axis, dtype, out, keepdims)


def mean(array: ArrayLike, axis: _Axis = None, dtype: DTypeLike | None = None, out: NDArray[Any] | None = None, keepdims: bool = False) -> Any:
    """The mean over an axis, several, or all, as numpy.mean: float64 for bool and integers, else the type itself."""
    return _fold(_native.Fold.mean, np.mean, array, axis, dtype, out, keepdims)


def max(array: ArrayLike, axis: _Axis = None, out: NDArray[Any] | None = None, keepdims: bool = False) -> Any:
    """The highest over an axis, several, or all, as numpy.max; NaN where there is one."""
    return _fold(_native.Fold.highest, np.max, array, axis, None, out, keepdims)


def min(array: ArrayLike, axis: _Axis = None, out: NDArray[Any] | None = None, keepdims: bool = False) -> Any:
    """The lowest over an axis, several, or all, as numpy.min; NaN where there is one."""
    return _fold(_native.Fold.lowest, np.min, array, axis, None, out, keepdims)


_TYPES = frozenset("?Bilqfd")
#: Axes that the engine's arrays have at most.
_MOST_AXES = 8


def _fold(kind: _native.Fold, other: Any, array: Any, axis: _Axis, dtype: DTypeLike | None, out: NDArray[Any] | None, keepdims: bool) -> Any:
    if isinstance(array, _native.SpikeArray):
        if dtype is not None:
            return _fold(kind, other, array.to_dense(), axis, dtype, out, keepdims)
    else:
        array = _native.as_array(array, "array")
        # Subclasses have rules of their own: those of masked arrays leave elements out.
        is_plain = type(array) is np.ndarray or type(array) is np.memmap
        if not is_plain or dtype is not None or array.dtype.char not in _TYPES or not array.dtype.isnative or array.ndim > _MOST_AXES:
            # Not all subclasses know all of these.
            return other(array, axis=axis, out=out, **({"keepdims": True} if keepdims else {}), **({} if dtype is None else {"dtype": dtype}))
    folded = _native.fold(kind, array, axes_of(axis, array.shape), keepdims)
    if kind == _native.Fold.sum and not isinstance(array, _native.SpikeArray) and array.dtype.char == "B":
        folded = folded.view(np.uint64)
    return given_to(out, folded)


def given_to(out: Any, folded: NDArray[Any]) -> Any:
    """What NumPy's folds give: `out` with the result in it, where there is one; a number where no axis is left."""
    if out is not None:
        if not isinstance(out, np.ndarray):
            raise TypeError(f"out: {type(out).__name__}; it must be an array of NumPy's")
        if out.shape != folded.shape:
            raise ValueError(f"out: shape {out.shape}; the result has {folded.shape}")
        np.copyto(out, folded, casting="same_kind")
        return out
    return folded if folded.ndim else folded[()]


def axes_of(axis: _Axis, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """Counted from the front; None: all."""
    rank = len(shape)
    if axis is None or (rank == 0 and not isinstance(axis, Sequence) and axis in (0, -1)):  # NumPy's scalars have those axes
        return None
    axes = []
    for each in axis if isinstance(axis, (tuple, list)) else (axis,):
        try:
            at = operator.index(each)
        except TypeError:
            raise TypeError(f"axis = {axis!r}: it must be an int, several, or None") from None
        if isinstance(each, bool):
            raise TypeError(f"axis = {axis!r}: it must be an int, several, or None")
        if not -rank <= at < rank:
            raise ValueError(f"axis: {at} does not exist in an array of shape {shape}")
        axes.append(at % rank)
    if len(set(axes)) != len(axes):
        raise ValueError(f"axis: {axis} names an axis twice")
    return tuple(axes)
