# SPDX-License-Identifier: Apache-2.0
"""What spike arrays, event lists and sparse matrices do as NumPy's arrays do, over what the C++ side gives them."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any, Literal

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import DTypeLike, NDArray

from omega._native import EventArray, SparseMatrix, SpikeArray
from omega.arrays import _sparse_folds, folds
from omega.arrays._conversion import sparse_or_given
from omega.arrays._elements import elementwise
from omega.arrays._products import matmul
from omega.arrays.raster import matrix_svg, raster_svg

_BOOL = np.dtype(bool)
_KINDS = (SpikeArray, EventArray, SparseMatrix)


def _array(self: Any, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
    if copy is False:
        raise ValueError(f"copy = False: the dense array of a {type(self).__name__} is a new one; use numpy.asarray, or copy=None")
    dense: NDArray[Any] = self.to_dense(dtype)
    return dense


def _array_ufunc(self: Any, ufunc: np.ufunc, method: str, *inputs: Any, **keys: Any) -> Any:
    """NumPy's functions of elements: products by kernels, some on spikes as they are packed and on sparse matrices as they are kept; the others see the dense
    array and give dense ones. They may write to arrays of NumPy's. SciPy's sparse matrices are SparseMatrix here."""
    inputs = tuple(map(sparse_or_given, inputs))
    if method == "__call__" and not keys:
        result = matmul(*inputs) if ufunc is np.matmul else elementwise(ufunc, inputs)
        if result is not NotImplemented:
            return result
    written = (*keys.get("out", ()), *(inputs[:1] if method == "at" else ()))
    for each in written:
        if isinstance(each, _KINDS):
            raise TypeError(f"{'out' if method != 'at' else 'the array'}: {type(each).__name__}, which cannot be written to by numpy.{ufunc.__name__}; use to_dense()")
    dense = (np.asarray(each) if isinstance(each, _KINDS) else each for each in inputs)
    return getattr(ufunc, method)(*dense, **keys)


def _equal(self: Any, other: Any) -> Any:
    return np.asarray(self) == (np.asarray(other) if isinstance(other, _KINDS) else other)


def _not_equal(self: Any, other: Any) -> Any:
    return np.asarray(self) != (np.asarray(other) if isinstance(other, _KINDS) else other)


def _contains(self: Any, value: Any) -> bool:
    return value in np.asarray(self)


def _dot(self: Any, other: Any) -> Any:
    """As ``numpy.dot``; of one or two axes on the right it is ``self @ other``."""
    result = matmul(self, other if isinstance(other, _KINDS) else np.asanyarray(sparse_or_given(other)))
    return np.dot(np.asarray(self), other) if result is NotImplemented else result


def _bool(self: Any) -> bool:
    """As NumPy's arrays: of one element, whether it is one; of several, a ValueError."""
    return bool(np.asarray(self))


def _size(self: Any) -> int:
    return int(np.prod(self.shape, dtype=np.int64))


def _len(self: Any) -> int:
    return int(self.shape[0])


def _iterate(self: Any) -> Iterator[Any]:
    return (self[i] for i in range(len(self)))


def _spikes_item(self: SpikeArray, key: Any) -> Any:
    """Rows stay packed; what reaches into rows, as every index of a single row does, is NumPy's."""
    keys = key if isinstance(key, tuple) else (key,)
    leading = len(self.shape) - 1
    reach = sum(each.ndim if isinstance(each, np.ndarray) and each.dtype == bool else 1 for each in keys if each is not None)
    if leading == 0 or Ellipsis in [each for each in keys if not isinstance(each, np.ndarray)] or reach > leading:
        return self.to_dense()[key]
    words = self.packed[key]
    return SpikeArray.from_packed(words, (*words.shape[:-1], self.shape[-1]))


def restore_spikes(words: NDArray[np.uint64], shape: tuple[int, ...]) -> SpikeArray:
    """What pickles of spike arrays call."""
    return SpikeArray.from_packed(words, shape)


def _reduce_spikes(self: SpikeArray) -> tuple[Any, ...]:
    return restore_spikes, (self.packed.copy(), self.shape)


def _events_item(self: EventArray, row: int) -> NDArray[np.int32]:
    rows = len(self.first) - 1
    try:
        at = operator.index(row)
    except TypeError:
        raise TypeError(f"row = {row!r}: events are indexed by the number of a row alone; to_spikes() takes all indices of NumPy's") from None
    if not -rows <= at < rows:
        raise IndexError(f"row {at} is out of bounds for {rows} rows")
    row = at % rows
    return self.columns[self.first[row] : self.first[row + 1]]


def _sum(self: Any, axis: Any = None, dtype: DTypeLike | None = None, out: Any = None, keepdims: bool = False, **others: Any) -> Any:
    """Number of spikes over an axis, several, or all; int64. With NumPy's `initial` or `where`: of the dense array."""
    if others:
        return np.sum(self.to_dense(), axis=axis, dtype=dtype, out=out, keepdims=keepdims, **others)
    return folds.sum(self, axis, dtype, out, keepdims)


