# SPDX-License-Identifier: Apache-2.0
"""Worker processes, forked from this one, and how values travel to them and back.

A forked process sees all of its parent's memory as it was, without a copy: any function, any array, however large. What has been forked serves later calls as long
as it would do in them what a process forked now would do (`reuse`).

Messages go over a socket, whose end tells of a death at once.
"""

from __future__ import annotations

import array
import gc
import mmap
import os
import pickle
import resource
import signal
import socket
import struct
import sys
import threading
import traceback
import warnings
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from omega import _native
from omega._workers import columns
from omega._workers.random_numbers import seed_task
from omega._workers.shared_memory import Parcel, segments, unpack

_header = struct.Struct("<QI")
#: Descriptors that one message carries; Linux takes 253.
MOST_DESCRIPTORS = 250
#: Answers of short tasks wait for one another so long [s]: each message wakes who waits for it.
_GATHERED = 1e-3
_fork_lock = threading.Lock()
_workers: weakref.WeakSet[Worker] = weakref.WeakSet()


class WorkerDied(RuntimeError):
    """The process that ran a task ended in the midst of it; of a `ParallelProcessor`, so did the one that began it again."""


class ResultNotSent(TypeError):
    """A task was done in a worker process, and its result cannot be pickled."""


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


def _send_exactly(channel: socket.socket, begin: bytes, rest: bytes | memoryview, descriptors: list[int]) -> None:
    """In one piece where that is small enough: each piece wakes who waits for it."""
    beside = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
    sent = channel.sendmsg([begin, rest], beside)
    if sent < len(begin):
        channel.sendall(begin[sent:])
        sent = len(begin)
    if sent < len(begin) + len(rest):
        channel.sendall(memoryview(rest)[sent - len(begin) :])


def _send(channel: socket.socket, parcels: Sequence[Parcel], new_segments: Callable[[set[int]], list[int]]) -> None:
    """Values with the descriptors of the segments that the other side does not have, and of the last one's large buffers; the others have none."""
    fresh = new_segments(set().union(*(parcel.used for parcel in parcels)))
    descriptors = [segment.descriptor for segment in map(segments.numbered, fresh) if segment is not None]
    last = parcels[-1]
    large = last.large_file() if last.large else None
    try:
        if large is not None:
            descriptors.append(large)
        note = pickle.dumps((fresh, last.large_sizes, [len(parcel.message) for parcel in parcels]))
        message = last.message if len(parcels) == 1 else b"".join(parcel.message for parcel in parcels)
        _send_exactly(channel, _header.pack(len(message), len(note)) + note, message, descriptors)
    finally:
        if large is not None:
            os.close(large)


def _receive(channel: socket.socket) -> tuple[list[Any], list[mmap.mmap]]:
    """Values, and the segments that came with them."""
    head, descriptors, _, _ = socket.recv_fds(channel, _header.size, MOST_DESCRIPTORS)
    if len(head) == 0:
        raise EOFError
    if len(head) < _header.size:
        head += bytes(_receive_exactly(channel, _header.size - len(head)))
    size, note_size = _header.unpack(head)
    data = memoryview(_receive_exactly(channel, note_size + size))
    fresh, large_sizes, sizes = pickle.loads(data[:note_size])
    arrived = []
    for number, descriptor in zip(fresh, descriptors):
        if segments.numbered(number) is not None:
            os.close(descriptor)
            continue
        memory = mmap.mmap(descriptor, 0)
        segments.add(descriptor, memory, number)
        arrived.append(memory)
    *earlier, last = sizes
    values = []
    begin = note_size
    for size in earlier:
        values.append(pickle.loads(data[begin : begin + size]))
        begin += size
    values.append(unpack(data[begin:], large_sizes, descriptors[-1] if large_sizes else None))
    return values, arrived


#: What a worker does with the tasks that it gets: their positions, and what was sent with them.
Work = Callable[[int, Any], Any]


def calls_by_number(functions: Sequence[Callable[..., Any]]) -> Work:
    """Work for tasks (number of the function, arguments, keyword arguments)."""
    known = list(functions)
    return lambda _, task: known[task[0]](*task[1], **task[2])


@dataclass(frozen=True)
class Settings:
    """How a worker runs: bound to a processor; with so many bytes more than it begins with; OpenMP, OpenBLAS and MKL on one thread; ended by the end of the
    thread that forked it; with random numbers of each task's own (`random_numbers`), where it may draw some."""

    processor: int | None = None
    memory: int | None = None
    one_library_thread: bool = False
    dies_with_parent: bool = False
    seed: bytes | None = None


class Worker:
    """A process and the channel to it. One thread at a time."""

    def __init__(self, work: Work, settings: Settings) -> None:
        self.channel: socket.socket
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        position = memoryview(mmap.mmap(-1, mmap.PAGESIZE)).cast("q")  # shared with the process
        position[0] = -1
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
                    _serve(there, work, settings, position)
                    status = 0
                finally:
                    os._exit(status)
            there.close()
            self.channel = here
            self._position = position
            self.known = segments.numbers()
            self.tasks: deque[int] = deque()
            _workers.add(self)

    def send(self, positions: Sequence[int], needed: columns.Packed) -> None:
        """Sends tasks: their positions and what the work needs beside each. Raises OSError when the process is gone, whose death `receive` tells as well."""
        parcel = Parcel((positions, needed))
        self.tasks.extend(positions)
        _send(self.channel, [parcel], self._unknown)

    def receive(self) -> list[Answer]:
        """Waits for answers, to one task at least. Raises EOFError or ConnectionError when the process died."""
        return [Answer(*parts) for parts in self.receive_parts()]

    def receive_parts(self) -> list[_Parts | _FailureParts]:
        """As `receive`, the answers as tuples."""
        answers: list[_Parts | _FailureParts] = [parts for packed in _receive(self.channel)[0] for parts in columns.unpack(packed)]
        tasks = self.tasks
        for parts in answers:
            if tasks[0] == parts[0]:
                tasks.popleft()
            else:
                tasks.remove(parts[0])
            if not parts[1]:
                answer = Answer(*parts)
                answer.value.__cause__ = RemoteTraceback(answer.traceback)
        return answers

    def at(self) -> int:
        """Of its tasks the one that it runs, or ran when it died; those before it are done, and their answers on their way."""
        position = self._position[0]
        return position if position in self.tasks else self.tasks[0]

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


