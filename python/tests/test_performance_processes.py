# SPDX-License-Identifier: Apache-2.0
"""ParallelProcessor with worker processes: what stays, what is shared, what is never stale, what dies."""

import functools
import gc
import os
import random
import signal
import threading
import time
import warnings

import numpy as np
import pytest

from omega._workers.worker import Worker
from omega.performance import ParallelConfig, ParallelProcessor, WorkerDied, is_shared, shared_array


def batches_of(count, size=10):
    return [np.arange(size) + i for i in range(count)]


def double(batch):
    return batch * 2


@pytest.fixture
def processes():
    with ParallelProcessor(ParallelConfig(num_threads=2, parallel_strategy="process")) as processor:
        yield processor


def test_tasks_run_in_other_processes(processes):
    assert os.getpid() not in processes.parallel_spike_processing(batches_of(4), lambda _: os.getpid())


def test_workers_stay_for_the_same_function(processes):
    for _ in range(4):
        processes.parallel_spike_processing(batches_of(4), double)
    assert processes._processes.forks == 2


factor = 2


def scaled(batch):
    return batch * factor


def test_what_a_function_reads_is_never_stale(processes):
    global factor
    inner = [1]
    closed_over = 5

    def reads(batch):
        return batch + inner[0] + closed_over

    for value in (2, 3, 4):
        factor = inner[0] = closed_over = value
        assert processes.parallel_spike_processing([np.ones(1)], scaled)[0][0] == value
        assert processes.parallel_spike_processing([np.ones(1)], reads)[0][0] == 1 + 2 * value

    class Core:
        def __call__(self, batch):
            return batch + self.bias

    core = Core()
    for core.bias in (1, 2):
        assert processes.parallel_spike_processing([np.zeros(1)], core)[0][0] == core.bias


def shifted(batch):
    return batch + factor


def test_what_is_as_it_was_before_is_not_stale_either(processes):
    global factor
    for factor in (2, 3, 2, 3):
        assert processes.parallel_spike_processing([np.ones(1)], shifted)[0][0] == 1 + factor
        assert processes.parallel_spike_processing([np.ones(1)], scaled)[0][0] == factor
    factor = 4
    assert processes.parallel_spike_processing([np.ones(1)], shifted)[0][0] == 5
    factor = 3
    assert processes.parallel_spike_processing([np.ones(1)], scaled)[0][0] == 3


def _nested(batch):
    return scaled(batch) + _missing(batch) if "_missing" in globals() else scaled(batch)


@pytest.fixture
def once(processes):
    """Calls a function in workers, as often as there are, with an array of a single 1; gives what the last one gave."""

    def call(function):
        result = processes.parallel_spike_processing([np.ones(1), np.ones(1)], function)[1]
        return result[0] if isinstance(result, np.ndarray) and result.shape == (1,) else result

    return call


def test_names_that_come_go_and_hide_others_are_never_stale(once):
    global factor
    factor = 3
    assert once(_nested) == 3
    factor = 4
    assert once(_nested) == 4
    globals()["_missing"] = lambda batch: 100.0
    try:
        assert once(_nested) == 104
    finally:
        del globals()["_missing"]
    assert once(_nested) == 4

    def longest(batch):
        return batch * len([batch, batch])

    assert once(longest) == 2
    globals()["len"] = lambda _: 7
    try:
        assert once(longest) == 7
    finally:
        del globals()["len"]
    assert once(longest) == 2


def test_what_libraries_look_at_is_never_stale(once, tmp_path, monkeypatch):
    def looks(_):
        return os.environ.get("OMEGA_TEST_VARIABLE")

    def divides(batch):
        return batch / 0 * 0

    def folder(_):
        return os.path.abspath("here")

    known = {"answer": 1}
    answer_of = known.get

    assert once(looks) is None and np.isnan(once(divides)) and once(folder) == os.path.abspath("here") and once(lambda _: answer_of("answer")) == 1
    monkeypatch.setenv("OMEGA_TEST_VARIABLE", "set")
    monkeypatch.chdir(tmp_path)
    known["answer"] = 42
    assert once(looks) == "set" and once(folder) == str(tmp_path / "here") and once(lambda _: answer_of("answer")) == 42
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        once(divides)
    with warnings.catch_warnings(), pytest.raises(RuntimeWarning):
        warnings.simplefilter("error")
        once(divides)
    assert np.isnan(once(divides))


runs = 0


def counts(_):
    global runs
    runs += 1
    return runs


def test_what_a_function_writes_is_not_there_in_the_next_call(processes):
    for _ in range(3):
        assert processes.parallel_spike_processing([np.ones(1)], counts) == [1]
    assert runs == 0


def draws(_):
    return float(np.random.random()), random.random(), float(np.random.default_rng(7).random())


