# SPDX-License-Identifier: Apache-2.0
"""Sums, means and extremes over an axis of arrays by omega.arrays and by NumPy, in one run.

usage: PYTHONPATH=build/release/python /usr/bin/python3 bench/compute/folds.py [SHAPE...]     (a SHAPE is 4000x4000)

Microseconds, the least of each engine's rounds, which take turns: neighbours on the same processors disturb single rounds.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from omega import arrays

SHAPES = ["1000x1000", "100x10000", "10000x100", "4000x4000", "20x200000", "12x1000000", "64x128x512"]
TYPES = ["float32", "float64", "int64", "int32", "uint8", "bool"]
FOLDS = ["sum", "mean", "max"]
ROUNDS = 15


def least_us(calls: list[Callable[[], Any]]) -> list[float]:
    least = [float("inf")] * len(calls)
    for _ in range(ROUNDS):
        for i, call in enumerate(calls):
            begin = time.perf_counter()
            call()
            least[i] = min(least[i], (time.perf_counter() - begin) * 1e6)
    return least


def rows_of(shape: tuple[int, ...]) -> None:
    elements = np.random.default_rng(1).random(shape) * 100
    for kind in TYPES:
        array = elements.astype(kind)
        for axis in range(len(shape)):
            cells = []
            for fold in FOLDS:
                ours, numpys = getattr(arrays, fold), getattr(np, fold)
                omega_us, numpy_us = least_us([lambda: ours(array, axis=axis), lambda: numpys(array, axis=axis)])
                cells.append(f"{fold} {omega_us:8.1f} {numpy_us:8.1f} {numpy_us / omega_us:5.1f} x")
            print(f"{'x'.join(map(str, shape)):12s} {kind:8s} axis {axis}   {'   '.join(cells)}", flush=True)


def main() -> None:
    print("us: Omega, NumPy, NumPy/Omega")
    for text in sys.argv[1:] or SHAPES:
        rows_of(tuple(int(extent) for extent in text.split("x")))


main()
