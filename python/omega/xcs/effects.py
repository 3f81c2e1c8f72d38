# SPDX-License-Identifier: Apache-2.0
"""What calling a function does besides giving a result, read from its bytecode.

A call that changes nothing that others see may run beside others. What is found here keeps the order of those that do.
"""

from __future__ import annotations

import bisect
import builtins
import contextvars
import dis
import functools
import heapq
import inspect
import io
import operator
import random
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np

from omega._libraries import LIBRARIES
from omega.xcs.declarations import Declared


class Effect(IntEnum):
    """What a call changes: nothing, the object it is called on, or anything."""

    NONE = 0
    OWN = 1
    SHARED = 2


@dataclass(frozen=True)
class Finding:
    """An effect and the place in the code that has it."""

    effect: Effect
    reason: str = ""
    changed: str = ""  #: of OWN: the attribute whose value is changed; empty: the object itself
    assigned: str = ""  #: of OWN: the attribute that gets another value


_NOTHING = Finding(Effect.NONE)

#: Methods of containers, files and generators of random numbers that change what they are called on.
CHANGING_METHODS = frozenset(
    "append extend insert remove pop popitem clear sort reverse add discard update setdefault appendleft popleft extendleft rotate "
    "difference_update intersection_update symmetric_difference_update subtract write writelines fill put partition itemset resize "
    "setflags setfield byteswap shuffle seed send throw __setitem__ __delitem__ __setattr__ __delattr__ __next__ move_to_end put_nowait".split()
)
_OUTPUT = frozenset({"print", "input", "exec", "eval", "setattr", "delattr", "open", "breakpoint", "__import__"})
#: Functions of C and of libraries that change their first argument; others do so where they are told to, by `out`.
CHANGING_FUNCTIONS = frozenset(
    [next, np.copyto, np.put, np.place, np.putmask, np.fill_diagonal, np.put_along_axis, bisect.insort_left, bisect.insort_right]
    + [heapq.heappush, heapq.heappop, heapq.heapify, heapq.heapreplace, heapq.heappushpop, operator.setitem, operator.delitem]
    + [each for name, each in vars(operator).items() if name.startswith("i") and name[1:] in vars(operator) and f"__{name}__" in vars(operator)]
)
_FUNCTION_TYPES = (types.BuiltinFunctionType, types.FunctionType, type(np.copyto))
RANDOM_TYPES = (random.Random, np.random.Generator, np.random.RandomState)
DEPTH = 4


def _is_random(value: object) -> bool:
    """Whether the value is a generator of random numbers, whose order of calls decides what they give."""
    return isinstance(value, RANDOM_TYPES) or (isinstance(value, types.ModuleType) and value.__name__ in ("random", "numpy.random"))


@dataclass
class Root:
    """Where a value on the interpreter's stack comes from."""

    kind: str  # "fresh", "outer", "self", "argument", "result" (of a call that may give something old), "null"
    name: str = ""
    value: Any = None
    depth: int = 0  # attributes and items between the root and the value
    attribute: str = ""  # the last of them, where it is an attribute


_FRESH = Root("fresh")


