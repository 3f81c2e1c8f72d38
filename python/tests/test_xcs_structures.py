# SPDX-License-Identifier: Apache-2.0
"""Lists, tuples, dicts and sets in traced code that hold themselves, are nested deeply, or are there twice."""

from __future__ import annotations

import collections
import copy
import time
from typing import Any

import pytest
from canonical import assert_same_as_plain

from omega import xcs


class Thing:
    def __init__(self, value: Any = 1) -> None:
        self.value = value


class Row(tuple[Any, ...]):
    """A tuple by another name, which has attributes."""


Pair = collections.namedtuple("Pair", "first second")


def slow(value: Any) -> Any:
    time.sleep(0.001)
    return Thing(value)


def made(value: Any) -> Any:
    return Thing(value)


def size(value: Any) -> int:
    return len(value)


def given_back(value: Any) -> Any:
    return value


def depth(nested: Any) -> int:
    count = 0
    while nested:
        nested = nested[1]
        count += 1
    return count


def are_same(left: Any, right: Any) -> bool:
    return left is right


def dict_of_itself() -> Any:
    made: dict[str, Any] = {"a": [1]}
    made["me"] = made
    return made


def list_of_itself() -> Any:
    made: list[Any] = [1]
    made += [made, made]
    return made


def object_of_itself() -> Any:
    made = Thing()
    made.me, made.list = made, [made]
    return made


LIST_OF_ITSELF = list_of_itself()


@pytest.mark.parametrize("make", [dict_of_itself, list_of_itself, object_of_itself])
@pytest.mark.parametrize("function", [copy.deepcopy, given_back, lambda x: [x, given_back(x)], lambda x: size([x, LIST_OF_ITSELF])])
def test_what_is_given_may_hold_itself(make: Any, function: Any) -> None:
    assert_same_as_plain(lambda x: function(x), make)


def a_list_in_itself(x: Any) -> Any:
    made: list[Any] = [slow(x)]
    made.append(made)
    return made, size(made)


def a_dict_in_itself(x: Any) -> Any:
    made = {"x": slow(x)}
    made["me"] = made
    return [made, made, size(made)]


def a_list_in_its_tuple(x: Any) -> Any:
    made: list[Any] = []
    pair = (made, slow(x))
    made.append(pair)
    return pair


def a_list_in_its_named_tuple(x: Any) -> Any:
    thing = slow(x)
    made = [thing, Pair(thing, [thing])]
    made[1].second.append(made)
    return made


def many_ways_round(x: Any) -> Any:
    made: list[Any] = []
    made += [made, made, made]
    return size(made), given_back(made)


def keys_and_elements(x: Any) -> Any:
    thing = slow(x)
    return {(thing, 1): frozenset([thing, 2]), "set": {thing, 3}, Pair(thing, 2): Pair([thing], thing), thing: Row([thing])}


def rows_with_attributes(x: Any) -> Any:
    row = Row([slow(x), 2])
    row.name = "row"  # type: ignore[attr-defined]
    return row, row.name  # type: ignore[attr-defined]


def ordered(x: Any) -> Any:
    thing = slow(x)
    made = collections.OrderedDict([(thing, thing), ("a", [thing])])
    made.move_to_end(thing)
    return made


def deep_tuples(x: Any) -> Any:
    nested: Any = None
    for i in range(3000):
        nested = (made(i), nested)
    return size(nested), len(nested), depth(nested)


def deep_lists(x: Any) -> Any:
    nested: Any = []
    for i in range(3000):
        nested = [made(i), nested]
    return depth(nested), nested[1][1][0]


@pytest.mark.parametrize(
    "function",
    [a_list_in_itself, a_dict_in_itself, a_list_in_its_tuple, a_list_in_its_named_tuple, many_ways_round, keys_and_elements, rows_with_attributes, ordered, deep_tuples, deep_lists],
)
def test_what_the_body_makes_may_hold_itself_and_be_deep(function: Any) -> None:
    assert_same_as_plain(function, lambda: 1)


def test_depth_takes_no_stack() -> None:
    nested: Any = []
    for _ in range(200_000):
        nested = [nested]

    @xcs.jit(inline_below_us=0.0, adaptive=False)
    def sizes(x: Any) -> Any:
        return size([x, slow(1)]), given_back(x)

    assert sizes(nested)[1] is nested


@pytest.mark.parametrize("wait", [0.0, 0.001])
def test_what_a_call_is_given_twice_is_one_object(wait: float) -> None:
    def twice(x: Any) -> Any:
        time.sleep(wait)
        values = [slow(x)]
        return are_same(values, values), are_same((values, 1)[0], values)

    assert_same_as_plain(twice, lambda: 1)


def tuples_given(x: Any) -> Any:
    first, second = x[1]
    return x[0], [x[0] for _ in range(2)], (x[0], 1), first, second, x[2][0]


def test_tuples_stay_the_same_objects() -> None:
    def make() -> Any:
        pair = (Thing(1), 2)
        return [pair, (pair, pair), [pair]]

    assert_same_as_plain(tuples_given, make)
    assert_same_as_plain(lambda x: x, lambda: (1, 2, []))
