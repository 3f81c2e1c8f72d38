# SPDX-License-Identifier: Apache-2.0
"""Times of engines that take turns, so that what disturbs the machine disturbs all of them."""

import statistics
import time


def medians(engines, rounds, seconds=0.02):
    """Microseconds a call of each engine."""
    repeats = {}
    for name, call in engines.items():
        call()
        begin = time.perf_counter()
        call()
        repeats[name] = max(1, int(seconds / max(time.perf_counter() - begin, 1e-6)))
    times = {name: [] for name in engines}
    for _ in range(rounds):
        for name, call in engines.items():
            begin = time.perf_counter()
            for _ in range(repeats[name]):
                call()
            times[name].append((time.perf_counter() - begin) / repeats[name] * 1e6)
    return {name: statistics.median(each) for name, each in times.items()}
