# SPDX-License-Identifier: Apache-2.0
"""ParallelConfig and ParallelProcessor: every key, every promise, everything that can go wrong."""

import gc
import logging
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import traceback
import weakref

import numpy as np
import pytest

from omega import _native
from omega.performance import (
    DeadlineError,
    ParallelConfig,
    ParallelProcessor,
    enable_parallel_processing,
    get_global_processor,
    set_global_processor,
)
from omega.performance._tasks import function_key


@pytest.fixture(params=["thread", "process", "hybrid"])
def strategy(request):
    return request.param


def batches_of(count, size=10):
    return [np.arange(size) + i for i in range(count)]


def double(batch):
    return batch * 2


# The configuration.


@pytest.mark.parametrize(
    "keys, message",
    [
        ({"num_threads": -1}, r"num_threads = -1: it must be 1 to 4096, or None"),
        ({"num_threads": 0}, r"num_threads = 0: it must be 1 to 4096"),
        ({"num_threads": 2.5}, r"num_threads = 2.5: it must be an int"),
        ({"chunk_size": 0}, r"chunk_size = 0: it must be 1 to 2147483647"),
        ({"max_memory_per_worker": -5}, r"max_memory_per_worker = -5: it must be 1 to"),
        ({"chunk_size": 2**70}, r"chunk_size = 1180591620717411303424: it must be 1 to 2147483647"),
        ({"load_balance_threshold": 1.2}, r"load_balance_threshold = 1.2: it must be from 0.0"),
        ({"load_balance_threshold": float("nan")}, r"load_balance_threshold = nan"),
        ({"load_balance_threshold": "high"}, r"load_balance_threshold = 'high': it must be a float"),
        ({"parallel_strategy": "proces"}, r"parallel_strategy = 'proces': it must be one of 'thread', 'process', 'device', 'jax_pmap', 'hybrid'; did you mean 'process'\?"),
        ({"parallel_strategy": 3}, r"parallel_strategy = 3: it must be a str"),
        ({"use_openmp": 1}, r"use_openmp = 1: it must be True or False"),
        ({"num_thread": 2}, r"ParallelConfig has no key 'num_thread'; did you mean 'num_threads'\?"),
    ],
)
def test_bad_values_name_key_value_and_choices(keys, message):
    with pytest.raises((ValueError, TypeError), match=message):
        ParallelConfig(**keys)


def test_a_config_is_a_value():
    config = ParallelConfig(num_threads=3, chunk_size=2)
    assert pickle.loads(pickle.dumps(config)) == config
    assert "num_threads=3" in repr(config)
    assert ParallelConfig(parallel_strategy="jax_pmap").strategy == "device"
    with pytest.raises(AttributeError):
        config.num_threads = 4


def test_a_processor_takes_a_mapping_and_refuses_other_things():
    assert ParallelProcessor({"num_threads": 3}).get_parallel_info()["num_threads"] == 3
    with pytest.raises(TypeError, match="config: int"):
        ParallelProcessor(3)


def test_info_names_what_is_documented():
    info = ParallelProcessor(ParallelConfig(num_threads=2, parallel_strategy="hybrid", thread_affinity=True, enable_load_balancing=False)).get_parallel_info()
    assert info["num_threads"] == 2 and info["cpu_count"] == os.cpu_count()
    assert info["parallel_strategy"] == "hybrid" and info["strategy"] == "hybrid"
    assert info["thread_affinity"] is True and info["load_balancing"] is False
    assert info["openmp_available"] in (True, False)


def test_num_threads_is_how_many_run_at_once():
    inside, most, lock, three = 0, 0, threading.Lock(), threading.Barrier(3, timeout=60)

    def meets(_):
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        three.wait()  # which fewer would never pass
        with lock:
            inside -= 1

    with ParallelProcessor(ParallelConfig(num_threads=3, load_balance_threshold=1.0)) as processor:
        for processor.timeout in (None, 60.0):
            processor.parallel_spike_processing(batches_of(12), meets)
            assert most == 3


