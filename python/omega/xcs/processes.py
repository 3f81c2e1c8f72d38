# SPDX-License-Identifier: Apache-2.0
"""Worker processes for calls that compute in Python."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

_lock = threading.Lock()
_pool: ProcessPoolExecutor | None = None
_max_processes: int | None = None


def set_max_processes(count: int) -> None:
    """How many workers the pool has when it is made; later calls change nothing while it lives."""
    global _max_processes
    with _lock:
        if _pool is None:
            _max_processes = count


def _workers() -> ProcessPoolExecutor:
    global _pool
    with _lock:
        if _pool is None:
            # Forked workers know what was defined interactively; they run one thread of Python's, and traced functions as they were written.
            context = multiprocessing.get_context("fork")
            _pool = ProcessPoolExecutor(_max_processes or len(os.sched_getaffinity(0)), mp_context=context)
        return _pool


def _run(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return function(*args, **kwargs)


def call_in_process(function: Any, /, *args: Any, **kwargs: Any) -> Any:
    """Calls a function in a worker process and waits for its result, which its exception is where it raises one.

    Raises TypeError when the function or an argument cannot be sent there, RuntimeError when the worker died.
    """
    global _pool
    target = getattr(function, "function", function)
    try:
        pickle.dumps((target, args, kwargs), protocol=5)
    except Exception as error:
        raise TypeError(f"{target!r} or its arguments cannot be sent to a worker process: {error}; define it at the top level of a module") from error
    pool = _workers()
    try:
        return pool.submit(_run, target, args, kwargs).result()
    except BrokenProcessPool as error:
        with _lock:
            if _pool is pool:
                _pool = None
        raise RuntimeError(f"the worker process that ran {target!r} died; the next call gets new ones") from error


def _forget() -> None:
    global _pool, _lock
    _pool = None
    _lock = threading.Lock()


@atexit.register
def _close() -> None:
    if _pool is not None:
        _pool.shutdown(wait=False, cancel_futures=True)


os.register_at_fork(after_in_child=_forget)
