# SPDX-License-Identifier: Apache-2.0
"""Many small values arrive in other processes as the ones that were sent, put together or not."""

import pickle

import numpy as np
import pytest

from omega._workers import columns
from omega._workers.reuse import SENT, can_be_sent
from omega.performance import ParallelConfig, ParallelProcessor, shared_array


class Celsius(np.float64):
    pass


def assert_alike(found, wanted):
    assert type(found) is type(wanted)
    if isinstance(wanted, (list, tuple)):
        assert len(found) == len(wanted)
        for each, other in zip(found, wanted):
            assert_alike(each, other)
    elif isinstance(wanted, np.ndarray):
        assert (found.dtype, found.shape, found.strides, found.flags.writeable) == (wanted.dtype, wanted.shape, wanted.strides, wanted.flags.writeable)
        assert np.array_equal(found, wanted)
    else:
        assert found == wanted


LISTS = {
    "few": [np.ones(2)] * 3,
    "the same": [np.ones(3)] * 20,
    "arrays": [np.full((2, 3), i, np.float32) for i in range(20)],
    "the other byte order": [np.full(2, i, ">f8") for i in range(20)],
    "by columns": [np.asfortranarray(np.full((2, 3), i)) for i in range(20)],
    "without axes": [np.array(float(i)) for i in range(20)],
    "empty": [np.ones((0, 3)) for _ in range(20)],
    "empty behind": [np.ones((3, 0)) for _ in range(20)],
    "of two shapes": [np.ones(2 + i % 2) for i in range(20)],
    "of two types": [np.ones(2, [int, float][i % 2]) for i in range(20)],
    "large": [np.full(2000, i) for i in range(20)],
    "read-only": [np.frombuffer(b"abcd", np.uint8) for _ in range(20)],
    "texts": [np.array(["a", "b"]) for _ in range(20)],
    "records": [np.zeros(2, "i4,f4") for _ in range(20)],
    "int64": [np.int64(i) for i in range(20)],
    "float16": [np.float16(i) for i in range(20)],
    "longdouble": [np.longdouble(i) for i in range(20)],
    "bool": [np.bool_(i % 2) for i in range(20)],
    "days": [np.datetime64("2020-01-01") + i for i in range(20)],
    "of a class of its own": [Celsius(i) for i in range(20)],
    "numbers": list(range(20)),
    "mixed": [1, 2.0, "a", None] * 5,
    "tuples": [(i, np.full(2, i), "a") for i in range(20)],
    "tuples in tuples": [(i, (0, (np.full(2, i),), None)) for i in range(20)],
    "empty tuples": [()] * 10 + [tuple([]) for _ in range(10)],
    "of two lengths": [(1,), (1, 2)] * 10,
}


@pytest.mark.parametrize("name", LISTS)
def test_values_are_what_they_were(name):
    wanted = pickle.loads(pickle.dumps(LISTS[name], 5))
    assert_alike(columns.unpack(pickle.loads(pickle.dumps(columns.pack(LISTS[name]), 5))), wanted)


def test_many_small_values_are_one():
    assert len(pickle.dumps(columns.pack([(i, np.full(4, i)) for i in range(1000)]), 5)) < 45_000


def test_arrays_that_are_shared_are_not_copied():
    rows = shared_array((20, 3))
    values = list(rows)
    assert columns.pack(values) is values


def test_what_can_be_sent():
    circle = []
    circle.append(circle)
    assert can_be_sent([1, "a", None, (np.ones(3), {"b": np.float32(1)}), [True, b"c"]])
    assert can_be_sent([np.zeros(SENT - 8, bool)]) and not can_be_sent([np.zeros(SENT + 1, bool)])
    assert can_be_sent([shared_array(SENT, bool), shared_array(SENT, bool)])
    for no in (circle, object(), np.array([None]), {"a": object()}, (len,)):
        assert not can_be_sent([no]) and not can_be_sent([1, 2, no])


# Results: small arrays of a task's own wait for others and are sent together; those that something else can write to are sent as they are.

kept = np.zeros(2)


def counted_in_place(batch):
    kept[0] += batch[0]
    return kept


def view_of_what_is_kept(batch):
    kept[0] += batch[0]
    return kept[:1]


def tripled(batch):
    return batch * 3


@pytest.mark.parametrize("function", [counted_in_place, view_of_what_is_kept])
def test_results_that_change_later_are_sent_as_they_were(function):
    kept[:] = 0
    with ParallelProcessor(ParallelConfig(num_threads=1, parallel_strategy="process")) as processor:
        found = processor.parallel_spike_processing([np.ones(2)] * 50, function)
    assert [result[0] for result in found] == list(range(1, 51))


@pytest.mark.parametrize("threads", [1, 2])
def test_thousands_of_small_arrays(threads):
    batches = [np.full((1 + i % 3, 2), i) for i in range(3000)]
    with ParallelProcessor(ParallelConfig(num_threads=threads, parallel_strategy="process")) as processor:
        for _ in range(3):  # forked for the call, and staying
            found = processor.parallel_spike_processing(batches, tripled)
            assert all(np.array_equal(result, batch * 3) and result.dtype == batch.dtype for result, batch in zip(found, batches))
            found[0][...] = 7  # a result is the caller's own
            assert not batches[0].any() and found[3][0, 0] == 9


def failing_on_some(batch):
    if batch[0] % 5 == 3:
        raise ValueError(f"batch of {batch[0]}")
    return batch[0]


def test_failures_among_thousands():
    with ParallelProcessor(ParallelConfig(num_threads=2, parallel_strategy="process"), max_errors=1000) as processor:
        found = processor.parallel_spike_processing([np.array([i]) for i in range(1000)], failing_on_some)
        assert [at for at, _ in processor.errors] == list(range(3, 1000, 5))
        assert all(str(error) == f"batch of {at}" and "failing_on_some" in str(error.__cause__) for at, error in processor.errors)
    assert [result for result in found if result is not None] == [i for i in range(1000) if i % 5 != 3]
