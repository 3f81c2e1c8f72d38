# SPDX-License-Identifier: Apache-2.0
"""What the interpreter and its builtins ask of values: traced code gets what plain code gets, the messages of errors with it."""

from __future__ import annotations

import collections
import copy
import datetime
import decimal
import enum
import fractions
import functools
import math
import operator
import re
import time
from typing import Any, NamedTuple

import pytest

from omega import xcs

jit = functools.partial(xcs.jit, adaptive=False)  # also what could run beside nothing


class Asked:
    """An object that answers what numbers and sequences are asked."""

    def __complex__(self) -> complex:
        return 1j

    def __trunc__(self) -> int:
        return 3

    def __floor__(self) -> int:
        return 4

    def __ceil__(self) -> int:
        return 5

    def __divmod__(self, other: Any) -> Any:
        return 6, [other]

    def __rdivmod__(self, other: Any) -> Any:
        return 7, [other]

    def __round__(self, digits: Any = None) -> Any:
        return ["round", digits]

    def __index__(self) -> int:
        return 5

    def __getitem__(self, i: int) -> int:
        if i > 3:
            raise IndexError(i)
        return i

    def __len__(self) -> int:
        return 4

    def __matmul__(self, other: Any) -> Any:
        return ["matmul", other]

    def __rpow__(self, other: Any) -> Any:
        return ["rpow", other]

    def __lt__(self, other: Any) -> Any:
        return ["lt", other]

    def __gt__(self, other: Any) -> Any:
        return ["gt", other]

    def __repr__(self) -> str:
        return "Asked"


_VALUES = [Asked(), [3, [1]], {"a": [1]}, {1, 2}, bytearray(b"abc"), decimal.Decimal("1.5"), collections.deque([1, 2]), datetime.date(2020, 1, 1), ("q", [2])]
_VALUES += [([2],), "abc", 5, None, b"xy", fractions.Fraction(3, 2), collections.Counter("aab"), 2.5, (1, 2)]
_EXPRESSIONS = """
complex(x); math.trunc(x); math.floor(x); math.ceil(x); divmod(x, 2); divmod(7, x); round(x); round(x, 2); hex(x); range(x); list(reversed(x))
[each for each in reversed(x)]; tuple(x); x @ 1; 2 ** x; pow(2, x); 3 in x; max(x); sum(x); sorted(x); 'a' * x; [0] * x; str(x); ascii(x); f"{x!r:>9}"
3 < x; 3 <= x; x > 3; 3 >= x; "a" < x; (1,) < x; 3 == x; -x; not x; len(x); int(x); float(x); x[0]; x(); x.missing; '%s' % x; '%s %s' % x; '%r' % (x,)
'{} {}'.format(x, x); bytes(x); bytearray(x); dict.fromkeys(x); list(zip(x, x)); isinstance(x, (tuple, list)); x + x; x | x; x % 2
operator.index(x); abs(x); iter(x) and 1; next(iter(x)); list(enumerate(x, 1)); [x].index(x); {1: x}[1]; x if x else 0; x or 1
"""
_PROGRAMS = [each.strip() for line in _EXPRESSIONS.strip().splitlines() for each in line.split("; ")]


def _outcome(function: Any, *arguments: Any) -> str:
    given = copy.deepcopy(arguments)
    try:
        result = function(*given)
    except Exception as error:  # noqa: BLE001  (whatever it is, it is the same)
        # CPython 3.14 says what was to be a key, which is a value's stand-in, and then why it cannot be one.
        result = type(error).__name__, re.sub("cannot use '.*' as", "cannot use it as", str(error))
    return repr((result, given))


@pytest.mark.parametrize("program", _PROGRAMS)
def test_what_builtins_and_operators_ask_of_values(program: str) -> None:
    names: dict[str, Any] = {"math": math, "operator": operator}
    exec(f"def function(x):\n    return {program}", names)  # noqa: S102
    for value in _VALUES:
        assert _outcome(jit(names["function"]), value) == _outcome(names["function"], value)


@pytest.mark.parametrize("operator_", ["|=", "&=", "-=", "^="])
def test_sets_of_the_body_are_changed_in_place(operator_: str) -> None:
    names: dict[str, Any] = {}
    exec(f"def function(x):\n    a = {{1, 2}}\n    b = a\n    a {operator_} x\n    return a, b, len(b)", names)  # noqa: S102
    for value in ({2, 3}, frozenset({1}), {"k": 1}.keys(), [1]):
        traced, plain = jit(names["function"]), names["function"]
        assert _run(traced, value) == _run(plain, value)


