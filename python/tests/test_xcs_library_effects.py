# SPDX-License-Identifier: Apache-2.0
"""What Python's library changes besides giving a result: files, the interpreter, objects by their methods, what it is called for."""

from __future__ import annotations

import argparse
import asyncio
import collections
import inspect
import operator
import pathlib
import random
import sqlite3
import sys
import time
import types
from typing import Any

import pytest

from omega import xcs
from omega.xcs.effects import Effect, effect_of

_IMPORTS = """
import argparse, collections, configparser, decimal, functools, heapq, io, logging, operator, os, pathlib, queue, random, shutil, subprocess, sys, tempfile
import threading, zipfile, zlib
"""
_PROGRAMS = {
    "directories": """
        d = tempfile.mkdtemp()
        p = os.path.join(d, "x")
        os.mkdir(p)
        names = os.listdir(d)
        os.rmdir(p)
        left = os.listdir(d)
        os.rmdir(d)
        return names, left, os.path.exists(d)
    """,
    "files that are copied": """
        d = tempfile.mkdtemp()
        p = os.path.join(d, "x")
        open(p, "w").close()
        q = shutil.copy(p, p + "y")
        shutil.move(q, p + "z")
        names = sorted(os.listdir(d))
        shutil.rmtree(d)
        return names, os.path.exists(d)
    """,
    "files by their paths": """
        d = pathlib.Path(tempfile.mkdtemp())
        p = d / "x"
        p.write_text("a" * 10)
        first = p.read_text()
        p.write_text("b")
        second = p.read_text()
        shutil.rmtree(d)
        return first, second, d.exists()
    """,
    "programs that are run": """
        d = tempfile.mkdtemp()
        subprocess.run(["touch", d + "/x"])
        names = os.listdir(d)
        subprocess.run(["rm", d + "/x"])
        left = os.listdir(d)
        os.rmdir(d)
        return names, left
    """,
    "the interpreter": """
        old = sys.getrecursionlimit()
        sys.setrecursionlimit(old + 5)
        raised = sys.getrecursionlimit() - old
        sys.setrecursionlimit(old)
        return raised
    """,
    "a decimal context": """
        decimal.setcontext(decimal.Context(prec=7))
        third = decimal.Decimal(1) / 3
        decimal.getcontext().prec = 4
        return third, decimal.Decimal(1) / 3
    """,
    "a list that is shuffled": """
        a = list(range(10))
        random.shuffle(a)
        return a, [random.randint(0, 9) for _ in range(10)], random.sample(range(10), 3)
    """,
    "a parser of arguments": """
        p = argparse.ArgumentParser(prog="x")
        p.add_argument("a", type=int)
        p.add_argument("b")
        p.add_argument("--c", default=3)
        return str(p.parse_args(["1", "2"])), p.format_help()
    """,
    "a parser of settings": """
        c = configparser.ConfigParser()
        c.read_string("[a]\\nx=1")
        c.add_section("b")
        c.set("b", "y", "2")
        return c.sections(), c.get("b", "y")
    """,
    "an archive": """
        s = io.BytesIO()
        z = zipfile.ZipFile(s, "w")
        for i in range(4):
            z.writestr(f"n{i}", "x" * 1000)
        z.close()
        return zipfile.ZipFile(s).namelist()
    """,
    "an object that takes and gives": """
        c = zlib.compressobj()
        parts = [c.compress(b"a" * 100000), c.compress(b"b" * 100000), c.flush()]
        return zlib.decompress(b"".join(parts))[99998:100002]
    """,
    "a queue": """
        q = queue.Queue()
        for i in range(5):
            q.put(i)
        return [q.get() for _ in range(5)], q.empty()
    """,
    "a chain of dicts": """
        m = collections.ChainMap({}, {"a": 1})
        m["b"] = 2
        m.update(c=3)
        return dict(m), m.maps[0]
    """,
    "an event": """
        e = threading.Event()
        before = e.is_set()
        e.set()
        return before, e.is_set()
    """,
    "a log": """
        s = io.StringIO()
        h = logging.StreamHandler(s)
        log = logging.getLogger("omega.test")
        log.setLevel("INFO")
        log.propagate = False
        log.addHandler(h)
        for i in range(5):
            log.info("n %s", i)
        log.removeHandler(h)
        return s.getvalue()
    """,
}


def _program(text: str) -> Any:
    module = types.ModuleType("calls_for_effects")
    lines = [line[8:] for line in text.strip("\n").splitlines()]
    exec(_IMPORTS + "def program():\n" + "\n".join("    " + line for line in lines), module.__dict__)  # noqa: S102
    return module.program


@pytest.mark.parametrize("name", _PROGRAMS)
def test_calls_of_the_library_keep_their_order(name: str) -> None:
    program = _program(_PROGRAMS[name])
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for inline_below_us in (20.0, 0.0) * 10:
            results = []
            for function in (program, xcs.jit(program, inline_below_us=inline_below_us, adaptive=False)):
                random.seed(1)
                results.append(repr(function()))
            assert results[0] == results[1]
    finally:
        sys.setswitchinterval(interval)


def _effect(body: str) -> Effect:
    module = types.ModuleType("calls_for_effects")
    exec(_IMPORTS + f"def called(a, v):\n    {body}", module.__dict__)  # noqa: S102
    return effect_of(module.called).effect


@pytest.mark.parametrize(
    "body",
    [
        "os.mkdir(v)",
        "return os.path.join(a, os.getcwd()), shutil.copy(a, v)",
        "return subprocess.run(a)",
        "random.shuffle(a)",
        "return random.sample(a, 2)",
        "logging.info(v)",
        "operator.methodcaller('append', v)(a)",
        "sys.setrecursionlimit(v)",
        "return decimal.getcontext()",
    ],
)
def test_functions_that_call_them_have_effects(body: str) -> None:
    assert _effect(body) == Effect.SHARED


