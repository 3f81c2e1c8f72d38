# SPDX-License-Identifier: Apache-2.0
"""Lists and dicts that traced code makes: who keeps them, gives them back or changes them has the object itself."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from omega import xcs

KEPT: list[Any] = []


class Holder:
    def __init__(self) -> None:
        self.held: Any = None
        self.n = 0

    def hold(self, values: Any) -> int:
        time.sleep(0.001)
        self.held = values
        return len(values)

    def add(self, x: int) -> int:
        before = self.n
        time.sleep(0.002)
        self.n = before + x
        return self.n


HOLDERS = [Holder(), Holder()]


def keep(values: Any) -> int:
    time.sleep(0.001)
    KEPT.append(values)
    return len(values)


def keep_deeply(values: Any) -> int:
    return keep({"values": values}) + keep(values)


def same(values: Any) -> Any:
    time.sleep(0.001)
    return values


def in_a_list(values: Any) -> Any:
    time.sleep(0.001)
    return [values, len(values)]


def into(target: Any, values: Any) -> int:
    time.sleep(0.001)
    target["values"] = values
    return len(target)


def slow(x: int) -> int:
    time.sleep(0.002)
    return x


def holder(i: int) -> Holder:
    time.sleep(0.001)
    return HOLDERS[i]


def kept_and_changed(h: Holder) -> Any:
    values: list[int] = []
    keep(values)
    values.append(1)
    values.append(slow(2))
    return slow(3)


def kept_by_a_method(h: Holder) -> Any:
    values = [slow(1)]
    counts = [h.hold(values)]
    values.append(slow(2))
    return counts, values


def kept_with_results(h: Holder) -> Any:
    values = {"a": slow(1), "b": [slow(2)]}
    return keep_deeply(values), values, values["b"]


def given_back(h: Holder) -> Any:
    values = [slow(1)]
    other = same(values)
    other.append(slow(5))
    wrapped = in_a_list(values)
    return values, other, wrapped


def given_back_in_the_same_statement(h: Holder) -> Any:
    values = [slow(1)]
    return values, same(values), [same(values)]


def twice_in_the_result(h: Holder) -> Any:
    values = [slow(1)]
    pair = (values, slow(2))
    return [values, values, pair, pair, {"values": values}]


def put_into(h: Holder) -> Any:
    target: dict[str, Any] = {}
    values = [slow(1)]
    into(target, values)
    values.append(slow(2))
    return target, values


def kept_objects(h: Holder) -> Any:
    holders = [holder(0), holder(1)]
    keep(holders)
    first = [holders[0].add(1), holders[1].add(1)]
    return first, holder(0).add(2), holders[0].add(3), holder(1).add(4), holders[0].n


def looked_at_by_others(h: Holder) -> Any:
    values = [slow(1)]
    h.hold(values)
    values.append(slow(2))
    return held_of(h), values


def held_of(h: Holder) -> Any:
    time.sleep(0.001)
    return [type(each).__name__ for each in h.held]


PROGRAMS = [
    kept_and_changed, kept_by_a_method, kept_with_results, given_back, given_back_in_the_same_statement, twice_in_the_result, put_into, kept_objects,
    looked_at_by_others,
]  # fmt: skip


def described(value: Any, known: dict[int, int]) -> Any:
    """The value, where what is met again is its number."""
    if not isinstance(value, (list, tuple, dict, Holder)):
        return value if type(value) in (int, str, type(None)) else type(value).__name__
    if id(value) in known:
        return f"#{known[id(value)]}"
    known[id(value)] = len(known)
    if isinstance(value, dict):
        return {key: described(each, known) for key, each in value.items()}
    if isinstance(value, Holder):
        return {key: described(each, known) for key, each in vars(value).items()}
    return [type(value).__name__, *(described(each, known) for each in value)]


@pytest.mark.parametrize("program", PROGRAMS)
def test_containers_stay_the_objects_that_they_are(program: Any) -> None:
    outcomes = []
    for function in (program, xcs.jit(program)):
        rounds = []
        for _ in range(3):  # at first on threads, then where calls are known to be short
            KEPT.clear()
            HOLDERS[:] = [Holder(), Holder()]
            owner = Holder()
            known: dict[int, int] = {}
            rounds.append([described(each, known) for each in (function(owner), owner, KEPT, HOLDERS)])
        outcomes.append(rounds)
    assert outcomes[0] == outcomes[1]


def test_what_a_failing_call_leaves_in_a_list_that_is_kept() -> None:
    def fails(x: int) -> int:
        time.sleep(0.001)
        raise ValueError(f"no {x}")

    @xcs.jit
    def program() -> Any:
        values: list[Any] = []
        keep(values)
        values.append(slow(1))
        values.append(fails(2))
        return values

    KEPT.clear()
    with pytest.raises(ValueError, match="no 2"):
        program()
    assert KEPT == [[1]]


MEET = threading.Barrier(4, timeout=60)


class Client:
    """Gives back what it is given."""

    def chat(self, messages: list[dict[str, Any]]) -> dict[str, Any]:
        MEET.wait()  # opens when four calls are inside
        return {"messages": messages, "size": len(messages)}


def name_of(i: int) -> str:
    time.sleep(0.001)
    return f"name {i}"


def in_the_call(client: Client, i: int) -> Any:
    return client.chat([{"name": name_of(i)}])


def in_a_variable(client: Client, i: int) -> Any:
    messages = [{"name": name_of(i)}]
    return client.chat(messages)


def in_a_loop(client: Client, i: int) -> Any:
    answers = []
    for k in range(2):
        messages = [{"name": name_of(i + k)}]
        answers.append(client.chat(messages))
    return answers


def read_later(values: list[Any]) -> Any:
    held = [1, name_of(values[0])]
    found = same(held)
    held.append(2)
    return found, held


def read_in_the_next_round(values: list[Any]) -> Any:
    held: list[Any] = [name_of(0)]
    found = []
    for i in values:
        held.append(i)
        found.append(same(held))
        held = held + [i]
    return found


@pytest.mark.parametrize("ask, times", [(in_the_call, 4), (in_a_variable, 4), (in_a_loop, 2)])
def test_what_the_body_gives_away_goes_to_calls_that_run_at_once(ask: Any, times: int) -> None:
    client = Client()
    answers = xcs.jit(lambda: [ask(client, i) for i in range(times)])()
    if ask is in_a_loop:
        assert [[each["messages"][0]["name"] for each in answer] for answer in answers] == [["name 0", "name 1"], ["name 1", "name 2"]]
    else:
        assert [answer["messages"] for answer in answers] == [[{"name": f"name {i}"}] for i in range(4)]


@pytest.mark.parametrize("body", [read_later, read_in_the_next_round])
def test_what_the_body_reads_again_stays_one_object(body: Any) -> None:
    expected = body([3, 4])
    traced = xcs.jit(body)([3, 4])
    assert traced == expected
    assert [id(each) == id(traced[-1]) for each in traced] == [id(each) == id(expected[-1]) for each in expected]


def test_tuples_that_are_results_when_the_body_runs_again() -> None:
    """Waiting for a tuple goes over it; the body that runs again has the tuple itself, and what it goes over next is something else."""

    @xcs.opaque
    def made() -> Any:
        time.sleep(0.01)
        return "abcdef", [1, 0, 2]

    def body() -> str:
        text, order = made()
        out = ""
        for i in range(0, len(text), len(order)):
            block = text[i : i + len(order)]
            parts = [""] * len(order)
            for j, k in enumerate(order):
                parts[k] = block[j]
            out += "".join(parts)
        return out

    assert xcs.jit(body, inline_below_us=0.0)() == body()


def kept_by(target: Any, values: Any) -> None:
    target.held = values


_KEEPING = {
    "a list that is set and grows": "values = []; o.held = values; values.append(slow(1)); values.append(slow(2))",
    "a list in a dict in an attribute": "values = [slow(1)]; o.held = {}; o.held['k'] = values; values.append(slow(2))",
    "a list that another body keeps": "keep_traced(o, [slow(1), slow(2)])",
    "a list that another body keeps and that grows": "values = [slow(1)]; keep_traced(o, values); values.append(slow(2))",
    "containers in a tuple": "keep_traced(o, (slow(1), [slow(2)], {'k': slow(3)}))",
    "what another body gives back": "o.held = [same_traced([slow(1)]), {'k': same_traced([slow(2)])}]",
    "what another body puts in": "values = [slow(1)]; put_traced(values); o.held = values",
}


def _kinds(value: Any) -> Any:
    """Types all the way down: a tracer equals what it stands for."""
    if isinstance(value, dict):
        return type(value), [(key, _kinds(each)) for key, each in value.items()]
    return (type(value), [_kinds(each) for each in value]) if isinstance(value, (list, tuple)) else type(value)


@pytest.mark.parametrize("body", _KEEPING.values(), ids=list(_KEEPING))
def test_objects_keep_values_not_what_stands_for_them(body: str) -> None:
    def put(values: Any) -> None:
        values.append(slow(5))

    names = {"slow": slow, "keep_traced": xcs.jit(kept_by), "same_traced": xcs.jit(lambda values: values), "put_traced": xcs.jit(put)}
    exec("def program(o):\n    " + body.replace("; ", "\n    "), names)  # noqa: S102
    expected, found = Holder(), Holder()
    names["program"](expected)
    for function in (names["program"], lambda o: names["program"](o)):
        xcs.jit(function)(found)
        assert found.held == expected.held
        assert _kinds(found.held) == _kinds(expected.held)


def test_what_a_traced_function_appends_is_there_when_the_body_is_run_again() -> None:
    @xcs.jit
    def add(values: list[str], x: int) -> None:
        values.append(str(slow(x)))

    @xcs.jit
    def program() -> str:
        values: list[str] = []
        for i in range(3):
            add(values, i)
        return ", ".join(values) + ", ".join([slow_text(1), slow_text(2)])  # takes no tracers

    assert program() == "0, 1, 2a1, a2"


def slow_text(x: int) -> str:
    time.sleep(0.001)
    return f"a{x}"
