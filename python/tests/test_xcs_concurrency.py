# SPDX-License-Identifier: Apache-2.0
"""Calls of traced functions on threads and in processes, from threads, under interrupts and beside forks."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from typing import Any

import pytest

from omega import xcs


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
    local = xcs.cpu_bound(lambda: 1)
    with pytest.raises(TypeError, match="cannot be sent to a worker process"):
        xcs.jit(lambda: local())()


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
