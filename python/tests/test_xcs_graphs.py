# SPDX-License-Identifier: Apache-2.0
"""The graphs of traced calls: what they hold, the patterns in them, how they are shown."""

from __future__ import annotations

import time
from typing import Any

import pytest
from measured import grows_below

from omega import xcs


@xcs.opaque
def ask(x: Any) -> Any:
    time.sleep(0.001)
    return x


def test_graphs() -> None:
    function = xcs.jit(lambda x: ask(ask(x) + 1) + ask(2))
    graph = xcs.trace(function, 1)
    assert len(graph) == len(graph.operations)
    assert graph.longest_chain >= 3
    assert graph.svg().startswith("<svg")
    assert "ask" in graph.text()
    assert xcs.graph(function) is not None
    assert "operations" in xcs.explain(function, 2)


def retrieve(question: str) -> list[str]:
    return question.split()


def summarise(document: str) -> int:
    return len(document)


def merge(parts: list[int]) -> int:
    return max(parts)


def answer(question: str) -> int:
    return merge([summarise(document) for document in retrieve(question)])


def total(question: str) -> int:
    sizes = 0
    for document in question.split():
        sizes += summarise(document)
    return sizes


def staged(question: str) -> int:
    return merge([summarise(retrieve(question)[0])])


@pytest.mark.parametrize(
    ("function", "chain", "patterns"),
    [
        (answer, 3, ["map", "map-reduce", "fan-out/fan-in"]),
        (total, 4, ["reduce", "pipeline"]),
        (staged, 4, ["pipeline"]),
    ],
)
def test_patterns_are_found_wherever_the_calls_ran(function: Any, chain: int, patterns: list[str]) -> None:
    traced = xcs.jit(function)
    found = None
    for calls in range(200):  # at first on threads, then, known to be short, where they are called; a busy machine makes them look long
        if calls >= 4 and found is not None and {each.where for each in found.operations} == {"inline"}:
            break
        found = xcs.trace(traced, "a bb ccc")
        assert found.longest_chain == chain
        assert [each.name for each in found.patterns] == patterns
        assert traced("a bb ccc") == function("a bb ccc")
    assert found is not None and {each.where for each in found.operations} == {"inline"}
    assert "3 calls of `summarise`, folded by `merge`" in xcs.explain(xcs.jit(answer), "a bb ccc")


def test_what_the_same_inputs_are() -> None:
    @xcs.jit
    def function(same: Any, others: list[Any]) -> Any:
        return [ask(same), summarise(same), merge([len(same)])], [ask(each) for each in others]

    found = xcs.trace(function, "same", [object(), object()])
    assert [(each.name, each.operations) for each in found.patterns] == [("map", (0, 3, 4)), ("ensemble", (0, 1))]


def test_what_the_body_waited_for_is_drawn_and_counted() -> None:
    log: list[Any] = []

    @xcs.jit
    def function(x: int) -> Any:
        first, beside = ask(x), ask(x + 1)
        second = ask("n" + str(first))  # takes a text, which is no result any more
        if len(second) == 2:
            third = ask(3)
        log.append(beside)
        return ask(third), ask(4)

    for _ in range(2):
        found = xcs.trace(function, 1)
        names = [(each.name, each.needs, each.awaited) for each in found.operations]
        assert names == [
            ("ask", (), ()), ("ask", (), ()), ("ask", (), (0,)), ("ask", (), (2,)), ("append", (1,), (1, 3)), ("ask", (3,), (4,)), ("ask", (), (4,)),
        ]  # fmt: skip
        assert found.longest_chain == 5
        assert "o0 -> o2" in found.dot()
        assert "style=dashed" in found.dot()
        assert "stroke-dasharray" in found.svg()
        assert "longest chain 5" in xcs.explain(function, 1)


def test_recording_a_long_call_costs_no_more_than_each_operation() -> None:
    values: list[int] = []

    def body(n: int) -> int:
        for i in range(n):
            values.append(i)
        return n

    def seconds(n: int) -> float:
        function = xcs.jit(body, adaptive=False)
        start = time.perf_counter()
        function(n)
        return time.perf_counter() - start

    seconds(500)
    assert grows_below(100, 500, 8000, seconds)  # 16 times the operations


def test_the_first_operations_of_a_long_call_are_recorded() -> None:
    values: list[int] = []

    def body() -> int:
        for i in range(12_000):
            values.append(i)
        return len(values)

    graph = xcs.trace(body)
    assert len(values) == 12_000
    assert len(graph) == 10_000
