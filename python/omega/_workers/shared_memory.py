# SPDX-License-Identifier: Apache-2.0
"""Arrays that processes see at once, and values that travel between processes without a copy of such arrays."""

from __future__ import annotations

import bisect
import importlib
import io
import mmap
import os
import pickle
import threading
import weakref
from typing import Any, Callable, Sequence

import numpy as np

from omega._arguments import several, whole

#: Buffers of results from this size [bytes] lie in memory of their own; smaller ones travel in the message.
LARGE = 1 << 18


#: In NumPy 2 under another name.
_byte_bounds: Any = getattr(np, "byte_bounds", None) or importlib.import_module("numpy.lib.array_utils").byte_bounds


class _Segment:
    """Memory without a name that several processes map."""

    def __init__(self, number: int, descriptor: int, memory: mmap.mmap) -> None:
        self.number = number
        self.descriptor = descriptor
        self.memory = weakref.ref(memory)
        self.start = np.frombuffer(memory, np.uint8).__array_interface__["data"][0]
        self.size = len(memory)


class _Segments:
    """Those of this process, by number and by address. A forked process inherits them."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._by_number: dict[int, _Segment] = {}
        self._starts: list[int] = []
        self._at: dict[int, _Segment] = {}
        self._next = 1
        #: Called with the number of a segment that is gone from this process.
        self.on_free: list[Callable[[int], None]] = []

    def add(self, descriptor: int, memory: mmap.mmap, number: int | None = None) -> _Segment:
        with self._lock:
            if number is None:  # one that no process forked from this one, or its parent, gives
                number = os.getpid() << 32 | self._next
                self._next += 1
            segment = _Segment(number, descriptor, memory)
            self._by_number[number] = segment
            self._at[segment.start] = segment
            bisect.insort(self._starts, segment.start)
        weakref.finalize(memory, self._remove, number, segment.start, descriptor).atexit = False
        return segment

    def _remove(self, number: int, start: int, descriptor: int) -> None:
        with self._lock:
            del self._by_number[number]
            del self._at[start]
            self._starts.remove(start)
        os.close(descriptor)
        for tell in self.on_free:
            tell(number)

    def holding(self, array: np.ndarray[Any, Any]) -> _Segment | None:
        """The segment in which all of an array lies."""
        if not self._starts or array.nbytes == 0:
            return None
        low, high = _byte_bounds(array)
        with self._lock:
            at = bisect.bisect_right(self._starts, low) - 1
            segment = self._at[self._starts[at]] if at >= 0 else None
        return segment if segment is not None and high <= segment.start + segment.size else None

    def numbers(self) -> set[int]:
        return set(self._by_number)

    def count(self) -> int:
        return len(self._by_number)

    def numbered(self, number: int) -> _Segment | None:
        return self._by_number.get(number)

    def renew_lock(self) -> None:
        self._lock = threading.RLock()


segments = _Segments()
os.register_at_fork(after_in_child=segments.renew_lock)


def shared_array(shape: int | Sequence[int], dtype: Any = np.float64) -> np.ndarray[Any, Any]:
    """A new array, zeros, in memory that worker processes see: handing it, or a view of it, to the process strategy copies nothing, and what workers
    write to it is seen here.

    Parameters
    ----------
    shape : int or tuple of int
    dtype : NumPy dtype without Python objects

    Raises
    ------
    ValueError
        `dtype` has Python objects.
    OSError, MemoryError
        There is no room.
    """
    kind = np.dtype(dtype)
    if kind.hasobject:
        raise ValueError(f"dtype = {kind}: Python objects cannot be shared between processes; use numbers")
    extents = tuple(whole(extent, "shape", 0) for extent in ((shape,) if isinstance(shape, (int, np.integer)) else several(shape, "shape", "extents")))
    count = 1
    for extent in extents:
        count *= extent
    size = max(count * kind.itemsize, 1)
    descriptor = os.memfd_create("omega-array", os.MFD_CLOEXEC)
    try:
        os.ftruncate(descriptor, size)
        memory = mmap.mmap(descriptor, size)
    except BaseException:
        os.close(descriptor)
        raise
    segments.add(descriptor, memory)
    return np.frombuffer(memory, kind, count).reshape(extents)


def is_shared(array: Any) -> bool:
    """Whether all of an array lies in memory of `shared_array`."""
    return isinstance(array, np.ndarray) and segments.holding(array) is not None


def _attach(number: int, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    segment = segments.numbered(number)
    memory = segment.memory() if segment is not None else None
    if memory is None:
        raise RuntimeError("a shared array that was freed meanwhile")
    return np.ndarray(shape, dtype, memory, offset, strides)


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, on_buffer: Callable[[pickle.PickleBuffer], bool]) -> None:
        super().__init__(file, 5, buffer_callback=on_buffer)
        self.used: set[int] = set()

    def reducer_override(self, value: Any) -> Any:
        if type(value) is np.ndarray and not value.dtype.hasobject:
            segment = segments.holding(value)
            if segment is not None:
                self.used.add(segment.number)
                offset = value.__array_interface__["data"][0] - segment.start
                return _attach, (segment.number, offset, value.shape, value.strides, value.dtype)
        return NotImplemented


class Parcel:
    """A value on its way: the message, the shared segments that it names, and what is too large for the message."""

    def __init__(self, value: Any) -> None:
        self.value = value  # its arrays live until they are sent
        file = io.BytesIO()
        self.large: list[memoryview] = []
        pickler = _Pickler(file, self._keep)
        pickler.dump(value)
        self.message = file.getbuffer()
        self.used = pickler.used

    def _keep(self, buffer: pickle.PickleBuffer) -> bool:
        raw = buffer.raw()
        if raw.nbytes < LARGE:
            return True
        self.large.append(raw)
        return False

    def large_file(self) -> int:
        """A descriptor of memory that holds the large buffers, each at a page's begin."""
        descriptor = os.memfd_create("omega-values", os.MFD_CLOEXEC)
        at = 0
        for raw in self.large:
            done = 0
            while done < raw.nbytes:
                done += os.pwrite(descriptor, raw[done : done + (1 << 30)], at + done)
            at += _in_pages(raw.nbytes)
        os.ftruncate(descriptor, at)
        return descriptor

    @property
    def large_sizes(self) -> list[int]:
        return [raw.nbytes for raw in self.large]


def _in_pages(size: int) -> int:
    return -(-size // mmap.PAGESIZE) * mmap.PAGESIZE


def unpack(message: Any, large_sizes: Sequence[int], descriptor: int | None) -> Any:
    """The value of a parcel; large buffers stay where they are. Closes the descriptor."""
    buffers: list[memoryview] = []
    if descriptor is not None:
        try:
            memory = memoryview(mmap.mmap(descriptor, sum(map(_in_pages, large_sizes))))
        finally:
            os.close(descriptor)
        at = 0
        for size in large_sizes:
            buffers.append(memory[at : at + size])
            at += _in_pages(size)
    return pickle.loads(message, buffers=buffers)
