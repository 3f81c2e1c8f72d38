# SPDX-License-Identifier: Apache-2.0
"""The processor that a whole program shares."""

from __future__ import annotations

import threading
from typing import Any

from omega.performance._config import ParallelConfig
from omega.performance._processor import ParallelProcessor

_lock = threading.Lock()
_processor: ParallelProcessor | None = None


def get_global_processor() -> ParallelProcessor:
    """The processor of the program, made with the default configuration at first use. Thread-safe."""
    global _processor
    with _lock:
        if _processor is None or _processor.closed:
            _processor = ParallelProcessor()
        return _processor


def set_global_processor(processor: ParallelProcessor | None) -> None:
    """Makes `processor` the program's. The one before is not closed: who made it closes it. None: a new one is made when it is asked for.

    Raises
    ------
    TypeError
        `processor` is something else.
    """
    global _processor
    if processor is not None and not isinstance(processor, ParallelProcessor):
        raise TypeError(f"processor: {type(processor).__name__}; it must be a ParallelProcessor or None")
    with _lock:
        _processor = processor


def enable_parallel_processing(config: ParallelConfig | None = None, **keys: Any) -> ParallelProcessor:
    """Makes a processor of `config`, or of the keys of a `ParallelConfig`, and makes it the program's.

    >>> enable_parallel_processing(num_threads=2) is get_global_processor()
    True
    """
    if config is not None and keys:
        raise TypeError(f"config and keys of one ({', '.join(keys)}) at once; give either")
    processor = ParallelProcessor(ParallelConfig(**keys) if config is None else config)
    set_global_processor(processor)
    return processor
