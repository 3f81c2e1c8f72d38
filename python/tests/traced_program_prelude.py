# SPDX-License-Identifier: Apache-2.0
"""What random programs stand on (traced_programs.py puts its text in front of each): objects, globals and functions with effects of every kind. `pause` comes from
outside: it sleeps a moment, so that calls end in another order than they began in."""

import functools
import random
from collections import defaultdict, deque
from dataclasses import dataclass, field

import numpy as np

from omega import xcs

LOG = []
LOG_NUMBERS = [4, 5]
TABLE = {"a": 1, "b": 2}
COUNT = 0
RNG = random.Random(5)
DATA = np.arange(6.0)


@dataclass
class State:
    n: int = 0
    items: list = field(default_factory=list)

    def advance(self, x):
        before = self.n
        pause()
        self.n = before + x
        self.items.append(x)
        return self.n

    def seen(self):
        pause()
        return self.n + len(self.items)


def state_seen(state):
    pause()
    return state.n + sum(state.items)


def state_kept(state):
    pause()
    KEPT.append(state)
    return state


def of_all(values):
    pause()
    return sum(values)


def put_into(values, x):
    pause()
    values.append(x)
    return len(values)


@xcs.cpu_bound
def crunch(x):
    return sum(i * i for i in range(x % 7))


@xcs.cpu_bound
def crunch_seen(x):
    return x + COUNT + len(LOG) + sum(TABLE.values()) + len(COUNTS)


@xcs.cpu_bound
def crunch_cell(cell, x):
    return cell.n + len(cell.items) + cell.peer.n + x


@xcs.cpu_bound
def crunch_list(values, x):
    return [sum(values) % 97, x]


@xcs.cpu_bound
def crunch_array(a, x):
    return float(a.sum()) + x


@xcs.cpu_bound
def crunch_fails(x):
    if x % 4 == 3:
        raise KeyError(f"crunch {x}")
    return x


class Cell:
    made = 0
    shared = []

    def __init__(self, n):
        self.n = n
        self.items = []
        self.peer = self
        self.data = np.arange(4.0) + n

    def add(self, x):
        before = self.n
        pause()
        self.n = before + x
        self.items.append(x)
        return self.n

    @xcs.cpu_bound
    def crunched(self, x):
        return self.n * 2 + len(self.items) + x

    def get(self):
        value = self.n
        pause()
        return value * 2 + self.n

    def total(self):
        pause()
        return self.n + sum(self.items)

    def peek(self):
        return self.peer.n

    def note(self, x):
        pause()
        self.items.append(x)
        return len(self.items)

    def push(self, other):
        pause()
        other.n += 1
        return self.n

    def shift(self):
        pause()
        self.data += 1
        return float(self.data[0])

    def scale(self, x):
        pause()
        np.multiply(self.data, x % 3, out=self.data)
        return float(self.data.sum())

    def twice(self, x):
        return self.add(x) + self.add(x)

    def share(self, x):
        pause()
        Cell.shared.append(x)
        return len(self.shared)

    def checked(self, x):
        pause()
        if x % 5 == 0:
            raise ValueError(f"checked {x}")
        self.n += 1
        return x

    @property
    def level(self):
        return self.n * 3

    def __call__(self, x):
        pause()
        self.n += 1
        return x + self.n

    def __len__(self):
        return len(self.items)

    def __repr__(self):
        return f"Cell({self.n}, {self.items})"


class Keeper:
    """Changes what it shares with others."""

    def __init__(self, items):
        self.items = items

    def keep(self, x):
        pause()
        self.items.append(x)
        return len(self.items)

    def last(self):
        pause()
        return self.items[-1] if self.items else 0


class Meter:
    """Operators and properties with effects."""

    def __init__(self, n):
        self.n = n
        self.reads = []

    @property
    def read(self):
        self.reads.append(self.n)
        return self.n

    @functools.cached_property
    def first_read(self):
        LOG.append(("first", self.n))
        return self.n

    @property
    def tip(self):
        return self.n % 10

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        LOG.append((name, self.n))
        return len(name)

    def __add__(self, x):
        self.n += x
        return self.n

    def __radd__(self, x):
        LOG.append(("radd", x))
        return self.n + x

    def __getitem__(self, at):
        if at > 3:
            raise IndexError(at)
        self.reads.append(at)
        return self.n + at

    def __lt__(self, other):
        self.reads.append("<")
        return self.n < getattr(other, "n", other)

    def __len__(self):
        self.n += 1
        return self.n % 5

    def __bool__(self):
        LOG.append(("bool", self.n))
        return self.n % 2 == 0

    def __contains__(self, x):
        self.reads.append("in")
        return x == self.n

    def step(self, x):
        before = self.n
        pause()
        self.n = before + x
        return self.n


class Quiet:
    """Operators and properties that change nothing."""

    def __init__(self, n):
        self.n = n

    def __add__(self, other):
        return Quiet(self.n + getattr(other, "n", other))

    @property
    def double(self):
        return self.n * 2


METERS = [Meter(10), Meter(20)]


def meter(i):
    pause()
    return METERS[i % 2]


def meter_in(meters, i):
    pause()
    return meters[i % 2]


def quiet(i):
    pause()
    return Quiet(i)


def level_of(x):
    pause()
    return x.read + 1


def add_to(x, y):
    pause()
    return x + y


picked = xcs.opaque(meter)