def test_thread_affinity_binds_workers_to_processors():
    here = threading.get_ident()
    with ParallelProcessor(ParallelConfig(num_threads=3, thread_affinity=True), timeout=10.0) as processor:
        found = processor.parallel_spike_processing(batches_of(6), lambda _: (threading.get_ident() != here, os.sched_getaffinity(threading.get_native_id())))
    allowed = set(_native.processors())
    assert all(elsewhere and len(where) == 1 and where <= allowed for elsewhere, where in found)
    with ParallelProcessor(ParallelConfig(num_threads=2, thread_affinity=True, parallel_strategy="process")) as processor:
        assert all(len(where) == 1 for where in processor.parallel_spike_processing(batches_of(4), lambda _: os.sched_getaffinity(0)))


@pytest.mark.parametrize("strategy", ["thread", "process"])
def test_without_use_openmp_libraries_have_one_thread(strategy):
    import ctypes

    try:
        gomp = ctypes.CDLL("libgomp.so.1")
    except OSError:
        pytest.skip("no libgomp here")
    gomp.omp_set_num_threads(5)
    count = lambda _: gomp.omp_get_max_threads()  # noqa: E731
    with ParallelProcessor(ParallelConfig(num_threads=2, use_openmp=False, parallel_strategy=strategy)) as processor:
        assert processor.is_openmp_available()
        assert processor.parallel_spike_processing(batches_of(4), count) == [1] * 4
    assert gomp.omp_get_max_threads() == 5


def test_chunk_size_is_how_many_go_to_a_worker_at_once():
    with ParallelProcessor(ParallelConfig(num_threads=2, chunk_size=3, enable_load_balancing=False), timeout=10.0) as processor:
        processor.parallel_spike_processing(batches_of(12), lambda _: time.sleep(0.001))
        workers = [record.worker for record in processor.history]
    assert workers == [0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1]


def test_threshold_one_never_rebalances():
    def slow_first(batch):
        time.sleep(0.05 if batch[0] == 0 else 0.001)

    def moved(threshold):
        with ParallelProcessor(ParallelConfig(num_threads=2, load_balance_threshold=threshold)) as processor:
            processor.parallel_spike_processing(batches_of(10), slow_first)
            return int(processor.explain().split(" moved")[0].split()[-1])

    assert moved(1.0) == 0
    assert moved(0.8) > 0


def test_heaviest_first_by_history():
    cores = [lambda d: 0, lambda d: 1, lambda d: 2]
    data = [np.zeros(100), np.zeros(100), np.zeros(1)]
    with ParallelProcessor(ParallelConfig(num_threads=2, load_balance_threshold=1.0), timeout=60.0) as processor:
        processor._balancer.record([function_key(core) for core in cores], [each.size for each in data], [None] * 3, [1.0, 1.0, 40.0], [0] * 3, [True] * 3)
        assert processor.parallel_multi_modal_reasoning(cores, data) == [0, 1, 2]
        ran = {record.function: record for record in processor.history[3:]}
        quick_a, quick_b, slow = (ran[function_key(core)] for core in cores)
        assert slow.estimate == 40.0 and quick_a.estimate == 1.0  # though its data are smaller
        assert quick_a.worker == quick_b.worker != slow.worker


def test_lambdas_of_one_line_are_told_apart_without_columns():
    text = "from omega.performance._tasks import function_key\nlambdas = [lambda d: 0, lambda d: 1, lambda d: d + 1, lambda d: d + 2, lambda d: len(d), lambda d: abs(d)]\n"
    text += "assert len({function_key(each) for each in lambdas}) == 6, [function_key(each) for each in lambdas]\n"
    subprocess.run([sys.executable, "-X", "no_debug_ranges", "-c", text], check=True)


def test_load_balance_false_is_in_order():
    with ParallelProcessor(ParallelConfig(num_threads=2), timeout=10.0) as processor:
        cores = [double] * 4
        results = processor.parallel_multi_modal_reasoning(cores, batches_of(4), load_balance=False)
        assert "in order" in processor.explain()
        assert [result[0] for result in results] == [0, 2, 4, 6]


