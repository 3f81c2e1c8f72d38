# SPDX-License-Identifier: Apache-2.0
"""What the first calls of traced functions cost whose calls are all tiny, beside the same functions as they are written.

usage: PYTHONPATH=build/release/python /usr/bin/python3 bench/python/first_calls.py [PROGRAM]...

Each round makes the functions anew, all of them traced, and calls one: nothing is known about their code then. The least of the rounds, of plain Python and
of the first, second and hundredth call; the program's result must be that of plain Python.
"""

from __future__ import annotations

import sys
import time
import types
from collections.abc import Callable
from typing import Any

from omega import xcs

ROUNDS = 5
CALLS = 100
LONG_MS = 200  #: programs that take longer are called three times


def _loops() -> Callable[[], Any]:
    def loops(n: int) -> int:
        total = 0
        for i in range(n):
            for j in range(n):
                if (i ^ j) % 3 == 0:
                    total += i * j
        return total

    loops = _jit(loops)
    return lambda: loops(300)


def _coins() -> Callable[[], Any]:
    def one_pence() -> int:
        return 1

    def two_pence(x: int) -> int:
        return 0 if x < 0 else two_pence(x - 2) + one_pence()

    def five_pence(x: int) -> int:
        return 0 if x < 0 else five_pence(x - 5) + two_pence(x)

    def ten_pence(x: int) -> int:
        return 0 if x < 0 else ten_pence(x - 10) + five_pence(x)

    def twenty_pence(x: int) -> int:
        return 0 if x < 0 else twenty_pence(x - 20) + ten_pence(x)

    traced = [_jit(each) for each in (one_pence, two_pence, five_pence, ten_pence, twenty_pence)]
    one_pence, two_pence, five_pence, ten_pence, twenty_pence = traced
    return lambda: twenty_pence(200)


def _fibonacci() -> Callable[[], Any]:
    def fibonacci(n: int) -> int:
        return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

    fibonacci = _jit(fibonacci)
    return lambda: fibonacci(20)


def _primes() -> Callable[[], Any]:
    def is_prime(n: int) -> bool:
        if n < 4:
            return n > 1
        if n % 2 == 0:
            return False
        for i in range(3, int(n**0.5) + 1, 2):
            if n % i == 0:
                return False
        return True

    def longest(most: int) -> int:
        best, found = 0, 0
        for a in range(-most, most):
            for b in range(2, most):
                n = 0
                while is_prime(abs(n * n + a * n + b)):
                    n += 1
                if n > best:
                    best, found = n, a * b
        return found

    is_prime, longest = _jit(is_prime), _jit(longest)
    return lambda: longest(60)


def _chains() -> Callable[[], Any]:
    def divisors(most: int) -> list[int]:
        sums = [1] * (most + 1)
        for i in range(2, most + 1):
            for j in range(2 * i, most + 1, i):
                sums[j] += i
        return sums

    def longest_chain(most: int) -> int:
        sums, best, least = divisors(most), 0, 0
        for start in range(2, most + 1):
            chain, n = [start], sums[start]
            while n <= most and n not in chain and n != 1:
                chain.append(n)
                n = sums[n]
            if n == start and len(chain) > best:
                best, least = len(chain), start
        return least

    divisors, longest_chain = _jit(divisors), _jit(longest_chain)
    return lambda: longest_chain(5000)


def _sorting() -> Callable[[], Any]:
    def bubbles(values: list[int]) -> list[int]:
        for i in range(len(values)):
            for j in range(len(values) - 1 - i):
                if values[j] > values[j + 1]:
                    values[j], values[j + 1] = values[j + 1], values[j]
        return values

    bubbles = _jit(bubbles)
    return lambda: bubbles([i * 7919 % 311 for i in range(311)])


def _merging() -> Callable[[], Any]:
    def merge(left: list[int], right: list[int]) -> list[int]:
        merged = []
        while left and right:
            merged.append((left if left[0] <= right[0] else right).pop(0))
        return merged + left + right

    def merge_sort(values: list[int]) -> list[int]:
        if len(values) <= 1:
            return values
        middle = len(values) // 2
        return merge(merge_sort(values[:middle]), merge_sort(values[middle:]))

    merge, merge_sort = _jit(merge), _jit(merge_sort)
    return lambda: merge_sort([i * 7919 % 2003 for i in range(2003)])


def _words() -> Callable[[], Any]:
    def counted(text: str) -> dict[str, int]:
        counts: dict[str, int] = {}
        for word in text.split():
            word = word.strip(".,").lower()
            counts[word] = counts.get(word, 0) + 1
        return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))

    counted = _jit(counted)
    text = "The quick brown fox jumps over the lazy dog. A dog, lazy as ever, sleeps. " * 300
    return lambda: counted(text)


def _table() -> Callable[[], Any]:
    def distance(a: str, b: str) -> int:
        rows = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
        for i in range(len(a) + 1):
            for j in range(len(b) + 1):
                if i == 0 or j == 0:
                    rows[i][j] = i + j
                elif a[i - 1] == b[j - 1]:
                    rows[i][j] = rows[i - 1][j - 1]
                else:
                    rows[i][j] = 1 + min(rows[i - 1][j], rows[i][j - 1], rows[i - 1][j - 1])
        return rows[-1][-1]

    distance = _jit(distance)
    return lambda: distance("parallel" * 25, "processing" * 20)


