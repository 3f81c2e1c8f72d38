# SPDX-License-Identifier: Apache-2.0
"""ParallelProcessor: the public face."""

from __future__ import annotations

import logging
import math
import os
import resource
import weakref
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter, process_time
from types import TracebackType
from typing import Any, overload

import numpy as np

from omega import _native
from omega._arguments import flag, function, real, several, whole
from omega.arrays import SparseMatrix
from omega.arrays._conversion import in_type, sparse_or_given
from omega.performance._array_folds import fold_all
from omega.performance._benchmark import benchmark
from omega.performance._config import ParallelConfig
from omega.performance._devices import run_on_devices
from omega.performance._hybrid import HybridChoice
from omega.performance._memory import MemoryUse
from omega.performance._prepared import Activation, PreparedReservoir, name_and_leak, real_array
from omega.performance._processes import ProcessPool
from omega.performance._report import NO_BAR, ProgressBar, explanation
from omega.performance._spike_values import put_values
from omega.performance._tasks import Call, Ran, TaskHandout, bytes_of, function_key, sizes_of
from omega.performance._threads import ThreadPool

logger = logging.getLogger("omega.performance")

#: Work that is expected to take less [s] stays on the calling thread: waking another one, and taking turns with it at the interpreter's lock, costs more.
SMALL = 200e-6
_CORES = _native.cpu_count()
#: Longest time [s] that calls of the system wait: 2^31 ms.
_LONGEST = 2.0e6
#: Tasks that are handed to a thread at once should take as long [s].
CHUNK = 50e-6
#: And those to a process: an answer takes as long again to arrive.
PROCESS_CHUNK = 2e-3


