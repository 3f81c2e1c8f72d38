# SPDX-License-Identifier: Apache-2.0
"""ParallelProcessor.parallel_reservoir_computation and PreparedReservoir: NumPy's values, types and shapes."""

import pickle

import numpy as np
import pytest

from omega.arrays import SparseMatrix
from omega.performance import ParallelConfig, ParallelProcessor, PreparedReservoir


@pytest.mark.parametrize("weights", [np.float32, np.float64])
@pytest.mark.parametrize("spikes", [bool, np.uint8, np.int32, np.int64, np.float32, np.float64])
def test_currents_have_numpys_values_and_dtype(weights, spikes):
    random = np.random.default_rng(1)
    inputs, recurrent = random.normal(size=(7, 33)).astype(weights), random.normal(size=(33, 33)).astype(weights)
    states = [random.normal(size=33).astype(weights) for _ in range(5)]
    given = [(random.random(7) < 0.3).astype(spikes) for _ in range(5)]
    results = ParallelProcessor(ParallelConfig(num_threads=2)).parallel_reservoir_computation(states, inputs, recurrent, given)
    for result, state, spike in zip(results, states, given):
        expected = spike @ inputs + state @ recurrent.T
        assert result.dtype == expected.dtype
        single = weights == np.float32  # NumPy then computes a part of the formula in that
        np.testing.assert_allclose(result, expected, rtol=2e-5 if single else 1e-12, atol=1e-5 if single else 1e-12)


@pytest.mark.parametrize("dtype", [np.float16, np.int16, ">f4", ">f8"])
def test_prepared_weights_take_states_of_every_real_type(dtype):
    reservoir = PreparedReservoir(np.ones((2, 3)), 0.5 * np.eye(3))
    state, spikes = np.arange(3).astype(dtype), np.array([1, 0], dtype)
    [result] = ParallelProcessor().parallel_reservoir_computation([state], reservoir, input_spikes_list=[spikes])
    assert result.tolist() == [1, 1.5, 2] and result.tobytes() == reservoir.step(state, spikes).tobytes()
    with pytest.raises(TypeError, match=r"reservoir_states\[0\]: elements of dtype complex"):
        ParallelProcessor().parallel_reservoir_computation([state * 1j], reservoir, input_spikes_list=[spikes])


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.float16, np.complex128, bool])
def test_currents_of_other_dtypes(dtype):
    inputs, recurrent = np.ones((2, 3), dtype), np.eye(3, dtype=dtype)
    state, spike = np.ones(3, dtype), np.ones(2, dtype)
    (result,) = ParallelProcessor().parallel_reservoir_computation([state], inputs, recurrent, [spike])
    expected = spike @ inputs + state @ recurrent.T
    assert result.dtype == expected.dtype
    np.testing.assert_array_equal(result, expected)


def test_currents_of_batches_strides_and_activations():
    random = np.random.default_rng(2)
    inputs, recurrent = random.normal(size=(20, 14)).T[::2].copy().T[:, :7].T, np.asfortranarray(random.normal(size=(20, 20)))
    inputs = random.normal(size=(20, 14))[:, ::2].T
    state, spike = random.normal(size=(40, 4)).T[:, ::2], random.random((4, 7)) < 0.4
    current = spike @ inputs + state @ recurrent.T
    processor = ParallelProcessor(ParallelConfig(num_threads=2))
    for activation, expected in ((None, current), ("tanh", np.tanh(current)), (("leaky_tanh", 0.3), state + 0.3 * (np.tanh(current) - state))):
        (result,) = processor.parallel_reservoir_computation([state], inputs, recurrent, [spike], activation=activation)
        np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-13)
    for activation in ("relu", ("leaky_tanh", 0.0), ("leaky_tanh", 2)):
        with pytest.raises(ValueError, match="activation = "):
            processor.parallel_reservoir_computation([state], inputs, recurrent, [spike], activation=activation)


def test_currents_follow_weights_that_change_in_place():
    processor = ParallelProcessor()
    inputs, recurrent, state, spike = np.ones((2, 3)), np.eye(3), np.ones(3), np.ones(2)
    for value in (1.0, 2.0):
        recurrent[:] = value * np.eye(3)
        assert processor.parallel_reservoir_computation([state], inputs, recurrent, [spike])[0][0] == 2 + value


def test_currents_have_the_same_bits_at_any_number_of_threads():
    random = np.random.default_rng(3)
    inputs, recurrent = random.normal(size=(50, 700)), random.normal(size=(700, 700))
    states, given = [random.normal(size=700) for _ in range(6)], [random.random(50) < 0.1 for _ in range(6)]
    first = None
    for threads in (1, 2, 5):
        results = ParallelProcessor(ParallelConfig(num_threads=threads)).parallel_reservoir_computation(states, inputs, recurrent, given)
        first = first or results
        assert all(a.tobytes() == b.tobytes() for a, b in zip(first, results))


