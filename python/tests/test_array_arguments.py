# SPDX-License-Identifier: Apache-2.0
"""What arrays are made of: every real dtype and byte order, SciPy's sparse matrices, calls of a wrong form."""

import inspect
import warnings

import numpy as np
import pytest

from omega import arrays
from omega.arrays import EventArray, SparseMatrix, SpikeArray
from omega.performance import ParallelConfig, ParallelProcessor
from omega.spiking import Reservoir, RidgeReadout, delta, latency, rate

REAL = ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "g", ">i2", ">u2", ">i4", ">u4", ">i8", ">u8", ">f2", ">f4", ">f8"]
DENSE = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1], [1, 1, 0]])


@pytest.mark.parametrize("dtype", REAL)
def test_all_real_numbers_are_taken(dtype):
    dense = DENSE.astype(dtype)
    assert np.array_equal(SparseMatrix(dense), DENSE)
    assert np.array_equal(SparseMatrix.from_dense(dense[::-1, ::-1]), DENSE[::-1, ::-1])
    assert np.array_equal(SparseMatrix((1, 3), [0, 2], [0, 2], np.array([1, 1]).astype(dtype)), [[1, 0, 1]])
    for kind in (SpikeArray, EventArray):
        assert np.array_equal(kind.from_dense(dense), DENSE != 0)
    assert np.array_equal(rate(dense, 5, seed=1), rate(DENSE, 5, seed=1))
    assert np.array_equal(latency(dense, 5), latency(DENSE, 5))
    assert np.array_equal(delta(dense, 0.5, off_spikes=True), delta(DENSE, 0.5, off_spikes=True))
    readout = RidgeReadout().fit(dense, dense[:, 0])
    wanted = RidgeReadout().fit(DENSE, DENSE[:, 0])
    assert np.array_equal(readout.weights, wanted.weights)
    assert np.array_equal(readout.predict(dense), wanted.predict(DENSE))
    reservoir = Reservoir(10, 3, seed=1)
    assert np.array_equal(reservoir.run(dense), reservoir.run(DENSE))


def test_wide_integers_keep_their_size():
    assert SparseMatrix(np.array([[2**40, 2**63]], np.uint64)).data.tolist() == [2.0**40, 2.0**63]
    assert np.array_equal(delta(np.array([0, 2**32 - 1, 0], np.uint32), 1), [False, True, False])


@pytest.mark.parametrize("value", [np.ones((2, 2), complex), np.full((2, 2), None), np.full((2, 2), "a"), np.zeros((2, 2), "M8[D]")])
def test_what_is_no_real_number_is_refused(value):
    for call, argument in ((SparseMatrix, "dense"), (lambda x: rate(x, 3), "values"), (RidgeReadout().fit(DENSE, DENSE[:, 0]).predict, "features")):
        with pytest.raises(TypeError, match=f"{argument}: elements of dtype .* they must be real numbers"):
            call(value)


@pytest.mark.parametrize("value", [None, {1, 2}, {1: 2}, (i for i in range(3)), object()])
def test_what_is_no_array_is_refused(value):
    for call in (arrays.sum, arrays.mean, arrays.max, arrays.min):
        with pytest.raises(TypeError, match="array: not an array"):
            call(value)
    with pytest.raises(TypeError, match="dense: not an array"):
        SpikeArray(value)


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "lil", "dok", "dia", "bsr"])
@pytest.mark.parametrize("kind", ["matrix", "array"])
def test_sparse_matrices_of_scipy(form, kind):
    scipy_sparse = pytest.importorskip("scipy.sparse")
    dense = DENSE * np.linspace(1, 2, 12).reshape(4, 3)
    given = getattr(scipy_sparse, f"{form}_{kind}")(dense)
    ours = SparseMatrix(dense)
    assert np.array_equal(SpikeArray(given), dense != 0)
    assert np.array_equal(EventArray.from_dense(given), dense != 0)
    assert np.array_equal(SparseMatrix.from_dense(given), dense)
    assert np.array_equal(arrays.sum(given, axis=0), dense.sum(axis=0))
    for operation in (np.add, np.subtract, np.maximum):
        assert type(operation(ours, given)) is SparseMatrix
        assert np.array_equal(operation(ours, given), operation(dense, dense))
    assert np.array_equal(ours * given, dense * dense)
    assert np.array_equal(ours > given, np.zeros((4, 3), bool))
    assert np.array_equal(SpikeArray(dense) * given, dense)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(4, 5), (1, 7), (6, 1), (0, 3), (3, 0), (5, 5)])
