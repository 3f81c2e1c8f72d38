# SPDX-License-Identifier: Apache-2.0
"""Worker processes, forked from this one.

A forked process sees all of its parent's memory as it was, without a copy: any function, any array, however large. So a call forks its workers, which
costs about a millisecond, unless workers of an earlier call will do as well: the functions are the same, nothing that they read can have changed
(`_unchanging`), and the arguments lie in shared arrays or are small enough to be sent.

Messages go over a socket, whose end tells of a death at once.
"""

from __future__ import annotations

import mmap
import os
import pickle
import resource
import select
import signal
import socket
import struct
import sys
import threading
import time
import traceback
import warnings
import weakref
from collections import deque
from time import perf_counter
from typing import Any, Callable

from omega import _native
from omega.performance._shared_memory import Parcel, segments, unpack
from omega.performance._tasks import Call, TaskHandout, bytes_of
from omega.performance._threads import DeadlineError
from omega.performance._unchanging import same_state, state_of

#: Ordinary arrays of all arguments up to this size [bytes] are sent to workers that are there; beyond it forking is cheaper.
SENT = 1 << 20
#: A task whose worker died is begun again so many times.
REDONE = 1

_header = struct.Struct("<QI")
_MOST_DESCRIPTORS = 250  # that one message carries; Linux takes 253
_fork_lock = threading.Lock()
_workers: weakref.WeakSet[_Worker] = weakref.WeakSet()


class WorkerDied(RuntimeError):
    """The process that ran a task ended in the midst of it, and so did the one that began it again."""


class RemoteTraceback(Exception):
    """The traceback of a task in its process, as text: the cause of the exception that the call raises."""

    def __str__(self) -> str:
        return "\n" + str(self.args[0])


def _receive_exactly(channel: socket.socket, size: int) -> bytearray:
    data = bytearray(size)
    view = memoryview(data)
    while view.nbytes:
        got = channel.recv_into(view)
        if got == 0:
            raise EOFError
        view = view[got:]
    return data


def _send(channel: socket.socket, parcel: Parcel, new_segments: Callable[[set[int]], list[int]]) -> None:
    """A value with the descriptors of its large buffers and of those segments that the other side does not have."""
    fresh = new_segments(parcel.used)
    descriptors = [segment.descriptor for segment in map(segments.numbered, fresh) if segment is not None]
    large = parcel.large_file() if parcel.large else None
    try:
        if large is not None:
            descriptors.append(large)
        note = pickle.dumps((fresh, parcel.large_sizes))
        head = _header.pack(len(parcel.message), len(note))
        if descriptors:
            socket.send_fds(channel, [head], descriptors)
        else:
            channel.sendall(head)
        channel.sendall(note)
        channel.sendall(parcel.message)
    finally:
        if large is not None:
            os.close(large)


def _receive(channel: socket.socket) -> tuple[Any, list[mmap.mmap]]:
    """A value, and the segments that came with it."""
    head, descriptors, _, _ = socket.recv_fds(channel, _header.size, _MOST_DESCRIPTORS)
    if len(head) == 0:
        raise EOFError
    if len(head) < _header.size:
        head += bytes(_receive_exactly(channel, _header.size - len(head)))
    size, note_size = _header.unpack(head)
    fresh, large_sizes = pickle.loads(_receive_exactly(channel, note_size))
    message = _receive_exactly(channel, size)
    arrived = []
    for number, descriptor in zip(fresh, descriptors):
        if segments.numbered(number) is not None:
            os.close(descriptor)
            continue
        memory = mmap.mmap(descriptor, 0)
        segments.add(descriptor, memory, number)
        arrived.append(memory)
    return unpack(message, large_sizes, descriptors[-1] if large_sizes else None), arrived


