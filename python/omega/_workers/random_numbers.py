# SPDX-License-Identifier: Apache-2.0
"""Generators of random numbers that all code of a process shares, `np.random` and `random`, in forked processes.

Each process begins with its parent's generators as they were, so that all would draw the same numbers, in one call as in the next. Here each task has generators of
its own, by a seed of its call and its position: it does not matter which process runs it, nor how many there are.
"""

from __future__ import annotations

import hashlib
import os
import random
import threading

import numpy as np
from numpy.random import mtrand


def drawn_seed() -> bytes:
    """For the tasks of a call, from the generators of this process, which the program has seeded or not: the same program gives the same numbers."""
    return np.random.randint(0, 1 << 63, 2, np.int64).tobytes() + random.getrandbits(128).to_bytes(16, "little")


def fresh_seed() -> bytes:
    """For the tasks of a call, from the system: where how often it is asked depends on time, so that drawing would disturb what the program draws itself."""
    return os.urandom(32)


def seed_task(call: bytes, index: int) -> None:
    """Seeds the generators of this process for a task."""
    seed = hashlib.blake2b(call + index.to_bytes(8, "little"), digest_size=32).digest()
    random.seed(seed)
    np.random.seed(np.frombuffer(seed, np.uint32))


# A generator's lock that another thread holds at a fork would be held in the child for ever.
_held = threading.local()


def _acquire() -> None:
    _held.lock = mtrand.get_bit_generator().lock
    _held.lock.acquire()


def _release() -> None:
    _held.lock.release()


os.register_at_fork(before=_acquire, after_in_parent=_release, after_in_child=_release)
