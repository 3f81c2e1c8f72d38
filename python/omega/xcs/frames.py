# SPDX-License-Identifier: Apache-2.0
"""Which functions look at the frames of who calls them: `DataFrame.query("a > @x")` finds the caller's `x`. They run where they are called."""

from __future__ import annotations

import functools
import inspect
import sys
import traceback
import types
from collections.abc import Iterator
from typing import Any

from omega import _bytecode
from omega._libraries import LIBRARIES
from omega._native import globals_of
from omega.xcs.effects import nested

#: By which code gets at a frame.
_GETTING = frozenset(("_getframe", "_getframemodulename", "currentframe"))
#: What there is in a frame beside the place in the code.
_VARIABLES = frozenset(("f_locals", "f_globals", "_getframemodulename"))
_OF_C = (sys._getframe, getattr(sys, "_getframemodulename", None))
#: Functions that give all frames.
_GIVING_ALL = (inspect.stack, traceback.extract_stack, traceback.format_stack, traceback.print_stack, traceback.walk_stack)
_ALL = sys.maxsize
#: So many functions are looked at, in calls within each other so deep.
_MOST_FUNCTIONS = 300
_DEEPEST = 5

_Placed = tuple[types.FunctionType, "type | None"]  #: and the class by which it is called


def gets_frames(code: types.CodeType) -> bool:
    """Whether code, or code inside of it, names what gets at a frame."""
    return not _GETTING.isdisjoint(code.co_names) or any(map(gets_frames, nested(code)))


def looks_at_callers(callable_: Any) -> bool:
    """Whether a function finds out something about who calls it, which on an operation's thread is nobody.

    What a function of a library calls in its own package is looked at too: for what takes variables from frames. Who only looks for the place in the code, to say
    it in a warning, finds one of the library's on that way.
    """
    while isinstance(callable_, functools.partial):
        callable_ = callable_.func
    if any(callable_ is each for each in _OF_C if each is not None):
        return True
    first = list(_functions_of(callable_))
    package = first[0][0].__module__ if first else None
    if not isinstance(package, str):
        return False
    package = package.partition(".")[0]
    met = {function.__code__ for function, _ in first}
    at_depth = first
    for depth in range(_DEEPEST):
        if any(_levels(function, depth == 0) > depth for function, _ in at_depth):
            return True
        below: list[_Placed] = []
        for placed in at_depth:
            for each in _named(*placed, package):
                if each[0].__code__ not in met and len(met) < _MOST_FUNCTIONS:
                    met.add(each[0].__code__)
                    below.append(each)
        at_depth = below
    return False


def _functions_of(callable_: Any, owner: type | None = None) -> Iterator[_Placed]:
    """The Python functions that a call runs first."""
    if isinstance(callable_, types.MethodType):
        bound = callable_.__self__
        yield from _functions_of(callable_.__func__, bound if isinstance(bound, type) else type(bound))
    elif isinstance(callable_, (staticmethod, classmethod)):
        yield from _functions_of(callable_.__func__, owner)
    elif isinstance(callable_, property):
        yield from _functions_of(callable_.fget, owner)
    elif isinstance(callable_, types.FunctionType):
        yield callable_, owner
        wrapped = vars(callable_).get("__wrapped__")
        if isinstance(wrapped, types.FunctionType):
            yield wrapped, owner
    elif isinstance(callable_, type):
        for name in ("__new__", "__init__"):
            yield from _functions_of(_attributes_of(callable_).get(name), callable_)
        maker = type(callable_)
        if maker is not type and maker.__module__ == callable_.__module__:  # else it is asked for one of its objects, as enumerations of the program are
            yield from _functions_of(_attributes_of(maker).get("__call__"), maker)


@functools.lru_cache(maxsize=256)
def _attributes_of(cls: type) -> dict[str, Any]:
    """What a class and those that it is made from define."""
    return {name: value for each in reversed(cls.__mro__) for name, value in vars(each).items()}


def _named(function: types.FunctionType, owner: type | None, package: str) -> Iterator[_Placed]:
    """What the code of a function names of a package: functions, classes, methods of the class by which it is called."""
    names: set[str] = set()
    codes = [function.__code__]
    for code in codes:
        names.update(code.co_names)
        codes += nested(code)
    globals_ = globals_of(function)
    spaces: list[Any] = [globals_]
    for name in names:
        value = globals_.get(name, sys.modules.get(name))
        if isinstance(value, types.ModuleType):
            spaces.append(vars(value))
    for name in names:
        for space in spaces:
            value = space.get(name)
            if isinstance(value, (types.FunctionType, type)) and str(value.__module__).partition(".")[0] == package:
                yield from _functions_of(value)
        if owner is not None:
            value = _attributes_of(owner).get(name)
            if isinstance(value, (types.FunctionType, staticmethod, classmethod, property)):
                yield from _functions_of(value, owner)


def _levels(function: types.FunctionType, is_called: bool) -> int:
    """How many frames above its own a function looks at. `is_called`: where it stands by itself; of what another function calls, as far as variables are meant."""
    code = function.__code__
    names = set(code.co_names)
    is_inside = not is_called and code.co_filename.startswith(LIBRARIES)
    if is_inside and _VARIABLES.isdisjoint(names):
        return 0
    if not is_inside and any(any(value is each for each in _GIVING_ALL) for value in _values(function, names)):
        return _ALL
    if _GETTING.isdisjoint(names):
        return 0
    steps = _bytecode.read(code).steps
    loops = [(each.target, at) for at, each in enumerate(steps) if "JUMP_BACKWARD" in each.name]
    goes_up = any(each.argument == "f_back" and any(first <= at <= last for first, last in loops) for at, each in enumerate(steps))
    if goes_up:  # until it finds another module's: for the place in the code, where it takes no variables
        return 0 if is_inside and "f_locals" not in names else _ALL
    levels = 0
    for at, step in enumerate(steps):
        if step.argument == "f_back":
            levels += 1
        elif step.argument in ("_getframe", "_getframemodulename") and "LOAD" in step.name:
            given = next((each for each in steps[at + 1 :] if each.name != "PUSH_NULL"), step)
            if given.name == "CALL":
                continue  # its own
            if given.name != "LOAD_CONST" or not isinstance(given.argument, int):
                return _ALL
            levels += given.argument
    return levels


def _values(function: types.FunctionType, names: set[str]) -> Iterator[Any]:
    """What names of the code stand for in its globals and in the modules that give stacks."""
    globals_ = globals_of(function)
    modules = [vars(module) for module in (inspect, traceback) if any(globals_.get(name, sys.modules.get(name)) is module for name in names)]
    for space in (globals_, *modules):
        yield from (space.get(name) for name in names)
