# SPDX-License-Identifier: Apache-2.0
"""Lists of spike batches, reservoirs and reasoning cores on all cores.

>>> import numpy as np
>>> from omega.performance import ParallelConfig, ParallelProcessor
>>> batches = [np.ones((10, 100, 50), bool)] * 4
>>> with ParallelProcessor(ParallelConfig(num_threads=2)) as processor:
...     results = processor.parallel_spike_processing(batches, lambda batch: np.sum(batch, axis=1))
>>> results[0].shape, int(results[0][0, 0])
((10, 50), 100)
"""

from omega.performance._config import ParallelConfig
from omega.performance._global import enable_parallel_processing, get_global_processor, set_global_processor
from omega.performance._processor import ParallelProcessor

__all__ = [
    "ParallelConfig",
    "ParallelProcessor",
    "enable_parallel_processing",
    "get_global_processor",
    "set_global_processor",
]