class Scan:
    """One pass over the instructions of a function, in the order in which they stand."""

    def __init__(self, code: types.CodeType, look_up: Callable[[str], Any], owner: object, depth: int) -> None:
        self.code = code
        self.look_up = look_up
        self.depth = depth
        self.owner = owner
        self.stack: list[Root] = []
        self.keywords: tuple[str, ...] = ()  # of the call that comes next
        self.constant: Any = ()  # the last that was loaded
        self.line = code.co_firstlineno
        arguments = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & inspect.CO_VARARGS) + bool(code.co_flags & inspect.CO_VARKEYWORDS)
        self.locals = {name: Root("argument", name) for name in code.co_varnames[:arguments]}
        if owner is not None and code.co_varnames:
            self.locals[code.co_varnames[0]] = Root("self", code.co_varnames[0], owner)

    def findings(self) -> Iterator[Finding]:
        for instruction in dis.get_instructions(self.code):
            if instruction.starts_line is not None:
                self.line = instruction.starts_line if not isinstance(instruction.starts_line, bool) else ((instruction.positions.lineno if instruction.positions else None) or self.line)
            yield from self._step(instruction)

    def _shared(self, what: str) -> Finding:
        return Finding(Effect.SHARED, f"{what} (line {self.line} of {self.code.co_qualname})")

    def _pop(self) -> Root:
        return self.stack.pop() if self.stack else _FRESH

    def _change(self, root: Root, what: str, assigned: str = "") -> Iterator[Finding]:
        if root.kind == "self" and root.depth <= 1:
            changed = root.attribute if root.depth == 1 else ""
            yield Finding(Effect.OWN, f"{what} of the object (line {self.line} of {self.code.co_qualname})", changed, assigned if not changed else "")
        elif root.kind in ("outer", "argument", "self"):
            yield self._shared(f"{what} of `{root.name}`")

    def _change_in_place(self, root: Root) -> Iterator[Finding]:
        """An operator like `+=`, which makes a new value of numbers, texts and tuples."""
        if (root.kind == "outer" and root.depth == 0) or (root.kind == "self" and root.depth <= 1):
            yield from self._change(root, "changes the value in place")

    def _changed_by_call(self, function: Root, arguments: list[Root], keywords: tuple[str, ...]) -> Iterator[Finding]:
        """What a function of C or of a library is known to change of its arguments."""
        value = function.value
        if isinstance(value, types.FunctionType) and not value.__code__.co_filename.startswith(LIBRARIES):
            return
        by_position = len(arguments) - len(keywords)
        changed = [root for root, keyword in zip(arguments[by_position:], keywords, strict=True) if keyword == "out"]
        is_known = isinstance(value, _FUNCTION_TYPES) and value in CHANGING_FUNCTIONS
        if is_known or _is_changing_descriptor(value):
            changed += arguments[: min(by_position, 1)]
        elif isinstance(value, np.ufunc):
            changed += arguments[value.nin : by_position]
        for root in changed:
            yield from self._change(root, f"calls {name_of(value) if value is not None else function.attribute}()")

    def _called(self, function: Root) -> Iterator[Finding]:
        """Effects of a call of what stands on the stack as `function`."""
        value = function.value
        if function.kind == "outer" and function.depth == 0 and function.name in _OUTPUT and value is getattr(builtins, function.name, None):
            yield self._shared(f"calls {function.name}()")
        elif function.kind == "outer" and value is not None and isinstance(value, (types.FunctionType, types.MethodType)) and self.depth < DEPTH:
            found = effect_of(value, self.depth + 1)
            if found.effect == Effect.SHARED:
                yield Finding(Effect.SHARED, found.reason)
        elif function.kind == "self" and function.depth == 1 and self.owner is not None and self.depth < DEPTH:
            method = inspect.getattr_static(type(self.owner), function.name, None)
            if isinstance(method, types.FunctionType):
                found = effect_of(types.MethodType(method, self.owner), self.depth + 1)
                if found.effect != Effect.NONE:
                    yield found

    def _call_with(self, function: Root, given: list[Root]) -> None:
        """What is called, with what."""

    def _attribute(self, root: Root, name: str) -> Root:
        value = None
        if root.kind in ("outer", "self") and root.value is not None:
            try:
                value = inspect.getattr_static(root.value, name, None) if not isinstance(root.value, types.ModuleType) else getattr(root.value, name, None)
            except Exception:  # noqa: BLE001  (a property of the program's)
                value = None
        if isinstance(value, types.MethodDescriptorType) and not isinstance(root.value, (type, np.ufunc)):
            value = None  # bound to its object, not a function of it
        return Root(root.kind, name if root.kind != "argument" else root.name, value, root.depth + 1, name)

    def _step(self, instruction: dis.Instruction) -> Iterator[Finding]:  # noqa: PLR0912  (one case an instruction)
        name, argument = instruction.opname, instruction.argval
        stack = self.stack
        if name in ("LOAD_FAST", "LOAD_FAST_CHECK", "LOAD_FAST_BORROW"):
            stack.append(self.locals.get(argument, _FRESH))
        elif name in ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLASSDEREF"):
            if name == "LOAD_GLOBAL" and instruction.arg is not None and instruction.arg & 1:
                stack.append(Root("null"))
            is_own_cell = name == "LOAD_DEREF" and argument not in self.code.co_freevars
            stack.append(self.locals.get(argument, _FRESH) if is_own_cell else Root("outer", argument, self.look_up(argument)))
        elif name == "STORE_FAST":
            root = self._pop()
            known = self.locals.get(argument)
            if known is None or known.kind == "fresh":
                self.locals[argument] = root
        elif name == "COPY":
            depth = instruction.arg or 1
            stack.append(stack[-depth] if depth <= len(stack) else _FRESH)
        elif name == "SWAP":
            depth = instruction.arg or 1
            if depth <= len(stack):
                stack[-1], stack[-depth] = stack[-depth], stack[-1]
        elif name in ("STORE_GLOBAL", "DELETE_GLOBAL"):
            self._pop()
            yield self._shared(f"assigns the global `{argument}`")
        elif name in ("STORE_DEREF", "DELETE_DEREF"):
            root = self._pop()
            if argument in self.code.co_freevars:
                yield self._shared(f"assigns `{argument}` of the enclosing function")
            else:
                self.locals[argument] = root
        elif name in ("LOAD_METHOD", "LOAD_ATTR"):
            root = self._pop()
            is_method = name == "LOAD_METHOD" or (sys.version_info >= (3, 12) and instruction.arg is not None and instruction.arg & 1)
            if argument in CHANGING_METHODS and is_method:
                yield from self._change(root, f"calls .{argument}()")
            if isinstance(root.value, contextvars.ContextVar) and argument in ("set", "reset"):
                yield self._shared(f"sets the context variable `{root.name}`")
            if _is_random(root.value) and root.kind != "fresh":
                yield self._shared(f"draws random numbers from `{root.name}`")
            stack.append(self._attribute(root, argument))
            if is_method:
                stack.append(root)
        elif name in ("STORE_ATTR", "DELETE_ATTR"):
            root = self._pop()
            if name == "STORE_ATTR":
                self._pop()
            yield from self._change(root, f"sets .{argument}", argument)
        elif name in ("STORE_SUBSCR", "DELETE_SUBSCR"):
            self._pop()
            root = self._pop()
            if name == "STORE_SUBSCR":
                self._pop()
            yield from self._change(root, "sets an item")
        elif name == "LOAD_CONST":
            self.constant = argument
            stack.append(_FRESH)
        elif name == "PRECALL":
            pass  # CPython 3.11 says here that the arguments go; they are looked at when the call is
        elif name in ("CALL", "CALL_FUNCTION_EX", "CALL_KW"):
            yield from self._call(instruction)
        elif name == "BINARY_OP" and instruction.arg is not None and instruction.arg >= 13:
            self._pop()
            root = self._pop()
            yield from self._change_in_place(root)
            stack.append(root)
        elif name == "KW_NAMES":
            self.keywords = self.code.co_consts[instruction.arg or 0]
        else:
            self._other(instruction)

    def _call(self, instruction: dis.Instruction) -> Iterator[Finding]:
        if instruction.opname == "CALL_FUNCTION_EX":
            arguments = 1 + ((instruction.arg or 0) & 1)
        else:
            arguments = (instruction.arg or 0) + (instruction.opname == "CALL_KW")
        below = self.stack[: len(self.stack) - arguments]
        function = _FRESH
        for root in reversed(below[-2:]):
            if root.kind != "null":
                function = root
                if root.kind != "fresh":
                    break
        # A method lies below the object that it is called on.
        if len(below) >= 2 and below[-2].kind in ("outer", "self", "argument") and below[-2].depth == below[-1].depth + 1:
            function = below[-2]
        yield from self._called(function)
        given = self.stack[len(below) :]
        keywords, self.keywords = self.keywords, ()
        if instruction.opname == "CALL_KW":  # the names lie on the stack there
            given, keywords = given[:-1], self.constant
        self._call_with(function, given)
        if instruction.opname != "CALL_FUNCTION_EX":
            yield from self._changed_by_call(function, given, keywords if len(keywords) <= len(given) else ())
        is_seen = function.kind == "outer" and function.value is not None and not _is_code_of_program(function.value)
        self.stack = [*below[:-2], _FRESH if is_seen else Root("result", function.name)]  # beside the function lies its object, or nothing

    def _other(self, instruction: dis.Instruction) -> None:
        """What the stack looks like after an instruction that is known by its effect on the height of the stack alone."""
        try:
            change = dis.stack_effect(instruction.opcode, instruction.arg, jump=False)
        except ValueError:
            change = 0
        makes_new = instruction.opname.startswith(("BUILD_", "LOAD_CONST", "MAKE_FUNCTION", "FORMAT_", "COMPARE_", "CONTAINS_", "IS_"))
        top = _FRESH if makes_new or not self.stack else self.stack[-1]
        if change < 0:
            del self.stack[change:]
            if self.stack:
                joined = self.stack[-1] if self.stack[-1].kind not in ("fresh", "null") else top
                self.stack[-1] = _FRESH if makes_new else Root(joined.kind, joined.name, None, joined.depth + 1)
        else:
            self.stack.extend([_FRESH if makes_new else Root(top.kind, top.name, None, top.depth + 1)] * change)


