# SPDX-License-Identifier: Apache-2.0
"""Products of spikes and sparse matrices, and NumPy's functions that leave them packed and sparse."""

import operator
import pickle

import numpy as np
import pytest

from omega import EventArray, SparseMatrix, SpikeArray
from omega.core.liquid_state_machine import LiquidStateMachine
from omega.performance import ParallelConfig, ParallelProcessor, PreparedReservoir

KINDS = {"spikes": SpikeArray, "events": EventArray.from_dense, "sparse": SparseMatrix.from_dense}


def left_side(kind, shape, seed=0):
    random = np.random.default_rng(seed)
    kept = random.random(shape) < 0.3
    return kept if kind != "sparse" else np.where(kept, random.normal(size=shape), 0)


def assert_products_are_equal(result, expected):
    assert type(result) is type(expected) and result.dtype == expected.dtype and np.shape(result) == np.shape(expected)
    assert np.isnan(result).tobytes() == np.isnan(expected).tobytes()
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(1, 1), (0, 5), (5, 0), (7, 130), (64, 65)])
@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int8, np.int16, np.int32, np.int64, np.float16, np.float32, np.float64, np.complex128])
def test_products_with_dense_arrays_are_numpys(kind, shape, dtype):
    dense = left_side(kind, shape)
    random = np.random.default_rng(1)
    for extents in [(shape[1],), (shape[1], 1), (shape[1], 70), (shape[1], 0), (2, shape[1], 3)]:
        right = (random.normal(size=extents) * 9).astype(dtype)
        assert_products_are_equal(KINDS[kind](dense) @ right, np.asarray(dense) @ right)
        assert_products_are_equal(KINDS[kind](dense) @ right[..., ::-1], np.asarray(dense) @ right[..., ::-1])


@pytest.mark.parametrize("shape", [(40,), (2, 3, 40), (0, 2, 40)])
def test_products_of_spikes_of_any_rank(shape):
    dense = left_side("spikes", shape)
    for right in (np.random.default_rng(1).random((40, 5)), np.random.default_rng(1).random(40)):
        assert_products_are_equal(SpikeArray(dense) @ right, dense @ right)
        if 0 not in shape:
            assert_products_are_equal(SpikeArray(dense).to_events() @ right, dense @ right)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rows", [1, 3, 4, 50])
def test_products_with_sparse_matrices_are_numpys(dtype, rows):
    weights = left_side("sparse", (300, 700), 2).astype(dtype)
    matrix = SparseMatrix(weights)
    spikes = left_side("spikes", (rows, 300))
    numbers = np.random.default_rng(3).normal(size=(rows, 300)).astype(dtype)
    assert_products_are_equal(SpikeArray(spikes) @ matrix, spikes @ weights)
    assert_products_are_equal(SpikeArray(spikes).to_events() @ matrix, spikes @ weights)
    assert_products_are_equal(numbers @ matrix, numbers @ weights)
    assert_products_are_equal(numbers[0] @ matrix, numbers[0] @ weights)
    assert_products_are_equal(matrix.T @ matrix, weights.T @ weights)
    assert_products_are_equal(SparseMatrix(numbers.astype(np.float64)) @ matrix, numbers.astype(np.float64) @ weights)
    assert (numbers @ matrix).flags.c_contiguous


@pytest.mark.parametrize("unusual", [np.inf, -np.inf, np.nan])
def test_zero_times_infinity_is_no_number(unusual):
    weights = left_side("sparse", (20, 30), 2)
    weights[3, 4] = weights[7, 29] = unusual
    spikes = left_side("spikes", (9, 20))
    numbers = np.where(left_side("spikes", (9, 20), 5), np.random.default_rng(3).normal(size=(9, 20)), 0)
    with np.errstate(all="ignore"):
        for left in (numbers, np.where(np.arange(20) == 11, unusual, numbers)):
            assert_products_are_equal(SpikeArray(spikes) @ weights, spikes @ weights)
            assert_products_are_equal(SpikeArray(spikes) @ SparseMatrix(weights), spikes @ weights)
            assert_products_are_equal(left @ SparseMatrix(weights), left @ weights)
            assert_products_are_equal(left[:2] @ SparseMatrix(weights), left[:2] @ weights)
            assert_products_are_equal(SparseMatrix(left) @ weights, left @ weights)
            assert_products_are_equal(SparseMatrix(left) @ SparseMatrix(weights), left @ weights)


def test_products_say_which_shapes_do_not_fit():
    for left, right in ((SpikeArray.zeros((2, 3)), np.ones((4, 5))), (SparseMatrix(np.eye(3)), np.ones(4)), (np.ones((2, 4)), SparseMatrix(np.eye(3)))):
        with pytest.raises(ValueError, match=r"left @ right: shapes \(.*\) and \(.*\); the . columns of the first need as many rows of the second"):
            left @ right


