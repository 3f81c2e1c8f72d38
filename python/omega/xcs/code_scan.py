# SPDX-License-Identifier: Apache-2.0
"""What code has on the interpreter's stack and in its variables before each instruction, on all ways that lead there: where values come from, not what they are."""

from __future__ import annotations

import builtins
import contextlib
import heapq
import inspect
import operator
import sys
import threading
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from omega import _bytecode
from omega._bytecode import Step
from omega._native import globals_of
from omega.xcs.origins import CHANGING_METHODS, COMPREHENSIONS, FRESH, NULL, RESULT, Root, Roots, Value, changed_argument, is_code_of_program, is_of_unknown_library, may_give_given, static_attribute, union


class _State(NamedTuple):
    stack: tuple[Value, ...]
    variables: dict[str, Value]


def _merged(known: _State | None, new: _State) -> _State:
    if known is None:
        return new
    variables = known.variables
    if variables is not new.variables:
        names = known.variables.keys() | new.variables.keys()
        variables = {name: union(known.variables.get(name, FRESH), new.variables.get(name, FRESH)) for name in names}
    return _State(tuple(union(*pair) for pair in zip(known.stack, new.stack, strict=False)), variables)


#: Instructions that take values and give none.
_TAKING = ("POP_", "STORE_", "DELETE_", "JUMP_IF_", "LIST_", "SET_ADD", "SET_UPDATE", "MAP_ADD", "DICT_", "RETURN_", "RAISE_", "RERAISE", "END_")
#: Instructions that put values into a container below, and how many lie between.
_ADDING = frozenset({"LIST_APPEND", "SET_ADD", "MAP_ADD", "LIST_EXTEND", "SET_UPDATE", "DICT_UPDATE", "DICT_MERGE"})
_MAKING = ("BUILD_", "FORMAT_", "CONVERT_", "COMPARE_", "CONTAINS_", "IS_", "UNARY_NOT", "TO_BOOL", "LOAD_CLOSURE", "LOAD_BUILD_CLASS", "LOAD_ASSERTION", "LOAD_COMMON", "PUSH_EXC")
#: Classes whose objects hold what they iterate over, and functions that give such.
_HOLDING_ITEMS = (enumerate, zip, list, tuple, set, frozenset, dict, reversed, sorted, iter, filter, map)
#: Methods that put what their arguments hold into their object, not these themselves.
_TAKING_ITEMS = frozenset("extend extendleft update difference_update intersection_update symmetric_difference_update".split())
#: Visits of a step after which it is left as it is; what is found by then is more than programs have.
_MOST_VISITS = 24


def names_of(function: types.FunctionType) -> Callable[[str], Any]:
    globals_ = globals_of(function)
    closure = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=False))

    def look_up(name: str) -> Any:
        if name in closure:
            try:
                return closure[name].cell_contents
            except ValueError:
                return None
        return globals_.get(name, getattr(builtins, name, None))

    return look_up


_remembered = threading.local()


@contextlib.contextmanager
def remembering() -> Iterator[None]:
    """Code that is read several times inside is gone through once: nobody assigns to names meanwhile."""
    is_outermost = getattr(_remembered, "scans", None) is None
    if is_outermost:
        _remembered.scans = {}
    try:
        yield
    finally:
        if is_outermost:
            _remembered.scans = None


