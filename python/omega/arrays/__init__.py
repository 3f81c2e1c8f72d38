# SPDX-License-Identifier: Apache-2.0
"""Arrays: spikes packed to bits, spikes as events, sparse matrices, and folds over an axis on all cores.

Kernels take NumPy's arrays, and whatever gives NumPy one by ``__array__``, the buffer protocol or DLPack, without a copy.

>>> import numpy as np
>>> from omega.arrays import SpikeArray
>>> spikes = SpikeArray(np.arange(12).reshape(3, 4) % 3 == 0)
>>> spikes
SpikeArray(shape=(3, 4), spikes=4)
>>> np.sum(spikes, axis=0)
array([1, 1, 1, 1])
"""

from omega._native import EventArray, SparseMatrix, SpikeArray
from omega.arrays import _methods  # gives the classes what is written in Python
from omega.arrays.folds import max, mean, min, sum
from omega.arrays.raster import raster_svg

__all__ = ["EventArray", "SparseMatrix", "SpikeArray", "max", "mean", "min", "raster_svg", "sum"]
del _methods
