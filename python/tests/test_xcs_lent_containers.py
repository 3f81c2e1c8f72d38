# SPDX-License-Identifier: Apache-2.0
"""Calls that give back, keep or change lists, dicts and sets that they are given, of a program and of a library: for traced code they are its own."""

from __future__ import annotations

import collections
import copy
import functools
import heapq
import linecache
import operator
import os
import random
import sysconfig
import time
import types
from collections.abc import Callable
from typing import Any

import pytest
from canonical import CONFIGS, canonical
from measured import grows_below

from omega import xcs

_SOURCE = '''
import time

def nap(): time.sleep(0.0003)
def first(p): nap(); return p[0] if p else None
def last(p): nap(); return p[-1] if p else None
def same(p): nap(); return p
def part(p): nap(); return p[:2]
def wrap(p): nap(); return {"of": p, "n": len(p)}
def unwrap(d): nap(); return d["of"]
def pair(p, q): nap(); return p, q
def both(p, q): nap(); return [p, q]
def copied(p): nap(); return list(p)
def total(p): nap(); return repr(p)
def size(p): nap(); return len(p)
def fresh(p): nap(); return [len(p)]
def deep(p): nap(); return [[x] for x in p]
def fast(p): return p[0] if p else None
def longest(p, q): nap(); return p if len(p) >= len(q) else q
def push(p, x): nap(); p.append(x); return len(p)

active = most = 0

def slowly(given):
    global active, most
    active += 1
    most = max(most, active)
    time.sleep(0.01)
    active -= 1
    return given

def slow_last(p): return slowly(p)[-1]
def enriched(document): return {**slowly(document), "size": len(document["meta"])}

class Agent:
    def __init__(self): self.history = None; self.named = {}; self.items = []
    def use(self, history): self.history = history; return self
    def put(self, name, value): self.named[name] = value; return len(self.named)
    def add(self, value): self.items.append(value); return len(self.items)
    def ask(self, question): nap(); self.history.append(question); return len(self.history)
    def total(self): return sum(map(len, self.named.values())) + sum(map(len, self.items))

def keep(p):
    global kept
    kept = p
    return 1

def kept_size(): return len(kept)

def later(p):
    def size(): return len(p)
    return size

def one_by_one(p):
    for each in p: yield each
'''


def _module(name: str, file: str) -> Any:
    module = types.ModuleType(name)
    exec(compile(_SOURCE, file, "exec"), vars(module))
    return module


lib = _module("kept_library", os.path.join(sysconfig.get_path("purelib"), "kept_library.py"))
own = _module("kept_program", os.path.join(os.path.dirname(__file__), "kept_program.py"))


def model(x: int) -> int:
    time.sleep(0.0003)
    return x + 1


def _by_m(each: dict[str, int]) -> int:
    return each["m"]


def best(p: Any) -> Any:
    own.nap()
    return max(p, key=_by_m)


def sorted_first(p: Any) -> Any:
    own.nap()
    return sorted(p, key=_by_m)[0]


def found(p: Any) -> Any:
    own.nap()
    for each in p:
        if each["m"] == 2:
            return each
    return None


def all_found(p: Any) -> Any:
    own.nap()
    return [each for each in p if each["m"] == 2]


def by_number(p: Any) -> Any:
    own.nap()
    return {each["m"]: each for each in p}


def by_getter(p: Any) -> Any:
    own.nap()
    return operator.itemgetter(0)(p)


def shallow(p: Any) -> Any:
    own.nap()
    return copy.copy(p)


def largest(p: Any) -> Any:
    own.nap()
    return heapq.nlargest(1, p, key=_by_m)


def paired(p: Any) -> Any:
    own.nap()
    return list(zip(p, p, strict=True))


def reduced(p: Any) -> Any:
    own.nap()
    return functools.reduce(lambda a, b: a if a["m"] > b["m"] else b, p)


def of_library(p: Any) -> Any:
    return lib.first(p)


