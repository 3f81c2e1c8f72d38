# SPDX-License-Identifier: Apache-2.0
"""Changes through what a call of Python's library or of NumPy gives back of what it is given: a view, a part, the thing itself."""

from __future__ import annotations

import random
import types
from typing import Any

import numpy as np
import pytest

from omega import xcs
from omega.xcs.effects import Effect, effect_of

_PRELUDE = """
import bisect, collections, contextlib, copy, csv, functools, heapq, io, itertools, json, operator, pickle, struct, time, types, typing, weakref
import numpy as np
from numpy.random import rand
from random import randint

class Box:
    def __init__(self):
        self.items = [0]
        self.n = 0

def change(a, v):
    time.sleep(0.005)
    {change}

def look(a):
    return {look}

def program():
    a = {made}
    seen = []
    for v in range(1, 4):
        change(a, v)
        seen.append(look(a))
    return seen
"""

_ARRAYS = [
    "np.asarray(a)[0, 0] = v",
    "np.ravel(a)[0] = v",
    "a.reshape(-1)[0] = v",
    "a.view(np.int64)[0, 0] = v",
    "b = np.transpose(a); b += v",
    "np.squeeze(a)[0, 0] = v",
    "np.atleast_2d(a)[0, 0] = v",
    "np.split(a, 2)[0][0, 0] = v",
    "np.frombuffer(a)[0] = v",
    "memoryview(a)[0, 0] = float(v)",
    "np.asarray(a).fill(v)",
    "np.array(a, copy=False)[0, 0] = v",
    "np.ndarray.ravel(a)[0] = v",
    "import numpy; numpy.asarray(a)[0, 0] = v",
    "from numpy import asarray; asarray(a)[0, 0] = v",
    "a.flat[0] = v",
    "for row in a: row[0] = v",
]
_OBJECTS = [
    ("Box()", "getattr(a, 'items').append(v)", "list(a.items)"),
    ("Box()", "vars(a)['n'] = v", "a.n"),
    ("Box()", "copy.copy(a).items.append(v)", "list(a.items)"),
    ("Box()", "weakref.proxy(a).n = v", "a.n"),
    ("Box()", "operator.attrgetter('items')(a).append(v)", "list(a.items)"),
    ("[0]", "typing.cast(list, a).append(v)", "list(a)"),
    ("[0]", "functools.partial(a.append, v)()", "list(a)"),
    ("[0]", "functools.partial(list.append, a)(v)", "list(a)"),
    ("[0]", "operator.methodcaller('append', v)(a)", "list(a)"),
    ("[0]", "add = operator.methodcaller('append', v); add(a)", "list(a)"),
    ("[0]", "list(map(a.append, [v]))", "list(a)"),
    ("[0]", "f = a.append; f(v)", "list(a)"),
    ("[0]", "types.SimpleNamespace(q=a).q.append(v)", "list(a)"),
    ("[0]", "(a if v else None).append(v)", "list(a)"),
    ("[[0]]", "operator.getitem(a, 0).append(v)", "list(a[0])"),
    ("[[0]]", "operator.itemgetter(0)(a).append(v)", "list(a[0])"),
    ("[[0], [1]]", "max(a).append(v)", "copy.deepcopy(a)"),
    ("[[0], [1]]", "next(iter(a)).append(v)", "copy.deepcopy(a)"),
    ("[[0], [1]]", "functools.reduce(lambda x, y: x, a).append(v)", "copy.deepcopy(a)"),
    ("[[0], [1]]", "[*itertools.islice(a, 1)][0].append(v)", "copy.deepcopy(a)"),
    ("{'k': [0]}", "dict.get(a, 'k').append(v)", "list(a['k'])"),
    ("{'k': 0}", "collections.ChainMap(a)['k'] = v", "dict(a)"),
    ("{'k': [0]}", "match a:\n        case {'k': x}:\n            x.append(v)", "list(a['k'])"),
    ("bytearray(4)", "struct.pack_into('i', a, 0, v)", "bytes(a)"),
    ("bytearray(4)", "memoryview(a)[0] = v", "bytes(a)"),
    ("io.StringIO()", "csv.writer(a).writerow([v])", "a.getvalue()"),
]


def _module(made: str, change: str, look: str) -> Any:
    module = types.ModuleType("changes")
    exec(_PRELUDE.format(made=made, change=change, look=look), module.__dict__)  # noqa: S102
    return module


def _expect_same(made: str, change: str, look: str) -> None:
    module = _module(made, change, look)
    expected = module.program()
    for adaptive in (True, False):
        traced = xcs.jit(module.program, adaptive=adaptive)
        for _ in range(2):
            assert traced() == expected


@pytest.mark.parametrize("change", _ARRAYS)
def test_changes_through_views(change: str) -> None:
    if "copy=False" in change and np.__version__ >= "2":
        change = change.replace("copy=False", "copy=None")
    _expect_same("np.zeros((4, 4))", change, "float(a.sum())")


@pytest.mark.parametrize(("made", "change", "look"), _OBJECTS)
def test_changes_through_what_is_given_back(made: str, change: str, look: str) -> None:
    _expect_same(made, change, look)


@pytest.mark.parametrize("call", ["rand()", "randint(1, 10**9)"])
def test_functions_of_generators_are_known_by_their_own_names(call: str) -> None:
    module = _module("0", f"return {call}", "0")
    assert effect_of(module.change).effect == Effect.SHARED


def test_an_import_in_a_function_draws_in_order() -> None:
    module = _module("0", "from random import random as draw; return draw()", "0")
    assert effect_of(module.change).effect == Effect.SHARED

    def program() -> list[float]:
        return [module.change(0, i) for i in range(3)]

    random.seed(1)
    expected = program()
    random.seed(1)
    assert xcs.jit(program)() == expected


@pytest.mark.parametrize(
    "change",
    [
        "d = json.loads('{}'); d['x'] = a; return d",
        "b = np.exp(a); b += 1; return b",
        "b = sorted([3, v]); b.append(1); return b",
        "d = copy.deepcopy(a); d.append(1); return d",
        "d = dict(k=v); d.update(x=1); return d",
        "from collections import Counter; c = Counter(a); c['x'] += 1; return c",
    ],
)
def test_what_is_made_anew_may_be_changed_side_by_side(change: str) -> None:
    assert effect_of(_module("0", change, "0").change).effect == Effect.NONE
