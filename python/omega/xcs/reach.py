# SPDX-License-Identifier: Apache-2.0
"""What is asked about code and modules when a call is followed through the objects that it is given: the C++ side's `reach.h` follows it."""

from __future__ import annotations

import builtins
import functools
import inspect
import sys
import time
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

from omega import _bytecode
from omega._bytecode import Step
from omega._libraries import LIBRARIES, is_library_function
from omega._native import globals_of
from omega.xcs.declarations import Declared
from omega.xcs.effects import (
    COMPARING,
    DEPTH,
    LIGHT,
    LIGHT_METHODS,
    Effect,
    EffectScan,
    Finding,
    effect_of,
    name_of,
    nested,
)
from omega.xcs.code_scan import is_dropped, is_in_place, names_of, remembering
from omega.xcs.frames import looks_at_callers
from omega.xcs.library_effects import is_called_for_effect, type_facts
from omega.xcs.origins import Root, Value
from omega.xcs.own_changes import uses_of_given
from omega.xcs.stepping import is_array_code, is_stepped_into, is_traced_through


class _ReachScan(EffectScan):
    """Finds what one code object does to things of which only the call knows what they are."""

    LOOKED_AT = EffectScan.LOOKED_AT | {"LOAD_GLOBAL", "LOAD_NAME", "BEFORE_WITH", "LOAD_SPECIAL"}

    def __init__(self, code: types.CodeType, function: types.FunctionType, owner: object) -> None:
        super().__init__(code, function, owner, DEPTH)  # what it calls is looked at by itself
        self.globals: set[str] = set()
        self.names: set[str] = set()  # of methods that it may call
        self.names_for_nothing: set[str] = set()  # of those of which nobody takes the result
        self.changing_names: set[str] = set()  # of methods of its object that change it where it is a list, dict or the like
        self.calls_values = False  # something that it was given, or that a call gave
        self.calls_given = False  # that, or what takes functions to call
        self.changes_reached = False  # changes in place what may be a number or an object

    def _look(self, step: Step) -> Iterator[Finding]:
        name = step.name
        if name in ("LOAD_GLOBAL", "LOAD_NAME"):
            self.globals.add(step.argument)
        elif name in ("LOAD_ATTR", "LOAD_METHOD"):
            self.names.add(step.argument)
        elif name in _STORING:
            self.names.add(_STORING[name])
        elif name in ("BEFORE_WITH", "LOAD_SPECIAL"):
            self.names |= {"__enter__", "__exit__"}
        return super()._look(step)

    def _called_for_nothing(self, function: Root, given: list[Value]) -> Iterator[Finding]:
        if function.value is None:
            self.names_for_nothing.add(function.attribute)
        return super()._called_for_nothing(function, given)

    def _change(self, root: Root, what: str, assigned: str = "") -> Iterator[Finding]:
        self.changes_reached |= root.kind == "result"
        return super()._change(root, what, assigned)

    def _is_own_method(self, root: Root, name: str) -> bool:
        is_of_own = root.kind == "self" and root.depth == 0
        if is_of_own:
            self.changing_names.add(name)
        return is_of_own

    def _change_by_base(self, name: str) -> Iterator[Finding]:
        self.changing_names.add(name)
        return iter(())

    def _change_in_place(self, root: Root) -> Iterator[Finding]:
        self.changes_reached |= root.kind in ("argument", "result")
        self.names |= _IN_PLACE
        return super()._change_in_place(root)

    def _called(self, function: Root) -> Iterator[Finding]:
        value = function.value
        if function.kind == "defined":
            return iter(())  # its code is looked at by itself
        if value is None:
            self.calls_values |= function.attribute not in LIGHT_METHODS
        elif not isinstance(value, (types.FunctionType, types.BuiltinFunctionType, type, np.ufunc, Declared)) and not is_library_function(value):
            self.calls_values = True
        self.calls_given |= self.calls_values or (value is not None and _may_call_given(value))
        return super()._called(function)


#: Builtins that run no more of what they are given than its special methods.
_CALLING_NO_FUNCTIONS = (object, *(getattr(builtins, name) for name in "abs any all bool bytes chr dict divmod enumerate float format frozenset getattr hasattr hash id int isinstance issubclass len list ord print range repr reversed round set slice str sum super tuple type zip".split()))


def _may_call_given(value: object) -> bool:
    """Whether a function or class of C or of a library may call functions that it is given."""
    if isinstance(value, types.FunctionType):
        return value.__code__.co_filename.startswith(LIBRARIES)
    is_known = any(value is each for each in _CALLING_NO_FUNCTIONS) or isinstance(value, (np.ufunc, Declared))
    return not is_known and not (isinstance(value, type) and is_program_module(value.__module__))


_STORING = {"STORE_SUBSCR": "__setitem__", "DELETE_SUBSCR": "__delitem__", "STORE_ATTR": "__setattr__", "DELETE_ATTR": "__delattr__"}
_IN_PLACE = frozenset(f"__i{name}__" for name in "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift".split())
#: What `code_facts` says of code, as the C++ side has it.
_ANYTHING, _ANYTHING_INSIDE, _REACHED, _LIBRARY, _CALLS_GIVEN = 1, 2, 4, 8, 16


