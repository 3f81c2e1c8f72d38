# SPDX-License-Identifier: Apache-2.0
"""Iterators and generators that traced code makes of values: what they are, what they give elsewhere, and whose steps come first."""

from __future__ import annotations

import copy
import inspect
import itertools
import operator
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from canonical import CONFIGS

from omega import xcs


class Holder:
    pass


def steps(count: int) -> Iterator[Any]:
    for i in range(count):
        sent = yield [i]
        if sent:
            yield sent


def kept(xs: Any) -> Any:
    holder: Any = Holder()
    holder.ahead = iter(xs)
    holder.first = next(holder.ahead)
    return holder


def after_a_step(xs: Any) -> Any:
    ahead = iter(xs)
    return next(ahead), ahead


def in_containers(xs: Any) -> Any:
    return {"a": [iter(xs)], "b": (reversed(xs), filter(None, xs))}


def by_itertools(xs: Any) -> Any:
    return itertools.chain(xs, xs), itertools.groupby(xs, len), itertools.tee(xs), itertools.islice(xs, 1, None), zip(xs, xs), enumerate(xs), map(len, xs)


def generators(xs: Any) -> Any:
    both = (each for each in xs)
    return both, [both], (lambda: iter(xs))()


def asked(xs: Any) -> Any:
    ahead = iter(xs)
    return type(ahead), isinstance(ahead, type(iter([]))), repr(ahead)[:6], ahead.__next__(), list(copy.copy(ahead)), ahead in [ahead], {ahead: 1}[ahead], operator.length_hint(ahead)


def sent(xs: Any) -> Any:
    ahead = iter(steps(3))
    return next(ahead), ahead.send([7]), next(ahead), ahead.close(), list(ahead)


def used_up(value: Any) -> Any:
    """A value in which iterators are followed by what they are and give."""
    if isinstance(value, Holder):
        return {name: used_up(each) for name, each in vars(value).items()}
    if isinstance(value, (list, tuple)):
        return type(value), [used_up(each) for each in value]
    if isinstance(value, dict):
        return {key: used_up(each) for key, each in value.items()}
    if isinstance(value, Iterator):
        return type(value), [(type(each), used_up(each)) for each in value]
    return value


@pytest.mark.parametrize("function", [kept, after_a_step, in_containers, by_itertools, generators, asked, sent])
def test_what_they_are_and_give_outside(function: Callable[..., Any]) -> None:
    expected = used_up(function([[1], [2], [3, 4]]))
    for config in CONFIGS:
        assert used_up(xcs.jit(function, **config)([[1], [2], [3, 4]])) == expected


def test_a_generator_that_is_given_back_is_one() -> None:
    ended = []

    def numbered(xs: Any) -> Any:
        def each_of() -> Any:
            for x in xs:
                try:
                    got = yield [x]
                except ValueError as error:
                    got = yield [str(error)]
                ended.append(got)
            return [3]

        return each_of()

    for made in (numbered([1, 2]), xcs.jit(numbered, adaptive=False)([1, 2])):
        assert inspect.isgenerator(made) and made.__name__ == "each_of"
        assert type(next(made)) is list and made.throw(ValueError("a")) == ["a"] and made.send(5) == [2]
        with pytest.raises(StopIteration) as end:
            made.send(6)
        assert end.value.value == [3]
    assert ended == [5, 6, 5, 6]
    made = xcs.jit(numbered, adaptive=False)([1, 2])
    next(made)
    made.close()
    assert list(made) == []


def one_of(ahead: Any) -> Any:
    time.sleep(0.002)
    return next(ahead)


def rest_of(ahead: Any) -> Any:
    time.sleep(0.002)
    return list(ahead)


def itself(x: Any) -> Any:
    time.sleep(0.001)
    return x


def of_a_list(xs: Any) -> Any:
    ahead = iter(xs)
    return one_of(ahead), next(ahead), rest_of(ahead)


def of_a_generator(xs: Any) -> Any:
    ahead = steps(4)
    return one_of(ahead), next(ahead), one_of(ahead), rest_of(ahead)


def of_an_expression(xs: Any) -> Any:
    ahead = (itself(x) for x in xs)
    return one_of(ahead), one_of(ahead), next(ahead), rest_of(ahead)


def of_a_result(xs: Any) -> Any:
    ahead = iter(itself(xs))
    found = one_of(ahead)
    xs.append([7])
    return found, [itself(x) for x in ahead]


@pytest.mark.parametrize("function", [of_a_list, of_a_generator, of_an_expression, of_a_result])
def test_calls_that_step_the_same_iterator_keep_their_order(function: Callable[..., Any]) -> None:
    expected = function([[1], [2], [3]])
    for config in CONFIGS:
        for _ in range(3):
            assert xcs.jit(function, **config)([[1], [2], [3]]) == expected
