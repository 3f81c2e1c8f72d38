# SPDX-License-Identifier: Apache-2.0
"""Calls find around them what the traced code has: context variables, NumPy's handling of errors."""

from __future__ import annotations

import contextvars
import decimal
import time
from typing import Any

import numpy as np
import pytest
from measured import takes_below

from omega import xcs

VARIABLE: contextvars.ContextVar[int] = contextvars.ContextVar("VARIABLE", default=0)


def current(delay: float = 0.002) -> int:
    time.sleep(delay)
    return VARIABLE.get()


def put(value: int) -> int:
    VARIABLE.set(value)
    return value


def ratio(a: float, b: float) -> Any:
    time.sleep(0.002)
    return np.array([a]) / b


def third() -> str:
    time.sleep(0.002)
    return str(decimal.Decimal(1) / 3)


@xcs.jit
def several() -> list[int]:
    return [current() for _ in range(4)]


@xcs.jit
def put_between() -> list[int]:
    before = current()
    put(3)
    between = current()
    VARIABLE.set(4)
    return [before, between, current()]


@xcs.jit
def ratios(pairs: list[tuple[float, float]]) -> list[Any]:
    return [ratio(a, b) for a, b in pairs]


@xcs.jit
def thirds() -> list[str]:
    return [third() for _ in range(3)]


@pytest.mark.parametrize("round", range(3))
def test_context_variables_are_those_of_the_call(round: int) -> None:
    token = VARIABLE.set(5 + round)
    assert several() == [5 + round] * 4
    VARIABLE.reset(token)
    assert several() == [0] * 4
    assert contextvars.copy_context().run(lambda: (VARIABLE.set(7), several())[1]) == [7] * 4
    assert VARIABLE.get() == 0


@pytest.mark.parametrize("round", range(3))
def test_what_a_call_sets_those_behind_it_find(round: int) -> None:
    token = VARIABLE.set(1)
    assert put_between() == [1, 3, 4]
    assert VARIABLE.get() == 4
    VARIABLE.reset(token)


def test_calls_at_the_same_time_have_each_their_own() -> None:
    def seconds() -> float:
        start = time.perf_counter()
        assert xcs.jit(lambda: [current(0.05) for _ in range(8)])() == [0] * 8
        return time.perf_counter() - start

    assert takes_below(0.3, seconds)  # one after another: 0.4


@pytest.mark.parametrize("round", range(3))
def test_precision_of_decimals(round: int) -> None:
    with decimal.localcontext() as context:
        context.prec = 5
        assert thirds() == ["0.33333"] * 3
    assert thirds() == [str(decimal.Decimal(1) / 3)] * 3


@pytest.mark.parametrize("adaptive", [True, False])
def test_floating_point_errors_of_expressions_are_raised_where_they_are_asked_for(adaptive: bool) -> None:
    quotient = xcs.jit(lambda a, b: (a + 1) / b, adaptive=adaptive)
    a, b = np.array([1.0, 0]), np.array([0.0, 1])
    calls = []
    for _ in range(3):
        with np.errstate(all="raise"), pytest.raises(FloatingPointError, match="divide by zero encountered in divide"):
            quotient(a, b)
        with np.errstate(divide="call", call=lambda *found: calls.append(found)):
            assert quotient(a, b).tolist() == [np.inf, 1]
        with np.errstate(all="ignore"):
            assert quotient(a, b).tolist() == [np.inf, 1]
    assert [each[0] for each in calls] == ["divide by zero"] * 3


@pytest.mark.parametrize("round", range(3))
def test_handling_of_floating_point_errors(round: int, recwarn: pytest.WarningsRecorder) -> None:
    with np.errstate(divide="ignore"):
        assert [float(each[0]) for each in ratios([(1, 0), (1, 2), (1, 0)])] == [np.inf, 0.5, np.inf]
    assert not recwarn.list
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError, match="divide by zero"):
        ratios([(1, 2), (1, 0)])
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        ratios([(1, 2), (1, 0)])
