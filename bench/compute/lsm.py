# SPDX-License-Identifier: Apache-2.0
"""Training and running a liquid state machine beside the same in NumPy, in one run on one machine.

usage: lsm.py [STEPS [THREADS]]

The same weights, the same spikes, the same readout. NumPy's ways: dense products per step, as its users write it, in float64 and in float32, and sums of the rows of
the neurons that fired; then the readout from X.T @ X and numpy.linalg.solve. Each in a process of its own, with OpenBLAS on one thread and on all: the faster
run and the faster training count.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

NEURONS, INPUTS, DT, PENALTY, WARMUP = 1000, 100, 0.001, 1e-2, 100
WAYS = {"NumPy, dense float64": ("float64", False), "NumPy, dense float32": ("float32", False), "NumPy, float32, rows that fired": ("float32", True)}


def run_numpy(np, recurrent, inputs, train, event_driven):
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


def train_numpy(np, traces, targets):
    x, y = traces[WARMUP:], targets[WARMUP:]
    mean_x, mean_y = x.mean(0), y.mean(0)
    x = x - mean_x
    weights = np.linalg.solve(x.T @ x + PENALTY * np.eye(NEURONS), x.T @ (y - mean_y))
    return weights, mean_y - mean_x @ weights


def timed(work, repeats=1):
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), result


def measure_numpy(path, kind, events):
    """Seconds to run, to train, to predict, and how far the predictions are from Omega's."""
    import numpy as np

    given = np.load(path)
    recurrent, inputs = given["recurrent"].astype(kind), given["inputs"].astype(kind)
    run_numpy(np, recurrent, inputs, given["train"][:50], events)
    seconds, traces = timed(lambda: run_numpy(np, recurrent, inputs, given["train"], events))
    training, (weights, intercepts) = timed(lambda: train_numpy(np, traces, given["targets"]))
    predicting, said = timed(lambda: traces @ weights + intercepts)
    print(seconds, training, predicting, np.abs(said - given["said"]).max())


def main(steps, threads):
    import numpy as np

    from omega.core.liquid_state_machine import LiquidStateMachine
    from omega.spiking import rate

    lsm = LiquidStateMachine(reservoir_size=NEURONS, input_size=INPUTS, seed=1)
    train = rate(np.full(INPUTS, 0.02), steps, seed=1)
    targets = np.convolve(train.sum(1), np.ones(20) / 20, "full")[:steps, None]
    lsm.fit(train, targets, warmup=WARMUP)  # warm
    run, (spikes, _) = timed(lambda: lsm.process_spike_train(train), 7)
    fit, _ = timed(lambda: lsm.fit(train, targets, warmup=WARMUP), 7)
    predict, said = timed(lambda: lsm.predict(train), 7)
    print(f"{NEURONS} neurons, {INPUTS} inputs, {steps} steps; {spikes.mean() / DT:.1f} Hz, {lsm.analyze_dynamics()['connectivity']:.2f} connected")
    print(f"{'ms':34}{'run':>10}{'fit':>10}{'predict':>10}{'fit, predict/Omega':>22}")
    print(f"{'Omega':34}{run * 1e3:>10.1f}{fit * 1e3:>10.1f}{predict * 1e3:>10.1f}{1:>22.1f}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "liquid.npz")
        np.savez(path, recurrent=lsm.recurrent_weights, inputs=lsm.input_weights(), train=train, targets=targets, said=said)
        for name, (kind, events) in WAYS.items():
            found = []
            for count in sorted({1, threads}):
                command = [sys.executable, __file__, "--numpy", path, kind, str(int(events))]
                output = subprocess.run(command, env={**os.environ, "OPENBLAS_NUM_THREADS": str(count)}, capture_output=True, text=True, check=True).stdout
                found.append([float(each) for each in output.split()])
            seconds, training, predicting = (min(each[i] for each in found) for i in range(3))
            # Fitting and predicting run the liquid once each.
            total = 2 * seconds + training + predicting
            print(f"{name:34}{seconds * 1e3:>10.1f}{(seconds + training) * 1e3:>10.1f}{(seconds + predicting) * 1e3:>10.1f}{total / (fit + predict):>22.1f}", flush=True)
            if kind == "float32":
                print(f"{'':34}predictions differ by {found[0][3]:.1e} at most")


if sys.argv[1:2] == ["--numpy"]:
    measure_numpy(sys.argv[2], sys.argv[3], sys.argv[4] == "1")
else:
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, int(sys.argv[2]) if len(sys.argv) > 2 else len(os.sched_getaffinity(0)))
