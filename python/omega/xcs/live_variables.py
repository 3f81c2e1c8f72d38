# SPDX-License-Identifier: Apache-2.0
"""Whether code reads its variables again: what it holds in no other goes to a call for good."""

from __future__ import annotations

import functools
import inspect
import sys
import types

from omega import _bytecode


def dead_variables(value: object) -> int:
    """How many local variables of the calling function are the value, where it reads none of them before it assigns to it; else -1."""
    frame = sys._getframe(1)
    code = frame.f_code
    names = [name for name, each in frame.f_locals.items() if each is value]
    if sys.version_info < (3, 13):
        frame.f_locals.clear()  # a snapshot, which would hold the value
    is_function = bool(code.co_flags & inspect.CO_OPTIMIZED)
    is_dead = is_function and not _bytecode.read(code).catches and all(_is_dead(code, frame.f_lasti, name) for name in names)
    return len(names) if is_dead else -1


@functools.lru_cache(4096)
def _is_dead(code: types.CodeType, at: int, name: str) -> bool:
    """Whether on each way from the instruction behind `at` the variable is assigned to before it is read. Not for those that other functions see."""
    if name not in code.co_varnames or name in code.co_cellvars:
        return False
    read = _bytecode.read(code)
    if at not in read.at_offset:
        return False
    pending, seen = [read.at_offset[at] + 1], set()
    while pending:
        index = pending.pop()
        if index in seen or index >= len(read.steps):
            continue
        seen.add(index)
        step = read.steps[index]
        if "FAST" in step.name and step.argument == name:
            if step.name == "STORE_FAST":
                continue
            return False
        if step.target >= 0:
            pending.append(step.target)
        if step.goes_on:
            pending.append(index + 1)
    return True
