# SPDX-License-Identifier: Apache-2.0
"""Strategies `device` and `hybrid`."""

import os
import subprocess
import sys

import numpy as np
import pytest

from omega.performance import DeviceError, ParallelConfig, ParallelProcessor
from omega.performance._tasks import function_key
from omega._native import CostModel

random = np.random.default_rng(7)


@pytest.fixture(scope="module")
def devices():
    """Two devices, or parts of one; one where it has no parts."""
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one processor cannot be split into two devices")
    processor = ParallelProcessor(ParallelConfig(parallel_strategy="jax_pmap", num_threads=2))
    try:
        processor.parallel_spike_processing([np.ones(3)], lambda batch: batch * 2)
    except DeviceError as error:  # PoCL from 7 on does not split the processors
        assert "cannot be split" in str(error)
        return ParallelProcessor(ParallelConfig(parallel_strategy="jax_pmap"))
    return processor


def custom_spike_processor(spike_batch, threshold=0.5, decay=0.95):
    thresholded = spike_batch > threshold
    decayed = spike_batch * decay
    return thresholded.astype(float) * decayed


FUNCTIONS = [
    lambda batch: np.sum(batch, axis=1),
    lambda batch: batch.sum(axis=0),
    lambda batch: np.mean(batch, axis=-1),
    lambda batch: np.max(batch, axis=-1) * 2.0,
    lambda batch: batch.min(axis=2),
    lambda batch: np.sum(batch),
    lambda batch: (batch > 0).any(axis=1),
    lambda batch: (batch <= 1).all(axis=1),
    lambda batch: np.tanh(batch * 0.5) + 1,
    lambda batch: np.sqrt(np.abs(batch)).mean(axis=-1),
    lambda batch: np.exp(-np.abs(batch * 1.0)).max(axis=-1),
    lambda batch: np.maximum(batch, 0.25) / 3,
    custom_spike_processor,
]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float32, np.float64])
def test_numpy_code_runs_as_kernels(devices, function, dtype):
    batches = [(random.normal(size=(4, 10, 6)) * 2).clip(0).astype(dtype) for _ in range(3)]
    if function(batches[0]).dtype == np.float16:  # which NumPy makes of small integers
        with pytest.raises(TypeError, match="elements of float16 are not supported"):
            devices.parallel_spike_processing(batches, function)
        return
    results = devices.parallel_spike_processing(batches, function)
    for result, batch in zip(results, batches):
        expected = function(batch)
        assert result.dtype == expected.dtype and result.shape == expected.shape
        single = np.float32 in (expected.dtype, dtype)
        np.testing.assert_allclose(result, expected, rtol=1e-5 if single else 1e-12, atol=1e-6 if single else 1e-12)
    assert "OpenCL devices" in devices.explain()


def test_the_documents_cores_and_keywords(devices):
    cores = [lambda data: np.sum(data, axis=-1), lambda data: np.mean(data, axis=-1), lambda data: np.max(data, axis=-1)]
    data = [random.normal(size=shape) for shape in ((20, 30), (15, 25), (10, 35))]
    for result, core, each in zip(devices.parallel_multi_modal_reasoning(cores, data), cores, data):
        np.testing.assert_allclose(result, core(each), rtol=1e-12, atol=1e-13)
    batch = random.random((5, 5))
    (result,) = devices.parallel_spike_processing([batch], custom_spike_processor, threshold=0.3, decay=0.9)
    np.testing.assert_allclose(result, custom_spike_processor(batch, threshold=0.3, decay=0.9), rtol=1e-12)


def test_nan_is_kept_by_folds(devices):
    batch = np.array([[1.0, np.nan, 2.0], [3.0, 1.0, 2.0]])
    for function in (lambda b: b.max(axis=1), lambda b: b.min(axis=1), lambda b: b.sum(axis=1), lambda b: np.maximum(b, 1.5)):
        np.testing.assert_array_equal(devices.parallel_spike_processing([batch], function)[0], function(batch))


