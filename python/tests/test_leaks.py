# SPDX-License-Identifier: Apache-2.0
"""Nothing that the C++ side makes or is lent is kept: objects of Python's, and memory of its own."""

import gc
import importlib
import pickle
import re
import resource
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import omega
from omega import EventArray, SparseMatrix, SpikeArray, _native, arrays, performance, spiking, xcs
from omega.agents import reasoning
from omega.core.liquid_state_machine import LiquidStateMachine, LSMConfig
from omega.performance import ParallelConfig, ParallelProcessor

DENSE = np.random.default_rng(0).random((20, 30)) < 0.2
SPIKES = SpikeArray(DENSE)
MATRIX = SparseMatrix.from_dense(np.eye(9))
COMPILER = omega.ParallelCompiler(job_queue_size=2)


def refused():
    for call in (lambda: SpikeArray(object()), lambda: arrays.sum(DENSE, axis=7), lambda: omega.compile("@@"), lambda: omega.compile("x", target="none")):
        with pytest.raises((TypeError, ValueError, omega.CompileError)):
            call()


def fails():
    raise LookupError("on purpose")


def failing_callbacks():
    with pytest.raises(LookupError):
        _native._call_side_by_side([fails, fails])


def contracts():
    job = COMPILER.create_compilation_job("nowhere.sol", ["evm"])
    with pytest.raises(FileNotFoundError):
        COMPILER.compile_parallel(job)


def double(batch):
    return batch * 2


def fails_on(batch):
    raise LookupError(batch)


THREADS = ParallelProcessor(ParallelConfig(num_threads=2), max_errors=1)
PROCESSES = ParallelProcessor(ParallelConfig(num_threads=2, parallel_strategy="process"))
DEVICES = ParallelProcessor(ParallelConfig(parallel_strategy="device"))
STATES, WEIGHTS = [np.ones(9)] * 3, np.eye(9)


def processors():
    THREADS.parallel_spike_processing([DENSE] * 3, double)
    THREADS.parallel_spike_processing([DENSE] * 3, lambda batch, axis: np.sum(batch, axis), axis=0)
    THREADS.parallel_spike_processing([DENSE, DENSE.T], lambda batch: np.sum(batch, axis=1))
    THREADS.parallel_reservoir_computation(STATES, WEIGHTS, WEIGHTS, STATES, activation="tanh")
    prepared = pickle.loads(pickle.dumps(performance.PreparedReservoir(WEIGHTS, WEIGHTS)))
    THREADS.parallel_reservoir_computation(STATES, prepared, input_spikes_list=STATES)
    prepared.step(STATES[0], STATES[0]), prepared.run(STATES[0], STATES), prepared.input_weights, prepared.nbytes
    THREADS.parallel_multi_modal_reasoning([np.sum, np.mean], [DENSE, DENSE])
    THREADS.parallel_spike_processing([1], fails_on)
    return THREADS.errors, THREADS.history[-1:], THREADS.explain(), THREADS.get_parallel_info(), THREADS.is_openmp_available()


def short_lived_processors():
    with ParallelProcessor({"num_threads": 2, "parallel_strategy": "hybrid"}) as processor:
        processor.parallel_spike_processing([DENSE] * 3, double)
        pickle.loads(pickle.dumps(processor)).close()
    performance.set_global_processor(performance.enable_parallel_processing(num_threads=1))
    performance.get_global_processor()


def worker_processes():
    shared = performance.shared_array(100)
    assert performance.is_shared(shared)
    PROCESSES.parallel_spike_processing([shared, DENSE], double)
    kept = [1]
    PROCESSES.parallel_spike_processing([1, 2], lambda batch: batch + kept[0])
    with pytest.raises(LookupError):
        PROCESSES.parallel_spike_processing([1], fails_on)


LIQUID = LiquidStateMachine(LSMConfig(reservoir_size=30, seed=1))
TRAIN = DENSE[:, :5]


