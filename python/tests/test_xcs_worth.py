# SPDX-License-Identifier: Apache-2.0
"""Functions that gain nothing by being traced run as they are written after a while; those that gain something do not."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from measured import takes_below

from omega import xcs


def _until_as_written(function: Any, *args: Any) -> Any:
    """Calls it until a call runs as written and the next one will too; gives what that gave."""
    for _ in range(20_000):
        before = function.counts()["calls_as_written"]
        result = function(*args)
        if function.counts()["calls_as_written"] > before and not function.worth()[0]:
            return result
    raise AssertionError(f"all calls were traced: {function.counts()}, {function.worth()}")


def _below(values: list[int], limit: int) -> list[int]:
    found = []
    if limit < 0:
        time.sleep(0)  # without it nothing could run beside something else, and no call would be traced
    for each in values:
        if each < limit:
            found.append(each)
    return found


def test_a_loop_over_numbers_runs_as_it_is_written() -> None:
    values = list(range(300))
    function = xcs.jit(_below)
    assert _until_as_written(function, values, 7) == _below(values, 7)
    _, spent_ms, gained_ms = function.worth()
    assert spent_ms > 1 > gained_ms
    assert "ran as it is written in" in xcs.explain(function)
    assert f"tracing had cost {spent_ms:.3f} ms" in xcs.explain(function)
    assert "_below" in xcs.get_jit_stats()["functions_as_written"]


def test_a_call_that_is_to_be_explained_is_traced() -> None:
    def stripped(text: str) -> str:
        return text.strip()

    function = xcs.jit(lambda values: [stripped(each) for each in values])
    values = [" a "] * 100
    _until_as_written(function, values)
    before = function.counts()
    assert len(xcs.trace(function, values)) == 100
    xcs.explain(function, values)
    after = function.counts()
    assert after["calls"] == before["calls"] + 2
    assert after["calls_as_written"] == before["calls_as_written"]


def test_each_call_is_traced_where_the_configuration_says_so() -> None:
    function = xcs.jit(lambda values: _below(values, 3), adaptive=False)
    for _ in range(3000):
        function([1, 2, 3, 4, 5])
    assert function.counts()["calls_as_written"] == 0


def test_calls_that_wait_beside_each_other_stay_traced() -> None:
    def model(x: int) -> int:
        time.sleep(0.0005)
        return x + 1

    @xcs.jit
    def ensemble(x: int) -> list[int]:
        total = 0
        for i in range(200):  # what tracing costs something for
            total += i
        return [model(x) for _ in range(8)]

    for i in range(200):
        assert ensemble(i) == [i + 1] * 8
    assert ensemble.counts()["calls_as_written"] == 0


def test_arrays_in_one_pass_stay_traced() -> None:
    @xcs.jit
    def energy(a: Any, b: Any) -> Any:
        return (a * b + a) * 0.5 - a

    a = np.linspace(0, 1, 100_000)
    for _ in range(300):
        energy(a, a)
    assert energy.counts()["calls_as_written"] == 0


def test_calls_that_take_long_are_traced_again() -> None:
    @xcs.jit
    def answers(models: list[Callable[[int], int]], x: int) -> list[int]:
        return [model(x) for model in models]

    def slow(x: int) -> int:
        time.sleep(0.02)
        return x

    models = [lambda x: x] * 30
    assert _until_as_written(answers, models, 1) == [1] * 30

    def seconds() -> float:
        start = time.perf_counter()
        assert answers([slow] * 10, 2) == [2] * 10
        return time.perf_counter() - start

    assert takes_below(0.1, seconds)  # beside each other; 0.2 one after another
    assert answers.worth()[0]


def test_functions_that_are_made_again_and_again_have_one_account() -> None:
    def made(n: int) -> Any:
        @xcs.jit
        def below(values: list[int]) -> int:
            return len([each for each in values if each < n]) or len(_below([], n))

        return below

    values = list(range(200))
    for n in range(2000):
        function = made(n % 100)
        assert function(values) == n % 100
        if function.counts()["calls_as_written"]:
            break
    assert function.counts()["calls_as_written"] == 1


def _fibonacci(n: int) -> int:
    known = [1, 1]
    for _ in range(2, n + 1):
        known.append(known[-1] + known[-2])
    return known[n]


def test_recursion_ends_to_be_traced_inside_of_a_call() -> None:
    @xcs.jit
    def paths(n: int) -> int:
        return 1 if n < 2 else paths(n - 1) + paths(n - 2) if n > 0 else len(_below([], n))

    assert paths(20) == _fibonacci(20)
    assert paths.counts()["calls_as_written"] > 0


def test_recursion_through_a_cache_ends_to_be_traced_and_calls_once() -> None:
    calls = []

    @functools.cache
    @xcs.jit
    def paths(n: int) -> int:
        return number(n) if n < 2 else paths(n - 1) + paths(n - 2)

    def number(n: int) -> int:
        calls.append(n)
        return 1

    number = xcs.opaque(number)
    assert paths(300) == _fibonacci(300)
    assert paths.__wrapped__.counts()["calls_as_written"] > 0
    assert sorted(calls) == [0, 1]


def test_a_body_that_is_run_again_does_what_it_did() -> None:
    """What was called as written is not traced in a repeated attempt, nor the other way round."""
    calls = []

    def note(x: int) -> str:
        calls.append(x)
        return str(x)

    @xcs.jit
    def name(x: int, values: list[int]) -> str:
        n = 0
        for each in _below(values, 1_000):
            n += each
        return note(x) if n >= 0 else ""

    @xcs.jit
    def names(count: int, values: list[int]) -> str:
        made = [name(i, values) for i in range(count)]
        return ", ".join(made)  # takes no tracers: all is run again with the texts

    values = list(range(100))
    for _ in range(30):
        calls.clear()
        assert names(40, values) == ", ".join(map(str, range(40)))
        assert calls == list(range(40))
    assert name.counts()["calls_as_written"] > 0


def test_calls_in_a_cache_find_what_those_before_left() -> None:
    calls = []

    @functools.lru_cache(maxsize=2)
    def ask(question: str) -> list[str]:
        time.sleep(0.001)
        calls.append(question)
        return [question]

    def program() -> tuple[Any, ...]:
        made = [ask(each) for each in ("a", "a", "b", "a", "c", "b")]
        return made, [one is other for one, other in zip(made, made[1:])], ask.cache_info()

    expected, expected_calls = program(), list(calls)
    ask.cache_clear()
    calls.clear()
    assert xcs.jit(program)() == expected
    assert calls == expected_calls


def test_code_that_computes_arrays_is_always_traced() -> None:
    """NumPy's last bits are others than those of passes over arrays: which ones come out does not depend on how long calls took."""

    def shares(values: Any) -> Any:
        return np.exp(values) / np.exp(values).sum()

    def of_numbers(count: int) -> Any:
        return shares(np.arange(count) / count)

    for function, argument in ((shares, np.linspace(0, 1, 5000)), (of_numbers, 5000)):
        traced = xcs.jit(function)
        first = traced(argument)
        assert all(np.array_equal(traced(argument), first) for _ in range(500))
        assert traced.counts()["calls_as_written"] == 0


