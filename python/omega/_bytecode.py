# SPDX-License-Identifier: Apache-2.0
"""The instructions of a function in words that are the same for every CPython from 3.11 on: who reads code asks here, not `dis`.

Instructions of two steps are two; what each version calls otherwise has one name; what does nothing to values is left out.
"""

from __future__ import annotations

import dis
import functools
import opcode
import re
import sys
import types
from collections.abc import Iterator
from typing import Any, NamedTuple


class Step(NamedTuple):
    """What one instruction does, or a part of it."""

    name: str
    argument: Any  #: the name of a variable or attribute, or a constant; else the instruction's number
    number: int  #: of BINARY_OP the operator, of BUILD_LIST, CALL and others how many; 0 where there is none
    offset: int  #: of the instruction in the code
    line: int
    change: int  #: of the stack's height
    target: int = -1  #: the step that may come next instead of the following one; -1: none
    change_at_target: int = 0  #: of the stack's height on that way
    keywords: tuple[str, ...] = ()  #: of CALL: the names of its last arguments

    @property
    def goes_on(self) -> bool:
        """Whether the following step may come next."""
        return self.name not in _ENDS


class Handler(NamedTuple):
    """Where an exception in some steps goes on."""

    first: int  #: step
    end: int  #: behind the last step
    target: int
    height: int  #: of the stack when it gets there, with what is pushed
    pushed: int  #: the exception, and where it was raised for some


class Code(NamedTuple):
    steps: tuple[Step, ...]
    handlers: tuple[Handler, ...]
    at_offset: dict[int, int]  #: the step of each instruction; of one that is left out, that which follows

    def step_behind(self, offset: int) -> int:
        """The step that follows the instruction at this offset, where a frame is that has called something: it may stand in the instruction's inline cache."""
        while offset not in self.at_offset and offset >= 0:
            offset -= 2
        return self.at_offset.get(offset, -1) + 1

    @property
    def catches(self) -> bool:
        """Whether it has a `try` or `with` statement. Comprehensions have handlers too from CPython 3.12 on: they give a variable back what it had."""
        return any(self.steps[each.target].name == "PUSH_EXC_INFO" for each in self.handlers)


_ENDS = frozenset("RETURN_VALUE RAISE_VARARGS RERAISE JUMP_FORWARD JUMP_BACKWARD JUMP_BACKWARD_NO_INTERRUPT INTERPRETER_EXIT".split())
_LEFT_OUT = frozenset("CACHE EXTENDED_ARG PRECALL RESUME NOP NOT_TAKEN COPY_FREE_VARS MAKE_CELL".split())
_RENAMED = {"LOAD_FAST_CHECK": "LOAD_FAST", "LOAD_FAST_BORROW": "LOAD_FAST", "LOAD_CLASSDEREF": "LOAD_DEREF", "LOAD_SMALL_INT": "LOAD_CONST"}
_JUMPS = frozenset((*dis.hasjrel, *dis.hasjabs))
_LOADS_METHODS_AS_ATTRIBUTES = sys.version_info >= (3, 12)
_ALWAYS_HAS_KEYWORDS = sys.version_info >= (3, 14)  # CALL_FUNCTION_EX
_ITEM = 26  # of BINARY_OP, from CPython 3.14 on
_COMMON_CONSTANTS: list[Any] = getattr(opcode, "_common_constants", [])  # by number, from CPython 3.14 on

_Part = tuple[str, Any, int, int]  # name, argument, number, change


