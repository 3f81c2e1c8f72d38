# SPDX-License-Identifier: Apache-2.0
"""Functions that look at the frames of who calls them find there what they find without traces."""

from __future__ import annotations

import collections
import enum
import functools
import inspect
import sys
import time
import traceback
import types
import typing
from typing import Any

import pytest
from canonical import CONFIGS

from omega import xcs
from omega.xcs.frames import looks_at_callers

GLOBAL = 3


def variables_of_caller(level: int) -> dict[str, Any]:
    frame = sys._getframe(level)
    return {**{name: value for name, value in frame.f_locals.items() if not callable(value)}, "GLOBAL": frame.f_globals["GLOBAL"]}


def looking_deeper(names: str) -> list[Any]:
    return looking_from_below(names)


def looking_from_below(names: str) -> list[Any]:
    frame = inspect.currentframe().f_back.f_back  # type: ignore[union-attr]
    return [{**frame.f_globals, **frame.f_locals}.get(name) for name in names.split()]  # type: ignore[union-attr]


def put_into_globals(name: str, value: Any) -> None:
    sys._getframe(1).f_globals[name] = value


def kept_variables() -> Any:
    return sys._getframe(1).f_locals


def own_name() -> Any:
    time.sleep(0.001)
    return inspect.stack()[1].function


def failing_with_variables() -> None:
    raise ValueError(sorted(sys._getframe(1).f_locals.items()))


def waited(x: int) -> int:
    time.sleep(0.002)
    return x + 1


def of_arguments(x: int) -> Any:
    y = waited(x)
    items = [waited(y), {"k": waited(x)}]
    return variables_of_caller(1), items, y


def deeper(x: int) -> Any:
    held = [waited(x)]
    found = looking_deeper("x held GLOBAL")
    held.append(waited(4))
    return found, held


def kept(x: int) -> Any:
    y = [waited(x)]
    found = kept_variables()
    return found["x"], found["y"], found["y"] is y, type(found["y"][0])


def in_loops(x: int) -> Any:
    return [variables_of_caller(1)["i"] + waited(i) for i in range(x)]


def of_enclosing(x: int) -> Any:
    def inner(y: int) -> Any:
        return variables_of_caller(1), x

    return inner(waited(x))


def by_partial(x: int) -> Any:
    return functools.partial(variables_of_caller, 1)(), waited(x)


def of_names(x: int) -> Any:
    color = enum.Enum("color", "red blue")
    table = typing.TypedDict("table", {"a": int})  # type: ignore[operator]
    pair = collections.namedtuple("pair", "a b")
    number = typing.NewType("number", int)
    return [each.__module__ for each in (color, table, pair, number)], own_name(), traceback.extract_stack()[-1].name


def of_itself(x: int) -> Any:
    frame = inspect.currentframe()
    return frame.f_code.co_name, frame.f_locals["x"]  # type: ignore[union-attr]


PROGRAMS: list[Any] = [of_arguments, deeper, kept, in_loops, of_enclosing, by_partial, of_names, of_itself]


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_who_looks_at_callers_finds_values(program: Any, config: dict[str, Any]) -> None:
    expected = program(3)
    traced = xcs.jit(program, **config)
    for _ in range(3):
        assert traced(3) == expected


@pytest.mark.parametrize("config", CONFIGS)
def test_globals_that_a_function_gives_its_caller_are_the_modules(config: dict[str, Any]) -> None:
    def program(x: int) -> Any:
        put_into_globals("GIVEN", waited(x))
        return x

    try:
        assert xcs.jit(program, **config)(4) == 4
        assert globals()["GIVEN"] == 5
    finally:
        globals().pop("GIVEN", None)


@pytest.mark.parametrize("config", CONFIGS)
def test_a_function_that_fails_has_seen_values(config: dict[str, Any]) -> None:
    def program(x: int) -> Any:
        y = waited(x)
        failing_with_variables()
        return y

    with pytest.raises(ValueError) as plain:  # noqa: PT011
        program(3)
    with pytest.raises(ValueError) as traced:  # noqa: PT011
        xcs.jit(program, **config)(3)
    assert traced.value.args == plain.value.args


def test_what_reads_its_own_frame_is_not_traced() -> None:
    assert "frames" in str(xcs.jit(of_itself).reason)


def test_who_looks_within_what_it_calls_itself_may_run_beside_others() -> None:
    def by_one_level() -> Any:
        return kept_variables()

    def by_two_levels() -> Any:
        return looking_from_below("x")

    assert not any(map(looks_at_callers, (by_one_level, waited, time.sleep, sorted, types.SimpleNamespace, str.join)))
    assert all(map(looks_at_callers, (by_two_levels, kept_variables, looking_deeper, own_name, collections.namedtuple, enum.Enum, sys._getframe)))


def _pandas_programs() -> dict[str, Any]:
    import pandas as pd

    def evaluated(frame: Any, x: int) -> Any:
        total = frame.a
        return pd.eval("total * 2 + GLOBAL")

    def nested(frame: Any, x: int) -> Any:
        def inner(y: int) -> Any:
            return frame.query("a > @y")

        return inner(x)

    def waiting(frame: Any, x: int) -> Any:
        y = waited(x)
        return frame.query("a > @y and c < @GLOBAL"), frame.eval("z = a + @y")

    return {
        "query": lambda frame, x: frame.query("a > @x"),
        "in a loop": lambda frame, x: [len(frame.query("a > @i")) for i in range(x)],
        "of lists": lambda frame, x: frame.query("a in @x") if isinstance(x, list) else frame.query("a == @x"),
        "eval": lambda frame, x: frame.eval("z = a * @x + c"),
        "pd.eval": evaluated,
        "nested": nested,
        "waiting": waiting,
        "groups": lambda frame, x: frame.groupby("b").apply(lambda group: group.a.sum() * x),
        "pipe": lambda frame, x: frame.pipe(lambda all_, n: all_.head(n), x).pipe(len),
        "assign": lambda frame, x: frame.assign(d=lambda all_: all_.a * x, e=lambda all_: all_.d + 1),
        "rows": lambda frame, x: frame.apply(lambda row: row["a"] * row["c"] + x, axis=1),
    }


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("name", ["query", "in a loop", "of lists", "eval", "pd.eval", "nested", "waiting", "groups", "pipe", "assign", "rows"])
def test_data_frames_find_what_their_texts_name(name: str, config: dict[str, Any]) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1, 2, 3, 4, 5], "b": list("xxyyz"), "c": [5.0, 4, 3, 2, 1]})
    program = _pandas_programs()[name]
    expected = repr(program(frame, 2))
    traced = xcs.jit(program, **config)
    for _ in range(3):
        assert repr(traced(frame, 2)) == expected
