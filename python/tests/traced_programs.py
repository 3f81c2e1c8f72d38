# SPDX-License-Identifier: Apache-2.0
"""Random programs with effects of every kind that docs/xcs.md says are seen: on globals, arguments, objects and arrays, output, random numbers, exceptions.

A program is a list of functions, each a tree of statements, so that it can be shrunk. All stand on traced_program_prelude.py.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

PRELUDE = Path(__file__).with_name("traced_program_prelude.py").read_text()


@dataclass
class Statement:
    """One statement: its line, and the blocks below it, each with the line that opens it."""

    line: str
    blocks: list[tuple[str, list[Statement]]] = field(default_factory=list)

    def lines(self, indent: int) -> Iterator[str]:
        if self.line:
            yield "    " * indent + self.line
        for opening, body in self.blocks:
            yield "    " * indent + opening
            for each in body:
                yield from each.lines(indent + 1)
            yield "    " * (indent + 1) + "pass"


@dataclass
class Function:
    """A function of a program: what stands before its body, the body, and what it gives."""

    header: str
    body: list[Statement]
    result: Callable[[str], str]

    def source(self) -> str:
        lines = [self.header, *(line for each in self.body for line in each.lines(1))]
        text = "\n".join(lines)
        return f"{text}\n    return {self.result(text)}\n"


class Writer:
    """Writes the body of one function: knows which names hold what."""

    def __init__(self, rng: random.Random, names: dict[str, list[str]], helpers: list[tuple[str, str]], *, is_traced: bool, own_objects: bool) -> None:
        self.rng = rng
        self.names = {kind: list(names.get(kind, [])) for kind in (*_KINDS, *_OWN_KINDS)}
        self.own_objects = own_objects
        self.helpers = helpers
        self.is_traced = is_traced
        self.made = 0

    def new(self, kind: str) -> str:
        self.made += 1
        letter = {"cells": "g", "groups": "h"}.get(kind, kind[0])
        name = f"{letter}{self.made}"
        self.names[kind].append(name)
        return name

    def some(self, kind: str) -> str:
        return self.rng.choice(self.names[kind])

    def number(self, depth: int = 0) -> str:
        """An expression that gives a number."""
        rng = self.rng
        small = [lambda: str(rng.randrange(10)), lambda: self.some("int"), lambda: self.some("int")]
        if depth > 1:
            return rng.choice(small)()
        deeper = [
            lambda: f"({self.number(depth + 1)} + {self.number(depth + 1)})",
            lambda: f"({self.number(depth + 1)} * {self.number(depth + 1)}) % 97",
            lambda: f"len({self.some('list')})",
            lambda: f"sum({self.some('list')})",
            lambda: f"{self.some('list')}[{self.number(2)} % 3]",
            lambda: f"max({self.number(depth + 1)}, {self.number(depth + 1)})",
            lambda: f"int(str({self.number(depth + 1)}))",
            lambda: f"len(str({self.some('cell')}))",
            lambda: f"len({self.some('cell')})",
            lambda: f"{self.some('cell')}.n",
            lambda: f"{self.some('cell')}.level",
            lambda: f"{self.some('cell')}.peer.n",
            lambda: f"len({self.some('cell')}.items)",
            lambda: f"(1 if {self.number(2)} > {self.number(2)} else {self.number(2)})",
            lambda: f"TABLE.get({self.key()}, 0)",
            lambda: "len(LOG)",
            lambda: "COUNT",
            lambda: f"int({self.some('array')}[{rng.randrange(2)}])",
            lambda: f"int(({self.some('array')} * 2 + {self.number(2)}).sum())",
        ]
        return rng.choice(small + [self.call] * 8 + deeper)()

    def key(self) -> str:
        return self.rng.choice(['"a"', '"b"', '"c"', f"str({self.number(2)} % 4)"])

    def call(self) -> str:
        """A call that gives a number."""
        n, cell, array = lambda: self.number(1), lambda: self.some("cell"), lambda: self.some("array")
        forms = [
            lambda: f"plus({n()}, {n()})",
            lambda: f"independent({n()}, {n()})",
            lambda: f"{self.rng.choice(['count', 'read_count', 'log', 'log_size', 'show', 'draw', 'plus_one', 'guarded', 'add_up', 'inner_log', 'kept', 'STEP'])}({n()})",
            lambda: f"put({self.key()}, {n()})",
            lambda: f"look({self.key()})",
            lambda: "roll(RNG)",
            lambda: "next_of(FEED)",
            lambda: "next(FEED)",
            lambda: f"{cell()}.{self.rng.choice(['add', 'note', 'twice', 'share', 'scale'])}({n()})",
            lambda: f"{cell()}.{self.rng.choice(['get', 'total', 'peek', 'shift'])}()",
            lambda: f"{cell()}.push({cell()})",
            lambda: f"{cell()}({n()})",
            lambda: f"pick({n()}).{self.rng.choice(['get', 'total', 'peek'])}()",
            lambda: f"pick({n()}).{self.rng.choice(['add', 'note', 'twice'])}({n()})",
            lambda: f"pick({n()}).peer.add({n()})",
            lambda: f"pick({n()})({n()})",
            lambda: f"choose({n()})({n()})",
            lambda: f"new_cell({n()}).{self.rng.choice(['add', 'note'])}({n()})",
            lambda: f"{self.rng.choice(['use', 'ask'])}({cell()}, {n()})",
            lambda: f"apply({self.callable()}, {n()})",
            lambda: f"state_of({cell()})",
            lambda: f"sum_of([{cell()}, {cell()}])",
            lambda: "sum_of(CELLS)",
            *[self.metered] * 3,
            lambda: f"keep({self.kept()})",
            lambda: f"keep_in({cell()}, {self.kept()})",
            lambda: self.rng.choice([f"held_by({cell()})", f"sizes_kept({n()})", f"first_of(wrap({self.some('list')}, {n()})['values'])"]),
            lambda: f"set_in({self.some('dict')}, {n()})",
            lambda: f"sum_of({self.some('cells')})",
            lambda: f"{self.some('cells')}[{self.rng.randrange(2)}].{self.rng.choice(['add', 'note'])}({n()})",
            lambda: f"{self.rng.choice(['within', 'deepest', 'collect', 'Shelf.place', 'ADD'])}({n()})",
            lambda: self.rng.choice(["Shelf.count()", "TOTAL()", f"total_of(yielded({n()}))", f"sum(inner_meters({n()}))", f"inner_outer({n()}, {cell()})"]),
            lambda: f"sum(ask_cells({n()}))",
            lambda: f"KEEPERS[{self.rng.randrange(3)}].{self.rng.choice(['last()', f'keep({n()})'])}",
            lambda: f"grow({self.some('list')}, {n()})",
            lambda: f"first_of({self.some('list')})",
            lambda: f"{self.rng.choice(['bump_array', 'scale_array', 'fill_array', 'add_at', 'sort_array', 'shuffle_array', 'sum_array'])}({array()}, {n()})",
            lambda: f"int(mixed_array({array()}))",
            lambda: f"inner({n()}, {cell()})",
            lambda: f"functools.partial(plus, {n()})({n()})",
            lambda: f"random.randrange({1 + self.rng.randrange(20)})",
            lambda: f"{self.some('function')}({n()})" if self.names["function"] else f"plus({n()}, 1)",
        ]
        if self.own_objects and self.rng.random() < 0.12:
            return self.rng.choice([self._of_own, self._of_own, self._crunched])()
        if self.helpers and self.rng.random() < 0.25:
            name, kinds = self.rng.choice(self.helpers)
            return f"{name}({', '.join(n() if kind == 'int' else self.some(kind) for kind in kinds.split())})"
        if self.rng.random() < 0.05:
            return f"{self.rng.choice(['fails', f'{cell()}.checked'])}({n()})"
        return self.rng.choice(forms)()

    def _of_own(self) -> str:
        """A call that sees or changes an object that the body has made."""
        n = lambda: self.number(1)  # noqa: E731
        kinds = [kind for kind in _OWN_KINDS if self.names[kind]]
        if not kinds:
            return f"State({n()}).seen()"
        kind = self.rng.choice(kinds)
        name = self.some(kind)
        forms = {
            "state": [f"{name}.advance({n()})", f"{name}.seen()", f"state_seen({name})", f"state_seen(state_kept({name}))", f"state_kept({name}).n", f"{name}.n", f"len({name}.items)"],
            "unique": [f"of_all({name})", f"len({name})", f"int({n()} in {name})", f"sum({name})"],
            "queue": [f"of_all({name})", f"put_into({name}, {n()})", f"len({name})", f"{name}[-1]", f"sum({name})"],
            "groups": [f"of_all({name})", f"put_into({name}[{n()} % 3], {n()})", f"len({name}[{n()} % 3])", f"sum({name}.keys())"],
        }
        return self.rng.choice(forms[kind])

    def _crunched(self) -> str:
        """A call in a worker process."""
        n, cell = self.number(1), self.some("cell")
        forms = [f"crunch({n})", f"crunch_seen({n})", f"crunch_cell({cell}, {n})", f"sum(crunch_list({self.some('list')}, {n}))", f"int(crunch_array({self.some('array')}, {n}))"]
        return self.rng.choice([*forms, f"crunch_fails({n})", f"{cell}.crunched({n})"])

    def _make_own(self) -> Statement:
        """A new object of the body's own."""
        n = lambda: self.number(1)  # noqa: E731
        kind, value = self.rng.choice(
            [
                ("state", f"State({n()})"),
                ("state", f"State({n()}, [{n()}])"),
                ("state", "State()"),
                ("unique", "set()"),
                ("unique", f"{{{n()}, {n()}}}"),
                ("queue", f"deque([{n()}])"),
                ("queue", f"deque([{n()}], maxlen=3)"),
                ("groups", "defaultdict(list)"),
                ("array", "np.zeros(4)"),
                ("array", f"np.array([{n()}, {n()}, 1.5])"),
                ("array", f"np.full(3, float({n()}))"),
                ("array", f"np.array([{self.some('array')}[0], {n()} * 1.0])"),
            ]
        )
        return Statement(f"{self.new(kind)} = {value}")

    def _change_own(self) -> Statement:
        n = self.number(1)
        kinds = [kind for kind in _OWN_KINDS if self.names[kind]]
        if not kinds:
            return self._make_own()
        kind = self.rng.choice(kinds)
        name = self.some(kind)
        forms = {
            "state": [f"{name}.n = {n}", f"{name}.n += {n}", f"{name}.items.append({n})", f"{name}.items = [{n}]", f"LOG.append({name})"],
            "unique": [f"{name}.add({n})", f"{name}.discard({n})", f"{name} |= {{{n}}}"],
            "queue": [f"{name}.append({n})", f"{name}.appendleft({n})", f"{name}[0] = {n}"],
            "groups": [f"{name}[{n} % 3].append({n})", f"{name}[{n}] = [{n}]"],
        }
        return Statement(self.rng.choice(forms[kind]))

    def kept(self) -> str:
        return self.some(self.rng.choice(["list", "list", "dict", "cells"]))

    def metered(self) -> str:
        """An operator or a property that has effects, or one that has none."""
        n = lambda: self.number(2)  # noqa: E731
        meter = self.rng.choice([f"METERS[{self.rng.randrange(2)}]", f"meter({n()})", f"picked({n()})", f"meter_in(METERS, {n()})"])
        forms = [
            lambda: f"{meter}.{self.rng.choice(['read', 'read', 'first_read', 'tip', 'other', 'n'])}",
            lambda: f"({meter} + {n()})",
            lambda: f"({n()} + {meter})",
            lambda: f"{meter}[{self.rng.randrange(4)}]",
            lambda: f"int({meter} < {n()})",
            lambda: f"len({meter})",
            lambda: f"(1 if {meter} else 2)",
            lambda: f"int({n()} in {meter})",
            lambda: f"{meter}.step({n()})",
            lambda: f"level_of({meter})",
            lambda: f"add_to({meter}, {n()})",
            lambda: f"len({meter}.reads)",
            lambda: f"(quiet({n()}) + quiet({n()})).double",
            lambda: f"add_to(quiet({n()}), {n()}).n",
        ]
        return self.rng.choice(forms)()

    def callable(self) -> str:
        return self.rng.choice(["plus_one", "log", "count", f"{self.some('cell')}.add", f"{self.some('cell')}.note", "choose(0)", self.some("cell")])

    def statements(self, count: int, depth: int) -> list[Statement]:
        return [self.statement(depth) for _ in range(count)]

    def block(self, depth: int) -> list[Statement]:
        """Statements whose names end with the block."""
        before = {kind: list(names) for kind, names in self.names.items()}
        body = self.statements(self.rng.randrange(1, 4), depth + 1)
        self.names = before
        return body

    def statement(self, depth: int) -> Statement:
        rng = self.rng
        if depth < 2 and rng.random() < 0.2:
            return rng.choice([self._branch, self._loop, self._loop_over])(depth)
        if self.own_objects and rng.random() < 0.2:
            return rng.choice([self._make_own, self._change_own, self._change_own])()
        choice = rng.random()
        if choice < 0.45:
            value = self.number()
            return Statement(f"{self.new('int')} = {value}")
        if choice < 0.6:
            return Statement(self.call())
        return rng.choice([self._assign, self._container, self._change, self._change, self._array, self._output, self._closure])()

    def _branch(self, depth: int) -> Statement:
        blocks = [(f"if {self.number(1)} % {self.rng.randrange(2, 4)} == 0:", self.block(depth))]
        if self.rng.random() < 0.5:
            blocks.append(("else:", self.block(depth)))
        return Statement("", blocks)

    def _loop(self, depth: int) -> Statement:
        line = f"for k{depth} in range({self.rng.choice(['2', '3', f'{self.number(1)} % 4'])}):"
        self.names["int"].append(f"k{depth}")
        body = self.block(depth)
        self.names["int"].remove(f"k{depth}")
        return Statement("", [(line, body)])

    def _loop_over(self, depth: int) -> Statement:
        kind, what = self.rng.choice([("cell", "CELLS"), ("int", f"list({self.some('list')})"), ("int", f"{self.some('list')}[:3]"), ("int", "ask_cells(1)"), ("int", "numbers(2)")])
        self.names[kind].append(f"e{depth}")
        body = self.block(depth)
        self.names[kind].remove(f"e{depth}")
        return Statement("", [(f"for e{depth} in {what}:", body)])

    def _assign(self) -> Statement:
        kind, value = self.rng.choice(
            [
                ("cell", lambda: f"pick({self.number(1)})"),
                ("cell", lambda: f"new_cell({self.number(1)})"),
                ("cell", lambda: f"Cell({self.number(1)})"),
                ("cell", lambda: f"same({self.some('cell')})"),
                ("cell", lambda: f"{self.some('cell')}.peer"),
                ("cell", lambda: f"CELLS[{self.number(1)} % 3]"),
                ("list", lambda: f"{self.some('cell')}.items"),
                ("list", lambda: f"same({self.some('list')})"),
                ("list", lambda: f"wrap({self.some('list')}, {self.number(1)})['values']"),
                ("dict", lambda: f"{{'k': {self.number(1)}, 'l': {self.number(1)}}}"),
                ("dict", lambda: f"same({self.some('dict')})"),
                ("cells", lambda: f"[{self.some('cell')}, pick({self.number(1)})]"),
                ("cells", lambda: f"[new_cell({self.number(1)}), pick({self.number(1)})]"),
                ("list", lambda: f"copy_of({self.some('list')})"),
                ("list", lambda: f"ask_cells({self.number(1)})"),
                ("array", lambda: f"view_of({self.some('array')}, {self.number(1)})"),
                ("array", lambda: f"{self.some('cell')}.data"),
            ]
        )
        text = value()
        return Statement(f"{self.new(kind)} = {text}")

    def _assigned(self, kind: str, values: list[Callable[[], str]]) -> Statement:
        """A new variable of the kind that is given one of the values."""
        value = self.rng.choice(values)()
        return Statement(f"{self.new(kind)} = {value}")

    def _container(self) -> Statement:
        return self._assigned(
            "list",
            [
                lambda: f"[{self.number(1)}, {self.number(1)}]",
                lambda: f"[plus(k, {self.number(1)}) for k in range(3)]",
                lambda: f"[cell.get() for cell in [{self.some('cell')}, {self.some('cell')}]]",
                lambda: f"sorted([{self.number(1)}, {self.number(1)}, {self.number(1)}])",
                lambda: f"list(map(plus_one, {self.some('list')}))",
                lambda: f"[x for x in {self.some('list')} if x % 2]",
                lambda: f"list({{'k': {self.number(1)}, 'l': {self.number(1)}}}.values())",
            ],
        )

    def _change(self) -> Statement:
        return Statement(
            self.rng.choice(
                [
                    lambda: f"{self.some('cell')}.n = {self.number(1)}",
                    lambda: f"{self.some('cell')}.n += {self.number(1)}",
                    lambda: f"{self.some('cell')}.items.append({self.number(1)})",
                    lambda: f"{self.some('list')}.append({self.number(1)})",
                    lambda: f"{self.some('list')}[0:1] = [{self.number(1)}]",
                    lambda: f"LOG.append({self.number(1)})",
                    lambda: f"LOG.append({self.kept()})",
                    lambda: f"{self.some('dict')}[{self.key()}] = {self.number(1)}",
                    lambda: f"{self.some('cells')}[0] = {self.some('cell')}",
                    lambda: f"{self.some('cell')}.held = {self.kept()}",
                    lambda: f"TABLE[{self.key()}] = {self.number(1)}",
                    lambda: f"{self.some('array')}[{self.rng.randrange(2)}] = {self.number(1)}",
                    lambda: f"setattr({self.some('cell')}, 'n', {self.number(1)})",
                    lambda: f"{self.some('cell')}.peer = {self.some('cell')}",
                    lambda: f"CELLS[{self.rng.randrange(3)}] = {self.some('cell')}",
                ]
            )()
        )

    def _array(self) -> Statement:
        return self._assigned(
            "array",
            [
                lambda: f"{self.some('array')} * 2 + {self.number(1)}",
                lambda: f"np.maximum({self.some('array')}, {self.number(1)})",
                lambda: f"np.arange(4.0) + {self.number(1)}",
                lambda: f"{self.some('array')} - {self.some('array')}.mean()",
            ],
        )

    def _output(self) -> Statement:
        return Statement(self.rng.choice([lambda: f"print('at', {self.number(1)})", lambda: f"print({self.some('cell')}, f'{{{self.some('int')}}}')"])())

    def _closure(self) -> Statement:
        value = self.rng.choice(
            [
                lambda: f"lambda x: plus(x, {self.number(1)})",
                lambda: f"lambda x: {self.some('cell')}.add(x)",
                lambda: f"lambda x: {self.some('list')}.append(x) or x",
                lambda: f"{self.some('cell')}.add",
                lambda: f"choose({self.number(1)})",
                lambda: f"functools.partial(ask, {self.some('cell')})",
                lambda: "counter()",
            ]
        )()
        return Statement(f"{self.new('function')} = {value}")