PICKS: list[Callable[[Any], Any]] = [best, sorted_first, found, all_found, by_number, by_getter, shallow, largest, paired, reduced, of_library]


def _marked(picked: Any) -> Any:
    each = picked
    while not (isinstance(each, dict) and "m" in each):
        each = next(iter(each.values())) if isinstance(each, dict) else each[0]
    each["marked"] = True
    return picked


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("pick", PICKS)
def test_what_a_call_picks_is_the_bodys(pick: Callable[[Any], Any], config: dict[str, Any]) -> None:
    def of_numbers() -> Any:
        dicts = [{"m": 2}, {"m": 1}]
        return _marked(pick(dicts)), dicts

    def of_results() -> Any:
        dicts = [{"m": model(1)}, {"m": model(0)}]
        return _marked(pick(dicts)), dicts

    def changed_behind() -> Any:
        dicts: list[Any] = [{"m": 2}, {"m": 1}]
        picked = pick(dicts)
        dicts[0]["new"] = model(3)
        dicts.append({"m": model(1)})
        return picked, dicts, own.total(picked)

    for program in (of_numbers, of_results, changed_behind):
        expected = canonical(program())
        traced = xcs.jit(program, **config)
        for _ in range(2):
            assert canonical(traced()) == expected


def of_attribute(agent: Any) -> Any:
    history: list[Any] = []
    used = agent.use(history)
    history.append(model(1))
    return used.ask("why"), history


def of_dict(agent: Any) -> Any:
    values: list[int] = []
    number = agent.put("a", values)
    values.append(model(1))
    return number, agent.total()


def of_list(agent: Any) -> Any:
    values: list[int] = []
    number = agent.add(values)
    values.append(model(1))
    return number, agent.total()


def of_global(_: Any) -> Any:
    values = [1]
    number = lib.keep(values)
    values.append(model(1))
    return number, lib.kept_size(), values


def of_function(_: Any) -> Any:
    values = [1]
    size = lib.later(values)
    values.append(model(1))
    return size(), values


def of_generator(_: Any) -> Any:
    values = [1]
    elements = lib.one_by_one(values)
    values.append(model(1))
    return list(elements), values


def of_queue(_: Any) -> Any:
    dicts = [[model(2)], [5]]
    queue = collections.deque(dicts)
    queue[0].append(3)
    return dicts, list(queue)


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("program", [of_attribute, of_dict, of_list, of_global, of_function, of_generator, of_queue])
def test_what_a_library_keeps_is_the_bodys(program: Callable[[Any], Any], config: dict[str, Any]) -> None:
    expected = canonical(program(lib.Agent()))
    traced = xcs.jit(program, **config)
    for _ in range(2):
        assert canonical(traced(lib.Agent())) == expected


