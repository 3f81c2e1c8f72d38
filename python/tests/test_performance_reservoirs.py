# SPDX-License-Identifier: Apache-2.0
"""ParallelProcessor.parallel_reservoir_computation: NumPy's values, types and shapes."""

import numpy as np
import pytest

from omega.performance import ParallelConfig, ParallelProcessor


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
