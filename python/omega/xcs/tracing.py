# SPDX-License-Identifier: Apache-2.0
"""jit: functions and operators that find their own parallelism."""

from __future__ import annotations

import copyreg
import functools
import inspect
import types
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from omega._native import TracedFunction
from omega.xcs.config import Config
from omega.xcs.effects import Effect, effect_of, name_of
from omega.xcs.graph import Graph
from omega.xcs.operator import Operator
from omega.xcs.processes import set_max_processes
from omega.xcs.substitutes import SUBSTITUTES
from omega.xcs.traceability import untraceable_reason

_traced: weakref.WeakSet[Any] = weakref.WeakSet()
_PROCESSES = {"auto": 1, "thread": 0, "process": 2, "sequential": 0}


def jit(function: Any = None, *, config: Config | None = None, **keys: Any) -> Any:
    """Makes a function, or the ``forward`` of an operator class, find its own parallelism.

    At each call the body runs once, on tracers: objects that stand for values. Calls of other callables become operations that start when what they need
    is there, on threads where they take long; expressions over arrays are computed in one pass over memory when they are needed. Whatever the body reads
    (arguments, closures, globals, attributes) is read anew at each call, and where it looks at a value, to branch on it, it waits for that value.

    Calls that can come by nothing that waits or computes with arrays run as they are written. Calls of code that changes what others see keep the program's order. A function whose body cannot be traced runs as it is; `explain` says why.

    Parameters
    ----------
    function : callable or class
        What to trace. Absent: gives a decorator.
    config : Config
        How it runs.
    **keys
        Keys of `Config`, over those of ``config``.

    Returns
    -------
    callable or class
        Called as the function itself; for a class, the class.

    Examples
    --------
    >>> @jit
    ... def answers(models, question):
    ...     return [model(question) for model in models]
    """
    settings = Config.of(config, keys)
    if function is None:
        return functools.partial(jit, config=settings)
    if isinstance(function, type):
        return _jit_class(function, settings)
    if isinstance(function, TracedFunction):
        return _trace_function(function.function, settings)
    if isinstance(function, (staticmethod, classmethod)):
        return type(function)(_trace_function(function.__func__, settings))
    if not callable(function):
        raise TypeError(f"function: {function!r} cannot be called")
    return _trace_function(function, settings)


def _trace_function(function: Any, settings: Config) -> Any:
    reason = untraceable_reason(function)
    traced = TracedFunction(function, reason, SUBSTITUTES)
    functools.update_wrapper(traced, function, updated=("__dict__",) if hasattr(function, "__dict__") else ())
    traced.configure(
        max_threads=settings.max_threads,
        inline_below_us=float(settings.inline_below_us),
        parallel=settings.parallel and settings.strategy != "sequential",
        fuse=settings.fuse,
        adaptive=settings.adaptive,
        processes=_PROCESSES[settings.strategy],
    )
    if settings.max_processes is not None:
        set_max_processes(settings.max_processes)
    traced.config = settings
    _traced.add(traced)
    return traced


def _jit_class(cls: type, settings: Config) -> type:
    name = "forward" if "forward" in cls.__dict__ or issubclass(cls, Operator) else "__call__"
    method = inspect.getattr_static(cls, name, None)
    if isinstance(method, TracedFunction):
        method = method.function
    if not isinstance(method, types.FunctionType) or method is Operator.__dict__["forward"]:
        raise TypeError(f"function: class {cls.__qualname__} has neither forward() nor __call__() to trace")
    setattr(cls, name, _trace_function(method, settings))
    return cls


def _reduce(traced: Any) -> str:
    return str(traced.__qualname__)


copyreg.pickle(TracedFunction, _reduce)


def _traced_of(function: Any) -> Any:
    if isinstance(function, TracedFunction):
        return function
    if isinstance(function, types.MethodType) and isinstance(function.__func__, TracedFunction):
        return function.__func__
    cls = function if isinstance(function, type) else type(function)
    for name in ("forward", "__call__"):
        method = inspect.getattr_static(cls, name, None)
        if isinstance(method, TracedFunction):
            return method
    raise TypeError(f"function: {function!r} is not traced; put @xcs.jit in front of it")


