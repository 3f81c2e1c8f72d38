# SPDX-License-Identifier: Apache-2.0
"""What is asked about code and libraries to tell whether calls could run at the same time: the C++ side's `overlap.h` goes through the objects.

Python code holds the interpreter's lock. Two calls of it overlap where something in them gives the lock up, to wait or to compute, other than to act on what all
see, which keeps the program's order; and where they compute with arrays, tracing makes one pass over memory of them. A function that can come by neither gains
nothing by being traced.
"""

from __future__ import annotations

import builtins
import dis
import time
import types
from typing import Any

from omega._libraries import LIBRARIES, is_library_function
from omega._native import globals_of
from omega.xcs.effects import nested
from omega.xcs.library_effects import acts_on_all
from omega.xcs.operator import Operator
from omega.xcs.tracing import jit

_IMPORTING = frozenset({dis.opmap["IMPORT_NAME"]})
#: Modules of which nothing gives up the lock but what keeps the program's order (files, output) and what is named below; with their parts in C.
_HOLDING_MODULES = frozenset(
    "builtins math cmath itertools functools _functools operator _operator collections _collections _collections_abc string re _sre bisect _bisect heapq _heapq random "
    "_random copy copyreg decimal _decimal fractions statistics numbers typing types dataclasses enum abc _abc datetime _datetime calendar zoneinfo time textwrap struct "
    "_struct array sys io _io logging warnings json _json csv _csv base64 binascii html uuid secrets difflib unicodedata keyword reprlib pprint traceback argparse contextlib "
    "weakref _weakref _weakrefset".split()
)
#: Those of them whose classes hold what the program gives them.
_HOLDING_OBJECTS = frozenset("builtins functools _functools operator _operator collections _collections itertools types dataclasses contextlib weakref _weakref _weakrefset".split())
#: Also those that find what code does not name.
_GIVING_UP = frozenset({time.sleep, builtins.exec, builtins.eval, builtins.__import__, builtins.globals, builtins.vars})
#: Of this package's own.
_HOLDING: tuple[Any, ...] = (jit, Operator)
_NOTHING = object()


def named_values(function: types.FunctionType) -> tuple[Any, ...] | None:
    """What the code of a function and of those that are defined in it names: values of globals and builtins, and what it may take from modules. None where it
    imports something, or is of a library of which that is not known.
    """
    if function.__code__.co_filename.startswith(LIBRARIES):
        is_known = any(function is each for each in _HOLDING) or _is_of_holding_module(globals_of(function).get("__name__"))  # a wrapper has the module's name of what it wraps
        return () if is_known else None
    names: set[str] = set()
    codes = [function.__code__]
    for code in codes:
        if not _IMPORTING.isdisjoint(code.co_code[::2]):
            return None
        names.update(code.co_names)
        codes += nested(code)
    globals_ = globals_of(function)
    found = [globals_.get(name, vars(builtins).get(name, _NOTHING)) for name in names]
    modules: dict[types.ModuleType, bool] = {}  # and whether something is taken from them by name
    for value in found:
        if _is_module(value) and value not in modules:
            taken = [vars(value)[name] for name in names if name in vars(value)]
            modules[value] = bool(taken)
            found += taken
    return tuple(value for value in found if value is not _NOTHING and not (_is_module(value) and modules[value]))


def _is_module(value: Any) -> bool:
    return issubclass(type(value), types.ModuleType)  # isinstance() would ask the object for `__class__`


def _is_of_holding_module(name: object, modules: frozenset[str] = _HOLDING_MODULES) -> bool:
    return isinstance(name, str) and name.partition(".")[0] in modules


def holds_lock(value: Any) -> bool:
    """Whether a function, a class or all of a module, of C or of a library, is known to hold the interpreter's lock all the time, or to keep the order of all
    calls, but for what it calls of what it is given.
    """
    if isinstance(value, types.ModuleType):
        return _is_of_holding_module(value.__name__) and value not in (builtins, time)
    if isinstance(value, (types.MethodDescriptorType, types.WrapperDescriptorType, types.ClassMethodDescriptorType)):
        return holds_lock(value.__objclass__)
    if acts_on_all(value):
        return True
    owner = value.__self__ if isinstance(value, types.BuiltinFunctionType) else None
    if owner is not None and not isinstance(owner, types.ModuleType):
        return holds_lock(owner if isinstance(owner, type) else type(owner))
    if any(value is each for each in _HOLDING):
        return True
    if is_library_function(value) or any(value is each for each in _GIVING_UP):
        return False
    return _is_of_holding_module(getattr(value, "__module__", None))


def holds_objects(cls: type) -> bool:
    """Whether objects of a class of a library, which holds the lock, may hold what runs code of the program: containers, functions with arguments, iterators."""
    return issubclass(cls, (list, tuple, dict, set, frozenset)) or _is_of_holding_module(cls.__module__, _HOLDING_OBJECTS)
