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


def sum(array: ArrayLike, axis: _Axis = None, dtype: DTypeLike = None, out: NDArray[Any] | None = None, keepdims: bool = False) -> Any:
    """The sum over an axis, several, or all; as numpy.sum, with the same result at every number of threads.

    Parameters
    ----------
    array : array_like or SpikeArray
        bool, uint8, int32, int64, float32 or float64 of any shape and strides; other types are left to NumPy.
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


def mean(array: ArrayLike, axis: _Axis = None, dtype: DTypeLike = None, out: NDArray[Any] | None = None, keepdims: bool = False) -> Any:
    """The mean over an axis, several, or all, as numpy.mean: float64 for bool and integers, else the type itself."""
    return _fold(_native.Fold.mean, np.mean, array, axis, dtype, out, keepdims)


def max(array: ArrayLike, axis: _Axis = None, out: NDArray[Any] | None = None, keepdims: bool = False) -> Any:
    """The highest over an axis, several, or all, as numpy.max; NaN where there is one."""
    return _fold(_native.Fold.highest, np.max, array, axis, None, out, keepdims)


def min(array: ArrayLike, axis: _Axis = None, out: NDArray[Any] | None = None, keepdims: bool = False) -> Any:
    """The lowest over an axis, several, or all, as numpy.min; NaN where there is one."""
    return _fold(_native.Fold.lowest, np.min, array, axis, None, out, keepdims)


_TYPES = frozenset("?Bilqfd")


def _fold(kind: _native.Fold, other: Any, array: Any, axis: _Axis, dtype: DTypeLike, out: NDArray[Any] | None, keepdims: bool) -> Any:
    if not isinstance(array, _native.SpikeArray):
        array = _native.as_array(array)
        if dtype is not None or array.dtype.char not in _TYPES or not array.dtype.isnative:
            return other(array, axis=axis, out=out, keepdims=keepdims, **({} if dtype is None else {"dtype": dtype}))
    elif kind in (_native.Fold.highest, _native.Fold.lowest) or dtype is not None:
        return _fold(kind, other, array.to_dense(), axis, dtype, out, keepdims)
    if axis is None or isinstance(axis, (int, np.integer)):
        folded = _native.fold(kind, array, axis, keepdims)
    else:
        folded = _fold_several(kind, array, axis, keepdims)
    if not isinstance(array, _native.SpikeArray) and array.dtype.char == "B" and kind == _native.Fold.sum:
        folded = folded.view(np.uint64)
    if out is not None:
        np.copyto(out, folded, casting="same_kind")
        return out
    return folded if folded.ndim else folded[()]


def _fold_several(kind: _native.Fold, array: Any, axes: Sequence[int], keepdims: bool) -> NDArray[Any]:
    """Several axes as one: they go to the end and are joined."""
    dense = np.asarray(array)
    if not isinstance(axes, Sequence) or isinstance(axes, str):
        raise TypeError(f"axis = {axes!r}: it must be an int, several, or None")
    several = sorted({operator.index(axis) % dense.ndim if -dense.ndim <= axis < dense.ndim else _no_axis(axis, dense.ndim) for axis in axes})
    if len(several) != len(axes):
        raise ValueError(f"axis: {tuple(axes)} names an axis twice")
    rest = [axis for axis in range(dense.ndim) if axis not in several]
    if not several:
        joined = dense[..., np.newaxis]
    else:
        joined = dense.transpose(rest + several).reshape([dense.shape[axis] for axis in rest] + [int(np.prod([dense.shape[axis] for axis in several]))])
    folded = _native.fold(kind, joined, -1, False)
    return folded.reshape([1 if axis in several else dense.shape[axis] for axis in range(dense.ndim)]) if keepdims else folded


def _no_axis(axis: int, rank: int) -> int:
    raise ValueError(f"axis: {axis} does not exist; the array has {rank}")