def explain(function: Any, *args: Any, **kwargs: Any) -> str:
    """What became of a traced function, in words.

    Parameters
    ----------
    function : callable
        Made by `jit`.
    *args, **kwargs
        Where there are any, the function is called with them and that call is explained; else the first call that was made.

    Returns
    -------
    str
        Operations, the patterns that they form (map, reduce, ensemble and others), what kept an order and why; or why the function is not traced. How many
        calls ran as they are written, since nothing in them could run beside something else, or since tracing had cost more than it gained.
    """
    traced = _traced_of(function)
    if traced.reason is not None:
        return f"{name_of(traced)} is not traced: {traced.reason}. It runs as it is."
    if args or kwargs:
        traced.record_next()
        function(*args, **kwargs)
    counts = traced.counts()
    if traced.record is None and not counts["calls"]:
        return f"{name_of(traced)} has not been called."
    lines = [] if traced.record is None else [Graph(name_of(traced), traced.record).explain()]
    if counts["calls_as_written"]:
        lines.append(f"{name_of(traced)} ran as it is written in {counts['calls_as_written']} of {counts['calls']} calls: {_why_as_written(traced)}")
    return "\n".join(lines)


def _why_as_written(traced: Any) -> str:
    if not traced.may_overlap():
        return "nothing that it can call waits or computes with arrays, so nothing could run beside it"
    _, spent_ms, gained_ms = traced.worth()
    return f"tracing had cost {spent_ms:.3f} ms and gained {gained_ms:.3f} ms"


def trace(function: Any, *args: Any, **kwargs: Any) -> Graph:
    """Calls a function once with the arguments, traced, and gives the graph of what it did.

    Raises TypeError where the function cannot be traced, saying why; what the call raises comes through.
    """
    is_ready = isinstance(function, TracedFunction) or not isinstance(function, types.FunctionType)
    called = function if is_ready else jit(function)
    traced = _traced_of(called)
    if traced.reason is not None:
        raise TypeError(f"{name_of(traced)} is not traced: {traced.reason}")
    traced.record_next()
    called(*args, **kwargs)
    return Graph(name_of(traced), traced.record)


def graph(function: Any) -> Graph | None:
    """The graph of the first call of a traced function, or of the last that was explained; None before, and where calls ran as they are written."""
    traced = _traced_of(function)
    return None if traced.record is None else Graph(name_of(traced), traced.record)


def get_jit_stats(function: Any = None) -> dict[str, Any]:
    """What traced functions did so far.

    Parameters
    ----------
    function : callable
        One made by `jit`; None: all that there are.

    Returns
    -------
    dict
        ``calls``, ``untraced_calls``, ``calls_as_written`` (since nothing in them could run beside something else, or tracing the function had cost more than it gained), ``replays`` (calls that ran their body again with the results there were, since it handed a tracer to code that
        takes none), ``operations``, ``inline_operations``, ``calls_within_traces``; for all functions also ``functions`` and ``untraced_functions``, the
        names of those that are not traced with the reason, and ``functions_as_written``, those whose next call runs as it is written, with the reason.
    """
    if function is not None:
        return dict(_traced_of(function).counts())
    total: dict[str, Any] = {}
    functions = list(_traced)
    for each in functions:
        for key, value in each.counts().items():
            total[key] = total.get(key, 0) + value
    total["functions"] = len(functions)
    total["untraced_functions"] = {name_of(each): each.reason for each in functions if each.reason is not None}
    total["functions_as_written"] = {name_of(each): _why_as_written(each) for each in functions if each.reason is None and not each.worth()[0]}
    return total


def trace_array_function(function: Callable[[Any], Any], example: Any) -> Any:
    """A function of one array as a program that runs in C++, without the interpreter's lock.

    Parameters
    ----------
    function : callable
        Takes an array. It is called at most once here, on a tracer, and not at all where its code has effects.
    example : array_like
        An array of the dtype and shape that the program is for.

    Returns
    -------
    ArrayProgram or None
        With ``run_many(arrays) -> list of arrays`` and ``takes(array) -> bool``. None where the function does something else than operations on arrays.
    """
    array = example if type(example) is np.ndarray else np.asarray(example)
    if isinstance(function, functools.partial) and _is_numpy(function.func):
        inner, args, keywords = function.func, function.args, function.keywords

        def with_arguments(x: Any) -> Any:
            return inner(*args, x, **keywords)

        plain: Any = with_arguments
    elif _is_numpy(function):

        def called(x: Any) -> Any:
            return function(x)

        plain = called

    elif isinstance(function, TracedFunction):
        plain = function.function
    else:
        plain = function
    if not isinstance(plain, types.FunctionType) or untraceable_reason(plain) is not None or effect_of(plain).effect != Effect.NONE:
        return None
    return TracedFunction(plain, None, SUBSTITUTES).program(array)


def _is_numpy(function: Any) -> bool:
    return isinstance(function, np.ufunc) or (callable(function) and str(getattr(function, "__module__", "")).startswith("numpy"))
