# SPDX-License-Identifier: Apache-2.0
"""omega.xcs beside NumPy, numexpr, concurrent.futures and Dask, all in one run.

usage: PYTHONPATH=build/release/python /usr/bin/python3 bench/python/jit.py [arrays | calls | empty | small]...

Medians; a peer that is not installed is left out, and the table says so.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from omega import xcs

try:
    import numexpr
except ImportError:
    numexpr = None
try:
    import dask
except ImportError:
    dask = None


def median_ms(call: Callable[[], Any], rounds: int) -> float:
    times = []
    for _ in range(rounds + 2):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times[2:])


def row(name: str, values: dict[str, float | None], unit: str) -> None:
    cells = "  ".join(f"{peer} {value:9.3f}" if value is not None else f"{peer}   not there" for peer, value in values.items())
    print(f"{name:44s} [{unit}]  {cells}", flush=True)


def arrays() -> None:
    """Element-wise expressions over 1e7 doubles; one pass is a copy of so many bytes, by NumPy."""
    a, b, c, d = (np.random.default_rng(i).random(10_000_000) + 0.5 for i in range(4))
    names = {"a": a, "b": b, "c": c, "d": d}
    out = np.empty_like(a)
    expressions: dict[str, Callable[..., Any]] = {
        "(a+b)*(c-d)+a*0.5": lambda a, b, c, d: (a + b) * (c - d) + a * 0.5,
        "a*b+c*d": lambda a, b, c, d: a * b + c * d,
        "a*b+c*sin(d)": lambda a, b, c, d: a * b + c * np.sin(d),
        "sqrt(a*a+b*b)*0.5": lambda a, b, c, d: np.sqrt(a * a + b * b) * 0.5,
    }
    for text, function in expressions.items():
        traced = xcs.jit(function)
        values: dict[str, float | None] = {
            "omega": median_ms(lambda: traced(a, b, c, d), 9),
            "NumPy": median_ms(lambda: function(a, b, c, d), 5),
            "numexpr": None if numexpr is None else median_ms(lambda: numexpr.evaluate(text, names), 5),
            "numexpr(out)": None if numexpr is None else median_ms(lambda: numexpr.evaluate(text, names, out=out), 5),
        }
        row(text, values, "ms")


def wait(x: int) -> int:
    time.sleep(0.01)
    return x


def calls() -> None:
    """Twenty calls of 10 ms that do not need each other."""
    traced = xcs.jit(lambda: [wait(i) for i in range(20)])
    values: dict[str, float | None] = {"one call": median_ms(lambda: wait(0), 20), "omega": median_ms(traced, 30)}
    with ThreadPoolExecutor(20) as pool:
        values["futures"] = median_ms(lambda: [each.result() for each in [pool.submit(wait, i) for i in range(20)]], 30)
    if dask is not None:
        delayed = [dask.delayed(wait)(i) for i in range(20)]
        values["Dask"] = median_ms(lambda: dask.compute(*delayed, scheduler="threads", num_workers=20), 10)
    row("20 calls of 10 ms", values, "ms")


def nothing(x: int) -> int:
    return x


def empty() -> None:
    """A thousand operations that do nothing; microseconds each."""
    plain = lambda: [nothing(i) for i in range(1000)]  # noqa: E731
    traced = xcs.jit(plain, adaptive=False)  # else it runs as it is written: nothing in it could run beside something else
    values: dict[str, float | None] = {"omega": median_ms(traced, 50), "plain loop": median_ms(plain, 50)}
    with ThreadPoolExecutor(2) as pool:
        values["futures"] = median_ms(lambda: [each.result() for each in [pool.submit(nothing, i) for i in range(1000)]], 20)
    if dask is not None:
        delayed = [dask.delayed(nothing)(i) for i in range(1000)]
        values["Dask"] = median_ms(lambda: dask.compute(*delayed, scheduler="threads"), 5)
    row("1,000 empty operations", values, "us each")  # milliseconds a thousand


def small() -> None:
    """A traced function of four small arrays; microseconds a call."""
    a, b, c, d = (np.arange(4.0) + i for i in range(4))
    function = lambda a, b, c, d: a * b + c * d - a  # noqa: E731
    traced = xcs.jit(function)

    def many(call: Callable[..., Any]) -> float:
        return median_ms(lambda: [call(a, b, c, d) for _ in range(1000)], 20)

    row("four arrays of 4 elements, one call", {"omega": many(traced), "NumPy": many(function)}, "us")


if __name__ == "__main__":
    parts = {"arrays": arrays, "calls": calls, "empty": empty, "small": small}
    for name in sys.argv[1:] or list(parts):
        parts[name]()