def liquids():
    fired, state = LIQUID.process_spike_train(TRAIN)
    LIQUID.process_spike_train(SpikeArray(TRAIN), return_potentials=True, packed=True)
    LIQUID.step(state, TRAIN[0])
    LIQUID.fit(TRAIN, TRAIN.sum(axis=1)).predict(TRAIN)
    LIQUID.features(TRAIN), LIQUID.analyze_dynamics(), LIQUID.recurrent_weights, LIQUID.input_weights(5)
    pickle.loads(pickle.dumps(LIQUID)).init_state(2)


def reservoirs():
    inputs, targets = spiking.narma10(60, seed=1)
    reservoir = spiking.Reservoir(20, seed=1).fit(inputs, targets, warmup=10)
    spiking.nrmse(reservoir.predict(inputs), targets), spiking.memory_capacity(reservoir, 3, 60), spiking.mackey_glass(20)
    spiking.RidgeReadout(0.1).fit(inputs, targets).predict(inputs)
    pickle.loads(pickle.dumps(reservoir)).run(inputs)


def spikes_of_numbers():
    values = np.linspace(0, 1, 8)
    spiking.rate(values, 5), spiking.rate(values, 5, packed=True), spiking.latency(values, 5), spiking.delta(values)
    spikes, _ = spiking.spike_patterns(2, 4, 3, 20)
    spiking.raster_plot(spikes[:, 0])._repr_svg_(), spiking.trace_plot(values, x=values)._repr_svg_(), arrays.raster_svg(SPIKES)


@xcs.jit(inline_below_us=0)
class Ensemble(xcs.Operator):
    def __init__(self, models):
        self.models = models

    def forward(self, inputs):
        return [model(inputs) for model in self.models]


ENSEMBLE = Ensemble([xcs.opaque(str.upper), xcs.register(str.lower), xcs.ordered(str.title)])
EXPRESSION = xcs.jit(lambda a, b: (a * b + 1.0, np.sum(a), {"a": a[1:] - b[1:]}))
HEAVY = xcs.jit(lambda n: xcs.cpu_bound(double)(n))
FAILING = xcs.jit(lambda n: [fails_on(n)])


def traced():
    assert ENSEMBLE("a")[0] == "A"
    EXPRESSION(STATES[0], STATES[1])
    HEAVY(3)
    with pytest.raises(LookupError):
        FAILING(1)
    xcs.explain(ENSEMBLE, "a"), xcs.get_jit_stats(), xcs.get_jit_stats(EXPRESSION)
    graph = xcs.trace(EXPRESSION, STATES[0], STATES[1])
    graph.svg(), graph.dot(), graph.text(), graph.explain(), graph.operations, xcs.graph(EXPRESSION)


def made_anew():
    jit = xcs.jit(lambda x: [double(x), double(x + 1)], config=xcs.Config(max_threads=2))
    jit(STATES[0]), xcs.explain(jit)
    program = xcs.trace_array_function(lambda x: np.tanh(x) * 2, STATES[0])
    program.run_many(STATES)


def transforms():
    xcs.vmap(lambda a: a * 2)(DENSE.astype(float)), xcs.pmap(lambda a: a.sum())(DENSE), xcs.scan(lambda s, v: (s + v, s), 0.0, STATES[0])


