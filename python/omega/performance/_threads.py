# SPDX-License-Identifier: Apache-2.0
"""Threads that stay, for Python callables."""

from __future__ import annotations

import os
import sys
import threading
import time
import weakref
from _thread import LockType, allocate_lock
from queue import SimpleQueue
from time import perf_counter
from typing import Callable

from omega import _native
from omega.performance._tasks import Call, TaskHandout


class DeadlineError(TimeoutError):
    """Tasks were not done within `timeout`. `unfinished`: their positions, those that had begun first."""

    def __init__(self, message: str, unfinished: list[int]) -> None:
        super().__init__(message)
        self.unfinished = unfinished


class _Lanes:
    """A call being run by several threads: lane i is who asks the handout as worker i."""

    def __init__(self, call: Call, handout: TaskHandout, lanes: int, one_library_thread: bool, on_task: Callable[[], object] | None) -> None:
        self.call = call
        self.handout = handout
        self.one_library_thread = one_library_thread
        self.on_task = on_task
        self.running = [-1] * lanes
        self._left = lanes
        self._lock = allocate_lock()
        self.done = allocate_lock()
        self.done.acquire()

    def run(self, lane: int) -> None:
        """Runs what the handout gives to this lane; ends quietly, failures are the call's."""
        guard = _native.OneLibraryThread() if self.one_library_thread else None
        try:
            self._run(lane)
        finally:
            del guard

    def leave(self) -> LockType | None:
        """To be called once a lane, behind `run`. From the last one the lock to release, once nothing of the call is held any more: who made the call may
        count on its arguments being free."""
        with self._lock:
            self._left -= 1
            return self.done if self._left == 0 else None

    def _run(self, lane: int) -> None:
        call = self.call
        next_tasks = self.handout.next
        spent = 0.0
        while True:
            tasks = next_tasks(lane, spent)
            if not tasks:
                return
            first = begin = perf_counter()
            for index in tasks:
                if not call.wanted(index):
                    continue
                self.running[lane] = index
                call.worker_of[index] = lane
                try:
                    call.results[index] = call.functions[index](call.arguments[index], **call.kwargs)
                except Exception as error:
                    call.fail(index, error)
                except BaseException as error:  # an interrupt or an exit ends the call
                    self.handout.stop()
                    call.fail(index, error)
                    raise
                end = perf_counter()
                call.seconds[index] = end - begin
                call.finished[index] = True
                begin = end
                if self.on_task is not None:
                    self.on_task()
            self.running[lane] = -1
            spent = begin - first


_pools: weakref.WeakSet[ThreadPool] = weakref.WeakSet()


class ThreadPool:
    """Daemon threads that wait for lanes. One whose task never returns is missed by nobody: another one starts in its place."""

    def __init__(self, size: int, affinity: bool) -> None:
        self._size = size
        self._processors = _native.processors() if affinity else []
        self._may_run_on = _native.Processors()
        self._lock = threading.Lock()
        self._reset()
        _pools.add(self)

    def _reset(self) -> None:
        self._queue: SimpleQueue[tuple[_Lanes, int] | None] = SimpleQueue()
        self._free = 0
        self._threads: list[threading.Thread] = []
        self._busy: set[int] = set()
        self._started = 0

    def _start_thread(self) -> None:
        self._started += 1
        thread = threading.Thread(target=self._serve, args=(self._started, self._queue), name=f"omega-processor-{self._started}", daemon=True)
        self._threads = [each for each in self._threads if each.is_alive()]
        self._threads.append(thread)
        thread.start()

    def _serve(self, number: int, queue: SimpleQueue[tuple[_Lanes, int] | None]) -> None:
        if self._processors:
            os.sched_setaffinity(threading.get_native_id(), {self._processors[number % len(self._processors)]})
        while True:
            item = queue.get()
            if item is None:
                return
            lanes, lane = item
            del item
            if not self._processors:
                self._may_run_on.go_anywhere()
            try:
                lanes.run(lane)
            except BaseException:  # kept by the call, which raises it where it was made
                pass
            done = lanes.leave()
            del lanes
            if done is not None:
                done.release()
            with self._lock:
                if self._free >= self._size:  # a thread that was given up came back
                    return
                self._free += 1

    def _submit(self, lanes: _Lanes, lane: int) -> None:
        with self._lock:
            if self._free > 0:
                self._free -= 1
            else:
                self._start_thread()
        self._queue.put((lanes, lane))

    def _place(self, threads: int) -> None:
        """Has threads that sleep begin on other processors than this one, when there are enough: woken on the same one, they would take turns with this
        thread for milliseconds."""
        if self._processors or threads >= self._may_run_on.count:
            return
        with self._lock:
            asleep = [thread.ident or 0 for thread in self._threads] if self._free == len(self._threads) else []
        self._may_run_on.keep_off_here(asleep)

    def run(
        self,
        call: Call,
        handout: TaskHandout,
        lanes: int,
        timeout: float | None,
        one_library_thread: bool,
        on_task: Callable[[], object] | None = None,
    ) -> None:
        """Runs a call; without a time-out the calling thread is one of the lanes.

        Raises
        ------
        DeadlineError
            `timeout` [s] has passed. Tasks that have begun run on, unseen; the others never begin.
        """
        work = _Lanes(call, handout, lanes, one_library_thread, on_task)
        if sys.is_finalizing():  # no thread begins any more, and those that there were are gone
            for lane in range(lanes):
                work.run(lane)
            return
        first = 0 if timeout is not None else 1
        self._place(lanes - first)
        for lane in range(first, lanes):
            self._submit(work, lane)
        try:
            if timeout is None:
                try:
                    work.run(0)
                finally:
                    is_last = work.leave() is not None
                if not is_last:
                    work.done.acquire()
            elif not _acquire_until(work.done, time.monotonic() + timeout):
                self._give_up(work, timeout)
        except BaseException:
            handout.stop()
            raise

    @staticmethod
    def _give_up(work: _Lanes, timeout: float) -> None:
        work.handout.stop()
        call = work.call
        running = [index for index in work.running if index >= 0 and not call.finished[index]]
        waiting = [i for i in range(call.count) if not call.finished[i] and i not in running]
        names = ", ".join(call.name(index) for index in running[:3])
        raise DeadlineError(
            f"{call.title}: not done after {timeout:g} s: {names or 'no task'} still running, {len(waiting)} of {call.count} not begun", running + waiting
        )

    def close(self) -> None:
        with self._lock:
            threads, self._threads = self._threads, []
            free, self._free = self._free, 0
        for _ in threads:
            self._queue.put(None)
        deadline = time.monotonic() + 0.2 if free else 0.0
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))


def _acquire_until(lock: object, deadline: float) -> bool:
    """As `lock.acquire(timeout=…)`, for any time. Ctrl-C ends it at once."""
    while True:
        left = deadline - time.monotonic()
        if lock.acquire(timeout=min(max(left, 0.0), 3600.0)):  # type: ignore[attr-defined]
            return True
        if left <= 0:
            return False


def _forget_threads() -> None:
    for pool in list(_pools):
        pool._lock = threading.Lock()
        pool._reset()


os.register_at_fork(after_in_child=_forget_threads)
