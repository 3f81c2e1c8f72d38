# SPDX-License-Identifier: Apache-2.0
"""The steps of reservoir.cpp in NumPy and in a ThreadPoolExecutor over a list of states: microseconds, two columns; sums of spikes: giga-spikes a second.

usage: reservoir.py tanh|lif N DENSITY BATCH THREADS; reservoir.py sum THREADS
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np


def least(call):
    """Seconds of the fastest of many calls: half a second of them, at least five."""
    call()
    best = float("inf")
    begin = time.perf_counter()
    count = 0
    while count < 5 or time.perf_counter() - begin < 0.5:
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
        count += 1
    return best


def reservoir(kind, neurons, density, batch, threads):
    random = np.random.default_rng(1)
    inputs = 50 if neurons == 100 else 100
    input_weights = (0.1 * random.standard_normal((inputs, neurons))).astype(np.float32)
    weights = (random.standard_normal((neurons, neurons)) * (random.random((neurons, neurons)) < density)).astype(np.float32)
    weights *= np.float32(0.9 / np.sqrt(neurons * density))
    spikes = (random.random((batch, inputs)) < 0.1).astype(np.float32)
    states = (0.5 * random.standard_normal((batch, neurons))).astype(np.float32)
    fired = (random.random((batch, neurons)) < 0.05).astype(np.float32)
    potentials = np.zeros((batch, neurons), np.float32)
    waits = np.zeros((batch, neurons), np.int32)

    def step(state, spike, potential, wait):
        currents = spike @ input_weights + state @ weights.T
        if kind == "tanh":
            return np.tanh(currents)
        waiting = wait > 0
        potential *= np.float32(0.95)
        potential += currents
        potential[waiting] = 0
        fires = potential >= 1
        potential[fires] = 0
        wait -= waiting
        wait[fires] = 2
        return fires

    rows = states if kind == "tanh" else fired
    if batch == 1:
        whole = least(lambda: step(rows[0], spikes[0], potentials[0], waits[0]))
    else:
        whole = least(lambda: step(rows, spikes, potentials, waits))
    with ThreadPoolExecutor(threads) as pool:
        each = least(lambda: list(pool.map(lambda b: step(rows[b], spikes[b], potentials[b], waits[b]), range(batch))))
    print(f"{1e6 * whole:.1f} {1e6 * each:.1f}")


def spike_sum(threads):
    random = np.random.default_rng(1)
    one = random.random((128, 1000, 512), np.float32) < 0.0625
    arrays = [one.copy() for _ in range(16)]

    def chunked(array):
        total = np.zeros((array.shape[0], array.shape[2]), np.int64)
        for begin in range(0, array.shape[1], 250):
            total += array[:, begin : begin + 250].view(np.uint8).sum(axis=1, dtype=np.uint8)
        return total

    with ThreadPoolExecutor(threads) as pool:
        plain = least(lambda: list(pool.map(lambda array: array.sum(axis=1), arrays)))
        chunks = least(lambda: list(pool.map(chunked, arrays)))
    print(f"{one.size * 16 / plain * 1e-9:.1f} {one.size * 16 / chunks * 1e-9:.1f}")


if sys.argv[1] == "sum":
    spike_sum(int(sys.argv[2]))
else:
    reservoir(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
