# SPDX-License-Identifier: Apache-2.0
"""Calls in worker processes.

A call forks its workers, which costs about a millisecond, unless workers of an earlier call will do as well: the functions are the same, nothing that they read
can have changed, and the arguments lie in shared arrays or are small enough to be sent.
"""

from __future__ import annotations

import math
import os
import select
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable

from omega import _native
from omega._workers import columns
from omega._workers.random_numbers import drawn_seed, fresh_seed
from omega._workers.reuse import Forked, KnownFunctions, can_be_sent
from omega._workers.shared_memory import segments
from omega._workers.worker import MOST_DESCRIPTORS, Settings, Work, Worker, WorkerDied, calls_by_number, in_words
from omega.performance._tasks import Call, Ran, TaskHandout
from omega.performance._threads import DeadlineError

#: A task whose worker died is begun again so many times.
REDONE = 1

#: What says who begins with which tasks, for so many workers.
Handout = Callable[[int], TaskHandout]


def _work_of(call: Call) -> Work:
    """What workers do that were forked for a call: their tasks' positions say all."""
    return lambda index, _: call.functions[index](call.arguments[index], **call.kwargs)


class ProcessPool:
    """Workers of one processor. One call at a time has those that stay; others fork their own."""

    def __init__(self, size: int, affinity: bool, memory: int | None, one_library_thread: bool, draws_seeds: bool) -> None:
        self._size = size
        self.draws_seeds = draws_seeds  # random numbers of tasks come from the generators of this process
        self._processors = _native.processors() if affinity else []
        self._memory = memory
        self._one_library_thread = one_library_thread
        self._forget()
        _pools.add(self)

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._stay: list[Worker] = []
        self._known = KnownFunctions()
        self._forked: Forked | None = None  # what those who stay can run
        self._leaving: deque[Worker] = deque()
        self._outdated = False
        self.forks = 0
        self._fork_seconds = 0.0  # what one takes: it grows with the memory of this process
        self.deaths: list[tuple[int, int]] = []

    def _fork(self, number: int, work: Work, seed: bytes | None = None) -> Worker:
        self.forks += 1
        is_main = threading.current_thread() is threading.main_thread()
        processor = self._processors[number % len(self._processors)] if self._processors else None
        begin = time.perf_counter()
        worker = Worker(work, Settings(processor, self._memory, self._one_library_thread, is_main, seed))
        took = time.perf_counter() - begin
        self._fork_seconds += (took - self._fork_seconds) * (0.3 if self._fork_seconds else 1.0)
        return worker

    def _worth_forking(self, lanes: int, expected: float | None) -> int:
        """Workers with which a call ends soonest: they are forked one after another, and share what takes `expected` [s]."""
        if expected is None or self._fork_seconds == 0.0:
            return lanes
        return max(1, min(lanes, round(math.sqrt(expected / self._fork_seconds))))

    def _fork_staying(self, number: int) -> Worker:
        return self._fork(number, calls_by_number(self._known.functions))

    def pids(self) -> list[int]:
        """Of the processes that stay for the next call."""
        return [worker.pid for worker in self._stay]

    def run(
        self, call: Call, handout_for: Handout, lanes: int, expected: float | None, timeout: float | None, on_task: Callable[[], object] | None = None
    ) -> Ran:
        """Runs a call in at most `lanes` processes; `expected`: what its tasks should take, one after another [s].

        Raises
        ------
        DeadlineError
            `timeout` [s] has passed; the processes that were busy are killed.
        """
        self._bury_leaving()
        own = self._lock.acquire(blocking=False)
        try:
            numbers = self._numbers(call) if own else None
            draws = numbers is None
            if numbers is None or not self._can_stay(call, numbers, lanes):
                numbers = None
                lanes = self._worth_forking(lanes, expected)
                run = _Run(self, call, handout_for(lanes), [], None, lanes, draws)
                run.fork_at_call()
                how = "forked for this call, seeing its arguments where they are"
            else:
                run = _Run(self, call, handout_for(lanes), self._stay, numbers, lanes, draws)
                how = "staying for the next; arguments sent, shared arrays by reference"
            try:
                run.serve(timeout, on_task)
            finally:
                if numbers is None:
                    for worker in run.workers:
                        worker.leave()
                    self._leaving.extend(run.workers)
                else:
                    self._stay = run.workers
            return Ran(f"{lanes} process{'es' if lanes > 1 else ''} {how}", run.handout.moves, lanes)
        finally:
            if own:
                if self._outdated:
                    self._end_stay()
                self._lock.release()

    def segment_freed(self, number: int) -> None:
        """Workers that hold a segment which nobody else does end, so that its memory is free; called whenever an array dies."""
        if any(number in worker.known for worker in self._stay):
            self._outdated = True
            if self._lock.acquire(blocking=False):
                self._end_stay()
                self._lock.release()

    def _numbers(self, call: Call) -> list[int] | None:
        """The functions' numbers; None where what one of them reads can change unseen, generators of random numbers among it."""
        if self._known.is_full:
            self._known = KnownFunctions()
            self._end_stay()
        at: dict[int, int] = {}
        for function in {id(function): function for function in call.functions}.values():
            number = self._known.number_of(function)
            if number is None:
                return None
            at[id(function)] = number
        return [at[id(function)] for function in call.functions]

    def _can_stay(self, call: Call, numbers: list[int], lanes: int) -> bool:
        """Whether workers that stay take the call, which are forked anew for new functions; else it forks its own."""
        if not can_be_sent(call.arguments) or not can_be_sent(call.kwargs) or segments.count() >= MOST_DESCRIPTORS:
            return False
        if len(self._stay) < lanes or self._forked is None or not self._forked.can_run(set(numbers)) or any(worker.gone() for worker in self._stay):
            self._end_stay()
            self._forked = Forked(self._known)
            self._stay = [self._fork_staying(i) for i in range(self._size)]
        return True

    def _end_stay(self) -> None:
        self._outdated = False
        for worker in self._stay:
            worker.leave()
        self._leaving.extend(self._stay)
        self._stay = []

    def _bury_leaving(self) -> None:
        """Takes leave of those that have ended. Any thread."""
        for _ in range(len(self._leaving)):
            try:
                worker = self._leaving.popleft()
            except IndexError:  # another thread's now
                return
            if not worker.gone():
                self._leaving.append(worker)

    def close(self) -> None:
        """Ends the processes; those that do not end at once are killed."""
        self._end_stay()
        deadline = time.monotonic() + 1.0
        while self._leaving:
            worker = self._leaving.popleft()
            while not worker.gone():
                if time.monotonic() > deadline:
                    worker.kill()
                    break
                time.sleep(0.001)


