# SPDX-License-Identifier: Apache-2.0
"""What calls in traced functions change: in the program's order, once."""

from __future__ import annotations

import random
import time
from typing import Any

import numpy as np
import pytest

from omega import xcs

LOG: list[Any] = []
STATE = {"n": 0}


@xcs.opaque
def ask(x: Any) -> Any:
    time.sleep(0.001)
    return x


def test_effects_keep_their_order_and_happen_once() -> None:
    def log(x: Any) -> Any:
        LOG.append(x)
        return x

    @xcs.jit
    def function(n: int, out: list[int]) -> Any:
        results = []
        for i in range(n):
            results.append(log(ask(i)))
            out.append(i * 10)
            STATE["n"] += 1
        print(*results)
        return "-".join(str(x) for x in results)

    LOG.clear()
    out: list[int] = []
    assert function(5, out) == "0-1-2-3-4"
    assert LOG == [0, 1, 2, 3, 4]
    assert out == [0, 10, 20, 30, 40]
    assert STATE["n"] == 5


def test_output_keeps_its_order(capsys: pytest.CaptureFixture[str]) -> None:
    @xcs.jit
    def function() -> None:
        for i in range(4):
            print("line", ask(i))

    function()
    assert capsys.readouterr().out == "line 0\nline 1\nline 2\nline 3\n"


def shows(x: Any) -> Any:
    print(x, end=" ")
    return x


def shows_by_another(x: Any) -> Any:
    return [shows(x)]


def shows_by_keyword(x: Any) -> Any:
    return shows(x=x)


def shows_by_list(x: Any) -> Any:
    return shows(*[x])


class Shower:
    def show(self, x: Any) -> Any:
        return len([shows(x)])


SHOWER = Shower()


def shows_by_method(x: Any) -> Any:
    return SHOWER.show(x)


@pytest.mark.parametrize("function", [shows, shows_by_another, shows_by_keyword, shows_by_list, shows_by_method, SHOWER.show])
def test_output_of_what_is_called_keeps_its_order(function: Any, capsys: pytest.CaptureFixture[str]) -> None:
    traced = xcs.jit(lambda: [function(i) for i in range(5)], adaptive=False)
    traced()
    assert capsys.readouterr().out == "0 1 2 3 4 "
    assert "calls print() (line" in xcs.explain(traced)


def test_calls_of_an_object_that_changes_itself_keep_their_order() -> None:
    class Counting:
        def __init__(self) -> None:
            self.seen: list[int] = []

        def __call__(self, x: int) -> int:
            time.sleep(0.001 * (3 - x))
            self.seen.append(x)
            return len(self.seen)

    counting = Counting()
    assert xcs.jit(lambda: [counting(i) for i in range(3)])() == [1, 2, 3]
    assert counting.seen == [0, 1, 2]


def test_arguments_of_calls_are_those_at_the_call() -> None:
    seen: list[Any] = []

    @xcs.opaque
    def late(values: list[int]) -> int:
        time.sleep(0.005)
        seen.append(list(values))
        return len(values)

    @xcs.jit
    def function() -> Any:
        values = [1]
        first = late(values)
        values.append(2)
        second = late(values)
        return first, second

    assert function() == (1, 2)
    assert sorted(seen) == [[1], [1, 2]]


def test_what_a_call_writes_is_ordered_with_array_code() -> None:
    def write(x: Any) -> Any:
        x[0] = 100
        return x.sum()

    def function(x: Any) -> Any:
        before = x * 2
        total = write(x)
        return before, total, x + 1

    for adaptive in (True, False):
        for one, other in zip(xcs.jit(function, adaptive=adaptive)(np.arange(4.0)), function(np.arange(4.0)), strict=True):
            np.testing.assert_array_equal(one, other)


def test_containers_of_the_caller_are_changed_and_given_back() -> None:
    def function(table: dict[str, Any], values: list[Any]) -> Any:
        table["k"] = ask(3)
        values += [ask(1)]
        values.sort()
        table.setdefault("z", []).append(ask(2))
        del values[0]
        return table, values, table["k"]

    results = []
    for each in (function, xcs.jit(function)):
        table: dict[str, Any] = {}
        values = [5]
        result = each(table, values)
        assert result[0] is table
        assert result[1] is values
        results.append(result)
    assert results[0] == results[1]


def test_random_numbers_keep_their_order() -> None:
    def draw() -> Any:
        return [random.random() + float(np.random.rand()) for _ in range(4)]  # noqa: S311, NPY002

    results = []
    for function in (draw, xcs.jit(draw)):
        random.seed(1)
        np.random.seed(1)  # noqa: NPY002
        results.append(function())
    assert results[0] == results[1]


NUMBERS_SEEN: list[int] = []


def note_and_step(numbers: Any, x: int) -> int:
    NUMBERS_SEEN.append(x)
    return int(next(numbers))


def steps_until_the_end(numbers: Any) -> list[int]:
    return [note_and_step(numbers, x) for x in range(9)]


def steps_beyond_the_end(numbers: Any) -> int:
    found = 0
    for x in range(4):
        try:
            found += note_and_step(numbers, x)
        except StopIteration:
            NUMBERS_SEEN.append(-1)
    return range(time.sleep(0.001), found)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("body", [steps_until_the_end, steps_beyond_the_end])
def test_a_call_that_meets_the_end_of_an_iterator_runs_once(body: Any) -> None:
    ends: list[Any] = []
    for function in (body, xcs.jit(body, adaptive=False)):
        NUMBERS_SEEN.clear()
        with pytest.raises((StopIteration, TypeError)) as raised:
            function(iter([1, 2, 3]))
        ends.append((raised.type, list(NUMBERS_SEEN)))
    assert ends[0] == ends[1]