CALLS = {
    "processors": processors,
    "short-lived processors": short_lived_processors,
    "worker processes": worker_processes,
    "devices": lambda: (DEVICES.parallel_spike_processing([DENSE] * 2, double), DEVICES.parallel_reservoir_computation(STATES, WEIGHTS, WEIGHTS, STATES)),
    "liquids": liquids,
    "reservoirs": reservoirs,
    "spikes of numbers": spikes_of_numbers,
    "reasoning": lambda: (reasoning.VisualReasoningCore()(np.eye(9)), reasoning.AudioReasoningCore()(np.ones(800)), reasoning.TextReasoningCore()("a text")),
    "traced": traced,
    "made anew": made_anew,
    "transforms": transforms,
    "spikes": lambda: (SpikeArray(DENSE), SPIKES.to_dense(), SPIKES.packed, SPIKES[3:5], SPIKES[0, 0], SPIKES * 2),
    "events": lambda: (SPIKES.to_events().columns, EventArray.from_dense(DENSE).first, SPIKES.to_events().to_spikes()),
    "sparse": lambda: (MATRIX.data, MATRIX.T.indices, SparseMatrix(MATRIX.shape, MATRIX.indptr, MATRIX.indices, MATRIX.data).to_dense()),
    "folds": lambda: (np.sum(SPIKES, axis=1), arrays.sum(DENSE), arrays.mean(DENSE, axis=(0, 1)), arrays.max(DENSE.tolist(), axis=0), arrays.min(DENSE)),
    "products": lambda: (SPIKES @ np.ones((30, 2)), SPIKES[:, :9], MATRIX @ np.ones(9), np.ones((5, 9)) @ MATRIX, MATRIX @ MATRIX, MATRIX * 2, MATRIX + MATRIX, ~SPIKES & SPIKES),
    "pictures": lambda: (repr(SPIKES), SPIKES._repr_html_(), MATRIX._repr_html_()),
    "pickles": lambda: (pickle.loads(pickle.dumps(SPIKES)), pickle.loads(pickle.dumps(MATRIX))),
    "programs": lambda: (omega.compile("let x = 1\n", target=("native", "c")), omega.check("let x = y\n"), omega.run("let x = 1\n").stdout),
    "contracts": contracts,
    "failures": refused,
    "callbacks": lambda: _native._call_side_by_side([int, str, float]),
    "failing callbacks": failing_callbacks,
}


def test_every_public_call_is_among_them():
    text = Path(__file__).read_text()
    for module in ("omega", "omega.agents.reasoning", "omega.arrays", "omega.core.liquid_state_machine", "omega.performance", "omega.spiking", "omega.xcs"):
        public = importlib.import_module(module)
        calls = [name for name in public.__all__ if callable(getattr(public, name))]
        given = {"Compiled", "Diagnostic", "EventArray", "Graph", "LSMState", "Operation", "Operator", "Pattern", "ParallelCompilerConfig", "Plot", "Run"}  # what calls give, or take
        errors = {name for name in calls if isinstance(getattr(public, name), type) and issubclass(getattr(public, name), Exception)}
        assert [name for name in calls if name not in given | errors and not re.search(rf"\b{name}\(", text)] == []


@pytest.mark.parametrize("name", CALLS)
def test_no_object_is_kept(name):
    call = CALLS[name]

    rounds = 60

    def grows_with_every_call():
        blocks = []
        for each in (1, rounds):
            for _ in range(each):
                call()
            gc.collect()
            blocks.append(sys.getallocatedblocks())
        return blocks[1] - blocks[0] > rounds // 2

    # The interpreter's own caches fill for a while, ever slower. What a call keeps is kept by every one of them, however often.
    assert not all(grows_with_every_call() for _ in range(20))


def test_memory_of_arrays_is_given_back():
    large = np.ones((1000, 8000), bool)

    def most_after(rounds):
        for _ in range(rounds):
            spikes = SpikeArray(large)
            spikes.to_dense()
            spikes.to_events()
            SparseMatrix.from_dense(large[:200].astype(np.float32))
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    before = most_after(3)
    kept_each_round = 1  # MB at least: the packed spikes alone
    assert most_after(60) - before < 60 * kept_each_round * 1024


def test_one_array_from_many_threads():
    expected = np.sum(DENSE, axis=0)
    results = []

    def work():
        for _ in range(50):
            results.append(np.array_equal(np.sum(SPIKES, axis=0), expected) and np.array_equal(SpikeArray(DENSE).packed, SPIKES.packed))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 400
