# SPDX-License-Identifier: Apache-2.0
"""Random programs of a traced function whose lists objects have too, of the program's classes and of a library's, which each program calls for the first time."""

from __future__ import annotations

import linecache
import os
import random
import time
from typing import Any

import pytest
from canonical import CONFIGS, canonical
from made_modules import made_module

from omega import xcs

_SOURCE = '''
import time

def nap(): time.sleep(0.0003)

class Box:
    def __init__(self, items): self.items = items
    def total(self): nap(); return repr(self.items)
    def push(self, x): nap(); self.items.append(x); return len(self.items)
    def get(self): nap(); return self.items
    def count(self): return len(self.items)

def box(p): nap(); return Box(p)
def copied(p): nap(); return Box(list(p))
def box_of(p, q): nap(); return Box([p, q])
def same(p): nap(); return p
def fresh(p): nap(); return [len(p)]
def longest(p, q): nap(); return p if len(p) >= len(q) else q
def total(p): nap(); return repr(p)
def shown(box): nap(); return repr(box.items)
def start(k): nap(); return [[k], [k]]
'''


def model(x: int) -> int:
    time.sleep(0.0003)
    return x + 1


class _Programs:
    """A program from a seed: lists, and objects that have them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.number = 0
        self.lists: list[str] = []
        self.boxes: list[str] = []
        self.others: list[str] = []
        self.lines = ["def program():"]

    def of_one(self, *choices: str) -> str:
        return self.random.choice(choices)

    def name(self, kind: list[str], letter: str) -> str:
        self.number += 1
        kind.append(f"{letter}{self.number}")
        return kind[-1]

    def line(self) -> str:
        module, p, q = self.of_one("lib", "own"), self.of_one(*self.lists), self.of_one(*self.lists)
        box = self.of_one(*self.boxes) if self.boxes else ""
        kind = self.random.randrange(7, 14) if not box else self.random.randrange(14)
        if kind in (0, 1):
            return f"{self.name(self.others, 's')} = {box}.{self.of_one('total', 'count')}()"
        if kind in (2, 3):
            return f"{self.name(self.others, 's')} = {box}.push({self.of_one('[1]', '[model(1)]', f'{module}.fresh({p})')})"
        if kind == 4:
            return f"{self.name(self.lists, 'v')} = {box}.{self.of_one('get()', 'items')}"
        if kind == 5:
            return f"{self.name(self.others, 's')} = {module}.shown({box})"
        if kind == 6:
            return f"{self.name(self.boxes, 'b')} = {module}.box_of({p}, {q})"
        if kind in (7, 8):
            return f"{self.name(self.boxes, 'b')} = {module}.{self.of_one('box', 'Box', 'copied')}({p})"
        if kind == 9:
            given = self.of_one(f"same({p})", f"fresh({p})", f"longest({p}, {q})")
            return f"{self.name(self.lists, 'v')} = {module}.{given}"
        if kind == 10:
            return self.of_one(f"{p} += [[{self.number}]]", f"{p}.append([9])", f"{p}.append([model(5)])", f"{p}.insert(0, [model({self.number})])")
        if kind == 11:
            return f"{self.name(self.others, 's')} = {module}.total({p})"
        return f"{self.name(self.others, 's')} = {self.of_one(f'model(len({p}))', f'len({p})', f'repr({p})')}"

    def text(self) -> str:
        for _ in range(2):
            name = self.name(self.lists, "v")
            self.lines.append(f"{name} = " + self.of_one(f"[[{self.random.randrange(5)}], [model(2)]]", f"own.start({self.number})"))
        self.lines += [self.line() for _ in range(self.random.randrange(4, 12))]
        self.lines.append(f"return [{', '.join(self.lists + self.boxes + self.others)}]")
        return "\n  ".join(self.lines) + "\n"


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("begin", range(0, 160, 40))
def test_same_as_plain(begin: int, config: dict[str, Any]) -> None:
    compared = 0
    own = made_module("random_objects_of_program", _SOURCE, is_library=False)
    for seed in range(begin, begin + 40):
        text = _Programs(seed).text()
        file = os.path.join(os.path.dirname(__file__), f"random_objects_{seed}.py")
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
        names: dict[str, Any] = {"lib": made_module("random_objects_of_library", _SOURCE, is_library=True), "own": own, "model": model}
        exec(compile(text, file, "exec"), names)
        try:
            expected = canonical(names["program"]())
        except (AttributeError, TypeError, RecursionError):
            continue
        compared += 1
        traced = xcs.jit(names["program"], **config)
        for _ in range(2):
            assert canonical(traced()) == expected, text
    assert compared > 30
