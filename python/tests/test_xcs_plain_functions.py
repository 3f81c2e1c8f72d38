# SPDX-License-Identifier: Apache-2.0
"""Plain functions that traced code calls: which are stepped into, so that the calls in them run at the same time, and what keeps its order there."""

from __future__ import annotations

import functools
import itertools
import threading
import time
import weakref
from typing import Any

import numpy as np
import pytest
from collected import is_collected

from omega import xcs
from omega.xcs.stepping import is_stepped_into


class Meeting:
    """A model whose calls all wait for each other."""

    gate = threading.Barrier(1)

    def __call__(self, x: Any) -> Any:
        Meeting.gate.wait(timeout=60)
        return x


MEETING = [Meeting() for _ in range(4)]


def ask_all(x: Any) -> Any:
    return [model(x) for model in MEETING]


def ask_these(models: list[Any], x: Any) -> Any:
    answers = {}
    for number, model in enumerate(models):
        answers[number] = model(x)
    return answers


def ask_both(x: Any) -> Any:
    return ask_all(x), ask_these(MEETING, x)


class Team:
    def __init__(self) -> None:
        self.models = MEETING

    def ask(self, x: Any, *, twice: bool = False) -> Any:
        return [model(x) for model in self.models + (self.models if twice else [])]


TEAM = Team()


@pytest.mark.parametrize(
    ("function", "calls"),
    [
        (lambda x: ask_all(x), 4),
        (lambda x: [ask_all(each) for each in (x, x + 1)], 8),
        (lambda x: ask_these(MEETING, x), 4),
        (lambda x: ask_both(x), 8),
        (lambda x: [TEAM.ask(x), TEAM.ask(x, twice=True)], 12),
    ],
)
def test_calls_in_plain_functions_run_at_the_same_time(function: Any, calls: int) -> None:
    Meeting.gate = threading.Barrier(1)
    expected = function(1)
    assert xcs.jit(function, parallel=False)(1) == expected
    Meeting.gate = threading.Barrier(calls)  # opens when all calls are inside
    traced = xcs.jit(function)
    assert traced(1) == expected
    assert len(xcs.graph(traced)) == calls


def one_call(x: Any) -> Any:
    return ask_all(x)


def short_calls(x: Any) -> Any:
    return [str(each).strip() for each in (x, x)], len([x]), sorted([x])


def computes(x: Any) -> Any:
    return [model(x @ x) for model in MEETING]


def has_try(x: Any) -> Any:
    try:
        return [model(x) for model in MEETING]
    except ValueError:
        return None


def calls_itself(n: int) -> int:
    return n if n < 2 else calls_itself(n - 1) + calls_itself(n - 2)


@pytest.mark.parametrize("function", [one_call, short_calls, computes, has_try, calls_itself, functools.cmp_to_key, len])
def test_other_functions_stay_one_call(function: Any) -> None:
    assert not is_stepped_into(function)
    assert is_stepped_into(ask_all)


def take_three(take: Any) -> list[Any]:
    return [take(), take(), take()]


def test_calls_of_which_nothing_is_known_keep_their_order() -> None:
    # Calls that are known to be short would run where they are called, one after another without saying so.
    function = xcs.jit(lambda take: [take_three(take), take_three(take)], inline_below_us=0)
    found = xcs.trace(function, functools.partial(next, itertools.count()))
    assert (len(found), found.longest_chain) == (6, 6)  # all of them step the same iterator
    found = xcs.trace(function, xcs.opaque(lambda: 1))
    assert (len(found), found.longest_chain) == (6, 1)
    assert xcs.jit(lambda take: take_three(take))(functools.partial(next, itertools.count())) == [0, 1, 2]


def test_functions_and_what_they_hold_are_left_as_they_are() -> None:
    class Held:
        pass

    def around(held: Held) -> Any:
        return lambda x: [(held, model(x))[1] for model in MEETING]

    Meeting.gate = threading.Barrier(1)
    held = Held()
    function = xcs.jit(lambda plain: plain(1) + ask_all(1))
    for _ in range(3):
        assert function(around(held)) == [1] * 8
    assert vars(ask_all) == {}
    assert len(xcs.trace(function, around(held))) == 8
    seen = weakref.ref(held)
    del held
    assert is_collected([seen])


def changed_by_default(take: Any, count: int = 2) -> list[Any]:
    return [take() for _ in range(count)]


def test_defaults_are_those_at_the_call() -> None:
    function = xcs.jit(lambda take: changed_by_default(take))
    take = xcs.opaque(lambda: 1)
    assert function(take) == [1, 1]
    changed_by_default.__defaults__ = (3,)
    assert function(take) == [1, 1, 1]
    changed_by_default.__defaults__ = (2,)


KEPT: list[int] = []


def test_functions_that_traced_code_defines_have_the_globals_of_the_module() -> None:
    """Traced themselves, and where what they change is found in what calls of them can see."""

    @xcs.jit
    def traced_inside(n: int) -> Any:
        @xcs.jit
        def inner(i: int) -> Any:
            return inner(i - 1) if i > 3 else (time.monotonic() > 0, np.arange(i).sum())

        return inner(n)

    assert traced_inside(5) == (True, 3)

    def call(function: Any, i: int) -> int:
        time.sleep(0.002 * (3 - i))
        function(i)
        return len(KEPT)

    @xcs.jit
    def body() -> list[int]:
        def keep(i: int) -> None:
            KEPT.append(i)

        return [call(keep, i) for i in range(3)]

    KEPT.clear()
    assert body() == [1, 2, 3]
    assert KEPT == [0, 1, 2]
