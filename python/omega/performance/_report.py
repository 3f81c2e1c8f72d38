# SPDX-License-Identifier: Apache-2.0
"""What a call shows: a bar while it runs, and afterwards in words where its tasks ran."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from typing import Any

from omega.performance._tasks import Call, Ran


def explanation(title: str, worker_of: list[int], took: list[float], expected: list[float | None], ran: Ran, balanced: bool, seconds: float) -> str:
    """Where tasks ran and why: by worker and by position in the call, with times [s]."""
    known = sum(1 for each in expected if each is not None)
    how = "heaviest first" if balanced and ran.lanes > 1 else "in order"
    why = f"expected times known for {known}" if known else "no times known yet, so by size"
    lines = [f"{title}: {len(took)} tasks in {seconds * 1e3:.3g} ms on {ran.where}, {how} ({why}), {ran.moves} moved while running"]
    for lane in range(ran.lanes):
        tasks = [i for i, worker in enumerate(worker_of) if worker == lane]
        busy = math.fsum(took[i] for i in tasks)
        lines.append(f"worker {lane}: {tasks if len(tasks) <= 16 else f'{len(tasks)} tasks'}, {busy * 1e3:.3g} ms")
    return "\n".join(lines)


class ProgressBar:
    """A progress bar of tqdm, where that is installed."""

    def __init__(self, call: Call | None) -> None:
        self._bar: Any = None
        if call is not None:
            try:
                progress = importlib.import_module("tqdm.auto")
            except ImportError:
                return
            self._bar = progress.tqdm(total=call.count, desc=call.title)

    def __enter__(self) -> Callable[[], object] | None:
        return self._bar.update if self._bar is not None else None

    def __exit__(self, *exception: object) -> None:
        if self._bar is not None:
            self._bar.close()


NO_BAR = ProgressBar(None)
