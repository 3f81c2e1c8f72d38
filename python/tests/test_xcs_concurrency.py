# SPDX-License-Identifier: Apache-2.0
"""Calls of traced functions on threads and in processes, from threads, under interrupts and beside forks."""

from __future__ import annotations

import ctypes
import gc
import os
import random
import signal
import sys
import threading
import time
import types
from typing import Any

import numpy as np
import pytest
from measured import takes_below

from omega import xcs
from omega._workers.shared_memory import segments
from omega.performance import ParallelConfig, ParallelProcessor, WorkerDied, shared_array
from omega.xcs import processes

FACTOR = 1


@xcs.opaque
def ask(x: Any) -> Any:
    time.sleep(0.001)
    return x


def test_independent_calls_run_at_the_same_time() -> None:
    gate = threading.Barrier(8)  # opens when eight calls are inside

    def meet(i: int) -> int:
        gate.wait(timeout=60)
        return i

    assert xcs.jit(lambda n: [meet(i) for i in range(n)])(8) == list(range(8))


def test_calls_of_operators_within_a_traced_function_run_at_the_same_time() -> None:
    gate = threading.Barrier(6)  # opens when the calls of all operators are inside

    def meet(x: int) -> int:
        gate.wait(timeout=60)
        return x

    @xcs.jit
    class Pair(xcs.Operator):
        def __init__(self) -> None:
            self.models = [xcs.opaque(meet), xcs.opaque(meet)]

        def forward(self, x: int) -> Any:
            return [model(x) for model in self.models]

    pair = Pair()

    @xcs.jit
    def function(count: int) -> Any:
        return [pair(x) for x in range(count)]

    assert function(3) == [[0, 0], [1, 1], [2, 2]]
    assert len(xcs.graph(function)) == 6


