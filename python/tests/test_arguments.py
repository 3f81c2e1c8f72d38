# SPDX-License-Identifier: Apache-2.0
"""Arguments that cannot be: the exception names the argument, what was seen and what would do."""

import re

import numpy as np
import pytest

import omega
from omega import EventArray, SparseMatrix, SpikeArray, arrays, xcs
from omega import performance as P
from omega import spiking as S
from omega.agents.reasoning import AudioReasoningCore, TextReasoningCore, VisualReasoningCore
from omega.core.liquid_state_machine import LiquidStateMachine

X = np.ones(3)
W = np.ones((2, 3))
TRAIN = np.ones((5, 3))
PROGRAM = "let x = 1\n"


def liquid():
    return LiquidStateMachine(reservoir_size=10)


def currents(state=X, weights=W, recurrent=np.eye(3), spikes=np.ones(2), **keys):
    return P.ParallelProcessor().parallel_reservoir_computation([state], weights, recurrent, [spikes], **keys)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: P.ParallelProcessor(timeout=-1), ValueError, "timeout = -1: it must be a number, at least 0"),
        (lambda: P.ParallelProcessor(timeout="x"), TypeError, "timeout = 'x': it must be a number"),
        (lambda: P.ParallelProcessor(max_errors=-1), ValueError, "max_errors = -1: it must be an int, at least 0"),
        (lambda: P.ParallelProcessor(max_errors=0.5), TypeError, "max_errors = 0.5: it must be an int"),
        (lambda: P.ParallelProcessor(progress="x"), TypeError, "progress = 'x': it must be True or False"),
        (lambda: setattr(P.ParallelProcessor(), "timeout", float("nan")), ValueError, "timeout = nan"),
        (lambda: P.ParallelProcessor().parallel_multi_modal_reasoning([np.sum], [X], load_balance="no"), TypeError, "load_balance = 'no'"),
        (lambda: P.ParallelProcessor().benchmark_parallel_performance("abc"), TypeError, "test_sizes = 'abc': it must be a list of sizes"),
        (lambda: P.ParallelProcessor().benchmark_parallel_performance([10, -1]), ValueError, "test_sizes[1] = -1: it must be an int, at least 1"),
        (lambda: P.ParallelProcessor().benchmark_parallel_performance([10], num_iterations="x"), TypeError, "num_iterations = 'x'"),
        (lambda: currents(weights=None), TypeError, "input_weights: elements of dtype object; they must be numbers"),
        (lambda: currents(recurrent="abc"), TypeError, "reservoir_weights: elements of dtype <U3"),
        (lambda: currents(state="a"), TypeError, "reservoir_states[0]: elements of dtype <U1"),
        (lambda: currents(spikes=None), TypeError, "input_spikes_list[0]: elements of dtype object"),
        (lambda: currents(activation=("leaky_tanh", "x")), ValueError, "activation = ('leaky_tanh', 'x'): it must be None, 'tanh' or"),
        (lambda: P.shared_array("x"), TypeError, "shape = 'x': it must be a list of extents"),
        (lambda: P.shared_array((2, -1)), ValueError, "shape = -1: it must be an int, at least 0"),
        (lambda: arrays.sum(X, axis="a"), TypeError, "axis = 'a': it must be an int, several, or None"),
        (lambda: arrays.raster_svg("abc"), TypeError, "spikes: elements of dtype <U3; they must be real numbers"),
        (lambda: arrays.raster_svg(W, width=0), ValueError, "width = 0: it must be an int, at least 1"),
        (lambda: SpikeArray.zeros("x"), TypeError, "shape = 'x': it must be an int or a tuple of ints"),
        (lambda: SpikeArray.zeros((2, 0.5)), TypeError, "shape = (2, 0.5): it must be an int or a tuple of ints"),
        (lambda: SpikeArray.zeros((2, -1)), ValueError, "shape = (2, -1): extents must not be negative"),
        (lambda: SpikeArray.from_events(3), TypeError, "events = 3: it must be an EventArray"),
        (lambda: EventArray(None, [0, 1], [0]), TypeError, "shape = None: it must be an int or a tuple of ints"),
        (lambda: SparseMatrix(3, [0, 1], [0], [1.0]), ValueError, "shape = 3: it must be (rows, columns)"),
        (lambda: SparseMatrix.from_scipy(3), TypeError, "matrix = 3: it must be a sparse matrix of SciPy's"),
        (lambda: S.rate(X, 10, seed="a"), TypeError, "seed = 'a': it must be an int"),
        (lambda: S.rate(X, 10, seed=2**64), ValueError, "seed = 18446744073709551616: it must be an int, at least 0, within 0 to 18446744073709551615"),
        (lambda: S.rate(X, 2**70), ValueError, "steps = 1180591620717411303424: it must be an int, within"),
        (lambda: S.rate(X, 2**62), ValueError, "an array of more elements than memory has addresses"),
        (lambda: LiquidStateMachine(reservoir_size=True), TypeError, "reservoir_size = True: it must be an int"),
        (lambda: LiquidStateMachine(reservoir_size=5, input_size=1.5), TypeError, "input_size = 1.5: it must be an int"),
        (lambda: LiquidStateMachine(reservoir_size=5, seed=-1), TypeError, "seed = -1: it must be an int from 0 to 2**64 - 1"),
        (lambda: LiquidStateMachine(reservoir_size=20, topology="distance", grid=(5.0, 2, 2)), TypeError, "grid = 5.0: it must be three ints, or None"),
        (lambda: LiquidStateMachine(reservoir_size=5, connection_length=0), ValueError, "connection_length: 0.000000 is not a number above 0"),
        (lambda: LiquidStateMachine({"reservoir_size": 5}), TypeError, "config = {'reservoir_size': 5}: it must be an LSMConfig, or None"),
        (lambda: S.rate(X, "a"), TypeError, "steps = 'a': it must be an int"),
        (lambda: S.latency(X, 10, law=3), TypeError, "law = 3: it must be 'linear' or 'logarithmic'"),
        (lambda: S.latency(X, 10, tau="x"), TypeError, "tau = 'x': it must be a number"),
        (lambda: S.delta(X, "a"), TypeError, "threshold = 'a': it must be a number"),
        (lambda: S.RidgeReadout(-1), ValueError, "regularization = -1: it must be a number, at least 0"),
        (lambda: S.RidgeReadout().fit(TRAIN, np.ones(5), warmup="a"), TypeError, "warmup = 'a': it must be an int"),
        (lambda: S.Reservoir("a"), TypeError, "reservoir_size = 'a': it must be an int"),
        (lambda: S.Reservoir(10, leak="a"), TypeError, "leak = 'a': it must be a number"),
        (lambda: S.narma10("a"), TypeError, "steps = 'a'"),
        (lambda: S.mackey_glass(10, tau="a"), TypeError, "tau = 'a'"),
        (lambda: S.spike_patterns(classes=0.5), TypeError, "classes = 0.5"),
        (lambda: liquid().process_spike_train(TRAIN, dt="a"), TypeError, "dt = 'a': it must be a number"),
        (lambda: liquid().step(liquid().init_state(), X, dt="a"), TypeError, "dt = 'a': it must be a number"),
        (lambda: liquid().fit(TRAIN, np.ones(5), dt="a"), TypeError, "dt = 'a'"),
        (lambda: liquid().analyze_dynamics(dt="a"), TypeError, "dt = 'a'"),
        (lambda: VisualReasoningCore(cells=0), ValueError, "cells = 0: it must be an int, at least 1"),
        (lambda: AudioReasoningCore(sample_rate="a"), TypeError, "sample_rate = 'a'"),
        (lambda: TextReasoningCore(features=1.5), TypeError, "features = 1.5"),
        (lambda: xcs.vmap(3), TypeError, "function = 3: it must be a function"),
        (lambda: xcs.pmap(3), TypeError, "function = 3: it must be a function"),
        (lambda: xcs.scan(3, 0, [1]), TypeError, "function = 3: it must be a function"),
        (lambda: xcs.scan(lambda c, x: (c, x), 0, 3), TypeError, "xs = 3: it must be an array, a sequence or None"),
        (lambda: xcs.scan(lambda c, x: (c, x), 0, None, length=-1), ValueError, "length = -1: it must be an int, at least 0"),
        (lambda: xcs.jit(lambda x: x, config=3), TypeError, "config: 3 is not a Config"),
        (lambda: omega.compile(PROGRAM, target=3), TypeError, "target = 3: it must be a list of names"),
        (lambda: omega.compile(PROGRAM, name=3), TypeError, "name = 3: it must be a str"),
        (lambda: omega.compile(PROGRAM, output=3), TypeError, "output = 3: it must be a path"),
        (lambda: omega.compile(PROGRAM, release="x"), TypeError, "release = 'x': it must be True or False"),
        (lambda: omega.compile(PROGRAM, disabled_passes="inlining"), TypeError, "disabled_passes = 'inlining': it must be a list of names"),
        (lambda: omega.run(PROGRAM, timeout=-1), ValueError, "timeout = -1: it must be a number, at least 0"),
        (lambda: omega.run(PROGRAM, input=3), TypeError, "input = 3: it must be a str, bytes or None"),
        (lambda: omega.ParallelCompiler(3), TypeError, "config = 3: it must be a ParallelCompilerConfig"),
        (lambda: omega.ParallelCompiler().create_compilation_job(3, ["evm"]), TypeError, "input_file = 3: it must be a path"),
        (lambda: omega.ParallelCompiler().create_compilation_job("x.sol", 3), TypeError, "targets = 3: it must be a list of names"),
        (lambda: omega.ParallelCompiler().compile_parallel(3), TypeError, "job = 3: it must be a CompilationJob"),
        (lambda: omega.ParallelCompiler().get_job_status("a"), TypeError, "job_id = 'a': it must be an int"),
        (lambda: omega.ParallelCompiler().cancel_job("a"), TypeError, "job_id = 'a': it must be an int"),
    ],
)
def test_the_argument_is_named(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()


def test_numpys_numbers_are_numbers():
    assert S.rate(X, np.int64(4), seed=np.uint8(3)).shape == (4, 3)
    assert liquid().process_spike_train(TRAIN, dt=np.float32(0.001))[0].shape == (5, 10)
    assert P.ParallelProcessor(timeout=np.float64(5), max_errors=np.int32(1)).max_errors == 1
    assert P.shared_array(np.int64(3)).shape == (3,) and P.shared_array(np.array([2, 3])).shape == (2, 3)
    assert SpikeArray.zeros(np.int64(3)).shape == (3,) and SpikeArray.zeros(np.array([2, 3])).shape == SpikeArray.zeros((2, 3)).shape == (2, 3)
    assert P.ParallelProcessor(progress=np.bool_(False)).progress is False