class Scan:
    """Reads the code of one function. `scan` goes through the instructions in the order in which they stand, with what they work on."""

    def __init__(self, code: types.CodeType, function: types.FunctionType, owner: object, depth: int) -> None:
        self.code = code
        self.read = _bytecode.read(code)
        self.function = function  # whose names it sees
        self.look_up = names_of(function)
        self.owner = owner
        self.depth = depth
        self.line = code.co_firstlineno
        self.index = 0  # of the step
        self.stack: list[Value] = []
        self._root = Roots()
        arguments = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & inspect.CO_VARARGS) + bool(code.co_flags & inspect.CO_VARKEYWORDS)
        self.variables: dict[str, Value] = {name: (self._root("argument", name),) for name in code.co_varnames[:arguments]}
        if owner is not None and code.co_varnames:
            self.variables[code.co_varnames[0]] = (self._root("self", code.co_varnames[0], owner),)
        self._stacks: list[tuple[int, list[Value]]] = []
        self._inside: dict[int, Value] = {}  # of containers that the code makes, by the step that does
        self._looked_into: set[int] = set()
        self.method_callers: set[int] = set()  # steps that make one by `operator.methodcaller`
        self._is_inside_new = False  # more came into a container that was looked into before

    def scan(self, names: frozenset[str] | None = None) -> Iterator[Step]:
        """The steps that can be reached, with the stack before each; those of these names, where some are given."""
        steps = self.read.steps
        known: dict[tuple[int, int, int], Scan] | None = getattr(_remembered, "scans", None)
        key = id(self.code), id(self.function), id(self.owner)
        same = self if known is None else known.setdefault(key, self)
        if same is self:
            self._stacks = self._settled()
        self.method_callers = same.method_callers
        for index, stack in same._stacks:
            step = steps[index]
            if names is None or step.name in names:
                self.index, self.stack, self.line = index, stack, step.line
                yield step

    def _settled(self) -> list[tuple[int, list[Value]]]:
        """The steps that can be reached, each with the stack before it. Ways from where others meet are gone again until nothing changes."""
        read = self.read
        meeting = {each.target for each in read.steps} | {each.target for each in read.handlers}
        states = {0: _State((), self.variables)}
        stacks: dict[int, list[Value]] = {}
        pending = [0]
        visits = [0] * len(read.steps)
        while pending:
            index = heapq.heappop(pending)
            self.stack, self.variables = list(states[index].stack), states[index].variables
            while index < len(read.steps) and visits[index] < _MOST_VISITS:
                step = read.steps[index]
                visits[index] += 1
                self.index = index
                stacks[index] = list(self.stack)
                if read.handlers:
                    self._raise_from(index, read.handlers, states, pending)
                if step.target >= 0:
                    stack = self._moved_to_target(step)
                    self._reach(step.target, _State(stack, self.variables), states, pending)
                self._move(step)
                index += 1
                if not step.goes_on:
                    break
                if index in meeting:
                    self._reach(index, _State(tuple(self.stack), self.variables), states, pending)
                    break
            if not pending and self._is_inside_new:
                self._is_inside_new = False
                pending = sorted(states)
        return sorted(stacks.items())

    def _reach(self, index: int, state: _State, states: dict[int, _State], pending: list[int]) -> None:
        known = states.get(index)
        merged = _merged(known, state)
        if merged != known:
            states[index] = merged
            if index not in pending:
                heapq.heappush(pending, index)

    def _raise_from(self, index: int, handlers: Iterable[_bytecode.Handler], states: dict[int, _State], pending: list[int]) -> None:
        for each in handlers:
            if each.first <= index < each.end:
                stack = (*self.stack[: each.height - each.pushed], *[FRESH] * each.pushed)
                self._reach(each.target, _State(stack, self.variables), states, pending)

    def _moved_to_target(self, step: Step) -> tuple[Value, ...]:
        change = step.change_at_target
        if change <= 0:
            return tuple(self.stack[: len(self.stack) + change])
        return (*self.stack, *[self._derived(self._top())] * change)

    def _top(self, depth: int = 1) -> Value:
        return self.stack[-depth] if depth <= len(self.stack) else FRESH

    def _pop(self) -> Value:
        return self.stack.pop() if self.stack else FRESH

    def _taken(self, count: int) -> list[Value]:
        taken = self.stack[len(self.stack) - count :] if count else []
        del self.stack[len(self.stack) - len(taken) :]
        return taken

    # What values give and hold.

    def _container(self, *held: Value) -> Value:
        """What this step makes, with what is in it."""
        self._inside.setdefault(self.index, FRESH)
        made = (self._root("fresh", made_at=self.index),)
        self._put_into(made, *held)
        return made

    def _put_into(self, containers: Value, *held: Value) -> None:
        for root in containers:
            if root.made_at >= 0:
                known = self._inside.get(root.made_at, FRESH)
                now = union(known, *(tuple(each for each in value if each.kind != "null") for value in held))
                if len(now) != len(known):
                    self._inside[root.made_at] = now
                    self._is_inside_new |= root.made_at in self._looked_into

    def _held_by(self, root: Root) -> Value:
        self._looked_into.add(root.made_at)
        return self._inside.get(root.made_at, FRESH)

    def _derived(self, value: Value) -> Value:
        """An item or an attribute of it, of which only its root is known."""
        made: list[Root] = []
        for root in value:
            if root.kind in ("fresh", "defined", "null"):
                made += self._held_by(root)
            else:
                made.append(self._root(root.kind, root.name, None, root.depth + 1))
        return tuple(dict.fromkeys(made))

    def _attribute(self, value: Value, name: str, is_method: bool) -> Value:
        made = []
        for root in value:
            found = static_attribute(root, name)
            made.append(self._root(root.kind, name if root.kind != "argument" else root.name, found, root.depth + 1, name, root.made_at if is_method else -1, is_method))
        return tuple(dict.fromkeys(made)) if is_method else union(tuple(made), *[self._held_by(root) for root in value if root.made_at >= 0])

    # Calls.

    def call_parts(self, step: Step) -> tuple[Value, list[Value]]:
        """What a call calls and what it is given, without the object of a method."""
        given = self.stack[len(self.stack) - step.number :] if step.number else []
        lower, upper = self._top(step.number + 2), self._top(step.number + 1)
        if any(root.is_method for root in lower) or upper == NULL:
            return lower, given
        return (upper, given) if lower == NULL else (lower, [upper, *given])

    def _result_of(self, function: Value, given: list[Value], keywords: tuple[str, ...]) -> Value:
        made: Value = ()
        for root in function:
            if root.kind == "defined" and root.name in COMPREHENSIONS:
                made = union(made, self._container(RESULT))
            elif root.kind == "outer" and root.value is super:
                made = union(made, (self._root("super", "super"),))
            elif root.kind == "outer" and root.value is type and len(given) == 1:
                made = union(made, self._attribute(given[0], "__class__", False))
            elif root.kind == "outer" and root.value is not None and not is_code_of_program(root.value):
                held = [] if any(root.value is each for each in _HOLDING_ITEMS) else given
                if root.value is operator.methodcaller:
                    self.method_callers.add(self.index)
                made = union(made, self._container(*held, *map(self._derived, given)))
                if may_give_given(root.value) or "copy" in keywords:  # np.array(x, copy=False)
                    made = union(made, *given, *map(self._derived, given), RESULT)
                elif is_of_unknown_library(root.value):
                    made = union(made, RESULT)
            else:
                made = union(made, (self._root("result", root.name),))
        return made

    def _call(self, step: Step) -> None:
        function, given = self.call_parts(step)
        held = [*given, *map(self._derived, given)]
        for root in function:
            if root.is_method and root.attribute in CHANGING_METHODS:
                self._put_into((root,), *(held[len(given) :] if root.attribute in _TAKING_ITEMS else held))
            elif root.kind != "outer" or root.value is None or is_code_of_program(root.value):
                for each in given:
                    self._put_into(each, RESULT, *held)
            else:
                number = changed_argument(root.value)
                if number is not None and number < len(given):
                    self._put_into(given[number], *given[:number], *given[number + 1 :])
        result = self._result_of(function, given, step.keywords)
        del self.stack[max(0, len(self.stack) - step.number - 2) :]
        self.stack.append(result)

    # What instructions do to the stack and to variables.

    def _assign(self, name: str, value: Value) -> None:
        self.variables = {**self.variables, name: value}

    def _move(self, step: Step) -> None:
        """What the stack and the variables are after an instruction."""
        move = _MOVES.get(step.name)
        if move is not None:
            move(self, step)
        elif step.name in _ADDING:
            taken = self._taken(-step.change)
            is_item = step.name in ("LIST_APPEND", "SET_ADD", "MAP_ADD")
            self._put_into(self._top(step.number), *(taken if is_item else map(self._derived, taken)))
        elif step.name.startswith(_TAKING):
            self._taken(min(-step.change, len(self.stack)))
        elif step.name.startswith(_MAKING):
            taken = self._taken(min(max(1 - step.change, 0), len(self.stack)))
            self.stack.append(self._container(*taken) if step.name.startswith("BUILD_") else FRESH)
        elif step.change < 0:
            taken = self._taken(min(1 - step.change, len(self.stack)))
            self.stack.append(self._combined(taken))
        else:
            self.stack += [self._derived(self._top())] * step.change

    def _combined(self, operands: list[Value]) -> Value:
        """What an operator gives: something new that may hold what the operands hold, or something of theirs."""
        derived = [self._derived(each) for each in operands]
        if not any(root.made_at >= 0 for each in operands for root in each):
            return union(*derived)
        return union(self._container(*derived), *derived)

    def _load_variable(self, step: Step) -> None:
        self.stack.append(self.variables.get(step.argument, FRESH))

    def _load_outer(self, step: Step) -> None:
        is_own_cell = step.name == "LOAD_DEREF" and step.argument not in self.code.co_freevars
        self.stack.append(self.variables.get(step.argument, FRESH) if is_own_cell else (self._root("outer", step.argument, self.look_up(step.argument)),))

    def _store_variable(self, step: Step) -> None:
        self._assign(step.argument, self._pop())

    def _store_cell(self, step: Step) -> None:
        value = self._pop()
        if step.argument not in self.code.co_freevars:
            self._put_into(value, RESULT)  # functions that are defined here may put anything into it
            self._assign(step.argument, union(self.variables.get(step.argument, value), value))

    def _copy(self, step: Step) -> None:
        self.stack.append(self._top(step.number))

    def _swap(self, step: Step) -> None:
        if step.number <= len(self.stack):
            self.stack[-1], self.stack[-step.number] = self.stack[-step.number], self.stack[-1]

    def _load_constant(self, step: Step) -> None:
        self.stack.append((self._root("fresh", step.argument.co_name),) if isinstance(step.argument, types.CodeType) else FRESH)

    def _define_function(self, step: Step) -> None:
        code = self._pop()
        self._taken(min(-step.change, len(self.stack)))
        self.stack.append((self._root("defined", code[0].name),))

    def _set_function_attribute(self, step: Step) -> None:
        function = self._pop()
        self._pop()
        self.stack.append(function)

    def _load_attribute(self, step: Step) -> None:
        value = self._pop()
        is_method = step.name == "LOAD_METHOD"
        self.stack.append(self._attribute(value, step.argument, is_method))
        if is_method:
            self.stack.append(value)

    def _load_super(self, step: Step) -> None:
        self._taken(min(step.number, len(self.stack)))
        self.stack.append((self._root("super", "super"),))

    def _store_attribute(self, step: Step) -> None:
        container, value = self._pop(), self._pop()
        self._put_into(container, value)

    def _store_item(self, step: Step) -> None:
        value, container, _ = self._taken(min(3, len(self.stack))) if len(self.stack) >= 3 else [FRESH] * 3
        self._put_into(container, value, self._derived(value))

    def _load_item(self, step: Step) -> None:
        self._pop()
        value = self._pop()
        self.stack.append(union(self._derived(value), tuple(root for root in value if root.made_at >= 0)))  # a slice is a container too

    def _operate(self, step: Step) -> None:
        right, left = self._pop(), self._pop()
        if is_in_place(step):
            self._put_into(left, self._derived(right))
        self.stack.append(left if is_in_place(step) else self._combined([left, right]))

    def _unpack(self, step: Step) -> None:
        value = self._pop()
        self.stack += [self._derived(value)] * (step.change + 1)

    def _match_keys(self, step: Step) -> None:
        self.stack.append(self._container(self._derived(self._top(2))))

    def _import(self, step: Step) -> None:
        self._taken(min(2, len(self.stack)))
        level, names = (each.argument for each in self.read.steps[self.index - 2 : self.index])
        module = sys.modules.get(step.argument if names else step.argument.partition(".")[0]) if level == 0 else None
        self.stack.append((self._root("outer", step.argument, module),))

    def _import_from(self, step: Step) -> None:
        self.stack.append(self._attribute(self._top(), step.argument, is_method=False))

    def _push_null(self, step: Step) -> None:
        self.stack.append(NULL)


