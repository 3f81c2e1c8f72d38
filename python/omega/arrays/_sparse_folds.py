# SPDX-License-Identifier: Apache-2.0
"""Sums, means and extremes of sparse matrices over what they keep, and the 0 elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from omega._native import SparseMatrix
from omega.arrays.folds import axes_of, given_to

_FLOATS = (np.float32, np.float64)


def sum(self: SparseMatrix, axis: Any = None, dtype: DTypeLike | None = None, out: Any = None, keepdims: bool = False, **others: Any) -> Any:
    """The sum over an axis, or both. With NumPy's `initial` or `where`: of the dense array."""
    if others or not _is_float(dtype) or not self.size:
        return np.sum(self.to_dense(), axis=axis, dtype=dtype, out=out, keepdims=keepdims, **others)
    return given_to(out, _fold(np.add, self, self.data.astype(dtype or self.dtype, copy=False), axis, keepdims))


def mean(self: SparseMatrix, axis: Any = None, dtype: DTypeLike | None = None, out: Any = None, keepdims: bool = False, **others: Any) -> Any:
    """The mean over an axis, or both. With NumPy's `where`: of the dense array."""
    if others or not _is_float(dtype) or not self.size:
        return np.mean(self.to_dense(), axis=axis, dtype=dtype, out=out, keepdims=keepdims, **others)
    total = _fold(np.add, self, self.data.astype(dtype or self.dtype, copy=False), axis, keepdims)
    return given_to(out, np.asarray(total / total.dtype.type(self.size // total.size)))


def _extreme(ufunc: np.ufunc, other: Callable[..., Any], what: str) -> Callable[..., Any]:
    def method(self: SparseMatrix, axis: Any = None, out: Any = None, keepdims: bool = False, **others: Any) -> Any:
        if others or not self.size:
            return other(self.to_dense(), axis=axis, out=out, keepdims=keepdims, **others)
        return given_to(out, _fold(ufunc, self, self.data, axis, keepdims))

    method.__doc__ = f"The {what} over an axis, or both; NaN where there is one. With NumPy's `initial` or `where`: of the dense array."
    return method


def _truth(ufunc: np.ufunc, other: Callable[..., Any], what: str) -> Callable[..., Any]:
    def method(self: SparseMatrix, axis: Any = None, out: Any = None, keepdims: bool = False, **others: Any) -> Any:
        if others or not self.size:
            return other(self.to_dense(), axis=axis, out=out, keepdims=keepdims, **others)
        return given_to(out, _fold(ufunc, self, (self.data != 0).astype(self.dtype), axis, keepdims).astype(bool))

    method.__doc__ = f"Whether {what} not 0, over an axis, or both."
    return method


max = _extreme(np.maximum, np.max, "highest")
min = _extreme(np.minimum, np.min, "lowest")
any = _truth(np.maximum, np.any, "an element is")
all = _truth(np.minimum, np.all, "all elements are")


def _is_float(dtype: DTypeLike | None) -> bool:
    return dtype is None or np.dtype(dtype) in _FLOATS


def _fold(ufunc: Any, matrix: SparseMatrix, data: NDArray[Any], axis: Any, keepdims: bool) -> NDArray[Any]:
    """Of a matrix with `data` in its places, which has at least one element."""
    axes = axes_of(axis, matrix.shape)
    if axes is None or len(axes) == 2:
        folded = np.asarray(_with_zeros(ufunc, ufunc.reduce(data) if data.size else data.dtype.type(0), data.size, matrix.size), data.dtype)
        return folded.reshape((1, 1) if keepdims else ())
    if len(axes) == 0:
        return SparseMatrix(matrix.shape, matrix.indptr, matrix.indices, data).to_dense()
    along = SparseMatrix(matrix.shape, matrix.indptr, matrix.indices, data)
    if axes == (0,):
        along = along.T
    counts = np.diff(along.indptr)
    folded = np.zeros(along.shape[0], data.dtype)
    if along.data.size:
        folded[counts > 0] = ufunc.reduceat(along.data, along.indptr[:-1][counts > 0])
    folded = _with_zeros(ufunc, folded, counts, along.shape[1])
    return np.expand_dims(folded, axes[0]) if keepdims else folded


def _with_zeros(ufunc: np.ufunc, folded: Any, kept: Any, extent: int) -> Any:
    """What was folded of `kept` of the `extent` elements, and of the zeros that the others are."""
    return folded if ufunc is np.add else np.where(np.less(kept, extent), ufunc(folded, folded.dtype.type(0)), folded)