class _Worker:
    """A process and the channel to it."""

    def __init__(self, functions: list[Callable[..., Any]], call: Call | None, settings: dict[str, Any]) -> None:
        self.channel: socket.socket
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        with _fork_lock:
            here, there = socket.socketpair()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside threads: the child runs none of their code
                self.pid = os.fork()
            if self.pid == 0:
                status = 1
                try:
                    here.close()
                    for other in list(_workers):
                        other.channel.close()
                    _native.renew_scheduler()
                    _serve(there, functions, call, settings)
                    status = 0
                finally:
                    os._exit(status)
            there.close()
            self.channel = here
            self.known = segments.numbers()
            self.tasks: deque[int] = deque()
            _workers.add(self)

    def send(self, value: Any) -> None:
        _send(self.channel, Parcel(value), self._unknown)

    def _unknown(self, used: set[int]) -> list[int]:
        fresh = sorted(used - self.known)
        self.known.update(fresh)
        return fresh

    def kill(self) -> None:
        self.channel.close()
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.wait()

    def leave(self) -> None:
        """Asks it to end, without waiting."""
        self.channel.close()

    def wait(self) -> int:
        try:
            return os.waitpid(self.pid, 0)[1]
        except ChildProcessError:
            return 0

    def gone(self) -> bool:
        try:
            return os.waitpid(self.pid, os.WNOHANG)[0] != 0
        except ChildProcessError:
            return True


