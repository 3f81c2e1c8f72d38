# SPDX-License-Identifier: Apache-2.0
"""Functions that make something of each spike alone, `(batch > threshold) * decay` and the like.

An element of a batch of spikes is False or True, so such a function has two values. NumPy says which, once for a shape; the engine then puts them in their
places in one pass, without the interpreter's lock.
"""

from __future__ import annotations

import types
import weakref
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

import numpy as np

from omega import _native
from omega._workers.reading import Reading, reading_of
from omega.performance._device_functions import is_elementwise
from omega.performance._tasks import Call
from omega.xcs.effects import Effect, effect_of
from omega.xcs.traceability import untraceable_reason

Values = np.ndarray[Any, Any]  #: of False and of True

_MOST = 64  #: values that are kept of a function: shapes times keyword arguments
_KEYWORDS = (bool, int, float, str, type(None))
_DTYPES = frozenset(map(np.dtype, (bool, np.int32, np.int64, np.float32, np.float64)))

_known: weakref.WeakKeyDictionary[types.FunctionType, tuple[Reading, dict[tuple[Any, ...], Values | None]]] = weakref.WeakKeyDictionary()


def put_values(call: Call) -> bool:
    """Runs the call when that is what its function does; False, and nothing has run, where it is not."""
    function = call.functions[0]
    if not _is_batch(call.arguments[0]) or any(each is not function for each in call.functions):
        return False
    values = _values_of(function, call.arguments, call.kwargs)
    if values is None:
        return False
    begin = perf_counter()
    call.results[:] = _native.put_values(list(call.arguments), values)
    took = (perf_counter() - begin) / call.count
    for i in range(call.count):
        call.seconds[i], call.worker_of[i], call.finished[i] = took, 0, True
    return True


def _values_of(function: Callable[..., Any], batches: Sequence[Any], kwargs: dict[str, Any]) -> Values | None:
    """What `function(batch, **kwargs)` makes of False and of True in all of these batches; None where it does something else."""
    if type(function) is not types.FunctionType or not all(_is_batch(batch) for batch in batches):
        return None
    if not all(type(value) in _KEYWORDS for value in kwargs.values()):
        return None
    known = _known.get(function)
    if known is None or not known[0].holds(function):
        reading = reading_of(function)
        if reading is None:
            return None
        known = reading, {}
        _known[function] = known
    keywords = tuple((name, type(value), repr(value)) for name, value in kwargs.items())
    found: Values | None = None
    for batch in batches:
        key = batch.shape, keywords
        if key not in known[1]:
            if len(known[1]) >= _MOST:
                known[1].clear()
            known[1][key] = _values(function, batch, kwargs)
        values = known[1][key]
        if values is None or (found is not None and (values.dtype != found.dtype or values.tobytes() != found.tobytes())):
            return None
        found = values
    return found


def _is_batch(batch: Any) -> bool:
    return type(batch) is np.ndarray and batch.dtype == bool and batch.size > 1 and batch.flags.c_contiguous


def _values(function: types.FunctionType, batch: np.ndarray[Any, Any], kwargs: dict[str, Any]) -> Values | None:
    try:
        if untraceable_reason(function) is not None or effect_of(function).effect != Effect.NONE or not is_elementwise(function, batch, kwargs):
            return None
        both = np.zeros(batch.shape, bool)
        both.flat[-1] = True
        with np.errstate(divide="raise", over="raise", invalid="raise"):  # what NumPy warns of it is to warn of in every call
            result = function(both, **kwargs)
    except Exception:  # what it raises it raises when it is called
        return None
    if type(result) is not np.ndarray or result.dtype not in _DTYPES or result.shape != batch.shape or np.shares_memory(result, both):
        return None
    return np.array([result.flat[0], result.flat[-1]], result.dtype)
