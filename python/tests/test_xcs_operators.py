# SPDX-License-Identifier: Apache-2.0
"""Operators and properties with effects: of results that are not there yet, and of objects that calls look at or change."""

from __future__ import annotations

import functools
import time
from typing import Any

import numpy as np
import pytest
from measured import takes_below

from omega import xcs

LOG: list[Any] = []
OBJECTS: list[Any] = []


class Plain:
    """An object whose class gets one of `MEMBERS`."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.data = np.arange(4.0) + n


def notes(name: str, result: Any = 0) -> Any:
    """A method that leaves a line in a list that others look at."""

    def method(self: Any, *_: Any) -> Any:
        LOG.append((name, self.n))
        return self.n if result == 0 else result

    return method


def counts(result: Any = None) -> Any:
    """A method that changes its object."""

    def method(self: Any, *_: Any) -> Any:
        self.n += 1
        return self.n if result is None else result

    return method


def dunder_getattr(self: Any, name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    LOG.append((name, self.n))
    return self.n


def dunder_getitem(self: Any, at: int) -> Any:
    if at > 2:
        raise IndexError
    LOG.append(("item", at))
    return self.n


def dunder_invert(self: Any) -> int:
    self.data += 10
    return 1


def dunder_iter(self: Any) -> Any:
    LOG.append(("iter", self.n))
    return iter([self.n, 1])


class Getter:
    """A descriptor of the program's."""

    def __get__(self, instance: Any, _: Any) -> Any:
        LOG.append(("got", instance.n))
        return instance.n


def kept_property() -> Any:
    kept = functools.cached_property(notes("kept"))
    kept.__set_name__(Plain, "kept")
    return kept


MEMBERS: dict[str, Any] = {
    "noted": property(notes("noted")),
    "bumped": property(counts()),
    "got": Getter(),
    "__getattr__": dunder_getattr,
    "__add__": notes("add"),
    "__radd__": notes("radd"),
    "__neg__": counts(),
    "__invert__": dunder_invert,
    "__lt__": counts(True),
    "__eq__": notes("eq", True),
    "__bool__": counts(True),
    "__len__": counts(3),
    "__contains__": notes("in", True),
    "__getitem__": dunder_getitem,
    "__iter__": dunder_iter,
    "__str__": counts("text"),
    "__float__": counts(1.5),
}


def get(i: int) -> Any:
    time.sleep(0.003 if i == 0 else 0.001)
    return OBJECTS[i]


def of(objects: Any, i: int) -> Any:
    time.sleep(0.003 if i == 0 else 0.001)
    return objects[i]


def size() -> int:
    time.sleep(0.002)
    return len(LOG)


def look(a: Any) -> Any:
    before = a.n
    time.sleep(0.002)
    return before, a.n


def plus(x: Any, y: Any) -> Any:
    return x + y


def first_plus(values: Any, x: Any) -> Any:
    return values[0] + x


def add_first_of_all(x: Any) -> Any:
    return x + OBJECTS[0]


def adds_enclosed(values: Any) -> Any:
    return lambda x: x + values[0]


PROGRAMS = {
    "noted": [
        lambda o: (get(0).noted, get(1).noted, size()),
        lambda o: (of(o, 0).noted, of(o, 1).noted, size()),
        lambda o: (xcs.opaque(get)(0).noted, xcs.opaque(get)(1).noted, size()),
        lambda o: (size(), o[0].noted, size()),
    ],
    "bumped": [lambda o: (look(o[0]), get(0).bumped, look(o[0]), get(0).bumped), lambda o: (look(o[0]), o[0].bumped, look(o[0]))],
    "got": [lambda o: (get(0).got, get(1).got, size()), lambda o: (size(), o[0].got, size())],
    "kept": [lambda o: (get(0).kept, get(1).kept, size()), lambda o: (size(), o[0].kept, size())],
    "__getattr__": [lambda o: (get(0).other, get(1).other, size()), lambda o: (size(), o[0].other, size())],
    "__add__": [
        lambda o: (get(0) + 1, get(1) + 1, size()),
        lambda o: (xcs.opaque(of)(o, 0) + 1, xcs.opaque(of)(o, 1) + 1, size()),
        lambda o: (size(), o[0] + 1, size()),
        lambda o: (plus(get(0), 1), plus(get(1), 1), size()),
        lambda o: (size(), plus(o[0], 1), size()),
        lambda o: (size(), first_plus([o[0]], 1), size()),
        lambda o: (size(), sum([o[0]], 1) if hasattr(o[0], "__radd__") else 0, size()),
    ],
    "__radd__": [
        lambda o: (size(), add_first_of_all(1), size()),
        lambda o: (size(), adds_enclosed(o)(1), size()),
        lambda o: (1 + get(0), 1 + get(1), size()),
        lambda o: (size(), 1 + o[0], size()),
    ],
    "__neg__": [lambda o: (-get(0), look(o[0]), -get(0)), lambda o: (look(o[0]), -o[0], look(o[0]))],
    "__invert__": [lambda o: (o[0].data * 2, ~o[0], o[0].data * 2), lambda o: (o[0].data * 2, ~get(0), o[0].data * 2)],
    "__lt__": [lambda o: (get(0) < get(1), look(o[0]), get(0) < 3, look(o[0])), lambda o: (look(o[0]), o[0] < 3, look(o[0]))],
    "__eq__": [lambda o: (get(0) == get(1), size()), lambda o: (size(), o == [1, 2], size()), lambda o: (size(), 3 in o, size())],
    "__bool__": [lambda o: (look(o[0]), 1 if get(0) else 2, look(o[0])), lambda o: (look(o[0]), 1 if o[0] else 2, look(o[0]))],
    "__len__": [lambda o: (look(o[0]), len(get(0)), look(o[0])), lambda o: (look(o[0]), len(o[0]), look(o[0]))],
    "__contains__": [lambda o: (size(), 3 in get(0), size()), lambda o: (size(), 3 in o[0], size())],
    "__getitem__": [lambda o: (get(0)[1], get(1)[1], size()), lambda o: (size(), o[0][1], size())],
    "__iter__": [lambda o: (size(), [x for x in get(0)], size()), lambda o: (size(), [x for x in o[0]], size())],  # noqa: C416
    "__str__": [lambda o: (look(o[0]), str(get(0)), look(o[0])), lambda o: (look(o[0]), f"{o[0]}", look(o[0]))],
    "__float__": [lambda o: (look(o[0]), float(get(0)), look(o[0])), lambda o: (look(o[0]), float(o[0]), look(o[0]))],
}