def _graph() -> Callable[[], Any]:
    def neighbours(at: int) -> list[int]:
        return [(at * 3 + 1) % 4001, (at * 5 + 2) % 4001, (at + 1) % 4001]

    def distances(start: int) -> int:
        seen, queue = {start: 0}, [start]
        while queue:
            at = queue.pop(0)
            for each in neighbours(at):
                if each not in seen:
                    seen[each] = seen[at] + 1
                    queue.append(each)
        return max(seen.values())

    neighbours, distances = _jit(neighbours), _jit(distances)
    return lambda: distances(0)


def _queens() -> Callable[[], Any]:
    def is_safe(columns: list[int], column: int) -> bool:
        row = len(columns)
        return all(each != column and abs(each - column) != row - i for i, each in enumerate(columns))

    def queens(columns: list[int], size: int) -> int:
        if len(columns) == size:
            return 1
        count = 0
        for column in range(size):
            if is_safe(columns, column):
                columns.append(column)
                count += queens(columns, size)
                columns.pop()
        return count

    is_safe, queens = _jit(is_safe), _jit(queens)
    return lambda: queens([], 7)


def _objects() -> Callable[[], Any]:
    class Node:
        def __init__(self, value: int) -> None:
            self.value = value
            self.left: Any = None
            self.right: Any = None

    class Tree:
        def __init__(self) -> None:
            self.root: Any = None

        def insert(self, value: int) -> None:
            if self.root is None:
                self.root = Node(value)
                return
            at = self.root
            while True:
                side = "left" if value < at.value else "right"
                below = getattr(at, side)
                if not below:
                    setattr(at, side, Node(value))
                    return
                at = below

    Tree.insert = _jit(Tree.insert)  # type: ignore[assignment]

    def depth(node: Any) -> int:
        return 0 if not node else 1 + max(depth(node.left), depth(node.right))

    def grown(count: int) -> int:
        tree = Tree()
        for i in range(count):
            tree.insert(i * 7919 % 4001)
        return depth(tree.root)

    depth, grown = _jit(depth), _jit(grown)
    return lambda: grown(1000)


def _polling() -> Callable[[], Any]:
    def polled(values: list[int]) -> int:
        total = 0
        for each in values:
            if each < 0:
                time.sleep(0.001)
            total += each * each
        return total

    polled = _jit(polled)
    values = list(range(20_000))
    return lambda: polled(values)


def _small() -> Callable[[], Any]:
    def gcd(a: int, b: int) -> int:
        while b:
            a, b = b, a % b
        return a

    gcd = _jit(gcd)
    return lambda: gcd(1071, 462)


PROGRAMS = {
    "nested loops": _loops,
    "functions of functions": _coins,
    "recursion": _fibonacci,
    "a loop of small calls": _primes,
    "a list in a loop": _chains,
    "sorting in place": _sorting,
    "merging lists": _merging,
    "words in a dict": _words,
    "a table of lists": _table,
    "a graph in a dict": _graph,
    "backtracking": _queens,
    "objects": _objects,
    "a loop that may wait": _polling,
    "a small function": _small,
}

_is_traced = False


def _jit(function: Any) -> Any:
    return xcs.jit(function) if _is_traced else function


def _anew(program: Callable[[], Callable[[], Any]]) -> Callable[[], Any]:
    """The program with code that nothing is known about."""
    made: Callable[[], Any] = types.FunctionType(_copied(program.__code__), globals())()
    return made


def _copied(constant: Any) -> Any:
    return constant.replace(co_consts=tuple(map(_copied, constant.co_consts))) if isinstance(constant, types.CodeType) else constant


def _measured(program: Callable[[], Callable[[], Any]], is_traced: bool, calls: int) -> tuple[list[float], Any]:
    """How long each call takes [ms], and what the last gives."""
    global _is_traced
    _is_traced = is_traced
    call = _anew(program)
    times: list[float] = []
    result: Any = None
    for _ in range(calls):
        start = time.perf_counter()
        result = call()
        times.append((time.perf_counter() - start) * 1e3)
    return times, result


def measure(name: str) -> None:
    program = PROGRAMS[name]
    start = time.perf_counter()
    expected = _measured(program, False, 1)[1]
    calls = 3 if (time.perf_counter() - start) * 1e3 > LONG_MS else CALLS
    plain = float("inf")
    least = {"first": plain, "second": plain, "last": plain}
    for _ in range(ROUNDS):
        plain = min(plain, *_measured(program, False, 3)[0])
        times, result = _measured(program, True, calls)
        assert result == expected, f"{name}: {result!r} is not {expected!r}"
        least = {label: min(least[label], times[at]) for label, at in (("first", 0), ("second", 1), ("last", -1))}
    cells = "  ".join(f"{label} {each:9.3f} ({each / plain:6.1f}x)" for label, each in least.items())
    print(f"{name:24s} [ms]  plain {plain:8.3f}  {cells}", flush=True)


if __name__ == "__main__":
    for each in sys.argv[1:] or PROGRAMS:
        measure(each)
