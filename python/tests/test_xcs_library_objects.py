# SPDX-License-Identifier: Apache-2.0
"""Objects of installed libraries that methods change: calls of these keep their order with whatever sees the object, others run beside each other."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from canonical import CONFIGS, canonical
from made_modules import made_module
from measured import takes_below

from omega import xcs
from omega.xcs.own_changes import changes_own_object, uses_of_given

_SOURCE = '''
import time

READY = "ready"

class Chat:
    def __init__(self, name="a", history=None):
        self.name = name
        self.history = [] if history is None else history
        self.last = None

    def send(self, question):
        time.sleep(0.002)
        self.history.append(question)
        answer = f"{self.name}:{len(self.history)}:{question}"
        self.history.append(answer)
        return answer

    def deep(self, question):
        return self._record(question)

    def _record(self, question):
        count = len(self.history)
        time.sleep(0.002)
        self.history = self.history + [question]
        return count

    def ask(self, question):
        time.sleep(0.01)
        return question + "!" + str(len(self.history))

    def __call__(self, question):
        return self.send(question)

class Client:
    def __init__(self):
        self.state = "new"
        self.pool = None
        self.answer_cache = {}

    def chat(self, name):
        time.sleep(0.001)
        return Chat(name)

    def get(self, question):
        self.state = READY
        if self.pool is None:
            self.pool = [question]
        self.answer_cache[question] = len(question)
        return self._get(question)

    def _get(self, question):
        self.state = "used"
        return self.send(question)

    def send(self, question):
        time.sleep(0.01)
        return question + "?"

class Counter:
    __slots__ = ("n", "seen")

    def __init__(self):
        self.n = 0
        self.seen = []

    def next(self):
        n = self.n
        time.sleep(0.001)
        self.n = n + 1
        return self.n

    def see(self, x):
        time.sleep(0.001)
        self.seen.append(x)
        return len(self.seen)

def send_to(chat, question):
    return chat.send(question)

def rename(chat, name):
    old = chat.name
    time.sleep(0.002)
    chat.name = name
    return old

def keep(chat, question):
    time.sleep(0.002)
    chat.history.append(question)
    return len(chat.history)

def first_of(chats, question):
    return chats[0].send(question)

def rename_all(chats, name):
    time.sleep(0.002)
    for chat in chats:
        chat.name = chat.name + name
    return len(chats)

def ask_of(chat, question):
    return chat.ask(question)
'''
lib = made_module("chat_library", _SOURCE, is_library=True)


class Desk:
    """The program's own, with an object of a library."""

    def __init__(self, chat: Any) -> None:
        self.chat = chat

    def ask(self, question: str) -> str:
        answer: str = self.chat.send(question)
        return answer + "."


class OwnChat(lib.Chat):  # type: ignore[misc, name-defined]
    def twice(self, question: str) -> list[str]:
        return [self.send(question), self.send(question)]


def asked(chat: Any, question: str) -> Any:
    return chat.send(question)


def shown(chat: Any) -> str:
    time.sleep(0.001)
    return repr(chat.history)


def made_and_asked() -> Any:
    chat = lib.Chat("a")
    one, two = chat.send("p"), chat.send("q")
    return [one, two, chat.history]


def asked_in_a_loop() -> Any:
    chat = lib.Chat()
    out = []
    for question in "pqr":
        out.append(chat.send(question))
    return out


def by_an_inner_method() -> Any:
    chat = lib.Chat()
    return [chat.deep(each) for each in "abc"]


def by_slots() -> Any:
    counter = lib.Counter()
    return [counter.next() for _ in range(4)], [counter.see(i) for i in range(3)], counter.seen


def of_a_result() -> Any:
    chat = lib.Client().chat("z")
    one = chat.send("one")
    two = chat.send("two: " + one)
    return [one, two, len(chat.history)]


def looked_at_between() -> Any:
    chat = lib.Client().chat("z")
    one = chat.send("one")
    held = list(chat.history)
    two = chat.send("two")
    return [one, two, held, list(chat.history)]


def by_a_function() -> Any:
    chat = lib.Chat()
    return [asked(chat, each) for each in "abc"], shown(chat)


def by_an_object_of_the_program() -> Any:
    chat = lib.Chat()
    desks = [Desk(chat), Desk(chat), Desk(lib.Chat("other"))]
    return [desk.ask("q") for desk in desks], chat.history


