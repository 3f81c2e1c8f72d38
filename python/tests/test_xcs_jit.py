# SPDX-License-Identifier: Apache-2.0
"""Traced functions do what the functions as they were written do, each call once."""

from __future__ import annotations

import dataclasses
import functools
import gc
import inspect
import json
import pickle
import random
import subprocess
import sys
import threading
import time
import traceback
import weakref
from collections import Counter
from typing import Any, NamedTuple

import pytest
from collected import is_collected

from omega import xcs

LOG: list[Any] = []
FACTOR = 2


class Model:
    """A model call that waits, as one over a network does, and counts."""

    def __init__(self, name: str, seconds: float = 0.002) -> None:
        self.name = name
        self.calls = 0
        self.seconds = seconds

    def __call__(self, prompt: Any) -> str:
        self.calls += 1
        time.sleep(self.seconds)
        return f"{self.name}({prompt})"


@xcs.opaque
def ask(x: Any) -> Any:
    time.sleep(0.001)
    return x


def test_what_tools_ask_of_a_function_traced_functions_have() -> None:
    def program(x: int, y: int = 2, *, z: int = 3) -> int:
        return x + y + z

    traced = xcs.jit(program)
    for name in ("__code__", "__defaults__", "__kwdefaults__", "__globals__", "__closure__", "__annotations__"):
        assert getattr(traced, name) is getattr(program, name)
    assert inspect.signature(traced) == inspect.signature(program)


def test_the_ensemble_as_written() -> None:
    @xcs.jit
    class EnsembleOperator(xcs.Operator):
        def __init__(self, models: list[Model]) -> None:
            self.models = models

        def forward(self, inputs: str) -> list[str]:
            results = []
            for model in self.models:
                results.append(model(inputs))  # Parallel opportunity
            return results

    models = [Model(f"m{i}") for i in range(20)]
    ensemble = EnsembleOperator(models)
    for prompt in ("a", "b"):
        assert ensemble(prompt) == [f"m{i}({prompt})" for i in range(20)]
    assert [model.calls for model in models] == [2] * 20
    ensemble.models = models[:3]
    assert len(ensemble("c")) == 3
    explanation = xcs.explain(EnsembleOperator)
    assert "20 operations, longest chain 1" in explanation
    assert "map: 20 calls of `Model` that do not depend on each other, joined by `list` (parallel)" in explanation
    assert "ensemble: 20 calls of the same inputs, joined by `list` (parallel)" in explanation


class Point(NamedTuple):
    x: Any
    y: Any


@dataclasses.dataclass
class Answer:
    text: Any
    score: Any = 0
    parts: list[Any] = dataclasses.field(default_factory=list)


def structures(a: Any, b: int) -> Any:
    first, second = ask([a, b])
    table = {"k": ask(b), "nested": [(ask(1), {"x": ask({"y": b})["y"]})]}
    table["new"] = ask(3) + table["k"]
    answer = Answer(ask("t"), score=ask(b) * 2 - 1, parts=[ask(i) for i in range(3)])
    answer.parts.append(ask("end"))
    return [first, second, table, Point(ask(1), y=ask(2)), answer, {ask(5), 6}, *[ask(i) for i in range(2)]]


def branches(a: Any, b: int) -> Any:
    total = 0
    for i in range(ask(b)):
        value = ask(i)
        if value % 2 == 0:
            total += value
        elif not value > 3 or value in (5, 7):
            total -= ask(value)
    while ask(total) < 10:
        total += 3
    return total, "big" if ask(b) > 3 else "small", bool(ask(0)), ask(None) or "none"


def texts(a: Any, b: int) -> Any:
    draft = ask(f"draft {a}")
    review = ask("review of " + draft)
    words = draft.upper().split()
    return ", ".join([draft, review]), f"{draft}|{review:>20}|{ask(b):03d}", "%s-%s" % (ask(1), ask(b)), words[0], len(draft), str(ask(3)), draft.replace("d", ask("x"))


