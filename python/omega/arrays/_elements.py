# SPDX-License-Identifier: Apache-2.0
"""NumPy's functions of elements that leave spikes packed and sparse matrices sparse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omega._native import SparseMatrix, SpikeArray

_WORD = 64
_OF_BITS: dict[np.ufunc, Callable[..., Any]] = {
    np.bitwise_and: np.bitwise_and,
    np.logical_and: np.bitwise_and,
    np.bitwise_or: np.bitwise_or,
    np.logical_or: np.bitwise_or,
    np.bitwise_xor: np.bitwise_xor,
    np.logical_xor: np.bitwise_xor,
}
_COMPLEMENTS = (np.invert, np.logical_not)
# Of these 0 is 0.
_OF_KEPT = (
    *(np.negative, np.positive, np.absolute, np.fabs, np.sign, np.sqrt, np.cbrt, np.square, np.rint, np.floor, np.ceil, np.trunc),
    *(np.sin, np.tan, np.arcsin, np.arctan, np.sinh, np.tanh, np.arcsinh, np.arctanh, np.expm1, np.log1p, np.deg2rad, np.rad2deg),
)
_OF_TWO = (np.add, np.subtract, np.multiply, np.maximum, np.minimum, np.fmax, np.fmin)
_FLOATS = (np.float32, np.float64)


def elementwise(ufunc: np.ufunc, inputs: tuple[Any, ...]) -> Any:
    """What stays packed or sparse: spikes combined with spikes of their shape, complements, sparse matrices times finite numbers, functions of which 0 is 0,
    sums and the like of two sparse matrices of one shape. NotImplemented for all else."""
    if any(isinstance(each, SpikeArray) for each in inputs):
        return _of_spikes(ufunc, inputs)
    if len(inputs) == 1:
        return _with_data(inputs[0], ufunc(inputs[0].data)) if ufunc in _OF_KEPT else NotImplemented
    left, right = inputs
    if isinstance(left, SparseMatrix) and isinstance(right, SparseMatrix):
        return _of_two(ufunc, left, right) if ufunc in _OF_TWO and left.shape == right.shape else NotImplemented
    if ufunc is np.multiply and isinstance(right, SparseMatrix) and _keeps_zero(np.multiply, right, left):
        return _with_data(right, np.multiply(left, right.data))
    if ufunc in (np.multiply, np.true_divide) and isinstance(left, SparseMatrix) and _keeps_zero(ufunc, left, right):
        return _with_data(left, ufunc(left.data, right))
    return NotImplemented


def _of_spikes(ufunc: np.ufunc, inputs: tuple[Any, ...]) -> Any:
    if ufunc in _COMPLEMENTS:
        return _complement(inputs[0])
    if ufunc not in _OF_BITS or not all(isinstance(each, SpikeArray) for each in inputs) or inputs[0].shape != inputs[1].shape:
        return NotImplemented
    return SpikeArray.from_packed(_OF_BITS[ufunc](inputs[0].packed, inputs[1].packed), inputs[0].shape)


def _complement(spikes: SpikeArray) -> SpikeArray:
    words = np.invert(spikes.packed)
    used = spikes.shape[-1] % _WORD
    if used != 0:
        words[..., -1] &= np.uint64((1 << used) - 1)  # bits behind a row's end are 0
    return SpikeArray.from_packed(words, spikes.shape)


def _keeps_zero(ufunc: np.ufunc, matrix: SparseMatrix, number: Any) -> bool:
    """Whether 0 of the matrix times, or divided by, a real number is 0."""
    if not isinstance(number, (int, float, np.bool_, np.integer, np.floating)):
        return False
    with np.errstate(all="ignore"):
        return bool(ufunc(np.zeros(1, matrix.dtype), number)[0] == 0)


def _with_data(matrix: SparseMatrix, data: NDArray[Any]) -> Any:
    """The matrix with other elements in the same places."""
    return SparseMatrix(matrix.shape, matrix.indptr, matrix.indices, data) if data.dtype in _FLOATS else NotImplemented


def _of_two(ufunc: np.ufunc, left: SparseMatrix, right: SparseMatrix) -> SparseMatrix:
    """Over the places that one of them keeps."""
    rows, columns = left.shape
    places = [np.repeat(np.arange(rows, dtype=np.int64), np.diff(each.indptr)) * columns + each.indices for each in (left, right)]
    union = np.union1d(*places)
    data = [np.zeros(len(union), each.dtype) for each in (left, right)]
    for values, at, each in zip(data, places, (left, right)):
        values[np.searchsorted(union, at)] = each.data
    indptr = np.searchsorted(union, np.arange(rows + 1, dtype=np.int64) * columns)
    return SparseMatrix(left.shape, indptr, union % max(columns, 1), ufunc(*data))
