# SPDX-License-Identifier: Apache-2.0
"""Products of spikes and sparse matrices, of which only what is kept is multiplied."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from omega import _native
from omega._native import EventArray, SparseMatrix, SpikeArray
from omega.arrays._conversion import in_type, sparse_or_given

_SPIKES = (SpikeArray, EventArray)
_RIGHT_SIDES = (np.ndarray, SparseMatrix)
_SIDES = (*_RIGHT_SIDES, *_SPIKES)
_FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
_INTEGERS = (np.dtype(np.int32), np.dtype(np.int64))
# Integers of fewer bits are added in these and cut off then, which gives what wraps on the way; of bools any sum but 0 is True.
_WIDER = {np.dtype(bool): np.dtype(np.int32), np.dtype(np.uint8): np.dtype(np.int32), np.dtype(np.int8): np.dtype(np.int32), np.dtype(np.int16): np.dtype(np.int32)}


def matmul(left: Any, right: Any) -> Any:
    """``left @ right``, of which one is an array of Omega's; NotImplemented where the product of the dense arrays is as good.

    Spikes, events and sparse matrices on the left take a dense array of one or two axes of NumPy's, or a sparse matrix, on the right; on the left of a sparse
    matrix stands a dense array of one or two axes as well. SciPy's sparse matrices are SparseMatrix here. Result: a dense array, of NumPy's shape and dtype; NaN and infinity as in the dense product.
    """
    if type(left) not in _SIDES:
        left = sparse_or_given(left)
    if type(right) not in _SIDES:
        right = sparse_or_given(right)
    if type(left) not in _SIDES or type(right) not in _RIGHT_SIDES:
        return NotImplemented
    inner, outer = left.shape, right.shape
    if not inner or len(outer) not in (1, 2) or (type(left) is np.ndarray and len(inner) > 2):
        return NotImplemented
    of_spikes = type(left) in _SPIKES
    dtype = right.dtype if of_spikes or left.dtype == right.dtype else np.result_type(left.dtype, right.dtype)
    in_dtype = dtype if dtype in _FLOATS else _WIDER.get(dtype, dtype)
    if in_dtype not in _FLOATS and not (in_dtype in _INTEGERS and of_spikes):
        return NotImplemented
    if inner[-1] != outer[0]:
        raise ValueError(f"left @ right: shapes {inner} and {outer}; the {inner[-1]} columns of the first need as many rows of the second")
    result = _product(left, right, in_dtype)
    if len(inner) != 2:
        result = result.reshape(inner[:-1] + outer[1:])
    if in_dtype != dtype:
        result = result.astype(dtype)
    return result if result.ndim else result[()]


def _product(left: Any, right: Any, dtype: np.dtype[Any]) -> NDArray[Any]:
    if isinstance(left, SparseMatrix):
        left = in_type(left, dtype)
    if not isinstance(right, SparseMatrix):
        return _native.product(left, np.ascontiguousarray(right, dtype))
    if type(left) is not np.ndarray:
        return _native.product(left, in_type(right, dtype))
    return _native.product(np.ascontiguousarray(np.atleast_2d(left), dtype), in_type(right, dtype))
