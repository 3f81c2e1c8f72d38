# SPDX-License-Identifier: Apache-2.0
"""benchmark_parallel_performance: the same work in sequence and in parallel."""

from __future__ import annotations

import statistics
from time import perf_counter
from typing import TYPE_CHECKING, Any, Callable, Sequence

import numpy as np

from omega._arguments import several, whole

if TYPE_CHECKING:
    from omega.performance._processor import ParallelProcessor

#: Batches in a list.
BATCHES = 8


def sum_spikes(batch: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Spikes `(batch, time, neurons)` summed over time."""
    total: np.ndarray[Any, Any] = np.sum(batch, axis=1)
    return total


def visual_core(data: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(np.tanh(data).sum(axis=-1))


def audio_core(data: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(np.sqrt(np.abs(data)).mean(axis=-1))


def text_core(data: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(np.exp(-np.abs(data)).max(axis=-1))


def _median_seconds(run: Callable[[], Any], iterations: int) -> float:
    run()
    seconds = []
    for _ in range(iterations):
        begin = perf_counter()
        run()
        seconds.append(perf_counter() - begin)
    return statistics.median(seconds)


def _compare(sequential: Callable[[], Any], parallel: Callable[[], Any], iterations: int) -> dict[str, float]:
    sequential_time = _median_seconds(sequential, iterations)
    parallel_time = _median_seconds(parallel, iterations)
    return {"sequential_time": sequential_time, "parallel_time": parallel_time, "speedup": sequential_time / parallel_time}


def _spikes(processor: ParallelProcessor, size: int, random: np.random.Generator, iterations: int) -> dict[str, float]:
    batches = [random.random((10, 100, size)) < 0.1 for _ in range(BATCHES)]
    return _compare(lambda: [sum_spikes(batch) for batch in batches], lambda: processor.parallel_spike_processing(batches, sum_spikes), iterations)


def _reservoirs(processor: ParallelProcessor, size: int, random: np.random.Generator, iterations: int) -> dict[str, float]:
    states = [random.standard_normal(size) for _ in range(BATCHES)]
    inputs = max(size // 2, 1)
    input_weights = random.standard_normal((inputs, size))
    reservoir_weights = random.standard_normal((size, size))
    spikes = [random.random(inputs) < 0.1 for _ in range(BATCHES)]
    return _compare(
        lambda: [spike @ input_weights + state @ reservoir_weights.T for state, spike in zip(states, spikes)],
        lambda: processor.parallel_reservoir_computation(states, input_weights, reservoir_weights, spikes),
        iterations,
    )


def _reasoning(processor: ParallelProcessor, size: int, random: np.random.Generator, iterations: int) -> dict[str, float]:
    cores = [visual_core, audio_core, text_core]
    data = [random.standard_normal((size, width)) for width in (300, 250, 350)]
    return _compare(
        lambda: [core(each) for core, each in zip(cores, data)], lambda: processor.parallel_multi_modal_reasoning(cores, data), iterations
    )


def benchmark(processor: ParallelProcessor, test_sizes: Sequence[int], num_iterations: int) -> dict[str, Any]:
    """Per kind of work and size: `sequential_time` [s], `parallel_time` [s], `speedup`."""
    whole(num_iterations, "num_iterations", 1)
    sizes = [whole(size, f"test_sizes[{i}]", 1) for i, size in enumerate(several(test_sizes, "test_sizes", "sizes"))]
    random = np.random.default_rng(42)
    kinds = {"spike_processing": _spikes, "reservoir_computation": _reservoirs, "multi_modal_reasoning": _reasoning}
    return {name: {size: kind(processor, size, random, num_iterations) for size in sizes} for name, kind in kinds.items()}