def builtin_functions(a: Any, b: int) -> Any:
    xs = [ask(i) for i in (3, 1, 2)]
    answer = ask(Answer("t"))
    return (
        sum(xs), min(xs), max(xs), sorted(xs), len(xs), list(zip(xs, xs, strict=True)), dict(enumerate(xs)), list(map(ask, xs)), [*filter(None, xs)],
        isinstance(ask("x"), str), isinstance(answer, Answer), type(ask(1)) == int, hasattr(answer, "text"), getattr(answer, "nothing", 7), callable(ask(3)),
        answer.text, round(ask(2.567), 1), abs(ask(-3)), divmod(ask(7), 2), int(ask("4")), float(ask(3)), any(xs), all(xs), json.dumps({"k": ask(1)}),
        functools.reduce(lambda x, y: x + y, xs), ask(5) // 2, 2 ** ask(3), -ask(1), ask([1, 2, 3])[1:], repr(ask("r")), ask("a") == "a",
    )  # fmt: skip


def objects(a: Any, b: int) -> Any:
    model = Model("inner", 0)
    one = model(ask("x"))
    other = model("y")
    made = ask(Model("late", 0))
    values = ask([1])
    values.append(ask(2))
    values.append(3)
    values += [4]
    return one, other, model.calls, made("z"), values, model.name


@pytest.mark.parametrize("function", [structures, branches, texts, builtin_functions, objects])
def test_natural_code(function: Any) -> None:
    traced = xcs.jit(function)
    for a, b in (("p", 3), ("q", 8), ("", 0)):
        assert traced(a, b) == function(a, b)
    assert traced.reason is None


def test_random_programs_give_what_python_gives() -> None:
    def statement(rng: random.Random, names: list[str], i: int) -> str:
        x, y = rng.choice(names), rng.choice(names)
        new = f"v{i}"
        line = rng.choice(
            [
                f"{new} = ask({x}) + {y}", f"{new} = {x} * 2 - ask({y})", f"{new} = ask([{x}, {y}])[{rng.randrange(2)}]", f"{new} = note({x})",
                f"{new} = {x} if {y} > {rng.randrange(9)} else ask({y})", f"{new} = sum([ask(k) + {x} for k in range({rng.randrange(4)})])",
                f"{new} = int('1' + ''.join([str(ask(abs({x}) % 7)), '0']))", f"{new} = inner(ask({x}), {y})", f"{new} = len(str({x})) + ask({y})",
                f"{new} = {{'a': ask({x}), 'b': {y}}}['a']", f"{new} = max(ask({x}), {y})",
            ]
        )  # fmt: skip
        names.append(new)
        return line

    def note(x: Any) -> Any:
        LOG.append(x)
        return x

    for seed in range(60):
        rng = random.Random(seed)
        names = ["a", "b"]
        lines = [statement(rng, names, i) for i in range(rng.randrange(3, 15))]
        source = "def program(a, b):\n" + "".join(f"    {line}\n" for line in lines) + f"    return [{', '.join(names)}]\n"
        scope = {"ask": ask, "note": note, "inner": xcs.jit(lambda x, y: ask(x) - y * ask(2))}
        exec(source, scope)  # noqa: S102
        program = scope["program"]
        traced = xcs.jit(program)
        for a, b in ((1, 2), (5, -3)):
            LOG.clear()
            expected = program(a, b)
            noted = list(LOG)
            LOG.clear()
            assert traced(a, b) == expected, source
            assert noted == LOG, source