@pytest.mark.parametrize(
    "function, why",
    [
        (lambda batch: np.sort(batch), "it calls numpy.sort"),
        (lambda batch: batch if batch.sum() > 1 else -batch, "it decides by the values of its batch"),
        (lambda batch: batch[1:], "it takes parts of its batch"),
        (lambda batch: 3, "it returns int"),
        (lambda batch: float(batch), "it makes a Python number of its batch"),
        (lambda batch: batch - batch.mean(), "it combines its batch with a fold of it"),
        (lambda batch: batch.reshape(-1), "it uses .reshape"),
    ],
)
def test_other_code_says_what_it_does(devices, function, why):
    with pytest.raises(TypeError, match=f"batch 0 of 1 .* cannot run on a device: ({why}).*use parallel_strategy 'thread', 'process' or 'hybrid'"):
        devices.parallel_spike_processing([np.ones((3, 3))], function)


def test_what_a_function_raises_keeps_its_type(devices):
    def fails(batch):
        raise KeyError("no")

    with pytest.raises(KeyError, match="no"):
        devices.parallel_spike_processing([np.ones(3)], fails)


def test_batches_with_rules_of_their_own_are_refused_not_computed_otherwise(devices):
    masked = np.ma.masked_array([1.0, 2.0, 3.0], [False, True, False])  # whose sum is 4
    with pytest.raises(TypeError, match="batch 0 of 1 .* a MaskedArray computes by rules of its own"):
        devices.parallel_spike_processing([masked], np.sum)

    class Table:  # as pandas' are: an array when asked for one, whose mean is one for each column
        def __array__(self, dtype=None, copy=None):
            return np.ones((2, 2))

    with pytest.raises(TypeError, match="a Table computes by rules of its own"):
        devices.parallel_spike_processing([Table()], lambda batch: batch.mean())


def test_batches_in_the_other_byte_order_and_lists(devices):
    swapped = np.arange(6).reshape(2, 3).astype(">f8")
    (found,) = devices.parallel_spike_processing([swapped], lambda batch: batch * 2)
    assert np.array_equal(found, swapped * 2)
    (total,) = devices.parallel_spike_processing([[[1, 2], [3, 4]]], np.sum)
    assert total == 10 and type(total) is np.int64  # a number, as NumPy gives it


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_currents_on_devices(devices, dtype):
    inputs, recurrent = random.normal(size=(50, 100)).astype(dtype), random.normal(size=(100, 100)).astype(dtype)
    states, spikes = [random.normal(size=100).astype(dtype) for _ in range(4)], [random.random(50) < 0.1 for _ in range(4)]
    tolerance = 1e-4 if dtype == np.float32 else 1e-12
    results = devices.parallel_reservoir_computation(states, inputs, recurrent, spikes)
    for result, state, spike in zip(results, states, spikes):
        assert result.dtype == dtype
        np.testing.assert_allclose(result, spike @ inputs + state @ recurrent.T, rtol=tolerance, atol=tolerance)
    with pytest.raises(ValueError, match=r"reservoir_states\[0\]: shape"):
        devices.parallel_reservoir_computation([np.zeros(3, dtype)], inputs, recurrent, spikes[:1])


def test_more_devices_than_there_are_is_an_error(devices):
    with pytest.raises(DeviceError, match="num_threads = 4000 devices: there are"):
        ParallelProcessor(ParallelConfig(parallel_strategy="device", num_threads=4000)).parallel_spike_processing([np.ones(3)], lambda batch: batch)


def test_no_device_is_an_error_that_says_so(tmp_path):
    script = """
import numpy as np
from omega.performance import *
try:
    ParallelProcessor(ParallelConfig(parallel_strategy="device")).parallel_spike_processing([np.ones(3)], lambda batch: batch)
except DeviceError as error:
    print(error)
"""
    environment = {**os.environ, "OCL_ICD_VENDORS": str(tmp_path), "OPENCL_VENDOR_PATH": str(tmp_path)}
    said = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert said.stdout.startswith("no OpenCL"), said


