# SPDX-License-Identifier: Apache-2.0
"""Which functions a process that was forked earlier may run: those of which all that they read is known, and is what it was."""

from __future__ import annotations

import functools
import gc
import itertools
import math
import os
import random
import time
import types
import weakref
from collections import Counter
from typing import Any, Callable

import numpy as np
import pytest
from numpy.random import normal

from omega import arrays
from omega._workers.reading import reading_of

words = {"a": 1}
word = words.get
keep: Callable[[Any], None] = [].append
square: Any = np.frompyfunc(lambda x: x * x, 1, 1)
generator = np.random.default_rng(1)
numbers = itertools.count()
written = 0


def recursive(n: int) -> int:
    return n if n < 2 else recursive(n - 1) + recursive(n - 2)


def assigns(_: Any) -> None:
    global written
    written = 1


def imports(_: Any) -> Any:
    import os as system

    return system.environ


def takes_a_module_along(_: Any) -> Any:
    library = np.random
    return library.rand()


@pytest.mark.parametrize(
    "function",
    [
        recursive,
        math.sin,
        "text".upper,
        np.sum,
        np.add,
        functools.partial(recursive, 3),
        lambda x: np.linalg.norm(x) + np.fft.fft(x).sum() + math.pi,
        lambda x: np.random.default_rng(3).normal(size=3),
        lambda x: random.Random(3).random(),
        lambda x: (os.path.join("a", "b"), os.getpid()),
        lambda x: (Counter(x).most_common(3), functools.reduce(lambda a, b: a + b, x)),
        lambda x: (time.sleep(0.1), time.perf_counter()),
        lambda x: arrays.sum(x),
        lambda x: [recursive(i) for i in sorted(x, key=lambda y: -y)],
        lambda x: x.random(np.newaxis, dtype=np.float32),
    ],
)
def test_known(function: Any) -> None:
    reading = reading_of(function)
    assert reading is not None
    assert reading.holds(function)


@pytest.mark.parametrize(
    "function",
    [
        assigns,
        imports,
        takes_a_module_along,
        normal,
        words.get,
        generator.normal,
        lambda x: word("a"),
        lambda x: keep(x),
        lambda x: square(x),
        lambda x: next(numbers),
        lambda x: generator.normal(),
        lambda x: np.random.normal(),
        lambda x: normal(),
        lambda x: getattr(np, "random").rand(),
        lambda x: os.environ.get("x"),
        lambda x: os.listdir(),
        lambda x: time.localtime(),
        lambda x: open("x").read(),
        lambda x: np.load("x"),
        lambda x: np.array2string(x),
        lambda x: random.random(),
        lambda x: words["a"],
        lambda x: eval("words"),
    ],
)
def test_not_known(function: Any) -> None:
    assert reading_of(function) is None


def test_functions_of_the_programs_modules_are_looked_into() -> None:
    module = types.ModuleType("of_the_program")
    exec("factor = 2\ndef scaled(x):\n    return x * factor\n", vars(module))
    function = eval("lambda x: module.scaled(x)", {"module": module})
    reading = reading_of(function)
    assert reading is not None and reading.holds(function)
    module.factor = 3
    assert not reading.holds(function)
    module.factor = [3]
    assert reading_of(function) is None


def test_a_reading_does_not_keep_its_function() -> None:
    def make() -> Any:
        def inner(n: int) -> int:
            return 0 if n == 0 else inner(n - 1)

        return inner

    function = make()
    reading = reading_of(function)
    gone = weakref.ref(function)
    del function
    gc.collect()
    assert reading is not None and gone() is None
