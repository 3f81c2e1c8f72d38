# SPDX-License-Identifier: Apache-2.0
"""Functions that make something of each spike alone: put in place by the engine, with the bits, the types and the mistakes of NumPy."""

from __future__ import annotations

import gc
import warnings
import weakref
from typing import Any, Callable

import numpy as np
import pytest

from omega.performance import ParallelConfig, ParallelProcessor

RNG = np.random.default_rng(11)
LOOPS = "the engine's loops"
THRESHOLD = 0.5


def custom_spike_processor(spike_batch: Any, threshold: float = 0.5, decay: float = 0.95) -> Any:
    thresholded = spike_batch > threshold
    decayed = spike_batch * decay
    return thresholded.astype(float) * decayed


def batches(*shapes: tuple[int, ...]) -> list[Any]:
    return [RNG.random(shape) < 0.2 for shape in shapes or ((10, 20, 5),) * 4]


def run(function: Callable[..., Any], inputs: list[Any], **kwargs: Any) -> tuple[list[Any], str]:
    """Twice, since a function is known from the first time on; the results and where they came from."""
    with ParallelProcessor(ParallelConfig()) as processor:
        processor.parallel_spike_processing(inputs, function, **kwargs)
        return processor.parallel_spike_processing(inputs, function, **kwargs), processor.explain().splitlines()[0]


def same(results: list[Any], function: Callable[..., Any], inputs: list[Any], **kwargs: Any) -> None:
    for result, batch in zip(results, inputs, strict=True):
        expected = function(batch, **kwargs)
        assert result.dtype == expected.dtype
        assert result.shape == expected.shape
        assert result.tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    "function",
    [
        custom_spike_processor,
        lambda x: x * -0.0,
        lambda x: (x * 2.0).astype(np.float32),
        lambda x: ~x,
        lambda x: np.tanh(x * 0.3) + x.shape[0],
        lambda x: x + 1,
        lambda x: np.float32(0.1) * x,
        lambda x: (x > 0.5) & (x < 2),
        lambda x: x.astype(np.int32) - 7,
    ],
)
def test_results_are_numpys(function: Callable[..., Any]) -> None:
    inputs = batches((10, 20, 5), (3, 7), (40_000,), (3, 7), (1, 1, 2))
    results, where = run(function, inputs[:1] * 3 + inputs[:1])
    same(results, function, inputs[:1] * 4)
    assert LOOPS in where
    results, _ = run(function, inputs)
    same(results, function, inputs)


def test_keyword_arguments_and_what_a_function_reads_are_part_of_it() -> None:
    global THRESHOLD
    inputs = batches()
    for keywords in ({}, {"threshold": 0.3}, {"threshold": 0.3, "decay": 0.9}, {"threshold": 1.0, "decay": -0.0}, {"decay": 0.0}):
        results, where = run(custom_spike_processor, inputs, **keywords)
        same(results, custom_spike_processor, inputs, **keywords)
        assert LOOPS in where

    def reads_a_global(x: Any) -> Any:
        return x * THRESHOLD

    same(run(reads_a_global, inputs)[0], reads_a_global, inputs)
    THRESHOLD = 0.75
    same(run(reads_a_global, inputs)[0], reads_a_global, inputs)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x * x.sum(),
        lambda x: np.cumsum(x, axis=0) * 0.5,
        lambda x: x * np.arange(5.0),
        lambda x: x[::-1] * 0.5,
        lambda x: x if x.any() else x * 2,
        lambda x: np.random.default_rng(len(x)).random(x.shape) * x,
        lambda x: x.T * 0.5,
        lambda x: x,
    ],
)
def test_what_looks_at_other_elements_is_called(function: Callable[..., Any]) -> None:
    inputs = batches()
    results, where = run(function, inputs)
    same(results, function, inputs)
    assert LOOPS not in where


def test_a_function_with_an_effect_is_called_once_for_each_batch() -> None:
    seen: list[int] = []

    def counts(x: Any) -> Any:
        seen.append(1)
        return x * 0.5

    inputs = batches()
    results, where = run(counts, inputs)
    assert len(seen) == 2 * len(inputs)
    same(results, counts, inputs)
    assert LOOPS not in where


def test_only_batches_of_booleans_that_lie_in_order() -> None:
    for inputs in ([each * 1.0 for each in batches()], [each.T for each in batches()], [*batches(), [True, False]], [np.array([True])] * 3):
        with ParallelProcessor(ParallelConfig()) as processor:
            results = processor.parallel_spike_processing(inputs, lambda x: np.asarray(x) * 0.5)
            assert LOOPS not in processor.explain().splitlines()[0]
        for result, batch in zip(results, inputs, strict=True):
            np.testing.assert_array_equal(result, np.asarray(batch) * 0.5)


def test_numpys_warnings_and_errors_stay() -> None:
    def divides(x: Any) -> Any:
        return 1.0 / x

    with pytest.warns(RuntimeWarning, match="divide by zero"):
        results, where = run(divides, batches())
    assert LOOPS not in where
    assert np.isinf(results[0]).any()
    with pytest.raises(TypeError, match="negative"), warnings.catch_warnings():
        run(lambda x: -x, batches())


def test_results_are_ones_own() -> None:
    inputs = batches((300, 400), (300, 400))
    results, _ = run(custom_spike_processor, inputs)
    kept = results[1].copy()
    results[0][:] = 7
    assert results[0].flags.writeable
    np.testing.assert_array_equal(results[1], kept)
    del results[0]
    gc.collect()
    again, _ = run(custom_spike_processor, inputs)
    np.testing.assert_array_equal(results[0], kept)
    np.testing.assert_array_equal(again[1], kept)


def test_functions_are_forgotten() -> None:
    def scaled(x: Any) -> Any:
        return x * 0.25

    run(scaled, batches())
    gone = weakref.ref(scaled)
    del scaled
    gc.collect()
    assert gone() is None