def test_memory_is_limited_and_monitored():
    config = ParallelConfig(num_threads=2, max_memory_per_worker=1000, enable_memory_monitoring=True)
    with ParallelProcessor(config) as processor:
        processor.parallel_spike_processing(batches_of(4, 50), lambda batch: batch[:10].copy())
        assert max(processor.get_parallel_info()["memory"]["peak_bytes_per_worker"]) == 480
        with pytest.raises(MemoryError, match=r"batch 1 of 2 needs 1600 bytes.*max_memory_per_worker = 1000"):
            processor.parallel_spike_processing([np.zeros(1), np.zeros(200)], double)
        with pytest.raises(MemoryError, match=r"batch 0 of 1 .* 800 bytes and 1600 of its result"):
            processor.parallel_spike_processing([np.zeros(100)], lambda batch: np.concatenate([batch, batch]))
        with pytest.raises(MemoryError, match="state 0 of 1"):
            processor.parallel_reservoir_computation([np.zeros(100)], np.zeros((2, 100)), np.zeros((100, 100)), [np.zeros(2)])


def test_a_process_gets_no_more_memory_than_it_may():
    config = ParallelConfig(num_threads=2, max_memory_per_worker=64 << 20, parallel_strategy="process")
    with ParallelProcessor(config) as processor:
        with pytest.raises(MemoryError):
            processor.parallel_spike_processing(batches_of(2), lambda batch: float(np.ones(200 << 17).sum()))
        assert processor.parallel_spike_processing(batches_of(2), lambda batch: float(np.ones(1 << 17).sum())) == [131072.0] * 2


def test_verbose_logs_what_ran_where(caplog):
    with caplog.at_level(logging.INFO, "omega.performance"):
        with ParallelProcessor(ParallelConfig(num_threads=2, verbose=True)) as processor:
            processor.parallel_spike_processing(batches_of(4), double)
            processor.parallel_reservoir_computation([np.zeros(4)], np.zeros((2, 4)), np.zeros((4, 4)), [np.zeros(2)])
    assert "parallel_spike_processing: 4 tasks in" in caplog.text and "worker 0:" in caplog.text
    assert "parallel_reservoir_computation: 1 states" in caplog.text
    caplog.clear()
    with ParallelProcessor(ParallelConfig(num_threads=2)) as processor:
        processor.parallel_spike_processing(batches_of(4), double)
    assert caplog.text == ""


# Results.


def test_results_are_in_order_whatever_the_configuration(strategy):
    for keys in ({}, {"enable_load_balancing": False}, {"chunk_size": 2}, {"load_balance_threshold": 0.0}, {"num_threads": 1}):
        with ParallelProcessor(ParallelConfig(**{"num_threads": 3, "parallel_strategy": strategy, **keys})) as processor:
            for _ in range(3):
                results = processor.parallel_spike_processing(batches_of(13), double)
                assert [result[0] for result in results] == list(range(0, 26, 2))


def test_each_batch_once():
    calls = []
    with ParallelProcessor(ParallelConfig(num_threads=4)) as processor:
        for _ in range(5):
            processor.parallel_spike_processing(list(range(100)), calls.append)
    assert sorted(calls) == sorted(list(range(100)) * 5)


def test_nothing_gives_nothing(strategy):
    with ParallelProcessor(ParallelConfig(parallel_strategy=strategy)) as processor:
        assert processor.parallel_spike_processing([], double) == []
        assert processor.parallel_multi_modal_reasoning([], []) == []
        assert processor.parallel_reservoir_computation([], np.zeros((2, 3)), np.zeros((3, 3)), []) == []


def test_wrong_arguments_are_named():
    processor = ParallelProcessor()
    with pytest.raises(TypeError, match="processing_func = 3: it must be a function"):
        processor.parallel_spike_processing([1], 3)
    with pytest.raises(TypeError, match="spike_batches = 3: it must be a list of batches"):
        processor.parallel_spike_processing(3, double)
    with pytest.raises(ValueError, match="input_data_list: 1 entries for 2 reasoning_cores"):
        processor.parallel_multi_modal_reasoning([double, double], [1])
    with pytest.raises(TypeError, match=r"reasoning_cores\[1\] = 'double': it must be a function"):
        processor.parallel_multi_modal_reasoning([double, "double"], [1, 2])
    with pytest.raises(ValueError, match="num_iterations = 0"):
        processor.benchmark_parallel_performance([10], 0)
    with pytest.raises(ValueError, match=r"test_sizes\[0\] = -3"):
        processor.benchmark_parallel_performance([-3], 1)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int32, np.float32, np.float64])