class _Run:
    """One call in processes, served by the thread that makes it. `draws`: its tasks may draw random numbers."""

    def __init__(self, pool: ProcessPool, call: Call, handout: TaskHandout, workers: list[Worker], numbers: list[int] | None, lanes: int, draws: bool) -> None:
        self.pool = pool
        self.lanes = lanes
        self.call = call
        self.handout = handout
        self.workers = workers
        self.numbers = numbers
        self.again: deque[int] = deque()
        self.begun_again: dict[int, int] = {}
        self.seed = None if not draws else drawn_seed() if pool.draws_seeds else fresh_seed()  # seeding takes longer than a short task
        self.poll = select.poll()

    def fork_at_call(self) -> None:
        """Each has its first tasks before the next one is forked."""
        for lane in range(self.lanes):
            self.workers.append(self.pool._fork(lane, _work_of(self.call), self.seed))
            if not self._give(lane, 0.0):
                break

    def serve(self, timeout: float | None, on_task: Callable[[], object] | None) -> None:
        deadline = None if timeout is None else time.monotonic() + timeout
        try:
            for lane, worker in enumerate(self.workers[: self.lanes]):
                self.poll.register(worker.channel, select.POLLIN)
                if not worker.tasks:
                    self._give(lane, 0.0)
            spent = [0.0] * len(self.workers)
            while any(worker.tasks for worker in self.workers):
                left = None if deadline is None else max(0.0, (deadline - time.monotonic()) * 1e3)
                ready = {descriptor for descriptor, _ in self.poll.poll(left)}
                if not ready and deadline is not None and time.monotonic() >= deadline:
                    self._give_up(timeout or 0.0)
                for lane in range(len(self.workers)):
                    if self.workers[lane].channel.fileno() in ready:
                        self._hear(lane, spent, on_task)
        except BaseException:
            self.handout.stop()
            for worker in self.workers:
                if worker.tasks:
                    worker.kill()
            self.workers[:] = [worker for worker in self.workers if not worker.tasks]
            raise

    def _hear(self, lane: int, spent: list[float], on_task: Callable[[], object] | None) -> None:
        worker = self.workers[lane]
        try:
            answers = worker.receive_parts()
        except (EOFError, ConnectionError):
            self._bury(lane)
            return
        call = self.call
        for index, succeeded, value, seconds, *_ in answers:
            call.worker_of[index] = lane
            if succeeded:
                call.results[index] = value
                call.seconds[index] = seconds
                call.finished[index] = True
                spent[lane] += seconds
            else:
                call.fail(index, value)
            if on_task is not None:
                on_task()
        if not worker.tasks:
            self._give(lane, spent[lane])
            spent[lane] = 0.0

    def _give(self, lane: int, seconds: float) -> bool:
        """Sends a worker its next tasks."""
        call = self.call
        worker = self.workers[lane]
        while True:
            tasks = [self.again.popleft()] if self.again else self.handout.next(lane, seconds)
            if not tasks:
                return False
            if call.errors:
                tasks = [index for index in tasks if call.wanted(index)]
            if tasks:
                break
            seconds = 0.0
        try:
            worker.send(tasks, self._needed(tasks))
        except (BrokenPipeError, ConnectionError):
            pass  # its death is heard by serve()
        return True

    def _needed(self, tasks: list[int]) -> columns.Packed:
        """What workers need for tasks beside their positions: those that stay the functions' numbers and the arguments."""
        if self.numbers is None:
            return columns.same(None, len(tasks))
        arguments = columns.table(columns.pack([self.call.arguments[index] for index in tasks]))
        return columns.table(columns.pack([self.numbers[index] for index in tasks]), arguments, columns.same(self.call.kwargs, len(tasks)))

    def _bury(self, lane: int) -> None:
        """A worker that died is replaced; what it was at is begun again, or reported."""
        worker = self.workers[lane]
        self.poll.unregister(worker.channel)
        worker.channel.close()
        status = worker.wait()
        self.pool.deaths.append((worker.pid, status))
        tasks = list(worker.tasks)
        if tasks:
            fatal = worker.at()
            self.begun_again[fatal] = self.begun_again.get(fatal, 0) + 1
            if self.begun_again[fatal] > REDONE:
                tasks.remove(fatal)
                self.call.fail(fatal, WorkerDied(f"{self.call.name(fatal)}: its worker process {worker.pid} {in_words(status)}, {REDONE + 1} times"))
        self.again.extend(tasks)
        if self.numbers is None:
            replacement = self.pool._fork(lane, _work_of(self.call), self.seed)
        else:
            replacement = self.pool._fork_staying(lane)
            self.pool._outdated = True  # it was forked later than the others
        self.workers[lane] = replacement
        self.poll.register(replacement.channel, select.POLLIN)
        self._give(lane, 0.0)

    def _give_up(self, timeout: float) -> None:
        call = self.call
        running = [worker.at() for worker in self.workers if worker.tasks]
        waiting = [i for i in range(call.count) if not call.finished[i] and i not in running and i not in {at for at, _ in call.errors}]
        names = ", ".join(call.name(index) for index in running[:3])
        raise DeadlineError(
            f"{call.title}: not done after {timeout:g} s: {names or 'no task'} was running and its process is killed, {len(waiting)} of {call.count} not begun",
            running + waiting,
        )


_pools: weakref.WeakSet[ProcessPool] = weakref.WeakSet()


def _forget_workers() -> None:
    """In a forked process: the workers are its parent's."""
    for pool in list(_pools):
        pool._forget()


def _segment_freed(number: int) -> None:
    for pool in list(_pools):
        pool.segment_freed(number)


segments.on_free.append(_segment_freed)
os.register_at_fork(after_in_child=_forget_workers)