_MOVES: dict[str, Callable[[Scan, Step], None]] = {
    "LOAD_FAST": Scan._load_variable,
    "LOAD_FAST_AND_CLEAR": Scan._load_variable,
    "LOAD_GLOBAL": Scan._load_outer,
    "LOAD_NAME": Scan._load_outer,
    "LOAD_DEREF": Scan._load_outer,
    "STORE_FAST": Scan._store_variable,
    "STORE_DEREF": Scan._store_cell,
    "COPY": Scan._copy,
    "SWAP": Scan._swap,
    "LOAD_CONST": Scan._load_constant,
    "MAKE_FUNCTION": Scan._define_function,
    "SET_FUNCTION_ATTRIBUTE": Scan._set_function_attribute,
    "LOAD_ATTR": Scan._load_attribute,
    "LOAD_METHOD": Scan._load_attribute,
    "LOAD_SUPER": Scan._load_super,
    "STORE_ATTR": Scan._store_attribute,
    "STORE_SUBSCR": Scan._store_item,
    "MATCH_KEYS": Scan._match_keys,
    "IMPORT_NAME": Scan._import,
    "IMPORT_FROM": Scan._import_from,
    "BINARY_SUBSCR": Scan._load_item,
    "BINARY_OP": Scan._operate,
    "UNPACK_SEQUENCE": Scan._unpack,
    "UNPACK_EX": Scan._unpack,
    "PUSH_NULL": Scan._push_null,
    "CALL": Scan._call,
    "CALL_FUNCTION_EX": Scan._call,
}


def is_dropped(steps: Sequence[Step], at: int) -> bool:
    """Whether nobody takes what the instruction gives: the next one drops it."""
    return at + 1 < len(steps) and steps[at + 1].name == "POP_TOP"


def is_in_place(step: Step) -> bool:
    """Whether an operator is one like `+=`."""
    return step.name == "BINARY_OP" and step.number >= 13