class Guard:
    """A context whose ends are seen."""

    def __enter__(self):
        pause()
        LOG.append("enter")
        return self

    def __exit__(self, *_):
        LOG.append("exit")
        return False


def within(x):
    with Guard():
        pause()
        return log(x) + 1


def deeper(x):
    pause()
    return fails(x) + plus(x, 1)


def deepest(x):
    try:
        return deeper(x)
    except ValueError:
        return -2
    finally:
        LOG.append(("deepest", x))


def collect(x, into=[]):
    pause()
    into.append(x)
    return len(into)


def yielded(n):
    for i in range(n % 3):
        COUNTS.append(i)
        yield plus(i, n)


def total_of(values):
    pause()
    return sum(values)


class Shelf:
    """Class attributes that calls change."""

    total = 0
    books = []

    @classmethod
    def place(cls, x):
        pause()
        cls.total += x
        cls.books.append(x)
        return cls.total

    @staticmethod
    def count():
        pause()
        return len(Shelf.books) + Shelf.total


COUNTS = []
KEPT = []


def keep(values):
    pause()
    KEPT.append(values)
    return len(values)


def keep_in(cell, values):
    pause()
    cell.held = values
    return len(values)


def held_by(cell):
    pause()
    return len(getattr(cell, "held", ()))


def wrap(values, x):
    pause()
    return {"values": values, "x": x}


def set_in(table, x):
    pause()
    table["x"] = x
    return len(table)


def sizes_kept(x):
    pause()
    return sum(len(each) for each in KEPT) + x


def accumulator():
    total = 0
    seen = []

    def add(x):
        nonlocal total
        pause()
        total += x
        seen.append(total)
        return total

    def get():
        pause()
        return total + len(seen)

    return add, get


ADD, TOTAL = accumulator()


@xcs.jit
def inner_meters(x):
    return [meter(i).read + x for i in range(2)]


@xcs.jit
def inner_outer(x, cell):
    return inner(x, cell) + inner_log(cell.get())


CELLS = [Cell(i) for i in range(3)]
CELLS[0].peer = CELLS[1]
POOL = []
KEEPERS = [Keeper(POOL), Keeper(POOL), Keeper([])]


def plus(x, y):
    pause()
    return x + y


def count(x):
    global COUNT
    pause()
    COUNT += x
    return COUNT


def read_count(x):
    pause()
    return COUNT + x


def log(x):
    pause()
    LOG.append(x)
    return x


def log_size(x):
    pause()
    return len(LOG) + x


def put(key, x):
    pause()
    TABLE[key] = x
    return x


def look(key):
    pause()
    return TABLE.get(key, 0)


def show(x):
    pause()
    print("show", x)
    return x


def draw(x):
    pause()
    return random.randrange(100) + x


def roll(rng):
    pause()
    return rng.randrange(10)


def pick(i):
    pause()
    return CELLS[i % 3]


def choose(i):
    pause()
    return (plus_one, log, count, show, CELLS[1].add, CELLS[2])[i % 6]


def plus_one(x):
    pause()
    return x + 1


def new_cell(i):
    pause()
    return Cell(i)


def use(cell, x):
    pause()
    return cell.add(x) + 1


def ask(cell, x):
    return cell(x)


def apply(function, x):
    pause()
    return function(x)


def state_of(cell):
    pause()
    return cell.n + len(cell.items)


def sum_of(cells):
    pause()
    return sum(cell.n for cell in cells)


def grow(xs, x):
    pause()
    xs.append(x)
    return len(xs)


def first_of(xs):
    pause()
    return xs[0] if xs else -1


def copy_of(xs):
    pause()
    return list(xs)


def same(value):
    pause()
    return value


def fails(x):
    pause()
    if x % 4 == 3:
        raise KeyError(f"fails {x}")
    return x


def guarded(x):
    try:
        return fails(x) + log(x)
    except KeyError:
        return -1


def ask_cells(x):
    return [cell(x) for cell in CELLS]


def add_up(x):
    total = 0
    for cell in CELLS:
        total += cell.get() + x
    return total


def counter():
    n = 0

    def step(x):
        nonlocal n
        pause()
        n += x
        return n

    return step


STEP = counter()


def bump_array(a, x):
    pause()
    a[x % len(a)] = x
    return float(a.sum())


def scale_array(a, x):
    pause()
    np.multiply(a, 2 + x % 2, out=a)
    return float(a[1])


def fill_array(a, x):
    pause()
    np.copyto(a, x % 7)
    return float(a[0])


def add_at(a, x):
    pause()
    np.add.at(a, [x % 3, 0], 1)
    return float(a[0])


def sort_array(a, x):
    pause()
    a.sort()
    return float(a[0]) + x


def shuffle_array(a, x):
    pause()
    np.random.shuffle(a)
    return float(a[0]) + x


def sum_array(a, x):
    pause()
    return float(a.sum()) + x


def mixed_array(a):
    return (a * 2 + 1).sum()


def view_of(a, x):
    pause()
    return a[x % 2 :]


def numbers(n):
    for i in range(n):
        LOG.append(("number", i))
        yield i * 2


FEED = iter(range(100, 200))


def next_of(feed):
    pause()
    return next(feed)


@xcs.jit
def inner(x, cell):
    return cell.add(x) + plus(x, 1)


@xcs.jit
def inner_log(x):
    y = plus(x, 2)
    log(y)
    return y + 1


independent = xcs.opaque(plus)
kept = xcs.ordered(log)
