# SPDX-License-Identifier: Apache-2.0
"""Products of spikes and sparse matrices beside NumPy on dense arrays and SciPy's compressed rows, in one run. Microseconds, medians of rounds in which all take turns.

usage: PYTHONPATH=build/release/python /usr/bin/python3 bench/compute/products.py      SciPy from python3-scipy is left out where it is missing
"""

import numpy as np
from taking_turns import medians

from omega import SparseMatrix, SpikeArray

try:
    import scipy.sparse as sparse
except ImportError:
    sparse = None

random = np.random.default_rng(0)


def line(name, engines):
    print(f"{name:52}" + "".join(f"{key} {value:10.1f}   " for key, value in medians(engines, 9).items()), flush=True)


def spikes(dtype):
    for rows, inner, columns, density in ((1, 1000, 1000, 0.1), (64, 1000, 1000, 0.02), (64, 1000, 1000, 0.1), (64, 1000, 1000, 0.5), (5000, 1000, 1000, 0.02), (1000, 1000, 1, 0.1), (10, 100, 50, 0.1)):
        fired = random.random((rows, inner)) < density
        weights = random.random((inner, columns)).astype(dtype)
        packed, numbers = SpikeArray(fired), fired.astype(dtype)
        engines = {"Omega": lambda: packed @ weights, "NumPy": lambda: numbers @ weights}
        if sparse is not None:
            matrix = sparse.csr_matrix(numbers)
            engines["SciPy"] = lambda: matrix @ weights
        line(f"spikes {rows} x {inner} at {density}, weights x {columns} {np.dtype(dtype).name}", engines)


def matrices(dtype):
    for neurons, batch, density in ((1000, 1, 0.1), (1000, 64, 0.1), (4000, 1, 0.1), (4000, 64, 0.1), (20000, 1, 0.005), (20000, 16, 0.005)):
        kept = max(1, int(neurons * density))
        columns = np.sort(np.stack([random.choice(neurons, kept, replace=False) for _ in range(neurons)]), axis=1)
        matrix = SparseMatrix((neurons, neurons), np.arange(neurons + 1) * kept, columns.ravel(), random.random(columns.size).astype(dtype))
        right = random.random((neurons, batch)).astype(dtype)[:, 0 if batch == 1 else slice(None)]
        left = np.ascontiguousarray(right.T)
        for name, there, here in (("matrix @ x", lambda m: m @ right, matrix), ("x @ matrix", lambda m: left @ m, matrix)):
            engines = {"Omega": lambda: there(here)}
            if neurons <= 4000:
                dense = matrix.to_dense()
                engines["NumPy"] = lambda: there(dense)
            if sparse is not None:
                rows = sparse.csr_matrix((matrix.data, matrix.indices, matrix.indptr), matrix.shape)
                engines["SciPy"] = lambda: there(rows)
            line(f"{name}, {neurons} at {density}, batch {batch} {np.dtype(dtype).name}", engines)


for kind in (np.float32, np.float64):
    spikes(kind)
    matrices(kind)