class ParallelProcessor:
    """Runs lists of batches, reservoirs and reasoning cores on all cores.

    Parameters
    ----------
    config : ParallelConfig or mapping of its keys, optional
    timeout : float, optional
        Seconds that a call may take. Then it is a TimeoutError that names the tasks which still run; those are given up (a thread runs on unseen, a
        process is killed). Can be set between calls.
    max_errors : int
        Tasks of a call that may fail; their results are None and their exceptions in `errors`. One more and the call raises the exception
        of the first in the list. Can be set between calls.
    progress : bool
        Shows a bar per call where tqdm is installed.

    Notes
    -----
    Results are in the order of the inputs. A function is called exactly once per batch. Any thread may call, also from inside a task. A processor
    closes at the end of its `with` block or when it is forgotten.
    """

    def __init__(
        self,
        config: ParallelConfig | Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
        max_errors: int = 0,
        progress: bool = False,
    ) -> None:
        if config is None:
            config = ParallelConfig()
        elif isinstance(config, Mapping):
            config = ParallelConfig(**config)
        elif not isinstance(config, ParallelConfig):
            raise TypeError(f"config: {type(config).__name__}; it must be a ParallelConfig, a mapping of its keys, or None")
        self.config = config
        self.timeout = timeout
        self.max_errors = max_errors
        self.progress = flag(progress, "progress")
        self._workers = config.num_threads or _native.cpu_count()
        self._balancer = _native.LoadBalancer()
        self._hybrid = HybridChoice() if config.strategy == "hybrid" else None
        self._memory = MemoryUse(config.max_memory_per_worker, self._workers)
        self._device_pool: _native.DevicePool | None = None
        self._pool = ThreadPool(self._workers, config.thread_affinity)
        draws_seeds = config.strategy == "process"  # hybrid is here or there by the time that things take
        self._processes = ProcessPool(self._workers, config.thread_affinity, config.max_memory_per_worker, not config.use_openmp, draws_seeds)
        self._start()
        self._closed = False
        self._errors: list[tuple[int, BaseException]] = []
        self._explanation: Callable[[], str] = lambda: "nothing has run yet"
        if config.verbose and not logger.hasHandlers():
            handler = logging.StreamHandler()
            handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
            logger.addHandler(handler)
        if config.verbose:
            logger.setLevel(min(logger.level or logging.INFO, logging.INFO))
        self._finalizer = weakref.finalize(self, _end, self._pool, self._processes)
        _processors.add(self)

    def _start(self) -> None:
        self._engine = _native.Engine(self._workers, self.config.thread_affinity)

    def _renew(self) -> None:
        """In a forked process, where the threads of the engine are not: another engine. The old one cannot end either."""
        _left_behind.append(self._engine)
        self._start()

    @property
    def timeout(self) -> float | None:
        """Seconds that a call may take; None: as long as it takes, which more than the system counts means as well."""
        return self._timeout

    @timeout.setter
    def timeout(self, seconds: float | None) -> None:
        wanted = None if seconds is None else real(seconds, "timeout", 0)
        self._timeout = None if wanted is None or wanted > _LONGEST else wanted

    @property
    def max_errors(self) -> int:
        """Tasks of a call that may fail."""
        return self._max_errors

    @max_errors.setter
    def max_errors(self, count: int) -> None:
        self._max_errors = whole(count, "max_errors", 0)

    # What runs.

    def parallel_spike_processing(self, spike_batches: Sequence[Any], processing_func: Callable[..., Any], **kwargs: Any) -> list[Any]:
        """Calls `processing_func(batch, **kwargs)` for each batch.

        Parameters
        ----------
        spike_batches : list of arrays, any shapes; `(time, …)` or `(batch, time, neurons)` as the function has it
        processing_func : callable
        **kwargs
            Handed to every call.

        Returns
        -------
        list
            What the calls returned, in the order of the batches.

        Raises
        ------
        TimeoutError
            Not done within `timeout`.
        MemoryError
            A batch needs more than `max_memory_per_worker`.
        Exception
            What the function raised, with the traceback of the failing call and a note that names the batch.
        """
        batches = several(spike_batches, "spike_batches", "batches")
        functions = [function(processing_func, "processing_func")] * len(batches)
        return self._execute("parallel_spike_processing", "batch", functions, batches, kwargs, self.config.enable_load_balancing)

    def parallel_multi_modal_reasoning(self, reasoning_cores: Sequence[Callable[..., Any]], input_data_list: Sequence[Any], load_balance: bool = True) -> list[Any]:
        """Calls each core with its data.

        Parameters
        ----------
        reasoning_cores : list of callables
        input_data_list : list of arrays, one for each core
        load_balance : bool
            Heaviest first by expected time; also needs `enable_load_balancing`. The results are the same either way.

        Returns
        -------
        list
            What the cores returned, in the order of the cores.

        Raises
        ------
        ValueError
            The lists differ in length.
        TimeoutError, MemoryError, Exception
            As `parallel_spike_processing`.
        """
        cores = several(reasoning_cores, "reasoning_cores", "functions")
        data = several(input_data_list, "input_data_list", "arrays")
        if len(cores) != len(data):
            raise ValueError(f"input_data_list: {len(data)} entries for {len(cores)} reasoning_cores; they go in pairs")
        cores = [function(core, f"reasoning_cores[{i}]") for i, core in enumerate(cores)]
        return self._execute("parallel_multi_modal_reasoning", "core", cores, data, {}, flag(load_balance, "load_balance") and self.config.enable_load_balancing)

    @overload
    def parallel_reservoir_computation(
        self,
        reservoir_states: Sequence[Any],
        input_weights: Any,
        reservoir_weights: Any,
        input_spikes_list: Sequence[Any],
        *,
        activation: Activation = None,
    ) -> list[np.ndarray[Any, Any]]: ...

    @overload
    def parallel_reservoir_computation(
        self,
        reservoir_states: Sequence[Any],
        input_weights: PreparedReservoir,
        *,
        input_spikes_list: Sequence[Any],
        activation: Activation = None,
    ) -> list[np.ndarray[Any, Any]]: ...

    def parallel_reservoir_computation(
        self,
        reservoir_states: Sequence[Any],
        input_weights: Any,
        reservoir_weights: Any = None,
        input_spikes_list: Sequence[Any] | None = None,
        *,
        activation: Activation = None,
    ) -> list[np.ndarray[Any, Any]]:
        """The currents of reservoirs: `spikes @ input_weights + state @ reservoir_weights.T` for each state.

        Parameters
        ----------
        reservoir_states : list of arrays `(neurons,)`, or `(batch, neurons)`
        input_weights : array or sparse matrix (SparseMatrix, SciPy's) `(inputs, neurons)`, or a PreparedReservoir
            The latter has the reservoir's weights too, which are left out then: `(states, reservoir, input_spikes_list=spikes)`.
        reservoir_weights : array or sparse matrix `(neurons, neurons)`
            Row i holds what goes into neuron i.
        input_spikes_list : list of arrays `(inputs,)`, or `(batch, inputs)`
        activation : None, "tanh" or ("leaky_tanh", leak)
            Applied in the same pass: `tanh(current)`, `state + leak * (tanh(current) - state)`.

        Returns
        -------
        list of arrays
            In the order of the states, each of its state's shape, of the dtype that NumPy gives the formula; of the PreparedReservoir's, where there is one.

        Raises
        ------
        ValueError
            A shape does not fit; names the argument, its index, its shape and the one that would.
        TimeoutError
            Not done within `timeout`.
        """
        self._check_open()
        name, leak = name_and_leak(activation)
        states = several(reservoir_states, "reservoir_states", "arrays")
        spikes = several(input_spikes_list, "input_spikes_list", "arrays")
        prepared = isinstance(input_weights, PreparedReservoir)
        if prepared and reservoir_weights is not None:
            raise TypeError("reservoir_weights: a PreparedReservoir has them; leave them out and name input_spikes_list")
        if not prepared and reservoir_weights is None:
            raise TypeError("reservoir_weights: None; they may be left out only where input_weights is a PreparedReservoir")
        config = self.config
        if config.max_memory_per_worker is not None:
            self._memory.check("parallel_reservoir_computation", "state", [2 * bytes_of(state) + bytes_of(each) for state, each in zip(states, spikes)])
        begin = perf_counter()
        results: list[np.ndarray[Any, Any]] | None
        input_weights, reservoir_weights = sparse_or_given(input_weights), sparse_or_given(reservoir_weights)
        if isinstance(input_weights, SparseMatrix) or isinstance(reservoir_weights, SparseMatrix):
            input_weights, reservoir_weights = self._sparse_weights(input_weights, reservoir_weights, [*states, *spikes])
            prepared = isinstance(input_weights, PreparedReservoir)
        if prepared:
            if config.strategy == "device":
                raise ValueError(
                    f"parallel_strategy = {config.parallel_strategy!r}: a PreparedReservoir is in the layouts of the engine's loops; give the weights themselves"
                )
            try:
                results = input_weights._native.currents(self._engine, states, spikes, name, leak, self.timeout)
            except TypeError:  # element types that the loops do not know
                results = None
            if results is None:
                states = [real_array(each, f"reservoir_states[{i}]") for i, each in enumerate(states)]
                spikes = [real_array(each, f"input_spikes_list[{i}]") for i, each in enumerate(spikes)]
                results = input_weights._native.currents(self._engine, states, spikes, name, leak, self.timeout)
            where = f"in the engine's loops on {self._workers} threads, with prepared weights"
        elif config.strategy == "device":
            results = self._devices().currents(states, input_weights, reservoir_weights, spikes, name, leak, self.timeout)
            where = f"on OpenCL devices {', '.join(self._devices().names)}"
        else:
            try:
                results = _native.reservoir_currents(self._engine, states, input_weights, reservoir_weights, spikes, name, leak, self.timeout)
            except TypeError:  # element types that the loops do not know
                results = None
            where = f"in the engine's loops on {self._workers} threads"
        if results is None:
            return self._reservoirs_in_numpy(states, np.asarray(input_weights), np.asarray(reservoir_weights), spikes, name, leak)
        self._note_reservoirs(len(states), where, perf_counter() - begin)
        return results

    def _sparse_weights(self, inputs: Any, recurrent: Any, others: list[Any]) -> tuple[Any, Any]:
        """Prepared, in the type that the formula has; dense where devices or NumPy compute it."""
        inputs, recurrent = (each if isinstance(each, SparseMatrix) else np.asarray(each) for each in (inputs, recurrent))
        dtype = np.result_type(inputs.dtype, recurrent.dtype, *(each.dtype if hasattr(each, "dtype") else np.asarray(each).dtype for each in others))
        if self.config.strategy == "device" or dtype not in (np.float32, np.float64):
            return np.asarray(inputs), np.asarray(recurrent)
        return PreparedReservoir(in_type(inputs, dtype), in_type(recurrent, dtype)), None

    def _reservoirs_in_numpy(self, states: list[Any], inputs: np.ndarray[Any, Any], recurrent: np.ndarray[Any, Any], spikes: list[Any], name: str, leak: float) -> list[np.ndarray[Any, Any]]:
        """The formula as it stands, for element types that the engine's loops do not have: integers alone, float16, complex."""
        named = [("input_weights", inputs), ("reservoir_weights", recurrent)]
        named += [(f"{name}[{i}]", np.asarray(each)) for name, each_list in (("reservoir_states", states), ("input_spikes_list", spikes)) for i, each in enumerate(each_list)]
        for argument, array in named:
            if array.dtype.kind not in "biufc":
                raise TypeError(f"{argument}: elements of dtype {array.dtype}; they must be numbers")
        if len(states) != len(spikes):
            raise ValueError(f"input_spikes_list: {len(spikes)} entries for {len(states)} reservoir_states; they go in pairs")

        def currents(pair: tuple[Any, Any]) -> np.ndarray[Any, Any]:
            state, spike = np.asarray(pair[0]), np.asarray(pair[1])
            current = spike @ inputs + state @ recurrent.T
            if name == "none":
                return np.asarray(current)
            return np.asarray(np.tanh(current) if name == "tanh" else state + leak * (np.tanh(current) - state))

        pairs = list(zip(states, spikes))
        return self._execute("parallel_reservoir_computation", "state", [currents] * len(pairs), pairs, {}, self.config.enable_load_balancing)

    # How it runs.

    def _execute(
        self, title: str, noun: str, functions: list[Callable[..., Any]], arguments: list[Any], kwargs: dict[str, Any], balanced: bool
    ) -> list[Any]:
        self._check_open()
        call = Call(title, noun, functions, arguments, kwargs, self.max_errors)
        self._errors = call.errors
        if not arguments:
            return []
        begin, cpu = perf_counter(), process_time() if self._hybrid else 0.0
        keys = _keys(functions)
        elements = sizes_of(arguments)
        self._memory.check(title, noun, self._memory.needed(keys, arguments))
        expected = self._balancer.expected_seconds(keys, elements)
        known = None if None in expected else math.fsum(expected)  # type: ignore[arg-type]
        small = known is not None and known < SMALL
        strategy, why = self._hybrid.choose(keys, elements, min(self._workers, call.count)) if self._hybrid else (self.config.strategy, "")
        if strategy == "device":
            ran = run_on_devices(self._devices(), call)
        elif strategy == "process":
            ran = self._run_in_processes(call, keys, elements, known, balanced)
        elif self._run_in_loops(call):
            ran = Ran("the engine's loops")
        elif self.timeout is None and (self._workers == 1 or call.count == 1 or small):
            ran = self._run_here(call)
        else:
            ran = self._run_on_threads(call, keys, elements, known, balanced)
        seconds = perf_counter() - begin
        if self._hybrid:
            self._hybrid.learn(strategy, call, keys, elements, ran.lanes, seconds, process_time() - cpu)
        self._note(call, keys, elements, expected, ran, balanced, seconds, why)
        return call.finish()

    def _run_here(self, call: Call) -> Ran:
        """On the calling thread, in order."""
        guard = None if self.config.use_openmp else _native.OneLibraryThread()
        with self._bar(call) as on_task:
            for i in range(call.count):
                if not call.wanted(i):
                    break
                begin = perf_counter()
                try:
                    call.results[i] = call.functions[i](call.arguments[i], **call.kwargs)
                except Exception as error:
                    call.fail(i, error)
                    continue
                call.seconds[i], call.worker_of[i], call.finished[i] = perf_counter() - begin, 0, True
                if on_task is not None:
                    on_task()
        del guard
        return Ran("the calling thread")

    def _run_in_loops(self, call: Call) -> bool:
        """Runs the call when the engine's own loops do what its functions do, on all cores; so not for fewer workers than those."""
        if self._workers < _CORES or self.timeout is not None or self.progress:
            return False
        return fold_all(call) or put_values(call)

    def _run_on_threads(self, call: Call, keys: list[str], elements: list[int], known: float | None, balanced: bool) -> Ran:
        lanes = min(self._workers, call.count)
        handout = self._handout(lanes, call, keys, elements, known is not None, balanced, CHUNK, 4)
        with self._bar(call) as on_task:
            self._pool.run(call, handout, lanes, self.timeout, not self.config.use_openmp, on_task)
        return Ran(f"{lanes} threads", handout.moves, lanes)

    def _run_in_processes(self, call: Call, keys: list[str], elements: list[int], known: float | None, balanced: bool) -> Ran:
        def handout_for(lanes: int) -> Any:
            return self._handout(lanes, call, keys, elements, known is not None, balanced, PROCESS_CHUNK, 1)

        with self._bar(call) as on_task:
            return self._processes.run(call, handout_for, min(self._workers, call.count), known, self.timeout, on_task)

    def _devices(self) -> _native.DevicePool:
        if self._device_pool is None:
            self._device_pool = _native.DevicePool(self.config.num_threads)
        return self._device_pool

    def _handout(
        self, lanes: int, call: Call, keys: list[str], elements: list[int], known: bool, balanced: bool, chunk_seconds: float, least_chunks: int
    ) -> TaskHandout:
        """Who of so many workers begins with which tasks; as many at once as take `chunk_seconds`, so that each worker gets `least_chunks`. `known`: all of
        these functions have run before."""
        config = self.config
        loads = self._balancer.estimate_loads(keys, elements)
        most = config.chunk_size or call.count // (least_chunks * lanes)
        seconds = None if config.chunk_size else chunk_seconds
        threshold = config.load_balance_threshold if balanced else None
        lists = _native.assign_heaviest_first(loads, lanes) if balanced else _native.assign_in_order(call.count, lanes, config.chunk_size or 0)
        return TaskHandout(lists, loads, threshold, most, seconds, 1.0 if known else 0.0)

    def _bar(self, call: Call) -> ProgressBar:
        return ProgressBar(call) if self.progress else NO_BAR

    # What is known afterwards.

    def _note(
        self, call: Call, keys: list[str], elements: list[int], expected: list[float | None], ran: Ran, balanced: bool, seconds: float, why: str
    ) -> None:
        config = self.config
        self._balancer.record(keys, elements, expected, call.seconds, call.worker_of, call.finished)
        if config.enable_memory_monitoring or config.max_memory_per_worker is not None:
            self._memory.note(call, keys)
        title, worker_of, took = call.title, call.worker_of, call.seconds  # not the call: it holds the arrays
        self._explanation = lambda: explanation(title, worker_of, took, expected, ran, balanced, seconds) + why
        if config.verbose:
            logger.info("%s", self._explanation().replace("\n", "; "))

    def _note_reservoirs(self, states: int, where: str, seconds: float) -> None:
        self._explanation = lambda: f"parallel_reservoir_computation: {states} states in {seconds * 1e3:.3g} ms {where}"
        if self.config.verbose:
            logger.info("%s", self._explanation())

    @property
    def history(self) -> list[Any]:
        """The last 4,096 tasks that ran, oldest first: `function`, `elements`, `estimate` [s], `seconds`, `worker`."""
        return self._balancer.history()

    @property
    def errors(self) -> list[tuple[int, BaseException]]:
        """Positions and exceptions of the tasks that failed in the last call."""
        return list(self._errors)

    def explain(self) -> str:
        """Where the last call's tasks ran, and why there."""
        return self._explanation()

    def get_parallel_info(self) -> dict[str, Any]:
        """What the processor works with.

        Returns
        -------
        dict
            `num_threads`, `cpu_count`, `parallel_strategy` (as configured) and `strategy` (its own name), `openmp_available`, `thread_affinity`,
            `load_balancing`, `load_balance_threshold`, `chunk_size`, `use_openmp`, `max_memory_per_worker`; with `enable_memory_monitoring` also
            `memory`: `peak_bytes_per_worker` (of inputs and results of one task) and `process_peak_bytes`.
        """
        config = self.config
        info: dict[str, Any] = {
            "num_threads": self._workers,
            "cpu_count": os.cpu_count() or 1,
            "parallel_strategy": config.parallel_strategy,
            "strategy": config.strategy,
            "openmp_available": self.is_openmp_available(),
            "use_openmp": config.use_openmp,
            "thread_affinity": config.thread_affinity,
            "load_balancing": config.enable_load_balancing,
            "load_balance_threshold": config.load_balance_threshold,
            "chunk_size": config.chunk_size,
            "max_memory_per_worker": config.max_memory_per_worker,
        }
        if config.enable_memory_monitoring:
            info["memory"] = {
                "peak_bytes_per_worker": list(self._memory.peak_bytes),
                "process_peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            }
        return info

    def is_openmp_available(self) -> bool:
        """Whether an OpenMP library (GNU's, LLVM's, Intel's) is loaded or can be, for the libraries that callbacks use. The engine needs none."""
        return bool(_native.openmp_available())

    def benchmark_parallel_performance(self, test_sizes: Sequence[int] = (100, 500, 1000), num_iterations: int = 5) -> dict[str, Any]:
        """Times each kind of work in sequence and in parallel: the same work, warmed up, medians of `num_iterations` [s].

        Parameters
        ----------
        test_sizes : list of int
            Neurons.
        num_iterations : int

        Returns
        -------
        dict
            `results["spike_processing" | "reservoir_computation" | "multi_modal_reasoning"][size]` with `sequential_time` [s] (a plain loop over NumPy's
            functions), `parallel_time` [s] and `speedup`.
        """
        return benchmark(self, test_sizes, num_iterations)

    # Its life.

    @property
    def closed(self) -> bool:
        return self._closed

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError("the ParallelProcessor is closed; make another one")

    def close(self) -> None:
        """Ends its threads and processes. Twice does nothing."""
        self._closed = True
        self._finalizer()

    def __enter__(self) -> ParallelProcessor:
        self._check_open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "closed" if self._closed else f"{self._workers} workers, strategy {self.config.parallel_strategy!r}"
        return f"ParallelProcessor({state})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _remake, (self.config, self.timeout, self.max_errors, self.progress)


def _remake(config: ParallelConfig, timeout: float | None, max_errors: int, progress: bool) -> ParallelProcessor:
    return ParallelProcessor(config, timeout=timeout, max_errors=max_errors, progress=progress)


def _end(pool: ThreadPool, processes: ProcessPool) -> None:
    pool.close()
    processes.close()


def _keys(functions: list[Callable[..., Any]]) -> list[str]:
    keys = []
    last, key = None, ""
    for function in functions:
        if function is not last:
            last, key = function, function_key(function)
        keys.append(key)
    return keys


_processors: weakref.WeakSet[ParallelProcessor] = weakref.WeakSet()


_left_behind: list[Any] = []


def _renew_engines() -> None:
    for processor in list(_processors):
        processor._renew()


os.register_at_fork(after_in_child=_renew_engines)
