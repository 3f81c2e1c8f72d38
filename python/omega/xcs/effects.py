# SPDX-License-Identifier: Apache-2.0
"""What calling a function does besides giving a result, read from its bytecode.

A call that changes nothing that others see may run beside others. What is found here keeps the order of those that do.
"""

from __future__ import annotations

import builtins
import contextvars
import functools
import inspect
import io
import operator
import types
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, ClassVar, cast

import numpy as np

from omega._bytecode import Step
from omega._libraries import LIBRARIES
from omega._native import TracedFunction
from omega.xcs.code_scan import Scan, is_dropped, is_in_place
from omega.xcs.declarations import Declared
from omega.xcs.library_effects import RANDOM_TYPES, acts_on_all, is_called_for_effect, is_for_threads
from omega.xcs.origins import CHANGING_METHODS, Root, Value, changed_argument


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

_OUTPUT = frozenset({"print", "input", "exec", "eval", "setattr", "delattr", "open", "breakpoint", "__import__"})
DEPTH = 4


def untraced(value: object) -> object:
    """The plain function of a traced one; others themselves."""
    return value.function if isinstance(value, TracedFunction) else value


def _is_random(value: object) -> bool:
    """Whether the value is a generator of random numbers, whose order of calls decides what they give."""
    return isinstance(value, RANDOM_TYPES) or (isinstance(value, types.ModuleType) and value.__name__ in ("random", "numpy.random"))


def has_method_in_c(cls: type, name: str) -> bool:
    """Whether the class, or one that it is made from, has a method of this name from C."""
    return any(isinstance(vars(each).get(name), (types.MethodDescriptorType, types.WrapperDescriptorType)) for each in cls.__mro__)


def calls_changing_method(value: object) -> bool:
    """Whether it is made by `operator.methodcaller` for a method that is known to change what it is called on."""
    if not isinstance(value, operator.methodcaller):
        return False
    made_by, arguments = cast("tuple[Any, tuple[Any, ...]]", value.__reduce__())
    name = (made_by.args if isinstance(made_by, functools.partial) else arguments)[0]
    return name in CHANGING_METHODS