def test_folds_over_an_axis_run_in_the_engine(dtype):
    random = np.random.default_rng(5)
    batches = [(random.normal(size=(6, 50, 7)) * 3).astype(dtype) for _ in range(4)]
    processor = ParallelProcessor()
    functions = (
        lambda b: np.sum(b, axis=1),
        lambda b: b.sum(axis=0),
        lambda b: np.mean(b, axis=-1),
        lambda b: b.max(axis=2),
        lambda b: np.min(b, -2),
    )
    for function in functions:
        results = processor.parallel_spike_processing(batches, function)
        highest_or_lowest = {"max", "min"} & set(function.__code__.co_names)
        exact = np.dtype(dtype).kind != "f" or bool(highest_or_lowest)
        assert ("the engine's loops" in processor.explain()) == (dtype is not np.uint8 and exact)
        for result, batch in zip(results, batches):
            expected = function(batch)
            assert result.dtype == expected.dtype and result.shape == expected.shape
            np.testing.assert_array_equal(result, expected)


calls_seen = []


def sums_and_notes(batch):
    calls_seen.append(1)
    return np.sum(batch, axis=1)


def sums_by_name(batch):
    return changing.sum(batch, axis=1)


changing = np


def test_what_is_more_than_a_fold_runs_as_it_is():
    global changing
    batches = [np.ones((2, 3, 4), int)] * 3
    processor = ParallelProcessor()
    processor.parallel_spike_processing(batches, sums_and_notes)
    assert len(calls_seen) == 3
    axis = 1
    functions = (lambda b: np.sum(b, axis=axis), lambda b: np.sum(b, axis=1) + 1, lambda b: np.sum(b[:1], axis=1), lambda b, k=1: b.sum(axis=k), lambda b: np.sum(b))
    for function in functions:
        results = processor.parallel_spike_processing(batches, function)
        assert "the engine's loops" not in processor.explain()
        np.testing.assert_array_equal(results[2], function(batches[2]))
    with pytest.raises(ValueError, match="axis"):  # of NumPy's own
        processor.parallel_spike_processing(batches, lambda b: np.sum(b, axis=7))

    class Other:
        @staticmethod
        def sum(batch, axis):
            return "other"

    assert processor.parallel_spike_processing(batches, sums_by_name)[0].shape == (2, 4)
    changing = Other
    assert processor.parallel_spike_processing(batches, sums_by_name) == ["other"] * 3
    changing = np


# Failures.


def fails_at_three(batch):
    if batch[0] >= 3:
        raise KeyError("no such spike")
    return batch


def test_a_failure_names_the_batch_and_keeps_the_traceback(strategy):
    with ParallelProcessor(ParallelConfig(num_threads=2, parallel_strategy=strategy)) as processor:
        with pytest.raises(KeyError, match="no such spike") as caught:
            processor.parallel_spike_processing(batches_of(8), fails_at_three)
    assert caught.value.__notes__ == ["in batch 3 of 8 in parallel_spike_processing (fails_at_three)"]
    assert "fails_at_three" in "".join(traceback.format_exception(caught.value))
    assert 'raise KeyError("no such spike")' in "".join(traceback.format_exception(caught.value))


def test_max_errors_gives_none_for_those_that_failed(strategy):
    with ParallelProcessor(ParallelConfig(num_threads=2, parallel_strategy=strategy), max_errors=2) as processor:
        results = processor.parallel_spike_processing(batches_of(5), fails_at_three)
        assert results[3] is None and results[4] is None and results[2][0] == 2
        assert [(index, type(error)) for index, error in processor.errors] == [(3, KeyError), (4, KeyError)]
        with pytest.raises(KeyError):
            processor.parallel_spike_processing(batches_of(6), fails_at_three)


