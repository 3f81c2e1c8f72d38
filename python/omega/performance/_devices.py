# SPDX-License-Identifier: Apache-2.0
"""The strategy `device`: a call's functions as kernels that run on all OpenCL devices at once."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np

from omega import _native
from omega.arrays import EventArray, SparseMatrix, SpikeArray
from omega.performance._device_functions import NotOnDevice, kernel_of
from omega.performance._tasks import Call, Ran


def _batch_of(argument: Any) -> np.ndarray[Any, Any]:
    """The array that functions of a batch mean. What computes by rules of its own (masked arrays, matrices, tables) gives other results than its array would."""
    if isinstance(argument, np.ndarray):
        is_plain = type(argument) is np.ndarray or type(argument) is np.memmap
    elif isinstance(argument, (np.generic, SpikeArray, EventArray, SparseMatrix)):
        is_plain = True
    else:
        is_plain = hasattr(argument, "__dlpack__") or not (hasattr(argument, "__array__") or hasattr(argument, "toarray"))
    if not is_plain:
        raise NotOnDevice(f"a {type(argument).__name__} computes by rules of its own; give an array of NumPy's, numpy.asarray(batch)")
    array = _native.as_array(argument, "batch")
    return np.ascontiguousarray(array, array.dtype.newbyteorder("=")).reshape(array.shape)


def run_on_devices(pool: _native.DevicePool, call: Call) -> Ran:
    """Calls each function once per batch, with a stand-in that writes its operations down, and runs what it wrote."""
    kernels: dict[str, list[int]] = {}
    tasks: list[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], list[int]] | None] = [None] * call.count
    for i, argument in enumerate(call.arguments):
        if not call.wanted(i):
            continue
        try:
            batch = _batch_of(argument)
            source, output, numbers = kernel_of(call.functions[i], batch, call.kwargs)
        except NotOnDevice as error:
            raise TypeError(f"{call.name(i)} cannot run on a device: {error}; use parallel_strategy 'thread', 'process' or 'hybrid'") from None
        except Exception as error:
            call.fail(i, error)
            continue
        kernels.setdefault(source, []).append(i)
        tasks[i] = (batch, output, numbers)
    for source, indices in kernels.items():
        chosen = [task for task in (tasks[i] for i in indices) if task is not None]
        begin = perf_counter()
        # NumPy's sums of unsigned numbers are of uint64, which the C++ side does not know; the memory is the same.
        views = [(batch, output.view(np.int64) if output.dtype == np.uint64 else output, numbers) for batch, output, numbers in chosen]
        devices = pool.run(source, "run", views)
        took = (perf_counter() - begin) / len(chosen)
        for i, device, task in zip(indices, devices, chosen):
            call.results[i], call.worker_of[i], call.seconds[i], call.finished[i] = task[1] if task[1].ndim else task[1][()], device, took, True
    return Ran("OpenCL devices " + ", ".join(pool.names), lanes=pool.count)
