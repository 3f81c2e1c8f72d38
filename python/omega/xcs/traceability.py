# SPDX-License-Identifier: Apache-2.0
"""Whether the body of a function can be traced, read from its bytecode."""

from __future__ import annotations

import inspect
import types
from typing import Any

from omega import _bytecode
from omega.xcs.effects import name_of, nested
from omega.xcs.frames import gets_frames


_OF_COROUTINES = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR | inspect.CO_ITERABLE_COROUTINE


def untraceable_reason(function: Any) -> str | None:
    """Why the body of a function cannot be traced; None where it can.

    Tracers stand for values that are not there yet. Code that would see the difference is not traced: it runs as it is.
    """
    if not isinstance(function, types.FunctionType):
        return f"{name_of(function)} is no Python function: there is no code to trace"
    code = function.__code__
    if code.co_flags & _OF_COROUTINES:
        return "it is a coroutine: asyncio runs it"
    if code.co_flags & inspect.CO_GENERATOR:
        return "it is a generator: its caller decides how far it runs"
    if gets_frames(code):
        return "it looks at frames, which hold tracers"
    return _untraceable_code(code, True)


def _untraceable_code(code: types.CodeType, is_body: bool) -> str | None:
    read = _bytecode.read(code)
    arguments = set(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
    if is_body and read.catches and not (code.co_flags & inspect.CO_GENERATOR):
        return f"it has a try or with statement in {code.co_qualname}: an exception must be raised inside of it"
    for index, step in enumerate(read.steps):
        name = step.name
        if name in ("STORE_GLOBAL", "DELETE_GLOBAL"):
            return f"line {step.line} assigns the global `{step.argument}`"
        if name in ("STORE_DEREF", "DELETE_DEREF") and step.argument in code.co_freevars and is_body:
            return f"line {step.line} assigns `{step.argument}` of the enclosing function"
        if name == "LOAD_METHOD" and step.argument == "maketrans" and _takes_one_that_is_made_elsewhere(read, index):
            return f"line {step.line} calls maketrans(), which takes no dict but one that is there"
        if name == "LOAD_BUILD_CLASS":
            return f"line {step.line} defines a class"
        if name.startswith("MATCH_"):
            return f"line {step.line} matches patterns, which look at types"
        if name == "IS_OP" or name.endswith(("_IF_NONE", "_IF_NOT_NONE")):
            what = read.steps[max(0, index - (2 if name == "IS_OP" else 1))]
            is_argument = what.name == "LOAD_FAST" and what.argument in arguments and not _is_stored(read, what.argument)
            is_argument = is_argument and (name != "IS_OP" or read.steps[index - 1].name == "LOAD_CONST")
            if not is_argument:
                return f"line {step.line} asks by `is` what a value is, before it is there"
    for inner in nested(code):
        if inner.co_flags & _OF_COROUTINES:
            return f"it defines the coroutine {inner.co_name}: asyncio runs it"
        reason = _untraceable_code(inner, not (inner.co_flags & inspect.CO_GENERATOR))
        if reason is not None:
            return reason
    return None


def _takes_one_that_is_made_elsewhere(read: _bytecode.Code, method: int) -> bool:
    """Whether a method is called with one argument, which is no dict that stands in the call itself."""
    given = 0
    for before, step in zip(read.steps[method:], read.steps[method + 1 :], strict=False):
        if step.name == "CALL" and given == step.number:
            return given == 1 and not before.name.startswith("BUILD_")
        given += step.change
    return False


def _is_stored(read: _bytecode.Code, name: str) -> bool:
    return any(each.name == "STORE_FAST" and each.argument == name for each in read.steps)