def test_a_failing_function_is_not_run_again():
    calls = []

    def fails(batch):
        calls.append(batch)
        raise ValueError

    with ParallelProcessor(ParallelConfig(num_threads=1)) as processor:
        with pytest.raises(ValueError):
            processor.parallel_spike_processing([1, 2, 3], fails)
    assert calls == [1]


def test_a_core_that_never_returns():
    release = threading.Event()
    with ParallelProcessor(ParallelConfig(num_threads=2), timeout=1.0) as processor:
        with pytest.raises(DeadlineError, match=r"not done after 1 s: core 1 of 3 .*never.* still running") as caught:

            def never(_):
                release.wait()

            processor.parallel_multi_modal_reasoning([double, never, double], batches_of(3))
        assert 1 in caught.value.unfinished
        assert isinstance(caught.value, TimeoutError)
        processor.timeout = None
        assert processor.parallel_spike_processing(batches_of(2), double)[1][0] == 2  # the processor goes on
        release.set()


def test_a_process_that_never_returns_is_killed():
    with ParallelProcessor(ParallelConfig(num_threads=2, parallel_strategy="process"), timeout=0.5) as processor:

        def never(batch):
            while batch[0] == 1:
                time.sleep(0.01)
            return os.getpid()

        with pytest.raises(DeadlineError, match="its process is killed"):
            processor.parallel_spike_processing(batches_of(4), never)
        processor.timeout = None
        assert processor.parallel_spike_processing(batches_of(2), double)[1][0] == 2


def test_ctrl_c_comes_at_once():
    script = """
import time, numpy as np
from omega.performance import *
for strategy in ("thread", "process"):
    processor = ParallelProcessor(ParallelConfig(num_threads=2, parallel_strategy=strategy), timeout={timeout})
    print("ready", flush=True)
    try:
        processor.parallel_spike_processing([1, 2, 3], lambda _: time.sleep(30))
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""
    for timeout in ("None", "60.0"):
        child = subprocess.Popen([sys.executable, "-c", script.replace("{timeout}", timeout)], stdout=subprocess.PIPE, text=True)
        for _ in range(2):
            assert child.stdout.readline() == "ready\n"
            time.sleep(0.2)
            child.send_signal(signal.SIGINT)
            assert child.stdout.readline() == "interrupted\n"
        assert child.wait(20) == 0


def test_calls_inside_calls(strategy):
    with ParallelProcessor(ParallelConfig(num_threads=2, parallel_strategy=strategy)) as processor:

        def nested(batch):
            return sum(result.sum() for result in processor.parallel_spike_processing([batch, batch], double))

        assert processor.parallel_spike_processing(batches_of(3), nested) == [4 * batch.sum() for batch in batches_of(3)]


def test_calls_from_many_threads(strategy):
    with ParallelProcessor(ParallelConfig(num_threads=2, parallel_strategy=strategy)) as processor:
        good = []

        def calls():
            for _ in range(5):
                good.append([result[0] for result in processor.parallel_spike_processing(batches_of(4), double)] == [0, 2, 4, 6])

        threads = [threading.Thread(target=calls) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert good == [True] * 20


def test_a_closed_processor_says_so():
    processor = ParallelProcessor(ParallelConfig(num_threads=2))
    with processor:
        processor.parallel_spike_processing(batches_of(4), lambda _: time.sleep(0.001))
    processor.close()
    assert processor.closed and "closed" in repr(processor)
    with pytest.raises(RuntimeError, match="closed"):
        processor.parallel_spike_processing([1], double)
    with pytest.raises(RuntimeError, match="closed"):
        processor.__enter__()


def test_nothing_is_leaked(strategy):
    def round_trip():
        with ParallelProcessor(ParallelConfig(num_threads=2, parallel_strategy=strategy)) as processor:
            processor.parallel_spike_processing(batches_of(4), lambda batch: time.sleep(0.001))
            return weakref.ref(processor)

    round_trip()
    gc.collect()
    threads, files = threading.active_count(), len(os.listdir("/proc/self/fd"))
    gone = [round_trip() for _ in range(5)]
    gc.collect()
    assert all(reference() is None for reference in gone)
    deadline = time.monotonic() + 5
    while (threading.active_count() > threads or len(os.listdir("/proc/self/fd")) > files) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= threads and len(os.listdir("/proc/self/fd")) <= files


def test_a_forgotten_processor_ends_its_threads():
    before = threading.active_count()
    processor = ParallelProcessor(ParallelConfig(num_threads=3), timeout=10.0)
    processor.parallel_spike_processing(batches_of(6), lambda _: time.sleep(0.001))
    del processor
    gc.collect()
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before


def test_a_processor_travels_as_its_configuration():
    processor = ParallelProcessor(ParallelConfig(num_threads=2), timeout=3.0)
    other = pickle.loads(pickle.dumps(processor))
    assert other.config == processor.config and other.timeout == 3.0


# The program's processor.


def test_the_global_processor():
    set_global_processor(None)
    first = get_global_processor()
    assert get_global_processor() is first
    other = enable_parallel_processing(num_threads=2)
    assert get_global_processor() is other and other.get_parallel_info()["num_threads"] == 2
    assert enable_parallel_processing(ParallelConfig(num_threads=3)) is get_global_processor()
    with pytest.raises(TypeError, match="give either"):
        enable_parallel_processing(ParallelConfig(), num_threads=2)
    with pytest.raises(TypeError, match="processor: int"):
        set_global_processor(3)
    get_global_processor().close()
    assert not get_global_processor().closed
    set_global_processor(None)


def test_functions_of_xcs_run_as_tasks(strategy):
    from omega import xcs

    traced = xcs.jit(lambda batch: np.sqrt(batch) * 2 + 1)
    batches = [np.arange(30.0).reshape(5, 6) + i for i in range(6)]
    with ParallelProcessor(ParallelConfig(num_threads=2, parallel_strategy=strategy), timeout=60.0) as processor:
        for _ in range(2):
            for result, batch in zip(processor.parallel_spike_processing(batches, traced), batches):
                np.testing.assert_allclose(result, np.sqrt(batch) * 2 + 1, rtol=1e-15)


def said_by(script):
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr[-300:]


def test_a_call_while_the_interpreter_ends_runs_on_its_thread():
    script = """
