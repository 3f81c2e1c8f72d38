# SPDX-License-Identifier: Apache-2.0
"""Where the strategy `hybrid` runs a call: on threads or in processes, by what such calls took and by what their functions return."""

from __future__ import annotations

import math
import pickle
from typing import Any

from omega import _native
from omega._workers.worker import ResultNotSent
from omega.performance._tasks import Call


class HybridChoice:
    """Learns from calls; any thread may ask and tell."""

    def __init__(self) -> None:
        self._costs = _native.CostModel(_native.cpu_count())
        self._is_sendable: dict[str, bool] = {}
        """By function, whether its first result that was seen on a thread could have come from a process. Calls begin on threads, so all that a process is asked for has been seen."""

    def choose(self, keys: list[str], elements: list[int], workers: int) -> tuple[str, str]:
        """ "thread" or "process" for a call of these functions, and a line that says why."""
        if all(self._is_sendable.get(key, True) for key in keys):
            choice, why = self._costs.choose(keys, elements, workers)
        else:
            choice, why = "thread", "results of such a function cannot be sent from a process"
        return choice, f"\nhybrid: {choice}, since {why}"

    def learn(self, place: str, call: Call, keys: list[str], elements: list[int], lanes: int, seconds: float, busy: float) -> None:
        """What a call took [s], of all processors and of its tasks one after another too, and what it returned."""
        if place == "thread":
            for i, key in enumerate(keys):
                if key not in self._is_sendable and call.finished[i]:
                    self._is_sendable[key] = _is_sendable(call.results[i])
        for i, error in call.errors:
            if isinstance(error, ResultNotSent):
                self._is_sendable[keys[i]] = False
        if all(call.finished):
            self._costs.learn(place, keys, elements, lanes, seconds, busy, math.fsum(call.seconds))


def _is_sendable(result: Any) -> bool:
    try:
        pickle.dumps(result, protocol=5, buffer_callback=lambda buffer: None)  # the arrays' bytes stay where they are
    except Exception:
        return False
    return True
