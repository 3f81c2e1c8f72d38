# SPDX-License-Identifier: Apache-2.0
"""Functions of installed libraries that change a list or dict which they are given: the body has it changed."""

from __future__ import annotations

import copy
import os
import re
import statistics
import sysconfig
import time
import types
from typing import Any

import pytest
from canonical import CONFIGS

from omega import xcs
from omega.xcs.changed_arguments import changed_arguments

_SOURCE = '''
import time

def pop_best(pool):
    time.sleep(0.001)
    best = max(pool)
    pool.remove(best)
    return best

def chat(messages, *, note=None):
    time.sleep(0.001)
    if note is not None:
        note["asked"] = len(messages)
    messages.append({"role": "assistant", "content": str(len(messages))})
    return messages[-1]["content"]

def highest(pool, seen=None):
    seen = set() if seen is None else seen
    time.sleep(0.001)
    seen.update(pool)
    return max(pool)

active = most = 0

def looked_at(pool, seen=None):
    global active, most
    active += 1
    most = max(most, active)
    time.sleep(0.01)
    active -= 1
    return highest(pool, seen)

class Client:
    def ask(self, messages):
        return self._ask(messages)

    def use(self, messages):
        self.messages = messages
        return self

    def _ask(self, talk):
        return chat(talk)
'''
library = types.ModuleType("pool_library")
exec(compile(_SOURCE, os.path.join(sysconfig.get_path("purelib"), "pool_library.py"), "exec"), vars(library))
client = library.Client()


def model(x: int) -> int:
    time.sleep(0.001)
    return x + 1


def through(pool: list[int]) -> Any:
    return library.pop_best(pool)


def of_numbers() -> Any:
    pool = [3, 1, 2]
    return library.pop_best(pool), pool


def of_results() -> Any:
    pool = [model(i) for i in range(3)]
    return library.pop_best(pool), pool, library.pop_best(pool), len(pool)


def through_a_function() -> Any:
    pool = [model(i) for i in range(3)]
    return through(pool), pool


def of_a_method() -> Any:
    messages: list[Any] = [{"role": "user", "content": model(1)}]
    first = client.ask(messages)
    messages.append({"role": "user", "content": first})
    return first, client.ask(messages), messages


def by_name() -> Any:
    messages: list[Any] = [{"role": "user", "content": model(1)}]
    note = {"by": model(2)}
    return library.chat(messages=messages, note=note), note, messages


def by_default() -> Any:
    pool, seen = [model(i) for i in range(3)], {7}
    return library.highest(pool), library.highest(pool, seen), sorted(seen)


def of_the_interpreters() -> Any:
    memo: dict[int, Any] = {}
    held = [model(1)]
    return copy.deepcopy(held, memo), len(memo) > 0


PROGRAMS: list[Any] = [of_numbers, of_results, through_a_function, of_a_method, by_name, by_default, of_the_interpreters]


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_the_body_has_what_a_library_changed(program: Any, config: dict[str, Any]) -> None:
    expected = program()
    traced = xcs.jit(program, **config)
    for _ in range(3):
        assert traced() == expected


def test_arguments_that_libraries_change_are_told_from_others() -> None:
    def both(places: set[int | str]) -> Any:
        return places, places

    assert changed_arguments(library.pop_best) == both({0, "pool"})
    assert changed_arguments(library.chat) == both({0, "messages", "note"})
    assert changed_arguments(library.highest) == both({1, "seen"})
    assert changed_arguments(library.Client.ask, client) == both({0, "messages"})
    assert changed_arguments(library.Client.use, client) == ({0, "messages"}, set())
    assert changed_arguments(copy.deepcopy) == both({1, "memo"})
    assert not any(changed_arguments(each)[0] for each in (statistics.mean, statistics.stdev, re.sub, os.path.join))


def test_calls_that_change_nothing_of_theirs_run_beside_each_other() -> None:
    def program(count: int) -> Any:
        pools = [[model(i), i] for i in range(count)]
        return [library.looked_at(pool) for pool in pools], pools

    assert xcs.jit(program)(8) == program(8)
    assert library.most > 1