@pytest.mark.parametrize(
    "states, inputs, recurrent, spikes, message",
    [
        ([(3,)], (2, 3), (3, 4), [(2,)], r"reservoir_weights: shape \(3, 4\); input_weights of shape \(2, 3\) need \(3, 3\)"),
        ([(3,)], (3,), (3, 3), [(2,)], r"input_weights: shape \(3,\)"),
        ([(3,), (4,)], (2, 3), (3, 3), [(2,), (2,)], r"reservoir_states\[1\]: shape \(4,\); a reservoir of 3 neurons needs \(3,\)"),
        ([(3,)], (2, 3), (3, 3), [(5,)], r"input_spikes_list\[0\]: shape \(5,\)"),
        ([(3,), (3,)], (2, 3), (3, 3), [(2,)], r"input_spikes_list: 1 entries for 2 reservoir_states"),
    ],
)
def test_wrong_shapes_are_named(states, inputs, recurrent, spikes, message):
    with pytest.raises(ValueError, match=message):
        ParallelProcessor().parallel_reservoir_computation([np.zeros(s) for s in states], np.zeros(inputs), np.zeros(recurrent), [np.zeros(s) for s in spikes])


def example(inputs, neurons, density, dtype, seed=1):
    random = np.random.default_rng(seed)
    recurrent = random.normal(size=(neurons, neurons)) * (random.random((neurons, neurons)) < density)
    return random.normal(size=(inputs, neurons)).astype(dtype), recurrent.astype(dtype), random


def expected_step(states, spikes, inputs, recurrent, activation):
    states, spikes, inputs, recurrent = (np.asarray(each, np.float64) for each in (states, spikes, inputs, recurrent))
    current = spikes @ inputs + states @ recurrent.T
    return current if activation is None else np.tanh(current) if activation == "tanh" else states + activation[1] * (np.tanh(current) - states)


@pytest.mark.parametrize("dtype, tolerance", [(np.float32, 2e-4), (np.float64, 1e-12)])
@pytest.mark.parametrize("density", [1.0, 0.1])
@pytest.mark.parametrize("activation", [None, "tanh", ("leaky_tanh", 0.3)])
@pytest.mark.parametrize("batch", [(), (1,), (5,), (0,)])
def test_prepared_weights_are_the_formula(dtype, tolerance, density, activation, batch):
    inputs, recurrent, random = example(9, 70, density, dtype)
    reservoir = PreparedReservoir(inputs, recurrent)
    states, spikes = random.normal(size=(*batch, 70)).astype(dtype), random.random((*batch, 9)) < 0.4
    result = reservoir.step(states, spikes, activation=activation)
    assert result.dtype == dtype and result.shape == states.shape
    np.testing.assert_allclose(result, expected_step(states, spikes, inputs, recurrent, activation), rtol=tolerance, atol=tolerance)
    train = random.random((6, *batch, 9)) < 0.4
    trajectory = reservoir.run(states, train, activation=activation)
    assert trajectory.shape == (6, *states.shape)
    for now, each in zip(trajectory, train):
        states = reservoir.step(states, each, activation=activation)
        np.testing.assert_array_equal(now, states)


def test_a_processor_takes_prepared_weights():
    inputs, recurrent, random = example(9, 70, 1.0, np.float64)
    reservoir = PreparedReservoir(inputs, recurrent)
    states, spikes = [random.normal(size=70) for _ in range(4)], [random.random(9) < 0.4 for _ in range(4)]
    first = None
    for threads in (1, 2, 3):
        processor = ParallelProcessor(ParallelConfig(num_threads=threads))
        results = processor.parallel_reservoir_computation(states, reservoir, input_spikes_list=spikes, activation="tanh")
        first = first or results
        assert "in the engine's loops" in processor.explain() and "with prepared weights" in processor.explain()
        for result, expected, state, spike in zip(results, first, states, spikes):
            assert result.tobytes() == expected.tobytes() == reservoir.step(state, spike, activation="tanh").tobytes()
            np.testing.assert_allclose(result, expected_step(state, spike, inputs, recurrent, "tanh"), rtol=1e-12, atol=1e-12)


