# SPDX-License-Identifier: Apache-2.0
"""omega.performance beside a plain loop of NumPy, a ThreadPoolExecutor per call (as documentation of such processors does it) and multiprocessing's pool, in one run.

usage: PYTHONPATH=build/release/python /usr/bin/python3 bench/compute/processor.py [calls|balance|processes|short|devices]...
Times are medians of rounds in which all engines take turns.
"""

import multiprocessing
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # calls this small only lose by more, and peers would look worse
import numpy as np  # noqa: E402
from taking_turns import medians  # noqa: E402

from omega.performance import DeviceError, ParallelConfig, ParallelProcessor, PreparedReservoir, shared_array

random = np.random.default_rng(42)
THREADS = 2


def line(name, found):
    peer = found.get("ThreadPool") or found.get("Pool")
    print(f"{name:34}" + "".join(f"{key} {value:10.1f} us   " for key, value in found.items()) + (f"{peer / found['Omega']:6.1f} x" if peer else ""), flush=True)


def pooled(function, *lists):
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(function, *lists))


def sum_spikes(batch):
    return np.sum(batch, axis=1)


def custom_spike_processor(spike_batch, threshold=0.5, decay=0.95):
    thresholded = spike_batch > threshold
    decayed = spike_batch * decay
    return thresholded.astype(float) * decayed


def visual_core(data):
    return np.sum(data, axis=-1)


def audio_core(data):
    return np.mean(data, axis=-1)


def text_core(data):
    return np.max(data, axis=-1)


def calls():
    processor = ParallelProcessor(ParallelConfig(num_threads=THREADS))
    batches = [random.random((10, 100, 50)) < 0.1 for _ in range(4)]
    line(
        "spike sums",
        medians(
            {
                "Omega": lambda: processor.parallel_spike_processing(batches, sum_spikes),
                "NumPy": lambda: [sum_spikes(batch) for batch in batches],
                "ThreadPool": lambda: pooled(sum_spikes, batches),
            },
            9,
        ),
    )
    keywords = {"threshold": 0.3, "decay": 0.9}
    line(
        "custom processing function",
        medians(
            {
                "Omega": lambda: processor.parallel_spike_processing(batches, custom_spike_processor, **keywords),
                "NumPy": lambda: [custom_spike_processor(batch, **keywords) for batch in batches],
                "ThreadPool": lambda: pooled(partial(custom_spike_processor, **keywords), batches),
            },
            9,
        ),
    )
    for neurons, inputs in ((4, 2), (100, 50), (1000, 500)):
        states = [random.normal(size=neurons) for _ in range(4)]
        input_weights, reservoir_weights = random.normal(size=(inputs, neurons)), random.normal(size=(neurons, neurons))
        spikes = [random.random(inputs) < 0.1 for _ in range(4)]
        prepared = PreparedReservoir(input_weights, reservoir_weights)

        def step(state, spike):
            return spike @ input_weights + state @ reservoir_weights.T

        line(
            f"four reservoirs of {neurons}",
            medians(
                {
                    "Omega": lambda: processor.parallel_reservoir_computation(states, input_weights, reservoir_weights, spikes),
                    "prepared": lambda: processor.parallel_reservoir_computation(states, prepared, input_spikes_list=spikes),
                    "NumPy": lambda: [step(state, spike) for state, spike in zip(states, spikes)],
                    "ThreadPool": lambda: pooled(step, states, spikes),
                },
                9,
            ),
        )
    cores = [visual_core, audio_core, text_core]
    data = [random.normal(size=shape) for shape in ((20, 30), (15, 25), (10, 35))]
    line(
        "three reasoning cores",
        medians(
            {
                "Omega": lambda: processor.parallel_multi_modal_reasoning(cores, data),
                "NumPy": lambda: [core(each) for core, each in zip(cores, data)],
                "ThreadPool": lambda: pooled(lambda core, each: core(each), cores, data),
            },
            9,
        ),
    )


def sort_much(batch):
    """Gives up the interpreter's lock while it works."""
    return np.sort(batch).sum()


def balance():
    """Sixteen batches, one of them as large as eight of the others, the large one last."""
    sizes = [60_000] * 15 + [480_000]
    batches = [random.random(size) for size in sizes]
    engines = {}
    for name, keys in {
        "Omega": {},
        "unbalanced": {"enable_load_balancing": False},
        "in order, one by one": {"enable_load_balancing": False, "chunk_size": 1},
    }.items():
        processor = ParallelProcessor(ParallelConfig(num_threads=THREADS, **keys))
        engines[name] = lambda processor=processor: processor.parallel_spike_processing(batches, sort_much)
    engines["ThreadPool"] = lambda: pooled(sort_much, batches)
    line("uneven batches", medians(engines, 9))