import time
from omega.performance import ParallelConfig, ParallelProcessor
processor = ParallelProcessor(ParallelConfig(num_threads=2))
work = lambda i: time.sleep(0.01) or i
processor.parallel_spike_processing([1, 2, 3], work)
class Late:
    def __del__(self):
        print(processor.parallel_spike_processing([1, 2, 3], work))
late = Late()
"""
    assert said_by(script) == "[1, 2, 3]\n"


@pytest.fixture
def threads_switched_often():
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def test_threads_let_go_of_a_call_before_it_returns(threads_switched_often):
    with ParallelProcessor(ParallelConfig(num_threads=4)) as processor:
        for _ in range(300):
            batches = [np.zeros(1) for _ in range(4)]
            seen = [weakref.ref(batch) for batch in batches]
            processor.parallel_spike_processing(batches, lambda batch: time.sleep(1e-5))
            batch = batches = None
            assert [each() for each in seen] == [None] * 4


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="Python itself refuses such modules from 3.12 on")
def test_a_sub_interpreter_is_told():
    script = """
import sys, _xxsubinterpreters as interpreters
try:
    interpreters.run_string(interpreters.create(), f"import sys; sys.path[:] = {sys.path!r}; import omega._native")
except interpreters.RunFailedError as error:
    print(error)
"""
    assert "omega cannot be imported in a sub-interpreter" in said_by(script)


@pytest.mark.skipif(np.__version__ >= "2", reason="built for the arrays of both")
def test_arrays_of_another_numpy_are_refused():
    script = """
import sys, types
sys.modules["numpy"] = types.ModuleType("numpy")
sys.modules["numpy"].__version__ = "2.2.4"
try:
    import omega
except ImportError as error:
    print(error)
"""
    assert "knows the arrays of NumPy 1; here is NumPy 2.2.4: install numpy<2" in said_by(script)
