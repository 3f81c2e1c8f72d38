# SPDX-License-Identifier: Apache-2.0
"""Functions that are one fold over an axis, `np.sum(batch, axis=1)` and the like: the engine's own loops run them, without the interpreter's lock."""

from __future__ import annotations

import types
import weakref
from time import perf_counter
from typing import Any, Callable

import numpy as np

from omega import _bytecode, _native
from omega.performance._device_functions import fold_in
from omega.performance._tasks import Call

#: What a function does that computes one thing from its argument and constants. Others, also those of later versions, leave a function as it is.
_STEPS = frozenset("PUSH_NULL LOAD_GLOBAL LOAD_ATTR LOAD_METHOD LOAD_FAST LOAD_CONST STORE_FAST CALL RETURN_VALUE".split())
_NAMES = frozenset({"sum", "mean", "max", "min", "amax", "amin"})
_KINDS = {"sum": _native.Fold.sum, "mean": _native.Fold.mean, "max": _native.Fold.highest, "min": _native.Fold.lowest}
_DTYPES = frozenset(map(np.dtype, (bool, np.int32, np.int64, np.float32, np.float64)))

Fold = tuple[Any, int]
_known: weakref.WeakKeyDictionary[types.FunctionType, tuple[types.CodeType, Fold | None]] = weakref.WeakKeyDictionary()


def _may_be_fold(function: types.FunctionType) -> bool:
    """Whether a function can do nothing but call NumPy's folds on its one argument: calling it with a stand-in has no effect."""
    code = function.__code__
    if code.co_argcount != 1 or code.co_kwonlyargcount or code.co_flags & 0x0C or code.co_freevars or code.co_cellvars or function.__defaults__:
        return False
    for step in _bytecode.read(code).steps:
        if step.name not in _STEPS:
            return False
        if step.name == "LOAD_GLOBAL" and function.__globals__.get(step.argument) is not np:
            return False
        if step.name in ("LOAD_ATTR", "LOAD_METHOD") and step.argument not in _NAMES:
            return False
    return True


def _globals_are_numpy(function: types.FunctionType) -> bool:
    return all(function.__globals__.get(name, np) is np for name in function.__code__.co_names if name not in _NAMES)


def _fold_of(function: Callable[..., Any], batch: Any) -> Fold | None:
    """Kind and axis when a function is one fold over an axis of such a batch and nothing else, and one that the engine's loops do."""
    if type(function) is not types.FunctionType:
        return None
    known = _known.get(function)
    if known is not None and known[0] is function.__code__:
        return known[1] if known[1] is not None and _takes(batch, known[1]) and _globals_are_numpy(function) else None
    fold: Fold | None = None
    if type(batch) is np.ndarray and _may_be_fold(function):
        try:
            found = fold_in(function, batch)
            if found is not None and found[0] in _KINDS:
                fold = _KINDS[found[0]], found[1]
        except Exception:  # what it raises it raises when it is called
            fold = None
    _known[function] = function.__code__, fold
    return fold if fold is not None and _takes(batch, fold) else None


def _takes(batch: Any, fold: Fold) -> bool:
    """Whether the engine folds such a batch to the very bits that NumPy has: not sums and means of floats, which NumPy adds in an order of its own."""
    if type(batch) is not np.ndarray:
        return False
    kind, axis = fold
    dtype, rank = batch.dtype, batch.ndim
    exact = dtype.kind != "f" or kind is _native.Fold.highest or kind is _native.Fold.lowest
    return exact and rank >= 2 and dtype in _DTYPES and -rank <= axis < rank and batch.shape[axis] > 0


def fold_all(call: Call) -> bool:
    """Runs the call when every task is one such fold; False, and nothing has run, where one is not."""
    if call.kwargs:
        return False
    folds = []
    for function, batch in zip(call.functions, call.arguments):
        fold = _fold_of(function, batch)
        if fold is None:
            return False
        folds.append(fold)
    for i, (kind, axis) in enumerate(folds):
        begin = perf_counter()
        call.results[i] = _native.fold(kind, call.arguments[i], (axis,))
        call.seconds[i], call.worker_of[i], call.finished[i] = perf_counter() - begin, 0, True
    return True
