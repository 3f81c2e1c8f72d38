# SPDX-License-Identifier: Apache-2.0
"""The samples of the document on parallel processing, with NumPy's arrays for JAX's."""

import numpy as np
import pytest

from omega.performance import ParallelConfig, ParallelProcessor

key = np.random.default_rng(42)


def spikes(shape):
    return key.random(shape) < 0.1


@pytest.fixture
def processor():
    with ParallelProcessor() as made:
        yield made


@pytest.fixture
def spike_batches():
    return [spikes((10, 100, 50)) for _ in range(4)]


def test_basic_configuration():
    # Default configuration
    processor = ParallelProcessor()
    assert processor.get_parallel_info()["parallel_strategy"] == "thread"

    # Custom configuration
    config = ParallelConfig(
        num_threads=4,                    # Number of worker threads
        parallel_strategy="thread",       # Parallelization strategy
        enable_load_balancing=True,       # Enable load balancing
        load_balance_threshold=0.8,       # Load balance threshold
        verbose=True                      # Enable verbose logging
    )

    processor = ParallelProcessor(config)
    assert processor.get_parallel_info()["num_threads"] == 4


def test_spike_processing(processor, spike_batches):
    # Define processing function
    def sum_spikes(batch):
        return np.sum(batch, axis=1)  # Sum over time dimension

    # Process in parallel
    results = processor.parallel_spike_processing(spike_batches, sum_spikes)

    assert len(results) == 4
    for result, batch in zip(results, spike_batches):
        expected = np.sum(batch, axis=1)
        assert result.shape == (10, 50) and result.dtype == expected.dtype
        np.testing.assert_array_equal(result, expected)


def test_reservoir_computation(processor):
    # Create reservoir data
    reservoir_states = [key.normal(size=(100,)) for _ in range(4)]
    input_weights = key.normal(size=(50, 100))
    reservoir_weights = key.normal(size=(100, 100))
    input_spikes_list = [spikes((50,)) for _ in range(4)]

    # Parallel reservoir computation
    results = processor.parallel_reservoir_computation(
        reservoir_states, input_weights, reservoir_weights, input_spikes_list
    )

    for result, state, spike in zip(results, reservoir_states, input_spikes_list):
        np.testing.assert_allclose(result, spike @ input_weights + state @ reservoir_weights.T, rtol=1e-12, atol=1e-12)


def test_multi_modal_reasoning(processor):
    # Define reasoning cores
    def visual_core(data):
        return np.sum(data, axis=-1)

    def audio_core(data):
        return np.mean(data, axis=-1)

    def text_core(data):
        return np.max(data, axis=-1)

    reasoning_cores = [visual_core, audio_core, text_core]

    # Create input data
    input_data_list = [
        key.normal(size=(20, 30)),  # Visual data
        key.normal(size=(15, 25)),  # Audio data
        key.normal(size=(10, 35))   # Text data
    ]

    # Parallel reasoning with load balancing
    results = processor.parallel_multi_modal_reasoning(
        reasoning_cores, input_data_list, load_balance=True
    )

    assert [result.shape for result in results] == [(20,), (15,), (10,)]
    for result, core, data in zip(results, reasoning_cores, input_data_list):
        np.testing.assert_array_equal(result, core(data))


def test_performance_monitoring(processor, capsys):
    # Get performance information
    info = processor.get_parallel_info()
    print(f"Threads: {info['num_threads']}")
    print(f"Strategy: {info['parallel_strategy']}")
    print(f"Load Balancing: {info['load_balancing']}")

    # Run performance benchmark
    results = processor.benchmark_parallel_performance(
        test_sizes=[100, 500],
        num_iterations=3
    )

    # Analyze results
    for size, metrics in results['spike_processing'].items():
        speedup = metrics['speedup']
        print(f"Size {size}: {speedup:.2f}x speedup")

    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == ["Strategy: thread", "Load Balancing: True"]
    assert lines[3].startswith("Size 100: ") and lines[4].startswith("Size 500: ")
    assert set(results) == {"spike_processing", "reservoir_computation", "multi_modal_reasoning"}
    for kind in results.values():
        for metrics in kind.values():
            assert metrics["speedup"] == metrics["sequential_time"] / metrics["parallel_time"]


@pytest.mark.parametrize(
    "config",
    [
        ParallelConfig(max_memory_per_worker=512 * 1024 * 1024, enable_memory_monitoring=True),
        ParallelConfig(num_threads=2),
        ParallelConfig(enable_memory_monitoring=True, max_memory_per_worker=256 * 1024 * 1024),
        ParallelConfig(enable_load_balancing=True, load_balance_threshold=0.6),
        ParallelConfig(verbose=True),
    ],
    ids=["memory", "contention", "less memory", "balance", "verbose"],
)
def test_configurations_of_the_recipes(config, spike_batches):
    with ParallelProcessor(config) as processor:
        results = processor.parallel_spike_processing(spike_batches, lambda batch: batch.sum(axis=0))
    np.testing.assert_array_equal(results[3], spike_batches[3].sum(axis=0))


