# SPDX-License-Identifier: Apache-2.0
"""Objects that traced code makes itself, of whatever class, are what they are where it is run as it is written, when calls see them and when they change."""

from __future__ import annotations

import heapq
import random
import time
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from omega import xcs

_rng = random.Random(1)
_delays = [0.0]


@xcs.opaque
def pause() -> None:
    if _delays[0] and _rng.random() > 0.5:
        time.sleep(_rng.random() * _delays[0])


@dataclass
class State:
    n: Any = 0
    items: list[Any] = field(default_factory=list)


Several = namedtuple("Several", "values n")
KEPT: list[Any] = []


def same(value: Any) -> Any:
    pause()
    return value


def looked(value: Any) -> str:
    pause()
    return repr(value)


def total(array: Any) -> float:
    pause()
    return float(np.sum(array))


def changed(state: State, n: int) -> int:
    pause()
    state.n += n
    state.items.append(n)
    return state.n


def kept(state: State) -> State:
    pause()
    KEPT.append(state)
    return state


def arrays() -> Any:
    seen = []
    for make in (np.zeros, np.ones, np.empty):
        a = make(3)
        a[:] = 1
        seen.append(total(a))
        a[0] = same(7)
        seen.append(total(a))
        a *= 2
        seen.append(total(a))
    return seen


def arrays_of_functions() -> Any:
    seen = []
    grid, _ = np.meshgrid([1.0, 2], [3.0, 4])
    halves = np.split(np.arange(4.0), 2)
    for a in (np.array([1.0, 2]), np.linspace(0, 1, 3), np.full((2, 2), 3.0), np.add([1, 2], [3, 4]), grid, halves[0], np.asarray([1.0, 2])):
        seen.append(total(a))
        a[0] = 100
    return seen, grid, halves


def array_of_results() -> Any:
    a = np.arange(4.0)
    return np.array([a * 2, a]), np.array([same(a), same(a)]), np.array([[same(1), 2.0], [3.0, total(a)]]), np.linalg.norm([a * 2, a + 1])


def filled() -> Any:
    out = np.empty(4)
    for i in range(4):
        out[i] = total(np.arange(i))
    return out, out.mean()


def state_between_calls() -> Any:
    state = State()
    seen = []
    for i in range(4):
        seen.append(looked(state))
        state.n = i
        state.items.append(same(i))
        seen.append(changed(state, i))
        seen.append(state.n)
    return seen, state


def state_that_is_kept() -> Any:
    KEPT.clear()
    state = State(same(3))
    back = kept(state)
    state.n = 5
    state.items.append(same(1))
    other = replace(state, n=same(2))
    return id(back) == id(state), id(KEPT[0]) == id(state), id(other.items) == id(state.items), back, list(KEPT)


def sets() -> Any:
    own: set[Any] = set()
    seen = []
    for i in range(4):
        seen.append(looked(sorted(own)))
        seen.append(looked(own))
        own.add(same(i))
    return seen, own


def containers_of_the_library() -> Any:
    seen = []
    for own in (deque(maxlen=3), bytearray()):
        for i in range(4):
            seen.append(looked(own))
            own.append(i)
    by_key, counts, in_order = defaultdict(list), Counter(), OrderedDict()
    for i in range(4):
        seen += [looked(by_key), looked(counts), looked(in_order)]
        by_key[i % 3].append(i)
        counts[i % 2] += 1
        in_order[i] = 1
    return seen


def lists_in_tuples() -> Any:
    several = Several([], 1)
    pair = ([1], {"s": {1}})
    seen = []
    for i in range(3):
        seen += [looked(several), looked(pair)]
        several.values.append(i)
        pair[0].append(i)
        pair[1]["s"].add(i)
    return seen, several, pair


def heap() -> Any:
    own = [1, 2, 5]
    first = heapq.heappop(own)
    for each in (4, 3):
        heapq.heappush(own, same(each))
    return first, looked(own), heapq.heappop(own), own


def keywords() -> Any:
    settings = same({"n": 1, "items": [2]})
    return State(**settings), State(**same({"n": 3})), dict(**settings, x=1), [*settings]


def words() -> Any:
    return [",".join([same(each), "x"]) for each in same(["a", "b", "c"])], bytes(same([1, 2])), bytes(same(2)), bytes(same(b"x"))