def add_up(batch):
    return batch.sum()


def first_element(batch):
    return float(batch[5])


def processes():
    """What a call costs beside its work, with 1 GB of input: the task reads one number."""
    shared = [shared_array(1 << 26) for _ in range(2)]
    ordinary = [np.ones(1 << 26) for _ in range(2)]
    for array in shared:
        array[:] = 1
    processor = ParallelProcessor(ParallelConfig(num_threads=THREADS, parallel_strategy="process"))
    line("1 GB in shared arrays", medians({"Omega": lambda: processor.parallel_spike_processing(shared, first_element)}, 9))
    line("1 GB in ordinary arrays", medians({"Omega": lambda: processor.parallel_spike_processing(ordinary, first_element)}, 9))
    small = [random.random((10, 100, 50)) < 0.1 for _ in range(4)]
    with multiprocessing.get_context("fork").Pool(THREADS) as pool:
        begin = time.perf_counter()
        pool.map(first_element, ordinary)
        print(f"{'1 GB by multiprocessing.Pool':34}Pool  {(time.perf_counter() - begin) * 1e6:10.1f} us", flush=True)
        line(
            "four batches of 50 KB",
            medians({"Omega": lambda: processor.parallel_spike_processing(small, sum_spikes), "Pool": lambda: pool.map(sum_spikes, small)}, 9),
        )


def short():
    """Thousands of tasks of a microsecond: what handing out and answering costs. Times are of all of them."""
    threads = ParallelProcessor(ParallelConfig(num_threads=THREADS))
    workers = ParallelProcessor(ParallelConfig(num_threads=THREADS, parallel_strategy="process"))
    batches = [np.ones(4, bool)] * 20_000
    with multiprocessing.get_context("fork").Pool(THREADS) as pool:
        engines = {
            "loop": lambda: [add_up(batch) for batch in batches],
            "Omega": lambda: threads.parallel_spike_processing(batches, add_up),
            "ThreadPool": lambda: pooled(add_up, batches),
        }
        line("20,000 short tasks, threads", medians(engines, 5))
        engines = {"Omega": lambda: workers.parallel_spike_processing(batches, add_up), "Pool": lambda: pool.map(add_up, batches)}
        line("20,000 short tasks, processes", medians(engines, 5))
        own = [np.ones(4, bool) for _ in range(20_000)]
        engines = {"Omega": lambda: workers.parallel_spike_processing(own, add_up), "Pool": lambda: pool.map(add_up, own)}
        line("20,000, each with its array", medians(engines, 5))
        engines = {"Omega": lambda: workers.parallel_spike_processing(own, np.invert), "Pool": lambda: pool.map(np.invert, own)}
        line("20,000, arrays as results", medians(engines, 5))


def devices():
    """Reservoirs in the engine's loops and on OpenCL devices, here the same processors (PoCL): whether `hybrid` would have something to choose."""
    engine, device = ParallelProcessor(ParallelConfig(num_threads=THREADS)), ParallelProcessor(ParallelConfig(parallel_strategy="device"))
    for count, neurons, dtype in ((4, 100, np.float32), (4, 1000, np.float32), (64, 1000, np.float32), (64, 1000, np.float64), (64, 4000, np.float32)):
        inputs = neurons // 2
        states = [random.normal(size=neurons).astype(dtype) for _ in range(count)]
        weights = random.normal(size=(inputs, neurons)).astype(dtype), random.normal(size=(neurons, neurons)).astype(dtype)
        spikes = [random.random(inputs) < 0.1 for _ in range(count)]
        try:
            device.parallel_reservoir_computation(states, *weights, spikes)
        except DeviceError as error:
            print(f"left out: {error}")
            return
        line(
            f"{count} of {neurons}, {np.dtype(dtype)}",
            medians(
                {
                    "Omega": lambda: engine.parallel_reservoir_computation(states, *weights, spikes, activation="tanh"),
                    "devices": lambda: device.parallel_reservoir_computation(states, *weights, spikes, activation="tanh"),
                },
                5,
            ),
        )


if __name__ == "__main__":
    parts = {"calls": calls, "balance": balance, "processes": processes, "short": short, "devices": devices}
    for name in sys.argv[1:] or parts:
        parts[name]()
