# SPDX-License-Identifier: Apache-2.0
"""Where the hybrid strategy runs a call: threads or processes, by what they took."""

from __future__ import annotations

import math
from dataclasses import dataclass

from omega import _native

#: What a call in processes costs beside its work [s]: forking for each worker, sending what is not shared. Measured as it runs; this is the guess before.
_FORK = 1.5e-3
#: A call of which the processor was busy for less than this part waits; processes would wait as well.
_BUSY = 0.5
#: Times are tried again after so many calls, since work changes.
_TRY_AGAIN = 50


@dataclass
class _Known:
    """What is known of the calls of one kind."""

    calls: int = 0
    alone: float = 0.0  #: of the processor's time, what all tasks of a call take [s]
    thread: float | None = None  #: a call on threads [s]
    process: float | None = None  #: a call in processes [s]


class CostModel:
    """Predicts a call on threads and in processes from calls like it.

    Threads come first. When a call on them had the processor busy for about as long as it took, though it had more than one thread, the interpreter's lock kept them
    from running at once: processes may be quicker, by the number of workers, less what forking costs. They are tried when that is so, and kept when it proves true.
    Work that waits, or that gives up the lock, stays on threads.
    """

    def __init__(self, processors: int | None = None) -> None:
        self._processors = processors or _native.cpu_count()
        self._known: dict[tuple[str, int], _Known] = {}
        self._overhead = _FORK

    @staticmethod
    def _kind(keys: list[str], elements: list[int]) -> tuple[str, int]:
        return ",".join(sorted(set(keys))), math.frexp(sum(elements))[1]

    def choose(self, keys: list[str], elements: list[int], workers: int) -> tuple[str, str]:
        """ "thread" or "process", and why."""
        known = self._known.get(self._kind(keys, elements))
        if workers < 2 or self._processors < 2:
            return "thread", "there is one worker"
        if known is None or known.thread is None:
            return "thread", "work like this has not been measured yet"
        predicted = known.alone / min(workers, self._processors) + self._overhead
        if known.process is not None and known.calls % _TRY_AGAIN != 0:
            quicker = "process" if known.process < known.thread else "thread"
            return quicker, f"threads took {known.thread * 1e3:.3g} ms and processes {known.process * 1e3:.3g} ms"
        if known.alone < _BUSY * known.thread:
            return "thread", f"threads took {known.thread * 1e3:.3g} ms, most of it waiting: the processor was busy for {known.alone * 1e3:.3g} ms"
        if predicted < 0.9 * known.thread:
            return "process", f"threads took {known.thread * 1e3:.3g} ms with the processor busy for {known.alone * 1e3:.3g} ms; processes should take {predicted * 1e3:.3g} ms"
        return "thread", f"threads took {known.thread * 1e3:.3g} ms; processes should take {predicted * 1e3:.3g} ms"

    def learn(self, strategy: str, keys: list[str], elements: list[int], task_seconds: list[float], lanes: int, seconds: float, cpu: float) -> None:
        """Notes a call: its time [s], those of its tasks, and the processor time of this process meanwhile."""
        if len(self._known) >= 1024:
            self._known.clear()
        known = self._known.setdefault(self._kind(keys, elements), _Known())
        known.calls += 1
        if strategy == "thread":
            known.thread = seconds if known.thread is None else 0.7 * known.thread + 0.3 * seconds
            known.alone = cpu
        else:
            known.process = seconds if known.process is None else 0.7 * known.process + 0.3 * seconds
            work = math.fsum(task_seconds) / max(min(lanes, self._processors), 1)
            self._overhead = 0.7 * self._overhead + 0.3 * max(seconds - work, 1e-4)