def imported() -> Any:
    import json
    import math
    from collections import deque as queue

    own = queue([same(1)])
    own.append(same(2))
    return math.sqrt(same(4)), json.dumps({"a": same([1])}), list(own)


class Base:
    def __init__(self, n: int = 0) -> None:
        self.n = n

    def add(self, n: int) -> int:
        pause()
        self.n += n
        return self.n

    @classmethod
    def named(cls, n: int) -> tuple[str, int]:
        pause()
        return cls.__name__, n


def base_and(decorate: Callable[[Any], Any]) -> type[Base]:
    class Derived(Base):
        @decorate
        def __init__(self, n: int = 0) -> None:
            super().__init__(n)
            self.extra = 1

        @decorate
        def add(self, n: int) -> Any:
            return [super().add(n), super(Derived, self).add(n), [super(Derived, self).add(i) for i in range(2)]]

        @classmethod
        @decorate
        def named(cls, n: int) -> Any:
            return super().named(n), __class__.__name__  # type: ignore[name-defined]

        @decorate
        def others(self) -> Any:
            one, two, seen = type(self)(1), self.__class__(2), []
            for i in range(3):
                seen += [one.seen(), two.seen()]
                one.n = i + 10
                two.n = one.n + 1
            return seen

        def seen(self) -> int:
            pause()
            return self.n

    return Derived


PROGRAMS = [
    arrays, arrays_of_functions, array_of_results, filled, state_between_calls, state_that_is_kept, sets, containers_of_the_library, lists_in_tuples, heap,
    keywords, words, imported,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("delay", [0.0005, 0.005])
def test_own_objects_are_what_they_are(program: Callable[[], Any], delay: float) -> None:
    _delays[0] = 0.0
    expected = [repr(program()) for _ in range(3)]
    _delays[0] = delay
    traced = xcs.jit(program)
    assert traced.reason is None
    assert [repr(traced()) for _ in range(3)] == expected  # at first on threads, then where calls are known to be short


def test_methods_of_base_classes() -> None:
    _delays[0] = 0.001
    plain, traced = base_and(lambda method: method), base_and(xcs.jit)
    for _ in range(3):
        one, another = plain(), traced()
        assert (another.add(3), another.n, another.extra) == (one.add(3), one.n, one.extra)  # type: ignore[attr-defined]
        assert traced.named(1) == plain.named(1)
        assert another.others() == one.others()  # type: ignore[attr-defined]


def test_super_where_there_is_none() -> None:
    def outside(self: Any) -> Any:
        return super().add(1)  # type: ignore[misc]

    def without_arguments() -> Any:
        return super()  # type: ignore[misc]

    for function, arguments in ((outside, (Base(),)), (without_arguments, ())):
        with pytest.raises(RuntimeError) as plain:
            function(*arguments)  # type: ignore[operator]
        with pytest.raises(RuntimeError) as traced:
            xcs.jit(function)(*arguments)
        assert str(traced.value) == str(plain.value)


def _journal(decorate: Any) -> Any:
    class Journal:
        def __init__(self) -> None:
            self.entries: list[Any] = []
            self.current = self

        @decorate
        def put(self, entry: Any) -> None:
            self.entries.append(entry)

        @decorate
        def put_deeply(self, entry: Any) -> None:
            self.current.entries.append(entry)

        def add(self, entry: Any) -> None:
            self.put(entry)

        def add_deeply(self, entry: Any) -> None:
            if entry is not None:
                self.put_deeply(entry)

        @decorate
        def all(self) -> Any:
            return list(self.entries)

    return Journal


@pytest.mark.parametrize("add", ["add", "add_deeply"])
@pytest.mark.parametrize("config", [{}, {"inline_below_us": 0.0, "adaptive": False}])
def test_plain_methods_that_call_traced_ones_which_change_the_object(add: str, config: Any) -> None:
    def entries(journal_class: Any) -> Any:
        journal = journal_class()
        getattr(journal, add)(1)
        getattr(journal, add)(2)
        return journal.all()

    for _ in range(10):
        assert xcs.jit(entries, **config)(_journal(xcs.jit(**config))) == [1, 2]
