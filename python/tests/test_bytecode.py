# SPDX-License-Identifier: Apache-2.0
"""Code in words that are the same for every CPython: what each version's compiler makes of the same lines."""

from __future__ import annotations

import dis
import sys
import types
from collections.abc import Callable
from typing import Any

import pytest

from omega import _bytecode

GLOBAL: Any = None


def names(function: types.FunctionType) -> list[str]:
    return [step.name for step in _bytecode.read(function.__code__).steps]


def two_variables(x: Any, y: Any) -> Any:
    z = x
    return z + y


def a_constant() -> Any:
    return 7


def keywords(x: Any) -> Any:
    return GLOBAL(x, 1, second=x, third=3)


def a_method(x: Any) -> Any:
    return x.find(1).found


def slices(x: Any, y: Any) -> Any:
    x[y:2] = x[3:y]  # of numbers alone they are constants from CPython 3.14 on


def items(x: Any) -> Any:
    x[1] = x[2]


def test_instructions_of_two_steps_are_two() -> None:
    assert names(two_variables) == ["LOAD_FAST", "STORE_FAST", "LOAD_FAST", "LOAD_FAST", "BINARY_OP", "RETURN_VALUE"]
    assert [step.argument for step in _bytecode.read(two_variables.__code__).steps][:4] == ["x", "z", "z", "y"]
    assert names(a_constant) == ["LOAD_CONST", "RETURN_VALUE"]
    assert [each for each in names(slices) if "SUBSCR" in each or "SLICE" in each] == ["BUILD_SLICE", "BINARY_SUBSCR", "BUILD_SLICE", "STORE_SUBSCR"]
    assert [each for each in names(items) if "SUBSCR" in each or "SLICE" in each] == ["BINARY_SUBSCR", "STORE_SUBSCR"]


def test_calls_have_the_names_of_their_arguments() -> None:
    (call,) = [step for step in _bytecode.read(keywords.__code__).steps if step.name == "CALL"]
    assert (call.number, call.keywords) == (4, ("second", "third"))
    assert names(keywords).count("LOAD_CONST") == 2  # the names of the arguments are none
    assert [each for each in names(a_method) if each.startswith("LOAD_")] == ["LOAD_FAST", "LOAD_METHOD", "LOAD_CONST", "LOAD_ATTR"]


def asks_builtins(x: Any) -> Any:
    return any(y for y in x), tuple(y for y in x), None, True, ""


def test_questions_and_constants_of_the_compiler_are_those_of_the_program() -> None:
    read = _bytecode.read(asks_builtins.__code__)
    assert "IS_OP" not in names(asks_builtins)
    constants = [step.argument for step in read.steps if step.name == "LOAD_CONST" and not isinstance(step.argument, types.CodeType)]
    assert constants[-3:] == [None, True, ""]


def comprehensions(x: Any) -> Any:
    return [i for i in x], {i for i in x}, {i: i for i in x}


def attempts(x: Any) -> Any:
    try:
        return x()
    except ValueError:
        return None


def manages(x: Any) -> Any:
    with x as y:
        return [i for i in y]


def finishes(x: Any) -> Any:
    try:
        x()
    finally:
        x(1)


@pytest.mark.parametrize(("function", "catches"), [(comprehensions, False), (attempts, True), (manages, True), (finishes, True), (two_variables, False)])
def test_comprehensions_catch_nothing(function: Any, catches: bool) -> None:
    assert _bytecode.read(function.__code__).catches is catches


def choices(x: Any, y: Any) -> Any:
    for i in x:
        if i and y:
            continue
        while y:
            y = GLOBAL(i if i else y, [j for j in y if j], *x, **y)
        else:
            break
    try:
        with y as z:
            x[z and y] = 1 < y < 3
    except (ValueError, TypeError) as error:
        raise RuntimeError from error
    return (lambda q=x: q + y) if y else None


def generates(x: Any) -> Any:
    for y in x:
        yield y


@pytest.mark.parametrize("function", [two_variables, keywords, slices, comprehensions, attempts, manages, finishes, choices, generates, asks_builtins])
def test_the_stack_has_one_height_at_each_step_whichever_way_leads_there(function: Any) -> None:
    read = _bytecode.read(function.__code__)
    heights = {0: 0}
    pending = [0]

    def reach(step: int, height: int) -> None:
        assert heights.setdefault(step, height) == height, f"{read.steps[step]}\n{dis.Bytecode(function).dis()}"
        pending.append(step)

    seen = set()
    while pending:
        at = pending.pop()
        if at in seen:
            continue
        seen.add(at)
        step = read.steps[at]
        for handler in read.handlers:
            if handler.first <= at < handler.end:
                reach(handler.target, handler.height)
        if step.target >= 0:
            reach(step.target, heights[at] + step.change_at_target)
        if step.goes_on:
            reach(at + 1, heights[at] + step.change)
    assert all(height >= 0 for height in heights.values())
    assert all(heights[at] == 1 for at in heights if read.steps[at].name == "RETURN_VALUE")


@pytest.mark.skipif(sys.version_info < (3, 12), reason="CPython 3.12 has the statement")
def test_parameters_of_types() -> None:
    namespace: dict[str, Callable[..., Any]] = {}
    exec("def first[T](xs: list[T]) -> T:\n    type Pair = tuple[T, T]\n    def inner[S](y: S) -> S:\n        return y\n    return inner(xs[0])\n", namespace)
    assert not _bytecode.read(namespace["first"].__code__).catches
