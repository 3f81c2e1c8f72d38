# SPDX-License-Identifier: Apache-2.0
"""Training and running a liquid state machine beside the same in NumPy, in one run on one machine.

The same weights, the same spikes, the same readout. NumPy's way: dense products per step, as its users write it, in float64 and float32, and one that
adds the columns of the neurons that fired; the readout from X.T @ X and numpy.linalg.solve.
"""

import statistics
import sys
import time

import numpy as np

from omega.core.liquid_state_machine import LiquidStateMachine
from omega.spiking import rate

STEPS = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
NEURONS, INPUTS, OUTPUTS, DT, PENALTY, WARMUP = 1000, 100, 1, 0.001, 1e-2, 100


def run_numpy(recurrent, inputs, train, event_driven):
    kind = recurrent.dtype.type
    decay, filtered = kind(np.exp(-DT / 0.020)), np.exp(-DT / 0.030)
    potential, wait = np.zeros(NEURONS, kind), np.zeros(NEURONS, np.int32)
    fired, trace = np.zeros(NEURONS, kind), np.zeros(NEURONS)
    traces = np.empty((len(train), NEURONS))
    columns = np.ascontiguousarray(recurrent.T)
    for t, spikes in enumerate(train):
        if event_driven:
            current = inputs[spikes].sum(0) + columns[fired != 0].sum(0)
        else:
            current = spikes.astype(kind) @ inputs + recurrent @ fired
        potential = decay * potential + current
        waiting = wait > 0
        spike = ~waiting & (potential >= 1)
        potential[waiting | spike] = 0
        wait = np.where(spike, 2, np.maximum(wait - 1, 0))
        fired = spike.astype(kind)
        trace = filtered * trace + fired
        traces[t] = trace
    return traces


def train_numpy(traces, targets):
    x, y = traces[WARMUP:], targets[WARMUP:]
    mean_x, mean_y = x.mean(0), y.mean(0)
    x = x - mean_x
    weights = np.linalg.solve(x.T @ x + PENALTY * np.eye(NEURONS), x.T @ (y - mean_y))
    return weights, mean_y - mean_x @ weights


def timed(work, repeats):
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), result


def main():
    lsm = LiquidStateMachine(reservoir_size=NEURONS, input_size=INPUTS, seed=1)
    train = rate(np.full(INPUTS, 0.02), STEPS, seed=1)
    targets = np.convolve(train.sum(1), np.ones(20) / 20, "full")[:STEPS, None]
    lsm.fit(train[:500], targets[:500], warmup=WARMUP)  # warm

    run, (spikes, _) = timed(lambda: lsm.process_spike_train(train), 5)
    fit, _ = timed(lambda: lsm.fit(train, targets, warmup=WARMUP), 5)
    predict, said = timed(lambda: lsm.predict(train), 5)
    print(f"{NEURONS} neurons, {INPUTS} inputs, {STEPS} steps; {spikes.mean() / DT:.1f} Hz, {lsm.analyze_dynamics()['connectivity']:.2f} connected")
    print(f"{'':34}{'run':>10}{'fit':>10}{'fit+predict':>13}{'ratio':>8}")
    print(f"{'Omega':34}{run * 1e3:>8.1f}ms{fit * 1e3:>8.1f}ms{(fit + predict) * 1e3:>11.1f}ms{1:>8.1f}")
    for name, kind, events in (("NumPy, dense float64", "float64", False), ("NumPy, dense float32", "float32", False), ("NumPy, float32, rows that fired", "float32", True)):
        recurrent, inputs = lsm.recurrent_weights.astype(kind), lsm.input_weights().astype(kind)
        seconds, traces = timed(lambda: run_numpy(recurrent, inputs, train, events), 1)
        training, (weights, intercepts) = timed(lambda: train_numpy(traces, targets), 1)
        predicting, expected = timed(lambda: traces @ weights + intercepts, 1)
        # Fitting runs the liquid once, predicting once more.
        total = 2 * seconds + training + predicting
        print(f"{name:34}{seconds * 1e3:>8.1f}ms{(seconds + training) * 1e3:>8.1f}ms{total * 1e3:>11.1f}ms{total / (fit + predict):>8.1f}")
        if kind == "float32" and not events:
            print(f"{'':34}largest difference of predictions {np.abs(said - expected).max():.1e}")


main()