@pytest.mark.parametrize(
    "body",
    [
        "h = []; heapq.heappush(h, v); return h",
        "return os.listdir(a), os.path.exists(v), sys.getsizeof(a)",
        "p = argparse.ArgumentParser(); p.add_argument('x'); return p.parse_args(a)",
        "return operator.itemgetter(0)(a)",
        "import time; time.sleep(v)",
        "lock = threading.Lock(); lock.acquire(); lock.release()",
    ],
)
def test_functions_that_change_nothing_of_others_have_none(body: str) -> None:
    assert _effect(body) == Effect.NONE


def test_methods_that_a_function_of_the_program_calls() -> None:
    """The parser is given to a function, which calls its methods; that the parser changes is found in what the function can reach."""
    module = types.ModuleType("calls_for_effects")
    text = """
def add(parser, name):
    import time
    time.sleep(0.005)
    parser.add_argument(name)

def program():
    parser = argparse.ArgumentParser(prog="x")
    for name in ("a", "b", "c"):
        add(parser, name)
    return parser.format_usage()
"""
    exec(_IMPORTS + text, module.__dict__)  # noqa: S102
    assert xcs.jit(module.program)() == module.program()


def test_explanations_say_what_was_called_for_its_effect() -> None:
    @xcs.jit(adaptive=False)
    def function(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("a")

    function(argparse.ArgumentParser())
    assert "nobody takes what it gives" in xcs.explain(function)


def test_what_a_result_is_called_for_comes_before_what_follows(tmp_path: pathlib.Path) -> None:
    @xcs.opaque
    def made(name: str) -> pathlib.Path:
        time.sleep(0.02)
        return tmp_path / name

    @xcs.jit
    def body(name: str) -> str:
        made(name).write_text("written")
        return (tmp_path / name).read_text()

    assert body("file") == "written"


def test_methods_that_are_called_by_their_name_keep_the_order() -> None:
    pop = operator.methodcaller("pop")

    def seen(values: list[int]) -> list[int]:
        time.sleep(0.001)
        return list(values)

    def appended(values: list[int]) -> Any:
        return operator.methodcaller("append", 7)(values)

    def popped(values: list[int]) -> Any:
        return pop(values)

    def called(function: Any, values: list[int]) -> Any:
        return function(values)

    def program(values: list[int]) -> Any:
        one = appended(values), seen(values), operator.methodcaller("append", 8)(values), seen(values)
        return *one, popped(values), seen(values), called(pop, values), seen(values), pop(values), seen(values)

    expected = program([1, 2, 3])
    for keys in ({}, {"inline_below_us": 0}):
        assert xcs.jit(program, **keys)([1, 2, 3]) == expected
    assert effect_of(lambda values: operator.methodcaller("upper")(values)).effect == Effect.SHARED
    assert effect_of(lambda values: operator.itemgetter(0)(values)).effect == Effect.NONE


def opened() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("create table noted (text text)")
    return connection


def added(connection: sqlite3.Connection, text: str) -> int:
    time.sleep(0.002)
    connection.execute("insert into noted values (?)", (text,))
    return len(text)


class Store:
    def __init__(self) -> None:
        self.connection = opened()

    def add(self, text: str) -> int:
        return added(self.connection, text)

    def texts(self) -> list[str]:
        return [text for (text,) in self.connection.execute("select text from noted")]


@pytest.mark.parametrize("config", [{}, {"inline_below_us": 0.0, "adaptive": False}])
def test_objects_of_one_thread_are_used_on_it(config: dict[str, Any]) -> None:
    def answered(text: str) -> str:
        time.sleep(0.002)
        return text

    @xcs.jit(**config)
    def kept(given: sqlite3.Connection) -> Any:
        own = sqlite3.connect(":memory:")
        own.execute("create table noted (text text)")
        store = Store()
        counts = [(added(own, text), store.add(text), added(given, text)) for text in map(answered, ["a", "bb"])]
        cursor = given.cursor()
        cursor.execute("select text from noted")
        return counts, store.texts(), cursor.fetchall(), own.execute("select count(*) from noted").fetchone(), opened().execute("select * from noted").fetchall()

    assert kept(opened()) == ([(1, 1, 1), (2, 2, 2)], ["a", "bb"], [("a",), ("bb",)], (2,), [])


def test_what_asks_for_the_loop_of_its_thread_is_called_there() -> None:
    async def one() -> int:
        return 5

    def loop_of() -> Any:
        time.sleep(0.002)
        return asyncio.get_running_loop()

    @xcs.jit(inline_below_us=0.0, adaptive=False)
    def begun() -> Any:
        return loop_of(), asyncio.create_task(one())

    async def within() -> Any:
        loop, task = begun()
        return loop is asyncio.get_running_loop(), await task

    assert asyncio.run(within()) == (True, 5)


def name_of_caller() -> str:
    return sys._getframe(1).f_code.co_name


def names_in_caller() -> list[str]:
    return sorted(inspect.currentframe().f_back.f_locals)  # type: ignore[union-attr]


@pytest.mark.parametrize("config", [{}, {"inline_below_us": 0.0, "adaptive": False}])
def test_who_calls_is_who_calls(config: dict[str, Any]) -> None:
    @xcs.jit(**config)
    def calling(x: Any) -> Any:
        pair = collections.namedtuple("pair", "a b")
        return name_of_caller(), names_in_caller(), pair.__module__, pair(x, name_of_caller())

    assert calling(3) == ("calling", ["pair", "x"], __name__, (3, "calling"))