def test_weights_of_any_numbers_are_prepared_and_kept():
    inputs, recurrent, random = example(3, 20, 0.1, np.float64)
    for given in ((inputs, recurrent), (SparseMatrix.from_dense(inputs), SparseMatrix.from_dense(recurrent)), (inputs, SparseMatrix.from_dense(recurrent))):
        reservoir = PreparedReservoir(*given)
        assert (reservoir.inputs, reservoir.neurons, reservoir.dtype) == (3, 20, np.float64)
        np.testing.assert_array_equal(np.asarray(reservoir.input_weights), inputs)
        np.testing.assert_array_equal(np.asarray(reservoir.reservoir_weights), recurrent)
    single = np.float32
    assert PreparedReservoir(inputs.astype(single), recurrent.astype(single)).dtype == single
    assert PreparedReservoir(inputs.astype(single), recurrent).dtype == PreparedReservoir(inputs > 0, recurrent > 0).dtype == np.float64
    assert PreparedReservoir(SparseMatrix.from_dense(inputs.astype(single)), recurrent).dtype == np.float64
    kept = reservoir.step(np.ones(20), np.ones(3))
    recurrent[:] = 0
    np.testing.assert_array_equal(reservoir.step(np.ones(20), np.ones(3)), kept)


@pytest.mark.parametrize("density", [1.0, 0.1])
def test_prepared_weights_travel_and_are_shown(density):
    inputs, recurrent, random = example(4, 30, density, np.float32)
    reservoir = PreparedReservoir(inputs, recurrent)
    copy = pickle.loads(pickle.dumps(reservoir))
    states = random.normal(size=(3, 30))
    assert copy.step(states, np.ones((3, 4))).tobytes() == reservoir.step(states, np.ones((3, 4))).tobytes()
    kind = "dense" if density == 1 else "sparse"
    assert repr(reservoir).startswith(f"PreparedReservoir(4 inputs, 30 neurons, {kind} 30 x 30 float32, ")
    assert 0 < copy.nbytes <= reservoir.nbytes + 64


def bfloat16(numbers):
    """The nearest of 8 significant bits, ties to even."""
    bits = np.asarray(numbers, np.float32).view(np.uint32)
    rounded = ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)
    return np.where(np.abs(rounded) < 2.0**-55, np.float32(0), rounded)


@pytest.mark.parametrize("activation", [None, "tanh", ("leaky_tanh", 0.3)])
@pytest.mark.parametrize("batch", [(), (1,), (37,), (0,)])
def test_bfloat16_weights_are_the_formula_of_rounded_numbers(activation, batch):
    inputs, recurrent, random = example(9, 70, 0.2, np.float64)
    reservoir = PreparedReservoir(inputs, recurrent, precision="bfloat16")
    assert (reservoir.precision, reservoir.dtype) == ("bfloat16", np.float32)
    np.testing.assert_array_equal(reservoir.input_weights, bfloat16(inputs))
    np.testing.assert_array_equal(reservoir.reservoir_weights, bfloat16(recurrent))
    states, spikes = random.normal(size=(*batch, 70)).astype(np.float32), random.normal(size=(*batch, 9))
    result = reservoir.step(states, spikes, activation=activation)
    assert result.dtype == np.float32 and result.shape == states.shape
    current = bfloat16(spikes).astype(float) @ bfloat16(inputs) + bfloat16(states).astype(float) @ bfloat16(recurrent).T
    bounded = current if activation is None else np.tanh(current)
    expected = states + 0.3 * (bounded - states) if isinstance(activation, tuple) else bounded
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)
    train = random.random((5, *batch, 9)) < 0.4
    for now, each in zip(reservoir.run(states, train, activation=activation), train):
        states = reservoir.step(states, each, activation=activation)
        np.testing.assert_array_equal(now, states)


def test_bfloat16_weights_travel_and_are_half_as_large():
    inputs, recurrent, random = example(4, 200, 1.0, np.float32)
    full, narrow = PreparedReservoir(inputs, recurrent), PreparedReservoir(inputs, recurrent, precision="bfloat16")
    assert full.precision == "full" and narrow.nbytes < 0.75 * full.nbytes
    assert "dense 200 x 200 bfloat16" in repr(narrow)
    copy = pickle.loads(pickle.dumps(narrow))
    states = random.normal(size=(3, 200))
    assert copy.precision == "bfloat16"
    assert copy.step(states, np.ones((3, 4))).tobytes() == narrow.step(states, np.ones((3, 4))).tobytes()
    processor = ParallelProcessor(ParallelConfig(num_threads=2))
    results = processor.parallel_reservoir_computation(list(states), narrow, input_spikes_list=[np.ones(4)] * 3)
    assert np.array(results).tobytes() == narrow.step(states, np.ones((3, 4))).tobytes()


SIX = np.ones((6, 6))