def test_nothing_stale_is_used() -> None:
    factor = 3
    options = {"k": 1}

    class Holder:
        value = 1

    holder = Holder()

    @xcs.jit
    def function(x: int, prompt: str, default: int = 10) -> Any:
        return ask(x) * FACTOR * factor + options["k"] + holder.value + default, ask(prompt)

    global FACTOR  # noqa: PLW0603
    try:
        assert function(1, "a") == (1 * 2 * 3 + 12, "a")
        factor = 5
        assert function(1, "b") == (1 * 2 * 5 + 12, "b")
        FACTOR = 7
        options["k"] = 2
        holder.value = 4
        assert function(1, "b") == (1 * 7 * 5 + 16, "b")
        function.function.__defaults__ = (20,)
        assert function(1, "c") == (1 * 7 * 5 + 26, "c")
    finally:
        FACTOR = 2


@pytest.mark.parametrize("slow_first", [True, False])
def test_the_first_failure_in_the_programs_order_is_raised(slow_first: bool) -> None:
    def fail(name: str, seconds: float) -> None:
        time.sleep(seconds)
        raise ValueError(name)

    @xcs.jit
    def function() -> Any:
        return [fail("first", 0.02 if slow_first else 0), fail("second", 0 if slow_first else 0.02), ask(1)]

    with pytest.raises(ValueError, match="first") as caught:
        function()
    frames = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert "fail" in frames
    assert any("test_xcs_jit.py" in note for note in getattr(caught.value, "__notes__", []))


def test_a_failing_function_runs_once() -> None:
    counts: Counter[str] = Counter()
    lock = threading.Lock()

    @xcs.opaque
    def count(name: str) -> str:
        with lock:
            counts[name] += 1
        return name

    @xcs.jit
    def function() -> str:
        text = count("a") + count("b")
        raise KeyError(text)

    with pytest.raises(KeyError, match="ab"):
        function()
    assert counts == {"a": 1, "b": 1}


def test_results_handed_to_code_that_takes_no_tracers() -> None:
    counts: Counter[str] = Counter()

    @xcs.opaque
    def count(name: str) -> str:
        counts[name] += 1
        return name

    @xcs.jit
    def function() -> str:
        first = ",".join([count("a"), count("b")])
        return ";".join([count(first), count("c")]) + bytes([ask(65)]).decode()

    assert function() == "a,b;cA"
    assert counts == {"a": 1, "b": 1, "a,b": 1, "c": 1}
    assert xcs.get_jit_stats(function)["replays"] > 0


def _reads_is(x: Any) -> Any:
    r = ask(x)
    return 0 if r is None else r


def _has_try(x: Any) -> Any:
    try:
        return ask(x)
    except ValueError:
        return None


def _has_with(x: Any) -> Any:
    with threading.Lock():
        return ask(x)


def _sets_global(x: Any) -> Any:
    global _written  # noqa: PLW0603
    _written = ask(x)
    return _written


def _matches(x: Any) -> Any:
    match ask(x):
        case [a, *_]:
            return a
        case _:
            return x


def _generates(x: Any) -> Any:
    yield ask(x)


async def _awaits(x: Any) -> Any:
    return x


def _defines(x: Any) -> Any:
    class Local:
        value = x

    return Local.value


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (_reads_is, "by `is`"), (_has_try, "try or with"), (_has_with, "try or with"), (_sets_global, "assigns the global `_written`"),
        (_matches, "matches patterns"), (_generates, "generator"), (_awaits, "coroutine"), (_defines, "defines a class"), (len, "no Python function"),
    ],
)  # fmt: skip
def test_what_cannot_be_traced_says_why_and_runs_as_it_is(function: Any, reason: str) -> None:
    traced = xcs.jit(function)
    assert reason in xcs.explain(traced)
    if function is _generates:
        assert list(traced(3)) == [3]
    elif function is _awaits:
        traced(3).close()
    else:
        assert traced([3]) == function([3])
    assert xcs.get_jit_stats(traced)["untraced_calls"] == 1