def _serve(channel: socket.socket, work: Work, settings: Settings, position: memoryview) -> None:
    """A worker's life. It writes the position of each task that it begins where its parent sees it."""
    gc.freeze()  # what the parent has is no garbage here: looking for some would copy its pages
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    if settings.processor is not None:
        os.sched_setaffinity(0, {settings.processor})
    if settings.dies_with_parent:
        _native.end_with_parent()
    if settings.memory is not None:
        _limit_memory(settings.memory)
    guard = _native.OneLibraryThread() if settings.one_library_thread else None
    parents = segments.numbers()  # segments that the parent has
    kept: list[mmap.mmap] = []
    while True:
        try:
            ((positions, needed),), arrived = _receive(channel)
        except (EOFError, ConnectionError):
            break
        kept.extend(arrived)
        parents |= segments.numbers()
        unchanging: list[_Parts] = []
        others: list[Parcel] = []
        sent = perf_counter()
        for at, (index, task) in enumerate(zip(positions, columns.unpack(needed)), 1):
            position[0] = index
            if settings.seed is not None:
                seed_task(settings.seed, index)
            answer = _answer(work, index, task)
            if isinstance(answer, tuple):
                unchanging.append(answer)
            else:
                others.append(answer)
            if at == len(positions) or perf_counter() - sent > _GATHERED or (others and (others[-1].large or others[-1].used)):
                _send(channel, [*([Parcel(columns.pack(unchanging))] if unchanging else []), *others], lambda used: sorted(used - parents))
                unchanging, others, sent = [], [], perf_counter()
        del task, needed
    del guard


class Answer(NamedTuple):
    """What became of a task: its result, or its exception with the traceback as text."""

    task: int
    succeeded: bool
    value: Any
    seconds: float = 0.0
    traceback: str = ""


def _failure(index: int, error: BaseException, text: str) -> Parcel:
    """An exception as it is; without a call of its class, whose constructor may take other arguments than the exception keeps; or in words, where its class or
    what it holds cannot be sent."""
    for value in (error, _Remade(error)):
        try:
            answer = Parcel([(index, False, value, 0.0, text)])
            pickle.loads(answer.message)
            return answer
        except Exception:
            pass
    return Parcel([(index, False, RuntimeError(f"{type(error).__name__}: {error}"), 0.0, text)])


class _Remade:
    """Arrives as an exception of the same class, arguments and attributes."""

    def __init__(self, error: BaseException) -> None:
        self._parts = type(error), error.args, dict(vars(error))

    def __reduce__(self) -> tuple[Any, ...]:
        return _remake, self._parts


def _remake(kind: type[BaseException], args: tuple[Any, ...], attributes: dict[str, Any]) -> BaseException:
    error = kind.__new__(kind, *args)
    error.args = args
    vars(error).update(attributes)
    return error


#: The parts of an `Answer`.
_Parts = tuple[int, bool, Any, float]
_FailureParts = tuple[int, bool, Any, float, str]
#: Results of these types stay what they are.
_UNCHANGING = frozenset(
    [type(None), bool, int, float, complex, str, bytes, *(np.dtype(code).type for code in "?" + np.typecodes["AllInteger"] + np.typecodes["AllFloat"])]
)


def _is_its_own(array: np.ndarray[Any, Any]) -> bool:
    """Whether nobody reaches its elements but by it."""
    return array.base is None and array.flags.owndata and not array.dtype.hasobject


def _references_of_a_new_one() -> int:
    result = np.empty(0)
    return sys.getrefcount(result)


#: What `sys.getrefcount` says of a variable's value that nobody else has.
_ALONE = _references_of_a_new_one()


def _answer(work: Work, index: int, task: Any) -> _Parts | Parcel:
    """Runs a task. What it gives may be written to by the next one, and is packed as it is now, unless it is a number or the like, or a small array that nobody else
    has: many are packed at once sooner."""
    answer: _Parts | Parcel
    begin = perf_counter()
    try:
        result = work(index, task)
        seconds = perf_counter() - begin
        try:
            unchanging = type(result) in _UNCHANGING or (
                type(result) is np.ndarray and result.nbytes <= columns.ROW and _is_its_own(result) and sys.getrefcount(result) == _ALONE
            )
            answer = (index, True, result, seconds) if unchanging else Parcel([(index, True, result, seconds)])
        except Exception as error:
            raise ResultNotSent(f"the result, {type(result).__name__}, cannot be sent from the worker process: {error}") from None
    except BaseException as error:
        text = "".join(traceback.format_exception(error))
        answer = _failure(index, error.with_traceback(None), text)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    return answer


def in_words(status: int) -> str:
    """How a process ended, by what waiting for it gave."""
    if os.WIFSIGNALED(status):
        return f"was killed by {signal.Signals(os.WTERMSIG(status)).name}"
    return f"ended with status {os.waitstatus_to_exitcode(status)}"


def _renew_fork_lock() -> None:
    global _fork_lock
    _fork_lock = threading.Lock()


os.register_at_fork(after_in_child=_renew_fork_lock)
