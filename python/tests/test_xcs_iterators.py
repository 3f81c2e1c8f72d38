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


class _Asked:
    def kind(self, value: Any) -> str:
        return type(value).__name__


def _kind(value: Any) -> str:
    return type(value).__name__


@xcs.ordered
def _taken(values: Any) -> list[Any]:
    return [tuple(map(_kind, each)) if isinstance(each, tuple) else each if isinstance(each, str) else _kind(each) for each in values]


_TAKING: list[Callable[[Any, Any], Any]] = [
    lambda xs, asked: _taken(zip(xs, xs)),
    lambda xs, asked: _taken(zip(list(xs), xs, strict=True)),
    lambda xs, asked: _taken(enumerate(xs, 3)),
    lambda xs, asked: _taken(iter(xs)),
    lambda xs, asked: _taken(iter(list(xs))),
    lambda xs, asked: _taken(reversed(xs)),
    lambda xs, asked: _taken(itertools.chain(xs, list(xs))),
    lambda xs, asked: _taken(itertools.islice(xs, 1)),
    lambda xs, asked: _taken(filter(None, xs)),
    lambda xs, asked: _taken(map(lambda each: _kind(each), xs)),
    lambda xs, asked: _taken(map(asked.kind, list(xs))),
    lambda xs, asked: _taken(dict(zip((1, 2), xs, strict=True)).values()),
    lambda xs, asked: _taken({1: each for each in xs}.items()),
    lambda xs, asked: _taken((asked.kind(each) for each in list(xs))),
    lambda xs, asked: _taken((_kind(each) for each in tuple(xs))),
    lambda xs, asked: _taken((one for each in zip(xs, xs, strict=True) for one in each)),
]


@pytest.mark.parametrize("function", _TAKING)
@pytest.mark.parametrize("container", [list, tuple])
def test_iterators_over_containers_of_the_body_give_values_to_calls(function: Callable[[Any, Any], Any], container: Callable[..., Any]) -> None:
    xs = container([Holder(), Holder()])
    for config in CONFIGS:
        assert xcs.jit(function, **config)(xs, _Asked()) == function(xs, _Asked())


def test_an_iterator_goes_on_where_a_call_left_it() -> None:
    def first(values: Any) -> Any:
        return _kind(next(values))

    def program(xs: Any) -> Any:
        ahead = iter(list(xs))
        pairs = zip(tuple(xs), itertools.count())
        return first(ahead), next(pairs)[1], _taken(pairs), len(list(ahead)), list(pairs)

    xs = [Holder(), Holder(), Holder()]
    for config in CONFIGS:
        assert xcs.jit(program, **config)(xs) == program(xs) == ("Holder", 0, [("Holder", "int")] * 2, 2, [])


def test_going_through_a_long_list_of_the_body_takes_no_longer_each_time() -> None:
    def program(count: int) -> int:
        ahead = iter([Holder() for _ in range(count)])
        return sum(_kind(next(ahead)) == "Holder" for _ in range(count))

    assert xcs.jit(program, adaptive=False)(5000) == 5000
