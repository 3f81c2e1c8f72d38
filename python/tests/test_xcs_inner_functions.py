# SPDX-License-Identifier: Apache-2.0
"""Functions that traced code defines and gives to others: they see the variables that plain Python shows them, and no tracers."""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import time
import typing
from collections.abc import Callable
from typing import Any

import pytest
from canonical import CONFIGS
from measured import takes_below

from omega import xcs

CONFIG = {"a": [1]}
REGISTERED: dict[str, Any] = {}


def later(value: Any) -> Any:
    time.sleep(0.003)
    return value


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    time.sleep(0.005)
    return function(*arguments)


def give_back(function: Any) -> Any:
    time.sleep(0.002)
    return function


def register(name: str) -> Any:
    def take(function: Any) -> Any:
        REGISTERED[name] = function
        return function

    return take


def decorated(function: Any) -> Any:
    @functools.wraps(function)
    def wrapper(*arguments: Any) -> Any:
        return "decorated", function(*arguments)

    return wrapper


class Tool:
    def __init__(self, function: Any) -> None:
        self.function = function

    def run(self, *arguments: Any) -> Any:
        return self.function(*arguments)


def each_of_a_loop(x: Any) -> Any:
    results = []
    for i in range(3):
        results.append(call(lambda: i))
    return results, [call(lambda: (y, i)) for y in (later(1), later(2))]


def before_and_after_a_change(x: Any) -> Any:
    y = [1]

    def get() -> Any:
        return y

    first = call(get)
    y = [2]
    return first, call(get), get


def that_is_kept(x: Any) -> Any:
    @register("a")
    def kept() -> Any:
        return y

    tool = Tool(lambda: y)
    y = later(1)
    found = [REGISTERED["a"](), tool.run()]
    y = later([2])
    return found, REGISTERED["a"](), tool.run(), kept()


def that_is_given_back(x: Any) -> Any:
    function = give_back(lambda: y)
    y = 1
    first = function()
    y = 2
    return first, function()


def that_is_decorated(x: Any) -> Any:
    noted = []

    @decorated
    def inner(n: int) -> Any:
        noted.append(n)
        return helper(n)

    def helper(n: int) -> Any:
        return n + k, type(x), type(CONFIG)

    k = 5
    first = inner(1)
    k = 6
    return first, inner(2), noted


def that_changes_a_container(x: Any) -> Any:
    noted = [later(1)]
    counts: dict[str, int] = {}

    def count(key: str) -> int:
        counts[key] = counts.get(key, 0) + 1
        return counts[key]

    found = [call(lambda i=i: noted.append(i)) for i in range(3)], [call(count, key) for key in "aba"]
    counts["a"] += 10
    return found, call(count, "a"), noted, counts


def that_sees_a_container(x: Any) -> Any:
    noted = [later(1)]
    found = [call(lambda: noted.append(9)), call(lambda: list(noted))]
    noted.append(later(2))
    return found, noted


def with_defaults(x: Any) -> Any:
    y = later([1])

    def inner(a: Any = y, *, b: Any = CONFIG) -> Any:
        return a, b, type(a), type(b), type(y), type(x), type(CONFIG)

    inner.noted = [later(3)]  # type: ignore[attr-defined]
    return call(inner), inner, inner.noted  # type: ignore[attr-defined]


def that_calls_itself(x: Any) -> Any:
    def fibonacci(n: int) -> int:
        return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

    return call(fibonacci, 7), fibonacci(6), call(lambda: fibonacci(5))


def in_containers(x: Any) -> Any:
    functions = {"a": lambda: x, "b": [lambda: CONFIG, functools.partial(lambda a: [a, x], later(2))]}
    return call(lambda name: functions[name](), "a"), call(functions["b"][0]), functions


def on_other_threads(x: Any) -> Any:
    pool = concurrent.futures.ThreadPoolExecutor(2)
    futures = [pool.submit(lambda i=i: [i, x]) for i in range(3)]
    return [each.result() for each in futures], [pool.submit(lambda: [i, x]).result() for i in range(3)]


def used(value: Any) -> Any:
    """A value in which functions are called."""
    if isinstance(value, (list, tuple)):
        return type(value), [used(each) for each in value]
    if isinstance(value, dict):
        return {key: used(each) for key, each in value.items()}
    if callable(value) and not isinstance(value, type):
        return "function", used(value())
    return type(value), value


PROGRAMS = [each_of_a_loop, before_and_after_a_change, that_is_kept, that_is_given_back, that_is_decorated, that_changes_a_container, that_sees_a_container]
PROGRAMS += [with_defaults, that_calls_itself, in_containers, on_other_threads]


@pytest.mark.parametrize("function", PROGRAMS)
def test_same_as_plain_python(function: Callable[..., Any]) -> None:
    expected = used(function([9]))
    for config in CONFIGS:
        traced = xcs.jit(function, **config)
        assert traced.reason is None
        for _ in range(2):
            assert used(traced([9])) == expected


def test_what_a_function_that_is_given_back_is() -> None:
    def make(x: Any) -> Any:
        def inner(y: Tool, z: "Tool | None" = None) -> Any:
            """Says so."""
            return x

        return inner

    for made in (make([1]), xcs.jit(make, adaptive=False)([1])):
        assert made.__globals__ is globals() and "CONFIG" in made.__globals__
        assert typing.get_type_hints(made) == {"y": Tool, "z": Tool | None, "return": Any}
        assert (made.__name__, made.__qualname__.rpartition(".")[2], made.__doc__, made.__module__) == ("inner", "inner", "Says so.", __name__)
        assert type(made.__closure__[0].cell_contents) is list


def test_calls_of_them_run_at_once() -> None:
    def wait(x: Any) -> Any:
        time.sleep(0.05)
        return x

    @xcs.jit
    def all_of(models: Any) -> Any:
        results = []
        for i, model in enumerate(models):
            results.append(call(lambda: model(i)))
        return results

    def seconds() -> float:
        begun = time.monotonic()
        assert all_of([wait] * 10) == list(range(10))
        return time.monotonic() - begun

    assert takes_below(0.3, seconds)  # one after another: 0.5


def test_a_function_that_defines_coroutines_runs_as_it_is() -> None:
    @xcs.jit
    def run_all(xs: Any) -> Any:
        async def one(x: Any) -> Any:
            await asyncio.sleep(0)
            return type(x).__name__, type(CONFIG).__name__, x

        async def all_of() -> Any:
            return await asyncio.gather(*[one(x) for x in xs])

        return asyncio.run(all_of())

    assert run_all.reason == "it defines the coroutine one: asyncio runs it"
    assert run_all([[1], [2]]) == [("list", "dict", [1]), ("list", "dict", [2])]
