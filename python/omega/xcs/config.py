# SPDX-License-Identifier: Apache-2.0
"""How traced functions run."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, fields
from typing import Any

STRATEGIES = ("auto", "thread", "process", "sequential")


@dataclass(frozen=True)
class Config:
    """How a traced function runs.

    Parameters
    ----------
    parallel : bool
        Whether calls may run at the same time. False: everything in the program's order, on the calling thread.
    strategy : {"auto", "thread", "process", "sequential"}
        Where calls run. ``auto``: on threads, those declared as `cpu_bound` in worker processes. ``thread``: all on threads. ``process``: all calls of
        Python functions in worker processes; their results must be picklable. ``sequential``: as ``parallel=False``.
    max_threads : int
        Calls of one traced call that run at the same time, at most.
    max_processes : int or None
        Worker processes; None: one for each processor. Those of the process are shared: the first who uses them decides.
    inline_below_us : float
        Calls that have been seen to take less run where they are called: handing them to a thread would cost more [microseconds].
    fuse : bool
        Whether array expressions are computed in one pass over memory. False: operation by operation, by NumPy.
    adaptive : bool
        Whether calls run as they are written once tracing the function has cost more than it gained, until it may be worth another trial. False: each is traced.
    """

    parallel: bool = True
    strategy: str = "auto"
    max_threads: int = 256
    max_processes: int | None = None
    inline_below_us: float = 20.0
    fuse: bool = True
    adaptive: bool = True

    def __post_init__(self) -> None:
        _require(isinstance(self.parallel, bool), "parallel", self.parallel, "True or False")
        if self.strategy not in STRATEGIES:
            near = difflib.get_close_matches(str(self.strategy), STRATEGIES, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"strategy: {self.strategy!r} is not one of {', '.join(map(repr, STRATEGIES))}{hint}")
        _require(_is_count(self.max_threads) and self.max_threads <= 512, "max_threads", self.max_threads, "a whole number from 1 to 512")
        _require(self.max_processes is None or _is_count(self.max_processes), "max_processes", self.max_processes, "None or a whole number from 1 on")
        is_number = isinstance(self.inline_below_us, (int, float)) and not isinstance(self.inline_below_us, bool)
        _require(is_number and self.inline_below_us >= 0, "inline_below_us", self.inline_below_us, "a number from 0 on")
        _require(isinstance(self.fuse, bool), "fuse", self.fuse, "True or False")
        _require(isinstance(self.adaptive, bool), "adaptive", self.adaptive, "True or False")

    @classmethod
    def of(cls, config: Config | None, keys: dict[str, Any]) -> Config:
        """The configuration with some keys changed. Raises TypeError for a key that does not exist, naming the nearest."""
        names = [each.name for each in fields(cls)]
        for key in keys:
            if key not in names:
                near = difflib.get_close_matches(key, names, 1)
                hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(names)}"
                raise TypeError(f"{key}: no such key of Config{hint}")
        if config is not None and not isinstance(config, Config):
            raise TypeError(f"config: {config!r} is not a Config")
        own = {name: getattr(config, name) for name in names} if config is not None else {}
        return cls(**{**own, **keys})


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _require(holds: bool, key: str, value: object, what: str) -> None:
    if not holds:
        raise ValueError(f"{key}: {value!r} is not {what}")
