# SPDX-License-Identifier: Apache-2.0
"""Nothing that the C++ side makes or is lent is kept: objects of Python's, and memory of its own."""

import gc
import pickle
import resource
import sys
import threading

import numpy as np
import pytest

import omega
from omega import EventArray, SparseMatrix, SpikeArray, _native, arrays

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


CALLS = {
    "spikes": lambda: (SpikeArray(DENSE), SPIKES.to_dense(), SPIKES.packed, SPIKES[3:5], SPIKES[0, 0], SPIKES * 2),
    "events": lambda: (SPIKES.to_events().columns, EventArray.from_dense(DENSE).first, SPIKES.to_events().to_spikes()),
    "sparse": lambda: (MATRIX.data, MATRIX.T.indices, SparseMatrix(MATRIX.shape, MATRIX.indptr, MATRIX.indices, MATRIX.data).to_dense()),
    "folds": lambda: (np.sum(SPIKES, axis=1), arrays.sum(DENSE), arrays.mean(DENSE, axis=(0, 1)), arrays.max(DENSE.tolist(), axis=0)),
    "pictures": lambda: (repr(SPIKES), SPIKES._repr_html_(), MATRIX._repr_html_()),
    "pickles": lambda: (pickle.loads(pickle.dumps(SPIKES)), pickle.loads(pickle.dumps(MATRIX))),
    "programs": lambda: (omega.compile("let x = 1\n", target=("native", "c")), omega.check("let x = y\n")),
    "contracts": contracts,
    "failures": refused,
    "callbacks": lambda: _native._call_side_by_side([int, str, float]),
    "failing callbacks": failing_callbacks,
}


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