@pytest.mark.parametrize(
    "error, message, make",
    [
        (ValueError, r"reservoir_weights: their shape is \(2, 3\); it must be \(N, N\)", lambda _: PreparedReservoir(np.ones((2, 3)), np.ones((2, 3)))),
        (ValueError, r"input_weights: their shape is \(2, 3\); it must be \(I, N\), with N = 6", lambda _: PreparedReservoir(np.ones((2, 3)), SIX)),
        (ValueError, r"input_weights: their shape is \(\)", lambda _: PreparedReservoir(1.0, SIX)),
        (TypeError, "input_weights: elements of dtype complex128; they must be real", lambda _: PreparedReservoir(1j * SIX, SIX)),
        (TypeError, "reservoir_weights: elements of dtype <U1", lambda _: PreparedReservoir(SIX, "x")),
        (ValueError, "precision = 'float16': it must be 'full' or 'bfloat16'", lambda _: PreparedReservoir(SIX, SIX, precision="float16")),
        (
            ValueError,
            "reservoir_weights: a sparse matrix; bfloat16 weights are kept dense",
            lambda _: PreparedReservoir(SIX, SparseMatrix.from_dense(SIX), precision="bfloat16"),
        ),
        (ValueError, r"states: shape \(5,\); a reservoir of 6 neurons needs \(6,\) or \(batch, 6\)", lambda r: r.step(np.ones(5), np.ones(2))),
        (ValueError, r"states: shape \(1, 1, 6\)", lambda r: r.run(np.ones((1, 1, 6)), np.ones(2))),
        (TypeError, "states: elements of dtype complex128", lambda r: r.step(np.ones(6) * 1j, np.ones(2))),
        (ValueError, r"spikes: shape \(3,\); states of shape \(6,\) and 2 inputs need \(2,\)", lambda r: r.step(np.ones(6), np.ones(3))),
        (ValueError, r"spikes: shape \(2,\); states of shape \(3, 6\) and 2 inputs need \(3, 2\)", lambda r: r.step(np.ones((3, 6)), np.ones(2))),
        (ValueError, r"spikes: shape \(2,\); states of shape \(6,\) and 2 inputs need \(steps, 2\)", lambda r: r.run(np.ones(6), np.ones(2))),
        (ValueError, r"spikes: shape \(4, 2\); states of shape \(3, 6\) and 2 inputs need \(steps, 3, 2\)", lambda r: r.run(np.ones((3, 6)), np.ones((4, 2)))),
        (TypeError, "spikes: elements of dtype", lambda r: r.step(np.ones(6), np.ones(2) * 1j)),
        (ValueError, "activation = 'relu': it must be None, 'tanh' or", lambda r: r.step(np.ones(6), np.ones(2), activation="relu")),
    ],
)
def test_wrong_arguments_of_prepared_weights_are_named(error, message, make):
    with pytest.raises(error, match=message):
        make(PreparedReservoir(np.ones((2, 6)), SIX))


def test_what_does_not_go_with_prepared_weights_is_said():
    reservoir, states, spikes = PreparedReservoir(np.ones((2, 6)), SIX), [np.ones(6)], [np.ones(2)]
    with pytest.raises(TypeError, match="reservoir_weights: a PreparedReservoir has them"):
        ParallelProcessor().parallel_reservoir_computation(states, reservoir, SIX, spikes)
    with pytest.raises(TypeError, match="reservoir_weights: None; they may be left out only where input_weights is a PreparedReservoir"):
        ParallelProcessor().parallel_reservoir_computation(states, np.ones((2, 6)), None, spikes)
    with pytest.raises(TypeError, match="input_spikes_list = None: it must be a list of arrays"):
        ParallelProcessor().parallel_reservoir_computation(states, reservoir)
    with pytest.raises(ValueError, match=r"reservoir_states\[1\]: shape \(5,\); a reservoir of 6 neurons"):
        ParallelProcessor().parallel_reservoir_computation([np.ones(6), np.ones(5)], reservoir, input_spikes_list=spikes * 2)
    with pytest.raises(ValueError, match="parallel_strategy = 'device': a PreparedReservoir is in the layouts of the engine's loops"):
        ParallelProcessor({"parallel_strategy": "device"}).parallel_reservoir_computation(states, reservoir, input_spikes_list=spikes)


@pytest.mark.parametrize("prepared", [False, True])
def test_reservoirs_that_take_too_long(prepared):
    weights = np.ones((1, 3000), np.float32), np.ones((3000, 3000), np.float32)
    states, spikes = [np.ones((3000, 3000), np.float32)], [np.ones((3000, 1), bool)]
    processor = ParallelProcessor(timeout=0.001)
    with pytest.raises(TimeoutError, match="not done within"):
        if prepared:
            processor.parallel_reservoir_computation(states, PreparedReservoir(*weights), input_spikes_list=spikes)
        else:
            processor.parallel_reservoir_computation(states, *weights, spikes)
    processor.timeout = 1e9
    assert processor.parallel_reservoir_computation([np.ones(3)], np.ones((2, 3)), np.eye(3), [np.ones(2)])[0].tolist() == [3, 3, 3]