def _is_changing_descriptor(value: object) -> bool:
    """Whether the value is a method as its class has it, `list.append` or `at` of `np.add`, that changes its first argument."""
    if not isinstance(value, types.MethodDescriptorType):
        return False
    return value.__name__ in CHANGING_METHODS or (value.__objclass__ is np.ufunc and value.__name__ == "at")


def _is_code_of_program(value: object) -> bool:
    """Whether a call of the value runs code that may give something that was there before: not a class, a function of C or of a library."""
    if isinstance(value, (type, types.BuiltinFunctionType, np.ufunc, types.MethodDescriptorType)):
        return False
    code = getattr(inspect.unwrap(value) if isinstance(value, types.FunctionType) else value, "__code__", None)
    return code is None or not code.co_filename.startswith(LIBRARIES)


def nested(code: types.CodeType) -> Iterator[types.CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant


def names_of(function: types.FunctionType) -> Callable[[str], Any]:
    closure = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=False))

    def look_up(name: str) -> Any:
        if name in closure:
            try:
                return closure[name].cell_contents
            except ValueError:
                return None
        return function.__globals__.get(name, getattr(builtins, name, None))

    return look_up


_analysing: set[int] = set()


def _scan(code: types.CodeType, look_up: Callable[[str], Any], owner: object, depth: int) -> Finding:
    worst = _NOTHING
    for finding in Scan(code, look_up, owner, depth).findings():
        if finding.effect > worst.effect:
            worst = finding
    for inner in nested(code):
        found = _scan(inner, look_up, None, depth)
        if found.effect == Effect.SHARED and worst.effect < Effect.SHARED and not found.reason.startswith("assigns `"):
            worst = found
    return worst