_KINDS = ("int", "list", "cell", "array", "dict", "cells", "function")
_OWN_KINDS = ("state", "unique", "queue", "groups")
_GLOBALS = {"cell": ["CELLS[0]", "CELLS[1]", "CELLS[2]"], "list": ["LOG_NUMBERS"], "array": ["DATA"], "int": [], "dict": ["TABLE"], "cells": ["CELLS"]}


class Program:
    """A random program: helper functions, and `program(a, b)`, which calls them and much of the prelude. `own_objects`: it also makes objects of classes that the
    prelude does not hold, and calls what runs in worker processes."""

    def __init__(self, seed: int, *, own_objects: bool = True) -> None:
        rng = random.Random(seed)
        self.seed = seed
        self.functions: list[Function] = []
        helpers: list[tuple[str, str]] = []
        for i in range(rng.randrange(4)):
            kinds = [rng.choice(["int", "int", "cell", "list", "array"]) for _ in range(rng.randrange(1, 4))]
            names = {kind: list(values) for kind, values in _GLOBALS.items()}
            arguments = []
            for k, kind in enumerate(kinds):
                arguments.append(f"p{k}")
                names[kind].append(f"p{k}")
            names["int"].append("3")
            writer = Writer(rng, names, list(helpers), is_traced=False, own_objects=own_objects)
            body = writer.statements(rng.randrange(1, 5), 1)
            value = writer.number(1)
            decorator = "@xcs.jit\n" if rng.random() < 0.2 else ""
            self.functions.append(Function(f"{decorator}def helper{i}({', '.join(arguments)}):", [*body, Statement(f"result = {value}")], lambda _: "result"))
            helpers.append((f"helper{i}", " ".join(kinds)))
        names = {kind: list(values) for kind, values in _GLOBALS.items()}
        names["int"] += ["a", "b"]
        names["cell"].append("c")
        names["list"].append("xs")
        names["array"].append("v")
        writer = Writer(rng, names, helpers, is_traced=True, own_objects=own_objects)
        body = writer.statements(rng.randrange(3, 14), 0)
        self.functions.append(Function("def program(a, b, c, xs, v):", body, _all_names))

    def source(self) -> str:
        return PRELUDE + "\n\n" + self.text()

    def text(self) -> str:
        return "\n\n".join(each.source() for each in self.functions)


def _all_names(text: str) -> str:
    """A list of what the function's own variables hold, of those that it assigns in any case."""
    lines = [line for line in text.splitlines() if line.startswith("    ") and not line.startswith("     ")]
    names = [line.split(" = ")[0].strip() for line in lines if " = " in line]
    own = sorted({each for each in names if each.isidentifier() and not each.startswith("f")})
    return "[" + ", ".join(["a", "b", "c", "xs", *own]) + "]"


def blocks_of(program: Program) -> Iterator[list[Statement]]:
    """All lists of statements, to take some out."""
    pending = [each.body for each in program.functions]
    while pending:
        body = pending.pop()
        yield body
        pending += [inner for statement in body for _, inner in statement.blocks]
