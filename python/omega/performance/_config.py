# SPDX-License-Identifier: Apache-2.0
"""ParallelConfig: every key, checked."""

from __future__ import annotations

import difflib
import numbers
from dataclasses import dataclass, fields
from typing import Any, Iterable

STRATEGIES = ("thread", "process", "device", "jax_pmap", "hybrid")
MAX_THREADS = 4096
MAX_CHUNK = 2**31 - 1
#: More than any address space has.
MAX_MEMORY = 2**62


def _nearest(name: str, choices: Iterable[str]) -> str:
    found = difflib.get_close_matches(name, list(choices), 1, 0.5)
    return f"; did you mean {found[0]!r}?" if found else ""


def _refuse(key: str, value: Any, choices: str, hint: str = "") -> None:
    raise ValueError(f"{key} = {value!r}: it must be {choices}{hint}")


def _check_integer(key: str, value: Any, low: int, high: int, otherwise: str) -> None:
    bounds = f"{low} to {high}"
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{key} = {value!r}: it must be an int, {bounds}, or None for {otherwise}")
    if not low <= int(value) <= high:
        _refuse(key, value, f"{bounds}, or None for {otherwise}")


@dataclass(frozen=True, init=False)
class ParallelConfig:
    """How a `ParallelProcessor` works. A value: compare, pickle and `dataclasses.replace` it.

    Parameters
    ----------
    num_threads : int, optional
        Workers, or devices. None: one for each processor this process may run on.
    thread_affinity : bool
        Binds worker i to the i-th of those processors.
    use_openmp : bool
        Lets libraries that use OpenMP, OpenBLAS or MKL inside callbacks have their threads. False: one thread each while a call runs.
    parallel_strategy : str
        "thread", "process", "device" ("jax_pmap" means the same) or "hybrid".
    chunk_size : int, optional
        Batches handed to a worker at once. None: chosen by measured cost.
    enable_load_balancing : bool
        Heaviest first by estimated load, rebalanced while running. False: equal runs of the list.
    load_balance_threshold : float
        0 to 1. A worker whose remaining load is less than `(1 - threshold)` of the most that another has takes work from it: 0.6 rebalances
        earlier than 0.8, and 1.0 never does.
    max_memory_per_worker : int, optional
        Bytes of input and result that a worker may hold at once. A task that needs more is a MemoryError.
    enable_memory_monitoring : bool
        Peak bytes per worker in `get_parallel_info()["memory"]`.
    verbose : bool
        Logs what ran where to the logger "omega.performance".

    Raises
    ------
    TypeError, ValueError
        Naming the key, the value and the choices.
    """

    num_threads: int | None
    thread_affinity: bool
    use_openmp: bool
    parallel_strategy: str
    chunk_size: int | None
    enable_load_balancing: bool
    load_balance_threshold: float
    max_memory_per_worker: int | None
    enable_memory_monitoring: bool
    verbose: bool

    def __init__(
        self,
        num_threads: int | None = None,
        thread_affinity: bool = False,
        use_openmp: bool = True,
        parallel_strategy: str = "thread",
        chunk_size: int | None = None,
        enable_load_balancing: bool = True,
        load_balance_threshold: float = 0.8,
        max_memory_per_worker: int | None = None,
        enable_memory_monitoring: bool = False,
        verbose: bool = False,
        **unknown: Any,
    ) -> None:
        keys = [field.name for field in fields(self)]
        for name in unknown:
            raise TypeError(f"ParallelConfig has no key {name!r}{_nearest(name, keys)} (keys: {', '.join(keys)})")
        given = locals()
        for name in keys:
            object.__setattr__(self, name, given[name])
        self._validate()

    def _validate(self) -> None:
        if self.num_threads is not None:
            _check_integer("num_threads", self.num_threads, 1, MAX_THREADS, "one per processor")
        if self.chunk_size is not None:
            _check_integer("chunk_size", self.chunk_size, 1, MAX_CHUNK, "a size chosen by measured cost")
        if self.max_memory_per_worker is not None:
            _check_integer("max_memory_per_worker", self.max_memory_per_worker, 1, MAX_MEMORY, "no limit; bytes")
        for key in ("thread_affinity", "use_openmp", "enable_load_balancing", "enable_memory_monitoring", "verbose"):
            if not isinstance(getattr(self, key), bool):
                raise TypeError(f"{key} = {getattr(self, key)!r}: it must be True or False")
        if not isinstance(self.parallel_strategy, str):
            raise TypeError(f"parallel_strategy = {self.parallel_strategy!r}: it must be a str, one of {', '.join(map(repr, STRATEGIES))}")
        if self.parallel_strategy not in STRATEGIES:
            _refuse("parallel_strategy", self.parallel_strategy, f"one of {', '.join(map(repr, STRATEGIES))}", _nearest(self.parallel_strategy, STRATEGIES))
        threshold = self.load_balance_threshold
        if isinstance(threshold, bool) or not isinstance(threshold, numbers.Real):
            raise TypeError(f"load_balance_threshold = {threshold!r}: it must be a float from 0.0 to 1.0")
        if not 0.0 <= float(threshold) <= 1.0:
            _refuse("load_balance_threshold", threshold, "from 0.0 (always even out) to 1.0 (never)")

    @property
    def strategy(self) -> str:
        """`parallel_strategy` by its own name: "device" for "jax_pmap"."""
        return "device" if self.parallel_strategy == "jax_pmap" else self.parallel_strategy