def effect_of(function: object, depth: int = 0) -> Finding:
    """What a call of the function changes.

    Parameters
    ----------
    function : callable
        A Python function or method, a C function, a class or a callable object.
    depth : int
        How many calls lie between this one and that which was asked about.

    Returns
    -------
    Finding
        The strongest effect that was found, with its place. What C functions and libraries do inside is not seen: they count as free of effects.
    """
    if isinstance(function, Declared):
        return Finding(Effect.SHARED, "declared as ordered") if function.ordered else _NOTHING
    if isinstance(function, functools.partial):
        return effect_of(function.func, depth)
    if isinstance(function, types.MethodType):
        inner, owner = function.__func__, function.__self__
        if not isinstance(inner, types.FunctionType):
            return effect_of(inner, depth)
        return _of_python(inner, owner, depth)
    if isinstance(function, types.FunctionType):
        return _of_python(function, None, depth)
    if isinstance(function, (types.BuiltinFunctionType, types.MethodWrapperType)):
        return _of_builtin(function)
    if isinstance(function, type):
        init = inspect.getattr_static(function, "__init__", None)
        found = _of_python(init, function, depth) if isinstance(init, types.FunctionType) else _NOTHING
        return found if found.effect == Effect.SHARED else _NOTHING
    call = inspect.getattr_static(type(function), "__call__", None)
    inner = getattr(call, "function", call)
    if not isinstance(inner, types.FunctionType):
        return _NOTHING
    found = _of_python(inner, function, depth)
    forward = inspect.getattr_static(type(function), "forward", None)
    if found.effect == Effect.NONE and isinstance(forward, types.FunctionType):
        return _of_python(forward, function, depth)
    return found


def _of_python(function: types.FunctionType, owner: object, depth: int) -> Finding:
    key = id(function.__code__)
    if function.__code__.co_filename.startswith(LIBRARIES):  # not looked into: what draws random numbers or writes is known by name
        return _NOTHING
    if key in _analysing or depth > DEPTH:
        return _NOTHING
    _analysing.add(key)
    try:
        return _scan(function.__code__, names_of(function), owner, depth)
    finally:
        _analysing.discard(key)


def _of_builtin(function: Any) -> Finding:
    owner = getattr(function, "__self__", None)
    name = getattr(function, "__name__", "")
    if isinstance(owner, types.ModuleType) or owner is None:
        is_output = owner is builtins and name in _OUTPUT
        return Finding(Effect.SHARED, f"calls {name}()") if is_output else _NOTHING
    if _is_random(owner):
        return Finding(Effect.SHARED, "draws random numbers")
    if name in CHANGING_METHODS or isinstance(owner, io.IOBase) or (isinstance(owner, contextvars.ContextVar) and name in ("set", "reset")):
        return Finding(Effect.SHARED, f"calls .{name}() of a {type(owner).__name__}")
    return _NOTHING


#: Types of the interpreter's whose methods are over in no time.
LIGHT: tuple[type, ...] = (list, tuple, dict, set, frozenset, str, bytes, int, float, complex, type({}.keys()), type({}.values()), type({}.items()), np.ndarray, np.generic)

#: Methods of them that look at what the object holds.
COMPARING = frozenset("index count remove sort __contains__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__ __repr__ __str__ __format__ join".split())

#: Methods that are over in no time, whatever they are called on.
LIGHT_METHODS = frozenset(name for each in (str, bytes, int, float, list, tuple, dict, set, np.ndarray) for name in dir(each))


def name_of(callable_: Any) -> str:
    """What a callable is called in messages."""
    if isinstance(callable_, functools.partial):
        return name_of(callable_.func)
    name = getattr(callable_, "__qualname__", None) or getattr(callable_, "__name__", None)
    return name if isinstance(name, str) else type(callable_).__qualname__