def _mean(self: Any, axis: Any = None, dtype: DTypeLike | None = None, out: Any = None, keepdims: bool = False, **others: Any) -> Any:
    """Share of spikes over an axis, several, or all; float64. With NumPy's `where`: of the dense array."""
    if others:
        return np.mean(self.to_dense(), axis=axis, dtype=dtype, out=out, keepdims=keepdims, **others)
    return folds.mean(self, axis, dtype, out, keepdims)


def _max(self: Any, axis: Any = None, out: Any = None, keepdims: bool = False, **others: Any) -> Any:
    """Whether there is a spike over an axis, several, or all. With NumPy's `initial` or `where`: of the dense array."""
    if others:
        return np.max(self.to_dense(), axis=axis, out=out, keepdims=keepdims, **others)
    return folds.max(self, axis, out, keepdims)


def _min(self: Any, axis: Any = None, out: Any = None, keepdims: bool = False, **others: Any) -> Any:
    """Whether all are spikes over an axis, several, or all. With NumPy's `initial` or `where`: of the dense array."""
    if others:
        return np.min(self.to_dense(), axis=axis, out=out, keepdims=keepdims, **others)
    return folds.min(self, axis, out, keepdims)


def _astype(self: Any, dtype: DTypeLike, order: Literal["K", "A", "C", "F"] = "K", casting: str = "unsafe", subok: bool = True, copy: bool = True) -> NDArray[Any]:
    """A dense array; arguments as `numpy.ndarray.astype` has them."""
    dense: NDArray[Any] = self.to_dense().astype(dtype, order, casting, subok, copy=False)
    return dense


def _any(self: Any, axis: Any = None, out: Any = None, keepdims: bool = False, **others: Any) -> Any:
    """Whether there is a spike over an axis, several, or all."""
    return _max(self, axis, out, keepdims, **others)


def _all(self: Any, axis: Any = None, out: Any = None, keepdims: bool = False, **others: Any) -> Any:
    """Whether all are spikes over an axis, several, or all."""
    return _min(self, axis, out, keepdims, **others)


def _copy(self: Any) -> Any:
    """The array itself, which nothing changes."""
    return self


def _transpose(self: SpikeArray, *axes: Any) -> SpikeArray:
    """Packed anew, axes in another order."""
    return SpikeArray(self.to_dense().transpose(*axes))


def _reshape(self: SpikeArray, *shape: Any) -> SpikeArray:
    """Packed anew, in another shape of as many elements and at least one axis."""
    return SpikeArray(self.to_dense().reshape(*shape))


def _of_dense(name: str) -> Any:
    """A method of NumPy's arrays that only reads."""

    def method(self: Any, *arguments: Any, **keys: Any) -> Any:
        return getattr(self.to_dense(), name)(*arguments, **keys)

    method.__name__ = name
    method.__doc__ = f"As ``numpy.ndarray.{name}``, of the dense array."
    return method


def _sparse_item(self: SparseMatrix, key: Any) -> Any:
    """Slices of rows stay sparse; rows and what reaches into rows are NumPy's."""
    if isinstance(key, slice):
        begin, end, step = key.indices(self.shape[0])
        return _rows(self, begin, max(begin, end)) if step == 1 else SparseMatrix.from_dense(self.to_dense()[key])
    row = key[0] if isinstance(key, tuple) and key else key
    if isinstance(row, (int, np.integer)) and not isinstance(row, (bool, np.bool_)):
        at = operator.index(row)
        if not -self.shape[0] <= at < self.shape[0]:
            raise IndexError(f"row {at} is out of bounds for {self.shape[0]} rows")
        at %= self.shape[0]
        dense = _rows(self, at, at + 1).to_dense()[0]
        return dense[key[1:]] if isinstance(key, tuple) else dense
    return self.to_dense()[key]


def _rows(self: SparseMatrix, begin: int, end: int) -> SparseMatrix:
    first, last = self.indptr[begin], self.indptr[end]
    return SparseMatrix((end - begin, self.shape[1]), self.indptr[begin : end + 1] - first, self.indices[first:last], self.data[first:last])


def _spikes_repr(self: Any) -> str:
    return f"{type(self).__name__}(shape={self.shape}, spikes={self.count()})"


def _spikes_html(self: Any) -> str:
    return f"<p><code>{_spikes_repr(self)}</code></p>{raster_svg(self)}"


def _sparse_repr(self: SparseMatrix) -> str:
    return f"SparseMatrix(shape={self.shape}, nnz={self.nnz}, dtype={self.dtype})"


def _sparse_html(self: SparseMatrix) -> str:
    return f"<p><code>{_sparse_repr(self)}</code></p>{matrix_svg(self)}"