@pytest.mark.parametrize("density", [0.0, 0.3, 1.0])
def test_folds_of_sparse_matrices(dtype, shape, density):
    random = np.random.default_rng(3)
    dense = np.where(random.random(shape) < density, random.normal(size=shape), 0).astype(dtype)
    if dense.size > 3 and density == 0.3:
        dense.flat[1] = np.nan
    matrix = SparseMatrix(dense)
    for name in ("sum", "mean", "max", "min", "any", "all"):
        for axis in (None, 0, 1, -1, (0, 1), ()):
            for keepdims in (False, True):
                try:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")
                        wanted = getattr(np, name)(dense, axis=axis, keepdims=keepdims)
                        found = getattr(matrix, name)(axis=axis, keepdims=keepdims)
                        by_numpy = getattr(np, name)(matrix, axis=axis, keepdims=keepdims)
                except ValueError:
                    with pytest.raises(ValueError):
                        getattr(matrix, name)(axis=axis, keepdims=keepdims)
                    continue
                assert type(found) is type(wanted) and found.dtype == wanted.dtype and found.shape == wanted.shape
                np.testing.assert_allclose(found, wanted, rtol=1e-5 if dtype == np.float32 else 1e-12, atol=1e-6 if dtype == np.float32 else 1e-12)
                np.testing.assert_array_equal(found, by_numpy)
    out = np.zeros(shape[1])
    assert matrix.sum(0, out=out) is out
    np.testing.assert_allclose(out, dense.sum(axis=0, dtype=np.float64), rtol=1e-5)


def test_folds_of_large_sparse_matrices_make_no_dense_one():
    side = 1_000_000  # 8 TB when dense
    matrix = SparseMatrix((side, side), np.minimum(np.arange(side + 1), 2), [3, 5], [1.5, -2.0])
    assert matrix.sum() == -0.5 and matrix.max() == 1.5 and matrix.min() == -2 and matrix.any() and not matrix.all()
    assert matrix.sum(axis=0)[[3, 4, 5]].tolist() == [1.5, 0, -2]
    assert matrix.max(axis=1)[:3].tolist() == [1.5, 0, 0]


@pytest.mark.parametrize("made", [SpikeArray(DENSE), EventArray.from_dense(DENSE), SparseMatrix(DENSE)])
def test_what_numpy_asks_of_arrays(made):
    assert 1 in made and 7 not in made
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert not np.any(made == "a")
    assert np.array_equal(made == made, np.ones(DENSE.shape, bool)) and not np.any(made != made)
    with pytest.raises(ValueError, match="copy"):
        made.__array__(copy=False)
    assert made.__array__(np.float32, copy=True).dtype == np.float32
    assert made.astype("f4", order="F", copy=False).flags.f_contiguous
    with pytest.raises(TypeError, match="safe"):
        made.astype("S1" if made.dtype == bool else "i1", casting="safe")
    assert np.array_equal(made.dot([1.0, 2.0, 3.0]), DENSE.dot([1.0, 2.0, 3.0]))
    assert np.array_equal(made.dot(np.eye(3)), DENSE)
    assert np.array_equal(made.dot(2), DENSE * 2)
    assert made.prod() == 0 and made.trace() == np.trace(DENSE)
    assert np.array_equal(made.take([1, 0], axis=1), DENSE.take([1, 0], axis=1))


@pytest.mark.parametrize(
    "call, told",
    [
        (lambda: SpikeArray(), r"SpikeArray\(\): missing a required argument: 'dense'"),
        (lambda: SpikeArray([1], 2), r"SpikeArray\(\): too many positional arguments"),
        (lambda: SpikeArray.zeros(), r"zeros\(\): missing a required argument: 'shape'"),
        (lambda: SpikeArray.from_packed([1]), r"from_packed\(\): missing a required argument: 'shape'"),
        (lambda: SpikeArray([1]).count(1), r"count\(\): too many positional arguments"),
        (lambda: SpikeArray([1]).to_dense(kind=1), r"to_dense\(\): got an unexpected keyword argument 'kind'"),
        (lambda: SpikeArray([1]).sum(kind=1), r"unexpected keyword argument 'kind'"),
        (lambda: EventArray((1, 2)), r"EventArray\(\): missing a required argument: 'first'"),
        (lambda: EventArray((1, 2), [0, 2], [1]), r"first: 2 numbers from 0 to 2; .* they must be 2, from 0 to the number of events, 1"),
        (lambda: SparseMatrix(), r"SparseMatrix\(\): missing a required argument: 'shape'"),
        (lambda: SparseMatrix((2, 2), [0, 1, 3], [0, 1], [1, 2]), "beginnings of rows are 3 numbers from 0 to 3; they must be 3, from 0 to the number of elements, 2"),
    ],
)
def test_calls_of_a_wrong_form_are_told_so(call, told):
    with pytest.raises((TypeError, ValueError), match=told) as raised:
        call()
    assert "incompatible" not in str(raised.value)


def test_what_is_defined_in_cpp_has_signatures():
    assert str(inspect.signature(SpikeArray)) == "(dense)"
    assert str(inspect.signature(SparseMatrix)) == "(shape, indptr=None, indices=None, data=None)"
    assert str(inspect.signature(SpikeArray([1]).to_dense)) == "(dtype=None)"


def test_a_number_is_no_list_of_batches():
    with ParallelProcessor(ParallelConfig(num_threads=1)) as processor, pytest.raises(TypeError, match="spike_batches = array"):
        processor.parallel_spike_processing(np.array(1.0), np.sum)
