# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C, callbacks on Omega's threads, and what they raise."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path

import numpy as np
import pytest

from omega import _native, arrays, xcs


def interrupt_when(ready: threading.Event) -> threading.Thread:
    """Sends SIGINT to this process again and again from when `ready` is set until the thread is told to stop."""

    def send() -> None:
        ready.wait()
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=send)
    thread.start()
    return thread


def test_an_interrupt_ends_work_without_the_lock():
    ready = threading.Event()
    sender = interrupt_when(ready)
    with pytest.raises(KeyboardInterrupt):
        ready.set()
        _native._wait_until_interrupted()
    sender.join()


def test_an_interrupt_ends_a_kernel():
    # Forty thousand million elements, of which one is in memory: most of a minute.
    endless = np.broadcast_to(np.float64(1), (10_000_000, 4096))
    sender = threading.Thread(target=lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        sender.start()
        arrays.sum(endless, axis=1)
    sender.join()


def test_the_handler_is_pythons_again_afterwards():
    calls = []
    before = signal.signal(signal.SIGINT, lambda *_: calls.append(1))
    try:
        os.kill(os.getpid(), signal.SIGINT)
        assert calls == [1]
    finally:
        signal.signal(signal.SIGINT, before)
    assert before is signal.default_int_handler


def test_an_interrupt_ends_callbacks_on_other_threads():
    ready = threading.Barrier(3)

    def endless():
        ready.wait()
        while True:
            pass

    def send() -> None:
        ready.wait()
        os.kill(os.getpid(), signal.SIGINT)

    sender = threading.Thread(target=send)
    sender.start()
    with pytest.raises(KeyboardInterrupt):
        _native._call_side_by_side([endless, endless])
    sender.join()


@pytest.mark.parametrize("is_interrupted", [False, True])
def test_python_runs_under_a_profiler_after_callbacks_on_other_threads(is_interrupted):
    """In a process of its own: CPython 3.11 would never come out of the first function that is profiled."""
    program = """if True:
    import cProfile, os, signal, threading
    from omega import _native

    def endless():
        ready.wait()
        while True:
            pass

    def send():
        ready.wait()
        os.kill(os.getpid(), signal.SIGINT)

    if {is_interrupted}:
        ready = threading.Barrier(3)
        threading.Thread(target=send).start()
        try:
            _native._call_side_by_side([endless, endless])
        except KeyboardInterrupt:
            print("interrupted")
    _native._call_side_by_side([lambda: None, lambda: None])
    profiler = cProfile.Profile()
    profiler.enable()
    (lambda: print("done"))()
    profiler.disable()
    """
    environment = {**os.environ, "PYTHONPATH": str(Path(_native.__file__).parents[1])}
    ended = subprocess.run([sys.executable, "-c", program.format(is_interrupted=is_interrupted)], capture_output=True, text=True, timeout=30, env=environment)
    assert ended.stdout == "interrupted\n" * is_interrupted + "done\n", ended.stderr


def test_an_own_handler_is_called_when_the_work_is_over():
    calls = []
    before = signal.signal(signal.SIGINT, lambda *_: calls.append(1))
    try:
        _native._call_side_by_side([lambda: os.kill(os.getpid(), signal.SIGINT), lambda: None])
    finally:
        signal.signal(signal.SIGINT, before)
    assert calls == [1]


def test_what_a_callback_raises_keeps_its_traceback():
    meet = threading.Barrier(2)
    threads = set()

    def fails():
        threads.add(threading.get_ident())
        meet.wait()
        raise LookupError("here")

    with pytest.raises(LookupError, match="here") as raised:
        _native._call_side_by_side([fails, fails])
    assert len(threads) == 2
    assert "fails" in [frame.name for frame in traceback.extract_tb(raised.value.__traceback__)]


def test_threads_that_ended_leave_no_state_behind():
    def counts(rounds):
        for _ in range(rounds):
            meet = threading.Barrier(2)
            _native._call_side_by_side([meet.wait, meet.wait])
        return len(sys._current_frames())

    assert counts(20) <= counts(1) + 1


def test_work_from_a_thread_runs_to_its_end():
    seen = []
    thread = threading.Thread(target=lambda: _native._call_side_by_side([lambda: seen.append(1), lambda: seen.append(2)]))
    thread.start()
    thread.join()
    assert sorted(seen) == [1, 2]


class Stopped(BaseException):
    """What the handler of the test below raises."""


_NEW_PROGRAM = """
class Cell:
    def __init__(self):
        self.n = 0
        self.items = []
    def add(self, k):
        self.n += k
        self.items.append(k)
        return self.n
    def get(self):
        return self.n
    @property
    def total(self):
        return self.n + len(self.items)
cells = [Cell() for _ in range(3)]
log = []
def put(x):
    log.append(x)
    return len(log)
def pick(i):
    return cells[i % 3]
def helper(x):
    wait()
    return pick(x).get() + x
def program(a):
    read = [helper(i) for i in range(a)]
    added = [cell.add(1) for cell in cells]
    put(pick(read[0]).add(added[0]))
    for cell in cells:
        wait()
        put(cell.total)
    return [helper(i) + added[0] for i in range(3)]
"""


def test_a_handler_may_raise_at_any_moment_of_a_traced_call():
    """Also while code that is new is looked at: what is raised there arrives as it is."""

    def handler(*_):
        raise Stopped

    before = signal.signal(signal.SIGALRM, handler)
    moments = random.Random(0)
    stopped = 0
    try:
        for _ in range(150):
            namespace = {"wait": xcs.opaque(lambda: time.sleep(0))}
            exec(_NEW_PROGRAM, namespace)
            traced = xcs.jit(namespace["program"])
            try:
                signal.setitimer(signal.ITIMER_REAL, moments.uniform(1e-5, 2e-2))
                traced(4)
                signal.setitimer(signal.ITIMER_REAL, 0)
            except Stopped:
                stopped += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert stopped > 0