def _from_scipy(matrix: Any) -> SparseMatrix:
    """A matrix of SciPy's, or anything with ``tocsr()`` or ``indptr``, ``indices``, ``data`` and ``shape``."""
    rows = matrix.tocsr() if hasattr(matrix, "tocsr") else matrix
    if not all(hasattr(rows, name) for name in ("indptr", "indices", "data", "shape")):
        raise TypeError(f"matrix = {matrix!r}: it must be a sparse matrix of SciPy's, or have indptr, indices, data and shape")
    if hasattr(rows, "sort_indices"):
        rows = rows.copy() if rows is matrix else rows
        rows.sum_duplicates()
    data = np.asarray(rows.data)
    if data.dtype.kind not in "biuf":
        raise TypeError(f"matrix: elements of dtype {data.dtype}; they must be real numbers")
    return SparseMatrix(rows.shape, rows.indptr, rows.indices, data if data.dtype in (np.float32, np.float64) else data.astype(np.float64))


def _called_as(kind: type, **forms: Callable[..., None]) -> None:
    """Gives what the C++ side defines the signatures of these functions: for help, and so that a call of another form says which argument is missing or too many."""
    for name, form in forms.items():
        is_static = isinstance(vars(kind)[name], staticmethod)
        method = _with_signature(kind, name, getattr(kind, name), inspect.signature(form))
        setattr(kind, name, staticmethod(method) if is_static else method)


def _with_signature(kind: type, name: str, native: Callable[..., Any], signature: inspect.Signature) -> Callable[..., Any]:
    def method(*arguments: Any, **keys: Any) -> Any:
        try:
            return native(*arguments, **keys)
        except TypeError:
            try:
                signature.bind(*arguments, **keys)
            except TypeError as error:
                raise TypeError(f"{kind.__name__ if name == '__init__' else name}(): {error}") from None
            raise

    method.__name__, method.__qualname__ = name, f"{kind.__name__}.{name}"
    method.__doc__ = (native.__doc__ or "").partition("\n\n")[2].strip()  # without pybind11's line of types
    setattr(method, "__signature__", signature)
    return method


def _extend(kind: type, **members: Any) -> None:
    for name, member in members.items():
        if isinstance(member, FunctionType):  # errors about its arguments name it so
            member.__name__ = member.__qualname__ = name
        setattr(kind, name, member)
    operators = {name: member for name, member in vars(NDArrayOperatorsMixin).items() if name.startswith("__") and callable(member)}
    for name, member in operators.items():
        is_in_place = name.startswith("__i") and f"__{name[3:]}" in operators
        if not is_in_place:  # nothing changes these arrays: `weights *= 0.9` gives the name another one
            setattr(kind, name, member)
    setattr(kind, "__eq__", _equal)  # as NumPy's: False beside what is no number
    setattr(kind, "__ne__", _not_equal)
    setattr(kind, "__hash__", None)
    kind.__module__ = "omega.arrays"


_called_as(
    SpikeArray,
    __init__=lambda self, dense: None,
    from_dense=lambda dense: None,
    zeros=lambda shape: None,
    from_packed=lambda words, shape: None,
    from_events=lambda events: None,
    count=lambda self: None,
    to_dense=lambda self, dtype=None: None,
    to_events=lambda self: None,
)
_called_as(
    EventArray,
    __init__=lambda self, shape, first, columns: None,
    from_dense=lambda dense: None,
    count=lambda self: None,
    to_dense=lambda self, dtype=None: None,
    to_spikes=lambda self: None,
)
_called_as(
    SparseMatrix,
    __init__=lambda self, shape, indptr=None, indices=None, data=None: None,
    from_dense=lambda dense: None,
    to_dense=lambda self, dtype=None: None,
)
_READING = (
    *("argmax", "argmin", "argsort", "clip", "cumprod", "cumsum", "diagonal", "flatten", "item", "nonzero", "prod", "ravel", "repeat", "round", "squeeze", "std"),
    *("swapaxes", "take", "tobytes", "tolist", "trace", "var"),
)
_common = {
    **{name: _of_dense(name) for name in _READING},
    "copy": _copy,
    "__array__": _array,
    "__array_ufunc__": _array_ufunc,
    "__bool__": _bool,
    "__len__": _len,
    "size": property(_size, doc="Number of elements."),
    "ndim": property(lambda self: len(self.shape), doc="Number of axes."),
    "__contains__": _contains,
    "astype": _astype,
    "dot": _dot,
}
_spiking = {
    "dtype": property(lambda self: _BOOL, doc="bool"),
    "__repr__": _spikes_repr,
    "_repr_html_": _spikes_html,
    "sum": _sum,
    "mean": _mean,
    "max": _max,
    "min": _min,
    "any": _any,
    "all": _all,
}
_packed = {
    "T": property(_transpose, doc="Packed anew, axes in the reverse order."),
    "transpose": _transpose,
    "reshape": _reshape,
}
_extend(SpikeArray, **_common, **_spiking, **_packed, __getitem__=_spikes_item, __iter__=_iterate, __reduce__=_reduce_spikes)
_extend(EventArray, **_common, **_spiking, __getitem__=_events_item)
_folds = {name: getattr(_sparse_folds, name) for name in ("all", "any", "max", "mean", "min", "sum")}
_extend(SparseMatrix, **_common, **_folds, __getitem__=_sparse_item, __iter__=_iterate, __repr__=_sparse_repr, _repr_html_=_sparse_html, from_scipy=staticmethod(_from_scipy))