def by_a_class_of_the_program() -> Any:
    chat = OwnChat("own")
    one = chat.twice("q")
    two = chat.send("r")
    return one, two, shown(chat)


def by_calling_it() -> Any:
    chat = lib.Chat()
    return [chat(each) for each in "abc"]


def with_a_list_of_the_code() -> Any:
    history: list[str] = []
    chat = lib.Chat("a", history)
    one = chat.send("p")
    length = len(history)
    history.append("between")
    two = chat.send("q")
    return one, length, two, history


def with_a_list_looked_at_by_a_call() -> Any:
    history: list[str] = []
    chat = lib.Chat("a", history)
    one = chat.ask("p")
    history.append("between")
    two = chat.send("q")
    return one, two, repr(history)


def by_functions_of_the_library() -> Any:
    chat = lib.Chat()
    sent = [lib.send_to(chat, each) for each in "ab"]
    names = [lib.rename(chat, each) for each in "cd"], chat.name
    return sent, names, [lib.keep(chat, each) for each in "ef"], chat.history


def of_a_result_by_functions_of_the_library() -> Any:
    chat = lib.Client().chat("z")
    one = lib.send_to(chat, "one")
    old = lib.rename(chat, "y")
    two = chat.send("two: " + one)
    count = lib.keep(chat, two)
    return [one, old, two, count, chat.name, shown(chat)]


def in_a_list_by_a_function_of_the_library() -> Any:
    chats = [lib.Chat("a"), lib.Chat("b")]
    sent = [lib.first_of(chats, each) for each in "abc"]
    counts = [lib.rename_all(chats, each) for each in "de"]
    return sent, counts, chats[0].history, [each.name for each in chats]


PROGRAMS: list[Callable[[], Any]] = [
    made_and_asked,
    asked_in_a_loop,
    by_an_inner_method,
    by_slots,
    of_a_result,
    looked_at_between,
    by_a_function,
    by_an_object_of_the_program,
    by_a_class_of_the_program,
    by_calling_it,
    with_a_list_of_the_code,
    with_a_list_looked_at_by_a_call,
    by_functions_of_the_library,
    of_a_result_by_functions_of_the_library,
    in_a_list_by_a_function_of_the_library,
]


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_same_as_plain(program: Callable[[], Any], config: dict[str, Any]) -> None:
    expected = canonical(program())
    traced = xcs.jit(program, **config)
    for _ in range(4):
        assert canonical(traced()) == expected


def test_which_methods_change_their_object() -> None:
    changing = {cls: [name for name in dir(cls) if callable(getattr(cls, name)) and changes_own_object(cls, name)] for cls in (lib.Chat, lib.Client, lib.Counter)}
    assert changing == {lib.Chat: ["__call__", "__init__", "_record", "deep", "send"], lib.Client: [], lib.Counter: ["__init__", "next", "see"]}
    assert not changes_own_object(lib.Chat, "none_such")
    assert not changes_own_object(random.Random, "random")  # of C


def test_what_functions_do_with_given_objects() -> None:
    uses = {name: uses_of_given(getattr(lib, name)) for name in ("send_to", "rename", "rename_all", "keep", "first_of", "ask_of")}
    change = ((), True)
    assert uses == {"send_to": (("send",), False), "rename": change, "rename_all": change, "keep": change, "first_of": (("send",), False), "ask_of": (("ask",), False)}
    assert uses_of_given(shown) == uses_of_given(test_same_as_plain) == ((), False)  # those of programs are followed


def test_calls_that_change_nothing_run_beside_each_other() -> None:
    def of_one_object(chat: Any, client: Any) -> Any:
        return [chat.ask(str(i)) for i in range(10)], [client.get(str(i)) for i in range(10)], [lib.ask_of(chat, str(i)) for i in range(10)]

    def of_many_objects(chats: list[Any]) -> Any:
        return [chat.ask("a") + chat.send("b") for chat in chats]

    for program, given in ((of_one_object, (lib.Chat(), lib.Client())), (of_many_objects, ([lib.Chat(str(i)) for i in range(10)],))):
        traced = xcs.jit(program)
        traced(*given)

        def seconds() -> float:
            begin = time.perf_counter()
            traced(*given)  # noqa: B023
            return time.perf_counter() - begin

        assert takes_below(0.05, seconds)  # one after another: 0.3 and 0.12
