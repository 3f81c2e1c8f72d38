# SPDX-License-Identifier: Apache-2.0
"""Calls in which nothing could run beside something else run as they are written, from the first one on; others are traced."""

from __future__ import annotations

import dataclasses
import functools
import logging
import math
import operator
import random
import re
import sys
import threading
import time
import types
from collections import Counter, deque
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from omega import xcs


@dataclasses.dataclass
class Node:
    value: int
    below: list[Node] = dataclasses.field(default_factory=list)

    def total(self) -> int:
        return self.value + sum(each.total() for each in self.below)


class Stack(list[int]):
    def __init__(self, *values: int) -> None:
        super().__init__(values)

    @property
    def top(self) -> int:
        return self[-1]


def gcd(a: int, b: int) -> int:
    return a if b == 0 else gcd(b, a % b)


def sort_in_place(values: list[int]) -> list[int]:
    for i in range(len(values)):
        for j in range(len(values) - 1 - i):
            if values[j] > values[j + 1]:
                values[j], values[j + 1] = values[j + 1], values[j]
    return values


def words(text: str) -> dict[str, int]:
    found = Counter(re.findall(r"\w+", text.lower()))
    return dict(sorted(found.items(), key=operator.itemgetter(1)))


def stack_of(count: int) -> tuple[int, int]:
    stack = Stack()
    for i in range(count):
        stack.append(int(math.sqrt(i)))
    return stack.top, len(stack)