def test_products_leave_to_numpy_what_has_rules_of_its_own():
    spikes = SpikeArray(left_side("spikes", (3, 4)))
    assert type(spikes @ np.matrix(np.ones((4, 2)))) is np.matrix
    out = np.empty((3, 2))
    assert np.matmul(spikes, np.ones((4, 2)), out=out) is out and np.array_equal(out, spikes.to_dense() @ np.ones((4, 2)))
    assert np.array_equal(np.ones((2, 3)) @ spikes, np.ones((2, 3)) @ spikes.to_dense())
    assert np.array_equal(spikes @ [[1], [2], [3], [4]], spikes.to_dense() @ [[1], [2], [3], [4]])


@pytest.mark.parametrize("function", [operator.and_, operator.or_, operator.xor, np.logical_and, np.logical_or, np.logical_xor])
@pytest.mark.parametrize("shape", [(1,), (64,), (5, 130), (2, 0), (0, 70)])
def test_spikes_combined_with_spikes_stay_packed(function, shape):
    first, second = left_side("spikes", shape, 1), left_side("spikes", shape, 2)
    result = function(SpikeArray(first), SpikeArray(second))
    assert type(result) is SpikeArray and np.array_equal(result, function(first, second))
    assert type(function(SpikeArray(first), second)) is np.ndarray
    for complement in (np.invert, np.logical_not):
        result = complement(SpikeArray(first))
        assert type(result) is SpikeArray and np.array_equal(result, ~first) and result.count() == np.count_nonzero(~first)


def test_shapes_that_do_not_fit_are_numpys_to_broadcast():
    first = left_side("spikes", (5, 70), 1)
    assert np.array_equal(SpikeArray(first) & SpikeArray(first[:1]), first & first[:1])


def test_what_is_0_for_0_stays_sparse():
    weights = left_side("sparse", (30, 20)).astype(np.float32)
    matrix = SparseMatrix(weights)
    for function in (operator.neg, abs, np.tanh, np.sqrt, lambda x: x * 0.5, lambda x: 2 * x, lambda x: x / 3, lambda x: np.float64(2) * x, lambda x: x * True):
        with np.errstate(all="ignore"):
            result, expected = function(matrix), function(weights)
        assert type(result) is SparseMatrix and result.dtype == expected.dtype and result.nnz == matrix.nnz
        np.testing.assert_array_equal(result.to_dense(), expected)
    for function in (np.cos, lambda x: x * np.inf, lambda x: x / 0, lambda x: x + 1, lambda x: x > 0, lambda x: 1 / x, lambda x: x * np.ones(20)):
        with np.errstate(all="ignore"):
            result, expected = function(matrix), function(weights)
        assert type(result) is np.ndarray
        np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("function", [np.add, np.subtract, np.multiply, np.maximum, np.minimum])
@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (1, 1), (30, 20)])
def test_two_sparse_matrices_stay_sparse(function, shape):
    first, second = left_side("sparse", shape, 1), left_side("sparse", shape, 2).astype(np.float32)
    result = function(SparseMatrix(first), SparseMatrix(second))
    expected = function(first, second)
    assert type(result) is SparseMatrix and result.dtype == expected.dtype
    np.testing.assert_array_equal(result.to_dense(), expected)


def test_rows_of_sparse_matrices():
    weights = left_side("sparse", (30, 20))
    matrix = SparseMatrix(weights)
    for key in (0, -1, np.int64(3), (2, 5), (-1, -1), (4, slice(3)), (slice(None), 3), ([1, 2],), weights[:, 0] > 0, slice(None, None, -2)):
        assert np.array_equal(np.asarray(matrix[key]), weights[key])
    for key in (slice(3, 9), slice(20, None), slice(9, 3), slice(-5, 99)):
        assert type(matrix[key]) is SparseMatrix and np.array_equal(matrix[key].to_dense(), weights[key])
    assert len(list(matrix)) == 30
    with pytest.raises(IndexError, match="row 30 is out of bounds for 30 rows"):
        matrix[30]


def test_sparse_matrices_are_made_of_what_there_is():
    weights = left_side("sparse", (6, 5))
    matrix = SparseMatrix(weights)
    assert np.array_equal(SparseMatrix(matrix).to_dense(), weights) and np.array_equal(SparseMatrix(weights.tolist()).to_dense(), weights)

    class Rows:
        shape, indptr, indices, data, nnz = matrix.shape, matrix.indptr, matrix.indices, matrix.data, matrix.nnz

        def tocsr(self):
            return self

    assert np.array_equal(SparseMatrix(Rows()).to_dense(), weights)
    assert np.array_equal(SpikeArray(weights.T != 0) @ Rows(), (weights.T != 0) @ weights)
    with pytest.raises(TypeError, match="`data` is missing; it takes a matrix, or shape, indptr, indices and data"):
        SparseMatrix((2, 2), [0, 1, 2], [0, 1])


