# SPDX-License-Identifier: Apache-2.0
"""Whether objects that tests let go are given back."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from typing import Any


def is_collected(references: Sequence[Callable[[], Any]]) -> bool:
    """Whether these weak references, of which there are some, all come to nothing: a thread that has just helped may be about to give back what it holds."""
    deadline = time.monotonic() + 60
    while any(each() is not None for each in references):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.001)
        gc.collect()
    return len(references) > 0
