# SPDX-License-Identifier: Apache-2.0
"""Bytes of tasks: what they need is held against the limit of a worker, before they run by what such tasks needed, and afterwards as it is."""

from __future__ import annotations

from typing import Any

from omega.performance._tasks import Call, bytes_of


class MemoryUse:
    """Of one processor's tasks, inputs and results together [bytes].

    Parameters
    ----------
    limit : int, optional
        Of one task.
    workers : int
    """

    def __init__(self, limit: int | None, workers: int) -> None:
        self._limit = limit
        self._result_ratio: dict[str, float] = {}
        self.peak_bytes = [0] * workers
        """The most that one task of a worker has needed."""

    def needed(self, keys: list[str], arguments: list[Any]) -> list[int]:
        """Of inputs, and of results as large as they were the last time beside their inputs; nothing where there is no limit."""
        if self._limit is None:
            return []
        sizes = [bytes_of(argument) for argument in arguments]
        return [size + int(size * self._result_ratio.get(key, 0.0)) for key, size in zip(keys, sizes)]

    def check(self, title: str, noun: str, sizes: list[int]) -> None:
        """Raises MemoryError for the first of these tasks that is above the limit."""
        for i, size in enumerate(sizes):
            if self._limit is not None and size > self._limit:
                raise MemoryError(
                    f"{title}: {noun} {i} of {len(sizes)} needs {size} bytes with its result, more than max_memory_per_worker = {self._limit}; raise it or cut the {noun} into smaller ones"
                )

    def note(self, call: Call, keys: list[str]) -> None:
        """What a call's tasks needed; those above the limit fail."""
        for i, key in enumerate(keys):
            if not call.finished[i]:
                continue
            size = bytes_of(call.arguments[i])
            result = bytes_of(call.results[i])
            self._result_ratio[key] = result / max(size, 1)
            worker = max(call.worker_of[i], 0)
            self.peak_bytes[worker] = max(self.peak_bytes[worker], size + result)
            if self._limit is not None and size + result > self._limit:
                call.results[i] = None
                call.fail(i, MemoryError(f"{call.name(i)}: {size} bytes and {result} of its result are more than max_memory_per_worker = {self._limit}"))