def _run(function: Any, value: Any) -> Any:
    try:
        return function(value)
    except TypeError as error:
        return str(error)


class Kind(str, enum.Enum):
    FIRST = "a"
    SECOND = "b"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Word(str):
    def shout(self) -> str:
        return self.upper() + "!"


@pytest.mark.parametrize(
    ("function", "value"),
    [
        (lambda x: "".join([x, "c"]), Kind.FIRST),
        (lambda x: ",".join(x), [Kind.FIRST, Kind.SECOND]),
        (lambda x: "abc".replace(x, "z"), Kind.FIRST),
        (lambda x: (x.name, x.value, x == "a", x == Kind.FIRST, {"a": 1}[x]), Kind.FIRST),
        (lambda x: ([1, 2, 3][x], range(x), x + 1, x.name, f"{x}", "%d" % x), Level.LOW),
        (lambda x: "".join([x, "c"]) + x.shout(), Word("a")),
        (lambda x: ("abc".startswith(x), x in "abc", "abc".split(x), str.upper(x), bytes(x, "utf8")), Word("b")),
        (lambda x: ",".join(sorted(x)), [Word("b"), Word("a")]),
    ],
)
def test_texts_and_numbers_of_other_classes(function: Any, value: Any) -> None:
    assert jit(function)(value) == function(value)


class Sized:
    """A length by a traced method."""

    def __init__(self, n: int) -> None:
        self.n = n

    @jit
    def __len__(self) -> int:
        return self.n

    @jit
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sized) and self.n == other.n

    __hash__ = None  # type: ignore[assignment]


def test_traced_methods_that_builtins_call_are_no_part_of_the_trace() -> None:
    """The body is run again where it raises; what it looked at is what it was, whatever looking ran."""

    @jit
    def same(a: Any, b: Any) -> str:
        if len(a) == len(b):
            return "same"
        raise ValueError(len(a), len(b), a == b, a == a)

    assert same(Sized(1), Sized(1)) == "same"
    with pytest.raises(ValueError, match="1, 2, False, True"):
        same(Sized(1), Sized(2))


class Refused(ValueError):
    @jit
    def __init__(self, what: str, place: list[int]) -> None:
        ValueError.__init__(self, f"{what} is refused")
        self.place = place

    @jit
    def shown(self) -> str:
        return f"{self} at {self.place}"


def test_exceptions_with_traced_methods() -> None:
    def ask(x: int) -> str:
        time.sleep(0.001)
        return f"text {x}"

    @jit
    def refuse(x: int) -> None:
        raise Refused(ask(x), [len(ask(x)), x])

    with pytest.raises(Refused, match="text 7 is refused") as caught:
        refuse(7)
    assert caught.value.place == [6, 7]
    assert caught.value.shown() == "text 7 is refused at [6, 7]"


def test_calls_take_generators_of_the_body() -> None:
    def ask(x: int) -> list[int]:
        time.sleep(0.001)
        return [x]

    def kinds(values: Any) -> list[type]:
        return [type(each) for each in values]

    @jit
    def program(values: list[list[int]]) -> Any:
        return kinds(ask(x) for x in range(3)), kinds(each for each in values)

    assert program([[1], [2]]) == ([list] * 3, [list] * 2)


def test_keys_of_classes_are_values() -> None:
    class Keyed:
        def __class_getitem__(cls, key: Any) -> Any:
            return [type(each) for each in key]

    one = Keyed()
    assert jit(lambda: Keyed[one, one])() == [Keyed, Keyed]


class Pair(NamedTuple):
    first: Any
    second: Any


class Mark:
    def __init__(self, n: int) -> None:
        self.n = n

    def __str__(self) -> str:
        return f"mark {self.n}"


def _pair(n: int) -> Pair:
    time.sleep(0.001)
    return Pair(Mark(n), n)


def _table(x: str) -> dict[str, str]:
    time.sleep(0.001)
    return {"a": x}


def _byte() -> bytearray:
    time.sleep(0.001)
    return bytearray(b"a")


@pytest.mark.parametrize(
    "program",
    [
        lambda: "%s %s" % _pair(3),  # noqa: UP031
        lambda: (_pair(3).first.n, type(_pair(3)), _pair(3)._replace(first=1)),
        lambda: "abc".translate(str.maketrans(_table("x"))),
        lambda: ord(_byte()),
    ],
)
def test_what_c_code_takes_as_it_is(program: Any) -> None:
    assert jit(program)() == program()
