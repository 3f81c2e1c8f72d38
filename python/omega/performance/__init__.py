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

from omega._native import DeviceError
from omega._workers.shared_memory import is_shared, shared_array
from omega._workers.worker import RemoteTraceback, WorkerDied
from omega.performance._config import ParallelConfig
from omega.performance._global import enable_parallel_processing, get_global_processor, set_global_processor
from omega.performance._prepared import PreparedReservoir
from omega.performance._processor import ParallelProcessor
from omega.performance._threads import DeadlineError

DeviceError.__doc__ = "No OpenCL library, no device, or one that refused; says which and what would help."

__all__ = [
    "DeadlineError",
    "DeviceError",
    "ParallelConfig",
    "ParallelProcessor",
    "PreparedReservoir",
    "RemoteTraceback",
    "WorkerDied",
    "enable_parallel_processing",
    "get_global_processor",
    "is_shared",
    "set_global_processor",
    "shared_array",
]