class EffectScan(Scan):
    """Finds what code changes."""

    #: Instructions that may change something, or say what does: `_look` is asked about these.
    LOOKED_AT: ClassVar[frozenset[str]] = frozenset(
        "STORE_GLOBAL DELETE_GLOBAL STORE_DEREF DELETE_DEREF LOAD_METHOD LOAD_ATTR STORE_ATTR DELETE_ATTR STORE_SUBSCR DELETE_SUBSCR CALL CALL_FUNCTION_EX BINARY_OP".split()
    )

    def findings(self) -> Iterator[Finding]:
        for step in self.scan(self.LOOKED_AT):
            yield from self._look(step)

    def _shared(self, what: str) -> Finding:
        return Finding(Effect.SHARED, f"{what} (line {self.line} of {self.code.co_qualname})")

    def _change(self, root: Root, what: str, assigned: str = "") -> Iterator[Finding]:
        if root.kind == "self" and root.depth <= 1:
            changed = root.attribute if root.depth == 1 else ""
            yield Finding(Effect.OWN, f"{what} of the object (line {self.line} of {self.code.co_qualname})", changed, assigned if not changed else "")
        elif root.kind in ("outer", "argument", "self"):
            yield self._shared(f"{what} of `{root.name}`")

    def _change_any(self, value: Value, what: str, assigned: str = "") -> Iterator[Finding]:
        for root in value:
            yield from self._change(root, what, assigned)

    def _change_in_place(self, root: Root) -> Iterator[Finding]:
        """An operator like `+=`, which makes a new value of numbers, texts and tuples."""
        if (root.kind == "outer" and root.depth == 0) or (root.kind == "self" and root.depth <= 1):
            yield from self._change(root, "changes the value in place")

    def _changed_by_call(self, function: Root, given: list[Value], keywords: tuple[str, ...]) -> Iterator[Finding]:
        """What a function of C or of a library is known to change of its arguments."""
        value = function.value
        if isinstance(value, types.FunctionType) and not value.__code__.co_filename.startswith(LIBRARIES):
            return
        by_position = len(given) - len(keywords)
        changed = [each for each, keyword in zip(given[by_position:], keywords, strict=True) if keyword == "out"]
        number = changed_argument(value)
        if number is not None:
            changed += given[:by_position][number : number + 1]
        elif isinstance(value, np.ufunc):
            changed += given[value.nin : by_position]
        for each in changed:
            yield from self._change_any(each, f"calls {name_of(value) if value is not None else function.attribute}()")

    def _called(self, function: Root) -> Iterator[Finding]:
        """Effects of a call of this function."""
        value = untraced(function.value)
        if function.kind == "outer" and function.depth == 0 and function.name in _OUTPUT and value is getattr(builtins, function.name, None):
            yield self._shared(f"calls {function.name}()")
        elif function.kind == "outer" and isinstance(getattr(value, "__self__", None), RANDOM_TYPES):
            yield self._shared(f"draws random numbers by {function.name}()")
        elif value is not None and acts_on_all(value):
            yield self._shared(f"calls {name_of(value)}()")
        elif function.kind == "outer" and value is not None and isinstance(value, (types.FunctionType, types.MethodType)) and self.depth < DEPTH:
            found = effect_of(value, self.depth + 1)
            if found.effect == Effect.SHARED:
                yield Finding(Effect.SHARED, found.reason)
        elif function.kind == "self" and function.depth == 1 and self.owner is not None and self.depth < DEPTH:
            method = untraced(inspect.getattr_static(type(self.owner), function.name, None))
            if isinstance(method, types.FunctionType):
                found = effect_of(types.MethodType(method, self.owner), self.depth + 1)
                if found.effect != Effect.NONE:
                    yield found

    def _called_for_nothing(self, function: Root, given: list[Value]) -> Iterator[Finding]:
        """Effects of a call of which nobody takes the result: it is made for them."""
        if function.value is not None and is_called_for_effect(function.value) and not is_for_threads(function.value):
            if function.attribute == "__init__":
                yield from self._change_any(given[0] if given else (), "calls __init__()")
            else:
                yield self._shared(f"calls {name_of(function.value)}() for nothing that it gives")
        elif function.kind == "fresh" and function.made_at >= 0 and not function.attribute:  # made by a library, as `operator.methodcaller` does
            for each in given:
                yield from self._change_any(each, "calls something with it for nothing that this gives")

    def _call_with(self, function: Root, given: list[Value]) -> None:
        """What is called, with what."""

    def _look(self, step: Step) -> Iterator[Finding]:
        """What an instruction changes, with the stack as it is before."""
        name = step.name
        if name in ("STORE_GLOBAL", "DELETE_GLOBAL"):
            yield self._shared(f"assigns the global `{step.argument}`")
        elif name in ("STORE_DEREF", "DELETE_DEREF"):
            if step.argument in self.code.co_freevars:
                yield self._shared(f"assigns `{step.argument}` of the enclosing function")
        elif name in ("LOAD_METHOD", "LOAD_ATTR"):
            yield from self._look_at_attribute(step)
        elif name in ("STORE_ATTR", "DELETE_ATTR"):
            yield from self._change_any(self._top(), f"sets .{step.argument}", step.argument)
        elif name in ("STORE_SUBSCR", "DELETE_SUBSCR"):
            yield from self._change_any(self._top(2), "sets an item")
        elif name in ("CALL", "CALL_FUNCTION_EX"):
            yield from self._look_at_call(step)
        elif is_in_place(step):
            for root in self._top(2):
                yield from self._change_in_place(root)

    def _look_at_attribute(self, step: Step) -> Iterator[Finding]:
        for root in self._top():
            is_of_object = not isinstance(root.value, (types.ModuleType, np.ufunc) if step.name == "LOAD_METHOD" else (types.ModuleType, np.ufunc, type))
            if step.argument in CHANGING_METHODS and is_of_object and not self._is_own_method(root, step.argument):  # also where the method is called later, by whoever
                yield from self._change(root, f"calls .{step.argument}()")
            if root.kind == "super" and root.depth == 0 and step.argument in CHANGING_METHODS:
                yield from self._change_by_base(step.argument)
            if isinstance(root.value, contextvars.ContextVar) and step.argument in ("set", "reset"):
                yield self._shared(f"sets the context variable `{root.name}`")
            if _is_random(root.value) and root.kind != "fresh":
                yield self._shared(f"draws random numbers from `{root.name}`")

    def _is_own_method(self, root: Root, name: str) -> bool:
        """Whether it is a method of the object's class that is written in Python: its code says what it changes, not its name."""
        if root.kind != "self" or root.depth > 0 or self.owner is None:
            return False
        cls = self.owner if isinstance(self.owner, type) else type(self.owner)
        return isinstance(untraced(inspect.getattr_static(cls, name, None)), types.FunctionType)

    def _change_by_base(self, name: str) -> Iterator[Finding]:
        """A method that changes lists, dicts and the like, of a base class of the object's."""
        if self.owner is not None and has_method_in_c(self.owner if isinstance(self.owner, type) else type(self.owner), name):
            yield Finding(Effect.OWN, f"calls .{name}() of the object (line {self.line} of {self.code.co_qualname})")

    def _is_for_nothing(self) -> bool:
        """Whether nobody takes the result of the call."""
        return is_dropped(self.read.steps, self.index)

    def _look_at_call(self, step: Step) -> Iterator[Finding]:
        function, given = self.call_parts(step)
        for root in function:
            yield from self._called(root)
            if root.made_at in self.method_callers or calls_changing_method(root.value):
                for each in given:
                    yield from self._change_any(each, "calls a method of it by its name")
            self._call_with(root, given)
            if self._is_for_nothing():
                yield from self._called_for_nothing(root, given)
            if step.name == "CALL":
                yield from self._changed_by_call(root, given, step.keywords)


def nested(code: types.CodeType) -> Iterator[types.CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant


_analysing: set[int] = set()


def _scan(code: types.CodeType, function: types.FunctionType, owner: object, depth: int) -> Finding:
    worst = _NOTHING
    for finding in EffectScan(code, function, owner, depth).findings():
        if finding.effect > worst.effect:
            worst = finding
    for inner in nested(code):
        found = _scan(inner, function, None, depth)
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
    if acts_on_all(function):
        return Finding(Effect.SHARED, f"calls {name_of(function)}()")
    if isinstance(function, operator.methodcaller):  # what is known of one is known of all
        return Finding(Effect.SHARED, "calls a method by its name")
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
        return _scan(function.__code__, function, owner, depth)
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
