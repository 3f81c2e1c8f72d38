# SPDX-License-Identifier: Apache-2.0
"""Objects that have lists, dicts and sets of traced code: what calls of these objects see is what was in them when the call was made."""

from __future__ import annotations

import heapq
import os
import sysconfig
import time
import types
from collections.abc import Callable
from typing import Any

import pytest
from canonical import CONFIGS, canonical
from measured import takes_below

from omega import xcs


class Talk:
    def __init__(self, items: Any) -> None:
        self.items = items

    def total(self) -> str:
        time.sleep(0.001)
        return repr(self.items)

    def add(self, x: Any) -> int:
        time.sleep(0.001)
        self.items.append(x)
        return len(self.items)


class Slots:
    __slots__ = ("items", "others")

    def __init__(self, items: Any) -> None:
        self.items = items
        self.others = [items]

    def total(self) -> str:
        time.sleep(0.001)
        return repr((self.items, self.others))


def slow(x: Any) -> Any:
    time.sleep(0.001)
    return x


def shown(talk: Any) -> str:
    time.sleep(0.001)
    return repr(talk.items)


def between_calls() -> Any:
    rows = [1]
    talk = Talk(rows)
    out = []
    for i in range(4):
        out.append(talk.total())
        rows.append(i)
    return out, rows


def an_item_of_a_dict() -> Any:
    settings = {"n": 0}
    talks = [Talk(settings) for _ in range(4)]
    out = []
    for i, talk in enumerate(talks):
        settings["n"] = i
        out.append(shown(talk))
    return out


def inside_another() -> Any:
    state = {"rows": [1]}
    talk = Talk(state["rows"])
    first = talk.total()
    state["rows"].append(2)
    return first, talk.total()


def each_of_several() -> Any:
    rows = [[i] for i in range(3)]
    talks = [Talk(each) for each in rows]
    out = [talk.total() for talk in talks]
    for each in rows:
        each.append(slow(5))
    for i, each in enumerate(rows):
        each.append(i)
    return out, [talk.total() for talk in talks]


def in_slots() -> Any:
    rows = [1, 2]
    talk = Slots(rows)
    first = talk.total()
    rows[0], rows[1] = 7, 8
    second = talk.total()
    del rows[0]
    return first, second, talk.total()


def by_an_inner_function() -> Any:
    rows: list[Any] = []
    talk = Talk(rows)

    def put(x: Any) -> None:
        rows.append(x)

    first = talk.total()
    put(3)
    second = talk.total()
    put(slow(4))
    return first, second, talk.total()


def by_methods_of_dicts() -> Any:
    found: dict[str, Any] = {}
    talk = Talk(found)
    first = talk.total()
    found["a"] = slow(1)
    second = talk.total()
    found.update(b=2)
    third = talk.total()
    found.pop("a")
    return first, second, third, talk.total()


def by_order_and_slices() -> Any:
    rows = [3, 1, 2]
    talk = Talk(rows)
    first = talk.total()
    rows.sort()
    second = talk.total()
    rows[:] = []
    return first, second, talk.total()


def in_a_comprehension_and_by_another_name() -> Any:
    rows = [1]
    talk = Talk(rows)
    first = talk.total()
    [rows.append(i) for i in range(3)]
    second = shown(talk)
    other = rows
    other.append(5)
    return first, second, shown(talk)


def in_a_tuple() -> Any:
    rows = [1]
    talk = Talk((rows, {"k": rows}))
    first = talk.total()
    rows.append(2)
    return first, talk.total()


def by_a_method_as_a_value() -> Any:
    rows = [1]
    talk = Talk(rows)
    first = talk.total()
    list(map(rows.append, [2, 3]))
    second = talk.total()
    append = rows.append
    append(4)
    return first, second, talk.total()


def by_functions_of_c() -> Any:
    rows = [1]
    talk = Talk(rows)
    first = talk.total()
    heapq.heappush(rows, 0)
    return first, talk.total()


def behind_an_exception() -> Any:
    rows = [1]
    talk = Talk(rows)
    first = ""
    try:
        first = talk.total()
        rows.append(2)
        int("none")
    except ValueError:
        rows.append(3)
    return first, talk.total()


def of_an_argument(rows: Any) -> Any:
    talk = Talk(rows)
    first = talk.total()
    rows.append(slow(1))
    second = talk.add(5)
    rows += [2]
    return first, second, talk.total(), rows


PROGRAMS = [
    between_calls, an_item_of_a_dict, inside_another, each_of_several, in_slots, by_an_inner_function, by_methods_of_dicts, by_order_and_slices,
    in_a_comprehension_and_by_another_name, in_a_tuple, by_a_method_as_a_value, by_functions_of_c, behind_an_exception,
]  # fmt: skip


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_calls_see_what_was_there(program: Callable[[], Any], config: dict[str, Any]) -> None:
    traced = xcs.jit(program, **config)
    for _ in range(3):
        assert canonical(traced()) == canonical(program())


@pytest.mark.parametrize("config", CONFIGS)
def test_calls_see_what_was_there_in_arguments(config: dict[str, Any]) -> None:
    traced = xcs.jit(of_an_argument, **config)
    for _ in range(3):
        assert canonical(traced([0])) == canonical(of_an_argument([0]))


def test_objects_that_share_what_nobody_changes_any_more_are_called_at_once() -> None:
    def answers(count: int) -> Any:
        settings = {"t": 1}
        settings["u"] = 2
        out = []
        for talk in [Talk(settings) for _ in range(count)]:
            out.append(waits(talk))
        return out

    def waits(talk: Talk) -> Any:
        time.sleep(0.02)
        return talk.items["u"]

    traced = xcs.jit(answers)

    def seconds() -> float:
        begin = time.perf_counter()
        assert traced(10) == [2] * 10
        return time.perf_counter() - begin

    assert takes_below(0.1, seconds)  # one after another: 0.2


def test_an_object_of_a_library_has_the_very_list_from_its_first_call_on() -> None:
    library = types.ModuleType("boxes")
    source = "class Box:\n    def __init__(self, p): self.items = p\ndef box(p): return Box(p)\n"
    exec(compile(source, os.path.join(sysconfig.get_path("purelib"), "boxes.py"), "exec"), vars(library))

    def boxed() -> Any:
        rows = [[slow(1)], [2]]
        return rows, library.box(rows)

    for config in CONFIGS:
        assert canonical(xcs.jit(boxed, **config)()) == canonical(boxed())