class _Programs:
    """Programs over lists of lists: results, parts of them, changes of the lists by their names and by results."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.number = 0
        self.lists: list[str] = []
        self.dicts: list[str] = []
        self.others: list[str] = []
        self.lines = ["def program():"]

    def of_one(self, *choices: str) -> str:
        return self.random.choice(choices)

    def name(self, kind: list[str], letter: str) -> str:
        self.number += 1
        kind.append(f"{letter}{self.number}")
        return kind[-1]

    def line(self) -> str:
        module, a, b = self.of_one("lib", "own"), self.of_one(*self.lists), self.of_one(*self.lists)
        kind = self.random.randrange(14)
        if kind < 3:
            return f"{self.name(self.lists, 'v')} = {module}.{self.of_one('same', 'part', 'copied', 'fresh', 'deep')}({a})"
        if kind == 3:
            picked = f"{module}.{self.of_one('first', 'last', 'fast')}({a})"
            name = self.name(self.lists, "v")
            return f"{name} = {picked}\n  {name} = {name} if isinstance({name}, list) else [{name}]"
        if kind == 4:
            return f"{self.name(self.others, 's')} = {module}.total({module}.{self.of_one('first', 'last', 'same')}({a}))"
        if kind == 5:
            return f"{self.name(self.dicts, 'w')} = {module}.wrap({a})"
        if kind == 6 and self.dicts:
            d = self.of_one(*self.dicts)
            given = self.of_one(f"{d}['of']", f"{module}.unwrap({d})", f"{d}.get('of')")
            return f"{self.name(self.lists, 'v')} = {given}"
        if kind == 7:
            return f"{self.name(self.lists, 'v')} = {module}.{self.of_one('longest', 'both')}({a}, {b})"
        if kind == 8:
            one, other = self.name(self.lists, "v"), self.name(self.lists, "v")
            return f"{one}, {other} = {module}.pair({a}, {b})"
        if kind == 9:
            return f"{self.name(self.others, 's')} = {module}.{self.of_one('total', 'size')}({a})"
        if kind == 10:
            return f"{a}.append({self.of_one('[9]', '[model(5)]', '8')})"
        if kind == 11:
            return self.of_one(f"{a}[0] = [model(6)]", f"{a}.insert(0, [model({self.number})])", f"{a} += [[{self.number}]]")
        if kind == 12:
            return f"{self.name(self.others, 's')} = {module}.push({a}, {self.of_one('[1]', '[model(1)]')})"
        return f"{self.name(self.others, 's')} = model(len({a}))"

    def text(self) -> str:
        for _ in range(2):
            name = self.name(self.lists, "v")
            self.lines.append(f"{name} = [[{self.random.randrange(5)}], [{self.of_one('1', 'model(2)')}], [{self.of_one('3', 'model(4)')}, 7]]")
        self.lines += [self.line() for _ in range(self.random.randrange(3, 12))]
        self.lines.append(f"return [{', '.join(self.lists + self.dicts + self.others)}]")
        return "\n  ".join(self.lines) + "\n"


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("begin", range(0, 200, 40))
def test_random_programs(begin: int, config: dict[str, Any]) -> None:
    compared = 0
    for seed in range(begin, begin + 40):
        text = _Programs(seed).text()
        file = os.path.join(os.path.dirname(__file__), f"lent_containers_{seed}.py")
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
        names: dict[str, Any] = {"lib": lib, "own": own, "model": model}
        exec(compile(text, file, "exec"), names)
        try:
            expected = canonical(names["program"]())
        except (AttributeError, IndexError, TypeError, RecursionError):
            continue
        compared += 1
        traced = xcs.jit(names["program"], **config)
        for _ in range(2):
            assert canonical(traced()) == expected, text
    assert compared > 20


def test_calls_that_give_back_run_beside_each_other() -> None:
    def picked(lists: list[list[dict[str, Any]]]) -> Any:
        chosen = [lib.slow_last(each) for each in lists]
        for each in chosen:
            each["chosen"] = True
        return [lib.enriched({"meta": each}) for each in chosen]

    def all_enriched(documents: list[dict[str, Any]]) -> Any:
        return [lib.enriched(each) for each in documents]

    programs: list[tuple[Callable[[Any], Any], Any]] = [
        (picked, [[{"m": 1}, {"m": i}] for i in range(8)]),
        (all_enriched, [{"meta": {"a": [i]}} for i in range(8)]),
    ]
    for program, argument in programs:
        plain, traced = copy.deepcopy(argument), copy.deepcopy(argument)
        expected = canonical((program(plain), plain))
        lib.most = 0
        assert canonical((xcs.jit(program)(traced), traced)) == expected
        assert lib.most > 3


def test_what_many_calls_give_back_takes_time_in_proportion() -> None:
    def picked(lists: list[list[dict[str, Any]]]) -> Any:
        chosen = [own.first(each) for each in lists]
        for each in chosen:
            each["chosen"] = True
        return chosen

    def seconds(count: int) -> float:
        traced = xcs.jit(picked)
        begin = time.process_time()
        assert len(traced([[{"m": 1}, {"m": 2}] for _ in range(count)])) == count
        return time.process_time() - begin

    assert grows_below(40, 250, 4000, seconds)  # 16 times the calls; a square: 256 times