def queue_of(count: int) -> list[int]:
    queue = deque(range(count))
    return [queue.popleft() if random.Random(i).random() < 0.5 else queue.pop() for i in range(count // 2)]


def timed(count: int) -> bool:
    start = time.perf_counter()
    return sum(range(count)) > 0 and time.perf_counter() >= start


def of_file(path: str) -> int:
    logging.getLogger("of_file").debug("reading")
    with open(path) as lines:
        return sum(len(each) for each in lines)


@xcs.jit
class Doubling(xcs.Operator):
    def forward(self, x: int) -> int:
        return 2 * x


def made_inside(n: int) -> int:
    @xcs.jit
    def deeper(i: int) -> int:
        return i if i >= n else deeper(i + 1)

    return int(deeper(0))


@functools.cache
def paths(n: int) -> int:
    return 1 if n < 2 else paths(n - 1) + paths(n - 2)


def tree() -> Node:
    return Node(1, [Node(i, [Node(j) for j in range(5)]) for i in range(40)])


@pytest.mark.parametrize(
    ("function", "make_arguments"),
    [
        (gcd, lambda: (1071, 462)),
        (sort_in_place, lambda: ([5, 3, 9, 1, 7],)),
        (words, lambda: ("to be or not to be",)),
        (stack_of, lambda: (30,)),
        (queue_of, lambda: (20,)),
        (timed, lambda: (20,)),
        (lambda n: paths(n), lambda: (20,)),
        (made_inside, lambda: (5,)),
        (lambda operator, x: operator(x), lambda: (Doubling(), 4)),
        (lambda path: of_file(path), lambda: (__file__,)),
        (lambda node: node.total(), lambda: (tree(),)),
        (lambda function, values: [function(each) for each in values], lambda: (lambda x: x + 1, [1, 2])),
        (lambda function, values: list(map(function, values)), lambda: (functools.partial(pow, 2), range(3))),
        (lambda values, most=sys.maxsize, *, key=len: max(values, key=key), lambda: (["a", "bc"],)),
        (lambda table: {key: sorted(value) for key, value in table.items()}, lambda: ({"a": {3, 1}, "b": {2}},)),
    ],
)
def test_what_only_computes_in_python_runs_as_it_is_written(function: Callable[..., Any], make_arguments: Callable[[], tuple[Any, ...]]) -> None:
    given, expected_given = make_arguments(), make_arguments()
    traced = xcs.jit(function)
    assert traced(*given) == function(*expected_given)
    assert callable(given[0]) or given == expected_given
    counts = traced.counts()
    assert (counts["calls"], counts["calls_as_written"], counts["operations"]) == (1, 1, 0)


def wait(x: Any) -> Any:
    time.sleep(0.0001)
    return x


class Model:
    def __call__(self, x: Any) -> Any:
        return wait(x)

    def answer(self, x: Any) -> Any:
        return wait(x)


class Client:
    def __init__(self) -> None:
        self.notes = [Node(i) for i in range(200)]
        self.tables = [{str(i): [i]} for i in range(200)]
        self.parts = {"models": [Model(), Model()]}


class Slow:
    def __init__(self, x: int) -> None:
        self.x = wait(x)


class Measured:
    @property
    def length(self) -> int:
        return int(wait(3))

    def __len__(self) -> int:
        return int(wait(4))


MODELS: dict[str, Any] = {"first": [Model()]}
model = Model()
elsewhere = types.ModuleType("elsewhere")
elsewhere.wait = wait  # type: ignore[attr-defined]


def closed_over() -> Callable[[int], list[Any]]:
    import time

    def waiting(x: int) -> int:
        time.sleep(0.0001)
        return x

    return lambda x: [waiting(x), waiting(x)]


def importing(x: int) -> int:
    from time import sleep

    sleep(0.0001)
    return x


def of_library(x: int) -> int:
    done = threading.Event()
    done.wait(0.0001)
    return x


@pytest.mark.parametrize(
    ("function", "make_argument"),
    [
        (lambda x: [wait(x), wait(x)], lambda: 1),
        (lambda x: [importing(x), importing(x)], lambda: 1),
        (lambda x: [of_library(x), of_library(x)], lambda: 1),
        (closed_over(), lambda: 1),
        (lambda x: [model(x), model(x)], lambda: 1),
        (lambda x: [each(x) for each in MODELS["first"]], lambda: 1),
        (lambda x: [elsewhere.wait(x), elsewhere.wait(x)], lambda: 1),
        (lambda x: Slow(x).x, lambda: 1),
        (lambda x: [x(1), x(2)], lambda: model),
        (lambda x: [x(1), x(2)], lambda: model.answer),
        (lambda x: [x(1), x(2)], lambda: functools.partial(wait)),
        (lambda x: [x(1), x(2)], lambda: xcs.opaque(abs)),
        (lambda x: [x(1), x(2)], lambda: xcs.jit(wait)),
        (lambda x: [each(1) for each in x["all"]], lambda: {"all": (abs, wait)}),
        (lambda x: [each.answer(1) for each in x.parts["models"]], Client),
        (lambda x: x.length + len(x), Measured),
        (lambda x: [each + 1 for each in x], lambda: (wait(i) for i in range(3))),
        (lambda x, call=wait: [call(x), call(x)], lambda: 1),
        (lambda x, *, call=wait: [call(x), call(x)], lambda: 1),
        (lambda x: float(np.arange(x).sum()), lambda: 3),
        (lambda x: x * 2, lambda: np.ones(3)),
        (lambda x: x["a"] * 2, lambda: {"a": np.ones(3)}),
        (lambda x: [globals()["wait"](x)], lambda: 1),
        (lambda x: [getattr(elsewhere, name)(x) for name in ["wait"]], lambda: 1),
        (lambda x: [each(1) for each in x], lambda: [wait, *[abs] * 50]),
        (lambda x: [eval("wait(x)", globals(), {"x": x})], lambda: 1),  # noqa: S307
    ],
)
def test_what_waits_or_computes_with_arrays_is_traced(function: Callable[[Any], Any], make_argument: Callable[[], Any]) -> None:
    traced = xcs.jit(function)
    traced(make_argument())
    assert traced.counts()["calls_as_written"] == 0


def test_arguments_by_keyword_are_looked_at() -> None:
    traced = xcs.jit(lambda values, call: [call(each) for each in values])
    assert traced([1, 2], call=str) == ["1", "2"]
    assert traced.counts()["calls_as_written"] == 1
    assert traced([1, 2], call=wait) == [1, 2]
    assert traced.counts()["calls_as_written"] == 1


called = abs


def test_what_code_names_is_looked_at_again() -> None:
    global called
    traced = xcs.jit(lambda values: [called(each) for each in values])
    assert traced([-1]) == [1]
    assert traced.counts()["calls_as_written"] == 1
    called = wait
    try:
        time.sleep(0.1)
        assert traced([-1]) == [-1]
        assert traced.counts()["calls_as_written"] == 1
    finally:
        called = abs


def test_traced_functions_that_such_a_call_calls_are_part_of_it() -> None:
    inner = xcs.jit(lambda x: x + 1)
    always = xcs.jit(lambda x: x + 1, adaptive=False)
    outer = xcs.jit(lambda values: [inner(each) + always(each) for each in values])
    assert outer([1, 2]) == [4, 6]
    assert (outer.counts()["calls_as_written"], inner.counts()["calls_as_written"], always.counts()["calls_as_written"]) == (1, 2, 0)


def test_a_call_that_is_asked_for_is_traced() -> None:
    inner = xcs.opaque(abs)
    traced = xcs.jit(lambda values: [each + 1 for each in values])
    traced([1])
    assert "ran as it is written in 1 of 1 calls: nothing that it can call waits or computes with arrays" in xcs.explain(traced)
    assert "nothing that it can call waits" in str(xcs.get_jit_stats()["functions_as_written"])
    assert "operations" in xcs.explain(xcs.jit(lambda values: [inner(each) for each in values]), [1, 2])
    before = traced.counts()["calls_as_written"]
    xcs.trace(traced, [1])
    assert traced.counts()["calls_as_written"] == before


class Lazy:
    """An object that says at the first question what it is, as proxies do."""

    asked: list[str] = []

    def __getattribute__(self, name: str) -> Any:
        Lazy.asked.append(name)
        return object.__getattribute__(self, name)

    def __eq__(self, other: object) -> bool:
        Lazy.asked.append("==")
        return self is other

    def __hash__(self) -> int:
        Lazy.asked.append("hash")
        return 1


lazy = Lazy()


def test_looking_runs_nothing_of_the_program() -> None:
    traced = xcs.jit(lambda x, y=lazy: len([x, y, [lazy]]))
    Lazy.asked.clear()
    assert traced(Lazy()) == 3
    assert traced.counts()["calls_as_written"] == 1
    assert Lazy.asked == []


def test_looking_into_arguments_is_put_to_the_account() -> None:
    """Where it costs more than the calls, they run without it after a while; where they take long, it goes on."""
    below = xcs.jit(lambda table: len(table))
    table = {str(i): [[i]] for i in range(300)}
    for _ in range(40_000):  # looking at each would take some 400 ms
        below(table)
    assert not below.worth()[0]
    assert below.worth()[1] < 100  # 5 ms, and what other programs take meanwhile
    assert below.counts()["calls_as_written"] == 40_000


@pytest.mark.parametrize("parallel", [True, False])
def test_such_calls_within_a_trace_are_operations(parallel: bool) -> None:
    inner = xcs.jit(lambda x, y: [x, y])
    outer = xcs.jit(lambda x: inner(wait(x), inner(1, 2)), parallel=parallel)
    assert outer(7) == [7, [1, 2]]
    assert outer.counts()["calls_as_written"] == 0