def test_several_threads_call_one_function() -> None:
    @xcs.jit
    def function(x: int) -> Any:
        return [ask(x) + i for i in range(10)]

    results: dict[int, Any] = {}

    def work(i: int) -> None:
        for _ in range(5):
            results[i] = function(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {i: [i + k for k in range(10)] for i in range(8)}


def test_traced_functions_inside_of_calls() -> None:
    inner = xcs.jit(lambda x: [ask(x), ask(x + 1)])

    @xcs.opaque
    def call(x: int) -> Any:
        return inner(x)

    assert xcs.jit(lambda n: [call(i) for i in range(n)])(20) == [[i, i + 1] for i in range(20)]


def test_sequential_and_limited() -> None:
    active: list[int] = [0, 0]
    lock = threading.Lock()

    @xcs.opaque
    def enter(x: int) -> int:
        with lock:
            active[0] += 1
            active[1] = max(active)
        time.sleep(0.002)
        with lock:
            active[0] -= 1
        return x

    assert xcs.jit(lambda: [enter(i) for i in range(5)], parallel=False)() == list(range(5))
    assert active[1] == 1
    assert xcs.jit(lambda: [enter(i) for i in range(12)], max_threads=2)() == list(range(12))
    assert active[1] <= 3  # the caller is one more


def compute(n: int) -> int:
    return sum(i * i for i in range(n))


def fail_there(n: int) -> int:
    raise LookupError(f"there {n}")


def test_processes() -> None:
    @xcs.jit(strategy="process")
    def function(n: int) -> Any:
        return [compute(n + i) for i in range(4)], os.getpid() == pid(0)

    assert function(100) == ([compute(100 + i) for i in range(4)], False)
    heavy = xcs.cpu_bound(compute)
    assert xcs.jit(lambda: heavy(10) + heavy(20))() == compute(10) + compute(20)
    with pytest.raises(LookupError, match="there 1"):
        xcs.jit(lambda: fail_there(1), strategy="process")()


def test_processes_see_what_is_there_at_the_call() -> None:
    factor = [2]
    heavy = xcs.cpu_bound(lambda x: x * factor[0] + FACTOR)  # neither the function nor all that it reads can be pickled or stays as it is
    traced = xcs.jit(lambda: [heavy(i) for i in range(3)])
    global FACTOR
    try:
        assert traced() == [1, 3, 5]
        factor[0], FACTOR = 10, 7
        assert traced() == [7, 17, 27]
    finally:
        FACTOR = 1
    other = xcs.cpu_bound(times)
    try:
        assert xcs.jit(lambda: other(4))() == 4
        FACTOR = 3
        assert xcs.jit(lambda: other(4))() == 12
        FACTOR = 1  # as the first worker has it, but not the one that has come since
        assert xcs.jit(lambda: other(4))() == 4
    finally:
        FACTOR = 1


def test_processes_draw_different_random_numbers() -> None:
    draw = xcs.cpu_bound(lambda i: (np.random.random(), random.random()))
    drawn = xcs.jit(lambda: [draw(i) for i in range(4)])() + xcs.jit(lambda: [draw(i) for i in range(4)])()
    assert len({first for first, _ in drawn}) == len({second for _, second in drawn}) == 8


def test_processes_see_what_a_module_without_a_file_has_at_the_call() -> None:
    module = sys.modules["made_by_a_program"] = types.ModuleType("made_by_a_program")
    try:
        exec("TABLE = {}\ndef size(x):\n    return len(TABLE) + x", module.__dict__)  # noqa: S102
        size = xcs.cpu_bound(module.__dict__["size"])
        program = xcs.jit(lambda: size(1))
        for count in range(4):
            assert program() == count + 1
            module.__dict__["TABLE"][count] = count
    finally:
        del sys.modules["made_by_a_program"]


def test_processes_stay_and_are_few() -> None:
    where = xcs.cpu_bound(pid)
    traced = xcs.jit(lambda: [where(i) for i in range(20)])
    first, second = set(traced()), set(traced())
    assert os.getpid() not in first
    assert len(first | second) <= os.cpu_count()
    assert first & second


def test_shared_arrays_reach_processes_and_are_given_back() -> None:
    add = xcs.cpu_bound(add_in_place)
    array = shared_array(1000)
    xcs.jit(lambda: add(array))()
    assert array[0] == 1
    number = segments.holding(array).number
    assert any(number in each.worker.known for each in processes._pool._idle)
    del array
    gc.collect()
    assert not any(number in each.worker.known for each in processes._pool._idle)


def test_a_process_that_dies_is_an_error(recwarn: pytest.WarningsRecorder) -> None:
    die = xcs.cpu_bound(kill_itself)
    with pytest.raises(WorkerDied, match="was killed by SIGKILL"):
        xcs.jit(lambda: die())()
    heavy = xcs.cpu_bound(compute)
    assert xcs.jit(lambda: heavy(5))() == compute(5)
    hidden = xcs.cpu_bound(lambda: lambda: 1)
    with pytest.raises(TypeError, match="cannot be sent from the worker process"):
        xcs.jit(lambda: hidden())()
    gc.collect()
    assert not [each for each in recwarn.list if each.category is ResourceWarning]  # its socket is closed


def test_no_process_is_left_over(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    class NotedWorker(processes.Worker):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            made.append(self.pid)

    processes._pool.close()
    monkeypatch.setattr(processes, "Worker", NotedWorker)
    heavy = xcs.cpu_bound(compute)
    xcs.jit(lambda: [heavy(i) for i in range(4)])()
    for i in range(70):  # more functions than are kept
        each = xcs.cpu_bound(types.FunctionType(compute.__code__, {"sum": sum, "range": range}, f"compute_{i}"))
        assert xcs.jit(lambda: each(i))() == compute(i)
    changing = [1]
    once = xcs.cpu_bound(lambda: changing[0])
    assert xcs.jit(lambda: once())() == 1
    processes._pool.close()
    assert len(made) > 2
    for each in made:
        with pytest.raises(ChildProcessError):
            os.waitpid(each, os.WNOHANG)


def test_processes_of_calls_beside_those_of_a_processor() -> None:
    heavy = xcs.cpu_bound(compute)
    xcs.jit(lambda: heavy(5))()
    with ParallelProcessor(ParallelConfig(num_threads=2, parallel_strategy="process")) as processor:
        threads = [threading.Thread(target=processor.parallel_spike_processing, args=([1, 2, 3], compute)) for _ in range(4)]
        for thread in threads:
            thread.start()
        assert xcs.jit(lambda: [heavy(i) for i in range(20)])() == [compute(i) for i in range(20)]
        for thread in threads:
            thread.join()


def times(x: int) -> int:
    return x * FACTOR


def add_in_place(array: np.ndarray[Any, Any]) -> None:
    array += 1


def kill_itself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def pid(_: int) -> int:
    return os.getpid()


def test_an_interrupt_ends_the_call() -> None:
    release = threading.Event()

    @xcs.opaque
    def wait(x: int) -> int:
        if x == 0:
            os.kill(os.getpid(), signal.SIGINT)
        release.wait(timeout=60)
        return x

    try:
        with pytest.raises(KeyboardInterrupt):
            xcs.jit(lambda: [wait(i) for i in range(4)])()
    finally:
        release.set()


def test_an_interrupt_in_what_the_main_thread_runs_ends_the_call_too() -> None:
    release = threading.Event()
    beside = threading.Event()

    @xcs.opaque
    def wait(x: int) -> int:
        if threading.current_thread() is not threading.main_thread():
            beside.set()
            release.wait(timeout=60)
        elif beside.is_set():  # a call before this one runs on the other thread, and is waited for
            os.kill(os.getpid(), signal.SIGINT)
        else:
            time.sleep(0.001)
        return x

    begin = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            xcs.jit(lambda: [wait(i) for i in range(1000)], max_threads=1)()
        assert time.monotonic() - begin < 30
    finally:
        release.set()


def test_a_forked_child_runs_functions_as_they_are() -> None:
    function = xcs.jit(lambda: [ask(i) for i in range(3)])
    function()
    child = os.fork()
    if child == 0:
        os._exit(0 if function() == [0, 1, 2] else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_python_knows_the_threads_of_operations() -> None:
    meet = threading.Barrier(4, timeout=60)

    @xcs.opaque
    def look(_: int) -> tuple[int, bool, bool]:
        meet.wait()
        own = threading.get_ident()
        return own, own in sys._current_frames(), ctypes.pythonapi.PyGILState_Check() == 1

    seen = xcs.jit(lambda: [look(i) for i in range(4)])()
    assert len({own for own, _, _ in seen}) == 4
    assert all(is_listed and has_lock for _, is_listed, has_lock in seen)


def test_code_in_c_that_asks_for_the_lock_gets_it() -> None:
    meet = threading.Barrier(3, timeout=60)
    ensure, release = ctypes.pythonapi.PyGILState_Ensure, ctypes.pythonapi.PyGILState_Release

    @xcs.opaque
    def call(x: int) -> int:
        meet.wait()
        state = ensure()  # with the lock in hand: what wrappers of C libraries do
        release(state)
        return x

    assert xcs.jit(lambda: [call(i) for i in range(3)])() == [0, 1, 2]


def test_calls_of_results_without_effects_run_at_the_same_time() -> None:
    meet = threading.Barrier(3, timeout=60)

    def waits(i: int) -> Any:
        return meet.wait() * 0 + i

    def chosen(name: str) -> Any:
        return waits

    class Model:
        def __init__(self) -> None:
            self.calls = 0

        def __call__(self, i: int) -> int:
            self.calls += 1
            return meet.wait() * 0 + i

    models = [Model() for _ in range(3)]

    @xcs.jit
    def each_chosen() -> list[int]:
        return [chosen("it")(i) for i in range(3)]

    @xcs.jit
    def each_model() -> list[int]:
        return [models.__getitem__(i)(i) for i in range(3)]

    assert each_chosen() == [0, 1, 2]
    assert each_model() == [0, 1, 2]


def test_who_waits_for_many_short_calls_goes_on_when_they_are_over() -> None:
    def short(x: list[int]) -> int:
        time.sleep(0.0003)
        return len(x)

    def many() -> list[int]:
        given = [1, 2, 3]
        return [short(given) for _ in range(300)]

    traced = xcs.jit(many)
    traced()

    def seconds() -> float:
        begin = time.perf_counter()
        for _ in range(20):
            traced()
        return time.perf_counter() - begin

    assert takes_below(0.2, seconds)  # it takes 0.1; a wait that nobody ends takes 0.05 more, half of the calls had one