def test_small_arrays_have_numpys_bits_whether_the_call_is_traced_or_not() -> None:
    def shares(values: Any) -> Any:
        values = values + 1
        values[0] = values.mean()
        return np.exp(values) / np.exp(values).sum() + np.where(values > 1.5, np.sin(values), 0.0)

    for size in (1, 3, 37, 4000):
        traced = xcs.jit(shares)
        values = np.linspace(0, 1, size)
        assert all(np.array_equal(traced(values), shares(values)) for _ in range(2000))
        assert 0 < traced.counts()["calls_as_written"] < 2000


def test_a_function_of_large_arrays_runs_as_written_for_small_ones() -> None:
    def grown(values: Any) -> Any:
        return values * 1.5 + values

    traced = xcs.jit(grown)
    large = np.linspace(0, 1, 10_000)
    traced(large)
    _until_as_written(traced, np.ones(3))
    before = traced.counts()["calls_as_written"]
    traced(large)
    assert traced.counts()["calls_as_written"] == before


def test_a_loop_over_the_elements_of_a_large_array_runs_as_written() -> None:
    def total(values: Any) -> Any:
        most = 0.0
        for each in values:
            most = max(most, float(each))
        return most

    traced = xcs.jit(total)
    _until_as_written(traced, np.linspace(0, 1, 10_000))


def test_a_function_that_is_given_large_arrays_later_is_traced_then() -> None:
    traced = xcs.jit(_twice)
    _until_as_written(traced, 3)
    before = traced.counts()["calls_as_written"]
    traced(np.ones(5000))
    assert traced.counts()["calls_as_written"] == before


def _twice(value: Any) -> Any:
    return value + value
