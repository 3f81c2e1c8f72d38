# SPDX-License-Identifier: Apache-2.0
"""What a traced function did, as a graph."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from typing import Any

from omega._native import ComputationGraph, find_patterns

_MOST_PATTERNS = 20
_NEW_VALUE = {"iadd": "add", "imul": "mul"}
_WHERE = ("", "changes its object: in order with its other calls", "has effects: in order with everything", "")


@dataclass(frozen=True)
class Operation:
    """One call that was seen.

    Attributes
    ----------
    name : str
        What was called.
    needs : tuple of int
        Operations whose results it took, or that had to end before it.
    awaited : tuple of int
        Operations that the traced code had waited for before it came to this one: it had looked at their results, or they have effects.
    milliseconds : float
        How long it ran.
    where : str
        ``"inline"``: where it was called, ``"thread"``: beside.
    place : str
        File and line of the call, where it ran beside.
    order : str
        Why it keeps an order; empty where it does not.
    """

    name: str
    needs: tuple[int, ...]
    awaited: tuple[int, ...]
    milliseconds: float
    where: str
    place: str
    order: str


@dataclass(frozen=True)
class Pattern:
    """A shape of parallel work that has a name, found among the operations.

    Attributes
    ----------
    name : str
        ``map``, ``reduce``, ``map-reduce``, ``scan``, ``pipeline``, ``fan-out/fan-in`` or ``ensemble``.
    operations : tuple of int
        Their numbers.
    description : str
        What was found.
    is_parallel : bool
        Whether its parts can run at the same time.
    """

    name: str
    operations: tuple[int, ...]
    description: str
    is_parallel: bool


class Graph:
    """The operations of one call of a traced function. In a notebook it is shown as a picture.

    Attributes
    ----------
    operations : tuple of Operation
        In the program's order.
    patterns : tuple of Pattern
        What the engine's matchers find in them.
    """

    def __init__(self, name: str, record: tuple[list[dict[str, Any]], str, list[tuple[int, int]]]) -> None:
        operations, join, joined = record
        self.name = name
        self.operations = tuple(_operation(each) for each in operations)
        # An operator that may change its operand does what the one does that makes a new value: nobody else saw that operand.
        found = find_patterns([(_NEW_VALUE.get(each["name"], each["name"]), each["inputs"], each["effect"] == 2) for each in operations], join, joined)
        self.patterns = tuple(Pattern(pattern, tuple(numbers), text, parallel) for pattern, numbers, text, parallel in found)
        self._graph = ComputationGraph(name, [(each.name, list(each.needs), list(each.awaited)) for each in self.operations])

    def __len__(self) -> int:
        return len(self.operations)

    @property
    def longest_chain(self) -> int:
        """Operations of the longest chain of dependencies, waits of the traced code included: with enough threads the call takes as long as that."""
        return int(self._graph.longest_chain)

    def independent_sets(self) -> list[list[int]]:
        """Numbers of operations in sets that can run in parallel."""
        return self._graph.independent_sets()

    def text(self) -> str:
        """The graph in Omega's notation."""
        return str(self._graph.text())

    def svg(self) -> str:
        """A picture for browsers."""
        return str(self._graph.svg())

    def dot(self) -> str:
        """A drawing for Graphviz."""
        return str(self._graph.dot())

    def save_svg(self, path: str | os.PathLike[str]) -> None:
        """Writes the picture to a file."""
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.svg())

    def explain(self) -> str:
        """What was found and how it ran, for people."""
        beside = [each for each in self.operations if each.where == "thread"]
        lines = [
            f"{self.name}: {len(self.operations)} operations, longest chain {self.longest_chain if self.operations else 0}; "
            f"{len(beside)} on threads, {len(self.operations) - len(beside)} where they were called"
        ]
        found = Counter(f"{each.name}: {each.description}{' (parallel)' if each.is_parallel else ''}" for each in self.patterns)
        lines += [f"  {text}" if count == 1 else f"  {count} times {text}" for text, count in list(found.items())[:_MOST_PATTERNS]]
        if len(found) > _MOST_PATTERNS:
            lines.append(f"  and {len(found) - _MOST_PATTERNS} more patterns")
        kept = {each.order for each in self.operations if each.order}
        lines += [f"  kept in order: {reason}" for reason in sorted(kept)]
        slowest = sorted(self.operations, key=lambda each: -each.milliseconds)[:5]
        lines += [f"  {each.name}: {each.milliseconds:.3f} ms, {each.where} {each.place}".rstrip() for each in slowest]
        return "\n".join(lines)

    def _repr_svg_(self) -> str:
        return self.svg()

    def __repr__(self) -> str:
        return f"<graph of {self.name}: {len(self.operations)} operations>"


def _operation(record: dict[str, Any]) -> Operation:
    code = record["code"]
    place = "" if code is None else f"{os.path.basename(code.co_filename)}:{record['line']}"
    order = ""
    if record["effect"] in (1, 2):
        order = f"{record['name']} {_WHERE[record['effect']]}: {record['reason']}"
    where = "inline" if record["inline"] else "thread"
    return Operation(record["name"], tuple(sorted(set(record["needs"]))), tuple(sorted(record["awaited"])), record["nanoseconds"] / 1e6, where, place, order)