def test_traced_functions_call_each_other() -> None:
    @xcs.jit
    def inner(x: int) -> Any:
        return ask(x) + ask(1)

    @xcs.jit
    def outer(x: int) -> Any:
        return [inner(i) for i in range(x)], _untraced(x)

    _untraced = xcs.jit(_has_try)
    assert outer(3) == ([1, 2, 3], 3)
    assert xcs.get_jit_stats(inner)["calls_within_traces"] == 3

    @xcs.jit
    def factorial(n: int) -> Any:
        return 1 if n == 0 else ask(n) * factorial(n - 1)

    assert factorial(10) == 3628800

    @xcs.jit
    class Child(xcs.Operator):
        def forward(self, x: int) -> Any:
            return ask(x) * 2

    @xcs.jit
    class Parent(xcs.Operator):
        def __init__(self) -> None:
            self.children = {"a": Child(), "b": Child()}

        def forward(self, x: int) -> Any:
            return {name: child(x) for name, child in self.children.items()}

    assert Parent()(4) == {"a": 8, "b": 8}


def test_methods_and_properties() -> None:
    class Service:
        def __init__(self) -> None:
            self.base = 1

        @xcs.jit
        def both(self, x: int) -> Any:
            return self.one(x), self.two(x), self.base

        def one(self, x: int) -> int:
            return x + self.base

        @property
        def shifted(self) -> int:
            return self.base + 1

        @xcs.jit
        def two(self, x: int) -> Any:
            return ask(x) * self.shifted

        @staticmethod
        @xcs.jit
        def three(x: int) -> Any:
            return ask(x)

    service = Service()
    assert service.both(5) == (6, 10, 1)
    assert Service.three(4) == 4


def test_nothing_leaks() -> None:
    class Big:
        alive = 0

        def __init__(self) -> None:
            Big.alive += 1

        def __del__(self) -> None:
            Big.alive -= 1

    make = xcs.opaque(Big)

    def round_of() -> None:
        @xcs.jit
        def function(x: Any) -> Any:
            values = [make() for _ in range(5)]
            return [values[0], ask(x), function]

        function(make())

        @xcs.jit
        def failing(x: Any) -> Any:
            make()
            raise ValueError(ask(x))

        with pytest.raises(ValueError):  # noqa: PT011
            failing(make())

    for _ in range(20):
        round_of()
    assert is_collected([lambda: Big.alive or None])


class Link:
    """A result whose attributes and methods lead to more results."""

    def __init__(self) -> None:
        self.calls = 0
        self.next = self

    def call(self) -> int:
        self.calls += 1
        return self.calls


def link_behind(gate: threading.Event) -> tuple[Any, Any, list[weakref.ref[Link]]]:
    """A call that waits for another one, which opens the gate, and what it has made."""
    made: list[weakref.ref[Link]] = []

    def make() -> Link:
        gate.wait(timeout=60)
        link = Link()
        made.append(weakref.ref(link))
        return link

    return xcs.opaque(make), xcs.opaque(gate.set), made


def test_a_result_whose_methods_were_called_is_given_back() -> None:
    make, go, made = link_behind(threading.Event())

    @xcs.jit
    def function() -> Any:
        link = make()
        calls = [link.call(), link.call()]
        go()
        return calls

    assert function() == [1, 2]
    assert is_collected(made)


def test_a_long_chain_of_attributes_of_results() -> None:
    make, go, made = link_behind(threading.Event())

    @xcs.jit
    def function(count: int) -> Any:
        link = make()
        for _ in range(count):
            link = link.next
        go()
        return link.calls

    assert function(200_000) == 0
    assert is_collected(made)


def test_configuration_is_checked() -> None:
    with pytest.raises(ValueError, match=r"strategy: 'threads' .*did you mean 'thread'"):
        xcs.Config(strategy="threads")
    with pytest.raises(ValueError, match="max_threads: 0"):
        xcs.jit(lambda: 1, max_threads=0)
    with pytest.raises(TypeError, match=r"max_thread: .*did you mean 'max_threads'"):
        xcs.jit(max_thread=3)
    with pytest.raises(TypeError, match="cannot be called"):
        xcs.jit(3)
    with pytest.raises(TypeError, match="neither forward"):
        xcs.jit(type("Nothing", (), {}))


