# SPDX-License-Identifier: Apache-2.0
"""Arrays: what goes in and out without a copy, spikes, events, sparse matrices, folds."""

import operator
import pickle

import numpy as np
import pytest

from omega import EventArray, SparseMatrix, SpikeArray, _native, arrays

SHAPES = [(0,), (1,), (63,), (64,), (65,), (3, 0), (0, 3), (4, 130), (2, 5, 70), (2, 1, 3, 64)]


def random_spikes(shape, seed=0):
    return np.random.default_rng(seed).random(shape) < 0.3


def test_views_name_type_and_shape():
    assert _native.describe(np.zeros((3, 4), np.float32)) == "float32(3, 4)"
    assert _native.describe([True, False]) == "bool(2,)"


def test_other_element_types_are_refused_by_name():
    with pytest.raises(TypeError, match="object: elements of dtype complex128"):
        _native.describe(np.zeros(3, np.complex128))


class OnlyDLPack:
    """What a library of arrays without NumPy hands over."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, stream=None):
        return self.array.__dlpack__()

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


@pytest.mark.parametrize("wrap", [OnlyDLPack, memoryview, np.asarray, lambda array: array.tolist()])
def test_every_way_of_handing_over_an_array(wrap):
    array = np.arange(12, dtype=np.float64).reshape(3, 4)
    assert _native.describe(wrap(array)) == "float64(3, 4)"
    assert arrays.sum(wrap(array), axis=0).tolist() == [12, 15, 18, 21]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int8, np.int16, np.int32, np.int64, np.float16, np.float32, np.float64])
def test_spikes_from_dense_and_back(shape, dtype):
    dense = random_spikes(shape).astype(dtype)
    spikes = SpikeArray(dense)
    assert (spikes.shape, spikes.ndim, spikes.size, spikes.dtype) == (shape, len(shape), dense.size, bool)
    assert np.array_equal(spikes.to_dense(), dense != 0)
    assert np.array_equal(np.asarray(spikes), dense != 0)
    assert np.array_equal(spikes.to_dense(np.float32), (dense != 0).astype(np.float32))
    assert spikes.count() == np.count_nonzero(dense)
    events = spikes.to_events()
    assert np.array_equal(events.to_dense(), dense != 0)
    assert np.array_equal(EventArray.from_dense(dense).columns, events.columns)
    assert np.array_equal(events.to_spikes().packed, spikes.packed)


def test_strides_are_followed():
    dense = random_spikes((6, 200, 7))
    for view in (dense[::2, ::-3], dense.transpose(2, 0, 1), dense[:, :, 0], np.broadcast_to(dense[0], (3, 200, 7)), dense.astype(">i4")):
        assert np.array_equal(SpikeArray(view).to_dense(), view != 0)


def test_packed_words_are_not_copied():
    spikes = SpikeArray(random_spikes((5, 100)))
    words = spikes.packed
    assert words.shape == (5, 2) and words.dtype == np.uint64 and not words.flags.writeable
    assert np.shares_memory(words, spikes.packed)
    assert np.unpackbits(words.view(np.uint8), axis=-1, bitorder="little")[:, :100].astype(bool).tolist() == spikes.to_dense().tolist()
    del spikes
    assert words.sum() > 0  # the words keep their memory


@pytest.mark.parametrize("shape", SHAPES[1:])
@pytest.mark.parametrize("kind", [SpikeArray, EventArray.from_dense])
def test_spikes_and_events_are_pickled(shape, kind):
    spikes = kind(random_spikes(shape))
    copy = pickle.loads(pickle.dumps(spikes))
    assert copy.shape == spikes.shape and np.array_equal(copy.to_dense(), spikes.to_dense())


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if 0 not in shape])
@pytest.mark.parametrize("keepdims", [False, True])
def test_folds_of_spikes_are_numpys(shape, keepdims):
    dense = random_spikes(shape)
    spikes = SpikeArray(dense)
    for axis in [None, *range(-len(shape), len(shape)), tuple(range(len(shape)))]:
        for name in ("sum", "mean", "max", "min"):
            expected = getattr(np, name)(dense, axis=axis, keepdims=keepdims)
            for result in (getattr(np, name)(spikes, axis=axis, keepdims=keepdims), getattr(arrays, name)(dense, axis=axis, keepdims=keepdims)):
                assert np.array_equal(result, expected) and result.dtype == expected.dtype and np.shape(result) == np.shape(expected)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int16, np.int32, np.int64, np.float32, np.float64, np.complex64])
def test_folds_of_numbers_are_numpys(dtype):
    random = np.random.default_rng(3)
    dense = (random.random((4, 30, 5)) * 9).astype(dtype)
    if np.issubdtype(dtype, np.floating):
        dense[1, 2, 3], dense[0, 0, 0] = np.nan, np.inf
    for axis in (None, 0, 1, -1, (0, 2), (1, -1)):
        for name in ("sum", "mean", "max", "min"):
            expected = getattr(np, name)(dense, axis=axis)
            result = getattr(arrays, name)(dense, axis=axis)
            np.testing.assert_allclose(result, expected, rtol=1e-5)
            assert result.dtype == expected.dtype and type(result) is type(expected)
    out = np.empty((4, 5), dtype)
    if dtype not in (bool, np.uint8, np.int16, np.int32):
        assert arrays.sum(dense, axis=1, out=out) is out
    assert arrays.sum(dense, dtype=np.complex128).dtype == np.complex128


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int32, np.int64, np.float32, np.float64])
def test_folds_follow_any_strides(dtype):
    dense = (np.random.default_rng(7).random((6, 40, 34)) * 9).astype(dtype)
    transposed = [dense.transpose(order) for order in ((0, 1, 2), (2, 1, 0), (1, 0, 2), (2, 0, 1))]
    others = [dense[::-1, ::2], dense[:, :, ::-3], dense[::-1, ::-1, ::-1], np.broadcast_to(dense[:, :1], (6, 25, 34)), np.broadcast_to(dense[..., :1], (6, 40, 20)), dense[:, :, 1:2]]
    for array in transposed + others:
        for axis in (None, 0, 1, 2, (0, 1), (0, 2), (1, 2), (2, 1, 0), ()):
            for name in ("sum", "mean", "max", "min"):
                expected = getattr(np, name)(array, axis=axis)
                result = getattr(arrays, name)(array, axis=axis)
                np.testing.assert_allclose(result, expected, rtol=1e-4)
                assert result.dtype == expected.dtype
    one = dense.astype(np.float32)
    assert arrays.sum(one.T, axis=1).tobytes() == arrays.sum(np.ascontiguousarray(one.T), axis=1).tobytes()  # an axis is added in one order however it lies


def test_folds_leave_to_numpy_what_has_rules_of_its_own():
    masked = np.ma.masked_array([1.0, 2.0, 3.0], mask=[False, True, False])
    assert arrays.sum(masked) == np.sum(masked) == 4
    assert type(arrays.sum(np.matrix([[1.0, 2.0]]), axis=0)) is np.matrix
    assert arrays.sum(np.ones((1, 2) * 5), axis=3).shape == (1, 2, 1) + (1, 2) * 3
    assert arrays.sum(np.array(3.0), axis=-1) == np.sum(np.array(3.0), axis=-1) == 3


def test_folds_say_what_is_wrong():
    for axis in (2**70, -3):
        with pytest.raises(ValueError, match="axis: .* does not exist in an array of shape"):
            arrays.sum(np.zeros((2, 3)), axis=axis)
    for axis in (True, 1.0, "0"):
        with pytest.raises(TypeError, match="axis = .*: it must be an int, several, or None"):
            arrays.sum(np.zeros((2, 3)), axis=axis)
    with pytest.raises(ValueError, match=r"out: shape \(2, 3\); the result has \(3,\)"):
        arrays.sum(np.zeros((2, 3)), axis=0, out=np.zeros((2, 3)))
    with pytest.raises(TypeError, match="out: list; it must be an array"):
        arrays.sum(np.zeros((2, 3)), axis=0, out=[0.0] * 3)
    with pytest.raises(TypeError, match="array: not an array"):
        arrays.sum([[1], [2, 3]])
    with pytest.raises(ValueError, match="axis"):
        arrays.sum(np.zeros((2, 3)), axis=2)
    with pytest.raises(ValueError, match="axis"):
        arrays.sum(np.zeros((2, 3)), axis=(0, 5))
    with pytest.raises(ValueError, match="names an axis twice"):
        arrays.sum(np.zeros((2, 3)), axis=(0, -2))
    with pytest.raises(ValueError):
        arrays.max(np.zeros((0, 3)), axis=0)


def test_spikes_behave_as_numpys_arrays():
    dense = random_spikes((4, 6, 70))
    spikes = SpikeArray(dense)
    assert len(spikes) == 4
    for key in (1, -1, slice(1, 3), slice(None, None, -2), (2, slice(1, 4)), [0, 3], np.array([True, False, True, True])):
        part = spikes[key]
        assert isinstance(part, SpikeArray) and np.array_equal(part.to_dense(), dense[key])
    for key in ((0, 0, 0), (slice(None), 2, slice(5, 9)), (..., 3), dense):
        assert np.array_equal(spikes[key], dense[key])
    assert [np.array_equal(part, each) for part, each in zip(spikes, dense)] == [True] * 4
    assert np.array_equal(spikes * 0.5, dense * 0.5)
    assert np.array_equal((spikes > 0.3).astype(float), dense)
    assert np.array_equal(spikes.astype(float) + spikes, dense.astype(float) + dense)
    assert np.array_equal(spikes == dense, np.ones_like(dense))
    assert np.array_equal(np.concatenate([spikes, spikes]), np.concatenate([dense, dense]))
    with pytest.raises(IndexError):
        spikes[4]
    total = np.zeros(dense.shape)
    total += spikes
    assert np.add(spikes, 1, out=total) is total and np.array_equal(total, dense + 1)
    assert np.sum(spikes, where=dense, initial=5) == 5 + dense.sum() and np.max(spikes[0, 0], initial=False, where=~dense[0, 0]) == np.False_
    for write in (lambda: np.add.at(spikes, 0, 1), lambda: np.add(1, 1, out=spikes)):
        with pytest.raises(TypeError, match="SpikeArray, which cannot be written to by numpy.add"):
            write()
    assert np.array_equal(operator.iadd(spikes, 1), dense + 1) and np.array_equal(spikes, dense)  # the name gets another array
    assert bool(SpikeArray([True])) and not SpikeArray([False])
    with pytest.raises(ValueError, match="more than one element"):
        bool(spikes)


def test_spikes_say_what_is_wrong():
    with pytest.raises(ValueError, match="axis"):
        SpikeArray(np.array(True))
    with pytest.raises(ValueError, match="words: 3 words; spikes of shape \\(2, 65\\) take 4"):
        SpikeArray.from_packed(np.zeros(3, np.uint64), (2, 65))
    with pytest.raises(ValueError, match="bits behind the end of row 0"):
        SpikeArray.from_packed(np.full(1, 2**63, np.uint64), (1, 63))
    with pytest.raises(ValueError):
        EventArray((2, 5), [0, 1, 1], [7])
    with pytest.raises(TypeError, match="dense: "):
        SpikeArray(object())
    with pytest.raises(ValueError, match="columns: an element is not within int32"):
        EventArray((1, 5), [0, 1], np.array([2**32]))
    with pytest.raises(TypeError, match="columns: elements of dtype float64; they must be integers"):
        EventArray((1, 5), [0, 1], [0.7])
    with pytest.raises(ValueError, match="words: an element is not within uint64"):
        SpikeArray.from_packed([[-1]], (1, 64))
    with pytest.raises(ValueError, match="indices: an element is not within int32"):
        SparseMatrix((1, 5), [0, 1], [2**40], [1.0])
    for shape in ((2**62, 1), (2**60,), (2**70,)):
        with pytest.raises(ValueError, match="more elements than memory has addresses"):
            SpikeArray.zeros(shape)
    with pytest.raises(TypeError, match="row = slice.*: events are indexed by the number of a row alone"):
        EventArray((1, 5), [0, 1], [3])[0:1]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sparse_matrices(dtype):
    dense = np.where(random_spikes((7, 11)), np.random.default_rng(1).normal(size=(7, 11)), 0).astype(dtype)
    matrix = SparseMatrix.from_dense(dense)
    assert (matrix.shape, matrix.nnz, matrix.dtype) == ((7, 11), np.count_nonzero(dense), dtype)
    assert np.array_equal(matrix.to_dense(), dense) and np.array_equal(np.asarray(matrix.T), dense.T)
    assert np.shares_memory(matrix.data, matrix.data) and not matrix.data.flags.writeable
    again = SparseMatrix(matrix.shape, matrix.indptr, matrix.indices, matrix.data)
    for copy in (again, pickle.loads(pickle.dumps(matrix)), SparseMatrix.from_scipy(matrix)):
        assert copy.dtype == dtype and np.array_equal(copy.to_dense(), dense)
    np.testing.assert_allclose(matrix @ np.ones(11, dtype), dense @ np.ones(11, dtype), rtol=1e-5)
    with pytest.raises(ValueError):
        SparseMatrix((2, 2), [0, 1, 1], [5], [1.0])


def test_pictures_for_notebooks():
    spikes = SpikeArray(random_spikes((2, 50, 9)))
    assert "50 steps, 9 neurons" in spikes._repr_html_() and "<svg" in spikes._repr_html_()
    assert repr(spikes) == f"SpikeArray(shape=(2, 50, 9), spikes={spikes.count()})"
    assert spikes.to_events()._repr_html_().count("<path") == spikes._repr_html_().count("<path")
    for empty in ((0,), (0, 3), (3, 0), (0, 2, 2)):
        assert "<svg" in SpikeArray(np.zeros(empty))._repr_html_()
    assert len(SpikeArray(random_spikes((30000, 300)))._repr_html_()) < 5_000_000
    matrix = SparseMatrix.from_dense(np.eye(1000))
    assert "1,000 columns, 1,000 rows" in matrix._repr_html_()
    assert "<svg" in SparseMatrix.from_dense(np.zeros((0, 4)))._repr_html_()