def test_performance_debugging(spike_batches, capsys):
    def processing_func(batch):
        return batch.mean()

    # Enable verbose logging
    config = ParallelConfig(verbose=True)
    processor = ParallelProcessor(config)

    # Monitor parallel execution
    import time

    start_time = time.time()
    results = processor.parallel_spike_processing(spike_batches, processing_func)
    end_time = time.time()

    print(f"Parallel execution time: {end_time - start_time:.3f}s")
    print(f"Processed {len(spike_batches)} batches")

    assert "Processed 4 batches" in capsys.readouterr().out
    assert results == [batch.mean() for batch in spike_batches]


def test_custom_processing_functions(processor, spike_batches):
    def custom_spike_processor(spike_batch, threshold=0.5, decay=0.95):
        """Custom spike processing with parameters."""
        # Apply threshold
        thresholded = spike_batch > threshold

        # Apply decay
        decayed = spike_batch * decay

        return thresholded.astype(float) * decayed

    # Use with parallel processing
    results = processor.parallel_spike_processing(
        spike_batches,
        custom_spike_processor,
        threshold=0.3,
        decay=0.9
    )

    for result, batch in zip(results, spike_batches):
        np.testing.assert_array_equal(result, custom_spike_processor(batch, threshold=0.3, decay=0.9))


def test_performance_profiling(processor, spike_batches):
    import cProfile
    import pstats

    # Profile parallel execution
    profiler = cProfile.Profile()
    profiler.enable()

    results = processor.parallel_spike_processing(spike_batches, lambda batch: batch.any(axis=1))

    profiler.disable()
    stats = pstats.Stats(profiler)
    stats.sort_stats('cumulative')
    stats.print_stats(10)  # Top 10 functions
    # From CPython 3.12 on cProfile forgets who called a method that is written in C++.
    assert any("omega/performance" in file for file, _, _ in stats.stats)
    assert results[0].shape == (10, 50)


def generate_spike_batch():
    return spikes((3, 20, 50))


@pytest.mark.parametrize("strategy", ["thread", "process", "hybrid"])
def test_liquid_state_machine_integration(strategy):
    from omega.core.liquid_state_machine import LiquidStateMachine
    from omega.performance import ParallelProcessor

    # Create LSM and parallel processor
    lsm = LiquidStateMachine()
    processor = ParallelProcessor(ParallelConfig(parallel_strategy=strategy, num_threads=2))

    # Parallel processing of multiple LSM instances
    def process_lsm_batch(spike_batch):
        state = lsm.init_state()
        return lsm.step(state, spike_batch, dt=0.001, t=0.0)

    # Process multiple spike batches in parallel
    spike_batches = [generate_spike_batch() for _ in range(8)]
    results = processor.parallel_spike_processing(spike_batches, process_lsm_batch)

    for (fired, state), batch in zip(results, spike_batches):
        expected, after = process_lsm_batch(batch)
        np.testing.assert_array_equal(fired, expected)
        np.testing.assert_array_equal(state.potential, after.potential)
    processor.close()


@pytest.mark.parametrize("strategy", ["thread", "process", "hybrid"])
def test_multi_modal_reasoning_integration(strategy):
    from omega.agents.reasoning import (
        VisualReasoningCore, AudioReasoningCore, TextReasoningCore
    )

    processor = ParallelProcessor(ParallelConfig(parallel_strategy=strategy, num_threads=2))
    visual_data, audio_data, text_data = key.normal(size=(20, 30)), key.normal(size=(15, 25)), key.normal(size=(10, 35))

    # Create reasoning cores
    visual_core = VisualReasoningCore()
    audio_core = AudioReasoningCore()
    text_core = TextReasoningCore()

    reasoning_cores = [
        visual_core.process,
        audio_core.process,
        text_core.process
    ]

    # Parallel multi-modal processing
    input_data = [visual_data, audio_data, text_data]
    results = processor.parallel_multi_modal_reasoning(
        reasoning_cores, input_data, load_balance=True
    )

    for result, core, data in zip(results, reasoning_cores, input_data):
        np.testing.assert_array_equal(result, core(data))
    processor.close()


def test_hybrid_parallelization(spike_batches):
    # Combine different parallelization strategies
    config = ParallelConfig(parallel_strategy="hybrid")
    processor = ParallelProcessor(config)

    # The processor will automatically choose the best strategy
    # based on the workload characteristics
    for _ in range(3):
        results = processor.parallel_spike_processing(spike_batches, lambda batch: np.cumsum(batch, axis=1))
    assert "hybrid: " in processor.explain()
    np.testing.assert_array_equal(results[2], np.cumsum(spike_batches[2], axis=1))


def test_resource_management(spike_batches):
    config = ParallelConfig(num_threads=2)

    def processing_func(batch):
        return batch.sum()

    # Use context manager for automatic cleanup
    with ParallelProcessor(config) as processor:
        results = processor.parallel_spike_processing(spike_batches, processing_func)
    # Resources are automatically cleaned up
    assert processor.closed
    assert results == [batch.sum() for batch in spike_batches]