def test_hybrid_begins_on_threads_and_says_why():
    with ParallelProcessor(ParallelConfig(num_threads=2, parallel_strategy="hybrid")) as processor:
        processor.parallel_spike_processing([np.ones(3)] * 4, lambda batch: batch)
        assert "hybrid: thread, since work like this has not been measured yet" in processor.explain()


def chosen(calls, cpus=2):
    """What the cost model chooses after calls of four tasks: (strategy, time of a task, time of the call, processor time) [s]."""
    model = CostModel(cpus)
    for strategy, task, call, busy in calls:
        model.learn(strategy, ["f"] * 4, [10] * 4, 2, call, busy, 4 * task)
    return model.choose(["f"] * 4, [10] * 4, 2)


def test_hybrid_leaves_what_waits_on_threads():
    assert chosen([("thread", 0.05, 0.1, 0.001)]) == ("thread", "threads took 100 ms, most of it waiting: the processor was busy for 1 ms")


def test_hybrid_leaves_what_runs_at_once_on_threads():
    strategy, why = chosen([("thread", 0.05, 0.1, 0.2)])
    assert strategy == "thread" and why.startswith("threads took 100 ms; processes should take 10")


def test_hybrid_takes_what_holds_the_interpreter_to_processes():
    strategy, why = chosen([("thread", 0.05, 0.1, 0.1)])
    assert strategy == "process" and "the processor busy for 100 ms; processes should take 51.5 ms" in why
    assert chosen([("thread", 0.05, 0.1, 0.1)], cpus=1)[0] == "thread"
    assert chosen([("thread", 0.0001, 0.0002, 0.0002)])[0] == "thread"  # less than forking costs


def test_hybrid_keeps_what_proved_quicker():
    held = ("thread", 0.05, 0.1, 0.1)
    assert chosen([held, ("process", 0.025, 0.06, 0.0)]) == ("process", "threads took 100 ms and processes 60 ms")
    assert chosen([held, ("process", 0.05, 0.12, 0.0)]) == ("thread", "threads took 100 ms and processes 120 ms")


def test_hybrid_gives_the_same_results_wherever_it_runs():
    def counts(batch):
        return sum(i & batch for i in range(100_000))

    with ParallelProcessor(ParallelConfig(num_threads=2, parallel_strategy="hybrid")) as processor:
        first, *others = [processor.parallel_spike_processing([1, 2, 3, 4], counts) for _ in range(4)]
        assert all(each == first for each in others)
        assert "hybrid: " in processor.explain()


def as_if_a_lock_stood_between_threads(processor, function, elements):
    processor._hybrid._costs.learn("thread", [function_key(function)] * len(elements), elements, 2, 1.0, 0.4, 1.0)


def test_hybrid_keeps_on_threads_what_processes_cannot_send():
    calls = []

    def count(batch):
        calls.append(batch)
        return lambda: batch  # which no process can send

    with ParallelProcessor(ParallelConfig(num_threads=2, parallel_strategy="hybrid")) as processor:
        for _ in range(3):
            assert [f() for f in processor.parallel_spike_processing([1, 2, 3, 4], count)] == [1, 2, 3, 4]
            as_if_a_lock_stood_between_threads(processor, count, [1] * 4)
        assert "hybrid: thread, since results of such a function cannot be sent from a process" in processor.explain()
    assert len(calls) == 12  # once per batch


def test_hybrid_says_when_a_result_cannot_be_sent_for_once():
    def sometimes(batch):
        return (lambda: batch) if batch == 3 else batch

    with ParallelProcessor(ParallelConfig(num_threads=2, parallel_strategy="hybrid")) as processor:
        assert processor.parallel_spike_processing([1, 2], sometimes) == [1, 2]
        as_if_a_lock_stood_between_threads(processor, sometimes, [1] * 2)
        with pytest.raises(TypeError, match="the result, function, cannot be sent from the worker process"):
            processor.parallel_spike_processing([1, 3], sometimes)
        assert processor.parallel_spike_processing([1, 3], sometimes)[1]() == 3
        assert "hybrid: thread" in processor.explain()