def test_random_numbers_are_each_tasks_own_and_the_programs_seeds():
    def drawn(workers):
        np.random.seed(5)
        random.seed(5)
        with ParallelProcessor(ParallelConfig(num_threads=workers, parallel_strategy="process")) as processor:
            return [each for _ in range(3) for each in processor.parallel_spike_processing(batches_of(5), draws)]

    once = drawn(1)
    for column in range(2):
        assert len({each[column] for each in once}) == 15
    assert len({each[2] for each in once}) == 1  # a generator with a seed of its own
    assert drawn(1) == drawn(2) == drawn(3) == once


def test_threads_that_draw_random_numbers_do_not_stop_forked_processes(processes):
    processes.timeout = 30.0
    ends = threading.Event()

    def draw():
        while not ends.is_set():
            np.random.random(2000)

    threads = [threading.Thread(target=draw) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(20):
            assert len(processes.parallel_spike_processing(batches_of(2), draws)) == 2
    finally:
        ends.set()
        for thread in threads:
            thread.join()


def test_defaults_code_cells_and_keywords_are_never_stale(once):
    def with_defaults(batch, add=1, *, times=2):
        return (batch + add) * times

    assert once(with_defaults) == 4
    with_defaults.__defaults__ = (2,)
    assert once(with_defaults) == 6
    with_defaults.__kwdefaults__["times"] = 5
    assert once(with_defaults) == 15
    with_defaults.__code__ = (lambda batch, add=1, *, times=2: batch * 0 + add).__code__
    assert once(with_defaults) == 2

    partial = functools.partial(double)
    with_keywords = functools.partial(lambda batch, add: batch + add, add=1)
    for with_keywords.keywords["add"] in (1, 2):
        assert once(with_keywords) == 1 + with_keywords.keywords["add"]
    assert once(partial) == 2

    step = 1

    def counts_down(batch):
        return batch * 0 if batch[0] <= 0 else step + counts_down(batch - 1)

    assert once(counts_down) == 1
    step = 2
    assert once(counts_down) == 2


def test_calls_of_little_work_fork_one_process_only(processes):
    large = [np.ones(1 << 21) for _ in range(2)]  # too large to be sent
    processes.parallel_spike_processing(large, first)
    assert processes._processes.forks == 2
    assert processes.parallel_spike_processing(large, first) == [1.0, 1.0]
    assert processes._processes.forks == 3
    assert "1 process forked" in processes.explain()
    for _ in range(2):
        processes.parallel_spike_processing(large, sleeps)
    assert processes._processes.forks == 7
    assert "2 processes forked" in processes.explain()


def first(batch):
    return float(batch[0])


def sleeps(batch):
    time.sleep(0.1)


def test_arguments_written_between_calls_are_never_stale(processes):
    ordinary, shared = np.zeros(10), shared_array(10)
    for value in (1, 2, 3):
        ordinary[:] = shared[:] = value
        assert [r[0] for r in processes.parallel_spike_processing([ordinary, shared], double)] == [2 * value] * 2


def test_functions_that_cannot_be_pickled_and_large_arrays(processes):
    offset = threading.Lock()  # not picklable
    large = np.arange(1 << 20, dtype=float)
    results = processes.parallel_spike_processing([large, large[::-1]], lambda batch: (offset.locked(), batch * 2))
    assert results[0][0] is False
    np.testing.assert_array_equal(results[0][1], large * 2)
    np.testing.assert_array_equal(results[1][1], large[::-1] * 2)
    results[0][1][0] = 7  # the result is ours to write


def add_one(batch):
    batch += 1
    return batch[2:]


def test_shared_arrays_are_the_same_memory_in_workers(processes):
    arrays = [shared_array((4, 5), np.int32) for _ in range(3)]
    for _ in range(3):
        results = processes.parallel_spike_processing(arrays, add_one)
    assert all((array == 3).all() for array in arrays)
    assert all(np.shares_memory(result, array) and is_shared(result) for result, array in zip(results, arrays))
    assert is_shared(arrays[0][1:, ::2]) and not is_shared(np.zeros(3))
    assert processes._processes.forks == 2


def test_shared_arrays_made_later_reach_workers_that_stay(processes):
    assert processes.parallel_spike_processing([shared_array(8) for _ in range(2)], add_one)[1][0] == 1
    later = shared_array((3, 3))
    processes.parallel_spike_processing([later, later[:1]], add_one)
    assert later[2, 2] == 1 and later[0, 0] == 2
    made_there = processes.parallel_spike_processing([1.0, 2.0], make_shared)
    assert [array[0] for array in made_there] == [1.0, 2.0]


def make_shared(value):
    array = shared_array(3)
    array[:] = value
    return array


def test_memory_of_shared_arrays_is_given_back(processes):
    array = shared_array(1 << 20)
    processes.parallel_spike_processing([array, array], add_one)
    files = len(os.listdir("/proc/self/fd"))
    del array
    gc.collect()
    assert processes._processes.pids() == [] and len(os.listdir("/proc/self/fd")) < files


def test_shared_array_refuses_what_cannot_be_shared():
    with pytest.raises(ValueError, match="Python objects"):
        shared_array(3, object)
    with pytest.raises(ValueError, match="shape = -1: it must be an int, at least 0"):
        shared_array((2, -1))
    assert shared_array((0, 3)).shape == (0, 3) and shared_array(()).shape == ()


def test_a_killed_worker_is_replaced_and_its_work_done(processes, tmp_path):
    mark = tmp_path / "killed"

    def dies_once(batch):
        if batch[0] == 2 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return batch

    assert [r[0] for r in processes.parallel_spike_processing(batches_of(6), dies_once)] == list(range(6))


def test_a_task_that_kills_two_workers_is_reported(processes):
    def dies(batch):
        if batch[0] == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return batch

    with pytest.raises(WorkerDied, match=r"batch 1 of 3 .*dies\): its worker process \d+ was killed by SIGKILL, 2 times"):
        processes.parallel_spike_processing(batches_of(3), dies)


def test_workers_killed_between_calls_are_replaced(processes):
    processes.parallel_spike_processing(batches_of(4), double)
    for pid in processes._processes.pids():
        os.kill(pid, signal.SIGKILL)
    assert processes.parallel_spike_processing(batches_of(4), double)[3][0] == 6


def test_a_result_that_cannot_be_sent_is_an_error(processes):
    with pytest.raises(TypeError, match="the result, lock, cannot be sent"):
        processes.parallel_spike_processing(batches_of(2), lambda _: threading.Lock())


class Refused(Exception):
    """Keeps other arguments than its constructor takes."""

    def __init__(self, host, port):
        super().__init__(f"{host} said no")
        self.port = port


def refuse(batch):
    raise Refused("a", 5)


def test_an_exception_keeps_its_class_whatever_its_constructor_takes(processes):
    with pytest.raises(Refused, match="a said no") as caught:
        processes.parallel_spike_processing(batches_of(2), refuse)
    assert caught.value.port == 5 and caught.value.args == ("a said no",) and 'Refused("a", 5)' in str(caught.value.__cause__)


@pytest.mark.parametrize("timeout", [float("inf"), 1e300, 1e9, 2e6])
def test_time_without_end_is_no_limit(processes, timeout):
    processes.timeout = timeout
    assert processes.parallel_spike_processing([1, 2], abs) == [1, 2]


def test_what_workers_print_arrives_once(capfd, processes):
    print("before", end="")
    processes.parallel_spike_processing([1, 2], lambda i: print(f"batch {i}"))
    out = capfd.readouterr().out
    # Captured, a line and its end are written one after the other, and another worker's may come between.
    assert [out.count(each) for each in ("before", "batch 1", "batch 2", "\n")] == [1, 1, 1, 2]


def test_answers_of_short_tasks_come_together(processes, monkeypatch):
    messages = []
    receive = Worker.receive
    monkeypatch.setattr(Worker, "receive", lambda worker: messages.append(worker) or receive(worker))
    assert processes.parallel_spike_processing(list(range(20_000)), abs) == list(range(20_000))
    assert len(messages) < 10_000


written = np.zeros(1)


def test_results_that_later_tasks_write_to_are_as_they_were(processes):
    def writes(batch):
        written[0] = batch
        return written

    assert [int(result[0]) for result in processes.parallel_spike_processing(list(range(3_000)), writes)] == list(range(3_000))


def test_of_many_short_tasks_the_one_that_kills_is_reported():
    def dies(batch):
        if batch == 37:
            os.kill(os.getpid(), signal.SIGKILL)
        return batch

    with ParallelProcessor(ParallelConfig(num_threads=2, parallel_strategy="process", chunk_size=30), max_errors=1) as processor:
        assert processor.parallel_spike_processing(list(range(100)), dies) == [i if i != 37 else None for i in range(100)]
        ((at, error),) = processor.errors
    assert at == 37 and "batch 37 of 100" in str(error) and "2 times" in str(error)


def test_a_late_answer_names_the_task_that_runs():
    def waits(batch):
        if batch == 3:
            time.sleep(60)
        return batch

    with ParallelProcessor(ParallelConfig(num_threads=1, parallel_strategy="process", chunk_size=5), timeout=0.5) as processor:
        with pytest.raises(TimeoutError, match="batch 3 of 5 .*waits\\) was running"):
            processor.parallel_spike_processing(list(range(5)), waits)


def test_workers_make_shared_arrays_by_the_hundreds():
    def makes(value):
        array = shared_array(1, np.int64)
        array[0] = value
        return array

    with ParallelProcessor(ParallelConfig(num_threads=2, parallel_strategy="process", chunk_size=400)) as processor:
        results = processor.parallel_spike_processing(list(range(800)), makes)
        assert [int(result[0]) for result in results] == list(range(800)) and all(is_shared(result) for result in results)


def test_what_draws_no_random_numbers_leaves_the_generators_alone(processes):
    """Whether workers stay for it or, for arguments that are too large to be sent, are forked for it."""
    for batches in ([np.ones(3)] * 4, [np.ones(1 << 20)] * 4):
        np.random.seed(1)
        processes.parallel_spike_processing(batches, np.sum)
        assert np.random.randint(1 << 30) == np.random.RandomState(1).randint(1 << 30)