@remembering()
def code_facts(
    function: types.FunctionType, is_method: bool
) -> tuple[int, tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """What the C++ side asks about code that a call may run: what it changes, the globals and names of methods in it, those of methods whose results nobody takes;
    of a method the attributes of its object that it changes ("": the object itself), those that it assigns, and the names of methods of the object that change it
    if its class has them from C.
    """
    if function.__code__.co_filename.startswith(LIBRARIES):
        return _LIBRARY, (), (), (), (), (), ()
    flags = 0
    globals_: set[str] = set()
    names: set[str] = set()
    names_for_nothing: set[str] = set()
    changed: set[str] = set()
    assigned: set[str] = set()
    changing_names: set[str] = set()
    codes = [function.__code__]
    for code in codes:
        is_inner = code is not function.__code__
        scan = _ReachScan(code, function, None if is_inner or not is_method else _ANY_OBJECT)
        for found in scan.findings():
            if found.effect == Effect.OWN:
                changed.add(found.changed)
                assigned.add(found.assigned)
            else:
                is_inside = is_inner and found.reason.startswith("assigns `")
                flags |= _ANYTHING_INSIDE if is_inside else _ANYTHING | (_ANYTHING_INSIDE if is_inner else 0)
        flags |= (_REACHED if scan.changes_reached else 0) | (_CALLS_GIVEN if scan.calls_given else 0)
        globals_ |= scan.globals
        names |= scan.names | ({"__call__"} if scan.calls_values else set())
        names_for_nothing |= scan.names_for_nothing
        changing_names |= scan.changing_names
        codes += nested(code)
    sets = globals_, names, names_for_nothing - {""}, changed, assigned - {""}, changing_names
    as_globals, as_names, for_nothing, as_changed, as_assigned, changing = (tuple(sorted(each)) for each in sets)
    return flags, as_globals, as_names, for_nothing, as_changed, as_assigned, changing


class _AnyObject:
    """Stands for the object that a method is called on."""


_ANY_OBJECT = _AnyObject()


def is_program_module(name: str) -> bool:
    """Whether a module is the program's own: neither an installed library nor in C."""
    path = getattr(sys.modules.get(name), "__file__", None) or ""
    return not path.startswith(LIBRARIES) and name not in sys.builtin_module_names


def closed_over(callable_: Any) -> tuple[tuple[dict[str, Any], str], ...] | None:
    """Where calls of a function change nothing whatever they are given, since it calls only functions that are known and so themselves: the global objects that
    they see, each by the dict and its name in there, of which operators might change something. None where they may change something.
    """
    if isinstance(callable_, Declared):
        return None if callable_.ordered else ()
    if isinstance(callable_, types.BuiltinFunctionType):
        owner = callable_.__self__
        if isinstance(owner, (type(None), types.ModuleType)):
            return () if callable_ in _CLOSED_BUILTINS else None
        return None if callable_.__name__ in type_facts(type(owner))[2] else ()
    objects: _Objects = {}
    if isinstance(callable_, types.FunctionType) and uses_of_given(callable_) != ((), False):
        return None
    if not isinstance(callable_, types.FunctionType) or not _is_closed_function(callable_, set(), objects):
        return None
    return tuple(objects.values())


_CLOSED_BUILTINS = frozenset([time.sleep, *(getattr(builtins, name) for name in "abs bin chr divmod hex id isinstance issubclass oct ord".split())])


_Objects = dict[tuple[int, str], tuple[dict[str, Any], str]]


def _is_closed_function(function: types.FunctionType, above: set[types.CodeType], objects: _Objects) -> bool:
    code = function.__code__
    if code.co_filename.startswith(LIBRARIES) or code in above:
        return True
    flags, globals_, names, _, changed, *_ = code_facts(function, False)
    if flags & ~_CALLS_GIVEN or changed or "__call__" in names:
        return False
    look_up = names_of(function)
    if above and not all(_is_simple(look_up(name)) or callable(look_up(name)) for name in code.co_freevars):
        return False  # each function of this code may have others
    for name in globals_:
        value = look_up(name)
        if isinstance(value, types.ModuleType):
            places = [(vars(value), each) for each in names if each in vars(value)] if is_program_module(value.__name__) else []
        else:
            places = [(globals_of(function), name)]
        objects.update({(id(place), each): (place, each) for place, each in places if not _is_simple(place.get(each)) and not callable(place.get(each))})
    return all(_is_closed_value(look_up(name), above | {code}, objects) for name in (*globals_, *code.co_freevars))


def _is_simple(value: Any) -> bool:
    """Whether operators on the value run no code of the program."""
    return value is None or isinstance(value, (int, float, complex, str, bytes, np.ndarray, np.generic, types.ModuleType))


def _is_closed_value(value: Any, above: set[types.CodeType], objects: _Objects) -> bool:
    if isinstance(value, types.FunctionType):
        return _is_closed_function(value, above, objects)
    if isinstance(value, Declared):
        return not value.ordered
    if isinstance(value, type):
        return not is_program_module(value.__module__)
    return not callable(value) or isinstance(value, (types.BuiltinFunctionType, np.ufunc)) or is_library_function(value)


def _is_looked_into(callable_: Any) -> bool:
    """Whether what a call changes is known from its code or by declaration, not only taken for nothing."""
    if isinstance(callable_, Declared):
        return True
    inner = callable_.__func__ if isinstance(callable_, types.MethodType) else callable_
    if not isinstance(inner, (types.FunctionType, types.BuiltinFunctionType, type)):
        inner = getattr(type(inner), "__call__", None)
    return isinstance(inner, types.FunctionType) and not inner.__code__.co_filename.startswith(LIBRARIES)


def _is_made_in_c(cls: type) -> bool:
    """Whether objects of the class are made by C code alone: that is over in no time."""
    return not any(isinstance(inspect.getattr_static(cls, name, None), (types.FunctionType, staticmethod)) for name in ("__init__", "__new__"))


@remembering()
def classify(callable_: Any) -> tuple[int, bool, bool, tuple[Any, ...] | None, bool, bool, bool, bool, str, str]:
    """What the C++ side asks about a callable that it does not know.

    Effect, is_light, is_looked_into, closed_over, looks_at_itself, runs_in_process, is_called_for_effect, looks_at_callers, name, reason.
    """
    if is_traced_through(callable_):
        return 3, False, True, None, False, False, False, False, name_of(callable_), ""
    of_callers = looks_at_callers(callable_)
    found = Finding(Effect.SHARED, "looks at who calls it") if of_callers else effect_of(callable_)
    if found.effect == Effect.NONE and is_stepped_into(callable_):
        return 4, False, True, None, False, False, False, False, name_of(callable_), ""
    if found.effect == Effect.NONE and is_array_code(callable_):
        return 5, False, True, None, False, False, False, False, name_of(callable_), ""
    owner = getattr(callable_, "__self__", None) if isinstance(callable_, types.BuiltinFunctionType) else None
    is_light = isinstance(owner, LIGHT) if owner is not None else isinstance(callable_, type) and _is_made_in_c(callable_)
    in_process = isinstance(callable_, Declared) and callable_.in_process
    closed = closed_over(callable_) if found.effect == Effect.NONE else None
    looks_at_itself = owner is not None and is_light and callable_.__name__ not in COMPARING
    is_for_effect = not is_light and is_called_for_effect(callable_.func if isinstance(callable_, functools.partial) else callable_)
    is_known = _is_looked_into(callable_)
    return int(found.effect), is_light, is_known, closed, looks_at_itself, in_process, is_for_effect, of_callers, name_of(callable_), found.reason


_COMPARISONS = ("<", "<=", "==", "!=", ">", ">=")  # as CPython numbers them


def _use_of(steps: tuple[Step, ...], at: int) -> str:
    """What code does with the value that a step puts on the stack: "call", "member" for an attribute or an item of it, or something else."""
    height = 1
    for step, behind in zip(steps[at + 1 :], (*steps[at + 2 :], None)):
        if height == 1 and step.name in ("LOAD_ATTR", "LOAD_METHOD"):
            return "member"
        if height == 2 and step.name == "BINARY_SUBSCR":
            return "member"
        if height == 3 and step.name == "LOAD_SUPER":
            return "call"
        if step.name == "CALL" and height == step.number + 1 or step.name == "CALL_FUNCTION_EX" and height == step.number + 1:
            return "call"
        height += step.change
        if height < 1 or step.target >= 0 or not step.goes_on:
            break
    return ""


_Offsets = tuple[int, ...]


def instruction_facts(code: types.CodeType) -> tuple[_Offsets, _Offsets, tuple[tuple[int, int], ...], _Offsets, tuple[tuple[int, str], ...], _Offsets]:
    """Where in the code the calls are of which nobody takes the result, the operators like `+=`, which comparisons, the names that are called at once, those
    of which an attribute or item is taken, and where it takes an attribute: the offsets of their instructions.
    """
    steps = _bytecode.read(code).steps
    calls = tuple(each.offset for at, each in enumerate(steps) if each.name.startswith("CALL") and is_dropped(steps, at))
    in_place = tuple(each.offset for each in steps if is_in_place(each))
    compared = [(each.offset, str(each.argument).removeprefix("bool(").removesuffix(")")) for each in steps if each.name == "COMPARE_OP"]
    names = [(each, _use_of(steps, at)) for at, each in enumerate(steps) if each.name in ("LOAD_GLOBAL", "LOAD_NAME")]
    called = tuple(each.offset for each, use in names if use == "call")
    attributes = tuple(each.offset for each in steps if each.name in ("LOAD_ATTR", "LOAD_METHOD"))
    with_members = tuple((each.offset, each.argument) for each, use in names if use == "member")
    return calls, in_place, tuple((offset, _COMPARISONS.index(operator)) for offset, operator in compared), called, with_members, attributes
