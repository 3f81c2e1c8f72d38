# SPDX-License-Identifier: Apache-2.0
"""Calls that compute in Python, each in a worker process."""

from __future__ import annotations

import atexit
import functools
import os
import threading
from collections.abc import Callable
from typing import Any

from omega import _native
from omega._workers.random_numbers import fresh_seed
from omega._workers.reuse import Forked, KnownFunctions, can_be_sent
from omega._workers.shared_memory import segments
from omega._workers.worker import MOST_DESCRIPTORS, Answer, Settings, Worker, WorkerDied, calls_by_number, in_words


class _Staying:
    """A worker that stays, and the functions that it knows."""

    def __init__(self, known: KnownFunctions) -> None:
        self.known = known
        self.forked = Forked(known)
        self.worker = Worker(calls_by_number(known.functions), Settings())


class _Pool:
    """Workers for calls one by one, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._room: threading.Semaphore | None = None
        self._most: int | None = None
        self._known = KnownFunctions()
        self._idle: list[_Staying] = []
        self._freed: set[int] = set()

    def set_most(self, count: int) -> None:
        """How many calls run at the same time; without effect once there was one."""
        with self._lock:
            if self._room is None:
                self._most = count

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Answer:
        with self._lock:
            if self._room is None:
                self._room = threading.Semaphore(self._most or _native.cpu_count())
            room = self._room
        with room:
            taken = self._take(function, args, kwargs)
            if taken is None:
                # The process has the function and its arguments as they are now, whatever they hold.
                worker = Worker(calls_by_number([functools.partial(function, *args, **kwargs)]), Settings(seed=fresh_seed()))
                answer = _ask(worker, function, (0, (), {}))
                worker.kill()
                return answer
            staying, number = taken
            answer = _ask(staying.worker, function, (number, args, kwargs))
            self._give_back(staying)
            return answer

    def _take(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[_Staying, int] | None:
        """A worker that knows the function, and the function's number there; None when the call needs a process of its own."""
        if not can_be_sent([args, kwargs]) or segments.count() >= MOST_DESCRIPTORS:
            return None
        with self._lock:
            self._end_outdated()
            if self._known.is_full:
                self._known = KnownFunctions()
                self._end_outdated()
            number = self._known.number_of(function)
            if number is None:
                return None
            while self._idle:
                staying = self._idle.pop()
                if staying.forked.can_run([number]) and not staying.worker.gone():
                    return staying, number
                staying.worker.kill()
            return _Staying(self._known), number

    def _give_back(self, staying: _Staying) -> None:
        with self._lock:
            self._idle.append(staying)
            self._end_outdated()

    def _end_outdated(self) -> None:
        """Ends idle workers that know a list of functions which is given up, or hold a segment of shared memory that nobody else does."""
        idle = self._idle
        self._idle = [each for each in idle if each.known is self._known and not self._freed & each.worker.known]
        for each in idle:
            if each not in self._idle:
                each.worker.kill()

    def segment_freed(self, number: int) -> None:
        """The memory of a segment is free once the workers that hold it have ended. Called wherever an array dies, also with the lock in hand."""
        self._freed.add(number)
        if self._lock.acquire(blocking=False):
            try:
                self._end_outdated()
                if not self._idle:
                    self._freed.clear()
            finally:
                self._lock.release()

    def close(self) -> None:
        with self._lock:
            self._known = KnownFunctions()
            self._end_outdated()


def _ask(worker: Worker, function: Callable[..., Any], task: tuple[int, tuple[Any, ...], dict[str, Any]]) -> Answer:
    """Has a worker run one task. When no answer comes, it is dead, or killed."""
    try:
        try:
            worker.send([0], [task])
        except ConnectionError:
            pass  # its death is heard below
        return worker.receive()[0]
    except (EOFError, ConnectionError):
        status = worker.wait()
        worker.leave()
        raise WorkerDied(f"the worker process {worker.pid} that ran {function!r} {in_words(status)}; the next call gets another one") from None
    except BaseException:
        worker.kill()
        raise


_pool = _Pool()


def set_max_processes(count: int) -> None:
    """How many calls run in processes at the same time; without effect once there was one."""
    _pool.set_most(count)


def call_in_process(function: Any, /, *args: Any, **kwargs: Any) -> Any:
    """Calls a function in a worker process and waits for its result, which its exception is where it raises one.

    Raises TypeError when the result cannot be sent back, WorkerDied when the process ended in the midst.
    """
    answer = _pool.call(getattr(function, "function", function), args, kwargs)
    if not answer.succeeded:
        raise answer.value
    return answer.value


def _forget() -> None:
    """In a forked process: the workers are its parent's."""
    global _pool
    _pool = _Pool()


def _segment_freed(number: int) -> None:
    _pool.segment_freed(number)


segments.on_free.append(_segment_freed)
atexit.register(lambda: _pool.close())
os.register_at_fork(after_in_child=_forget)
