# SPDX-License-Identifier: Apache-2.0
"""Whether code reads its variables again: what it holds in no other goes to a call for good."""

from __future__ import annotations

import dis
import functools
import inspect
import sys
import types

_ENDS = frozenset({"RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE"})
_JUMPS_ALWAYS = frozenset({"JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT"})


def dead_variables(value: object) -> int:
    """How many local variables of the calling function are the value, where it reads none of them before it assigns to it; else -1."""
    frame = sys._getframe(1)
    code = frame.f_code
    names = [name for name, each in frame.f_locals.items() if each is value]
    if sys.version_info < (3, 13):
        frame.f_locals.clear()  # a snapshot, which would hold the value
    is_function = bool(code.co_flags & inspect.CO_OPTIMIZED)
    is_dead = is_function and not getattr(code, "co_exceptiontable", b"") and all(_is_dead(code, frame.f_lasti, name) for name in names)
    return len(names) if is_dead else -1


@functools.lru_cache(4096)
def _is_dead(code: types.CodeType, at: int, name: str) -> bool:
    """Whether on each way from the instruction behind `at` the variable is assigned to before it is read. Not for those that other functions see."""
    if name not in code.co_varnames or name in code.co_cellvars:
        return False
    steps, places = _steps(code)
    if at not in places:
        return False
    pending, seen = [places[at] + 1], set()
    while pending:
        step = pending.pop()
        if step in seen or step >= len(steps):
            continue
        seen.add(step)
        instruction = steps[step]
        uses = instruction.argval if isinstance(instruction.argval, tuple) else (instruction.argval,)
        if "FAST" in instruction.opname and name in uses:
            if instruction.opname == "STORE_FAST":
                continue
            return False
        if instruction.opcode in dis.hasjrel or instruction.opcode in dis.hasjabs:
            pending.append(places[instruction.argval])
        if instruction.opname not in _ENDS and instruction.opname not in _JUMPS_ALWAYS:
            pending.append(step + 1)
    return True


@functools.lru_cache(256)
def _steps(code: types.CodeType) -> tuple[list[dis.Instruction], dict[int, int]]:
    """The instructions, and where among them is which offset."""
    steps = list(dis.get_instructions(code))
    return steps, {instruction.offset: i for i, instruction in enumerate(steps)}