@xcs.jit
def picklable(x: int) -> Any:
    return ask(x)


def test_pickling() -> None:
    assert pickle.loads(pickle.dumps(picklable))(3) == 3  # noqa: S301


def test_statistics() -> None:
    function = xcs.jit(lambda: [ask(1), ask(2)])
    function()
    stats = xcs.get_jit_stats(function)
    assert stats["calls"] == 1
    assert stats["operations"] == 2
    assert xcs.get_jit_stats()["calls"] >= 1


def test_transforms() -> None:
    import numpy as np

    x = np.arange(12.0).reshape(3, 4)
    np.testing.assert_allclose(xcs.vmap(lambda r: np.tanh(r) * 2)(x), np.tanh(x) * 2)
    np.testing.assert_array_equal(xcs.vmap(lambda r: r.sum())(x), x.sum(axis=1))
    np.testing.assert_array_equal(xcs.vmap(lambda r: r * 2, in_axes=1, out_axes=1)(x), x * 2)
    np.testing.assert_array_equal(xcs.vmap(lambda a, b: a @ b, in_axes=(0, None))(x, x[0]), x @ x[0])
    np.testing.assert_array_equal(xcs.pmap(ask)(x), x)
    state, sums = xcs.scan(lambda s, v: (s + v, s * 1), 0.0, np.arange(5.0))
    assert state == 10
    np.testing.assert_array_equal(sums, [0, 0, 1, 3, 6])
    with pytest.raises(ValueError, match="no axis 2"):
        xcs.vmap(ask, in_axes=2)(x)
    with pytest.raises(ValueError, match="different lengths"):
        xcs.vmap(ask)(x, x[:2])


def test_references_are_counted_right() -> None:
    import sys

    import numpy as np

    held = object()
    array = np.ones(1000)
    function = xcs.jit(lambda x, a: [x, ask(str(id(x))), (a * 2 + 1).sum() + a, {"a": a[1:]}])
    for _ in range(10):
        function(held, array)
    before = sys.getrefcount(held), sys.getrefcount(array)
    for _ in range(200):
        function(held, array)
    gc.collect()
    assert (sys.getrefcount(held), sys.getrefcount(array)) == before


@pytest.mark.parametrize("adaptive", [True, False])
def test_recursion_without_end_is_pythons_error(adaptive: bool) -> None:
    @xcs.jit(adaptive=adaptive)
    def function(n: int) -> Any:
        return function(n + 1)

    with pytest.raises(RecursionError):
        function(0)


def test_callables_made_anew_are_known_and_given_back() -> None:
    class Large:
        pass

    def use(large: Large, x: int) -> int:
        return x + 1

    def call(n: int) -> list[weakref.ref[Large]]:
        larges = [Large() for _ in range(n)]
        wrapped = xcs.jit(lambda: [functools.partial(xcs.opaque(functools.partial(use, large)), i)() for i, large in enumerate(larges)])
        assert wrapped() == [1, 2, 3, 4, 5]
        return [weakref.ref(large) for large in larges]

    alive = call(5)
    assert is_collected(alive)

    order: list[int] = []

    def note(x: Any) -> None:
        time.sleep(0.001 * (3 - x))
        order.append(x)

    notes = [xcs.ordered(note) for _ in range(3)]
    xcs.jit(lambda: [each(i) for i, each in enumerate(notes)])()
    assert order == [0, 1, 2]


def test_recursion_ends_with_the_stack_where_python_has_no_limit() -> None:
    program = """
import sys
from omega import xcs

@xcs.jit
def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)

sys.setrecursionlimit(10**7)
print(depth(3000))
try:
    depth(10**6)
except RecursionError as error:
    print("stack" in str(error) or sys.version_info >= (3, 12))  # which has a limit of its own for C, and its words
print(depth(100))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)  # noqa: S603
    assert done.stdout.split() == ["3000", "True", "100"], done.stderr