def _parts(code: types.CodeType, instruction: dis.Instruction, change: int) -> list[_Part]:
    """The steps of one instruction."""
    name, argument, number = instruction.opname, instruction.argval, instruction.arg or 0
    name = _RENAMED.get(name, name)
    if isinstance(argument, tuple) and "_FAST" in name:
        return [_variable(code, f"{each}_FAST", variable) for each, variable in zip(re.findall("(LOAD|STORE)_FAST", name), argument, strict=True)]
    if name in ("LOAD_FAST", "STORE_FAST"):
        return [_variable(code, name, argument)]
    if name == "LOAD_GLOBAL" and number & 1:
        return [("PUSH_NULL", None, 0, 1), ("LOAD_GLOBAL", argument, 0, 1)]
    if name == "LOAD_ATTR":
        return [("LOAD_METHOD", argument, 0, 1) if _LOADS_METHODS_AS_ATTRIBUTES and number & 1 else (name, argument, 0, 0)]
    if name == "LOAD_SUPER_ATTR":  # calls `super`
        return [("LOAD_SUPER", 3, 3, -2), ("LOAD_METHOD", argument, 0, 1) if number & 1 else ("LOAD_ATTR", argument, 0, 0)]
    if name == "RETURN_CONST":
        return [("LOAD_CONST", argument, 0, 1), ("RETURN_VALUE", None, 0, -1)]
    if name in ("BINARY_SLICE", "STORE_SLICE"):
        return [("BUILD_SLICE", 2, 2, -1), ("BINARY_SUBSCR", None, 0, -1) if name == "BINARY_SLICE" else ("STORE_SUBSCR", None, 0, -3)]
    if name == "BINARY_OP" and number == _ITEM:
        return [("BINARY_SUBSCR", None, 0, -1)]
    if name == "RETURN_GENERATOR":  # what the first `send` gives; CPython 3.11 counts it nowhere
        return [(name, argument, number, 1)]
    if name == "LOAD_COMMON_CONSTANT" and not callable(_COMMON_CONSTANTS[number]):
        return [("LOAD_CONST", _COMMON_CONSTANTS[number], 0, 1)]
    if name == "CALL":  # below the arguments: a function and nothing, or nothing and a function, or a method and its object
        return [(name, number, number, -number - 1)]
    if name == "CALL_FUNCTION_EX":
        count = 2 if _ALWAYS_HAS_KEYWORDS else 1 + (number & 1)
        return [(name, count, count, -count - 1)]
    return [(name, argument, number, change)]


def _variable(code: types.CodeType, name: str, variable: str) -> _Part:
    if name == "LOAD_FAST" and (variable in code.co_cellvars or variable in code.co_freevars):
        return "LOAD_CLOSURE", variable, 0, 1  # the cell, not what is in it
    return name, variable, 0, 1 if name == "LOAD_FAST" else -1


def _effect(instruction: dis.Instruction, jump: bool) -> int:
    try:
        return dis.stack_effect(instruction.opcode, instruction.arg, jump=jump)
    except ValueError:
        return 0


@functools.lru_cache(1024)
def read(code: types.CodeType) -> Code:
    """The steps of code, in the order in which they stand."""
    steps: list[Step] = []
    at_offset: dict[int, int] = {}
    jumps: list[tuple[int, int, int]] = []
    line = code.co_firstlineno
    names: tuple[str, ...] = ()  # of the arguments of the call that comes next
    for instruction in dis.get_instructions(code):
        at_offset[instruction.offset] = len(steps)
        line = (instruction.positions.lineno if instruction.positions is not None else None) or line
        if instruction.opname in _LEFT_OUT:
            continue
        if instruction.opname == "KW_NAMES":
            names = code.co_consts[instruction.arg or 0]
            continue
        if instruction.opname == "CALL_KW":  # the names are the constant before it
            names = steps.pop().argument
            at_offset[instruction.offset] = len(steps)
            instruction = instruction._replace(opname="CALL")
        if instruction.opname == "IS_OP" and steps and steps[-1].name == "LOAD_COMMON_CONSTANT":  # the compiler asks whether `all` is still Python's
            instruction = instruction._replace(opname="IS_BUILTIN")
        if instruction.opcode in _JUMPS:
            jumps.append((len(steps), instruction.argval, _effect(instruction, True)))
        for name, argument, number, change in _parts(code, instruction, _effect(instruction, False)):
            steps.append(Step(name, argument, number, instruction.offset, line, change))
            if name == "CALL":
                steps[-1], names = steps[-1]._replace(keywords=names), ()
    for at, offset, change in jumps:
        steps[at] = steps[at]._replace(target=at_offset[offset], change_at_target=change)
    at_offset[len(code.co_code)] = len(steps)
    return Code(tuple(steps), tuple(_handlers(code, at_offset)), at_offset)


def _handlers(code: types.CodeType, at_offset: dict[int, int]) -> Iterator[Handler]:
    """The table of exceptions: numbers of six bits a byte, as CPython's `exception_handling_notes.txt` has it."""
    numbers: list[int] = []
    value = 0
    for byte in code.co_exceptiontable:
        value = value << 6 | byte & 63
        if not byte & 64:
            numbers.append(value)
            value = 0
    for start, length, target, depth in zip(*(iter(numbers),) * 4, strict=True):
        pushed = 1 + (depth & 1)
        yield Handler(at_offset[2 * start], at_offset[2 * (start + length)], at_offset[2 * target], (depth >> 1) + pushed, pushed)


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """Code and that of the functions and classes inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes(constant)
