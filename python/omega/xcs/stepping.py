# SPDX-License-Identifier: Apache-2.0
"""Which calls of a traced function are part of its trace: the body of what is called is traced too, or computes with arrays as the function itself does."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

from omega import _bytecode
from omega._bytecode import Step
from omega._libraries import LIBRARIES
from omega._native import TracedFunction, is_array_function
from omega.xcs.declarations import Declared
from omega.xcs.effects import DEPTH, LIGHT_METHODS, EffectScan, Finding, nested
from omega.xcs.origins import COMPREHENSIONS, Root
from omega.xcs.traceability import untraceable_reason

_MATRIX_MULTIPLY = frozenset({4, 17})  # of BINARY_OP: `@`, `@=`


def _multiplies_matrices(step: Step) -> bool:
    return step.name == "BINARY_OP" and step.number in _MATRIX_MULTIPLY


def _goes_back(step: Step) -> bool:
    return "JUMP_BACKWARD" in step.name


class _CallScan(EffectScan):
    """Finds what a function calls that may take long, and whether it goes round in loops."""

    def __init__(self, code: types.CodeType, function: types.FunctionType, owner: object) -> None:
        super().__init__(code, function, owner, 0)
        steps = _bytecode.read(code).steps
        self.computes = any(map(_multiplies_matrices, steps))
        self.loops = [(each.target, index) for index, each in enumerate(steps) if _goes_back(each)]
        self.is_in_loop = False
        self.count = 0  # of calls that may take long; twice for one in a loop

    def _look(self, step: Step) -> Iterator[Finding]:
        self.is_in_loop = self.code.co_name in COMPREHENSIONS or any(first <= self.index <= last for first, last in self.loops)
        return super()._look(step)

    def _called(self, function: Root) -> Iterator[Finding]:
        module = getattr(function.value, "__module__", None) or ""
        self.computes |= isinstance(function.value, np.ufunc) or module.partition(".")[0] == "numpy"
        if self._may_take_long(function):
            self.count += 2 if self.is_in_loop else 1
        return iter(())

    def _may_take_long(self, function: Root) -> bool:
        value = function.value
        if function.kind == "defined":
            return False  # its code is looked at by itself
        if value is None or function.kind in ("argument", "fresh"):
            return function.attribute not in LIGHT_METHODS
        if isinstance(value, (types.FunctionType, types.MethodType)):
            code = getattr(value, "__code__", None)
            return code is not None and code is not self.code and not code.co_filename.startswith(LIBRARIES)
        return isinstance(value, (Declared, TracedFunction)) or (not isinstance(value, type) and isinstance(getattr(type(value), "__call__", None), (types.FunctionType, TracedFunction)))


def is_stepped_into(function: object) -> bool:
    """Whether traced code that calls a plain function goes through its body too, so that the calls in it run at the same time.

    So it is where the program's own code calls several things that may take long, or one in a loop, and changes nothing that others see. Code that computes
    with arrays in it stays one call: many such calls run beside each other.
    """
    inner, owner = (function.__func__, function.__self__) if isinstance(function, types.MethodType) else (function, None)
    if not isinstance(inner, types.FunctionType) or inner.__code__.co_filename.startswith(LIBRARIES) or untraceable_reason(inner) is not None:
        return False
    count = 0
    codes = [inner.__code__]
    for code in codes:
        scan = _CallScan(code, inner, owner if code is inner.__code__ else None)
        for _ in scan.findings():
            pass
        if scan.computes:
            return False
        count += scan.count
        codes += nested(code)
    return count >= 2


#: Builtins that array code may call.
_NUMBERS = (abs, float, int, len)


class _ArrayScan(EffectScan):
    """Finds whether a function computes with arrays and does nothing else."""

    is_array_code = True

    def _called(self, function: Root) -> Iterator[Finding]:
        value = function.value
        if isinstance(value, types.FunctionType) and not value.__code__.co_filename.startswith(LIBRARIES):
            self.is_array_code &= self.depth < DEPTH and is_array_code(value, self.depth + 1)
        elif value is None:  # a method
            self.is_array_code &= is_array_function(function.attribute)
        else:
            is_numpy = isinstance(value, np.ufunc) or getattr(value, "__module__", None) == "numpy"
            self.is_array_code &= any(value is each for each in _NUMBERS) or (is_numpy and is_array_function(getattr(value, "__name__", "")))
        return iter(())


def is_array_code(function: object, depth: int = 0) -> bool:
    """Whether a plain function of the program only combines arrays by operators and functions of NumPy's that traced code computes in passes, without loops."""
    if not isinstance(function, types.FunctionType) or function.__code__.co_filename.startswith(LIBRARIES) or untraceable_reason(function) is not None:
        return False
    code = function.__code__
    steps = _bytecode.read(code).steps
    if any(True for _ in nested(code)) or any(_goes_back(each) or _multiplies_matrices(each) for each in steps):
        return False
    scan = _ArrayScan(code, function, None, depth)
    return not list(scan.findings()) and scan.is_array_code and any(each.name == "BINARY_OP" or each.name.startswith(("CALL", "UNARY")) for each in steps)


def is_traced_through(callable_: Any) -> bool:
    """Whether a call is part of the trace that calls it: of a traced function, or of an object whose ``forward`` is one."""
    if isinstance(callable_, types.MethodType):
        return isinstance(callable_.__func__, TracedFunction)
    call = inspect.getattr_static(type(callable_), "__call__", None)
    if isinstance(call, TracedFunction):
        return True
    return getattr(call, "__xcs_forwards__", False) and isinstance(inspect.getattr_static(type(callable_), "forward", None), TracedFunction)
