# SPDX-License-Identifier: Apache-2.0
"""What code changes is found on whichever way it comes there, and through what it makes: choices, loops, handlers, containers."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from omega import xcs
from omega.xcs.effects import Effect, effect_of
from omega.xcs.kept_arguments import needs_originals

LOG: list[Any] = []


def bump(x: Any, y: Any) -> None:
    LOG.append(x)


def by_choice(c: Any, xs: Any) -> None:
    bump(1 if c else 2, xs)


def by_and(c: Any, xs: Any) -> None:
    bump(c and 2, xs)


def by_comparison(c: Any, xs: Any) -> None:
    bump(1, 1 < c < 3)


def by_comprehension(c: Any, xs: Any) -> None:
    bump([x for x in xs if c], {x: [y for y in x] for x in xs})


def by_text(c: Any, xs: Any) -> None:
    bump(f"{c!r:>5}{xs}", y=f"{c if xs else xs}")


def by_unpacking(c: Any, xs: Any) -> None:
    bump(*(xs if c else [1, 2]), **{})


def behind_loops(c: Any, xs: Any) -> None:
    for _ in xs:
        pass
    else:
        bump(1, [i for i in xs if i if c])


def in_a_handler(c: Any, xs: Any) -> None:
    try:
        c()
    except ValueError:
        bump(1, 2)


def under_with(c: Any, xs: Any) -> None:
    with c as y, xs as z:
        bump(y, z)


def of_a_function_that_is_chosen(c: Any, xs: Any) -> None:
    (len if c else bump)(1, 2)


def of_a_list_that_is_chosen(c: Any, xs: Any) -> None:
    (xs if c else [1]).append(1)


def at_an_index_that_is_chosen(c: Any, xs: Any) -> None:
    LOG[0 if c else 1] = xs


def of_a_slice(c: Any, xs: Any) -> None:
    LOG[0:1] = xs


def in_the_next_round(c: Any, xs: Any) -> None:
    mine: Any = []
    for _ in c:
        mine.append(1)
        mine = xs


def of_what_enumerate_gives(c: Any, xs: Any) -> None:
    for i, x in enumerate(xs):
        x.append(i)


def of_what_a_list_holds(c: Any, xs: Any) -> None:
    both = [c, xs]
    for each in both:
        each.append(1)


@pytest.mark.parametrize(
    "function",
    [by_choice, by_and, by_comparison, by_comprehension, by_text, by_unpacking, behind_loops, in_a_handler, under_with]
    + [of_a_function_that_is_chosen, of_a_list_that_is_chosen, at_an_index_that_is_chosen, of_a_slice, in_the_next_round]
    + [of_what_enumerate_gives, of_what_a_list_holds],
)
def test_changes_are_found(function: Callable[..., Any]) -> None:
    assert effect_of(function).effect == Effect.SHARED


def new_lists(c: Any, xs: Any) -> Any:
    made: list[Any] = [[] for _ in xs]
    made[0].append(1)
    groups: dict[Any, list[Any]] = {}
    groups[c] = [1]
    groups[c].append(2)
    xs = list(xs)
    xs.append(3)
    total = 0
    for _, n in enumerate([1, 2]):
        total += n
    return made if c else [*xs, total]


def test_what_a_function_makes_is_its_own() -> None:
    assert effect_of(new_lists).effect == Effect.NONE
    assert not needs_originals(new_lists)


STATE = {"a": 0, "b": 0}


@xcs.opaque
def ask(x: int) -> int:
    time.sleep(0.005 * x)
    return x


def put(is_first: bool, x: int) -> None:
    time.sleep(0.01 - 0.003 * x)
    STATE["a" if is_first else "b"] = x


def state(x: int) -> dict[str, int]:
    return dict(STATE)


class Rows:
    def __init__(self) -> None:
        self.rows = [[1], [2]]


def lengths(rows: list[Any]) -> int:
    return sum(map(len, rows))


def lengths_of(box: Rows) -> int:
    return lengths(box.rows)


def grow(rows: list[Any]) -> None:
    time.sleep(0.01)
    for i, row in enumerate(rows):
        row.append(i)


def grow_of(box: Rows) -> None:
    grow(box.rows)


def grow_collected(rows: list[Any]) -> None:
    time.sleep(0.01)
    found = []
    for row in rows:
        found.append(row)
    for row in found:
        row.append(1)


def extend(is_wanted: bool, xs: list[Any]) -> None:
    time.sleep(0.01)
    (xs if is_wanted else []).append([1])


def test_calls_see_what_was_changed_before_them() -> None:
    @xcs.jit
    def choices() -> Any:
        for i in range(3):
            put(True, ask(i))
        return state(0)

    @xcs.jit
    def items(rows: Any, box: Any) -> Any:
        grow(rows)
        grow_of(box)
        extend(True, box.rows)
        return lengths(rows), lengths_of(box)

    @xcs.jit
    def collected(rows: Any) -> Any:
        grow_collected(rows)
        return lengths(rows)

    for _ in range(3):
        STATE.update(a=0, b=0)
        assert choices() == {"a": 2, "b": 0}
        assert items([[1], [2]], Rows()) == (4, 5)
        assert collected([[1], [2]]) == 4
