# SPDX-License-Identifier: Apache-2.0
"""The order of effects that calls have through what they are given, and of those of results that are not there yet."""

from __future__ import annotations

import functools
import random
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from measured import grows_below

from omega import xcs


class Cell:
    """An object whose methods take their time between looking and changing."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.items: list[int] = []
        self.data = np.arange(4.0)

    def add(self, x: int) -> int:
        before = self.n
        time.sleep(0.002)
        self.n = before + x
        return self.n

    def get(self) -> int:
        before = self.n
        time.sleep(0.002)
        return before + self.n

    def shift(self) -> float:
        time.sleep(0.002)
        self.data += 1
        return float(self.data[0])

    @property
    def twice(self) -> int:
        return self.n * 2


class Keeper:
    def __init__(self, items: list[int]) -> None:
        self.items = items

    def keep(self, x: int) -> int:
        time.sleep(0.001 * (3 - x))
        self.items.append(x)
        return len(self.items)


CELL = Cell(0)
LOG: list[Any] = []


def the_cell(name: str) -> Cell:
    time.sleep(0.002)
    return CELL


def total(x: int) -> int:
    time.sleep(0.001)
    return CELL.n + x


def use(cell: Cell, x: int) -> int:
    return cell.add(x)


def numbers(count: int) -> Iterator[int]:
    for i in range(count):
        LOG.append(i)
        yield i


def reads_and_changes(cell: Cell) -> Any:
    return cell.add(1), cell.get(), cell.add(2), cell.n, cell.twice, cell.get(), cell.add(3)


def through_a_function(cell: Cell) -> Any:
    return [use(cell, i) for i in range(3)], total(1), use(cell, 5), total(2)


def through_a_partial_function(cell: Cell) -> Any:
    add = functools.partial(use, cell)
    return [add(1), cell.get(), add(2), total(0)]


def through_a_result(cell: Cell) -> Any:
    return the_cell("it").add(1), cell.get(), cell.add(1), the_cell("it").get(), total(1), the_cell("it").n


def through_a_list(cell: Cell) -> Any:
    items: list[int] = []
    keepers = [Keeper(items), Keeper(items)]
    return [keepers[i % 2].keep(i) for i in range(4)], items


def beside_array_code(cell: Cell) -> Any:
    before = cell.data * 2
    first = cell.shift()
    between = cell.data + 1
    return before.tolist(), first, between.tolist(), cell.shift(), cell.data.sum()


def by_steps(cell: Cell) -> Any:
    return [(i, use(cell, i), len(LOG)) for i in numbers(3)], next(iter(numbers(1)))


def looked_at_again(cell: Cell) -> Any:
    """Joining runs the body again, when the cell has changed."""
    before = cell.n, total(0), cell.data * 2
    cell.add(4)
    cell.data[:] = 9
    LOG.append(cell.n)
    return before[0], before[1], before[2].tolist(), ",".join([str_later(1), str_later(2)]), [each for each in numbers(2)]


def str_later(x: int) -> str:
    time.sleep(0.001)
    return str(x)


PROGRAMS = [
    reads_and_changes, through_a_function, through_a_partial_function, through_a_result, through_a_list, beside_array_code, by_steps, looked_at_again,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS)
def test_effects_through_what_calls_are_given_keep_their_order(program: Any) -> None:
    outcomes = []
    for function in (program, xcs.jit(program)):
        results = []
        for _ in range(4):  # at first on threads, then where calls are known to be short
            CELL.__init__(0)  # type: ignore[misc]
            LOG.clear()
            results.append((function(CELL), CELL.n, CELL.data.tolist(), list(LOG)))
        outcomes.append(results)
    assert outcomes[0] == outcomes[1]


def changes_by_out(a: Any) -> None:
    np.multiply(a, 2, out=a)


def changes_by_position(a: Any) -> None:
    np.add(a, 1, a)


def changes_by_method_with_out(a: Any) -> None:
    a.clip(1, 2, out=a)


def copies_into(a: Any) -> None:
    np.copyto(a, 3)


def puts(a: Any) -> None:
    np.put(a, [0], 9)


def adds_at(a: Any) -> None:
    np.add.at(a, [0, 0], 1)


def sorts(a: Any) -> None:
    a[::-1].sort()


def sorts_by_class(a: Any) -> None:
    np.ndarray.sort(a)


def fills(a: Any) -> None:
    a.fill(5)


def shuffles(a: Any) -> None:
    np.random.shuffle(a)  # noqa: NPY002


def adds_in_place(a: Any) -> None:
    a += 2


@pytest.mark.parametrize(
    "change",
    [
        changes_by_out, changes_by_position, changes_by_method_with_out, copies_into, puts, adds_at, sorts, sorts_by_class, fills, shuffles, adds_in_place,
    ],
)  # fmt: skip
def test_arrays_that_a_call_changes_are_seen_changed(change: Any) -> None:
    def slowly(a: Any) -> Any:
        time.sleep(0.002)
        change(a)
        return a.sum()

    def program(a: Any) -> Any:
        before = a * 2
        results = [slowly(a), slowly(a)]
        return before.tolist(), results, (a + 1).tolist(), slowly(a)

    outcomes = []
    for function in (program, xcs.jit(program), xcs.jit(program, adaptive=False)):
        np.random.seed(3)  # noqa: NPY002
        array = np.array([4.0, 1.0, 3.0, 0.0])
        outcomes.append((function(array), array.tolist()))
    assert outcomes[0] == outcomes[1] == outcomes[2]


def test_a_call_that_fails_where_it_is_called_runs_once() -> None:
    def fails(x: int) -> int:
        LOG.append(x)
        raise ValueError(f"no {x}")

    LOG.clear()
    with pytest.raises(ValueError, match="no 1"):
        xcs.jit(lambda: [fails(1), fails(2)], adaptive=False)()
    assert LOG == [1]


def test_calls_of_objects_that_share_nothing_that_changes_run_beside_each_other() -> None:
    import threading

    meet = threading.Barrier(3, timeout=60)
    settings = {"k": 1}

    class Model:
        def __init__(self) -> None:
            self.settings = settings
            self.calls: list[int] = []

        def ask(self, x: int) -> int:
            self.calls.append(x)
            return meet.wait() * 0 + x + self.settings["k"]

    models = [Model() for _ in range(3)]
    assert xcs.jit(lambda x: [model.ask(x) for model in models])(1) == [2, 2, 2]
    assert xcs.jit(lambda x: [ask_of(model, x) for model in models])(1) == [2, 2, 2]


def ask_of(model: Any, x: int) -> Any:
    return model.ask(x)


def test_a_variable_of_the_enclosing_function_that_a_call_assigns() -> None:
    count = 0

    def step(x: int) -> int:
        nonlocal count
        count += x
        return count

    def program() -> Any:
        return step(1), count, step(2), count

    assert program() == (1, 1, 3, 3)
    count = 0
    assert xcs.jit(program, adaptive=False)() == (1, 1, 3, 3)


@pytest.mark.parametrize("name", ["missing", "values[7]", "table['z']", "1 // zero"])
def test_errors_of_the_bodys_own_are_raised_as_they_are(name: str) -> None:
    scope: dict[str, Any] = {"the_cell": the_cell}
    exec(f"def program(values, table, zero):\n    cell = the_cell('it')\n    cell.add(1)\n    return {name}\n", scope)  # noqa: S102
    errors = []
    for function in (scope["program"], xcs.jit(scope["program"])):
        with pytest.raises(Exception) as caught:  # noqa: PT011
            function([1], {}, 0)
        errors.append((type(caught.value), str(caught.value)))
    assert errors[0] == errors[1]


def test_calls_of_results_keep_the_order_of_their_effects(capfd: pytest.CaptureFixture[str]) -> None:
    def shows(i: int) -> Any:
        time.sleep(0.005 * (3 - i))
        print("shown", i, flush=True)
        return i

    def chosen(name: str) -> Any:
        time.sleep(0.001)
        return shows

    @xcs.jit
    def all_shown() -> list[int]:
        return [chosen("it")(i) for i in range(3)]

    for _ in range(3):
        assert all_shown() == [0, 1, 2]
        assert capfd.readouterr().out == "shown 0\nshown 1\nshown 2\n"


def test_methods_of_one_object_that_is_a_result_keep_their_order() -> None:
    class Log:
        def __init__(self) -> None:
            self.lines: list[int] = []

        def add(self, i: int) -> int:
            time.sleep(0.005 * (3 - i))
            self.lines.append(i)
            return len(self.lines)

    logs = [Log(), Log()]

    def log_of(i: int) -> Any:
        return logs[i % 2]

    @xcs.jit
    def fill() -> list[int]:
        return [log_of(i).add(i // 2) for i in range(6)]

    assert fill() == [1, 1, 2, 2, 3, 3]
    assert [log.lines for log in logs] == [[0, 1, 2], [0, 1, 2]]


def test_a_call_of_a_result_that_fails_ends_those_behind_it() -> None:
    done: list[int] = []

    def fails(i: int) -> Any:
        if i == 1:
            raise ValueError("one")
        done.append(i)
        return i

    def chosen(name: str) -> Any:
        time.sleep(0.001)
        return fails

    @xcs.jit
    def all_called() -> list[int]:
        return [chosen("it")(i) for i in range(4)]

    for _ in range(2):
        done.clear()
        with pytest.raises(ValueError, match="one"):
            all_called()
        assert done == [0]


def test_the_cost_of_order_grows_with_the_number_of_calls() -> None:
    """Each call changes an object of its own; all wait at once."""
    import threading

    def seconds_of(count: int) -> float:
        """What the thread that traces takes until all are under way."""
        gate = threading.Event()

        class Counter:
            def __init__(self) -> None:
                self.n = 0

            def add(self, x: int) -> int:
                gate.wait()
                self.n += x
                return self.n

        counters = [Counter() for _ in range(count)]
        timer = threading.Timer(0.2 + count / 8000, gate.set)
        timer.start()
        start = time.thread_time()
        assert xcs.jit(lambda: [each.add(1) for each in counters], max_threads=2)() == [1] * count
        return time.thread_time() - start

    seconds_of(100)
    assert grows_below(24, 500, 4000, seconds_of)  # 8 times the calls; pairs would take 64 times