def _limit_memory(limit: int) -> None:
    """From now on the process can have `limit` bytes more."""
    with open("/proc/self/statm") as file:
        data = int(file.read().split()[5]) * mmap.PAGESIZE
    resource.setrlimit(resource.RLIMIT_DATA, (data + limit, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def _serve(channel: socket.socket, functions: list[Callable[..., Any]], call: Call | None, settings: dict[str, Any]) -> None:
    """A worker's life: tasks come as (position, function's number, argument, kwargs), or as positions in the call it was forked in."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    if settings["processor"] is not None:
        os.sched_setaffinity(0, {settings["processor"]})
    if settings["dies_with_parent"]:
        _native.end_with_parent()
    if settings["memory"] is not None:
        _limit_memory(settings["memory"])
    guard = _native.OneLibraryThread() if settings["one_library_thread"] else None
    parents = segments.numbers()  # segments that the parent has
    kept: list[mmap.mmap] = []
    while True:
        try:
            request, arrived = _receive(channel)
        except (EOFError, ConnectionError):
            break
        kept.extend(arrived)
        parents |= segments.numbers()
        for task in request:
            _send(channel, _answer(task, functions, call), lambda used: sorted(used - parents))
        del request
    del guard


def _answer(task: Any, functions: list[Callable[..., Any]], call: Call | None) -> Parcel:
    begin = perf_counter()
    index = task
    try:
        if isinstance(task, int):
            assert call is not None
            result = call.functions[index](call.arguments[index], **call.kwargs)
        else:
            index, number, argument, kwargs = task
            result = functions[number](argument, **kwargs)
        seconds = perf_counter() - begin
        try:
            answer = Parcel((index, True, result, seconds))
        except Exception as error:
            raise TypeError(f"the result, {type(result).__name__}, cannot be sent from the worker process: {error}") from None
    except BaseException as error:
        text = "".join(traceback.format_exception(error))
        try:
            answer = Parcel((index, False, error.with_traceback(None), text))
            pickle.loads(answer.message)
        except Exception:
            answer = Parcel((index, False, RuntimeError(f"{type(error).__name__}: {error}"), text))
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    return answer


class ProcessPool:
    """Workers of one processor. One call at a time has those that stay; others fork their own."""

    def __init__(self, size: int, affinity: bool, memory: int | None, one_library_thread: bool) -> None:
        self._size = size
        self._processors = _native.processors() if affinity else []
        self._memory = memory
        self._one_library_thread = one_library_thread
        self._forget()
        _pools.add(self)

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._stay: list[_Worker] = []
        self._functions: list[Callable[..., Any]] = []
        self._states: list[tuple[Any, ...]] = []
        self._leaving: list[_Worker] = []
        self._outdated = False
        self.forks = 0
        self.deaths: list[tuple[int, int]] = []

    def _fork(self, number: int, functions: list[Callable[..., Any]], call: Call | None) -> _Worker:
        self.forks += 1
        return _Worker(
            functions,
            call,
            {
                "processor": self._processors[number % len(self._processors)] if self._processors else None,
                "memory": self._memory,
                "one_library_thread": self._one_library_thread,
                "dies_with_parent": threading.current_thread() is threading.main_thread(),
            },
        )

    def pids(self) -> list[int]:
        """Of the processes that stay for the next call."""
        return [worker.pid for worker in self._stay]

    def run(self, call: Call, handout: TaskHandout, lanes: int, timeout: float | None, on_task: Callable[[], object] | None = None) -> str:
        """Runs a call; gives in words which processes it ran in.

        Raises
        ------
        DeadlineError
            `timeout` [s] has passed; the processes that were busy are killed.
        """
        self._leaving = [worker for worker in self._leaving if not worker.gone()]
        own = self._lock.acquire(blocking=False)
        try:
            numbers = self._numbers(call, lanes) if own else None
            if numbers is None:
                run = _Run(self, call, handout, [], None, lanes)
                run.fork_at_call()
                how = "processes forked for this call, which see its arguments where they are"
            else:
                run = _Run(self, call, handout, self._stay, numbers, lanes)
                how = "processes that stay; arguments sent, shared arrays by reference"
            try:
                run.serve(timeout, on_task)
            finally:
                if numbers is None:
                    for worker in run.workers:
                        worker.leave()
                    self._leaving.extend(run.workers)
                else:
                    self._stay = run.workers
            return how
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

    def _numbers(self, call: Call, lanes: int) -> list[int] | None:
        """The functions' numbers in workers that stay, which are forked anew for new functions; None when the call has to fork its own."""
        if not all(_sendable(argument) for argument in call.arguments) or sum(_sent_bytes(argument) for argument in call.arguments) > SENT:
            return None
        if not _sendable(list(call.kwargs.values())) or segments.count() > _MOST_DESCRIPTORS - 1:
            return None
        at: dict[int, int] = {}
        renew = len(self._stay) < lanes or any(worker.gone() for worker in self._stay)
        for function in {id(function): function for function in call.functions}.values():
            state = state_of(function)
            if state is None:
                return None
            number = next((i for i, known in enumerate(self._functions) if known is function and same_state(self._states[i], state)), None)
            if number is None:
                renew = True
                number = len(self._functions)
                self._functions.append(function)
                self._states.append(state)
            at[id(function)] = number
        if renew:
            if len(self._functions) > 64:  # forget those of long ago
                self._functions, self._states = [], []
                self._end_stay()
                return self._numbers(call, lanes)
            self._end_stay()
            self._stay = [self._fork(i, self._functions, None) for i in range(self._size)]
        return [at[id(function)] for function in call.functions]

    def _end_stay(self) -> None:
        self._outdated = False
        for worker in self._stay:
            worker.leave()
        self._leaving.extend(self._stay)
        self._stay = []

    def close(self) -> None:
        """Ends the processes; those that do not end at once are killed."""
        self._end_stay()
        deadline = time.monotonic() + 1.0
        for worker in self._leaving:
            while not worker.gone():
                if time.monotonic() > deadline:
                    worker.kill()
                    break
                time.sleep(0.001)
        self._leaving = []


class _Run:
    """One call in processes, served by the thread that makes it."""

    def __init__(self, pool: ProcessPool, call: Call, handout: TaskHandout, workers: list[_Worker], numbers: list[int] | None, lanes: int) -> None:
        self.pool = pool
        self.lanes = lanes
        self.call = call
        self.handout = handout
        self.workers = workers
        self.numbers = numbers
        self.again: deque[int] = deque()
        self.begun_again: dict[int, int] = {}
        self.poll = select.poll()

    def fork_at_call(self) -> None:
        """Each has its first tasks before the next one is forked."""
        for lane in range(self.lanes):
            self.workers.append(self.pool._fork(lane, [], self.call))
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
            (index, good, value, extra), _ = _receive(worker.channel)
        except (EOFError, ConnectionError):
            self._bury(lane)
            return
        call = self.call
        worker.tasks.remove(index)
        call.worker_of[index] = lane
        if good:
            call.results[index] = value
            call.seconds[index] = extra
            call.finished[index] = True
            spent[lane] += extra
        else:
            value.__cause__ = RemoteTraceback(extra)
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
            tasks = [index for index in tasks if call.wanted(index)]
            if tasks:
                break
            seconds = 0.0
        worker.tasks.extend(tasks)
        try:
            request: list[Any] = tasks
            if self.numbers is not None:
                request = [(index, self.numbers[index], call.arguments[index], call.kwargs) for index in tasks]
            worker.send(request)
        except (BrokenPipeError, ConnectionError):
            pass  # its death is heard by serve()
        return True

    def _bury(self, lane: int) -> None:
        """A worker that died is replaced; what it was at is begun again, or reported."""
        worker = self.workers[lane]
        self.poll.unregister(worker.channel)
        worker.channel.close()
        status = worker.wait()
        self.pool.deaths.append((worker.pid, status))
        tasks = list(worker.tasks)
        if tasks:
            first = tasks[0]
            self.begun_again[first] = self.begun_again.get(first, 0) + 1
            if self.begun_again[first] > REDONE:
                tasks.pop(0)
                self.call.fail(first, WorkerDied(f"{self.call.name(first)}: its worker process {worker.pid} {_in_words(status)}, {REDONE + 1} times"))
        self.again.extend(tasks)
        if self.numbers is None:
            replacement = self.pool._fork(lane, [], self.call)
        else:
            replacement = self.pool._fork(lane, self.pool._functions, None)
        self.workers[lane] = replacement
        self.poll.register(replacement.channel, select.POLLIN)
        self._give(lane, 0.0)

    def _give_up(self, timeout: float) -> None:
        call = self.call
        running = [worker.tasks[0] for worker in self.workers if worker.tasks]
        waiting = [i for i in range(call.count) if not call.finished[i] and i not in running and i not in {at for at, _ in call.errors}]
        names = ", ".join(call.name(index) for index in running[:3])
        raise DeadlineError(
            f"{call.title}: not done after {timeout:g} s: {names or 'no task'} was running and its process is killed, {len(waiting)} of {call.count} not begun",
            running + waiting,
        )


def _in_words(status: int) -> str:
    if os.WIFSIGNALED(status):
        return f"was killed by {signal.Signals(os.WTERMSIG(status)).name}"
    return f"ended with status {os.waitstatus_to_exitcode(status)}"


def _sendable(value: Any) -> bool:
    """Whether a value is numbers, texts and arrays of them, which arrive as they were sent."""
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        return True
    if isinstance(value, (list, tuple)) and type(value) in (list, tuple):
        return all(_sendable(each) for each in value)
    if type(value) is dict:
        return all(_sendable(each) for pair in value.items() for each in pair)
    dtype = getattr(value, "dtype", None)
    return type(value).__module__ == "numpy" and dtype is not None and not dtype.hasobject


def _sent_bytes(value: Any) -> int:
    if isinstance(value, (list, tuple)):
        return sum(map(_sent_bytes, value))
    if hasattr(value, "__array_interface__") and segments.holding(value) is not None:
        return 0
    return bytes_of(value)


_pools: weakref.WeakSet[ProcessPool] = weakref.WeakSet()


def _forget_workers() -> None:
    """In a forked process: the workers are its parent's."""
    global _fork_lock
    _fork_lock = threading.Lock()
    for pool in list(_pools):
        pool._forget()


def _segment_freed(number: int) -> None:
    for pool in list(_pools):
        pool.segment_freed(number)


segments.on_free = _segment_freed
os.register_at_fork(after_in_child=_forget_workers)