def test_spikes_have_the_methods_of_arrays_that_read():
    dense = left_side("spikes", (4, 6, 70))
    spikes = SpikeArray(dense)
    assert type(spikes.T) is SpikeArray and np.array_equal(spikes.T, dense.T)
    assert np.array_equal(spikes.transpose(1, 0, 2), dense.transpose(1, 0, 2)) and np.array_equal(spikes.reshape(24, 70), dense.reshape(24, 70))
    assert np.array_equal(spikes.reshape((4, -1)), dense.reshape(4, -1)) and np.array_equal(spikes.ravel(), dense.ravel())
    for name in ("any", "all", "var", "std", "argmax", "cumsum"):
        np.testing.assert_allclose(getattr(spikes, name)(axis=1), getattr(dense, name)(axis=1))
        np.testing.assert_allclose(getattr(spikes, name)(), getattr(dense, name)())
    assert spikes.tolist() == dense.tolist() and np.array_equal(spikes.nonzero(), dense.nonzero()) and spikes.copy() is spikes
    events = spikes.to_events()
    assert np.array_equal(events.sum(axis=0), dense.sum(axis=0)) and events.any() and not events.all()




def test_names_of_arrays_that_nothing_changes_get_others():
    weights = left_side("sparse", (6, 5))
    matrix = again = SparseMatrix(weights)
    matrix *= 0.5
    matrix += again
    assert type(matrix) is SparseMatrix and np.array_equal(matrix, weights * 0.5 + weights) and np.array_equal(again, weights)
    spikes = SpikeArray(weights != 0)
    spikes &= SpikeArray(weights > 0)
    assert type(spikes) is SpikeArray and np.array_equal(spikes, weights > 0)


class SciPyMatrix:
    """What SciPy's matrices have in common."""

    def __init__(self, dense):
        matrix = SparseMatrix(np.asarray(dense, np.float64))
        self.shape, self.indptr, self.indices, self.data, self.nnz = matrix.shape, matrix.indptr, matrix.indices, np.asarray(dense)[dense != 0], matrix.nnz

    def tocsr(self):
        return self


@pytest.mark.parametrize("wrap", [SparseMatrix, SciPyMatrix])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sparse_weights_of_reservoirs_and_liquids(wrap, dtype):
    random = np.random.default_rng(4)
    recurrent, inputs = left_side("sparse", (40, 40)).astype(dtype), left_side("sparse", (10, 40), 2).astype(dtype)
    states, spikes = [random.random(40).astype(dtype) for _ in range(3)], [random.random(10) < 0.3 for _ in range(3)]
    with ParallelProcessor(ParallelConfig(num_threads=2)) as processor:
        expected = processor.parallel_reservoir_computation(states, PreparedReservoir(inputs, recurrent), input_spikes_list=spikes, activation="tanh")
        for given in ((wrap(inputs), wrap(recurrent)), (inputs, wrap(recurrent)), (wrap(inputs), recurrent.tolist() if dtype == np.float64 else recurrent)):
            results = processor.parallel_reservoir_computation(states, *given, spikes, activation="tanh")
            assert all(result.tobytes() == each.tobytes() and result.dtype == dtype for result, each in zip(results, expected))
        wide = processor.parallel_reservoir_computation([state.astype(np.float64) for state in states], wrap(inputs), wrap(recurrent), spikes)
        assert wide[0].dtype == np.float64
        complex_states = processor.parallel_reservoir_computation([state * 1j for state in states], wrap(inputs), wrap(recurrent), spikes)
        np.testing.assert_allclose(complex_states[0], spikes[0] @ inputs + (states[0] * 1j) @ recurrent.T, rtol=1e-4, atol=1e-5)
    step = PreparedReservoir(wrap(inputs), wrap(recurrent)).step(states[0], spikes[0])
    np.testing.assert_array_equal(step, PreparedReservoir(inputs, recurrent).step(states[0], spikes[0]))
    train = random.random((50, 10)) < 0.3
    liquids = [LiquidStateMachine(recurrent_weights=give(recurrent * 3), input_weights=give(inputs * 3), dtype=np.dtype(dtype).name) for give in (np.asarray, wrap)]
    assert np.array_equal(*(liquid.process_spike_train(train, dt=0.001)[0] for liquid in liquids))
    assert np.array_equal(*(pickle.loads(pickle.dumps(liquid)).recurrent_weights for liquid in liquids))


def test_sparse_matrices_of_complex_numbers_are_refused():
    with pytest.raises(TypeError, match="matrix: elements of dtype complex128; they must be real numbers"):
        SparseMatrix(SciPyMatrix(np.eye(2) * 1j))