@pytest.mark.parametrize("member", PROGRAMS)
def test_what_operators_change_keeps_its_order(member: str) -> None:
    for program in PROGRAMS[member]:
        value = kept_property() if member == "kept" else MEMBERS[member]
        hashing = {"__hash__": object.__hash__} if member == "__eq__" else {}
        cls = type("Operated", (Plain,), {member: value, **hashing, "__module__": __name__})
        outcomes = []
        for function in (program, xcs.jit(program)):
            rounds = []
            for _ in range(3):  # at first on threads, then where calls are known to be short
                LOG.clear()
                OBJECTS[:] = [cls(0), cls(10)]
                result = function(OBJECTS)
                rounds.append((str(result), [str(vars(each)) for each in OBJECTS], list(LOG)))
            outcomes.append(rounds)
        assert outcomes[0] == outcomes[1], program


class Vector:
    def __init__(self, x: int) -> None:
        self.x = x

    def __add__(self, other: Any) -> Any:
        return Vector(self.x + other.x)

    @property
    def double(self) -> int:
        return self.x * 2


def test_operators_that_change_nothing_wait_for_nothing() -> None:
    import threading

    meet = threading.Barrier(6, timeout=60)

    def vector(rows: Any, i: int) -> Vector:
        meet.wait()
        return Vector(i + len(rows))

    program = xcs.jit(lambda rows: sum([(vector(rows, i) + vector(rows, i + 1)).double for i in (0, 2, 4)]))
    assert program([Vector(i) for i in range(1000)]) == 2 * (15 + 6 * 1000)


def row_of(rows: Any, i: int) -> Any:
    time.sleep(0.2)
    return rows[i]


def test_operators_on_what_comes_out_of_much_data_wait_for_nothing() -> None:
    program = xcs.jit(lambda rows: [(row_of(rows, i) + row_of(rows, i + 1)).double for i in (0, 2, 4)])
    rows = [Vector(i) for i in range(30_000)]

    def seconds() -> float:
        start = time.perf_counter()
        assert program(rows) == [2, 10, 18]
        return time.perf_counter() - start

    assert takes_below(0.8, seconds)  # one after another: 1.2


def test_attributes_of_results_wait_for_no_other_calls() -> None:
    import threading

    meet = threading.Barrier(4, timeout=60)

    class Client:
        def __init__(self) -> None:
            self.calls = 0

        def ask(self, x: int) -> Any:
            self.calls += 1
            meet.wait()
            return Answer(f"answer {x}")

    class Answer:
        def __init__(self, text: str) -> None:
            self.text = text

        @property
        def first(self) -> str:
            return self.text[0]

    clients = [Client() for _ in range(4)]
    program = xcs.jit(lambda clients: [(answer.text, answer.first) for answer in [each.ask(i) for i, each in enumerate(clients)]])
    assert program(clients) == [(f"answer {i}", "a") for i in range(4)]


def fails(x: int) -> int:
    time.sleep(0.002)
    raise ValueError(f"no {x}")


def takes_longer(x: int) -> int:
    time.sleep(0.02)
    return x


def test_an_operator_behind_a_call_that_has_failed_does_not_run() -> None:
    noisy = type("Operated", (Plain,), {"__bool__": notes("bool", True), "__module__": __name__})(1)

    @xcs.jit
    def program(o: Any) -> Any:
        failing = fails(1)
        text = str(takes_longer(2))  # the other one is over then
        return failing, text, 1 if o else 2

    LOG.clear()
    with pytest.raises(ValueError, match="no 1"):
        program(noisy)
    assert LOG == []
