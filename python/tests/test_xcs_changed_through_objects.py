# SPDX-License-Identifier: Apache-2.0
"""Lists, dicts and sets of traced code that calls change through objects or results which have them: the code finds them changed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from canonical import CONFIGS, canonical
from made_modules import made_module
from measured import takes_below

from omega import xcs

_SOURCE = '''
import time

def nap(seconds=0.001): time.sleep(seconds)

class Box:
    def __init__(self, items): self.items = items
    def push(self, x): nap(0.003); self.items.append(x); return len(self.items)
    def get(self): nap(); return self.items
    def total(self): nap(); return repr(self.items)

class Names:
    def __init__(self, by_name, seen): self.by_name = by_name; self.seen = seen
    def name(self, name, value): nap(0.003); self.by_name[name] = value; self.seen.add(name); return name

class Agent:
    def __init__(self, history): self.history = history
    def ask(self, question): nap(0.01); self.history.append(question); return len(self.history)

class Sender:
    def send(self, question): nap(0.01); return question + "!"
    def put(self, question): return self.send(question)
    def ask(self, question): return self.put(question) + "?"

class Rows(list):
    def ask(self, x): nap(0.003); self.append(x); return len(self)

class Appended(list):
    def append(self, x): nap(0.003); super().append(x)
    def ask(self, x): super().append(x); nap(0.003); return len(self)
    def tell(self, x): self.append(x); return len(self)

class Based(Agent):
    def ask(self, question): return super().ask(question)

def start(k): nap(); return [[k], [k]]
def boxed(items): nap(); return Box(items)
def boxed_copy(items): nap(); return Box(list(items))
def same(items): nap(); return items
def longest(p, q): nap(); return p if len(p) >= len(q) else q
def total(items): nap(); return repr(items)
'''
own = made_module("boxes_of_program", _SOURCE, is_library=False)
lib = made_module("boxes_of_library", _SOURCE, is_library=True)


def made_in_the_code(of: Any) -> Any:
    rows = [[1], [1]]
    box = of.Box(rows)
    count = box.push(2)
    return rows, box.items, count, len(rows)


def of_a_call(of: Any) -> Any:
    rows = of.start(1)
    box = of.Box(rows)
    count = box.push([2])
    return rows, count, rows[-1], of.total(rows)


def boxed_by_a_function(of: Any) -> Any:
    rows = of.start(1)
    box = of.boxed(rows)
    count = box.push([2])
    return of.total(rows), len(rows), rows, box.items, count


def boxed_by_a_function_that_hides_it(of: Any) -> Any:
    rows = of.start(1)
    before = len(rows)
    box = of.boxed(rows)
    count = box.push([2])
    return before, of.total(rows), len(rows), rows, box.items, count


def within_another_list(of: Any) -> Any:
    rows = of.start(1)
    items = [rows, rows]
    box = of.boxed(items)
    count = box.push([2])
    return of.total(items), len(items), rows, box.items, count


def dicts_and_sets(of: Any) -> Any:
    by_name: dict[str, int] = {}
    seen: set[str] = set()
    names = of.Names(by_name, seen)
    given = [names.name("a", 1), names.name("b", 2)]
    return given, sorted(by_name), "a" in seen, by_name, sorted(seen)


def of_a_result_that_is_not_there(of: Any) -> Any:
    rows = [0]
    others = [[2], [1]]
    box = of.boxed_copy(rows)
    longest = of.longest(others, rows)
    count = box.push(longest)
    longest.append(3)
    return rows, others, longest, box, count


def given_to_a_result_that_is_not_there(of: Any) -> Any:
    rows = [[0]]
    box = of.boxed_copy([1])
    count = box.push(rows)
    rows.append([1])
    return rows, box, count


def added_to_what_a_method_gives(of: Any) -> Any:
    box = of.boxed_copy([1])
    before = box.total()
    items = box.get()
    items += [[6]]
    return before, box.total(), items, box


def added_to_a_result_of_a_result(of: Any) -> Any:
    rows = of.start(3)
    seen = of.total(rows)
    given = of.same(of.same(rows))
    given += [[4]]
    return seen, of.total(rows), rows, given


def of_a_class_that_is_a_list(of: Any) -> Any:
    rows = of.Rows([1])
    return [rows.ask(2), rows.ask(3)], of.total(rows), rows


def of_a_class_that_calls_that_of_lists(of: Any) -> Any:
    rows = of.Appended()
    return [rows.ask(2), rows.tell(3), rows.ask(4)], of.total(rows), rows


def of_a_base_class(of: Any) -> Any:
    history: list[str] = []
    agent = of.Based(history)
    one, two = agent.ask("p"), agent.ask("q")
    return one, two, len(history), agent


def in_histories(of: Any) -> Any:
    histories: list[list[str]] = [[] for _ in range(4)]
    agents = [of.Agent(each) for each in histories]
    out = [agent.ask("q") for agent in agents]
    return out, sum(map(len, histories))


def in_a_history_that_is_read_in_a_loop(of: Any) -> Any:
    history: list[str] = []
    agent = of.Agent(history)
    out = []
    for question in "abc":
        out.append(agent.ask(question))
        out.append(len(history))
    return out


PROGRAMS: list[Callable[[Any], Any]] = [
    made_in_the_code,
    of_a_call,
    boxed_by_a_function_that_hides_it,
    within_another_list,
    dicts_and_sets,
    of_a_result_that_is_not_there,
    given_to_a_result_that_is_not_there,
    added_to_what_a_method_gives,
    added_to_a_result_of_a_result,
    of_a_class_that_is_a_list,
    of_a_class_that_calls_that_of_lists,
    of_a_base_class,
    in_histories,
    in_a_history_that_is_read_in_a_loop,
]


def test_a_function_of_the_program_that_makes_an_object_of_a_result() -> None:
    expected = canonical(boxed_by_a_function(own))
    for config in CONFIGS:
        traced = xcs.jit(boxed_by_a_function, **config)
        assert [canonical(traced(own)) for _ in range(4)] == [expected] * 4


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("of", [own, lib], ids=lambda of: str(of.__name__))
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_same_as_plain(program: Callable[[Any], Any], of: Any, config: dict[str, Any]) -> None:
    expected = canonical(program(of))
    traced = xcs.jit(program, **config)
    for _ in range(4):
        assert canonical(traced(of)) == expected


def _is_parallel(program: Callable[..., Any], *given: Any) -> bool:
    """Whether ten calls of 10 ms take less than half of what they do one after another."""
    traced = xcs.jit(program)
    traced(*given)

    def seconds() -> float:
        begin = time.perf_counter()
        traced(*given)
        return time.perf_counter() - begin

    return takes_below(0.05, seconds)


def test_calls_whose_changes_nobody_looks_at_before_the_end_run_beside_each_other() -> None:
    def asked() -> Any:
        histories: list[list[str]] = [[] for _ in range(10)]
        agents = [own.Agent(each) for each in histories]
        return [agent.ask("q") for agent in agents], histories

    def asked_in_loops() -> Any:
        histories, agents, out = [], [], []
        for i in range(10):
            history = [i]
            histories.append(history)
            agents.append(own.Agent(history))
        for agent in agents:
            out.append(agent.ask("q"))
        return out, histories

    assert xcs.jit(asked)() == asked()
    assert _is_parallel(asked)
    assert xcs.jit(asked_in_loops)() == asked_in_loops()
    assert _is_parallel(asked_in_loops)


def test_methods_that_are_called_as_those_of_lists_are_looked_into() -> None:
    def sent(sender: Any) -> list[str]:
        return [sender.ask(str(i)) for i in range(10)]

    for of in (own, lib):
        assert xcs.jit(sent)(of.Sender()) == sent(of.Sender())
        assert _is_parallel(sent, of.Sender())


def test_operators_like_add_on_texts_that_are_not_there_wait_for_nothing() -> None:
    def answered(sender: Any) -> list[str]:
        out = []
        for i in range(10):
            answer = sender.send(str(i))
            answer += "\\n"
            out.append(answer)
        return out

    def told(sender: Any) -> str:
        text = ""
        for i in range(10):
            text += sender.send(str(i))
        return text

    for program in (answered, told):
        assert xcs.jit(program)(own.Sender()) == program(own.Sender())
        assert _is_parallel(program, own.Sender())


def test_methods_of_results_wait_for_nothing_where_they_keep_nothing() -> None:
    def stripped(sender: Any) -> list[Any]:
        kinds = ["!", "?"]
        return [own.same(sender.send(str(i))).strip("!").split(kinds[0]) for i in range(10)]

    def replaced(sender: Any) -> list[Any]:
        kinds = ["!", "?"]
        out = []
        for i in range(10):
            out.append(sender.send(str(i)).join(kinds))
        return [out, kinds]

    for program in (stripped, replaced):
        assert xcs.jit(program)(own.Sender()) == program(own.Sender())
        assert _is_parallel(program, own.Sender())
